"""Normalisation: moments, batch normalisation (also fused), local response normalisation, and a few small losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.dtypes import float16, float32, int64
from core.graph import Operation, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import ones_like, stop_gradient, zeros_like
from core.ops.array_basic import shape as shape_op
from core.ops.array_basic import size as size_op
from core.ops.array_cast import cast
from core.ops.array_gather import gather
from core.ops.array_shape import reshape, squeeze
from core.ops.array_where import where
from core.ops.constant import constant
from core.ops.math_binary import add, multiply, subtract
from core.ops.math_reduce import reduce_mean, reduce_sum
from core.shapes import TensorShape

__all__: list[str] = []


def _kept(keepdims: Any, keep_dims: Any) -> bool:
    if keepdims is not None and keep_dims is not None:
        raise ValueError("Cannot specify both 'keepdims' and 'keep_dims'.")
    return bool(keep_dims if keepdims is None else keepdims)


# ---------------------------------------------------------------------- moments


def moments(x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: bool | None = None,
            keepdims: bool | None = None) -> tuple[Tensor, Tensor]:
    """Mean and variance along `axes`.

    Args:
      x: Tensor of floats.
      axes: List of axes.
      shift: Not used.
      name: Name scope.
      keepdims: If True, the axes stay with size 1.
      keep_dims: Deprecated name of `keepdims`.

    Returns:
      Two Tensors: mean and variance (of the values, not an estimate from a sample).

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.moments([[1.0, 3.0], [3.0, 7.0]], [0])))
      (array([2., 5.], dtype=float32), array([1., 4.], dtype=float32))
    """
    kept = _kept(keepdims, keep_dims)
    with name_scope(name, "moments", [x, axes]):
        x = convert_to_tensor(x, name="x")
        narrow = x.dtype.base_dtype is float16
        y = cast(x, float32) if narrow else x
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        variance = reduce_mean(apply_op("SquaredDifference", y, stop_gradient(mean)), axes, keepdims=True,
                               name="variance")
        if not kept:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        if narrow:
            return cast(mean, float16), cast(variance, float16)
        return mean, variance


def weighted_moments(x: Any, axes: Any, frequency_weights: Any, name: str | None = None,
                     keep_dims: bool | None = None, keepdims: bool | None = None) -> tuple[Tensor, Tensor]:
    """Mean and variance along `axes`, where each value counts as often as its weight says.

    Args:
      x: Tensor of floats.
      axes: List of axes.
      frequency_weights: Weights, broadcast against `x`.
      name: Name scope.
      keepdims: If True, the axes stay with size 1.
      keep_dims: Deprecated name of `keepdims`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.weighted_moments([1.0, 5.0], [0], [3.0, 1.0])[0]))
      2.0
    """
    kept = _kept(keepdims, keep_dims)
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        narrow = x.dtype.base_dtype is float16
        if narrow:
            x = cast(x, float32)
        if weights.dtype.base_dtype is not x.dtype.base_dtype:
            weights = cast(weights, x.dtype.base_dtype)
        total = reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        spread = weights + zeros_like(x)
        count = reduce_sum(spread, axes, name="sum_of_weights", keepdims=True)
        divisor = apply_op("Reciprocal", count, name="inv_weight_sum")
        mean = multiply(total, divisor)
        distance = reduce_sum(weights * apply_op("SquaredDifference", x, mean), axes, name="weighted_distsq",
                              keepdims=True)
        variance = multiply(distance, divisor)
        if not kept:
            mean, variance = squeeze(mean, axis=axes), squeeze(variance, axis=axes)
        if narrow:
            return cast(mean, float16), cast(variance, float16)
        return mean, variance


def sufficient_statistics(x: Any, axes: Any, shift: Any = None, keep_dims: bool | None = None,
                          name: str | None = None, keepdims: bool | None = None) -> tuple[Any, Tensor, Tensor, Any]:
    """Number of values, their sum and the sum of their squares along `axes`, less a shift.

    Args:
      x: Tensor of floats.
      axes: List of axes.
      shift: A value near the mean, against rounding; or None.
      keepdims: If True, the axes stay with size 1.
      name: Name scope.
      keep_dims: Deprecated name of `keepdims`.

    Returns:
      Four Tensors (the last may be None): count, sum of x - shift, sum of its square, shift.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print([float(t) for t in sess.run(tf.nn.sufficient_statistics([1.0, 3.0], [0])[:3])])
      [2.0, 4.0, 10.0]
    """
    kept = _kept(keepdims, keep_dims)
    axes = list(set(axes))
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        dims = None if x.shape.ndims is None else x.shape.as_list()
        counts: Tensor
        if dims is not None and all(dims[d] is not None for d in axes):
            counts = constant(math.prod(dims[d] for d in axes), dtype=x.dtype.base_dtype)
        else:
            sizes = gather(cast(shape_op(x), x.dtype.base_dtype), axes)
            counts = apply_op("Prod", sizes, [0], name="count")
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            values, squares = subtract(x, shift), apply_op("SquaredDifference", x, shift)
        else:
            values, squares = x, apply_op("Square", x)
        values = reduce_sum(values, axes, keepdims=kept, name="mean_ss")
        squares = reduce_sum(squares, axes, keepdims=kept, name="var_ss")
        return counts, values, squares, shift


def normalize_moments(counts: Any, mean_ss: Any, variance_ss: Any, shift: Any,
                      name: str | None = None) -> tuple[Tensor, Tensor]:
    """Mean and variance from what `sufficient_statistics` returns.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print([float(t) for t in sess.run(tf.nn.normalize_moments(2.0, 4.0, 10.0, None))])
      [2.0, 1.0]
    """
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = apply_op("Reciprocal", counts, name="divisor")
        if shift is not None:
            shifted = multiply(mean_ss, divisor, name="shifted_mean")
            mean = add(shifted, shift, name="mean")
        else:
            mean = shifted = multiply(mean_ss, divisor, name="mean")
        variance = subtract(multiply(variance_ss, divisor), apply_op("Square", shifted), name="variance")
        return mean, variance


# ---------------------------------------------------------------------- batch normalisation


def batch_normalization(x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any,
                        name: str | None = None) -> Tensor:
    """``(x - mean) / sqrt(variance + variance_epsilon) * scale + offset``.

    Args:
      x: Tensor of floats.
      mean, variance: Statistics, broadcast against `x`.
      offset, scale: Beta and gamma, or None.
      variance_epsilon: A small number against division by zero.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.batch_normalization([1.0, 5.0], 3.0, 4.0, 10.0, 2.0, 0.0)))
      [ 8. 12.]

    Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        x = convert_to_tensor(x, name="x")
        mean = convert_to_tensor(mean, dtype=None, preferred_dtype=x.dtype.base_dtype)
        variance = convert_to_tensor(variance, preferred_dtype=x.dtype.base_dtype)
        inverse = apply_op("Rsqrt", variance + variance_epsilon)
        if scale is not None:
            inverse = inverse * scale
        dtype = x.dtype.base_dtype
        scaled = x * cast(inverse, dtype)
        moved = offset - mean * inverse if offset is not None else -mean * inverse
        return scaled + cast(moved, dtype)


