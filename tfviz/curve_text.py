"""Curves in a terminal: one compact line while training, a chart of braille dots at the end; no escape codes.

Must not import core, IPython or widgets.
"""

from __future__ import annotations

import numpy as np

from tfviz.axes import format_number, format_tick, padded_range
from tfviz.curve_model import Card, CurveSet
from tfviz.series import Columns, envelope

__all__ = ["compact_line", "sparkline", "text_chart"]

_BARS = "▁▂▃▄▅▆▇█"
_DOT = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bit of the dot in row r, column c (Unicode U+2800)


def sparkline(columns: Columns, cells: int = 12) -> str:
    """The course of a curve in `cells` characters: the mean of each stretch.

    Example:
        >>> sparkline(Columns(np.arange(4.0), np.array([3.0, 2.0, 1.0, 0.0]), np.zeros(4)), 4)
        '█▆▃▁'
    """
    value = columns.value[np.isfinite(columns.value)]
    if len(value) == 0:
        return ""
    cells = min(cells, len(value))
    edges = np.linspace(0, len(value), cells + 1).astype(int)[:-1]
    means = np.add.reduceat(value, edges) / np.diff(np.append(edges, len(value)))
    low, high = means.min(), means.max()
    level = np.zeros(cells) if high == low else (means - low) / (high - low)
    return "".join(_BARS[int(x * 7 + 0.5)] for x in level)


def compact_line(curves: CurveSet, width: int = 100) -> str:
    """Step, and each number's newest value with its course, cut at `width` characters.

    Example:
        >>> curves = CurveSet(); run = curves.begin("", 0.0)
        >>> for i in range(3): run["loss"].append(i * 10, 2.0 - i, 0.0)
        >>> compact_line(curves)
        'step 20  loss 0 █▅▁'
    """
    if not curves.runs:
        return ""
    series = [s for s in curves.current.series.values() if len(s)]
    if not series:
        return "nothing logged yet"
    step = max(float(s.columns().step[-1]) for s in series)
    cells = max(4, min(16, width // (len(series) + 1) - 18))
    line = f"step {format_number(step)}"
    for one in series:
        part = f"  {one.name} {format_number(float(one.columns().value[-1]))} {sparkline(one.columns(), cells)}"
        if len(line) + len(part) > width:
            return line + " …"
        line += part
    return line


def text_chart(curves: CurveSet, width: int = 72, height: int = 10) -> str:
    """Every card of the newest run as a chart of braille dots with its axes.

    Args:
        width: characters in a row, axis included.
        height: rows of dots of one chart.
    """
    charts = [_chart(card, width, height) for card in curves.cards()]
    heading = [curves.title] if curves.title else []
    return "\n".join(heading + [c for c in charts if c]) or "nothing logged yet"


def _chart(card: Card, width: int, height: int) -> str:
    lines = [line for line in card.lines if line.age == 0 and np.isfinite(line.series.columns().value).any()]
    if not lines:
        return ""
    data = [line.series.columns() for line in lines]
    finite = np.concatenate([c.value[np.isfinite(c.value)] for c in data])
    low, high = float(finite.min()), float(finite.max())
    if low == high:  # a flat curve runs through the middle
        low, high = padded_range(low, high, False)
    first, last = min(float(c.step.min()) for c in data), max(float(c.step.max()) for c in data)
    labels = [format_tick(float(f"{high:.4g}")), format_tick(float(f"{low:.4g}"))]
    margin = max(map(len, labels)) + 1
    cells = max(8, width - margin - 1)
    grid = np.zeros((height, cells), np.int64)
    for columns in data:
        _plot(grid, columns, (first, last), (low, high))
    rows = ["".join(chr(0x2800 + int(bits)) if bits else " " for bits in row) for row in grid]
    values = "  ".join(f"{line.label} {format_number(float(c.value[-1]))}" for line, c in zip(lines, data, strict=True))
    title = values if len(lines) == 1 and lines[0].label == card.title else f"{card.title}: {values}"
    out = [title]
    for i, row in enumerate(rows):
        label = labels[0] if i == 0 else labels[1] if i == height - 1 else ""
        out.append(f"{label:>{margin - 1}} ┤{row}".rstrip())
    ends = format_number(first), format_number(last)
    out.append(" " * margin + "└" + "─" * cells)
    out.append(" " * (margin + 1) + ends[0] + " " * max(1, cells - len(ends[0]) - len(ends[1])) + ends[1])
    return "\n".join(out)


def _plot(grid: np.ndarray, columns: Columns, xs: tuple[float, float], ys: tuple[float, float]) -> None:
    """Set the dots of one curve: each column of dots is filled between its lowest and highest value."""
    height, cells = grid.shape[0] * 4, grid.shape[1] * 2
    order = np.argsort(columns.step, kind="stable")
    x, y = columns.step[order], columns.value[order]
    keep = envelope(x, y, cells)
    x, y = x[keep], y[keep]
    good = np.isfinite(y)
    x, y = x[good], y[good]
    px = ((x - xs[0]) / ((xs[1] - xs[0]) or 1.0) * (cells - 1) + 0.5).astype(int)
    py = ((ys[1] - y) / ((ys[1] - ys[0]) or 1.0) * (height - 1) + 0.5).astype(int)
    for i in range(len(px)):
        j = max(0, i - 1)
        steps = max(abs(px[i] - px[j]), abs(py[i] - py[j]), 1)
        for k in range(steps + 1):
            c, r = px[j] + (px[i] - px[j]) * k // steps, py[j] + (py[i] - py[j]) * k // steps
            grid[r // 4, c // 2] |= _DOT[r % 4][c % 2]
