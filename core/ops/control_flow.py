"""Branches and loops: `cond`, `case`, `switch_case`, `while_loop`. Inside: `If` and `While` ops with body graphs.

Gradients stand in `control_flow_grad.py`, arrays of tensors in `tensor_array.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core import nest
from core.dtypes import int32, resource
from core.graph import (
    IndexedSlices,
    Operation,
    Tensor,
    apply_op,
    control_dependencies,
    convert_to_tensor,
    define_op,
    get_default_graph,
    name_scope,
)
from core.graph.convert import convert_to_tensor_or_indexed_slices
from core.graph.function import FuncGraph
from core.ops.constant import constant
from core.ops.control_flow_grad import Tape, if_grad, while_grad
from core.shapes import TensorShape

__all__ = ["case", "cond", "switch_case", "while_loop"]


# ---------------------------------------------------------------------- If, Case


def _branch(ctx: Any, function: FuncGraph, inputs: Any) -> list[Any]:
    results = ctx.call(function, list(inputs))
    count = len(function.outputs)
    if len(ctx.op.outputs) > count:  # a gradient reads what the branch computed
        return [*results[:count], Tape([results[count:]])]
    return results[:count]


def _if_kernel(ctx: Any, cond: Any, input: Any, *, then_branch: FuncGraph, else_branch: FuncGraph) -> list[Any]:
    return _branch(ctx, then_branch if bool(cond) else else_branch, input)


def _branch_shapes(*args: Any, output_shapes: list[TensorShape], Tout: list[Any]) -> list[TensorShape]:
    return output_shapes or [TensorShape(None)] * len(Tout)


for _type in ("If", "StatelessIf"):
    define_op(_type, "cond:Tcond, input:Tin[]", "output:Tout[]",
              "Tcond:type; Tin:list(type)>=0; Tout:list(type)>=0; then_branch:func; else_branch:func; "
              "output_shapes:list(shape)=[]",
              shape=_branch_shapes, kernel=_if_kernel, gradient=if_grad, stateful=_type == "If", context=True)


def _case_kernel(ctx: Any, branch_index: Any, input: Any, *, branches: list[FuncGraph]) -> list[Any]:
    index = int(branch_index)
    return _branch(ctx, branches[index if 0 <= index < len(branches) else -1], input)


define_op("Case", "branch_index:int32, input:Tin[]", "output:Tout[]",
          "Tin:list(type)>=0; Tout:list(type)>=0; branches:list(func)>=1; output_shapes:list(shape)=[]",
          shape=_branch_shapes, kernel=_case_kernel, gradient=if_grad, stateful=True, context=True)


def _build_branch(name: str, function: Callable[[], Any]) -> tuple[FuncGraph, Any]:
    """Runs a branch function in a body graph; returns the graph and the structure of what it returned."""
    graph = FuncGraph(name, get_default_graph())
    with graph.as_default():
        structure = function()
        leaves = []
        for leaf in nest.flatten(structure, expand_composites=True):
            if leaf is None:
                raise ValueError(f"{name} must return tensors, operations or structures of them, not None.")
            if isinstance(leaf, Operation):
                # An operation stands for "it has run": a constant that waits for it.
                with control_dependencies([leaf]):
                    leaf = apply_op("Identity", constant(True))
            elif _is_array(leaf):
                leaf = leaf.flow
            tensor = convert_to_tensor_or_indexed_slices(leaf)
            if isinstance(tensor, IndexedSlices):
                tensor = convert_to_tensor(tensor)
            if tensor.graph is not graph:
                tensor = graph._capture(tensor)
            if tensor.dtype._is_ref_dtype or any(tensor is t for t in graph.inputs):
                tensor = apply_op("Identity", tensor)
            leaves.append(tensor)
    graph.outputs = leaves
    return graph, structure


def unify_captures(graphs: list[FuncGraph], leading: int = 0) -> list[Tensor]:
    """Gives all bodies the same captured inputs, in one order (after `leading` inputs of their own); returns them."""
    outer: dict[Tensor, None] = {}
    for graph in graphs:
        outer.update(dict.fromkeys(graph.captures))
    tensors = list(outer)
    for graph in graphs:
        for tensor in tensors:
            if tensor not in graph.captures:
                like = next(g.captures[tensor] for g in graphs if tensor in g.captures)
                graph.captures[tensor] = graph.add_input(like.dtype, like.shape, "unused", like=like)
        graph.inputs = [*graph.inputs[:leading], *(graph.captures[t] for t in tensors)]
        graph._edits += 1
    return tensors


def _merged_outputs(graphs: list[FuncGraph], what: list[str]) -> tuple[list[Any], list[TensorShape]]:
    first = graphs[0].outputs
    for graph, name in zip(graphs[1:], what[1:], strict=True):
        if len(graph.outputs) != len(first):
            raise ValueError(f"{what[0]} and {name} must return the same number of outputs, got {len(first)} and "
                             f"{len(graph.outputs)}.")
        for a, b in zip(first, graph.outputs, strict=True):
            if a.dtype.base_dtype != b.dtype.base_dtype:
                raise ValueError(f"Outputs of {what[0]} and {name} must have the same type: "
                                 f"{a.dtype.base_dtype.name}, {b.dtype.base_dtype.name} ({a.name} made at "
                                 f"{a.op.source}, {b.name} made at {b.op.source}).")
    shapes = []
    for column in zip(*(g.outputs for g in graphs), strict=True):
        shape = column[0].shape
        for other in column[1:]:
            shape = shape.most_specific_compatible_shape(other.shape)
        shapes.append(shape)
    return [t.dtype.base_dtype for t in first], shapes


def _is_array(leaf: Any) -> bool:
    """True for a TensorArray (its class stands in a file that imports this one)."""
    return hasattr(leaf, "flow") and hasattr(leaf, "handle")


def _packed(structure: Any, tensors: list[Tensor]) -> Any:
    """A structure like `structure`, of branch results or loop variables, with `tensors` as leaves."""
    template = nest.flatten(structure, expand_composites=True)
    leaves = [like._with_flow(tensor) if _is_array(like) else tensor
              for like, tensor in zip(template, tensors, strict=True)]
    return nest.pack_sequence_as(structure, leaves, expand_composites=True)


def _unpacked_single(value: Any, strict: bool) -> Any:
    if not strict and isinstance(value, (list, tuple)) and not hasattr(value, "_fields") and len(value) == 1:
        return value[0]
    return value


def cond(
    pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Callable[[], Any] | None = None,
    strict: bool = False, name: str | None = None, fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """`true_fn()` where `pred` holds when it runs, else `false_fn()`.

    Only the branch taken runs; what a branch uses from outside is computed before, whichever branch is taken.

    Args:
      pred: A bool scalar tensor.
      true_fn, false_fn: Functions without arguments that build the branches; both return the same structure and types.
      strict: If True, a list of one is returned as such, not unpacked.
      name: Name scope.
      fn1, fn2: Deprecated names of the branches.

    Raises:
      TypeError: A branch is not callable; `pred` is a Python bool.  ValueError: The branches return different things.

    Example:
      >>> import core as tf
      >>> x, y = tf.constant(2), tf.constant(5)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cond(tf.less(x, y), lambda: x * 10, lambda: y)))
      20
    """
    true_fn = fn1 if true_fn is None else true_fn
    false_fn = fn2 if false_fn is None else false_fn
    if true_fn is None or false_fn is None:
        raise TypeError("cond(): both true_fn and false_fn are required.")
    if not callable(true_fn):
        raise TypeError("true_fn must be callable.")
    if not callable(false_fn):
        raise TypeError("false_fn must be callable.")
    if isinstance(pred, (bool, np.bool_)):
        raise TypeError("pred must not be a Python bool: use Python's own `if`, or tf.constant(...).")
    with name_scope(name, "cond", [pred]):
        condition = convert_to_tensor(pred, name="pred_id")
        then_graph, structure = _build_branch("true_fn", true_fn)
        else_graph, other = _build_branch("false_fn", false_fn)
        nest.assert_same_structure(structure, other, check_types=False)
        dtypes, shapes = _merged_outputs([then_graph, else_graph], ["true_fn", "false_fn"])
        captured = unify_captures([then_graph, else_graph])
        if condition.dtype.base_dtype.name != "bool":
            raise TypeError(f"pred must be a bool tensor, got {condition.dtype.name} ({condition.name}).")
        outputs = apply_op("If", condition, captured, Tout=dtypes, then_branch=then_graph, else_branch=else_graph,
                           output_shapes=shapes, name="If")
        merged = [apply_op("Identity", t, name="Merge") for t in outputs] if isinstance(outputs, list) else []
        return _unpacked_single(_packed(structure, merged), strict)


def switch_case(branch_index: Any, branch_fns: Any, default: Callable[[], Any] | None = None,
                name: str | None = None) -> Any:
    """The result of ``branch_fns[branch_index]()``; of `default` (or the last branch) for an index out of range.

    Args:
      branch_index: int32 scalar.
      branch_fns: List of functions without arguments, or of pairs (index, function), or a dict of them.
      default: Function for other indices.
      name: Name scope.

    Raises:
      TypeError: A branch is not callable.  ValueError: Branches that return different things; indices with gaps.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.switch_case(tf.constant(1), [lambda: tf.constant(10), lambda: tf.constant(20)])))
      20
    """
    with name_scope(name, "switch_case"):
        if isinstance(branch_fns, dict):
            pairs = sorted(branch_fns.items())
        elif all(isinstance(p, (list, tuple)) and len(p) == 2 for p in branch_fns):
            pairs = sorted((int(i), f) for i, f in branch_fns)
        else:
            pairs = list(enumerate(branch_fns))
        if [i for i, _ in pairs] != list(range(len(pairs))):
            raise ValueError(f"branch indices must form contiguous range of [0 to {len(pairs)}) but found "
                             f"{[i for i, _ in pairs]}")
        functions = [f for _, f in pairs]
        if default is not None:
            functions.append(default)
        for function in functions:
            if not callable(function):
                raise TypeError(f"branch_fns and default must be callable, got {function!r}.")
        built = [_build_branch(f"branch{i}", f) for i, f in enumerate(functions)]
        graphs = [g for g, _ in built]
        dtypes, shapes = _merged_outputs(graphs, [g.name for g in graphs])
        captured = unify_captures(graphs)
        index = convert_to_tensor(branch_index, dtype=int32, name="branch_index")
        outputs = apply_op("Case", index, captured, Tout=dtypes, branches=graphs, output_shapes=shapes, name="Case")
        merged = [apply_op("Identity", t, name="Merge") for t in outputs] if isinstance(outputs, list) else []
        return _unpacked_single(_packed(built[0][1], merged), strict=False)


def case(pred_fn_pairs: Any, default: Callable[[], Any] | None = None, exclusive: bool = False, strict: bool = False,
         name: str = "case") -> Any:
    """The result of the first function whose predicate holds.

    Args:
      pred_fn_pairs: List of (bool scalar, function), or a dict of them.
      default: Function for the case that none holds.
      exclusive: If True, it is an error that more than one holds.
      strict: As in `cond`.
      name: Name scope.

    Raises:
      TypeError: Not pairs of tensor and function.  InvalidArgumentError: At run time, where none holds and there is no
        default, or where several hold and `exclusive` is set.

    Example:
      >>> import core as tf
      >>> x = tf.constant(3)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.case([(tf.less(x, 2), lambda: tf.constant(17))], default=lambda: tf.constant(23))))
      23
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    if not pairs:
        raise ValueError("case() needs at least one pair of predicate and function.")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple.")
        if not callable(pair[1]):
            raise TypeError("fn for pred " + getattr(pair[0], "name", str(pair[0])) + " must be callable.")
        if isinstance(pair[0], (bool, np.bool_)):
            raise TypeError("pred must be a tensor, not a Python bool.")
    if default is not None and not callable(default):
        raise TypeError("default must be callable.")
    with name_scope(name, "case", [p for p, _ in pairs]):
        predicates = [convert_to_tensor(p) for p, _ in pairs]
        checks = []
        if exclusive or default is None:
            held = apply_op("Sum", apply_op("Cast", apply_op("Pack", predicates), DstT=int32), [0])
            if exclusive:
                checks.append(apply_op("Assert", apply_op("LessEqual", held, 1),
                                       ["Input error: exclusive=True: more than 1 conditions evaluated as True:",
                                        held]))
            if default is None:
                checks.append(apply_op("Assert", apply_op("GreaterEqual", held, 1),
                                       ["Input error: None of conditions evaluated as True:", held]))
        if default is None:
            default = pairs[-1][1]
            pairs, predicates = pairs[:-1], predicates[:-1]
        result = default
        for predicate, (_, function) in zip(reversed(predicates), reversed(pairs), strict=True):
            result = _guarded(predicate, function, result, strict)
        with control_dependencies(checks):
            outcome = result()
            return nest.map_structure(lambda t: apply_op("Identity", t), outcome) if checks else outcome


