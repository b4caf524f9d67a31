"""The wire of the graph view: a snapshot as columns of numbers and one table of texts. Twin of ui/graph/wire.ts.

Layout of the bytes: a little-endian uint32 with the length of the header, the header (JSON, padded with blanks to a
multiple of eight), then the columns one after the other, each padded to a multiple of eight bytes. Nodes are
numbered in tree
order (a node before its children, siblings as shown), so that a parent column is the whole tree and a subtree is a
range.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tfviz.layout_visible import HELPER_LABEL, HELPER_TYPES
from tfviz.snapshot import DATA, Snapshot, op_kind
from tfviz.svg_style import FAMILIES

VERSION = 1
KINDS = ("root", "scope", "series", "part", "op", "variable")
STYLES = (*FAMILIES, "scope", "gradients")
FLAGS = {
    "variable": 1, "gradients": 2, "helper": 4, "constant": 8, "summary": 16, "noop": 32, "aside": 64,
    "placeholder": 128, "own": 256, "fed": 512,
}  # fmt: skip
MAX_LABEL = 200
_TYPES = {"i4": np.int32, "u1": np.uint8, "u2": np.uint16, "f4": np.float32}


class Wire:
    """An encoded snapshot: the bytes, and the two maps between tree items and wire numbers."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        tree = snapshot.tree
        self.items: list[int] = []
        stack = [0]
        while stack:
            item = stack.pop()
            self.items.append(item)
            stack.extend(reversed(tree.children[item]))
        self.number = {item: number for number, item in enumerate(self.items)}
        self.data = self._encode()

    def _encode(self) -> bytes:
        snapshot, tree, number = self.snapshot, self.snapshot.tree, self.number
        strings: dict[str, int] = {"": 0}

        def text(value: str) -> int:
            return strings.setdefault(value[:MAX_LABEL], len(strings))

        rows = [self._row(item, text) for item in self.items]
        columns: dict[str, tuple[str, Any]] = {
            "parent": ("i4", [number.get(tree.parent[item], -1) for item in self.items]),
        }
        for k, (name, kind) in enumerate(
            (("label", "i4"), ("kind", "u1"), ("style", "u1"), ("flags", "u2"), ("sub", "i4"), ("value", "i4"),
             ("type", "i4"), ("op", "i4"))
        ):  # fmt: skip
            columns[name] = (kind, [row[k] for row in rows])
        leaf = np.array([number[item] for item in tree.of_op], np.int32)
        columns["src"] = ("i4", leaf[snapshot.src] if len(leaf) else [])
        columns["dst"] = ("i4", leaf[snapshot.dst] if len(leaf) else [])
        columns["edge"] = ("u1", snapshot.kind)
        columns["bytes"] = ("f4", snapshot.nbytes)
        columns["shape"] = ("i4", self._shapes(text))
        parts, listed = [], []
        for name, (kind, values) in columns.items():
            array = np.asarray(values, _TYPES[kind])
            raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
            parts.append(raw + b"\0" * (-len(raw) % 8))
            listed.append([name, kind, len(array)])
        header = json.dumps(
            {"version": VERSION, "columns": listed, "strings": list(strings)}, ensure_ascii=True, separators=(",", ":")
        ).encode()
        header += b" " * (-(len(header) + 4) % 8)
        return b"".join([len(header).to_bytes(4, "little"), header, *parts])

    def _row(self, item: int, text: Any) -> tuple[int, ...]:
        snapshot, tree = self.snapshot, self.snapshot.tree
        op, own = tree.op[item], snapshot.op_of(item)
        kind = tree.kind[item]
        flags = 0
        if item in snapshot.is_variable:
            flags |= FLAGS["variable"]
            kind, style, sub = "variable", "variable", snapshot.output_shape(own) if own >= 0 else ""
        elif op >= 0:
            style = op_kind(snapshot.types[op])
            sub = snapshot.output_shape(op) if snapshot.nodes[op].get("outputs") else ""
        else:
            style, sub = ("gradients" if snapshot.is_gradients(item) else "scope"), ""
        if snapshot.is_gradients(item):
            flags |= FLAGS["gradients"]
        if op < 0 and kind == "scope" and HELPER_LABEL.match(tree.label[item]):
            flags |= FLAGS["helper"]
        value = 0
        if op >= 0:
            if snapshot.is_constant(op):
                flags |= FLAGS["constant"]
                value = text(snapshot.value_text(op))
            if snapshot.is_summary(op):
                flags |= FLAGS["summary"]
            if snapshot.types[op] == "NoOp":
                flags |= FLAGS["noop"]
            if snapshot.types[op] in HELPER_TYPES:
                flags |= FLAGS["aside"]
        if op >= 0 and snapshot.nodes[op].get("fed"):
            flags |= FLAGS["fed"]
        if own >= 0 and snapshot.is_placeholder(own):
            flags |= FLAGS["placeholder"]
        if op >= 0 and item != 0 and tree.path[item] == tree.path[tree.parent[item]]:
            flags |= FLAGS["own"]
        return (
            text(tree.label[item]), KINDS.index(kind), STYLES.index(style), flags, text(sub), value,
            text(snapshot.types[own]) if own >= 0 else 0, own,
        )  # fmt: skip

    def _shapes(self, text: Any) -> list[int]:
        snapshot = self.snapshot
        known: dict[tuple[int, int], int] = {}
        shapes = []
        for src, out, kind in zip(snapshot.src.tolist(), snapshot.out.tolist(), snapshot.kind.tolist()):
            if kind != DATA and out < 0:
                shapes.append(0)
                continue
            key = (src, out)
            if key not in known:
                known[key] = text(snapshot.output_shape(src, out))
            shapes.append(known[key])
        return shapes


def encode(snapshot: Snapshot) -> Wire:
    """Returns the snapshot's wire form."""
    return Wire(snapshot)


def decode(data: bytes) -> tuple[dict[str, np.ndarray], list[str]]:
    """Reads the bytes back: columns by name, and the table of texts.

    Raises:
        ValueError: another version, or bytes that end too early.
    """
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    if header.get("version") != VERSION:
        raise ValueError(f"expected version {VERSION} of the graph wire, got {header.get('version')!r}")
    columns, at = {}, 4 + size
    for name, kind, count in header["columns"]:
        dtype = np.dtype(_TYPES[kind]).newbyteorder("<")
        end = at + count * dtype.itemsize
        if end > len(data):
            raise ValueError(f"the graph wire ends inside column {name!r}")
        columns[name] = np.frombuffer(data, dtype, count, at)
        at = end + (-(count * dtype.itemsize) % 8)
    return columns, header["strings"]


def details(snapshot: Snapshot, op: int) -> dict[str, Any]:
    """Returns what the info card of one op shows: short texts only, attributes cut at 1,024 characters."""
    node = snapshot.nodes[op]
    source = node.get("source") or {}
    attrs = {
        str(k)[:80]: str(v)[:1024] for k, v in sorted((node.get("attrs") or {}).items(), key=lambda kv: str(kv[0]))[:40]
    }
    return {
        "name": snapshot.names[op][:1024],
        "type": snapshot.types[op][:200],
        "device": str(node.get("device") or "")[:200],
        "outputs": [
            f"{out.get('dtype', '?')} {snapshot.output_shape(op, k)}"
            for k, out in enumerate((node.get("outputs") or ())[:8])
        ],
        "attrs": attrs,
        "source": {
            k: str(source[k])[:300] for k in ("file", "line", "function", "code", "cell") if source.get(k) is not None
        },
    }
