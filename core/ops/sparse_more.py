"""Sparse tensors: parts of them, other orders of dimensions, rows that are empty, features by their ids."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np

from core.dtypes import float32, int32, int64
from core.errors import InvalidArgumentError
from core.graph import (
    NO_GRADIENT,
    SparseTensor,
    SparseTensorValue,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.kernels import sparse as kernels
from core.ops.array_basic import fill, identity, ones, ones_like, shape, zeros
from core.ops.array_cast import cast
from core.ops.array_gather import gather
from core.ops.array_join import concat, stack
from core.ops.array_shape import expand_dims, reshape, transpose
from core.ops.array_shape import range as range_
from core.ops.array_slice import slice as slice_
from core.ops.array_where import where
from core.ops.assertions import assert_equal, assert_less_equal
from core.ops.grouping import with_dependencies
from core.ops.math_binary import add, maximum, minimum, subtract
from core.ops.math_reduce import reduce_max
from core.ops.sparse_ops import as_sparse, parts_rule, rank_of, sparse_reorder, sparse_tensor_to_dense
from core.shapes import TensorShape

__all__ = [
    "sparse_fill_empty_rows", "sparse_merge", "sparse_reset_shape", "sparse_retain", "sparse_slice",
    "sparse_to_indicator", "sparse_transpose",
]

_NUMBER = "T:type{@number}"


# ---------------------------------------------------------------------- SparseSlice


def _slice(xp: Any, indices: Any, values: Any, dense_shape: Any, start: Any, size: Any) -> list[Any]:
    if len(start) != len(dense_shape) or len(size) != len(dense_shape):
        raise InvalidArgumentError(None, None, f"start and size must have {len(dense_shape)} elements each, one for "
                                   f"each dimension; got {len(start)} and {len(size)}")
    dims = np.maximum(np.minimum(size, dense_shape - start), 0)
    inside = ((indices >= start) & (indices < start + size)).all(1)
    return [indices[inside] - start, values[inside], dims]


def _slice_grad(op: Any, *grads: Any) -> list[Any]:
    grad = apply_op("SparseSliceGrad", grads[1], op.inputs[0], op.inputs[3], op.outputs[0])
    grad.set_shape(op.inputs[1].shape)
    return [None, grad, None, None, None]


def _slice_grad_kernel(xp: Any, grad: Any, indices: Any, start: Any, kept: Any) -> Any:
    at = kernels.first_places(indices - start, kept)
    out = np.zeros(len(indices), grad.dtype)
    out[at >= 0] = grad[at[at >= 0]]
    return out


define_op("SparseSlice", "indices:int64, values:T, shape:int64, start:int64, size:int64",
          "output_indices:int64, output_values:T, output_shape:int64", "T:type",
          shape=lambda i, v, s, start, size: parts_rule(None, rank_of(i, s)), kernel=_slice, gradient=_slice_grad)
define_op("SparseSliceGrad", "backprop_val_grad:T, input_indices:int64, input_start:int64, output_indices:int64",
          "val_grad:T", _NUMBER, shape=lambda g, indices, start, kept: TensorShape([indices.shape.with_rank(2)[0]]),
          kernel=_slice_grad_kernel, gradient=NO_GRADIENT)


def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The part of a sparse tensor that begins at `start` and is at most `size` large.

    Args:
      sp_input: SparseTensor.
      start, size: int64 ``[rank]``.
      name: Name scope of the operations.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2]], [3, 4], [1, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_slice(sp, [0, 1], [1, 2])).indices)
      [[0 1]]
    """
    sp_input = as_sparse(sp_input)
    start, size = convert_to_tensor(start, int64), convert_to_tensor(size, int64)
    with name_scope(name, "SparseSlice", [sp_input]) as scope:
        return SparseTensor(*apply_op("SparseSlice", sp_input.indices, sp_input.values, sp_input.dense_shape, start,
                                      size, name=scope))


# ---------------------------------------------------------------------- SparseFillEmptyRows