def batch_norm_with_global_normalization(
    t: Any = None, m: Any = None, v: Any = None, beta: Any = None, gamma: Any = None, variance_epsilon: Any = None,
    scale_after_normalization: bool | None = None, name: str | None = None, input: Any = None, mean: Any = None,
    variance: Any = None,
) -> Tensor:
    """Batch normalisation of images, under its first name; see `batch_normalization`.

    Args:
      t, input: ``[batch, height, width, channels]``.
      m, v, mean, variance: Statistics of each channel.
      beta, gamma: Offset and scale of each channel.
      variance_epsilon: A small number against division by zero.
      scale_after_normalization: If False, `gamma` is not used.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.constant([[[[1.0], [5.0]]]])
      ...     y = tf.nn.batch_norm_with_global_normalization(x, [3.0], [4.0], [10.0], [2.0], 0.0, True)
      ...     print(sess.run(y).ravel())
      [ 8. 12.]
    """
    t = input if t is None else t
    m = mean if m is None else m
    v = variance if v is None else v
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


_FUSED_ATTRS = ("epsilon:float=9.999999747378752e-05; exponential_avg_factor:float=1.0; "
                "data_format:string='NHWC'{NHWC,NCHW,NDHWC,NCDHW}; is_training:bool=True")


def _axis(data_format: str) -> int:
    return 1 if data_format.startswith("NC") else len(data_format) - 1


def _fused_shape(x: Tensor, scale: Tensor, offset: Tensor, mean: Tensor, variance: Tensor, *,
                 data_format: str) -> list[TensorShape]:
    shape = x.shape.with_rank(len(data_format))
    dims = shape.as_list()
    at = _axis(data_format)
    channels = TensorShape([dims[at]])
    for vector in (scale, offset):
        channels = channels.merge_with(vector.shape.with_rank(1))
    dims[at] = channels.as_list()[0]
    return [TensorShape(dims), channels, channels, channels, channels, TensorShape(None)]


