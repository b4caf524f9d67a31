"""What a set of curves is: runs, their series, and which series share a card; no drawing, no notebook, no engine here.

A run is one training: one execution of a cell, or one folder of event files. Drawing modules (SVG, text, figure,
widget) read this and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tfviz.series import Series

__all__ = ["DARK", "LIGHT", "MAX_POINTS", "MAX_RUNS", "Card", "CurveSet", "Line", "Run", "card_of"]

# Eight colours that stay apart for colour-blind readers, for a light and for a dark page (after Okabe & Ito 2008).
LIGHT = ("#2563eb", "#d9580b", "#0b8a5a", "#b83280", "#7a4fd0", "#0e7f96", "#8a6d1d", "#5b6470")
DARK = ("#7fb0ff", "#ffa45c", "#5cd6a0", "#ff8cc6", "#bda2ff", "#5fd4e8", "#e2c15a", "#b4bcc8")

MAX_RUNS = 6  # the newest and five faded ones
MAX_POINTS = 4_000_000  # of faded runs together (96 MB); the newest run is never cut

_ROLES = "train|training|val|valid|validation|test|eval"
_ROLE = re.compile(rf"^(?:({_ROLES})[_/ ](.+)|(.+)[_/ ]({_ROLES}))$")


@dataclass(slots=True)
class Run:
    """One training: its label, when it began (seconds since the epoch), its series by name, its colour."""

    label: str
    started: float
    series: dict[str, Series] = field(default_factory=dict)
    colour: int = 0  # where each run has its own: stays when other runs come

    def __getitem__(self, name: str) -> Series:
        found = self.series.get(name)
        if found is None:
            found = self.series[name] = Series(name)
        return found

    def points(self) -> int:
        """Points of all series together."""
        return sum(len(s) for s in self.series.values())


@dataclass(frozen=True, slots=True)
class Line:
    """One curve in a card: `colour` indexes LIGHT and DARK, `age` is 0 for the newest run."""

    series: Series
    run: Run
    label: str
    colour: int
    age: int


@dataclass(frozen=True, slots=True)
class Card:
    """One chart: a title and its curves, oldest run first so that the newest is drawn on top."""

    title: str
    lines: tuple[Line, ...]


def card_of(name: str) -> tuple[str, str]:
    """The card a series belongs to, and its label there: a number of training and of validation share a card.

    Example:
        >>> card_of("loss"), card_of("val_loss"), card_of("accuracy/test")
        (('loss', 'loss'), ('loss', 'val'), ('accuracy', 'test'))
    """
    match = _ROLE.match(name)
    if not match:
        return name, name
    role, rest = (match[1], match[2]) if match[1] else (match[4], match[3])
    return rest, role


class CurveSet:
    """The runs of one view, oldest first.

    Args:
        title: the heading; may be empty.
        by_run: True gives each run a colour (a dashboard), False each name (live: older runs have it too, faded).
    """

    def __init__(self, title: str = "", by_run: bool = False) -> None:
        self.title = title
        self.by_run = by_run
        self.runs: list[Run] = []

    @property
    def current(self) -> Run:
        """The newest run."""
        return self.runs[-1]

    def begin(self, label: str, started: float) -> Run:
        """Start a new run; the oldest are dropped beyond MAX_RUNS and MAX_POINTS unless each has its own colour."""
        if self.runs and not self.by_run and self.runs[-1].points() == 0:
            self.runs.pop()
        run = Run(label, started, colour=len(self.runs))
        self.runs.append(run)
        if not self.by_run:
            while len(self.runs) > MAX_RUNS or sum(r.points() for r in self.runs[:-1]) > MAX_POINTS:
                del self.runs[0]
        return run

    def names(self) -> list[str]:
        """Names of all series, in the order they were first seen, the newest run's first."""
        return list(dict.fromkeys(name for run in reversed(self.runs) for name in run.series))

    def cards(self) -> list[Card]:
        """The charts, in the order of `names`."""
        lines: dict[str, list[Line]] = {}
        colours: dict[str, dict[str, int]] = {}
        for name in self.names():
            title, label = card_of(name)
            in_card = colours.setdefault(title, {})
            lines.setdefault(title, [])
            in_card.setdefault(label, len(in_card) % len(LIGHT))
            for index, run in enumerate(self.runs):
                if name in run.series:
                    age = 0 if self.by_run else len(self.runs) - 1 - index
                    colour = run.colour % len(LIGHT) if self.by_run else in_card[label]
                    shown = f"{run.label} {label}".strip() if self.by_run and label != title else label
                    shown = run.label if self.by_run and label == title else shown
                    lines[title].append(Line(run.series[name], run, shown, colour, age))
        return [Card(title, tuple(sorted(found, key=lambda line: -line.age))) for title, found in lines.items()]

    def each(self) -> Iterator[tuple[Run, Series]]:
        """Every series with its run, in a stable order."""
        for run in self.runs:
            for series in run.series.values():
                yield run, series
