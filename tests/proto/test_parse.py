"""Files of unknown kind: GraphDef, MetaGraphDef, SavedModel, binary and text; cut, damaged and hostile ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st

from core import errors, proto
from core.proto.parse import load_message, parse_graph_def, parse_message, read_graph_def

GRAPH = proto.GraphDef(
    node=[
        proto.NodeDef(name="x", op="Placeholder", attr={"dtype": proto.AttrValue(type=1)}),
        proto.NodeDef(name="scope/y", op="Identity", input=["x"], attr={"T": proto.AttrValue(type=1)}),
    ],
    versions=proto.VersionDef(producer=134))
META = proto.MetaGraphDef(graph_def=GRAPH, meta_info_def={"tags": ["serve"], "tensorflow_version": "1.15.0"})
BARE_META = proto.MetaGraphDef(graph_def=GRAPH)
SAVED = proto.SavedModel(saved_model_schema_version=1, meta_graphs=[META])


@pytest.mark.parametrize("message", [GRAPH, META, BARE_META, SAVED], ids=["graph", "meta", "bare meta", "saved"])
def test_each_kind_is_known_in_both_forms(message: Any) -> None:
    text = text_format.MessageToString(message)
    for data in (message.SerializeToString(), text, text.encode(), "# a comment\n\n" + text):
        found = parse_message(data)
        assert type(found) is type(message) and found == message
        assert parse_graph_def(data) == GRAPH


def test_small_graphs_are_known() -> None:
    only_versions = proto.GraphDef(versions=proto.VersionDef(producer=24))
    assert parse_message(only_versions.SerializeToString()) == only_versions
    library = proto.GraphDef()
    library.library.function.add().signature.name = "f"
    assert parse_message(library.SerializeToString()) == library
    one = proto.GraphDef(node=[proto.NodeDef(name="a", op="NoOp")])
    assert parse_message(one.SerializeToString()) == one


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(SAVED.SerializeToString())
    assert load_message(tmp_path) == SAVED
    assert read_graph_def(str(tmp_path)) == GRAPH
    (tmp_path / "graph.pbtxt").write_text(str(GRAPH))
    assert read_graph_def(tmp_path / "graph.pbtxt") == GRAPH
    with pytest.raises(errors.NotFoundError, match="absent"):
        load_message(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(errors.NotFoundError, match=r"without saved_model\.pb"):
        load_message(tmp_path / "empty")
    (tmp_path / "cut.pb").write_bytes(GRAPH.SerializeToString()[:-3])
    with pytest.raises(errors.DataLossError, match=r"cut\.pb"):
        load_message(tmp_path / "cut.pb")


DEEP = "node { attr { key: 'a' value { " + "list { func { attr { key: 'a' value { " * 5000


@pytest.mark.parametrize(("data", "text"), [
    (b"", "it is empty"),
    (b"\x89PNG\r\n\x1a\n1234", r"it is no graph.*PNG"),
    (b"PK\x03\x04 a zip file", "it is no graph"),
    ("", "it is text, but not of a GraphDef"),
    ("hello { }", "it is text, but not of a GraphDef"),
    ("import tensorflow as tf", "it is text, but not of a GraphDef"),
    ("node { name: 'a' op: 'NoOp' ", "as a GraphDef in text form it is wrong at line:column"),
    ("node { name: 'a' odd: 3 }", "wrong at line:column 1:.*odd"),
    ("node { name: 'a' }", "nodes without a proper name or type"),
    ("graph_def { node { op: 'NoOp' } }", "MetaGraphDef in text form it has nodes without"),
    (b"node { name: '\xff' }", "no UTF-8"),
    (DEEP, "as a GraphDef in text form"),
])
def test_what_is_no_graph(data: bytes | str, text: str) -> None:
    with pytest.raises(errors.DataLossError, match=text):
        parse_message(data, "the upload")


@pytest.mark.parametrize("kind", ["graph", "meta", "saved"])
def test_truncated_files_are_refused_or_whole_messages(kind: str) -> None:
    """A cut is noticed, but where it happens to lie between two fields: then what is left is a graph."""
    data = {"graph": GRAPH, "meta": META, "saved": SAVED}[kind].SerializeToString()
    noticed = 0
    for end in range(len(data)):
        try:
            found = parse_graph_def(data[:end])
        except errors.DataLossError:
            noticed += 1
        else:
            assert all(node.name and node.op for node in found.node)
    assert noticed > 0.9 * len(data)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(max_size=200), st.tuples(st.integers(0, 150), st.integers(0, 255))))
def test_noise_never_escapes_as_another_error(noise: bytes | tuple[int, int]) -> None:
    data = SAVED.SerializeToString()
    if isinstance(noise, bytes):
        data = noise
    else:
        data = data[:noise[0]] + bytes([noise[1]]) + data[noise[0] + 1:]
    try:
        parse_message(data)
    except errors.DataLossError:
        pass
