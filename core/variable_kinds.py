"""The two kinds of variables behind `Variable(...)`: reference variables and resource variables.

Imports `core.variables` (their common front); that module knows them only through `Defaults.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.dtypes import DType
from core.graph import (
    Graph,
    GraphKeys,
    Operation,
    Tensor,
    apply_op,
    convert_to_tensor,
    name_scope,
    register_tensor_conversion_function,
)
from core.graph.traversal import ancestors
from core.ops import math_operators, state  # noqa: F401  (operators must be set before they are copied)
from core.shapes import TensorShape
from core.variables import Defaults, Variable

__all__ = ["RefVariable", "ResourceVariable"]


class RefVariable(Variable):
    """A variable behind a reference tensor: TensorFlow 1's default kind. Made by `Variable(...)`."""

    def _build(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None, validate_shape: bool,
               caching_device: Any, shape: Any) -> None:
        self._initial_value = self._make_initial_value(graph, scope, initial_value, dtype)
        static = self._checked_shape(self._initial_value, validate_shape, shape)
        self._variable = state.variable_op(static, self._initial_value.dtype.base_dtype, name=scope)
        guarded = _with_initialized_inputs(scope, self._initial_value)
        self._initializer_op = apply_op("Assign", self._variable, guarded, validate_shape=validate_shape,
                                        use_locking=True).op
        if caching_device is not None:
            with graph.device(caching_device):
                self._snapshot = apply_op("Identity", self._variable, name="read")
        else:
            with graph.colocate_with(self._variable.op):
                self._snapshot = apply_op("Identity", self._variable, name="read")

    def _ref(self) -> Tensor:
        return self._variable

    def _strided_slice_assign(self, begin: Any, end: Any, strides: Any, value: Any, name: str | None,
                              **masks: int) -> Any:
        return apply_op("StridedSliceAssign", self._variable, begin, end, strides, value, name=name, **masks)

    def read_value(self) -> Tensor:
        """A new read of the value: it honours the control dependencies around it."""
        return apply_op("Identity", self._variable, name="read")

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that sets the variable to `value`; returns the new value (the operation if not `read_value`)."""
        result = apply_op("Assign", self._variable, value, use_locking=use_locking, name=name)
        return result if read_value else result.op

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        """An operation that adds `delta`."""
        result = apply_op("AssignAdd", self._variable, delta, use_locking=use_locking, name=name)
        return result if read_value else result.op

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        """An operation that subtracts `delta`."""
        result = apply_op("AssignSub", self._variable, delta, use_locking=use_locking, name=name)
        return result if read_value else result.op


class ResourceVariable(Variable):
    """A variable behind a resource handle: each read is an operation. Made by ``Variable(..., use_resource=True)``."""

    def _build(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None, validate_shape: bool,
               caching_device: Any, shape: Any) -> None:
        true_name = scope.rstrip("/")
        with graph._attr_scope({"_class": ["loc:@" + true_name]}):
            with name_scope("Initializer"), graph.device(None):
                value = initial_value() if callable(initial_value) else initial_value
                self._initial_value = convert_to_tensor(value, name="initial_value", dtype=dtype)
            static = self._initial_value.shape if shape is None else TensorShape(shape)
            if not validate_shape and shape is None:
                static = TensorShape(None)
            static.assert_is_compatible_with(self._initial_value.shape)
            self._element = self._initial_value.dtype.base_dtype
            self._variable = state.variable_handle(static, self._element, name=scope, container=graph._container)
        with name_scope("IsInitialized"):
            self._is_initialized_op = apply_op("VarIsInitializedOp", self._variable)
        with name_scope("Assign") as assign, graph.colocate_with(None, ignore_existing=True), \
                graph.device(self._variable.device):
            self._initializer_op = apply_op("AssignVariableOp", self._variable,
                                            _with_initialized_inputs(scope, self._initial_value), name=assign)
        with name_scope("Read"), graph.device(self._variable.device):
            self._snapshot = apply_op("ReadVariableOp", self._variable, dtype=self._element)
        self._cached: Tensor | None = None
        if caching_device is not None:
            with name_scope(self._snapshot.op.name.rpartition("/")[0] + "/"), \
                    graph.colocate_with(None, ignore_existing=True), graph.device(caching_device):
                self._cached = apply_op("Identity", self._snapshot)

    def _from_proto(self, variable_def: Any, import_scope: str | None) -> None:
        super()._from_proto(variable_def, import_scope)
        self._cached = None
        self._element = self._variable.op.attrs["dtype"]
        self._variable.handle_data = (self._variable.op.attrs["shape"], self._element)

    @property
    def handle(self) -> Tensor:
        """The handle of the storage."""
        return self._variable

    @property
    def dtype(self) -> DType:
        """Element type."""
        return self._element

    @property
    def shape(self) -> TensorShape:
        """Static shape."""
        return state.handle_shape(self._variable)

    def set_shape(self, shape: Any) -> None:
        """Adds what is known of the shape."""
        self._variable.handle_data = (self.shape.merge_with(shape), self._element)

    def _as_graph_element(self) -> Tensor:
        return self._snapshot

    @property
    def create(self) -> Operation:
        """The initialiser."""
        return self._initializer_op

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Tells at run time whether the variable has a value."""
        tensor: Tensor = apply_op("VarIsInitializedOp", self._variable, name=name)
        return tensor

    def _read(self) -> Tensor:
        tensor: Tensor = apply_op("ReadVariableOp", self._variable, dtype=self._element)
        return tensor

    def value(self) -> Tensor:
        """A read of the value."""
        if self._cached is not None:
            return self._cached
        graph = self._variable.graph
        with graph.colocate_with(None, ignore_existing=True), graph.device(self._variable.device):
            return self._read()

    def read_value(self) -> Tensor:
        """A new read of the value: it honours the control dependencies around it."""
        with name_scope("Read"):
            value = self._read()
        tensor: Tensor = apply_op("Identity", value)
        return tensor

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """Reads the slices at `indices` only."""
        with name_scope("Gather" if name is None else name) as scope:
            value = apply_op("ResourceGather", self._variable, indices, dtype=self._element, name=scope)
        tensor: Tensor = apply_op("Identity", value)
        return tensor

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """Reads the slices at coordinates only; see `tf.gather_nd`."""
        with name_scope("GatherNd" if name is None else name) as scope:
            value = apply_op("ResourceGatherNd", self._variable, indices, dtype=self._element, name=scope)
        tensor: Tensor = apply_op("Identity", value)
        return tensor

    def _lazy_read(self, op: Operation) -> Any:
        """The variable as it is after `op`."""
        return UnreadVariable(self, op)

    def _changed_by(self, op_type: str, value: Any, name: str | None, read_value: bool) -> Any:
        tensor = convert_to_tensor(value, dtype=self._element)
        self.shape.assert_is_compatible_with(tensor.shape)
        op = apply_op(op_type, self._variable, tensor, name=name)
        return self._lazy_read(op) if read_value else op

    def assign(self, value: Any, use_locking: bool | None = None, name: str | None = None,
               read_value: bool = True) -> Any:
        """An operation that sets the variable to `value`; returns the new value (the operation if not `read_value`)."""
        return self._changed_by("AssignVariableOp", value, name, read_value)

    def assign_add(self, delta: Any, use_locking: bool | None = None, name: str | None = None,
                   read_value: bool = True) -> Any:
        """An operation that adds `delta`."""
        return self._changed_by("AssignAddVariableOp", delta, name, read_value)

    def assign_sub(self, delta: Any, use_locking: bool | None = None, name: str | None = None,
                   read_value: bool = True) -> Any:
        """An operation that subtracts `delta`."""
        return self._changed_by("AssignSubVariableOp", delta, name, read_value)

    def _strided_slice_assign(self, begin: Any, end: Any, strides: Any, value: Any, name: str | None,
                              **masks: int) -> Any:
        tensor = convert_to_tensor(value, dtype=self._element)
        return self._lazy_read(apply_op("ResourceStridedSliceAssign", self._variable, begin, end, strides, tensor,
                                        name=name, **masks))

    def _not_in_place(self, sign: str, method: str) -> Any:
        raise RuntimeError(
            f"Variable {sign}= value not supported. Use `var.{method}(value)` to modify the variable or "
            f"`out = var {sign} value` if you want to get a new Tensor object.")

    def __iadd__(self, _: Any) -> Any:
        return self._not_in_place("+", "assign_add")

    def __isub__(self, _: Any) -> Any:
        return self._not_in_place("-", "assign_sub")

    def __imul__(self, _: Any) -> Any:
        return self._not_in_place("*", "assign")

    def __itruediv__(self, _: Any) -> Any:
        return self._not_in_place("/", "assign")

    def __ifloordiv__(self, _: Any) -> Any:
        return self._not_in_place("//", "assign")

    def __ipow__(self, _: Any) -> Any:
        return self._not_in_place("**", "assign")

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This variable as a `VariableDef` protocol buffer; None if it is not under `export_scope`."""
        proto = super().to_proto(export_scope)
        if proto is not None:
            proto.is_resource = True
        return proto


class UnreadVariable(ResourceVariable):
    """A resource variable as it is after an operation that changes it: reads wait for that operation."""

    def __init__(self, variable: ResourceVariable, op: Operation) -> None:
        # All that is known of the variable holds; what is read is read later.
        self.__dict__.update(variable.__dict__)
        self._parent = op
        self._cached = None
        with op.graph.control_dependencies([op]):
            self._snapshot = super()._read()

    @property
    def name(self) -> str:
        """Name of the operation."""
        return self._parent.name

    @property
    def op(self) -> Operation:
        """The operation that changes the variable."""
        return self._parent

    def _read(self) -> Tensor:
        with self._parent.graph.control_dependencies([self._parent]):
            return super()._read()

    def read_value(self) -> Tensor:
        """A new read of the value."""
        with self._parent.graph.control_dependencies([self._parent]):
            return super().read_value()

    def _changed_by(self, op_type: str, value: Any, name: str | None, read_value: bool) -> Any:
        with self._parent.graph.control_dependencies([self._parent]):
            return super()._changed_by(op_type, value, name, read_value)


def _with_initialized_inputs(scope: str, initial_value: Tensor) -> Tensor:
    """`initial_value`, with the values of other variables that it reads replaced by their `initialized_value()`.

    So one run of all initialisers works whatever the order: a variable that starts from another one's value waits for
    nothing. What depends on such a read is made once more, under its old name with this variable's behind.
    """
    if not initial_value.op.inputs:
        return initial_value
    graph = initial_value.graph
    owners = {v._variable: v for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES)
              for v in graph._collections.get(key, ()) if isinstance(v, Variable)}
    replaced: dict[Tensor, Tensor] = {}
    needed = ancestors([initial_value.op], control=False)
    for op in sorted(needed, key=lambda o: o._id):
        if op.type in ("IsVariableInitialized", "VarIsInitializedOp", "If", "StatelessIf"):
            continue  # a branch asks first
        if op.type == "ReadVariableOp" and op.inputs[0] in owners:
            replaced[op.outputs[0]] = owners[op.inputs[0]].initialized_value()
            continue
        inputs = list(op.inputs)
        for index, tensor in enumerate(inputs):
            if tensor in owners and tensor.dtype._is_ref_dtype and tensor not in replaced:
                replaced[tensor] = owners[tensor].initialized_value()
            inputs[index] = replaced.get(tensor, tensor)
        if any(a is not b for a, b in zip(inputs, op.inputs, strict=True)):
            copy = graph.create_op(op.type, inputs, name=f"{op.name}_{scope}", attrs=dict(op.attrs))
            replaced.update(zip(op.outputs, copy.outputs, strict=True))
    return replaced.get(initial_value, initial_value)


Defaults.kinds.update(ref=RefVariable, resource=ResourceVariable)


def _variable_conversion(value: Variable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del name
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
                         f"'{value.dtype.name}' ({value.name}). Use tf.cast to change the type.")
    if as_ref and isinstance(value, RefVariable):
        return value._variable
    return value.value()


register_tensor_conversion_function(Variable, _variable_conversion)


def override_variable_operators() -> None:
    """Gives variables the Python operators that tensors have (called once the operators are set)."""
    for name in ("add", "radd", "sub", "rsub", "mul", "rmul", "div", "rdiv", "truediv", "rtruediv", "floordiv",
                 "rfloordiv", "mod", "rmod", "pow", "rpow", "matmul", "rmatmul", "and", "rand", "or", "ror", "xor",
                 "rxor", "lt", "le", "gt", "ge", "neg", "abs", "invert"):
        dunder = f"__{name}__"
        operator = getattr(Tensor, dunder, None)
        if operator is not None:
            setattr(Variable, dunder, _as_tensor_operator(operator))


def _as_tensor_operator(operator: Callable[..., Any]) -> Callable[..., Any]:
    def run(self: Variable, *args: Any) -> Any:
        return operator(self.value(), *args)
    return run


override_variable_operators()
