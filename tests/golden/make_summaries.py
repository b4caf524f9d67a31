"""Writes summaries.json: what TensorFlow's summary ops put out for small inputs.

Run with a Python that has TensorFlow: python tests/golden/make_summaries.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

# function of core.proto.summaries -> its arguments, as Python source.
CASES = {
    "scalar_summary": (
        "'loss', np.float32(0.5)", "'n', np.int64(7)", "np.array(['a', 'b'], object), np.array([1.5, -2.0])",
    ),
    "histogram_summary": (
        "'h', np.array([1.0, 2.0, 2.0, -3.5, 0.0], np.float32)",
        "'h', np.random.RandomState(3).randn(7, 11)",
        "'h', np.array([1e-13, -1e-13, 1e-12, 1.1e-12, 1e20, 3e25, -1e30])",
        "'h', np.array([5, 5, 5], np.int32)",
        "'h', np.array([], np.float64)",
    ),
    "image_summary": (
        "'i', np.arange(24, dtype=np.uint8).reshape(2, 3, 4, 1) * 10",
        "'i', np.arange(36, dtype=np.float32).reshape(1, 3, 4, 3) / 7, 1",
        "'i', np.random.RandomState(5).randn(5, 4, 3, 4).astype(np.float32), 2",
        "'i', np.array([0, 1, np.nan, np.inf, 3, -np.inf], np.float32).reshape(1, 2, 3, 1), 3, [9, 8, 7, 6]",
        "'i', np.array([-2, 1, np.nan, 5, 3, 4], np.float16).reshape(1, 2, 1, 3)",
        "'i', np.array([-2, 1, 0.3, 5, 3, 4], np.float64).reshape(1, 3, 2, 1)",
        "'i', np.full((1, 2, 3, 1), 1e-7, np.float32)",
        "'i', np.full((1, 2, 3, 1), np.nan, np.float32)",
    ),
    "audio_summary": (
        "'a', np.array([[0.5, -0.5, 1.5, -1.5, 1e-5, 4.6e-5]], np.float32), 8000.0",
        "'a', np.random.RandomState(1).rand(4, 5, 2).astype(np.float32), 44100.0, 3",
        "'a', np.ones((2, 3, 1), np.float32), 100.0, 1",
    ),
}


def main() -> None:
    """Writes the JSON file beside this script: function -> arguments -> the serialised Summary in hex digits."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow.compat.v1 as tf

    def image(tag: str, images: np.ndarray, max_images: int = 3, bad_color: object = (255, 0, 0, 255)) -> object:
        color = tf.make_tensor_proto(np.array(bad_color, np.uint8))
        return tf.raw_ops.ImageSummary(tag=tag, tensor=images, max_images=max_images, bad_color=color)

    def audio(tag: str, sound: np.ndarray, rate: float, max_outputs: int = 3) -> object:
        return tf.raw_ops.AudioSummaryV2(tag=tag, tensor=sound, sample_rate=rate, max_outputs=max_outputs)

    functions = {
        "scalar_summary": lambda tags, values: tf.raw_ops.ScalarSummary(tags=tags, values=values),
        "histogram_summary": lambda tag, values: tf.raw_ops.HistogramSummary(tag=tag, values=values),
        "image_summary": image,
        "audio_summary": audio,
    }
    found: dict[str, dict[str, str]] = {}
    for name, cases in CASES.items():
        found[name] = {}
        for case in cases:
            with tf.Graph().as_default(), tf.Session() as session:
                op = functions[name](*eval(f"({case},)", {"np": np}))
                found[name][case] = session.run(op).hex()
    path = Path(__file__).with_name("summaries.json")
    path.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
