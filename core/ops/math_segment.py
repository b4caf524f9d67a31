"""Reductions over segments: rows with the same id are summed, averaged, multiplied; sorted, unsorted, of chosen rows.

`UnsortedSegmentSum`, which gradients of gathers need, stands in array_segment.py; kernels in core/kernels/segment.py.
"""

from __future__ import annotations

from typing import Any

from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value, convert_to_tensor, define_op, name_scope
from core.kernels.segment import segment, sparse_segment, sparse_segment_grad, unsorted_segment
from core.ops.array_basic import ones, shape_of
from core.ops.array_segment import gather_drop_negatives, unsorted_segment_shape, unsorted_segment_sum
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "segment_max", "segment_mean", "segment_min", "segment_prod", "segment_sum", "sparse_segment_mean",
    "sparse_segment_sqrt_n", "sparse_segment_sum", "unsorted_segment_max", "unsorted_segment_mean",
    "unsorted_segment_min", "unsorted_segment_prod", "unsorted_segment_sqrt_n",
]

_NUMBER, _REAL, _FLOAT = "T:type{@number}", "T:type{@real}", "T:type{bfloat16,half,float,double}"


def _gather(rows: Any, ids: Any) -> Any:
    return apply_op("GatherV2", rows, ids, 0)


# ---------------------------------------------------------------------- SegmentSum, -Mean, -Prod, -Max, -Min

def _segment_shape(data: Tensor, segment_ids: Tensor) -> TensorShape:
    segment_ids.shape.assert_has_rank(1)
    dims = data.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    if not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0: a scalar has no segments")
    return TensorShape.from_tuple((None, *dims[1:]))


def _segment_kernel(kind: str) -> Any:
    def kernel(xp: Any, data: Any, segment_ids: Any) -> Any:
        return segment(kind, data, segment_ids)
    return kernel


def _sum_grad(op: Any, grad: Any) -> list[Any]:
    return [_gather(grad, op.inputs[1]), None]


def _mean_grad(op: Any, grad: Any) -> list[Any]:
    data, ids = op.inputs
    tail = apply_op("Fill", apply_op("ExpandDims", apply_op("Sub", apply_op("Rank", data), 1), 0), 1)
    counts = apply_op("SegmentSum", ones(apply_op("ConcatV2", [apply_op("Shape", ids), tail], 0), grad.dtype), ids)
    return [_gather(apply_op("DivNoNan", grad, counts), ids), None]


def _extreme_grad(op: Any, grad: Any) -> list[Any]:
    """Elements equal to their segment's extreme share its gradient equally."""
    data, ids = op.inputs
    chosen = apply_op("Equal", data, _gather(op.outputs[0], ids))
    count = apply_op("SegmentSum", apply_op("Cast", chosen, DstT=grad.dtype.base_dtype), ids)
    share = _gather(apply_op("DivNoNan", grad, count), ids)
    return [apply_op("Select", chosen, share, apply_op("ZerosLike", data)), None]


