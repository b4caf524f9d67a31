"""Event files: the file itself, and the thread that writes it. Knows records and bytes, nothing of graphs.

What a program adds goes through a queue to a daemon thread, so that a slow disk does not stop a training loop.
Nothing is lost at the interpreter's end (a finalizer drains the queue), an error of the disk is raised in the
thread that adds, flushes or closes, and a forked child starts a file of its own instead of writing the parent's a
second time.
"""

from __future__ import annotations

import os
import platform
import queue
import threading
import time
import weakref
from io import FileIO
from typing import Any

from core import errors, proto
from core.proto.records import file_error, frame_record

__all__ = ["EventFileWriter", "EventsWriter"]

_FILE_VERSION = "brain.Event:2"
_BUFFER = 1 << 20  # bytes that are gathered before they are handed to the operating system
_PENDING = 1 << 18  # bytes that may wait however few events `max_queue` allows: a wait costs more than a scalar
_SOON = 5.0  # seconds after which data is on disk, even where the program allows more
_PATIENCE = 30.0  # seconds that the interpreter's end waits for a disk


class EventsWriter:
    """One event file, opened at the first write and named ``<prefix>.out.tfevents.<seconds>.<host><suffix>``.

    Args:
      prefix: Folder and beginning of the name, e.g. "logs/events".
      suffix: End of the name.

    Not safe for use by several threads at once.
    """

    def __init__(self, prefix: str, suffix: str = "") -> None:
        self._prefix = prefix
        self._suffix = suffix
        self._file: FileIO | None = None
        self._buffer = bytearray()
        self.path: str | None = None

    def write(self, data: bytes) -> None:
        """Appends one serialised Event.

        Raises:
          OSError: if the disk refuses; what was given is kept for the next `flush`.
        """
        self._buffer += frame_record(data)
        if len(self._buffer) >= _BUFFER:
            self.flush()

    def flush(self) -> None:
        """Hands all that was written to the operating system; OSError if it refuses (call again to try again)."""
        if not self._buffer and self._file is not None:
            return
        if self._file is None or self.path is None or not os.path.exists(self.path):
            self._open()
        assert self._file is not None
        while self._buffer:
            with memoryview(self._buffer) as view:
                written = self._file.write(view) or 0
            del self._buffer[:written]

    def _open(self) -> None:
        """Opens a new file (also when somebody has removed the old one), never one that is there."""
        if self._file is not None:
            self._file.close()
            self._file = None
        os.makedirs(os.path.dirname(self._prefix) or ".", exist_ok=True)
        now = time.time()
        stem = f"{self._prefix}.out.tfevents.{int(now):010d}.{platform.node()}"
        attempt = 0
        while self._file is None:
            path = f"{stem}.{attempt}{self._suffix}" if attempt else stem + self._suffix
            try:
                self._file = FileIO(path, "xb")
            except FileExistsError:  # another writer in this second
                attempt += 1
        self.path = path
        self._buffer[:0] = frame_record(
            proto.Event(wall_time=now, file_version=_FILE_VERSION).SerializeToString())

    def close(self) -> None:
        """Flushes and closes; a later `write` starts a new file."""
        try:
            if self._buffer or self._file is not None:
                self.flush()
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None

    def abandon(self) -> None:
        """Closes without writing what is pending (in a forked child: it is the parent's to write)."""
        self._buffer.clear()
        if self._file is not None:
            self._file.close()
            self._file = None


class _Barrier:
    """An entry of the queue that tells when all before it is done: `flush`, and on disk; `last`, and no more come."""

    __slots__ = ("done", "error", "flush", "last")

    def __init__(self, flush: bool, last: bool = False) -> None:
        self.flush = flush
        self.last = last
        self.done = threading.Event()
        self.error: OSError | None = None


class _Channel:
    """What the thread and its owner share; the thread must not hold the owner, or the owner would never be dropped."""

    def __init__(self, file: EventsWriter, flush_secs: float) -> None:
        self.file = file
        self.queue: queue.SimpleQueue[bytes | _Barrier] = queue.SimpleQueue()
        self.flush_secs = flush_secs
        self.error: OSError | None = None
        self.added = 0  # bytes put into the queue, and
        self.taken = 0  # taken out of it
        self.thread = threading.Thread(target=self.run, name="tf-event-writer", daemon=True)
        self.thread.start()

    def run(self) -> None:
        deadline: float | None = 0.0  # when what waits must be on disk (None: nothing waits); the first event: at once
        while True:
            try:
                left = None if not deadline else max(deadline - time.monotonic(), 0)
                item = self.queue.get(timeout=left)
            except queue.Empty:
                self._try(self.file.flush)
                deadline = None
                continue
            if isinstance(item, bytes):
                self._try(self.file.write, item)
                self.taken += len(item)
                now = time.monotonic()
                if deadline is None:
                    deadline = now + self.flush_secs
                elif now >= deadline:
                    self._try(self.file.flush)
                    deadline = None
                continue
            if item.flush:
                self.error = None
                self._try(self.file.close if item.last else self.file.flush)
                deadline = None
            item.error = self.error
            item.done.set()
            if item.last:
                return

    def _try(self, action: Any, *arguments: Any) -> None:
        try:
            action(*arguments)
        except OSError as error:
            self.error = error

    def wait(self, barrier: _Barrier, patience: float | None = None) -> None:
        """Waits until the thread has come to the barrier; not for a thread that is gone."""
        self.queue.put(barrier)
        end = None if patience is None else time.monotonic() + patience
        while not barrier.done.wait(1.0) and self.thread.is_alive():
            if end is not None and time.monotonic() > end:
                return


