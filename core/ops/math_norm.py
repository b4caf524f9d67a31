"""Matrices without a decomposition: identity, trace, norms, adjoint, log-determinant, tridiagonal systems."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from core.dtypes import as_dtype, float32
from core.graph import Tensor, apply_op, constant_value_as_shape, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import ones
from core.ops.array_shape import matrix_transpose
from core.ops.math_complex import conj, real
from core.ops.math_linalg import cholesky, dims_of
from core.ops.math_reduce import one_of, reduce_max, reduce_sum
from core.ops.math_spectrum import svd
from core.ops.math_unary import abs as abs_of
from core.shapes import TensorShape, unknown_shape

__all__ = ["eye", "norm", "trace"]


# ---------------------------------------------------------------------- identity, trace, adjoint, logdet

def eye(
    num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = float32, name: str | None = None,
) -> Tensor:
    """Makes an identity matrix, or a batch of them.

    Args:
      num_rows: Number of rows, an integer or 0-D tensor.
      num_columns: Number of columns; by default that of rows.
      batch_shape: Shape of the batch, a list or 1-D tensor.
      dtype: Type of the elements.
      name: Name of the scope.

    Returns:
      A Tensor ``batch_shape + [num_rows, num_columns]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.eye(2, 3)))
      [[1. 0. 0.]
       [0. 1. 0.]]
    """
    with name_scope(name, "eye", [num_rows, num_columns, batch_shape]) as scope:
        square = num_columns is None
        batch = [] if batch_shape is None else batch_shape
        columns = num_rows if square else num_columns
        if isinstance(num_rows, Tensor) or isinstance(columns, Tensor):
            least = num_rows if square else apply_op("Minimum", num_rows, columns)
        else:
            least = int(np.minimum(num_rows, columns))
        if isinstance(batch, Tensor) or isinstance(least, Tensor):
            batch = apply_op("Cast", convert_to_tensor(np.array(batch, np.int32) if isinstance(batch, list) else batch,
                                                       name="shape"), DstT=as_dtype("int32"))
            diagonal_shape: Any = apply_op("ConcatV2", [batch, apply_op("Reshape", least, [1])], 0, name="concat")
            matrix_shape: Any = None if square else apply_op(
                "ConcatV2", [batch, apply_op("Pack", [num_rows, columns])], 0, name="concat")
        else:
            sizes: list[Any] = TensorShape(batch).as_list()
            diagonal_shape = [*sizes, least]
            matrix_shape = [*sizes, int(num_rows), int(columns)]
        diagonal = ones(diagonal_shape, dtype=dtype)
        if square:
            return apply_op("MatrixDiag", diagonal, name=scope)
        zero = apply_op("Fill", matrix_shape, apply_op("Cast", 0, DstT=as_dtype(dtype)), name="zeros")
        result: Tensor = apply_op("MatrixSetDiag", zero, diagonal, name=scope)
        if isinstance(matrix_shape, Tensor):
            result.set_shape(constant_value_as_shape(matrix_shape))
        return result


def trace(x: Any, name: str | None = None) -> Tensor:
    """Sums the main diagonals of matrices.

    Args:
      x: Tensor ``[..., m, n]``.
      name: Name of the scope and its last operation.

    Returns:
      A Tensor ``[...]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.trace([[1, 2], [3, 4]])))
      5
    """
    with name_scope(name, "Trace", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return reduce_sum(apply_op("MatrixDiagPart", x), [-1], name=scope)


def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """Transposes and conjugates matrices (`tf.linalg.adjoint`).

    Args:
      matrix: Tensor ``[..., m, n]``.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.adjoint([[1 + 1j, 2], [3, 4j]])))
      [[1.-1.j 3.-0.j]
       [2.-0.j 0.-4.j]]
    """
    with name_scope(name, "adjoint", [matrix]):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)


def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """Computes the logarithm of the determinant of self-adjoint positive definite matrices (`tf.linalg.logdet`).

    Args:
      matrix: Tensor ``[..., n, n]``.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.logdet([[1.0, 0.0], [0.0, 1.0]])))
      0.0
    """
    with name_scope(name, "logdet", [matrix]):
        diagonal = real(apply_op("MatrixDiagPart", cholesky(matrix)))
        return 2.0 * reduce_sum(apply_op("Log", diagonal), [-1])


# ---------------------------------------------------------------------- norms

def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None, name: str | None = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """Computes norms of vectors, or of matrices.

    Args:
      tensor: Tensor of floats or complex numbers.
      ord: ``"euclidean"``, ``"fro"`` (matrices), 1, 2, `np.inf`, or for vectors any positive number.
      axis: None takes the whole tensor as one vector; a number is the axis of vectors, a pair those of matrices.
      keepdims: If True, the axes stay with size 1.
      name: Name of the scope.
      keep_dims: Old name of `keepdims`.

    Raises:
      ValueError: `ord` or `axis` is not such.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.norm([3.0, 4.0]), tf.norm([3.0, 4.0], ord=1)]))
      [np.float32(5.0), np.float32(7.0)]
    """
    keep = builtins.bool(one_of("keepdims", keepdims, "keep_dims", keep_dims))
    matrices = isinstance(axis, (tuple, list)) and len(axis) == 2
    if matrices:
        axis = tuple(axis)
        if not isinstance(axis[0], int) or not isinstance(axis[1], int) or axis[0] == axis[1]:
            raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
        supported: Any = ["euclidean", "fro", 1, 2, np.inf]
        if ord not in supported:
            raise ValueError(f"'ord' must be a supported matrix norm in {supported}, got {ord}")
    else:
        if not (isinstance(axis, int) or axis is None):
            raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
        if ord != "euclidean" and (isinstance(ord, str) or not np.isreal(ord) or ord <= 0):
            raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
        axis = None if axis is None else (axis,)
    with name_scope(name, "norm", [tensor]):
        tensor = convert_to_tensor(tensor)
        axes = None if axis is None else list(axis)
        if matrices and ord == 2:
            result = _spectral(tensor, axis)
        elif ord in ("fro", "euclidean", 2):
            result = apply_op("Sqrt", reduce_sum(tensor * conj(tensor), axes, keepdims=True))
        else:
            result = abs_of(tensor)
            if ord == 1:
                result = reduce_sum(result, None if axis is None else axis[0], keepdims=True)
                if matrices:
                    result = reduce_max(result, axis[-1], keepdims=True)
            elif ord == np.inf:
                if matrices:
                    result = reduce_sum(result, axis[1], keepdims=True)
                result = reduce_max(result, None if axis is None else axis[0], keepdims=True)
            else:
                result = reduce_sum(result ** ord, axes, keepdims=True) ** (1.0 / ord)
        return result if keep else apply_op("Squeeze", result, squeeze_dims=axes or [])


def _spectral(tensor: Tensor, axis: Any) -> Tensor:
    """The largest singular value, with both axes kept."""
    ndims = tensor.shape.ndims
    if ndims is None:
        raise ValueError(f"The spectral norm needs the rank of {tensor.name} while building.")
    pair = [a % ndims for a in axis]
    order = [i for i in range(ndims) if i not in pair] + pair
    turned = apply_op("Transpose", tensor, np.array(order, np.int32))
    largest = reduce_max(abs_of(svd(turned, compute_uv=False)), axis=-1, keepdims=True)
    back = np.argsort(order).astype(np.int32)
    return apply_op("Transpose", apply_op("ExpandDims", largest, -1), back)


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Divides a tensor by its norm along axes (`tf.linalg.normalize`).

    Args:
      tensor: Tensor of floats or complex numbers.
      ord, axis: As in `norm`.
      name: Name of the scope.

    Returns:
      The normalised Tensor and the norm.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.normalize(tf.constant([3.0, 4.0]))[0]))
      [0.6 0.8]
    """
    with name_scope(name, "normalize", [tensor]):
        tensor = convert_to_tensor(tensor)
        length = norm(tensor, ord, axis, keepdims=True)
        length = apply_op("Cast", length, DstT=tensor.dtype.base_dtype) if length.dtype != tensor.dtype else length
        return tensor / length, length


