"""tf.gradients beside TensorFlow, its rules about stops and ends, and what it refuses."""

from __future__ import annotations

import time

import numpy as np
import pytest

import core as tf
from core.graph import REGISTRY, apply_op, define_op
from tests.autodiff.programs_gradients import PROGRAMS
from tests.programs import check


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_tensorflow(name):
    check(tf, "gradients", name, PROGRAMS[name], tol=2e-5)


def test_nodes_stand_under_the_forward_operation():
    x = tf.constant([1.0, 2.0], name="x")
    with tf.name_scope("layer"):
        y = tf.sin(x, name="wave")
    tf.gradients(y, x)
    tf.gradients(y, x, name="again")
    names = [op.name for op in tf.get_default_graph().get_operations()]
    assert any(n.startswith("gradients/layer/wave_grad/") for n in names)
    assert any(n.startswith("again/layer/wave_grad/") for n in names)
    assert {"gradients/Shape", "gradients/grad_ys_0", "gradients/Fill"} <= set(names)


def test_no_gradient_names_the_operation_and_the_line():
    x = tf.constant([1.0, 2.0], name="x")
    define_op("NoRuleForThis", "x:T", "y:T", "T:type", shape=lambda x: x.shape, kernel=lambda xp, x: x.copy())
    try:
        y = apply_op("NoRuleForThis", x, name="strange") * 2.0
        with pytest.raises(LookupError, match=r"(?s)No gradient defined for operation 'strange' \(op type: "
                                              r"NoRuleForThis\).*test_gradients.py.*RegisterGradient"):
            tf.gradients(y, x)
        # Off the path nobody asks.
        z = tf.constant(2.0)
        assert tf.gradients(z * tf.stop_gradient(tf.reduce_sum(y)), z)[0] is not None
    finally:
        del REGISTRY["NoRuleForThis"]


def test_grad_ys_are_checked():
    x = tf.constant([1.0, 2.0])
    y = x * x
    with pytest.raises(ValueError, match="Passed 2 grad_ys for 1 ys"):
        tf.gradients(y, x, grad_ys=[None, None])
    with pytest.raises(ValueError, match=r"grad_ys\[0\] has shape \(3,\), but y .* has shape \(2,\)"):
        tf.gradients(y, x, grad_ys=[tf.ones([3])])
    with pytest.raises(TypeError, match="Gradient type"):
        tf.gradients(y, x, grad_ys=[tf.constant(["a", "b"])])
    with pytest.raises(TypeError, match="complex.*must set grad_ys"):
        tf.gradients(tf.complex(x, x), x)
    with pytest.raises(ValueError, match="Invalid aggregation_method specified 7"):
        tf.gradients(y, x, aggregation_method=7)
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients"):
        tf.gradients(y, x, unconnected_gradients="nonsense")


def test_rules_registered_by_name():
    @tf.RegisterGradient("Tenfold")
    def _tenfold(op, grad):
        return 10.0 * grad

    graph = tf.get_default_graph()
    x = tf.constant(3.0)
    with graph.gradient_override_map({"Square": "Tenfold", "Identity": "Missing"}):
        y = tf.square(x)
        lost = tf.identity(x)
    with tf.Session() as sess:
        assert sess.run(tf.gradients(y, x)) == [10.0]
        assert sess.run(tf.gradients(tf.square(x), x)) == [6.0]
    with pytest.raises(LookupError, match="gradient registry has no entry for: Missing"):
        tf.gradients(lost, x)
    with pytest.raises(KeyError, match="Registering two gradient with name 'Tenfold'"):
        tf.RegisterGradient("Tenfold")(_tenfold)
    with pytest.raises(KeyError, match="Registering two gradient with name 'MatMul'"):
        tf.RegisterGradient("MatMul")(_tenfold)
    with pytest.raises(TypeError, match="must be a string"):
        tf.RegisterGradient(3)
    with pytest.raises(TypeError, match="mapping strings to strings"), graph.gradient_override_map({"a": 3}):
        pass


def test_rules_that_are_wrong():
    @tf.RegisterGradient("TooMany")
    def _too_many(op, grad):
        return grad, grad

    @tf.RegisterGradient("Misshapen")
    def _misshapen(op, grad):
        return tf.ones([5])

    x = tf.constant([1.0, 2.0])
    graph = tf.get_default_graph()
    with graph.gradient_override_map({"Square": "TooMany"}):
        y = tf.square(x)
    with graph.gradient_override_map({"Square": "Misshapen"}):
        z = tf.square(x)
    with pytest.raises(ValueError, match="Num gradients 2 generated for op Square.* do not match num inputs 1"):
        tf.gradients(y, x)
    with pytest.raises(ValueError, match=r"(?s)Incompatible shapes between op input and calculated input gradient.*"
                                         r"Square_1.*\(2,\).*\(5,\)"):
        tf.gradients(z, x)


