"""Counts of true and false, positives and negatives; precision and recall."""

from __future__ import annotations

import builtins
from typing import Any

from core.dtypes import bool, float32
from core.graph import Tensor, control_dependencies
from core.metrics.common import fitted, metric_variable, published
from core.ops.array_basic import identity, rank
from core.ops.array_cast import cast
from core.ops.array_where import where
from core.ops.assertions import assert_rank_in, assert_type
from core.ops.math_binary import divide, multiply
from core.ops.math_compare import equal, greater, logical_and
from core.ops.math_reduce import reduce_sum
from core.ops.state import assign_add
from core.variable_scopes import variable_scope

__all__ = ["false_negatives", "false_positives", "precision", "recall", "true_negatives", "true_positives"]


def _count(holds: Tensor, weights: Any, metrics_collections: Any, updates_collections: Any) -> tuple[Any, Any]:
    assert_type(holds, bool)
    count = metric_variable([], float32, "count")
    values = cast(holds, float32)
    if weights is not None:
        with control_dependencies((assert_rank_in(weights, (0, rank(values))),)):
            weights = cast(weights, float32)
            values = multiply(values, weights)
    value = identity(count)
    update = assign_add(count, reduce_sum(values))
    return published(value, update, metrics_collections, updates_collections)


def _counted(label: builtins.bool, prediction: builtins.bool, default: str, labels: Any, predictions: Any,
             weights: Any, metrics_collections: Any, updates_collections: Any, name: str | None) -> tuple[Any, Any]:
    with variable_scope(name, default, (predictions, labels, weights)):
        predictions, labels, weights = fitted(cast(predictions, bool), cast(labels, bool), weights)
        holds = logical_and(equal(labels, label), equal(predictions, prediction))
        return _count(holds, weights, metrics_collections, updates_collections)


def false_negatives(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Number of positive labels that were predicted as negative.

    Args:
      labels: The truth: a tensor of any type, taken as bool.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.false_negatives([1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      1.0
    """
    return _counted(True, False, "false_negatives", labels, predictions, weights, metrics_collections,
                    updates_collections, name)


def false_positives(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Number of negative labels that were predicted as positive.

    Args:
      labels: The truth: a tensor of any type, taken as bool.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.false_positives([1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      1.0
    """
    return _counted(False, True, "false_positives", labels, predictions, weights, metrics_collections,
                    updates_collections, name)


def true_negatives(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Number of negative labels that were predicted as negative.

    Args:
      labels: The truth: a tensor of any type, taken as bool.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.true_negatives([1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      2.0
    """
    return _counted(False, False, "true_negatives", labels, predictions, weights, metrics_collections,
                    updates_collections, name)


def true_positives(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Number of positive labels that were predicted as positive.

    Args:
      labels: The truth: a tensor of any type, taken as bool.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.true_positives([1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      2.0
    """
    return _counted(True, True, "true_positives", labels, predictions, weights, metrics_collections,
                    updates_collections, name)


def _share(part: Any, rest: Any, name: str) -> Tensor:
    return where(greater(part + rest, 0), divide(part, part + rest), 0, name)


def precision(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The share of what was predicted as positive that is positive.

    Args:
      labels: The truth: a tensor of any type, taken as bool.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.precision([1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.6667
    """
    with variable_scope(name, "precision", (predictions, labels, weights)):
        predictions, labels, weights = fitted(cast(predictions, bool), cast(labels, bool), weights)
        tp, new_tp = true_positives(labels, predictions, weights)
        fp, new_fp = false_positives(labels, predictions, weights)
        value = _share(tp, fp, "value")
        update = _share(new_tp, new_fp, "update_op")
        return published(value, update, metrics_collections, updates_collections)


def recall(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The share of what is positive that was predicted as positive.

    Args:
      labels: The truth: a tensor of any type, taken as bool.
      predictions: Tensor of the same shape.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.recall([1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.6667
    """
    with variable_scope(name, "recall", (predictions, labels, weights)):
        predictions, labels, weights = fitted(cast(predictions, bool), cast(labels, bool), weights)
        tp, new_tp = true_positives(labels, predictions, weights)
        fn, new_fn = false_negatives(labels, predictions, weights)
        value = _share(tp, fn, "value")
        update = _share(new_tp, new_fn, "update_op")
        return published(value, update, metrics_collections, updates_collections)
