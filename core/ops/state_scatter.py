"""Ops that write to some rows or elements of variables (`ScatterAdd`, `ResourceScatterNdUpdate`, ...) or read them.

Both kinds of variables are a `Cell` at run time (see `state.py`); the array routines stand in `core.kernels.segment`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import int32, int64
from core.errors import InvalidArgumentError, OutOfRangeError
from core.graph import (
    NO_GRADIENT,
    Cell,
    IndexedSlices,
    Operation,
    Tensor,
    apply_op,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.kernels import segment
from core.ops.array_basic import ones_like, shape_of
from core.ops.array_join import concat
from core.ops.array_shape import expand_dims, reshape
from core.ops.array_slice import slice as slice_op
from core.ops.constant import constant
from core.ops.math_binary import multiply
from core.ops.state import handle_of, handle_shape
from core.shapes import TensorShape

__all__ = [
    "batch_scatter_update", "count_up_to", "scatter_add", "scatter_div", "scatter_max", "scatter_min", "scatter_mul",
    "scatter_nd_add", "scatter_nd_sub", "scatter_nd_update", "scatter_sub", "scatter_update",
]


# ---------------------------------------------------------------------- ScatterUpdate and its kin, on whole rows


def _check_rows(target: TensorShape, indices: TensorShape, updates: TensorShape) -> None:
    """ValueError where `updates` can't be ``indices.shape + target.shape[1:]`` (or a scalar)."""
    if target.ndims == 0:
        raise ValueError("Shape must be at least rank 1 but is rank 0: a scalar variable has no rows to scatter into")
    if updates.ndims == 0 or target.ndims is None or indices.ndims is None:
        return
    updates.assert_is_compatible_with(indices.concatenate(target[1:]))


def _rows_shape(ref: Tensor, indices: Tensor, updates: Tensor) -> TensorShape:
    _check_rows(ref.shape, indices.shape, updates.shape)
    return ref.shape


def _resource_rows_shape(resource: Tensor, indices: Tensor, updates: Tensor) -> list[TensorShape]:
    _check_rows(handle_shape(resource), indices.shape, updates.shape)
    return []


def _rows_kernel(how: str, is_ref: bool) -> Callable[..., Any]:
    def kernel(xp: Any, cell: Cell, indices: Any, updates: Any) -> Any:
        array = cell.read()
        wanted = np.shape(indices) + array.shape[1:]
        if np.ndim(updates) and np.shape(updates) != wanted:
            raise InvalidArgumentError(
                None, None, f"Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got "
                f"updates.shape {list(np.shape(updates))}, indices.shape {list(np.shape(indices))}, params.shape "
                f"{list(array.shape)} (variable '{cell.name}')")
        segment.scatter(how, array, indices, updates)
        return cell if is_ref else None
    return kernel


_INDEX = "Tindices:type{int32,int64}"

for _name, _types, _lock in (
    ("Update", "type", "True"), ("Add", "type{@number}", "False"), ("Sub", "type{@number}", "False"),
    ("Mul", "type{@number}", "False"), ("Div", "type{@number}", "False"),
    ("Min", "type{half,bfloat16,float,double,int32,int64}", "False"),
    ("Max", "type{half,bfloat16,float,double,int32,int64}", "False"),
):
    define_op(f"Scatter{_name}", "ref:ref T, indices:Tindices, updates:T", "output_ref:ref T",
              f"T:{_types}; {_INDEX}; use_locking:bool={_lock}", shape=_rows_shape,
              kernel=_rows_kernel(_name.lower(), True), gradient=NO_GRADIENT, writes=("ref",))
    define_op(f"ResourceScatter{_name}", "resource:resource, indices:Tindices, updates:dtype", "",
              f"dtype:{'type' if _name == 'Update' else 'type{@number}'}; {_INDEX}", shape=_resource_rows_shape,
              kernel=_rows_kernel(_name.lower(), False), gradient=NO_GRADIENT, stateful=True, writes=("resource",))


# ---------------------------------------------------------------------- ScatterNdUpdate and its kin, by coordinates


def _check_nd(target: TensorShape, indices: TensorShape, updates: TensorShape) -> None:
    if indices.ndims == 0:
        raise ValueError("Shape must be at least rank 1 but is rank 0: indices of scatter_nd")
    if target.ndims is None or indices.ndims is None:
        return
    depth = indices.as_list()[-1]
    if depth is None:
        return
    if depth > target.ndims:
        raise ValueError(f"indices.shape[-1] = {depth} must be at most the rank of the variable's shape {target}")
    updates.assert_is_compatible_with(indices[:-1].concatenate(target[depth:]))


