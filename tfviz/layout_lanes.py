"""Lanes of one scope: connected parts packed side by side, the gutter between forward and backward, helpers
stacked aside.

Abstract coordinates as in layout_layered.py. Twin of ui/graph/lanes.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tfviz.layout_layered import Arrow, Cell, Placed

TRACK = 5.0


@dataclass(slots=True)
class Lane:
    """A laid-out lane: cell axes, routes by link, and (once named) the places of the items."""

    width: float
    length: float
    cells: list[tuple[float, float]]
    routes: dict[int, list[tuple[float, float]]]
    place: dict[int, tuple[float, float]] = field(default_factory=dict)
    band_end: list[float] = field(default_factory=list)  # by cell: where its rank ends along the flow
    over: dict[int, float] = field(default_factory=dict)  # the same by item


def pack(
    cells: Sequence[Cell],
    arrows: Sequence[tuple[int, Arrow]],
    solve: Callable[[list[Cell], list[Arrow]], Placed],
    whole: bool,
    gap: float,
) -> Lane:
    """Lays out each connected part by itself and shelves them: the largest first, small ones in rows beside it.

    Args:
        whole: True keeps everything in one layout, because ports pin the rims.
    """
    groups = [list(range(len(cells)))] if whole and cells else _parts(len(cells), arrows)
    placed_cells: list[tuple[float, float]] = [(0.0, 0.0)] * len(cells)
    ends = [0.0] * len(cells)
    routes: dict[int, list[tuple[float, float]]] = {}
    solved: list[tuple[list[int], Placed, list[int]]] = []
    home = {item: g for g, group in enumerate(groups) for item in group}
    by_group: list[list[tuple[int, Arrow]]] = [[] for _ in groups]
    for entry in arrows:
        by_group[home[entry[1].src]].append(entry)
    for group, entries in zip(groups, by_group):
        local = {item: k for k, item in enumerate(group)}
        inner = [
            Arrow(local[a.src], local[a.dst], a.weight, a.src_off, a.dst_off, a.src_spread, a.dst_spread)
            for _, a in entries
        ]
        solved.append((group, solve([cells[i] for i in group], inner), [i for i, _ in entries]))
    solved.sort(key=lambda part: (-len(part[0]) if len(part[0]) > 2 else 0, part[0][0]))
    tallest = max((part[1].length for part in solved), default=0.0)
    area = sum((part[1].width + gap) * (part[1].length + gap) for part in solved)
    limit = max(tallest, (area * 0.6) ** 0.5 if len(solved) > 6 else 0.0)
    x = y = column = 0.0
    for group, part, links in solved:
        if y and y + part.length > limit + 0.01:
            x, y, column = x + column + gap, 0.0, 0.0
        for k, item in enumerate(group):
            placed_cells[item] = (part.o[k] + x, part.r[k] + y)
            ends[item] = part.bands[part.at[k]][1] + y
        for index, route in zip(links, part.routes):
            routes[index] = [(o + x, r + y) for o, r in route]
        y += part.length + gap
        column = max(column, part.width)
    return Lane(x + column, limit if solved else 0.0, placed_cells, routes, {}, ends)


def _parts(count: int, arrows: Sequence[tuple[int, Arrow]]) -> list[list[int]]:
    near: list[list[int]] = [[] for _ in range(count)]
    for _, arrow in arrows:
        near[arrow.src].append(arrow.dst)
        near[arrow.dst].append(arrow.src)
    seen = [False] * count
    parts = []
    for root in range(count):
        if seen[root]:
            continue
        seen[root] = True
        part = [root]
        for item in part:
            for other in near[item]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        parts.append(sorted(part))
    return parts


def stack_aside(
    sizes: Sequence[tuple[int, float, float, float]], start: float, length: float, gap: float
) -> tuple[dict[int, tuple[tuple[float, float], float]], float]:
    """Stacks helpers in columns from `start` on, beginning at the far end of the flow (the top when it runs up)."""
    placed: dict[int, tuple[tuple[float, float], float]] = {}
    limit = max(length, 150.0)
    o, r, column = start, 18.0, 0.0
    for item, lo, hi, size in sizes:
        if r > 18.0 and r + size > limit:
            o, r, column = o + column + gap, 18.0, 0.0
        placed[item] = ((o + lo, length - r - size / 2), size)
        r += size + gap
        column = max(column, lo + hi)
    low = min([0.0, *(at[1] - size / 2 for at, size in placed.values())])
    if low < 0:
        placed = {item: ((o, r - low), size) for item, ((o, r), size) in placed.items()}
    return placed, o + column


def cross_routes(
    lane: Lane,
    other: Lane,
    reach: dict[int, tuple[float, float, float]],
    ends: Sequence[tuple[int, int, int]],
) -> tuple[dict[int, list[tuple[float, float]]], float, float, float]:
    """Routes links between two lanes at right angles: out of the box sideways, along the gutter, in sideways.

    Args:
        lane: forward lane, at `o` from 0 to its width.
        other: backward lane, still at `o` from 0; it will stand right of the gutter.
        reach: half widths and length of each box.
        ends: (link, source item, target item).

    Returns:
        Routes, the gutter's width, and the least and greatest `r` used.
    """
    if not ends:
        return {}, 40.0, 0.0, 0.0
    stubs: dict[tuple[int, bool], list[int]] = {}
    for k, (_, src, dst) in enumerate(ends):
        stubs.setdefault((src, True), []).append(k)
        stubs.setdefault((dst, False), []).append(k)
    where = {**{i: (p, True) for i, p in lane.place.items()}, **{i: (p, False) for i, p in other.place.items()}}
    exits: dict[tuple[int, bool], tuple[list[tuple[float, float]], float]] = {}
    height: dict[tuple[int, bool], dict[int, float]] = {}
    for (item, leaving), users in stubs.items():
        (o, r), left = where[item]
        lo, hi, size = reach[item]
        if leaving:
            height[item, leaving] = dict.fromkeys(users, r)
        else:
            users.sort(key=lambda k: (where[ends[k][1]][0][1], ends[k][1]))
            step = min(9.0, size * 0.8 / max(1, len(users) - 1)) if len(users) > 1 else 0.0
            height[item, leaving] = {k: r + (n - (len(users) - 1) / 2) * step for n, k in enumerate(users)}
        exits[item, leaving] = _way_out(item, o, r, (lo, hi, size), left, lane if left else other, reach)
    order = sorted(range(len(ends)), key=lambda k: (where[ends[k][1]][0][1], ends[k][1], where[ends[k][2]][0][1]))
    tracks: dict[int, int] = {}
    for k in order:
        tracks.setdefault(ends[k][1], len(tracks))
    gutter = 36.0 + TRACK * len(tracks)
    routes: dict[int, list[tuple[float, float]]] = {}
    for k, (link, src, dst) in enumerate(ends):
        track = lane.width + 16.0 + TRACK * tracks[src]
        points = []
        for item, leaving in ((src, True), (dst, False)):
            stub, level = exits[item, leaving]
            part = list(stub)
            shift = 0.0 if where[item][1] else lane.width + gutter
            if len(part) == 1:
                level = height[item, leaving][k]
                part = [(part[0][0], level)]
            part = [(o + shift, r) for o, r in part] + [(track, level)]
            points += part if leaving else part[::-1]
        routes[link] = _clean(points)
    used = [r for route in routes.values() for _, r in route]
    return routes, gutter, min(used), max(used)


def _way_out(
    item: int, o: float, r: float, size: tuple[float, float, float], left: bool, lane: Lane,
    reach: dict[int, tuple[float, float, float]],
) -> tuple[list[tuple[float, float]], float]:  # fmt: skip
    """Finds how a box reaches the gutter: straight sideways if nothing is in the way, else over its own top."""
    lo, hi, length = size
    toward = 1 if left else -1
    for other, (oo, rr) in lane.place.items():
        if other != item and (oo - o) * toward > 0 and abs(rr - r) < (reach[other][2] + length) / 2 + 2:
            level = lane.over.get(item, r + length / 2) + 9.0
            return [(o + toward * min(lo, hi) * 0.6, r + length / 2), (o + toward * min(lo, hi) * 0.6, level)], level
    return [(o + (hi if left else -lo), r)], r


def _clean(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Drops repeated points and points in the middle of a straight run."""
    out: list[tuple[float, float]] = []
    for point in points:
        if out and abs(out[-1][0] - point[0]) < 0.05 and abs(out[-1][1] - point[1]) < 0.05:
            continue
        if len(out) > 1 and (
            (abs(out[-2][0] - out[-1][0]) < 0.05 and abs(out[-1][0] - point[0]) < 0.05)
            or (abs(out[-2][1] - out[-1][1]) < 0.05 and abs(out[-1][1] - point[1]) < 0.05)
        ):  # fmt: skip
            out.pop()
        out.append(point)
    return out
