"""Winograd's minimal filtering for 3x3 and 5x5 float32 convolutions of stride 1: fewer multiplications by tiles.

A tile of the input and the filter are evaluated at n = m + r - 1 points in both directions; the convolution is then
n * n small matrix products over the channels, and m x m outputs are interpolated from them (Lavin and Gray,
"Fast algorithms for convolutional neural networks", CVPR 2016; the matrices are Toom and Cook's). The gradient for the
filter is the same algorithm with the roles of output and filter exchanged. Work goes image group by image group, so
that everything between input and output stays in the second-level cache.

Must not import anything but NumPy and core.kernels.
"""

from functools import lru_cache, partial

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from core.kernels.threads import parallel, shares

__all__ = ["Winograd", "matrices"]

_POINTS = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5]  # every product of these is exact
_GROUP_BYTES = 1 << 22  # scratch of one group of images


def _multiply(left: list[float], right: list[float]) -> list[float]:
    out = [0.0] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            out[i + j] += a * b
    return out


@lru_cache
def matrices(m: int, r: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Matrices A (m, n), G (n, r), B (n, n), n = m + r - 1, with  y = A ((G g) * (B d))  for  y_i = sum_k d_(i+k) g_k.

    Args:
      m: outputs of a tile.
      r: length of the filter.

    Returns:
      A, G, B as float64 arrays.
    """
    n = m + r - 1
    points = _POINTS[: n - 1]
    a = [[point**i for point in points] + [float(i == m - 1)] for i in range(m)]
    g, b = [], []
    for point in points:
        others = [p for p in points if p != point]
        scale = 1.0
        row = [1.0]
        for other in others:
            scale *= point - other
            row = _multiply(row, [-other, 1.0])
        g.append([point**k / scale for k in range(r)])
        b.append([*row, 0.0])
    g.append([float(k == r - 1) for k in range(r)])
    row = [1.0]
    for point in points:
        row = _multiply(row, [-point, 1.0])
    b.append(row)
    return tuple(np.array(x, dtype=np.float64) for x in (a, g, b))  # type: ignore[return-value]


def _both_ways(
    matrix: NDArray[np.float32], source: NDArray[np.float32], middle: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Apply `matrix` (p, q) to both leading axes of `source` (q * q, s) into `out` (p * p, s)."""
    p, q = matrix.shape
    size = source.shape[1]
    half = middle[: p * q * size].reshape(p, q * size)
    np.dot(matrix, source.reshape(q, q * size), out=half)
    np.matmul(matrix, half.reshape(p, q, size), out=out.reshape(p, p, size))


class _Scratch:
    """What one worker needs for one group of images."""

    def __init__(self, plan: "Winograd") -> None:
        n2, group = plan.n**2, plan.group
        places = group * plan.tiles[0] * plan.tiles[1]
        wide = max(plan.c, plan.o)
        self.padded = None if plan.plain else np.zeros((group, *plan.need, plan.c), np.float32)
        self.tiles = np.empty(n2 * places * wide, np.float32)
        self.middle = np.empty(n2 * places * wide, np.float32)
        self.evaluated = np.empty(n2 * places * plan.c, np.float32)
        self.products = np.empty(n2 * places * plan.o, np.float32)
        self.total = np.empty((n2, plan.c, plan.o), np.float32)  # of the filter's gradient
        self.part = np.empty_like(self.total)
        self.out = None
        if not plan.whole:
            self.out = np.zeros((group, plan.tiles[0] * plan.m, plan.tiles[1] * plan.m, plan.o), np.float32)


class Winograd:
    """A stride-1 correlation of fixed shapes: `out[y, x] = sum_k a[y + k - before] w[k]`, with its filter gradient.

    Args:
      a_shape: (images, height, width, channels).
      out_hw: height and width of the output.
      before: rows and columns of zeros before the input (negative: rows left out).
      r: filter height and width, 3 or 5.
      o: output channels.
      workers: how many threads share the images.
    """

    def __init__(
        self,
        a_shape: tuple[int, ...],
        out_hw: tuple[int, int],
        before: tuple[int, int],
        r: int,
        o: int,
        workers: int = 1,
        m: int = 4,
    ) -> None:
        images, height, width, channels = a_shape
        self.m, self.r, self.n, self.o, self.c = m, r, m + r - 1, o, channels
        self.images, self.out_hw = images, out_hw
        self.tiles = (-(-out_hw[0] // m), -(-out_hw[1] // m))
        self._a, self._g, self._b = (np.asarray(x, np.float32) for x in matrices(m, r))
        self._grad_a, self._grad_g, _ = (np.asarray(x, np.float32) for x in matrices(r, m))
        self._shares = shares(images, workers)
        per_image = 4 * self.n**2 * self.tiles[0] * self.tiles[1] * (2 * channels + o)
        self.group = max(1, min(len(self._shares[0]), _GROUP_BYTES // per_image))
        self.need = [t * m + r - 1 for t in self.tiles]
        self.plain = before == (0, 0) and self.need[0] <= height and self.need[1] <= width
        self.whole = self.tiles[0] * m == out_hw[0] and self.tiles[1] * m == out_hw[1]
        # Which part of the input lands where in the padded group.
        self._from, self._to = [], []
        for size, lead, room in zip((height, width), before, self.need):
            start, stop = max(0, -lead), min(size, room - lead)
            self._from.append(slice(start, stop))
            self._to.append(slice(start + lead, stop + lead))
        self._scratch = [_Scratch(self) for _ in self._shares]

    def evaluate_filter(self, w: NDArray[np.float32]) -> NDArray[np.float32]:
        """The filter (r, r, channels, o) at all points: (n * n, channels, o)."""
        flat = np.ascontiguousarray(w).reshape(self.r**2, -1)
        out = np.empty((self.n**2, flat.shape[1]), np.float32)
        _both_ways(self._g, flat, np.empty(self.n * self.r * flat.shape[1], np.float32), out)
        return out.reshape(self.n**2, self.c, self.o)

    def _evaluate_input(self, a: NDArray[np.float32], first: int, count: int, scratch: _Scratch) -> NDArray[np.float32]:
        """Tiles of `count` images from `first` on, at all points: (n * n, tiles, channels)."""
        source = a[first : first + count]
        if scratch.padded is not None:
            padded = scratch.padded[:count]
            padded[:, self._to[0], self._to[1]] = source[:, self._from[0], self._from[1]]
            source = padded
        s0, s1, s2, s3 = source.strides
        n, m, (rows, columns) = self.n, self.m, self.tiles
        view = as_strided(
            source, (n, n, count, rows, columns, self.c), (s1, s2, s0, m * s1, m * s2, s3), writeable=False
        )
        size = count * rows * columns * self.c
        tiles = scratch.tiles[: n * n * size].reshape(n * n, size)
        np.copyto(tiles.reshape(view.shape), view)
        evaluated = scratch.evaluated[: n * n * size].reshape(n * n, size)
        _both_ways(self._b, tiles, scratch.middle, evaluated)
        return evaluated.reshape(n * n, count * rows * columns, self.c)

    def _output_tiles(self, target: NDArray[np.float32]) -> NDArray[np.float32]:
        count, m, (rows, columns) = target.shape[0], self.m, self.tiles
        return target.reshape(count, rows, m, columns, m, self.o).transpose(2, 4, 0, 1, 3, 5)

    def forward(self, a: NDArray[np.float32], points: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """Correlate `a` with a filter from `evaluate_filter` into `out` (images, out height, out width, o)."""
        parallel([partial(self._forward, a, points, out, *both) for both in zip(self._shares, self._scratch)])

    def _forward(
        self,
        a: NDArray[np.float32],
        points: NDArray[np.float32],
        out: NDArray[np.float32],
        share: range,
        scratch: _Scratch,
    ) -> None:
        m, n, o = self.m, self.n, self.o
        for first in range(share.start, share.stop, self.group):
            count = min(self.group, share.stop - first)
            evaluated = self._evaluate_input(a, first, count, scratch)
            places = evaluated.shape[1]
            products = scratch.products[: n * n * places * o]
            np.matmul(evaluated, points, out=products.reshape(n * n, places, o))
            tiles = scratch.tiles[: m * m * places * o].reshape(m * m, places * o)
            _both_ways(self._a, products.reshape(n * n, -1), scratch.middle, tiles)
            target = out[first : first + count] if scratch.out is None else scratch.out[:count]
            view = self._output_tiles(target)
            np.copyto(view, tiles.reshape(view.shape))
            if scratch.out is not None:
                np.copyto(out[first : first + count], target[:, : self.out_hw[0], : self.out_hw[1]])

    def filter_grad(self, a: NDArray[np.float32], dy: NDArray[np.float32]) -> NDArray[np.float32]:
        """The gradient for the filter, (r, r, channels, o), from the input and the output's gradient."""
        parallel([partial(self._filter_grad, a, dy, *both) for both in zip(self._shares, self._scratch)])
        total = self._scratch[0].total
        for other in self._scratch[1:]:
            total += other.total
        out = np.empty((self.r**2, self.c * self.o), np.float32)
        middle = np.empty(self.n * self.r * self.c * self.o, np.float32)
        _both_ways(self._grad_a, total.reshape(self.n**2, -1), middle, out)
        return out.reshape(self.r, self.r, self.c, self.o)

    def _filter_grad(
        self,
        a: NDArray[np.float32],
        dy: NDArray[np.float32],
        share: range,
        scratch: _Scratch,
    ) -> None:
        m, n, o = self.m, self.n, self.o
        for first in range(share.start, share.stop, self.group):
            count = min(self.group, share.stop - first)
            evaluated = self._evaluate_input(a, first, count, scratch)
            places = evaluated.shape[1]
            target = dy[first : first + count]
            if scratch.out is not None:
                padded = scratch.out[:count]
                padded[:, self.out_hw[0] :] = 0
                padded[:, :, self.out_hw[1] :] = 0
                padded[:, : self.out_hw[0], : self.out_hw[1]] = target
                target = padded
            view = self._output_tiles(target)
            tiles = scratch.tiles[: m * m * places * o].reshape(m * m, places * o)
            np.copyto(tiles.reshape(view.shape), view)
            products = scratch.products[: n * n * places * o].reshape(n * n, places * o)
            _both_ways(self._grad_g, tiles, scratch.middle, products)
            sums = scratch.total if first == share.start else scratch.part
            np.matmul(evaluated.transpose(0, 2, 1), products.reshape(n * n, places, o), out=sums)
            if first != share.start:
                scratch.total += sums
