"""Metrics over three batches: values, updates, variables, collections, nodes."""

from __future__ import annotations

from tests.programs import Play

# TensorFlow 2.21 counts axes of scalars, fills shapes and reads variables by other nodes than 1.15;
# what asserts is guarded by Switch and Merge there.
_PLUMBING = {"Const", "Rank", "Range", "Shape", "Fill", "Identity"}


def _played(tf, made, feeds, nodes=True):
    value, update = made
    names = [f"{op.type.replace('AddV2', 'Add')} {op.name}" for op in value.graph.get_operations()
             if op.type not in _PLUMBING and "/assert_" not in op.name]
    return Play({"value": value}, update, len(feeds), feeds, nodes="none", strings={
        "nodes": names if nodes else [], "value": value.op.name, "update": update.op.name,
        "local": [f"{v.name} {v.dtype.base_dtype.name} {v.shape.as_list()}" for v in tf.local_variables()],
        "metric": [v.name for v in tf.get_collection(tf.GraphKeys.METRIC_VARIABLES)],
        "global": [v.name for v in tf.global_variables()],
        "collected": [t.name for key in ("values", "updates") for t in tf.get_collection(key)]})


def _of(name, /, kind="floats", weights=None, nodes=True, unknown=False, inputs=("labels", "predictions"), **options):
    """A metric of batches [4, 3]; `kind` says what labels and predictions are."""
    def program(tf, np):
        random = np.random.RandomState(len(name))

        def batch():
            y, x = random.rand(2, 4, 3).astype(np.float32)
            if kind == "classes":
                return np.floor(y * 5).astype(np.int32), np.floor(x * 5).astype(np.int64)
            if kind == "bools":
                return y > 0.4, x > 0.6
            if kind == "scores":
                return (y > 0.5).astype(np.int32), np.clip(0.6 * x + 0.4 * (y > 0.5), 0, 1)
            return y, x

        data = [batch() for _ in range(3)]
        size = None if unknown else [4, 3]
        labels = tf.placeholder(data[0][0].dtype, size, name="labels")
        predictions = tf.placeholder(data[0][1].dtype, size, name="predictions")
        feeds = [dict(zip((labels, predictions), pair)) for pair in data]
        given = dict(options)
        if weights is not None:
            w = np.array([[0.5], [0.0], [2.0], [1.0]], np.float32)
            given["weights"] = {"scalar": 0.3, "rows": tf.constant(w, name="w"), "unknown": None, "all": tf.constant(
                np.arange(12, dtype=np.float32).reshape(4, 3) / 8, name="w")}[weights]
            if weights == "unknown":
                given["weights"] = tf.placeholder(tf.float32, name="w")
                feeds = [{**f, given["weights"]: w} for f in feeds]
        if "normalizer" in given:
            given["normalizer"] = tf.constant(np.arange(12, dtype=np.float32).reshape(4, 3) % 5, name="n")
        taken = {"labels": labels, "predictions": predictions}
        arguments = [taken[i] for i in inputs]
        made = getattr(tf.metrics, name)(*arguments, metrics_collections=["values"], updates_collections=["updates"],
                                         **given)
        return _played(tf, made, feeds, nodes and not unknown)
    return program


_MEANS = {
    "accuracy": ("classes", {}), "mean_absolute_error": ("floats", {}), "mean_squared_error": ("floats", {}),
    "root_mean_squared_error": ("floats", {}), "mean_cosine_distance": ("floats", {"dim": 1}),
    "mean_relative_error": ("floats", {"normalizer": None}),
}
_COUNTS = ("true_positives", "true_negatives", "false_positives", "false_negatives", "precision", "recall")
_AT = ("precision_at_thresholds", "recall_at_thresholds", *(f"{n}_at_thresholds" for n in _COUNTS[:4]))
_LIMITS = [0.15, 0.5, 0.8]

PROGRAMS = {name: _of(name, kind, **options) for name, (kind, options) in _MEANS.items()}
PROGRAMS |= {f"{name}_rows": _of(name, kind, "rows", **options) for name, (kind, options) in _MEANS.items()}
PROGRAMS |= {f"{name}_scalar": _of(name, kind, "scalar", **options) for name, (kind, options) in _MEANS.items()}
PROGRAMS |= {name: _of(name, "bools") for name in _COUNTS}
PROGRAMS |= {f"{name}_all": _of(name, "bools", "all") for name in _COUNTS}
PROGRAMS |= {name: _of(name, "scores", thresholds=_LIMITS) for name in _AT}
PROGRAMS |= {f"{name}_rows": _of(name, "scores", "rows", thresholds=_LIMITS) for name in _AT}
PROGRAMS |= {
    "mean": _of("mean", inputs=("predictions",)),
    "mean_all": _of("mean", weights="all", inputs=("predictions",)),
    "mean_named": _of("mean", inputs=("labels",), name="mine"),
    "mean_tensor": _of("mean_tensor", inputs=("predictions",)),
    "mean_tensor_rows": _of("mean_tensor", weights="rows", inputs=("predictions",)),
    "percentage_below": _of("percentage_below", inputs=("predictions",), threshold=0.4),
    "percentage_below_rows": _of("percentage_below", weights="rows", inputs=("predictions",), threshold=0.4),
    "accuracy_unknown": _of("accuracy", "classes", "unknown", unknown=True),
    "mean_iou": _of("mean_iou", "classes", num_classes=5, nodes=False),
    "mean_iou_all": _of("mean_iou", "classes", "all", num_classes=5, nodes=False),
    "mean_per_class_accuracy": _of("mean_per_class_accuracy", "classes", num_classes=5),
    "mean_per_class_accuracy_all": _of("mean_per_class_accuracy", "classes", "all", num_classes=5),
    "auc": _of("auc", "scores"),
    "auc_rows": _of("auc", "scores", "rows", num_thresholds=7),
    "auc_thresholds": _of("auc", "scores", thresholds=[0.7, 0.2]),
    "auc_unknown": _of("auc", "scores", unknown=True, num_thresholds=5),
    "auc_precision": _of("auc", "scores", curve="PR", num_thresholds=9, summation_method="careful_interpolation"),
    "auc_minoring": _of("auc", "scores", curve="PR", num_thresholds=9, summation_method="minoring"),
    "auc_majoring": _of("auc", "scores", num_thresholds=9, summation_method="majoring"),
    "sensitivity_at_specificity": _of("sensitivity_at_specificity", "scores", specificity=0.7, num_thresholds=11),
    "sensitivity_at_specificity_rows": _of("sensitivity_at_specificity", "scores", "rows", specificity=0.4),
    "specificity_at_sensitivity": _of("specificity_at_sensitivity", "scores", sensitivity=0.7, num_thresholds=11),
    "specificity_at_sensitivity_rows": _of("specificity_at_sensitivity", "scores", "rows", sensitivity=0.4),
}