# ---------------------------------------------------------------------- TridiagonalSolve, TridiagonalMatMul

def _dense(diagonals: Any) -> Any:
    """Matrices of their three diagonals ``[..., 3, n]``."""
    count = diagonals.shape[-1]
    out = np.zeros((*diagonals.shape[:-2], count, count), diagonals.dtype)
    places = np.arange(count)
    out[..., places, places] = diagonals[..., 1, :]
    out[..., places[:-1], places[1:]] = diagonals[..., 0, :-1]
    out[..., places[1:], places[:-1]] = diagonals[..., 2, 1:]
    return out


def _tridiagonal_solve(xp: Any, diagonals: Any, rhs: Any, *, partial_pivoting: bool) -> Any:
    try:
        return np.linalg.solve(_dense(diagonals), rhs).astype(rhs.dtype, copy=False)
    except np.linalg.LinAlgError:
        raise ValueError("Input matrix is not invertible.") from None


def _rhs_shape(diagonals: Tensor, rhs: Tensor) -> TensorShape:
    mine, other = dims_of(diagonals, square=False), dims_of(rhs, square=False)
    if mine is None or other is None:
        return unknown_shape()
    if mine[-2] not in (3, None) or (mine[-1] is not None and other[-2] is not None and mine[-1] != other[-2]):
        raise ValueError(f"diagonals must be [..., 3, m] and rhs [..., m, k], got {diagonals.shape} and {rhs.shape}")
    return rhs.shape


