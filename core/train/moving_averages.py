"""Moving averages of variables: `ExponentialMovingAverage`, and the update that it and batch normalisation share."""

from __future__ import annotations

from typing import Any

from core.dtypes import bfloat16, float16, float32, float64
from core.graph import GraphKeys, Tensor, apply_op, convert_to_tensor, get_default_graph, name_scope
from core.initializers import constant_initializer
from core.ops.array_cast import cast
from core.ops.grouping import group
from core.ops.math_binary import add, minimum, multiply, subtract, truediv
from core.train import slots
from core.variable_collections import moving_average_variables, trainable_variables
from core.variable_scopes import get_variable, variable_scope
from core.variables import Variable

__all__ = ["ExponentialMovingAverage", "assign_moving_average", "weighted_moving_average"]


def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None,
) -> Any:
    """``variable -= (variable - value) * (1 - decay)``.

    Args:
      variable: The average, a variable.
      value: What is averaged.
      decay: Close to 1.
      zero_debias: If True, corrects for a start from zeros (Kingma and Ba, 2015).
      name: Name of the operation.
    """
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope, \
            get_default_graph().colocate_with(variable.op):
        dtype = variable.dtype.base_dtype
        rest = subtract(convert_to_tensor(1.0, name="sub/x", dtype=dtype), cast(convert_to_tensor(decay), dtype),
                        name="sub") if isinstance(decay, (Tensor, Variable)) else convert_to_tensor(
                            1.0 - decay, name="decay", dtype=dtype)
        if zero_debias:
            delta = _debiased_delta(variable, value, rest)
        else:
            current = variable.value() if isinstance(variable, Variable) else variable
            delta = multiply(subtract(current, value), rest)
        return variable.assign_sub(delta, name=scope)


def _debiased_delta(variable: Any, value: Any, rest: Tensor) -> Tensor:
    """The step by which a biased average, divided by what its weights add up to, moves the variable."""
    with variable_scope(variable.op.name, values=[variable, value, rest]):
        biased = get_variable("biased", initializer=constant_initializer(0), shape=variable.shape,
                              dtype=variable.dtype.base_dtype, trainable=False)
        steps = get_variable("local_step", shape=[], dtype=variable.dtype.base_dtype,
                             initializer=constant_initializer(0), trainable=False)
        moved = biased.assign_sub(multiply(subtract(biased.value(), value), rest))
        counted = steps.assign_add(convert_to_tensor(1, dtype=steps.dtype.base_dtype))
        with get_default_graph().control_dependencies([moved, counted]):
            one = convert_to_tensor(1.0, dtype=variable.dtype.base_dtype)
            weight = subtract(one, apply_op("Pow", subtract(one, rest), steps.read_value()))
            return subtract(variable.value(), truediv(biased.read_value(), weight))


def weighted_moving_average(value: Any, decay: Any, weight: Any, truediv: bool = True, collections: Any = None,
                            name: str | None = None) -> Tensor:
    """The moving average of ``value * weight`` divided by that of `weight`.

    Args:
      value: What is averaged.
      decay: Close to 1.
      weight: Weight of each value, broadcast against it.
      truediv: Accepted; the division is the true one.
      collections: Collections of the two variables.
      name: Name of the operation.
    """
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    with variable_scope(name, "WeightedMovingAvg", [value, weight, decay]) as scope:
        value = convert_to_tensor(value)
        product = get_variable("value", shape=value.shape, initializer=constant_initializer(0), trainable=False,
                               collections=collections, dtype=value.dtype)
        weight = convert_to_tensor(weight)
        total = get_variable("weight", shape=weight.shape, initializer=constant_initializer(0), trainable=False,
                             collections=collections, dtype=weight.dtype)
        numerator = assign_moving_average(product, multiply(value, weight), decay, zero_debias=False)
        denominator = assign_moving_average(total, weight, decay, zero_debias=False)
        return apply_op("RealDiv", numerator, denominator, name=scope.name)


class ExponentialMovingAverage:
    """Keeps shadow variables that follow others: ``shadow = decay * shadow + (1 - decay) * variable``.

    Args:
      decay: Close to 1.
      num_updates: If given, the decay is at most ``(1 + num_updates) / (10 + num_updates)``, small at the start.
      zero_debias: If True, shadows of tensors are corrected for their start from zeros.
      name: Name scope and suffix of the shadow variables.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(0.0)
      >>> ema = tf.train.ExponentialMovingAverage(0.9)
      >>> keep = ema.apply([v])
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(v.assign(10.0).op)
      ...     sess.run(keep)
      ...     print(sess.run(ema.average(v)))
      1.0
    """

    def __init__(self, decay: Any, num_updates: Any = None, zero_debias: bool = False,
                 name: str = "ExponentialMovingAverage") -> None:
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages: dict[Any, Any] = {}

    @property
    def name(self) -> str:
        """Name of this object."""
        return self._name

    def apply(self, var_list: Any = None) -> Any:
        """Makes the shadows of `var_list` (default: the trainable variables) and the operation that moves them.

        Raises:
          TypeError: A type that is not averaged.  ValueError: A variable has a shadow already.
        """
        if var_list is None:
            var_list = trainable_variables()
        graph = get_default_graph()
        zero_started = set()
        for var in var_list:
            if var.dtype.base_dtype not in (float16, bfloat16, float32, float64):
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if self._key(var) not in self._averages:
                with graph.control_dependencies(None):
                    if isinstance(var, Variable):
                        shadow = slots.create_slot(var, var.initialized_value(), self._name, colocate_with_primary=True)
                        graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
                    else:
                        shadow = slots.create_zeros_slot(var, self._name, colocate_with_primary=True)
                        if self._zero_debias:
                            zero_started.add(self._key(var))
                self._averages[self._key(var)] = shadow
        with name_scope(self._name) as scope:
            decay: Any = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                updates = cast(self._num_updates, float32, name="num_updates")
                decay = minimum(decay, truediv(add(1.0, updates), add(10.0, updates)))
            moves = [assign_moving_average(self._averages[self._key(v)], v, decay, self._key(v) in zero_started)
                     for v in var_list]
            return group(*moves, name=scope)

    @staticmethod
    def _key(var: Any) -> Any:
        return (var.op.graph, var.name)

    def average(self, var: Any) -> Any:
        """The shadow variable of `var`, or None."""
        return self._averages.get(self._key(var))

    def average_name(self, var: Any) -> str:
        """Name of the shadow variable of `var`, whether it exists or not."""
        found = self._averages.get(self._key(var))
        if found is not None:
            return found.op.name
        return get_default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """Names to variables, for a Saver that loads the averages in place of the variables."""
        names: dict[str, Any] = {}
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        averaged = dict.fromkeys(moving_avg_variables)
        for var in averaged:
            names[self.average_name(var)] = var
        taken = {v.op.name for v in averaged}
        for var in get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES):
            if var.op.name not in names and var.op.name not in taken:
                names[var.op.name] = var
        return names
