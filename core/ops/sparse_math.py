"""Arithmetic on sparse tensors: sums, products with dense ones, reductions, softmax.

The definitions follow tensorflow/python/ops/sparse_ops.py and sparse_grad.py (1.15).
"""

from __future__ import annotations

from collections.abc import Callable
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
from core.ops.array_basic import ones, shape, size, zeros_like
from core.ops.array_cast import cast
from core.ops.array_gather import gather, gather_nd
from core.ops.array_join import concat
from core.ops.array_scatter import dynamic_stitch
from core.ops.array_shape import expand_dims, matrix_transpose, reshape, squeeze, transpose
from core.ops.array_shape import range as range_
from core.ops.array_slice import slice as slice_
from core.ops.math_matmul import matmul
from core.ops.math_unary import square
from core.ops.sparse_ops import as_sparse, parts_rule, rank_of
from core.shapes import TensorShape

__all__ = [
    "sparse_add", "sparse_maximum", "sparse_minimum", "sparse_reduce_max", "sparse_reduce_max_sparse",
    "sparse_reduce_sum", "sparse_reduce_sum_sparse", "sparse_softmax", "sparse_tensor_dense_matmul",
]

_NUMBER = "T:type{@number}"
_REAL = "T:type{@real}"
_ufunc: Any
_TWO = "a_indices:int64, a_values:T, a_shape:int64, b_indices:int64, b_values:T, b_shape:int64"


def _same_shapes(a: Any, b: Any) -> None:
    if len(a) != len(b) or not (np.asarray(a) == np.asarray(b)).all():
        raise InvalidArgumentError(None, None, f"Operands' shapes do not match: got {np.asarray(a).tolist()} and "
                                   f"{np.asarray(b).tolist()}")


# ---------------------------------------------------------------------- SparseAdd, SparseTensorDenseAdd


def _added(xp: Any, ai: Any, av: Any, a_shape: Any, bi: Any, bv: Any, b_shape: Any, thresh: Any) -> list[Any]:
    _same_shapes(a_shape, b_shape)
    places, at_a, at_b = kernels.merged(ai, bi, a_shape)
    total = np.zeros(len(places), av.dtype)
    np.add.at(total, at_a, av)
    np.add.at(total, at_b, bv)
    kept = np.abs(total) >= thresh
    both = np.zeros(len(places), np.int8)
    both[at_a] += 1
    both[at_b] += 1
    kept |= both < 2  # only true sums are held against the threshold
    return [places[kept], total[kept], np.array(a_shape)]


def _added_grad(op: Any, *grads: Any) -> list[Any]:
    a, b = apply_op("SparseAddGrad", grads[1], op.inputs[0], op.inputs[3], op.outputs[0])
    a.set_shape(op.inputs[1].shape)
    b.set_shape(op.inputs[4].shape)
    return [None, a, None, None, b, None, None]


def _added_grad_kernel(xp: Any, grad: Any, a_indices: Any, b_indices: Any, sum_indices: Any) -> list[Any]:
    result = []
    for indices in (a_indices, b_indices):
        at = kernels.first_places(indices, sum_indices)
        out = np.zeros(len(indices), grad.dtype)
        out[at >= 0] = grad[at[at >= 0]]
        result.append(out)
    return result


define_op("SparseAdd", _TWO + ", thresh:Treal", "sum_indices:int64, sum_values:T, sum_shape:int64",
          _NUMBER + "; Treal:type{@real}",
          shape=lambda i, v, s, j, w, t, thresh: parts_rule(None, rank_of(i, s)), kernel=_added, gradient=_added_grad)
define_op("SparseAddGrad", "backprop_val_grad:T, a_indices:int64, b_indices:int64, sum_indices:int64",
          "a_val_grad:T, b_val_grad:T", _NUMBER,
          shape=lambda g, a, b, s: [TensorShape([a.shape.with_rank(2)[0]]), TensorShape([b.shape.with_rank(2)[0]])],
          kernel=_added_grad_kernel, gradient=NO_GRADIENT)


