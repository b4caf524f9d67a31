"""Precision, recall and average precision of the k best classes; labels are sets of classes."""

from __future__ import annotations

from typing import Any

from core.dtypes import float64, int32, int64
from core.graph import SparseTensor, Tensor, apply_op, control_dependencies, convert_to_tensor, name_scope
from core.metrics.common import as_labels, expanded_labels, metric_variable, published
from core.ops.array_basic import fill, identity, ones_like, shape, size, zeros_like
from core.ops.array_cast import cast
from core.ops.array_gather import gather
from core.ops.array_join import concat
from core.ops.array_pad import tile
from core.ops.array_shape import expand_dims, reshape
from core.ops.array_where import where, where_v2
from core.ops.control_flow import cond
from core.ops.math_binary import add, divide, minimum, multiply
from core.ops.math_binary_special import div_no_nan
from core.ops.math_compare import equal, greater_equal
from core.ops.math_reduce import reduce_max, reduce_sum
from core.ops.math_scan import cumsum
from core.ops.set_ops import set_difference, set_intersection, set_size
from core.ops.state import assign_add
from core.ops.weights_broadcast import assert_broadcastable, broadcast_weights

__all__ = [
    "average_precision_at_k", "precision_at_k", "precision_at_top_k", "recall_at_k", "recall_at_top_k",
    "sparse_average_precision_at_k", "sparse_precision_at_k",
]


def _name(name: str, k: int | None, class_id: int | None = None) -> str:
    name = f"{name}_at_{k}" if k is not None else f"{name}_at_k"
    return name if class_id is None else f"{name}_class{class_id}"


def _best(predictions: Any, k: int) -> Tensor:
    places: Tensor = apply_op("TopKV2", predictions, k)[1]
    return places


def _of_class(ids: Any, class_id: int) -> SparseTensor:
    """Of the sets `ids` what is `class_id`."""
    ids = as_labels(ids)
    if isinstance(ids, SparseTensor):
        kept = reshape(where(equal(ids.values, class_id)), [-1])
        return SparseTensor(gather(ids.indices, kept), gather(ids.values, kept), identity(ids.dense_shape))
    outer = shape(ids, out_type=int64)
    one = concat([outer[:-1], ones_like(outer[-1:])], 0)
    found = set_intersection(fill(one, cast(class_id, int64)), ids)
    return SparseTensor(found.indices, found.values, outer)


def _sizes(found: SparseTensor, weights: Any) -> Tensor:
    """Sizes of sets, weighted."""
    number = cast(set_size(found), float64)
    if weights is not None:
        with control_dependencies((assert_broadcastable(weights, number),)):
            number = multiply(number, cast(weights, float64))
    return number


def _hits(labels: Any, places: Any, class_id: int | None, weights: Any, name: str | None = None) -> Tensor:
    with name_scope(name, "true_positives", [places, labels, weights]):
        if class_id is not None:
            labels, places = _of_class(labels, class_id), _of_class(places, class_id)
        return _sizes(set_intersection(places, labels), weights)


def _misses(labels: Any, places: Any, class_id: int | None, weights: Any, predicted: bool) -> Tensor:
    """What was predicted and is no label, or (not `predicted`) the other way round."""
    with name_scope(None, "false_positives" if predicted else "false_negatives", [places, labels, weights]):
        if class_id is not None:
            labels, places = _of_class(labels, class_id), _of_class(places, class_id)
        return _sizes(set_difference(places, labels, aminusb=predicted), weights)


def _kept(kind: str, labels: Any, places: Tensor, k: int | None, class_id: int | None,
          weights: Any) -> tuple[Any, Any]:
    """A variable that sums up hits or misses, and its update."""
    with name_scope(None, _name(kind, k, class_id), [places, labels, weights]) as scope:
        if kind == "true_positive":
            batch = _hits(labels, places, class_id, weights)
        else:
            batch = _misses(labels, places, class_id, weights, kind == "false_positive")
        total = cast(reduce_sum(batch), float64)
        variable = metric_variable([], float64, scope)
        return variable, assign_add(variable, total, name="update")


def _share(name: str | None, default: str, kind: str, labels: Any, predictions_idx: Any, k: int | None,
           class_id: int | None, weights: Any, metrics_collections: Any, updates_collections: Any) -> tuple[Any, Any]:
    """True positives of those and of `kind`."""
    with name_scope(name, _name(default, k, class_id), [predictions_idx, labels, weights]) as scope:
        predictions_idx = convert_to_tensor(predictions_idx)
        labels = _integers(expanded_labels(labels, predictions_idx))
        places = cast(predictions_idx, int64)
        hits, new_hits = _kept("true_positive", labels, places, k, class_id, weights)
        other, new_other = _kept(kind, labels, places, k, class_id, weights)
        value = divide(hits, add(hits, other), name=scope)
        update = divide(new_hits, add(new_hits, new_other), name="update")
        return published(value, update, metrics_collections, updates_collections)


