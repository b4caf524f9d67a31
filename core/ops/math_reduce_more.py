"""What builds on the reductions: norms, variance, log-sum-exp, counts, sums of many tensors, places of extremes."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, int64
from core.dtypes import bool as bool_dtype
from core.graph import (
    NO_GRADIENT,
    IndexedSlices,
    Tensor,
    apply_op,
    constant_value,
    convert_to_tensor,
    convert_to_tensor_or_indexed_slices,
    define_op,
    name_scope,
)
from core.ops.array_basic import identity, shape_of, zeros
from core.ops.math_reduce import (
    axes_of,
    narrow,
    one_of,
    reduce,
    reduce_max,
    reduce_mean,
    reduce_sum,
    reduction,
    stand_up,
)
from core.shapes import TensorShape, as_shape, unknown_shape

__all__ = [
    "accumulate_n", "add_n", "arg_max", "arg_min", "argmax", "argmin", "count_nonzero", "reduce_logsumexp",
]


# ---------------------------------------------------------------------- EuclideanNorm, variance, deviation

def _norm(xp: Any, x: Any, axes: Any, *, keep_dims: bool) -> Any:
    dtype = x.dtype
    wide = np.float32 if narrow(dtype) else dtype
    x = x.astype(wide, copy=False)
    squares = (x * xp.conj(x)) if dtype.kind == "c" else x * x
    total = xp.add.reduce(squares, axis=axes_of(x, axes), dtype=wide, keepdims=keep_dims)
    return xp.asarray(xp.sqrt(total)).astype(dtype)


def _norm_grad(op: Any, grad: Any) -> list[Any]:
    scaled = apply_op("DivNoNan", stand_up(op, grad), stand_up(op, op.outputs[0]))
    return [apply_op("Mul", op.inputs[0], scaled), None]


reduction("EuclideanNorm", "T:type{@number}; ", _norm, _norm_grad)


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False,
                          name: str | None = None) -> Tensor:
    """Computes the Euclidean norm of the elements along axes (`tf.math.reduce_euclidean_norm`).

    Args:
      input_tensor: Tensor of numbers.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.reduce_euclidean_norm([[3.0, 4.0], [6.0, 8.0]], axis=1)))
      [ 5. 10.]
    """
    return reduce("EuclideanNorm", input_tensor, axis, keepdims, name)


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Computes the variance of the elements along axes (`tf.math.reduce_variance`).

    Args:
      input_tensor: Tensor of floats.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the scope.

    Raises:
      TypeError: The input is of integers.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.reduce_variance([[1., 2.], [3., 4.]])))
      1.25
    """
    with name_scope(name or "reduce_variance"):
        input_tensor = convert_to_tensor(input_tensor)
        means = reduce_mean(input_tensor, axis, keepdims=True)
        if means.dtype.is_integer:
            raise TypeError(f"Input must be of float or complex type, got {means.dtype.name}.")
        deviations = apply_op("Square", apply_op("Sub", input_tensor, means, name="sub"))
        return reduce_mean(deviations, axis, keepdims=keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Computes the standard deviation of the elements along axes (`tf.math.reduce_std`).

    Args:
      input_tensor: Tensor of floats.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.reduce_std([[1., 3.], [1., 3.]])))
      1.0
    """
    with name_scope(name or "reduce_std"):
        return apply_op("Sqrt", reduce_variance(input_tensor, axis, keepdims))


# ---------------------------------------------------------------------- log-sum-exp, count of non-zeros

def reduce_logsumexp(
    input_tensor: Any, axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    reduction_indices: Any = None, keep_dims: bool | None = None,
) -> Tensor:
    """Computes log(sum(exp(elements))) along axes, without overflow.

    Args:
      input_tensor: Tensor of floats.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      name: Name of the scope.
      reduction_indices, keep_dims: Old names of `axis` and `keepdims`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_logsumexp([1000., 1000.])).round(2))
      1000.69
    """
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(one_of("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "ReduceLogSumExp", [input_tensor]):
        input_tensor = convert_to_tensor(input_tensor)
        raw = reduce_max(input_tensor, axis=axis, keepdims=True)
        peak = apply_op("Select", apply_op("IsFinite", raw), raw, zeros(shape_of(raw), raw.dtype, name="zeros_like"))
        peak = apply_op("StopGradient", peak)
        total = reduce_sum(apply_op("Exp", apply_op("Sub", input_tensor, peak)), axis, keepdims=keepdims)
        result: Tensor = apply_op("Log", total)
        if not keepdims:
            peak = apply_op("Reshape", peak, apply_op("Shape", result))
        return apply_op("Add", result, peak)


def count_nonzero(
    input_tensor: Any = None, axis: Any = None, keepdims: bool | None = None, dtype: Any = int64,
    name: str | None = None, reduction_indices: Any = None, keep_dims: bool | None = None, input: Any = None,
) -> Tensor:
    """Counts the elements along axes that are not zero (not the empty string, not False).

    Args:
      input_tensor: Tensor of numbers, bools or strings.
      axis: Axis or axes to reduce; by default all.
      keepdims: If True, reduced axes stay with size 1.
      dtype: Type of the counts.
      name: Name of the scope.
      reduction_indices, keep_dims, input: Old names.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.count_nonzero([[0, 1, 0], [1, 1, 0]], axis=1)))
      [1 2]
    """
    value = one_of("input", input, "input_tensor", input_tensor)
    axis = one_of("axis", axis, "reduction_indices", reduction_indices)
    keepdims = one_of("keepdims", keepdims, "keep_dims", keep_dims)
    to: DType = as_dtype(dtype)
    with name_scope(name, "count_nonzero", [value]):
        value = convert_to_tensor(value, name="input")
        present = value
        if value.dtype.base_dtype is not bool_dtype:
            present = apply_op("NotEqual", value, zeros([], value.dtype))
        total = reduce_sum(apply_op("Cast", present, DstT=int64), axis, keepdims=keepdims)
        return total if to is int64 else apply_op("Cast", total, DstT=to)


# ---------------------------------------------------------------------- AddN, AccumulateNV2

def _sum_shape(inputs: Any) -> TensorShape:
    shape = unknown_shape()
    for tensor in inputs:
        try:
            shape = shape.merge_with(tensor.shape)
        except ValueError:
            raise ValueError(f"Shapes must be equal: the tensors to add have shapes {shape} and {tensor.shape}") \
                from None
    return shape


def _add_all(xp: Any, inputs: Any) -> Any:
    first = inputs[0]
    if hasattr(first, "zeros_like"):  # variants add up by themselves
        return functools.reduce(operator.add, inputs)
    for other in inputs[1:]:
        if other.shape != first.shape:
            raise ValueError(f"Inputs to operation AddN must have the same shape: {list(first.shape)} and "
                             f"{list(other.shape)}")
    if len(inputs) == 1:
        return xp.array(first)
    total = xp.add(first, inputs[1])
    for other in inputs[2:]:
        total = xp.add(total, other)
    return total


def _add_all_out(xp: Any, out: Any, inputs: Any) -> None:
    if len(inputs) == 1:
        out[...] = inputs[0]
        return
    xp.add(inputs[0], inputs[1], out)
    for other in inputs[2:]:
        xp.add(out, other, out)


def _add_all_grad(op: Any, grad: Any) -> list[Any]:
    return [grad] * len(op.inputs)


define_op("AddN", "inputs:T*N", "sum:T", "N:int>=1; T:type{@number,variant}", shape=_sum_shape, kernel=_add_all,
          kernel_out=_add_all_out, gradient=_add_all_grad)


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """Adds up tensors of one shape and type.

    Args:
      inputs: List of Tensors or IndexedSlices.
      name: Name of the operation.

    Raises:
      ValueError: The list is empty, or shapes differ.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.add_n([tf.constant([3, 5]), tf.constant([1, 6])])))
      [ 4 11]
    """
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape")
    first = next((t.dtype.base_dtype for t in inputs if hasattr(t, "dtype") and isinstance(t.dtype, DType)), None)
    tensors = [convert_to_tensor_or_indexed_slices(t, dtype=None if hasattr(t, "dtype") else first) for t in inputs]
    if len(tensors) == 1:
        only = tensors[0]
        only = convert_to_tensor(only) if isinstance(only, IndexedSlices) else only
        return identity(only, name=name) if name else only
    return apply_op("AddN", tensors, name=name)


def _accumulated_shape(inputs: Any, *, shape: TensorShape) -> TensorShape:
    return _sum_shape(inputs).merge_with(shape)


define_op("AccumulateNV2", "inputs:T*N", "sum:T", "N:int>=1; T:type{@number}; shape:shape", shape=_accumulated_shape,
          kernel=_add_all, kernel_out=_add_all_out, gradient=_add_all_grad)


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """Adds up tensors of one shape and type; the result is that of `add_n`.

    Args:
      inputs: List of Tensors.
      shape: Their shape, where it can't be told from them.
      tensor_dtype: Their type, to be checked.
      name: Name of the operation.

    Raises:
      ValueError: The list is empty, or shapes differ.  TypeError: They are not of type `tensor_dtype`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.accumulate_n([tf.constant([1, 2]), tf.constant([3, 4])])))
      [4 6]
    """
    wrong = ValueError("inputs must be a list of at least one Tensor with the same dtype and shape")
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise wrong
    tensors = [convert_to_tensor_or_indexed_slices(t) for t in inputs]
    if not all(isinstance(t, Tensor) for t in tensors) or len({t.dtype.base_dtype for t in tensors}) > 1:
        raise wrong
    common = as_shape(shape)
    for tensor in tensors:
        common = common.merge_with(tensor.shape)
    if tensor_dtype is not None and as_dtype(tensor_dtype) != tensors[0].dtype.base_dtype:
        raise TypeError(f"tensor_dtype is {as_dtype(tensor_dtype)}, but input is of type {tensors[0].dtype}")
    if len(tensors) == 1:
        return tensors[0] if name is None else identity(tensors[0], name=name)
    return apply_op("AccumulateNV2", tensors, shape=common, name=name)


# ---------------------------------------------------------------------- ArgMax, ArgMin

def _arg_shape(input: Tensor, dimension: Tensor) -> TensorShape:
    dimension.shape.assert_has_rank(0)
    dims = input.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    if len(dims) <= 1:
        return TensorShape([])
    axis = constant_value(dimension)
    if axis is None:
        return unknown_shape(len(dims) - 1)
    if not -len(dims) <= axis < len(dims):
        raise ValueError(f"Dimension ({int(axis)}) must be in the range [{-len(dims)}, {len(dims)}), where "
                         f"{len(dims)} is the number of dimensions in the input")
    at = int(axis) % len(dims)
    return TensorShape.from_tuple(dims[:at] + dims[at + 1:])


def _arg(name: str) -> Any:
    def kernel(xp: Any, x: Any, dimension: Any, *, output_type: DType) -> Any:
        axis = int(dimension)
        if not -x.ndim <= axis < x.ndim:
            raise ValueError(f"Expected dimension in the range [{-x.ndim}, {x.ndim}), but got {axis}")
        if x.shape[axis] == 0:
            raise ValueError(f"Reduction axis {axis} is empty in shape {list(x.shape)}")
        return xp.asarray(getattr(xp, name)(x, axis)).astype(output_type.np_dtype, copy=False)
    return kernel


_ARG = "{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64,qint8,quint8,qint32,qint16," \
       "quint16,bool}"
define_op("ArgMax", "input:T, dimension:Tidx", "output:output_type",
          f"T:type{_ARG}; Tidx:type=int32{{int16,int32,int64}}; output_type:type=int64{{int16,uint16,int32,int64}}",
          shape=_arg_shape, kernel=_arg("argmax"), gradient=NO_GRADIENT)
define_op("ArgMin", "input:T, dimension:Tidx", "output:output_type",
          f"T:type{_ARG}; Tidx:type=int32{{int32,int64}}; output_type:type=int64{{int32,int64}}",
          shape=_arg_shape, kernel=_arg("argmin"), gradient=NO_GRADIENT)


def argmax(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
           output_type: Any = int64) -> Tensor:
    """Returns the place of the largest element along one axis (the first of equals).

    Args:
      input: Tensor of real numbers.
      axis: The axis; by default the first.
      name: Name of the operation.
      dimension: Old name of `axis`.
      output_type: int32 or int64.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.argmax([[1.0, 10.0, 26.9], [2.8, 166.3, 62.3]], axis=1)))
      [2 1]
    """
    axis = one_of("axis", axis, "dimension", dimension)
    return apply_op("ArgMax", input, 0 if axis is None else axis, output_type=output_type, name=name)


def argmin(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
           output_type: Any = int64) -> Tensor:
    """Returns the place of the smallest element along one axis (the first of equals).

    Args:
      input: Tensor of real numbers.
      axis: The axis; by default the first.
      name: Name of the operation.
      dimension: Old name of `axis`.
      output_type: int32 or int64.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.argmin([[1.0, 10.0, 26.9], [2.8, 166.3, 2.3]], axis=1)))
      [0 2]
    """
    axis = one_of("axis", axis, "dimension", dimension)
    return apply_op("ArgMin", input, 0 if axis is None else axis, output_type=output_type, name=name)


def arg_max(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Tensor:
    """Returns the place of the largest element along `dimension`; old form of `argmax`."""
    return apply_op("ArgMax", input, dimension, output_type=output_type, name=name)


def arg_min(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Tensor:
    """Returns the place of the smallest element along `dimension`; old form of `argmin`."""
    return apply_op("ArgMin", input, dimension, output_type=output_type, name=name)