def _rows(x: Any, data_format: str) -> Any:
    """The values as float32 ``[values, channels]``."""
    return np.moveaxis(x, _axis(data_format), -1).reshape(-1, x.shape[_axis(data_format)]).astype(np.float32,
                                                                                                  copy=False)


def _back(rows: Any, x: Any, data_format: str) -> Any:
    """Rows in the shape, order and type of `x`."""
    at = _axis(data_format)
    shape = [d for i, d in enumerate(x.shape) if i != at]
    moved = np.moveaxis(rows.reshape(*shape, x.shape[at]), -1, at)
    return np.ascontiguousarray(moved, x.dtype)


def _column_sums(rows: Any) -> Any:
    # A product with ones adds up columns several times faster than a sum along the first axis.
    return np.ones(rows.shape[0], rows.dtype) @ rows


def _fused(xp: Any, x: Any, scale: Any, offset: Any, mean: Any, variance: Any, *, epsilon: float,
           exponential_avg_factor: float, data_format: str, is_training: bool) -> list[Any]:
    rows = _rows(x, data_format)
    count = rows.shape[0]
    kind = scale.dtype
    if is_training:
        batch_mean = _column_sums(rows) / np.float32(max(count, 1))
        centred = rows - batch_mean
        saved = _column_sums(centred * centred) / np.float32(max(count, 1))
        unbiased = saved * np.float32(count / max(count - 1, 1))
        factor = np.float32(exponential_avg_factor)
        new_mean, new_variance = batch_mean, unbiased
        if exponential_avg_factor != 1.0:
            new_mean = mean * (1 - factor) + batch_mean * factor
            new_variance = variance * (1 - factor) + unbiased * factor
    else:
        batch_mean, saved = mean.astype(np.float32), variance.astype(np.float32)
        new_mean, new_variance = batch_mean, saved
        centred = rows - batch_mean
    slope = scale.astype(np.float32) / np.sqrt(saved + np.float32(epsilon))
    y = centred * slope + offset.astype(np.float32)
    result = _back(y, x, data_format)
    return [result, new_mean.astype(kind), new_variance.astype(kind), batch_mean.astype(kind, copy=True),
            saved.astype(kind, copy=True), np.zeros(0, kind)]


def _fused_gradient(op: Operation, *grads: Any) -> list[Any]:
    training = op.attrs["is_training"]
    statistics = (op.outputs[3], op.outputs[4]) if training else (op.inputs[3], op.inputs[4])
    results = apply_op(
        "FusedBatchNormGradV3", grads[0], op.inputs[0], op.inputs[1], *statistics, op.outputs[5],
        epsilon=op.attrs["epsilon"], data_format=op.attrs["data_format"], is_training=training)
    return [*results[:3], None, None]


define_op("FusedBatchNormV3", "x:T, scale:U, offset:U, mean:U, variance:U",
          "y:T, batch_mean:U, batch_variance:U, reserve_space_1:U, reserve_space_2:U, reserve_space_3:U",
          "T:type{half,bfloat16,float}; U:type{bfloat16,float}; " + _FUSED_ATTRS, shape=_fused_shape, kernel=_fused,
          gradient=_fused_gradient)


def _fused_grad_shape(y_backprop: Tensor, x: Tensor, scale: Tensor, *rest: Tensor) -> list[TensorShape]:
    channels = scale.shape.with_rank(1)
    return [x.shape.merge_with(y_backprop.shape), channels, channels, TensorShape([0]), TensorShape([0])]


def _fused_grad(xp: Any, y_backprop: Any, x: Any, scale: Any, mean: Any, variance: Any, reserve: Any, *,
                epsilon: float, data_format: str, is_training: bool) -> list[Any]:
    rows, dy = _rows(x, data_format), _rows(y_backprop, data_format)
    inverse = np.float32(1) / np.sqrt(variance.astype(np.float32) + np.float32(epsilon))
    normal = (rows - mean.astype(np.float32)) * inverse
    by_offset = _column_sums(dy)
    by_scale = _column_sums(dy * normal)
    slope = scale * inverse
    if is_training:
        share = np.float32(1 / max(rows.shape[0], 1))
        dx = slope * (dy - by_offset * share - normal * (by_scale * share))
    else:
        dx = dy * slope
    nothing = np.zeros(0, np.float32)
    return [_back(dx, x, data_format), by_scale, by_offset, nothing, nothing.copy()]


