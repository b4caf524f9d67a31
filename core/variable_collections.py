"""The collections of variables, and the operations that initialise them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.graph import GraphKeys, Operation, Tensor, apply_op, convert_to_tensor, get_default_graph, name_scope
from core.ops import state
from core.ops.grouping import group, no_op

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
    if var_list is None:
        var_list = global_variables() + local_variables()
    if not var_list:
        return None
    ranks = [apply_op("Rank", v.value()) for v in var_list]
    return ranks[0] if len(ranks) == 1 else apply_op("Pack", ranks)


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
    if var_list is None:
        var_list = global_variables() + local_variables()
    with name_scope(name):
        if not var_list:
            return convert_to_tensor(np.array([], object), dtype="string", name="Const")
        flags = apply_op("Pack", [state.is_variable_initialized(v) for v in var_list])
        missing = apply_op("LogicalNot", flags)
        names = convert_to_tensor([v.name.split(":")[0] for v in var_list], name="Const")
        rows = apply_op("Reshape", apply_op("Where", missing), [-1])
        tensor: Tensor = apply_op("GatherV2", names, rows, 0)
        return tensor
