"""Module-level forms of the graph's blocks: `name_scope`, `control_dependencies`, `device`, `colocate_with`, ..."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from core.graph.convert import graph_of_inputs
from core.graph.graph import default_graph_stack, get_default_graph

__all__ = [
    "add_to_collection", "add_to_collections", "colocate_with", "container", "control_dependencies", "device",
    "get_collection", "get_collection_ref", "get_name_scope", "name_scope", "op_scope", "prepend_name_scope",
    "strip_name_scope",
]


class name_scope:
    """A block that puts the names of operations made inside under ``name/``.

    Args:
      name: Name of the scope; None takes `default_name`. A trailing "/" re-enters a scope as it stands.
      default_name: Used where `name` is None.
      values: Tensors whose graph becomes the default graph inside the block.

    Raises:
      TypeError: `name` is no string.  ValueError: Both names are None but `values` are given; values of two graphs.

    Example:
      >>> import core as tf
      >>> with tf.name_scope("layer"):
      ...     print(tf.constant(1.0, name="c").name.split("/")[-1])
      c:0
    """

    __slots__ = ("_default_graph", "_name", "_scope", "_values")

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None) -> None:
        if name is not None and not isinstance(name, (str, bytes)):
            raise TypeError(f"name for name_scope must be a string, got {name!r}.")
        if name is None and default_name is None and values is not None:
            raise ValueError("At least one of name (None) and default_name (None) must be provided.")
        self._name = default_name if name is None else name
        self._values = values
        self._default_graph: Any = None
        self._scope: Any = None

    @property
    def name(self) -> str | None:
        """The name asked for."""
        return self._name

    def __enter__(self) -> str:
        graph = default_graph_stack.get()
        if self._values and not graph.building_function:
            wanted = graph_of_inputs(_flatten(self._values))
            if wanted is not None and wanted is not graph and not wanted.building_function:
                self._default_graph = default_graph_stack.pushed(wanted)
                graph = self._default_graph.__enter__()
        self._scope = graph.name_scope(self._name)
        try:
            scope: str = self._scope.__enter__()
        except BaseException:
            if self._default_graph is not None:
                self._default_graph.__exit__(None, None, None)
                self._default_graph = None
            raise
        return scope

    def __exit__(self, *error: Any) -> None:
        self._scope.__exit__(*error)
        if self._default_graph is not None:
            self._default_graph.__exit__(*error)
            self._default_graph = None

    def __call__(self, function: Any) -> Any:
        """As a decorator: each call runs in a scope of this name."""
        from functools import wraps  # late: decorators are rare

        @wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with name_scope(self._name):
                return function(*args, **kwargs)
        return wrapped


def _flatten(values: Any) -> list[Any]:
    flat: list[Any] = []
    pending = [values]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(reversed(item))
        elif isinstance(item, dict):
            pending.extend(item.values())
        else:
            flat.append(item)
    return flat


def op_scope(values: Any, name: str | None, default_name: str | None = None) -> name_scope:
    """Deprecated order of the arguments of `name_scope`."""
    return name_scope(name, default_name=default_name, values=values)


def get_name_scope() -> str:
    """The current name scope of the default graph, without a trailing slash."""
    return get_default_graph().get_name_scope()


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """Operations made inside the block run after `control_inputs` (operations or tensors of the default graph).

    Example:
      >>> import core as tf
      >>> a = tf.constant(1.0)
      >>> with tf.control_dependencies([a]):
      ...     b = tf.constant(2.0)
      >>> [op.name == a.op.name for op in b.op.control_inputs]
      [True]
    """
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """Asks for a device for the operations made inside the block; see `Graph.device`."""
    return get_default_graph().device(device_name_or_function)


def colocate_with(op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
    """Operations made inside the block stand on the device of `op`."""
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name: str) -> AbstractContextManager[str]:
    """Variables and queues made inside the block live in the resource container `container_name`."""
    return get_default_graph().container(container_name)


def add_to_collection(name: Any, value: Any) -> None:
    """Appends `value` to the collection `name` of the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    """Appends `value` to each collection in `names`."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """A copy of the collection `key` of the default graph; with `scope`, those whose name matches it."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list[Any]:
    """The collection `key` of the default graph itself."""
    return get_default_graph().get_collection_ref(key)


def strip_name_scope(name: str, export_scope: str | None) -> str:
    """Removes the leading ``export_scope/`` of a name."""
    if export_scope:
        prefix = export_scope if export_scope.endswith("/") else export_scope + "/"
        for marker in ("^", "loc:@", ""):
            if name.startswith(marker + prefix):
                return marker + name[len(marker) + len(prefix):]
    return name


def prepend_name_scope(name: str, import_scope: str | None) -> str:
    """Puts ``import_scope/`` before a name."""
    if import_scope:
        scope = import_scope.rstrip("/")
        for marker in ("^", "loc:@"):
            if name.startswith(marker):
                return f"{marker}{scope}/{name[len(marker):]}"
        return f"{scope}/{name}"
    return name


