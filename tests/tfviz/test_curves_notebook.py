"""A real kernel runs a real notebook: the final picture stands in the saved file and in exported HTML."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbconvert")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).resolve().parents[2]

PRETEND = """
import sys, types, time
sys.path.insert(0, ROOT)
hooks = []
def on_run(hook):
    hooks.append(hook)
    return lambda: hooks.remove(hook)
sys.modules["core.inspect"] = types.ModuleType("core.inspect")
sys.modules["core.inspect"].on_run = on_run
def run(**fetched):
    for hook in list(hooks):
        hook(None, [name + ":0" for name in fetched], list(fetched.values()), 0, time.time())
"""


def nbconvert(*arguments: str | Path) -> None:
    """The tool as a user calls it; a process of its own, for its event loop and sockets outlive a call."""
    done = subprocess.run([sys.executable, "-m", "nbconvert", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def execute(tmp_path: Path) -> Callable[..., Any]:
    """Returns a function that executes a notebook of the given cells; an error in a cell doesn't stop it."""

    def run(*sources: str) -> Any:
        setup = PRETEND.replace("ROOT", repr(str(ROOT)))
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in (setup, *sources)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, tmp_path / "in.ipynb")
        out = tmp_path / "out.ipynb"
        nbconvert("--to", "notebook", "--execute", "--allow-errors", tmp_path / "in.ipynb", "--output", out)
        return nbformat.read(out, as_version=4)

    return run


def pictures(cell: Any) -> list[str]:
    return [output.data["image/svg+xml"] for output in cell.outputs if "image/svg+xml" in output.get("data", {})]


def test_curves_stay_in_the_saved_notebook_and_in_html(execute: Callable[..., Any], tmp_path: Path) -> None:
    notebook = execute(
        "import tfviz\nview = tfviz.live(loss='loss', title='line')\nprint('kept')",
        "for i in range(900):\n    run(train=None, loss=9.5 / (i + 1))",
        "raise KeyError('the loop broke')",
    )
    first, second = notebook.cells[1], notebook.cells[2]
    (svg,) = pictures(first)
    assert 'aria-label="loss: loss 0.010556 at step 899"' in svg
    assert first.outputs[-1].text == "kept\n"  # never cleared
    assert not second.outputs
    nbconvert("--to", "html", tmp_path / "out.ipynb", "--output", tmp_path / "out.html")
    html = (tmp_path / "out.html").read_text(encoding="utf-8")
    (encoded,) = re.findall(r'<img[^>]*src="data:image/svg\+xml;base64,([^"]*)"', html)
    assert base64.b64decode(encoded).decode() == svg
    assert len(nbformat.writes(notebook)) < 300_000


def test_an_error_or_interrupt_in_the_loop_keeps_the_picture(execute: Callable[..., Any]) -> None:
    notebook = execute(
        "import tfviz\nview = tfviz.live(loss='loss')\n"
        "for i in range(50):\n    run(train=None, loss=i)\n    if i == 37: raise KeyboardInterrupt",
    )
    (svg,) = pictures(notebook.cells[1])
    assert "loss 37 at step 37" in svg


def test_the_cell_executed_again_keeps_the_older_run_faded(execute: Callable[..., Any]) -> None:
    cell = "view = tfviz.live(loss='loss')\nfor i in range(20):\n    run(train=None, loss=i)"
    notebook = execute("import tfviz", cell, cell)
    assert pictures(notebook.cells[2])[0].count('class="l"') == 1
    # nbclient gives the two cells two ids; the front end's re-execution is the same id, as here:
    notebook = execute(
        "import tfviz\nfrom tfviz import cells\ncells.current_execution()\n"
        "def again():\n    cells.running.execution = cells.Execution('same')\n"
        "    view = tfviz.live(loss='loss')\n    for i in range(20): run(train=None, loss=i)\n    view.finish()\n"
        "    return view\n"
        "first = again(); second = again()\nprint(len(second.curves.runs), len(hooks))",
    )
    assert notebook.cells[1].outputs[-1].text == "2 1\n"
    assert pictures(notebook.cells[1])[-1].count('class="l o"') == 1


def test_without_anywidget_the_static_picture_moves(execute: Callable[..., Any]) -> None:
    notebook = execute(
        "import sys\nsys.modules['anywidget'] = None\nimport tfviz\nview = tfviz.live(loss='loss')",
        "for i in range(30):\n    run(train=None, loss=i)",
    )
    assert all("application/vnd.jupyter.widget-view+json" not in o.data for o in notebook.cells[1].outputs)
    assert "loss 29 at step 29" in pictures(notebook.cells[1])[0]
