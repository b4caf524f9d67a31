"""Gradients of branches and loops, and the tape between a forward and a backward body.

The forward op gets one more output: the *tape*, on which each run of its body records the tensors that the backward
body needs. The backward op is an `If` or `While` itself, so that second derivatives work the same way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, int32, resource, variant
from core.graph import (
    NO_GRADIENT,
    IndexedSlices,
    Operation,
    Slots,
    Tensor,
    apply_op,
    convert_to_tensor,
    define_op,
    get_default_graph,
)
from core.graph.function import FuncGraph
from core.ops.constant import constant
from core.shapes import TensorShape

__all__: list[str] = []

_FLOATS = frozenset(as_dtype(n) for n in ("half", "bfloat16", "float", "double", "complex64", "complex128"))


class Tape:
    """What the runs of a body recorded: one list of values a run."""

    __slots__ = ("rounds",)

    def __init__(self, rounds: list[Any]) -> None:
        self.rounds = rounds

    def zeros_like(self) -> TapeGradient:
        """The gradient by a tape that nothing came back for."""
        return TapeGradient({})


class TapeGradient:
    """Gradients by recorded values, by round and place on the tape."""

    __slots__ = ("parts",)

    def __init__(self, parts: dict[tuple[int, int], Any]) -> None:
        self.parts = parts

    def __add__(self, other: TapeGradient) -> TapeGradient:
        parts = dict(self.parts)
        for key, value in other.parts.items():
            parts[key] = parts[key] + value if key in parts else value
        return TapeGradient(parts)

    def zeros_like(self) -> TapeGradient:
        """Nothing."""
        return TapeGradient({})


# ---------------------------------------------------------------------- ops on tapes (ours: TensorFlow has none)


def _read(xp: Any, tape: Tape, index: Any, *, slot: int) -> Any:
    return tape.rounds[int(index)][slot]


def _read_grad(op: Operation, grad: Any) -> list[Any]:
    return [apply_op("TapeGradient", op.inputs[1], grad, slot=op.attrs["slot"]), None]


define_op("TapeRead", "tape:variant, index:int32", "value:dtype", "slot:int; dtype:type",
          shape=lambda tape, index: TensorShape(None), kernel=_read, gradient=_read_grad, stateful=True)


def _make_gradient(xp: Any, index: Any, grad: Any, *, slot: int) -> TapeGradient:
    return TapeGradient({(int(index), slot): grad if not isinstance(grad, np.ndarray) else grad.copy()})


def _make_gradient_grad(op: Operation, grad: Any) -> list[Any]:
    return [None, apply_op("TapeGradientRead", grad, op.inputs[0], op.inputs[1], slot=op.attrs["slot"])]


define_op("TapeGradient", "index:int32, grad:dtype", "tape:variant", "slot:int; dtype:type",
          shape=lambda index, grad: TensorShape([]), kernel=_make_gradient, gradient=_make_gradient_grad, stateful=True)


def _read_gradient(xp: Any, tape: Any, index: Any, like: Any, *, slot: int) -> Any:
    found = tape.parts.get((int(index), slot)) if isinstance(tape, TapeGradient) else None
    return xp.zeros_like(like) if found is None else found


def _read_gradient_grad(op: Operation, grad: Any) -> list[Any]:
    return [apply_op("TapeGradient", op.inputs[1], grad, slot=op.attrs["slot"]), None, None]


define_op("TapeGradientRead", "tape:variant, index:int32, like:dtype", "value:dtype", "slot:int; dtype:type",
          shape=lambda tape, index, like: like.shape, kernel=_read_gradient, gradient=_read_gradient_grad,
          stateful=True)

define_op("TapeLength", "tape:variant", "length:int32", shape=lambda tape: TensorShape([]),
          kernel=lambda xp, tape: np.int32(len(tape.rounds)), gradient=NO_GRADIENT, stateful=True)


# ---------------------------------------------------------------------- what the rules share


def _tape_of(op: Operation) -> Tensor:
    """The tape output of a branch or loop, added when first asked for."""
    if op.outputs and op.__dict__.get("_tape") is op.outputs[-1]:
        return op.outputs[-1]
    tape = Tensor(op, len(op.outputs), variant, TensorShape([]))
    op.outputs.append(tape)
    op.__dict__["_tape"] = tape
    op.graph._edits += 1
    return tape


def _differentiable(tensor: Tensor) -> bool:
    if tensor.dtype.base_dtype is resource:
        return tensor.handle_data is not None and tensor.handle_data[1].base_dtype in _FLOATS
    return tensor.dtype.base_dtype in _FLOATS or tensor.dtype.base_dtype is variant


def _grad_dtype(tensor: Tensor) -> Any:
    if tensor.dtype.base_dtype is resource:
        assert tensor.handle_data is not None
        return tensor.handle_data[1].base_dtype
    return tensor.dtype.base_dtype


def _grad_shape(tensor: Tensor) -> TensorShape:
    if tensor.dtype.base_dtype is resource:
        assert tensor.handle_data is not None
        return tensor.handle_data[0]
    return TensorShape([]) if tensor.dtype.base_dtype is variant else tensor.shape


def _zeros(tensor: Tensor) -> Tensor:
    """Zeros of the shape of what flows back to `tensor`."""
    if tensor.dtype.base_dtype is resource:
        value = apply_op("ReadVariableOp", tensor, dtype=_grad_dtype(tensor))
        return apply_op("ZerosLike", value)
    return apply_op("ZerosLike", tensor)


def _is_zeros(grad: Any) -> bool:
    return grad is None or (isinstance(grad, Tensor) and grad.op.type == "ZerosLike")


def _dense(grad: Any) -> Tensor:
    return convert_to_tensor(grad) if isinstance(grad, IndexedSlices) else grad


def _body_gradients(
    backward: FuncGraph, body: FuncGraph, tape: Tensor, index: Any, wanted: list[Tensor], arriving: dict[int, Tensor],
    tape_grad: Any,
) -> list[Any]:
    """In the backward body: the gradients by the inputs `wanted` of the forward body.

    Args:
      backward: The backward body, the current default graph.
      body: The forward body.
      tape: The forward op's tape, in the outer graph.
      index: Round to read from the tape, in the backward body.
      wanted: Inputs of the forward body.
      arriving: For numbers of the forward body's outputs, the gradient that arrives there.
      tape_grad: Gradient by the tape itself (second derivatives), in the outer graph, or None.
    """
    def read(tensor: Tensor) -> Tensor:
        slot = body.tape_slot(tensor)
        value: Tensor = apply_op("TapeRead", tape, index, slot=slot, dtype=tensor.dtype.base_dtype)
        return value

    backward.read_tape = read
    ys = [body.outputs[i] for i in arriving]
    grad_ys = list(arriving.values())
    if tape_grad is not None:
        for slot, tensor in enumerate(list(body.taped)):
            if _differentiable(tensor) and tensor.dtype.base_dtype is not resource:
                ys.append(tensor)
                grad_ys.append(apply_op("TapeGradientRead", tape_grad, index, backward._capture(tensor), slot=slot))
    if not ys:
        return [None] * len(wanted)
    assert Slots.gradients is not None
    results: list[Any] = Slots.gradients(ys, wanted, grad_ys=grad_ys, name="body")
    return results


def _check_same_place(op: Operation) -> None:
    if op.graph is not get_default_graph() and not isinstance(get_default_graph(), FuncGraph):
        raise ValueError(f"The gradient of '{op.name}' must be built in its own graph.")


# ---------------------------------------------------------------------- If, Case


def if_grad(op: Operation, *grads: Any) -> list[Any]:
    """Gradient of `If` and `Case`: the same choice among the branches' gradients."""
    from core.ops.control_flow import unify_captures  # late: that file imports this one

    _check_same_place(op)
    bodies = [op.attrs["then_branch"], op.attrs["else_branch"]] if "then_branch" in op.attrs else op.attrs["branches"]
    inputs = list(op.inputs[1:])
    wanted = [i for i, t in enumerate(inputs) if _differentiable(t)]
    had_tape = "_tape" in op.__dict__
    tape_grad = grads[-1] if had_tape and not _is_zeros(grads[-1]) else None
    tape = _tape_of(op)
    count = len(bodies[0].outputs)
    arriving = {i: _dense(grads[i]) for i in range(count)
                if i < len(grads) and grads[i] is not None and _differentiable(bodies[0].outputs[i])}
    outer = get_default_graph()
    graphs = []
    for body in bodies:
        backward = FuncGraph(f"{body.name}_grad", outer, forward=body)
        with backward.as_default():
            round_number = constant(0)
            incoming = {i: backward._capture(g) if g.graph is not backward else g for i, g in arriving.items()}
            found = _body_gradients(backward, body, tape, round_number, [body.inputs[i] for i in wanted], incoming,
                                    tape_grad)
            outputs = []
            for i, grad in zip(wanted, found, strict=True):
                value = _dense(grad) if grad is not None else _zeros(inputs[i])
                outputs.append(apply_op("Identity", value))
            backward.outputs = outputs
        graphs.append(backward)
    captured = unify_captures(graphs)
    shapes = [_grad_shape(inputs[i]) for i in wanted]
    dtypes = [_grad_dtype(inputs[i]) for i in wanted]
    if not wanted:
        return [None] * len(op.inputs)
    if "then_branch" in op.attrs:
        results = apply_op("If", op.inputs[0], captured, Tout=dtypes, then_branch=graphs[0], else_branch=graphs[1],
                           output_shapes=shapes, name="If")
    else:
        results = apply_op("Case", op.inputs[0], captured, Tout=dtypes, branches=graphs, output_shapes=shapes,
                           name="Case")
    answer: list[Any] = [None] * len(op.inputs)
    for i, result in zip(wanted, results, strict=True):
        answer[1 + i] = result
    return answer


