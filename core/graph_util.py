"""`tf.graph_util`: cuts GraphDefs to what is needed, turns variables into constants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from core import proto
from core.import_graph import import_graph_def as import_graph_def
from core.proto.attrs import attr_to_proto
from core.shapes import TensorShape

__all__ = [
    "convert_variables_to_constants", "extract_sub_graph", "import_graph_def", "must_run_on_cpu",
    "remove_training_nodes", "tensor_shape_from_node_def_name",
]

_VARIABLES = frozenset({"Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable"})


def _node_name(reference: str) -> str:
    return reference.removeprefix("^").partition(":")[0]


def extract_sub_graph(graph_def: Any, dest_nodes: Iterable[str]) -> Any:
    """Returns the part of a GraphDef that `dest_nodes` need.

    Args:
      graph_def: A `tf.GraphDef`.
      dest_nodes: Names of nodes.

    Raises:
      TypeError: `graph_def` is none, or `dest_nodes` is a text.
      AssertionError: A name that the graph does not have.

    Example:
      >>> with tf.Graph().as_default() as graph:
      ...     a, b = tf.constant(2.0, name="a"), tf.constant(3.0, name="b")
      ...     c = tf.add(a, 1.0, name="c")
      >>> [node.name for node in tf.graph_util.extract_sub_graph(graph.as_graph_def(), ["c"]).node]
      ['a', 'c/y', 'c']
    """
    if not isinstance(graph_def, proto.GraphDef):
        raise TypeError("graph_def must be a graph_pb2.GraphDef proto.")
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    nodes = {node.name: node for node in graph_def.node}
    pending = list(dest_nodes)
    for name in pending:
        if name not in nodes:
            raise AssertionError(f"{name} is not in graph")
    keep: set[str] = set()
    while pending:
        name = pending.pop()
        if name in keep:
            continue
        keep.add(name)
        pending.extend(_node_name(reference) for reference in nodes[name].input)
    result = proto.GraphDef(versions=graph_def.versions, library=graph_def.library)
    result.node.extend(node for node in graph_def.node if node.name in keep)
    return result


def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> TensorShape:
    """The static shape of the tensor that an input of a NodeDef ("a", "a:1", "^a") names."""
    name = input_name.removeprefix("^")
    shape: TensorShape = graph.get_tensor_by_name(name if ":" in name else name + ":0").shape
    return shape


def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """True if a node (Operation or NodeDef) holds strings or (where asked) variables."""
    message = node if isinstance(node, proto.NodeDef) else node.node_def
    if pin_variables_on_cpu and message.op in ("Variable", "VariableV2"):
        return True
    if message.op == "Const":
        return bool(message.attr["dtype"].type == proto.DT_STRING)
    if message.op in ("DynamicStitch", "ParallelDynamicStitch"):
        return bool(message.attr["T"].type == proto.DT_INT32)
    return message.op == "Placeholder" and bool(message.attr["dtype"].type == proto.DT_STRING)


def convert_variables_to_constants(
    sess: Any, input_graph_def: Any, output_node_names: Iterable[str],
    variable_names_whitelist: Collection[str] | None = None, variable_names_blacklist: Collection[str] | None = None,
) -> Any:
    """Returns the part of a GraphDef that the outputs need, with the variables' present values as constants.

    Args:
      sess: The session that holds the values.
      input_graph_def: The GraphDef of its graph.
      output_node_names: Names of nodes.
      variable_names_whitelist: Only these variables become constants.
      variable_names_blacklist: These do not.

    Example:
      >>> with tf.Graph().as_default() as graph, tf.Session() as sess:
      ...     y = tf.multiply(tf.Variable(3.0, name="w"), 2.0, name="y")
      ...     sess.run(tf.global_variables_initializer())
      ...     frozen = tf.graph_util.convert_variables_to_constants(sess, graph.as_graph_def(), ["y"])
      >>> [node.op for node in frozen.node]
      ['Const', 'Identity', 'Const', 'Mul']
    """
    part = extract_sub_graph(input_graph_def, output_node_names)
    kinds: dict[str, str] = {}
    for node in part.node:
        wanted = variable_names_whitelist is None or node.name in variable_names_whitelist
        if node.op in _VARIABLES and wanted and node.name not in (variable_names_blacklist or ()):
            kinds[node.name] = node.op
    handles = {name for name, kind in kinds.items() if kind == "VarHandleOp"}
    readers = {node.input[0]: node.name for node in sess.graph.as_graph_def().node
               if node.op == "ReadVariableOp" and node.input[0] in handles}
    names = [name for name in kinds if name not in handles or name in readers]
    values = sess.run([(readers[name] if name in handles else name) + ":0" for name in names]) if names else []
    frozen = dict(zip(names, values))
    result = proto.GraphDef(versions=part.versions, library=part.library)
    for node in part.node:
        if node.name in frozen:
            _constant(result.node.add(), node, np.asarray(frozen[node.name]))
        elif node.op == "ReadVariableOp" and node.input[0] in frozen:
            copy = result.node.add(name=node.name, op="Identity", device=node.device, input=node.input)
            copy.attr["T"].CopyFrom(node.attr["dtype"])
            if "_class" in node.attr:
                copy.attr["_class"].CopyFrom(node.attr["_class"])
        else:
            result.node.add().CopyFrom(node)
    return result


def _constant(target: Any, node: Any, value: Any) -> None:
    target.name, target.op, target.device = node.name, "Const", node.device
    target.attr["dtype"].CopyFrom(node.attr["dtype"])
    target.attr["value"].CopyFrom(attr_to_proto(value, "tensor"))


def remove_training_nodes(input_graph: Any, protected_nodes: Collection[str] | None = None) -> Any:
    """Returns a GraphDef without the nodes that matter in training only: CheckNumerics, and Identity where possible.

    Args:
      input_graph: A `tf.GraphDef`.
      protected_nodes: Names of nodes to keep.
    """
    protected = set(protected_nodes or ())
    nodes = {node.name: node for node in input_graph.node}
    watched = {_node_name(i) for node in input_graph.node for i in node.input if i.startswith("^")}
    spliced: dict[str, str] = {}
    for node in input_graph.node:
        plain = not any(i.startswith("^") for i in node.input) and node.name not in watched | protected
        if plain and node.op in ("CheckNumerics", "Identity") and len(node.input) == 1:
            source = nodes.get(_node_name(node.input[0]))
            if source is not None and not (node.op == "Identity" and source.op in _VARIABLES):
                spliced[node.name] = node.input[0]
    result = proto.GraphDef(versions=input_graph.versions, library=input_graph.library)
    for node in input_graph.node:
        if node.name in spliced:
            continue
        copy = result.node.add()
        copy.CopyFrom(node)
        for index, reference in enumerate(node.input):
            while reference in spliced:
                reference = spliced[reference]
            copy.input[index] = reference
    return result