def _nd_shape(ref: Tensor, indices: Tensor, updates: Tensor) -> TensorShape:
    _check_nd(ref.shape, indices.shape, updates.shape)
    return ref.shape


def _resource_nd_shape(ref: Tensor, indices: Tensor, updates: Tensor) -> list[TensorShape]:
    _check_nd(handle_shape(ref), indices.shape, updates.shape)
    return []


def _nd_kernel(how: str, is_ref: bool) -> Callable[..., Any]:
    def kernel(xp: Any, cell: Cell, indices: Any, updates: Any) -> Any:
        array = cell.read()
        wanted = np.shape(indices)[:-1] + array.shape[np.shape(indices)[-1]:]
        if np.shape(updates) != wanted:
            raise InvalidArgumentError(
                None, None, f"updates must have shape {list(wanted)} for indices of shape {list(np.shape(indices))} "
                f"and variable '{cell.name}' of shape {list(array.shape)}, got {list(np.shape(updates))}")
        segment.scatter_nd_into(how, array, indices, updates)
        return cell if is_ref else None
    return kernel


for _name, _lock in (("Update", "True"), ("Add", "False"), ("Sub", "False"), ("Min", "False"), ("Max", "False")):
    define_op(f"ScatterNd{_name}", "ref:ref T, indices:Tindices, updates:T", "output_ref:ref T",
              f"T:{'type' if _name == 'Update' else 'type{@number}'}; {_INDEX}; use_locking:bool={_lock}; "
              "bad_indices_policy:string=''", shape=_nd_shape, kernel=_nd_kernel(_name.lower(), True),
              gradient=NO_GRADIENT, writes=("ref",))
    define_op(f"ResourceScatterNd{_name}", "ref:resource, indices:Tindices, updates:T", "",
              f"T:type; {_INDEX}; use_locking:bool=True; bad_indices_policy:string=''", shape=_resource_nd_shape,
              kernel=_nd_kernel(_name.lower(), False), gradient=NO_GRADIENT, stateful=True, writes=("ref",))


# ---------------------------------------------------------------------- ResourceGather, ResourceGatherNd


def _gather_shape(resource: Tensor, indices: Tensor, *, batch_dims: int) -> TensorShape:
    target = handle_shape(resource)
    if target.ndims is None or indices.shape.ndims is None:
        return TensorShape(None)
    if target.ndims == 0:
        raise ValueError("Shape must be at least rank 1 but is rank 0: a scalar variable has no rows to gather")
    return target[:batch_dims].concatenate(indices.shape[batch_dims:]).concatenate(target[batch_dims + 1:])


def _gather(xp: Any, cell: Cell, indices: Any, *, batch_dims: int) -> Any:
    array = cell.read()
    segment.check_indices(np.asarray(indices), array.shape[batch_dims])
    if not batch_dims:
        return np.take(array, indices, axis=0)
    lead = np.ix_(*(np.arange(d) for d in array.shape[:batch_dims]))
    rest = np.ndim(indices) - batch_dims
    return array[(*(axis[(...,) + (None,) * rest] for axis in lead), indices)]


def _variable_shape(handle: Tensor, out_type: Any = int32) -> Tensor:
    """The shape of what a handle points to: a constant where it is known."""
    known = handle_shape(handle)
    if known.is_fully_defined():
        return constant(known.as_list(), dtype=out_type)
    tensor: Tensor = apply_op("VariableShape", handle, out_type=out_type)
    return tensor


def _gather_grad(op: Operation, grad: Any) -> list[Any]:
    handle, indices = op.inputs
    if op.attrs["batch_dims"]:
        raise NotImplementedError(f"The gradient of '{op.name}' (ResourceGather with batch_dims) is not defined.")
    shape = _variable_shape(handle)
    size = expand_dims(apply_op("Size", indices), 0)
    tail = slice_op(shape, [1], [-1])
    values = reshape(grad, concat([size, tail], 0))
    return [IndexedSlices(values, reshape(indices, size), shape), None]


define_op("ResourceGather", "resource:resource, indices:Tindices", "output:dtype",
          f"batch_dims:int=0; validate_indices:bool=True; dtype:type; {_INDEX}", shape=_gather_shape, kernel=_gather,
          gradient=_gather_grad, stateful=True)


