"""Reverse-mode differentiation over the graph: the driver. Rules live with the ops; nothing here knows an op's maths.

The driver visits the operations on paths from `xs` to `ys` backwards, adds up what arrives at each output, and asks the
operation's gradient rule for the gradients by its inputs. It must not import sessions or kernels.
"""

from __future__ import annotations

import enum
import heapq
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, bfloat16, float16, float32, float64, int32, resource, variant
from core.graph import (
    MISSING,
    NO_GRADIENT,
    REGISTRY,
    IndexedSlices,
    Operation,
    Slots,
    Tensor,
    apply_op,
    convert_to_tensor,
    convert_to_tensor_or_indexed_slices,
    name_scope,
    register_tensor_conversion_function,
)
from core.graph.operation import gradient_path
from core.graph.traversal import between
from core.ops.constant import constant

__all__ = [
    "AggregationMethod", "NoGradient", "NotDifferentiable", "RegisterGradient", "UnconnectedGradients",
    "gradients", "hessians",
]

_DIFFERENTIABLE = frozenset({float16, float32, float64, bfloat16, as_dtype("complex64"), as_dtype("complex128"),
                             resource, variant})
_registered: dict[str, Callable[..., Any]] = {}


class AggregationMethod:
    """How the gradients that meet at a tensor are added up; all give the same sum here."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


class UnconnectedGradients(enum.Enum):
    """What `gradients` returns for an x that no y depends on: None, or zeros of its shape."""

    NONE = "none"
    ZERO = "zero"


class RegisterGradient:
    """Decorator that registers a gradient rule for an op type (or a name for `Graph.gradient_override_map`).

    Args:
      op_type: Type of the op, or any name to be used in `gradient_override_map`.

    Raises:
      TypeError: `op_type` is no string.  KeyError: A rule is registered under that name already.

    Example:
      >>> import core as tf
      >>> @tf.RegisterGradient("DoubleTheTruth")
      ... def _double(op, grad):
      ...     return 4.0 * op.inputs[0] * grad
      >>> with tf.Graph().as_default() as g, tf.Session() as sess:
      ...     x = tf.constant(3.0)
      ...     with g.gradient_override_map({"Square": "DoubleTheTruth"}):
      ...         y = tf.square(x)
      ...     print(sess.run(tf.gradients(y, x)[0]))
      12.0
    """

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        _register(self._op_type, function)
        return function


def _register(op_type: str, rule: Any) -> None:
    definition = REGISTRY.get(op_type)
    if op_type in _registered or (definition is not None and definition.gradient is not MISSING):
        raise KeyError(f"Registering two gradient with name '{op_type}'! A rule is registered already; use "
                       "Graph.gradient_override_map to replace it for some operations.")
    _registered[op_type] = rule


def register_gradient(name: str, rule: Callable[..., Any]) -> None:
    """Registers a rule under a name that no op bears, for `Graph.gradient_override_map`."""
    _registered[name] = rule


def NotDifferentiable(op_type: str) -> None:
    """Says that ops of type `op_type` are not differentiable: gradients stop there without an error."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, NO_GRADIENT)


NoGradient = NotDifferentiable


def gradient_rule(op: Operation) -> Any:
    """The rule that holds for `op`: overridden, registered, or its definition's; MISSING or NO_GRADIENT where none."""
    override = op.attrs.get("_gradient_op_type")
    if override is not None:
        name = override.decode() if isinstance(override, bytes) else override
        if name in _registered:
            return _registered[name]
        definition = REGISTRY.get(name)
        if definition is None or definition.gradient is MISSING:
            raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type}): gradient registry "
                              f"has no entry for: {name}")
        return definition.gradient
    if op.op_def.gradient is MISSING:
        return _registered.get(op.type, MISSING)
    return op.op_def.gradient


def is_differentiable(tensor: Tensor) -> bool:
    """True if gradients can flow through tensors of this type."""
    return tensor.dtype.base_dtype in _DIFFERENTIABLE


