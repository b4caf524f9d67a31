"""What may be fed, how it is converted, and what is refused with which words."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.graph import IndexedSlices, SparseTensor, SparseTensorValue


@pytest.fixture
def sess():
    with tf.Session() as session:
        yield session


def test_lists_scalars_and_arrays_of_other_types(sess):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    n = tf.placeholder(tf.int32, [], name="n")
    out = x + 1.0
    for _ in range(3):
        assert sess.run(out, {x: [[1, 2]]}).tolist() == [[2.0, 3.0]]
        assert sess.run(out, {x: np.array([[1, 2]], np.int64)}).tolist() == [[2.0, 3.0]]
        assert sess.run(out, {x: ((1.5, 2),)}).dtype == np.float32
        assert sess.run(out, {"x:0": np.float64([[1, 2], [3, 4]])}).shape == (2, 2)
        assert sess.run(n + 1, {n: 4}) == 5 and sess.run(n + 1, {n: np.int64(4)}) == 5 and sess.run(n, {n: True}) == 1
        assert sess.run(n, {n: 2.7}) == 2  # as NumPy (and TensorFlow) convert


def test_shapes_vary_from_run_to_run(sess):
    x = tf.placeholder(tf.float32)
    y = x * 2.0 + x
    shapes = [(), (3,), (2, 3), (4, 3), (2, 3), (0, 3), (), (5, 1, 2), (7,), (8,), (9,), (10,), (11,), (12,), (3,)]
    for shape in shapes * 2:
        fed = np.float32(np.random.RandomState(0).random_sample(shape))
        assert np.array_equal(sess.run(y, {x: fed}), fed * 2 + fed)


def test_intermediate_tensors_can_be_fed(sess):
    x = tf.placeholder(tf.float32)
    middle = x * 3.0
    out = middle + 1.0
    for _ in range(3):
        assert sess.run(out, {middle: 10.0}) == 11.0  # x need not be fed
        assert sess.run([out, middle], {middle: 10.0}) == [11.0, 10.0]
        assert sess.run(out, {x: 1.0}) == 4.0


def test_variables_can_be_fed(sess):
    v = tf.Variable([1.0, 2.0], name="v")
    out = v.value() * 2.0
    sess.run(v.initializer)
    for _ in range(3):
        assert sess.run(out, {v: [5.0, 6.0]}).tolist() == [10.0, 12.0]
        assert sess.run(out).tolist() == [2.0, 4.0]


def test_strings(sess):
    s = tf.placeholder(tf.string)
    assert sess.run(tf.identity(s), {s: "é"}) == "é".encode()
    assert sess.run(tf.identity(s), {s: ["a", b"b"]}).tolist() == [b"a", b"b"]
    assert sess.run(tf.identity(s), {s: np.array([["a"], ["bc"]])}).tolist() == [[b"a"], [b"bc"]]
    with pytest.raises(TypeError, match=r"Type of feed value 3 with type <class 'int'> is not compatible"):
        sess.run(tf.identity(s), {s: 3})
    with pytest.raises(TypeError, match="string tensor"):
        sess.run(tf.identity(s), {s: [3.5]})


def test_sparse_feeds(sess):
    sparse = SparseTensor(tf.placeholder(tf.int64), tf.placeholder(tf.float32), tf.placeholder(tf.int64))
    value = SparseTensorValue(np.array([[0, 1]]), np.array([1.5], np.float32), np.array([2, 3]))
    for fed in (value, tuple(value)):
        assert sess.run(sparse.values * 2.0, {sparse: fed}).tolist() == [3.0]
        assert sess.run(sparse, {sparse: fed}).dense_shape.tolist() == [2, 3]
    slices = IndexedSlices(tf.placeholder(tf.float32), tf.placeholder(tf.int64))
    assert sess.run(slices.values, {slices: ([1.0], [4])}).tolist() == [1.0]


def test_nested_tuples_of_keys(sess):
    x, y, z = (tf.placeholder(tf.float32, name=n) for n in "xyz")
    out = x + y * z
    assert sess.run(out, {(x, (y, z)): (1.0, (2.0, 3.0))}) == 7.0
    with pytest.raises(ValueError, match="Key had 3 elements, but value had 2 elements"):
        sess.run(out, {(x, (y, z)): (1.0, (2.0,))})


def test_feeds_are_never_written_to(sess):
    x = tf.placeholder(tf.float32, [2, 3])
    v = tf.Variable(tf.zeros([2, 3]))
    sess.run(v.initializer)
    fed = np.arange(6, dtype=np.float32).reshape(2, 3)
    before = fed.copy()
    out = ((x + 1.0) * 2.0 - x) * x
    for _ in range(4):
        sess.run([out, v.assign_add(x), tf.assign(v, x)], {x: fed})
        assert np.array_equal(fed, before)
    sess.run(tf.assign(v, x), {x: fed})
    fed[:] = 99
    assert sess.run(v).tolist() == before.tolist()
    sess.run(tf.assign_add(v, tf.ones([2, 3])))
    assert fed.min() == 99


def test_wrong_shape(sess):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with pytest.raises(ValueError) as error:
        sess.run(x + 1.0, {x: [1, 2, 3]})
    text = str(error.value)
    assert text.startswith("Cannot feed value of shape (3,) for Tensor 'x:0', which has shape '(?, 2)'\n")
    assert "'x' (Placeholder)" in text and "test_feeds.py" in text and 'name="x")' in text  # the user's line
    for _ in range(3):  # also once plans are cached
        sess.run(x + 1.0, {x: [[1, 2]]})
    with pytest.raises(ValueError, match="Cannot feed value of shape"):
        sess.run(x + 1.0, {x: np.ones((2, 3), np.float32)})


@pytest.mark.parametrize(("wanted", "got", "cure"), [
    ([None, 7], [7], "feed `value[np.newaxis]`"),
    ([None, 6], [5, 2, 3], "np.reshape(value, [-1, 6])"),
    ([2, 3], [6], "np.reshape(value, [2, 3])"),
    ([None, 7], [4, 5], "Dimension 1 is 5 and must be 7"),
    ([None, 7], [4, 5, 3], "Feed a value of rank 2, not 3"),
    ([0, None], [3], "Feed a value of rank 2, not 1"),
    ([], [2], "Feed a value of rank 0, not 1"),
])
def test_a_wrong_shape_comes_with_its_cure(sess, wanted, got, cure):
    x = tf.placeholder(tf.float32, wanted)
    with pytest.raises(ValueError, match="^Cannot feed value of shape") as error:
        sess.run(x + 1.0, {x: np.zeros(got)})
    assert cure in str(error.value)


def test_a_tensor_can_not_be_fed(sess):
    x = tf.placeholder(tf.float32)
    with pytest.raises(TypeError, match=r"The value of a feed cannot be a tf.Tensor object. Acceptable feed values"):
        sess.run(x + 1.0, {x: tf.constant(1.0)})
    with pytest.raises(TypeError, match="The value of a feed cannot be a tf.Tensor object"):
        sess.run(x + 1.0, {x: [tf.constant(1.0), tf.constant(2.0)]})


@pytest.mark.parametrize(("dtype", "value"), [(tf.int8, 300), (tf.uint8, -1), (tf.int32, 1 << 40)])
def test_integers_that_do_not_fit(sess, dtype, value):
    x = tf.placeholder(dtype, [])
    with pytest.raises(TypeError, match=f"Type of feed value {value} with type <class 'int'> is not compatible with "
                                        "Tensor type .*Try explicitly setting the type of the feed tensor to a larger"):
        sess.run(x, {x: value})


def test_lists_of_integers_that_do_not_fit(sess):
    x = tf.placeholder(tf.int8, [None])
    with pytest.raises(TypeError, match="larger type"):
        sess.run(tf.identity(x), {x: [300]})


def test_what_is_no_array(sess):
    x = tf.placeholder(tf.float32, name="x")
    with pytest.raises(ValueError, match=r"could not convert string to float.*Tensor 'x:0'"):
        sess.run(x + 1.0, {x: "abc"})
    with pytest.raises(ValueError, match="inhomogeneous"):
        sess.run(x + 1.0, {x: [[1, 2], [3]]})


def test_wrong_keys(sess):
    x = tf.placeholder(tf.float32, name="x")
    out = x + 1.0
    for key, words in [("nope:0", "Cannot interpret feed_dict key as Tensor: The name 'nope:0' refers to a Tensor"),
                       ("x", "refers to an Operation, not a Tensor"), (3, "Can not convert a int into a Tensor"),
                       (x.op, "Can not convert a Operation into a Tensor")]:
        with pytest.raises(TypeError, match=words):
            sess.run(out, {key: 1.0})
    with tf.Graph().as_default():
        foreign = tf.placeholder(tf.float32)
    with pytest.raises(TypeError, match=r"Cannot interpret feed_dict key as Tensor.*is not an element of this graph"):
        sess.run(out, {x: 1.0, foreign: 2.0})


def test_unfeedable(sess):
    a = tf.constant(1.0)
    tf.get_default_graph().prevent_feeding(a)
    with pytest.raises(ValueError, match="may not be fed"):
        sess.run(a + 1.0, {a: 2.0})


def test_a_placeholder_that_is_not_fed(sess):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.placeholder(tf.int64, name="y")
    out = x + 1.0
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        sess.run(out)
    assert "You must feed a value for placeholder tensor 'x' with dtype float and shape [?,2]" in str(error.value)
    assert "test_feeds.py" in str(error.value) and "feed_dict={x: value}" in str(error.value)
    assert error.value.op is x.op
    with pytest.raises(tf.errors.InvalidArgumentError, match="tensor 'y' with dtype int64\n"):
        sess.run([out, y + 1], {x: [[1, 2]]})


def test_placeholder_with_default(sess):
    x = tf.placeholder_with_default([1.0, 2.0], [None])
    for _ in range(3):
        assert sess.run(x * 2.0).tolist() == [2.0, 4.0]
        assert sess.run(x * 2.0, {x: [5.0]}).tolist() == [10.0]


def test_what_waits_for_a_fed_placeholder_waits_for_nothing(sess):
    x = tf.placeholder(tf.float32, [3], name="x")
    with tf.control_dependencies([x]):
        y = tf.constant(2.0) * 3.0
    assert sess.run(y, {x: [1.0, 2.0, 3.0]}) == 6.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder tensor 'x'"):
        sess.run(y)
