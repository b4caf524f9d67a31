"""What cases can't say of the maths: operators of other objects, the user's line in errors, gradients left unbuilt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import core as tf


def test_errors_say_both_shapes_and_the_users_line() -> None:
    with pytest.raises(ValueError, match=r"(?s)3 and 4.*'add' \(op: 'AddV2'\).*\[2,3\], \[5,4\].*test_math.py:\d+"):
        tf.zeros([2, 3]) + tf.zeros([5, 4])
    x, y = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    quotient = x // y
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)division by zero.*floordiv.*test_math.py:\d+"):
            sess.run(quotient, {x: [1], y: [0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)\(2,\) \(3,\).*int32\[2\], int32\[3\]"):
            sess.run(quotient, {x: [1, 2], y: [1, 2, 3]})


def test_operators_leave_unknown_objects_their_say() -> None:
    class Other:
        def __radd__(self, other: Any) -> str:
            return f"radd of {other.op.name}"

    assert tf.constant(1.0, name="c") + Other() == "radd of c"
    assert (np.ones(2, np.float32) * tf.constant([1.0, 2.0])).op.type == "Mul"


def test_equality_compares_objects() -> None:
    x, y = tf.constant(1.0), tf.constant(1.0)
    assert x == x and x != y and len({x, y}) == 2


def test_strings_join_in_every_run() -> None:
    x = tf.placeholder(tf.string, [])
    joined = x + "!"
    assert joined.op.type == "Add"
    with tf.Session() as sess:
        assert [sess.run(joined, {x: s}) for s in ("a", "b", "c")] == [b"a!", b"b!", b"c!"]


def test_gradients_that_nobody_asks_for_are_not_built() -> None:
    x, w = tf.placeholder(tf.float32, [5, 3]), tf.constant(np.ones([3, 2], np.float32))
    y = tf.matmul(x, w) * 2.0 + 1.0
    before = len(y.graph.get_operations())
    by_w = tf.gradients(y, w)[0]
    added = [op.type for op in y.graph.get_operations()[before:]]
    assert added.count("MatMul") == 1 and "Sum" not in added
    with tf.Session() as sess:
        np.testing.assert_allclose(sess.run(by_w, {x: np.ones([5, 3])}), np.full([3, 2], 10.0))


@pytest.mark.parametrize("form", ["static", "rank", "none"])
def test_gradients_of_broadcasts_are_summed_back(form: str) -> None:
    shapes = {"static": ([5, 3], [3]), "rank": ([None, None], [None]), "none": (None, None)}[form]
    x, b = (tf.placeholder(tf.float32, s) for s in shapes)
    by_x, by_b = tf.gradients(x * b + b, [x, b])
    with tf.Session() as sess:
        got = sess.run([by_x, by_b], {x: np.arange(15.0).reshape(5, 3), b: [1.0, 2.0, 3.0]})
    np.testing.assert_allclose(got[0], np.tile([1.0, 2.0, 3.0], [5, 1]))
    np.testing.assert_allclose(got[1], np.arange(15.0).reshape(5, 3).sum(0) + 5)


def test_sums_of_narrow_floats_do_not_drift() -> None:
    x = tf.constant(np.full(5000, 0.1), tf.float16)
    with tf.Session() as sess:
        assert abs(float(sess.run(tf.reduce_sum(x))) - 500) < 1
        assert abs(float(sess.run(tf.reduce_mean(tf.cast(x, tf.bfloat16)))) - 0.1) < 1e-3
