"""Writes the lines of generated code: what each step becomes. Names are of our own making; what they mean is bound.

Imports core.graph and its neighbours here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from core.graph import Cell
from core.runtime.bind import bind, bind_out, bind_prepared, fresh_copy
from core.runtime.facts import Facts
from core.runtime.flat import Flat, settle
from core.runtime.fresh import fresh
from core.runtime.guard import Guard
from core.runtime.memory import HANDLE_TYPES, aliases, is_read, roots, steady_reads
from core.runtime.plan import Plan, Step
from core.runtime.state import OpContext, SessionState

__all__ = [
    "Deopt", "Stale", "Writer", "emit", "internal_results", "let_go", "mark", "prologue", "result",
    "settle_updates"]

_DROP: Final = 1 << 14  # bytes: values at least this large are let go right after their last use
_NOTHING: Final = object()  # what a variable "held last time" before it had a value


class Deopt(Exception):
    """A value has not the shape that the code was made for; the interpreter goes on. `value` is the value's number."""

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.value = value


class Stale(Exception):
    """A variable has not the shape that the code was made for; nothing has run yet, the run starts anew elsewhere."""


def _held(cell: Cell, wanted: Any) -> Any:
    """The array that a variable holds now, if it is as the code wants it."""
    array = cell.array
    if array is None or (wanted is not None and (array.shape != wanted[0] or array.dtype != wanted[1])):
        return _NOTHING
    return array


def look(cell: Cell, array: Any, wanted: Any, name: str, names: dict[str, Any]) -> Any:
    """Called at the start of a run where a variable does not hold the very array that it held last time."""
    if array is None:
        return cell.read()  # raises
    if wanted is not None and (array.shape != wanted[0] or array.dtype != wanted[1]):
        raise Stale
    names[name] = array
    return array


class Writer:
    """Collects the lines of one function."""

    def __init__(self, plan: Plan, facts: Facts, state: SessionState) -> None:
        self.plan = plan
        self.facts = facts
        self.state = state
        self.names: dict[int, str] = {}
        self.shared: dict[str, Any] = {
            "fresh": fresh, "copy": fresh_copy, "look": look, "Deopt": Deopt, "Cell": Cell, "Stale": Stale,
            "into": np.copyto, "dot": np.dot}
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
        self.steady = set(steady_reads(plan))
        # Handles of variables are the same objects in every run of a session.
        self.handles = {
            s.outputs[0]: bind(s, state)() for s in plan.steps if s.kind == "op" and s.op.type in HANDLE_TYPES}
        self.offsets: dict[int, int] = {}  # values that live in static buffers
        self.wanted: set[int] = set()  # values whose shape must be looked at
        self.special: dict[int, tuple[list[Any], list[Any]]] = {}  # step key -> shapes and dtypes for its own kernel
        self.merged: dict[int, Flat | None] = {}  # step key -> what it runs as (None: with another one)
        self.wholes: dict[Flat, list[Cell]] = {}  # for each written argument, a cell over all variables of the group
        self.gradient_buffers: dict[tuple[Flat, int], str] = {}
        self.flat_buffers: list[tuple[str, int, Any, list[tuple[str, int, int, tuple[int, ...]]]]] = []
        self.direct: set[int] = set()  # gradients that are written right into their part
        self.gradients: dict[int, str] = {}  # value -> the part of a flat buffer that it belongs into
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

    def certain(self, value: int) -> bool:
        return value in self.facts.proved or value in self.checked


# ---------------------------------------------------------------------- lines


def prologue(writer: Writer) -> None:
    """Reads the variables that the plan reads before it writes to them: a wrong shape shows before anything has run."""
    held: dict[int, str] = {}
    for at, step in enumerate(writer.plan.steps):
        if not step.outputs or step.outputs[0] not in writer.steady:
            continue
        source, out = step.inputs[0], step.outputs[0]
        variable = writer.roots.get(source, source)
        handle = writer.handles.get(variable)
        if not isinstance(handle, Cell):
            writer.steady.discard(out)
            continue
        seen = writer.facts.seen.get(out)
        if variable not in held:
            name = held[variable] = f"h{out}"
            wanted = None
            if out in writer.facts.proved and seen is not None:
                wanted = (seen.shape, seen.dtype)
            last = f"a{out}"
            writer.makers.append((last, partial(_held, handle, wanted)))
            cell = writer.bound("c", handle)
            writer.line(f"{name} = {cell}.array", at)
            writer.line(f"if {name} is not {last}: {name} = look({cell}, {name}, {writer.bound('s', wanted)}, "
                        f"'{last}', G)", at)
        writer.names[out] = held[variable]


