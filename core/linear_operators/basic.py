"""The simple kinds: dense, triangular, diagonal, multiples of the identity, zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, float32, int32
from core.graph import Tensor, apply_op, convert_to_tensor, name_scope
from core.linear_operators.base import KINDS, LinearOperator, abs_real, same_batch
from core.ops.array_basic import shape_of, zeros
from core.ops.math_complex import conj
from core.ops.math_linalg import matrix_triangular_solve
from core.ops.math_norm import eye
from core.ops.math_reduce import reduce_prod, reduce_sum
from core.ops.math_unary import abs as abs_of
from core.shapes import TensorShape

__all__ = [
    "LinearOperatorDiag", "LinearOperatorFullMatrix", "LinearOperatorIdentity", "LinearOperatorLowerTriangular",
    "LinearOperatorScaledIdentity", "LinearOperatorZeros",
]


# ---------------------------------------------------------------------- dense and triangular

class LinearOperatorFullMatrix(LinearOperator):
    """A matrix without structure.

    Args:
      matrix: Tensor ``[..., m, n]``.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]]).trace()))
      5.0
    """

    def __init__(self, matrix: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorFullMatrix") -> None:
        with name_scope(name, values=[matrix]):
            self._matrix = convert_to_tensor(matrix, name="matrix")
            self._given = matrix  # a variable is found again in `variables`
            if self._matrix.shape.ndims is not None and self._matrix.shape.ndims < 2:
                raise ValueError(f"Argument matrix must have at least 2 dimensions. Found: {self._matrix}")
        super().__init__(self._matrix.dtype.base_dtype, [self._matrix], is_non_singular, is_self_adjoint,
                         is_positive_definite, is_square, name)

    def _shape(self) -> TensorShape:
        return self._matrix.shape

    def _shape_tensor(self) -> Tensor:
        return shape_of(self._matrix)

    def _to_dense(self) -> Tensor:
        return self._matrix


class LinearOperatorLowerTriangular(LinearOperator):
    """A lower triangular matrix.

    Args:
      tril: Tensor ``[..., n, n]``; what stands above the diagonal is not read.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorLowerTriangular([[2.0, 9.0], [1.0, 4.0]])
      >>> with tf.Session() as sess:
      ...     print(sess.run([operator.determinant(), operator.solvevec([2.0, 5.0])]))
      [np.float32(8.0), array([1., 1.], dtype=float32)]
    """

    def __init__(self, tril: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorLowerTriangular") -> None:
        if is_square is False:
            raise ValueError(f"Only square lower triangular operators supported at this time. is_square={is_square}")
        with name_scope(name, values=[tril]):
            given = convert_to_tensor(tril, name="tril")
            self._given = tril  # a variable is found again in `variables`
            self._tril = apply_op("MatrixBandPart", given, np.array(-1, np.int64), np.array(0, np.int64))
        super().__init__(given.dtype.base_dtype, [given], is_non_singular, is_self_adjoint, is_positive_definite, True,
                         name)

    def _shape(self) -> TensorShape:
        return self._tril.shape

    def _shape_tensor(self) -> Tensor:
        return shape_of(self._tril)

    def _to_dense(self) -> Tensor:
        return self._tril

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return matrix_triangular_solve(*same_batch(self._tril, rhs), lower=True, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return reduce_prod(self._diag_part(), -1)

    def _log_abs_determinant(self) -> Tensor:
        return reduce_sum(apply_op("Log", abs_of(self._diag_part())), -1)


# ---------------------------------------------------------------------- diagonal and simpler

class LinearOperatorDiag(LinearOperator):
    """A diagonal matrix.

    Args:
      diag: Tensor ``[..., n]``, the diagonal.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorDiag([2.0, 3.0]).determinant()))
      6.0
    """

    def __init__(self, diag: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorDiag") -> None:
        with name_scope(name, values=[diag]):
            self._diag = convert_to_tensor(diag, name="diag")
            self._given = diag  # a variable is found again in `variables`
        if self._diag.shape.ndims is not None and self._diag.shape.ndims < 1:
            raise ValueError(f"Argument diag must have at least 1 dimension. Found: {self._diag}")
        if not self._diag.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        if is_square is False:
            raise ValueError("Only square diagonal operators currently supported.")
        super().__init__(self._diag.dtype.base_dtype, [self._diag], is_non_singular, is_self_adjoint,
                         is_positive_definite, True, name)

    @property
    def diag(self) -> Tensor:
        """The diagonal."""
        return self._diag

    def _shape(self) -> TensorShape:
        return self._diag.shape.concatenate(self._diag.shape[-1:])

    def _shape_tensor(self) -> Tensor:
        shape = shape_of(self._diag)
        return apply_op("ConcatV2", [shape, shape[-1:]], 0)

    def _to_dense(self) -> Tensor:
        return apply_op("MatrixDiag", self._diag)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return apply_op("ExpandDims", conj(self._diag) if adjoint else self._diag, -1) * x

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return rhs / apply_op("ExpandDims", conj(self._diag) if adjoint else self._diag, -1)

    def _determinant(self) -> Tensor:
        return reduce_prod(self._diag, -1)

    def _log_abs_determinant(self) -> Tensor:
        return reduce_sum(apply_op("Log", abs_of(self._diag)), -1)

    def _diag_part(self) -> Tensor:
        return self._diag

    def _adjoint(self) -> LinearOperator:
        return LinearOperatorDiag(conj(self._diag), self.is_non_singular, self.is_self_adjoint,
                                  self.is_positive_definite, True)

    def _inverse(self) -> LinearOperator:
        return LinearOperatorDiag(apply_op("Reciprocal", self._diag), True, self.is_self_adjoint,
                                  self.is_positive_definite, True)


class LinearOperatorScaledIdentity(LinearOperator):
    """A multiple of the identity.

    Args:
      num_rows: The number of rows and columns, 0-D.
      multiplier: Tensor ``[...]``, what stands on the diagonal.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.
      assert_proper_shapes: Accepted; shapes are checked while building.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorScaledIdentity(2, 3.0).to_dense()))
      [[3. 0.]
       [0. 3.]]
    """

    def __init__(self, num_rows: Any, multiplier: Any, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = True, assert_proper_shapes: bool = False,
                 name: str = "LinearOperatorScaledIdentity") -> None:
        if is_square is False:
            raise ValueError("A ScaledIdentity operator is always square.")
        with name_scope(name, values=[multiplier, num_rows]):
            self._multiplier = convert_to_tensor(multiplier, name="multiplier")
        if not self._multiplier.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        self._num_rows = num_rows if isinstance(num_rows, int) else convert_to_tensor(num_rows, int32)
        if isinstance(num_rows, int) and num_rows < 0:
            raise ValueError(f"Argument num_rows must be non-negative. Found: {num_rows}")
        super().__init__(self._multiplier.dtype.base_dtype, [self._multiplier], is_non_singular, is_self_adjoint,
                         is_positive_definite, True, name)

    @property
    def multiplier(self) -> Tensor:
        """What stands on the diagonal."""
        return self._multiplier

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Tensor:
        """``self + mat`` as a dense Tensor."""
        return super().add_to_tensor(mat, name)

    def _side(self) -> int | None:
        return self._num_rows if isinstance(self._num_rows, int) else None

    def _shape(self) -> TensorShape:
        return self._multiplier.shape.concatenate([self._side(), self._side()])

    def _shape_tensor(self) -> Tensor:
        side = apply_op("Pack", [self._num_rows, self._num_rows])
        return apply_op("ConcatV2", [shape_of(self._multiplier), side], 0)

    def _wide(self) -> Tensor:
        return apply_op("ExpandDims", apply_op("ExpandDims", self._multiplier, -1), -1)

    def _to_dense(self) -> Tensor:
        return self._wide() * eye(self._num_rows, dtype=self.dtype)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return (conj(self._wide()) if adjoint else self._wide()) * x

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return rhs / (conj(self._wide()) if adjoint else self._wide())

    def _power(self) -> Tensor:
        return apply_op("Cast", self._num_rows, DstT=self.dtype)

    def _determinant(self) -> Tensor:
        return self._multiplier ** self._power()

    def _log_abs_determinant(self) -> Tensor:
        return abs_real(self._power()) * apply_op("Log", abs_of(self._multiplier))

    def _adjoint(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._num_rows, conj(self._multiplier), self.is_non_singular)

    def _inverse(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._num_rows, apply_op("Reciprocal", self._multiplier), True)


class LinearOperatorIdentity(LinearOperatorScaledIdentity):
    """The identity.

    Args:
      num_rows: The number of rows and columns, 0-D.
      batch_shape: Shape of the batch, a list of integers.
      dtype: Type of the elements; float32 by default.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.
      assert_proper_shapes: Accepted; shapes are checked while building.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorIdentity(2).matvec([5.0, 6.0])))
      [5. 6.]
    """

    def __init__(self, num_rows: Any, batch_shape: Any = None, dtype: Any = None, is_non_singular: bool | None = True,
                 is_self_adjoint: bool | None = True, is_positive_definite: bool | None = True,
                 is_square: bool | None = True, assert_proper_shapes: bool = False,
                 name: str = "LinearOperatorIdentity") -> None:
        if not (is_self_adjoint and is_non_singular and is_positive_definite):
            raise ValueError("An identity operator is always self-adjoint, non-singular and positive definite.")
        one = apply_op("Fill", convert_to_tensor(np.array([] if batch_shape is None else batch_shape, np.int32)),
                       apply_op("Cast", 1, DstT=as_dtype(dtype or float32)))
        super().__init__(num_rows, one, True, True, True, is_square, assert_proper_shapes, name)

    def _adjoint(self) -> LinearOperator:
        return self

    def _inverse(self) -> LinearOperator:
        return self


class LinearOperatorZeros(LinearOperator):
    """A matrix of zeros.

    Args:
      num_rows, num_columns: Its size; square by default.
      batch_shape: Shape of the batch, a list of integers.
      dtype: Type of the elements; float32 by default.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.
      assert_proper_shapes: Accepted; shapes are checked while building.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorZeros(2, 3).to_dense()))
      [[0. 0. 0.]
       [0. 0. 0.]]
    """

    def __init__(self, num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = None,
                 is_non_singular: bool | None = False, is_self_adjoint: bool | None = True,
                 is_positive_definite: bool | None = False, is_square: bool | None = True,
                 assert_proper_shapes: bool = False, name: str = "LinearOperatorZeros") -> None:
        if is_non_singular or is_positive_definite:
            raise ValueError("A zero operator is never non-singular nor positive definite.")
        columns = num_rows if num_columns is None else num_columns
        self._sizes = [*([] if batch_shape is None else [int(b) for b in batch_shape]), int(num_rows), int(columns)]
        square = self._sizes[-1] == self._sizes[-2]
        super().__init__(dtype or float32, [], False, square and is_self_adjoint, False, square, name)

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Tensor:
        """``self + mat`` as a dense Tensor."""
        return super().add_to_tensor(mat, name)

    def _shape(self) -> TensorShape:
        return TensorShape(self._sizes)

    def _to_dense(self) -> Tensor:
        return zeros(self._sizes, self.dtype)

    def _adjoint(self) -> LinearOperator:
        *batch, rows, columns = self._sizes
        return LinearOperatorZeros(columns, rows, batch, self.dtype)


KINDS.update(full=LinearOperatorFullMatrix, triangular=LinearOperatorLowerTriangular, diag=LinearOperatorDiag,
             identity=LinearOperatorIdentity)