def _fused_second(op: Operation, *grads: Any) -> list[Any]:
    """Gradient of the gradient; the formulas follow from ``dx = s r P(dy)``, with the projection P below."""
    dtype = op.inputs[1].dtype.base_dtype
    dy, x, by_x = cast(op.inputs[0], float32), cast(op.inputs[1], float32), cast(grads[0], float32)
    form = op.attrs["data_format"]
    at = _axis(form)
    axes = [i for i in range(len(form)) if i != at]
    vector = [-1 if i == at else 1 for i in range(len(form))]
    scale, mean, variance = (reshape(t, vector) for t in op.inputs[2:5])
    by_scale, by_offset = (reshape(t, vector) for t in grads[1:3])
    inverse = apply_op("Rsqrt", variance + op.attrs["epsilon"])
    normal = (x - mean) * inverse

    def average(t: Tensor) -> Tensor:
        return reduce_mean(t, axes, keepdims=True)

    def total(t: Tensor) -> Tensor:
        return reduce_sum(t, axes, keepdims=True)

    if op.attrs["is_training"]:
        def project(t: Tensor) -> Tensor:
            result: Tensor = t - average(t) - normal * average(t * normal)
            return result

        count = cast(size_op(x), float32) / cast(size_op(scale), float32)
        along = total(by_x * project(dy))
        second_dy = scale * inverse * project(by_x) + by_scale * normal + by_offset
        by_normal = by_scale * dy - scale * inverse * (by_x * average(dy * normal) + dy * average(by_x * normal))
        second_x = inverse * project(by_normal) - inverse * inverse * normal * scale * along / count
    else:
        along = total(by_x * dy)
        second_dy = scale * inverse * by_x + by_scale * normal + by_offset
        second_x = by_scale * dy * inverse
    second_scale = reshape(inverse * along, [-1])
    return [cast(second_dy, op.inputs[0].dtype.base_dtype), cast(second_x, dtype), second_scale, None, None, None]


define_op("FusedBatchNormGradV3",
          "y_backprop:T, x:T, scale:float, reserve_space_1:U, reserve_space_2:U, reserve_space_3:U",
          "x_backprop:T, scale_backprop:U, offset_backprop:U, reserve_space_4:U, reserve_space_5:U",
          "T:type{half,bfloat16,float}; U:type{float}; epsilon:float=9.999999747378752e-05; "
          "data_format:string='NHWC'{NHWC,NCHW,NDHWC,NCDHW}; is_training:bool=True",
          shape=_fused_grad_shape, kernel=_fused_grad, gradient=_fused_second)


def fused_batch_norm(
    x: Any, scale: Any, offset: Any, mean: Any = None, variance: Any = None, epsilon: float = 0.001,
    data_format: str = "NHWC", is_training: bool = True, name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalisation of images in one operation.

    Args:
      x: ``[batch, height, width, channels]`` (or as `data_format` says), float32, float16 or bfloat16.
      scale, offset: Gamma and beta of each channel, float32.
      mean, variance: Statistics to use when not training; must be None when training.
      epsilon: A small number against division by zero.
      data_format: "NHWC" or "NCHW".
      is_training: If True, the statistics are those of `x`.
      name: Name of the operation.

    Returns:
      Three Tensors: the result, mean and variance (as estimated from a sample) of each channel.

    Raises:
      ValueError: Statistics are given in training.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.constant([[[[1.0], [5.0]]]])
      ...     print(sess.run(tf.nn.fused_batch_norm(x, [2.0], [10.0]))[2])
      [8.]

    Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, name="offset")
    if is_training and (mean is not None or variance is not None):
        raise ValueError("Both 'mean' and 'variance' must be None if is_training is True.")
    mean = constant([], dtype=float32) if mean is None else mean
    variance = constant([], dtype=float32) if variance is None else variance
    y, batch_mean, batch_variance, *_ = apply_op(
        "FusedBatchNormV3", x, scale, offset, mean, variance, epsilon=max(epsilon, 1.001e-5), data_format=data_format,
        is_training=is_training, name=name)
    return y, batch_mean, batch_variance


# ---------------------------------------------------------------------- l2_normalize


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    """``x / sqrt(max(sum(x ** 2), epsilon))`` along `axis`.

    Args:
      x: Tensor of floats.
      axis: Axis or list of axes.
      epsilon: Lower bound of the sum.
      name: Name of the operation.
      dim: Deprecated name of `axis`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.l2_normalize([3.0, 4.0], 0)))
      [0.6 0.8]
    """
    axis = dim if axis is None else axis
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        total = reduce_sum(apply_op("Square", x), axis, keepdims=True)
        inverse = apply_op("Rsqrt", apply_op("Maximum", total, epsilon))
        return multiply(x, inverse, name=scope)


# ---------------------------------------------------------------------- LRN