def _fill(xp: Any, indices: Any, values: Any, dense_shape: Any, default_value: Any) -> list[Any]:
    return kernels.fill_empty_rows(indices, values, dense_shape, default_value)


def _fill_shape(indices: Tensor, values: Tensor, dense_shape: Tensor, default_value: Tensor) -> list[TensorShape]:
    known = constant_value_as_shape(dense_shape)
    rows = known[0] if known.ndims else None
    return [*parts_rule(None, rank_of(indices, dense_shape))[:2], TensorShape([rows]),
            TensorShape([indices.shape.with_rank(2)[0]])]


def _fill_grad(op: Any, indices_grad: Any, values_grad: Any, empty_grad: Any, map_grad: Any) -> list[Any]:
    d_values, d_default = apply_op("SparseFillEmptyRowsGrad", op.outputs[3], values_grad)
    return [None, d_values, None, d_default]


def _fill_grad_kernel(xp: Any, back: Any, grad: Any) -> list[Any]:
    rest = np.ones(len(grad), bool)
    rest[back] = False
    return [grad[back], np.asarray(grad[rest].sum(dtype=grad.dtype))]


define_op("SparseFillEmptyRows", "indices:int64, values:T, dense_shape:int64, default_value:T",
          "output_indices:int64, output_values:T, empty_row_indicator:bool, reverse_index_map:int64", "T:type",
          shape=_fill_shape, kernel=_fill, gradient=_fill_grad)
define_op("SparseFillEmptyRowsGrad", "reverse_index_map:int64, grad_values:T", "d_values:T, d_default_value:T",
          "T:type", shape=lambda back, grad: [back.shape, TensorShape([])], kernel=_fill_grad_kernel,
          gradient=NO_GRADIENT)


def sparse_fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Tensor]:
    """Puts `default_value` into the first column of each row without elements.

    Args:
      sp_input: SparseTensor of two dimensions.
      default_value: Scalar of its type.
      name: Name scope of the operations.

    Returns:
      The filled SparseTensor, and a bool vector: which rows were empty.

    Example:
      >>> sp = tf.SparseTensor([[0, 1]], [3], [2, 4])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_fill_empty_rows(sp, 9)[0]).values)
      [3 9]
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sp_input]):
        default_value = convert_to_tensor(default_value, dtype=sp_input.values.dtype)
        indices, values, empty, _ = apply_op("SparseFillEmptyRows", sp_input.indices, sp_input.values,
                                             sp_input.dense_shape, default_value)
        return SparseTensor(indices, values, sp_input.dense_shape), empty


# ---------------------------------------------------------------------- composed of other ops


def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """Keeps the elements marked in a bool vector.

    Args:
      sp_input: SparseTensor of n elements.
      to_retain: bool ``[n]``.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2]], [3, 4], [1, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_retain(sp, [False, True])).values)
      [4]
    """
    sp_input = as_sparse(sp_input)
    to_retain = convert_to_tensor(to_retain)
    to_retain.shape.assert_has_rank(1)
    if sp_input.values.shape.ndims is not None:
        sp_input.values.shape[0].assert_is_compatible_with(to_retain.shape[0])
    places = reshape(where(to_retain), [-1])
    return SparseTensor(gather(sp_input.indices, places), gather(sp_input.values, places),
                        identity(sp_input.dense_shape))


def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """Gives a sparse tensor another dense shape and keeps indices and values.

    Args:
      sp_input: SparseTensor.
      new_shape: At least as large in each dimension; by default the smallest box around the elements.

    Raises:
      ValueError: `new_shape` is known to be too small.

    Example:
      >>> sp = tf.SparseTensor([[0, 1]], [3], [5, 7])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reset_shape(sp)).dense_shape)
      [1 2]
    """
    sp_input = as_sparse(sp_input)
    indices, values = identity(sp_input.indices), identity(sp_input.values)
    old: Any = identity(sp_input.dense_shape)
    if new_shape is None:
        bound = reduce_max(indices, axis=0)
        return SparseTensor(indices, values, maximum(convert_to_tensor(0, dtype=int64), add(bound, ones_like(old))))
    new: Any = convert_to_tensor(new_shape)
    new.shape.assert_has_rank(1)
    new = cast(new, int64)
    if new.shape.ndims is not None:
        new.shape[0].assert_is_compatible_with(old.shape[0])
    wanted = constant_value(new)
    if wanted is not None and sp_input.shape.is_fully_defined():
        have = np.array(sp_input.shape.as_list())
        if not np.all(have <= wanted):
            raise ValueError("Requested new_shape should have dimension sizes >= sp_input.shape.  Found new_shape "
                             f"({wanted.tolist()}), sp_input.shape ({have.tolist()}).")
        return SparseTensor(indices, values, wanted)
    new = with_dependencies([assert_equal(shape(old), shape(new))], new)
    new = with_dependencies([assert_less_equal(old, new)], new)
    return SparseTensor(indices, values, new)


def sparse_transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """Puts the dimensions of a sparse tensor into another order.

    Args:
      sp_input: SparseTensor.
      perm: The new order of dimensions; by default reversed.
      name: Name scope of the operations.

    Example:
      >>> sp = tf.SparseTensor([[0, 2], [1, 0]], [3, 4], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_transpose(sp)).indices.tolist())
      [[0, 1], [2, 0]]
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseTranspose", [sp_input]):
        if perm is None:
            ndims: Any = sp_input.shape.ndims
            if ndims is not None:
                perm = (ndims - 1) - np.arange(0, ndims, 1)
            else:
                ndims = shape(sp_input.dense_shape)[0]
                perm = subtract(subtract(ndims, 1), range_(0, ndims, 1))
        indices = transpose(gather(transpose(sp_input.indices), perm))
        order = constant_value(convert_to_tensor(perm))
        if order is not None and sp_input.shape.is_fully_defined():
            old = sp_input.shape.as_list()
            dims: Any = [old[p] for p in order]
        else:
            dims = gather(sp_input.dense_shape, perm)
        return sparse_reorder(SparseTensor(indices, sp_input.values, dims))


