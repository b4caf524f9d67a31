"""Histograms, PNG and WAV files: edges that TensorFlow's golden answers (tests/proto) do not reach."""

from __future__ import annotations

import io
import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.kernels.histogram import default_bucket_limits, histogram
from core.kernels.png import encode_png, normalize_image
from core.kernels.wav import encode_wav

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 60), elements=FINITE))
def test_every_value_lies_in_its_bucket(values: np.ndarray[Any, Any]) -> None:
    found = histogram(values)
    assert found.num == values.size == found.bucket.sum()
    assert (found.min, found.max) == (values.min(), values.max())
    upper = found.bucket_limit
    assert (np.diff(upper) > 0).all() and upper[-1] == sys.float_info.max
    for limit, count_up_to in zip(upper[:-1], np.cumsum(found.bucket)):
        assert (values < limit).sum() == count_up_to
    assert not ((found.bucket[:-1] == 0) & (found.bucket[1:] == 0)).any()


def test_limits_are_symmetric_and_read_only() -> None:
    limits = default_bucket_limits()
    np.testing.assert_array_equal(limits, -limits[::-1])
    assert limits.size % 2 and limits[limits.size // 2] == 0
    assert math.isclose(limits[limits.size // 2 + 2], 1.1e-12)
    with pytest.raises(ValueError, match="read-only"):
        limits[0] = 1


def test_histogram_of_the_largest_and_of_no_values() -> None:
    found = histogram([sys.float_info.max, -sys.float_info.max, 1e200])
    assert found.sum_squares == math.inf and found.bucket.tolist() == [0, 1, 0, 2]
    empty = histogram(np.zeros((0, 3)))
    assert (empty.num, empty.min, empty.max) == (0, sys.float_info.max, -sys.float_info.max)
    assert empty.bucket.tolist() == [0] and empty.bucket_limit.tolist() == [sys.float_info.max]


def test_histogram_leaves_its_input_alone() -> None:
    values = np.array([3.0, -1.0, 2.0])
    histogram(values)
    assert values.tolist() == [3, -1, 2]


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 9), st.integers(1, 7), st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans())
def test_png_pixels_come_back(height: int, width: int, channels: int, seed: int, smooth: bool) -> None:
    image_module = pytest.importorskip("PIL.Image", reason="Pillow reads the PNG files back")
    image = np.random.RandomState(seed).randint(0, 256, (height, width, channels)).astype(np.uint8)
    if smooth:  # so that every filter is chosen now and then
        image = np.cumsum(np.cumsum(image % 3, axis=0), axis=1).astype(np.uint8)
    with image_module.open(io.BytesIO(encode_png(image))) as opened:
        assert opened.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        np.testing.assert_array_equal(np.asarray(opened).reshape(image.shape), image)


def test_png_of_sixteen_bits() -> None:
    image_module = pytest.importorskip("PIL.Image", reason="Pillow reads the PNG files back")
    image = np.arange(12, dtype=np.uint16).reshape(3, 4, 1) * 5000
    with image_module.open(io.BytesIO(encode_png(image))) as opened:
        np.testing.assert_array_equal(np.asarray(opened)[..., None], image)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 3), np.uint8),
        np.zeros((2, 3, 5), np.uint8),
        np.zeros((2, 3, 1), np.float32),
        np.zeros((0, 3, 1), np.uint8),
    ],
)
def test_png_refuses_what_is_no_image(image: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ValueError, match="PNG"):
        encode_png(image)


def test_filters_make_a_smooth_image_small() -> None:
    ramp = (np.add.outer(np.arange(200), np.arange(300)) // 3 % 256).astype(np.uint8)[..., None]
    assert len(encode_png(ramp)) < ramp.size / 50


def test_empty_images_and_short_colours() -> None:
    assert normalize_image(np.zeros((0, 3, 1))).shape == (0, 3, 1)
    with pytest.raises(ValueError, match=r"bad_color\.size = 2"):
        normalize_image(np.zeros((2, 5, 3)), [1, 2])


@pytest.mark.parametrize(
    ("samples", "rate", "text"),
    [
        (np.zeros((2, 3)), 1 << 32, "sample_rate"),
        (np.zeros((2, 3)), 0, "sample_rate"),
        (np.zeros((2, 0)), 100, "num_channels"),
        (np.zeros((0, 3)), 100, "num_frames"),
    ],
)
def test_wav_refuses_what_is_no_sound(samples: np.ndarray[Any, Any], rate: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        encode_wav(samples, rate)


def test_wav_rounds_and_clips() -> None:
    samples = np.array([1.0, -1.0, 2.0, 1.5 / 32768, -2.5 / 32768, 0.4 / 32768, np.nan], np.float32)
    assert np.frombuffer(encode_wav(samples, 10)[44:], "<i2").tolist() == [32767, -32768, 32767, 2, -3, 0, 0]
