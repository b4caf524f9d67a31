"""Ops that give the same elements another shape: reshape, transpose, expand_dims, squeeze; and the sequences."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from core.dtypes import float32, float64, int32, int64
from core.graph import (
    NO_GRADIENT,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.ops.array_basic import rank, shape_of
from core.shapes import TensorShape, unknown_shape

__all__ = ["expand_dims", "lin_space", "linspace", "matrix_transpose", "range", "reshape", "squeeze", "transpose"]


def axis_in(axis: int, ndims: int, what: str = "axis") -> int:
    """`axis` counted from the front; ValueError where it lies outside of ``[-ndims, ndims)``."""
    if not -ndims <= axis < ndims:
        raise ValueError(f"{what} = {axis} must be in the range [{-ndims}, {ndims})")
    return axis + ndims if axis < 0 else axis


# ---------------------------------------------------------------------- Reshape

def _known_product(dims: tuple[int | None, ...]) -> tuple[int, list[int]]:
    """The product of the sizes known, and where the others stand."""
    return math.prod(d for d in dims if d is not None), [i for i, d in enumerate(dims) if d is None]


def _reshape_shape(tensor: Tensor, shape: Tensor) -> TensorShape:
    if shape.shape.ndims is not None and shape.shape.ndims != 1:
        raise ValueError(f"shape must be a vector, got shape {shape.shape}")
    wanted = constant_value_as_shape(shape)
    new, old = wanted.as_tuple(), tensor.shape.as_tuple()
    if new is None or old is None:
        return wanted
    (in_known, in_open), (out_known, out_open) = _known_product(old), _known_product(new)
    if not in_open and not out_open and in_known != out_known:
        raise ValueError(f"Cannot reshape a tensor with {in_known} elements to shape {list(new)} ({out_known} "
                         "elements)")
    if len(out_open) == 1 and out_known > 0:
        at = out_open[0]
        if not in_open:
            if in_known % out_known:
                raise ValueError(f"Dimension size must be evenly divisible by {out_known} but is {in_known}: cannot "
                                 f"reshape {tensor.shape} to {list(-1 if d is None else d for d in new)}")
            return TensorShape.from_tuple((*new[:at], in_known // out_known, *new[at + 1:]))
    return wanted


def _reshape(xp: Any, tensor: Any, shape: Any) -> Any:
    wanted = shape.tolist()
    if not isinstance(wanted, list):
        raise ValueError(f"shape must be a vector, got the scalar {wanted}.")
    count = math.prod(d for d in wanted if d >= 0)
    open_at = [i for i, d in enumerate(wanted) if d < 0]
    if len(open_at) > 1:
        raise ValueError(f"Only one input size may be -1, not both {open_at[0]} and {open_at[1]}.")
    if open_at:
        if wanted[open_at[0]] != -1:
            raise ValueError(f"Size {open_at[0]} must be non-negative, not {wanted[open_at[0]]}.")
        if count == 0:
            raise ValueError("reshape cannot infer the missing input size for an empty tensor unless all specified "
                             "input sizes are non-zero.")
        if tensor.size % count:
            raise ValueError(f"Input to reshape is a tensor with {tensor.size} values, but the requested shape "
                             f"requires a multiple of {count}.")
    elif count != tensor.size:
        raise ValueError(f"Input to reshape is a tensor with {tensor.size} values, but the requested shape has "
                         f"{count}.")
    return xp.reshape(tensor, wanted)


def _reshape_grad(op: Any, grad: Any) -> Any:
    return [reshape(convert_to_tensor(grad), shape_of(op.inputs[0])), None]


define_op("Reshape", "tensor:T, shape:Tshape", "output:T", "T:type; Tshape:type=int32{int32,int64}",
          shape=_reshape_shape, kernel=_reshape, gradient=_reshape_grad, view=True)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """Gives a tensor's elements, in row-major order, another shape.

    Args:
      tensor: Tensor of any type and shape.
      shape: The shape wanted, a 1-D integer tensor; one element may be -1: it follows from the number of elements.
      name: Name of the operation.

    Returns:
      A Tensor of shape `shape`.

    Raises:
      ValueError: The number of elements does not fit (InvalidArgumentError where that shows only in a run).

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reshape([1, 2, 3, 4, 5, 6], [2, -1])))
      [[1 2 3]
       [4 5 6]]
    """
    return apply_op("Reshape", tensor, shape, name=name)


# ---------------------------------------------------------------------- Transpose

def _transpose_shape(x: Tensor, perm: Tensor) -> TensorShape:
    order = constant_value(perm)
    ndims = x.shape.ndims
    if order is None:
        known = constant_value_as_shape(perm) if perm.shape.ndims == 1 else unknown_shape()
        return unknown_shape(ndims if ndims is not None else known.ndims)
    if order.ndim != 1:
        raise ValueError(f"perm must be a vector, got shape {perm.shape}")
    if ndims is None:
        return unknown_shape(len(order))
    if len(order) != ndims:
        raise ValueError(f"perm {order.tolist()} has {len(order)} elements; the tensor of shape {x.shape} needs "
                         f"{ndims}")
    dims = x.shape.as_tuple() or ()
    for at in order.tolist():
        axis_in(at, ndims, "perm dim")
    return TensorShape.from_tuple(tuple(dims[at] for at in order.tolist()))


def _order(perm: list[int], ndims: int) -> list[int]:
    places = [axis_in(p, ndims, "perm dim") for p in perm]
    for at in builtins.range(ndims):
        if at not in places:
            raise ValueError(f"{at} is missing from {{{','.join(map(str, perm))}}}: perm must name each dimension "
                             f"once.")
    return places


def _transpose(xp: Any, x: Any, perm: Any) -> Any:
    if len(perm) != x.ndim:
        raise ValueError(f"transpose expects a vector of size {x.ndim}. But input(1) is a vector of size {len(perm)}")
    return xp.transpose(x, _order(perm.tolist(), x.ndim))


def _inverse(perm: Tensor) -> Any:
    known = constant_value(perm)
    if known is not None:
        return np.argsort(known % max(len(known), 1)).astype(known.dtype)
    return apply_op("InvertPermutation", perm)


def _transpose_grad(op: Any, grad: Any) -> Any:
    return [transpose(grad, _inverse(op.inputs[1])), None]


def _conjugate_transpose(xp: Any, x: Any, perm: Any) -> Any:
    moved = _transpose(xp, x, perm)
    return xp.conj(moved) if x.dtype.kind == "c" else moved


define_op("Transpose", "x:T, perm:Tperm", "y:T", "T:type; Tperm:type=int32{int32,int64}", shape=_transpose_shape,
          kernel=_transpose, gradient=_transpose_grad, view=True)
define_op("ConjugateTranspose", "x:T, perm:Tperm", "y:T", "T:type; Tperm:type=int32{int32,int64}",
          shape=_transpose_shape, kernel=_conjugate_transpose, view=True,
          gradient=lambda op, grad: [transpose(grad, _inverse(op.inputs[1]), conjugate=True), None])


def transpose(a: Any, perm: Any = None, name: str | None = "transpose", conjugate: bool = False) -> Tensor:
    """Permutes the dimensions of a tensor.

    Args:
      a: Tensor.
      perm: Dimension i of the result is dimension ``perm[i]`` of `a`; by default the order is reversed.
      name: Name of the operation.
      conjugate: If True and `a` is complex, the elements are conjugated too.

    Returns:
      A Tensor of the type of `a`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.transpose([[1, 2, 3], [4, 5, 6]])))
      [[1 4]
       [2 5]
       [3 6]]
    """
    with name_scope(name, "transpose", [a]) as scope:
        if perm is None or conjugate:
            a = convert_to_tensor(a, name="a")
        kind = "ConjugateTranspose" if conjugate and a.dtype.is_complex else "Transpose"
        if perm is not None:
            return apply_op(kind, a, perm, name=scope)
        ndims = a.shape.ndims
        if ndims:
            return apply_op(kind, a, np.arange(ndims - 1, -1, -1), name=scope)
        count = apply_op("Rank", a)
        last = apply_op("Sub", count, 1, name="sub")
        return apply_op(kind, a, apply_op("Sub", last, apply_op("Range", 0, count, 1), name="sub"), name=scope)


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Swaps the last two dimensions of a tensor.

    Args:
      a: Tensor ``[..., m, n]``.
      name: Name of the scope.
      conjugate: If True and `a` is complex, the elements are conjugated too.

    Returns:
      A Tensor ``[..., n, m]``.

    Raises:
      ValueError: `a` has less than two dimensions.

    Example:
      >>> tf.matrix_transpose(tf.zeros([5, 2, 3])).shape.as_list()
      [5, 3, 2]
    """
    with name_scope(name, values=[a]):
        a = convert_to_tensor(a, name="a")
        ndims = a.shape.ndims
        if ndims is not None:
            if ndims < 2:
                raise ValueError(f"Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: {a.shape}")
            return transpose(a, [*builtins.range(ndims - 2), ndims - 1, ndims - 2], conjugate=conjugate)
        count = rank(a)
        lead = apply_op("Range", 0, apply_op("Sub", count, 2, name="sub"), 1)
        last = [apply_op("Sub", count, 1, name="sub"), apply_op("Sub", count, 2, name="sub")]
        perm = apply_op("ConcatV2", [lead, last], 0, name="concat")
        return transpose(a, perm, conjugate=conjugate)


