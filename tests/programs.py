"""Small programs that run with two `tf`, this engine and TensorFlow itself, and what is compared between them.

A program is a function ``f(tf, np)`` that builds a graph and returns a `Play`. The programs stand in
tests/*/programs_*.py (``PROGRAMS: dict[name, function]``), TensorFlow's answers in tests/golden/programs, written by
tests/golden/make_programs.py. This module imports NumPy only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Play", "check", "describe", "golden", "play"]

GOLDEN = Path(__file__).resolve().parent / "golden" / "programs"


# tf.add makes Add in 1.15 and AddV2 in 2.21.
_TWINS = {"AddV2": "Add"}


@dataclass
class Play:
    """What is done with a graph.

    Args:
      fetch: Name -> tensor (or variable); computed after each step.
      step: Operation (or list) that is run `steps` times.
      steps: How often.
      feeds: One dict per step, or one for all.
      nodes: Compare the nodes: "all", "forward" (those outside of ``gradients``), "none", or those whose names begin
        with one of these.
      init: Run the initialisers of all variables first.
    """

    fetch: Mapping[str, Any] = field(default_factory=dict)
    step: Any = None
    steps: int = 1
    feeds: Any = None
    nodes: str | tuple[str, ...] = "forward"
    init: bool = True
    strings: Mapping[str, Any] = field(default_factory=dict)  # facts known without running: names, shapes, lists


def describe(graph: Any, which: str | tuple[str, ...]) -> list[list[Any]]:
    """Name, type, inputs, control inputs, colocation and device of each node."""
    if which == "none":
        return []

    def hidden(name: str) -> bool:
        if isinstance(which, tuple):
            return not name.startswith(which)
        return which == "forward" and ("gradients" in name.split("/") or any(
            p.startswith("gradients_") for p in name.split("/")))

    result = []
    for op in graph.get_operations():
        if hidden(op.name):
            continue
        result.append([
            op.name, _TWINS.get(op.type, op.type), [t.name if not hidden(t.op.name) else "another" for t in op.inputs],
            sorted(c.name for c in op.control_inputs if not hidden(c.name)),
            sorted(g.decode() for g in op.colocation_groups() if not hidden(g.decode()[5:])), op.device])
    return result


def play(tf: Any, program: Callable[..., Play]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Runs a program with `tf`: notes (JSON) and arrays."""
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(87654321)
        played = program(tf, np)
        notes = {"nodes": describe(graph, played.nodes), "strings": json.loads(json.dumps(dict(played.strings)))}
        arrays: dict[str, list[Any]] = {name: [] for name in played.fetch}
        init = [tf.global_variables_initializer(), tf.local_variables_initializer()]
        with tf.Session() as sess:
            if played.init:
                sess.run(init)
            for index in range(played.steps if played.fetch or played.step is not None else 0):
                feeds = played.feeds[index] if isinstance(played.feeds, list) else played.feeds
                if played.step is not None:
                    sess.run(played.step, feeds)
                for name, value in sess.run(dict(played.fetch), feeds).items():
                    arrays[name].append(value)
    numbers = {}
    for name, values in arrays.items():
        if values and np.asarray(values[0]).dtype.kind in "OS":
            notes["strings"][name] = [np.asarray(v).astype(str).tolist() for v in values]
        elif values:
            numbers[name] = np.array(values)
    return notes, numbers


@cache
def golden(module: str) -> tuple[dict[str, Any], Mapping[str, np.ndarray]]:
    """TensorFlow's answers to the programs of one module."""
    path = GOLDEN / f"{module}.npz"
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return json.loads(bytes(arrays.pop("notes")).decode()), arrays


def check(tf: Any, module: str, name: str, program: Callable[..., Play], tol: float = 1e-5) -> None:
    """AssertionError unless this engine gives TensorFlow's nodes, facts and numbers."""
    all_notes, answers = golden(module)
    how = f"run tests/golden/make_programs.py {module} with TensorFlow's Python"
    assert name in all_notes, f"no golden answer yet: {how}"
    wanted = all_notes[name]
    notes, arrays = play(tf, program)
    for key, value in wanted["strings"].items():
        assert notes["strings"][key] == value, f"{key}: {notes['strings'][key]}\nTensorFlow's: {value}"
    mine = {node[0]: node for node in notes["nodes"]}
    theirs = {node[0]: node for node in wanted["nodes"]}
    assert list(mine) == list(theirs), f"nodes differ: ours only {[n for n in mine if n not in theirs]}, " \
        f"TensorFlow's only {[n for n in theirs if n not in mine]}, or another order"
    for node, fields in theirs.items():
        assert mine[node] == fields, f"{mine[node]}\nTensorFlow's: {fields}"
    for key, value in arrays.items():
        want = answers[f"{name}|{key}"]
        assert value.dtype == want.dtype, f"{key} has type {value.dtype}, TensorFlow's {want.dtype}"
        if value.dtype.kind in "fc":
            np.testing.assert_allclose(value, want, rtol=tol, atol=tol, err_msg=f"{name}: {key}")
        else:
            np.testing.assert_array_equal(value, want, err_msg=f"{name}: {key}")
