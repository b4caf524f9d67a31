"""Fourth stage: a plan becomes one straight-line Python function over static buffers, for feeds of given shapes.

Each step is one line that calls a kernel on names of our own making: ``u3(v1, k7, b9)``. No name, attribute or
string of the graph ever reaches the source text; what a line needs is bound in the function's globals. Line numbers
tell which step failed. Imports core.graph and its neighbours here; never core.ops.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from core.graph import Cell
from core.runtime.bind import bind, bind_out, bind_prepared, fresh_copy
from core.runtime.buffers import Need, place
from core.runtime.facts import Facts
from core.runtime.fresh import fresh
from core.runtime.guard import Guard, guarded_ranges
from core.runtime.memory import aliases, last_uses, roots
from core.runtime.plan import Plan, Step
from core.runtime.state import SessionState

__all__ = ["Code", "Deopt", "specialise"]

_HANDLES: Final = frozenset({"VariableV2", "Variable", "VarHandleOp"})  # the same object in every run of a session
_DROP: Final = 1 << 14  # bytes: values at least this large are let go right after their last use


class Deopt(Exception):
    """A value has not the shape that the generated code was made for; the interpreter takes over. `value` is its
    number.
    """

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.value = value


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
        for name, make in self.makers:
            names[name] = make()
        names["G"] = names
        return types.FunctionType(self.code, names)

    def value_of(self, value: int, frame: types.FrameType) -> Any:
        """What a value holds in a frame of this code; LookupError if nothing."""
        name = self.names[value]
        return frame.f_locals[name] if name in frame.f_locals else frame.f_globals[name]


class _Writer:
    """Collects the lines of one function."""

    def __init__(self, plan: Plan, facts: Facts, state: SessionState, static: bool) -> None:
        self.plan = plan
        self.facts = facts
        self.state = state
        self.static = static
        self.names: dict[int, str] = {}
        self.shared: dict[str, Any] = {
            "fresh": fresh, "copy": fresh_copy, "read": _read, "Deopt": Deopt, "Cell": Cell}
        self.makers: list[tuple[str, Callable[[], Any]]] = []
        self.lines: list[str] = []
        self.step_of_line: list[tuple[int, int]] = []
        self.indent = " "
        self.kernel_names: dict[int, str] = {}
        self.owned: set[int] = set()  # values that nobody else holds, so that they can be handed out as they are
        self.kept: set[int] = set()  # values that may be held beyond the run
        self.checked: set[int] = set()  # values whose shape is certain here: proved, or looked at by a line
        self.storage: dict[int, str] = {}
        self.roots = roots(plan.steps)
        self.prepared: set[int] = set()  # outputs that may lie in a kernel's own memory

    # -- small things

    def line(self, text: str, step: int, resume: int | None = None) -> None:
        self.lines.append(self.indent + text)
        self.step_of_line.append((step, step if resume is None else resume))

    def bound(self, prefix: str, item: Any) -> str:
        """The global name under which `item` is bound (one per object)."""
        known = self.kernel_names.get(id(item))
        if known is None:
            known = self.kernel_names[id(item)] = f"{prefix}{len(self.shared)}"
            self.shared[known] = item  # keeps it alive, so that its id stays its own
        return known

    def argument(self, value: int) -> str:
        return self.names[value]

    def certain(self, value: int) -> bool:
        return value in self.facts.proved or value in self.checked


def specialise(
    plan: Plan, facts: Facts, state: SessionState, static_buffers: bool = True, internal: bool = False,
) -> Code:
    """Writes and compiles the function of a plan.

    Args:
      plan: Scheduled, after the passes.
      facts: Shapes for the feeds that the code is for; without any the code serves all shapes.
      state: The session whose variables it uses.
      static_buffers: False lets every kernel allocate its result.
      internal: The results stay inside the engine: only what the next run would change must be copied.
    """
    writer = _Writer(plan, facts, state, static_buffers)
    for value, array in plan.constants.items():
        writer.names[value] = f"k{value}"
        writer.shared[f"k{value}"] = array
    for at, value in enumerate(plan.fed):
        writer.names[value] = f"f{at}"
    buffered, wanted = _choose_buffers(writer)
    placement = place(buffered)
    ranges = guarded_ranges(plan)
    last = last_uses(plan)
    dead: dict[int, list[int]] = {}
    for value, at in last.items():
        dead.setdefault(at, []).append(value)
    for at, step in enumerate(plan.steps):
        _mark(writer, ranges.get(at), at)
        _emit(writer, at, step, placement.offsets, wanted)
        _let_go(writer, at, dead.get(at, ()))
    _mark(writer, ranges.get(len(plan.steps)), len(plan.steps))
    result = _internal_results(writer) if internal else _result
    results = ", ".join(result(writer, f.value) for f in plan.fetched)
    writer.line(f"return [{results}]", len(plan.steps))
    parameters = ", ".join(f"f{i}" for i in range(len(plan.fed)))
    source = f"def run({parameters}):\n" + "\n".join(writer.lines) + "\n"
    code = next(c for c in compile(source, "<plan>", "exec").co_consts if isinstance(c, types.CodeType))
    buffers = []
    for need in buffered:
        seen = facts.seen[need.value]
        buffers.append((f"b{need.value}", placement.offsets[need.value], seen.shape, seen.dtype))
    return Code(plan, source, code, writer.step_of_line, writer.names, writer.shared, writer.makers, buffers,
                placement.size, writer.storage)


def _read(cell: Cell, array: Any, wanted: Any, value: int, name: str, names: dict[str, Any]) -> Any:
    """Called where a variable does not hold the very array that it held last time."""
    if array is None:
        return cell.read()  # raises
    if wanted is not None and (array.shape != wanted[0] or array.dtype != wanted[1]):
        raise Deopt(value)
    names[name] = array
    return array


# ---------------------------------------------------------------------- buffers


def _choose_buffers(writer: _Writer) -> tuple[list[Need], set[int]]:
    """Which values live in static buffers, and which values' shapes must be looked at for that."""
    plan, facts = writer.plan, writer.facts
    if not writer.static:
        return [], set()
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
    needs: list[Need] = []
    chosen: dict[int, Need] = {}
    wanted: set[int] = set()
    certain = set(facts.proved)
    for at, step in enumerate(plan.steps):
        definition = step.op.op_def
        if _reads(step) and step.inputs[0] not in plan.fed:
            if step.outputs[0] in facts.seen and step.outputs[0] not in facts.unstable:
                certain.add(step.outputs[0])  # the line that reads a variable looks at its shape
            continue
        if definition.prepare is not None and step.kind == "op" and not step.retains and all(
                facts.shape(v) is not None for v in step.inputs):
            wanted.update(v for v in step.inputs if v not in certain)
            certain.update(step.inputs)
            continue
        if step.kind != "op" or len(step.outputs) != 1 or step.pinned or any(step.deref) or step.copies:
            continue
        out = step.outputs[0]
        if definition.ufunc is None and definition.kernel_out is None:
            continue
        seen = facts.seen.get(out)
        shape = facts.shape(out)
        if definition.ufunc is not None and shape is not None and all(v in certain for v in step.inputs):
            certain.add(out)
            writer.checked.add(out)
        if (out < 0 or out in fetched or out in kept or seen is None or shape is None or seen.dtype == object
                or out in shares or shape != seen.shape):
            continue
        nbytes = math.prod(shape) * seen.dtype.itemsize
        if nbytes == 0 or any(facts.shape(v) is None for v in step.inputs):
            continue
        wanted.update(v for v in step.inputs if v not in certain)
        certain.update(step.inputs)
        certain.add(out)
        writer.checked.add(out)
        heir = -1
        # NumPy takes a slow path for one element in place.
        if definition.ufunc is not None and nbytes > seen.dtype.itemsize:
            for value in step.inputs:
                other = chosen.get(value)
                if other is not None and other.death == at and value not in aliased and (
                        facts.shape(value) == shape and facts.seen[value].dtype == seen.dtype):
                    heir = value
                    break
        need = Need(out, at, max(until.get(out, at), at), nbytes, heir)
        chosen[out] = need
        needs.append(need)
    return needs, wanted