def _integers(labels: Any) -> Any:
    """Lists of Python numbers are int32: sets need the type of the predictions."""
    return cast(labels, int64) if isinstance(labels, Tensor) and labels.dtype.base_dtype == int32 else labels


def precision_at_k(
    labels: Any, predictions: Any, k: int, class_id: int | None = None, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The share of the k best classes that are labels.

    Args:
      labels: int64 Tensor or SparseTensor ``[..., number of labels]``: the true classes; ``[...]`` where there is one.
      predictions: Float Tensor ``[..., classes]``: scores.
      k: How many classes count.
      class_id: Class to look at; by default all.
      weights: Scalar, or a tensor of the shape of `labels` without its last dimension, or with sizes of 1.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the scope.

    Returns:
      (value, update): a float64 scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     scores = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
      ...     value, update = tf.metrics.precision_at_k([2, 1], scores, k=2)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(sess.run(update), 4))
      0.5
    """
    with name_scope(name, _name("precision", k, class_id), [predictions, labels, weights]) as scope:
        return precision_at_top_k(labels, _best(predictions, k), k, class_id, weights, metrics_collections,
                               updates_collections, name=scope)


def precision_at_top_k(
    labels: Any, predictions_idx: Any, k: int | None = None, class_id: int | None = None, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """`tf.metrics.precision_at_k` for classes that were ranked already.

    Args:
      labels: int64 Tensor or SparseTensor ``[..., number of labels]``: the true classes; ``[...]`` where there is one.
      predictions_idx: int64 Tensor ``[..., k]``: the k classes with the largest scores.
      k: How many classes count; for the name only.
      class_id: Class to look at; by default all.
      weights: Scalar, or a tensor of the shape of `labels` without its last dimension, or with sizes of 1.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the scope.

    Returns:
      (value, update): a float64 scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     scores = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
      ...     value, update = tf.metrics.precision_at_top_k([2, 1], [[2, 1], [0, 1]])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(sess.run(update), 4))
      0.5
    """
    return _share(name, "precision", "false_positive", labels, predictions_idx, k, class_id, weights,
                  metrics_collections, updates_collections)


def recall_at_k(
    labels: Any, predictions: Any, k: int, class_id: int | None = None, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The share of the labels that are among the k best classes.

    Args:
      labels: int64 Tensor or SparseTensor ``[..., number of labels]``: the true classes; ``[...]`` where there is one.
      predictions: Float Tensor ``[..., classes]``: scores.
      k: How many classes count.
      class_id: Class to look at; by default all.
      weights: Scalar, or a tensor of the shape of `labels` without its last dimension, or with sizes of 1.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the scope.

    Returns:
      (value, update): a float64 scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     scores = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
      ...     value, update = tf.metrics.recall_at_k([2, 1], scores, k=2)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(sess.run(update), 4))
      1.0
    """
    with name_scope(name, _name("recall", k, class_id), [predictions, labels, weights]) as scope:
        return recall_at_top_k(labels, _best(predictions, k), k, class_id, weights, metrics_collections,
                            updates_collections, name=scope)


