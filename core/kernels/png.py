"""PNG files from arrays, and the scaling that image summaries do to floats. Imports NumPy and zlib only."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["encode_png", "normalize_image"]

Array = np.ndarray[Any, Any]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels -> grey, grey + alpha, RGB, RGBA
_NONE, _SUB, _UP, _PAETH = 0, 1, 2, 4
_ZERO_THRESHOLD = 1e-6  # images whose largest value is below this are black
_WHOLE_RANGE, _HALF_RANGE, _MIDDLE = 255.0, 127.0, 128.0


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))))


def _paeth(left: Array, up: Array, corner: Array) -> Array:
    """The neighbour nearest to left + up - corner, ties in this order (PNG specification, 9.4)."""
    a, b, c = (x.astype(np.int16) for x in (left, up, corner))
    to_left, to_up, to_corner = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    nearest = np.where(to_up <= to_corner, up, corner)
    return np.where((to_left <= to_up) & (to_left <= to_corner), left, nearest)


def _filtered(rows: Array, step: int) -> Array:
    """Each row after the filter that leaves the smallest numbers, with the filter's number in front.

    Args:
      rows: [height, width * step] uint8.
      step: Bytes a pixel.
    """
    left = np.zeros_like(rows)
    left[:, step:] = rows[:, :-step]
    up = np.zeros_like(rows)
    up[1:] = rows[:-1]
    corner = np.zeros_like(rows)
    corner[1:, step:] = rows[:-1, :-step]
    candidates = np.stack([rows, rows - left, rows - up, rows - _paeth(left, up, corner)])
    # The usual heuristic: the least sum of absolute values, bytes read as signed.
    costs = np.abs(candidates.view(np.int8).astype(np.int32)).sum(axis=2)
    best = costs.argmin(axis=0)
    result = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    result[:, 0] = np.array([_NONE, _SUB, _UP, _PAETH], np.uint8)[best]
    result[:, 1:] = candidates[best, np.arange(rows.shape[0])]
    return result


def encode_png(image: Any, compression: int = -1) -> bytes:
    """Returns an image as a PNG file.

    Args:
      image: [height, width, channels] uint8 or uint16; 1 to 4 channels: grey, grey + alpha, RGB, RGBA.
      compression: 0 to 9, -1 for zlib's default.

    Raises:
      ValueError: if the array is no such image.

    Example:
      >>> from core.kernels.png import encode_png
      >>> encode_png(np.zeros((2, 3, 1), np.uint8))[:8]
      b'\\x89PNG\\r\\n\\x1a\\n'
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] not in _COLOR_TYPES or image.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"A PNG needs uint8 or uint16 [height, width, 1 to 4 channels], got {list(image.shape)} of {image.dtype}."
        )
    height, width, channels = image.shape
    if not height or not width:
        raise ValueError(f"A PNG can't be empty, got {list(image.shape)}.")
    rows = np.ascontiguousarray(image, ">u2" if image.dtype.itemsize == 2 else np.uint8)
    data = _filtered(rows.view(np.uint8).reshape(height, -1), channels * image.dtype.itemsize)
    header = struct.pack(">IIBBBBB", width, height, 8 * image.dtype.itemsize, _COLOR_TYPES[channels], 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(data.tobytes(), compression)),
            _chunk(b"IEND", b""),
        )
    )


def normalize_image(image: Any, bad_color: Sequence[int] | Array = (255, 0, 0, 255)) -> Array:
    """Scales one float image to bytes as TensorFlow's image summary does.

    Without negative values the largest becomes 255. With negative values 0 becomes 128 and the largest magnitude is 127
    away from it. Pixels with a value that is not finite get `bad_color`.

    Args:
      image: [height, width, channels] half, float or double.
      bad_color: uint8 [at least channels].

    Returns:
      [height, width, channels] uint8.

    Raises:
      ValueError: if `bad_color` has fewer channels than the image.

    Example:
      >>> from core.kernels.png import normalize_image
      >>> normalize_image(np.array([[[0.0], [0.5]], [[2.0], [np.nan]]]), [7]).tolist()
      [[[0], [63]], [[255], [7]]]
    """
    image = np.asarray(image)
    color = np.asarray(bad_color, np.uint8)
    channels = image.shape[-1]
    if color.ndim != 1 or color.size < channels:
        raise ValueError(f"expected depth <= bad_color.size, got depth = {channels}, bad_color.size = {color.size}")
    if not image.size:
        return np.zeros(image.shape, np.uint8)
    good = np.isfinite(image).all(axis=-1)
    finite = image if good.all() else image[good]
    least = np.float32(finite.min()) if finite.size else np.float32(np.inf)
    greatest = np.float32(finite.max()) if finite.size else np.float32(-np.inf)
    if least < 0:
        extent, wanted, offset = max(abs(least), greatest), _HALF_RANGE, _MIDDLE
    else:
        extent, wanted, offset = greatest, _WHOLE_RANGE, 0.0
    # As TensorFlow: the factor is rounded to float, then to the image's type, in which the arithmetic is done.
    scale = image.dtype.type(0 if extent < np.float32(_ZERO_THRESHOLD) else np.float32(wanted) / extent)
    with np.errstate(invalid="ignore"):  # pixels that are not finite get their colour below
        scaled = np.where(good[..., None], image, image.dtype.type(0)) * scale + image.dtype.type(offset)
    result = scaled.astype(np.uint8)
    result[~good] = color[:channels]
    return result
