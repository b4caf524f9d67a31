"""Writes a laid-out picture as one small SVG that stands alone: both themes inside, no script, no outside font or
link.

Every text that comes from the graph is escaped. Classes carry a prefix made from the picture, so that many views
in one page
(or a page's own style sheet) never meet. There are no ids and no <defs>: notebook pages take parts of outputs away.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Mapping

from tfviz.layout import Box, Edge, Picture
from tfviz.snapshot import shape_text
from tfviz.svg_style import style_sheet
from tfviz.textsize import shorten, text_width

THEMES = ("auto", "light", "dark")
STRANDS = ((), (0.0,), (-2.5, 2.5), (-4.0, 0.0, 4.0))  # by how many kinds a bundle holds: where each kind's line runs
_BACKGROUND = {"scope": "s", "series": "s", "part": "s"}


def to_svg(
    picture: Picture,
    theme: str = "auto",
    title: str = "",
    selected: frozenset[int] = frozenset(),
    colors: Mapping[int, str] | None = None,
    max_width: int | None = None,
    ident: str = "",
) -> str:
    """Returns the picture as SVG text.

    Args:
        picture: what `layout.picture` returned.
        theme: "auto" follows the reader's colour scheme, "light" and "dark" fix it.
        title: spoken name of the picture; made from the counts where empty.
        selected: tree items drawn with a strong rim.
        colors: CSS colour by tree item, for `View.color`.
        max_width: shows the picture at most this wide in pixels; it stays sharp.
        ident: id of the root element (letters, digits, hyphens), by which a live widget finds and hides its still.
    """
    if theme not in THEMES:
        raise ValueError(f"theme must be one of {', '.join(THEMES)}, got {theme!r}")
    writer = _Writer(picture, selected, colors or {})
    body = writer.body()
    prefix = "t" + hashlib.sha256("".join(body).encode("utf-8", "replace")).hexdigest()[:6]
    legend, legend_height = writer.legend(title)
    width, height = picture.width, picture.height + legend_height
    width = max(width, writer.legend_width)
    body += legend
    snapshot = picture.snapshot
    title = title or (
        f"Graph of {len(snapshot.nodes):,} operations and {len(snapshot.src):,} edges, inputs "
        f"{'below' if picture.direction == 'up' else 'above' if picture.direction == 'down' else 'on the left'}"
    )
    named = f' id="{escape(ident)}"' if ident else ""
    shown = width if max_width is None else min(width, max_width)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{named} class="{prefix}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{shown:.0f}" height="{height * shown / width:.0f}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(title)}">'
    )
    sheet = style_sheet(prefix, theme)
    back = f'<rect class="c-bg" width="{width:.0f}" height="{height:.0f}" rx="8"/>'
    text = "".join([head, f"<style>{sheet}</style>", back, *body, "</svg>"])
    return text.replace('class="c-', f'class="{prefix}-')


def escape(text: str) -> str:
    """Escapes text for XML content and attributes and drops what XML 1.0 forbids."""
    text = "".join(
        char if char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff" else " "
        for char in text
    )
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def _n(value: float) -> str:
    """Writes a number short: one decimal at most."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


