"""Composite values made of several tensors: `IndexedSlices` and `SparseTensor`."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from core.dtypes import DType, int64
from core.graph.constants import constant_value_as_shape
from core.graph.convert import convert_to_tensor
from core.graph.operation import Operation, Slots, Tensor
from core.graph.scopes import name_scope
from core.shapes import TensorShape

__all__ = ["IndexedSlices", "IndexedSlicesValue", "SparseTensor", "SparseTensorValue"]

IndexedSlicesValue = namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])
SparseTensorValue = namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])


class IndexedSlices:
    """Some slices of a tensor along its first dimension: ``dense[indices[i]] = values[i]`` (repeated indices add up).

    Args:
      values: Tensor ``[n, ...]``.
      indices: Integer tensor ``[n]``.
      dense_shape: Shape of the whole tensor, a 1-D integer tensor, or None.
    """

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self._values: Tensor = values
        self._indices: Tensor = indices
        self._dense_shape: Tensor | None = dense_shape

    @property
    def values(self) -> Tensor:
        """The slices."""
        return self._values

    @property
    def indices(self) -> Tensor:
        """Which rows they are."""
        return self._indices

    @property
    def dense_shape(self) -> Tensor | None:
        """Shape of the whole tensor, if known."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """Static shape of the whole tensor."""
        if self._dense_shape is None:
            return TensorShape(None)
        return constant_value_as_shape(self._dense_shape)

    @property
    def name(self) -> str:
        """Name of the values."""
        return self._values.name

    @property
    def device(self) -> str:
        """Device of the values."""
        return self._values.device

    @property
    def op(self) -> Operation:
        """The operation that makes the values."""
        return self._values.op

    @property
    def dtype(self) -> DType:
        """Element type of the values."""
        return self._values.dtype

    @property
    def graph(self) -> Any:
        """The graph of the values."""
        return self._values.graph

    def consumers(self) -> list[Operation]:
        """Operations that take any of the parts."""
        return [op for t in (self._values, self._indices) for op in t.consumers()]

    def __neg__(self) -> IndexedSlices:
        values: Any = self._values  # operators are set by the ops layer
        return IndexedSlices(-values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        dense = "" if self._dense_shape is None else f", dense_shape={self._dense_shape}"
        return f"IndexedSlices(indices={self._indices}, values={self._values}{dense})"


class SparseTensor:
    """A tensor of which only the elements that are not zero are held, in coordinate form.

    Args:
      indices: int64 ``[n, rank]``: coordinates, in row-major order where an op asks for it.
      values: ``[n]``.
      dense_shape: int64 ``[rank]``.

    Raises:
      ValueError: The static shapes of the three do not fit together.
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            indices = convert_to_tensor(indices, name="indices", dtype=int64)
            values = convert_to_tensor(values, name="values")
            dense_shape = convert_to_tensor(dense_shape, name="dense_shape", dtype=int64)
        self._indices: Tensor = indices
        self._values: Tensor = values
        self._dense_shape: Tensor = dense_shape
        indices_shape = indices.shape.with_rank(2)
        values_shape = values.shape.with_rank(1)
        dense_shape_shape = dense_shape.shape.with_rank(1)
        indices_shape.dims[0].merge_with(values_shape.dims[0])
        indices_shape.dims[1].merge_with(dense_shape_shape.dims[0])

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """Makes one from a `SparseTensorValue` (or returns a SparseTensor as it is)."""
        if isinstance(sparse_tensor_value, SparseTensor):
            return sparse_tensor_value
        if not isinstance(sparse_tensor_value, SparseTensorValue):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {sparse_tensor_value}.")
        return cls(sparse_tensor_value.indices, sparse_tensor_value.values, sparse_tensor_value.dense_shape)

    @property
    def indices(self) -> Tensor:
        """Coordinates ``[n, rank]``."""
        return self._indices

    @property
    def values(self) -> Tensor:
        """Values ``[n]``."""
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        """Shape as a tensor ``[rank]``."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """Static shape of the whole."""
        return constant_value_as_shape(self._dense_shape)

    def get_shape(self) -> TensorShape:
        """Alias of `shape`."""
        return self.shape

    @property
    def op(self) -> Operation:
        """The operation that makes the values."""
        return self._values.op

    @property
    def dtype(self) -> DType:
        """Element type."""
        return self._values.dtype

    @property
    def graph(self) -> Any:
        """The graph of the parts."""
        return self._indices.graph

    @property
    def name(self) -> str:
        """Name of the values."""
        return self._values.name

    def consumers(self) -> list[Operation]:
        """Operations that take the values."""
        return self._values.consumers()

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Computes the three parts; returns a `SparseTensorValue`."""
        assert Slots.eval_tensor is not None
        return Slots.eval_tensor(self, feed_dict, session)

    def __str__(self) -> str:
        return f"SparseTensor(indices={self._indices}, values={self._values}, dense_shape={self._dense_shape})"
