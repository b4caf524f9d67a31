"""What of a snapshot is on the page: open and folded scopes, lifted edges, lanes and little annotations; no
coordinates.

An edge between two ops becomes one link between siblings under their lowest common scope, and, inside each open
scope on its
way, a link to a port on that scope's rim. Helpers that would tangle the picture are set aside, gradients stand in a
lane of their own. Twin of ui/graph/model.ts.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from tfviz.snapshot import CONTROL, DATA, REF, UNKNOWN, Snapshot
from tfviz.snapshot_tree import sibling_edges
from tfviz.textsize import shorten

HELPER_TYPES = frozenset({"MergeSummary", "SaveV2", "RestoreV2", "MergeV2Checkpoints"})
BUDGET = 36  # boxes on the first page
MAX_PORTS = 10
MAX_TAGS = 4
HELPER_LABEL = re.compile(
    r"^(init(_\d+)?|save(_\d+)?|report_uninitialized_variables.*|init_all_tables|init_ops|group_deps.*)$"
)


@dataclass(slots=True)
class Tag:
    """A small annotation at a box: a constant, a summary, or the far end of an edge that is not drawn."""

    text: str
    kind: str  # "const", "summary", "portal"
    item: int


@dataclass(slots=True)
class Link:
    """A bundle of edges between two siblings, or between a child and a port (`src` or `dst` is then -1)."""

    home: int
    src: int
    dst: int
    outer: int = -1  # the link of the surrounding scope that a port continues
    cross: bool = False
    data: int = 0
    control: int = 0
    ref: int = 0
    nbytes: float = 0.0
    shapes: dict[str, None] = field(default_factory=dict)
    example: int = -1
    src_port: bool = False  # the source is an open scope with a port for this link
    dst_port: bool = False

    def label(self) -> str:
        """Writes what flows: one shape, or how many tensors of which shape."""
        tensors = self.data + self.ref
        if not tensors:
            return ""
        shape = next(iter(self.shapes)) if len(self.shapes) == 1 else ""
        if shape == UNKNOWN:
            shape = ""
        if tensors == 1 or (shape and tensors < 2):
            return shape
        return f"{tensors} × ({shape})" if shape else f"{tensors} tensors"


class Visible:
    """The part of a snapshot that is drawn when the scopes in `opened` are open."""

    def __init__(self, snapshot: Snapshot, opened: Iterable[int]) -> None:
        self.snapshot = snapshot
        tree = snapshot.tree
        wanted = {item for item in opened if 0 <= item < len(tree) and tree.op[item] < 0}
        self.open: set[int] = {0}
        self.containers = [0]
        for home in self.containers:
            for child in tree.children[home]:
                if child in wanted:
                    self.open.add(child)
                    self.containers.append(child)
        self.rep = self._representatives()
        self.tags: dict[int, list[Tag]] = {}
        self.hidden: set[int] = set()
        self.links: list[Link] = []
        self.aux: dict[int, list[int]] = {}
        self.side: dict[int, set[int]] = {}
        bundles = self._bundles()
        self._annotate(bundles)
        bundles = [b for b in bundles if b[0] not in self.hidden and b[1] not in self.hidden]
        self._lanes(bundles)
        self._lift(bundles)
        self.items = {
            home: [c for c in tree.children[home] if c not in self.hidden and c not in set(self.aux[home])]
            for home in self.containers
        }

    def _representatives(self) -> np.ndarray:
        """Maps each op to the visible box that holds it."""
        tree = self.snapshot.tree
        rep_in_order = np.zeros(len(self.snapshot.nodes), np.int64)
        for home in self.containers:
            for child in tree.children[home]:
                if child not in self.open:
                    low, high = tree.span[child]
                    rep_in_order[low:high] = child
        rep = np.zeros(len(self.snapshot.nodes), np.int64)
        rep[tree.op_order] = rep_in_order
        return rep

    def _bundles(self) -> list[tuple[int, int, list[int], float, np.ndarray]]:
        """Groups edges by the pair of boxes they join: (src, dst, counts by kind, bytes, edge indices)."""
        snapshot = self.snapshot
        a, b = self.rep[snapshot.src], self.rep[snapshot.dst]
        used = np.flatnonzero(a != b)
        if not len(used):
            return []
        key = a[used] * len(snapshot.tree) + b[used]
        order = np.argsort(key, kind="stable")
        used = used[order]
        cuts = np.flatnonzero(np.diff(key[order])) + 1
        bundles = []
        for part in np.split(used, cuts):
            counts = np.bincount(snapshot.kind[part], minlength=3).tolist()
            first = part[0]
            bundles.append((int(a[first]), int(b[first]), counts, float(snapshot.nbytes[part].sum()), part))
        return bundles

    def _annotate(self, bundles: list[tuple[int, int, list[int], float, np.ndarray]]) -> None:
        """Turns constants and summaries that stand alone into tags at their neighbours."""
        snapshot, tree = self.snapshot, self.snapshot.tree
        into: dict[int, list[int]] = {}
        out: dict[int, list[int]] = {}
        for src, dst, counts, _, _ in bundles:
            if counts[DATA] or counts[REF]:
                out.setdefault(src, []).append(dst)
                into.setdefault(dst, []).append(src)
        self._tuck_initialisers(bundles, into)
        summaries = set()
        for dst, sources in into.items():
            if tree.op[dst] >= 0 and snapshot.is_summary(tree.op[dst]):
                producers = [s for s in sources if not self._constant(s)]
                if len(producers) == 1:
                    summaries.add(dst)
                    self.hidden.add(dst)
                    self._tag(producers[0], Tag(tree.label[dst], "summary", dst))
        for item, targets in out.items():
            if self._constant(item):
                self.hidden.add(item)
                text = snapshot.value_text(tree.op[item])
                for target in targets:
                    if target not in summaries:
                        self._tag(target, Tag(text, "const", item))

    def _tuck_initialisers(
        self, bundles: list[tuple[int, int, list[int], float, np.ndarray]], into: dict[int, list[int]]
    ) -> None:
        """Writes what only initialises variables (`truncated_normal`) beside the variable, as it does not flow."""
        snapshot = self.snapshot
        others: dict[int, bool] = {}
        for src, dst, _, _, _ in bundles:
            others[src] = others.get(src, False) or dst not in snapshot.is_variable
        for src, dst, _, _, _ in bundles:
            needs = [item for item in into.get(src, ()) if not self._constant(item)]
            if others[src] or needs or src in snapshot.is_variable or self._constant(src):
                continue
            self.hidden.add(src)
            self._tag(dst, Tag(shorten(snapshot.tree.label[src], 22), "portal", src))

    def _constant(self, item: int) -> bool:
        op = self.snapshot.tree.op[item]
        return op >= 0 and self.snapshot.is_constant(op)

    def _tag(self, item: int, tag: Tag) -> None:
        tags = self.tags.setdefault(item, [])
        if all(t.item != tag.item or t.kind != tag.kind for t in tags):
            tags.append(tag)

    def _lanes(self, bundles: list[tuple[int, int, list[int], float, np.ndarray]]) -> None:
        """Finds, in each open scope, the helpers to set aside and the backward part that gets its own lane."""
        tree = self.snapshot.tree
        after: dict[int, dict[int, set[int]]] = {home: {} for home in self.containers}
        before: dict[int, dict[int, set[int]]] = {home: {} for home in self.containers}
        data: set[int] = set()
        self.commands: dict[int, int] = {}
        for src, dst, counts, _, _ in bundles:
            self.commands[dst] = self.commands.get(dst, 0) + counts[CONTROL]
            home, a, b = self._meet(src, dst)
            after[home].setdefault(a, set()).add(b)
            before[home].setdefault(b, set()).add(a)
            if counts[DATA] or counts[REF]:
                data.update((a, b))
        for home in self.containers:
            children = [c for c in tree.children[home] if c not in self.hidden]
            aux = [c for c in children if self._helper(c, len(children), after[home], before[home], data)]
            if len(aux) == len(children):
                aux = []
            self.aux[home] = aux
            gone = set(aux)
            side = backward(self.snapshot, [c for c in children if c not in gone], after[home], before[home], gone)
            self.side[home] = side

    def _helper(
        self, item: int, crowd: int, after: dict[int, set[int]], before: dict[int, set[int]], data: set[int]
    ) -> bool:
        snapshot, tree = self.snapshot, self.snapshot.tree
        op = tree.op[item]
        if op < 0:
            return bool(HELPER_LABEL.match(tree.label[item])) and tree.kind[item] == "scope" and item not in self.open
        kind = snapshot.types[op]
        if kind in HELPER_TYPES:
            return True
        if kind == "NoOp" and item not in data and not after.get(item) and self.commands.get(item, 0) >= 4:
            return not tree.label[item].startswith("(")
        near = len(after.get(item, ())) + len(before.get(item, ()))
        return crowd >= 15 and near >= max(8, 0.4 * crowd)

    def _meet(self, src: int, dst: int) -> tuple[int, int, int]:
        """Returns the lowest common scope of two boxes and its children on the two ways."""
        tree = self.snapshot.tree
        ups = {src: -1}
        item, below = src, src
        while tree.parent[item] >= 0:
            below, item = item, tree.parent[item]
            ups[item] = below
        item, below = dst, dst
        while item not in ups:
            below, item = item, tree.parent[item]
        return item, ups[item], below

    def _way(self, item: int, top: int) -> list[int]:
        """Returns the boxes from `top` (a child of the common scope) down to `item`, both included."""
        way = [item]
        while way[-1] != top:
            way.append(self.snapshot.tree.parent[way[-1]])
        return way[::-1]

    def _lift(self, bundles: list[tuple[int, int, list[int], float, np.ndarray]]) -> None:
        aux = {item for items in self.aux.values() for item in items}
        known: dict[tuple[int, int, int, int], int] = {}
        ports: dict[tuple[int, bool], set[int]] = {}
        for src, dst, counts, nbytes, edges in bundles:
            home, a, b = self._meet(src, dst)
            way_a, way_b = self._way(src, a), self._way(dst, b)
            if any(item in aux for item in (*way_a, *way_b)):
                if counts[DATA] and any(item in aux for item in way_a):
                    self._portal(dst, src)
                continue
            shapes = self._shapes(edges)
            cross = (a in self.side[home]) != (b in self.side[home])
            link = self._link(known, home, a, b, -1, counts, nbytes, shapes, int(edges[0]))
            self.links[link].cross = cross
            if cross:
                if len(way_b) > 1 and counts[DATA]:
                    self._portal(dst, src)
                continue
            for way, leaving in ((way_a, True), (way_b, False)):
                outer = link
                for scope, child in itertools.pairwise(way):
                    used = ports.setdefault((scope, leaving), set())
                    if child in self.side[scope] or (outer not in used and len(used) >= MAX_PORTS):
                        if not leaving and counts[DATA]:
                            self._portal(dst, src)
                        break
                    used.add(outer)
                    if leaving:
                        self.links[outer].src_port = True
                    else:
                        self.links[outer].dst_port = True
                    ends = (child, -1) if leaving else (-1, child)
                    outer = self._link(known, scope, *ends, outer, counts, nbytes, shapes, int(edges[0]))

    def _link(
        self, known: dict[tuple[int, int, int, int], int], home: int, src: int, dst: int, outer: int,
        counts: list[int], nbytes: float, shapes: list[str], example: int,
    ) -> int:  # fmt: skip
        key = (home, src, dst, outer)
        index = known.get(key)
        if index is None:
            index = known[key] = len(self.links)
            self.links.append(Link(home, src, dst, outer, example=example))
        link = self.links[index]
        link.data += counts[DATA]
        link.control += counts[CONTROL]
        link.ref += counts[REF]
        link.nbytes += nbytes
        for shape in shapes:
            if len(link.shapes) < 3:
                link.shapes[shape] = None
        return index

    def _shapes(self, edges: np.ndarray) -> list[str]:
        snapshot = self.snapshot
        shapes: dict[str, None] = {}
        for edge in edges[:200].tolist():
            if snapshot.kind[edge] != CONTROL:
                shapes[snapshot.output_shape(int(snapshot.src[edge]), int(snapshot.out[edge]))] = None
            if len(shapes) > 2:
                break
        return list(shapes)

    def _portal(self, item: int, source: int) -> None:
        self._tag(item, Tag(shorten(self.snapshot.tree.path[source], 22), "portal", source))


def backward(
    snapshot: Snapshot,
    children: list[int],
    after: dict[int, set[int]],
    before: dict[int, set[int]],
    gone: set[int],
) -> set[int]:
    """Returns the gradients among siblings, what hangs on them (the optimiser), and what serves only these."""
    tree = snapshot.tree
    stack = [
        c for c in children
        if snapshot.is_gradients(c) or any(snapshot.is_gradients(g) for g in tree.children[c][:50])
    ]  # fmt: skip
    side = set(stack)
    while stack:
        for target in after.get(stack.pop(), ()):
            if target not in side and target not in gone:
                side.add(target)
                stack.append(target)
    if not side:
        return side
    for child in reversed(children):
        targets = after.get(child, set()) - gone
        if child not in side and targets and targets <= side and not (before.get(child, set()) - gone - side):
            op = snapshot.op_of(child)
            if op < 0 or not snapshot.is_placeholder(op):
                side.add(child)
    return side if len(side) < len(children) else set()


def choose_open(snapshot: Snapshot, depth: int | None = None, budget: int = BUDGET) -> set[int]:
    """Chooses which scopes are open at first.

    Args:
        depth: opens every scope above this depth (1 = the names at the top only); None opens by budget, forward part
            first, so that the first page stays readable.
        budget: how many boxes the page may hold when depth is None.
    """
    tree = snapshot.tree
    if depth is not None:
        opened, layer = {0}, [0]
        for _ in range(max(0, depth - 1)):
            layer = [
                c for item in layer for c in tree.children[item] if tree.op[c] < 0 and c not in snapshot.is_variable
            ]
            opened.update(layer)
        return opened
    _, a, b = sibling_edges(tree, snapshot.src, snapshot.dst)
    after: dict[int, set[int]] = {}
    before: dict[int, set[int]] = {}
    for x, y in zip(*(part.tolist() for part in np.divmod(np.unique(a * len(tree) + b), len(tree)))):
        after.setdefault(x, set()).add(y)
        before.setdefault(y, set()).add(x)
    opened = {0}
    heap: list[tuple[int, int, int, int]] = []

    def shown(item: int) -> list[int]:
        return [c for c in tree.children[item] if tree.op[c] < 0 or snapshot.types[tree.op[c]] != "Const"]

    def offer(home: int, level: int) -> None:
        side = backward(snapshot, tree.children[home], after, before, set())
        for child in tree.children[home]:
            if (
                tree.op[child] >= 0 or child in side or child in snapshot.is_variable or tree.kind[child] != "scope"
                or HELPER_LABEL.match(tree.label[child])
            ):  # fmt: skip
                continue
            targets = after.get(child, set())
            if targets and targets <= snapshot.is_variable and not before.get(child):
                continue  # an initialiser: it stands beside its variable
            heapq.heappush(heap, (level, len(shown(child)), child, len(shown(child))))

    total = len(shown(0))
    offer(0, 1)
    while heap:
        level, _, item, cost = heapq.heappop(heap)
        if total + cost > budget:
            continue
        total += cost
        opened.add(item)
        offer(item, level + 1)
    return opened
