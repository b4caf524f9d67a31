"""Resizes, crops, suppressions and colours against TensorFlow's (tests/golden/image.npz)."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from core.kernels import boxes, image

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "image.npz"))
SIZES = [((5, 7), (8, 11)), ((8, 11), (5, 3)), ((6, 4), (1, 9)), ((1, 3), (4, 2)), ((9, 10), (3, 20))]
MODES = [(False, False), (True, False), (False, True)]
CLOSE = {"rtol": 1e-5, "atol": 2e-6}


@pytest.mark.parametrize("number", range(len(SIZES)))
@pytest.mark.parametrize("mode", range(len(MODES)))
def test_resizes_equal_tensorflow(number, mode):
    inner, outer = SIZES[number]
    x, g = GOLDEN[f"{number}/x"], GOLDEN[f"{number}/g"]
    flags = MODES[mode]
    for name in ("nearest", "bilinear", "bicubic"):
        want, want_grad = GOLDEN[f"{number}/{mode}/{name}"], GOLDEN[f"{number}/{mode}/{name}_grad"]
        got = getattr(image, f"resize_{name}")(x, outer, *flags)
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, **CLOSE)
        got = getattr(image, f"resize_{name}_grad")(g, inner, *flags)
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want_grad, **CLOSE)
    if mode < 2:
        np.testing.assert_allclose(image.resize_area(x, outer, flags[0]), GOLDEN[f"{number}/{mode}/area"], **CLOSE)


def test_other_types_and_what_is_refused():
    x = np.arange(2 * 3 * 5 * 2).reshape(2, 3, 5, 2)
    for dtype in (np.uint8, np.float16, ml_dtypes.bfloat16, np.float64):
        assert image.resize_nearest(x.astype(dtype), (4, 7)).dtype == dtype
        assert image.resize_nearest_grad(x.astype(dtype), (4, 7)).dtype == dtype
        for function in (image.resize_bilinear, image.resize_bicubic, image.resize_area):
            got = function(x.astype(dtype), (4, 7))
            assert got.dtype == np.float32
            np.testing.assert_array_equal(got, function(x.astype(np.float32), (4, 7)))
    grads = np.ones((2, 3, 5, 2), np.float32)
    assert image.resize_bilinear_grad(grads, (4, 7), dtype=np.float64).dtype == np.float64
    assert image.resize_bicubic_grad(grads, (4, 7), dtype=np.float64).dtype == np.float64
    for function in (image.resize_nearest, image.resize_bilinear, image.resize_bicubic):
        with pytest.raises(ValueError, match="align_corners must be False"):
            function(x, (4, 7), True, True)
    with pytest.raises(ValueError, match="4-dimensional"):
        image.resize_area(x[0], (4, 7))
    with pytest.raises(ValueError, match="positive"):
        image.resize_area(x, (0, 7))
    with pytest.raises(ValueError, match="non-zero"):
        image.resize_area(x[:, :0], (3, 7))


@pytest.mark.parametrize("size", [(4, 5), (1, 3)])
@pytest.mark.parametrize("method", ["bilinear", "nearest"])
def test_crops_equal_tensorflow(size, method):
    pixels, where, which = (GOLDEN[f"crop/{k}"] for k in ("image", "boxes", "which"))
    key = f"crop/{size[0]}/{method}"
    got = image.crop_and_resize(pixels, where, which, size, method, 7.0)
    np.testing.assert_allclose(got, GOLDEN[key], **CLOSE)
    assert (got == 7).any()
    grads = GOLDEN[f"{key}/grads"]
    got = image.crop_and_resize_grad_image(grads, where, which, pixels.shape, method)
    np.testing.assert_allclose(got, GOLDEN[f"{key}/image"], **CLOSE)
    if method == "bilinear":
        got = image.crop_and_resize_grad_boxes(grads, pixels, where, which)
        np.testing.assert_allclose(got, GOLDEN[f"crop/{size[0]}/boxes"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("number", range(5))
def test_suppression_equals_tensorflow(number):
    limit, overlap, floor, sigma = [
        (10, 0.5, -np.inf, 0.0),
        (30, 0.2, 0.3, 0.0),
        (40, 0.9, -np.inf, 0.0),
        (12, 0.6, 0.05, 0.5),
        (25, 1.0, 0.2, 0.3),
    ][number]
    got, scores = boxes.non_max_suppression(GOLDEN["nms/boxes"], GOLDEN["nms/scores"], limit, overlap, floor, sigma)
    np.testing.assert_array_equal(got, GOLDEN[f"nms/{number}/indices"])
    np.testing.assert_allclose(scores, GOLDEN[f"nms/{number}/scores"], rtol=1e-6)
    assert got.dtype == np.int32


def test_suppression_with_overlaps_equals_tensorflow():
    scores = GOLDEN["nms/scores"][10:21]
    got = boxes.non_max_suppression_with_overlaps(GOLDEN["nms/overlaps"], scores, 6, 0.7, 0.1)
    np.testing.assert_array_equal(got, GOLDEN["nms/with_overlaps"])


def test_colours_equal_tensorflow():
    np.testing.assert_allclose(image.rgb_to_hsv(GOLDEN["colours"]), GOLDEN["hsv"], **CLOSE)
    np.testing.assert_allclose(image.hsv_to_rgb(GOLDEN["colours"]), GOLDEN["rgb"], **CLOSE)
    for dtype in (np.float16, np.float64):
        there = image.rgb_to_hsv(GOLDEN["colours"].astype(dtype))
        assert there.dtype == dtype
        np.testing.assert_allclose(image.hsv_to_rgb(there), GOLDEN["colours"], atol=3e-3)
