"""The static picture, the text and the wire of curves: exact where they promise it, small, deterministic, safe."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from tfviz.curve_export import to_csv, to_json
from tfviz.curve_model import MAX_RUNS, CurveSet, card_of
from tfviz.curve_svg import curve_svg
from tfviz.curve_text import compact_line, text_chart
from tfviz.curve_wire import SNAPSHOT_POINTS, Cursor, meta_and_snapshot, thin
from tfviz.figure import curve_figure
from tfviz.series import Columns

FIXTURE = Path(__file__).parent / "fixtures" / "curves.json"


def make_curves(points: int = 300, runs: int = 2) -> CurveSet:
    """Loss, validation loss and accuracy of `runs` trainings, the same on every machine."""
    curves = CurveSet("digits")
    for r in range(runs):
        run = curves.begin(f"run {r + 1}", 1000.0 + r)
        x = np.arange(points)
        run["loss"].extend(x, 2.5 / (1 + x / 50) + 0.1 * np.cos(x * 1.7) * (r + 1), 1000.0 + r + x / 100)
        run["val_loss"].extend(x[::7], 2.6 / (1 + x[::7] / 60), 1000.0 + r + x[::7] / 100)
        run["accuracy"].extend(x[::5], 1 - 0.9 / (1 + x[::5] / 40), 1000.0 + r + x[::5] / 100)
    return curves


def test_train_and_validation_share_a_card_and_keep_their_colour_when_older() -> None:
    cards = make_curves(runs=3).cards()
    assert [card.title for card in cards] == ["loss", "accuracy"]
    assert [(line.label, line.colour, line.age) for line in cards[0].lines] == [
        ("loss", 0, 2), ("val", 1, 2), ("loss", 0, 1), ("val", 1, 1), ("loss", 0, 0), ("val", 1, 0),
    ]  # fmt: skip
    assert card_of("test/accuracy") == ("accuracy", "test")
    assert card_of("trainer") == ("trainer", "trainer")


def test_old_runs_are_dropped_but_an_empty_one_is_replaced() -> None:
    curves = make_curves(points=5, runs=MAX_RUNS + 3)
    assert len(curves.runs) == MAX_RUNS
    assert curves.runs[0].label == "run 4"
    curves.begin("empty", 0.0)
    curves.begin("next", 0.0)
    assert [run.label for run in curves.runs[-2:]] == ["run 9", "next"]


def test_svg_is_wellformed_deterministic_small_and_has_both_themes() -> None:
    first, second = curve_svg(make_curves(20_000), smoothing=0.9), curve_svg(make_curves(20_000), smoothing=0.9)
    assert first == second
    assert len(first) < 40_000
    root = ET.fromstring(first)
    assert root.attrib["id"] == "tfviz-curves"
    assert "prefers-color-scheme:dark" in first
    assert "loss 2.5" not in first
    assert not re.search(r"https?://(?!www\.w3\.org)", first)


def test_svg_draws_the_spike_that_sampling_would_lose() -> None:
    curves = CurveSet()
    y = np.zeros(100_000)
    y[54_321] = 100.0
    curves.begin("run 1", 0.0)["loss"].extend(np.arange(100_000), y, np.zeros(100_000))
    path = re.search(r'<path class="l"[^>]* d="M([\d.]+) ([\d.]+)l([^"]*)"', curve_svg(curves))
    assert path
    dy = [float(d) for d in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", path[3])][1::2]
    assert min(np.cumsum(dy)) < -150  # up to the top of the chart


def test_svg_escapes_names_and_says_when_empty() -> None:
    curves = CurveSet("<script>alert(1)</script>")
    assert "nothing logged yet" in curve_svg(curves)
    curves.begin("r", 0.0)['a"<b>&'].append(0, 1, 0)
    text = curve_svg(curves)
    ET.fromstring(text)
    assert "<script" not in text and "<b>" not in text


@pytest.mark.parametrize("values", [[np.nan] * 3, [np.inf, 1.0, -np.inf], [0.0, -1.0, 2.0], [5.0]])
@pytest.mark.parametrize("log_y", [False, True])
def test_strange_values_draw_without_nan_in_the_path(values: list[float], log_y: bool) -> None:
    curves = CurveSet()
    curves.begin("r", 0.0)["v"].extend(np.arange(len(values)), np.array(values), np.zeros(len(values)))
    text = curve_svg(curves, log_y=log_y)
    ET.fromstring(text)
    assert "nan" not in re.sub(r">[^<]*<", "><", text).replace("aria-label", "").split("<style>")[1]
    assert text_chart(curves)
    compact_line(curves)


def test_restarts_are_drawn_apart() -> None:
    curves = CurveSet()
    curves.begin("r", 0.0)["v"].extend(np.array([0, 1, 2, 0, 1, 3.0]), np.arange(6.0), np.zeros(6))
    assert curve_svg(curves).count('<path class="l"') == 2
    assert np.isnan(curve_figure(curves).axes[0].lines[0].get_xdata()[3])


def test_text_forms() -> None:
    curves = make_curves(runs=1)
    assert compact_line(curves).startswith("step 299  loss ")
    assert len(compact_line(curves, 60)) <= 62
    chart = text_chart(curves, 60, 6)
    assert max(map(len, chart.splitlines())) <= 60
    assert "loss: loss" in chart and "accuracy 0.8" in chart


def test_wire_keeps_all_points_while_few_and_the_extremes_when_many() -> None:
    few = make_curves(300)
    meta, snapshot = meta_and_snapshot(few, {"x": "step"})
    assert all(s["n"] == s["kept"] for s in meta["series"])
    table = np.frombuffer(snapshot).reshape(-1)
    np.testing.assert_array_equal(table[:300], few.runs[0]["loss"].columns().step)
    np.testing.assert_array_equal(table[300:600], few.runs[0]["loss"].columns().value)
    many = make_curves(100_000, runs=3)
    meta, snapshot = meta_and_snapshot(many, {})
    kept = sum(s["kept"] for s in meta["series"])
    assert len(snapshot) == kept * 24 and kept <= SNAPSHOT_POINTS
    offset = 0
    for entry, (_, series) in zip(meta["series"], many.each(), strict=True):
        value = np.frombuffer(snapshot)[offset + entry["kept"] : offset + 2 * entry["kept"]]
        assert value.min() == series.columns().value.min() and value.max() == series.columns().value.max()
        assert entry["n"] == len(series)
        offset += 3 * entry["kept"]


def test_thin_survives_more_restarts_than_points() -> None:
    column = Columns(np.tile([1.0, 0.0], 500), np.arange(1000.0), np.zeros(1000))
    assert 0 < len(thin(column, 50)) <= 50


def test_cursor_sends_every_point_once_and_answers_a_resync() -> None:
    curves = make_curves(30, runs=1)
    cursor = Cursor(curves)
    first = cursor.take()
    assert first and first[0]["seq"] == 1 and [s["count"] for s in first[0]["series"]] == [30, 5, 6]
    assert len(first[1]) == 41 * 24
    loss = curves.current["loss"]
    loss.append(30, 0.5, 1.0)
    second = cursor.take()
    assert second and second[0]["series"] == [{"id": loss.ident, "from": 30, "count": 1}]
    assert np.frombuffer(second[1]).tolist() == [30, 0.5, 1.0]
    assert cursor.take() is None
    lost = cursor.answer({str(loss.ident): 28, str(curves.current["val_loss"].ident): 5, "bad": 3})
    assert lost and [(s["from"], s["count"]) for s in lost[0]["series"]] == [(28, 3), (0, 6)]


def test_a_flood_is_cut_into_messages_and_arrives_whole() -> None:
    curves = CurveSet()
    series = curves.begin("r", 0.0)["loss"]
    series.extend(np.arange(100_001), np.zeros(100_001), np.zeros(100_001))
    cursor = Cursor(curves)
    total = 0
    while (found := cursor.take()) is not None:
        assert len(found[1]) <= 1_000_000
        total += found[0]["series"][0]["count"]
    assert total == 100_001


def test_exports_read_back_exactly() -> None:
    curves = make_curves(9, runs=1)
    loss = curves.current["loss"].columns()
    rows = [line.split(",") for line in to_csv(curves).splitlines()]
    assert rows[0] == ["run", "name", "step", "value", "wall"]
    assert [float(r[3]) for r in rows if r[1] == "loss"] == loss.value.tolist()
    curves.current["loss"].append(9, float("nan"), 0.0)
    read = json.loads(to_json(curves))
    assert read["runs"][0]["series"]["loss"]["value"] == [*loss.value.tolist(), None]


def test_both_sides_of_the_wire_read_the_same_fixture() -> None:
    """tests/ui/curves.test.ts reads this file too."""
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    curves = make_curves(12, runs=2)
    meta, snapshot = meta_and_snapshot(curves, {"smoothing": 0.5, "log_y": False, "x": "step"})
    first = meta["series"][0]["id"]
    series = [{**entry, "id": entry["id"] - first} for entry in meta["series"]]
    assert {**meta, "series": series} == fixture["meta"]
    np.testing.assert_allclose(np.frombuffer(snapshot), fixture["snapshot"], rtol=1e-12)
