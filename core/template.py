"""`make_template`: a function whose variables are made at its first call and shared by all later ones."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from core.graph import GraphKeys, get_default_graph
from core.graph.source import capture_frames, source_of
from core.variable_scopes import pure_variable_scope, unique_variable_scope, variable_scope

__all__ = ["make_template"]


def make_template(
    name_: str, func_: Callable[..., Any], create_scope_now_: bool = False, unique_name_: str | None = None,
    custom_getter_: Callable[..., Any] | None = None, **kwargs: Any,
) -> Template:
    """Wraps a function so that its variables are shared by all its calls.

    Args:
      name_: Name of the variable scope; made unique.
      func_: Function that gets its variables by `tf.get_variable`.
      create_scope_now_: If True, the scope is opened (and its name taken) now, not at the first call.
      unique_name_: Overrides `name_` and is not made unique.
      custom_getter_: Custom getter of the scope.
      **kwargs: Keyword arguments of `func_` that are set once for all calls.

    Returns:
      A callable `Template`.

    Raises:
      ValueError: `name_` is None.

    Example:
      >>> import core as tf
      >>> def scale(x):
      ...     return x * tf.get_variable("w", [], initializer=tf.ones_initializer())
      >>> layer = tf.make_template("layer", scale)
      >>> a, b = layer(tf.constant(1.0)), layer(tf.constant(2.0))
      >>> [v.name for v in tf.global_variables()]
      ['layer/w:0']
    """
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(name_, func_, create_scope_now_, unique_name_, custom_getter_)


class Template:
    """What `make_template` returns: call it like the function."""

    def __init__(
        self, name: str, func: Callable[..., Any], create_scope_now: bool = False, unique_name: str | None = None,
        custom_getter: Callable[..., Any] | None = None,
    ) -> None:
        if name is None:
            raise ValueError("name cannot be None.")
        self._func, self._name, self._unique_name, self._custom_getter = func, name, unique_name, custom_getter
        self._frames = capture_frames()
        self._scope: Any = None
        self._first_call, self._made = True, False
        if create_scope_now:
            with pure_variable_scope(unique_name or unique_variable_scope(name), custom_getter=custom_getter) as scope:
                self._scope = scope

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the function in the template's scope."""
        if self._scope is not None:
            with variable_scope(self._scope, reuse=not self._first_call):
                return self._call(args, kwargs)
        with variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter) as scope:
            self._scope = scope
            return self._call(args, kwargs)

    def _call(self, args: Any, kwargs: Any) -> Any:
        try:
            if not self._made:
                first, self._first_call = self._first_call, False
                try:
                    result = self._func(*args, **kwargs)
                except BaseException:
                    self._first_call = first
                    raise
                self._made = self._made or first
                return result
            known = len(get_default_graph().get_collection_ref(GraphKeys.TRAINABLE_VARIABLES))
            result = self._func(*args, **kwargs)
            trainable = get_default_graph().get_collection_ref(GraphKeys.TRAINABLE_VARIABLES)
            if len(trainable) != known:
                raise ValueError(
                    "Trainable variable created when calling a template after the first time, perhaps you used "
                    f"tf.Variable when you meant tf.get_variable: {trainable[known:]}")
            return result
        except Exception as error:
            place = f"\n\noriginally defined at:\n{source_of(self._frames)}"
            error.args = ((str(error.args[0]) if error.args else "") + place, *error.args[1:])
            raise

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    @property
    def func(self) -> Callable[..., Any]:
        """The function."""
        return self._func

    @property
    def variable_scope(self) -> Any:
        """The scope of the variables; None before it is opened."""
        return self._scope

    var_scope = variable_scope

    @property
    def variable_scope_name(self) -> str | None:
        """Name of the scope, with a slash behind."""
        if self._scope is None:
            return None
        name: str = self._scope.name
        return name if not name or name[-1] == "/" else name + "/"

    def _collected(self, key: str) -> list[Any]:
        return get_default_graph().get_collection(key, self.variable_scope_name) if self._made else []

    @property
    def variables(self) -> list[Any]:
        """Global and local variables that the function made."""
        return self.global_variables + self.local_variables

    @property
    def trainable_variables(self) -> list[Any]:
        """Trainable variables that the function made."""
        return self._collected(GraphKeys.TRAINABLE_VARIABLES)

    @property
    def non_trainable_variables(self) -> list[Any]:
        """Global variables that are not trainable."""
        trainable = set(self.trainable_variables)
        return [v for v in self.global_variables if v not in trainable]

    @property
    def global_variables(self) -> list[Any]:
        """Global variables that the function made."""
        return self._collected(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self) -> list[Any]:
        """Local variables that the function made."""
        return self._collected(GraphKeys.LOCAL_VARIABLES)

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables
