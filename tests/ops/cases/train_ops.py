"""Cases of the optimisers' update ops, each as TensorFlow runs it: dense and sparse, reference and resource."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

# op, its variables, its other arguments (dense), the same (sparse), attributes, kinds
ROWS = [
    ("GradientDescent", "var", "alpha delta", None, {}, "both"),
    ("Momentum", "var accum", "lr grad momentum", "lr grad indices momentum", {"use_nesterov": True}, "both"),
    ("KerasMomentum", "var accum", "lr grad momentum", "lr grad indices momentum", {"use_nesterov": True}, "resource"),
    ("Adagrad", "var accum", "lr grad", "lr grad indices", {}, "both"),
    ("AdagradV2", "var accum", "lr epsilon grad", "lr epsilon grad indices", {}, "both"),
    ("AdagradDA", "var gradient_accumulator gradient_squared_accumulator", "grad lr l1 l2 global_step",
     "grad indices lr l1 l2 global_step", {}, "both"),
    ("Adadelta", "var accum accum_update", "lr rho epsilon grad", "lr rho epsilon grad indices", {}, "both"),
    ("RMSProp", "var ms mom", "lr rho momentum epsilon grad", "lr rho momentum epsilon grad indices", {}, "both"),
    ("CenteredRMSProp", "var mg ms mom", "lr rho momentum epsilon grad", "lr rho momentum epsilon grad indices", {},
     "both"),
    ("Adam", "var m v", "beta1_power beta2_power lr beta1 beta2 epsilon grad", None, {"use_nesterov": True}, "both"),
    ("AdamWithAmsgrad", "var m v vhat", "beta1_power beta2_power lr beta1 beta2 epsilon grad", None, {}, "resource"),
    ("AdaMax", "var m v", "beta1_power lr beta1 beta2 epsilon grad", None, {}, "both"),
    ("Ftrl", "var accum linear", "grad lr l1 l2 lr_power", "grad indices lr l1 l2 lr_power",
     {"multiply_linear_by_lr": True}, "both"),
    ("FtrlV2", "var accum linear", "grad lr l1 l2 l2_shrinkage lr_power",
     "grad indices lr l1 l2 l2_shrinkage lr_power", {}, "both"),
    ("ProximalGradientDescent", "var", "alpha l1 l2 delta", "alpha l1 l2 grad indices", {}, "both"),
    ("ProximalAdagrad", "var accum", "lr l1 l2 grad", "lr l1 l2 grad indices", {}, "both"),
    ("AddSign", "var m", "lr alpha sign_decay beta grad", None, {}, "both"),
    ("PowerSign", "var m", "lr logbase sign_decay beta grad", None, {}, "both"),
]
NUMBERS = {
    "alpha": 0.3, "lr": 0.2, "momentum": 0.7, "epsilon": 0.01, "l1": 0.05, "l2": 0.07, "l2_shrinkage": 0.03,
    "lr_power": -0.5, "rho": 0.8, "beta1_power": 0.81, "beta2_power": 0.98, "beta1": 0.9, "beta2": 0.99, "beta": 0.6,
    "sign_decay": 0.9, "logbase": 0.5,
}
START = {"var": [[1.0, -2.0], [0.5, 0.01], [-0.3, 2.0]], "m": [[0.2, -0.1], [0.3, 0.0], [-0.5, 0.4]],
         "mom": [[0.2, -0.1], [0.3, 0.0], [-0.5, 0.4]], "linear": [[0.2, -0.1], [0.3, 0.0], [-0.5, 0.4]],
         "mg": [[0.1, -0.1], [0.2, 0.0], [-0.1, 0.1]], "gradient_accumulator": [[0.2, -0.1], [0.3, 0.0], [-0.5, 0.4]]}
SQUARES = [[0.4, 0.5], [0.6, 0.7], [0.8, 0.9]]  # accumulators of squares are positive


def _updated(tf, op, cells, names, attrs, use_resource, grad, indices):
    dtype = grad.dtype
    made = [tf.Variable(tf.constant(START.get(c, SQUARES), dtype), use_resource=use_resource) for c in cells.split()]
    given = {c: v.handle if use_resource else v._ref() for c, v in zip(cells.split(), made)}
    for name in names.split():
        if name in ("grad", "delta"):
            given[name] = grad
        elif name == "indices":
            given[name] = indices
        elif name == "global_step":
            given[name] = tf.constant(3, tf.int64)
        else:
            given[name] = tf.constant(NUMBERS[name], dtype)
    with tf.control_dependencies([v.initializer for v in made]):
        done = getattr(tf.raw_ops, op)(use_locking=False, **given, **attrs)
    with tf.control_dependencies([done if use_resource else done.op]):
        return [v.read_value() for v in made]


def _case(op, cells, names, attrs, use_resource, sparse):
    if sparse:
        def make(tf, grad, indices):
            return _updated(tf, op, cells, names, attrs, use_resource, grad, indices)
        return OpCase(op, make, [rand(4, 2), array([2, 0, 2, 1], "int64")], golden=True, names=False, unknown="none",
                      dtypes=("float64",), label="sparse")

    def make(tf, grad):
        return _updated(tf, op, cells, names, attrs, use_resource, grad, None)
    return OpCase(op, make, [rand(3, 2)], golden=True, names=False, unknown="none", dtypes=("float64",))


CASES = [
    _case(f"{'Resource' if use_resource else ''}{'Sparse' if names is sparse else ''}Apply{name}", cells, names, attrs,
          use_resource, names is sparse)
    for name, cells, dense, sparse, attrs, kinds in ROWS for names in (dense, sparse) if names is not None
    for use_resource in ((True,) if kinds == "resource" else (False, True))
]
