"""Numbers in few bits: quantize, dequantize, and ops that only act as if (fake_quant*, quantize_and_dequantize)."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype
from core.graph import NO_GRADIENT, Tensor, apply_op, define_op
from core.shapes import TensorShape

__all__ = [
    "dequantize", "fake_quant_with_min_max_args", "fake_quant_with_min_max_args_gradient",
    "fake_quant_with_min_max_vars", "fake_quant_with_min_max_vars_gradient",
    "fake_quant_with_min_max_vars_per_channel", "fake_quant_with_min_max_vars_per_channel_gradient", "quantize",
    "quantize_v2", "quantized_concat",
]

_TYPES = "T:type{qint8,quint8,qint32,qint16,quint16}; mode:string='MIN_COMBINED'{MIN_COMBINED,MIN_FIRST,SCALED}; "
_SCALAR = TensorShape([])
_F = np.float32


def _round_away(x: Any) -> Any:
    return np.copysign(np.floor(np.abs(x) + _F(0.5)), x)


def _along(values: Any, ndim: int, axis: int) -> Any:
    """One value per slice of `axis`, shaped so that it broadcasts over an array of `ndim` dimensions."""
    if axis < 0 or values.ndim == 0:
        return values
    form = [1] * ndim
    form[axis] = -1
    return values.reshape(form)


def _limits(kind: Any) -> tuple[float, float]:
    info = np.iinfo(kind)
    return float(info.min), float(info.max)


# ---------------------------------------------------------------------- QuantizeV2

def _quantize(
    xp: Any, input: Any, min_range: Any, max_range: Any, *, T: DType, mode: str, round_mode: str, narrow_range: bool,
    axis: int, ensure_minimum_range: float,
) -> Any:
    if np.any(min_range > max_range):
        raise ValueError(f"max_range ({max_range}) must be larger than min_range ({min_range}).")
    kind = T.np_dtype
    lowest, highest = _limits(kind)
    low = np.minimum(_F(0), min_range)
    epsilon = np.maximum(_F(1), np.maximum(np.abs(min_range), np.abs(max_range))) * _F(ensure_minimum_range)
    high = np.maximum(_F(0), np.maximum(max_range, low + epsilon))
    if mode == "SCALED":
        first = lowest + 1 if narrow_range and lowest < 0 else lowest
        with np.errstate(divide="ignore", invalid="ignore"):
            from_min = np.where(first * low > 0, _F(first) / low, np.finfo(_F).max).astype(_F)
            from_max = np.where(highest * high > 0, _F(highest) / high, np.finfo(_F).max).astype(_F)
        scale = np.minimum(from_min, from_max)
        low, high = (_F(first) / scale).astype(_F), (_F(highest) / scale).astype(_F)
        wide = [_along(v, input.ndim, axis) for v in (low, high, scale)]
        scaled = np.clip(input, wide[0], wide[1]) * wide[2]
        rounded = np.rint(scaled) if round_mode == "HALF_TO_EVEN" else _round_away(scaled)
    else:
        if round_mode == "HALF_TO_EVEN":
            raise ValueError("Round mode 'HALF_TO_EVEN' only supported for mode 'SCALED'.")
        below, above = _along(low, input.ndim, axis), _along(high, input.ndim, axis)
        if mode == "MIN_COMBINED":
            scale = _F(highest - lowest) / (above - below)
            placed = (np.clip(input, below, above) - below) * scale
            rounded = _round_away(placed - _F((highest - lowest + 1) / 2)) if lowest < 0 else np.floor(placed + _F(0.5))
        else:
            steps = float(2 ** (kind.itemsize * 8))
            span = (above.astype(np.float64) - below) * (steps / (steps - 1))
            scale64 = steps / span
            rounded = _round_away(input * scale64) - _round_away(below * scale64) + lowest
    result = np.clip(rounded.astype(np.float64), lowest, highest).astype(kind)
    return [result, np.asarray(low, _F), np.asarray(high, _F)]


def _quantize_shape(input: Tensor, min_range: Tensor, max_range: Tensor, *, axis: int) -> list[TensorShape]:
    side = _SCALAR if axis == -1 else TensorShape([None if input.shape.ndims is None else input.shape.as_list()[axis]])
    return [input.shape, side, side]


define_op("QuantizeV2", "input:float, min_range:float, max_range:float", "output:T, output_min:float, output_max:float",
          _TYPES + "round_mode:string='HALF_AWAY_FROM_ZERO'{HALF_AWAY_FROM_ZERO,HALF_TO_EVEN}; "
                   "narrow_range:bool=False; "
          "axis:int=-1; ensure_minimum_range:float=0.009999999776482582",
          shape=_quantize_shape, kernel=_quantize, gradient=NO_GRADIENT)


def quantize(
    input: Any, min_range: Any, max_range: Any, T: Any, mode: str = "MIN_COMBINED",
    round_mode: str = "HALF_AWAY_FROM_ZERO", name: str | None = None,
) -> list[Tensor]:
    """Turns floats into integers of few bits that stand for a range.

    Args:
      input: float32.
      min_range, max_range: The range, 0-D.
      T: A quantised type such as `tf.quint8`.
      mode: "MIN_COMBINED", "MIN_FIRST" or "SCALED" (0 stays 0).
      round_mode: "HALF_AWAY_FROM_ZERO" or "HALF_TO_EVEN" (with "SCALED" only).
      name: Name of the operation.

    Returns:
      The quantised tensor, and the range that it stands for.

    Example:
      >>> output, low, high = tf.quantize([0.0, 1.0, 3.0, 6.0], 0.0, 6.0, tf.quint8)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cast(output, tf.int32)))
      [  0  43 128 255]
    """
    return apply_op("QuantizeV2", input, min_range, max_range, T=as_dtype(T), mode=mode, round_mode=round_mode,
                    name=name)


def quantize_v2(
    input: Any, min_range: Any, max_range: Any, T: Any, mode: str = "MIN_COMBINED", name: str | None = None,
    round_mode: str = "HALF_AWAY_FROM_ZERO",
) -> list[Tensor]:
    """`quantize` with another order of arguments (deprecated)."""
    return quantize(input, min_range, max_range, T, mode, round_mode, name)


# ---------------------------------------------------------------------- Dequantize

def _dequantize(
    xp: Any, input: Any, min_range: Any, max_range: Any, *, mode: str, narrow_range: bool, axis: int, dtype: DType,
) -> Any:
    lowest, highest = _limits(input.dtype)
    low, high = _along(min_range, input.ndim, axis), _along(max_range, input.ndim, axis)
    numbers = input.astype(_F)
    if mode == "MIN_COMBINED":
        half = _F((highest - lowest + 1) / 2) if lowest < 0 else _F(0)
        result = (numbers + half) * ((high - low) / _F(highest - lowest)) + low
    elif mode == "MIN_FIRST":
        steps = float(2 ** (input.dtype.itemsize * 8))
        scale = ((high.astype(np.float64) - low) / (steps - 1)).astype(_F)
        start = low if np.all(high == low) else _round_away(low / scale) * scale
        result = start + (input.astype(np.float64) - lowest) * scale.astype(np.float64)
    else:
        first = lowest + 1 if narrow_range else lowest
        scale = high / _F(highest) if lowest == 0 else np.maximum(low / _F(first), high / _F(highest))
        result = numbers * scale
    return np.asarray(result).astype(dtype.np_dtype)


define_op("Dequantize", "input:T, min_range:float, max_range:float", "output:dtype",
          _TYPES + "narrow_range:bool=False; axis:int=-1; dtype:type=float{bfloat16,float}",
          shape=lambda input, min_range, max_range: input.shape, kernel=_dequantize, gradient=NO_GRADIENT)


def dequantize(
    input: Any, min_range: Any, max_range: Any, mode: str = "MIN_COMBINED", name: str | None = None,
) -> Tensor:
    """Turns quantised integers back into floats.

    Args:
      input: Tensor of a quantised type.
      min_range, max_range: The range that it stands for.
      mode: As for `quantize`.
      name: Name of the operation.

    Example:
      >>> q, low, high = tf.quantize([0.0, 1.0, 6.0], 0.0, 6.0, tf.quint8)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.dequantize(q, low, high)).round(2))
      [0.   1.01 6.  ]
    """
    return apply_op("Dequantize", input, min_range, max_range, mode=mode, name=name)


# ---------------------------------------------------------------------- FakeQuantWithMinMaxArgs, Vars, VarsPerChannel

def _nudge(low: Any, high: Any, num_bits: int, narrow_range: bool) -> tuple[Any, Any, Any]:
    """Moves the range so that 0 is one of its steps; returns its ends and the step."""
    first, last = _F(1 if narrow_range else 0), _F(2 ** num_bits - 1)
    low, high = np.asarray(low, _F), np.asarray(high, _F)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = (high - low) / (last - first)
        zero = np.where(scale != 0, first - low / scale, _F(0))
    nudged = np.where(zero < first, first, np.where(zero > last, last, _round_away(zero))).astype(_F)
    return (first - nudged) * scale, (last - nudged) * scale, scale


def _fake(inputs: Any, low: Any, high: Any, num_bits: int, narrow_range: bool) -> Any:
    begin, end, scale = _nudge(low, high, num_bits, narrow_range)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.floor((np.clip(inputs, begin, end) - begin) / scale + _F(0.5))
        return np.where(scale != 0, steps * scale + begin, _F(0)).astype(_F)


def _fake_grad(gradients: Any, inputs: Any, low: Any, high: Any, num_bits: int, narrow_range: bool) -> tuple[Any, ...]:
    begin, end, scale = _nudge(low, high, num_bits, narrow_range)
    below, above = inputs < begin, inputs > end
    inside = ~(below | above) | (scale == 0)
    zero = _F(0)
    return (np.where(inside, gradients, zero).astype(_F), np.where(below & ~inside, gradients, zero),
            np.where(above & ~inside, gradients, zero))


_BITS = "num_bits:int=8; narrow_range:bool=False"
_PER_CHANNEL = "FakeQuantWithMinMaxVarsPerChannel"


def _per_channel(total: Any) -> Any:
    return np.asarray(total.sum(axis=tuple(range(total.ndim - 1))), _F)


def _vars_grad_kernel(
    xp: Any, gradients: Any, inputs: Any, min: Any, max: Any, *, num_bits: int, narrow_range: bool,
) -> Any:
    inside, below, above = _fake_grad(gradients, inputs, min, max, num_bits, narrow_range)
    if np.ndim(min):
        return [inside, _per_channel(below), _per_channel(above)]
    return [inside, np.asarray(below.sum(), _F), np.asarray(above.sum(), _F)]


define_op("FakeQuantWithMinMaxArgs", "inputs:float", "outputs:float", "min:float=-6.0; max:float=6.0; " + _BITS,
          shape=lambda inputs: inputs.shape,
          kernel=lambda xp, inputs, *, min, max, num_bits,
          narrow_range: _fake(inputs, min, max, num_bits, narrow_range),
          gradient=lambda op, grad: fake_quant_with_min_max_args_gradient(
              grad, op.inputs[0], **{n: op.attrs[n] for n in ("min", "max", "num_bits", "narrow_range")}))
define_op("FakeQuantWithMinMaxArgsGradient", "gradients:float, inputs:float", "backprops:float",
          "min:float=-6.0; max:float=6.0; " + _BITS, shape=lambda gradients, inputs: inputs.shape,
          kernel=lambda xp, gradients, inputs, *, min, max, num_bits, narrow_range: _fake_grad(
              gradients, inputs, min, max, num_bits, narrow_range)[0], gradient=NO_GRADIENT)
for _suffix, _sides in (("", _SCALAR), ("PerChannel", TensorShape([None]))):
    define_op("FakeQuantWithMinMaxVars" + _suffix, "inputs:float, min:float, max:float", "outputs:float", _BITS,
              shape=lambda inputs, min, max: inputs.shape,
              kernel=lambda xp, inputs, min, max, *, num_bits, narrow_range: _fake(
                  inputs, min, max, num_bits, narrow_range),
              gradient=lambda op, grad: apply_op(
                  op.type + "Gradient", grad, *op.inputs, num_bits=op.attrs["num_bits"],
                  narrow_range=op.attrs["narrow_range"]))
    define_op("FakeQuantWithMinMaxVars" + _suffix + "Gradient", "gradients:float, inputs:float, min:float, max:float",
              "backprops_wrt_input:float, backprop_wrt_min:float, backprop_wrt_max:float", _BITS,
              gradient=NO_GRADIENT,
              shape=lambda gradients, inputs, min, max: [inputs.shape, min.shape, max.shape], kernel=_vars_grad_kernel)


def fake_quant_with_min_max_args(
    inputs: Any, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:
    """Rounds floats to the values that `num_bits` can hold, within a fixed range.

    Args:
      inputs: float32.
      min, max: The range; it is moved a little so that 0 is held exactly.
      num_bits: Between 2 and 16.
      narrow_range: If True, the lowest step is not used.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.fake_quant_with_min_max_args([-9.0, 0.0, 0.3, 9.0], num_bits=4)).round(1))
      [-6.4  0.   0.   5.6]
    """
    return apply_op("FakeQuantWithMinMaxArgs", inputs, min=min, max=max, num_bits=num_bits, narrow_range=narrow_range,
                    name=name)


def fake_quant_with_min_max_args_gradient(
    gradients: Any, inputs: Any, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:
    """The gradient of `fake_quant_with_min_max_args`: passes where the input lies in the range."""
    return apply_op("FakeQuantWithMinMaxArgsGradient", gradients, inputs, min=min, max=max, num_bits=num_bits,
                    narrow_range=narrow_range, name=name)


def fake_quant_with_min_max_vars(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None,
) -> Tensor:
    """`fake_quant_with_min_max_args` whose range can be trained.

    Args:
      inputs: float32.
      min, max: 0-D float32.
      num_bits: Between 2 and 16.
      narrow_range: If True, the lowest step is not used.
      name: Name of the operation.
    """
    return apply_op("FakeQuantWithMinMaxVars", inputs, min, max, num_bits=num_bits, narrow_range=narrow_range,
                    name=name)


def fake_quant_with_min_max_vars_gradient(
    gradients: Any, inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> list[Tensor]:
    """The gradients of `fake_quant_with_min_max_vars` by its three inputs."""
    return apply_op("FakeQuantWithMinMaxVarsGradient", gradients, inputs, min, max, num_bits=num_bits,
                    narrow_range=narrow_range, name=name)


def fake_quant_with_min_max_vars_per_channel(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None,
) -> Tensor:
    """`fake_quant_with_min_max_vars` with a range for each element of the last dimension.

    Args:
      inputs: float32 ``[..., d]``.
      min, max: float32 ``[d]``.
      num_bits: Between 2 and 16.
      narrow_range: If True, the lowest step is not used.
      name: Name of the operation.
    """
    return apply_op(_PER_CHANNEL, inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name)


def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients: Any, inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False,
    name: str | None = None,
) -> list[Tensor]:
    """The gradients of `fake_quant_with_min_max_vars_per_channel` by its three inputs."""
    return apply_op(_PER_CHANNEL + "Gradient", gradients, inputs, min, max, num_bits=num_bits,
                    narrow_range=narrow_range, name=name)


# ---------------------------------------------------------------------- QuantizeAndDequantizeV2, V3

def _there_and_back(
    xp: Any, input: Any, input_min: Any, input_max: Any, num_bits: Any, signed_input: bool, range_given: bool,
    narrow_range: bool, round_mode: str = "HALF_TO_EVEN", axis: int = -1,
) -> Any:
    kind = input.dtype
    work = kind.type if kind.itemsize >= 4 else np.float32
    x = input.astype(work)
    bits = int(num_bits)
    if not 0 < bits < (62 if signed_input else 63):
        raise ValueError(f"num_bits is out of range: {bits}")
    over = tuple(i for i in range(x.ndim) if i != axis) if axis >= 0 else None
    low = input_min.astype(work) if range_given else x.min(axis=over)
    high = input_max.astype(work) if range_given else x.max(axis=over)
    if np.any(low > high):
        raise ValueError(f"Invalid range: input_min {low} > input_max {high}")
    first = work(-(2 ** (bits - 1)) + (1 if narrow_range else 0)) if signed_input else work(1 if narrow_range else 0)
    last = work(2 ** (bits - 1) - 1 if signed_input else 2 ** bits - 1)
    most = np.finfo(work).max
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        from_min = np.where(first * low > 0, first / low, most)
        from_max = np.where(last * high > 0, last / high, most)
        by_min = from_min < from_max
        scale = np.where(by_min, from_min, from_max).astype(work)
        inverse = np.where(by_min, low / first, high / last).astype(work)
        low, high = np.where(by_min, low, first * inverse), np.where(by_min, last * inverse, high)
    scale, inverse, low, high = (_along(np.asarray(v, work), x.ndim, axis) for v in (scale, inverse, low, high))
    scaled = (np.clip(x, low, high) if range_given else x) * scale
    rounded = np.floor(scaled + work(0.5)) if round_mode == "HALF_UP" else np.rint(scaled)
    return np.asarray(rounded * inverse).astype(kind)


def _v2_kernel(
    xp: Any, input: Any, input_min: Any, input_max: Any, *, signed_input: bool, num_bits: int, range_given: bool,
    round_mode: str, narrow_range: bool, axis: int,
) -> Any:
    return _there_and_back(xp, input, input_min, input_max, num_bits, signed_input, range_given, narrow_range,
                           round_mode, axis)


def _v3_kernel(
    xp: Any, input: Any, input_min: Any, input_max: Any, num_bits: Any, *, signed_input: bool, range_given: bool,
    narrow_range: bool, axis: int,
) -> Any:
    return _there_and_back(xp, input, input_min, input_max, num_bits, signed_input, range_given, narrow_range,
                           axis=axis)


define_op("QuantizeAndDequantizeV2", "input:T, input_min:T, input_max:T", "output:T",
          "signed_input:bool=True; num_bits:int=8; range_given:bool=False; T:type{bfloat16,half,float,double}; "
          "round_mode:string='HALF_TO_EVEN'{HALF_TO_EVEN,HALF_UP}; narrow_range:bool=False; axis:int=-1",
          shape=lambda input, input_min, input_max: input.shape, kernel=_v2_kernel,
          gradient=lambda op, grad: [grad, None, None])
define_op("QuantizeAndDequantizeV3", "input:T, input_min:T, input_max:T, num_bits:int32", "output:T",
          "signed_input:bool=True; range_given:bool=True; T:type{bfloat16,half,float,double}; narrow_range:bool=False; "
          "axis:int=-1", shape=lambda input, input_min, input_max, num_bits: input.shape, kernel=_v3_kernel,
          gradient=lambda op, grad: [grad, None, None, None])


def quantize_and_dequantize(
    input: Any, input_min: Any, input_max: Any, signed_input: bool = True, num_bits: int = 8, range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN", name: str | None = None, narrow_range: bool = False,
) -> Tensor:
    """Rounds floats to what `num_bits` can hold; the gradient passes as if nothing had been done.

    Args:
      input: Floating tensor.
      input_min, input_max: The range where `range_given`, else the tensor's own is taken.
      signed_input: If False, the range begins at 0.
      num_bits: How many bits.
      range_given: If True, values are clipped to the range.
      round_mode: "HALF_TO_EVEN" or "HALF_UP".
      name: Name of the operation.
      narrow_range: If True, the lowest value is not used.

    Example:
      >>> with tf.Session() as sess:
      ...     x = tf.quantization.quantize_and_dequantize([-1.0, 0.3, 1.0], -1.0, 1.0, num_bits=3, range_given=True)
      ...     print(sess.run(x).round(3))
      [-1.     0.333  1.   ]
    """
    return apply_op("QuantizeAndDequantizeV2", input, input_min, input_max, signed_input=signed_input,
                    num_bits=num_bits,
                    range_given=range_given, round_mode=round_mode, narrow_range=narrow_range, name=name)


# ---------------------------------------------------------------------- QuantizedConcat

def _quantized_concat(xp: Any, concat_dim: Any, values: Any, input_mins: Any, input_maxes: Any) -> Any:
    low = min(float(v) for v in input_mins)
    high = max(float(v) for v in input_maxes)
    kind = values[0].dtype
    if all(float(v) == low for v in input_mins) and all(float(v) == high for v in input_maxes):
        parts = list(values)
    else:
        lowest, highest = _limits(kind)
        low = min(low, 0.0)
        if lowest < 0:  # signed values stand for a range around 0
            high = max(abs(low), abs(high))
            low = -high
        steps = highest - lowest
        parts = []
        for value, least, most in zip(values, input_mins, input_maxes, strict=True):
            real = float(least) + (value.astype(np.float64) - lowest) * (float(most) - float(least)) / steps
            parts.append(np.clip(_round_away((real - low) * steps / (high - low)) + lowest, lowest,
                                 highest).astype(kind))
    return [np.concatenate(parts, axis=int(concat_dim)), np.array(low, _F), np.array(high, _F)]


define_op("QuantizedConcat", "concat_dim:int32, values:T*N, input_mins:float*N, input_maxes:float*N",
          "output:T, output_min:float, output_max:float", "N:int>=2; T:type", gradient=NO_GRADIENT,
          shape=lambda concat_dim, values, input_mins, input_maxes: [
              TensorShape([None] * values[0].shape.ndims) if values[0].shape.ndims is not None else TensorShape(None),
              _SCALAR, _SCALAR],
          kernel=_quantized_concat)


def quantized_concat(
    concat_dim: Any, values: Any, input_mins: Any, input_maxes: Any, name: str | None = None,
) -> list[Tensor]:
    """Joins quantised tensors along a dimension, in one common range.

    Args:
      concat_dim: Which dimension, 0-D int32.
      values: List of quantised tensors.
      input_mins, input_maxes: Their ranges.
      name: Name of the operation.

    Returns:
      The joined tensor and its range.
    """
    return apply_op("QuantizedConcat", concat_dim, values, input_mins, input_maxes, name=name)
