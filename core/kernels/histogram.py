"""Histograms with TensorFlow's buckets, as summaries hold them. Imports NumPy only.

The bucket limits grow by 10 % from 1e-12 to 1e20, on both sides of 0, and end with the largest double (TensorFlow,
core/lib/histogram: `Histogram`). A value lies in the first bucket whose limit is greater than it.
"""

from __future__ import annotations

import functools
import math
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Histogram", "default_bucket_limits", "histogram"]

Array = np.ndarray[Any, Any]

_LEAST, _GREATEST, _GROWTH = 1.0e-12, 1.0e20, 1.1
_GUESS_FROM = 1 << 12  # values; from here on guessing the bucket by logarithm beats the binary search


@dataclass(frozen=True, slots=True)
class Histogram:
    """Statistics of values, and how many lie in which bucket.

    Args:
      min, max, num, sum, sum_squares: Of all values (min > max where there are none).
      bucket_limit: Upper ends of the buckets, ascending; float64.
      bucket: Number of values in each; float64. Runs of empty buckets are one bucket.
    """

    min: float
    max: float
    num: float
    sum: float
    sum_squares: float
    bucket_limit: Array
    bucket: Array


@functools.cache
def _positive_limits() -> Array:
    limits = []
    value = _LEAST
    while value < _GREATEST:
        limits.append(value)
        value *= _GROWTH
    return np.array([*limits, sys.float_info.max])


@functools.cache
def default_bucket_limits() -> Array:
    """Returns the upper ends of all buckets, ascending: [1551] float64, the same array at each call."""
    positive = _positive_limits()
    limits = np.concatenate([-positive[::-1], [0.0], positive])
    limits.flags.writeable = False
    return limits


def _bucket_of(values: Array) -> Array:
    """Index of the first limit greater than each value (the last bucket for the largest double)."""
    limits = default_bucket_limits()
    if values.size < _GUESS_FROM:
        return np.minimum(np.searchsorted(limits, values, side="right"), limits.size - 1)
    # The limits are nearly geometric: guess by logarithm, then step to the neighbour where rounding misled us.
    zero = limits.size // 2
    magnitude = np.abs(values)
    np.clip(magnitude, _LEAST / 2, _GREATEST * 2, out=magnitude)
    np.log(magnitude, out=magnitude)
    magnitude -= math.log(_LEAST)
    magnitude /= math.log(_GROWTH)
    steps = np.floor(magnitude, out=magnitude).astype(np.int32)
    np.clip(steps, -1, zero - 2, out=steps)
    index = np.where(values < 0, zero - 1 - steps, zero + 2 + steps)
    np.clip(index, 0, limits.size - 1, out=index)
    index -= (index > 0) & (values < limits[index - 1])
    index += (values >= limits[index]) & (index < limits.size - 1)
    return index


def histogram(values: Any) -> Histogram:
    """Counts values in TensorFlow's default buckets.

    Args:
      values: Numbers of any shape, all finite.

    Returns:
      The `Histogram`; sums run in the order of the elements, in double precision, so that they equal TensorFlow's.

    Raises:
      ValueError: if a value is NaN or infinite ("Nan in values", "Infinity in values").

    Example:
      >>> from core.kernels.histogram import histogram
      >>> found = histogram([1.0, 2.0, 2.0])
      >>> found.num, found.sum, found.bucket.tolist()
      (3.0, 5.0, [0.0, 1.0, 0.0, 2.0, 0.0])
    """
    flat = np.asarray(values).reshape(-1).astype(np.float64)
    limits = default_bucket_limits()
    if not flat.size:
        return Histogram(
            limits[-1], limits[0], 0.0, 0.0, 0.0, np.array([limits[-1]]), np.zeros(1))
    least, greatest = float(flat.min()), float(flat.max())
    if math.isnan(least):
        raise ValueError("Nan in values")
    if math.isinf(least) or math.isinf(greatest):
        raise ValueError("Infinity in values")
    counts = np.bincount(_bucket_of(flat), minlength=limits.size)
    # A running sum adds in order; NumPy's own sum adds pairwise.
    total = float(np.cumsum(flat)[-1])
    squares = float(np.cumsum(flat * flat)[-1])
    # A run of empty buckets collapses into its last one.
    filled = counts > 0
    keep = filled.copy()
    keep[:-1] |= filled[1:]
    keep[-1] = True
    return Histogram(
        least, greatest, float(flat.size), total, squares, limits[keep], counts[keep].astype(np.float64))
