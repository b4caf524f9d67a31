"""Signal processing composed of other ops: cosine transforms, windows, frames, spectra over time, mel scale, shifts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import as_dtype, float32, int32
from core.graph import Tensor, apply_op, constant_value, convert_to_tensor, name_scope
from core.ops.array_basic import ones
from core.ops.constant import constant
from core.ops.math_complex import complex as complex_of
from core.ops.math_complex import real
from core.ops.math_fft import irfft, rfft
from core.ops.math_reduce import reduce_sum

__all__: list[str] = []


def _size(x: Tensor, axis: int = -1) -> Any:
    """The size of one axis: a number where it is known, else a 0-D tensor."""
    known = x.shape.as_list()[axis] if x.shape.ndims is not None else None
    if known is not None:
        return known
    return apply_op("StridedSlice", apply_op("Shape", x), [axis], [axis + 1] if axis != -1 else [0], [1],
                    shrink_axis_mask=1, end_mask=int(axis == -1))


def _number(value: Any, name: str) -> Any:
    """An integer argument: a number where it is known, else a 0-D tensor."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    tensor = convert_to_tensor(value, name=name)
    tensor.shape.assert_has_rank(0)
    known = constant_value(tensor)
    return tensor if known is None else int(known)


def _as_float(value: Any, dtype: Any) -> Tensor:
    if isinstance(value, Tensor):
        return apply_op("Cast", value, DstT=dtype)
    return constant(float(value), dtype=dtype)


# ---------------------------------------------------------------------- cosine transforms

def _check_dct(kind: int, n: Any, axis: int, norm: Any) -> None:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if n is not None and n < 1:
        raise ValueError("n should be a positive integer or None")
    if kind not in (1, 2, 3):
        raise ValueError("Only Types I, II and III (I)DCT are supported.")
    if kind == 1 and norm == "ortho":
        raise ValueError("Normalization is not supported for the Type-I DCT.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")


def dct(input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, name: str | None = None) -> Tensor:
    """Computes the discrete cosine transform over the last axis (`tf.signal.dct`).

    Args:
      input: Tensor ``[..., samples]`` of float32 or float64.
      type: 1, 2 or 3.
      n: Number of samples to cut or pad to.
      axis: Only -1.
      norm: None or "ortho".
      name: Name of the scope.

    Returns:
      A Tensor like `input`.

    Raises:
      ValueError: An argument is not such.  NotImplementedError: Another axis.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.dct([1.0, 2.0, 3.0])).round(3) + 0.0)
      [12.    -3.464  0.   ]

    Source: Ahmed, Natarajan and Rao, "Discrete Cosine Transform", 1974.
    """
    _check_dct(type, n, axis, norm)
    with name_scope(name, "dct", [input]):
        x = convert_to_tensor(input, dtype_hint=float32)
        dtype = x.dtype.base_dtype
        if n is not None:
            x = _of_length(x, n)
        count = _size(x)
        if type == 1:
            return real(rfft(apply_op("ConcatV2", [x, x[..., -2:0:-1]], -1)))
        zero = constant(0.0, dtype=dtype)
        steps = apply_op("Cast", apply_op("Range", 0, count, 1), DstT=dtype)
        angle = steps * constant(math.pi * 0.5, dtype=dtype) / _as_float(count, dtype)
        length = [2 * count] if isinstance(count, int) else apply_op("Pack", [2 * count])
        first, rest = (0.5, math.sqrt(0.5)) if type == 2 else (1.0, math.sqrt(0.5))
        weights = _weights(count, first, rest, type, dtype) if norm == "ortho" else None
        turn = complex_of(zero, -angle if type == 2 else angle)
        scale = apply_op("Exp", turn) * constant(2.0, dtype=turn.dtype)
        if type == 2:
            result = real(rfft(x, fft_length=length)[..., :count] * scale)
            return result if weights is None else result * weights
        x = x * (_as_float(count, dtype) if weights is None else weights)
        return real(irfft(scale * complex_of(x, zero), fft_length=length))[..., :count]


