"""Convolution and pooling layers in two dimensions."""

from __future__ import annotations

from typing import Any

from core.graph import convert_to_tensor
from core.initializers import zeros_initializer
from core.layers.base import InputSpec, Layer
from core.ops.nn_activations import bias_add
from core.ops.nn_conv import conv2d as conv2d_op
from core.ops.nn_conv import spatial_size
from core.ops.nn_pool import avg_pool, max_pool
from core.shapes import TensorShape

__all__ = [
    "AveragePooling2D", "Conv2D", "MaxPooling2D", "average_pooling2d", "conv2d", "max_pooling2d",
]


def pair(value: Any, what: str) -> tuple[int, int]:
    """One or two numbers as two; ValueError for others."""
    if isinstance(value, int):
        return (value, value)
    numbers = tuple(value)
    if len(numbers) != 2 or not all(isinstance(n, int) for n in numbers):
        raise ValueError(f"The `{what}` argument must be a tuple of 2 integers. Received: {value}")
    return numbers


def _format(data_format: str) -> str:
    lowered = data_format.lower()
    if lowered not in ("channels_last", "channels_first"):
        raise ValueError('The `data_format` argument must be one of "channels_first", "channels_last". '
                         f"Received: {data_format}")
    return "NCHW" if lowered == "channels_first" else "NHWC"


def _padding(padding: str) -> str:
    lowered = padding.lower()
    if lowered not in ("valid", "same"):
        raise ValueError(f'The `padding` argument must be one of "valid", "same". Received: {padding}')
    return lowered.upper()


def _spatial(shape: Any, data_format: str, window: Any, strides: Any, padding: str, dilation: Any,
             channels: int | None) -> TensorShape:
    dims = TensorShape(shape).as_list()
    axes = [data_format.index("H"), data_format.index("W")]
    for index, axis in enumerate(axes):
        dims[axis] = spatial_size(dims[axis], window[index], strides[index], dilation[index], padding, (0, 0))
    if channels is not None:
        dims[data_format.index("C")] = channels
    return TensorShape(dims)


class Conv2D(Layer):
    """``activation(conv2d(inputs, kernel) + bias)``.

    Args:
      filters: Number of output channels.
      kernel_size, strides, dilation_rate: One number, or two for height and width.
      padding: "valid" or "same".
      data_format: "channels_last" or "channels_first".
      activation: Function of the result, or None.
      use_bias: If False, there is no bias.
      kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
        kernel_constraint, bias_constraint, trainable, name: As in `Dense`.
    """

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
        data_format: str = "channels_last", dilation_rate: Any = (1, 1), activation: Any = None, use_bias: bool = True,
        kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.filters = int(filters)
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.strides = pair(strides, "strides")
        self.dilation_rate = pair(dilation_rate, "dilation_rate")
        self.padding, self.data_format = padding, data_format
        self._padding, self._data_format = _padding(padding), _format(data_format)
        self.activation, self.use_bias = activation, use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.kernel: Any = None
        self.bias: Any = None
        self.input_spec = InputSpec(ndim=4)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias."""
        axis = self._data_format.index("C")
        channels = TensorShape(input_shape).as_list()[axis]
        if channels is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None` "
                             f"(layer '{self.name}').")
        self.input_spec = InputSpec(ndim=4, axes={axis: channels})
        self.kernel = self.add_weight(
            "kernel", [*self.kernel_size, channels, self.filters], initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.filters], initializer=self.bias_initializer,
                                        regularizer=self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output."""
        outputs = conv2d_op(inputs, self.kernel, strides=list(self.strides), padding=self._padding,
                            data_format=self._data_format, dilations=list(self.dilation_rate), name="Conv2D")
        if self.use_bias:
            outputs = bias_add(outputs, self.bias, data_format=self._data_format)
        return self.activation(outputs) if self.activation is not None else outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Shape of the output."""
        return _spatial(input_shape, self._data_format, self.kernel_size, self.strides, self._padding,
                        self.dilation_rate, self.filters)


def conv2d(
    inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: str = "channels_last", dilation_rate: Any = (1, 1), activation: Any = None, use_bias: bool = True,
    kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer(), kernel_regularizer: Any = None,  # noqa: B008
    bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
    bias_constraint: Any = None, trainable: bool = True, name: str | None = None, reuse: Any = None,
) -> Any:
    """2-D convolution with kernel and bias of its own; arguments as `Conv2D`.

    Args:
      inputs: ``[batch, height, width, channels]``.
      reuse: If True, the variables of the layer of this name are used again.

    Example:
      >>> import core as tf
      >>> tf.layers.conv2d(tf.zeros([2, 7, 6, 3]), 4, 3).shape.as_list()
      [2, 5, 4, 4]
    """
    inputs = convert_to_tensor(inputs)
    layer = Conv2D(
        filters, kernel_size, strides=strides, padding=padding, data_format=data_format, dilation_rate=dilation_rate,
        activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
        bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer,
        activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
        bias_constraint=bias_constraint, trainable=trainable, name=name, dtype=inputs.dtype.base_dtype, _scope=name,
        _reuse=reuse)
    return layer(inputs)


class _Pooling2D(Layer):
    """What both pooling layers share."""

    _pool: Any

    def __init__(self, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                 name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size, self.strides = pair(pool_size, "pool_size"), pair(strides, "strides")
        self.padding, self.data_format = padding, data_format
        self._padding, self._data_format = _padding(padding), _format(data_format)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output."""
        return type(self)._pool(inputs, list(self.pool_size), list(self.strides), self._padding, self._data_format)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Shape of the output."""
        return _spatial(input_shape, self._data_format, self.pool_size, self.strides, self._padding, (1, 1), None)


class MaxPooling2D(_Pooling2D):
    """The largest element of every window.

    Args:
      pool_size, strides: One number, or two for height and width.
      padding: "valid" or "same".
      data_format: "channels_last" or "channels_first".
      name: Name of the layer.
    """

    _pool = staticmethod(max_pool)


class AveragePooling2D(_Pooling2D):
    """The mean element of every window; arguments as `MaxPooling2D`."""

    _pool = staticmethod(avg_pool)


def max_pooling2d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                  data_format: str = "channels_last", name: str | None = None) -> Any:
    """The largest element of every window; arguments as `MaxPooling2D`.

    Example:
      >>> import core as tf
      >>> tf.layers.max_pooling2d(tf.zeros([2, 6, 8, 3]), 2, 2).shape.as_list()
      [2, 3, 4, 3]
    """
    return MaxPooling2D(pool_size, strides, padding=padding, data_format=data_format, name=name)(inputs)


def average_pooling2d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                      data_format: str = "channels_last", name: str | None = None) -> Any:
    """The mean element of every window; arguments as `MaxPooling2D`.

    Example:
      >>> import core as tf
      >>> tf.layers.average_pooling2d(tf.zeros([2, 6, 8, 3]), 2, 2).shape.as_list()
      [2, 3, 4, 3]
    """
    return AveragePooling2D(pool_size, strides, padding=padding, data_format=data_format, name=name)(inputs)
