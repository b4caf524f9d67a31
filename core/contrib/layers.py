"""`tf.contrib.layers`: regularisers, Xavier's initialiser, `flatten` and `fully_connected`.

Names of variables and operations are TensorFlow 1.15's (tensorflow/contrib/layers/python/layers).
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable
from typing import Any

from core.graph import GraphKeys, Tensor, add_to_collections, convert_to_tensor, get_collection, name_scope
from core.initializers import VarianceScaling, Zeros
from core.layers.basic import Dense
from core.layers.basic import flatten as flatten_layer
from core.ops.math_binary import multiply
from core.ops.math_reduce import reduce_sum
from core.ops.math_reduce_more import add_n
from core.ops.math_unary import abs as absolute
from core.ops.nn_activations import relu
from core.ops.nn_dropout import l2_loss
from core.variable_scopes import variable_scope

__all__ = [
    "apply_regularization", "flatten", "fully_connected", "l1_l2_regularizer", "l1_regularizer", "l2_regularizer",
    "linear", "relu", "sum_regularizer", "variance_scaling_initializer", "xavier_initializer",
    "xavier_initializer_conv2d",
]

Regularizer = Callable[[Any], Any]


# ---------------------------------------------------------------------- initialisers


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = "float32") -> Any:
    """Glorot's initialiser: keeps the spread of values and gradients alike from layer to layer.

    Args:
      uniform: If False, from a normal distribution instead of a uniform one.
      seed: Op-level seed.
      dtype: Float type of the values.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    return variance_scaling_initializer(factor=1.0, mode="FAN_AVG", uniform=uniform, seed=seed, dtype=dtype)


xavier_initializer_conv2d = xavier_initializer


def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None, dtype: Any = "float32",
) -> Any:
    """Values of variance ``factor / n``, where n is the number of inputs, outputs or their mean.

    Args:
      factor: The factor (2.0 for He's initialiser).
      mode: "FAN_IN", "FAN_OUT" or "FAN_AVG".
      uniform: If True, from a uniform distribution, else from a truncated normal one.
      seed: Op-level seed.
      dtype: Float type of the values.

    Raises:
      TypeError: `mode` is unknown.
    """
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")
    return VarianceScaling(scale=factor, mode=mode.lower(), distribution="uniform" if uniform else "truncated_normal",
                           seed=seed, dtype=dtype)


# ---------------------------------------------------------------------- regularisers


def _regularizer(scale: Any, default_name: str, scope: str | None, loss: Callable[[Any], Tensor]) -> Regularizer:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if scale < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {float(scale):g}")
        if scale == 0.0:
            return lambda _: None

    def regularizer(weights: Any) -> Any:
        with name_scope(scope, default_name, [weights]) as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return multiply(factor, loss(weights), name=name)
    return regularizer


def l1_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """Returns a function: weights -> ``scale * sum(|weights|)``.

    Args:
      scale: A float; 0.0 gives no loss.
      scope: Name scope of the operations.

    Raises:
      ValueError: `scale` is an integer or below 0.
    """
    return _regularizer(scale, "l1_regularizer", scope, lambda weights: reduce_sum(absolute(weights)))


def l2_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """Returns a function: weights -> ``scale * sum(weights ** 2) / 2``; arguments as of `l1_regularizer`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.contrib.layers.l2_regularizer(0.5)(tf.constant([2.0, 4.0]))))
      5.0
    """
    return _regularizer(scale, "l2_regularizer", scope, l2_loss)


def l1_l2_regularizer(scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: str | None = None) -> Regularizer:
    """Returns a function: weights -> the sum of both losses."""
    for scale in (scale_l1, scale_l2):
        if isinstance(scale, numbers.Integral):
            raise ValueError(f"scale cannot be an integer: {scale}")
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    both = sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=scope)
    assert both is not None
    return both


def sum_regularizer(regularizer_list: Iterable[Regularizer | None], scope: str | None = None) -> Regularizer | None:
    """Returns a function: weights -> the sum of the losses of several regularisers; None where there are none."""
    regularizers = [r for r in regularizer_list if r is not None]
    if not regularizers:
        return None

    def regularizer(weights: Any) -> Any:
        with name_scope(scope, "sum_regularizer", [weights]) as name:
            losses = [loss for loss in (r(weights) for r in regularizers) if loss is not None]
            return add_n(losses, name=name) if losses else None
    return regularizer


