"""The user's line: where in the user's program an operation was made.

Frames of this package are skipped; a code object is looked at once only, so that taking a source costs about a
microsecond per op.
"""

from __future__ import annotations

import linecache
import pathlib
import re
import sys
from dataclasses import dataclass
from types import CodeType
from typing import Any

__all__ = ["Frames", "Source", "capture_frames", "mark_internal", "source_of"]

_PACKAGE = str(pathlib.Path(__file__).resolve().parents[1]) + "/"
_INTERNAL_PREFIXES: list[str] = [_PACKAGE]
_is_internal: dict[CodeType, bool] = {}
_CELL_NAME = re.compile(r"<ipython-input-(\d+)-")  # how IPython before 7.17 names the code of a cell
_DEPTH = 6  # user frames kept per op: enough for a helper function in a helper function

Frames = tuple[tuple[CodeType, int], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's program; `cell` is the number of its notebook cell (`In [3]`), None outside notebooks."""

    file: str
    line: int
    function: str
    code: str
    cell: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"
        if self.cell is None or not self.function.startswith(("<module>", "<cell line")):
            place += f" in {self.function}"
        return place + (f"\n    {self.code}" if self.code else "")


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
    name = code.co_filename
    return Source(name, line, code.co_name, linecache.getline(name, line).strip(), _cell_of(name))


def _cell_of(file: str) -> int | None:
    """The number of the notebook cell whose code has the file name `file`.

    A cell that ran twice unchanged has one file name: its later number counts, as in IPython's own tracebacks.
    """
    python = sys.modules.get("IPython")  # asked, never imported: without it there are no cells
    if python is None:
        return None
    named = _CELL_NAME.match(file)
    if named:
        return int(named[1])
    try:
        number = python.get_ipython().compile._filename_map[file]
    except Exception:  # no shell, another file, or an IPython that keeps its cells elsewhere
        return None
    return number if isinstance(number, int) and number > 0 else None
