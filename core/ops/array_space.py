"""Ops that move space into batch or depth and back, and patches cut out of images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.dtypes import int32
from core.graph import Tensor, apply_op, constant_value, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import shape_of, zeros
from core.ops.array_join import stack
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "batch_to_space", "batch_to_space_nd", "depth_to_space", "extract_image_patches", "extract_volume_patches",
    "required_space_to_batch_paddings", "space_to_batch", "space_to_batch_nd", "space_to_depth",
]


# ---------------------------------------------------------------------- SpaceToBatchND, BatchToSpaceND

def _known_blocks(block_shape: Any, table: Tensor) -> tuple[list[int] | None, list[list[int]] | None, int | None]:
    """Block sizes, paddings (or crops), and the number of space dimensions, as far as known."""
    blocks, rows = constant_value(block_shape), constant_value(table)
    dims = (len(block_shape),) if isinstance(block_shape, list) else block_shape.shape.with_rank(1).as_tuple()
    count = dims[0] if dims else None
    if blocks is not None and (blocks < 1).any():
        raise ValueError(f"block_shape must be positive, got {blocks.tolist()}")
    if rows is not None and (rows < 0).any():
        raise ValueError(f"paddings and crops must not be negative, got {rows.tolist()}")
    if rows is not None and (rows.ndim != 2 or rows.shape[1] != 2):
        raise ValueError(f"paddings and crops must have the shape [{count}, 2], got {list(rows.shape)}")
    return (None if blocks is None else blocks.tolist()), (None if rows is None else rows.tolist()), count


def _space_to_batch_shape(input: Tensor, block_shape: Any, paddings: Tensor) -> TensorShape:
    blocks, rows, count = _known_blocks(block_shape, paddings)
    if count is None:
        return unknown_shape(input.shape.ndims)
    dims = input.shape.with_rank_at_least(count + 1).as_tuple() if input.shape.ndims is not None else None
    if dims is None:
        return unknown_shape()
    batch = None if blocks is None or dims[0] is None else dims[0] * math.prod(blocks)
    space: list[int | None] = []
    for i in range(count):
        size = dims[i + 1]
        if size is None or blocks is None or rows is None:
            space.append(None)
            continue
        padded = size + sum(rows[i])
        if padded % blocks[i]:
            raise ValueError(f"Dimension size must be evenly divisible by {blocks[i]} but is {padded}: "
                             f"dimension {i + 1} of {input.shape} with paddings {rows[i]}")
        space.append(padded // blocks[i])
    return TensorShape.from_tuple((batch, *space, *dims[count + 1:]))


def space_to_batch_array(x: Any, blocks: list[int], paddings: list[list[int]]) -> Any:
    """Cuts the padded space of `x` into blocks; what stands at one place of each block becomes one batch."""
    count = len(blocks)
    if x.ndim < count + 1 or len(paddings) != count:
        raise ValueError(f"input rank should be >= {count + 1} instead of {x.ndim}, and paddings have {count} rows")
    if min(blocks, default=1) < 1 or any(p < 0 for row in paddings for p in row):
        raise ValueError(f"block_shape must be positive and paddings non-negative, got {blocks}, {paddings}")
    padded = np.pad(x, [(0, 0), *map(tuple, paddings), *[(0, 0)] * (x.ndim - count - 1)]) if np.any(paddings) else x
    split: list[int] = [x.shape[0]]
    for i, block in enumerate(blocks):
        if padded.shape[i + 1] % block:
            raise ValueError(f"padded_shape[{i}]={padded.shape[i + 1]} is not divisible by block_shape[{i}]={block}")
        split += [padded.shape[i + 1] // block, block]
    rest = x.shape[count + 1:]
    order = [*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count + 1, 2),
             *range(2 * count + 1, 2 * count + 1 + len(rest))]
    moved = padded.reshape((*split, *rest)).transpose(order)
    return moved.reshape((x.shape[0] * math.prod(blocks), *split[1::2], *rest))


def _batch_to_space_shape(input: Tensor, block_shape: Any, crops: Tensor) -> TensorShape:
    blocks, rows, count = _known_blocks(block_shape, crops)
    if count is None:
        return unknown_shape(input.shape.ndims)
    dims = input.shape.with_rank_at_least(count + 1).as_tuple() if input.shape.ndims is not None else None
    if dims is None:
        return unknown_shape()
    batch = None
    if blocks is not None and dims[0] is not None:
        if dims[0] % math.prod(blocks):
            raise ValueError(f"Dimension size must be evenly divisible by {math.prod(blocks)} but is {dims[0]}: the "
                             f"batch "
                             f"of {input.shape}")
        batch = dims[0] // math.prod(blocks)
    space: list[int | None] = []
    for i in range(count):
        size = dims[i + 1]
        if size is None or blocks is None or rows is None:
            space.append(None)
            continue
        left = size * blocks[i] - sum(rows[i])
        if left < 0:
            raise ValueError(f"Negative dimension size: crops {rows[i]} are more than {size} x {blocks[i]}")
        space.append(left)
    return TensorShape.from_tuple((batch, *space, *dims[count + 1:]))


def batch_to_space_array(x: Any, blocks: list[int], crops: list[list[int]]) -> Any:
    """The way back of `space_to_batch_array`; `crops` cuts the padding off."""
    count = len(blocks)
    if x.ndim < count + 1 or len(crops) != count:
        raise ValueError(f"input rank should be >= {count + 1} instead of {x.ndim}, and crops have {count} rows")
    size = math.prod(blocks)
    if min(blocks, default=1) < 1 or x.shape[0] % size:
        raise ValueError(f"Input batch dimension ({x.shape[0]}) is not divisible by product of block sizes ({size})")
    batch, space, rest = x.shape[0] // size, x.shape[1:count + 1], x.shape[count + 1:]
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    order += range(2 * count + 1, 2 * count + 1 + len(rest))
    whole = x.reshape((*blocks, batch, *space, *rest)).transpose(order)
    whole = whole.reshape((batch, *(s * b for s, b in zip(space, blocks, strict=True)), *rest))
    index = [slice(None)]
    for i, (first, last) in enumerate(crops):
        if first < 0 or last < 0 or first + last > whole.shape[i + 1]:
            raise ValueError(f"crops {[first, last]} do not fit dimension {i + 1} of size {whole.shape[i + 1]}")
        index.append(slice(first, whole.shape[i + 1] - last))
    return whole[tuple(index)]


_ND = "T:type; Tblock_shape:type=int32{int32,int64}; "
define_op("SpaceToBatchND", "input:T, block_shape:Tblock_shape, paddings:Tpaddings", "output:T",
          _ND + "Tpaddings:type=int32{int32,int64}", shape=_space_to_batch_shape, view=True,
          kernel=lambda xp, input, block_shape, paddings: space_to_batch_array(
              input, block_shape.tolist(), paddings.tolist()),
          gradient=lambda op, grad: [batch_to_space_nd(grad, op.inputs[1], op.inputs[2]), None, None])
define_op("BatchToSpaceND", "input:T, block_shape:Tblock_shape, crops:Tcrops", "output:T",
          _ND + "Tcrops:type=int32{int32,int64}", shape=_batch_to_space_shape, view=True,
          kernel=lambda xp, input, block_shape, crops: batch_to_space_array(
              input, block_shape.tolist(), crops.tolist()),
          gradient=lambda op, grad: [space_to_batch_nd(grad, op.inputs[1], op.inputs[2]), None, None])


def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """Cuts space into blocks and puts the places of a block into the batch.

    Args:
      input: ``[batch, space..., rest...]``.
      block_shape: Sizes of a block, one integer per space dimension.
      paddings: ``[space dimensions, 2]``: zeros put before and behind.
      name: Name of the operation.

    Returns:
      A Tensor ``[batch * block, space / block..., rest...]``.

    Example:
      >>> tf.space_to_batch_nd(tf.zeros([1, 4, 6, 3]), [2, 3], [[0, 0], [0, 0]]).shape.as_list()
      [6, 2, 2, 3]
    """
    return apply_op("SpaceToBatchND", input, block_shape, paddings, name=name)


def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """Puts batches back to their places in blocks of space: the inverse of `space_to_batch_nd`.

    Args:
      input: ``[batch, space..., rest...]``.
      block_shape: Sizes of a block, one integer per space dimension.
      crops: ``[space dimensions, 2]``: how much to cut off before and behind.
      name: Name of the operation.

    Example:
      >>> tf.batch_to_space_nd(tf.zeros([6, 2, 2, 3]), [2, 3], [[0, 0], [0, 1]]).shape.as_list()
      [1, 4, 5, 3]
    """
    return apply_op("BatchToSpaceND", input, block_shape, crops, name=name)


# ---------------------------------------------------------------------- the old forms for images

define_op("SpaceToBatch", "input:T, paddings:Tpaddings", "output:T",
          "T:type; Tpaddings:type=int32{int32,int64}; block_size:int>=2", view=True,
          shape=lambda input, paddings, *, block_size: _space_to_batch_shape(
              input, [block_size] * 2, paddings).with_rank(4),
          kernel=lambda xp, input, paddings, *, block_size: space_to_batch_array(
              input, [block_size] * 2, paddings.tolist()),
          gradient=lambda op, grad: [
              apply_op("BatchToSpace", grad, op.inputs[1], block_size=op.attrs["block_size"]), None])
define_op("BatchToSpace", "input:T, crops:Tidx", "output:T", "T:type; block_size:int>=2; Tidx:type=int32{int32,int64}",
          view=True,
          shape=lambda input, crops, *, block_size: _batch_to_space_shape(
              input, [block_size] * 2, crops).with_rank(4),
          kernel=lambda xp, input, crops, *, block_size: batch_to_space_array(
              input, [block_size] * 2, crops.tolist()),
          gradient=lambda op, grad: [
              apply_op("SpaceToBatch", grad, op.inputs[1], block_size=op.attrs["block_size"]), None])


def space_to_batch(
    input: Any, paddings: Any, block_size: Any = None, name: str | None = None, block_shape: Any = None,
) -> Tensor:
    """`space_to_batch_nd` of images with square blocks.

    Args:
      input: ``[batch, height, width, depth]``.
      paddings: ``[2, 2]``.
      block_size: Size of a block.
      name: Name of the operation.
      block_shape: New name of `block_size`.

    Example:
      >>> tf.space_to_batch(tf.zeros([1, 4, 6, 3]), [[0, 0], [0, 0]], block_size=2).shape.as_list()
      [4, 2, 3, 3]
    """
    size = _one_of(block_size, block_shape)
    result = space_to_batch_nd(input, np.array([size, size], np.int64), paddings, name)
    result.set_shape(result.shape.with_rank(4))
    return result


def batch_to_space(
    input: Any, crops: Any, block_size: Any, name: str | None = None, block_shape: Any = None,
) -> Tensor:
    """`batch_to_space_nd` of images with square blocks.

    Args:
      input: ``[batch, height, width, depth]``.
      crops: ``[2, 2]``.
      block_size: Size of a block.
      name: Name of the operation.
      block_shape: New name of `block_size`.

    Example:
      >>> tf.batch_to_space(tf.zeros([4, 2, 3, 3]), [[0, 0], [0, 0]], block_size=2).shape.as_list()
      [1, 4, 6, 3]
    """
    size = _one_of(block_size, block_shape)
    result = batch_to_space_nd(input, np.array([size, size], np.int64), crops, name)
    result.set_shape(result.shape.with_rank(4))
    return result


def _one_of(block_size: Any, block_shape: Any) -> Any:
    if block_size is not None and block_shape is not None:
        raise ValueError("Cannot specify both 'block_shape' and 'block_size'")
    if block_size is None and block_shape is None:
        raise ValueError("block_size is missing")
    return block_shape if block_size is None else block_size


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """Computes the paddings with which blocks fill a space, and the crops that undo them.

    Args:
      input_shape: Sizes of the space, int32 ``[N]``.
      block_shape: Sizes of a block, int32 ``[N]``.
      base_paddings: The least paddings, int32 ``[N, 2]``; by default 0.
      name: Name of the scope.

    Returns:
      ``(paddings, crops)``, each int32 ``[N, 2]``.

    Example:
      >>> paddings, crops = tf.required_space_to_batch_paddings([5, 7], [2, 4])
      >>> with tf.Session() as sess:
      ...     print(sess.run(paddings).tolist())
      [[0, 1], [0, 1]]
    """
    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        input_shape = convert_to_tensor(input_shape, dtype=int32, name="input_shape")
        block_shape = convert_to_tensor(block_shape, dtype=int32, name="block_shape")
        block_shape.shape.assert_is_fully_defined()
        block_shape.shape.assert_has_rank(1)
        count = block_shape.shape.as_list()[0]
        if count == 0:
            return zeros([0, 2], int32), zeros([0, 2], int32)
        input_shape.shape.assert_is_compatible_with([count])
        if base_paddings is None:
            base = zeros([count, 2], int32)
        else:
            base = convert_to_tensor(base_paddings, dtype=int32, name="base_paddings")
            base.shape.assert_is_compatible_with([count, 2])
        known = [constant_value(t) for t in (block_shape, input_shape, base)]
        blocks, sizes, least = known if all(v is not None for v in known) else (block_shape, input_shape, base)
        first: Any = least[:, 0]  # type: ignore[index]
        last: Any = least[:, 1]  # type: ignore[index]
        whole = sizes + first + last  # type: ignore[operator]
        more = (blocks - whole % blocks) % blocks  # type: ignore[operator]
        last = last + more
        paddings = stack([[first[i], last[i]] for i in range(count)], name="paddings")
        crops = stack([[0, more[i]] for i in range(count)], name="crops")
        return paddings, crops


# ---------------------------------------------------------------------- SpaceToDepth, DepthToSpace

_DEPTH = "T:type; block_size:int>=2; data_format:string='NHWC'{NHWC,NCHW,NCHW_VECT_C}"


def _image_dims(input: Tensor, data_format: str) -> tuple[Any, Any, Any, Any]:
    dims: Any = input.shape.with_rank(4).as_tuple()
    return dims if data_format == "NHWC" else (dims[0], dims[2], dims[3], dims[1])


def _image_shape(dims: tuple[Any, ...], data_format: str) -> TensorShape:
    return TensorShape.from_tuple(dims if data_format == "NHWC" else (dims[0], dims[3], dims[1], dims[2]))


def _divided(size: int | None, by: int, what: str) -> int | None:
    if size is not None and size % by:
        raise ValueError(f"Dimension size must be evenly divisible by {by} but is {size}: the {what}")
    return None if size is None else size // by


def _space_to_depth_shape(input: Tensor, *, block_size: int, data_format: str) -> TensorShape:
    batch, height, width, depth = _image_dims(input, data_format)
    return _image_shape((batch, _divided(height, block_size, "height"), _divided(width, block_size, "width"),
                         None if depth is None else depth * block_size * block_size), data_format)


def _depth_to_space_shape(input: Tensor, *, block_size: int, data_format: str) -> TensorShape:
    batch, height, width, depth = _image_dims(input, data_format)
    return _image_shape((batch, None if height is None else height * block_size,
                         None if width is None else width * block_size,
                         _divided(depth, block_size * block_size, "depth")), data_format)


def _space_to_depth(xp: Any, input: Any, *, block_size: int, data_format: str) -> Any:
    _image_format(data_format)
    x = input if data_format == "NHWC" else input.transpose(0, 2, 3, 1)
    batch, height, width, depth = x.shape
    if height % block_size or width % block_size:
        raise ValueError(f"Image height {height} and width {width} should be divisible by block_size: {block_size}")
    x = x.reshape(batch, height // block_size, block_size, width // block_size, block_size, depth)
    x = x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height // block_size, width // block_size, -1)
    return x if data_format == "NHWC" else x.transpose(0, 3, 1, 2)


def _depth_to_space(xp: Any, input: Any, *, block_size: int, data_format: str) -> Any:
    _image_format(data_format)
    x = input if data_format == "NHWC" else input.transpose(0, 2, 3, 1)
    batch, height, width, depth = x.shape
    if depth % (block_size * block_size):
        raise ValueError(f"Input depth dimension {depth} should be divisible by: {block_size * block_size}")
    x = x.reshape(batch, height, width, block_size, block_size, -1)
    x = x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height * block_size, width * block_size, -1)
    return x if data_format == "NHWC" else x.transpose(0, 3, 1, 2)


def _image_format(data_format: str) -> None:
    if data_format == "NCHW_VECT_C":
        raise NotImplementedError("data_format NCHW_VECT_C is for int8 on GPUs only; use NHWC or NCHW.")


def _swap_grad(other: str) -> Any:
    return lambda op, grad: apply_op(other, grad, block_size=op.attrs["block_size"],
                                     data_format=op.attrs["data_format"])


define_op("SpaceToDepth", "input:T", "output:T", _DEPTH, shape=_space_to_depth_shape, kernel=_space_to_depth, view=True,
          gradient=_swap_grad("DepthToSpace"))
define_op("DepthToSpace", "input:T", "output:T", _DEPTH, shape=_depth_to_space_shape, kernel=_depth_to_space, view=True,
          gradient=_swap_grad("SpaceToDepth"))


def space_to_depth(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
    """Puts square blocks of space into depth.

    Args:
      input: ``[batch, height, width, depth]`` (or NCHW).
      block_size: Size of a block.
      name: Name of the operation.
      data_format: "NHWC" or "NCHW".

    Example:
      >>> tf.space_to_depth(tf.zeros([1, 4, 6, 3]), 2).shape.as_list()
      [1, 2, 3, 12]
    """
    return apply_op("SpaceToDepth", input, block_size=block_size, data_format=data_format, name=name)


def depth_to_space(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
    """Puts depth into square blocks of space.

    Args:
      input: ``[batch, height, width, depth]`` (or NCHW).
      block_size: Size of a block.
      name: Name of the operation.
      data_format: "NHWC" or "NCHW".

    Example:
      >>> tf.depth_to_space(tf.zeros([1, 2, 3, 12]), 2).shape.as_list()
      [1, 4, 6, 3]
    """
    return apply_op("DepthToSpace", input, block_size=block_size, data_format=data_format, name=name)


# ---------------------------------------------------------------------- ExtractImagePatches, ExtractVolumePatches

def _patch_counts(size: int, kernel: int, stride: int, rate: int, padding: str) -> tuple[int, int]:
    """Number of patches along a dimension, and the padding before it."""
    wide = kernel + (kernel - 1) * (rate - 1)
    if padding == "VALID":
        return max(-(-(size - wide + 1) // stride), 0), 0
    count = -(-size // stride)
    return count, max((count - 1) * stride + wide - size, 0) // 2


def _patch_shape(x: Tensor, kernels: list[int], strides: list[int], rates: list[int], padding: str) -> TensorShape:
    dims = x.shape.with_rank(len(kernels)).as_tuple() or (None,) * len(kernels)
    for what, values in (("ksizes", kernels), ("strides", strides), ("rates", rates)):
        if len(values) != len(kernels) or values[0] != 1 or values[-1] != 1:
            raise ValueError(f"{what} must be 1 for batch and depth, got {values}")
    space = [None if d is None else _patch_counts(d, k, s, r, padding)[0]
             for d, k, s, r in zip(dims[1:-1], kernels[1:-1], strides[1:-1], rates[1:-1], strict=True)]
    depth = None if dims[-1] is None else dims[-1] * math.prod(kernels)
    return TensorShape.from_tuple((dims[0], *space, depth))


def _patch_places(size: int, kernel: int, stride: int, rate: int, padding: str) -> Any:
    """``[patches, kernel]``: the place of each element; -1 where it lies in the padding."""
    count, before = _patch_counts(size, kernel, stride, rate, padding)
    places = np.arange(count)[:, None] * stride - before + np.arange(kernel)[None, :] * rate
    return np.where((places >= 0) & (places < size), places, -1)


def _patches(x: Any, kernels: list[int], strides: list[int], rates: list[int], padding: str) -> Any:
    count = x.ndim - 2
    result = x
    for i in range(count):
        at = 1 + 2 * i  # the dimensions before have become two each
        places = _patch_places(x.shape[i + 1], kernels[i + 1], strides[i + 1], rates[i + 1], padding)
        result = np.take(result, places.reshape(-1), axis=at)
        outside = places.reshape(-1) < 0
        if outside.any():
            index: list[Any] = [slice(None)] * result.ndim
            index[at] = outside
            result[tuple(index)] = 0
        result = result.reshape((*result.shape[:at], *places.shape, *result.shape[at + 1:]))
    order = [0, *range(1, 2 * count, 2), *range(2, 2 * count + 1, 2), 2 * count + 1]
    result = result.transpose(order)
    return result.reshape((*result.shape[:count + 1], -1))


def _patch_grad(op: Any, grad: Any) -> Any:
    """Adds each patch's gradient to the places it was cut from."""
    x = op.inputs[0]
    attrs = op.attrs
    dims = x.shape.as_tuple()
    if dims is None or None in dims[1:]:
        raise ValueError(f"The gradient of '{op.name}' needs an input whose sizes are known, got {x.shape}.")
    kernels, strides = attrs["ksizes"], attrs["strides"]
    rates = attrs.get("rates", [1] * len(kernels))
    # The numbers of the places, cut in the same way, tell where each element came from (0: from the padding).
    count = math.prod(dims[1:-1])  # type: ignore[arg-type]
    numbers = np.arange(1, count + 1).reshape((1, *dims[1:-1], 1))  # type: ignore[arg-type]
    cut = _patches(numbers, kernels, strides, rates, attrs["padding"]).reshape(-1)
    depth: int = dims[-1]  # type: ignore[assignment]
    flat = apply_op("Transpose", apply_op("Reshape", grad, [-1, len(cut), depth]), [1, 0, 2])
    summed = apply_op("UnsortedSegmentSum", flat, np.where(cut > 0, cut - 1, -1).astype(np.int64), count)
    back = apply_op("Transpose", summed, [1, 0, 2])
    return apply_op("Reshape", back, shape_of(x))