# ---------------------------------------------------------------------- ExpandDims, Squeeze

def _expand_dims_shape(input: Tensor, dim: Tensor) -> TensorShape:
    at = constant_value(dim)
    dims = input.shape.as_tuple()
    if at is not None and at.size != 1:
        raise ValueError(f"dim must be a tensor with a single value, got shape {dim.shape}")
    if dims is None:
        return unknown_shape()
    if at is None:
        return unknown_shape(len(dims) + 1)
    place = axis_in(int(at.reshape(-1)[0]), len(dims) + 1, "dim")
    return TensorShape.from_tuple((*dims[:place], 1, *dims[place:]))


def _expand_dims(xp: Any, input: Any, dim: Any) -> Any:
    if dim.size != 1:
        raise ValueError(f"'dim' input must be a tensor with a single value, got shape {list(dim.shape)}.")
    return xp.expand_dims(input, axis_in(int(dim.reshape(-1)[0]), input.ndim + 1, "dim"))


def _shape_back(op: Any, grad: Any) -> Tensor:
    return reshape(convert_to_tensor(grad), shape_of(op.inputs[0]))


define_op("ExpandDims", "input:T, dim:Tdim", "output:T", "T:type; Tdim:type=int32{int32,int64}",
          shape=_expand_dims_shape, kernel=_expand_dims, view=True,
          gradient=lambda op, grad: [_shape_back(op, grad), None])


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """Inserts a dimension of size 1.

    Args:
      input: Tensor.
      axis: Where the new dimension stands in the result, in ``[-rank - 1, rank]``.
      name: Name of the operation.
      dim: Old name of `axis`.

    Raises:
      ValueError: Neither or both of `axis` and `dim` are given; `axis` lies outside.

    Example:
      >>> tf.expand_dims(tf.zeros([2, 3]), 1).shape.as_list()
      [2, 1, 3]
    """
    if dim is not None:
        if axis is not None:
            raise ValueError("Cannot specify both 'axis' and 'dim'")
        axis = dim
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return apply_op("ExpandDims", input, axis, name=name)


