"""Cases of core/ops/nn_morphology.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, rand

X, W = rand(2, 7, 6, 3), rand(4, 2, 3)

CASES = [
    OpCase("Dilation2D", lambda tf, x, w: tf.nn.dilation2d(x, w, [1, 2, 1, 1], [1, 1, 2, 1], "SAME"), [X, W],
           also=("Dilation2DBackpropInput", "Dilation2DBackpropFilter"), grad=(0, 1), golden=True, unknown="dims",
           errors=[(lambda tf: tf.nn.dilation2d(tf.zeros([1, 2, 3, 4]), tf.zeros([1, 1, 5]), [1] * 4, [1] * 4, "SAME"),
                    "ValueError", "4 and 5")]),
    OpCase("Dilation2D", lambda tf, x, w: tf.nn.erosion2d(x, w, [1] * 4, [1] * 4, "VALID"), [X, W], label="erosion2d",
           grad=(0, 1), golden=True, unknown="dims", names=False),
]
