"""Lists of tensors as values: what `TensorArray` is made of. A list never changes: setting an item gives a new one."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, string
from core.errors import InvalidArgumentError
from core.graph import NO_GRADIENT, Operation, Tensor, apply_op, constant_value_as_shape, define_op
from core.ops.array_basic import shape as shape_op
from core.shapes import TensorShape

__all__: list[str] = []

_SCALAR = TensorShape([])


class TensorList:
    """The run-time value of a list: items (None: not set), their type, and their shape as far as known."""

    __slots__ = ("dtype", "items", "shape")

    def __init__(self, items: list[Any], dtype: DType, shape: tuple[int | None, ...] | None) -> None:
        self.items, self.dtype, self.shape = items, dtype, shape

    def __add__(self, other: TensorList) -> TensorList:
        """Item by item; an item that is not set counts as zeros."""
        items = [b if a is None else a if b is None else a + b for a, b in zip(self.items, other.items, strict=True)]
        return TensorList(items, self.dtype, self.shape)

    def zeros_like(self) -> TensorList:
        """A list of the same length with nothing set."""
        return TensorList([None] * len(self.items), self.dtype, self.shape)

    def item_shape(self, given: Any = None) -> tuple[int, ...] | None:
        """The full shape of the items, from what is given, what is set, or what was declared."""
        dims = None if given is None or np.ndim(given) == 0 else [int(d) for d in given]
        for item in self.items:
            if item is not None:
                return tuple(np.shape(item))
        for known in (dims, self.shape):
            if known is not None and all(d is not None and d >= 0 for d in known):
                return tuple(int(d) for d in known)  # type: ignore[arg-type]
        return None

    def filled(self, given: Any = None) -> list[Any]:
        """The items, zeros where nothing is set."""
        if all(item is not None for item in self.items):
            return self.items
        shape = self.item_shape(given)
        if shape is None:
            raise InvalidArgumentError(None, None, "Tried to read an item of a list (TensorArray) that was not set, "
                                       "and its shape is not known: write it first, or give element_shape.")
        zeros = np.zeros(shape, self.dtype.np_dtype)
        return [zeros if item is None else item for item in self.items]


def _known(shape: Any) -> tuple[int | None, ...] | None:
    if np.ndim(shape) == 0:
        return None
    return tuple(None if int(d) < 0 else int(d) for d in shape)


def _item(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _static(element_shape: Tensor) -> TensorShape:
    return constant_value_as_shape(element_shape) if element_shape.shape.ndims == 1 else TensorShape(None)


def _check_index(index: int, count: int) -> None:
    if not 0 <= index < count:
        raise InvalidArgumentError(None, None, f"Trying to access element {index} in a list with {count} elements.")


# ---------------------------------------------------------------------- Reserve, Length, Resize


def _reserve(xp: Any, element_shape: Any, num_elements: Any, *, element_dtype: DType) -> TensorList:
    return TensorList([None] * int(num_elements), element_dtype, _known(element_shape))


define_op("TensorListReserve", "element_shape:shape_type, num_elements:int32", "handle:variant",
          "element_dtype:type; shape_type:type{int32,int64}", shape=lambda element_shape, num_elements: _SCALAR,
          kernel=_reserve, gradient=NO_GRADIENT)

define_op("TensorListLength", "input_handle:variant", "length:int32", shape=lambda input_handle: _SCALAR,
          kernel=lambda xp, input_handle: np.int32(len(input_handle.items)), gradient=NO_GRADIENT)


def _resize(xp: Any, input_handle: TensorList, size: Any) -> TensorList:
    items = input_handle.items[:int(size)]
    return TensorList(items + [None] * (int(size) - len(items)), input_handle.dtype, input_handle.shape)


def _resize_grad(op: Operation, grad: Any) -> list[Any]:
    return [apply_op("TensorListResize", grad, apply_op("TensorListLength", op.inputs[0])), None]


define_op("TensorListResize", "input_handle:variant, size:int32", "output_handle:variant",
          shape=lambda input_handle, size: _SCALAR, kernel=_resize, gradient=_resize_grad)


# ---------------------------------------------------------------------- SetItem, GetItem


def _set_item(
    xp: Any, input_handle: TensorList, index: Any, item: Any, *, resize_if_index_out_of_bounds: bool,
) -> TensorList:
    at = int(index)
    items = list(input_handle.items)
    if resize_if_index_out_of_bounds and at >= len(items):
        items += [None] * (at + 1 - len(items))
    _check_index(at, len(items))
    shape = input_handle.shape
    if shape is not None and (len(shape) != np.ndim(item) or any(
            d not in (None, s) for d, s in zip(shape, np.shape(item), strict=True))):
        raise InvalidArgumentError(None, None, f"Tried to set an item of shape {list(np.shape(item))} in a list "
                                   f"(TensorArray) whose items have shape {['?' if d is None else d for d in shape]}.")
    items[at] = _item(item)
    return TensorList(items, input_handle.dtype, shape)


def _set_item_grad(op: Operation, grad: Any) -> list[Any]:
    item = op.inputs[2]
    zeros = apply_op("ZerosLike", item)
    before = apply_op("TensorListSetItem", grad, op.inputs[1], zeros)
    value = apply_op("TensorListGetItem", grad, op.inputs[1], shape_op(item), element_dtype=item.dtype.base_dtype)
    return [before, None, value]


define_op("TensorListSetItem", "input_handle:variant, index:int32, item:element_dtype", "output_handle:variant",
          "element_dtype:type; resize_if_index_out_of_bounds:bool=False",
          shape=lambda input_handle, index, item: _SCALAR, kernel=_set_item, gradient=_set_item_grad)


def _get_item(xp: Any, input_handle: TensorList, index: Any, element_shape: Any, *, element_dtype: DType) -> Any:
    at = int(index)
    _check_index(at, len(input_handle.items))
    item = input_handle.items[at]
    if item is None:
        shape = input_handle.item_shape(element_shape)
        if shape is None:
            raise InvalidArgumentError(None, None, f"Could not read index {at} of a list (TensorArray): it was not "
                                       "written, and its shape is not known.")
        return np.zeros(shape, element_dtype.np_dtype)
    return _item(item)


def _get_item_grad(op: Operation, grad: Any) -> list[Any]:
    zeros = apply_op("ZerosLike", op.inputs[0])
    return [apply_op("TensorListSetItem", zeros, op.inputs[1], grad), None, None]


define_op("TensorListGetItem", "input_handle:variant, index:int32, element_shape:Tshape", "item:element_dtype",
          "element_dtype:type; Tshape:type=int32{int32,int64}",
          shape=lambda input_handle, index, element_shape: _static(element_shape), kernel=_get_item,
          gradient=_get_item_grad)


# ---------------------------------------------------------------------- Stack, FromTensor


def _stack(xp: Any, input_handle: TensorList, element_shape: Any, *, element_dtype: DType) -> Any:
    if not input_handle.items:
        shape = input_handle.item_shape(element_shape) or ()
        return np.zeros((0, *shape), element_dtype.np_dtype)
    items = input_handle.filled(element_shape)
    if any(np.shape(i) != np.shape(items[0]) for i in items):
        raise InvalidArgumentError(None, None, "Items of different shapes can't be stacked: "
                                   f"{sorted({tuple(np.shape(i)) for i in items})}.")
    return np.stack(items) if element_dtype is not string else _stack_objects(items)


def _stack_objects(items: list[Any]) -> Any:
    out = np.empty((len(items), *np.shape(items[0])), object)
    for at, item in enumerate(items):
        out[at] = item
    return out


def _stack_shape(input_handle: Tensor, element_shape: Tensor, *, num_elements: int) -> TensorShape:
    return TensorShape([None if num_elements < 0 else num_elements]).concatenate(_static(element_shape))


def _stack_grad(op: Operation, grad: Any) -> list[Any]:
    return [apply_op("TensorListFromTensor", grad, apply_op("Slice", shape_op(grad), [1], [-1])), None]


define_op("TensorListStack", "input_handle:variant, element_shape:int32", "tensor:element_dtype",
          "element_dtype:type; num_elements:int=-1", shape=_stack_shape, kernel=_stack, gradient=_stack_grad)


def _from_tensor(xp: Any, tensor: Any, element_shape: Any) -> TensorList:
    dtype = string if tensor.dtype == object else as_dtype(tensor.dtype)
    return TensorList([_item(t) for t in tensor], dtype, tuple(tensor.shape[1:]))


def _from_tensor_grad(op: Operation, grad: Any) -> list[Any]:
    tensor = op.inputs[0]
    shape = apply_op("Slice", shape_op(tensor), [1], [-1])
    stacked = apply_op("TensorListStack", grad, shape, element_dtype=tensor.dtype.base_dtype)
    stacked.set_shape(tensor.shape)
    return [stacked, None]


define_op("TensorListFromTensor", "tensor:element_dtype, element_shape:shape_type", "output_handle:variant",
          "element_dtype:type; shape_type:type{int32,int64}", shape=lambda tensor, element_shape: _SCALAR,
          kernel=_from_tensor, gradient=_from_tensor_grad)


# ---------------------------------------------------------------------- Gather, Scatter


def _gather(xp: Any, input_handle: TensorList, indices: Any, element_shape: Any, *, element_dtype: DType) -> Any:
    for at in indices.tolist():
        _check_index(at, len(input_handle.items))
    chosen = TensorList([input_handle.items[at] for at in indices.tolist()], element_dtype,
                        input_handle.item_shape(element_shape))
    return _stack(xp, chosen, element_shape, element_dtype=element_dtype)


def _gather_grad(op: Operation, grad: Any) -> list[Any]:
    zeros = apply_op("ZerosLike", op.inputs[0])
    return [apply_op("TensorListScatterIntoExistingList", zeros, grad, op.inputs[1]), None, None]


define_op("TensorListGather", "input_handle:variant, indices:int32, element_shape:int32", "values:element_dtype",
          "element_dtype:type",
          shape=lambda input_handle, indices, element_shape: indices.shape.concatenate(_static(element_shape)),
          kernel=_gather, gradient=_gather_grad)


def _scatter(xp: Any, input_handle: TensorList, tensor: Any, indices: Any) -> TensorList:
    items = list(input_handle.items)
    for at, value in zip(indices.tolist(), tensor, strict=True):
        _check_index(at, len(items))
        items[at] = _item(value)
    return TensorList(items, input_handle.dtype, input_handle.shape)


def _scatter_grad(op: Operation, grad: Any) -> list[Any]:
    tensor, indices = op.inputs[1], op.inputs[2]
    before = apply_op("TensorListScatterIntoExistingList", grad, apply_op("ZerosLike", tensor), indices)
    shape = apply_op("Slice", shape_op(tensor), [1], [-1])
    values = apply_op("TensorListGather", grad, indices, shape, element_dtype=tensor.dtype.base_dtype)
    return [before, values, None]


define_op("TensorListScatterIntoExistingList", "input_handle:variant, tensor:element_dtype, indices:int32",
          "output_handle:variant", "element_dtype:type", shape=lambda input_handle, tensor, indices: _SCALAR,
          kernel=_scatter, gradient=_scatter_grad)


# ---------------------------------------------------------------------- Concat, Split


def _concat_shape(input_handle: Tensor, element_shape: Tensor, leading_dims: Tensor) -> list[TensorShape]:
    item = _static(element_shape)
    rest = TensorShape(None) if item.ndims is None else TensorShape([None, *item.as_list()[1:]])
    return [rest, TensorShape([None])]


def _concat(
    xp: Any, input_handle: TensorList, element_shape: Any, leading_dims: Any, *, element_dtype: DType,
) -> list[Any]:
    items = input_handle.filled(element_shape)
    lengths = np.array([np.shape(i)[0] for i in items], np.int64)
    if not items:
        rest = input_handle.item_shape(element_shape) or (0,)
        return [np.zeros((0, *rest[1:]), element_dtype.np_dtype), lengths]
    return [np.concatenate(items), lengths]


def _concat_grad(op: Operation, grad: Any, _: Any) -> list[Any]:
    return [apply_op("TensorListSplit", grad, op.inputs[1], op.outputs[1]), None, None]


define_op("TensorListConcatV2", "input_handle:variant, element_shape:shape_type, leading_dims:int64",
          "tensor:element_dtype, lengths:int64", "element_dtype:type; shape_type:type{int32,int64}",
          shape=_concat_shape, kernel=_concat, gradient=_concat_grad)


def _split(xp: Any, tensor: Any, element_shape: Any, lengths: Any, *, element_dtype: DType) -> TensorList:
    sizes = lengths.tolist()
    if sum(sizes) != tensor.shape[0]:
        raise InvalidArgumentError(None, None, f"Expected sum of lengths to be equal to values.shape[0], but sum of "
                                   f"lengths is {sum(sizes)} and value's shape is {list(tensor.shape)}")
    ends: Any = np.cumsum(sizes)[:-1] if sizes else []
    return TensorList([p.copy() for p in np.split(tensor, ends)] if sizes else [], element_dtype, None)


def _split_grad(op: Operation, grad: Any) -> list[Any]:
    tensor = op.inputs[0]
    joined = apply_op("TensorListConcatV2", grad, op.inputs[1], op.inputs[2], element_dtype=tensor.dtype.base_dtype)[0]
    joined.set_shape(tensor.shape)
    return [joined, None, None]


define_op("TensorListSplit", "tensor:element_dtype, element_shape:shape_type, lengths:int64", "output_handle:variant",
          "element_dtype:type; shape_type:type{int32,int64}", shape=lambda tensor, element_shape, lengths: _SCALAR,
          kernel=_split, gradient=_split_grad)

