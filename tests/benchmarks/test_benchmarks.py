"""The benchmark command runs and its table has our row; what the numbers are is for a quiet machine to say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import table

ROOT = Path(__file__).resolve().parents[2]


def test_one_workload_gives_one_row() -> None:
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "bp_net"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\| tfviz \| [\d,]+ \| [\d,]+ \|$", done.stdout, flags=re.M), done.stdout


def test_the_table_keeps_columns_apart() -> None:
    """The import in milliseconds, steps in microseconds, a dash where an engine was not measured."""
    lines = table({"a": {"import": 0.25, "mlp": 0.002}, "b": {"import": 4.5, "lenet": 0.027}}).splitlines()
    assert lines[0] == "| engine | import, ms | mlp, µs | lenet, µs |"
    assert lines[2:] == ["| a | 250 | 2,000 | - |", "| b | 4,500 | - | 27,000 |"]
