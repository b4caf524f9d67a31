"""Cases of core/ops/nn_activations.py, nn_softmax.py and nn_dropout.py. TensorFlow runs them too: see case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

EXEMPT = {
    "BiasAddV1": "TensorFlow 1.15 has no function for it, only old graph files: tests/ops/test_nn.py",
}

FLOATS = ("float16", "bfloat16", "float32", "float64")
REALS = (*FLOATS, "int8", "int16", "int32", "int64", "uint8", "uint16")
X = rand(3, 4, 5)
FAR = array([[-90.0, -20.0, -1e-3], [0.0, 1e-3, 90.0]])
LOGITS = rand(3, 5, low=-4, high=4)
ROWS = array([[0.1, 0.2, 0.3, 0.4, 0.0], [1, 0, 0, 0, 0], [0.5, 0.0, 0.25, 0.0, 0.25]])


def _nn(name, **more):
    return lambda tf, x: getattr(tf.nn, name)(x, **more)


CASES = [
    OpCase("Relu", _nn("relu"), [X], also=("ReluGrad",), grad=(0,), second=True, golden=True, dtypes=REALS,
           expect=lambda np, x: np.maximum(x, 0),
           errors=[(lambda tf: tf.nn.relu(["a"]), "TypeError", "string|Relu")]),
    OpCase("Relu", _nn("relu"), [array([-1.0, -0.0, 0.0, float("nan")])], label="at zero", golden=True),
    OpCase("Relu6", _nn("relu6"), [rand(3, 4, low=-3, high=9)], also=("Relu6Grad",), grad=(0,), second=True,
           golden=True, dtypes=REALS[:8], expect=lambda np, x: np.clip(x, 0, 6)),
    OpCase("LeakyRelu", _nn("leaky_relu", alpha=0.3), [X], also=("LeakyReluGrad",), grad=(0,), second=True,
           golden=True, dtypes=FLOATS, expect=lambda np, x: np.where(x > 0, x, 0.3 * x)),
    OpCase("LeakyRelu", _nn("leaky_relu"), [ints(2, 3, low=-5, high=5)], label="integers", golden=True),
    OpCase("Maximum", lambda tf, x, a: tf.nn.leaky_relu(x, a), [X, array(0.3)], label="leaky_relu of a tensor's slope",
           grad=(0, 1), expect=lambda np, x, a: np.maximum(x, a * x)),
    OpCase("Elu", _nn("elu"), [X], also=("EluGrad",), grad=(0,), second=True, golden=True, dtypes=FLOATS,
           expect=lambda np, x: np.where(x < 0, np.expm1(x), x)),
    OpCase("Elu", _nn("elu"), [FAR], label="far out", grad=(), golden=True),
    OpCase("Selu", _nn("selu"), [X], also=("SeluGrad",), grad=(0,), second=True, golden=True, dtypes=FLOATS),
    OpCase("Softplus", _nn("softplus"), [X], also=("SoftplusGrad",), grad=(0,), second=True, golden=True,
           dtypes=FLOATS, expect=lambda np, x: np.log1p(np.exp(x))),
    OpCase("Softplus", _nn("softplus"), [FAR], label="far out", golden=True, tol=1e-4),
    OpCase("Softsign", _nn("softsign"), [X], also=("SoftsignGrad",), grad=(0,), second=True, golden=True,
           dtypes=FLOATS, expect=lambda np, x: x / (1 + abs(x))),
    OpCase("ConcatV2", lambda tf, x: [tf.nn.crelu(x), tf.nn.crelu(x, axis=1)], [X], label="crelu", grad=(0,),
           golden=True, unknown="dims",
           expect=lambda np, x: [np.maximum(np.concatenate([x, -x], a), 0) for a in (2, 1)]),
    OpCase("Sigmoid", lambda tf, x: [tf.nn.sigmoid(x), tf.nn.tanh(x)], [X], label="nn", golden=True, grad=(0,)),
    OpCase("Sigmoid", _nn("swish"), [X], label="swish", grad=(0,), second=True,
           expect=lambda np, x: x / (1 + np.exp(-x))),
    OpCase("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b), [X, rand(5)], also=("BiasAddGrad",), grad=(0, 1),
           second=True, golden=True, dtypes=(*FLOATS, "int32", "complex64"), expect=lambda np, x, b: x + b,
           errors=[(lambda tf: tf.nn.bias_add(tf.zeros([2, 3]), tf.zeros([4])), "ValueError", "3 and 4"),
                   (lambda tf: tf.nn.bias_add(tf.zeros([2, 3]), tf.zeros([3, 1])), "ValueError", "rank"),
                   (lambda tf: tf.nn.bias_add(tf.zeros([2, 3]), tf.zeros([3]), data_format="HWC"), "ValueError",
                    "must be of the form")]),
    OpCase("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b, data_format="NCHW"), [rand(2, 3, 4, 5), rand(3)],
           label="channels first", unknown="dims", grad=(0, 1), second=True, golden=True,
           expect=lambda np, x, b: x + b[:, None, None]),
    OpCase("Relu", lambda tf, x, w, b: tf.nn.relu_layer(x, w, b), [rand(3, 4), rand(4, 5), rand(5)],
           label="relu_layer", grad=(0, 1, 2), golden=True,
           expect=lambda np, x, w, b: np.maximum(x @ w + b, 0)),
    OpCase("BiasAdd", lambda tf, x, w, b: tf.nn.xw_plus_b(x, w, b), [rand(3, 4), rand(4, 5), rand(5)],
           label="xw_plus_b", grad=(0, 1, 2), golden=True, expect=lambda np, x, w, b: x @ w + b),

    OpCase("Softmax", lambda tf, x: [tf.nn.softmax(x), tf.nn.softmax(x, axis=1, name="middle")], [X], unknown="dims",
           golden=True, dtypes=FLOATS, expect=lambda np, x: [np.exp(x) / np.exp(x).sum(-1, keepdims=True),
                                 np.exp(x) / np.exp(x).sum(1, keepdims=True)],
           errors=[(lambda tf: tf.nn.softmax(tf.zeros([2, 3]), axis=2), "InvalidArgumentError",
                    r"must be in the range \[-2, 2\)")]),
    OpCase("Softmax", lambda tf, x: x * tf.nn.softmax(x), [X], label="weighted", grad=(0,), second=True, golden=True),
    OpCase("Softmax", _nn("softmax"), [FAR], label="far out", golden=True),
    OpCase("LogSoftmax", lambda tf, x: [tf.nn.log_softmax(x), tf.nn.log_softmax(x, axis=0)], [X], unknown="dims",
           grad=(0,), second=True, golden=True, dtypes=FLOATS),
    OpCase("LogSoftmax", _nn("log_softmax"), [FAR], label="far out", golden=True),
    OpCase("SoftmaxCrossEntropyWithLogits",
           lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x), [LOGITS, ROWS],
           grad=(0, 1), second=True, golden=True, static=False, dtypes=FLOATS,
           expect=lambda np, x, y: -(y * (x - np.log(np.exp(x).sum(1, keepdims=True)))).sum(1),
           errors=[(lambda tf: tf.nn.softmax_cross_entropy_with_logits([[0.0]], [[0.0]]), "ValueError",
                    "Only call `softmax_cross_entropy_with_logits` with named arguments"),
                   (lambda tf: tf.nn.softmax_cross_entropy_with_logits_v2(tf.zeros([2, 3]), tf.zeros([4, 5])),
                    "ValueError", "logits and labels must be")]),
    OpCase("SoftmaxCrossEntropyWithLogits",
           lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x), [LOGITS, ROWS],
           label="labels held", grad=(0,), golden=True),
    OpCase("SoftmaxCrossEntropyWithLogits",
           lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.nn.softmax(y, axis=1), logits=x,
                                                                    axis=1),
           [rand(2, 5, 3), rand(2, 5, 3)], label="another axis", grad=(0, 1), golden=True, unknown="dims"),
    OpCase("SparseSoftmaxCrossEntropyWithLogits",
           lambda tf, x, y: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
           [LOGITS, array([0, 4, 2], "int32")], grad=(0,), second=True, golden=True, dtypes=FLOATS[2:],
           expect=lambda np, x, y: np.log(np.exp(x).sum(1)) - x[np.arange(3), y],
           errors=[(lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[5], logits=[[0.0, 1.0]]),
                    "InvalidArgumentError", r"label value of 5 which is outside the valid range of \[0, 2\)"),
                   (lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 0], logits=[[0.0, 1.0]]),
                    "ValueError", "Shape mismatch|must be equal"),
                   (lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[[1]], logits=[[0.0, 1.0]]),
                    "ValueError", "Rank mismatch|rank"),
                   (lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=1, logits=0.5), "ValueError",
                    "(?i)logits cannot be scalars")]),
    OpCase("SparseSoftmaxCrossEntropyWithLogits",
           lambda tf, x, y: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
           [rand(2, 3, 5), array([[0, 4, 2], [1, 1, 3]], "int64")], label="three dimensions", grad=(0,), golden=True,
           names=False),
    OpCase("Log1p", lambda tf, z, x: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x),
           [rand(3, 4, low=0, high=1), rand(3, 4, low=-5, high=5)], label="sigmoid cross entropy", grad=(0, 1),
           second=True, golden=True, names=False,  # Add became AddV2
           expect=lambda np, z, x: np.maximum(x, 0) - x * z + np.log1p(np.exp(-abs(x))),
           errors=[(lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.zeros([2, 3]),
                                                                       logits=tf.zeros([3, 2])),
                    "ValueError", "must have the same shape")]),
    OpCase("Log1p", lambda tf, z, x: tf.nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=2.5),
           [rand(3, 4, low=0, high=1), rand(3, 4, low=-5, high=5)], label="weighted cross entropy", grad=(0, 1),
           golden=True, names=False),
    OpCase("L2Loss", _nn("l2_loss"), [X], grad=(0,), second=True, golden=True, dtypes=FLOATS,
           expect=lambda np, x: (x * x).sum() / 2),
    OpCase("RandomUniform", lambda tf, x: tf.nn.dropout(x, rate=0.4, seed=7), [X], label="dropout", golden=True,
           names=False, unknown="dims",
           errors=[(lambda tf: tf.nn.dropout([1.0], rate=1.5), "ValueError", r"range \[0, 1\)"),
                   (lambda tf: tf.nn.dropout([1.0], 0.5, rate=0.5), "ValueError", "(?i)cannot specify both|both"),
                   (lambda tf: tf.nn.dropout([1], rate=0.5), "ValueError", "floating point"),
                   (lambda tf: tf.nn.dropout([1.0]), "ValueError", "must provide a rate")]),
    OpCase("RandomUniform", lambda tf, x: tf.nn.dropout(x, keep_prob=0.6, noise_shape=[3, 1, None], seed=7), [X],
           label="dropout noise_shape", golden=True, names=False, unknown="none"),
]
