"""Every tutorial runs from top to bottom under nbval, in a folder of its own, with real digits where they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(notebook: Path, tmp_path: Path, mnist_dir: Path | None) -> None:
    copy = tmp_path / notebook.name
    copy.write_bytes(notebook.read_bytes())
    for helper in (ROOT / "notebooks").glob("*.py"):
        (tmp_path / helper.name).write_bytes(helper.read_bytes())
    if mnist_dir is not None:
        (tmp_path / "MNIST_data").symlink_to(mnist_dir, target_is_directory=True)
    # The kernel must be this Python's, whatever kernels the user has installed, and see this checkout.
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = dict(os.environ, JUPYTER_PREFER_ENV_PATH="1", PYTHONPATH=path)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run([*command, copy.name], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_teaches_and_names_no_machine(notebook: Path) -> None:
    """Prose between the cells, no error kept in an output, no path of the machine it was written on."""
    text = notebook.read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    kinds = [cell["cell_type"] for cell in cells]
    assert kinds[0] == "markdown" and kinds.count("markdown") * 2 >= kinds.count("code")
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    assert not any(out["output_type"] == "error" for out in outputs)
    assert not re.search(r"/(home|root|Users|tmp|work|opt)/", text)


def test_the_tutorials_are_there() -> None:
    present = {p.stem for p in NOTEBOOKS}
    assert {"01_graph_and_session", "02_line_fitting", "03_xor_bp_net", "04_mnist"} <= present
