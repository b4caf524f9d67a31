"""Public training views: `live` watches what `Session.run` fetches; `dashboard` and `progress` are found here too.

Looks at the engine only through `core.inspect.on_run`. Must import no widget: the display chooses the form.
"""

from __future__ import annotations

import atexit
import importlib
import itertools
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfviz.cells import current_execution, in_notebook, on_cell_end, running, shell
from tfviz.control import Gate, Slider
from tfviz.curve_display import Display, make_display
from tfviz.curve_export import to_csv, to_json
from tfviz.curve_model import CurveSet
from tfviz.curve_svg import curve_svg
from tfviz.curve_text import text_chart
from tfviz.series import Columns, Series

__all__ = ["LiveView", "dashboard", "live", "progress", "tensor_name"]

_IDENTS = itertools.count(1)


def live(
    *,
    title: str = "",
    step: Any = None,
    smoothing: float = 0.0,
    log_y: bool = False,
    x: str = "step",
    show: bool = True,
    **tensors: Any,
) -> LiveView:
    """Show numbers as curves that grow while the loop trains; nothing in the loop changes.

    Each value that `Session.run` fetches of a watched tensor becomes a point. The point's step is the number of
    training runs (runs that fetch something that is not watched) since the first point, so that the picture doesn't
    depend on how often a number is fetched. Executing the cell again starts a new run; the older ones stay, faded.

    Args:
        title: heading of the picture.
        step: an integer scalar tensor (`global_step`) used as the step whenever it is fetched in the same run.
        smoothing: weight of the moving average in [0, 1), as in TensorBoard; the raw curve stays, faint.
        log_y: logarithmic y axis.
        x: "step", "relative" (seconds since the start) or "wall"; may be changed in the view.
        show: False draws nothing until the view is the value of a cell; points are kept all the same.
        **tensors: label = scalar tensor, tensor name, or any text for a number given by `view.log`.

    Returns:
        The view: `view.log(step, loss=...)`, `view.columns("loss")`, `view.figure()`, `view.save("loss.svg")`.

    Raises:
        ValueError: a tensor is known not to be a scalar; smoothing outside [0, 1).

    Example:
        >>> import tfviz
        >>> view = tfviz.live(title="by hand", show=False)
        >>> for i in range(3):
        ...     view.log(i, loss=1.0 / (i + 1))
        >>> view.columns("loss").value.round(3).tolist()
        [1.0, 0.5, 0.333]
        >>> view.close()
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"tfviz.live: smoothing must be in [0, 1), got {smoothing}")
    if x not in ("step", "relative", "wall"):
        raise ValueError(f'tfviz.live: x must be "step", "relative" or "wall", got {x!r}')
    watched = {label: tensor_name(label, tensor) for label, tensor in tensors.items()}
    step_name = None if step is None else tensor_name("step", step)
    options = {"smoothing": smoothing, "log_y": log_y, "x": x}
    return LiveView(watched, step_name, title, options, make_display if show else None)


def tensor_name(label: str, tensor: Any) -> str:
    """The name under which a tensor is fetched; a text stands for itself."""
    if isinstance(tensor, str):
        return tensor
    name = getattr(tensor, "name", None)
    if not isinstance(name, str):
        raise ValueError(f"tfviz.live: {label}= wants a scalar tensor, its name or a text, got {type(tensor).__name__}")
    shape = getattr(tensor, "shape", None)
    rank = getattr(shape, "ndims", None)
    if rank:
        raise ValueError(
            f"tfviz.live: {label}={name} has shape {shape}, but a curve wants a scalar; "
            f"watch tf.reduce_mean of it, or tfviz.weights for a picture of a matrix"
        )
    return name


def progress(steps: Iterable[Any], *, total: int | None = None, title: str = "", **tensors: Any) -> Any:
    """Go through `steps` behind a bar with rate, time left and the newest numbers; see `tfviz.progress_bar`."""
    return importlib.import_module("tfviz.progress_bar").progress(steps, total=total, title=title, **tensors)


def dashboard(logdir: str | Path | None = None, **options: Any) -> Any:
    """Show every summary that this process, or another that writes to `logdir`, has written; see `tfviz.board`."""
    return importlib.import_module("tfviz.board").dashboard(logdir, **options)


class LiveView:
    """Curves of one training; made by `live`.

    Args:
        watched: label = name of the tensor.
        step_name: name of the tensor that holds the step, or None.
        title: heading.
        options: smoothing, log_y, x.
        display: makes what the curves are shown in, or None.
    """

    def __init__(
        self,
        watched: Mapping[str, str],
        step_name: str | None,
        title: str,
        options: dict[str, Any],
        display: Callable[[CurveSet, dict[str, Any], str], Display] | None,
    ) -> None:
        self._labels: dict[str, str] = {}
        for label, name in watched.items():
            self._labels[name] = label
            if ":" not in name:
                self._labels[name + ":0"] = label
        self._step_name = step_name
        self._count = -1  # training runs since the first point; -1 before it
        self._options = options
        self._execution = current_execution()
        self._cells = {self._execution.cell}
        self._key = (self._execution.cell, tuple(watched), title)
        self._lock = threading.RLock()
        self.curves = CurveSet(title)
        _take_over(self)
        self._begin_run()
        for label in watched:
            self.curves.current[label]
        self._next_tick = 0.0
        self._dirty = False
        self._ended = False
        self._ident = f"tfviz-static-{next(_IDENTS)}-{time.time_ns() % 16**6:06x}"
        self._display = display(self.curves, options, self._ident) if display else Display()
        self._trails = display is not None and in_notebook()
        if display:
            on_cell_end(self.finish)
            if shell() is None:
                atexit.register(self.close)  # a script that doesn't close its view still gets the chart
        self._gate = Gate(lambda: running.busy)
        widget = getattr(self._display, "widget", None)
        if widget is not None and watched:
            widget.gate = self._gate
            options["control"] = True
            widget.save()
        self._remove = _watch(self) if watched else (lambda: None)

    # -- points in

    def log(self, step: float | None = None, /, **values: Any) -> None:
        """Add a point to each named curve.

        Args:
            step: where on the x axis; default one more than the curve's last point.
            **values: label = a number (NumPy scalars and size-1 arrays too).
        """
        if self._execution is not running.execution:
            self._cell_changed()
        wall = time.time()
        run = self.curves.current
        for label, value in values.items():
            series = run[label]
            series.append(_next_step(series) if step is None else float(step), _number(label, value), wall)
        self._points_came(wall)

    def observe(self, session: Any, names: Iterable[str], values: Iterable[Any], index: int, wall: float) -> None:
        """The hook that `core.inspect.on_run` calls after each run."""
        if running.quiet:  # a run that a slider or picture asked for
            return
        hits = []
        training = False
        step = None
        labels = self._labels
        for name, value in zip(names, values):
            label = labels.get(name)
            if label is not None and value is not None:
                hits.append((label, value))
            elif name == self._step_name:
                step = float(value)
            else:
                training = True
        if hits:
            if self._execution is not running.execution:
                self._cell_changed()
            if self._count < 0:
                self._count = 0
            elif training:
                self._count += 1
            run = self.curves.current
            for label, value in hits:
                series = run[label]
                at = step
                if at is None:
                    at = float(self._count)
                    last = series.last()
                    if last is not None and at <= last[0]:  # fetched again with no training in between
                        at = last[0] + 1
                series.append(at, _number(label, value), wall)
            self._points_came(wall)
        elif training and self._count >= 0:
            self._count += 1
        if training:
            running.quiet = True
            try:
                if self._gate.wait(session, self._display.flush):
                    self._show_sliders()
            finally:
                running.quiet = False

    def _points_came(self, now: float) -> None:
        self._dirty = True
        if now >= self._next_tick:
            self._dirty = False
            try:
                self._next_tick = self._display.tick(now)
            except Exception as error:
                self._give_up(error)
        elif self._trails:
            _PULSE.wake(self)

    def _give_up(self, error: Exception) -> None:
        """A picture that can't be drawn must not end a training: say so once, keep the points."""
        self._display = Display()
        self._next_tick = float("inf")
        reason = f"{type(error).__name__}: {error}"
        warnings.warn(f"tfviz.live stopped drawing ({reason}); points are kept", RuntimeWarning, stacklevel=4)

    def _begin_run(self) -> None:
        self._count = -1
        self.curves.begin(f"run {self._numbered()}", time.time())

    def _numbered(self) -> int:
        labels = [run.label for run in self.curves.runs]
        return 1 + max((int(label[4:]) for label in labels if label[4:].isdigit()), default=0)

    def _cell_changed(self) -> None:
        """Points come from another execution: the same cell again is a new run, another cell goes on with this one."""
        self._execution = running.execution
        if self._execution.cell in self._cells and self.curves.current.points():
            self._begin_run()
            self._cells = set()
        self._cells.add(self._execution.cell)
        if type(self._display) is not Display:
            on_cell_end(self.finish)

    def slider(self, *, log: bool = False, **bound: tuple[Any, float, float]) -> LiveView:
        """Put sliders under the curves that change variables while the loop runs, between two runs.

        Args:
            log: move by factors rather than by differences.
            **bound: name = (variable, lowest, highest).

        Returns:
            The view itself.

        Raises:
            ValueError: lowest isn't below highest, or isn't above zero where `log` is asked for.
        """
        for name, (variable, low, high) in bound.items():
            if not low < high or (log and low <= 0):
                raise ValueError(f"tfviz slider {name!r}: wants lowest < highest (and > 0 with log), got {low}, {high}")
            self._gate.sliders[name] = Slider(name, variable, float(low), float(high), None, log)
        self._show_sliders()
        return self

    def _show_sliders(self) -> None:
        self._options["sliders"] = [one.described() for one in self._gate.sliders.values()]
        widget = getattr(self._display, "widget", None)
        if widget is not None:
            widget.save()

    # -- out

    def columns(self, label: str, run: int = -1) -> Columns:
        """The exact columns of a curve: float64 step, value and wall time.

        Raises:
            KeyError: no curve of this label in that run.
        """
        found: Series | None = self.curves.runs[run].series.get(label)
        if found is None:
            known = ", ".join(self.curves.runs[run].series)
            raise KeyError(f"no curve {label!r}; there are: {known}")
        return found.columns()

    def figure(self, **options: Any) -> Any:
        """The curves as a matplotlib figure, from the same columns; options: smoothing, log_y."""
        from tfviz.figure import curve_figure  # matplotlib takes half a second to import

        return curve_figure(self.curves, **{**self._drawing(), **options})

    def svg(self, **options: Any) -> str:
        """The curves as the text of an SVG; options: smoothing, log_y."""
        return curve_svg(self.curves, ident=self._ident, **{**self._drawing(), **options})

    def text(self, width: int = 72, height: int = 10) -> str:
        """The curves as a chart for a terminal."""
        return text_chart(self.curves, width, height)

    def save(self, path: str | Path) -> Path:
        """Write the curves to a file; the ending decides: .csv and .json exact points, .svg, .png, .pdf a picture."""
        path = Path(path)
        kind = path.suffix.lower()
        if kind == ".csv":
            path.write_text(to_csv(self.curves), encoding="utf-8")
        elif kind == ".json":
            path.write_text(to_json(self.curves), encoding="utf-8")
        elif kind == ".svg":
            path.write_text(self.svg(), encoding="utf-8")
        elif kind in (".png", ".pdf"):
            self.figure().savefig(path)
        else:
            raise ValueError(f"{path}: ending must be .csv, .json, .svg, .png or .pdf")
        return path

    def _drawing(self) -> dict[str, Any]:
        return {"smoothing": self._options["smoothing"], "log_y": self._options["log_y"]}

    def finish(self) -> None:
        """Draw the final picture; called by itself when the cell ends."""
        self._dirty = False
        self._gate.reset()
        self._display.finish()

    def close(self) -> None:
        """Stop watching, and draw the final picture."""
        if not self._ended:
            self._ended = True
            atexit.unregister(self.close)
            self._remove()
            self.finish()

    def __enter__(self) -> LiveView:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        points = sum(run.points() for run in self.curves.runs)
        return f"<tfviz.live {', '.join(self.curves.names())}: {points} points>"

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        """The view as the value of a cell; where `live` has drawn itself already, its words only."""
        if type(self._display) is not Display and in_notebook():
            return {"text/plain": repr(self)}
        return {"image/svg+xml": self.svg(), "text/plain": self.text()}


