"""`tf.contrib.framework`: the global step and lists of variables."""

from __future__ import annotations

from typing import Any

from core.graph import GraphKeys, get_collection
from core.train.global_step import create_global_step, get_global_step, get_or_create_global_step
from core.variable_scopes import VariableScope

__all__ = [
    "create_global_step", "get_global_step", "get_or_create_global_step", "get_trainable_variables", "get_variables",
]


def get_variables(scope: Any = None, suffix: str | None = None, collection: str = GraphKeys.GLOBAL_VARIABLES) -> Any:
    """Returns the variables of a collection.

    Args:
      scope: Start of their names (a regular expression) or a variable scope.
      suffix: End of their names.
      collection: The collection.
    """
    if isinstance(scope, VariableScope):
        scope = scope.name
    if suffix is not None:
        scope = f"{scope or ''}.*{suffix if ':' in suffix else suffix + ':'}"
    return get_collection(collection, scope)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> Any:
    """Returns the trainable variables; arguments as of `get_variables`."""
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)
