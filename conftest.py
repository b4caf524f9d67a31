"""What every test gets: a clean default graph, `tf` and `np` in doctests, and a place with real digits.

Stands at the top so that doctests inside the packages see it too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import core

ROOT = Path(__file__).resolve().parent
# What makes golden files and generated code needs TensorFlow or protoc; generated code has no doctests.
collect_ignore_glob = ["tests/golden/make_*", "core/proto/*_pb2.py", "core/proto/generate.py", "tfviz/ui/*"]
MNIST = ROOT.parent / "shared" / "data" / "mnist10k"

# A loaded machine is no fault of the code: examples may take their time, and are the same ones every time.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def fresh_graph(doctest_namespace: dict[str, object]) -> None:
    """Start each test and each docstring with an empty default graph."""
    doctest_namespace["tf"] = core
    doctest_namespace["np"] = np
    getattr(core, "reset_default_graph", lambda: None)()


@pytest.fixture(scope="session")
def mnist_dir() -> Path | None:
    """Folder with the idx.gz files of the 10,000 MNIST test digits, or None where the machine has none."""
    return MNIST if (MNIST / "t10k-images-idx3-ubyte.gz").exists() else None
