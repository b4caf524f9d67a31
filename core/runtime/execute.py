"""Last stage: runs programs. A `Program` is one (fetches, targets, feeds) of one session, with all plans made for it.

The first run with given feed shapes walks the interpreter and notes the shapes; the second one compiles
(core.runtime.specialise); later ones only execute. Buffers belong to one run at a time: each `Code` keeps a pool of
instances. Imports core.graph and its neighbours here.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Any, Final

import numpy as np

from core.graph import Operation, Tensor
from core.runtime.describe import describe
from core.runtime.emit import Deopt, Stale
from core.runtime.facts import Facts, Seen, establish
from core.runtime.failure import kernel_error
from core.runtime.floats import quiet, restore
from core.runtime.fresh import fresh
from core.runtime.interpret import Interpreter, Observer
from core.runtime.memory import steady_reads
from core.runtime.options import Options
from core.runtime.passes import run_passes
from core.runtime.plan import Plan, Step
from core.runtime.prune import check_fed, prune
from core.runtime.schedule import schedule
from core.runtime.specialise import Code, specialise
from core.runtime.state import SessionState

__all__ = ["Program", "compile_program"]

_MAX_CODES: Final = 8  # combinations of feed shapes with code of their own; the rest share code that serves all shapes
_MAX_ROUNDS: Final = 4
_MAX_STALE: Final = 4  # times that a variable may change its shape before code takes it as unknown
_ANY: Final = ("any",)  # the key of that code


def compile_program(
    fetches: Sequence[Tensor], targets: Sequence[Operation], feeds: Sequence[Tensor], state: SessionState,
    options: Options, internal: bool = False,
) -> Program:
    """Prunes and schedules; what depends on shapes waits for the first runs.

    Raises:
      InvalidArgumentError: A placeholder is needed and not fed; the edges form a cycle.
    """
    plan = prune(fetches, targets, feeds)
    check_fed(plan)
    return Program(schedule(plan), state, options, internal)


class Program:
    """What one combination of fetches and feeds compiles to."""

    def __init__(self, plan: Plan, state: SessionState, options: Options, internal: bool = False) -> None:
        self.internal = internal  # a body: its results stay inside the engine
        self.plan = plan
        self.state = state
        self.options = options
        self.interpreter = Interpreter(plan, state, debug=options.debug)
        self._fetched = tuple(f.value for f in plan.fetched)
        self._kept_feeds = _kept_feeds(plan)
        self._opaque = internal or any(_is_opaque(plan.tensors[v]) for v in plan.fed)
        self._compiles = not options.debug and "generated_code" not in options.disabled
        self._codes: dict[Any, Code] = {}
        self._seen: dict[Any, dict[int, Seen]] = {}  # by feed shapes: what the interpreter noted
        self._unstable: set[int] = set()
        self._stale = 0
        self._lock = threading.Lock()

    # ------------------------------------------------------------------ running

    def run(self, feeds: Sequence[Any]) -> list[Any]:
        """Runs once.

        Args:
          feeds: One array per fed tensor, in the plan's order; never written to.

        Returns:
          One fresh array (NumPy scalar for rank 0, bytes for a string) per fetch.
        """
        if self._kept_feeds:
            feeds = self._copied(feeds)
        if self._opaque:
            key: Any = _shapes_of(feeds)
        else:
            key = tuple([f.shape for f in feeds]) if feeds else ()
        code = self._codes.get(key)
        if code is None:
            return self._run_first(feeds)
        free = code.free
        try:
            function = free.pop()
        except IndexError:
            function = code.instance()
        token = quiet()
        try:
            return function(*feeds)
        except Exception as error:
            return self._recover(code, feeds, error)
        finally:
            restore(token)
            free.append(function)

    def interpret(self, feeds: Sequence[Any], observer: Observer | None = None) -> list[Any]:
        """Runs once in the reference engine, telling `observer` of every step."""
        token = quiet()
        try:
            values = self.interpreter.run(dict(zip(self.plan.fed, self._copied(feeds))), observer)
        finally:
            restore(token)
        return [fresh(values[v]) for v in self._fetched]

    def _copied(self, feeds: Sequence[Any]) -> list[Any]:
        """The feeds; those that somebody may hold beyond the run as copies, because they are the user's."""
        copied = list(feeds)
        for at in self._kept_feeds:
            if isinstance(copied[at], np.ndarray):
                copied[at] = copied[at].copy()
        return copied

    def _run_first(self, feeds: Sequence[Any]) -> list[Any]:
        """A run for which there is no code: notes the shapes, or makes the code if they are known from the run
        before.
        """
        if not self._compiles:
            return self.interpret(feeds)
        key = _shapes_of(feeds)
        seen = self._seen.get(key)
        if seen is not None or len(self._seen) >= _MAX_CODES:
            with self._lock:
                if key not in self._codes:
                    if seen is None and _ANY not in self._codes:
                        self._codes[_ANY] = self._compile(None, {})
                    if len(self._codes) > 8 * _MAX_CODES:
                        self._codes = {_ANY: self._codes[_ANY]} if _ANY in self._codes else {}
                    self._codes[key] = self._codes[_ANY] if seen is None else self._compile(key, seen)
            return self.run(feeds) if key in self._codes else self.interpret(feeds)
        noted: dict[int, Seen] = {}
        for value, array in zip(self.plan.fed, feeds):
            if isinstance(array, (np.ndarray, np.generic)):
                noted[value] = Seen(array.shape, array.dtype)
        results = self.interpret(feeds, _note_taker(noted))
        self._seen[key] = noted
        if any(s.alias for s in noted.values()):
            # A kernel has returned its input though its op is not declared a view: plan with that.
            steps = tuple(replace(step, alias=True) if any(
                out in noted and noted[out].alias for out in step.outputs) else step for step in self.plan.steps)
            self.plan = schedule(replace(self.plan, steps=steps))
            self.interpreter = Interpreter(self.plan, self.state, debug=self.options.debug)
        return results

    def _compile(self, key: Any, seen: dict[int, Seen]) -> Code:
        """Makes the code for feeds of the shapes `key`; for all shapes if that is None."""
        disabled = self.options.disabled
        static = key is not None and "static_buffers" not in disabled
        plan, facts = self._optimised(key, seen)
        merge = self._stale <= _MAX_STALE and "update_fusion" not in disabled
        return specialise(plan, facts, self.state, static, merge, self.internal)

    def _optimised(self, key: Any, seen: dict[int, Seen]) -> tuple[Plan, Facts]:
        """The plan after the passes, and what is known of its shapes; without a key, what holds for all shapes."""
        plan = self.plan
        facts = Facts({}, {}, frozenset())
        for _ in range(_MAX_ROUNDS):  # folding shows shapes, which show what else can go
            if key is not None:
                facts = establish(plan, key, seen, frozenset(self._unstable))
            changed = run_passes(plan, facts, self.options.disabled)
            if changed is plan:
                break
            plan = changed
        plan = schedule(plan)
        if key is not None:
            facts = establish(plan, key, seen, frozenset(self._unstable))
        return plan, facts

    # ------------------------------------------------------------------ when something goes wrong

    def _recover(self, code: Code, feeds: Sequence[Any], error: Exception) -> list[Any]:
        """Words an error that came out of generated code; where its shapes were wrong the interpreter runs instead."""
        if isinstance(error, Stale):
            self._drop(code)
            with self._lock:
                self._seen.clear()
                self._stale += 1
                if self._stale > _MAX_STALE:  # a variable that changes its shape all the time
                    self._unstable.update(steady_reads(self.plan))
            return self.interpret(feeds)
        frame, line = _generated_frame(error.__traceback__, code)
        if frame is None:
            raise error
        at, resume = code.step_of_line[line - 2]
        if isinstance(error, Deopt):
            return self._interpret_rest(code, frame, resume, error.value)
        steps = code.plan.steps
        if at >= len(steps):
            raise error
        inputs = _inputs(code, steps[at], frame)
        del frame
        raise kernel_error(error, steps[at].op, inputs) from None

    def _interpret_rest(self, code: Code, frame: FrameType, resume: int, value: int) -> list[Any]:
        """Finishes a run whose shapes the code was not made for, and drops the code."""
        values: dict[int, Any] = {}
        for number in code.names:
            try:
                values[number] = code.value_of(number, frame)
            except KeyError:
                continue
        interpreter = Interpreter(code.plan, self.state)
        interpreter.resume(values, resume)
        results = [fresh(values[f.value]) for f in code.plan.fetched]
        self._unstable.add(value)
        self._drop(code)
        return results

    def _drop(self, code: Code) -> None:
        with self._lock:
            for key in [k for k, c in self._codes.items() if c is code]:
                del self._codes[key]

    # ------------------------------------------------------------------ looking at it

    def describe(self) -> dict[str, Any]:
        """The plan as it runs now, as plain dicts: after the passes, with buffers where code has been made."""
        codes = list(self._codes.values())
        code = codes[-1] if codes else None
        if code is not None:
            plan = code.plan
        else:
            key, seen = next(iter(self._seen.items()), (None, {}))
            plan, _ = self._optimised(key, seen)
        return describe(plan, code, {v: s for seen in self._seen.values() for v, s in seen.items()})


