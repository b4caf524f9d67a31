"""Digits that look handwritten, made by the package itself.

Strokes with random slant, thickness, shift and noise. For a machine that has no MNIST files and no way to them; the
same arguments give the same digits everywhere. Imports NumPy only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

__all__ = ["SIZE", "draw_digits"]

SIZE: Final = 28
_BATCH: Final = 200  # digits drawn at once: their distances to all strokes fit into the processor's cache
_BOX: Final = 20.0  # a digit's height in pixels before it is deformed, as in MNIST

Array = np.ndarray[Any, Any]
Stroke = Sequence[tuple[float, float]]


def _arc(x: float, y: float, rx: float, ry: float, begin: float, end: float, parts: int = 7) -> Stroke:
    """Points on an ellipse about (x, y); angles in degrees, 0 to the right, growing clockwise as y grows downward."""
    angles = [math.radians(begin + (end - begin) * k / parts) for k in range(parts + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


# Ways to write each digit: strokes in a box from (0, 0), top left, to (1, 1).
_STYLES: Final[dict[int, list[list[Stroke]]]] = {
    0: [[_arc(0.5, 0.5, 0.38, 0.5, -100, 262, 12)], [_arc(0.5, 0.5, 0.28, 0.5, -60, 300, 12)]],
    1: [[[(0.5, 0.0), (0.5, 1.0)]], [[(0.3, 0.22), (0.52, 0.0), (0.52, 1.0)]]],
    2: [
        [[*_arc(0.5, 0.28, 0.34, 0.28, -165, 30), (0.12, 1.0), (0.9, 0.97)]],
        [[*_arc(0.5, 0.28, 0.33, 0.28, -150, 45), (0.2, 0.93),
          *_arc(0.22, 0.85, 0.12, 0.12, 120, 290, 4), (0.92, 1.0)]],
    ],
    3: [
        [[*_arc(0.45, 0.26, 0.34, 0.26, -150, 90), *_arc(0.45, 0.75, 0.4, 0.26, -90, 150)]],
        [[(0.12, 0.03), (0.82, 0.03), (0.45, 0.42), *_arc(0.45, 0.71, 0.38, 0.29, -80, 150)]],
    ],
    4: [
        [[(0.2, 0.05), (0.12, 0.55), (0.88, 0.52)], [(0.72, 0.02), (0.68, 1.0)]],
        [[(0.66, 0.0), (0.08, 0.66), (0.95, 0.64)], [(0.66, 0.0), (0.64, 1.0)]],
    ],
    5: [
        [[(0.85, 0.03), (0.25, 0.05), (0.18, 0.45), *_arc(0.44, 0.69, 0.38, 0.31, -125, 140)]],
        [[(0.3, 0.05), (0.22, 0.46), *_arc(0.45, 0.7, 0.36, 0.3, -115, 150)], [(0.3, 0.05), (0.92, 0.02)]],
    ],
    6: [
        [[(0.72, 0.0), (0.4, 0.2), (0.2, 0.5), *_arc(0.48, 0.71, 0.31, 0.28, -190, 165, 10)]],
        [[(0.45, 0.0), (0.22, 0.4), *_arc(0.5, 0.74, 0.32, 0.26, -200, 150, 10)]],
    ],
    7: [
        [[(0.08, 0.05), (0.9, 0.04), (0.6, 0.45), (0.42, 1.0)]],
        [[(0.1, 0.2), (0.14, 0.05), (0.88, 0.06), (0.4, 1.0)], [(0.32, 0.52), (0.8, 0.5)]],
    ],
    8: [
        [[*_arc(0.5, 0.25, 0.28, 0.25, 80, -270, 8), *_arc(0.5, 0.75, 0.34, 0.25, -90, 270, 9)]],
        [[*_arc(0.52, 0.24, 0.26, 0.24, -20, -250, 6), *_arc(0.5, 0.76, 0.3, 0.24, -70, 200, 8), (0.74, 0.1)]],
    ],
    9: [
        [[*_arc(0.46, 0.29, 0.33, 0.29, -15, -375, 10), (0.72, 0.6), (0.6, 1.0)]],
        [[*_arc(0.48, 0.27, 0.3, 0.27, -10, -370, 10), (0.8, 0.7), *_arc(0.48, 0.8, 0.3, 0.2, 20, 140, 4)]],
    ],
}  # fmt: skip


def _segments(strokes: Sequence[Stroke]) -> Array:
    """[segments, 2 ends, 2] of one way to write a digit, centred at 0 and one unit high."""
    ends = [(stroke[i], stroke[i + 1]) for stroke in strokes for i in range(len(stroke) - 1)]
    return np.array(ends, np.float32) - np.float32(0.5)


def _deformations(random: np.random.RandomState, count: int) -> tuple[Array, Array]:
    """For each digit a matrix [count, 2, 2] (size, proportion, slant, turn) and a shift [count, 1, 1, 2], in pixels."""
    turn, slant = random.normal(0.0, 0.16, count), random.normal(-0.15, 0.22, count)
    wide, high = random.uniform(0.58, 0.96, count) * _BOX, random.uniform(0.82, 1.06, count) * _BOX
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.stack([cos * wide, (cos * slant - sin) * high, sin * wide, (sin * slant + cos) * high], 1)
    shift = random.normal(0.0, 1.0, [count, 1, 1, 2]) + (SIZE - 1) / 2
    return matrix.reshape(count, 2, 2).astype(np.float32), shift.astype(np.float32)


def _draw(random: np.random.RandomState, segments: Array, count: int) -> Array:
    """Draws one way to write a digit `count` times: [count, 28, 28] float32 in [0, 1]."""
    matrix, shift = _deformations(random, count)
    # A hand is not a ruler: the whole line is bent by two slow waves, so that strokes stay joined.
    bend = random.normal(0.0, 0.04, [2, count, 1, 1, 2]).astype(np.float32)
    phase = random.uniform(0.0, 2 * np.pi, [2, count, 1, 1, 2]).astype(np.float32)
    points = segments[None] + bend[0] * np.sin(4 * segments[None, :, :, ::-1] + phase[0])
    points = points + bend[1] * np.sin(7 * segments[None] + phase[1])
    points = np.einsum("nij,nsej->nsei", matrix, points) + shift
    start, along = points[:, :, 0], points[:, :, 1] - points[:, :, 0]
    length = np.maximum((along**2).sum(2), 1e-6)
    grid = np.arange(SIZE, dtype=np.float32)
    nearest = np.full([count, SIZE, SIZE], np.inf, np.float32)
    for s in range(segments.shape[0]):  # squared distance of each pixel to the nearest stroke
        a, d = start[:, s, :, None], along[:, s, :, None]
        x, y = (grid - a[:, 0])[:, None, :], (grid - a[:, 1])[:, :, None]
        dx, dy = d[:, 0, :, None], d[:, 1, :, None]
        t = np.clip((x * dx + y * dy) / length[:, s, None, None], 0, 1)
        np.minimum(nearest, (x - t * dx) ** 2 + (y - t * dy) ** 2, out=nearest)
    thick = random.uniform(0.8, 1.9, [count, 1, 1]).astype(np.float32)
    ink = np.clip(thick + np.float32(0.6) - np.sqrt(nearest), 0, 1)
    pressure = random.uniform(0.8, 1.0, [count, 1, 1]).astype(np.float32)
    noise = random.normal(0.0, 0.06, ink.shape).astype(np.float32)
    drawn: Array = np.clip(ink * (pressure + noise), 0, 1)
    return drawn


def draw_digits(count: int, seed: int = 0) -> tuple[Array, Array]:
    """Draws digits that look handwritten, in random order, as many of each as possible.

    Args:
        count: How many.
        seed: Other seeds give other digits.

    Returns:
        Images [count, 28, 28, 1] uint8, ink bright on dark as in MNIST, and labels [count] uint8.

    Example:
        >>> from core.examples.tutorials.mnist.drawn_digits import draw_digits
        >>> images, labels = draw_digits(30)
        >>> images.shape, sorted(set(labels.tolist()))
        ((30, 28, 28, 1), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    random = np.random.RandomState(seed)
    labels = np.arange(count) % 10
    random.shuffle(labels)
    styles = random.randint(0, 2, count)
    images = np.empty([count, SIZE, SIZE, 1], np.uint8)
    for digit, ways in _STYLES.items():
        for style, strokes in enumerate(ways):
            segments = _segments(strokes)
            chosen = np.flatnonzero((labels == digit) & (styles == style))
            for begin in range(0, len(chosen), _BATCH):
                part = chosen[begin : begin + _BATCH]
                images[part, :, :, 0] = np.rint(_draw(random, segments, len(part)) * 255).astype(np.uint8)
    return images, labels.astype(np.uint8)
