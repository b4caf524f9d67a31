"""Cases of core/ops/constant.py."""

from __future__ import annotations

import numpy as np

from tests.ops.case import OpCase, array

CASES = [
    OpCase("Const", lambda tf: [tf.constant(np.float64(1)), tf.constant([np.float64(1)]), tf.constant([np.int64(1), 2]),
                                tf.constant([np.float16(1)]), tf.constant([[np.float64(1)], [2.0]]),
                                tf.constant([np.int8(1), 2]), tf.constant([]), tf.constant(0, tf.int32, [0, 3])],
           label="types of NumPy", golden=True),
    OpCase("Const", lambda tf: [tf.constant(-1.0, shape=[2, 3]), tf.constant([1, 2 ** 31], name="c"), tf.constant("é")],
           expect=lambda np: [np.full((2, 3), -1, "f"), np.array([1, 2 ** 31]), array("é".encode(), "object")],
           golden=True,
           errors=[(lambda tf: tf.constant([1.0, "a"], tf.float32), "TypeError", "float32"),
                   (lambda tf: tf.constant(None), "ValueError", "None"),
                   (lambda tf: tf.constant([1, 2, 3], shape=[2]), "ValueError", "Too many|at most 2")]),
]
