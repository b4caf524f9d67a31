"""`dashboard`: every summary that this process writes, or any folder of event files, also while another writes them.

Looks at the engine only through `core.inspect.on_summary`. Widget, static picture and text as everywhere.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfviz.board_model import Board
from tfviz.cells import in_notebook, on_cell_end
from tfviz.curve_display import Display, NotebookDisplay, TerminalDisplay
from tfviz.curve_svg import curve_svg
from tfviz.curve_text import text_chart
from tfviz.events import EventFile, parse_event
from tfviz.media_svg import media_svg

__all__ = ["Dashboard", "dashboard"]

SECOND = 1.0


def dashboard(
    logdir: str | Path | None = None,
    *,
    smoothing: float = 0.0,
    log_y: bool = False,
    follow: bool = True,
    show: bool = True,
) -> Dashboard:
    """Show curves, histograms, images, sounds and texts, as TensorBoard would, in the cell and without a server.

    Args:
        logdir: a folder of event files (each folder below it that has some is a run); None shows what the
            `tf.summary.FileWriter`s of this process write from now on.
        smoothing: weight of the moving average in [0, 1).
        log_y: logarithmic y axis.
        follow: go on reading while the files grow.
        show: False draws nothing until the dashboard is the value of a cell.

    Raises:
        FileNotFoundError: there is no such folder.

    Example:
        >>> import tempfile
        >>> import tfviz
        >>> tfviz.dashboard(tempfile.mkdtemp(), show=False).board.curves.runs
        []
    """
    if logdir is not None and not Path(logdir).is_dir():
        raise FileNotFoundError(
            f"tfviz.dashboard: no folder {str(logdir)!r}; give the folder that FileWriter writes to"
        )
    return Dashboard(logdir, {"smoothing": smoothing, "log_y": log_y, "x": "step"}, follow, show)


class Dashboard:
    """What `dashboard` shows; `board` holds all that was read."""

    def __init__(self, logdir: str | Path | None, options: dict[str, Any], follow: bool, show: bool) -> None:
        self.board = Board("" if logdir is None else str(logdir))
        self._options = options
        self._folder = None if logdir is None else Path(logdir)
        self._files: dict[Path, EventFile] = {}
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._next_tick = 0.0
        if self._folder is not None:
            self.refresh()
        self._ident = f"tfviz-static-d{id(self) % 16**6:06x}-{time.time_ns() % 16**4:04x}"
        self._display: Display = _display(self) if show else Display()
        self._remove: Callable[[], None] = lambda: None
        if show:
            on_cell_end(self.finish)
        if self._folder is None:
            self._remove = importlib.import_module("core.inspect").on_summary(self._written)
        elif follow and show and in_notebook():
            me = weakref.ref(self)
            threading.Thread(target=_follow, args=(me, self._ended), name="tfviz-board", daemon=True).start()

    def refresh(self) -> int:
        """Read what the files have gained; returns how many values came."""
        assert self._folder is not None
        with self._lock:
            before = self.board.version
            for path in sorted(self._folder.rglob("*tfevents*")):
                self._files.setdefault(path, EventFile(path))
            for path, file in self._files.items():
                run = str(path.parent.relative_to(self._folder))
                with contextlib.suppress(OSError):  # a file that vanished or can't be read now is tried again
                    while events := file.poll():
                        for event in events:
                            self.board.add("." if run == "" else run, event)
            return self.board.version - before

    def _written(self, event: Any, logdir: Any = "", *_more: Any) -> None:
        """The hook of `core.inspect.on_summary`: an event (message or bytes) and the folder of its writer."""
        data = event if isinstance(event, bytes) else event.SerializeToString()
        with self._lock:
            self.board.add(str(logdir) or ".", parse_event(data))
        now = time.time()
        if now >= self._next_tick:
            self._next_tick = self._display.tick(now)
        on_cell_end(self.finish)

    @property
    def broken(self) -> list[str]:
        """Files that could not be read to their end, and where they broke."""
        return [file.broken for file in self._files.values() if file.broken]

    def svg(self) -> str:
        """Curves and the newest histograms, images and texts as one SVG."""
        with self._lock:
            drawing = {"smoothing": self._options["smoothing"], "log_y": self._options["log_y"]}
            if not self.board.tracks:
                return curve_svg(self.board.curves, ident=self._ident, **drawing)
            top = curve_svg(self.board.curves, ident=self._ident, **drawing) if self.board.curves.runs else ""
            at = int(top.split('height="', 1)[1].split('"', 1)[0]) if top else 0
            below, height = media_svg(self.board, self._ident + "-media", at + 6)
            box = f'viewBox="0 0 720 {at + 6 + height}" width="720" height="{at + 6 + height}"'
            style = 'style="max-width:100%;height:auto"'
            name = self._ident + ("-all" if top else "")
            return f'<svg xmlns="http://www.w3.org/2000/svg" id="{name}" {box} {style}>{top}{below}</svg>'

    def text(self) -> str:
        """The curves as charts for a terminal, and a list of what else there is."""
        kinds = [
            f"{kind}s: {', '.join(tags)}"
            for kind in ("histogram", "image", "audio", "text")
            if (tags := self.board.tags(kind))
        ]
        return "\n".join([text_chart(self.board.curves), *kinds])

    def finish(self) -> None:
        """Draw the final picture; called by itself when the cell ends."""
        if self._folder is not None:
            self.refresh()
        self._display.finish()

    def close(self) -> None:
        """Stop watching and reading."""
        self._ended.set()
        self._remove()
        self.finish()

    def __enter__(self) -> Dashboard:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        runs = self.board.curves.runs
        points = sum(run.points() for run in runs)
        return f"<tfviz.dashboard: {len(runs)} runs, {points} points, {len(self.board.tracks)} other tags>"

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        if type(self._display) is not Display and in_notebook():
            return {"text/plain": repr(self)}
        return {"image/svg+xml": self.svg(), "text/plain": self.text()}


def _follow(view: weakref.ref[Dashboard], ended: threading.Event) -> None:
    """Reads on while the dashboard lives; sends only what a thread may send (no change of the static picture)."""
    while not ended.wait(SECOND):
        found = view()
        if found is None:
            return
        if found.refresh():
            found._display.flush()
        del found


class _BoardDisplay(NotebookDisplay):
    """The notebook form with the dashboard's widget and picture."""

    def __init__(self, owner: Dashboard) -> None:
        self._owner = weakref.proxy(owner)
        super().__init__(owner.board.curves, owner._options, owner._ident)

    def _make_widget(self) -> Any:
        try:
            from tfviz.board_widget import BoardWidget  # optional: anywidget may be missing

            return BoardWidget(self._owner.board, self._options, self._ident)
        except (ImportError, FileNotFoundError):
            return None

    def _static(self) -> dict[str, str]:
        return {"image/svg+xml": self._owner.svg(), "text/plain": self._owner.text()}

    def _count(self) -> int:
        return int(self._owner.board.version)


def _display(owner: Dashboard) -> Display:
    return _BoardDisplay(owner) if in_notebook() else TerminalDisplay(owner.board.curves)