def _guarded(predicate: Tensor, function: Callable[[], Any], otherwise: Callable[[], Any],
             strict: bool) -> Callable[[], Any]:
    return lambda: cond(predicate, function, otherwise, strict=strict)


# ---------------------------------------------------------------------- While


def _while_kernel(ctx: Any, input: Any, *, cond: FuncGraph, body: FuncGraph) -> list[Any]:
    values = list(input)
    count = len(body.outputs)
    records = len(ctx.op.outputs) > len(values)
    tape: list[Any] = []
    captured = values[count:]
    while bool(ctx.call(cond, values)[0]):
        ctx.check()
        results = ctx.call(body, values)
        if records:
            tape.append(results[count:])
        values = [*results[:count], *captured]
    return [*values, Tape(tape)] if records else values


for _type in ("While", "StatelessWhile"):
    define_op(_type, "input:T[]", "output:T[]",
              "T:list(type)>=0; cond:func; body:func; output_shapes:list(shape)=[]; parallel_iterations:int=10",
              shape=lambda input, *, output_shapes: output_shapes or [t.shape for t in input], kernel=_while_kernel,
              gradient=while_grad, stateful=_type == "While", context=True)


def make_while(cond_graph: FuncGraph, body_graph: FuncGraph, loop_inputs: list[Tensor], shapes: list[TensorShape],
               parallel_iterations: int = 10, name: str = "While") -> list[Tensor]:
    """Adds a `While` op for two bodies; returns the loop variables after the loop."""
    count = len(loop_inputs)
    captured = unify_captures([body_graph, cond_graph], count)
    all_shapes = [*shapes, *(t.shape for t in captured)]
    outputs = apply_op("While", [*loop_inputs, *captured], cond=cond_graph, body=body_graph, output_shapes=all_shapes,
                       parallel_iterations=parallel_iterations, name=name)
    for tensor, source in zip(outputs, [*loop_inputs, *captured], strict=True):
        tensor.handle_data = source.handle_data
    return list(outputs[:count])


