"""Cases of variables' ops: state, scatter updates, reads by index. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

EXEMPT = {
    "Variable": "the old name of VariableV2, which only files have",
    "DestroyResourceOp": "only raw graphs hold it: tests/variables/test_state_ops.py",
    "IsVariableInitialized": "tests/variables/test_state_ops.py",
    "VarIsInitializedOp": "tests/variables/test_state_ops.py",
    "VariableShape": "tests/variables/test_state_ops.py",
    "ResourceScatterNdMin": "TensorFlow 1.15 has no function for it: tests/variables/test_state_ops.py",
    "ResourceScatterNdMax": "TensorFlow 1.15 has no function for it: tests/variables/test_state_ops.py",
    "ScatterNdMin": "TensorFlow 1.15 has no function for it: tests/variables/test_state_ops.py",
    "ScatterNdMax": "TensorFlow 1.15 has no function for it: tests/variables/test_state_ops.py",
}

START = [[1.0, -2.0, 3.0], [4.0, 5.0, -6.0], [7.0, 8.0, 9.0], [0.5, 0.25, 2.0]]


def after_start(tf, use_resource, change, start=START):
    """What `change(variable)` gives, after the variable's start."""
    v = tf.Variable(start, use_resource=use_resource, name="v")
    with tf.control_dependencies([v.initializer]):
        return tf.identity(change(v))


def _scatter(name):
    return lambda tf, use_resource, i, x: after_start(tf, use_resource, lambda v: getattr(tf, name)(v, i, x))


def _cases():
    cases = []
    rows = array([2, 0, 2, 3, 2], "int32")
    for name in ("update", "add", "sub", "mul", "div", "min", "max"):
        for prefix, resource in (("", False), ("Resource", True)):
            make = _scatter("scatter_" + name)
            # Which of two writes to one row wins is open in TensorFlow: no index comes twice in updates.
            indices = array([2, 0], "int64") if name == "update" else rows
            cases.append(OpCase(f"{prefix}Scatter{name.title()}", lambda tf, i, x, r=resource, m=make: m(tf, r, i, x),
                                [indices, rand(len(indices), 3, low=0.5)], unknown="dims", golden=True))
    coordinates = array([[2, 0], [0, 1], [2, 0], [3, 2], [1, 1]], "int32")
    for name in ("update", "add", "sub"):
        for prefix, resource in (("", False), ("Resource", True)):
            make = _scatter("scatter_nd_" + name)
            indices = coordinates[1:] if name == "update" else coordinates
            cases.append(OpCase(f"{prefix}ScatterNd{name.title()}",
                                lambda tf, i, x, r=resource, m=make: m(tf, r, i, x),
                                [indices, rand(len(indices))], unknown="dims", golden=True))
    return cases


CASES = [
    *_cases(),
    OpCase("ScatterNdUpdate", lambda tf, i, x: after_start(tf, False, lambda v: tf.batch_scatter_update(v, i, x)),
           [array([[2, 1], [0, 1], [1, 0], [2, 0]], "int32"), rand(4, 2)], label="batch", unknown="none", golden=True,
           names=False),  # TensorFlow 2.21 names the shape constant of ones_like otherwise
    OpCase("ScatterAdd", lambda tf, x: after_start(tf, False, lambda v: tf.scatter_add(v, 2, x)), [rand(3)],
           label="scalar index", golden=True,
           errors=[(lambda tf: tf.scatter_add(tf.Variable(START), [1], [[1.0, 2.0]]), "ValueError", "3.*2|2.*3"),
                   (lambda tf: after_start(tf, False, lambda v: tf.scatter_add(v, [4], [[1.0, 2.0, 3.0]])),
                    "InvalidArgumentError", r"4"),
                   (lambda tf: tf.scatter_add(tf.Variable(1.0), [0], [1.0]), "ValueError", "rank"),
                   (lambda tf: tf.scatter_add(tf.constant(START), [0], [[1.0, 2.0, 3.0]]), "TypeError", "mutable")]),
    OpCase("ScatterUpdate", lambda tf, x: after_start(tf, False, lambda v: tf.scatter_update(v, [3, 1], x)), [rand()],
           label="scalar update", golden=True),
    OpCase("ResourceGather", lambda tf, i: after_start(tf, True, lambda v: tf.gather(v, i)), [ints(5, high=4)],
           unknown="dims", golden=True, names=False,  # 1.15 puts an Identity behind it, 2.21 does not
           errors=[(lambda tf: after_start(tf, True, lambda v: tf.gather(v, [7])), "InvalidArgumentError", "7")]),
    OpCase("ResourceGatherNd", lambda tf, i: after_start(tf, True, lambda v: tf.gather_nd(v, i)),
           [array([[2, 0], [0, 1], [3, 2]], "int32")], unknown="dims", golden=True),
    OpCase("CountUpTo", lambda tf: after_start(tf, False, lambda v: tf.count_up_to(v, 9), 7), golden=True,
           errors=[(lambda tf: after_start(tf, False, lambda v: tf.count_up_to(v, 7), 7), "OutOfRangeError",
                    "limit.*7")]),
    OpCase("ResourceCountUpTo", lambda tf: after_start(tf, True, lambda v: tf.count_up_to(v, 9), 7), golden=True,
           ),
    OpCase("AssignAdd", lambda tf, x: after_start(tf, False, lambda v: tf.assign_add(v, x)), [rand(4, 3)],
           also=("VariableV2", "Assign"), golden=True,
           errors=[(lambda tf: tf.assign_add(tf.Variable(START), [1.0, 2.0]), "ValueError", "(?s)2.*4|4.*2|rank")]),
    OpCase("AssignSub", lambda tf, x: after_start(tf, False, lambda v: tf.assign_sub(v, x)), [rand(4, 3)], golden=True),
    OpCase("Assign", lambda tf, x: after_start(tf, False, lambda v: tf.assign(v, x, validate_shape=False)),
           [rand(2, 5)], golden=True,
           errors=[(lambda tf: tf.assign(tf.Variable(START), [1.0, 2.0]), "ValueError", "(?s)2.*4|4.*2|rank"),
                   (lambda tf: tf.assign(tf.Variable([1, 2]), [1.5, 2.5]), "TypeError", "int32")]),
    OpCase("AssignVariableOp", lambda tf, x: after_start(tf, True, lambda v: v.assign(x)), [rand(4, 3)],
           also=("VarHandleOp", "ReadVariableOp"), golden=True,
           errors=[(lambda tf: tf.Variable(START, use_resource=True).assign([1.0, 2.0]), "ValueError",
                    "(?s)2.*4|4.*2")]),
    OpCase("AssignAddVariableOp", lambda tf, x: after_start(tf, True, lambda v: tf.assign_add(v, x)), [rand(4, 3)],
           golden=True),
    OpCase("AssignSubVariableOp", lambda tf, x: after_start(tf, True, lambda v: tf.assign_sub(v, x)), [rand(4, 3)],
           golden=True),
]
