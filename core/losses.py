"""`tf.losses`: losses with weights, collected for the optimiser. Those of single examples stand in `core.nn`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.dtypes import float32
from core.graph import (
    GraphKeys,
    Tensor,
    add_to_collection,
    control_dependencies,
    convert_to_tensor,
    get_collection,
    name_scope,
)
from core.ops.array_basic import ones_like, rank, shape, size, stop_gradient, zeros_like
from core.ops.array_cast import cast
from core.ops.array_shape import range, squeeze
from core.ops.array_where import where
from core.ops.constant import constant
from core.ops.control_flow import cond
from core.ops.math_binary import add, maximum, minimum, multiply, subtract
from core.ops.math_binary_special import div_no_nan, squared_difference
from core.ops.math_compare import equal
from core.ops.math_reduce import reduce_sum
from core.ops.math_reduce_more import add_n
from core.ops.math_unary import abs, log, square
from core.ops.nn_activations import relu
from core.ops.nn_softmax import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from core.ops.weights_broadcast import assert_broadcastable, broadcast_weights, remove_squeezable_dimensions

__all__ = [
    "Reduction", "absolute_difference", "add_loss", "compute_weighted_loss", "cosine_distance", "get_losses",
    "get_regularization_loss", "get_regularization_losses", "get_total_loss", "hinge_loss", "huber_loss", "log_loss",
    "mean_pairwise_squared_error", "mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]


class Reduction:
    """How the weighted losses of the elements become one number."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All reductions."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS,
                cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key: str) -> None:
        """ValueError unless `key` is a reduction.

        Example:
          >>> tf.losses.Reduction.validate("none")
        """
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. Key should be one of {cls.all()}.")


_BY_NONZERO = Reduction.SUM_BY_NONZERO_WEIGHTS


def _safe_mean(losses: Tensor, count: Tensor) -> Tensor:
    return div_no_nan(reduce_sum(losses), count, name="value")


def _num_present(losses: Tensor, weights: Any, per_batch: bool = False) -> Tensor:
    """How many elements have a weight that is not zero."""
    if isinstance(weights, float) and weights != 0.0:
        return _num_elements(losses)
    with name_scope(None, "num_present", [losses, weights]) as scope:
        weights = cast(weights, float32)
        present = where(equal(weights, 0.0), zeros_like(weights), ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            return reduce_sum(present, axis=range(1, rank(present)), keepdims=True, name=scope)
        return reduce_sum(present, name=scope)


def _num_elements(losses: Tensor) -> Tensor:
    with name_scope(None, "num_elements", [losses]) as scope:
        count: Tensor = cast(size(losses, name=scope), losses.dtype)
        return count


def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None,
                          loss_collection: str | None = GraphKeys.LOSSES, reduction: str = _BY_NONZERO) -> Tensor:
    """Weighs losses and makes one number of them.

    Args:
      losses: Tensor, a loss for each element.
      weights: Scalar, or a tensor of the rank of `losses` with the same sizes or sizes of 1.
      scope: Name scope.
      loss_collection: Collection that takes the result, or None.
      reduction: One of `tf.losses.Reduction`.

    Returns:
      A scalar of the type of `losses`; with `Reduction.NONE` a tensor of their shape.

    Raises:
      ValueError: Weights that do not fit; an unknown reduction.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.compute_weighted_loss([1.0, 3.0, 9.0], [1.0, 1.0, 0.0])))
      2.0
    """
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss", [losses, weights]):
        with control_dependencies([assert_broadcastable(weights, losses)]):
            losses = convert_to_tensor(losses)
            dtype = losses.dtype
            losses = cast(losses, float32)
            weights = cast(weights, float32)
            weighted = multiply(losses, weights)
            if reduction == Reduction.NONE:
                loss = weighted
            else:
                loss = reduce_sum(weighted)
                if reduction == Reduction.MEAN:
                    loss = _safe_mean(loss, reduce_sum(ones_like(losses) * weights))
                elif reduction == _BY_NONZERO:
                    loss = _safe_mean(loss, _num_present(losses, weights))
                elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
                    loss = _safe_mean(loss, _num_elements(losses))
            loss = cast(loss, dtype)
            add_loss(loss, loss_collection)
            return loss