def _weights(count: Any, first: float, rest: float, kind: int, dtype: Any) -> Tensor:
    """What makes a cosine transform orthonormal: one factor for the constant part, another for the waves."""
    root = apply_op("Sqrt", _as_float(count, dtype))
    factor = apply_op("Reciprocal", root) if kind == 2 else root
    head = apply_op("Reshape", factor * constant(first, dtype=dtype), [1])
    tail = apply_op("Fill", apply_op("Pack", [count - 1]), factor * constant(rest, dtype=dtype))
    return apply_op("ConcatV2", [head, tail], 0)


def _of_length(x: Tensor, n: Any) -> Tensor:
    """The last axis cut, or padded with zeros, to `n`."""
    have = _size(x)
    if isinstance(have, int) and isinstance(n, int):
        if have >= n:
            return x[..., :n]
        return apply_op("Pad", x, np.array([[0, 0]] * ((x.shape.ndims or 1) - 1) + [[0, n - have]], np.int32))
    x = x[..., :n]
    missing = apply_op("Maximum", n - _size(x), 0)
    rest = [apply_op("Pack", [0, 0])] * ((x.shape.ndims or 1) - 1)
    return apply_op("Pad", x, apply_op("Pack", [*rest, apply_op("Pack", [0, missing])]))


def idct(input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, name: str | None = None) -> Tensor:
    """Computes the inverse discrete cosine transform over the last axis, but for the scale (`tf.signal.idct`).

    Args:
      input, type, n, axis, norm, name: As in `dct`.

    Returns:
      A Tensor like `input`: for ``norm="ortho"`` the inverse itself, else times ``2 * n``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.idct(tf.signal.dct([1.0, 2.0, 3.0], norm="ortho"), norm="ortho")).round(3))
      [1. 2. 3.]
    """
    _check_dct(type, n, axis, norm)
    return dct(input, type={1: 1, 2: 3, 3: 2}[type], n=n, axis=axis, norm=norm, name=name)


# ---------------------------------------------------------------------- windows

def _raised_cosine(name: str | None, default: str, length: Any, periodic: Any, dtype: Any, a: float,
b: float) -> Tensor:
    dtype = as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {dtype!r}")
    with name_scope(name, default, [length, periodic]):
        known = _number(length, "window_length")
        if known == 1:
            return ones([1], dtype=dtype)
        whole = apply_op("Cast", convert_to_tensor(periodic, name="periodic"), DstT=int32)
        even = 1 - (known % 2)
        span = apply_op("Cast", whole * even + known - 1, DstT=dtype)
        steps = apply_op("Cast", apply_op("Range", 0, known, 1), DstT=dtype)
        angle = constant(2 * math.pi, dtype=dtype) * steps / span
        return a - b * apply_op("Cos", angle)


def hann_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Makes a Hann window (`tf.signal.hann_window`).

    Args:
      window_length: Number of samples, 0-D.
      periodic: Make it for spectra (True) or symmetric for filters (False).
      dtype: A float type.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.hann_window(4)).round(3))
      [0.  0.5 1.  0.5]
    """
    return _raised_cosine(name, "hann_window", window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Makes a Hamming window (`tf.signal.hamming_window`).

    Args:
      window_length: Number of samples, 0-D.
      periodic: Make it for spectra (True) or symmetric for filters (False).
      dtype: A float type.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.hamming_window(4)).round(3))
      [0.08 0.54 1.   0.54]
    """
    return _raised_cosine(name, "hamming_window", window_length, periodic, dtype, 0.54, 0.46)


# ---------------------------------------------------------------------- frames

