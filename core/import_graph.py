"""`tf.import_graph_def`: adds the nodes of a GraphDef to the default graph.

Works on `core.graph` alone: what the nodes compute is looked up in the registry of ops.
"""

from __future__ import annotations

import heapq
from typing import Any

from core import proto
from core.graph import (
    REGISTRY,
    Graph,
    OpDef,
    Operation,
    Tensor,
    convert_to_tensor,
    get_default_graph,
    group_arguments,
    name_scope,
)
from core.graph.opdef import MISSING
from core.proto.attrs import attr_from_proto
from core.proto.tensors import shape_from_proto

__all__ = ["import_graph_def"]

_CLOSED_LATER = frozenset({"NextIteration", "RefNextIteration"})


def import_graph_def(
    graph_def: Any, input_map: dict[str, Any] | None = None, return_elements: Any = None, name: str | None = None,
    op_dict: Any = None, producer_op_list: Any = None,
) -> list[Any] | None:
    """Adds the nodes of `graph_def` to the default graph.

    Args:
      graph_def: A `tf.GraphDef`.
      input_map: Names in `graph_def` ("a", "a:1", "^control") -> tensors of the default graph to use in their place.
      return_elements: Names of operations ("a") and tensors ("a:0") of `graph_def` to return.
      name: Prefix of the names ("import"); "" for none.
      op_dict: Ignored, as in TensorFlow.
      producer_op_list: The ops that the writer knew; attributes unknown here are then left out without a question.

    Returns:
      A list of the operations and tensors asked for; None where nothing was asked for.

    Raises:
      TypeError: An argument of the wrong kind.  ValueError: An op that is not defined here, an input that is missing
        or does not fit, a name in `input_map` or `return_elements` that `graph_def` lacks.

    Example:
      >>> with tf.Graph().as_default() as source:
      ...     x = tf.placeholder(tf.float32, name="x")
      ...     y = tf.multiply(x, 2.5, name="y")
      >>> with tf.Graph().as_default():
      ...     two = tf.constant(2.0)
      ...     result, = tf.import_graph_def(source.as_graph_def(), {"x": two}, ["y:0"])
      ...     with tf.Session() as sess:
      ...         print(result.name, sess.run(result))
      import/y:0 5.0
    """
    if not isinstance(graph_def, proto.GraphDef):
        raise TypeError(f"graph_def must be a GraphDef proto, got {type(graph_def).__name__}.")
    mapped = dict(_checked_map(input_map))
    wanted = _checked_elements(return_elements)
    graph = get_default_graph()
    with name_scope(name, "import", list(mapped.values())) as scope:
        if any(not isinstance(v, Tensor) and not isinstance(v, Operation) for v in mapped.values()):
            if not scope:
                raise ValueError("tf.import_graph_def() requires a non-empty `name` if `input_map` contains non-Tensor "
                                 "values. Try calling tf.convert_to_tensor() on `input_map` values before calling "
                                 "tf.import_graph_def().")
            with name_scope("_inputs"):
                mapped = {k: v if isinstance(v, Operation) else convert_to_tensor(v) for k, v in mapped.items()}
        importer = _Importer(graph, graph_def, mapped, scope, producer_op_list is not None)
        importer.add_nodes()
    importer.check_map()
    return None if wanted is None else [importer.element(item) for item in wanted]


def _checked_map(input_map: Any) -> dict[str, Any]:
    if input_map is None:
        return {}
    if not isinstance(input_map, dict) or not all(isinstance(k, (str, bytes)) for k in input_map):
        raise TypeError("input_map must be a dictionary mapping strings to Tensor objects.")
    return {k.decode("utf-8") if isinstance(k, bytes) else k: v for k, v in input_map.items()}


def _checked_elements(return_elements: Any) -> list[str] | None:
    if return_elements is None:
        return None
    elements: list[Any] = list(return_elements) if isinstance(return_elements, (list, tuple)) else [None]
    if not all(isinstance(e, (str, bytes)) for e in elements):
        raise TypeError("return_elements must be a list of strings.")
    return [e.decode("utf-8") if isinstance(e, bytes) else e for e in elements]


def _split(reference: str) -> tuple[str, int]:
    """ "a:1" -> ("a", 1); "a" -> ("a", 0); "^a" -> ("a", -1)."""
    if reference.startswith("^"):
        return reference[1:], -1
    name, colon, index = reference.rpartition(":")
    if colon and index.isdigit():
        return name, int(index)
    return reference, 0


