"""Variables: the objects that programs hold. Storage is a `Cell` in each session; its ops stand in `core.ops.state`.

`Variable(...)` makes a reference variable (TensorFlow 1's default) or, with ``use_resource=True``, a resource variable.
Both have the same front. Scopes and sharing (`get_variable`) stand in `core.variable_scopes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.dtypes import DType, as_dtype
from core.graph import (
    Graph,
    GraphKeys,
    IndexedSlices,
    Operation,
    Slots,
    Tensor,
    apply_op,
    convert_to_tensor,
    get_default_graph,
    name_scope,
    register_tensor_conversion_function,
)
from core.graph.scopes import strip_name_scope
from core.graph.traversal import ancestors
from core.ops import math_operators, state  # noqa: F401  (operators must be set before they are copied)
from core.replication import VariableAggregation, VariableSynchronization
from core.shapes import TensorShape

__all__ = ["Variable"]


_defaults = {"use_resource": False}


class _VariableMeta(type):
    """``Variable(...)`` makes the kind of variable that is asked for."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Variable:
            use_resource = kwargs.get("use_resource")
            if use_resource is None:
                use_resource = _defaults["use_resource"]
            kind: Any = ResourceVariable if use_resource else RefVariable
            return type.__call__(kind, *args, **kwargs)
        return type.__call__(cls, *args, **kwargs)


