"""A graph as a tree of lines: what a terminal, a log or a screen reader gets. Pure; no widgets, no engine."""

from __future__ import annotations

from collections.abc import Iterable

from tfviz.layout_visible import Visible, choose_open
from tfviz.snapshot import CONTROL, REF, Snapshot, shape_text
from tfviz.textsize import shorten

MAX_LINES = 200


def to_text(snapshot: Snapshot, opened: Iterable[int] | None = None, max_lines: int = MAX_LINES) -> str:
    """Writes the visible part of the graph, a line per box: its name, what it is, what it needs and what it makes.

    Args:
        snapshot: the graph.
        opened: tree items that are open; None chooses by budget.
        max_lines: the rest is counted, not written.
    """
    tree = snapshot.tree
    visible = Visible(snapshot, choose_open(snapshot) if opened is None else opened)
    control = int((snapshot.kind == CONTROL).sum())
    state = int((snapshot.kind == REF).sum())
    lines = [
        f"Graph: {_many(len(snapshot.nodes), 'operation')}, {_many(len(snapshot.src) - control, 'data edge')}"
        f"{f' ({state} to variables)' if state else ''}, {_many(control, 'control edge')}"
    ]
    needs: dict[int, list[str]] = {}
    for link in visible.links:
        if link.src >= 0 and link.dst >= 0:
            name = shorten(tree.label[link.src], 28)
            note = link.label()
            if link.control:
                note = f"{note} + {link.control} control" if note else "control"
            needs.setdefault(link.dst, []).append(f"{name} [{note}]" if note else name)
    stack: list[tuple[int, str]] = [(child, "") for child in reversed(_order(visible, 0))]
    skipped = 0
    while stack:
        item, indent = stack.pop()
        if len(lines) >= max_lines:
            skipped += 1
            continue
        mark = "▾" if item in visible.open else "▸" if tree.op[item] < 0 else "·"
        text = f"{indent}{mark} {shorten(tree.label[item], 60)}  {_what(snapshot, item)}".rstrip()
        sources = needs.get(item, [])
        if sources:
            text += "  ← " + ", ".join(sources[:4]) + (f" and {len(sources) - 4} more" if len(sources) > 4 else "")
        tags = [shorten(tag.text, 24) for tag in visible.tags.get(item, ()) if tag.kind == "const"]
        if tags:
            text += f"  ({', '.join(tags[:4])})"
        lines.append(text)
        if item in visible.open:
            stack.extend((child, indent + "  ") for child in reversed(_order(visible, item)))
    if skipped:
        lines.append(f"… and {skipped} more")
    return "\n".join(lines)


def _order(visible: Visible, home: int) -> list[int]:
    return [*visible.items[home], *visible.aux[home]]


def _what(snapshot: Snapshot, item: int) -> str:
    op = snapshot.op_of(item)
    if op < 0:
        return f"({_many(snapshot.tree.count(item), 'op')})"
    outputs = snapshot.nodes[op].get("outputs") or ()
    made = f" {outputs[0].get('dtype', '?')} {shape_text(outputs[0].get('shape'))}" if outputs else ""
    return f"{shorten(snapshot.types[op], 40)}{made}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
