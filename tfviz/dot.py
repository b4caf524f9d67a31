"""The visible graph in graphviz's DOT language, as an export: other tools draw it. Our own pictures never need
`dot`."""

from __future__ import annotations

from typing import Any

from tfviz.layout import Picture
from tfviz.svg_style import FAMILIES, LIGHT
from tfviz.textsize import shorten

_RANKDIR = {"up": "BT", "down": "TB", "right": "LR"}


class DotSource(str):
    """DOT text; `digraph()` makes the `graphviz` package's object of it."""

    def digraph(self) -> Any:
        """Returns a `graphviz.Source`, which draws itself where the `dot` program is installed.

        Raises:
            ImportError: the `graphviz` Python package is not installed.
        """
        # Optional: only this export needs the package.
        import graphviz

        return graphviz.Source(str(self))


def to_dot(picture: Picture) -> DotSource:
    """Writes what the picture shows: open scopes as clusters, control edges dashed, variable updates orange."""
    snapshot, visible = picture.snapshot, picture.visible
    lines = [
        "digraph graph_view {",
        f'  rankdir={_RANKDIR[picture.direction]}; compound=true; fontname="Helvetica";',
        '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=10];',
        '  edge [fontname="Helvetica", fontsize=8, color="#8b97a5"];',
    ]
    anchors = _anchors(picture)
    stack: list[tuple[int, int, bool]] = [(0, 1, False)]
    while stack:
        home, depth, done = stack.pop()
        pad = "  " * depth
        if done:
            lines.append(f"{pad}}}")
            continue
        if home:
            lines.append(f"{pad}subgraph cluster_{home} {{")
            label = quote(snapshot.tree.label[home])
            lines.append(f'{pad}  label={label}; style="rounded,filled"; color="#cdd5de"; fillcolor="#f7f8fa";')
            stack.append((home, depth, True))
            if home in anchors.values() or not visible.items[home]:
                lines.append(f"{pad}  s{home} [shape=point, style=invis];")
        for item in (*visible.items[home], *visible.aux[home]):
            if item in visible.open:
                stack.append((item, depth + 1, False))
            elif item in picture.boxes:
                box = picture.boxes[item]
                fill, rim = FAMILIES[box.style][0] if box.style in FAMILIES else (LIGHT["fold"], LIGHT["foldrim"])
                text = quote("\n".join(part for part in (box.label, box.sub) if part))
                shape = ", shape=ellipse" if box.kind == "op" else ""
                lines.append(f'{pad}  n{item} [label={text}, fillcolor="{fill}", color="{rim}"{shape}];')
    for link in visible.links:
        if link.src < 0 or link.dst < 0:
            continue
        attrs = []
        a, b = anchors.get(link.src, link.src), anchors.get(link.dst, link.dst)
        if link.src in visible.open:
            attrs.append(f"ltail=cluster_{link.src}")
        if link.dst in visible.open:
            attrs.append(f"lhead=cluster_{link.dst}")
        label = link.label()
        named = [*attrs, f"label={quote(label)}"] if label else attrs
        if link.data:
            lines.append(_edge(picture, a, b, named))
        if link.ref:
            lines.append(_edge(picture, a, b, [*(attrs if link.data else named), 'color="#e08a1e", dir=back']))
        if link.control:
            count = [f'label="{link.control}"'] if link.control > 1 else []
            lines.append(_edge(picture, a, b, [*attrs, "style=dashed", *count]))
    lines.append("}")
    return DotSource("\n".join(lines) + "\n")


def _anchors(picture: Picture) -> dict[int, int]:
    """Picks, for each open scope, the box inside it that stands for it in `ltail`/`lhead` edges."""
    anchors: dict[int, int] = {}
    visible = picture.visible
    for home in reversed(visible.containers[1:]):
        inside = visible.items[home]
        anchors[home] = anchors.get(inside[0], inside[0]) if inside else home
    return anchors


def _edge(picture: Picture, a: int, b: int, attrs: list[str]) -> str:
    names = [f"s{item}" if item in picture.visible.open else f"n{item}" for item in (a, b)]
    return f"  {names[0]} -> {names[1]}" + (f" [{', '.join(attrs)}]" if attrs else "") + ";"


def quote(text: str) -> str:
    """Quotes text for DOT line by line, so that no name can end the string or start an HTML label."""
    parts = [shorten(part, 60).replace("\\", "\\\\").replace('"', '\\"') for part in text.split("\n")[:3]]
    return '"' + "\\n".join(parts) + '"'
