"""Recurrent nets, unrolled and looped: outputs, states, gradients, names of variables."""

from __future__ import annotations

from tests.programs import Play
from tests.recurrent.reference_cells import cells

CELLS = {
    "basic_rnn": lambda c, tf: c.BasicRNNCell(6),
    "basic_rnn_relu": lambda c, tf: c.BasicRNNCell(6, activation=tf.nn.relu),
    "basic_lstm": lambda c, tf: c.BasicLSTMCell(6, forget_bias=0.7),
    "lstm": lambda c, tf: c.LSTMCell(6),
    "lstm_peepholes": lambda c, tf: c.LSTMCell(6, use_peepholes=True),
    "lstm_projection": lambda c, tf: c.LSTMCell(6, num_proj=3, proj_clip=0.11),
    "lstm_all": lambda c, tf: c.LSTMCell(6, use_peepholes=True, cell_clip=0.3, num_proj=3, forget_bias=0.2),
    "gru": lambda c, tf: c.GRUCell(6),
    "multi": lambda c, tf: c.MultiRNNCell([c.BasicLSTMCell(6), c.GRUCell(2)]),
    "residual": lambda c, tf: c.ResidualWrapper(c.BasicRNNCell(4)),
    "dropout_none": lambda c, tf: c.DropoutWrapper(c.BasicRNNCell(6), input_keep_prob=1.0, output_keep_prob=1.0),
}


def _values(np, *shape):
    size = int(np.prod(shape))
    return (np.sin(np.arange(size) * 1.7 + len(shape)) * 0.8).reshape(shape).astype(np.float32)


def _initializer(tf, np):
    def make(shape, dtype=None, partition_info=None):
        return tf.constant(_values(np, *[int(d) for d in shape]), dtype)
    return make


def _facts(tf, loss, outputs, state, more=()):
    variables = tf.trainable_variables()
    grads = tf.gradients(loss, [*variables, *more])
    # One long vector: a file of many small arrays is mostly headers.
    rest = tf.concat([tf.reshape(t, [-1]) for t in [*tf.nest.flatten(state), *grads]], 0)
    fetch = {"outputs": outputs, "states_and_gradients": rest}
    return Play(fetch, steps=2, nodes="none", strings={
        "variables": [f"{v.name} {v.shape.as_list()}" for v in variables], "shape": outputs.shape.as_list()})


def _dynamic(cell, lengths=None, time_major=False, unknown=False, scope=None, initial=False):
    def program(tf, np):
        x = _values(np, 5, 3, 4) if time_major else _values(np, 3, 5, 4)
        inputs = tf.placeholder_with_default(x, [None, None, 4]) if unknown else tf.constant(x)
        made = CELLS[cell](cells(tf), tf)
        state = tf.nest.map_structure(lambda n: tf.constant(_values(np, 3, n)), made.state_size) if initial else None
        with tf.variable_scope("net", initializer=_initializer(tf, np)):
            outputs, final = tf.nn.dynamic_rnn(made, inputs, sequence_length=lengths, time_major=time_major,
                                               initial_state=state, dtype=tf.float32, scope=scope)
        loss = tf.reduce_sum(outputs * outputs) + sum(tf.reduce_sum(s) for s in tf.nest.flatten(final))
        return _facts(tf, loss, outputs, final, [inputs])
    return program


def _static(cell, lengths=None):
    def program(tf, np):
        inputs = tf.constant(_values(np, 3, 5, 4))
        with tf.variable_scope("net", initializer=_initializer(tf, np)):
            outputs, final = tf.nn.static_rnn(CELLS[cell](cells(tf), tf), tf.unstack(inputs, axis=1),
                                              dtype=tf.float32, sequence_length=lengths)
        outputs = tf.stack(outputs, 1)
        loss = tf.reduce_sum(outputs * outputs) + sum(tf.reduce_sum(s) for s in tf.nest.flatten(final))
        return _facts(tf, loss, outputs, final, [inputs])
    return program


