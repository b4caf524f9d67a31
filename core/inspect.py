"""The one door through which pictures look at the engine: plain, versioned dicts of graphs, plans and runs; and
callbacks.

Everything returned is made of dicts, lists, strings, numbers and None, so that it can be sent as JSON. Must not
import tfviz.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from core.dtypes import DType, as_dtype
from core.fetches import parse_fetches
from core.graph import Graph, GraphKeys, Operation, Tensor, get_default_graph
from core.proto.attrs import attr_from_proto
from core.runtime import hooks
from core.session import BaseSession, Session, get_default_session
from core.shapes import TensorShape
from core.summary.writer import EVENT_LISTENERS

__all__ = ["graph", "graph_def", "on_run", "on_summary", "plan", "run"]

_VERSION: Final = 1
_MAX_VALUE: Final = 64  # elements of a constant that are shown
_MAX_TEXT: Final = 200


# ---------------------------------------------------------------------- graphs


def graph(graph: Graph | None = None) -> dict[str, Any]:
    """Describes a graph.

    Args:
      graph: By default the default graph.

    Returns:
      ``{"version": 1, "kind": "graph", "nodes": [...], "functions": {...}, "variables": [...]}``; nodes in order of
      creation, inputs as ``[node index, output index]``.

    Example:
      >>> _ = tf.constant([1.5, 2.5], name="c")
      >>> node = tf.inspect.graph()["nodes"][0]
      >>> node["name"], node["op"], node["value"], node["outputs"][0]["shape"]
      ('c', 'Const', [1.5, 2.5], [2])
    """
    found = get_default_graph() if graph is None else graph
    operations = found.get_operations()
    index = {op: i for i, op in enumerate(operations)}
    return {
        "version": _VERSION, "kind": "graph",
        "nodes": [_node(op, index) for op in operations],
        "functions": _functions(found),
        "variables": _variables(found, index),
    }


def _node(op: Operation, index: dict[Operation, int]) -> dict[str, Any]:
    node = {
        "name": op.name, "op": op.type, "device": op.device,
        "inputs": [[index[t.op], t.value_index] for t in op.inputs if t.op in index],
        "control": [index[c] for c in op.control_inputs if c in index],
        "outputs": [_output(t) for t in op.outputs],
        "attrs": {name: _short(value) for name, value in op.attrs.items()
                  if not isinstance(value, np.ndarray) and not name.startswith("_")},
        "source": _source(op),
    }
    value = op.attrs.get("value") if op.type == "Const" else None
    if isinstance(value, np.ndarray) and value.size <= _MAX_VALUE:
        node["value"] = _listed(value)
    return node


def _output(tensor: Tensor) -> dict[str, Any]:
    dims = tensor.shape.as_tuple()
    dtype = tensor.dtype
    return {"dtype": dtype.base_dtype.name, "shape": None if dims is None else list(dims), "ref": dtype._is_ref_dtype}


def _source(op: Operation) -> dict[str, Any] | None:
    source = op.source
    if source is None:
        return None
    return {"file": source.file, "line": source.line, "function": source.function, "code": source.code,
            "cell": getattr(source, "cell", None)}


def _functions(found: Graph) -> dict[str, Any]:
    """The bodies of loops, branches and functions that the graph calls, by name."""
    result: dict[str, Any] = {}
    for name, function in list(found._functions.items()):
        body = getattr(function, "graph", function)
        if isinstance(body, Graph) and body is not found:
            result[str(name)] = graph(body)
    return result


def _variables(found: Graph, index: dict[Operation, int]) -> list[dict[str, Any]]:
    trainable = {_op_of(v) for v in found.get_collection(GraphKeys.TRAINABLE_VARIABLES)}
    result = []
    seen: set[Operation] = set()
    for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES):
        for variable in found.get_collection(key):
            op = _op_of(variable)
            if op is None or op in seen or op not in index:
                continue
            seen.add(op)
            shape = variable.shape
            dims = shape.as_tuple() if isinstance(shape, TensorShape) else None
            result.append({
                "name": op.name, "op_index": index[op], "shape": None if dims is None else list(dims),
                "dtype": as_dtype(variable.dtype).base_dtype.name, "trainable": op in trainable})
    return result


def _op_of(variable: Any) -> Operation | None:
    handle = getattr(variable, "handle", None)
    op = handle.op if isinstance(handle, Tensor) else getattr(variable, "op", None)
    return op if isinstance(op, Operation) else None


def _short(value: Any) -> Any:
    """A value of an attribute in a form that JSON has, cut where it is long."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, (str, bytes)):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT - 3] + "..."
    if isinstance(value, DType):
        return value.name
    if isinstance(value, TensorShape):
        dims = value.as_tuple()
        return None if dims is None else list(dims)
    if isinstance(value, (list, tuple)):
        items = [_short(v) for v in value[:_MAX_VALUE]]
        return items if len(value) <= _MAX_VALUE else [*items, "..."]
    if isinstance(value, np.ndarray):
        return _listed(value) if value.size <= _MAX_VALUE else f"array of {value.size} elements"
    name = getattr(value, "name", None)
    return {"func": name} if isinstance(name, str) else _short(str(value))


