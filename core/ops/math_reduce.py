"""Reductions along axes: sum, mean, product, extremes, all, any. What builds on them stands in math_reduce_more.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import int32
from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value, define_op
from core.ops.array_basic import rank
from core.ops.constant import constant
from core.shapes import TensorShape, unknown_shape

__all__ = ["reduce_all", "reduce_any", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum"]


# ---------------------------------------------------------------------- what all reductions share

def reduced_shape(input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> TensorShape:
    """Shape rule of reductions: the axes are dropped, or kept with size 1."""
    if reduction_indices._shape.ndims is not None and reduction_indices._shape.ndims > 1:
        raise ValueError(f"Shape must be at most rank 1 but is rank {reduction_indices._shape.ndims}: the axes to "
                         "reduce are a number or a vector")
    dims = input._shape._dims
    if dims is None:
        return unknown_shape()
    axes = constant_value(reduction_indices)
    if axes is None:
        return unknown_shape(len(dims)) if keep_dims else unknown_shape()
    chosen = set()
    for axis in axes.ravel().tolist():
        if not -len(dims) <= axis < len(dims):
            raise ValueError(f"Invalid reduction dimension {axis} for input with {len(dims)} dimensions")
        chosen.add(axis % len(dims))
    if keep_dims:
        return TensorShape.from_tuple(tuple(1 if i in chosen else d for i, d in enumerate(dims)))
    return TensorShape.from_tuple(tuple(d for i, d in enumerate(dims) if i not in chosen))


def axes_of(x: Any, axes: Any) -> tuple[int, ...]:
    """The axes of a run as a tuple; ValueError where one is out of range or named twice."""
    if axes.ndim == 0:
        axes = axes.reshape(1)
    result: tuple[int, ...] = tuple(axes.tolist())
    ndim = x.ndim
    if len(result) == 1:
        if not -ndim <= result[0] < ndim:
            raise ValueError(f"Invalid reduction dimension ({result[0]} for input with {ndim} dimension(s)")
        return result
    normal = {a % ndim if -ndim <= a < ndim else None for a in result} if ndim else set(result)
    if None in normal or (result and not ndim):
        raise ValueError(f"Invalid reduction dimension in {list(result)} for input with {ndim} dimension(s)")
    if len(normal) != len(result):
        raise ValueError(f"Invalid reduction arguments: Axes contains duplicate dimension: {list(result)}")
    return result


def narrow(dtype: Any) -> bool:
    """True for 16-bit floats: sums of them are formed in float32."""
    return dtype.itemsize == 2 and dtype.kind not in "iu"


def reduction(op_type: str, attrs: str, kernel: Callable[..., Any], gradient: Any,
              kernel_out: Callable[..., Any] | None = None, element: str = "T") -> None:
    """Defines a reduction along the axes in its second input."""
    define_op(op_type, f"input:{element}, reduction_indices:Tidx", f"output:{element}",
              "keep_dims:bool=False; " + attrs + "Tidx:type=int32{int32,int64}", shape=reduced_shape, kernel=kernel,
              kernel_out=kernel_out, gradient=gradient)


def _by_ufunc(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Kernels of a reduction that is a ufunc's `reduce`."""
    def kernel(xp: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
        reduce = getattr(xp, name).reduce
        dtype = x.dtype
        if narrow(dtype):
            return xp.asarray(reduce(x.astype(np.float32), axis=axes_of(x, axes), keepdims=keep_dims)).astype(dtype)
        return reduce(x, axis=axes_of(x, axes), dtype=dtype, keepdims=keep_dims)

    def kernel_out(xp: Any, out: Any, x: Any, axes: Any, *, keep_dims: bool) -> None:
        if narrow(x.dtype):
            out[...] = kernel(xp, x, axes, keep_dims=keep_dims)
        else:
            getattr(xp, name).reduce(x, axis=axes_of(x, axes), dtype=x.dtype, out=out, keepdims=keep_dims)
    return kernel, kernel_out


def kept_shape(op: Any) -> Any:
    """The input's shape with 1 along the reduced axes, as a constant where it is known, else built of nodes."""
    x, axes = op.inputs
    known = constant_value(axes)
    if known is not None and x.shape.is_fully_defined():
        dims = x.shape.as_list()
        for axis in known.ravel().tolist():
            dims[axis] = 1
        return constant(np.array(dims, np.int32), name="kept_shape")
    sizes = apply_op("Shape", x)
    count = apply_op("Size", sizes)
    chosen = apply_op("Reshape", apply_op("Cast", axes, DstT=int32), [-1])
    chosen = apply_op("FloorMod", apply_op("AddV2", chosen, count), count)
    marks = apply_op("Sum", apply_op("OneHot", chosen, count, 1, 0), 0)  # 1 for each reduced axis, 0 where none is
    return apply_op("AddV2", apply_op("Mul", sizes, apply_op("Sub", 1, marks)), marks)


def spread(op: Any, value: Any) -> Any:
    """Repeats `value`, which has the shape of the reduction's output, along the reduced axes."""
    x = op.inputs[0]
    target = constant(np.array(x.shape.as_list(), np.int32), name="Shape") if x.shape.is_fully_defined() \
        else apply_op("Shape", x)
    return apply_op("BroadcastTo", stand_up(op, value), target)


def stand_up(op: Any, value: Any) -> Any:
    """Gives `value`, of the reduction's output shape, size 1 along the reduced axes, ready to broadcast."""
    x, axes = op.inputs
    if op.attrs["keep_dims"] or op.outputs[0].shape.ndims == 0:
        return value
    known = constant_value(axes)
    ndims = x.shape.ndims
    if known is not None and ndims is not None:
        chosen = {axis % ndims for axis in known.ravel().tolist()} if ndims else set()
        if chosen == set(range(len(chosen))):
            return value  # leading axes come by themselves
        dims = [1 if i in chosen else d for i, d in enumerate(x.shape.as_list())]
        if dims.count(None) <= 1:
            return apply_op("Reshape", value, constant(np.array([-1 if d is None else d for d in dims], np.int32)))
    return apply_op("Reshape", value, kept_shape(op))


# ---------------------------------------------------------------------- Sum

def _sum_grad(op: Any, grad: Any) -> list[Any]:
    return [spread(op, grad), None]


_sum, _sum_out = _by_ufunc("add")
reduction("Sum", "T:type{@number}; ", _sum, _sum_grad, _sum_out)


def _axes_or_all(x: Any, axis: Any) -> Any:
    """The axes to reduce, made before the node itself, as TensorFlow does."""
    if axis is not None:
        return axis
    if isinstance(x, Tensor) and x._shape.ndims is not None:
        return constant(np.arange(x._shape.ndims, dtype=np.int32), int32)
    return apply_op("Range", 0, rank(x), 1, name="range")


def reduce(op_type: str, x: Any, axis: Any, keepdims: Any, name: str | None) -> Tensor:
    result: Tensor = apply_op(op_type, x, _axes_or_all(x, axis), keep_dims=bool(keepdims), name=name)
    if axis is None and not keepdims and result._shape.ndims is None:
        result.set_shape(())
    return result


def one_of(new_name: str, new: Any, old_name: str, old: Any) -> Any:
    """The value of an argument that has an old name too; ValueError where both are given."""
    if old is not None:
        if new is not None:
            raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
        return old
    return new


def reduce_sum(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Adds up the elements along axes.

    Args:
      input_tensor: Tensor of numbers.
      axis: Axis or axes to reduce (negative: from the end); by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Returns:
      A Tensor of the input's type.

    Raises:
      ValueError: An axis is out of range.

    Example:
      >>> x = tf.constant([[1, 1, 1], [1, 1, 1]])
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_sum(x, 1, keepdims=True)]))
      [np.int32(6), array([2, 2, 2], dtype=int32), array([[3],
             [3]], dtype=int32)]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("Sum", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)


