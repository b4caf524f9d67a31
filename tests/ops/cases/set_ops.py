"""Ops on sets."""

from tests.ops.case import OpCase, array, ints, pick

_ROWS = ints(3, 5, high=7)
_OTHER = ints(3, 4, high=7)
_TYPES = ("int8", "int16", "int32", "int64", "uint8", "uint16")
_PLACES = array([[0, 0], [0, 2], [1, 1], [2, 0], [2, 3]], "int64")
_MORE = array([[0, 1], [2, 0], [2, 1], [2, 2]], "int64")


def _sparse(tf, places, values, size):
    return tf.SparseTensor(places, values, [3, size])


CASES = [
    OpCase("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.difference(a, b), [_ROWS, _OTHER], dtypes=_TYPES,
           golden=True, unknown="rank", static=False,
           errors=[(lambda tf: tf.sets.union([[1, 2]], [[[3]]]), "ValueError", "Ranks do not match: 2 and 3"),
                   (lambda tf: tf.sets.union([[1, 2]], [[3.5]]), "TypeError", "types of the sets do not match")]),
    OpCase("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.difference(a, b, aminusb=False), [_ROWS, _OTHER],
           label="b_minus_a", golden=True, static=False),
    OpCase("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.union(a, b), [_ROWS, _OTHER], label="union",
           golden=True, static=False),
    OpCase("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.intersection(a, b),
           [pick(2, 5, choices=[b"x", b"yy", b"z", b""]), pick(2, 3, choices=[b"x", b"yy", b"w"])], label="strings",
           golden=True, static=False),
    OpCase("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.intersection(a, b),
           [ints(2, 3, 5, high=6), ints(2, 3, 4, high=6)], label="three_dimensions", golden=True, static=False),
    OpCase("DenseToSparseSetOperation",
           lambda tf, a, i, v: tf.sets.difference(a, _sparse(tf, i, v, 6)),
           [_ROWS, _PLACES, ints(5, high=7)], golden=True, static=False),
    OpCase("DenseToSparseSetOperation",
           lambda tf, a, i, v: tf.sets.difference(_sparse(tf, i, v, 6), a),
           [_ROWS, _PLACES, ints(5, high=7)], label="sparse_first", golden=True, static=False,
           errors=[(lambda tf: tf.sets.union([[1], [2]], tf.SparseTensor([[0, 1], [0, 0]], [1, 2], [2, 3])).values,
                    "InvalidArgumentError", "out of order"),
                   (lambda tf: tf.sets.union([[1], [2]], tf.SparseTensor([[2, 1]], [1], [2, 3])).values,
                    "InvalidArgumentError", "out of bounds"),
                   (lambda tf: tf.sets.union([[1], [2]], tf.SparseTensor([[2, 1]], [1], [3, 3])).values,
                    "InvalidArgumentError", "agree but for the last")]),
    OpCase("SparseToSparseSetOperation",
           lambda tf, i, v, j, w: tf.sets.union(_sparse(tf, i, v, 6), _sparse(tf, j, w, 4)),
           [_PLACES, ints(5, high=7), _MORE, ints(4, high=7)], golden=True, static=False),
    OpCase("SetSize", lambda tf, i, v: tf.sets.size(_sparse(tf, i, v, 6)), [_PLACES, array([3, 3, 1, 2, 2], "int32")],
           golden=True, static=False,
           errors=[(lambda tf: tf.sets.size([[1, 2]]), "TypeError", "Expected `SparseTensor`")]),
]
