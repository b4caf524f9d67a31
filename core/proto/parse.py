"""Reads graphs from files of unknown kind: GraphDef, MetaGraphDef or SavedModel, binary or text.

Ground floor: imports `core.errors` and its neighbours only. Files come from anywhere, so nothing in them is
believed: each kind is tried in turn, what was read must look like what it says it is, and an error says
what is wrong with the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from core import errors, proto
from core.proto.records import file_error

__all__ = ["load_message", "parse_graph_def", "parse_message", "read_graph_def"]

# Field names at the top of a text file -> its kind, the most telling first.
_TEXT_KINDS = (
    ("SavedModel", ("saved_model_schema_version", "meta_graphs")),
    ("MetaGraphDef", ("meta_info_def", "graph_def", "saver_def", "collection_def", "signature_def",
                      "asset_file_def", "object_graph_def")),
    ("GraphDef", ("node", "versions", "version", "library", "debug_info")),
)
_TEXT_START = re.compile(r"\s*(?:#[^\n]*\n\s*)*([a-z_]+)\s*[:{<]")
_NODE_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
_OP_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.>]*")


def _damaged(source: str, why: str) -> errors.DataLossError:
    return errors.DataLossError(None, None, f"Can't read a graph from {source}: {why}")


def _plausible_nodes(nodes: Any) -> bool:
    return all(_OP_NAME.fullmatch(node.op) and _NODE_NAME.fullmatch(node.name) for node in nodes)


def _plausible(message: Any) -> bool:
    """Whether what was read as this kind of message makes sense as one (other kinds often parse, too)."""
    kind = message.DESCRIPTOR.name
    if kind == "GraphDef":
        known = bool(message.node or message.library.function) or message.HasField("versions")
        return known and _plausible_nodes(message.node)
    if kind == "MetaGraphDef":
        return message.HasField("graph_def") and (
            _plausible(message.graph_def) or not message.graph_def.ByteSize())
    return bool(message.meta_graphs) and all(_plausible(graph) for graph in message.meta_graphs)


def _parse_binary(data: bytes, source: str) -> Any:
    from google.protobuf.message import DecodeError  # protobuf loads late

    reasons = []
    for kind in ("SavedModel", "GraphDef", "MetaGraphDef"):
        message = getattr(proto, kind)()
        try:
            message.ParseFromString(data)
        except (DecodeError, RecursionError) as error:
            reasons.append(f"{kind}: {str(error).strip() or type(error).__name__}")
            continue
        if _plausible(message):
            return message
        reasons.append(f"{kind}: no nodes with names and types where they should be")
    raise _damaged(
        source, f"it is no graph, or it was cut off (it starts with {data[:16]!r}; {'; '.join(reasons)}).")


def _text_kind(text: str) -> str | None:
    match = _TEXT_START.match(text)
    if match is None:
        return None
    for kind, fields in _TEXT_KINDS:
        if match[1] in fields:
            return kind
    return None


def _parse_text(text: str, source: str) -> Any:
    from google.protobuf import text_format  # protobuf loads late

    kind = _text_kind(text)
    if kind is None:
        raise _damaged(
            source, f"it is text, but not of a GraphDef, MetaGraphDef or SavedModel: {text.strip()[:40]!r}.")
    message = getattr(proto, kind)()
    try:
        text_format.Parse(text, message)
    except text_format.ParseError as error:
        raise _damaged(source, f"as a {kind} in text form it is wrong at line:column {error}.") from None
    except RecursionError:
        raise _damaged(source, f"as a {kind} in text form it is nested too deep.") from None
    if not all(_plausible_nodes(graph.node) for graph in _graphs(message)):  # its kind is sure: it may be empty
        raise _damaged(source, f"as a {kind} in text form it has nodes without a proper name or type.")
    return message


def _looks_like_text(data: bytes) -> bool:
    """Whether bytes are text: binary graphs hold control characters, such as the tag of `op`, 0x12."""
    head = data[:4096]
    return _TEXT_START.match(head.decode("latin-1")) is not None and not any(
        byte < 32 and byte not in b"\t\n\r\f" for byte in head)


def parse_message(data: bytes | str, source: str = "the data") -> Any:
    """Returns the GraphDef, MetaGraphDef or SavedModel that `data` holds, in binary or text form.

    Args:
      data: The contents of a file.
      source: What an error calls it.

    Raises:
      DataLossError: if it is none of these, damaged or cut off.

    Example:
      >>> from core.proto.parse import parse_message
      >>> parse_message('node { name: "a" op: "NoOp" }').node[0].op
      'NoOp'
    """
    if isinstance(data, str):
        return _parse_text(data, source)
    data = bytes(data)
    if not data:
        raise _damaged(source, "it is empty.")
    if _looks_like_text(data):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _damaged(source, f"it is text, but no UTF-8 ({error}).") from None
        return _parse_text(text, source)
    return _parse_binary(data, source)


def _graphs(message: Any) -> Iterator[Any]:
    kind = message.DESCRIPTOR.name
    if kind == "GraphDef":
        yield message
    elif kind == "MetaGraphDef":
        yield message.graph_def
    else:
        for meta_graph in message.meta_graphs:
            yield meta_graph.graph_def


def parse_graph_def(data: bytes | str, source: str = "the data") -> Any:
    """Returns the `GraphDef` in `data`, be it a GraphDef, a MetaGraphDef or a SavedModel (its first graph).

    Args:
      data: The contents of a .pb, .pbtxt or .meta file.
      source: What an error calls it.

    Raises:
      DataLossError: if there is no graph in it, or it is damaged or cut off.
    """
    return next(_graphs(parse_message(data, source)))


def load_message(path: str | os.PathLike[str]) -> Any:
    """Returns the GraphDef, MetaGraphDef or SavedModel in a file, or in the folder of a SavedModel.

    Raises:
      NotFoundError: if there is no such file.
      DataLossError: if it is none of these, damaged or cut off.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        for inner in ("saved_model.pb", "saved_model.pbtxt"):
            if os.path.exists(os.path.join(name, inner)):
                name = os.path.join(name, inner)
                break
        else:
            raise errors.NotFoundError(
                None, None, f"{name!r} is a folder without saved_model.pb or saved_model.pbtxt; name a file.")
    try:
        with open(name, "rb") as file:
            data = file.read()
    except OSError as error:
        raise file_error(error, f"read {name!r}") from None
    return parse_message(data, repr(name))


def read_graph_def(path: str | os.PathLike[str]) -> Any:
    """Returns the `GraphDef` in a file (or SavedModel folder); errors as of `load_message`."""
    return next(_graphs(load_message(path)))
