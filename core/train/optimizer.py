"""`Optimizer`: gradients of a loss by the variables, and the operation that applies them. Base of all optimisers."""

from __future__ import annotations

from collections.abc import ValuesView
from typing import Any

from core.autodiff import gradients
from core.dtypes import bfloat16, float16, float32, float64, resource
from core.graph import (
    GraphKeys,
    IndexedSlices,
    Operation,
    Tensor,
    apply_op,
    control_dependencies,
    convert_to_tensor,
    get_default_graph,
    name_scope,
)
from core.graph.convert import convert_to_tensor_or_indexed_slices
from core.ops.array_basic import shape_of
from core.ops.array_order import unique
from core.ops.grouping import group
from core.ops.grouping import tuple as tuple_op
from core.train import slots
from core.variable_collections import trainable_variables
from core.variable_kinds import ResourceVariable
from core.variables import Variable

__all__ = ["Optimizer"]


class Optimizer:
    """Base class: subclasses say how one variable is updated from its gradient.

    Args:
      use_locking: Accepted; updates are always whole.
      name: Name scope of the update operations.

    Raises:
      ValueError: `name` is empty.
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Any, Any]] = {}
        self._non_slots: dict[tuple[str, Any], Any] = {}

    def get_name(self) -> str:
        """Name of the optimiser."""
        return self._name

    def minimize(
        self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = GATE_OP,
        aggregation_method: int | None = None, colocate_gradients_with_ops: bool = False, name: str | None = None,
        grad_loss: Any = None,
    ) -> Operation:
        """The operation that takes one step towards a smaller `loss`.

        Args:
          loss: Tensor to make small, or a function without arguments that makes it.
          global_step: Variable to raise by one after the step.
          var_list: Variables to change; by default the trainable ones.
          gate_gradients: GATE_NONE, GATE_OP or GATE_GRAPH: what waits for which gradients.
          aggregation_method: See `tf.AggregationMethod`.
          colocate_gradients_with_ops: Ask for the forward operations' devices.
          name: Name of the operation.
          grad_loss: Gradient that arrives at `loss`.

        Raises:
          ValueError: There are no variables, or `loss` depends on none of them.

        Example:
          >>> import core as tf
          >>> x = tf.Variable(4.0)
          >>> step = tf.train.GradientDescentOptimizer(0.25).minimize(x * x)
          >>> with tf.Session() as sess:
          ...     sess.run(tf.global_variables_initializer())
          ...     sess.run(step)
          ...     print(sess.run(x))
          2.0
        """
        pairs = self.compute_gradients(
            loss, var_list=var_list, gate_gradients=gate_gradients, aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops, grad_loss=grad_loss)
        if not any(g is not None for g, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, "
                f"between variables {[str(v) for _, v in pairs]} and loss {loss}.")
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(
        self, loss: Any, var_list: Any = None, gate_gradients: int = GATE_OP, aggregation_method: int | None = None,
        colocate_gradients_with_ops: bool = False, grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:
        """The first half of `minimize`: a list of (gradient, variable); the gradient is None where there is no path.

        Raises:
          TypeError: `var_list` holds what is no variable.  ValueError: There are no variables, or a wrong argument.
        """
        if callable(loss) and not isinstance(loss, Tensor):
            loss = loss()
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError("gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
                             f"Optimizer.GATE_GRAPH.  Not {gate_gradients}")
        self._assert_valid_dtypes([loss])
        if grad_loss is not None:
            self._assert_valid_dtypes([grad_loss])
        if var_list is None:
            var_list = trainable_variables() + get_default_graph().get_collection(
                GraphKeys.TRAINABLE_RESOURCE_VARIABLES)
        else:
            var_list = _flatten(var_list)
        if not var_list:
            raise ValueError("No variables to optimize. Make some with tf.Variable or tf.get_variable first, or give "
                             "var_list.")
        grads = gradients(
            loss, [_target(v) for v in var_list], grad_ys=grad_loss, gate_gradients=gate_gradients == self.GATE_OP,
            aggregation_method=aggregation_method, colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gate_gradients == self.GATE_GRAPH:
            grads = tuple_op(grads)
        pairs = list(zip(grads, var_list, strict=True))
        self._assert_valid_dtypes([v for g, v in pairs if g is not None and v.dtype is not resource])
        return pairs

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Operation:
        """The second half of `minimize`: the operation that applies gradients.

        Args:
          grads_and_vars: List of (gradient, variable) as `compute_gradients` gives it, perhaps changed.
          global_step: Variable to raise by one afterwards.
          name: Name of the operation.

        Raises:
          TypeError: A gradient is neither tensor nor IndexedSlices.  ValueError: No pair has a gradient.
        """
        pairs = tuple(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        converted = []
        for grad, var in pairs:
            if grad is not None:
                try:
                    grad = convert_to_tensor_or_indexed_slices(grad)
                except TypeError:
                    raise TypeError(
                        f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {grad}") from None
                if not isinstance(grad, (Tensor, IndexedSlices)):
                    raise TypeError(f"Gradient must be a Tensor, IndexedSlices, or None: {grad}")
            _target(var)
            converted.append((grad, var))
        trained = [v for g, v in converted if g is not None]
        if not trained:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in converted]}.")
        graph = get_default_graph()
        with graph.control_dependencies(None):
            self._create_slots(trained)
        updates = []
        with name_scope(name, self._name) as scope:
            self._prepare()
            for grad, var in converted:
                if grad is None:
                    continue
                with name_scope("update_" + var.op.name), graph.colocate_with(var.op):
                    updates.append(self._update(grad, var))
            if global_step is None:
                train_op = self._finish(updates, scope)
            else:
                with control_dependencies([self._finish(updates, "update")]), graph.colocate_with(global_step.op):
                    if isinstance(global_step, ResourceVariable):
                        one = convert_to_tensor(1, dtype=global_step.dtype)
                        train_op = apply_op("AssignAddVariableOp", global_step.handle, one, name=scope)
                    else:
                        train_op = apply_op("AssignAdd", global_step, 1, name=scope)
            if isinstance(train_op, Tensor):
                train_op = train_op.op
            collected = graph.get_collection_ref(GraphKeys.TRAIN_OP)
            if train_op not in collected:
                collected.append(train_op)
            return train_op

    def _update(self, grad: Any, var: Any) -> Any:
        if isinstance(var, Tensor):
            raise NotImplementedError("Trying to update a Tensor ", var)
        is_resource = isinstance(var, ResourceVariable)
        constraint = getattr(var, "constraint", None)
        if isinstance(grad, Tensor):
            op = self._resource_apply_dense(grad, var) if is_resource else self._apply_dense(grad, var)
            if constraint is None:
                return op
            with control_dependencies([op]):
                return var.assign(constraint(var.read_value() if is_resource else var))
        if constraint is not None:
            raise RuntimeError("Cannot use a constraint function on a sparse variable.")
        if is_resource:
            return self._resource_apply_sparse_duplicate_indices(grad.values, var, grad.indices)
        return self._apply_sparse_duplicate_indices(grad, var)

    def get_slot(self, var: Any, name: str) -> Any:
        """The slot variable called `name` of `var`, or None."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self) -> list[str]:
        """Names of the slots in use."""
        return sorted(self._slots)

    def variables(self) -> list[Any]:
        """All variables of this optimiser, in the current default graph."""
        graph = get_default_graph()
        found = [v for v in self._non_slots.values() if v.graph is graph]
        found += [v for slot in self._slots.values() for v in slot.values() if v.graph is graph]
        return sorted(found, key=lambda v: v.name)

    # ------------------------------------------------------------------ for subclasses

    def _create_slots(self, var_list: list[Any]) -> None:
        """Makes the slots; by default there are none."""

    def _prepare(self) -> None:
        """Makes the tensors that all updates share; by default there are none."""

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how to apply dense gradients (_apply_dense).")

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how to apply gradients of resource variables "
                                  "(_resource_apply_dense).")

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how to apply sparse gradients (_apply_sparse).")

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how to apply sparse gradients of resource variables "
                                  "(_resource_apply_sparse).")

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        values, indices = _deduplicated(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(values, indices, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        values, unique = _deduplicated(grad, indices)
        return self._resource_apply_sparse(values, handle, unique)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        return group(*update_ops, name=name_scope)

    def _call_if_callable(self, param: Any) -> Any:
        return param() if callable(param) else param

    def _valid_dtypes(self) -> set[Any]:
        return {float16, bfloat16, float32, float64}

    def _assert_valid_dtypes(self, tensors: Any) -> None:
        for tensor in tensors:
            dtype = tensor.dtype.base_dtype
            if dtype not in self._valid_dtypes():
                raise ValueError(f"Invalid type {dtype!r} for {tensor.name}, expected: "
                                 f"{sorted(t.name for t in self._valid_dtypes())}.")

    def _get_or_make_slot(self, var: Any, val: Tensor, slot_name: str, op_name: str) -> Any:
        named = self._slots.setdefault(slot_name, {})
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot(var, val, op_name)
        return named[_key(var)]

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str,
    ) -> Any:
        named = self._slots.setdefault(slot_name, {})
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot_with_initializer(var, initializer, shape, dtype, op_name)
        return named[_key(var)]

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        named = self._slots.setdefault(slot_name, {})
        if _key(var) not in named:
            named[_key(var)] = slots.create_zeros_slot(var, op_name)
        return named[_key(var)]

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        key = (name, colocate_with.graph)
        found = self._non_slots.get(key)
        if found is None:
            with colocate_with.graph.colocate_with(colocate_with.op):
                found = Variable(initial_value, name=name, trainable=False,
                                 use_resource=isinstance(colocate_with, ResourceVariable))
            self._non_slots[key] = found
        return found

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._non_slots.get((name, graph))


def _flatten(items: Any) -> list[Any]:
    if isinstance(items, (list, tuple, set, frozenset, ValuesView)):
        return [v for item in items for v in _flatten(item)]
    if isinstance(items, dict):
        return [v for key in sorted(items) for v in _flatten(items[key])]
    if hasattr(items, "_get_variable_list"):
        return list(items._get_variable_list())
    return [items]


def _target(var: Any) -> Any:
    if isinstance(var, (Variable, Tensor)):
        return var
    if hasattr(var, "_as_graph_element"):
        return var
    raise TypeError(f"Argument is not a tf.Variable: {var!r}")


def _key(var: Any) -> Any:
    return (var.op.graph, var.op.name)


def _deduplicated(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Adds up the values of equal indices."""
    found, positions = unique(indices)
    size: Any = shape_of(found)
    return apply_op("UnsortedSegmentSum", values, positions, size[0]), found
