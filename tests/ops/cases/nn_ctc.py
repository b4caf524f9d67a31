"""Cases of core/ops/nn_ctc.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

X, STEPS = rand(6, 2, 4), array([6, 5], "int32")


def _loss(**more):
    def make(tf, x, n):
        labels = tf.SparseTensor([[0, 0], [0, 1], [1, 0], [1, 1]], tf.constant([0, 2, 1, 1]), [2, 2])
        return tf.nn.ctc_loss(labels, x, n, **more)
    return make


CASES = [
    OpCase("CTCLoss", _loss(), [X, STEPS], grad=(0,), golden=True, names=False, unknown="dims", tol=1e-4,
           errors=[(lambda tf: tf.nn.ctc_loss([[1]], tf.zeros([2, 1, 3]), [2]), "TypeError", "SparseTensor")]),
    OpCase("CTCLoss", _loss(preprocess_collapse_repeated=True, ctc_merge_repeated=False), [X, STEPS], label="merged",
           grad=(0,), golden=True, names=False, unknown="dims", tol=1e-4),
    OpCase("CTCGreedyDecoder", lambda tf, x, n: list(tf.nn.ctc_greedy_decoder(x, n)), [X, STEPS], golden=True,
           static=False, unknown="dims"),
    OpCase("CTCBeamSearchDecoder", lambda tf, x, n: list(tf.nn.ctc_beam_search_decoder(x, n, 8, 2)), [X, STEPS],
           golden=True, static=False, unknown="dims", tol=1e-4),
]
