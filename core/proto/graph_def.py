"""Graphs -> GraphDef: nodes, functions, versions.

Ground floor: knows operations by their fields only (`name`, `type`, `inputs`, `control_inputs`, `attrs`,
`op_def`, ...) and imports its neighbours. protobuf loads when the first message is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from core import proto
from core.proto.attrs import attr_to_proto, set_attr
from core.proto.tensors import shape_to_proto, tensor_to_proto

__all__ = ["MIN_CONSUMER", "PRODUCER", "attr_value", "function_def", "graph_to_def", "node_def", "versions"]

PRODUCER = 134  # the version of the graph language that TensorFlow 1.15 writes
MIN_CONSUMER = 0

attr_value = attr_to_proto


def versions() -> Any:
    """Returns the `VersionDef` of the graphs that we write."""
    return proto.VersionDef(producer=PRODUCER, min_consumer=MIN_CONSUMER)


def _input_names(op: Any) -> list[str]:
    names = []
    for tensor in op.inputs:
        name = tensor.op.name
        names.append(name if tensor.value_index == 0 else f"{name}:{tensor.value_index}")
    # TensorFlow sorts control inputs, so that equal graphs give equal files.
    names.extend(sorted("^" + control.name for control in op.control_inputs))
    return names


def _set_attrs(message: Any, op: Any) -> None:
    declared = op.op_def.attrs if op.op_def is not None else {}
    for name, value in op.attrs.items():
        if value is None:
            continue
        attr = declared.get(name)
        kind = None if attr is None else attr.type
        if kind == "tensor":
            _set_tensor(message.attr[name], value, op)
        else:
            set_attr(message.attr[name], value, kind)
    colocation = getattr(op, "_colocation", None)
    if colocation:
        del message.attr["_class"].list.s[:]  # what an attribute scope said
        message.attr["_class"].list.s.extend(
            sorted(name if isinstance(name, bytes) else f"loc:@{name}".encode() for name in colocation))


def _set_tensor(message: Any, value: Any, op: Any) -> None:
    """A constant: the node's own `dtype` tells quantised numbers from plain ones."""
    dtype = op.attrs.get("dtype")
    if getattr(dtype, "is_quantized", False) and not isinstance(value, proto.TensorProto):
        message.tensor.CopyFrom(tensor_to_proto(value, dtype))
    else:
        set_attr(message, value, "tensor")


def node_def(op: Any, add_shapes: bool = False) -> Any:
    """Returns the `NodeDef` of an operation.

    Args:
      op: The operation.
      add_shapes: Whether to note the static shapes of its outputs in the attribute `_output_shapes`.
    """
    message = proto.NodeDef(name=op.name, op=op.type, input=_input_names(op), device=op.device)
    _set_attrs(message, op)
    if add_shapes and op.outputs:
        shapes = message.attr["_output_shapes"].list.shape
        shapes.extend(shape_to_proto(tensor.shape) for tensor in op.outputs)
    return message


def graph_to_def(graph: Any, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """Returns the `GraphDef` of a graph, with the functions that it holds.

    Args:
      graph: A graph: `get_operations()` gives its operations in order of creation.
      from_version: Only operations that were added after the graph had this version.
      add_shapes: Whether to note static shapes in attributes `_output_shapes`.

    Raises:
      ValueError: if it would be larger than 2 GB, which protocol buffers can't hold.
    """
    message = proto.GraphDef(versions=versions())
    total = 0
    for op in graph.get_operations():
        if from_version is not None and op._id <= from_version:
            continue
        node = node_def(op, add_shapes)
        total += node.ByteSize()
        if total >= 1 << 31:
            raise ValueError(
                "GraphDef cannot be larger than 2GB. Feed large arrays, or load them into variables, instead "
                f"of making them constants (the limit was passed at node '{op.name}').")
        message.node.append(node)
    for function in getattr(graph, "_functions", {}).values():
        definition = _definition(function)
        if definition is not None:
            message.library.function.append(definition)
            gradient = getattr(function, "gradient_func_name", None)
            if isinstance(gradient, str):
                message.library.gradient.add(function_name=function.name, gradient_func=gradient)
    return message


def _definition(function: Any) -> Any:
    """The `FunctionDef` of a function: its own, or made from its body graph."""
    own = getattr(function, "definition", None)
    if isinstance(own, proto.FunctionDef):
        return own
    graph = getattr(function, "graph", None)
    if graph is None:
        return None
    return function_def(function.name, graph, function.inputs, function.outputs)


# ----------------------------------------------------------------------------------------------------
# Functions
# ----------------------------------------------------------------------------------------------------


def _output_reference(tensor: Any, arguments: dict[Any, str]) -> str:
    """How nodes of a function name their inputs: an argument's name, or "node:output argument:index"."""
    argument = arguments.get(tensor.op)
    if argument is not None:
        return argument
    op, index = tensor.op, tensor.value_index
    for output in op.op_def.outputs:
        if output.number_attr is not None:
            count = op.attrs[output.number_attr]
        else:
            count = len(op.attrs[output.list_attr]) if output.list_attr is not None else 1
        if index < count:
            return f"{op.name}:{output.name}:{index}"
        index -= count
    raise ValueError(f"Operation '{op.name}' of type {op.type} has no output {tensor.value_index}.")


def _argument_name(name: str, taken: set[str]) -> str:
    """A name that OpDefs allow (lower case, digits, _), not taken yet."""
    plain = re.sub("[^a-z0-9]", "_", name.lower()).lstrip("_0123456789") or "arg"
    result, number = plain, 0
    while result in taken:
        number += 1
        result = f"{plain}_{number}"
    taken.add(result)
    return result


def function_def(name: str, graph: Any, inputs: Sequence[Any], outputs: Iterable[Any]) -> Any:
    """Returns the `FunctionDef` of a body graph.

    Args:
      name: The function's name.
      graph: The body.
      inputs: The tensors (placeholders of the body) that stand for the arguments.
      outputs: The tensors that it returns.

    Raises:
      ValueError: if an output or an edge does not belong to the body.
    """
    message = proto.FunctionDef()
    message.signature.name = name
    arguments: dict[Any, str] = {}
    taken: set[str] = set()
    for tensor in inputs:
        arguments[tensor.op] = _argument_name(tensor.op.name, taken)
        message.signature.input_arg.add(
            name=arguments[tensor.op], type=tensor.dtype.as_datatype_enum)
    body = [op for op in graph.get_operations() if op not in arguments]
    for op in body:
        node = message.node_def.add(name=op.name, op=op.type, device=op.device)
        node.input.extend(_output_reference(tensor, arguments) for tensor in op.inputs)
        node.input.extend(sorted("^" + op.name for op in op.control_inputs if op not in arguments))
        _set_attrs(node, op)
        if getattr(op.op_def, "stateful", False):
            message.signature.is_stateful = True
    taken = set()
    members = {*body, *arguments}
    for tensor in outputs:
        if tensor.op not in members:
            raise ValueError(f"Function '{name}' returns {tensor.name}, which is not of its body.")
        result = _argument_name(tensor.op.name, taken)
        message.signature.output_arg.add(name=result, type=tensor.dtype.base_dtype.as_datatype_enum)
        message.ret[result] = _output_reference(tensor, arguments)
    return message
