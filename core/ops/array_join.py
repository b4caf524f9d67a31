"""Ops that put tensors together and take them apart: concat, stack, unstack, split; and lists of tensors as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import int32
from core.graph import (
    NO_GRADIENT,
    Tensor,
    apply_op,
    constant_value,
    convert_to_tensor,
    define_op,
    name_scope,
    register_tensor_conversion_function,
)
from core.ops.array_basic import identity, shape_n
from core.ops.array_shape import axis_in, expand_dims
from core.ops.constant import constant
from core.shapes import TensorShape, unknown_shape

__all__ = ["concat", "parallel_stack", "split", "stack", "unstack"]


def _merged(tensors: Any, what: str) -> TensorShape:
    """The shape that all have in common; ValueError with both shapes where two differ."""
    shape = unknown_shape()
    for tensor in tensors:
        try:
            shape = shape.merge_with(tensor.shape)
        except ValueError:
            raise ValueError(f"{what} must have one shape, got {shape} and {tensor.shape}") from None
    return shape


# ---------------------------------------------------------------------- Concat

def _concat_shape(values: tuple[Tensor, ...], axis: Tensor) -> TensorShape:
    axis.shape.assert_has_rank(0)
    at = constant_value(axis)
    known = [v.shape.as_tuple() for v in values]
    ranks = {len(d) for d in known if d is not None}
    if len(ranks) > 1:
        raise ValueError("Tensors to be concatenated must have one rank, got shapes "
                         + ", ".join(str(v.shape) for v in values))
    if not ranks:
        return unknown_shape()
    ndims = ranks.pop()
    if ndims == 0:
        raise ValueError("Can't concatenate scalars (use tf.stack instead)")
    if at is None:
        return unknown_shape(ndims)
    place = axis_in(int(at), ndims, "concat dimension")
    merged: list[int | None] = [None] * ndims
    total: int | None = 0
    for dims in known:
        if dims is None:
            total = None
            continue
        for i, size in enumerate(dims):
            if i == place:
                total = None if total is None or size is None else total + size
            elif size is not None:
                if merged[i] is not None and merged[i] != size:
                    raise ValueError(f"Dimension {i} in both shapes must be equal, but are {merged[i]} and {size}: "
                                     f"only "
                                     f"dimension {place} of the tensors to be concatenated may differ")
                merged[i] = size
    merged[place] = total
    return TensorShape.from_tuple(tuple(merged))


def _concat(xp: Any, values: Any, axis: Any) -> Any:
    first = values[0]
    place = axis_in(int(axis), first.ndim, "concat dimension")
    for i, value in enumerate(values):
        if value.ndim != first.ndim or any(
                a != b for at, (a, b) in enumerate(zip(first.shape, value.shape)) if at != place):
            raise ValueError(f"Dimensions of inputs should match: shape[0] = {list(first.shape)} vs. shape[{i}] = "
                             f"{list(value.shape)}; they may differ in dimension {place} only.")
    return xp.concatenate(values, axis=place)


def _concat_grads(grad: Any, values: Any, axis: Tensor) -> list[Any]:
    """Cuts the gradient of a concatenation into those of its parts."""
    grad = convert_to_tensor(grad)
    at = constant_value(axis)
    dims = [v.shape.as_tuple() for v in values]
    if at is not None and all(d is not None for d in dims):
        sizes = [d[int(at)] for d in dims if d is not None]
        if None not in sizes:
            return split(grad, sizes, int(at), num=len(sizes))
    shapes = shape_n(values)
    offsets = apply_op("ConcatOffset", axis, shapes)
    return [apply_op("Slice", grad, begin, size) for begin, size in zip(offsets, shapes, strict=True)]


def _concat_v2_grad(op: Any, grad: Any) -> list[Any]:
    return [*_concat_grads(grad, list(op.inputs[:-1]), op.inputs[-1]), None]


define_op("ConcatV2", "values:T*N, axis:Tidx", "output:T", "N:int>=2; T:type; Tidx:type=int32{int32,int64}",
          shape=_concat_shape, kernel=_concat, gradient=_concat_v2_grad,
          kernel_out=lambda xp, out, values, axis: xp.concatenate(values, axis=int(axis), out=out))
define_op("Concat", "concat_dim:int32, values:T*N", "output:T", "N:int>=2; T:type",
          shape=lambda concat_dim, values: _concat_shape(values, concat_dim),
          kernel=lambda xp, concat_dim, values: _concat(xp, values, concat_dim),
          gradient=lambda op, grad: [None, *_concat_grads(grad, list(op.inputs[1:]), op.inputs[0])])


def _concat_offset(xp: Any, concat_dim: Any, shape: Any) -> Any:
    place = axis_in(int(concat_dim), len(shape[0]), "concat dimension")
    result = []
    at = 0
    for size in shape:
        offset = np.zeros_like(size)
        offset[place] = at
        at += size[place]
        result.append(offset)
    return result


define_op("ConcatOffset", "concat_dim:int32, shape:shape_type*N", "offset:shape_type*N",
          "N:int>=2; shape_type:type=int32{int32,int64}", shape=lambda concat_dim, shape: [s.shape for s in shape],
          kernel=_concat_offset, gradient=NO_GRADIENT)


def concat(values: Any, axis: Any, name: str | None = "concat") -> Tensor:
    """Joins tensors along one dimension.

    Args:
      values: List of tensors of one type and rank whose other dimensions are equal; or one tensor.
      axis: Which dimension (0-D integer), from the end if negative.
      name: Name of the operation.

    Returns:
      A Tensor; its size along `axis` is the sum of the others'.

    Raises:
      ValueError: Shapes do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.concat([[[1, 2], [3, 4]], [[5], [6]]], 1)))
      [[1 2 5]
       [3 4 6]]
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with name_scope(name) as scope:
            convert_to_tensor(axis, name="concat_dim", dtype=int32).shape.assert_is_compatible_with([])
            return identity(values[0], name=scope)
    return apply_op("ConcatV2", values, axis, name=name)


