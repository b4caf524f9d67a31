"""Ops on variables: reference variables (`VariableV2`, `Assign`, ...) and resource variables (`VarHandleOp`, ...).

At run time both kinds are a `Cell`; the ops that change one name the argument in `writes`. Scatter updates stand in
`state_scatter.py`, optimiser updates in `train_ops.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype
from core.errors import FailedPreconditionError, InvalidArgumentError
from core.graph import NO_GRADIENT, Cell, Operation, Tensor, apply_op, define_op
from core.shapes import TensorShape

__all__ = ["assign", "assign_add", "assign_sub", "is_variable_initialized"]

_SCALAR = TensorShape([])


# ---------------------------------------------------------------------- VariableV2, VarHandleOp


def _cell(ctx: Any, *, dtype: Any, container: str, shared_name: str) -> Cell:
    name = shared_name or ctx.op.name
    cell: Cell = ctx.resource(name, lambda: Cell(name, dtype), container)
    return cell


for _type in ("VariableV2", "Variable"):
    define_op(_type, "", "ref:ref dtype", "shape:shape; dtype:type; container:string=''; shared_name:string=''",
              shape=lambda *, shape: shape, kernel=_cell, gradient=NO_GRADIENT, stateful=True, context=True)

define_op("VarHandleOp", "", "resource:resource",
          "container:string=''; shared_name:string=''; debug_name:string=''; dtype:type; shape:shape; "
          "allowed_devices:list(string)=[]",
          shape=lambda: _SCALAR, kernel=_cell, gradient=NO_GRADIENT, stateful=True, context=True)


def variable_op(shape: Any, dtype: Any, name: str = "Variable", container: str = "", shared_name: str = "") -> Tensor:
    """A reference to a variable's storage."""
    return apply_op("VariableV2", shape=shape, dtype=dtype, container=container, shared_name=shared_name, name=name)


def variable_handle(
    shape: Any, dtype: Any, name: str = "VarHandleOp", container: str = "", shared_name: str = "",
) -> Tensor:
    """A handle of a variable's storage; it knows what it points to."""
    handle: Tensor = apply_op("VarHandleOp", shape=shape, dtype=dtype, container=container,
                              shared_name=shared_name or name.rstrip("/"), name=name)
    handle.handle_data = (TensorShape(shape), as_dtype(dtype).base_dtype)
    return handle


def handle_shape(handle: Tensor) -> TensorShape:
    """Static shape of what a handle points to."""
    if handle.handle_data is not None:
        return handle.handle_data[0]
    if handle.op.type == "VarHandleOp":
        shape: TensorShape = handle.op.attrs["shape"]
        return shape
    return TensorShape(None)


# ---------------------------------------------------------------------- initialised?


def _is_initialized(xp: Any, cell: Cell, **attrs: Any) -> Any:
    return np.bool_(cell.array is not None)


define_op("IsVariableInitialized", "ref:ref dtype", "is_initialized:bool", "dtype:type",
          shape=lambda ref: _SCALAR, kernel=_is_initialized, gradient=NO_GRADIENT, stateful=False)
define_op("VarIsInitializedOp", "resource:resource", "is_initialized:bool", "",
          shape=lambda resource: _SCALAR, kernel=_is_initialized, gradient=NO_GRADIENT, stateful=True)


def is_variable_initialized(variable: Any, name: str | None = None) -> Tensor:
    """Tells at run time whether a variable has a value.

    Args:
      variable: A variable, or the reference tensor of one.
      name: Name of the operation.

    Returns:
      A bool scalar.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(1.0)
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.is_variable_initialized(v)))
      False
    """
    handle = handle_of(variable)
    if handle is not None:
        tensor: Tensor = apply_op("VarIsInitializedOp", handle, name=name or "VarIsInitializedOp")
        return tensor
    tensor = apply_op("IsVariableInitialized", variable, name=name)
    return tensor


def handle_of(ref: Any) -> Tensor | None:
    """The resource handle of a resource variable, None for reference variables."""
    handle = getattr(ref, "handle", None)
    if isinstance(handle, Tensor):
        return handle
    if isinstance(ref, Tensor) and ref.dtype.base_dtype is as_dtype("resource"):
        return ref
    return None


# ---------------------------------------------------------------------- Assign, AssignAdd, AssignSub


def _assign_shape(ref: Tensor, value: Tensor, *, validate_shape: bool) -> TensorShape:
    if not validate_shape:
        return value.shape
    return ref.shape.merge_with(value.shape)


def _assign(xp: Any, cell: Cell, value: Any, *, validate_shape: bool) -> Cell:
    if validate_shape and cell.array is not None and cell.array.shape != value.shape:
        raise InvalidArgumentError(
            None, None, f"Assign requires shapes of both tensors to match. lhs shape= {list(cell.array.shape)} "
            f"rhs shape= {list(value.shape)} (variable '{cell.name}')")
    cell.assign(value)
    return cell


define_op("Assign", "ref:ref T, value:T", "output_ref:ref T", "T:type; validate_shape:bool=True; use_locking:bool=True",
          shape=_assign_shape, kernel=_assign, gradient=NO_GRADIENT, writes=("ref",))


