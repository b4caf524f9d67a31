"""2-D convolution and its two gradients: as matrix products or by Winograd, whichever is faster.

`Conv2D` is a plan for fixed shapes that owns its scratch memory (one plan instance must not be used by two threads at
a time; inside, it may use several threads itself). `conv2d`, `conv2d_input_grad` and `conv2d_filter_grad`
are the one-off forms. Depthwise convolution and other numbers of dimensions: core/kernels/conv_nd.py.

The gradient for the input of a strided convolution is taken phase by phase: the input positions that share a
remainder by the stride see a fixed subset of the filter, so each phase is a plain correlation and nothing is
scattered.

Must not import core.graph, core.ops or anything above them.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike, NDArray

from core.kernels.threads import cores, parallel, shares
from core.kernels.windows import explicit_pads, output_size, spatial_axes, window_pads
from core.kernels.winograd import Winograd

__all__ = [
    "Conv2D",
    "choose",
    "conv2d",
    "conv2d_filter_grad",
    "conv2d_input_grad",
]

Shape = tuple[int, ...]

_COLUMN_BYTES = 1 << 21  # im2col scratch of one group of images: the next product finds it in the cache
_FEW_CHANNELS = 4  # up to here the columns are stored transposed
_THREADED_FLOPS = 2e7  # a smaller convolution does not pay for handing work to another thread


def choose(a_shape: Shape, out_hw: tuple[int, int], window: tuple[int, int], o: int, simple: bool, dtype: Any) -> str:
    """The algorithm for a correlation: "gemm", "im2col" or "winograd".

    Args:
      a_shape: (images, height, width, channels) of the input.
      out_hw: height and width of the output.
      window: filter height and width.
      o: output channels.
      simple: stride and dilation are 1.
      dtype: of the computation.

    Returns:
      The name of the algorithm. Winograd pays from about 16 channels on both sides, if its tiles of 4 x 4 do not hang
      far over the output's edge (benchmarks/kernels.py).
    """
    n, _, _, c = a_shape
    if window == (1, 1):
        return "gemm"
    if window not in ((3, 3), (5, 5)) or not simple or dtype != np.float32:
        return "im2col"
    if min(c, o) < 4:
        return "im2col"
    # Nanoseconds on one core, fitted to timings of sixteen shapes (within a fifth): multiplying, copying, transforming.
    taps, points = window[0] ** 2, (window[0] + 3) ** 2
    places = n * out_hw[0] * out_hw[1]
    direct = places * taps * c * (2 * o * 0.0125 + 0.12 + 1.5 / c)
    tiles = n * -(-out_hw[0] // 4) * -(-out_hw[1] // 4)
    winograd = tiles * points * (2 * c * o * 0.012 + 1.15 * (c + o)) + 0.8 * points * c * o + 60_000
    return "winograd" if winograd < 0.9 * direct else "im2col"


class _Correlation:
    """`out[y, x] = sum_k a[y * stride + k * dilation - before] w[k]` with NHWC arrays of fixed shapes."""

    def __init__(
        self,
        a_shape: Shape,
        window: tuple[int, int],
        o: int,
        out_hw: tuple[int, int],
        before: tuple[int, int],
        stride: tuple[int, int],
        dilation: tuple[int, int],
        dtype: np.dtype[Any],
        algorithm: str | None = None,
    ) -> None:
        n, height, width, c = a_shape
        self.a_shape, self.window, self.o, self.out_hw = a_shape, window, o, out_hw
        self.before, self.stride, self.dilation, self.dtype = before, stride, dilation, dtype
        simple = stride == (1, 1) and dilation == (1, 1)
        self.algorithm = algorithm or choose(a_shape, out_hw, window, o, simple, dtype)
        flops = 2.0 * n * out_hw[0] * out_hw[1] * window[0] * window[1] * c * o
        self.empty = n * out_hw[0] * out_hw[1] * c * o * window[0] * window[1] == 0
        workers = cores() if flops > _THREADED_FLOPS else 1
        self._winograd: Winograd | None = None
        if self.empty:
            return
        if self.algorithm == "winograd":
            self._winograd = Winograd(a_shape, out_hw, before, window[0], o, workers)
            return
        self._reach = [(out_hw[i] - 1) * stride[i] + (window[i] - 1) * dilation[i] + 1 for i in (0, 1)]
        self._inside = all(before[i] <= 0 and self._reach[i] - before[i] <= a_shape[1 + i] for i in (0, 1))
        self._as_is = (
            self._inside and window == (1, 1) and stride == (1, 1) and before == (0, 0) and out_hw == (height, width)
        )
        self._shares = shares(n, workers)
        rows = out_hw[0] * out_hw[1]
        depth = window[0] * window[1] * c
        per_image = rows * depth * dtype.itemsize
        self._group = max(1, min(len(self._shares[0]), _COLUMN_BYTES // max(per_image, 1)))
        if self._as_is:
            self._group = len(self._shares[0])
        self._columns = [np.empty(0 if self._as_is else self._group * rows * depth, dtype) for _ in self._shares]
        self._padded = [None if self._inside else np.zeros((self._group, *self._reach, c), dtype) for _ in self._shares]
        self._from, self._to = [], []
        for i in (0, 1):
            start, stop = max(0, -before[i]), min(a_shape[1 + i], self._reach[i] - before[i])
            self._from.append(slice(start, max(stop, start)))
            self._to.append(slice(start + before[i], max(stop, start) + before[i]))

    def _columns_of(self, a: NDArray[Any], first: int, count: int, worker: int) -> NDArray[Any]:
        """The windows of some images as rows: (count * out places, window * channels)."""
        source = a[first : first + count]
        c = self.a_shape[3]
        if self._as_is:
            return source.reshape(-1, c)
        padded = self._padded[worker]
        if padded is not None:
            padded = padded[:count]
            padded[:, self._to[0], self._to[1]] = source[:, self._from[0], self._from[1]]
            source = padded
        else:
            source = source[:, -self.before[0] :, -self.before[1] :]
        s0, s1, s2, s3 = source.strides
        (kh, kw), (oh, ow), (sh, sw), (dh, dw) = self.window, self.out_hw, self.stride, self.dilation
        view = as_strided(
            source, (count, oh, ow, kh, kw, c), (s0, s1 * sh, s2 * sw, s1 * dh, s2 * dw, s3), writeable=False
        )
        memory = self._columns[worker][: view.size]
        if c <= _FEW_CHANNELS:  # long runs in the copy: one row of the matrix for each filter element
            view = view.transpose(3, 4, 5, 0, 1, 2)
            np.copyto(memory.reshape(view.shape), view)
            return memory.reshape(kh * kw * c, count * oh * ow).T
        np.copyto(memory.reshape(view.shape), view)
        return memory.reshape(count * oh * ow, kh * kw * c)

    def forward(self, a: NDArray[Any], w: NDArray[Any], out: NDArray[Any]) -> None:
        """Correlate `a` with `w` (kh, kw, c, o) into `out`, any array (n, oh, ow, o) whose images are apart."""
        if self._winograd is not None:
            target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
            self._winograd.forward(np.ascontiguousarray(a), self._winograd.evaluate_filter(w), target)
            if target is not out:
                out[...] = target
            return
        flat = np.ascontiguousarray(w).reshape(-1, self.o)
        jobs = [partial(self._forward, a, flat, out, share, i) for i, share in enumerate(self._shares)]
        parallel(jobs)

    def _forward(self, a: NDArray[Any], w: NDArray[Any], out: NDArray[Any], share: range, worker: int) -> None:
        direct = out.flags.c_contiguous
        for first in range(share.start, share.stop, self._group):
            count = min(self._group, share.stop - first)
            columns = self._columns_of(a, first, count, worker)
            target = out[first : first + count]
            if direct:
                np.dot(columns, w, out=target.reshape(-1, self.o))
            else:
                target[...] = np.dot(columns, w).reshape(target.shape)

    def filter_grad(self, a: NDArray[Any], dy: NDArray[Any]) -> NDArray[Any]:
        """The gradient for w from `a` and the gradient for out."""
        if self._winograd is not None:
            return self._winograd.filter_grad(np.ascontiguousarray(a), np.ascontiguousarray(dy))
        c = self.a_shape[3]
        totals = np.zeros((len(self._shares), self.window[0] * self.window[1] * c, self.o), self.dtype)
        dy = np.ascontiguousarray(dy)
        jobs = [
            partial(self._filter_grad, a, dy, total, share, i)
            for i, (total, share) in enumerate(zip(totals, self._shares))
        ]
        parallel(jobs)
        total = totals[0]
        for other in totals[1:]:
            total += other
        return total.reshape(*self.window, c, self.o)

    def _filter_grad(self, a: NDArray[Any], dy: NDArray[Any], total: NDArray[Any], share: range, worker: int) -> None:
        part = None
        for first in range(share.start, share.stop, self._group):
            count = min(self._group, share.stop - first)
            columns = self._columns_of(a, first, count, worker)
            rows = dy[first : first + count].reshape(-1, self.o)
            if first == share.start:
                np.dot(columns.T, rows, out=total)
                continue
            part = np.empty_like(total) if part is None else part
            np.dot(columns.T, rows, out=part)
            total += part


def _phases(
    size: int, out: int, window: int, stride: int, dilation: int, before: int
) -> list[tuple[slice, list[int], int, int, int]]:
    """How the gradient for one input dimension falls apart by the remainder of the position by the stride.

    Returns:
      For each remainder: the input positions, the filter's elements that reach them (in the order of the output
      positions that they are met from), how many zeros to put before the output's gradient, the distance between
      the output positions, the number of input positions.
    """
    # Elements k, k + step, ... share a remainder, step = stride / gcd, and lie this many outputs apart.
    apart = dilation // math.gcd(stride, dilation)
    phases = []
    for remainder in range(stride):
        start = (remainder - before) % stride  # the first input position of this phase
        count = len(range(start, size, stride))
        if count == 0:
            continue
        elements = [k for k in range(window) if (k * dilation - remainder) % stride == 0]
        elements.reverse()  # a later element is met from an earlier output
        lead = 0
        if elements:
            # input start + before = y * stride + k * dilation
            first = (start + before - elements[0] * dilation) // stride
            lead = -first
        phases.append((slice(start, None, stride), elements, lead, apart, count))
    return phases


def _compute_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Half precision is computed in single, as no BLAS has it."""
    return np.dtype(np.float32) if dtype.itemsize == 2 else dtype


