"""Event files: what goes in comes out, here and in TensorBoard; exits, forks and full disks lose or hang nothing."""

from __future__ import annotations

import errno
import gc
import glob
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core as tf
from core import errors, proto
from core.proto import Event, Summary
from core.proto.summaries import histogram_summary, image_summary, scalar_summary
from core.summary import FileWriter, FileWriterCache, events, summary_iterator, writer

ROOT = Path(__file__).resolve().parent.parent.parent


def event_files(folder: Any) -> list[str]:
    return sorted(glob.glob(os.path.join(str(folder), "*tfevents*")))


def read(folder: Any) -> list[Any]:
    """All events of all files of a folder, without the files' versions."""
    found = []
    for path in event_files(folder):
        version, *rest = summary_iterator(path)
        assert version.file_version == "brain.Event:2"
        found.extend(rest)
    return found


def scalar(tag: str, value: float) -> Any:
    return Summary(value=[Summary.Value(tag=tag, simple_value=value)])


def wait_until(condition: Any) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen within 20 seconds"
        time.sleep(0.01)


def writer_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "tf-event-writer"]


def test_summaries_come_back(tmp_path: Path) -> None:
    before = time.time()
    with FileWriter(str(tmp_path / "new" / "logs")) as file_writer:
        file_writer.add_summary(scalar("loss", 0.5), 3)
        file_writer.add_summary(scalar_summary("loss", 0.25), np.int64(4))
        file_writer.add_summary(scalar("loss", 0.125))
    found = read(tmp_path / "new" / "logs")
    assert [(e.step, e.summary.value[0].tag, e.summary.value[0].simple_value) for e in found] == [
        (3, "loss", 0.5), (4, "loss", 0.25), (0, "loss", 0.125)]
    assert all(before <= e.wall_time <= time.time() for e in found)
    (path,) = event_files(tmp_path / "new" / "logs")
    assert re.fullmatch(r"events\.out\.tfevents\.\d{10}\..+", os.path.basename(path))
    assert not writer_threads()


def test_tensorboard_reads_it(tmp_path: Path) -> None:
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    image = np.arange(2 * 3 * 5 * 3, dtype=np.uint8).reshape(2, 3, 5, 3)
    with FileWriter(tmp_path) as file_writer:
        for step in range(7):
            file_writer.add_summary(scalar_summary("loss", 1 / (step + 1)), step)
        file_writer.add_summary(histogram_summary("weights", np.array([1.0, 2.0, 2.0, -4.0])), 5)
        file_writer.add_summary(image_summary("digits", image), 6)
        file_writer.add_graph(proto.GraphDef(node=[proto.NodeDef(name="x", op="NoOp")]))
    accumulator = loader.EventAccumulator(str(tmp_path))
    accumulator.Reload()
    assert [(s.step, s.value) for s in accumulator.Scalars("loss")] == [
        (step, pytest.approx(1 / (step + 1))) for step in range(7)]
    (histogram,) = accumulator.Histograms("weights")
    assert histogram.histogram_value.num == 4 and histogram.histogram_value.sum == 1
    (shown,) = accumulator.Images("digits/image/1")
    assert (shown.height, shown.width) == (3, 5)
    assert accumulator.Graph().node[0].name == "x"


def test_metadata_is_written_once(tmp_path: Path) -> None:
    metadata = proto.SummaryMetadata(display_name="shown")
    given = Summary(value=[Summary.Value(tag="a", metadata=metadata, simple_value=1)])
    with FileWriter(tmp_path) as file_writer:
        file_writer.add_summary(given, 1)
        file_writer.add_summary(given, 2)
        file_writer.add_summary(Summary(value=[Summary.Value(tag="b", metadata=metadata)]), 3)
    assert [e.summary.value[0].HasField("metadata") for e in read(tmp_path)] == [True, False, True]
    assert given.value[0].HasField("metadata"), "what the program holds must stay as it is"


def test_graph_and_meta_graph(tmp_path: Path) -> None:
    definition = proto.GraphDef(node=[proto.NodeDef(name="x", op="NoOp")])
    with FileWriter(tmp_path, definition, filename_suffix=".suffix") as file_writer:
        file_writer.add_graph(None, 7, graph_def=definition)
        file_writer.add_meta_graph(proto.MetaGraphDef(graph_def=definition), 8)
        with pytest.raises(ValueError, match="not both"):
            file_writer.add_graph(definition, graph_def=definition)
        with pytest.raises(TypeError, match=r"instance of `Graph`.*got str"):
            file_writer.add_graph("x")
        with pytest.raises(TypeError, match="must be type MetaGraphDef"):
            file_writer.add_meta_graph(definition)
    found = read(tmp_path)
    assert [(e.step, e.WhichOneof("what")) for e in found] == [
        (0, "graph_def"), (0, "meta_graph_def"), (7, "graph_def"), (8, "meta_graph_def")]
    assert proto.GraphDef.FromString(found[0].graph_def) == definition
    assert proto.MetaGraphDef.FromString(found[1].meta_graph_def).graph_def == definition
    assert event_files(tmp_path)[0].endswith(".suffix")


