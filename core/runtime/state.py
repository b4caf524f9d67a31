"""What a session keeps between runs: resources by name (variables, queues, tables) and one object per stateful op.

`OpContext` is the face of it that kernels see. Kernels that wait do so through `OpContext.wait`, so that closing the
session or a deadline wakes them. Imports core.graph and core.errors only.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from core.errors import CancelledError, DeadlineExceededError
from core.graph import Cell, Operation

__all__ = ["OpContext", "RunState", "SessionState"]


class RunState(threading.local):
    """What belongs to the run that a thread is in: its options, its deadline, whether it was cancelled."""

    options: Any = None
    deadline: float | None = None


class SessionState:
    """All that one session remembers between runs."""

    def __init__(self, session: Any = None) -> None:
        self._session = weakref.ref(session) if session is not None else None
        self.lock = threading.RLock()
        self.resources: dict[tuple[str, str], Any] = {}
        self.op_objects: dict[Operation, Any] = {}
        self.closed = False
        self.run = RunState()
        self._conditions: weakref.WeakSet[threading.Condition] = weakref.WeakSet()
        self.call_function: Callable[..., Any] | None = None  # runs a body graph; the executor fills it

    @property
    def session(self) -> Any:
        """The session, or None when it is gone."""
        return self._session() if self._session is not None else None

    def resource(self, name: str, factory: Callable[[], Any], container: str = "") -> Any:
        """The object called `name`, made by `factory` when first asked for."""
        key = (container, name)
        found = self.resources.get(key)
        if found is None:
            with self.lock:
                found = self.resources.get(key)
                if found is None:
                    found = self.resources[key] = factory()
        return found

    def forget(self, name: str, container: str = "") -> bool:
        """Drops a resource; True if there was one."""
        with self.lock:
            return self.resources.pop((container, name), None) is not None

    def clear(self, containers: list[str] | None = None) -> None:
        """Empties the containers named (all of them by default): variables in them lose their values."""
        with self.lock:
            for key, found in list(self.resources.items()):
                if containers is None or key[0] in containers:
                    if isinstance(found, Cell):
                        found.array = None
                    del self.resources[key]

    def close(self) -> None:
        """Wakes everybody who waits; from now on `wait` raises CancelledError."""
        self.closed = True
        for condition in list(self._conditions):
            with condition:
                condition.notify_all()

    def watch(self, condition: threading.Condition) -> None:
        """Lets `close` wake those who wait on `condition`."""
        with self.lock:
            self._conditions.add(condition)


class OpContext:
    """What a kernel defined with ``context=True`` gets as its first argument."""

    __slots__ = ("_state", "op", "xp")

    def __init__(self, op: Operation, state: SessionState, xp: Any = np) -> None:
        self.op = op
        self.xp = xp
        self._state = state

    @property
    def session(self) -> Any:
        """The session that runs the op."""
        return self._state.session

    @property
    def run_options(self) -> Any:
        """The `RunOptions` of this run, or None."""
        return self._state.run.options

    def state(self, factory: Callable[[], Any]) -> Any:
        """The object of this op in this session, made by `factory` when first asked for (a random generator, say)."""
        objects = self._state.op_objects
        found = objects.get(self.op)
        if found is None:
            with self._state.lock:
                found = objects.get(self.op)
                if found is None:
                    found = objects[self.op] = factory()
        return found

    def resource(self, name: str, factory: Callable[[], Any], container: str = "") -> Any:
        """The session's object called `name`, shared by all ops that ask for it."""
        return self._state.resource(name, factory, container)

    def forget(self, name: str, container: str = "") -> bool:
        """Drops the session's object called `name`; True if there was one."""
        return self._state.forget(name, container)

    def cancelled(self) -> bool:
        """True once the session is closed: a waiting kernel must give up."""
        return self._state.closed

    def check(self) -> None:
        """Raises CancelledError when the session is closed, DeadlineExceededError when the run's time is over."""
        if self._state.closed:
            raise CancelledError(
                None, self.op, f"{self.op.type.removeprefix('Queue').removesuffix('V2')} operation was cancelled: the "
                "session was closed.")
        deadline = self._state.run.deadline
        if deadline is not None and time.monotonic() >= deadline:
            raise DeadlineExceededError(
                None, self.op, f"Timed out waiting for notification: '{self.op.name}' ({self.op.type}) took longer "
                "than `timeout_in_ms` of the run (or `operation_timeout_in_ms` of the session) allows.")

    def wait(self, condition: threading.Condition, predicate: Callable[[], Any]) -> None:
        """Waits until `predicate()` is true; `condition` must be held, and is notified by whoever changes things.

        Raises:
          CancelledError: The session was closed.  DeadlineExceededError: The run's time is over.
        """
        if predicate():
            return
        self._state.watch(condition)
        while True:
            self.check()
            deadline = self._state.run.deadline
            # A slice of a second at most: Ctrl-C must get through on every platform.
            condition.wait(0.5 if deadline is None else max(0.0, min(0.5, deadline - time.monotonic())))
            if predicate():
                return

    def call(self, function: Any, arguments: list[Any]) -> list[Any]:
        """Runs a body graph (of a loop, a branch, a dataset's function) on arrays and returns its outputs."""
        call = self._state.call_function
        assert call is not None, "the executor fills this slot"
        result: list[Any] = call(function, arguments)
        return result
