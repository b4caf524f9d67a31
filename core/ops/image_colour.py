"""Colours of images: conversions between colour spaces, brightness, contrast, hue, saturation, types."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, float16, float32, float64
from core.graph import NO_GRADIENT, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.kernels import image as kernels
from core.ops.array_cast import cast, saturate_cast
from core.ops.array_join import concat
from core.ops.math_binary import add, multiply
from core.ops.random_ops import random_uniform
from core.shapes import TensorShape

__all__: list[str] = []


def _three_channels(images: Tensor) -> TensorShape:
    shape = images.shape.with_rank_at_least(1)
    if shape.ndims is not None and shape.as_list()[-1] not in (None, 3):
        raise ValueError(f"Dimension must be 3 but is {shape.as_list()[-1]}")
    return shape if shape.ndims is None else shape.merge_with([*[None] * (shape.ndims - 1), 3])


for _type, _kernel in (("RGBToHSV", kernels.rgb_to_hsv), ("HSVToRGB", kernels.hsv_to_rgb)):
    define_op(_type, "images:T", "output:T", "T:type=float{half,bfloat16,float,double}", shape=_three_channels,
              kernel=(lambda function: lambda xp, images: function(images))(_kernel), gradient=NO_GRADIENT)


def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Red, green, blue in [0, 1] to hue, saturation, value in [0, 1].

    Args:
      images: Floats ``[..., 3]``.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.rgb_to_hsv([[0.0, 0.5, 0.0]]))[0, 1:])
      [1.  0.5]
    """
    return apply_op("RGBToHSV", images, name=name)


