"""Geometry of images: flips, rotations, crops, borders; standardisation and gradients of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import float32, int32
from core.graph import Tensor, apply_op, constant_value, convert_to_tensor, name_scope
from core.ops.array_basic import shape as shape_op
from core.ops.array_cast import cast
from core.ops.array_join import concat
from core.ops.control_flow import cond
from core.ops.math_binary import add, multiply, subtract, truediv
from core.ops.random_ops import random_uniform

__all__: list[str] = []


def _image(value: Any, name: str = "image") -> Tensor:
    """A tensor of three (one image) or four dimensions (a batch)."""
    image = convert_to_tensor(value, name=name)
    if image.shape.ndims is not None and image.shape.ndims not in (3, 4):
        raise ValueError(f"'image' must have either 3 or 4 dimensions, got shape {image.shape}.")
    if image.shape.ndims is None:
        raise ValueError("'image' contains no shape.")
    return image


def _axes(image: Tensor) -> tuple[int, int]:
    """Axes of height and width."""
    offset = (image.shape.ndims or 3) - 3
    return offset, offset + 1


def _reversed(image: Tensor, axis: int, name: str | None = None) -> Tensor:
    result: Tensor = apply_op("ReverseV2", image, [axis], name=name)
    result.set_shape(image.shape)
    return result


def flip_left_right(image: Any) -> Tensor:
    """Mirrors left and right.

    Args:
      image: ``[height, width, channels]``, or a batch of such images.

    Raises:
      ValueError: Another number of dimensions.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.flip_left_right([[[1], [2]]]))[0, :, 0])
      [2 1]
    """
    with name_scope(None, "flip_left_right", [image]):
        image = _image(image)
        return _reversed(image, _axes(image)[1])


def flip_up_down(image: Any) -> Tensor:
    """Mirrors up and down; arguments as `flip_left_right`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.flip_up_down([[[1]], [[2]]]))[:, 0, 0])
      [2 1]
    """
    with name_scope(None, "flip_up_down", [image]):
        image = _image(image)
        return _reversed(image, _axes(image)[0])


def _random_flip(image: Any, which: int, seed: int | None, scope: str) -> Tensor:
    with name_scope(None, scope, [image]):
        image = _image(image)
        axis = _axes(image)[which]
        if image.shape.ndims == 3:
            chosen = apply_op("Less", random_uniform([], 0, 1.0, seed=seed), 0.5)
            return cond(chosen, lambda: _reversed(image, axis), lambda: apply_op("Identity", image))
        batch = apply_op("Slice", shape_op(image), [0], [1])
        drawn = random_uniform(apply_op("ConcatV2", [batch, [1, 1, 1]], 0), 0, 1.0, seed=seed)
        flips = cast(apply_op("Round", drawn), image.dtype.base_dtype)
        one = convert_to_tensor(1, dtype=image.dtype.base_dtype)
        return add(multiply(flips, _reversed(image, axis)), multiply(subtract(one, flips), image))


def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """Mirrors left and right with probability one half, each image of a batch on its own."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """Mirrors up and down with probability one half, each image of a batch on its own."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


def transpose_image(image: Any) -> Tensor:
    """Swaps height and width.

    Example:
      >>> import core as tf
      >>> tf.image.transpose_image(tf.zeros([2, 5, 3])).shape.as_list()
      [5, 2, 3]
    """
    with name_scope(None, "transpose", [image]):
        image = _image(image)
        order = [1, 0, 2] if image.shape.ndims == 3 else [0, 2, 1, 3]
        return apply_op("Transpose", image, order)


def rot90(image: Any, k: int = 1, name: str | None = None) -> Tensor:
    """Turns counter-clockwise by `k` quarters.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.rot90([[[1], [2]]]))[:, 0, 0])
      [2 1]
    """
    with name_scope(name, "rot90", [image, k]):
        image = _image(image)
        quarter = k if isinstance(k, int) else constant_value(convert_to_tensor(k))
        if quarter is None:
            raise ValueError("k must be known while the graph is built: give a number.")
        rows, columns = _axes(image)
        swap = [1, 0, 2] if image.shape.ndims == 3 else [0, 2, 1, 3]
        turns = int(quarter) % 4
        if turns == 0:
            return apply_op("Identity", image)
        if turns == 2:
            return _reversed(_reversed(image, columns), rows)
        if turns == 1:
            return _reversed(apply_op("Transpose", image, swap), rows)
        return _reversed(apply_op("Transpose", image, swap), columns)


