"""Writes tests/golden/events/{tf1,tf2}.tfevents with TensorFlow itself; run by hand (TensorFlow 2 + tensorboard)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent / "events"


def keep(folder: str, name: str) -> None:
    (found,) = Path(folder).glob("*tfevents*")
    HERE.mkdir(exist_ok=True)
    shutil.copy(found, HERE / name)


def two() -> None:
    folder = tempfile.mkdtemp()
    rng = np.random.default_rng(1)
    writer = tf.summary.create_file_writer(folder)
    with writer.as_default():
        for i in range(4):
            tf.summary.scalar("loss", 1.5 / (i + 1), step=i * 10)
            tf.summary.histogram("w", rng.normal(size=50), step=i * 10, buckets=9)
            tf.summary.image("digits", rng.random((2, 7, 5, 1)), step=i * 10)
            tf.summary.text("note", f"**v2** {i}", step=i * 10)
    writer.close()
    keep(folder, "tf2.tfevents")


def one() -> None:
    v1 = tf.compat.v1
    v1.disable_v2_behavior()
    rng = np.random.RandomState(0)
    folder = tempfile.mkdtemp()
    with tf.Graph().as_default():
        x, s = v1.placeholder(tf.float32, [None]), v1.placeholder(tf.float32, [])
        image, text = v1.placeholder(tf.uint8, [None, 7, 5, 1]), v1.placeholder(tf.string, [])
        sound = v1.placeholder(tf.float32, [1, 50, 1])
        every = [v1.summary.scalar("loss", s), v1.summary.histogram("w", x), v1.summary.image("digits", image, 2)]
        merged = v1.summary.merge([*every, v1.summary.text("note", text), v1.summary.audio("beep", sound, 8000)])
        writer = v1.summary.FileWriter(folder)
        with v1.Session() as session:
            for i in range(6):
                images = rng.randint(0, 255, (2, 7, 5, 1))
                feed = {x: rng.randn(100) * (i + 1), s: 2.0 / (i + 1), image: images, text: f"step **{i}**"}
                writer.add_summary(session.run(merged, {**feed, sound: np.zeros((1, 50, 1))}), i * 10)
        writer.close()
    keep(folder, "tf1.tfevents")


if __name__ == "__main__":
    two()
    one()
