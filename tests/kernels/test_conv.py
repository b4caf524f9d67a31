"""Convolutions against sums written out element by element, in every stride, dilation, padding and algorithm."""

from itertools import product

import ml_dtypes
import numpy as np
import pytest

from core.kernels import conv as conv_module
from core.kernels.conv import Conv2D, _Correlation, choose, conv2d, conv2d_filter_grad, conv2d_input_grad
from core.kernels.conv_nd import (
    conv_nd,
    conv_nd_filter_grad,
    conv_nd_input_grad,
    depthwise_conv2d,
    depthwise_conv2d_filter_grad,
    depthwise_conv2d_input_grad,
)
from core.kernels.threads import parallel
from core.kernels.windows import window_pads
from core.kernels.winograd import Winograd, matrices


def reference(x, w, dy, strides, pads, dilations):
    """Output and both gradients, in float64 sums over single windows; channels last, any number of dimensions."""
    rank = len(strides)
    wide = [s + sum(p) for s, p in zip(x.shape[1:-1], pads)]
    padded = np.zeros((x.shape[0], *wide, x.shape[-1]))
    inside = (slice(None), *(slice(p[0], p[0] + s) for p, s in zip(pads, x.shape[1:-1])))
    padded[inside] = x
    sizes = [(n - (k - 1) * d - 1) // s + 1 for n, k, d, s in zip(wide, w.shape[:rank], dilations, strides)]
    out = np.zeros((x.shape[0], *sizes, w.shape[-1]))
    dx, dw = np.zeros_like(padded), np.zeros(w.shape)
    for place in product(*map(range, sizes)):
        for tap in product(*map(range, w.shape[:rank])):
            at = (slice(None), *(p * s + t * d for p, s, t, d in zip(place, strides, tap, dilations)))
            here = (slice(None), *place)
            out[here] += padded[at] @ w[tap]
            if dy is not None:
                dx[at] += dy[here] @ w[tap].T
                dw[tap] += padded[at].T @ dy[here]
    return out, dx[inside], dw


def draw(rng, *shape):
    return rng.standard_normal(shape)


CASES = [
    # x (N H W C), filter (kh kw C O), strides, padding, dilations
    ((2, 7, 9, 3), (3, 5, 3, 4), (1, 1), "SAME", (1, 1)),
    ((2, 7, 9, 3), (2, 4, 3, 5), (1, 1), "SAME", (1, 1)),
    ((2, 8, 11, 3), (3, 2, 3, 4), (1, 1), "VALID", (1, 1)),
    ((3, 9, 7, 2), (3, 4, 2, 5), (2, 3), "SAME", (1, 1)),
    ((3, 9, 12, 2), (3, 4, 2, 5), (3, 2), "VALID", (1, 1)),
    ((2, 11, 13, 3), (3, 2, 3, 4), (1, 1), "SAME", (2, 3)),
    ((2, 11, 13, 3), (3, 2, 3, 4), (1, 1), "VALID", (3, 2)),
    ((2, 11, 13, 3), (4, 3, 3, 5), (2, 3), "SAME", (3, 2)),
    ((2, 14, 13, 3), (4, 3, 3, 5), (4, 2), "VALID", (2, 3)),
    ((2, 11, 13, 3), (1, 1, 3, 5), (1, 1), "SAME", (1, 1)),
    ((2, 11, 13, 3), (1, 1, 3, 5), (3, 2), "VALID", (1, 1)),
    ((2, 6, 7, 3), (2, 3, 3, 4), (1, 1), [(2, 0), (1, 3)], (1, 1)),
    ((2, 6, 7, 3), (2, 3, 3, 4), (3, 2), [(0, 4), (5, 1)], (1, 1)),
    ((2, 3, 2, 4), (5, 5, 4, 3), (1, 1), "SAME", (1, 1)),
    ((2, 5, 8, 3), (2, 2, 3, 4), (5, 3), "VALID", (1, 1)),
    ((9, 11, 10, 8), (3, 3, 8, 17), (1, 1), "SAME", (1, 1)),
    ((7, 13, 12, 9), (5, 5, 9, 16), (1, 1), "SAME", (1, 1)),
    ((7, 13, 14, 9), (5, 5, 9, 16), (1, 1), "VALID", (1, 1)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
def test_conv2d_and_gradients_are_the_plain_sums(case, data_format):
    x_shape, w_shape, strides, padding, dilations = case
    rng = np.random.default_rng(sum(x_shape))
    pads = window_pads(x_shape[1:3], w_shape[:2], strides, dilations, padding)
    x, w = draw(rng, *x_shape), draw(rng, *w_shape)
    out_shape = reference(x, w, None, strides, pads, dilations)[0].shape
    dy = draw(rng, *out_shape)
    want, want_dx, want_dw = reference(x, w, dy, strides, pads, dilations)
    if data_format == "NCHW":
        x, dy, want, want_dx = (a.transpose(0, 3, 1, 2) for a in (x, dy, want, want_dx))
    for dtype, tight in ((np.float64, 1e-12), (np.float32, 3e-5)):
        a, b, c = (v.astype(dtype) for v in (x, w, dy))
        plan = Conv2D(x.shape, w_shape, strides, padding, dilations, data_format, dtype)
        assert plan.out_shape == want.shape
        for _ in range(2):  # scratch memory is used again
            for got, good in (
                (plan.forward(a, b), want),
                (plan.input_grad(b, c), want_dx),
                (plan.filter_grad(a, c), want_dw),
            ):
                assert got.dtype == dtype
                assert got.shape == good.shape
                assert np.abs(got - good).max() <= tight * np.abs(good).max()
        filled = np.full(want.shape, 7, dtype)
        assert plan.forward(a, b, filled) is filled
        np.testing.assert_array_equal(filled, plan.forward(a, b))
        filled = np.full(x.shape, 7, dtype)
        assert plan.input_grad(b, c, filled) is filled
        np.testing.assert_array_equal(filled, plan.input_grad(b, c))


@pytest.mark.parametrize("r", [3, 5])
@pytest.mark.parametrize("before", [(0, 0), (2, 1), (-1, 3)])
@pytest.mark.parametrize("workers", [1, 2])
def test_winograd_is_the_plain_sum(r, before, workers, monkeypatch):
    monkeypatch.setattr("core.kernels.winograd._GROUP_BYTES", 200_000)
    rng = np.random.default_rng(r)
    a_shape, out_hw, o = (5, 10, 11, 3), (9, 6), 4
    a, w = draw(rng, *a_shape), draw(rng, r, r, 3, o)
    dy = draw(rng, 5, *out_hw, o)
    room = np.zeros((5, 40, 40, 3))
    room[:, 10:20, 10:21] = a
    cut = room[:, 10 - before[0] : 10 - before[0] + out_hw[0] + r - 1, 10 - before[1] :]
    cut = cut[:, :, : out_hw[1] + r - 1]
    want, _, want_dw = reference(cut, w, dy, (1, 1), [(0, 0)] * 2, (1, 1))
    plan = Winograd(a_shape, out_hw, before, r, o, workers)
    out = np.empty(want.shape, np.float32)
    plan.forward(a.astype(np.float32), plan.evaluate_filter(w.astype(np.float32)), out)
    assert np.abs(out - want).max() < 2e-5 * np.abs(want).max()
    dw = plan.filter_grad(a.astype(np.float32), dy.astype(np.float32))
    assert np.abs(dw - want_dw).max() < 2e-5 * np.abs(want_dw).max()


def test_winograd_matrices_are_exact_in_double():
    rng = np.random.default_rng(1)
    for m, r in ((4, 3), (3, 4), (4, 5), (5, 4), (2, 3)):
        a, g, b = matrices(m, r)
        d, f = draw(rng, m + r - 1), draw(rng, r)
        np.testing.assert_allclose(a @ ((g @ f) * (b @ d)), np.correlate(d, f, "valid"), rtol=1e-10, atol=1e-12)


def test_the_chooser_knows_its_algorithms():
    assert choose((64, 14, 14, 32), (14, 14), (5, 5), 64, True, np.float32) == "winograd"
    assert choose((64, 28, 28, 64), (28, 28), (3, 3), 48, True, np.float32) == "winograd"
    assert choose((64, 28, 28, 1), (28, 28), (5, 5), 32, True, np.float32) == "im2col"
    assert choose((64, 14, 14, 32), (14, 14), (5, 5), 64, True, np.float64) == "im2col"
    assert choose((64, 14, 14, 32), (7, 7), (5, 5), 64, False, np.float32) == "im2col"
    assert choose((64, 14, 14, 32), (14, 14), (1, 1), 64, True, np.float32) == "gemm"


def test_many_groups_of_images_and_threads_give_the_same(monkeypatch):
    rng = np.random.default_rng(3)
    x, w = draw(rng, 7, 6, 5, 3), draw(rng, 3, 2, 3, 4)
    want = conv2d(x, w)
    want_dw = conv2d_filter_grad(x, w.shape, want)
    want_dx = conv2d_input_grad(x.shape, w, want)
    monkeypatch.setattr(conv_module, "_COLUMN_BYTES", 10_000)
    monkeypatch.setattr(conv_module, "_THREADED_FLOPS", 0)
    monkeypatch.setattr(conv_module, "cores", lambda: 3)
    np.testing.assert_allclose(conv2d(x, w), want, rtol=1e-12)
    np.testing.assert_allclose(conv2d_filter_grad(x, w.shape, want), want_dw, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(conv2d_input_grad(x.shape, w, want), want_dx, rtol=1e-11, atol=1e-12)


def test_groups_of_channels():
    rng = np.random.default_rng(4)
    x, w = draw(rng, 2, 5, 7, 6), draw(rng, 3, 2, 3, 8)
    pads = window_pads((5, 7), (3, 2), (2, 1), (1, 1), "SAME")
    parts = [(x[..., 3 * g : 3 * g + 3], w[..., 4 * g : 4 * g + 4]) for g in (0, 1)]
    dy = draw(rng, 2, 3, 7, 8)
    wants = [reference(a, b, dy[..., 4 * g : 4 * g + 4], (2, 1), pads, (1, 1)) for g, (a, b) in enumerate(parts)]
    np.testing.assert_allclose(conv2d(x, w, (2, 1)), np.concatenate([t[0] for t in wants], 3), atol=1e-12)
    got = conv2d_input_grad(x.shape, w, dy, (2, 1))
    np.testing.assert_allclose(got, np.concatenate([t[1] for t in wants], 3), atol=1e-12)
    got = conv2d_filter_grad(x, w.shape, dy, (2, 1))
    np.testing.assert_allclose(got, np.concatenate([t[2] for t in wants], 3), atol=1e-12)


def test_narrow_floats_whole_numbers_and_empty_arrays():
    rng = np.random.default_rng(6)
    x, w = draw(rng, 2, 6, 5, 3), draw(rng, 3, 3, 3, 4)
    for dtype, tight in ((np.float16, 2e-3), (ml_dtypes.bfloat16, 2e-2)):
        got = conv2d(x.astype(dtype), w.astype(dtype))
        assert got.dtype == dtype
        want = conv2d(x.astype(dtype).astype(float), w.astype(dtype).astype(float))
        assert np.abs(got.astype(float) - want).max() < tight * np.abs(want).max()
        assert conv2d_input_grad(x.shape, w.astype(dtype), got).dtype == dtype
        assert conv2d_filter_grad(x.astype(dtype), w.shape, got).dtype == dtype
    whole = (x * 10).astype(np.int32), (w * 10).astype(np.int32)
    np.testing.assert_array_equal(conv2d(*whole), conv2d(*(a.astype(float) for a in whole)))
    assert conv2d(x[:0], w).shape == (0, 6, 5, 4)
    assert not conv2d_filter_grad(x[:0], w.shape, np.zeros((0, 6, 5, 4))).any()
    assert conv2d(x[:, :2], w, padding="VALID").shape == (2, 0, 3, 4)
    got = conv2d_input_grad((2, 2, 5, 3), w, np.zeros((2, 0, 3, 4)), padding="VALID")
    assert got.shape == (2, 2, 5, 3)
    assert not got.any()


def test_what_is_refused():
    with pytest.raises(ValueError, match="channels"):
        Conv2D((2, 5, 7, 3), (3, 3, 2, 4))
    with pytest.raises(ValueError, match="data_format"):
        Conv2D((2, 5, 7, 3), (3, 3, 3, 4), data_format="HWCN")
    with pytest.raises(ValueError, match="SAME"):
        Conv2D((2, 5, 7, 3), (3, 3, 3, 4), padding="FULL")


def test_explicit_padding_as_eight_numbers():
    rng = np.random.default_rng(8)
    x, w = draw(rng, 2, 6, 5, 3), draw(rng, 3, 2, 3, 4)
    want = conv2d(x, w, padding=[(1, 2), (3, 0)])
    np.testing.assert_array_equal(conv2d(x, w, padding=[0, 0, 1, 2, 3, 0, 0, 0]), want)
    got = conv2d(x.transpose(0, 3, 1, 2), w, padding=[0, 0, 0, 0, 1, 2, 3, 0], data_format="NCHW")
    np.testing.assert_array_equal(got, want.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("algorithm", ["im2col", "winograd"])
def test_algorithms_agree(algorithm):
    rng = np.random.default_rng(9)
    a, w = draw(rng, 3, 9, 10, 4).astype(np.float32), draw(rng, 5, 5, 4, 6).astype(np.float32)
    out = np.empty((3, 9, 10, 6), np.float32)
    plan = _Correlation(a.shape, (5, 5), 6, (9, 10), (2, 2), (1, 1), (1, 1), np.dtype(np.float32), algorithm)
    plan.forward(a, w, out)
    want = conv2d(a.astype(float), w.astype(float))
    assert np.abs(out - want).max() < 2e-5 * np.abs(want).max()


@pytest.mark.parametrize("data_format", [None, "first"])
@pytest.mark.parametrize(
    "case",
    [
        ((2, 13, 3), (4, 3, 5), (2,), "SAME", (1,)),
        ((2, 13, 3), (4, 3, 5), (1,), "VALID", (3,)),
        ((2, 5, 7, 6, 3), (3, 2, 4, 3, 5), (1, 2, 3), "SAME", (1, 1, 1)),
        ((2, 5, 8, 6, 3), (2, 3, 1, 3, 4), (1, 1, 1), "VALID", (2, 3, 1)),
        ((2, 5, 8, 3), (2, 3, 3, 4), (2, 1), [(1, 3), (0, 2)], (1, 2)),
    ],
    ids=str,
)
def test_conv_nd(case, data_format):
    x_shape, w_shape, strides, padding, dilations = case
    rank = len(strides)
    rng = np.random.default_rng(rank)
    pads = window_pads(x_shape[1:-1], w_shape[:rank], strides, dilations, padding)
    x, w = draw(rng, *x_shape), draw(rng, *w_shape)
    dy = draw(rng, *reference(x, w, None, strides, pads, dilations)[0].shape)
    want, want_dx, want_dw = reference(x, w, dy, strides, pads, dilations)
    if data_format:
        data_format = {1: "NCW", 2: "NCHW", 3: "NCDHW"}[rank]
        x, dy, want, want_dx = (np.moveaxis(a, -1, 1) for a in (x, dy, want, want_dx))
    rest = (strides, padding, dilations, data_format)
    np.testing.assert_allclose(conv_nd(x, w, *rest), want, atol=1e-11)
    np.testing.assert_allclose(conv_nd_input_grad(x.shape, w, dy, *rest), want_dx, atol=1e-11)
    np.testing.assert_allclose(conv_nd_filter_grad(x, w_shape, dy, *rest), want_dw, atol=1e-11)


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize(
    "rest", [((1, 1), "SAME", (1, 1)), ((2, 2), "VALID", (1, 1)), ((1, 1), "SAME", (2, 3))], ids=str
)
def test_depthwise_is_one_convolution_a_channel(data_format, multiplier, rest):
    rng = np.random.default_rng(multiplier)
    strides, padding, dilations = rest
    x, w = draw(rng, 4, 9, 10, 3), draw(rng, 3, 2, 3, multiplier)
    pads = window_pads((9, 10), (3, 2), strides, dilations, padding)
    outs = [reference(x[..., c : c + 1], w[:, :, c : c + 1], None, strides, pads, dilations)[0] for c in range(3)]
    want = np.concatenate(outs, 3)
    dy = draw(rng, *want.shape)
    parts = [
        reference(
            x[..., c : c + 1],
            w[:, :, c : c + 1],
            dy[..., c * multiplier : (c + 1) * multiplier],
            strides,
            pads,
            dilations,
        )
        for c in range(3)
    ]
    want_dx, want_dw = np.concatenate([p[1] for p in parts], 3), np.concatenate([p[2] for p in parts], 2)
    if data_format == "NCHW":
        x, dy, want, want_dx = (a.transpose(0, 3, 1, 2) for a in (x, dy, want, want_dx))
    rest = (*rest, data_format)
    np.testing.assert_allclose(depthwise_conv2d(x, w, *rest), want, atol=1e-12)
    np.testing.assert_allclose(depthwise_conv2d_input_grad(x.shape, w, dy, *rest), want_dx, atol=1e-12)
    np.testing.assert_allclose(depthwise_conv2d_filter_grad(x, w.shape, dy, *rest), want_dw, atol=1e-12)


def test_an_error_in_a_worker_is_raised():
    done = []

    def fail():
        raise RuntimeError("in the worker")

    with pytest.raises(RuntimeError, match="in the worker"):
        parallel([lambda: done.append(1), fail])
    parallel([lambda: done.append(2), lambda: done.append(3)])
    assert sorted(done) == [1, 2, 3]