# ---------------------------------------------------------------------- Mean

def _mean(xp: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
    chosen = axes_of(x, axes)
    dtype = x.dtype
    count = math.prod(x.shape[a] for a in chosen)
    if dtype.kind in "iu":  # as C divides, rounding towards zero
        total = np.asarray(xp.add.reduce(x, axis=chosen, dtype=dtype, keepdims=keep_dims))
        if not count:
            return total
        return (np.sign(total) * (np.abs(total) // dtype.type(count))).astype(dtype)
    wide = np.float32 if narrow(dtype) else dtype
    total = xp.add.reduce(x if wide is dtype else x.astype(wide), axis=chosen, dtype=wide, keepdims=keep_dims)
    return xp.asarray(xp.true_divide(total, np.asarray(count, wide))).astype(dtype, copy=False)


def _mean_out(xp: Any, out: Any, x: Any, axes: Any, *, keep_dims: bool) -> None:
    dtype = x.dtype
    if dtype.kind in "iu" or narrow(dtype):
        out[...] = _mean(xp, x, axes, keep_dims=keep_dims)
        return
    chosen = axes_of(x, axes)
    count = math.prod([x.shape[a] for a in chosen])
    xp.add.reduce(x, axis=chosen, dtype=dtype, out=out, keepdims=keep_dims)
    xp.true_divide(out, dtype.type(count), out)


def _mean_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs[0], op.outputs[0]
    count, left = x.shape.num_elements(), y.shape.num_elements()
    dtype = x.dtype.base_dtype
    if count is not None and left is not None:
        factor: Any = constant(count // max(left, 1), dtype=dtype, name="Const")
    else:
        factor = apply_op("FloorDiv", apply_op("Size", x), apply_op("Maximum", apply_op("Size", y), 1))
        factor = apply_op("Cast", factor, DstT=dtype)
    return [spread(op, apply_op("RealDiv", grad, factor, name="truediv")), None]


reduction("Mean", "T:type{@number}; ", _mean, _mean_grad, _mean_out)


def reduce_mean(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Averages the elements along axes; integers round towards zero.

    Args:
      input_tensor: Tensor of numbers.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> x = tf.constant([[1., 1.], [2., 2.]])
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.reduce_mean(x), tf.reduce_mean(x, 1)]))
      [np.float32(1.5), array([1., 2.], dtype=float32)]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("Mean", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)


# ---------------------------------------------------------------------- Prod

def _prod_grad(op: Any, grad: Any) -> list[Any]:
    """Products of all others along the axes, by running products from both ends: zeros do no harm."""
    x, axes = op.inputs
    known, ndims = constant_value(axes), x.shape.ndims
    if known is not None and ndims is not None and x.shape.is_fully_defined():
        chosen = [axis % ndims for axis in known.ravel().tolist()] if ndims else []
        order: Any = chosen + [i for i in range(ndims) if i not in chosen]
        sizes: Any = [x.shape.as_list()[i] for i in order]
        rows: Any = np.array([math.prod(sizes[:len(chosen)]), math.prod(sizes[len(chosen):])], np.int32)
        order, back, sizes = (np.array(v, np.int32) for v in (order, np.argsort(order), sizes))
    else:
        count = apply_op("Rank", x)
        picked = apply_op("Reshape", apply_op("Cast", axes, DstT=int32), [-1])
        picked = apply_op("FloorMod", apply_op("AddV2", picked, count), count)
        others = apply_op("ListDiff", apply_op("Range", 0, count, 1), picked)[0]
        order = apply_op("ConcatV2", [picked, others], 0)
        back = apply_op("InvertPermutation", order)
        shape = apply_op("Shape", x)
        sizes = apply_op("GatherV2", shape, order, 0)
        counts = [apply_op("Prod", apply_op("GatherV2", shape, part, 0), 0) for part in (picked, others)]
        rows = apply_op("Pack", counts)
    flat = apply_op("Reshape", apply_op("Transpose", x, order), rows)
    before = apply_op("Cumprod", flat, 0, exclusive=True)
    after = apply_op("Cumprod", flat, 0, exclusive=True, reverse=True)
    if x.dtype.is_complex:
        before, after = apply_op("Conj", before), apply_op("Conj", after)
    rest = apply_op("Transpose", apply_op("Reshape", apply_op("Mul", before, after), sizes), back)
    return [apply_op("Mul", spread(op, grad), rest), None]


_prod, _prod_out = _by_ufunc("multiply")
reduction("Prod", "T:type{@number}; ", _prod, _prod_grad, _prod_out)


def reduce_prod(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Multiplies the elements along axes.

    Args:
      input_tensor: Tensor of numbers.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_prod([[1, 2, 3], [4, 5, 6]], axis=0)))
      [ 4 10 18]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("Prod", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)


# ---------------------------------------------------------------------- Max, Min

def _extreme(name: str, largest: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def least(dtype: Any) -> Any:
        """What the extreme of no element is."""
        if dtype.kind in "iu":
            info = np.iinfo(dtype)
            return info.min if largest else info.max
        return -np.inf if largest else np.inf

    def kernel(xp: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
        chosen = axes_of(x, axes)
        if x.size:
            return getattr(xp, name).reduce(x, axis=chosen, keepdims=keep_dims)
        return getattr(xp, name).reduce(x, axis=chosen, keepdims=keep_dims, initial=np.asarray(least(x.dtype), x.dtype))

    def kernel_out(xp: Any, out: Any, x: Any, axes: Any, *, keep_dims: bool) -> None:
        if x.size:
            getattr(xp, name).reduce(x, axis=axes_of(x, axes), keepdims=keep_dims, out=out)
        else:
            out[...] = kernel(xp, x, axes, keep_dims=keep_dims)
    return kernel, kernel_out


def _extreme_grad(op: Any, grad: Any) -> list[Any]:
    """Elements that are equal to the extreme share its gradient equally."""
    x, axes = op.inputs
    dtype = x.dtype.base_dtype
    chosen = apply_op("Cast", apply_op("Equal", stand_up(op, op.outputs[0]), x), DstT=dtype)
    share = apply_op("RealDiv", chosen, apply_op("Sum", chosen, axes, keep_dims=True))
    return [apply_op("Mul", share, stand_up(op, grad)), None]


_ORDERED = "T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64,qint8,quint8,qint32," \
           "qint16,quint16}; "
_max, _max_out = _extreme("maximum", True)
_min, _min_out = _extreme("minimum", False)
reduction("Max", _ORDERED, _max, _extreme_grad, _max_out)
reduction("Min", _ORDERED, _min, _extreme_grad, _min_out)


def reduce_max(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Takes the largest element along axes.

    Args:
      input_tensor: Tensor of real numbers.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_max([[1, 5, 3], [4, 2, 6]], axis=1)))
      [5 6]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("Max", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)


def reduce_min(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Takes the smallest element along axes.

    Args:
      input_tensor: Tensor of real numbers.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_min([[1, 5, 3], [4, 2, 6]], axis=0)))
      [1 2 3]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("Min", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)


# ---------------------------------------------------------------------- All, Any

_all, _all_out = _by_ufunc("logical_and")
_any, _any_out = _by_ufunc("logical_or")
reduction("All", "", _all, NO_GRADIENT, _all_out, element="bool")
reduction("Any", "", _any, NO_GRADIENT, _any_out, element="bool")


def reduce_all(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Says whether all elements along axes are true.

    Args:
      input_tensor: Tensor of bools.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_all([[True, True, False], [True, False, False]], axis=0)))
      [ True False False]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("All", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)


def reduce_any(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Says whether any element along axes is true.

    Args:
      input_tensor: Tensor of bools.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_any([[True, True, False], [True, False, False]], axis=0)))
      [ True  True False]
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    return reduce("Any", input_tensor, axis, one_of("keepdims", keepdims, "keep_dims", keep_dims), name)