def _squeeze_shape(input: Tensor, *, squeeze_dims: list[int]) -> TensorShape:
    dims = input.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    if not squeeze_dims:
        if None in dims:
            return unknown_shape()  # an unknown size may be 1
        return TensorShape.from_tuple(tuple(d for d in dims if d != 1))
    gone = {axis_in(a, len(dims), "squeeze axis") for a in squeeze_dims}
    for at in gone:
        if dims[at] not in (None, 1):
            raise ValueError(f"Can not squeeze dim[{at}], expected a dimension of 1, got {dims[at]}")
    return TensorShape.from_tuple(tuple(d for i, d in enumerate(dims) if i not in gone))


def _squeeze(xp: Any, input: Any, *, squeeze_dims: list[int]) -> Any:
    if not squeeze_dims:
        return xp.reshape(input, tuple(d for d in input.shape if d != 1))
    gone = {axis_in(a, input.ndim, "squeeze axis") for a in squeeze_dims}
    for at in gone:
        if input.shape[at] != 1:
            raise ValueError(f"Can not squeeze dim[{at}], expected a dimension of 1, got {input.shape[at]}")
    return xp.reshape(input, tuple(d for i, d in enumerate(input.shape) if i not in gone))


define_op("Squeeze", "input:T", "output:T", "T:type; squeeze_dims:list(int)=[]>=0", shape=_squeeze_shape,
          kernel=_squeeze, gradient=_shape_back, view=True)


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """Removes dimensions of size 1.

    Args:
      input: Tensor.
      axis: Dimensions to remove (an int or a list); by default all of size 1.
      name: Name of the operation.
      squeeze_dims: Old name of `axis`.

    Raises:
      ValueError: A dimension to be removed is not of size 1; both `axis` and `squeeze_dims` are given.

    Example:
      >>> tf.squeeze(tf.zeros([1, 2, 1, 3]), [2]).shape.as_list()
      [1, 2, 3]
    """
    if squeeze_dims is not None:
        if axis is not None:
            raise ValueError("Cannot specify both 'axis' and 'squeeze_dims'")
        axis = squeeze_dims
    if axis is not None and np.isscalar(axis):
        axis = [axis]
    return apply_op("Squeeze", input, squeeze_dims=axis, name=name)


