"""Who shares memory with whom, and what must be copied so that no write to a variable shows through.

As in TensorFlow, a reference variable handed on by `Identity` (``w/read``) and its like is a *live* view: whoever
uses it sees the variable as it is then. All other values (reads of resource variables, slices, transposes) keep what
they were computed with: where this engine makes them views and a later write would show through, they are copied.
Knows the plan only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.runtime.plan import ONE_PASS_WRITERS, Plan, Step

__all__ = [
    "HANDLE_TYPES", "SAME_BUFFER", "aliases", "is_read", "last_uses", "live_views", "roots", "steady_reads",
    "with_copies"]

HANDLE_TYPES: Final = frozenset({"VariableV2", "Variable", "VarHandleOp"})

# Ops that hand on the very buffer in TensorFlow.
SAME_BUFFER: Final = frozenset({
    "Identity", "StopGradient", "PreventGradient", "Reshape", "ExpandDims", "Squeeze", "PlaceholderWithDefault"})


def roots(steps: Sequence[Step]) -> dict[int, int]:
    """Maps each value that is a handle to the value that stands for its variable (a handle passed on is the same
    one).
    """
    root: dict[int, int] = {}
    by_place: dict[tuple[str, ...], int] = {}
    for step in steps:
        for at in step.cells:
            root.setdefault(step.inputs[at], step.inputs[at])
        if step.kind != "op":
            continue
        source = root.get(step.inputs[step.cells[0]]) if step.cells else None
        for out, tensor in zip(step.outputs, step.op.outputs):
            if out < 0 or not (tensor.dtype._is_ref_dtype or tensor.dtype.name == "resource"):
                continue
            if source is not None and (tensor.dtype._is_ref_dtype or step.alias):
                root[out] = source
            else:
                # Two nodes may name one variable (shared_name).
                attrs = step.op.attrs
                place = (str(attrs.get("container", "")), str(attrs.get("shared_name") or step.op.name))
                root[out] = by_place.setdefault(place, out)
    return root


def live_views(steps: Sequence[Step], root: dict[int, int]) -> dict[int, int]:
    """Maps each value that is a live view to the variable it shows."""
    live: dict[int, int] = {}
    for step in steps:
        if step.kind != "op" or step.op.type not in SAME_BUFFER or not step.inputs:
            continue
        source = step.inputs[0]
        if step.deref and step.deref[0]:
            live[step.outputs[0]] = root.get(source, source)
        elif source in live:
            live[step.outputs[0]] = live[source]
    live.pop(-1, None)
    return live


def is_read(step: Step) -> bool:
    """True for steps that do nothing but read a variable."""
    if step.op.type == "Identity":
        return step.kind == "read" or (bool(step.deref) and step.deref[0])
    return step.kind == "read" or step.op.type == "ReadVariableOp"


def steady_reads(plan: Plan) -> set[int]:
    """Values read of variables that no earlier step of the plan writes to: their shapes are those before the run."""
    root = roots(plan.steps)
    fed = set(plan.fed)
    written: set[int] = set()
    found: set[int] = set()
    for step in plan.steps:
        if is_read(step):
            variable = root.get(step.inputs[0], step.inputs[0])
            if variable not in written and variable not in fed and step.outputs[0] >= 0:
                found.add(step.outputs[0])
        written.update(root.get(step.inputs[at], step.inputs[at]) for at in step.writes)
    return found


def aliases(plan: Plan) -> dict[int, frozenset[int]]:
    """Maps a value to the values whose memory it may share (itself not among them): fed ones, constants, variables
    (by the value that stands for them), outputs of kernels.
    """
    root = roots(plan.steps)
    shares: dict[int, frozenset[int]] = {}
    none: frozenset[int] = frozenset()
    for step in plan.steps:
        if step.kind == "read" or step.copies:
            continue
        sources: set[int] = set()
        for at, value in enumerate(step.inputs):
            if step.deref and step.deref[at]:
                if step.alias:
                    sources.add(root.get(value, value))
            elif at in step.cells:
                sources.add(root[value])  # the kernel of a read may hand out the array itself
            elif step.alias and at not in step.copied:
                sources.add(value)
                sources |= shares.get(value, none)
        if sources:
            frozen = frozenset(sources)
            for out in step.outputs:
                if out >= 0 and out not in root:
                    shares[out] = frozen
    return shares


def last_uses(plan: Plan) -> dict[int, int]:
    """Maps each used value to the index of the last step that takes it (`len(steps)` where it is fetched)."""
    last: dict[int, int] = {}
    for i, step in enumerate(plan.steps):
        for value in step.inputs:
            last[value] = i
    for fetch in plan.fetched:
        last[fetch.value] = len(plan.steps)
    return last


def with_copies(plan: Plan) -> Plan:
    """Returns a scheduled plan with `copies` and `copied` set where memory shared with a variable would show a later
    write.
    """
    if any(s.copies or s.copied for s in plan.steps):  # from an earlier order of these steps
        plan = replace(plan, steps=tuple(replace(s, copies=False, copied=()) for s in plan.steps))
    root = roots(plan.steps)
    if not root:
        return plan
    shares = aliases(plan)
    live = live_views(plan.steps, root)
    last = last_uses(plan)
    writes: dict[int, list[int]] = {}
    for i, step in enumerate(plan.steps):
        for variable in {root.get(step.inputs[at], step.inputs[at]) for at in step.writes}:
            writes.setdefault(variable, []).append(i)
    steps = []
    for i, step in enumerate(plan.steps):
        copies = any(_crossed(i, last.get(out, -1), variable, writes)
                     for out in step.outputs if out not in live for variable in shares.get(out, ()))
        copied = _hazards(step, root, shares)
        if copies != step.copies or copied != step.copied:
            step = replace(step, copies=copies, copied=copied)
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def _crossed(made: int, used: int, variable: int, writes: dict[int, list[int]]) -> bool:
    """True if `variable` is written to after step `made` and before the last use."""
    return any(made < at <= used for at in writes.get(variable, ()))


def _hazards(step: Step, root: dict[int, int], shares: dict[int, frozenset[int]]) -> tuple[int, ...]:
    """Positions of the inputs that the kernel must get as copies.

    They share memory with a variable, and the kernel keeps them beyond the run, or writes to that variable in several
    passes and would see its own changes.
    """
    if not (step.retains or (step.writes and step.op.type not in ONE_PASS_WRITERS)):
        return ()
    written = {root.get(step.inputs[at], step.inputs[at]) for at in step.writes}
    variables = set(root.values())
    found = []
    for at, value in enumerate(step.inputs):
        if at in step.cells:
            continue
        if step.deref and step.deref[at]:
            behind = {root.get(value, value)}
        else:
            behind = set(shares.get(value, ()))
        if behind & (variables if step.retains else written):
            found.append(at)
    return tuple(found)
