"""The TypeScript's own checks, called from pytest: types by tsc, tests by vitest, the bundle by the hook."""

from __future__ import annotations

import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "hatch_build.py"))


@pytest.fixture(scope="module")
def npm(hook: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The npm command and its environment; skips in one line where there is none."""
    found = hook["find_node"]()
    if found is None:
        pytest.skip("no node >= 20 with npm here: the front end's own tests run where there is one")
    if not hook["modules_ready"](True):
        pytest.skip("node_modules is not complete: `make ui` fills it where an npm registry can be reached")
    return found[1], dict(hook["node_env"](found[0]), NO_COLOR="1")


@pytest.mark.parametrize("script", ["check", "test"])
def test_npm_script(script: str, npm: tuple[list[str], dict[str, str]]) -> None:
    command, env = npm
    command = [*command, "run", "--silent", script]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


def test_the_bundle_is_made_of_these_sources(hook: dict[str, Any], npm: object) -> None:
    """A stale bundle must not be tested, nor shipped, in silence: `make` builds it before the tests run."""
    if not hook["BUNDLE"].exists():
        pytest.skip("the front end is not built here: `make ui` builds it")
    hook["build"]()
    assert hook["is_fresh"]()
