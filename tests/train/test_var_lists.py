"""`var_list` in the forms that programs give it."""

import pytest

import core as tf


@pytest.mark.parametrize("form", [list, tuple, dict.values, dict])
def test_variables_in_any_collection(form):
    with tf.Graph().as_default(), tf.Session() as sess:
        found = {"a": tf.Variable(1.0), "b": tf.Variable(2.0), "c": tf.Variable(4.0)}
        loss = found["a"] * found["b"] * found["c"]
        chosen = {k: found[k] for k in "ab"}
        given = form(chosen) if form in (dict.values, dict) else form(chosen.values())
        step = tf.train.GradientDescentOptimizer(0.25).minimize(loss, var_list=given)
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        assert sess.run(list(found.values())) == [-1.0, 1.0, 4.0]
