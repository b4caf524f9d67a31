"""Cases of core/ops/array_order.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, pick, rand

NUMBERS = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "complex64", "bool")
INDEX = ("int32", "int64", "float32", "float64", "uint8")

CASES = [
    OpCase("ReverseV2", lambda tf, x: [tf.reverse(x, [1]), tf.reverse(x, [-3, 2], name="r"), tf.reverse_v2(x, [0])],
           [rand(2, 3, 4)], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           expect=lambda np, x: [x[:, ::-1], x[::-1, :, ::-1], x[::-1]],
           errors=[(lambda tf: tf.reverse([1, 2], [1]), "ValueError", "1"),
                   (lambda tf: tf.reverse([1, 2], [0, 0]), "ValueError", "more than once")]),
    OpCase("Reverse", lambda tf, x: tf.raw_ops.Reverse(tensor=x, dims=[True, False]), [rand(2, 3)], grad=(0,),
           second=True,
           golden=True, expect=lambda np, x: x[::-1]),
    OpCase("ReverseSequence", lambda tf, x, n: [tf.reverse_sequence(x, n, seq_axis=1),
                                                tf.reverse_sequence(x, n, seq_dim=2, batch_dim=0, name="s")],
           [rand(2, 3, 4), array([2, 3], "int64")], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           errors=[(lambda tf: tf.reverse_sequence([[1, 2]], [3], seq_axis=1), "InvalidArgumentError",
                    "seq_lens|input.dims"),
                   (lambda tf: tf.reverse_sequence([[1, 2]], [1, 2], seq_axis=1), "ValueError", "1 and 2")]),
    OpCase("ReverseSequence", lambda tf, x: tf.reverse_sequence(x, [1, 3, 2, 0], seq_axis=0, batch_axis=1),
           [rand(3, 4, 2)],
           label="time first", grad=(0,), golden=True),
    OpCase("Unique", lambda tf, x: [tf.unique(x), tf.unique(x, tf.int64, name="u")], [ints(9, high=5)], static=False,
           dtypes=INDEX, golden=True, errors=[(lambda tf: tf.unique([[1]]), "ValueError", "rank 1")]),
    OpCase("Unique", lambda tf, x: tf.unique(x), [pick(7, choices=(b"a", b"b", b"c"))], label="string", static=False,
           golden=True),
    OpCase("UniqueWithCounts", lambda tf, x: tf.unique_with_counts(x), [ints(9, high=5)], static=False, dtypes=INDEX,
           golden=True),
    OpCase("UniqueV2", lambda tf, x: [*tf.raw_ops.UniqueV2(x=x, axis=[0]), *tf.raw_ops.UniqueV2(x=x, axis=[-1])],
           [array([[1, 0, 1, 0], [2, 2, 2, 2], [1, 0, 1, 0]], "int32")], static=False, golden=True),
    OpCase("UniqueWithCountsV2", lambda tf, x: tf.raw_ops.UniqueWithCountsV2(x=x, axis=[0]),
           [array([[1, 0, 1, 0], [2, 2, 2, 2], [1, 0, 1, 0]], "int32")], static=False, golden=True),
    OpCase("ListDiff", lambda tf, x: tf.setdiff1d(x, x[:3]), [ints(9, high=7)], static=False, dtypes=INDEX, golden=True,
           names=False, errors=[(lambda tf: tf.setdiff1d([[1]], [1]), "ValueError", "rank 1")]),
    OpCase("LowerBound", lambda tf, x: [tf.searchsorted(x, [[2., 4., 9.], [0., 2., 6.]]),
                                        tf.searchsorted(x[0], [3.0], out_type=tf.int64, name="s")],
           [array([[0, 3, 9, 9, 10], [1, 2, 3, 4, 5]])], golden=True, names=False, static=False,
           expect=lambda np, x: [[[1, 2, 2], [0, 1, 5]], [1]],
           errors=[(lambda tf: tf.searchsorted([[1]], [[1]], side="middle"), "ValueError", "side")]),
    OpCase("UpperBound", lambda tf, x: tf.searchsorted(x, [[2., 4., 9.], [0., 2., 6.]], side="right"),
           [array([[0, 3, 9, 9, 10], [1, 2, 3, 4, 5]])], golden=True, names=False, static=False,
           expect=lambda np, x: np.array([[1, 2, 4], [0, 2, 5]])),
    OpCase("EditDistance", lambda tf: [
        tf.edit_distance(tf.SparseTensor([[0, 0, 0], [1, 0, 0]], ["a", "b"], (2, 1, 1)),
                         tf.SparseTensor([[0, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0]], ["a", "b", "c", "a"],
                                         (2, 2, 2))),
        tf.edit_distance(tf.SparseTensor([[0, 0], [0, 1], [0, 2]], [1, 2, 3], (1, 3)),
                         tf.SparseTensor([[0, 0], [0, 1]], [1, 3], (1, 2)), normalize=False)], golden=True,
           names=False, errors=[(lambda tf: tf.edit_distance([1], [1]), "TypeError", "SparseTensor")]),
]