for _type, _kind, _types, _rule in (
    ("SegmentSum", "sum", _NUMBER, _sum_grad), ("SegmentMean", "mean", _NUMBER, _mean_grad),
    ("SegmentProd", "prod", _NUMBER, NO_GRADIENT), ("SegmentMax", "max", _REAL, _extreme_grad),
    ("SegmentMin", "min", _REAL, _extreme_grad),
):
    define_op(_type, "data:T, segment_ids:Tindices", "output:T", _types + "; Tindices:type{int32,int64}",
              shape=_segment_shape, kernel=_segment_kernel(_kind), gradient=_rule)


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Adds up the rows that share an id; ids are sorted.

    Args:
      data: Tensor ``[n, ...]`` of numbers.
      segment_ids: Vector ``[n]`` of ascending integers.
      name: Name of the operation.

    Returns:
      A Tensor ``[last id + 1, ...]``; an id that does not occur gives 0.

    Raises:
      InvalidArgumentError (in a run): Ids that descend or are negative.

    Example:
      >>> rows = tf.constant([[1, 2, 3, 4], [4, 3, 2, 1], [5, 6, 7, 8]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.segment_sum(rows, [0, 0, 1])))
      [[5 5 5 5]
       [5 6 7 8]]
    """
    return apply_op("SegmentSum", data, segment_ids, name=name)


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Averages the rows that share an id; ids are sorted.

    Args:
      data: Tensor ``[n, ...]`` of numbers.
      segment_ids: Vector ``[n]`` of ascending integers.
      name: Name of the operation.

    Returns:
      A Tensor ``[last id + 1, ...]``; an id that does not occur gives 0.

    Raises:
      InvalidArgumentError (in a run): Ids that descend or are negative.

    Example:
      >>> rows = tf.constant([[1, 2, 3, 4], [4, 3, 2, 1], [5, 6, 7, 8]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.segment_mean(rows, [0, 0, 1])))
      [[2 2 2 2]
       [5 6 7 8]]
    """
    return apply_op("SegmentMean", data, segment_ids, name=name)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Multiplies the rows that share an id; ids are sorted.

    Args:
      data: Tensor ``[n, ...]`` of numbers.
      segment_ids: Vector ``[n]`` of ascending integers.
      name: Name of the operation.

    Returns:
      A Tensor ``[last id + 1, ...]``; an id that does not occur gives 1. There is no gradient, as in TensorFlow 1.15.

    Raises:
      InvalidArgumentError (in a run): Ids that descend or are negative.

    Example:
      >>> rows = tf.constant([[1, 2, 3, 4], [4, 3, 2, 1], [5, 6, 7, 8]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.segment_prod(rows, [0, 0, 1])))
      [[4 6 6 4]
       [5 6 7 8]]
    """
    return apply_op("SegmentProd", data, segment_ids, name=name)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Takes the largest elements of the rows that share an id; ids are sorted.

    Args:
      data: Tensor ``[n, ...]`` of numbers.
      segment_ids: Vector ``[n]`` of ascending integers.
      name: Name of the operation.

    Returns:
      A Tensor ``[last id + 1, ...]``; an id that does not occur gives 0.

    Raises:
      InvalidArgumentError (in a run): Ids that descend or are negative.

    Example:
      >>> rows = tf.constant([[1, 2, 3, 4], [4, 3, 2, 1], [5, 6, 7, 8]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.segment_max(rows, [0, 0, 1])))
      [[4 3 3 4]
       [5 6 7 8]]
    """
    return apply_op("SegmentMax", data, segment_ids, name=name)


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Takes the smallest elements of the rows that share an id; ids are sorted.

    Args:
      data: Tensor ``[n, ...]`` of numbers.
      segment_ids: Vector ``[n]`` of ascending integers.
      name: Name of the operation.

    Returns:
      A Tensor ``[last id + 1, ...]``; an id that does not occur gives 0.

    Raises:
      InvalidArgumentError (in a run): Ids that descend or are negative.

    Example:
      >>> rows = tf.constant([[1, 2, 3, 4], [4, 3, 2, 1], [5, 6, 7, 8]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.segment_min(rows, [0, 0, 1])))
      [[1 2 2 1]
       [5 6 7 8]]
    """
    return apply_op("SegmentMin", data, segment_ids, name=name)


# ---------------------------------------------------------------------- UnsortedSegmentProd, -Max, -Min, mean, sqrt_n

def _unsorted_kernel(kind: str) -> Any:
    def kernel(xp: Any, data: Any, segment_ids: Any, num_segments: Any) -> Any:
        return unsorted_segment(kind, data, segment_ids, int(num_segments))
    return kernel


def _like_rows(ids: Any, rows: Any, positive: Any) -> Any:
    """`positive`, of the shape of the ids, with sizes of 1 for the other axes of `rows`."""
    missing = apply_op("Sub", apply_op("Rank", rows), apply_op("Rank", ids))
    form = apply_op("ConcatV2", [apply_op("Shape", ids), apply_op("Fill", apply_op("Pack", [missing]), 1)], 0)
    return apply_op("Reshape", positive, form)


def _unsorted_extreme_grad(op: Any, grad: Any) -> list[Any]:
    data, ids, count = op.inputs
    valid = _like_rows(ids, data, apply_op("GreaterEqual", ids, apply_op("ZerosLike", ids)))
    chosen = apply_op("LogicalAnd", apply_op("Equal", data, gather_drop_negatives(op.outputs[0], ids)), valid)
    number = apply_op("UnsortedSegmentSum", apply_op("Cast", chosen, DstT=grad.dtype.base_dtype), ids, count)
    share = gather_drop_negatives(apply_op("DivNoNan", grad, number), ids)
    return [apply_op("Select", chosen, share, apply_op("ZerosLike", share)), None, None]


def _unsorted_prod_grad(op: Any, grad: Any) -> list[Any]:
    """The product of the others in the segment: divided out, but where a factor is 0 formed of those that are not."""
    data, ids, count = op.inputs
    is_zero = apply_op("Equal", data, apply_op("ZerosLike", data))
    zeros = apply_op("UnsortedSegmentSum", apply_op("Cast", is_zero, DstT=ids.dtype.base_dtype), ids, count)
    one = apply_op("OnesLike", zeros)
    grad = apply_op("Select", apply_op("Greater", zeros, one), apply_op("ZerosLike", grad), grad)
    whole = apply_op("Select", is_zero, apply_op("OnesLike", data), data)
    product = apply_op("UnsortedSegmentProd", whole, ids, count)
    clipped = apply_op("Maximum", ids, apply_op("ZerosLike", ids))
    divided = apply_op("RealDiv", _gather(op.outputs[0], clipped), data)
    slope = apply_op("Select", is_zero, _gather(product, clipped), divided)
    return [apply_op("Mul", gather_drop_negatives(grad, ids), slope), None, None]


for _type, _kind, _types, _rule in (
    ("UnsortedSegmentProd", "prod", _NUMBER, _unsorted_prod_grad),
    ("UnsortedSegmentMax", "max", _REAL, _unsorted_extreme_grad),
    ("UnsortedSegmentMin", "min", _REAL, _unsorted_extreme_grad),
):
    define_op(_type, "data:T, segment_ids:Tindices, num_segments:Tnumsegments", "output:T",
              _types + "; Tindices:type{int32,int64}; Tnumsegments:type=int32{int32,int64}",
              shape=unsorted_segment_shape, kernel=_unsorted_kernel(_kind), gradient=_rule)


def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Multiplies the elements (or slices) that share an id, in any order.

    Args:
      data: Tensor whose shape begins with that of `segment_ids`.
      segment_ids: Integers below `num_segments`; a negative one leaves its element out.
      num_segments: Number of segments, 0-D.
      name: Name of the operation.

    Returns:
      A Tensor ``[num_segments, ...]``; a segment without elements gives 1.

    Raises:
      InvalidArgumentError (in a run): An id of `num_segments` or more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unsorted_segment_prod([4, 2, 4], [1, 0, 1], 2)))
      [ 2 16]
    """
    return apply_op("UnsortedSegmentProd", data, segment_ids, num_segments, name=name)


