"""Rows of tables by number: `embedding_lookup` and its sparse form; the largest elements: `top_k`, `in_top_k`."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import bfloat16, float16, float32, int32, int64
from core.errors import InvalidArgumentError
from core.graph import (
    NO_GRADIENT,
    Operation,
    SparseTensor,
    Tensor,
    apply_op,
    colocate_with,
    constant_value,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.ops.array_basic import rank
from core.ops.array_basic import shape as shape_op
from core.ops.array_basic import size as size_op
from core.ops.array_cast import cast
from core.ops.array_gather import gather
from core.ops.array_join import concat
from core.ops.array_order import unique
from core.ops.array_scatter import dynamic_partition
from core.ops.array_shape import range as range_op
from core.ops.array_shape import reshape
from core.ops.array_where import where
from core.ops.constant import constant
from core.ops.math_clip import clip_by_norm
from core.ops.math_segment import segment_sum, sparse_segment_mean, sparse_segment_sqrt_n, sparse_segment_sum
from core.shapes import TensorShape

__all__: list[str] = []


# ---------------------------------------------------------------------- embedding_lookup


def _tables(params: Any) -> list[Any]:
    if params is None:
        raise ValueError("params must be specified")
    if hasattr(params, "as_tensor") and hasattr(params, "__iter__"):  # a partitioned variable
        params = list(params)
    if isinstance(params, tuple):
        params = list(params)
    tables = params if isinstance(params, list) else [params]
    if not tables:
        raise ValueError("Need at least one param")
    return tables


def _clipped(rows: Tensor, ids: Tensor, max_norm: Any) -> Tensor:
    if max_norm is None:
        return rows
    if ids.shape.ndims is not None and rows.shape.ndims is not None:
        axes: Any = list(range(ids.shape.ndims, rows.shape.ndims))
    else:
        axes = range_op(rank(ids), rank(rows))
    return clip_by_norm(rows, max_norm, axes=axes)


def embedding_lookup(
    params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None, validate_indices: bool = True,
    max_norm: Any = None,
) -> Tensor:
    """The rows of `params` whose numbers are in `ids`.

    Args:
      params: A table ``[rows, ...]`` (tensor or variable), or a list of its parts.
      ids: Row numbers, int32 or int64, of any shape.
      partition_strategy: How rows are spread over several parts: "mod" (row i in part i mod n) or "div" (consecutive
        rows together).
      name: Name of the operation.
      validate_indices: Accepted.
      max_norm: If given, each row is scaled down to this length.

    Returns:
      A Tensor of shape ``ids.shape + params.shape[1:]``.

    Raises:
      ValueError: No table; an unknown strategy.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.embedding_lookup(tf.constant([[1.0, 2.0], [3.0, 4.0]]), [1, 0, 1])))
      [[3. 4.]
       [1. 2.]
       [3. 4.]]
    """
    tables = _tables(params)
    with name_scope(name, "embedding_lookup", [*tables, ids]) as scope:
        ids = convert_to_tensor(ids, name="ids")
        tables = [t if hasattr(t, "sparse_read") or isinstance(t, Tensor) else convert_to_tensor(t, name="params")
                  for t in tables]
        if len(tables) == 1:
            with colocate_with(tables[0]):
                result = _clipped(gather(tables[0], ids, name=scope), ids, max_norm)
            return apply_op("Identity", result)
        parts = len(tables)
        flat = reshape(ids, [-1])
        places = range_op(size_op(flat))
        if partition_strategy == "mod":
            owners, numbers = flat % parts, flat // parts
        elif partition_strategy == "div":
            total = _total_rows(tables, flat.dtype.base_dtype)
            share, extras = total // parts, total % parts
            owners = apply_op("Maximum", flat // (share + 1), (flat - extras) // share)
            numbers = where(owners < extras, flat % (share + 1), (flat - extras) % share)
        else:
            raise ValueError(f"Unrecognized partition strategy: {partition_strategy}")
        owners = cast(owners, int32)
        wanted = dynamic_partition(numbers, owners, parts)
        origins = dynamic_partition(places, owners, parts)
        found = []
        for table, rows in zip(tables, wanted, strict=True):
            with colocate_with(table):
                found.append(gather(table, rows))
        result = apply_op("ParallelDynamicStitch", origins, found, name=scope)
        row_shape = TensorShape(tables[0].shape)[1:]
        for table in tables[1:]:
            row_shape = row_shape.merge_with(TensorShape(table.shape)[1:])
        if row_shape.is_fully_defined():
            row_dims: Any = row_shape.as_list()
        else:
            row_dims = shape_op(tables[0])[1:]
        result = reshape(result, concat([shape_op(ids), row_dims], 0))
        result.set_shape(ids.shape.concatenate(row_shape))
        return _clipped(result, ids, max_norm)


def _total_rows(tables: list[Any], dtype: Any) -> Tensor:
    sizes = [TensorShape(t.shape).as_list()[0] for t in tables]
    if None not in sizes:
        return constant(sum(sizes), dtype=dtype)
    known = [s if s is not None else shape_op(t)[0] for s, t in zip(sizes, tables, strict=True)]
    total: Tensor = apply_op("Sum", cast(apply_op("Pack", known), dtype), [0])
    return total


def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod", name: str | None = None,
    combiner: str | None = None, max_norm: Any = None,
) -> Tensor:
    """Rows of `params`, combined for each row of a sparse matrix of row numbers.

    Args:
      params, partition_strategy, max_norm: As in `embedding_lookup`.
      sp_ids: SparseTensor ``[batch, any]`` of row numbers.
      sp_weights: SparseTensor of weights in the same places, or None for ones.
      name: Name of the operation.
      combiner: "mean" (the default), "sqrtn" (sum divided by the root of the sum of squared weights) or "sum".

    Raises:
      TypeError: No SparseTensors.  ValueError: Another combiner.

    Example:
      >>> import core as tf
      >>> ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], tf.constant([0, 1, 1]), [2, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.embedding_lookup_sparse(tf.constant([[2.0], [4.0]]), ids, None, combiner="mean")))
      [[3.]
       [4.]]
    """
    combiner = combiner or "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    tables = _tables(params)
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError("sp_ids must be SparseTensor")
    if sp_weights is not None and not isinstance(sp_weights, SparseTensor):
        raise TypeError("sp_weights must be either None or SparseTensor")
    with name_scope(name, "embedding_lookup_sparse", [*tables, sp_ids]) as scope:
        segments = sp_ids.indices[:, 0]
        if segments.dtype.base_dtype is not int32:
            segments = cast(segments, int32)
        ids, places = unique(sp_ids.values)
        rows = embedding_lookup(tables, ids, partition_strategy=partition_strategy, max_norm=max_norm)
        if rows.dtype.base_dtype in (float16, bfloat16):
            rows = cast(rows, float32)
        if sp_weights is None:
            combine: Any = {"sum": sparse_segment_sum, "mean": sparse_segment_mean, "sqrtn": sparse_segment_sqrt_n}
            result: Tensor = combine[combiner](rows, places, segments, name=scope)
            return result
        weights = sp_weights.values
        if weights.dtype.base_dtype is not rows.dtype.base_dtype:
            weights = cast(weights, rows.dtype.base_dtype)
        rows = gather(rows, places)
        ones = apply_op("Fill", apply_op("ExpandDims", rank(rows) - 1, 0), 1)
        spread = reshape(weights, concat([shape_op(weights), ones], 0))
        if rows.shape.ndims is not None:
            spread.set_shape(weights.shape.concatenate([1] * (rows.shape.ndims - 1)))
        rows = rows * spread
        if combiner == "sum":
            return segment_sum(rows, segments, name=scope)
        total = segment_sum(rows, segments)
        if combiner == "mean":
            below = segment_sum(spread, segments)
        else:
            below = apply_op("Sqrt", segment_sum(apply_op("Pow", spread, 2.0), segments))
        divided: Tensor = apply_op("RealDiv", total, below, name=scope)
        return divided


# ---------------------------------------------------------------------- TopKV2

_REAL = "float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64"


def _top_shape(input: Tensor, k: Tensor) -> list[TensorShape]:
    shape = input.shape.with_rank_at_least(1)
    if shape.ndims is None:
        return [TensorShape(None), TensorShape(None)]
    dims = shape.as_list()
    count = constant_value(k)
    if count is not None and int(count) < 0:
        raise ValueError(f"Need k >= 0, got {int(count)}")
    if count is not None and dims[-1] is not None and dims[-1] < int(count):
        raise ValueError(f"input must have last dimension >= k = {int(count)} but is {dims[-1]}")
    result = TensorShape([*dims[:-1], None if count is None else int(count)])
    return [result, result]


def _top(xp: Any, input: Any, k: Any, *, index_type: Any) -> list[Any]:
    count, size = int(k), input.shape[-1]
    if count < 0:
        raise InvalidArgumentError(None, None, f"Need k >= 0, got {count}")
    if size < count:
        raise InvalidArgumentError(None, None, f"input must have at least k columns. Had {size}, needed {count}")
    # From the end, so that of equal elements the first comes first.
    order = np.argsort(input[..., ::-1], axis=-1, kind="stable")
    chosen = size - 1 - order[..., ::-1][..., :count]
    return [np.take_along_axis(input, chosen, -1), chosen.astype(index_type.as_numpy_dtype)]


def _top_grad(op: Operation, grad: Any, _: Any) -> list[Any]:
    source, places = op.inputs[0], op.outputs[1]
    shape = shape_op(source)
    columns = cast(shape[-1], int64)
    flat = reshape(places, apply_op("Pack", [-1, cast(shape_op(places)[-1], int32)]))
    rows = cast(shape_op(flat)[0], int64)
    starts = apply_op("Range", constant(0, dtype=int64), rows * columns, columns)
    index = reshape(cast(flat, int64) + apply_op("ExpandDims", starts, -1), [-1])
    total = cast(apply_op("Prod", shape, [0]), int64)
    spread = apply_op("ScatterNd", apply_op("ExpandDims", index, -1), reshape(grad, [-1]),
                      apply_op("ExpandDims", total, 0))
    return [reshape(spread, shape), None]


define_op("TopKV2", "input:T, k:Tk", "values:T, indices:index_type",
          f"sorted:bool=True; T:type{{{_REAL}}}; Tk:type=int32{{int16,int32,int64}}; "
          "index_type:type=int32{int16,int32,int64}", shape=_top_shape, kernel=_top, gradient=_top_grad)


def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> list[Tensor]:
    """The `k` largest elements along the last axis, and where they stand; of equal elements the first comes first.

    Args:
      input: Tensor of real numbers.
      k: How many; an int32 scalar.
      sorted: Accepted: the elements are always sorted, the largest first.
      name: Name of the operation.

    Returns:
      Two Tensors: values and indices (int32).

    Raises:
      ValueError: More elements are wanted than there are.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.top_k([1.0, 5.0, 3.0], 2))[1])
      [1 2]
    """
    found: list[Tensor] = apply_op("TopKV2", input, k, sorted=sorted, name=name)
    return found


# ---------------------------------------------------------------------- InTopKV2


def _in_top_shape(predictions: Tensor, targets: Tensor, k: Tensor) -> TensorShape:
    rows = predictions.shape.with_rank(2).as_list()[0]
    return TensorShape([rows]).merge_with(targets.shape.with_rank(1))


def _in_top(xp: Any, predictions: Any, targets: Any, k: Any) -> Any:
    if predictions.shape[0] != targets.shape[0]:
        raise InvalidArgumentError(None, None, f"First dimension of predictions {predictions.shape[0]} must match "
                                   f"length of targets {targets.shape[0]}")
    classes = predictions.shape[1]
    inside = (targets >= 0) & (targets < classes)
    own = predictions[np.arange(targets.shape[0]), np.where(inside, targets, 0)]
    better = np.sum(predictions > own[:, None], axis=1)
    return inside & np.isfinite(predictions).all(axis=1) & (better < int(k))


define_op("InTopKV2", "predictions:float, targets:T, k:T", "precision:bool", "T:type=int32{int32,int64}",
          shape=_in_top_shape, kernel=_in_top, gradient=NO_GRADIENT)


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether the target class is among the `k` most probable, for each row.

    Args:
      predictions: float32 ``[batch, classes]``.
      targets: Class numbers, int32 or int64 ``[batch]``.
      k: How many; classes as probable as the k-th count too.
      name: Name of the operation.

    Returns:
      A bool Tensor ``[batch]``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.in_top_k([[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]], [2, 0], 2)))
      [ True False]
    """
    with name_scope(name, "in_top_k"):
        return apply_op("InTopKV2", predictions, targets, k)
