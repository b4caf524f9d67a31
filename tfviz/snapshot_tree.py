"""The tree of name scopes, with like neighbours stacked into series and crowded scopes cut into parts.

Pure: names and edges in, a tree of integers out; used by snapshot.py only. No recursion, deterministic order.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

MAX_DEPTH = 48  # deeper names keep their tail as the label of the leaf
CROWD = 240  # a scope with more children is cut into parts of this size
SERIES_OPS, SERIES_SCOPES = 5, 4

_NUMBERED = re.compile(r"^(.*?)_?(\d+)$", re.DOTALL)


class Tree:
    """Scopes, series and ops as parallel lists; node 0 is the root.

    Attributes:
        kind: "root", "scope", "series", "part" or "op".
        span: after `number()`, `span[t] = (a, b)` such that the ops below `t` are `op_order[a:b]`.
    """

    def __init__(self) -> None:
        self.label: list[str] = [""]
        self.path: list[str] = [""]
        self.parent: list[int] = [-1]
        self.kind: list[str] = ["root"]
        self.op: list[int] = [-1]
        self.children: list[list[int]] = [[]]
        self.of_op: list[int] = []
        self.op_items: set[int] = set()
        self.by_path: dict[str, int] = {}
        self.span: list[tuple[int, int]] = []
        self.op_order = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.label)

    def add(self, parent: int, label: str, path: str, kind: str, op: int = -1) -> int:
        item = len(self.label)
        self.label.append(label)
        self.path.append(path)
        self.parent.append(parent)
        self.kind.append(kind)
        self.op.append(op)
        self.children.append([])
        self.children[parent].append(item)
        self.by_path.setdefault(path, item)
        if op >= 0:
            self.op_items.add(item)
        return item

    def insert(self, parent: int, members: Sequence[int], label: str, kind: str) -> int:
        """Puts a new node between `parent` and `members`, at the place of the first member."""
        place = self.children[parent].index(members[0])
        path = f"{self.path[parent]}/{label}" if parent else label
        item = self.add(parent, label, path, kind)
        self.children[parent].pop()
        gone = set(members)
        kept = [child for child in self.children[parent] if child not in gone]
        before = sum(1 for child in self.children[parent][:place] if child not in gone)
        self.children[parent] = [*kept[:before], item, *kept[before:]]
        self.children[item] = list(members)
        for member in members:
            self.parent[member] = item
        return item

    def number(self) -> None:
        """Numbers the ops in tree order, so that any subtree is one slice."""
        order: list[int] = []
        start = [0] * len(self)
        end = [0] * len(self)
        stack: list[tuple[int, bool]] = [(0, False)]
        while stack:
            item, done = stack.pop()
            if done:
                end[item] = len(order)
                continue
            start[item] = len(order)
            if self.op[item] >= 0:
                order.append(self.op[item])
                end[item] = len(order)
                continue
            stack.append((item, True))
            stack.extend((child, False) for child in reversed(self.children[item]))
        self.span = list(zip(start, end))
        self.op_order = np.array(order, np.int64)

    def count(self, item: int) -> int:
        """Returns how many ops stand at or below `item`."""
        return self.span[item][1] - self.span[item][0]

    def depths(self) -> np.ndarray:
        depth = np.zeros(len(self), np.int64)
        stack = [0]
        while stack:
            item = stack.pop()
            for child in self.children[item]:
                depth[child] = depth[item] + 1
                stack.append(child)
        return depth

    def ancestors(self, item: int) -> list[int]:
        """Returns the chain from `item`'s parent up to the root."""
        chain = []
        while self.parent[item] >= 0:
            item = self.parent[item]
            chain.append(item)
        return chain


