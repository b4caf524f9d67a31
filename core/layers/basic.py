"""Dense layers, dropout, flattening."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from core.dtypes import as_dtype
from core.graph import Tensor, apply_op, constant_value, convert_to_tensor
from core.initializers import zeros_initializer
from core.layers.base import InputSpec, Layer
from core.ops.array_basic import identity
from core.ops.array_basic import shape as shape_op
from core.ops.array_shape import reshape
from core.ops.control_flow import cond
from core.ops.nn_activations import bias_add
from core.ops.nn_dropout import dropout as dropout_op
from core.shapes import TensorShape

__all__ = ["Dense", "Dropout", "Flatten", "dense", "dropout", "flatten", "smart_cond"]


def smart_cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """The branch that `pred` picks: at once where its value is known, by `tf.cond` otherwise."""
    value = constant_value(pred) if isinstance(pred, Tensor) else pred
    if value is None:
        return cond(pred, true_fn, false_fn, name=name)
    return true_fn() if bool(value) else false_fn()


class Dense(Layer):
    """``activation(inputs @ kernel + bias)`` along the last axis.

    Args:
      units: Size of the output's last axis.
      activation: Function of the result, or None.
      use_bias: If False, there is no bias.
      kernel_initializer, bias_initializer: Initialisers; the kernel's is by default that of the variable scope.
      kernel_regularizer, bias_regularizer, activity_regularizer: Functions whose results are losses.
      kernel_constraint, bias_constraint: Projections after each update.
      trainable, name: As in `Layer`.
    """

    def __init__(
        self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(), kernel_regularizer: Any = None, bias_regularizer: Any = None,  # noqa: B008
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
        trainable: bool = True, name: str | None = None, **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.units = int(units)
        self.activation, self.use_bias = activation, use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.kernel: Any = None
        self.bias: Any = None
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias."""
        last = TensorShape(input_shape).as_list()[-1]
        if last is None:
            raise ValueError(f"The last dimension of the inputs to `{type(self).__name__}` should be defined. Found "
                             f"`None` (layer '{self.name}').")
        if not as_dtype(self._dtype or "float32").is_floating:
            raise TypeError(f"Unable to build `Dense` layer with non-floating point dtype {self._dtype}")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: last})
        self.kernel = self.add_weight("kernel", [last, self.units], initializer=self.kernel_initializer,
                                      regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.units], initializer=self.bias_initializer,
                                        regularizer=self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output."""
        rank = inputs.shape.ndims
        if rank is not None and rank > 2:
            flat = reshape(inputs, [-1, inputs.shape.as_list()[-1]])
            product = apply_op("MatMul", flat, self.kernel)
            outer = apply_op("Slice", shape_op(inputs), [0], [rank - 1])
            outputs = reshape(product, apply_op("ConcatV2", [outer, [self.units]], 0))
            outputs.set_shape([*inputs.shape.as_list()[:-1], self.units])
        else:
            outputs = apply_op("MatMul", inputs, self.kernel)
        if self.use_bias:
            outputs = bias_add(outputs, self.bias)
        return self.activation(outputs) if self.activation is not None else outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Shape of the input with `units` as its last size."""
        return TensorShape([*TensorShape(input_shape).as_list()[:-1], self.units])


def dense(
    inputs: Any, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
    bias_initializer: Any = zeros_initializer(), kernel_regularizer: Any = None, bias_regularizer: Any = None,  # noqa: B008
    activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
    trainable: bool = True, name: str | None = None, reuse: Any = None,
) -> Any:
    """``activation(inputs @ kernel + bias)``; arguments as `Dense`.

    Args:
      inputs: Tensor of at least two dimensions, the last of known size.
      name: Name of the layer: scope of its variables.
      reuse: If True, the variables of the layer of this name are used again.

    Raises:
      ValueError: The last size of `inputs` is not known.

    Example:
      >>> import core as tf
      >>> y = tf.layers.dense(tf.zeros([2, 3]), 4)
      >>> y.shape.as_list()
      [2, 4]
    """
    inputs = convert_to_tensor(inputs)
    layer = Dense(
        units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
        bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer,
        activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint, bias_constraint=bias_constraint,
        trainable=trainable, name=name, dtype=inputs.dtype.base_dtype, _scope=name, _reuse=reuse)
    return layer(inputs)


class Dropout(Layer):
    """Sets elements to zero at random while training.

    Args:
      rate: Probability to drop an element.
      noise_shape: Shape of the random mask.
      seed: Op-level seed.
      name: Name of the layer.
    """

    def __init__(self, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, name: str | None = None,
                 **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Any, training: Any = False, **kwargs: Any) -> Any:
        """Drops elements where `training` holds."""
        return smart_cond(
            training, lambda: dropout_op(inputs, noise_shape=self.noise_shape, seed=self.seed, rate=self.rate),
            lambda: identity(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of the input."""
        return input_shape


def dropout(inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, training: Any = False,
            name: str | None = None) -> Any:
    """Sets elements to zero at random where `training` holds; arguments as `Dropout`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.layers.dropout(tf.ones([3]), rate=0.5)))
      [1. 1. 1.]
    """
    return Dropout(rate, noise_shape=noise_shape, seed=seed, name=name)(inputs, training=training)


class Flatten(Layer):
    """Keeps the first axis and joins all others.

    Args:
      data_format: "channels_last" or "channels_first" (moved to the end first).
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format or "channels_last"
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output."""
        rank = inputs.shape.ndims
        if self.data_format == "channels_first" and rank is not None and rank > 1:
            inputs = apply_op("Transpose", inputs, [0, *range(2, rank), 1])
        dims = inputs.shape.as_list() if rank is not None else [None, None]
        batch = dims[0] if dims else None
        rest = dims[1:]
        if None not in rest:
            shape: Any = [-1 if batch is None else batch, math.prod(rest)]
        elif batch is not None:
            shape = [batch, -1]
        else:
            first = apply_op("StridedSlice", shape_op(inputs), [0], [1], [1], shrink_axis_mask=1)
            shape = apply_op("Pack", [first, -1])
        outputs = reshape(inputs, shape)
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """``[batch, product of the other sizes]``."""
        dims = TensorShape(input_shape).as_list()
        rest = dims[1:]
        return TensorShape([dims[0] if dims else None, math.prod(rest) if None not in rest else None])


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Any:
    """Keeps the first axis and joins all others; arguments as `Flatten`.

    Example:
      >>> import core as tf
      >>> tf.layers.flatten(tf.placeholder(tf.float32, [None, 4, 5])).shape.as_list()
      [None, 20]
    """
    return Flatten(name=name, data_format=data_format)(inputs)
