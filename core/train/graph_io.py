"""`tf.train.write_graph`: a graph as a file."""

from __future__ import annotations

import os
from typing import Any

from core.graph import Graph

__all__ = ["write_graph"]


def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Writes a graph into a file, as a text or as bytes.

    Args:
      graph_or_graph_def: A `Graph` or `GraphDef`.
      logdir: Folder; made where it does not exist.
      name: Name of the file.
      as_text: If True, the text form of the GraphDef.

    Returns:
      The path of the file.
    """
    from google.protobuf import text_format  # protobuf loads with the first message

    graph_def = graph_or_graph_def.as_graph_def() if isinstance(graph_or_graph_def, Graph) else graph_or_graph_def
    os.makedirs(logdir, exist_ok=True)
    path = os.path.join(os.fsdecode(logdir), name)
    data = text_format.MessageToString(graph_def).encode("utf-8") if as_text else graph_def.SerializeToString()
    part = path + ".part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)  # readers see the old file or the whole new one
    return path
