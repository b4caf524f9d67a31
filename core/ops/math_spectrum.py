"""Spectra and functions of matrices: eigenvalues, singular values, LU, exponential, logarithm, square root."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, int32
from core.graph import Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.math_linalg import (
    FLOATS,
    adj,
    band,
    dims_of,
    halved_diagonal,
    identity_like,
    square_shape,
    transposed,
    widened,
)
from core.ops.math_matmul import matmul
from core.shapes import TensorShape, unknown_shape

__all__ = ["matrix_square_root", "self_adjoint_eig", "self_adjoint_eigvals", "svd"]


def _at(x: Tensor, axis: int) -> Tensor:
    return apply_op("ExpandDims", x, axis)


# ---------------------------------------------------------------------- SelfAdjointEigV2

def _eig_shape(input: Tensor, *, compute_v: bool) -> tuple[TensorShape, TensorShape]:
    dims = dims_of(input)
    if dims is None:
        return unknown_shape(), unknown_shape() if compute_v else TensorShape([0])
    side = dims[-1] if dims[-2] is None else dims[-2]
    vectors = TensorShape.from_tuple((*dims[:-2], side, side)) if compute_v else TensorShape([0])
    return TensorShape.from_tuple((*dims[:-2], side)), vectors


def _self_adjoint_eig(x: Any, *, compute_v: bool) -> Any:
    if compute_v:
        values, vectors = np.linalg.eigh(x)
        return values, vectors
    return np.linalg.eigvalsh(x), np.zeros(0, x.dtype)


def _self_adjoint_eig_grad(op: Any, by_e: Any, by_v: Any) -> Tensor:
    e = op.outputs[0]
    if op.attrs["compute_v"]:
        v = op.outputs[1]
        # 1 / (e_i - e_j) off the diagonal: infinite where two eigenvalues are equal.
        gaps = apply_op("MatrixSetDiag", apply_op("Reciprocal", _at(e, -2) - _at(e, -1)), apply_op("ZerosLike", e))
        inner = apply_op("MatrixDiag", by_e) + gaps * matmul(v, by_v, adjoint_a=True)
    else:
        v = apply_op("SelfAdjointEigV2", op.inputs[0])[1]
        inner = apply_op("MatrixDiag", by_e)
    by_a = matmul(v, matmul(inner, v, adjoint_b=True))
    # Only the lower triangle is read.
    return halved_diagonal(band(by_a + transposed(by_a), -1, 0))


define_op("SelfAdjointEigV2", "input:T", "e:T, v:T", "compute_v:bool=True; " + FLOATS, shape=_eig_shape,
          kernel=widened(_self_adjoint_eig), gradient=_self_adjoint_eig_grad)


def self_adjoint_eig(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Computes eigenvalues (ascending) and eigenvectors of symmetric or self-adjoint matrices.

    Args:
      tensor: Tensor ``[..., n, n]``; only the lower triangle is read.
      name: Name of the operation.

    Returns:
      Eigenvalues ``[..., n]``, and eigenvectors as the columns of a Tensor ``[..., n, n]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.self_adjoint_eig([[2.0, 0.0], [0.0, 1.0]])[0]))
      [1. 2.]
    """
    values, vectors = apply_op("SelfAdjointEigV2", tensor, compute_v=True, name=name)
    return values, vectors


def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """Computes the eigenvalues (ascending) of symmetric or self-adjoint matrices.

    Args:
      tensor: Tensor ``[..., n, n]``; only the lower triangle is read.
      name: Name of the operation.

    Returns:
      A Tensor ``[..., n]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.self_adjoint_eigvals([[2.0, 0.0], [0.0, 1.0]])))
      [1. 2.]
    """
    values: Tensor = apply_op("SelfAdjointEigV2", tensor, compute_v=False, name=name)[0]
    return values


# ---------------------------------------------------------------------- Svd

