"""Resizing and cropping of images. The routines stand in `core.kernels.image` and `core.kernels.boxes`."""

from __future__ import annotations

from typing import Any

from core.dtypes import float32, int32
from core.graph import (
    NO_GRADIENT,
    Operation,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.kernels import boxes as box_kernels
from core.kernels import image as kernels
from core.ops.array_basic import shape as shape_op
from core.ops.array_cast import cast
from core.shapes import TensorShape

__all__: list[str] = []

_ANY = "int8,uint8,int16,uint16,int32,int64,half,float,double,bfloat16"
_ALIGN = "align_corners:bool=False; half_pixel_centers:bool=False"


def _resized(images: Tensor, size: Tensor) -> TensorShape:
    dims = images.shape.with_rank(4).as_list()
    wanted = constant_value(size)
    rows, columns = (None, None) if wanted is None else (int(v) for v in wanted)
    return TensorShape([dims[0], rows, columns, dims[3]])


def _size_of(images: Tensor) -> Tensor:
    """Height and width of images, as an int32 vector."""
    size: Tensor = apply_op("Slice", shape_op(images), [1], [2])
    return size


# ---------------------------------------------------------------------- the four methods


def _bilinear(xp: Any, images: Any, size: Any, *, align_corners: bool, half_pixel_centers: bool) -> Any:
    return kernels.resize_bilinear(images, size, align_corners, half_pixel_centers)


def _resize_grad(op_type: str) -> Any:
    def gradient(op: Operation, grad: Any) -> list[Any]:
        attrs = {"align_corners": op.attrs["align_corners"], "half_pixel_centers": op.attrs["half_pixel_centers"]}
        if not op.inputs[0].dtype.is_floating:
            return [None, None]
        return [apply_op(op_type, grad, op.inputs[0], **attrs), None]
    return gradient


define_op("ResizeBilinear", "images:T, size:int32", "resized_images:float",
          f"T:type{{int8,uint8,int16,uint16,int32,int64,bfloat16,half,float,double,bfloat16}}; {_ALIGN}",
          shape=_resized, kernel=_bilinear, gradient=_resize_grad("ResizeBilinearGrad"))


def _bilinear_grad(xp: Any, grads: Any, original_image: Any, *, align_corners: bool, half_pixel_centers: bool) -> Any:
    result = kernels.resize_bilinear_grad(grads, original_image.shape[1:3], align_corners, half_pixel_centers)
    return result.astype(original_image.dtype, copy=False)


define_op("ResizeBilinearGrad", "grads:float, original_image:T", "output:T",
          f"T:type{{float,bfloat16,half,double}}; {_ALIGN}", shape=lambda grads, original_image: original_image.shape,
          kernel=_bilinear_grad)


def _bicubic(xp: Any, images: Any, size: Any, *, align_corners: bool, half_pixel_centers: bool) -> Any:
    return kernels.resize_bicubic(images, size, align_corners, half_pixel_centers)


define_op("ResizeBicubic", "images:T, size:int32", "resized_images:float", f"T:type{{{_ANY}}}; {_ALIGN}",
          shape=_resized, kernel=_bicubic, gradient=_resize_grad("ResizeBicubicGrad"))


def _bicubic_grad(xp: Any, grads: Any, original_image: Any, *, align_corners: bool, half_pixel_centers: bool) -> Any:
    result = kernels.resize_bicubic_grad(grads, original_image.shape[1:3], align_corners, half_pixel_centers)
    return result.astype(original_image.dtype, copy=False)


define_op("ResizeBicubicGrad", "grads:float, original_image:T", "output:T", f"T:type{{float,double}}; {_ALIGN}",
          shape=lambda grads, original_image: original_image.shape, kernel=_bicubic_grad)


def _nearest(xp: Any, images: Any, size: Any, *, align_corners: bool, half_pixel_centers: bool) -> Any:
    return kernels.resize_nearest(images, size, align_corners, half_pixel_centers)


def _nearest_gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = {"align_corners": op.attrs["align_corners"], "half_pixel_centers": op.attrs["half_pixel_centers"]}
    return [apply_op("ResizeNearestNeighborGrad", grad, _size_of(op.inputs[0]), **attrs), None]


define_op("ResizeNearestNeighbor", "images:T, size:int32", "resized_images:T", f"T:type{{{_ANY}}}; {_ALIGN}",
          shape=_resized, kernel=_nearest, gradient=_nearest_gradient)


def _nearest_grad(xp: Any, grads: Any, size: Any, *, align_corners: bool, half_pixel_centers: bool) -> Any:
    return kernels.resize_nearest_grad(grads, size, align_corners, half_pixel_centers).astype(grads.dtype, copy=False)


def _nearest_grad_grad(op: Operation, grad: Any) -> list[Any]:
    attrs = {"align_corners": op.attrs["align_corners"], "half_pixel_centers": op.attrs["half_pixel_centers"]}
    return [apply_op("ResizeNearestNeighbor", grad, _size_of(op.inputs[0]), **attrs), None]


define_op("ResizeNearestNeighborGrad", "grads:T, size:int32", "output:T",
          f"T:type{{uint8,int8,int32,half,float,double,bfloat16}}; {_ALIGN}", shape=_resized, kernel=_nearest_grad,
          gradient=_nearest_grad_grad)


def _area(xp: Any, images: Any, size: Any, *, align_corners: bool) -> Any:
    return kernels.resize_area(images, size, align_corners)


define_op("ResizeArea", "images:T, size:int32", "resized_images:float", f"T:type{{{_ANY}}}; align_corners:bool=False",
          shape=_resized, kernel=_area, gradient=NO_GRADIENT)


class ResizeMethod:
    """How `resize_images` finds the new pixels."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


def resize_bilinear(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                    half_pixel_centers: bool = False) -> Tensor:
    """Resizes by the mean of the four nearest pixels, weighted by distance.

    Args:
      images: ``[batch, height, width, channels]``.
      size: New height and width, two int32 numbers.
      align_corners: If True, the centres of the corner pixels stay where they are.
      name: Name of the operation.
      half_pixel_centers: If True, pixels are squares with centres at .5.

    Returns:
      float32 ``[batch, new height, new width, channels]``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.resize_bilinear([[[[0.0], [2.0]]]], [1, 4]))[0, 0, :, 0])
      [0. 1. 2. 2.]
    """
    return apply_op("ResizeBilinear", images, size, align_corners=align_corners,
                    half_pixel_centers=half_pixel_centers, name=name)


def resize_bicubic(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                   half_pixel_centers: bool = False) -> Tensor:
    """Resizes by cubic interpolation of sixteen pixels; arguments as `resize_bilinear`.

    Example:
      >>> import core as tf
      >>> tf.image.resize_bicubic(tf.zeros([2, 3, 5, 1]), [6, 4]).shape.as_list()
      [2, 6, 4, 1]

    Source: Keys, "Cubic convolution interpolation for digital image processing", 1981.
    """
    return apply_op("ResizeBicubic", images, size, align_corners=align_corners,
                    half_pixel_centers=half_pixel_centers, name=name)


def resize_nearest_neighbor(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                            half_pixel_centers: bool = False) -> Tensor:
    """Resizes by taking the nearest pixel; arguments as `resize_bilinear`, the type stays.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.resize_nearest_neighbor([[[[1], [2]]]], [1, 4]))[0, 0, :, 0])
      [1 1 2 2]
    """
    return apply_op("ResizeNearestNeighbor", images, size, align_corners=align_corners,
                    half_pixel_centers=half_pixel_centers, name=name)


def resize_area(images: Any, size: Any, align_corners: bool = False, name: str | None = None) -> Tensor:
    """Resizes by the mean of all pixels that a new one covers; arguments as `resize_bilinear`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.image.resize_area([[[[1.0], [2.0], [3.0], [4.0]]]], [1, 2]))[0, 0, :, 0])
      [1.5 3.5]
    """
    return apply_op("ResizeArea", images, size, align_corners=align_corners, name=name)


def resize_images(images: Any, size: Any, method: int = ResizeMethod.BILINEAR, align_corners: bool = False,
                  preserve_aspect_ratio: bool = False, name: str | None = None) -> Tensor:
    """Resizes one image or a batch by one of four methods.

    Args:
      images: ``[batch, height, width, channels]`` or ``[height, width, channels]``.
      size: New height and width.
      method: One of `ResizeMethod`.
      align_corners: If True, the centres of the corner pixels stay where they are.
      preserve_aspect_ratio: If True, the image is made to fit into `size`.
      name: Name of the operation.

    Returns:
      float32 (the type of `images` where nothing changes, or for nearest neighbour).

    Raises:
      ValueError: `images` has neither three nor four dimensions; `size` not two numbers; an unknown method.

    Example:
      >>> import core as tf
      >>> tf.image.resize_images(tf.zeros([7, 5, 3]), [14, 10]).shape.as_list()
      [14, 10, 3]
    """
    with name_scope(name, "resize", [images, size]):
        images = convert_to_tensor(images, name="images")
        if images.shape.ndims is None:
            raise ValueError("'images' contains no shape.")
        single = images.shape.ndims == 3
        if single:
            images = apply_op("ExpandDims", images, 0)
        elif images.shape.ndims != 4:
            raise ValueError(f"'images' must have either 3 or 4 dimensions, got {images.shape}.")
        dims = images.shape.as_list()
        size = convert_to_tensor(size, dtype=int32, name="size")
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        if preserve_aspect_ratio:
            size = _fitting(images, size)
        wanted = constant_value(size)
        if wanted is not None and dims[1:3] == wanted.tolist():
            result = images
        else:
            functions = {0: resize_bilinear, 1: resize_nearest_neighbor, 2: resize_bicubic, 3: resize_area}
            if method not in functions:
                raise ValueError("Resize method is not implemented.")
            result = functions[method](images, size, align_corners=align_corners)
        result.set_shape([None, *([None, None] if wanted is None else wanted.tolist()), None])
        return apply_op("Squeeze", result, squeeze_dims=[0]) if single else result


def _fitting(images: Tensor, size: Tensor) -> Tensor:
    """The largest size of the images' proportions within `size`."""
    current = cast(_size_of(images), float32)
    scale = apply_op("Min", apply_op("RealDiv", cast(size, float32), current), [0])
    return cast(apply_op("Round", apply_op("Mul", current, scale)), int32)


