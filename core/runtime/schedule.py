"""Third stage: the order of the steps, and which reads of a variable must be copied. Static, so that a run is
deterministic.

Reads of a variable come before writes to it unless an edge says otherwise; writes come as late as they can, in order
of creation; all else keeps its order of creation. Knows the plan only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush

from core.runtime.plan import ONE_PASS_WRITERS, Plan, Step

__all__ = ["aliases", "last_uses", "roots", "schedule", "storage"]


def schedule(plan: Plan) -> Plan:
    """Returns `plan` with its steps in the final order, and `copies` set where an array is used after its variable
    is written.
    """
    if any(s.writes for s in plan.steps):
        plan = replace(plan, steps=tuple(_order(plan.steps)))
    copied = _crossing_reads(plan)
    if copied:
        plan = replace(plan, steps=tuple(replace(s, copies=True) if s.key in copied else s for s in plan.steps))
    return plan


def roots(steps: Sequence[Step]) -> dict[int, int]:
    """Maps each value that is a handle to the value that stands for its variable (a handle passed on is the same
    variable).
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
                place = (step.op.type, str(attrs.get("container", "")), str(attrs.get("shared_name") or step.op.name))
                root[out] = by_place.setdefault(place, out)
    return root


def _order(steps: Sequence[Step]) -> list[Step]:
    """Topological order: whatever can run and writes nothing, by creation; then one writer whose readers are done;
    and again.
    """
    root = roots(steps)
    index = {step.key: i for i, step in enumerate(steps)}
    producer: dict[int, int] = {}
    for i, step in enumerate(steps):
        for out in step.outputs:
            if out >= 0:
                producer[out] = i
    followers: list[list[int]] = [[] for _ in steps]
    waiting = [0] * len(steps)
    readers: dict[int, set[int]] = {}  # variable -> steps not yet run that read it and do not write it
    for i, step in enumerate(steps):
        before = {producer[v] for v in step.inputs if v in producer}
        before.update(index[k] for k in step.control if k in index)
        before.discard(i)
        waiting[i] = len(before)
        for b in before:
            followers[b].append(i)
        for variable in _read_variables(step, root):
            readers.setdefault(variable, set()).add(i)
    written = [{root.get(step.inputs[w], step.inputs[w]) for w in step.writes} for step in steps]
    plain: list[tuple[int, int]] = []
    writers: list[tuple[int, int]] = []
    order: list[Step] = []
    budget = 20 * len(steps) + 1000

    def make_ready(i: int) -> None:
        step = steps[i]
        # A read stands right after the step that hands the variable out (its key is negative: its rank is the op's).
        rank = (step.op._id, 0 if step.kind == "op" else 1)
        heappush(writers if step.writes else plain, (rank[0] * 2 + rank[1], i))

    for i in range(len(steps)):
        if not waiting[i]:
            make_ready(i)
    while plain or writers:
        if plain:
            _, i = heappop(plain)
        else:
            skipped: list[tuple[int, int]] = []
            i = -1
            while writers:
                entry = heappop(writers)
                pending = [r for v in written[entry[1]] for r in readers.get(v, ()) if r != entry[1]]
                if pending and budget > 0:
                    reached, cost = _reached(entry[1], followers, set(pending), budget)
                    budget -= cost
                    if not reached:
                        # Some reader waits for another writer, not for this one: that one goes first.
                        skipped.append(entry)
                        continue
                i = entry[1]
                break
            if i < 0:
                # Each writer waits for a read that waits for another writer: creation decides.
                i = skipped.pop(0)[1]
            for entry in skipped:
                heappush(writers, entry)
        order.append(steps[i])
        for variable in _read_variables(steps[i], root):
            readers[variable].discard(i)
        for f in followers[i]:
            waiting[f] -= 1
            if not waiting[f]:
                make_ready(f)
    if len(order) < len(steps):
        raise AssertionError("The steps of a plan form a cycle.")
    return order


def _read_variables(step: Step, root: dict[int, int]) -> set[int]:
    """The variables that a step reads and does not write."""
    found = set()
    for at, wanted in enumerate(step.deref):
        if wanted:
            found.add(root.get(step.inputs[at], step.inputs[at]))
    for at in step.cells:
        if at not in step.writes:
            found.add(root[step.inputs[at]])
    if step.kind == "read":
        found.add(root.get(step.inputs[0], step.inputs[0]))
    for at in step.writes:
        found.discard(root.get(step.inputs[at], step.inputs[at]))
    return found


def _reached(start: int, followers: list[list[int]], wanted: set[int], budget: int) -> tuple[bool, int]:
    """True if all of `wanted` come after `start`; and how many steps were looked at."""
    seen = {start}
    queue = deque([start])
    left = set(wanted)
    while queue and left and len(seen) < budget:
        for f in followers[queue.popleft()]:
            if f not in seen:
                seen.add(f)
                left.discard(f)
                queue.append(f)
    return not left, len(seen)


def aliases(plan: Plan) -> dict[int, frozenset[int]]:
    """Maps a value to the values whose memory it may share (itself not among them): fed ones, constants, cells,
    outputs of kernels.
    """
    root = roots(plan.steps)
    shares: dict[int, frozenset[int]] = {}
    none: frozenset[int] = frozenset()
    for step in plan.steps:
        if step.kind == "read":
            continue
        sources: set[int] = set()
        for at, value in enumerate(step.inputs):
            if step.deref and step.deref[at]:
                if step.alias:
                    sources.add(root.get(value, value))
            elif at in step.cells:
                sources.add(root[value])  # the kernel of a read may hand out the array itself
            elif step.alias:
                sources.add(value)
                sources |= shares.get(value, none)
        if sources and not step.copies:
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


def storage(step: Step, root: dict[int, int]) -> set[int]:
    """The variables that a step changes."""
    return {root.get(step.inputs[at], step.inputs[at]) for at in step.writes}


def _crossing_reads(plan: Plan) -> set[int]:
    """Keys of the steps whose output shares memory with a variable that a later step writes to before the output's
    last use.
    """
    root = roots(plan.steps)
    shares = aliases(plan)
    last = last_uses(plan)
    writes: dict[int, list[int]] = {}
    for i, step in enumerate(plan.steps):
        for variable in storage(step, root):
            writes.setdefault(variable, []).append(i)
    keys: set[int] = set()
    kept = {v for step in plan.steps if step.retains for v in step.inputs}
    for i, step in enumerate(plan.steps):
        for out in step.outputs:
            use = last.get(out, -1)
            if use < 0:
                continue
            for variable in shares.get(out, ()):
                if out in kept:
                    keys.add(step.key)  # somebody keeps the array beyond the run, in which the variable may change
                for at in writes.get(variable, ()):
                    if i < at and (at < use or (at == use and plan.steps[at].op.type not in ONE_PASS_WRITERS)):
                        keys.add(step.key)
    return keys
