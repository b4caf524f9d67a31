"""Writes tests/tfviz/fixtures/graph.json: wire bytes and the pictures Python lays out, which the TypeScript must equal.

Run `python -m tests.tfviz.make_graph_fixture` after a change of the layout or of the wire; test_protocol.py says when.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tests.tfviz import graphs
from tfviz.find import find_ops
from tfviz.layout import picture
from tfviz.layout_visible import choose_open
from tfviz.protocol import Wire
from tfviz.snapshot import Snapshot

PATH = Path(__file__).parent / "fixtures" / "graph.json"
QUERIES = ("op:^MatMul$", "scope:loss/*", "shape:?x10", "name:*read", "hidden ReLU")


def fixture() -> dict[str, Any]:
    """Returns the fixture's content: per graph the wire and, per set of open scopes and direction, the picture."""
    cases = {}
    extra = {"control": graphs.hostile()["control"], "trainer": graphs.trainer()}
    for name, graph in {**graphs.training_corpus(), **extra}.items():
        snapshot = Snapshot(graph)
        wire = Wire(snapshot)
        everything = set(range(len(snapshot.tree)))
        wanted = [(choose_open(snapshot), "up"), (choose_open(snapshot), "right")]
        if name in ("flat", "while", "rnn", "control"):
            wanted.append((everything, "down"))
        if name == "trainer":
            wanted += [(set(), "up"), (set(), "right"), (everything, "up")]
        cases[name] = {
            "wire": base64.b64encode(wire.data).decode(),
            "pictures": [_picture(snapshot, wire, opened, direction) for opened, direction in wanted],
            "found": {
                query: sorted(wire.number[snapshot.tree.of_op[op]] for op in find_ops(snapshot, query))
                for query in QUERIES
            },
            "names": snapshot.names,
            "leaves": [wire.number[item] for item in snapshot.tree.of_op],
        }
    return {"version": 1, "graphs": cases}


def _picture(snapshot: Snapshot, wire: Wire, opened: Any, direction: str) -> dict[str, Any]:
    page = picture(snapshot, opened, direction)
    number = wire.number
    return {
        "opened": sorted(number[item] for item in opened if item and item in number),
        "direction": direction,
        "size": [round(page.width), round(page.height)],
        "boxes": sorted(
            [number[b.item], round(b.x), round(b.y), round(b.w), round(b.h), b.label, b.sub]
            for b in page.boxes.values()
        ),
        "edges": sorted(
            [e.link.src if e.link.src < 0 else number[e.link.src], e.link.dst if e.link.dst < 0 else number[e.link.dst],
             e.link.data, e.link.control, e.link.ref, len(e.points), e.label]
            for e in page.edges
        ),
        "labels": sorted([e.label, *(round(v) for v in e.label_at)] for e in page.edges if e.label_at),
    }  # fmt: skip


if __name__ == "__main__":
    PATH.write_text(json.dumps(fixture(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
