"""First stage: what the fetches need, over data and control edges, stopping at fed tensors. Knows nothing of kernels.

The result is ordered by `order.topological`; a cycle is an error that names the operations in it. Linear, iterative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Any
from weakref import WeakKeyDictionary

from core.errors import InvalidArgumentError, format_error
from core.graph import Operation, Tensor
from core.runtime.plan import Fetch, Plan, Step

__all__ = ["check_fed", "prune", "step_of"]

_PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2"})
_FUNCTION_ATTRS = frozenset({"func", "list(func)"})


def prune(fetches: Sequence[Tensor], targets: Sequence[Operation], feeds: Sequence[Tensor]) -> Plan:
    """Returns the plan of all operations that `fetches` and `targets` need, in an order that data and control edges
    allow.

    Args:
      fetches: Tensors whose values are wanted.
      targets: Operations to run for their effect.
      feeds: Tensors whose values are given; what only they need is left out.

    Raises:
      InvalidArgumentError: A placeholder is needed and not fed, or the edges form a cycle.
    """
    fed = set(feeds)
    # What waits for a placeholder that is fed waits for nothing.
    given = {t.op for t in feeds if t.op.type in _PLACEHOLDERS}
    needed: dict[Operation, None] = {}
    stack: list[Operation] = [t.op for t in fetches if t not in fed]
    stack.extend(targets)
    graph = (fetches[0].graph if fetches else targets[0].graph) if fetches or targets else None
    while stack:
        op = stack.pop()
        if op in needed:
            continue
        needed[op] = None
        for tensor in op.inputs:
            if tensor not in fed and tensor.op not in needed:
                stack.append(tensor.op)
        for other in op._control_inputs:
            if other not in needed and other not in given:
                stack.append(other)
    ops = _topological(needed, fed, given)
    number: dict[Tensor, int] = {}
    for tensor in feeds:
        number.setdefault(tensor, len(number))
    fed_values = tuple(number[t] for t in feeds)
    steps = []
    for op in ops:
        inputs = []
        for tensor in op.inputs:
            at = number.get(tensor)
            if at is None:
                # Only in graphs whose edges point back (loops of old graphs): numbered when first met.
                at = number[tensor] = len(number)
            inputs.append(at)
        outputs = []
        for tensor in op.outputs:
            if tensor in fed:
                outputs.append(-1)  # fed: the step computes it, but nobody may see it
            else:
                outputs.append(number.setdefault(tensor, len(number)))
        step = step_of(op, tuple(inputs), tuple(outputs))
        if given and not given.isdisjoint(op._control_inputs):
            step = replace(step, control=tuple(c._id for c in op._control_inputs if c not in given))
        steps.append(step)
    key = -1
    fetched = []
    for tensor in fetches:
        value = number[tensor]
        if tensor.dtype._is_ref_dtype and tensor not in fed:
            # A fetched variable is read at the end of the run.
            out = len(number)
            number[_Alias(tensor)] = out  # type: ignore[index]  # stands for the array that is read
            steps.append(Step(key, tensor.op, (value,), (out,), control=(tensor.op._id,), kind="read", pinned=True))
            key -= 1
            value = out
        fetched.append(Fetch(tensor, value))
    tensors = tuple(t.tensor if isinstance(t, _Alias) else t for t in number)
    pruned = (len(graph._ops) if graph is not None else 0) - len(ops)
    wanted = frozenset(op._id for op in targets)
    return Plan(tuple(steps), tensors, fed_values, tuple(fetched), targets=wanted, pruned=pruned)


class _Alias:
    """A second value for one tensor (a read of a variable)."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def step_of(op: Operation, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Step:
    """Describes one operation as a step."""
    definition = op.op_def
    deref: tuple[bool, ...] = ()
    cells: list[int] = []
    writes: list[int] = []
    calls = any(a.type in _FUNCTION_ATTRS for a in definition.attrs.values())
    if any(t._dtype._is_ref_dtype or t._dtype.name == "resource" for t in op.inputs):
        wants = []
        at = 0
        for arg in definition.inputs:
            count = 1
            if arg.number_attr is not None:
                count = op.attrs[arg.number_attr]
            elif arg.list_attr is not None:
                count = len(op.attrs[arg.list_attr])
            for _ in range(count):
                dtype = op.inputs[at].dtype
                if dtype.name == "resource" or (dtype._is_ref_dtype and arg.is_ref):
                    cells.append(at)
                    if arg.name in definition.writes:
                        writes.append(at)
                wants.append(dtype._is_ref_dtype and not arg.is_ref)
                at += 1
        if any(wants):
            deref = tuple(wants)
    pinned = definition.stateful or definition.context or bool(writes)
    retains = pinned and not writes and len(op.inputs) > len(cells)
    if calls:
        effects = [_effects(f) for value in op.attrs.values() for f in (value if isinstance(value, list) else [value])
                   if hasattr(f, "inputs") and hasattr(f, "_ops")]
        shift = [len(op.inputs) - e.count for e in effects]  # the last inputs of the op are those of the body
        touched = {at + s for e, s in zip(effects, shift) for at in e.writes}
        writes = [at for at in cells if at in touched]
        retains = any(e.retains for e in effects) or not effects
    return Step(
        op._id, op, inputs, outputs,
        control=tuple(c._id for c in op._control_inputs),
        deref=deref, cells=tuple(cells), writes=tuple(writes),
        alias=definition.view or retains or calls, pinned=pinned, retains=retains,
    )


