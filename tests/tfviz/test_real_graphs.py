"""The views on graphs of the engine itself, and what IPython gets."""

from __future__ import annotations

import types

import pytest

import core as tf
import tfviz
from tests.tfviz.test_layout import check
from tfviz.graph_source import graph_dict
from tfviz.show_graph import load_ipython_extension
from tfviz.snapshot import CONTROL, REF


def build_training() -> dict[str, tf.Tensor]:
    x = tf.placeholder(tf.float32, [None, 5], name="x")
    y = tf.placeholder(tf.float32, [None, 2], name="y")
    with tf.name_scope("layer"):
        w = tf.Variable(tf.truncated_normal([5, 2], seed=3), name="weights")
        b = tf.Variable(tf.zeros([2]), name="biases")
        out = tf.nn.relu(tf.matmul(x, w) + b)
    with tf.name_scope("loss"):
        loss = tf.reduce_mean(tf.square(out - y))
    with tf.name_scope("train"):
        step = tf.group(*[v.assign_sub(0.1 * g) for v, g in zip((w, b), tf.gradients(loss, [w, b]))], name="step")
    tf.global_variables_initializer()
    return {"x": x, "y": y, "loss": loss, "step": step}


def test_a_training_graph_is_drawn_with_its_shapes_and_strokes():
    build_training()
    view = tfviz.show()
    check(view.picture())
    check(view.expand("train", deep=True).picture())
    assert {CONTROL, REF} <= set(view.snapshot.kind.tolist())
    svg = view.to_svg()
    for wanted in (">layer<", ">weights<", ">5×2<", ">?×5<", ">truncated_normal<"):
        assert wanted in svg, wanted
    assert len(svg) < 50_000


def test_every_source_of_a_graph_gives_the_same_view(tmp_path):
    made = build_training()
    graph = tf.get_default_graph()
    names = tfviz.show().snapshot.names
    definition = graph.as_graph_def()
    file = tmp_path / "graph.pb"
    file.write_bytes(definition.SerializeToString())
    text = tmp_path / "graph.pbtxt"
    text.write_text(str(definition), encoding="utf-8")
    with tf.Session() as session:
        sources = [graph, session, definition, file, str(text), made["loss"]]
        assert [tfviz.show(source).snapshot.names == names for source in sources] == [True] * len(sources)


def test_an_event_file_shows_its_graph(tmp_path):
    build_training()
    tf.summary.FileWriter(str(tmp_path), tf.get_default_graph()).close()
    assert tfviz.show(tmp_path).snapshot.names == tfviz.show().snapshot.names


def test_found_and_selected_are_the_graphs_own_operations():
    made = build_training()
    view = tfviz.show()
    assert view.find("op:^MatMul$ scope:layer/*") == [tf.get_default_graph().get_operation_by_name("layer/MatMul")]
    assert view.select(made["loss"]).selected == [made["loss"].op]
    assert view.color({made["x"]: 1.0}).colors == {view.snapshot.item("x"): "#f7f3c8"}


def test_the_cone_of_a_run():
    made = build_training()
    view = tfviz.show(fetches=[made["loss"]], feeds={made["x"]: 0, made["y"]: 0})
    assert "train/step" not in view.snapshot.names and "layer/Relu" in view.snapshot.names
    whole = tfviz.show(fetches=made["step"])
    assert set(view.snapshot.names) < set(whole.snapshot.names)


def test_a_file_without_a_graph_is_told(tmp_path):
    bad = tmp_path / "bad.pb"
    bad.write_bytes(b"\xff\xff\xff not a graph")
    with pytest.raises(ValueError, match=r"bad\.pb holds no graph"):
        tfviz.show(bad)
    with pytest.raises(TypeError, match="int"):
        tfviz.show(42)
    with pytest.raises(FileNotFoundError, match="no event file"):
        graph_dict(tmp_path)


def test_ipython_draws_a_graph_at_the_end_of_a_cell(monkeypatch):
    formatters = pytest.importorskip("IPython.core.formatters")
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    formatter = formatters.DisplayFormatter()
    load_ipython_extension(types.SimpleNamespace(display_formatter=formatter))
    tf.constant(1.5, name="c")
    formatter.format(tf.get_default_graph())
    data = outputs[-1]
    assert data["image/svg+xml"].startswith('<svg xmlns="http://www.w3.org/2000/svg" id="tfviz-static-graph-')
    assert data["text/plain"].startswith("Graph: 1 operation")
    assert len(outputs) in (1, 2)  # the widget stands before its still where there is one
