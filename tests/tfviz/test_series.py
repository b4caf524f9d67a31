"""Columns, min/max reduction and smoothing against slow, obvious versions of the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tfviz.axes import format_number, linear_ticks, log_ticks, padded_range
from tfviz.series import Series, ema, envelope, parts

VALUES = hnp.arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6) | st.just(np.nan))


def test_series_keeps_every_point_through_growth_and_interleaved_reads() -> None:
    series = Series("loss")
    for i in range(1000):
        series.append(i, i * 0.5, 100.0 + i)
        if i % 37 == 0:
            assert len(series.columns()) == i + 1
    columns = series.columns()
    np.testing.assert_array_equal(columns.step, np.arange(1000))
    np.testing.assert_array_equal(columns.value, np.arange(1000) * 0.5)
    np.testing.assert_array_equal(columns.wall, 100.0 + np.arange(1000))
    assert series.last() == (999.0, 499.5, 1099.0)


def test_a_view_that_a_reader_holds_stays_whole_while_the_series_grows() -> None:
    series = Series("loss")
    series.extend(np.arange(5), np.arange(5) * 2, np.arange(5) * 3)
    held = series.columns()
    series.extend(np.arange(5, 3000), np.zeros(2995), np.zeros(2995))
    assert len(series.columns(4)) == 2996
    np.testing.assert_array_equal(held.value, [0, 2, 4, 6, 8])
    with pytest.raises(ValueError, match="read-only"):
        held.value[0] = 1


def test_columns_are_exact_beyond_float32_integers() -> None:
    series = Series("loss")
    series.append(2**24 + 1, 1.0, 0.0)
    assert series.columns().step[0] == 2**24 + 1


@given(VALUES, st.integers(1, 40))
def test_envelope_keeps_first_last_and_extremes_of_every_pixel_column(y: np.ndarray, buckets: int) -> None:
    x = np.cumsum(np.abs(np.nan_to_num(y)) % 3)
    keep = envelope(x, y, buckets)
    assert (np.diff(keep) > 0).all()
    assert len(keep) <= 4 * buckets + 2 or len(keep) == len(x) <= 4 * buckets
    if x[-1] > x[0]:
        edges = x[0] + (x[-1] - x[0]) * np.arange(buckets) / buckets
        column = np.searchsorted(edges, x, "right")
        for one in np.unique(column):
            rows = np.flatnonzero(column == one)
            kept = np.intersect1d(rows, keep)
            assert rows[0] in kept and rows[-1] in kept
            if np.isfinite(y[rows]).any():
                assert np.nanmin(y[kept]) == np.nanmin(y[rows])
                assert np.nanmax(y[kept]) == np.nanmax(y[rows])


def test_envelope_of_a_zoom_has_one_neighbour_on_either_side() -> None:
    x, y = np.arange(50.0), np.arange(50.0) ** 2
    assert envelope(x, y, 20, 9.5, 13.5).tolist() == [9, 10, 11, 12, 13, 14]


def test_envelope_of_nothing_and_of_one_place() -> None:
    assert envelope(np.zeros(0), np.zeros(0), 4).tolist() == []
    assert envelope(np.full(9, 7.0), np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 8]), 3).tolist() == [0, 1, 5, 8]


@given(VALUES, st.sampled_from([0.0, 1e-6, 0.3, 0.6, 0.9, 0.999]))
def test_ema_equals_the_recurrence(y: np.ndarray, weight: float) -> None:
    want = np.empty_like(y)
    state, seen = 0.0, 0
    for i, v in enumerate(y):
        if not np.isfinite(v):
            want[i] = v
            continue
        seen += 1
        state = weight * state + (1 - weight) * v
        want[i] = state / (1 - weight**seen)
    np.testing.assert_allclose(ema(y, weight), want, rtol=1e-7, atol=1e-6)


def test_ema_refuses_a_weight_that_never_forgets() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        ema(np.ones(3), 1.0)


@given(st.lists(st.integers(-3, 5), min_size=1, max_size=60))
def test_parts_cover_all_and_rise(steps: list[int]) -> None:
    step = np.cumsum(np.asarray(steps, float))
    found = parts(step)
    np.testing.assert_array_equal(np.concatenate([step[p] for p in found]), step)
    assert all((np.diff(step[p]) >= 0).all() for p in found)
    assert all(step[b.start] < step[b.start - 1] for b in found[1:])


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 12))
def test_linear_ticks_are_few_even_and_inside(low: float, size: float, most: int) -> None:
    high = low + size
    if high - low < 1e-9 * abs(low):  # closer than a tick could tell
        return
    ticks = linear_ticks(low, high, most)
    assert 1 <= len(ticks) <= most
    air = size * 1e-6
    assert all(low - air <= t <= high + air for t in ticks)
    if len(ticks) > 2:
        gaps = np.diff(ticks)
        assert np.allclose(gaps, gaps[0], rtol=1e-3)


@given(st.floats(1e-12, 1e3), st.floats(1.5, 1e12))
def test_log_ticks_are_inside(low: float, ratio: float) -> None:
    high = low * ratio
    ticks = log_ticks(low, high, 6)
    assert ticks and len(ticks) <= 12
    assert all(low * 0.999 <= t <= high * 1.001 for t in ticks)


def test_range_of_a_flat_curve_is_not_empty() -> None:
    for value, log in ((0.0, False), (5.0, False), (-2.0, False), (3.0, True)):
        low, high = padded_range(value, value, log)
        assert low < value < high


def test_numbers_read_back_close() -> None:
    for value in (0.1, 123.456, 1e-9, 98765.4321, 3e22, -0.00123):
        assert float(format_number(value)) == pytest.approx(value, rel=1e-4)
