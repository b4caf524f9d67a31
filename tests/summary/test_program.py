"""A whole program with `tf.summary`: ops, session, FileWriter; read back with the tensorboard package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import core as tf


def test_tensorboard_shows_what_a_program_writes(tmp_path: Path) -> None:
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2, 3, 5, 1], name="x")
        with tf.name_scope("part"):
            mean = tf.reduce_mean(x, name="mean")
            tf.summary.scalar("loss", mean)
        tf.summary.histogram("values", x)
        tf.summary.image("pictures", x, max_outputs=1)
        tf.summary.text("words", tf.constant("hello"))
        merged = tf.summary.merge_all()
        with tf.Session() as session, tf.summary.FileWriter(str(tmp_path), session.graph) as writer:
            for step in range(4):
                values = np.arange(30, dtype=np.float32).reshape(2, 3, 5, 1) + step
                writer.add_summary(session.run(merged, {x: values}), step)
    accumulator = loader.EventAccumulator(str(tmp_path), size_guidance={loader.HISTOGRAMS: 0})
    accumulator.Reload()
    assert [(s.step, s.value) for s in accumulator.Scalars("part/loss")] == [(step, 14.5 + step) for step in range(4)]
    assert [h.histogram_value.num for h in accumulator.Histograms("values")] == [30] * 4
    assert {(i.height, i.width) for i in accumulator.Images("pictures/image")} == {(3, 5)}
    assert [t.tensor_proto.string_val[0] for t in accumulator.Tensors("words")] == [b"hello"] * 4
    names = {node.name: node for node in accumulator.Graph().node}
    assert set(names) == {op.name for op in graph.get_operations()}
    assert [dim.size for dim in names["x"].attr["_output_shapes"].list.shape[0].dim] == [2, 3, 5, 1]