def _gather_nd_shape(resource: Tensor, indices: Tensor) -> TensorShape:
    target = handle_shape(resource)
    if target.ndims is None or indices.shape.ndims is None:
        return TensorShape(None)
    depth = indices.shape.as_list()[-1]
    if depth is None:
        return TensorShape(None)
    if depth > target.ndims:
        raise ValueError(f"indices.shape[-1] = {depth} must be at most the rank of the variable's shape {target}")
    return indices.shape[:-1].concatenate(target[depth:])


def _gather_nd(xp: Any, cell: Cell, indices: Any) -> Any:
    array = cell.read()
    columns = tuple(indices[..., axis] for axis in range(indices.shape[-1]))
    for axis, column in enumerate(columns):
        segment.check_indices(column, array.shape[axis])
    if not columns:
        return np.array(np.broadcast_to(array, (*indices.shape[:-1], *array.shape)))
    return np.array(array[columns], array.dtype)


def _gather_nd_grad(op: Operation, grad: Any) -> list[Any]:
    handle, indices = op.inputs
    shape = _variable_shape(handle, indices.dtype.base_dtype)
    if indices.shape.ndims == 2 and indices.shape.as_list()[-1] == 1:
        return [IndexedSlices(convert_to_tensor(grad), apply_op("Squeeze", indices, squeeze_dims=[-1]), shape), None]
    return [apply_op("ScatterNd", indices, grad, shape), None]


define_op("ResourceGatherNd", "resource:resource, indices:Tindices", "output:dtype", f"dtype:type; {_INDEX}",
          shape=_gather_nd_shape, kernel=_gather_nd, gradient=_gather_nd_grad, stateful=True)


# ---------------------------------------------------------------------- CountUpTo


def _count(xp: Any, cell: Cell, *, limit: int) -> Any:
    array = cell.read()
    value = array.copy()
    if array >= limit:
        raise OutOfRangeError(None, None, f"Reached limit of {limit} (variable '{cell.name}')")
    array += 1
    return value


define_op("CountUpTo", "ref:ref T", "output:T", "limit:int; T:type{int32,int64}", shape=lambda ref: TensorShape([]),
          kernel=_count, gradient=NO_GRADIENT, writes=("ref",))
define_op("ResourceCountUpTo", "resource:resource", "output:T", "limit:int; T:type{int32,int64}",
          shape=lambda resource: TensorShape([]), kernel=_count, gradient=NO_GRADIENT, stateful=True,
          writes=("resource",))


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """Raises a counter by one, up to `limit`.

    Args:
      ref: An integer scalar variable.
      limit: Highest value.
      name: Name of the operation.

    Returns:
      A Tensor: the value before.

    Raises:
      OutOfRangeError: At run time, where the counter has reached `limit`.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(0)
      >>> count = tf.count_up_to(v, 2)
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(int(sess.run(count)), int(sess.run(count)))
      0 1
    """
    handle = handle_of(ref)
    if handle is not None:
        dtype = getattr(ref, "dtype", None)
        return apply_op("ResourceCountUpTo", handle, limit=limit, name=name,
                        T=int64 if isinstance(ref, Tensor) else dtype)
    return apply_op("CountUpTo", ref, limit=limit, name=name)


# ---------------------------------------------------------------------- public functions


def _scatter(how: str, ref: Any, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Any:
    handle = handle_of(ref)
    if handle is None:
        return apply_op(f"Scatter{how}", ref, indices, updates, use_locking=use_locking, name=name)
    if isinstance(ref, Tensor):
        return apply_op(f"ResourceScatter{how}", handle, indices, updates, name=name)
    values = convert_to_tensor(updates, dtype=ref.dtype)
    return ref._lazy_read(apply_op(f"ResourceScatter{how}", handle, indices, values, name=name))


def _scatter_nd(how: str, ref: Any, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Any:
    handle = handle_of(ref)
    if handle is None:
        return apply_op(f"ScatterNd{how}", ref, indices, updates, use_locking=use_locking, name=name)
    if isinstance(ref, Tensor):
        return apply_op(f"ResourceScatterNd{how}", handle, indices, updates, name=name)
    values = convert_to_tensor(updates, dtype=ref.dtype)
    return ref._lazy_read(apply_op(f"ResourceScatterNd{how}", handle, indices, values, name=name))


def scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    """Writes rows into a variable: ``ref[indices, ...] = updates``.

    Args:
      ref: A variable (or the reference tensor of one), of at least one dimension.
      indices: Integers of any shape, each a row of the variable.
      updates: Values of shape ``indices.shape + ref.shape[1:]``, or a scalar for all. Of equal indices the last wins.
      use_locking: Accepted; writes are always whole.
      name: Name of the operation.

    Returns:
      The variable's reference after the write (for resource variables, its value).

    Raises:
      InvalidArgumentError: At run time, for an index outside the variable.  ValueError: The shapes do not fit.

    Example:
      >>> import core as tf
      >>> v = tf.Variable([1, 2, 3, 4])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.scatter_update(v, [2, 0], [30, 10])))
      [10  2 30  4]
    """
    return _scatter("Update", ref, indices, updates, use_locking, name)


def scatter_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Adds to rows of a variable; equal indices add up. Arguments and errors as `scatter_update`.

    Example:
      >>> import core as tf
      >>> v = tf.Variable([1, 2, 3])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.scatter_add(v, [2, 2], [10, 100])))
      [  1   2 113]
    """
    return _scatter("Add", ref, indices, updates, use_locking, name)


def scatter_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Subtracts from rows of a variable; equal indices add up. Arguments and errors as `scatter_update`."""
    return _scatter("Sub", ref, indices, updates, use_locking, name)


