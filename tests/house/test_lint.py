"""The tools that read the code, run as tests so that `make test` is one command for everything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def say(command: list[str]) -> None:
    """Runs a tool at the root; fails with its own words."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command[-3:])}\n{done.stdout[-6000:]}{done.stderr[-3000:]}"


def program(name: str) -> str:
    """The tool beside this Python; a tool of another environment would read other packages."""
    path = shutil.which(name, path=sysconfig.get_path("scripts"))
    if path is None:
        pytest.skip(f"{name} is not installed here: pip install -e '.[test]' brings it")
    return path


def test_ruff() -> None:
    say([program("ruff"), "check", "--output-format", "concise", "."])


def test_the_line_length_is_120() -> None:
    """A wider limit is a decision for docs/adr, not a way out of a long line."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["line-length"] == 120


def test_types() -> None:
    say([program("mypy")])


def test_layers() -> None:
    say([program("lint-imports"), "--no-cache"])


def test_the_layer_checker_sees_a_wrong_import(tmp_path: Path) -> None:
    """The tester is tested: an op that imports the runtime must be told off."""
    lint = program("lint-imports")
    skip = shutil.ignore_patterns("__pycache__", "ui", "static", "*_pb2.py")
    for name in ("core", "tfviz"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "core" / "ops" / "wrong.py").write_text('"""Wrong."""\nimport core.runtime\n')
    done = subprocess.run([lint, "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0 and "core.ops.wrong -> core.runtime" in done.stdout, done.stdout + done.stderr


def test_the_type_checker_is_strict_where_it_counts(tmp_path: Path) -> None:
    """The tester is tested: an untyped function in core.graph must be told off."""
    mypy = program("mypy")
    (tmp_path / "core" / "graph").mkdir(parents=True)
    (tmp_path / "core" / "__init__.py").write_text("")
    (tmp_path / "core" / "graph" / "__init__.py").write_text("")
    (tmp_path / "core" / "graph" / "loose.py").write_text("def loose(x):\n    return x\n")
    command = [mypy, "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run([*command, "core"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "missing a type annotation" in done.stdout, done.stdout + done.stderr


def test_python_alone_would_do() -> None:
    """What runs before anything is installed imports the standard library only."""
    for name in ("tools/environment.py", "hatch_build.py"):
        say([sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({name!r})"])
