"""Pictures of the net itself while it learns: `weights` (matrices, filters), `surface` (what a net of two inputs says).

They ask the session for what they draw, a few times a second, after a run of the loop; never more than 1 % of its time.
Looks at the engine only through `core.inspect.on_run` and `Session.run`. Must import no widget.
"""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import numpy as np

from tfviz.axes import format_number, format_tick, linear_ticks
from tfviz.cells import current_execution, in_notebook, on_cell_end, running
from tfviz.pictures import CLASSES, blend, data_uri, diverging, filter_grid

__all__ = ["Picture", "surface", "surface_svg", "weights", "weights_svg"]

CHEAP = 100
_STYLE = (
    "{s}{{--p:#fff;--i:#1f2430;--m:#5b6470;--g:#e6e8ec}}"
    "@media(prefers-color-scheme:dark){{{s}{{--p:#16181d;--i:#e8eaee;--m:#a3abb8;--g:#2b2f37}}}}"
    "{s} text{{font:11px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--m)}}"
    "{s} .t{{font-size:12px;font-weight:600;fill:var(--i)}}{s} .b{{fill:var(--p);stroke:var(--g)}}"
    "{s} image{{image-rendering:pixelated}}{s} .n{{text-anchor:middle;fill:#1f2430;font-size:10px}}"
)


def weights(*variables: Any, every: float = 0.2, image: tuple[int, int] | None = None, show: bool = True) -> Picture:
    """Show variables as pictures that change while the loop trains.

    A matrix is a heat map (small ones with their numbers), filters [h, w, in, out] a grid, a matrix whose rows make up
    an image (784 = 28 x 28, or `image`) a grid of one image a column, a vector one row. Blue is below
    zero, orange above.

    Args:
        *variables: variables or tensors that need no feed.
        every: seconds between two looks, at least.
        image: height and width of the images in the rows of a matrix.
        show: False draws nothing until the picture is the value of a cell.

    Raises:
        ValueError: no variable given, or `image` doesn't fit the first one.

    Example:
        >>> weights(show=False)
        Traceback (most recent call last):
        ValueError: tfviz.weights: give at least one variable, as in tfviz.weights(w1, w2)
    """
    if not variables:
        raise ValueError("tfviz.weights: give at least one variable, as in tfviz.weights(w1, w2)")
    names = [str(getattr(v, "name", v)).split(":")[0] for v in variables]

    def look(session: Any) -> str:
        values = session.run(list(variables))
        return weights_svg(dict(zip(names, values, strict=True)), image)

    return Picture(look, every, show, "weights " + ", ".join(names))


def surface(
    output: Any,
    inputs: Any,
    points: Any = None,
    labels: Any = None,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    feed: Mapping[Any, Any] | None = None,
    every: float = 0.25,
    size: int = 64,
    show: bool = True,
) -> Picture:
    """Show what a net with two inputs says everywhere, and the points that it learns from, while it learns.

    Args:
        output: tensor [n], [n, 1] (one number: 0.5, or 0 where it goes below 0, is the border) or [n, k] (k classes).
        inputs: the placeholder [n, 2] that is fed.
        points: float[m, 2], drawn as dots.
        labels: [m], [m, 1] classes, or [m, k] one-hot: the dots' colours.
        bounds: x_low, x_high, y_low, y_high; default around the points.
        feed: what else the output needs (a keep probability).
        every: seconds between two looks, at least.
        size: cells on a side.

    Raises:
        ValueError: neither points nor bounds; points aren't [m, 2].
    """
    dots = None if points is None else np.asarray(points, np.float64)
    if dots is not None and (dots.ndim != 2 or dots.shape[1] != 2):
        raise ValueError(f"tfviz.surface: points must have shape [m, 2], got {list(dots.shape)}")
    if bounds is None:
        if dots is None or not len(dots):
            raise ValueError("tfviz.surface: give points=, or bounds=(x_low, x_high, y_low, y_high)")
        low, high = dots.min(0), dots.max(0)
        air = np.maximum(high - low, 1e-6) * 0.15
        bounds = (float(low[0] - air[0]), float(high[0] + air[0]), float(low[1] - air[1]), float(high[1] + air[1]))
    xs, ys = np.linspace(bounds[0], bounds[1], size), np.linspace(bounds[3], bounds[2], size)
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    box = bounds

    def look(session: Any) -> str:
        said = np.asarray(session.run(output, {inputs: grid, **(feed or {})}))
        return surface_svg(said.reshape(size, size, -1), box, dots, labels)

    return Picture(look, every, show, f"surface of {getattr(output, 'name', output)}")


