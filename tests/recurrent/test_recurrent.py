"""Recurrent nets: dropout, devices, errors, unrolled against looped, and learning to read rows of digits."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.examples.tutorials.mnist.drawn_digits import draw_digits

CELL = tf.nn.rnn_cell


def _run(*fetches, times=1):
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return [sess.run(list(fetches)) for _ in range(times)]


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        tf.set_random_seed(5)
        yield


X = np.random.RandomState(0).randn(3, 5, 4).astype(np.float32)


@pytest.mark.parametrize("lengths", [None, [4, 5, 1]])
@pytest.mark.parametrize("make", [lambda: CELL.BasicLSTMCell(6), lambda: CELL.GRUCell(2),
                                  lambda: CELL.MultiRNNCell([CELL.LSTMCell(6, num_proj=2), CELL.BasicRNNCell(7)])])
def test_unrolled_and_looped_nets_agree(make, lengths):
    def build(scope):
        start = tf.random_uniform_initializer(-0.5, 0.5, seed=3)
        with tf.variable_scope(scope, initializer=start):
            if scope == "unrolled":
                outputs, state = tf.nn.static_rnn(make(), tf.unstack(tf.constant(X), axis=1), dtype=tf.float32,
                                                  sequence_length=lengths)
                outputs = tf.stack(outputs, 1)
            else:
                outputs, state = tf.nn.dynamic_rnn(make(), X, dtype=tf.float32, sequence_length=lengths)
        weights = tf.trainable_variables(scope)
        return [outputs, *_flat(state), *tf.gradients(tf.reduce_sum(tf.sin(outputs)), weights)], weights

    unrolled, mine = build("unrolled")
    looped, theirs = build("looped")
    assert [v.name.split("/", 1)[1] for v in mine] == [v.name.split("/", 1)[1] for v in theirs]
    copies = [tf.assign(b, a) for a, b in zip(mine, theirs)]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(copies)
        for _ in range(3):
            for a, b in zip(*sess.run([unrolled, looped])):
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def _flat(state):
    return [s for part in state for s in _flat(part)] if isinstance(state, tuple) else [state]


def test_names_of_variables():
    tf.nn.dynamic_rnn(CELL.BasicLSTMCell(6), X, dtype=tf.float32)
    tf.nn.dynamic_rnn(CELL.LSTMCell(2, use_peepholes=True, num_proj=3), X, dtype=tf.float32, scope="second")
    stack = CELL.MultiRNNCell([CELL.GRUCell(2), CELL.BasicRNNCell(7)])
    tf.nn.dynamic_rnn(stack, X, dtype=tf.float32, scope="third")
    assert [v.name for v in tf.trainable_variables()] == [
        "rnn/basic_lstm_cell/kernel:0", "rnn/basic_lstm_cell/bias:0",
        "second/lstm_cell/kernel:0", "second/lstm_cell/bias:0", "second/lstm_cell/w_f_diag:0",
        "second/lstm_cell/w_i_diag:0", "second/lstm_cell/w_o_diag:0", "second/lstm_cell/projection/kernel:0",
        "third/multi_rnn_cell/cell_0/gru_cell/gates/kernel:0", "third/multi_rnn_cell/cell_0/gru_cell/gates/bias:0",
        "third/multi_rnn_cell/cell_0/gru_cell/candidate/kernel:0",
        "third/multi_rnn_cell/cell_0/gru_cell/candidate/bias:0",
        "third/multi_rnn_cell/cell_1/basic_rnn_cell/kernel:0", "third/multi_rnn_cell/cell_1/basic_rnn_cell/bias:0"]
    assert stack.state_size == (2, 7)
    assert stack.output_size == 7


def test_biases_start_as_tensorflows():
    cell = CELL.GRUCell(2)
    cell(tf.zeros([3, 4]), tf.zeros([3, 2]))
    gates, candidate = (v for v in tf.trainable_variables() if v.name.endswith("bias:0"))
    assert [b.tolist() for b in _run(gates, candidate)[0]] == [[1.0] * 4, [0.0] * 2]


def test_dropout_of_outputs_scales_and_drops():
    cell = CELL.DropoutWrapper(CELL.BasicRNNCell(64, activation=tf.identity), output_keep_prob=0.25, seed=3)
    plain = cell.wrapped_cell
    x, h = tf.ones([9, 4]), tf.zeros([9, 64])
    kept, state = cell(x, h)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        full, _ = plain(x, h)
    first, second = _run(kept, full, state, times=2)
    for dropped, whole, new_state in (first, second):
        alive = dropped != 0
        assert 0.15 < alive.mean() < 0.35
        np.testing.assert_allclose(dropped[alive], whole[alive] / 0.25, rtol=1e-5)
        np.testing.assert_allclose(new_state, whole, rtol=1e-6)
    assert (first[0] != second[0]).any()


def test_dropout_with_a_seed_repeats_in_another_session():
    cell = CELL.DropoutWrapper(CELL.BasicRNNCell(6), input_keep_prob=0.5, state_keep_prob=0.5, seed=11)
    with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
        outputs, _ = tf.nn.dynamic_rnn(cell, X, dtype=tf.float32)
    first, again = _run(outputs, times=2), _run(outputs, times=2)
    assert (first[0][0] != first[1][0]).any()
    for a, b in zip(first, again):
        np.testing.assert_array_equal(a[0], b[0])


def test_variational_dropout_drops_the_same_at_every_step():
    cell = CELL.DropoutWrapper(CELL.BasicRNNCell(50, activation=tf.ones_like), output_keep_prob=0.5,
                               variational_recurrent=True, dtype=tf.float32, seed=2)
    (values,), = _run(tf.nn.dynamic_rnn(cell, X, dtype=tf.float32)[0])
    assert set(np.unique(values)) == {0.0, 2.0}
    assert (values == values[:, :1]).all()


def test_state_dropout_spares_the_cell_of_an_lstm():
    cell = CELL.DropoutWrapper(CELL.BasicLSTMCell(40), state_keep_prob=0.5, seed=1)
    state = CELL.LSTMStateTuple(tf.ones([3, 40]), tf.ones([3, 40]))
    _, new = cell(tf.ones([3, 4]), state)
    (c, h), = _run(new.c, new.h)
    assert (c != 0).all()
    assert 0.2 < (h == 0).mean() < 0.8


def test_devices_reach_the_nodes():
    cell = CELL.DeviceWrapper(CELL.BasicRNNCell(6), "/cpu:0")
    output, _ = cell(tf.zeros([3, 4]), cell.zero_state(3, tf.float32))
    assert "cpu:0" in output.op.device.lower()


def test_residual_function_of_ones_own():
    cell = CELL.ResidualWrapper(CELL.BasicRNNCell(6, activation=tf.zeros_like), lambda x, y: tf.reduce_sum(x) + y)
    output, _ = cell(tf.ones([3, 4]), tf.zeros([3, 6]))
    np.testing.assert_array_equal(_run(output)[0][0], np.full((3, 6), 12.0))


def test_lstm_state_joined_in_one_tensor():
    cell = CELL.LSTMCell(6, num_proj=2, state_is_tuple=False)
    outputs, state = tf.nn.dynamic_rnn(cell, X, dtype=tf.float32)
    out, joined = _run(outputs, state)[0]
    assert joined.shape == (3, 8)
    np.testing.assert_array_equal(out[:, -1], joined[:, 6:])


def test_batch_and_time_of_any_size():
    x = tf.placeholder(tf.float32, [None, None, 4])
    n = tf.placeholder(tf.int32, [None])
    with tf.variable_scope("net", initializer=tf.constant_initializer(0.2)):
        outputs, state = tf.nn.dynamic_rnn(CELL.GRUCell(6), x, n, dtype=tf.float32)
    grad = tf.gradients(outputs, x)[0]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for batch, time in ((2, 7), (5, 3), (2, 7), (1, 1), (5, 3)):
            values = np.ones((batch, time, 4), np.float32)
            lengths = np.full(batch, max(1, time - 2))
            o, s, g = sess.run([outputs, state, grad], {x: values, n: lengths})
            assert o.shape == (batch, time, 6)
            assert g.shape == values.shape
            np.testing.assert_array_equal(o[:, max(1, time - 2) - 1], s)
            assert not o[:, max(1, time - 2):].any()
            assert not g[:, max(1, time - 2):].any()


@pytest.mark.parametrize("build, error, text", [
    (lambda: tf.nn.dynamic_rnn(lambda x, s: (x, s), X, dtype=tf.float32), TypeError, "not an RNNCell"),
    (lambda: tf.nn.static_rnn(CELL.GRUCell(2), tf.zeros([3, 4]), dtype=tf.float32), TypeError, "must be a sequence"),
    (lambda: tf.nn.static_rnn(CELL.GRUCell(2), [], dtype=tf.float32), ValueError, "must not be empty"),
    (lambda: tf.nn.dynamic_rnn(CELL.GRUCell(2), X), ValueError, "must give a dtype"),
    (lambda: tf.nn.static_rnn(CELL.GRUCell(2), [tf.zeros([3, 4])]), ValueError, "dtype must be specified"),
    (lambda: tf.nn.dynamic_rnn(CELL.GRUCell(2), tf.placeholder(tf.float32, [3, 5, None]), dtype=tf.float32),
     ValueError, "must be accessible via shape inference"),
    (lambda: tf.nn.dynamic_rnn(CELL.GRUCell(2), X, sequence_length=[[3, 5, 1]], dtype=tf.float32), ValueError,
     "must be a vector of length batch_size"),
    (lambda: tf.nn.raw_rnn(CELL.GRUCell(2), None), TypeError, "loop_fn must be a callable"),
    (lambda: CELL.MultiRNNCell([]), ValueError, "at least one cell"),
    (lambda: CELL.MultiRNNCell(CELL.GRUCell(2)), (TypeError, ValueError), "list or tuple"),
    (lambda: CELL.DropoutWrapper(3), TypeError, "not an RNNCell"),
    (lambda: CELL.DropoutWrapper(CELL.GRUCell(2), output_keep_prob=1.5), ValueError, "between 0 and 1"),
    (lambda: CELL.GRUCell(2)(tf.zeros([3, 4, 5]), tf.zeros([3, 2])), ValueError, "ndim"),
])
def test_errors(build, error, text):
    with pytest.raises(error, match=text):
        build()


def test_wrong_number_of_lengths_is_found_at_run_time():
    n = tf.placeholder(tf.int32, [None])
    outputs, _ = tf.nn.dynamic_rnn(CELL.GRUCell(2), X, n, dtype=tf.float32)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match="Expected shape for sequence_length"):
            sess.run(outputs, {n: [1, 2]})


def test_an_lstm_learns_to_read_rows_of_digits():
    images, labels = draw_digits(600, seed=4)
    images = images.reshape(-1, 28, 28).astype(np.float32) / images.max()
    x = tf.placeholder(tf.float32, [None, 28, 28])
    y = tf.placeholder(tf.int64, [None])
    _, state = tf.nn.dynamic_rnn(CELL.BasicLSTMCell(32), x, dtype=tf.float32)
    logits = tf.layers.dense(state.h, 10)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
    step = tf.train.AdamOptimizer(0.02).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        before = sess.run(loss, {x: images[500:], y: labels[500:]})
        for i in range(120):
            part = slice(i * 50 % 500, i * 50 % 500 + 50)
            sess.run(step, {x: images[part], y: labels[part]})
        after, share = sess.run([loss, right], {x: images[500:], y: labels[500:]})
    assert after < before / 2
    assert share > 0.7