def _next_step(series: Series) -> float:
    last = series.last()
    return 0.0 if last is None else last[0] + 1


def _number(label: str, value: Any) -> float:
    """A scalar as float; TypeError names the curve."""
    try:
        return float(value)
    except TypeError:
        array = np.asarray(value)
        if array.size == 1:
            return float(array.reshape(())[()])
        raise TypeError(f"tfviz.live: curve {label!r} wants a number, got an array of shape {array.shape}") from None


# -- who watches what

_VIEWS: weakref.WeakValueDictionary[tuple[Any, ...], LiveView] = weakref.WeakValueDictionary()


def _take_over(view: LiveView) -> None:
    """The cell was executed again: its former view stops watching, and its runs go on as faded ones."""
    former = _VIEWS.get(view._key)
    if former is not None and in_notebook():
        former._remove()
        former._ended = True
        former._display.close()
        former._display = Display()
        view.curves.runs = former.curves.runs
    _VIEWS[view._key] = view


def _watch(view: LiveView) -> Callable[[], None]:
    """Register the view with the engine; the engine holds it until `close`, a new execution of its cell, or exit."""
    remove: Callable[[], None] = importlib.import_module("core.inspect").on_run(view.observe)
    return remove


class _Pulse:
    """One daemon thread for all views: sends the last points when a loop pauses between two ticks."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._views: weakref.WeakSet[LiveView] = weakref.WeakSet()
        self._thread: threading.Thread | None = None

    def wake(self, view: LiveView) -> None:
        """`view` has points that wait; costs a check of a flag when the thread knows already."""
        if self._event.is_set():
            return
        self._views.add(view)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._loop, name="tfviz-pulse", daemon=True)
            self._thread.start()
        self._event.set()

    def _loop(self) -> None:
        while self._event.wait(60):
            time.sleep(0.05)
            self._event.clear()
            for view in list(self._views):
                if view._dirty and time.time() >= view._next_tick:
                    view._dirty = False
                    view._display.flush()
                elif view._dirty:
                    self._event.set()


_PULSE = _Pulse()
