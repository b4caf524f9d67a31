"""Bitwise ops on integers: tf.bitwise.*, and the count of ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import NO_GRADIENT, Tensor, apply_op, define_op
from core.ops.math_broadcast import broadcast_shape

__all__: list[str] = []

_INTEGERS = "T:type{int8,int16,int32,int64,uint8,uint16,uint32,uint64}"


# ---------------------------------------------------------------------- BitwiseAnd, BitwiseOr, BitwiseXor, Invert

for _type, _ufunc in (("BitwiseAnd", "bitwise_and"), ("BitwiseOr", "bitwise_or"), ("BitwiseXor", "bitwise_xor")):
    define_op(_type, "x:T, y:T", "z:T", _INTEGERS, shape=broadcast_shape, ufunc=_ufunc, gradient=NO_GRADIENT)
define_op("Invert", "x:T", "y:T", _INTEGERS, shape=lambda x: x.shape, ufunc="invert", gradient=NO_GRADIENT)


def bitwise_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits that are set in both.

    Args:
      x, y: Integer tensors of one type, broadcast.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bitwise.bitwise_and([12, 7], [10, 5])))
      [8 5]
    """
    return apply_op("BitwiseAnd", x, y, name=name)


def bitwise_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits that are set in one or both.

    Args:
      x, y: Integer tensors of one type, broadcast.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bitwise.bitwise_or([12, 7], [10, 5])))
      [14  7]
    """
    return apply_op("BitwiseOr", x, y, name=name)


def bitwise_xor(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits that are set in one of the two only.

    Args:
      x, y: Integer tensors of one type, broadcast.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bitwise.bitwise_xor([12, 7], [10, 5])))
      [6 2]
    """
    return apply_op("BitwiseXor", x, y, name=name)


def invert(x: Any, name: str | None = None) -> Tensor:
    """Flips all bits.

    Args:
      x: Integer tensor.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bitwise.invert([0, 5])))
      [-1 -6]
    """
    return apply_op("Invert", x, name=name)


# ---------------------------------------------------------------------- LeftShift, RightShift

def _amount(y: Any, bits: int) -> Any:
    # As TensorFlow: an amount that the type has no bits for is clipped, not undefined.
    return np.clip(y, 0, bits - 1).astype(y.dtype)


def _left_shift(xp: Any, x: Any, y: Any) -> Any:
    return np.left_shift(x, _amount(y, x.dtype.itemsize * 8))


def _right_shift(xp: Any, x: Any, y: Any) -> Any:
    return np.right_shift(x, _amount(y, x.dtype.itemsize * 8))


define_op("LeftShift", "x:T, y:T", "z:T", _INTEGERS, shape=broadcast_shape, kernel=_left_shift, gradient=NO_GRADIENT)
define_op("RightShift", "x:T, y:T", "z:T", _INTEGERS, shape=broadcast_shape, kernel=_right_shift, gradient=NO_GRADIENT)


def left_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Moves bits towards the higher places; an amount beyond the width of the type is clipped.

    Args:
      x, y: Integer tensors of one type, broadcast.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bitwise.left_shift([1, 3], [4, 1])))
      [16  6]
    """
    return apply_op("LeftShift", x, y, name=name)


def right_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Moves bits towards the lower places, keeping the sign; an amount beyond the width of the type is clipped.

    Args:
      x, y: Integer tensors of one type, broadcast.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bitwise.right_shift([16, -8], [4, 1])))
      [ 1 -4]
    """
    return apply_op("RightShift", x, y, name=name)


# ---------------------------------------------------------------------- PopulationCount

def _population_count(xp: Any, x: Any) -> Any:
    unsigned = np.asarray(x).view(f"u{x.dtype.itemsize}")
    return np.asarray(np.bitwise_count(unsigned), np.uint8)


define_op("PopulationCount", "x:T", "y:uint8", _INTEGERS, shape=lambda x: x.shape, kernel=_population_count,
          gradient=NO_GRADIENT)