def _dense_added(xp: Any, indices: Any, values: Any, dense_shape: Any, b: Any) -> Any:
    _same_shapes(dense_shape, b.shape)
    out = b.copy()
    np.add.at(out, tuple(indices.T), values)
    return out


define_op("SparseTensorDenseAdd", "a_indices:Tindices, a_values:T, a_shape:Tindices, b:T", "output:T",
          _NUMBER + "; Tindices:type{int32,int64}", shape=lambda i, v, s, b: b.shape, kernel=_dense_added,
          gradient=lambda op, grad: [None, gather_nd(grad, op.inputs[0]), None, grad])


def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None) -> Any:
    """The sum of two tensors of which at least one is sparse.

    Args:
      a, b: SparseTensors or Tensors of equal shape.
      threshold: Where both sparse tensors have an element: a sum smaller in magnitude is left out. By default 0.
      thresh: Old name.

    Returns:
      SparseTensor of two sparse ones, else Tensor.

    Raises:
      TypeError: Both are dense.

    Example:
      >>> sp = tf.SparseTensor([[0, 1]], [3.0], [1, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_add(sp, [[1.0, 1.0]])), sess.run(tf.sparse_add(sp, sp)).values)
      [[1. 4.]] [6.]
    """
    threshold = thresh if threshold is None else threshold
    kinds = (SparseTensor, SparseTensorValue)
    if not isinstance(a, kinds) and not isinstance(b, kinds):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if isinstance(a, kinds) and isinstance(b, kinds):
        a, b = as_sparse(a), as_sparse(b)
        limit = convert_to_tensor(0 if threshold is None else threshold, dtype=a.dtype.real_dtype.base_dtype,
                                  name="thresh")
        a.shape.assert_is_compatible_with(b.shape)
        return SparseTensor(*apply_op("SparseAdd", a.indices, a.values, a.dense_shape, b.indices, b.values,
                                      b.dense_shape, limit))
    if isinstance(b, kinds):
        a, b = b, a
    a = as_sparse(a)
    return apply_op("SparseTensorDenseAdd", a.indices, a.values, a.dense_shape, b)


# ---------------------------------------------------------------------- SparseTensorDenseMatMul


def _matmul(xp: Any, indices: Any, values: Any, a_shape: Any, b: Any, *, adjoint_a: bool, adjoint_b: bool) -> Any:
    inner_a = int(a_shape[0 if adjoint_a else 1])
    inner_b = b.shape[1 if adjoint_b else 0]
    if inner_a != inner_b:
        raise InvalidArgumentError(None, None, f"Cannot multiply A and B because inner dimension does not match: "
                                   f"{inner_a} vs. {inner_b}. Did you forget a transpose?")
    if len(indices) and ((indices < 0).any() or (indices >= a_shape).any()):
        bad = indices[((indices < 0) | (indices >= a_shape)).any(1)][0]
        raise InvalidArgumentError(None, None, f"index {bad.tolist()} is out of bounds of A, which is "
                                   f"{np.asarray(a_shape).tolist()}")
    return kernels.dense_matmul(indices, values, a_shape, b, adjoint_a, adjoint_b)


def _matmul_shape(indices: Tensor, values: Tensor, a_shape: Tensor, b: Tensor, *, adjoint_a: bool,
                  adjoint_b: bool) -> TensorShape:
    a = constant_value_as_shape(a_shape).with_rank(2)
    other = b.shape.with_rank(2)
    rows, inner = (a[1], a[0]) if adjoint_a else (a[0], a[1])
    inner_b, cols = (other[1], other[0]) if adjoint_b else (other[0], other[1])
    if not inner.is_compatible_with(inner_b):
        raise ValueError(f"Dimensions must be equal, but are {inner} and {inner_b}: A is {a}, B is {other}")
    return TensorShape([rows, cols])


