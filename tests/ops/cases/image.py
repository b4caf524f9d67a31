"""Images: resizing by all methods, crops, suppression, colours. Values are TensorFlow's."""

from tests.ops.case import OpCase, array, ints, rand

_IMAGE = rand(2, 5, 7, 3, low=0.0, high=1.0)


def _sizes(function, out):
    cases = []
    variants = (("plain", {}), ("corners", {"align_corners": True}), ("centres", {"half_pixel_centers": True}))
    for label, options in variants:
        cases.append(OpCase(
            out, lambda tf, x, f=function, o=options: getattr(tf.raw_ops, f)(images=x, size=[4, 9], **o), [_IMAGE],
            label=label, golden=True))
    return cases


CASES = [
    *_sizes("ResizeBilinear", "ResizeBilinear"),
    *_sizes("ResizeBicubic", "ResizeBicubic"),
    *_sizes("ResizeNearestNeighbor", "ResizeNearestNeighbor"),
    OpCase("ResizeArea", lambda tf, x: tf.image.resize_area(x, [2, 3]), [_IMAGE], golden=True),
    OpCase("ResizeBilinearGrad", lambda tf, g, x: tf.raw_ops.ResizeBilinearGrad(grads=g, original_image=x),
           [rand(2, 4, 9, 3), _IMAGE], golden=True),
    OpCase("ResizeBicubicGrad", lambda tf, g, x: tf.raw_ops.ResizeBicubicGrad(grads=g, original_image=x),
           [rand(2, 4, 9, 3), _IMAGE], golden=True),
    OpCase("ResizeNearestNeighborGrad", lambda tf, g: tf.raw_ops.ResizeNearestNeighborGrad(grads=g, size=[5, 7]),
           [rand(2, 4, 9, 3)], golden=True),
    OpCase("CropAndResize", lambda tf, x: tf.image.crop_and_resize(
        x, [[0.1, 0.2, 0.9, 0.7], [0.0, 0.0, 1.2, 1.0]], [1, 0], [4, 3]), [_IMAGE], golden=True),
    OpCase("CropAndResizeGradImage", lambda tf, g: tf.raw_ops.CropAndResizeGradImage(
        grads=g, boxes=[[0.1, 0.2, 0.9, 0.7]], box_ind=[1], image_size=[2, 5, 7, 3], T=tf.float32),
        [rand(1, 4, 6, 3)], golden=True),
    OpCase("CropAndResizeGradBoxes", lambda tf, g, x: tf.raw_ops.CropAndResizeGradBoxes(
        grads=g, image=x, boxes=[[0.1, 0.2, 0.9, 0.7]], box_ind=[1]), [rand(1, 4, 6, 3), _IMAGE], golden=True),
    OpCase("NonMaxSuppressionV3", lambda tf, b, s: tf.image.non_max_suppression(b, s, 4, 0.5, 0.2),
           [array([[0.0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1]]),
            array([0.9, 0.75, 0.6, 0.95, 0.1])], golden=True, static=False),
    OpCase("RGBToHSV", lambda tf, x: tf.image.rgb_to_hsv(x), [_IMAGE], golden=True,
           errors=[(lambda tf: tf.image.rgb_to_hsv(tf.zeros([4, 2])), "ValueError", "must be 3")]),
    OpCase("HSVToRGB", lambda tf, x: tf.image.hsv_to_rgb(x), [_IMAGE], golden=True),
    OpCase("AdjustContrastv2", lambda tf, x: tf.raw_ops.AdjustContrastv2(images=x, contrast_factor=1.7), [_IMAGE],
           golden=True),
    OpCase("AdjustHue", lambda tf, x: tf.raw_ops.AdjustHue(images=x, delta=0.3), [_IMAGE], golden=True),
    OpCase("AdjustSaturation", lambda tf, x: tf.raw_ops.AdjustSaturation(images=x, scale=0.6), [_IMAGE], golden=True),
    OpCase("ResizeBilinear", lambda tf, x: tf.raw_ops.ResizeBilinear(images=x, size=[4, 9]),
           [ints(2, 5, 7, 3, high=256, dtype="uint8")], label="bytes", golden=True,
           errors=[(lambda tf: tf.image.resize_images(tf.zeros([5, 7]), [4, 9]), "ValueError", "3 or 4 dimensions")]),
]
