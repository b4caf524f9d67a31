"""Broadcasting: the shape rule of all two-argument ops, and how their gradients find the way back.

Must not import other maths families: they all build on this file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.graph import NO_GRADIENT, Tensor, apply_op, define_op
from core.graph.operation import gradient_path
from core.ops.constant import constant
from core.shapes import TensorShape, broadcast

__all__: list[str] = []


def broadcast_shape(x: Tensor, y: Tensor) -> TensorShape:
    """Shape rule: both inputs, broadcast.

    Example:
      >>> print(broadcast_shape(tf.zeros([5, 1, 3]), tf.zeros([2, 1])))
      (5, 2, 3)
    """
    try:
        return broadcast(x._shape, y._shape)
    except ValueError:
        first, second = x._shape.as_list(), y._shape.as_list()
        a, b = next((a, b) for a, b in zip(reversed(first), reversed(second), strict=False)
                    if a != b and a not in (1, None) and b not in (1, None))
        raise ValueError(f"Dimensions must be equal, but are {a} and {b}") from None


# ---------------------------------------------------------------------- BroadcastGradientArgs

def _reduced_axes(xp: Any, s0: Any, s1: Any) -> Any:
    first, second = s0.tolist(), s1.tolist()
    rank = max(len(first), len(second))
    first = [1] * (rank - len(first)) + first
    second = [1] * (rank - len(second)) + second
    if any(a != b and a != 1 and b != 1 for a, b in zip(first, second, strict=True)):
        raise ValueError(f"Incompatible shapes: {s0.tolist()} vs. {s1.tolist()}")
    zero = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a == 1]
    one = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if b == 1]
    if first == second:
        zero = one = []
    return [np.array(zero, s0.dtype), np.array(one, s0.dtype)]


define_op("BroadcastGradientArgs", "s0:T, s1:T", "r0:T, r1:T", "T:type=int32{int32,int64}",
          shape=lambda s0, s1: (TensorShape([None]), TensorShape([None])), kernel=_reduced_axes, gradient=NO_GRADIENT)


# ---------------------------------------------------------------------- gradients through broadcasting

def by_each(op: Any, by_x: Callable[[], Any], by_y: Callable[[], Any]) -> list[Any]:
    """`unbroadcast` of what the two functions build; a gradient that nobody asks for is not built."""
    x, y = op.inputs
    return unbroadcast(op, by_x() if gradient_path.wants(x) else None, by_y() if gradient_path.wants(y) else None)


def unbroadcast(op: Any, gx: Any, gy: Any) -> list[Any]:
    """Sums the gradients of a broadcasting op down to the shapes of its two inputs.

    Where the static shapes tell the axes, nothing but the sum is built; otherwise the run finds them.

    Args:
      op: Operation with two broadcast inputs.
      gx, gy: Gradients of the broadcast shape; None where there is none.

    Returns:
      ``[gx, gy]`` of the inputs' shapes.
    """
    x, y = op.inputs
    xs, ys = x._shape._dims, y._shape._dims
    if xs == ys and xs is not None and None not in xs:
        return [gx, gy]
    axes_x = axes_y = None
    if xs is not None and ys is not None:
        axes_x = _static_axes(xs, ys)
        axes_y = _static_axes(ys, xs)
    if (axes_x is None and gx is not None) or (axes_y is None and gy is not None):
        shape_x, shape_y = apply_op("Shape", x), apply_op("Shape", y)
        run_x, run_y = apply_op("BroadcastGradientArgs", shape_x, shape_y)
        if gx is not None and axes_x is None:
            gx = apply_op("Reshape", apply_op("Sum", gx, run_x), shape_x)
        if gy is not None and axes_y is None:
            gy = apply_op("Reshape", apply_op("Sum", gy, run_y), shape_y)
    if axes_x:
        gx = _sum_to(gx, x, axes_x, xs, ys)
    if axes_y:
        gy = _sum_to(gy, y, axes_y, ys, xs)
    return [gx, gy]


def _static_axes(mine: Any, theirs: Any) -> list[int] | None:
    """Axes of the broadcast shape along which `mine` was repeated; None where the static shapes can't tell."""
    rank = max(len(mine), len(theirs))
    lead = rank - len(mine)
    other = rank - len(theirs)
    axes = list(range(lead))
    for axis in range(max(lead, other), rank):
        a, b = mine[axis - lead], theirs[axis - other]
        if a == 1:
            if b != 1:
                axes.append(axis)
        elif a is None and b != 1:
            return None
    return axes


def _sum_to(grad: Any, x: Tensor, axes: list[int], mine: Any, theirs: Any) -> Any:
    if grad is None:
        return None
    lead = max(len(theirs) - len(mine), 0)
    if len(axes) == lead:
        return apply_op("Sum", grad, constant(np.array(axes, np.int32), name="axes"))
    if not lead:
        return apply_op("Sum", grad, constant(np.array(axes, np.int32), name="axes"), keep_dims=True)
    total = apply_op("Sum", grad, constant(np.array(axes, np.int32), name="axes"))
    shape = apply_op("Shape", x) if None in mine else constant(np.array(mine, np.int32), name="Shape")
    return apply_op("Reshape", total, shape)


def conj(x: Any) -> Any:
    """The complex conjugate, as gradients need it; real tensors as they are."""
    return apply_op("Conj", x) if x._dtype.is_complex else x