def _svd_shape(input: Tensor, *, compute_uv: bool, full_matrices: bool) -> tuple[TensorShape, ...]:
    dims = dims_of(input, square=False)
    if dims is None:
        return unknown_shape(), unknown_shape(), unknown_shape()
    rows, columns = dims[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    batch = dims[:-2]
    values = TensorShape.from_tuple((*batch, least))
    if not compute_uv:
        return values, TensorShape([0]), TensorShape([0])
    left, right = (rows, columns) if full_matrices else (least, least)
    return values, TensorShape.from_tuple((*batch, rows, left)), TensorShape.from_tuple((*batch, columns, right))


def _svd(x: Any, *, compute_uv: bool, full_matrices: bool) -> Any:
    if not compute_uv:
        return np.linalg.svd(x, compute_uv=False), np.zeros(0, x.dtype), np.zeros(0, x.dtype)
    u, s, v = np.linalg.svd(x, full_matrices=full_matrices)
    return s, u, adj(v).copy()


def _svd_grad(op: Any, by_s: Any, by_u: Any, by_v: Any) -> Tensor:
    a = op.inputs[0]
    if not op.attrs["compute_uv"]:
        _, u, v = apply_op("Svd", a, compute_uv=True)
        return matmul(u, matmul(apply_op("MatrixDiag", by_s), v, adjoint_b=True))
    dims: Any = a.shape.as_list()[-2:] if a.shape.ndims else [None, None]
    if None in dims:
        raise NotImplementedError("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    s, u, v = op.outputs
    rows, columns = dims
    swapped = rows > columns
    if swapped:  # the gradient of the adjoint, turned round at the end
        rows, columns, u, v, by_u, by_v = columns, rows, v, u, by_v, by_u
    full = op.attrs["full_matrices"]
    if full and columns - rows > 1:
        raise NotImplementedError("svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True")
    one = apply_op("OnesLike", s)
    squares = apply_op("Square", s)
    gaps = _at(squares, -2) - _at(squares, -1)
    gaps = apply_op("MatrixSetDiag", apply_op("DivNoNan", apply_op("OnesLike", gaps), gaps), apply_op("ZerosLike", s))
    diagonal = apply_op("MatrixDiag", s)
    v1, by_v1 = (_columns(t, 0, rows) if full and columns > rows else t for t in (v, by_v))
    turn_u = gaps * matmul(u, by_u, adjoint_a=True)
    turn_v = gaps * matmul(v1, by_v1, adjoint_a=True)
    inner = (apply_op("MatrixDiag", by_s) + matmul(turn_u + transposed(turn_u), diagonal)
             + matmul(diagonal, turn_v + transposed(turn_v)))
    by_a = matmul(u, matmul(inner, v1, adjoint_b=True))
    if rows != columns:
        outside = transposed(by_v1) - matmul(matmul(by_v1, v1, adjoint_a=True), v1, adjoint_b=True)
        if full:
            mixed = matmul(v1, _columns(by_v, rows, columns), adjoint_a=True)
            outside = outside - matmul(mixed, _columns(v, rows, columns), adjoint_b=True)
        inverse = apply_op("MatrixDiag", apply_op("DivNoNan", one, s))
        by_a = by_a + matmul(matmul(u, inverse), outside)
    return transposed(by_a) if swapped else by_a


def _columns(x: Tensor, first: int, last: int) -> Tensor:
    return x[..., first:last]


define_op("Svd", "input:T", "s:T, u:T, v:T",
          "compute_uv:bool=True; full_matrices:bool=False; T:type{double,float,half,complex64,complex128}",
          shape=_svd_shape, kernel=widened(_svd), gradient=_svd_grad)


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Decomposes matrices into singular values: ``tensor = u @ diag(s) @ adjoint(v)``.

    Args:
      tensor: Tensor ``[..., m, n]``.
      full_matrices: If True, u is m x m and v n x n, else both have min(m, n) columns.
      compute_uv: If False, only the singular values are computed.
      name: Name of the operation.

    Returns:
      s ``[..., min(m, n)]``, descending, and with `compute_uv` u and v: the triple (s, u, v).

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.svd([[3.0, 0.0], [0.0, -4.0]], compute_uv=False)))
      [4. 3.]
    """
    s, u, v = apply_op("Svd", tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    if s.dtype.is_complex:
        s = apply_op("Real", s, Tout=s.dtype.base_dtype.real_dtype)
    return (s, u, v) if compute_uv else s


# ---------------------------------------------------------------------- Lu

def _lu_shape(input: Tensor) -> tuple[TensorShape, TensorShape]:
    dims = dims_of(input)
    if dims is None:
        return unknown_shape(), unknown_shape()
    side = dims[-1] if dims[-2] is None else dims[-2]
    return TensorShape.from_tuple((*dims[:-2], side, side)), TensorShape.from_tuple((*dims[:-2], side))


def _lu_one(x: Any) -> tuple[Any, Any]:
    lu = x.copy()
    order = np.arange(len(x))
    for k in range(len(x)):
        pivot = k + int(np.argmax(np.abs(lu[k:, k])))
        if lu[pivot, k] == 0:
            raise ValueError("Input is not invertible.")
        if pivot != k:
            lu[[k, pivot]] = lu[[pivot, k]]
            order[[k, pivot]] = order[[pivot, k]]
        lu[k + 1:, k] /= lu[k, k]
        lu[k + 1:, k + 1:] -= np.outer(lu[k + 1:, k], lu[k, k + 1:])
    return lu, order


def _lu(x: Any, *, output_idx_type: Any) -> Any:
    flat = x.reshape(-1, *x.shape[-2:])
    pairs = [_lu_one(m) for m in flat]
    lu = np.stack([p[0] for p in pairs]) if pairs else flat.copy()
    order = np.stack([p[1] for p in pairs]) if pairs else np.zeros(flat.shape[:2])
    return lu.reshape(x.shape), order.reshape(x.shape[:-1]).astype(output_idx_type.np_dtype)


define_op("Lu", "input:T", "lu:T, p:output_idx_type",
          "T:type{double,float,half,complex64,complex128}; output_idx_type:type=int32{int32,int64}", shape=_lu_shape,
          kernel=widened(_lu))


def lu(input: Any, output_idx_type: Any = int32, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Decomposes square matrices into lower and upper triangles with row exchanges (`tf.linalg.lu`).

    Args:
      input: Tensor ``[..., n, n]``.
      output_idx_type: Type of the permutation, int32 or int64.
      name: Name of the operation.

    Returns:
      Both triangles in one Tensor (the lower one has ones on its diagonal, not stored), and the order of the rows.

    Raises:
      InvalidArgumentError (in a run): The matrix is singular.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.lu([[1.0, 2.0], [2.0, 2.0]])))
      [array([[2. , 2. ],
             [0.5, 1. ]], dtype=float32), array([1, 0], dtype=int32)]
    """
    return apply_op("Lu", input, output_idx_type=as_dtype(output_idx_type), name=name)


