"""Convolution layers in one and three dimensions, transposed and separable ones; pooling in one and three."""

from __future__ import annotations

from typing import Any

from core.graph import convert_to_tensor
from core.initializers import zeros_initializer
from core.layers.base import InputSpec, Layer
from core.ops.array_basic import shape as shape_op
from core.ops.array_join import stack
from core.ops.nn_activations import bias_add
from core.ops.nn_conv import spatial_size
from core.ops.nn_convolution import conv2d_transpose as conv2d_transpose_op
from core.ops.nn_convolution import conv3d_transpose as conv3d_transpose_op
from core.ops.nn_convolution import convolution
from core.ops.nn_convolution import separable_conv2d as separable_conv2d_op
from core.ops.nn_pool_nd import avg_pool1d, avg_pool3d, max_pool1d, max_pool3d
from core.shapes import TensorShape

__all__ = [
    "AveragePooling1D", "AveragePooling3D", "Conv1D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "MaxPooling1D",
    "MaxPooling3D", "SeparableConv2D", "average_pooling1d", "average_pooling3d", "conv1d", "conv2d_transpose",
    "conv3d", "conv3d_transpose", "max_pooling1d", "max_pooling3d", "separable_conv2d",
]

_SPATIAL = {1: "W", 2: "HW", 3: "DHW"}


def _tuple(value: Any, rank: int, what: str) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,) * rank
    numbers = tuple(value)
    if len(numbers) != rank or not all(isinstance(n, int) for n in numbers):
        raise ValueError(f"The `{what}` argument must be a tuple of {rank} integers. Received: {value}")
    return numbers


def _format(data_format: str, rank: int) -> str:
    lowered = data_format.lower()
    if lowered not in ("channels_last", "channels_first"):
        raise ValueError('The `data_format` argument must be one of "channels_first", "channels_last". '
                         f"Received: {data_format}")
    return f"NC{_SPATIAL[rank]}" if lowered == "channels_first" else f"N{_SPATIAL[rank]}C"


def _padding(padding: str) -> str:
    lowered = padding.lower()
    if lowered not in ("valid", "same"):
        raise ValueError(f'The `padding` argument must be one of "valid", "same". Received: {padding}')
    return lowered.upper()


