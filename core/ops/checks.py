"""Ops that check and show values while a graph runs: `Assert`, `Print`, `check_numerics`."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from core.dtypes import float16, float32, float64
from core.errors import InvalidArgumentError
from core.graph import (
    NO_GRADIENT,
    Operation,
    Tensor,
    apply_op,
    control_dependencies,
    convert_to_tensor,
    define_op,
    get_default_graph,
    name_scope,
)
from core.graph.convert import convert_n_to_tensor
from core.ops.grouping import group, with_dependencies

__all__ = ["Assert", "Print", "add_check_numerics_ops", "check_numerics", "verify_tensor_all_finite"]


def _shown(array: Any, summarize: int) -> str:
    """The first `summarize` elements (-1: all), as TensorFlow prints them."""
    flat = np.asarray(array).reshape(-1)
    count = flat.size if summarize < 0 else min(summarize, flat.size)
    words = []
    for item in flat[:count].tolist():
        if isinstance(item, bytes):
            words.append(item.decode("utf-8", "replace"))
        elif isinstance(item, bool):
            words.append("1" if item else "0")
        elif isinstance(item, float):
            words.append(f"{item:g}" if flat.dtype.itemsize < 8 else f"{item:.15g}")
        else:
            words.append(str(item))
    return " ".join(words) + ("..." if count < flat.size else "")


# ---------------------------------------------------------------------- Assert


def _assert(ctx: Any, condition: Any, data: Any, *, summarize: int) -> None:
    if np.size(condition) != 1:
        raise InvalidArgumentError(None, ctx.op, "assert condition must be a scalar boolean, got shape "
                                   f"{list(np.shape(condition))}")
    if not bool(condition):
        shown = " ".join(f"[{_shown(d, summarize)}]" for d in data)
        raise InvalidArgumentError(None, ctx.op, f"assertion failed: {shown}")


define_op("Assert", "condition:bool, data:T[]", "", "T:list(type)>=1; summarize:int=3",
          shape=lambda condition, data: [], kernel=_assert, gradient=NO_GRADIENT, stateful=True, context=True)


def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that fails at run time unless `condition` holds.

    Args:
      condition: A bool scalar.
      data: List of tensors to show when it fails.
      summarize: How many elements of each; by default 3.
      name: Name scope of the operation.

    Raises:
      InvalidArgumentError: At run time, where `condition` is false; the message shows `data`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     sess.run(tf.Assert(tf.constant(True), ["never shown"]))
    """
    with name_scope(name, "Assert", [condition, data]):
        tensors = convert_n_to_tensor(data)
        op: Operation = apply_op("Assert", convert_to_tensor(condition, name="Condition"), tensors, summarize=summarize)
        return op


# ---------------------------------------------------------------------- Print


class _Count:
    def __init__(self) -> None:
        self.value = 0


def _print(ctx: Any, input: Any, data: Any, *, message: str, first_n: int, summarize: int) -> Any:
    count = ctx.state(_Count)
    if first_n < 0 or count.value < first_n:
        count.value += 1
        sys.stderr.write(message + "".join(f"[{_shown(d, summarize)}]" for d in data) + "\n")
        sys.stderr.flush()
    return input


def _print_grad(op: Operation, grad: Any) -> list[Any]:
    return [grad] + [None] * (len(op.inputs) - 1)


define_op("Print", "input:T, data:U[]", "output:T",
          "T:type; U:list(type)>=0; message:string=''; first_n:int=-1; summarize:int=3",
          shape=lambda input, data: input.shape, kernel=_print, gradient=_print_grad, stateful=True, context=True,
          view=True)


def Print(input_: Any, data: Any, message: str | None = None, first_n: int | None = None,
          summarize: int | None = None, name: str | None = None) -> Tensor:
    """`input_`, unchanged; prints `data` to standard error whenever it is computed.

    Args:
      input_: Tensor to pass on.
      data: List of tensors to print.
      message: Text before them.
      first_n: Print the first `first_n` times only.
      summarize: How many elements of each; by default 3, -1 for all.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.Print(tf.constant(1.0), [tf.constant([1, 2])], message="x = ")))
      1.0
    """
    return apply_op("Print", input_, data, message=message, first_n=first_n, summarize=summarize, name=name)


# ---------------------------------------------------------------------- CheckNumerics


def _check_numerics(ctx: Any, tensor: Any, *, message: str) -> Any:
    if not np.isfinite(tensor).all():
        found = [what for what, at in (("Inf", np.isinf(tensor)), ("NaN", np.isnan(tensor))) if at.any()]
        where = np.argwhere(~np.isfinite(np.asarray(tensor)))
        place = "" if not where.size else f" (first at {where[0].tolist()} of shape {list(np.shape(tensor))})"
        raise InvalidArgumentError(None, ctx.op, f"{message} : Tensor had {' and '.join(found)} values{place}")
    return tensor


def _check_numerics_grad(op: Operation, grad: Any) -> Tensor:
    return check_numerics(grad, "Not a number (NaN) or infinity (Inf) values detected in gradient. "
                          f"{op.attrs['message']}")


define_op("CheckNumerics", "tensor:T", "output:T", "T:type{bfloat16,half,float,double}; message:string",
          shape=lambda tensor: tensor.shape, kernel=_check_numerics, gradient=_check_numerics_grad, stateful=True,
          context=True, view=True)


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """`tensor`, unchanged; fails at run time where an element is NaN or infinite.

    Args:
      tensor: Tensor of floats.
      message: Start of the error's text.
      name: Name of the operation.

    Raises:
      InvalidArgumentError: At run time; the message says what was found and where.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.check_numerics(tf.constant([1.0, 2.0]), "weights")))
      [1. 2.]
    """
    return apply_op("CheckNumerics", tensor, message=message, name=name)


def verify_tensor_all_finite(t: Any = None, msg: str | None = None, name: str | None = None, x: Any = None,
                             message: str | None = None) -> Tensor:
    """`t`, unchanged, available only where all its elements are finite.

    Args:
      t (or x): Tensor of floats.
      msg (or message): Start of the error's text.
      name: Name scope of the operations.

    Raises:
      InvalidArgumentError: At run time.
    """
    with name_scope(name, "VerifyFinite", [t if x is None else x]):
        value = convert_to_tensor(t if x is None else x, name="t")
        with get_default_graph().colocate_with(value.op):
            checked = check_numerics(value, message=(msg if message is None else message) or "")
            result: Tensor = with_dependencies([checked], value)
            return result


def add_check_numerics_ops() -> Operation:
    """An operation that checks every float tensor of the default graph for NaN and infinities.

    The checks run in the order in which the operations were made, so that the first one to fail names the culprit.

    Raises:
      InvalidArgumentError: At run time; the message names the tensor.

    Example:
      >>> import core as tf
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     x = tf.constant([1.0, 2.0])
      ...     sess.run(tf.add_check_numerics_ops())
    """
    check: list[Any] = []
    for op in get_default_graph().get_operations():
        for output in op.outputs:
            if output.dtype in (float16, float32, float64):
                with control_dependencies(check):
                    check = [check_numerics(output, message=f"{op.name}:{output.value_index}")]
    return group(*check)