def _update(writer: Writer, at: int, step: Step) -> None:
    """Updates of many variables as one, where the first of them stands."""
    if step.outputs:
        writer.names[step.outputs[0]] = writer.names[step.inputs[step.writes[0]]]
    flat = writer.merged[step.key]
    if flat is None:
        return
    arguments = []
    for position, value in enumerate(step.inputs):
        if position in step.writes:
            arguments.append(writer.bound("c", writer.wholes[flat][step.writes.index(position)]))
        elif position in flat.gradients:
            for member in flat.steps:
                gradient = member.inputs[position]
                part = writer.gradients[gradient]
                if writer.names[gradient] != part:
                    writer.line(f"into({part}, {writer.names[gradient]})", at)
            arguments.append(writer.gradient_buffers[flat, position])
        else:
            arguments.append(_scalar(writer, value))
    writer.line(_call(writer, step, ", ".join(arguments)), at)


def settle_updates(writer: Writer, groups: Sequence[Flat]) -> None:
    """Moves the variables of merged updates together; the lines that use them come later."""
    for number, flat in enumerate(groups):
        cells = [[writer.handles[writer.roots[s.inputs[at]]] for s in flat.steps] for at in flat.steps[0].writes]
        writer.wholes[flat] = [settle(column) for column in cells]
        for step in flat.steps:
            writer.merged[step.key] = None
        writer.merged[flat.steps[0].key] = flat
        checks = []
        for column in cells:
            for cell in column:
                checks.append(f"{writer.bound('c', cell)}.array is not {writer.bound('y', cell.array)}")
        at = writer.plan.steps.index(flat.steps[0])
        writer.line(f"if {' or '.join(checks)}: raise Stale", at)
        for position in flat.gradients:
            name = f"g{number}_{position}"
            writer.gradient_buffers[flat, position] = name
            parts = []
            for step, start, size, shape in zip(flat.steps, flat.starts, flat.sizes, flat.shapes):
                value = step.inputs[position]
                writer.gradients[value] = f"{name}_{value}"
                parts.append((writer.gradients[value], start, size, shape))
            writer.flat_buffers.append((name, sum(flat.sizes), flat.dtype, parts))


def mark(writer: Writer, on: bool | None, at: int) -> None:
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


def emit(writer: Writer, at: int, step: Step) -> None:
    """Writes the lines of one step."""
    op = step.op
    if step.kind == "op":
        if op.type in HANDLE_TYPES:
            writer.names[step.outputs[0]] = writer.bound("c", writer.handles[step.outputs[0]])
            return
        if op.type == "NoOp":
            return
    if is_read(step):
        _read(writer, at, step)
    elif step.key in writer.merged:
        _update(writer, at, step)
    else:
        _compute(writer, at, step)
    for value in step.outputs:
        if value in writer.wanted and not writer.certain(value):
            shape = writer.bound("s", writer.facts.shape(value))
            writer.line(f"if v{value}.shape != {shape}: raise Deopt({value})", at, at + 1)
            writer.checked.add(value)


def _read(writer: Writer, at: int, step: Step) -> None:
    """Reads a variable at its place among the steps."""
    source, out = step.inputs[0], step.outputs[0]
    cell = writer.names[source]
    if out < 0:  # fed: only the check is left, that the variable has a value
        writer.line(f"{cell}.read()", at)
        return
    copies = step.copies or step.kind == "read"
    if out in writer.steady:
        if copies:
            writer.line(f"v{out} = {writer.names[out]}.copy()", at)
            writer.names[out] = f"v{out}"
            writer.owned.add(out)
        return
    name = writer.names[out] = f"v{out}"
    if isinstance(writer.shared.get(cell), Cell):
        writer.line(f"{name} = {cell}.read()", at)
    else:  # fed, or handed out by a kernel: known in the run only
        writer.line(f"{name} = {cell}.read() if {cell}.__class__ is Cell else {cell}", at)
    if copies:
        writer.line(f"{name} = copy({name})", at)


