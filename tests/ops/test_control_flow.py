"""Branches and loops: TensorFlow's values and gradients, second derivatives, what is refused, what the tape ops do."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.graph import apply_op
from tests.ops.programs_control import PROGRAMS
from tests.programs import check


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_and_gradients_are_tensorflows(name):
    check(tf, "control", name, PROGRAMS[name])


def _run(fetches, feeds=None):
    with tf.Session() as sess:
        return sess.run(fetches, feeds)


def test_second_derivative_of_a_loop_is_the_power_rule():
    x = tf.constant([1.5, 0.5])
    _, y = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), (0, x))
    first = tf.gradients(y, x)[0]
    second = tf.gradients(first, x)[0]
    third = tf.gradients(second, x)[0]
    values = np.array([1.5, 0.5])
    one, two, three = _run([first, second, third])
    np.testing.assert_allclose(one, 4 * values ** 3, rtol=1e-6)
    np.testing.assert_allclose(two, 12 * values ** 2, rtol=1e-6)
    np.testing.assert_allclose(three, 24 * values, rtol=1e-6)


def test_second_derivative_through_a_branch_in_a_loop():
    x = tf.constant(1.25)
    _, y = tf.while_loop(lambda i, v: i < 4, lambda i, v: (i + 1, tf.cond(
        tf.equal(i % 2, 0), lambda: v * x, lambda: v + x)), (0, tf.constant(2.0)))
    second = tf.gradients(tf.gradients(y, x)[0], x)[0]
    # y = ((2x + x) x + x) = 3x^2 + x
    np.testing.assert_allclose(_run([y, second]), [3 * 1.25 ** 2 + 1.25, 6.0], rtol=1e-6)


def test_only_the_branch_taken_runs():
    seen = []

    def note(name):
        return lambda: tf.py_func(lambda: seen.append(name) or np.float32(1), [], tf.float32)

    q = tf.placeholder(tf.bool, [])
    y = tf.cond(q, note("yes"), note("no"))
    _run(y, {q: False})
    assert seen == ["no"]


def test_variables_made_in_a_branch_and_in_a_body():
    def branch():
        return tf.get_variable("inside", initializer=lambda: tf.constant(3.0), use_resource=True) * 2.0

    y = tf.cond(tf.constant(True), branch, lambda: tf.constant(0.0))
    assert [v.name for v in tf.global_variables()] == ["inside:0"]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(y) == 6.0


@pytest.mark.parametrize(("make", "error", "text"), [
    (lambda: tf.cond(True, lambda: 1, lambda: 2), TypeError, "must not be a Python bool"),
    (lambda: tf.cond(tf.constant(True), 1, lambda: 2), TypeError, "true_fn must be callable"),
    (lambda: tf.cond(tf.constant(True), lambda: 1, 2), TypeError, "false_fn must be callable"),
    (lambda: tf.cond(tf.constant(True), lambda: 1, lambda: 2.0), (TypeError, ValueError), "same type: int32, float32"),
    (lambda: tf.cond(tf.constant(1), lambda: 1, lambda: 2), TypeError, "pred must be a bool"),
    (lambda: tf.cond(tf.constant(True), lambda: (1, 2), lambda: 2), (TypeError, ValueError), "structure"),
    (lambda: tf.while_loop(1, lambda i: i, [0]), TypeError, "cond must be callable"),
    (lambda: tf.while_loop(lambda i: True, 1, [0]), TypeError, "body must be callable"),
    (lambda: tf.while_loop(lambda: True, lambda: 1, []), ValueError, "No loop variables"),
    (lambda: tf.while_loop(lambda i: i < 1, lambda i: (i, i), [0]), ValueError, "structure of loop_vars"),
    (lambda: tf.while_loop(lambda i: i < 1, lambda i: tf.cast(i, tf.float32), [0]), TypeError, "int32.*float32"),
    (lambda: tf.while_loop(lambda v: True, lambda v: tf.concat([v, v], 0), [tf.zeros([2])]), (TypeError, ValueError),
     "not an invariant|bool scalar"),
    (lambda: tf.while_loop(lambda v: tf.constant(True), lambda v: tf.concat([v, v], 0), [tf.zeros([2])]), ValueError,
     r"not an invariant for the loop.*\(2,\).*\(4,\)"),
    (lambda: tf.case([(True, lambda: 1)]), TypeError, "Python bool"),
    (lambda: tf.case([(tf.constant(True), 1)]), TypeError, "must be callable"),
    (lambda: tf.case([1]), TypeError, "2-tuple"),
    (lambda: tf.switch_case(tf.constant(0), {0: lambda: 1, 2: lambda: 2}), ValueError, "contiguous"),
    (lambda: tf.map_fn(1, [1]), TypeError, "fn must be callable"),
    (lambda: tf.map_fn(lambda x: x, tf.constant(1)), ValueError, "scalar"),
    (lambda: tf.TensorArray(tf.float32), ValueError, "Size must be provided"),
    (lambda: tf.TensorArray(tf.float32, 2).write(0, tf.constant(1)), TypeError, "float32.*int32"),
    (lambda: tf.TensorArray(tf.float32, 2).write(0, [1.0]).write(1, [1.0, 2.0]), ValueError, "Inconsistent shapes"),
])
def test_refused_while_building(make, error, text):
    with pytest.raises(error, match=f"(?s){text}"):
        make()


@pytest.mark.parametrize(("make", "text"), [
    (lambda: tf.case([(tf.constant(False), lambda: tf.constant(1))]), "None of conditions evaluated as True"),
    (lambda: tf.case([(tf.constant(True), lambda: tf.constant(1)), (tf.constant(True), lambda: tf.constant(2))],
                     exclusive=True), "more than 1 conditions"),
    (lambda: tf.TensorArray(tf.float32, 2).write(2, 1.0).stack(), "element 2 in a list with 2"),
    (lambda: tf.TensorArray(tf.float32, 2, infer_shape=False).write(0, [1.0]).write(1, [1.0, 2.0]).stack(),
     "different shapes"),
    (lambda: tf.TensorArray(tf.float32, 2).read(1), "not written"),
])
def test_refused_while_running(make, text):
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        _run(make())


def test_an_error_in_a_body_names_the_users_line():
    y = tf.while_loop(lambda i: i < 3, lambda i: tf.check_numerics(i / 0.0, "in the loop"), [tf.constant(1.0)])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)in the loop.*test_control_flow\.py"):
        _run(y)


def test_stateless_forms_compute_the_same(graph):
    y = tf.cond(tf.constant(False), lambda: tf.constant(1.0), lambda: tf.constant(2.0))
    z = tf.while_loop(lambda i: i < 10, lambda i: i + 3, [tf.constant(0)])
    taken, loop = (next(o for o in graph.get_operations() if o.type == t) for t in ("If", "While"))
    attrs = {k: taken.attrs[k] for k in ("Tout", "then_branch", "else_branch", "output_shapes")}
    same = apply_op("StatelessIf", taken.inputs[0], list(taken.inputs[1:]), **attrs)
    attrs = {k: loop.attrs[k] for k in ("cond", "body", "output_shapes")}
    again = apply_op("StatelessWhile", list(loop.inputs), **attrs)
    assert _run([y, *same, z, *again]) == [2.0, 2.0, 12, 12]


def test_a_list_is_resized():
    array = tf.TensorArray(tf.float32, 2, element_shape=[]).write(0, 4.0).write(1, 5.0)
    longer = apply_op("TensorListResize", array.flow, 3)
    shorter = apply_op("TensorListResize", array.flow, 1)
    stacked = [apply_op("TensorListStack", t, np.array([], np.int32), element_dtype=tf.float32)
               for t in (longer, shorter)]
    np.testing.assert_array_equal(_run(stacked[0]), [4.0, 5.0, 0.0])
    np.testing.assert_array_equal(_run(stacked[1]), [4.0])


def test_gradients_hold_a_tape(graph):
    x = tf.constant(2.0)
    _, y = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, tf.sin(v) * x), (0, x))
    first = tf.gradients(y, x)[0]
    second = tf.gradients(first, x)[0]

    def types(g):
        found = set()
        for op in g.get_operations():
            found.add(op.type)
            for value in op.attrs.values():
                for body in value if isinstance(value, list) else [value]:
                    if hasattr(body, "get_operations"):
                        found |= types(body)
        return found

    assert {"TapeRead", "TapeLength", "TapeGradient", "TapeGradientRead"} <= types(graph)
    step = 1e-4

    def value(at):
        v = at
        for _ in range(3):
            v = np.sin(v) * at
        return v

    slope = (value(2 + step) - value(2 - step)) / (2 * step)
    bend = (value(2 + step) - 2 * value(2.0) + value(2 - step)) / step ** 2
    np.testing.assert_allclose(_run([first, second]), [slope, bend], rtol=1e-4)
