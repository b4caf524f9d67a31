"""Comparisons and logic: they give bools and stop gradients. Bitwise ops of integers stand with the array ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import NO_GRADIENT, Tensor, apply_op, define_op
from core.ops.math_broadcast import broadcast_shape
from core.shapes import TensorShape

__all__ = [
    "approximate_equal", "equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_not",
    "logical_or", "logical_xor", "not_equal",
]


# ---------------------------------------------------------------------- Equal, NotEqual

def _equality_shape(x: Tensor, y: Tensor, *, incompatible_shape_error: bool) -> TensorShape:
    if incompatible_shape_error:
        return broadcast_shape(x, y)
    if not (x.shape.is_fully_defined() and y.shape.is_fully_defined()):
        return TensorShape(None)
    try:
        return broadcast_shape(x, y)
    except ValueError:
        return TensorShape([])  # shapes that do not fit are not equal: one answer


def _fits(x: Any, y: Any) -> bool:
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return False
    return True


def _equal(xp: Any, x: Any, y: Any, *, incompatible_shape_error: bool) -> Any:
    if not incompatible_shape_error and not _fits(x, y):
        return np.array(False)
    return xp.asarray(xp.equal(x, y), dtype=bool)


def _not_equal(xp: Any, x: Any, y: Any, *, incompatible_shape_error: bool) -> Any:
    if not incompatible_shape_error and not _fits(x, y):
        return np.array(True)
    return xp.asarray(xp.not_equal(x, y), dtype=bool)


define_op("Equal", "x:T, y:T", "z:bool", "T:type; incompatible_shape_error:bool=True", shape=_equality_shape,
          kernel=_equal, gradient=NO_GRADIENT)
define_op("NotEqual", "x:T, y:T", "z:bool", "T:type; incompatible_shape_error:bool=True", shape=_equality_shape,
          kernel=_not_equal, gradient=NO_GRADIENT)


def equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x == y element by element (Python's `==` compares the tensor objects).

    Args:
      x: Tensor of any type.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Returns:
      A bool Tensor of the broadcast shape.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.equal([1, 2, 3], [1, 5, 3])))
      [ True False  True]
    """
    return apply_op("Equal", x, y, name=name)


def not_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x != y element by element (Python's `!=` compares the tensor objects).

    Args:
      x: Tensor of any type.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Returns:
      A bool Tensor of the broadcast shape.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.not_equal(["a", "b"], "b")))
      [ True False]
    """
    return apply_op("NotEqual", x, y, name=name)


# ---------------------------------------------------------------------- Less, LessEqual, Greater, GreaterEqual

_REAL = "T:type{@real}"
define_op("Less", "x:T, y:T", "z:bool", _REAL, shape=broadcast_shape, ufunc="less", gradient=NO_GRADIENT)
define_op("LessEqual", "x:T, y:T", "z:bool", _REAL, shape=broadcast_shape, ufunc="less_equal", gradient=NO_GRADIENT)
define_op("Greater", "x:T, y:T", "z:bool", _REAL, shape=broadcast_shape, ufunc="greater", gradient=NO_GRADIENT)
define_op("GreaterEqual", "x:T, y:T", "z:bool", _REAL, shape=broadcast_shape, ufunc="greater_equal",
          gradient=NO_GRADIENT)


def less(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x < y element by element.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.less([1.0, 2.0, 3.0], 2.0)))
      [ True False False]
    """
    return apply_op("Less", x, y, name=name)


def less_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x <= y element by element.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.less_equal([1.0, 2.0, 3.0], 2.0)))
      [ True  True False]
    """
    return apply_op("LessEqual", x, y, name=name)


def greater(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x > y element by element.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.greater([1.0, 2.0, 3.0], 2.0)))
      [False False  True]
    """
    return apply_op("Greater", x, y, name=name)


def greater_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x >= y element by element.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.greater_equal([1.0, 2.0, 3.0], 2.0)))
      [False  True  True]
    """
    return apply_op("GreaterEqual", x, y, name=name)


# ---------------------------------------------------------------------- ApproximateEqual

def _same_sizes(x: Tensor, y: Tensor) -> TensorShape:
    return x.shape.merge_with(y.shape)


def _approximate_equal(xp: Any, x: Any, y: Any, *, tolerance: float) -> Any:
    if x.shape != y.shape:
        raise ValueError(f"x and y must be of one shape, got {list(x.shape)} and {list(y.shape)}.")
    return xp.less(xp.abs(x - y), np.asarray(tolerance).astype(xp.abs(x).dtype))


define_op("ApproximateEqual", "x:T, y:T", "z:bool", "T:type{@number}; tolerance:float=9.999999747378752e-06",
          shape=_same_sizes, kernel=_approximate_equal, gradient=NO_GRADIENT)


def approximate_equal(x: Any, y: Any, tolerance: float = 1e-05, name: str | None = None) -> Tensor:
    """Returns abs(x - y) < tolerance element by element.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type and shape of `x`.
      tolerance: Largest difference that counts as equal.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.approximate_equal([1.0, 2.0], [1.000001, 2.1])))
      [ True False]
    """
    return apply_op("ApproximateEqual", x, y, tolerance=tolerance, name=name)


# ---------------------------------------------------------------------- LogicalAnd, LogicalOr, LogicalNot, xor

define_op("LogicalAnd", "x:bool, y:bool", "z:bool", shape=broadcast_shape, ufunc="logical_and", gradient=NO_GRADIENT)
define_op("LogicalOr", "x:bool, y:bool", "z:bool", shape=broadcast_shape, ufunc="logical_or", gradient=NO_GRADIENT)
define_op("LogicalNot", "x:bool", "y:bool", shape=lambda x: x.shape, ufunc="logical_not", gradient=NO_GRADIENT)


def logical_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns the truth of x and y element by element (`x & y`).

    Args:
      x: Tensor of bools.
      y: Tensor of bools, of a shape that broadcasts with that of `x`.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.logical_and([True, True, False], [True, False, False])))
      [ True False False]
    """
    return apply_op("LogicalAnd", x, y, name=name)


def logical_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns the truth of x or y element by element (`x | y`).

    Args:
      x: Tensor of bools.
      y: Tensor of bools, of a shape that broadcasts with that of `x`.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.logical_or([True, True, False], [True, False, False])))
      [ True  True False]
    """
    return apply_op("LogicalOr", x, y, name=name)


def logical_not(x: Any, name: str | None = None) -> Tensor:
    """Returns the opposite of x element by element (`~x`).

    Args:
      x: Tensor of bools.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.logical_not([True, False])))
      [False  True]
    """
    return apply_op("LogicalNot", x, name=name)


def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Tensor:
    """Returns the truth of "x or y, but not both" element by element (`x ^ y`).

    Args:
      x: Tensor of bools.
      y: Tensor of bools, of a shape that broadcasts with that of `x`.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.logical_xor([True, True, False], [True, False, False])))
      [False  True False]
    """
    return apply_op("LogicalAnd", apply_op("LogicalOr", x, y), apply_op("LogicalNot", apply_op("LogicalAnd", x, y)),
                    name=name)