# ---------------------------------------------------------------------- lines


def _mark(writer: _Writer, on: bool | None, at: int) -> None:
    """Opens or closes a stretch in which no interrupt may come."""
    if on is True:
        if not any(name == "guard" for name, _ in writer.makers):
            writer.makers.append(("guard", Guard))
        writer.line("guard.move(True)", at)
        writer.line("try:", at)
        writer.indent += " "
        writer.line("pass", at)
    elif on is False and len(writer.indent) > 1:
        writer.indent = writer.indent[:-1]
        writer.line("finally: guard.move(False)", at)


def _emit(writer: _Writer, at: int, step: Step, offsets: dict[int, int], wanted: set[int]) -> None:
    op = step.op
    if op.type in _HANDLES and step.kind == "op":
        handle = bind(step, writer.state)()
        writer.names[step.outputs[0]] = writer.bound("c", handle)
        return
    if op.type == "NoOp" and step.kind == "op":
        return
    definition = op.op_def
    single = definition.single_output
    if _reads(step):
        _emit_read(writer, at, step.inputs[0], step.outputs[0], step.copies or step.kind == "read")
        _look(writer, at, step, wanted)
        return
    arguments = []
    for i, value in enumerate(step.inputs):
        name = writer.argument(value)
        if step.deref and step.deref[i]:
            temporary = f"t{at}_{i}"
            fed = value in writer.plan.fed
            condition = f" if {name}.__class__ is Cell else {name}" if fed else ""
            writer.line(f"{temporary} = {name}.read(){condition}", at)
            name = temporary
        if i in step.copied:
            name = f"copy({name})"
        arguments.append(name)
    joined = ", ".join(arguments)
    out = step.outputs[0] if step.outputs else -1
    if single and out in offsets:
        name = writer.names[out] = f"b{out}"
        writer.storage[step.key] = name
        if definition.ufunc is not None:
            # A positional `out` is cheaper; NumPy has deprecated it for these two.
            keyword = "out=" if definition.ufunc in ("maximum", "minimum") else ""
            writer.line(f"{writer.bound('u', getattr(np, definition.ufunc))}({joined}, {keyword}{name})", at)
        else:
            kernel_out = bind_out(step)
            assert kernel_out is not None
            writer.line(f"{writer.bound('o', kernel_out)}({name}, {joined})", at)
    elif not step.outputs:
        writer.line(f"{_kernel(writer, step)}({joined})", at)
    elif single:
        text = f"{_kernel(writer, step)}({joined})"
        variable = writer.names.get(writer.roots.get(out, -1), "")
        if isinstance(writer.shared.get(variable), Cell):
            writer.names[out] = variable  # a reference to the variable that the step has changed
            out = -1
        if out < 0:
            writer.line(text, at)
            return
        writer.names[out] = f"v{out}"
        writer.line(f"v{out} = copy({text})" if step.copies else f"v{out} = {text}", at)
        if step.copies or definition.ufunc is not None:
            writer.owned.add(out)
    else:
        for value in step.outputs:
            if value >= 0:
                writer.names[value] = f"v{value}"
        targets = ", ".join(f"v{v}" if v >= 0 else "_" for v in step.outputs)
        text = f"{_kernel(writer, step)}({joined})"
        writer.line(f"{targets}, = " + (f"map(copy, {text})" if step.copies else text), at)
    _look(writer, at, step, wanted)


