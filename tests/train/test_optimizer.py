"""The common part of all optimisers: what is minimised, what is refused, slots, the global step."""

from __future__ import annotations

import signal
import sys

import numpy as np
import pytest

import core as tf

ALL = {
    "sgd": lambda r: tf.train.GradientDescentOptimizer(r), "momentum": lambda r: tf.train.MomentumOptimizer(r, 0.9),
    "adagrad": lambda r: tf.train.AdagradOptimizer(r), "adadelta": lambda r: tf.train.AdadeltaOptimizer(r),
    "adam": lambda r: tf.train.AdamOptimizer(r), "rms": lambda r: tf.train.RMSPropOptimizer(r),
    "ftrl": lambda r: tf.train.FtrlOptimizer(r),
}


def test_nothing_to_minimise():
    with pytest.raises(ValueError, match="No variables to optimize"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))
    v = tf.Variable(1.0)
    with pytest.raises(ValueError, match=r"No gradients provided for any variable.*Variable"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))
    with pytest.raises(ValueError, match="No variables provided"):
        tf.train.GradientDescentOptimizer(0.1).apply_gradients([])
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        tf.train.GradientDescentOptimizer(0.1).apply_gradients([(None, v)])


def test_what_is_not_to_be_minimised():
    v = tf.Variable(1.0)
    made = tf.train.GradientDescentOptimizer(0.1)
    with pytest.raises(ValueError, match="Invalid type .*int32.* for .*expected.*float"):
        made.minimize(tf.constant(1), var_list=[v])
    with pytest.raises(TypeError, match=r"Argument is not a tf.Variable"):
        made.minimize(v * 2.0, var_list=["v"])
    with pytest.raises(ValueError, match="gate_gradients must be one of"):
        made.minimize(v * 2.0, gate_gradients=7)
    with pytest.raises(TypeError, match="Gradient must be"):
        made.apply_gradients([(object(), v)])
    with pytest.raises(ValueError, match="(?i)shape"):
        made.apply_gradients([(tf.ones([3]), tf.Variable([1.0, 2.0]))])
    with pytest.raises(ValueError, match="Must specify the optimizer name"):
        tf.train.GradientDescentOptimizer(0.1, name="")


def test_numbers_out_of_range():
    for make, text in (
        (lambda: tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0), "must be positive"),
        (lambda: tf.train.ProximalAdagradOptimizer(0.1, initial_accumulator_value=-1.0), "must be positive"),
        (lambda: tf.train.AdagradDAOptimizer(0.1, None, initial_gradient_squared_accumulator_value=0.0), "positive"),
        (lambda: tf.train.FtrlOptimizer(0.1, learning_rate_power=1.0), "negative or zero"),
        (lambda: tf.train.FtrlOptimizer(0.1, initial_accumulator_value=-1.0), "positive or zero"),
        (lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0), "l1.*positive or zero"),
        (lambda: tf.train.FtrlOptimizer(0.1, l2_regularization_strength=-1.0), "l2.*positive or zero"),
        (lambda: tf.train.FtrlOptimizer(0.1, l2_shrinkage_regularization_strength=-1.0), "shrinkage.*or zero"),
    ):
        with pytest.raises(ValueError, match=text):
            make()


@pytest.mark.parametrize("name", ALL)
def test_rates_may_be_tensors_placeholders_and_functions(name):
    steps = []
    for rate in (0.5, tf.constant(0.5), tf.placeholder_with_default(0.5, []), lambda: 0.5, np.float32(0.5)):
        v = tf.Variable([1.0, -2.0])
        train = ALL[name](rate).minimize(tf.reduce_sum(v * v), var_list=[v])
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            sess.run(train)
            steps.append(sess.run(v))
    for step in steps[1:]:
        np.testing.assert_allclose(step, steps[0], rtol=1e-6)
    assert not np.allclose(steps[0], [1.0, -2.0])


@pytest.mark.parametrize("use_resource", [False, True])
def test_constraints_follow_the_update(use_resource):
    v = tf.Variable([1.0, 3.0], constraint=lambda x: tf.clip_by_value(x, 0.0, 2.0), use_resource=use_resource)
    train = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(v * tf.constant([3.0, 0.1])))
    with tf.Session() as sess:
        sess.run(v.initializer)
        sess.run(train)
        assert sess.run(v).tolist() == [0.0, 2.0]
    rows = tf.Variable([[1.0], [2.0]], constraint=tf.abs, use_resource=use_resource)
    with pytest.raises(RuntimeError, match="Cannot use a constraint function on a sparse variable"):
        tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(tf.gather(rows, [0])), var_list=[rows])


def test_gates_give_the_same_step():
    for gate in (tf.train.Optimizer.GATE_NONE, tf.train.Optimizer.GATE_OP, tf.train.Optimizer.GATE_GRAPH):
        v, w = tf.Variable(2.0), tf.Variable(3.0)
        train = tf.train.GradientDescentOptimizer(0.5).minimize(v * w, var_list=[v, w], gate_gradients=gate)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            sess.run(train)
            assert sess.run([v, w]) == [0.5, 2.0]


def test_halves_can_be_changed_between():
    v, w = tf.Variable(2.0, name="v"), tf.Variable(3.0, name="w")
    made = tf.train.GradientDescentOptimizer(1.0)
    pairs = made.compute_gradients(v * 4.0, [v, w])
    assert pairs[1] == (None, w)
    step = tf.train.get_or_create_global_step()
    train = made.apply_gradients([(g * 0.25, x) for g, x in pairs if g is not None], global_step=step, name="mine")
    assert train.name == "mine"
    assert train in tf.get_collection(tf.GraphKeys.TRAIN_OP)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(train) is None
        assert sess.run([v, w, step]) == [1.0, 3.0, 1]


