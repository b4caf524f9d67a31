"""What a graph's `with` blocks set (scopes, control dependencies, devices, colocation) and its collections.

`ScopedGraph` is the part of `Graph` that knows of blocks and collections; `core.graph.graph` adds the operations.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.graph.device import canonical_device, merge_device
from core.graph.operation import Operation, Tensor

__all__ = ["BlockContext", "Controller", "ScopedGraph"]


class BlockContext(threading.local):
    """What a thread's `with` blocks on this graph have set."""

    def __init__(self) -> None:
        self.name_stack: str = ""
        self.control_stack: list[Controller] = []
        self.device_stack: list[Any] = []
        self.colocation_stack: list[Operation] = []
        self.attr_scope: dict[str, Any] = {}
        self.gradient_map: dict[str, str] = {}
        self.original_op: Operation | None = None
        self.creators: tuple[Any, ...] = ()  # of `variable_creator_scope`


class Controller:
    """One `control_dependencies` block: its operations, and the operations made inside it."""

    __slots__ = ("inputs", "new_stack", "seen")

    def __init__(self, inputs: list[Operation], new_stack: bool) -> None:
        self.inputs = inputs
        self.new_stack = new_stack
        self.seen: set[Operation] = set()


class ScopedGraph:
    """Blocks and collections of a graph; see `Graph`."""

    _context: BlockContext
    _collections: dict[Any, list[Any]]
    _lock: Any
    _container: str

    def _check_not_finalized(self) -> None:
        raise NotImplementedError

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """See `Graph.as_graph_element`."""
        raise NotImplementedError

    def _control_for(self, inputs: tuple[Tensor, ...]) -> list[Operation]:
        stack = self._context.control_stack
        if not stack:
            return []
        result: list[Operation] = []
        producers = {t.op for t in inputs}
        for controller in stack:
            # An input made inside the block already waits for the block's operations.
            if any(op in controller.seen for op in producers):
                continue
            for op in controller.inputs:
                if op not in producers and op not in result:
                    result.append(op)
        return result

    def _apply_devices(self, op: Operation, context: BlockContext) -> None:
        for function in reversed(context.device_stack):
            if function is None:
                break
            wanted = function(op)  # a text stands as it is, as in TensorFlow
            op._set_device(wanted if isinstance(wanted, str) else canonical_device(wanted))

    def _colocate(self, op: Operation, context: BlockContext) -> None:
        groups: list[str] = []
        others = context.colocation_stack
        if op.op_def.has_ref_input:  # what changes a variable stands where the variable stands
            others = [*others, *(tensor.op for tensor in op.inputs if tensor.dtype._is_ref_dtype)]
        for other in others:
            for group in other.colocation_groups():
                text = group.decode()[5:]
                if text not in groups:
                    groups.append(text)
            if other._device and not op._device:
                op._device = other._device
        op._colocation = sorted(groups)

    # ------------------------------------------------------------------ blocks

    @contextmanager
    def control_dependencies(self, control_inputs: Any) -> Iterator[None]:
        """Operations made inside run after `control_inputs` (operations, tensors); None clears outer blocks."""
        context = self._context
        if control_inputs is None:
            controller = Controller([], True)
            old_stack, context.control_stack = context.control_stack, []
            try:
                with self._cleared_flow():
                    yield None
            finally:
                context.control_stack = old_stack
            return
        operations: list[Operation] = []
        for item in control_inputs:
            element = getattr(item, "_as_graph_element", None)
            if element is not None and not isinstance(item, (Tensor, Operation)):
                item = element()
            if isinstance(item, Tensor):
                item = item.op
            elif not isinstance(item, Operation) and hasattr(item, "op") and isinstance(item.op, Operation):
                item = item.op
            item = self.as_graph_element(item) if not isinstance(item, Operation) else item
            if isinstance(item, Tensor):
                item = item.op
            if item.graph is not self:
                item = self._capture_control(item)
                if item is None:
                    continue
            if item not in operations:
                operations.append(item)
        controller = Controller(operations, False)
        context.control_stack = [*context.control_stack, controller]
        old = context.control_stack[:-1]
        try:
            yield None
        finally:
            context.control_stack = old

    def _capture_control(self, op: Operation) -> Operation | None:
        raise ValueError(f"Operation '{op.name}' is not an element of this graph.")

    @contextmanager
    def _cleared_flow(self) -> Iterator[None]:
        yield None

    @contextmanager
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """Asks for a device: a name, a `DeviceSpec`, a function of the operation, or None to clear outer blocks."""
        function: Any
        if device_name_or_function is None:
            function = None
        elif callable(device_name_or_function):
            function = device_name_or_function
        else:
            function = merge_device(device_name_or_function)
        context = self._context
        old = context.device_stack
        context.device_stack = [*old, function]
        try:
            yield None
        finally:
            context.device_stack = old

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Operations made inside stand on the device of `op`; None clears outer blocks."""
        if op is None and not ignore_existing:
            raise ValueError("Trying to reset colocation (op is None) but ignore_existing is not True")
        if op is not None and not isinstance(op, Operation):
            op = op.op if hasattr(op, "op") else self.as_graph_element(op).op
        context = self._context
        old = context.colocation_stack
        old_devices = context.device_stack
        if ignore_existing:
            context.colocation_stack = [] if op is None else [op]
        else:
            context.colocation_stack = [*old, op]
        if op is not None:
            context.device_stack = []
        try:
            yield None
        finally:
            context.colocation_stack = old
            context.device_stack = old_devices

    @contextmanager
    def container(self, container_name: str) -> Iterator[str]:
        """Variables and queues made inside live in the resource container `container_name`."""
        old, self._container = self._container, container_name
        try:
            yield container_name
        finally:
            self._container = old

    @contextmanager
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Iterator[None]:
        """Operations of type `key` made inside take the gradient registered under `value`."""
        if not isinstance(op_type_map, dict) or not all(
                isinstance(k, str) and isinstance(v, str) for k, v in op_type_map.items()):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        context = self._context
        old = context.gradient_map
        context.gradient_map = {**old, **op_type_map}
        try:
            yield None
        finally:
            context.gradient_map = old

    @contextmanager
    def _attr_scope(self, attr_map: dict[str, Any]) -> Iterator[None]:
        if not isinstance(attr_map, dict):
            raise TypeError("attr_map must be a dictionary mapping strings to Callable or attribute values")
        context = self._context
        old = context.attr_scope
        context.attr_scope = {**old, **attr_map}
        try:
            yield None
        finally:
            context.attr_scope = old

    @contextmanager
    def _kernel_label_map(self, op_to_kernel_label_map: dict[str, str]) -> Iterator[None]:
        if not isinstance(op_to_kernel_label_map, dict):
            raise TypeError("op_to_kernel_label_map must be a dictionary mapping strings to strings")
        yield None

    @contextmanager
    def _original_op(self, op: Operation) -> Iterator[None]:
        """Operations made inside note `op` as what they are derived from."""
        context = self._context
        old, context.original_op = context.original_op, op
        try:
            yield None
        finally:
            context.original_op = old

    def switch_to_thread_local(self) -> None:
        """Nothing to do: scopes, devices and control blocks are per thread here from the start."""

    # ------------------------------------------------------------------ collections

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Appends `value` to the collection `name`."""
        self._check_not_finalized()
        with self._lock:
            self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Appends `value` to each collection in `names` (a name or several), once each."""
        names = (names,) if isinstance(names, (str, bytes)) else tuple(dict.fromkeys(names))
        for name in names:
            self.add_to_collection(name, value)

    def get_collection_ref(self, name: Any) -> list[Any]:
        """The collection itself: changes to the list change the graph's."""
        with self._lock:
            return self._collections.setdefault(name, [])

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection; with `scope`, the items whose name matches that regular expression."""
        with self._lock:
            items = self._collections.get(name, [])
            if scope is None:
                return list(items)
            pattern = re.compile(scope)
            return [item for item in items
                    if hasattr(item, "name") and pattern.match(item.name)]

    def get_all_collection_keys(self) -> list[Any]:
        """Names of the collections that have been used."""
        with self._lock:
            return [k for k in self._collections if isinstance(k, str)]

    def clear_collection(self, name: Any) -> None:
        """Empties a collection."""
        self._check_not_finalized()
        with self._lock:
            self._collections.pop(name, None)

    @property
    def collections(self) -> list[Any]:
        """Names of the collections."""
        return list(self._collections)