def _reads(step: Step) -> bool:
    """True for steps that do nothing but read a variable."""
    if step.op.type == "Identity":
        return step.kind == "read" or (bool(step.deref) and step.deref[0])
    return step.kind == "read" or step.op.type == "ReadVariableOp"


def _look(writer: _Writer, at: int, step: Step, wanted: set[int]) -> None:
    """Looks at the shapes of a step's outputs where later lines rely on them and nothing proves them."""
    for value in step.outputs:
        if value in wanted and not writer.certain(value):
            shape = writer.facts.shape(value)
            writer.line(f"if v{value}.shape != {writer.bound('s', shape)}: raise Deopt({value})", at, at + 1)
            writer.checked.add(value)


def _kernel(writer: _Writer, step: Step) -> str:
    """The name of what computes a step: a kernel made for the shapes if there is one, else the general one."""
    definition = step.op.op_def
    if definition.ufunc is not None and not step.copies:
        return writer.bound("u", getattr(np, definition.ufunc))
    if definition.prepare is not None and writer.static and not step.retains:
        shapes = [writer.facts.shape(v) for v in step.inputs]
        seen = [writer.facts.seen.get(v) for v in step.inputs]
        arrays = [writer.plan.constants.get(v) for v in step.inputs]
        if None not in shapes and all(writer.certain(v) for v in step.inputs) and all(
                s is not None or a is not None for s, a in zip(seen, arrays)):
            dtypes = [s.dtype if s is not None else a.dtype for s, a in zip(seen, arrays)]  # type: ignore[union-attr]
            if bind_prepared(step, shapes, dtypes) is not None:
                name = f"p{step.key}"
                writer.makers.append((name, lambda: bind_prepared(step, shapes, dtypes)))
                writer.prepared.update(step.outputs)
                return name
    return writer.bound("o", bind(step, writer.state))


