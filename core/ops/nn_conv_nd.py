"""Convolution in three dimensions and by channel: `Conv3D`, `DepthwiseConv2dNative` and their gradients.

The algorithms stand in `core.kernels.conv_nd`; what is composed of these ops in `nn_convolution.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.graph import Operation, Tensor, apply_op, constant_value_as_shape, define_op
from core.kernels import conv_nd as kernels
from core.kernels.windows import explicit_pads
from core.ops.array_basic import shape as shape_op
from core.ops.nn_conv import four_numbers, spatial_size, split_padding
from core.shapes import TensorShape

__all__: list[str] = []


def _windows_fit(values: list[int], data_format: str, what: str) -> None:
    if len(values) != len(data_format):
        raise ValueError(f"{what} must have {len(data_format)} elements, one for each dimension of {data_format}, got "
                         f"{values}")
    if any(v < 1 for v in values):
        raise ValueError(f"{what} must be positive, got {values}")
    if values[0] != 1 or values[data_format.index("C")] != 1:
        raise ValueError(f"Current implementation does not support {what} in the batch and depth dimensions, got "
                         f"{values} for {data_format}")


def _output(image: Tensor, window: Tensor, strides: list[int], dilations: list[int], padding: str, explicit: list[int],
            data_format: str, channels: Callable[[Any, Any, Any], int | None]) -> TensorShape:
    _windows_fit(strides, data_format, "strides")
    _windows_fit(dilations, data_format, "dilations")
    rank = len(data_format)
    dims = image.shape.with_rank(rank).as_list()
    sizes = window.shape.with_rank(rank).as_list()
    at = data_format.index("C")
    axes = [i for i in range(1, rank) if i != at]
    pads = explicit_pads(explicit, data_format) if padding == "EXPLICIT" else [(0, 0)] * len(axes)
    result = list(dims)
    for i, axis in enumerate(axes):
        result[axis] = spatial_size(dims[axis], sizes[i], strides[axis], dilations[axis], padding, pads[i])
    result[at] = channels(dims[at], sizes[-2], sizes[-1])
    return TensorShape(result)


def _sizes(sizes: Tensor, rank: int) -> TensorShape:
    known = constant_value_as_shape(sizes)
    return known if known.ndims == rank else TensorShape([None] * rank)


# ---------------------------------------------------------------------- Conv3D

_ATTRS_3D = ("strides:list(int)>=5; padding:string{SAME,VALID}; data_format:string='NDHWC'{NDHWC,NCDHW}; "
             "dilations:list(int)=[1,1,1,1,1]")
_NAMES_3D = ("strides", "padding", "data_format", "dilations")


def _full_channels(have: int | None, taken: int | None, made: int | None) -> int | None:
    if None not in (have, taken) and have != taken:
        raise ValueError(f"Dimensions must be equal, but are {have} and {taken}: the input has {have} channels, the "
                         f"filter takes {taken}")
    return made


def _conv3d_shape(input: Tensor, filter: Tensor, *, strides: list[int], padding: str, data_format: str,
                  dilations: list[int]) -> TensorShape:
    return _output(input, filter, strides, dilations, padding, [], data_format, _full_channels)


def _conv3d(xp: Any, input: Any, filter: Any, *, strides: list[int], padding: str, data_format: str,
            dilations: list[int]) -> Any:
    return kernels.conv_nd(input, filter, strides, padding, dilations, data_format)


def _attrs_of(op: Operation, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: op.attrs[name] for name in names}


def _conv3d_gradient(op: Operation, grad: Any) -> list[Any]:
    image, window = op.inputs
    attrs = _attrs_of(op, _NAMES_3D)
    return [apply_op("Conv3DBackpropInputV2", shape_op(image), window, grad, **attrs),
            apply_op("Conv3DBackpropFilterV2", image, shape_op(window), grad, **attrs)]


define_op("Conv3D", "input:T, filter:T", "output:T", "T:type{half,bfloat16,float,double}; " + _ATTRS_3D,
          shape=_conv3d_shape, kernel=_conv3d, gradient=_conv3d_gradient)


def _conv3d_input(xp: Any, input_sizes: Any, filter: Any, out_backprop: Any, *, strides: list[int], padding: str,
                  data_format: str, dilations: list[int]) -> Any:
    return kernels.conv_nd_input_grad(input_sizes.tolist(), filter, out_backprop, strides, padding, dilations,
                                      data_format)


def _conv3d_input_gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = _attrs_of(op, _NAMES_3D)
    return [None, apply_op("Conv3DBackpropFilterV2", grad, shape_op(op.inputs[1]), op.inputs[2], **attrs),
            apply_op("Conv3D", grad, op.inputs[1], **attrs)]


define_op("Conv3DBackpropInputV2", "input_sizes:Tshape, filter:T, out_backprop:T", "output:T",
          "T:type{half,bfloat16,float,double}; " + _ATTRS_3D + "; Tshape:type=int32{int32,int64}",
          shape=lambda input_sizes, filter, out_backprop: _sizes(input_sizes, 5), kernel=_conv3d_input,
          gradient=_conv3d_input_gradient)


def _conv3d_filter(xp: Any, input: Any, filter_sizes: Any, out_backprop: Any, *, strides: list[int], padding: str,
                   data_format: str, dilations: list[int]) -> Any:
    return kernels.conv_nd_filter_grad(input, filter_sizes.tolist(), out_backprop, strides, padding, dilations,
                                       data_format)


def _conv3d_filter_gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = _attrs_of(op, _NAMES_3D)
    return [apply_op("Conv3DBackpropInputV2", shape_op(op.inputs[0]), grad, op.inputs[2], **attrs), None,
            apply_op("Conv3D", op.inputs[0], grad, **attrs)]


define_op("Conv3DBackpropFilterV2", "input:T, filter_sizes:int32, out_backprop:T", "output:T",
          "T:type{half,bfloat16,float,double}; " + _ATTRS_3D,
          shape=lambda input, filter_sizes, out_backprop: _sizes(filter_sizes, 5), kernel=_conv3d_filter,
          gradient=_conv3d_filter_gradient)


def conv3d(input: Any, filter: Any = None, strides: Any = None, padding: Any = None, data_format: str = "NDHWC",
           dilations: Any = (1, 1, 1, 1, 1), name: str | None = None, filters: Any = None) -> Tensor:
    """3-D convolution.

    Args:
      input: ``[batch, depth, height, width, channels]`` floats (or as `data_format` says).
      filter: ``[filter depth, height, width, in channels, out channels]``.
      strides: 5 steps of the window, in the order of `data_format`.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" or "NCDHW".
      dilations: Distances between the filter's elements, like `strides`.
      name: Name of the operation.
      filters: Newer name of `filter`.

    Raises:
      ValueError: Shapes that do not fit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.conv3d(tf.ones([1, 2, 2, 2, 1]), tf.ones([2, 2, 2, 1, 1]), [1, 1, 1, 1, 1], "VALID")
      ...     print(sess.run(y).ravel())
      [8.]
    """
    return apply_op("Conv3D", input, filter if filters is None else filters, strides=strides, padding=padding,
                    data_format=data_format, dilations=dilations, name=name)


def conv3d_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any,
                           data_format: str = "NDHWC", dilations: Any = (1, 1, 1, 1, 1),
                           name: str | None = None) -> Tensor:
    """The gradient of `conv3d` by its filter, whose shape is `filter_sizes`; other arguments as there."""
    return apply_op("Conv3DBackpropFilterV2", input, filter_sizes, out_backprop, strides=strides, padding=padding,
                    data_format=data_format, dilations=dilations, name=name)


conv3d_backprop_filter_v2 = conv3d_backprop_filter


# ---------------------------------------------------------------------- DepthwiseConv2dNative

_ATTRS_2D = ("strides:list(int); padding:string{SAME,VALID,EXPLICIT}; explicit_paddings:list(int)=[]; "
             "data_format:string='NHWC'{NHWC,NCHW}; dilations:list(int)=[1,1,1,1]")
_NAMES_2D = ("strides", "padding", "explicit_paddings", "data_format", "dilations")


def _depth_channels(have: int | None, taken: int | None, multiplier: int | None) -> int | None:
    if None not in (have, taken) and have != taken:
        raise ValueError(f"Dimensions must be equal, but are {have} and {taken}: the input has {have} channels, the "
                         f"filter takes {taken}")
    have = taken if have is None else have
    return None if have is None or multiplier is None else have * multiplier


def _depthwise_shape(input: Tensor, filter: Tensor, *, strides: list[int], padding: str, explicit_paddings: list[int],
                     data_format: str, dilations: list[int]) -> TensorShape:
    return _output(input, filter, strides, dilations, padding, explicit_paddings, data_format, _depth_channels)


def _pads(padding: str, explicit_paddings: list[int], data_format: str) -> Any:
    return explicit_pads(explicit_paddings, data_format) if padding == "EXPLICIT" else padding


def _depthwise(xp: Any, input: Any, filter: Any, *, strides: list[int], padding: str, explicit_paddings: list[int],
               data_format: str, dilations: list[int]) -> Any:
    return kernels.depthwise_conv2d(input, filter, strides, _pads(padding, explicit_paddings, data_format), dilations,
                                    data_format)


def _depthwise_gradient(op: Operation, grad: Any) -> list[Any]:
    image, window = op.inputs
    attrs = _attrs_of(op, _NAMES_2D)
    return [apply_op("DepthwiseConv2dNativeBackpropInput", shape_op(image), window, grad, **attrs),
            apply_op("DepthwiseConv2dNativeBackpropFilter", image, shape_op(window), grad, **attrs)]


define_op("DepthwiseConv2dNative", "input:T, filter:T", "output:T", "T:type{half,bfloat16,float,double}; " + _ATTRS_2D,
          shape=_depthwise_shape, kernel=_depthwise, gradient=_depthwise_gradient)


def _depthwise_input(xp: Any, input_sizes: Any, filter: Any, out_backprop: Any, *, strides: list[int], padding: str,
                     explicit_paddings: list[int], data_format: str, dilations: list[int]) -> Any:
    return kernels.depthwise_conv2d_input_grad(
        input_sizes.tolist(), filter, out_backprop, strides, _pads(padding, explicit_paddings, data_format), dilations,
        data_format)


def _depthwise_input_gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = _attrs_of(op, _NAMES_2D)
    return [None, apply_op("DepthwiseConv2dNativeBackpropFilter", grad, shape_op(op.inputs[1]), op.inputs[2], **attrs),
            apply_op("DepthwiseConv2dNative", grad, op.inputs[1], **attrs)]


define_op("DepthwiseConv2dNativeBackpropInput", "input_sizes:int32, filter:T, out_backprop:T", "output:T",
          "T:type{half,bfloat16,float,double}; " + _ATTRS_2D,
          shape=lambda input_sizes, filter, out_backprop: _sizes(input_sizes, 4), kernel=_depthwise_input,
          gradient=_depthwise_input_gradient)


def _depthwise_filter(xp: Any, input: Any, filter_sizes: Any, out_backprop: Any, *, strides: list[int], padding: str,
                      explicit_paddings: list[int], data_format: str, dilations: list[int]) -> Any:
    return kernels.depthwise_conv2d_filter_grad(
        input, filter_sizes.tolist(), out_backprop, strides, _pads(padding, explicit_paddings, data_format), dilations,
        data_format)


def _depthwise_filter_gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = _attrs_of(op, _NAMES_2D)
    return [apply_op("DepthwiseConv2dNativeBackpropInput", shape_op(op.inputs[0]), grad, op.inputs[2], **attrs), None,
            apply_op("DepthwiseConv2dNative", op.inputs[0], grad, **attrs)]


define_op("DepthwiseConv2dNativeBackpropFilter", "input:T, filter_sizes:int32, out_backprop:T", "output:T",
          "T:type{half,bfloat16,float,double}; " + _ATTRS_2D,
          shape=lambda input, filter_sizes, out_backprop: _sizes(filter_sizes, 4), kernel=_depthwise_filter,
          gradient=_depthwise_filter_gradient)


def _window(strides: Any, padding: Any, data_format: str, dilations: Any) -> dict[str, Any]:
    kind, explicit = split_padding(padding, data_format)
    return {"strides": four_numbers(strides, "strides", data_format), "padding": kind, "explicit_paddings": explicit,
            "data_format": data_format, "dilations": four_numbers(dilations, "dilations", data_format)}


def depthwise_conv2d_native(input: Any, filter: Any, strides: Any, padding: Any, data_format: str = "NHWC",
                            dilations: Any = (1, 1, 1, 1), name: str | None = None) -> Tensor:
    """2-D convolution of each channel with its own filters.

    Args:
      input: ``[batch, height, width, channels]`` floats (or as `data_format` says).
      filter: ``[filter height, filter width, channels, multiplier]``: output channel ``c * multiplier + m`` is
        channel c under filter m.
      strides: 4 steps of the window, in the order of `data_format`.
      padding: "SAME", "VALID", or a list of (before, after) pairs, one for each dimension.
      data_format: "NHWC" or "NCHW".
      dilations: Distances between the filter's elements, like `strides`.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.nn.depthwise_conv2d_native(tf.ones([1, 2, 2, 2]), tf.ones([2, 2, 2, 1]), [1, 1, 1, 1], "VALID")
      ...     print(sess.run(y).ravel())
      [4. 4.]
    """
    return apply_op("DepthwiseConv2dNative", input, filter, name=name, **_window(strides, padding, data_format,
                                                                                dilations))


def depthwise_conv2d_native_backprop_input(
    input_sizes: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d_native` by its input, whose shape is `input_sizes`."""
    return apply_op("DepthwiseConv2dNativeBackpropInput", input_sizes, filter, out_backprop, name=name,
                    **_window(strides, padding, data_format, dilations))


def depthwise_conv2d_native_backprop_filter(
    input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d_native` by its filter, whose shape is `filter_sizes`."""
    return apply_op("DepthwiseConv2dNativeBackpropFilter", input, filter_sizes, out_backprop, name=name,
                    **_window(strides, padding, data_format, dilations))


depthwise_conv2d_backprop_input = depthwise_conv2d_native_backprop_input
depthwise_conv2d_backprop_filter = depthwise_conv2d_native_backprop_filter