@contextmanager
def _loss_scope(scope: str | None, default: str, first: Any, labels: Any, weights: Any, *,
                names: tuple[str, str] = ("predictions", "labels")) -> Iterator[str]:
    """Checks that both are given and opens the name scope of a loss."""
    for name, value in ((names[1], labels), (names[0], first)):
        if value is None:
            raise ValueError(f"Argument `{name}` must not be None.")
    with name_scope(scope, default, [first, labels, weights]) as entered:
        yield entered


def _floats(first: Any, labels: Any) -> tuple[Tensor, Tensor]:
    first, labels = cast(first, float32), cast(labels, float32)
    first.shape.assert_is_compatible_with(labels.shape)
    return first, labels


def absolute_difference(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                        loss_collection: str | None = GraphKeys.LOSSES, reduction: str = _BY_NONZERO) -> Tensor:
    """``|predictions - labels|``, weighted and reduced.

    Args:
      labels, predictions: Tensors of the same shape.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Returns:
      A float32 scalar; with `Reduction.NONE` a tensor.

    Raises:
      ValueError: Shapes that do not fit; None for labels or predictions.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.absolute_difference([1.0, 2.0, 6.0], [2.0, 4.0, 3.0])))
      2.0
    """
    with _loss_scope(scope, "absolute_difference", predictions, labels, weights) as entered:
        predictions, labels = _floats(predictions, labels)
        losses = abs(subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def cosine_distance(labels: Any, predictions: Any, axis: int | None = None, weights: Any = 1.0,
                    scope: str | None = None, loss_collection: str | None = GraphKeys.LOSSES,
                    reduction: str = _BY_NONZERO, dim: int | None = None) -> Tensor:
    """``1 - sum(labels * predictions)`` along an axis; both are taken to have length 1 there.

    Args:
      labels, predictions: Tensors of the same shape.
      axis: The axis of the vectors.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.
      dim: Old name of `axis`.

    Raises:
      ValueError: No axis, or both `axis` and `dim`; shapes that do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.cosine_distance([[1.0, 0.0]], [[0.0, 1.0]], axis=1)))
      1.0
    """
    if dim is not None and axis is not None:
        raise ValueError("Cannot specify both 'axis' and 'dim'.")
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify argument `axis`.")
    with _loss_scope(scope, "cosine_distance_loss", predictions, labels, weights) as entered:
        predictions, labels = _floats(predictions, labels)
        losses: Tensor = 1 - reduce_sum(multiply(predictions, labels), axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def hinge_loss(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None,
               loss_collection: str | None = GraphKeys.LOSSES, reduction: str = _BY_NONZERO) -> Tensor:
    """``max(0, 1 - t * logits)`` with t = -1 for label 0 and 1 for label 1.

    Args:
      labels: Tensor of 0 and 1.
      logits: Tensor of the same shape.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or logits.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.hinge_loss([0.0, 1.0], [-3.0, 0.5])))
      0.25
    """
    with _loss_scope(scope, "hinge_loss", logits, labels, weights, names=("logits", "labels")) as entered:
        logits, labels = _floats(logits, labels)
        ones = ones_like(labels)
        labels = subtract(2 * labels, ones)
        losses = relu(subtract(ones, multiply(labels, logits)))
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, scope: str | None = None,
               loss_collection: str | None = GraphKeys.LOSSES, reduction: str = _BY_NONZERO) -> Tensor:
    """Half the square of small errors, linear for errors beyond `delta`.

    Args:
      labels, predictions: Tensors of the same shape.
      delta: Where the parabola ends.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or predictions.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.huber_loss([0.0, 0.0], [1.0, 3.0])))
      1.5

    Source: Huber, "Robust estimation of a location parameter", 1964.
    """
    with _loss_scope(scope, "huber_loss", predictions, labels, weights) as entered:
        predictions, labels = _floats(predictions, labels)
        absolute = abs(subtract(predictions, labels))
        quadratic = minimum(absolute, delta)
        linear = subtract(absolute, quadratic)
        half = convert_to_tensor(0.5, dtype=quadratic.dtype)
        losses = add(multiply(half, multiply(quadratic, quadratic)), multiply(delta, linear))
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-07, scope: str | None = None,
             loss_collection: str | None = GraphKeys.LOSSES, reduction: str = _BY_NONZERO) -> Tensor:
    """``-labels * log(predictions) - (1 - labels) * log(1 - predictions)``.

    Args:
      labels, predictions: Tensors of the same shape, with values in [0, 1].
      epsilon: Added to what the logarithm is taken of.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or predictions.

    Example:
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.losses.log_loss([1.0, 0.0], [0.5, 0.5]))), 4))
      0.6931
    """
    with _loss_scope(scope, "log_loss", predictions, labels, weights) as entered:
        predictions, labels = _floats(predictions, labels)
        losses = -multiply(labels, log(predictions + epsilon)) - multiply(1 - labels, log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def mean_pairwise_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                                loss_collection: str | None = GraphKeys.LOSSES) -> Tensor:
    """Mean squared difference between pairs of errors in each example: scale matters, a shift of all does not.

    Args:
      labels, predictions: Tensors ``[batch, ...]`` of the same shape.
      weights: Scalar, or ``[batch, 1, ...]``, or of the shape of `predictions`.
      scope, loss_collection: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or predictions.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.mean_pairwise_squared_error([[1.0, 2.0, 3.0]], [[1.0, 2.0, 6.0]])))
      6.0
    """
    with _loss_scope(scope, "mean_pairwise_squared_error", predictions, labels, weights):
        weights, labels = cast(weights, float32), cast(labels, float32)
        with control_dependencies([assert_broadcastable(weights, labels)]):
            predictions = cast(predictions, float32)
            predictions.shape.assert_is_compatible_with(labels.shape)
            diffs = subtract(predictions, labels)
            axis = range(1, rank(diffs))
            squares = reduce_sum(square(diffs), axis=axis, keepdims=True)
            count = _num_present(diffs, weights, per_batch=True)
            term1 = 2.0 * div_no_nan(squares, maximum(count - 1, 0), name="value")
            total = reduce_sum(diffs, axis=axis, keepdims=True)
            term2 = 2.0 * div_no_nan(square(total), maximum(multiply(count, count - 1), 0), name="value")
            loss = reduce_sum(multiply(term1 - term2, weights))
            mean_loss = where(reduce_sum(count) > 0, loss, zeros_like(loss), name="value")
            add_loss(mean_loss, loss_collection)
            return mean_loss