define_op("ExtractImagePatches", "images:T", "patches:T",
          "ksizes:list(int)>=4; strides:list(int)>=4; rates:list(int)>=4; T:type{bfloat16,half,float,double,int8,int16,"
          "int32,int64,uint8,uint16,uint32,uint64,complex64,complex128,bool}; padding:string{SAME,VALID}",
          shape=lambda images, *, ksizes, strides, rates,
          padding: _patch_shape(images, ksizes, strides, rates, padding),
          kernel=lambda xp, images, *, ksizes, strides, rates,
          padding: _patches(images, ksizes, strides, rates, padding),
          gradient=_patch_grad)
define_op("ExtractVolumePatches", "input:T", "patches:T",
          "ksizes:list(int)>=5; strides:list(int)>=5; T:type{@real}; padding:string{SAME,VALID}",
          shape=lambda input, *, ksizes, strides, padding: _patch_shape(input, ksizes, strides, [1] * 5, padding),
          kernel=lambda xp, input, *, ksizes, strides, padding: _patches(input, ksizes, strides, [1] * 5, padding),
          gradient=_patch_grad)


def extract_image_patches(
    images: Any, ksizes: Any = None, strides: Any = None, rates: Any = None, padding: Any = None,
    name: str | None = None, sizes: Any = None,
) -> Tensor:
    """Cuts patches out of images and lays each into the depth.

    Args:
      images: ``[batch, height, width, depth]``.
      ksizes: Size of a patch, ``[1, height, width, 1]``.
      strides: How far the patches stand apart, ``[1, height, width, 1]``.
      rates: How far the elements of a patch stand apart, ``[1, height, width, 1]``.
      padding: "VALID" or "SAME".
      name: Name of the operation.
      sizes: New name of `ksizes`.

    Example:
      >>> x = tf.zeros([1, 9, 7, 2])
      >>> tf.extract_image_patches(x, [1, 3, 2, 1], [1, 3, 2, 1], [1, 1, 1, 1], "VALID").shape.as_list()
      [1, 3, 3, 12]
    """
    if sizes is not None and ksizes is not None:
        raise ValueError("Cannot specify both 'sizes' and 'ksizes'")
    return apply_op("ExtractImagePatches", images, ksizes=ksizes if sizes is None else sizes, strides=strides,
                    rates=rates, padding=padding, name=name)


def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: Any, name: str | None = None) -> Tensor:
    """Cuts patches out of volumes and lays each into the depth.

    Args:
      input: ``[batch, planes, rows, columns, depth]``.
      ksizes: Size of a patch, ``[1, planes, rows, columns, 1]``.
      strides: How far the patches stand apart.
      padding: "VALID" or "SAME".
      name: Name of the operation.

    Example:
      >>> x = tf.zeros([1, 4, 6, 8, 3])
      >>> tf.extract_volume_patches(x, [1, 2, 3, 4, 1], [1, 2, 3, 4, 1], "VALID").shape.as_list()
      [1, 2, 2, 2, 72]
    """
    return apply_op("ExtractVolumePatches", input, ksizes=ksizes, strides=strides, padding=padding, name=name)
