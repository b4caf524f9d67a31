"""`LinearOperator`: a matrix that knows its structure. Its kinds stand in the other files of this package.

Every operator can become a dense matrix; a kind that knows a better way to multiply, solve or take a determinant
overrides `_matmul`, `_solve`, `_log_abs_determinant` and the like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import as_dtype
from core.graph import Operation, Tensor, apply_op, convert_to_tensor, name_scope
from core.ops.array_basic import shape_of
from core.ops.math_linalg import (
    cholesky,
    matrix_determinant,
    matrix_inverse,
    matrix_solve,
    matrix_triangular_solve,
    slogdet,
)
from core.ops.math_matmul import matmul
from core.ops.math_norm import adjoint as adjoint_of
from core.ops.math_norm import eye
from core.ops.math_reduce import reduce_max, reduce_sum
from core.shapes import TensorShape, broadcast
from core.variables import Variable

__all__ = ["KINDS", "LinearOperator", "abs_real", "same_batch"]

# Kinds that the base makes of others; basic.py fills it.
KINDS: dict[str, Any] = {}


class LinearOperator:
    """A matrix, or a batch of them, of which the structure is known.

    Args:
      dtype: Type of the elements.
      graph_parents: Tensors that it is made of.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: What is known of it; None for not known.
      name: Name of the scope of its operations.

    Raises:
      ValueError: What is known contradicts itself.

    Example:
      >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0])
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.matmul([[3.0], [4.0]])))
      [[3.]
       [8.]]
    """

    def __init__(
        self, dtype: Any, graph_parents: Any = None, is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None, is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        if is_positive_definite:
            if is_non_singular is False:
                raise ValueError("A positive definite matrix is always non-singular.")
            is_non_singular = True
        if is_non_singular:
            if is_square is False:
                raise ValueError("A non-singular matrix is always square.")
            is_square = True
        if is_self_adjoint:
            if is_square is False:
                raise ValueError("A self-adjoint matrix is always square.")
            is_square = True
        self._is_square_set_or_implied = is_square
        self._dtype = None if dtype is None else as_dtype(dtype)
        self._graph_parents = [] if graph_parents is None else list(graph_parents)
        self._is_non_singular = is_non_singular
        self._is_self_adjoint = is_self_adjoint
        self._is_positive_definite = is_positive_definite
        self._name = name or type(self).__name__

    # ------------------------------------------------------------------ what it is

    @property
    def dtype(self) -> Any:
        """Type of the elements."""
        return self._dtype

    @property
    def name(self) -> str:
        """Name of the scope of its operations."""
        return self._name

    @property
    def graph_parents(self) -> list[Any]:
        """The tensors that it is made of."""
        return self._graph_parents

    @property
    def is_non_singular(self) -> bool | None:
        """True, False or None (not known)."""
        return self._is_non_singular

    @property
    def is_self_adjoint(self) -> bool | None:
        """True, False or None (not known)."""
        return self._is_self_adjoint

    @property
    def is_positive_definite(self) -> bool | None:
        """True, False or None (not known)."""
        return self._is_positive_definite

    @property
    def is_square(self) -> bool | None:
        """True, False or None (not known)."""
        known = self.domain_dimension.is_compatible_with(self.range_dimension)
        if self._is_square_set_or_implied is not None:
            return self._is_square_set_or_implied
        if self.domain_dimension.value is None or self.range_dimension.value is None:
            return None
        return bool(known)

    @property
    def shape(self) -> TensorShape:
        """What is known of its shape as a dense matrix."""
        return self._shape()

    @property
    def batch_shape(self) -> TensorShape:
        """The shape without the last two dimensions."""
        return self.shape[:-2]

    @property
    def tensor_rank(self) -> int | None:
        """The number of dimensions as a dense matrix."""
        return self.shape.ndims

    @property
    def domain_dimension(self) -> Any:
        """The number of columns."""
        return TensorShape([None])[0] if self.shape.ndims is None else self.shape[-1]

    @property
    def range_dimension(self) -> Any:
        """The number of rows."""
        return TensorShape([None])[0] if self.shape.ndims is None else self.shape[-2]

    @property
    def H(self) -> LinearOperator:
        """The adjoint."""
        return self.adjoint()

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables among its attributes and those of its parts."""
        found: list[Any] = []
        for value in vars(self).values():
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, Variable):
                    found.append(item)
                elif isinstance(item, LinearOperator):
                    found.extend(item.variables)
        return tuple(dict.fromkeys(found))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those of `variables` that training changes."""
        return tuple(v for v in self.variables if getattr(v, "trainable", True))

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The operators that it is made of."""
        parts: list[Any] = []
        for value in vars(self).values():
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, LinearOperator):
                    parts.extend([item, *item.submodules])
        return tuple(parts)

    @property
    def name_scope(self) -> Any:
        """The scope of its operations."""
        return name_scope(re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", self._name) + "/")

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator of a method: its operations stand under the operator's scope."""
        def run(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)
        return run

    # ------------------------------------------------------------------ what kinds override

    def _shape(self) -> TensorShape:
        raise NotImplementedError("_shape is not implemented.")

    def _to_dense(self) -> Tensor:
        return self._matmul(eye(self._columns(), dtype=self.dtype), False)

    def _shape_tensor(self) -> Tensor:
        shape = self.shape
        if shape.is_fully_defined():
            return convert_to_tensor(np.array(shape.as_list(), np.int32), name="shape")
        return shape_of(self._to_dense())

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return matmul(self._to_dense(), x, adjoint_a=adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        dense, rhs = same_batch(self._to_dense(), rhs)
        if self.is_self_adjoint and self.is_positive_definite:
            factor = cholesky(dense)
            return matrix_triangular_solve(factor, matrix_triangular_solve(factor, rhs), adjoint=True)
        return matrix_solve(dense, rhs, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return matrix_determinant(self._to_dense())

    def _log_abs_determinant(self) -> Tensor:
        return abs_real(slogdet(self._to_dense())[1])

    def _diag_part(self) -> Tensor:
        return apply_op("MatrixDiagPart", self._to_dense())

    def _trace(self) -> Tensor:
        return reduce_sum(self._diag_part(), -1)

    def _adjoint(self) -> LinearOperator:
        return KINDS["full"](adjoint_of(self._to_dense()), self.is_non_singular, self.is_self_adjoint,
                                        self.is_positive_definite, self.is_square)

    def _inverse(self) -> LinearOperator:
        return KINDS["full"](matrix_inverse(self._to_dense()), True, self.is_self_adjoint,
                                        self.is_positive_definite, True)

    def _columns(self) -> Any:
        known = self.domain_dimension.value
        return known if known is not None else self.shape_tensor()[-1]

    # ------------------------------------------------------------------ what one does with it

    def _scope(self, name: str, values: Any = ()) -> Any:
        return name_scope(f"{self._name}/{name}" if name else self._name, values=list(values))

    def _need_square(self, what: str) -> None:
        if self.is_square is False:
            raise NotImplementedError(f"{what} is not defined for an operator that is not square: shape {self.shape}.")

    def shape_tensor(self, name: str = "shape_tensor") -> Tensor:
        """The shape as a dense matrix, an int32 vector."""
        with self._scope(name):
            return self._shape_tensor()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """The shape of the batch, an int32 vector."""
        with self._scope(name):
            return self._shape_tensor()[:-2]

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Tensor:
        """The number of dimensions, a 0-D int32."""
        with self._scope(name):
            return apply_op("Size", self._shape_tensor())

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Tensor:
        """The number of columns, a 0-D int32."""
        with self._scope(name):
            return self._shape_tensor()[-1]

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Tensor:
        """The number of rows, a 0-D int32."""
        with self._scope(name):
            return self._shape_tensor()[-2]

    def to_dense(self, name: str = "to_dense") -> Tensor:
        """The matrix itself, ``[..., m, n]``."""
        with self._scope(name):
            return self._to_dense()

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Tensor:
        """``self + x`` as a dense Tensor."""
        with self._scope(name):
            return self._to_dense() + convert_to_tensor(x, self.dtype, name="x")

    def diag_part(self, name: str = "diag_part") -> Tensor:
        """The main diagonal, ``[..., min(m, n)]``."""
        with self._scope(name):
            return self._diag_part()

    def trace(self, name: str = "trace") -> Tensor:
        """The sum of the main diagonal, ``[...]``."""
        with self._scope(name):
            return self._trace()

    def determinant(self, name: str = "det") -> Tensor:
        """The determinant, ``[...]``; NotImplementedError where the operator is not square."""
        self._need_square("Determinant")
        with self._scope(name):
            return self._determinant()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Tensor:
        """The logarithm of the absolute value of the determinant, ``[...]``."""
        self._need_square("Determinant")
        with self._scope(name):
            return self._log_abs_determinant()

    def adjoint(self, name: str = "adjoint") -> LinearOperator:
        """The adjoint as an operator."""
        if self.is_self_adjoint:
            return self
        with self._scope(name):
            return self._adjoint()

    def inverse(self, name: str = "inverse") -> LinearOperator:
        """The inverse as an operator; ValueError where it is known to have none."""
        if self.is_square is False:
            raise ValueError("Cannot take the Inverse: This operator represents a non square matrix.")
        if self.is_non_singular is False:
            raise ValueError("Cannot take the Inverse: This operator represents a singular matrix.")
        with self._scope(name):
            return self._inverse()

    def cholesky(self, name: str = "cholesky") -> LinearOperator:
        """The Cholesky factor as an operator; ValueError where the operator is not known to have one."""
        if not (self.is_positive_definite and self.is_self_adjoint):
            raise ValueError("Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix.")
        with self._scope(name):
            return KINDS["triangular"](cholesky(self._to_dense()), is_non_singular=True)

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """``self @ x``.

        Args:
          x: Tensor ``[..., n, k]``, or a LinearOperator.
          adjoint: Use the adjoint of self.
          adjoint_arg: Use the adjoint of `x`.
          name: Name of the scope.

        Returns:
          A Tensor ``[..., m, k]``, or a LinearOperator.

        Raises:
          ValueError: Shapes do not fit.
        """
        if isinstance(x, LinearOperator):
            left = self.adjoint() if adjoint else self
            right = x.adjoint() if adjoint_arg else x
            _must_fit(left.domain_dimension, right.range_dimension, left, right)
            with self._scope(name):
                return _compose(left, right)
        with self._scope(name, [x]):
            x = convert_to_tensor(x, self.dtype, name="x")
            x = adjoint_of(x) if adjoint_arg else x
            if x.shape.ndims is not None:
                _must_fit(self.range_dimension if adjoint else self.domain_dimension, x.shape[-2], self, x)
            return self._matmul(x, adjoint)

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Tensor:
        """``self @ x`` for vectors ``[..., n]``."""
        with self._scope(name, [x]):
            x = convert_to_tensor(x, self.dtype, name="x")
            return apply_op("Squeeze", self._matmul(apply_op("ExpandDims", x, -1), adjoint), squeeze_dims=[-1])

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """Solves ``self @ x = rhs``.

        Args:
          rhs: Tensor ``[..., n, k]``, or a LinearOperator.
          adjoint: Solve with the adjoint of self.
          adjoint_arg: Use the adjoint of `rhs`.
          name: Name of the scope.

        Raises:
          NotImplementedError: The operator is known to be singular or not square.
        """
        if self.is_non_singular is False:
            raise NotImplementedError("Exact solve not implemented for an operator that is expected to be singular.")
        if self.is_square is False:
            raise NotImplementedError("Exact solve not implemented for an operator that is expected to not be square.")
        if isinstance(rhs, LinearOperator):
            left = self.adjoint() if adjoint else self
            right = rhs.adjoint() if adjoint_arg else rhs
            with self._scope(name):
                return _compose(left.inverse(), right)
        with self._scope(name, [rhs]):
            rhs = convert_to_tensor(rhs, self.dtype, name="rhs")
            rhs = adjoint_of(rhs) if adjoint_arg else rhs
            if rhs.shape.ndims is not None:
                _must_fit(self.range_dimension, rhs.shape[-2], self, rhs)
            return self._solve(rhs, adjoint)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Tensor:
        """Solves ``self @ x = rhs`` for vectors ``[..., n]``."""
        rhs = convert_to_tensor(rhs, self.dtype, name="rhs")
        column = self.solve(apply_op("ExpandDims", rhs, -1), adjoint=adjoint, name=name)
        return apply_op("Squeeze", column, squeeze_dims=[-1])

    # ------------------------------------------------------------------ assertions

    def assert_non_singular(self, name: str = "assert_non_singular") -> Operation:
        """An operation that raises InvalidArgumentError in a run where the operator is singular."""
        with self._scope(name):
            values = apply_op("Svd", self._to_dense(), compute_uv=False)[0]
            values = abs_real(values)
            limit = float(np.finfo(values.dtype.as_numpy_dtype).eps) * 10
            fine = apply_op("Greater", apply_op("Min", values, -1), reduce_max(values, -1) * limit)
            return _assertion(fine, "Singular matrix encountered")

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Operation:
        """An operation that raises InvalidArgumentError in a run where the operator is not its own adjoint."""
        with self._scope(name):
            dense = self._to_dense()
            return _assertion(apply_op("Equal", dense, adjoint_of(dense)), "Matrix was not equal to its adjoint.")

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Operation:
        """An operation that raises InvalidArgumentError in a run where the operator is not positive definite."""
        with self._scope(name):
            values = apply_op("SelfAdjointEigV2", self._to_dense(), compute_v=False)[0]
            return _assertion(apply_op("Greater", abs_real(values), 0), "Matrix was not positive definite.")


# ---------------------------------------------------------------------- helpers

def abs_real(x: Tensor) -> Tensor:
    """The real part of numbers that are real but for their type."""
    return apply_op("Real", x, Tout=x.dtype.base_dtype.real_dtype) if x.dtype.is_complex else x


def _assertion(condition: Tensor, message: str) -> Operation:
    with_all = apply_op("All", apply_op("Reshape", condition, [-1]), [0])
    op: Operation = apply_op("Assert", with_all, [convert_to_tensor(message)])
    return op


def _must_fit(one: Any, other: Any, left: Any, right: Any) -> None:
    if not one.is_compatible_with(other):
        raise ValueError(f"Operators are incompatible. Expected {right.shape} to have dimension {one} but got {other} "
                         f"(operator of shape {left.shape}).")


def _compose(left: LinearOperator, right: LinearOperator) -> LinearOperator:
    if isinstance(left, KINDS["identity"]):
        return right
    if isinstance(right, KINDS["identity"]):
        return left
    if isinstance(left, KINDS["diag"]) and isinstance(right, KINDS["diag"]):
        return KINDS["diag"](left.diag * right.diag)
    return KINDS["full"](matmul(left.to_dense(), right.to_dense()))


def same_batch(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both with the batch dimensions that they broadcast to."""
    if a.shape.ndims == b.shape.ndims == 2:
        return a, b
    if a.shape[:-2].is_fully_defined() and a.shape[:-2].as_tuple() == b.shape[:-2].as_tuple():
        return a, b
    shape_a, shape_b = apply_op("Shape", a), apply_op("Shape", b)
    batch = apply_op("BroadcastArgs", shape_a[:-2], shape_b[:-2])
    pair = []
    for x, shape in ((a, shape_a), (b, shape_b)):
        wide = apply_op("BroadcastTo", x, apply_op("ConcatV2", [batch, shape[-2:]], 0))
        known = broadcast(a.shape[:-2], b.shape[:-2])
        if known.ndims is not None:
            wide.set_shape(known.concatenate(x.shape[-2:]))
        pair.append(wide)
    return pair[0], pair[1]
