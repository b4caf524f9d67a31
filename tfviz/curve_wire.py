"""What travels to the browser for curves: `meta` and `snapshot` (kept state), `points` (deltas); pure bytes and dicts.

Twin of ui/scalars/store.ts; both are tested on tests/tfviz/fixtures/curves.json. Must not import widgets or core.

- meta: {"version", "title", "by_run", "runs": [{"label", "started", "colour"}], "series": [{"id", "run", "name",
  "card", "label", "colour", "n", "kept"}], "options": {...}}; `n` points exist, `kept` of them stand in the snapshot.
- snapshot: per series of `meta`, in order, three float64 columns of `kept` numbers: step, value, wall.
- points: {"type": "points", "seq", "series": [{"id", "from", "count"}]} with one buffer laid out like the snapshot.
  A browser that has fewer than `from` points of a series asks {"type": "resync", "have": {id: n}}.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfviz.curve_model import CurveSet
from tfviz.series import Columns, Series, envelope, parts

__all__ = ["SNAPSHOT_POINTS", "VERSION", "Cursor", "meta_and_snapshot", "thin"]

VERSION = 1
SNAPSHOT_POINTS = 4500  # of a view: 108 kB, 144 kB as base64 in the saved notebook
MESSAGE_POINTS = 40_000  # of one `points` message: under 1 MB


def thin(columns: Columns, most: int) -> Columns:
    """At most `most` points whose line covers the same pixels as the whole, restarts kept apart."""
    if len(columns) <= most:
        return columns
    stretches = parts(columns.step)
    spare = most - 6 * len(stretches)
    if spare < 0:  # more restarts than a picture can show: evenly spaced points
        return columns[np.linspace(0, len(columns) - 1, max(1, most)).astype(np.int64)]
    kept = []
    for rows in stretches:
        part = columns[rows]
        buckets = max(1, int(spare * len(part) / len(columns)) // 4)
        kept.append(envelope(part.step, part.value, buckets) + rows.start)
    return columns[np.concatenate(kept)]


def _pack(pieces: list[Columns]) -> bytes:
    columns = [c.astype("<f8", copy=False) for p in pieces for c in (p.step, p.value, p.wall)]
    return np.concatenate(columns).tobytes() if columns else b""


def meta_and_snapshot(curves: CurveSet, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The state that is saved with the notebook: every point while there are few, else the exact extremes per pixel.

    Args:
        options: how the view begins: smoothing, log_y, x.
    """
    where = {id(line.series): (card.title, line.label, line.colour) for card in curves.cards() for line in card.lines}
    run_index = {id(run): i for i, run in enumerate(curves.runs)}
    listed = list(curves.each())
    share = _shares([len(s) for _, s in listed], SNAPSHOT_POINTS)
    series, pieces = [], []
    for (run, one), most in zip(listed, share, strict=True):
        columns = one.columns()
        kept = thin(columns, most)
        card, label, colour = where[id(one)]
        entry = {"id": one.ident, "run": run_index[id(run)], "name": one.name, "card": card, "label": label}
        series.append({**entry, "colour": colour, "n": len(columns), "kept": len(kept)})
        pieces.append(kept)
    runs = [{"label": run.label, "started": run.started, "colour": run.colour} for run in curves.runs]
    meta = {"version": VERSION, "title": curves.title, "by_run": curves.by_run, "runs": runs}
    return {**meta, "series": series, "options": dict(options)}, _pack(pieces)


def _shares(sizes: list[int], budget: int) -> list[int]:
    """Split `budget` points so that short series are kept whole and long ones share the rest evenly."""
    share = [0] * len(sizes)
    left = budget
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    for done, i in enumerate(order):
        share[i] = max(8, min(sizes[i], left // (len(sizes) - done)))
        left -= share[i]
    return share


class Cursor:
    """What one view's browsers have been sent: makes the next `points` message, and answers a resync.

    Example:
        >>> curves = CurveSet(); run = curves.begin("", 0.0); run["loss"].append(0, 1.5, 0.0)
        >>> cursor = Cursor(curves)
        >>> message, buffer = cursor.take()
        >>> message["seq"], message["series"][0]["from"], np.frombuffer(buffer).tolist()
        (1, 0, [0.0, 1.5, 0.0])
        >>> cursor.take() is None
        True
    """

    def __init__(self, curves: CurveSet) -> None:
        self._curves = curves
        self._sent: dict[int, int] = {}
        self._seq = 0

    def take(self) -> tuple[dict[str, Any], bytes] | None:
        """The points since the last `take`, at most MESSAGE_POINTS of them, or None."""
        found = self._collect(self._sent)
        if found is None:
            return None
        self._seq += 1
        message, buffer = found
        for entry in message["series"]:
            self._sent[entry["id"]] = entry["from"] + entry["count"]
        return {"type": "points", "seq": self._seq, "series": message["series"]}, buffer

    def answer(self, have: dict[str, Any]) -> tuple[dict[str, Any], bytes] | None:
        """The points that a browser lacks, from what it says it has; a part of them where there are many."""
        known = {int(k): int(n) for k, n in have.items() if str(k).isdigit()}
        found = self._collect(known)
        if found is None:
            return None
        message, buffer = found
        return {"type": "points", "seq": self._seq, "series": message["series"]}, buffer

    def _collect(self, have: dict[int, int]) -> tuple[dict[str, Any], bytes] | None:
        entries: list[dict[str, int]] = []
        pieces: list[Columns] = []
        room = MESSAGE_POINTS
        for _run, one in self._curves.each():
            start = max(0, have.get(one.ident, 0))
            if start < len(one) and room > 0:
                columns = one.columns(start)[:room]
                entries.append({"id": one.ident, "from": start, "count": len(columns)})
                pieces.append(columns)
                room -= len(columns)
        return ({"series": entries}, _pack(pieces)) if entries else None

    def forget(self, series: Series) -> None:
        """A series left the view."""
        self._sent.pop(series.ident, None)
