"""Sparse tensors: to and from dense ones, order, shape, joining, cutting. Arithmetic stands in `sparse_math`.

The definitions follow tensorflow/python/ops/sparse_ops.py and sparse_grad.py (1.15). `core.sparse` is `tf.sparse`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.dtypes import int64
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
from core.ops.array_basic import identity, shape, zeros, zeros_like
from core.ops.array_cast import cast
from core.ops.array_gather import gather, gather_nd
from core.ops.array_join import concat, stack
from core.ops.array_order import invert_permutation
from core.ops.array_shape import range as range_
from core.ops.array_where import where
from core.ops.math_compare import not_equal
from core.ops.math_reduce import reduce_max, reduce_sum
from core.shapes import TensorShape

__all__ = [
    "convert_to_tensor_or_sparse_tensor", "sparse_concat", "sparse_reorder", "sparse_reshape", "sparse_split",
    "sparse_tensor_to_dense", "sparse_to_dense",
]


def as_sparse(value: Any) -> SparseTensor:
    """`value` as a SparseTensor; TypeError where it is dense."""
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return value


def convert_to_tensor_or_sparse_tensor(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """`value` as a SparseTensor where it is one (or its value), else as a Tensor.

    Args:
      value: SparseTensor, SparseTensorValue, or what `tf.convert_to_tensor` takes.
      dtype: Type wanted.
      name: Name of a new tensor.

    Raises:
      RuntimeError: A sparse tensor of another type.

    Example:
      >>> tf.convert_to_tensor_or_sparse_tensor([1, 2]).shape.as_list()
      [2]
    """
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        return convert_to_tensor(value, dtype=dtype, name=name)
    if dtype and not value.dtype.is_compatible_with(dtype):
        raise RuntimeError(f"Sparse dtype: requested = {dtype}, actual = {value.dtype.name}")
    return value


def parts_rule(count: int | None, rank_: int | None) -> list[TensorShape]:
    """Static shapes of a sparse tensor's indices, values and dense shape."""
    return [TensorShape([count, rank_]), TensorShape([count]), TensorShape([rank_])]


def rank_of(indices: Tensor, dense_shape: Tensor) -> int | None:
    """Number of dimensions of a sparse tensor, where it is known."""
    for found in (indices.shape.with_rank(2)[1].value, dense_shape.shape.with_rank(1)[0].value):
        if found is not None:
            return int(found)
    return None


def _count(indices: Tensor, values: Tensor) -> int | None:
    rows, known = indices.shape.with_rank(2)[0], values.shape.with_rank(1)[0]
    count: int | None = rows.merge_with(known).value
    return count


# ---------------------------------------------------------------------- SparseToDense


def _to_dense(xp: Any, indices: Any, output_shape: Any, values: Any, default: Any, *, validate_indices: bool) -> Any:
    if indices.ndim < 2:
        indices = indices.reshape(-1, 1)
    dims = tuple(int(d) for d in np.asarray(output_shape).ravel())
    if indices.shape[1] != len(dims):
        raise InvalidArgumentError(None, None, f"output_shape has {len(dims)} elements, but sparse_indices has "
                                   f"{indices.shape[1]} columns: give one index for each dimension")
    outside = ((indices < 0) | (indices >= np.array(dims, indices.dtype))).any(1)
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        raise InvalidArgumentError(None, None, f"indices[{at}] = {indices[at].tolist()} is out of bounds: need "
                                   f"0 <= index < {list(dims)}")
    if validate_indices and len(indices) > 1:
        places = kernels.keys(indices, dims)
        wrong = np.flatnonzero(places[1:] <= places[:-1])
        if len(wrong):
            at = int(wrong[0]) + 1
            why = "is repeated" if places[at] == places[at - 1] else "is out of order"
            raise InvalidArgumentError(None, None, f"indices[{at}] = {indices[at].tolist()} {why}. Many sparse ops "
                                       "require sorted indices: use tf.sparse.reorder, or validate_indices=False")
    out = np.empty(dims, np.asarray(values).dtype)
    out[...] = default if np.ndim(default) == 0 else np.asarray(default).reshape(())
    out[tuple(indices.T)] = values
    return out


def _to_dense_grad(op: Any, grad: Any) -> list[Any]:
    at_values = gather_nd(grad, op.inputs[0])
    return [None, None, at_values, reduce_sum(grad) - reduce_sum(at_values)]