# ---------------------------------------------------------------------- Pack

def _pack_shape(values: tuple[Tensor, ...], *, axis: int) -> TensorShape:
    dims = _merged(values, "Tensors to be stacked").as_tuple()
    if dims is None:
        return unknown_shape()
    place = axis_in(axis, len(dims) + 1)
    return TensorShape.from_tuple((*dims[:place], len(values), *dims[place:]))


def _pack(xp: Any, values: Any, *, axis: int) -> Any:
    first = values[0].shape
    for i, value in enumerate(values):
        if value.shape != first:
            raise ValueError(f"Shapes of all inputs must match: values[0].shape = {list(first)} != values[{i}].shape = "
                             f"{list(value.shape)}")
    return xp.stack(values, axis=axis_in(axis, len(first) + 1))


define_op("Pack", "values:T*N", "output:T", "N:int>=1; T:type; axis:int=0", shape=_pack_shape, kernel=_pack,
          kernel_out=lambda xp, out, values, *, axis: xp.stack(values, axis=axis, out=out),
          gradient=lambda op, grad: unstack(convert_to_tensor(grad), op.attrs["N"], op.attrs["axis"]))
define_op("ParallelConcat", "values:T*N", "output:T", "N:int>=1; T:type; shape:shape",
          shape=lambda values, *, shape: shape, kernel=lambda xp, values: xp.concatenate(values, axis=0))


def stack(values: Any, axis: int = 0, name: str | None = "stack") -> Tensor:
    """Joins tensors of one shape along a new dimension.

    Args:
      values: List of tensors of one type and shape; constants give a constant.
      axis: Where the new dimension stands in the result.
      name: Name of the operation.

    Raises:
      ValueError: `axis` lies outside; shapes do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.stack([[1, 4], [2, 5], [3, 6]], axis=1)))
      [[1 2 3]
       [4 5 6]]
    """
    if axis == 0:
        try:
            return convert_to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass  # not all of the values are constants
    ndims = convert_to_tensor(values[0], name=name).shape.ndims
    if ndims is not None and not -ndims - 1 <= axis < ndims + 1:
        raise ValueError(f"axis = {axis} not in [{-ndims - 1}, {ndims + 1})")
    return apply_op("Pack", values, axis=axis, name=name)


def parallel_stack(values: Any, name: str | None = "parallel_stack") -> Tensor:
    """Like `stack` along a new first dimension, for static shapes; it has no gradient.

    Args:
      values: List of tensors of one type and shape.
      name: Name of the scope.

    Example:
      >>> tf.parallel_stack([[1, 4], [2, 5], [3, 6]]).shape.as_list()
      [3, 2]
    """
    with name_scope(name):
        shape = TensorShape([len(values)]).concatenate(convert_to_tensor(values[0]).shape)
        return apply_op("ParallelConcat", [expand_dims(v, 0) for v in values], shape=shape)


# ---------------------------------------------------------------------- Unpack

