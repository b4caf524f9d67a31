"""The `tf.assert_*` family: checks of values while a graph runs, and of types and ranks while it is built.

Where both sides are known while building, a failing check raises at once. Names and texts are TensorFlow 1.15's
(tensorflow/python/ops/check_ops.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, float32, int32
from core.errors import InvalidArgumentError
from core.graph import IndexedSlices, Operation, SparseTensor, Tensor, constant_value, convert_to_tensor, name_scope
from core.ops.array_basic import rank as rank_of
from core.ops.array_basic import shape as shape_of
from core.ops.checks import Assert
from core.ops.grouping import no_op, with_dependencies
from core.ops.math_binary import multiply, subtract
from core.ops.math_compare import equal, greater, greater_equal, less, less_equal, logical_or, not_equal
from core.ops.math_reduce import reduce_all
from core.ops.math_unary import abs as absolute

__all__ = [
    "assert_equal", "assert_greater", "assert_greater_equal", "assert_integer", "assert_less", "assert_less_equal",
    "assert_near", "assert_negative", "assert_non_negative", "assert_non_positive", "assert_none_equal",
    "assert_positive", "assert_proper_iterable", "assert_rank", "assert_rank_at_least", "assert_rank_in",
    "assert_same_float_dtype", "assert_scalar", "assert_type", "is_numeric_tensor", "is_tensor",
]


def _prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _shown(item: Any) -> str:
    """What a failing check says of one part of its data while building."""
    if not isinstance(item, Tensor):
        return str(item)
    value = constant_value(item)
    return str(item) if value is None else str(value)


# ---------------------------------------------------------------------- two values, element by element


def _binary_assert(
    sign: str, default_name: str, condition: Callable[..., Tensor], static: Callable[..., Any], x: Any, y: Any,
    data: Any, summarize: int | None, message: str | None, name: str | None,
) -> Operation:
    with name_scope(name, default_name, [x, y, data]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y")
        if data is None:
            data = [f"Condition x {sign} y did not hold element-wise:", f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        if message is not None:
            data = [message, *data]
        holds = reduce_all(condition(x, y))
        known_x, known_y = constant_value(x), constant_value(y)
        if known_x is not None and known_y is not None and not np.all(static(known_x, known_y)):
            raise InvalidArgumentError(None, None, "\n".join(_shown(item) for item in data))
        check: Operation = Assert(holds, data, summarize=summarize)
        return check


def assert_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Operation:
    """An operation that fails unless ``x == y`` holds for all elements.

    Args:
      x, y: Numeric tensors of shapes that broadcast.
      data: Tensors and texts that a failure shows; by default x and y.
      summarize: Elements shown of each tensor.
      message: Start of the text of a failure.
      name: Name scope of the operations ("assert_equal").

    Raises:
      InvalidArgumentError: While building, where both are known and differ; else at run time.

    Example:
      >>> x = tf.placeholder(tf.int32, [None])
      >>> with tf.control_dependencies([tf.assert_equal(x, [2, 3])]):
      ...     y = tf.identity(x)
      >>> with tf.Session() as sess:
      ...     print(sess.run(y, {x: [2, 3]}))
      [2 3]
    """
    return _binary_assert("==", "assert_equal", equal, np.equal, x, y, data, summarize, message, name)


def assert_none_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                      name: str | None = None) -> Operation:
    """An operation that fails unless ``x != y`` holds for all elements; arguments as of `assert_equal`."""
    return _binary_assert("!=", "assert_none_equal", not_equal, np.not_equal, x, y, data, summarize, message, name)


def assert_less(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                name: str | None = None) -> Operation:
    """An operation that fails unless ``x < y`` holds for all elements; arguments as of `assert_equal`."""
    return _binary_assert("<", "assert_less", less, np.less, x, y, data, summarize, message, name)


def assert_less_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                      name: str | None = None) -> Operation:
    """An operation that fails unless ``x <= y`` holds for all elements; arguments as of `assert_equal`."""
    return _binary_assert("<=", "assert_less_equal", less_equal, np.less_equal, x, y, data, summarize, message, name)


def assert_greater(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                   name: str | None = None) -> Operation:
    """An operation that fails unless ``x > y`` holds for all elements; arguments as of `assert_equal`."""
    return _binary_assert(">", "assert_greater", greater, np.greater, x, y, data, summarize, message, name)


def assert_greater_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                         name: str | None = None) -> Operation:
    """An operation that fails unless ``x >= y`` holds for all elements; arguments as of `assert_equal`."""
    return _binary_assert(">=", "assert_greater_equal", greater_equal, np.greater_equal, x, y, data, summarize,
                          message, name)


def assert_near(x: Any, y: Any, rtol: Any = None, atol: Any = None, data: Any = None, summarize: int | None = None,
                message: str | None = None, name: str | None = None) -> Operation:
    """An operation that fails unless ``|x - y| < atol + rtol * |y|`` holds for all elements.

    Args:
      x, y: Float tensors of shapes that broadcast.
      rtol, atol: Tolerances; by default ten times the spacing of the type's numbers at 1.
      data, summarize, message, name: As for `assert_equal`.
    """
    with name_scope(name, "assert_near", [x, y, rtol, atol, data]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        default = 10 * float(np.finfo(x.dtype.base_dtype.as_numpy_dtype).eps)
        rtol = convert_to_tensor(default if rtol is None else rtol, name="rtol", dtype=x.dtype.base_dtype)
        atol = convert_to_tensor(default if atol is None else atol, name="atol", dtype=x.dtype.base_dtype)
        if data is None:
            data = [message or "", f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}",
                    f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        tolerance = atol + multiply(rtol, absolute(y))
        check: Operation = Assert(reduce_all(less(absolute(subtract(x, y)), tolerance)), data, summarize=summarize)
        return check


# ---------------------------------------------------------------------- one value and zero


def _sign_assert(
    sign: str, default_name: str, check: Callable[..., Operation], zero_first: bool, x: Any, data: Any,
    summarize: int | None, message: str | None, name: str | None,
) -> Operation:
    with name_scope(name, default_name, [x, data]):
        x = convert_to_tensor(x, name="x")
        if data is None:
            data = [message or "", f"Condition x {sign} 0 did not hold element-wise:", f"x ({x.name}) = ", x]
        zero = convert_to_tensor(0, dtype=x.dtype.base_dtype)
        first, second = (zero, x) if zero_first else (x, zero)
        return check(first, second, data=data, summarize=summarize)


def assert_negative(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                    name: str | None = None) -> Operation:
    """An operation that fails unless all elements are below 0; arguments as of `assert_equal`."""
    return _sign_assert("<", "assert_negative", assert_less, False, x, data, summarize, message, name)


def assert_positive(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                    name: str | None = None) -> Operation:
    """An operation that fails unless all elements are above 0; arguments as of `assert_equal`."""
    return _sign_assert(">", "assert_positive", assert_less, True, x, data, summarize, message, name)


def assert_non_negative(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                        name: str | None = None) -> Operation:
    """An operation that fails unless no element is below 0; arguments as of `assert_equal`."""
    return _sign_assert(">=", "assert_non_negative", assert_less_equal, True, x, data, summarize, message, name)


def assert_non_positive(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                        name: str | None = None) -> Operation:
    """An operation that fails unless no element is above 0; arguments as of `assert_equal`."""
    return _sign_assert("<=", "assert_non_positive", assert_less_equal, False, x, data, summarize, message, name)


# ---------------------------------------------------------------------- ranks


def _rank_value(wanted: Tensor) -> int | None:
    """The wanted rank where it is known while building."""
    if wanted.dtype.base_dtype != int32:
        raise TypeError(f"{wanted.name} must be of type {int32!r}")
    value = constant_value(wanted)
    if value is None:
        if wanted.shape.ndims not in (None, 0):
            raise ValueError("Rank must be a scalar.")
        return None
    if np.ndim(value) != 0:
        raise ValueError("Rank must be a scalar.")
    return int(value)


def _rank_assert(
    x: Any, wanted: list[Any], words: str, condition: Callable[[Tensor, list[Tensor]], Tensor],
    static: Callable[[int, list[int]], bool], data: Any, summarize: int | None, message: str | None,
    shown: Callable[[list[int]], str],
) -> Operation:
    x = convert_to_tensor(x, name="x")
    ranks = [convert_to_tensor(r, name="rank") for r in wanted]
    if data is None:
        data = [message or "", f"Tensor {x.name} must have rank {words}".rstrip(), *ranks, "Received shape: ",
                shape_of(x)]
    values = [_rank_value(r) for r in ranks]
    known = [v for v in values if v is not None]
    if len(known) == len(values) and x.shape.ndims is not None:
        if not static(x.shape.ndims, known):
            text = f"rank {words} {shown(known)}".replace("  ", " ")
            raise ValueError(f"{_prefix(message)}Tensor {x.name} must have {text}.  Received rank {x.shape.ndims}, "
                             f"shape {x.shape}")
        result: Operation = no_op(name="static_checks_determined_all_ok")
        return result
    holds = condition(rank_of(x), ranks)
    for tensor, value in zip(ranks, values):
        if value is None:
            check = assert_rank(tensor, 0, data=["Rank must be a scalar. Received rank: ", tensor])
            holds = with_dependencies([check], holds)
    result = Assert(holds, data, summarize=summarize)
    return result


def assert_rank(x: Any, rank: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                name: str | None = None) -> Operation:
    """An operation that fails unless `x` has `rank` dimensions.

    Args:
      x: Tensor.
      rank: int32 scalar.
      data, summarize, message, name: As for `assert_equal`.

    Raises:
      ValueError: While building, where the rank is known and another.

    Example:
      >>> tf.assert_rank(tf.zeros([2, 3]), 1)
      Traceback (most recent call last):
      ValueError: Tensor zeros:0 must have rank 1.  Received rank 2, shape (2, 3)
    """
    with name_scope(name, "assert_rank", [x, rank, *(data or ())]):
        return _rank_assert(x, [rank], "", lambda r, w: equal(r, w[0]), lambda r, w: r == w[0], data, summarize,
                            message, lambda w: str(w[0]))


def assert_rank_at_least(x: Any, rank: Any, data: Any = None, summarize: int | None = None,
                         message: str | None = None, name: str | None = None) -> Operation:
    """An operation that fails unless `x` has `rank` dimensions or more; arguments as of `assert_rank`."""
    with name_scope(name, "assert_rank_at_least", [x, rank, *(data or ())]):
        return _rank_assert(x, [rank], "at least", lambda r, w: greater_equal(r, w[0]), lambda r, w: r >= w[0], data,
                            summarize, message, lambda w: str(w[0]))


def assert_rank_in(x: Any, ranks: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                   name: str | None = None) -> Operation:
    """An operation that fails unless the rank of `x` is one of `ranks`; arguments as of `assert_rank`."""
    def any_equal(rank: Tensor, wanted: list[Tensor]) -> Tensor:
        result = equal(rank, wanted[0])
        for other in wanted[1:]:
            result = logical_or(result, equal(rank, other))
        return result

    ranks = list(ranks)
    with name_scope(name, "assert_rank_in", [x, *ranks, *(data or ())]):
        return _rank_assert(x, ranks, "in", any_equal, lambda r, w: r in w, data, summarize, message,
                            lambda w: str(tuple(w)))


# ---------------------------------------------------------------------- types, while building


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """Raises TypeError unless `x` holds integers.

    Args:
      x: Tensor.
      message: Start of the error's text.
      name: Name scope of the operation.

    Returns:
      An operation that does nothing.
    """
    with name_scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(f'{_prefix(message)}Expected "x" to be integer type.  Found: {x.dtype}')
        result: Operation = no_op(name="statically_determined_was_integer")
        return result


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Operation:
    """Raises TypeError unless `tensor` is of type `tf_type`; arguments else as of `assert_integer`."""
    with name_scope(name, "assert_type", [tensor]):
        if not isinstance(tensor, SparseTensor):
            tensor = convert_to_tensor(tensor, name="tensor")
        if tensor.dtype != as_dtype(tf_type):
            label = getattr(tensor, "name", "SparseTensor")
            raise TypeError(f"{_prefix(message)}{label} must be of type {as_dtype(tf_type)!r}, got {tensor.dtype!r}")
        result: Operation = no_op(name="statically_determined_correct_type")
        return result


def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Tensor:
    """Returns `tensor` as a tensor; ValueError unless it is known to be a scalar."""
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name=scope)
        if tensor.shape.ndims != 0:
            raise ValueError(f"{_prefix(message)}Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}.")
        return tensor


def assert_proper_iterable(values: Any) -> None:
    """Raises TypeError unless `values` is a collection of tensors, and not a tensor, an array or a text itself."""
    if isinstance(values, (Tensor, SparseTensor, np.ndarray, bytes, str)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


def assert_same_float_dtype(tensors: Iterable[Any] | None = None, dtype: Any = None) -> DType:
    """Returns the one float type of `tensors` and `dtype` (float32 where none is given).

    Raises:
      ValueError: Two of them differ, or the type is no float type.

    Example:
      >>> tf.assert_same_float_dtype([tf.constant(1.5)], tf.float32).name
      'float32'
    """
    wanted = None if dtype is None else as_dtype(dtype)
    first: Any = None
    for item in tensors or ():
        if item is None:
            continue
        kind = item.dtype.base_dtype
        if wanted is None:
            wanted, first = kind, item
        elif kind != wanted:
            origin = f" as {first.name}" if first is not None else ""
            label = getattr(item, "name", item)
            raise ValueError(f"{label}, type={kind}, must be of the same type ({wanted}){origin}.")
    if wanted is None:
        return float32
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}.")
    return wanted


def is_tensor(x: Any) -> bool:
    """True if `x` is a tensor, a sparse tensor, indexed slices or a variable.

    Example:
      >>> tf.is_tensor(tf.constant(2)), tf.is_tensor(2)
      (True, False)
    """
    return isinstance(x, (Tensor, SparseTensor, IndexedSlices)) or hasattr(x, "_as_graph_element")


def is_numeric_tensor(tensor: Any) -> bool:
    """True if `tensor` is a tensor (or variable) of numbers."""
    kind = getattr(tensor, "dtype", None)
    return is_tensor(tensor) and kind is not None and (
        kind.is_floating or kind.is_integer or kind.is_complex or kind.is_quantized)