def _listed(array: np.ndarray[Any, Any]) -> Any:
    """An array as nested lists that JSON can hold."""
    if array.dtype.kind in "OSU":
        return _each(array.tolist(), _short)
    if array.dtype.kind in "biu":
        return array.tolist()
    if array.dtype.kind == "c":
        return _each(array.tolist(), str)
    return _each(array.astype(np.float64).tolist(), lambda v: v if np.isfinite(v) else str(v))


def _each(value: Any, convert: Callable[[Any], Any]) -> Any:
    return [_each(v, convert) for v in value] if isinstance(value, list) else convert(value)


def graph_def(graph_def: Any) -> dict[str, Any]:
    """Describes a `GraphDef` in the form of `graph`.

    Args:
      graph_def: The message; ops need not be known here.

    Returns:
      The dict of `graph`. Shapes are known only where the message has ``_output_shapes``; there are no sources.
    """
    return {
        "version": _VERSION, "kind": "graph",
        "nodes": _nodes_of(graph_def.node),
        "functions": {f.signature.name: {"version": _VERSION, "kind": "graph", "nodes": _nodes_of(f.node_def),
                                         "functions": {}, "variables": []}
                      for f in graph_def.library.function},
        "variables": _variables_of(graph_def.node),
    }


_VARIABLE_TYPES: Final = frozenset({"Variable", "VariableV2", "VarHandleOp"})


def _nodes_of(messages: Sequence[Any]) -> list[dict[str, Any]]:
    index = {m.name: i for i, m in enumerate(messages)}
    count = [1] * len(messages)
    nodes = []
    for message in messages:
        inputs, control = [], []
        for text in message.input:
            name, _, port = text.partition(":")
            if name.startswith("^"):
                if name[1:] in index:
                    control.append(index[name[1:]])
                continue
            port = port.rpartition(":")[2] or "0"  # in function bodies: node:output name:index
            if name in index:
                at = int(port) if port.isdigit() else 0
                inputs.append([index[name], at])
                count[index[name]] = max(count[index[name]], at + 1)
        attrs = {}
        for name, value in message.attr.items():
            if value.WhichOneof("value") != "tensor" and not name.startswith("_"):
                attrs[name] = _short(_decoded(value))
        node = {"name": message.name, "op": message.op, "device": message.device, "inputs": inputs, "control": control,
                "outputs": [], "attrs": attrs, "source": None}
        if message.op == "Const" and "value" in message.attr:
            value = _decoded(message.attr["value"])
            if isinstance(value, np.ndarray) and value.size <= _MAX_VALUE:
                node["value"] = _listed(value)
        nodes.append(node)
    for node, message, outputs in zip(nodes, messages, count):
        node["outputs"] = _outputs_of(message, outputs)
    return nodes


def _outputs_of(message: Any, count: int) -> list[dict[str, Any]]:
    """What a NodeDef says of its outputs (without the op's definition: types by the usual names of attributes)."""
    shapes: list[Any] = [_dims(s) for s in message.attr["_output_shapes"].list.shape] \
        if "_output_shapes" in message.attr else []
    if not shapes and message.op in ("Placeholder", *_VARIABLE_TYPES) and "shape" in message.attr:
        shapes = [_dims(message.attr["shape"].shape)]
    if not shapes and message.op == "Const" and "value" in message.attr:
        shapes = [_dims(message.attr["value"].tensor.tensor_shape)]
    dtype = "float32"
    for name in ("dtype", "T", "DstT", "out_type", "output_type"):
        if name in message.attr and message.attr[name].type:
            dtype = as_dtype(message.attr[name].type).base_dtype.name
            break
    ref = message.op in ("Variable", "VariableV2")
    return [{"dtype": dtype, "shape": shapes[i] if i < len(shapes) else None, "ref": ref}
            for i in range(max(count, len(shapes)))]


