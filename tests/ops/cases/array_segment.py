"""Cases of core/ops/array_segment.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

CASES = [
    OpCase("UnsortedSegmentSum", lambda tf, x, i: [tf.unsorted_segment_sum(x, i, 5),
                                                   tf.math.unsorted_segment_sum(x, i, 3, name="s")],
           [rand(4, 3), array([2, 0, 2, -1], "int32")], grad=(0,), second=True, golden=True,
           dtypes=("float16", "float32", "float64", "int32", "int64", "complex64"),
           errors=[(lambda tf: tf.unsorted_segment_sum([1, 2], [0, 3], 3), "InvalidArgumentError", r"3.*\[0, 3\)"),
                   (lambda tf: tf.unsorted_segment_sum([1, 2], [0, 1, 2], 3), "ValueError", "2.*3")]),
    OpCase("UnsortedSegmentSum", lambda tf, x, i, n: tf.unsorted_segment_sum(x, i, n),
           [rand(2, 3, 4), array([[1, 0, 1], [0, 3, 1]], "int64"), array(4, "int64")], label="ids of rank 2", grad=(0,),
           second=True, static=False, golden=True),
]
