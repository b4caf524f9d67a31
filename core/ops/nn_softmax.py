"""Softmax and the cross entropies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.dtypes import bfloat16, float16, float32
from core.errors import InvalidArgumentError
from core.graph import (
    Operation,
    Tensor,
    apply_op,
    constant_value,
    control_dependencies,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.ops.array_basic import rank, zeros_like
from core.ops.array_basic import shape as shape_op
from core.ops.array_cast import cast
from core.ops.array_join import concat
from core.ops.array_shape import range as range_op
from core.ops.array_shape import reshape, transpose
from core.ops.array_slice import slice as slice_op
from core.ops.math_binary import add, multiply, subtract
from core.shapes import TensorShape

__all__: list[str] = []

_FLOAT = "half,bfloat16,float,double"


# ---------------------------------------------------------------------- Softmax, LogSoftmax


def _rows(logits: Tensor) -> TensorShape:
    return logits.shape.with_rank_at_least(1)


def _softmax(xp: Any, logits: Any) -> Any:
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    powers = xp.exp(shifted)
    return powers / xp.sum(powers, axis=-1, keepdims=True)


def _softmax_grad(op: Operation, grad: Any) -> Tensor:
    softmax = op.outputs[0]
    total = apply_op("Sum", multiply(grad, softmax), -1, keep_dims=True)
    return multiply(subtract(grad, total), softmax)


define_op("Softmax", "logits:T", "softmax:T", f"T:type{{{_FLOAT}}}", shape=_rows, kernel=_softmax,
          gradient=_softmax_grad)


def _log_softmax(xp: Any, logits: Any) -> Any:
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def _log_softmax_grad(op: Operation, grad: Any) -> Tensor:
    softmax = apply_op("Exp", op.outputs[0])
    return subtract(grad, multiply(apply_op("Sum", grad, -1, keep_dims=True), softmax))


define_op("LogSoftmax", "logits:T", "logsoftmax:T", f"T:type{{{_FLOAT}}}", shape=_rows, kernel=_log_softmax,
          gradient=_log_softmax_grad)


def _swapped(tensor: Tensor, axis: int, last: Tensor, name: str | None = None) -> Tensor:
    """`tensor` with `axis` and its last axis exchanged, by TensorFlow's nodes."""
    order = concat([range_op(axis), [last], range_op(axis + 1, last), [axis]], 0)
    return transpose(tensor, order, name=name or "transpose")