def crop_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any,
                         target_width: Any) -> Tensor:
    """Cuts a box out of an image or a batch.

    Args:
      image: ``[height, width, channels]``, or a batch.
      offset_height, offset_width: Upper left corner.
      target_height, target_width: Size of the box.

    Raises:
      ValueError: The box does not lie within the image (InvalidArgumentError at run time where that is not known).

    Example:
      >>> import core as tf
      >>> tf.image.crop_to_bounding_box(tf.zeros([5, 7, 3]), 1, 2, 3, 4).shape.as_list()
      [3, 4, 3]
    """
    with name_scope(None, "crop_to_bounding_box", [image]):
        image = _image(image)
        rows, columns = _axes(image)
        dims = image.shape.as_list()
        for what, axis, offset, size in (("height", rows, offset_height, target_height),
                                         ("width", columns, offset_width, target_width)):
            if not isinstance(offset, Tensor) and not isinstance(size, Tensor):
                if offset < 0:
                    raise ValueError(f"offset_{what} must be >= 0, got {offset}.")
                if size <= 0:
                    raise ValueError(f"target_{what} must be > 0, got {size}.")
                if dims[axis] is not None and offset + size > dims[axis]:
                    raise ValueError(f"{what} must be >= target + offset: the image has {dims[axis]}, the box ends at "
                                     f"{offset + size}.")
        begin = [offset_height, offset_width, 0]
        size = [target_height, target_width, -1]
        if image.shape.ndims == 4:
            begin, size = [0, *begin], [-1, *size]
        return apply_op("Slice", image, convert_to_tensor(begin, dtype=int32), convert_to_tensor(size, dtype=int32))


def pad_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any,
                        target_width: Any) -> Tensor:
    """Puts an image or a batch into a larger one of zeros; arguments and errors as `crop_to_bounding_box`.

    Example:
      >>> import core as tf
      >>> tf.image.pad_to_bounding_box(tf.zeros([3, 4, 3]), 1, 2, 5, 7).shape.as_list()
      [5, 7, 3]
    """
    with name_scope(None, "pad_to_bounding_box", [image]):
        image = _image(image)
        rows, columns = _axes(image)
        shape = shape_op(image)
        pads: list[Any] = []
        for what, axis, offset, target in (("height", rows, offset_height, target_height),
                                           ("width", columns, offset_width, target_width)):
            size = image.shape.as_list()[axis]
            if not isinstance(offset, Tensor) and offset < 0:
                raise ValueError(f"offset_{what} must be >= 0, got {offset}.")
            if size is None:
                size = apply_op("StridedSlice", shape, [axis], [axis + 1], [1], shrink_axis_mask=1)
            if any(isinstance(v, Tensor) for v in (size, target, offset)):
                end = add(size, convert_to_tensor(offset, dtype=int32))
                after: Any = subtract(convert_to_tensor(target, dtype=int32), end)
            else:
                after = target - offset - size
            if not isinstance(after, Tensor) and after < 0:
                raise ValueError(f"target_{what} must be >= {what} + offset: the image ends at {offset + size}, the "
                                 f"target has {target}.")
            pads.append([offset, after])
        pads.append([0, 0])
        if image.shape.ndims == 4:
            pads.insert(0, [0, 0])
        padded = apply_op("Pad", image, convert_to_tensor(pads, dtype=int32))
        known = image.shape.as_list()
        known[rows] = target_height if isinstance(target_height, int) else None
        known[columns] = target_width if isinstance(target_width, int) else None
        padded.set_shape(known)
        return padded