def mean_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                       loss_collection: str | None = GraphKeys.LOSSES, reduction: str = _BY_NONZERO) -> Tensor:
    """``(predictions - labels)**2``, weighted and reduced.

    Args:
      labels, predictions: Tensors of the same shape.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or predictions.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.losses.mean_squared_error([1.0, 2.0], [2.0, 5.0])))
      5.0
    """
    with _loss_scope(scope, "mean_squared_error", predictions, labels, weights) as entered:
        predictions, labels = _floats(predictions, labels)
        losses = squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def sigmoid_cross_entropy(multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None, loss_collection: str | None = GraphKeys.LOSSES,
                          reduction: str = _BY_NONZERO) -> Tensor:
    """Cross entropy of independent classes, from logits.

    Args:
      multi_class_labels: ``[batch, classes]`` of 0 and 1.
      logits: ``[batch, classes]``.
      label_smoothing: Labels are moved towards 1/2 by this share.
      weights, scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or logits.

    Example:
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.losses.sigmoid_cross_entropy([[1, 0]], [[0.0, 0.0]]))), 4))
      0.6931
    """
    with _loss_scope(scope, "sigmoid_cross_entropy_loss", logits, multi_class_labels, weights,
                     names=("logits", "multi_class_labels")) as entered:
        logits = convert_to_tensor(logits)
        labels = cast(multi_class_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def softmax_cross_entropy(onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None, loss_collection: str | None = GraphKeys.LOSSES,
                          reduction: str = _BY_NONZERO) -> Tensor:
    """Cross entropy between softmax of the logits and the labels, one class of several.

    Args:
      onehot_labels: ``[batch, classes]``, one 1 in each row.
      logits: ``[batch, classes]``.
      weights: Scalar or ``[batch]``.
      label_smoothing: Labels are moved towards 1 / classes by this share.
      scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or logits.

    Example:
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.losses.softmax_cross_entropy([[0, 1]], [[0.0, 0.0]]))), 4))
      0.6931
    """
    with _loss_scope(scope, "softmax_cross_entropy_loss", logits, onehot_labels, weights,
                     names=("logits", "onehot_labels")) as entered:
        logits = convert_to_tensor(logits)
        labels = cast(onehot_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = cast(shape(labels)[-1], logits.dtype)
            positive, negative = 1.0 - label_smoothing, label_smoothing / classes
            labels = labels * positive + negative
        labels = stop_gradient(labels, name="labels_stop_gradient")
        losses = softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


def _squeezed(labels: Any, predictions: Any, weights: Any) -> tuple[Tensor, Tensor, Any]:
    """Removes the last dimension of labels and weights where it is one too many."""
    labels, predictions = remove_squeezable_dimensions(labels, predictions, expected_rank_diff=1)
    if weights is None:
        return labels, predictions, None
    weights = convert_to_tensor(weights)
    wanted, given = labels.shape.ndims, weights.shape.ndims
    if wanted is not None and given is not None:
        return labels, predictions, squeeze(weights, [-1]) if given - wanted == 1 else weights
    difference = rank(weights) - rank(labels)
    if given is None or (given > 0 and weights.shape.dims[-1].is_compatible_with(1)):
        whole = weights
        weights = cond(equal(1, difference), lambda: squeeze(whole, [-1]), lambda: whole)
    return labels, predictions, weights


def sparse_softmax_cross_entropy(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None,
                                 loss_collection: str | None = GraphKeys.LOSSES,
                                 reduction: str = _BY_NONZERO) -> Tensor:
    """`tf.losses.softmax_cross_entropy` for labels given as class numbers.

    Args:
      labels: int32 or int64 ``[batch]``, or ``[batch, 1]``.
      logits: ``[batch, classes]``.
      weights: Scalar, ``[batch]`` or ``[batch, 1]``.
      scope, loss_collection, reduction: As in `tf.losses.compute_weighted_loss`.

    Raises:
      ValueError: Shapes that do not fit; None for labels or logits.

    Example:
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.losses.sparse_softmax_cross_entropy([1], [[0.0, 0.0]]))), 4))
      0.6931
    """
    with _loss_scope(scope, "sparse_softmax_cross_entropy_loss", logits, labels, weights,
                     names=("logits", "labels")) as entered:
        labels, logits, weights = _squeezed(labels, logits, weights)
        losses = sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, entered, loss_collection, reduction=reduction)


# ---------------------------------------------------------------------- collections


def add_loss(loss: Any, loss_collection: str | None = GraphKeys.LOSSES) -> None:
    """Puts a loss into a collection.

    Args:
      loss: Tensor.
      loss_collection: The collection; None for none.

    Example:
      >>> tf.losses.add_loss(tf.constant(2.0))
    """
    if loss_collection:
        add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: str = GraphKeys.LOSSES) -> list[Tensor]:
    """The losses of a collection, or those of them whose names begin with `scope`.

    Example:
      >>> with tf.Graph().as_default():
      ...     _ = tf.losses.mean_squared_error([1.0], [2.0])
      ...     len(tf.losses.get_losses())
      1
    """
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Tensor]:
    """The losses that regularisers of variables added.

    Example:
      >>> with tf.Graph().as_default():
      ...     tf.losses.get_regularization_losses()
      []
    """
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """The sum of the regularisation losses; 0 where there are none.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     print(sess.run(tf.losses.get_regularization_loss()))
      0.0
    """
    losses = get_regularization_losses(scope)
    return add_n(losses, name=name) if losses else constant(0.0)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss",
                   scope: str | None = None) -> Tensor:
    """The sum of all losses, with those of regularisers.

    Args:
      add_regularization_losses: Whether regularisation losses count.
      name: Name of the sum.
      scope: Only losses whose names begin with this.

    Raises:
      ValueError: There are no losses.

    Example:
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     _ = tf.losses.mean_squared_error([1.0], [3.0]), tf.losses.absolute_difference([1.0], [3.0])
      ...     print(sess.run(tf.losses.get_total_loss()))
      6.0
    """
    losses = list(get_losses(scope=scope))
    if add_regularization_losses:
        losses += get_regularization_losses(scope=scope)
    return add_n(losses, name=name)