def sparse_merge(sp_ids: Any, sp_values: Any, vocab_size: Any, name: str | None = None,
                 already_sorted: bool = False) -> SparseTensor:
    """Makes of ids and values that stand at the same places a tensor that holds each value at its id.

    Args:
      sp_ids: SparseTensor of integers, or a list of them; the last dimension gives way to the id (or ids).
      sp_values: SparseTensor with the same indices.
      vocab_size: Size of the new last dimension, or a list of sizes.
      name: Name scope of the operations.
      already_sorted: Whether the result is in row-major order already.

    Example:
      >>> ids = tf.SparseTensor([[0, 0], [1, 0]], [2, 0], [2, 1])
      >>> values = tf.SparseTensor([[0, 0], [1, 0]], [0.5, 1.5], [2, 1])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_tensor_to_dense(tf.sparse_merge(ids, values, 3))))
      [[0.  0.  0.5]
       [1.5 0.  0. ]]
    """
    if isinstance(sp_ids, (SparseTensor, SparseTensorValue)):
        sp_ids = [sp_ids]
        if not isinstance(vocab_size, (Tensor, Integral)):
            raise TypeError(f"vocab_size has to be a Tensor or Python int. Found {type(vocab_size)}")
        vocab_size = [vocab_size]
    else:
        if not isinstance(sp_ids, Iterable):
            raise TypeError(f"sp_ids has to be a SparseTensor or list thereof. Found {type(sp_ids)}")
        if not isinstance(vocab_size, Iterable):
            raise TypeError(f"vocab_size has to be a list of Tensors or Python ints. Found {type(vocab_size)}")
    sp_ids, vocab_size = list(sp_ids), list(vocab_size)
    if len(sp_ids) != len(vocab_size):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    with name_scope(name, "SparseMerge", [sp_ids[0], sp_values]):
        sp_ids = [as_sparse(item) for item in sp_ids]
        sp_values = as_sparse(sp_values)
        ids = [expand_dims(item.values if item.dtype == int64 else cast(item.values, int64), axis=1)
               for item in sp_ids]
        sizes = [expand_dims(cast(size, int64), 0) for size in vocab_size]
        indices = concat([sp_ids[0].indices[:, :-1], *ids], 1)
        dims = concat([sp_ids[0].dense_shape[:-1], *sizes], 0)
        result = SparseTensor(indices, sp_values.values, dims)
        if already_sorted:
            return result
        result = sparse_reorder(result)
        return SparseTensor(result.indices, result.values, dims)


