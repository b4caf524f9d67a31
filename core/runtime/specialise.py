"""Fourth stage: a plan becomes one straight-line Python function over static buffers, for feeds of given shapes.

Each step is one line that calls a kernel on names of our own making: ``u3(v1, k7, b9)`` (core.runtime.emit). No name or
string of the graph ever reaches the source text; what a line needs is bound in the function's globals. Line numbers
tell which step failed. Imports core.graph and its neighbours here; never core.ops.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.runtime.bind import bind_prepared
from core.runtime.buffers import Need, place
from core.runtime.emit import Writer, emit, internal_results, let_go, mark, prologue, result, settle_updates
from core.runtime.facts import Facts
from core.runtime.flat import Flat, find_groups
from core.runtime.guard import guarded_ranges
from core.runtime.memory import aliases, is_read, last_uses
from core.runtime.plan import Plan, Step
from core.runtime.state import SessionState

__all__ = ["Code", "specialise"]


@dataclass(slots=True)
class Code:
    """Generated code and what is needed to make instances of it. An instance serves one run at a time."""

    plan: Plan
    source: str
    code: types.CodeType
    step_of_line: list[tuple[int, int]]  # line -> (its step, the step to go on with after a Deopt there)
    names: dict[int, str]  # value -> the name that holds it (local or global)
    shared: dict[str, Any]  # globals that all instances have
    makers: list[tuple[str, Callable[[], Any]]]  # globals that each instance makes for itself
    buffers: list[tuple[str, int, tuple[int, ...], Any]]  # name, offset, shape, dtype
    arena: int
    flat_buffers: list[tuple[str, int, Any, list[tuple[str, int, int, tuple[int, ...]]]]] = field(default_factory=list)
    storage: dict[int, str] = field(default_factory=dict)  # step key -> buffer name, for inspection
    free: list[Callable[..., list[Any]]] = field(default_factory=list)

    def instance(self) -> Callable[..., list[Any]]:
        """A new function with buffers of its own."""
        names = dict(self.shared)
        if self.arena:
            block = np.empty(self.arena + 64, np.uint8)
            start = -block.ctypes.data % 64
            for name, offset, shape, dtype in self.buffers:
                names[name] = np.ndarray(shape, dtype, block, start + offset)
        for name, total, dtype, parts in self.flat_buffers:
            whole = names[name] = np.empty(total, dtype)
            for part, begin, size, shape in parts:
                names[part] = whole[begin:begin + size].reshape(shape)
        for name, make in self.makers:
            names[name] = make()
        names["G"] = names
        return types.FunctionType(self.code, names)

    def value_of(self, value: int, frame: types.FrameType) -> Any:
        """What a value holds in a frame of this code; LookupError if nothing."""
        name = self.names[value]
        return frame.f_locals[name] if name in frame.f_locals else frame.f_globals[name]


def specialise(
    plan: Plan, facts: Facts, state: SessionState, static_buffers: bool = True, merge_updates: bool = True,
    internal: bool = False,
) -> Code:
    """Writes and compiles the function of a plan.

    Args:
      plan: Scheduled, after the passes.
      facts: Shapes for the feeds that the code is for; without any the code serves all shapes.
      state: The session whose variables it uses.
      static_buffers: False lets every kernel allocate its result.
      merge_updates: False runs each optimiser update on its own.
      internal: The results stay inside the engine: only what the next run would change must be copied.
    """
    writer = Writer(plan, facts, state)
    for value, array in plan.constants.items():
        writer.names[value] = f"k{value}"
        writer.shared[f"k{value}"] = array
    for at, value in enumerate(plan.fed):
        writer.names[value] = f"f{at}"
    needs = _choose_buffers(writer) if static_buffers else []
    groups = _updates(writer) if merge_updates and static_buffers else []
    placed = {step.inputs[at] for flat in groups for step in flat.steps for at in flat.gradients}
    writer.direct = {n.value for n in needs if n.value in placed}
    needs = [replace(n, heir_of=-1) if n.heir_of in placed else n for n in needs if n.value not in placed]
    placement = place(needs)
    writer.offsets = placement.offsets
    ranges = guarded_ranges(plan)
    dead: dict[int, list[int]] = {}
    for value, at in last_uses(plan).items():
        dead.setdefault(at, []).append(value)
    prologue(writer)
    settle_updates(writer, groups)
    for at, step in enumerate(plan.steps):
        mark(writer, ranges.get(at), at)
        emit(writer, at, step)
        let_go(writer, at, dead.get(at, ()))
    mark(writer, ranges.get(len(plan.steps)), len(plan.steps))
    word = internal_results(writer) if internal else result
    writer.line(f"return [{', '.join(word(writer, f.value) for f in plan.fetched)}]", len(plan.steps))
    parameters = ", ".join(f"f{i}" for i in range(len(plan.fed)))
    source = f"def run({parameters}):\n" + "\n".join(writer.lines) + "\n"
    code = next(c for c in compile(source, "<plan>", "exec").co_consts if isinstance(c, types.CodeType))
    buffers = []
    for need in needs:
        seen = facts.seen[need.value]
        buffers.append((f"b{need.value}", placement.offsets[need.value], seen.shape, seen.dtype))
    plan = replace(plan, fused={flat.steps[0].key: tuple(s.name for s in flat.steps) for flat in groups})
    return Code(plan, source, code, writer.step_of_line, writer.names, writer.shared, writer.makers, buffers,
                placement.size, writer.flat_buffers, writer.storage)


def _updates(writer: Writer) -> list[Flat]:
    """Groups of optimiser updates that run as one."""
    def cell_of(value: int) -> Any:
        return writer.handles.get(writer.roots.get(value, value))

    def shape_of(value: int) -> tuple[int, ...] | None:
        return writer.facts.shape(value) if writer.certain(value) else None

    variable_of = {s.outputs[0]: s.inputs[0] for s in writer.plan.steps if s.outputs and s.outputs[0] in writer.steady}

    def identity_of(value: int) -> Any:
        read = variable_of.get(value)
        return value if read is None else ("read", writer.roots.get(read, read))

    return find_groups(writer.plan, cell_of, shape_of, identity_of)


# ---------------------------------------------------------------------- buffers


def _choose_buffers(writer: Writer) -> list[Need]:
    """Which values live in static buffers; notes which shapes must be looked at for that, and special kernels."""
    plan, facts = writer.plan, writer.facts
    shares = aliases(plan)
    last = last_uses(plan)
    until = dict(last)
    kept = writer.kept
    kept.update(v for step in plan.steps if step.retains for v in step.inputs)
    for step in reversed(plan.steps):
        for out in step.outputs:
            for source in shares.get(out, ()):
                until[source] = max(until.get(source, -1), until.get(out, -1))
                if out in kept:
                    kept.add(source)
    fetched = {f.value for f in plan.fetched}
    aliased = {source for out, sources in shares.items() if last.get(out, -1) >= 0 for source in sources}
    chosen: dict[int, Need] = {}
    for at, step in enumerate(plan.steps):
        if step.kind != "op" or is_read(step) or any(facts.shape(v) is None for v in step.inputs):
            continue
        if _special(writer, step):
            _rely(writer, step)
            continue
        definition = step.op.op_def
        if len(step.outputs) != 1 or (definition.ufunc is None and definition.kernel_out is None):
            continue
        out = step.outputs[0]
        seen = facts.seen.get(out)
        if out < 0 or seen is None or facts.shape(out) != seen.shape or step.pinned or any(step.deref):
            continue
        if step.copies or step.copied:
            continue
        if definition.ufunc is not None and all(writer.certain(v) for v in step.inputs):
            writer.checked.add(out)
        nbytes = math.prod(seen.shape) * seen.dtype.itemsize
        if out in fetched or out in kept or out in shares or seen.dtype == object or nbytes == 0:
            continue
        _rely(writer, step)
        writer.checked.add(out)
        heir = -1
        # NumPy takes a slow path for one element in place.
        if definition.ufunc is not None and nbytes > seen.dtype.itemsize:
            for value in step.inputs:
                other = chosen.get(value)
                if other is not None and other.death == at and value not in aliased and (
                        facts.shape(value) == seen.shape and facts.seen[value].dtype == seen.dtype):
                    heir = value
                    break
        chosen[out] = Need(out, at, max(until.get(out, at), at), nbytes, heir)
    return list(chosen.values())


def _rely(writer: Writer, step: Step) -> None:
    """From here on the shapes of the step's inputs are certain: lines before it will look at those not proved."""
    for value in step.inputs:
        if not writer.certain(value):
            writer.wanted.add(value)


def _special(writer: Writer, step: Step) -> bool:
    """True if the op has a kernel made for these shapes."""
    if step.op.op_def.prepare is None or step.retains or any(step.deref):
        return False
    dtypes = []
    for value in step.inputs:
        known = writer.facts.seen.get(value)
        array = writer.plan.constants.get(value)
        if known is not None:
            dtypes.append(known.dtype)
        elif array is not None:
            dtypes.append(array.dtype)
        else:
            return False
    shapes = [writer.facts.shape(v) for v in step.inputs]
    if bind_prepared(step, shapes, dtypes) is None:
        return False
    writer.special[step.key] = (shapes, dtypes)
    return True
