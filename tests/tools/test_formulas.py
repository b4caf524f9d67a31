"""The demo page's formulas are drawn, so that they show without a network."""

from __future__ import annotations

import json
import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORMULAS = runpy.run_path(str(ROOT / "tools" / "formulas.py"))
with_pictures, svg_of = FORMULAS["with_pictures"], FORMULAS["svg_of"]


def test_a_formula_becomes_one_line_of_svg_in_the_texts_colour() -> None:
    drawn = svg_of(r"\frac{1}{n} \sum_i x_i^2 < 3")
    assert "\n" not in drawn
    root = ET.fromstring(drawn)
    assert root.attrib["aria-label"] == r"\frac{1}{n} \sum_i x_i^2 < 3"
    (path,) = root
    assert path.attrib["fill"] == "currentColor" and path.attrib["d"].count("M") >= 8
    assert float(root.attrib["height"]) > float(ET.fromstring(svg_of("x")).attrib["height"])


def test_code_and_what_cannot_be_drawn_stay_as_they_are() -> None:
    prose = "costs `a$b$c` and\n```\n$x$\n```\n$\\nosuchcommand{x}$, 3 $ and 4 $"
    assert with_pictures(prose) == prose


def test_block_and_inline_formulas_stand_in_their_prose() -> None:
    text = with_pictures("Let $x$ be\n\n$$ y =\n x^2 $$\n\nthen.")
    assert text.startswith("Let <svg") and text.endswith("then.") and text.count("<svg") == 2
    assert text.count("<div") == 1 and "$" not in text


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_formula_of_the_tutorials_can_be_drawn(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    assert "<svg" in with_pictures(prose)
    assert not re.search(r"\$", re.sub(r"`[^`\n]*`", "", with_pictures(prose)))
