"""The user's line: where in the user's program an operation was made.

Frames of this package are skipped; a code object is looked at once only, so that taking a source costs about a
microsecond per op.
"""

from __future__ import annotations

import linecache
import pathlib
import sys
from dataclasses import dataclass
from types import CodeType
from typing import Any

__all__ = ["Frames", "Source", "capture_frames", "mark_internal", "source_of"]

_PACKAGE = str(pathlib.Path(__file__).resolve().parents[1]) + "/"
_INTERNAL_PREFIXES: list[str] = [_PACKAGE]
_is_internal: dict[CodeType, bool] = {}
_DEPTH = 6  # user frames kept per op: enough for a helper function in a helper function

Frames = tuple[tuple[CodeType, int], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's program."""

    file: str
    line: int
    function: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}" + (f"\n    {self.code}" if self.code else "")


def mark_internal(folder: str) -> None:
    """Lets frames of files below `folder` count as ours, not the user's."""
    _INTERNAL_PREFIXES.append(folder)
    _is_internal.clear()


def _check(code: CodeType) -> bool:
    name = code.co_filename
    internal = any(name.startswith(p) for p in _INTERNAL_PREFIXES) or name.endswith("/contextlib.py")
    _is_internal[code] = internal
    return internal


def capture_frames() -> Frames:
    """The innermost user frames of the caller, as (code, line) pairs, innermost first."""
    frame: Any = sys._getframe(2)
    known = _is_internal
    while frame is not None:
        code = frame.f_code
        internal = known.get(code)
        if internal is None:
            internal = _check(code)
        if not internal:
            break
        frame = frame.f_back
    frames: list[tuple[CodeType, int]] = []
    while frame is not None and len(frames) < _DEPTH:
        frames.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return tuple(frames)


def source_of(frames: Frames) -> Source | None:
    """The line that the innermost frame stands at."""
    if not frames:
        return None
    code, line = frames[0]
    return Source(code.co_filename, line, code.co_name, linecache.getline(code.co_filename, line).strip())
