"""What goes wrong in a kernel: the class, the op, the user's line, the shapes; in the interpreter and in generated
code.
"""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.graph import REGISTRY, apply_op, define_op
from core.runtime.failure import describe

FAULTS = {
    "value": (ValueError("lengths differ"), tf.errors.InvalidArgumentError),
    "type": (TypeError("no such operand"), tf.errors.InvalidArgumentError),
    "index": (IndexError("index 7 is out of bounds"), tf.errors.InvalidArgumentError),
    "memory": (MemoryError(), tf.errors.ResourceExhaustedError),
    "unimplemented": (NotImplementedError("not for int8"), tf.errors.UnimplementedError),
    "stop": (StopIteration(), tf.errors.OutOfRangeError),
    "file": (FileNotFoundError("a.txt"), tf.errors.NotFoundError),
    "range": (tf.errors.OutOfRangeError(None, None, "End of sequence"), tf.errors.OutOfRangeError),
    "ours": (AttributeError("'NoneType' object has no attribute 'shape'"), tf.errors.InternalError),
}


@pytest.fixture
def fails():
    """An op that raises what the `armed` list holds."""
    armed = []

    def kernel(xp, x):
        if armed:
            raise armed[0]
        return x + 1

    define_op("RaisesForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape, kernel=kernel, stateful=True)
    yield armed
    del REGISTRY["RaisesForTests"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("runs_before", [0, 3])
def test_an_exception_becomes_an_error_with_op_line_and_shapes(fails, fault, runs_before):
    raised, wanted = FAULTS[fault]
    x = tf.placeholder(tf.float32, [None, 3])
    bad = apply_op("RaisesForTests", x * 2.0, name="scope/bad")
    out = tf.tanh(bad) + x
    fed = {x: np.ones((2, 3), np.float32)}
    with tf.Session() as sess:
        for _ in range(runs_before):
            sess.run(out, fed)
        fails.append(raised)
        with pytest.raises(wanted) as caught:
            sess.run(out, fed)
        fails.clear()
        error = caught.value
        assert type(error) is wanted and error.op is bad.op
        text = error.message
        assert "'scope/bad' (RaisesForTests)" in text and "test_failures.py" in text and "float32[2, 3]" in text
        assert str(raised.message if isinstance(raised, tf.errors.OpError) else raised).split(":")[0] in text
        assert sess.run(out, fed).shape == (2, 3)  # the session goes on


def test_our_own_frames_are_not_shown(fails):
    out = apply_op("RaisesForTests", tf.constant([1.0, 2.0]))
    with tf.Session() as sess:
        for _ in range(3):
            sess.run(out)
        fails.append(ValueError("bad"))
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            sess.run(out)
    frames = [entry.path.name for entry in caught.traceback]
    assert frames == ["test_failures.py", "session.py"]
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_an_op_without_a_kernel():
    define_op("HasNoKernelForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape)
    try:
        out = apply_op("HasNoKernelForTests", tf.constant(1.0))
        with tf.Session() as sess, pytest.raises(tf.errors.UnimplementedError, match="has no kernel"):
            sess.run(out)
    finally:
        del REGISTRY["HasNoKernelForTests"]


def test_a_kernel_that_breaks_its_word_is_found_in_debug_mode():
    from core.runtime.options import Options  # only this test needs it

    define_op("LiesForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape,
              kernel=lambda xp, x: x.astype(np.float64))
    try:
        out = apply_op("LiesForTests", tf.constant([1.0, 2.0]))
        with tf.Session(config=Options(debug=True)) as sess:
            with pytest.raises(tf.errors.InternalError, match="keep its word"):
                sess.run(out)
    finally:
        del REGISTRY["LiesForTests"]


def test_a_kernel_that_returns_its_input_unasked_is_found_out():
    define_op("SameForTests", "x:T", "y:T", "T:type", shape=lambda x: x.shape, kernel=lambda xp, x: x)  # not view=True
    try:
        x = tf.placeholder(tf.float32, [3])
        first = x * 2.0
        same = apply_op("SameForTests", first)
        other = tf.tanh(first * 0.0 + 5.0)
        out = same + other * 0.0 + tf.negative(first)
        with tf.Session() as sess:
            for i in range(5):
                total, kept = sess.run([out, same], {x: [1.0 + i, 2.0, 3.0]})
                assert total.tolist() == [0.0, 0.0, 0.0] and kept[0] == 2.0 + 2 * i
    finally:
        del REGISTRY["SameForTests"]


def test_values_are_described_without_their_contents():
    assert describe(np.zeros([2, 3], np.int8)) == "int8[2, 3]"
    assert describe(np.array([b"secret"], object)) == "string[1]"
    assert describe(np.float32(1)) == "float32[]" and describe(3) == "int"


def test_floating_point_faults_are_silent_as_in_tensorflow():
    x = tf.placeholder(tf.float32)
    out = tf.div(x, tf.constant(0.0)) if hasattr(tf, "div") else x * np.float32(np.inf)
    with tf.Session() as sess:
        for _ in range(3):
            assert np.isnan(sess.run(out, {x: 0.0}))
    with pytest.raises(RuntimeWarning), np.errstate(all="warn"):
        np.float32(1) / np.float32(0)  # and the user's own settings are as they were
