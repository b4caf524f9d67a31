"""Optimiser updates merged into one: the numbers are those of the single updates, whatever happens to the variables."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
import core.inspect
from core.graph import Cell
from core.runtime.flat import settle
from core.runtime.options import Options

SINGLE = Options(disabled=frozenset({"update_fusion"}))
OPTIMIZERS = {
    "sgd": lambda: tf.train.GradientDescentOptimizer(0.1),
    "momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "adadelta": lambda: tf.train.AdadeltaOptimizer(0.5),
    "rmsprop": lambda: tf.train.RMSPropOptimizer(0.1, momentum=0.5),
    "adam": lambda: tf.train.AdamOptimizer(0.1),
    "ftrl": lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
}


def net(optimizer, use_resource=False):
    """Three layers with variables of shapes (), (3,), (2, 3), (3, 4); returns feeds, variables, train op, loss."""
    x = tf.placeholder(tf.float32, [None, 2])
    random = np.random.RandomState(7)
    shapes = [(2, 3), (3,), (3, 4), ()]
    variables = [tf.Variable(random.uniform(-1, 1, s).astype(np.float32), use_resource=use_resource) for s in shapes]
    w, b, u, c = [v.value() for v in variables]
    y = tf.matmul(tf.tanh(tf.matmul(x, w) + b), u) * c
    loss = tf.reduce_mean(tf.square(y - 1.0))
    return x, variables, optimizer.minimize(loss), loss


def fused(sess):
    return [s["fused"] for p in sess._programs.values() for s in p[1].describe()["steps"] if s["fused"]]


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_merged_updates_equal_single_ones(name, use_resource):
    x, variables, train, loss = net(OPTIMIZERS[name](), use_resource)
    sessions = [tf.Session(config=Options()), tf.Session(config=SINGLE)]
    fed = np.random.RandomState(1).uniform(-1, 1, (9, 5, 2)).astype(np.float32)
    for sess in sessions:
        sess.run(tf.global_variables_initializer())
    for step in range(9):
        one, two = ([sess.run([loss, train], {x: fed[step]})[0], *sess.run(variables)] for sess in sessions)
        assert all(np.array_equal(a, b) for a, b in zip(one, two)), step
    assert len(fused(sessions[0])) == 1 and len(fused(sessions[0])[0]) == 4 and fused(sessions[1]) == []


def test_variables_may_be_set_restored_and_fetched_between_steps():
    x, variables, train, _ = net(tf.train.AdamOptimizer(0.1))
    fed = np.ones((5, 2), np.float32)
    single, merged = tf.Session(config=SINGLE), tf.Session()
    for sess in (single, merged):
        sess.run(tf.global_variables_initializer())
        kept = []
        for step in range(12):
            sess.run(train, {x: fed * step})
            if step % 4 == 3:
                sess.run(tf.assign(variables[1], [0.5, 1.5, 2.5]))
                sess.run(tf.assign_add(variables[0], np.ones((2, 3))))
            if step == 9:
                sess.run(variables[2].initializer)
            kept.append(sess.run(variables))
        sess.kept = kept
    for one, two in zip(single.kept, merged.kept):
        assert all(np.array_equal(a, b) for a, b in zip(one, two))


def test_two_train_ops_over_the_same_variables():
    x, variables, _, loss = net(tf.train.AdamOptimizer(0.1))
    every = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    some = tf.train.GradientDescentOptimizer(0.05).minimize(loss, var_list=variables[1:])
    fed = np.ones((5, 2), np.float32)
    results = []
    for config in (SINGLE, None):
        sess = tf.Session(config=config)
        sess.run(tf.global_variables_initializer())
        for step in range(30):
            sess.run([every, some][step % 2], {x: fed * (step % 3)})
        results.append(sess.run(variables))
    assert all(np.array_equal(a, b) for a, b in zip(*results))


def test_an_uninitialised_slot_is_still_an_error():
    x, _, train, _ = net(tf.train.AdamOptimizer(0.1))
    fed = {x: np.ones((5, 2), np.float32)}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(4):
            sess.run(train, fed)
        next(c for (_, name), c in sess._state.resources.items() if name.endswith("Adam_1")).array = None
        with pytest.raises(tf.errors.FailedPreconditionError, match="Adam_1"):
            sess.run(train, fed)
        sess.run(tf.global_variables_initializer())
        for _ in range(4):
            sess.run(train, fed)


def test_cells_keep_their_values_when_they_settle():
    cells = []
    for i, shape in enumerate([(2, 3), (), (4,)]):
        cell = Cell(f"v{i}", tf.float32)
        cell.assign(np.full(shape, i + 1.0, np.float32))
        cells.append(cell)
    whole = settle(cells)
    assert whole.array.tolist() == [1.0] * 6 + [2.0] + [3.0] * 4
    whole.array += 10
    assert cells[1].array == 12.0 and cells[2].array.tolist() == [13.0] * 4
    arrays = [c.array for c in cells]
    again = settle(cells)
    assert again.array is whole.array and all(c.array is a for c, a in zip(cells, arrays))
    moved = settle(cells[::-1])
    assert moved.array is not whole.array and cells[0].array.tolist() == [[11.0] * 3] * 2
