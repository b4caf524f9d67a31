"""The habits that are numbers: sizes, import time, layers of names, nothing generated in git.

Runs without the engine's tests; imports no module of `core` in this process.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_A_FILE = 600
LINES_OF_THE_PUBLIC_INIT = 120
IMPORT_SECONDS = 0.15
BUNDLE_KILOBYTES = 400
LAZY = [
    "google.protobuf", "numba", "scipy", "PIL", "IPython", "ipywidgets", "anywidget", "matplotlib", "graphviz",
    "jax", "tfviz",
]  # fmt: skip


def repository_files() -> list[Path]:
    """Every file that is in git or would be by `git add .`; the tree itself where this is no checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        said = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        tops = ["core", "tfviz", "tests", "benchmarks", "tools", "docs"]
        found = [p for top in tops for p in (ROOT / top).rglob("*") if p.is_file()]
        return [p for p in found if not {"__pycache__", "static"} & set(p.parts)]
    return [ROOT / name for name in said.split("\0") if name and (ROOT / name).is_file()]


FILES = repository_files()
SOURCES = [p for p in FILES if p.suffix in {".py", ".ts", ".css"} and not p.name.endswith("_pb2.py")]
MODULES = [p for p in SOURCES if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in {"core", "tfviz"}]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_there_is_something_to_check() -> None:
    assert len(MODULES) > 20, "the list of files is wrong: every other test here would pass on nothing"
    assert ROOT / "core" / "__init__.py" in MODULES


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {relative(p): len(p.read_text(encoding="utf-8").splitlines()) for p in SOURCES}
    long = {name: n for name, n in lengths.items() if n > LINES_A_FILE}
    assert not long, f"more than {LINES_A_FILE} lines; split by family: {long}"
    assert lengths["core/__init__.py"] <= LINES_OF_THE_PUBLIC_INIT


def test_every_module_says_what_it_is_for() -> None:
    bare = [relative(p) for p in MODULES if not ast.get_docstring(parsed(p)) and p.read_text().strip()]
    assert not bare, f"no module docstring: {bare}"


def is_all(node: ast.stmt) -> TypeGuard[ast.Assign]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets)


@pytest.mark.parametrize("package", ["core", "tfviz"])
def test_all_is_literal_and_true(package: str) -> None:
    """Each `__all__` is a plain list of strings, without doubles: readers and tools need not run the file."""
    for path in (p for p in MODULES if p.relative_to(ROOT).parts[0] == package):
        for node in parsed(path).body:
            if not is_all(node):
                continue
            try:
                names = ast.literal_eval(node.value)
            except ValueError:
                pytest.fail(f"{relative(path)}:{node.lineno}: __all__ is computed, make it a literal list")
            assert isinstance(names, list | tuple), f"{relative(path)}: __all__ is a list of strings"
            assert len(names) == len(set(names)), f"{relative(path)}: a name stands twice in __all__"


def star_exports(path: Path) -> set[str]:
    """The public names that `from <this module> import *` brings: its `__all__`, read and not run."""
    for node in parsed(path).body:
        if is_all(node):
            return set(ast.literal_eval(node.value))
    return set()


def test_no_module_bears_the_name_of_a_public_function() -> None:
    """`core/gradients.py` would replace `tf.gradients` as soon as somebody imports it."""
    for package in ("core", "tfviz"):
        modules = {p.stem for p in MODULES if p.parent == ROOT / package} - {"__init__"}
        packages = [p.parent for p in MODULES if p.name == "__init__.py"]
        modules |= {p.name for p in packages if p.parent == ROOT / package}
        public: set[str] = set()
        for node in parsed(ROOT / package / "__init__.py").body:
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            if [a.name for a in node.names] == ["*"]:
                base = ROOT.joinpath(*node.module.split("."))
                public |= star_exports(base / "__init__.py" if base.is_dir() else base.with_suffix(".py"))
            elif node.module != package:
                public |= {a.asname or a.name for a in node.names}
        if package == "tfviz":
            public |= star_exports(ROOT / "tfviz" / "__init__.py")
        both = sorted(modules & public)
        assert not both, f"in {package}: both a module and a public name: {both}"


def test_no_module_of_core_imports_the_package_itself() -> None:
    """`import core` from within is an import of the top floor, which the layer contract can't see."""
    wrong = []
    for path in MODULES:
        name = relative(path)
        if not name.startswith("core/") or name.startswith("core/compat/") or name == "core/__init__.py":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import) and any(a.name == "core" for a in node.names):
                wrong.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.ImportFrom) and (node.module == "core" or node.level):
                for alias in node.names:
                    inner = ROOT / "core" / alias.name
                    if node.level or not (inner.is_dir() or inner.with_suffix(".py").exists()):
                        wrong.append(f"{name}:{node.lineno}")
    assert not wrong, f"import from the file that defines the name, absolutely: {sorted(set(wrong))}"


