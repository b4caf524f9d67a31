"""Where curves are shown while they grow: a notebook cell (widget, static picture) or a terminal (line, then chart).

A display has `tick(now)` (called by the logging thread), `flush()` (any thread) and `finish()` (end of the cell or
of the program). Each measures what it costs and waits a hundred times as long, so it never takes more than 1 %.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from tfviz.cells import in_notebook
from tfviz.curve_model import CurveSet
from tfviz.curve_svg import curve_svg
from tfviz.curve_text import compact_line, text_chart

__all__ = ["Display", "NotebookDisplay", "TerminalDisplay", "make_display"]

FRAME = 1 / 30  # seconds between two messages of a view, at least
CHEAP = 100  # a display waits this many times its own cost


class Display:
    """Shows nothing; what a view has where `show=False` was asked for, and the base of the others."""

    def tick(self, now: float) -> float:
        """New points came; returns the time before which no tick is wanted."""
        return now + 1.0

    def flush(self) -> None:
        """Send what is waiting, from any thread."""

    def finish(self) -> None:
        """The cell or program ended: leave the final picture."""

    def close(self) -> None:
        """What was shown is gone from the page: give back what the page and the kernel hold for it."""


class NotebookDisplay(Display):
    """A live widget where widgets work, and beside it a static picture that the saved notebook keeps.

    The two are outputs of their own, because a reader without a kernel (nbconvert, GitHub, a re-opened notebook) would
    else choose the widget's dead half of one bundle. The widget hides the picture while it is alive.
    """

    def __init__(
        self, curves: CurveSet, options: dict[str, Any], ident: str, clock: Callable[[], float] = time.time
    ) -> None:
        from IPython.display import display  # optional: only in a kernel

        self._curves, self._options, self._ident, self._clock = curves, options, ident, clock
        self.widget = self._make_widget()
        if self.widget is not None:
            view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
            mime = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "tfviz curves (live in JupyterLab)"}
            display(mime, raw=True)
        self._drawn = -1
        self._handle = display(self._static(), raw=True, display_id=ident)
        self._drawn = self._count()
        self._next_static = self._clock() + 0.5

    def _make_widget(self) -> Any:
        """The live widget, or None where anywidget or the bundle is missing (the static picture then moves instead)."""
        try:
            from tfviz.curve_widget import CurveWidget  # optional: anywidget may be missing

            return CurveWidget(self._curves, self._options, self._ident)
        except (ImportError, FileNotFoundError):
            return None

    def _count(self) -> int:
        return sum(len(series) for _, series in self._curves.each())

    def _static(self) -> dict[str, str]:
        options = {key: self._options[key] for key in ("smoothing", "log_y") if key in self._options}
        svg = curve_svg(self._curves, ident=self._ident, **options)
        return {"image/svg+xml": svg, "text/plain": text_chart(self._curves)}

    def tick(self, now: float) -> float:
        begin = time.perf_counter()
        if now >= self._next_static:
            self._update_static()
            if self.widget is not None:
                self.widget.save()
            self._next_static = now + max(1.0, CHEAP * (time.perf_counter() - begin))
            begin = time.perf_counter()
        if self.widget is None:
            return self._next_static
        self.widget.flush()
        return now + max(FRAME, CHEAP * (time.perf_counter() - begin))

    def flush(self) -> None:
        if self.widget is not None:
            self.widget.flush()

    def _update_static(self) -> None:
        count = self._count()
        if count != self._drawn:
            self._drawn = count
            self._handle.update(self._static(), raw=True)

    def finish(self) -> None:
        if self.widget is not None:
            self.widget.flush()
            self.widget.save()
        self._update_static()

    def close(self) -> None:
        if self.widget is not None:
            self.widget.close()
            self.widget = None


class TerminalDisplay(Display):
    """One line that is written over on a screen; in a file a line now and then; at the end a chart."""

    def __init__(self, curves: CurveSet, stream: TextIO | None = None) -> None:
        self._curves = curves
        self._stream = stream
        self._wait = 0.0
        self._drawn = 0
        self._shown = 0  # characters of the line on the screen now

    @property
    def stream(self) -> TextIO:
        return self._stream or sys.stdout

    def _count(self) -> int:
        return sum(len(series) for _, series in self._curves.each())

    def tick(self, now: float) -> float:
        if self.stream.isatty():
            line = compact_line(self._curves)
            self.stream.write("\r" + line + " " * max(0, self._shown - len(line)))
            self.stream.flush()
            self._shown = len(line)
            return now + 0.2
        self.stream.write(compact_line(self._curves) + "\n")
        self._wait = min(60.0, self._wait * 2 or 2.0)
        return now + self._wait

    def finish(self) -> None:
        count = self._count()
        if count == self._drawn:
            return
        self._drawn = count
        lead = "\n" if self._shown else ""
        self._shown = 0
        self.stream.write(lead + text_chart(self._curves) + "\n")
        self.stream.flush()


def make_display(curves: CurveSet, options: dict[str, Any], ident: str) -> Display:
    """The best display that this place can show."""
    return NotebookDisplay(curves, options, ident) if in_notebook() else TerminalDisplay(curves)
