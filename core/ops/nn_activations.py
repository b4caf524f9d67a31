"""Activations: relu and its relatives, softplus, softsign, the bias. Sigmoid and tanh stand in `math_unary.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import Operation, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_join import concat
from core.ops.math_binary import multiply
from core.shapes import TensorShape

__all__: list[str] = []

_REAL = "float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64"
_FLOAT = "half,bfloat16,float,double"


def _same(features: Tensor) -> TensorShape:
    return features.shape


def _merged(gradients: Tensor, other: Tensor) -> TensorShape:
    return gradients.shape.merge_with(other.shape)


def _activation(op_type: str, kernel: Any, types: str, attrs: str = "") -> None:
    """Defines an activation whose gradient op is ``<type>Grad(gradient, input or output)``."""
    uses_output = op_type in ("Relu", "Elu", "Selu")
    names = [a.split(":")[0] for a in attrs.split("; ") if a]

    def gradient(op: Operation, grad: Any) -> Any:
        seen = op.outputs[0] if uses_output else op.inputs[0]
        return apply_op(op_type + "Grad", grad, seen, **{n: op.attrs[n] for n in names})

    define_op(op_type, "features:T", "activations:T", f"{attrs}{'; ' if attrs else ''}T:type{types}", shape=_same,
              kernel=kernel, gradient=gradient)


def _activation_grad(
    op_type: str, kernel: Any, types: str, gradient: Any, seen: str = "features", attrs: str = "",
) -> None:
    define_op(op_type, f"gradients:T, {seen}:T", "backprops:T", f"{attrs}{'; ' if attrs else ''}T:type{types}",
              shape=_merged, kernel=kernel, gradient=gradient)


def _zeros_like(tensor: Tensor) -> Tensor:
    zeros: Tensor = apply_op("ZerosLike", tensor)
    return zeros


# ---------------------------------------------------------------------- Relu


def _relu(xp: Any, features: Any) -> Any:
    return xp.maximum(features, features.dtype.type(0))


def _masked(xp: Any, gradients: Any, mask: Any) -> Any:
    """Gradients where the mask holds, zero elsewhere: a product, ten times as fast as a choice in NumPy."""
    return gradients * (mask if gradients.dtype.kind in "fiu" else mask.astype(gradients.dtype))


def _relu_grad(xp: Any, gradients: Any, features: Any) -> Any:
    return _masked(xp, gradients, features > 0)


def _masked_grad(op: Operation, grad: Any) -> list[Any]:
    """The gradient op of a piecewise linear activation is linear in its first input, constant in its second."""
    attrs = {"alpha": op.attrs["alpha"]} if "alpha" in op.attrs else {}
    return [apply_op(op.type, grad, op.inputs[1], **attrs), _zeros_like(op.inputs[1])]


_activation("Relu", _relu, "{" + _REAL + ",qint8}")
_activation_grad("ReluGrad", _relu_grad, "{" + _REAL + "}", _masked_grad)


def relu(features: Any, name: str | None = None) -> Tensor:
    """max(features, 0), element by element.

    Args:
      features: Tensor of a real type.
      name: Name of the operation.

    Returns:
      A Tensor like `features`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.relu([-2.0, 3.0])))
      [0. 3.]

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """
    return apply_op("Relu", features, name=name)


# ---------------------------------------------------------------------- Relu6


def _relu6(xp: Any, features: Any) -> Any:
    return xp.minimum(xp.maximum(features, features.dtype.type(0)), features.dtype.type(6))


def _relu6_grad(xp: Any, gradients: Any, features: Any) -> Any:
    return _masked(xp, gradients, (features > 0) & (features < 6))


_activation("Relu6", _relu6, "{" + _REAL + "}")
_activation_grad("Relu6Grad", _relu6_grad, "{" + _REAL + "}", _masked_grad)


def relu6(features: Any, name: str | None = None) -> Tensor:
    """min(max(features, 0), 6), element by element.

    Args:
      features: Tensor of a real type.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.relu6([-2.0, 3.0, 8.0])))
      [0. 3. 6.]

    Source: Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
    """
    with name_scope(name, "Relu6", [features]) as scope:
        return apply_op("Relu6", convert_to_tensor(features, name="features"), name=scope)


# ---------------------------------------------------------------------- LeakyRelu


def _leaky(xp: Any, features: Any, *, alpha: float) -> Any:
    return xp.where(features > 0, features, features * features.dtype.type(alpha))


def _leaky_grad(xp: Any, gradients: Any, features: Any, *, alpha: float) -> Any:
    return xp.where(features > 0, gradients, gradients * gradients.dtype.type(alpha))


_ALPHA = "alpha:float=0.20000000298023224"
_activation("LeakyRelu", _leaky, "=float{" + _FLOAT + "}", _ALPHA)
_activation_grad("LeakyReluGrad", _leaky_grad, "=float{" + _FLOAT + "}", _masked_grad, attrs=_ALPHA)


def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    """`features` where positive, ``alpha * features`` elsewhere.

    Args:
      features: Tensor; integers are taken as float32.
      alpha: Slope for negative features: a number (or a tensor).
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.leaky_relu([-10.0, 3.0])))
      [-2.  3.]

    Source: Maas et al., "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """
    with name_scope(name, "LeakyRelu", [features, alpha]) as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = apply_op("Cast", features, DstT="float32")
        if isinstance(alpha, (int, float, np.number)):
            return apply_op("LeakyRelu", features, alpha=float(alpha), name=scope)
        alpha = convert_to_tensor(alpha, dtype=features.dtype, name="alpha")
        return apply_op("Maximum", multiply(alpha, features), features, name=scope)