class _Importer:
    """One import: the nodes by their old names, and what they have become."""

    def __init__(
        self, graph: Graph, graph_def: Any, mapped: dict[str, Any], scope: str, lenient: bool,
    ) -> None:
        self.graph = graph
        self.scope = scope
        self.lenient = lenient
        self.nodes: dict[str, Any] = {}
        for node in graph_def.node:
            if node.name in self.nodes:
                raise ValueError(f"Node '{node.name}' is not unique")
            self.nodes[node.name] = node
        self.functions = {function.signature.name for function in graph_def.library.function}
        self.mapped = {_split(key): value for key, value in mapped.items()}
        self.labels = {_split(key): key for key in mapped}
        self.ops: dict[str, Operation] = {}

    # ------------------------------------------------------------------ order

    def add_nodes(self) -> None:
        """Adds every node after the nodes it needs; of those that are ready, the earlier one first."""
        names = list(self.nodes)
        place = {name: i for i, name in enumerate(names)}
        after: dict[str, list[str]] = {}
        waiting: dict[str, int] = {}
        for name, node in self.nodes.items():
            needs = {source for source, index in map(_split, node.input) if (source, index) not in self.mapped}
            for source in needs:
                if source not in self.nodes:
                    text = next(i for i in node.input if _split(i)[0] == source)
                    raise ValueError(f"Node '{name}': Unknown input node '{text}'")
                after.setdefault(source, []).append(name)
            waiting[name] = len(needs)
        ready = [place[name] for name, count in waiting.items() if count == 0]
        heapq.heapify(ready)
        done = 0
        while ready:
            name = names[heapq.heappop(ready)]
            self.ops[name] = self._add(self.nodes[name])
            done += 1
            for follower in after.get(name, ()):
                waiting[follower] -= 1
                if waiting[follower] == 0:
                    heapq.heappush(ready, place[follower])
        if done < len(names):
            rest = [name for name in names if name not in self.ops]
            loop = any(self.nodes[name].op in _CLOSED_LATER for name in rest)
            cure = (" It holds a loop of single-step ops (Enter, NextIteration): loops are `While` ops here."
                    if loop else "")
            raise ValueError(f"The GraphDef has a cycle: {len(rest)} nodes can't be imported, '{rest[0]}' first.{cure}")

    # ------------------------------------------------------------------ one node

    def _add(self, node: Any) -> Operation:
        definition = REGISTRY.get(node.op)
        if definition is None:
            raise ValueError(f"No op named {node.op} in defined operations: node '{node.name}' can't be imported. "
                             "Define it with `define_op`.")
        attrs = self._attrs(node, definition)
        inputs: list[Tensor] = []
        control: list[Operation] = []
        for reference in node.input:
            source = _split(reference)
            if source[1] < 0:
                given = self.mapped.get(source)
                control.append(self.ops[source[0]] if given is None else getattr(given, "op", given))
            else:
                inputs.append(self._tensor(node.name, reference))
        self._check_inputs(node, definition, attrs, inputs)
        with self.graph.name_scope(self.scope or None):
            op = self.graph.create_op(node.op, inputs, name=node.name, attrs=attrs)
        if control:
            op._add_control_inputs(control)
        if node.device:
            self._place(op, node.device)
        groups = [g.decode("utf-8") for g in node.attr["_class"].list.s] if "_class" in node.attr else []
        groups = [self.scope + g[5:] for g in groups if g.startswith("loc:@")]
        if groups and groups != [op.name]:
            op._colocation = sorted({*(op._colocation or ()), *groups})
        if "_output_shapes" in node.attr:
            for tensor, shape in zip(op.outputs, node.attr["_output_shapes"].list.shape):
                tensor.set_shape(shape_from_proto(shape))
        if node.op == "VarHandleOp":
            op.outputs[0].handle_data = (attrs["shape"], attrs["dtype"])
        return op

    def _place(self, op: Operation, device: str) -> None:
        op._set_device(device)
        if self.graph._context.device_stack:  # the blocks around the import may fill in what the node left open
            self.graph._apply_devices(op, self.graph._context)

    def _tensor(self, name: str, reference: str) -> Tensor:
        source, index = _split(reference)
        given = self.mapped.get((source, index))
        if given is not None:
            tensor: Tensor = given
            return tensor
        outputs = self.ops[source].outputs
        if index >= len(outputs):
            raise ValueError(f"Node '{name}': Connecting to invalid output {index} of source node {source} which has "
                             f"{len(outputs)} outputs.")
        return outputs[index]

    def _attrs(self, node: Any, definition: OpDef) -> dict[str, Any]:
        attrs: dict[str, Any] = {}
        for key, message in node.attr.items():
            known = definition.attrs.get(key)
            if known is None:
                if key in ("_class", "_output_shapes"):
                    continue
                if key.startswith("_"):
                    attrs[key] = attr_from_proto(message)
                elif not self.lenient and any(bool(value) for _, value in message.ListFields()):
                    raise ValueError(
                        f"NodeDef mentions attr '{key}' not in Op<name={node.op}>; NodeDef: '{node.name}'. Is the "
                        "GraphDef written by a newer version? Give `producer_op_list` to leave it out.")
                continue
            try:
                attrs[key] = attr_from_proto(message, known.type)
            except (ValueError, TypeError) as error:
                raise ValueError(f"Node '{node.name}': attribute '{key}': {error}") from None
            if known.type == "func" or known.type == "list(func)":
                raise ValueError(f"Node '{node.name}' of type {node.op} calls the function {attrs[key]!r}: functions "
                                 "of a GraphDef can't be imported yet.")
        for key, known in definition.attrs.items():
            if key not in attrs and known.default is MISSING:
                raise ValueError(f"NodeDef missing attr '{key}' from Op<name={node.op}>; NodeDef: '{node.name}'")
            if key not in attrs and known.default is not None:
                attrs[key] = known.default
        return attrs

    def _check_inputs(self, node: Any, definition: OpDef, attrs: dict[str, Any], inputs: list[Tensor]) -> None:
        """Number and types of the inputs, which `Graph.create_op` takes on trust."""
        expected: list[Any] = []
        for arg in definition.inputs:
            if arg.list_attr is not None:
                expected.extend(attrs[arg.list_attr])
                continue
            kind = arg.dtype if arg.dtype is not None else attrs[str(arg.type_attr)]
            expected.extend([kind] * (attrs[arg.number_attr] if arg.number_attr is not None else 1))
        if len(expected) != len(inputs):
            kinds = ", ".join(kind.name for kind in expected)
            raise ValueError(f"NodeDef expected inputs '{kinds}' do not match {len(inputs)} inputs specified; "
                             f"Op<name={node.op}>; NodeDef: '{node.name}'")
        for index, (kind, tensor) in enumerate(zip(expected, inputs)):
            if tensor.dtype.base_dtype != kind.base_dtype:
                raise ValueError(f"Input {index} of node {self.scope}{node.name} was passed {tensor.dtype.name} from "
                                 f"{tensor.name} incompatible with expected {kind.name}.")
        for arg, part in zip(definition.inputs, group_arguments(definition.inputs, attrs, inputs)):
            if arg.is_ref and not part.dtype._is_ref_dtype:
                raise ValueError(f"Input '{arg.name}' of node {self.scope}{node.name} was passed {part.dtype.name} "
                                 f"from {part.name} incompatible with expected {part.dtype.name}_ref.")

    # ------------------------------------------------------------------ the result

    def check_map(self) -> None:
        """ValueError for names in `input_map` that the GraphDef does not know."""
        unknown = []
        for (source, index), label in self.labels.items():
            used = any(_split(i) == (source, index) for node in self.nodes.values() for i in node.input)
            op = self.ops.get(source)
            if not used and (op is None or index >= len(op.outputs)):
                unknown.append(label if index < 0 or ":" in label else f"{label}:{index}")
        if unknown:
            raise ValueError(f"Attempted to map inputs that were not found in graph_def: [{', '.join(unknown)}]")

    def element(self, name: str) -> Any:
        """The operation or tensor of the graph that bore `name` in the GraphDef."""
        source, index = _split(name)
        if source not in self.ops or (":" in name and index >= len(self.ops[source].outputs)):
            raise ValueError(f"Requested return_element {name!r} not found in graph_def.")
        if ":" not in name:
            return self.ops[source]
        return self.mapped.get((source, index), self.ops[source].outputs[index])
