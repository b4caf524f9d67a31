"""Exact columns of one logged number: step, value and wall time, appended one by one and never thinned.

Pure NumPy: must not import core, IPython, widgets or any drawing module. What is thinned for a picture (`envelope`) or
smoothed (`ema`) is computed from the exact columns each time, so a zoom is always exact.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import count
from threading import Lock

import numpy as np

__all__ = ["Columns", "Series", "debias", "ema", "envelope", "parts"]


_IDENTS = count()


@dataclass(frozen=True, slots=True)
class Columns:
    """Three float64 columns of equal length: step, value, wall (seconds since the epoch)."""

    step: np.ndarray
    value: np.ndarray
    wall: np.ndarray

    def __len__(self) -> int:
        return len(self.step)

    def __getitem__(self, rows: slice | np.ndarray) -> Columns:
        return Columns(self.step[rows], self.value[rows], self.wall[rows])


class Series:
    """Append-only columns of one logged number.

    `append` goes to `array.array` (about 0.4 µs), reading moves what is new into NumPy columns that double
    when full; so neither logging nor reading is ever O(all points) again.

    Example:
        >>> s = Series("loss")
        >>> s.append(0, 2.5, 0.0); s.append(1, 1.25, 0.1)
        >>> len(s), s.columns().value.tolist()
        (2, [2.5, 1.25])
    """

    __slots__ = ("_columns", "_count", "_lock", "_pending", "ident", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.ident = next(_IDENTS)  # how the browser names it, in messages
        self._pending = array("d")  # step, value, wall of each new point, one after the other
        self._columns = np.empty((3, 256), np.float64)
        self._count = 0
        self._lock = Lock()  # the training thread appends while the sending thread reads

    def __len__(self) -> int:
        return self._count + len(self._pending) // 3

    def append(self, step: float, value: float, wall: float) -> None:
        """Add one point."""
        with self._lock:
            self._pending.extend((step, value, wall))

    def extend(self, step: np.ndarray, value: np.ndarray, wall: np.ndarray) -> None:
        """Add many points at once (columns of one length)."""
        rows = np.stack([np.asarray(c, np.float64) for c in (step, value, wall)], axis=1)
        with self._lock:
            self._pending.frombytes(np.ascontiguousarray(rows).tobytes())

    def last(self) -> tuple[float, float, float] | None:
        """The newest (step, value, wall), or None."""
        with self._lock:
            pending = self._pending
            if len(pending) >= 3:
                return pending[-3], pending[-2], pending[-1]
            if self._count:
                step, value, wall = self._columns[:, self._count - 1].tolist()
                return step, value, wall
            return None

    def columns(self, start: int = 0) -> Columns:
        """Read-only views of the columns from point `start` on."""
        with self._lock:
            self._consolidate()
        rows = self._columns[:, start : self._count]
        rows.flags.writeable = False
        return Columns(rows[0], rows[1], rows[2])

    def _consolidate(self) -> None:
        pending, self._pending = self._pending, array("d")
        new = len(pending) // 3
        if not new:
            return
        total = self._count + new
        if total > self._columns.shape[1]:
            # A new block instead of a resize: views that a reader still holds stay valid.
            block = np.empty((3, max(total, 2 * self._columns.shape[1])), np.float64)
            block[:, : self._count] = self._columns[:, : self._count]
            self._columns = block
        self._columns[:, self._count : total] = np.frombuffer(pending, np.float64).reshape(new, 3).T
        self._count = total


def parts(step: np.ndarray) -> list[slice]:
    """The stretches in which `step` doesn't fall; a training begun again is drawn as a part of its own.

    Example:
        >>> parts(np.array([0.0, 1, 2, 1, 2, 3]))
        [slice(0, 3, None), slice(3, 6, None)]
    """
    if len(step) == 0:
        return []
    cuts = (np.flatnonzero(np.diff(step) < 0) + 1).tolist()
    return [slice(begin, end) for begin, end in zip([0, *cuts], [*cuts, len(step)], strict=True)]


def envelope(
    x: np.ndarray, y: np.ndarray, buckets: int, low: float | None = None, high: float | None = None
) -> np.ndarray:
    """Indices of the points that decide a picture of `buckets` pixel columns: first, min, max and last of each column.

    A line through these points covers exactly the pixels of the line through all points (M4; Jugel et al., VLDB 2014).
    `x` must not fall. Points outside [low, high] are left out but for one neighbour on either side, so that lines
    run to the edge. Not-a-number values are never a minimum or maximum, yet a column's first and last
    point stay, so gaps stay.

    Args:
        x: float64[n], not falling.  y: float64[n].
        buckets: pixel columns, at least 1.
        low: left edge; default the first x.  high: right edge; default the last x.

    Returns:
        int64[m], rising, m <= 4 * buckets + 2.

    Example:
        >>> envelope(np.arange(6.0), np.array([0.0, 5, 1, 2, -7, 3]), 1).tolist()
        [0, 1, 4, 5]
    """
    n = len(x)
    if n == 0:
        return np.zeros(0, np.int64)
    low = float(x[0]) if low is None else low
    high = float(x[-1]) if high is None else high
    begin = int(np.searchsorted(x, low, "left"))
    end = int(np.searchsorted(x, high, "right"))
    outer = [i for i in (begin - 1, end) if 0 <= i < n]
    if end - begin <= 4 * buckets or high <= low:
        inner = np.arange(begin, end, dtype=np.int64)
        if high <= low and len(inner) > 4:
            inner = _extremes(y, np.array([begin]), end)
    else:
        edges = low + (high - low) * np.arange(buckets) / buckets
        starts = np.unique(np.searchsorted(x[begin:end], edges, "left")) + begin
        inner = _extremes(y, starts[starts < end], end)
    return np.unique(np.concatenate([inner, np.asarray(outer, np.int64)]))


def _extremes(y: np.ndarray, starts: np.ndarray, end: int) -> np.ndarray:
    """First, arg min, arg max and last index of each run [starts[i], starts[i+1]) up to `end`."""
    found: list[int] = []
    for begin, stop in zip(starts.tolist(), [*starts[1:].tolist(), end], strict=True):
        part = y[begin:stop]
        for arg, ignoring_nan in ((np.argmin, np.nanargmin), (np.argmax, np.nanargmax)):
            at = int(arg(part))
            if np.isnan(part[at]):  # argmin stops at a NaN; only then pay for the slower way
                at = int(ignoring_nan(part)) if not np.isnan(part).all() else 0
            found.append(begin + at)
        found += [begin, stop - 1]
    return np.unique(np.asarray(found, np.int64))


def debias(weight: float, n: np.ndarray) -> np.ndarray:
    """1 - weight**n: what an average started at zero lacks after `n` values (Kingma & Ba 2015, section 3)."""
    return 1.0 - np.power(weight, n)


def ema(value: np.ndarray, weight: float) -> np.ndarray:
    """Debiased exponential moving average, TensorBoard's smoothing: s = w s + (1-w) v, shown as s / (1 - w**k).

    Values that aren't finite are shown as they are and don't enter the average.

    Args:
        value: float64[n].
        weight: in [0, 1); 0 leaves the values as they are.

    Example:
        >>> ema(np.array([1.0, 3.0]), 0.5).round(4).tolist()
        [1.0, 2.3333]
    """
    if not 0 <= weight < 1:
        raise ValueError(f"smoothing weight must be in [0, 1), got {weight}")
    value = np.asarray(value, np.float64)
    if weight == 0 or len(value) < 2:
        return value.copy()
    good = np.isfinite(value)
    v = value[good]
    out = np.empty_like(v)
    # s_k = w**k (s_0 + (1-w) sum_j v_j w**-j): one cumulative sum per block, short enough that w**-block stays far
    # from the end of float64.
    block = max(1, int(-60 / np.log10(max(weight, 1e-12))))
    state = 0.0
    for i in range(0, len(v), block):
        part = v[i : i + block]
        power = np.power(weight, np.arange(1, len(part) + 1))
        out[i : i + block] = power * (state + np.cumsum((1 - weight) * part / power))
        state = float(out[i + len(part) - 1])
    out /= debias(weight, np.arange(1, len(v) + 1))
    result = value.copy()
    result[good] = out
    return result