def test_logs_and_run_metadata(tmp_path: Path) -> None:
    metadata = proto.RunMetadata()
    metadata.step_stats.dev_stats.add(device="/cpu:0")
    with FileWriter(tmp_path) as file_writer:
        file_writer.add_session_log(proto.SessionLog(status=proto.SessionLog.START), 1)
        file_writer.add_run_metadata(metadata, "step 2", 2)
        with pytest.raises(ValueError, match=r"already used.*'step 2'"):
            file_writer.add_run_metadata(metadata, "step 2", 3)
        file_writer.add_event(Event(step=9, wall_time=4.5))
        with pytest.raises(TypeError, match="Expected an Event, got Summary"):
            file_writer.add_event(scalar("a", 1))
    log, run, plain = read(tmp_path)
    assert log.session_log.status == proto.SessionLog.START
    assert proto.RunMetadata.FromString(run.tagged_run_metadata.run_metadata) == metadata
    assert (plain.step, plain.wall_time) == (9, 4.5)


def test_an_event_may_be_changed_after_it_was_added(tmp_path: Path) -> None:
    event = Event(step=1)
    with FileWriter(tmp_path) as file_writer:
        for step in range(1, 30):
            event.step = step
            file_writer.add_event(event)
    assert [e.step for e in read(tmp_path)] == list(range(1, 30))


def test_flush_puts_all_on_disk(tmp_path: Path) -> None:
    file_writer = FileWriter(tmp_path, flush_secs=1000)
    for step in range(25):
        file_writer.add_summary(scalar("a", step), step)
    file_writer.flush()
    assert len(read(tmp_path)) == 25
    file_writer.close()


def test_first_event_and_late_ones_reach_the_disk_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_SOON", 0.05)
    file_writer = FileWriter(tmp_path)
    for step in range(1, 4):
        file_writer.add_event(Event(step=step))
        wait_until(lambda step=step: event_files(tmp_path) and len(read(tmp_path)) == step)
    file_writer.close()


def test_a_closed_writer_warns_and_reopens_with_a_new_file(tmp_path: Path) -> None:
    file_writer = FileWriter(tmp_path)
    file_writer.add_event(Event(step=1))
    file_writer.close()
    file_writer.close()
    for late in (lambda: file_writer.add_event(Event(step=2)), lambda: file_writer.add_summary(scalar("a", 1)),
                 file_writer.flush):
        with pytest.warns(UserWarning, match="closed FileWriter"):
            late()
    file_writer.reopen()
    file_writer.reopen()
    file_writer.add_event(Event(step=3))
    file_writer.close()
    assert len(event_files(tmp_path)) == 2
    assert [e.step for e in read(tmp_path)] == [1, 3]


def test_writers_of_the_same_second_share_no_file(tmp_path: Path) -> None:
    writers = [FileWriter(tmp_path) for _ in range(3)]
    for number, file_writer in enumerate(writers):
        file_writer.add_event(Event(step=number))
    for file_writer in writers:
        file_writer.close()
    assert len(event_files(tmp_path)) == 3
    assert sorted(e.step for e in read(tmp_path)) == [0, 1, 2]


def test_a_dropped_writer_writes_what_it_has(tmp_path: Path) -> None:
    FileWriter(tmp_path, flush_secs=1000).add_event(Event(step=5))
    gc.collect()
    wait_until(lambda: not writer_threads())
    assert [e.step for e in read(tmp_path)] == [5]


def test_a_removed_folder_is_made_again(tmp_path: Path) -> None:
    file_writer = FileWriter(tmp_path / "logs")
    file_writer.add_event(Event(step=1))
    file_writer.flush()
    os.remove(event_files(tmp_path / "logs")[0])
    os.rmdir(tmp_path / "logs")
    file_writer.add_event(Event(step=2))
    file_writer.close()
    assert [e.step for e in read(tmp_path / "logs")] == [2]


