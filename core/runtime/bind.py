"""Turns a step into a Python callable: finds the kernel in the registry and binds its attributes and its context.

The callable takes one positional per input tensor and returns the output (single-output ops) or a sequence of
outputs. Imports core.graph; never core.ops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from core.errors import UnimplementedError, format_error
from core.graph import Operation, group_arguments
from core.runtime.plan import Step
from core.runtime.state import OpContext, SessionState

__all__ = ["bind", "bind_out", "bind_prepared", "fresh_copy", "single_output"]


def bind(step: Step, state: SessionState) -> Callable[..., Any]:
    """Returns the callable of a step.

    Raises:
      UnimplementedError: The op has no kernel here.
    """
    op = step.op
    if step.kind == "read":
        return fresh_copy
    definition = op.op_def
    kernel = definition.kernel
    if kernel is None:
        raise UnimplementedError(None, op, format_error(
            f"Op type '{op.type}' has no kernel: it can stand in a graph but can't run here.", op=op,
            fix="Leave it out of what you run, or define its kernel with tf.define_op."))
    first = OpContext(op, state) if definition.context else np
    attrs = {name: op.attrs[name] for name in definition.kernel_attrs}
    bound: Callable[..., Any] = partial(kernel, first, **attrs)
    if definition.has_list_input:
        bound = _grouped(bound, op)
    return bound


def bind_prepared(step: Step, shapes: Sequence[Any], dtypes: Sequence[Any]) -> Callable[..., Any] | None:
    """Returns the kernel made for these input shapes, or None where the op has no special one."""
    definition = step.op.op_def
    if definition.prepare is None or step.kind != "op":
        return None
    attrs = {name: step.op.attrs[name] for name in definition.prepare_attrs}
    if definition.has_list_input:
        shapes = group_arguments(definition.inputs, step.op.attrs, tuple(shapes))
        dtypes = group_arguments(definition.inputs, step.op.attrs, tuple(dtypes))
    prepared: Callable[..., Any] | None = definition.prepare(tuple(shapes), tuple(dtypes), **attrs)
    if prepared is not None and definition.has_list_input:
        prepared = _grouped(prepared, step.op)
    return prepared


def bind_out(step: Step) -> Callable[..., Any] | None:
    """Returns ``f(out, *inputs)`` that writes into a ready buffer, or None where the op has none."""
    definition = step.op.op_def
    if definition.kernel_out is None or step.kind != "op":
        return None
    attrs = {name: step.op.attrs[name] for name in definition.kernel_out_attrs}
    bound: Callable[..., Any] = partial(definition.kernel_out, np, **attrs)
    if definition.has_list_input:
        inner, op = bound, step.op

        def grouped(out: Any, *flat: Any) -> Any:
            return inner(out, *group_arguments(op.op_def.inputs, op.attrs, flat))
        return grouped
    return bound


def single_output(op: Operation) -> bool:
    """True if kernels of `op` return the array itself, not a sequence."""
    return op.op_def.single_output


def fresh_copy(array: Any) -> Any:
    """A copy that shares no memory; scalars of NumPy are constants and stay as they are."""
    return array.copy() if isinstance(array, np.ndarray) else array


def _grouped(bound: Callable[..., Any], op: Operation) -> Callable[..., Any]:
    arguments, attrs = op.op_def.inputs, op.attrs
    if len(arguments) == 1:
        return lambda *flat: bound(flat)

    def grouped(*flat: Any) -> Any:
        return bound(*group_arguments(arguments, attrs, flat))
    return grouped
