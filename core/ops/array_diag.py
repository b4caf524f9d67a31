"""Diagonals and bands of matrices, and diagonal tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import Tensor, apply_op, constant_value, convert_to_tensor, define_op
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "diag", "diag_part", "matrix_band_part", "matrix_diag", "matrix_diag_part", "matrix_set_diag",
]

_NUMBERS = "T:type{bfloat16,half,float,double,int32,int64,complex64,complex128}"


# ---------------------------------------------------------------------- Diag, DiagPart

def _diag_shape(diagonal: Tensor) -> TensorShape:
    dims = diagonal.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    if not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0: diag of a scalar")
    return TensorShape.from_tuple(dims + dims)


def _diag(xp: Any, diagonal: Any) -> Any:
    result = np.zeros(diagonal.size * diagonal.size, diagonal.dtype)
    result[::diagonal.size + 1] = diagonal.reshape(-1)
    return result.reshape(diagonal.shape * 2)


def _diag_part_shape(input: Tensor) -> TensorShape:
    dims = input.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    if len(dims) % 2 or not dims:
        raise ValueError(f"Input must have even and non-zero rank, input rank is {len(dims)}")
    half = len(dims) // 2
    front, back = TensorShape.from_tuple(dims[:half]), TensorShape.from_tuple(dims[half:])
    return front.merge_with(back)


def _diag_part(xp: Any, input: Any) -> Any:
    half = input.ndim // 2
    dims = input.shape[:half]
    if input.ndim % 2 or not half or dims != input.shape[half:]:
        raise ValueError(f"The input's shape must be one shape twice, got {list(input.shape)}")
    return np.diagonal(input.reshape(int(np.prod(dims)), -1)).reshape(dims).copy()


define_op("Diag", "diagonal:T", "output:T", _NUMBERS, shape=_diag_shape, kernel=_diag,
          gradient=lambda op, grad: diag_part(grad))
define_op("DiagPart", "input:T", "diagonal:T", _NUMBERS, shape=_diag_part_shape, kernel=_diag_part,
          gradient=lambda op, grad: diag(grad))


def diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Makes a tensor that is zero outside of its diagonal.

    Args:
      diagonal: Tensor of k dimensions.
      name: Name of the operation.

    Returns:
      A Tensor of 2 k dimensions: ``y[i, j, ..., i, j, ...] = diagonal[i, j, ...]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.diag([1, 2, 3])))
      [[1 0 0]
       [0 2 0]
       [0 0 3]]
    """
    return apply_op("Diag", diagonal, name=name)


def diag_part(input: Any, name: str | None = None) -> Tensor:
    """Takes the diagonal of a tensor of 2 k dimensions.

    Args:
      input: Tensor whose shape is one shape twice.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.diag_part([[1, 0], [0, 2]])))
      [1 2]
    """
    return apply_op("DiagPart", input, name=name)


# ---------------------------------------------------------------------- bands: the general forms behind MatrixDiag*

def _lower_upper(k: Any) -> tuple[int, int]:
    values = np.asarray(k).reshape(-1).tolist()
    if len(values) not in (1, 2):
        raise ValueError(f"diag_index must be a scalar or have two elements, got {values}")
    lower, upper = values[0], values[-1]
    if lower > upper:
        raise ValueError(f"lower_diag_index must not be larger than upper_diag_index: {lower} > {upper}")
    return lower, upper


def _length(d: int, rows: int, columns: int) -> int:
    return min(rows + min(d, 0), columns - max(d, 0))


def _bands(lower: int, upper: int, rows: int, columns: int, align: str) -> Any:
    """For each diagonal from the uppermost down: (row of the packed form, where it begins there, its number)."""
    longest = max(_length(d, rows, columns) for d in range(lower, upper + 1))
    for row, d in enumerate(range(upper, lower - 1, -1)):
        right = align in ("RIGHT_LEFT", "RIGHT_RIGHT") if d >= 0 else align in ("LEFT_RIGHT", "RIGHT_RIGHT")
        yield row, (longest - _length(d, rows, columns) if right else 0), d


def _diagonal_view(matrix: Any, d: int) -> Any:
    """A writeable view of diagonal d of ``[..., m, n]``."""
    rows, columns = matrix.shape[-2:]
    first = matrix[..., max(-d, 0):, max(d, 0):]
    strides = (*first.strides[:-2], first.strides[-2] + first.strides[-1])
    return np.lib.stride_tricks.as_strided(
        first, (*matrix.shape[:-2], _length(d, rows, columns)), strides, writeable=matrix.flags.writeable)


