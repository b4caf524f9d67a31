"""Runs a notebook and leaves it, executed, as one HTML file with its pictures inside.

`tools/demo.py NOTEBOOK [FOLDER]`: FOLDER holds MNIST's idx.gz files and stands in where the notebook has none itself.
The file is for looking at without a kernel and without a network: a live widget gives way to its static form, formulas
are drawn, and the page is light or dark as its reader's system is.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import nbformat
from formulas import with_pictures
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from traitlets.config import Config

WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(path: Path) -> Any:
    """Returns the notebook after a run from top to bottom in its own folder, with one line per code cell."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    started = time.perf_counter()

    def say(cell: Any, cell_index: int, **_: Any) -> None:
        if cell.cell_type == "code":
            first = next((s for s in cell.source.splitlines() if s.strip()), "")
            number = code.index(cell) + 1
            print(f"  {time.perf_counter() - started:6.1f} s  {number}/{len(code)}  {first[:80]}", flush=True)

    # This Python's kernel, whatever kernels the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=1200, kernel_name="python3", resources=resources)
    client.extra_arguments = ["--log-level=ERROR"]  # ipykernel warns of the local port it listens on
    client.on_cell_start = say
    client.execute()
    return notebook


def still(notebook: Any) -> Any:
    """Takes live widgets out where a static form stands beside them: they need a kernel and a server of scripts."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if set(data) & {"image/svg+xml", "text/html", "image/png"}:
                data.pop(WIDGET, None)
    if not any(WIDGET in out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", [])):
        notebook.metadata.pop("widgets", None)
    return notebook


def page_of(notebook: Any) -> str:
    """Returns the notebook as HTML that loads nothing, but for MathJax where a formula can't be drawn."""
    addresses = {"require_js_url": "", "jquery_url": ""}
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for cell in prose:
        cell.source = with_pictures(cell.source)
    if not any("$" in cell.source for cell in prose):
        addresses["mathjax_url"] = ""
    exporter = HTMLExporter(config=Config(HTMLExporter=addresses))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbconvert's own, about pictures without a description
        page: str = exporter.from_notebook_node(notebook)[0]
    title = next((line.lstrip("# ") for cell in prose for line in cell.source.splitlines() if line[:2] == "# "), "")
    page = page.replace("<title>Notebook</title>", f"<title>{title}</title>", 1) if title else page
    return page.replace("</head>", f"<style>{dark_style(exporter)}</style></head>", 1)


def dark_style(exporter: Any) -> str:
    """Jupyter's dark colours, for a reader whose system is dark; empty where nbconvert keeps them elsewhere."""
    environment = exporter.environment
    try:
        colours = environment.loader.get_source(environment, "static/theme-dark.css")[0]
    except Exception:  # whatever jinja's loaders raise: a page that is always light is a page too
        return ""
    return "@media (prefers-color-scheme: dark) { " + colours + " .jp-RenderedImage img { border-radius: 4px } }"


def lend_digits(folder: Path, digits: Path) -> None:
    """Links MNIST's files beside the notebook, where it looks for them first."""
    here = folder / "MNIST_data"
    if not here.exists() and any(digits.glob("*-ubyte.gz")):
        try:
            here.unlink(missing_ok=True)  # a link to a folder that is gone
            here.symlink_to(digits.resolve(), target_is_directory=True)
        except OSError as error:  # no links on this system: the notebook finds other digits
            print(f"demo: can't link {digits}: {error}")


def pictures(notebook: Any) -> int:
    """Returns how many outputs show something drawn."""
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return sum("image/svg+xml" in d or "image/png" in d or "<svg" in str(d.get("text/html", "")) for d in outputs)


def main(arguments: list[str]) -> int:
    """Runs and writes; returns 1, with the cell's own error, when one failed."""
    path = Path(arguments[0]).resolve()
    if not path.exists():
        print(f"demo: {arguments[0]} is not there", file=sys.stderr)
        return 1
    if len(arguments) > 1:
        lend_digits(path.parent, Path(arguments[1]))
    print(f"demo: running {path.name}", flush=True)
    try:
        notebook = still(execute(path))
    except CellExecutionError as error:
        print(error, file=sys.stderr)
        return 1
    page = page_of(notebook)
    target = path.with_suffix(".html")
    target.write_text(page, encoding="utf-8")
    size = f"{len(page.encode()) / 1024:.0f} kB, {pictures(notebook)} pictures"
    print(f"demo: wrote {os.path.relpath(target)} ({size}): open it in a browser")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
