"""Matrices: Cholesky, inverse, determinants, linear systems, QR. Spectral decompositions stand in math_spectrum.py."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from core.dtypes import float64
from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_shape import matrix_transpose
from core.ops.math_matmul import matmul
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "cholesky", "cholesky_solve", "matrix_determinant", "matrix_inverse", "matrix_solve", "matrix_solve_ls",
    "matrix_triangular_solve", "qr",
]

FLOATS = "T:type{double,float,half,complex64,complex128}"


# ---------------------------------------------------------------------- what all share

def dims_of(x: Tensor, square: bool = True) -> tuple[int | None, ...] | None:
    """Sizes of a matrix or a batch of them, None if the rank is not known; ValueError if it is no (square) matrix."""
    dims = x.shape.as_tuple()
    if dims is None:
        return None
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}")
    if square and dims[-1] is not None and dims[-2] is not None and dims[-1] != dims[-2]:
        raise ValueError(f"Dimensions must be equal, but are {dims[-2]} and {dims[-1]}: the matrix must be square")
    return dims


def square_shape(input: Tensor) -> TensorShape:
    """Shape rule: a square matrix gives one of its shape."""
    dims = dims_of(input)
    if dims is None:
        return unknown_shape()
    side = dims[-1] if dims[-2] is None else dims[-2]
    return TensorShape.from_tuple((*dims[:-2], side, side))


def batch_part(x: Tensor) -> TensorShape:
    """Shape rule: the batch dimensions of square matrices."""
    dims = dims_of(x)
    return unknown_shape() if dims is None else TensorShape.from_tuple(dims[:-2])


def widened(kernel: Any) -> Any:
    """A kernel that computes half floats as float32 and words singular matrices; results get the input's type."""
    @functools.wraps(kernel)  # the attributes wanted are those of `kernel`
    def run(xp: Any, *arrays: Any, **attrs: Any) -> Any:
        dtype = arrays[0].dtype
        if arrays[0].ndim < 2:
            raise ValueError(f"Input must have rank >= 2, got shape {list(arrays[0].shape)}")
        wide = [a.astype(np.float32) if a.dtype == np.float16 else a for a in arrays]
        result = kernel(*wide, **attrs)
        if isinstance(result, (list, tuple)):
            return [r if r.dtype.kind in "iu" else r.astype(dtype, copy=False) for r in result]
        return np.asarray(result).astype(dtype, copy=False)
    return run


def adj(x: Any) -> Any:
    """Kernel helper: the adjoint of matrices."""
    x = np.swapaxes(x, -1, -2)
    return np.conj(x) if x.dtype.kind == "c" else x


def transposed(x: Tensor) -> Tensor:
    """The adjoint as nodes."""
    return matrix_transpose(x, conjugate=True) if x.dtype.is_complex else matrix_transpose(x)


def band(x: Tensor, lower: int, upper: int) -> Tensor:
    """Part of a matrix about its diagonal."""
    return apply_op("MatrixBandPart", x, np.array(lower, np.int64), np.array(upper, np.int64))


def halved_diagonal(x: Tensor) -> Tensor:
    """`x` with half its diagonal."""
    return apply_op("MatrixSetDiag", x, 0.5 * apply_op("MatrixDiagPart", x))


def identity_like(x: Tensor) -> Tensor:
    """Identity matrices of the shape of `x`."""
    return apply_op("MatrixDiag", apply_op("OnesLike", apply_op("MatrixDiagPart", x)))


def _wider(x: Tensor) -> Tensor:
    """A batch of numbers as one of 1 x 1 matrices."""
    return apply_op("ExpandDims", apply_op("ExpandDims", x, -1), -1)


# ---------------------------------------------------------------------- Cholesky

def _cholesky(x: Any) -> Any:
    try:
        return np.linalg.cholesky(x) if x.size else np.zeros_like(x)
    except np.linalg.LinAlgError:
        raise ValueError("Cholesky decomposition was not successful. The input might not be valid: it must be "
                         "symmetric and positive definite.") from None


def _cholesky_grad(op: Any, grad: Any) -> Tensor:
    lower = op.outputs[0]
    inverse = apply_op("MatrixTriangularSolve", lower, identity_like(lower))
    middle = band(halved_diagonal(matmul(lower, grad, adjoint_a=True)), -1, 0)
    by_a = matmul(matmul(inverse, middle, adjoint_a=True), inverse)
    return (by_a + transposed(by_a)) * 0.5


