"""Slots: the variables that an optimiser keeps beside each trained one, under ``<variable>/<slot name>``."""

from __future__ import annotations

from typing import Any

from core.dtypes import as_dtype
from core.graph import get_default_graph
from core.initializers import zeros_initializer
from core.ops.array_basic import shape_of, zeros
from core.shapes import TensorShape
from core.variable_kinds import ResourceVariable
from core.variable_scopes import get_variable, get_variable_scope, variable_scope
from core.variables import Variable

__all__ = ["create_slot", "create_slot_with_initializer", "create_zeros_slot"]


def _slot_variable(primary: Any, value: Any, shape: Any, dtype: Any, validate_shape: bool) -> Any:
    scope = get_variable_scope()
    partitioner = scope.partitioner
    scope.set_partitioner(None)  # a slot is cut as its variable is, not again
    try:
        # An empty name inside the slot's own scope: the variable bears the scope's name.
        slot = get_variable("", initializer=value, trainable=False, use_resource=isinstance(primary, ResourceVariable),
                            shape=shape if callable(value) else None, dtype=dtype, validate_shape=validate_shape)
    finally:
        scope.set_partitioner(partitioner)
    info = primary._get_save_slice_info() if isinstance(primary, Variable) else None
    if info is not None:
        whole = type(info)(f"{info.full_name}/{slot.op.name.split('/')[-1]}", info.full_shape, info.var_offset,
                           info.var_shape)
        slot._set_save_slice_info(whole)
    return slot


def _prefix(primary: Any) -> str:
    name: str = primary._shared_name if isinstance(primary, Variable) else primary.op.name
    return name


def create_slot(primary: Any, val: Any, name: str, colocate_with_primary: bool = True) -> Any:
    """A slot that starts from the tensor `val`."""
    validate = TensorShape(val.shape).is_fully_defined()
    with variable_scope(None, f"{_prefix(primary)}/{name}"):
        if not colocate_with_primary:
            return _slot_variable(primary, val, None, None, validate)
        with get_default_graph().colocate_with(primary.op):
            return _slot_variable(primary, val, None, None, validate)


def create_slot_with_initializer(
    primary: Any, initializer: Any, shape: Any, dtype: Any, name: str, colocate_with_primary: bool = True,
) -> Any:
    """A slot that starts from ``initializer(shape)``."""
    validate = TensorShape(shape).is_fully_defined()
    with variable_scope(None, f"{_prefix(primary)}/{name}"):
        if not colocate_with_primary:
            return _slot_variable(primary, initializer, shape, dtype, validate)
        with get_default_graph().colocate_with(primary.op):
            return _slot_variable(primary, initializer, shape, dtype, validate)


def create_zeros_slot(primary: Any, name: str, dtype: Any = None, colocate_with_primary: bool = True) -> Any:
    """A slot of zeros, of the variable's shape."""
    element = primary.dtype.base_dtype if dtype is None else as_dtype(dtype).base_dtype
    if TensorShape(primary.shape).is_fully_defined():
        return create_slot_with_initializer(primary, zeros_initializer(), primary.shape, element, name,
                                            colocate_with_primary)
    like = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(like), dtype=element), name, colocate_with_primary)
