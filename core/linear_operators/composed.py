"""Kinds made of other operators: adjoint, inverse, product, blocks on the diagonal, Kronecker product."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import Tensor, apply_op
from core.linear_operators.base import LinearOperator
from core.ops.array_basic import shape_of
from core.ops.math_complex import conj
from core.ops.math_norm import adjoint as adjoint_of
from core.ops.math_norm import eye
from core.shapes import TensorShape, broadcast

__all__ = [
    "LinearOperatorAdjoint", "LinearOperatorBlockDiag", "LinearOperatorComposition", "LinearOperatorInversion",
    "LinearOperatorKronecker",
]


class _Of(LinearOperator):
    """What has one operator inside."""

    _suffix = ""

    def __init__(self, operator: LinearOperator, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str | None = None) -> None:
        self._operator = operator
        super().__init__(
            operator.dtype, operator.graph_parents,
            operator.is_non_singular if is_non_singular is None else is_non_singular,
            operator.is_self_adjoint if is_self_adjoint is None else is_self_adjoint,
            operator.is_positive_definite if is_positive_definite is None else is_positive_definite,
            operator.is_square if is_square is None else is_square, name or operator.name + self._suffix)

    @property
    def operator(self) -> LinearOperator:
        """The operator inside."""
        return self._operator


class LinearOperatorAdjoint(_Of):
    """The adjoint of another operator.

    Args:
      operator: A LinearOperator.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorAdjoint(tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]]))
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.to_dense()))
      [[1. 3.]
       [2. 4.]]
    """

    _suffix = "_adjoint"

    def _shape(self) -> TensorShape:
        inner = self._operator.shape
        return inner if inner.ndims is None else inner[:-2].concatenate([inner[-1], inner[-2]])

    def _to_dense(self) -> Tensor:
        return adjoint_of(self._operator.to_dense())

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self._operator.matmul(x, adjoint=not adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._operator.solve(rhs, adjoint=not adjoint)

    def _determinant(self) -> Tensor:
        return conj(self._operator.determinant())

    def _log_abs_determinant(self) -> Tensor:
        return self._operator.log_abs_determinant()

    def _adjoint(self) -> LinearOperator:
        return self._operator


class LinearOperatorInversion(_Of):
    """The inverse of another operator, computed by solving.

    Args:
      operator: A LinearOperator, non-singular.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorInversion(tf.linalg.LinearOperatorDiag([2.0, 4.0]))
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.matvec([1.0, 1.0])))
      [0.5  0.25]
    """

    _suffix = "_inv"

    def __init__(self, operator: LinearOperator, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str | None = None) -> None:
        if operator.is_square is False or operator.is_non_singular is False:
            raise ValueError(f"operator {operator.name} must be square and non-singular.")
        super().__init__(operator, True, is_self_adjoint, is_positive_definite, True, name)

    def _shape(self) -> TensorShape:
        return self._operator.shape

    def _to_dense(self) -> Tensor:
        return self._operator.solve(eye(self._columns(), dtype=self.dtype))

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self._operator.solve(x, adjoint=adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._operator.matmul(rhs, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return 1.0 / self._operator.determinant()

    def _log_abs_determinant(self) -> Tensor:
        return -self._operator.log_abs_determinant()

    def _inverse(self) -> LinearOperator:
        return self._operator


# ---------------------------------------------------------------------- of several operators

class _OfMany(LinearOperator):
    """What has several operators inside."""

    _joint = ""

    def __init__(self, operators: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str | None = None) -> None:
        if not operators:
            raise ValueError(f"Expected a non-empty list of operators. Found: {operators}")
        self._operators = list(operators)
        types = {o.dtype for o in self._operators}
        if len(types) > 1:
            raise TypeError(f"Expected all operators to have the same dtype. Found {sorted(t.name for t in types)}")
        if is_non_singular is None and all(o.is_non_singular for o in self._operators):
            is_non_singular = True
        parents = [p for o in self._operators for p in o.graph_parents]
        super().__init__(self._operators[0].dtype, parents, is_non_singular, is_self_adjoint, is_positive_definite,
                         is_square, name or self._joint.join(o.name for o in self._operators))

    @property
    def operators(self) -> list[LinearOperator]:
        """The operators inside."""
        return self._operators

    def _batch(self) -> TensorShape:
        batch = self._operators[0].batch_shape
        for operator in self._operators[1:]:
            batch = broadcast(batch, operator.batch_shape)
        return batch

    def _product(self, what: str) -> Tensor:
        value = getattr(self._operators[0], what)()
        for operator in self._operators[1:]:
            value = value * getattr(operator, what)()
        return value


class LinearOperatorComposition(_OfMany):
    """The product of operators, applied one after the other.

    Args:
      operators: List of LinearOperators; the last is applied first.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorComposition([tf.linalg.LinearOperatorDiag([2.0, 3.0]),
      ...                                                 tf.linalg.LinearOperatorFullMatrix([[1.0, 1.0], [0.0, 1.0]])])
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.matvec([1.0, 1.0])))
      [4. 3.]
    """

    _joint = "_o_"

    def _shape(self) -> TensorShape:
        return self._batch().concatenate([self._operators[0].range_dimension, self._operators[-1].domain_dimension])

    def _to_dense(self) -> Tensor:
        value = self._operators[-1].to_dense()
        for operator in reversed(self._operators[:-1]):
            value = operator.matmul(value)
        return value

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        for operator in self._operators if adjoint else reversed(self._operators):
            x = operator.matmul(x, adjoint=adjoint)
        return x

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        for operator in reversed(self._operators) if adjoint else self._operators:
            rhs = operator.solve(rhs, adjoint=adjoint)
        return rhs

    def _determinant(self) -> Tensor:
        return self._product("determinant")

    def _log_abs_determinant(self) -> Tensor:
        total = self._operators[0].log_abs_determinant()
        for operator in self._operators[1:]:
            total = total + operator.log_abs_determinant()
        return total


class LinearOperatorBlockDiag(_OfMany):
    """Operators as blocks on the diagonal of a larger one.

    Args:
      operators: List of square LinearOperators.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorBlockDiag([tf.linalg.LinearOperatorDiag([2.0]),
      ...                                               tf.linalg.LinearOperatorIdentity(1)])
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.to_dense()))
      [[2. 0.]
       [0. 1.]]
    """

    _joint = "_ds_"

    def __init__(self, operators: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = True,
                 name: str | None = None) -> None:
        super().__init__(operators, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    def _shape(self) -> TensorShape:
        sides = [o.range_dimension.value for o in self._operators]
        side = None if None in sides else sum(sides)
        return self._batch().concatenate([side, side])

    def _pieces(self, x: Tensor) -> list[Tensor]:
        sizes = [o.range_dimension.value if o.range_dimension.value is not None else o.range_dimension_tensor()
                 for o in self._operators]
        together = np.array(sizes, np.int32) if all(isinstance(s, int) for s in sizes) else apply_op("Pack", sizes)
        parts: list[Tensor] = apply_op("SplitV", x, together, -2, num_split=len(sizes))
        return parts

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        parts = [o.matmul(p, adjoint=adjoint) for o, p in zip(self._operators, self._pieces(x), strict=True)]
        return apply_op("ConcatV2", parts, -2)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        parts = [o.solve(p, adjoint=adjoint) for o, p in zip(self._operators, self._pieces(rhs), strict=True)]
        return apply_op("ConcatV2", parts, -2)

    def _diag_part(self) -> Tensor:
        return apply_op("ConcatV2", [o.diag_part() for o in self._operators], -1)

    def _determinant(self) -> Tensor:
        return self._product("determinant")


class LinearOperatorKronecker(_OfMany):
    """The Kronecker product of operators.

    Args:
      operators: List of LinearOperators.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square, name: As in `LinearOperator`.

    Example:
      >>> operator = tf.linalg.LinearOperatorKronecker([tf.linalg.LinearOperatorIdentity(2),
      ...                                               tf.linalg.LinearOperatorDiag([2.0, 3.0])])
      >>> with tf.Session() as sess:
      ...     print(sess.run(operator.diag_part()))
      [2. 3. 2. 3.]
    """

    _joint = "_x_"

    def _shape(self) -> TensorShape:
        rows = [o.range_dimension.value for o in self._operators]
        columns = [o.domain_dimension.value for o in self._operators]
        return self._batch().concatenate([None if None in s else int(np.prod(s)) for s in (rows, columns)])

    def _to_dense(self) -> Tensor:
        value = self._operators[0].to_dense()
        for operator in self._operators[1:]:
            other = operator.to_dense()
            product = apply_op("Einsum", [value, other], equation="...ij,...kl->...ikjl")
            first, second = shape_of(value), shape_of(other)
            shape = apply_op("ConcatV2", [shape_of(product)[:-4], first[-2:] * second[-2:]], 0)
            value = apply_op("Reshape", product, shape)
        value.set_shape(self.shape)
        return value
