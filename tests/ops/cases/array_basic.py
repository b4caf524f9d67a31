"""Cases of core/ops/array_basic.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

ALL = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
       "uint64",
       "complex64", "complex128", "bool", "string")
NUMBERS = ALL[:-1]


def _same(np, x):
    return x


CASES = [
    OpCase("Identity", lambda tf, x: tf.identity(x), [rand(2, 3)], grad=(0,), second=True, dtypes=NUMBERS, expect=_same,
           golden=True),
    OpCase("Identity", lambda tf, x: tf.identity(x, name="again"), [array([[b"a"], [b"b"]], "object")], label="string",
           expect=_same, golden=True),
    OpCase("IdentityN", lambda tf, x, y: tf.identity_n([x, y]), [rand(2, 3), ints(4)], grad=(0,), second=True,
           golden=True,
           expect=lambda np, x, y: [x, y]),
    OpCase("StopGradient", lambda tf, x: [tf.stop_gradient(x), tf.gradients([tf.stop_gradient(x), x], x)[0]],
           [rand(2, 3)],
           dtypes=("float32", "float64"), expect=lambda np, x: [x, np.ones_like(x)]),
    OpCase("GuaranteeConst", lambda tf, x: tf.guarantee_const(x), [rand(2, 3)], golden=True),
    OpCase("EnsureShape", lambda tf, x: tf.ensure_shape(x, [2, None]), [rand(2, 3)], grad=(0,), second=True,
           golden=True,
           expect=_same, dtypes=NUMBERS,
           errors=[(lambda tf: tf.ensure_shape(tf.zeros([2, 3]), [None, 4]), "ValueError", r"2, 3.*\?, 4"),
                   (lambda tf: tf.ensure_shape(tf.placeholder_with_default([[1.0]], None), [2, None]),
                    "InvalidArgumentError", "1, 1")]),
    OpCase("Placeholder", lambda tf, x: x, [rand(2, 3)], expect=_same, golden=True,
           errors=[(lambda tf: tf.placeholder(tf.float32, [2], name="p"), "InvalidArgumentError",
                    "must feed a value")]),
    OpCase("PlaceholderWithDefault", lambda tf, x: tf.placeholder_with_default(x, [None, 3]), [rand(2, 3)], grad=(0,),
           second=True, static=False, expect=_same, golden=True,
           errors=[(lambda tf: tf.placeholder_with_default([1.0], [2]), "ValueError", r"1,?.*2")]),
    OpCase("Shape", lambda tf, x: [tf.shape(tf.placeholder_with_default(x, None)), tf.shape(x, out_type=tf.int64)],
           [rand(2, 3, 5)], static=False, golden=True, expect=lambda np, x: [[2, 3, 5], [2, 3, 5]]),
    OpCase("ShapeN", lambda tf, x, y: tf.shape_n([x, y]), [rand(2, 3), rand(4)], golden=True,
           expect=lambda np, x, y: [[2, 3], [4]]),
    OpCase("Size", lambda tf, x: [tf.size(tf.placeholder_with_default(x, None)), tf.size(x, out_type=tf.int64)],
           [rand(2, 3, 5)], golden=True, expect=lambda np, x: [30, 30]),
    OpCase("Rank", lambda tf, x: [tf.rank(tf.placeholder_with_default(x, None)), tf.rank(x)], [rand(2, 3, 5)],
           golden=True,
           expect=lambda np, x: [3, 3]),
    OpCase("Fill", lambda tf, v: tf.fill([2, 3], v), [rand()], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           expect=lambda np, v: np.full([2, 3], v),
           errors=[(lambda tf: tf.fill([[2]], 1), "ValueError", "rank 1"),
                   (lambda tf: tf.fill([2], [1, 2]), "ValueError", "rank 0"),
                   (lambda tf: tf.fill(tf.placeholder_with_default([-3], [1]), 1), "InvalidArgumentError", "-3|>= 0")]),
    OpCase("Fill", lambda tf: [tf.zeros([999]), tf.zeros([1000]), tf.ones([40, 50], tf.int64, name="o"),
                               tf.zeros([2], tf.string), tf.ones([3], tf.bool), tf.zeros([])], label="zeros",
                               golden=True),
    OpCase("Fill", lambda tf, s: [tf.zeros(s), tf.ones(s, tf.int32), tf.zeros(s, name="z")], [array([2, 3], "int32")],
           label="zeros of a tensor", static=False, golden=True),
    OpCase("ZerosLike", lambda tf, x: [tf.zeros_like(x, optimize=False), tf.zeros_like(x), tf.zeros_like(x, tf.int64)],
           [rand(2, 3)], dtypes=NUMBERS, golden=True, expect=lambda np, x: [x * 0, x * 0, np.zeros([2, 3])]),
    OpCase("ZerosLike", lambda tf, x: tf.zeros_like(x, optimize=False), [array([b"a"], "object")], label="string",
           golden=True),
    OpCase("OnesLike", lambda tf, x: tf.raw_ops.OnesLike(x=x), [rand(2, 3)], dtypes=NUMBERS, golden=True,
           expect=lambda np, x: np.ones([2, 3])),
    OpCase("Fill", lambda tf, x: [tf.ones_like(x), tf.ones_like(x, tf.int32), tf.ones_like(x, optimize=False)],
           [rand(2, 3)], label="ones_like", golden=True, names=False, also=("Shape",)),
]

EXEMPT = {
    "PreventGradient": "its gradient is an error; tested in tests/ops/test_array_rules.py",
    "PlaceholderV2": "only in graphs of old files; the same rules as Placeholder",
    "Snapshot": "only in graphs of old files; the same rules as Identity",
}
