"""Counts at several thresholds; precision, recall, sensitivity and specificity there; areas under curves."""

from __future__ import annotations

from typing import Any

from core import logging
from core.dtypes import bool, float32, int32, int64
from core.graph import Tensor, control_dependencies, convert_to_tensor
from core.metrics.common import fitted, metric_variable, published
from core.ops.array_basic import identity, ones_like, shape
from core.ops.array_cast import cast
from core.ops.array_join import stack
from core.ops.array_pad import tile
from core.ops.array_shape import expand_dims, reshape, transpose
from core.ops.array_where import where
from core.ops.assertions import assert_greater_equal, assert_less_equal
from core.ops.constant import constant
from core.ops.math_binary import divide, maximum, minimum, multiply
from core.ops.math_binary_special import div_no_nan
from core.ops.math_compare import equal, greater, logical_and, logical_not
from core.ops.math_reduce import reduce_min, reduce_sum
from core.ops.math_reduce_more import argmax, argmin
from core.ops.math_scan import cumsum
from core.ops.math_unary import abs, log
from core.ops.state import assign_add
from core.ops.weights_broadcast import broadcast_weights
from core.variable_scopes import variable_scope

__all__ = [
    "auc", "false_negatives_at_thresholds", "false_positives_at_thresholds", "precision_at_thresholds",
    "recall_at_thresholds", "sensitivity_at_specificity", "specificity_at_sensitivity",
    "true_negatives_at_thresholds", "true_positives_at_thresholds",
]

_EPSILON = 1e-7
_NAMES = {"tp": "true_positives", "fn": "false_negatives", "tn": "true_negatives", "fp": "false_positives"}


def _counts(labels: Any, predictions: Any, thresholds: Any, weights: Any,
            wanted: tuple[str, ...] = ("tp", "fn", "tn", "fp")) -> tuple[dict[str, Any], dict[str, Any]]:
    """Variables and updates: how many are true or false, positive or negative at each threshold."""
    predictions = convert_to_tensor(predictions)
    message = "predictions must be in [0, 1]"
    checks = [assert_greater_equal(predictions, cast(0.0, dtype=predictions.dtype), message=message),
              assert_less_equal(predictions, cast(1.0, dtype=predictions.dtype), message=message)]
    with control_dependencies(checks):
        predictions, labels, weights = fitted(cast(predictions, float32), cast(labels, dtype=bool), weights)
    number = len(thresholds)
    predictions_2d = reshape(predictions, [-1, 1])
    labels_2d = reshape(cast(labels, dtype=bool), [1, -1])
    count = predictions_2d.shape.as_list()[0]
    if count is None:
        count = shape(predictions_2d)[0]
    limits = tile(expand_dims(constant(thresholds), [1]), stack([1, count]))
    positive = greater(tile(transpose(predictions_2d), [number, 1]), limits)
    negative = logical_not(positive) if "fn" in wanted or "tn" in wanted else None
    truth = tile(labels_2d, [number, 1])
    untruth = logical_not(truth) if "fp" in wanted or "tn" in wanted else None
    tiled = None
    if weights is not None:
        weights = broadcast_weights(cast(weights, float32), predictions)
        tiled = tile(reshape(weights, [1, -1]), [number, 1])
        limits.shape.assert_is_compatible_with(tiled.shape)
    sides = {"tp": (truth, positive), "fn": (truth, negative), "tn": (untruth, negative), "fp": (untruth, positive)}
    values: dict[str, Any] = {}
    updates: dict[str, Any] = {}
    key: str
    for key in ("tp", "fn", "tn", "fp"):
        if key in wanted:
            variable = metric_variable([number], float32, _NAMES[key])
            holds = cast(logical_and(*sides[key]), float32)
            if tiled is not None:
                holds *= tiled
            updates[key] = assign_add(variable, reduce_sum(holds, 1))
            values[key] = variable
    return values, updates


def _even_thresholds(number: int, last: float = 1.0 + _EPSILON) -> list[float]:
    return [0.0 - _EPSILON, *[(i + 1) * 1.0 / (number - 1) for i in range(number - 2)], last]


def _one_count(key: str, labels: Any, predictions: Any, thresholds: Any, weights: Any, metrics_collections: Any,
               updates_collections: Any, name: str | None) -> tuple[Any, Any]:
    with variable_scope(name, _NAMES[key], (predictions, labels, weights)):
        values, updates = _counts(labels, predictions, thresholds, weights, (key,))
        return published(identity(values[key]), updates[key], metrics_collections, updates_collections)


