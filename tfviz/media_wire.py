"""What travels to the browser for histograms, pictures, sounds and texts: one table and one blob; pure bytes and dicts.

Twin of ui/media/store.ts. meta: {"version", "tracks": [{"kind", "tag", "run", "colour", "entries": [[step, wall, index,
offset, size], ...], "n"}]}; `n` entries exist, those listed have their payload in the blob. Payloads: a histogram is
float64 edges[k + 1] then counts[k]; image and audio are as the writer encoded them; text is UTF-8. A browser asks for
others with {"type": "media?", "run", "tag", "index"} and gets {"type": "media", ..., "step", "wall"} with a buffer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfviz.board_model import Board, Entry, Track
from tfviz.events import Histogram

__all__ = ["BUDGET", "VERSION", "encode", "media_state"]

VERSION = 1
BUDGET = 110_000  # bytes in the saved notebook, a third more as base64


def encode(entry: Entry) -> bytes:
    """The payload as bytes."""
    payload = entry.payload
    if isinstance(payload, Histogram):
        return np.concatenate([payload.edges, payload.counts]).astype("<f8").tobytes()
    if isinstance(payload, str):
        return payload.encode()
    return bytes(payload.data)


def media_state(board: Board, budget: int = BUDGET) -> tuple[dict[str, Any], bytes]:
    """The table and the blob: as many entries of a track as its share holds, spread evenly, the newest too."""
    colours = {run.label: run.colour for run in board.curves.runs}
    tracks = sorted(board.tracks.values(), key=lambda t: (t.kind, t.tag, t.run))
    listed, parts, offset = [], [], 0
    left = budget
    for at, track in enumerate(sorted(tracks, key=lambda t: t.size)):
        entries = []
        share = left // (len(tracks) - at)
        for index, data in _chosen(track, share):
            entry = track.entries[index]
            entries.append([entry.step, entry.wall, index, offset, len(data)])
            parts.append(data)
            offset += len(data)
            left -= len(data)
        row = {"kind": track.kind, "tag": track.tag, "run": track.run, "colour": colours.get(track.run, 0)}
        listed.append({**row, "entries": entries, "n": len(track.entries)})
    listed.sort(key=lambda t: (t["kind"], t["tag"], t["run"]))
    return {"version": VERSION, "tracks": listed}, b"".join(parts)


def _chosen(track: Track, share: int) -> list[tuple[int, bytes]]:
    """Indices and payloads, rising; the newest always where it fits at all."""
    n = len(track.entries)
    mean = max(1, track.size // max(1, n))
    count = min(n, max(1, share // mean))
    while count:
        indices = np.unique(np.linspace(n - 1, 0, count).round().astype(int))
        if count == 1:
            indices = np.array([n - 1])
        found = [(int(i), encode(track.entries[i])) for i in indices]
        if sum(len(data) for _, data in found) <= share:
            return found
        count = count * 3 // 4 if count > 1 else 0
    return []
