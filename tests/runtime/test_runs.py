"""Runs from several threads, interrupted runs, runs that wait, traced runs; and that many runs leave nothing
behind.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import tracemalloc

import numpy as np
import pytest

import core as tf
import core.inspect
from core.graph import REGISTRY, apply_op, define_op
from core.runtime.guard import Guard


@pytest.fixture
def toy():
    """Defines ops for one test; they leave the registry after it."""
    made = []

    def define(name, *args, **kwargs):
        made.append(name)
        define_op(name, *args, **kwargs)
    yield define
    for name in made:
        del REGISTRY[name]


# ---------------------------------------------------------------------- threads


def test_runs_from_several_threads_do_not_mix(toy):
    def slow(xp, x):
        time.sleep(0.001)  # lets the other threads in, in the middle of the run
        return x + 0

    toy("SlowForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape, kernel=slow)
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.tanh(x * 2.0)
    out = apply_op("SlowForTests", y * y) + y * x
    wrong = []
    with tf.Session() as sess:
        def work(seed):
            random = np.random.RandomState(seed)
            for _ in range(25):
                fed = random.uniform(-1, 1, (2 + seed % 2, 3)).astype(np.float32)
                t = np.tanh(fed * 2)
                if not np.allclose(sess.run(out, {x: fed}), t * t + t * fed, rtol=1e-6):
                    wrong.append(seed)
        threads = [threading.Thread(target=work, args=(s,)) for s in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        program = list(sess._programs.values())[-1][1]
        assert 1 <= max(len(code.free) for code in program._codes.values()) <= 6
    assert wrong == []


def test_a_kernel_may_run_the_same_fetches_again(toy):
    def again(ctx, x):
        return ctx.session.run(ctx.op.inputs[0], {"x:0": x * 0 + 1}) if x.max() > 1 else x + 0

    toy("AgainForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape, kernel=again, context=True, stateful=True)
    x = tf.placeholder(tf.float32, [3], name="x")
    out = apply_op("AgainForTests", x * 2.0) + x * 0.5
    with tf.Session() as sess:
        for _ in range(4):
            assert sess.run(out, {x: [2.0, 4.0, 6.0]}).tolist() == [3.0, 4.0, 5.0]


# ---------------------------------------------------------------------- interrupts


def _halves(xp, cell, value):
    array = cell.array
    array[0] += value
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.001)  # the handler runs here at the latest
    array[1] += value


@pytest.mark.parametrize("runs_before", [0, 3])
def test_an_interrupt_waits_for_the_end_of_the_writes(toy, runs_before):
    armed = []
    toy("HalvesForTests", "var:ref T, value:T", "", "T:type", writes=("var",), kernel=lambda xp, cell, value: (
        _halves(xp, cell, value) if armed else cell.array.__iadd__(value), None)[1])
    v, w = tf.Variable([0.0, 0.0]), tf.Variable(0.0)
    first = apply_op("HalvesForTests", v, tf.constant(1.0))
    with tf.control_dependencies([first]):
        second = tf.assign_add(w, 1.0)
    with tf.Session() as sess:
        sess.run([v.initializer, w.initializer])
        for _ in range(runs_before):
            sess.run([first, second])
        armed.append(True)
        with pytest.raises(KeyboardInterrupt):
            sess.run([first, second])
        armed.clear()
        done = runs_before + 1.0
        assert sess.run(v).tolist() == [done, done] and sess.run(w) == done
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        sess.run([first, second])
        assert sess.run(w) == done + 1


@pytest.mark.parametrize("runs_before", [0, 3])
def test_an_interrupt_before_the_writes_leaves_everything_as_it_was(toy, runs_before):
    armed = []

    def kernel(xp, x):
        if armed:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.001)
        return x + 1

    toy("InterruptsForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape, kernel=kernel, stateful=True)
    x = tf.placeholder(tf.float32, [2])
    v, w = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    value = apply_op("InterruptsForTests", x)
    train = tf.group(tf.assign_add(v, value), tf.assign_sub(w, value))
    with tf.Session() as sess:
        sess.run([v.initializer, w.initializer])
        for _ in range(runs_before):
            sess.run(train, {x: [1.0, 2.0]})
        before = sess.run([v, w])
        armed.append(True)
        with pytest.raises(KeyboardInterrupt):
            sess.run(train, {x: [1.0, 2.0]})
        armed.clear()
        assert np.array_equal(sess.run([v, w]), before)
        sess.run(train, {x: [1.0, 2.0]})
        assert sess.run(v).tolist() == [2.0 * (runs_before + 1), 3.0 * (runs_before + 1)]


def test_the_guard_keeps_to_the_main_thread():
    seen = []

    def work():
        guard = Guard()
        guard.move(True)
        seen.append(guard.on)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]


# ---------------------------------------------------------------------- waiting


@pytest.fixture
def gate(toy):
    """An op that waits until somebody opens the gate."""
    class Gate:
        condition = threading.Condition()
        opened = False
        waiting = threading.Event()

    held = Gate()

    def kernel(ctx):
        with held.condition:
            held.waiting.set()
            ctx.wait(held.condition, lambda: held.opened)
        return np.float32(1.0)

    toy("GateForTests", "", "y:float", "", shape=lambda: [], kernel=kernel, context=True, stateful=True)
    held.tensor = apply_op("GateForTests")
    yield held


def test_a_waiting_kernel_goes_on_when_it_is_told(gate):
    got = []
    with tf.Session() as sess:
        thread = threading.Thread(target=lambda: got.append(sess.run(gate.tensor * 2.0)))
        thread.start()
        assert gate.waiting.wait(5)
        with gate.condition:
            gate.opened = True
            gate.condition.notify_all()
        thread.join(5)
    assert got == [2.0]


def test_closing_the_session_cancels_who_waits(gate):
    caught = []

    def work():
        try:
            sess.run(gate.tensor)
        except tf.errors.CancelledError as error:
            caught.append(error)

    sess = tf.Session()
    thread = threading.Thread(target=work)
    thread.start()
    assert gate.waiting.wait(5)
    begin = time.monotonic()
    sess.close()
    thread.join(5)
    assert len(caught) == 1 and caught[0].op is gate.tensor.op and "was cancelled" in caught[0].message
    assert time.monotonic() - begin < 0.4


def test_a_run_may_have_a_deadline(gate):
    with tf.Session() as sess:
        for _ in range(3):
            with pytest.raises(tf.errors.DeadlineExceededError, match="Timed out waiting for notification"):
                sess.run(gate.tensor, options=tf.RunOptions(timeout_in_ms=20))
        assert sess.run(tf.constant(1.0), options=tf.RunOptions(timeout_in_ms=5000)) == 1.0
    with tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=20)) as sess:
        with pytest.raises(tf.errors.DeadlineExceededError) as error:
            sess.run(gate.tensor)
        assert error.value.op is gate.tensor.op


def test_a_long_run_without_waits_ends_too(toy):
    toy("NapForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape,
        kernel=lambda xp, x: (time.sleep(0.01), x + 1)[1])
    value = tf.placeholder(tf.float32, [])
    out = value
    for _ in range(50):
        out = apply_op("NapForTests", out)
    with tf.Session() as sess:
        begin = time.monotonic()
        with pytest.raises(tf.errors.DeadlineExceededError):
            sess.run(out, {value: 1.0}, options=tf.RunOptions(timeout_in_ms=30))
        assert time.monotonic() - begin < 0.4


# ---------------------------------------------------------------------- traces and hooks


def test_a_traced_run_tells_time_and_memory_of_each_op():
    proto = pytest.importorskip("core.proto")
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    out = tf.tanh(tf.multiply(x, 2.0, name="double"), name="out")
    metadata = proto.RunMetadata()
    options = proto.RunOptions(trace_level=proto.RunOptions.FULL_TRACE, output_partition_graphs=True)
    with tf.Session() as sess:
        for _ in range(3):
            assert sess.run(out, {x: np.ones((5, 3), np.float32)}, options, metadata).shape == (5, 3)
        assert sess.run(out, {x: [[1.0, 2.0, 3.0]]}, proto.RunOptions(), proto.RunMetadata()).shape == (1, 3)
    (device,) = metadata.step_stats.dev_stats
    assert device.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    names = [n.node_name for n in device.node_stats]
    assert names == ["double/y", "double", "out"]
    last = device.node_stats[-1]
    assert last.timeline_label == "out = Tanh(double)" and last.op_end_rel_micros > 0
    assert last.memory[0].total_bytes == 60
    assert [d.size for d in last.output[0].tensor_description.shape.dim] == [5, 3]
    described = core.inspect.run(metadata)
    assert described["kind"] == "run" and described["nodes"]["out"]["bytes"] == 60
    assert described["nodes"]["out"]["time_us"] > 0
    assert len(metadata.partition_graphs[0].node) == len(tf.get_default_graph().get_operations())


def test_hooks_see_each_run():
    seen = []
    a = tf.constant(2.0, name="a")
    noop = tf.no_op(name="nothing")
    with tf.Session() as sess:
        sess.run(a)
        remove = core.inspect.on_run(
            lambda s, names, values, step, wall: seen.append((s, names, list(values), step, wall)))
        sess.run([noop, a])
        sess.run({"x": a})
        remove()
        remove()
        sess.run(a)
    assert [(s is sess, names, values) for s, names, values, _, _ in seen] == [
        (True, ("nothing", "a:0"), [None, 2.0]), (True, ("a:0",), [2.0])]
    assert seen[1][3] == seen[0][3] + 1 and abs(seen[0][4] - time.time()) < 60


def test_a_hook_that_fails_is_removed():
    def bad(*arguments):
        raise ValueError("no")

    a = tf.constant(2.0)
    core.inspect.on_run(bad)
    with tf.Session() as sess:
        with pytest.warns(UserWarning, match="failed and was removed"):
            assert sess.run(a) == 2.0
        assert sess.run(a) == 2.0


# ---------------------------------------------------------------------- leaks


def test_many_runs_leave_nothing_behind():
    x = tf.placeholder(tf.float32, [None, 3])
    v = tf.Variable(np.zeros([2, 3], np.float32))
    out = [tf.tanh(x * 2.0), tf.assign_add(v, x), tf.transpose(x), tf.constant("text")]
    fed = np.ones((2, 3), np.float32)
    with tf.Session() as sess:
        sess.run(v.initializer)

        def many(count):
            for _ in range(count):
                sess.run(out, {x: fed})
                sess.run({"a": out[0]}, {x: fed})
                try:
                    sess.run(out[0], {x: fed[:, :2]})
                except ValueError:
                    pass
        many(300)
        gc.collect()
        objects = len(gc.get_objects())
        tracemalloc.start()
        many(1)
        before = tracemalloc.get_traced_memory()[0]
        many(2000)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert len(gc.get_objects()) - objects < 50
        assert grown < 20_000


def test_failing_runs_leave_nothing_behind():
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable(0.0)
    out = v.value() + x
    with tf.Session() as sess:
        def many(count):
            for _ in range(count):
                with pytest.raises(tf.errors.FailedPreconditionError):
                    sess.run(out, {x: [1.0, 2.0]})
        many(50)
        gc.collect()
        objects = len(gc.get_objects())
        many(300)
        gc.collect()
        assert len(gc.get_objects()) - objects < 50
