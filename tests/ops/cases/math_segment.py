"""Cases of core/ops/math_segment.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

FLOATS = ("float16", "bfloat16", "float32", "float64")
X = rand(5, 3)
IDS = array([0, 0, 1, 3, 3], "int32")
MIXED = array([2, 0, -1, 3, 1], "int32")  # an empty segment's extreme is beyond what finite differences stand
WITH_GAP = array([2, 0, -1, 2, 0], "int32")
ROWS = array([0, 4, 2, 2], "int32")
GROUPS = array([0, 0, 1, 3], "int32")


def _segment(name, **more):
    return OpCase(f"Segment{name.capitalize()}", lambda tf, x, i: getattr(tf, f"segment_{name}")(x, i), [X, IDS],
    golden=True,
                  static=False, errors=[(lambda tf: getattr(tf, f"segment_{name}")([1.0, 2.0],
                  tf.placeholder_with_default([1, 0], [2])),
                                         "InvalidArgumentError", "increasing|sorted"),
                                        (lambda tf: getattr(tf, f"segment_{name}")([1.0, 2.0], [0]),
                                         "InvalidArgumentError", "same size")], **more)


def _unsorted(name, **more):
    return OpCase(f"UnsortedSegment{name.capitalize()}", lambda tf, x, i: getattr(tf, f"unsorted_segment_{name}")(x, i,
    4), [X, MIXED],
                  golden=True, errors=[(lambda tf: getattr(tf, f"unsorted_segment_{name}")([1.0],
                  tf.placeholder_with_default([4], [1]), 4),
                                        "InvalidArgumentError", "4")], **more)


def _sparse(name, function):
    also = (f"SparseSegment{name}WithNumSegments", f"SparseSegment{name}Grad")
    return OpCase(f"SparseSegment{name}",
                  lambda tf, x, i, s: [getattr(tf, function)(x, i, s), getattr(tf, function)(x, i, s, num_segments=6)],
                  [X, ROWS, GROUPS], also=also[:1] if name == "Sum" else also, grad=(0,), second=True, golden=True,
                  static=False, dtypes=("float32", "float64"),
                  errors=[(lambda tf: getattr(tf, function)([[1.0]], tf.placeholder_with_default([1], [1]), [0]),
                           "InvalidArgumentError", "1")])


CASES = [
    _segment("sum", grad=(0,), second=True, dtypes=(*FLOATS, "int32", "complex64")),
    _segment("mean", grad=(0,), second=True, dtypes=(*FLOATS, "int32")),
    _segment("prod", dtypes=(*FLOATS, "int32")),
    _segment("max", grad=(0,), dtypes=(*FLOATS, "int32")),
    _segment("min", grad=(0,), dtypes=(*FLOATS, "int32")),
    _unsorted("prod", grad=(0,), dtypes=(*FLOATS, "int32")),
    _unsorted("max", grad=(0,), dtypes=(*FLOATS, "int32")),
    _unsorted("min", grad=(0,), dtypes=(*FLOATS, "int32")),
    OpCase("UnsortedSegmentProd", lambda tf, x: tf.gradients(tf.unsorted_segment_prod(x, [0, 0, 1, 1, 2], 3), x)[0],
           [array([0.0, 2.0, 0.0, 0.0, 5.0])], label="gradient beside zeros", golden=True, names=False),
    OpCase("UnsortedSegmentSum", lambda tf, x, i: [tf.unsorted_segment_mean(x, i, 4), tf.unsorted_segment_sqrt_n(x, i,
           4)], [X, WITH_GAP],
           label="mean and sqrt_n", also=("Maximum",), grad=(0,), golden=True, names=False, unknown="dims"),
    *[_sparse(n, f) for n, f in (("Sum", "sparse_segment_sum"), ("Mean", "sparse_segment_mean"),
                                 ("SqrtN", "sparse_segment_sqrt_n"))],
    OpCase("SparseSegmentSumGrad", lambda tf, g, i, s: tf.raw_ops.SparseSegmentSumGrad(grad=g, indices=i,
           segment_ids=s, output_dim0=7),
           [rand(4, 3), ROWS, GROUPS], grad=(0,), static=False),
    OpCase("UnsortedSegmentMax", lambda tf, x, i: [tf.unsorted_segment_max(x, i, 4), tf.unsorted_segment_min(x, i, 4)],
           [X, WITH_GAP],
           label="with a gap", also=("UnsortedSegmentMin",), golden=True),
    OpCase("SegmentSum", lambda tf, x, i: tf.segment_sum(x, i), [ints(5), IDS], label="of numbers", golden=True,
           static=False),
]
