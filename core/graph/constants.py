"""What is known of a tensor's value before anything runs: `constant_value`, `constant_value_as_shape`.

Small pure subgraphs over constants and static shapes are computed with the ops' own kernels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph.opdef import group_arguments
from core.graph.operation import Tensor
from core.shapes import TensorShape, unknown_shape

__all__ = ["constant_value", "constant_value_as_shape"]

_MAX_ELEMENTS = 4096  # larger values are not computed while building
_MAX_NODES = 2000
_NO_ZERO = frozenset({"string", "string_ref", "resource", "variant"})  # types without a number zero
_NEVER = frozenset({"Placeholder", "PlaceholderWithDefault", "PlaceholderV2"})


def constant_value(tensor: Tensor, partial: bool = False) -> np.ndarray | None:
    """Returns the value that `tensor` always has, or None where that is not known while building.

    Args:
      tensor: Any tensor.
      partial: Accepted for compatibility with TensorFlow.

    Example:
      >>> import core as tf
      >>> x = tf.placeholder(tf.float32, [2, None, 5])
      >>> constant_value(tf.rank(x) + 1)
      array(4, dtype=int32)
    """
    if not isinstance(tensor, Tensor):
        convert = getattr(tensor, "_as_graph_element", None)
        if convert is None:
            return np.asarray(tensor)
        tensor = convert()
    if tensor.op.type == "Const":
        value: np.ndarray = tensor.op.attrs["value"]
        return value
    known: dict[Tensor, Any] = {}
    budget = _MAX_NODES
    pending = [tensor]
    while pending:
        current = pending[-1]
        if current in known:
            pending.pop()
            continue
        op = current.op
        quick = _without_inputs(current)
        if quick is not None:
            known[current] = quick
            pending.pop()
            continue
        if not _foldable(current):
            return None  # the tensor as a whole needs each of its inputs
        missing = [t for t in op.inputs if t not in known]
        if missing:
            budget -= len(missing)
            if budget < 0:
                return None
            pending.extend(missing)
            continue
        results = _compute(current, [known[t] for t in op.inputs])
        if results is None:
            return None
        for output, result in zip(op.outputs, results, strict=True):
            known[output] = result
        pending.pop()
    result = known[tensor]
    return np.asarray(result)


def _without_inputs(tensor: Tensor) -> Any:
    """Values that need no input's value: constants, and shapes that are known."""
    op = tensor.op
    kind = op.type
    if kind == "Const":
        return op.attrs["value"]
    if kind == "Shape" and op.inputs[0].shape.is_fully_defined():
        return np.array(op.inputs[0].shape.as_list(), op.attrs["out_type"].as_numpy_dtype)
    if kind == "Size" and op.inputs[0].shape.is_fully_defined():
        return np.array(op.inputs[0].shape.num_elements(), op.attrs["out_type"].as_numpy_dtype)
    if kind == "Rank" and op.inputs[0].shape.ndims is not None:
        return np.array(op.inputs[0].shape.ndims, np.int32)
    if kind in ("ZerosLike", "OnesLike") and op.inputs[0].shape.is_fully_defined() \
            and (op.inputs[0].shape.num_elements() or 0) <= _MAX_ELEMENTS and tensor.dtype.name not in _NO_ZERO:
        make = np.zeros if kind == "ZerosLike" else np.ones
        return make(op.inputs[0].shape.as_list(), tensor.dtype.base_dtype.as_numpy_dtype)
    return None


def _foldable(tensor: Tensor) -> bool:
    op = tensor.op
    definition = op.op_def
    if (definition.stateful or definition.context or definition.writes or definition.kernel is None
            or op.type in _NEVER or not op.inputs or op.graph is not tensor.graph):
        return False
    if any(t.dtype._is_ref_dtype for t in op.inputs):
        return False
    for output in op.outputs:
        count = output.shape.num_elements() if output.shape.is_fully_defined() else 0
        if count is not None and count > _MAX_ELEMENTS:
            return False
    return all(t.shape.num_elements() is None or (t.shape.num_elements() or 0) <= _MAX_ELEMENTS for t in op.inputs
               if t.shape.is_fully_defined())


