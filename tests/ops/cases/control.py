"""Cases of checks, prints, summaries, Python functions, branches, loops and lists. See tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, rand

EXEMPT = {
    "AudioSummaryV2": "TensorFlow's bytes are compared in tests/summary",
    "HistogramSummary": "TensorFlow's bytes are compared in tests/summary",
    "ImageSummary": "TensorFlow's bytes are compared in tests/summary",
    "MergeSummary": "TensorFlow's bytes are compared in tests/summary",
    "ScalarSummary": "TensorFlow's bytes are compared in tests/summary",
    "TensorSummaryV2": "TensorFlow's bytes are compared in tests/summary",
    "TensorListResize": "nothing public makes it: tests/ops/test_control_flow.py",
    "StatelessIf": "TensorFlow makes it of If in files: tests/ops/test_control_flow.py",
    "StatelessWhile": "TensorFlow makes it of While in files: tests/ops/test_control_flow.py",
    "TapeRead": "only gradients of branches and loops hold it: tests/ops/test_control_flow.py",
    "TapeGradient": "only second gradients of branches and loops hold it: tests/ops/test_control_flow.py",
    "TapeGradientRead": "only second gradients of branches and loops hold it: tests/ops/test_control_flow.py",
    "TapeLength": "only gradients of loops hold it: tests/ops/test_control_flow.py",
}
OURS = {
    "TapeRead": "what one round of a forward branch or loop kept",
    "TapeGradient": "its gradient",
    "TapeGradientRead": "its second gradient",
    "TapeLength": "how many rounds a loop ran",
}
X = rand(3, 4)


def _after(tf, op, value):
    with tf.control_dependencies([op]):
        return tf.identity(value)


def _sum_loop(tf, x):
    """``x`` doubled three times, and a count."""
    return tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2.0), (tf.constant(0), x))


def _list(tf, x):
    array = tf.TensorArray(x.dtype, size=3, infer_shape=False, clear_after_read=False)
    array = array.write(0, x).write(2, x * 2.0).write(1, x + 1.0)
    return [array.read(1), array.stack(), array.gather([2, 0]), array.concat(), array.size()]


CASES = [
    OpCase("NoOp", lambda tf, x: _after(tf, tf.group(tf.no_op(), x), x), [X], expect=lambda np, x: x),
    OpCase("Assert", lambda tf, x: _after(tf, tf.Assert(tf.reduce_all(x < 3.0), [x]), x), [X],
           expect=lambda np, x: x,
           errors=[(lambda tf: _after(tf, tf.Assert(tf.constant(False), ["why", [1, 2, 3, 4]]), tf.constant(1)),
                    "InvalidArgumentError", r"assertion failed: \[why\] \[1 2 3\.\.\.\]")]),
    OpCase("Print", lambda tf, x: tf.Print(x, [x, "text"], message="x: ", first_n=1, summarize=2), [X], grad=(0,),
           expect=lambda np, x: x),
    OpCase("CheckNumerics", lambda tf, x: tf.check_numerics(x, "bad x"), [X], grad=(0,), golden=True,
           dtypes=("float16", "bfloat16", "float32", "float64"), expect=lambda np, x: x,
           errors=[(lambda tf: tf.check_numerics([1.0, float("nan")], "bad x"), "InvalidArgumentError",
                    "bad x : Tensor had NaN"),
                   (lambda tf: tf.check_numerics([float("inf")], "bad x"), "InvalidArgumentError",
                    "bad x : Tensor had Inf")]),
    OpCase("PyFunc", lambda tf, x: tf.py_func(lambda a: (a * 2).astype(a.dtype), [x], tf.float32), [X], static=False,
           expect=lambda np, x: x * 2),
    OpCase("PyFuncStateless",
           lambda tf, x: tf.py_func(lambda a: (a * 2).astype(a.dtype), [x], tf.float32, stateful=False), [X],
           static=False, expect=lambda np, x: x * 2),
    OpCase("If", lambda tf, x: tf.cond(tf.reduce_sum(x) > 100.0, lambda: x * 2.0, lambda: tf.sin(x)), [X], grad=(0,),
           second=True, golden=True, names=False, expect=lambda np, x: np.sin(x)),
    OpCase("Case", lambda tf, x: tf.switch_case(tf.constant(1), [lambda: x, lambda: x * x * x]), [X], grad=(0,),
           second=True, golden=True, names=False, expect=lambda np, x: x ** 3),
    OpCase("While", _sum_loop, [X], grad=(0,), second=True, golden=True, names=False,
           expect=lambda np, x: [np.int32(3), x * 8]),
    OpCase("TensorListSetItem", _list, [X], also=("TensorListReserve", "TensorListGetItem", "TensorListStack",
                                                  "TensorListGather", "TensorListConcatV2", "TensorListLength",
                                                  "TensorListFromTensor", "TensorListSplit",
                                                  "TensorListScatterIntoExistingList"),
           grad=(0,), static=False, golden=True, names=False,
           expect=lambda np, x: [x + 1, np.stack([x, x + 1, 2 * x]), np.stack([2 * x, x]),
                                 np.concatenate([x, x + 1, 2 * x]), np.int32(3)]),
]