def _flows(structure: Any) -> list[Any]:
    """The leaves of loop variables, with TensorArrays as their flows."""
    return [leaf.flow if _is_array(leaf) else leaf
            for leaf in nest.flatten(structure, expand_composites=True)]


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, shape_invariants: Any = None,
    parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False, name: str | None = None,
    maximum_iterations: Any = None, return_same_structure: bool = False,
) -> Any:
    """Runs `body` on the loop variables again and again, as long as `cond` holds.

    Args:
      cond: Function of the loop variables that returns a bool scalar.
      body: Function of the loop variables that returns their next values, in the same structure.
      loop_vars: Tensors, TensorArrays, or (nested) structures of them: the values at the start.
      shape_invariants: Shapes that hold in every round, in the structure of `loop_vars`; by default those at the start.
      parallel_iterations: Accepted; rounds run one after the other.
      back_prop: If False, gradients do not flow through the loop.
      swap_memory: Accepted.
      name: Name scope.
      maximum_iterations: At most so many rounds.
      return_same_structure: If True, a list of one is returned as such, not unpacked.

    Returns:
      The loop variables after the loop.

    Raises:
      TypeError: `cond` or `body` is not callable, or a loop variable changes its type.
      ValueError: There are no loop variables; the body returns another structure; a shape changes from round to round.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.while_loop(lambda i: tf.less(i, 10), lambda i: tf.add(i, 3), [tf.constant(0)])))
      12
    """
    if not callable(cond):
        raise TypeError("cond must be callable.")
    if not callable(body):
        raise TypeError("body must be callable.")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    with name_scope(name, "while", nest.flatten(loop_vars)):
        if not nest.flatten(loop_vars):
            raise ValueError("No loop variables provided")
        single = not isinstance(loop_vars, (list, tuple))
        structure = [loop_vars] if single else loop_vars
        starts = []
        for leaf in _flows(structure):
            tensor = convert_to_tensor(leaf)
            starts.append(apply_op("Identity", tensor) if tensor.dtype._is_ref_dtype else tensor)
        shapes = _invariants(shape_invariants, structure, starts)
        leading = starts
        if maximum_iterations is not None:
            limit = convert_to_tensor(maximum_iterations, dtype=int32, name="maximum_iterations")
            leading = [constant(0, name="iteration_counter"), *starts]
            shapes = [TensorShape([]), *shapes]
        extra = len(leading) - len(starts)

        def arguments(graph: FuncGraph) -> Any:
            for tensor, shape in zip(leading, shapes, strict=True):
                graph.add_input(tensor.dtype.base_dtype, shape, tensor.op.name.rsplit("/", 1)[-1], like=tensor)
            return _packed(structure, graph.inputs[extra:])

        cond_graph = FuncGraph("cond", get_default_graph())
        with cond_graph.as_default():
            args = arguments(cond_graph)
            verdict = convert_to_tensor(cond(*args))
            if verdict.dtype.base_dtype.name != "bool" or (verdict.shape.ndims or 0) > 0:
                raise TypeError(f"cond must return a bool scalar, got {verdict.dtype.name} of shape {verdict.shape}.")
            if extra:
                verdict = apply_op("LogicalAnd", apply_op("Less", cond_graph.inputs[0], limit), verdict)
            cond_graph.outputs = [_own(cond_graph, verdict)]
        body_graph = FuncGraph("body", get_default_graph())
        with body_graph.as_default():
            args = arguments(body_graph)
            result = body(*args)
            foreign = hasattr(result, "_fields") and not hasattr(structure, "_fields")
            if not isinstance(result, (list, tuple)) or foreign:
                result = [result]
            _check_structure(structure, result)
            ends = [_own(body_graph, convert_to_tensor(v)) for v in _flows(result)]
            if extra:
                ends.insert(0, apply_op("AddV2", body_graph.inputs[0], 1))
            _check_round(leading, shapes, ends)
            body_graph.outputs = ends
        if not back_prop:
            leading = [apply_op("StopGradient", t) if t.dtype.is_floating else t for t in leading]
        outputs = make_while(cond_graph, body_graph, leading, shapes, parallel_iterations)[extra:]
        if not back_prop:
            outputs = [apply_op("StopGradient", t) if t.dtype.is_floating else t for t in outputs]
        exits = [apply_op("Identity", t, name="Exit") for t in outputs]
        for tensor, source in zip(exits, outputs, strict=True):
            tensor.handle_data = source.handle_data
        packed = _packed(structure, exits)
        if single or (len(exits) == 1 and not return_same_structure):
            return packed[0]
        return packed


