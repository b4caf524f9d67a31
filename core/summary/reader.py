"""Reads event files: `tf.train.summary_iterator`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from core import errors, proto
from core.proto.records import tf_record_iterator

__all__ = ["get_summary_description", "summary_iterator"]


def summary_iterator(path: str | os.PathLike[str]) -> Iterator[Any]:
    """Yields the events of an event file, the first of which says the file's version.

    Args:
      path: The file.

    Returns:
      An iterator of `Event` messages.

    Raises:
      NotFoundError: if there is no such file.
      DataLossError: if the file is damaged, or ends in the middle of an event (it may be still being written).
    """
    from google.protobuf.message import DecodeError  # protobuf loads late

    for index, record in enumerate(tf_record_iterator(path)):
        try:
            yield proto.Event.FromString(record)
        except DecodeError:
            raise errors.DataLossError(
                None, None, f"Record {index} of {os.fspath(path)!r} is no Event. Is this an event file?") from None


def get_summary_description(node_def: Any) -> Any:
    """Returns the `SummaryDescription` of a TensorSummary node.

    Args:
      node_def: The NodeDef.

    Raises:
      ValueError: if the node is of another type.
    """
    from google.protobuf import json_format  # protobuf loads late

    if node_def.op != "TensorSummary":
        raise ValueError(f"Can't get_summary_description on {node_def.op}")
    description = proto.SummaryDescription()
    json_format.Parse(node_def.attr["description"].s.decode("utf-8"), description)
    return description
