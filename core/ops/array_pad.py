"""Ops that repeat or surround a tensor: tile, broadcast_to, pad, roll."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.graph import (
    NO_GRADIENT,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
)
from core.ops.array_basic import rank, shape_of
from core.ops.array_shape import axis_in, reshape, transpose
from core.ops.array_slice import known_elements
from core.shapes import TensorShape, as_shape, broadcast, unknown_shape

__all__ = ["broadcast_dynamic_shape", "broadcast_static_shape", "broadcast_to", "pad", "roll", "tile"]


# ---------------------------------------------------------------------- Tile

def _tile_shape(input: Tensor, multiples: Tensor) -> TensorShape:
    multiples.shape.assert_has_rank(1)
    length = multiples.shape.as_tuple()
    ndims = input.shape.ndims
    if ndims is None:
        ndims = length[0] if length else None
    elif length and length[0] not in (None, ndims):
        raise ValueError(f"Shape must be rank {length[0]} but is rank {ndims}: multiples need one element for each "
                         f"dimension of {input.shape}")
    if ndims is None:
        return unknown_shape()
    times = known_elements(multiples) or [None] * ndims
    if any(t is not None and t < 0 for t in times):
        raise ValueError(f"multiples must not be negative, got {times}")
    dims = input.shape.with_rank(ndims).as_tuple() or ()
    partial = constant_value_as_shape(multiples).as_tuple() or (None,) * ndims
    times = [p if t is None else t for t, p in zip(times, partial, strict=True)]
    return TensorShape([None if d is None or t is None else d * t for d, t in zip(dims, times, strict=True)])


def _tile(xp: Any, input: Any, multiples: Any) -> Any:
    if multiples.shape != (input.ndim,):
        raise ValueError(f"Expected multiples argument to be a vector of length {input.ndim} but got length "
                         f"{multiples.size}")
    if (multiples < 0).any():
        raise ValueError(f"multiples must not be negative, got {multiples.tolist()}")
    result = xp.tile(input, multiples.tolist())
    return result if input.ndim else np.array(input)


def _tile_grad(op: Any, grad: Any) -> list[Any]:
    source, multiples = op.inputs
    times, dims = constant_value(multiples), source.shape.as_tuple()
    if times is not None and dims is not None and None not in dims:
        split = [n for t, d in zip(times.tolist(), dims, strict=True) for n in (t, d)]
        parts: Any = reshape(convert_to_tensor(grad), split)
        axes: Any = list(range(0, len(split), 2))
    else:
        form = shape_of(source, out_type=multiples.dtype.base_dtype)
        split_shape = reshape(transpose(apply_op("Pack", [multiples, form])), [-1])
        parts = reshape(convert_to_tensor(grad), split_shape)
        axes = apply_op("Range", 0, apply_op("Size", split_shape), 2)
    result = apply_op("Sum", parts, axes)
    result.set_shape(source.shape)
    return [result, None]


define_op("Tile", "input:T, multiples:Tmultiples", "output:T", "T:type; Tmultiples:type=int32{int32,int64}",
          shape=_tile_shape, kernel=_tile, gradient=_tile_grad)


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """Repeats a tensor along each of its dimensions.

    Args:
      input: Tensor.
      multiples: How often, one integer per dimension.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.tile([[1, 2]], [2, 3])))
      [[1 2 1 2 1 2]
       [1 2 1 2 1 2]]
    """
    return apply_op("Tile", input, multiples, name=name)


# ---------------------------------------------------------------------- BroadcastTo, BroadcastArgs

def _broadcast_to_shape(input: Tensor, shape: Tensor) -> TensorShape:
    wanted = constant_value_as_shape(shape)
    new, old = wanted.as_tuple(), input.shape.as_tuple()
    if new is None or old is None:
        return wanted
    if len(old) > len(new):
        raise ValueError(f"Can't broadcast a tensor of shape {input.shape} to {wanted}: it has more dimensions")
    for have, want in zip(old[::-1], new[::-1], strict=False):
        if have not in (None, 1) and want is not None and have != want:
            raise ValueError(f"Incompatible shapes for broadcasting: {input.shape} to {wanted}")
    return wanted


def _broadcast_to(xp: Any, input: Any, shape: Any) -> Any:
    try:
        return xp.broadcast_to(input, tuple(shape.tolist()))
    except ValueError:
        raise ValueError(f"Incompatible shapes: {list(input.shape)} vs. {shape.tolist()}") from None


def sum_to(grad: Any, target: Tensor) -> Any:
    """Sums a gradient down to the shape of `target`, which was broadcast."""
    grad = convert_to_tensor(grad)
    dims, wide = target.shape.as_tuple(), grad.shape.as_tuple()
    if dims is not None and None not in dims and dims == wide:
        return grad
    form = shape_of(target)
    axes: Any
    if dims is not None and wide is not None and None not in dims and None not in wide:
        lead = len(wide) - len(dims)
        axes = [i for i, d in enumerate(wide) if i < lead or (dims[i - lead] == 1 and d != 1)]
    else:
        axes = apply_op("BroadcastGradientArgs", shape_of(grad), form)[1]
    return reshape(apply_op("Sum", grad, axes, keep_dims=True), form)


define_op("BroadcastTo", "input:T, shape:Tidx", "output:T", "T:type; Tidx:type=int32{int32,int64}",
          shape=_broadcast_to_shape, kernel=_broadcast_to, view=True,
          gradient=lambda op, grad: [sum_to(grad, op.inputs[0]), None])


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """Repeats a tensor to a shape that it can be broadcast to.

    Args:
      input: Tensor.
      shape: The shape wanted, a 1-D integer tensor.
      name: Name of the operation.

    Raises:
      ValueError: The shapes do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.broadcast_to([1, 2, 3], [2, 3])))
      [[1 2 3]
       [1 2 3]]
    """
    return apply_op("BroadcastTo", input, shape, name=name)


def _broadcast_args_shape(s0: Tensor, s1: Tensor) -> TensorShape:
    lengths = [s.shape.as_tuple() for s in (s0, s1)]
    if any(dims is None or dims[0] is None for dims in lengths):
        return unknown_shape(1)
    return TensorShape([max(dims[0] for dims in lengths if dims and dims[0] is not None)])


def _broadcast_args(xp: Any, s0: Any, s1: Any) -> Any:
    try:
        return np.array(np.broadcast_shapes(tuple(s0.tolist()), tuple(s1.tolist())), s0.dtype)
    except ValueError:
        raise ValueError(f"Incompatible shapes for broadcasting: {s0.tolist()} and {s1.tolist()}") from None


define_op("BroadcastArgs", "s0:T, s1:T", "r0:T", "T:type=int32{int32,int64}", shape=_broadcast_args_shape,
          kernel=_broadcast_args, gradient=NO_GRADIENT)


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape, as a tensor, that tensors of two shapes broadcast to.

    Args:
      shape_x, shape_y: 1-D integer tensors.

    Raises:
      InvalidArgumentError (in a run): The shapes do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.broadcast_dynamic_shape([5, 1, 3], [2, 1])))
      [5 2 3]
    """
    return apply_op("BroadcastArgs", shape_x, shape_y)


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The static shape that tensors of two static shapes broadcast to.

    Args:
      shape_x, shape_y: TensorShapes.

    Raises:
      ValueError: The shapes do not fit.

    Example:
      >>> print(tf.broadcast_static_shape(tf.TensorShape([5, 1, 3]), tf.TensorShape([2, 1])))
      (5, 2, 3)
    """
    return broadcast(as_shape(shape_x), as_shape(shape_y))


# ---------------------------------------------------------------------- Pad, PadV2

def _pad_shape(input: Tensor, paddings: Tensor, constant_values: Tensor | None = None) -> TensorShape:
    form = paddings.shape.as_tuple()
    if form is not None and (len(form) != 2 or form[1] not in (None, 2)):
        raise ValueError(f"paddings must be a matrix with 2 columns, got shape {paddings.shape}")
    ndims = input.shape.ndims
    if ndims is None:
        ndims = form[0] if form else None
    elif form and form[0] not in (None, ndims):
        raise ValueError(f"Shape must be rank {form[0]} but is rank {ndims}: paddings need one row for each dimension "
                         f"of "
                         f"{input.shape}")
    if ndims is None:
        return unknown_shape()
    dims = input.shape.with_rank(ndims).as_tuple() or ()
    rows = _known_rows(paddings, ndims)
    if any(n is not None and n < 0 for row in rows for n in row):
        raise ValueError(f"Paddings must be non-negative, got {rows}")
    return TensorShape([None if d is None or None in row else d + row[0] + row[1]
                        for d, row in zip(dims, rows, strict=True)])


def _known_rows(paddings: Tensor, ndims: int) -> list[Any]:
    known = constant_value(paddings)
    if known is not None:
        return known.tolist()
    op = paddings.op
    if op.type == "Pack" and op.attrs["axis"] == 0 and len(op.inputs) == ndims:
        rows = [known_elements(t) for t in op.inputs]
        return [[None, None] if r is None or len(r) != 2 else r for r in rows]
    return [[None, None]] * ndims


def _widths(paddings: Any, ndim: int) -> list[tuple[int, int]]:
    if paddings.shape != (ndim, 2):
        raise ValueError(f"The first dimension of paddings must be the rank of inputs {[ndim, 2]}, got "
                         f"{list(paddings.shape)}")
    if (paddings < 0).any():
        raise ValueError(f"Paddings must be non-negative: {paddings.tolist()}")
    return [(a, b) for a, b in paddings.tolist()]


def _pad(xp: Any, input: Any, paddings: Any, constant_values: Any = None) -> Any:
    widths = _widths(paddings, input.ndim)
    dims = tuple(d + a + b for d, (a, b) in zip(input.shape, widths, strict=True))
    if constant_values is None:
        result = np.full(dims, b"", object) if input.dtype == object else np.zeros(dims, input.dtype)
    else:
        result = np.full(dims, constant_values, input.dtype)
    result[tuple(slice(a, a + d) for d, (a, _) in zip(input.shape, widths, strict=True))] = input
    return result


def _pad_grad(op: Any, grad: Any) -> list[Any]:
    source, paddings = op.inputs[:2]
    begin = reshape(apply_op("Slice", paddings, [0, 0], apply_op("Pack", [rank(source), 1])), [-1])
    result = apply_op("Slice", grad, begin, shape_of(source, out_type=begin.dtype.base_dtype))
    rest = [None] * (len(op.inputs) - 1)
    if len(op.inputs) == 3:
        kept = apply_op("Sum", result, _all_axes(source))
        rest[1] = apply_op("Sub", apply_op("Sum", convert_to_tensor(grad), _all_axes(source)), kept)
    return [result, *rest]


def _all_axes(x: Tensor) -> Any:
    if x.shape.ndims is not None:
        return np.arange(x.shape.ndims, dtype=np.int32)
    return apply_op("Range", 0, rank(x), 1)


define_op("Pad", "input:T, paddings:Tpaddings", "output:T", "T:type; Tpaddings:type=int32{int32,int64}",
          shape=_pad_shape, kernel=_pad, gradient=_pad_grad)
define_op("PadV2", "input:T, paddings:Tpaddings, constant_values:T", "output:T",
          "T:type; Tpaddings:type=int32{int32,int64}", shape=_pad_shape, kernel=_pad, gradient=_pad_grad)


# ---------------------------------------------------------------------- MirrorPad, MirrorPadGrad

_MIRROR = "T:type; Tpaddings:type=int32{int32,int64}; mode:string{REFLECT,SYMMETRIC}"


def _mirror_indices(size: int, before: int, after: int, mode: str, dim: int) -> Any:
    """For each place of the padded dimension the place that it shows."""
    limit = size - 1 if mode == "REFLECT" else size
    if before > limit or after > limit:
        raise ValueError(f"paddings must be no greater than the dimension size{' - 1' if mode == 'REFLECT' else ''}: "
                         f"{before}, {after} greater than {limit} (dimension {dim}, mode {mode})")
    skip = 1 if mode == "REFLECT" else 0
    own = np.arange(size)
    return np.concatenate([own[skip:before + skip][::-1], own, own[size - skip - after:size - skip][::-1]])


def _mirror_pad(xp: Any, input: Any, paddings: Any, *, mode: str) -> Any:
    result = input
    for dim, (before, after) in enumerate(_widths(paddings, input.ndim)):
        if before or after:
            result = np.take(result, _mirror_indices(input.shape[dim], before, after, mode, dim), axis=dim)
    return result.copy() if result is input else result


def _mirror_pad_grad(xp: Any, input: Any, paddings: Any, *, mode: str) -> Any:
    result = input
    for dim, (before, after) in enumerate(_widths(paddings, input.ndim)):
        if not before and not after:
            continue
        size = result.shape[dim] - before - after
        places = _mirror_indices(size, before, after, mode, dim)
        moved = np.moveaxis(result, dim, 0)
        summed = np.zeros((size, *moved.shape[1:]), result.dtype)
        np.add.at(summed, places, moved)
        result = np.moveaxis(summed, 0, dim)
    return result.copy() if result is input else result


def _mirror_grad_shape(input: Tensor, paddings: Tensor) -> TensorShape:
    dims = input.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    rows = _known_rows(paddings, len(dims))
    return TensorShape([None if d is None or None in r else d - r[0] - r[1] for d, r in zip(dims, rows, strict=True)])


define_op("MirrorPad", "input:T, paddings:Tpaddings", "output:T", _MIRROR, shape=_pad_shape, kernel=_mirror_pad,
          gradient=lambda op, grad: [apply_op("MirrorPadGrad", grad, op.inputs[1], mode=op.attrs["mode"]), None])
define_op("MirrorPadGrad", "input:T, paddings:Tpaddings", "output:T", _MIRROR, shape=_mirror_grad_shape,
          kernel=_mirror_pad_grad,
          gradient=lambda op, grad: [apply_op("MirrorPad", grad, op.inputs[1], mode=op.attrs["mode"]), None])


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0,
) -> Tensor:
    """Surrounds a tensor with a constant or with its mirror image.

    Args:
      tensor: Tensor.
      paddings: Integers ``[rank, 2]``: how much to put before and after each dimension.
      mode: "CONSTANT"; "REFLECT" (the mirror stands in the outermost element) or "SYMMETRIC" (it stands behind it).
      name: Name of the operation.
      constant_values: What to surround it with (0-D, of the type of `tensor`).

    Raises:
      ValueError: Another mode; the paddings do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.pad([[1, 2, 3]], [[1, 0], [2, 1]])))
      ...     print(sess.run(tf.pad([1, 2, 3], [[2, 1]], "REFLECT")))
      [[0 0 0 0 0 0]
       [0 0 1 2 3 0]]
      [3 2 1 2 3 2]
    """
    wanted = mode.upper()
    if wanted == "CONSTANT":
        if isinstance(constant_values, Tensor) or np.any(constant_values != 0):
            return apply_op("PadV2", tensor, paddings, constant_values, name=name)
        return apply_op("Pad", tensor, paddings, name=name)
    if wanted not in ("REFLECT", "SYMMETRIC"):
        raise ValueError(f"Unknown padding mode: {mode}; there are CONSTANT, REFLECT and SYMMETRIC.")
    return apply_op("MirrorPad", tensor, paddings, mode=wanted, name=name)


# ---------------------------------------------------------------------- Roll

def _roll_shape(input: Tensor, shift: Tensor, axis: Tensor) -> TensorShape:
    if input.shape.ndims == 0:
        raise ValueError("Shape must be at least rank 1 but is rank 0: can't roll a scalar")
    if not shift.shape.is_compatible_with(axis.shape) or (shift.shape.ndims or 0) > 1:
        raise ValueError(f"shift and axis must be scalars or vectors of one size, got {shift.shape} and {axis.shape}")
    return input.shape


def _roll(xp: Any, input: Any, shift: Any, axis: Any) -> Any:
    axes = [axis_in(int(a), input.ndim) for a in axis.reshape(-1)]
    return xp.roll(input, [int(s) for s in shift.reshape(-1)], axes)


def _roll_grad(op: Any, grad: Any) -> list[Any]:
    return [apply_op("Roll", grad, apply_op("Neg", op.inputs[1]), op.inputs[2]), None, None]


define_op("Roll", "input:T, shift:Tshift, axis:Taxis", "output:T",
          "T:type; Tshift:type{int32,int64}; Taxis:type{int32,int64}", shape=_roll_shape, kernel=_roll,
          gradient=_roll_grad)


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """Shifts the elements of a tensor along dimensions; what falls off one end comes in at the other.

    Args:
      input: Tensor.
      shift: How far (towards larger indices), an integer or several.
      axis: Along which dimension, an integer or as many as `shift` has.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.roll([0, 1, 2, 3, 4], 2, 0)))
      [3 4 0 1 2]
    """
    return apply_op("Roll", input, shift, axis, name=name)

