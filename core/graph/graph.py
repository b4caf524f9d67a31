"""The graph: the only thing here that grows. Holds operations, names, scopes, collections; runs nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.dtypes import DType, as_dtype
from core.graph.blocks import BlockContext, ScopedGraph
from core.graph.opdef import MISSING, OpDef, get_op_def, group_arguments
from core.graph.operation import Operation, Tensor
from core.graph.source import capture_frames, source_of
from core.proto.graph_def import graph_to_def
from core.shapes import TensorShape, as_shape, unknown_shape

__all__ = ["Graph", "default_graph_stack", "get_default_graph", "reset_default_graph"]

_VALID_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_VALID_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")


class Graph(ScopedGraph):
    """A dataflow graph: operations, the tensors between them, and their names.

    Example:
      >>> import core as tf
      >>> graph = tf.Graph()
      >>> with graph.as_default():
      ...     c = tf.constant(30.0)
      >>> c.graph is graph
      True
    """

    building_function = False  # True in graphs of function bodies

    def __init__(self) -> None:
        self._ops: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._names_in_use: dict[str, int] = {}
        self._collections: dict[Any, list[Any]] = {}
        self._context = BlockContext()
        self._lock = threading.RLock()
        self._finalized = False
        self._version = 0
        self._edits = 0  # changes that are no additions (an edge replaced); plans made before are void
        self._seed: int | None = None
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Any] = set()
        self._container = ""
        self._functions: dict[str, Any] = {}
        self._handle_counter = 0
        self._local_seed_counter = 0

    # ------------------------------------------------------------------ identity and contents

    @property
    def version(self) -> int:
        """Grows with every operation added: the id of the newest one."""
        return self._version

    @property
    def _last_id(self) -> int:
        return self._version

    @property
    def seed(self) -> int | None:
        """The graph-level random seed."""
        return self._seed

    @seed.setter
    def seed(self, seed: int | None) -> None:
        self._seed = seed

    @property
    def finalized(self) -> bool:
        """True if no operation can be added any more."""
        return self._finalized

    def finalize(self) -> None:
        """Makes the graph read-only."""
        self._finalized = True

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    def _check_not_finalized(self) -> None:
        if self._finalized:
            raise RuntimeError(
                "Graph is finalized and cannot be modified. Build the whole graph first, or run in another tf.Graph().")

    def _changed(self) -> None:
        self._check_not_finalized()
        self._edits += 1

    def get_operations(self) -> list[Operation]:
        """All operations, in order of creation."""
        return list(self._ops)

    def get_operation_by_name(self, name: str) -> Operation:
        """Returns the operation called `name`; KeyError if there is none, TypeError if `name` is no string."""
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        op: Operation = self.as_graph_element(name, allow_tensor=False, allow_operation=True)
        return op

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Returns the tensor called `name` ("op:0"); KeyError if there is none, ValueError if it is no tensor name."""
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        tensor: Tensor = self.as_graph_element(name, allow_tensor=True, allow_operation=False)
        return tensor

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """Returns the operation or tensor of this graph that `obj` (an object or a name) stands for.

        Raises:
          TypeError: `obj` can't stand for what is allowed.  ValueError: another graph's, or a malformed name.
          KeyError: No such name.
        """
        if allow_tensor and allow_operation:
            types = "Tensor or Operation"
        elif allow_tensor:
            types = "Tensor"
        elif allow_operation:
            types = "Operation"
        else:
            raise ValueError("allow_tensor and allow_operation can't both be False.")
        if not isinstance(obj, (str, bytes, Tensor, Operation)):
            convert = getattr(obj, "_as_graph_element", None)
            if convert is not None:
                obj = convert()
        if isinstance(obj, bytes):
            obj = obj.decode("utf-8")
        if isinstance(obj, str):
            return self._element_by_name(obj, types, allow_tensor, allow_operation)
        if (isinstance(obj, Tensor) and allow_tensor) or (isinstance(obj, Operation) and allow_operation):
            if obj.graph is not self:
                kind = "Tensor" if isinstance(obj, Tensor) else "Operation"
                label = obj if isinstance(obj, Tensor) else repr(obj.name)
                raise ValueError(f"{kind} {label} is not an element of this graph.")
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {types}.")

    def _element_by_name(self, name: str, types: str, allow_tensor: bool, allow_operation: bool) -> Any:
        if ":" in name and allow_tensor:
            op_name, _, index_text = name.partition(":")
            if not index_text.isdigit() or not op_name:
                raise ValueError(f"The name {name!r} looks a like a Tensor name, but is not a valid one. Tensor names "
                                 'must be of the form "<op_name>:<output_index>".')
            op = self._by_name.get(op_name)
            if op is None:
                raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                               f"{op_name!r}, does not exist in the graph.{self._similar(op_name)}")
            index = int(index_text)
            if index >= len(op.outputs):
                raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                               f"{op_name!r}, exists but only has {len(op.outputs)} outputs.")
            return op.outputs[index]
        if ":" in name:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a {types}.")
        if not allow_operation:
            if name in self._by_name:
                raise ValueError(f"The name {name!r} refers to an Operation, not a {types}. Tensor names must be of "
                                 f'the form "<op_name>:<output_index>": try {name + ":0"!r}.')
            raise ValueError(f"The name {name!r} looks like an (invalid) Operation name, not a {types}. Tensor names "
                             'must be of the form "<op_name>:<output_index>".')
        op = self._by_name.get(name)
        if op is None:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.{self._similar(name)}")
        return op

    def _similar(self, name: str) -> str:
        wanted = name.lower().rsplit("/", 1)[-1]
        close = [n for n in self._by_name if n.lower() == name.lower() or n.lower().endswith("/" + wanted)][:3]
        return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""

    # ------------------------------------------------------------------ making operations

    def create_op(
        self, op_type: str, inputs: Any, dtypes: Any = None, input_types: Any = None, name: str | None = None,
        attrs: Any = None, op_def: Any = None, compute_shapes: bool = True, compute_device: bool = True,
    ) -> Operation:
        """Adds one operation (the low-level form; `apply_op` is what ops use).

        Args:
          op_type: Type in the registry.
          inputs: Flat list of tensors of this graph.
          dtypes, input_types: Accepted for compatibility; they follow from the op's definition.
          name: Name wanted; made unique.  A trailing "/" takes it as it stands.
          attrs: Decoded values (or `AttrValue` protos where `core.proto` is loaded).
          op_def, compute_shapes, compute_device: Accepted for compatibility.

        Raises:
          TypeError: An input is no tensor.  ValueError: Unknown op, shapes that do not fit, another graph's input.
        """
        self._check_not_finalized()
        definition = get_op_def(op_type)
        for index, tensor in enumerate(inputs):
            if not isinstance(tensor, Tensor):
                raise TypeError(f"Input #{index} is not a tensor: {tensor}")
        values = dict(attrs or {})
        for key, value in values.items():
            known = definition.attrs.get(key)
            if known is not None and not hasattr(value, "WhichOneof"):
                values[key] = known.convert(value, op_type)
        for attr in definition.attrs.values():
            if attr.name not in values and attr.default is MISSING:
                raise ValueError(f"NodeDef missing attr '{attr.name}' from Op<name={op_type}>; NodeDef: "
                                 f"'{name or op_type}'")
            if attr.name not in values and attr.default is not None:
                values[attr.name] = attr.default
        return self._make(definition, name, tuple(inputs), values,
                          None if dtypes is None else [as_dtype(d) for d in dtypes])

    def _make(
        self, definition: OpDef, name: str | None, inputs: tuple[Tensor, ...], attrs: dict[str, Any],
        dtypes: list[DType] | None = None,
    ) -> Operation:
        """Adds one operation whose attributes are complete and decoded. A failing shape rule leaves nothing behind."""
        if self._finalized:
            self._check_not_finalized()
        context = self._context
        if not name:
            name = definition.type
        if name[-1] == "/":
            full = name[:-1]
            if full in self._by_name:
                full = self.unique_name(full)
        else:
            full = self.unique_name(name)
        if not _VALID_OP_NAME.match(full):
            raise ValueError(f"'{full}' is not a valid node name: use letters, digits and _ . / - (not first: _ / -).")
        for index, tensor in enumerate(inputs):
            if tensor.op.graph is not self:
                captured = self._capture(tensor)
                inputs = (*inputs[:index], captured, *inputs[index + 1:])
        if dtypes is None:
            dtypes = _output_dtypes(definition, attrs)
        try:
            shapes = _output_shapes(definition, inputs, attrs, len(dtypes))
        except ValueError as error:
            raise self._shape_error(error, definition, full, inputs) from None
        with self._lock:
            self._version += 1
            control = self._control_for(inputs)
            op = Operation(self, full, definition, inputs, control, attrs, self._version, capture_frames())
            op.outputs = [Tensor(op, i, d, s) for i, (d, s) in enumerate(zip(dtypes, shapes, strict=True))]
            for tensor in inputs:
                tensor._consumers.append(op)
            self._ops.append(op)
            self._by_name[full] = op
            if context.attr_scope:
                for key, value in context.attr_scope.items():
                    if value is not None and key not in attrs:
                        attrs[key] = value
            if context.gradient_map and definition.type in context.gradient_map:
                attrs["_gradient_op_type"] = context.gradient_map[definition.type]
            if context.colocation_stack or definition.has_ref_input:
                self._colocate(op, context)
            for controller in context.control_stack:
                controller.seen.add(op)
            if context.device_stack:
                self._apply_devices(op, context)
            if context.original_op is not None:
                op._original_op = context.original_op
        return op

    def _capture(self, tensor: Tensor) -> Tensor:
        raise ValueError(
            f"Tensor {tensor.name} must be from the same graph as the operation being made: it belongs to another "
            "tf.Graph. Build both under the same `with graph.as_default():`.")

    def _shape_error(self, error: ValueError, definition: OpDef, name: str, inputs: tuple[Tensor, ...]) -> ValueError:
        shapes = ", ".join(_bracketed(t.shape) for t in inputs)
        source = source_of(capture_frames())
        place = f"\n  made at {source}" if source is not None else ""
        return ValueError(f"{error} for '{name}' (op: '{definition.type}') with input shapes: {shapes}.{place}")

    # ------------------------------------------------------------------ names

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """Returns `name` under the current scope, with a suffix ``_1``, ``_2``, ... where it is taken."""
        stack = self._context.name_stack
        if stack:
            name = stack + "/" + name
        in_use = self._names_in_use
        key = name.lower()  # names are unique without regard to case, as in TensorFlow
        count = in_use.get(key)
        if count is None:
            if mark_as_used:
                in_use[key] = 1
            return name
        if mark_as_used:
            in_use[key] = count + 1
        base = key
        while key in in_use:
            key = f"{base}_{count}"
            count += 1
        if mark_as_used:
            in_use[key] = 1
        return f"{name}_{count - 1}"

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Puts the names of operations made inside under ``name/``; yields that prefix ("" for None)."""
        if name:
            pattern = _VALID_SCOPE_NAME if self._context.name_stack else _VALID_OP_NAME
            if not isinstance(name, str):
                name = name.decode("utf-8") if isinstance(name, bytes) else str(name)
            if not pattern.match(name):
                raise ValueError(f"'{name}' is not a valid scope name")
        context = self._context
        old = context.name_stack
        if not name:
            new = ""
        elif name[-1] == "/":
            new = name[:-1]
        else:
            new = self.unique_name(name)
        context.name_stack = new
        try:
            yield new + "/" if new else ""
        finally:
            context.name_stack = old

    def get_name_scope(self) -> str:
        """The current scope, without a trailing slash."""
        return self._context.name_stack

    @property
    def _name_stack(self) -> str:
        return self._context.name_stack

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Makes this the default graph of the thread inside the block."""
        with default_graph_stack.pushed(self):
            yield self

    # ------------------------------------------------------------------ feeding and fetching

    def prevent_feeding(self, tensor: Tensor) -> None:
        """`tensor` can't be fed from now on."""
        self._unfeedable.add(tensor)

    def is_feedable(self, tensor: Tensor) -> bool:
        """True if `tensor` may be fed."""
        return tensor not in self._unfeedable

    def prevent_fetching(self, op: Any) -> None:
        """`op` can't be fetched from now on."""
        self._unfetchable.add(op)

    def is_fetchable(self, tensor_or_op: Any) -> bool:
        """True if `tensor_or_op` may be fetched."""
        op = tensor_or_op.op if isinstance(tensor_or_op, Tensor) else tensor_or_op
        return op not in self._unfetchable

    # ------------------------------------------------------------------ files

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any:
        """This graph as a `GraphDef` protocol buffer."""
        return graph_to_def(self, from_version, add_shapes)

    @property
    def graph_def_versions(self) -> Any:
        """The `VersionDef` of this graph's GraphDef."""
        return self.as_graph_def(from_version=self._version).versions

    def _add_function(self, function: Any) -> None:
        self._functions[function.name] = function

    def _get_function(self, name: str) -> Any:
        return self._functions.get(name)

    def _is_function(self, name: str) -> bool:
        return name in self._functions

    def __repr__(self) -> str:
        return f"<tf.Graph with {len(self._ops)} operations>"


