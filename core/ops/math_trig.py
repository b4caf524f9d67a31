"""Angles and hyperbolics of one argument: sin to atanh. The tangent hyperbolic stands in math_unary.py."""

from __future__ import annotations

from typing import Any

from core.graph import Tensor, apply_op
from core.ops.math_broadcast import conj
from core.ops.math_unary import FLOATS_COMPLEX, number, unary

__all__ = ["acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "sin", "sinh", "tan"]


def _times(op_type: str, sign: int = 1) -> Any:
    """Gradient rule: ``grad * f(x)``, or its negative."""
    def rule(op: Any, grad: Any) -> Tensor:
        slope = apply_op(op_type, conj(op.inputs[0]))
        return apply_op("Mul", grad if sign > 0 else apply_op("Neg", grad), slope)
    return rule


def _over(op_type: str) -> Any:
    """Gradient rule: ``grad / f(y)``."""
    def rule(op: Any, grad: Any) -> Tensor:
        return apply_op("RealDiv", grad, apply_op(op_type, conj(op.outputs[0])))
    return rule


def _one_and_square(op: Any, combine: str) -> Tensor:
    x = conj(op.inputs[0])
    return apply_op(combine, number(1, x), apply_op("Square", x))


# ---------------------------------------------------------------------- Sin, Cos, Tan

unary("Sin", FLOATS_COMPLEX, _times("Cos"), ufunc="sin")
unary("Cos", FLOATS_COMPLEX, _times("Sin", -1), ufunc="cos")


def _tan_grad(op: Any, grad: Any) -> Tensor:
    secant = apply_op("Reciprocal", apply_op("Cos", conj(op.inputs[0])))
    return apply_op("Mul", grad, apply_op("Square", secant))


unary("Tan", FLOATS_COMPLEX, _tan_grad, ufunc="tan")


def sin(x: Any, name: str | None = None) -> Tensor:
    """Returns the sine element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sin([0.0, np.pi / 6])))
      [0.  0.5]
    """
    return apply_op("Sin", x, name=name)


def cos(x: Any, name: str | None = None) -> Tensor:
    """Returns the cosine element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cos([0.0, 2.0])).round(4))
      [ 1.     -0.4161]
    """
    return apply_op("Cos", x, name=name)


def tan(x: Any, name: str | None = None) -> Tensor:
    """Returns the tangent element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.tan([0.0, 1.0])).round(4))
      [0.     1.5574]
    """
    return apply_op("Tan", x, name=name)


# ---------------------------------------------------------------------- Asin, Acos, Atan

def _asin_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", grad, apply_op("Reciprocal", apply_op("Sqrt", _one_and_square(op, "Sub"))))


def _acos_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", apply_op("Neg", grad),
                    apply_op("Reciprocal", apply_op("Sqrt", _one_and_square(op, "Sub"))))


def _atan_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", grad, apply_op("Reciprocal", _one_and_square(op, "AddV2")))


unary("Asin", FLOATS_COMPLEX, _asin_grad, ufunc="arcsin")
unary("Acos", FLOATS_COMPLEX, _acos_grad, ufunc="arccos")
unary("Atan", FLOATS_COMPLEX, _atan_grad, ufunc="arctan")


def asin(x: Any, name: str | None = None) -> Tensor:
    """Returns the angle whose sine is x, between -pi/2 and pi/2.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.asin([0.0, 1.0])).round(4))
      [0.     1.5708]
    """
    return apply_op("Asin", x, name=name)


def acos(x: Any, name: str | None = None) -> Tensor:
    """Returns the angle whose cosine is x, between 0 and pi.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.acos([1.0, 0.0])).round(4))
      [0.     1.5708]
    """
    return apply_op("Acos", x, name=name)


def atan(x: Any, name: str | None = None) -> Tensor:
    """Returns the angle whose tangent is x, between -pi/2 and pi/2.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.atan([0.0, 1.0])).round(4))
      [0.     0.7854]
    """
    return apply_op("Atan", x, name=name)


# ---------------------------------------------------------------------- Sinh, Cosh

unary("Sinh", FLOATS_COMPLEX, _times("Cosh"), ufunc="sinh")
unary("Cosh", FLOATS_COMPLEX, _times("Sinh"), ufunc="cosh")


def sinh(x: Any, name: str | None = None) -> Tensor:
    """Returns the hyperbolic sine element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sinh([0.0, 1.0])).round(4))
      [0.     1.1752]
    """
    return apply_op("Sinh", x, name=name)


def cosh(x: Any, name: str | None = None) -> Tensor:
    """Returns the hyperbolic cosine element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cosh([0.0, 1.0])).round(4))
      [1.     1.5431]
    """
    return apply_op("Cosh", x, name=name)


# ---------------------------------------------------------------------- Asinh, Acosh, Atanh

def _atanh_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", grad, apply_op("Reciprocal", _one_and_square(op, "Sub")))


unary("Asinh", FLOATS_COMPLEX, _over("Cosh"), ufunc="arcsinh")
unary("Acosh", FLOATS_COMPLEX, _over("Sinh"), ufunc="arccosh")
unary("Atanh", FLOATS_COMPLEX, _atanh_grad, ufunc="arctanh")


def asinh(x: Any, name: str | None = None) -> Tensor:
    """Returns the inverse hyperbolic sine element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.asinh([0.0, 1.0])).round(4))
      [0.     0.8814]
    """
    return apply_op("Asinh", x, name=name)


def acosh(x: Any, name: str | None = None) -> Tensor:
    """Returns the inverse hyperbolic cosine element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.acosh([1.0, 2.0])).round(4))
      [0.    1.317]
    """
    return apply_op("Acosh", x, name=name)


def atanh(x: Any, name: str | None = None) -> Tensor:
    """Returns the inverse hyperbolic tangent element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.atanh([0.0, 0.5])).round(4))
      [0.     0.5493]
    """
    return apply_op("Atanh", x, name=name)
