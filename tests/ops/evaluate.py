"""A tiny interpreter: walks a graph and calls kernels, watching that each keeps its word. No session, no state.

Every node met on the way is checked, gradient nodes included: the kernel returns arrays of exactly its output's type,
of a shape that fits the static one, changes no input, and shares memory with one only where it is defined with `view`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from core.graph import IndexedSlices, Operation, SparseTensor, Tensor, group_arguments

__all__ = ["ContractError", "evaluate", "flatten", "needs_session", "operations"]


class ContractError(AssertionError):
    """A kernel broke the rules."""


def flatten(value: Any) -> list[Tensor]:
    """The tensors in a nested structure, None left out."""
    if value is None or isinstance(value, Operation):
        return []
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, IndexedSlices):
        return [value.values, value.indices]
    if isinstance(value, SparseTensor):
        return [value.indices, value.values, value.dense_shape]
    if isinstance(value, (list, tuple)):
        return [t for item in value for t in flatten(item)]
    if isinstance(value, Mapping):
        return [t for item in value.values() for t in flatten(item)]
    element = getattr(value, "_as_graph_element", None)
    if element is None:
        raise TypeError(f"make() returned {value!r}, which is no tensor.")
    return [element()]


def operations(tensors: Iterable[Tensor]) -> list[Operation]:
    """All operations that `tensors` need, inputs before users."""
    order: list[Operation] = []
    seen: set[Operation] = set()
    pending: list[tuple[Operation, bool]] = [(t.op, False) for t in tensors]
    pending.reverse()
    while pending:
        op, done = pending.pop()
        if done:
            order.append(op)
            continue
        if op in seen:
            continue
        seen.add(op)
        pending.append((op, True))
        pending.extend((t.op, False) for t in op.inputs)
        pending.extend((o, False) for o in op.control_inputs)
    return order


def needs_session(ops: Iterable[Operation]) -> bool:
    """True if the graph holds state, which only a session has."""
    return any(op.op_def.context or op.op_def.writes or any(t.dtype._is_ref_dtype for t in op.inputs) for op in ops)


def evaluate(fetches: list[Tensor], feeds: Mapping[Tensor, Any], strict: bool = True) -> list[Any]:
    """Computes `fetches`; ContractError where a kernel breaks the rules (with `strict`)."""
    values: dict[Tensor, Any] = dict(feeds)
    for op in operations(fetches):
        if all(t in values for t in op.outputs) and op.outputs:
            continue
        inputs = [values[t] for t in op.inputs]
        results = call_kernel(op, inputs, strict)
        for tensor, result in zip(op.outputs, results, strict=True):
            if tensor not in values:
                values[tensor] = result
    return [values[t] for t in fetches]


def call_kernel(op: Operation, inputs: list[Any], strict: bool) -> list[Any]:
    definition = op.op_def
    if definition.kernel is None:
        raise NotImplementedError(f"{op.type} has no kernel (node {op.name}).")
    for value in inputs:
        if isinstance(value, np.ndarray) and value.flags.writeable:
            value.flags.writeable = False
    before = [value.tobytes() if isinstance(value, np.ndarray) and value.dtype != object else None for value in inputs]
    arguments = group_arguments(definition.inputs, op.attrs, inputs) if definition.has_list_input else inputs
    with np.errstate(all="ignore"):
        result = definition.kernel(np, *arguments, **{n: op.attrs[n] for n in definition.kernel_attrs})
    results = [result] if definition.single_output else list(() if result is None else result)
    if strict:
        _check(op, inputs, before, results)
    return results


def _check(op: Operation, inputs: list[Any], before: list[bytes | None], results: list[Any]) -> None:
    place = f"{op.type} (node {op.name})"
    if len(results) != len(op.outputs):
        raise ContractError(f"{place}: the kernel returned {len(results)} arrays for {len(op.outputs)} outputs.")
    for value, was in zip(inputs, before, strict=True):
        if was is not None and value.tobytes() != was:
            raise ContractError(f"{place}: the kernel changed an input.")
    for tensor, value in zip(op.outputs, results, strict=True):
        if tensor.dtype.name in ("resource", "variant"):
            continue
        if not isinstance(value, (np.ndarray, np.generic)):
            if tensor.dtype.name == "string" and isinstance(value, bytes):
                raise ContractError(f"{place}: bytes returned; wrap them in a 0-d object array.")
            raise ContractError(f"{place}: the kernel returned a {type(value).__name__}, not an array.")
        if value.dtype != tensor.dtype.base_dtype.np_dtype:
            raise ContractError(f"{place}: the kernel returned {value.dtype}, not {tensor.dtype.name}.")
        if not tensor.shape.is_compatible_with(value.shape):
            raise ContractError(f"{place}: the kernel returned shape {value.shape}, the rule says {tensor.shape}.")
        if isinstance(value, np.ndarray) and value.size and not op.op_def.view:
            for source in inputs:
                if isinstance(source, np.ndarray) and np.may_share_memory(value, source):
                    raise ContractError(f"{place}: the output shares memory with an input; define it with view=True "
                                        "or copy.")
