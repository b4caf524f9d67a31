"""Cases of core/ops/array_slice.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

NUMBERS = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int32", "int64", "complex64", "bool")

CASES = [
    OpCase("Slice", lambda tf, x: [tf.slice(x, [0, 1, 2], [2, -1, 3]), tf.slice(x, [1, 0, 0], [1, 3, -1], name="s")],
           [rand(2, 3, 5)], grad=(0,), second=True, dtypes=NUMBERS, golden=True, also=("Pad",),
           expect=lambda np, x: [x[0:, 1:, 2:5], x[1:2]],
           errors=[(lambda tf: tf.slice(tf.zeros([2, 3]), [0, 1], [2, 3]), "InvalidArgumentError",
                    r"size\[1\] in \[0, 2\]"),
                   (lambda tf: tf.slice(tf.zeros([2, 3]), [0], [2]), "ValueError", "rank"),
                   (lambda tf: tf.slice([1, 2], tf.placeholder_with_default([3], [1]), [1]), "InvalidArgumentError",
                    r"begin\[0\] in \[0, 2\]")]),
    OpCase("Slice", lambda tf, x, b: tf.slice(x, b, [2, 2]), [rand(3, 4), array([1, 2], "int64")], label="begin fed",
           grad=(0,), second=True, golden=True, expect=lambda np, x, b: x[1:3, 2:4]),
    OpCase("StridedSlice", lambda tf, x: [x[0], x[1:], x[:, -1], x[..., ::-2], x[tf.newaxis, :, 1:3], x[1, 2, 3],
                                          x[:, tf.newaxis, ..., 4], x[-2:-1, ::2], x[:], x[5:], x[:, 2:0:-1]],
           [rand(2, 3, 5)], grad=(0,), second=True, dtypes=NUMBERS, golden=True, also=("StridedSliceGrad",),
           expect=lambda np, x: [x[0], x[1:], x[:, -1], x[..., ::-2], x[None, :, 1:3], x[1, 2, 3], x[:, None, ..., 4],
                                 x[-2:-1, ::2], x, x[5:], x[:, 2:0:-1]],
           errors=[(lambda tf: tf.zeros([2, 3])[2], "ValueError", "slice index 2 of dimension 0 out of bounds"),
                   (lambda tf: tf.zeros([2, 3])[0, 0, 0], "ValueError", "only 2 dims|out of range"),
                   (lambda tf: tf.zeros([2, 3])[::0], "ValueError", "non-zero"),
                   (lambda tf: tf.zeros([2, 3])["a"], "TypeError", "valid indices"),
                   (lambda tf: tf.zeros([2, 3])[1.0], "TypeError", "valid indices"),
                   (lambda tf: tf.placeholder_with_default([1, 2], None)[5], "InvalidArgumentError", "out of bounds")]),
    OpCase("StridedSlice", lambda tf, x, i: [x[i], x[:, i:], x[i:i + 2, 1], x[..., i]],
           [rand(4, 3, 5), array(1, "int32")], label="tensor index", grad=(0,), second=True, static=False,
           golden=True, names=False,  # 2.x leaves constants behind
           expect=lambda np, x, i: [x[i], x[:, i:], x[i:i + 2, 1], x[..., i]]),
    OpCase("StridedSlice", lambda tf, x, i: x[i, 0:2], [rand(4, 3), array(1, "int64")], label="int64 index",
           golden=True,
           names=False,  # 2.x packs in int64 at once
           expect=lambda np, x, i: x[i, 0:2]),
    OpCase("StridedSlice", lambda tf,
           x: [tf.strided_slice(x, [0, 0], [2, 4], [1, 2]), tf.strided_slice(x, [1, 0], [3, 2])],
           [rand(3, 4)], label="function", grad=(0,), golden=True, names=False,  # ones_like of 2.x
           expect=lambda np, x: [x[0:2, 0:4:2], x[1:3, 0:2]]),
    OpCase("StridedSlice", lambda tf, x: [x[1], x[::-1]], [array([b"a", b"b"], "object")], label="string", golden=True),
]

EXEMPT = {
    "StridedSliceAssign": "writes a variable: tests/ops/test_slice_assign.py",
    "ResourceStridedSliceAssign": "writes a variable: tests/ops/test_slice_assign.py",
    "TensorStridedSliceUpdate": "TensorFlow 2's; kept for graphs of newer files, tests/ops/test_slice_assign.py",
}