def _output_dtypes(definition: OpDef, attrs: dict[str, Any]) -> list[DType]:
    result: list[DType] = []
    for arg in definition.outputs:
        if arg.list_attr is not None:
            types = list(attrs[arg.list_attr])
        else:
            dtype = arg.dtype if arg.dtype is not None else attrs[str(arg.type_attr)]
            types = [dtype] * (attrs[arg.number_attr] if arg.number_attr is not None else 1)
        result.extend([t._as_ref for t in types] if arg.is_ref else types)
    return result


_UNKNOWN = unknown_shape()


def _bracketed(shape: TensorShape) -> str:
    """A shape as TensorFlow's shape errors write it: [2,?]."""
    if shape.ndims is None:
        return "<unknown>"
    return "[" + ",".join("?" if n is None else str(n) for n in shape.as_list()) + "]"


def _output_shapes(
    definition: OpDef, inputs: tuple[Tensor, ...], attrs: dict[str, Any], count: int,
) -> list[TensorShape]:
    rule = definition.shape_rule
    if rule is None or count == 0:
        return [_UNKNOWN] * count
    arguments = group_arguments(definition.inputs, attrs, inputs) if definition.has_list_input else inputs
    result = rule(*arguments, **{name: attrs[name] for name in definition.shape_attrs})
    if definition.single_output:
        return [result if isinstance(result, TensorShape) else as_shape(result)]
    shapes = [s if isinstance(s, TensorShape) else as_shape(s) for s in result]
    if len(shapes) != count:
        raise AssertionError(f"The shape rule of {definition.type} gave {len(shapes)} shapes for {count} outputs.")
    return shapes


