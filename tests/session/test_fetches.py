"""What may be fetched, and in which structure it comes back."""

from __future__ import annotations

import collections
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import core as tf
from core.fetches import register_session_run_conversion_functions
from core.graph import IndexedSlices, IndexedSlicesValue, SparseTensor, SparseTensorValue

Pair = namedtuple("Pair", ["first", "second"])
Other = namedtuple("Other", ["left", "right"])


@pytest.fixture
def sess():
    with tf.Session() as session:
        yield session


def test_a_tensor_gives_an_array_and_a_scalar_gives_a_numpy_scalar(sess):
    vector, scalar = tf.constant([1.5, 2.5]), tf.constant(7)
    for _ in range(3):  # interpreted, compiled, cached
        out = sess.run(vector)
        assert type(out) is np.ndarray and out.tolist() == [1.5, 2.5]
        assert type(sess.run(scalar)) is np.int32
        assert type(sess.run(scalar + 1)) is np.int32


def test_strings_come_as_bytes(sess):
    assert sess.run(tf.constant("abc")) == b"abc"
    assert sess.run(tf.constant(["a", "bc\0"])).tolist() == [b"a", b"bc\0"]


def test_structures_come_back_as_they_went_in(sess):
    a, b = tf.constant(1.0), tf.constant([2.0, 3.0])
    noop = tf.no_op()
    for _ in range(3):
        out = sess.run([a, (b, noop), {"x": a, "y": [b, {"z": a}]}, Pair(a, [b]), []])
        assert out[0] == 1.0 and type(out[1]) is tuple and out[1][1] is None
        assert out[2]["y"][1] == {"z": 1.0} and type(out[3]) is Pair and out[3].second[0].tolist() == [2.0, 3.0]
        assert out[4] == []
    ordered = sess.run(OrderedDict([("z", a), ("a", b)]))
    assert type(ordered) is OrderedDict and list(ordered) == ["z", "a"]
    default = sess.run(defaultdict(list, {"k": a}))
    assert type(default) is collections.defaultdict and default["none"] == []


def test_equal_tuples_of_other_types_are_not_mixed_up(sess):
    a, b = tf.constant(1.0), tf.constant(2.0)
    for _ in range(2):
        assert type(sess.run(Pair(a, b))) is Pair
        assert type(sess.run(Other(a, b))) is Other
        assert type(sess.run((a, b))) is tuple
        assert type(sess.run([a, b])) is list
        assert type(sess.run([Pair(a, b)])[0]) is Pair
        assert type(sess.run([Other(a, b)])[0]) is Other


def test_attrs_objects(sess):
    class Field:
        def __init__(self, name):
            self.name = name

    class Point:
        __attrs_attrs__ = (Field("x"), Field("y"))

        def __init__(self, x, y):
            self.x, self.y = x, y

    out = sess.run(Point(tf.constant(1), [tf.constant(2)]))
    assert type(out) is Point and out.x == 1 and out.y == [2]


def test_operations_give_none(sess):
    a = tf.constant(3.0)
    assert sess.run(a.op) is None
    assert sess.run([a.op, a, tf.no_op()]) == [None, 3.0, None]
    assert sess.run([]) == [] and sess.run(()) == () and sess.run({}) == {}


def test_names(sess):
    a = tf.constant(3.0, name="a")
    assert sess.run("a:0") == 3.0 and sess.run("a") is None and sess.run(["a:0", a]) == [3.0, 3.0]


def test_the_same_tensor_twice_gives_two_equal_values(sess):
    a = tf.constant([1.0, 2.0]) + 1.0
    one, two = sess.run([a, a])
    assert one.tolist() == two.tolist() == [2.0, 3.0]


def test_sparse_values(sess):
    sparse = SparseTensor([[0, 1], [2, 0]], [1.5, 2.5], [3, 2])
    slices = IndexedSlices(tf.constant([1.0, 2.0]), tf.constant([0, 4]))
    dense = IndexedSlices(tf.constant([1.0]), tf.constant([3]), tf.constant([5]))
    for _ in range(2):
        out = sess.run({"s": sparse, "i": [slices, dense]})
        assert type(out["s"]) is SparseTensorValue and out["s"].dense_shape.tolist() == [3, 2]
        assert type(out["i"][0]) is IndexedSlicesValue and out["i"][0].dense_shape is None
        assert out["i"][1].dense_shape.tolist() == [5]
    assert sess.run([sparse])[0].values.tolist() == [1.5, 2.5]


def test_registered_types(sess):
    class Squared:
        def __init__(self, tensor):
            self.tensor = tensor

    register_session_run_conversion_functions(
        Squared, lambda s: ([s.tensor], lambda v: v[0] ** 2), lambda s, v: [(s.tensor, v)], lambda s: [s.tensor])
    x = tf.placeholder(tf.float32)
    assert sess.run(Squared(x), {Squared(x): 3.0}) == 9.0
    with pytest.raises(ValueError, match="has already been registered"):
        register_session_run_conversion_functions(Squared, lambda s: s)


def test_fetched_arrays_are_the_callers(sess):
    x = tf.placeholder(tf.float32, [None, 3])
    doubled, view, constant = x * 2.0, tf.identity(x), tf.constant([1.0, 2.0])
    fed = np.ones((2, 3), np.float32)
    kept = []
    for i in range(5):
        out = sess.run([doubled, view, x, constant, tf.identity(constant)], {x: fed * i})
        kept.append((out, [o.copy() for o in out]))
    for out, copies in kept:
        for array, copy in zip(out, copies):
            assert array.tolist() == copy.tolist()
            array += 1  # writeable, and nobody else's
    assert sess.run(constant).tolist() == [1.0, 2.0]
    fed[:] = 5
    out = sess.run(view, {x: fed})
    out[:] = 0
    assert fed.min() == 5


@pytest.mark.parametrize("fetch", [None, [None], {"a": None}, (None,)])
def test_none_is_a_type_error(sess, fetch):
    tf.constant(1.0)
    with pytest.raises(TypeError, match=r"Fetch argument None has invalid type <class 'NoneType'>"):
        sess.run(fetch)


def test_what_can_not_be_fetched(sess):
    tf.constant(1.0, name="a")
    with pytest.raises(TypeError, match="Fetch argument 3 has invalid type.*must be a string or Tensor"):
        sess.run(3)
    with pytest.raises(ValueError, match="Fetch argument 'b:0' cannot be interpreted as a Tensor"):
        sess.run("b:0")
    with pytest.raises(ValueError, match="Fetch argument 'a:5' cannot be interpreted as a Tensor"):
        sess.run("a:5")
    with tf.Graph().as_default():
        foreign = tf.constant(2.0)
    with pytest.raises(ValueError, match="cannot be interpreted as a Tensor.*is not an element of this graph"):
        sess.run(foreign)
    with pytest.raises(ValueError, match="is not an element of this graph"):
        sess.run([foreign.op])


def test_unfetchable(sess):
    a = tf.constant(1.0)
    tf.get_default_graph().prevent_fetching(a.op)
    with pytest.raises(ValueError, match="has been marked as not fetchable"):
        sess.run(a)