def _matmul_grad(op: Any, grad: Any) -> list[Any]:
    indices, values, a_shape, b = op.inputs
    adj_a, adj_b = op.get_attr("adjoint_a"), op.get_attr("adjoint_b")
    b_grad = apply_op("SparseTensorDenseMatMul", indices, values, a_shape, grad, adjoint_a=not adj_a)
    if adj_b:
        b_grad = matrix_transpose(b_grad, conjugate=True)
    rows, cols = indices[:, 0], indices[:, 1]
    parts_a = gather(grad, cols if adj_a else rows)
    parts_b = gather(transpose(b) if adj_b else b, rows if adj_a else cols)
    at_a, at_b = (-1 if adj_a else -2), (-1 if adj_a != adj_b else -2)
    if adj_a and not adj_b:
        at_b = -1
    a_grad = matmul(expand_dims(parts_a, at_a), expand_dims(parts_b, at_b), adjoint_a=adj_a,
                    adjoint_b=adj_a == adj_b)
    return [None, squeeze(a_grad, axis=[-2, -1]), None, b_grad]


define_op("SparseTensorDenseMatMul", "a_indices:Tindices, a_values:T, a_shape:int64, b:T", "product:T",
          "T:type; Tindices:type=int64{int32,int64}; adjoint_a:bool=False; adjoint_b:bool=False", shape=_matmul_shape,
          kernel=_matmul, gradient=_matmul_grad)


def sparse_tensor_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False,
                               name: str | None = None) -> Tensor:
    """The product of a sparse matrix and a dense one.

    Args:
      sp_a: SparseTensor ``[n, k]``.
      b: Tensor ``[k, m]``. (One of the two must be sparse: they may change places.)
      adjoint_a, adjoint_b: Whether a matrix is conjugated and transposed first.
      name: Name of the operation.

    Returns:
      Dense ``[n, m]``.

    Example:
      >>> sp = tf.SparseTensor([[0, 1], [1, 0]], [3.0, 4.0], [2, 2])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_tensor_dense_matmul(sp, [[1.0], [2.0]])))
      [[6.]
       [4.]]
    """
    if isinstance(b, (SparseTensor, SparseTensorValue)):
        if adjoint_a != adjoint_b:
            return transpose(sparse_tensor_dense_matmul(b, sp_a, adjoint_a, adjoint_b))
        return transpose(sparse_tensor_dense_matmul(b, sp_a, not adjoint_a, not adjoint_b))
    sp_a = as_sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a.indices, sp_a.values, b]):
        b = convert_to_tensor(b, name="b")
        product: Tensor = apply_op("SparseTensorDenseMatMul", sp_a.indices, sp_a.values, sp_a.dense_shape, b,
                                   adjoint_a=adjoint_a, adjoint_b=adjoint_b)
        return product


# ---------------------------------------------------------------------- SparseReduceSum, SparseReduceMax


def _axes(axes: Any, ndims: int) -> list[int]:
    found = sorted({int(a) + ndims if a < 0 else int(a) for a in np.asarray(axes).ravel()})
    if found and not 0 <= found[0] <= found[-1] < ndims:
        raise InvalidArgumentError(None, None, f"Invalid reduction dimension in {np.asarray(axes).tolist()} for a "
                                   f"sparse input of {ndims} dimensions")
    return found


def _reduced(ufunc: Any, indices: Any, values: Any, dense_shape: Any, axes: Any, keep_dims: bool) -> Any:
    chosen = _axes(axes, len(dense_shape))
    kept = [i for i in range(len(dense_shape)) if i not in chosen]
    places, results = kernels.group_reduce(ufunc, indices, values, dense_shape, kept)
    if keep_dims:
        wide = np.zeros((len(places), len(dense_shape)), np.int64)
        wide[:, kept] = places
        return wide, results, np.where(np.isin(np.arange(len(dense_shape)), chosen), 1, dense_shape).astype(np.int64)
    return places, results, np.asarray(dense_shape)[kept].astype(np.int64)


