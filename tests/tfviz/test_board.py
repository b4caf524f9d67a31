"""The dashboard: TensorFlow's own event files, files that still grow or are broken, what is kept, what is drawn."""

from __future__ import annotations

import shutil
import struct
import sys
import types
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tfviz
from tfviz import board_model
from tfviz.board_model import Board
from tfviz.events import Event, EventFile, Histogram, Picture, Value, pack_record, parse_event
from tfviz.media_svg import media_svg, rebin
from tfviz.media_wire import encode, media_state

GOLDEN = Path(__file__).parents[1] / "golden" / "events"


def event(step: int, **values: Any) -> Event:
    return Event(1000.0 + step, step, tuple(Value(tag, "", payload) for tag, payload in values.items()))


def wire_event(step: int, tag: bytes, value: float) -> bytes:
    """Event{wall_time, step, summary{value{tag, simple_value}}} written by hand."""
    body = b"\x0a" + bytes([len(tag)]) + tag + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + bytes([len(body)]) + body
    return b"\x09" + struct.pack("<d", 7.5) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for run in ("tf1", "tf2"):
        (tmp_path / run).mkdir()
        shutil.copy(GOLDEN / f"{run}.tfevents", tmp_path / run / "events.out.tfevents.1.host")
    return tmp_path


def test_files_that_tensorflow_wrote(logs: Path) -> None:
    view = tfviz.dashboard(logs, show=False)
    curves = view.board.curves
    assert [run.label for run in curves.runs] == ["tf1", "tf2"]
    np.testing.assert_allclose(curves.runs[0]["loss"].columns().value, 2.0 / np.arange(1, 7), rtol=1e-6)
    np.testing.assert_allclose(curves.runs[1]["loss"].columns().value, 1.5 / np.arange(1, 5), rtol=1e-6)
    assert curves.runs[1]["loss"].columns().step.tolist() == [0, 10, 20, 30]
    tracks = {key: (track.kind, len(track.entries)) for key, track in view.board.tracks.items()}
    assert tracks == {
        ("tf1", "w"): ("histogram", 6),
        ("tf1", "digits/image/0"): ("image", 6),
        ("tf1", "digits/image/1"): ("image", 6),
        ("tf1", "note"): ("text", 6),
        ("tf1", "beep/audio/0"): ("audio", 6),
        ("tf2", "w"): ("histogram", 4),
        ("tf2", "digits/0"): ("image", 4),
        ("tf2", "digits/1"): ("image", 4),
        ("tf2", "note"): ("text", 4),
    }
    for run, count in (("tf1", 100), ("tf2", 50)):
        histogram = view.board.tracks[run, "w"].entries[-1].payload
        assert histogram.counts.sum() == count and (np.diff(histogram.edges) >= 0).all()
        assert len(histogram.edges) == len(histogram.counts) + 1
    assert view.board.tracks["tf1", "note"].entries[3].payload == "step **3**"
    picture = view.board.tracks["tf2", "digits/1"].entries[0].payload
    assert (picture.width, picture.height, picture.data[:4]) == (5, 7, b"\x89PNG")
    assert view.broken == []
    assert "2 runs" in repr(view)


def test_a_growing_file_gives_each_record_once_also_when_cut_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1"
    file = EventFile(path)
    assert file.poll() == []
    records = [pack_record(wire_event(i, b"loss", i * 0.5)) for i in range(5)]
    whole = b"".join(records)
    seen = []
    for end in range(0, len(whole) + 1, 11):
        path.write_bytes(whole[:end])
        seen += [e.step for e in file.poll()]
    path.write_bytes(whole)
    seen += [e.step for e in file.poll()]
    assert seen == [0, 1, 2, 3, 4]
    assert file.poll() == []


def test_a_long_record_and_a_small_read(tmp_path: Path) -> None:
    path = tmp_path / "f.tfevents"
    path.write_bytes(pack_record(wire_event(3, b"x" * 90, 1.0)) + pack_record(wire_event(4, b"y", 2.0)))
    file = EventFile(path)
    assert [e.step for _ in range(4) for e in file.poll(25)] == [3, 4]


