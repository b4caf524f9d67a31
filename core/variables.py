"""Variables: the objects that programs hold. Storage is a `Cell` in each session; its ops stand in `core.ops.state`.

`Variable(...)` makes a reference variable (TensorFlow 1's default) or, with ``use_resource=True``, a resource variable.
Both have the same front. Scopes and sharing (`get_variable`) stand in `core.variable_scopes`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from core import proto as messages
from core.dtypes import DType, as_dtype
from core.graph import (
    Graph,
    GraphKeys,
    IndexedSlices,
    Operation,
    Slots,
    Tensor,
    convert_to_tensor,
    get_default_graph,
    name_scope,
)
from core.graph.function import init_scope
from core.graph.scopes import prepend_name_scope, strip_name_scope
from core.ops import state, state_scatter
from core.ops.array_slice import slice_helper_var
from core.ops.control_flow import cond
from core.replication import VariableAggregation, VariableSynchronization
from core.shapes import TensorShape

__all__ = [
    "Variable", "disable_resource_variables", "enable_resource_variables", "resource_variables_enabled",
    "variable_creator_scope",
]


class Defaults:
    """Which kind of variable is made where the program does not say; filled by the modules that know."""

    use_resource = False
    scope_use_resource: Callable[[], bool | None] = staticmethod(lambda: None)  # the variable scope's wish
    kinds: ClassVar[dict[str, Any]] = {}  # "ref" and "resource": the classes of core.variable_kinds


def enable_resource_variables() -> None:
    """Makes resource variables the default kind, as in TensorFlow 2.

    Example:
      >>> tf.enable_resource_variables()
      >>> tf.Variable(1.0).dtype == tf.float32
      True
      >>> tf.disable_resource_variables()
    """
    Defaults.use_resource = True


def disable_resource_variables() -> None:
    """Makes reference variables the default kind, as in TensorFlow 1."""
    Defaults.use_resource = False


def resource_variables_enabled() -> bool:
    """True after `enable_resource_variables`."""
    return Defaults.use_resource


class _VariableMeta(type):
    """``Variable(...)`` makes the kind of variable that is asked for, through the creators in force."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not Variable:
            return type.__call__(cls, *args, **kwargs)
        creators = get_default_graph()._context.creators
        if not creators:
            return _create(**dict(zip(_PARAMETERS, args, strict=False)), **kwargs)
        given = {**_PARAMETER_DEFAULTS, **dict(zip(_PARAMETERS, args, strict=False)), **kwargs}
        create: Callable[..., Any] = _create
        for creator in creators:
            create = functools.partial(creator, create)
        return create(**given)


def _create(**kwargs: Any) -> Any:
    use_resource = kwargs.get("use_resource")
    if use_resource is None:
        use_resource = Defaults.scope_use_resource()
    if use_resource is None:
        use_resource = Defaults.use_resource
    return type.__call__(Defaults.kinds["resource" if use_resource else "ref"], **kwargs)