def _both_ways(static, lengths=None):
    def program(tf, np):
        inputs = tf.constant(_values(np, 3, 5, 4))
        made = cells(tf)
        forward, backward = made.BasicLSTMCell(6), made.GRUCell(2)
        with tf.variable_scope("net", initializer=_initializer(tf, np)):
            if static:
                found, *final = tf.nn.static_bidirectional_rnn(forward, backward, tf.unstack(inputs, axis=1),
                                                               dtype=tf.float32, sequence_length=lengths)
                outputs = tf.stack(found, 1)
            else:
                found, final = tf.nn.bidirectional_dynamic_rnn(forward, backward, inputs, sequence_length=lengths,
                                                               dtype=tf.float32)
                outputs = tf.concat(found, 2)
        loss = tf.reduce_sum(outputs * outputs) + sum(tf.reduce_sum(s) for s in tf.nest.flatten(final))
        return _facts(tf, loss, outputs, final, [inputs])
    return program


def _raw(tf, np):
    x = tf.constant(_values(np, 5, 3, 4))
    lengths = tf.constant([4, 1, 5])
    inputs = tf.TensorArray(tf.float32, size=5).unstack(x)
    cell = cells(tf).BasicLSTMCell(6)

    def loop(time, output, state, seen):
        if output is None:
            state, seen = cell.zero_state(3, tf.float32), tf.constant(0.0)
        else:
            seen = seen + tf.reduce_sum(output)
        done = time >= lengths
        item = tf.cond(tf.reduce_all(done), lambda: tf.zeros([3, 4]), lambda: inputs.read(time))
        item.set_shape([3, 4])
        return done, item, state, output, seen

    with tf.variable_scope("net", initializer=_initializer(tf, np)):
        arrays, final, seen = tf.nn.raw_rnn(cell, loop)
    outputs = arrays.stack()
    return _facts(tf, tf.reduce_sum(outputs * outputs) + seen, outputs, [*final, seen], [x])


def _raw_own_emission(tf, np):
    cell = cells(tf).BasicRNNCell(6)

    def loop(time, output, state, _):
        done = tf.constant([2, 4, 3]) <= time
        if output is None:
            return done, tf.ones([3, 4]), cell.zero_state(3, tf.float32), tf.zeros([2]), None
        emit = tf.stack([tf.reduce_sum(output, 1), tf.reduce_max(output, 1)], 1)
        return done, tf.ones([3, 4]) * tf.cast(time, tf.float32), state, emit, None

    with tf.variable_scope("net", initializer=_initializer(tf, np)):
        arrays, final, _ = tf.nn.raw_rnn(cell, loop)
    outputs = arrays.stack()
    return _facts(tf, tf.reduce_sum(outputs * outputs), outputs, final)


LENGTHS = [5, 2, 4]
PROGRAMS = {f"dynamic_{name}": _dynamic(name) for name in CELLS}
PROGRAMS |= {f"static_{name}": _static(name) for name in CELLS}
PROGRAMS |= {f"dynamic_lengths_{name}": _dynamic(name, LENGTHS) for name in ("basic_rnn", "lstm_all", "gru", "multi")}
PROGRAMS |= {f"static_lengths_{name}": _static(name, LENGTHS) for name in ("basic_lstm", "gru", "multi")}
PROGRAMS |= {
    "dynamic_short": _dynamic("basic_lstm", [3, 0, 2]),
    "dynamic_time_major": _dynamic("basic_lstm", LENGTHS, time_major=True),
    "dynamic_unknown": _dynamic("basic_lstm", unknown=True),
    "dynamic_unknown_lengths": _dynamic("gru", LENGTHS, unknown=True),
    "dynamic_initial_state": _dynamic("lstm_projection", initial=True),
    "dynamic_scope": _dynamic("basic_rnn", scope="mine"),
    "bidirectional": _both_ways(False),
    "bidirectional_lengths": _both_ways(False, LENGTHS),
    "bidirectional_static": _both_ways(True),
    "bidirectional_static_lengths": _both_ways(True, LENGTHS),
    "raw": _raw,
    "raw_own_emission": _raw_own_emission,
}
