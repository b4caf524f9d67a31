"""`sort` and `argsort`, composed of TopKV2 as in tensorflow/python/ops/sort_ops.py (1.15); the time of day."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import rank, shape
from core.ops.array_join import concat
from core.ops.array_shape import range as range_
from core.ops.array_shape import transpose
from core.ops.math_unary import negative
from core.ops.nn_embedding import top_k
from core.shapes import TensorShape

__all__ = ["argsort", "sort", "timestamp"]


def _descending(values: Tensor, axis: int, wanted: int) -> Tensor:
    """Values (0) or places (1) in falling order along `axis`; `top_k` sorts the last dimension."""
    ndims = values.shape.ndims
    if axis == -1 or (ndims is not None and axis == ndims - 1):
        return top_k(values, shape(values)[-1])[wanted]
    if ndims is not None:
        at = axis % ndims
        order: Any = np.arange(ndims)
        order[[at, -1]] = order[[-1, at]]
    else:
        count = rank(values)
        at_tensor = axis if axis >= 0 else count + axis
        order = concat([range_(0, at_tensor), [count - 1], range_(at_tensor + 1, count - 1), [at_tensor]], 0)
    moved = transpose(values, order)
    return transpose(top_k(moved, shape(moved)[-1])[wanted], order)


def _sorted(values: Any, axis: Any, direction: str, wanted: int) -> Tensor:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"{direction} should be one of ASCENDING, DESCENDING")
    at = constant_value(convert_to_tensor(axis, name="axis"))
    if at is None or at.ndim:
        raise ValueError("axis must be a constant scalar")
    values = convert_to_tensor(values, name="values")
    if direction == "DESCENDING":
        return _descending(values, int(at), wanted)
    # Of -x the order falls as that of x rises; for integers ~x, which has no overflow.
    if values.dtype.is_integer:
        turned = apply_op("Sub", np.array(-1, values.dtype.np_dtype), values) if not values.dtype.is_unsigned else (
            apply_op("Sub", np.array(values.dtype.max, values.dtype.np_dtype), values))
        result = _descending(turned, int(at), wanted)
        if wanted:
            return result
        top = values.dtype.max if values.dtype.is_unsigned else -1
        return apply_op("Sub", np.array(top, values.dtype.np_dtype), result)
    result = _descending(negative(values), int(at), wanted)
    return result if wanted else negative(result)


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """Sorts along a dimension.

    Args:
      values: Numeric Tensor with at least one dimension.
      axis: Dimension.
      direction: "ASCENDING" or "DESCENDING".
      name: Name scope of the operations.

    Raises:
      ValueError: `axis` is no constant scalar, or another direction.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sort([3, 1, 2])))
      [1 2 3]
    """
    with name_scope(name, "sort"):
        return _sorted(values, axis, direction, 0)


def argsort(values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False,
            name: str | None = None) -> Tensor:
    """The places from which elements must come to be in order along a dimension.

    Args:
      values, axis, direction, name: As for `tf.sort`.
      stable: Equal elements keep their order in any case.

    Returns:
      int32 Tensor.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.argsort([3, 1, 2])))
      [1 2 0]
    """
    with name_scope(name, "argsort"):
        return _sorted(values, axis, direction, 1)


define_op("Timestamp", "", "ts:double", "", shape=lambda: TensorShape([]), gradient=NO_GRADIENT, stateful=True,
          kernel=lambda xp: np.asarray(time.time()))


def timestamp(name: str | None = None) -> Tensor:
    """The time when it runs, in seconds since 1970.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.timestamp()) > 1e9)
      True
    """
    result: Tensor = apply_op("Timestamp", name=name)
    return result
