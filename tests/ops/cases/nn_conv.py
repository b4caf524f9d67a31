"""Cases of core/ops/nn_conv.py and nn_pool.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

BACK = ("Conv2DBackpropInput", "Conv2DBackpropFilter")
X, W = rand(2, 7, 6, 5), rand(3, 2, 5, 4)


def _conv(**more):
    return lambda tf, x, w: tf.nn.conv2d(x, w, **{"strides": [1, 1, 1, 1], "padding": "SAME", **more})


def _pool(name, *args, **more):
    return lambda tf, x: getattr(tf.nn, name)(x, *args, **more)


def _second(name):
    """The gradient's gradient, made by hand: TensorFlow's driver takes it too."""
    def make(tf, x):
        y = getattr(tf.nn, name)(x, [1, 3, 2, 1], [1, 2, 1, 1], "SAME")
        first = tf.gradients(y * y, x)[0]
        return tf.gradients(first * x, x)[0]
    return make


def _zeros(tf, *shape):
    return tf.zeros(list(shape))


CASES = [
    OpCase("Conv2D", _conv(), [X, W], also=BACK, grad=(0, 1), second=True, golden=True,
           dtypes=("float16", "bfloat16", "float32", "float64"),
           errors=[(lambda tf: tf.nn.conv2d(_zeros(tf, 1, 4, 5, 3), _zeros(tf, 2, 2, 7, 1), 1, "SAME"), "ValueError",
                    "3 and 7|channels"),
                   (lambda tf: tf.nn.conv2d(_zeros(tf, 1, 4, 5), _zeros(tf, 2, 2, 5, 1), 1, "SAME"), "ValueError",
                    "rank 4"),
                   (lambda tf: tf.nn.conv2d(_zeros(tf, 1, 4, 5, 3), _zeros(tf, 6, 2, 3, 1), 1, "VALID"), "ValueError",
                    "subtracting 6 from 4"),
                   (lambda tf: tf.nn.conv2d(_zeros(tf, 1, 4, 5, 3), _zeros(tf, 2, 2, 3, 1), [2, 1, 1, 1], "SAME"),
                    "ValueError", "batch and depth"),
                   (lambda tf: tf.nn.conv2d(_zeros(tf, 1, 4, 5, 3), _zeros(tf, 2, 2, 3, 1), 1, "AROUND"),
                    "ValueError", "AROUND")]),
    OpCase("Conv2D", _conv(strides=[1, 2, 3, 1], padding="VALID"), [X, W], label="valid strides", also=BACK,
           grad=(0, 1), second=True, golden=True),
    OpCase("Conv2D", _conv(strides=2), [X, W], label="same strides", grad=(0, 1), golden=True),
    OpCase("Conv2D", _conv(dilations=[1, 2, 3, 1]), [X, W], label="dilations", grad=(0, 1)),
    OpCase("Conv2D", _conv(padding=[[0, 0], [2, 1], [0, 3], [0, 0]], strides=[2, 1]), [X, W], label="explicit",
           also=BACK, grad=(0, 1), second=True, golden=True),
    OpCase("Conv2D", _conv(padding="VALID"), [X, rand(1, 1, 5, 4)], label="one pixel", grad=(0, 1), golden=True),
    OpCase("Conv2D", _conv(data_format="NCHW", strides=[1, 1, 2, 1]), [rand(2, 5, 7, 6), W], label="channels first",
           also=BACK, grad=(0, 1), second=True),
    OpCase("Conv2DBackpropInput",
           lambda tf, w, dy: tf.nn.conv2d_backprop_input([2, 7, 6, 5], w, dy, [1, 2, 2, 1], "SAME"),
           [W, rand(2, 4, 3, 4)], grad=(0, 1), golden=True,
           square=True),
    OpCase("Conv2DBackpropFilter",
           lambda tf, x, dy: tf.nn.conv2d_backprop_filter(x, [3, 2, 5, 4], dy, [1, 2, 2, 1], "SAME"),
           [X, rand(2, 4, 3, 4)], grad=(0, 1), golden=True,
           square=True),
    OpCase("MaxPool", _pool("max_pool", [1, 3, 2, 1], [1, 2, 1, 1], "SAME"), [X], also=("MaxPoolGrad",), grad=(0,),
           second=True, golden=True, dtypes=("float16", "bfloat16", "float32", "float64", "int32", "int64", "int8"),
           errors=[(lambda tf: tf.nn.max_pool(_zeros(tf, 1, 4, 5, 3), 6, 1, "VALID"), "ValueError",
                    "subtracting 6 from 4"),
                   (lambda tf: tf.nn.max_pool(_zeros(tf, 4, 5), 2, 1, "VALID"), "ValueError", "rank 4"),
                   (lambda tf: tf.nn.max_pool(_zeros(tf, 1, 4, 5, 3), [1, 2, 2], 1, "VALID"), "ValueError",
                    "length 1, 2 or 4")]),
    OpCase("MaxPool", _pool("max_pool", 2, 2, "VALID"), [X], label="valid", also=("MaxPoolGrad",),
           grad=(0,), second=True, golden=True),
    OpCase("MaxPool", _pool("max_pool", [2, 3], 1, [[0, 0], [1, 0], [2, 1], [0, 0]]), [X], label="explicit",
           grad=(0,), golden=True),
    OpCase("MaxPool", _pool("max_pool", [1, 1, 3, 2], [1, 1, 2, 1], "SAME", data_format="NCHW"), [rand(2, 3, 7, 6)],
           label="channels first", grad=(0,), second=True),
    OpCase("MaxPool", _pool("max_pool", 2, 1, "SAME"), [array([[[[1.0], [1.0], [0.0]], [[1.0], [1.0], [2.0]]]])],
           label="ties", golden=True),
    OpCase("MaxPoolGradGrad", _second("max_pool"), [X], golden=True, names=False, unknown="dims", static=False),
    OpCase("AvgPool", _pool("avg_pool", [1, 3, 2, 1], [1, 2, 1, 1], "SAME"), [X], also=("AvgPoolGrad",), grad=(0,),
           second=True, golden=True, dtypes=("float16", "bfloat16", "float32", "float64")),
    OpCase("AvgPool", _pool("avg_pool", 2, 2, "VALID"), [X], label="valid", grad=(0,), second=True, golden=True),
    OpCase("AvgPool", _pool("avg_pool", [1, 1, 3, 2], [1, 1, 2, 1], "SAME", data_format="NCHW"), [rand(2, 3, 7, 6)],
           label="channels first", grad=(0,), second=True),
]