def apply_regularization(regularizer: Regularizer, weights_list: Any = None) -> Any:
    """The sum of a regulariser's losses over several weights (by default the WEIGHTS collection); it is collected.

    Raises:
      ValueError: There are no weights, or a loss is no scalar.
    """
    weights = list(weights_list) if weights_list else get_collection(GraphKeys.WEIGHTS)
    if not weights:
        raise ValueError("No weights to regularize.")
    with name_scope("get_regularization_penalty", values=weights) as scope:
        losses = [regularizer(w) for w in weights]
        losses = [convert_to_tensor(0.0) if loss is None else loss for loss in losses]
        for loss in losses:
            if loss.shape.ndims != 0:
                raise ValueError(f"regularizer must return a scalar Tensor instead of a Tensor with rank "
                                 f"{loss.shape.ndims}.")
        total = add_n(losses, name=scope)
        add_to_collections(GraphKeys.REGULARIZATION_LOSSES, total)
        return total


# ---------------------------------------------------------------------- layers


def flatten(inputs: Any, outputs_collections: Any = None, scope: str | None = None) -> Tensor:
    """Keeps the first dimension and joins the others.

    Args:
      inputs: ``[batch, ...]``.
      outputs_collections: Collections that take the result.
      scope: Name scope of the operations.

    Example:
      >>> tf.contrib.layers.flatten(tf.zeros([2, 3, 4])).shape.as_list()
      [2, 12]
    """
    with name_scope(scope, "Flatten", [inputs]):
        result: Tensor = flatten_layer(convert_to_tensor(inputs))
    _collect(outputs_collections, result)
    return result


def fully_connected(
    inputs: Any, num_outputs: int, activation_fn: Any = relu, normalizer_fn: Any = None, normalizer_params: Any = None,
    weights_initializer: Any = xavier_initializer(), weights_regularizer: Any = None,  # noqa: B008
    biases_initializer: Any = Zeros(), biases_regularizer: Any = None, reuse: Any = None,  # noqa: B008
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
    scope: str | None = None,
) -> Tensor:
    """``activation_fn(inputs @ weights + biases)``; relu unless told otherwise.

    Args:
      inputs: Tensor of at least two dimensions, the last of known size.
      num_outputs: Size of the last dimension of the result.
      activation_fn: Function of the result, or None.
      normalizer_fn, normalizer_params: Function that stands in for the biases, and its keywords.
      weights_initializer, biases_initializer: Initialisers; None for the latter leaves the biases out.
      weights_regularizer, biases_regularizer: Functions whose results are losses.
      reuse: If True, the variables of `scope` are used again.
      variables_collections: Collections that take the variables.
      outputs_collections: Collections that take the result.
      trainable: If False, the variables are not trained.
      scope: Variable scope ("fully_connected").

    Raises:
      ValueError: `num_outputs` is no integer, or the last size of `inputs` is not known.
    """
    if not isinstance(num_outputs, numbers.Integral):
        raise ValueError(f"num_outputs type should be one of {[int]}, got {type(num_outputs)}.")
    renamed = {"kernel": "weights", "bias": "biases"}

    def rename(getter: Callable[..., Any], name: str, *args: Any, **kwargs: Any) -> Any:
        head, slash, last = name.rpartition("/")
        return getter(head + slash + renamed.get(last, last), *args, **kwargs)

    with variable_scope(scope, "fully_connected", [inputs], reuse=reuse, custom_getter=rename) as entered:
        inputs = convert_to_tensor(inputs)
        layer = Dense(
            int(num_outputs), use_bias=normalizer_fn is None and biases_initializer is not None,
            kernel_initializer=weights_initializer, bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer, trainable=trainable,
            name=entered.name, dtype=inputs.dtype.base_dtype, _scope=entered, _reuse=reuse)
        outputs = layer(inputs)
        if variables_collections:
            for variable in (layer.kernel, layer.bias):
                if variable is not None:
                    add_to_collections(variables_collections, variable)
        if normalizer_fn is not None:
            outputs = normalizer_fn(outputs, **(normalizer_params or {}))
        if activation_fn is not None:
            outputs = activation_fn(outputs)
    _collect(outputs_collections, outputs)
    return outputs


def linear(inputs: Any, num_outputs: int, **kwargs: Any) -> Tensor:
    """`fully_connected` without an activation."""
    return fully_connected(inputs, num_outputs, activation_fn=None, **kwargs)


def _collect(collections: Any, value: Tensor) -> None:
    if collections:
        add_to_collections(collections, value)