class _Writer:
    def __init__(self, picture: Picture, selected: frozenset[int], colors: Mapping[int, str]) -> None:
        self.picture = picture
        self.snapshot = picture.snapshot
        self.selected = selected
        self.colors = colors
        self.kinds: set[str] = set()
        self.legend_width = 0.0

    def body(self) -> list[str]:
        boxes = list(self.picture.boxes.values())
        out = [self._open(box) for box in boxes if box.open]
        for x, y, text in self.picture.asides:
            out.append(f'<text class="c-m" x="{_n(x)}" y="{_n(y)}">{text}</text>')
        heads: dict[str, list[str]] = {"d": [], "k": [], "r": []}
        out += [self._edge(edge, heads) for edge in self.picture.edges]
        out += [f'<path class="c-h{kind}" d="{"".join(parts)}"/>' for kind, parts in heads.items() if parts]
        out += [self._closed(box) for box in boxes if not box.open]
        out += [self._label(edge) for edge in self.picture.edges if edge.label_at]
        return out

    # ---- boxes
    # ------------------------------------------------------------------------------------------------------

    def _fill(self, box: Box) -> str:
        style = ""
        if box.item in self.colors:
            style = f' style="fill:{escape(self.colors[box.item])}"'
        return style

    def _open(self, box: Box) -> str:
        family = "g" if box.style == "gradients" else "s"
        picked = " c-sel" if box.item in self.selected else ""
        return (
            f'<g><title>{self._scope_title(box)}</title>'
            f'<rect class="c-o{family}{box.depth % 2}{picked}" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.w)}" '
            f'height="{_n(box.h)}" rx="9"{self._fill(box)}/>'
            f'<text class="c-t" x="{_n(box.x + 12)}" y="{_n(box.y + 17)}">{escape(box.label)}</text>'
            f'<text class="c-me" x="{_n(box.x + box.w - 12)}" y="{_n(box.y + 17)}">{escape(box.sub)}</text></g>'
        )  # fmt: skip

    def _closed(self, box: Box) -> str:
        x, y, w, h = box.x, box.y, box.w, box.h
        cx = _n(x + w / 2)
        folded = box.kind in ("scope", "series", "part")
        picked = " c-sel" if box.item in self.selected else ""
        name = {"gradients": "fg", "scope": "fs"}.get(box.style, f"n-{box.style}")
        rim = "9" if folded else "3" if box.kind == "variable" else _n(h / 2)
        size = f'width="{_n(w)}" height="{_n(h)}" rx="{rim}"'
        parts = [f"<g><title>{self._title(box)}</title>"]
        if box.kind == "series":
            for k in (6, 3):
                parts.append(f'<rect class="c-{name}" x="{_n(x + k)}" y="{_n(y - k)}" {size}/>')
        parts.append(f'<rect class="c-{name}{picked}" x="{_n(x)}" y="{_n(y)}" {size}{self._fill(box)}/>')
        if box.kind == "variable":
            parts.append(f'<path class="c-v" d="M{_n(x + 4)} {_n(y)}v{_n(h)}"/>')
        if folded:
            parts.append(f'<path class="c-p" d="M{_n(x + w - 13)} {_n(y + 9)}h6m-3-3v6"/>')
        style = "t" if folded else "l"
        if box.sub:
            base = y + h / 2
            parts.append(f'<text class="c-{style}m" x="{cx}" y="{_n(base - 2)}">{escape(box.label)}</text>')
            parts.append(f'<text class="c-mm" x="{cx}" y="{_n(base + 11)}">{escape(box.sub)}</text>')
        else:
            parts.append(f'<text class="c-{style}m" x="{cx}" y="{_n(y + h / 2 + 4)}">{escape(box.label)}</text>')
        parts.append(self._tags(box))
        parts.append("</g>")
        return "".join(parts)

    def _tags(self, box: Box) -> str:
        parts = []
        rows = len(box.tags_in) + bool(box.more)
        across = self.picture.direction != "right"
        for k in range(rows):
            tag = box.tags_in[k] if k < len(box.tags_in) else None
            text = shorten(tag.text, 22) if tag else f"+{box.more} more"
            mark = "c-ap" if tag and tag.kind == "portal" else "c-a"
            if across:
                y = box.y + box.h / 2 + (k - (rows - 1) / 2) * 13
                near = min(max(y, box.y + 4), box.y + box.h - 4)
                parts.append(
                    f'<path class="c-al" d="M{_n(box.x - 9)} {_n(y)}L{_n(box.x)} {_n(near)}"/>'
                    f'<circle class="c-ad" cx="{_n(box.x - 10)}" cy="{_n(y)}" r="2"/>'
                    f'<text class="{mark}" x="{_n(box.x - 15)}" y="{_n(y + 3)}">{escape(text)}</text>'
                )
            else:
                y = box.y + box.h + 10 + k * 13
                parts.append(f'<text class="c-mm" x="{_n(box.x + box.w / 2)}" y="{_n(y)}">{escape(text)}</text>')
        for k, tag in enumerate(box.tags_out):
            text = shorten(tag.text, 22)
            if across:
                y = box.y + box.h / 2 + (k - (len(box.tags_out) - 1) / 2) * 13
                x = box.x + box.w
                parts.append(
                    f'<path class="c-al" d="M{_n(x)} {_n(y)}h6"/><path class="c-ab" d="M{_n(x + 7)} {_n(y + 4)}'
                    f'v-3h2v3zm3 0v-7h2v7zm3 0v-5h2v5z"/><text class="c-as" x="{_n(x + 18)}" y="{_n(y + 3)}">'
                    f"{escape(text)}</text>"
                )
            else:
                y = box.y + box.h + 10 + (rows + k) * 13
                parts.append(f'<text class="c-mm" x="{_n(box.x + box.w / 2)}" y="{_n(y)}">{escape(text)}</text>')
        return "".join(parts)

    def _title(self, box: Box) -> str:
        snapshot = self.snapshot
        op = snapshot.op_of(box.item)
        if op < 0:
            return self._scope_title(box)
        node = snapshot.nodes[op]
        text = f"{snapshot.names[op]}: {snapshot.types[op]}"
        outputs = [f"{out.get('dtype', '?')} {shape_text(out.get('shape'))}" for out in (node.get("outputs") or ())[:3]]
        if outputs:
            text += " → " + ", ".join(outputs)
        source = node.get("source")
        if source and source.get("line"):
            cell = f"cell {source['cell']}, " if source.get("cell") is not None else ""
            text += f" ({cell}line {source['line']}: {str(source.get('code') or '').strip()[:80]})"
        return escape(shorten(text, 240))

    def _scope_title(self, box: Box) -> str:
        return escape(shorten(self.snapshot.tree.path[box.item], 120)) + f": {escape(box.sub)}"

    # ---- edges
    # ------------------------------------------------------------------------------------------------------

    def _edge(self, edge: Edge, heads: dict[str, list[str]]) -> str:
        link, parts = edge.link, []
        width = edge_width(link.nbytes) if link.data else 2
        kinds = [kind for kind, count in (("d", link.data), ("r", link.ref), ("k", link.control)) if count]
        for kind, by in zip(kinds, STRANDS[len(kinds)]):
            points = shifted(edge.points, by, self.picture.direction != "right", edge.angular) if by else edge.points
            style = "ek" if kind == "k" else f"ed{width}" if kind == "d" else "er2"
            parts.append(f'<path class="c-{style}" d="{self._path(points, edge.angular)}"/>')
            size = 2.6 if kind == "k" else 2.6 + (width if kind == "d" else 2) * 0.5
            if kind == "r":  # written by the target: the head stands at the variable
                if link.src >= 0 and not link.src_port:
                    heads["r"].append(self._head(edge, points[1], points[0], size))
            elif link.dst >= 0 and not link.dst_port:
                heads[kind].append(self._head(edge, points[-2], points[-1], size))
            self.kinds.add(kind)
        return f"<g><title>{self._edge_title(edge)}</title>{''.join(parts)}</g>"

    def _head(self, edge: Edge, before: tuple[float, float], tip: tuple[float, float], size: float) -> str:
        dx, dy = tip[0] - before[0], tip[1] - before[1]
        upright = abs(dy) > abs(dx) if edge.angular else self.picture.direction != "right"
        return head(tip, 0.0 if upright else math.copysign(1, dx), math.copysign(1, dy) if upright else 0.0, size)

    def _edge_title(self, edge: Edge) -> str:
        link, snapshot = edge.link, self.snapshot
        source = snapshot.names[int(snapshot.src[link.example])]
        target = snapshot.names[int(snapshot.dst[link.example])]
        counts = [
            f"{count} {name}"
            for count, name in ((link.data, "data"), (link.ref, "state"), (link.control, "control"))
            if count
        ]
        more = "" if link.data + link.ref + link.control == 1 else " and others"
        shapes = ", ".join(link.shapes)
        return escape(shorten(f"{source} → {target}{more}: {' + '.join(counts)} {shapes}".strip(), 200))

    def _path(self, points: list[tuple[float, float]], angular: bool) -> str:
        return angular_path(points) if angular else smooth_path(points, self.picture.direction != "right")

    def _label(self, edge: Edge) -> str:
        if not edge.label_at:
            return ""
        x, y = edge.label_at
        mark = "c-be" if edge.angular else "c-b"
        text = edge.label
        if edge.link.control:
            text += f" + {edge.link.control} control"
        return f'<text class="{mark}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'

    def legend(self, title: str) -> tuple[list[str], float]:
        """Explains the strokes that occur (nothing where all edges are plain data) and writes what is shown."""
        if not self.kinds - {"d"} and not title:
            return [], 0.0
        y = self.picture.height + 4
        x, parts = 16.0, []
        for kind, text in (("d", "data"), ("k", "control: must run before"), ("r", "state: writes the variable")):
            if kind in self.kinds:
                stroke = "c-ek" if kind == "k" else f"c-e{kind}1"
                parts.append(f'<path class="{stroke}" d="M{_n(x)} {_n(y - 3)}h26"/>')
                parts.append(f'<text class="c-m" x="{_n(x + 32)}" y="{_n(y)}">{text}</text>')
                x += 32 + text_width(text, 9.5) + 20
        if title:
            parts.append(f'<text class="c-m" x="{_n(x)}" y="{_n(y)}">{escape(shorten(title, 110))}</text>')
            x += text_width(shorten(title, 110), 9.5) + 20
        self.legend_width = x
        return parts, 16.0