def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: int = -1,
    name: str | None = None,
) -> Tensor:
    """Cuts a signal into frames that may overlap (`tf.signal.frame`).

    Args:
      signal: Tensor ``[..., samples, ...]`` of known rank.
      frame_length: Samples in a frame, 0-D.
      frame_step: Samples from one frame to the next, 0-D.
      pad_end: Pad the end with `pad_value`, so that every step starts a frame.
      pad_value: A 0-D value.
      axis: The axis of the samples.
      name: Name of the scope.

    Returns:
      A Tensor ``[..., frames, frame_length, ...]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.frame([1, 2, 3, 4, 5], frame_length=3, frame_step=2)))
      [[1 2 3]
       [3 4 5]]
    """
    with name_scope(name, "frame", [signal, frame_length, frame_step, pad_value]):
        signal = convert_to_tensor(signal, name="signal")
        length, step = _number(frame_length, "frame_length"), _number(frame_step, "frame_step")
        ndims = signal.shape.ndims
        if ndims is None:
            raise ValueError(f"The rank of the signal {signal.name} must be known while building.")
        if not -ndims <= axis < ndims:
            raise ValueError(f"axis {axis} is out of range for a signal of rank {ndims}.")
        at = axis % ndims
        samples = _size(signal, at - ndims)
        if pad_end:
            count = -((-samples) // step) if isinstance(samples, int) and isinstance(step, int) else \
                (samples + step - 1) // step
            needed = (count - 1) * step + length
            missing = max(0, needed - samples) if isinstance(needed, int) and isinstance(samples, int) else \
                apply_op("Maximum", needed - samples, 0)
            pads = [apply_op("Pack", [0, missing]) if i == at else apply_op("Pack", [0, 0]) for i in range(ndims)]
            fill = apply_op("Cast", pad_value, DstT=signal.dtype.base_dtype)
            signal = apply_op("PadV2", signal, apply_op("Pack", pads), fill)
        else:
            count = 1 + (samples - length) // step
            count = max(0, count) if isinstance(count, int) else apply_op("Maximum", count, 0)
        if isinstance(count, int) and isinstance(length, int) and isinstance(step, int):
            places: Any = np.arange(count, dtype=np.int32)[:, None] * step + np.arange(length, dtype=np.int32)
        else:
            starts = apply_op("ExpandDims", apply_op("Range", 0, count, 1) * step, 1)
            places = starts + apply_op("ExpandDims", apply_op("Range", 0, length, 1), 0)
        return apply_op("GatherV2", signal, places, at)


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Tensor:
    """Puts frames together again, adding where they overlap (`tf.signal.overlap_and_add`).

    Args:
      signal: Tensor ``[..., frames, frame_length]``.
      frame_step: Samples from one frame to the next, 0-D integer.
      name: Name of the scope.

    Returns:
      A Tensor ``[..., (frames - 1) * frame_step + frame_length]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.overlap_and_add([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], 2)))
      [1. 2. 7. 5. 6.]
    """
    with name_scope(name, "overlap_and_add", [signal, frame_step]):
        signal = convert_to_tensor(signal, name="signal")
        if signal.shape.ndims is not None and signal.shape.ndims < 2:
            raise ValueError(f"Shape must be at least rank 2 but is rank {signal.shape.ndims}")
        if not isinstance(frame_step, int):
            tensor = convert_to_tensor(frame_step, name="frame_step")
            if not tensor.dtype.is_integer:
                raise ValueError(f"frame_step must be an integer. Got {tensor.dtype!r}")
        step = _number(frame_step, "frame_step")
        frames, length = _size(signal, -2), _size(signal, -1)
        total = (frames - 1) * step + length
        starts = apply_op("ExpandDims", apply_op("Range", 0, frames, 1) * step, 1)
        places = apply_op("Reshape", starts + apply_op("ExpandDims", apply_op("Range", 0, length, 1), 0), [-1])
        shape = apply_op("Shape", signal)
        rows = apply_op("Reshape", signal, apply_op("Pack", [-1, frames * length]))
        sums = apply_op("UnsortedSegmentSum", apply_op("Transpose", rows, [1, 0]), places, total)
        batch = apply_op("StridedSlice", shape, [0], [-2], [1], begin_mask=1)
        whole = apply_op("ConcatV2", [batch, apply_op("Pack", [total])], 0)
        result: Tensor = apply_op("Reshape", apply_op("Transpose", sums, [1, 0]), whole)
        if signal.shape.ndims is not None:
            result.set_shape([*signal.shape.as_list()[:-2], total if isinstance(total, int) else None])
        return result


# ---------------------------------------------------------------------- short-time spectra

def _power_of_two(length: Any) -> Any:
    """The least power of two that is not smaller."""
    if isinstance(length, int):
        return int(2 ** np.ceil(np.log2(length))) if length > 0 else 1
    exponent = apply_op("Ceil", apply_op("Log", apply_op("Cast", length, DstT=float32)) / math.log(2.0))
    return apply_op("Cast", 2.0 ** exponent, DstT=int32)


def stft(
    signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None,
    window_fn: Callable[..., Any] | None = hann_window, pad_end: bool = False, name: str | None = None,
) -> Tensor:
    """Computes the short-time Fourier transform (`tf.signal.stft`).

    Args:
      signals: Tensor ``[..., samples]`` of float32 or float64.
      frame_length, frame_step: As in `frame`.
      fft_length: Size of each transform; by default the power of two that holds a frame.
      window_fn: ``f(length, dtype=...)`` gives the window, or None.
      pad_end: Pad the end with zeros.
      name: Name of the scope.

    Returns:
      A complex Tensor ``[..., frames, fft_length // 2 + 1]``.

    Example:
      >>> print(tf.signal.stft(tf.zeros([100]), frame_length=20, frame_step=10).shape)
      (9, 17)
    """
    with name_scope(name, "stft", [signals, frame_length, frame_step]):
        signals = convert_to_tensor(signals, name="signals")
        length = _number(frame_length, "frame_length")
        size = _power_of_two(length) if fft_length is None else _number(fft_length, "fft_length")
        framed = frame(signals, length, frame_step, pad_end=pad_end)
        if window_fn is not None:
            framed = framed * window_fn(length, dtype=framed.dtype)
        return rfft(framed, [size] if isinstance(size, int) else apply_op("Pack", [size]))


def inverse_stft(
    stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None,
    window_fn: Callable[..., Any] | None = hann_window, name: str | None = None,
) -> Tensor:
    """Computes the inverse of `stft`, up to the windows (`tf.signal.inverse_stft`).

    Args:
      stfts: Complex Tensor ``[..., frames, fft_length // 2 + 1]``.
      frame_length, frame_step, fft_length: As in `stft`.
      window_fn: The window of the synthesis; `inverse_stft_window_fn` makes the one that restores the signal.
      name: Name of the scope.

    Returns:
      A Tensor ``[..., samples]``.

    Example:
      >>> print(tf.signal.inverse_stft(tf.zeros([9, 17], tf.complex64), frame_length=20, frame_step=10).shape)
      (100,)
    """
    with name_scope(name, "inverse_stft", [stfts]):
        stfts = convert_to_tensor(stfts, name="stfts")
        length = _number(frame_length, "frame_length")
        size = _power_of_two(length) if fft_length is None else _number(fft_length, "fft_length")
        frames = irfft(stfts, [size] if isinstance(size, int) else apply_op("Pack", [size]))
        frames = _of_length(frames, length)
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=stfts.dtype.base_dtype.real_dtype)
        return overlap_and_add(frames, frame_step)


