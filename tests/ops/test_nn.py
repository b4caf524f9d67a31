"""Composed functions of tf.nn: the names that TensorFlow 1.15 gives where 2.21 gives others; ops of old files."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.graph import apply_op


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


def _names(graph, prefix=""):
    return [op.name for op in graph.get_operations() if op.name.startswith(prefix)]


def test_dropout_names(graph):
    y = tf.nn.dropout(tf.placeholder(tf.float32, [2, 3], name="x"), keep_prob=0.75)
    assert y.name == "dropout/mul_1:0"
    assert _names(graph, "dropout") == [
        "dropout/rate", "dropout/Shape", "dropout/random_uniform/min", "dropout/random_uniform/max",
        "dropout/random_uniform/RandomUniform", "dropout/random_uniform/sub", "dropout/random_uniform/mul",
        "dropout/random_uniform", "dropout/sub/x", "dropout/sub", "dropout/truediv/x", "dropout/truediv",
        "dropout/GreaterEqual", "dropout/mul", "dropout/Cast", "dropout/mul_1"]


def test_dropout_of_nothing_is_its_input(graph):
    x = tf.ones([2, 3])
    assert tf.nn.dropout(x, rate=0) is x


def test_sigmoid_cross_entropy_names(graph):
    x, z = tf.placeholder(tf.float32, [3], name="x"), tf.placeholder(tf.float32, [3], name="z")
    tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x, name="loss")
    assert _names(graph, "loss") == [
        "loss/zeros_like", "loss/GreaterEqual", "loss/Select", "loss/Neg", "loss/Select_1", "loss/mul", "loss/sub",
        "loss/Exp", "loss/Log1p", "loss"]


def test_a_named_sparse_cross_entropy_stands_in_its_scope(graph):
    y = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0.5, 0.25]], name="xent")
    assert y.name == "xent/xent:0"


def test_random_names(graph):
    tf.random_normal([2, 3], name="n")
    assert _names(graph, "n") == ["n/shape", "n/mean", "n/stddev", "n/RandomStandardNormal", "n/mul", "n"]


def test_the_bias_of_old_files():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    y = apply_op("BiasAddV1", tf.constant(x), [1.0, 2.0, 3.0])
    grad = tf.gradients(y, y.op.inputs[1])[0]
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(y), x + [1, 2, 3])
        np.testing.assert_array_equal(sess.run(grad), [2, 2, 2])
