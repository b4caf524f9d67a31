"""Callbacks after each run. Empty at the start: a run looks at the tuple's truth value only. Standard library
only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Hook", "add", "callbacks", "tell"]

# (session, fetch names, values, step index, seconds the run took)
Hook = Callable[[Any, tuple[str, ...], Sequence[Any], int, float], None]

callbacks: list[Hook] = []
_lock = threading.Lock()


def add(hook: Hook) -> Callable[[], None]:
    """Calls `hook` after each run from now on; returns what takes it away again."""
    with _lock:
        callbacks.append(hook)

    def remove() -> None:
        with _lock:
            if hook in callbacks:
                callbacks.remove(hook)
    return remove


def tell(session: Any, names: tuple[str, ...], values: Sequence[Any], step: int, seconds: float) -> None:
    """Tells everybody of one run."""
    for hook in tuple(callbacks):
        hook(session, names, values, step, seconds)