class Picture:
    """A picture that is drawn anew after runs of the loop; the last one stays in the saved notebook."""

    def __init__(self, look: Callable[[Any], str], every: float, show: bool, words: str) -> None:
        self._look, self._every, self._words = look, every, words
        self._next = 0.0
        self._session: Any = None
        self._svg = ""
        self._stale = False
        self._handle: Any = None
        current_execution()
        if show and in_notebook():
            from IPython.display import display  # optional: only in a kernel

            self._handle = display(self._bundle(), raw=True, display_id=True)
        self._remove: Callable[[], None] = importlib.import_module("core.inspect").on_run(self._ran)

    def _ran(self, session: Any, _names: Any, _values: Any, _index: int, _wall: float) -> None:
        if running.quiet:
            return
        now = time.perf_counter()
        self._session = session
        if now < self._next or self._handle is None:
            self._stale = True
        else:
            self.draw(session)
            self._next = now + max(self._every, CHEAP * (time.perf_counter() - now))
        if self._stale and self._handle is not None:
            on_cell_end(self._last)

    def draw(self, session: Any) -> None:
        """Look now and draw; what can't be asked for yet (an uninitialised variable) is asked for later."""
        self._stale = False
        running.quiet = True
        try:
            svg = self._look(session)
        except Exception as error:
            if type(error).__name__ != "FailedPreconditionError":
                self.close()
                warnings.warn(f"tfviz: {self._words} stopped: {error}", RuntimeWarning, stacklevel=3)
            return
        finally:
            running.quiet = False
        if svg != self._svg:
            self._svg = svg
            if self._handle is not None:
                self._handle.update(self._bundle(), raw=True)

    def _last(self) -> None:
        """The cell ended: the picture must be that of the last run."""
        if self._stale and self._session is not None and not getattr(self._session, "_closed", False):
            self.draw(self._session)

    def close(self) -> None:
        """Stop looking."""
        self._remove()

    def svg(self) -> str:
        """The picture as it stands; empty before the first run."""
        return self._svg

    def _bundle(self) -> dict[str, str]:
        bundle = {"text/plain": repr(self)}
        return {**bundle, "image/svg+xml": self._svg} if self._svg else bundle

    def __repr__(self) -> str:
        return f"<tfviz {self._words}{'' if self._svg else ': nothing run yet'}>"

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        if self._session is not None and self._stale:
            self.draw(self._session)
        return self._bundle() if self._handle is None else {"text/plain": repr(self)}


# -- drawing


def weights_svg(values: Mapping[str, Any], image: tuple[int, int] | None = None, ident: str = "tfviz-weights") -> str:
    """Each array as a card, three in a row; same arrays, same bytes."""
    cards, heights = [], []
    for name, value in values.items():
        array = np.asarray(value, np.float64)
        card, height = _weight_card(name, array, image)
        cards.append(card)
        heights.append(height)
    rows = [heights[i : i + 3] for i in range(0, len(heights), 3)]
    tops = [sum(max(r) for r in rows[:i]) for i in range(len(rows))]
    body = "".join(f'<g transform="translate({i % 3 * 240},{tops[i // 3]})">{card}</g>' for i, card in enumerate(cards))
    return _frame(ident, min(len(cards), 3) * 240, sum(max(r) for r in rows) + 6, body)


