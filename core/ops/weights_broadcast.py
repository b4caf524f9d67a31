"""Which weights fit which values in losses and metrics: scalars, or the same rank with sizes equal or one.

Shared by `core.losses` and `core.metrics`; builds the check's nodes under TensorFlow's names.
"""

from __future__ import annotations

from typing import Any

from core.graph import (
    Operation,
    Tensor,
    apply_op,
    constant_value,
    control_dependencies,
    convert_to_tensor,
    name_scope,
)
from core.ops.array_basic import ones_like, rank, shape, size
from core.ops.array_join import concat
from core.ops.array_shape import expand_dims, squeeze
from core.ops.checks import Assert
from core.ops.control_flow import cond
from core.ops.grouping import no_op
from core.ops.math_binary import multiply
from core.ops.set_ops import set_difference

__all__: list[str] = []

_PREFIX = "weights can not be broadcast to values."


def _has_valid_dims(weights_shape: Tensor, values_shape: Tensor) -> Tensor:
    with name_scope(None, "has_invalid_dims", [weights_shape, values_shape]) as scope:
        values_2d = expand_dims(values_shape, -1)
        valid = concat((values_2d, ones_like(values_2d)), axis=1)
        weights_2d = expand_dims(weights_shape, -1)
        invalid = size(set_difference(weights_2d, valid).values, name="num_invalid_dims")
        return apply_op("Equal", 0, invalid, name=scope)


def _fits(weights_rank: Tensor, weights_shape: Tensor, values_rank: Tensor, values_shape: Tensor) -> Tensor:
    with name_scope(None, "has_valid_nonscalar_shape",
                    [weights_rank, weights_shape, values_rank, values_shape]) as scope:
        same = apply_op("Equal", values_rank, weights_rank, name="is_same_rank")
        result: Tensor = cond(same, lambda: _has_valid_dims(weights_shape, values_shape), lambda: same, name=scope)
        return result


def assert_broadcastable(weights: Any, values: Any) -> Operation:
    """An operation that fails unless `weights` are a scalar or fit `values`, size by size (1 fits all).

    Args:
      weights: Tensor.
      values: Tensor that the weights are for.

    Raises:
      ValueError: The static shapes do not fit.  InvalidArgumentError: At run time, where they were not known.

    Example:
      >>> assert_broadcastable([[2.0], [3.0]], [[1.0, 5.0, 6.0], [7.0, 8.0, 9.0]]).type
      'NoOp'
    """
    with name_scope(None, "assert_broadcastable", [weights, values]) as scope:
        with name_scope(None, "weights", [weights]) as weights_scope:
            weights = convert_to_tensor(weights, name=weights_scope)
            weights_shape, weights_rank = shape(weights, name="shape"), rank(weights, name="rank")
        with name_scope(None, "values", [values]) as values_scope:
            values = convert_to_tensor(values, name=values_scope)
            values_shape, values_rank = shape(values, name="shape"), rank(values, name="rank")
        known, wanted = weights.shape.ndims, values.shape.ndims
        if known is not None and wanted is not None:
            if known == 0:
                return no_op(name="static_scalar_check_success")
            if known != wanted:
                raise ValueError(f"{_PREFIX} values.rank={wanted}. weights.rank={known}. values.shape={values.shape}. "
                                 f"weights.shape={weights.shape}. Give weights of the values' rank, with sizes of 1 "
                                 "where one weight is for all.")
            mine, theirs = constant_value(weights_shape), constant_value(values_shape)
            if mine is not None and theirs is not None:
                for i, (m, t) in enumerate(zip(mine.tolist(), theirs.tolist(), strict=True)):
                    if m not in (1, t):
                        raise ValueError(f"{_PREFIX} Mismatch at dim {i}. values.shape={theirs}, "
                                         f"weights.shape={mine}.")
                return no_op(name="static_dims_check_success")
        scalar = apply_op("Equal", 0, weights_rank, name="is_scalar")
        data = [_PREFIX, "weights.shape=", weights.name, weights_shape, "values.shape=", values.name, values_shape,
                "is_scalar=", scalar]
        valid = cond(scalar, lambda: scalar,
                     lambda: _fits(weights_rank, weights_shape, values_rank, values_shape), name="is_valid_shape")
        return Assert(valid, data, name=scope)


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """Weights, made as large as `values`.

    Args:
      weights: Tensor that fits `values` (see `assert_broadcastable`).
      values: Tensor.

    Returns:
      The weights, of the shape and type of `values`.

    Example:
      >>> broadcast_weights([[2.0], [3.0]], [[1.0, 5.0, 6.0], [7.0, 8.0, 9.0]]).shape.as_list()
      [2, 3]
    """
    with name_scope(None, "broadcast_weights", [weights, values]) as scope:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, dtype=values.dtype.base_dtype, name="weights")
        if (weights.shape.is_fully_defined() and values.shape.is_fully_defined()
                and weights.shape.is_compatible_with(values.shape)):
            return weights
        with control_dependencies([assert_broadcastable(weights, values)]):
            return multiply(weights, ones_like(values), name=scope)


def remove_squeezable_dimensions(labels: Any, predictions: Any, expected_rank_diff: int = 0,
                                 name: str | None = None) -> tuple[Tensor, Tensor]:
    """Removes a last dimension of one that either of two tensors has too many.

    Args:
      labels, predictions: Tensors.
      expected_rank_diff: Rank of `predictions` less that of `labels` that is wanted.
      name: Name scope.

    Returns:
      (labels, predictions).

    Example:
      >>> labels, predictions = remove_squeezable_dimensions([[1], [2]], [3, 4])
      >>> labels.shape.as_list()
      [2]
    """
    with name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        p_rank, l_rank = predictions.shape.ndims, labels.shape.ndims
        if l_rank is not None and p_rank is not None:
            if p_rank - l_rank == expected_rank_diff + 1 and predictions.shape.dims[-1].is_compatible_with(1):
                predictions = squeeze(predictions, [-1])
            elif p_rank - l_rank == expected_rank_diff - 1 and labels.shape.dims[-1].is_compatible_with(1):
                labels = squeeze(labels, [-1])
            return labels, predictions
        difference = rank(predictions) - rank(labels)
        if p_rank is None or predictions.shape.dims[-1].is_compatible_with(1):
            full = predictions
            predictions = cond(apply_op("Equal", expected_rank_diff + 1, difference),
                               lambda: squeeze(full, [-1]), lambda: full)
        if l_rank is None or labels.shape.dims[-1].is_compatible_with(1):
            whole = labels
            labels = cond(apply_op("Equal", expected_rank_diff - 1, difference),
                          lambda: squeeze(whole, [-1]), lambda: whole)
        return labels, predictions