# ---------------------------------------------------------------------- Elu, Selu

_SCALE = 1.0507009873554804934193349852946
_SCALE_ALPHA = 1.7580993408473768599402175208123


def _elu(xp: Any, features: Any) -> Any:
    zero = features.dtype.type(0)
    return xp.where(features < 0, xp.expm1(xp.minimum(features, zero)), features)


def _elu_grad(xp: Any, gradients: Any, outputs: Any) -> Any:
    return xp.where(outputs < 0, gradients * (outputs + outputs.dtype.type(1)), gradients)


def _exponential_grad(op: Operation, grad: Any) -> list[Any]:
    grads, outputs = op.inputs
    zeros = _zeros_like(outputs)
    below = apply_op("Less", outputs, convert_to_tensor(0, dtype=outputs.dtype.base_dtype))
    return [apply_op(op.type, grad, outputs), apply_op("Select", below, multiply(grad, grads), zeros)]


_activation("Elu", _elu, "{" + _FLOAT + "}")
_activation_grad("EluGrad", _elu_grad, "{" + _FLOAT + "}", _exponential_grad, "outputs")


def elu(features: Any, name: str | None = None) -> Tensor:
    """`features` where positive, ``exp(features) - 1`` elsewhere.

    Args:
      features: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.elu([0.0, 3.0])))
      [0. 3.]

    Source: Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2016.
    """
    return apply_op("Elu", features, name=name)


def _selu(xp: Any, features: Any) -> Any:
    kind = features.dtype.type
    return xp.where(features < 0, kind(_SCALE_ALPHA) * xp.expm1(xp.minimum(features, kind(0))), kind(_SCALE) * features)


def _selu_grad(xp: Any, gradients: Any, outputs: Any) -> Any:
    kind = outputs.dtype.type
    return xp.where(outputs < 0, gradients * (outputs + kind(_SCALE_ALPHA)), gradients * kind(_SCALE))


_activation("Selu", _selu, "{" + _FLOAT + "}")
_activation_grad("SeluGrad", _selu_grad, "{" + _FLOAT + "}", _exponential_grad, "outputs")


def selu(features: Any, name: str | None = None) -> Tensor:
    """``scale * features`` where positive, ``scale * alpha * (exp(features) - 1)`` elsewhere.

    Args:
      features: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.selu([0.0, 1.0])))
      [0.       1.050701]

    Source: Klambauer et al., "Self-normalizing neural networks", 2017.
    """
    return apply_op("Selu", features, name=name)


# ---------------------------------------------------------------------- Softplus, Softsign


def _softplus(xp: Any, features: Any) -> Any:
    return xp.maximum(features, features.dtype.type(0)) + xp.log1p(xp.exp(-xp.abs(features)))


def _softplus_grad(xp: Any, gradients: Any, features: Any) -> Any:
    half = features.dtype.type(0.5)
    return gradients * (half * xp.tanh(half * features) + half)


