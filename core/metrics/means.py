"""Means over batches: `tf.metrics.mean` and what is the mean of something."""

from __future__ import annotations

from typing import Any

from core.dtypes import float32, float64, int64
from core.graph import control_dependencies, convert_to_tensor
from core.metrics.common import fitted, metric_variable, published
from core.ops.array_basic import ones, ones_like, size, zeros_like
from core.ops.array_cast import cast
from core.ops.array_diag import diag_part
from core.ops.array_shape import reshape
from core.ops.array_where import where
from core.ops.math_binary import divide, maximum, multiply, subtract
from core.ops.math_binary_special import div_no_nan, squared_difference
from core.ops.math_compare import equal, greater, less, not_equal
from core.ops.math_reduce import reduce_mean, reduce_sum
from core.ops.math_scan import confusion_matrix
from core.ops.math_unary import abs, sqrt
from core.ops.state import assign_add
from core.ops.state_scatter import scatter_add
from core.ops.weights_broadcast import broadcast_weights, remove_squeezable_dimensions
from core.variable_scopes import variable_scope

__all__ = [
    "accuracy", "mean", "mean_absolute_error", "mean_cosine_distance", "mean_iou", "mean_per_class_accuracy",
    "mean_relative_error", "mean_squared_error", "mean_tensor", "percentage_below", "root_mean_squared_error",
]