def _window_sums(squares: Any, radius: int) -> Any:
    """Sums over the channels from ``c - radius`` to ``c + radius``."""
    depth = squares.shape[-1]
    total = squares.copy()
    for step in range(1, min(radius, depth - 1) + 1):
        total[..., step:] += squares[..., :-step]
        total[..., :-step] += squares[..., step:]
    return total


def _lrn(xp: Any, input: Any, *, depth_radius: int, bias: float, alpha: float, beta: float) -> Any:
    wide = input.astype(np.float32, copy=False)
    norm = np.float32(bias) + np.float32(alpha) * _window_sums(wide * wide, depth_radius)
    return (wide * norm ** np.float32(-beta)).astype(input.dtype)


def _lrn_attrs(op: Operation) -> dict[str, Any]:
    return {n: op.attrs[n] for n in ("depth_radius", "bias", "alpha", "beta")}


_LRN = "depth_radius:int=5; bias:float=1.0; alpha:float=1.0; beta:float=0.5; T:type=float{half,bfloat16,float}"

define_op("LRN", "input:T", "output:T", _LRN, shape=lambda input: input.shape.with_rank(4), kernel=_lrn,
          gradient=lambda op, grad: apply_op("LRNGrad", grad, op.inputs[0], op.outputs[0], **_lrn_attrs(op)))


def _lrn_grad(xp: Any, input_grads: Any, input_image: Any, output_image: Any, *, depth_radius: int, bias: float,
              alpha: float, beta: float) -> Any:
    dy, x = input_grads.astype(np.float32, copy=False), input_image.astype(np.float32, copy=False)
    norm = np.float32(bias) + np.float32(alpha) * _window_sums(x * x, depth_radius)
    powers = norm ** np.float32(-beta)
    shared = _window_sums(dy * x * powers / norm, depth_radius)
    return (dy * powers - np.float32(2 * alpha * beta) * x * shared).astype(input_grads.dtype)


define_op("LRNGrad", "input_grads:T, input_image:T, output_image:T", "output:T", _LRN,
          shape=lambda input_grads, input_image, output_image: input_image.shape, kernel=_lrn_grad)


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: str | None = None,
) -> Tensor:
    """Each value divided by ``(bias + alpha * sum(squares of the channels nearby)) ** beta``.

    Args:
      input: ``[batch, height, width, channels]``, float32, float16 or bfloat16.
      depth_radius: How many channels on either side count.
      bias, alpha, beta: Numbers of the formula.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.lrn(tf.constant([[[[0.0, 2.0]]]]), bias=0.0)).ravel())
      [0. 1.]

    Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, section 3.3.
    """
    return apply_op("LRN", input, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta, name=name)


lrn = local_response_normalization


# ---------------------------------------------------------------------- small measures


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """Share of the elements that are zero, a float32 scalar.

    Args:
      value: Tensor of numbers.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.zero_fraction([0.0, 1.0, 0.0, 2.0])))
      0.5
    """
    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        size = size_op(value, out_type=int64)
        zero = convert_to_tensor(0, dtype=value.dtype.base_dtype)
        nonzero = reduce_sum(cast(apply_op("NotEqual", value, zero), int64))
        with name_scope("counts_to_fraction"):
            fraction = cast(size - nonzero, float32) / cast(size, float32)
        return apply_op("Identity", fraction, name="fraction")


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Tensor:
    """Minus the log-likelihood of counts under a Poisson distribution: ``exp(log_input) - log_input * targets``.

    Args:
      targets: Counts, floats.
      log_input: Logarithms of the expected counts, of the same shape.
      compute_full_loss: If True, Stirling's approximation of ``log(targets!)`` is added.
      name: Name of the operation.

    Raises:
      ValueError: The shapes differ.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.log_poisson_loss([2.0], [0.0])))
      [1.]
    """
    with name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, name="targets")
        try:
            targets.shape.merge_with(log_input.shape)
        except ValueError:
            raise ValueError(
                f"log_input and targets must have the same shape ({log_input.shape} vs {targets.shape})") from None
        result: Tensor = apply_op("Exp", log_input) - log_input * targets
        if compute_full_loss:
            dtype = targets.dtype.base_dtype
            half, two_pi = constant(0.5, dtype=dtype), constant(2 * math.pi, dtype=dtype)
            stirling = targets * apply_op("Log", targets) - targets + half * apply_op("Log", two_pi * targets)
            zeros, ones = zeros_like(targets), ones_like(targets)
            small = apply_op("LogicalAnd", targets >= zeros, targets <= ones)
            result = result + where(small, zeros, stirling)
        return result


