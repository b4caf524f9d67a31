"""Switches between behaviours, static values, loggers."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf


def test_switches_to_what_is_so_anyhow_do_nothing() -> None:
    for switch in (tf.disable_v2_behavior, tf.disable_eager_execution, tf.disable_tensor_equality,
                   tf.disable_v2_tensorshape, tf.disable_control_flow_v2, tf.enable_control_flow_v2):
        switch()
    assert tf.executing_eagerly() is False


@pytest.mark.parametrize("name", ["enable_eager_execution", "enable_v2_behavior", "enable_tensor_equality",
                                  "enable_v2_tensorshape"])
def test_switches_to_what_is_not_there_say_what_to_do(name: str) -> None:
    with pytest.raises(RuntimeError, match=rf"tf\.{name}\(\).*Take the call"):
        getattr(tf, name)()


def test_static_values() -> None:
    np.testing.assert_array_equal(tf.get_static_value(tf.constant([[1, 2, 3]])), [[1, 2, 3]])
    assert tf.get_static_value(tf.placeholder(tf.float32, [2])) is None
    proto = tf.make_tensor_proto([[1.5, 2.5, 3.5]])
    np.testing.assert_array_equal(tf.make_ndarray(proto), np.array([[1.5, 2.5, 3.5]], np.float32))


def test_is_variable_initialized_follows_the_session() -> None:
    v = tf.Variable(2.0)
    known = tf.is_variable_initialized(variable=v)
    with tf.Session() as session:
        assert not session.run(known)
        session.run(v.initializer)
        assert session.run(known)
