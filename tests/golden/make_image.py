"""Writes tests/golden/image.npz: TensorFlow's resizes, crops, suppressions and colours.

python tests/golden/make_image.py
"""

import os
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

raw = tf.raw_ops
SIZES = [((5, 7), (8, 11)), ((8, 11), (5, 3)), ((6, 4), (1, 9)), ((1, 3), (4, 2)), ((9, 10), (3, 20))]
MODES = [(False, False), (True, False), (False, True)]


def main():
    random = np.random.RandomState(0)
    out = {}
    for number, (inner, outer) in enumerate(SIZES):
        x = random.randn(2, *inner, 3).astype(np.float32)
        g = random.randn(2, *outer, 3).astype(np.float32)
        out |= {f"{number}/x": x, f"{number}/g": g}
        for mode, (align, half) in enumerate(MODES):
            flags = {"align_corners": align, "half_pixel_centers": half}
            key = f"{number}/{mode}"
            out[f"{key}/nearest"] = raw.ResizeNearestNeighbor(images=x, size=outer, **flags).numpy()
            out[f"{key}/nearest_grad"] = raw.ResizeNearestNeighborGrad(grads=g, size=inner, **flags).numpy()
            out[f"{key}/bilinear"] = raw.ResizeBilinear(images=x, size=outer, **flags).numpy()
            out[f"{key}/bilinear_grad"] = raw.ResizeBilinearGrad(grads=g, original_image=x, **flags).numpy()
            out[f"{key}/bicubic"] = raw.ResizeBicubic(images=x, size=outer, **flags).numpy()
            out[f"{key}/bicubic_grad"] = raw.ResizeBicubicGrad(grads=g, original_image=x, **flags).numpy()
            if not half:
                out[f"{key}/area"] = raw.ResizeArea(images=x, size=outer, align_corners=align).numpy()
    image = random.randn(3, 6, 8, 2).astype(np.float32)
    boxes = (random.rand(7, 4) * 1.6 - 0.3).astype(np.float32)
    which = random.randint(0, 3, 7).astype(np.int32)
    out |= {"crop/image": image, "crop/boxes": boxes, "crop/which": which}
    for size in ((4, 5), (1, 3)):
        key = f"crop/{size[0]}"
        rest = {"boxes": boxes, "box_ind": which}
        for method in ("bilinear", "nearest"):
            crops = raw.CropAndResize(image=image, crop_size=size, method=method, extrapolation_value=7.0, **rest)
            grads = random.randn(*crops.shape).astype(np.float32)
            out[f"{key}/{method}"] = crops.numpy()
            out[f"{key}/{method}/grads"] = grads
            out[f"{key}/{method}/image"] = raw.CropAndResizeGradImage(
                grads=grads, image_size=image.shape, method=method, T=tf.float32, **rest
            ).numpy()
        out[f"{key}/boxes"] = raw.CropAndResizeGradBoxes(
            grads=out[f"{key}/bilinear/grads"], image=image, method="bilinear", **rest
        ).numpy()
    boxes = random.rand(40, 4).astype(np.float32)
    boxes[3] = boxes[3, [0, 1, 0, 3]]  # an empty one
    scores = np.round(random.rand(40), 2).astype(np.float32)
    scores[5] = scores[9]
    out |= {"nms/boxes": boxes, "nms/scores": scores}
    for number, (limit, overlap, floor, sigma) in enumerate(
        [
            (10, 0.5, -np.inf, 0.0),
            (30, 0.2, 0.3, 0.0),
            (40, 0.9, -np.inf, 0.0),
            (12, 0.6, 0.05, 0.5),
            (25, 1.0, 0.2, 0.3),
        ]
    ):
        indices, values, count = raw.NonMaxSuppressionV5(
            boxes=boxes,
            scores=scores,
            max_output_size=limit,
            iou_threshold=np.float32(overlap),
            score_threshold=np.float32(floor),
            soft_nms_sigma=np.float32(sigma),
        )
        out[f"nms/{number}/indices"], out[f"nms/{number}/scores"] = indices.numpy(), values.numpy()
        assert int(count) == len(indices)
    overlaps = random.rand(11, 11).astype(np.float32)
    out["nms/overlaps"] = overlaps
    out["nms/with_overlaps"] = raw.NonMaxSuppressionWithOverlaps(
        overlaps=overlaps, scores=scores[10:21], max_output_size=6, overlap_threshold=0.7, score_threshold=0.1
    ).numpy()
    colours = np.round(random.rand(5, 7, 3), 1).astype(np.float32)
    colours[0, :3] = [[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.2]]
    out |= {"colours": colours, "hsv": raw.RGBToHSV(images=colours).numpy()}
    out["rgb"] = raw.HSVToRGB(images=colours).numpy()
    np.savez_compressed(Path(__file__).with_name("image.npz"), **out)


if __name__ == "__main__":
    main()