@dataclass(frozen=True, slots=True)
class _Effects:
    """What the body of a branch or loop does to what it is handed."""

    count: int  # inputs of the body
    writes: frozenset[int]  # inputs whose variable it changes
    retains: bool
    edits: int


_known_effects: WeakKeyDictionary[Any, _Effects] = WeakKeyDictionary()


def _effects(function: Any) -> _Effects:
    known = _known_effects.get(function)
    stamp = function._edits + function._version
    if known is not None and known.edits == stamp:
        return known
    number = {t: i for i, t in enumerate(function.inputs)}
    writes: set[int] = set()
    retains = False
    for op in function._ops:
        step = step_of(op, (), ())
        retains = retains or step.retains
        for at in step.writes:
            tensor = op.inputs[at]
            while tensor not in number and tensor.op.inputs:  # a reference handed on by Assign and its like
                tensor = tensor.op.inputs[0]
            if tensor in number:
                writes.add(number[tensor])
    found = _Effects(len(function.inputs), frozenset(writes), retains, stamp)
    _known_effects[function] = found
    return found


def check_fed(plan: Plan) -> None:
    """Raises InvalidArgumentError where the plan needs a placeholder that is not fed."""
    for step in plan.steps:
        if step.op.type in _PLACEHOLDERS and step.kind == "op":
            raise unfed_error(step.op)


def unfed_error(op: Operation) -> InvalidArgumentError:
    """The error for a placeholder that a run needs and nobody has fed."""
    output = op.outputs[0]
    dims = output.shape.as_tuple()
    shape = "" if not dims else " and shape [" + ",".join("?" if d is None else str(d) for d in dims) + "]"
    message = f"You must feed a value for placeholder tensor '{op.name}' with dtype {_proto_name(output)}{shape}"
    python_name = op.name.rsplit("/", 1)[-1]
    return InvalidArgumentError(None, op, format_error(
        message, op=op, got="no value for it in feed_dict",
        fix=f"Pass one: sess.run(..., feed_dict={{{python_name}: value}})."))


_PROTO_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


def _proto_name(tensor: Tensor) -> str:
    name = tensor.dtype.base_dtype.name
    return _PROTO_NAMES.get(name, name)


def _topological(needed: dict[Operation, None], fed: set[Tensor], given: set[Operation]) -> list[Operation]:
    """The operations in order of creation, but for those that must wait for later ones."""
    ordered = sorted(needed, key=_creation)
    previous: set[Operation] = set()
    for op in ordered:
        if not all(t.op in previous or t in fed for t in op.inputs):
            break
        if not all(c in previous or c in given for c in op._control_inputs):
            break
        previous.add(op)
    else:
        return ordered  # as good as always: operations are made after what they need
    waiting: dict[Operation, int] = {}
    followers: dict[Operation, list[Operation]] = {}
    for op in ordered:
        producers = {t.op for t in op.inputs if t not in fed}
        producers.update(c for c in op._control_inputs if c not in given)
        waiting[op] = len(producers)
        for producer in producers:
            followers.setdefault(producer, []).append(op)
    ready = [(op._id, op) for op in ordered if not waiting[op]]
    heapify(ready)
    result = []
    while ready:
        _, op = heappop(ready)
        result.append(op)
        for follower in followers.get(op, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                heappush(ready, (follower._id, follower))
    if len(result) < len(ordered):
        raise _cycle_error([op for op in ordered if waiting[op]], fed)
    return result


def _creation(op: Operation) -> int:
    return op._id


def _cycle_error(stuck: list[Operation], fed: set[Tensor]) -> InvalidArgumentError:
    """Names the operations of one cycle among those that wait for each other."""
    waiting = set(stuck)
    path: list[Operation] = []
    at: dict[Operation, int] = {}
    op = stuck[0]
    while op not in at:
        at[op] = len(path)
        path.append(op)
        op = next(p for p in [*(t.op for t in op.inputs if t not in fed), *op._control_inputs] if p in waiting)
    cycle = path[at[op]:][::-1]
    names = " -> ".join(o.name for o in [*cycle[:12], *([] if len(cycle) > 12 else cycle[:1])])
    more = f" -> ... ({len(cycle)} operations)" if len(cycle) > 12 else ""
    return InvalidArgumentError(None, cycle[0], format_error(
        f"The graph has a cycle: {names}{more}. None of these operations can run first.", op=cycle[0],
        fix="Take one of these edges out; for a loop use tf.while_loop."))
