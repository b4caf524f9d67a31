"""Checks, prints, Python functions and groups: what they do when they run, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf


def test_numbers_that_are_none():
    x = tf.placeholder(tf.float32, [None], name="x")
    checked = tf.check_numerics(x, "weights")
    with tf.Session() as sess:
        assert sess.run(checked, {x: [1.0, 2.0]}).tolist() == [1.0, 2.0]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"weights : Tensor had NaN values \(first at \[1\]"):
            sess.run(checked, {x: [1.0, np.nan]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="weights : Tensor had Inf values"):
            sess.run(checked, {x: [np.inf]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="Inf and NaN"):
            sess.run(checked, {x: [np.inf, np.nan]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="in gradient"):
            sess.run(tf.gradients(tf.check_numerics(x, "root") / tf.zeros([1]), x), {x: [1.0]})
    with pytest.raises(TypeError, match="float"):
        tf.check_numerics(tf.constant([1]), "integers")


def test_the_first_bad_operation_is_named():
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.log(x, name="logarithm") + tf.sqrt(x, name="root")
    check = tf.add_check_numerics_ops()
    with tf.Session() as sess:
        assert sess.run(check, {x: [1.0, 2.0]}) is None
        with pytest.raises(tf.errors.InvalidArgumentError, match="logarithm:0"):
            sess.run(check, {x: [1.0, -2.0]})


def test_all_finite():
    x = tf.placeholder(tf.float32, [2])
    y = tf.verify_tensor_all_finite(x, "all is lost") * 2.0
    with tf.Session() as sess:
        assert sess.run(y, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]
        with pytest.raises(tf.errors.InvalidArgumentError, match="all is lost"):
            sess.run(y, {x: [1.0, np.nan]})


def test_assertions_show_their_data():
    x = tf.placeholder(tf.int32, [None])
    with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), ["x is", x], summarize=2)]):
        y = x * 2
    with tf.Session() as sess:
        assert sess.run(y, {x: [1, 2]}).tolist() == [2, 4]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"assertion failed: \[x is\] \[1 -2\.\.\.\]"):
            sess.run(y, {x: [1, -2, 3]})


def test_printing(capsys):
    x = tf.constant([1.5, 2.5, 3.5, 4.5])
    y = tf.Print(x, [x, tf.constant(["word"]), tf.constant(True)], message="x: ", first_n=2, summarize=3)
    with tf.Session() as sess:
        for _ in range(3):
            assert sess.run(y).tolist() == [1.5, 2.5, 3.5, 4.5]
        assert sess.run(tf.gradients(y * 2.0, x))[0].tolist() == [2.0] * 4
    assert capsys.readouterr().err == "x: [1.5 2.5 3.5...][word][1]\n" * 2


def test_python_functions():
    x, y = tf.constant([1.0, 2.0]), tf.constant([3, 4])
    both = tf.py_func(lambda a, b: (a + b.astype(np.float32), b * 2), [x, y], [tf.float32, tf.int32])
    words = tf.py_func(lambda a: [b"left", "right"][int(a)], [tf.constant(1)], tf.string)
    none = tf.py_func(lambda a: None, [x], [])
    with tf.Session() as sess:
        total, double = sess.run(both)
        assert (total.tolist(), double.tolist()) == ([4.0, 6.0], [6, 8])
        assert sess.run(words) == b"right"
        assert sess.run(none) is None
    assert both[0].shape.ndims is None
    assert tf.gradients(both[0], x) == [None]


def test_python_functions_that_go_wrong():
    x = tf.constant([1.0])

    def fails(_):
        raise KeyError("no such thing")

    with tf.Session() as sess:
        with pytest.raises(tf.errors.OpError, match="no such thing"):
            sess.run(tf.py_func(fails, [x], tf.float32))
        with pytest.raises(tf.errors.InvalidArgumentError, match="returns 1 values, but expects to see 2 values"):
            sess.run(tf.py_func(lambda a: [a], [x], [tf.float32, tf.float32]))
        with pytest.raises(tf.errors.InvalidArgumentError, match="0-th value .* is float64, but expects float32"):
            sess.run(tf.py_func(lambda a: a.astype(np.float64), [x], tf.float32))
    with pytest.raises(ValueError, match="Expected func to be callable"):
        tf.py_func(3, [x], tf.float32)


def test_what_a_python_function_gets_is_its_own():
    v = tf.Variable([1.0, 2.0])

    def spoil(a):
        a[:] = 0.0
        return a

    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(tf.py_func(spoil, [v], tf.float32)).tolist() == [0.0, 0.0]
        assert sess.run(v).tolist() == [1.0, 2.0]


def test_groups():
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    both = tf.group(v.initializer, [w.initializer, {"c": tf.constant(1.0)}], name="both")
    assert (both.name, both.type) == ("both", "NoOp")
    with tf.Session() as sess:
        assert sess.run(both) is None
        assert sess.run([v, w]) == [1.0, 2.0]
    assert tf.group().type == "NoOp"
    with pytest.raises(TypeError, match=r"Expected tf.group\(\)"):
        tf.group(3)
    with pytest.raises(ValueError, match="Unknown keyword arguments: names"):
        tf.group(v.initializer, names="both")


def test_tuples_wait_for_all():
    v = tf.Variable(1.0)
    change = v.assign(5.0)
    first, none, rows = tf.tuple([tf.constant(1.0), None, tf.IndexedSlices(tf.ones([1, 2]), tf.constant([0]))],
                                 control_inputs=[change])
    assert none is None
    assert isinstance(rows, tf.IndexedSlices)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(first) == 1.0
        assert sess.run(v) == 5.0
    with pytest.raises(ValueError, match="Must have at least one Tensor"):
        tf.tuple([None])
    with pytest.raises(TypeError, match="Control input must be Operation or Tensor"):
        tf.tuple([v.value()], control_inputs=[3])