def _finish(channel: _Channel) -> None:
    """Writes what is left, when the owner is dropped or the interpreter ends."""
    if channel.thread.is_alive() and channel.thread is not threading.current_thread():
        channel.wait(_Barrier(flush=True, last=True), _PATIENCE)


_writers: weakref.WeakSet[EventFileWriter] = weakref.WeakSet()


class EventFileWriter:
    """Writes events to a new event file in a folder, from a thread of its own.

    Args:
      logdir: The folder; it is made if missing.
      max_queue: How many events may wait, unless they are small; one more waits for them to be written (0 or less: any
        number).
      flush_secs: At most so many seconds pass until an event is on disk.
      filename_suffix: End of the file's name.

    Raises:
      OpError: of the kind that fits, if the folder can't be made.
    """

    def __init__(
        self, logdir: str | os.PathLike[str], max_queue: int = 10, flush_secs: float = 120,
        filename_suffix: str | None = None,
    ) -> None:
        self._logdir = os.fspath(logdir)
        try:
            os.makedirs(self._logdir, exist_ok=True)
        except OSError as error:
            raise file_error(error, f"make the folder {self._logdir!r} for event files") from None
        self._max_queue = max_queue
        self._flush_secs = min(float(flush_secs), _SOON)
        self._file = EventsWriter(os.path.join(self._logdir, "events"), filename_suffix or "")
        self._closed = False
        self._channel: _Channel | None = None
        self._finalizer: Any = None
        self._lock = threading.Lock()
        _writers.add(self)
        self._start()

    def _start(self) -> _Channel:
        with self._lock:
            if self._channel is None:
                self._channel = _Channel(self._file, self._flush_secs)
                self._finalizer = weakref.finalize(self, _finish, self._channel)
            return self._channel

    def get_logdir(self) -> str:
        """Returns the folder."""
        return self._logdir

    @property
    def path(self) -> str | None:
        """The event file, once something was written."""
        return self._file.path

    def add_event(self, event: Any) -> None:
        """Adds an Event (a copy is taken at once); nothing happens after `close`.

        Raises:
          TypeError: if it is no Event.
          OpError: of the kind that fits, if the disk refused an earlier event.
        """
        if not isinstance(event, proto.Event):
            raise TypeError(f"Expected an Event, got {type(event).__name__}: {event!r}")
        if self._closed:
            return
        channel = self._channel or self._start()
        if channel.error is not None:
            raise self._error(channel.error)
        data = event.SerializeToString()
        with self._lock:
            channel.added += len(data)
            channel.queue.put(data)
        if 0 < self._max_queue < channel.queue.qsize() and channel.added - channel.taken > _PENDING:
            channel.wait(_Barrier(flush=False))

    def flush(self) -> None:
        """Waits until all that was added is on disk.

        Raises:
          OpError: of the kind that fits, if the disk refuses. Once it takes data again, another `flush` writes it.
        """
        if self._channel is not None and not self._closed:
            self._pass(_Barrier(flush=True))

    def close(self) -> None:
        """Writes all that was added and closes the file; errors as of `flush`. Doing so twice is harmless."""
        if self._closed:
            return
        self._closed = True
        if self._channel is not None:
            try:
                self._pass(_Barrier(flush=True, last=True))
            finally:
                self._channel = None
                self._finalizer.detach()

    def reopen(self) -> None:
        """Lets a closed writer write again, to a new file; does nothing to an open one."""
        if self._closed:
            self._closed = False
            self._start()

    def _pass(self, barrier: _Barrier) -> None:
        assert self._channel is not None
        self._channel.wait(barrier)
        if not barrier.done.is_set():
            raise errors.InternalError(None, None, f"The thread that writes events to {self._logdir!r} has ended.")
        if barrier.error is not None:
            raise self._error(barrier.error)

    def _error(self, error: OSError) -> errors.OpError:
        return file_error(error, f"write events to {self._file.path or self._logdir!r}")

    def _after_fork(self) -> None:
        self._file.abandon()
        self._lock = threading.Lock()
        self._channel = None  # the thread is the parent's
        if self._finalizer is not None:
            self._finalizer.detach()


def _after_fork() -> None:
    for writer in list(_writers):
        writer._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
