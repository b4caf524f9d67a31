"""Resizing, cropping and colours of images, as TensorFlow 1.15's CPU kernels compute them.

A resize is a linear map along each of the two axes. The coordinates are computed in float32 in TensorFlow's order of
operations, since a coordinate on the wrong side of a pixel would show. Gradients are the transposed maps, as matrix
products. Non-maximum suppression is in core/kernels/boxes.py.

Must not import core.graph, core.ops or anything above them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = [
    "crop_and_resize",
    "crop_and_resize_grad_boxes",
    "crop_and_resize_grad_image",
    "hsv_to_rgb",
    "resize_area",
    "resize_bicubic",
    "resize_bicubic_grad",
    "resize_bilinear",
    "resize_bilinear_grad",
    "resize_nearest",
    "resize_nearest_grad",
    "rgb_to_hsv",
]

_F = np.float32
_TABLE = 1024  # steps in TensorFlow's table of cubic weights
Taps = list[tuple[NDArray[np.intp], NDArray[np.float32]]]


def _scale(size: int, out: int, align_corners: bool) -> np.float32:
    if align_corners and size > 1 and out > 1:
        return _F(size - 1) / _F(out - 1)
    return _F(size) / _F(out)


def _positions(size: int, out: int, align_corners: bool, half_pixel: bool) -> NDArray[np.float32]:
    """Input coordinate of each output pixel."""
    if align_corners and half_pixel:
        raise ValueError("If half_pixel_centers is True, align_corners must be False.")
    scale, place = _scale(size, out, align_corners), np.arange(out, dtype=_F)
    return (place + _F(0.5)) * scale - _F(0.5) if half_pixel else place * scale


def _nearest_index(size: int, out: int, align_corners: bool, half_pixel: bool) -> NDArray[np.intp]:
    if align_corners and half_pixel:
        raise ValueError("If half_pixel_centers is True, align_corners must be False.")
    scale, place = _scale(size, out, align_corners), np.arange(out, dtype=_F)
    place = (place + _F(0.5)) * scale if half_pixel else place * scale
    # C's roundf goes away from zero at a half, and no coordinate is negative.
    index = np.floor(place.astype(np.float64) + 0.5) if align_corners else np.floor(place)
    return np.clip(index.astype(np.intp), 0, size - 1)


def _bilinear_taps(size: int, out: int, align_corners: bool, half_pixel: bool) -> Taps:
    place = _positions(size, out, align_corners, half_pixel)
    floor = np.floor(place)
    share = place - floor
    lower = np.maximum(floor.astype(np.intp), 0)
    upper = np.minimum(np.ceil(place).astype(np.intp), size - 1)
    return [(lower, _F(1) - share), (np.maximum(upper, 0), share)]


@lru_cache
def _cubic_table(a: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    x = (np.arange(_TABLE + 1) / _TABLE).astype(_F).astype(np.float64)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    x = (x + 1).astype(_F).astype(np.float64)
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return near.astype(_F), far.astype(_F)


def _bicubic_taps(size: int, out: int, align_corners: bool, half_pixel: bool) -> Taps:
    place = _positions(size, out, align_corners, half_pixel)
    floor = np.floor(place)
    step = np.rint((place - floor) * _F(_TABLE)).astype(np.intp)
    near, far = _cubic_table(-0.5 if half_pixel else -0.75)
    weights = [far[step], near[step], near[_TABLE - step], far[_TABLE - step]]
    wanted = [floor.astype(np.intp) + offset for offset in (-1, 0, 1, 2)]
    index = [np.clip(w, 0, size - 1) for w in wanted]
    if half_pixel:  # pixels outside have no weight, and the others make up for it
        weights = [np.where(i == w, weight, _F(0)) for i, w, weight in zip(index, wanted, weights)]
        total = weights[0] + weights[1] + weights[2] + weights[3]
        safe = np.abs(total) >= 1000 * np.finfo(_F).tiny
        factor = np.where(safe, _F(1) / np.where(safe, total, _F(1)), _F(1))
        weights = [w * factor for w in weights]
    return list(zip(index, weights))


def _matrix(taps: Taps, size: int) -> NDArray[np.float32]:
    """The map (outputs, inputs) of some taps."""
    out = np.zeros((taps[0][0].size, size), _F)
    rows = np.arange(out.shape[0])
    for index, weight in taps:
        np.add.at(out, (rows, index), weight)
    return out


def _apply(x: NDArray[Any], rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
    """Maps (out, in) along height and width of (n, h, w, c)."""
    n, height, width, channels = x.shape
    x = np.matmul(rows, x.reshape(n, height, width * channels))
    x = np.matmul(columns, x.reshape(n * rows.shape[0], width, channels))
    return x.reshape(n, rows.shape[0], columns.shape[0], channels)


def _checked(images: Any, size: Sequence[int]) -> tuple[NDArray[Any], int, int]:
    images = np.asarray(images)
    height, width = (int(d) for d in size)
    if images.ndim != 4:
        raise ValueError(f"input must be 4-dimensional, got shape {images.shape}")
    if height <= 0 or width <= 0:
        raise ValueError(f"output dimensions must be positive, got {(height, width)}")
    if 0 in images.shape[1:]:
        raise ValueError(f"input image must be of non-zero size, got shape {images.shape}")
    return images, height, width


def resize_nearest(
    images: NDArray[Any], size: Sequence[int], align_corners: bool = False, half_pixel_centers: bool = False
) -> NDArray[Any]:
    """Nearest-neighbour resize: the kernel of ResizeNearestNeighbor.

    Args:
      images: array (n, height, width, channels).
      size: new height and width.
      align_corners: map the corner pixels onto each other.
      half_pixel_centers: a pixel's centre lies at a half.

    Returns:
      Resized images of the same dtype.

    Raises:
      ValueError: images that are not 4-D or empty, a size that is not positive, or both flags, as all functions here.
    """
    images, height, width = _checked(images, size)
    rows = _nearest_index(images.shape[1], height, align_corners, half_pixel_centers)
    columns = _nearest_index(images.shape[2], width, align_corners, half_pixel_centers)
    return images[:, rows[:, None], columns[None, :]]


def resize_nearest_grad(
    grads: NDArray[Any], size: Sequence[int], align_corners: bool = False, half_pixel_centers: bool = False
) -> NDArray[Any]:
    """The gradient of `resize_nearest` for images of height and width `size`, from (n, h, w, c) gradients."""
    grads, height, width = _checked(grads, size)
    maps = []
    for inner, outer in ((height, grads.shape[1]), (width, grads.shape[2])):
        index = _nearest_index(inner, outer, align_corners, half_pixel_centers)
        maps.append(_matrix([(index, np.ones(outer, _F))], inner).T)
    wide = grads.dtype if grads.dtype.itemsize > 2 else np.dtype(_F)
    out = _apply(grads.astype(wide), maps[0].astype(wide), maps[1].astype(wide))
    return out.astype(grads.dtype, copy=False)


def resize_bilinear(
    images: NDArray[Any], size: Sequence[int], align_corners: bool = False, half_pixel_centers: bool = False
) -> NDArray[np.float32]:
    """Bilinear resize: the kernel of ResizeBilinear; arguments as `resize_nearest`, result float32."""
    images, height, width = _checked(images, size)
    x = images.astype(_F, copy=False)
    (top, _), (bottom, down) = _bilinear_taps(x.shape[1], height, align_corners, half_pixel_centers)
    (left, _), (right, across) = _bilinear_taps(x.shape[2], width, align_corners, half_pixel_centers)
    used, place = np.unique(np.concatenate([top, bottom]), return_inverse=True)
    if used.size < x.shape[1]:
        x, top, bottom = x[:, used], place[:height], place[height:]
    start = x[:, :, left]
    x = start + (x[:, :, right] - start) * across[:, None]
    start = x[:, top]
    return start + (x[:, bottom] - start) * down[:, None, None]


def resize_bilinear_grad(
    grads: NDArray[np.float32],
    size: Sequence[int],
    align_corners: bool = False,
    half_pixel_centers: bool = False,
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """The gradient of `resize_bilinear` for images of height and width `size` and that dtype."""
    grads, height, width = _checked(grads, size)
    rows = _matrix(_bilinear_taps(height, grads.shape[1], align_corners, half_pixel_centers), height)
    columns = _matrix(_bilinear_taps(width, grads.shape[2], align_corners, half_pixel_centers), width)
    return _apply(grads, rows.T, columns.T).astype(dtype, copy=False)


def resize_bicubic(
    images: NDArray[Any], size: Sequence[int], align_corners: bool = False, half_pixel_centers: bool = False
) -> NDArray[np.float32]:
    """Bicubic resize: the kernel of ResizeBicubic; arguments as `resize_nearest`, result float32."""
    images, height, width = _checked(images, size)
    x = images.astype(_F, copy=False)
    rows = _bicubic_taps(x.shape[1], height, align_corners, half_pixel_centers)
    columns = _bicubic_taps(x.shape[2], width, align_corners, half_pixel_centers)
    x = sum(
        (x[:, index] * weight[:, None, None] for index, weight in rows[1:]),
        x[:, rows[0][0]] * rows[0][1][:, None, None],
    )
    out = x[:, :, columns[0][0]] * columns[0][1][:, None]
    for index, weight in columns[1:]:
        out += x[:, :, index] * weight[:, None]
    return out


def resize_bicubic_grad(
    grads: NDArray[np.float32],
    size: Sequence[int],
    align_corners: bool = False,
    half_pixel_centers: bool = False,
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """The gradient of `resize_bicubic` for images of height and width `size` and that dtype."""
    grads, height, width = _checked(grads, size)
    rows = _matrix(_bicubic_taps(height, grads.shape[1], align_corners, half_pixel_centers), height)
    columns = _matrix(_bicubic_taps(width, grads.shape[2], align_corners, half_pixel_centers), width)
    return _apply(grads, rows.T, columns.T).astype(dtype, copy=False)


def resize_area(images: NDArray[Any], size: Sequence[int], align_corners: bool = False) -> NDArray[np.float32]:
    """Resize by the mean over the area that an output pixel covers: the kernel of ResizeArea."""
    images, height, width = _checked(images, size)
    maps = []
    for inner, outer in ((images.shape[1], height), (images.shape[2], width)):
        scale = _scale(inner, outer, align_corners)
        start = np.arange(outer, dtype=_F) * scale
        stop = np.arange(1, outer + 1, dtype=_F) * scale
        matrix = np.zeros((outer, inner), _F)
        for row, (a, b) in enumerate(zip(start, stop)):
            pixels = np.arange(int(np.floor(a)), int(np.ceil(b)))
            share = np.minimum(pixels + 1, b) - np.maximum(pixels, a)
            np.add.at(matrix[row], np.minimum(pixels, inner - 1), share.astype(_F))
        maps.append(matrix / scale)
    return _apply(images.astype(_F, copy=False), *maps)


# ---------------------------------------------------------------------------
# Crops


class _Crops:
    """Coordinates of the sampled points of every box: (boxes, crop size) along each axis."""

    def __init__(self, image_hw: tuple[int, int], boxes: NDArray[Any], crop_size: Sequence[int]) -> None:
        boxes = np.asarray(boxes, _F).reshape(-1, 4)
        self.size = tuple(int(d) for d in crop_size)
        self.image_hw = image_hw
        self.place, self.inside, self.ratio = [], [], []
        for axis in (0, 1):
            first, last = boxes[:, axis, None], boxes[:, axis + 2, None]
            room, count = _F(image_hw[axis] - 1), self.size[axis]
            if count > 1:
                step = (last - first) * room / _F(count - 1)
                place = first * room + np.arange(count, dtype=_F) * step
                self.ratio.append(room / _F(count - 1))
            else:
                place = _F(0.5) * (first + last) * room
                self.ratio.append(_F(0))
            with np.errstate(invalid="ignore"):
                inside = (place >= 0) & (place <= room)
            self.place.append(np.where(inside, place, _F(0)))
            self.inside.append(inside)
        self.valid = self.inside[0][:, :, None] & self.inside[1][:, None, :]

    def corners(self) -> tuple[list[tuple[NDArray[np.intp], NDArray[np.intp]]], list[NDArray[np.float32]]]:
        """Lower and upper pixel and the share of the upper, for both axes."""
        bounds, shares = [], []
        for place in self.place:
            floor = np.floor(place)
            bounds.append((floor.astype(np.intp), np.ceil(place).astype(np.intp)))
            shares.append(place - floor)
        return bounds, shares

    def nearest(self) -> list[NDArray[np.intp]]:
        return [np.floor(place.astype(np.float64) + 0.5).astype(np.intp) for place in self.place]


def _gather(image: NDArray[Any], box: NDArray[Any], y: NDArray[np.intp], x: NDArray[np.intp]) -> NDArray[np.float32]:
    return image[box[:, None, None], y[:, :, None], x[:, None, :]].astype(_F, copy=False)


def crop_and_resize(
    image: NDArray[Any],
    boxes: NDArray[Any],
    box_ind: NDArray[Any],
    crop_size: Sequence[int],
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> NDArray[np.float32]:
    """Crops of images, all resized to one size: the kernel of CropAndResize.

    Args:
      image: array (batch, height, width, channels).
      boxes: float array (boxes, 4): y1, x1, y2, x2 as fractions of height - 1 and width - 1.
      box_ind: int array (boxes,): which image.
      crop_size: height and width of the crops.
      method: "bilinear" or "nearest".
      extrapolation_value: for points outside the image.

    Returns:
      float32 array (boxes, crop height, crop width, channels).
    """
    image, box = np.asarray(image), np.asarray(box_ind)
    crops = _Crops((image.shape[1], image.shape[2]), boxes, crop_size)
    if method == "nearest":
        out = _gather(image, box, *crops.nearest())
    else:
        ((top, bottom), (left, right)), (down, across) = crops.corners()
        across, down = across[:, None, :, None], down[:, :, None, None]
        start = _gather(image, box, top, left)
        upper = start + (_gather(image, box, top, right) - start) * across
        start = _gather(image, box, bottom, left)
        lower = start + (_gather(image, box, bottom, right) - start) * across
        out = upper + (lower - upper) * down
    return np.where(crops.valid[..., None], out, _F(extrapolation_value))


def crop_and_resize_grad_image(
    grads: NDArray[Any],
    boxes: NDArray[Any],
    box_ind: NDArray[Any],
    image_size: Sequence[int],
    method: str = "bilinear",
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """The gradient of `crop_and_resize` for images of shape `image_size`."""
    grads, box = np.asarray(grads, _F), np.asarray(box_ind)
    batch, height, width, channels = (int(d) for d in image_size)
    crops = _Crops((height, width), boxes, grads.shape[1:3])
    grads = np.where(crops.valid[..., None], grads, _F(0))
    out = np.zeros(batch * height * width * channels)

    def spread(y: NDArray[np.intp], x: NDArray[np.intp], part: NDArray[Any]) -> None:
        pixel = (box[:, None, None] * height + y[:, :, None]) * width + x[:, None, :]
        index = pixel[..., None] * channels + np.arange(channels)
        out[...] += np.bincount(index.ravel(), part.ravel(), out.size)

    if method == "nearest":
        near_y, near_x = crops.nearest()
        spread(near_y, near_x, grads)
    else:
        ((top, bottom), (left, right)), (down, across) = crops.corners()
        across, down = across[:, None, :, None], down[:, :, None, None]
        spread(top, left, grads * (1 - down) * (1 - across))
        spread(top, right, grads * (1 - down) * across)
        spread(bottom, left, grads * down * (1 - across))
        spread(bottom, right, grads * down * across)
    return out.astype(dtype).reshape(batch, height, width, channels)


def crop_and_resize_grad_boxes(
    grads: NDArray[Any], image: NDArray[Any], boxes: NDArray[Any], box_ind: NDArray[Any]
) -> NDArray[np.float32]:
    """The gradient of `crop_and_resize` for the boxes, (boxes, 4); bilinear only, as in TensorFlow."""
    grads, image, box = np.asarray(grads, _F), np.asarray(image), np.asarray(box_ind)
    crops = _Crops((image.shape[1], image.shape[2]), boxes, grads.shape[1:3])
    ((top, bottom), (left, right)), (down, across) = crops.corners()
    across, down = across[:, None, :, None], down[:, :, None, None]
    tl, tr = _gather(image, box, top, left), _gather(image, box, top, right)
    bl, br = _gather(image, box, bottom, left), _gather(image, box, bottom, right)
    grads = np.where(crops.valid[..., None], grads, _F(0))
    by_y = (((1 - across) * (bl - tl) + across * (br - tr)) * grads).sum(axis=(2, 3))
    by_x = (((1 - down) * (tr - tl) + down * (br - bl)) * grads).sum(axis=(1, 3))
    out = np.empty((grads.shape[0], 4), _F)
    for axis, slope in enumerate((by_y, by_x)):
        room, count = _F(crops.image_hw[axis] - 1), crops.size[axis]
        if count > 1:
            last = np.arange(count, dtype=_F) * crops.ratio[axis]
            out[:, axis] = slope @ (room - last)
            out[:, axis + 2] = slope @ last
        else:
            out[:, axis] = out[:, axis + 2] = slope[:, 0] * _F(0.5) * room
    return out


# ---------------------------------------------------------------------------
# Colours


def rgb_to_hsv(images: NDArray[Any]) -> NDArray[Any]:
    """RGB to HSV on the last axis, all in [0, 1]: the kernel of RGBToHSV."""
    images = np.asarray(images)
    one = images.dtype.type
    r, g, b = images[..., 0], images[..., 1], images[..., 2]
    v = images.max(axis=-1)
    span = v - images.min(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.where(v > 0, span / v, one(0))
        norm = one(1) / (one(6) * span)
        h = np.where(r == v, norm * (g - b), np.where(g == v, norm * (b - r) + one(2 / 6), norm * (r - g) + one(4 / 6)))
    h = np.where(span > 0, h, one(0))
    h = np.where(h < 0, h + one(1), h)
    return np.stack([h, s, v], axis=-1).astype(images.dtype, copy=False)


def hsv_to_rgb(images: NDArray[Any]) -> NDArray[Any]:
    """HSV to RGB on the last axis: the kernel of HSVToRGB."""
    images = np.asarray(images)
    one = images.dtype.type
    h, s, v = images[..., 0] * one(6), images[..., 1], images[..., 2]
    parts = (np.abs(h - one(3)) - one(1), one(2) - np.abs(h - one(2)), one(2) - np.abs(h - one(4)))
    rest = one(1) - s
    colours = [(s * np.clip(part, one(0), one(1)) + rest) * v for part in parts]
    return np.stack(colours, axis=-1).astype(images.dtype, copy=False)