define_op("SparseToDense", "sparse_indices:Tindices, output_shape:Tindices, sparse_values:T, default_value:T",
          "dense:T", "validate_indices:bool=True; T:type; Tindices:type{int32,int64}",
          shape=lambda indices, output_shape, values, default: constant_value_as_shape(output_shape),
          kernel=_to_dense, gradient=_to_dense_grad)


def sparse_to_dense(sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0,
                    validate_indices: bool = True, name: str | None = None) -> Tensor:
    """A dense tensor from coordinates and values; `default_value` stands where no coordinate points.

    Args:
      sparse_indices: Integers: a scalar, ``[n]`` for vectors, or ``[n, rank]``.
      output_shape: Shape of the result, of the type of the indices.
      sparse_values: ``[n]`` or a scalar for all.
      default_value: Scalar.
      validate_indices: Whether the indices must rise without repeats.
      name: Name of the operation.

    Returns:
      Tensor of shape `output_shape`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_to_dense([0, 2], [4], [5, 7])))
      [5 0 7 0]
    """
    result: Tensor = apply_op("SparseToDense", sparse_indices, output_shape, sparse_values, default_value,
                              validate_indices=validate_indices, name=name)
    return result


def sparse_tensor_to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True,
                           name: str | None = None) -> Tensor:
    """The dense tensor that a sparse one stands for.

    Args:
      sp_input: SparseTensor.
      default_value: What stands where it has no element; by default zero.
      validate_indices: Whether the indices must rise without repeats.
      name: Name of the operation.

    Example:
      >>> sp = tf.SparseTensor([[0, 1], [1, 0]], [3, 4], [2, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_tensor_to_dense(sp)))
      [[0 3]
       [4 0]]
    """
    sp_input = as_sparse(sp_input)
    if default_value is None:
        default_value = zeros([], dtype=sp_input.dtype)
    return sparse_to_dense(sp_input.indices, sp_input.dense_shape, sp_input.values, default_value, validate_indices,
                           name)


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The sparse tensor of the elements that are not zero.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse.from_dense([[0, 3], [4, 0]])).values)
      [3 4]
    """
    with name_scope(name, "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        indices = where(not_equal(tensor, zeros_like(tensor)))
        return SparseTensor(indices, gather_nd(tensor, indices), shape(tensor, out_type=int64))


# ---------------------------------------------------------------------- SparseReorder


def _reorder(xp: Any, indices: Any, values: Any, dense_shape: Any) -> list[Any]:
    order = kernels.order_of(indices)
    return [indices[order], values[order]]


def _reorder_grad(op: Any, indices_grad: Any, values_grad: Any) -> list[Any]:
    entries = range_(shape(op.inputs[0])[0])
    ordered = sparse_reorder(SparseTensor(op.inputs[0], entries, op.inputs[2]))
    return [None, gather(values_grad, invert_permutation(ordered.values)), None]


define_op("SparseReorder", "input_indices:int64, input_values:T, input_shape:int64",
          "output_indices:int64, output_values:T", "T:type",
          shape=lambda i, v, s: parts_rule(_count(i, v), rank_of(i, s))[:2], kernel=_reorder, gradient=_reorder_grad)


def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Brings the elements into row-major order, which most sparse operations ask for.

    Args:
      sp_input: SparseTensor.
      name: Name of the operation.

    Example:
      >>> sp = tf.SparseTensor([[1, 0], [0, 1]], [4, 3], [2, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reorder(sp)).values)
      [3 4]
    """
    sp_input = as_sparse(sp_input)
    indices, values = apply_op("SparseReorder", sp_input.indices, sp_input.values, sp_input.dense_shape, name=name)
    if sp_input.shape.is_fully_defined():
        return SparseTensor(indices, values, sp_input.shape.as_list())
    return SparseTensor(indices, values, identity(sp_input.dense_shape))


# ---------------------------------------------------------------------- SparseReshape


def _reshape(xp: Any, indices: Any, old: Any, new: Any) -> list[Any]:
    dims = [int(d) for d in new]
    size = int(np.prod(old))
    if dims.count(-1) > 1:
        raise InvalidArgumentError(None, None, f"only one output dimension may be -1, got {dims}")
    if -1 in dims:
        rest = int(np.prod([d for d in dims if d != -1]))
        if rest <= 0 or size % rest:
            raise InvalidArgumentError(None, None, f"reshape cannot infer the missing size for {size} elements: the "
                                       f"given sizes {dims} make {rest}")
        dims[dims.index(-1)] = size // rest
    if int(np.prod(dims)) != size:
        raise InvalidArgumentError(None, None, f"Input to reshape is a sparse tensor with {size} dense values, but the "
                                   f"requested shape {dims} has {int(np.prod(dims))}")
    flat = np.zeros(len(indices), np.int64)
    for axis, d in enumerate(old):
        flat = flat * int(d) + indices[:, axis]
    out = np.empty((len(indices), len(dims)), np.int64)
    for axis in range(len(dims) - 1, -1, -1):
        flat, out[:, axis] = np.divmod(flat, max(dims[axis], 1))
    return [out, np.array(dims, np.int64)]