def edge_width(nbytes: float) -> int:
    """Returns the thickness class 1-5 of a bundle: a step for each factor of about 30 bytes."""
    width, limit = 1, 128.0
    while width < 5 and nbytes > limit:
        width, limit = width + 1, limit * 32
    return width


def shifted(points: list[tuple[float, float]], by: float, across: bool, angular: bool) -> list[tuple[float, float]]:
    """Moves a route aside, so that the kinds of a mixed bundle run side by side; its ends stay on their rims."""
    moved = [(x + by, y + by) for x, y in points]
    for end, near in ((0, 1), (-1, -2)):
        (x, y), (nx, ny) = points[end], points[near]
        upright = abs(ny - y) > abs(nx - x) if angular else across
        moved[end] = (x + by, y) if upright else (x, y + by)
    return moved


def head(tip: tuple[float, float], dx: float, dy: float, size: float) -> str:
    """Draws an arrow head at `tip` that points along the unit vector (dx, dy)."""
    long = size * 2.1
    return (
        f"M{_n(tip[0])} {_n(tip[1])}l{_n(-dx * long - dy * size)} {_n(-dy * long + dx * size)}"
        f"l{_n(dy * size * 2)} {_n(-dx * size * 2)}z"
    )


def smooth_path(points: list[tuple[float, float]], across: bool) -> str:
    """Draws straight runs along the flow and S-curves between ranks, always leaving and arriving along the flow."""
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if across:
            if abs(x1 - x0) < 0.6:
                parts.append(f"V{_n(y1)}" if x1 == x0 else f"L{_n(x1)} {_n(y1)}")
            else:
                middle = _n((y0 + y1) / 2)
                parts.append(f"C{_n(x0)} {middle} {_n(x1)} {middle} {_n(x1)} {_n(y1)}")
        elif abs(y1 - y0) < 0.6:
            parts.append(f"H{_n(x1)}" if y1 == y0 else f"L{_n(x1)} {_n(y1)}")
        else:
            middle = _n((x0 + x1) / 2)
            parts.append(f"C{middle} {_n(y0)} {middle} {_n(y1)} {_n(x1)} {_n(y1)}")
    return "".join(parts)


def angular_path(points: list[tuple[float, float]], radius: float = 6.0) -> str:
    """Draws a route of right angles with rounded corners."""
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:]):
        first, second = abs(x1 - x0) + abs(y1 - y0), abs(x2 - x1) + abs(y2 - y1)
        cut = min(radius, first / 2, second / 2)
        ax, ay = x1 - (x1 - x0) * cut / max(first, 0.01), y1 - (y1 - y0) * cut / max(first, 0.01)
        bx, by = x1 + (x2 - x1) * cut / max(second, 0.01), y1 + (y2 - y1) * cut / max(second, 0.01)
        parts.append(f"L{_n(ax)} {_n(ay)}Q{_n(x1)} {_n(y1)} {_n(bx)} {_n(by)}")
    parts.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(parts)
