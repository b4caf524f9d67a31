"""All losses: numbers, gradients, nodes, collections; weights of every kind, known and unknown shapes."""

from __future__ import annotations

from tests.programs import Play

_PAIR = {
    "absolute_difference": {}, "mean_squared_error": {}, "huber_loss": {"delta": 0.6}, "log_loss": {"epsilon": 1e-4},
    "cosine_distance": {"axis": 1}, "mean_pairwise_squared_error": {},
}


# TensorFlow 2.21 counts axes of scalars, and fills shapes, by other nodes than 1.15.
_PLUMBING = {"Const", "Rank", "Range", "Shape", "Fill"}


def _played(tf, loss, x, branches=False):
    nodes = [f"{op.type.replace('AddV2', 'Add')} {op.name}" for op in loss.graph.get_operations()
             if op.type not in _PLUMBING]
    found = {"loss": loss, "grad": tf.gradients(loss, x)[0], "sum": tf.losses.get_total_loss(name="all")}
    # Branches are Switch and Merge in TensorFlow's graphs: there only the numbers are compared.
    return Play(found, nodes="none", strings={
        "nodes": [] if branches else nodes, "name": loss.op.name, "type": loss.dtype.name,
        "collected": [t.name for t in tf.losses.get_losses()]})


def _pair(name, weights=None, labels_type="float32", unknown=False, **options):
    def program(tf, np):
        random = np.random.RandomState(7)
        y, x = random.uniform(0.05, 0.95, (2, 3, 5)).astype(np.float32)
        y = np.round(y) if labels_type != "float32" else y
        labels = tf.constant(y.astype(labels_type), name="labels")
        predictions = tf.placeholder_with_default(x, None, name="x") if unknown else tf.constant(x, name="x")
        given = {} if weights is None else {"weights": _weights(tf, np, weights)}
        loss = getattr(tf.losses, name)(labels, predictions, **given, **_PAIR.get(name, {}), **options)
        return _played(tf, loss, predictions, branches=unknown)
    return program


def _weights(tf, np, kind):
    values = np.array([[0.5], [0.0], [2.0]], np.float32)
    constants = {"scalar": 0.4, "rows": values, "all": np.arange(15, dtype=np.float32).reshape(3, 5) % 4.0,
                 "vector": [0.5, 0.0, 2.0], "column": values}
    if kind == "unknown":
        return tf.placeholder_with_default(values, None, name="w")
    if kind in constants:
        return tf.constant(constants[kind], name="w")
    return {"number": 0.7, "zero": 0.0, "list": [[1.0], [2.0], [0.0]]}[kind]


def _reduced(reduction, weights):
    def program(tf, np):
        losses = tf.constant(np.arange(15).reshape(3, 5) / 3.0, tf.float64, name="x")
        loss = tf.losses.compute_weighted_loss(losses, _weights(tf, np, weights), scope="mine",
                                               reduction=getattr(tf.losses.Reduction, reduction))
        return _played(tf, loss, losses)
    return program


def _classes(name, weights=None, **options):
    def program(tf, np):
        random = np.random.RandomState(8)
        logits = tf.constant(random.randn(3, 5), tf.float32, name="x")
        if name == "sparse_softmax_cross_entropy":
            labels = tf.constant([[4], [0], [3]] if weights == "column" else [4, 0, 3], name="labels")
        else:
            labels = tf.constant(np.eye(5, dtype=np.int32)[[4, 0, 3]], name="labels")
        given = {} if weights is None else {"weights": _weights(tf, np, weights)}
        return _played(tf, getattr(tf.losses, name)(labels, logits, **given, **options), logits)
    return program


def _hinge(weights):
    def program(tf, np):
        logits = tf.constant(np.random.RandomState(9).randn(3, 5), tf.float32, name="x")
        labels = tf.constant(np.arange(15).reshape(3, 5) % 2, name="labels")
        return _played(tf, tf.losses.hinge_loss(labels, logits, _weights(tf, np, weights)), logits)
    return program


def _collections(tf, np):
    x = tf.constant([1.0, 2.0], name="x")
    with tf.name_scope("one"):
        first = tf.losses.mean_squared_error([0.0, 0.0], x)
    with tf.name_scope("two"):
        tf.losses.absolute_difference([0.0, 0.0], x)
    tf.losses.mean_squared_error([0.0, 0.0], x, loss_collection=None)
    tf.losses.add_loss(tf.constant(5.0, name="own"))
    tf.get_variable("v", [3], initializer=tf.ones_initializer(), regularizer=lambda v: 0.5 * tf.reduce_sum(v))
    part = tf.losses.get_total_loss(scope="two", name="part", add_regularization_losses=False)
    return Play(nodes="none", fetch={"all": tf.losses.get_total_loss(), "part": part, "first": first,
                 "regular": tf.losses.get_regularization_loss(),
                 "none": tf.losses.get_regularization_loss(scope="nowhere")},
                strings={"losses": [t.name for t in tf.losses.get_losses()],
                         "one": [t.name for t in tf.losses.get_losses("one")],
                         "regular": [t.name for t in tf.losses.get_regularization_losses()]})


PROGRAMS = {name: _pair(name) for name in _PAIR}
PROGRAMS |= {f"{name}_{kind}": _pair(name, kind) for name in _PAIR if name != "cosine_distance"
             for kind in ("scalar", "rows")}
PROGRAMS |= {f"squared_{kind}": _pair("mean_squared_error", kind) for kind in ("number", "zero", "all", "list")}
PROGRAMS |= {
    "cosine_rows": _pair("cosine_distance", "rows"),
    "log_integers": _pair("log_loss", labels_type="int32"),
    "squared_scope": _pair("mean_squared_error", scope="mine", reduction="none"),
    "squared_unknown": _pair("mean_squared_error", "unknown", unknown=True),
    "pairwise_unknown": _pair("mean_pairwise_squared_error", "rows", unknown=True),
    "collections": _collections,
}
PROGRAMS |= {f"hinge_{kind}": _hinge(kind) for kind in ("number", "rows", "all")}
PROGRAMS |= {f"{r.lower()}_{kind}": _reduced(r, kind) for kind in ("number", "rows")
             for r in ("NONE", "SUM", "SUM_OVER_BATCH_SIZE", "MEAN", "SUM_BY_NONZERO_WEIGHTS")}
PROGRAMS |= {
    "softmax": _classes("softmax_cross_entropy"),
    "softmax_smooth": _classes("softmax_cross_entropy", label_smoothing=0.1),
    "softmax_vector": _classes("softmax_cross_entropy", "vector"),
    "sigmoid": _classes("sigmoid_cross_entropy"),
    "sigmoid_smooth": _classes("sigmoid_cross_entropy", "rows", label_smoothing=0.2),
    "sparse": _classes("sparse_softmax_cross_entropy"),
    "sparse_column": _classes("sparse_softmax_cross_entropy", "column"),
    "sparse_vector": _classes("sparse_softmax_cross_entropy", "vector"),
}
