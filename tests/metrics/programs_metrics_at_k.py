"""Metrics of the k best classes over two batches; dense and sparse labels."""

from __future__ import annotations

from tests.programs import Play

_PLUMBING = {"Const", "Rank", "Range", "Shape", "Fill", "Identity"}


def _at_k(metric, labels, k=2, weights=False, nodes=True, **options):
    def program(tf, np):
        random = np.random.RandomState(3)
        scores = tf.placeholder(tf.float32, [4, 6], name="scores")
        feeds = [{scores: random.rand(4, 6).astype(np.float32)} for _ in range(2)]
        truth = {"one": [[1], [5], [0], [2]], "flat": [1, 5, 0, 2], "two": [[1, 3], [5, 0], [0, 4], [2, 1]],
                 "unknown": [[1, 9], [5, 0], [0, -1], [8, 7]]}
        if labels == "sparse":
            y = tf.SparseTensor(np.array([[0, 0], [0, 1], [1, 0], [3, 0], [3, 1], [3, 2]], np.int64),
                                np.array([1, 2, 5, 0, 3, 4], np.int64), [4, 3])
        else:
            y = tf.constant(np.array(truth[labels], np.int64), name="labels")
        w = {"weights": tf.constant([0.5, 0.0, 2.0, 1.0], name="w")} if weights else {}
        if metric.endswith("top_k"):
            ranked = tf.nn.top_k(scores, k)[1]
            made = getattr(tf.metrics, metric)(y, tf.cast(ranked, tf.int64), **w, **options)
        else:
            made = getattr(tf.metrics, metric)(y, scores, k, **w, **options)
        value, update = made
        found = [f"{op.type.replace('AddV2', 'Add')} {op.name}" for op in value.graph.get_operations()
                 if op.type not in _PLUMBING and "/assert_" not in op.name]
        return Play({"value": value}, update, 2, feeds, nodes="none", strings={
            "nodes": found if nodes and labels != "sparse" else [], "value": value.op.name, "update": update.op.name,
            "local": [f"{v.name} {v.dtype.base_dtype.name}" for v in tf.local_variables()]})
    return program


PROGRAMS = {}
for _name in ("precision_at_k", "recall_at_k"):
    PROGRAMS |= {
        _name: _at_k(_name, "two"),
        f"{_name}_one": _at_k(_name, "one", k=3),
        f"{_name}_flat": _at_k(_name, "flat"),
        f"{_name}_sparse": _at_k(_name, "sparse", k=3),
        f"{_name}_weights": _at_k(_name, "two", weights=True),
        f"{_name}_class": _at_k(_name, "two", k=3, class_id=1, nodes=False),
        f"{_name}_sparse_class": _at_k(_name, "sparse", k=4, class_id=4, nodes=False),
        f"{_name}_named": _at_k(_name, "two", name="mine"),
    }
PROGRAMS |= {
    "precision_at_top_k": _at_k("precision_at_top_k", "two", k=3),
    "recall_at_top_k": _at_k("recall_at_top_k", "sparse", k=3),
    "sparse_precision_at_k": _at_k("sparse_precision_at_k", "two"),
    "average": _at_k("average_precision_at_k", "two", k=3, nodes=False),
    "average_one": _at_k("average_precision_at_k", "flat", k=1, nodes=False),
    "average_sparse": _at_k("average_precision_at_k", "sparse", k=4, nodes=False),
    "average_unknown": _at_k("average_precision_at_k", "unknown", k=4, nodes=False),
    "average_weights": _at_k("sparse_average_precision_at_k", "two", k=3, weights=True, nodes=False),
}
