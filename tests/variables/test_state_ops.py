"""Ops on variables that no op case reaches, and what their misuse says."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from core.graph import apply_op


@pytest.mark.parametrize("use_resource", [False, True])
def test_is_initialised(use_resource):
    v = tf.Variable([1.0, 2.0], use_resource=use_resource)
    flag = tf.is_variable_initialized(v)
    with tf.Session() as sess:
        assert not sess.run(flag)
        sess.run(v.initializer)
        assert sess.run(flag)
    assert flag.dtype == tf.bool
    assert flag.shape.as_list() == []


def test_shape_and_end_of_a_resource():
    v = tf.Variable(np.zeros([2, 5]), use_resource=True)
    shape = apply_op("VariableShape", v.handle, out_type=tf.int64)
    end = apply_op("DestroyResourceOp", v.handle, ignore_lookup_error=False)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(shape).tolist() == [2, 5]
        assert shape.shape.as_list() == [2]
        sess.run(end)
        assert not sess.run(v.is_initialized())
        with pytest.raises(tf.errors.FailedPreconditionError, match="no value to destroy"):
            sess.run(end)


@pytest.mark.parametrize("use_resource", [False, True])
def test_extremes_by_coordinates(use_resource):
    v = tf.Variable([[1.0, 5.0, 3.0], [4.0, 2.0, 6.0]], use_resource=use_resource)
    prefix, target = ("Resource", v.handle) if use_resource else ("", v)
    lower = apply_op(prefix + "ScatterNdMin", target, [[0, 1], [1, 0]], [3.0, 9.0])
    raised = apply_op(prefix + "ScatterNdMax", target, [[0], [1]], [[2.0, 0.0, 9.0], [0.0, 7.0, 0.0]])
    with tf.Session() as sess:
        sess.run(v.initializer)
        sess.run(lower)
        assert sess.run(v).tolist() == [[1.0, 3.0, 3.0], [4.0, 2.0, 6.0]]
        sess.run(raised)
        assert sess.run(v).tolist() == [[2.0, 3.0, 9.0], [4.0, 7.0, 6.0]]


@pytest.mark.parametrize("use_resource", [False, True])
def test_slices_can_be_assigned(use_resource):
    v = tf.Variable(np.arange(12.0, dtype=np.float32).reshape(3, 4), use_resource=use_resource)
    changes = [v[1:, ::2].assign([[-1.0, -2.0], [-3.0, -4.0]]), v[0].assign(tf.zeros([4])), v[2, 3].assign(9.0)]
    with tf.Session() as sess:
        sess.run(v.initializer)
        for change in changes:
            last = sess.run(change)
        assert last.tolist() == [[0.0, 0.0, 0.0, 0.0], [-1.0, 5.0, -2.0, 7.0], [-3.0, 9.0, -4.0, 9.0]]
        with pytest.raises(tf.errors.InvalidArgumentError, match="shapes to be the same"):
            sess.run(v[:2].assign(tf.zeros([3, 4])))


@pytest.mark.parametrize("use_resource", [False, True])
def test_adding_with_an_operator(use_resource):
    v = tf.Variable(1.0, use_resource=use_resource)
    kept = v
    if use_resource:
        for change in ("v += 1.0", "v -= 1.0", "v *= 2.0", "v /= 2.0", "v //= 2.0", "v **= 2.0"):
            with pytest.raises(RuntimeError, match="not supported. Use `var.assign"):
                exec(change, {"v": v})
        return
    v += 2.0  # a new tensor, as in TensorFlow 1: the variable stays
    assert isinstance(v, tf.Tensor)
    with tf.Session() as sess:
        sess.run(kept.initializer)
        assert sess.run([v, kept]) == [3.0, 1.0]


@pytest.mark.parametrize("use_resource", [False, True])
def test_every_assignment_by_method(use_resource):
    v = tf.Variable([1.0, 2.0], use_resource=use_resource)
    slices = tf.IndexedSlices(tf.constant([10.0]), tf.constant([1]), tf.constant([2]))
    with tf.Session() as sess:
        def after(change):
            sess.run(v.initializer)
            return np.asarray(sess.run(change)).tolist()

        assert after(v.assign([5.0, 6.0])) == [5.0, 6.0]
        assert after(v.assign_add([1.0, 1.0])) == [2.0, 3.0]
        assert after(v.assign_sub([1.0, 1.0])) == [0.0, 1.0]
        assert after(v.assign([5.0, 6.0], read_value=False)) is None
        assert after(v.assign_add([5.0, 6.0], read_value=False)) is None
        assert after(v.scatter_add(slices)) == [1.0, 12.0]
        assert after(v.scatter_sub(slices)) == [1.0, -8.0]
        assert after(v.scatter_update(slices)) == [1.0, 10.0]
        assert after(v.scatter_max(slices)) == [1.0, 10.0]
        assert after(v.scatter_min(slices)) == [1.0, 2.0]
        assert after(v.scatter_mul(slices)) == [1.0, 20.0]
        assert after(v.scatter_div(slices)) == [1.0, pytest.approx(0.2)]
        assert after(v.scatter_nd_add([[0]], [7.0])) == [8.0, 2.0]
        assert after(v.scatter_nd_sub([[0]], [7.0])) == [-6.0, 2.0]
        assert after(v.scatter_nd_update([[0]], [7.0])) == [7.0, 2.0]
        with pytest.raises(ValueError, match="not IndexedSlices"):
            v.scatter_add([1.0])


def test_a_resource_variable_after_an_assignment():
    v = tf.Variable(1.0, use_resource=True, name="v")
    twice = v.assign(5.0).assign_add(2.0)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(twice) == 7.0
        assert sess.run(v.assign_add(1.0) * 2.0) == 16.0
        assert sess.run(v.assign_sub(1.0).op) is None
        assert sess.run(v) == 7.0
        assert sess.run(v.assign_add(1.0).read_value()) == 8.0
    assert twice.op.type == "AssignAddVariableOp"


@pytest.mark.parametrize("use_resource", [False, True])
def test_counting_to_a_limit(use_resource):
    v = tf.Variable(0, use_resource=use_resource)
    count = v.count_up_to(2)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert [int(sess.run(count)), int(sess.run(count))] == [0, 1]
        with pytest.raises(tf.errors.OutOfRangeError, match="Reached limit of 2"):
            sess.run(count)
        assert sess.run(v) == 2


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_value_loaded(use_resource):
    v = tf.Variable([1.0, 2.0], use_resource=use_resource)
    with pytest.raises(ValueError, match="session"):
        v.load([3.0, 4.0])
    with tf.Session() as sess:
        size = len(tf.get_default_graph().get_operations())
        v.load([3.0, 4.0], sess)
        assert sess.run(v).tolist() == [3.0, 4.0]
        assert v.eval().tolist() == [3.0, 4.0]
        v.load(np.array([5.0, 6.0], np.float32))
        assert v.eval().tolist() == [5.0, 6.0]
        assert len(tf.get_default_graph().get_operations()) == size


def test_wrong_values_assigned():
    v = tf.Variable([1.0, 2.0], name="v")
    r = tf.Variable([1.0, 2.0], name="r", use_resource=True)
    with pytest.raises(ValueError, match=r"(?s)2.*3"):
        tf.assign(v, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"(?s)2.*3"):
        r.assign([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="float32"):
        tf.assign(v, tf.constant([1, 2]))
    with pytest.raises((TypeError, ValueError), match="float32"):
        r.assign(tf.constant([1, 2]))
    unknown = tf.placeholder(tf.float32)
    with tf.Session() as sess:
        sess.run([v.initializer, r.initializer])
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)'v'|\bv\b"):
            sess.run(tf.assign(v, unknown), {unknown: [1.0, 2.0, 3.0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[2\].*\[3\]"):
            sess.run(tf.assign_add(v, unknown), {unknown: [1.0, 2.0, 3.0]})
        assert sess.run(v).tolist() == [1.0, 2.0]


def test_a_variable_is_no_container_and_no_truth():
    v = tf.Variable([1.0, 2.0])
    with pytest.raises(TypeError, match="not iterable"):
        iter(v)
    with pytest.raises(TypeError, match="bool"):
        bool(v)
    assert v.experimental_ref() == v.experimental_ref()
    assert v.experimental_ref().deref() is v
    assert repr(v) == "<tf.Variable 'Variable:0' shape=(2,) dtype=float32_ref>"


def test_variables_mix_with_arrays_and_numbers():
    v = tf.Variable([2.0, 4.0])
    r = tf.Variable([2.0, 4.0], use_resource=True)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for x in (v, r):
            values = sess.run([np.array([1.0, 1.0], np.float32) + x, 1 - x, x / 2, x ** 2, -x, abs(x), x > 3.0, x[1],
                               2.0 / x, x // 3, x % 3, x * x])
            assert [a.tolist() for a in values] == [
                [3.0, 5.0], [-1.0, -3.0], [1.0, 2.0], [4.0, 16.0], [-2.0, -4.0], [2.0, 4.0], [False, True], 4.0,
                [1.0, 0.5], [0.0, 1.0], [2.0, 1.0], [4.0, 16.0]]


def test_copies_by_description():
    v = tf.Variable([1.0], name="kept", trainable=False)
    r = tf.Variable([1.0], name="handled", use_resource=True)
    for made in (v, r):
        again = tf.Variable.from_proto(made.to_proto())
        assert again.name == made.name
        assert again.op is made.op
        assert again.initializer is made.initializer
        assert again.trainable == made.trainable
        assert type(again) is type(made)
    assert v.to_proto("elsewhere") is None
