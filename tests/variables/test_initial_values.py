"""First values: initialisers beside TensorFlow, variables that start from others, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from tests.programs import check
from tests.variables.programs_initializers import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_tensorflow(name):
    check(tf, "initializers", name, PROGRAMS[name], tol=2e-6)


@pytest.mark.parametrize("use_resource", [False, True])
def test_one_run_initialises_whatever_the_order(use_resource):
    a = tf.Variable(tf.random_uniform([3]), name="a", use_resource=use_resource)
    b = tf.Variable(a + 1.0, name="b", use_resource=use_resource)
    c = tf.Variable(a * b, name="c", use_resource=use_resource)
    with tf.Session() as sess:
        sess.run(tf.group(c.initializer, b.initializer, a.initializer))
        x, y, z = sess.run([a, b, c])
        np.testing.assert_allclose(y, x + 1.0, rtol=1e-6)
        np.testing.assert_allclose(z, x * y, rtol=1e-6)


@pytest.mark.parametrize("use_resource", [False, True])
def test_variables_start_from_others_in_every_way(use_resource):
    def variable(value, name):
        return tf.Variable(value, name=name, use_resource=use_resource)

    a = variable(tf.random_uniform([2], 1.0, 2.0), "a")
    b = variable(a.initialized_value() * 2.0, "b")
    c = variable(b.initialized_value() + a.initialized_value(), "c")
    d = variable(c.read_value() * 10.0, "d")
    e = variable(tf.concat([a, b, tf.reshape(d, [2])], 0), "e")
    f = variable(a, "f")
    g = variable(lambda: b + 1.0, "g")
    h = variable(e.value()[:2] + f[0], "h")
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        av, bv, cv, dv, ev, fv, gv, hv = sess.run([a, b, c, d, e, f, g, h])
    np.testing.assert_array_equal(bv, av * 2)
    np.testing.assert_array_equal(cv, av + bv)
    np.testing.assert_array_equal(dv, cv * 10)
    np.testing.assert_array_equal(ev, np.concatenate([av, bv, dv]))
    np.testing.assert_array_equal(fv, av)
    np.testing.assert_array_equal(gv, bv + 1)
    np.testing.assert_array_equal(hv, ev[:2] + fv[0])


@pytest.mark.parametrize("use_resource", [False, True])
def test_initialised_value_is_the_value_once_there_is_one(use_resource):
    a = tf.Variable(5.0, use_resource=use_resource)
    first = a.initialized_value()
    with tf.Session() as sess:
        assert sess.run(first) == 5.0
        sess.run(a.initializer)
        a.load(7.0, sess)
        assert sess.run(first) == 7.0
        assert sess.run([first, a.assign_add(1.0)])[1] == 8.0


def test_use_before_initialisation_names_the_variable_and_the_cure():
    v = tf.Variable(1.0, name="weights")
    r = tf.Variable(1.0, name="handled", use_resource=True)
    with tf.Session() as sess:
        for use, name in ((v, "weights"), (v + 1.0, "weights"), (tf.assign_add(v, 1.0), "weights"), (r, "handled"),
                          (r.assign_sub(1.0), "handled"), (tf.scatter_add(tf.Variable([1.0]), [0], [1.0]), "Variable"),
                          (tf.gather(tf.Variable([1.0], use_resource=True), [0]), "Variable_1")):
            with pytest.raises(tf.errors.FailedPreconditionError,
                               match=f"uninitialized value {name}[.] .*global_variables_initializer"):
                sess.run(use)


def test_what_a_variable_needs():
    with pytest.raises(ValueError, match="initial_value must be specified"):
        tf.Variable()
    with pytest.raises(ValueError, match="must have a shape specified"):
        tf.Variable(tf.placeholder(tf.float32, [None, 2]))
    with pytest.raises(ValueError, match="must be a callable"):
        tf.Variable(1.0, constraint=3)
    with pytest.raises(ValueError, match="collections argument to Variable constructor must be a list"):
        tf.Variable(1.0, collections="mine")
    with pytest.raises(ValueError, match="must be a scalar boolean|dtype|float32"):
        tf.Variable(tf.constant(1.0), dtype=tf.int32)
    free = tf.Variable(tf.placeholder_with_default([[1.0]], [None, None]), validate_shape=False)
    assert free.shape.ndims is None
    with tf.Session() as sess:
        sess.run(free.initializer)
        assert sess.run(tf.assign(free, [1.0, 2.0, 3.0], validate_shape=False)).tolist() == [1.0, 2.0, 3.0]


def test_operations_without_a_seed_take_the_number_of_operations_as_theirs():
    tf.set_random_seed(12)
    tf.random_normal([2])
    tf.random_uniform([3], -1.0, 2.0)
    tf.get_variable("v", [2, 3])
    drawn = [op.get_attr("seed2") for op in tf.get_default_graph().get_operations() if op.type.startswith("Random")]
    assert drawn == [3, 9, 16]


def test_initialisers_refuse():
    with pytest.raises(ValueError, match="scale"):
        tf.variance_scaling_initializer(scale=-1.0)
    with pytest.raises(ValueError, match="mode"):
        tf.variance_scaling_initializer(mode="fan")
    with pytest.raises(ValueError, match="distribution"):
        tf.variance_scaling_initializer(distribution="bell")
    with pytest.raises(ValueError, match="at least two-dimensional"):
        tf.orthogonal_initializer()([3])
    with pytest.raises(ValueError, match="2D matrices"):
        tf.initializers.identity()([3, 3, 3])
    with pytest.raises(TypeError, match="Invalid type for initial value"):
        tf.constant_initializer(object())
    with pytest.raises(ValueError, match="non-floating|floating"):
        tf.random_normal_initializer(dtype=tf.int32)


def test_config_makes_an_equal_initialiser():
    for made in (tf.constant_initializer(2.0), tf.random_normal_initializer(1.0, 2.0, seed=3),
                 tf.glorot_uniform_initializer(seed=4), tf.variance_scaling_initializer(2.0, seed=5),
                 tf.orthogonal_initializer(2.0, seed=6), tf.zeros_initializer(tf.float64)):
        again = type(made).from_config(made.get_config())
        assert again.get_config() == made.get_config()


def test_orthogonal_is_orthogonal():
    with tf.Session() as sess:
        for shape in ([5, 3], [3, 5], [2, 4, 3]):
            value = sess.run(tf.orthogonal_initializer()(shape)).reshape(-1, shape[-1])
            small = value @ value.T if value.shape[0] < value.shape[1] else value.T @ value
            np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-5)