# ---------------------------------------------------------------------- Range, LinSpace

def _range_shape(start: Tensor, limit: Tensor, delta: Tensor) -> TensorShape:
    for part in (start, limit, delta):
        part.shape.assert_has_rank(0)
    values = [constant_value(t) for t in (start, limit, delta)]
    if any(v is None for v in values):
        return unknown_shape(1)
    return TensorShape.from_tuple((_range_size(*values),))


def _range_size(start: Any, limit: Any, delta: Any) -> int:
    if delta == 0:
        raise ValueError("Requires delta != 0")
    if delta > 0 and start > limit:
        raise ValueError(f"Requires start <= limit when delta > 0: {start}/{limit}")
    if delta < 0 and start < limit:
        raise ValueError(f"Requires start >= limit when delta < 0: {start}/{limit}")
    if np.asarray(start).dtype.kind in "iu":
        span, step = abs(int(limit) - int(start)), abs(int(delta))
        return (span + step - 1) // step
    return math.ceil(abs((float(limit) - float(start)) / float(delta)))


def _range(xp: Any, start: Any, limit: Any, delta: Any) -> Any:
    count = _range_size(start, limit, delta)
    if start.dtype.kind in "iu":
        return (int(start) + int(delta) * np.arange(count, dtype=np.int64)).astype(start.dtype)
    # TensorFlow adds delta up; its floats are reproduced only so.
    result = np.full(count, delta, start.dtype)
    if count:
        result[0] = start
        np.add.accumulate(result, out=result)
    return result


define_op("Range", "start:Tidx, limit:Tidx, delta:Tidx", "output:Tidx",
          "Tidx:type=int32{bfloat16,half,float,double,int8,int16,int32,int64,uint16,uint32,uint64}",
          shape=_range_shape, kernel=_range, gradient=NO_GRADIENT)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range") -> Tensor:
    """Makes the sequence start, start + delta, ... up to but not including limit.

    Args:
      start: First number (0-D); with `limit` left out, the limit, and the first number is 0.
      limit: Upper bound, exclusive (0-D).
      delta: Step (0-D).
      dtype: Type of the result; by default the widest of the arguments.
      name: Name of the operation.

    Returns:
      A 1-D Tensor.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.range(3, 18, 3)))
      [ 3  6  9 12 15]
    """
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range", [start, limit, delta]) as scope:
        start = convert_to_tensor(start, dtype=dtype, name="start")
        limit = convert_to_tensor(limit, dtype=dtype, name="limit")
        delta = convert_to_tensor(delta, dtype=dtype, name="delta")
        if dtype is None:
            order = [int32, int64, float32, float64]
            kinds = [t.dtype.base_dtype for t in (start, limit, delta)]
            unknown = [k.name for k in kinds if k not in order]
            if unknown:
                raise TypeError(f"tf.range takes int32, int64, float32 and float64 where no dtype is given, not "
                                f"{unknown}.")
            widest = max(kinds, key=order.index)
            start, limit, delta = (
                t if k is widest else apply_op("Cast", t, DstT=widest)
                for t, k in zip((start, limit, delta), kinds, strict=True))
        return apply_op("Range", start, limit, delta, name=scope)


def _linspace_shape(start: Tensor, stop: Tensor, num: Tensor) -> TensorShape:
    for part in (start, stop, num):
        part.shape.assert_has_rank(0)
    count = constant_value(num)
    if count is None:
        return unknown_shape(1)
    if count <= 0:
        raise ValueError(f"Requires num > 0: {count}")
    return TensorShape.from_tuple((int(count),))


def _linspace(xp: Any, start: Any, stop: Any, num: Any) -> Any:
    count = int(num)
    if count <= 0:
        raise ValueError(f"Requires num > 0: {count}")
    result = np.empty(count, start.dtype)
    result[0] = start
    if count > 1:
        step = (stop - start) / start.dtype.type(count - 1)
        result[1:] = start + step * np.arange(1, count).astype(start.dtype)
        result[-1] = stop
    return result


define_op("LinSpace", "start:T, stop:T, num:Tidx", "output:T",
          "T:type{bfloat16,half,float,double}; Tidx:type=int32{int32,int64}", shape=_linspace_shape, kernel=_linspace,
          gradient=NO_GRADIENT)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None) -> Tensor:
    """Makes `num` evenly spaced numbers from `start` to `stop`, both included.

    Args:
      start: First number, floating 0-D.
      stop: Last number, of the same type.
      num: How many, integer 0-D.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linspace(10.0, 12.0, 3)))
      [10. 11. 12.]
    """
    return apply_op("LinSpace", start, stop, num, name=name)


lin_space = linspace

