"""Makes the `*_pb2.py` modules of this folder from its `.proto` files; imports nothing of `core`.

The modules are committed, so that installing needs no compiler. They are made by protoc 25, the last whose
Python output carries no check of the runtime's version: it loads, with no warning, in every protobuf from
4.25 on, while output of a newer protoc refuses older runtimes and warns in runtimes two majors ahead.

    python -m venv /tmp/protoc25 && /tmp/protoc25/bin/pip install grpcio-tools==1.60.2 'setuptools<80'
    /tmp/protoc25/bin/python core/proto/generate.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
PROTOC_VERSION = "25."
NO_LINT = "# ruff: noqa\n# mypy: ignore-errors\n"


def schema_names() -> list[str]:
    """Returns the schemas of this folder as protoc wants them, e.g. 'core/proto/tensor.proto'."""
    return sorted(path.relative_to(ROOT).as_posix() for path in FOLDER.glob("*.proto"))


def protoc(*arguments: str) -> str:
    """Runs the protoc of the installed grpcio-tools at the repository's root and returns what it prints."""
    command = [sys.executable, "-m", "grpc_tools.protoc", *arguments]
    if any(not argument.startswith("--version") for argument in arguments):
        # The well-known types (google/protobuf/any.proto) come with grpcio-tools.
        import grpc_tools  # optional: only who changes a schema needs it

        command += [f"-I{ROOT}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Rewrites all `*_pb2.py` files."""
    version = protoc("--version").split()[-1]
    if not version.startswith(PROTOC_VERSION):
        raise SystemExit(f"This is protoc {version}; use {PROTOC_VERSION}x (see the top of {__file__}).")
    protoc(f"--python_out={ROOT}", *schema_names())
    for path in FOLDER.glob("*_pb2.py"):
        path.write_text(NO_LINT + path.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    main()
