"""Where this program runs: a notebook cell, an IPython shell or a plain terminal, and which cell is executing now.

IPython is looked at only where it is already imported. Must not import core, widgets or drawing modules.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

__all__ = ["Execution", "current_execution", "in_notebook", "on_cell_end", "running", "shell"]


@dataclass(frozen=True, eq=False, slots=True)
class Execution:
    """One execution of a cell: `cell` stays the same when the cell is executed again, the object does not."""

    cell: str
    ended: list[Callable[[], None]] = field(default_factory=list)


class _Running:
    """The execution that is running, as last told by IPython; read where a function call would cost too much."""

    execution = Execution("")
    busy = False
    quiet = False  # a view runs the session itself: no view counts that run
    hooked: Any = None


running = _Running()


def shell() -> Any:
    """The running IPython shell, or None."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython  # optional: only where IPython is there already

    return get_ipython()


def in_notebook() -> bool:
    """True in a kernel: displays can be pictures, and can be changed later."""
    ip = shell()
    return ip is not None and getattr(ip, "kernel", None) is not None


def current_execution() -> Execution:
    """The cell execution that is running; one for the whole program outside IPython."""
    ip = shell()
    if ip is not None and running.hooked is not ip:
        running.hooked = ip
        ip.events.register("pre_run_cell", _begin)
        ip.events.register("post_run_cell", _end)
        # The cell that imports this file began before the hooks were there.
        running.execution = Execution(_cell_of(ip, None))
        running.busy = True
    return running.execution


def on_cell_end(callback: Callable[[], None]) -> None:
    """Call once when the running cell has finished, also after an error or an interrupt; outside IPython never."""
    execution = current_execution()
    if callback not in execution.ended:
        execution.ended.append(callback)


def _begin(info: Any = None) -> None:
    running.busy = True
    running.execution = Execution(_cell_of(running.hooked, info))


def _end(_result: Any = None) -> None:
    running.busy = False
    ended, running.execution.ended[:] = list(running.execution.ended), []
    for callback in ended:
        callback()


def _cell_of(ip: Any, info: Any) -> str:
    """The front end's id of the cell; where it sends none, the cell's text stands for it."""
    found = getattr(info, "cell_id", None)
    if not found and getattr(ip, "kernel", None) is not None:
        try:
            found = ip.kernel.get_parent("shell").get("metadata", {}).get("cellId")
        except (AttributeError, LookupError, TypeError):  # another kernel than ipykernel
            found = None
    if found:
        return str(found)
    return "code-" + sha1(str(getattr(info, "raw_cell", "") or "").encode()).hexdigest()[:12]
