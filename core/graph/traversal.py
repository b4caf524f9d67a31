"""Walks over graphs. The only place that follows edges; every walk is iterative, so depth costs no stack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from core.graph.operation import Operation, Tensor

__all__ = ["ancestors", "between"]


def ancestors(targets: Iterable[Operation], stop: Collection[Tensor] = (), control: bool = True) -> set[Operation]:
    """The operations that `targets` need, themselves included; edges through tensors in `stop` are not followed."""
    found: set[Operation] = set()
    pending = list(targets)
    while pending:
        op = pending.pop()
        if op in found:
            continue
        found.add(op)
        for tensor in op.inputs:
            if tensor.op not in found and (not stop or tensor not in stop):
                pending.append(tensor.op)
        if control:
            pending.extend(o for o in op._control_inputs if o not in found)
    return found


def between(sources: Iterable[Tensor], targets: Iterable[Tensor], follow: Callable[[Tensor], bool]) -> set[Operation]:
    """Operations on a data path from `sources` to `targets` along tensors that `follow` admits (both ends included)."""
    reached: set[Operation] = set()
    pending = [t for t in sources]
    while pending:
        tensor = pending.pop()
        for op in tensor._consumers:
            if op not in reached:
                reached.add(op)
                pending.extend(out for out in op.outputs if follow(out))
    sources_ops = {t.op for t in sources}
    reached |= sources_ops
    found: set[Operation] = set()
    stack = [t.op for t in targets if t.op in reached]
    while stack:
        op = stack.pop()
        if op in found:
            continue
        found.add(op)
        stack.extend(t.op for t in op.inputs if t.op in reached and t.op not in found and follow(t))
    return found
