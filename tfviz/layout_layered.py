"""One scope's layered layout: boxes and arrows in, positions and routes out; pure numbers, deterministic, no
recursion.

Coordinates are abstract: `r` runs along the flow (rank by rank), `o` across it; layout.py turns them to the page.
The stages
are Sugiyama's (Sugiyama, Tagawa, Toda 1981): break cycles, give ranks, put long arrows on dummy nodes, order by
barycentres,
then place each rank by isotonic regression (exact least squares under "keep your distance"). Twin of
ui/graph/layered.ts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MAX_DUMMIES = 4000
SWEEPS, PLACINGS = 8, 10
DUMMY = 5.0


@dataclass(slots=True)
class Cell:
    """One box: how far it reaches before and after its axis along `o`, and its size along `r`."""

    lo: float
    hi: float
    size: float
    pin: int = 0  # -1: first rank (entry port), 1: last rank (exit port)
    half: float = 0.0  # the box's own half width across, without its annotations
    body: float = 0.0  # the box's own size along `r` where annotations make the cell longer


@dataclass(slots=True)
class Arrow:
    """One edge between cells; `weight` pulls straight, offsets move the ends along `o` from the cells' axes."""

    src: int
    dst: int
    weight: float = 1.0
    src_off: float = 0.0
    dst_off: float = 0.0
    src_spread: bool = True
    dst_spread: bool = True


@dataclass(slots=True)
class Placed:
    """Result: cell axis `o` and centre `r`, one route per arrow (empty where it was cut), the extent and rank
    bands."""

    o: list[float]
    r: list[float]
    routes: list[list[tuple[float, float]]]
    width: float
    length: float
    at: list[int]
    bands: list[tuple[float, float]] = field(default_factory=list)


def layered(cells: Sequence[Cell], arrows: Sequence[Arrow], gap_o: float = 18.0, gap_r: float = 34.0) -> Placed:
    """Places cells in ranks and routes arrows through the gaps.

    Args:
        cells: boxes; order is the tie-breaker everywhere, so give them in creation order.
        arrows: edges by cell index; self-loops are not drawn.
        gap_o, gap_r: least distance between neighbours in a rank, and between ranks.
    """
    count = len(cells)
    if not count:
        return Placed([], [], [[] for _ in arrows], 0.0, 0.0, [])
    flip = _back_edges(count, arrows)
    rank = _ranks(cells, arrows, flip)
    nodes = list(cells)
    at = list(rank)
    chains = _dummies(nodes, at, arrows, flip, rank)
    layers: list[list[int]] = [[] for _ in range(max(at) + 1)]
    links: list[tuple[int, int, float, float, float]] = []
    for arrow, back, chain in zip(arrows, flip, chains):
        if not chain:
            continue
        a_off, b_off = (arrow.dst_off, arrow.src_off) if back else (arrow.src_off, arrow.dst_off)
        for k in range(len(chain) - 1):
            first, last = k == 0, k == len(chain) - 2
            pull = arrow.weight * (
                1.0 if first and last else 2.0 if first or last else 6.0 if arrow.weight > 1 else 3.0
            )
            links.append((chain[k], chain[k + 1], pull, a_off if first else 0.0, b_off if last else 0.0))
    above: list[list[tuple[int, float, float]]] = [[] for _ in nodes]
    below: list[list[tuple[int, float, float]]] = [[] for _ in nodes]
    for a, b, pull, a_off, b_off in links:
        below[b].append((a, pull, a_off - b_off))
        above[a].append((b, pull, b_off - a_off))
    for item in _first_order(count, nodes, at, above, below):
        layers[at[item]].append(item)
    _order(layers, links, above, below)
    o = _place(layers, nodes, above, below, gap_o)
    starts, bands, length = [], [], 0.0
    for index, layer in enumerate(layers):
        depth = max((nodes[item].size for item in layer), default=0.0)
        starts.append(length)
        bands.append((length, length + depth))
        length += depth
        if index + 1 < len(layers):
            rim = any(nodes[i].pin for i in layer) or any(nodes[i].pin for i in layers[index + 1])
            lean = max((abs(o[i] - o[t] - off) for i in layer for t, _, off in above[i]), default=0.0)
            length += gap_r * (0.45 if lean < 10 else 0.75) if rim else gap_r * (1.0 if lean < 400 else 1.4)
    left = min(o[i] - node.lo for i, node in enumerate(nodes))
    right = max(o[i] + node.hi for i, node in enumerate(nodes))
    o = [round(value - left, 1) for value in o]
    r = [(bands[at[i]][0] + bands[at[i]][1]) / 2 for i in range(len(nodes))]
    for i, cell in enumerate(cells):
        if cell.pin:
            r[i] = bands[at[i]][0] if cell.pin < 0 else bands[at[i]][1]
    routes = _routes(cells, arrows, flip, chains, o, r, at, bands)
    return Placed(o[:count], r[:count], routes, right - left, length, at[:count], bands)


