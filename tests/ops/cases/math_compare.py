"""Cases of core/ops/math_compare.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, bools, ints, rand

REAL = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
"uint64")
ALL = (*REAL, "complex64", "complex128", "bool")
A, B = ints(3, 1, 5, high=4), ints(4, 1, high=4)
TIES = [bools(3, 4), bools(4)]


def _bad(function):
    return [(lambda tf: getattr(tf, function)(tf.zeros([2, 3]), tf.zeros([2, 4])), "ValueError",
             "Dimensions must be equal, but are 3 and 4")]


CASES = [
    OpCase("Equal", lambda tf, x, y: tf.equal(x, y), [A, B], golden=True, dtypes=ALL, expect=lambda np, x, y: x == y,
           errors=_bad("equal")),
    OpCase("Equal", lambda tf, x: tf.equal(x, b"a"), [array([b"a", b"b"], "object")], label="strings", golden=True,
           expect=lambda np, x: np.array([True, False])),
    OpCase("Equal", lambda tf, x: tf.equal(x, "a"), [array(b"a", "object")], label="one string", golden=True),
    OpCase("Equal", lambda tf, x, y: tf.raw_ops.Equal(x=x, y=y, incompatible_shape_error=False), [ints(2), ints(3)],
           label="no error", static=False, expect=lambda np, x, y: False),
    OpCase("NotEqual", lambda tf, x, y: tf.not_equal(x, y), [A, B], golden=True, dtypes=ALL,
           expect=lambda np, x, y: x != y, errors=_bad("not_equal")),
    OpCase("NotEqual", lambda tf, x, y: tf.raw_ops.NotEqual(x=x, y=y, incompatible_shape_error=False), [ints(2),
           ints(3)],
           label="no error", static=False, expect=lambda np, x, y: True),
    OpCase("Less", lambda tf, x, y: [tf.less(x, y), x < y, x < 2, 2 < x], [A, B], golden=True,
           expect=lambda np, x, y: [x < y, x < y, x < 2, x > 2], errors=_bad("less")),
    OpCase("Less", lambda tf, x, y: tf.less(x, y), [A, B], label="types", dtypes=REAL, expect=lambda np, x, y: x < y,
           errors=[(lambda tf: tf.less(1j, 2j), "TypeError", "complex128")]),
    OpCase("LessEqual", lambda tf, x, y: [tf.less_equal(x, y), x <= y], [A, B], golden=True, dtypes=REAL,
           expect=lambda np, x, y: [x <= y] * 2, errors=_bad("less_equal")),
    OpCase("Greater", lambda tf, x, y: [tf.greater(x, y), x > y], [A, B], golden=True, dtypes=REAL,
           expect=lambda np, x, y: [x > y] * 2, errors=_bad("greater")),
    OpCase("GreaterEqual", lambda tf, x, y: [tf.greater_equal(x, y), x >= y], [A, B], golden=True, dtypes=REAL,
           expect=lambda np, x, y: [x >= y] * 2, errors=_bad("greater_equal")),
    OpCase("ApproximateEqual", lambda tf, x, y: [tf.approximate_equal(x, y), tf.approximate_equal(x, y, tolerance=1.5)],
           [rand(3, 4), rand(3, 4)], expect=lambda np, x, y: [abs(x - y) < 1e-5, abs(x - y) < 1.5],
           errors=[(lambda tf: tf.raw_ops.ApproximateEqual(x=[1.0], y=[1.0, 2.0]), "ValueError", r"1.*2")]),
    OpCase("LogicalAnd", lambda tf, x, y: [tf.logical_and(x, y), x & y, x & True, True & x], TIES, golden=True,
           expect=lambda np, x, y: [x & y, x & y, x, x]),
    OpCase("LogicalOr", lambda tf, x, y: [tf.logical_or(x, y), x | y, False | x], TIES, golden=True,
           expect=lambda np, x, y: [x | y, x | y, x], errors=[(lambda tf: tf.logical_or(1, 2), "TypeError", "bool")]),
    OpCase("LogicalNot", lambda tf, x, y: [tf.logical_not(x), ~x], TIES, golden=True, expect=lambda np, x, y: [~x, ~x]),
    OpCase("LogicalNot", lambda tf, x, y: [tf.logical_xor(x, y), x ^ y], TIES, label="xor", golden=True,
           expect=lambda np, x, y: [x ^ y, x ^ y]),
]
