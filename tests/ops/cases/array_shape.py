"""Cases of core/ops/array_shape.py and core/ops/array_cast.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

NUMBERS = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
           "uint64", "complex64", "complex128", "bool")
FLOATS = ("float16", "float32", "float64")

CASES = [
    OpCase("Reshape", lambda tf,
           x: [tf.reshape(x, [4, -1]), tf.reshape(x, [3, 2, 2, 1], name="r"), tf.reshape(x, [-1])],
           [rand(2, 6)], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           expect=lambda np, x: [x.reshape(4, 3), x.reshape(3, 2, 2, 1), x.reshape(12)],
           errors=[(lambda tf: tf.reshape(tf.zeros([2, 3]), [4, 2]), "ValueError", "6 elements.*8 elements"),
                   (lambda tf: tf.reshape(tf.zeros([2, 3]), [4, -1]), "ValueError", "divisible by 4 but is 6"),
                   (lambda tf: tf.reshape(tf.placeholder_with_default([1., 2., 3.], None), [-1, 2]),
                    "InvalidArgumentError", "3 values.*multiple of 2"),
                   (lambda tf: tf.reshape(tf.placeholder_with_default([1., 2., 3.], None), [-1, -1]),
                    "InvalidArgumentError", "not both 0 and 1")]),
    OpCase("Reshape", lambda tf, x, s: tf.reshape(x, s), [rand(2, 6), array([3, 4], "int64")], label="shape fed",
           grad=(0,), second=True, static=False, golden=True, expect=lambda np, x, s: x.reshape(3, 4)),
    OpCase("Reshape", lambda tf, x: tf.reshape(x, [tf.shape(x)[1], 2]), [rand(2, 6)], label="packed", golden=True,
           also=("Pack",), expect=lambda np, x: x.reshape(6, 2)),
    OpCase("Reshape", lambda tf, x: tf.reshape(x, []), [array([b"a"], "object")], label="string", golden=True,
           names=False),  # 2.x leaves a constant behind
    OpCase("Transpose", lambda tf, x: [tf.transpose(x), tf.transpose(x, [1, 2, 0]), tf.transpose(x, name="t")],
           [rand(2, 3, 4)], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           expect=lambda np, x: [x.T, x.transpose(1, 2, 0), x.T],
           errors=[(lambda tf: tf.transpose(tf.zeros([2, 3]), [0, 1, 2]), "ValueError", "3.*2"),
                   (lambda tf: tf.transpose(tf.zeros([2, 3]), [0, 0]), "InvalidArgumentError", "1 is missing")]),
    OpCase("Transpose", lambda tf, x, p: tf.transpose(x, p), [rand(2, 3, 4), array([2, 0, 1], "int32")],
           label="perm fed",
           grad=(0,), second=True, static=False, golden=True, also=("InvertPermutation",),
           expect=lambda np, x, p: x.transpose(2, 0, 1)),
    OpCase("Transpose", lambda tf, x: [tf.matrix_transpose(x), tf.linalg.transpose(x, name="m")], [rand(5, 2, 3)],
           label="matrix", grad=(0,), golden=True, names=False, expect=lambda np, x: [x.swapaxes(1, 2)] * 2,
           errors=[(lambda tf: tf.matrix_transpose(tf.zeros([3])), "ValueError", "rank >= 2")]),
    OpCase("ConjugateTranspose", lambda tf, x: tf.transpose(x, [1, 0], conjugate=True), [rand(2, 3, dtype="complex64")],
           grad=(0,), second=True, dtypes=("complex64", "complex128"), golden=True, expect=lambda np, x: x.conj().T),
    OpCase("ExpandDims", lambda tf, x: [tf.expand_dims(x, 0), tf.expand_dims(x, -1), tf.expand_dims(x, axis=[1])],
           [rand(2, 3)], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           expect=lambda np, x: [x[None], x[:, :, None], x[:, None]],
           errors=[(lambda tf: tf.expand_dims(tf.zeros([2]), 3), "ValueError", "3"),
                   (lambda tf: tf.expand_dims(tf.zeros([2])), "ValueError", "axis")]),
    OpCase("Squeeze", lambda tf, x: [tf.squeeze(x, 0), tf.squeeze(x, [-2, 0])], [rand(1, 3, 1, 2)], grad=(0,),
           second=True,
           dtypes=NUMBERS, golden=True, expect=lambda np, x: [x[0], x[0, :, 0]],
           errors=[(lambda tf: tf.squeeze(tf.zeros([2, 1]), 0), "ValueError", r"dim\[0\].*2"),
                   (lambda tf: tf.squeeze(tf.zeros([2, 1]), 2), "ValueError", "2")]),
    OpCase("Squeeze", lambda tf, x: tf.squeeze(x), [rand(1, 3, 1, 2)], label="all", grad=(0,), golden=True,
           expect=lambda np, x: x[0, :, 0]),
    OpCase("Range", lambda tf: [tf.range(5), tf.range(3, 18, 3), tf.range(10, 1, -2), tf.range(0.5, 2.0, 0.4),
                                tf.range(3, 1, -0.5),
                                tf.range(4, dtype=tf.float64), tf.range(np_int64(7))], golden=True, names=True,
           expect=lambda np: [np.arange(5), np.arange(3, 18, 3), np.arange(10, 1, -2), np.arange(0.5, 2, 0.4),
                              np.arange(3, 1, -0.5), np.arange(4.0), np.arange(7)],
           errors=[(lambda tf: tf.range(1, 5, 0), "ValueError", "delta != 0"),
                   (lambda tf: tf.range(5, 1), "ValueError", "start <= limit|5/1")]),
    OpCase("Range", lambda tf, n: tf.range(n), [array(6, "int32")], label="limit fed", static=False, golden=True,
           dtypes=("int32", "int64", "float32", "float64"), expect=lambda np, n: np.arange(n)),
    OpCase("LinSpace", lambda tf: [tf.linspace(10.0, 12.0, 5), tf.lin_space(0.0, 1.0, 1), tf.linspace(2.0, -1.0, 4)],
           golden=True, names=False,  # 2.x composes it of many ops
           expect=lambda np: [np.linspace(10, 12, 5), np.zeros(1), np.linspace(2, -1, 4)],
           errors=[(lambda tf: tf.raw_ops.LinSpace(start=1.0, stop=2.0, num=0), "ValueError", "num > 0")]),
    OpCase("Cast", lambda tf, x: [tf.cast(x, t) for t in (tf.float16, tf.bfloat16, tf.float64, tf.int8, tf.int32,
                                                          tf.int64, tf.bool, tf.complex64)] + [tf.cast(x, x.dtype)],
           [rand(2, 3, low=-9, high=9)], dtypes=(*FLOATS, "int8", "int16", "int32", "int64", "bool"), golden=True),
    OpCase("Cast", lambda tf, x: [tf.cast(x, tf.float64), tf.cast(x, tf.complex128, name="c")], [rand(2, 3)],
           label="wide", grad=(0,), second=True, golden=True, expect=lambda np, x: [x, x]),
    OpCase("Cast", lambda tf, x: [tf.cast(x, tf.float64), tf.cast(x, tf.complex128)], [rand(2, 3, dtype="complex64")],
           label="complex", grad=(0,), second=True, golden=True, expect=lambda np, x: [x.real, x]),
    OpCase("Cast", lambda tf, x: [tf.to_float(x), tf.to_double(x), tf.to_int64(x, name="i"), tf.to_int32(x),
                                  tf.to_bfloat16(x), tf.to_complex64(x), tf.to_complex128(x)],
           [ints(2, 3, dtype="int16")], label="to_*", golden=True),
    OpCase("Cast", lambda tf, x: [tf.saturate_cast(x, tf.uint8), tf.saturate_cast(x, tf.int8, name="s")],
           [rand(3, 4, low=-400, high=400)], label="saturate", golden=True, names=False, also=("Maximum", "Minimum"),
           expect=lambda np, x: [np.clip(x, 0, 255).astype("u1"), np.clip(x, -128, 127).astype("i1")]),
    OpCase("Cast", lambda tf, x: tf.cast(tf.SparseTensor([[0, 1]], x, [2, 3]), tf.int32).values,
           [rand(1, low=3, high=9)],
           label="sparse", golden=True, expect=lambda np, x: x.astype("i4")),
    OpCase("Bitcast", lambda tf,
           x: [tf.bitcast(x, tf.int32), tf.bitcast(x, tf.uint8), tf.bitcast(tf.bitcast(x, tf.uint8),
                                                                                                 tf.int32)],
           [rand(2, 3)], golden=True, expect=lambda np, x: [x.view("i4"), x.view("u1").reshape(2, 3, 4), x.view("i4")],
           errors=[(lambda tf: tf.bitcast(tf.zeros([2, 3], tf.uint8), tf.float32), "ValueError", "bitcast")]),
    OpCase("InvertPermutation", lambda tf, p: tf.invert_permutation(p), [array([3, 4, 0, 2, 1], "int32")], golden=True,
           dtypes=("int32", "int64"), expect=lambda np, p: np.argsort(p),
           errors=[(lambda tf: tf.invert_permutation([1, 2]), "InvalidArgumentError", "2"),
                   (lambda tf: tf.invert_permutation([1, 1]), "InvalidArgumentError", "1")]),
]


def np_int64(value):
    """An int64 scalar as programs that use NumPy pass it."""
    return array(value, "int64")