def _compute(tensor: Tensor, values: list[Any]) -> list[Any] | None:
    op = tensor.op
    definition = op.op_def
    assert definition.kernel is not None
    arguments = group_arguments(definition.inputs, op.attrs, values) if definition.has_list_input else values
    try:
        with np.errstate(all="ignore"):
            result = definition.kernel(np, *arguments, **{n: op.attrs[n] for n in definition.kernel_attrs})
    except Exception:  # the run will say what is wrong, with the full context of the op
        return None
    results = [result] if definition.single_output else list(result)
    if any(getattr(r, "size", 1) > _MAX_ELEMENTS for r in results):
        return None
    return results


def constant_value_as_shape(tensor: Tensor) -> TensorShape:
    """What is known of the shape that the integer vector `tensor` describes; -1 and unknown elements are None.

    Args:
      tensor: 0-D (only -1, "unknown rank") or 1-D integer tensor.

    Returns:
      A TensorShape, perhaps partly or wholly unknown.
    """
    if not isinstance(tensor, Tensor):
        convert = getattr(tensor, "_as_graph_element", None)
        if convert is None:
            return _as_shape(np.asarray(tensor))
        tensor = convert()
    value = constant_value(tensor)
    if value is not None:
        return _as_shape(value)
    dims = _partial(tensor, 0)
    if dims is not None:
        return TensorShape(dims)
    shape = tensor.shape
    if shape.ndims == 1 and shape.as_list()[0] is not None:
        return unknown_shape(shape.as_list()[0])
    return unknown_shape()


def _as_shape(value: np.ndarray) -> TensorShape:
    if value.ndim == 0:
        if value == -1:
            return unknown_shape()
        raise ValueError(f"A shape must be a 1-D integer tensor, got the scalar {value}.")
    return TensorShape([None if v < 0 else int(v) for v in value.tolist()])


def _partial(tensor: Tensor, depth: int) -> list[int | None] | None:
    """Elements of an integer vector as far as known, or None if not even their number is."""
    if depth > 50:
        return None
    value = constant_value(tensor)
    if value is not None:
        if value.ndim == 0:
            return None
        return [None if v < 0 else int(v) for v in value.tolist()]
    op = tensor.op
    if op.type == "Shape":
        return None if op.inputs[0].shape.ndims is None else op.inputs[0].shape.as_list()
    if op.type == "Pack" and all(t.shape.ndims == 0 for t in op.inputs):
        result: list[int | None] = []
        for item in op.inputs:
            scalar = _partial_scalar(item, depth + 1)
            result.append(None if scalar is None or scalar < 0 else scalar)
        return result
    if op.type in ("ConcatV2", "Concat"):
        parts = op.inputs[:-1] if op.type == "ConcatV2" else op.inputs[1:]
        joined: list[int | None] = []
        for part in parts:
            known = _partial(part, depth + 1)
            if known is None:
                return None
            joined.extend(known)
        return joined
    if op.type in ("Identity", "Cast", "StopGradient"):
        return _partial(op.inputs[0], depth + 1)
    if op.type == "StridedSlice":
        return _partial_slice(tensor, depth)
    return None


def _partial_scalar(tensor: Tensor, depth: int) -> int | None:
    value = constant_value(tensor)
    if value is not None:
        return int(value)
    op = tensor.op
    if op.type in ("Identity", "Cast"):
        return _partial_scalar(op.inputs[0], depth + 1)
    if op.type == "StridedSlice" and op.attrs["shrink_axis_mask"] == 1:
        dims = _partial(op.inputs[0], depth + 1)
        begin = constant_value(op.inputs[1])
        if dims is not None and begin is not None and begin.size == 1 and -len(dims) <= int(begin[0]) < len(dims):
            return dims[int(begin[0])]
    return None


def _partial_slice(tensor: Tensor, depth: int) -> list[int | None] | None:
    op = tensor.op
    dims = _partial(op.inputs[0], depth + 1)
    bounds = [constant_value(t) for t in op.inputs[1:4]]
    if dims is None or any(b is None or b.size != 1 for b in bounds):
        return None
    if op.attrs["shrink_axis_mask"] or op.attrs["new_axis_mask"] or op.attrs["ellipsis_mask"]:
        return None
    begin, end, step = (int(b[0]) for b in bounds if b is not None)
    first = None if op.attrs["begin_mask"] & 1 else begin
    last = None if op.attrs["end_mask"] & 1 else end
    return dims[first:last:step]