def _own(graph: FuncGraph, tensor: Tensor) -> Tensor:
    """`tensor` as one of the graph's own, no input and no reference."""
    if tensor.graph is not graph:
        tensor = graph._capture(tensor)
    if tensor.dtype._is_ref_dtype or tensor.dtype.base_dtype is resource:
        return apply_op("Identity", tensor) if tensor.dtype._is_ref_dtype else tensor
    return tensor


def _invariants(given: Any, structure: Any, starts: list[Tensor]) -> list[TensorShape]:
    if given is None:
        return [TensorShape(None) if t.dtype.name == "variant" else t.shape for t in starts]
    flat = nest.flatten(given) if not isinstance(given, TensorShape) else [given]
    if len(flat) != len(starts):
        raise ValueError(f"shape_invariants has {len(flat)} shapes for {len(starts)} loop variables.")
    shapes = [s if isinstance(s, TensorShape) else TensorShape(s) for s in flat]
    for tensor, shape in zip(starts, shapes, strict=True):
        if not _covers(shape, tensor.shape):
            raise ValueError(f"The shape invariant specified for {tensor.name} is not compatible with the initial "
                             f"shape of the loop variable. It enters the loop with shape {tensor.shape}, but the "
                             f"specified shape invariant is {shape}.")
    return shapes


