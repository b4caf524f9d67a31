"""Keeps Ctrl-C out of the middle of a run's writes, so that variables are never left half updated.

Between the first and the last write of a run the main thread's SIGINT handler only takes a note; the interrupt is
raised right after the last write. Costs about a microsecond, and nothing for runs that write nothing. Standard
library only.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # its C functions: `signal.signal` adds costly enum conversions
import signal
import threading
from _thread import get_ident
from typing import Any

from core.runtime.plan import ONE_PASS_WRITERS, Plan, Step

__all__ = ["Guard", "guarded_ranges"]

_MAIN = threading.main_thread().ident

# Kernels with a context that never wait.
_PROMPT = frozenset({
    "VariableV2", "Variable", "VarHandleOp", "ReadVariableOp", "IsVariableInitialized", "VarIsInitializedOp"})


class Guard:
    """Holds interrupts back while `on`."""

    __slots__ = ("noted", "old", "on")

    def __init__(self) -> None:
        self.on = False
        self.noted: Any = None
        self.old: Any = None

    def note(self, number: int, frame: Any) -> None:
        """The handler while the guard is on."""
        self.noted = frame

    def move(self, on: bool) -> None:
        """Switches the guard; leaving it raises the interrupt that came meanwhile."""
        if on == self.on or get_ident() != _MAIN:
            return
        if on:
            old = _signal.getsignal(signal.SIGINT)
            if old is None or not callable(old):
                return  # SIGINT ignored, default, or handled outside Python: nothing can reach us in the middle
            self.old = old
            _signal.signal(signal.SIGINT, self.note)
            self.on = True
        else:
            _signal.signal(signal.SIGINT, self.old)
            self.on = False
            if self.noted is not None:
                frame, self.noted = self.noted, None
                self.old(signal.SIGINT, frame)


def _may_wait(step: Step) -> bool:
    """True for kernels that may take long: queues, users' functions, loops (whose bodies guard their own writes)."""
    return step.kind == "op" and step.op.op_def.context and step.op.type not in _PROMPT


def guarded_ranges(plan: Plan) -> dict[int, bool]:
    """Maps step indices to "guard from here on" (True) or "not any more" (False).

    One range from the first write to the last; where a kernel that may wait (a queue's, a user's) stands between,
    the range is split around it, because a wait must stay interruptible.
    """
    steps = plan.steps
    writing = [i for i, s in enumerate(steps) if s.writes and not _may_wait(s)]
    if not writing or (len(writing) == 1 and steps[writing[0]].op.type in ONE_PASS_WRITERS):
        return {}
    first, last = writing[0], writing[-1]
    marks: dict[int, bool] = {first: True}
    for i in range(first, last + 1):
        if _may_wait(steps[i]):
            marks[i] = False
            marks.setdefault(i + 1, True)
    marks[last + 1] = False
    return marks
