"""The variables that `get_variable` made, by full name: finding, making, checking, cutting into parts.

Scopes, which give names and defaults, stand in `core.variable_scopes`.
"""

from __future__ import annotations

import enum
import inspect
from typing import Any

from core.dtypes import as_dtype, float32
from core.graph import GraphKeys, Tensor, apply_op, convert_to_tensor, get_default_graph, name_scope
from core.initializers import glorot_uniform_initializer, zeros_initializer
from core.partitioned import PartitionedVariable, PartitionInfo, partition_slices
from core.replication import VariableAggregation, VariableSynchronization
from core.shapes import TensorShape
from core.variable_kinds import RefVariable  # noqa: F401  (the kinds must be known before one is made)
from core.variables import SaveSliceInfo, Variable

__all__ = ["AUTO_REUSE", "VariableStore", "variable_store"]

_STORE_KEY = ("__variable_store",)


class _ReuseMode(enum.Enum):
    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE


class VariableStore:
    """The variables of one graph that `get_variable` made, by full name."""

    def __init__(self) -> None:
        self._vars: dict[str, Any] = {}
        self._partitioned_vars: dict[str, PartitionedVariable] = {}

    def get_variable(
        self, name: str, shape: Any, dtype: Any, initializer: Any, regularizer: Any, reuse: Any, trainable: bool | None,
        collections: Any, caching_device: Any, partitioner: Any, validate_shape: bool, use_resource: bool | None,
        custom_getter: Any, constraint: Any, synchronization: Any, aggregation: Any,
    ) -> Any:
        """Finds or makes the variable called `name`; see `get_variable` below."""
        if custom_getter is not None and not callable(custom_getter):
            raise ValueError(f"Passed a custom_getter which is not callable: {custom_getter}")
        if reuse not in (True, False, None, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        kwargs: dict[str, Any] = {
            "name": name, "shape": shape, "dtype": dtype, "initializer": initializer, "regularizer": regularizer,
            "reuse": reuse, "trainable": trainable, "collections": collections, "caching_device": caching_device,
            "partitioner": partitioner, "validate_shape": validate_shape, "use_resource": use_resource,
            "synchronization": synchronization, "aggregation": aggregation,
        }
        if custom_getter is None:
            return self._true_getter(constraint=constraint, **kwargs)
        if _takes(custom_getter, "constraint"):
            kwargs["constraint"] = constraint
        return custom_getter(getter=self._true_getter, **kwargs)

    def _true_getter(
        self, name: str, shape: Any = None, dtype: Any = float32, initializer: Any = None, regularizer: Any = None,
        reuse: Any = None, trainable: bool | None = None, collections: Any = None, caching_device: Any = None,
        partitioner: Any = None, validate_shape: bool = True, use_resource: bool | None = None, constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        scalar = shape is not None and TensorShape(shape).ndims == 0
        options = {"regularizer": regularizer, "reuse": reuse, "trainable": trainable, "collections": collections,
                   "caching_device": caching_device, "validate_shape": validate_shape, "use_resource": use_resource,
                   "constraint": constraint, "synchronization": synchronization, "aggregation": aggregation}
        if partitioner is not None and not scalar:
            if not callable(partitioner):
                raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
            return self._get_partitioned(name, partitioner, shape, dtype, initializer, options)
        if reuse is True and partitioner is None and name in self._partitioned_vars:
            return self._get_partitioned(name, None, shape, dtype, initializer, options)
        if f"{name}/part_0" in self._vars:
            raise ValueError(f"No partitioner was provided, but a partitioned version of the variable was found: "
                             f"{name}/part_0. Perhaps a variable of the same name was already created with "
                             "partitioning?")
        return self._get_single(name, shape, dtype, initializer, None, **options)

    def _get_single(
        self, name: str, shape: Any, dtype: Any, initializer: Any, partition_info: Any, *, regularizer: Any, reuse: Any,
        trainable: bool | None, collections: Any, caching_device: Any, validate_shape: bool, use_resource: bool | None,
        constraint: Any, synchronization: Any, aggregation: Any,
    ) -> Any:
        from_value = initializer is not None and not callable(initializer)
        if shape is not None and from_value:
            raise ValueError("If initializer is a constant, do not specify shape.")
        dtype = as_dtype(dtype)
        static = TensorShape(None) if shape is None else TensorShape(shape)
        if name in self._vars:
            return self._shared(name, static, dtype, reuse)
        if reuse is True:
            raise ValueError(f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you "
                             "mean to set reuse=tf.AUTO_REUSE in VarScope?")
        if initializer is None:
            initializer = _default_initializer(name, dtype)
        if from_value:
            initial: Any = initializer
            element = None
        else:
            if inspect.isclass(initializer):
                initializer = initializer()
            element = dtype.base_dtype
            if static.is_fully_defined():
                dims = static.as_list()
                call = initializer
                if partition_info is not None and _takes(call, "partition_info"):
                    def initial() -> Any:
                        return call(dims, dtype=element, partition_info=partition_info)
                elif _takes(call, "dtype"):
                    def initial() -> Any:
                        return call(dims, dtype=element)
                else:
                    def initial() -> Any:
                        return call(dims)
            elif not _parameters(initializer):
                initial = initializer
            else:
                raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {static}.")
        if trainable is None:
            trainable = synchronization is not VariableSynchronization.ON_READ
        variable = Variable(
            initial_value=initial, name=name, trainable=trainable, collections=collections,
            caching_device=caching_device, dtype=element, validate_shape=validate_shape, constraint=constraint,
            use_resource=use_resource, synchronization=synchronization, aggregation=aggregation)
        self._vars[name] = variable
        if regularizer is not None:
            graph = variable.graph
            with graph.colocate_with(variable.op), name_scope(name + "/Regularizer/"):
                loss = regularizer(variable)
            if loss is not None:
                graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
        return variable

    def _shared(self, name: str, shape: TensorShape, dtype: Any, reuse: Any) -> Any:
        found = self._vars[name]
        if not reuse:
            source = found.op.source
            where = "" if source is None else f" Originally defined at:\n\n  {source}\n"
            raise ValueError(f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or "
                             f"reuse=tf.AUTO_REUSE in VarScope?{where}")
        if not shape.is_compatible_with(found.shape):
            raise ValueError(
                f"Trying to share variable {name}, but specified shape {shape} and found shape {found.shape}.")
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype "
                             f"{found.dtype.base_dtype.name}.")
        return found

    def _get_partitioned(self, name: str, partitioner: Any, shape: Any, dtype: Any, initializer: Any,
                         options: dict[str, Any]) -> PartitionedVariable:
        from_value = initializer is not None and not callable(initializer)
        dtype = as_dtype(dtype)
        if from_value:
            value = convert_to_tensor(initializer, dtype=dtype if not isinstance(initializer, Tensor) else None)
            static = value.shape if shape is None else TensorShape(shape).merge_with(value.shape)
            dtype = value.dtype.base_dtype
        else:
            static = TensorShape(shape)
        if not static.is_fully_defined():
            raise ValueError(
                f"Shape of a new partitioned variable ({name}) must be fully defined, but instead was {static}.")
        if name in self._partitioned_vars:
            found = self._partitioned_vars[name]
            if not options["reuse"]:
                raise ValueError(f"Partitioned variable with name {name} already exists. Did you mean to set "
                                 "reuse=True or reuse=tf.AUTO_REUSE in VarScope?")
            if not static.is_compatible_with(found.get_shape()):
                raise ValueError(f"Trying to reuse partitioned variable {name}, but specified shape {static} and "
                                 f"found shape {found.get_shape()}.")
            return found
        if options["reuse"] is True:
            raise ValueError(f"PartitionedVariable {name} does not exist, or was not created with tf.get_variable(). "
                             "Did you mean to set reuse=False or reuse=tf.AUTO_REUSE in VarScope?")
        counts = [int(c) for c in partitioner(shape=static, dtype=dtype)]
        if name in self._vars:
            raise ValueError(f"A partitioner was provided, but an unpartitioned version of the variable was found: "
                             f"{name}. Perhaps a variable of the same name was already created without partitioning?")
        whole: list[Any] = static.as_list()
        parts = []
        for index, (offset, size) in enumerate(partition_slices(whole, counts)):
            part_name = f"{name}/part_{index}"
            part_initializer: Any = initializer
            part_shape: Any = size
            if from_value:
                with name_scope(part_name + "/PartitionedInitializer"):
                    part_initializer = _slice(value, offset, size)
                part_shape = None
            with name_scope(None):
                part = self._get_single(part_name, part_shape, dtype, part_initializer,
                                        PartitionInfo(whole, offset), **options)
            part._set_save_slice_info(SaveSliceInfo(name, whole, offset, size))
            parts.append(part)
        made = PartitionedVariable(name, static, dtype, parts, counts)
        self._partitioned_vars[name] = made
        return made


def _slice(value: Tensor, offset: list[int], size: list[int]) -> Tensor:
    tensor: Tensor = apply_op("Slice", value, offset, size)
    return tensor


def _default_initializer(name: str, dtype: Any) -> Any:
    if dtype.is_floating:
        return glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_unsigned or dtype.is_bool:
        return zeros_initializer()
    raise ValueError(f"An initializer for variable {name} of {dtype.base_dtype} is required")


def _parameters(function: Any) -> list[str]:
    """Names of the parameters that must be given to call `function`."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ["shape"]
    return [p.name for p in parameters
            if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]


def _takes(function: Any, name: str) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def variable_store() -> VariableStore:
    """The store of the default graph."""
    ref = get_default_graph().get_collection_ref(_STORE_KEY)
    if not ref:
        ref.append(VariableStore())
    store: VariableStore = ref[0]
    return store