def _covers(general: TensorShape, special: TensorShape) -> bool:
    """True if every shape that `special` allows is allowed by `general`."""
    if general.ndims is None:
        return True
    if special.ndims != general.ndims:
        return False
    return all(g is None or g == s for g, s in zip(general.as_list(), special.as_list(), strict=True))


def _check_structure(structure: Any, result: Any) -> None:
    try:
        nest.assert_same_structure(list(structure) if not hasattr(structure, "_fields") else structure,
                                   list(result) if not hasattr(result, "_fields") else result, check_types=False)
    except (ValueError, TypeError) as error:
        raise ValueError(f"body must return the structure of loop_vars. {error}") from None


def _check_round(starts: list[Tensor], shapes: list[TensorShape], ends: list[Tensor]) -> None:
    for start, shape, end in zip(starts, shapes, ends, strict=True):
        if start.dtype.base_dtype != end.dtype.base_dtype:
            raise TypeError(f"Loop variable {start.name} enters the loop with type {start.dtype.base_dtype.name}, but "
                            f"has type {end.dtype.base_dtype.name} after one iteration (made at {end.op.source}).")
        if end.dtype.name != "variant" and not _covers(shape, end.shape):
            raise ValueError(f"The shape for {start.name} is not an invariant for the loop. It enters the loop with "
                             f"shape {shape}, but has shape {end.shape} after one iteration (made at {end.op.source}). "
                             "Provide shape invariants using either the `shape_invariants` argument of tf.while_loop "
                             "or set_shape() on the loop variables.")