def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """A dense bool tensor that says which ids occur in each row.

    Args:
      sp_input: SparseTensor of integers.
      vocab_size: Number of ids: the new last dimension.
      name: Name scope of the operations.

    Example:
      >>> ids = tf.SparseTensor([[0, 0], [1, 0]], [2, 0], [2, 1])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_to_indicator(ids, 3)))
      [[False False  True]
       [ True False False]]
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseToIndicator", [sp_input]) as scope:
        count = shape(sp_input.indices)[0]
        marks = SparseTensor(sp_input.indices, fill(expand_dims(count, 0), True), sp_input.dense_shape)
        merged = sparse_merge(sp_input, marks, vocab_size)
        return sparse_tensor_to_dense(merged, default_value=False, validate_indices=False, name=scope)


def sparse_expand_dims(sp_input: Any, axis: Any = None, name: str | None = None) -> SparseTensor:
    """Inserts a dimension of size 1 at `axis` (by default the last).

    Example:
      >>> sp = tf.SparseTensor([[0], [2]], [3, 4], [3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse.expand_dims(sp, 0)).dense_shape)
      [1 3]
    """
    sp_input = as_sparse(sp_input)
    ndims: Any = sp_input.dense_shape.shape[0].value
    if ndims is None:
        ndims = shape(sp_input.dense_shape)[0]
    with name_scope(name, "expand_dims", [sp_input]):
        at = -1 if axis is None else axis
        if not isinstance(at, Tensor) and isinstance(ndims, int):
            at = int(at) + ndims + 1 if at < 0 else int(at)
            pieces = sp_input.indices[:, :at], sp_input.indices[:, at:]
            sizes = sp_input.dense_shape[:at], sp_input.dense_shape[at:]
        else:
            at = convert_to_tensor(at, name="axis", dtype=int32)
            at = where(at >= 0, at, add(add(at, ndims), 1))
            both = stack([convert_to_tensor(0), at])
            pieces = (slice_(sp_input.indices, [0, 0], stack([convert_to_tensor(-1), at])),
                      slice_(sp_input.indices, both, [-1, -1]))
            place = expand_dims(at, 0)
            sizes = slice_(sp_input.dense_shape, [0], place), slice_(sp_input.dense_shape, place, [-1])
        new = zeros(stack([shape(sp_input.indices)[0], convert_to_tensor(1)]), dtype=int64)
        one = convert_to_tensor(np.array([1], np.int64), name="new_shape")
        dims = concat([sizes[0], one, sizes[1]], 0)
        return SparseTensor(concat([pieces[0], new, pieces[1]], 1), sp_input.values, dims)


def sparse_eye(num_rows: Any, num_columns: Any = None, dtype: Any = float32, name: str | None = None) -> SparseTensor:
    """A sparse matrix with ones on its diagonal.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse.eye(2, 3)).indices.tolist())
      [[0, 0], [1, 1]]
    """
    with name_scope(name, "eye", [num_rows, num_columns]):
        rows = _as_int64(num_rows, "num_rows")
        columns = rows if num_columns is None else _as_int64(num_columns, "num_columns")
        size = minimum(rows, columns)
        diagonal = range_(size, dtype=int64)
        return SparseTensor(stack([diagonal, diagonal], axis=1), ones(expand_dims(size, 0), dtype=dtype),
                            stack([rows, columns]))


def _as_int64(value: Any, name: str) -> Tensor:
    return cast(value, int64) if isinstance(value, Tensor) else convert_to_tensor(value, dtype=int64, name=name)
