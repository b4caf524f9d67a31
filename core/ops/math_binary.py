"""Arithmetic of two arguments, with broadcasting: add, subtract, multiply, divide, modulo, power, extremes.

The Python operators of tensors stand in math_operators.py, comparisons in math_compare.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, float32, float64
from core.graph import IndexedSlices, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.constant import constant
from core.ops.math_broadcast import broadcast_shape, by_each, conj, unbroadcast

__all__ = [
    "add", "div", "divide", "floor_div", "floordiv", "floormod", "maximum", "minimum", "mod", "multiply", "pow",
    "realdiv", "scalar_mul", "subtract", "truediv", "truncatediv", "truncatemod",
]


def binary(op_type: str, types: str, gradient: Any, *, ufunc: str | None = None, kernel: Any = None,
           args: str = "x:T, y:T") -> None:
    """Defines an op of two arguments of one type that broadcast."""
    define_op(op_type, args, "z:T", f"T:type{{{types}}}", shape=broadcast_shape, ufunc=ufunc, kernel=kernel,
              gradient=gradient)


def _int_by_zero(y: Any) -> None:
    if not np.all(y):
        raise ValueError("Integer division by zero")


# ---------------------------------------------------------------------- Add, AddV2

def _add_grad(op: Any, grad: Any) -> list[Any]:
    if isinstance(grad, IndexedSlices):
        x, y = op.inputs
        if x.shape.is_fully_defined() and x.shape.as_list() == y.shape.as_list():
            return [grad, grad]
        grad = convert_to_tensor(grad)
    return by_each(op, lambda: grad, lambda: grad)


def _add_kernel(xp: Any, x: Any, y: Any) -> Any:
    total = xp.add(x, y)
    if isinstance(total, bytes):  # NumPy unwraps a single string
        return np.array(total, object)
    return total


binary("Add", "bfloat16,half,float,double,uint8,int8,int16,int32,int64,complex64,complex128,string", _add_grad,
       ufunc="add", kernel=_add_kernel)
binary("AddV2", "bfloat16,half,float,double,uint8,uint16,uint32,uint64,int8,int16,int32,int64,complex64,complex128",
       _add_grad, ufunc="add")


def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x + y element by element.

    Args:
      x: Tensor of numbers or strings.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Returns:
      A Tensor of the type of `x`, of the broadcast shape.

    Raises:
      TypeError: Types differ.  ValueError: Shapes do not broadcast.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.add([[1], [2]], [10, 20, 30])))
      [[11 21 31]
       [12 22 32]]
    """
    return apply_op("Add", x, y, name=name)


# ---------------------------------------------------------------------- Sub

def _sub_grad(op: Any, grad: Any) -> list[Any]:
    return by_each(op, lambda: grad, lambda: apply_op("Neg", grad))


binary("Sub", "bfloat16,half,float,double,uint8,int8,uint16,int16,int32,int64,complex64,complex128,uint32,uint64",
       _sub_grad, ufunc="subtract")


def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x - y element by element.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.subtract([5, 7, 9], 2)))
      [3 5 7]
    """
    return apply_op("Sub", x, y, name=name)


# ---------------------------------------------------------------------- Mul

def _mul_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    return by_each(op, lambda: apply_op("Mul", grad, conj(y)), lambda: apply_op("Mul", conj(x), grad))


binary("Mul", "bfloat16,half,float,double,uint8,int8,uint16,int16,int32,uint32,uint64,int64,complex64,complex128",
       _mul_grad, ufunc="multiply")


def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x * y element by element (for the matrix product see `tf.matmul`).

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.multiply([1.0, 2.0, 3.0], 2.0)))
      [2. 4. 6.]
    """
    return apply_op("Mul", x, y, name=name)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """Multiplies a tensor or IndexedSlices by a scalar.

    Args:
      scalar: 0-D tensor or number.
      x: Tensor or IndexedSlices.
      name: Name of the operation.

    Raises:
      ValueError: `scalar` is not 0-D.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.scalar_mul(2.0, tf.constant([1.0, 3.0]))))
      [2. 6.]
    """
    scalar = convert_to_tensor(scalar, dtype=x.dtype.base_dtype if hasattr(x, "dtype") else None, name="scalar")
    if scalar.shape.ndims not in (None, 0):
        raise ValueError(f"Only scalar multiply works, got shape {scalar.shape}. Use tf.multiply for other shapes.")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(apply_op("Mul", scalar, x.values, name=name), x.indices, x.dense_shape)
    return apply_op("Mul", scalar, x, name=name)