def _shapes_of(feeds: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([f.shape if isinstance(f, (np.ndarray, np.generic)) else None for f in feeds])


def _is_opaque(tensor: Tensor) -> bool:
    """True for tensors whose values need not be arrays: handles, references, variants."""
    return tensor.dtype._is_ref_dtype or tensor.dtype.name in ("resource", "variant")


def _kept_feeds(plan: Plan) -> tuple[int, ...]:
    """Positions of the feeds that a kernel may hold beyond the run (a queue, a user's function)."""
    kept = {v for step in plan.steps if step.retains for v in step.inputs}
    return tuple(i for i, v in enumerate(plan.fed) if v in kept)


def _note_taker(noted: dict[int, Seen]) -> Observer:
    def observe(step: Step, inputs: list[Any], outputs: tuple[Any, ...], begin: float, taken: float) -> None:
        del begin, taken
        for number, value in zip(step.outputs, outputs):
            if number < 0 or not isinstance(value, (np.ndarray, np.generic)):
                continue
            shared = isinstance(value, np.ndarray) and not step.alias and step.kind == "op" and any(
                isinstance(v, np.ndarray) and np.may_share_memory(value, v) for v in inputs)
            noted[number] = Seen(value.shape, value.dtype, shared)
    return observe


def _generated_frame(stack: TracebackType | None, code: Code) -> tuple[FrameType | None, int]:
    """The frame of the generated function in a traceback, and the line it stands at."""
    while stack is not None:
        if stack.tb_frame.f_code is code.code:
            return stack.tb_frame, stack.tb_lineno
        stack = stack.tb_next
    return None, 0


def _inputs(code: Code, step: Step, frame: FrameType) -> list[Any] | None:
    try:
        return [code.value_of(v, frame) for v in step.inputs]
    except KeyError:
        return None
