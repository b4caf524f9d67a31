"""`py_func`: Python functions as operations."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import as_dtype
from core.errors import (
    InvalidArgumentError,
    OpError,
    OutOfRangeError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
)
from core.graph import NO_GRADIENT, apply_op, define_op, get_default_graph
from core.ops.constant import as_array
from core.shapes import TensorShape

__all__ = ["numpy_function", "py_func"]

_tokens = itertools.count()

# What an error of the function becomes, as in TensorFlow.
_KINDS: tuple[tuple[Any, type[OpError]], ...] = (
    ((ValueError, TypeError), InvalidArgumentError), (StopIteration, OutOfRangeError),
    (MemoryError, ResourceExhaustedError), (NotImplementedError, UnimplementedError),
)


def _call(ctx: Any, inputs: Any, *, token: str, Tout: Any) -> list[Any]:
    function = ctx.op.graph.__dict__.get("_py_functions", {}).get(token)
    if function is None:
        raise UnimplementedError(
            None, ctx.op, f"'{ctx.op.name}' calls a Python function ({token}) that is not in this process: graphs with "
            "py_func can't be loaded from a file.")
    given = [np.array(v, copy=True) if isinstance(v, np.ndarray) else v for v in inputs]
    try:
        result = function(*given)
    except OpError:
        raise
    except Exception as error:
        kind = next((k for python, k in _KINDS if isinstance(error, python)), UnknownError)
        stack = error.__traceback__.tb_next if error.__traceback__ is not None else None  # from the function on
        where = "".join(traceback.format_tb(stack))
        text = f"{type(error).__name__}: {error}\nTraceback (most recent call last):\n{where}"
        raise kind(None, ctx.op, text) from error
    results = _results(result, len(Tout))
    if len(results) != len(Tout):
        raise InvalidArgumentError(None, ctx.op, f"{token} of '{ctx.op.name}' returns {len(results)} values, but "
                                   f"expects to see {len(Tout)} values.")
    arrays = []
    for index, (value, dtype) in enumerate(zip(results, Tout, strict=True)):
        array = np.asarray(value) if isinstance(value, (np.ndarray, np.generic)) else _converted(value, dtype)
        if array.dtype.kind in "SUO":
            array = as_array(array)
        if array.dtype != dtype.np_dtype:
            raise InvalidArgumentError(
                None, ctx.op, f"{index}-th value returned by {token} of '{ctx.op.name}' is {array.dtype}, but expects "
                f"{dtype.name}. Convert it in the function, or change Tout.")
        arrays.append(array)
    return arrays


def _results(result: Any, count: int) -> list[Any]:
    """What a function returned, as a list: nothing, one value, or several."""
    if result is None:
        return []
    if isinstance(result, (list, tuple)):
        # A list returned for a single output is that output, unless it holds just one array.
        if count != 1 or (len(result) == 1 and isinstance(result[0], np.ndarray)):
            return list(result)
    return [result]


def _converted(value: Any, dtype: Any) -> Any:
    """Python numbers take the type wanted where they can; arrays must have it already."""
    try:
        return as_array(value, dtype)
    except (TypeError, ValueError):
        return np.asarray(value)


for _type in ("PyFunc", "PyFuncStateless"):
    define_op(_type, "input:Tin[]", "output:Tout[]", "token:string; Tin:list(type)>=0; Tout:list(type)>=0",
              shape=lambda input, *, Tout: [TensorShape(None)] * len(Tout), kernel=_call, gradient=NO_GRADIENT,
              stateful=_type == "PyFunc", context=True)


def py_func(func: Callable[..., Any], inp: Any, Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """Calls a Python function on arrays when it runs.

    Args:
      func: Takes arrays, one for each of `inp`; returns an array, or a list of them.
      inp: List of tensors.
      Tout: Type, or list of types, of what `func` returns.
      stateful: False where equal inputs always give equal results.
      name: Name of the operation.

    Returns:
      A Tensor for a single type, a list of Tensors for a list of types (the operation where it is empty).

    Raises:
      InvalidArgumentError: At run time, where `func` returns another number or type of values.

    Example:
      >>> import core as tf
      >>> import numpy as np
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.py_func(np.sinh, [tf.constant([0.0, 1.0])], tf.float32)))
      [0.        1.1752012]
    """
    if not callable(func):
        raise ValueError(f"Expected func to be callable, got func: {func}")
    single = not isinstance(Tout, (list, tuple))
    token = f"pyfunc_{next(_tokens)}"
    graph = get_default_graph()
    graph.__dict__.setdefault("_py_functions", {})[token] = func
    result = apply_op("PyFunc" if stateful else "PyFuncStateless", inp, token=token,
                      Tout=[as_dtype(t) for t in ([Tout] if single else Tout)], name=name)
    if not result:  # called for its effect only
        return graph.get_operations()[-1]
    return result[0] if single else result


def numpy_function(func: Callable[..., Any], inp: Any, Tout: Any, name: str | None = None) -> Any:
    """`py_func` with a stateful function.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.numpy_function(lambda x: x * 2, [tf.constant(4)], tf.int32)))
      8
    """
    return py_func(func, inp, Tout, stateful=True, name=name)