define_op("Cholesky", "input:T", "output:T", FLOATS, shape=square_shape, kernel=widened(_cholesky),
          gradient=_cholesky_grad)


def cholesky(input: Any, name: str | None = None) -> Tensor:
    """Decomposes symmetric positive definite matrices into ``L @ adjoint(L)`` with L lower triangular.

    Args:
      input: Tensor ``[..., n, n]``; only the lower triangle is read.
      name: Name of the operation.

    Returns:
      L, of the shape of `input`.

    Raises:
      InvalidArgumentError (in a run): A matrix is not positive definite.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cholesky([[4.0, 2.0], [2.0, 5.0]])))
      [[2. 0.]
       [1. 2.]]
    """
    return apply_op("Cholesky", input, name=name)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """Solves ``A @ x = rhs`` with the Cholesky factor of A.

    Args:
      chol: Tensor ``[..., n, n]``: `cholesky` of A.
      rhs: Tensor ``[..., n, k]``.
      name: Name of the scope.

    Returns:
      A Tensor like `rhs`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cholesky_solve([[2.0, 0.0], [1.0, 2.0]], [[6.0], [7.0]])))
      [[1.]
       [1.]]
    """
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        half = matrix_triangular_solve(chol, rhs, adjoint=False, lower=True)
        return matrix_triangular_solve(chol, half, adjoint=True, lower=True)


# ---------------------------------------------------------------------- MatrixInverse

def _inverse(x: Any, *, adjoint: bool) -> Any:
    try:
        inverse = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        raise ValueError("Input is not invertible.") from None
    return adj(inverse).copy() if adjoint else inverse


def _inverse_grad(op: Any, grad: Any) -> Tensor:
    inverse = op.outputs[0]
    if op.attrs["adjoint"]:
        return -matmul(inverse, matmul(grad, inverse, adjoint_a=True))
    return -matmul(inverse, matmul(grad, inverse, adjoint_b=True), adjoint_a=True)


define_op("MatrixInverse", "input:T", "output:T", "adjoint:bool=False; " + FLOATS, shape=square_shape,
          kernel=widened(_inverse), gradient=_inverse_grad)


def matrix_inverse(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Inverts square matrices.

    Args:
      input: Tensor ``[..., n, n]``.
      adjoint: Invert the adjoint instead.
      name: Name of the operation.

    Raises:
      InvalidArgumentError (in a run): A matrix is singular.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_inverse([[2.0, 0.0], [0.0, 4.0]])))
      [[0.5  0.  ]
       [0.   0.25]]
    """
    return apply_op("MatrixInverse", input, adjoint=adjoint, name=name)


# ---------------------------------------------------------------------- MatrixDeterminant, LogMatrixDeterminant

def _determinant(x: Any) -> Any:
    return np.linalg.det(x)


def _determinant_grad(op: Any, grad: Any) -> Tensor:
    x, value = op.inputs[0], op.outputs[0]
    value = apply_op("Conj", value) if value.dtype.is_complex else value
    return _wider(grad * value) * apply_op("MatrixInverse", x, adjoint=True)


def _log_determinant(x: Any) -> Any:
    sign, log = np.linalg.slogdet(x)
    return np.asarray(sign), np.asarray(log)


def _log_determinant_grad(op: Any, grad_sign: Any, grad_log: Any) -> Tensor:
    return _wider(grad_log) * apply_op("MatrixInverse", op.inputs[0], adjoint=True)


_HALF_FIRST = "T:type{half,float,double,complex64,complex128}"
define_op("MatrixDeterminant", "input:T", "output:T", _HALF_FIRST, shape=batch_part, kernel=widened(_determinant),
          gradient=_determinant_grad)
define_op("LogMatrixDeterminant", "input:T", "sign:T, log_abs_determinant:T", _HALF_FIRST,
          shape=lambda input: (batch_part(input), batch_part(input)), kernel=widened(_log_determinant),
          gradient=_log_determinant_grad)


def matrix_determinant(input: Any, name: str | None = None) -> Tensor:
    """Computes the determinants of square matrices.

    Args:
      input: Tensor ``[..., n, n]``.
      name: Name of the operation.

    Returns:
      A Tensor ``[...]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_determinant([[2.0, 1.0], [0.0, 3.0]])))
      6.0
    """
    return apply_op("MatrixDeterminant", input, name=name)


def slogdet(input: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Computes sign and logarithm of the absolute value of determinants (`tf.linalg.slogdet`).

    Args:
      input: Tensor ``[..., n, n]``.
      name: Name of the operation.

    Returns:
      Two Tensors ``[...]``.

    Example:
      >>> with tf.Session() as sess:
      ...     sign, log = sess.run(tf.linalg.slogdet([[-1.0, 0.0], [0.0, 1.0]]))
      ...     print(sign, log)
      -1.0 0.0
    """
    sign, log = apply_op("LogMatrixDeterminant", input, name=name)
    return sign, log