def _unpack_shape(value: Tensor, *, num: int, axis: int) -> list[TensorShape]:
    dims = value.shape.as_tuple()
    if dims is None:
        return [unknown_shape()] * num
    if not dims:
        raise ValueError("Can't unstack a scalar")
    place = axis_in(axis, len(dims))
    if dims[place] not in (None, num):
        raise ValueError(f"Dimension must be {num} but is {dims[place]}: can't unstack {value.shape} along dimension "
                         f"{place}")
    return [TensorShape.from_tuple((*dims[:place], *dims[place + 1:]))] * num


def _unpack(xp: Any, value: Any, *, num: int, axis: int) -> Any:
    place = axis_in(axis, value.ndim)
    if value.shape[place] != num:
        raise ValueError(f"Input shape axis {place} must equal {num}, got shape {list(value.shape)}")
    moved = xp.moveaxis(value, place, 0)
    return [moved[i, ...] for i in range(num)]


define_op("Unpack", "value:T", "output:T*num", "num:int>=0; T:type; axis:int=0", shape=_unpack_shape, kernel=_unpack,
          gradient=lambda op, *grads: stack(list(grads), op.attrs["axis"]), view=True)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str | None = "unstack") -> list[Tensor]:
    """Takes a tensor apart along one dimension.

    Args:
      value: Tensor of at least one dimension.
      num: The size along `axis`; by default from the static shape.
      axis: Which dimension.
      name: Name of the operation.

    Returns:
      `num` Tensors of one dimension less.

    Raises:
      ValueError: `num` is not given and not known; `axis` lies outside.

    Example:
      >>> a, b = tf.unstack(tf.zeros([3, 2]), axis=1)
      >>> a.shape.as_list()
      [3]
    """
    if num is None:
        value = convert_to_tensor(value)
        dims = value.shape.as_tuple()
        if dims is not None:
            if not -len(dims) <= axis < len(dims):
                raise ValueError(f"axis = {axis} not in [{-len(dims)}, {len(dims)})")
            num = dims[axis]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {value.shape}: give num=")
    return apply_op("Unpack", value, num=num, axis=axis, name=name)


# ---------------------------------------------------------------------- Split, SplitV

def _split_shape(split_dim: Tensor, value: Tensor, *, num_split: int) -> list[TensorShape]:
    split_dim.shape.assert_has_rank(0)
    at = constant_value(split_dim)
    dims = value.shape.as_tuple()
    if dims is None:
        return [unknown_shape()] * num_split
    if at is None:
        return [unknown_shape(len(dims))] * num_split
    place = axis_in(int(at), len(dims), "split dimension")
    size = dims[place]
    if size is not None and size % num_split:
        raise ValueError(f"Dimension size must be evenly divisible by {num_split} but is {size}: can't split "
                         f"{value.shape} along dimension {place}")
    part = None if size is None else size // num_split
    return [TensorShape.from_tuple((*dims[:place], part, *dims[place + 1:]))] * num_split


def _split(xp: Any, split_dim: Any, value: Any, *, num_split: int) -> Any:
    place = axis_in(int(split_dim), value.ndim, "split dimension")
    if value.shape[place] % num_split:
        raise ValueError(f"Number of ways to split should evenly divide the split dimension, but got split_dim {place} "
                         f"(size = {value.shape[place]}) and num_split {num_split}")
    return xp.split(value, num_split, axis=place)


define_op("Split", "split_dim:int32, value:T", "output:T*num_split", "num_split:int>=1; T:type", shape=_split_shape,
          kernel=_split, gradient=lambda op, *grads: [None, concat(list(grads), op.inputs[0])], view=True)


def _split_v_shape(value: Tensor, size_splits: Tensor, split_dim: Tensor, *, num_split: int) -> list[TensorShape]:
    at = constant_value(split_dim)
    dims = value.shape.as_tuple()
    if dims is None:
        return [unknown_shape()] * num_split
    if at is None:
        return [unknown_shape(len(dims))] * num_split
    place = axis_in(int(at), len(dims), "split dimension")
    known = constant_value(size_splits)
    if known is None:
        parts: list[int | None] = [None] * num_split
        if num_split == 1:
            parts = [dims[place]]
    else:
        parts = list(_part_sizes(known.tolist(), dims[place], num_split))
    return [TensorShape.from_tuple((*dims[:place], p, *dims[place + 1:])) for p in parts]