# ---------------------------------------------------------------------- CropAndResize


def _crops(image: Tensor, boxes: Tensor, box_ind: Tensor, crop_size: Tensor) -> TensorShape:
    wanted = constant_value(crop_size)
    rows, columns = (None, None) if wanted is None else (int(v) for v in wanted)
    count = boxes.shape.with_rank(2).as_list()[0]
    return TensorShape([count, rows, columns, image.shape.with_rank(4).as_list()[3]])


def _crop_and_resize(xp: Any, image: Any, boxes: Any, box_ind: Any, crop_size: Any, *, method: str,
                     extrapolation_value: float) -> Any:
    return kernels.crop_and_resize(image, boxes, box_ind, crop_size, method, extrapolation_value)


def _crop_grad(op: Operation, grad: Any) -> list[Any]:
    image, boxes, box_ind = op.inputs[:3]
    by_image = None
    if image.dtype.is_floating:
        by_image = apply_op("CropAndResizeGradImage", grad, boxes, box_ind, shape_op(image), T=image.dtype.base_dtype,
                            method=op.attrs["method"])
    return [by_image, apply_op("CropAndResizeGradBoxes", grad, image, boxes, box_ind), None, None]


_CROP = "T:type{uint8,uint16,int8,int16,int32,int64,half,float,double}; "
define_op("CropAndResize", "image:T, boxes:float, box_ind:int32, crop_size:int32", "crops:float",
          _CROP + "method:string='bilinear'{bilinear,nearest}; extrapolation_value:float=0.0", shape=_crops,
          kernel=_crop_and_resize, gradient=_crop_grad)


