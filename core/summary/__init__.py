"""`tf.summary`: event files, written and read. The messages (Summary, Event, ...) load when first asked for."""

from __future__ import annotations

from typing import Any

from core import proto
from core.ops.summary_ops import audio, histogram, image, merge, merge_all, scalar, tensor_summary, text
from core.summary.reader import get_summary_description, summary_iterator
from core.summary.writer import FileWriter, FileWriterCache

__all__ = [
    "FileWriter", "FileWriterCache", "audio", "get_summary_description", "histogram", "image", "merge", "merge_all",
    "scalar", "summary_iterator", "tensor_summary", "text",
]


def __getattr__(name: str) -> Any:
    if name in proto.SUMMARY:
        return getattr(proto, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *proto.SUMMARY})