class _Conv(Layer):
    """What the convolution layers share. Arguments as `tf.layers.Conv2D`, with `rank` spatial dimensions."""

    rank = 2
    _op_name: str | None = None

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str = "channels_last", dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
        kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.filters = int(filters)
        self.kernel_size = _tuple(kernel_size, self.rank, "kernel_size")
        self.strides = _tuple(strides, self.rank, "strides")
        self.dilation_rate = _tuple(dilation_rate, self.rank, "dilation_rate")
        self.padding, self.data_format = padding, data_format
        self._padding, self._data_format = _padding(padding), _format(data_format, self.rank)
        self.activation, self.use_bias = activation, use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.kernel: Any = None
        self.bias: Any = None
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _channels(self, input_shape: Any) -> int:
        axis = self._data_format.index("C")
        channels = TensorShape(input_shape).as_list()[axis]
        if channels is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None` "
                             f"(layer '{self.name}').")
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        return int(channels)

    def _make_kernel(self, channels: int) -> None:
        self.kernel = self.add_weight(
            "kernel", [*self.kernel_size, channels, self.filters], initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias."""
        self._make_kernel(self._channels(input_shape))
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.filters], initializer=self.bias_initializer,
                                        regularizer=self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def _convolve(self, inputs: Any) -> Any:
        return convolution(inputs, self.kernel, self._padding, strides=list(self.strides),
                           dilation_rate=list(self.dilation_rate), data_format=self._data_format, name=self._op_name)

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output."""
        outputs = self._convolve(inputs)
        if self.use_bias:
            outputs = bias_add(outputs, self.bias, data_format=self._data_format)
        return self.activation(outputs) if self.activation is not None else outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Shape of the output."""
        dims = TensorShape(input_shape).as_list()
        for i, letter in enumerate(_SPATIAL[self.rank]):
            axis = self._data_format.index(letter)
            dims[axis] = self._size(dims[axis], i)
        dims[self._data_format.index("C")] = self.filters
        return TensorShape(dims)

    def _size(self, size: int | None, i: int) -> int | None:
        return spatial_size(size, self.kernel_size[i], self.strides[i], self.dilation_rate[i], self._padding, (0, 0))


class Conv1D(_Conv):
    """Convolution along one dimension; arguments as `tf.layers.Conv2D`."""

    rank = 1
    _op_name = "conv1d"


class Conv3D(_Conv):
    """Convolution in three dimensions; arguments as `tf.layers.Conv2D`."""

    rank = 3
    _op_name = "Conv3D"


class Conv2DTranspose(_Conv):
    """Transposed convolution (makes images larger); arguments as `tf.layers.Conv2D`, without dilations."""

    rank = 2
    _transposed: Any = staticmethod(conv2d_transpose_op)

    def _make_kernel(self, channels: int) -> None:
        self.kernel = self.add_weight(
            "kernel", [*self.kernel_size, self.filters, channels], initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)

    def _size(self, size: Any, i: int) -> Any:
        if size is None:
            return None
        larger = size * self.strides[i]
        extra = max(self.kernel_size[i] - self.strides[i], 0)
        return larger + extra if self._padding == "VALID" and extra else larger

    def _convolve(self, inputs: Any) -> Any:
        shape = shape_op(inputs)
        form = self._data_format
        sizes: list[Any] = []
        spatial = iter(range(self.rank))
        for axis, letter in enumerate(form):
            if letter == "C":
                sizes.append(self.filters)
            else:
                sizes.append(shape[axis] if letter == "N" else self._size(shape[axis], next(spatial)))
        steps = list(self.strides)
        strides = [1, 1, *steps] if form.startswith("NC") else [1, *steps, 1]
        outputs = type(self)._transposed(inputs, self.kernel, stack(sizes), strides, padding=self._padding,
                                         data_format=form)
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return outputs


class Conv3DTranspose(Conv2DTranspose):
    """Transposed convolution in three dimensions; arguments as `tf.layers.Conv2D`, without dilations."""

    rank = 3
    _transposed: Any = staticmethod(conv3d_transpose_op)


class SeparableConv2D(_Conv):
    """Convolution of each channel, then one that mixes the channels.

    Args:
      depth_multiplier: Number of filters for each channel.
      depthwise_initializer, pointwise_initializer, depthwise_regularizer, pointwise_regularizer,
        depthwise_constraint, pointwise_constraint: For the two kernels.
      (others): As `tf.layers.Conv2D`.
    """

    rank = 2

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
        data_format: str = "channels_last", dilation_rate: Any = (1, 1), depth_multiplier: int = 1,
        activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
        pointwise_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
        depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None,
        bias_constraint: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                         bias_initializer=bias_initializer, bias_regularizer=bias_regularizer,
                         activity_regularizer=activity_regularizer, bias_constraint=bias_constraint,
                         trainable=trainable, name=name, **kwargs)
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer, self.pointwise_initializer = depthwise_initializer, pointwise_initializer
        self.depthwise_regularizer, self.pointwise_regularizer = depthwise_regularizer, pointwise_regularizer
        self.depthwise_constraint, self.pointwise_constraint = depthwise_constraint, pointwise_constraint
        self.depthwise_kernel: Any = None
        self.pointwise_kernel: Any = None

    def _make_kernel(self, channels: int) -> None:
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", [*self.kernel_size, channels, self.depth_multiplier],
            initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint)
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel", [1, 1, channels * self.depth_multiplier, self.filters],
            initializer=self.pointwise_initializer, regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint)

    def _convolve(self, inputs: Any) -> Any:
        steps = list(self.strides)
        strides = [1, 1, *steps] if self._data_format.startswith("NC") else [1, *steps, 1]
        return separable_conv2d_op(inputs, self.depthwise_kernel, self.pointwise_kernel, strides, self._padding,
                                   rate=list(self.dilation_rate), data_format=self._data_format)


def conv1d(inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
           kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
           kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
           kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Any:
    """Convolution along one dimension with kernel and bias of its own; arguments as `tf.layers.conv2d`.

    Example:
      >>> import core as tf
      >>> tf.layers.conv1d(tf.zeros([2, 7, 3]), 4, 3).shape.as_list()
      [2, 5, 4]
    """
    inputs = convert_to_tensor(inputs)
    return Conv1D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                  kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                  kernel_constraint, bias_constraint, trainable, name, dtype=inputs.dtype.base_dtype, _reuse=reuse,
                  _scope=name)(inputs)


def conv3d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = (1, 1, 1), activation: Any = None,
           use_bias: bool = True, kernel_initializer: Any = None,
           bias_initializer: Any = zeros_initializer(),  # noqa: B008
           kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
           kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Any:
    """Convolution in three dimensions with kernel and bias of its own; arguments as `tf.layers.conv2d`.

    Example:
      >>> import core as tf
      >>> tf.layers.conv3d(tf.zeros([2, 7, 6, 5, 3]), 4, 3).shape.as_list()
      [2, 5, 4, 3, 4]
    """
    inputs = convert_to_tensor(inputs)
    return Conv3D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                  kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                  kernel_constraint, bias_constraint, trainable, name, dtype=inputs.dtype.base_dtype, _reuse=reuse,
                  _scope=name)(inputs)


def conv2d_transpose(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: str = "channels_last", activation: Any = None, use_bias: bool = True,
                     kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
                     kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
                     kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                     name: str | None = None, reuse: Any = None) -> Any:
    """Transposed convolution with kernel and bias of its own; arguments as `tf.layers.conv2d`.

    Example:
      >>> import core as tf
      >>> tf.layers.conv2d_transpose(tf.zeros([2, 4, 5, 3]), 7, 3, strides=2, padding="same").shape.as_list()
      [2, 8, 10, 7]
    """
    inputs = convert_to_tensor(inputs)
    return Conv2DTranspose(filters, kernel_size, strides, padding, data_format, 1, activation, use_bias,
                           kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                           activity_regularizer, kernel_constraint, bias_constraint, trainable, name,
                           dtype=inputs.dtype.base_dtype, _reuse=reuse, _scope=name)(inputs)


def conv3d_transpose(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
                     data_format: str = "channels_last", activation: Any = None, use_bias: bool = True,
                     kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
                     kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
                     kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                     name: str | None = None, reuse: Any = None) -> Any:
    """Transposed convolution in three dimensions; arguments as `tf.layers.conv2d_transpose`.

    Example:
      >>> import core as tf
      >>> tf.layers.conv3d_transpose(tf.zeros([2, 4, 5, 6, 3]), 7, 3, strides=2, padding="same").shape.as_list()
      [2, 8, 10, 12, 7]
    """
    inputs = convert_to_tensor(inputs)
    return Conv3DTranspose(filters, kernel_size, strides, padding, data_format, 1, activation, use_bias,
                           kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                           activity_regularizer, kernel_constraint, bias_constraint, trainable, name,
                           dtype=inputs.dtype.base_dtype, _reuse=reuse, _scope=name)(inputs)


def separable_conv2d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: str = "channels_last", dilation_rate: Any = (1, 1), depth_multiplier: int = 1,
                     activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
                     pointwise_initializer: Any = None, bias_initializer: Any = zeros_initializer(),  # noqa: B008
                     depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                     pointwise_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                     name: str | None = None, reuse: Any = None) -> Any:
    """Separable convolution with kernels and bias of its own; arguments as `SeparableConv2D`.

    Example:
      >>> import core as tf
      >>> tf.layers.separable_conv2d(tf.zeros([2, 7, 6, 3]), 4, 3).shape.as_list()
      [2, 5, 4, 4]
    """
    inputs = convert_to_tensor(inputs)
    return SeparableConv2D(
        filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias,
        depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
        bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint, bias_constraint, trainable,
        name, dtype=inputs.dtype.base_dtype, _reuse=reuse, _scope=name)(inputs)


# ---------------------------------------------------------------------- pooling


class _Pooling(Layer):
    """What the pooling layers share."""

    rank = 1
    _pool: Any

    def __init__(self, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                 name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = _tuple(pool_size, self.rank, "pool_size")
        self.strides = _tuple(strides, self.rank, "strides")
        self.padding, self.data_format = padding, data_format
        self._padding, self._data_format = _padding(padding), _format(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output."""
        return type(self)._pool(inputs, list(self.pool_size), list(self.strides), self._padding, self._data_format)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Shape of the output."""
        dims = TensorShape(input_shape).as_list()
        for i, letter in enumerate(_SPATIAL[self.rank]):
            axis = self._data_format.index(letter)
            dims[axis] = spatial_size(dims[axis], self.pool_size[i], self.strides[i], 1, self._padding, (0, 0))
        return TensorShape(dims)


class MaxPooling1D(_Pooling):
    """The largest element of every window along one dimension; arguments as `tf.layers.MaxPooling2D`."""

    _pool = staticmethod(max_pool1d)


class AveragePooling1D(_Pooling):
    """The mean of every window along one dimension; arguments as `tf.layers.MaxPooling2D`."""

    _pool = staticmethod(avg_pool1d)


class MaxPooling3D(_Pooling):
    """The largest element of every window in three dimensions; arguments as `tf.layers.MaxPooling2D`."""

    rank = 3
    _pool = staticmethod(max_pool3d)


class AveragePooling3D(_Pooling):
    """The mean of every window in three dimensions; arguments as `tf.layers.MaxPooling2D`."""

    rank = 3
    _pool = staticmethod(avg_pool3d)


def max_pooling1d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                  data_format: str = "channels_last", name: str | None = None) -> Any:
    """The largest element of every window along one dimension.

    Example:
      >>> import core as tf
      >>> tf.layers.max_pooling1d(tf.zeros([2, 6, 3]), 2, 2).shape.as_list()
      [2, 3, 3]
    """
    return MaxPooling1D(pool_size, strides, padding, data_format, name)(inputs)


def average_pooling1d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                      data_format: str = "channels_last", name: str | None = None) -> Any:
    """The mean of every window along one dimension.

    Example:
      >>> import core as tf
      >>> tf.layers.average_pooling1d(tf.zeros([2, 6, 3]), 2, 2).shape.as_list()
      [2, 3, 3]
    """
    return AveragePooling1D(pool_size, strides, padding, data_format, name)(inputs)


def max_pooling3d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                  data_format: str = "channels_last", name: str | None = None) -> Any:
    """The largest element of every window in three dimensions.

    Example:
      >>> import core as tf
      >>> tf.layers.max_pooling3d(tf.zeros([2, 4, 6, 8, 3]), 2, 2).shape.as_list()
      [2, 2, 3, 4, 3]
    """
    return MaxPooling3D(pool_size, strides, padding, data_format, name)(inputs)


def average_pooling3d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                      data_format: str = "channels_last", name: str | None = None) -> Any:
    """The mean of every window in three dimensions.

    Example:
      >>> import core as tf
      >>> tf.layers.average_pooling3d(tf.zeros([2, 4, 6, 8, 3]), 2, 2).shape.as_list()
      [2, 2, 3, 4, 3]
    """
    return AveragePooling3D(pool_size, strides, padding, data_format, name)(inputs)
