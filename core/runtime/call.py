"""Running body graphs: what `OpContext.call` does. One program per body and session, made when first called.

Imports core.graph and its neighbours here.
"""

from __future__ import annotations

import threading
from typing import Any

from core.graph.function import FuncGraph
from core.runtime.execute import Program, compile_program
from core.runtime.options import Options
from core.runtime.state import SessionState

__all__ = ["BodyCaller"]


class BodyCaller:
    """Runs the bodies of one session's loops, branches and functions."""

    def __init__(self, state: SessionState, options: Options) -> None:
        self._state = state
        self._options = options
        self._programs: dict[FuncGraph, tuple[Any, Program]] = {}
        self._lock = threading.Lock()

    def __call__(self, function: FuncGraph, arguments: list[Any]) -> list[Any]:
        """Runs `function`; returns its outputs and, after them, what it records on the tape."""
        key = (function._version, function._edits, len(function.outputs), len(function.taped))
        known = self._programs.get(function)
        if known is None or known[0] != key:
            with self._lock:
                program = compile_program(
                    [*function.outputs, *function.taped], function.control_outputs, function.inputs, self._state,
                    self._options, internal=True)
                self._programs[function] = known = (key, program)
        return known[1].run(arguments)
