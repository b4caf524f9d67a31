"""The whole picture's geometry: each open scope laid out by itself, from the inside out, then set on the page.

A scope's content has up to three lanes: the forward part, beside it gradients and optimiser flowing the other way
(so that a
gradient stands near its forward op), and helpers set aside. Twin of ui/graph/compose.ts. Pure, deterministic, no
recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tfviz.layout_lanes import Lane, cross_routes, pack, stack_aside
from tfviz.layout_layered import Arrow, Cell, Placed, layered
from tfviz.layout_visible import MAX_TAGS, Link, Tag, Visible, choose_open
from tfviz.snapshot import Snapshot, op_kind
from tfviz.textsize import shorten, text_width

DIRECTIONS = ("up", "down", "right")
TITLE, PAD, TAG_H, TAG_GAP = 24.0, 14.0, 13.0, 6.0
LABEL_LINE = 11.0


@dataclass(slots=True)
class Box:
    """One thing drawn: an op, a folded scope or an open one, with its place on the page."""

    item: int
    kind: str  # "op", "scope", "series", "part", "variable"
    style: str  # colour family
    label: str
    sub: str
    open: bool
    w: float
    h: float
    x: float = 0.0
    y: float = 0.0
    depth: int = 0
    tags_in: list[Tag] = field(default_factory=list)
    tags_out: list[Tag] = field(default_factory=list)
    more: int = 0
    aside: bool = False


@dataclass(slots=True)
class Edge:
    """One drawn link: page points from source to target."""

    link: Link
    points: list[tuple[float, float]]
    label: str = ""
    label_at: tuple[float, float] | None = None
    angular: bool = False


@dataclass(slots=True)
class Picture:
    """Boxes in drawing order (outer first), edges, and the size of the page."""

    snapshot: Snapshot
    visible: Visible
    direction: str
    boxes: dict[int, Box]
    edges: list[Edge]
    width: float
    height: float
    asides: list[tuple[float, float, str]] = field(default_factory=list)


def picture(
    snapshot: Snapshot, opened: Iterable[int] | None = None, direction: str = "up", depth: int | None = None
) -> Picture:
    """Lays out what is visible when the scopes in `opened` are open.

    Args:
        snapshot: the graph.
        opened: tree items to open; None chooses them by budget (or all above `depth`).
        direction: "up" (inputs below, TensorBoard's habit), "down" or "right".
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, got {direction!r}")
    opened = choose_open(snapshot, depth) if opened is None else opened
    return _Composer(Visible(snapshot, opened), direction).run()


@dataclass(slots=True)
class _Content:
    """A laid-out scope before it has a place: child axes and routes in (o, r), ports on its rim."""

    width: float = 0.0
    length: float = 0.0
    place: dict[int, tuple[float, float]] = field(default_factory=dict)
    routes: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    angular: set[int] = field(default_factory=set)
    ports: dict[int, float] = field(default_factory=dict)


class _Composer:
    def __init__(self, visible: Visible, direction: str) -> None:
        self.visible = visible
        self.snapshot = visible.snapshot
        self.direction = direction
        self.across = direction != "right"
        self.boxes: dict[int, Box] = {}
        self.contents: dict[int, _Content] = {}
        self.links_at: dict[int, list[int]] = {home: [] for home in visible.containers}
        for index, link in enumerate(visible.links):
            self.links_at[link.home].append(index)
        self.label_room = self._label_rooms()
        self.crossing: dict[int, int] = {}
        for link in visible.links:
            if link.cross:
                self.crossing[link.dst] = self.crossing.get(link.dst, 0) + 1

    def run(self) -> Picture:
        visible = self.visible
        flipped = {0: False}
        for home in visible.containers:
            for child in visible.items[home]:
                if child in visible.open:
                    flipped[child] = flipped[home] or child in visible.side[home]
        for home in reversed(visible.containers):
            for child in (*visible.items[home], *visible.aux[home]):
                if child not in visible.open:
                    self.boxes[child] = self._box(child, child in visible.aux[home])
            self.contents[home] = self._lay_out(home)
            if home:
                self.boxes[home] = self._open_box(home)
        return self._page(flipped)

    # ---- boxes
    # ------------------------------------------------------------------------------------------------------

    def _box(self, item: int, aside: bool) -> Box:
        snapshot, tree = self.snapshot, self.snapshot.tree
        op = tree.op[item]
        label = shorten(tree.label[item], 26)
        if item in snapshot.is_variable:
            kind, style, sub = "variable", "variable", snapshot.output_shape(snapshot.op_of(item))
        elif op >= 0:
            kind, style = "op", op_kind(snapshot.types[op])
            stem = label.strip("()").rsplit("_", 1)
            plain = stem[0] if len(stem) == 2 and stem[1].isdigit() else label.strip("()")
            sub = (
                "" if plain.endswith(snapshot.types[op]) or not snapshot.types[op] else shorten(snapshot.types[op], 26)
            )
            if snapshot.nodes[op].get("fed"):
                sub = f"fed {snapshot.output_shape(op)}"
        else:
            kind = tree.kind[item]
            style = "gradients" if snapshot.is_gradients(item) else "scope"
            count = tree.count(item)
            sub = f"{count:,} op{'s' if count != 1 else ''}"
            if kind == "series":
                members = len(tree.children[item])
                sub = f"× {members}" if count == members else f"× {members} · {sub}"
        folded = kind in ("scope", "series", "part")
        w = max(text_width(label, 12 if folded else 11, folded), text_width(sub, 9.5)) + (34 if folded else 20)
        h = 38.0 if folded else 34.0 if sub else 25.0
        crossing = self.crossing.get(item, 0)
        if crossing > 2:
            h = max(h, 16.0 + 8.0 * crossing) if self.across else h
        box = Box(item, kind, style, label, sub, False, round(max(w, 46.0)), h, aside=aside)
        tags = self.visible.tags.get(item, [])
        into = [t for t in tags if t.kind != "summary"]
        out = [t for t in tags if t.kind == "summary"]
        box.more = max(0, len(into) - MAX_TAGS)
        box.tags_in, box.tags_out = into[:MAX_TAGS], out[:MAX_TAGS]
        return box

    def _open_box(self, item: int) -> Box:
        snapshot, tree = self.snapshot, self.snapshot.tree
        content = self.contents[item]
        w, h = (content.width, content.length) if self.across else (content.length, content.width)
        label = shorten(tree.label[item], 40)
        count = tree.count(item)
        sub = f"{count:,} op{'s' if count != 1 else ''}"
        style = "gradients" if snapshot.is_gradients(item) else "scope"
        least = text_width(label, 12, True) + text_width(sub, 9.5) + 44
        return Box(item, tree.kind[item], style, label, sub, True, max(w + 2 * PAD, least), h + TITLE + 2 * PAD)

    def _cell(self, item: int) -> Cell:
        """Sizes a box for the layout, with room for its tags and for the shape written on its outgoing edge."""
        box = self.boxes[item]
        room = self.label_room.get(item, 0.0)
        left = max((text_width(shorten(t.text, 22), 9) + 18 for t in box.tags_in), default=0.0)
        right = max((text_width(shorten(t.text, 22), 9) + 18 for t in box.tags_out), default=0.0)
        tall = max(len(box.tags_in) + bool(box.more), len(box.tags_out)) * TAG_H
        if self.across:
            return Cell(box.w / 2 + left, max(box.w / 2 + right, room), max(box.h, tall), 0, box.w / 2, box.h)
        below = (len(box.tags_in) + len(box.tags_out) + bool(box.more)) * TAG_H
        return Cell(box.h / 2, box.h / 2 + below, max(box.w, left, right), 0, box.h / 2, box.w)

    def _label_rooms(self) -> dict[int, float]:
        """Finds how far the shape texts at a box's outgoing edges reach to the right of its axis."""
        rooms: dict[int, float] = {}
        for link in self.visible.links:
            if link.src >= 0 and link.outer < 0 and not link.cross and link.src not in self.snapshot.is_variable:
                rooms[link.src] = max(rooms.get(link.src, 0.0), text_width(link.label(), 9) + 12)
        return rooms

    # ---- one scope
    # --------------------------------------------------------------------------------------------------

    def _lay_out(self, home: int) -> _Content:
        visible, content = self.visible, _Content()
        side = visible.side[home]
        main = [c for c in visible.items[home] if c not in side]
        links = self.links_at[home]
        here = [i for i in links if not visible.links[i].cross]
        in_side = [i for i in here if (visible.links[i].src in side or visible.links[i].dst in side)]
        side_links = set(in_side)
        lane = self._lane(main, [i for i in here if i not in side_links], content)
        other = self._lane([c for c in visible.items[home] if c in side], in_side, content) if side else None
        length = max(lane.length, other.length if other else 0.0)
        base = (
            length - lane.length if other else 0.0
        )  # the ends of both lanes, loss and its gradient, stand side by side
        for item, (o, r) in lane.place.items():
            content.place[item] = (o, r + base)
        for index, route in lane.routes.items():
            content.routes[index] = [(o, r + base) for o, r in route]
        width = lane.width
        if other:
            crosses = [i for i in links if visible.links[i].cross]
            lane.place = {item: (o, r + base) for item, (o, r) in lane.place.items()}
            lane.over = {item: r + base for item, r in lane.over.items()}
            width, length = self._beside(lane, other, crosses, content, length)
        if visible.aux[home]:
            sizes = [(c, *self._reach(c)) for c in visible.aux[home]]
            tall = 18.0 + sum(size + 14.0 for *_, size in sizes)
            below = other is not None and length - other.length > tall + 60
            start = width - other.width if below and other else width + (30.0 if width else 0.0)
            far = length - other.length - 60 if below and other else length
            placed, end = stack_aside(sizes, start, far, 14.0)
            width = max(width, end)
            length = max([length, *(r + size / 2 for (_, r), size in placed.values())])
            for item, ((o, r), _) in placed.items():
                content.place[item] = (o, r)
        content.width, content.length = width, length
        return content

    def _reach(self, item: int) -> tuple[float, float, float]:
        cell = self._cell(item)
        return cell.lo, cell.hi, cell.size

    def _lane(self, items: list[int], links: list[int], content: _Content) -> Lane:
        """Lays out one lane: its connected parts side by side, ports pinned to the rims."""
        visible = self.visible
        index = {item: k for k, item in enumerate(items)}
        cells = [self._cell(item) for item in items]
        arrows: list[tuple[int, Arrow]] = []
        ports: dict[tuple[int, bool], int] = {}
        for i in links:
            link = visible.links[i]
            ends = []
            for item, leaving in ((link.src, False), (link.dst, True)):
                if item >= 0:
                    ends.append(index[item])
                    continue
                key = (link.outer, leaving)
                if key not in ports:
                    ports[key] = len(cells)
                    cells.append(Cell(4.0, 4.0, 0.0, 1 if leaving else -1))
                ends.append(ports[key])
            weight = 3.0 if link.data else 1.2 if link.ref else 0.5
            if link.src >= 0 and link.src in self.snapshot.is_variable:
                weight = 1.0
            arrow = Arrow(ends[0], ends[1], weight)
            if link.src_port and link.src >= 0:
                arrow.src_off, arrow.src_spread = self.contents[link.src].ports.get(i, 0.0), False
            if link.dst_port and link.dst >= 0:
                arrow.dst_off, arrow.dst_spread = self.contents[link.dst].ports.get(i, 0.0), False
            arrows.append((i, arrow))
        gap_o, gap_r = (20.0, 38.0) if self.across else (16.0, 64.0)
        lane = pack(cells, arrows, lambda c, a: self._layered(c, a, gap_o, gap_r), bool(ports), gap_o * 1.6)
        for (outer, _), cell in ports.items():
            content.ports[outer] = lane.cells[cell][0] - lane.width / 2 + (0.0 if self.across else TITLE / 2)
        lane.place = {item: lane.cells[k] for item, k in index.items()}
        lane.over = {item: lane.band_end[k] for item, k in index.items()}
        return lane

    @staticmethod
    def _layered(cells: list[Cell], arrows: list[Arrow], gap_o: float, gap_r: float) -> Placed:
        return layered(cells, arrows, gap_o, gap_r)

    def _beside(
        self, lane: Lane, other: Lane, crosses: list[int], content: _Content, length: float
    ) -> tuple[float, float]:
        """Puts the backward lane beside the forward one, upside down, and joins them through the gutter."""
        visible = self.visible
        reach = {c: self._rim(c) for c in (*lane.place, *other.place)}
        flip = {c: (o, other.length - r) for c, (o, r) in other.place.items()}
        shift = length - other.length
        turned = Lane(
            other.width, other.length, other.cells,
            {i: [(o, other.length - r + shift) for o, r in route] for i, route in other.routes.items()},
            {c: (o, r + shift) for c, (o, r) in flip.items()},
        )  # fmt: skip
        ends = [(i, visible.links[i].src, visible.links[i].dst) for i in crosses]
        routes, gutter, low, high = cross_routes(lane, turned, reach, ends)
        offset = lane.width + gutter
        for c, (o, r) in turned.place.items():
            content.place[c] = (o + offset, r)
        for i, route in turned.routes.items():
            content.routes[i] = [(o + offset, r) for o, r in route]
        for i, route in routes.items():
            content.routes[i] = route
            content.angular.add(i)
        del low
        return offset + other.width, max(length, high)

    def _rim(self, item: int) -> tuple[float, float, float]:
        """Returns a box's own half widths across and its size along the flow, without its tags."""
        box = self.boxes[item]
        return (box.w / 2, box.w / 2, box.h) if self.across else (box.h / 2, box.h / 2, box.w)

    # ---- the page
    # ---------------------------------------------------------------------------------------------------

    def _page(self, flipped: dict[int, bool]) -> Picture:
        visible = self.visible
        root = self.contents[0]
        margin = 16.0
        w, h = (root.width, root.length) if self.across else (root.length, root.width)
        result = Picture(self.snapshot, visible, self.direction, {}, [], w + 2 * margin, h + 2 * margin)
        for home in visible.containers:
            content = self.contents[home]
            if home:
                box = self.boxes[home]
                left, top, room_w = box.x + PAD, box.y + TITLE + PAD, box.w - 2 * PAD
                depth = box.depth
            else:
                left, top, room_w, depth = margin, margin, w, -1
            own_w = content.width if self.across else content.length
            left += (room_w - own_w) / 2
            up = (self.direction == "up") != flipped[home]

            point = self._mapper(content, left, top, up, flipped[home])
            for item, (o, r) in content.place.items():
                box = self.boxes[item]
                x, y = point(o, r)
                box.x, box.y, box.depth = round(x - box.w / 2, 1), round(y - box.h / 2, 1), depth + 1
                result.boxes[item] = box
            for index, route in content.routes.items():
                if route:
                    points = [point(o, r) for o, r in route]
                    points = self._to_rim(
                        points, visible.links[index], home, index in content.angular, box_of=self.boxes
                    )
                    result.edges.append(Edge(visible.links[index], points, angular=index in content.angular))
            if visible.aux[home]:
                aside = [self.boxes[c] for c in visible.aux[home]]
                result.asides.append((min(b.x for b in aside), min(b.y for b in aside) - 7, "set aside"))
        self._labels(result)
        return result

    def _mapper(
        self, content: _Content, left: float, top: float, up: bool, flipped: bool
    ) -> Callable[[float, float], tuple[float, float]]:
        """Returns the map from a scope's (o, r) to the page; a flipped scope flows against the page's direction."""

        def point(o: float, r: float) -> tuple[float, float]:
            if self.across:
                return left + o, top + (content.length - r if up else r)
            return left + (content.length - r if flipped else r), top + o

        return point

    def _to_rim(
        self, points: list[tuple[float, float]], link: Link, home: int, angular: bool, box_of: dict[int, Box]
    ) -> list[tuple[float, float]]:
        """Leads a port's end through the padding to the rim of its scope."""
        if angular or not home or (link.src >= 0 and link.dst >= 0):
            return points
        box = box_of[home]
        at = 0 if link.src < 0 else -1
        x, y = points[at]
        if self.across:
            y = box.y if abs(y - box.y) < abs(y - box.y - box.h) else box.y + box.h
        else:
            x = box.x if abs(x - box.x) < abs(x - box.x - box.w) else box.x + box.w
        return [(x, y), *points] if at == 0 else [*points, (x, y)]

    def _labels(self, result: Picture) -> None:
        """Writes each tensor's shape once, near its source; different shapes from one box stand on their own
        edges."""
        groups: dict[tuple[int, int], list[Edge]] = {}
        for edge in result.edges:
            variable = edge.link.src in self.snapshot.is_variable and edge.link.data == 1
            if edge.link.outer < 0 and edge.link.label() and not edge.angular and not variable:
                groups.setdefault((edge.link.home, edge.link.src), []).append(edge)
        for edges in groups.values():
            texts = {edge.link.label() for edge in edges}
            edges.sort(key=lambda e: e.points[0][0])
            last = len(edges) - 1
            for k, edge in enumerate(edges[-1:] if len(texts) == 1 else edges):
                edge.label = edge.link.label()
                side = 1 if len(texts) == 1 or k == last else -1 if k == 0 else 0
                edge.label_at = self._label_at(edge, side)
        self._part_labels([edge for edge in result.edges if edge.label_at])

    def _part_labels(self, edges: list[Edge]) -> None:
        """Moves a label that would cover another along its edge, away from the source; first those of straight edges,
        which stay beside their line."""
        placed: list[tuple[float, float, float]] = []  # left, right, baseline

        def order(edge: Edge) -> tuple[bool, float, float, str]:
            (x0, y0), (x1, y1) = edge.points[0], edge.points[1]
            straight = abs(x1 - x0 if self.across else y1 - y0) < 0.6
            return (straight, *(edge.label_at or (0.0, 0.0)), edge.label)

        for edge in sorted(edges, key=order):
            x, y = edge.label_at or (0.0, 0.0)
            words = f"{edge.label} + {edge.link.control} control" if edge.link.control else edge.label
            end = x + text_width(words, 9)
            step = LABEL_LINE / 2 if self.across and edge.points[-1][1] > edge.points[0][1] else -LABEL_LINE / 2
            for move in (0.0, step, 2 * step, 3 * step):
                if all(a > end or b < x or abs(at - y - move) >= LABEL_LINE - 1 for a, b, at in placed):
                    edge.label_at = (x, y + move)
                    break
            placed.append((x, end, edge.label_at[1] if edge.label_at else y))

    def _label_at(self, edge: Edge, side: int) -> tuple[float, float]:
        (x0, y0), (x1, y1) = edge.points[0], edge.points[1]
        if not self.across:
            width = text_width(edge.link.label(), 9)
            return (x0 + 8, y0 - 5) if x1 > x0 else (x0 - 8 - width, y0 - 5)
        step = -11.0 if edge.points[-1][1] < y0 else 17.0
        if side > 0:
            return (x0 + 6, y0 + step)
        if side < 0:  # the leftmost of several writes to its left, so that texts of close edges stay apart
            return (x0 - 6 - text_width(edge.link.label(), 9), y0 + step)
        return ((x0 + x1) / 2 + 6, (y0 + y1) / 2 + 3)
