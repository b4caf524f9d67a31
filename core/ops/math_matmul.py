"""Products of matrices: `MatMul`, its batched and sparse forms, and what is built on them (matvec, tensordot)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.dtypes import bfloat16, float32, int32
from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope, override_operator
from core.graph.operation import gradient_path
from core.ops.array_basic import rank, shape_of
from core.ops.constant import constant
from core.ops.math_broadcast import conj
from core.shapes import TensorShape, broadcast, unknown_shape

__all__ = ["batch_matmul", "matmul", "sparse_matmul", "tensordot"]


# ---------------------------------------------------------------------- MatMul

def _matrix(x: Tensor) -> tuple[int | None, ...]:
    dims = x._shape._dims
    if dims is None:
        return (None, None)
    if len(dims) != 2:
        raise ValueError(f"Shape must be rank 2 but is rank {len(dims)}")
    return dims


def _matmul_shape(a: Tensor, b: Tensor, *, transpose_a: bool, transpose_b: bool) -> TensorShape:
    rows, inner = _matrix(a)[::-1] if transpose_a else _matrix(a)
    other, columns = _matrix(b)[::-1] if transpose_b else _matrix(b)
    if inner is not None and other is not None and inner != other:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {other}")
    return TensorShape.from_tuple((rows, columns))


def _wide(x: Any) -> Any:
    """16-bit floats are multiplied as float32."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 and x.dtype.kind not in "iu" else x


def _check_matrices(a: Any, b: Any) -> None:
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError(f"In[0] and In[1] must be matrices, got shapes {list(a.shape)} and {list(b.shape)}.")
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"Matrix size-incompatible: In[0]: {list(a.shape)}, In[1]: {list(b.shape)}"
                         " (after transposition)")


