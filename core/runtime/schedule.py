"""Third stage: the order of the steps. Static, so that a run is deterministic.

Whoever reads a variable comes before writes to it unless an edge says otherwise; writes come as late as they can, in
order of creation; all else keeps its order of creation. What is fetched of a reference variable itself is its value at
the end of the run (in TensorFlow the fetched tensor shares the variable's buffer). Knows the plan only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush

from core.runtime.memory import SAME_BUFFER, live_views, roots, with_copies
from core.runtime.plan import Plan, Step

__all__ = ["schedule"]


def schedule(plan: Plan) -> Plan:
    """Returns `plan` with its steps in the final order, and with the copies that this order needs."""
    if any(s.writes for s in plan.steps):
        plan = replace(plan, steps=tuple(_order(plan.steps)))
    return with_copies(plan)


def _order(steps: Sequence[Step]) -> list[Step]:
    """Topological order: whatever can run and writes nothing, by creation; then one writer whose readers are done;
    and again.
    """
    root = roots(steps)
    live = live_views(steps, root)
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
        for variable in _read_variables(step, root, live):
            readers.setdefault(variable, set()).add(i)
    written = [{root.get(step.inputs[w], step.inputs[w]) for w in step.writes} for step in steps]
    plain: list[tuple[int, int]] = []
    fetched: list[int] = []  # reads for the user: last of all
    writers: list[tuple[int, int]] = []
    order: list[Step] = []
    budget = 20 * len(steps) + 1000

    def make_ready(i: int) -> None:
        step = steps[i]
        if step.kind == "read":
            fetched.append(i)
        else:
            heappush(writers if step.writes else plain, (step.op._id, i))

    for i in range(len(steps)):
        if not waiting[i]:
            make_ready(i)
    while plain or writers or fetched:
        if plain:
            _, i = heappop(plain)
        elif not writers:
            i = fetched.pop(0)
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
        for variable in _read_variables(steps[i], root, live):
            readers[variable].discard(i)
        for f in followers[i]:
            waiting[f] -= 1
            if not waiting[f]:
                make_ready(f)
    if len(order) < len(steps):
        raise AssertionError("The steps of a plan form a cycle.")
    return order


def _read_variables(step: Step, root: dict[int, int], live: dict[int, int]) -> set[int]:
    """The variables that a step looks into and does not write."""
    if step.kind == "read" or (step.op.type in SAME_BUFFER and step.outputs[0] in live):
        return set()  # hands the buffer on without looking at it
    found = {live[v] for v in step.inputs if v in live}
    for at, wanted in enumerate(step.deref):
        if wanted:
            found.add(root.get(step.inputs[at], step.inputs[at]))
    for at in step.cells:
        if at not in step.writes:
            found.add(root[step.inputs[at]])
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

