"""Curves as one small SVG, light and dark, without a browser: what stays in the saved notebook and on GitHub.

Pure: same curves in, same bytes out. Must not import core, IPython, widgets or matplotlib.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from tfviz.axes import format_number, format_tick, linear_ticks, log_ticks, padded_range
from tfviz.curve_model import DARK, LIGHT, Card, CurveSet, Line
from tfviz.series import ema, envelope, parts

__all__ = ["curve_svg"]

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 30, 28
PIXELS = 2.4  # a curve is reduced to columns this wide, the ends and extremes of each kept exactly

_STYLE = """
.s{font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--m)}
.t{font-size:13px;font-weight:600;fill:var(--i)}.v{font-size:11px;fill:var(--i);font-variant-numeric:tabular-nums}
.b{fill:var(--p);stroke:var(--g)}.g{stroke:var(--g);fill:none}.a{stroke:var(--x);fill:none}
.l{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}.r{stroke-opacity:.28;stroke-width:1}.o{stroke-opacity:.3;stroke-width:1.2}
"""
_LIGHT = "--p:#fff;--i:#1f2430;--m:#5b6470;--g:#e6e8ec;--x:#b9bfc8"
_DARK = "--p:#16181d;--i:#e8eaee;--m:#a3abb8;--g:#2b2f37;--x:#565d69"


def curve_svg(
    curves: CurveSet,
    *,
    smoothing: float = 0.0,
    log_y: bool = False,
    ident: str = "tfviz-curves",
    note: str = "",
) -> str:
    """Draw every card of `curves` side by side, two in a row.

    Args:
        curves: what to draw; nothing logged yet gives an empty frame that says so.
        smoothing: weight of the debiased moving average in [0, 1); above 0 the raw curve is drawn faint below it.
        log_y: logarithmic y axis, for values above zero.
        ident: id of the root element; letters, digits and hyphens.
        note: a line at the lower edge.

    Returns:
        The text of one SVG element; names are escaped; no number in it depends on the machine or the clock.
    """
    cards = curves.cards()
    columns = 1 if len(cards) <= 1 else 2
    rows = max(1, math.ceil(len(cards) / columns))
    width = WIDTH / columns
    head = 26 if curves.title else 0
    foot = 18 if note else 0
    height = head + rows * HEIGHT + foot
    palette = "".join(f"--c{i}:{c};" for i, c in enumerate(LIGHT))
    dark = "".join(f"--c{i}:{c};" for i, c in enumerate(DARK))
    scope = "#" + ident
    style = f"{scope}{{{_LIGHT};{palette}}}"
    style += f"@media(prefers-color-scheme:dark){{{scope}{{{_DARK};{dark}}}}}"
    style += "".join(f"{scope} {rule}" for rule in _STYLE.strip().replace("}.", "}\n.").split("\n"))
    described = "; ".join(_spoken(card) for card in cards) or "nothing logged yet"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{ident}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{escape(described)}" style="max-width:100%;height:auto">',
        f"<style>{style}</style>",
        f'<rect class="b" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
    ]
    if curves.title:
        out.append(f'<text class="s t" x="14" y="20">{escape(curves.title)}</text>')
    if not cards:
        middle = f'x="{WIDTH / 2:g}" y="{head + HEIGHT / 2:g}" text-anchor="middle"'
        out.append(f'<text class="s" {middle}>nothing logged yet</text>')
    for index, card in enumerate(cards):
        out.append(f'<g transform="translate({index % columns * width:g},{head + index // columns * HEIGHT})">')
        out += _card(card, width, smoothing, log_y)
        out.append("</g>")
    if note:
        out.append(f'<text class="s" x="14" y="{height - 8}">{escape(note)}</text>')
    out.append("</svg>")
    return "".join(out)


def _spoken(card: Card) -> str:
    parts = []
    for line in card.lines:
        last = line.series.last()
        if line.age == 0 and last is not None:
            parts.append(f"{line.label} {format_number(last[1])} at step {format_number(last[0])}")
    return f"{card.title}: {', '.join(parts)}" if parts else card.title


def _card(card: Card, width: float, smoothing: float, log_y: bool) -> list[str]:
    right, bottom = width - RIGHT, HEIGHT - BOTTOM
    out = [f'<text class="s t" x="14" y="20">{escape(_short(card.title, 30))}</text>']
    buckets = int((right - LEFT) / PIXELS)
    drawn = [(line, _points(line, smoothing, log_y, buckets // (2 if line.age else 1))) for line in card.lines]
    drawn = [(line, pieces) for line, pieces in drawn if pieces]
    if not drawn:
        out.append(f'<text class="s" x="{width / 2:g}" y="{HEIGHT / 2:g}" text-anchor="middle">no point yet</text>')
        return out
    xs = np.concatenate([p[0] for _, pieces in drawn for p in pieces])
    ys = np.concatenate([p[i] for _, pieces in drawn for p in pieces for i in (1, 2)])
    ys = ys[np.isfinite(ys)]
    x_low, x_high = float(xs.min()), float(xs.max())
    if x_low == x_high:
        x_low, x_high = x_low - 0.5, x_high + 0.5
    y_low, y_high = padded_range(float(ys.min()), float(ys.max()), log_y) if len(ys) else (0.0, 1.0)
    scale_x = (right - LEFT) / (x_high - x_low)
    transform = np.log10 if log_y else np.asarray
    t_low, t_high = float(transform(y_low)), float(transform(y_high))
    scale_y = (bottom - TOP) / (t_high - t_low)

    def to_y(value: float) -> float:
        return bottom - (float(transform(value)) - t_low) * scale_y

    for tick in (log_ticks if log_y else linear_ticks)(y_low, y_high, 6):
        y = _num(to_y(tick))
        out.append(f'<path class="g" d="M{LEFT} {y}H{_num(right)}"/>')
        out.append(f'<text class="s" x="{LEFT - 6}" y="{y}" dy=".35em" text-anchor="end">{format_tick(tick)}</text>')
    out.append(f'<path class="a" d="M{LEFT} {_num(bottom)}H{_num(right)}"/>')
    for tick in linear_ticks(x_low, x_high, max(3, int(width / 90))):
        x = _num(LEFT + (tick - x_low) * scale_x)
        out.append(f'<path class="a" d="M{x} {_num(bottom)}v4"/>')
        out.append(f'<text class="s" x="{x}" y="{_num(bottom + 17)}" text-anchor="middle">{format_tick(tick)}</text>')
    for line, pieces in drawn:
        for steps, raw, smooth in pieces:
            px = LEFT + (steps - x_low) * scale_x
            older = " o" if line.age else ""
            if smoothing and not line.age:
                out.append(_path(px, bottom - (transform(raw) - t_low) * scale_y, f"l r{older}", line.colour))
            out.append(_path(px, bottom - (transform(smooth) - t_low) * scale_y, f"l{older}", line.colour))
    out += _legend([line for line, _ in drawn if line.age == 0], width)
    return out


def _points(line: Line, smoothing: float, log_y: bool, buckets: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Per restart-free part: x, raw y, smoothed y, reduced to what the picture can show."""
    columns = line.series.columns()
    out = []
    for rows in parts(columns.step):
        part = columns[rows]
        y = part.value
        smooth = ema(y, smoothing)
        if log_y:
            y, smooth = (np.where(v > 0, v, np.nan) for v in (y, smooth))
        keep = envelope(part.step, smooth, buckets)
        if smoothing and not line.age:
            keep = np.union1d(keep, envelope(part.step, y, buckets))
        if np.isfinite(y[keep]).any():
            out.append((part.step[keep], y[keep], smooth[keep]))
    return out


