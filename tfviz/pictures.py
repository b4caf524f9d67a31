"""Arrays as small coloured pictures: colour maps, a PNG writer, grids of filters; pure NumPy and standard library."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

__all__ = ["CLASSES", "blend", "data_uri", "diverging", "encode_png", "filter_grid"]

# Classes of points and regions; stay apart for colour-blind readers (Okabe & Ito 2008).
CLASSES = ("#2563eb", "#d9580b", "#0b8a5a", "#b83280", "#7a4fd0", "#0e7f96", "#8a6d1d", "#5b6470")
# Blue, white, orange: zero is white, and the two ends stay apart without red and green.
_ENDS = np.array([[30, 84, 183], [122, 166, 236], [247, 247, 247], [244, 163, 97], [184, 72, 6]], np.float64)


def diverging(values: np.ndarray, limit: float) -> np.ndarray:
    """Colours of numbers around zero: uint8[..., 3]; blue at -limit, white at 0, orange at limit; NaN is light grey.

    Example:
        >>> diverging(np.array([0.0, 1.0]), 1.0).tolist()
        [[247, 247, 247], [184, 72, 6]]
    """
    at = np.clip(np.nan_to_num(np.asarray(values, np.float64), nan=0.0) / (limit or 1.0), -1, 1) * 2 + 2
    low = np.minimum(at.astype(int), 3)
    part = (at - low)[..., None]
    colours = _ENDS[low] * (1 - part) + _ENDS[low + 1] * part
    colours = np.where(np.isnan(values)[..., None], 226, colours)
    return np.asarray(colours.round(), np.uint8)


def blend(parts: np.ndarray) -> np.ndarray:
    """Colours uint8[..., 3] of class probabilities float[..., k]: the sure ones full, the unsure ones pale."""
    palette = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASSES], np.float64)
    classes = palette[np.arange(parts.shape[-1]) % len(palette)]
    total = np.maximum(parts.sum(-1, keepdims=True), 1e-12)
    colour = (parts / total) @ classes
    return np.asarray((0.62 * colour + 0.38 * 255).round(), np.uint8)


def encode_png(pixels: np.ndarray) -> bytes:
    """A PNG of uint8[height, width, 3] (PNG specification, third edition: 8-bit RGB, no filter)."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, 3 * width)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def data_uri(pixels: np.ndarray) -> str:
    """The PNG as an address that an `<image>` can have."""
    return "data:image/png;base64," + base64.b64encode(encode_png(pixels)).decode()


def filter_grid(filters: np.ndarray, columns: int = 0) -> tuple[np.ndarray, int, int]:
    """Lay filters float[k, h, w] out as one array with a line of NaN between them.

    Returns:
        The array, its columns and rows of filters.

    Example:
        >>> filter_grid(np.ones((3, 2, 2)), 2)[0].shape
        (5, 5)
    """
    k, h, w = filters.shape
    columns = columns or int(np.ceil(np.sqrt(k * h / w)))
    columns = min(max(1, columns), k)
    rows = -(-k // columns)
    out = np.full((rows * (h + 1) - 1, columns * (w + 1) - 1), np.nan)
    for i in range(k):
        y, x = i // columns * (h + 1), i % columns * (w + 1)
        out[y : y + h, x : x + w] = filters[i]
    return out, columns, rows
