"""Histograms, pictures and texts of a dashboard as one SVG without a browser, light and dark; deterministic."""

from __future__ import annotations

import base64
from html import escape

import numpy as np

from tfviz.axes import format_tick, linear_ticks
from tfviz.board_model import Board, Entry, Track
from tfviz.curve_model import DARK, LIGHT
from tfviz.events import Histogram, Picture

__all__ = ["media_svg", "rebin"]

WIDTH, CARD, HEIGHT = 720, 240, 190
MOST = 12  # cards of one kind in the static picture; the widget has them all
RIDGES = 16
BINS = 48  # what the picture can show; the exact bins stay in the board
_STYLE = (
    "{s} text{{font:11px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--m)}}"
    "{s} .t{{font-weight:600;fill:var(--i)}}{s} .b{{fill:var(--p);stroke:var(--g)}}{s} .a{{stroke:var(--x);fill:none}}"
    "{s} image{{image-rendering:pixelated}}"
)


def media_svg(board: Board, ident: str = "tfviz-media", y: int = 0) -> tuple[str, int]:
    """Draw the newest of each tag, three cards in a row.

    Returns:
        The SVG's text and its height; an empty text where there is nothing to draw.
    """
    cards = [_histogram(tracks) for tracks in list(board.tags("histogram").values())[:MOST]]
    cards += [_image(track) for tracks in list(board.tags("image").values())[:MOST] for track in tracks[-1:]]
    cards += [_text(track) for tracks in list(board.tags("text").values())[:MOST] for track in tracks[-1:]]
    if not cards:
        return "", 0
    height = -(-len(cards) // 3) * HEIGHT + 8
    scope = "#" + ident
    light = (
        "".join(f"--c{i}:{c};" for i, c in enumerate(LIGHT))
        + "--p:#fff;--i:#1f2430;--m:#5b6470;--g:#e6e8ec;--x:#b9bfc8"
    )
    dark = (
        "".join(f"--c{i}:{c};" for i, c in enumerate(DARK))
        + "--p:#16181d;--i:#e8eaee;--m:#a3abb8;--g:#2b2f37;--x:#565d69"
    )
    style = f"{scope}{{{light}}}@media(prefers-color-scheme:dark){{{scope}{{{dark}}}}}" + _STYLE.format(s=scope)
    body = "".join(
        f'<g transform="translate({i % 3 * CARD},{i // 3 * HEIGHT + 4})">{card}</g>' for i, card in enumerate(cards)
    )
    box = f'<rect class="b" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>'
    head = f'xmlns="http://www.w3.org/2000/svg" id="{ident}" y="{y}" viewBox="0 0 {WIDTH} {height}"'
    svg = f'<svg {head} width="{WIDTH}" height="{height}" role="img"><style>{style}</style>{box}{body}</svg>'
    return svg, height


def _title(track: Track, entry: Entry) -> str:
    tag = track.tag if len(track.tag) < 30 else "…" + track.tag[-29:]
    label = f'<text class="t" x="12" y="18">{escape(tag)}</text>'
    return label + f'<text x="{CARD - 12}" y="18" text-anchor="end">step {format_tick(float(entry.step))}</text>'


def rebin(histogram: Histogram, edges: np.ndarray) -> np.ndarray:
    """Counts in other bins: those of a written bin are spread evenly over it, and their sum stays.

    Example:
        >>> rebin(Histogram(np.array([0.0, 2.0, 3.0]), np.array([4.0, 1.0])), np.array([0.0, 1.0, 3.0])).tolist()
        [2.0, 3.0]
    """
    old = np.array(histogram.edges, np.float64)
    if old[-1] <= old[0]:  # all values were the same
        inside = (edges[:-1] <= old[0]) & (old[0] < edges[1:])
        return np.where(inside, histogram.counts.sum(), 0.0)
    total = np.concatenate([[0.0], np.cumsum(histogram.counts)])
    return np.diff(np.interp(edges, old, total))


def _histogram(tracks: list[Track]) -> str:
    """Ridges of the last run, the newest in front, all to one scale."""
    track = tracks[-1]
    pick = np.unique(np.linspace(0, len(track.entries) - 1, RIDGES).round().astype(int))
    entries = [track.entries[i] for i in pick]
    low = min(float(e.payload.edges[0]) for e in entries)
    high = max(float(e.payload.edges[-1]) for e in entries)
    if not low < high:
        low, high = low - 0.5, high + 0.5
    left, right, top, bottom = 14, CARD - 14, 34, HEIGHT - 34
    grid = np.linspace(low, high, BINS + 1)
    counts = [rebin(e.payload, grid) for e in entries]
    peak = max(float(c.max()) for c in counts) or 1.0
    shift = (bottom - top) * 0.6 / max(1, len(entries) - 1)
    tall = (bottom - top) * 0.4 if len(entries) > 1 else bottom - top
    x = left + (grid - low) / (high - low) * (right - left)
    out = [_title(track, entries[-1])]
    for row, count in enumerate(counts):
        base = bottom - shift * (len(entries) - 1 - row)
        steps = "".join(
            f"V{base - tall * c / peak:.1f}H{b:.1f}" for c, b in zip(count.tolist(), x[1:].tolist(), strict=True)
        )
        opacity = 0.35 + 0.6 * (row + 1) / len(entries)
        path = f'd="M{x[0]:.1f} {base:.1f}{steps}V{base:.1f}Z"'
        out.append(
            f'<path {path} style="fill:var(--c0);stroke:var(--p)" fill-opacity="{opacity:.2f}" stroke-width=".8"/>'
        )
    out.append(f'<path class="a" d="M{left} {bottom}H{right}"/>')
    for tick in linear_ticks(low, high, 5):
        at = left + (tick - low) / (high - low) * (right - left)
        out.append(f'<text x="{at:.1f}" y="{bottom + 14}" text-anchor="middle">{format_tick(tick)}</text>')
    return "".join(out)


def _image(track: Track) -> str:
    entry = track.entries[-1]
    picture: Picture = entry.payload
    kind = "gif" if picture.data[:3] == b"GIF" else "jpeg" if picture.data[:2] == b"\xff\xd8" else "png"
    size = HEIGHT - 40
    data = base64.b64encode(picture.data).decode()
    if len(data) > 60_000:
        return _title(track, entry) + f'<text x="12" y="44">{picture.width}×{picture.height}, too large to keep</text>'
    place = f'x="12" y="28" width="{CARD - 24}" height="{size}" preserveAspectRatio="xMinYMin meet"'
    return _title(track, entry) + f'<image {place} href="data:image/{kind};base64,{data}"/>'


def _text(track: Track) -> str:
    entry = track.entries[-1]
    rows = [row[:36] for line in str(entry.payload).splitlines() for row in _wrapped(line, 36)][:8]
    lines = "".join(f'<text x="12" y="{40 + 15 * i}">{escape(row)}</text>' for i, row in enumerate(rows))
    return _title(track, entry) + lines


def _wrapped(line: str, width: int) -> list[str]:
    out = [""]
    for word in line.split():
        if out[-1] and len(out[-1]) + 1 + len(word) > width:
            out.append("")
        out[-1] = f"{out[-1]} {word}".strip()
    return out
