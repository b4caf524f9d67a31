"""Pause, single-step, stop and sliders: what the buttons of a view do to the loop that trains.

A command reaches a busy kernel only where the front end talks to it through another thread (JupyterLab's comm
subshells). A pause that came any other way could not be taken back, so it is refused. Must not import core or widgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Gate", "Slider"]


@dataclass(slots=True)
class Slider:
    """A number that the view can change: written to a variable between two runs."""

    name: str
    variable: Any
    low: float
    high: float
    value: float | None  # None until a session is there to ask
    log: bool

    def described(self) -> dict[str, Any]:
        """What the front end needs to draw it."""
        return {"name": self.name, "low": self.low, "high": self.high, "value": self.value, "log": self.log}


class Gate:
    """Where the training thread passes after each run; commands come from other threads.

    Example:
        >>> gate = Gate()
        >>> gate.command("pause")
        'busy'
        >>> gate.state
        'running'
    """

    def __init__(self, active: Callable[[], bool] = lambda: True) -> None:
        self._active = active  # whether a cell is running
        self.sliders: dict[str, Slider] = {}
        self._changed = threading.Condition()
        self._paused = False
        self._steps = 0  # runs that may pass while paused
        self._stop = False
        self._pending: dict[str, float] = {}

    @property
    def state(self) -> str:
        """ "running" or "paused"."""
        return "paused" if self._paused else "running"

    def command(self, action: str, name: str = "", value: float = 0.0) -> str:
        """Carry out what a button says; returns the state; "idle": no cell runs, "busy": on the loop's thread."""
        if action == "set":
            if name in self.sliders and value == value:
                slider = self.sliders[name]
                slider.value = min(slider.high, max(slider.low, float(value)))
                self._pending[name] = slider.value
            return self.state
        if action in ("pause", "step", "stop") and threading.current_thread() is threading.main_thread():
            return "busy" if self._active() else "idle"
        if not self._active():
            return "idle"
        with self._changed:
            if action == "pause":
                self._paused, self._steps = True, 0
            elif action == "step":
                self._paused, self._steps = True, self._steps + 1
            elif action == "run":
                self._paused = False
            elif action == "stop":
                self._stop, self._paused = True, False
            self._changed.notify_all()
        return self.state

    def reset(self) -> None:
        """The cell ended: the next one starts running."""
        with self._changed:
            self._paused, self._steps, self._stop = False, 0, False
            self._changed.notify_all()

    def wait(self, session: Any, while_paused: Callable[[], None]) -> bool:
        """Pass, or wait while paused; sliders are written before going on.

        Returns:
            Whether a slider learned the value that its variable has.

        Raises:
            KeyboardInterrupt: the view said stop; the session and its variables stay as they are after this run.
        """
        if self._paused and not self._steps:
            while_paused()
            with self._changed:
                while self._paused and not self._steps and not self._stop:
                    self._changed.wait(0.2)  # a short wait, so that an interrupt of the kernel comes through
        if self._steps:
            with self._changed:
                self._steps = max(0, self._steps - 1)
        while self._pending:
            name, value = self._pending.popitem()
            self.sliders[name].variable.load(value, session)
        if self._stop:
            self.reset()
            raise KeyboardInterrupt("stopped from the view")
        unknown = [slider for slider in self.sliders.values() if slider.value is None]
        for slider in unknown:
            slider.value = float(session.run(slider.variable))
        return bool(unknown)
