"""Elementwise maths of one argument: signs, powers and roots, exponentials and logarithms, rounding, sigmoid, tests.

Angles and hyperbolics stand in math_trig.py, complex parts in math_complex.py, special functions in math_special.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import NO_GRADIENT, SparseTensor, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import same_shape
from core.ops.constant import constant
from core.ops.math_broadcast import broadcast_shape, conj

__all__ = [
    "abs", "ceil", "exp", "expm1", "floor", "is_finite", "is_inf", "is_nan", "log", "log1p", "log_sigmoid", "negative",
    "reciprocal", "rint", "round", "rsqrt", "sigmoid", "sign", "sqrt", "square", "tanh",
]

FLOATS = "bfloat16,half,float,double"
FLOATS_COMPLEX = FLOATS + ",complex64,complex128"


def unary(op_type: str, types: str, gradient: Any, *, ufunc: str | None = None, kernel: Any = None,
          kernel_out: Any = None) -> None:
    """Defines an op of one argument that works element by element."""
    define_op(op_type, "x:T", "y:T", f"T:type{{{types}}}", shape=same_shape, ufunc=ufunc, kernel=kernel,
              kernel_out=kernel_out, gradient=gradient)


def of_output(op_type: str, kernel: Any, gradient: Any, kernel_out: Any = None) -> None:
    """Defines an op that turns a gradient by an output `y` into one by the input: ``z = f(y, dy)``."""
    define_op(op_type, "y:T, dy:T", "z:T", f"T:type{{{FLOATS_COMPLEX}}}", shape=broadcast_shape, kernel=kernel,
              kernel_out=kernel_out, gradient=gradient)


def number(value: float, like: Tensor) -> Tensor:
    """A constant of the type of `like`."""
    return constant(value, dtype=like.dtype.base_dtype)


def map_values(op_type: str, x: SparseTensor, name: str | None) -> SparseTensor:
    """Applies an op that keeps zeros to the values of a SparseTensor."""
    with name_scope(name, op_type, [x.indices, x.values, x.dense_shape]):
        return SparseTensor(x.indices, apply_op(op_type, x.values), x.dense_shape)


def _no_gradient_through_steps(op: Any, grad: Any) -> None:
    """The gradient of a step function: none (TensorFlow says None, not zero)."""


# ---------------------------------------------------------------------- Neg, Abs, Sign

unary("Neg", "bfloat16,half,float,double,int8,int16,int32,int64,complex64,complex128",
      lambda op, grad: apply_op("Neg", grad), ufunc="negative")


def negative(x: Any, name: str | None = None) -> Any:
    """Returns -x element by element.

    Args:
      x: Tensor of signed numbers, or SparseTensor of such values.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.negative([1.0, -2.0])))
      [-1.  2.]
    """
    if isinstance(x, SparseTensor):
        return map_values("Neg", x, name)
    return apply_op("Neg", x, name=name)


def _abs_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", grad, apply_op("Sign", op.inputs[0]))


unary("Abs", "bfloat16,half,float,double,int8,int16,int32,int64", _abs_grad, ufunc="absolute")


def abs(x: Any, name: str | None = None) -> Any:
    """Returns the absolute value element by element; of complex numbers the modulus, a float.

    Args:
      x: Tensor of signed numbers, or SparseTensor of such values.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.abs([-1.5, 2.0]), tf.abs(3 + 4j)]))
      [array([1.5, 2. ], dtype=float32), np.float64(5.0)]
    """
    if isinstance(x, SparseTensor):
        return map_values("Abs" if not x.dtype.is_complex else "ComplexAbs", x, name)
    with name_scope(name, "Abs", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return apply_op("ComplexAbs", x, Tout=x.dtype.base_dtype.real_dtype, name=scope)
        return apply_op("Abs", x, name=scope)


def _sign_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("ZerosLike", op.inputs[0])


unary("Sign", "bfloat16,half,float,double,int8,int16,int32,int64,complex64,complex128", _sign_grad, ufunc="sign")


def sign(x: Any, name: str | None = None) -> Any:
    """Returns -1, 0 or 1 by the sign; of a complex number z / abs(z), or 0.

    Args:
      x: Tensor of signed numbers, or SparseTensor of such values.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sign([-7.0, 0.0, 0.5])))
      [-1.  0.  1.]
    """
    if isinstance(x, SparseTensor):
        return map_values("Sign", x, name)
    return apply_op("Sign", x, name=name)


# ---------------------------------------------------------------------- Square, Sqrt, Rsqrt

def _square_grad(op: Any, grad: Any) -> Tensor:
    x = conj(op.inputs[0])
    return apply_op("Mul", grad, apply_op("Mul", x, number(2, x)))


unary("Square", "bfloat16,half,float,double,int8,int16,int32,int64,uint8,uint16,uint32,uint64,complex64,complex128",
      _square_grad, ufunc="square")


def square(x: Any, name: str | None = None) -> Any:
    """Returns x * x element by element.

    Args:
      x: Tensor of numbers, or SparseTensor of such values.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.square([1.5, -2.0])))
      [2.25 4.  ]
    """
    if isinstance(x, SparseTensor):
        return map_values("Square", x, name)
    return apply_op("Square", x, name=name)


def _sqrt_grad_kernel(xp: Any, y: Any, dy: Any) -> Any:
    return xp.true_divide(dy * y.dtype.type(0.5), xp.conj(y) if y.dtype.kind == "c" else y)


def _sqrt_grad_grad(op: Any, grad: Any) -> list[Any]:
    by_y = apply_op("RealDiv", grad, op.inputs[0])
    return [apply_op("Mul", apply_op("Neg", conj(by_y)), op.outputs[0]), apply_op("Mul", number(0.5, grad), by_y)]


unary("Sqrt", FLOATS_COMPLEX, lambda op, grad: apply_op("SqrtGrad", op.outputs[0], grad), ufunc="sqrt")
of_output("SqrtGrad", _sqrt_grad_kernel,
          _sqrt_grad_grad)


def sqrt(x: Any, name: str | None = None) -> Any:
    """Returns the square root element by element.

    Args:
      x: Tensor of floats or complex numbers, or SparseTensor of such values.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sqrt([4.0, 9.0])))
      [2. 3.]
    """
    if isinstance(x, SparseTensor):
        return map_values("Sqrt", x, name)
    return apply_op("Sqrt", x, name=name)


def _rsqrt_grad_kernel(xp: Any, y: Any, dy: Any) -> Any:
    y = xp.conj(y) if y.dtype.kind == "c" else y
    return dy * (y.dtype.type(-0.5) * (y * y * y))


def _rsqrt_grad_grad(op: Any, grad: Any) -> list[Any]:
    y, dy = op.inputs
    y, conjugate = conj(y), conj(grad)
    by_y = apply_op("Mul", apply_op("Mul", number(-1.5, grad), conjugate), apply_op("Mul", dy, apply_op("Square", y)))
    return [by_y, apply_op("RsqrtGrad", y, grad)]


def _rsqrt(xp: Any, x: Any) -> Any:
    return xp.reciprocal(xp.sqrt(x))


unary("Rsqrt", FLOATS_COMPLEX, lambda op, grad: apply_op("RsqrtGrad", op.outputs[0], grad), kernel=_rsqrt,
      kernel_out=lambda xp, out, x: xp.reciprocal(xp.sqrt(x, out), out))
of_output("RsqrtGrad", _rsqrt_grad_kernel, _rsqrt_grad_grad)


def rsqrt(x: Any, name: str | None = None) -> Tensor:
    """Returns 1 / sqrt(x) element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.rsqrt([4.0, 16.0])))
      [0.5  0.25]
    """
    return apply_op("Rsqrt", x, name=name)


# ---------------------------------------------------------------------- Reciprocal, Inv

def _reciprocal(xp: Any, x: Any) -> Any:
    if x.dtype.kind in "iu" and not np.all(x):
        raise ValueError("Integer division by zero")
    return xp.reciprocal(x)


def _reciprocal_grad_kernel(xp: Any, y: Any, dy: Any) -> Any:
    y = xp.conj(y) if y.dtype.kind == "c" else y
    return xp.negative(dy) * (y * y)


def _reciprocal_grad_grad(op: Any, grad: Any) -> list[Any]:
    y, dy = op.inputs
    y = conj(y)
    by_y = apply_op("Mul", apply_op("Mul", conj(grad), number(-2, grad)), apply_op("Mul", dy, y))
    return [by_y, apply_op("ReciprocalGrad", y, grad)]


for _type in ("Reciprocal", "Inv"):
    unary(_type, "bfloat16,half,float,double,int8,int16,int32,int64,complex64,complex128",
          lambda op, grad: apply_op("ReciprocalGrad", op.outputs[0], grad), kernel=_reciprocal)
    of_output(_type + "Grad", _reciprocal_grad_kernel, _reciprocal_grad_grad)


def reciprocal(x: Any, name: str | None = None) -> Tensor:
    """Returns 1 / x element by element.

    Args:
      x: Tensor of numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reciprocal([2.0, 4.0])))
      [0.5  0.25]
    """
    return apply_op("Reciprocal", x, name=name)


# ---------------------------------------------------------------------- Exp, Expm1, Log, Log1p

unary("Exp", FLOATS_COMPLEX, lambda op, grad: apply_op("Mul", grad, conj(op.outputs[0])), ufunc="exp")


def exp(x: Any, name: str | None = None) -> Tensor:
    """Returns e to the power of x element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.exp([0.0, 1.0])).round(4))
      [1.     2.7183]
    """
    return apply_op("Exp", x, name=name)


def _expm1_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", grad, apply_op("Exp", conj(op.inputs[0])))


unary("Expm1", FLOATS_COMPLEX, _expm1_grad, ufunc="expm1")


def expm1(x: Any, name: str | None = None) -> Tensor:
    """Returns exp(x) - 1 element by element, exact for small x.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.expm1([0.0, 1.0])).round(4))
      [0.     1.7183]
    """
    return apply_op("Expm1", x, name=name)


def _log_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", grad, apply_op("Reciprocal", conj(op.inputs[0])))


unary("Log", FLOATS_COMPLEX, _log_grad, ufunc="log")


def log(x: Any, name: str | None = None) -> Tensor:
    """Returns the natural logarithm element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.log([1.0, 10.0])).round(4))
      [0.     2.3026]
    """
    return apply_op("Log", x, name=name)


def _log1p_grad(op: Any, grad: Any) -> Tensor:
    x = conj(op.inputs[0])
    return apply_op("Mul", grad, apply_op("Reciprocal", apply_op("AddV2", number(1, x), x)))


unary("Log1p", FLOATS_COMPLEX, _log1p_grad, ufunc="log1p")


def log1p(x: Any, name: str | None = None) -> Tensor:
    """Returns log(1 + x) element by element, exact for small x.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.log1p([0.0, 1.0])).round(4))
      [0.     0.6931]
    """
    return apply_op("Log1p", x, name=name)


# ---------------------------------------------------------------------- Ceil, Floor, Rint, Round

unary("Ceil", FLOATS, _no_gradient_through_steps, ufunc="ceil")
unary("Floor", FLOATS, _no_gradient_through_steps, ufunc="floor")
unary("Rint", FLOATS, _no_gradient_through_steps, ufunc="rint")
unary("Round", "bfloat16,half,float,double,int8,int16,int32,int64,complex64,complex128", _no_gradient_through_steps,
      kernel=lambda xp, x: xp.array(x) if x.dtype.kind in "iu" else xp.rint(x))


def ceil(x: Any, name: str | None = None) -> Tensor:
    """Rounds up element by element.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.ceil([1.2, -1.2])))
      [ 2. -1.]
    """
    return apply_op("Ceil", x, name=name)


def floor(x: Any, name: str | None = None) -> Tensor:
    """Rounds down element by element.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.floor([1.2, -1.2])))
      [ 1. -2.]
    """
    return apply_op("Floor", x, name=name)


def rint(x: Any, name: str | None = None) -> Tensor:
    """Rounds to the nearest integer element by element, halves to the even one.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.rint([0.5, 1.5, -1.7])))
      [ 0.  2. -2.]
    """
    return apply_op("Rint", x, name=name)


def round(x: Any, name: str | None = None) -> Tensor:
    """Rounds to the nearest integer element by element, halves to the even one; integers stay as they are.

    Args:
      x: Tensor of numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.round([0.9, 2.5, 2.3, 1.5, -4.5])))
      [ 1.  2.  2.  2. -4.]
    """
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else apply_op("Round", x, name=name)


# ---------------------------------------------------------------------- Sigmoid, Tanh

def _sigmoid(xp: Any, x: Any) -> Any:
    if x.dtype.itemsize == 2:
        return _sigmoid(xp, x.astype(np.float32)).astype(x.dtype)
    return xp.reciprocal(xp.exp(xp.negative(x)) + x.dtype.type(1))


def _sigmoid_out(xp: Any, out: Any, x: Any) -> None:
    if x.dtype.itemsize == 2:
        out[...] = _sigmoid(xp, x)
        return
    xp.negative(x, out)
    xp.exp(out, out)
    xp.add(out, 1, out)
    xp.reciprocal(out, out)


def _sigmoid_grad_kernel(xp: Any, y: Any, dy: Any) -> Any:
    return dy * (y * (y.dtype.type(1) - y))


def _sigmoid_grad_out(xp: Any, out: Any, y: Any, dy: Any) -> None:
    xp.subtract(1, y, out)
    xp.multiply(out, y, out)
    xp.multiply(out, dy, out)


def _sigmoid_grad_grad(op: Any, grad: Any) -> list[Any]:
    y, dy = conj(op.inputs[0]), conj(op.inputs[1])
    both = apply_op("Mul", grad, dy)
    by_y = apply_op("Sub", both, apply_op("Mul", apply_op("Mul", number(2, both), both), y))
    return [by_y, apply_op("SigmoidGrad", y, grad)]


unary("Sigmoid", FLOATS_COMPLEX, lambda op, grad: apply_op("SigmoidGrad", conj(op.outputs[0]), grad), kernel=_sigmoid,
      kernel_out=_sigmoid_out)
of_output("SigmoidGrad", _sigmoid_grad_kernel, _sigmoid_grad_grad, _sigmoid_grad_out)


def sigmoid(x: Any, name: str | None = None) -> Tensor:
    """Returns 1 / (1 + exp(-x)) element by element.

    Args:
      x: Tensor of floats or complex numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sigmoid([0.0, 2.0])).round(4))
      [0.5    0.8808]
    """
    return apply_op("Sigmoid", x, name=name)


def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """Returns log(sigmoid(x)) element by element, exact for large negative x.

    Args:
      x: Tensor of floats.
      name: Name of the scope and its last operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.log_sigmoid([0.0, -100.0])).round(4))
      [  -0.6931 -100.    ]
    """
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("Neg", apply_op("Softplus", apply_op("Neg", x)), name=scope)


def _tanh_grad_kernel(xp: Any, y: Any, dy: Any) -> Any:
    return dy * (y.dtype.type(1) - y * y)


def _tanh_grad_out(xp: Any, out: Any, y: Any, dy: Any) -> None:
    xp.multiply(y, y, out)
    xp.subtract(1, out, out)
    xp.multiply(out, dy, out)


def _tanh_grad_grad(op: Any, grad: Any) -> list[Any]:
    y, dy = conj(op.inputs[0]), conj(op.inputs[1])
    by_y = apply_op("Mul", apply_op("Mul", grad, number(-2, grad)), apply_op("Mul", dy, y))
    return [by_y, apply_op("TanhGrad", y, grad)]


unary("Tanh", FLOATS_COMPLEX, lambda op, grad: apply_op("TanhGrad", conj(op.outputs[0]), grad), ufunc="tanh")
of_output("TanhGrad", _tanh_grad_kernel, _tanh_grad_grad, _tanh_grad_out)


def tanh(x: Any, name: str | None = None) -> Any:
    """Returns the hyperbolic tangent element by element.

    Args:
      x: Tensor of floats or complex numbers, or SparseTensor of such values.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.tanh([0.0, 1.0])).round(4))
      [0.     0.7616]
    """
    if isinstance(x, SparseTensor):
        return map_values("Tanh", x, name)
    return apply_op("Tanh", x, name=name)


# ---------------------------------------------------------------------- IsNan, IsInf, IsFinite

for _type, _ufunc in (("IsNan", "isnan"), ("IsInf", "isinf"), ("IsFinite", "isfinite")):
    define_op(_type, "x:T", "y:bool", f"T:type{{{FLOATS}}}", shape=same_shape, ufunc=_ufunc, gradient=NO_GRADIENT)


def is_nan(x: Any, name: str | None = None) -> Tensor:
    """Says which elements are NaN.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Returns:
      A bool Tensor of the shape of `x`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.is_nan([1.0, np.nan])))
      [False  True]
    """
    return apply_op("IsNan", x, name=name)


def is_inf(x: Any, name: str | None = None) -> Tensor:
    """Says which elements are infinite.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Returns:
      A bool Tensor of the shape of `x`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.is_inf([1.0, np.inf, np.nan])))
      [False  True False]
    """
    return apply_op("IsInf", x, name=name)


def is_finite(x: Any, name: str | None = None) -> Tensor:
    """Says which elements are neither infinite nor NaN.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Returns:
      A bool Tensor of the shape of `x`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.is_finite([1.0, np.inf, np.nan])))
      [ True False False]
    """
    return apply_op("IsFinite", x, name=name)
