"""Cases of core/ops/random_ops.py: with seeds, the numbers are TensorFlow's. See tests/ops/case.py.

Names are not compared: 2.21 adds by AddV2 and leaves out the scaling by 1; tests/ops/test_nn.py has 1.15's.
"""

from __future__ import annotations

from tests.ops.case import OpCase, ints, rand


def _drawn(name, *args, **more):
    """Two runs' worth of numbers in float32 and float64, and a large draw."""
    def make(tf):
        draw = getattr(tf, name)
        return [draw([3, 5], *args, seed=11, **more), draw([4], *args, seed=12, dtype=tf.float64, **more),
                draw([2, 1500], *args, seed=13, **more), draw([0, 3], *args, seed=1, **more)]
    return make


CASES = [
    OpCase("RandomUniform", _drawn("random_uniform"), golden=True, names=False,
           errors=[(lambda tf: tf.random_uniform([2], dtype=tf.string), "ValueError", "Invalid dtype|string"),
                   (lambda tf: tf.random_uniform([2], dtype=tf.int32), "ValueError", "Must specify maxval"),
                   (lambda tf: tf.random_uniform(tf.placeholder_with_default([-2], [1])), "InvalidArgumentError",
                    "must be >= 0")]),
    OpCase("RandomUniform", lambda tf: tf.random_uniform([7], -3.0, 5.0, dtype=tf.float16, seed=4), label="half",
           golden=True, names=False),
    OpCase("RandomUniformInt",
           lambda tf: [tf.random_uniform([6], 3, 90, dtype=tf.int32, seed=4),
                       tf.random_uniform([5], -7, 1 << 40, dtype=tf.int64, seed=5)], golden=True,
           errors=[(lambda tf: tf.random_uniform([2], 5, 5, dtype=tf.int32), "InvalidArgumentError",
                    "Need minval < maxval, got 5 >= 5")]),
    OpCase("RandomStandardNormal", _drawn("random_normal", 1.0, 2.0), golden=True, names=False),
    OpCase("TruncatedNormal", _drawn("truncated_normal", -1.0, 0.5), golden=True, names=False),
    OpCase("RandomShuffle", lambda tf, x: tf.random_shuffle(x, seed=9), [ints(17, 2)], golden=True),
    OpCase("Multinomial", lambda tf, x: [tf.multinomial(x, 9, seed=3),
                                         tf.multinomial(x, 4, seed=3, output_dtype=tf.int32)], [rand(3, 5)],
           golden=True, names=False, dtypes=("float16", "float32", "float64"),
           errors=[(lambda tf: tf.multinomial([0.5, 0.25], 3), "ValueError", "rank 2")]),
    OpCase("FloorMod", lambda tf, x: tf.random_crop(x, [2, 3], seed=5), [rand(5, 7)], label="random_crop",
           unknown="dims", golden=True, names=False, static=False,
           errors=[(lambda tf: tf.random_crop(tf.zeros([2, 3]), [3, 3]), "InvalidArgumentError",
                    "Need value.shape >= size")]),
]
