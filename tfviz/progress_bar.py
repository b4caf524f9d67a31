"""A progress bar with rate, time left and the numbers of the training in it; in a terminal one line.

Must not import core or widgets: numbers come through `tfviz.curves`, the picture is HTML that needs no script.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from html import escape
from typing import Any, Generic, TypeVar

from tfviz.axes import format_number
from tfviz.cells import in_notebook, on_cell_end
from tfviz.curve_display import CHEAP, Display
from tfviz.curve_text import sparkline
from tfviz.curves import LiveView, tensor_name

__all__ = ["Progress", "format_duration", "progress"]

_T = TypeVar("_T")
_EIGHTHS = " ▏▎▍▌▋▊▉"


def progress(steps: Iterable[_T], *, total: int | None = None, title: str = "", **tensors: Any) -> Progress[_T]:
    """Go through `steps` behind a bar that shows how far, how fast, how long still, and the newest numbers.

    Args:
        steps: what the loop goes through.
        total: how many there are; default `len(steps)` where it has one.
        title: words before the bar.
        **tensors: label = scalar tensor, tensor name, or any text for a number given by `bar.log(label=...)`.

    Returns:
        An iterable, also to be used in a `with`; `bar.view` holds the curves of the numbers.

    Example:
        >>> with progress(range(3), title="epochs") as bar:
        ...     for i in bar:
        ...         bar.log(loss=1.0 / (i + 1))
        epochs 100% ██████████ 3/3 ... loss 0.33333 █▃▁
        >>> bar.view.columns("loss").step.tolist()
        [0.0, 1.0, 2.0]
    """
    if total is None and isinstance(steps, Sized):
        total = len(steps)
    watched = {label: tensor_name(label, tensor) for label, tensor in tensors.items()}
    return Progress(steps, total, title, watched)


def format_duration(seconds: float) -> str:
    """Seconds as 8s, 3:05 or 2:10:00.

    Example:
        >>> [format_duration(s) for s in (7.6, 185, 7800)]
        ['8s', '3:05', '2:10:00']
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


