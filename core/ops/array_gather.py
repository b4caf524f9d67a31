"""Ops that pick elements by index: gather, gather_nd, batch_gather, one_hot; and scatter_nd, the way back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.dtypes import as_dtype, float32
from core.graph import (
    NO_GRADIENT,
    IndexedSlices,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.kernels import segment
from core.ops.array_basic import rank, shape_of
from core.ops.array_join import concat
from core.ops.array_shape import axis_in, reshape, transpose
from core.shapes import TensorShape, unknown_shape

__all__ = ["batch_gather", "gather", "gather_nd", "one_hot", "scatter_nd"]


# ---------------------------------------------------------------------- Gather, GatherV2

def _gather_shape(params: Tensor, indices: Tensor, axis: int | None, batch_dims: int) -> TensorShape:
    dims, places = params.shape.as_tuple(), indices.shape.as_tuple()
    if places is not None and batch_dims < 0:
        batch_dims = axis_in(batch_dims, len(places) + 1, "batch_dims")
    if dims is None or places is None or axis is None:
        if dims is not None and places is not None and batch_dims >= 0:
            return unknown_shape(len(dims) + len(places) - 1 - batch_dims)
        return unknown_shape()
    if not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0: can't gather from a scalar")
    at = axis_in(axis, len(dims))
    if batch_dims > at:
        raise ValueError(f"batch_dims = {batch_dims} must be less than or equal to axis = {at}")
    lead = TensorShape.from_tuple(dims[:batch_dims]).merge_with(TensorShape.from_tuple(places[:batch_dims])).as_tuple()
    return TensorShape.from_tuple((*(lead or ()), *dims[batch_dims:at], *places[batch_dims:], *dims[at + 1:]))


def _check_indices(indices: Any, limit: int) -> None:
    if indices.size and (int(indices.min()) < 0 or int(indices.max()) >= limit):
        bad = np.argwhere((indices < 0) | (indices >= limit))[0]
        value = indices[tuple(bad)]
        raise ValueError(f"indices{bad.tolist() or ''} = {value} is not in [0, {limit})")


def _take(params: Any, indices: Any, axis: int) -> Any:
    result = np.take(params, indices, axis=axis)
    if params.dtype == object and not isinstance(result, np.ndarray):
        return np.array(result, object)  # one string: NumPy hands out the bytes themselves
    return result


def _gather_kernel(xp: Any, params: Any, indices: Any, axis: Any = 0, *, batch_dims: int = 0) -> Any:
    at = axis_in(int(axis), params.ndim)
    _check_indices(indices, params.shape[at])
    if batch_dims < 0:
        batch_dims += indices.ndim
    if not batch_dims:
        return _take(params, indices, at)
    if params.shape[:batch_dims] != indices.shape[:batch_dims]:
        raise ValueError(f"params and indices must have the same first {batch_dims} sizes, got {list(params.shape)} "
                         f"and "
                         f"{list(indices.shape)}")
    # One flat row of choices per batch: row b of the table begins at b * size of the axis.
    moved = np.moveaxis(params, at, batch_dims)
    size = params.shape[at]
    batches = math.prod(params.shape[:batch_dims])
    table = moved.reshape((batches * size, *moved.shape[batch_dims + 1:]))
    rows = indices.reshape(batches, -1) + np.arange(batches, dtype=np.int64)[:, None] * size
    result = np.take(table, rows.reshape(indices.shape), axis=0)
    # The dimensions between batch and axis go in front of those of the indices.
    first = np.arange(result.ndim)
    outer = at - batch_dims
    order = [*first[:batch_dims], *first[indices.ndim:indices.ndim + outer], *first[batch_dims:indices.ndim],
             *first[indices.ndim + outer:]]
    return np.transpose(result, order)


def _gather_v2_shape(params: Tensor, indices: Tensor, axis: Tensor, *, batch_dims: int) -> TensorShape:
    axis.shape.assert_has_rank(0)
    at = constant_value(axis)
    return _gather_shape(params, indices, None if at is None else int(at), batch_dims)


def _slices(params: Tensor, indices: Tensor, grad: Any) -> IndexedSlices:
    """The gradient of rows gathered: only the rows that were taken."""
    dense = shape_of(params)
    flat = reshape(indices, [-1])
    rest = params.shape.as_tuple()
    if rest is not None and None not in rest[1:]:
        values = reshape(convert_to_tensor(grad), [-1, *rest[1:]])
    else:
        values = reshape(convert_to_tensor(grad), concat([[-1], dense[1:]], 0))  # type: ignore[index]
    return IndexedSlices(values, flat, dense)


def _span(first: Any, last: Any) -> Any:
    """The integers from first up to last, as a list if both are numbers, else as a tensor."""
    if isinstance(first, int) and isinstance(last, int):
        return list(range(first, last))
    return apply_op("Range", first, last, 1)


def _order(parts: list[Any]) -> Any:
    if all(isinstance(p, list) for p in parts):
        return [i for p in parts for i in p]
    return concat([np.array(p, np.int32) if isinstance(p, list) else p for p in parts], 0)


def _gather_v2_grad(op: Any, grad: Any) -> list[Any]:
    params, indices, axis = op.inputs
    at = constant_value(axis)
    batch_dims = op.attrs["batch_dims"]
    if at is not None and int(at) == 0 and batch_dims == 0:
        return [_slices(params, indices, grad), None, None]
    if indices.shape.ndims is None:
        raise ValueError(f"The gradient of '{op.name}' along an axis other than 0 needs indices of known rank.")
    count = indices.shape.ndims
    if batch_dims < 0:
        batch_dims += count
    ndims = params.shape.ndims
    place: Any
    if at is not None and (int(at) >= 0 or ndims is not None):
        place = int(at) if int(at) >= 0 else int(at) + ndims
    else:
        place = axis if at is None else apply_op("Add", rank(params), int(at))
        if at is None:
            place = apply_op("FloorMod", apply_op("Cast", axis, DstT=as_dtype("int32")), rank(params))
    total: Any = ndims if ndims is not None else rank(params)
    # grad: batch + outer + chosen + inner  ->  batch + chosen + outer + inner
    chosen = count - batch_dims
    end_outer = place + chosen
    last = total - 1 + chosen
    order = _order([_span(0, batch_dims), _span(place, end_outer), _span(batch_dims, place), _span(end_outer, last)])
    moved = transpose(convert_to_tensor(grad), order)
    dims = shape_of(params, out_type=indices.dtype.base_dtype)
    size = dims[place]  # type: ignore[index]
    rows: Any = indices
    batches: Any = None
    if batch_dims:
        lead = dims[:batch_dims]  # type: ignore[index]
        batches = apply_op("Prod", lead, [0])
        starts = apply_op("Mul", apply_op("Range", apply_op("ZerosLike", batches), batches,
                                          apply_op("OnesLike", batches)), size)
        rows = apply_op("Add", indices, reshape(starts, concat([lead, [1] * chosen], 0)))
    segments = size if batches is None else apply_op("Mul", batches, size)
    summed = apply_op("UnsortedSegmentSum", moved, rows, segments)
    if batch_dims:
        tail = shape_of(summed, out_type=dims.dtype.base_dtype)[1:]  # type: ignore[index]
        summed = reshape(summed, concat([dims[:batch_dims], [size], tail], 0))  # type: ignore[index]
    # batch + axis + outer + inner  ->  batch + outer + axis + inner
    back = _order([_span(0, batch_dims), _span(batch_dims + 1, place + 1), [batch_dims], _span(place + 1, total)])
    result = transpose(summed, back)
    result.set_shape(params.shape)
    return [result, None, None]


define_op("Gather", "params:Tparams, indices:Tindices", "output:Tparams",
          "validate_indices:bool=True; Tparams:type; Tindices:type{int32,int64}",
          shape=lambda params, indices: _gather_shape(params, indices, 0, 0), kernel=_gather_kernel,
          gradient=lambda op, grad: [_slices(op.inputs[0], op.inputs[1], grad), None])
define_op("GatherV2", "params:Tparams, indices:Tindices, axis:Taxis", "output:Tparams",
          "batch_dims:int=0; Tparams:type; Tindices:type{int16,int32,int64}; Taxis:type{int32,int64}",
          shape=_gather_v2_shape, kernel=_gather_kernel, gradient=_gather_v2_grad)


def gather(
    params: Any, indices: Any, validate_indices: Any = None, name: str | None = None, axis: Any = None,
    batch_dims: int = 0,
) -> Tensor:
    """Takes slices of a tensor by index, along one dimension.

    Args:
      params: Tensor to take from.
      indices: Integers in ``[0, size of the axis)``, of any shape.
      validate_indices: Ignored.
      name: Name of the operation.
      axis: Which dimension; by default the first after the batch.
      batch_dims: How many leading dimensions `params` and `indices` share.

    Returns:
      A Tensor of shape ``params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]``.

    Raises:
      InvalidArgumentError (in a run): An index lies outside.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.gather([[1, 2], [3, 4], [5, 6]], [2, 0])))
      [[5 6]
       [1 2]]
    """
    if axis is None:
        axis = batch_dims
    known = constant_value(axis) if isinstance(axis, Tensor) else axis
    if known is None or known != 0 or batch_dims:
        return apply_op("GatherV2", params, indices, axis, batch_dims=batch_dims, name=name)
    try:
        return params.sparse_read(indices, name=name)
    except AttributeError:
        return apply_op("GatherV2", params, indices, axis, name=name)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """Takes slices along the last dimension of `indices`, the others being batches (use `gather` with `batch_dims`).

    Args:
      params: Tensor.
      indices: Integers, of known rank.
      name: Name of the scope.

    Raises:
      ValueError: The rank of `indices` is not known.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.batch_gather([[1, 2], [3, 4]], [[1], [0]])))
      [[2]
       [3]]
    """
    with name_scope(name, "BatchGather", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        ndims = indices.shape.ndims
        if ndims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        return gather(params, indices, axis=ndims - 1, batch_dims=ndims - 1)


# ---------------------------------------------------------------------- GatherNd, ScatterNd

def _gather_nd_shape(params: Tensor, indices: Tensor) -> TensorShape:
    dims, places = params.shape.as_tuple(), indices.shape.as_tuple()
    if dims is None or places is None:
        return unknown_shape()
    if not places:
        raise ValueError("Shape must be at least rank 1 but is rank 0: indices of gather_nd")
    depth = places[-1]
    if depth is None:
        return unknown_shape()
    if depth > len(dims):
        raise ValueError(f"indices.shape[-1] must be <= params.rank, but saw indices shape: {indices.shape} and params "
                         f"shape: {params.shape}")
    return TensorShape.from_tuple((*places[:-1], *dims[depth:]))


def _nd_index(indices: Any, dims: tuple[int, ...]) -> tuple[Any, ...]:
    """Columns of `indices` as an index; ValueError where one lies outside of `dims`."""
    depth = indices.shape[-1]
    if depth > len(dims):
        raise ValueError(f"index innermost dimension length must be <= params rank; saw: {depth} vs. {len(dims)}")
    if indices.size:
        bad = (indices < 0) | (indices >= np.array(dims[:depth]))
        if bad.any():
            row = tuple(np.argwhere(bad)[0][:-1].tolist())
            raise ValueError(f"indices{list(row)} = {indices[row].tolist()} does not index into param shape "
                             f"{list(dims)}")
    return tuple(indices[..., i] for i in range(depth))


def _gather_nd(xp: Any, params: Any, indices: Any) -> Any:
    if not indices.ndim:
        raise ValueError("indices must be at least a vector")
    index = _nd_index(indices, params.shape)
    if not index:
        return np.broadcast_to(params, (*indices.shape[:-1], *params.shape)).copy()
    result = params[index]
    if params.dtype == object and not isinstance(result, np.ndarray):
        return np.array(result, object)
    return result.copy() if isinstance(result, np.ndarray) and indices.ndim == 1 else result


def _gather_nd_grad(op: Any, grad: Any) -> list[Any]:
    params, indices = op.inputs
    dims = indices.shape.as_tuple()
    if dims is not None and len(dims) == 2 and dims[1] == 1:
        return [IndexedSlices(convert_to_tensor(grad), reshape(indices, [-1]),
                              shape_of(params, out_type=indices.dtype.base_dtype)), None]
    return [scatter_nd(indices, grad, shape_of(params, out_type=indices.dtype.base_dtype)), None]


define_op("GatherNd", "params:Tparams, indices:Tindices", "output:Tparams",
          "Tparams:type; Tindices:type{int16,int32,int64}; bad_indices_policy:string=''", shape=_gather_nd_shape,
          kernel=_gather_nd, gradient=_gather_nd_grad)


def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: int = 0) -> Tensor:
    """Takes slices of a tensor, each by a vector of indices of its leading dimensions.

    Args:
      params: Tensor to take from.
      indices: Integers ``[..., n]`` with ``n <= rank of params``.
      name: Name of the operation.
      batch_dims: How many leading dimensions `params` and `indices` share.

    Returns:
      A Tensor of shape ``indices.shape[:-1] + params.shape[n:]``.

    Raises:
      InvalidArgumentError (in a run): An index lies outside.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]])))
      [2 3]
    """
    known = constant_value(batch_dims) if isinstance(batch_dims, Tensor) else batch_dims
    if known is None or int(known):
        return _batch_gather_nd(params, indices, batch_dims, name)
    try:
        return params.gather_nd(indices, name=name)
    except AttributeError:
        return apply_op("GatherNd", params, indices, name=name)


def _batch_gather_nd(params: Any, indices: Any, batch_dims: Any, name: str | None) -> Tensor:
    if not isinstance(batch_dims, int):
        raise TypeError(f"batch_dims must be an int, got {batch_dims!r}.")
    with name_scope(name, "BatchGatherND", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        ndims = indices.shape.ndims
        if ndims is None or params.shape.ndims is None:
            raise ValueError("tf.gather_nd does not allow indices with unknown rank when batch_dims is specified.")
        if batch_dims < 0 or batch_dims >= ndims:
            raise ValueError(f"batch_dims = {batch_dims} must be less than rank(indices) = {ndims}")
        # Each batch's coordinates are put before the indices of that batch.
        kind = indices.dtype.base_dtype
        dims = shape_of(indices, out_type=kind)
        lead = dims[:-1]  # type: ignore[index]
        zero, one = convert_to_tensor(0, kind), convert_to_tensor(1, kind)
        columns = []
        for i in range(batch_dims):
            row = apply_op("Range", zero, dims[i], one)  # type: ignore[index]
            form = [1] * ndims
            form[i] = -1
            columns.append(apply_op("BroadcastTo", reshape(row, form), concat([lead, [1]], 0)))
        return apply_op("GatherNd", params, concat([*columns, indices], -1))


def _scatter_shape(indices: Tensor, updates: Tensor, shape: Tensor) -> TensorShape:
    result = constant_value_as_shape(shape)
    check_scatter(indices, updates, result)
    return result


def check_scatter(indices: Tensor, updates: Tensor, whole: TensorShape) -> None:
    """ValueError where updates are known not to have the shape ``indices.shape[:-1] + whole[depth:]``."""
    places, dims = indices.shape.as_tuple(), whole.as_tuple()
    if places is None or dims is None or updates.shape.ndims is None or not places or places[-1] is None:
        return
    wanted = TensorShape.from_tuple((*places[:-1], *dims[places[-1]:]))
    if not updates.shape.is_compatible_with(wanted):
        raise ValueError(f"updates have shape {updates.shape}; indices of shape {indices.shape} into {whole} need "
                         f"{wanted}")


def _check_updates(indices: Any, updates: Any, dims: tuple[int, ...]) -> None:
    if not indices.ndim:
        raise ValueError("indices must be at least a vector")
    wanted = (*indices.shape[:-1], *dims[indices.shape[-1]:])
    if updates.shape != wanted:
        raise ValueError(f"updates must have the shape {list(wanted)}, got {list(updates.shape)} (indices "
                         f"{list(indices.shape)}, tensor {list(dims)})")


def scatter_into(how: str, tensor: Any, indices: Any, updates: Any) -> Any:
    """A copy of `tensor` with `updates` written ("update") or combined ("add", "sub", "max", "min") at `indices`."""
    _check_updates(indices, updates, tensor.shape)
    index = _nd_index(indices, tensor.shape)
    result = np.array(tensor, order="C")
    if how == "update":
        result[index] = updates
    else:
        segment.scatter_nd_into(how, result, indices, updates)
    return result


def _scatter_nd(xp: Any, indices: Any, updates: Any, shape: Any) -> Any:
    dims = tuple(shape.tolist())
    _check_updates(indices, updates, dims)
    _nd_index(indices, dims)
    return segment.scatter_nd(indices, updates, dims)


define_op("ScatterNd", "indices:Tindices, updates:T, shape:Tindices", "output:T",
          "T:type; Tindices:type{int16,int32,int64}; bad_indices_policy:string=''", shape=_scatter_shape,
          kernel=_scatter_nd, gradient=lambda op, grad: [None, gather_nd(grad, op.inputs[0]), None])


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Makes a tensor of zeros with `updates` added at `indices`; repeated indices add up.

    Args:
      indices: Integers ``[..., n]``.
      updates: Tensor ``indices.shape[:-1] + shape[n:]``.
      shape: Shape of the result.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.scatter_nd([[4], [3], [1], [4]], [9, 10, 11, 1], [6])))
      [ 0 11  0 10 10  0]
    """
    return apply_op("ScatterNd", indices, updates, shape, name=name)


