"""What the Makefile calls: the demo page stands alone, and a complete environment needs no network."""

from __future__ import annotations

import base64
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"><title>drawn</title></svg>'


def demo(folder: Path, *cells: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Runs tools/demo.py on a notebook of these code cells; returns what it said and where the page should be."""
    nbformat = pytest.importorskip("nbformat")
    prose = nbformat.v4.new_markdown_cell("# One")
    notebook = nbformat.v4.new_notebook(cells=[prose, *map(nbformat.v4.new_code_cell, cells)])
    nbformat.write(notebook, folder / "one.ipynb")
    command = [sys.executable, str(ROOT / "tools" / "demo.py"), str(folder / "one.ipynb")]
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run(command, env=env, capture_output=True, text=True), folder / "one.html"


def test_the_demo_page_stands_alone(tmp_path: Path) -> None:
    """A widget gives way to the picture beside it, nothing is loaded from elsewhere, the kernel is this Python."""
    both = {
        "application/vnd.jupyter.widget-view+json": {"model_id": "moves-no-more", "version_major": 2},
        "image/svg+xml": SQUARE,
    }
    shown = repr(both).replace("moves-no-more", "moves-' 'no-more")  # the page shows the source as well
    done, page = demo(
        tmp_path,
        "import sys\nprint(sys.executable)",
        f"from IPython.display import display\ndisplay({shown}, raw=True)",
    )
    assert done.returncode == 0, done.stderr
    assert "1 pictures" in done.stdout
    text = page.read_text(encoding="utf-8")
    assert sys.executable in text
    # nbconvert writes an SVG as it is or as a data address, as its version likes.
    assert "<title>drawn</title>" in text or base64.b64encode(SQUARE.encode()).decode()[:60] in text
    assert "moves-no-more" not in text
    assert not re.findall(r'<(?:script|link)[^>]*(?:src|href)="?http', text)


def test_a_failing_cell_fails_the_demo(tmp_path: Path) -> None:
    done, page = demo(tmp_path, "print(7)", "raise ValueError('no such digit')")
    assert done.returncode == 1 and "no such digit" in done.stderr
    assert not page.exists(), "half a page would look like a whole one"


def test_missing_names_what_is_not_there(tmp_path: Path) -> None:
    """The check that spares the network, on a project that asks for what is there and for what is not."""
    tool = runpy.run_path(str(ROOT / "tools" / "environment.py"))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "elsewhere"\ndependencies = ["numpy>=1", "numpy>=99; python_version < \'3\'"]\n'
        '[project.optional-dependencies]\nplain = ["surely-not-there>=2"]\nall = ["elsewhere[plain]", "pytest>=99"]\n'
    )

    def lacks(*extras: str) -> list[str]:
        command = [sys.executable, "-c", tool["MISSING"], str(tmp_path), *extras]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert lacks() == ["this checkout"]
    assert lacks("plain") == ["this checkout", "surely-not-there>=2"]
    assert sorted(lacks("all")) == ["pytest>=99", "surely-not-there>=2", "this checkout"]


def test_make_help_lists_every_command() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)
    for target in ("venv", "ui", "demo", "lab", "test", "bench", "docs", "clean"):
        assert f"make {target}" in done.stdout