def _padded(x: Tensor, left: int, right: int) -> Tensor:
    """`x` with zeros before or after its last axis."""
    rest = [[0, 0]] * ((x.shape.ndims or 1) - 1)
    return apply_op("Pad", x, np.array([*rest, [left, right]], np.int32))


def _tridiagonal_grad(op: Any, grad: Any) -> list[Any]:
    diagonals, x = op.inputs[0], op.outputs[0]
    if diagonals.shape.ndims is None:
        raise ValueError("The gradient of TridiagonalSolve needs the rank of the diagonals while building.")
    turned = apply_op("Pack", [_padded(diagonals[..., 2, 1:], 0, 1), diagonals[..., 1, :],
                               _padded(diagonals[..., 0, :-1], 1, 0)], axis=-2)
    conjugate = conj(turned)
    by_rhs = apply_op("TridiagonalSolve", conjugate, grad, partial_pivoting=op.attrs["partial_pivoting"])
    other = conj(x)
    upper = _padded(reduce_sum(by_rhs[..., :-1, :] * other[..., 1:, :], -1), 0, 1)
    middle = reduce_sum(by_rhs * other, -1)
    lower = _padded(reduce_sum(by_rhs[..., 1:, :] * other[..., :-1, :], -1), 1, 0)
    return [-apply_op("Pack", [upper, middle, lower], axis=-2), by_rhs]


define_op("TridiagonalSolve", "diagonals:T, rhs:T", "output:T",
          "partial_pivoting:bool=True; perturb_singular:bool=False; T:type{double,float,complex64,complex128}",
          shape=_rhs_shape, kernel=_tridiagonal_solve, gradient=_tridiagonal_grad)


def _tridiagonal_matmul(xp: Any, superdiag: Any, maindiag: Any, subdiag: Any, rhs: Any) -> Any:
    out = np.swapaxes(maindiag, -1, -2) * rhs
    out[..., :-1, :] += np.swapaxes(superdiag, -1, -2)[..., :-1, :] * rhs[..., 1:, :]
    out[..., 1:, :] += np.swapaxes(subdiag, -1, -2)[..., 1:, :] * rhs[..., :-1, :]
    return out


def _tridiagonal_matmul_grad(op: Any, grad: Any) -> list[Any]:
    upper, middle, lower, rhs = (conj(t) for t in op.inputs)
    if rhs.shape.ndims is None:
        raise ValueError("The gradient of TridiagonalMatMul needs the rank of its inputs while building.")

    def row(x: Tensor) -> Tensor:
        return apply_op("ExpandDims", x, -2)
    by_upper = row(_padded(reduce_sum(rhs[..., 1:, :] * grad[..., :-1, :], -1), 0, 1))
    by_middle = row(reduce_sum(rhs * grad, -1))
    by_lower = row(_padded(reduce_sum(rhs[..., :-1, :] * grad[..., 1:, :], -1), 1, 0))
    turned_upper = row(_padded(lower[..., 0, 1:], 0, 1))
    turned_lower = row(_padded(upper[..., 0, :-1], 1, 0))
    return [by_upper, by_middle, by_lower, apply_op("TridiagonalMatMul", turned_upper, middle, turned_lower, grad)]


define_op("TridiagonalMatMul", "superdiag:T, maindiag:T, subdiag:T, rhs:T", "output:T",
          "T:type{double,float,complex64,complex128}", shape=lambda superdiag, maindiag, subdiag, rhs: rhs.shape,
          kernel=_tridiagonal_matmul, gradient=_tridiagonal_matmul_grad)