def build_tree(names: Sequence[str]) -> Tree:
    """Builds the scope tree of op names; an op that is also a scope (`w` beside `w/read`) becomes its child `(w)`."""
    tree = Tree()
    scope_of: dict[str, int] = {"": 0}
    parents: list[tuple[int, str]] = []
    for name in names:
        cut = _cut(name)
        prefix, leaf = (name[:cut], name[cut + 1 :]) if cut >= 0 else ("", name)
        if prefix not in scope_of:
            at, begin = 0, 0
            while True:
                slash = prefix.find("/", begin)
                part = prefix if slash < 0 else prefix[:slash]
                if part not in scope_of:
                    scope_of[part] = tree.add(at, part[begin:], part, "scope")
                at = scope_of[part]
                if slash < 0:
                    break
                begin = slash + 1
        parents.append((scope_of[prefix], leaf))
    for index, (name, (parent, leaf)) in enumerate(zip(names, parents)):
        scope = scope_of.get(name) if name else None
        if scope is not None:
            tree.of_op.append(tree.add(scope, f"({leaf})", name, "op", index))
        else:
            tree.of_op.append(tree.add(parent, leaf, name, "op", index))
    # Children in the order of their first op, so that scopes and ops mix as the program made them.
    first = [len(names)] * len(tree)
    for index, item in enumerate(tree.of_op):
        while item >= 0 and first[item] > index:
            first[item] = index
            item = tree.parent[item]
    for children in tree.children:
        children.sort(key=lambda child: (first[child], child))
    return tree


def flatten_units(tree: Tree, types: Sequence[str]) -> None:
    """Lifts out of their scope an op with its own constants (`ArgMax` with `ArgMax/dimension`) and an op that is
    alone."""
    order: list[int] = [0]
    for item in order:
        order.extend(child for child in tree.children[item] if tree.op[child] < 0)
    for scope in reversed(order[1:]):
        children = tree.children[scope]
        if any(tree.op[child] < 0 for child in children):
            continue
        own = [child for child in children if types[tree.op[child]] != "Const"]
        alone = len(children) == 1
        if not alone and not (len(own) == 1 and tree.label[own[0]].startswith("(")):
            continue
        parent, label = tree.parent[scope], tree.label[scope]
        for child in children:
            tree.parent[child] = parent
            same = tree.path[child] == tree.path[scope]
            tree.label[child] = label if same else f"{label}/{tree.label[child]}"
            tree.by_path[tree.path[child]] = child
        place = tree.children[parent].index(scope)
        tree.children[parent][place : place + 1] = children
        tree.children[scope] = []


def _cut(name: str) -> int:
    """Finds the slash before the leaf, at most MAX_DEPTH scopes deep; a slash at either end belongs to the label."""
    cut, depth = -1, 0
    at = name.find("/", 1)
    while at >= 0 and depth < MAX_DEPTH:
        if at + 1 < len(name):
            cut, depth = at, depth + 1
        at = name.find("/", at + 1)
    return cut


