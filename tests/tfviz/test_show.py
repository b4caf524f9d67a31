"""`tfviz.show`: what it takes, what a view can do, and what a notebook gets."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

import tfviz
from tests.tfviz import graphs
from tfviz.convert import to_png
from tfviz.graph_source import cone, graph_dict, names_of
from tfviz.palette import colour_scale

MLP = graphs.mnist_mlp()


def names(view, opened: bool = True) -> set[str]:
    return {view.snapshot.tree.path[i] for i in (view.opened if opened else view.selected_items)}


def test_gestures_have_methods_and_chain():
    view = tfviz.show(MLP)
    assert view.collapse().expand("gradients/loss") is view
    assert names(view) == {"", "gradients", "gradients/loss"}
    view.collapse("gradients/loss").select("hidden/weights/read")
    assert names(view) == {"", "gradients", "hidden", "hidden/weights"}
    assert view.selected == ["hidden/weights/read"]
    view.select("loss")
    assert view.selected == ["loss/xent", "loss/Const", "loss/Mean"]
    view.collapse().expand("hidden", deep=True)
    assert {"hidden", "gradients"} & names(view) == {"hidden"}
    view.collapse().expand()
    assert {"hidden", "gradients", "Adam"} <= names(view)


def test_selected_and_found_are_operations_of_the_shown_graph():
    class Graph:
        def get_operation_by_name(self, name):
            return types.SimpleNamespace(name=name, made=True)

    view = tfviz.View(MLP, owner=Graph())
    assert [op.made for op in view.find("op:^Placeholder$")] == [True, True]
    assert view.select("x").selected[0].name == "x"


def test_selection_and_colours_are_drawn():
    view = tfviz.show(MLP)
    plain = view.to_svg()
    assert "-sel" in view.select("x").to_svg().replace("-sel{", "")
    coloured = view.select().color({"hidden/MatMul": 1.0, "logits/MatMul": 3.0, "x": "rebeccapurple"}).to_svg()
    assert "rebeccapurple" in coloured and "#f7f3c8" in coloured and "#84609f" in coloured
    assert view.color(None).to_svg() == plain
    evil = view.color({"x": "red;} </style><script>"}).to_svg()
    assert "<script>" not in evil


def test_the_cone_shows_what_a_run_needs():
    view = tfviz.show(MLP, fetches="loss/Mean:0", feeds={"x:0": 1, "y": 2, "hidden/Relu:0": 3})
    assert "hidden/MatMul" not in view.snapshot.names
    assert {"hidden/Relu", "logits/MatMul", "loss/Mean"} <= set(view.snapshot.names)
    assert "fed x, y, hidden/Relu" in view.title
    assert f"{len(view.snapshot.nodes)} of {len(MLP['nodes'])} operations" in view.to_svg()
    assert ">fed ?×128<" in view.expand("hidden").to_svg()
    with pytest.raises(KeyError, match="no op named 'nowhere'"):
        tfviz.show(MLP, fetches="nowhere")
    small = cone(MLP, ["x"], [])
    assert [n["name"] for n in small["nodes"]] == ["x"] and small["pruned"] == len(MLP["nodes"]) - 1


def test_names_of_nests():
    op = types.SimpleNamespace(name="a/b")
    tensor = types.SimpleNamespace(op=op, name="a/b:0")
    assert names_of([op, (tensor, "c:1"), {"k": "^d"}]) == ["a/b", "a/b", "c", "d"]
    with pytest.raises(TypeError, match="int"):
        names_of([3])


def test_wrong_things_are_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.pb"):
        graph_dict(tmp_path / "nowhere.pb")
    with pytest.raises(ValueError, match="kind 'run'"):
        graph_dict({"version": 1, "kind": "run"})
    with pytest.raises(ValueError, match="sideways"):
        tfviz.show(MLP, direction="sideways")
    with pytest.raises(ValueError, match="sepia"):
        tfviz.show(MLP, theme="sepia")
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.dot"):
        tfviz.show(MLP).save(tmp_path / "graph.docx")


def test_files_are_written_by_their_end(tmp_path):
    view = tfviz.show(MLP)
    assert view.save(tmp_path / "g.svg").read_text(encoding="utf-8").startswith("<svg")
    assert view.save(tmp_path / "g.dot").read_text(encoding="utf-8").startswith("digraph")
    assert view.save(str(tmp_path / "g.txt")).read_text(encoding="utf-8").startswith("Graph: 140")
    assert "<svg" in view.save(tmp_path / "g.html").read_text(encoding="utf-8")


def test_png_without_any_converter_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(RuntimeError, match="CairoSVG"):
        to_png("<svg/>")


def test_a_notebook_gets_svg_and_text_even_without_widgets(monkeypatch):
    monkeypatch.setitem(sys.modules, "tfviz.graph_widget", None)
    data, _ = tfviz.show(MLP)._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert data["text/plain"].startswith("Graph: 140 operations")


def test_a_wide_open_view_stays_small_in_the_saved_file(monkeypatch):
    monkeypatch.setitem(sys.modules, "tfviz.graph_widget", None)
    view = tfviz.show(graphs.deep(6, 5)).expand("net", "gradients", "Momentum", deep=True)
    data, _ = view._repr_mimebundle_()
    assert len(data["image/svg+xml"]) < 50_000 < len(view.to_svg())


def test_colours_of_numbers():
    assert colour_scale([1, 1]) == ["#f7f3c8", "#f7f3c8"]
    assert colour_scale([0, float("nan"), 8]) == ["#f7f3c8", "#e0475b", "#84609f"]


def test_importing_tfviz_brings_no_widget_and_no_ipython():
    code = (
        "import sys, tfviz; heavy = {'ipywidgets', 'anywidget', 'IPython', 'matplotlib', 'core'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