def _matmul(xp: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    if transpose_a:
        a = a.T
    if transpose_b:
        b = b.T
    _check_matrices(a, b)
    product = xp.matmul(_wide(a), _wide(b))
    return product if product.dtype == a.dtype else product.astype(a.dtype)


def _matmul_out(xp: Any, out: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> None:
    if out.dtype.itemsize == 2:
        out[...] = _matmul(xp, a, b, transpose_a=transpose_a, transpose_b=transpose_b)
    else:
        xp.matmul(a.T if transpose_a else a, b.T if transpose_b else b, out)


def _matmul_grad(op: Any, grad: Any) -> list[Any]:
    ta, tb = op.attrs["transpose_a"], op.attrs["transpose_b"]
    by_a = by_b = None
    if gradient_path.wants(op.inputs[0]):
        b = conj(op.inputs[1])
        by_a = apply_op("MatMul", b, grad, transpose_a=tb, transpose_b=True) if ta \
            else apply_op("MatMul", grad, b, transpose_b=not tb)
    if gradient_path.wants(op.inputs[1]):
        a = conj(op.inputs[0])
        by_b = apply_op("MatMul", grad, a, transpose_a=True, transpose_b=ta) if tb \
            else apply_op("MatMul", a, grad, transpose_a=not ta)
    return [by_a, by_b]


define_op("MatMul", "a:T, b:T", "product:T",
          "transpose_a:bool=False; transpose_b:bool=False; T:type{bfloat16,half,float,double,int32,int64,uint8,uint16,"
          "uint32,uint64,complex64,complex128}; grad_a:bool=False; grad_b:bool=False",
          shape=_matmul_shape, kernel=_matmul, kernel_out=_matmul_out, gradient=_matmul_grad)


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:
    """Multiplies matrix `a` by matrix `b` (for batches, each pair; batch dimensions broadcast).

    Args:
      a: Tensor ``[..., n, k]`` of numbers.
      b: Tensor ``[..., k, m]`` of the type of `a`.
      transpose_a, transpose_b: Transpose the matrix first.
      adjoint_a, adjoint_b: Conjugate and transpose the matrix first.
      a_is_sparse, b_is_sparse: Hints that most elements are zero.
      name: Name of the operation.

    Returns:
      A Tensor ``[..., n, m]``.

    Raises:
      ValueError: Shapes do not fit, or both a transposition and an adjoint are asked for.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matmul([[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 10], [11, 12]])))
      [[ 58  64]
       [139 154]]
    """
    with name_scope(name, "MatMul", [a, b]) as scope:
        if transpose_a and adjoint_a:
            raise ValueError("Only one of transpose_a and adjoint_a can be True.")
        if transpose_b and adjoint_b:
            raise ValueError("Only one of transpose_b and adjoint_b can be True.")
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b", dtype_hint=a.dtype.base_dtype)
        rank_a, rank_b = a._shape.ndims, b._shape.ndims
        if not a_is_sparse and not b_is_sparse and (rank_a is None or rank_a > 2 or rank_b is None or rank_b > 2):
            if transpose_a:
                a = conj(a)
            if transpose_b:
                b = conj(b)
            return apply_op("BatchMatMulV2", a, b, adj_x=adjoint_a or transpose_a, adj_y=adjoint_b or transpose_b,
                            name=scope)
        if adjoint_a:
            a, transpose_a = conj(a), True
        if adjoint_b:
            b, transpose_b = conj(b), True
        types = (a.dtype.base_dtype, b.dtype.base_dtype)
        sparse = (a_is_sparse or b_is_sparse) and all(t in (bfloat16, float32) for t in types)
        if sparse or (bfloat16 in types and types[0] is not types[1]):
            product = apply_op("SparseMatMul", a, b, transpose_a=transpose_a, transpose_b=transpose_b,
                               a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse, name=scope)
            if types == (bfloat16, bfloat16):
                product = apply_op("Cast", product, DstT=bfloat16)
            return product
        return apply_op("MatMul", a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=scope)


def _matmul_operator(x: Any, y: Any) -> Tensor:
    if isinstance(x, Tensor):
        with name_scope(None, "matmul", [x, y]) as scope:
            return matmul(x, convert_to_tensor(y, name="y", dtype_hint=x.dtype.base_dtype), name=scope)
    with name_scope(None, "matmul", [x, y]) as scope:
        return matmul(convert_to_tensor(x, y.dtype.base_dtype, "x"), y, name=scope)


override_operator("__matmul__", _matmul_operator)
override_operator("__rmatmul__", lambda y, x: _matmul_operator(x, y))


# ---------------------------------------------------------------------- BatchMatMul, BatchMatMulV2

def _batch_shape(x: Tensor, y: Tensor, *, adj_x: bool, adj_y: bool) -> TensorShape:
    xs, ys = x._shape._dims, y._shape._dims
    for dims in (xs, ys):
        if dims is not None and len(dims) < 2:
            raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    if xs is None or ys is None:
        return unknown_shape()
    rows, inner = xs[:-3:-1] if adj_x else xs[-2:]
    other, columns = ys[:-3:-1] if adj_y else ys[-2:]
    if inner is not None and other is not None and inner != other:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {other}")
    batch = broadcast(TensorShape.from_tuple(xs[:-2]), TensorShape.from_tuple(ys[:-2]))._dims
    return TensorShape.from_tuple((*batch, rows, columns))  # type: ignore[misc]


def _strict_batch_shape(x: Tensor, y: Tensor, *, adj_x: bool, adj_y: bool) -> TensorShape:
    if x.shape.ndims is not None and y.shape.ndims is not None:
        x.shape[:-2].assert_is_compatible_with(y.shape[:-2])
    return _batch_shape(x, y, adj_x=adj_x, adj_y=adj_y)


def _adjoint(xp: Any, x: Any) -> Any:
    x = x.swapaxes(-1, -2)
    return xp.conj(x) if x.dtype.kind == "c" else x


def _batch_matmul(xp: Any, x: Any, y: Any, *, adj_x: bool, adj_y: bool) -> Any:
    if x.ndim < 2 or y.ndim < 2:
        raise ValueError(f"Both factors must have at least two dimensions, got shapes {list(x.shape)}, {list(y.shape)}")
    a = _adjoint(xp, x) if adj_x else x
    b = _adjoint(xp, y) if adj_y else y
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"Matrix size-incompatible: In[0]: {list(x.shape)}, In[1]: {list(y.shape)}")
    product = xp.matmul(_wide(a), _wide(b))
    return product if product.dtype == x.dtype else product.astype(x.dtype)


def _batch_matmul_out(xp: Any, out: Any, x: Any, y: Any, *, adj_x: bool, adj_y: bool) -> None:
    if out.dtype.itemsize == 2:
        out[...] = _batch_matmul(xp, x, y, adj_x=adj_x, adj_y=adj_y)
    else:
        xp.matmul(_adjoint(xp, x) if adj_x else x, _adjoint(xp, y) if adj_y else y, out)


def _batch_matmul_grad(op: Any, grad: Any) -> list[Any]:
    x, y = op.inputs
    adj_x, adj_y = op.attrs["adj_x"], op.attrs["adj_y"]

    def product(a: Any, b: Any, first: bool, second: bool) -> Any:
        return apply_op("BatchMatMulV2", a, b, adj_x=first, adj_y=second)
    if adj_x:
        by_x = product(y, grad, adj_y, True)
    else:
        by_x = product(grad, y, False, not adj_y)
    if adj_y:
        by_y = product(grad, x, True, adj_x)
    else:
        by_y = product(x, grad, not adj_x, False)
    xs, ys = x._shape._dims, y._shape._dims
    if xs is not None and ys is not None and xs[:-2] == ys[:-2] and None not in xs[:-2]:
        return [by_x, by_y]
    if xs is not None and ys is not None and len(xs) == len(ys) == 2:
        return [by_x, by_y]
    shape_x, shape_y = apply_op("Shape", x), apply_op("Shape", y)
    run_x, run_y = apply_op("BroadcastGradientArgs", _batch_part(shape_x), _batch_part(shape_y))
    return [apply_op("Reshape", apply_op("Sum", by_x, run_x), shape_x),
            apply_op("Reshape", apply_op("Sum", by_y, run_y), shape_y)]


def _batch_part(sizes: Any) -> Any:
    return apply_op("StridedSlice", sizes, [0], [-2], [1], begin_mask=1)


define_op("BatchMatMul", "x:T, y:T", "output:T",
          "T:type{bfloat16,half,float,double,int32,int64,complex64,complex128}; adj_x:bool=False; adj_y:bool=False; "
          "grad_x:bool=False; grad_y:bool=False", shape=_strict_batch_shape, kernel=_batch_matmul,
          kernel_out=_batch_matmul_out, gradient=_batch_matmul_grad)
define_op("BatchMatMulV2", "x:T, y:T", "output:T",
          "T:type{bfloat16,half,float,double,int16,int32,int64,uint8,uint16,uint32,uint64,complex64,complex128}; "
          "adj_x:bool=False; adj_y:bool=False; grad_x:bool=False; grad_y:bool=False", shape=_batch_shape,
          kernel=_batch_matmul, kernel_out=_batch_matmul_out, gradient=_batch_matmul_grad)


def batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Tensor:
    """Multiplies batches of matrices. Deprecated: `matmul` does the same.

    Args:
      x: Tensor ``[..., n, k]``.
      y: Tensor ``[..., k, m]`` with the batch dimensions of `x`.
      adj_x, adj_y: Conjugate and transpose first.
      name: Name of the operation.

    Example:
      >>> print(tf.batch_matmul(tf.zeros([5, 2, 3]), tf.zeros([5, 3, 4])).shape)
      (5, 2, 4)
    """
    return apply_op("BatchMatMul", x, y, adj_x=adj_x, adj_y=adj_y, name=name)


# ---------------------------------------------------------------------- SparseMatMul

def _sparse_matmul(xp: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    a, b = a.astype(np.float32, copy=False), b.astype(np.float32, copy=False)
    return _matmul(xp, a, b, transpose_a=transpose_a, transpose_b=transpose_b)


def _sparse_matmul_grad(op: Any, grad: Any) -> list[Any]:
    ta, tb = op.attrs["transpose_a"], op.attrs["transpose_b"]
    a, b = op.inputs
    hint = {a: op.attrs["a_is_sparse"], b: op.attrs["b_is_sparse"], grad: False}

    def product(x: Any, y: Any, like: Any, first: bool, second: bool) -> Any:
        result = apply_op("SparseMatMul", x, y, transpose_a=first, transpose_b=second, a_is_sparse=hint[x],
                          b_is_sparse=hint[y])
        wanted = like.dtype.base_dtype
        return result if wanted is float32 else apply_op("Cast", result, DstT=wanted)
    if ta:
        by_a = product(b, grad, a, tb, True)
    else:
        by_a = product(grad, b, a, False, not tb)
    if tb:
        by_b = product(grad, a, b, True, ta)
    else:
        by_b = product(a, grad, b, not ta, False)
    return [by_a, by_b]


define_op("SparseMatMul", "a:Ta, b:Tb", "product:float",
          "transpose_a:bool=False; transpose_b:bool=False; a_is_sparse:bool=False; b_is_sparse:bool=False; "
          "Ta:type=float{float,bfloat16}; Tb:type=float{float,bfloat16}", shape=_matmul_shape, kernel=_sparse_matmul,
          gradient=_sparse_matmul_grad)


def sparse_matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:
    """Multiplies two matrices of which most elements may be zero (computed as dense ones).

    Args:
      a, b: Matrices of float32 or bfloat16.
      transpose_a, transpose_b: Transpose first.
      a_is_sparse, b_is_sparse: Hints.
      name: Name of the operation.

    Returns:
      A float32 Tensor.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sparse_matmul([[1.0, 0.0]], [[2.0], [3.0]], a_is_sparse=True)))
      [[2.]]
    """
    return apply_op("SparseMatMul", a, b, transpose_a=transpose_a, transpose_b=transpose_b, a_is_sparse=a_is_sparse,
                    b_is_sparse=b_is_sparse, name=name)


# ---------------------------------------------------------------------- matvec, tensordot

def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:
    """Multiplies matrix `a` by vector `b` (`tf.linalg.matvec`).

    Args:
      a: Tensor ``[..., n, k]``.
      b: Tensor ``[..., k]``.
      transpose_a, adjoint_a: Transpose (and conjugate) the matrix first.
      a_is_sparse, b_is_sparse: Hints that most elements are zero.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.matvec([[1, 2, 3], [4, 5, 6]], [7, 9, 11])))
      [ 58 139]
    """
    with name_scope(name, "MatVec", [a, b]):
        column = apply_op("ExpandDims", convert_to_tensor(b), -1)
        product = matmul(a, column, transpose_a=transpose_a, adjoint_a=adjoint_a, a_is_sparse=a_is_sparse,
                         b_is_sparse=b_is_sparse)
        return apply_op("Squeeze", product, squeeze_dims=[-1])


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """Contracts two tensors: multiplies and sums over pairs of axes.

    Args:
      a, b: Tensors of one type.
      axes: Number n (the last n axes of `a` with the first n of `b`), or a pair of lists of axes, or a Tensor of
        such.
      name: Name of the scope.

    Returns:
      A Tensor with the other axes of `a`, then those of `b`.

    Raises:
      ValueError: `axes` are not such, or do not fit the shapes.

    Example:
      >>> print(tf.tensordot(tf.zeros([2, 3, 5]), tf.zeros([5, 3, 7]), [[1, 2], [1, 0]]).shape)
      (2, 7)
    """
    with name_scope(name, "Tensordot", [a, b, axes]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        a_axes, b_axes = _contracted(a, axes)
        a_flat, a_free, a_static = _flattened(a, a_axes, False)
        b_flat, b_free, b_static = _flattened(b, b_axes, True)
        product = matmul(a_flat, b_flat)
        if isinstance(a_free, list) and isinstance(b_free, list):
            return apply_op("Reshape", product, np.array(a_free + b_free, np.int32), name=scope)
        a_free, b_free = convert_to_tensor(a_free, dtype=int32), convert_to_tensor(b_free, dtype=int32)
        result: Tensor = apply_op("Reshape", product, apply_op("ConcatV2", [a_free, b_free], 0, name="concat"),
                                  name=scope)
        if a_static is not None and b_static is not None:
            result.set_shape(a_static + b_static)
        return result


def _contracted(a: Tensor, axes: Any) -> tuple[Any, Any]:
    ndims = a.shape.ndims
    if isinstance(axes, (int, np.integer)):
        if axes < 0:
            raise ValueError("'axes' must be at least 0.")
        if ndims is not None:
            if axes > ndims:
                raise ValueError(f"'axes' must not be larger than the number of dimensions of tensor {a.name}.")
            return list(range(ndims - axes, ndims)), list(range(axes))
        count = rank(a)
        return apply_op("Range", apply_op("Sub", count, int(axes), name="sub"), count, 1, name="range"), \
            list(range(axes))
    if isinstance(axes, (list, tuple)):
        if len(axes) != 2:
            raise ValueError("'axes' must be an integer or have length 2.")
        first, second = ([x] if isinstance(x, (int, np.integer)) else x for x in axes)
        if not isinstance(first, Tensor) and not isinstance(second, Tensor) and len(first) != len(second):
            raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(first)} != {len(second)}.")
        return first if isinstance(first, Tensor) else list(first), second if isinstance(second, Tensor) \
            else list(second)
    pair = convert_to_tensor(axes, name="axes", dtype=int32)
    both = apply_op("Unpack", pair, num=2, name="unstack")
    return both[0], both[1]


def _flattened(x: Tensor, axes: Any, flipped: bool) -> tuple[Tensor, Any, Any]:
    """`x` as a matrix of free and contracted axes; the free sizes (list or tensor); what is known of them."""
    ndims = x.shape.ndims
    static: Any = None
    count: Any
    if ndims is not None and isinstance(axes, list):
        sizes: Any = x.shape.as_list()
        for axis in axes:
            if not -ndims <= axis < ndims:
                raise ValueError(f"Axis {axis} is out of range for tensor {x.name} of shape {x.shape}.")
        axes = [axis % ndims for axis in axes]
        free = [i for i in range(ndims) if i not in axes]
        static = [sizes[i] for i in free]
        if x.shape.is_fully_defined():
            count, inner = math.prod(static), math.prod(sizes[i] for i in axes)
            order = axes + free if flipped else free + axes
            wanted = [inner, count] if flipped else [count, inner]
            turned = apply_op("Transpose", x, constant(np.array(order, np.int32), name="transpose/perm"),
                              name="transpose")
            return apply_op("Reshape", turned, np.array(wanted, np.int32)), static, static
        axes_tensor = convert_to_tensor(axes, dtype=int32, name="axes")
        free_tensor = convert_to_tensor(np.array(free, np.int32), name="free")
        shape = shape_of(x)
    else:
        shape = shape_of(x)
        count = rank(x)
        axes_tensor = convert_to_tensor(axes, dtype=int32, name="axes")
        axes_tensor = apply_op("Select", apply_op("GreaterEqual", axes_tensor, 0), axes_tensor,
                               apply_op("AddV2", axes_tensor, count, name="add"))
        free_tensor = apply_op("ListDiff", apply_op("Range", 0, count, 1, name="range"), axes_tensor)[0]
    free_sizes = apply_op("GatherV2", shape, free_tensor, 0)
    inner_sizes = apply_op("GatherV2", shape, axes_tensor, 0)
    free_count = apply_op("Prod", free_sizes, [0])
    inner_count = apply_op("Prod", inner_sizes, [0])
    parts, counts = [free_tensor, axes_tensor], [free_count, inner_count]
    if flipped:
        parts.reverse()
        counts.reverse()
    order_tensor = apply_op("ConcatV2", parts, 0, name="concat")
    turned = apply_op("Transpose", x, order_tensor, name="transpose")
    return apply_op("Reshape", turned, apply_op("Pack", counts, name="stack")), free_sizes, static