class Variable(metaclass=_VariableMeta):
    """A tensor that keeps its value from run to run and that operations can change.

    Args:
      initial_value: Array, number or tensor that it starts from, or a function without arguments that makes one.
      trainable: If True, it joins the collection `GraphKeys.TRAINABLE_VARIABLES`, which optimisers train by default.
      collections: Collections to join; by default `GraphKeys.GLOBAL_VARIABLES`.
      validate_shape: If False, the shape may change and the initial value's need not be known.
      caching_device: Device that reads are cached on.
      name: Name; made unique. By default "Variable".
      variable_def: A saved description to restore from, instead of all the others.
      dtype: Type that `initial_value` is converted to.
      expected_shape: Deprecated: the shape that `initial_value` must have.
      import_scope: Name scope prefix, with `variable_def`.
      constraint: Function that projects the value after each optimiser update.
      use_resource: True makes a resource variable.
      synchronization, aggregation: Accepted; they matter for several replicas only.
      shape: Shape of the variable (None: that of the initial value).

    Raises:
      ValueError: No initial value, or one whose shape is not known.

    Example:
      >>> import core as tf
      >>> w = tf.Variable([[1.0, 2.0]], name="w")
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     print(sess.run(w * 2.0))
      [[2. 4.]]
    """

    # arithmetic between an array and a variable is the variable's
    __array_priority__ = 100

    def __init__(
        self, initial_value: Any = None, trainable: bool | None = None, collections: Any = None,
        validate_shape: bool = True, caching_device: Any = None, name: str | None = None, variable_def: Any = None,
        dtype: Any = None, expected_shape: Any = None, import_scope: str | None = None,
        constraint: Callable[..., Any] | None = None, use_resource: bool | None = None,
        synchronization: VariableSynchronization = VariableSynchronization.AUTO,
        aggregation: VariableAggregation = VariableAggregation.NONE, shape: Any = None,
    ) -> None:
        del expected_shape, use_resource
        self._synchronization, self._aggregation = synchronization, aggregation
        self._constraint = constraint
        self._save_slice_info: Any = None
        self._initializer_op: Operation
        self._snapshot: Tensor
        self._variable: Tensor
        self._initial_value: Any = None
        if variable_def is not None:
            if initial_value is not None:
                raise ValueError("variable_def and initial_value are mutually exclusive.")
            self._from_proto(variable_def, import_scope)
            return
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if collections is None:
            collections = [GraphKeys.GLOBAL_VARIABLES]
        if not isinstance(collections, (list, tuple, set)):
            raise ValueError(f"collections argument to Variable constructor must be a list, tuple, or set. Got "
                             f"{collections} of type {type(collections)}")
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self._trainable = trainable = True if trainable is None else bool(trainable)
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections = [*list(collections), GraphKeys.TRAINABLE_VARIABLES]
        graph = get_default_graph()
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        # A variable is made outside the control flow that stands around it: its initialiser runs on its own.
        with graph.control_dependencies(None), \
                name_scope(name, "Variable", [] if callable(initial_value) else [initial_value]) as scope:
            self._build(graph, scope, initial_value, wanted, validate_shape, caching_device, shape)
        graph.add_to_collections(collections, self)

    def _build(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None, validate_shape: bool,
               caching_device: Any, shape: Any) -> None:
        raise NotImplementedError

    def _make_initial_value(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None) -> Tensor:
        if callable(initial_value):
            with graph._attr_scope({"_class": ["loc:@" + scope.rstrip("/")]}), name_scope("Initializer"), \
                    graph.device(None):
                return convert_to_tensor(initial_value(), name="initial_value", dtype=dtype)
        return convert_to_tensor(initial_value, name="initial_value", dtype=dtype)

    def _checked_shape(self, initial: Tensor, validate_shape: bool, shape: Any) -> TensorShape:
        if shape is not None:
            return TensorShape(shape)
        if not validate_shape:
            return TensorShape(None)
        if not initial.shape.is_fully_defined():
            raise ValueError(f"initial_value must have a shape specified: {initial!r}. Give the initialiser a full "
                             "shape, or pass validate_shape=False.")
        return initial.shape

    def _from_proto(self, variable_def: Any, import_scope: str | None) -> None:
        graph = get_default_graph()

        def element(name: str) -> Any:
            return graph.as_graph_element(f"{import_scope}/{name}" if import_scope else name)

        self._variable = element(variable_def.variable_name)
        self._initializer_op = element(variable_def.initializer_name)
        self._initial_value = element(variable_def.initial_value_name) if variable_def.initial_value_name else None
        self._snapshot = element(variable_def.snapshot_name)
        self._trainable = variable_def.trainable

    # ------------------------------------------------------------------ what it is

    @property
    def name(self) -> str:
        """Name of the variable, ``"w:0"``."""
        return self._variable.name

    @property
    def op(self) -> Operation:
        """The operation that holds the variable."""
        return self._variable.op

    @property
    def graph(self) -> Graph:
        """The graph that the variable is in."""
        return self._variable.graph

    @property
    def device(self) -> str:
        """Device of the variable."""
        return self._variable.device

    @property
    def dtype(self) -> DType:
        """Element type (a reference type for reference variables)."""
        return self._variable.dtype

    @property
    def shape(self) -> TensorShape:
        """Static shape."""
        return self._variable.shape

    def get_shape(self) -> TensorShape:
        """Alias of `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Adds what is known of the shape."""
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def _shared_name(self) -> str:
        return self.name[:-2]

    @property
    def trainable(self) -> bool:
        """True if optimisers train it by default."""
        return self._trainable

    @property
    def synchronization(self) -> VariableSynchronization:
        """As given."""
        return self._synchronization

    @property
    def aggregation(self) -> VariableAggregation:
        """As given."""
        return self._aggregation

    @property
    def constraint(self) -> Callable[..., Any] | None:
        """The projection that follows each optimiser update."""
        return self._constraint

    @property
    def initializer(self) -> Operation:
        """The operation that gives the variable its initial value."""
        return self._initializer_op

    @property
    def initial_value(self) -> Tensor:
        """The tensor that the initialiser assigns."""
        return self._initial_value

    def _as_graph_element(self) -> Tensor:
        return self._variable

    # ------------------------------------------------------------------ reading

    def value(self) -> Tensor:
        """The value, as the tensor that all uses of the variable share."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new read of the value: it honours the control dependencies around it."""
        raise NotImplementedError

    def initialized_value(self) -> Tensor:
        """The value, or the initial value where the variable is not initialised yet (for initialisers of others)."""
        from core.ops.control_flow import cond  # late: only this method needs branches

        initial = self.initial_value
        return cond(state.is_variable_initialized(self), self.read_value, lambda: initial)

    def eval(self, session: Any = None) -> Any:
        """Computes the value in `session` (by default the default session)."""
        return self._snapshot.eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Sets the value in `session`, without adding operations; ValueError if there is no session."""
        if session is None and Slots.default_session is not None:
            session = Slots.default_session()
        if session is None:
            raise ValueError("Either session argument should be provided or default session should be established")
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    # ------------------------------------------------------------------ changing

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that sets the variable to `value`; returns the new value (the operation if not `read_value`)."""
        raise NotImplementedError

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        """An operation that adds `delta`."""
        raise NotImplementedError

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        """An operation that subtracts `delta`."""
        raise NotImplementedError

    def count_up_to(self, limit: int) -> Tensor:
        """An operation that adds one until `limit`, then raises OutOfRangeError."""
        from core.ops.state_scatter import count_up_to  # late: a rare op

        return count_up_to(self, limit)

    def _scatter(self, op: str, slices: Any, name: str | None) -> Any:
        if not isinstance(slices, IndexedSlices):
            raise ValueError(f"sparse_delta is not IndexedSlices: {slices}")
        from core.ops import state_scatter  # late: as above

        return getattr(state_scatter, op)(self, slices.indices, slices.values, name=name)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Subtracts IndexedSlices."""
        return self._scatter("scatter_sub", sparse_delta, name)

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Adds IndexedSlices."""
        return self._scatter("scatter_add", sparse_delta, name)

    def scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Assigns IndexedSlices."""
        return self._scatter("scatter_update", sparse_delta, name)

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Takes the maximum with IndexedSlices."""
        return self._scatter("scatter_max", sparse_delta, name)

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Takes the minimum with IndexedSlices."""
        return self._scatter("scatter_min", sparse_delta, name)

    def scatter_mul(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Multiplies by IndexedSlices."""
        return self._scatter("scatter_mul", sparse_delta, name)

    def scatter_div(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Divides by IndexedSlices."""
        return self._scatter("scatter_div", sparse_delta, name)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Subtracts at coordinates."""
        from core.ops import state_scatter  # late: as above

        return state_scatter.scatter_nd_sub(self, indices, updates, name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Adds at coordinates."""
        from core.ops import state_scatter  # late: as above

        return state_scatter.scatter_nd_add(self, indices, updates, name=name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Assigns at coordinates."""
        from core.ops import state_scatter  # late: as above

        return state_scatter.scatter_nd_update(self, indices, updates, name=name)

    # ------------------------------------------------------------------ files

    def _set_save_slice_info(self, save_slice_info: Any) -> None:
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self) -> Any:
        return self._save_slice_info

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This variable as a `VariableDef` protocol buffer; None if it is not under `export_scope`."""
        from core.proto.variable_pb2 import VariableDef  # late: protobuf loads when first needed

        if export_scope is not None and not self._variable.name.startswith(export_scope):
            return None
        proto = VariableDef()
        proto.variable_name = strip_name_scope(self._variable.name, export_scope)
        if self._initial_value is not None:
            proto.initial_value_name = strip_name_scope(self._initial_value.name, export_scope)
        proto.trainable = self._trainable
        proto.initializer_name = strip_name_scope(self._initializer_op.name, export_scope)
        proto.snapshot_name = strip_name_scope(self._snapshot.name, export_scope)
        return proto

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> Any:
        """The variable that a `VariableDef` describes, in the default graph."""
        return Variable(variable_def=variable_def, import_scope=import_scope,
                        use_resource=getattr(variable_def, "is_resource", False))

    # ------------------------------------------------------------------ as a tensor

    def __getitem__(self, item: Any) -> Tensor:
        tensor: Any = self.value()
        result: Tensor = tensor[item]
        return result

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __bool__(self) -> bool:
        raise TypeError(
            "A variable's value is known only in a session: it can't be used as a Python bool. Use tf.cond.")

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


class RefVariable(Variable):
    """A variable behind a reference tensor: TensorFlow 1's default kind. Made by `Variable(...)`."""

    def _build(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None, validate_shape: bool,
               caching_device: Any, shape: Any) -> None:
        self._initial_value = self._make_initial_value(graph, scope, initial_value, dtype)
        static = self._checked_shape(self._initial_value, validate_shape, shape)
        self._variable = state.variable_op(static, self._initial_value.dtype.base_dtype, name=scope)
        guarded = _with_initialized_inputs(self._initial_value)
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
        self._initial_value = self._make_initial_value(graph, scope, initial_value, dtype)
        static = self._checked_shape(self._initial_value, validate_shape, shape)
        self._element = self._initial_value.dtype.base_dtype
        self._variable = state.variable_handle(static, self._element, name=scope, container=graph._container)
        with name_scope("IsInitialized"):
            self._is_initialized_op = apply_op("VarIsInitializedOp", self._variable)
        with name_scope("Assign"):
            guarded = _with_initialized_inputs(self._initial_value)
            self._initializer_op = apply_op("AssignVariableOp", self._variable, guarded,
                                            name=graph._context.name_stack + "/")
        with name_scope("Read"), graph.colocate_with(self._variable.op):
            self._snapshot = apply_op("ReadVariableOp", self._variable, dtype=self._element)

    def _from_proto(self, variable_def: Any, import_scope: str | None) -> None:
        super()._from_proto(variable_def, import_scope)
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

    def value(self) -> Tensor:
        """A read of the value."""
        tensor: Tensor = apply_op("ReadVariableOp", self._variable, dtype=self._element)
        return tensor

    def read_value(self) -> Tensor:
        """A new read of the value: it honours the control dependencies around it."""
        with name_scope("Read"):
            value = apply_op("ReadVariableOp", self._variable, dtype=self._element)
        tensor: Tensor = apply_op("Identity", value)
        return tensor

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """Reads the slices at `indices` only."""
        tensor: Tensor = apply_op("ResourceGather", self._variable, indices, dtype=self._element, name=name)
        return tensor

    def _changed_by(self, op_type: str, value: Any, name: str | None, read_value: bool) -> Any:
        tensor = convert_to_tensor(value, dtype=self._element)
        op = apply_op(op_type, self._variable, tensor, name=name)
        if not read_value:
            return op
        with get_default_graph().control_dependencies([op]):
            return apply_op("ReadVariableOp", self._variable, dtype=self._element)

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

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This variable as a `VariableDef` protocol buffer; None if it is not under `export_scope`."""
        proto = super().to_proto(export_scope)
        if proto is not None:
            proto.is_resource = True
        return proto


def _with_initialized_inputs(initial_value: Tensor) -> Tensor:
    """`initial_value`, with reads of other variables replaced by their initial values' computation where needed.

    So one run of all initialisers works whatever the order: a variable that starts from another one's value waits for
    nothing, it uses that one's `initialized_value()`.
    """
    if initial_value.op.type == "Const" or not initial_value.op.inputs:
        return initial_value
    graph = initial_value.graph
    needed = ancestors([initial_value.op])
    owners = {v._variable: v for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES)
              for v in graph._collections.get(key, ()) if isinstance(v, Variable)}
    reads = [op for op in needed if any(t in owners for t in op.inputs)
             and op.type not in ("IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp")]
    if not reads:
        return initial_value
    replaced: dict[Tensor, Tensor] = {}
    for op in sorted(needed, key=lambda o: o._id):
        if op.type in ("IsVariableInitialized", "If", "StatelessIf", "Cond") or op.op_def.stateful:
            continue
        inputs = list(op.inputs)
        for index, tensor in enumerate(inputs):
            if tensor in owners:
                inputs[index] = owners[tensor].initialized_value()
            elif tensor in replaced:
                inputs[index] = replaced[tensor]
        if any(a is not b for a, b in zip(inputs, op.inputs, strict=True)):
            name = op.name.replace("/", "_") + "_initialized"
            copy = graph.create_op(op.type, inputs, name=name, attrs=dict(op.attrs))
            replaced.update(zip(op.outputs, copy.outputs, strict=True))
    return replaced.get(initial_value, initial_value)


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
