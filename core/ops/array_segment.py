"""Sums of rows that share an id: where the gradients of gathers and embeddings end."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import Tensor, apply_op, constant_value, define_op
from core.kernels.segment import unsorted_segment
from core.ops.array_gather import gather
from core.shapes import TensorShape, unknown_shape

__all__ = ["unsorted_segment_sum"]


# ---------------------------------------------------------------------- UnsortedSegmentSum

def unsorted_segment_shape(data: Tensor, segment_ids: Tensor, num_segments: Tensor) -> TensorShape:
    """Shape rule: the dimensions of the ids give way to one of `num_segments`."""
    num_segments.shape.assert_has_rank(0)
    dims, ids = data.shape.as_tuple(), segment_ids.shape.as_tuple()
    if dims is None or ids is None:
        return unknown_shape()
    if not TensorShape(dims[:len(ids)]).is_compatible_with(ids):
        raise ValueError(f"data must begin with the shape of segment_ids, got {data.shape} and {segment_ids.shape}")
    count = constant_value(num_segments)
    if count is not None and count < 0:
        raise ValueError(f"Dimension size, given by scalar input num_segments, must be non-negative but is {count}")
    return TensorShape.from_tuple((None if count is None else int(count), *dims[len(ids):]))


def gather_drop_negatives(params: Any, ids: Tensor) -> Tensor:
    """Rows of `params` by id; rows of zeros where the id is negative (its element was left out of the sum)."""
    zero = apply_op("ZerosLike", ids)
    taken = gather(params, apply_op("Maximum", ids, zero))
    known = constant_value(ids)
    if known is not None and (np.asarray(known) >= 0).all():
        return taken
    keep = apply_op("Cast", apply_op("GreaterEqual", ids, zero), DstT=taken.dtype.base_dtype)
    missing = apply_op("Sub", apply_op("Rank", taken), apply_op("Rank", ids))
    form = apply_op("ConcatV2", [apply_op("Shape", ids), apply_op("Fill", apply_op("Pack", [missing]), 1)], 0)
    return apply_op("Mul", taken, apply_op("Reshape", keep, form))


define_op("UnsortedSegmentSum", "data:T, segment_ids:Tindices, num_segments:Tnumsegments", "output:T",
          "T:type{@number}; Tindices:type{int16,int32,int64}; Tnumsegments:type=int32{int32,int64}",
          shape=unsorted_segment_shape,
          kernel=lambda xp, data, segment_ids,
          num_segments: unsorted_segment("sum", data, segment_ids, int(num_segments)),
          gradient=lambda op, grad: [gather_drop_negatives(grad, op.inputs[1]), None, None])


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Adds up the elements (or slices) that share an id: ``output[i] = sum of data[j...] with segment_ids[j...] == i``.

    Args:
      data: Tensor whose shape begins with that of `segment_ids`.
      segment_ids: Integers below `num_segments`; a negative one leaves its element out.
      num_segments: How many sums there are, 0-D.
      name: Name of the operation.

    Returns:
      A Tensor ``[num_segments, ...]``; a segment without elements is 0.

    Raises:
      InvalidArgumentError (in a run): An id of `num_segments` or more.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unsorted_segment_sum([[1, 2], [3, 4], [5, 6]], [1, 0, 1], 3)))
      [[3 4]
       [6 8]
       [0 0]]
    """
    return apply_op("UnsortedSegmentSum", data, segment_ids, num_segments, name=name)
