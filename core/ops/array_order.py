"""Ops that reorder and compare elements: reverse, unique, searchsorted, set difference, edit distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, int32
from core.graph import (
    NO_GRADIENT,
    SparseTensor,
    SparseTensorValue,
    Tensor,
    apply_op,
    constant_value,
    define_op,
    name_scope,
)
from core.ops.array_basic import shape
from core.ops.array_shape import axis_in, reshape
from core.ops.array_slice import slice_helper
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "edit_distance", "invert_permutation", "reverse", "reverse_sequence", "reverse_v2", "searchsorted", "setdiff1d",
    "sparse_mask",    "unique", "unique_with_counts",
]


# ---------------------------------------------------------------------- Reverse, ReverseV2, ReverseSequence

def _reverse_shape(tensor: Tensor, axis: Tensor) -> TensorShape:
    axis.shape.assert_has_rank(1)
    axes, ndims = constant_value(axis), tensor.shape.ndims
    if axes is not None and ndims is not None:
        _axes(axes, ndims)
    return tensor.shape


def _axes(axis: Any, ndims: int) -> tuple[int, ...]:
    axes = [axis_in(a, ndims) for a in axis.tolist()]
    for a in axes:
        if axes.count(a) > 1:
            raise ValueError(f"axis {a} specified more than once.")
    return tuple(axes)


def _reverse(xp: Any, tensor: Any, axis: Any) -> Any:
    return xp.flip(tensor, _axes(axis, tensor.ndim))


def _old_reverse_shape(tensor: Tensor, dims: Tensor) -> TensorShape:
    count = dims.shape.with_rank(1).as_tuple()
    if tensor.shape.ndims is None and count and count[0] is not None:
        return unknown_shape(count[0])
    return tensor.shape


define_op("ReverseV2", "tensor:T, axis:Tidx", "output:T",
          "Tidx:type=int32{int32,int64}; T:type{uint8,int8,uint16,int16,int32,uint32,int64,uint64,bool,bfloat16,half,"
          "float,double,complex64,complex128,string}", shape=_reverse_shape, kernel=_reverse, view=True,
          gradient=lambda op, grad: [apply_op("ReverseV2", grad, op.inputs[1]), None])
define_op("Reverse", "tensor:T, dims:bool", "output:T",
          "T:type{uint8,int8,uint16,int16,uint32,int32,uint64,int64,bool,bfloat16,half,float,double,complex64,"
          "complex128,string}", shape=_old_reverse_shape, view=True,
          kernel=lambda xp, tensor, dims: xp.flip(tensor, tuple(np.flatnonzero(dims).tolist())),
          gradient=lambda op, grad: [apply_op("Reverse", grad, op.inputs[1]), None])


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """Reverses the order of elements along dimensions.

    Args:
      tensor: Tensor.
      axis: Which dimensions, a 1-D integer tensor.
      name: Name of the operation.

    Raises:
      ValueError: An axis lies outside or stands there twice.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reverse([[1, 2, 3], [4, 5, 6]], [1])))
      [[3 2 1]
       [6 5 4]]
    """
    return apply_op("ReverseV2", tensor, axis, name=name)


reverse_v2 = reverse


def _reverse_sequence_shape(input: Tensor, seq_lengths: Tensor, *, seq_dim: int, batch_dim: int) -> TensorShape:
    seq_lengths.shape.assert_has_rank(1)
    dims, lengths = input.shape.as_tuple(), seq_lengths.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    batch, sequence = axis_in(batch_dim, len(dims), "batch_dim"), axis_in(seq_dim, len(dims), "seq_dim")
    if batch == sequence:
        raise ValueError(f"batch_dim and seq_dim must differ, both are {batch}")
    if lengths is None or lengths[0] is None:
        return input.shape
    if dims[batch] not in (None, lengths[0]):
        raise ValueError(f"Dimensions must be equal, but are {dims[batch]} and {lengths[0]}: one length for each "
                         f"element "
                         f"of the batch (dimension {batch} of {input.shape})")
    return TensorShape.from_tuple((*dims[:batch], lengths[0], *dims[batch + 1:]))


def _reverse_sequence(xp: Any, input: Any, seq_lengths: Any, *, seq_dim: int, batch_dim: int) -> Any:
    sequence, batch = axis_in(seq_dim, input.ndim), axis_in(batch_dim, input.ndim)
    size = input.shape[sequence]
    if len(seq_lengths) != input.shape[batch]:
        raise ValueError(f"Length of seq_lengths != input.dims({batch}), ({len(seq_lengths)} vs. {input.shape[batch]})")
    for i, length in enumerate(seq_lengths.tolist()):
        if length < 0:
            raise ValueError(f"seq_lens({i}) < 0")
        if length > size:
            raise ValueError(f"seq_lens({i}) > input.dims({sequence})")
    lengths = seq_lengths.astype(np.int64)[:, None]
    places = np.arange(size)[None, :]
    source = np.where(places < lengths, lengths - 1 - places, places)
    moved = np.moveaxis(input, (batch, sequence), (0, 1))
    picked = moved[np.arange(len(seq_lengths))[:, None], source]
    return np.moveaxis(picked, (0, 1), (batch, sequence))


def _reverse_sequence_grad(op: Any, grad: Any) -> list[Any]:
    return [apply_op("ReverseSequence", grad, op.inputs[1], seq_dim=op.attrs["seq_dim"],
                     batch_dim=op.attrs["batch_dim"]), None]


define_op("ReverseSequence", "input:T, seq_lengths:Tlen", "output:T",
          "seq_dim:int; batch_dim:int=0; T:type; Tlen:type=int64{int32,int64}", shape=_reverse_sequence_shape,
          kernel=_reverse_sequence, gradient=_reverse_sequence_grad)


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: int | None = None, batch_axis: int | None = None, name: str | None = None,
    seq_dim: int | None = None, batch_dim: int | None = None,
) -> Tensor:
    """Reverses the first ``seq_lengths[i]`` elements of the i-th sequence of a batch; the rest stays.

    Args:
      input: Tensor.
      seq_lengths: 1-D integers, one per element of the batch.
      seq_axis: Which dimension is the sequence.
      batch_axis: Which dimension is the batch; by default 0.
      name: Name of the operation.
      seq_dim, batch_dim: Old names of the axes.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1)))
      [[2 1 3]
       [6 5 4]]
    """
    if seq_dim is not None:
        if seq_axis is not None:
            raise ValueError("Cannot specify both 'seq_axis' and 'seq_dim'")
        seq_axis = seq_dim
    if batch_dim is not None:
        if batch_axis is not None:
            raise ValueError("Cannot specify both 'batch_axis' and 'batch_dim'")
        batch_axis = batch_dim
    return apply_op("ReverseSequence", input, seq_lengths, seq_dim=seq_axis, batch_dim=batch_axis, name=name)


# ---------------------------------------------------------------------- InvertPermutation

def _invert(xp: Any, x: Any) -> Any:
    count = len(x)
    result = np.full(count, -1, x.dtype)
    for value in x.tolist():
        if not 0 <= value < count:
            raise ValueError(f"{value} is not between 0 and {count}")
    result[x] = np.arange(count, dtype=x.dtype)
    if count and result.min() < 0:
        values, times = np.unique(x, return_counts=True)
        raise ValueError(f"{values[times > 1][0]} is duplicated in the input.")
    return result


def _invert_shape(x: Tensor) -> TensorShape:
    return x.shape.with_rank(1)


define_op("InvertPermutation", "x:T", "y:T", "T:type=int32{int32,int64}", shape=_invert_shape, kernel=_invert,
          gradient=NO_GRADIENT)


def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """Inverts a permutation: ``y[x[i]] = i``.

    Args:
      x: 1-D integers, each of 0 .. n - 1 once.
      name: Name of the operation.

    Raises:
      InvalidArgumentError (in a run): It is no permutation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.invert_permutation([3, 4, 0, 2, 1])))
      [2 4 3 0 1]
    """
    return apply_op("InvertPermutation", x, name=name)


# ---------------------------------------------------------------------- Unique and its kin

def unique_in_order(x: Any, axis: int | None = None) -> tuple[Any, Any, Any]:
    """Distinct elements (or slices) in order of first appearance, which of them each is, how often each occurs."""
    if axis is None and x.dtype != object:
        _, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    else:
        seen: dict[Any, int] = {}
        rows = np.moveaxis(x, axis or 0, 0)
        keys = [r if r.__class__ is bytes else r.tobytes() if r.dtype != object else tuple(r.ravel().tolist())
                for r in (rows.tolist() if x.ndim == 1 and x.dtype == object else rows)]
        inverse = np.array([seen.setdefault(k, len(seen)) for k in keys], np.int64)
        first = np.array([keys.index(k) for k in seen], np.int64)
        counts = np.bincount(inverse, minlength=len(seen)) if len(inverse) else np.zeros(0, np.int64)
        return np.take(x, first, axis=axis or 0), inverse, counts
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return x[first[order]], rank[inverse.reshape(-1)], counts[order]


def _vector(x: Tensor) -> TensorShape:
    return x.shape.with_rank(1)


def _unique_kernel(counted: bool) -> Any:
    def kernel(xp: Any, x: Any, axis: Any = None, *, out_idx: Any) -> Any:
        place = None
        if axis is not None and axis.size:
            place = axis_in(int(axis.reshape(-1)[0]), x.ndim)
            if x.ndim == 1:
                place = None
        elif x.ndim != 1:
            raise ValueError(f"unique expects a 1D vector, got shape {list(x.shape)}.")
        values, inverse, counts = unique_in_order(x, place)
        kind = out_idx.as_numpy_dtype
        outputs = [values, inverse.astype(kind)]
        return [*outputs, counts.astype(kind)] if counted else outputs
    return kernel


define_op("Unique", "x:T", "y:T, idx:out_idx", "T:type; out_idx:type=int32{int32,int64}", gradient=NO_GRADIENT,
          shape=lambda x: [unknown_shape(1), _vector(x)], kernel=_unique_kernel(False))
define_op("UniqueWithCounts", "x:T", "y:T, idx:out_idx, count:out_idx", "T:type; out_idx:type=int32{int32,int64}",
          gradient=NO_GRADIENT, shape=lambda x: [unknown_shape(1), _vector(x), unknown_shape(1)],
          kernel=_unique_kernel(True))


def _unique_v2_shape(x: Tensor, axis: Tensor) -> list[TensorShape]:
    places, dims = constant_value(axis), x.shape.as_tuple()
    if places is None or dims is None:
        return [unknown_shape(x.shape.ndims), unknown_shape(1), unknown_shape(1)]
    at = axis_in(int(places.reshape(-1)[0]), len(dims)) if places.size else 0
    return [TensorShape.from_tuple((*dims[:at], None, *dims[at + 1:])), TensorShape.from_tuple((dims[at],)),
            unknown_shape(1)]


define_op("UniqueV2", "x:T, axis:Taxis", "y:T, idx:out_idx",
          "T:type; Taxis:type=int64{int32,int64}; out_idx:type=int32{int32,int64}", gradient=NO_GRADIENT,
          shape=lambda x, axis: _unique_v2_shape(x, axis)[:2], kernel=_unique_kernel(False))
define_op("UniqueWithCountsV2", "x:T, axis:Taxis", "y:T, idx:out_idx, count:out_idx",
          "T:type; Taxis:type=int64{int32,int64}; out_idx:type=int32{int32,int64}", gradient=NO_GRADIENT,
          shape=_unique_v2_shape, kernel=_unique_kernel(True))


def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> list[Tensor]:
    """Finds the distinct elements of a vector, in order of first appearance.

    Args:
      x: 1-D tensor.
      out_idx: int32 or int64.
      name: Name of the operation.

    Returns:
      ``y``, the distinct elements, and ``idx`` with ``y[idx[i]] = x[i]``.

    Example:
      >>> y, idx = tf.unique([1, 1, 2, 4, 4, 4, 7, 8, 8])
      >>> with tf.Session() as sess:
      ...     print(*sess.run([y, idx]))
      [1 2 4 7 8] [0 0 1 2 2 2 3 4 4]
    """
    return apply_op("Unique", x, out_idx=as_dtype(out_idx), name=name)


def unique_with_counts(x: Any, out_idx: Any = int32, name: str | None = None) -> list[Tensor]:
    """Finds the distinct elements of a vector, in order of first appearance, and how often each occurs.

    Args:
      x: 1-D tensor.
      out_idx: int32 or int64.
      name: Name of the operation.

    Returns:
      ``y``, the distinct elements, ``idx`` with ``y[idx[i]] = x[i]``, and ``count``.

    Example:
      >>> y, idx, count = tf.unique_with_counts([1, 1, 2, 4, 4])
      >>> with tf.Session() as sess:
      ...     print(sess.run(count))
      [2 1 2]
    """
    return apply_op("UniqueWithCounts", x, out_idx=as_dtype(out_idx), name=name)


def _list_diff(xp: Any, x: Any, y: Any, *, out_idx: Any) -> Any:
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"x and y should be 1D vectors, got shapes {list(x.shape)} and {list(y.shape)}.")
    known = set(y.tolist())
    keep = np.array([i for i, v in enumerate(x.tolist()) if v not in known], np.int64)
    return [x[keep], keep.astype(out_idx.as_numpy_dtype)]


def _list_diff_shape(x: Tensor, y: Tensor) -> list[TensorShape]:
    for part in (x, y):
        part.shape.assert_has_rank(1)
    return [unknown_shape(1), unknown_shape(1)]


define_op("ListDiff", "x:T, y:T", "out:T, idx:out_idx", "T:type; out_idx:type=int32{int32,int64}", gradient=NO_GRADIENT,
          shape=_list_diff_shape, kernel=_list_diff)


def setdiff1d(x: Any, y: Any, index_dtype: Any = int32, name: str | None = None) -> list[Tensor]:
    """Finds the elements of `x` that are not in `y`.

    Args:
      x, y: 1-D tensors of one type.
      index_dtype: int32 or int64.
      name: Name of the operation.

    Returns:
      ``out``, those elements in order, and ``idx``, where in `x` they stand.

    Example:
      >>> out, idx = tf.setdiff1d([1, 2, 3, 4, 5, 6], [1, 3, 5])
      >>> with tf.Session() as sess:
      ...     print(*sess.run([out, idx]))
      [2 4 6] [1 3 5]
    """
    return apply_op("ListDiff", x, y, out_idx=as_dtype(index_dtype), name=name)


# ---------------------------------------------------------------------- LowerBound, UpperBound

def _bound(side: Any) -> Any:
    def kernel(xp: Any, sorted_inputs: Any, values: Any, *, out_type: Any) -> Any:
        if len(sorted_inputs) != len(values):
            raise ValueError(f"Leading dim_size of both tensors must match: {len(sorted_inputs)} and {len(values)}.")
        rows = [np.searchsorted(a, v, side) for a, v in zip(sorted_inputs, values, strict=True)]
        return np.array(rows, out_type.as_numpy_dtype).reshape(values.shape)
    return kernel


def _bound_shape(sorted_inputs: Tensor, values: Tensor) -> TensorShape:
    sorted_inputs.shape.with_rank(2)
    return values.shape.with_rank(2)


for _type, _side in (("LowerBound", "left"), ("UpperBound", "right")):
    define_op(_type, "sorted_inputs:T, values:T", "output:out_type", "T:type; out_type:type=int32{int32,int64}",
              shape=_bound_shape, kernel=_bound(_side), gradient=NO_GRADIENT)


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = int32, name: str | None = None,
) -> Tensor:
    """Finds where values would have to be inserted to keep a sequence sorted.

    Args:
      sorted_sequence: ``[..., n]``, sorted along the last dimension.
      values: ``[..., m]``.
      side: "left" (before equal elements) or "right" (behind them).
      out_type: int32 or int64.
      name: Name of the operation.

    Returns:
      A Tensor of the shape of `values`.

    Raises:
      ValueError: Another side.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.searchsorted([[0, 3, 9, 9, 10]], [[2, 4, 9]])))
      [[1 2 2]]
    """
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    length = slice_helper(shape(sorted_sequence), -1)
    count = slice_helper(shape(values), -1)
    table = reshape(sorted_sequence, [-1, length])
    wanted = reshape(values, [-1, count])
    kind = "UpperBound" if side == "right" else "LowerBound"
    return reshape(apply_op(kind, table, wanted, out_type=as_dtype(out_type), name=name), shape(values))


# ---------------------------------------------------------------------- EditDistance

def _levenshtein(a: list[Any], b: list[Any]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def _sequences(indices: Any, values: Any, depth: int) -> dict[tuple[int, ...], list[Any]]:
    found: dict[tuple[int, ...], list[Any]] = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        found.setdefault(tuple(place[:depth]), []).append(value)
    return found


def _edit_distance(
    xp: Any, hypothesis_indices: Any, hypothesis_values: Any, hypothesis_shape: Any, truth_indices: Any,
    truth_values: Any, truth_shape: Any, *, normalize: bool,
) -> Any:
    if len(hypothesis_shape) != len(truth_shape):
        raise ValueError(f"Expected hypothesis_shape and truth_shape of one length, got {len(hypothesis_shape)} and "
                         f"{len(truth_shape)}.")
    depth = len(truth_shape) - 1
    result = np.zeros(tuple(np.maximum(hypothesis_shape, truth_shape)[:depth].tolist()), np.float32)
    said = _sequences(hypothesis_indices, hypothesis_values, depth)
    true = _sequences(truth_indices, truth_values, depth)
    for place in said.keys() | true.keys():
        heard, wanted = said.get(place, []), true.get(place, [])
        distance = float(_levenshtein(heard, wanted))
        if normalize:
            distance = distance / len(wanted) if wanted else (float("inf") if heard else 0.0)
        result[place] = distance
    return result


def _edit_distance_shape(hypothesis_indices: Tensor, hypothesis_values: Tensor, hypothesis_shape: Tensor,
                         truth_indices: Tensor, truth_values: Tensor, truth_shape: Tensor) -> TensorShape:
    said, true = constant_value(hypothesis_shape), constant_value(truth_shape)
    if said is None or true is None:
        return unknown_shape()
    if len(said) != len(true):
        raise ValueError(f"Num elements of hypothesis_shape does not match truth_shape: {len(said)} vs. {len(true)}")
    return TensorShape(np.maximum(said, true)[:-1].tolist())


define_op("EditDistance", "hypothesis_indices:int64, hypothesis_values:T, hypothesis_shape:int64, truth_indices:int64, "
          "truth_values:T, truth_shape:int64", "output:float", "normalize:bool=True; T:type",
          shape=_edit_distance_shape, kernel=_edit_distance, gradient=NO_GRADIENT)


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Tensor:
    """Counts the insertions, deletions and replacements that turn one sequence into another (Levenshtein).

    Args:
      hypothesis: SparseTensor whose last dimension is the sequence.
      truth: SparseTensor of the same rank.
      normalize: If True, divides by the length of the true sequence.
      name: Name of the operation.

    Returns:
      A float32 Tensor of one dimension less.

    Raises:
      TypeError: An argument is no SparseTensor.

    Example:
      >>> said = tf.SparseTensor([[0, 0], [0, 1]], ["a", "b"], [1, 3])
      >>> true = tf.SparseTensor([[0, 0], [0, 1], [0, 2]], ["a", "c", "b"], [1, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.edit_distance(said, true, normalize=False)))
      [1.]
    """
    for what, value in (("Hypothesis", hypothesis), ("Truth", truth)):
        if not isinstance(value, (SparseTensor, SparseTensorValue)):
            raise TypeError(f"{what} must be a SparseTensor, got {type(value).__name__}.")
    return apply_op("EditDistance", hypothesis.indices, hypothesis.values, hypothesis.dense_shape, truth.indices,
                    truth.values, truth.dense_shape, normalize=normalize, name=name)


# ---------------------------------------------------------------------- sparse_mask is a set difference too

def sparse_mask(a: Any, mask_indices: Any, name: str | None = None) -> Any:
    """Leaves out the rows of IndexedSlices that `mask_indices` names.

    Args:
      a: IndexedSlices.
      mask_indices: 1-D integers.
      name: Name of the scope.
    """
    with name_scope(name, "sparse_mask", [a, mask_indices]) as scope:
        rest, keep = setdiff1d(a.indices, mask_indices)
        return type(a)(apply_op("GatherV2", a.values, keep, 0, name=scope), rest, a.dense_shape)

