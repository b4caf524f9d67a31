"""Choosing by bits gives what `np.where` gives."""

from __future__ import annotations

import numpy as np
import pytest

from core.kernels.blend import choose


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "u2", "i4", "i8", "c8", "c16", "?", "O"])
@pytest.mark.parametrize("shape", [(), (3,), (70, 81), (0, 5)])
def test_choose_equals_where(kind: str, shape: tuple[int, ...]) -> None:
    random = np.random.RandomState(5)
    mask = np.asarray(random.rand(*shape) > 0.5)
    x, y = (np.asarray(random.randint(0, 2 if kind == "?" else 90, shape)).astype(kind) for _ in range(2))
    got = choose(mask, x, y)
    assert got.dtype == x.dtype and np.array_equal(got, np.where(mask, x, y))


def test_special_floats_come_through_bit_by_bit() -> None:
    x = np.full((80, 90), -0.0, np.float32)
    y = np.full((80, 90), np.nan, np.float32)
    mask = np.arange(7200).reshape(80, 90) % 3 == 0
    assert np.array_equal(choose(mask, x, y).view("i4"), np.where(mask, x, y).view("i4"))


def test_views_and_broadcasting() -> None:
    x = np.arange(2 * 90 * 80, dtype=np.float32).reshape(2, 90, 80)[1].T
    mask = (np.arange(80 * 90) % 7 < 3).reshape(90, 80).T
    assert np.array_equal(choose(mask, x, -x), np.where(mask, x, -x))
    assert np.array_equal(choose(mask[:, :1], x, -x), np.where(mask[:, :1], x, -x))
