"""`tf.contrib.layers` and its neighbours: names of variables and operations, values, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import core as tf


@pytest.fixture(autouse=True)
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as made:
        yield made


def test_regularizers() -> None:
    w = tf.constant([[2.0, -3.0, 4.0]], name="w")
    layers = tf.contrib.layers
    first, second = layers.l1_regularizer(0.5)(w), layers.l2_regularizer(0.25)(w)
    both = layers.l1_l2_regularizer(0.5, 0.25)(w)
    assert (first.op.name, second.op.name, both.op.name) == ("l1_regularizer", "l2_regularizer", "l1_l2_regularizer")
    total = layers.apply_regularization(layers.l2_regularizer(0.25), [w, w])
    assert tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES) == [total]
    with tf.Session() as sess:
        assert sess.run([first, second, both, total]) == [4.5, 3.625, 8.125, 7.25]
    assert layers.l2_regularizer(0.0)(w) is None
    for scale, text in ((1, "scale cannot be an integer: 1"), (-0.5, "less than 0 on a regularizer: -0.5")):
        with pytest.raises(ValueError, match=text):
            layers.l1_regularizer(scale)


def test_regularizers_of_variables() -> None:
    tf.get_variable("w", [2, 3], regularizer=tf.contrib.layers.l2_regularizer(0.5))
    loss, = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    assert loss.op.name == "w/Regularizer/l2_regularizer"


def test_fully_connected() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.contrib.layers.fully_connected(x, 4)
    z = tf.contrib.layers.fully_connected(y, 2, activation_fn=None, biases_initializer=None, scope="out")
    assert [v.name for v in tf.global_variables()] == [
        "fully_connected/weights:0", "fully_connected/biases:0", "out/weights:0"]
    assert (y.op.name, z.op.name) == ("fully_connected/Relu", "out/MatMul")
    again = tf.contrib.layers.fully_connected(
        y, 2, activation_fn=None, biases_initializer=None, scope="out", reuse=True)
    assert len(tf.global_variables()) == 3
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        one, two = sess.run([z, again], {x: np.ones((5, 3))})
        np.testing.assert_array_equal(one, two)
    with pytest.raises(ValueError, match="num_outputs type should be one of"):
        tf.contrib.layers.fully_connected(x, 2.5)


def test_flatten_and_xavier() -> None:
    flat = tf.contrib.layers.flatten(tf.zeros([2, 3, 4]))
    assert flat.shape.as_list() == [2, 12] and flat.op.name == "Flatten/flatten/Reshape"
    with tf.Session() as sess:
        values = sess.run(tf.contrib.layers.xavier_initializer(seed=3)([200, 100]))
    limit = np.sqrt(6 / 300)
    assert np.abs(values).max() <= limit and abs(values.std() - limit / np.sqrt(3)) < 0.002
    with pytest.raises(TypeError, match="Unknown mode FAN"):
        tf.contrib.layers.variance_scaling_initializer(mode="FAN")


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(AttributeError, match=r"tf\.contrib\.slim is not here; there are"):
        tf.contrib.slim  # noqa: B018
    assert tf.contrib.rnn.BasicLSTMCell is tf.nn.rnn_cell.BasicLSTMCell
    assert tf.contrib.util.constant_value(tf.constant(2.5)) == 2.5
    step = tf.contrib.framework.get_or_create_global_step()
    assert tf.contrib.framework.get_variables("global", suffix="step") == [step]


@pytest.mark.parametrize("as_text", [True, False])
def test_write_graph(graph: tf.Graph, tmp_path: Path, as_text: bool) -> None:
    tf.constant(2.5, name="c")
    path = tf.train.write_graph(graph if as_text else graph.as_graph_def(), tmp_path / "deep", "graph.pb", as_text)
    data = Path(path).read_bytes()
    assert (b'name: "c"' in data) is as_text
    if not as_text:
        assert tf.GraphDef.FromString(data) == graph.as_graph_def()
