"""Cases of core/ops/array_space.py and core/ops/math_bitwise.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
REAL = ("float16", "float32", "float64", "int32", "int64", "uint8")
PADS = [[1, 0], [0, 2]]

CASES = [
    OpCase("SpaceToBatchND", lambda tf,
           x: [tf.space_to_batch_nd(x, [2, 3], PADS), tf.space_to_batch_nd(x, [5], [[0, 2]])],
           [rand(2, 3, 4, 5)], grad=(0,), second=True, dtypes=REAL, golden=True, also=("BatchToSpaceND",),
           errors=[(lambda tf: tf.space_to_batch_nd(tf.zeros([1, 3, 2]), [2], [[0, 0]]), "ValueError",
                    "divisible by 2 but is 3")]),
    OpCase("BatchToSpaceND", lambda tf, x: tf.batch_to_space_nd(x, [2, 3], PADS), [rand(12, 3, 2, 5)], grad=(0,),
           second=True, dtypes=REAL, golden=True,
           errors=[(lambda tf: tf.batch_to_space_nd(tf.zeros([3, 2]), [2], [[0, 0]]), "ValueError",
                    "divisible by 2 but is 3")]),
    OpCase("SpaceToBatchND", lambda tf, x: tf.batch_to_space(tf.space_to_batch(x, [[0, 1], [0, 0]], block_size=2),
                                                             [[0, 1], [0, 0]], block_size=2),
           [rand(1, 3, 4, 5)], label="images", grad=(0,), golden=True, names=False, expect=lambda np, x: x),
    OpCase("SpaceToBatchND", lambda tf, x, b, p: tf.space_to_batch_nd(x, b, p),
           [rand(2, 3, 4), array([2], "int64"), array([[1, 0]], "int32")], label="fed", grad=(0,), static=False,
           golden=True, unknown="none"),
    OpCase("SpaceToBatch", lambda tf, x: tf.raw_ops.SpaceToBatch(input=x, paddings=PADS, block_size=2),
           [rand(1, 3, 4, 5)],
           grad=(0,), second=True, golden=True, names=False),
    OpCase("BatchToSpace", lambda tf, x: tf.raw_ops.BatchToSpace(input=x, crops=PADS, block_size=2), [rand(8, 3, 4, 5)],
           grad=(0,), second=True, golden=True, names=False),
    OpCase("Pack", lambda tf, s: [*tf.required_space_to_batch_paddings([5, 7], [2, 4]),
                                  *tf.required_space_to_batch_paddings(s, [2, 4], [[1, 0], [0, 2]], name="r")],
           [array([5, 7], "int32")], label="required paddings", golden=True, names=False),
    OpCase("SpaceToDepth", lambda tf, x: [tf.space_to_depth(x, 2), tf.nn.space_to_depth(x, 3, name="d")],
           [rand(2, 6, 12, 5)],
           grad=(0,), second=True, dtypes=REAL, golden=True,
           errors=[(lambda tf: tf.space_to_depth(tf.zeros([1, 3, 2, 1]), 2), "ValueError", "divisible by 2 but is 3"),
                   (lambda tf: tf.space_to_depth(tf.zeros([1, 3, 2]), 2), "ValueError", "rank")]),
    OpCase("DepthToSpace", lambda tf, x: tf.depth_to_space(x, 2), [rand(2, 3, 5, 12)], grad=(0,), second=True,
           dtypes=REAL,
           golden=True, errors=[(lambda tf: tf.depth_to_space(tf.zeros([1, 3, 2, 6]), 2), "ValueError", "divisible by "
                                                                                                        "4")]),
    OpCase("SpaceToDepth", lambda tf,
           x: tf.depth_to_space(tf.space_to_depth(x, 2, data_format="NCHW"), 2, data_format="NCHW"),
           [rand(2, 5, 4, 6)], label="NCHW", grad=(0,), expect=lambda np, x: x),
    OpCase("ExtractImagePatches", lambda tf, x: [
        tf.extract_image_patches(x, [1, 3, 2, 1], [1, 2, 3, 1], [1, 1, 2, 1], "VALID"),
        tf.extract_image_patches(x, [1, 3, 2, 1], [1, 2, 1, 1], [1, 2, 1, 1], "SAME", name="p")], [rand(2, 9, 7, 3)],
           grad=(0,), second=True, unknown="none", dtypes=REAL, golden=True),
    OpCase("ExtractVolumePatches", lambda tf, x: [
        tf.extract_volume_patches(x, [1, 2, 3, 1, 1], [1, 1, 2, 3, 1], "VALID"),
        tf.extract_volume_patches(x, [1, 2, 3, 2, 1], [1, 2, 1, 2, 1], "SAME", name="p")], [rand(1, 3, 6, 7, 2)],
           grad=(0,), second=True, unknown="none", dtypes=REAL, golden=True),
    OpCase("BitwiseAnd", lambda tf, x, y: tf.bitwise.bitwise_and(x, y), [ints(2, 3, high=100), ints(3, high=100)],
           dtypes=INTEGERS, golden=True, expect=lambda np, x, y: x & y,
           errors=[(lambda tf: tf.bitwise.bitwise_and(1.0, 2.0), "TypeError", "float32")]),
    OpCase("BitwiseOr", lambda tf, x, y: tf.bitwise.bitwise_or(x, y), [ints(2, 3, high=100), ints(3, high=100)],
           dtypes=INTEGERS, golden=True, expect=lambda np, x, y: x | y),
    OpCase("BitwiseXor", lambda tf, x, y: tf.bitwise.bitwise_xor(x, y), [ints(2, 3, high=100), ints(3, high=100)],
           dtypes=INTEGERS, golden=True, expect=lambda np, x, y: x ^ y),
    OpCase("Invert", lambda tf, x: tf.bitwise.invert(x), [ints(2, 3, high=100)], dtypes=INTEGERS, golden=True,
           expect=lambda np, x: ~x),
    OpCase("LeftShift", lambda tf, x, y: tf.bitwise.left_shift(x, y), [ints(2, 3, high=9), ints(3, high=4)],
           dtypes=INTEGERS, golden=True, expect=lambda np, x, y: x << y),
    OpCase("RightShift", lambda tf, x, y: tf.bitwise.right_shift(x, y), [ints(2, 3, low=-90, high=90), ints(3, high=4)],
           golden=True, expect=lambda np, x, y: x >> y),
    OpCase("RightShift", lambda tf, x, y: tf.bitwise.right_shift(x, y), [ints(2, 3, high=90), ints(3, high=4)],
           label="types", dtypes=INTEGERS, expect=lambda np, x, y: x >> y),
    OpCase("PopulationCount", lambda tf, x: tf.raw_ops.PopulationCount(x=x), [ints(2, 3, low=-90, high=90)],
           golden=True,
           dtypes=INTEGERS[:4]),
]