define_op("SparseReshape", "input_indices:int64, input_shape:int64, new_shape:int64",
          "output_indices:int64, output_shape:int64", "",
          shape=lambda i, s, new: [TensorShape([i.shape.with_rank(2)[0], new.shape.with_rank(1)[0]]), new.shape],
          kernel=_reshape, gradient=NO_GRADIENT)


def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The same elements in row-major order under another shape.

    Args:
      sp_input: SparseTensor.
      shape: Shape of as many places; one size may be -1.
      name: Name scope of the operations.

    Raises:
      ValueError: The sizes do not fit.

    Example:
      >>> sp = tf.SparseTensor([[0, 1], [2, 0]], [3, 4], [3, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reshape(sp, [-1])).indices.ravel())
      [1 4]
    """
    sp_input = as_sparse(sp_input)
    shape = cast(shape, int64)
    with name_scope(name, "SparseReshape", [sp_input]) as scope:
        indices, new_shape = apply_op("SparseReshape", sp_input.indices, sp_input.dense_shape, shape, name=scope)
        wanted, known = constant_value(shape), sp_input.shape
        if wanted is not None and known.is_fully_defined():
            dims, size = wanted.tolist(), int(np.prod(known.as_list()))
            if dims.count(-1) > 1:
                raise ValueError(f"At most one dimension can be inferred (-1). Found: {dims}")
            if -1 in dims and 0 not in dims:
                dims[dims.index(-1)] = size // int(np.prod([d for d in dims if d != -1]))
            if -1 not in dims:
                if int(np.prod(dims)) != size:
                    raise ValueError(f"Cannot reshape a tensor with {size} elements to shape {wanted.tolist()} "
                                     f"({int(np.prod(dims))} elements).")
                new_shape = convert_to_tensor(np.array(dims, np.int64))
        return SparseTensor(indices, identity(sp_input.values), new_shape)


# ---------------------------------------------------------------------- SparseConcat, SparseSplit


def _concat(xp: Any, indices: Any, values: Any, shapes: Any, *, concat_dim: int) -> list[Any]:
    axis = concat_dim + len(shapes[0]) if concat_dim < 0 else concat_dim
    first = np.delete(shapes[0], axis)
    for at, other in enumerate(shapes):
        if len(other) != len(shapes[0]) or not (np.delete(other, axis) == first).all():
            raise InvalidArgumentError(None, None, f"Input shapes must agree but for dimension {axis}: input 0 has "
                                       f"{shapes[0].tolist()}, input {at} has {other.tolist()}")
    return kernels.concat(axis, indices, values, shapes)


def _concat_shape(indices: Any, values: Any, shapes: Any) -> list[TensorShape]:
    counts = [_count(i, v) for i, v in zip(indices, values, strict=True)]
    ranks = [r for r in map(rank_of, indices, shapes) if r is not None]
    total = None if None in counts else sum(c for c in counts if c is not None)
    return parts_rule(total, ranks[0] if ranks else None)


define_op("SparseConcat", "indices:int64*N, values:T*N, shapes:int64*N",
          "output_indices:int64, output_values:T, output_shape:int64", "concat_dim:int; N:int>=2; T:type",
          shape=_concat_shape, kernel=_concat, gradient=NO_GRADIENT)


def sparse_concat(axis: int, sp_inputs: Any, name: str | None = None, expand_nonconcat_dim: bool = False,
                  concat_dim: int | None = None, expand_nonconcat_dims: bool | None = None) -> SparseTensor:
    """Joins sparse tensors along a dimension.

    Args:
      axis: Dimension, counted from the end where negative.
      sp_inputs: List of SparseTensors of equal rank.
      name: Name of the operation.
      expand_nonconcat_dim: Whether the other sizes may differ; the result then takes the largest.
      concat_dim, expand_nonconcat_dims: Old names.

    Returns:
      SparseTensor in row-major order.

    Example:
      >>> a = tf.SparseTensor([[0, 1]], [3], [1, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_concat(1, [a, a])).indices[:, 1])
      [1 3]
    """
    if concat_dim is not None:
        axis = concat_dim
    if expand_nonconcat_dims is not None:
        expand_nonconcat_dim = expand_nonconcat_dims
    if not isinstance(sp_inputs, (list, tuple)):
        raise TypeError("Inputs must be a list of SparseTensors.")
    sp_inputs = [as_sparse(item) for item in sp_inputs]
    if len(sp_inputs) == 1:
        return sp_inputs[0]
    shapes = [sp.dense_shape for sp in sp_inputs]
    if expand_nonconcat_dim:
        ndims = sp_inputs[0].shape.ndims
        at = axis if axis >= 0 or ndims is None else axis + ndims
        largest = reduce_max(stack(shapes), axis=0)
        end = None if at == -1 else at + 1
        shapes = [concat([largest[:at], size[at:at + 1] if end else size[at:],
                          [] if end is None else largest[end:]], 0) for size in shapes]
    parts = apply_op("SparseConcat", [sp.indices for sp in sp_inputs], [sp.values for sp in sp_inputs], shapes,
                     concat_dim=axis, name=name)
    return SparseTensor(*parts)


def _split(xp: Any, axis: Any, indices: Any, values: Any, dense_shape: Any, *, num_split: int) -> list[Any]:
    at = int(axis)
    at = at + len(dense_shape) if at < 0 else at
    if not 0 <= at < len(dense_shape):
        raise InvalidArgumentError(None, None, f"Input split_dim should be between -rank and rank: got {int(axis)} for "
                                   f"rank {len(dense_shape)}")
    size = int(dense_shape[at])
    if not 0 < num_split <= size:
        raise InvalidArgumentError(None, None, f"num_split must be between 1 and {size}, got {num_split}")
    found: list[list[Any]] = [[], [], []]
    start = 0
    for part in range(num_split):
        length = size // num_split + (part < size % num_split)
        inside = (indices[:, at] >= start) & (indices[:, at] < start + length)
        moved, dims = indices[inside], np.array(dense_shape, np.int64)
        moved[:, at] -= start
        dims[at] = length
        start += length
        for kind, item in zip(found, (moved, values[inside], dims), strict=True):
            kind.append(item)
    return [item for kind in found for item in kind]


def _split_shape(axis: Any, indices: Any, values: Any, dense_shape: Any, *, num_split: int) -> list[TensorShape]:
    return [kind for kind in parts_rule(None, rank_of(indices, dense_shape)) for _ in range(num_split)]


define_op("SparseSplit", "split_dim:int64, indices:int64, values:T, shape:int64",
          "output_indices:int64*num_split, output_values:T*num_split, output_shape:int64*num_split",
          "num_split:int>=1; T:type", shape=_split_shape, kernel=_split, gradient=NO_GRADIENT)


class KeywordRequired:
    """Marks the place before arguments that must be named."""

    def __repr__(self) -> str:
        return "KeywordRequired()"


_NAMED = KeywordRequired()


def sparse_split(keyword_required: Any = _NAMED, sp_input: Any = None, num_split: int | None = None,
                 axis: int | None = None, name: str | None = None, split_dim: int | None = None) -> list[SparseTensor]:
    """Cuts a sparse tensor into `num_split` pieces along a dimension; the first ones are larger by one if need be.

    Args:
      keyword_required: Not to be given: name the arguments.
      sp_input: SparseTensor.
      num_split: How many pieces.
      axis: Dimension.
      name: Name of the operation.
      split_dim: Old name of `axis`.

    Raises:
      ValueError: An argument is missing.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2]], [3, 4], [1, 3])
      >>> with tf.Session() as sess:
      ...     print([v.values.tolist() for v in sess.run(tf.sparse_split(sp_input=sp, num_split=2, axis=1))])
      [[3], [4]]
    """
    if not isinstance(keyword_required, KeywordRequired):
        raise ValueError("Keyword arguments are required for this function.")
    axis = split_dim if axis is None else axis
    for what, value in (("sp_input", sp_input), ("num_split", num_split), ("axis", axis)):
        if value is None:
            raise ValueError(f"{what} is required")
    sp_input = as_sparse(sp_input)
    indices, values, shapes = _thirds(apply_op("SparseSplit", axis, sp_input.indices, sp_input.values,
                                               sp_input.dense_shape, num_split=num_split, name=name))
    return [SparseTensor(*part) for part in zip(indices, values, shapes, strict=True)]


def _thirds(outputs: Any) -> Iterable[Any]:
    count = len(outputs) // 3
    return outputs[:count], outputs[count:2 * count], outputs[2 * count:]