def _check_band(lower: int, upper: int, rows: int, columns: int) -> None:
    for d in (lower, upper):
        if not -rows < d < columns and d != 0:
            raise ValueError(f"diag_index {d} is out of bound: it must be between {-rows} and {columns}, exclusive")


def _fill_diagonals(matrix: Any, diagonal: Any, lower: int, upper: int, align: str) -> Any:
    if lower == upper:
        view = _diagonal_view(matrix, lower)
        if view.shape != diagonal.shape:
            raise ValueError(f"Dimensions must be equal: the diagonal has {list(view.shape)}, got "
                             f"{list(diagonal.shape)}")
        view[...] = diagonal
        return matrix
    rows, columns = matrix.shape[-2:]
    for row, begin, d in _bands(lower, upper, rows, columns, align):
        view = _diagonal_view(matrix, d)
        view[...] = diagonal[..., row, begin:begin + view.shape[-1]]
    return matrix


def _matrix_diag(xp: Any, diagonal: Any, k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = None,
                 *, align: str = "LEFT_LEFT") -> Any:
    if not diagonal.ndim:
        raise ValueError("input must be at least 1-dim, received a scalar")
    lower, upper = _lower_upper(k)
    lead = diagonal.shape[:-1] if lower == upper else diagonal.shape[:-2]
    longest = diagonal.shape[-1]
    rows, columns = _matrix_size(longest, lower, upper, int(num_rows), int(num_cols))
    zero: Any = 0 if padding_value is None else padding_value
    if padding_value is None and diagonal.dtype == object:
        zero = b""
    return _fill_diagonals(np.full((*lead, rows, columns), zero, diagonal.dtype), diagonal, lower, upper, align)


def _matrix_size(longest: int, lower: int, upper: int, rows: int, columns: int) -> tuple[int, int]:
    least_rows, least_columns = longest - min(upper, 0), longest + max(lower, 0)
    if rows == -1 and columns == -1:
        rows = columns = max(least_rows, least_columns)
    elif rows == -1:
        rows = least_rows
    elif columns == -1:
        columns = least_columns
    if rows < least_rows or columns < least_columns or (rows != least_rows and columns != least_columns):
        raise ValueError(f"The number of rows or columns is not consistent with the specified d_lower, d_upper, and "
                         f"diagonal: {rows} x {columns}, diagonal of length {longest}")
    return rows, columns


def _matrix_diag_part(xp: Any, input: Any, k: Any = 0, padding_value: Any = 0, *, align: str = "LEFT_LEFT") -> Any:
    if input.ndim < 2:
        raise ValueError(f"input must be at least 2-dim, received shape: {list(input.shape)}")
    lower, upper = _lower_upper(k)
    rows, columns = input.shape[-2:]
    _check_band(lower, upper, rows, columns)
    if lower == upper:
        return _diagonal_view(input, lower).copy()
    longest = max(_length(d, rows, columns) for d in range(lower, upper + 1))
    result = np.full((*input.shape[:-2], upper - lower + 1, longest), padding_value, input.dtype)
    for row, begin, d in _bands(lower, upper, rows, columns, align):
        result[..., row, begin:begin + _length(d, rows, columns)] = _diagonal_view(input, d)
    return result


def _matrix_set_diag(xp: Any, input: Any, diagonal: Any, k: Any = 0, *, align: str = "LEFT_LEFT") -> Any:
    if input.ndim < 2:
        raise ValueError(f"input must be at least 2-dim, received shape: {list(input.shape)}")
    lower, upper = _lower_upper(k)
    _check_band(lower, upper, *input.shape[-2:])
    return _fill_diagonals(np.array(input), diagonal, lower, upper, align)


# ---------------------------------------------------------------------- static shapes

def _known_k(k: Any) -> tuple[int, int] | None:
    if k is None:
        return 0, 0
    value = constant_value(k)
    return None if value is None else _lower_upper(value)


def _matrix_diag_shape(diagonal: Tensor, k: Any = None, num_rows: Any = None, num_cols: Any = None,
                       padding_value: Any = None) -> TensorShape:
    dims, band = diagonal.shape.as_tuple(), _known_k(k)
    if dims is not None and not dims:
        raise ValueError("Shape must be at least rank 1 but is rank 0: matrix_diag of a scalar")
    if dims is None or band is None:
        return unknown_shape()
    lead = dims[:-1] if band[0] == band[1] else dims[:-2]
    sizes = [-1 if n is None else constant_value(n) for n in (num_rows, num_cols)]
    if dims[-1] is None or any(n is None for n in sizes):
        return TensorShape.from_tuple((*lead, None, None))
    rows, columns = (int(n) for n in sizes)  # type: ignore[arg-type]
    return TensorShape.from_tuple((*lead, *_matrix_size(dims[-1], *band, rows, columns)))


