"""Arithmetic of two arguments, the rarer ops: products and quotients without NaN, squared difference, atan2."""

from __future__ import annotations

from typing import Any

from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.constant import constant
from core.ops.math_binary import binary
from core.ops.math_broadcast import broadcast_shape, conj, unbroadcast

__all__ = ["atan2", "div_no_nan", "squared_difference"]


# ---------------------------------------------------------------------- MulNoNan

def _mul_no_nan(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(y == 0, xp.zeros((), x.dtype), x * y)


def _mul_no_nan_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    return unbroadcast(op, apply_op("MulNoNan", grad, y), apply_op("MulNoNan", x, grad))


binary("MulNoNan", "bfloat16,half,float,double,complex64,complex128", _mul_no_nan_grad, kernel=_mul_no_nan)


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x * y, and 0 wherever y is 0, even if x is infinite or NaN (`tf.math.multiply_no_nan`).

    Args:
      x: Tensor of floats or complex numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.multiply_no_nan([1.0, np.nan], [3.0, 0.0])))
      [3. 0.]
    """
    with name_scope(name, "multiply_no_nan", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, dtype=x.dtype.base_dtype, name="y")
        return apply_op("MulNoNan", x, y, name=scope)


# ---------------------------------------------------------------------- DivNoNan

def _div_no_nan(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(y == 0, xp.zeros((), x.dtype), xp.true_divide(x, y))


def _div_no_nan_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    yc = conj(y)
    by_y = apply_op("DivNoNan", apply_op("DivNoNan", apply_op("Neg", conj(x)), yc), yc)
    return unbroadcast(op, apply_op("DivNoNan", grad, yc), apply_op("Mul", grad, by_y))


binary("DivNoNan", "half,float,bfloat16,double,complex64,complex128", _div_no_nan_grad, kernel=_div_no_nan)


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x / y, and 0 wherever y is 0.

    Args:
      x: Tensor of floats or complex numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.div_no_nan([1.0, 3.0], [2.0, 0.0])))
      [0.5 0. ]
    """
    with name_scope(name, "div_no_nan", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        return apply_op("DivNoNan", x, y, name=scope)


# ---------------------------------------------------------------------- SquaredDifference

def _squared_difference(xp: Any, x: Any, y: Any) -> Any:
    difference = xp.subtract(x, y)
    return difference * xp.conj(difference) if difference.dtype.kind == "c" else xp.multiply(difference, difference)


def _squared_difference_out(xp: Any, out: Any, x: Any, y: Any) -> None:
    if out.dtype.kind == "c":
        out[...] = _squared_difference(xp, x, y)
        return
    xp.subtract(x, y, out)
    xp.multiply(out, out, out)


def _squared_difference_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    twice = apply_op("Mul", constant(2, dtype=grad.dtype.base_dtype, name="scale"), grad)
    by_x = apply_op("Mul", twice, apply_op("Sub", x, y))
    return unbroadcast(op, by_x, apply_op("Neg", by_x))


define_op("SquaredDifference", "x:T, y:T", "z:T", "T:type{bfloat16,half,float,double,int32,int64,complex64,complex128}",
          shape=broadcast_shape, kernel=_squared_difference, kernel_out=_squared_difference_out,
          gradient=_squared_difference_grad)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns (x - y) * (x - y) element by element (for complex numbers the squared modulus).

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.squared_difference([1.0, 5.0], 3.0)))
      [4. 4.]
    """
    return apply_op("SquaredDifference", x, y, name=name)


# ---------------------------------------------------------------------- Atan2

def _atan2_grad(op: Any, grad: Any) -> list[Any]:
    y, x = op.inputs
    scaled = apply_op("RealDiv", grad, apply_op("AddV2", apply_op("Square", x), apply_op("Square", y)))
    return unbroadcast(op, apply_op("Mul", x, scaled), apply_op("Mul", apply_op("Neg", y), scaled))


binary("Atan2", "bfloat16,half,float,double", _atan2_grad, ufunc="arctan2", args="y:T, x:T")


def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """Returns the angle of the point (x, y), between -pi and pi.

    Args:
      y: Tensor of floats.
      x: Tensor of the type of `y`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.atan2([1.0, -1.0], [1.0, -1.0])))
      [ 0.7853982 -2.3561945]
    """
    return apply_op("Atan2", y, x, name=name)


# ---------------------------------------------------------------------- Xdivy, Xlogy

def _xdivy(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(x == 0, xp.zeros((), x.dtype), xp.true_divide(x, y))


def _xdivy_grad(op: Any, grad: Any) -> list[Any]:
    x, y = conj(op.inputs[0]), conj(op.inputs[1])
    present = apply_op("Cast", apply_op("NotEqual", x, constant(0, dtype=x.dtype.base_dtype)), DstT=x.dtype.base_dtype)
    by_x = apply_op("Xdivy", present, y)
    by_y = apply_op("Xdivy", apply_op("Neg", x), apply_op("Square", y))
    return unbroadcast(op, apply_op("Mul", by_x, grad), apply_op("Mul", by_y, grad))


def _xlogy(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(x == 0, xp.zeros((), x.dtype), x * xp.log(y))


def _xlogy_grad(op: Any, grad: Any) -> list[Any]:
    x, y = conj(op.inputs[0]), conj(op.inputs[1])
    present = apply_op("Cast", apply_op("NotEqual", x, constant(0, dtype=x.dtype.base_dtype)), DstT=x.dtype.base_dtype)
    by_x, by_y = apply_op("Xlogy", present, y), apply_op("Xdivy", x, y)
    return unbroadcast(op, apply_op("Mul", by_x, grad), apply_op("Mul", by_y, grad))


binary("Xdivy", "half,bfloat16,float,double,complex64,complex128", _xdivy_grad, kernel=_xdivy)
binary("Xlogy", "half,bfloat16,float,double,complex64,complex128", _xlogy_grad, kernel=_xlogy)


def xdivy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns 0 where x is 0, and x / y elsewhere (`tf.math.xdivy`).

    Args:
      x: Tensor of floats or complex numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.xdivy([0.0, 1.0], [0.0, 4.0])))
      [0.   0.25]
    """
    return apply_op("Xdivy", x, y, name=name)


def xlogy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns 0 where x is 0, and x * log(y) elsewhere (`tf.math.xlogy`).

    Args:
      x: Tensor of floats or complex numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.xlogy([0.0, 2.0], [0.0, 1.0])))
      [0. 0.]
    """
    return apply_op("Xlogy", x, y, name=name)
