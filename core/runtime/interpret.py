"""The reference engine: runs a plan step by step from a table. Slow and plain; every compiled plan must equal it.

Also the engine of a plan's first run (which finds the shapes out), of traced runs and of debug mode.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from core.errors import DeadlineExceededError, InternalError, format_error
from core.graph import Cell
from core.runtime.bind import bind, fresh_copy
from core.runtime.failure import kernel_error
from core.runtime.guard import Guard, guarded_ranges
from core.runtime.memory import last_uses
from core.runtime.plan import Plan, Step
from core.runtime.state import SessionState

__all__ = ["Interpreter", "Observer"]

# Called after each step: (step, inputs, outputs, start in seconds, seconds taken).
Observer = Callable[[Step, list[Any], tuple[Any, ...], float, float], None]


class Interpreter:
    """A plan bound to a session's state, ready to be walked."""

    def __init__(self, plan: Plan, state: SessionState, debug: bool = False) -> None:
        self.plan = plan
        self.state = state
        self.debug = debug
        last = last_uses(plan)
        dead: list[list[int]] = [[] for _ in plan.steps]
        for value, at in last.items():
            if at < len(plan.steps) and value not in plan.constants:
                dead[at].append(value)
        self._table: list[tuple[Step, Callable[..., Any] | None, bool, tuple[int, ...]]] = [
            (step, None, step.kind == "op" and step.op.op_def.single_output, tuple(d))
            for step, d in zip(plan.steps, dead)]
        self._ranges = guarded_ranges(plan)

    def run(self, feeds: dict[int, Any], observer: Observer | None = None) -> dict[int, Any]:
        """Runs all steps; returns the values that are left: at least the fetched ones."""
        values = dict(self.plan.constants)
        values.update(feeds)
        self.resume(values, 0, observer)
        return values

    def resume(
        self, values: dict[int, Any], start: int, observer: Observer | None = None, wanted: set[int] | None = None,
        keep: bool = False,
    ) -> None:
        """Runs the steps from `start` on (or those with keys in `wanted`), reading and filling `values`."""
        guard = Guard()
        deadline = self.state.run.deadline
        ranges = self._ranges
        begun = [at for at in ranges if at < start]
        try:
            guard.move(bool(begun) and ranges[max(begun)])
            for at in range(start, len(self._table)):
                if at in ranges:
                    guard.move(ranges[at])
                if wanted is not None and self._table[at][0].key not in wanted:
                    continue
                if deadline is not None and time.monotonic() >= deadline:
                    raise DeadlineExceededError(
                        None, None, "Timed out waiting for notification: the run took longer than `timeout_in_ms` (or "
                        "`operation_timeout_in_ms`) allows.")
                self._step(at, values, observer, keep)
        finally:
            guard.move(False)

    def _step(self, at: int, values: dict[int, Any], observer: Observer | None, keep: bool) -> None:
        step, call, single, dead = self._table[at]
        inputs: list[Any] = []
        try:
            if call is None:
                # Bound at the first run; kernels keep what they need in the session's state.
                call = bind(step, self.state)
                self._table[at] = (step, call, single, dead)
            for i, number in enumerate(step.inputs):
                value = values[number]
                if isinstance(value, Cell) and (step.kind == "read" or (step.deref and step.deref[i])):
                    value = value.read()
                inputs.append(value)
            for i in step.copied:
                inputs[i] = fresh_copy(inputs[i])
            begin = time.perf_counter() if observer is not None else 0.0
            result = call(*inputs)
            taken = time.perf_counter() - begin if observer is not None else 0.0
            if step.kind == "read" or single:
                outputs: tuple[Any, ...] = (result,)
            else:
                outputs = tuple(result) if step.outputs else ()
                if len(outputs) != len(step.outputs):
                    raise InternalError(
                        None, None, f"The kernel gave {len(outputs)} outputs instead of {len(step.outputs)}.")
            if step.copies:
                outputs = tuple(fresh_copy(o) for o in outputs)
            if self.debug:
                _check(step, outputs)
        except BaseException as error:
            raise kernel_error(error, step.op, inputs) from None
        if observer is not None:
            observer(step, inputs, outputs, begin, taken)
        for number, value in zip(step.outputs, outputs):
            if number >= 0:
                values[number] = value
        if not keep:
            for number in dead:
                values.pop(number, None)


def _check(step: Step, outputs: tuple[Any, ...]) -> None:
    """Debug mode: every output must have the dtype of its tensor and fit its static shape."""
    if step.kind != "op":
        return
    for value, tensor in zip(outputs, step.op.outputs):
        if not isinstance(value, (np.ndarray, np.generic)):
            if not (tensor.dtype._is_ref_dtype or tensor.dtype.name in ("resource", "variant")):
                raise InternalError(None, step.op, format_error(
                    f"The kernel of {step.op.type} returned a {type(value).__name__}, not an array.", op=step.op))
            continue
        wanted = tensor.dtype.base_dtype.np_dtype
        if value.dtype != wanted or not tensor.shape.is_compatible_with(value.shape):
            raise InternalError(None, step.op, format_error(
                f"The kernel of {step.op.type} does not keep its word.", op=step.op,
                got=f"{value.dtype}{list(value.shape)}", wanted=f"{wanted} {tensor.shape}"))
