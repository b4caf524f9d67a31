"""Sorting and the time."""

from tests.ops.case import OpCase, ints, rand

_TYPES = ("float32", "float64", "int32", "int64", "uint8", "int8", "float16")

CASES = [
    OpCase("TopKV2", lambda tf, x: tf.sort(x), [rand(3, 5)], label="sort", grad=(0,), golden=True, names=False,
           dtypes=_TYPES, expect=lambda np, x: np.sort(x), unknown="dims",
           errors=[(lambda tf: tf.sort([1], direction="UP"), "ValueError", "should be one of"),
                   (lambda tf: tf.sort([1], axis=[0]), "ValueError", "constant scalar")]),
    OpCase("TopKV2", lambda tf, x: tf.sort(x, axis=0, direction="DESCENDING"), [rand(3, 5, 4)], label="sort_falling",
           grad=(0,), golden=True, names=False, unknown="dims"),
    OpCase("TopKV2", lambda tf, x: tf.argsort(x, axis=1), [ints(3, 5, 4, high=6)], label="argsort", golden=True,
           names=False, dtypes=_TYPES, expect=lambda np, x: np.argsort(x, 1, kind="stable").astype("int32"),
           unknown="dims"),
]
EXEMPT = {"Timestamp": "another number each time; its docstring runs it"}