def sibling_edges(tree: Tree, src: np.ndarray, dst: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lifts op edges to their lowest common scope: arrays (scope, child with the source, child with the target).

    Edges within one op (or within one leaf) are left out.
    """
    parent = np.array(tree.parent, np.int64)
    depth = tree.depths()
    of_op = np.array(tree.of_op, np.int64)
    if not len(src):
        return (np.zeros(0, np.int64),) * 3
    a, b = of_op[src], of_op[dst]
    keep = a != b
    a, b = a[keep], b[keep]
    while True:
        deeper = depth[a] > depth[b]
        if not deeper.any():
            break
        a = np.where(deeper, parent[a], a)
    while True:
        deeper = depth[b] > depth[a]
        if not deeper.any():
            break
        b = np.where(deeper, parent[b], b)
    while True:
        apart = parent[a] != parent[b]
        if not apart.any():
            break
        a = np.where(apart, parent[a], a)
        b = np.where(apart, parent[b], b)
    return parent[a], a, b


def structure_hashes(tree: Tree, types: Sequence[str]) -> list[int]:
    """Hashes each subtree by op types and digit-free labels: equal blocks get equal numbers on every machine."""
    order: list[int] = [0]
    for item in order:
        order.extend(tree.children[item])
    hashes = [0] * len(tree)
    for item in reversed(order):
        if tree.op[item] >= 0:
            hashes[item] = zlib.crc32(types[tree.op[item]].encode("utf-8", "replace"))
        else:
            parts = sorted(
                (_NUMBERED.sub(r"\1", tree.label[child]) if tree.op[child] < 0 else "", hashes[child])
                for child in tree.children[item]
            )
            hashes[item] = zlib.crc32(repr(parts).encode("utf-8", "replace"))
    return hashes


def group_series(tree: Tree, types: Sequence[str], src: np.ndarray, dst: np.ndarray, variables: set[int]) -> None:
    """Stacks runs of like neighbours (`block_0` … `block_23`) where that makes no cycle of arrows."""
    hashes = structure_hashes(tree, types)
    scope, a, b = sibling_edges(tree, src, dst)
    order = np.argsort(scope, kind="stable")
    scope, a, b = scope[order], a[order], b[order]
    for parent in range(len(tree)):
        if len(tree.children[parent]) < SERIES_SCOPES:
            continue
        runs = _runs(tree, types, parent, hashes, variables)
        if not runs:
            continue
        lo, hi = np.searchsorted(scope, [parent, parent + 1])
        after: dict[int, set[int]] = defaultdict(set)
        for x, y in zip(a[lo:hi].tolist(), b[lo:hi].tolist()):
            after[x].add(y)
        for members in runs[:64]:
            if not _returns(after, members):
                first, last = tree.label[members[0]], tree.label[members[-1]]
                _merge(after, members, tree.insert(parent, members, _series_label(first, last), "series"))


def _runs(tree: Tree, types: Sequence[str], parent: int, hashes: Sequence[int], variables: set[int]) -> list[list[int]]:
    groups: dict[tuple[str, int, bool], list[tuple[int, int]]] = defaultdict(list)
    for child in tree.children[parent]:
        label = tree.label[child]
        if child in variables or label.startswith("("):
            continue
        match = _NUMBERED.match(label)
        is_op = tree.op[child] >= 0
        if is_op and types[tree.op[child]] == "Const":
            continue
        if match and len(match[2]) < 10:
            groups[match[1], hashes[child], is_op].append((int(match[2]), child))
        elif is_op:
            groups[label, hashes[child], is_op].append((0, child))
    runs = []
    for (_, _, is_op), members in groups.items():
        members.sort()
        need = SERIES_OPS if is_op else SERIES_SCOPES
        run: list[tuple[int, int]] = []
        for number, child in members:
            if run and number != run[-1][0] + 1:
                if len(run) >= need:
                    runs.append([c for _, c in run])
                run = []
            run.append((number, child))
        if len(run) >= need:
            runs.append([c for _, c in run])
    return [run for run in runs if len(run) < len(tree.children[parent]) or tree.kind[parent] == "root"]


def _returns(after: dict[int, set[int]], members: Sequence[int]) -> bool:
    """Tells whether a path leaves the group and comes back, so that stacking it would make a cycle."""
    group = set(members)
    stack = [y for x in members for y in sorted(after.get(x, ())) if y not in group]
    seen = set(stack)
    while stack:
        for y in after.get(stack.pop(), ()):
            if y in group:
                return True
            if y not in seen:
                seen.add(y)
                stack.append(y)
    return False


def _merge(after: dict[int, set[int]], members: Sequence[int], series: int) -> None:
    group = set(members)
    after[series] = set().union(*(after.pop(x, set()) for x in members)) - group
    for targets in after.values():
        if targets & group:
            targets -= group
            targets.add(series)


def _series_label(first: str, last: str) -> str:
    match_a, match_b = _NUMBERED.match(first), _NUMBERED.match(last)
    low = match_a[2] if match_a else "0"
    high = match_b[2] if match_b else low
    stem = last[: len(last) - len(high)]
    return f"{stem}[{low}–{high}]"


def group_crowds(tree: Tree) -> None:
    """Cuts scopes of more than CROWD children into parts of CROWD, again and again until each fits a screen."""
    for parent in range(len(tree)):
        while len(tree.children[parent]) > CROWD:
            children = list(tree.children[parent])
            for begin in range(0, len(children), CROWD):
                part = children[begin : begin + CROWD]
                item = tree.add(parent, f"[{begin}–{begin + len(part) - 1}]", "", "part")
                tree.path[item] = f"{tree.path[parent]}/{tree.label[item]}" if parent else tree.label[item]
                tree.by_path.setdefault(tree.path[item], item)
                tree.children[item] = part
                for child in part:
                    tree.parent[child] = item
            tree.children[parent] = tree.children[parent][len(children) :]