def inverse_stft_window_fn(
    frame_step: Any, forward_window_fn: Callable[..., Any] = hann_window, name: str | None = None,
) -> Callable[..., Any]:
    """Makes the window with which `inverse_stft` undoes `stft` (`tf.signal.inverse_stft_window_fn`).

    Args:
      frame_step: Samples from one frame to the next.
      forward_window_fn: The window of the analysis.
      name: Name of the scope.

    Returns:
      ``f(frame_length, dtype)``.

    Example:
      >>> window = tf.signal.inverse_stft_window_fn(2)
      >>> with tf.Session() as sess:
      ...     print(sess.run(window(4, tf.float32)).round(3))
      [0. 1. 1. 1.]

    Source: Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984.
    """
    def window(frame_length: Any, dtype: Any) -> Tensor:
        with name_scope(name, "inverse_stft_window_fn", [forward_window_fn]):
            step, length = _number(frame_step, "frame_step"), _number(frame_length, "frame_length")
            forward = forward_window_fn(length, dtype=dtype)
            overlaps = -(-length // step)
            power = apply_op("Pad", apply_op("Square", forward), apply_op("Pack", [
                apply_op("Pack", [0, overlaps * step - length])]))
            power = apply_op("Reshape", power, apply_op("Pack", [overlaps, step]))
            power = reduce_sum(power, 0, keepdims=True)
            power = apply_op("Reshape", apply_op("Tile", power, apply_op("Pack", [overlaps, 1])), [-1])
            return forward / power[:length]
    return window


# ---------------------------------------------------------------------- mel scale

def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20, num_spectrogram_bins: Any = 129, sample_rate: Any = 8000, lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0, dtype: Any = float32, name: str | None = None,
) -> Tensor:
    """Makes the matrix that turns spectra into mel bands (`tf.signal.linear_to_mel_weight_matrix`).

    Args:
      num_mel_bins: Number of bands.
      num_spectrogram_bins: Number of frequencies of a spectrum.
      sample_rate: Samples per second.
      lower_edge_hertz, upper_edge_hertz: Lowest and highest frequency.
      dtype: A float type.
      name: Name of the constant.

    Returns:
      A Tensor ``[num_spectrogram_bins, num_mel_bins]``.

    Raises:
      ValueError: An argument is not such.

    Example:
      >>> print(tf.signal.linear_to_mel_weight_matrix().shape)
      (129, 20)

    Source: the HTK book, mel = 1127 ln(1 + f / 700).
    """
    kind = as_dtype(dtype)
    bins, rate = _number(num_spectrogram_bins, "num_spectrogram_bins"), float(constant_value(
        convert_to_tensor(sample_rate)))  # type: ignore[arg-type]
    if num_mel_bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {num_mel_bins}")
    if lower_edge_hertz < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower_edge_hertz}")
    if lower_edge_hertz >= upper_edge_hertz:
        raise ValueError(f"lower_edge_hertz {lower_edge_hertz} >= upper_edge_hertz {upper_edge_hertz}")
    if rate <= 0.0:
        raise ValueError(f"sample_rate must be positive. Got: {rate}")
    if upper_edge_hertz > rate / 2:
        raise ValueError(f"upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). Got "
                         f"{upper_edge_hertz} for sample_rate: {rate}")
    if not kind.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {kind!r}")
    mel = [1127.0 * math.log1p(f / 700.0) for f in (lower_edge_hertz, upper_edge_hertz)]
    place = 1127.0 * np.log1p(np.linspace(0.0, rate / 2, bins)[1:] / 700.0)[:, None]
    edges = np.linspace(mel[0], mel[1], num_mel_bins + 2)
    rising = (place - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - place) / (edges[2:] - edges[1:-1])
    weights = np.pad(np.maximum(0.0, np.minimum(rising, falling)), [(1, 0), (0, 0)])
    return constant(weights, dtype=kind, name=name or "linear_to_mel_weight_matrix")


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Tensor:
    """Computes mel-frequency cepstral coefficients (`tf.signal.mfccs_from_log_mel_spectrograms`).

    Args:
      log_mel_spectrograms: Tensor ``[..., num_mel_bins]`` of float32.
      name: Name of the scope.

    Returns:
      A Tensor like the input.

    Raises:
      ValueError: There are no bins.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.mfccs_from_log_mel_spectrograms([[1.0, 1.0]])).round(3))
      [[2. 0.]]
    """
    with name_scope(name, "mfccs_from_log_mel_spectrograms", [log_mel_spectrograms]):
        x = convert_to_tensor(log_mel_spectrograms)
        count = _size(x)
        if count == 0:
            raise ValueError(f"num_mel_bins must be positive. Got: {x}")
        return dct(x, type=2) * apply_op("Rsqrt", _as_float(count, x.dtype.base_dtype) * 2.0)


