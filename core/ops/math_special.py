"""Special functions: error function, gamma and its kin, Bessel functions; SciPy computes them, loaded when first used.

Where SciPy is missing, the commonest few go through Python's `math`, element by element.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.math_broadcast import broadcast_shape, unbroadcast
from core.ops.math_reduce import reduce_sum
from core.ops.math_unary import FLOATS, number, unary
from core.shapes import TensorShape, broadcast_all

__all__ = [
    "betainc", "digamma", "erf", "erfc", "igamma", "igammac", "lbeta", "lgamma", "polygamma", "zeta",
]

_WITHOUT_SCIPY = {"erf": math.erf, "erfc": math.erfc, "gammaln": math.lgamma}


def _special(name: str) -> Any:
    """Kernel: the function of `scipy.special`, in float32 at least."""
    def kernel(xp: Any, *arrays: Any) -> Any:
        dtype = arrays[0].dtype
        wide = [a.astype(np.float32) if dtype.itemsize == 2 else a for a in arrays]
        try:
            from scipy import special  # optional engine, slow to import, seldom needed
        except ImportError:
            if name not in _WITHOUT_SCIPY:
                raise NotImplementedError(
                    f"{name} is computed by SciPy, which is not installed: `pip install scipy`.") from None
            plain = np.vectorize(_WITHOUT_SCIPY[name], otypes=[np.float64])
            return plain(*wide).astype(dtype)
        return np.asarray(getattr(special, name)(*wide)).astype(dtype, copy=False)
    return kernel


# ---------------------------------------------------------------------- Erf, Erfc, Erfinv, Ndtri

def _bell(op: Any, grad: Any, factor: float) -> Tensor:
    x = op.inputs[0]
    slope = apply_op("Mul", number(factor, x), apply_op("Exp", apply_op("Neg", apply_op("Square", x))))
    return apply_op("Mul", grad, slope)


def _inverse_bell(op: Any, grad: Any, factor: float, exponent: float) -> Tensor:
    y = op.outputs[0]
    slope = apply_op("Exp", apply_op("Mul", number(exponent, y), apply_op("Square", y)))
    return apply_op("Mul", grad, apply_op("Mul", number(factor, y), slope))


_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
unary("Erf", FLOATS, lambda op, grad: _bell(op, grad, _TWO_OVER_ROOT_PI), kernel=_special("erf"))
unary("Erfc", FLOATS, lambda op, grad: _bell(op, grad, -_TWO_OVER_ROOT_PI), kernel=_special("erfc"))
unary("Erfinv", FLOATS, lambda op, grad: _inverse_bell(op, grad, math.sqrt(math.pi) / 2, 1.0),
      kernel=_special("erfinv"))
unary("Ndtri", FLOATS, lambda op, grad: _inverse_bell(op, grad, math.sqrt(2 * math.pi), 0.5), kernel=_special("ndtri"))


def erf(x: Any, name: str | None = None) -> Tensor:
    """Computes the error function, 2/sqrt(pi) times the integral of exp(-t*t) from 0 to x.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.erf([0.0, 1.0])).round(4))
      [0.     0.8427]
    """
    return apply_op("Erf", x, name=name)


def erfc(x: Any, name: str | None = None) -> Tensor:
    """Computes 1 - erf(x), exact for large x.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.erfc([0.0, 1.0])).round(4))
      [1.     0.1573]
    """
    return apply_op("Erfc", x, name=name)


# ---------------------------------------------------------------------- Lgamma, Digamma, lbeta

unary("Lgamma", FLOATS, lambda op, grad: apply_op("Mul", grad, apply_op("Digamma", op.inputs[0])),
      kernel=_special("gammaln"))
unary("Digamma", FLOATS,
      lambda op, grad: apply_op("Mul", grad, apply_op("Polygamma", number(1, op.inputs[0]), op.inputs[0])),
      kernel=_special("psi"))


def lgamma(x: Any, name: str | None = None) -> Tensor:
    """Computes the logarithm of the absolute value of the gamma function.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.lgamma([0.5, 1.0, 4.0])).round(4))
      [0.5724 0.     1.7918]
    """
    return apply_op("Lgamma", x, name=name)


def digamma(x: Any, name: str | None = None) -> Tensor:
    """Computes the derivative of `lgamma`.

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.digamma([1.0, 4.0])).round(4))
      [-0.5772  1.2561]
    """
    return apply_op("Digamma", x, name=name)


def lbeta(x: Any, name: str | None = None) -> Tensor:
    """Computes the logarithm of the absolute value of the beta function over the last axis.

    Args:
      x: Tensor of floats ``[..., n]``.
      name: Name of the scope.

    Returns:
      A Tensor ``[...]``: the sum of lgamma(x) less lgamma of the sum.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.lbeta([2.0, 3.0])).round(4))
      -2.4849
    """
    with name_scope(name, "lbeta", [x]):
        x = convert_to_tensor(x, name="x")
        parts = reduce_sum(apply_op("Lgamma", x), axis=[-1])
        whole = apply_op("Lgamma", reduce_sum(x, axis=[-1]))
        return apply_op("Sub", parts, whole, name="sub")


# ---------------------------------------------------------------------- Igamma, Igammac, IgammaGradA

def _igamma_by_a(xp: Any, a: Any, x: Any) -> Any:
    """The derivative of the regularised lower incomplete gamma function by `a`.

    Differentiates the power series ``x^a e^-x / Gamma(a) * sum x^n / (a (a+1) ... (a+n))`` term by term for small x,
    and numerically (a five-point rule on SciPy's function in double precision) elsewhere.
    """
    from scipy import special  # optional engine, slow to import, seldom needed
    dtype = np.result_type(a, x)
    a, x = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(x, np.float64))
    step = np.maximum(np.abs(a), 1e-3) * 1e-3
    points = [special.gammainc(a + k * step, x) for k in (-2, -1, 1, 2)]
    slope = (points[0] - 8 * points[1] + 8 * points[2] - points[3]) / (12 * step)
    # The series, where it is short enough: exact to rounding.
    small = (x <= a + 1) & (a > 0) & (x > 0)
    if small.any():
        aa, xx = a[small], x[small]
        log_front = aa * np.log(xx) - xx - special.gammaln(aa)
        term, inverse = 1 / aa, 1 / aa
        total, weighted = term.copy(), -term * inverse
        for n in range(1, 500):
            term = term * xx / (aa + n)
            inverse = inverse + 1 / (aa + n)
            total += term
            weighted -= term * inverse
            if np.all(np.abs(term * inverse) <= 1e-17 * np.abs(weighted)):
                break
        slope[small] = np.exp(log_front) * (total * (np.log(xx) - special.psi(aa)) + weighted)
    slope = np.where(x == 0, 0.0, slope)
    return np.asarray(slope).astype(dtype)


define_op("IgammaGradA", "a:T, x:T", "z:T", "T:type{float,double}", shape=broadcast_shape, kernel=_igamma_by_a)


def _igamma_grad(op: Any, grad: Any, sign: int = 1) -> list[Any]:
    a, x = op.inputs
    one = number(1, a)
    exponent = apply_op("Sub", apply_op("Mul", apply_op("Sub", a, one), apply_op("Log", x)),
                        apply_op("AddV2", x, apply_op("Lgamma", a)))
    by_a = apply_op("Mul", apply_op("IgammaGradA", a, x), grad)
    by_x = apply_op("Mul", apply_op("Exp", exponent), grad)
    if sign < 0:
        by_a, by_x = apply_op("Neg", by_a), apply_op("Neg", by_x)
    return unbroadcast(op, by_a, by_x)


define_op("Igamma", "a:T, x:T", "z:T", f"T:type{{{FLOATS}}}", shape=broadcast_shape, kernel=_special("gammainc"),
          gradient=_igamma_grad)
define_op("Igammac", "a:T, x:T", "z:T", f"T:type{{{FLOATS}}}", shape=broadcast_shape, kernel=_special("gammaincc"),
          gradient=lambda op, grad: _igamma_grad(op, grad, -1))


def igamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """Computes the lower regularised incomplete gamma function P(a, x).

    Args:
      a: Tensor of floats, positive.
      x: Tensor of the type of `a`, of a shape that broadcasts with it, not negative.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.igamma(1.0, [0.0, 1.0])).round(4))
      [0.     0.6321]
    """
    return apply_op("Igamma", a, x, name=name)


def igammac(a: Any, x: Any, name: str | None = None) -> Tensor:
    """Computes the upper regularised incomplete gamma function Q(a, x) = 1 - P(a, x).

    Args:
      a: Tensor of floats, positive.
      x: Tensor of the type of `a`, of a shape that broadcasts with it, not negative.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.igammac(1.0, [0.0, 1.0])).round(4))
      [1.     0.3679]
    """
    return apply_op("Igammac", a, x, name=name)


# ---------------------------------------------------------------------- Zeta, Polygamma, Betainc

def _zeta_grad(op: Any, grad: Any) -> list[Any]:
    x, q = op.inputs
    slope = apply_op("Mul", apply_op("Neg", x), apply_op("Zeta", apply_op("AddV2", x, number(1, x)), q))
    return unbroadcast(op, None, apply_op("Mul", slope, grad))


def _polygamma_grad(op: Any, grad: Any) -> list[Any]:
    n, x = op.inputs
    slope = apply_op("Polygamma", apply_op("AddV2", n, number(1, n)), x)
    return unbroadcast(op, None, apply_op("Mul", slope, grad))


def _zeta(xp: Any, x: Any, q: Any) -> Any:
    from scipy import special  # optional engine, slow to import, seldom needed
    return np.asarray(special.zeta(x.astype(np.float64), q.astype(np.float64))).astype(x.dtype)


def _polygamma(xp: Any, a: Any, x: Any) -> Any:
    from scipy import special  # optional engine, slow to import, seldom needed
    order, place = a.astype(np.float64), x.astype(np.float64)
    value = np.where(order % 2 == 0, -1.0, 1.0) * special.gamma(order + 1) * special.zeta(order + 1, place)
    value = np.where(order == 0, special.psi(place), value)
    return np.asarray(np.where((order < 0) | (order % 1 != 0), np.nan, value)).astype(x.dtype)


define_op("Zeta", "x:T, q:T", "z:T", "T:type{float,double}", shape=broadcast_shape, kernel=_zeta, gradient=_zeta_grad)
define_op("Polygamma", "a:T, x:T", "z:T", "T:type{float,double}", shape=broadcast_shape, kernel=_polygamma,
          gradient=_polygamma_grad)


def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """Computes the Hurwitz zeta function, the sum over n of (q + n) to the power of -x.

    Args:
      x: Tensor of float32 or float64, greater than 1.
      q: Tensor of the type of `x`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.zeta([2.0, 4.0], 1.0)).round(4))
      [1.6449 1.0823]
    """
    return apply_op("Zeta", x, q, name=name)


def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """Computes the derivative of order `a` of `digamma` at x.

    Args:
      a: Tensor of float32 or float64, whole and not negative.
      x: Tensor of the type of `a`, of a shape that broadcasts with it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.polygamma(1.0, [1.0, 2.0])).round(4))
      [1.6449 0.6449]
    """
    return apply_op("Polygamma", a, x, name=name)


def _betainc_shape(a: Tensor, b: Tensor, x: Tensor) -> TensorShape:
    return broadcast_all([a.shape, b.shape, x.shape])


def _betainc_grad(op: Any, grad: Any) -> list[Any]:
    a, b, x = op.inputs
    one = number(1, a)
    beta = apply_op("Sub", apply_op("AddV2", apply_op("Lgamma", a), apply_op("Lgamma", b)),
                    apply_op("Lgamma", apply_op("AddV2", a, b)))
    exponent = apply_op("AddV2", apply_op("Mul", apply_op("Sub", b, one), apply_op("Log1p", apply_op("Neg", x))),
                        apply_op("Sub", apply_op("Mul", apply_op("Sub", a, one), apply_op("Log", x)), beta))
    by_x = apply_op("Mul", apply_op("Exp", exponent), grad)
    if not (x.shape.is_fully_defined() and x.shape.as_list() == op.outputs[0].shape.as_list()):
        axes = apply_op("BroadcastGradientArgs", apply_op("Shape", x), apply_op("Shape", op.outputs[0]))[0]
        by_x = apply_op("Reshape", apply_op("Sum", by_x, axes), apply_op("Shape", x))
    return [None, None, by_x]  # by a and b: not known in closed form, as in TensorFlow


define_op("Betainc", "a:T, b:T, x:T", "z:T", "T:type{float,double}", shape=_betainc_shape, kernel=_special("betainc"),
          gradient=_betainc_grad)


def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Tensor:
    """Computes the regularised incomplete beta function I_x(a, b).

    Args:
      a, b: Tensors of float32 or float64, positive.
      x: Tensor of the same type, between 0 and 1.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.betainc([2.0], [3.0], [0.5])))
      [0.6875]
    """
    return apply_op("Betainc", a, b, x, name=name)


# ---------------------------------------------------------------------- BesselI0e, BesselI1e

def _i0e_grad(op: Any, grad: Any) -> Tensor:
    x, y = op.inputs[0], op.outputs[0]
    slope = apply_op("Sub", apply_op("BesselI1e", x), apply_op("Mul", apply_op("Sign", x), y))
    return apply_op("Mul", grad, slope)


def _i1e_grad(op: Any, grad: Any) -> Tensor:
    x, y = op.inputs[0], op.outputs[0]
    least = number(float(np.finfo(np.float32).eps), x)  # the slope at 0 is 0.5
    away = apply_op("Greater", apply_op("Abs", x), least)
    safe = apply_op("SelectV2", away, x, least)
    kept = apply_op("AddV2", apply_op("Sign", safe), apply_op("Reciprocal", safe))
    slope = apply_op("Sub", apply_op("BesselI0e", safe), apply_op("Mul", y, kept))
    return apply_op("Mul", grad, apply_op("SelectV2", away, slope, number(0.5, x)))


unary("BesselI0e", FLOATS, _i0e_grad, kernel=_special("i0e"))
unary("BesselI1e", FLOATS, _i1e_grad, kernel=_special("i1e"))


def bessel_i0e(x: Any, name: str | None = None) -> Tensor:
    """Computes the modified Bessel function of order 0 times exp(-abs(x)) (`tf.math.bessel_i0e`).

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.bessel_i0e([0.0, 1.0])).round(4))
      [1.     0.4658]
    """
    return apply_op("BesselI0e", x, name=name)


def bessel_i1e(x: Any, name: str | None = None) -> Tensor:
    """Computes the modified Bessel function of order 1 times exp(-abs(x)) (`tf.math.bessel_i1e`).

    Args:
      x: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.bessel_i1e([0.0, 1.0])).round(4))
      [0.     0.2079]
    """
    return apply_op("BesselI1e", x, name=name)


def _unscaled(scaled: str, x: Any, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, [x]):
        x = convert_to_tensor(x, name="x")
        return apply_op("Mul", apply_op("Exp", apply_op("Abs", x)), apply_op(scaled, x), name="mul")


def bessel_i0(x: Any, name: str | None = None) -> Tensor:
    """Computes the modified Bessel function of order 0 (`tf.math.bessel_i0`).

    Args:
      x: Tensor of floats.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.bessel_i0([0.0, 1.0])).round(4))
      [1.     1.2661]
    """
    return _unscaled("BesselI0e", x, name, "bessel_i0")


def bessel_i1(x: Any, name: str | None = None) -> Tensor:
    """Computes the modified Bessel function of order 1 (`tf.math.bessel_i1`).

    Args:
      x: Tensor of floats.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.bessel_i1([0.0, 1.0])).round(4))
      [0.     0.5652]
    """
    return _unscaled("BesselI1e", x, name, "bessel_i1")