def _back_edges(count: int, arrows: Sequence[Arrow]) -> list[bool]:
    """Finds the arrows that close a cycle, by depth-first search in creation order; self-loops are left alone."""
    out: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    entered = [0] * count
    for index, arrow in enumerate(arrows):
        if arrow.src != arrow.dst:
            out[arrow.src].append((arrow.dst, index))
            entered[arrow.dst] += 1
    flip = [False] * len(arrows)
    state = [0] * count
    roots = [i for i in range(count) if not entered[i]] + list(range(count))
    for root in roots:
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            item, rest = stack[-1]
            for target, index in rest:
                if state[target] == 1:
                    flip[index] = True
                elif not state[target]:
                    state[target] = 1
                    stack.append((target, iter(out[target])))
                    break
            else:
                state[item] = 2
                stack.pop()
    return flip


def _ranks(cells: Sequence[Cell], arrows: Sequence[Arrow], flip: Sequence[bool]) -> list[int]:
    """Longest path from the sources, then every cell moves to where its arrows are shortest."""
    count = len(cells)
    out: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    into: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for arrow, back in zip(arrows, flip):
        a, b = (arrow.dst, arrow.src) if back else (arrow.src, arrow.dst)
        if a != b:
            out[a].append((b, arrow.weight))
            into[b].append((a, arrow.weight))
    waiting = [len(edges) for edges in into]
    order = [i for i in range(count) if not waiting[i]]
    rank = [0] * count
    for item in order:
        for target, _ in out[item]:
            rank[target] = max(rank[target], rank[item] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    last = max(rank, default=0)
    for _ in range(4):
        moved = False
        for item in reversed(order):
            pull_out = sum(w for _, w in out[item])
            pull_in = sum(w for _, w in into[item])
            if out[item] and pull_out > pull_in:
                best = min(rank[t] for t, _ in out[item]) - 1
            elif into[item] and pull_in > pull_out:
                best = max(rank[s] for s, _ in into[item]) + 1
            else:
                continue
            moved |= best != rank[item]
            rank[item] = best
        if not moved:
            break
    low = min(rank, default=0)
    rank = [value - low for value in rank]
    last = max(rank, default=0)
    first = int(any(cell.pin < 0 for cell in cells))
    rank = [value + first for value in rank]
    if first and all(rank[i] > first for i in range(count) if cells[i].pin >= 0):
        rank = [value - 1 if cells[i].pin >= 0 else value for i, value in enumerate(rank)]
    last = max((rank[i] for i in range(count) if not cells[i].pin), default=first)
    return [0 if c.pin < 0 else last + 1 if c.pin > 0 else rank[i] for i, c in enumerate(cells)]


def _dummies(
    nodes: list[Cell], at: list[int], arrows: Sequence[Arrow], flip: Sequence[bool], rank: Sequence[int]
) -> list[list[int]]:
    """Gives each arrow its chain of nodes, rank by rank; an arrow for which no dummies are left gets none."""
    chains: list[list[int]] = [[] for _ in arrows]
    spans = sorted((abs(rank[a.src] - rank[a.dst]), i) for i, a in enumerate(arrows) if a.src != a.dst)
    budget = MAX_DUMMIES
    for span, index in spans:
        arrow = arrows[index]
        a, b = (arrow.dst, arrow.src) if flip[index] else (arrow.src, arrow.dst)
        if rank[a] >= rank[b] or span - 1 > budget:
            continue
        budget -= span - 1
        chain = [a]
        for level in range(rank[a] + 1, rank[b]):
            chain.append(len(nodes))
            nodes.append(Cell(DUMMY, DUMMY, 0.0))
            at.append(level)
        chain.append(b)
        chains[index] = chain
    return chains


def _first_order(
    count: int,
    nodes: Sequence[Cell],
    at: Sequence[int],
    above: Sequence[Sequence[tuple[int, float, float]]],
    below: Sequence[Sequence[tuple[int, float, float]]],
) -> list[int]:
    """Walks depth-first from the sinks, heaviest arrow first, so that each chain starts as one column."""
    seen = [False] * len(nodes)
    order: list[int] = []
    roots = sorted((i for i in range(count)), key=lambda i: (bool(above[i]), -at[i], i))
    for root in roots:
        stack = [root]
        while stack:
            item = stack.pop()
            if seen[item]:
                continue
            seen[item] = True
            order.append(item)
            near = sorted(below[item], key=lambda link: (link[1], -link[0]))
            stack.extend(link[0] for link in near if not seen[link[0]])
    return order


def _order(
    layers: list[list[int]],
    links: Sequence[tuple[int, int, float, float, float]],
    above: Sequence[Sequence[tuple[int, float, float]]],
    below: Sequence[Sequence[tuple[int, float, float]]],
) -> None:
    """Reorders each rank by the barycentre of its neighbours, back and forth, and keeps the fewest crossings."""
    position: dict[int, int] = {}
    for layer in layers:
        for k, item in enumerate(layer):
            position[item] = k
    best, best_cross = [list(layer) for layer in layers], _crossings(layers, above, position)
    sweeps = SWEEPS if len(position) < 3000 else 2
    for sweep in range(sweeps):
        if not best_cross:
            break
        down = sweep % 2 == 0
        near = below if down else above
        for layer in layers if down else reversed(layers):
            key: dict[int, float] = {}
            for item in layer:
                total = sum(pull for _, pull, _ in near[item])
                mean = sum(position[other] * pull for other, pull, _ in near[item]) / total if total else -1.0
                key[item] = mean
            if any(value >= 0 for value in key.values()):
                _sort_fixed(layer, key)
            for k, item in enumerate(layer):
                position[item] = k
        _transpose(layers, above, below, position)
        crossed = _crossings(layers, above, position)
        if crossed < best_cross:
            best, best_cross = [list(layer) for layer in layers], crossed
    for layer, kept in zip(layers, best):
        layer[:] = kept


def _sort_fixed(layer: list[int], key: dict[int, float]) -> None:
    """Sorts by key those that have one; the others keep their places."""
    movable = [item for item in layer if key[item] >= 0]
    movable.sort(key=lambda item: key[item])
    supply = iter(movable)
    layer[:] = [next(supply) if key[item] >= 0 else item for item in layer]


def _transpose(
    layers: list[list[int]],
    above: Sequence[Sequence[tuple[int, float, float]]],
    below: Sequence[Sequence[tuple[int, float, float]]],
    position: dict[int, int],
) -> None:
    """Swaps neighbours where that removes crossings; one pass, skipped on crowded ranks."""
    for layer in layers:
        if len(layer) > 60:
            continue
        for k in range(len(layer) - 1):
            a, b = layer[k], layer[k + 1]
            if _cost(a, b, above, position) + _cost(a, b, below, position) > _cost(b, a, above, position) + _cost(
                b, a, below, position
            ):
                layer[k], layer[k + 1] = b, a
                position[a], position[b] = k + 1, k


def _cost(a: int, b: int, near: Sequence[Sequence[tuple[int, float, float]]], position: dict[int, int]) -> int:
    """Counts crossings of the arrows of `a` and `b` when `a` stands left of `b`."""
    crossed = 0
    for x, _, _ in near[a]:
        px = position[x]
        for y, _, _ in near[b]:
            if px > position[y]:
                crossed += 1
    return crossed


def _crossings(
    layers: Sequence[Sequence[int]],
    above: Sequence[Sequence[tuple[int, float, float]]],
    position: dict[int, int],
) -> int:
    """Counts crossings between neighbouring ranks with a Fenwick tree (Barth, Mutzel, Jünger 2004)."""
    total = 0
    for index in range(len(layers) - 1):
        size = len(layers[index + 1])
        tree = [0] * (size + 1)
        seen = 0
        for item in layers[index]:
            ends = sorted(position[target] for target, _, _ in above[item])
            for end in ends:
                at, smaller = end + 1, 0
                while at > 0:
                    smaller += tree[at]
                    at -= at & -at
                total += seen - smaller
            for end in ends:
                at = end + 1
                while at <= size:
                    tree[at] += 1
                    at += at & -at
                seen += 1
    return total


def _place(
    layers: Sequence[Sequence[int]],
    nodes: Sequence[Cell],
    above: Sequence[Sequence[tuple[int, float, float]]],
    below: Sequence[Sequence[tuple[int, float, float]]],
    gap: float,
) -> list[float]:
    """Moves every rank towards its neighbours' axes, exactly, under the least distances; back and forth."""
    o = [0.0] * len(nodes)
    for layer in layers:
        cursor = 0.0
        for item in layer:
            o[item] = cursor + nodes[item].lo
            cursor = o[item] + nodes[item].hi + gap
        for item in layer:
            o[item] -= (cursor - gap) / 2
    placings = PLACINGS if len(nodes) < 2000 else 4
    for turn in range(placings):
        down = turn % 2 == 0
        for layer in layers if down else reversed(layers):
            wanted, weights = [], []
            for item in layer:
                main = below[item] if down else above[item]
                other = above[item] if down else below[item]
                total = sum(pull for _, pull, _ in main)
                pulled = sum((o[x] + off) * pull for x, pull, off in main)
                if turn >= placings // 2:  # later turns listen to both sides, so that ends do not lag behind
                    total += 0.5 * sum(pull for _, pull, _ in other)
                    pulled += 0.5 * sum((o[x] + off) * pull for x, pull, off in other)
                wanted.append(pulled / total if total else o[item])
                weights.append(total if total else 0.05)
            _settle(layer, nodes, wanted, weights, gap, o)
    _straighten(layers, nodes, below, gap, o)
    return o


def _straighten(
    layers: Sequence[Sequence[int]],
    nodes: Sequence[Cell],
    below: Sequence[Sequence[tuple[int, float, float]]],
    gap: float,
    o: list[float],
) -> None:
    """Takes out small jogs: a box steps onto the axis of its heaviest neighbour below where there is room."""
    for layer in layers[1:]:
        for k, item in enumerate(layer):
            if not below[item]:
                continue
            other, _, off = max(below[item], key=lambda link: (link[1], -link[0]))
            want = o[other] + off
            if not 0 < abs(want - o[item]) < 14:
                continue
            low = o[layer[k - 1]] + nodes[layer[k - 1]].hi + gap + nodes[item].lo if k else want
            high = o[layer[k + 1]] - nodes[layer[k + 1]].lo - gap - nodes[item].hi if k + 1 < len(layer) else want
            if low <= high:
                o[item] = min(max(want, low), high)


def _settle(
    layer: Sequence[int],
    nodes: Sequence[Cell],
    wanted: Sequence[float],
    weights: Sequence[float],
    gap: float,
    o: list[float],
) -> None:
    """Least squares to `wanted` with the least distances kept: pool adjacent violators on shifted targets."""
    shift, blocks, offsets = 0.0, [], []
    for k, item in enumerate(layer):
        if k:
            shift += nodes[layer[k - 1]].hi + gap + nodes[item].lo
        offsets.append(shift)
        blocks.append([wanted[k] - shift, weights[k], 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value, weight, size = blocks.pop()
            low = blocks[-1]
            low[0] = (low[0] * low[1] + value * weight) / (low[1] + weight)
            low[1] += weight
            low[2] += size
    k = 0
    for value, _, size in blocks:
        for _ in range(int(size)):
            o[layer[k]] = value + offsets[k]
            k += 1


def _routes(
    cells: Sequence[Cell],
    arrows: Sequence[Arrow],
    flip: Sequence[bool],
    chains: Sequence[Sequence[int]],
    o: Sequence[float],
    r: Sequence[float],
    at: Sequence[int],
    bands: Sequence[tuple[float, float]],
) -> list[list[tuple[float, float]]]:
    """Draws each arrow from the rim of its source to the rim of its target, ends of one rim spread in order."""
    ends: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    for index, (arrow, chain) in enumerate(zip(arrows, chains)):
        if not chain:
            continue
        low, high = (arrow.dst_spread, arrow.src_spread) if flip[index] else (arrow.src_spread, arrow.dst_spread)
        if low:
            ends.setdefault((chain[0], True), []).append((o[chain[1]], index))
        if high:
            ends.setdefault((chain[-1], False), []).append((o[chain[-2]], index))
    moved: dict[tuple[int, bool], float] = {}
    for (item, leaving), found in ends.items():
        found.sort()
        if len(found) > 1 and not cells[item].pin:
            room = (cells[item].half or min(cells[item].lo, cells[item].hi)) * 1.2
            step = min(12.0, room / (len(found) - 1))
            straight = [k for k, (other, _) in enumerate(found) if abs(other - o[item]) < 1]
            pivot = (len(found) - 1) / 2 if len(straight) != 1 or len(found) > 4 else straight[0]
            for k, (_, index) in enumerate(found):
                moved[index, leaving] = max(-room / 2, min(room / 2, (k - pivot) * step))
    routes: list[list[tuple[float, float]]] = []
    for index, (arrow, back, chain) in enumerate(zip(arrows, flip, chains)):
        if not chain:
            routes.append([])
            continue
        a, b = chain[0], chain[-1]
        a_off, b_off = (arrow.dst_off, arrow.src_off) if back else (arrow.src_off, arrow.dst_off)
        start = round(o[a] + a_off + moved.get((index, True), 0.0), 1)
        end = round(o[b] + b_off + moved.get((index, False), 0.0), 1)
        half_a, half_b = ((cells[k].body or cells[k].size) / 2 for k in (a, b))
        points = [(start, r[a] + half_a if not cells[a].pin else r[a]), (start, bands[at[a]][1])]
        for item in chain[1:-1]:
            points += [(o[item], bands[at[item]][0]), (o[item], bands[at[item]][1])]
        points += [(end, bands[at[b]][0]), (end, r[b] - half_b if not cells[b].pin else r[b])]
        clean = [points[0]]
        for point in points[1:]:
            if point != clean[-1]:
                clean.append(point)
        routes.append(clean[::-1] if back else clean)
    return routes
