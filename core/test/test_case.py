"""`tf.test.TestCase`: a unittest with a graph of its own, sessions, and comparisons of arrays."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import tempfile
import threading
import unittest
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from core.errors import OpError
from core.graph import Graph, Tensor, get_default_graph, reset_default_graph
from core.graph.device import canonical_device
from core.graph.graph import default_graph_stack
from core.ops.random_ops import set_random_seed
from core.session import Session, get_default_session

__all__ = ["TestCase", "assert_equal_graph_def"]

_SEED = 87654321


def assert_equal_graph_def(
    actual: Any, expected: Any, checkpoint_v2: bool = False, hash_table_shared_name: bool = False,
) -> None:
    """AssertionError unless two GraphDefs hold the same nodes, in whatever order."""
    first, second = ({node.name: node for node in graph_def.node} for graph_def in (actual, expected))
    if first.keys() != second.keys():
        raise AssertionError(f"Only in the first: {sorted(first.keys() - second.keys())}; "
                             f"only in the second: {sorted(second.keys() - first.keys())}")
    for name, node in first.items():
        if node != second[name]:
            raise AssertionError(f"Node '{name}' differs:\n{node}\nand\n{second[name]}")


class _Thread(threading.Thread):
    """A thread whose error shows when it is joined."""

    def __init__(self, case: unittest.TestCase, target: Callable[..., Any], args: Any, kwargs: Any) -> None:
        super().__init__(daemon=True)
        self._case, self._function, self._values, self._named = case, target, args, kwargs or {}
        self._error: BaseException | None = None

    def run(self) -> None:
        """Calls the function."""
        try:
            self._function(*self._values, **self._named)
        except BaseException as error:
            self._error = error

    def join(self, timeout: float | None = None) -> None:
        """Waits for the end; fails the test where the function failed."""
        super().join(timeout)
        if self._error is not None:
            self._case.fail(f"Error in checkedThread: {self._error!r}")


class TestCase(unittest.TestCase):
    """A test with an empty default graph, fixed seeds, sessions, and comparisons of arrays.

    Example:
      >>> class SquareTest(tf.test.TestCase):
      ...     def test_square(self):
      ...         with self.test_session():
      ...             self.assertAllEqual(tf.square([2, 3]).eval(), [4, 9])
      >>> SquareTest("test_square").run().wasSuccessful()
      True
    """

    __test__ = False  # pytest: only what is derived from it is a test

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    def setUp(self) -> None:
        """Starts from an empty graph and known seeds."""
        self._cached: Session | None = None
        self._folder: str | None = None
        random.seed(_SEED)
        np.random.seed(_SEED)
        if not default_graph_stack.stack:
            reset_default_graph()
        get_default_graph().seed = _SEED

    def tearDown(self) -> None:
        """Closes what the test opened."""
        if self.__dict__.get("_cached") is not None:
            self._cached.close()  # type: ignore[union-attr]
        if self.__dict__.get("_folder"):
            shutil.rmtree(self._folder, ignore_errors=True)  # type: ignore[arg-type]

    # ------------------------------------------------------------------ sessions

    @contextlib.contextmanager
    def session(self, graph: Graph | None = None, config: Any = None, use_gpu: bool = False,
                force_gpu: bool = False) -> Iterator[Session]:
        """A new session, default inside the block."""
        with Session(graph=graph, config=config) as made:
            yield made

    @contextlib.contextmanager
    def cached_session(self, graph: Graph | None = None, config: Any = None, use_gpu: bool = False,
                       force_gpu: bool = False) -> Iterator[Session]:
        """One session for the whole test, default inside the block."""
        if self._cached is None or (graph is not None and self._cached.graph is not graph):
            self._cached = Session(graph=graph, config=config)
        with self._cached.graph.as_default(), self._cached.as_default():
            yield self._cached

    def test_session(self, graph: Graph | None = None, config: Any = None, use_gpu: bool = False,
                     force_gpu: bool = False) -> Any:
        """A session for the test: the cached one where no graph is given."""
        if graph is None:
            return self.cached_session(graph, config, use_gpu, force_gpu)
        return self.session(graph, config, use_gpu, force_gpu)

    test_session.__test__ = False  # type: ignore[attr-defined]

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors, in the default session (or the cached one)."""
        session = get_default_session() or self._cached
        if session is None:
            with self.cached_session() as session:
                return session.run(tensors)
        return session.run(tensors)

    def get_temp_dir(self) -> str:
        """A folder for this test; it goes when the test ends."""
        if not self._folder:
            self._folder = tempfile.mkdtemp()
        return self._folder

    def checkedThread(self, target: Callable[..., Any], args: Any = (), kwargs: Any = None) -> _Thread:
        """A thread (to be started and joined) whose error fails the test."""
        return _Thread(self, target, args, kwargs)

    # ------------------------------------------------------------------ arrays

    def _array(self, value: Any) -> Any:
        if isinstance(value, Tensor) or hasattr(value, "_as_graph_element"):
            value = self.evaluate(value)
        return np.asarray(value) if not isinstance(value, np.ndarray) else value

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fails unless ``|a - b| <= atol + rtol * |b|`` for all elements; looks into lists, tuples and dicts."""
        if isinstance(a, Mapping) or hasattr(a, "_asdict"):
            first = a if isinstance(a, Mapping) else a._asdict()
            second = b if isinstance(b, Mapping) else b._asdict()
            self.assertEqual(set(first), set(second), msg)
            for key in first:
                self.assertAllClose(first[key], second[key], rtol, atol, f"[{key!r}] {msg or ''}")
            return
        if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and any(
                isinstance(item, (list, tuple, Mapping, np.ndarray, Tensor)) for item in a):
            self.assertEqual(len(a), len(b), msg)
            for index, (one, two) in enumerate(zip(a, b)):
                self.assertAllClose(one, two, rtol, atol, f"[{index}] {msg or ''}")
            return
        first, second = self._array(a), self._array(b)
        self._same_shape(first, second, msg)
        if first.dtype.kind == "V" or second.dtype.kind == "V":  # bfloat16
            first, second = first.astype(np.float32), second.astype(np.float32)
        np.testing.assert_allclose(first, second, rtol=rtol, atol=atol, err_msg=msg or "", equal_nan=True)

    def assertNotAllClose(self, a: Any, b: Any, **kwargs: Any) -> None:
        """Fails where `assertAllClose` does not."""
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError(f"The two values are close at all elements: {a} and {b}")

    def assertAllCloseAccordingToType(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6,
        float_atol: float = 1e-6, half_rtol: float = 1e-3, half_atol: float = 1e-3, bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2, msg: str | None = None,
    ) -> None:
        """`assertAllClose` with tolerances that fit the coarser of the two types."""
        first, second = self._array(a), self._array(b)
        names = {first.dtype.name, second.dtype.name}
        if names & {"float32", "complex64"}:
            rtol, atol = max(rtol, float_rtol), max(atol, float_atol)
        if "float16" in names:
            rtol, atol = max(rtol, half_rtol), max(atol, half_atol)
        if "bfloat16" in names:
            rtol, atol = max(rtol, bfloat16_rtol), max(atol, bfloat16_atol)
        self.assertAllClose(first, second, rtol, atol, msg)

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fails unless two arrays are equal in shape and in all elements."""
        first, second = self._array(a), self._array(b)
        if "S" in (first.dtype.kind, second.dtype.kind) or "O" in (first.dtype.kind, second.dtype.kind):
            first, second = (np.vectorize(_bytes, otypes=[object])(v) if v.size else v for v in (first, second))
        self._same_shape(first, second, msg)
        np.testing.assert_array_equal(first, second, err_msg=msg or "")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fails where `assertAllEqual` does not."""
        try:
            self.assertAllEqual(a, b)
        except AssertionError:
            return
        raise AssertionError(f"The two values are equal at all elements: {a}. {msg or ''}")

    def _same_shape(self, first: Any, second: Any, msg: str | None) -> None:
        self.assertEqual(first.shape, second.shape,
                         f"Shape mismatch: expected {first.shape}, got {second.shape}. {msg or ''}")

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """Fails unless two lists of numbers differ by at most `err` each."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for one, two in zip(farray1, farray2):
            self.assertNear(float(one), float(two), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """Fails unless the norm of the difference is below `err`."""
        self.assertTrue(np.linalg.norm(np.asarray(ndarray1) - np.asarray(ndarray2)) < err, msg)

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Fails unless ``|f1 - f2| <= err``."""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, f"{f1!r} != {f2!r} +/- {err!r}{' ' + msg if msg else ''}")

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: str | None = None) -> None:
        """Fails unless the static shape of a tensor is that of an array."""
        self.assertIsInstance(np_array, (np.ndarray, np.generic), msg)
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg)

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fails unless all elements are above a number."""
        self.assertGreater(self._array(a).min(), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Fails unless no element is below a number."""
        self.assertGreaterEqual(self._array(a).min(), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Fails unless all elements are below a number."""
        self.assertLess(self._array(a).max(), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Fails unless no element is above a number."""
        self.assertLessEqual(self._array(a).max(), comparison_target)

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fails unless every element is of a set."""
        self.assertLessEqual(set(self._array(target).reshape(-1).tolist()), set(expected_set))

    def assertAllInRange(self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
                         open_upper_bound: bool = False) -> None:
        """Fails unless every element lies between two bounds."""
        values = self._array(target)
        low = values > lower_bound if open_lower_bound else values >= lower_bound
        high = values < upper_bound if open_upper_bound else values <= upper_bound
        self.assertTrue(bool(np.all(low & high)), f"Not all of {values} lie in [{lower_bound}, {upper_bound}]")

    # ------------------------------------------------------------------ errors, messages, devices

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """Fails unless the block raises such an error whose text matches, or of which the predicate holds."""
        try:
            yield
        except exception_type as error:
            if callable(expected_err_re_or_predicate):
                held = expected_err_re_or_predicate(error)
            else:
                text = error.message if isinstance(error, OpError) else str(error)
                op = error.op if isinstance(error, OpError) else None
                text += "" if op is None else f"\nCaused by op: {op.name!r}"
                held = re.search(expected_err_re_or_predicate, text)
            if not held:
                raise AssertionError(f"Exception of type {type(error)} does not match: {error}") from error
            return
        self.fail(f"{getattr(exception_type, '__name__', exception_type)} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """`assertRaisesWithPredicateMatch` for `tf.errors.OpError`."""
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)

    def assertRaisesIncompatibleShapesError(self, exception_type: Any = ValueError) -> Any:
        """Fails unless the block raises an error about shapes that do not fit."""
        return self.assertRaisesWithPredicateMatch(exception_type, r"Incompatible shapes|Dimensions must be equal")

    assertRaisesRegexp = unittest.TestCase.assertRaisesRegex
    assertRegexpMatches = unittest.TestCase.assertRegex
    assertItemsEqual = unittest.TestCase.assertCountEqual

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """Fails unless a text starts with another."""
        if not actual.startswith(expected_start):
            self.fail(f"{actual!r} does not start with {expected_start!r}. {msg or ''}")

    def assertProtoEquals(self, expected_message_maybe_ascii: Any, message: Any) -> None:
        """Fails unless a message equals another, which may be given in text form."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, (str, bytes)):
            from google.protobuf import text_format  # protobuf loads with the first message

            expected = text_format.Parse(expected, type(message)())
        self.assertEqual(expected, message)

    def assertProtoEqualsVersion(self, expected: Any, actual: Any, msg: str | None = None) -> None:
        """`assertProtoEquals` for GraphDefs, whatever their versions."""
        copy = type(actual)()
        copy.CopyFrom(actual)
        copy.ClearField("versions")
        self.assertProtoEquals(expected, copy)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Fails unless two device names mean the same device."""
        self.assertEqual(canonical_device(device1), canonical_device(device2), msg)

    def set_random_seed(self, seed: int) -> None:
        """Sets the seed of the default graph."""
        set_random_seed(seed)


def _bytes(value: Any) -> Any:
    return value.encode("utf-8") if isinstance(value, str) else value

