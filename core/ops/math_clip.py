"""Clipping: of values, by norms of one tensor, by the norm of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.dtypes import float32
from core.graph import IndexedSlices, Tensor, apply_op, colocate_with, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import identity, ones_like, rank, size
from core.ops.constant import constant
from core.ops.math_reduce import reduce_sum
from core.shapes import TensorShape, broadcast_all

__all__ = ["clip_by_average_norm", "clip_by_global_norm", "clip_by_norm", "clip_by_value", "global_norm"]


# ---------------------------------------------------------------------- values

def _clip_shape(t: Tensor, clip_value_min: Tensor, clip_value_max: Tensor) -> TensorShape:
    return broadcast_all([t.shape, clip_value_min.shape, clip_value_max.shape])


def _clip_grad(op: Any, grad: Any) -> list[Any]:
    x, low, high = op.inputs
    zeros = apply_op("ZerosLike", grad)
    below, above = apply_op("Less", x, low), apply_op("Greater", x, high)
    by_x = apply_op("SelectV2", apply_op("LogicalOr", below, above), zeros, grad)

    def to(limit: Any, chosen: Any) -> Any:
        part = apply_op("SelectV2", chosen, grad, zeros)
        axes = apply_op("BroadcastGradientArgs", apply_op("Shape", limit), apply_op("Shape", op.outputs[0]))[0]
        return apply_op("Reshape", apply_op("Sum", part, axes), apply_op("Shape", limit))
    return [by_x, to(low, below), to(high, above)]


define_op("ClipByValue", "t:T, clip_value_min:T, clip_value_max:T", "output:T", "T:type{@number}", shape=_clip_shape,
          kernel=lambda xp, t, low, high: xp.maximum(xp.minimum(t, high), low), gradient=_clip_grad)


def _values(t: Any, name: str = "t") -> Tensor:
    return convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name=name)


def _like(t: Any, values: Any) -> Any:
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Sets values below the least to the least, values above the largest to the largest.

    Args:
      t: Tensor or IndexedSlices.
      clip_value_min: The least, a 0-D tensor or one that broadcasts to the shape of `t`.
      clip_value_max: The largest, likewise.
      name: Name of the scope and its last operation.

    Returns:
      What is like `t`.

    Raises:
      ValueError: A limit would make the result larger than `t`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.clip_by_value([-5.0, 0.5, 7.0], -1.0, 1.0)))
      [-1.   0.5  1. ]
    """
    with name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        values = _values(t)
        below = apply_op("Minimum", values, clip_value_max)
        values.shape.merge_with(below.shape)
        inside = apply_op("Maximum", below, clip_value_min, name=scope)
        values.shape.merge_with(inside.shape)
        return _like(t, inside)


# ---------------------------------------------------------------------- norms

def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """Scales a tensor down so that its Euclidean norm is at most `clip_norm`.

    Args:
      t: Tensor of floats or IndexedSlices.
      clip_norm: Largest norm, a positive 0-D tensor.
      axes: Axes over which the norm is formed; by default all.
      name: Name of the scope and its last operation.

    Returns:
      What is like `t`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.clip_by_norm([3.0, 4.0], 1.0)))
      [0.6 0.8]
    """
    with name_scope(name, "clip_by_norm", [t, clip_norm]) as scope:
        values = _values(t)
        squares = reduce_sum(apply_op("Mul", values, values, name="mul"), axes, keepdims=True)
        present = apply_op("Greater", squares, 0)
        # Twice a choice: the root's gradient at 0 must not reach the result.
        safe = apply_op("Select", present, squares, ones_like(squares))
        norm = apply_op("Select", present, apply_op("Sqrt", safe), squares)
        scaled = apply_op("Mul", values, clip_norm, name="mul")
        values.shape.merge_with(scaled.shape)
        clipped = apply_op("RealDiv", scaled, apply_op("Maximum", norm, clip_norm), name="truediv")
        return _like(t, identity(clipped, name=scope))


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """Scales a tensor down so that its norm divided by its number of elements is at most `clip_norm`.

    Args:
      t: Tensor of float32.
      clip_norm: Largest average norm, a positive 0-D tensor.
      name: Name of the scope and its last operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.clip_by_average_norm([3.0, 4.0], 0.25)))
      [0.3 0.4]
    """
    with name_scope(name, "clip_by_average_norm", [t, clip_norm]) as scope:
        t = convert_to_tensor(t, name="t")
        count = apply_op("Cast", size(t), DstT=float32)
        everything = apply_op("Range", 0, rank(t), 1, name="range")
        inverse = apply_op("Rsqrt", reduce_sum(apply_op("Mul", t, t, name="mul"), everything))
        limit = constant(1.0) / clip_norm
        factor = apply_op("Minimum", apply_op("Mul", inverse, count, name="mul"), limit)
        return identity(apply_op("Mul", apply_op("Mul", t, clip_norm, name="mul"), factor, name="mul"), name=scope)


