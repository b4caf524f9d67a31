"""Partial runs: one run of a graph done in several calls, each with some of the feeds and some of the fetches.
Interpreted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import InvalidArgumentError
from core.graph import Operation, Tensor
from core.runtime.floats import quiet, restore
from core.runtime.fresh import fresh
from core.runtime.interpret import Interpreter
from core.runtime.prune import prune, unfed_error
from core.runtime.schedule import schedule
from core.runtime.state import SessionState

__all__ = ["PartialRun"]


class PartialRun:
    """The state between two calls of `partial_run`: values known, steps done."""

    def __init__(self, elements: Sequence[Tensor | Operation], feeds: Sequence[Tensor], state: SessionState) -> None:
        self._fetches = [e for e in elements if isinstance(e, Tensor)]
        self._targets = [e for e in elements if isinstance(e, Operation)]
        self._plan = schedule(prune(self._fetches, self._targets, feeds))
        self._number = {t: v for t, v in zip(feeds, self._plan.fed)}
        self._fetched = {f.tensor: f.value for f in self._plan.fetched}
        self._unfed = set(feeds)
        self._left = set(elements)
        self._allowed = set(elements)
        self._values: dict[int, Any] = dict(self._plan.constants)
        self._done: set[int] = set()
        self._interpreter = Interpreter(self._plan, state)
        self._steps = {s.key: s for s in self._plan.steps}
        self._producer = {out: s.key for s in self._plan.steps for out in s.outputs}

    def run(self, elements: Sequence[Tensor | Operation], feeds: dict[Tensor, Any]) -> list[Any]:
        """Takes `feeds`, computes `elements`; steps done in an earlier call are not done again.

        Raises:
          InvalidArgumentError: A feed or fetch that was not set up, or that was given or fetched before; a feed that
            is missing.
        """
        for tensor in feeds:
            if tensor not in self._number:
                raise _error(f"The feed {tensor.name} was not specified in partial_run_setup.")
            if tensor not in self._unfed:
                raise _error(f"The feed {tensor.name} has already been fed.")
        for element in elements:
            if element not in self._allowed:
                raise _error(f"The fetch {element.name} was not specified in partial_run_setup.")
            if element not in self._left:
                raise _error(f"The fetch {element.name} has already been fetched.")
        wanted = self._needed(elements, set(feeds))
        for tensor, array in feeds.items():
            self._values[self._number[tensor]] = array
            self._unfed.discard(tensor)
        token = quiet()
        try:
            self._interpreter.resume(self._values, 0, wanted=wanted, keep=True)
        finally:
            restore(token)
        self._done |= wanted
        self._left.difference_update(elements)
        return [fresh(self._values[self._fetched[e]]) if isinstance(e, Tensor) else None for e in elements]

    def _needed(self, elements: Sequence[Tensor | Operation], arriving: set[Tensor]) -> set[int]:
        """Keys of the steps still to do for `elements`."""
        missing = {self._number[t]: t for t in self._unfed if t not in arriving}
        wanted: set[int] = set()
        stack: list[tuple[str, int]] = []
        for element in elements:
            stack.append(("value", self._fetched[element]) if isinstance(element, Tensor) else ("step", element._id))
        while stack:
            kind, number = stack.pop()
            if kind == "value":
                if number in missing:
                    raise _error(
                        f"Fetch {elements[0].name} can't be computed from the feeds that have been fed so far: "
                        f"{missing[number].name} is missing.")
                key = self._producer.get(number)
                if key is None:
                    continue
            else:
                key = number
            if key in wanted or key in self._done or key not in self._steps:
                continue
            step = self._steps[key]
            if step.kind == "op" and step.op.type in ("Placeholder", "PlaceholderV2"):
                raise unfed_error(step.op)
            wanted.add(key)
            stack.extend(("value", v) for v in step.inputs)
            stack.extend(("step", k) for k in step.control)
        return wanted


def _error(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)