def _path(x: np.ndarray, y: np.ndarray, kind: str, colour: int) -> str:
    """A path in tenths of a pixel, relative steps; a value that isn't finite breaks the line."""
    px = np.round(x * 10).astype(np.int64).tolist()
    good = np.isfinite(y).tolist()
    py = np.round(np.where(np.isfinite(y), y, 0) * 10).astype(np.int64).tolist()
    text: list[str] = []
    last: tuple[int, int] | None = None
    for i, (a, b, ok) in enumerate(zip(px, py, good, strict=True)):
        if not ok:
            last = None
        elif last is None:
            text.append(f"M{_tenth(a)} {_tenth(b)}l")
            if i + 1 == len(px) or not good[i + 1]:
                text.append("0 0")  # a lone point shows as the round cap
            last = (a, b)
        elif (a, b) != last:
            dx, dy = _tenth(a - last[0]), _tenth(b - last[1])
            text.append(dx + (dy if dy.startswith("-") else " " + dy) + " ")
            last = (a, b)
        elif text[-1].endswith("l"):
            text.append("0 0")
    body = "".join(text).replace(" M", "M").strip()
    return f'<path class="{kind}" style="stroke:var(--c{colour})" d="{body}"/>'


def _legend(lines: Sequence[Line], width: float) -> list[str]:
    """Latest values at the upper right, with the colour where a card has several curves."""
    out: list[str] = []
    x = width - RIGHT
    for line in reversed(lines[:4]):
        last = line.series.last()
        if last is None:
            continue
        label = f"{_short(line.label, 16)} {format_number(last[1])}" if len(lines) > 1 else format_number(last[1])
        out.append(f'<text class="s v" x="{_num(x)}" y="20" text-anchor="end">{escape(label)}</text>')
        x -= 6.7 * len(label) + 8
        if len(lines) > 1:
            out.append(f'<circle cx="{_num(x)}" cy="16" r="4" style="fill:var(--c{line.colour})"/>')
            x -= 12
    return out


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _num(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _tenth(tenths: int) -> str:
    if tenths % 10 == 0:
        return str(tenths // 10)
    sign, tenths = ("-" if tenths < 0 else ""), abs(tenths)
    whole = tenths // 10
    return f"{sign}{whole or ''}.{tenths % 10}"