def _checked(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, (str, bytes)):
        raise TypeError("t_list should be a sequence")
    return list(t_list)


def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """Computes the Euclidean norm of all tensors together.

    Args:
      t_list: Sequence of Tensors, IndexedSlices or None.
      name: Name of the scope.

    Raises:
      TypeError: `t_list` is no sequence.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.global_norm([tf.constant([3.0]), tf.constant([[4.0]])])))
      5.0
    """
    t_list = _checked(t_list)
    with name_scope(name, "global_norm", t_list):
        halves = []
        for index, t in enumerate(t_list):
            if t is not None:
                value = _values(t, f"t_{index}")
                with colocate_with(value.op):
                    halves.append(apply_op("L2Loss", value))
        half = reduce_sum(apply_op("Pack", halves, name="stack"))
        double = apply_op("Mul", half, constant(2.0, dtype=half.dtype.base_dtype), name="mul")
        return apply_op("Sqrt", double, name="global_norm")


def clip_by_global_norm(t_list: Any, clip_norm: Any, use_norm: Any = None,
                        name: str | None = None) -> tuple[list[Any], Any]:
    """Scales tensors down together so that their common norm is at most `clip_norm`; the way to tame gradients.

    Args:
      t_list: Sequence of Tensors, IndexedSlices or None.
      clip_norm: Largest common norm, a positive 0-D tensor.
      use_norm: The norm, if you have it; by default `global_norm(t_list)`.
      name: Name of the scope.

    Returns:
      The list of scaled tensors (NaN where the norm is not finite), and the norm.

    Raises:
      TypeError: `t_list` is no sequence.

    Example:
      >>> clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), None, tf.constant([4.0])], 2.5)
      >>> with tf.Session() as sess:
      ...     print(sess.run([clipped[0], clipped[2], norm]))
      [array([1.5], dtype=float32), array([2.], dtype=float32), np.float32(5.0)]

    Source: Pascanu et al., "On the difficulty of training recurrent neural networks", 2012.
    """
    t_list = _checked(t_list)
    if use_norm is None:
        use_norm = global_norm(t_list, name)
    with name_scope(name, "clip_by_global_norm", [*t_list, clip_norm]) as scope:
        use_norm = convert_to_tensor(use_norm)
        dtype = use_norm.dtype.base_dtype
        factor = clip_norm * apply_op("Minimum", 1.0 / use_norm, constant(1.0, dtype=dtype) / clip_norm)
        factor = apply_op("Select", apply_op("IsFinite", use_norm), factor, constant(np.nan, dtype=dtype))
        clipped: list[Any] = []
        for index, t in enumerate(t_list):
            if t is None:
                clipped.append(None)
                continue
            value = _values(t, f"t_{index}")
            with colocate_with(value.op):
                scaled = identity(apply_op("Mul", value, factor, name="mul"), name=f"{scope}_{index}")
            clipped.append(_like(t, scaled))
    return clipped, use_norm