def false_negatives_at_thresholds(
    labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The number of false negatives at each of several thresholds.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      thresholds: List of numbers in [0, 1]: what is greater is taken as positive.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a vector, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.false_negatives_at_thresholds([1, 1, 0], [0.9, 0.3, 0.6], [0.2, 0.5])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [0.0, 1.0]
    """
    return _one_count("fn", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name)


def false_positives_at_thresholds(
    labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The number of false positives at each of several thresholds.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      thresholds: List of numbers in [0, 1]: what is greater is taken as positive.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a vector, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.false_positives_at_thresholds([1, 1, 0], [0.9, 0.3, 0.6], [0.2, 0.5])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [1.0, 1.0]
    """
    return _one_count("fp", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name)


def true_negatives_at_thresholds(
    labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The number of true negatives at each of several thresholds.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      thresholds: List of numbers in [0, 1]: what is greater is taken as positive.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a vector, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.true_negatives_at_thresholds([1, 1, 0], [0.9, 0.3, 0.6], [0.2, 0.5])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [0.0, 0.0]
    """
    return _one_count("tn", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name)


def true_positives_at_thresholds(
    labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The number of true positives at each of several thresholds.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      thresholds: List of numbers in [0, 1]: what is greater is taken as positive.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a vector, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.true_positives_at_thresholds([1, 1, 0], [0.9, 0.3, 0.6], [0.2, 0.5])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [2.0, 1.0]
    """
    return _one_count("tp", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name)


def precision_at_thresholds(
    labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Precision at each of several thresholds.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      thresholds: List of numbers in [0, 1]: what is greater is taken as positive.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a vector, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.precision_at_thresholds([1, 1, 0], [0.9, 0.3, 0.6], [0.2, 0.5])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [0.6667, 0.5]
    """
    with variable_scope(name, "precision_at_thresholds", (predictions, labels, weights)):
        values, updates = _counts(labels, predictions, thresholds, weights, ("tp", "fp"))
        value = divide(values["tp"], _EPSILON + values["tp"] + values["fp"], name="precision_value")
        update = divide(updates["tp"], _EPSILON + updates["tp"] + updates["fp"], name="precision_update_op")
        return published(value, update, metrics_collections, updates_collections)


def recall_at_thresholds(
    labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Recall at each of several thresholds.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      thresholds: List of numbers in [0, 1]: what is greater is taken as positive.
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a vector, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.recall_at_thresholds([1, 1, 0], [0.9, 0.3, 0.6], [0.2, 0.5])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      [1.0, 0.5]
    """
    with variable_scope(name, "recall_at_thresholds", (predictions, labels, weights)):
        values, updates = _counts(labels, predictions, thresholds, weights, ("tp", "fn"))
        value = divide(values["tp"], _EPSILON + values["tp"] + values["fn"], name="recall_value")
        update = divide(updates["tp"], _EPSILON + updates["tp"] + updates["fn"], name="recall_update_op")
        return published(value, update, metrics_collections, updates_collections)


def sensitivity_at_specificity(
    labels: Any, predictions: Any, specificity: float, weights: Any = None, num_thresholds: int = 200,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The sensitivity at the threshold whose specificity is nearest to a wanted one.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      specificity: The wanted specificity, in [0, 1].
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      num_thresholds: Number of thresholds that are tried.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Raises:
      ValueError: `specificity` lies outside of [0, 1].

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.sensitivity_at_specificity([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8], 0.5)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      1.0
    """
    if specificity < 0 or specificity > 1:
        raise ValueError(f"`specificity` must be in the range [0, 1]. Currently, `specificity` is {specificity}.")
    with variable_scope(name, "sensitivity_at_specificity", (predictions, labels, weights)):
        thresholds = _even_thresholds(num_thresholds)
        values, updates = _counts(labels, predictions, thresholds, weights)

        def at_best(v: dict[str, Any], name: str) -> Tensor:
            found = divide(v["tn"], v["tn"] + v["fp"] + _EPSILON)
            best = cast(argmin(abs(found - specificity), 0), int32)
            return divide(v["tp"][best], v["tp"][best] + v["fn"][best] + _EPSILON, name)

        return published(at_best(values, "value"), at_best(updates, "update_op"), metrics_collections,
                         updates_collections)


def specificity_at_sensitivity(
    labels: Any, predictions: Any, sensitivity: float, weights: Any = None, num_thresholds: int = 200,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The specificity at the threshold whose sensitivity is nearest to a wanted one.

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape.
      sensitivity: The wanted sensitivity, in [0, 1].
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      num_thresholds: Number of thresholds that are tried.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the variable scope.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Raises:
      ValueError: `sensitivity` lies outside of [0, 1].

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.specificity_at_sensitivity([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8], 0.5)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      1.0
    """
    if sensitivity < 0 or sensitivity > 1:
        raise ValueError(f"`sensitivity` must be in the range [0, 1]. Currently, `sensitivity` is {sensitivity}.")
    with variable_scope(name, "specificity_at_sensitivity", (predictions, labels, weights)):
        thresholds = _even_thresholds(num_thresholds, 1.0 - _EPSILON)
        values, updates = _counts(labels, predictions, thresholds, weights)

        def at_best(v: dict[str, Any], name: str) -> Tensor:
            found = divide(v["tp"], v["tp"] + v["fn"] + _EPSILON)
            least = reduce_min(abs(found - sensitivity))
            # Of several equally good thresholds the last.
            ranks = cumsum(cast(equal(abs(found - sensitivity), least), int64))
            best = cast(argmax(ranks, 0), int32)
            return divide(v["tn"][best], v["tn"][best] + v["fp"][best] + _EPSILON, name)

        return published(at_best(values, "value"), at_best(updates, "update_op"), metrics_collections,
                         updates_collections)


def _pr_area(tp: Any, fp: Any, fn: Any, number: int) -> Tensor:
    """Area under precision over recall by interpolation of the counts (Davis and Goadrich, 2006)."""
    less = tp[:number - 1] - tp[1:]
    p = tp + fp
    slope = div_no_nan(less, maximum(p[:number - 1] - p[1:], 0), name="prec_slope")
    intercept = tp[1:] - multiply(slope, p[1:])
    ratio = where(logical_and(p[:number - 1] > 0, p[1:] > 0),
                  div_no_nan(p[:number - 1], maximum(p[1:], 0), name="recall_relative_ratio"), ones_like(p[1:]))
    parts = div_no_nan(slope * (less + intercept * log(ratio)), maximum(tp[1:] + fn[1:], 0), name="pr_auc_increment")
    return reduce_sum(parts, name="interpolate_pr_auc")


def _area(v: dict[str, Any], name: str, number: int, curve: str, how: str) -> Tensor:
    tp, fn, tn, fp = v["tp"], v["fn"], v["tn"], v["fp"]
    if curve == "PR" and how == "careful_interpolation":
        return _pr_area(tp, fp, fn, number)
    if curve == "PR" and how == "trapezoidal":
        logging.warning("Trapezoidal rule is known to produce incorrect PR-AUCs; please switch to "
                        '"careful_interpolation" instead.')
    epsilon = 1e-6
    recall = divide(tp + epsilon, tp + fn + epsilon)
    if curve == "ROC":
        x, y = divide(fp, fp + tn + epsilon), recall
    else:
        x, y = recall, divide(tp + epsilon, tp + fp + epsilon)
    width = x[:number - 1] - x[1:]
    if how in ("trapezoidal", "careful_interpolation"):
        height = (y[:number - 1] + y[1:]) / 2.0
    elif how == "minoring":
        height = minimum(y[:number - 1], y[1:])
    elif how == "majoring":
        height = maximum(y[:number - 1], y[1:])
    else:
        raise ValueError(f"Invalid summation_method: {how} summation_method should be 'trapezoidal', "
                         "'careful_interpolation', 'minoring', or 'majoring'.")
    return reduce_sum(multiply(width, height), name=name)


def auc(
    labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
    updates_collections: Any = None, curve: str = "ROC", name: str | None = None,
    summation_method: str = "trapezoidal", thresholds: Any = None,
) -> tuple[Any, Any]:
    """The area under a curve: true over false positives ("ROC"), or precision over recall ("PR").

    Args:
      labels: The truth: a tensor, taken as bool.
      predictions: Tensor of the same shape, in [0, 1].
      weights: Scalar, or a tensor that fits `labels`: what each element counts.
      num_thresholds: Number of points of the curve.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      curve: "ROC" or "PR".
      name: Name of the variable scope.
      summation_method: "trapezoidal", "careful_interpolation" (right for PR), "minoring" or "majoring".
      thresholds: Points of the curve, in place of evenly spaced ones.

    Returns:
      (value, update): a scalar, and the operation that takes in a batch and returns the new value.

    Raises:
      ValueError: Another curve or summation method.
      InvalidArgumentError: At run time, predictions outside of [0, 1].

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     value, update = tf.metrics.auc([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(np.float64(sess.run(update)), 4).tolist())
      0.75

    Source: Davis and Goadrich, "The relationship between precision-recall and ROC curves", 2006.
    """
    with variable_scope(name, "auc", (labels, predictions, weights)):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"Curve must be either ROC or PR. Curve {curve} is unknown.")
        if thresholds is not None:
            num_thresholds = len(thresholds) + 2
            thresholds = [0.0 - _EPSILON, *sorted(thresholds), 1.0 + _EPSILON]
        else:
            thresholds = _even_thresholds(num_thresholds)
        values, updates = _counts(labels, predictions, thresholds, weights)
        value = _area(values, "value", num_thresholds, curve, summation_method)
        update = _area(updates, "update_op", num_thresholds, curve, summation_method)
        return published(value, update, metrics_collections, updates_collections)