def _softplus_grad_grad(op: Operation, grad: Any) -> list[Any]:
    dy, x = op.inputs
    exp_x, exp_minus = apply_op("Exp", x), apply_op("Exp", apply_op("Neg", x))
    two = convert_to_tensor(2, dtype=x.dtype.base_dtype)
    below = apply_op("AddV2", apply_op("AddV2", exp_minus, two), exp_x)
    return [apply_op("SoftplusGrad", grad, x), apply_op("RealDiv", multiply(grad, dy), below)]


_activation("Softplus", _softplus, "{" + _FLOAT + "}")
_activation_grad("SoftplusGrad", _softplus_grad, "{" + _FLOAT + "}", _softplus_grad_grad)


def softplus(features: Any, name: str | None = None) -> Tensor:
    """log(exp(features) + 1), element by element.

    Args:
      features: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.softplus([0.0])))
      [0.6931472]
    """
    return apply_op("Softplus", features, name=name)


def _softsign(xp: Any, features: Any) -> Any:
    return features / (xp.abs(features) + features.dtype.type(1))


def _softsign_grad(xp: Any, gradients: Any, features: Any) -> Any:
    below = xp.abs(features) + features.dtype.type(1)
    return gradients / (below * below)


def _softsign_grad_grad(op: Operation, grad: Any) -> list[Any]:
    dy, x = op.inputs
    one = convert_to_tensor(1, dtype=x.dtype.base_dtype)
    minus_two = convert_to_tensor(-2, dtype=x.dtype.base_dtype)
    below = apply_op("AddV2", apply_op("Abs", x), one)
    slope = apply_op("RealDiv", multiply(minus_two, apply_op("Sign", x)), multiply(below, multiply(below, below)))
    return [apply_op("SoftsignGrad", grad, x), multiply(multiply(grad, dy), slope)]


_activation("Softsign", _softsign, "{" + _FLOAT + "}")
_activation_grad("SoftsignGrad", _softsign_grad, "{" + _FLOAT + "}", _softsign_grad_grad)


def softsign(features: Any, name: str | None = None) -> Tensor:
    """features / (abs(features) + 1), element by element.

    Args:
      features: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.softsign([-1.0, 3.0])))
      [-0.5   0.75]
    """
    return apply_op("Softsign", features, name=name)


# ---------------------------------------------------------------------- BiasAdd


def _bias_shape(value: Tensor, bias: Tensor, *, data_format: str) -> TensorShape:
    bias.shape.assert_has_rank(1) if bias.shape.ndims is not None else None
    if value.shape.ndims is None or bias.shape.ndims is None:
        return value.shape
    if value.shape.ndims < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {value.shape.ndims}")
    axis = 1 if data_format == "NCHW" else value.shape.ndims - 1
    dims = value.shape.as_list()
    size = bias.shape.as_list()[0]
    if None not in (dims[axis], size) and dims[axis] != size:
        raise ValueError(f"Dimensions must be equal, but are {dims[axis]} and {size}: the bias has one element for "
                         f"each of the {dims[axis]} channels of the value")
    dims[axis] = size if dims[axis] is None else dims[axis]
    return TensorShape(dims)


def _along_channels(bias: Any, ndim: int, data_format: str) -> Any:
    return bias.reshape((-1,) + (1,) * (ndim - 2)) if data_format == "NCHW" and ndim > 2 else bias


def _bias_add(xp: Any, value: Any, bias: Any, *, data_format: str) -> Any:
    return xp.add(value, _along_channels(bias, value.ndim, data_format))


def _bias_add_grad(op: Operation, grad: Any) -> list[Any]:
    return [grad, apply_op("BiasAddGrad", grad, data_format=op.attrs["data_format"])]


define_op("BiasAdd", "value:T, bias:T", "output:T", "T:type{@number}; data_format:string='NHWC'{NHWC,NCHW}",
          shape=_bias_shape, kernel=_bias_add, gradient=_bias_add_grad)


def _bias_v1_grad(op: Operation, grad: Any) -> list[Any]:
    return [grad, apply_op("BiasAddGrad", grad)]


define_op("BiasAddV1", "value:T, bias:T", "output:T", "T:type{@number}",
          shape=lambda value, bias: _bias_shape(value, bias, data_format="NHWC"),
          kernel=lambda xp, value, bias: xp.add(value, bias), gradient=_bias_v1_grad)


