"""`with` blocks of a graph: control dependencies, devices, colocation; what each leaves on the operations inside."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

import core as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def waits(tensor: tf.Tensor) -> list[str]:
    return [op.name for op in tensor.op.control_inputs]


def test_control_dependencies_nest_clear_and_leave_out_what_is_implied() -> None:
    a, b = tf.constant(2.0, name="a"), tf.constant(3.0, name="b")
    with tf.control_dependencies([a]):
        c = tf.constant(4.0, name="c")
        with tf.control_dependencies([b, c]):
            d = tf.constant(5.0)
            derived, direct = tf.add(c, d), tf.identity(a)
            with tf.control_dependencies(None):
                free = tf.constant(6.0)
                with tf.control_dependencies([a]):
                    once = tf.constant(7.0)
            late = tf.identity(free)
    assert [waits(t) for t in (c, d, derived, direct, free, once, late)] == [
        ["a"], ["a", "b", "c"], [], ["b", "c"], [], ["a"], ["a", "b", "c"]]


def test_what_one_may_wait_for(graph: tf.Graph) -> None:
    v = tf.Variable(2.5, name="v")
    with graph.control_dependencies([v, v.initializer, "v/read"]):
        assert [op.name for op in tf.no_op().control_inputs] == ["v", "v/Assign", "v/read"]
    with tf.Graph().as_default():
        foreign = tf.constant(1)
    for wrong, kind, text in (([3], TypeError, "Can not convert a int"), (3, TypeError, "not iterable"),
                              ([foreign], ValueError, "is not an element of this graph")):
        with pytest.raises(kind, match=text):
            with graph.control_dependencies(wrong):
                pass


def placed(graph: tf.Graph, *specs: Any) -> str:
    with contextlib.ExitStack() as stack:
        for spec in specs:
            stack.enter_context(graph.device(spec))
        return tf.constant(1).device


@pytest.mark.parametrize("specs, device", [
    (["/cpu:0"], "/device:CPU:0"), (["gpu:1"], "/device:GPU:1"), (["/device:GPU:*"], "/device:GPU:*"),
    (["/job:w/replica:2/task:3/cpu:1"], "/job:w/replica:2/task:3/device:CPU:1"), ([""], ""), ([None], ""),
    (["/device:XLA_CPU:0"], "/device:XLA_CPU:0"), (["/cpu:0", "/gpu:1"], "/device:GPU:1"),
    (["/job:worker/replica:2", "/job:ps", "/task:1/gpu:0"], "/job:ps/replica:2/task:1/device:GPU:0"),
    (["/job:worker", None, "/gpu:0"], "/device:GPU:0"),
    (["/job:w", lambda op: f"/device:GPU:{len(op.name)}"], "/job:w/device:GPU:5"),
    ([lambda op: "/gpu:0" if op.type == "Const" else "/cpu:0", "/job:w"], "/gpu:0"),
    ([tf.DeviceSpec(job="ps", task=1)], "/job:ps/task:1"),
])
def test_devices(graph: tf.Graph, specs: list[Any], device: str) -> None:
    assert placed(graph, *specs) == device


@pytest.mark.parametrize("spec, text", [
    ("/badattr:1", "Unknown attribute: 'badattr'"), ("/cpu:0/gpu:0", "Cannot specify multiple device types"),
    ("/task:x", "Unknown attribute: 'task'"),
])
def test_what_is_no_device(graph: tf.Graph, spec: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        placed(graph, spec)


def test_colocation(graph: tf.Graph) -> None:
    with graph.device("/cpu:0"):
        a = tf.constant(2.0, name="a")
    b = tf.constant(3.0, name="b")
    with tf.colocate_with(a):
        c = tf.constant(4.0, name="c")
    with tf.colocate_with(c.op):
        with tf.colocate_with(b):
            both = tf.constant(5.0)
        with tf.colocate_with(b, ignore_existing=True):
            only = tf.constant(6.0)
        with tf.colocate_with(None, ignore_existing=True):
            free = tf.constant(7.0, name="free")
    with graph.device("/gpu:0"), graph.colocate_with(a):
        beside = tf.constant(8.0)
    with graph.colocate_with(b), graph.device("/gpu:0"):
        inner = tf.constant(9.0)
    found = [([group.decode()[5:] for group in t.op.colocation_groups()], t.device)
             for t in (a, b, c, both, only, free, beside, inner)]
    cpu, gpu = "/device:CPU:0", "/device:GPU:0"
    assert found == [(["a"], cpu), (["b"], ""), (["a"], cpu), (["a", "b"], cpu), (["b"], ""), (["free"], ""),
                     (["a"], cpu), (["b"], gpu)]
    with pytest.raises(ValueError, match="Trying to reset colocation"):
        with graph.colocate_with(None):
            pass


def test_specs_are_merged_into_new_ones() -> None:
    outer = tf.DeviceSpec(job="ps", task=2)
    merged = outer.make_merged_spec(tf.DeviceSpec(task=3, device_type="GPU", device_index=1))
    assert merged.to_string() == "/job:ps/task:3/device:GPU:1" and outer.to_string() == "/job:ps/task:2"