def _dims(shape: Any) -> list[int | None] | None:
    return None if shape.unknown_rank else [None if d.size < 0 else d.size for d in shape.dim]


def _decoded(value: Any) -> Any:
    try:
        return attr_from_proto(value)
    except Exception as error:  # a picture shows what can be read; the rest is said in words
        return f"unreadable: {error}"


def _variables_of(messages: Sequence[Any]) -> list[dict[str, Any]]:
    result = []
    for i, message in enumerate(messages):
        if message.op in _VARIABLE_TYPES:
            shape = _dims(message.attr["shape"].shape) if "shape" in message.attr else None
            dtype = as_dtype(message.attr["dtype"].type).name if message.attr["dtype"].type else "float32"
            result.append({"name": message.name, "op_index": i, "shape": shape, "dtype": dtype, "trainable": True})
    return result


# ---------------------------------------------------------------------- plans


def plan(fetches: Any, feeds: Iterable[Any] = (), session: BaseSession | None = None) -> dict[str, Any]:
    """Describes what a session does for some fetches: the steps left after pruning and passes, in their order.

    Args:
      fetches: As for `Session.run`.
      feeds: Tensors that will be fed.
      session: By default the default session, or a new one. Buffers are known after the session has run the same
        fetches and feeds twice (the first run finds the shapes out).

    Returns:
      ``{"version": 1, "kind": "plan", "steps": [{"op", "name", "inputs", "outputs", "buffer", "bytes", "fused"}],
      "fed": [...], "fetched": [...], "pruned": n, "passes": [...], "buffers": total bytes}``.

    Example:
      >>> a = tf.constant(2.0)
      >>> [step["name"] for step in tf.inspect.plan(a * a + 1.0)["steps"]]  # constants fold away
      []
    """
    if session is None:
        session = get_default_session()
        if session is None:
            session = Session()
    found = session.graph
    keys = [found.as_graph_element(f, allow_tensor=True, allow_operation=False) for f in feeds]
    elements = parse_fetches(found, fetches).elements
    program = session._program(
        tuple(e for e in elements if isinstance(e, Tensor)), tuple(e for e in elements if isinstance(e, Operation)),
        tuple(keys), found._edits)
    return {"version": _VERSION, "kind": "plan", **program.describe()}


# ---------------------------------------------------------------------- runs


def run(run_metadata: Any) -> dict[str, Any]:
    """Describes a traced run.

    Args:
      run_metadata: The `RunMetadata` that `Session.run` filled.

    Returns:
      ``{"version": 1, "kind": "run", "nodes": {name: {"start_us", "time_us", "bytes"}}}``.
    """
    nodes = {}
    for device in run_metadata.step_stats.dev_stats:
        for stats in device.node_stats:
            nanos = getattr(stats, "op_end_rel_nanos", 0) - getattr(stats, "op_start_rel_nanos", 0)
            nodes[stats.node_name] = {
                "start_us": stats.all_start_micros,
                "time_us": nanos / 1000.0 if nanos > 0 else stats.op_end_rel_micros - stats.op_start_rel_micros,
                "bytes": sum(m.total_bytes for m in stats.memory),
            }
    return {"version": _VERSION, "kind": "run", "nodes": nodes}


def on_run(callback: Callable[[Any, tuple[str, ...], Sequence[Any], int, float], None]) -> Callable[[], None]:
    """Calls `callback` after each `Session.run` of this process.

    Args:
      callback: ``(session, fetch names, values, step index, wall time)``; the value of an operation is None. One that
        raises is removed, with a warning.

    Returns:
      A function that takes the callback away again.
    """
    return hooks.add(hooks.callbacks, callback)


def on_summary(callback: Callable[[Any, str], None]) -> Callable[[], None]:
    """Calls `callback` with ``(event, folder)`` for each Event that a FileWriter of this process writes.

    Returns:
      A function that takes the callback away again.
    """
    def listener(folder: str, event: Any) -> None:
        callback(event, folder)

    return hooks.add(EVENT_LISTENERS, listener)
