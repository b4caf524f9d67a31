"""Convolutions composed of the ops of `nn_conv.py` and `nn_conv_nd.py`: 1-D, transposed, separable, atrous, N-D."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import int32
from core.graph import Tensor, apply_op, convert_to_tensor, name_scope
from core.ops.array_basic import shape as shape_op
from core.ops.array_join import concat
from core.ops.array_shape import expand_dims, squeeze
from core.ops.nn_conv import conv2d, conv2d_backprop_input, four_numbers
from core.ops.nn_conv_nd import conv3d, depthwise_conv2d_native

__all__: list[str] = []


def spread(values: Any, count: int, data_format: str, what: str) -> list[int]:
    """One number, one for each of `count` spatial dimensions, or one for each dimension: as the last."""
    if values is None:
        values = 1
    numbers = [int(values)] if isinstance(values, (int, np.integer)) else [int(v) for v in values]
    if len(numbers) == count + 2:
        return numbers
    if len(numbers) not in (1, count):
        raise ValueError(f"{what} should be of length 1, {count} or {count + 2} but was {len(numbers)}")
    numbers = numbers * count if len(numbers) == 1 else numbers
    return [1, 1, *numbers] if data_format.startswith("NC") else [1, *numbers, 1]


def _flat_format(data_format: str | None) -> tuple[str, int]:
    """The format with a height of 1, and the axis of that height."""
    if data_format in (None, "NHWC", "NWC"):
        return "NHWC", 1
    if data_format in ("NCHW", "NCW"):
        return "NCHW", 2
    raise ValueError(f'data_format must be "NWC" or "NCW", got {data_format!r}')


def _flat_numbers(values: Any, data_format: str, what: str) -> list[int]:
    numbers = spread(values, 1, data_format, what)
    return [*numbers[:2], 1, numbers[2]] if data_format == "NCHW" else [numbers[0], 1, *numbers[1:]]


def conv1d(
    value: Any = None, filters: Any = None, stride: Any = None, padding: Any = None,
    use_cudnn_on_gpu: bool | None = None, data_format: str | None = None, name: str | None = None, input: Any = None,
    dilations: Any = None,
) -> Tensor:
    """1-D convolution.

    Args:
      value: ``[batch, width, channels]`` floats (or ``[batch, channels, width]``).
      filters: ``[filter width, in channels, out channels]``.
      stride: Step of the window.
      padding: "SAME" or "VALID".
      use_cudnn_on_gpu: Accepted.
      data_format: "NWC" or "NCW".
      name: Name of the operation.
      input: Newer name of `value`.
      dilations: Distance between the filter's elements.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.conv1d(tf.constant([[[1.0], [2.0], [4.0]]]), tf.ones([2, 1, 1]), 1, "VALID")
      ...     print(sess.run(y).ravel())
      [3. 6.]
    """
    value = value if input is None else input
    with name_scope(name, "conv1d", [value, filters]) as scope:
        form, axis = _flat_format(data_format)
        result = conv2d(
            expand_dims(value, axis), expand_dims(filters, 0), strides=_flat_numbers(stride, form, "stride"),
            padding=padding, use_cudnn_on_gpu=use_cudnn_on_gpu is not False, data_format=form,
            dilations=_flat_numbers(dilations, form, "dilations"), name=scope)
        return squeeze(result, [axis])


# ---------------------------------------------------------------------- transposed


def conv2d_transpose(
    value: Any = None, filter: Any = None, output_shape: Any = None, strides: Any = None, padding: Any = "SAME",
    data_format: str = "NHWC", name: str | None = None, input: Any = None, filters: Any = None, dilations: Any = None,
) -> Tensor:
    """The transpose of `conv2d` (its gradient by the input): makes images larger.

    Args:
      value: ``[batch, height, width, in channels]`` floats (or as `data_format` says).
      filter: ``[filter height, filter width, out channels, in channels]``.
      output_shape: Shape of the output, an int32 vector.
      strides, padding, data_format, dilations, name: As in `conv2d`.
      input, filters: Newer names of `value` and `filter`.

    Raises:
      ValueError: Shapes that do not fit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.conv2d_transpose(tf.ones([1, 1, 1, 1]), tf.ones([2, 2, 1, 1]), [1, 2, 2, 1], [1, 2, 2, 1])
      ...     print(sess.run(y).ravel())
      [1. 1. 1. 1.]

    Source: Zeiler et al., "Deconvolutional networks", 2010.
    """
    value = value if input is None else input
    window = filter if filters is None else filters
    with name_scope(name, "conv2d_transpose", [value, window, output_shape]) as scope:
        value, window = convert_to_tensor(value, name="value"), convert_to_tensor(window, name="filter")
        return conv2d_backprop_input(
            output_shape, window, value, strides=four_numbers(strides, "strides", data_format), padding=padding,
            data_format=data_format, dilations=four_numbers(dilations, "dilations", data_format), name=scope)


def conv1d_transpose(
    input: Any, filters: Any, output_shape: Any, strides: Any, padding: str = "SAME", data_format: str = "NWC",
    dilations: Any = None, name: str | None = None,
) -> Tensor:
    """The transpose of `conv1d`: arguments as `conv2d_transpose`, with one spatial dimension.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.conv1d_transpose(tf.ones([1, 1, 1]), tf.ones([2, 1, 1]), [1, 2, 1], 2)).ravel())
      [1. 1.]
    """
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as scope:
        form, axis = _flat_format(data_format)
        shape = convert_to_tensor(output_shape, dtype=int32)
        shape = concat([shape[:axis], [1], shape[axis:]], 0)
        result = conv2d_backprop_input(
            shape, expand_dims(filters, 0), expand_dims(input, axis), strides=_flat_numbers(strides, form, "strides"),
            padding=padding, data_format=form, dilations=_flat_numbers(dilations, form, "dilations"), name=scope)
        return squeeze(result, [axis])


def conv3d_transpose(
    value: Any, filter: Any = None, output_shape: Any = None, strides: Any = None, padding: str = "SAME",
    data_format: str = "NDHWC", name: str | None = None, input: Any = None, filters: Any = None, dilations: Any = None,
) -> Tensor:
    """The transpose of `conv3d`: arguments as `conv2d_transpose`, with three spatial dimensions.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.conv3d_transpose(tf.ones([1, 1, 1, 1, 1]), tf.ones([2, 1, 1, 1, 1]), [1, 2, 1, 1, 1], 2)
      ...     print(sess.run(y).ravel())
      [1. 1.]
    """
    value = value if input is None else input
    window = filter if filters is None else filters
    with name_scope(name, "conv3d_transpose", [value, window, output_shape]) as scope:
        return apply_op(
            "Conv3DBackpropInputV2", output_shape, convert_to_tensor(window, name="filter"),
            convert_to_tensor(value, name="value"), strides=spread(strides, 3, data_format, "strides"),
            padding=padding, data_format=data_format, dilations=spread(dilations, 3, data_format, "dilations"),
            name=scope)


def conv_transpose(
    input: Any, filters: Any, output_shape: Any, strides: Any, padding: str = "SAME", data_format: str | None = None,
    dilations: Any = None, name: str | None = None,
) -> Tensor:
    """The transposed convolution of 1, 2 or 3 spatial dimensions; see `conv2d_transpose`.

    Raises:
      ValueError: Another number of dimensions.

    Example:
      >>> import core as tf
      >>> tf.nn.conv_transpose(tf.ones([1, 1, 1]), tf.ones([2, 1, 1]), [1, 2, 1], 2).shape.as_list()
      [1, 2, 1]
    """
    with name_scope(name, "conv_transpose", [input, filters, output_shape]) as scope:
        count = len(output_shape) if isinstance(output_shape, (list, tuple)) else \
            convert_to_tensor(output_shape).shape.as_list()[0]
        if count not in (3, 4, 5):
            raise ValueError(f"output_shape must have 3, 4 or 5 elements, got {count}")
        transposes: Any = {3: conv1d_transpose, 4: conv2d_transpose, 5: conv3d_transpose}
        form = data_format or {3: "NWC", 4: "NHWC", 5: "NDHWC"}[count]
        result: Tensor = transposes[count](input, filters, output_shape, strides, padding=padding, data_format=form,
                                           dilations=dilations, name=scope)
        return result


# ---------------------------------------------------------------------- by channel


def _rates(rate: Any, dilations: Any, data_format: str | None) -> list[int]:
    rate = dilations if rate is None else rate
    return four_numbers(rate, "rate", data_format)


def depthwise_conv2d(input: Any, filter: Any, strides: Any, padding: Any, rate: Any = None, name: str | None = None,
                     data_format: str | None = None, dilations: Any = None) -> Tensor:
    """2-D convolution of each channel with its own filters; arguments as `depthwise_conv2d_native`.

    Args:
      rate: Distances between the filter's elements, for height and width.
      dilations: Newer name of `rate`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.depthwise_conv2d(tf.ones([1, 2, 2, 2]), tf.ones([2, 2, 2, 1]), [1, 1, 1, 1], "VALID")
      ...     print(sess.run(y).ravel())
      [4. 4.]
    """
    with name_scope(name, "depthwise", [input, filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        shape_op(filter)
        return depthwise_conv2d_native(input, filter, strides, padding, data_format or "NHWC",
                                       _rates(rate, dilations, data_format), name=scope)


def separable_conv2d(
    input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any, rate: Any = None,
    name: str | None = None, data_format: str | None = None, dilations: Any = None,
) -> Tensor:
    """A convolution of each channel, then one that mixes channels at each place.

    Args:
      input: ``[batch, height, width, channels]`` floats (or as `data_format` says).
      depthwise_filter: ``[filter height, filter width, channels, multiplier]``.
      pointwise_filter: ``[1, 1, channels * multiplier, out channels]``.
      strides, padding, rate, name, data_format, dilations: As in `depthwise_conv2d`.

    Raises:
      ValueError: Shapes that do not fit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.separable_conv2d(tf.ones([1, 2, 2, 2]), tf.ones([2, 2, 2, 1]), tf.ones([1, 1, 2, 1]),
      ...                                [1, 1, 1, 1], "VALID")
      ...     print(sess.run(y).ravel())
      [8.]

    Source: Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.
    """
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise_filter = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        dims = pointwise_filter.shape.with_rank(4).as_list()
        if dims[0] not in (1, None) or dims[1] not in (1, None):
            raise ValueError(f"pointwise_filter must be 1 by 1, got shape {pointwise_filter.shape}")
        shape_op(depthwise_filter)
        form = data_format or "NHWC"
        middle = depthwise_conv2d_native(input, depthwise_filter, strides, padding, form,
                                         _rates(rate, dilations, form), name="depthwise")
        return conv2d(middle, pointwise_filter, [1, 1, 1, 1], padding="VALID", data_format=form, name=scope)


# ---------------------------------------------------------------------- any number of dimensions


def convolution(
    input: Any, filter: Any = None, padding: Any = None, strides: Any = None, dilation_rate: Any = None,
    name: str | None = None, data_format: str | None = None, filters: Any = None, dilations: Any = None,
) -> Tensor:
    """Convolution with 1, 2 or 3 spatial dimensions, as the filter has.

    Args:
      input: ``[batch, spatial..., channels]`` floats (or as `data_format` says).
      filter: ``[spatial..., in channels, out channels]``.
      padding: "SAME" or "VALID".
      strides: Steps, one for each spatial dimension.
      dilation_rate: Distances between the filter's elements, likewise.
      name: Name of the operation.
      data_format: E.g. "NHWC" or "NCHW".
      filters, dilations: Newer names.

    Raises:
      ValueError: Another number of dimensions; strides and dilations larger than one together.

    Example:
      >>> import core as tf
      >>> tf.nn.convolution(tf.ones([1, 7, 1]), tf.ones([3, 1, 2]), "VALID").shape.as_list()
      [1, 5, 2]
    """
    filter = filter if filters is None else filters
    dilation_rate = dilation_rate if dilations is None else dilations
    with name_scope(name, "convolution", [input, filter]) as scope:
        input, filter = convert_to_tensor(input, name="input"), convert_to_tensor(filter, name="filter")
        rank = filter.shape.ndims or input.shape.ndims
        if rank not in (3, 4, 5):
            raise ValueError(f"The filter must have 3, 4 or 5 dimensions (1, 2 or 3 spatial ones), got {filter.shape}")
        form = data_format or {3: "NWC", 4: "NHWC", 5: "NDHWC"}[rank]
        steps = spread(strides, rank - 2, form, "strides")
        rates = spread(dilation_rate, rank - 2, form, "dilation_rate")
        if any(s > 1 for s in steps) and any(r > 1 for r in rates):
            raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
        if rank == 3:
            return conv1d(input, filter, steps, padding, data_format=form, dilations=rates, name=scope)
        conv: Any = conv2d if rank == 4 else conv3d
        result: Tensor = conv(input, filter, strides=steps, padding=padding, data_format=form, dilations=rates,
                              name=scope)
        return result


def atrous_conv2d(value: Any, filters: Any, rate: int, padding: str, name: str | None = None) -> Tensor:
    """2-D convolution whose filter has ``rate - 1`` gaps between its elements.

    Args:
      value: ``[batch, height, width, channels]`` floats.
      filters: ``[filter height, filter width, in channels, out channels]``.
      rate: Distance between the filter's elements.
      padding: "SAME" or "VALID".
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> tf.nn.atrous_conv2d(tf.ones([1, 7, 8, 1]), tf.ones([3, 3, 1, 2]), 2, "VALID").shape.as_list()
      [1, 3, 4, 2]

    Source: Chen et al., "Semantic image segmentation with deep convolutional nets and fully connected CRFs", 2015.
    """
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


def atrous_conv2d_transpose(value: Any, filters: Any, output_shape: Any, rate: int, padding: str,
                            name: str | None = None) -> Tensor:
    """The transpose of `atrous_conv2d`; other arguments as `conv2d_transpose`.

    Example:
      >>> import core as tf
      >>> y = tf.nn.atrous_conv2d_transpose(tf.ones([1, 3, 4, 2]), tf.ones([3, 3, 1, 2]), [1, 7, 8, 1], 2, "VALID")
      >>> y.shape.as_list()
      [1, 7, 8, 1]
    """
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]) as scope:
        return conv2d_backprop_input(output_shape, filters, value, strides=[1, 1, 1, 1], padding=padding,
                                     dilations=[1, rate, rate, 1], name=scope)
