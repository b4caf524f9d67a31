"""Histograms with TensorFlow's buckets, as summaries hold them. Imports NumPy only.

The bucket limits grow by 10 % from 1e-12 to 1e20, on both sides of 0, and end with the largest double
(TensorFlow, core/lib/histogram: `Histogram`). A value lies in the first bucket whose limit is greater than
it.
"""

from __future__ import annotations

import functools
import math
import sys
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Histogram", "default_bucket_limits", "histogram"]

Array = np.ndarray[Any, Any]

_LEAST, _GREATEST, _GROWTH = 1.0e-12, 1.0e20, 1.1


class Histogram(NamedTuple):
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
        return Histogram(limits[-1], limits[0], 0.0, 0.0, 0.0, np.array([limits[-1]]), np.zeros(1))
    least, greatest = float(flat.min()), float(flat.max())
    if math.isnan(least):
        raise ValueError("Nan in values")
    if math.isinf(least) or math.isinf(greatest):
        raise ValueError("Infinity in values")
    index = np.minimum(np.searchsorted(limits, flat, side="right"), limits.size - 1)  # the largest double fits too
    counts = np.bincount(index, minlength=limits.size)
    with np.errstate(over="ignore"):  # sums of huge values are infinite, as in TensorFlow
        # A running sum adds in order; NumPy's own sum adds pairwise.
        total = float(np.cumsum(flat)[-1])
        squares = float(np.cumsum(flat * flat)[-1])
    # A run of empty buckets collapses into its last one.
    filled = counts > 0
    keep = filled.copy()
    keep[:-1] |= filled[1:]
    keep[-1] = True
    return Histogram(least, greatest, float(flat.size), total, squares, limits[keep], counts[keep].astype(np.float64))
