"""A session's life: defaults, closing, several sessions, threads of default sessions, callables, partial runs."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

import core as tf
from core.session import Session


def test_default_sessions_nest_and_belong_to_their_thread():
    a = tf.constant(2.0)
    assert tf.get_default_session() is None
    with tf.Session() as outer:
        assert tf.get_default_session() is outer and a.eval() == 2.0
        with Session().as_default() as inner:
            assert tf.get_default_session() is inner and (a * 2.0).eval() == 4.0
        assert tf.get_default_session() is outer
        seen = []
        thread = threading.Thread(target=lambda: seen.append(tf.get_default_session()))
        thread.start()
        thread.join()
        assert seen == [None]
    assert tf.get_default_session() is None


def test_with_makes_the_graph_the_default_one():
    graph = tf.Graph()
    with tf.Session(graph=graph) as sess:
        assert tf.get_default_graph() is graph
        assert sess.run(tf.constant(1.0) + 1.0) == 2.0
    assert tf.get_default_graph() is not graph


def test_nesting_is_enforced():
    tf.constant(1.0)
    first, second = Session().as_default(), Session().as_default()
    first.__enter__()
    second.__enter__()
    with pytest.raises(AssertionError, match="Nesting violated for default stack"):
        first.__exit__(None, None, None)
    second.__exit__(None, None, None)


def test_a_session_is_not_reentrant():
    tf.constant(1.0)
    with tf.Session() as sess:
        with pytest.raises(RuntimeError, match="not re-entrant"), sess:
            pass
        with sess.as_default(), sess.as_default():
            pass


def test_interactive_sessions():
    first = tf.InteractiveSession()
    a = tf.constant(3.0)
    assert a.eval() == 3.0
    with pytest.warns(UserWarning, match="An interactive session is already active"):
        second = tf.InteractiveSession()
    first.close()  # not in order
    assert tf.get_default_session() is second
    second.close()
    second.close()
    assert tf.get_default_session() is None
    graph = tf.Graph()
    third = tf.InteractiveSession(graph=graph)
    assert tf.get_default_graph() is graph and tf.constant(4.0).eval() == 4.0
    third.close()
    assert tf.get_default_graph() is not graph


def test_eval_and_run_say_which_session_is_missing():
    a = tf.constant(1.0)
    with pytest.raises(ValueError, match=r"Cannot evaluate tensor using `eval\(\)`: No default session is registered"):
        a.eval()
    with pytest.raises(ValueError, match=r"Cannot execute operation using `run\(\)`: No default session is registered"):
        a.op.run()
    with tf.Session(graph=tf.Graph()) as other:
        with pytest.raises(ValueError, match="Cannot use the default session to evaluate tensor: the tensor's graph is "
                                             "different from the session's graph"):
            a.eval()
        with pytest.raises(ValueError, match="Cannot use the given session to execute operation"):
            a.op.run(session=other)
    with tf.Session() as sess:
        assert a.eval(session=sess) == 1.0 and a.op.run(session=sess) is None
        x = tf.placeholder(tf.float32)
        assert (x + a).eval({x: 2.0}) == 3.0


def test_a_closed_session():
    a = tf.constant(1.0)
    sess = tf.Session()
    sess.run(a)
    sess.close()
    sess.close()
    for call in (lambda: sess.run(a), lambda: sess.partial_run_setup([a]), lambda: sess.run([])):
        with pytest.raises(RuntimeError, match=r"Attempted to use a closed Session."):
            call()
    with tf.Session() as other:
        double = other.make_callable(a * 2.0)
        double()
    with pytest.raises(RuntimeError, match="closed Session"):
        double()


def test_an_empty_graph():
    with tf.Session(graph=tf.Graph()) as sess, pytest.raises(RuntimeError, match="The Session graph is empty"):
        sess.run([])


@pytest.mark.parametrize(("arguments", "words"), [
    ({"graph": 3}, "graph must be a tf.Graph, but got <class 'int'>"),
    ({"target": 3}, "target must be a string, but got <class 'int'>"),
    ({"config": 3}, "config must be a tf.ConfigProto, but got <class 'int'>"),
])
def test_wrong_arguments(arguments, words):
    with pytest.raises(TypeError, match=words):
        tf.Session(**arguments)


def test_there_is_no_server():
    with pytest.raises(tf.errors.NotFoundError, match="run in this process only"):
        tf.Session("grpc://localhost:2222")


def test_sessions_do_not_share_variables():
    v = tf.Variable(1.0)
    one, two = tf.Session(), tf.Session()
    one.run(v.initializer)
    one.run(tf.assign_add(v, 5.0))
    with pytest.raises(tf.errors.FailedPreconditionError):
        two.run(v)
    two.run(v.initializer)
    assert (one.run(v), two.run(v)) == (6.0, 1.0)
    one.close()
    assert two.run(v) == 1.0


def test_the_graph_may_grow_between_runs():
    a = tf.constant(1.0)
    x = tf.placeholder(tf.float32)
    with tf.Session() as sess:
        y = x + a
        for i in range(4):
            assert sess.run(y, {x: 1.0}) == i + 2.0
            y = y + a
        programs = len(sess._programs)
        tf.constant(2.0)  # does not touch the programs made before
        sess.run(y, {x: 1.0})
        sess.run(y, {x: 1.0})
        assert len(sess._programs) == programs + 1


def test_an_edge_added_later_counts():
    v = tf.Variable(1.0)
    add = tf.assign_add(v, 1.0)
    out = tf.constant(3.0) * 2.0
    with tf.Session() as sess:
        sess.run(v.initializer)
        for _ in range(3):
            sess.run(out)
        assert sess.run(v) == 1.0
        out.op._add_control_input(add.op)
        assert sess.run(out) == 6.0 and sess.run(v) == 2.0


def test_make_callable():
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    with tf.Session() as sess:
        call = sess.make_callable([x - y, {"sum": x + y}], [x, y])
        assert call(5.0, 3.0) == [2.0, {"sum": 8.0}]
        assert sess.make_callable(tf.constant(2.0))() == 2.0
        assert sess.make_callable(tf.constant(2.0).op)() is None
        with pytest.raises(TypeError, match="must be a list or tuple"):
            sess.make_callable(x, x)
        with pytest.raises(TypeError, match="takes 2 values"):
            call(1.0)
        with pytest.raises(TypeError, match="accept_options=True"):
            call(1.0, 2.0, options=None)
        with pytest.raises(ValueError, match="cannot be interpreted as a Tensor"):
            sess.make_callable("nope:0")
        assert sess.make_callable(x, [x], accept_options=True)(1.0, options=None, run_metadata=None) == 1.0


def test_partial_runs_do_each_step_once():
    a, b, c = (tf.placeholder(tf.float32, [], name=n) for n in "abc")
    v = tf.Variable(0.0)
    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        first = a + b
    second = first * c
    with tf.Session() as sess:
        sess.run(v.initializer)
        handle = sess.partial_run_setup([first, second], [a, b, c])
        assert sess.partial_run(handle, first, {a: 1.0, b: 2.0}) == 3.0
        assert sess.partial_run(handle, {"s": second}, {c: 10.0}) == {"s": 30.0}
        assert sess.run(v) == 1.0


@pytest.mark.parametrize(("steps", "words"), [
    ([("second", {"a": 1, "b": 2})], r"Fetch mul:0 can't be computed from the feeds that have been fed so far"),
    ([("first", {"a": 1, "b": 2}), ("first", {})], "The fetch add:0 has already been fetched."),
    ([("first", {"a": 1, "b": 2}), ("second", {"a": 1})], "The feed a:0 has already been fed."),
    ([("first", {"d": 1})], "The feed d:0 was not specified in partial_run_setup."),
    ([("third", {"a": 1})], "The fetch sub:0 was not specified in partial_run_setup."),
])
def test_partial_runs_refuse(steps, words):
    tensors = {n: tf.placeholder(tf.float32, [], name=n) for n in "abcd"}
    first = tf.add(tensors["a"], tensors["b"], name="add")
    tensors |= {"first": first, "second": tf.multiply(first, tensors["c"], name="mul"),
                "third": tf.subtract(first, 1.0, name="sub")}
    with tf.Session() as sess:
        handle = sess.partial_run_setup([tensors["first"], tensors["second"]], [tensors[n] for n in "abc"])
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            for fetch, feeds in steps:
                sess.partial_run(handle, tensors[fetch], {tensors[k]: v for k, v in feeds.items()})
        with pytest.raises(tf.errors.InvalidArgumentError, match="Must run 'setup' before performing partial runs!"):
            sess.partial_run(b"nothing", first)


def test_devices_and_reset():
    a = tf.Variable(1.0)
    sess = tf.Session()
    sess.run(a.initializer)
    (device,) = sess.list_devices()
    assert (device.name, device.device_type) == ("/job:localhost/replica:0/task:0/device:CPU:0", "CPU")
    tf.Session.reset("")
    with pytest.raises(RuntimeError, match="closed Session"):
        sess.run(a)


def test_a_dropped_session_frees_its_variables():
    v = tf.Variable(np.zeros([3, 4], np.float32))
    sess = tf.Session()
    for _ in range(3):
        sess.run(v.initializer)
        sess.run(tf.multiply(v, 2.0))
    cell = weakref.ref(next(iter(sess._state.resources.values())))
    ghost = weakref.ref(sess)
    del sess
    gc.collect()
    assert ghost() is None and cell() is None


def test_arguments_of_the_wrong_kind():
    x = tf.placeholder(tf.float32, name="x")
    with tf.Session() as sess:
        assert sess.sess_str == b""
        with pytest.raises(TypeError, match="options must be a tf.RunOptions, but got <class 'int'>"):
            sess.run(x, {x: 2.5}, options=3)
        with pytest.raises(TypeError, match="run_metadata must be a tf.RunMetadata"):
            sess.run(x, {x: 2.5}, run_metadata={})
        with pytest.raises(TypeError, match="feed_dict must be a dictionary"):
            sess.run(x, [(x, 2.5)])
        with pytest.raises(tf.errors.InvalidArgumentError, match="specify at least one target to fetch or execute"):
            sess.partial_run_setup([], [x])
