"""The scope tree, roles and search of tfviz.snapshot, on graphs that need no engine."""

from __future__ import annotations

import pytest

from tests.tfviz import graphs
from tfviz.find import find_ops
from tfviz.layout_visible import Visible, backward, choose_open
from tfviz.snapshot import CONTROL, DATA, REF, Snapshot, op_kind, shape_text
from tfviz.snapshot_tree import CROWD, MAX_DEPTH

CORPUS = graphs.training_corpus()


def paths(snapshot: Snapshot, items) -> set[str]:
    return {snapshot.tree.path[item] for item in items}


def test_every_op_stands_once_in_the_tree():
    for name, graph in {**CORPUS, **graphs.hostile()}.items():
        snapshot = Snapshot(graph)
        assert sorted(snapshot.tree.op_order.tolist()) == list(range(len(snapshot.nodes))), name
        for parent, children in enumerate(snapshot.tree.children):
            assert all(snapshot.tree.parent[child] == parent for child in children), name


def test_scopes_hold_their_ops_and_variables_are_units():
    snapshot = Snapshot(CORPUS["mlp"])
    tree = snapshot.tree
    assert tree.count(snapshot.item("hidden")) == 34
    assert {"hidden/weights", "hidden/biases", "logits/weights", "beta1_power"} <= paths(snapshot, snapshot.is_variable)
    weights = snapshot.item("hidden/weights")
    assert snapshot.types[snapshot.op_of(weights)] == "VariableV2"
    assert snapshot.output_shape(snapshot.op_of(weights)) == "784×128"


def test_an_op_with_its_own_constants_is_no_scope():
    snapshot = Snapshot(CORPUS["mlp"])
    item = snapshot.item("accuracy/ArgMax")
    assert snapshot.tree.op[item] >= 0
    assert snapshot.tree.label[item] == "ArgMax"


def test_edge_kinds_tell_data_control_and_state_apart():
    snapshot = Snapshot(CORPUS["mlp"])
    kinds = {kind: int((snapshot.kind == kind).sum()) for kind in (DATA, CONTROL, REF)}
    assert kinds == {DATA: 160, CONTROL: 34, REF: 28}


def test_a_control_edge_into_a_constant_reaches_the_constants_user():
    snapshot = Snapshot(graphs.trainer())
    names = snapshot.names
    orders = {(names[a], names[b]) for a, b, k in zip(snapshot.src, snapshot.dst, snapshot.kind) if k == CONTROL}
    assert ("sgd_trainer/GradientDescent/update", "sgd_trainer/GradientDescent") in orders
    assert not any(b.endswith("/value") for _, b in orders)
    visible = Visible(snapshot, range(len(snapshot.tree)))
    update = snapshot.item("sgd_trainer/GradientDescent/update")
    assert visible.commands[update] == 4 and update not in {i for items in visible.aux.values() for i in items}
    assert any(link.src == update and link.control for link in visible.links)


def test_constants_without_users_and_those_of_loops_keep_their_control_edges():
    one = [{"dtype": "float32", "shape": [], "ref": False}]
    kinds = (("a", "NoOp", (), ()), ("alone", "Const", (), (0,)), ("pivot", "Identity", ((1, 0),), ()),
             ("two", "Const", (), (2,)), ("sum", "Add", ((3, 0), (3, 0)), ()))
    nodes = [{"name": n, "op": op, "inputs": i, "control": c, "outputs": one} for n, op, i, c in kinds]
    nodes[2]["inputs"] = ()
    snapshot = Snapshot({"version": 1, "nodes": nodes})
    orders = [(int(a), int(b)) for a, b, k in zip(snapshot.src, snapshot.dst, snapshot.kind) if k == CONTROL]
    assert orders == [(0, 1), (2, 3)]


def test_like_scopes_are_stacked_only_where_no_cycle_arises():
    series = Snapshot(CORPUS["rnn"]).tree
    assert [series.label[i] for i in range(len(series)) if series.kind[i] == "series"] == ["step_[0–11]"]
    chain = graphs.Builder()
    last = chain.op("Placeholder", "x")
    for _ in range(7):  # MatMul feeds add feeds the next MatMul: stacking either kind would close a circle
        last = chain.op("AddV2", "add", (chain.op("MatMul", "MatMul", (last,)),))
    assert "series" not in Snapshot(chain.graph()).tree.kind


