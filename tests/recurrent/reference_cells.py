"""Recurrent cells written with plain operations, for TensorFlow 2.21, which has loops but no cells any more.

The formulas are those of the papers; the names of variables are TensorFlow 1.15's. tests/golden/make_programs.py runs
them inside TensorFlow's own `dynamic_rnn` and `static_rnn`; the engine's cells must give the same. NumPy only.
"""

from __future__ import annotations

from collections import namedtuple
from types import SimpleNamespace

State = namedtuple("State", ("c", "h"))


def cells(tf):
    """`tf.nn.rnn_cell` where there is one, else what stands in for it."""
    if hasattr(tf.nn.rnn_cell, "BasicLSTMCell"):
        return tf.nn.rnn_cell

    class Cell:
        scope = None

        def __init__(self, *sizes, **options):
            self.n, self.o = sizes[0], options

        state_size = property(lambda self: self.n)
        output_size = property(lambda self: self.n)

        def zero_state(self, batch, dtype):
            return tf.nest.map_structure(lambda n: tf.zeros(tf.stack([batch, n]), dtype), self.state_size)

        def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
            return self.zero_state(batch_size, dtype)

        def __call__(self, inputs, state, scope=None):
            with tf.variable_scope(scope or self.scope or self.name, reuse=tf.AUTO_REUSE) as found:
                self.scope = found
                return self.step(inputs, state)

        def product(self, name, inputs, size, bias=0.0, initializer=None):
            width = inputs.shape.as_list()[1]
            with tf.variable_scope(name) if name else tf.name_scope("product"):
                kernel = tf.get_variable("kernel", [width, size], initializer=initializer)
                if bias is None:
                    return tf.matmul(inputs, kernel)
                start = tf.constant_initializer(bias)
                return tf.matmul(inputs, kernel) + tf.get_variable("bias", [size], initializer=start)

    class BasicRNNCell(Cell):
        name = "basic_rnn_cell"

        def step(self, x, h):
            h = self.o.get("activation", tf.tanh)(self.product("", tf.concat([x, h], 1), self.n))
            return h, h

    class GRUCell(Cell):
        name = "gru_cell"

        def step(self, x, h):
            r, u = tf.split(tf.sigmoid(self.product("gates", tf.concat([x, h], 1), 2 * self.n, 1.0)), 2, 1)
            c = tf.tanh(self.product("candidate", tf.concat([x, r * h], 1), self.n))
            h = u * h + (1 - u) * c
            return h, h

    class LSTMCell(Cell):
        name = "lstm_cell"
        state_size = property(lambda self: State(self.n, self.output_size))
        output_size = property(lambda self: self.o.get("num_proj") or self.n)

        def step(self, x, state):
            c, h = state
            o = self.o
            i, j, f, out = tf.split(self.product("", tf.concat([x, h], 1), 4 * self.n), 4, 1)
            f += o.get("forget_bias", 1.0)
            if o.get("use_peepholes"):
                wf, wi, wo = (tf.get_variable(f"w_{g}_diag", [self.n]) for g in "fio")
                f, i = f + wf * c, i + wi * c
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(j)
            if o.get("cell_clip") is not None:
                c = tf.minimum(tf.maximum(c, -o["cell_clip"]), o["cell_clip"])
            if o.get("use_peepholes"):
                out = out + wo * c
            h = tf.sigmoid(out) * tf.tanh(c)
            if o.get("num_proj"):
                h = self.product("projection", h, o["num_proj"], None)
                if o.get("proj_clip") is not None:
                    h = tf.minimum(tf.maximum(h, -o["proj_clip"]), o["proj_clip"])
            return h, State(c, h)

    class BasicLSTMCell(LSTMCell):
        name = "basic_lstm_cell"

    class MultiRNNCell(Cell):
        name = "multi_rnn_cell"
        state_size = property(lambda self: tuple(c.state_size for c in self.n))
        output_size = property(lambda self: self.n[-1].output_size)

        def step(self, x, state):
            states = []
            for i, (cell, part) in enumerate(zip(self.n, state)):
                with tf.variable_scope(f"cell_{i}"):
                    x, new = cell(x, part)
                states.append(new)
            return x, tuple(states)

    class ResidualWrapper(Cell):
        state_size = property(lambda self: self.n.state_size)
        output_size = property(lambda self: self.n.output_size)

        def __call__(self, inputs, state, scope=None):
            output, state = self.n(inputs, state, scope)
            return inputs + output, state

    class DropoutWrapper(ResidualWrapper):  # keeps everything: the tests of numbers leave nothing to chance
        def __call__(self, inputs, state, scope=None):
            return self.n(inputs, state, scope)

    return SimpleNamespace(
        BasicRNNCell=BasicRNNCell, GRUCell=GRUCell, LSTMCell=LSTMCell, BasicLSTMCell=BasicLSTMCell,
        MultiRNNCell=MultiRNNCell, ResidualWrapper=ResidualWrapper, DropoutWrapper=DropoutWrapper)
