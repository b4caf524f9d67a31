"""What a dashboard knows: curves, and histograms, pictures, sounds and texts by run and tag; no drawing, no notebook.

Events come in from files or from this process (`add`); nothing is thrown away until a tag passes MAX_BYTES, then every
second one of its older entries goes, so that the course stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfviz.curve_model import CurveSet, Run
from tfviz.events import Event, Histogram, Picture, Sound, Value

__all__ = ["Board", "Entry", "Track"]

MAX_BYTES = 64 << 20  # of one tag of one run


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing at one step: a Histogram, Picture, Sound or text."""

    step: int
    wall: float
    payload: Any


@dataclass(slots=True)
class Track:
    """What one run wrote under one tag; `kind` is histogram, image, audio or text."""

    run: str
    tag: str
    kind: str
    entries: list[Entry] = field(default_factory=list)
    size: int = 0


class Board:
    """All that was written, by run; `version` grows with every change that can be seen."""

    def __init__(self, title: str = "") -> None:
        self.curves = CurveSet(title, by_run=True)
        self.tracks: dict[tuple[str, str], Track] = {}
        self.version = 0
        self._runs: dict[str, Run] = {}
        self._plugins: dict[tuple[str, str], str] = {}  # only a tag's first value says what it is for

    def add(self, run: str, event: Event) -> None:
        """Take in one event of the run of this name."""
        for value in event.values:
            self._add(run, event, value)
            self.version += 1

    def _add(self, run: str, event: Event, value: Value) -> None:
        if value.plugin:
            self._plugins[run, value.tag] = value.plugin
        plugin = self._plugins.get((run, value.tag), "")
        payload = value.payload
        if isinstance(payload, float):
            self._scalar(run, value.tag, event, payload)
        elif isinstance(payload, np.ndarray) and plugin in ("scalars", "") and payload.size == 1:
            self._scalar(run, value.tag, event, float(payload.reshape(())))
        elif isinstance(payload, Histogram):
            self._keep(run, value.tag, "histogram", event, payload, payload.edges.nbytes * 2)
        elif isinstance(payload, np.ndarray) and plugin == "histograms" and payload.ndim == 2 and payload.shape[1] == 3:
            if len(payload):
                edges = np.append(payload[:, 0], payload[-1, 1])
                self._keep(run, value.tag, "histogram", event, Histogram(edges, payload[:, 2]), payload.nbytes)
        elif isinstance(payload, Picture):
            self._keep(run, value.tag, "image", event, payload, len(payload.data))
        elif isinstance(payload, Sound):
            self._keep(run, value.tag, "audio", event, payload, len(payload.data))
        elif isinstance(payload, list) and plugin == "images" and len(payload) > 2:
            width, height = (int(x) if x.isdigit() else 0 for x in payload[:2])
            for index, data in enumerate(payload[2:]):
                tag = value.tag if len(payload) == 3 else f"{value.tag}/{index}"
                self._keep(run, tag, "image", event, Picture(width, height, data), len(data))
        elif isinstance(payload, str):
            self._keep(run, value.tag, "text", event, payload, len(payload))
        elif isinstance(payload, list) and plugin in ("text", ""):
            text = "\n\n".join(one.decode("utf-8", "replace") for one in payload)
            self._keep(run, value.tag.removesuffix("/text_summary"), "text", event, text, len(text))

    def _scalar(self, run: str, tag: str, event: Event, value: float) -> None:
        found = self._runs.get(run)
        if found is None:
            found = self._runs[run] = self.curves.begin(run, event.wall)
            self.curves.runs.sort(key=lambda r: r.label)  # stable colours, in whichever order the files are found
        found[tag].append(event.step, value, event.wall)

    def _keep(self, run: str, tag: str, kind: str, event: Event, payload: Any, size: int) -> None:
        track = self.tracks.setdefault((run, tag), Track(run, tag, kind))
        if track.kind != kind:
            return
        track.entries.append(Entry(event.step, event.wall, payload))
        track.size += size
        if track.size > MAX_BYTES and len(track.entries) > 3:
            track.entries[:-1] = track.entries[:-1:2]
            track.size //= 2

    def tags(self, kind: str) -> dict[str, list[Track]]:
        """The tracks of one kind by tag, runs in order of their names."""
        found: dict[str, list[Track]] = {}
        for track in sorted(self.tracks.values(), key=lambda t: (t.tag, t.run)):
            if track.kind == kind:
                found.setdefault(track.tag, []).append(track)
        return found