def test_a_broken_record_ends_the_file_and_says_where(tmp_path: Path) -> None:
    good = pack_record(wire_event(1, b"loss", 1.0))
    path = tmp_path / "f.tfevents"
    path.write_bytes(good + b"\xff" * 40)
    view = tfviz.dashboard(tmp_path, show=False)
    assert view.board.curves.runs[0].points() == 1
    (message,) = view.broken
    assert message.endswith(f"broken record at byte {len(good)}")


@given(st.binary(max_size=80))
def test_any_bytes_are_an_event_or_a_value_error(data: bytes) -> None:
    try:
        assert isinstance(parse_event(data), Event)
    except ValueError:
        pass


def test_no_such_folder() -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder 'nowhere'.*FileWriter"):
        tfviz.dashboard("nowhere")


def test_what_this_process_writes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    hooks: list[Any] = []
    module = types.ModuleType("core.inspect")
    module.on_summary = lambda hook: (hooks.append(hook), hooks.clear)[1]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.inspect", module)
    with tfviz.dashboard() as view:
        for i in range(3):
            hooks[0](wire_event(i, b"loss", 1.0 / (i + 1)), "logs/a")
    assert view.board.curves.runs[0].label == "logs/a"
    assert view.board.curves.runs[0]["loss"].columns().step.tolist() == [0, 1, 2]
    assert hooks == []
    assert "loss" in capsys.readouterr().out


def test_runs_are_in_order_and_keep_their_colours_when_others_come() -> None:
    board = Board()
    for run in ("b", "a", "c"):
        board.add(run, event(0, loss=1.0))
    assert [(line.label, line.colour) for line in board.curves.cards()[0].lines] == [("a", 1), ("b", 0), ("c", 2)]


def test_a_tag_past_its_budget_keeps_its_course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_model, "MAX_BYTES", 1000)
    board = Board()
    for i in range(500):
        board.add("r", event(i, shot=Picture(3, 2, b"x" * 90)))
    steps = [e.step for e in board.tracks["r", "shot"].entries]
    assert len(steps) <= 12 and steps[0] == 0 and steps[-1] == 499
    assert steps == sorted(set(steps))


def test_rebinning_keeps_the_sum_and_a_single_place() -> None:
    rng = np.random.default_rng(5)
    counts, edges = np.histogram(rng.normal(size=700), 31)
    grid = np.linspace(edges[0], edges[-1], 8)
    assert rebin(Histogram(edges, counts.astype(float)), grid).sum() == pytest.approx(700)
    assert rebin(Histogram(np.array([0.5, 0.5]), np.array([9.0])), np.array([0.0, 1.0, 2.0])).tolist() == [9, 0]


def test_static_picture_has_all_kinds_and_is_escaped(logs: Path) -> None:
    view = tfviz.dashboard(logs, show=False)
    view.board.add("tf1", event(60, **{"<b>": "text & <script>alert(1)</script>"}))
    text = view.svg()
    ET.fromstring(text)
    assert "<script" not in text and text.count("<image ") == 4 and "prefers-color-scheme:dark" in text
    assert view._repr_mimebundle_()["text/plain"].endswith("texts: <b>, note")
    assert media_svg(Board()) == ("", 0)
    assert text == view.svg()


def test_saved_media_fit_the_budget_and_have_the_newest() -> None:
    board = Board()
    rng = np.random.default_rng(2)
    for i in range(300):
        board.add("r", event(i, w=Histogram(np.arange(31.0), rng.random(30)), shot=Picture(3, 2, rng.bytes(700))))
    meta, blob = media_state(board, 60_000)
    assert len(blob) <= 60_000
    for track in meta["tracks"]:
        assert track["n"] == 300 and track["entries"][-1][0] == 299 and len(track["entries"]) > 30
        _step, _wall, index, offset, size = track["entries"][3]
        assert blob[offset : offset + size] == encode(board.tracks["r", track["tag"]].entries[index])


def test_one_picture_larger_than_the_budget_is_listed_without_payload() -> None:
    board = Board()
    board.add("r", event(0, shot=Picture(900, 800, b"x" * 5000)))
    meta, blob = media_state(board, 1000)
    assert blob == b"" and meta["tracks"][0]["n"] == 1 and meta["tracks"][0]["entries"] == []
