"""Metrics beside TensorFlow, and their errors."""

from __future__ import annotations

import numpy as np
import pytest

import core as tf
from tests.metrics.programs_metrics import PROGRAMS
from tests.metrics.programs_metrics_at_k import PROGRAMS as AT_K
from tests.programs import check


@pytest.mark.parametrize("name", PROGRAMS)
def test_metrics_are_tensorflows(name):
    check(tf, "metrics", name, PROGRAMS[name])


@pytest.mark.parametrize("name", AT_K)
def test_metrics_of_the_best_classes_are_tensorflows(name):
    check(tf, "metrics_at_k", name, AT_K[name])


def test_names_of_variables_are_those_of_programs():
    with tf.Graph().as_default():
        tf.metrics.accuracy([1, 2], [1, 3])
        tf.metrics.accuracy([1, 2], [1, 3])
        assert [v.name for v in tf.local_variables()] == [
            "accuracy/total:0", "accuracy/count:0", "accuracy_1/total:0", "accuracy_1/count:0"]
        assert not tf.trainable_variables()
        assert not tf.global_variables()


def test_a_metric_starts_again_after_its_variables_are_initialised():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None])
        value, update = tf.metrics.mean(x)
        for _ in range(2):
            sess.run(tf.local_variables_initializer())
            assert sess.run(value) == 0.0
            for batch, wanted in (([1.0, 3.0], 2.0), ([8.0], 4.0), ([4.0] * 5, 4.0)):
                assert sess.run(update, {x: batch}) == wanted
                assert sess.run(value) == wanted


@pytest.mark.parametrize("build, text", [
    (lambda: tf.metrics.accuracy([1, 2, 3], [1, 2]), "incompatible"),
    (lambda: tf.metrics.auc([1, 0], [0.5, 0.5], curve="XY"), "Curve must be either ROC or PR"),
    (lambda: tf.metrics.auc([1, 0], [0.5, 0.5], summation_method="sum"), "Invalid summation_method: sum"),
    (lambda: tf.metrics.average_precision_at_k([[1]], [[0.5]], 0), "Invalid k=0"),
    (lambda: tf.metrics.recall_at_k([[[1]]], [[0.5]], 1), "Unexpected labels shape"),
    (lambda: tf.metrics.mean([1.0, 2.0, 3.0], [1.0, 2.0]), "can not be broadcast to values"),
    (lambda: tf.metrics.sensitivity_at_specificity([1], [0.5], 1.5), "must be in the range"),
    (lambda: tf.metrics.specificity_at_sensitivity([1], [0.5], -0.5), "must be in the range"),
])
def test_errors(build, text):
    with tf.Graph().as_default(), pytest.raises(ValueError, match=text):
        build()


def test_predictions_out_of_range_are_found_at_run_time():
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [2])
        _, update = tf.metrics.auc([1, 0], x)
        sess.run(tf.local_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"predictions must be in \[0, 1\]"):
            sess.run(update, {x: np.array([0.5, 1.5], np.float32)})