# ---------------------------------------------------------------------- MatrixExponential

_PADE = (64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
         670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1)


def _expm(x: Any) -> Any:
    """Padé approximation of order 13 after scaling, then squaring back."""
    wide = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    if not wide.size:
        return wide
    norm = np.abs(wide).sum(axis=-2).max(axis=-1)
    squarings = np.maximum(0, np.ceil(np.log2(np.maximum(norm, 1e-300) / 5.371920351148152))).astype(int)
    a = wide / (2.0 ** squarings)[..., None, None]
    eye = np.eye(x.shape[-1])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    b = _PADE
    u = a @ (a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * eye)
    v = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * eye
    result = np.linalg.solve(v - u, v + u)
    for step in range(int(squarings.max())):
        result = np.where((squarings > step)[..., None, None], result @ result, result)
    return result


def _expm_grad(op: Any, grad: Any) -> Tensor:
    """The upper right block of exp([[A*, G], [0, A*]]) (Najfeld and Havel, 1995)."""
    a = transposed(op.inputs[0])
    zero = apply_op("ZerosLike", a)
    block = apply_op("ConcatV2", [apply_op("ConcatV2", [a, grad], -1), apply_op("ConcatV2", [zero, a], -1)], -2)
    result = apply_op("MatrixExponential", block)
    if a.shape.ndims is not None and a.shape.as_list()[-1] is not None:
        side = a.shape.as_list()[-1]
        return result[..., :side, side:]
    side = apply_op("StridedSlice", apply_op("Shape", a), [-1], [0], [1], shrink_axis_mask=1)
    return result[..., :side, side:]


