"""`tf.summary.FileWriter`: summaries, graphs and session logs -> events -> an event file, and to whoever listens."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, ClassVar

from core import proto
from core.graph import Graph, get_default_graph
from core.summary.events import EventFileWriter

__all__ = ["EVENT_LISTENERS", "FileWriter", "FileWriterCache", "SummaryToEventTransformer"]

EVENT_LISTENERS: list[Callable[[str, Any], None]] = []
"""Called with (logdir, event) for each Event that a FileWriter of this process takes, in the thread that adds it."""

_API_VERSION = "1.15.0"  # the TensorFlow whose graphs these are


class SummaryToEventTransformer:
    """Wraps summaries, graphs and logs in events and hands them to an event writer.

    Args:
      event_writer: Has `add_event(event)`.
      graph: A graph to write at once.
      graph_def: The same as a GraphDef (deprecated).
    """

    def __init__(self, event_writer: Any, graph: Any = None, graph_def: Any = None) -> None:
        self.event_writer = event_writer
        self._session_run_tags: set[str] = set()
        self._seen_summary_tags: set[str] = set()
        if graph is not None or graph_def is not None:
            definition = self._write_graph(graph, None, graph_def)
            info = proto.MetaGraphDef.MetaInfoDef(tensorflow_version=_API_VERSION)
            self.add_meta_graph(proto.MetaGraphDef(meta_info_def=info, graph_def=definition))

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Adds a Summary, or a serialised one as a summary op gives it.

        Metadata is written with the first value of a tag only.

        Args:
          summary: A `Summary`, or bytes.
          global_step: The step it belongs to.

        Raises:
          DecodeError: if the bytes are no Summary.
        """
        event = proto.Event()
        if isinstance(summary, bytes):
            event.summary.ParseFromString(summary)
        else:
            event.summary.CopyFrom(summary)
        seen = self._seen_summary_tags
        for value in event.summary.value:
            if value.tag in seen:
                value.ClearField("metadata")
            else:
                seen.add(value.tag)
        self._add_event(event, global_step)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Adds a `SessionLog`.

        Args:
          session_log: The message.
          global_step: The step it belongs to.
        """
        self._add_event(proto.Event(session_log=session_log), global_step)

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Adds a graph, to be shown by a viewer.

        Args:
          graph: A `Graph`, e.g. `sess.graph`.
          global_step: The step it belongs to.
          graph_def: Deprecated; a GraphDef instead of `graph`.

        Raises:
          ValueError: if both are given.
          TypeError: if it is no graph.
        """
        self._write_graph(graph, global_step, graph_def)

    def _write_graph(self, graph: Any, global_step: Any, graph_def: Any) -> Any:
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        given = graph if graph is not None else graph_def
        if isinstance(given, Graph):
            definition = given.as_graph_def(add_shapes=True)
        elif isinstance(given, proto.GraphDef):
            definition = given
        else:
            raise TypeError(
                "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`, "
                f"got {type(given).__name__}")
        self._add_event(proto.Event(graph_def=definition.SerializeToString()), global_step)
        return definition

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Adds a `MetaGraphDef`.

        Args:
          meta_graph_def: The message.
          global_step: The step it belongs to.

        Raises:
          TypeError: if it is none.
        """
        if not isinstance(meta_graph_def, proto.MetaGraphDef):
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}")
        self._add_event(proto.Event(meta_graph_def=meta_graph_def.SerializeToString()), global_step)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Adds the `RunMetadata` of one run.

        Args:
          run_metadata: The message.
          tag: Its name, once a writer.
          global_step: The step it belongs to.

        Raises:
          ValueError: if the tag was used before.
        """
        if tag in self._session_run_tags:
            raise ValueError(f"The provided tag was already used for this event type: {tag!r}")
        self._session_run_tags.add(tag)
        tagged = proto.TaggedRunMetadata(tag=tag, run_metadata=run_metadata.SerializeToString())
        self._add_event(proto.Event(tagged_run_metadata=tagged), global_step)

    def _add_event(self, event: Any, step: Any) -> None:
        event.wall_time = time.time()
        if step is not None:
            event.step = int(step)
        self.event_writer.add_event(event)