def _matrix_diag_part_shape(input: Tensor, k: Any = None, padding_value: Any = None) -> TensorShape:
    dims, band = input.shape.as_tuple(), _known_k(k)
    if dims is None:
        return unknown_shape()
    if len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}: matrix_diag_part of {input.shape}")
    if band is None:
        return unknown_shape()
    lower, upper = band
    rows, columns = dims[-2:]
    longest = None
    if rows is not None and columns is not None:
        _check_band(lower, upper, rows, columns)
        longest = max(_length(d, rows, columns) for d in range(lower, upper + 1))
    middle = () if lower == upper else (upper - lower + 1,)
    return TensorShape.from_tuple((*dims[:-2], *middle, longest))


def _matrix_set_diag_shape(input: Tensor, diagonal: Tensor, k: Any = None) -> TensorShape:
    dims, band, given = input.shape.as_tuple(), _known_k(k), diagonal.shape.as_tuple()
    if dims is not None and len(dims) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(dims)}: matrix_set_diag of {input.shape}")
    if dims is None:
        if given is not None and band is not None and band[0] == band[1] and given:
            return TensorShape.from_tuple((*given[:-1], None, None))
        return unknown_shape()
    if band is not None and given is not None:
        wanted = _matrix_diag_part_shape(input, k)
        try:
            merged = wanted.merge_with(diagonal.shape).as_tuple() or ()
        except ValueError:
            raise ValueError(f"The diagonal must have the shape {wanted}, got {diagonal.shape} (matrix "
                             f"{input.shape})") from None
        return TensorShape.from_tuple((*merged[:len(dims) - 2], *dims[-2:]))
    return input.shape


# ---------------------------------------------------------------------- MatrixDiag, MatrixDiagPart, MatrixSetDiag

def _part_of(op: Any, grad: Any) -> Any:
    """Gradient by a diagonal that was put into a matrix."""
    if op.type == "MatrixDiag":
        return apply_op("MatrixDiagPart", grad)
    nothing = apply_op("ZerosLike", op.inputs[4])
    return [apply_op("MatrixDiagPartV3", grad, op.inputs[1], nothing, align=op.attrs.get("align", "LEFT_LEFT")),
            None, None, None, None]


def _diag_part_grad(op: Any, grad: Any) -> Any:
    matrix = op.inputs[0]
    into = apply_op("ZerosLike", matrix)
    if op.type == "MatrixDiagPart":
        return apply_op("MatrixSetDiag", into, grad)
    return [apply_op("MatrixSetDiagV3", into, grad, op.inputs[1], align=op.attrs.get("align", "LEFT_LEFT")), None, None]


def _set_diag_grad(op: Any, grad: Any) -> Any:
    grad, diagonal = convert_to_tensor(grad), op.inputs[1]
    nothing = apply_op("ZerosLike", diagonal)
    if op.type == "MatrixSetDiag":
        return [apply_op("MatrixSetDiag", grad, nothing), apply_op("MatrixDiagPart", grad)]
    align = op.attrs.get("align", "LEFT_LEFT")
    zero = convert_to_tensor(0, grad.dtype.base_dtype)
    return [apply_op("MatrixSetDiagV3", grad, nothing, op.inputs[2], align=align),
            apply_op("MatrixDiagPartV3", grad, op.inputs[2], zero, align=align), None]


_ALIGN = "; align:string='RIGHT_LEFT'{LEFT_RIGHT,RIGHT_LEFT,LEFT_LEFT,RIGHT_RIGHT}"
define_op("MatrixDiag", "diagonal:T", "output:T", "T:type", shape=_matrix_diag_shape,
          kernel=lambda xp, diagonal: _matrix_diag(xp, diagonal), gradient=_part_of)
define_op("MatrixDiagPart", "input:T", "diagonal:T", "T:type", shape=_matrix_diag_part_shape,
          kernel=lambda xp, input: _matrix_diag_part(xp, input), gradient=_diag_part_grad)
define_op("MatrixSetDiag", "input:T, diagonal:T", "output:T", "T:type", shape=_matrix_set_diag_shape,
          kernel=lambda xp, input, diagonal: _matrix_set_diag(xp, input, diagonal), gradient=_set_diag_grad)