define_op("MatrixExponential", "input:T", "output:T", FLOATS, shape=square_shape, kernel=widened(_expm),
          gradient=_expm_grad)


def expm(input: Any, name: str | None = None) -> Tensor:
    """Computes the exponential of square matrices (`tf.linalg.expm`).

    Args:
      input: Tensor ``[..., n, n]``.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]])))
      [[1. 1.]
       [0. 1.]]

    Source: Higham, "The scaling and squaring method for the matrix exponential revisited", 2005.
    """
    with name_scope(name, "matrix_exponential", [input]):
        return apply_op("MatrixExponential", convert_to_tensor(input, name="input"))


# ---------------------------------------------------------------------- MatrixLogarithm, MatrixSquareRoot

def _each_matrix(function: str) -> Any:
    def kernel(x: Any) -> Any:
        from scipy import linalg  # optional engine, slow to import, seldom needed
        flat = x.reshape(-1, *x.shape[-2:])
        out = np.empty(flat.shape, np.complex128)
        for index, matrix in enumerate(flat):
            out[index] = getattr(linalg, function)(matrix.astype(np.complex128))
        out = out.reshape(x.shape)
        if x.dtype.kind != "c":
            scale = np.abs(out).max(initial=1.0)
            if np.abs(out.imag).max(initial=0.0) > 1e-6 * scale:
                raise ValueError("The matrix has no real square root: it has a negative eigenvalue. Make it complex.")
            out = out.real
        return out
    kernel.__name__ = function
    return kernel


def _square_root_grad(op: Any, grad: Any) -> Tensor:
    """Solves the Sylvester equation ``R* X + X R* = G`` as one linear system of n*n unknowns."""
    root = transposed(op.outputs[0])
    eye = identity_like(root)
    pairs = (apply_op("Einsum", [root, eye], equation="...ij,...kl->...ikjl")
             + apply_op("Einsum", [eye, root], equation="...ij,...lk->...ikjl"))
    shape = apply_op("Shape", root)
    batch = shape[:-2]
    count = apply_op("Square", shape[-1])
    system = apply_op("Reshape", pairs, apply_op("ConcatV2", [batch, apply_op("Pack", [count, count])], 0))
    vector = apply_op("Reshape", grad, apply_op("ConcatV2", [batch, apply_op("Pack", [count, 1])], 0))
    return apply_op("Reshape", apply_op("MatrixSolve", system, vector), shape)


define_op("MatrixLogarithm", "input:T", "output:T", "T:type{complex64,complex128}", shape=square_shape,
          kernel=widened(_each_matrix("logm")))
define_op("MatrixSquareRoot", "input:T", "output:T", FLOATS, shape=square_shape, kernel=widened(_each_matrix("sqrtm")),
          gradient=_square_root_grad)


def logm(input: Any, name: str | None = None) -> Tensor:
    """Computes the principal logarithm of square matrices (`tf.linalg.logm`); needs SciPy.

    Args:
      input: Tensor ``[..., n, n]`` of complex64 or complex128.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.logm(tf.constant([[1, 0], [0, 1]], tf.complex64))).real)
      [[0. 0.]
       [0. 0.]]
    """
    return apply_op("MatrixLogarithm", input, name=name)


def matrix_square_root(input: Any, name: str | None = None) -> Tensor:
    """Computes the principal square root of square matrices; needs SciPy.

    Args:
      input: Tensor ``[..., n, n]``, invertible.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_square_root([[4.0, 0.0], [0.0, 9.0]])))
      [[2. 0.]
       [0. 3.]]
    """
    return apply_op("MatrixSquareRoot", input, name=name)