def _crop_grad_image(xp: Any, grads: Any, boxes: Any, box_ind: Any, image_size: Any, *, T: Any, method: str) -> Any:
    result = kernels.crop_and_resize_grad_image(grads, boxes, box_ind, image_size.tolist(), method)
    return result.astype(T.np_dtype, copy=False)


define_op("CropAndResizeGradImage", "grads:float, boxes:float, box_ind:int32, image_size:int32", "output:T",
          "T:type{float,half,double}; method:string='bilinear'{bilinear,nearest}",
          shape=lambda grads, boxes, box_ind, image_size: constant_value_as_shape(image_size).with_rank(4),
          kernel=_crop_grad_image, gradient=NO_GRADIENT)


def _crop_grad_boxes(xp: Any, grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
    return kernels.crop_and_resize_grad_boxes(grads, image, boxes, box_ind)


define_op("CropAndResizeGradBoxes", "grads:float, image:T, boxes:float, box_ind:int32", "output:float",
          _CROP + "method:string='bilinear'{bilinear}", shape=lambda grads, image, boxes, box_ind: boxes.shape,
          kernel=_crop_grad_boxes, gradient=NO_GRADIENT)


def crop_and_resize(
    image: Any, boxes: Any = None, box_ind: Any = None, crop_size: Any = None, method: str = "bilinear",
    extrapolation_value: float = 0, name: str | None = None, box_indices: Any = None,
) -> Tensor:
    """Cuts boxes out of images and resizes them to one size.

    Args:
      image: ``[batch, height, width, channels]``.
      boxes: float32 ``[n, 4]``: y1, x1, y2, x2 as parts of height and width.
      box_ind: int32 ``[n]``: which image each box is of.
      crop_size: Height and width of the crops.
      method: "bilinear" or "nearest".
      extrapolation_value: Value outside the image.
      name: Name of the operation.
      box_indices: Newer name of `box_ind`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
      ...     print(sess.run(tf.image.crop_and_resize(x, [[0.0, 0.0, 0.5, 0.5]], [0], [2, 2]))[0, :, :, 0])
      [[0. 1.]
       [3. 4.]]
    """
    return apply_op("CropAndResize", image, boxes, box_ind if box_indices is None else box_indices, crop_size,
                    method=method, extrapolation_value=extrapolation_value, name=name)


# ---------------------------------------------------------------------- NonMaxSuppressionV3


def _suppress(xp: Any, boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any, score_threshold: Any) -> Any:
    chosen = box_kernels.non_max_suppression(boxes, scores, int(max_output_size), float(iou_threshold),
                                             float(score_threshold))
    return (chosen[0] if isinstance(chosen, tuple) else chosen).astype("int32")


define_op("NonMaxSuppressionV3", "boxes:T, scores:T, max_output_size:int32, iou_threshold:T_threshold, "
          "score_threshold:T_threshold", "selected_indices:int32",
          "T:type=float{half,float}; T_threshold:type=float{half,float}",
          shape=lambda boxes, scores, max_output_size, iou_threshold, score_threshold: TensorShape([None]),
          kernel=_suppress, gradient=NO_GRADIENT)


def non_max_suppression(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5,
                        score_threshold: Any = float("-inf"), name: str | None = None) -> Tensor:
    """Numbers of the boxes that are left when those that overlap a better one are dropped, best first.

    Args:
      boxes: ``[n, 4]``: y1, x1, y2, x2.
      scores: ``[n]``.
      max_output_size: At most so many.
      iou_threshold: Overlap (intersection over union) from which a box is dropped.
      score_threshold: Boxes of lower scores are dropped.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     kept = tf.image.non_max_suppression([[0.0, 0, 1, 1], [0, 0, 1, 0.9], [2, 2, 3, 3]], [0.9, 0.8, 0.7], 5)
      ...     print(sess.run(kept))
      [0 2]
    """
    with name_scope(name, "non_max_suppression"):
        iou = convert_to_tensor(iou_threshold, name="iou_threshold")
        score = convert_to_tensor(score_threshold, name="score_threshold")
        return apply_op("NonMaxSuppressionV3", boxes, scores, max_output_size, iou, score)