for _version, _attr in (("V2", ""), ("V3", _ALIGN)):
    define_op("MatrixDiag" + _version, "diagonal:T, k:int32, num_rows:int32, num_cols:int32, padding_value:T",
              "output:T",
              "T:type" + _attr, shape=_matrix_diag_shape, kernel=_matrix_diag, gradient=_part_of)
    define_op("MatrixDiagPart" + _version, "input:T, k:int32, padding_value:T", "diagonal:T", "T:type" + _attr,
              shape=_matrix_diag_part_shape, kernel=_matrix_diag_part, gradient=_diag_part_grad)
    define_op("MatrixSetDiag" + _version, "input:T, diagonal:T, k:int32", "output:T", "T:type" + _attr,
              shape=_matrix_set_diag_shape, kernel=_matrix_set_diag, gradient=_set_diag_grad)


def _plain(k: Any) -> bool:
    return isinstance(k, int) and k == 0


def matrix_diag(diagonal: Any, name: str = "diag", k: Any = 0, num_rows: Any = -1, num_cols: Any = -1,
                padding_value: Any = 0) -> Tensor:
    """Makes matrices with the given diagonals.

    Args:
      diagonal: ``[..., n]``; ``[..., number of diagonals, longest]`` where `k` names a band.
      name: Name of the operation.
      k: Which diagonal (0 the main one, above it positive), or the lowest and the highest of a band.
      num_rows, num_cols: Size of the matrices; -1 takes the least that fits.
      padding_value: What stands elsewhere.

    Returns:
      A Tensor ``[..., rows, columns]``.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_diag([[1, 2], [3, 4]])[1]))
      [[3 0]
       [0 4]]
    """
    if _plain(k) and all(isinstance(n, int) and n == -1 for n in (num_rows, num_cols)) and _plain(padding_value):
        return apply_op("MatrixDiag", diagonal, name=name)
    return apply_op("MatrixDiagV2", diagonal, k, num_rows, num_cols, padding_value, name=name)


def matrix_diag_part(input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0) -> Tensor:
    """Takes the diagonals of matrices.

    Args:
      input: ``[..., m, n]``.
      name: Name of the operation.
      k: Which diagonal, or the lowest and the highest of a band.
      padding_value: What fills the shorter diagonals of a band.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_diag_part([[1, 2, 3], [4, 5, 6]])))
      [1 5]
    """
    if _plain(k) and _plain(padding_value):
        return apply_op("MatrixDiagPart", input, name=name)
    return apply_op("MatrixDiagPartV2", input, k, padding_value, name=name)


def matrix_set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0) -> Tensor:
    """Puts diagonals into matrices, which else stay as they are.

    Args:
      input: ``[..., m, n]``.
      diagonal: ``[..., length of the diagonal]``.
      name: Name of the operation.
      k: Which diagonal, or the lowest and the highest of a band.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_set_diag([[7, 7], [7, 7]], [1, 2])))
      [[1 7]
       [7 2]]
    """
    if _plain(k):
        return apply_op("MatrixSetDiag", input, diagonal, name=name)
    return apply_op("MatrixSetDiagV2", input, diagonal, k, name=name)


# ---------------------------------------------------------------------- MatrixBandPart

def _band_part(xp: Any, input: Any, num_lower: Any, num_upper: Any) -> Any:
    if input.ndim < 2:
        raise ValueError(f"input must be at least 2-dim, received shape: {list(input.shape)}")
    rows, columns = input.shape[-2:]
    lower, upper = int(num_lower), int(num_upper)
    if lower > rows:
        raise ValueError(f"num_lower must be negative or less or equal to number of rows ({rows}) got: {lower}")
    if upper > columns:
        raise ValueError(f"num_upper must be negative or less or equal to number of columns ({columns}) got: {upper}")
    away = np.arange(columns)[None, :] - np.arange(rows)[:, None]
    keep = ((lower < 0) | (-away <= lower)) & ((upper < 0) | (away <= upper))
    return np.where(keep, input, np.zeros((), input.dtype))


def _at_least_matrix(input: Tensor, num_lower: Tensor, num_upper: Tensor) -> TensorShape:
    return input.shape.with_rank_at_least(2) if input.shape.ndims is not None else input.shape


define_op("MatrixBandPart", "input:T, num_lower:Tindex, num_upper:Tindex", "band:T",
          "T:type; Tindex:type=int64{int32,int64}",
          shape=_at_least_matrix, kernel=_band_part,
          gradient=lambda op, grad: [apply_op("MatrixBandPart", grad, op.inputs[1], op.inputs[2]), None, None])


def matrix_band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Keeps a band around the diagonal of matrices and sets the rest to zero.

    Args:
      input: ``[..., m, n]``.
      num_lower: How many diagonals below the main one to keep; negative keeps all.
      num_upper: How many above it.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.matrix_band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0, -1)))
      [[1 2 3]
       [0 5 6]
       [0 0 9]]
    """
    return apply_op("MatrixBandPart", input, num_lower, num_upper, name=name)