class FileWriter(SummaryToEventTransformer):
    """Writes summaries and graphs to an event file in a folder; a context manager.

    The file is written by a thread of its own, so that adding costs a training loop little.

    Args:
      logdir: The folder; it is made if missing.
      graph: A graph to write at once, e.g. `sess.graph`.
      max_queue: How many events may wait for the disk, unless they are small.
      flush_secs: At most so many seconds pass until an event is on disk.
      graph_def: Deprecated; a GraphDef instead of `graph`.
      filename_suffix: End of the file's name.
      session: Accepted for compatibility; the file is written in the same way.

    Raises:
      OpError: of the kind that fits, if the folder can't be made or written.

    Example:
      >>> import glob, os, tempfile
      >>> from core.proto import Summary
      >>> from core.summary import FileWriter, summary_iterator
      >>> logdir = tempfile.mkdtemp()
      >>> with FileWriter(logdir) as writer:
      ...     writer.add_summary(Summary(value=[Summary.Value(tag="loss", simple_value=0.5)]), global_step=3)
      >>> [(e.step, e.summary.value[0].simple_value) for e in summary_iterator(glob.glob(logdir + "/*")[0]) if e.step]
      [(3, 0.5)]
    """

    def __init__(
        self, logdir: Any, graph: Any = None, max_queue: int = 10, flush_secs: float = 120, graph_def: Any = None,
        filename_suffix: str | None = None, session: Any = None,
    ) -> None:
        self._closed = False
        super().__init__(EventFileWriter(logdir, max_queue, flush_secs, filename_suffix), graph, graph_def)

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def get_logdir(self) -> str:
        """Returns the folder that the event file is in."""
        return self.event_writer.get_logdir()

    def _warn_if_event_writer_is_closed(self) -> None:
        if self._closed:
            warnings.warn(
                "Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is "
                "explicitly reopened.", stacklevel=4)

    def _add_event(self, event: Any, step: Any) -> None:
        self._warn_if_event_writer_is_closed()
        super()._add_event(event, step)
        self._tell(event)

    def _tell(self, event: Any) -> None:
        if not EVENT_LISTENERS or self._closed:
            return
        for listener in tuple(EVENT_LISTENERS):
            try:
                listener(self.get_logdir(), event)
            except Exception as error:  # what watches a training must not stop it
                warnings.warn(f"A listener to events failed and was left out: {error!r}", stacklevel=4)

    def add_event(self, event: Any) -> None:
        """Adds an `Event` as it is (a copy is taken at once)."""
        self._warn_if_event_writer_is_closed()
        self.event_writer.add_event(event)
        self._tell(event)

    def flush(self) -> None:
        """Waits until all that was added is on disk; raises what the disk said if it refuses."""
        self._warn_if_event_writer_is_closed()
        self.event_writer.flush()

    def close(self) -> None:
        """Writes all that was added and closes the file."""
        self._closed = True
        self.event_writer.close()

    def reopen(self) -> None:
        """Lets a closed writer write again, to a new event file; does nothing to an open one."""
        self.event_writer.reopen()
        self._closed = False


class FileWriterCache:
    """One FileWriter a folder, shared by all that ask for it."""

    _cache: ClassVar[dict[str, FileWriter]] = {}
    _lock: ClassVar[Any] = threading.RLock()

    @staticmethod
    def clear() -> None:
        """Closes all cached writers and forgets them."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache = {}

    @staticmethod
    def get(logdir: str) -> FileWriter:
        """Returns the FileWriter of a folder, made at the first call (with the default graph of that moment).

        Args:
          logdir: The folder.
        """
        with FileWriterCache._lock:
            if logdir not in FileWriterCache._cache:
                FileWriterCache._cache[logdir] = FileWriter(logdir, graph=get_default_graph())
            return FileWriterCache._cache[logdir]
