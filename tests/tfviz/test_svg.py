"""The static forms: SVG, text and DOT of tfviz, their safety, size and determinism."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from tests.tfviz import graphs
from tfviz.dot import to_dot
from tfviz.layout import picture
from tfviz.snapshot import Snapshot
from tfviz.svg import edge_width, escape, to_svg
from tfviz.text import to_text
from tfviz.textsize import shorten, text_width

CORPUS = graphs.training_corpus()
NS = "{http://www.w3.org/2000/svg}"


def draw(graph, opened=None, **options) -> str:
    return to_svg(picture(Snapshot(graph), opened), **options)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{NS}text")]


@pytest.mark.parametrize("name", [*sorted(CORPUS), *sorted(set(graphs.hostile()) - {"crowd"})])
def test_every_picture_is_sound_xml_without_script_or_outside_link(name):
    graph = {**CORPUS, **graphs.hostile()}[name]
    svg = draw(graph)
    root = ET.fromstring(svg)
    allowed = {"svg", "style", "g", "title", "rect", "path", "circle", "text"}
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= allowed
    assert not any(key.startswith("on") or "href" in key for element in root.iter() for key in element.attrib)
    assert svg.count("http") == 1  # the namespace
    assert len(svg) < 100_000


def test_names_shapes_values_and_counts_are_on_the_page():
    found = texts(draw(CORPUS["mlp"]))
    for wanted in (
        "hidden",
        "gradients",
        "weights",
        "784×128",
        "?×784",
        "?×10",
        "22 ops",
        "MatMul",
        "[0]",
        "accuracy_1",
    ):
        assert wanted in found, wanted


def test_control_edges_are_dashed_and_state_edges_orange():
    svg = draw(CORPUS["deep"], range(1000))
    prefix = re.search(r'class="(t[0-9a-f]{6})"', svg).group(1)
    assert f".{prefix}-ek{{fill:none;stroke-width:1.2;stroke-dasharray" in svg
    dashed, state = f'class="{prefix}-ek"', rf'class="{prefix}-er\d"'
    assert svg.count(dashed) > 3
    assert len(re.findall(state, svg)) > 3
    assert "control: must run before" in texts(svg)
    plain = draw(CORPUS["cnn"])
    assert 'ek"' not in plain and "control: must run before" not in texts(plain)


def test_a_mixed_bundle_shows_both_strokes_and_both_counts():
    svg = draw(graphs.hostile()["control"], ())
    root = ET.fromstring(svg)
    mixed = [g for g in root.iter(f"{NS}g") if "1 data + 1 control" in (g.findtext(f"{NS}title") or "")]
    assert len(mixed) == 1
    strokes = [p.get("class").split("-")[1] for p in mixed[0].iter(f"{NS}path")]
    assert strokes == ["ed1", "ek"]
    assert any("+ 1 control" in text for text in texts(svg))


def test_a_bundle_of_reads_and_writes_shows_both():
    root = ET.fromstring(draw(graphs.trainer(), ()))
    mixed = [g for g in root.iter(f"{NS}g") if re.search(r"\d data \+ 2 state", g.findtext(f"{NS}title") or "")]
    assert len(mixed) == 2  # from either layer to the trainer
    for group in mixed:
        paths = list(group.iter(f"{NS}path"))
        assert [p.get("class").split("-")[1][:2] for p in paths] == ["ed", "er"]
        assert paths[0].get("d") != paths[1].get("d")


def test_a_notebooks_line_is_told_by_its_cell():
    graph = graphs.trainer()
    graph["nodes"][0]["source"]["cell"] = 3
    svg = draw(graph, range(1000))
    assert "(cell 3, line 10: input/x" in svg and svg.count("(cell ") == 1 and "(line 11:" in svg


def test_both_themes_are_inside_and_one_can_be_fixed():
    auto, dark = draw(CORPUS["flat"]), draw(CORPUS["flat"], theme="dark")
    assert "prefers-color-scheme:dark" in auto and "#15191f" in auto and "#ffffff" in auto
    assert "prefers-color-scheme" not in dark and "#15191f" in dark
    with pytest.raises(ValueError, match="auto, light, dark"):
        draw(CORPUS["flat"], theme="sepia")


def test_prefixes_keep_two_views_of_one_page_apart():
    prefixes = {re.search(r'class="(t[0-9a-f]{6})"', draw(graph)).group(1) for graph in CORPUS.values()}
    assert len(prefixes) == len(CORPUS)


def test_a_thousand_node_view_is_small_and_the_same_every_time():
    graph = graphs.deep(6, 5)
    first = draw(graph)
    assert len(first.encode()) < 50_000
    code = (
        "from tests.tfviz import graphs; from tfviz.layout import picture; from tfviz.snapshot import Snapshot;"
        "from tfviz.svg import to_svg; import sys;"
        "sys.stdout.buffer.write(to_svg(picture(Snapshot(graphs.deep(6, 5)))).encode())"
    )
    env = {"PYTHONHASHSEED": "4711", "PYTHONPATH": "."}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True).stdout
    assert other.decode() == first


def test_the_page_of_the_prefix_covers_all_that_is_drawn():
    root = ET.fromstring(draw(CORPUS["mlp"]))
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    for rect in root.iter(f"{NS}rect"):
        assert 0 <= float(rect.get("x", 0)) <= width - float(rect.get("width")) + 1
        assert -7 <= float(rect.get("y", 0)) <= height - float(rect.get("height")) + 1


def test_escape_and_shorten_defuse_text():
    assert escape("<a b=\"c\" d='e'>&\x00\x1f\ud800\ufffe") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;    "
    assert shorten("x" * 100_000, 9) == "xxxx…xxxx"
    assert "\n" not in shorten("a\nb", 9)
    assert text_width("iii", 10) < text_width("WWW", 10) < text_width("WWW", 10, bold=True)
    assert [edge_width(b) for b in (0, 100, 4_000, 130_000, 4e6, 1e12)] == [1, 1, 2, 3, 4, 5]


def test_text_form_lists_scopes_ops_and_inputs():
    text = to_text(Snapshot(CORPUS["mlp"]))
    lines = text.splitlines()
    assert lines[0] == "Graph: 140 operations, 188 data edges (28 to variables), 34 control edges"
    assert "▾ hidden  (34 ops)  ← x [?×784]" in lines
    assert "  · Relu  Relu float32 ?×128  ← add [?×128]" in lines
    short = to_text(Snapshot(CORPUS["mlp"]), max_lines=5).splitlines()
    assert len(short) == 6 and short[-1].startswith("… and ")


def test_dot_nests_clusters_dashes_control_and_quotes_names():
    dot = to_dot(picture(Snapshot(CORPUS["mlp"])))
    assert dot.startswith("digraph") and dot.count("{") == dot.count("}")
    assert 'label="hidden"' in dot and "rankdir=BT" in dot
    wild = to_dot(picture(Snapshot(graphs.hostile()["control"]), ()))
    assert "style=dashed" in wild
    evil = to_dot(picture(Snapshot(graphs.hostile()["script"]), range(9)))
    assert evil.count('"') % 2 == 0 or '\\"' in evil
    assert type(dot.digraph()).__name__ == "Source"
