"""Fusion of optimiser updates: many small variables, one kernel call over flat memory.

A net with small layers spends its update in calls, not in arithmetic. Consecutive updates of one kind with equal
hyper-parameters are merged: the arrays of their variables and slots become neighbouring views of one flat array, the
gradients are written into one flat buffer, and the op's own kernel runs once over it all. Element by element the
arithmetic is the same. Large variables stay on their own: they gain nothing. Imports core.graph and its neighbours
here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.graph import Cell
from core.runtime.memory import HANDLE_TYPES
from core.runtime.plan import Plan, Step

__all__ = ["Flat", "find_groups", "settle"]

_MAX_BYTES: Final = 1 << 16  # of one variable; copying larger gradients would cost more than a call
# Updates that treat each element alike.
_ELEMENTWISE: Final = frozenset(prefix + name for prefix in ("Apply", "ResourceApply") for name in (
    "GradientDescent", "Momentum", "KerasMomentum", "Adagrad", "AdagradV2", "AdagradDA", "Adadelta", "RMSProp",
    "CenteredRMSProp", "Adam", "AdamWithAmsgrad", "AdaMax", "Ftrl", "FtrlV2", "ProximalGradientDescent",
    "ProximalAdagrad", "AddSign", "PowerSign"))

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flat:
    """Updates that run as one."""

    steps: tuple[Step, ...]
    shapes: tuple[Shape, ...]  # of each step's variable
    gradients: tuple[int, ...]  # positions of the inputs that are as large as the variable
    dtype: Any

    @property
    def sizes(self) -> list[int]:
        """Elements of each variable."""
        return [math.prod(s) for s in self.shapes]

    @property
    def starts(self) -> list[int]:
        """Where each variable begins in the flat arrays."""
        return [sum(self.sizes[:i]) for i in range(len(self.steps))]


def find_groups(
    plan: Plan, cell_of: Callable[[int], Any], shape_of: Callable[[int], Shape | None],
    identity_of: Callable[[int], Any],
) -> list[Flat]:
    """Returns the groups of two and more updates that can run as one.

    Args:
      plan: Scheduled.
      cell_of: Value of a handle -> its Cell, or None.
      shape_of: Value -> its shape where that is certain, or None.
      identity_of: Value -> something equal for values that are certainly equal.
    """
    groups: list[Flat] = []
    run: dict[Any, list[tuple[Step, Shape, tuple[int, ...]]]] = {}
    touched: set[int] = set()  # cells and gradients of the run

    def close() -> None:
        for (_, _, dtype, _, _), members in run.items():
            if len(members) > 1:
                steps, shapes, gradients = zip(*members)
                groups.append(Flat(steps, shapes, gradients[0], dtype))
        run.clear()
        touched.clear()

    for step in plan.steps:
        if step.kind == "op" and (step.op.type in HANDLE_TYPES or step.op.type == "NoOp"):
            continue
        member = None
        if step.kind == "op" and step.op.type in _ELEMENTWISE:
            member = _member(step, cell_of, shape_of, identity_of)
        if member is None:
            close()
            continue
        key, shape, gradients, cells = member
        cells.update(-1 - step.inputs[at] for at in gradients)
        if touched & cells:
            close()
        touched |= cells
        run.setdefault(key, []).append((step, shape, gradients))
    close()
    return groups


def _member(
    step: Step, cell_of: Callable[[int], Any], shape_of: Callable[[int], Shape | None],
    identity_of: Callable[[int], Any],
) -> tuple[Any, Shape, tuple[int, ...], set[int]] | None:
    """The key under which an update may be merged, its variable's shape, gradients and cells; None if it may not."""
    if step.copied or step.copies or any(step.deref) or step.cells != step.writes:
        return None
    cells = [cell_of(step.inputs[at]) for at in step.writes]
    arrays = [c.array if isinstance(c, Cell) else None for c in cells]
    first = arrays[0]
    if first is None or first.nbytes > _MAX_BYTES or not first.size:
        return None
    if any(a is None or a.shape != first.shape or a.dtype != first.dtype for a in arrays):
        return None
    if len({id(c) for c in cells}) < len(cells):
        return None
    gradients, scalars = [], []
    for at, value in enumerate(step.inputs):
        if at in step.cells:
            continue
        shape = shape_of(value)
        if shape is None:
            return None
        # A variable of rank 0 has a gradient that looks like a hyper-parameter: the op's argument tells them apart.
        if step.op.op_def.inputs[at].name in ("grad", "delta"):
            if shape != first.shape:
                return None
            gradients.append(at)
        elif shape == ():
            scalars.append(identity_of(value))
        else:
            return None
    attrs = tuple((n, str(v)) for n, v in sorted(step.op.attrs.items()) if not n.startswith("_"))
    key = (step.op.type, attrs, first.dtype, tuple(scalars), tuple(gradients))
    return key, first.shape, tuple(gradients), {id(c) for c in cells}


def settle(cells: Sequence[Cell]) -> Cell:
    """Makes the arrays of `cells` neighbours in one flat array, values kept; returns a cell over all of them."""
    arrays = [c.array for c in cells]
    total = sum(a.size for a in arrays)
    flat = arrays[0].base
    if not _settled(arrays, flat, total):
        flat = np.empty(total, arrays[0].dtype)
        at = 0
        for cell, array in zip(cells, arrays):
            view = flat[at:at + array.size].reshape(array.shape)
            view[...] = array
            cell.array = view
            at += array.size
    whole = Cell(f"{cells[0].name} and {len(cells) - 1} more", cells[0].dtype)
    whole.array = flat
    return whole


def _settled(arrays: Sequence[Any], flat: Any, total: int) -> bool:
    """True if the arrays lie in `flat` one after the other already."""
    if not isinstance(flat, np.ndarray) or flat.shape != (total,) or flat.dtype != arrays[0].dtype:
        return False
    address = flat.ctypes.data
    for array in arrays:
        if array.base is not flat or array.ctypes.data != address or not array.flags.c_contiguous:
            return False
        address += array.nbytes
    return True
