"""Cases of core/ops/nn_embedding.py and nn_sampling.py. TensorFlow runs them too: see tests/ops/case.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

OURS = {"UniformCandidateSampler": "TensorFlow has it, with this signature; the list of 2.21's ops leaves it out"}

PARTS = [rand(3, 4), rand(2, 4), rand(2, 4)]
IDS = array([[4, 0, 6], [1, 1, 2]], "int32")
W, B, LABELS, X = rand(20, 3), rand(20), array([[3], [0], [7], [19]], "int64"), rand(4, 3)


def _sparse(tf, params, ids, weights, combiner, **more):
    places = [[0, 0], [0, 2], [1, 1], [2, 0], [2, 1]]
    sp_ids = tf.SparseTensor(places, ids, [3, 4])
    sp_weights = None if weights is None else tf.SparseTensor(places, weights, [3, 4])
    return tf.nn.embedding_lookup_sparse(params, sp_ids, sp_weights, combiner=combiner, **more)


def _combined(tf, p, i, w):
    return [_sparse(tf, p, i, weights, c) for c in ("mean", "sum", "sqrtn") for weights in (None, w)]


def _drawn(name):
    def make(tf):
        sample = getattr(tf.nn, name)
        true = tf.constant([[3, 0], [7, 1]], tf.int64)
        return [*sample(true, 2, 5, True, 11, seed=3), *sample(true, 2, 6, False, 16, seed=4),
                *sample(true, 2, 4, True, 50000, seed=5)]
    return make


def _loss(name, **more):
    return lambda tf, w, b, y, x: getattr(tf.nn, name)(
        w, b, y, x, 6, 20, sampled_values=tf.nn.log_uniform_candidate_sampler(y, 1, 6, True, 20, seed=8), **more)


CASES = [
    OpCase("GatherV2", lambda tf, p, i: tf.nn.embedding_lookup(p, i), [rand(7, 4), IDS], label="embedding_lookup",
           grad=(0,), golden=True, expect=lambda np, p, i: p[i]),
    OpCase("ParallelDynamicStitch",
           lambda tf, a, b, c, i: [tf.nn.embedding_lookup([a, b, c], i, partition_strategy=s)
                                   for s in ("mod", "div")], [*PARTS, IDS], label="embedding_lookup of parts",
           grad=(0, 1, 2), golden=True, unknown="dims", static=False, names=False,
           expect=lambda np, a, b, c, i: [np.stack([a[0], b[0], c[0], a[1], b[1], c[1], a[2]])[i],
                                          np.concatenate([a, b, c])[i]],
           errors=[(lambda tf: tf.nn.embedding_lookup([tf.zeros([2, 3])] * 2, [0], "some"), "ValueError",
                    "Unrecognized partition strategy: some"),
                   (lambda tf: tf.nn.embedding_lookup([], [0]), "ValueError", "Need at least one param")]),
    OpCase("GatherV2", lambda tf, p, i: tf.nn.embedding_lookup(p, i, max_norm=1.5), [rand(7, 4), IDS],
           label="embedding_lookup clipped", grad=(0,), golden=True, names=False),
    OpCase("SparseSegmentMean", _combined, [rand(7, 4), array([4, 0, 6, 1, 1], "int64"), rand(5, low=0.5)],
           label="embedding_lookup_sparse", grad=(0, 2), golden=True, names=False, static=False,
           errors=[(lambda tf: tf.nn.embedding_lookup_sparse(tf.zeros([2, 3]), [0], None), "TypeError",
                    "must be SparseTensor"),
                   (lambda tf: _sparse(tf, tf.zeros([2, 3]), tf.constant([0, 1, 1, 1, 0]), None, "max"), "ValueError",
                    "combiner must be one of")]),
    OpCase("TopKV2", lambda tf, x: [tf.nn.top_k(x, 3), tf.nn.top_k(x)], [rand(3, 4, 7)], grad=(0,), golden=True,
           dtypes=("float16", "bfloat16", "float32", "float64", "int32", "int64"),
           expect=lambda np, x: [np.sort(x)[..., :-4:-1], None, x.max(-1, keepdims=True),
                                 x.argmax(-1)[..., None].astype(np.int32)],
           errors=[(lambda tf: tf.nn.top_k(tf.zeros([2, 3]), 4), "ValueError", "last dimension >= k = 4 but is 3"),
                   (lambda tf: tf.nn.top_k(tf.constant(1.0)), "ValueError", "rank at least 1|rank")]),
    OpCase("TopKV2", lambda tf, x, k: tf.nn.top_k(x, k), [array([[3, 1, 3, 2, 3], [0, 0, 1, 1, 0]], "uint8"),
                                                           array(4, "int32")], label="ties", static=False,
           golden=True, expect=lambda np, x, k: [None, np.array([[0, 2, 4, 3], [2, 3, 0, 1]], np.int32)]),
    OpCase("InTopKV2", lambda tf, x, y: [tf.nn.in_top_k(x, y, k) for k in (1, 2, 3)],
           [rand(6, 4), ints(6, high=4)], golden=True),
    OpCase("InTopKV2", lambda tf, x, y: tf.nn.in_top_k(x, y, 1),
           [array([[1, 1, 0], [0, float("nan"), 1], [1, 2, 3], [1, 2, float("inf")]]), array([1, 2, 3, 2], "int32")],
           label="ties and infinities", golden=True),
    OpCase("LogUniformCandidateSampler", _drawn("log_uniform_candidate_sampler"), golden=True,
           errors=[(lambda tf: tf.nn.log_uniform_candidate_sampler([[1]], 1, 5, True, 4), "InvalidArgumentError",
                    "too small|range_max")]),
    OpCase("UniformCandidateSampler", _drawn("uniform_candidate_sampler"), golden=True),
    OpCase("ComputeAccidentalHits",
           lambda tf: tf.nn.compute_accidental_hits(tf.constant([[5, 2], [7, 5], [1, 9]], tf.int64),
                                                    tf.constant([9, 5, 7], tf.int64), 2), golden=True, static=False),
    OpCase("LogUniformCandidateSampler", _loss("nce_loss"), [W, B, LABELS, X], label="nce_loss", grad=(0, 1, 3),
           golden=True, names=False, unknown="dims"),
    OpCase("ComputeAccidentalHits", _loss("nce_loss", remove_accidental_hits=True), [W, B, LABELS, X],
           label="nce_loss without hits", grad=(0, 1, 3), golden=True, names=False, unknown="dims"),
    OpCase("LogUniformCandidateSampler", _loss("sampled_softmax_loss"), [W, B, LABELS, X],
           label="sampled_softmax_loss", grad=(0, 1, 3), golden=True, names=False, unknown="dims"),
]