def _weight_card(name: str, array: np.ndarray, image: tuple[int, int] | None) -> tuple[str, int]:
    shape = "×".join(map(str, array.shape)) or "scalar"
    finite = array[np.isfinite(array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    limit = max(abs(low), abs(high))
    picture = _arranged(array, image)
    h, w = picture.shape
    scale = min(216 / w, 200 / h, 40)
    width, height = w * scale, h * scale
    title = name if len(name) < 24 else "…" + name[-23:]
    out = [f'<text class="t" x="12" y="20">{escape(title)}</text><text x="228" y="20" text-anchor="end">{shape}</text>']
    place = f'x="12" y="30" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none"'
    out.append(f'<image {place} href="{data_uri(diverging(picture, limit))}"/>')
    if array.ndim <= 2 and array.size <= 80 and scale >= 26:
        for (i, j), v in np.ndenumerate(picture):
            at = f'x="{12 + (j + 0.5) * scale:.1f}" y="{30 + (i + 0.5) * scale + 3.5:.1f}"'
            dark = ' style="fill:#fff"' if limit and abs(v) > 0.7 * limit else ""
            out.append(f'<text class="n" {at}{dark}>{format_number(float(f"{v:.2g}"))}</text>')
    foot = 30 + height + 16
    words = f"{format_number(float(f'{low:.3g}'))} … {format_number(float(f'{high:.3g}'))}"
    if finite.size < array.size:
        words += f", {array.size - finite.size} not finite"
    out.append(f'<text x="12" y="{foot:.1f}">{words}</text>')
    return "".join(out), int(foot + 10)


def _arranged(array: np.ndarray, image: tuple[int, int] | None) -> np.ndarray:
    """Any array as a matrix to look at."""
    if array.ndim == 4:
        h, w, into, out = array.shape
        first = array.mean(2) if into > 1 else array[:, :, 0]
        return filter_grid(np.moveaxis(first, -1, 0)[:64])[0] if out else np.zeros((h, w))
    if array.ndim == 2:
        rows = array.shape[0]
        if image is not None:
            if image[0] * image[1] != rows:
                raise ValueError(f"tfviz.weights: {rows} rows don't make images of {image[0]}×{image[1]}")
            return filter_grid(array.T.reshape(-1, *image)[:64])[0]
        if rows == 784 and array.shape[1]:  # the digits that everybody starts with
            return filter_grid(array.T.reshape(-1, 28, 28)[:64])[0]
        return array if array.size else np.zeros((1, 1))
    if array.ndim <= 1:
        return array.reshape(1, -1) if array.size else np.zeros((1, 1))
    return array.reshape(array.shape[0], -1)


def surface_svg(
    said: np.ndarray,
    bounds: tuple[float, float, float, float],
    points: np.ndarray | None = None,
    labels: Any = None,
    ident: str = "tfviz-surface",
) -> str:
    """The answers float[rows, columns, k] (row 0 is the top) as colours, with axes and the points."""
    left, top, side = 44, 14, 300
    parts = _parts(said)
    x_low, x_high, y_low, y_high = bounds
    place = f'x="{left}" y="{top}" width="{side}" height="{side}" preserveAspectRatio="none"'
    out = [f'<image {place} style="image-rendering:auto" href="{data_uri(blend(parts))}"/>']
    for tick in linear_ticks(x_low, x_high, 6):
        x = left + (tick - x_low) / (x_high - x_low) * side
        out.append(f'<text x="{x:.1f}" y="{top + side + 16}" text-anchor="middle">{format_tick(tick)}</text>')
    for tick in linear_ticks(y_low, y_high, 6):
        y = top + (y_high - tick) / (y_high - y_low) * side
        out.append(f'<text x="{left - 6}" y="{y:.1f}" dy=".35em" text-anchor="end">{format_tick(tick)}</text>')
    if points is not None:
        classes = _classes(labels, len(points))
        for (px, py), c in list(zip(points.tolist(), classes, strict=True))[:2000]:
            if not (x_low <= px <= x_high and y_low <= py <= y_high):
                continue
            x, y = left + (px - x_low) / (x_high - x_low) * side, top + (y_high - py) / (y_high - y_low) * side
            dot = f'cx="{x:.1f}" cy="{y:.1f}" r="{4 if len(points) < 300 else 2.5}"'
            out.append(f'<circle {dot} fill="{CLASSES[c % len(CLASSES)]}" stroke="#fff"/>')
    return _frame(ident, left + side + 14, top + side + 26, "".join(out))


def _parts(said: np.ndarray) -> np.ndarray:
    """Answers as parts of classes: several columns by softmax where they aren't parts already, one as no and yes."""
    said = np.nan_to_num(np.asarray(said, np.float64))
    if said.shape[-1] > 1:
        if said.min() >= 0 and np.allclose(said.sum(-1), 1, atol=1e-3):
            return said
        power = np.exp(said - said.max(-1, keepdims=True))
        return np.asarray(power / power.sum(-1, keepdims=True))
    one = said[..., 0]
    if one.min() < 0:  # tanh or raw numbers: zero is the border
        one = 0.5 + 0.5 * np.clip(one / (np.abs(one).max() or 1.0), -1, 1)
    elif one.max() > 1:
        one = one / one.max()
    return np.stack([1 - one, one], -1)


def _classes(labels: Any, n: int) -> list[int]:
    if labels is None:
        return [7] * n
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] > 1:
        array = array.argmax(1)
    array = array.reshape(-1).astype(np.float64)
    return [int(v) for v in (array > 0)] if array.min() < 0 else [int(v + 0.5) for v in array]


def _frame(ident: str, width: int, height: int, body: str) -> str:
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" style="max-width:100%;height:auto"'
    paper = f'<rect class="b" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="6"/>'
    style = f"<style>{_STYLE.format(s='#' + ident)}</style>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" id="{ident}" role="img" {box}>{style}{paper}{body}</svg>'
