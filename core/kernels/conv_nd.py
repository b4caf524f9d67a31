"""Convolution with any number of spatial dimensions, and depthwise convolution, with their gradients.

Clear rather than fast: one matrix product, or one multiplication, for each element of the filter. Two dimensions
with full filters have core/kernels/conv.py.

Must not import core.graph, core.ops or anything above them.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kernels.windows import explicit_pads, output_size, spatial_axes, window_pads

__all__ = [
    "conv_nd",
    "conv_nd_filter_grad",
    "conv_nd_input_grad",
    "depthwise_conv2d",
    "depthwise_conv2d_filter_grad",
    "depthwise_conv2d_input_grad",
]

_FORMATS = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
Index = tuple[slice, ...]


class _Geometry:
    """Sizes of one convolution, channels last: which slice of the padded input meets which filter element."""

    def __init__(
        self,
        x_shape: Sequence[int],
        window: Sequence[int],
        strides: Any,
        padding: Any,
        dilations: Any,
        data_format: str | None,
    ) -> None:
        rank = len(window)
        self.format = data_format or _FORMATS[rank]
        axes = spatial_axes(self.format)
        self.last = self.format.endswith("C")
        self.order = [0, *axes, self.format.index("C")]
        self.size = [int(x_shape[axis]) for axis in axes]
        self.channels = int(x_shape[self.format.index("C")])
        self.window = [int(w) for w in window]
        self.stride, self.dilation = self._spatial(strides, axes), self._spatial(dilations, axes)
        if not isinstance(padding, (str, bytes)) and len(padding) == 2 * (rank + 2):
            padding = explicit_pads(padding, self.format)
        self.pads = window_pads(self.size, self.window, self.stride, self.dilation, padding)
        self.out = [output_size(*each) for each in zip(self.size, self.window, self.stride, self.dilation, self.pads)]
        # Room for the last window even where the input ends before it.
        self.room = [
            max(size + sum(pads), (out - 1) * stride + (window - 1) * dilation + 1)
            for size, pads, out, stride, window, dilation in zip(
                self.size, self.pads, self.out, self.stride, self.window, self.dilation
            )
        ]

    @staticmethod
    def _spatial(values: Any, axes: Sequence[int]) -> list[int]:
        if isinstance(values, (int, np.integer)):
            return [int(values)] * len(axes)
        values = [int(v) for v in values]
        return [values[axis] for axis in axes] if len(values) == len(axes) + 2 else values

    def channels_last(self, array: Any, compute: np.dtype[Any]) -> NDArray[Any]:
        array = np.asarray(array)
        if not self.last:
            array = array.transpose(self.order)
        return array.astype(compute, copy=False)

    def result(self, array: NDArray[Any], dtype: Any) -> NDArray[Any]:
        if not self.last:
            array = np.moveaxis(array, -1, 1)
        return np.ascontiguousarray(array, dtype)

    def inside(self) -> Index:
        """Where the input lies in the padded one."""
        return (slice(None), *(slice(p[0], p[0] + s) for p, s in zip(self.pads, self.size)))

    def padded(self, x: NDArray[Any]) -> NDArray[Any]:
        if all(p == (0, 0) for p in self.pads):
            return x
        out = np.zeros((x.shape[0], *self.room, x.shape[-1]), x.dtype)
        out[self.inside()] = x
        return out

    def elements(self) -> Iterator[tuple[tuple[int, ...], Index]]:
        """Each filter element's index and the padded inputs that it meets."""
        for element in product(*map(range, self.window)):
            yield (
                element,
                (
                    slice(None),
                    *(
                        slice(k * d, k * d + (n - 1) * s + 1 if n else 0, s)
                        for k, d, n, s in zip(element, self.dilation, self.out, self.stride)
                    ),
                ),
            )


def _compute_type(dtype: Any) -> np.dtype[Any]:
    dtype = np.dtype(dtype)
    return np.dtype(np.float32) if dtype.itemsize == 2 else dtype


def conv_nd(
    x: NDArray[Any], w: NDArray[Any], strides: Any, padding: Any, dilations: Any = 1, data_format: str | None = None
) -> NDArray[Any]:
    """Convolution (correlation) with any number of spatial dimensions.

    Args:
      x: input, (N, *spatial, C) or (N, C, *spatial) by `data_format`.
      w: filter, (*spatial, C, O).
      strides: a number, one per spatial dimension, or one per dimension of x.
      padding: "SAME", "VALID" or (before, after) pairs.
      dilations: as strides.
      data_format: "NWC", "NCW", "NHWC", "NCHW", "NDHWC" or "NCDHW"; None: channels last.

    Returns:
      The output in `data_format`.
    """
    dtype = np.asarray(x).dtype
    g = _Geometry(np.shape(x), np.shape(w)[:-2], strides, padding, dilations, data_format)
    compute = _compute_type(dtype)
    padded = g.padded(g.channels_last(x, compute))
    w = np.asarray(w).astype(compute, copy=False)
    out = np.zeros((padded.shape[0], *g.out, w.shape[-1]), compute)
    if out.size:
        for element, where in g.elements():
            out += padded[where] @ w[element]
    return g.result(out, dtype)