class Progress(Generic[_T]):
    """The bar: an iterable of the steps and a context manager; made by `progress`."""

    def __init__(
        self,
        steps: Iterable[_T],
        total: int | None,
        title: str,
        watched: dict[str, str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.total, self.title, self.done = total, title, 0
        self._steps, self._clock = steps, clock
        self._begin = clock()
        self._marks: list[tuple[float, int]] = []  # (time, done), for the rate of the last seconds
        self._ended = False
        self.view = LiveView(watched, None, "", {"smoothing": 0.0, "log_y": False, "x": "step"}, None)
        self._shown: _Shown = _InNotebook(self) if in_notebook() else _InTerminal(self)
        self._next = 0.0
        self._shown.draw()

    def __iter__(self) -> Iterator[_T]:
        if in_notebook():
            on_cell_end(self.close)  # the loop may be left by an error or a break
        for step in self._steps:
            yield step
            self.done += 1
            now = self._clock()
            if now >= self._next:
                self._next = now + max(self._shown.wait, CHEAP * self._timed(now))
        self.close()

    def _timed(self, now: float) -> float:
        self._marks = [*self._marks[-19:], (now, self.done)]
        self._shown.draw()
        return self._clock() - now

    def log(self, **values: Any) -> None:
        """Give numbers that no run fetches; the step is that of the bar."""
        self.view.log(float(self.done), **values)

    def close(self) -> None:
        """Draw the bar as it stands, once."""
        if not self._ended:
            self._ended = True
            self.view.close()
            self._shown.end()

    def __enter__(self) -> Progress[_T]:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def words(self) -> tuple[str, str]:
        """What stands behind the bar: counts, rate and times; then the numbers."""
        now = self._clock()
        count = f"{self.done:,}" + (f"/{self.total:,}" if self.total is not None else "")
        recent = self._marks if len(self._marks) > 1 and not self._ended else [(self._begin, 0), (now, self.done)]
        elapsed = recent[-1][0] - recent[0][0]
        rate = (recent[-1][1] - recent[0][1]) / elapsed if elapsed > 0 else 0.0
        parts = [count]
        if self.done:
            parts.append(
                f"{format_number(float(f'{rate:.3g}'))}/s" if rate >= 1 or not rate else f"{1 / rate:.3g} s each"
            )
        left = (self.total - self.done) / rate if self.total is not None and rate > 0 else 0.0
        total = format_duration(now - self._begin)
        parts.append(f"{total}, {format_duration(left)} left" if left and not self._ended else total)
        numbers = []
        for series in self.view.curves.current.series.values():
            if len(series):
                columns = series.columns()
                numbers.append(f"{series.name} {format_number(float(columns.value[-1]))} {sparkline(columns, 10)}")
        return "  ".join(parts), "  ".join(numbers)

    @property
    def part(self) -> float | None:
        """How much is done, from 0 to 1; None where the number of steps isn't known."""
        return None if self.total is None else min(1.0, self.done / self.total) if self.total else 1.0

    def line(self, cells: int = 10) -> str:
        """The bar as one line of text."""
        times, numbers = self.words()
        bar = ""
        if self.part is not None:
            eighths = int(self.part * cells * 8)
            drawn = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths < cells * 8 else "")
            bar = (
                f"{int(self.part * 100):3d}% {drawn:<{cells}} "
                if not self._ended or self.part < 1
                else f"100% {drawn} "
            )
        return " ".join(t for t in (self.title, bar.strip() if bar else "", times) if t) + (
            "  " + numbers if numbers else ""
        )

    def html(self) -> str:
        """The bar as HTML without script; colours follow the page, names are escaped."""
        times, numbers = self.words()
        stopped = self._ended and self.part is not None and self.part < 1
        colour = "#d9580b" if stopped else "#0b8a5a" if self._ended else "#2563eb"
        width = 100 * (self.part if self.part is not None else 1)
        title = f"<b>{escape(self.title)}</b> " if self.title else ""
        fill = f'<div style="width:{width:.1f}%;height:100%;background:{colour};border-radius:4px"></div>'
        track = (
            '<div style="display:inline-block;vertical-align:middle;width:180px;height:9px;margin:0 8px;'
            f'border-radius:4px;background:rgba(128,128,128,.25);overflow:hidden">{fill}</div>'
        )
        percent = "" if self.part is None else f"{int(self.part * 100)}%"
        return (
            '<div style="font:12px/1.6 system-ui,sans-serif;font-variant-numeric:tabular-nums">'
            f"{title}{percent}{track}{escape(times)} &nbsp; {escape(numbers)}</div>"
        )


class _Shown(Display):
    wait = 0.1  # seconds between two drawings, at least

    def draw(self) -> None:
        """Draw the bar as it stands."""

    def end(self) -> None:
        """Draw it for the last time."""
        self.draw()


class _InNotebook(_Shown):
    """One HTML output that is changed in place; it stays in the saved notebook."""

    def __init__(self, bar: Progress[Any]) -> None:
        from IPython.display import display  # optional: only in a kernel

        self._bar = bar
        self._handle = display({"text/html": "", "text/plain": ""}, raw=True, display_id=True)

    def draw(self) -> None:
        self._handle.update({"text/html": self._bar.html(), "text/plain": self._bar.line()}, raw=True)


class _InTerminal(_Shown):
    """A line that is written over on a screen; in a file only the last one."""

    def __init__(self, bar: Progress[Any]) -> None:
        self._bar = bar
        self._length = 0

    def draw(self) -> None:
        if sys.stdout.isatty():
            line = self._bar.line()
            sys.stdout.write("\r" + line + " " * max(0, self._length - len(line)))
            sys.stdout.flush()
            self._length = len(line)

    def end(self) -> None:
        self.draw()
        sys.stdout.write("\n" if sys.stdout.isatty() else self._bar.line() + "\n")
