"""Schedules of the learning rate over some steps, and moving averages."""

from __future__ import annotations

from tests.programs import Play

STEPS = [0, 1, 5, 10, 11, 15, 20, 23, 30, 47]

SCHEDULES = {
    "exponential": lambda t, s: t.exponential_decay(0.5, s, 10, 0.7),
    "exponential_staircase": lambda t, s: t.exponential_decay(0.5, s, 10, 0.7, staircase=True, name="rate"),
    "natural_exp": lambda t, s: t.natural_exp_decay(0.5, s, 10, 0.7),
    "natural_exp_staircase": lambda t, s: t.natural_exp_decay(0.5, s, 10, 0.7, staircase=True),
    "inverse_time": lambda t, s: t.inverse_time_decay(0.5, s, 10, 0.7),
    "inverse_time_staircase": lambda t, s: t.inverse_time_decay(0.5, s, 10, 0.7, staircase=True),
    "cosine": lambda t, s: t.cosine_decay(0.5, s, 20, alpha=0.1),
    "linear_cosine": lambda t, s: t.linear_cosine_decay(0.5, s, 20, num_periods=1.5, alpha=0.1, beta=0.02),
}
# TensorFlow makes branches for these (2.21: a cast): the numbers are compared, not the nodes.
BRANCHED = {
    "polynomial": lambda t, s: t.polynomial_decay(0.5, s, 20, 0.03, power=0.7),
    "piecewise": lambda t, s: t.piecewise_constant(s, [5, 15, 23], [1.0, 0.5, 0.25, 0.125]),
    "polynomial_cycle": lambda t, s: t.polynomial_decay(0.5, s, 20, 0.03, power=0.7, cycle=True),
    "restarts": lambda t, s: t.cosine_decay_restarts(0.5, s, 7),
    "restarts_equal": lambda t, s: t.cosine_decay_restarts(0.5, s, 7, t_mul=1.0, m_mul=0.8, alpha=0.1),
}


def _schedule(make, nodes):
    def program(tf, np):
        step = tf.placeholder(tf.int64, [], name="step")
        rate = make(tf.train, step)
        return Play({"rate": rate}, steps=len(STEPS), feeds=[{step: at} for at in STEPS], nodes=nodes)
    return program


def _with_variable(tf, np):
    step = tf.Variable(3, trainable=False, name="global_step")
    rate = tf.train.exponential_decay(tf.constant(0.5, tf.float64), step, 10, 0.7)
    return Play({"rate": rate}, step.assign_add(4), 3)


def _noisy(tf, np):
    rate = tf.train.noisy_linear_cosine_decay(0.5, tf.constant(3), 20, initial_variance=0.5)
    return Play({}, strings={"name": rate.name})


def _average(tf, np, **options):
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(np.array([[3.0], [4.0]]), name="w", use_resource=True)
    updates = options.pop("updates", None)
    count = tf.Variable(0, name="count", trainable=False) if updates else None
    change = [tf.assign_add(v, [1.0, -3.0]), w.assign_sub([[1.0], [0.5]]).op]
    if count is not None:
        change.append(tf.assign_add(count, 1))
    ema = tf.train.ExponentialMovingAverage(0.9, num_updates=count, **options)
    with tf.control_dependencies(change):
        keep = ema.apply([v, w])
    return Play({"v": ema.average(v), "w": ema.average(w)}, keep, 4, strings={
        "name": ema.average_name(v), "restore": sorted(ema.variables_to_restore()),
        "averaged": [x.name for x in tf.moving_average_variables()]},
        nodes=("ExponentialMovingAverage", "mine"))  # the slots' initialisers hold a branch, see above


def _average_of_tensors(tf, np, zero_debias):
    step = tf.Variable(1.0, name="step")
    t = tf.identity(step * 2.0, name="t")
    ema = tf.train.ExponentialMovingAverage(0.8, zero_debias=zero_debias)
    keep = ema.apply([t])
    with tf.control_dependencies([keep]):
        after = tf.assign_add(step, 1.0)
    return Play({"t": ema.average(t)}, after, 5, nodes="none" if zero_debias else "forward",
                strings={"variables": [v.op.name for v in tf.global_variables()]})


PROGRAMS = {
    **{name: _schedule(make, "all") for name, make in SCHEDULES.items()},
    **{name: _schedule(make, "none") for name, make in BRANCHED.items()},
    "with_variable": _with_variable,
    "noisy": _noisy,
    "average": lambda tf, np: _average(tf, np),
    "average_updates": lambda tf, np: _average(tf, np, updates=True, name="mine"),
    "average_tensor": lambda tf, np: _average_of_tensors(tf, np, False),
    "average_tensor_debiased": lambda tf, np: _average_of_tensors(tf, np, True),
}