# ---------------------------------------------------------------------- shifts

def _shifted(x: Any, axes: Any, sign: int, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, [x]):
        x = convert_to_tensor(x)
        if axes is None:
            if x.shape.ndims is None:
                raise ValueError(f"The rank of {x.name} must be known while building, or axes given.")
            axes = list(range(x.shape.ndims))
        chosen = [axes] if isinstance(axes, int) else list(axes)
        halves = [_size(x, a if a < 0 else a - (x.shape.ndims or 0)) // 2 for a in chosen]
        shift = [sign * h for h in halves]
        amount = np.array(shift, np.int32) if all(isinstance(s, int) for s in shift) else apply_op("Pack", shift)
        return apply_op("Roll", x, amount, np.array(chosen, np.int32))


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Moves the frequency 0 to the middle (`tf.signal.fftshift`).

    Args:
      x: Tensor.
      axes: Axis or axes; by default all.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.fftshift([0, 1, 2, -2, -1])))
      [-2 -1  0  1  2]
    """
    return _shifted(x, axes, 1, name, "fftshift")


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Undoes `fftshift` (`tf.signal.ifftshift`).

    Args:
      x: Tensor.
      axes: Axis or axes; by default all.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.signal.ifftshift([-2, -1, 0, 1, 2])))
      [ 0  1  2 -2 -1]
    """
    return _shifted(x, axes, -1, name, "ifftshift")
