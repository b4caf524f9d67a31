"""The graph's wire and its widget: bytes both sides agree on, small, and safe to decode."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

import tfviz
from tests.tfviz import graphs
from tests.tfviz.make_graph_fixture import PATH, fixture
from tfviz.protocol import FLAGS, KINDS, decode, details, encode
from tfviz.snapshot import Snapshot

MLP = graphs.mnist_mlp()


def test_the_fixture_of_the_front_end_is_up_to_date():
    stored = json.loads(PATH.read_text(encoding="utf-8"))
    fresh = json.loads(json.dumps(fixture()))
    for name, case in fresh["graphs"].items():
        assert stored["graphs"][name] == case, f"{name}: run python -m tests.tfviz.make_graph_fixture"


def test_what_is_encoded_is_decoded():
    snapshot = Snapshot(MLP)
    wire = encode(snapshot)
    columns, strings = decode(wire.data)
    assert len(wire.data) % 4 == 0 and len(columns["src"]) == len(snapshot.src)
    for number, item in enumerate(wire.items):
        assert strings[columns["label"][number]] == snapshot.tree.label[item]
        parent = snapshot.tree.parent[item]
        assert columns["parent"][number] == (wire.number[parent] if parent >= 0 else -1)
        assert columns["parent"][number] < number
    weights = wire.number[snapshot.item("hidden/weights")]
    assert KINDS[columns["kind"][weights]] == "variable" and columns["flags"][weights] & FLAGS["variable"]
    assert strings[columns["sub"][weights]] == "784×128"
    assert np.array_equal(columns["edge"], snapshot.kind)
    mean = wire.number[snapshot.item("Adam/beta1")]
    assert strings[columns["value"][mean]] == "0.9"


def test_broken_bytes_are_told():
    data = encode(Snapshot(MLP)).data
    with pytest.raises(ValueError, match="ends inside column"):
        decode(data[:-400])
    with pytest.raises(ValueError, match="version 1"):
        decode(data.replace(b'"version":1', b'"version":8'))


@pytest.mark.parametrize("name", sorted(set(graphs.hostile()) - {"crowd"}))
def test_hostile_graphs_travel(name):
    snapshot = Snapshot(graphs.hostile()[name])
    columns, strings = decode(encode(snapshot).data)
    assert len(columns["parent"]) == len(encode(snapshot).items)
    assert max(map(len, strings)) <= 200
    for op in range(min(len(snapshot.nodes), 50)):
        assert len(json.dumps(details(snapshot, op))) < 60_000


def test_ten_thousand_nodes_are_small():
    graph = graphs.deep(60, 5)
    assert len(graph["nodes"]) > 9_000
    size = len(gzip.compress(encode(Snapshot(graph)).data))
    assert size < 85_000, size  # 400 kB for 48,000 nodes


@pytest.fixture
def widget_module():
    pytest.importorskip("anywidget")
    module = pytest.importorskip("tfviz.widget")
    if not module.BUNDLE_PATH.exists():
        pytest.skip("the front end is not built here: `make ui` builds it")
    return module


def test_the_widget_and_the_view_follow_each_other(widget_module):
    view = tfviz.show(MLP)
    heard = []
    remove = view.on_select(lambda ops: heard.append(ops))
    widget = view.widget()
    number = {path: widget.wire.number[view.snapshot.item(path)] for path in ("x", "hidden", "gradients")}
    widget.opened = [number["gradients"]]
    assert view.opened == {0, view.snapshot.item("gradients")}
    widget.selected = [number["x"]]
    assert view.selected == ["x"] and heard == [["x"]]
    view.expand("hidden")
    assert number["hidden"] in widget.opened
    view.select("y")
    assert heard[-1] == ["y"] and widget.selected == [widget.wire.number[view.snapshot.item("y")]]
    view.color({"x": "red"})
    assert widget.colors == {str(number["x"]): "red"}
    remove()
    view.select("x")
    assert heard[-1] == ["y"]
    assert widget.details[str(number["x"])]["outputs"] == ["float32 ?×784"]


def test_details_of_large_graphs_are_sent_when_asked(widget_module, monkeypatch):
    widget = tfviz.show(graphs.deep(6, 5)).widget()
    assert widget.details == {}
    sent = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
    leaf = next(n for n, item in enumerate(widget.wire.items) if widget._snapshot.op_of(item) >= 0)
    widget._answer(widget, {"type": "info?", "item": leaf}, [])
    assert sent[0]["item"] == leaf and sent[0]["details"]["type"]
    for nonsense in (-1, 10**9, "0", None):
        widget._answer(widget, {"type": "info?", "item": nonsense}, [])
    assert len(sent) == 1


def test_a_notebook_gets_all_three_forms(widget_module):
    data, _ = tfviz.show(MLP)._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"} <= set(data)


def test_views_share_one_bundle(widget_module):
    first, second = tfviz.show(MLP).widget(), tfviz.show(graphs.cnn()).widget()
    assert first.bundle is second.bundle and first.kind == "graph"
    assert len(first._esm) < 2_500