# ---------------------------------------------------------------------- MatrixSolve, MatrixTriangularSolve

def _solve_shape(matrix: Tensor, rhs: Tensor) -> TensorShape:
    mine, other = dims_of(matrix), dims_of(rhs, square=False)
    if mine is None or other is None:
        return unknown_shape()
    side = mine[-1] if mine[-2] is None else mine[-2]
    if side is not None and other[-2] is not None and side != other[-2]:
        raise ValueError(f"Dimensions must be equal, but are {side} and {other[-2]}: matrix and rhs must have the same "
                         "number of rows")
    batch = TensorShape.from_tuple(mine[:-2]).merge_with(TensorShape.from_tuple(other[:-2])).as_tuple() or ()
    return TensorShape.from_tuple((*batch, side if side is not None else other[-2], other[-1]))


def _solve(a: Any, b: Any, *, adjoint: bool) -> Any:
    if a.shape[:-2] != b.shape[:-2] or a.shape[-2] != b.shape[-2]:
        raise ValueError(f"Input matrix and right-hand side do not fit: {list(a.shape)} and {list(b.shape)}")
    try:
        return np.linalg.solve(adj(a) if adjoint else a, b)
    except np.linalg.LinAlgError:
        raise ValueError("Input matrix is not invertible.") from None


def _solve_grad(op: Any, grad: Any) -> list[Any]:
    a, x = op.inputs[0], op.outputs[0]
    adjoint = op.attrs["adjoint"]
    by_b = apply_op("MatrixSolve", a, grad, adjoint=not adjoint)
    by_a = matmul(x, by_b, adjoint_b=True) if adjoint else matmul(by_b, x, adjoint_b=True)
    return [-by_a, by_b]


def _triangular_solve(a: Any, b: Any, *, lower: bool, adjoint: bool) -> Any:
    if a.shape[-1] != b.shape[-2] or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"Input matrix and right-hand side do not fit: {list(a.shape)} and {list(b.shape)}")
    if a.size and not np.diagonal(a, axis1=-2, axis2=-1).all():
        raise ValueError("Input matrix is not invertible.")
    part = np.tril(a) if lower else np.triu(a)
    # General elimination of a triangular matrix is substitution: NumPy has no routine of its own for it.
    return np.linalg.solve(adj(part) if adjoint else part, b)


def _triangular_grad(op: Any, grad: Any) -> list[Any]:
    a, x = op.inputs[0], op.outputs[0]
    lower, adjoint = op.attrs["lower"], op.attrs["adjoint"]
    by_b = apply_op("MatrixTriangularSolve", a, grad, lower=lower, adjoint=not adjoint)
    by_a = -(matmul(x, by_b, adjoint_b=True) if adjoint else matmul(by_b, x, adjoint_b=True))
    return [band(by_a, -1, 0) if lower else band(by_a, 0, -1), by_b]


define_op("MatrixSolve", "matrix:T, rhs:T", "output:T", "adjoint:bool=False; " + FLOATS, shape=_solve_shape,
          kernel=widened(_solve), gradient=_solve_grad)
define_op("MatrixTriangularSolve", "matrix:T, rhs:T", "output:T",
          "lower:bool=True; adjoint:bool=False; T:type{bfloat16,double,float,half,complex64,complex128}",
          shape=_solve_shape, kernel=widened(_triangular_solve), gradient=_triangular_grad)