def mean(
    values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The weighted mean of all values so far; in variables `total` and `count`.

    Args:
      values: Tensor of any shape.
      weights: Scalar, or a tensor that fits `values`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean([1.0, 2.0, 6.0])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      3.0
    """
    with variable_scope(name, "mean", (values, weights)):
        values = cast(values, float32)
        total, count = metric_variable([], float32, "total"), metric_variable([], float32, "count")
        if weights is None:
            number = cast(size(values), float32)
        else:
            values, _, weights = fitted(values, None, weights)
            weights = broadcast_weights(cast(weights, float32), values)
            values = multiply(values, weights)
            number = reduce_sum(weights)
        new_total = assign_add(total, reduce_sum(values))
        with control_dependencies([values]):
            new_count = assign_add(count, number)
        value = div_no_nan(total, maximum(count, 0), name="value")
        update = div_no_nan(new_total, maximum(new_count, 0), name="update_op")
        return published(value, update, metrics_collections, updates_collections)


def mean_tensor(
    values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The mean of each element of a tensor over all batches.

    Args:
      values: Tensor of a known shape.
      weights: Scalar, or a tensor that fits `values`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a tensor like `values`, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_tensor([1.0, 2.0, 6.0])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [1.0, 2.0, 6.0]
    """
    with variable_scope(name, "mean", (values, weights)):
        values = cast(values, float32)
        total = metric_variable(values.shape, float32, "total_tensor")
        count = metric_variable(values.shape, float32, "count_tensor")
        number = ones_like(values)
        if weights is not None:
            values, _, weights = fitted(values, None, weights)
            weights = broadcast_weights(cast(weights, float32), values)
            values = multiply(values, weights)
            number = multiply(number, weights)
        new_total = assign_add(total, values)
        with control_dependencies([values]):
            new_count = assign_add(count, number)
        value = div_no_nan(total, maximum(count, 0), name="value")
        update = div_no_nan(new_total, maximum(new_count, 0), name="update_op")
        return published(value, update, metrics_collections, updates_collections)


def accuracy(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """How often predictions are the labels.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.accuracy([1, 2, 3], [1, 0, 3])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.6667
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    if labels.dtype != predictions.dtype:
        predictions = cast(predictions, labels.dtype)
    right = cast(equal(predictions, labels), float32)
    return mean(right, weights, metrics_collections, updates_collections, name or "accuracy")


def mean_absolute_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The mean of ``|predictions - labels|``.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_absolute_error([1.0, 2.0], [2.0, 5.0])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      2.0
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    errors = abs(predictions - labels)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_absolute_error")


def mean_cosine_distance(
    labels: Any, predictions: Any, dim: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """One less the mean of ``sum(labels * predictions)`` along an axis.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      dim: Axis of the vectors, which are taken to have length 1.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_cosine_distance([[1.0, 0.0]], [[0.6, 0.8]], dim=1)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.4
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    radial = reduce_sum(multiply(predictions, labels), axis=[dim], keepdims=True)
    value, update = mean(radial, weights, None, None, name or "mean_cosine_distance")
    value, update = subtract(1.0, value), subtract(1.0, update)
    return published(value, update, metrics_collections, updates_collections)


def mean_per_class_accuracy(
    labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The mean over the classes of the share of a class that is recognised.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      num_classes: Number of classes.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_per_class_accuracy([0, 0, 1], [0, 1, 1], num_classes=2)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [0.5, 1.0]
    """
    with variable_scope(name, "mean_accuracy", (predictions, labels, weights)):
        labels, predictions = cast(labels, int64), convert_to_tensor(predictions)
        if labels.shape.ndims > 1:
            labels = reshape(labels, [-1])
        if predictions.shape.ndims > 1:
            predictions = reshape(predictions, [-1])
        predictions.shape.assert_is_compatible_with(labels.shape)
        total = metric_variable([num_classes], float32, "total")
        count = metric_variable([num_classes], float32, "count")
        each = ones([size(labels)], float32)
        if labels.dtype != predictions.dtype:
            predictions = cast(predictions, labels.dtype)
        right = cast(equal(predictions, labels), float32)
        if weights is not None:
            weights = convert_to_tensor(weights)
            if weights.shape.ndims > 1:
                weights = reshape(weights, [-1])
            weights = cast(weights, float32)
            right *= weights
            each *= weights
        new_total, new_count = scatter_add(total, labels, each), scatter_add(count, labels, right)
        shares = div_no_nan(count, maximum(total, 0), name=None)
        value = reduce_mean(shares, name="mean_accuracy")
        update = div_no_nan(new_count, maximum(new_total, 0), name="update_op")
        return published(value, update, metrics_collections, updates_collections)


def mean_iou(
    labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The mean over the classes of intersection over union, from a confusion matrix.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      num_classes: Number of classes.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_iou([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [[1.0, 1.0], [0.0, 2.0]]
    """
    with variable_scope(name, "mean_iou", (predictions, labels, weights)):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        predictions.shape.assert_is_compatible_with(labels.shape)
        matrix = metric_variable([num_classes, num_classes], float64, "total_confusion_matrix")
        predictions, labels = cast(predictions, int64), cast(labels, int64)
        count = cast(num_classes, int64)
        weights = None if weights is None else convert_to_tensor(weights)
        predictions, labels, weights = (x if x is None or x.shape.ndims <= 1 else reshape(x, [-1])
                                        for x in (predictions, labels, weights))
        update = assign_add(matrix, confusion_matrix(labels, predictions, count, weights=weights, dtype=float64))
        rows, columns = cast(reduce_sum(matrix, 0), float32), cast(reduce_sum(matrix, 1), float32)
        both = cast(diag_part(matrix), float32)
        union = rows + columns - both
        valid = reduce_sum(cast(not_equal(union, 0), dtype=float32))
        union = where(greater(union, 0), union, ones_like(union))
        shares = divide(both, union)
        value = where(greater(valid, 0), reduce_sum(shares, name="mean_iou") / valid, 0)
        return published(value, update, metrics_collections, updates_collections)


def mean_relative_error(
    labels: Any, predictions: Any, normalizer: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The mean of ``|labels - predictions| / normalizer``; 0 where the normaliser is 0.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      normalizer: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_relative_error([1.0, 2.0], [2.0, 5.0], normalizer=[2.0, 6.0])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.5
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    predictions, normalizer = remove_squeezable_dimensions(predictions, normalizer)
    predictions.shape.assert_is_compatible_with(normalizer.shape)
    errors = where(equal(normalizer, 0.0), zeros_like(labels), divide(abs(labels - predictions), normalizer))
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


def mean_squared_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The mean of ``(predictions - labels)**2``.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.mean_squared_error([1.0, 2.0], [2.0, 5.0])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      5.0
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    errors = squared_difference(labels, predictions)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_squared_error")


def root_mean_squared_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The root of the mean of ``(predictions - labels)**2``.

    Args:
      labels: The truth: a tensor.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.root_mean_squared_error([1.0, 1.0], [6.0, 8.0])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      6.0828
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    square, new_square = mean_squared_error(labels, predictions, weights, None, None,
                                            name or "root_mean_squared_error")
    return published(sqrt(square), sqrt(new_square), metrics_collections, updates_collections)


def percentage_below(
    values: Any, threshold: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The share of values that lie below a threshold.

    Args:
      values: Tensor.
      threshold: Scalar.
      weights: Scalar, or a tensor that fits `values`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.percentage_below([1.0, 2.0, 6.0, 9.0], 2.5)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.5
    """
    below = cast(less(values, threshold), float32)
    return mean(below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold")
