"""Every optimiser over ten steps: dense and sparse gradients, reference and resource variables, two float types."""

from __future__ import annotations

from tests.programs import Play

OPTIMIZERS = {
    "gradient_descent": lambda tf, step: tf.train.GradientDescentOptimizer(0.1),
    "momentum": lambda tf, step: tf.train.MomentumOptimizer(0.05, 0.8),
    "nesterov": lambda tf, step: tf.train.MomentumOptimizer(0.05, 0.8, use_nesterov=True),
    "adagrad": lambda tf, step: tf.train.AdagradOptimizer(0.3),
    "adagrad_da": lambda tf, step: tf.train.AdagradDAOptimizer(0.3, step, l1_regularization_strength=0.02,
                                                               l2_regularization_strength=0.03),
    "adadelta": lambda tf, step: tf.train.AdadeltaOptimizer(1.5, 0.9, 1e-4),
    "rms_prop": lambda tf, step: tf.train.RMSPropOptimizer(0.02, 0.8, 0.3, 1e-3),
    "rms_prop_centered": lambda tf, step: tf.train.RMSPropOptimizer(0.02, 0.8, 0.3, 1e-3, centered=True),
    "adam": lambda tf, step: tf.train.AdamOptimizer(0.1),
    "ftrl": lambda tf, step: tf.train.FtrlOptimizer(0.3, l1_regularization_strength=0.02,
                                                    l2_regularization_strength=0.03),
    "ftrl_shrinkage": lambda tf, step: tf.train.FtrlOptimizer(
        0.3, learning_rate_power=-0.6, l1_regularization_strength=0.02, l2_regularization_strength=0.03,
        l2_shrinkage_regularization_strength=0.05, initial_accumulator_value=0.2),
    "proximal_gradient_descent": lambda tf, step: tf.train.ProximalGradientDescentOptimizer(
        0.1, l1_regularization_strength=0.02, l2_regularization_strength=0.03),
    "proximal_adagrad": lambda tf, step: tf.train.ProximalAdagradOptimizer(
        0.3, l1_regularization_strength=0.02, l2_regularization_strength=0.03),
}


def _dense(tf, np, optimizer, use_resource, dtype):
    random = np.random.RandomState(3)
    x = tf.constant(random.randn(5, 3).astype(dtype))
    y = tf.constant(random.randn(5, 2).astype(dtype))
    w = tf.Variable(random.randn(3, 2).astype(dtype), name="w", use_resource=use_resource)
    b = tf.Variable(np.zeros(2, dtype), name="b", use_resource=use_resource)
    step = tf.Variable(0, name="global_step", trainable=False, use_resource=use_resource, dtype=tf.int64)
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y), name="loss")
    made = optimizer(tf, step)
    train = made.minimize(loss, global_step=step)
    slots = {f"{s}_{v.op.name}": made.get_slot(v, s) for s in made.get_slot_names() for v in (w, b)}
    return Play({"w": w, "b": b, "loss": loss, "step": step, **slots}, train, 10, strings={
        "train": train.name, "variables": [v.name for v in tf.global_variables()],
        "slots": made.get_slot_names(), "of_optimizer": [v.name for v in made.variables()]})


def _sparse(tf, np, optimizer, use_resource, dtype):
    random = np.random.RandomState(4)
    ids = tf.constant([1, 4, 1, 0, 4, 4, 1], name="ids")
    wanted = tf.constant(random.randn(7, 3).astype(dtype))
    table = tf.Variable(random.randn(6, 3).astype(dtype), name="table", use_resource=use_resource)
    step = tf.Variable(0, name="global_step", trainable=False, use_resource=use_resource, dtype=tf.int64)
    loss = tf.reduce_mean(tf.square(tf.gather(table, ids, name="rows") - wanted), name="loss")
    made = optimizer(tf, step)
    train = made.minimize(loss, global_step=step)
    slots = {s: made.get_slot(table, s) for s in made.get_slot_names()}
    # TensorFlow 2 reads rows of resource variables without the Identity that 1.15 puts behind.
    return Play({"table": table, "loss": loss, **slots}, train, 10,
                nodes=("table", "beta", "global_step", made.get_name()))


def _values_only(program):
    def play(tf, np):
        played = program(tf, np)
        played.nodes = "none"
        return played
    return play


def _newer(name):
    """Nodes that TensorFlow 2.21 makes otherwise than 1.15: its FTRL has a beta, its learning rate is a tensor."""
    return name.startswith("ftrl") or name.startswith("gradient_descent-sparse-resource")


def _program(build, optimizer, use_resource, dtype):
    return lambda tf, np: build(tf, np, optimizer, use_resource, dtype)


PROGRAMS = {
    f"{name}-{kind}-{'resource' if use_resource else 'ref'}-{dtype}": _program(build, made, use_resource, dtype)
    for name, made in OPTIMIZERS.items() for kind, build in (("dense", _dense), ("sparse", _sparse))
    for use_resource in (False, True) for dtype in ("float32", "float64")
    # TensorFlow's proximal optimisers take float32 only, but for one path.
    if not (name.startswith("proximal") and dtype == "float64")}
PROGRAMS = {name: _values_only(program) if _newer(name) else program for name, program in PROGRAMS.items()}
