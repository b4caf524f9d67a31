"""The messages that first programs ask for are found, without loading protobuf before."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import core as tf


def test_a_session_takes_a_config_proto() -> None:
    config = tf.ConfigProto(allow_soft_placement=True, gpu_options=tf.GPUOptions(allow_growth=True))
    config.log_device_placement = True
    with tf.Session(config=config) as sess:
        np.testing.assert_array_equal(sess.run(tf.constant([3, 5]) * 2), [6, 10])


def test_an_example_carries_its_features() -> None:
    feature = {"label": tf.train.Feature(int64_list=tf.train.Int64List(value=[7]))}
    example = tf.train.Example(features=tf.train.Features(feature=feature))
    again = tf.train.Example.FromString(example.SerializeToString())
    assert again.features.feature["label"].int64_list.value == [7]
    assert {"GraphDef", "ConfigProto", "RunMetadata"} <= set(dir(tf)) and "Example" in dir(tf.train)


def test_protobuf_loads_with_the_first_message() -> None:
    there = "'google.protobuf' in sys.modules"
    code = f"import sys, core; before = {there}; core.GraphDef; print(before, {there})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"], done.stderr
