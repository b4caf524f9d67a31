"""`tf.import_graph_def` and `tf.graph_util`: a graph written and read again is the same graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import core as tf


def source() -> Any:
    """GraphDef: y = x * w + b with x fed."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="w")
        with tf.device("/device:CPU:0"):
            y = tf.matmul(x, w, name="y")
        with tf.control_dependencies([y]):
            tf.no_op(name="after")
        tf.global_variables_initializer()
    return graph.as_graph_def()


def test_round_trip() -> None:
    graph_def = source()
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        assert graph.as_graph_def() == graph_def
        x, y, init = tf.import_graph_def(graph_def, return_elements=["x:0", "y:0", "init"], name="again")
        assert (x.name, init.name, y.shape.as_list()) == ("again/x:0", "again/init", [None, 2])
        assert y.device == "/device:CPU:0"
        with tf.Session() as sess:
            sess.run(init)
            np.testing.assert_array_equal(sess.run(y, {x: [[1.0, 0.0, 2.0]]}), [[11.0, 14.0]])


def test_prefix_map_and_surrounding_blocks() -> None:
    graph_def = source()
    with tf.Graph().as_default() as graph:
        first = tf.ones([4, 3], name="first")
        with tf.control_dependencies([first]):
            y, after = tf.import_graph_def(graph_def, {"x": first}, ["y", "after"])
        assert y.name == "import/y" and y.inputs[0] is first
        assert y in after.control_inputs and first.op in after.control_inputs
        assert tf.import_graph_def(graph_def) is None
        assert graph.get_operation_by_name("import_1/w").colocation_groups() == [b"loc:@import_1/w"]
        assert graph.get_operation_by_name("import_1/w/Assign").colocation_groups() == [b"loc:@import_1/w"]
        with tf.device("/job:ps"):
            tf.import_graph_def(graph_def, name="placed")
        assert graph.get_operation_by_name("placed/y").device == "/job:ps/device:CPU:0"


def test_nodes_may_stand_in_any_order() -> None:
    graph_def = source()
    turned = tf.GraphDef(versions=graph_def.versions)
    turned.node.extend(reversed(graph_def.node))
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(turned, name="")
        assert len(graph.get_operations()) == len(graph_def.node)


def refused(match: str, change: Any = None, kind: type[Exception] = ValueError, **given: Any) -> None:
    graph_def = source()
    if change is not None:
        change({node.name: node for node in graph_def.node})
    with tf.Graph().as_default(), pytest.raises(kind, match=match):
        given = {key: value() if callable(value) else value for key, value in given.items()}
        tf.import_graph_def(graph_def, **given)


def test_what_is_wrong_is_said() -> None:
    refused("Unknown input node 'gone:1'", lambda n: n["y"].input.__setitem__(0, "gone:1"))
    refused("Connecting to invalid output 3", lambda n: n["y"].input.__setitem__(0, "x:3"))
    refused("No op named Tangle", lambda n: setattr(n["y"], "op", "Tangle"))
    refused("missing attr 'dtype'", lambda n: n["x"].attr.pop("dtype"))
    refused("mentions attr 'colour'", lambda n: setattr(n["x"].attr["colour"], "i", 3))
    refused("do not match 1 inputs", lambda n: n["y"].input.pop())
    refused("was passed int32 .* incompatible with expected float32", input_map=lambda: {"x": tf.constant([[2]])})
    refused(r"not found in graph_def: \[gone:0\]", input_map=lambda: {"gone": tf.constant(2.0)})
    refused("Requested return_element 'gone' not found", return_elements=["gone"])
    refused("Dimensions must be equal", input_map=lambda: {"x": tf.zeros([2, 5])})
    refused("non-empty `name`", input_map={"x": [[2.0, 3.0, 4.0]]}, name="")
    refused("dictionary mapping strings", kind=TypeError, input_map=["x"])
    refused("list of strings", kind=TypeError, return_elements=[3])
    with pytest.raises(TypeError, match="must be a GraphDef proto"):
        tf.import_graph_def("a graph")


@pytest.mark.parametrize("resource", [False, True])
def test_frozen_variables_are_constants(resource: bool) -> None:
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        x = tf.placeholder(tf.float32, [3], name="x")
        y = tf.multiply(x, tf.Variable([2.0, 3.0, 4.0], name="w", use_resource=resource), name="y")
        tf.Variable(1.5, name="other")
        sess.run(tf.global_variables_initializer())
        frozen = tf.graph_util.convert_variables_to_constants(sess, graph.as_graph_def(), [y.op.name])
    assert {node.op for node in frozen.node} == {"Placeholder", "Const", "Identity", "Mul"}
    with tf.Graph().as_default(), tf.Session() as sess:
        result, = tf.import_graph_def(frozen, return_elements=["y:0"], name="")
        np.testing.assert_array_equal(sess.run(result, {"x:0": [1.0, 2.0, 3.0]}), [2.0, 6.0, 12.0])


def test_training_nodes_go() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        tf.negative(tf.identity(tf.check_numerics(x, "x"), name="copy"), name="y")
    slim = tf.graph_util.remove_training_nodes(graph.as_graph_def())
    assert [(node.name, list(node.input)) for node in slim.node] == [("x", []), ("y", ["x"])]