def _emit_read(writer: _Writer, at: int, source: int, out: int, copies: bool) -> None:
    """Reads a variable: its array, or a copy."""
    if out < 0:  # fed: only the check is left, that the variable has a value
        writer.line(f"{writer.names[source]}.read()", at)
        return
    cell = writer.names[source]
    handle = writer.shared.get(cell)
    name = writer.names[out] = f"v{out}"
    if not isinstance(handle, Cell):  # fed, or handed out by a kernel: found out in the run
        writer.line(f"{name} = {cell}.read() if {cell}.__class__ is Cell else {cell}", at)
        if copies:
            writer.line(f"{name} = copy({name})", at)
        return
    seen = writer.facts.seen.get(out)
    wanted = None
    if writer.static and seen is not None and out not in writer.facts.unstable:
        wanted = (seen.shape, seen.dtype)
        writer.checked.add(out)
    last = f"a{out}"
    writer.makers.append((last, lambda: handle.array))
    expected = writer.bound("s", wanted)
    writer.line(f"{name} = {cell}.array", at)
    writer.line(f"if {name} is not {last} or {name} is None: "
                f"{name} = read({cell}, {name}, {expected}, {out}, '{last}', G)", at)
    if copies:
        writer.line(f"{name} = {name}.copy()", at)
        writer.owned.add(out)


def _let_go(writer: _Writer, at: int, values: Sequence[int]) -> None:
    """Frees large arrays that kernels have allocated and nobody needs any more."""
    for value in values:
        name = writer.names.get(value, "")
        seen = writer.facts.seen.get(value)
        if name.startswith("v") and (seen is None or math.prod(seen.shape) * seen.dtype.itemsize >= _DROP):
            writer.line(f"{name} = None", at, at + 1)


def _result(writer: _Writer, value: int) -> str:
    """What hands a fetched value out: a fresh array, a NumPy scalar."""
    name = writer.names[value]
    seen = writer.facts.seen.get(value)
    if seen is not None and seen.dtype != object and writer.certain(value):
        if seen.shape == ():
            return f"{name}[()]"
        if value in writer.owned and value not in writer.kept:
            writer.owned.discard(value)  # fetched twice: the second gets a copy
            return name
        return f"{name}.copy()"
    return f"fresh({name})"



def _internal_results(writer: _Writer) -> Callable[[_Writer, int], str]:
    """Words results that no user sees: copies only of what lies in a buffer, a variable or a kernel's own memory."""
    shares = aliases(writer.plan)
    passing = {value for value, name in writer.names.items() if name[0] in "bc"} | writer.prepared | set(
        writer.roots.values())

    def result(writer: _Writer, value: int) -> str:
        if value in passing or not passing.isdisjoint(shares.get(value, ())):
            return f"copy({writer.names[value]})"
        return writer.names[value]
    return result
