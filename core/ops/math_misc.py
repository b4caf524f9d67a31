"""Maths that fits no other family: cross product, next float, polynomials, order of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import zeros_like
from core.ops.constant import constant
from core.ops.math_broadcast import broadcast_shape, unbroadcast
from core.ops.math_reduce import reduce_all
from core.shapes import TensorShape

__all__ = ["cross", "is_non_decreasing", "is_strictly_increasing"]


# ---------------------------------------------------------------------- Cross

def _cross_shape(a: Tensor, b: Tensor) -> TensorShape:
    shape = a.shape.merge_with(b.shape)
    if shape.ndims is not None and (shape.ndims < 1 or shape.as_list()[-1] not in (3, None)):
        raise ValueError(f"Cross-products are only defined for 3-element vectors, got shape {shape}")
    return shape


def _cross(xp: Any, a: Any, b: Any) -> Any:
    if a.shape != b.shape or a.ndim < 1 or a.shape[-1] != 3:
        raise ValueError("Cross-products need two tensors of one shape with last dimension 3, got "
                         f"{list(a.shape)} and {list(b.shape)}")
    out = np.empty(a.shape, a.dtype)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[..., i] = a[..., j] * b[..., k] - a[..., k] * b[..., j]
    return out


def _cross_grad(op: Any, grad: Any) -> list[Any]:
    a, b = op.inputs
    return [apply_op("Cross", b, grad), apply_op("Cross", grad, a)]


define_op("Cross", "a:T, b:T", "product:T", "T:type{@real}", shape=_cross_shape, kernel=_cross, gradient=_cross_grad)


def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """Computes the cross product of vectors in space.

    Args:
      a: Tensor ``[..., 3]`` of real numbers.
      b: Tensor of the type and shape of `a`.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cross([1, 0, 0], [0, 1, 0])))
      [0 0 1]
    """
    return apply_op("Cross", a, b, name=name)


# ---------------------------------------------------------------------- NextAfter

def _next_after_grad(op: Any, grad: Any) -> list[Any]:
    return unbroadcast(op, grad, apply_op("ZerosLike", grad))


define_op("NextAfter", "x1:T, x2:T", "output:T", "T:type=float{double,float}", shape=broadcast_shape,
          ufunc="nextafter", gradient=_next_after_grad)


def nextafter(x1: Any, x2: Any, name: str | None = None) -> Tensor:
    """Returns the next representable number after `x1` in the direction of `x2` (`tf.math.nextafter`).

    Args:
      x1: Tensor of float32 or float64.
      x2: Tensor of the type of `x1`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.nextafter(1.0, 2.0) > 1.0))
      True
    """
    return apply_op("NextAfter", x1, x2, name=name)


# ---------------------------------------------------------------------- polynomials, reciprocals

def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """Evaluates a polynomial by Horner's rule (`tf.math.polyval`).

    Args:
      coeffs: List of coefficients, that of the highest power first.
      x: Tensor.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.polyval([1.0, 0.0, -2.0], tf.constant([3.0, 4.0]))))
      [ 7. 14.]

    Source: Horner's method, 1819.
    """
    with name_scope(name, "polyval", [coeffs, x]) as scope:
        x = convert_to_tensor(x, name="x")
        if len(coeffs) < 1:
            return zeros_like(x, name=scope)
        tensors = [convert_to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        value = tensors[0]
        for coefficient in tensors[1:]:
            value = apply_op("AddV2", coefficient, apply_op("Mul", value, x, name="mul"), name="add")
        return value


def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """Returns 1 / x, and 0 wherever x is 0 (`tf.math.reciprocal_no_nan`).

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.reciprocal_no_nan([2.0, 0.0])))
      [0.5 0. ]
    """
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("DivNoNan", constant(1, dtype=x.dtype.base_dtype, name="one"), x, name=scope)


# ---------------------------------------------------------------------- order

def _ordered(x: Any, comparison: str, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, [x]):
        flat = apply_op("Reshape", x, [-1])
        later = apply_op("StridedSlice", flat, [1], [0], [1], end_mask=1)
        earlier = apply_op("StridedSlice", flat, [0], [-1], [1], begin_mask=1)
        return reduce_all(apply_op(comparison, earlier, later))


def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Says whether no element (in row order) is smaller than the one before it.

    Args:
      x: Tensor of real numbers.
      name: Name of the scope.

    Returns:
      A 0-D bool Tensor; True for less than two elements.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.is_non_decreasing([1, 1, 2]), tf.is_non_decreasing([2, 1])]))
      [np.True_, np.False_]
    """
    return _ordered(x, "LessEqual", name, "is_non_decreasing")


def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Says whether each element (in row order) is greater than the one before it.

    Args:
      x: Tensor of real numbers.
      name: Name of the scope.

    Returns:
      A 0-D bool Tensor; True for less than two elements.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.is_strictly_increasing([1, 2, 3]), tf.is_strictly_increasing([1, 1])]))
      [np.True_, np.False_]
    """
    return _ordered(x, "Less", name, "is_strictly_increasing")