class Conv2D:
    """A 2-D convolution of fixed shapes, forward and both gradients, with its own scratch memory.

    Args:
      x_shape: input shape in `data_format`.
      w_shape: filter shape (height, width, input channels, output channels); fewer input channels than x has: groups.
      strides: two numbers, or four in `data_format`.
      padding: "SAME", "VALID", two (before, after) pairs, or eight numbers in `data_format`.
      dilations: two numbers, or four in `data_format`.
      data_format: "NHWC" or "NCHW" (computed through transposed views).
      dtype: of x, w and the result.

    Raises:
      ValueError: channels that do not divide, or a padding or format that is none.

    Example:
      >>> import numpy as np
      >>> plan = Conv2D((2, 5, 7, 3), (3, 3, 3, 4), (1, 1), "SAME")
      >>> plan.forward(np.ones((2, 5, 7, 3), np.float32), np.ones((3, 3, 3, 4), np.float32))[0, 0, :3, 0].tolist()
      [12.0, 18.0, 18.0]
    """

    def __init__(
        self,
        x_shape: Sequence[int],
        w_shape: Sequence[int],
        strides: Sequence[int] = (1, 1),
        padding: Any = "SAME",
        dilations: Sequence[int] = (1, 1),
        data_format: str = "NHWC",
        dtype: DTypeLike = np.float32,
    ) -> None:
        if data_format not in ("NHWC", "NCHW"):
            raise ValueError(f"data_format is {data_format!r}, want 'NHWC' or 'NCHW'")
        self.data_format, self.dtype = data_format, np.dtype(dtype)
        x_shape, self.w_shape = tuple(int(d) for d in x_shape), tuple(int(d) for d in w_shape)
        axes = spatial_axes(data_format)
        n, c = x_shape[0], x_shape[data_format.index("C")]
        kh, kw, ci, o = self.w_shape
        self.groups = c // ci if ci and c % ci == 0 else 0
        if self.groups == 0 or o % max(self.groups, 1):
            raise ValueError(
                f"input of shape {x_shape} has {c} channels and the filter of shape {self.w_shape} takes {ci}: "
                "the input's channels must be a multiple of the filter's, and so many groups divide its outputs"
            )
        self.stride = _pair(strides, axes)
        self.dilation = _pair(dilations, axes)
        size = (x_shape[axes[0]], x_shape[axes[1]])
        if not isinstance(padding, (str, bytes)) and len(padding) == 8:
            padding = explicit_pads(padding, data_format)
        elif not isinstance(padding, (str, bytes)) and len(padding) == 4:
            padding = [padding[axis] for axis in axes]
        self.pads = window_pads(size, (kh, kw), self.stride, self.dilation, padding)
        rows, columns = (
            output_size(size[i], (kh, kw)[i], self.stride[i], self.dilation[i], self.pads[i]) for i in (0, 1)
        )
        self.out_hw = (rows, columns)
        self._x_nhwc = (n, *size, c)
        self._out_nhwc = (n, *self.out_hw, o)
        self.out_shape = self._out_nhwc if data_format == "NHWC" else (n, o, *self.out_hw)
        self.x_shape = x_shape
        self._compute = _compute_type(self.dtype)
        self._forward_plan: _Correlation | None = None
        self._grad_plans: list[Any] | None = None

    def _nhwc(self, array: NDArray[Any]) -> NDArray[Any]:
        array = np.asarray(array)
        if self.data_format == "NCHW":
            array = array.transpose(0, 2, 3, 1)
        return array.astype(self._compute, copy=False)

    def _result(self, array: NDArray[Any]) -> NDArray[Any]:
        array = array.astype(self.dtype, copy=False)
        return np.ascontiguousarray(array.transpose(0, 3, 1, 2)) if self.data_format == "NCHW" else array

    def _correlation(self) -> _Correlation:
        if self._forward_plan is None:
            n, height, width, _ = self._x_nhwc
            kh, kw, ci, o = self.w_shape
            self._forward_plan = _Correlation(
                (n, height, width, ci),
                (kh, kw),
                o // self.groups,
                self.out_hw,
                (self.pads[0][0], self.pads[1][0]),
                self.stride,
                self.dilation,
                self._compute,
            )
        return self._forward_plan

    def _group_slices(self) -> list[tuple[slice, slice]]:
        ci, o = self.w_shape[2], self.w_shape[3] // self.groups
        return [(slice(g * ci, (g + 1) * ci), slice(g * o, (g + 1) * o)) for g in range(self.groups)]

    def forward(self, x: NDArray[Any], w: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """The convolution.

        Args:
          x: input.
          w: filter.
          out: where to put the result: C-contiguous, of the output's shape and dtype.

        Returns:
          The result; `out` if given.
        """
        plan = self._correlation()
        direct = out is not None and self.data_format == "NHWC" and self.dtype == self._compute
        result = out if direct and out is not None else np.empty(self._out_nhwc, self._compute)
        if plan.empty:
            result[...] = 0
        else:
            x, w = self._nhwc(x), np.asarray(w).astype(self._compute, copy=False)
            for c_part, o_part in self._group_slices():
                plan.forward(x[..., c_part], w[..., o_part], result[..., o_part])
        if direct:
            return result
        result = self._result(result)
        if out is not None:
            np.copyto(out, result)
            return out
        return result

    def filter_grad(self, x: NDArray[Any], dy: NDArray[Any]) -> NDArray[Any]:
        """The gradient for the filter.

        Args:
          x: input.
          dy: gradient for the output.

        Returns:
          Array of the filter's shape.
        """
        plan = self._correlation()
        if plan.empty:
            return np.zeros(self.w_shape, self.dtype)
        x, dy = self._nhwc(x), self._nhwc(dy)
        if self.groups == 1:
            return plan.filter_grad(x, dy).astype(self.dtype, copy=False)
        out = np.empty(self.w_shape, self.dtype)
        for c_part, o_part in self._group_slices():
            out[..., o_part] = plan.filter_grad(x[..., c_part], dy[..., o_part])
        return out

    def _input_plans(self) -> list[Any]:
        if self._grad_plans is None:
            n, height, width, _ = self._x_nhwc
            kh, kw, ci, o = self.w_shape
            by_axis = [
                _phases(
                    (height, width)[i],
                    self.out_hw[i],
                    (kh, kw)[i],
                    self.stride[i],
                    self.dilation[i],
                    self.pads[i][0],
                )
                for i in (0, 1)
            ]
            self._grad_plans = []
            for rows, row_taps, row_lead, row_apart, row_count in by_axis[0]:
                for columns, column_taps, column_lead, column_apart, column_count in by_axis[1]:
                    plan = _Correlation(
                        (n, *self.out_hw, o // self.groups),
                        (len(row_taps), len(column_taps)),
                        ci,
                        (row_count, column_count),
                        (row_lead, column_lead),
                        (1, 1),
                        (row_apart, column_apart),
                        self._compute,
                    )
                    self._grad_plans.append((plan, rows, columns, np.ix_(row_taps, column_taps)))
        return self._grad_plans

    def input_grad(self, w: NDArray[Any], dy: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """The gradient for the input.

        Args:
          w: filter.
          dy: gradient for the output.
          out: where to put the result: C-contiguous, of the input's shape and dtype.

        Returns:
          Array of the input's shape; `out` if given.
        """
        direct = out is not None and self.data_format == "NHWC" and self.dtype == self._compute
        result = out if direct and out is not None else np.empty(self._x_nhwc, self._compute)
        dy, w = self._nhwc(dy), np.asarray(w).astype(self._compute, copy=False)
        for plan, rows, columns, taps in self._input_plans():
            if plan.empty:
                result[:, rows, columns] = 0
                continue
            turned = w[taps].swapaxes(2, 3)
            for c_part, o_part in self._group_slices():
                target = result[:, rows, columns, c_part]
                plan.forward(dy[..., o_part], turned[:, :, o_part], target)
        if direct:
            return result
        result = self._result(result)
        if out is not None:
            np.copyto(out, result)
            return out
        return result


def _pair(values: Sequence[int], axes: Sequence[int]) -> tuple[int, int]:
    if isinstance(values, (int, np.integer)):
        return (int(values), int(values))
    if len(values) == 4:
        values = [values[axis] for axis in axes]
    return (int(values[0]), int(values[1]))


def _hashable(value: Any) -> Any:
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(_hashable(v) for v in value)
    return value.decode() if isinstance(value, bytes) else value


def _plan(
    x_shape: Any, w_shape: Any, strides: Any, padding: Any, dilations: Any, data_format: str, dtype: Any
) -> Conv2D:
    return Conv2D(x_shape, w_shape, strides, _hashable(padding), dilations, data_format, dtype)


def conv2d(
    x: NDArray[Any],
    w: NDArray[Any],
    strides: Any = (1, 1),
    padding: Any = "SAME",
    dilations: Any = (1, 1),
    data_format: str = "NHWC",
) -> NDArray[Any]:
    """2-D convolution (correlation) of x (N, H, W, C) with w (kh, kw, C, O); arguments as `Conv2D`."""
    x = np.asarray(x)
    return _plan(x.shape, np.shape(w), strides, padding, dilations, data_format, x.dtype).forward(x, w)


def conv2d_input_grad(
    x_shape: Any,
    w: NDArray[Any],
    dy: NDArray[Any],
    strides: Any = (1, 1),
    padding: Any = "SAME",
    dilations: Any = (1, 1),
    data_format: str = "NHWC",
) -> NDArray[Any]:
    """The gradient of `conv2d` for an input of shape `x_shape`."""
    dy = np.asarray(dy)
    return _plan(x_shape, np.shape(w), strides, padding, dilations, data_format, dy.dtype).input_grad(w, dy)


def conv2d_filter_grad(
    x: NDArray[Any],
    w_shape: Any,
    dy: NDArray[Any],
    strides: Any = (1, 1),
    padding: Any = "SAME",
    dilations: Any = (1, 1),
    data_format: str = "NHWC",
) -> NDArray[Any]:
    """The gradient of `conv2d` for a filter of shape `w_shape`."""
    x = np.asarray(x)
    return _plan(x.shape, w_shape, strides, padding, dilations, data_format, x.dtype).filter_grad(x, dy)
