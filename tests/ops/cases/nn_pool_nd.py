"""Cases of core/ops/nn_pool_nd.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, rand

X1, X2, X3 = rand(2, 7, 3), rand(2, 7, 6, 3), rand(2, 4, 5, 6, 3)


def _nn(name, *args, **more):
    return lambda tf, x: getattr(tf.nn, name)(x, *args, **more)


CASES = [
    OpCase("MaxPool3D", _nn("max_pool3d", [1, 2, 3, 2, 1], [1, 1, 2, 2, 1], "SAME"), [X3], also=("MaxPool3DGrad",),
           grad=(0,), second=True, grad_dtype="float32", golden=True, unknown="dims", step=1e-3,
           errors=[(lambda tf: tf.nn.max_pool3d(tf.zeros([1, 2, 3, 4]), 2, 2, "SAME"), "ValueError", "rank 5"),
                   (lambda tf: tf.nn.max_pool3d(tf.zeros([1, 2, 3, 4, 5]), [1, 2], 2, "SAME"), "ValueError",
                    "length 1, 3 or 5")]),
    OpCase("MaxPool3DGradGrad", lambda tf, x: tf.gradients(tf.gradients(
        tf.nn.max_pool3d(x, 2, 2, "VALID") ** 2, x)[0] * x, x)[0], [X3], names=False, golden=True, unknown="dims"),
    OpCase("AvgPool3D", _nn("avg_pool3d", [1, 2, 3, 2, 1], [1, 1, 2, 2, 1], "SAME"), [X3], also=("AvgPool3DGrad",),
           grad=(0,), second=True, golden=True, unknown="dims"),
    OpCase("MaxPool", _nn("max_pool1d", 3, 2, "SAME"), [X1], label="max_pool1d", grad=(0,), golden=True, names=False,
           unknown="dims"),
    OpCase("AvgPool", _nn("avg_pool1d", 3, 2, "VALID"), [X1], label="avg_pool1d", grad=(0,), golden=True, names=False,
           unknown="dims"),
    OpCase("MaxPoolWithArgmax", _nn("max_pool_with_argmax", [1, 3, 2, 1], [1, 2, 2, 1], "SAME"), [X2],
           also=("MaxPoolGradWithArgmax",), grad=(0,), second=True, golden=True, unknown="dims"),
    OpCase("MaxPoolGradGradWithArgmax", lambda tf, x: tf.gradients(tf.gradients(
        tf.nn.max_pool_with_argmax(x, 2, 2, "VALID")[0] ** 2, x)[0] * x, x)[0], [X2], unknown="dims",
        expect=None),
    OpCase("MaxPoolWithArgmax", _nn("max_pool_with_argmax", [1, 2, 2, 1], [1, 2, 2, 1], "VALID",
                                    output_dtype="int32", include_batch_in_index=True), [X2], label="batch",
           golden=True, unknown="dims", names=False),
    OpCase("MaxPool", lambda tf, x: tf.nn.max_pool_v2(x, 2, 2, "VALID"), [X2], label="max_pool_v2", golden=False,
           unknown="dims"),
]
