"""Kinds of structure: reflections, updates of low rank, circulant and Toeplitz matrices."""

from __future__ import annotations

from typing import Any

from core.dtypes import as_dtype, complex64
from core.graph import Tensor, apply_op, convert_to_tensor, name_scope
from core.linear_operators.base import LinearOperator, abs_real
from core.linear_operators.basic import LinearOperatorDiag, LinearOperatorFullMatrix, LinearOperatorIdentity
from core.ops.array_basic import shape_of
from core.ops.math_complex import conj, real
from core.ops.math_linalg import matrix_solve
from core.ops.math_matmul import matmul
from core.ops.math_norm import adjoint as adjoint_of
from core.ops.math_norm import eye
from core.ops.math_reduce import reduce_prod, reduce_sum
from core.ops.math_unary import abs as abs_of
from core.shapes import TensorShape, broadcast

__all__ = [
    "LinearOperatorCirculant", "LinearOperatorCirculant2D", "LinearOperatorCirculant3D", "LinearOperatorHouseholder",
    "LinearOperatorLowRankUpdate", "LinearOperatorToeplitz",
]


# ---------------------------------------------------------------------- rank-one structure

class LinearOperatorHouseholder(LinearOperator):
    """The reflection ``I - 2 v v* / |v|^2``.

    Args:
      reflection_axis: Tensor ``[..., n]``, v.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorHouseholder([0.0, 2.0]).to_dense()))
      [[ 1.  0.]
       [ 0. -1.]]
    """

    def __init__(self, reflection_axis: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorHouseholder") -> None:
        if is_positive_definite or is_self_adjoint is False or is_non_singular is False or is_square is False:
            raise ValueError("A Householder operator is always square, self-adjoint and non-singular, and never "
                             "positive definite.")
        with name_scope(name, values=[reflection_axis]):
            self._axis = convert_to_tensor(reflection_axis, name="reflection_axis")
        super().__init__(self._axis.dtype.base_dtype, [self._axis], True, True, False, True, name)

    @property
    def reflection_axis(self) -> Tensor:
        """The vector that is turned round."""
        return self._axis

    def _shape(self) -> TensorShape:
        return self._axis.shape.concatenate(self._axis.shape[-1:])

    def _shape_tensor(self) -> Tensor:
        shape = shape_of(self._axis)
        return apply_op("ConcatV2", [shape, shape[-1:]], 0)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        length = apply_op("Sqrt", reduce_sum(self._axis * conj(self._axis), -1, keepdims=True))
        column = apply_op("ExpandDims", self._axis / length, -1)
        return x - 2.0 * matmul(column, matmul(column, x, adjoint_a=True))

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._matmul(rhs, adjoint)

    def _determinant(self) -> Tensor:
        return -apply_op("OnesLike", reduce_sum(self._axis, -1))

    def _log_abs_determinant(self) -> Tensor:
        return abs_real(apply_op("ZerosLike", reduce_sum(self._axis, -1)))

    def _inverse(self) -> LinearOperator:
        return self


class LinearOperatorLowRankUpdate(LinearOperator):
    """An operator plus a matrix of low rank: ``L + U D V*``.

    Args:
      base_operator: L, a LinearOperator.
      u: Tensor ``[..., m, r]``.
      diag_update: Tensor ``[..., r]``, the diagonal of D; ones by default.
      v: Tensor ``[..., n, r]``; `u` by default.
      is_diag_update_positive: What is known of D.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorIdentity(2), [[1.0], [2.0]])
      >>> with tf.Session() as sess:
      ...     print(sess.run([operator.to_dense(), operator.determinant()]))
      [array([[2., 2.],
             [2., 5.]], dtype=float32), np.float32(6.0)]

    Source: Woodbury, "Inverting modified matrices", 1950.
    """

    def __init__(self, base_operator: LinearOperator, u: Any, diag_update: Any = None, v: Any = None,
                 is_diag_update_positive: bool | None = None, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str = "LinearOperatorLowRankUpdate") -> None:
        self._base_operator = base_operator
        dtype = base_operator.dtype
        with name_scope(name, values=[u, diag_update, v]):
            self._u = convert_to_tensor(u, dtype, name="u")
            self._v = self._u if v is None else convert_to_tensor(v, dtype, name="v")
            self._diag_update = None if diag_update is None else convert_to_tensor(diag_update, dtype, name="diag")
        if diag_update is None:
            is_diag_update_positive = True
        self._is_diag_update_positive = is_diag_update_positive
        if v is None and is_diag_update_positive and base_operator.is_positive_definite:
            is_positive_definite = is_self_adjoint = True
        if v is None and base_operator.is_self_adjoint and not dtype.is_complex:
            is_self_adjoint = True
        super().__init__(dtype, [*base_operator.graph_parents, self._u], is_non_singular, is_self_adjoint,
                         is_positive_definite, base_operator.is_square if is_square is None else is_square, name)

    @property
    def base_operator(self) -> LinearOperator:
        """L."""
        return self._base_operator

    @property
    def u(self) -> Tensor:
        """U."""
        return self._u

    @property
    def v(self) -> Tensor:
        """V."""
        return self._v

    @property
    def diag_update(self) -> Tensor | None:
        """The diagonal of D, or None for ones."""
        return self._diag_update

    @property
    def is_diag_update_positive(self) -> bool | None:
        """True, False or None (not known)."""
        return self._is_diag_update_positive

    @property
    def diag_operator(self) -> LinearOperator:
        """D as an operator."""
        if self._diag_update is None:
            return LinearOperatorIdentity(self._rank(), dtype=self.dtype)
        return LinearOperatorDiag(self._diag_update)

    def _shape(self) -> TensorShape:
        batch = broadcast(self._base_operator.batch_shape, self._u.shape[:-2])
        return batch.concatenate(self._base_operator.shape[-2:])

    def _to_dense(self) -> Tensor:
        return self._base_operator.to_dense() + matmul(self._u, self.diag_operator.matmul(adjoint_of(self._v)))

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        left, right = (self._v, self._u) if adjoint else (self._u, self._v)
        inner = self.diag_operator.matmul(matmul(right, x, adjoint_a=True), adjoint=adjoint)
        return self._base_operator.matmul(x, adjoint=adjoint) + matmul(left, inner)

    def _rank(self) -> Any:
        known = self._u.shape.as_list()[-1]
        return shape_of(self._u)[-1] if known is None else known

    def _capacitance(self, left: Tensor, right: Tensor, adjoint: bool = False) -> Tensor:
        """``inverse(D) + V* inverse(L) U``"""
        inner = matmul(right, self._base_operator.solve(left, adjoint=adjoint), adjoint_a=True)
        inverse = self.diag_operator.inverse()
        return (inverse.adjoint() if adjoint else inverse).add_to_tensor(inner)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        left, right = (self._v, self._u) if adjoint else (self._u, self._v)
        first = self._base_operator.solve(rhs, adjoint=adjoint)
        inner = matrix_solve(self._capacitance(left, right, adjoint), matmul(right, first, adjoint_a=True))
        return first - self._base_operator.solve(matmul(left, inner), adjoint=adjoint)

    def _determinant(self) -> Tensor:
        small = LinearOperatorFullMatrix(self._capacitance(self._u, self._v)).determinant()
        return small * self.diag_operator.determinant() * self._base_operator.determinant()

    def _log_abs_determinant(self) -> Tensor:
        small = LinearOperatorFullMatrix(self._capacitance(self._u, self._v)).log_abs_determinant()
        return small + self.diag_operator.log_abs_determinant() + self._base_operator.log_abs_determinant()


# ---------------------------------------------------------------------- circulant and Toeplitz

class _Circulant(LinearOperator):
    """A (nested) circulant matrix: diagonal after a Fourier transform."""

    _depth = 1

    def __init__(self, spectrum: Any, input_output_dtype: Any = complex64, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = True, name: str | None = None) -> None:
        if is_square is False:
            raise ValueError("A (nested) circulant operator is always square.")
        name = name or type(self).__name__
        with name_scope(name, values=[spectrum]):
            given = convert_to_tensor(spectrum, name="spectrum")
            self._spectrum = given
            self._wide = given if given.dtype.is_complex else apply_op(
                "Cast", given, DstT=as_dtype("complex128" if given.dtype.base_dtype.size == 8 else "complex64"))
        if not given.dtype.is_complex and is_self_adjoint is not False:
            is_self_adjoint = True
        super().__init__(input_output_dtype, [given], is_non_singular, is_self_adjoint, is_positive_definite, True,
                         name)

    @property
    def spectrum(self) -> Tensor:
        """The eigenvalues, in the order of the Fourier transform."""
        return self._spectrum

    @property
    def block_depth(self) -> int:
        """How deep circulant blocks are nested."""
        return self._depth

    @property
    def block_shape(self) -> TensorShape:
        """The shape of the blocks."""
        return self._spectrum.shape[-self._depth:]

    def block_shape_tensor(self) -> Tensor:
        """The shape of the blocks, an int32 vector."""
        return shape_of(self._spectrum)[-self._depth:]

    def convolution_kernel(self, name: str = "convolution_kernel") -> Tensor:
        """The kernel of the convolution that the operator is: the first column."""
        with self._scope(name):
            kernel = self._transform("IFFT", self._wide)
            return kernel if self.dtype.is_complex else apply_op("Cast", real(kernel), DstT=self.dtype)

    def assert_hermitian_spectrum(self, name: str = "assert_hermitian_spectrum") -> Any:
        """An operation that raises InvalidArgumentError in a run where the kernel is not real."""
        with self._scope(name):
            kernel = self._transform("IFFT", self._wide)
            size = abs_of(kernel)
            least = apply_op("Mul", apply_op("Max", apply_op("Reshape", size, [-1]), [0]),
                             apply_op("Cast", 1e-4, DstT=size.dtype.base_dtype))
            imaginary = apply_op("Abs", apply_op("Imag", kernel, Tout=size.dtype.base_dtype))
            fine = apply_op("All", apply_op("Reshape", apply_op("LessEqual", imaginary, least), [-1]), [0])
            return apply_op("Assert", fine, [convert_to_tensor("Spectrum was not Hermitian")])

    def _transform(self, kind: str, x: Tensor) -> Tensor:
        return apply_op(kind if self._depth == 1 else f"{kind}{self._depth}D", x)

    def _shape(self) -> TensorShape:
        side = self.block_shape.num_elements()
        return self._spectrum.shape[:-self._depth].concatenate([side, side])

    def _filtered(self, x: Tensor, factor: Tensor) -> Tensor:
        """Transforms the columns of `x`, multiplies by `factor`, transforms back."""
        x = x if x.dtype.is_complex else apply_op("Cast", x, DstT=factor.dtype.base_dtype)
        rows = apply_op("Einsum", [x], equation="...ij->...ji")
        shape = shape_of(rows)
        blocks = apply_op("Reshape", rows, apply_op("ConcatV2", [shape[:-1], self.block_shape_tensor()], 0))
        wide = apply_op("ExpandDims", factor, -self._depth - 1)
        result = self._transform("IFFT", self._transform("FFT", blocks) * wide)
        flat = apply_op("ConcatV2", [shape_of(result)[:-self._depth], shape[-1:]], 0)
        back = apply_op("Einsum", [apply_op("Reshape", result, flat)], equation="...ij->...ji")
        return back if self.dtype.is_complex else apply_op("Cast", real(back), DstT=self.dtype)

    def _to_dense(self) -> Tensor:
        return self._matmul(eye(self._columns(), dtype=self.dtype), False)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self._filtered(x, conj(self._wide) if adjoint else self._wide)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._filtered(rhs, apply_op("Reciprocal", conj(self._wide) if adjoint else self._wide))

    def _flat(self) -> list[int]:
        return list(range(-self._depth, 0))

    def _determinant(self) -> Tensor:
        value = reduce_prod(self._wide, self._flat())
        return apply_op("Cast", value if self.dtype.is_complex else real(value), DstT=self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        return reduce_sum(apply_op("Log", abs_of(self._wide)), self._flat())

    def _inverse(self) -> LinearOperator:
        return type(self)(apply_op("Reciprocal", self._spectrum), self.dtype, True, self.is_self_adjoint)

    def _adjoint(self) -> LinearOperator:
        return type(self)(conj(self._spectrum), self.dtype, self.is_non_singular)


class LinearOperatorCirculant(_Circulant):
    """A circulant matrix, given by its eigenvalues.

    Args:
      spectrum: Tensor ``[..., n]``, the Fourier transform of the first column.
      input_output_dtype: Type of what it is applied to.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorCirculant([4.0, 2.0], input_output_dtype=tf.float32)
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.determinant()))
      8.0
    """

    _depth = 1


class LinearOperatorCirculant2D(_Circulant):
    """A block-circulant matrix, given by its eigenvalues.

    Args:
      spectrum: Tensor ``[..., n, m]``, the Fourier transform of the first column.
      input_output_dtype: Type of what it is applied to.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorCirculant2D([[4.0, 2.0]], input_output_dtype=tf.float32)
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.determinant()))
      8.0
    """

    _depth = 2


class LinearOperatorCirculant3D(_Circulant):
    """A block-circulant (three levels) matrix, given by its eigenvalues.

    Args:
      spectrum: Tensor ``[..., n, m, k]``, the Fourier transform of the first column.
      input_output_dtype: Type of what it is applied to.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorCirculant3D([[[4.0, 2.0]]], input_output_dtype=tf.float32)
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.determinant()))
      8.0
    """

    _depth = 3


class LinearOperatorToeplitz(LinearOperator):
    """A matrix that is constant along each diagonal.

    Args:
      col: Tensor ``[..., n]``, the first column.
      row: Tensor ``[..., n]``, the first row; its first element is not read.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.linalg.LinearOperatorToeplitz([1.0, 2.0], [1.0, 3.0]).to_dense()))
      [[1. 3.]
       [2. 1.]]
    """

    def __init__(self, col: Any, row: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorToeplitz") -> None:
        if is_square is False:
            raise ValueError("Only square Toeplitz operators currently supported.")
        with name_scope(name, values=[row, col]):
            self._col = convert_to_tensor(col, name="col")
            self._row = convert_to_tensor(row, self._col.dtype.base_dtype, name="row")
        super().__init__(self._row.dtype.base_dtype, [self._row, self._col], is_non_singular, is_self_adjoint,
                         is_positive_definite, True, name)

    @property
    def col(self) -> Tensor:
        """The first column."""
        return self._col

    @property
    def row(self) -> Tensor:
        """The first row."""
        return self._row

    def _shape(self) -> TensorShape:
        batch = broadcast(self._row.shape[:-1], self._col.shape[:-1])
        side = self._col.shape[-1].value if self._col.shape.ndims is not None else None
        return batch.concatenate([side, side])

    def _to_dense(self) -> Tensor:
        side = shape_of(self._col)[-1]
        places = apply_op("Range", 0, side, 1)
        offset = apply_op("ExpandDims", places, 1) - apply_op("ExpandDims", places, 0)  # row less column
        tail = self._row[..., 1:][..., ::-1]
        diagonals = apply_op("ConcatV2", [tail, self._col], -1)  # from the upper right corner to the lower left
        dense: Tensor = apply_op("GatherV2", diagonals, offset + (side - 1), -1)
        dense.set_shape(self.shape)
        return dense
