"""Moving averages of variables: `ExponentialMovingAverage`, and the update that it and batch normalisation share."""

from __future__ import annotations

from typing import Any

from core.dtypes import bfloat16, float16, float32, float64
from core.graph import GraphKeys, Tensor, convert_to_tensor, get_default_graph, name_scope
from core.graph.scopes import get_name_scope
from core.initializers import zeros_initializer
from core.ops.array_cast import cast
from core.ops.grouping import group
from core.ops.math_binary import div, minimum
from core.ops.math_binary import pow as power
from core.ops.math_binary import truediv as true_quotient
from core.ops.state import assign, assign_sub
from core.train import slots
from core.variable_collections import moving_average_variables, trainable_variables
from core.variable_scopes import get_variable, get_variable_scope, variable_scope
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
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope:
        rest: Any = convert_to_tensor(1.0 - decay, name="decay")
        if rest.dtype.base_dtype != variable.dtype.base_dtype:
            rest = cast(rest, variable.dtype.base_dtype)
        if zero_debias:
            return _debiased(variable, value, rest)
        return assign_sub(variable, (variable - value) * rest, name=scope)


def _debiased(variable: Any, value: Any, rest: Any) -> Any:
    """Sets `variable` to a second average, which started from zeros, divided by what its weights add up to."""
    with variable_scope(variable.name.split(":")[0], values=[variable, value, rest]):
        with get_default_graph().colocate_with(variable.op):
            dtype = variable.dtype.base_dtype
            biased = get_variable(_unique("biased"), initializer=zeros_initializer(), shape=variable.shape, dtype=dtype,
                                  trainable=False)
            steps = get_variable(_unique("local_step"), shape=[], dtype=dtype, initializer=zeros_initializer(),
                                 trainable=False)
        moved = assign_sub(biased, (biased - value) * rest)
        counted = steps.assign_add(1)
        left: Any = power(1.0 - rest, counted)
        return assign(variable, moved / (1 - left), name=get_name_scope() + "/")


def _unique(name: str) -> str:
    """A name that no variable of the current scope bears (unless the scope shares its variables)."""
    scope = get_variable_scope()
    if scope.reuse:
        return name
    taken = {v.op.name for v in scope.global_variables()}
    tried, index = name, 0
    while f"{scope.name}/{tried}" in taken:
        index += 1
        tried = f"{name}_{index}"
    return tried


def weighted_moving_average(value: Any, decay: Any, weight: Any, truediv: bool = True, collections: Any = None,
                            name: str | None = None) -> Tensor:
    """The moving average of ``value * weight`` divided by that of `weight`.

    Args:
      value: What is averaged.
      decay: Close to 1.
      weight: Weight of each value, broadcast against it.
      truediv: If False, integers are divided as Python 2 did.
      collections: Collections of the two variables.
      name: Name of the operation.
    """
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    with variable_scope(name, "WeightedMovingAvg", [value, weight, decay]) as scope:
        product = get_variable("value_x_weight", shape=value.shape, dtype=value.dtype, initializer=zeros_initializer(),
                               trainable=False, collections=collections)
        total = get_variable("weight", shape=weight.shape, dtype=weight.dtype, initializer=zeros_initializer(),
                             trainable=False, collections=collections)
        numerator = assign_moving_average(product, value * weight, decay, zero_debias=False)
        denominator = assign_moving_average(total, weight, decay, zero_debias=False)
        return (true_quotient if truediv else div)(numerator, denominator, name=scope.name)


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
      ...     print(round(float(sess.run(ema.average(v))), 3))
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
                        shadow = slots.create_zeros_slot(var, self._name, colocate_with_primary=var.op.type in (
                            "Variable", "VariableV2", "VarHandleOp"))
                        if self._zero_debias:
                            zero_started.add(self._key(var))
                self._averages[self._key(var)] = shadow
        with name_scope(self._name) as scope:
            decay: Any = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                updates = cast(self._num_updates, float32, name="num_updates")
                decay = minimum(decay, (1.0 + updates) / (10.0 + updates))
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