def gradients(
    ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients", colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False, aggregation_method: int | None = None, stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients = UnconnectedGradients.NONE,
) -> list[Any]:
    """Builds the operations that compute the sum of the derivatives dy/dx, for each x in `xs`.

    Args:
      ys: Tensor or list of tensors to differentiate.
      xs: Tensor, variable or list of them to differentiate by.
      grad_ys: For each y the gradient that arrives at it (None: ones), of the y's shape.
      name: Name scope of the new operations: ``gradients/<forward op>_grad/``.
      colocate_gradients_with_ops: Ask for the forward operation's device.
      gate_gradients: Accepted: a run reads a variable before it changes it, so that gradients need no gate.
      aggregation_method: One of `AggregationMethod`.
      stop_gradients: Tensors to be taken as constants.
      unconnected_gradients: What to return for an x that no y depends on.

    Returns:
      A list like `xs`: Tensor, IndexedSlices, or None (zeros with `UnconnectedGradients.ZERO`) where there is no path.

    Raises:
      LookupError: An operation on the path has no gradient rule; the message names it and the line that made it.
      ValueError: `grad_ys` do not fit `ys`, or an argument is not valid.

    Example:
      >>> import core as tf
      >>> x = tf.constant(3.0)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.gradients(x ** 2, x)[0]))
      6.0

    Source: reverse accumulation, Griewank and Walther, "Evaluating Derivatives", 2008.
    """
    try:
        unconnected_gradients = UnconnectedGradients(unconnected_gradients)
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}") from None
    if aggregation_method not in (None, 0, 1, 2):
        raise ValueError(f"Invalid aggregation_method specified {aggregation_method}.")
    ys, xs = _as_list(ys), _as_list(xs)
    stop = [] if stop_gradients is None else _as_list(stop_gradients)
    given = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(given) != len(ys):
        raise ValueError(f"Passed {len(given)} grad_ys for {len(ys)} ys; give one (or None) for each y.")
    scope_values = [*ys, *xs, *stop, *(g for g in given if g is not None)]
    with name_scope(name, "gradients", scope_values):
        y_tensors = [_densified(convert_to_tensor_or_indexed_slices(y, name="y")) for y in ys]
        x_tensors = [_source_tensor(x) for x in xs]
        stop_tensors = [_source_tensor(s) for s in stop]
        seeds = _seed_gradients(given, y_tensors, colocate_gradients_with_ops)
        backward = _Backward(x_tensors, y_tensors, stop_tensors, colocate_gradients_with_ops, aggregation_method or 0)
        return backward.run(seeds, unconnected_gradients)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _densified(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else convert_to_tensor(value)


def _source_tensor(x: Any) -> Tensor:
    """The tensor that stands for x: a variable's reference or handle, IndexedSlices' values, a tensor itself."""
    if isinstance(x, Tensor):
        return x
    if isinstance(x, IndexedSlices):
        return x.values
    handle = getattr(x, "handle", None)
    if isinstance(handle, Tensor):
        return handle
    return convert_to_tensor(x, name="x", as_ref=True)


def _seed_gradients(given: Sequence[Any], ys: Sequence[Tensor], colocate: bool) -> list[Any]:
    seeds: list[Any] = []
    for index, (grad, y) in enumerate(zip(given, ys, strict=True)):
        with y.graph.colocate_with(y.op) if colocate else nullcontext():
            if grad is None:
                if y.dtype.is_complex:
                    raise TypeError(
                        f"Gradients of complex tensors must set grad_ys (y.dtype = {y.dtype!r}); y is {y.name}.")
                if y.shape.is_fully_defined():
                    dims: Any = constant(np.array(y.shape.as_list(), np.int32), name="Shape", dtype=int32)
                else:
                    dims = apply_op("Shape", y)
                seeds.append(apply_op("Fill", dims, constant(1, dtype=y.dtype.base_dtype, name=f"grad_ys_{index}"))
                             if is_differentiable(y) else None)
                continue
            grad = convert_to_tensor_or_indexed_slices(grad, name=f"grad_ys_{index}", dtype=None)
            if not grad.dtype.is_compatible_with(y.dtype.base_dtype):
                raise TypeError(f"Gradient type {grad.dtype.name} generated for tensor {y.name} does not match its "
                                f"type {y.dtype.base_dtype.name}.")
            if not isinstance(grad, IndexedSlices):
                try:
                    y.shape.assert_is_compatible_with(grad.shape)
                except ValueError:
                    raise ValueError(
                        f"grad_ys[{index}] has shape {grad.shape}, but y {y.name} has shape {y.shape}.") from None
                grad = apply_op("Identity", grad, name=f"grad_ys_{index}")
            seeds.append(grad)
    return seeds


class _Backward:
    """One backward walk over the operations between xs and ys."""

    def __init__(self, xs: list[Tensor], ys: list[Tensor], stop: list[Tensor], colocate: bool, method: int) -> None:
        self.xs, self.ys, self.colocate, self.method = xs, ys, colocate, method
        # What has arrived at each tensor so far, and the sums of what is complete.
        self.arrived: dict[Tensor, list[Any]] = {}
        self.summed: dict[Tensor, Any] = {}
        self.path = between(xs, ys, is_differentiable)
        # A gradient arrives at the tensors of these operations, and goes no further.
        self.stopped = {t.op for t in stop}
        self.stopped.update(x.op for x in xs if not any(t.op in self.path for t in x.op.inputs))

    def run(self, seeds: list[Any], unconnected: UnconnectedGradients) -> list[Any]:
        waiting: dict[Operation, int] = dict.fromkeys(self.path, 0)
        for op in self.path:
            for producer in {t.op for t in op.inputs if t.op in waiting}:
                waiting[producer] += 1
        for y, seed in zip(self.ys, seeds, strict=True):
            if seed is not None:
                self.arrived.setdefault(y, []).append(seed)
        ready = [(-op._id, op) for op, count in waiting.items() if count == 0]
        heapq.heapify(ready)
        while ready:
            _, op = heapq.heappop(ready)
            self._visit(op)
            for producer in {t.op for t in op.inputs if t.op in waiting}:
                waiting[producer] -= 1
                if waiting[producer] == 0:
                    heapq.heappush(ready, (-producer._id, producer))
        results: list[Any] = []
        for x in self.xs:
            grad = self._total(x)
            if grad is None and unconnected is UnconnectedGradients.ZERO:
                grad = _zeros_like(x)
            results.append(grad)
        return results

    def _total(self, tensor: Tensor) -> Any:
        """The sum of what has arrived at `tensor` (all of it has, when this is called), or None."""
        if tensor in self.summed:
            return self.summed[tensor]
        parts = self.arrived.pop(tensor, None)
        total = None if not parts else parts[0] if len(parts) == 1 else add_gradients(parts, tensor.op, self.method)
        self.summed[tensor] = total
        return total

    def _wants(self, tensor: Tensor) -> bool:
        return tensor.op in self.path and is_differentiable(tensor)

    def _visit(self, op: Operation) -> None:
        grads = [self._total(t) for t in op.outputs]
        if op in self.stopped or all(g is None for g in grads):
            return
        rule = gradient_rule(op)
        if rule is NO_GRADIENT:
            return
        if rule is MISSING:
            raise LookupError(
                f"No gradient defined for operation '{op.name}' (op type: {op.type}). It was made at {op.source}. "
                f"Register one with @tf.RegisterGradient('{op.type}'), or cut the path with tf.stop_gradient.")
        place = op.graph.colocate_with(op, ignore_existing=True) if self.colocate else nullcontext()
        with name_scope(op.name + "_grad"), place:
            for index, (grad, output) in enumerate(zip(grads, op.outputs, strict=True)):
                if grad is None and is_differentiable(output):
                    grads[index] = _zeros_like(output)
            before, gradient_path.flows = gradient_path.flows, self._wants
            try:
                results = rule(op, *grads)
            finally:
                gradient_path.flows = before
            results = list(results) if isinstance(results, (list, tuple)) else [results]
            if len(results) != len(op.inputs):
                raise ValueError(f"Num gradients {len(results)} generated for op {op.name} (type {op.type}) do not "
                                 f"match num inputs {len(op.inputs)}.")
        for index, (grad, tensor) in enumerate(zip(results, op.inputs, strict=True)):
            if grad is not None and self._wants(tensor):
                self.arrived.setdefault(tensor, []).append(_checked(grad, op, index, tensor))


def _checked(grad: Any, op: Operation, index: int, tensor: Tensor) -> Any:
    """What a rule gave for one input, as a tensor of that input's shape; ValueError where the shapes contradict."""
    if isinstance(grad, IndexedSlices):
        return grad
    grad = convert_to_tensor(grad, dtype=None if isinstance(grad, Tensor) else tensor.dtype.base_dtype)
    if tensor.dtype.base_dtype is not resource:
        try:
            grad.set_shape(tensor.shape)
        except ValueError:
            raise ValueError(
                "Incompatible shapes between op input and calculated input gradient. Forward operation: "
                f"{op.name}. Input index: {index}. Original input shape: {tensor.shape}. Calculated input "
                f"gradient shape: {grad.shape}. The operation was made at {op.source}.") from None
    return grad


def _zeros_like(tensor: Tensor) -> Tensor:
    if tensor.dtype.base_dtype is resource:
        if tensor.handle_data is None:
            raise ValueError(f"The shape of what handle {tensor.name} points to is not known; no zeros can be made.")
        shape, dtype = tensor.handle_data
        return constant(np.zeros(shape.as_list(), dtype.as_numpy_dtype), name="zeros")
    return apply_op("ZerosLike", tensor, name="zeros_like")


def add_gradients(parts: Sequence[Any], op: Operation | None = None, method: int = AggregationMethod.ADD_N) -> Any:
    """The sum of gradients, each a Tensor or IndexedSlices; IndexedSlices stay so while all are."""
    if all(isinstance(p, IndexedSlices) for p in parts):
        axis = constant(0, name="axis")
        values = apply_op("ConcatV2", [p.values for p in parts], axis, name="concat")
        wide = any(p.indices.dtype.base_dtype is not int32 for p in parts)
        indices = [apply_op("Cast", p.indices, DstT=as_dtype("int64")) if wide and p.indices.dtype.base_dtype is int32
                   else p.indices for p in parts]
        return IndexedSlices(values, apply_op("ConcatV2", indices, axis, name="concat"),
                             next((p.dense_shape for p in parts if p.dense_shape is not None), None))
    dense = [p if isinstance(p, Tensor) else densify(p) for p in parts]
    if method == AggregationMethod.ADD_N or op is None:
        return apply_op("AddN", dense)
    # In pairs: each part can be given up as soon as it is added.
    with name_scope(op.name + "_gradient_sum"):
        total = dense[0]
        for part in dense[1:]:
            total = apply_op("AddN", [total, part])
    return total


def densify(slices: IndexedSlices, dtype: DType | None = None) -> Tensor:
    """The whole tensor that `slices` stand for; ValueError where its shape is not known."""
    if dtype is not None and not dtype.is_compatible_with(slices.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype {slices.dtype.name}")
    if slices.dense_shape is None:
        raise ValueError(f"Tensor conversion requested for IndexedSlices without dense_shape: {slices}")
    rows = apply_op("StridedSlice", slices.dense_shape, [0], [1], [1], shrink_axis_mask=1, name="strided_slice")
    dense = apply_op("UnsortedSegmentSum", slices.values, slices.indices, rows)
    dense.set_shape(slices.shape)
    return dense


def _slices_conversion(value: IndexedSlices, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del name, as_ref
    return densify(value, dtype)


register_tensor_conversion_function(IndexedSlices, _slices_conversion)


Slots.gradients = gradients


def hessians(
    ys: Any, xs: Any, name: str = "hessians", colocate_gradients_with_ops: bool = False, gate_gradients: bool = False,
    aggregation_method: int | None = None,
) -> list[Tensor]:
    """Builds the Hessian of the sum of `ys` by each x: a tensor of shape ``x.shape + x.shape``.

    Args:
      ys: Tensor or list of tensors.
      xs: Tensor, variable or list; each of fully known shape.
      name, colocate_gradients_with_ops, gate_gradients, aggregation_method: As in `gradients`.

    Raises:
      LookupError: An operation's gradient is not differentiable.  ValueError: The shape of an x is not known.

    Example:
      >>> import core as tf
      >>> x = tf.constant([1.0, 2.0])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.hessians(tf.reduce_sum(x ** 3), x))[0])
      [[ 6.  0.]
       [ 0. 12.]]
    """
    options = {"colocate_gradients_with_ops": colocate_gradients_with_ops, "gate_gradients": gate_gradients,
               "aggregation_method": aggregation_method}
    xs = _as_list(xs)
    result: list[Tensor] = []
    for x, grad in zip(xs, gradients(ys, xs, **options), strict=True):  # type: ignore[arg-type]
        tensor = convert_to_tensor(x)
        if grad is None:
            raise ValueError(f"ys do not depend on {tensor.name}: there is no Hessian.")
        dims: Any = tensor.shape.as_list() if tensor.shape.is_fully_defined() else None
        if dims is None:
            raise ValueError(f"The shape of {tensor.name} must be known to build its Hessian, it is {tensor.shape}.")
        with name_scope(name):
            size = math.prod(dims)
            flat = apply_op("Reshape", convert_to_tensor(grad), [size])
            rows = []
            for index in range(size):
                element = apply_op("StridedSlice", flat, [index], [index + 1], [1], shrink_axis_mask=1, name="element")
                row = gradients(element, x, **options)[0]  # type: ignore[arg-type]
                rows.append(apply_op("ZerosLike", tensor) if row is None else convert_to_tensor(row))
            result.append(apply_op("Reshape", apply_op("Pack", rows), [*dims, *dims]))
    return result
