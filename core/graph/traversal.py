"""Walks over graphs. The only place that follows edges; every walk is iterative, so depth costs no stack."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable

from core.graph.operation import Operation, Tensor

__all__ = ["ancestors", "between", "find_cycle", "topological_order"]


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


def topological_order(ops: Collection[Operation]) -> list[Operation]:
    """`ops` so that each stands after its inputs and control inputs; ties in order of creation.

    Raises:
      ValueError: The operations form a cycle; the message names it.
    """


    members = set(ops)
    waiting: dict[Operation, int] = {}
    after: dict[Operation, list[Operation]] = {}
    for op in members:
        needs = {t.op for t in op.inputs if t.op in members} | {o for o in op._control_inputs if o in members}
        waiting[op] = len(needs)
        for need in needs:
            after.setdefault(need, []).append(op)
    ready = [(op._id, op) for op, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order: list[Operation] = []
    while ready:
        _, op = heapq.heappop(ready)
        order.append(op)
        for following in after.get(op, ()):
            waiting[following] -= 1
            if waiting[following] == 0:
                heapq.heappush(ready, (following._id, following))
    if len(order) != len(members):
        cycle = find_cycle(members - set(order))
        names = " -> ".join(f"'{o.name}'" for o in cycle)
        raise ValueError(f"The graph has a cycle: {names}. An operation can't wait for its own result; remove the "
                         f"control dependency or input that closes it (made at {cycle[0].source}).")
    return order


def find_cycle(ops: Collection[Operation]) -> list[Operation]:
    """One cycle within `ops` (each of which has a predecessor in `ops`), as a list that ends where it starts."""
    members = set(ops)
    op = min(members, key=lambda o: o._id)
    seen: dict[Operation, int] = {}
    path: list[Operation] = []
    while op not in seen:
        seen[op] = len(path)
        path.append(op)
        previous = [t.op for t in op.inputs if t.op in members] + [o for o in op._control_inputs if o in members]
        if not previous:
            members.discard(op)
            seen.clear()
            path.clear()
            if not members:
                return []
            op = min(members, key=lambda o: o._id)
            continue
        op = previous[0]
    return [*reversed(path[seen[op]:]), path[-1]]