# ---------------------------------------------------------------------- the divisions

def _real_div_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    yc = conj(y)

    def by_y() -> Any:
        return apply_op("Mul", grad, apply_op("RealDiv", apply_op("RealDiv", apply_op("Neg", conj(x)), yc), yc))
    return by_each(op, lambda: apply_op("RealDiv", grad, yc), by_y)


def _any_div(xp: Any, x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        return _truncate_div(xp, x, y)
    return xp.true_divide(x, y)


def _truncate_div(xp: Any, x: Any, y: Any) -> Any:
    if x.dtype.kind not in "iu":
        return xp.trunc(xp.true_divide(x, y))
    _int_by_zero(y)
    return xp.floor_divide(x - xp.fmod(x, y), y)


def _floor_div(xp: Any, x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _int_by_zero(y)
        return xp.floor_divide(x, y)
    return xp.floor(xp.true_divide(x, y))  # not NumPy's floor_divide, which takes 1.0 // 0.1 for 9


_DIV_TYPES = "bfloat16,half,float,double,uint8,int8,uint16,int16,int32,uint32,uint64,int64,complex64,complex128"
binary("RealDiv", _DIV_TYPES, _real_div_grad, ufunc="true_divide")
binary("Div", _DIV_TYPES, _real_div_grad, kernel=_any_div)
binary("TruncateDiv", _DIV_TYPES, lambda op, grad: [None, None], kernel=_truncate_div)
binary("FloorDiv", _DIV_TYPES, lambda op, grad: [None, None], kernel=_floor_div)


def realdiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x / y element by element for real and complex tensors.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.realdiv([1.0, 3.0], 2.0)))
      [0.5 1.5]
    """
    return apply_op("RealDiv", x, y, name=name)


# Division of integers gives floats, as in Python 3: what each type is cast to first.
_TRUEDIV_CAST: dict[Any, Any] = {
    **{as_dtype(n): float32 for n in ("uint8", "int8", "uint16", "int16")},
    **{as_dtype(n): float64 for n in ("int32", "int64")},
    **{as_dtype(n): None for n in ("bfloat16", "float16", "float32", "float64", "complex64", "complex128")},
}


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides element by element as Python 3 does: integers give floats.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Returns:
      The quotient: float32 for 8- and 16-bit integers, float64 for int32 and int64, else the type of `x`.

    Raises:
      TypeError: Types differ, or can't be divided.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.truediv([1, 3], 2)))
      [0.5 1.5]
    """
    with name_scope(name, "truediv", [x, y]) as scope:
        return _truediv(convert_to_tensor(x, name="x"), convert_to_tensor(y, name="y"), scope)


def _truediv(x: Tensor, y: Tensor, scope: str) -> Tensor:
    xt, yt = x.dtype.base_dtype, y.dtype.base_dtype
    if xt is not yt:
        raise TypeError(f"x and y must have the same dtype, got {xt!r} != {yt!r}. Use tf.cast to bring both to one.")
    if xt not in _TRUEDIV_CAST:
        raise TypeError(f"Invalid dtype {xt!r} in __truediv__.")
    to = _TRUEDIV_CAST[xt]
    if to is not None:
        x = apply_op("Cast", x, DstT=to)
        y = apply_op("Cast", y, DstT=to)
    return apply_op("RealDiv", x, y, name=scope)


def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides element by element as Python 3 does (`x / y`); see `truediv`.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.divide([16, 12, 11], [4, 6, 2])))
      [4.  2.  5.5]
    """
    if name is not None or not isinstance(x, Tensor):
        return truediv(x, y, name)
    return x / y


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides as Python 2 does: integers floor, others divide. Deprecated: use `divide` or `floordiv`.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.div(-7, 2), tf.div(-7.0, 2.0)]))
      [np.int32(-4), np.float32(-3.5)]
    """
    with name_scope(name, "div", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        whole = not (x.dtype.is_floating or x.dtype.is_complex)
        return apply_op("FloorDiv" if whole else "RealDiv", x, y, name=scope)


def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides and rounds down element by element (`x // y`).

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Raises:
      InvalidArgumentError (in a run): integers divided by zero.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.floordiv([7, -7], 2)))
      [ 3 -4]
    """
    return apply_op("FloorDiv", x, y, name=name or "floordiv")


def floor_div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides and rounds down element by element; `floordiv` under the op's own name.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.
    """
    return apply_op("FloorDiv", x, y, name=name)


def truncatediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides integers and rounds towards zero, as C does.

    Args:
      x: Tensor of integers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.truncatediv([7, -7], 2)))
      [ 3 -3]
    """
    return apply_op("TruncateDiv", x, y, name=name)


# ---------------------------------------------------------------------- FloorMod, Mod, TruncateMod

def _floor_mod(xp: Any, x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _int_by_zero(y)
    return xp.remainder(x, y)


def _truncate_mod(xp: Any, x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _int_by_zero(y)
    return xp.fmod(x, y)


def _floor_mod_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    return unbroadcast(op, grad, apply_op("Mul", grad, apply_op("Neg", apply_op("FloorDiv", x, y))))


def _truncate_mod_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    quotient = apply_op("RealDiv", x, y)
    whole = apply_op("Mul", apply_op("Sign", quotient), apply_op("Floor", apply_op("Abs", quotient)))
    return unbroadcast(op, grad, apply_op("Mul", grad, apply_op("Neg", whole)))


binary("FloorMod", "int8,int16,int32,int64,uint8,uint16,uint32,uint64,bfloat16,half,float,double", _floor_mod_grad,
       kernel=_floor_mod)
binary("Mod", "int32,int64,half,half,bfloat16,float,double", _truncate_mod_grad, kernel=_truncate_mod)
binary("TruncateMod", "int32,int64,bfloat16,half,float,double", _truncate_mod_grad, kernel=_truncate_mod)


def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns the remainder of the division that rounds down (`x % y`): it has the sign of `y`.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Raises:
      InvalidArgumentError (in a run): integers divided by zero.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.floormod([7, -7], 3)))
      [1 2]
    """
    return apply_op("FloorMod", x, y, name=name)


mod = floormod


def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns the remainder of the division that rounds towards zero, as C does: it has the sign of `x`.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.truncatemod([7, -7], 3)))
      [ 1 -1]
    """
    return apply_op("TruncateMod", x, y, name=name)


# ---------------------------------------------------------------------- Pow

def _pow_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    z = conj(op.outputs[0])
    x, y = conj(x), conj(y)

    def by_x() -> Any:
        less = apply_op("Sub", y, constant(1, dtype=y.dtype.base_dtype, name="one"))
        return apply_op("Mul", grad, apply_op("Mul", y, apply_op("Pow", x, less)))

    def by_y() -> Any:
        # log(x) only where it is defined: elsewhere the gradient by the exponent is 0.
        zero = constant(0, dtype=x.dtype.base_dtype, name="zero")
        defined = apply_op("NotEqual" if x.dtype.is_complex else "Greater", x, zero)
        safe = apply_op("Select", defined, x, apply_op("OnesLike", x))
        log_x = apply_op("Select", defined, apply_op("Log", safe), apply_op("ZerosLike", x))
        return apply_op("Mul", grad, apply_op("Mul", z, log_x))
    return by_each(op, by_x, by_y)


binary("Pow", "bfloat16,float,half,double,int8,int16,int32,int64,complex64,complex128", _pow_grad, ufunc="power")


def pow(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns x to the power of y element by element.

    Args:
      x: Tensor of numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Raises:
      InvalidArgumentError (in a run): an integer to a negative power.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.pow([[2, 2], [3, 3]], [[8, 16], [2, 3]])))
      [[  256 65536]
       [    9    27]]
    """
    return apply_op("Pow", x, y, name=name)


# ---------------------------------------------------------------------- Maximum, Minimum

def _extreme_grad(comparison: str) -> Any:
    def rule(op: Any, grad: Any) -> list[Any]:
        x, y = op.inputs
        mine = apply_op(comparison, x, y)
        zeros = apply_op("ZerosLike", grad)
        return unbroadcast(op, apply_op("Select", mine, grad, zeros), apply_op("Select", mine, zeros, grad))
    return rule


_ORDERED = "bfloat16,half,float,double,int8,uint8,int16,uint16,int32,uint32,int64,uint64"
binary("Maximum", _ORDERED, _extreme_grad("GreaterEqual"), ufunc="maximum")
binary("Minimum", _ORDERED, _extreme_grad("LessEqual"), ufunc="minimum")


def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns the larger of x and y element by element.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.maximum([-2.0, 0.5, 3.0], 1.0)))
      [1. 1. 3.]
    """
    return apply_op("Maximum", x, y, name=name)


def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Returns the smaller of x and y element by element.

    Args:
      x: Tensor of real numbers.
      y: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.minimum([-2.0, 0.5, 3.0], 1.0)))
      [-2.   0.5  1. ]
    """
    return apply_op("Minimum", x, y, name=name)
