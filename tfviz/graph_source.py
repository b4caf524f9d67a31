"""Turns whatever `show()` is given (graph, session, GraphDef, file) into the plain dict of `core.inspect.graph()`.

The engine is imported only when one of its objects or a file of its format is shown: this module alone knows it, and
only through `core.inspect` and public names.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MAX_FILE = 1 << 31


def graph_dict(source: Any = None) -> Mapping[str, Any]:
    """Returns the plain dict of a graph.

    Args:
        source: None (the default graph), a Graph, anything with a `.graph` (a Session, a Tensor), a GraphDef or
        MetaGraphDef, a
            path of a `.pb`, `.pbtxt`, `.meta` or event file, or such a dict itself.

    Raises:
        FileNotFoundError: no file at the path.
        ValueError: the file holds no graph.
        TypeError: nothing that holds a graph.
    """
    if isinstance(source, Mapping):
        if source.get("kind") != "graph":
            raise ValueError(f"expected the dict of core.inspect.graph(), got one of kind {source.get('kind')!r}")
        return source
    if isinstance(source, (str, os.PathLike)):
        return _file(Path(source))
    inspect = importlib.import_module("core.inspect")
    if source is None or hasattr(source, "as_graph_def"):
        return inspect.graph(source) if source is not None else inspect.graph()
    if hasattr(source, "graph_def"):
        return inspect.graph_def(source.graph_def)
    if hasattr(source, "node") and hasattr(source, "library"):
        return inspect.graph_def(source)
    if hasattr(getattr(source, "graph", None), "as_graph_def"):
        return inspect.graph(source.graph)
    raise TypeError(
        f"tfviz.show() takes a Graph, a Session, a GraphDef, a file name or None for the default graph, "
        f"got {type(source).__name__}"
    )


def _file(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        raise FileNotFoundError(f"no file {path}: give a .pb, .pbtxt, .meta or event file")
    if path.is_dir():
        events = sorted(path.glob("*tfevents*"))
        if not events:
            raise FileNotFoundError(f"no event file in the folder {path}")
        path = events[-1]
    core, inspect = importlib.import_module("core"), importlib.import_module("core.inspect")
    if "tfevents" in path.name:
        return inspect.graph_def(_event_graph(core, path))
    data = path.read_bytes()
    is_meta = ".meta" in path.suffixes
    message = core.MetaGraphDef() if is_meta else type(core.Graph().as_graph_def())()
    try:
        if path.suffix in (".pbtxt", ".txt", ".prototxt"):
            # Optional at this place: only text files need it.
            from google.protobuf import text_format

            text_format.Parse(data.decode("utf-8"), message)
        else:
            message.ParseFromString(data)
    except Exception as error:
        raise ValueError(f"{path} holds no graph that can be read: {error}") from error
    graph_def = message.graph_def if is_meta else message
    if data and not graph_def.node:
        raise ValueError(f"{path} holds no graph: it was read as {type(message).__name__} and has no node")
    return inspect.graph_def(graph_def)


def _event_graph(core: Any, path: Path) -> Any:
    for event in core.summary.summary_iterator(str(path)):
        if event.HasField("graph_def"):
            graph_def = type(core.Graph().as_graph_def())()
            graph_def.ParseFromString(event.graph_def)
            return graph_def
    raise ValueError(f"{path} holds no graph: write it with FileWriter(logdir, graph)")


def names_of(things: Any) -> list[str]:
    """Flattens fetches (ops, tensors, variables, names and nests of these) to op names."""
    names: list[str] = []
    stack = [things]
    while stack:
        thing = stack.pop()
        if thing is None:
            continue
        if isinstance(thing, str):
            names.append(thing.removeprefix("^").split(":")[0])
        elif isinstance(thing, Mapping):
            stack.extend(reversed(list(thing.values())))
        elif hasattr(thing, "op") and hasattr(thing.op, "name"):
            names.append(thing.op.name)
        elif hasattr(thing, "name"):
            names.append(str(thing.name).split(":")[0])
        elif isinstance(thing, Iterable):
            stack.extend(reversed(list(thing)))
        else:
            raise TypeError(f"expected ops, tensors or names, got {type(thing).__name__}")
    return names


def cone(graph: Mapping[str, Any], fetches: list[str], feeds: list[str]) -> dict[str, Any]:
    """Returns the part of a graph that `run(fetches, feeds)` needs; fed ops keep no inputs.

    Raises:
        KeyError: a fetch or feed that the graph does not have.
    """
    nodes = graph["nodes"]
    index = {node["name"]: i for i, node in enumerate(nodes)}
    for name in (*fetches, *feeds):
        if name not in index:
            raise KeyError(f"the graph has no op named {name!r}")
    fed = {index[name] for name in feeds}
    keep, stack = set(), [index[name] for name in fetches]
    while stack:
        item = stack.pop()
        if item in keep:
            continue
        keep.add(item)
        if item not in fed:
            stack.extend(entry[0] for entry in nodes[item].get("inputs") or ())
            stack.extend(nodes[item].get("control") or ())
    order = sorted(keep)
    place = {old: new for new, old in enumerate(order)}
    kept = []
    for old in order:
        node = dict(nodes[old])
        node["inputs"] = [] if old in fed else [[place[e[0]], e[1]] for e in node.get("inputs") or ()]
        node["control"] = [] if old in fed else [place[c] for c in node.get("control") or ()]
        if old in fed:
            node["fed"] = True
        kept.append(node)
    return {**graph, "nodes": kept, "pruned": len(nodes) - len(kept)}