def test_loss_by_a_function_and_a_gradient_given():
    v = tf.Variable([1.0, 2.0])
    train = tf.train.GradientDescentOptimizer(1.0).minimize(lambda: v * v, grad_loss=tf.constant([0.5, 0.0]))
    with tf.Session() as sess:
        sess.run(v.initializer)
        sess.run(train)
        assert sess.run(v).tolist() == [0.0, 2.0]


def test_slots():
    v = tf.Variable([1.0], name="v")
    made = tf.train.AdamOptimizer()
    assert made.get_slot_names() == []
    assert made.get_slot(v, "m") is None
    made.minimize(v * v)
    assert made.get_slot_names() == ["m", "v"]
    assert [made.get_slot(v, n).op.name for n in ("m", "v")] == ["v/Adam", "v/Adam_1"]
    assert made.get_slot(v, "nothing") is None
    assert made.get_name() == "Adam"
    assert [x.op.name for x in made.variables()] == ["beta1_power", "beta2_power", "v/Adam", "v/Adam_1"]
    assert v in tf.trainable_variables()
    assert not any(x in tf.trainable_variables() for x in made.variables())


def test_slots_of_parts_know_their_whole():
    whole = tf.get_variable("w", [5, 2], partitioner=tf.fixed_size_partitioner(2))
    made = tf.train.MomentumOptimizer(0.1, 0.9)
    made.minimize(tf.reduce_sum(tf.convert_to_tensor(whole) ** 2))
    first, second = (made.get_slot(part, "momentum")._get_save_slice_info() for part in whole)
    assert (first.full_name, first.spec) == ("w/Momentum", "5 2 0,3:0,2")
    assert (second.full_name, second.spec) == ("w/Momentum", "5 2 3,2:0,2")
    again = tf.Variable.SaveSliceInfo(save_slice_info_def=second.to_proto())
    assert (again.full_name, again.spec) == (second.full_name, second.spec)


def test_slots_of_unknown_shape():
    v = tf.Variable(tf.placeholder_with_default([1.0, 2.0, 3.0], [None]), validate_shape=False)
    train = tf.train.MomentumOptimizer(1.0, 0.5).minimize(tf.reduce_sum(v * v))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(train)
        assert sess.run(v).tolist() == [-1.0, -2.0, -3.0]


def test_training_before_initialisation():
    v = tf.Variable(1.0, name="v")
    train = tf.train.AdamOptimizer().minimize(v * v)
    with tf.Session() as sess, pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value"):
        sess.run(train)


def test_global_steps():
    assert tf.train.get_global_step() is None
    step = tf.train.create_global_step()
    assert (step.name, step.dtype.base_dtype, step.shape.as_list()) == ("global_step:0", tf.int64, [])
    assert tf.train.get_or_create_global_step() is step
    assert tf.train.get_global_step() is step
    assert step not in tf.trainable_variables()
    with pytest.raises(ValueError, match='"global_step" already exists'):
        tf.train.create_global_step()
    with tf.Session() as sess:
        sess.run(step.initializer)
        assert tf.train.global_step(sess, step) == 0
    tf.add_to_collection(tf.GraphKeys.GLOBAL_STEP, step)
    with pytest.raises((ValueError, TypeError), match="Multiple"):
        tf.train.get_global_step()


def test_global_steps_of_another_kind():
    tf.Variable(1.0, name="global_step")
    with pytest.raises(TypeError, match="does not have integer type"):
        tf.train.get_global_step()
    with pytest.raises(TypeError, match="is not scalar"):
        tf.train.assert_global_step(tf.Variable([1, 2]))


class _Interrupt:
    """Sends Ctrl-C after so many Python calls inside the engine."""

    def __init__(self, after):
        self.left = after

    def __call__(self, frame, event, argument):
        if event == "call" and "/core/" in frame.f_code.co_filename:
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("use_resource", [False, True])
def test_an_interrupted_step_is_done_or_not_at_all(use_resource):
    v = tf.Variable(np.ones(50, np.float32), use_resource=use_resource)
    w = tf.Variable(np.ones(70, np.float32), use_resource=use_resource)
    made = tf.train.AdamOptimizer(0.1)
    step = tf.train.get_or_create_global_step()
    train = made.minimize(tf.reduce_sum(v * v) + tf.reduce_sum(w * w), global_step=step)
    cells = [v, w, *made.variables()]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(train)
        before = [np.copy(x) for x in sess.run(cells)]
        sess.run(train)
        after = [np.copy(x) for x in sess.run(cells)]
        interrupted = 0
        for calls in range(1, 60):
            for cell, value in zip(cells, before):
                cell.load(value, sess)
            old = sys.getprofile()
            sys.setprofile(_Interrupt(calls))
            try:
                sess.run(train)
            except KeyboardInterrupt:
                interrupted += 1
            finally:
                sys.setprofile(old)
            now = sess.run(cells)
            changed = [not np.array_equal(a, b) for a, b in zip(now, before)]
            assert all(changed) or not any(changed), f"half a step after {calls} calls: {changed}"
            if all(changed):
                for a, b in zip(now, after):
                    np.testing.assert_allclose(a, b, rtol=1e-6)
        assert interrupted > 3


def test_a_tensor_has_no_place_to_put_an_update() -> None:
    with tf.Graph().as_default(), pytest.raises(NotImplementedError, match="Trying to update a Tensor"):
        tf.train.GradientDescentOptimizer(0.5).apply_gradients([(tf.constant(2.0), tf.constant(3.0))])