def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Solves ``matrix @ x = rhs``.

    Args:
      matrix: Tensor ``[..., n, n]``.
      rhs: Tensor ``[..., n, k]``.
      adjoint: Solve with the adjoint of the matrix.
      name: Name of the operation.

    Returns:
      x, of the shape of `rhs`.

    Raises:
      InvalidArgumentError (in a run): The matrix is singular.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]])))
      [[1. ]
       [0.5]]
    """
    return apply_op("MatrixSolve", matrix, rhs, adjoint=adjoint, name=name)


def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None,
) -> Tensor:
    """Solves ``matrix @ x = rhs`` for a triangular matrix.

    Args:
      matrix: Tensor ``[..., n, n]``; only one triangle is read.
      rhs: Tensor ``[..., n, k]``.
      lower: Read the lower triangle, else the upper one.
      adjoint: Solve with the adjoint of the triangle.
      name: Name of the operation.

    Returns:
      x, of the shape of `rhs`.

    Raises:
      InvalidArgumentError (in a run): A 0 on the diagonal.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_triangular_solve([[2.0, 9.0], [1.0, 4.0]], [[2.0], [5.0]])))
      [[1.]
       [1.]]
    """
    return apply_op("MatrixTriangularSolve", matrix, rhs, lower=lower, adjoint=adjoint, name=name)


# ---------------------------------------------------------------------- MatrixSolveLs

def _ls_shape(matrix: Tensor, rhs: Tensor, l2_regularizer: Tensor) -> TensorShape:
    l2_regularizer.shape.assert_has_rank(0)
    mine, other = dims_of(matrix, square=False), dims_of(rhs, square=False)
    if mine is None or other is None:
        return unknown_shape()
    if mine[-2] is not None and other[-2] is not None and mine[-2] != other[-2]:
        raise ValueError(f"Dimensions must be equal, but are {mine[-2]} and {other[-2]}: matrix and rhs must have the "
                         "same number of rows")
    return TensorShape.from_tuple((*mine[:-2], mine[-1], other[-1]))


def _solve_ls(a: Any, b: Any, l2: Any, *, fast: bool) -> Any:
    rows, columns = a.shape[-2:]
    l2 = float(l2)
    if not fast:
        # By singular values: also for matrices of less than full rank.
        u, s, v = np.linalg.svd(a, full_matrices=False)
        keep = s > s.max(initial=0) * max(rows, columns) * np.finfo(s.dtype).eps
        factor = np.where(keep, s / (s * s + l2), 0).astype(s.dtype)
        return adj(v) @ (factor[..., None] * (adj(u) @ b))
    side = min(rows, columns)
    try:
        if rows >= columns:
            return np.linalg.solve(adj(a) @ a + (l2 * np.eye(side)).astype(a.dtype), adj(a) @ b)
        return adj(a) @ np.linalg.solve(a @ adj(a) + (l2 * np.eye(side)).astype(a.dtype), b)
    except np.linalg.LinAlgError:
        raise ValueError("Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a "
                         "larger l2_regularizer > 0.") from None


def _gramian_cholesky(matrix: Tensor, l2: Any, first_kind: bool) -> Tensor:
    """The Cholesky factor of ``adjoint(A) @ A + l2 * I`` (of ``A @ adjoint(A) + l2 * I`` for the second kind)."""
    gramian = matmul(matrix, matrix, adjoint_a=first_kind, adjoint_b=not first_kind)
    regular = apply_op("MatrixDiagPart", gramian) + l2
    return cholesky(apply_op("MatrixSetDiag", gramian, regular))


def _solve_ls_grad(op: Any, grad: Any) -> list[Any]:
    a, b, l2 = op.inputs
    x = op.outputs[0]
    if not op.attrs["fast"]:
        raise ValueError("Gradient not defined for fast=False")
    rows, columns = (a.shape.as_list() if a.shape.ndims else [None, None])[-2:]
    if rows is None or columns is None:
        raise ValueError(f"The gradient of MatrixSolveLs needs the size of the matrix while building, it is {a.shape}.")
    l2 = apply_op("Cast", l2, DstT=a.dtype.base_dtype)
    chol = _gramian_cholesky(a, l2, rows >= columns)
    if rows >= columns:
        z = cholesky_solve(chol, grad)
        product = matmul(x, z, adjoint_b=True)
        by_a = matmul(b, z, adjoint_b=True) - matmul(a, product + transposed(product))
        return [by_a, matmul(a, z), None]
    by_b = cholesky_solve(chol, matmul(a, grad))
    inner = cholesky_solve(chol, b)
    first = -matmul(by_b, matmul(inner, a, adjoint_a=True))
    second = matmul(inner, grad - matmul(a, by_b, adjoint_a=True), adjoint_b=True)
    return [first + second, by_b, None]


define_op("MatrixSolveLs", "matrix:T, rhs:T, l2_regularizer:double", "output:T",
          "T:type{double,float,half,complex64,complex128}; fast:bool=True", shape=_ls_shape, kernel=widened(_solve_ls),
          gradient=_solve_ls_grad)


def matrix_solve_ls(
    matrix: Any, rhs: Any, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None,
) -> Tensor:
    """Solves linear systems in the sense of least squares; of many solutions takes the smallest.

    Args:
      matrix: Tensor ``[..., m, n]``.
      rhs: Tensor ``[..., m, k]``.
      l2_regularizer: Weight of the squared norm of the solution, a 0-D number.
      fast: Use the normal equations; otherwise a complete decomposition, without a gradient.
      name: Name of the scope.

    Returns:
      A Tensor ``[..., n, k]``.

    Raises:
      InvalidArgumentError (in a run): With `fast`, the matrix has not full rank.

    Example:
      >>> with tf.Session() as sess:  # the line through (0, 1), (1, 3), (2, 5)
      ...     print(sess.run(tf.matrix_solve_ls([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]], [[1.0], [3.0], [5.0]])).round(3))
      [[2.]
       [1.]]
    """
    with name_scope(name, "matrix_solve_ls", [matrix, rhs, l2_regularizer]):
        matrix = convert_to_tensor(matrix, name="matrix")
        if not fast or not matrix.shape[-2:].is_fully_defined():
            return apply_op("MatrixSolveLs", matrix, rhs, convert_to_tensor(l2_regularizer, float64), fast=fast)
        rows, columns = matrix.shape.as_list()[-2:]
        rhs = convert_to_tensor(rhs, matrix.dtype.base_dtype, "rhs")
        _ls_shape(matrix, rhs, convert_to_tensor(l2_regularizer, float64))
        l2 = convert_to_tensor(l2_regularizer, matrix.dtype.base_dtype)
        chol = _gramian_cholesky(matrix, l2, rows >= columns)
        if rows >= columns:
            return cholesky_solve(chol, matmul(matrix, rhs, adjoint_a=True))
        return matmul(matrix, cholesky_solve(chol, rhs), adjoint_a=True)


# ---------------------------------------------------------------------- Qr

def _qr_shape(input: Tensor, *, full_matrices: bool) -> tuple[TensorShape, TensorShape]:
    dims = dims_of(input, square=False)
    if dims is None:
        return unknown_shape(), unknown_shape()
    rows, columns = dims[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    q, r = ((rows, rows), (rows, columns)) if full_matrices else ((rows, least), (least, columns))
    return TensorShape.from_tuple((*dims[:-2], *q)), TensorShape.from_tuple((*dims[:-2], *r))


def _qr(x: Any, *, full_matrices: bool) -> Any:
    return np.linalg.qr(x, mode="complete" if full_matrices else "reduced")


def _qr_grad(op: Any, by_q: Any, by_r: Any) -> Tensor:
    q, r = op.outputs
    dims = r.shape.as_list()[-2:] if r.shape.ndims else [None, None]
    if q.dtype.is_complex:
        raise NotImplementedError("QrGrad not implemented for complex matrices.")
    if None in dims:
        raise NotImplementedError("QrGrad not implemented with dynamic shapes.")
    if dims[0] != dims[1]:
        raise NotImplementedError("QrGrad not implemented when ncols > nrows or full_matrices is true and ncols != "
                                  "nrows.")
    qdq = matmul(q, by_q, adjoint_a=True)
    rdr = matmul(r, by_r, adjoint_b=True)
    lower = band((qdq - transposed(qdq)) + (rdr - transposed(rdr)), -1, 0)

    def divided(x: Tensor) -> Tensor:
        """``x @ adjoint(inverse(r))``"""
        return transposed(apply_op("MatrixTriangularSolve", r, transposed(x), lower=False))
    return matmul(q, by_r + divided(lower)) + divided(by_q - matmul(q, qdq))


define_op("Qr", "input:T", "q:T, r:T", "full_matrices:bool=False; " + FLOATS, shape=_qr_shape, kernel=widened(_qr),
          gradient=_qr_grad)


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Decomposes matrices into ``q @ r``: q with orthonormal columns, r upper triangular.

    Args:
      input: Tensor ``[..., m, n]``.
      full_matrices: If True, q is m x m, else it has min(m, n) columns.
      name: Name of the operation.

    Returns:
      The Tensors q and r.

    Example:
      >>> with tf.Session() as sess:
      ...     q, r = sess.run(tf.qr([[3.0, 1.0], [4.0, 2.0]]))
      ...     print((q @ r).round(3))
      [[3. 1.]
       [4. 2.]]
    """
    q, r = apply_op("Qr", input, full_matrices=full_matrices, name=name)
    return q, r
