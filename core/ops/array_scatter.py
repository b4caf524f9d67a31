"""Ops that write into copies of tensors by index (tensor_scatter_*), or deal elements out and back (dynamic_*)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value, convert_to_tensor, define_op
from core.ops.array_basic import shape_of, zeros_like
from core.ops.array_gather import check_scatter, gather, gather_nd, scatter_into
from core.ops.array_shape import reshape
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "dynamic_partition", "dynamic_stitch", "tensor_scatter_add", "tensor_scatter_nd_add", "tensor_scatter_nd_sub",
    "tensor_scatter_nd_update", "tensor_scatter_sub", "tensor_scatter_update", "unravel_index",
]


# ---------------------------------------------------------------------- TensorScatter*

def _scatter_shape(tensor: Tensor, indices: Tensor, updates: Tensor) -> TensorShape:
    check_scatter(indices, updates, tensor.shape)
    return tensor.shape


def _scatter_kernel(how: str) -> Callable[..., Any]:
    def kernel(xp: Any, tensor: Any, indices: Any, updates: Any) -> Any:
        return scatter_into(how, tensor, indices, updates)
    return kernel


def _update_grad(op: Any, grad: Any) -> list[Any]:
    indices = op.inputs[1]
    taken = gather_nd(grad, indices)
    return [apply_op("TensorScatterUpdate", grad, indices, zeros_like(op.inputs[2])), None, taken]


def _extreme_grad(op: Any, grad: Any) -> list[Any]:
    # As TensorFlow: the gradient goes to all that equal the result.
    tensor, indices, updates = op.inputs
    result = op.outputs[0]
    kind = tensor.dtype.base_dtype
    from_tensor = apply_op("Cast", apply_op("Equal", result, tensor), DstT=kind)
    from_updates = apply_op("Cast", apply_op("Equal", updates, gather_nd(result, indices)), DstT=kind)
    return [apply_op("Mul", grad, from_tensor), None, apply_op("Mul", gather_nd(grad, indices), from_updates)]


def _negative_grad(op: Any, grad: Any) -> list[Any]:
    return [grad, None, apply_op("Neg", gather_nd(grad, op.inputs[1]))]


for _type, _how, _gradient in (
    ("TensorScatterAdd", "add", lambda op, grad: [grad, None, gather_nd(grad, op.inputs[1])]),
    ("TensorScatterSub", "sub", _negative_grad),
    ("TensorScatterMax", "max", _extreme_grad),
    ("TensorScatterMin", "min", _extreme_grad),
):
    define_op(_type, "tensor:T, indices:Tindices, updates:T", "output:T",
              "T:type; Tindices:type{int32,int64}; bad_indices_policy:string=''", shape=_scatter_shape,
              kernel=_scatter_kernel(_how), gradient=_gradient)
define_op("TensorScatterUpdate", "tensor:T, indices:Tindices, updates:T", "output:T",
          "T:type; Tindices:type{int16,int32,int64,uint16}; bad_indices_policy:string=''", shape=_scatter_shape,
          kernel=_scatter_kernel("update"), gradient=_update_grad)
define_op("ScatterNdNonAliasingAdd", "input:T, indices:Tindices, updates:T", "output:T",
          "T:type{@number,bool}; Tindices:type{int32,int64}; bad_indices_policy:string=''", shape=_scatter_shape,
          kernel=_scatter_kernel("add"), gradient=lambda op, grad: [grad, None, gather_nd(grad, op.inputs[1])])


def tensor_scatter_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """Copies a tensor with `updates` written at `indices`.

    Args:
      tensor: Tensor.
      indices: Integers ``[..., n]``.
      updates: ``indices.shape[:-1] + tensor.shape[n:]``.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.tensor_scatter_update([1, 1, 1, 1, 1], [[4], [1]], [9, 10])))
      [ 1 10  1  1  9]
    """
    return apply_op("TensorScatterUpdate", tensor, indices, updates, name=name)


def tensor_scatter_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """Copies a tensor with `updates` added at `indices`; repeated indices add up.

    Args:
      tensor: Tensor.
      indices: Integers ``[..., n]``.
      updates: ``indices.shape[:-1] + tensor.shape[n:]``.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.tensor_scatter_add([1, 1, 1], [[2], [2]], [9, 10])))
      [ 1  1 20]
    """
    return apply_op("TensorScatterAdd", tensor, indices, updates, name=name)


def tensor_scatter_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """Copies a tensor with `updates` subtracted at `indices`; repeated indices add up.

    Args:
      tensor: Tensor.
      indices: Integers ``[..., n]``.
      updates: ``indices.shape[:-1] + tensor.shape[n:]``.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.tensor_scatter_sub([1, 1, 1], [[2], [0]], [9, 10])))
      [-9  1 -8]
    """
    return apply_op("TensorScatterSub", tensor, indices, updates, name=name)


tensor_scatter_nd_update = tensor_scatter_update
tensor_scatter_nd_add = tensor_scatter_add
tensor_scatter_nd_sub = tensor_scatter_sub


# ---------------------------------------------------------------------- DynamicPartition, DynamicStitch

def _partition_shape(data: Tensor, partitions: Tensor, *, num_partitions: int) -> list[TensorShape]:
    dims, parts = data.shape.as_tuple(), partitions.shape.as_tuple()
    if dims is None or parts is None:
        return [unknown_shape()] * num_partitions
    if not TensorShape(dims[:len(parts)]).is_compatible_with(parts):
        raise ValueError(f"Shapes must be equal: data must begin with the shape of partitions, got {data.shape} and "
                         f"{partitions.shape}")
    return [TensorShape.from_tuple((None, *dims[len(parts):]))] * num_partitions


def _partition(xp: Any, data: Any, partitions: Any, *, num_partitions: int) -> Any:
    if data.shape[:partitions.ndim] != partitions.shape:
        raise ValueError(f"data.shape must start with partitions.shape, got data.shape = {list(data.shape)}, "
                         f"partitions.shape = {list(partitions.shape)}")
    if partitions.size and not 0 <= int(partitions.min()) <= int(partitions.max()) < num_partitions:
        bad = np.argwhere((partitions < 0) | (partitions >= num_partitions))[0]
        raise ValueError(f"partitions{bad.tolist()} = {partitions[tuple(bad)]} is not in [0, {num_partitions})")
    return [data[partitions == i] for i in range(num_partitions)]


def _partition_grad(op: Any, *grads: Any) -> list[Any]:
    data, partitions = op.inputs
    count = op.attrs["num_partitions"]
    form = shape_of(partitions)
    size = apply_op("Prod", form, [0])
    places = reshape(apply_op("Range", 0, size, 1), form)
    parts = apply_op("DynamicPartition", places, partitions, num_partitions=count)
    whole = apply_op("DynamicStitch", parts, list(grads))
    return [reshape(whole, shape_of(data)), None]


define_op("DynamicPartition", "data:T, partitions:int32", "outputs:T*num_partitions", "num_partitions:int>=1; T:type",
          shape=_partition_shape, kernel=_partition, gradient=_partition_grad)


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Tensor]:
    """Deals the elements (or slices) of a tensor out to several.

    Args:
      data: Tensor whose shape begins with that of `partitions`.
      partitions: int32, which output each goes to.
      num_partitions: How many outputs there are.
      name: Name of the operation.

    Returns:
      `num_partitions` Tensors.

    Example:
      >>> with tf.Session() as sess:
      ...     print(*sess.run(tf.dynamic_partition([10, 20, 30, 40], [0, 1, 1, 0], 2)))
      [10 40] [20 30]
    """
    return apply_op("DynamicPartition", data, partitions, num_partitions=num_partitions, name=name)


def _stitch_shape(indices: tuple[Tensor, ...], data: tuple[Tensor, ...]) -> TensorShape:
    rest = unknown_shape()
    for places, values in zip(indices, data, strict=True):
        if places.shape.ndims is None or values.shape.ndims is None:
            continue
        if not places.shape.is_compatible_with(values.shape[:places.shape.ndims]):
            raise ValueError(f"data[i] must begin with the shape of indices[i], got {values.shape} and {places.shape}")
        rest = rest.merge_with(values.shape[places.shape.ndims:])
    known = [constant_value(t) for t in indices]
    if rest.ndims is None:
        return unknown_shape()
    size = None if any(k is None for k in known) else max((int(k.max()) for k in known if k is not None and k.size),
                                                          default=-1) + 1
    return TensorShape([size]).concatenate(rest)


def _stitch(xp: Any, indices: Any, data: Any) -> Any:
    size = max((int(i.max()) for i in indices if i.size), default=-1) + 1
    first = data[0]
    rest = first.shape[indices[0].ndim:]
    result = np.zeros((size, *rest), first.dtype) if first.dtype != object else np.full((size, *rest), b"", object)
    for places, values in zip(indices, data, strict=True):
        if values.shape != places.shape + rest:
            raise ValueError(f"Need data.shape to start with indices.shape, got {list(values.shape)} and "
                             f"{list(places.shape)}")
        if places.size and int(places.min()) < 0:
            raise ValueError(f"indices must not be negative, got {int(places.min())}")
        result[places.reshape(-1)] = values.reshape((-1, *rest))
    return result


def _stitch_grad(op: Any, grad: Any) -> list[Any]:
    count = op.attrs["N"]
    indices = op.inputs[:count]
    # Where indices repeat, the last one's value stood in the result; as in TensorFlow each gets the gradient.
    return [*[None] * count, *[gather(convert_to_tensor(grad), i) for i in indices]]


for _type in ("DynamicStitch", "ParallelDynamicStitch"):
    define_op(_type, "indices:int32*N, data:T*N", "merged:T", "N:int>=1; T:type", shape=_stitch_shape, kernel=_stitch,
              gradient=_stitch_grad)


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """Puts elements of several tensors together: ``merged[indices[m][i]] = data[m][i]``.

    Args:
      indices: List of int32 tensors.
      data: List of tensors; the shape of each begins with that of its indices.
      name: Name of the operation.

    Returns:
      A Tensor whose first size is the greatest index + 1.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.dynamic_stitch([[0, 3], [1, 2]], [[10, 40], [20, 30]])))
      [10 20 30 40]
    """
    return apply_op("DynamicStitch", indices, data, name=name)


# ---------------------------------------------------------------------- UnravelIndex

def _unravel(xp: Any, indices: Any, dims: Any) -> Any:
    sizes = tuple(dims.tolist())
    total = int(np.prod(sizes))
    if indices.size and (int(indices.min()) < 0 or int(indices.max()) >= total):
        raise ValueError(f"index is out of bound as with dims {list(sizes)}")
    places = np.unravel_index(indices.reshape(-1), sizes)
    table = np.array(places, indices.dtype)
    return table.reshape(-1) if indices.ndim == 0 else table


def _unravel_shape(indices: Tensor, dims: Tensor) -> TensorShape:
    count = dims.shape.with_rank(1).as_tuple()
    if indices.shape.ndims is None or count is None:
        return unknown_shape()
    if indices.shape.ndims == 0:
        return TensorShape.from_tuple(count)
    return TensorShape.from_tuple((count[0], indices.shape.num_elements()))


define_op("UnravelIndex", "indices:Tidx, dims:Tidx", "output:Tidx", "Tidx:type=int32{int32,int64}",
          shape=_unravel_shape,
          kernel=_unravel, gradient=NO_GRADIENT)


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """Turns places in a flattened array into coordinates.

    Args:
      indices: Integers, 0-D or 1-D.
      dims: Shape of the array, 1-D.
      name: Name of the operation.

    Returns:
      Coordinates ``[rank]`` or ``[rank, n]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.unravel_index([2, 5, 7], [3, 3])))
      [[0 1 2]
       [2 2 1]]
    """
    return apply_op("UnravelIndex", indices, dims, name=name)
