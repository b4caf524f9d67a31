"""What is known of shapes once the feeds' shapes are: proved by the ops' own shape rules, or seen in the first run.

A proved shape holds in every run with these feeds. A shape that was only seen may be used too, but the generated
code must then check it (the rule gave up, a kernel decides by values, a variable may be re-assigned). Imports
core.graph and core.shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.graph import Operation, Tensor, group_arguments
from core.runtime.memory import steady_reads
from core.runtime.plan import Plan, Step
from core.shapes import TensorShape, as_shape

__all__ = ["Facts", "Seen", "establish"]

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the first run showed of one value."""

    shape: Shape
    dtype: Any
    alias: bool = False  # it shares memory with an input of its step


@dataclass(frozen=True, slots=True)
class Facts:
    """Shapes by value number."""

    proved: Mapping[int, Shape]
    seen: Mapping[int, Seen]
    unstable: frozenset[int] = frozenset()  # values whose shape has changed between runs with equal feeds

    def shape(self, value: int) -> Shape | None:
        """The shape that `value` will (most likely) have, or None."""
        known = self.proved.get(value)
        if known is not None:
            return known
        if value in self.unstable:
            return None
        seen = self.seen.get(value)
        return None if seen is None else seen.shape


def establish(
    plan: Plan, fed: Sequence[Shape | None], seen: Mapping[int, Seen], unstable: frozenset[int] = frozenset(),
) -> Facts:
    """Returns what is known for feeds of the shapes `fed`, step by step from the feeds on."""
    proved: dict[int, Shape] = {v: s for v, s in zip(plan.fed, fed) if s is not None}
    for value, array in plan.constants.items():
        proved[value] = array.shape
    known_values: dict[int, Any] = dict(plan.constants)
    for value in steady_reads(plan):
        if value in seen and value not in unstable:
            proved[value] = seen[value].shape  # code made with this looks at the variables before it does anything
    for step in plan.steps:
        if step.kind != "op" or step.pinned or step.deref or step.cells or not step.outputs:
            continue
        if not all(v in proved for v in step.inputs):
            continue
        shapes = _by_rule(step, proved, known_values)
        if shapes is None:
            continue
        for out, shape in zip(step.outputs, shapes):
            if shape is not None and out >= 0 and (out not in seen or seen[out].shape == shape):
                proved[out] = shape
        if step.op.type == "Const":
            known_values[step.outputs[0]] = step.op.attrs["value"]
        elif step.op.type == "Shape":
            known_values[step.outputs[0]] = np.array(proved[step.inputs[0]], step.op.outputs[0].dtype.np_dtype)
    return Facts(proved, seen, unstable)


def _by_rule(step: Step, proved: Mapping[int, Shape], values: Mapping[int, Any]) -> list[Shape | None] | None:
    """The shapes of a step's outputs from its op's shape rule, run on inputs whose shapes are known in full."""
    definition = step.op.op_def
    if definition.ufunc is not None:
        try:
            return [np.broadcast_shapes(*(proved[v] for v in step.inputs))]
        except ValueError:
            return None
    rule = definition.shape_rule
    if rule is None:
        return None
    tensors = step.op.inputs
    if all(t.shape.as_tuple() == proved[v] for t, v in zip(tensors, step.inputs)):
        statics = [t.shape.as_tuple() for t in step.op.outputs]
        if all(s is not None and None not in s for s in statics):
            return statics  # type: ignore[return-value]  # just checked
    stand_ins: Any = tuple(_stand_in(t, proved[v], values.get(v)) for t, v in zip(tensors, step.inputs))
    attrs = step.op.attrs
    if definition.has_list_input:
        stand_ins = group_arguments(definition.inputs, attrs, stand_ins)
    try:
        result = rule(*stand_ins, **{name: attrs[name] for name in definition.shape_attrs})
    except Exception:  # the rule refuses, or needs more of a tensor than a stand-in has: nothing is proved
        return None
    shapes = [result] if definition.single_output else list(result)
    found: list[Shape | None] = []
    for shape in shapes:
        dims = (shape if isinstance(shape, TensorShape) else as_shape(shape)).as_tuple()
        found.append(None if dims is None or None in dims else dims)  # type: ignore[arg-type]
    return found if len(found) == len(step.outputs) else None


class _NoInputs:
    """Enough of an operation for a shape rule that asks where a tensor comes from: a constant, or nothing known."""

    __slots__ = ("_control_inputs", "attrs", "graph", "inputs", "name", "op_def", "outputs", "type")

    def __init__(self, op: Operation, array: Any) -> None:
        self.type = "Const" if array is not None else "Placeholder"
        self.attrs: dict[str, Any] = {} if array is None else {"value": array, "dtype": op.outputs[0].dtype}
        self.inputs: tuple[Tensor, ...] = ()
        self.outputs: list[Tensor] = []
        self._control_inputs: list[Operation] = []
        self.graph = op.graph
        self.name = op.name
        self.op_def = op.op_def


def _stand_in(tensor: Tensor, shape: Shape, array: Any) -> Tensor:
    op: Any = _NoInputs(tensor.op, array)
    stand_in = Tensor(op, 0, tensor.dtype.base_dtype, TensorShape(shape))
    stand_in.handle_data = tensor.handle_data
    op.outputs.append(stand_in)
    return stand_in
