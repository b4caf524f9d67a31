"""`tf.summary`: event files, written and read. The messages (Summary, Event, ...) load when first asked for."""

from __future__ import annotations

from typing import Any

from core import proto
from core.summary.reader import get_summary_description, summary_iterator
from core.summary.writer import FileWriter, FileWriterCache

__all__ = ["FileWriter", "FileWriterCache", "get_summary_description", "summary_iterator"]


def __getattr__(name: str) -> Any:
    if name in proto.SUMMARY:
        return getattr(proto, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *proto.SUMMARY})
