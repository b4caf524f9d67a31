"""Gradients checked by differences: `tf.test.compute_gradient`.

Complex numbers count as two real ones. Formula: (y(x + d) - y(x - d)) / 2d for each element of x.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.autodiff import gradients
from core.graph import IndexedSlicesValue, Tensor, convert_to_tensor
from core.ops.array_basic import identity
from core.session import get_default_session

__all__ = ["compute_gradient", "compute_gradient_error"]


def _reals(array: Any) -> Any:
    """All numbers of an array as a flat vector of real ones."""
    array = np.ascontiguousarray(array)
    return array.view(array.real.dtype).reshape(-1) if np.iscomplexobj(array) else array.reshape(-1)


def _start_of(x: Tensor, shape: Any) -> Any:
    dtype = x.dtype.base_dtype.as_numpy_dtype
    if dtype not in (np.float16, np.float32, np.float64, np.complex64, np.complex128):
        raise ValueError(f"compute_gradient is for float and complex tensors: {x.name} is of type {x.dtype.name}.")
    draw = np.random.RandomState(87654321)  # numbers of its own: a test may not depend on what ran before it
    value = draw.random_sample(shape)
    return (value + 1j * draw.random_sample(shape) if x.dtype.is_complex else value).astype(dtype)


def _theory(run: Any, x: Any, slope: Any, weights: Tensor, start: Any, extra: Any) -> Any:
    columns = []
    weight = np.zeros([n or 0 for n in weights.shape.as_list()], weights.dtype.as_numpy_dtype)
    flat = _reals(weight)
    for at in range(flat.size):
        flat[at] = 1
        value = run(slope, {**extra, x: start, weights: weight})
        if isinstance(value, IndexedSlicesValue):
            whole = np.zeros_like(start)
            np.add.at(whole, value.indices, value.values)
            value = whole
        columns.append(_reals(np.asarray(value, start.dtype)).astype(np.float64))
        flat[at] = 0
    return np.stack(columns, axis=1) if columns else np.zeros((_reals(start).size, 0))


def _differences(run: Any, x: Any, y: Any, start: Any, delta: float, extra: Any) -> Any:
    rows = []
    for at in range(_reals(start).size):
        ends = []
        for step in (delta, -delta):
            moved = start.copy()
            _reals(moved)[at] += step
            ends.append(_reals(np.asarray(run(y, {**extra, x: moved}))).astype(np.float64))
        rows.append((ends[0] - ends[1]) / (2 * delta))
    return np.stack(rows) if rows else np.zeros((0, 0))


def compute_gradient(
    x: Any, x_shape: Any, y: Any, y_shape: Any, x_init_value: Any = None, delta: float = 1e-3,
    init_targets: Any = None, extra_feed_dict: Any = None,
) -> Any:
    """Returns the Jacobian of `y` by `x` twice: from the gradient rules, and from differences.

    Args:
      x: A tensor or a list.
      x_shape: Its shape (a list of shapes for a list).
      y, y_shape: What depends on it.
      x_init_value: Where to take the slope; by default random numbers.
      delta: How far to go to each side.
      init_targets: Operations to run first.
      extra_feed_dict: What else to feed.

    Returns:
      Two arrays ``[elements of x, elements of y]``; a list of such pairs where `x` is a list.

    Raises:
      ValueError: No default session, or no gradient.

    Example:
      >>> with tf.Session():
      ...     x = tf.constant([2.0, 3.0])
      ...     theory, differences = tf.test.compute_gradient(x, [2], x * x, [2], x_init_value=np.array([2.0, 3.0]))
      >>> print(theory)
      [[4. 0.]
       [0. 6.]]
    """
    session = get_default_session()
    if session is None:
        raise ValueError("compute_gradient needs a default session: call it inside `with tf.Session():`.")
    if init_targets is not None:
        for target in init_targets if isinstance(init_targets, (list, tuple)) else [init_targets]:
            target.run()
    several = isinstance(x, (list, tuple))
    xs, shapes = (list(x), list(x_shape)) if several else ([x], [x_shape])
    starts = [None] * len(xs) if x_init_value is None else list(x_init_value) if several else [x_init_value]
    if len(starts) != len(xs) or len(shapes) != len(xs):
        raise ValueError(f"Got {len(xs)} tensors, {len(shapes)} shapes and {len(starts)} values: they must be as many.")
    weights = identity(convert_to_tensor(np.ones(y_shape, y.dtype.base_dtype.as_numpy_dtype)))
    slopes = gradients(y, xs, grad_ys=weights)
    values = [_start_of(t, s) if v is None else np.array(v, dtype=t.dtype.base_dtype.as_numpy_dtype).reshape(s)
              for t, s, v in zip(xs, shapes, starts)]
    pairs = []
    for tensor, slope, value in zip(xs, slopes, values):
        if slope is None:
            raise ValueError(f"{y.name} has no gradient by {tensor.name}.")
        extra = {**(extra_feed_dict or {}), **dict(zip(xs, values))}
        pairs.append((_theory(session.run, tensor, slope, weights, value, extra),
                      _differences(session.run, tensor, y, value, delta, extra)))
    return pairs if several else pairs[0]


def compute_gradient_error(
    x: Any, x_shape: Any, y: Any, y_shape: Any, x_init_value: Any = None, delta: float = 1e-3,
    init_targets: Any = None, extra_feed_dict: Any = None,
) -> float:
    """Returns the largest difference between the two Jacobians of `compute_gradient`; arguments as there."""
    found = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    pairs = found if isinstance(found, list) else [found]
    return float(max((np.abs(theory - differences).max() for theory, differences in pairs if theory.size), default=0.0))