def recall_at_top_k(
    labels: Any, predictions_idx: Any, k: int | None = None, class_id: int | None = None, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """`tf.metrics.recall_at_k` for classes that were ranked already.

    Args:
      labels: int64 Tensor or SparseTensor ``[..., number of labels]``: the true classes; ``[...]`` where there is one.
      predictions_idx: int64 Tensor ``[..., k]``: the k classes with the largest scores.
      k: How many classes count; for the name only.
      class_id: Class to look at; by default all.
      weights: Scalar, or a tensor of the shape of `labels` without its last dimension, or with sizes of 1.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the scope.

    Returns:
      (value, update): a float64 scalar, and the operation that takes in a batch and returns the new value.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     scores = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
      ...     value, update = tf.metrics.recall_at_top_k([2, 1], [[2, 1], [0, 1]])
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(sess.run(update), 4))
      1.0
    """
    return _share(name, "recall", "false_negative", labels, predictions_idx, k, class_id, weights,
                  metrics_collections, updates_collections)


def sparse_precision_at_k(
    labels: Any, predictions: Any, k: int, class_id: int | None = None, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Old name of `tf.metrics.precision_at_k`."""
    return precision_at_k(labels, predictions, k, class_id, weights, metrics_collections, updates_collections, name)


# ---------------------------------------------------------------------- average precision


def _repeated(labels: Any, k: int) -> Any:
    """Labels once for each of the k places: ``[..., k, number of labels]``."""
    with name_scope("labels_per_k", "expand_and_tile", [labels]):
        if not isinstance(labels, SparseTensor):
            wide = expand_dims(labels, -2, name="expand")
            if k == 1:
                return wide
            ones = ones_like(shape(labels))
            return tile(wide, concat((ones[:-1], (k,), ones[-1:]), 0, name="multiples"))
        outer = labels.dense_shape
        one = cast(concat([outer[:-1], ones_like(outer[-1:]), outer[-1:]], 0), int64)
        places, dense_shape = apply_op("SparseReshape", labels.indices, outer, one)
        if k == 1:
            return SparseTensor(places, labels.values, dense_shape)
        parts = apply_op("SparseConcat", [places] * k, [labels.values] * k, [dense_shape] * k, concat_dim=-2)
        return SparseTensor(*parts)


def _relevant(labels: Any, k: int) -> Tensor:
    with name_scope(None, "num_relevant", [labels]) as scope:
        if isinstance(labels, SparseTensor):
            return minimum(set_size(labels), k, name=scope)
        known = where_v2(greater_equal(labels, 0), ones_like(labels), zeros_like(labels))
        return minimum(reduce_sum(known, axis=-1), k, name=scope)


def _average_precision(labels: Any, places: Tensor) -> Tensor:
    with name_scope(None, "average_precision", [places, labels]) as scope:
        places = cast(places, int64, name="predictions_idx")
        k: Any = places.shape.as_list()[-1]
        labels = _integers(expanded_labels(labels, places))
        each = expand_dims(places, -1, name="predictions_idx_per_k")
        hits = _hits(_repeated(labels, k), each, None, None, name="relevant_per_k")
        so_far = cumsum(hits, axis=-1, name="tp_per_k")
        number = cumsum(ones_like(hits), axis=-1, name="retrieved_per_k")
        precision = divide(cast(so_far, float64), cast(number, float64), name="precision_per_k")
        counted = multiply(precision, cast(hits, float64), name="relevant_precision_per_k")
        total = reduce_sum(counted, axis=(-1,), name="precision_sum")
        return divide(total, cast(_relevant(labels, k), float64), name=scope)


def _without_unknown(labels: Any, classes: Tensor) -> Any:
    """Labels that are no class become -1."""
    labels = _integers(as_labels(labels))
    values = labels.values if isinstance(labels, SparseTensor) else labels

    def cleaned() -> Tensor:
        return where_v2(greater_equal(values, classes), -1 * ones_like(values), values)

    kept = cond(greater_equal(reduce_max(values), classes), cleaned, lambda: values)
    if isinstance(labels, SparseTensor):
        return SparseTensor(labels.indices, kept, labels.dense_shape)
    kept.set_shape(labels.shape)
    return kept


def average_precision_at_k(
    labels: Any, predictions: Any, k: int, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """The mean over examples of the precision at each of the k best places that holds a label.

    Args:
      labels: int64 Tensor or SparseTensor ``[..., number of labels]``: the true classes; ``[...]`` where there is one.
      predictions: Float Tensor ``[..., classes]``: scores.
      k: How many classes count.
      weights: Scalar, or a tensor of the shape of `labels` without its last dimension, or with sizes of 1.
      metrics_collections: Collections that take the value.
      updates_collections: Collections that take the update.
      name: Name of the scope.

    Returns:
      (value, update): a float64 scalar, and the operation that takes in a batch and returns the new value.

    Raises:
      ValueError: ``k < 1``.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     scores = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
      ...     value, update = tf.metrics.average_precision_at_k(np.array([[2], [1]], np.int64), scores, k=2)
      ...     sess.run(tf.local_variables_initializer())
      ...     print(np.round(sess.run(update), 4))
      0.75
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}. `k` should be >= 1.")
    with name_scope(name, _name("average_precision", k), [predictions, labels, weights]) as scope:
        predictions = convert_to_tensor(predictions)
        places = _best(predictions, k)
        labels = _without_unknown(labels, cast(shape(predictions)[-1], int64))
        with name_scope(scope, "average_precision_at_top_k", [places, labels, weights]) as inner:
            average = _average_precision(labels, places)
            if weights is not None:
                weights = broadcast_weights(cast(weights, float64), average)
                average = multiply(average, weights)
            with name_scope(None, "max", [average]) as max_scope:
                most = metric_variable([], float64, max_scope)
                number = (cast(size(average, name="batch_max"), float64) if weights is None
                          else reduce_sum(weights, name="batch_max"))
                new_most = assign_add(most, number, name="update")
            with name_scope(None, "total", [average]) as total_scope:
                total = metric_variable([], float64, total_scope)
                new_total = assign_add(total, reduce_sum(average, name="batch_total"), name="update")
            value = div_no_nan(total, most, name="mean")
            update = div_no_nan(new_total, new_most, name=inner)
            return published(value, update, metrics_collections, updates_collections)


def sparse_average_precision_at_k(
    labels: Any, predictions: Any, k: int, weights: Any = None,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> tuple[Any, Any]:
    """Old name of `tf.metrics.average_precision_at_k`."""
    return average_precision_at_k(labels, predictions, k, weights, metrics_collections, updates_collections, name)
