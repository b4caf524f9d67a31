"""Invariants of the layout, on the corpus and on random graphs: no overlaps, children inside, edges end at boxes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tfviz import graphs
from tfviz.layout import Picture, picture
from tfviz.layout_layered import Arrow, Cell, layered
from tfviz.layout_visible import choose_open
from tfviz.snapshot import Snapshot
from tfviz.textsize import text_width

CORPUS = graphs.training_corpus()
EVERYTHING = range(1 << 20)
SLACK = 0.11  # places are rounded to tenths


def check(page: Picture) -> None:
    """Asserts every invariant of a picture."""
    tree, boxes = page.snapshot.tree, page.boxes
    for home in page.visible.containers:
        inside = [boxes[c] for c in (*page.visible.items[home], *page.visible.aux[home])]
        for box in inside:
            outer = boxes.get(home)
            left, top, right, bottom = (outer.x, outer.y, outer.x + outer.w, outer.y + outer.h) if outer else (
                0, 0, page.width, page.height)  # fmt: skip
            assert box.x >= left - SLACK and box.y >= top - SLACK, tree.path[box.item]
            assert box.x + box.w <= right + SLACK and box.y + box.h <= bottom + SLACK, tree.path[box.item]
        inside.sort(key=lambda box: box.x)
        for k, a in enumerate(inside):
            for b in inside[k + 1 :]:
                if b.x >= a.x + a.w:
                    break
                apart = b.y >= a.y + a.h - SLACK or a.y >= b.y + b.h - SLACK
                assert apart, f"{tree.path[a.item]} overlaps {tree.path[b.item]}"
    for edge in page.edges:
        for item, (x, y) in ((edge.link.src, edge.points[0]), (edge.link.dst, edge.points[-1])):
            box = boxes[item if item >= 0 else edge.link.home]
            assert box.x - SLACK <= x <= box.x + box.w + SLACK, tree.path[box.item]
            assert box.y - SLACK <= y <= box.y + box.h + SLACK, tree.path[box.item]
            on_rim = min(abs(x - box.x), abs(x - box.x - box.w), abs(y - box.y), abs(y - box.y - box.h))
            assert on_rim <= 0.2, f"edge ends inside {tree.path[box.item]}"


@pytest.mark.parametrize("direction", ["up", "down", "right"])
@pytest.mark.parametrize("name", sorted(CORPUS))
def test_corpus_folded_by_budget_and_wide_open(name, direction):
    snapshot = Snapshot(CORPUS[name])
    for opened in ((), choose_open(snapshot), EVERYTHING):
        check(picture(snapshot, opened, direction))


@pytest.mark.parametrize("name", sorted(set(graphs.hostile()) - {"crowd"}))
def test_hostile_graphs_are_laid_out_in_bounded_time(name):
    snapshot = Snapshot(graphs.hostile()[name])
    start = time.perf_counter()
    for opened in (None, EVERYTHING):
        check(picture(snapshot, opened))
    assert time.perf_counter() - start < 20


names = st.lists(st.sampled_from(["a", "b", "c_1", "c_2", "gradients", "init"]), min_size=1, max_size=4).map("/".join)


@st.composite
def random_graphs(draw):
    count = draw(st.integers(0, 24))
    nodes = []
    for _ in range(count):
        kind = draw(st.sampled_from(["Add", "Const", "VariableV2", "NoOp", "ScalarSummary", "Assign", "MatMul"]))
        inputs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, 1)), max_size=4))
        control = draw(st.lists(st.integers(0, count - 1), max_size=3))
        shape = draw(st.sampled_from([None, [], [None, 3], [5, 7, 11]]))
        out = {"dtype": "float32", "shape": shape, "ref": kind == "VariableV2"}
        nodes.append({"name": draw(names), "op": kind, "inputs": [list(e) for e in inputs], "control": control,
                      "outputs": [out]})  # fmt: skip
    return {"version": 1, "kind": "graph", "nodes": nodes}


@settings(max_examples=60, deadline=None)
@given(random_graphs(), st.sampled_from(["up", "down", "right"]), st.sets(st.integers(0, 40)))
def test_random_graphs(graph, direction, opened):
    snapshot = Snapshot(graph)
    page = picture(snapshot, opened, direction)
    check(page)
    again = picture(Snapshot(graph), opened, direction)
    assert [(b.item, b.x, b.y) for b in page.boxes.values()] == [(b.item, b.x, b.y) for b in again.boxes.values()]
    assert [e.points for e in page.edges] == [e.points for e in again.edges]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 18), st.lists(st.tuples(st.integers(0, 17), st.integers(0, 17)), max_size=40))
def test_ranks_follow_the_arrows_of_acyclic_graphs(count, pairs):
    arrows = [Arrow(a % count, b % count) for a, b in pairs if a % count < b % count]
    placed = layered([Cell(20 + i, 30 + i, 25) for i in range(count)], arrows)
    for arrow, route in zip(arrows, placed.routes):
        assert placed.at[arrow.src] < placed.at[arrow.dst]
        assert route[0][1] < route[-1][1]


def test_a_chain_is_straight_and_the_input_stands_below():
    page = picture(Snapshot(CORPUS["cnn"]), ())
    tree = page.snapshot.tree
    axes = {tree.path[b.item]: (b.x + b.w / 2, b.y) for b in page.boxes.values()}
    assert len({round(x, 1) for x, _ in axes.values()}) == 1
    assert axes["images"][1] > axes["conv1"][1] > axes["flatten"][1] > axes["Softmax"][1]


def test_gradients_stand_beside_the_forward_part():
    page = picture(Snapshot(CORPUS["mlp"]))
    at = {page.snapshot.tree.path[b.item]: b for b in page.boxes.values()}
    forward = max(at[n].x + at[n].w for n in ("x", "hidden", "logits", "loss", "accuracy"))
    assert at["gradients"].x > forward
    assert at["Adam"].y > at["gradients"].y


def test_speed_of_the_static_layout():
    graph = graphs.deep(6, 5)
    assert 900 < len(graph["nodes"]) < 1100
    best = min(_seconds(graph) for _ in range(3))
    assert best < 0.5, f"{best:.2f} s for {len(graph['nodes'])} nodes"


def _seconds(graph) -> float:
    start = time.perf_counter()
    picture(Snapshot(graph))
    return time.perf_counter() - start


def test_unknown_direction_is_told():
    with pytest.raises(ValueError, match="up, down, right"):
        picture(Snapshot(CORPUS["flat"]), direction="sideways")


@pytest.mark.parametrize("direction", ["up", "down", "right"])
def test_labels_stand_apart(direction):
    page = picture(Snapshot(graphs.trainer()), (), direction)
    spots = [(*edge.label_at, text_width(edge.label, 9)) for edge in page.edges if edge.label_at]
    assert len(spots) > 4
    for k, (x, y, w) in enumerate(spots):
        for x2, y2, w2 in spots[k + 1 :]:
            assert x + w < x2 or x2 + w2 < x or abs(y - y2) >= 10, (direction, spots)
