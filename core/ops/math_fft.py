"""Fourier transforms, real and complex, in one to three dimensions; cosine transforms; shifts of the spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import complex64, complex128, float32, float64, int32
from core.graph import Tensor, apply_op, constant_value, convert_to_tensor, define_op, name_scope
from core.ops.constant import constant
from core.ops.math_complex import real
from core.shapes import TensorShape, unknown_shape

__all__ = ["fft", "fft2d", "fft3d", "ifft", "ifft2d", "ifft3d"]

_COMPLEX = "Tcomplex:type=complex64{complex64,complex128}"
_REAL = "Treal:type=float{float,double}; " + _COMPLEX


def _name(kind: str, rank: int) -> str:
    return kind if rank == 1 else f"{kind}{rank}D"


def _at_least(rank: int) -> Any:
    def rule(input: Tensor) -> TensorShape:
        if input.shape.ndims is not None and input.shape.ndims < rank:
            raise ValueError(f"Shape must be at least rank {rank} but is rank {input.shape.ndims}")
        return input.shape
    return rule


def _axes(rank: int) -> tuple[int, ...]:
    return tuple(range(-rank, 0))


# ---------------------------------------------------------------------- FFT, IFFT and their kin

def _transform(function: str, rank: int) -> Any:
    def kernel(xp: Any, x: Any) -> Any:
        if x.ndim < rank:
            raise ValueError(f"Input must have rank of at least {rank} but got: {list(x.shape)}")
        return getattr(np.fft, function)(x, axes=_axes(rank)).astype(x.dtype, copy=False)
    return kernel


def _count(x: Tensor, rank: int) -> Tensor:
    """The number of elements that a transform mixes, of the real type that belongs to `x`."""
    dims: Any = x.shape.as_list()[-rank:] if x.shape.ndims is not None else [None]
    dtype = x.dtype.base_dtype.real_dtype
    if None not in dims:
        return constant(float(np.prod(dims)), dtype=dtype)
    sizes = apply_op("StridedSlice", apply_op("Shape", x), [-rank], [0], [1], end_mask=1)
    return apply_op("Cast", apply_op("Prod", sizes, 0), DstT=dtype)


def _complex_of(x: Tensor) -> Tensor:
    wide = complex128 if x.dtype.base_dtype is float64 else complex64
    return apply_op("Cast", x, DstT=wide)


def _define_complex(rank: int) -> None:
    forward, back = _name("FFT", rank), _name("IFFT", rank)
    define_op(forward, "input:Tcomplex", "output:Tcomplex", _COMPLEX, shape=_at_least(rank),
              kernel=_transform("fftn", rank),
              gradient=lambda op, grad: apply_op(back, grad) * _complex_of(_count(grad, rank)))
    define_op(back, "input:Tcomplex", "output:Tcomplex", _COMPLEX, shape=_at_least(rank),
              kernel=_transform("ifftn", rank),
              gradient=lambda op, grad: apply_op(forward, grad) / _complex_of(_count(grad, rank)))


# ---------------------------------------------------------------------- RFFT, IRFFT and their kin

def _real_shape(rank: int, inverse: bool) -> Any:
    def rule(input: Tensor, fft_length: Tensor) -> TensorShape:
        _at_least(rank)(input)
        dims = input.shape.as_tuple()
        if fft_length.shape.ndims is not None and fft_length.shape.as_list() not in ([rank], [None]):
            raise ValueError(f"fft_length must be a vector of {rank} elements, got shape {fft_length.shape}")
        if dims is None:
            return unknown_shape()
        lengths = constant_value(fft_length)
        if lengths is None:
            return TensorShape.from_tuple((*dims[:-rank], *[None] * rank))
        tail = [int(n) for n in lengths]
        if not inverse:
            tail[-1] = tail[-1] // 2 + 1 if tail[-1] else 0
        return TensorShape.from_tuple((*dims[:-rank], *tail))
    return rule


def _fitted(x: Any, sizes: Any) -> Any:
    """`x` cut or padded with zeros at the end of its last axes."""
    for axis, size in zip(range(-len(sizes), 0), sizes, strict=True):
        have = x.shape[axis]
        if have > size:
            x = x[(Ellipsis, slice(0, size), *[slice(None)] * (-axis - 1))]
        elif have < size:
            pad = [(0, 0)] * x.ndim
            pad[axis] = (0, size - have)
            x = np.pad(x, pad)
    return x


def _real_kernel(rank: int) -> Any:
    def kernel(xp: Any, x: Any, fft_length: Any, *, Tcomplex: Any) -> Any:
        sizes = [int(n) for n in fft_length]
        if x.ndim < rank or len(sizes) != rank:
            raise ValueError(f"Input of shape {list(x.shape)} and fft_length {sizes} do not fit {rank} dimensions")
        if 0 in sizes:
            return np.zeros((*x.shape[:-rank], *sizes[:-1], sizes[-1] // 2 + 1 if sizes[-1] else 0), Tcomplex.np_dtype)
        if any(have < n for have, n in zip(x.shape[-rank:], sizes, strict=True)) and x.size == 0:
            raise ValueError(f"Input of shape {list(x.shape)} is too short for fft_length {sizes}")
        return np.fft.rfftn(_fitted(x, sizes), axes=_axes(rank)).astype(Tcomplex.np_dtype, copy=False)
    return kernel


def _inverse_kernel(rank: int) -> Any:
    def kernel(xp: Any, x: Any, fft_length: Any, *, Treal: Any) -> Any:
        sizes = [int(n) for n in fft_length]
        if x.ndim < rank or len(sizes) != rank:
            raise ValueError(f"Input of shape {list(x.shape)} and fft_length {sizes} do not fit {rank} dimensions")
        if 0 in sizes:
            return np.zeros((*x.shape[:-rank], *sizes), Treal.np_dtype)
        x = _fitted(x, [*sizes[:-1], sizes[-1] // 2 + 1])
        return np.fft.irfftn(x, s=sizes, axes=_axes(rank)).astype(Treal.np_dtype, copy=False)
    return kernel


def _real_grad(rank: int) -> Any:
    """Spreads the gradient over the half of the spectrum that was left out, as a complex transform of the whole.

    The gradient of x is the real part of the unscaled inverse transform of the gradient, padded with zeros.
    """
    def rule(op: Any, grad: Any) -> list[Any]:
        x, lengths = op.inputs
        full = apply_op("StridedSlice", lengths, [-1], [0], [1], end_mask=1, shrink_axis_mask=0)
        width = apply_op("StridedSlice", apply_op("Shape", grad), [-1], [0], [1], end_mask=1)
        rest = [apply_op("Pack", [0, 0])] * ((x.shape.ndims or rank) - 1)
        last = apply_op("ConcatV2", [constant(np.zeros(1, np.int32)), apply_op("Sub", full, width)], 0)
        padded = apply_op("Pad", grad, apply_op("Pack", [*rest, last]))
        spread = apply_op(_name("IFFT", rank), padded)
        result = real(spread) * _count(spread, rank)
        return [_back_to(result, x, rank), None]
    return rule


def _inverse_grad(rank: int) -> Any:
    """The real transform of the gradient over the number of elements, with inner frequencies counted twice."""
    def rule(op: Any, grad: Any) -> list[Any]:
        x, lengths = op.inputs
        spectrum = apply_op(_name("RFFT", rank), grad, lengths, Tcomplex=x.dtype.base_dtype)
        width = apply_op("StridedSlice", apply_op("Shape", spectrum), [-1], [0], [1], shrink_axis_mask=1)
        full = apply_op("StridedSlice", lengths, [-1], [0], [1], shrink_axis_mask=1)
        is_odd = apply_op("FloorMod", full, 2)
        inner = apply_op("Maximum", apply_op("AddV2", apply_op("Sub", width, 2), is_odd), 0)
        twice = apply_op("Fill", apply_op("Pack", [inner]), constant(2.0, dtype=grad.dtype.base_dtype))
        end = apply_op("Minimum", apply_op("Sub", 1, is_odd), apply_op("Sub", width, 1))
        once = apply_op("Fill", apply_op("Pack", [end]), constant(1.0, dtype=grad.dtype.base_dtype))
        weights = apply_op("ConcatV2", [constant([1.0], dtype=grad.dtype.base_dtype), twice, once], 0)
        scaled = spectrum * _complex_of(apply_op("RealDiv", weights, _count(grad, rank)))
        return [_back_to(scaled, x, rank), None]
    return rule


def _back_to(value: Tensor, x: Tensor, rank: int) -> Tensor:
    """Cuts or pads the last axes of a gradient to the sizes that the input had."""
    if value.shape.is_fully_defined() and value.shape.as_list() == x.shape.as_list():
        return value
    have: Any
    want: Any
    if value.shape.is_fully_defined() and x.shape.is_fully_defined():
        have, want = value.shape.as_list(), x.shape.as_list()
        if any(h > w for h, w in zip(have, want, strict=True)):
            value = value[tuple(slice(0, n) for n in want)]
        pads = [[0, max(w - h, 0)] for h, w in zip(have, want, strict=True)]
        return apply_op("Pad", value, np.array(pads, np.int32)) if any(p[1] for p in pads) else value
    want, have = apply_op("Shape", x), apply_op("Shape", value)
    cut = apply_op("Slice", value, apply_op("ZerosLike", have), apply_op("Minimum", have, want))
    missing = apply_op("Maximum", apply_op("Sub", want, have), 0)
    pads = apply_op("Pack", [apply_op("ZerosLike", missing), missing], axis=1)
    return apply_op("Pad", cut, pads)


def _define_real(rank: int) -> None:
    define_op(_name("RFFT", rank), "input:Treal, fft_length:int32", "output:Tcomplex", _REAL,
              shape=_real_shape(rank, False), kernel=_real_kernel(rank), gradient=_real_grad(rank))
    define_op(_name("IRFFT", rank), "input:Tcomplex, fft_length:int32", "output:Treal", _REAL,
              shape=_real_shape(rank, True), kernel=_inverse_kernel(rank), gradient=_inverse_grad(rank))


for _rank in (1, 2, 3):
    _define_complex(_rank)
    _define_real(_rank)


# ---------------------------------------------------------------------- public functions

def fft(input: Any, name: str | None = None) -> Tensor:
    """Computes the discrete Fourier transform over the last axis.

    Args:
      input: Tensor of complex64 or complex128, of rank 1 or more.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.fft(tf.ones([4], tf.complex64))).real.ravel()[:2])
      [4. 0.]
    """
    return apply_op("FFT", input, name=name)


def ifft(input: Any, name: str | None = None) -> Tensor:
    """Computes the inverse discrete Fourier transform over the last axis.

    Args:
      input: Tensor of complex64 or complex128, of rank 1 or more.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.ifft(tf.ones([4], tf.complex64))).real.ravel()[:2])
      [1. 0.]
    """
    return apply_op("IFFT", input, name=name)


def fft2d(input: Any, name: str | None = None) -> Tensor:
    """Computes the discrete Fourier transform over the last two axes.

    Args:
      input: Tensor of complex64 or complex128, of rank 2 or more.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.fft2d(tf.ones([2, 4], tf.complex64))).real.ravel()[:2])
      [8. 0.]
    """
    return apply_op("FFT2D", input, name=name)


def ifft2d(input: Any, name: str | None = None) -> Tensor:
    """Computes the inverse discrete Fourier transform over the last two axes.

    Args:
      input: Tensor of complex64 or complex128, of rank 2 or more.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.ifft2d(tf.ones([2, 4], tf.complex64))).real.ravel()[:2])
      [1. 0.]
    """
    return apply_op("IFFT2D", input, name=name)


def fft3d(input: Any, name: str | None = None) -> Tensor:
    """Computes the discrete Fourier transform over the last three axes.

    Args:
      input: Tensor of complex64 or complex128, of rank 3 or more.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.fft3d(tf.ones([2, 2, 4], tf.complex64))).real.ravel()[:2])
      [16. 0.]
    """
    return apply_op("FFT3D", input, name=name)


def ifft3d(input: Any, name: str | None = None) -> Tensor:
    """Computes the inverse discrete Fourier transform over the last three axes.

    Args:
      input: Tensor of complex64 or complex128, of rank 3 or more.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.ifft3d(tf.ones([2, 2, 4], tf.complex64))).real.ravel()[:2])
      [1. 0.]
    """
    return apply_op("IFFT3D", input, name=name)


def _lengths(x: Tensor, fft_length: Any, rank: int, inverse: bool) -> Any:
    """The sizes of a real transform: as given, else those of `x` (which an inverse one has to guess)."""
    if fft_length is not None:
        return convert_to_tensor(fft_length, int32)
    dims = x.shape.as_list()[-rank:] if x.shape.ndims is not None else [None]
    if None not in dims:
        if inverse and dims[-1]:
            dims[-1] = max(0, 2 * (dims[-1] - 1))
        return constant(np.array(dims, np.int32))
    sizes = apply_op("StridedSlice", apply_op("Shape", x), [-rank], [0], [1], end_mask=1)
    if inverse:
        lead = sizes[:-1]
        last = apply_op("Maximum", 0, 2 * (sizes[-1:] - 1))
        return apply_op("ConcatV2", [lead, last], 0, name="concat")
    return sizes


def _real_transform(x: Any, fft_length: Any, rank: int, name: str | None) -> Tensor:
    op_type = _name("RFFT", rank)
    with name_scope(name, _name("rfft", rank).lower(), [x, fft_length]) as scope:
        x = convert_to_tensor(x, dtype_hint=float32)
        if x.dtype.base_dtype not in (float32, float64):
            raise TypeError(f"RFFT requires tf.float32 or tf.float64 inputs, got: {x.dtype!r}")
        wide = complex128 if x.dtype.base_dtype is float64 else complex64
        return apply_op(op_type, _grown(x, fft_length, rank, False), _lengths(x, fft_length, rank, False),
                        Tcomplex=wide, name=scope)


def _inverse_transform(x: Any, fft_length: Any, rank: int, name: str | None) -> Tensor:
    op_type = _name("IRFFT", rank)
    with name_scope(name, _name("irfft", rank).lower(), [x, fft_length]) as scope:
        x = convert_to_tensor(x, dtype_hint=complex64)
        return apply_op(op_type, _grown(x, fft_length, rank, True), _lengths(x, fft_length, rank, True),
                        Treal=x.dtype.base_dtype.real_dtype, name=scope)


def _grown(x: Tensor, fft_length: Any, rank: int, inverse: bool) -> Tensor:
    """`x` padded with zeros where a known `fft_length` is longer, as TensorFlow builds it."""
    lengths = None if fft_length is None else constant_value(convert_to_tensor(fft_length, int32))
    if lengths is None or x.shape.ndims is None:
        return x
    want = [int(n) for n in lengths]
    if inverse and want[-1]:
        want[-1] = want[-1] // 2 + 1
    have: Any = x.shape.as_list()[-rank:]
    if None in have or all(h >= w for h, w in zip(have, want, strict=True)):
        return x
    pads = [[0, 0]] * (x.shape.ndims - rank) + [[0, max(0, w - h)] for h, w in zip(have, want, strict=True)]
    return apply_op("Pad", x, np.array(pads, np.int32))


def rfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """Computes the discrete Fourier transform of real numbers over the last axis (`tf.spectral.rfft`).

    Args:
      input_tensor: Tensor of float32 or float64, of rank 1 or more.
      fft_length: Sizes to cut or pad to, a vector of 1; by default those of the input.
      name: Name of the operation.

    Returns:
      The half of the spectrum that is not redundant: the last axis has ``n // 2 + 1`` elements.

    Example:
      >>> print(tf.spectral.rfft(tf.zeros([4])).shape)
      (3,)
    """
    return _real_transform(input_tensor, fft_length, 1, name)


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """Computes the inverse of `rfft` (`tf.spectral.irfft`).

    Args:
      input_tensor: Tensor of complex64 or complex128, of rank 1 or more.
      fft_length: Sizes of the result, a vector of 1; by default ``2 * (n - 1)`` for the last axis.
      name: Name of the operation.

    Returns:
      A Tensor of real numbers.

    Example:
      >>> print(tf.spectral.irfft(tf.zeros([3], tf.complex64)).shape)
      (4,)
    """
    return _inverse_transform(input_tensor, fft_length, 1, name)


def rfft2d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """Computes the discrete Fourier transform of real numbers over the last two axes (`tf.spectral.rfft2d`).

    Args:
      input_tensor: Tensor of float32 or float64, of rank 2 or more.
      fft_length: Sizes to cut or pad to, a vector of 2; by default those of the input.
      name: Name of the operation.

    Returns:
      The half of the spectrum that is not redundant: the last axis has ``n // 2 + 1`` elements.

    Example:
      >>> print(tf.spectral.rfft2d(tf.zeros([2, 4])).shape)
      (2, 3)
    """
    return _real_transform(input_tensor, fft_length, 2, name)


def irfft2d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """Computes the inverse of `rfft2d` (`tf.spectral.irfft2d`).

    Args:
      input_tensor: Tensor of complex64 or complex128, of rank 2 or more.
      fft_length: Sizes of the result, a vector of 2; by default ``2 * (n - 1)`` for the last axis.
      name: Name of the operation.

    Returns:
      A Tensor of real numbers.

    Example:
      >>> print(tf.spectral.irfft2d(tf.zeros([2, 3], tf.complex64)).shape)
      (2, 4)
    """
    return _inverse_transform(input_tensor, fft_length, 2, name)


def rfft3d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """Computes the discrete Fourier transform of real numbers over the last three axes (`tf.spectral.rfft3d`).

    Args:
      input_tensor: Tensor of float32 or float64, of rank 3 or more.
      fft_length: Sizes to cut or pad to, a vector of 3; by default those of the input.
      name: Name of the operation.

    Returns:
      The half of the spectrum that is not redundant: the last axis has ``n // 2 + 1`` elements.

    Example:
      >>> print(tf.spectral.rfft3d(tf.zeros([2, 2, 4])).shape)
      (2, 2, 3)
    """
    return _real_transform(input_tensor, fft_length, 3, name)


def irfft3d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """Computes the inverse of `rfft3d` (`tf.spectral.irfft3d`).

    Args:
      input_tensor: Tensor of complex64 or complex128, of rank 3 or more.
      fft_length: Sizes of the result, a vector of 3; by default ``2 * (n - 1)`` for the last axis.
      name: Name of the operation.

    Returns:
      A Tensor of real numbers.

    Example:
      >>> print(tf.spectral.irfft3d(tf.zeros([2, 2, 3], tf.complex64)).shape)
      (2, 2, 4)
    """
    return _inverse_transform(input_tensor, fft_length, 3, name)
