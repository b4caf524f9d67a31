"""What the contract's cases can't say of the array ops: rules about Python objects, conversions, graphs and errors."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.graph import IndexedSlices, SparseTensor, constant_value
from tests.ops.evaluate import evaluate


def test_prevent_gradient_says_why() -> None:
    x = tf.placeholder(tf.float32, [2])
    y = tf.raw_ops.PreventGradient(input=x, message="no second derivative")
    with pytest.raises(LookupError, match="no second derivative"):
        tf.gradients(y, x)


def test_a_shape_that_is_known_is_a_constant() -> None:
    x = tf.placeholder(tf.float32, [2, None, 5])
    assert [tf.shape(tf.zeros([2, 3])).op.type, tf.shape(x).op.type] == ["Const", "Shape"]
    assert [tf.size(tf.zeros([2, 3])).op.type, tf.size(x).op.type] == ["Const", "Size"]
    assert tf.size(tf.placeholder(tf.float32, [None, 0])).op.type == "Const"
    assert [tf.rank(x).op.type, tf.rank(tf.placeholder(tf.float32)).op.type] == ["Const", "Rank"]


def test_shapes_are_followed_through_the_graph() -> None:
    x = tf.placeholder(tf.float32, [None, 3, 4])
    batch = tf.shape(x)[0]
    assert tf.reshape(x, [batch, 12]).shape.as_list() == [None, 12]
    assert tf.reshape(x, tf.stack([-1, tf.size(tf.zeros([4])), 3])).shape.as_list() == [None, 4, 3]
    assert tf.reshape(x, tf.concat([[batch], [2, 6]], 0)).shape.as_list() == [None, 2, 6]
    assert tf.zeros(tf.shape(x)[1:]).shape.as_list() == [3, 4]
    assert tf.tile(x, [1, 2, batch]).shape.as_list() == [None, 6, None]
    assert tf.slice(x, [0, 1, 0], [batch, -1, 2]).shape.as_list() == [None, 2, 2]
    assert x[:, 1:batch].shape.as_list() == [None, None, 4]
    assert x[..., -1].shape.as_list() == [None, 3]
    assert tf.pad(x, [[0, 0], [1, 1], [0, batch]]).shape.as_list() == [None, 5, None]
    assert tf.one_hot(batch, 7).shape.as_list() == [7]
    assert tf.squeeze(tf.placeholder(tf.float32, [1, None, 3]), [0]).shape.as_list() == [None, 3]


def test_identity_and_cast_keep_sparse_things_sparse() -> None:
    sparse = tf.SparseTensor([[0, 1]], [1.5], [2, 3])
    slices = tf.IndexedSlices(tf.constant([[1.5]]), tf.constant([0]), tf.constant([2, 1]))
    assert isinstance(tf.identity(sparse), SparseTensor) and isinstance(tf.identity(slices), IndexedSlices)
    assert tf.cast(sparse, tf.int32).dtype is tf.int32 and tf.cast(slices, tf.float64).dtype is tf.float64
    assert evaluate([tf.shape(sparse), tf.size(sparse), tf.rank(sparse)], {})[1:] == [6, 2]


def test_the_gradient_of_rows_gathered_is_those_rows() -> None:
    table = tf.placeholder(tf.float32, [5, 2])
    grad = tf.gradients(tf.gather(table, [4, 0, 4]), table)[0]
    assert isinstance(grad, IndexedSlices) and grad.shape.as_list() == [5, 2]
    dense = evaluate([tf.convert_to_tensor(grad)], {table: np.zeros((5, 2), np.float32)})[0]
    assert dense.tolist() == [[1, 1], [0, 0], [0, 0], [0, 0], [2, 2]]


def test_lists_with_tensors_inside_are_packed() -> None:
    x = tf.constant(7, name="x")
    y = tf.convert_to_tensor([[x, 1], [2, x]], name="table")
    assert [op.name for op in tf.get_default_graph().get_operations()] == [
        "x", "table/0/1", "table/0", "table/1/0", "table/1", "table"]
    assert evaluate([y], {})[0].tolist() == [[7, 1], [2, 7]]
    with pytest.raises((TypeError, ValueError)):
        tf.convert_to_tensor([x, "text"])
    with pytest.raises((TypeError, ValueError)):
        tf.stack([tf.zeros([2]), tf.zeros([2], tf.int32)], axis=1)


def test_cast_to_the_same_type_makes_no_node() -> None:
    x = tf.placeholder(tf.float32)
    assert tf.cast(x, "float") is x and len(tf.get_default_graph().get_operations()) == 1


@pytest.mark.parametrize("value", [1.9, -1.9, 0.0, 255.0, -3.0])
def test_cast_truncates_towards_zero(value: float) -> None:
    assert evaluate([tf.cast(tf.constant(value), tf.int32)], {})[0] == int(value)


def test_tensors_are_not_indexed_by_masks_or_floats() -> None:
    x = tf.zeros([2, 3])
    for index in (tf.constant([True, False]), 1.5, "a", np.float32(1), [0.5], tf.constant([0, 1])):
        with pytest.raises(TypeError, match="valid indices"):
            x[index]


def test_slices_by_numpy_integers_and_dimensions() -> None:
    x = tf.constant(np.arange(12).reshape(3, 4))
    got = evaluate([x[np.int64(1)], x[: x.shape[0], x.shape[1] - 1]], {})
    assert got[0].tolist() == [4, 5, 6, 7] and got[1].tolist() == [3, 7, 11]


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "identity", "stop_gradient"])
def test_variables_are_taken_by_value(name: str) -> None:
    variable = tf.Variable([1.0, 2.0], name="v")
    assert getattr(tf, name)(variable).dtype is tf.float32


def test_an_error_names_the_line_and_both_shapes() -> None:
    words = r"(?s)2 and 5.*'concat' \(op: 'ConcatV2'\).*\[2,3\], \[5,7\].*test_array_rules"
    with pytest.raises(ValueError, match=words):
        tf.concat([tf.zeros([2, 3]), tf.zeros([5, 7])], 1)


def test_raw_ops_take_names_only() -> None:
    assert tf.raw_ops.Reshape(tensor=[1, 2], shape=[2, 1]).shape.as_list() == [2, 1]
    with pytest.raises(TypeError, match="shape"):
        tf.raw_ops.Reshape(tensor=[1, 2])
    with pytest.raises(AttributeError, match="NoSuchOp"):
        tf.raw_ops.NoSuchOp  # noqa: B018
    assert "Reshape" in dir(tf.raw_ops)


def test_broadcast_static_shape_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="Incompatible shapes"):
        tf.broadcast_static_shape(tf.TensorShape([2, 3]), tf.TensorShape([4]))


def test_static_and_run_time_sizes_of_strided_slices_agree() -> None:
    array = np.arange(6 * 7).reshape(6, 7)
    fed = tf.placeholder(tf.int64, [6, 7])
    random = np.random.RandomState(3)
    bounds = [None, *range(-9, 10)]
    for _ in range(60):
        index = []
        for _dim in range(2):
            first, last = (bounds[random.randint(len(bounds))] for _ in range(2))
            index.append(slice(first, last, [None, 1, 2, 3, -1, -2, -4][random.randint(7)]))
        part = fed[tuple(index)]
        want = array[tuple(index)]
        assert part.shape.as_list() == list(want.shape), index
        assert np.array_equal(evaluate([part], {fed: array.copy()})[0], want), index


def test_the_constant_value_of_zeros_like_strings_is_no_number() -> None:
    zeros = tf.raw_ops.ZerosLike(x=tf.constant(["a"]))
    assert tf.identity(zeros).dtype is tf.string
    assert constant_value(zeros) is None or constant_value(zeros).tolist() == [b""]