# ---------------------------------------------------------------------- While


def while_grad(op: Operation, *grads: Any) -> list[Any]:
    """Gradient of `While`: a loop over the recorded rounds, from the last to the first."""
    from core.ops.control_flow import make_while  # late: that file imports this one

    _check_same_place(op)
    body: FuncGraph = op.attrs["body"]
    inputs = list(op.inputs)
    count = len(body.outputs)
    had_tape = "_tape" in op.__dict__
    tape_grad = grads[-1] if had_tape and not _is_zeros(grads[-1]) else None
    tape = _tape_of(op)
    state = [i for i in range(count) if _differentiable(inputs[i]) and inputs[i].dtype.base_dtype is not resource]
    fixed = [i for i in range(count, len(inputs)) if _differentiable(inputs[i])]
    if not state and not fixed:
        return [None] * len(inputs)
    starts = [_dense(grads[i]) if grads[i] is not None else _zeros(op.outputs[i]) for i in state]
    sums = [_dense(grads[i]) if grads[i] is not None and inputs[i].dtype.base_dtype is not resource
            and not _is_zeros(grads[i]) else _zeros(inputs[i]) for i in fixed]
    last = apply_op("Sub", apply_op("TapeLength", tape), 1)
    loop_inputs = [last, *starts, *sums]
    outer = get_default_graph()

    def add_inputs(graph: FuncGraph) -> None:
        graph.add_input(int32, TensorShape([]), "round")
        for i in (*state, *fixed):
            graph.add_input(_grad_dtype(inputs[i]), _loop_shape(body, inputs, i, count), "grad")

    cond_graph = FuncGraph("cond_grad", outer)
    with cond_graph.as_default():
        add_inputs(cond_graph)
        cond_graph.outputs = [apply_op("GreaterEqual", cond_graph.inputs[0], 0)]
    backward = FuncGraph("body_grad", outer, forward=body)
    with backward.as_default():
        add_inputs(backward)
        index, current = backward.inputs[0], backward.inputs[1:1 + len(state)]
        totals = backward.inputs[1 + len(state):]
        arriving = dict(zip(state, current, strict=True))
        found = _body_gradients(backward, body, tape, index, [body.inputs[i] for i in (*state, *fixed)], arriving,
                                tape_grad)
        outputs = [apply_op("Sub", index, 1)]
        for grad, before in zip(found[:len(state)], current, strict=True):
            outputs.append(apply_op("Identity", _dense(grad)) if grad is not None else apply_op("ZerosLike", before))
        for grad, total in zip(found[len(state):], totals, strict=True):
            outputs.append(apply_op("AddN", [total, _dense(grad)]) if grad is not None else apply_op("Identity", total))
        backward.outputs = outputs
    shapes = [TensorShape([]), *(_loop_shape(body, inputs, i, count) for i in (*state, *fixed))]
    results = make_while(cond_graph, backward, loop_inputs, shapes)
    answer: list[Any] = [None] * len(inputs)
    for i, result in zip((*state, *fixed), results[1:], strict=True):
        answer[i] = result
    return answer


def _loop_shape(body: FuncGraph, inputs: list[Tensor], i: int, count: int) -> TensorShape:
    """Static shape of a gradient that goes round: that of the loop variable in every round."""
    if i >= count:
        return _grad_shape(inputs[i])
    if inputs[i].dtype.base_dtype is variant:
        return TensorShape([])
    return body.inputs[i].shape
