"""Batch normalisation as a layer."""

from __future__ import annotations

from typing import Any

from core.dtypes import as_dtype, bfloat16, float16, float32
from core.graph import Tensor, colocate_with, constant_value, convert_to_tensor, name_scope
from core.initializers import ones_initializer, zeros_initializer
from core.layers.base import InputSpec, Layer
from core.layers.basic import smart_cond
from core.ops.array_cast import cast
from core.ops.array_shape import reshape
from core.ops.constant import constant
from core.ops.nn_norm import batch_normalization as batch_normalization_op
from core.ops.nn_norm import fused_batch_norm, moments
from core.ops.state import assign_sub
from core.shapes import TensorShape

__all__ = ["BatchNormalization", "batch_normalization"]


class BatchNormalization(Layer):
    """Brings each channel of a batch to mean beta and standard deviation gamma; keeps running statistics.

    Args:
      axis: The channel axis (or a list of axes).
      momentum: Share of the old running statistics in the new ones.
      epsilon: A small number against division by zero.
      center, scale: If False, there is no beta or gamma.
      beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: Initialisers.
      beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: As in `Dense`.
      renorm, renorm_clipping, renorm_momentum, virtual_batch_size, adjustment: Not supported: must be off.
      fused: If True (the default where possible: four dimensions), one operation computes it.
      trainable, name: As in `Layer`.

    Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """

    def __init__(
        self, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: Any = zeros_initializer(), gamma_initializer: Any = ones_initializer(),  # noqa: B008
        moving_mean_initializer: Any = zeros_initializer(), moving_variance_initializer: Any = ones_initializer(),  # noqa: B008
        beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None,
        gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
        renorm_momentum: float = 0.99, fused: bool | None = None, trainable: bool = True,
        virtual_batch_size: int | None = None, adjustment: Any = None, name: str | None = None, **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        if renorm or virtual_batch_size is not None or adjustment is not None:
            raise NotImplementedError("BatchNormalization without renorm, virtual_batch_size and adjustment only.")
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(f"axis must be int or list, type given: {type(axis)}")
        self.axis: Any = list(axis) if isinstance(axis, (list, tuple)) else axis
        self.momentum, self.epsilon = momentum, epsilon
        self.center, self.scale, self.fused = center, scale, fused
        self.beta_initializer, self.gamma_initializer = beta_initializer, gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer, self.gamma_regularizer = beta_regularizer, gamma_regularizer
        self.beta_constraint, self.gamma_constraint = beta_constraint, gamma_constraint
        self.renorm, self.virtual_batch_size, self.adjustment = renorm, virtual_batch_size, adjustment
        self.beta: Any = None
        self.gamma: Any = None
        self.moving_mean: Any = None
        self.moving_variance: Any = None

    def build(self, input_shape: Any) -> None:
        """Makes gamma, beta and the running statistics."""
        shape = TensorShape(input_shape)
        if shape.ndims is None:
            raise ValueError(f"Input has undefined rank: {shape}")
        rank = shape.ndims
        axes = self.axis if isinstance(self.axis, list) else [self.axis]
        axes = [a + rank if a < 0 else a for a in axes]
        if any(not 0 <= a < rank for a in axes):
            raise ValueError(f"Invalid axis: {self.axis} for an input with {rank} dimensions")
        if len(set(axes)) != len(axes):
            raise ValueError(f"Duplicate axis: {self.axis}")
        self.axis = axes
        fusible = rank == 4 and axes in ([1], [3])
        if self.fused and not fusible:
            raise ValueError("Passing fused=True needs an input of 4 dimensions and axis 1 or 3; got "
                             f"{rank} dimensions and axis {axes}.")
        self.fused = fusible if self.fused is None else self.fused
        self._data_format = "NCHW" if axes == [1] else "NHWC"
        dims: list[Any] = shape.as_list()
        if any(dims[a] is None for a in axes):
            raise ValueError(f"Input has undefined `axis` dimension. Input shape: {shape}")
        self.input_spec = InputSpec(ndim=rank, axes={a: dims[a] for a in axes})
        kind = as_dtype(self._dtype or float32)
        kind = float32 if kind in (float16, bfloat16) else kind
        sizes = [dims[axes[0]]] if len(axes) == 1 else [dims[i] if i in axes else 1 for i in range(rank)]
        self._ones = self._zeros = None
        if self.scale:
            self.gamma = self.add_weight("gamma", sizes, dtype=kind, initializer=self.gamma_initializer,
                                         regularizer=self.gamma_regularizer, constraint=self.gamma_constraint)
        elif self.fused:
            self._ones = constant(1.0, dtype=kind, shape=sizes)
        if self.center:
            self.beta = self.add_weight("beta", sizes, dtype=kind, initializer=self.beta_initializer,
                                        regularizer=self.beta_regularizer, constraint=self.beta_constraint)
        elif self.fused:
            self._zeros = constant(0.0, dtype=kind, shape=sizes)
        self.moving_mean = self.add_weight("moving_mean", sizes, dtype=kind, trainable=False,
                                           initializer=self.moving_mean_initializer)
        self.moving_variance = self.add_weight("moving_variance", sizes, dtype=kind, trainable=False,
                                               initializer=self.moving_variance_initializer)
        self.built = True

    def call(self, inputs: Any, *args: Any, training: Any = False, **kwargs: Any) -> Any:
        """Computes the output; with the batch's statistics where `training` holds, else with the running ones."""
        training = args[0] if args else training
        known = constant_value(training) if isinstance(training, Tensor) else training
        if known is not None:
            training = bool(known)
        return self._fused(inputs, training) if self.fused else self._composed(inputs, training)

    def _fused(self, inputs: Any, training: Any) -> Any:
        gamma = self.gamma if self.scale else self._ones
        beta = self.beta if self.center else self._zeros

        def learning() -> Any:
            return fused_batch_norm(inputs, gamma, beta, epsilon=self.epsilon, data_format=self._data_format)

        def knowing() -> Any:
            return fused_batch_norm(inputs, gamma, beta, mean=self.moving_mean, variance=self.moving_variance,
                                    epsilon=self.epsilon, is_training=False, data_format=self._data_format)

        output, mean, variance = smart_cond(training, learning, knowing)
        if isinstance(training, Tensor):
            momentum = smart_cond(training, lambda: constant(self.momentum), lambda: constant(1.0))
        else:
            momentum = convert_to_tensor(self.momentum)
        if training is not False:
            self._move(mean, variance, momentum)
        output.set_shape(inputs.shape)
        return output

    def _composed(self, inputs: Any, training: Any) -> Any:
        rank = inputs.shape.ndims
        reduced = [i for i in range(rank) if i not in self.axis]
        shape = [1] * rank
        for a in self.axis:
            shape[a] = inputs.shape.as_list()[a]

        def spread(v: Any) -> Any:
            if v is not None and v.shape.ndims != rank and reduced != list(range(rank - 1)):
                return reshape(v, shape)
            return v

        gamma, beta = spread(self.gamma), spread(self.beta)
        if training is False:
            mean, variance = self.moving_mean, self.moving_variance
        else:
            batch_mean, batch_variance = moments(inputs, reduced, keep_dims=len(self.axis) > 1)
            mean = smart_cond(training, lambda: batch_mean, lambda: convert_to_tensor(self.moving_mean))
            variance = smart_cond(training, lambda: batch_variance, lambda: convert_to_tensor(self.moving_variance))
            self._move(mean, variance, self.momentum)
        kind = inputs.dtype.base_dtype
        mean, variance = cast(mean, kind), cast(variance, kind)
        gamma = None if gamma is None else cast(gamma, kind)
        beta = None if beta is None else cast(beta, kind)
        outputs = batch_normalization_op(inputs, spread(mean), spread(variance), beta, gamma, self.epsilon)
        outputs.set_shape(inputs.shape)
        return outputs

    def _move(self, mean: Any, variance: Any, momentum: Any) -> None:
        self.add_update(self._moved(self.moving_mean, mean, momentum))
        self.add_update(self._moved(self.moving_variance, variance, momentum))

    def _moved(self, variable: Any, value: Any, momentum: Any) -> Any:
        with name_scope("AssignMovingAvg") as scope, colocate_with(variable):
            decay = convert_to_tensor(1.0 - momentum, name="decay")
            decay = cast(decay, variable.dtype.base_dtype)
            delta = (variable - cast(value, variable.dtype.base_dtype)) * decay
            return assign_sub(variable, delta, name=scope)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Shape of the output: that of the input."""
        return TensorShape(input_shape)


def batch_normalization(
    inputs: Any, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True,
    scale: bool = True, beta_initializer: Any = zeros_initializer(), gamma_initializer: Any = ones_initializer(),  # noqa: B008
    moving_mean_initializer: Any = zeros_initializer(), moving_variance_initializer: Any = ones_initializer(),  # noqa: B008
    beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None,
    gamma_constraint: Any = None, training: Any = False, trainable: bool = True, name: str | None = None,
    reuse: Any = None, renorm: bool = False, renorm_clipping: Any = None, renorm_momentum: float = 0.99,
    fused: bool | None = None, virtual_batch_size: int | None = None, adjustment: Any = None,
) -> Any:
    """Batch normalisation with variables of its own; arguments as `BatchNormalization`.

    The operations that move the running statistics are in `tf.GraphKeys.UPDATE_OPS`: run them with each step.

    Args:
      inputs: Tensor of floats.
      training: True or False, or a bool tensor: whether to use the batch's statistics.
      reuse: If True, the variables of the layer of this name are used again.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     y = tf.layers.batch_normalization(tf.constant([[1.0], [3.0]]), training=True, epsilon=0.0)
      ...     sess.run(tf.global_variables_initializer())
      ...     print(sess.run(y).ravel())
      [-1.  1.]
    """
    inputs = convert_to_tensor(inputs)
    layer = BatchNormalization(
        axis=axis, momentum=momentum, epsilon=epsilon, center=center, scale=scale, beta_initializer=beta_initializer,
        gamma_initializer=gamma_initializer, moving_mean_initializer=moving_mean_initializer,
        moving_variance_initializer=moving_variance_initializer, beta_regularizer=beta_regularizer,
        gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint, gamma_constraint=gamma_constraint,
        renorm=renorm, renorm_clipping=renorm_clipping, renorm_momentum=renorm_momentum, fused=fused,
        trainable=trainable, virtual_batch_size=virtual_batch_size, adjustment=adjustment, name=name,
        dtype=inputs.dtype.base_dtype, _reuse=reuse, _scope=name)
    return layer(inputs, training=training)


