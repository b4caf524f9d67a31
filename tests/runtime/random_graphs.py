"""Random programs for the engines' contract: a list of instructions drawn by hypothesis, built as a graph.

Not a test itself. Sizes 2, 3, 5 never meet by accident: a swapped dimension can't hide.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st

import core as tf

SHAPES = [(), (3,), (2, 3), (5, 2, 3), (1, 3), (2, 1), (5, 1, 1)]
KINDS = ["binary"] * 6 + ["unary"] * 3 + [
    "constant", "identity", "read", "assign", "add_to", "matmul", "noop", "shape", "flatten", "transpose", "slice",
    "stack", "sum", "fill", "resource_read", "resource_add", "random"]


@dataclasses.dataclass
class Program:
    """A graph with what to run in it."""

    graph: Any
    initialisers: list[Any]
    variables: list[Any]
    placeholders: list[tuple[Any, tuple[int, ...]]]
    values: list[tuple[Any, tuple[int, ...]]]
    operations: list[Any]
    fetches: list[Any] = dataclasses.field(default_factory=list)
    feeds: list[tuple[Any, tuple[int, ...]]] = dataclasses.field(default_factory=list)


@st.composite
def programs(draw: Any) -> Program:
    """A program of up to thirty instructions, with fetches, targets and feeds (some of intermediate tensors)."""
    choose = lambda options: draw(st.sampled_from(options))  # noqa: E731  # a word for what is drawn all the time
    chance = lambda percent: draw(st.integers(0, 99)) < percent  # noqa: E731
    graph = tf.Graph()
    with graph.as_default():
        p = Program(graph, [], [], [], [], [])
        for _ in range(draw(st.integers(0, 3))):
            shape = choose(SHAPES)
            known = None if chance(20) else [None if chance(40) else d for d in shape]
            p.placeholders.append((tf.placeholder(tf.float32, known), shape))
        p.values += p.placeholders
        for resource in draw(st.lists(st.booleans(), max_size=3)):
            shape = choose(SHAPES)
            variable = tf.Variable(np.full(shape, len(p.variables) + 1.5, np.float32), use_resource=resource)
            p.variables.append((variable, shape, resource))
            p.initialisers.append(variable.initializer)
        p.values.append((tf.constant(np.float32(0.75)), ()))
        for _ in range(draw(st.integers(3, 30))):
            waits = [choose(p.operations)] if p.operations and chance(25) else []
            with graph.control_dependencies(waits):
                _instruction(p, choose(KINDS), choose, chance)
    tensors = [v for v, _ in p.values]
    p.fetches = [choose(tensors) for _ in range(draw(st.integers(1, 4)))]
    if p.variables and chance(40):
        p.fetches.append(choose(p.variables)[0])
    if p.operations and chance(50):
        p.fetches.append(choose(p.operations))
    p.feeds = list(p.placeholders)
    if chance(30):
        extra = choose(p.values)
        if all(extra[0] is not f for f, _ in p.feeds):
            p.feeds.append(extra)
    return p


def _instruction(p: Program, kind: str, choose: Any, chance: Any) -> None:
    value, shape = choose(p.values)
    made: Any = None
    out = shape
    if kind == "binary":
        other, other_shape = choose(p.values)
        try:
            out = np.broadcast_shapes(shape, other_shape)
        except ValueError:
            return
        made = choose([tf.add, tf.multiply, tf.subtract, tf.maximum])(value, other)
    elif kind == "unary":
        made = choose([tf.negative, tf.square, tf.abs, tf.tanh])(value)
    elif kind == "constant":
        out = choose(SHAPES)
        made = tf.constant(np.full(out, choose([0.5, 1.0, -2.0]), np.float32))
    elif kind == "identity":
        made = choose([tf.identity, tf.stop_gradient])(value)
    elif kind in ("read", "assign", "add_to", "resource_read", "resource_add"):
        found = [(v, s) for v, s, resource in p.variables if resource == kind.startswith("resource")]
        if not found:
            return
        variable, out = choose(found)
        same = [v for v, s in p.values if s == out]
        if kind in ("read", "resource_read"):
            made = variable.read_value()
        elif same:
            made = (tf.assign if kind == "assign" else tf.assign_add)(variable, choose(same))
            if chance(50):
                p.operations.append(made if isinstance(made, tf.Operation) else made.op)
                return
    elif kind == "matmul" and len(shape) == 2:
        out = (shape[0], 4)
        made = tf.matmul(value, np.full((shape[1], 4), 0.25, np.float32))
    elif kind == "noop":
        p.operations.append(tf.no_op())
        return
    elif kind == "shape":
        out = (len(shape),)
        made = tf.cast(tf.shape(value), tf.float32)
    elif kind == "flatten":
        out = (int(np.prod(shape)),)
        made = tf.reshape(value, [-1])
    elif kind == "transpose":
        out = shape[::-1]
        made = tf.transpose(value, list(range(len(shape)))[::-1])
    elif kind == "slice" and shape and shape[0]:
        out = shape[1:]
        made = value[0]
    elif kind == "stack":
        out = (2, *shape)
        made = tf.stack([value, value * 2.0])
        if len(out) > 4:
            return
    elif kind == "sum" and shape:
        out = shape[:-1]
        made = tf.reduce_sum(value, axis=[len(shape) - 1])
    elif kind == "fill":
        made = tf.fill(tf.shape(value), np.float32(2.0))
    elif kind == "random":
        out = choose(SHAPES)
        made = tf.random_uniform(list(out), seed=len(p.values))
    if isinstance(made, tf.Tensor):
        p.values.append((made, tuple(out)))
        p.operations.append(made.op)
