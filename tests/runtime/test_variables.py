"""When a variable is read and written within one run, as TensorFlow 2.21's compat.v1 answers (docs/adr/0005).

The expected numbers are TensorFlow's, each the same in a hundred runs there.
"""

from __future__ import annotations

import numpy as np
import pytest

import core as tf


@pytest.fixture
def run():
    """Runs fetches from the same start several times: interpreted, compiled, cached; the answers must agree."""
    with tf.Session() as sess:
        def repeated(fetches, feed_dict=None):
            answers = []
            for _ in range(4):
                sess.run(tf.get_default_graph().start)
                answers.append([None if v is None else np.ravel(v).tolist() for v in sess.run(fetches, feed_dict)])
            assert all(a == answers[0] for a in answers)
            return answers[0]
        repeated.sess = sess
        yield repeated


def variable(value, **kwargs):
    made = tf.Variable(value, **kwargs)
    graph = tf.get_default_graph()
    graph.start = [*getattr(graph, "start", []), made.initializer]
    return made


def test_what_is_fetched_of_a_variable_is_its_value_at_the_end(run):
    w = variable([1.0, 2.0])
    add = tf.assign_add(w, [10.0, 20.0])
    for read in (w, w.value(), tf.identity(w), tf.stop_gradient(w), tf.reshape(w, [2, 1]), tf.expand_dims(w, 0)):
        assert run([read, add]) == [[11.0, 22.0], [11.0, 22.0]]
        assert run([add, read]) == [[11.0, 22.0], [11.0, 22.0]]
        assert run([add.op, read]) == [None, [11.0, 22.0]]


def test_computing_comes_before_writing(run):
    w = variable([1.0, 2.0])
    add = tf.assign_add(w, [10.0, 20.0])
    assert run([tf.multiply(w, 2.0), add]) == [[2.0, 4.0], [11.0, 22.0]]
    # A slice, a transpose and a part share memory with the variable here; they keep what they saw.
    assert run([tf.strided_slice(w, [0], [1]), add]) == [[1.0], [11.0, 22.0]]
    assert run([tf.unstack(w)[1], add]) == [[2.0], [11.0, 22.0]]
    square = variable([[1.0, 2.0], [3.0, 4.0]])
    assert run([tf.transpose(square), tf.assign_add(square, tf.ones([2, 2]))])[0] == [1.0, 3.0, 2.0, 4.0]


def test_writes_to_one_variable_stand_in_order_of_creation(run):
    w = variable(1.0)
    double, add = tf.assign(w, w.value() * 0.0 + 8.0), tf.assign_add(w, 1.0)
    assert run([add, double]) == [[9.0], [9.0]]


def test_edges_decide_where_there_are_any(run):
    w = variable(1.0)
    add = tf.assign_add(w, 5.0)
    with tf.control_dependencies([add]):
        after, read = tf.multiply(w, 1.0), w.read_value()
    before = tf.multiply(w, 1.0)
    assert run([before, after, read, add]) == [[1.0], [6.0], [6.0], [6.0]]
    with tf.control_dependencies([before]):
        late = tf.assign(w, 50.0)
    with tf.control_dependencies([late]):
        last = tf.add(w, 0.0)
    assert run([last, before]) == [[50.0], [1.0]]


def test_two_variables_that_read_each_other(run):
    a, b = variable(1.0), variable(10.0)
    to_a, to_b = tf.assign(a, b.value() + 0.5), tf.assign(b, a.value() + 0.5)
    # Either may be first in TensorFlow; here each computes before any writes.
    assert run([to_a, to_b]) == [[10.5], [1.5]]


def test_a_reader_that_waits_for_another_variables_writer(run):
    a, b = variable(1.0), variable(10.0)
    write_b = tf.assign_add(b, 1.0)  # made first, but ...
    write_a = tf.assign_add(a, 1.0)
    with tf.control_dependencies([write_a]):
        read_b = tf.multiply(b, 1.0)  # ... this reads b, has no edge to write_b, and waits for write_a
    assert run([write_b, write_a, read_b]) == [[11.0], [2.0], [10.0]]


def test_reads_that_wait_for_each_others_writers_still_run(run):
    a, b = variable(1.0), variable(10.0)
    write_a, write_b = tf.assign_add(a, 1.0), tf.assign_add(b, 1.0)
    with tf.control_dependencies([write_a]):
        read_b = tf.multiply(b, 1.0)
    with tf.control_dependencies([write_b]):
        read_a = tf.multiply(a, 1.0)
    assert run([write_a, write_b, read_a, read_b]) == [[2.0], [11.0], [2.0], [10.0]]


def test_resource_variables_give_the_value_at_the_read(run):
    r = variable([1.0, 3.0], use_resource=True)
    add = r.assign_add([1.0, 1.0])
    assert run([r, add]) == [[1.0, 3.0], [2.0, 4.0]]
    with tf.control_dependencies([add]):
        after = r.read_value()
    assert run([r.value(), after]) == [[1.0, 3.0], [2.0, 4.0]]


def test_an_update_by_the_variable_itself(run):
    w = variable([1.0, 2.0])
    assert run([tf.assign_add(w, w)]) == [[2.0, 4.0]]
    assert run([tf.assign(w, tf.reverse(w, [0]) if hasattr(tf, "reverse") else w)])[0] in ([2.0, 1.0], [1.0, 2.0])


def test_shared_names_are_one_variable():
    from core.ops.state import variable_op  # not public; public variables make their own names
    one = variable_op([], tf.float32, name="one", shared_name="v")
    two = variable_op([], tf.float32, name="two", shared_name="v")
    with tf.Session() as sess:
        sess.run(tf.assign(one, 1.0))
        for i in range(3):
            computed, after = sess.run([tf.identity(one) * 1.0, tf.assign_add(two, 1.0)])
            assert (computed, after) == (i + 1.0, i + 2.0)


def test_an_uninitialised_variable():
    v = tf.Variable([1.0, 2.0], name="weights")
    doubled = v.value() * 2.0
    with tf.Session() as sess:
        for fetch in (v, doubled, tf.assign_add(v, [1.0, 1.0])):
            for _ in range(3):
                with pytest.raises(tf.errors.FailedPreconditionError) as error:
                    sess.run(fetch)
                text = str(error.value)
                assert "Attempting to use uninitialized value weights" in text
                assert "sess.run(tf.global_variables_initializer())" in text and "test_variables.py" in text
                assert "got:       no inputs" not in text
        sess.run(v.initializer)
        for _ in range(3):
            assert sess.run(doubled).tolist() == [2.0, 4.0]


def test_losing_the_value_between_two_cached_runs():
    v = tf.Variable([1.0, 2.0], use_resource=True)
    doubled = v.value() * 2.0
    with tf.Session() as sess:
        sess.run(v.initializer)
        for _ in range(3):
            sess.run(doubled)
        next(iter(sess._state.resources.values())).array = None
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value"):
            sess.run(doubled)


def test_a_variable_that_changes_its_shape():
    v = tf.Variable([1.0, 2.0], validate_shape=False)
    x = tf.placeholder(tf.float32)
    out = v.value() * 2.0 + x
    sizes = [2, 2, 2, 3, 3, 3, 1, 5, 5, 5, 2]
    with tf.Session() as sess:
        for size in sizes:
            sess.run(tf.assign(v, np.full(size, 3.0, np.float32), validate_shape=False))
            for _ in range(2):
                assert sess.run(out, {x: 1.0}).tolist() == [7.0] * size
