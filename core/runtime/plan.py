"""The records of the compiler: `Plan`, `Step`, `Fetch`. Data only; what makes and runs them stands beside this file.

A plan numbers every tensor it needs (a *value*) and holds the steps in the order in which they run. Passes take a
plan and give another one; value numbers keep their meaning from pass to pass. Imports core.graph at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.graph import Operation, Tensor

__all__ = ["ONE_PASS_WRITERS", "Fetch", "Plan", "Step"]

# Kernels that change one array in one pass over it: an interrupt comes before or after, never within; and they may
# be given the old value of the very variable.
ONE_PASS_WRITERS = frozenset({
    "Assign", "AssignAdd", "AssignSub", "AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a run does.

    `kind` is "op" (call the kernel of `op`) or "read" (copy the array out of the cell that input 0 names: how a
    fetched variable is read). `deref` says which inputs come as cells while the kernel wants arrays. `alias` says
    that outputs may share memory with inputs. `copies` says that the outputs must not share memory with a variable,
    because a later step writes to it; `copied` are the inputs (positions) that the kernel must get as copies.
    """

    key: int
    op: Operation
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    control: tuple[int, ...] = ()  # keys of steps that must come before, without data
    kind: str = "op"
    deref: tuple[bool, ...] = ()
    cells: tuple[int, ...] = ()  # inputs (positions) that the kernel gets as cells or other resources
    writes: tuple[int, ...] = ()  # inputs (positions) whose cell the kernel changes
    alias: bool = False
    copies: bool = False
    copied: tuple[int, ...] = ()
    pinned: bool = False  # stateful or with effects: never folded, never merged
    retains: bool = False  # may keep the arrays it is given beyond the run (a queue's enqueue, a user's function)

    @property
    def name(self) -> str:
        """The name of the operation that this step stands for."""
        return self.op.name


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetched tensor and the value that holds it."""

    tensor: Tensor
    value: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of `Session.run` computes: steps in order, from the fed values to the fetched ones."""

    steps: tuple[Step, ...]
    tensors: tuple[Tensor, ...]  # value number -> the tensor it stands for
    fed: tuple[int, ...]
    fetched: tuple[Fetch, ...]
    targets: frozenset[int] = frozenset()  # keys of the steps that are run for their own sake
    constants: Mapping[int, Any] = field(default_factory=dict)  # values known before the run
    passes: tuple[str, ...] = ()  # names of the passes that changed this plan
    pruned: int = 0  # operations of the graph that are not needed
    fused: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # step key -> names of the nodes it replaces
