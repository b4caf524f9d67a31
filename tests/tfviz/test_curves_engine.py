"""`tfviz.live` and `tfviz.dashboard` against the real engine: what `Session.run` and `FileWriter` really say."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import core as tf
import tfviz

ROOT = Path(__file__).resolve().parents[2]


def test_live_watches_what_the_session_fetches() -> None:
    x = tf.placeholder(tf.float32, [None], name="x")
    mean = tf.reduce_mean(x, name="mean")
    other = tf.reduce_sum(x, name="other")
    with tfviz.live(mean=mean, top="mean:0", show=False) as view, tf.Session() as session:
        for i in range(5):
            session.run(other, {x: [1.0]})
            if i % 2 == 0:
                session.run({"a": [mean]}, {x: np.array([i, i + 2.0])})
    assert view.columns("top").value.tolist() == [1, 3, 5]
    assert view.columns("top").step.tolist() == [0, 2, 4]


def test_a_matrix_is_refused_with_its_name_and_shape() -> None:
    x = tf.placeholder(tf.float32, [3, 4], name="w")
    with pytest.raises(ValueError, match=r"loss=w:0 has shape .*3.*4.*wants a scalar"):
        tfviz.live(loss=x)


def test_stop_leaves_the_session_usable() -> None:
    x = tf.placeholder(tf.float32, [], name="x")
    twice = tf.multiply(x, 2.0, name="twice")
    view = tfviz.live(twice=twice, show=False)
    with tf.Session() as session:
        session.run([twice, x], {x: 1.0})
        view._gate._stop = True
        with pytest.raises(KeyboardInterrupt, match="stopped from the view"):
            session.run([twice, x], {x: 2.0})
        assert session.run(twice, {x: 3.0}) == 6.0
    view.close()
    assert view.columns("twice").value.tolist() == [2, 4, 6]


def test_a_dashboard_has_what_a_writer_writes_also_from_its_files(tmp_path: Path) -> None:
    value = tf.placeholder(tf.float32, [], name="value")
    summary = tf.summary.scalar("loss", value)
    with tfviz.dashboard(show=False) as board, tf.Session() as session:
        writer = tf.summary.FileWriter(str(tmp_path / "a"))
        for i in range(4):
            writer.add_summary(session.run(summary, {value: i * 0.5}), i * 10)
        writer.close()
    later = tfviz.dashboard(tmp_path, show=False)
    for view in (board, later):
        columns = view.board.curves.runs[0]["loss"].columns()
        assert columns.step.tolist() == [0, 10, 20, 30] and columns.value.tolist() == [0, 0.5, 1, 1.5]
    assert board.board.curves.runs[0].label == str(tmp_path / "a") and later.board.curves.runs[0].label == "a"


def test_a_script_prints_lines_and_a_chart_at_its_end(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        textwrap.dedent(
            """
            import core as tf, tfviz
            x = tf.placeholder(tf.float32, [])
            loss = tf.multiply(x, 1.0)
            tfviz.live(loss=loss, title="line")
            with tf.Session() as session:
                for i in range(40):
                    session.run([loss, x], {x: 40.0 - i})
            """
        )
    )
    done = subprocess.run(
        [sys.executable, script], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("step 0  loss 40") and lines[1] == "line" and lines[2] == "loss 1"
    assert sum("┤" in line for line in lines) == 10 and lines[-1].endswith("39")