def _compact(diagonals: Any, form: str) -> Tensor:
    """Three diagonals as one Tensor ``[..., 3, n]``."""
    if form == "compact":
        return convert_to_tensor(diagonals, name="diagonals")
    if form == "sequence":
        if not isinstance(diagonals, (tuple, list)) or len(diagonals) != 3:
            raise ValueError("Expected diagonals to be a sequence of length 3.")
        upper, middle, lower = (convert_to_tensor(d) for d in diagonals)
        count = middle.shape.as_list()[-1]
        if upper.shape.as_list()[-1] == (count or 0) - 1:
            upper = _padded(upper, 0, 1)
        if lower.shape.as_list()[-1] == (count or 0) - 1:
            lower = _padded(lower, 1, 0)
        return apply_op("Pack", [upper, middle, lower], axis=-2)
    if form == "matrix":
        matrix = convert_to_tensor(diagonals, name="diagonals")
        upper = _padded(apply_op("MatrixDiagPart", matrix[..., :-1, 1:]), 0, 1)
        lower = _padded(apply_op("MatrixDiagPart", matrix[..., 1:, :-1]), 1, 0)
        return apply_op("Pack", [upper, apply_op("MatrixDiagPart", matrix), lower], axis=-2)
    raise ValueError(f"Unrecognized diagonals_format: {form}")


def tridiagonal_solve(
    diagonals: Any, rhs: Any, diagonals_format: str = "compact", transpose_rhs: bool = False,
    conjugate_rhs: bool = False, name: str | None = None, partial_pivoting: bool = True,
) -> Tensor:
    """Solves tridiagonal systems (`tf.linalg.tridiagonal_solve`).

    Args:
      diagonals: The matrix: ``[..., 3, n]`` (upper, main and lower diagonal; the last upper and first lower element
        are not read) for "compact", a sequence of three for "sequence", ``[..., n, n]`` for "matrix".
      rhs: Tensor ``[..., n]`` or ``[..., n, k]``.
      diagonals_format: One of these.
      transpose_rhs, conjugate_rhs: Transpose or conjugate `rhs` first.
      name: Name of the scope.
      partial_pivoting: Accepted; rows are always exchanged where it helps.

    Returns:
      The solution, of the shape of `rhs`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.tridiagonal_solve([[1., 1., 0.], [2., 2., 2.], [0., 1., 1.]], [3., 4., 3.])))
      [1. 1. 1.]
    """
    with name_scope(name, "tridiagonal_solve", [diagonals, rhs]):
        compact = _compact(diagonals, diagonals_format)
        rhs = convert_to_tensor(rhs, compact.dtype.base_dtype, "rhs")
        vector = rhs.shape.ndims is not None and rhs.shape.ndims == (compact.shape.ndims or 0) - 1
        if vector:
            if transpose_rhs:
                raise ValueError("transpose_rhs is not allowed when rhs is a vector.")
            rhs = apply_op("ExpandDims", rhs, -1)
        if transpose_rhs:
            rhs = matrix_transpose(rhs, conjugate=conjugate_rhs)
        elif conjugate_rhs:
            rhs = conj(rhs)
        result = apply_op("TridiagonalSolve", compact, rhs, partial_pivoting=partial_pivoting)
        if vector:
            return apply_op("Squeeze", result, squeeze_dims=[-1])
        return matrix_transpose(result) if transpose_rhs else result


def tridiagonal_matmul(diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None) -> Tensor:
    """Multiplies tridiagonal matrices by matrices (`tf.linalg.tridiagonal_matmul`).

    Args:
      diagonals, diagonals_format: As in `tridiagonal_solve`.
      rhs: Tensor ``[..., n, k]``.
      name: Name of the scope.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.tridiagonal_matmul([[1., 0.], [2., 2.], [0., 1.]], [[1.], [1.]])))
      [[3.]
       [3.]]
    """
    with name_scope(name, "tridiagonal_matmul", [diagonals, rhs]):
        compact = _compact(diagonals, diagonals_format)
        rhs = convert_to_tensor(rhs, compact.dtype.base_dtype, "rhs")
        upper, middle, lower = (compact[..., i:i + 1, :] for i in range(3))
        return apply_op("TridiagonalMatMul", upper, middle, lower, rhs)
