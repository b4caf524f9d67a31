"""Callbacks after each run. Empty at the start: a run looks at the tuple's truth value only. Standard library
only.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["add", "callbacks", "event_callbacks", "tell", "tell_event"]

Hook = Callable[..., None]

callbacks: list[Hook] = []  # called with (session, fetch names, values, step index, wall time) after a run
event_callbacks: list[Hook] = []  # called with (event, folder) for each event that a FileWriter writes
_lock = threading.Lock()


def add(hooks: list[Hook], hook: Hook) -> Callable[[], None]:
    """Puts `hook` into one of the lists above; returns what takes it out again."""
    with _lock:
        hooks.append(hook)
    return lambda: _remove(hooks, hook)


def _remove(hooks: list[Hook], hook: Hook) -> None:
    with _lock:
        if hook in hooks:
            hooks.remove(hook)


def _call(hooks: list[Hook], *arguments: Any) -> None:
    for hook in tuple(hooks):
        try:
            hook(*arguments)
        except Exception as error:  # who watches must not stop the training
            _remove(hooks, hook)
            warnings.warn(f"A callback of core.inspect failed and was removed: {hook!r}: {error!r}", stacklevel=2)


def tell(session: Any, names: tuple[str, ...], values: Sequence[Any], step: int, wall: float) -> None:
    """Tells everybody of one run."""
    _call(callbacks, session, names, values, step, wall)


def tell_event(event: Any, folder: str) -> None:
    """Tells everybody of one event written to the event file in `folder`."""
    if event_callbacks:
        _call(event_callbacks, event, folder)