def _update(combine: Any) -> Any:
    def kernel(xp: Any, cell: Cell, value: Any) -> Cell:
        array = cell.read()
        if array.shape != value.shape:
            raise InvalidArgumentError(
                None, None, f"Variable '{cell.name}' has shape {list(array.shape)}, the value {list(value.shape)}: "
                "they must be equal.")
        combine(array, value, out=array)
        return cell
    return kernel


def _same_shape(ref: Tensor, value: Tensor) -> TensorShape:
    return ref.shape.merge_with(value.shape)


for _type, _combine in (("AssignAdd", np.add), ("AssignSub", np.subtract)):
    define_op(_type, "ref:ref T, value:T", "output_ref:ref T", "T:type{@number}; use_locking:bool=False",
              shape=_same_shape, kernel=_update(_combine), gradient=NO_GRADIENT, writes=("ref",))


# ---------------------------------------------------------------------- resource variables


def _read_shape(resource: Tensor) -> TensorShape:
    return handle_shape(resource)


def _read(xp: Any, cell: Cell) -> Any:
    return cell.read()


def _read_grad(op: Operation, grad: Any) -> Any:
    return grad


# A read shares memory with the variable; the planner copies it where a later write would show through.
define_op("ReadVariableOp", "resource:resource", "value:dtype", "dtype:type",
          shape=_read_shape, kernel=_read, gradient=_read_grad, stateful=True, view=True)


def _assign_variable(xp: Any, cell: Cell, value: Any) -> None:
    cell.assign(value)


def _check_handle(resource: Tensor, value: Tensor) -> list[TensorShape]:
    handle_shape(resource).assert_is_compatible_with(value.shape)
    return []


define_op("AssignVariableOp", "resource:resource, value:dtype", "", "dtype:type; validate_shape:bool=False",
          shape=_check_handle, kernel=_assign_variable, gradient=NO_GRADIENT, stateful=True, writes=("resource",))


def _update_resource(combine: Any) -> Any:
    update = _update(combine)

    def kernel(xp: Any, cell: Cell, value: Any) -> None:
        update(xp, cell, value)
    return kernel


for _type, _combine in (("AssignAddVariableOp", np.add), ("AssignSubVariableOp", np.subtract)):
    define_op(_type, "resource:resource, value:dtype", "", "dtype:type",
              shape=_check_handle, kernel=_update_resource(_combine), gradient=NO_GRADIENT, stateful=True,
              writes=("resource",))


def _variable_shape(xp: Any, cell: Cell, *, out_type: Any) -> Any:
    return np.array(cell.read().shape, out_type.as_numpy_dtype)


define_op("VariableShape", "input:resource", "output:out_type", "out_type:type=int32{int32,int64}",
          shape=lambda input: TensorShape([handle_shape(input).ndims]), kernel=_variable_shape, gradient=NO_GRADIENT,
          stateful=True)


def _destroy(ctx: Any, cell: Cell, *, ignore_lookup_error: bool) -> None:
    if cell.array is None and not ignore_lookup_error:
        raise FailedPreconditionError(None, ctx.op, f"Variable '{cell.name}' has no value to destroy.")
    cell.array = None


define_op("DestroyResourceOp", "resource:resource", "", "ignore_lookup_error:bool=True",
          shape=lambda resource: [], kernel=_destroy, gradient=NO_GRADIENT, stateful=True, context=True,
          writes=("resource",))


# ---------------------------------------------------------------------- public functions


def assign(ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None,
           name: str | None = None) -> Any:
    """Gives a variable a new value when it runs.

    Args:
      ref: A variable (or the reference tensor of one).
      value: The value, of the variable's type.
      validate_shape: If False, the shape may change (reference variables only).
      use_locking: Accepted; assignments are always whole.
      name: Name of the operation.

    Returns:
      The variable's reference after the assignment (for resource variables, its value).

    Raises:
      ValueError: The shapes do not fit.  TypeError: The types differ.

    Example:
      >>> import core as tf
      >>> v = tf.Variable([1.0, 2.0])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.assign(v, [3.0, 4.0])))
      [3. 4.]
    """
    if handle_of(ref) is not None and not isinstance(ref, Tensor):
        return ref.assign(value, name=name)
    return apply_op("Assign", ref, value, validate_shape=True if validate_shape is None else validate_shape,
                    use_locking=True if use_locking is None else use_locking, name=name)


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """Adds `value` to a variable when it runs; arguments and errors as `assign`.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(1)
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.assign_add(v, 2)))
      3
    """
    if handle_of(ref) is not None and not isinstance(ref, Tensor):
        return ref.assign_add(value)
    return apply_op("AssignAdd", ref, value, use_locking=use_locking, name=name)


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """Subtracts `value` from a variable when it runs; arguments and errors as `assign`.

    Example:
      >>> import core as tf
      >>> v = tf.Variable(5)
      >>> with tf.Session() as sess:
      ...     sess.run(v.initializer)
      ...     print(sess.run(tf.assign_sub(v, 2)))
      3
    """
    if handle_of(ref) is not None and not isinstance(ref, Tensor):
        return ref.assign_sub(value)
    return apply_op("AssignSub", ref, value, use_locking=use_locking, name=name)