# ---------------------------------------------------------------------- OneHot

def _one_hot_shape(indices: Tensor, depth: Tensor, on_value: Tensor, off_value: Tensor, *, axis: int) -> TensorShape:
    for part in (depth, on_value, off_value):
        part.shape.assert_has_rank(0)
    size = constant_value(depth)
    if size is not None and size < 0:
        raise ValueError(f"depth must be non-negative, got {int(size)}")
    dims = indices.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    if axis < -1:
        raise ValueError(f"axis must be >= -1, got {axis}")
    if axis > len(dims):
        return unknown_shape()  # the run will say so, as in TensorFlow
    at = len(dims) if axis == -1 else axis
    return TensorShape.from_tuple((*dims[:at], None if size is None else int(size), *dims[at:]))


def _one_hot(xp: Any, indices: Any, depth: Any, on_value: Any, off_value: Any, *, axis: int) -> Any:
    size = int(depth)
    if size < 0:
        raise ValueError(f"depth must be non-negative, got: {size}")
    at = indices.ndim if axis == -1 else axis
    if at > indices.ndim:
        raise ValueError(f"Expected axis to be -1 or between [0, {indices.ndim}]. But received: {axis}")
    flat = np.reshape(indices, -1)
    result = np.full((flat.size, size), off_value, on_value.dtype)
    rows = np.flatnonzero((flat >= 0) & (flat < size))
    result[rows, flat[rows]] = on_value
    result = result.reshape((*indices.shape, size))
    return result if at == indices.ndim else np.moveaxis(result, -1, at)


