"""Constants: the `Const` op, and how Python values become arrays. Must not import other op families."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, int32, string
from core.graph import NO_GRADIENT, Tensor, define_op, register_tensor_conversion_function
from core.graph.graph import default_graph_stack
from core.graph.opdef import get_op_def
from core.shapes import TensorShape, as_shape

__all__ = ["constant"]


# ---------------------------------------------------------------------- values to arrays

_KIND_OK = {
    "f": (float, int, np.floating, np.integer), "i": (int, np.integer), "u": (int, np.integer),
    "c": (complex, float, int, np.number), "b": (bool, np.bool_),
}


def as_array(values: Any, dtype: DType | None = None) -> np.ndarray:
    """Turns Python values into the array that a constant of `dtype` holds.

    Args:
      values: Number, string, bool, array, or nested lists of these.
      dtype: Type wanted; None takes float32 for floats, int32 for integers that fit, int64 for others.

    Raises:
      TypeError: A value that is not of `dtype`.  ValueError: None among the values; ragged lists.
    """
    if isinstance(values, (np.ndarray, np.generic)) and values.dtype != object and values.dtype.kind not in "SU":
        if dtype is None:
            as_dtype(values.dtype)  # raises for a type that tensors do not have
            return np.asarray(values)
        if dtype is string:
            raise TypeError(f"Expected string, got {values!r} of type '{type(values).__name__}' instead.")
        return np.asarray(values).astype(dtype.as_numpy_dtype, copy=False)
    if values is None:
        raise ValueError("None values not supported.")
    if dtype is not None and dtype is not string and dtype.is_numpy_compatible and not dtype.is_quantized:
        _check_elements(values, dtype)
        try:
            return np.array(values, dtype=dtype.as_numpy_dtype)
        except OverflowError as error:
            raise TypeError(f"Expected {dtype.name}, got {values!r}: {error}") from None
        except ValueError as error:
            raise ValueError(f"Can't make a {dtype.name} tensor of {_short(values)}: {error}. "
                             "Are the nested lists of equal length?") from None
    try:
        array = np.array(values)
    except ValueError as error:
        raise ValueError(f"Can't make a tensor of {_short(values)}: {error}. "
                         "Are the nested lists of equal length?") from None
    if array.dtype.kind in "SUO":
        array = _string_array(values, array, dtype)
    elif dtype is string and not array.size:
        array = array.astype(object)  # an empty list has no elements to tell its type
    elif dtype is string:
        raise TypeError(f"Expected string, got {_short(values)} of type '{type(_first(values)).__name__}' instead.")
    elif dtype is not None:
        array = array.astype(_plain(dtype))
    elif array.dtype == np.float64 and not _has_numpy(values, np.float64):
        array = array.astype(np.float32)
    elif array.dtype == np.int64:
        small = array.astype(np.int32)
        if np.array_equal(small, array) and not _has_numpy(values, np.int64):
            array = small
    elif array.dtype == np.complex128 and not _has_numpy(values, np.complex128):
        array = array.astype(np.complex128)
    return array


def _plain(dtype: DType) -> Any:
    numpy_type = np.dtype(dtype.as_numpy_dtype)
    return numpy_type if numpy_type.fields is None else numpy_type[0]


def _has_numpy(values: Any, kind: type) -> bool:
    """True if arrays of `kind` stand in the (nested) lists: TensorFlow packs them as they are; scalars it narrows."""
    first = _first(values)
    return isinstance(first, np.ndarray) and first.ndim > 0 and first.dtype == kind


def _first(values: Any) -> Any:
    while isinstance(values, (list, tuple)) and values:
        values = values[0]
    return values


def _short(values: Any) -> str:
    text = repr(values)
    return text if len(text) <= 80 else text[:77] + "..."


def _check_elements(values: Any, dtype: DType) -> None:
    """Raises TypeError for the first element that is not of the wanted kind."""
    allowed = _KIND_OK.get(np.dtype(dtype.as_numpy_dtype).kind, (object,))
    pending = [values]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            if item and not isinstance(item[0], (list, tuple, np.ndarray)):
                kinds = set(map(type, item))
                if all(issubclass(k, allowed) and (k is not bool or bool in allowed) for k in kinds):
                    continue
            pending.extend(reversed(item))
        elif item is None:
            raise ValueError("None values not supported.")
        elif isinstance(item, np.ndarray):
            continue
        elif not isinstance(item, allowed) or (isinstance(item, (bool, np.bool_)) and bool not in allowed):
            if isinstance(item, np.generic) or not isinstance(item, (bool, int, float, complex, str, bytes)):
                if hasattr(item, "__array__") or isinstance(item, np.generic) or hasattr(item, "__index__"):
                    continue
            raise TypeError(f"Expected {dtype.name}, got {item!r} of type '{type(item).__name__}' instead.")


def _string_array(values: Any, array: np.ndarray, dtype: DType | None) -> np.ndarray:
    if dtype is not None and dtype is not string:
        raise TypeError(
            f"Expected {dtype.name}, got {_short(values)} of type '{type(_first(values)).__name__}' instead.")
    if array.dtype.kind != "O" and not isinstance(values, np.ndarray):
        array = np.array(values, dtype=object)  # fixed-width arrays drop trailing NUL bytes
    flat = array.ravel()
    out = np.empty(flat.shape, object)
    for index, item in enumerate(flat.tolist()):
        if isinstance(item, bytes):
            out[index] = item
        elif isinstance(item, str):
            out[index] = item.encode("utf-8")
        elif item is None:
            raise ValueError("None values not supported.")
        else:
            place = f"element {index} is {item!r}, a '{type(item).__name__}'"
            among = " among texts" if isinstance(item, (bool, int, float, complex)) else ""
            raise TypeError(
                f"Failed to convert object of type {type(values)} to Tensor. Contents: {_short(values)}. Consider "
                f"casting elements to a supported type: {place}{among}.")
    return out.reshape(array.shape)


# ---------------------------------------------------------------------- Const


def _const_shape(*, value: Any) -> TensorShape:
    return TensorShape(value.shape)


def _const_kernel(xp: Any, *, value: Any) -> Any:
    return value


define_op("Const", "", "output:dtype", "value:tensor; dtype:type",
          shape=_const_shape, kernel=_const_kernel, gradient=NO_GRADIENT)


def constant(
    value: Any, dtype: Any = None, shape: Any = None, name: str = "Const", verify_shape: bool = False,
) -> Tensor:
    """Makes a tensor that always has the same value.

    Args:
      value: Number, string, bool, array, or nested lists of these.
      dtype: Element type; by default float32 for floats, int32 for integers, else that of the array.
      shape: Shape; a single value is repeated, missing elements repeat the last one. By default that of `value`.
      name: Name of the operation.
      verify_shape: If True, `value` must have exactly `shape`.

    Returns:
      A Tensor of `dtype` and `shape`.

    Raises:
      TypeError: `value` does not fit `dtype`, or (with `verify_shape`) not `shape`.
      ValueError: More elements than `shape` holds; None among the values.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.constant(-1.0, shape=[2, 3])))
      [[-1. -1. -1.]
       [-1. -1. -1.]]
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    if isinstance(value, Tensor):
        raise TypeError(f"constant takes values, not the tensor {value.name}; use tf.identity to pass a tensor on.")
    array = as_array(value, wanted)
    if shape is not None:
        array = _to_shape(array, as_shape(shape), verify_shape)
    element = wanted or (string if array.dtype == object else as_dtype(array.dtype))
    array = np.array(array, copy=None if array is not value and array.base is None else True, order="C")
    array.flags.writeable = False
    graph = default_graph_stack.get()
    op = graph._make(get_op_def("Const"), name or "Const", (), {"value": array, "dtype": element})
    return op.outputs[0]


