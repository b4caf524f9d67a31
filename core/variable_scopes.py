"""Sharing variables by name: `get_variable`, `variable_scope`, and the rules of reuse, as in TensorFlow 1.15."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from core.dtypes import as_dtype, float32
from core.graph import Graph, GraphKeys, convert_to_tensor, get_default_graph, name_scope
from core.replication import VariableAggregation, VariableSynchronization
from core.variable_store import AUTO_REUSE, VariableStore, variable_store
from core.variables import Defaults

__all__ = [
    "AUTO_REUSE", "VariableScope", "get_local_variable", "get_variable", "get_variable_scope", "no_regularizer",
    "variable_op_scope", "variable_scope",
]

_SCOPE_STORE_KEY = ("__varscope",)


def no_regularizer(_: Any) -> None:
    """Use this to prevent a scope's regulariser from being used for a variable."""
    return None


_SETTINGS = ("initializer", "regularizer", "caching_device", "partitioner", "custom_getter", "dtype", "use_resource",
             "constraint")


class VariableScope:
    """What holds for `get_variable` inside a scope: name prefix, reuse, and defaults.

    Args:
      reuse: True: variables must exist; False: they must not; AUTO_REUSE: either.
      name: Prefix of variable names.
      initializer, regularizer, caching_device, partitioner, custom_getter, dtype, use_resource, constraint: Defaults
        of `get_variable` in this scope.
      name_scope: Name scope that belongs to this scope.
    """

    def __init__(
        self, reuse: Any, name: str = "", initializer: Any = None, regularizer: Any = None, caching_device: Any = None,
        partitioner: Any = None, custom_getter: Any = None, name_scope: str = "", dtype: Any = float32,
        use_resource: bool | None = None, constraint: Any = None,
    ) -> None:
        self._name, self._reuse, self._name_scope = name, reuse, name_scope
        self._initializer, self._regularizer, self._caching_device = initializer, regularizer, caching_device
        self._partitioner, self._custom_getter, self._dtype = partitioner, custom_getter, dtype
        self._use_resource, self._constraint = use_resource, constraint

    @property
    def name(self) -> str:
        """Prefix of variable names."""
        return self._name

    @property
    def original_name_scope(self) -> str:
        """Name scope that was made when the scope was first entered."""
        return self._name_scope

    @property
    def reuse(self) -> Any:
        """True, False or AUTO_REUSE."""
        return self._reuse

    @property
    def initializer(self) -> Any:
        """Default initialiser."""
        return self._initializer

    @property
    def dtype(self) -> Any:
        """Default type."""
        return self._dtype

    @property
    def use_resource(self) -> bool | None:
        """Whether variables are resource variables."""
        return self._use_resource

    @property
    def regularizer(self) -> Any:
        """Default regulariser."""
        return self._regularizer

    @property
    def caching_device(self) -> Any:
        """Default caching device."""
        return self._caching_device

    @property
    def partitioner(self) -> Any:
        """Default partitioner."""
        return self._partitioner

    @property
    def custom_getter(self) -> Any:
        """Default custom getter."""
        return self._custom_getter

    @property
    def constraint(self) -> Any:
        """Default constraint."""
        return self._constraint

    def reuse_variables(self) -> None:
        """From now on, variables of this scope must exist."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Sets the default initialiser."""
        self._initializer = initializer

    def set_dtype(self, dtype: Any) -> None:
        """Sets the default type."""
        self._dtype = dtype

    def set_use_resource(self, use_resource: bool) -> None:
        """Sets whether variables are resource variables."""
        self._use_resource = use_resource

    def set_regularizer(self, regularizer: Any) -> None:
        """Sets the default regulariser."""
        self._regularizer = regularizer

    def set_caching_device(self, caching_device: Any) -> None:
        """Sets the default caching device."""
        self._caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        """Sets the default partitioner."""
        self._partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        """Sets the default custom getter."""
        self._custom_getter = custom_getter

    def get_collection(self, name: str) -> list[Any]:
        """The items of a collection that are under this scope."""
        return get_default_graph().get_collection(name, self._name + "/" if self._name else "")

    def trainable_variables(self) -> list[Any]:
        """The trainable variables under this scope."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Any]:
        """The global variables under this scope."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Any]:
        """The local variables under this scope."""
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(
        self, var_store: VariableStore, name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
        regularizer: Any = None, reuse: Any = None, trainable: bool | None = None, collections: Any = None,
        caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True,
        use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """Finds or makes a variable under this scope; see the function `get_variable`."""
        # Names of variables depend on variable scopes only, not on name scopes.
        with name_scope(None):
            if dtype is not None and initializer is not None and not callable(initializer):
                found = convert_to_tensor(initializer).dtype.base_dtype
                if found != as_dtype(dtype).base_dtype:
                    raise ValueError(f"Initializer type '{found.name}' and explicit dtype '{as_dtype(dtype).name}' "
                                     "don't match.")
            return var_store.get_variable(
                f"{self._name}/{name}" if self._name else name, shape=shape,
                dtype=self._dtype if dtype is None else dtype,
                initializer=self._initializer if initializer is None else initializer,
                regularizer=self._regularizer if regularizer is None else regularizer,
                reuse=self._reuse if reuse is None else reuse, trainable=trainable, collections=collections,
                caching_device=self._caching_device if caching_device is None else caching_device,
                partitioner=self._partitioner if partitioner is None else partitioner, validate_shape=validate_shape,
                use_resource=self._use_resource if use_resource is None else use_resource,
                custom_getter=self._custom_getter if custom_getter is None else custom_getter,
                constraint=self._constraint if constraint is None else constraint, synchronization=synchronization,
                aggregation=aggregation)


class _ScopeStore:
    """The current scope of one graph, and how often each scope name has been opened."""

    def __init__(self) -> None:
        self.current = VariableScope(False)
        self.counts: dict[str, int] = {}

    def opened(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def close_below(self, name: str) -> None:
        for key in self.counts:
            if key.startswith(name + "/"):
                self.counts[key] = 0


def _scope_store(graph: Graph | None = None) -> _ScopeStore:
    ref = (graph or get_default_graph()).get_collection_ref(_SCOPE_STORE_KEY)
    if not ref:
        ref.append(_ScopeStore())
    store: _ScopeStore = ref[0]
    return store


def get_variable_scope() -> VariableScope:
    """The current variable scope.

    Example:
      >>> import core as tf
      >>> with tf.variable_scope("net"):
      ...     print(tf.get_variable_scope().name)
      net
    """
    return _scope_store().current


def unique_variable_scope(prefix: str) -> str:
    """`prefix`, with a suffix where the current scope has opened one of that name already."""
    store = _scope_store()
    base = f"{store.current.name}/{prefix}" if store.current.name else prefix
    if not store.counts.get(base, 0):
        return prefix
    index = 1
    while store.counts.get(f"{base}_{index}", 0):
        index += 1
    return f"{prefix}_{index}"


def pure_variable_scope(name_or_scope: Any, **settings: Any) -> AbstractContextManager[VariableScope]:
    """A variable scope without a name scope of its own."""
    return _entered(name_or_scope, name_or_scope if isinstance(name_or_scope, str) else "", None, settings)


@contextmanager
def _entered(name_or_scope: Any, name_scope_text: str, reuse: Any, settings: dict[str, Any]) -> Iterator[VariableScope]:
    """Makes a scope the current one: a known scope again, or the current one prolonged by a name."""
    store = _scope_store()
    old = store.current
    old_counts: dict[str, int] | None = None
    if isinstance(name_or_scope, VariableScope):
        base, name = name_or_scope, name_or_scope.name
        old_counts = dict(store.counts)
        new = copy.copy(base)
        new._reuse = reuse or base.reuse
    else:
        name = f"{old.name}/{name_or_scope}" if old.name else name_or_scope
        base = old
        new = copy.copy(old)
        new._name, new._name_scope = name, name_scope_text
        new._reuse = reuse or old.reuse
    for key, value in settings.items():
        if value is None:
            continue
        if key == "custom_getter" and base.custom_getter is not None:
            value = _chained(value, base.custom_getter)
        setattr(new, "_" + key, value)
    store.opened(name)
    if old_counts is not None:
        old_counts = dict(store.counts)
    store.current = new
    try:
        yield new
    finally:
        if store.current is not new:
            raise RuntimeError("Improper nesting of variable_scope: leave the blocks in the order entered.")
        if old_counts is not None:
            store.counts = old_counts
        else:
            store.close_below(name)
        store.current = old


def _chained(getter: Callable[..., Any], outer: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(getter_: Any = None, *args: Any, **kwargs: Any) -> Any:
        true_getter = kwargs.pop("getter", getter_)

        def through_outer(*inner_args: Any, **inner_kwargs: Any) -> Any:
            return outer(true_getter, *inner_args, **inner_kwargs)
        return getter(through_outer, *args, **kwargs)
    return wrapped


class variable_scope:
    """A block that puts variables of `get_variable` under a name and shares them.

    Args:
      name_or_scope: Name that prolongs the current scope, or a `VariableScope` to enter again.
      default_name: Name to be made unique, used where `name_or_scope` is None.
      values: Tensors whose graph becomes the default one.
      initializer, regularizer, caching_device, partitioner, custom_getter, dtype, use_resource, constraint: Defaults
        of `get_variable` inside.
      reuse: True: variables must exist. AUTO_REUSE: they are made where they do not. None or False: inherited.
      auxiliary_name_scope: If False, no name scope is opened.

    Raises:
      ValueError: A wrong `reuse`; reuse=True without a name.  TypeError: Neither name given.

    Example:
      >>> import core as tf
      >>> def layer():
      ...     with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
      ...         return tf.get_variable("w", [2])
      >>> layer() is layer()
      True
    """

    def __init__(
        self, name_or_scope: Any, default_name: str | None = None, values: Any = None, initializer: Any = None,
        regularizer: Any = None, caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
        reuse: Any = None, dtype: Any = None, use_resource: bool | None = None, constraint: Any = None,
        auxiliary_name_scope: bool = True,
    ) -> None:
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if reuse is False:
            reuse = None  # False inherits, as None does
        if reuse not in (True, None, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(f"The auxiliary_name_scope must be `True` or `False`, while get {auxiliary_name_scope}")
        self._name_or_scope, self._default_name, self._values = name_or_scope, default_name, values
        self._reuse, self._auxiliary = reuse, auxiliary_name_scope
        self._settings = {"initializer": initializer, "regularizer": regularizer, "caching_device": caching_device,
                          "partitioner": partitioner, "custom_getter": custom_getter, "dtype": dtype,
                          "use_resource": use_resource, "constraint": constraint}
        self._open: list[Any] = []

    def __enter__(self) -> VariableScope:
        blocks: list[Any] = []
        try:
            return self._enter(blocks)
        except BaseException:
            for block in reversed(blocks):
                block.__exit__(None, None, None)
            raise

    def _enter(self, blocks: list[Any]) -> VariableScope:
        scope = self._name_or_scope
        if scope is None and self._reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        wanted = self._default_name if scope is None else scope if isinstance(scope, str) else scope.name.split("/")[-1]
        entered = ""
        if not self._auxiliary:
            current = get_default_graph().get_name_scope()
            block: Any = name_scope(current + "/" if current else None)
            entered = block.__enter__()
            blocks.append(block)
        elif wanted:
            block = name_scope(wanted, values=self._values)
            entered = block.__enter__()
            blocks.append(block)
        name = unique_variable_scope(self._default_name or "") if scope is None else scope
        pure = _entered(name, entered, self._reuse, self._settings)
        result = pure.__enter__()
        blocks.append(pure)
        self._open.append(blocks)
        return result

    def __exit__(self, *error: Any) -> None:
        for block in reversed(self._open.pop()):
            block.__exit__(*error)


@contextmanager
def variable_op_scope(
    values: Any, name_or_scope: Any, default_name: str | None = None, initializer: Any = None,
    regularizer: Any = None, caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
    reuse: Any = None, dtype: Any = None,
    use_resource: bool | None = None, constraint: Any = None,
) -> Iterator[VariableScope]:
    """Deprecated order of the arguments of `variable_scope`."""
    with variable_scope(name_or_scope, default_name=default_name, values=values, initializer=initializer,
                        regularizer=regularizer, caching_device=caching_device, partitioner=partitioner,
                        custom_getter=custom_getter, reuse=reuse, dtype=dtype, use_resource=use_resource,
                        constraint=constraint) as scope:
        yield scope


def get_variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
    trainable: bool | None = None, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
    validate_shape: bool = True, use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
    synchronization: VariableSynchronization = VariableSynchronization.AUTO,
    aggregation: VariableAggregation = VariableAggregation.NONE,
) -> Any:
    """Finds the variable of this name in the current variable scope, or makes it.

    Args:
      name: Name within the scope.
      shape: Shape of a new variable (not with a constant `initializer`).
      dtype: Type; by default the scope's, float32.
      initializer: Initialiser, array or tensor; by default the scope's, else glorot_uniform for floats, zeros for
        others.
      regularizer: Function of the variable whose result joins `GraphKeys.REGULARIZATION_LOSSES`.
      trainable, collections, caching_device, validate_shape, use_resource, constraint: As in `tf.Variable`.
      partitioner: Function of shape and dtype that says into how many parts each axis is cut.
      custom_getter: Function called with the true getter first.
      synchronization, aggregation: As in `tf.Variable`.

    Returns:
      A Variable, or a PartitionedVariable where a partitioner is given.

    Raises:
      ValueError: It exists and the scope does not share; it does not exist and the scope must reuse; the shape or type
        differs from the existing variable's; the shape of a new one is not fully known.

    Example:
      >>> import core as tf
      >>> with tf.variable_scope("net"):
      ...     tf.get_variable("w", [3, 2])
      <tf.Variable 'net/w:0' shape=(3, 2) dtype=float32_ref>
    """
    return get_variable_scope().get_variable(
        variable_store(), name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer,
        trainable=trainable, collections=collections, caching_device=caching_device, partitioner=partitioner,
        validate_shape=validate_shape, use_resource=use_resource, custom_getter=custom_getter, constraint=constraint,
        synchronization=synchronization, aggregation=aggregation)


def get_local_variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
    trainable: bool = False, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
    validate_shape: bool = True, use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
    synchronization: VariableSynchronization = VariableSynchronization.AUTO,
    aggregation: VariableAggregation = VariableAggregation.NONE,
) -> Any:
    """Like `get_variable`, for a variable of this process only (``GraphKeys.LOCAL_VARIABLES``), not trained."""
    collections = [*collections, GraphKeys.LOCAL_VARIABLES] if collections else [GraphKeys.LOCAL_VARIABLES]
    return get_variable(
        name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=False,
        collections=collections, caching_device=caching_device, partitioner=partitioner, validate_shape=validate_shape,
        use_resource=use_resource, custom_getter=custom_getter, constraint=constraint, synchronization=synchronization,
        aggregation=aggregation)


def _scope_use_resource() -> bool | None:
    return get_variable_scope().use_resource


Defaults.scope_use_resource = staticmethod(_scope_use_resource)
