"""Grey-scale dilation and erosion of images, with gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.graph import Operation, Tensor, apply_op, define_op, name_scope
from core.kernels.windows import output_size, window_pads
from core.ops.array_order import reverse
from core.ops.nn_conv import spatial_size
from core.shapes import TensorShape

__all__: list[str] = []

_ATTRS = ("T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64}; "
          "strides:list(int)>=4; rates:list(int)>=4; padding:string{SAME,VALID}")


def _shape(input: Tensor, filter: Tensor, *, strides: list[int], rates: list[int], padding: str) -> TensorShape:
    dims, window = input.shape.with_rank(4).as_list(), filter.shape.with_rank(3).as_list()
    for what, values in (("strides", strides), ("rates", rates)):
        if len(values) != 4 or values[0] != 1 or values[3] != 1 or any(v < 1 for v in values):
            raise ValueError(f"{what} must be [1, height, width, 1] with positive numbers, got {values}")
    if None not in (dims[3], window[2]) and dims[3] != window[2]:
        raise ValueError(f"Dimensions must be equal, but are {dims[3]} and {window[2]}: the input has {dims[3]} "
                         f"channels, the filter {window[2]}")
    for i in (1, 2):
        dims[i] = spatial_size(dims[i], window[i - 1], strides[i], rates[i], padding, (0, 0))
    return TensorShape(dims)


class _Windows:
    """Where the elements of the filter meet the padded image."""

    def __init__(self, image: Any, window: Any, strides: list[int], rates: list[int], padding: str) -> None:
        sizes, taps = image.shape[1:3], window.shape[:2]
        steps, self.rates = strides[1:3], rates[1:3]
        self.pads = window_pads(sizes, taps, steps, self.rates, padding)
        self.out = [output_size(*each) for each in zip(sizes, taps, steps, self.rates, self.pads, strict=True)]
        self.steps, self.taps = steps, taps
        room = [max(s + sum(p), (o - 1) * t + (k - 1) * r + 1)
                for s, p, o, t, k, r in zip(sizes, self.pads, self.out, steps, taps, self.rates, strict=True)]
        low = np.iinfo(image.dtype).min if image.dtype.kind in "iu" else -np.inf
        self.padded = np.full((image.shape[0], *room, image.shape[3]), low, image.dtype)
        self.inside = (slice(None), *(slice(p[0], p[0] + s) for p, s in zip(self.pads, sizes, strict=True)))
        self.padded[self.inside] = image

    def elements(self) -> Iterator[tuple[tuple[int, ...], Any]]:
        """Index of each element, and the places that it meets."""
        for index in np.ndindex(*self.taps):
            yield index, (slice(None), *(slice(k * r, k * r + (o - 1) * t + 1, t) for k, r, o, t in zip(
                index, self.rates, self.out, self.steps, strict=True)))


def _dilated(image: Any, window: Any, strides: list[int], rates: list[int], padding: str) -> tuple[Any, Any, _Windows]:
    """The result, and which element of the filter (counted row by row) gave it."""
    windows = _Windows(image, window, strides, rates, padding)
    best: Any = None
    chosen = np.zeros((image.shape[0], *windows.out, image.shape[3]), np.int32)
    for at, (index, where) in enumerate(windows.elements()):
        candidate = (windows.padded[where] + window[index]).astype(image.dtype)
        if best is None:
            best = candidate
            continue
        better = candidate > best
        chosen[better] = at
        best = np.where(better, candidate, best)
    return best, chosen, windows


def _dilation(xp: Any, input: Any, filter: Any, *, strides: list[int], rates: list[int], padding: str) -> Any:
    return _dilated(input, filter, strides, rates, padding)[0]


def _gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = {n: op.attrs[n] for n in ("strides", "rates", "padding")}
    return [apply_op(f"Dilation2DBackprop{which}", op.inputs[0], op.inputs[1], grad, **attrs)
            for which in ("Input", "Filter")]


define_op("Dilation2D", "input:T, filter:T", "output:T", _ATTRS, shape=_shape, kernel=_dilation, gradient=_gradient)


def _by_input(xp: Any, input: Any, filter: Any, out_backprop: Any, *, strides: list[int], rates: list[int],
              padding: str) -> Any:
    _, chosen, windows = _dilated(input, filter, strides, rates, padding)
    total = np.zeros(windows.padded.shape, out_backprop.dtype)
    for at, (_, where) in enumerate(windows.elements()):
        total[where] += np.where(chosen == at, out_backprop, out_backprop.dtype.type(0))
    return np.ascontiguousarray(total[windows.inside])


define_op("Dilation2DBackpropInput", "input:T, filter:T, out_backprop:T", "in_backprop:T", _ATTRS,
          shape=lambda input, filter, out_backprop: input.shape, kernel=_by_input)


def _by_filter(xp: Any, input: Any, filter: Any, out_backprop: Any, *, strides: list[int], rates: list[int],
               padding: str) -> Any:
    _, chosen, windows = _dilated(input, filter, strides, rates, padding)
    result = np.zeros(filter.shape, out_backprop.dtype)
    for at, (index, _) in enumerate(windows.elements()):
        result[index] = np.where(chosen == at, out_backprop, out_backprop.dtype.type(0)).sum((0, 1, 2))
    return result


define_op("Dilation2DBackpropFilter", "input:T, filter:T, out_backprop:T", "filter_backprop:T", _ATTRS,
          shape=lambda input, filter, out_backprop: filter.shape, kernel=_by_filter)


def dilation2d(input: Any, filter: Any = None, strides: Any = None, rates: Any = None, padding: Any = None,
               name: str | None = None, filters: Any = None, dilations: Any = None) -> Tensor:
    """Grey-scale dilation: the largest sum of image and filter over each window.

    Args:
      input: ``[batch, height, width, channels]`` real numbers.
      filter: ``[filter height, filter width, channels]``.
      strides: Steps of the window, ``[1, height, width, 1]``.
      rates: Distances between the filter's elements, ``[1, height, width, 1]``.
      padding: "SAME" or "VALID".
      name: Name of the operation.
      filters, dilations: Newer names of `filter` and `rates`.

    Raises:
      ValueError: Shapes that do not fit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.constant([1.0, 5.0, 2.0, 0.0]), [1, 2, 2, 1])
      ...     print(sess.run(tf.nn.dilation2d(x, tf.zeros([2, 2, 1]), [1] * 4, [1] * 4, "VALID")).ravel())
      [5.]
    """
    return apply_op("Dilation2D", input, filter if filters is None else filters, strides=strides,
                    rates=rates if dilations is None else dilations, padding=padding, name=name)


def erosion2d(value: Any, kernel: Any, strides: Any, rates: Any, padding: Any, name: str | None = None) -> Tensor:
    """Grey-scale erosion: the smallest difference of image and kernel over each window; see `dilation2d`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.constant([1.0, 5.0, 2.0, 0.0]), [1, 2, 2, 1])
      ...     print(sess.run(tf.nn.erosion2d(x, tf.ones([2, 2, 1]), [1] * 4, [1] * 4, "VALID")).ravel())
      [-1.]
    """
    with name_scope(name, "erosion2d", [value, kernel]) as scope:
        result = dilation2d(apply_op("Neg", value), reverse(kernel, [0, 1]), strides, rates, padding, name=scope)
        negative: Tensor = apply_op("Neg", result)
        return negative
