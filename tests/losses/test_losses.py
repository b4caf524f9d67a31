"""Losses beside TensorFlow, and their errors."""

from __future__ import annotations

import pytest

import core as tf
from tests.losses.programs_losses import PROGRAMS
from tests.programs import check


@pytest.mark.parametrize("name", PROGRAMS)
def test_losses_are_tensorflows(name):
    check(tf, "losses", name, PROGRAMS[name])


@pytest.mark.parametrize("build, text", [
    (lambda t: tf.losses.mean_squared_error(None, t), "`labels` must not be None"),
    (lambda t: tf.losses.hinge_loss(t, None), "`logits` must not be None"),
    (lambda t: tf.losses.sigmoid_cross_entropy(None, t), "`multi_class_labels` must not be None"),
    (lambda t: tf.losses.softmax_cross_entropy(None, t), "`onehot_labels` must not be None"),
    (lambda t: tf.losses.cosine_distance(t, t), "must specify argument `axis`"),
    (lambda t: tf.losses.cosine_distance(t, t, axis=1, dim=1), "Cannot specify both"),
    (lambda t: tf.losses.log_loss(t, tf.zeros([3, 4])), "incompatible"),
    (lambda t: tf.losses.mean_squared_error(t, t, [1.0, 2.0, 3.0]), "can not be broadcast to values. values.rank=2"),
    (lambda t: tf.losses.mean_squared_error(t, t, [[1.0], [2.0]]), "Mismatch at dim 0"),
    (lambda t: tf.losses.mean_squared_error(t, t, reduction="mean"), "Invalid Reduction Key mean"),
])
def test_errors(build, text):
    with tf.Graph().as_default(), pytest.raises(ValueError, match=text):
        build(tf.zeros([3, 5]))


def test_weights_of_unknown_shape_are_checked_at_run_time():
    with tf.Graph().as_default(), tf.Session() as sess:
        weights = tf.placeholder(tf.float32)
        loss = tf.losses.mean_squared_error(tf.zeros([3, 5]), tf.ones([3, 5]), weights)
        assert sess.run(loss, {weights: [[1.0], [0.0], [1.0]]}) == 1.0
        assert sess.run(loss, {weights: 3.0}) == 3.0
        for wrong in ([1.0, 2.0, 3.0], [[1.0], [2.0]]):
            with pytest.raises(tf.errors.InvalidArgumentError, match="weights can not be broadcast to values"):
                sess.run(loss, {weights: wrong})
