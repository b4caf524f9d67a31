"""Pooling against TensorFlow's answers (tests/golden/pool.npz) and against loops."""

from itertools import product
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from core.kernels import pool

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "pool.npz"))
CASES = {
    "plain": ((1, 2, 2, 1), (1, 2, 2, 1), "VALID"),
    "ragged": ((1, 2, 2, 1), (1, 2, 2, 1), "SAME"),
    "overlap": ((1, 3, 2, 1), (1, 2, 1, 1), "SAME"),
    "gaps": ((1, 2, 3, 1), (1, 3, 4, 1), "VALID"),
    "large": ((1, 5, 7, 1), (1, 2, 1, 1), "SAME"),
    "cube": ((1, 2, 3, 2, 1), (1, 2, 1, 3, 1), "SAME"),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_tensorflow(name):
    rest = CASES[name]
    x, dy, want = (GOLDEN[f"{name}/{k}"] for k in ("x", "dy", "max"))
    y = pool.max_pool(x, *rest)
    np.testing.assert_array_equal(y, want)
    assert pool.pool_shape(x.shape, *rest) == want.shape
    close = {"rtol": 1e-6, "atol": 1e-6}
    got = pool.max_pool_grad(x, y, dy, *rest, every=name == "cube")
    np.testing.assert_allclose(got, GOLDEN[f"{name}/max_grad"], **close)
    np.testing.assert_allclose(pool.avg_pool(x, *rest), GOLDEN[f"{name}/avg"], **close)
    if name != "large":  # TensorFlow's own sums do not add up where a window is cut on both sides
        got = pool.avg_pool_grad(x.shape, dy, *rest)
        np.testing.assert_allclose(got, GOLDEN[f"{name}/avg_grad"], **close)
    if name == "cube":
        return
    got = pool.max_pool_grad_grad(x, y, GOLDEN[f"{name}/ddx"], *rest)
    np.testing.assert_array_equal(got, GOLDEN[f"{name}/max_grad_grad"])
    for batch in (False, True):
        got, argmax = pool.max_pool_with_argmax(x, *rest, batch)
        np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(argmax, GOLDEN[f"{name}/argmax/{int(batch)}"])
        assert argmax.dtype == np.int64
        got = pool.max_pool_grad_with_argmax(x.shape, dy, argmax, batch)
        np.testing.assert_allclose(got, GOLDEN[f"{name}/max_grad"], **close)
        got = pool.max_pool_grad_grad_with_argmax(GOLDEN[f"{name}/ddx"], argmax, batch)
        np.testing.assert_array_equal(got, GOLDEN[f"{name}/max_grad_grad"])


def test_a_mean_cut_on_both_sides_has_the_right_gradient():
    rng = np.random.default_rng(3)
    x, rest = rng.standard_normal((2, 4, 5, 3)), CASES["large"]
    y = pool.avg_pool(x, *rest)
    dy = rng.standard_normal(y.shape)
    np.testing.assert_allclose((pool.avg_pool_grad(x.shape, dy, *rest) * x).sum(), (dy * y).sum(), rtol=1e-12)


@pytest.mark.parametrize("padding", ["SAME", "VALID", [(0, 0), (0, 0), (1, 2), (2, 0)]], ids=str)
def test_channels_first_and_explicit_padding_by_loops(padding):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 3, 7, 5))
    ksize, strides = (1, 1, 3, 3), (1, 1, 2, 1)
    windows = pool._Windows(x.shape, ksize, strides, padding)
    wide = np.pad(x, windows.pads, constant_values=np.nan)
    want_max, want_avg = np.empty(windows.out), np.empty(windows.out)
    for place in product(*map(range, windows.out)):
        cut = wide[tuple(slice(p * s, p * s + k) for p, s, k in zip(place, strides, ksize))]
        want_max[place], want_avg[place] = np.nanmax(cut), np.nanmean(cut)
    y = pool.max_pool(x, ksize, strides, padding)
    np.testing.assert_array_equal(y, want_max)
    np.testing.assert_allclose(pool.avg_pool(x, ksize, strides, padding), want_avg, rtol=1e-12)
    # Gradients by their definition: <dx, x'> = <dy, y'> along a direction.
    dy, direction = rng.standard_normal(y.shape), rng.standard_normal(x.shape) * 1e-7
    moved = pool.max_pool(x + direction, ksize, strides, padding) - y
    got = (pool.max_pool_grad(x, y, dy, ksize, strides, padding) * direction).sum()
    np.testing.assert_allclose(got, (dy * moved).sum(), rtol=1e-6)
    moved = pool.avg_pool(direction, ksize, strides, padding)
    got = (pool.avg_pool_grad(x.shape, dy, ksize, strides, padding) * direction).sum()
    np.testing.assert_allclose(got, (dy * moved).sum(), rtol=1e-12)
    if not isinstance(padding, str):
        flat = [number for pair in padding for number in pair]
        np.testing.assert_array_equal(pool.max_pool(x, ksize, strides, flat), y)


def test_pooling_over_channels_and_other_types():
    x = np.arange(2 * 3 * 5 * 6).reshape(2, 3, 5, 6)
    rest = ((1, 1, 1, 2), (1, 1, 1, 2), "VALID")
    np.testing.assert_array_equal(pool.max_pool(x, *rest), x[..., 1::2])
    assert pool.max_pool(x.astype(np.uint8), *rest).dtype == np.uint8
    for dtype in (np.float16, ml_dtypes.bfloat16):
        narrow = (x / 100).astype(dtype)
        y = pool.max_pool(narrow, *rest)
        assert y.dtype == dtype
        mean = pool.avg_pool(narrow, *rest)
        assert mean.dtype == dtype
        np.testing.assert_array_equal(mean, narrow.astype(np.float32).reshape(2, 3, 5, 3, 2).mean(4).astype(dtype))
        assert pool.avg_pool_grad(x.shape, mean, *rest).dtype == dtype
        assert pool.max_pool_grad(narrow, y, mean, *rest).dtype == dtype
    y, argmax = pool.max_pool_with_argmax(x, *rest, dtype=np.int32)
    assert argmax.dtype == np.int32
    np.testing.assert_array_equal(pool.max_pool_grad_with_argmax(x.shape, y, argmax).sum(), y.sum())


@pytest.mark.parametrize("name", ["plain", "ragged", "overlap"])
def test_results_go_where_they_are_told(name):
    rest = CASES[name]
    x, dy = GOLDEN[f"{name}/x"], GOLDEN[f"{name}/dy"]
    y = pool.max_pool(x, *rest)
    for function, arguments in (
        (pool.max_pool, (x, *rest)),
        (pool.avg_pool, (x, *rest)),
        (pool.max_pool_grad, (x, y, dy, *rest)),
        (pool.avg_pool_grad, (x.shape, dy, *rest)),
    ):
        want = function(*arguments)
        out = np.full(want.shape, 9, np.float32)
        assert function(*arguments, out=out) is out
        np.testing.assert_array_equal(out, want)


def test_a_window_of_one_copies():
    x = np.ones((2, 3, 4, 5), np.float32)
    ones = (1, 1, 1, 1)
    for function in (pool.max_pool, pool.avg_pool):
        y = function(x, ones, ones, "SAME")
        assert not np.shares_memory(x, y)
        np.testing.assert_array_equal(x, y)


def test_a_short_window_list_is_refused():
    with pytest.raises(ValueError, match="4 axes"):
        pool.max_pool(np.ones((2, 3, 4, 5)), (2, 2), (1, 1), "SAME")