def resize_image_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Tensor:
    """Crops around the middle, or adds zeros around, to a size.

    Example:
      >>> import core as tf
      >>> tf.image.resize_image_with_crop_or_pad(tf.zeros([5, 4, 3]), 3, 6).shape.as_list()
      [3, 6, 3]
    """
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image = _image(image)
        rows, columns = _axes(image)
        dims = image.shape.as_list()
        if dims[rows] is None or dims[columns] is None:
            raise ValueError(f"The size of the image must be known while the graph is built, it is {image.shape}.")
        if target_height <= 0 or target_width <= 0:
            raise ValueError("target_height and target_width must be > 0.")
        low, left = max((dims[rows] - target_height) // 2, 0), max((dims[columns] - target_width) // 2, 0)
        cut = crop_to_bounding_box(image, low, left, min(target_height, dims[rows]), min(target_width, dims[columns]))
        above, before = max((target_height - dims[rows]) // 2, 0), max((target_width - dims[columns]) // 2, 0)
        return pad_to_bounding_box(cut, above, before, target_height, target_width)


def central_crop(image: Any, central_fraction: float) -> Tensor:
    """Keeps the middle part of height and width.

    Args:
      image: ``[height, width, channels]``, or a batch, of known height and width.
      central_fraction: Part to keep, in (0, 1].

    Raises:
      ValueError: The fraction is out of range.

    Example:
      >>> import core as tf
      >>> tf.image.central_crop(tf.zeros([8, 6, 3]), 0.5).shape.as_list()
      [4, 4, 3]
    """
    with name_scope(None, "central_crop", [image]):
        image = _image(image)
        if not 0.0 < central_fraction <= 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if central_fraction == 1.0:
            return image
        rows, columns = _axes(image)
        dims = image.shape.as_list()
        if dims[rows] is None or dims[columns] is None:
            raise ValueError(f"The size of the image must be known while the graph is built, it is {image.shape}.")
        top = int((dims[rows] - dims[rows] * central_fraction) / 2)
        left = int((dims[columns] - dims[columns] * central_fraction) / 2)
        return crop_to_bounding_box(image, top, left, dims[rows] - 2 * top, dims[columns] - 2 * left)


def per_image_standardization(image: Any) -> Tensor:
    """``(x - mean) / max(deviation, 1 / sqrt(number of pixels))`` of each image.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.per_image_standardization([[[0.0], [2.0]]]))[0, :, 0])
      [-1.  1.]
    """
    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = cast(_image(image), float32)
        axes = convert_to_tensor(np.array([-1, -2, -3], np.int32))
        sizes = apply_op("StridedSlice", shape_op(image), [-3], [0], [1], end_mask=1)
        count = cast(apply_op("Prod", sizes, [0]), float32)
        mean = apply_op("Mean", image, axes, keep_dims=True)
        centred = subtract(image, mean)
        deviation = apply_op("Sqrt", apply_op("Mean", multiply(centred, centred), axes, keep_dims=True))
        least = apply_op("Rsqrt", count)
        return truediv(centred, apply_op("Maximum", deviation, least), name=scope)


def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """Differences of neighbouring pixels: down and right, zero at the last row and column.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     _, dx = tf.image.image_gradients(tf.reshape([1.0, 4.0, 9.0], [1, 1, 3, 1]))
      ...     print(sess.run(dx)[0, 0, :, 0])
      [3. 5. 0.]
    """
    image = convert_to_tensor(image)
    if image.shape.ndims != 4:
        raise ValueError(f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.shape}.")
    parts = []
    for axis in (1, 2):
        size = apply_op("StridedSlice", shape_op(image), [axis], [axis + 1], [1], shrink_axis_mask=1)
        shape = shape_op(image)
        begin = [0] * 4
        begin[axis] = 1
        later = apply_op("Slice", image, begin, [-1] * 4)
        sizes = [-1 if a != axis else subtract(size, 1) for a in range(4)]
        extent = apply_op("Pack", [convert_to_tensor(s, dtype=int32) for s in sizes])
        earlier = apply_op("Slice", image, [0] * 4, extent)
        ones = [1 if a == axis else apply_op("StridedSlice", shape, [a], [a + 1], [1], shrink_axis_mask=1)
                for a in range(4)]
        border = apply_op("Fill", apply_op("Pack", [convert_to_tensor(o, dtype=int32) for o in ones]),
                          convert_to_tensor(0, dtype=image.dtype.base_dtype))
        difference = concat([subtract(later, earlier), border], axis)
        difference.set_shape(image.shape)
        parts.append(difference)
    return parts[0], parts[1]


def total_variation(images: Any, name: str | None = None) -> Tensor:
    """Sum of the absolute differences of neighbouring pixels: how noisy an image is.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.total_variation([[[1.0], [4.0]]])))
      3.0
    """
    with name_scope(name, "total_variation"):
        images = _image(images, "images")
        rows, columns = _axes(images)
        total = None
        for axis in (rows, columns):
            begin = [0] * (images.shape.ndims or 3)
            begin[axis] = 1
            later = apply_op("Slice", images, begin, [-1] * len(begin))
            end = [0] * len(begin)
            end[axis] = -1
            mask = sum(1 << a for a in range(len(begin)) if a != axis)
            earlier = apply_op("StridedSlice", images, [0] * len(begin), end, [1] * len(begin), begin_mask=mask,
                               end_mask=mask)
            axes = list(range(len(begin) - 3, len(begin)))
            part = apply_op("Sum", apply_op("Abs", subtract(later, earlier)), convert_to_tensor(axes, dtype=int32))
            total = part if total is None else add(total, part)
        assert total is not None
        return total


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """Peak signal-to-noise ratio of two images, in decibel: ``20 log10(max) - 10 log10(mean square error)``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.image.psnr([[[0.0]]], [[[0.1]]], 1.0))), 3))
      20.0
    """
    with name_scope(name, "PSNR", [a, b]) as scope:
        first, second = convert_to_tensor(a), convert_to_tensor(b)
        first.shape.assert_is_compatible_with(second.shape)
        bound = cast(max_val, float32)
        error = subtract(cast(first, float32), cast(second, float32))
        mean = apply_op("Mean", multiply(error, error), [-3, -2, -1])
        ln10 = convert_to_tensor(np.float32(np.log(10.0)))
        high = multiply(convert_to_tensor(20.0), truediv(apply_op("Log", bound), ln10))
        low = multiply(convert_to_tensor(np.float32(10 / np.log(10.0))), apply_op("Log", mean))
        return subtract(high, low, name=scope)


