"""Formulas of a notebook's prose as pictures: a page without a network has no MathJax. Imports matplotlib when used."""

from __future__ import annotations

import html
import re
from typing import Any

SIZE = 15.0  # pixels: a little more than the prose around it, as formulas look smaller
# Code is left alone: a `$` there is no formula.
_PARTS = re.compile(r"(```.*?```|`[^`\n]*`)|\$\$(.+?)\$\$|\$(?!\s)([^$\n]+?)\$", re.DOTALL)


def svg_of(tex: str, size: float = SIZE) -> str:
    """Returns a formula as one line of SVG that stands on the text's baseline and has its colour.

    Raises:
        ValueError: matplotlib's mathtext doesn't know a command in it.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath, text_to_path

    font = FontProperties(size=size, math_fontfamily="stix")
    text = f"${' '.join(tex.split())}$"
    width, height, depth = text_to_path.get_text_width_height_descent(text, font, True)
    path: Any = TextPath((0, 0), text, prop=font)
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    drawn = "".join(
        letters[int(code)] + ("" if code == 79 else " ".join(f"{value:.4g}" for value in values))
        for values, code in path.iter_segments(simplify=False)
    )
    box = f"-1 {-height + depth - 1:.4g} {width + 2:.4g} {height + 2:.4g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(tex.strip())}" viewBox="{box}" '
        f'width="{width + 2:.4g}" height="{height + 2:.4g}" style="vertical-align:{-depth - 1:.4g}px;overflow:visible">'
        f'<path transform="scale(1 -1)" fill="currentColor" d="{drawn}"/></svg>'
    )


def with_pictures(prose: str) -> str:
    """Returns Markdown with its formulas drawn; one that can't be drawn stays as it is."""

    def one(found: re.Match[str]) -> str:
        code, block, inline = found.groups()
        if code is not None:
            return code
        try:
            drawn = svg_of(inline) if block is None else svg_of(block.replace(r"\frac", r"\dfrac"), SIZE + 1)
        except ValueError:
            return found[0]
        return drawn if block is None else f'<div style="text-align:center;margin:1em 0">{drawn}</div>'

    return _PARTS.sub(one, prose)
