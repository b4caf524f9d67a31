"""`tf.test`: unittest with sessions and comparisons of arrays, and gradients checked by differences."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from typing import Any
from unittest import mock as mock

from core.test.gradient_checker import compute_gradient as compute_gradient
from core.test.gradient_checker import compute_gradient_error as compute_gradient_error
from core.test.test_case import TestCase as TestCase
from core.test.test_case import assert_equal_graph_def as assert_equal_graph_def

__all__ = [
    "Benchmark", "StubOutForTesting", "TestCase", "assert_equal_graph_def", "compute_gradient",
    "compute_gradient_error", "get_temp_dir", "gpu_device_name", "is_built_with_cuda", "is_built_with_gpu_support",
    "is_built_with_rocm", "is_gpu_available", "main", "mock", "test_src_dir_path",
]

_folder: list[tempfile.TemporaryDirectory[str]] = []


class Benchmark:
    """A base for benchmarks; `tf.test.main` does not run them."""


class StubOutForTesting:
    """Replaces attributes for the time of a test."""

    def __init__(self) -> None:
        self._old: list[tuple[Any, str, Any]] = []

    def Set(self, parent: Any, child_name: str, new_child: Any) -> None:
        """Replaces `parent.child_name`, until `UnsetAll`."""
        self._old.append((parent, child_name, getattr(parent, child_name)))
        setattr(parent, child_name, new_child)

    SmartSet = Set

    def UnsetAll(self) -> None:
        """Puts back what `Set` replaced."""
        while self._old:
            setattr(*self._old.pop())

    SmartUnsetAll = CleanUp = UnsetAll

    def __enter__(self) -> StubOutForTesting:
        return self

    def __exit__(self, *error: Any) -> None:
        self.UnsetAll()


def main(argv: Any = None) -> None:
    """Runs all tests of the program's main module."""
    unittest.main(argv=sys.argv if argv is None else argv)


def get_temp_dir() -> str:
    """A folder for the tests of this process; it goes when the process ends."""
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory())
    return _folder[0].name


def test_src_dir_path(relative_path: str) -> str:
    """A path relative to the folder of the program."""
    return os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), relative_path)


test_src_dir_path.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest thinks of its name


def gpu_device_name() -> str:
    """Name of a GPU: there is none."""
    return ""


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """False: programs run on the CPU."""
    return False


def is_built_with_cuda() -> bool:
    """False."""
    return False


def is_built_with_gpu_support() -> bool:
    """False."""
    return False


def is_built_with_rocm() -> bool:
    """False."""
    return False