def scatter_mul(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Multiplies rows of a variable. Arguments and errors as `scatter_update`."""
    return _scatter("Mul", ref, indices, updates, use_locking, name)


def scatter_div(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Divides rows of a variable. Arguments and errors as `scatter_update`."""
    return _scatter("Div", ref, indices, updates, use_locking, name)


def scatter_min(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Lowers rows of a variable to at most `updates`. Arguments and errors as `scatter_update`."""
    return _scatter("Min", ref, indices, updates, use_locking, name)


def scatter_max(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Raises rows of a variable to at least `updates`. Arguments and errors as `scatter_update`."""
    return _scatter("Max", ref, indices, updates, use_locking, name)


def scatter_nd_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    """Writes slices into a variable, each at the coordinates that a vector of `indices` gives.

    Args:
      ref: A variable (or the reference tensor of one).
      indices: Integers ``[..., n]``, n at most the variable's rank.
      updates: Values of shape ``indices.shape[:-1] + ref.shape[n:]``.
      use_locking: Accepted; writes are always whole.
      name: Name of the operation.

    Returns:
      The variable's reference after the write (for resource variables, its value).

    Raises:
      InvalidArgumentError: At run time, for coordinates outside the variable.  ValueError: The shapes do not fit.

    Example:
      >>> import core as tf
      >>> v = tf.Variable([[1, 2, 3], [4, 5, 6]])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.scatter_nd_update(v, [[0, 1], [1, 2]], [20, 60])))
      [[ 1 20  3]
       [ 4  5 60]]
    """
    return _scatter_nd("Update", ref, indices, updates, use_locking, name)


def scatter_nd_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Adds slices to a variable at coordinates; equal ones add up. Arguments and errors as `scatter_nd_update`."""
    return _scatter_nd("Add", ref, indices, updates, use_locking, name)


def scatter_nd_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """Subtracts slices from a variable at coordinates. Arguments and errors as `scatter_nd_update`."""
    return _scatter_nd("Sub", ref, indices, updates, use_locking, name)


def batch_scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True,
                         name: str | None = None) -> Any:
    """Writes rows of each batch of a variable: ``ref[b, indices[b, ...], ...] = updates[b, ...]`` (deprecated).

    Args:
      ref: A variable whose leading dimensions are those of `indices` but for the last.
      indices: Integers ``[batch dimensions ..., n]``.
      updates: Values ``[batch dimensions ..., n, ...]``.
      use_locking, name: As in `scatter_nd_update`.

    Example:
      >>> import core as tf
      >>> v = tf.Variable([[1, 2, 3], [4, 5, 6]])
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.batch_scatter_update(v, [[2], [0]], [[30], [40]])))
      [[ 1  2 30]
       [40  5  6]]
    """
    with name_scope(name):
        places = convert_to_tensor(indices, name="indices")
        dims: Any = shape_of(places)
        count = places.shape.ndims
        if count is None:
            raise ValueError("batch_scatter_update does not allow indices with unknown shape (of unknown rank).")
        last = expand_dims(places, axis=-1)
        coordinates = []
        for axis in range(count - 1):
            length = dims[axis]
            form: list[Any] = [1] * (count + 1)
            form[axis] = length
            numbers = reshape(apply_op("Range", 0, length, 1), form)
            if numbers.dtype.base_dtype != last.dtype.base_dtype:
                numbers = apply_op("Cast", numbers, DstT=last.dtype.base_dtype)
            coordinates.append(multiply(numbers, ones_like(last), name="mul"))
        return scatter_nd_update(ref, concat([*coordinates, last], axis=-1), updates, use_locking)
