"""Functions that say themselves what their gradient is: `custom_gradient` and what is made with it."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from typing import Any

from core.autodiff import gradient_rule, gradients, register_gradient
from core.graph import (
    NO_GRADIENT,
    GraphKeys,
    Operation,
    Tensor,
    apply_op,
    control_dependencies,
    convert_to_tensor,
    get_default_graph,
)
from core.variable_scopes import get_variable_scope, variable_scope
from core.variables import Defaults

__all__ = ["custom_gradient", "grad_pass_through", "recompute_grad"]

_ids = itertools.count()
_VARIABLES = ("VariableV2", "VarHandleOp")


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the function computes its result and says itself what its gradient is.

    Args:
      f: ``f(*tensors) -> (result(s), grad_fn)`` with ``grad_fn(*result_gradients) -> gradient(s) by the tensors``. If
        `f` uses variables, ``grad_fn(*result_gradients, variables) -> (gradients by the tensors, gradients by them)``;
        those that it makes must be resource variables.

    Raises:
      TypeError: `f` uses variables and its `grad_fn` takes none, or the other way round.
      ValueError: A keyword argument, or a wrong number of gradients.

    Example:
      >>> import core as tf
      >>> @tf.custom_gradient
      ... def clipped(x):
      ...     return tf.identity(x), lambda dy: tf.clip_by_value(dy, -1.0, 1.0)
      >>> with tf.Session() as sess:
      ...     x = tf.constant(2.0)
      ...     print([float(g) for g in sess.run(tf.gradients(100.0 * clipped(x), x))])
      [1.0]
    """
    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise ValueError("The custom_gradient decorator currently supports keywords arguments only when eager "
                             f"execution is enabled; pass {sorted(kwargs)} by position.")
        graph = get_default_graph()
        tensors = [convert_to_tensor(a) for a in args]
        before = set(_known_variables(graph))
        result, grad_fn = f(*tensors)
        results = [convert_to_tensor(r) for r in _flat(result)]
        for variable in _known_variables(graph):
            if variable not in before and not isinstance(getattr(variable, "handle", None), Tensor):
                raise TypeError(
                    "All variables used by a function wrapped with @custom_gradient must be `ResourceVariable`s. "
                    f"Ensure that no `variable_scope` is created with `use_resource=False` ({variable.name}).")
        used = _used_variables(graph, results, tensors)
        _check_signature(grad_fn, used)

        def rule(op: Operation, *result_grads: Any) -> list[Any]:
            by_variables: list[Any] = []
            if used:
                by_inputs, by_variables = grad_fn(*result_grads[:len(results)], variables=used)
                if len(by_variables) != len(used):
                    raise ValueError("Must return gradient for each variable from @custom_gradient grad_fn.")
            else:
                by_inputs = grad_fn(*result_grads[:len(results)])
            given = _flat(by_inputs)
            if len(given) != len(tensors):
                raise ValueError(f"The gradient function of {getattr(f, '__name__', f)!r} gave {len(given)} "
                                 f"gradients for {len(tensors)} arguments.")
            return [None] * len(results) + given + list(by_variables)

        name = f"CustomGradient-{next(_ids)}"
        register_gradient(name, rule)
        with graph.gradient_override_map({"IdentityN": name}):
            outputs = apply_op("IdentityN", [*results, *tensors, *(convert_to_tensor(v) for v in used)])
        return _like(result, outputs[:len(results)])
    return decorated


def _flat(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [item for part in value for item in _flat(part)]
    return [value]


def _like(structure: Any, values: list[Any]) -> Any:
    """`values` in the (nested) lists and tuples of `structure`."""
    if not isinstance(structure, (list, tuple)):
        return values[0]
    parts, at = [], 0
    for part in structure:
        size = len(_flat(part))
        parts.append(_like(part, values[at:at + size]))
        at += size
    return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)


def _known_variables(graph: Any) -> list[Any]:
    return [*graph.get_collection(GraphKeys.GLOBAL_VARIABLES), *graph.get_collection(GraphKeys.LOCAL_VARIABLES)]


def _used_variables(graph: Any, results: list[Tensor], tensors: list[Tensor]) -> list[Any]:
    """The trainable variables that `results` depend on by a differentiable way that avoids `tensors`."""
    given = set(tensors)
    seen: set[Operation] = set()
    pending = [t.op for t in results if t not in given]
    while pending:
        op = pending.pop()
        if op in seen:
            continue
        seen.add(op)
        if gradient_rule(op) is not NO_GRADIENT:
            pending.extend(t.op for t in op.inputs if t not in given)
    holders = {op for op in seen if op.type in _VARIABLES} - {t.op for t in tensors}
    return [v for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES)
            if getattr(v, "trainable", False) and v.op in holders]


def _check_signature(grad_fn: Callable[..., Any], used: list[Any]) -> None:
    parameters = inspect.signature(grad_fn).parameters
    takes = "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if used and not takes:
        raise TypeError("If using @custom_gradient with a function that uses variables, then grad_fn must accept a "
                        f"keyword argument 'variables' (used: {[v.name for v in used]}).")
    if takes and not used and not Defaults.scope_use_resource():
        raise TypeError("If using @custom_gradient with a function that uses variables, the enclosing variable scope "
                        "must have use_resource=True.")


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a function so that gradients pass through as if it returned its arguments.

    Args:
      f: Function of tensors.

    Example:
      >>> import core as tf
      >>> x = tf.constant([1.4, 2.6])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.gradients(tf.grad_pass_through(tf.round)(x) * 3.0, x))[0])
      [3. 3.]
    """
    @custom_gradient
    def passed(*args: Any) -> Any:
        if Defaults.scope_use_resource():
            def grad(*grads: Any, variables: Any = None) -> Any:
                return (grads, [None] * len(variables)) if variables else grads
            return f(*args), grad
        return f(*args), lambda *grads: grads
    return functools.wraps(f)(passed)


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a function so that its gradient computes it anew instead of keeping what it computed.

    Args:
      f: Function of tensors that returns a tensor or a list of them.

    Example:
      >>> import core as tf
      >>> x = tf.constant(3.0)
      >>> with tf.Session() as sess:
      ...     print([float(g) for g in sess.run(tf.gradients(tf.recompute_grad(tf.square)(x), x))])
      [6.0]
    """
    @custom_gradient
    def inner(*args: Any) -> Any:
        def again(grads: tuple[Any, ...], variables: list[Any]) -> tuple[list[Any], list[Any]]:
            # In the scope of the first time, so that f finds its variables again.
            with variable_scope(scope, reuse=True, auxiliary_name_scope=False), \
                    control_dependencies([g for g in grads if g is not None]):
                fresh = [apply_op("Identity", a) for a in args]
                results = _flat(f(*fresh))
            found = gradients(results, [*fresh, *variables], grad_ys=list(grads))
            return found[:len(args)], found[len(args):]

        scope = get_variable_scope()
        result = f(*args)
        if _used_variables(get_default_graph(), [convert_to_tensor(r) for r in _flat(result)], list(args)):
            return result, lambda *grads, variables: again(grads, variables)
        return result, lambda *grads: again(grads, [])[0]
    return functools.wraps(f)(inner)
