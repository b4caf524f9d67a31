"""Sessions: what runs a graph. The front of core.runtime: takes fetches and feeds apart, keeps the programs made for
them.

Fills the slots of core.graph by which `Tensor.eval` and `Operation.run` find a session. Must not import what stands
above it (train, summary, ...).
"""

from __future__ import annotations

import os
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from core.errors import InvalidArgumentError, NotFoundError, OpError
from core.fetches import (
    Feeder,
    Fetches,
    convert_feed,
    expand_feed,
    expand_feed_key,
    parse_fetches,
    register_session_run_conversion_functions,
)
from core.graph import Graph, IndexedSlices, Operation, Slots, SparseTensor, Tensor, get_default_graph
from core.graph.graph import default_graph_stack
from core.runtime import hooks, trace
from core.runtime.call import BodyCaller
from core.runtime.execute import Program, compile_program
from core.runtime.options import options_from_config
from core.runtime.partial import PartialRun
from core.runtime.state import SessionState

__all__ = ["InteractiveSession", "Session", "get_default_session", "register_session_run_conversion_functions"]

_MAX_CALLS: Final = 512  # remembered (fetches, feed keys) combinations of a session
_LEAVES: Final = (Tensor, Operation, str, bytes)


class _SessionStack(threading.local):
    """The default sessions of one thread."""

    def __init__(self) -> None:
        self.stack: list[BaseSession] = []

    @contextmanager
    def pushed(self, session: BaseSession) -> Iterator[BaseSession]:
        self.stack.append(session)
        try:
            yield session
        finally:
            if self.stack[-1] is not session:
                self.stack.remove(session)
                raise AssertionError(
                    f"Nesting violated for default stack of {type(session)} objects: leave `with` blocks in the order "
                    "entered.")
            self.stack.pop()


_default_sessions = _SessionStack()


def get_default_session() -> Any:
    """Returns the default session of this thread, or None.

    Example:
      >>> with tf.Session() as sess:
      ...     assert tf.get_default_session() is sess
    """
    stack = _default_sessions.stack
    return stack[-1] if stack else None


class _Call:
    """One combination of fetches and feed keys, looked up once: its program and how to bring values in and out."""

    __slots__ = ("bare", "build", "edits", "elements", "feeders", "program")

    def __init__(
        self, program: Program | None, feeders: Sequence[Feeder], build: Callable[[list[Any]], Any] | None, bare: bool,
        elements: tuple[Tensor | Operation, ...], edits: int,
    ) -> None:
        self.program = program
        self.feeders = tuple(feeders)
        self.build = build  # None: the list of values is the result
        self.bare = bare  # the single value is the result
        self.elements = elements
        self.edits = edits


class _DeviceAttributes:
    """A device of a session."""

    def __init__(self, name: str, device_type: str, memory_limit_bytes: int, incarnation: int) -> None:
        self.name = name
        self.device_type = device_type
        self.memory_limit_bytes = memory_limit_bytes
        self.incarnation = incarnation

    def __repr__(self) -> str:
        return f"_DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, {self.incarnation})"


_live: weakref.WeakSet[BaseSession] = weakref.WeakSet()