def _part_sizes(sizes: list[int], total: int | None, num_split: int) -> list[int | None]:
    """The sizes with -1 filled in (None where the total is unknown)."""
    if len(sizes) != num_split:
        raise ValueError(f"Length of size_splits ({len(sizes)}) must equal num_split ({num_split})")
    if sizes.count(-1) > 1:
        raise ValueError("There can only be one -1 in the input.")
    if any(s < -1 for s in sizes):
        raise ValueError(f"Split sizes must be >= 0 (or one -1), got {sizes}")
    given = sum(s for s in sizes if s >= 0)
    if total is None:
        return [None if s < 0 else s for s in sizes]
    if given > total or (-1 not in sizes and given != total):
        raise ValueError(f"Determined shape must either match input shape along split_dim exactly if fully specified, "
                         f"or "
                         f"be less than the size of the input along split_dim if not fully specified. Got: {given}, "
                         f"wanted: {total}")
    return [total - given if s < 0 else s for s in sizes]


def _split_v(xp: Any, value: Any, size_splits: Any, split_dim: Any, *, num_split: int) -> Any:
    place = axis_in(int(split_dim), value.ndim, "split dimension")
    sizes: list[Any] = list(_part_sizes(size_splits.tolist(), value.shape[place], num_split))
    return xp.split(value, np.cumsum(sizes[:-1]), axis=place)


define_op("SplitV", "value:T, size_splits:Tlen, split_dim:int32", "output:T*num_split",
          "num_split:int>=1; T:type; Tlen:type=int64{int8,int32,int64}", shape=_split_v_shape, kernel=_split_v,
          gradient=lambda op, *grads: [concat(list(grads), op.inputs[2]), None, None], view=True)


def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str | None = "split",
) -> list[Tensor]:
    """Cuts a tensor into parts along one dimension.

    Args:
      value: Tensor.
      num_or_size_splits: A number of equal parts, or their sizes (a 1-D integer tensor or list; one may be -1).
      axis: Which dimension (0-D integer).
      num: The number of parts where it is not known from the shape of the sizes.
      name: Name of the operation.

    Returns:
      A list of Tensors.

    Raises:
      ValueError: The parts do not fill the dimension; their number is not known.

    Example:
      >>> [t.shape.as_list() for t in tf.split(tf.zeros([5, 30]), [4, 15, 11], 1)]
      [[5, 4], [5, 15], [5, 11]]
    """
    if isinstance(num_or_size_splits, (int, np.integer)):
        return apply_op("Split", axis, value, num_split=int(num_or_size_splits), name=name)
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes.shape.ndims == 0 and sizes.dtype.is_integer:
        count = constant_value(sizes)
        if count is None:
            raise TypeError(f"num_or_size_splits must be known while building, got the tensor {sizes.name}.")
        return apply_op("Split", axis, value, num_split=int(count), name=name)
    if num is None:
        dims = sizes.shape.as_tuple()
        num = dims[0] if dims else None
        if num is None:
            raise ValueError(f"Cannot infer num from shape {sizes.shape}: give num=")
    return apply_op("SplitV", value, sizes, axis, num_split=num, name=name)


# ---------------------------------------------------------------------- lists that hold tensors

def is_tensor_like(value: Any) -> bool:
    """True for tensors and variables."""
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element")


def _type_inside(values: Any) -> Any:
    """The type of the first tensor in nested lists, or None."""
    for value in values:
        if is_tensor_like(value):
            return value.dtype.base_dtype
        if isinstance(value, (list, tuple)):
            found = _type_inside(value)
            if found is not None:
                return found
    return None


def _pack_list(values: Any, dtype: Any, name: str) -> Any:
    """Packs nested lists with tensors inside; lists without one come back as they are."""
    must_pack = False
    parts: list[Any] = []
    with name_scope(name) as scope:
        for i, value in enumerate(values):
            if isinstance(value, (list, tuple)):
                value = _pack_list(value, dtype, str(i))
            elif is_tensor_like(value) and value.dtype.base_dtype is not dtype:
                value = apply_op("Cast", value, DstT=dtype)
            must_pack = must_pack or is_tensor_like(value)
            parts.append(value)
        if not must_pack:
            return parts
        tensors = [v if is_tensor_like(v) else constant(v, dtype=dtype, name=str(i)) for i, v in enumerate(parts)]
        return apply_op("Pack", tensors, name=scope)


def _list_conversion(values: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    if as_ref:
        return NotImplemented
    found = _type_inside(values)
    if found is None:
        return NotImplemented
    return _pack_list(values, found if dtype is None else dtype, name or "packed")


register_tensor_conversion_function((list, tuple), _list_conversion, 99)
