"""Every plan equals the unoptimised interpreter, on random graphs: shapes, control edges, assignments, fed
intermediates.

The tester is tested at the end: a compiler with one wrong step must be found out.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import core as tf
from core.runtime import memory, passes, schedule
from core.runtime.options import Options
from tests.runtime.random_graphs import Program, programs

REFERENCE = Options(disabled=frozenset({"generated_code"}))
ENGINES = [
    Options(),
    Options(disabled=frozenset({"static_buffers"})),
    Options(disabled=frozenset({"identity_elimination", "constant_folding"})),
    Options(debug=True),
]


def _equal(want, got) -> bool:
    if want is None or got is None:
        return want is got
    return type(want) is type(got) and want.dtype == got.dtype and np.array_equal(want, got, equal_nan=True)


def check(program: Program, engines, seed: int, runs: int = 6) -> None:
    """Runs the program `runs` times in the reference and in each engine; all must agree, on errors too."""
    random = np.random.RandomState(seed)
    sessions = [tf.Session(graph=program.graph, config=options) for options in (REFERENCE, *engines)]
    for sess in sessions:
        if program.initialisers:
            sess.run(program.initialisers)
    kept = []
    for _ in range(runs):
        feeds = {t: np.asarray(random.uniform(-1, 1, shape), np.float32) for t, shape in program.feeds}
        before = {t: a.copy() for t, a in feeds.items()}
        outcomes = [_outcome(sess, program.fetches, feeds) for sess in sessions]
        want = outcomes[0]
        for got in outcomes[1:]:
            assert type(want) is type(got), (want, got, str(want), str(got))
            if isinstance(want, Exception):
                assert str(want) == str(got)
            else:
                assert all(_equal(a, b) for a, b in zip(want, got)), (want, got)
                kept.append((got, [None if v is None else v.copy() for v in got]))
        for variable, _, _ in program.variables:
            arrays = [sess.run(variable) for sess in sessions]
            assert all(_equal(arrays[0], a) for a in arrays)
        assert all(np.array_equal(feeds[t], before[t]) for t in feeds), "a feed was written to"
    for values, copies in kept:
        assert all(_equal(a, b) for a, b in zip(copies, values)), "a fetched array has changed"
    for sess in sessions:
        sess.close()


def _outcome(sess, fetches, feeds):
    try:
        return sess.run(fetches, feeds)
    except tf.errors.OpError as error:
        return error


@settings(max_examples=150, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(programs(), st.integers(0, 1000))
def test_generated_code_equals_the_interpreter(program, seed):
    check(program, ENGINES, seed)


def _chain() -> Program:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None, 3])
        w, r = tf.Variable(np.ones((2, 3), np.float32)), tf.Variable(np.ones((2, 3), np.float32), use_resource=True)
        y = tf.tanh(x * 2.0 + 1.0)
        z = (y * y + x) * y + tf.reshape(tf.reduce_sum(y * 0.5, axis=[1]), [-1, 1])
        part, value = tf.transpose(w.value()), r.read_value()
        add, add_r = tf.assign_add(w, z), tf.assign_add(r, z)
        with tf.control_dependencies([add, add_r if isinstance(add_r, tf.Operation) else add_r.op]):
            late = z + tf.transpose(part) + value
        unordered = w.value() * 1.0  # made after the write, but no edge puts it there
        return Program(graph, [w.initializer, r.initializer], [(w, (2, 3), False), (r, (2, 3), True)], [], [], [],
                       fetches=[late, z * 1.0, part, unordered], feeds=[(x, (2, 3))])


@pytest.mark.parametrize("fault", ["none", "no_copies", "early_death", "wrong_fold", "no_order"])
def test_the_tester_finds_a_faulty_compiler(fault, monkeypatch):
    import core.runtime.specialise as specialise  # patched below, so the module itself is needed

    if fault == "no_copies":
        monkeypatch.setattr(schedule, "with_copies", lambda plan: plan)
    elif fault == "early_death":
        monkeypatch.setattr(specialise, "last_uses", lambda plan: {
            value: max(0, at - 2) for value, at in memory.last_uses(plan).items()})
    elif fault == "wrong_fold":
        monkeypatch.setattr(passes, "_movable", lambda step, plan: not (step.kind != "op" or step.deref or step.cells))
        monkeypatch.setattr(passes, "_SAME_VALUE", passes._SAME_VALUE | {"Tanh"})
    elif fault == "no_order":
        monkeypatch.setattr(schedule, "_order", list)
    program = _chain()
    if fault == "none":
        check(program, ENGINES, 0)
        return
    with pytest.raises((AssertionError, tf.errors.OpError)):
        _check_against_numpy(program)


def _check_against_numpy(program: Program) -> None:
    """The chain by hand: what an engine must give in its third run."""
    with tf.Session(graph=program.graph) as sess:
        sess.run(program.initialisers)
        w = np.ones((2, 3), np.float32)
        r = np.ones((2, 3), np.float32)
        for seed in range(4):
            x = np.random.RandomState(seed).uniform(-1, 1, (2, 3)).astype(np.float32)
            late, z1, part, unordered = sess.run(program.fetches, {program.feeds[0][0]: x})
            y = np.tanh(x * np.float32(2) + np.float32(1))
            z = (y * y + x) * y + (y * np.float32(0.5)).sum(axis=1, keepdims=True)
            np.testing.assert_allclose(z1, z, rtol=1e-6)
            np.testing.assert_allclose(part, w.T, rtol=1e-6)
            np.testing.assert_allclose(unordered, w, rtol=1e-6)
            np.testing.assert_allclose(late, z + w + r, rtol=1e-6)
            w, r = w + z, r + z


def test_the_chain_by_hand():
    _check_against_numpy(_chain())