def conv_nd_input_grad(
    x_shape: Sequence[int],
    w: NDArray[Any],
    dy: NDArray[Any],
    strides: Any,
    padding: Any,
    dilations: Any = 1,
    data_format: str | None = None,
) -> NDArray[Any]:
    """The gradient of `conv_nd` for an input of shape `x_shape`."""
    dtype = np.asarray(dy).dtype
    g = _Geometry(x_shape, np.shape(w)[:-2], strides, padding, dilations, data_format)
    compute = _compute_type(dtype)
    dy = g.channels_last(dy, compute)
    w = np.asarray(w).astype(compute, copy=False)
    dx = np.zeros((dy.shape[0], *g.room, g.channels), compute)
    if dy.size:
        for element, where in g.elements():
            dx[where] += dy @ w[element].T
    return g.result(dx[g.inside()], dtype)


def conv_nd_filter_grad(
    x: NDArray[Any],
    w_shape: Sequence[int],
    dy: NDArray[Any],
    strides: Any,
    padding: Any,
    dilations: Any = 1,
    data_format: str | None = None,
) -> NDArray[Any]:
    """The gradient of `conv_nd` for a filter of shape `w_shape`."""
    dtype = np.asarray(x).dtype
    w_shape = tuple(int(d) for d in w_shape)
    g = _Geometry(np.shape(x), w_shape[:-2], strides, padding, dilations, data_format)
    compute = _compute_type(dtype)
    padded = g.padded(g.channels_last(x, compute))
    rows = g.channels_last(dy, compute).reshape(-1, w_shape[-1])
    dw = np.zeros(w_shape, compute)
    if rows.size:
        for element, where in g.elements():
            dw[element] = padded[where].reshape(-1, g.channels).T @ rows
    return dw.astype(dtype, copy=False)


def _by_channel(g: _Geometry, array: Any, compute: np.dtype[Any], multiplier: int) -> NDArray[Any]:
    array = g.channels_last(array, compute)
    return array if multiplier == 1 else array.reshape(*array.shape[:-1], -1, multiplier)


def depthwise_conv2d(
    x: NDArray[Any], w: NDArray[Any], strides: Any, padding: Any, dilations: Any = 1, data_format: str = "NHWC"
) -> NDArray[Any]:
    """Depthwise 2-D convolution: each input channel has its own filters.

    Args:
      x: input (N, H, W, C), or (N, C, H, W).
      w: filter (kh, kw, C, M); output channel c * M + m is channel c under filter m.
      strides: a number, two, or four in `data_format`.
      padding: "SAME", "VALID" or (before, after) pairs.
      dilations: as strides.
      data_format: "NHWC" or "NCHW".

    Returns:
      Output with C * M channels.
    """
    dtype = np.asarray(x).dtype
    compute = _compute_type(dtype)
    g = _Geometry(np.shape(x), np.shape(w)[:2], strides, padding, dilations, data_format)
    w = np.asarray(w).astype(compute, copy=False)
    c, m = w.shape[2:]
    padded = g.padded(g.channels_last(x, compute))
    out = np.zeros((padded.shape[0], *g.out, c, m) if m > 1 else (padded.shape[0], *g.out, c), compute)
    part = np.empty(out.shape[1:], compute)
    for image, target in zip(padded, out):  # image by image: the sums stay in the cache
        for element, where in g.elements():
            if m > 1:
                np.multiply(image[where[1:]][..., None], w[element], out=part)
            else:
                np.multiply(image[where[1:]], w[element][:, 0], out=part)
            target += part
    return g.result(out.reshape(*out.shape[:3], c * m), dtype)


def depthwise_conv2d_input_grad(
    x_shape: Sequence[int],
    w: NDArray[Any],
    dy: NDArray[Any],
    strides: Any,
    padding: Any,
    dilations: Any = 1,
    data_format: str = "NHWC",
) -> NDArray[Any]:
    """The gradient of `depthwise_conv2d` for an input of shape `x_shape`."""
    dtype = np.asarray(dy).dtype
    compute = _compute_type(dtype)
    g = _Geometry(x_shape, np.shape(w)[:2], strides, padding, dilations, data_format)
    w = np.asarray(w).astype(compute, copy=False)
    m = w.shape[3]
    dy = _by_channel(g, dy, compute, m)
    dx = np.zeros((dy.shape[0], *g.room, g.channels), compute)
    for image, upper in zip(dx, dy):
        for element, where in g.elements():
            if m > 1:
                image[where[1:]] += np.einsum("hwcm,cm->hwc", upper, w[element])
            else:
                image[where[1:]] += upper * w[element][:, 0]
    return g.result(dx[g.inside()], dtype)


def depthwise_conv2d_filter_grad(
    x: NDArray[Any],
    w_shape: Sequence[int],
    dy: NDArray[Any],
    strides: Any,
    padding: Any,
    dilations: Any = 1,
    data_format: str = "NHWC",
) -> NDArray[Any]:
    """The gradient of `depthwise_conv2d` for a filter of shape `w_shape`."""
    dtype = np.asarray(x).dtype
    compute = _compute_type(dtype)
    w_shape = tuple(int(d) for d in w_shape)
    g = _Geometry(np.shape(x), w_shape[:2], strides, padding, dilations, data_format)
    m = w_shape[3]
    padded = g.padded(g.channels_last(x, compute))
    dy = _by_channel(g, dy, compute, m)
    dw = np.zeros(w_shape, compute)
    for image, upper in zip(padded, dy):
        for element, where in g.elements():
            if m > 1:
                dw[element] += np.einsum("hwc,hwcm->cm", image[where[1:]], upper)
            else:
                dw[element][:, 0] += np.einsum("hwc,hwc->c", image[where[1:]], upper)
    return dw.astype(dtype, copy=False)