define_op("OneHot", "indices:TI, depth:int32, on_value:T, off_value:T", "output:T",
          "axis:int=-1; T:type; TI:type=int64{uint8,int8,int32,int64}", shape=_one_hot_shape, kernel=_one_hot,
          gradient=NO_GRADIENT)


def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: int | None = None, dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """Makes vectors that are `on_value` at the place an index names and `off_value` elsewhere.

    Args:
      indices: Integers, of any shape; one outside of ``[0, depth)`` gives a vector without an `on_value`.
      depth: Length of the vectors.
      on_value: 0-D, by default 1.
      off_value: 0-D, by default 0.
      axis: Where the new dimension stands; by default the last.
      dtype: Type of the result, by default that of the values, else float32.
      name: Name of the operation.

    Returns:
      A Tensor of one dimension more than `indices`.

    Raises:
      TypeError: The values are not of one type, or not of `dtype`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.one_hot([0, 2, -1], 3)))
      [[1. 0. 0.]
       [0. 0. 1.]
       [0. 0. 0.]]
    """
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value]) as scope:
        on_dtype = None if on_value is None else convert_to_tensor(on_value).dtype.base_dtype
        off_dtype = None if off_value is None else convert_to_tensor(off_value).dtype.base_dtype
        if dtype is not None:
            dtype = as_dtype(dtype)
            for what, kind in (("on_value", on_dtype), ("off_value", off_dtype)):
                if kind is not None and kind is not dtype:
                    raise TypeError(f"dtype {kind} of {what} does not match dtype parameter {dtype}")
        else:
            dtype = on_dtype or off_dtype or float32
        if on_value is None:
            on_value = convert_to_tensor(1, dtype, name="on_value")
        if off_value is None:
            off_value = convert_to_tensor(0, dtype, name="off_value")
        if (on_dtype or dtype) is not (off_dtype or dtype):
            raise TypeError(f"dtype {on_dtype or dtype} of on_value does not match dtype {off_dtype or dtype} of "
                            f"off_value")
        return apply_op("OneHot", indices, depth, on_value, off_value, axis=axis, name=scope)