def test_no_environment_variable_changes_meaning() -> None:
    """Options go through Session(config=...): the engine reads no environment."""
    wrong = []
    for path in MODULES:
        if relative(path).startswith("core/") and re.search(r"\bos\.(environ|getenv)\b", path.read_text()):
            wrong.append(relative(path))
    assert not wrong, f"reads the environment: {wrong}"


def test_nothing_made_by_the_build_is_in_git() -> None:
    folders = r"(^|/)(node_modules|static|dist|build|\.venv|__pycache__)/"
    made = re.compile(folders + r"|\.(pyc|so|whl|html|gz)$|\.tfevents\.")
    wrong = [relative(p) for p in FILES if made.search(relative(p)) and not relative(p).startswith("tests/")]
    assert not wrong, f"generated, belongs into .gitignore: {wrong}"
    large = {relative(p): p.stat().st_size // 1024 for p in FILES if p.stat().st_size > 600 * 1024}
    assert not large, f"larger than 600 kB: {large}"


def test_the_lock_file_and_the_configuration_name_no_host() -> None:
    host = re.compile(r'"resolved"|index-url|registry *=|https?://[a-z0-9.-]*(npm|pypi)')
    names = ["package-lock.json", ".npmrc", "pyproject.toml", "Makefile", "hatch_build.py", ".ci/run"]
    for name in [*names, "tools/environment.py", "environment.yml"]:
        assert not host.search((ROOT / name).read_text()), name


def test_two_commands_are_two_commands() -> None:
    """.ci/run is the README's test command, executable; the README names both."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK) and script.read_text().startswith("#!/usr/bin/env bash")
    assert "make test" in script.read_text()
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "make demo" in text and "make test" in text, name


def python_says(code: str, **variables: str) -> str:
    """Returns what a fresh interpreter at the root prints, with these environment variables."""
    env = {**os.environ, **variables}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout


def own_import_time(module: str, cache: Path) -> tuple[float, float]:
    """Best of seven: seconds for NumPy, and seconds that `module` adds, each in a fresh interpreter.

    The bytecode is kept in a cache of the test's own, as it is for a user from the second import on.
    """
    code = (
        "import time; a = time.perf_counter(); import numpy; b = time.perf_counter();"
        f"import {module}; c = time.perf_counter(); print(b - a, c - b)"
    )
    runs = []
    for _ in range(7):
        said = python_says(code, PYTHONPYCACHEPREFIX=str(cache), PYTHONDONTWRITEBYTECODE="")
        bare, own = map(float, said.split())
        runs.append((own, bare))
    own, bare = min(runs)
    return bare, own


@pytest.mark.parametrize("module", ["core", "tfviz"])
def test_import_is_quick(module: str, tmp_path: Path) -> None:
    bare, own = own_import_time(module, tmp_path)
    print(f"import {module}: {own * 1000:.0f} ms beside NumPy's own {bare * 1000:.0f} ms")
    assert own <= IMPORT_SECONDS, f"import {module} takes {own:.3f} s beside NumPy's own {bare:.3f} s"


@pytest.mark.parametrize("module", ["core", "tfviz"])
def test_import_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {LAZY!r} if m != {module!r} and m in sys.modules])"
    assert python_says(code).split() == [], f"import {module} loads what should load when first needed"


def test_the_bundle_is_small_and_fresh() -> None:
    bundle = ROOT / "tfviz" / "static" / "tfviz.js"
    if not bundle.exists():
        pytest.skip("the front end is not built here: `make ui` with node >= 20 gives the live views")
    size = bundle.stat().st_size / 1024
    print(f"bundle: {size:.0f} kB")
    assert size <= BUNDLE_KILOBYTES
    remote = re.search(r"https?://(cdn|unpkg|esm\.sh|fonts)[^\"' ]*", bundle.read_text(encoding="utf-8"))
    assert remote is None, f"nothing comes from a CDN: {remote}"


def test_conda_and_pip_ask_for_the_same() -> None:
    yaml = pytest.importorskip("yaml")
    recipe = yaml.safe_load((ROOT / "environment.yml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = [d for d in recipe["dependencies"] if isinstance(d, str)]
    inner = [d for d in recipe["dependencies"] if isinstance(d, dict)]
    names = {"python-graphviz": "graphviz", "matplotlib-base": "matplotlib"}  # conda's name -> PyPI's
    programs = {"python", "pip", "nodejs", "graphviz"}  # the last is the dot program there
    minimal = {re.split(r"[\s;]", line)[0].replace("_", "-").lower() for line in project["dependencies"]}
    given = {d for d in conda if re.split("[<>=]", d)[0] not in programs}
    for theirs, ours in names.items():
        given = {d.replace(theirs, ours) for d in given}
    assert {d.replace("_", "-") for d in given} == minimal
    assert f"python{project['requires-python']}" in conda
    assert inner == [{"pip": [".[notebook,test]"]}]


def test_the_version_stands_in_the_change_log() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {project['version']}" in log or "## Unreleased" in log
    assert python_says("import tfviz; print(tfviz.__version__)").strip() == project["version"]
