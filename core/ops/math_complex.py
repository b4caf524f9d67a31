"""Complex numbers: made of parts, taken apart, conjugated."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import complex64, complex128, float32, float64, variant
from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import same_shape, zeros_like
from core.ops.constant import constant
from core.ops.math_broadcast import broadcast_shape, unbroadcast

__all__ = ["angle", "complex", "conj", "imag", "real"]

_PARTS = "T:type=complex64{complex64,complex128}; Tout:type=float{float,double}"


def _zero(like: Any) -> Tensor:
    return constant(0, dtype=like.dtype.base_dtype)


def _of(parts: Any, real: Any, imag: Any) -> Tensor:
    """A complex tensor of two real ones, of the type that belongs to `parts`."""
    wide = parts.dtype.base_dtype is float64
    return apply_op("Complex", real, imag, Tout=complex128 if wide else complex64)


# ---------------------------------------------------------------------- Complex

def _complex(xp: Any, real: Any, imag: Any) -> Any:
    out = xp.empty(np.broadcast_shapes(real.shape, imag.shape),
                   np.complex128 if real.dtype == np.float64 else np.complex64)
    out.real = real
    out.imag = imag
    return out


def _complex_grad(op: Any, grad: Any) -> list[Any]:
    real, _ = op.inputs
    tout = real.dtype.base_dtype
    return unbroadcast(op, apply_op("Real", grad, Tout=tout), apply_op("Imag", grad, Tout=tout))


define_op("Complex", "real:T, imag:T", "out:Tout",
          "T:type=float{float,double}; Tout:type=complex64{complex64,complex128}", shape=broadcast_shape,
          kernel=_complex, gradient=_complex_grad)


def complex(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """Makes complex numbers of real and imaginary parts.

    Args:
      real: Tensor of float32 or float64.
      imag: Tensor of the type of `real`.
      name: Name of the operation.

    Returns:
      A Tensor of complex64 or complex128.

    Raises:
      TypeError: The parts are not of one float type.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.complex([2.25, 3.25], [4.75, 5.75])))
      [2.25+4.75j 3.25+5.75j]
    """
    real = convert_to_tensor(real, name="real")
    imag = convert_to_tensor(imag, name="imag")
    with name_scope(name, "Complex", [real, imag]) as scope:
        types = (real.dtype.base_dtype, imag.dtype.base_dtype)
        if types == (float64, float64):
            return apply_op("Complex", real, imag, Tout=complex128, name=scope)
        if types == (float32, float32):
            return apply_op("Complex", real, imag, Tout=complex64, name=scope)
        raise TypeError(f"real and imag have incorrect types: {types[0].name} {types[1].name}. Both must be float32 or "
                        "both float64.")


# ---------------------------------------------------------------------- Real, Imag, Angle, ComplexAbs, Conj

def _angle_grad(op: Any, grad: Any) -> Tensor:
    x = op.inputs[0]
    tout = grad.dtype.base_dtype
    turned = _of(grad, apply_op("Imag", x, Tout=tout), apply_op("Real", x, Tout=tout))
    return apply_op("Mul", apply_op("Neg", _of(grad, grad, _zero(grad))), apply_op("Reciprocal", turned))


def _abs_grad(op: Any, grad: Any) -> Tensor:
    return apply_op("Mul", _of(grad, grad, apply_op("ZerosLike", grad)), apply_op("Sign", op.inputs[0]))


define_op("Real", "input:T", "output:Tout", _PARTS, shape=same_shape, kernel=lambda xp, x: xp.array(x.real),
          gradient=lambda op, grad: _of(grad, grad, _zero(grad)))
define_op("Imag", "input:T", "output:Tout", _PARTS, shape=same_shape, kernel=lambda xp, x: xp.array(x.imag),
          gradient=lambda op, grad: _of(grad, _zero(grad), grad))
define_op("Angle", "input:T", "output:Tout", _PARTS, shape=same_shape,
          kernel=lambda xp, x: xp.arctan2(x.imag, x.real), gradient=_angle_grad)
define_op("ComplexAbs", "x:T", "y:Tout", _PARTS, shape=same_shape, ufunc="absolute", gradient=_abs_grad)
define_op("Conj", "input:T", "output:T", "T:type=complex64{complex64,complex128,variant}", shape=same_shape,
          ufunc="conjugate", gradient=lambda op, grad: apply_op("Conj", grad))


def real(input: Any, name: str | None = None) -> Tensor:
    """Returns the real part; real tensors as they are.

    Args:
      input: Tensor of numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.real([-2.25 + 4.75j, 3.25 + 5.75j])))
      [-2.25  3.25]
    """
    with name_scope(name, "Real", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        if not input.dtype.is_complex:
            return input
        return apply_op("Real", input, Tout=input.dtype.base_dtype.real_dtype, name=scope)


def imag(input: Any, name: str | None = None) -> Tensor:
    """Returns the imaginary part; of real tensors zeros.

    Args:
      input: Tensor of numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.imag([-2.25 + 4.75j, 3.25 + 5.75j])))
      [4.75 5.75]
    """
    with name_scope(name, "Imag", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        if not input.dtype.is_complex:
            return zeros_like(input)
        return apply_op("Imag", input, Tout=input.dtype.base_dtype.real_dtype, name=scope)


def angle(input: Any, name: str | None = None) -> Tensor:
    """Returns the argument of complex numbers, between -pi and pi; of real tensors zeros.

    Args:
      input: Tensor of numbers.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.angle([1j, -1 + 0j])))
      [1.57079633 3.14159265]
    """
    with name_scope(name, "Angle", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        if not input.dtype.is_complex:
            return zeros_like(input)
        return apply_op("Angle", input, Tout=input.dtype.base_dtype.real_dtype, name=scope)


def conj(x: Any, name: str | None = None) -> Tensor:
    """Returns the complex conjugate; real tensors as they are.

    Args:
      x: Tensor of numbers.
      name: Name of the operation.

    Raises:
      TypeError: `x` is not of numbers.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.conj([1 + 2j, 3 - 4j])))
      [1.-2.j 3.+4.j]
    """
    if isinstance(x, Tensor) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with name_scope(name, "Conj", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex or x.dtype.base_dtype is variant:
            return apply_op("Conj", x, name=scope)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}")