def test_events_from_many_threads(tmp_path: Path) -> None:
    with FileWriter(tmp_path, max_queue=3) as file_writer:
        def add(first: int) -> None:
            for step in range(first, first + 100):
                file_writer.add_event(Event(step=step))
        threads = [threading.Thread(target=add, args=(100 * n,)) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(e.step for e in read(tmp_path)) == list(range(500))


def test_a_full_queue_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = threading.Event()
    write = events.EventsWriter.write
    monkeypatch.setattr(events.EventsWriter, "write", lambda self, data: slow.wait(20) and write(self, data))
    file_writer = FileWriter(tmp_path, max_queue=2)
    big = scalar("a" * events._PENDING, 1)
    adder = threading.Thread(target=lambda: [file_writer.add_summary(big, step) for step in range(7)])
    adder.start()
    wait_until(lambda: file_writer.event_writer._channel.queue.qsize() >= 3)
    adder.join(0.2)
    assert adder.is_alive() and file_writer.event_writer._channel.queue.qsize() < 6
    slow.set()
    adder.join()
    file_writer.close()
    assert [e.step for e in read(tmp_path)] == list(range(7))


def test_listeners_hear_every_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(writer, "EVENT_LISTENERS", [lambda logdir, event: heard.append((logdir, event.step))])
    with FileWriter(tmp_path) as file_writer:
        file_writer.add_summary(scalar("a", 1), 4)
        file_writer.add_event(Event(step=6))
    assert heard == [(str(tmp_path), 4), (str(tmp_path), 6)]


def test_a_failing_listener_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(logdir: str, event: Any) -> None:
        raise RuntimeError("no picture")
    monkeypatch.setattr(writer, "EVENT_LISTENERS", [fail])
    with FileWriter(tmp_path) as file_writer, pytest.warns(UserWarning, match="no picture"):
        file_writer.add_event(Event(step=1))
    assert len(read(tmp_path)) == 1


class FullDisk:
    """Stands for the file: takes `room` bytes, then says that the disk is full."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: Any) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = bytes(data)[:self.room]
        self.room -= len(part)
        return int(self.file.write(part))

    def close(self) -> None:
        self.file.close()


def test_a_full_disk_is_told_and_what_fits_later_is_whole(tmp_path: Path) -> None:
    file_writer = FileWriter(tmp_path)
    file_writer.add_event(Event(step=1))
    file_writer.flush()
    file = file_writer.event_writer._file
    disk = file._file = FullDisk(file._file, 10)
    file_writer.add_event(Event(step=2))
    with pytest.raises(errors.ResourceExhaustedError, match=r"Could not write events to .*tfevents.*: No space left"):
        file_writer.flush()
    with pytest.raises(errors.ResourceExhaustedError, match="No space left"):
        file_writer.add_event(Event(step=3))
    disk.room = 1000
    file_writer.flush()
    file_writer.add_event(Event(step=4))
    file_writer.close()
    assert [e.step for e in read(tmp_path)] == [1, 2, 4]


def test_closing_on_a_full_disk_says_so_and_ends_the_thread(tmp_path: Path) -> None:
    file_writer = FileWriter(tmp_path)
    file_writer.add_event(Event(step=1))
    file_writer.flush()
    file = file_writer.event_writer._file
    file._file = FullDisk(file._file, 0)
    file_writer.add_event(Event(step=2))
    with pytest.raises(errors.ResourceExhaustedError):
        file_writer.close()
    wait_until(lambda: not writer_threads())
    file_writer.close()


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.OpError, match=r"Could not make the folder .*file"):
        FileWriter(tmp_path / "file" / "logs")
    with pytest.raises(errors.AlreadyExistsError, match="Could not make the folder"):
        FileWriter(tmp_path / "file")


PROGRAM = """
import os, sys
from core.proto import Event
from core.summary import FileWriter
writer = FileWriter(sys.argv[1], flush_secs=1000)
writer.add_event(Event(step=1))
writer.flush()
for step in range(2, 8): writer.add_event(Event(step=step))
"""


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "raise KeyError('end')", "del writer"])
def test_the_end_of_the_program_loses_nothing(tmp_path: Path, end: str) -> None:
    command = [sys.executable, "-c", PROGRAM + end, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (b"KeyError" in done.stderr) == ("KeyError" in end)
    assert [e.step for e in read(tmp_path)] == list(range(1, 8))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_writes_a_file_of_its_own(tmp_path: Path) -> None:
    child = """
if os.fork() == 0:
    writer.add_event(Event(step=100))
    writer.close()
    os._exit(0)
writer.add_event(Event(step=8))
writer.close()
os.wait()
"""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM + child, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    parent, forked = event_files(tmp_path)
    assert [e.step for e in summary_iterator(parent)] == list(range(9))
    assert [e.step for e in summary_iterator(forked)] == [0, 100]


def test_cache_gives_one_writer_a_folder(tmp_path: Path) -> None:
    pytest.importorskip("core.ops")
    with tf.Graph().as_default():
        first = FileWriterCache.get(str(tmp_path))
        assert FileWriterCache.get(str(tmp_path)) is first
        assert first.get_logdir() == str(tmp_path)
    FileWriterCache.clear()
    assert FileWriterCache.get(str(tmp_path)) is not first
    FileWriterCache.clear()
    assert not writer_threads()
