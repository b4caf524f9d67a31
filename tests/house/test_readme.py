"""The two READMEs keep their word: the code runs, both say the same, no link points at nothing."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "README.zh-CN.md"]
DOCUMENTS = [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md", "docs/adr/0001-two-packages-in-layers.md"]


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.M | re.S)


@pytest.mark.parametrize("page", PAGES)
def test_the_code_runs_and_finds_the_line(page: str) -> None:
    """All Python blocks of a page, one after the other, as a newcomer would type them."""
    names: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in blocks(page, "python"):
            exec(compile(block, page, "exec"), names)
    slope, offset = map(float, re.findall(r"\d+\.\d+", said.getvalue())[:2])
    np.testing.assert_allclose([slope, offset], [2.0, 1.0], atol=2e-3)


def test_both_pages_say_the_same() -> None:
    """Equal code (but for comments), equal commands, equal links, the same number of sections and list items."""
    english, chinese = ((ROOT / page).read_text(encoding="utf-8") for page in PAGES)

    def bare(code: list[str]) -> list[str]:
        return [re.sub(r"\s*#.*", "", block) for block in code]

    for language in ("python", "bash"):
        assert bare(blocks(PAGES[0], language)) == bare(blocks(PAGES[1], language))
    for mark in (r"^#+ ", r"^- \*\*", r"^\|", r"\]\((?!README)([^)]*)\)", r"!\[[^\]]*\]\(([^)]*)\)"):
        left, right = (re.findall(mark, text, flags=re.M) for text in (english, chinese))
        assert left == right, mark


@pytest.mark.parametrize("page", DOCUMENTS)
def test_links_lead_somewhere(page: str) -> None:
    here = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (here / link).exists()]
    assert not missing, f"{page} links to nothing: {missing}"