class _DefaultGraphStack(threading.local):
    """The default graphs of one thread; below them stands the process-wide one."""

    global_graph: Graph | None = None

    def __init__(self) -> None:
        self.stack: list[Graph] = []

    @contextmanager
    def pushed(self, graph: Graph) -> Iterator[Graph]:
        self.stack.append(graph)
        try:
            yield graph
        finally:
            if self.stack[-1] is not graph:
                raise AssertionError(
                    f"Nesting violated for default stack of {type(graph)} objects: leave `with` blocks in the "
                    "order entered.")
            self.stack.pop()

    def get(self) -> Graph:
        if self.stack:
            return self.stack[-1]
        graph = _DefaultGraphStack.global_graph
        if graph is None:
            graph = _DefaultGraphStack.global_graph = Graph()
        return graph


default_graph_stack = _DefaultGraphStack()


def get_default_graph() -> Graph:
    """Returns the default graph of this thread.

    Example:
      >>> import core as tf
      >>> with tf.Graph().as_default() as g:
      ...     assert tf.get_default_graph() is g
    """
    return default_graph_stack.get()


def reset_default_graph() -> None:
    """Throws the default graph away; the next operation starts a new one.

    Raises:
      AssertionError: Inside a ``with graph.as_default():`` block.
    """
    if default_graph_stack.stack:
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, "
                             "exit the nesting and create a new graph.")
    _DefaultGraphStack.global_graph = None