def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Takes the largest of the elements (or slices) that share an id, in any order.

    Args:
      data: Tensor whose shape begins with that of `segment_ids`.
      segment_ids: Integers below `num_segments`; a negative one leaves its element out.
      num_segments: Number of segments, 0-D.
      name: Name of the operation.

    Returns:
      A Tensor ``[num_segments, ...]``; a segment without elements gives the lowest number of its type.

    Raises:
      InvalidArgumentError (in a run): An id of `num_segments` or more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unsorted_segment_max([4, 2, 4], [1, 0, 1], 2)))
      [2 4]
    """
    return apply_op("UnsortedSegmentMax", data, segment_ids, num_segments, name=name)


def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Takes the smallest of the elements (or slices) that share an id, in any order.

    Args:
      data: Tensor whose shape begins with that of `segment_ids`.
      segment_ids: Integers below `num_segments`; a negative one leaves its element out.
      num_segments: Number of segments, 0-D.
      name: Name of the operation.

    Returns:
      A Tensor ``[num_segments, ...]``; a segment without elements gives the largest number of its type.

    Raises:
      InvalidArgumentError (in a run): An id of `num_segments` or more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unsorted_segment_min([4, 2, 4], [1, 0, 1], 2)))
      [2 4]
    """
    return apply_op("UnsortedSegmentMin", data, segment_ids, num_segments, name=name)