def test_crowded_and_deep_scopes_stay_bounded():
    wild = graphs.hostile()
    crowd = Snapshot(wild["crowd"]).tree
    assert max(len(children) for children in crowd.children) <= CROWD
    deep = Snapshot(wild["deep"])
    assert int(deep.tree.depths().max()) <= MAX_DEPTH + 1


def test_functions_unfold_under_their_call_and_recursion_ends():
    snapshot = Snapshot(graphs.hostile()["selfcall"])
    assert "w/body/again" in snapshot.names
    assert len(snapshot.nodes) < 200


def test_shapes_and_kinds_are_written_as_people_read_them():
    assert shape_text([None, 784]) == "?×784"
    assert shape_text([]) == "scalar"
    assert shape_text([-1, 3]) == "?×3"
    assert shape_text(None) == "any shape"
    kinds = [op_kind(t) for t in ("MatMul", "VariableV2", "ScalarSummary", "NoOp", "ApplyAdam", "Frobnicate")]
    assert kinds == ["layer", "variable", "summary", "control", "update", "math"]


def test_first_page_opens_the_forward_part_and_keeps_the_backward_folded():
    snapshot = Snapshot(CORPUS["mlp"])
    opened = paths(snapshot, choose_open(snapshot))
    assert {"hidden", "logits", "loss", "accuracy"} <= opened
    assert not opened & {"gradients", "Adam", "save", "hidden/weights"}
    assert choose_open(snapshot, depth=1) == {0}
    assert "hidden" in paths(snapshot, choose_open(snapshot, depth=2))


def test_gradients_and_optimiser_are_the_backward_lane():
    snapshot = Snapshot(CORPUS["mlp"])
    visible = Visible(snapshot, [])
    assert paths(snapshot, visible.side[0]) == {"gradients", "Adam", "beta1_power", "beta2_power"}
    assert {"init", "save", "Merge/MergeSummary"} == paths(snapshot, visible.aux[0])
    assert backward(snapshot, [], {}, {}, set()) == set()


def test_links_of_a_page_count_every_edge_between_its_boxes():
    """Each edge is either inside one box, or set aside, or in exactly one link between siblings."""
    for name in ("mlp", "cnn", "rnn", "while", "deep"):
        snapshot = Snapshot(CORPUS[name])
        for opened in (set(), choose_open(snapshot), set(range(len(snapshot.tree)))):
            visible = Visible(snapshot, opened)
            total = sum(link.data + link.ref + link.control for link in visible.links if link.outer < 0)
            gone = visible.hidden | {i for items in visible.aux.values() for i in items}
            rep = visible.rep
            expected = 0
            for a, b in zip(rep[snapshot.src].tolist(), rep[snapshot.dst].tolist()):
                chain = {a, b, *snapshot.tree.ancestors(a), *snapshot.tree.ancestors(b)}
                expected += a != b and not chain & gone
            assert total == expected, name


def test_search_reads_fields_and_patterns():
    snapshot = Snapshot(CORPUS["mlp"])
    named = [
        [snapshot.names[i] for i in find_ops(snapshot, q)] for q in ("op:Placeholder$", "shape:784x128 op:VariableV2")
    ]
    assert named[0] == ["x", "y"]
    assert named[1] == ["hidden/weights", "hidden/weights/Adam", "hidden/weights/Adam_1"]
    assert all(snapshot.names[i].startswith("loss/") for i in find_ops(snapshot, "scope:loss/*"))
    assert len(find_ops(snapshot, "scope:loss/*")) == 3
    assert len(find_ops(snapshot, "dtype:int64")) == 2
    assert find_ops(snapshot, "") == []
    with pytest.raises(ValueError, match="no regular expression"):
        find_ops(snapshot, "(")


def test_unknown_names_say_what_is_near():
    with pytest.raises(KeyError, match="hidden/weights"):
        Snapshot(CORPUS["mlp"]).item("weights")
    with pytest.raises(ValueError, match="version 1"):
        Snapshot({"version": 7, "nodes": []})
