"""Loops over the first dimension of tensors: `map_fn`, `foldl`, `foldr`, `scan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import nest
from core.dtypes import as_dtype
from core.graph import Tensor, apply_op, convert_to_tensor, name_scope
from core.ops.array_basic import shape as shape_op
from core.ops.constant import constant
from core.ops.control_flow import while_loop
from core.ops.tensor_array import TensorArray
from core.shapes import TensorShape

__all__ = ["foldl", "foldr", "map_fn", "scan"]


def _elements(elems: Any, infer_shape: bool = True) -> tuple[list[TensorArray], Any, Any]:
    """The rows of `elems` as arrays; their number at run time, and where it is known."""
    tensors = [convert_to_tensor(e, name="elem") for e in nest.flatten(elems)]
    if not tensors:
        raise ValueError("elems must hold at least one tensor.")
    for tensor in tensors:
        if tensor.shape.ndims == 0:
            raise ValueError(f"elems must be a 1+ dimensional Tensor, not a scalar ({tensor.name}).")
    static = None
    for tensor in tensors:
        if tensor.shape.ndims is not None and tensor.shape.as_list()[0] is not None:
            static = tensor.shape.as_list()[0]
    count: Any = constant(static) if static is not None else apply_op(
        "StridedSlice", shape_op(tensors[0]), [0], [1], [1], shrink_axis_mask=1)
    arrays = [TensorArray(t.dtype, size=count, infer_shape=infer_shape).unstack(t) for t in tensors]
    return arrays, count, static


def map_fn(
    fn: Callable[..., Any], elems: Any, dtype: Any = None, parallel_iterations: int | None = None,
    back_prop: bool = True, swap_memory: bool = False, infer_shape: bool = True, name: str | None = None,
) -> Any:
    """``fn`` of each element of `elems` along the first dimension, stacked.

    Args:
      fn: Function of one element (of a structure of elements).
      elems: Tensor, or structure of tensors of one first dimension.
      dtype: Type, or structure of types, of what `fn` returns; by default that of `elems`.
      parallel_iterations, swap_memory: Accepted.
      back_prop: If False, gradients do not flow through.
      infer_shape: If False, results may differ in shape.
      name: Name scope.

    Raises:
      TypeError: `fn` is not callable.  ValueError: A scalar among `elems`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3]))))
      [1 4 9]
    """
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, "map", nest.flatten(elems)):
        arrays, count, static = _elements(elems)
        types = elems if dtype is None else dtype
        kinds = [a.dtype for a in arrays] if dtype is None else [as_dtype(d) for d in nest.flatten(dtype)]
        results = [TensorArray(k, size=count, infer_shape=infer_shape) for k in kinds]

        def body(i: Tensor, accumulated: Any) -> Any:
            values = fn(nest.pack_sequence_as(elems, [a.read(i) for a in arrays]))
            nest.assert_same_structure(types, values, check_types=False)
            written = [a.write(i, v) for a, v in zip(accumulated, nest.flatten(values), strict=True)]
            return apply_op("AddV2", i, 1), written

        _, final = while_loop(lambda i, _: apply_op("Less", i, count), body, (constant(0), results),
                              back_prop=back_prop, parallel_iterations=parallel_iterations or 10)
        stacked = [_stacked(a, b, static) for a, b in zip(final, results, strict=True)]
        return nest.pack_sequence_as(types, stacked)


def _stacked(array: TensorArray, original: TensorArray, static: int | None) -> Tensor:
    tensor = array.stack()
    tensor.set_shape(TensorShape([static]).concatenate(original.element_shape))
    return tensor


def _fold(fn: Callable[..., Any], elems: Any, initializer: Any, back_prop: bool, name: str | None, default: str,
          reverse: bool) -> Any:
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, default, nest.flatten(elems)):
        arrays, count, _ = _elements(elems)

        def element(i: Tensor) -> Any:
            return nest.pack_sequence_as(elems, [a.read(i) for a in arrays])

        first: Any = constant(0)
        last = apply_op("Sub", count, 1)
        if initializer is None:
            start = element(last if reverse else first)
            used = 1
        else:
            start = nest.map_structure(convert_to_tensor, initializer)
            used = 0

        def body(i: Tensor, value: Any) -> Any:
            at = apply_op("Sub", last, i) if reverse else i
            return apply_op("AddV2", i, 1), fn(value, element(at))

        _, result = while_loop(lambda i, _: apply_op("Less", i, count), body, (constant(used), start),
                               back_prop=back_prop)
        return result


def foldl(fn: Callable[..., Any], elems: Any, initializer: Any = None, parallel_iterations: int = 10,
          back_prop: bool = True, swap_memory: bool = False, name: str | None = None) -> Any:
    """``fn(...fn(fn(initializer, elems[0]), elems[1])..., elems[-1])``.

    Args:
      fn: Function of the value so far and one element.
      elems: Tensor, or structure of tensors.
      initializer: Value at the start; by default the first element.
      parallel_iterations, swap_memory: Accepted.
      back_prop: If False, gradients do not flow through.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.foldl(lambda a, x: a + x, tf.constant([1, 2, 3, 4]))))
      10
    """
    return _fold(fn, elems, initializer, back_prop, name, "foldl", reverse=False)


def foldr(fn: Callable[..., Any], elems: Any, initializer: Any = None, parallel_iterations: int = 10,
          back_prop: bool = True, swap_memory: bool = False, name: str | None = None) -> Any:
    """`foldl` from the last element to the first.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.foldr(lambda a, x: a * 10 + x, tf.constant([1, 2, 3]))))
      321
    """
    return _fold(fn, elems, initializer, back_prop, name, "foldr", reverse=True)


def scan(
    fn: Callable[..., Any], elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
    swap_memory: bool = False, infer_shape: bool = True, reverse: bool = False, name: str | None = None,
) -> Any:
    """The values that `foldl` goes through, stacked.

    Args:
      fn: Function of the value so far and one element; returns the next value.
      elems: Tensor, or structure of tensors.
      initializer: Value at the start; by default the first element.
      parallel_iterations, swap_memory: Accepted.
      back_prop: If False, gradients do not flow through.
      infer_shape: If False, values may differ in shape.
      reverse: If True, from the last element to the first.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3, 4]))))
      [ 1  3  6 10]
    """
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, "scan", nest.flatten(elems)):
        arrays, count, static = _elements(elems)

        def element(i: Any) -> Any:
            return nest.pack_sequence_as(elems, [a.read(i) for a in arrays])

        last = apply_op("Sub", count, 1)
        if initializer is None:
            start, used = element(last if reverse else constant(0)), 1
        else:
            start, used = nest.map_structure(convert_to_tensor, initializer), 0
        results = [TensorArray(t.dtype, size=count, infer_shape=infer_shape,
                               element_shape=t.shape if infer_shape else None) for t in nest.flatten(start)]
        if used:
            at = last if reverse else constant(0)
            results = [a.write(at, t) for a, t in zip(results, nest.flatten(start), strict=True)]

        def body(i: Tensor, value: Any, accumulated: Any) -> Any:
            at = apply_op("Sub", last, i) if reverse else i
            value = fn(value, element(at))
            nest.assert_same_structure(start, value, check_types=False)
            written = [a.write(at, v) for a, v in zip(accumulated, nest.flatten(value), strict=True)]
            return apply_op("AddV2", i, 1), value, written

        _, _, final = while_loop(lambda i, _, __: apply_op("Less", i, count), body, (constant(used), start, results),
                                 back_prop=back_prop)
        stacked = [_stacked(a, b, static) for a, b in zip(final, results, strict=True)]
        return nest.pack_sequence_as(start, stacked)
