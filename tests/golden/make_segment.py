"""Writes tests/golden/segment.npz: TensorFlow's segment reductions, also of segments that are empty.

python tests/golden/make_segment.py
"""

import os
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

raw = tf.raw_ops
SORTED = np.array([0, 0, 1, 3, 3, 3, 6], np.int32)
UNSORTED = np.array([4, 0, -1, 4, 2, 0, 4], np.int32)


def main():
    random = np.random.RandomState(0)
    out = {}
    for name in ("float32", "int32"):
        data = (random.randn(7, 2, 3) * 9).astype(name)
        out[f"{name}/data"] = data
        for kind in ("Sum", "Mean", "Prod", "Max", "Min"):
            out[f"{name}/Segment{kind}"] = getattr(raw, f"Segment{kind}")(data=data, segment_ids=SORTED).numpy()
        for kind in ("Sum", "Prod", "Max", "Min"):
            op = getattr(raw, f"UnsortedSegment{kind}")
            out[f"{name}/UnsortedSegment{kind}"] = op(data=data, segment_ids=UNSORTED, num_segments=6).numpy()
    data = random.randn(5, 4).astype(np.float32)
    rows = np.array([4, 0, 0, 3, 1, 1, 2], np.int32)
    grad = random.randn(7, 4).astype(np.float32)
    out |= {"sparse/data": data, "sparse/rows": rows, "sparse/grad": grad}
    for kind in ("Sum", "Mean", "SqrtN"):
        rest = {"data": data, "indices": rows, "segment_ids": SORTED}
        out[f"sparse/{kind}"] = getattr(raw, f"SparseSegment{kind}")(**rest).numpy()
        op = getattr(raw, f"SparseSegment{kind}WithNumSegments")
        out[f"sparse/{kind}/9"] = op(num_segments=9, **rest).numpy()
        op = getattr(raw, f"SparseSegment{kind}Grad")
        out[f"sparse/{kind}/grad"] = op(grad=grad, indices=rows, segment_ids=SORTED, output_dim0=5).numpy()
    np.savez_compressed(Path(__file__).with_name("segment.npz"), **out)


if __name__ == "__main__":
    main()