def test_no_gradient_is_not_missing_gradient():
    x = tf.constant([1.0, 2.0])
    assert tf.gradients(tf.shape(x), x) == [None]
    assert tf.gradients(tf.cast(tf.argmax(x), tf.float32), x) == [None]
    assert tf.gradients(tf.stop_gradient(x), x) == [None]
    assert tf.gradients([], x) == [None]


def test_colocated():
    with tf.device("/cpu:0"):
        x = tf.constant([1.0, 2.0], name="x")
        y = tf.sin(x, name="y")
    grad = tf.gradients(y, x, colocate_gradients_with_ops=True)[0]
    assert grad.op.colocation_groups() == [b"loc:@y"]
    assert grad.op.device == y.op.device
    assert tf.gradients(y, x)[0].op.colocation_groups() != [b"loc:@y"]


def test_gates_do_not_change_the_numbers():
    x = tf.constant([1.0, 2.0])
    y = tf.constant([3.0, 4.0])
    with tf.Session() as sess:
        for gate in (False, True):
            a, b = sess.run(tf.gradients(x * y, [x, y], gate_gradients=gate))
            assert (a.tolist(), b.tolist()) == ([3.0, 4.0], [1.0, 2.0])


def test_ten_thousand_operations_deep():
    x = tf.constant(1.0)
    y = x
    for _ in range(10_000):
        y = y + 1.0
    grad = tf.gradients(y, x)[0]
    with tf.Session() as sess:
        assert sess.run([y, grad]) == [10_001.0, 1.0]


def test_cost_is_linear():
    def seconds(length):
        with tf.Graph().as_default():
            x = y = tf.constant([1.0, 2.0])
            for _ in range(length):
                y = tf.tanh(y) * x
            start = time.perf_counter()
            tf.gradients(y, x)
            return time.perf_counter() - start

    seconds(100)
    small, large = min(seconds(250) for _ in range(3)), min(seconds(2000) for _ in range(2))
    assert large < 8 * small * 3  # quadratic cost would be eight times as much again


def test_the_same_tensor_twice():
    x = tf.constant([1.0, 3.0])
    y = x * x
    with tf.Session() as sess:
        values = sess.run(tf.gradients([y, y], [x, x]))
    assert [v.tolist() for v in values] == [[4.0, 12.0], [4.0, 12.0]]


def test_whole_from_rows_needs_a_shape():
    rows = tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 2]))
    with pytest.raises(ValueError, match="without dense_shape"):
        tf.convert_to_tensor(rows)
    with pytest.raises(ValueError, match="requested dtype float64 for IndexedSlices with dtype float32"):
        tf.convert_to_tensor(tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 2]), tf.constant([4, 3])), tf.float64)


def test_hessians_refuse():
    x = tf.placeholder(tf.float32, [None])
    with pytest.raises(ValueError, match="must be known"):
        tf.hessians(tf.reduce_sum(x ** 3), x)
    with pytest.raises(ValueError, match="do not depend"):
        tf.hessians(tf.constant(1.0), tf.constant([1.0, 2.0]))


def test_custom_gradients_refuse():
    x = tf.constant(1.0)
    with pytest.raises(ValueError, match="keywords arguments only when eager"):
        tf.custom_gradient(lambda x: (x, lambda dy: dy))(x=x)

    @tf.custom_gradient
    def short(x, y):
        return x * y, lambda dy: dy
    with pytest.raises(ValueError, match="gave 1 gradients for 2 arguments"):
        tf.gradients(short(x, x), x)

    @tf.custom_gradient
    def with_reference(x):
        return x * tf.get_variable("r", []), lambda dy, variables: (dy, [dy])
    with pytest.raises(TypeError, match="must be `ResourceVariable`s"):
        with_reference(x)

    @tf.custom_gradient
    def silent(x):
        return x * tf.get_variable("s", [], use_resource=True), lambda dy: dy
    with pytest.raises(TypeError, match="must accept a keyword argument 'variables'"):
        silent(x)

    @tf.custom_gradient
    def without(x):
        return x * 2.0, lambda dy, variables=None: dy
    with pytest.raises(TypeError, match="use_resource=True"):
        without(x)


def test_recomputed_with_variables():
    with tf.variable_scope("v", use_resource=True, reuse=tf.AUTO_REUSE):
        def layer(x):
            return tf.tanh(x * tf.get_variable("w", [3], initializer=tf.constant_initializer([0.1, 0.2, 0.3])))

        x = tf.constant([1.0, 2.0, 3.0])
        plain = layer(x)
        again = tf.recompute_grad(layer)(x)
        w = tf.get_variable("w", [3])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for one, two in zip(sess.run(tf.gradients(plain, [x, w])), sess.run(tf.gradients(again, [x, w]))):
            np.testing.assert_allclose(one, two, rtol=1e-6)