def _unsorted_counts(data: Tensor, ids: Tensor, num_segments: Any) -> Tensor:
    """How many elements each segment has (at least 1), ready to divide sums of `data` by."""
    total = unsorted_segment_sum(ones(shape_of(ids), data.dtype), ids, num_segments)
    extra = (data.shape.ndims or 0) - (ids.shape.ndims or 0)
    form = apply_op("ConcatV2", [apply_op("Reshape", num_segments, [1]), [1] * extra], 0) if extra else \
        apply_op("Reshape", num_segments, [1])
    return apply_op("Maximum", apply_op("Reshape", total, form), 1)


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Averages the elements (or slices) that share an id, in any order.

    Args:
      data: Tensor whose shape begins with that of `segment_ids`.
      segment_ids: Integers below `num_segments`; a negative one leaves its element out.
      num_segments: Number of segments, 0-D.
      name: Name of the operation.

    Returns:
      A Tensor ``[num_segments, ...]``; a segment without elements gives 0.

    Raises:
      InvalidArgumentError (in a run): An id of `num_segments` or more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unsorted_segment_mean([4., 2., 4.], [1, 0, 1], 2)))
      [2. 4.]
    """
    with name_scope(name, "UnsortedSegmentMean"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        count = _unsorted_counts(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / count


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Adds up (and divides by the root of their number) the elements (or slices) that share an id, in any order.

    Args:
      data: Tensor whose shape begins with that of `segment_ids`.
      segment_ids: Integers below `num_segments`; a negative one leaves its element out.
      num_segments: Number of segments, 0-D.
      name: Name of the operation.

    Returns:
      A Tensor ``[num_segments, ...]``; a segment without elements gives 0.

    Raises:
      InvalidArgumentError (in a run): An id of `num_segments` or more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unsorted_segment_sqrt_n([4., 2., 4.], [1, 0, 1], 2)).round(3))
      [2.    5.657]
    """
    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        count = _unsorted_counts(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / apply_op("Sqrt", count)


# ---------------------------------------------------------------------- SparseSegmentSum, -Mean, -SqrtN

def _sparse_shape(data: Tensor, indices: Tensor, segment_ids: Tensor) -> TensorShape:
    indices.shape.assert_has_rank(1)
    segment_ids.shape.merge_with(indices.shape)
    dims = data.shape.as_tuple()
    return unknown_shape() if dims is None else TensorShape.from_tuple((None, *dims[1:]))


def _sparse_shape_of(data: Tensor, indices: Tensor, segment_ids: Tensor, num_segments: Tensor) -> TensorShape:
    dims = _sparse_shape(data, indices, segment_ids).as_tuple()
    num_segments.shape.assert_has_rank(0)
    count = constant_value(num_segments)
    return unknown_shape() if dims is None else TensorShape.from_tuple((None if count is None else int(count),
    *dims[1:]))


def _sparse_grad_shape(grad: Tensor, indices: Tensor, segment_ids: Tensor, output_dim0: Tensor) -> TensorShape:
    return _sparse_shape_of(grad, indices, segment_ids, output_dim0)


def _first(x: Any) -> Any:
    """The number of rows of `x`, as a 0-D tensor."""
    return apply_op("StridedSlice", apply_op("Shape", x), [0], [1], [1], shrink_axis_mask=1)


def _define_sparse(name: str, kind: str, types: str) -> None:
    def plain(xp: Any, data: Any, indices: Any, segment_ids: Any) -> Any:
        return sparse_segment(kind, data, indices, segment_ids)

    def counted(xp: Any, data: Any, indices: Any, segment_ids: Any, num_segments: Any) -> Any:
        return sparse_segment(kind, data, indices, segment_ids, int(num_segments))

    def back(xp: Any, grad: Any, indices: Any, segment_ids: Any, output_dim0: Any) -> Any:
        return sparse_segment_grad(kind, grad, indices, segment_ids, int(output_dim0))

    def gradient(op: Any, grad: Any) -> list[Any]:
        data, indices, ids = op.inputs[:3]
        if kind == "sum":
            by_data = apply_op("UnsortedSegmentSum", _gather(grad, ids), indices, _first(data))
        else:
            by_data = apply_op(name + "Grad", grad, indices, ids, _first(data))
        return [by_data] + [None] * (len(op.inputs) - 1)

    def second(op: Any, grad: Any) -> list[Any]:
        upstream, indices, ids, _ = op.inputs
        return [apply_op(name + "WithNumSegments", grad, indices, ids, _first(upstream)), None, None, None]

    index = "; Tidx:type=int32{int32,int64}"
    ids = "; Tsegmentids:type=int32{int32,int64}"
    define_op(name, "data:T, indices:Tidx, segment_ids:Tsegmentids", "output:T",
              types + index + ids + "; sparse_gradient:bool=False", shape=_sparse_shape, kernel=plain,
              gradient=gradient)
    define_op(name + "WithNumSegments", "data:T, indices:Tidx, segment_ids:Tsegmentids, num_segments:Tnumsegments",
              "output:T",
              types + index + "; Tnumsegments:type=int32{int32,int64}" + ids + "; sparse_gradient:bool=False",
              shape=_sparse_shape_of, kernel=counted, gradient=gradient)
    define_op(name + "Grad", "grad:T, indices:Tidx, segment_ids:Tsegmentids, output_dim0:int32", "output:T",
              _FLOAT + index + ids, shape=_sparse_grad_shape, kernel=back, gradient=second)


_define_sparse("SparseSegmentSum", "sum", _REAL)
_define_sparse("SparseSegmentMean", "mean", _FLOAT)
_define_sparse("SparseSegmentSqrtN", "sqrt_n", _FLOAT)


def _sparse(name: str, data: Any, indices: Any, segment_ids: Any, num_segments: Any, node: str | None) -> Tensor:
    if num_segments is None:
        return apply_op(name, data, indices, segment_ids, name=node)
    return apply_op(name + "WithNumSegments", data, indices, segment_ids, num_segments, name=node)


def sparse_segment_sum(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
) -> Tensor:
    """Adds up chosen rows of `data` that share an id: like a segment op on ``gather(data, indices)``.

    Args:
      data: Tensor ``[n, ...]`` of floats.
      indices: Vector ``[k]`` of rows.
      segment_ids: Vector ``[k]`` of ascending integers.
      name: Name of the operation.
      num_segments: Number of segments, 0-D; by default one more than the last id.

    Returns:
      A Tensor ``[segments, ...]``; a segment without rows gives 0.

    Raises:
      InvalidArgumentError (in a run): An index or id is out of its range.

    Example:
      >>> rows = tf.constant([[1., 2.], [3., 4.], [5., 6.]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_segment_sum(rows, [0, 2], [0, 0], num_segments=2)))
      [[6. 8.]
       [0. 0.]]
    """
    return _sparse("SparseSegmentSum", data, indices, segment_ids, num_segments, name)


def sparse_segment_mean(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
) -> Tensor:
    """Averages chosen rows of `data` that share an id: like a segment op on ``gather(data, indices)``.

    Args:
      data: Tensor ``[n, ...]`` of floats.
      indices: Vector ``[k]`` of rows.
      segment_ids: Vector ``[k]`` of ascending integers.
      name: Name of the operation.
      num_segments: Number of segments, 0-D; by default one more than the last id.

    Returns:
      A Tensor ``[segments, ...]``; a segment without rows gives 0.

    Raises:
      InvalidArgumentError (in a run): An index or id is out of its range.

    Example:
      >>> rows = tf.constant([[1., 2.], [3., 4.], [5., 6.]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_segment_mean(rows, [0, 2], [0, 0], num_segments=2)))
      [[3. 4.]
       [0. 0.]]
    """
    return _sparse("SparseSegmentMean", data, indices, segment_ids, num_segments, name)


def sparse_segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
) -> Tensor:
    """Adds up chosen rows of `data` that share an id, and divides by the root of their number.

    Args:
      data: Tensor ``[n, ...]`` of floats.
      indices: Vector ``[k]`` of rows.
      segment_ids: Vector ``[k]`` of ascending integers.
      name: Name of the operation.
      num_segments: Number of segments, 0-D; by default one more than the last id.

    Returns:
      A Tensor ``[segments, ...]``; a segment without rows gives 0.

    Raises:
      InvalidArgumentError (in a run): An index or id is out of its range.

    Example:
      >>> rows = tf.constant([[1., 2.], [3., 4.], [5., 6.]])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_segment_sqrt_n(rows, [0, 2], [0, 0], num_segments=2)).round(3))
      [[4.243 5.657]
       [0.    0.   ]]
    """
    return _sparse("SparseSegmentSqrtN", data, indices, segment_ids, num_segments, name)