def _dense_reduction(ufunc: Any) -> Callable[..., Any]:
    def kernel(xp: Any, indices: Any, values: Any, dense_shape: Any, axes: Any, *, keep_dims: bool) -> Any:
        places, results, dims = _reduced(ufunc, indices, values, dense_shape, axes, keep_dims)
        out = np.zeros(tuple(dims), values.dtype)
        if len(results):
            out[tuple(places.T)] = results if out.ndim else results[0]
        return out
    return kernel


def _sparse_reduction(ufunc: Any) -> Callable[..., Any]:
    def kernel(xp: Any, indices: Any, values: Any, dense_shape: Any, axes: Any, *, keep_dims: bool) -> Any:
        return list(_reduced(ufunc, indices, values, dense_shape, axes, keep_dims))
    return kernel


def _dense_rule(indices: Tensor, values: Tensor, dense_shape: Tensor, axes: Tensor, *, keep_dims: bool) -> TensorShape:
    known, chosen = constant_value_as_shape(dense_shape), constant_value(axes)
    if known.ndims is None or chosen is None:
        return TensorShape([None] * known.ndims) if known.ndims is not None and keep_dims else TensorShape(None)
    found = {int(a) % known.ndims for a in chosen.ravel()}
    if keep_dims:
        return TensorShape([1 if i in found else d for i, d in enumerate(known)])
    return TensorShape([d for i, d in enumerate(known) if i not in found])


