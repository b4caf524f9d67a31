"""What all metrics share: their variables, shapes that fit, collections."""

from __future__ import annotations

from typing import Any

from core.graph import (
    GraphKeys,
    SparseTensor,
    SparseTensorValue,
    Tensor,
    add_to_collections,
    convert_to_tensor,
    name_scope,
)
from core.ops.array_basic import rank, size, zeros
from core.ops.array_join import concat
from core.ops.array_shape import expand_dims, squeeze
from core.ops.constant import constant
from core.ops.control_flow import cond
from core.ops.math_compare import equal
from core.ops.weights_broadcast import remove_squeezable_dimensions
from core.replication import VariableAggregation, VariableSynchronization
from core.variables import Variable

__all__: list[str] = []


def metric_variable(shape: Any, dtype: Any, name: str | None = None) -> Any:
    """A local variable of zeros, which all replicas sum up."""
    return Variable(
        lambda: zeros(shape, dtype), trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES], validate_shape=True,
        synchronization=VariableSynchronization.ON_READ, aggregation=VariableAggregation.SUM, name=name)


def published(value: Any, update: Any, metrics_collections: Any, updates_collections: Any) -> tuple[Any, Any]:
    """Puts both into their collections and returns them."""
    if metrics_collections:
        add_to_collections(metrics_collections, value)
    if updates_collections:
        add_to_collections(updates_collections, update)
    return value, update


def fitted(predictions: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Predictions, labels and weights of one rank: last dimensions of one are removed or added.

    Args:
      predictions: Tensor.
      labels: Tensor, or None.
      weights: Tensor, or None.

    Raises:
      ValueError: Labels and predictions of other sizes.
    """
    predictions = convert_to_tensor(predictions)
    if labels is not None:
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is None:
        return predictions, labels, None
    weights = convert_to_tensor(weights)
    given, wanted = weights.shape.ndims, predictions.shape.ndims
    if given == 0:
        return predictions, labels, weights
    if wanted is not None and given is not None:
        if given - wanted == 1:
            weights = squeeze(weights, [-1])
        elif wanted - given == 1:
            weights = expand_dims(weights, [-1])
        return predictions, labels, weights
    whole: Tensor = weights
    weights_rank = rank(whole)
    difference = weights_rank - rank(predictions)

    def expanded() -> Any:
        return cond(equal(difference, -1), lambda: expand_dims(whole, [-1]), lambda: whole)

    def squeezed() -> Any:
        last = None if given is None else whole.shape.as_list()[-1]
        return whole if last not in (None, 1) else squeeze(whole, [-1])

    def adjusted() -> Any:
        return cond(equal(difference, 1), squeezed, expanded)

    return predictions, labels, cond(equal(weights_rank, 0), lambda: whole, adjusted)


def as_labels(labels: Any) -> Any:
    """A Tensor or SparseTensor."""
    if isinstance(labels, SparseTensorValue):
        return SparseTensor.from_value(labels)
    return labels if isinstance(labels, SparseTensor) else convert_to_tensor(labels)


def expanded_labels(labels: Any, predictions: Tensor) -> Any:
    """Labels of the rank of `predictions`: a last dimension of one is added where it is missing."""
    with name_scope(None, "expand_labels", [labels, predictions]) as scope:
        labels = as_labels(labels)
        if isinstance(labels, SparseTensor):
            places, shape = labels.indices, labels.dense_shape
            missing = equal(rank(predictions), size(shape) + 1)
            column = zeros(concat([size(labels.values, name="count")[None], constant([1])], 0), places.dtype)
            new = cond(missing, lambda: [concat([places, column], 1), concat((shape, constant([1], shape.dtype)), 0)],
                       lambda: [places, shape])
            return SparseTensor(new[0], labels.values, new[1])
        given, wanted = labels.shape.ndims, predictions.shape.ndims
        if given is not None and wanted is not None:
            if given == wanted:
                return labels
            if wanted == given + 1:
                return expand_dims(labels, -1, name=scope)
            raise ValueError(f"Unexpected labels shape {labels.shape} for predictions shape {predictions.shape}. "
                             "Predictions rank should be the same rank as labels rank or labels rank plus one .")
        return cond(equal(rank(predictions), rank(labels) + 1), lambda: expand_dims(labels, -1, name=scope),
                    lambda: labels)
