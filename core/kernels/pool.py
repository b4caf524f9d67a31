"""Max and average pooling of any number of dimensions, with gradients, as TensorFlow's CPU kernels define them.

Windows, strides and paddings have one entry for every axis of the array, so every data format is served and pooling
over channels too. Maxima are taken axis by axis over strided views: no index is gathered. Padding never counts: not
in a maximum, not in a mean. Of equal maxima the first in row-major order gets the gradient.

Must not import core.graph, core.ops or anything above them.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.kernels.windows import output_size, window_pads

__all__ = [
    "avg_pool",
    "avg_pool_grad",
    "max_pool",
    "max_pool_grad",
    "max_pool_grad_grad",
    "max_pool_grad_grad_with_argmax",
    "max_pool_grad_with_argmax",
    "max_pool_with_argmax",
    "pool_shape",
]

Place = tuple[slice, ...]


class _Windows:
    """Where windows lie: per axis and window element, which outputs have it inside the input, and where."""

    def __init__(self, shape: Sequence[int], ksize: Sequence[int], strides: Sequence[int], padding: Any) -> None:
        self.shape = tuple(int(d) for d in shape)
        self.ksize, self.strides = [int(k) for k in ksize], [int(s) for s in strides]
        if len(self.ksize) != len(self.shape) or len(self.strides) != len(self.shape):
            raise ValueError(
                f"input of shape {self.shape} has {len(self.shape)} axes, the window {self.ksize} and the strides "
                f"{self.strides} must have as many"
            )
        ones = [1] * len(self.shape)
        if not isinstance(padding, (str, bytes)) and len(padding) == 2 * len(self.shape):
            padding = list(zip(padding[0::2], padding[1::2]))
        self.pads = window_pads(self.shape, self.ksize, self.strides, ones, padding)
        self.out = tuple(map(output_size, self.shape, self.ksize, self.strides, ones, self.pads))
        self.axes = [i for i, (k, s) in enumerate(zip(self.ksize, self.strides)) if (k, s) != (1, 1)]
        # One element of the input never lies in two windows: a gradient may be stored where it would be added.
        self.apart = all(k <= s for k, s in zip(self.ksize, self.strides))
        self.covered = self.apart and all(
            k == s and k * o == d for k, s, o, d in zip(self.ksize, self.strides, self.out, self.shape)
        )
        self._ranges = [
            [self._range(axis, element) for element in range(self.ksize[axis])] for axis in range(len(self.shape))
        ]

    def _range(self, axis: int, element: int) -> tuple[slice, slice]:
        stride, before, size = self.strides[axis], self.pads[axis][0], self.shape[axis]
        first = max(0, -(-(before - element) // stride))
        last = min(self.out[axis], (size - 1 + before - element) // stride + 1)
        last = max(last, first)
        start = first * stride + element - before
        return slice(first, last), slice(
            start, start + (last - first - 1) * stride + 1 if last > first else start, stride
        )

    def along(self, axis: int) -> Iterator[tuple[Place, Place, bool]]:
        """Per element of one axis: the outputs that have it, its inputs, whether all outputs have it."""
        for out, source in self._ranges[axis]:
            lead = (slice(None),) * axis
            yield (*lead, out), (*lead, source), out == slice(0, self.out[axis])

    def elements(self) -> Iterator[tuple[tuple[int, ...], Place, Place]]:
        """Per element of the whole window, in row-major order: its index, outputs and inputs."""
        for element in product(*map(range, self.ksize)):
            pairs = [self._ranges[axis][k] for axis, k in enumerate(element)]
            yield element, tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)

    def counts(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        """How many inputs each window holds; broadcasts against the output."""
        total = np.ones([1] * len(self.shape), dtype)
        for axis in self.axes:
            count = np.zeros(self.out[axis], dtype)
            for out, _ in self._ranges[axis]:
                count[out] += 1
            total = total * count.reshape([-1 if i == axis else 1 for i in range(len(self.shape))])
        return total


@lru_cache(256)
def _cached(shape: Any, ksize: Any, strides: Any, padding: Any) -> _Windows:
    return _Windows(shape, ksize, strides, padding)


def _windows(shape: Any, ksize: Any, strides: Any, padding: Any) -> _Windows:
    """`_Windows`, made once for equal arguments."""
    if not isinstance(padding, (str, bytes)):
        padding = tuple(tuple(p) if isinstance(p, (list, tuple, np.ndarray)) else int(p) for p in padding)
    return _cached(tuple(map(int, shape)), tuple(map(int, ksize)), tuple(map(int, strides)), padding)


def pool_shape(shape: Sequence[int], ksize: Sequence[int], strides: Sequence[int], padding: Any) -> tuple[int, ...]:
    """Shape of the pooled array."""
    return _windows(shape, ksize, strides, padding).out


def _lowest(dtype: np.dtype[Any]) -> Any:
    return np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(np.float32) if dtype.itemsize == 2 and dtype.kind not in "iu" else dtype


def max_pool(
    x: NDArray[Any], ksize: Sequence[int], strides: Sequence[int], padding: Any, out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """The largest element of every window.

    Args:
      x: array of real numbers.
      ksize: window size along each axis of x.
      strides: step of the window along each axis of x.
      padding: "SAME", "VALID", or (before, after) of each axis as pairs or flat.
      out: where to put the result; must not overlap x.

    Returns:
      Pooled array of the dtype of x.

    Raises:
      ValueError: a window or stride list of another length than x has axes.

    Example:
      >>> import numpy as np
      >>> max_pool(np.arange(15).reshape(1, 3, 5, 1), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")[0, :, :, 0].tolist()
      [[6, 8, 9], [11, 13, 14]]
    """
    x = np.asarray(x)
    windows = _windows(x.shape, ksize, strides, padding)
    result = np.empty(windows.out, x.dtype) if out is None else out
    for axis in windows.axes:
        shape = list(x.shape)
        shape[axis] = windows.out[axis]
        step = result if axis == windows.axes[-1] else np.empty(shape, x.dtype)
        taps = list(windows.along(axis))
        whole = [source for _, source, all_outputs in taps if all_outputs]
        if len(whole) > 1:
            np.maximum(x[whole[0]], x[whole[1]], out=step)
        elif whole:
            step[...] = x[whole[0]]
        else:
            step.fill(_lowest(x.dtype))
        for source in whole[2:]:
            np.maximum(step, x[source], out=step)
        for place, source, all_outputs in taps:
            if not all_outputs:
                part = step[place]
                np.maximum(part, x[source], out=part)
        x = step
    if not windows.axes:
        result[...] = x
    return result


def _chosen(
    windows: _Windows, x: NDArray[Any], y: NDArray[Any], every: bool = False
) -> Iterator[tuple[tuple[int, ...], Place, Place, NDArray[np.bool_]]]:
    """Per window element: its index, outputs, inputs, and for which of the outputs it is the first maximum."""
    left = np.ones(y.shape, bool)
    for element, place, source in windows.elements():
        here = left[place]
        mine = np.equal(x[source], y[place])
        mine &= here
        if not every:
            here ^= mine
        yield element, place, source, mine


def max_pool_grad(
    x: NDArray[Any],
    y: NDArray[Any],
    dy: NDArray[Any],
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: Any,
    every: bool = False,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """The gradient of `max_pool` for its input.

    Args:
      x: input of the pooling.
      y: its output.
      dy: gradient for the output.
      ksize: as the next two, those of the pooling.
      strides: steps of the window.
      padding: padding.
      every: give the gradient to all of several equal maxima, as MaxPool3DGrad does, not to the first alone.
      out: where to put the result.

    Returns:
      Array of the shape of x and the dtype of dy.
    """
    x, y, dy = np.asarray(x), np.asarray(y), np.asarray(dy)
    windows = _windows(x.shape, ksize, strides, padding)
    dx = np.empty(x.shape, dy.dtype) if out is None else out
    if not windows.covered:
        dx.fill(0)
    with np.errstate(invalid="ignore"):  # an infinite gradient times 0
        for _, place, source, mine in _chosen(windows, x, y, every):
            if windows.apart:
                np.multiply(dy[place], mine, out=dx[source])
            else:
                dx[source] += dy[place] * mine
    return dx


def max_pool_grad_grad(
    x: NDArray[Any],
    y: NDArray[Any],
    ddx: NDArray[Any],
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: Any,
) -> NDArray[Any]:
    """The gradient of `max_pool_grad` for dy: of `ddx`, shaped like x, what stands where each window's maximum is.

    Args:
      x: input of the pooling.
      y: its output.
      ddx: array of the shape of x.
      ksize: as the next two, those of the pooling.
      strides: steps of the window.
      padding: padding.

    Returns:
      Array of the shape of y and the dtype of ddx.
    """
    x, y, ddx = np.asarray(x), np.asarray(y), np.asarray(ddx)
    out = np.zeros(y.shape, ddx.dtype)
    for _, place, source, mine in _chosen(_windows(x.shape, ksize, strides, padding), x, y):
        np.copyto(out[place], ddx[source], where=mine)
    return out


def max_pool_with_argmax(
    x: NDArray[Any],
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: Any,
    include_batch_in_index: bool = False,
    dtype: DTypeLike = np.int64,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """`max_pool` and where each maximum stood.

    Args:
      x: array (batch, height, width, channels).
      ksize: window size along each axis of x.
      strides: step of the window along each axis of x.
      padding: as in `max_pool`.
      include_batch_in_index: count from the start of the batch instead of the image.
      dtype: of the indices, int32 or int64.

    Returns:
      The pooled array; the flat index `((b * height + y) * width + x) * channels + c` of each maximum, without the
      term of b by default.
    """
    x = np.asarray(x)
    windows = _windows(x.shape, ksize, strides, padding)
    y = max_pool(x, ksize, strides, padding)
    index = np.arange(x[0].size if x.shape[0] else 0, dtype=dtype).reshape(1, *x.shape[1:])
    if include_batch_in_index:
        index = index + (np.arange(x.shape[0], dtype=dtype) * index.size).reshape(-1, *[1] * (x.ndim - 1))
    index = np.broadcast_to(index, x.shape)
    argmax = np.zeros(y.shape, dtype)
    for _, place, source, mine in _chosen(windows, x, y):
        np.copyto(argmax[place], index[source], where=mine)
    return y, argmax


def _flat_argmax(shape: Sequence[int], argmax: NDArray[Any], include_batch_in_index: bool) -> NDArray[np.int64]:
    index = argmax.astype(np.int64)
    if not include_batch_in_index:
        image = int(np.prod(shape[1:], dtype=np.int64))
        index += (np.arange(shape[0]) * image).reshape(-1, *[1] * (index.ndim - 1))
    return index


def max_pool_grad_with_argmax(
    shape: Sequence[int], dy: NDArray[Any], argmax: NDArray[Any], include_batch_in_index: bool = False
) -> NDArray[Any]:
    """The gradient of `max_pool_with_argmax` for an input of `shape`: dy added up where its maxima stood."""
    dy = np.asarray(dy)
    size = int(np.prod(shape, dtype=np.int64))
    index = _flat_argmax(shape, np.asarray(argmax), include_batch_in_index).ravel()
    if dy.dtype.kind in "iu":
        out = np.zeros(size, dy.dtype)
        np.add.at(out, index, dy.ravel())
        return out.reshape(shape)
    return np.bincount(index, dy.astype(np.float64).ravel(), size).astype(dy.dtype).reshape(shape)


def max_pool_grad_grad_with_argmax(
    ddx: NDArray[Any], argmax: NDArray[Any], include_batch_in_index: bool = False
) -> NDArray[Any]:
    """Of `ddx`, shaped like the input of the pooling, the elements where the maxima stood."""
    ddx = np.asarray(ddx)
    return ddx.reshape(-1)[_flat_argmax(ddx.shape, np.asarray(argmax), include_batch_in_index)]


def avg_pool(
    x: NDArray[Any], ksize: Sequence[int], strides: Sequence[int], padding: Any, out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """The mean of every window, over the elements inside the input.

    Args:
      x: array of floats.
      ksize: window size along each axis of x.
      strides: step of the window along each axis of x.
      padding: "SAME", "VALID", or (before, after) of each axis as pairs or flat.
      out: where to put the result; must not overlap x.

    Returns:
      Pooled array of the dtype of x.

    Raises:
      ValueError: a window or stride list of another length than x has axes.
    """
    x = np.asarray(x)
    windows = _windows(x.shape, ksize, strides, padding)
    result = np.empty(windows.out, x.dtype) if out is None else out
    total = x.astype(_wide(x.dtype), copy=False)
    for axis in windows.axes:
        shape = list(total.shape)
        shape[axis] = windows.out[axis]
        taps = list(windows.along(axis))
        whole = [source for _, source, all_outputs in taps if all_outputs]
        if len(whole) > 1:
            step = total[whole[0]] + total[whole[1]]
            whole = whole[2:]
        else:
            step = np.zeros(shape, total.dtype)
        for source in whole:
            step += total[source]
        for place, source, all_outputs in taps:
            if not all_outputs:
                step[place] += total[source]
        total = step
    if result.dtype == total.dtype:
        np.divide(total, windows.counts(total.dtype), out=result)
    else:
        result[...] = total / windows.counts(total.dtype)
    return result


def avg_pool_grad(
    shape: Sequence[int],
    dy: NDArray[Any],
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: Any,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """The gradient of `avg_pool` for an input of `shape`.

    Args:
      shape: shape of the pooled input.
      dy: gradient for the output.
      ksize: as the next two, those of the pooling.
      strides: steps of the window.
      padding: padding.
      out: where to put the result.

    Returns:
      Array of that shape and the dtype of dy.
    """
    dy = np.asarray(dy)
    windows = _windows(shape, ksize, strides, padding)
    wide = _wide(dy.dtype)
    share = np.divide(dy, windows.counts(wide), dtype=wide)
    result = np.empty(windows.shape, dy.dtype) if out is None else out
    if windows.apart:
        if not windows.covered:
            result.fill(0)
        for _, place, source in windows.elements():
            result[source] = share[place]
        return result
    for axis in reversed(windows.axes):
        wider = list(share.shape)
        wider[axis] = windows.shape[axis]
        spread = np.zeros(wider, wide)
        for place, source, _ in windows.along(axis):
            spread[source] += share[place]
        share = spread
    result[...] = share
    return result