def _to_shape(array: np.ndarray, shape: TensorShape, verify: bool) -> np.ndarray:
    dims: Any = shape.as_list()
    if verify and list(array.shape) != dims:
        raise TypeError(f"Expected Tensor's shape: {tuple(dims)}, got {array.shape}.")
    count = int(np.prod(dims, dtype=np.int64))
    if count == 0:
        return np.empty(dims, array.dtype)
    if array.size == count:
        return array.reshape(dims)
    if array.size > count:
        raise ValueError(f"Too many elements provided. Needed at most {count}, but received {array.size}")
    if array.size == 0:
        raise ValueError(f"No elements provided for the shape {tuple(dims)}.")
    flat = np.empty(count, array.dtype)
    flat[:array.size] = array.ravel()
    flat[array.size:] = array.ravel()[-1]
    return flat.reshape(dims)


def _constant_conversion(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del as_ref
    return constant(value, dtype=dtype, name=name or "Const")


def _shape_conversion(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del as_ref
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {value}")
    dims = value.as_list()
    if dtype is None:
        dtype = int32 if all(d < 2 ** 31 for d in dims) else as_dtype("int64")
    elif dtype not in (int32, as_dtype("int64")):
        raise TypeError(f"Cannot convert a TensorShape to dtype: {dtype.name}")
    return constant(np.array(dims, dtype.as_numpy_dtype), dtype=dtype, name=name or "shape_as_tensor")


def _dimension_conversion(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del as_ref
    if value.value is None:
        raise ValueError(f"Cannot convert an unknown Dimension to a Tensor: {value}")
    return constant(value.value, dtype=dtype or int32, name=name or "shape_as_tensor")


register_tensor_conversion_function((list, tuple), _constant_conversion, 100)
register_tensor_conversion_function(
    (bool, int, float, complex, str, bytes, np.ndarray, np.generic), _constant_conversion, 100)
register_tensor_conversion_function(TensorShape, _shape_conversion, 100)
register_tensor_conversion_function(type(TensorShape([1])[0]), _dimension_conversion, 100)
register_tensor_conversion_function(object, _constant_conversion, 200)

