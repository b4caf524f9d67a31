"""Cases of core/ops/nn_norm.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

X, S, O = rand(2, 3, 4, 5), rand(5, low=0.5), rand(5)  # noqa: E741
M, V = rand(5), rand(5, low=0.3, high=2.0)
FIRST = rand(2, 5, 3, 4)


def _fused(**more):
    return lambda tf, x, s, o: tf.nn.fused_batch_norm(x, s, o, **more)


def _known(**more):
    return lambda tf, x, s, o, m, v: tf.nn.fused_batch_norm(x, s, o, m, v, is_training=False, **more)[0]


def _weighted(**more):
    """Results times other numbers: the sum of normalised values has a gradient of zero only."""
    def make(tf, x, s, o):
        y = tf.nn.fused_batch_norm(x, s, o, **more)[0]
        return y * 1.5 * x
    return make


def _second(form):
    def make(tf, x, s, o):
        y = tf.nn.fused_batch_norm(x, s, o, data_format=form)[0]
        first = tf.gradients(y * y * x, [x, s, o])
        return tf.gradients([first[0] * x, first[1] * s, first[2] * o], [x, s, o])
    return make


def _second_known(tf, x, s, o, m, v):
    y = tf.nn.fused_batch_norm(x, s, o, m, v, is_training=False)[0]
    first = tf.gradients(y * y * x, [x, s, o])
    return tf.gradients([first[0] * x, first[1] * s, first[2] * o], [x, s, o])


CASES = [
    OpCase("FusedBatchNormV3", _fused(), [X, S, O], golden=True, unknown="dims",
           errors=[(lambda tf: tf.nn.fused_batch_norm(tf.zeros([1, 2, 3, 4]), tf.ones([5]), tf.ones([5])),
                    "ValueError", "4 and 5|4.*5"),
                   (lambda tf: tf.nn.fused_batch_norm(tf.zeros([2, 3, 4]), tf.ones([4]), tf.ones([4])),
                    "ValueError", "rank 4"),
                   (lambda tf: tf.nn.fused_batch_norm(tf.zeros([1, 2, 3, 4]), tf.ones([4]), tf.ones([4]),
                                                      mean=tf.ones([4]), variance=tf.ones([4])),
                    "ValueError", "must be None if is_training is True")]),
    OpCase("FusedBatchNormV3", _weighted(epsilon=0.01), [X, S, O], label="weighted", also=("FusedBatchNormGradV3",),
           grad=(0, 1, 2), grad_dtype="float32", golden=True, unknown="dims"),
    OpCase("FusedBatchNormV3", _known(), [X, S, O, M, V], label="known statistics", also=("FusedBatchNormGradV3",),
           grad=(0, 1, 2), grad_dtype="float32", golden=True, unknown="dims"),
    OpCase("FusedBatchNormGradV3", _second("NHWC"), [X, S, O], golden=True, names=False, unknown="none", tol=2e-3),
    OpCase("FusedBatchNormGradV3", _second_known, [X, S, O, M, V], label="known statistics", golden=True, names=False,
           unknown="none", tol=1e-4),
    OpCase("FusedBatchNormV3", lambda tf, x, s, o: tf.nn.fused_batch_norm(x, s, o, data_format="NCHW")[0] * x,
           [FIRST, S, O], label="channels first", grad=(0, 1, 2), grad_dtype="float32", unknown="dims",
           expect=lambda np, x, s, o: x * ((x - x.mean((0, 2, 3), keepdims=True))
                                           / np.sqrt(x.var((0, 2, 3), keepdims=True) + 1e-3)
                                           * s[:, None, None] + o[:, None, None])),
    OpCase("Mean", lambda tf, x: [tf.nn.moments(x, [0, 2]), tf.nn.moments(x, [1], keep_dims=True)], [rand(3, 4, 5)],
           label="moments", grad=(0,), golden=True, unknown="dims",
           expect=lambda np, x: [x.mean((0, 2)), x.var((0, 2)), x.mean(1, keepdims=True), x.var(1, keepdims=True)]),
    OpCase("Mean", lambda tf, x: tf.nn.moments(x, [0]), [rand(3, 4, dtype="float16")], label="moments of halves",
           golden=True),
    OpCase("Reciprocal", lambda tf, x, w: [tf.nn.weighted_moments(x, [0], w),
                                           tf.nn.weighted_moments(x, [0, 1], w, keep_dims=True)],
           [rand(3, 4), rand(3, 1, low=0.5)], label="weighted moments", grad=(0, 1), golden=True, names=False,
           unknown="dims"),
    OpCase("Reciprocal",
           lambda tf, x: tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0], tf.constant(0.5, x.dtype))),
           [rand(3, 4)], label="sufficient statistics", grad=(0,), golden=True, names=False, unknown="dims",
           expect=lambda np, x: [x.mean(0), x.var(0)]),
    OpCase("Rsqrt", lambda tf, x, m, v, o, s: [tf.nn.batch_normalization(x, m, v, o, s, 0.01),
                                               tf.nn.batch_normalization(x, m, v, None, None, 0.01)],
           [rand(3, 5), M, V, O, S], label="batch_normalization", grad=(0, 1, 2, 3, 4), second=True, golden=True,
           expect=lambda np, x, m, v, o, s: [(x - m) / np.sqrt(v + 0.01) * s + o, (x - m) / np.sqrt(v + 0.01)]),
    OpCase("Rsqrt", lambda tf, x: [tf.nn.l2_normalize(x, 1), tf.nn.l2_normalize(x), tf.nn.l2_normalize(x, [0, 1])],
           [rand(3, 4)], label="l2_normalize", grad=(0,), second=True, golden=True,
           expect=lambda np, x: [x / np.linalg.norm(x, axis=1, keepdims=True), x / np.linalg.norm(x),
                                 x / np.linalg.norm(x)]),
    OpCase("LRN", lambda tf, x: tf.nn.lrn(x, depth_radius=2, bias=0.7, alpha=0.3, beta=0.6), [rand(2, 3, 4, 7)],
           also=("LRNGrad",), grad=(0,), grad_dtype="float32", golden=True, unknown="dims",
           dtypes=("float16", "bfloat16", "float32"),
           errors=[(lambda tf: tf.nn.lrn(tf.zeros([2, 3])), "ValueError", "rank 4")]),
    OpCase("LRN", lambda tf, x: tf.nn.local_response_normalization(x), [rand(2, 3, 4, 7)], label="wide", golden=True,
           unknown="dims"),
    OpCase("NotEqual", lambda tf, x: tf.nn.zero_fraction(x), [array([0.0, 1.0, 0.0, 2.0, 0.0])], label="zero_fraction",
           golden=True, names=False, expect=lambda np, x: np.float32(0.6)),
    OpCase("Exp", lambda tf, z, x: [tf.nn.log_poisson_loss(z, x), tf.nn.log_poisson_loss(z, x, True)],
           [rand(3, 4, low=0.2, high=5), rand(3, 4)], label="log_poisson_loss", grad=(0, 1), golden=True, names=False,
           errors=[(lambda tf: tf.nn.log_poisson_loss(tf.zeros([2]), tf.zeros([3])), "ValueError", "same shape")]),
]