class BaseSession:
    """What `Session` and `InteractiveSession` share."""

    def __init__(self, target: str | bytes | None = "", graph: Graph | None = None, config: Any = None) -> None:
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if target is not None and not isinstance(target, (str, bytes)):
            hint = ""
            if hasattr(target, "graph_options"):
                hint = ' Did you do "Session(config)" instead of "Session(config=config)"?'
            raise TypeError(f"target must be a string, but got {type(target)}.{hint}")
        if target:
            raise NotFoundError(
                None, None, f"No session factory registered for the given session options: target {target!r}. "
                "Programs run in this process only: leave `target` empty.")
        if config is not None and isinstance(config, (str, bytes, dict, int, float, list, Graph)):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        self._graph = graph if graph is not None else get_default_graph()
        self._target = target.encode() if isinstance(target, str) else target or b""
        self._config = config
        self._options = options_from_config(config)
        self._closed = False
        self._state = SessionState(self)
        self._state.call_function = BodyCaller(self._state, self._options)
        self._calls: dict[Any, _Call] = {}
        self._programs: dict[Any, tuple[int, Program]] = {}
        self._partial: dict[bytes, PartialRun] = {}
        self._steps = 0
        self._lock = threading.Lock()
        _live.add(self)

    # ------------------------------------------------------------------ what it is

    @property
    def graph(self) -> Graph:
        """The graph that this session runs."""
        return self._graph

    @property
    def graph_def(self) -> Any:
        """The graph as a `GraphDef`."""
        infer = getattr(getattr(self._config, "graph_options", None), "infer_shapes", False)
        return self._graph.as_graph_def(add_shapes=bool(infer))

    @property
    def sess_str(self) -> bytes:
        """The target, as bytes."""
        return self._target

    def list_devices(self) -> list[_DeviceAttributes]:
        """The devices: one CPU, under the name that TensorFlow gives it."""
        return [_DeviceAttributes("/job:localhost/replica:0/task:0/device:CPU:0", "CPU", 268435456, 1)]

    def as_default(self) -> Any:
        """Makes this the thread's default session inside a ``with`` block; does not close it at the end."""
        return _default_sessions.pushed(self)

    def close(self) -> None:
        """Frees what the session holds; runs that wait end with CancelledError."""
        if not self._closed:
            self._closed = True
            self._state.close()
            self._calls.clear()
            self._programs.clear()
            self._partial.clear()

    def __del__(self) -> None:
        state = self.__dict__.get("_state")
        if state is not None and not self._closed:
            self.close()

    # ------------------------------------------------------------------ running

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """Computes `fetches`.

        Args:
          fetches: Tensor, Operation, name, Variable, SparseTensor or IndexedSlices; or lists, tuples, namedtuples,
            dicts of these, nested at will.
          feed_dict: Values by tensor (or name); they stand in for what the graph would compute.
          options: `RunOptions`: tracing, a timeout.
          run_metadata: `RunMetadata` that takes the trace.

        Returns:
          The values in the structure of `fetches`: arrays (NumPy scalars for rank 0, bytes for strings), None for
          operations.

        Raises:
          RuntimeError: The session is closed, or the graph empty.  TypeError: Wrong kind of fetch, key or value.
          ValueError: A fetch or key of another graph, a shape that does not fit.  tf.errors.OpError: An op failed.

        Example:
          >>> x = tf.placeholder(tf.float32, [None])
          >>> with tf.Session() as sess:
          ...     sess.run({"double": x * 2.0}, {x: [1.0, 2.5]})
          {'double': array([2., 5.], dtype=float32)}
        """
        try:
            return self._run(fetches, feed_dict, options, run_metadata)
        except Exception as error:
            raise _trimmed(error) from error.__cause__

    def _run(self, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
        kind = fetches.__class__
        call = None
        key: Any = None
        try:
            if kind is list or kind is tuple:
                key = (kind, *fetches, None, *feed_dict) if feed_dict else (kind, *fetches)
            elif kind is dict:
                key = (kind, *fetches, None, *fetches.values(), None, *(feed_dict or ()))
            elif feed_dict:
                key = (fetches, None, *feed_dict)
            else:
                key = fetches
            call = self._calls.get(key)
        except TypeError:  # something that can't be hashed: taken apart anew at each run
            key = None
        if call is None or call.edits != self._graph._edits:
            call, values = self._look_up(key, fetches, feed_dict)
        elif feed_dict:
            values = [feeder(value) for feeder, value in zip(call.feeders, feed_dict.values())]
        else:
            values = []
        program = call.program
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if program is None:
            results: list[Any] = []
        elif options is None and run_metadata is None and not hooks.callbacks and self._options.timeout is None:
            results = program.run(values)
        else:
            results = self._run_slowly(call, program, values, options, run_metadata)
        if call.bare:
            return results[0]
        build = call.build
        return results if build is None else build(results)

    def _run_slowly(
        self, call: _Call, program: Program, values: Sequence[Any], options: Any, run_metadata: Any,
    ) -> list[Any]:
        """A run with a trace, a timeout, or somebody who watches."""
        for name, given, kind in (("options", options, "RunOptions"), ("run_metadata", run_metadata, "RunMetadata")):
            if isinstance(given, (bool, int, str, bytes, dict, list, tuple)):
                raise TypeError(f"{name} must be a tf.{kind}, but got {type(given)}")
        state = self._state.run
        milliseconds = getattr(options, "timeout_in_ms", 0) or 0
        timeout = milliseconds / 1000.0 if milliseconds > 0 else self._options.timeout
        state.options = options
        state.deadline = None if timeout is None else time.monotonic() + timeout
        try:
            if trace.wanted(options, run_metadata):
                results = trace.run_traced(program, values, options, run_metadata)
            elif state.deadline is not None:
                results = program.interpret(values)  # looks at the clock between two steps
            else:
                results = program.run(values)
        finally:
            state.options = None
            state.deadline = None
        with self._lock:
            self._steps += 1
            step = self._steps
        if hooks.callbacks:
            left = iter(results)
            hooks.tell(self, tuple(e.name for e in call.elements),
                       [next(left) if isinstance(e, Tensor) else None for e in call.elements], step, time.time())
        return results

    def _look_up(self, key: Any, fetches: Any, feed_dict: Any) -> tuple[_Call, list[Any]]:
        """Takes fetches and feeds apart and finds the program for them; remembers the result where that is safe."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        graph = self._graph
        if graph.version == 0:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")
        edits = graph._edits
        feeders: list[Feeder] = []
        values: list[Any] = []
        simple = True
        if feed_dict:
            if not hasattr(feed_dict, "items"):
                raise TypeError(f"feed_dict must be a dictionary of values by tensor, but got {type(feed_dict)}")
            for feed, value in feed_dict.items():
                pairs = expand_feed(feed, value)
                simple = simple and len(pairs) == 1 and pairs[0][0] is feed
                for item, part in pairs:
                    feeder = Feeder(self._feedable(item), item)
                    values.append(feeder(part))
                    feeders.append(feeder)
        parsed = parse_fetches(graph, fetches)
        call = self._make_call(parsed, feeders, fetches, edits)
        if key is not None and simple and _cacheable(fetches):
            if len(self._calls) >= _MAX_CALLS:
                with self._lock:
                    for old in list(self._calls)[: _MAX_CALLS // 4]:
                        self._calls.pop(old, None)
            self._calls[key] = call
        return call, values

    def _feedable(self, item: Any) -> Tensor:
        try:
            tensor = self._graph.as_graph_element(item, allow_tensor=True, allow_operation=False)
        except Exception as error:
            text = error.args[0] if error.args else error
            raise TypeError(f"Cannot interpret feed_dict key as Tensor: {text}") from None
        if not self._graph.is_feedable(tensor):
            raise ValueError(f"Tensor {tensor} may not be fed.")
        assert isinstance(tensor, Tensor)
        return tensor

    def _make_call(self, parsed: Fetches, feeders: Sequence[Feeder], fetches: Any, edits: int) -> _Call:
        elements = parsed.elements
        tensors = tuple(e for e in elements if isinstance(e, Tensor))
        targets = tuple(e for e in elements if isinstance(e, Operation))
        program = None
        if elements:
            program = self._program(tensors, targets, tuple(f.tensor for f in feeders), edits)
        if isinstance(fetches, (Tensor, str)) and len(tensors) == 1:
            return _Call(program, feeders, None, True, elements, edits)
        if not targets:
            if fetches.__class__ is list and len(tensors) == len(fetches) and all(map(_is_leaf, fetches)):
                return _Call(program, feeders, None, False, elements, edits)
            return _Call(program, feeders, parsed.build, False, elements, edits)
        # Where each element's value stands among the tensors' values; -1 for operations.
        at = {t: i for i, t in enumerate(tensors)}
        slots = [at[e] if isinstance(e, Tensor) else -1 for e in elements]

        def spread(values: list[Any]) -> list[Any]:
            return [None if i < 0 else values[i] for i in slots]

        flat = fetches.__class__ is list and len(elements) == len(fetches) and all(map(_is_leaf, fetches))
        build = spread if flat else lambda values: parsed.build(spread(values))
        return _Call(program, feeders, build, False, elements, edits)

    def _program(
        self, fetches: tuple[Tensor, ...], targets: tuple[Operation, ...], feeds: tuple[Tensor, ...], edits: int,
    ) -> Program:
        key = (fetches, targets, feeds)
        known = self._programs.get(key)
        if known is not None and known[0] == edits:
            return known[1]
        program = compile_program(fetches, targets, feeds, self._state, self._options)
        if len(self._programs) >= _MAX_CALLS:
            with self._lock:
                for old in list(self._programs)[: _MAX_CALLS // 4]:
                    self._programs.pop(old, None)
        self._programs[key] = (edits, program)
        return program

    def make_callable(self, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Callable[..., Any]:
        """Returns a function that runs `fetches` with its arguments fed to `feed_list`, in that order.

        Args:
          fetches: As for `run`.
          feed_list: Keys of a feed_dict.
          accept_options: If True, the function takes `options` and `run_metadata` as keywords.

        Raises:
          TypeError: `feed_list` is no list.

        Example:
          >>> x = tf.placeholder(tf.float32)
          >>> with tf.Session() as sess:
          ...     double = sess.make_callable(x * 2.0, [x])
          ...     print(double(4.0))
          8.0
        """
        if feed_list is not None and not isinstance(feed_list, (list, tuple)):
            raise TypeError(f"`feed_list` must be a list or tuple, got {feed_list!r}.")
        keys = list(feed_list or ())
        if not keys:
            parse_fetches(self._graph, fetches)  # a wrong fetch shows here, not at the first call

        def call(*arguments: Any, **given: Any) -> Any:
            if len(arguments) != len(keys):
                raise TypeError(
                    f"The function takes {len(keys)} values (one per element of feed_list), got {len(arguments)}.")
            if given and not (accept_options and given.keys() <= {"options", "run_metadata"}):
                raise TypeError(f"Unexpected keyword arguments {sorted(given)}; `options` and `run_metadata` need "
                                "make_callable(..., accept_options=True).")
            return self.run(fetches, dict(zip(keys, arguments)) if keys else None, **given)
        return call

    # ------------------------------------------------------------------ partial runs

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> bytes:
        """Prepares a run that is done in several calls of `partial_run`.

        Args:
          fetches: All that will be fetched.
          feeds: All that will be fed: a tensor or a list.

        Returns:
          A handle for `partial_run`.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if self._graph.version == 0:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")
        keys = feeds if isinstance(feeds, (list, tuple)) else [] if feeds is None else [feeds]
        tensors = [self._feedable(item) for key in keys for item in expand_feed_key(key)]
        parsed = parse_fetches(self._graph, fetches)
        if not parsed.elements:
            raise InvalidArgumentError(None, None, "Must specify at least one target to fetch or execute.")
        with self._lock:
            self._steps += 1
            handle = f"partial_run_{self._steps}".encode()
        self._partial[handle] = PartialRun(parsed.elements, tensors, self._state)
        return handle

    def partial_run(self, handle: bytes, fetches: Any, feed_dict: Any = None) -> Any:
        """Continues a partial run with more feeds and fetches."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        run = self._partial.get(handle)
        if run is None:
            raise InvalidArgumentError(None, None, "Must run 'setup' before performing partial runs!")
        feeds: dict[Tensor, Any] = {}
        for key, value in (feed_dict or {}).items():
            for item, part in expand_feed(key, value):
                tensor = self._feedable(item)
                feeds[tensor] = convert_feed(tensor, part, item)
        parsed = parse_fetches(self._graph, fetches)
        return parsed.build(run.run(parsed.elements, feeds))


class Session(BaseSession):
    """Runs the operations of a graph and keeps its variables.

    Args:
      target: Empty: programs run in this process.
      graph: The graph to run; by default the default graph.
      config: A `ConfigProto`: timeouts, compiler passes switched off for debugging.

    Example:
      >>> a = tf.constant(5.0)
      >>> with tf.Session() as sess:
      ...     print(sess.run(a * 6.0))
      30.0
    """

    def __init__(self, target: str | bytes | None = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        self._entered: list[Any] = []

    def __enter__(self) -> Session:
        if self._entered:
            raise RuntimeError("Session context managers are not re-entrant. Use `Session.as_default()` if you want to "
                               "enter a session multiple times.")
        contexts = [self._graph.as_default(), self.as_default()]
        for context in contexts:
            context.__enter__()
        self._entered = contexts
        return self

    def __exit__(self, kind: Any, value: Any, stack: Any) -> None:
        contexts, self._entered = self._entered, []
        try:
            for context in reversed(contexts):
                context.__exit__(None, None, None)
        finally:
            self.close()

    @staticmethod
    def reset(target: str, containers: Sequence[str] | None = None, config: Any = None) -> None:
        """Empties resource containers (all by default) and closes all sessions of this process.

        Args:
          target: Empty.
          containers: Names; variables in them lose their values.
          config: Not used.
        """
        del target, config
        for session in list(_live):
            session._state.clear(None if not containers else [str(c) for c in containers])
            session.close()


class InteractiveSession(BaseSession):
    """A session that makes itself the default one when it is made, for notebooks and shells.

    Example:
      >>> sess = tf.InteractiveSession()
      >>> print((tf.constant(5.0) * 6.0).eval())
      30.0
      >>> sess.close()
    """

    _active_session_count = 0

    def __init__(self, target: str | bytes | None = "", graph: Graph | None = None, config: Any = None) -> None:
        if InteractiveSession._active_session_count > 0:
            warnings.warn("An interactive session is already active. This can cause out-of-memory errors in some "
                          "cases. You must explicitly call `InteractiveSession.close()` to release resources held by "
                          "the other session(s).", stacklevel=2)
        super().__init__(target, graph, config)
        self._explicitly_closed = False
        InteractiveSession._active_session_count += 1
        self._thread_stack = _default_sessions.stack
        self._thread_stack.append(self)
        self._graph_context = None if graph is None else _unnested(graph)

    def close(self) -> None:
        """Closes the session and takes it off the thread's stack of default sessions."""
        super().close()
        if self.__dict__.get("_explicitly_closed", True):
            return
        self._explicitly_closed = True
        InteractiveSession._active_session_count -= 1
        if self in self._thread_stack:
            self._thread_stack.remove(self)
        if self._graph_context is not None:
            self._graph_context()


def _unnested(graph: Graph) -> Callable[[], None]:
    """Makes `graph` the default one until the returned function is called, in whatever order that happens."""
    stack = default_graph_stack.stack
    stack.append(graph)

    def leave() -> None:
        if graph in stack:
            stack.remove(graph)
    return leave


def _is_leaf(fetch: Any) -> bool:
    """True for what stands for one tensor or operation, now and always."""
    return isinstance(fetch, _LEAVES) or hasattr(fetch, "_as_graph_element")


def _cacheable(fetches: Any) -> bool:
    """True if equal keys mean equal structures: single elements, or flat lists, tuples and dicts of them."""
    kind = fetches.__class__
    if kind is list or kind is tuple or kind is dict:
        parts = fetches.values() if kind is dict else fetches
        return all(_is_leaf(f) or isinstance(f, (SparseTensor, IndexedSlices)) for f in parts)
    return _is_leaf(fetches)


_OWN_WORDS: Final = tuple(os.sep + os.path.join(*parts) for parts in (
    ("core", "session.py"), ("core", "fetches.py"), ("core", "graph", "graph.py")))


def _trimmed(error: Exception) -> Exception:
    """The error without our own frames, where it says itself what is wrong (else it is our fault, and all is shown)."""
    if isinstance(error, OpError):
        return error.with_traceback(None)
    stack = error.__traceback__
    while stack is not None and stack.tb_next is not None:
        stack = stack.tb_next
    if stack is not None and stack.tb_frame.f_code.co_filename.endswith(_OWN_WORDS):
        return error.with_traceback(None)
    return error


# ---------------------------------------------------------------------- the slots below


def _session_for(element: Any, session: Any, verb: str, call: str) -> Any:
    what = "tensor" if call == "eval" else "operation"
    if session is None:
        session = get_default_session()
        if session is None:
            raise ValueError(f"Cannot {verb} {what} using `{call}()`: No default session is registered. Use `with "
                             f"sess.as_default():` or pass an explicit session to `{call}(session=sess)`")
        if session.graph is not element.graph:
            raise ValueError(f"Cannot use the default session to {verb} {what}: the {what}'s graph is different from "
                             f"the session's graph. Pass an explicit session to `{call}(session=sess)`.")
    elif session.graph is not element.graph:
        raise ValueError(f"Cannot use the given session to {verb} {what}: the {what}'s graph is different from the "
                         "session's graph.")
    return session


def _eval_tensor(tensor: Tensor, feed_dict: Any, session: Any) -> Any:
    return _session_for(tensor, session, "evaluate", "eval").run(tensor, feed_dict)


def _run_operation(operation: Operation, feed_dict: Any, session: Any) -> None:
    _session_for(operation, session, "execute", "run").run(operation, feed_dict)


Slots.eval_tensor = _eval_tensor
Slots.default_session = get_default_session
Slots.run_operation = _run_operation
