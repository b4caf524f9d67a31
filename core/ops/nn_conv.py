"""Convolution in two dimensions: `Conv2D` and its gradients. The algorithms stand in `core.kernels.conv`."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import Operation, Tensor, apply_op, constant_value_as_shape, define_op
from core.kernels import conv
from core.kernels.windows import explicit_pads, output_size, window_pads
from core.ops.array_basic import shape as shape_op
from core.shapes import TensorShape

__all__: list[str] = []

_ATTRS = ("strides:list(int); use_cudnn_on_gpu:bool=True; padding:string{SAME,VALID,EXPLICIT}; "
          "explicit_paddings:list(int)=[]; data_format:string='NHWC'{NHWC,NCHW}; dilations:list(int)=[1,1,1,1]")
_NAMES = ("strides", "padding", "explicit_paddings", "data_format", "dilations")


def spatial_size(size: int | None, window: int | None, stride: int, dilation: int, padding: str,
                 pads: tuple[int, int]) -> int | None:
    """Number of windows along one dimension; None where the sizes are not known."""
    if size is None or (window is None and padding != "SAME"):
        return None
    if padding == "SAME":
        return -(-size // stride)
    assert window is not None
    effective = (window - 1) * dilation + 1
    if size + sum(pads) < effective:
        raise ValueError(f"Negative dimension size caused by subtracting {effective} from {size + sum(pads)}: the "
                         "window is larger than the (padded) input")
    return output_size(size, window, stride, dilation, pads)


def _check_windows(strides: list[int], dilations: list[int], data_format: str) -> None:
    for what, values in (("strides", strides), ("dilations", dilations)):
        if len(values) != 4:
            raise ValueError(f"{what} must have 4 elements, one for each dimension of {data_format}, got {values}")
        if any(v < 1 for v in values):
            raise ValueError(f"{what} must be positive, got {values}")
        batch, channel = values[data_format.index("N")], values[data_format.index("C")]
        if batch != 1 or channel != 1:
            raise ValueError(f"Current implementation does not support {what} in the batch and depth dimensions, got "
                             f"{values} for {data_format}")


def _conv_shape(input: Tensor, filter: Tensor, *, strides: list[int], padding: str, explicit_paddings: list[int],
                data_format: str, dilations: list[int]) -> TensorShape:
    _check_windows(strides, dilations, data_format)
    image = input.shape.with_rank(4).as_list()
    window = filter.shape.with_rank(4).as_list()
    channel = data_format.index("C")
    given, taken = image[channel], window[2]
    if given is not None and taken is not None and (taken == 0 or given % taken):
        raise ValueError(f"Dimensions must be equal, but are {given} and {taken}: the input has "
                         f"{given} channels, the filter takes {taken}")
    pads = explicit_pads(explicit_paddings, data_format) if padding == "EXPLICIT" else [(0, 0), (0, 0)]
    result = [image[0], None, None, None]
    result[channel] = window[3]
    for index, axis in enumerate(data_format.index(letter) for letter in "HW"):
        result[axis] = spatial_size(image[axis], window[index], strides[axis], dilations[axis], padding, pads[index])
    return TensorShape(result)


def _pads(padding: str, explicit_paddings: list[int]) -> Any:
    return tuple(explicit_paddings) if padding == "EXPLICIT" else padding


def _conv2d(xp: Any, input: Any, filter: Any, *, strides: list[int], padding: str, explicit_paddings: list[int],
            data_format: str, dilations: list[int]) -> Any:
    return conv.conv2d(input, filter, strides, _pads(padding, explicit_paddings), dilations, data_format)


def _prepare_conv2d(shapes: Any, dtypes: Any, *, strides: list[int], padding: str, explicit_paddings: list[int],
                    data_format: str, dilations: list[int]) -> Any:
    plan = conv.Conv2D(shapes[0], shapes[1], strides, _pads(padding, explicit_paddings), dilations, data_format,
                       dtypes[0])
    return plan.forward


def _attrs_of(op: Operation) -> dict[str, Any]:
    return {name: op.attrs[name] for name in (*_NAMES, "use_cudnn_on_gpu")}


def _conv2d_grad(op: Operation, grad: Any) -> list[Any]:
    image, window = op.inputs
    attrs = _attrs_of(op)
    return [apply_op("Conv2DBackpropInput", shape_op(image), window, grad, **attrs),
            apply_op("Conv2DBackpropFilter", image, shape_op(window), grad, **attrs)]


define_op("Conv2D", "input:T, filter:T", "output:T", "T:type{half,bfloat16,float,double,int32}; " + _ATTRS,
          shape=_conv_shape, kernel=_conv2d, prepare=_prepare_conv2d, gradient=_conv2d_grad)


# ---------------------------------------------------------------------- Conv2DBackpropInput


def _input_grad(xp: Any, input_sizes: Any, filter: Any, out_backprop: Any, *, strides: list[int], padding: str,
                explicit_paddings: list[int], data_format: str, dilations: list[int]) -> Any:
    sizes = input_sizes.tolist()
    if len(sizes) == 2:  # only the spatial sizes are given
        full = list(out_backprop.shape)
        channel = data_format.index("C")
        full[channel] = filter.shape[2]
        for index, axis in enumerate(data_format.index(letter) for letter in "HW"):
            full[axis] = sizes[index]
        sizes = full
    _check_backprop(sizes, filter.shape, out_backprop.shape, strides, padding, explicit_paddings, data_format,
                    dilations)
    return conv.conv2d_input_grad(tuple(sizes), filter, out_backprop, strides, _pads(padding, explicit_paddings),
                                  dilations, data_format)


def _check_backprop(image: Any, window: Any, out: Any, strides: Any, padding: str, explicit_paddings: Any,
                    data_format: str, dilations: Any) -> None:
    """The gradient must have the shape that the convolution would give."""
    axes = [data_format.index(letter) for letter in "HW"]
    chosen: Any = explicit_pads(explicit_paddings, data_format) if padding == "EXPLICIT" else padding
    pads = window_pads([image[a] for a in axes], window[:2], [strides[a] for a in axes], [dilations[a] for a in axes],
                       chosen)
    wanted = [output_size(image[a], window[i], strides[a], dilations[a], pads[i]) for i, a in enumerate(axes)]
    if [out[a] for a in axes] != wanted or out[data_format.index("C")] != window[3]:
        raise ValueError(f"out_backprop has shape {list(out)}, but an input of shape {list(image)} and a filter of "
                         f"shape {list(window)} give windows {wanted} and {window[3]} channels")


def _input_backprop_grad(op: Operation, grad: Any) -> list[Any]:
    window, out_backprop = op.inputs[1], op.inputs[2]
    attrs = _attrs_of(op)
    return [None, apply_op("Conv2DBackpropFilter", grad, shape_op(window), out_backprop, **attrs),
            apply_op("Conv2D", grad, window, **attrs)]


define_op("Conv2DBackpropInput", "input_sizes:int32, filter:T, out_backprop:T", "output:T",
          "T:type{half,bfloat16,float,double,int32}; " + _ATTRS,
          shape=lambda input_sizes, filter, out_backprop: _sizes_or_unknown(input_sizes), kernel=_input_grad,
          gradient=_input_backprop_grad)


def _sizes_or_unknown(sizes: Tensor) -> TensorShape:
    known = constant_value_as_shape(sizes)
    return known if known.ndims == 4 else TensorShape([None] * 4)


# ---------------------------------------------------------------------- Conv2DBackpropFilter


def _filter_grad(xp: Any, input: Any, filter_sizes: Any, out_backprop: Any, *, strides: list[int], padding: str,
                 explicit_paddings: list[int], data_format: str, dilations: list[int]) -> Any:
    sizes = tuple(filter_sizes.tolist())
    _check_backprop(input.shape, sizes, out_backprop.shape, strides, padding, explicit_paddings, data_format, dilations)
    return conv.conv2d_filter_grad(input, sizes, out_backprop, strides, _pads(padding, explicit_paddings), dilations,
                                   data_format)


def _filter_backprop_grad(op: Operation, grad: Any) -> list[Any]:
    image, out_backprop = op.inputs[0], op.inputs[2]
    attrs = _attrs_of(op)
    return [apply_op("Conv2DBackpropInput", shape_op(image), grad, out_backprop, **attrs), None,
            apply_op("Conv2D", image, grad, **attrs)]


define_op("Conv2DBackpropFilter", "input:T, filter_sizes:int32, out_backprop:T", "output:T",
          "T:type{half,bfloat16,float,double}; " + _ATTRS,
          shape=lambda input, filter_sizes, out_backprop: _sizes_or_unknown(filter_sizes), kernel=_filter_grad,
          gradient=_filter_backprop_grad)


# ---------------------------------------------------------------------- public functions


def four_numbers(values: Any, what: str, data_format: str | None) -> list[int]:
    """1, 2 or 4 numbers as one for each dimension."""
    if values is None:
        return [1, 1, 1, 1]
    if isinstance(values, (int, np.integer)):
        values = [values]
    values = [int(v) for v in values]
    if len(values) == 4:
        return values
    if len(values) not in (1, 2):
        raise ValueError(f"{what} should be of length 1, 2 or 4 but was {len(values)}")
    pair = values * 2 if len(values) == 1 else values
    return [1, 1, *pair] if (data_format or "NHWC") == "NCHW" else [1, *pair, 1]


def split_padding(padding: Any, data_format: str) -> tuple[str, list[int]]:
    """A padding given as text or as a list of pairs, as the attributes `padding` and `explicit_paddings`."""
    if isinstance(padding, (list, tuple)):
        flat = [int(v) for pair in padding for v in pair]
        if len(flat) != 2 * len(data_format):
            raise ValueError(f"Explicit padding needs one (before, after) pair for each dimension of {data_format}, "
                             f"got {padding}")
        for letter in "NC":
            axis = data_format.index(letter)
            if flat[2 * axis:2 * axis + 2] != [0, 0]:
                raise ValueError(f"The batch and channel dimensions can't be padded, got {padding} for {data_format}")
        return "EXPLICIT", flat
    return padding, []


def conv2d(
    input: Any, filter: Any = None, strides: Any = None, padding: Any = None, use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None, filters: Any = None,
) -> Tensor:
    """2-D convolution: ``out[b, i, j, k] = sum(input[b, s*i + di, s*j + dj, q] * filter[di, dj, q, k])``.

    Args:
      input: ``[batch, height, width, channels]`` floats (or ``[batch, channels, height, width]``).
      filter: ``[filter height, filter width, in channels, out channels]``.
      strides: Steps of the window: 4 numbers in the order of `data_format`, or 1 or 2 for height and width.
      padding: "SAME", "VALID", or a list of (before, after) pairs, one for each dimension.
      use_cudnn_on_gpu: Accepted.
      data_format: "NHWC" or "NCHW".
      dilations: Distances between the filter's elements, like `strides`.
      name: Name of the operation.
      filters: Newer name of `filter`.

    Raises:
      ValueError: Shapes that do not fit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
      ...     y = tf.nn.conv2d(x, tf.ones([2, 2, 1, 1]), strides=[1, 1, 1, 1], padding="VALID")
      ...     print(sess.run(y)[0, :, :, 0])
      [[ 8. 12.]
       [20. 24.]]
    """
    window = filter if filters is None else filters
    kind, explicit = split_padding(padding, data_format or "NHWC")
    return apply_op(
        "Conv2D", input, window, strides=four_numbers(strides, "strides", data_format), padding=kind,
        explicit_paddings=explicit, use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format,
        dilations=four_numbers(dilations, "dilations", data_format), name=name)


def conv2d_backprop_input(
    input_sizes: Any, filter: Any = None, out_backprop: Any = None, strides: Any = None, padding: Any = None,
    use_cudnn_on_gpu: bool = True, data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The gradient of `conv2d` by its input.

    Args:
      input_sizes: Shape of the input, an int32 vector.
      out_backprop: Gradient by the output.
      filter, strides, padding, use_cudnn_on_gpu, data_format, dilations, name, filters: As in `conv2d`.
    """
    kind, explicit = split_padding(padding, data_format)
    return apply_op(
        "Conv2DBackpropInput", input_sizes, filter if filters is None else filters, out_backprop,
        strides=four_numbers(strides, "strides", data_format), padding=kind, explicit_paddings=explicit,
        use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format,
        dilations=four_numbers(dilations, "dilations", data_format), name=name)


def conv2d_backprop_filter(
    input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any, use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` by its filter.

    Args:
      filter_sizes: Shape of the filter, an int32 vector.
      out_backprop: Gradient by the output.
      input, strides, padding, use_cudnn_on_gpu, data_format, dilations, name: As in `conv2d`.
    """
    kind, explicit = split_padding(padding, data_format)
    return apply_op(
        "Conv2DBackpropFilter", input, filter_sizes, out_backprop,
        strides=four_numbers(strides, "strides", data_format),
        padding=kind, explicit_paddings=explicit, use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format,
        dilations=four_numbers(dilations, "dilations", data_format), name=name)