def _bias_grad_shape(out_backprop: Tensor, *, data_format: str) -> TensorShape:
    if out_backprop.shape.ndims is None:
        return TensorShape([None])
    axis = 1 if data_format == "NCHW" else -1
    return TensorShape([out_backprop.shape.as_list()[axis]])


def _bias_grad(xp: Any, out_backprop: Any, *, data_format: str) -> Any:
    if data_format == "NCHW" and out_backprop.ndim > 2:
        axes = (0, *range(2, out_backprop.ndim))
        return xp.sum(out_backprop, axis=axes, dtype=out_backprop.dtype)
    flat = out_backprop.reshape(-1, out_backprop.shape[-1])
    if flat.dtype.kind == "f" and flat.dtype.itemsize >= 4 and flat.shape[0] > 16:
        # A product with ones adds up columns several times faster than a sum along the first axis.
        return xp.ones(flat.shape[0], flat.dtype) @ flat
    return xp.sum(flat, axis=0, dtype=flat.dtype)


def _bias_grad_grad(op: Operation, grad: Any) -> Tensor:
    value = op.inputs[0]
    rank = value.shape.ndims
    if op.attrs["data_format"] == "NCHW" and rank is not None and rank > 2:
        grad = apply_op("Reshape", grad, [1, -1] + [1] * (rank - 2))
    return apply_op("AddV2", _zeros_like(value), grad)


define_op("BiasAddGrad", "out_backprop:T", "output:T", "T:type{@number}; data_format:string='NHWC'{NHWC,NCHW}",
          shape=_bias_grad_shape, kernel=_bias_grad, gradient=_bias_grad_grad)


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Adds `bias` to the channels of `value`.

    Args:
      value: Tensor of at least two dimensions.
      bias: Vector of as many elements as `value` has channels.
      data_format: "NHWC" (channels last, the default) or "NCHW".
      name: Name of the operation.

    Raises:
      ValueError: The sizes differ, or another format.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0])))
      [[11. 22.]]
    """
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        if data_format is not None:
            if data_format.startswith("NC"):
                data_format = "NCHW"
            elif data_format.startswith("N") and data_format.endswith("C"):
                data_format = "NHWC"
            else:
                raise ValueError(f"data_format must be of the form `N...C` or `NC...`, got {data_format!r}")
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, dtype=value.dtype.base_dtype, name="bias")
        return apply_op("BiasAdd", value, bias, data_format=data_format, name=scope)


# ---------------------------------------------------------------------- composed


def crelu(features: Any, name: str | None = None, axis: int = -1) -> Tensor:
    """Relu of `features` and of its negative, one after the other along `axis`: twice as many channels.

    Args:
      features: Tensor.
      name: Name of the operation.
      axis: Axis to concatenate along.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.crelu([-1.0, 2.0])))
      [0. 2. 1. 0.]

    Source: Shang et al., "Understanding and improving convolutional neural networks via CReLU", 2016.
    """
    with name_scope(name, "CRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        both = concat([features, apply_op("Neg", features)], axis, name=scope)
        return relu(both)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """relu(x @ weights + biases).

    Args:
      x: ``[batch, in]``.
      weights: ``[in, out]``.
      biases: ``[out]``.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.relu_layer([[1.0, 2.0]], [[1.0], [1.0]], [-4.0])))
      [[0.]]
    """
    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        return apply_op("Relu", _product_and_bias(x, weights, biases), name=scope)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """x @ weights + biases; arguments as `relu_layer`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.xw_plus_b([[1.0, 2.0]], [[1.0], [1.0]], [-4.0])))
      [[-1.]]
    """
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        return _product_and_bias(x, weights, biases, name=scope)


def _product_and_bias(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    x = convert_to_tensor(x, name="x")
    weights = convert_to_tensor(weights, name="weights")
    biases = convert_to_tensor(biases, name="biases")
    return bias_add(apply_op("MatMul", x, weights), biases, name=name)


def swish(features: Any, name: str | None = None) -> Tensor:
    """``features * sigmoid(features)``, element by element.

    Args:
      features: Tensor of floats.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.swish([0.0, 1.0])))
      [0.        0.7310586]

    Source: Ramachandran et al., "Searching for activation functions", 2017.
    """
    with name_scope(name, "swish", [features]):
        features = convert_to_tensor(features, name="features")
        return multiply(features, apply_op("Sigmoid", features))
