"""`tf.test`: its assertions hold, and fail, when they should; a wrong gradient is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import core as tf


class TestOfTheTestCase(tf.test.TestCase):
    def fails(self, check: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        try:
            check(*args, **kwargs)
        except AssertionError:
            return
        raise RuntimeError(f"{check.__name__} does not fail for {args}")

    def test_arrays(self) -> None:
        with self.test_session() as sess:
            assert tf.get_default_session() is sess
            x = tf.constant([2.0, 3.0])
            self.assertAllEqual(x, [2.0, 3.0])
            self.assertAllClose({"a": [x, 1.5]}, {"a": [[2.0, 3.0 + 1e-7], 1.5]})
            self.assertAllEqual(tf.constant(["é", "b"]), ["é", b"b"])
            self.assertShapeEqual(np.zeros(2), x)
        with self.cached_session() as again:
            assert again is sess
        self.assertAllEqual(self.evaluate([tf.constant(4), tf.constant(5)]), [4, 5])
        self.fails(self.assertAllEqual, [2, 3], [2, 4])
        self.fails(self.assertAllEqual, [2, 3], [[2, 3]])
        self.fails(self.assertAllClose, [2.0, 3.0], [2.0, 3.001])
        self.fails(self.assertAllClose, {"a": 2.0}, {"b": 2.0})
        self.fails(self.assertNotAllClose, [2.0], [2.0])
        self.assertAllCloseAccordingToType(np.float16([2.0]), [2.001])
        self.fails(self.assertAllCloseAccordingToType, np.float32([2.0]), [2.001])
        self.assertAllInRange([2, 3], 2, 3)
        self.fails(self.assertAllInRange, [2, 3], 2, 3, open_upper_bound=True)
        self.fails(self.assertNear, 2.0, 2.5, 0.25)
        self.assertItemsEqual([3, 2], [2, 3])

    def test_errors(self) -> None:
        with self.session(graph=tf.Graph()):
            op = tf.placeholder(tf.float32, name="x").op
            with self.assertRaisesOpError("must feed a value for placeholder"):
                op.outputs[0].eval()
            with self.assertRaisesOpError(lambda error: error.op is op):
                op.outputs[0].eval()
            with pytest.raises(AssertionError, match="does not match"):
                with self.assertRaisesOpError("some other text"):
                    op.outputs[0].eval()
        with pytest.raises(AssertionError, match="not raised"):
            with self.assertRaisesWithPredicateMatch(ValueError, "x"):
                pass

    def test_messages_devices_threads_folders(self) -> None:
        self.assertProtoEquals("name: 'a' op: 'NoOp'", tf.no_op(name="a").node_def)
        self.fails(self.assertProtoEquals, "name: 'b' op: 'NoOp'", tf.no_op(name="c").node_def)
        self.assertDeviceEqual("/cpu:0", "/device:CPU:0")
        thread = self.checkedThread(lambda: 2 / 0)
        thread.start()
        self.fails(thread.join)
        assert self.get_temp_dir() == self.get_temp_dir()

    def test_every_test_has_its_graph_and_seed(self) -> None:
        assert tf.get_default_graph().seed == 87654321 and not tf.get_default_graph().get_operations()


def test_gradients_are_checked() -> None:
    with tf.Graph().as_default(), tf.Session():
        x, w = tf.placeholder(tf.float64, [2, 3]), tf.constant(np.arange(12.0).reshape(3, 4))
        y = tf.sin(x) @ w
        assert tf.test.compute_gradient_error(x, [2, 3], y, [2, 4]) < 1e-5
        (theory, differences), other = tf.test.compute_gradient([x, w], [[2, 3], [3, 4]], y, [2, 4])
        assert theory.shape == differences.shape == (6, 8) and other[0].shape == (12, 8)

        @tf.custom_gradient
        def slightly_wrong(v: Any) -> Any:
            return tf.square(v), lambda dy: dy * v * 2.01
        assert tf.test.compute_gradient_error(x, [2, 3], slightly_wrong(x), [2, 3]) > 1e-3
        z = tf.constant([2.0 + 1.0j, 3.0 - 2.0j], tf.complex128)
        assert tf.test.compute_gradient_error(z, [2], tf.real(z) * 3.0 + tf.imag(z), [2]) < 1e-6
        rows = tf.constant(np.arange(8.0).reshape(4, 2))
        assert tf.test.compute_gradient_error(rows, [4, 2], tf.gather(rows, [1, 3, 1]), [3, 2]) < 1e-6


def test_equal_graphs() -> None:
    with tf.Graph().as_default() as first:
        tf.add(tf.constant(2, name="a"), 3, name="b")
    with tf.Graph().as_default() as second:
        tf.add(tf.constant(2, name="a"), 4, name="b")
    tf.test.assert_equal_graph_def(first.as_graph_def(), first.as_graph_def())
    with pytest.raises(AssertionError, match="Node 'b/y' differs"):
        tf.test.assert_equal_graph_def(first.as_graph_def(), second.as_graph_def())
