"""`tf.summary`: event files, written and read, and the ops that make summaries.

The messages (Summary, Event, ...) and the files' reader and writer load when first asked for: a program that draws no
curves need not wait for them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from core import proto
from core.ops.summary_ops import audio, histogram, image, merge, merge_all, scalar, tensor_summary, text

if TYPE_CHECKING:
    from core.summary.reader import get_summary_description, summary_iterator
    from core.summary.writer import FileWriter, FileWriterCache

__all__ = [
    "FileWriter", "FileWriterCache", "audio", "get_summary_description", "histogram", "image", "merge", "merge_all",
    "scalar", "summary_iterator", "tensor_summary", "text",
]

_HOMES = {
    "FileWriter": "writer", "FileWriterCache": "writer", "get_summary_description": "reader",
    "summary_iterator": "reader",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(importlib.import_module(f"core.summary.{home}"), name)
    elif name in proto.SUMMARY:
        value = getattr(proto, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value  # next time without this detour
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *proto.SUMMARY})