def _sum_grad(op: Any, grad: Any) -> list[Any]:
    indices, _, dense_shape, axes = op.inputs
    count = size(dense_shape)
    chosen = reshape((axes + count) % count, [-1])
    ones_there = ones(expand_dims(size(chosen), 0), dtype=int64)
    kept = dynamic_stitch([range_(count), chosen], [dense_shape, ones_there])
    return [None, gather_nd(reshape(grad, kept), indices // (dense_shape // kept)), None, None]


for _name, _ufunc, _types in (("Sum", np.add, _NUMBER), ("Max", np.maximum, _REAL)):
    _INPUTS = "input_indices:int64, input_values:T, input_shape:int64, reduction_axes:int32"
    define_op(f"SparseReduce{_name}", _INPUTS, "output:T", "keep_dims:bool=False; " + _types, shape=_dense_rule,
              kernel=_dense_reduction(_ufunc), gradient=_sum_grad if _name == "Sum" else NO_GRADIENT)
    define_op(f"SparseReduce{_name}Sparse", _INPUTS, "output_indices:int64, output_values:T, output_shape:int64",
              "keep_dims:bool=False; " + _types, shape=lambda i, v, s, axes: parts_rule(None, None),
              kernel=_sparse_reduction(_ufunc), gradient=NO_GRADIENT)


def _reduce(op_type: str, sp_input: Any, axis: Any, keepdims: Any, reduction_axes: Any, keep_dims: Any) -> Any:
    sp_input = as_sparse(sp_input)
    axis = reduction_axes if axis is None else axis
    keepdims = keep_dims if keepdims is None else keepdims
    if axis is None:
        known = sp_input.dense_shape.shape[0].value
        axis = np.arange(known, dtype=np.int32) if known is not None else range_(0, rank_dynamic(sp_input))
    return apply_op(op_type, sp_input.indices, sp_input.values, sp_input.dense_shape, axis, keep_dims=bool(keepdims))


def rank_dynamic(sp_input: SparseTensor) -> Tensor:
    """Number of dimensions as a tensor."""
    return shape(sp_input.dense_shape)[0]


def sparse_reduce_sum(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None,
                      keep_dims: Any = None) -> Tensor:
    """Sums of a sparse tensor's elements along dimensions, as a dense tensor.

    Args:
      sp_input: SparseTensor.
      axis: Dimension or dimensions; by default all.
      keepdims: Whether reduced dimensions stay, with size 1.
      reduction_axes, keep_dims: Old names.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2], [1, 1]], [1, 2, 3], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reduce_sum(sp, 1)))
      [3 3]
    """
    result: Tensor = _reduce("SparseReduceSum", sp_input, axis, keepdims, reduction_axes, keep_dims)
    return result


def sparse_reduce_max(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None,
                      keep_dims: Any = None) -> Tensor:
    """Largest of the elements that are there, along dimensions; 0 where there are none. Arguments as of the sum.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2], [1, 1]], [1, 2, -3], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reduce_max(sp, 1)))
      [ 2 -3]
    """
    result: Tensor = _reduce("SparseReduceMax", sp_input, axis, keepdims, reduction_axes, keep_dims)
    return result


def sparse_reduce_sum_sparse(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None,
                             keep_dims: Any = None) -> SparseTensor:
    """As `sparse_reduce_sum`, with a sparse result.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2]], [1, 2], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reduce_sum_sparse(sp, 1)).values)
      [3]
    """
    return SparseTensor(*_reduce("SparseReduceSumSparse", sp_input, axis, keepdims, reduction_axes, keep_dims))


def sparse_reduce_max_sparse(sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None,
                             keep_dims: Any = None) -> SparseTensor:
    """As `sparse_reduce_max`, with a sparse result.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2]], [1, 2], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_reduce_max_sparse(sp, 1)).values)
      [2]
    """
    return SparseTensor(*_reduce("SparseReduceMaxSparse", sp_input, axis, keepdims, reduction_axes, keep_dims))


# ---------------------------------------------------------------------- SparseDenseCwise*


def _dense_at(indices: Any, dense_shape: Any, dense: Any) -> Any:
    wide = np.broadcast_to(dense, tuple(int(d) for d in dense_shape))
    return wide[tuple(indices.T)]


def _cwise(ufunc: Any) -> Callable[..., Any]:
    def kernel(xp: Any, indices: Any, values: Any, dense_shape: Any, dense: Any) -> Any:
        other = _dense_at(indices, dense_shape, dense)
        if ufunc is np.true_divide and values.dtype.kind in "iu":
            return (np.sign(values) * np.sign(other) * (np.abs(values) // np.abs(other))).astype(values.dtype)
        return np.asarray(ufunc(values, other)).astype(values.dtype, copy=False)
    return kernel


def _cwise_grad(divides: bool) -> Callable[..., Any]:
    def rule(op: Any, grad: Any) -> list[Any]:
        indices, values, dense_shape, y = op.inputs
        y_shape = cast(shape(y), int64)
        added = expand_dims(size(dense_shape) - size(y_shape), 0)
        scaled = indices // (dense_shape // concat([ones(added, int64), y_shape], 0))
        scaled = slice_(scaled, concat([[0], added], 0), [-1, -1])
        there = gather_nd(y, scaled)
        dx = grad / there if divides else grad * there
        dy = grad * (-values / square(there)) if divides else grad * values
        return [None, dx, None, sparse_add(zeros_like(y), SparseTensor(scaled, dy, y_shape))]
    return rule


for _name, _ufunc, _rule in (("Add", np.add, NO_GRADIENT), ("Mul", np.multiply, _cwise_grad(False)),
                             ("Div", np.true_divide, _cwise_grad(True))):
    define_op(f"SparseDenseCwise{_name}", "sp_indices:int64, sp_values:T, sp_shape:int64, dense:T", "output:T", _NUMBER,
              shape=lambda i, v, s, dense: TensorShape([i.shape.with_rank(2)[0]]), kernel=_cwise(_ufunc),
              gradient=_rule)


def _with_dense(op_type: str, label: str) -> Callable[[Any, Any], SparseTensor]:
    def operator(sp: Any, dense: Any) -> SparseTensor:
        with name_scope(None, label, [sp.indices, sp.values, sp.dense_shape, dense]) as scope:
            dense = convert_to_tensor(dense, dtype=sp.dtype.base_dtype, name="y")
            values = apply_op(op_type, sp.indices, sp.values, sp.dense_shape, dense, name=scope)
            return SparseTensor(sp.indices, values, sp.dense_shape)
    return operator


for _python, _type, _label in (("__mul__", "SparseDenseCwiseMul", "mul"), ("__div__", "SparseDenseCwiseDiv", "div"),
                               ("__truediv__", "SparseDenseCwiseDiv", "truediv")):
    setattr(SparseTensor, _python, _with_dense(_type, _label))


# ---------------------------------------------------------------------- SparseSoftmax


def _softmax_grad(op: Any, grad: Any) -> list[Any]:
    indices, dense_shape, out = op.inputs[0], op.inputs[2], op.outputs[0]
    total = -sparse_reduce_sum(SparseTensor(indices, out * grad, dense_shape), [-1], keepdims=True)
    return [None, apply_op("SparseDenseCwiseAdd", indices, grad, dense_shape, total) * out, None]


define_op("SparseSoftmax", "sp_indices:int64, sp_values:T, sp_shape:int64", "output:T", "T:type{half,float,double}",
          shape=lambda i, v, s: v.shape.with_rank(1), kernel=lambda xp, i, v, s: kernels.softmax(i, v, s),
          gradient=_softmax_grad)


def sparse_softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax along the last dimension, over the elements that are there.

    Args:
      sp_input: SparseTensor of floats with at least two dimensions.
      name: Name scope of the operations.

    Example:
      >>> sp = tf.SparseTensor([[0, 0], [0, 2], [1, 1]], [1.0, 1.0, 5.0], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_softmax(sp)).values)
      [0.5 0.5 1. ]
    """
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseSoftmax", [sp_input.indices, sp_input.values]):
        values = apply_op("SparseSoftmax", sp_input.indices, sp_input.values, sp_input.dense_shape)
        return SparseTensor(sp_input.indices, values, sp_input.dense_shape)


# ---------------------------------------------------------------------- SparseSparseMaximum, SparseSparseMinimum


def _extreme(ufunc: Any) -> Callable[..., Any]:
    def kernel(xp: Any, ai: Any, av: Any, a_shape: Any, bi: Any, bv: Any, b_shape: Any) -> list[Any]:
        _same_shapes(a_shape, b_shape)
        places, at_a, at_b = kernels.merged(ai, bi, a_shape)
        left, right = np.zeros(len(places), av.dtype), np.zeros(len(places), av.dtype)
        left[at_a], right[at_b] = av, bv
        return [places, ufunc(left, right)]
    return kernel


for _name, _ufunc, _types in (("Maximum", np.maximum, _REAL), ("Minimum", np.minimum, _NUMBER)):
    define_op(f"SparseSparse{_name}", _TWO, "output_indices:int64, output_values:T", _types,
              shape=lambda i, v, s, j, w, t: parts_rule(None, rank_of(i, s))[:2], kernel=_extreme(_ufunc))


def _extremes(op_type: str, sp_a: Any, sp_b: Any, name: str | None) -> SparseTensor:
    a, b = as_sparse(sp_a), as_sparse(sp_b)
    with name_scope(name, op_type, [a.indices, a.values, b.indices, b.values]) as scope:
        indices, values = apply_op(op_type, a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape,
                                   name=scope)
    return SparseTensor(indices, values, a.dense_shape)


def sparse_maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The larger element of two sparse tensors at each place where any has one; what is missing counts as zero.

    Example:
      >>> a, b = tf.SparseTensor([[0]], [-3], [4]), tf.SparseTensor([[2]], [5], [4])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_maximum(a, b)).values)
      [0 5]
    """
    return _extremes("SparseSparseMaximum", sp_a, sp_b, name)


def sparse_minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The smaller element of two sparse tensors at each place where any has one; what is missing counts as zero.

    Example:
      >>> a, b = tf.SparseTensor([[0]], [-3], [4]), tf.SparseTensor([[2]], [5], [4])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_minimum(a, b)).values)
      [-3  0]
    """
    return _extremes("SparseSparseMinimum", sp_a, sp_b, name)