def _compute(writer: Writer, at: int, step: Step) -> None:
    """Calls the kernel of a step."""
    definition = step.op.op_def
    joined = ", ".join(_arguments(writer, at, step))
    out = step.outputs[0] if step.outputs else -1
    if len(step.outputs) == 1 and (out in writer.offsets or out in writer.direct):
        name = writer.names[out] = writer.gradients.get(out, f"b{out}")
        writer.storage[step.key] = name
        if definition.ufunc is not None:
            # A positional `out` is cheaper; NumPy has deprecated it for these two.
            keyword = "out=" if definition.ufunc in ("maximum", "minimum") else ""
            writer.line(f"{writer.bound('u', getattr(np, definition.ufunc))}({joined}, {keyword}{name})", at)
        elif _is_plain_product(writer, step):
            # The same BLAS call as the op's own kernel makes, at a third of its cost for small matrices.
            flips = [".T" if step.op.attrs[flip] else "" for flip in ("transpose_a", "transpose_b")]
            left, right = (writer.names[v] + flip for v, flip in zip(step.inputs, flips))
            writer.line(f"dot({left}, {right}, {name})", at)
        else:
            writer.line(f"{writer.bound('o', bind_out(step))}({name}, {joined})", at)
        return
    text = _call(writer, step, joined)
    if not step.outputs:
        writer.line(text, at)
    elif definition.single_output:
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
        writer.line(f"{targets}, = " + (f"map(copy, {text})" if step.copies else text), at)


def _is_plain_product(writer: Writer, step: Step) -> bool:
    """True for a product of two matrices of float32 or float64, neither of them empty."""
    if step.op.type != "MatMul" or step.op.attrs["T"].name not in ("float32", "float64"):
        return False
    shapes = [writer.facts.shape(v) for v in step.inputs]
    return all(s is not None and len(s) == 2 and 0 not in s and writer.certain(v) for s, v in zip(shapes, step.inputs))


def _arguments(writer: Writer, at: int, step: Step) -> list[str]:
    """The names of a step's inputs; variables where arrays are wanted are read on lines before."""
    arguments = []
    definition = step.op.op_def
    # Ufuncs prefer arrays to scalars; a view must be one of the array itself.
    general = not (definition.ufunc or step.alias or step.key in writer.special or definition.has_list_input)
    for i, value in enumerate(step.inputs):
        name = writer.names[value]
        if step.deref and step.deref[i]:
            temporary = f"t{at}_{i}"
            known = isinstance(writer.shared.get(name), Cell)
            condition = "" if known else f" if {name}.__class__ is Cell else {name}"
            writer.line(f"{temporary} = {name}.read(){condition}", at)
            name = temporary
        if general and name == writer.names[value]:
            name = _scalar(writer, value)
        arguments.append(f"copy({name})" if i in step.copied else name)
    return arguments


def _scalar(writer: Writer, value: int) -> str:
    """The name of a value; constants and variables of rank 0 as NumPy scalars: Python computes faster with them."""
    name = writer.names[value]
    array = writer.plan.constants.get(value)
    if array is not None:
        return writer.bound("z", array[()]) if array.ndim == 0 and array.dtype != object else name
    if name.startswith("h") and writer.facts.proved.get(value) == ():
        return f"{name}[()]"
    return name


def _call(writer: Writer, step: Step, joined: str) -> str:
    """The call that computes a step: a kernel made for the shapes if there is one, else the general one."""
    definition = step.op.op_def
    if definition.ufunc is not None:
        return f"{writer.bound('u', getattr(np, definition.ufunc))}({joined})"
    special = writer.special.get(step.key)
    if special is not None:
        name = f"p{step.key}"
        writer.makers.append((name, lambda: bind_prepared(step, *special)))
        writer.prepared.update(step.outputs)
        return f"{name}({joined})"
    if definition.has_list_input or definition.kernel is None:
        return f"{writer.bound('o', bind(step, writer.state))}({joined})"
    # The kernel itself, without the detour over a partial: keywords are the parameter names of its Python function.
    first = writer.bound("x", OpContext(step.op, writer.state) if definition.context else np)
    keywords = [f"{name}={writer.bound('w', step.op.attrs[name])}" for name in definition.kernel_attrs]
    parts = [first, *([joined] if joined else []), *keywords]
    return f"{writer.bound('o', definition.kernel)}({', '.join(parts)})"


def let_go(writer: Writer, at: int, values: Sequence[int]) -> None:
    """Frees large arrays that kernels have allocated and nobody needs any more."""
    for value in values:
        name = writer.names.get(value, "")
        seen = writer.facts.seen.get(value)
        if name.startswith("v") and (seen is None or math.prod(seen.shape) * seen.dtype.itemsize >= _DROP):
            writer.line(f"{name} = None", at, at + 1)


def result(writer: Writer, value: int) -> str:
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


def internal_results(writer: Writer) -> Callable[[Writer, int], str]:
    """Words results that no user sees: copies only of what lies in a buffer, a variable or a kernel's own memory."""
    shares = aliases(writer.plan)
    passing = {value for value, name in writer.names.items() if name[0] in "bchg"} | writer.prepared | set(
        writer.roots.values())

    def word(writer: Writer, value: int) -> str:
        if value in passing or not passing.isdisjoint(shares.get(value, ())):
            return f"copy({writer.names[value]})"
        return writer.names[value]
    return word
