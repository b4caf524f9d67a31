"""The collections of variables, and the operations that initialise them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.dtypes import string
from core.graph import GraphKeys, Operation, Tensor, apply_op, get_default_graph, name_scope
from core.ops import state
from core.ops.array_join import stack
from core.ops.array_where import boolean_mask
from core.ops.constant import constant
from core.ops.grouping import group, no_op
from core.ops.math_compare import logical_not

__all__ = [
    "all_variables", "assert_variables_initialized", "global_variables", "global_variables_initializer",
    "initialize_all_variables", "initialize_local_variables", "initialize_variables", "local_variables",
    "local_variables_initializer", "model_variables", "moving_average_variables", "report_uninitialized_variables",
    "trainable_variables", "variables_initializer",
]


def global_variables(scope: str | None = None) -> list[Any]:
    """The variables in ``GraphKeys.GLOBAL_VARIABLES``; with `scope`, those whose name matches it."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def all_variables() -> list[Any]:
    """Deprecated name of `global_variables`."""
    return global_variables()


def local_variables(scope: str | None = None) -> list[Any]:
    """The variables of this process only: counters, metrics."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    """The variables in ``GraphKeys.MODEL_VARIABLES``."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables that optimisers train by default."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """The variables that an ExponentialMovingAverage follows."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Iterable[Any], name: str = "init") -> Operation:
    """An operation that initialises all of `var_list`."""
    var_list = list(var_list)
    if var_list:
        return group(*[v.initializer for v in var_list], name=name)
    return no_op(name=name)


def initialize_variables(var_list: Iterable[Any], name: str = "init") -> Operation:
    """Deprecated name of `variables_initializer`."""
    return variables_initializer(var_list, name=name)


def global_variables_initializer() -> Operation:
    """An operation that initialises all global variables.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(7)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     print(sess.run(v))
      7
    """
    return variables_initializer(global_variables())


def initialize_all_variables() -> Operation:
    """Deprecated name of `global_variables_initializer`."""
    return global_variables_initializer()


def local_variables_initializer() -> Operation:
    """An operation that initialises all local variables."""
    return variables_initializer(local_variables())


def initialize_local_variables() -> Operation:
    """Deprecated name of `local_variables_initializer`."""
    return local_variables_initializer()


def assert_variables_initialized(var_list: Any = None) -> Any:
    """Deprecated: an operation that fails at run time unless all variables are initialised."""
    var_list = _all_or(var_list)
    if not var_list:
        return None
    ranks = []
    for var in var_list:
        with get_default_graph().colocate_with(var.op):
            ranks.append(apply_op("Rank", var))
    return ranks[0] if len(ranks) == 1 else stack(ranks)


def _all_or(var_list: Any) -> list[Any]:
    """`var_list`; by default all global and local variables, or else what references there are in the graph."""
    if var_list is None:
        var_list = global_variables() + local_variables()
        if not var_list:
            return [op.outputs[0] for op in get_default_graph().get_operations()
                    if op.type in ("Variable", "VariableV2", "AutoReloadVariable")]
    return list(var_list)


def report_uninitialized_variables(var_list: Any = None, name: str = "report_uninitialized_variables") -> Tensor:
    """A string vector: names of the variables that have no value when it runs.

    Args:
      var_list: Variables to look at; by default all global and local ones.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(7, name="v")
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.report_uninitialized_variables()).tolist())
      [b'v']
    """
    var_list = _all_or(var_list)
    with name_scope(name):
        flags = [state.is_variable_initialized(v) for v in var_list]
        with get_default_graph().device("/cpu:0"):
            if not var_list:
                return constant([], dtype=string)
            missing = logical_not(stack(flags))
            names = constant([v.op.name for v in var_list])
            return boolean_mask(names, missing)
