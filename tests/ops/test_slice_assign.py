"""Assignment to slices of variables, and the same on plain tensors."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf


@pytest.mark.parametrize("resource", [False, True])
def test_assign_to_a_slice(resource: bool) -> None:
    start = np.arange(12, dtype=np.float32).reshape(3, 4)
    variable = tf.Variable(start, use_resource=resource)
    assign = variable[:2, 1:3].assign(-tf.ones([2, 2]))
    shrink = variable[2, ::2].assign([7.0, 8.0])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(assign)
        want = start.copy()
        want[:2, 1:3] = -1
        assert np.array_equal(sess.run(variable), want)
        sess.run(shrink)
        want[2, ::2] = [7, 8]
        assert np.array_equal(sess.run(variable), want)
        assert np.array_equal(sess.run(variable[1]), want[1])


def test_the_value_must_have_the_shape_of_the_slice() -> None:
    variable = tf.Variable(np.zeros((3, 4), np.float32))
    assign = variable[:2].assign(tf.placeholder_with_default(np.zeros((3, 4), np.float32), None))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[2, 4\].*\[3, 4\]"):
            sess.run(assign)
        assert not sess.run(variable).any()


def test_slices_of_tensors_are_not_assigned_to() -> None:
    with pytest.raises(ValueError, match="only supported for variables"):
        tf.zeros([3])[1].assign(1.0)


def test_update_of_a_plain_tensor() -> None:
    x, v = tf.placeholder(tf.float32, [3, 4]), tf.placeholder(tf.float32, [2, 2])
    y = tf.raw_ops.TensorStridedSliceUpdate(input=x, begin=[0, 1], end=[2, 3], strides=[1, 1], value=v)
    weights = np.arange(12, dtype=np.float32).reshape(3, 4)
    gx, gv = tf.gradients(y, [x, v], grad_ys=[tf.constant(weights)])
    with tf.Session() as sess:
        got, dx, dv = sess.run([y, gx, gv], {x: np.ones((3, 4)), v: np.zeros((2, 2))})
    want = np.ones((3, 4))
    want[:2, 1:3] = 0
    assert np.array_equal(got, want)
    assert np.array_equal(dx, weights * want) and np.array_equal(dv, weights[:2, 1:3])
