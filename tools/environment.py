"""Makes the virtual environment .venv with this checkout and the extras asked for; no network when it is whole.

`python3 tools/environment.py [extra ...]`. pip's own configuration decides where packages come from. Imports
the standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)

# Runs inside .venv: prints what it lacks, one requirement a line. pip is there and brings `packaging`.
MISSING = """
import importlib.metadata as metadata, sys, tomllib
from pip._vendor.packaging.requirements import Requirement

root, wanted = sys.argv[1], list(sys.argv[2:])
with open(root + "/pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
lines, done = list(project["dependencies"]), set()
while wanted:
    extra = wanted.pop()
    if extra not in done:
        done.add(extra)
        for line in project["optional-dependencies"][extra]:
            need = Requirement(line)
            wanted.extend(need.extras) if need.name == project["name"] else lines.append(line)
try:
    if root not in (metadata.distribution(project["name"]).read_text("direct_url.json") or ""):
        print("this checkout")
except metadata.PackageNotFoundError:
    print("this checkout")
for line in lines:
    need = Requirement(line)
    if need.marker is None or need.marker.evaluate():
        try:
            if not need.specifier.contains(metadata.version(need.name), prereleases=True):
                print(line)
        except metadata.PackageNotFoundError:
            print(line)
"""


def missing(extras: list[str]) -> list[str]:
    """Returns what .venv lacks of the project's needs and these extras; everything where there is none."""
    if not PYTHON.exists():
        return ["everything"]
    done = subprocess.run([PYTHON, "-c", MISSING, ROOT, *extras], capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else ["everything"]


def make_venv() -> None:
    """Makes an empty .venv with pip; raises SystemExit with the cure where Python came without that part."""
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if done.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    # Debian and Ubuntu ship `venv` apart from Python; with rights it is one package away.
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        print(f"venv: installing {package} by apt-get", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], capture_output=True)
        if subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True).returncode == 0:
            return
        shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "virtualenv", "-q", VENV], capture_output=True).returncode == 0:
        return
    reason = (done.stderr or done.stdout).strip().splitlines()
    raise SystemExit(
        f"venv: {sys.executable} -m venv failed ({reason[-1] if reason else 'no reason given'}); "
        "install Python's venv module (Debian, Ubuntu: apt install python3-venv) and try again"
    )


def main(extras: list[str]) -> int:
    """Brings .venv up to what is asked for; prints one line when there was something to do."""
    if sys.version_info < OLDEST:
        print(f"venv: Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}")
        return 1
    lacks = missing(extras)
    if not lacks:
        return 0
    if lacks == ["everything"]:
        make_venv()
    print(f"venv: installing {', '.join(lacks[:4])}{' ...' if len(lacks) > 4 else ''}", flush=True)
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", target]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
