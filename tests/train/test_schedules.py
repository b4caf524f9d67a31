"""Schedules of the learning rate and moving averages beside TensorFlow."""

from __future__ import annotations

import pytest

import core as tf
from tests.programs import check
from tests.train.programs_schedules import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_tensorflow(name):
    check(tf, "schedules", name, PROGRAMS[name])


def test_step_is_needed():
    for make in (lambda: tf.train.exponential_decay(0.1, None, 10, 0.5), lambda: tf.train.cosine_decay(0.1, None, 10),
                 lambda: tf.train.polynomial_decay(0.1, None, 10), lambda: tf.train.inverse_time_decay(0.1, None, 1, 2),
                 lambda: tf.train.natural_exp_decay(0.1, None, 1, 2), lambda: tf.train.linear_cosine_decay(1, None, 2),
                 lambda: tf.train.cosine_decay_restarts(0.1, None, 2),
                 lambda: tf.train.noisy_linear_cosine_decay(0.1, None, 2)):
        with pytest.raises(ValueError, match="global_step is required"):
            make()


def test_piecewise_arguments():
    step = tf.constant(3)
    with pytest.raises(ValueError, match="1 less"):
        tf.train.piecewise_constant(step, [1, 2], [1.0, 0.5])
    with pytest.raises(ValueError, match="same dtype as x"):
        tf.train.piecewise_constant(step, [1.0], [1.0, 0.5])
    with pytest.raises(ValueError, match="same dtype"):
        tf.train.piecewise_constant(step, [1], [1.0, 2])
    wide = tf.train.piecewise_constant(tf.constant(3, tf.int64), [2], [1.0, 0.25])
    with tf.Session() as sess:
        assert sess.run(wide) == 0.25


def test_average_is_asked_of_floats_only():
    with pytest.raises(TypeError, match="half, float, or double"):
        tf.train.ExponentialMovingAverage(0.5).apply([tf.Variable(3)])


def test_average_of_what_is_not_averaged():
    v = tf.Variable(1.0, name="v")
    ema = tf.train.ExponentialMovingAverage(0.5)
    assert ema.average(v) is None
    assert ema.average_name(v) == "v/ExponentialMovingAverage"
