"""Second stage: passes, small pure functions (Plan, Facts) -> Plan, listed in one table, each off by name.

No pass changes what a run computes or the effects it has; each may only drop, merge or precompute steps without
effects. Steps with control inputs are left alone: somebody wanted them to wait. Imports core.graph; finds kernels
through core.runtime.bind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

import numpy as np

from core.runtime.bind import bind
from core.runtime.facts import Facts
from core.runtime.floats import quiet, restore
from core.runtime.memory import aliases, roots
from core.runtime.plan import Fetch, Plan, Step
from core.runtime.state import SessionState

__all__ = ["PASSES", "run_passes"]

Pass = Callable[[Plan, Facts], Plan]

_MAX_FOLDED: Final = 1 << 20  # bytes: larger results are computed in each run rather than kept
_MAX_MERGED: Final = 64  # bytes: constants of up to this size are compared by value
_FILLED: Final = {"ZerosLike": 0, "OnesLike": 1}
_MAX_FILLED: Final = 4096  # elements
_SHAPE_OPS: Final = frozenset({"Shape", "ShapeN", "Size", "Rank", *_FILLED})
_SAME_VALUE: Final = frozenset({"Identity", "Snapshot", "StopGradient", "PreventGradient", "PlaceholderWithDefault"})
# The value is the input's wherever the shape is; the latter compute it, so they must not become views of a variable.
_SAME_IF_SAME_SHAPE: Final = frozenset({"Reshape", "Squeeze", "ExpandDims"})
_COMPUTED_IF_SAME_SHAPE: Final = frozenset({"BroadcastTo", "Sum", "Mean", "Max", "Min", "Prod"})


def run_passes(plan: Plan, facts: Facts, disabled: Collection[str] = ()) -> Plan:
    """Runs all passes of the table but those in `disabled`, and drops what nobody needs any more."""
    for name, function in PASSES.items():
        if name in disabled:
            continue
        changed = function(plan, facts)
        if changed is not plan:
            changed = _without_dead(changed)
            if not _same(plan, changed):
                names = plan.passes if name in plan.passes else (*plan.passes, name)
                plan = replace(changed, passes=names)
    return plan


def shape_folding(plan: Plan, facts: Facts) -> Plan:
    """Shape, ShapeN, Size, Rank and small ZerosLike, OnesLike of values whose shapes are proved become constants."""
    constants = dict(plan.constants)
    steps = []
    for step in plan.steps:
        if step.op.type in _SHAPE_OPS and step.kind == "op" and _movable(step, plan):
            shapes = [facts.proved.get(v) for v in step.inputs]
            small = step.op.type not in _FILLED or (shapes[0] is not None and math.prod(shapes[0]) <= _MAX_FILLED)
            opaque = step.op.type in _FILLED and step.op.outputs[0].dtype.np_dtype.kind == "O"  # no number is zero
            if None not in shapes and small and not opaque:
                for out, tensor, shape in zip(step.outputs, step.op.outputs, shapes):
                    assert shape is not None
                    kind = tensor.dtype.np_dtype
                    if step.op.type == "Size":
                        constants[out] = np.array(int(np.prod(shape, dtype=np.int64)), kind)
                    elif step.op.type in _FILLED:
                        constants[out] = np.full(shape, _FILLED[step.op.type], kind)
                    elif step.op.type == "Rank":
                        constants[out] = np.array(len(shape), kind)
                    else:
                        constants[out] = np.array(shape, kind)
                continue
        steps.append(step)
    return plan if len(steps) == len(plan.steps) else replace(plan, steps=tuple(steps), constants=constants)


def constant_folding(plan: Plan, facts: Facts) -> Plan:
    """Steps whose inputs are all constants are computed now."""
    del facts
    constants = dict(plan.constants)
    steps = []
    state = SessionState()
    token = quiet()
    try:
        for step in plan.steps:
            if step.kind == "op" and step.outputs and _movable(step, plan) and all(v in constants for v in step.inputs):
                results = _compute(step, [constants[v] for v in step.inputs], state)
                if results is not None:
                    constants.update((out, array) for out, array in zip(step.outputs, results) if out >= 0)
                    continue
            steps.append(step)
    finally:
        restore(token)
    return plan if len(steps) == len(plan.steps) else replace(plan, steps=tuple(steps), constants=constants)


def _compute(step: Step, inputs: list[Any], state: SessionState) -> list[Any] | None:
    """The outputs of one step; None where they are too large to keep or the kernel refuses (it will say so in the
    run).
    """
    try:
        result = bind(step, state)(*inputs)
    except Exception:
        return None
    results = [result] if step.op.op_def.single_output else list(result)
    arrays = []
    for value in results:
        if not isinstance(value, (np.ndarray, np.generic, bytes)):
            return None
        array = np.asarray(value, dtype=object) if isinstance(value, bytes) else np.asarray(value)
        if array.nbytes > _MAX_FOLDED and step.op.type != "Const":
            return None
        if array.flags.writeable:
            array = array.copy() if array.base is not None or any(array is v for v in inputs) else array
            array.flags.writeable = False
        arrays.append(array)
    return arrays


def identity_elimination(plan: Plan, facts: Facts) -> Plan:
    """Steps that hand on their first input unchanged go; their users take the input."""
    place: dict[int, int] = {}
    producer = {out: step.key for step in plan.steps for out in step.outputs if out >= 0}
    key_of: dict[int, int | None] = {}
    variables = set(roots(plan.steps).values())
    shares = aliases(plan) if variables else {}
    shown = {value for value, sources in shares.items() if not variables.isdisjoint(sources)}
    steps = []
    for step in plan.steps:
        moved = _moved(step, place)
        if _hands_on(moved, plan, facts, shown):
            place[moved.outputs[0]] = moved.inputs[0]
            key_of[moved.key] = producer.get(moved.inputs[0])
        else:
            steps.append(moved)
    return _renamed(plan, steps, place, key_of) if place else plan


def _hands_on(step: Step, plan: Plan, facts: Facts, shown: set[int]) -> bool:
    if step.kind != "op" or not step.inputs or len(step.outputs) != 1 or not _movable(step, plan):
        return False
    kind = step.op.type
    if step.op.outputs[0].dtype.name in ("resource", "variant"):
        return False
    if kind in _SAME_VALUE:
        return True
    if kind == "Cast":
        return bool(step.op.attrs["SrcT"] == step.op.attrs["DstT"])
    if kind == "AddN":
        return len(step.inputs) == 1
    if kind in _SAME_IF_SAME_SHAPE or (kind in _COMPUTED_IF_SAME_SHAPE and step.inputs[0] not in shown):
        before, after = facts.proved.get(step.inputs[0]), facts.proved.get(step.outputs[0])
        return before is not None and before == after
    return False


def common_subexpressions(plan: Plan, facts: Facts) -> Plan:
    """Two steps of one kind with equal inputs and attributes become one; so do small equal constants."""
    del facts
    place: dict[int, int] = {}
    key_of: dict[int, int | None] = {}
    constant_of: dict[Any, int] = {}
    for value, array in plan.constants.items():
        if array.nbytes <= _MAX_MERGED and array.dtype != object:
            first = constant_of.setdefault((array.dtype, array.shape, array.tobytes()), value)
            if first != value:
                place[value] = first
    found: dict[Any, Step] = {}
    steps = []
    for step in plan.steps:
        moved = _moved(step, place)
        if moved.kind == "op" and moved.outputs and -1 not in moved.outputs and _movable(moved, plan):
            key = (moved.op.type, moved.inputs, _attrs_key(moved.op.attrs))
            try:
                first_step = found.setdefault(key, moved)
            except TypeError:  # an attribute that can't be hashed
                first_step = moved
            if first_step is not moved:
                place.update(zip(moved.outputs, first_step.outputs))
                key_of[moved.key] = first_step.key
                continue
        steps.append(moved)
    return _renamed(plan, steps, place, key_of) if place else plan


def _attrs_key(attrs: dict[str, Any]) -> Any:
    return tuple((name, _hashable(value)) for name, value in sorted(attrs.items()) if not name.startswith("_"))


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_hashable(v) for v in value)
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes()) if value.dtype != object else id(value)
    if isinstance(value, float):
        return value.hex()  # 0.0 and -0.0 are not the same, NaN is
    return (type(value).__name__, value)


def _movable(step: Step, plan: Plan) -> bool:
    """True for steps without effects that nobody has ordered after others."""
    return not (step.pinned or step.control or step.deref or step.cells or step.copies or step.key in plan.targets)


def _moved(step: Step, place: dict[int, int]) -> Step:
    """The step with its inputs renamed."""
    if place and any(v in place for v in step.inputs):
        return replace(step, inputs=tuple(place.get(v, v) for v in step.inputs))
    return step


def _renamed(plan: Plan, steps: list[Step], place: dict[int, int], key_of: dict[int, int | None]) -> Plan:
    """The plan with `steps`; fetched values and control edges follow what was replaced."""

    def final(key: int) -> int | None:
        found: int | None = key
        while found is not None and found in key_of:
            found = key_of[found]
        return found

    ready = []
    for step in steps:
        if any(k in key_of for k in step.control):
            moved = dict.fromkeys(final(k) for k in step.control)
            step = replace(step, control=tuple(k for k in moved if k is not None))
        ready.append(step)
    fetched = tuple(Fetch(f.tensor, place.get(f.value, f.value)) for f in plan.fetched)
    return replace(plan, steps=tuple(ready), fetched=fetched)


def _without_dead(plan: Plan) -> Plan:
    """Drops steps without effects that nobody uses, waits for, or asked for; and constants that nobody uses."""
    used = {f.value for f in plan.fetched}
    waited: set[int] = set(plan.targets)
    kept = []
    for step in reversed(plan.steps):
        if step.pinned or step.key in waited or step.kind == "read" or any(out in used for out in step.outputs):
            kept.append(step)
            used.update(step.inputs)
            waited.update(step.control)
    steps = plan.steps if len(kept) == len(plan.steps) else tuple(reversed(kept))
    constants = {value: array for value, array in plan.constants.items() if value in used}
    return replace(plan, steps=steps, constants=constants)


def _same(one: Plan, other: Plan) -> bool:
    return one.steps == other.steps and one.fetched == other.fetched


# In the order in which they run.
PASSES: Final[dict[str, Pass]] = {
    "shape_folding": shape_folding,
    "constant_folding": constant_folding,
    "identity_elimination": identity_elimination,
    "common_subexpressions": common_subexpressions,
}