def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Hue, saturation, value in [0, 1] to red, green, blue in [0, 1].

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.hsv_to_rgb([[0.0, 1.0, 0.5]])))
      [[0.5 0.  0. ]]
    """
    return apply_op("HSVToRGB", images, name=name)


# ---------------------------------------------------------------------- linear colour spaces

_YIQ = np.array([[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]],
                np.float64)
_YUV = np.array([[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]],
                np.float64)
_FROM_YIQ = np.array([[1.0, 1.0, 1.0], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]],
                     np.float64)
_FROM_YUV = np.array([[1.0, 1.0, 1.0], [0.0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0.0]], np.float64)


def _linear(images: Any, matrix: np.ndarray, name: str) -> Tensor:
    images = convert_to_tensor(images, name="images")
    kernel = convert_to_tensor(matrix, dtype=images.dtype.base_dtype, name=name)
    rank = images.shape.ndims
    if rank is None:
        raise ValueError(f"The number of dimensions of {images.name} must be known.")
    flat = apply_op("Reshape", images, [-1, 3])
    product = apply_op("MatMul", flat, kernel)
    result = apply_op("Reshape", product, apply_op("Shape", images))
    result.set_shape(images.shape)
    return result


def rgb_to_yiq(images: Any) -> Tensor:
    """Red, green, blue to the luminance Y and the chrominances I and Q of NTSC television.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.image.rgb_to_yiq([[1.0, 1.0, 1.0]]))[0, 0]), 4))
      1.0
    """
    return _linear(images, _YIQ, "kernel")


def yiq_to_rgb(images: Any) -> Tensor:
    """The inverse of `rgb_to_yiq`."""
    return _linear(images, _FROM_YIQ, "kernel")


def rgb_to_yuv(images: Any) -> Tensor:
    """Red, green, blue to the luminance Y and the chrominances U and V of PAL television.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.image.rgb_to_yuv([[1.0, 1.0, 1.0]]))[0, 0]), 4))
      1.0
    """
    return _linear(images, _YUV, "kernel")


def yuv_to_rgb(images: Any) -> Tensor:
    """The inverse of `rgb_to_yuv`."""
    return _linear(images, _FROM_YUV, "kernel")


# ---------------------------------------------------------------------- types and grey


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """Converts an image to another type, and its values to the range of that type.

    Floats lie in [0, 1], integers from 0 to their largest value.

    Args:
      image: Tensor.
      dtype: Type wanted.
      saturate: If True, values out of range are cut off before the cast.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.convert_image_dtype([0.0, 1.0], tf.uint8)))
      [  0 255]
    """
    image = convert_to_tensor(image, name="image")
    dtype = as_dtype(dtype)
    if dtype == image.dtype.base_dtype:
        return apply_op("Identity", image, name=name)
    with name_scope(name, "convert_image", [image]) as scope:
        source = image.dtype.base_dtype
        if source.is_integer and dtype.is_integer:
            high_in, high_out = int(source.max), int(dtype.max)
            if high_in > high_out:
                step = (high_in + 1) // (high_out + 1)
                scaled = apply_op("FloorDiv", image, convert_to_tensor(step, dtype=source))
                return saturate_cast(scaled, dtype, name=scope) if saturate else cast(scaled, dtype, name=scope)
            wide = saturate_cast(image, dtype) if saturate else cast(image, dtype)
            step = (high_out + 1) // (high_in + 1)
            return apply_op("Mul", wide, convert_to_tensor(step, dtype=dtype), name=scope)
        if source.is_floating and dtype.is_floating:
            return cast(image, dtype, name=scope)
        if source.is_integer:
            scale = convert_to_tensor(1.0 / float(source.max), dtype=dtype)
            return apply_op("Mul", cast(image, dtype), scale, name=scope)
        scale = convert_to_tensor(float(dtype.max) + 0.5, dtype=source)
        scaled = multiply(image, scale)
        return saturate_cast(scaled, dtype, name=scope) if saturate else cast(scaled, dtype, name=scope)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """Weighted mean of red, green and blue: ``[..., 3]`` to ``[..., 1]``, of the same type.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.rgb_to_grayscale([[1.0, 1.0, 1.0]])).round(3))
      [[1.]]
    """
    with name_scope(name, "rgb_to_grayscale", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        source = images.dtype.base_dtype
        floats = convert_image_dtype(images, float32)
        weights = convert_to_tensor(np.array([[0.2989], [0.5870], [0.1140]], np.float32))
        flat = apply_op("MatMul", apply_op("Reshape", floats, [-1, 3]), weights)
        outer = apply_op("Slice", apply_op("Shape", images), [0], [images.shape.ndims - 1])
        grey = apply_op("Reshape", flat, apply_op("ConcatV2", [outer, [1]], 0))
        grey.set_shape([*images.shape.as_list()[:-1], 1])
        return convert_image_dtype(grey, source, name=scope)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Repeats the only channel three times.

    Example:
      >>> import core as tf
      >>> tf.image.grayscale_to_rgb(tf.zeros([2, 4, 1])).shape.as_list()
      [2, 4, 3]
    """
    with name_scope(name, "grayscale_to_rgb", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        if images.shape.ndims is None or images.shape.as_list()[-1] not in (1, None):
            raise ValueError(f"Last dimension of a grayscale image should be size 1, got {images.shape}.")
        return concat([images] * 3, images.shape.ndims - 1, name=scope)


# ---------------------------------------------------------------------- adjustments


def _in_floats(image: Tensor, change: Any) -> Tensor:
    """Applies `change` to the image as floats in [0, 1], and gives its own type back."""
    source = image.dtype.base_dtype
    if source in (float16, float32, float64):
        result: Tensor = change(image)
        return result
    return convert_image_dtype(change(convert_image_dtype(image, float32)), source, saturate=True)


def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """Adds `delta` to all pixels, measured in floats in [0, 1].

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.adjust_brightness([0.25, 0.5], 0.5)))
      [0.75 1.  ]
    """
    with name_scope(None, "adjust_brightness", [image, delta]):
        image = convert_to_tensor(image, name="image")
        return _in_floats(image, lambda x: add(x, cast(delta, x.dtype.base_dtype)))


def _contrast(xp: Any, images: Any, contrast_factor: Any) -> Any:
    mean = images.mean(axis=(-3, -2), keepdims=True, dtype=np.float32)
    return ((images - mean) * np.float32(contrast_factor) + mean).astype(images.dtype, copy=False)


define_op("AdjustContrastv2", "images:T, contrast_factor:float", "output:T", "T:type=float{half,float}",
          shape=lambda images, contrast_factor: images.shape.with_rank_at_least(3), kernel=_contrast,
          gradient=NO_GRADIENT)


def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """``(x - mean) * contrast_factor + mean``, the mean taken over each channel of each image.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.adjust_contrast([[[0.0], [1.0]]], 3.0))[0, :, 0])
      [-1.  2.]
    """
    with name_scope(None, "adjust_contrast", [images, contrast_factor]):
        images = convert_to_tensor(images, name="images")
        factor = convert_to_tensor(contrast_factor, dtype=float32)
        return _in_floats(images, lambda x: apply_op("AdjustContrastv2", x, factor))


def _in_hsv(images: Any, change: Any) -> Any:
    hsv = kernels.rgb_to_hsv(images.astype(np.float32, copy=False))
    hsv = change(hsv.copy())
    return kernels.hsv_to_rgb(hsv).astype(images.dtype, copy=False)


def _hue(xp: Any, images: Any, delta: Any) -> Any:
    def turn(hsv: Any) -> Any:
        hsv[..., 0] = np.mod(hsv[..., 0] + np.float32(delta), np.float32(1))
        return hsv
    return _in_hsv(images, turn)


def _saturation(xp: Any, images: Any, scale: Any) -> Any:
    def stretch(hsv: Any) -> Any:
        hsv[..., 1] = np.clip(hsv[..., 1] * np.float32(scale), 0, 1)
        return hsv
    return _in_hsv(images, stretch)


define_op("AdjustHue", "images:T, delta:float", "output:T", "T:type=float{half,float}",
          shape=lambda images, delta: _three_channels(images), kernel=_hue, gradient=NO_GRADIENT)
define_op("AdjustSaturation", "images:T, scale:float", "output:T", "T:type=float{half,float}",
          shape=lambda images, scale: _three_channels(images), kernel=_saturation, gradient=NO_GRADIENT)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """Turns the hue by `delta` (in [-1, 1]).

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.adjust_hue([[[1.0, 0.0, 0.0]]], 1 / 3)).round(3))
      [[[0. 1. 0.]]]
    """
    with name_scope(name, "adjust_hue", [image]):
        image = convert_to_tensor(image, name="image")
        return _in_floats(image, lambda x: apply_op("AdjustHue", x, convert_to_tensor(delta, dtype=float32)))


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """Multiplies the saturation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.adjust_saturation([[[1.0, 0.5, 0.5]]], 0.0)))
      [[[1. 1. 1.]]]
    """
    with name_scope(name, "adjust_saturation", [image]):
        image = convert_to_tensor(image, name="image")
        factor = convert_to_tensor(saturation_factor, dtype=float32)
        return _in_floats(image, lambda x: apply_op("AdjustSaturation", x, factor))


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """``gain * image ** gamma``; ValueError for a negative gamma.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.adjust_gamma([0.5], 2.0)))
      [0.25]
    """
    if isinstance(gamma, (int, float)) and gamma < 0:
        raise ValueError("Gamma should be a non-negative real number.")
    with name_scope(None, "adjust_gamma", [image, gamma, gain]):
        image = convert_to_tensor(image, name="image")

        def change(x: Tensor) -> Tensor:
            dtype = x.dtype.base_dtype
            return multiply(cast(gain, dtype), apply_op("Pow", x, cast(gamma, dtype)))
        return _in_floats(image, change)


def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_brightness` by a random amount in ``[-max_delta, max_delta)``; ValueError for a negative `max_delta`."""
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_contrast` by a random factor in ``[lower, upper)``; ValueError where the bounds make no sense."""
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")
    return adjust_contrast(image, random_uniform([], lower, upper, seed=seed))


def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_hue` by a random amount in ``[-max_delta, max_delta)``; `max_delta` lies in [0, 0.5]."""
    if not 0 <= max_delta <= 0.5:
        raise ValueError("max_delta must be <= 0.5 and non-negative.")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_saturation` by a random factor in ``[lower, upper)``; ValueError where the bounds make no sense."""
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")
    return adjust_saturation(image, random_uniform([], lower, upper, seed=seed))
