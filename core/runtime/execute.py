"""Last stage: runs programs. A `Program` is one (fetches, targets, feeds) of one session, with all plans made for it.

The first run of a program walks the interpreter; a second run with the same feed shapes compiles (core.runtime.specialise).
A program's buffers belong to one run at a time: each `Code` keeps a pool of instances. Imports core.graph and its neighbours here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.graph import Operation, Tensor
from core.runtime.floats import quiet, restore
from core.runtime.interpret import Interpreter, Observer
from core.runtime.options import Options
from core.runtime.plan import Plan
from core.runtime.prune import check_fed, prune
from core.runtime.schedule import schedule
from core.runtime.state import SessionState

__all__ = ["Program", "compile_program"]


def compile_program(
    fetches: Sequence[Tensor], targets: Sequence[Operation], feeds: Sequence[Tensor], state: SessionState, options: Options,
) -> Program:
    """Prunes and schedules; what depends on shapes waits for the first runs.

    Raises:
      InvalidArgumentError: A placeholder is needed and not fed; the edges form a cycle.
    """
    plan = prune(fetches, targets, feeds)
    check_fed(plan)
    return Program(schedule(plan), state, options)


class Program:
    """What one combination of fetches and feeds compiles to."""

    def __init__(self, plan: Plan, state: SessionState, options: Options) -> None:
        self.plan = plan
        self.state = state
        self.options = options
        self.interpreter = Interpreter(plan, state, debug=options.debug)
        self._fed = plan.fed
        self._fetched = tuple(f.value for f in plan.fetched)

    def run(self, feeds: Sequence[Any]) -> list[Any]:
        """Runs once.

        Args:
          feeds: One array per fed tensor, in the plan's order; never written to.

        Returns:
          One fresh array (NumPy scalar for rank 0, bytes for a string) per fetch.
        """
        return self.interpret(feeds)

    def interpret(self, feeds: Sequence[Any], observer: Observer | None = None) -> list[Any]:
        """Runs once in the reference engine, telling `observer` of every step."""
        token = quiet()
        try:
            values = self.interpreter.run(dict(zip(self._fed, feeds)), observer)
        finally:
            restore(token)
        return [fresh(values[v]) for v in self._fetched]


def fresh(value: Any) -> Any:
    """A value as a user gets it: an array that shares no memory with anything, a NumPy scalar, or bytes."""
    if isinstance(value, np.ndarray):
        return value.copy() if value.ndim else value[()]
    return value


def deadline_after(seconds: float | None) -> float | None:
    """The moment `seconds` from now, or None."""
    return None if seconds is None else time.monotonic() + seconds
