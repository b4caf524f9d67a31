"""Slices: tf.slice, tf.strided_slice and Python's indexing of tensors, with assignment to slices of variables."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np

from core.dtypes import int32, int64
from core.graph import (
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
    override_operator,
)
from core.kernels.strided import index_of, static_shape
from core.ops.array_basic import ones_like, shape_of
from core.ops.array_join import stack
from core.ops.constant import constant
from core.shapes import Dimension, TensorShape, unknown_shape

__all__ = ["newaxis", "slice", "strided_slice"]

newaxis = None


def known_elements(tensor: Tensor) -> list[int | None] | None:
    """The elements of an integer vector as far as they are known, or None if not even their number is."""
    value = constant_value(tensor)
    if value is not None:
        return None if value.ndim != 1 else value.tolist()
    op = tensor.op
    if op.type == "Pack" and all(t.shape.ndims == 0 for t in op.inputs):
        parts = [constant_value(t) for t in op.inputs]
        return [None if p is None else int(p) for p in parts]
    dims = tensor.shape.as_tuple()
    return None if dims is None or len(dims) != 1 or dims[0] is None else [None] * dims[0]


# ---------------------------------------------------------------------- Slice

def _slice_shape(input: Tensor, begin: Tensor, size: Tensor) -> TensorShape:
    ndims = input.shape.ndims
    for part in (begin, size):
        part.shape.assert_has_rank(1)
        length = part.shape.as_tuple()
        if ndims is None and length is not None:
            ndims = length[0]
        elif ndims is not None and length is not None and length[0] not in (None, ndims):
            raise ValueError(f"Shape must be rank {length[0]} but is rank {ndims}: begin and size need one element for "
                             f"each dimension of {input.shape}")
    if ndims is None:
        return constant_value_as_shape(size) if _all_given(size) else unknown_shape()
    dims = input.shape.with_rank(ndims).as_tuple() or ()
    starts = known_elements(begin) or [None] * ndims
    partial = constant_value_as_shape(size).with_rank(ndims)
    sizes: list[int | None] = known_elements(size) or list(partial.as_tuple() or ())
    result: list[int | None] = []
    for at, (dim, start, count) in enumerate(zip(dims, starts, sizes, strict=True)):
        if count is None:
            result.append(None)
        elif count == -1:
            result.append(None if dim is None or start is None else dim - start)
            if result[-1] is not None and result[-1] < 0:
                raise ValueError(f"begin[{at}] = {start} lies outside of dimension {at} of size {dim}")
        else:
            result.append(count)  # whether it fits the run says, as in TensorFlow
    return TensorShape.from_tuple(tuple(result))


def _all_given(size: Tensor) -> bool:
    value = constant_value(size)
    return value is not None and bool((value >= 0).all())


def _slice(xp: Any, input: Any, begin: Any, size: Any) -> Any:
    if begin.shape != (input.ndim,) or size.shape != (input.ndim,):
        raise ValueError(f"Expected begin and size arguments to be 1-D tensors of size {input.ndim}, but got shapes "
                         f"{list(begin.shape)} and {list(size.shape)} instead.")
    index = []
    for at, (start, count, dim) in enumerate(zip(begin.tolist(), size.tolist(), input.shape, strict=True)):
        if not 0 <= start <= dim:
            raise ValueError(f"Expected begin[{at}] in [0, {dim}], but got {start}")
        stop = dim if count == -1 else start + count
        if not start <= stop <= dim:
            raise ValueError(f"Expected size[{at}] in [0, {dim - start}], but got {count}")
        index.append(builtins.slice(start, stop))
    return input[(*index, Ellipsis)]


def _slice_grad(op: Any, grad: Any) -> list[Any]:
    # The gradient stands in a frame of zeros: pad by begin in front, by what is left behind.
    source, begin = op.inputs[0], op.inputs[1]
    whole = shape_of(source, out_type=begin.dtype.base_dtype)
    part = shape_of(convert_to_tensor(grad), out_type=begin.dtype.base_dtype)
    behind = apply_op("Sub", apply_op("Sub", whole, part), begin)
    return [apply_op("Pad", grad, apply_op("Pack", [begin, behind], axis=1)), None, None]


define_op("Slice", "input:T, begin:Index, size:Index", "output:T", "T:type; Index:type{int32,int64}",
          shape=_slice_shape,
          kernel=_slice, gradient=_slice_grad, view=True)


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """Cuts a block out of a tensor.

    Args:
      input_: Tensor.
      begin: Where the block begins, one integer per dimension.
      size: Its sizes; -1 takes all that is left.
      name: Name of the operation.

    Returns:
      A Tensor of shape `size`.

    Raises:
      ValueError: The block does not lie inside (InvalidArgumentError where that shows only in a run).

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, -1])))
      [[2 3]
       [5 6]]
    """
    return apply_op("Slice", input_, begin, size, name=name)


# ---------------------------------------------------------------------- StridedSlice, StridedSliceGrad

_MASKS = "begin_mask:int=0; end_mask:int=0; ellipsis_mask:int=0; new_axis_mask:int=0; shrink_axis_mask:int=0"


def _strided_shape(
    input: Tensor, begin: Tensor, end: Tensor, strides: Tensor, *, begin_mask: int, end_mask: int, ellipsis_mask: int,
    new_axis_mask: int, shrink_axis_mask: int,
) -> TensorShape:
    dims = input.shape.as_tuple()
    bounds = [known_elements(t) for t in (begin, end, strides)]
    lengths = {len(b) for b in bounds if b is not None}
    if len(lengths) > 1:
        raise ValueError(f"begin, end and strides must have one length, got {[t.shape for t in (begin, end, strides)]}")
    if dims is None or not lengths:
        return unknown_shape()
    count = lengths.pop()
    first, last, step = (b if b is not None else [None] * count for b in bounds)
    return TensorShape(static_shape(
        dims, first, last, step, (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)))


def _index(shape: Any, begin: Any, end: Any, strides: Any, *masks: int) -> Any:
    if not begin.shape == end.shape == strides.shape or begin.ndim != 1:
        raise ValueError(f"Expected begin, end, and strides to be 1D equal size tensors, but got shapes "
                         f"{list(begin.shape)}, {list(end.shape)}, and {list(strides.shape)} instead.")
    return index_of(shape, begin.tolist(), end.tolist(), strides.tolist(), masks)  # type: ignore[arg-type]


def _strided(
    xp: Any, input: Any, begin: Any, end: Any, strides: Any, *, begin_mask: int, end_mask: int, ellipsis_mask: int,
    new_axis_mask: int, shrink_axis_mask: int,
) -> Any:
    return input[_index(input.shape, begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                        shrink_axis_mask)]


def _masks_of(op: Any) -> dict[str, Any]:
    return {n: op.attrs[n] for n in ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")}


def _strided_grad(op: Any, grad: Any) -> list[Any]:
    source, begin, end, strides = op.inputs
    result = apply_op("StridedSliceGrad", shape_of(source, out_type=begin.dtype.base_dtype), begin, end, strides,
                      convert_to_tensor(grad), **_masks_of(op))
    result.set_shape(source.shape)
    return [result, None, None, None]


define_op("StridedSlice", "input:T, begin:Index, end:Index, strides:Index", "output:T",
          "T:type; Index:type{int16,int32,int64}; " + _MASKS, shape=_strided_shape, kernel=_strided,
          gradient=_strided_grad, view=True)


def _strided_slice_grad(
    xp: Any, shape: Any, begin: Any, end: Any, strides: Any, dy: Any, *, begin_mask: int, end_mask: int,
    ellipsis_mask: int, new_axis_mask: int, shrink_axis_mask: int,
) -> Any:
    dims = tuple(shape.tolist())
    index = _index(dims, begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    result = np.zeros(dims, dy.dtype)
    result[index] = dy
    return result


def _strided_slice_grad_grad(op: Any, grad: Any) -> list[Any]:
    _, begin, end, strides, _ = op.inputs
    return [None, None, None, None, apply_op("StridedSlice", grad, begin, end, strides, **_masks_of(op))]


define_op("StridedSliceGrad", "shape:Index, begin:Index, end:Index, strides:Index, dy:T", "output:T",
          "T:type; Index:type{int32,int64}; " + _MASKS, kernel=_strided_slice_grad, gradient=_strided_slice_grad_grad,
          shape=lambda shape, begin, end, strides, dy: constant_value_as_shape(shape))


def strided_slice(
    input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
    ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None, name: str | None = None,
) -> Tensor:
    """Extracts a slice with strides: what ``tensor[begin:end:stride, ...]`` is made of.

    Bit i of a mask speaks of spec i: `begin_mask` and `end_mask` take the whole range on that side, `ellipsis_mask`
    stands for all dimensions not named, `new_axis_mask` inserts a dimension of size 1, `shrink_axis_mask` takes one
    index.

    Args:
      input_: Tensor.
      begin, end, strides: 1-D integer tensors of one length; strides are ones by default.
      begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask: See above.
      var: The variable that `input_` is the value of, for assignment to the slice.
      name: Name of the operation.

    Returns:
      A Tensor.

    Example:
      >>> t = [[[1, 1, 1], [2, 2, 2]], [[3, 3, 3], [4, 4, 4]]]
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.strided_slice(t, [1, -1, 0], [2, -3, 3], [1, -1, 1])))
      [[[4 4 4]
        [3 3 3]]]
    """
    if strides is None:
        strides = ones_like(begin)
    masks = {"begin_mask": begin_mask, "end_mask": end_mask, "ellipsis_mask": ellipsis_mask,
             "new_axis_mask": new_axis_mask, "shrink_axis_mask": shrink_axis_mask}
    result: Tensor = apply_op("StridedSlice", input_, begin, end, strides, name=name, **masks)
    parent = name

    def assign(value: Any, name: str | None = None) -> Any:
        """Assigns to the slice of the variable."""
        if var is None:
            raise ValueError(f"Sliced assignment is only supported for variables; {result.name} is a slice of a "
                             f"tensor.")
        if name is None and parent is not None:
            name = parent + "_assign"
        return var._strided_slice_assign(begin=begin, end=end, strides=strides, value=value, name=name, **masks)

    result.assign = assign  # type: ignore[attr-defined]
    return result


# ---------------------------------------------------------------------- indexing

def _check_index(index: Any) -> None:
    if isinstance(index, (int, np.integer, Dimension)) and not isinstance(index, bool):
        return
    dtype = getattr(index, "dtype", None)
    if dtype is not None and dtype in (int32, int64, int32._as_ref, int64._as_ref) and not index.shape:
        return
    if isinstance(index, Tensor) and index.dtype.base_dtype in (int32, int64) and index.shape.ndims in (None, 0):
        return
    raise TypeError("Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 "
                    f"tensors are valid indices, got {index!r}")


def slice_helper(tensor: Any, slice_spec: Any, var: Any = None) -> Tensor:
    """What ``tensor[slice_spec]`` means; see `strided_slice`.

    Example:
      >>> x = tf.zeros([4, 5, 6])
      >>> x[1, ..., ::-2, tf.newaxis].shape.as_list()
      [5, 3, 1]
    """
    specs = slice_spec if isinstance(slice_spec, (list, tuple)) else [slice_spec]
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    names = ("begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask")
    masks: dict[str, Any] = dict.fromkeys(names, 0)
    for i, spec in enumerate(specs):
        bit = 1 << i
        first, last, step = 0, 0, 1
        if isinstance(spec, builtins.slice):
            if spec.start is not None and spec.start is not sys.maxsize:
                _check_index(spec.start)
                first = spec.start
            else:
                masks["begin_mask"] |= bit
            if spec.stop is not None and not (isinstance(spec.stop, int) and spec.stop == sys.maxsize):
                _check_index(spec.stop)
                last = spec.stop
            else:
                masks["end_mask"] |= bit
            if spec.step is not None:
                _check_index(spec.step)
                step = spec.step
        elif spec is Ellipsis:
            masks["ellipsis_mask"] |= bit
        elif spec is None:
            masks["new_axis_mask"] |= bit
        else:
            _check_index(spec)
            first, last = spec, spec + 1
            masks["shrink_axis_mask"] |= bit
        begin.append(first)
        end.append(last)
        strides.append(step)
    with name_scope(None, "strided_slice", [tensor, *begin, *end, *strides]) as scope:
        if begin:
            parts: list[Any] = [stack(begin), stack(end), stack(strides)]
            if any(p.dtype.base_dtype is int64 for p in parts):
                parts = [p if p.dtype.base_dtype is int64 else apply_op("Cast", p, DstT=int64) for p in parts]
        else:
            parts = [constant([], dtype=int32)] * 3
        return strided_slice(tensor, parts[0], parts[1], parts[2], var=var, name=scope, **masks)


def slice_helper_var(var: Any, slice_spec: Any) -> Tensor:
    """What ``variable[slice_spec]`` means; the result has `assign(value)`."""
    return slice_helper(var.value(), slice_spec, var)


override_operator("__getitem__", slice_helper)


# ---------------------------------------------------------------------- assignment to slices

def _assign_slice(
    cell: Any, begin: Any, end: Any, strides: Any, value: Any, begin_mask: int, end_mask: int, ellipsis_mask: int,
    new_axis_mask: int, shrink_axis_mask: int,
) -> None:
    array = cell.read()
    index = _index(array.shape, begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                   shrink_axis_mask)
    wanted = array[index].shape
    if wanted != value.shape:
        raise ValueError(f"Assignment requires shapes to be the same: the slice has {list(wanted)}, the value "
                         f"{list(value.shape)}.")
    if not array.flags.writeable:
        array = cell.array = array.copy()
    array[index] = value


def _strided_slice_assign(
    xp: Any, ref: Any, begin: Any, end: Any, strides: Any, value: Any, *, begin_mask: int, end_mask: int,
    ellipsis_mask: int, new_axis_mask: int, shrink_axis_mask: int,
) -> Any:
    _assign_slice(ref, begin, end, strides, value, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    return ref


def _resource_strided_slice_assign(
    xp: Any, ref: Any, begin: Any, end: Any, strides: Any, value: Any, *, begin_mask: int, end_mask: int,
    ellipsis_mask: int, new_axis_mask: int, shrink_axis_mask: int,
) -> Any:
    _assign_slice(ref, begin, end, strides, value, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    return ()


define_op("StridedSliceAssign", "ref:ref T, begin:Index, end:Index, strides:Index, value:T", "output_ref:ref T",
          "T:type; Index:type{int32,int64}; " + _MASKS, kernel=_strided_slice_assign, writes=("ref",),
          shape=lambda ref, begin, end, strides, value: ref.shape)
define_op("ResourceStridedSliceAssign", "ref:resource, begin:Index, end:Index, strides:Index, value:T", "",
          "T:type; Index:type{int32,int64}; " + _MASKS, kernel=_resource_strided_slice_assign, stateful=True,
          writes=("ref",))


def _tensor_strided_slice_update(
    xp: Any, input: Any, begin: Any, end: Any, strides: Any, value: Any, *, begin_mask: int, end_mask: int,
    ellipsis_mask: int, new_axis_mask: int, shrink_axis_mask: int,
) -> Any:
    result = np.array(input)
    index = _index(result.shape, begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask,
                   shrink_axis_mask)
    result[index] = value
    return result


def _tensor_update_grad(op: Any, grad: Any) -> list[Any]:
    _, begin, end, strides, value = op.inputs
    masks = _masks_of(op)
    taken = apply_op("StridedSlice", grad, begin, end, strides, **masks)
    nothing = apply_op("ZerosLike", value)
    rest = apply_op("TensorStridedSliceUpdate", grad, begin, end, strides, nothing, **masks)
    return [rest, None, None, None, taken]


define_op("TensorStridedSliceUpdate", "input:T, begin:Index, end:Index, strides:Index, value:T", "output:T",
          "T:type; Index:type{int32,int64}; " + _MASKS, kernel=_tensor_strided_slice_update,
          gradient=_tensor_update_grad, shape=lambda input, begin, end, strides, value: input.shape)
