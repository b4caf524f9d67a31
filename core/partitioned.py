"""Variables in parts: `PartitionedVariable`, and the partitioners that say how to cut one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from core.dtypes import DType, as_dtype
from core.graph import Operation, Tensor, apply_op, name_scope, register_tensor_conversion_function
from core.ops.grouping import group
from core.shapes import TensorShape

__all__ = ["fixed_size_partitioner", "min_max_variable_partitioner", "variable_axis_size_partitioner"]


class PartitionInfo:
    """What an initialiser learns of the part that it makes: shape of the whole, and where the part begins."""

    def __init__(self, full_shape: list[int], var_offset: list[int]) -> None:
        self.full_shape = full_shape
        self.var_offset = var_offset


def partition_slices(shape: list[int], counts: list[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Offsets and sizes of the parts; the first ``size % count`` parts are one longer. One axis at most is cut."""
    if len(counts) != len(shape):
        raise ValueError(f"Partitioner returned a partition list that does not match the Variable's rank: {counts} vs. "
                         f"{shape}")
    if any(c < 1 for c in counts):
        raise ValueError(f"Partitioner returned zero partitions for some axes: {counts}")
    cut = [axis for axis, count in enumerate(counts) if count > 1]
    if len(cut) > 1:
        raise ValueError(f"Can only slice a variable along one dimension: shape: {shape}, partitioning: {counts}")
    axis = cut[0] if cut else 0
    count = counts[axis] if counts else 1
    if shape and shape[axis] < count:
        raise ValueError(f"Axis {axis} of size {shape[axis]} can't be cut into {count} parts.")
    offset = [0] * len(shape)
    longer = shape[axis] % count if shape else 0
    for index in range(count):
        size = list(shape)
        if shape:
            size[axis] = shape[axis] // count + (1 if index < longer else 0)
        yield list(offset), size
        if shape:
            offset[axis] += size[axis]


class PartitionedVariable:
    """A variable that is kept in several parts, cut along one axis; used as a tensor, the parts are concatenated."""

    def __init__(
        self, name: str, shape: TensorShape, dtype: DType, variable_list: list[Any], partitions: list[int],
    ) -> None:
        self._name, self._shape, self._dtype = name, shape, as_dtype(dtype)
        self._variable_list, self._partitions = variable_list, partitions

    def __iter__(self) -> Iterator[Any]:
        return iter(self._variable_list)

    def __len__(self) -> int:
        return len(self._variable_list)

    def _axis(self) -> int:
        return next((axis for axis, count in enumerate(self._partitions) if count > 1), 0)

    def _concat(self) -> Tensor:
        if len(self._variable_list) == 1:
            with name_scope(None):
                return apply_op("Identity", self._variable_list[0], name=self._name)
        with name_scope(self._name + "/ConcatPartitions/"):
            joined = apply_op("ConcatV2", [v.value() for v in self._variable_list], self._axis(), name="concat")
        with name_scope(None):
            return apply_op("Identity", joined, name=self._name)

    def as_tensor(self) -> Tensor:
        """The whole, as one tensor."""
        with self._variable_list[0].graph.control_dependencies(None):
            return self._concat()

    @property
    def name(self) -> str:
        """Name of the whole."""
        return self._name

    @property
    def dtype(self) -> DType:
        """Element type."""
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        """Shape of the whole."""
        return self._shape

    def get_shape(self) -> TensorShape:
        """Alias of `shape`."""
        return self._shape

    def _get_variable_list(self) -> list[Any]:
        return self._variable_list

    def _get_partitions(self) -> list[int]:
        return self._partitions

    def _apply(self, method: str, value: Any, name: str | None) -> Operation:
        axis = self._axis()
        parts = [value] if len(self._variable_list) == 1 else apply_op(
            "SplitV", value, [v.shape.as_list()[axis] for v in self._variable_list], axis,
            num_split=len(self._variable_list))
        return group(*[getattr(v, method)(p) for v, p in zip(self._variable_list, parts, strict=True)], name=name)

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Sets all parts from the whole `value`."""
        return self._apply("assign", value, name)

    def assign_add(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True,
    ) -> Any:
        """Adds the whole `value`."""
        return self._apply("assign_add", value, name)

    def assign_sub(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True,
    ) -> Any:
        """Subtracts the whole `value`."""
        return self._apply("assign_sub", value, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"PartitionedVariable '{self._name}' has no attribute '{name}'.")


def _conversion(value: PartitionedVariable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del name
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                         f"'{value.dtype.name}'")
    if as_ref:
        raise NotImplementedError("PartitionedVariable doesn't support being used as a reference.")
    return value.as_tensor()


register_tensor_conversion_function(PartitionedVariable, _conversion)


def variable_axis_size_partitioner(
    max_shard_bytes: int, axis: int = 0, bytes_per_string_element: int = 16, max_shards: int | None = None,
) -> Callable[..., list[int]]:
    """A partitioner that keeps each part below `max_shard_bytes` by cutting along `axis`.

    Raises:
      ValueError: A size that is not positive.

    Example:
      >>> import core as tf
      >>> tf.variable_axis_size_partitioner(max_shard_bytes=48)(shape=tf.TensorShape([6, 5]), dtype=tf.float32)
      [3, 1]
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError(f"Both max_shard_bytes and bytes_per_string_element must be positive, but are: "
                         f"{max_shard_bytes}, {bytes_per_string_element}")
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partitioner(shape: TensorShape, dtype: Any) -> list[int]:
        dims: list[Any] = TensorShape(shape).as_list()
        kind = as_dtype(dtype)
        element = bytes_per_string_element if kind.name == "string" else kind.size
        partitions = [1] * len(dims)
        slice_bytes = (math.prod(dims) // dims[axis]) * element
        per_shard = max(1, max_shard_bytes // slice_bytes)
        count = math.ceil(dims[axis] / per_shard)
        partitions[axis] = min(count, max_shards) if max_shards else count
        return partitions

    return partitioner


def min_max_variable_partitioner(
    max_partitions: int = 1, axis: int = 0, min_slice_size: int = 256 << 10, bytes_per_string_element: int = 16,
) -> Callable[..., list[int]]:
    """A partitioner that cuts along `axis` into at most `max_partitions` parts of at least `min_slice_size` bytes."""
    def partitioner(shape: TensorShape, dtype: Any) -> list[int]:
        dims: list[Any] = TensorShape(shape).as_list()
        if axis >= len(dims):
            raise ValueError(f"Cannot partition variable along axis {axis} when shape is only {dims}")
        kind = as_dtype(dtype)
        total = math.prod(dims) * (bytes_per_string_element if kind.name == "string" else kind.size)
        partitions = [1] * len(dims)
        partitions[axis] = max(1, min(dims[axis], max_partitions, math.ceil(total / min_slice_size)))
        return partitions

    return partitioner


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Callable[..., list[int]]:
    """A partitioner that cuts along `axis` into `num_shards` parts."""
    def partitioner(shape: TensorShape, **unused: Any) -> list[int]:
        dims: list[Any] = TensorShape(shape).as_list()
        partitions = [1] * len(dims)
        partitions[axis] = min(num_shards, dims[axis])
        return partitions

    return partitioner