@contextmanager
def variable_creator_scope(variable_creator: Callable[..., Any]) -> Iterator[None]:
    """A block in which variables are made by ``variable_creator(next_creator, **kwargs)``.

    Args:
      variable_creator: Gets the next creator and the keyword arguments of `Variable`; returns a variable. It may change
        the arguments, call `next_creator(**kwargs)` or not, and wrap what comes back. The innermost block's is called
        first.

    Example:
      >>> def frozen(next_creator, **kwargs):
      ...     kwargs["trainable"] = False
      ...     return next_creator(**kwargs)
      >>> with tf.variable_creator_scope(frozen):
      ...     v = tf.Variable(1.0)
      >>> v in tf.trainable_variables()
      False
    """
    context = get_default_graph()._context
    old = context.creators
    context.creators = (*old, variable_creator)
    try:
        yield
    finally:
        context.creators = old


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
    SaveSliceInfo: ClassVar[Any]  # the class of that name below

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
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        # A variable is made outside the control flow that stands around it: its initialiser runs on its own.
        with init_scope() as graph, \
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

    def experimental_ref(self) -> VariableKey:
        """A key for dicts and sets; ``key.deref()`` gives the variable."""
        return VariableKey(self)

    # ------------------------------------------------------------------ reading

    def value(self) -> Tensor:
        """The value, as the tensor that all uses of the variable share."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new read of the value: it honours the control dependencies around it."""
        raise NotImplementedError

    def initialized_value(self) -> Tensor:
        """The value, or the initial value where the variable is not initialised yet (for initialisers of others).

        Example:
          >>> v = tf.Variable(3.0)
          >>> w = tf.Variable(v.initialized_value() * 2.0)
          >>> with tf.Session() as sess:
          ...     sess.run(tf.global_variables_initializer())
          ...     print(sess.run(w))
          6.0
        """
        with self.graph.control_dependencies(None):
            # What the initialiser assigns: there, reads of further variables are safe already.
            first = self._initializer_op.inputs[1]
            tensor: Tensor = cond(state.is_variable_initialized(self), self.read_value, lambda: first)
            return tensor

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """Reads the slices at `indices` only (resource variables)."""
        raise AttributeError("sparse_read is for resource variables; use tf.gather.")

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """Reads the slices at coordinates only (resource variables)."""
        raise AttributeError("gather_nd is for resource variables; use tf.gather_nd.")

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
        return state_scatter.count_up_to(self, limit)

    def _scatter(self, op: str, slices: Any, name: str | None) -> Any:
        if not isinstance(slices, IndexedSlices):
            raise ValueError(f"sparse_delta is not IndexedSlices: {slices}")
        return getattr(state_scatter, op)(self, slices.indices, slices.values, name=name)

    def batch_scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Assigns IndexedSlices in each batch; see `tf.batch_scatter_update`."""
        return self._scatter("batch_scatter_update", sparse_delta, name)

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
        return state_scatter.scatter_nd_sub(self, indices, updates, name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Adds at coordinates."""
        return state_scatter.scatter_nd_add(self, indices, updates, name=name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Assigns at coordinates."""
        return state_scatter.scatter_nd_update(self, indices, updates, name=name)

    # ------------------------------------------------------------------ files

    def _set_save_slice_info(self, save_slice_info: Any) -> None:
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self) -> Any:
        return self._save_slice_info

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This variable as a `VariableDef` protocol buffer; None if it is not under `export_scope`."""
        if export_scope is not None and not self._variable.name.startswith(export_scope):
            return None
        proto = messages.VariableDef()  # protobuf loads here
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
        return slice_helper_var(self, item)

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __bool__(self) -> bool:
        raise TypeError(
            "A variable's value is known only in a session: it can't be used as a Python bool. Use tf.cond.")

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


class SaveSliceInfo:
    """Where a part stands in the whole variable, for checkpoints.

    Args:
      full_name: Name of the whole.
      full_shape: Its shape.
      var_offset: Where the part begins.
      var_shape: Shape of the part.
      save_slice_info_def: A `SaveSliceInfoDef` message, instead of all these.
      import_scope: Name scope to put before the name of that.
    """

    def __init__(
        self, full_name: str | None = None, full_shape: Any = None, var_offset: Any = None, var_shape: Any = None,
        save_slice_info_def: Any = None, import_scope: str | None = None,
    ) -> None:
        if save_slice_info_def is not None:
            self.full_name: str | None = prepend_name_scope(save_slice_info_def.full_name, import_scope)
            self.full_shape: Any = list(save_slice_info_def.full_shape)
            self.var_offset: Any = list(save_slice_info_def.var_offset)
            self.var_shape: Any = list(save_slice_info_def.var_shape)
        else:
            self.full_name, self.full_shape = full_name, full_shape
            self.var_offset, self.var_shape = var_offset, var_shape

    @property
    def spec(self) -> str:
        """The slice as checkpoints write it: ``"4 5 0,2:0,5"``."""
        sizes = " ".join(str(d) for d in self.full_shape)
        return f"{sizes} " + ":".join(f"{o},{s}" for o, s in zip(self.var_offset, self.var_shape, strict=True))

    def to_proto(self, export_scope: str | None = None) -> Any:
        """As a `SaveSliceInfoDef` message; None if the variable is not under `export_scope`."""
        if export_scope is not None and not (self.full_name or "").startswith(export_scope):
            return None
        return messages.SaveSliceInfoDef(
            full_name=strip_name_scope(self.full_name or "", export_scope), full_shape=self.full_shape,
            var_offset=self.var_offset, var_shape=self.var_shape)


Variable.SaveSliceInfo = SaveSliceInfo


class VariableKey:
    """Stands for a variable in dicts and sets."""

    def __init__(self, variable: Variable) -> None:
        self._variable = variable

    def deref(self) -> Variable:
        """The variable."""
        return self._variable

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VariableKey) and other._variable is self._variable

    def __hash__(self) -> int:
        return id(self._variable)


_PARAMETERS = tuple(inspect.signature(Variable.__init__).parameters)[1:]
_PARAMETER_DEFAULTS = {name: p.default for name, p in list(inspect.signature(Variable.__init__).parameters.items())[1:]}