def _along(op_type: str, logits: Any, axis: Any, name: str | None) -> Tensor:
    """The op along `axis`: the last one directly, another one by swapping it to the end and back."""
    logits = convert_to_tensor(logits)
    shape = logits.shape
    if axis == -1 or (shape.ndims is not None and axis == shape.ndims - 1):
        return apply_op(op_type, logits, name=name)
    value = constant_value(axis) if isinstance(axis, Tensor) else axis
    if value is None or shape.ndims is None:
        raise ValueError(f"{op_type} needs a known axis and the number of dimensions of {logits.name}, got axis {axis} "
                         f"and shape {shape}.")
    if not -shape.ndims <= value < shape.ndims:
        raise InvalidArgumentError(
            None, None, f"Dimension ({value}) must be in the range [{-shape.ndims}, {shape.ndims}) where {shape.ndims} "
            "is the number of dimensions in the input.")
    rank(logits)
    at = int(value) % shape.ndims
    input_rank = rank(logits)
    output = apply_op(op_type, _swapped(logits, at, subtract(input_rank, 1)))
    output = _swapped(output, at, subtract(input_rank, 1), name)
    output.set_shape(shape)
    return output


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """``exp(logits) / sum(exp(logits))`` along an axis: positive numbers that add up to one.

    Args:
      logits: Tensor of floats, at least one dimension.
      axis: Axis to sum along; by default the last.
      name: Name of the operation.
      dim: Deprecated name of `axis`.

    Raises:
      InvalidArgumentError: `axis` is none of the tensor's.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.softmax([0.0, 0.0])))
      [0.5 0.5]
    """
    return _along("Softmax", logits, _axis(axis, dim), name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """``logits - log(sum(exp(logits)))`` along an axis; arguments and errors as `softmax`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.log_softmax([0.0, 0.0])))
      [-0.6931472 -0.6931472]
    """
    return _along("LogSoftmax", logits, _axis(axis, dim), name)


def _axis(axis: Any, dim: Any) -> Any:
    if dim is not None:
        if axis is not None:
            raise ValueError("Cannot specify both 'axis' and 'dim'.")
        axis = dim
    return -1 if axis is None else axis


# ---------------------------------------------------------------------- SoftmaxCrossEntropyWithLogits


def _broadcast_rows(features: Tensor, labels: Tensor) -> list[TensorShape]:
    try:
        both = TensorShape(features.shape.with_rank(2)).merge_with(labels.shape.with_rank(2))
    except ValueError:
        raise ValueError(f"logits and labels must be matrices of one shape, got {features.shape} and "
                         f"{labels.shape}") from None
    return [TensorShape([both.as_list()[0]]), both]


def _cross_entropy(xp: Any, features: Any, labels: Any) -> list[Any]:
    if features.shape != labels.shape:
        raise InvalidArgumentError(None, None, "logits and labels must be broadcastable: "
                                   f"logits_size={list(features.shape)} labels_size={list(labels.shape)}")
    shifted = features - xp.max(features, axis=1, keepdims=True)
    powers = xp.exp(shifted)
    totals = xp.sum(powers, axis=1, keepdims=True)
    loss = xp.sum(labels * (xp.log(totals) - shifted), axis=1)
    return [loss, powers / totals - labels]


def _is_zero(tensor: Tensor) -> bool:
    """True if this gradient is zero for sure: nothing came back through the second output."""
    if tensor.op.type in ("ZerosLike", "Zeros"):
        return True
    value = constant_value(tensor)
    return value is not None and not np.any(value)


def _times_rows(vector: Tensor, matrix: Tensor) -> Tensor:
    return multiply(apply_op("ExpandDims", vector, -1), matrix)


def _second_order(logits: Tensor, grad: Tensor, grad_grad: Any) -> Tensor:
    """Adds what comes back through the second output (the first derivative), for second derivatives."""
    if grad_grad is None or _is_zero(grad_grad):
        return grad
    probabilities = softmax(logits)
    inner = apply_op("Sum", multiply(grad_grad, probabilities), 1, keep_dims=True)
    return add(grad, multiply(subtract(grad_grad, inner), probabilities))


def _cross_entropy_grad(op: Operation, grad_loss: Any, grad_grad: Any) -> list[Any]:
    logits = op.inputs[0]
    grad = _second_order(logits, _times_rows(grad_loss, op.outputs[1]), grad_grad)
    by_labels = _times_rows(grad_loss, apply_op("Neg", log_softmax(logits)))
    if grad_grad is not None and not _is_zero(grad_grad):
        by_labels = subtract(by_labels, grad_grad)
    return [grad, by_labels]


define_op("SoftmaxCrossEntropyWithLogits", "features:T, labels:T", "loss:T, backprop:T", f"T:type{{{_FLOAT}}}",
          shape=_broadcast_rows, kernel=_cross_entropy, gradient=_cross_entropy_grad)


def _require_named(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None:
        raise ValueError(f"Only call `{function}` with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def _flatten_outer_dims(logits: Tensor) -> Tensor:
    """A matrix whose rows are the last dimension of `logits`."""
    count = rank(logits)
    last = slice_op(shape_op(logits), [subtract(count, 1, name="Sub")], [1])
    output = reshape(logits, concat([[-1], last], 0))
    shape = logits.shape
    if shape.ndims is not None:
        dims = shape.as_list()
        known = [dim for dim in dims[:-1] if dim is not None]
        output.set_shape([math.prod(known) if len(known) == len(dims) - 1 else None, dims[-1]])
    return output


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None,
) -> Tensor:
    """Cross entropy between `labels` and the softmax of `logits`; gradients flow into both.

    Args:
      labels: Distributions along `axis`; of the shape of `logits`.
      logits: Unscaled log-probabilities, floats.
      axis: Class axis; by default the last.
      name: Name of the operation.
      dim: Deprecated name of `axis`.

    Returns:
      A Tensor of the shape of `logits` without `axis`.

    Raises:
      ValueError: The shapes differ.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.softmax_cross_entropy_with_logits_v2([[0.0, 1.0]], [[0.0, 0.0]])))
      [0.6931472]
    """
    axis = _axis(axis, dim)
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        narrow = logits.dtype.base_dtype in (float16, bfloat16)
        precise = cast(logits, float32) if narrow else logits
        labels = cast(labels, precise.dtype.base_dtype)
        shape = logits.shape
        input_rank = rank(precise)
        if axis != -1:
            precise = _class_axis_last(precise, axis, input_rank)
            labels = _class_axis_last(labels, axis, input_rank)
        input_shape = shape_op(precise)
        precise, labels = _flatten_outer_dims(precise), _flatten_outer_dims(labels)
        cost, _ = apply_op("SoftmaxCrossEntropyWithLogits", precise, labels, name=scope)
        outer = slice_op(input_shape, [0], [subtract(input_rank, 1, name="Sub")])
        cost = reshape(cost, outer)
        if shape.ndims is not None:
            dims = shape.as_list()
            del dims[axis]
            cost.set_shape(dims)
        return cast(cost, logits.dtype.base_dtype) if narrow else cost


def _class_axis_last(tensor: Tensor, axis: int, input_rank: Tensor) -> Tensor:
    if axis < 0:
        if tensor.shape.ndims is None:
            raise ValueError(
                f"A negative class axis ({axis}) needs a known number of dimensions; {tensor.name} has none.")
        axis += tensor.shape.ndims
    return transpose(tensor, concat([range_op(axis), range_op(axis + 1, input_rank), [axis]], 0))


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, dim: Any = -1, name: str | None = None,
    axis: Any = None,
) -> Tensor:
    """Cross entropy between `labels` and the softmax of `logits`; gradients flow into `logits` only.

    Args:
      labels: Distributions along the last axis; of the shape of `logits`. By keyword.
      logits: Unscaled log-probabilities, floats. By keyword.
      dim, axis: Class axis; by default the last.
      name: Name of the operation.

    Raises:
      ValueError: Called without keywords; the shapes differ.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.softmax_cross_entropy_with_logits(labels=[[0.0, 1.0]], logits=[[0.0, 0.0]])))
      [0.6931472]
    """
    _require_named("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as scope:
        labels = apply_op("StopGradient", labels, name="labels_stop_gradient")
        return softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, axis=dim if axis is None else axis,
                                                    name=scope)


# ---------------------------------------------------------------------- SparseSoftmaxCrossEntropyWithLogits


def _sparse_shape(features: Tensor, labels: Tensor) -> list[TensorShape]:
    rows, classes = features.shape.with_rank(2).as_list()
    batch = TensorShape([rows]).merge_with(labels.shape.with_rank(1))
    return [batch, TensorShape([batch.as_list()[0], classes])]


def _sparse_cross_entropy(xp: Any, features: Any, labels: Any) -> list[Any]:
    if features.shape[0] != labels.shape[0]:
        raise InvalidArgumentError(None, None, "logits and labels must have the same first dimension, got logits shape "
                                   f"{list(features.shape)} and labels shape {list(labels.shape)}")
    classes = features.shape[1]
    if labels.size and not (0 <= labels.min() and labels.max() < classes):
        bad = labels[(labels < 0) | (labels >= classes)][0]
        raise InvalidArgumentError(
            None, None, f"Received a label value of {bad} which is outside the valid range of [0, {classes}).  Label "
            f"values: {' '.join(map(str, labels[:50].tolist()))}")
    shifted = features - xp.max(features, axis=1, keepdims=True)
    powers = xp.exp(shifted)
    totals = xp.sum(powers, axis=1)
    at = (np.arange(labels.shape[0]), labels)
    loss = xp.log(totals) - shifted[at]
    backprop = powers / totals[:, None]
    backprop[at] -= backprop.dtype.type(1)
    return [loss, backprop]


def _sparse_grad(op: Operation, grad_loss: Any, grad_grad: Any) -> list[Any]:
    return [_second_order(op.inputs[0], _times_rows(grad_loss, op.outputs[1]), grad_grad), None]


define_op("SparseSoftmaxCrossEntropyWithLogits", "features:T, labels:Tlabels", "loss:T, backprop:T",
          f"T:type{{{_FLOAT}}}; Tlabels:type=int64{{int32,int64}}", shape=_sparse_shape, kernel=_sparse_cross_entropy,
          gradient=_sparse_grad)


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None,
) -> Tensor:
    """Cross entropy between class numbers and the softmax of `logits`.

    Args:
      labels: Class numbers, int32 or int64, of the shape of `logits` without the last axis. By keyword.
      logits: Unscaled log-probabilities, floats. By keyword.
      name: Name of the operation.

    Returns:
      A Tensor of the shape of `labels`.

    Raises:
      ValueError: Called without keywords; scalar logits; ranks or shapes that do not fit.
      InvalidArgumentError: At run time, for a class number out of range.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0.0, 0.0]])))
      [0.6931472]
    """
    _require_named("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        narrow = logits.dtype.base_dtype is float16
        precise = cast(logits, float32) if narrow else logits
        label_shape, logit_shape = labels.shape, logits.shape
        dynamic_shape = shape_op(labels)
        if logit_shape.ndims == 0:
            raise ValueError(f"Logits cannot be scalars - received shape {logit_shape}.")
        if None not in (logit_shape.ndims, label_shape.ndims) and label_shape.ndims != logit_shape.ndims - 1:
            raise ValueError(f"Rank mismatch: Rank of labels (received {label_shape.ndims}) should equal rank of "
                             f"logits minus 1 (received {logit_shape.ndims}).")
        known = label_shape.is_fully_defined() and logit_shape.ndims is not None \
            and None not in logit_shape.as_list()[:-1]
        if known and label_shape.as_list() != logit_shape.as_list()[:-1]:
            raise ValueError(f"Shape mismatch: The shape of labels (received {label_shape}) should equal the shape of "
                             f"logits except for the last dimension (received {logit_shape}).")
        if logit_shape.ndims == 2:
            cost, _ = apply_op("SparseSoftmaxCrossEntropyWithLogits", precise, labels, name=name)
            return cast(cost, float16) if narrow else cost
        checks = []
        if not known:
            outer = slice_op(shape_op(logits), [0], [subtract(rank(logits), 1)])
            equal = apply_op("All", apply_op("Equal", shape_op(labels), outer), [0])
            checks.append(apply_op("Assert", equal, ["labels and logits differ in shape:", shape_op(labels), outer]))
        with control_dependencies(checks):
            last = slice_op(shape_op(logits), [subtract(rank(logits), 1)], [1])
            precise = reshape(precise, concat([[-1], last], 0))
            flat = reshape(labels, [-1])
            cost, _ = apply_op("SparseSoftmaxCrossEntropyWithLogits", precise, flat, name=name)
            cost = reshape(cost, dynamic_shape)
            cost.set_shape(label_shape)
            return cast(cost, float16) if narrow else cost


# ---------------------------------------------------------------------- sigmoid


def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None,
) -> Tensor:
    """Cross entropy of independent yes-no questions: ``max(x, 0) - x * z + log(1 + exp(-abs(x)))``.

    Args:
      labels: z, of the type and shape of `logits`. By keyword.
      logits: x, floats. By keyword.
      name: Name of the operation.

    Raises:
      ValueError: Called without keywords; the shapes differ.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0], logits=[0.0])))
      [0.6931472]
    """
    _require_named("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        try:
            labels.shape.merge_with(logits.shape)
        except ValueError:
            raise ValueError(f"logits and labels must have the same shape ({logits.shape} vs {labels.shape})") from None
        # max(x, 0) and -abs(x) by a condition, so that the gradient at 0 is the right one.
        zeros = zeros_like(logits, dtype=logits.dtype.base_dtype)
        positive = apply_op("GreaterEqual", logits, zeros)
        relu_logits = apply_op("Select", positive, logits, zeros)
        neg_abs = apply_op("Select", positive, apply_op("Neg", logits), logits, name="Select")
        rest = subtract(relu_logits, multiply(logits, labels, name="mul"), name="sub")
        return add(rest, apply_op("Log1p", apply_op("Exp", neg_abs)), name=scope)


def weighted_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None, targets: Any = None,
) -> Tensor:
    """`sigmoid_cross_entropy_with_logits` in which errors on positive labels count `pos_weight` times.

    Args:
      labels, logits: As there.
      pos_weight: Weight of positive labels.
      name: Name of the operation.
      targets: Deprecated name of `labels`.

    Raises:
      ValueError: The shapes differ.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.weighted_cross_entropy_with_logits(labels=[1.0], logits=[0.0], pos_weight=2.0)))
      [1.3862944]
    """
    labels = targets if labels is None else labels
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="targets")
        try:
            labels.shape.merge_with(logits.shape)
        except ValueError:
            raise ValueError(
                f"logits and targets must have the same shape ({logits.shape} vs {labels.shape})") from None
        # (1 - z) * x + (1 + (w - 1) * z) * (log(1 + exp(-abs(x))) + max(-x, 0))
        log_weight = 1 + (pos_weight - 1) * labels
        unweighted = (1 - labels) * logits
        soft = apply_op("Log1p", apply_op("Exp", apply_op("Neg", apply_op("Abs", logits))))
        rectified = apply_op("Relu", apply_op("Neg", logits))
        return add(unweighted, log_weight * (soft + rectified), name=scope)
