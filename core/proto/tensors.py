"""Arrays and shapes <-> TensorProto and TensorShapeProto: `tf.make_tensor_proto`, `tf.make_ndarray`.

Ground floor: imports NumPy, `core.dtypes`, `core.shapes` and the messages (late). The rules are those of
TensorFlow 1.15: numbers of more than one element go into `tensor_content` where `_CONTENT` lists their
type, everything else into the `*_val` list of its type, where the last element stands for all that follow
it.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np

from core import dtypes, proto
from core.dtypes import DType, as_dtype
from core.shapes import Dimension, TensorShape, as_shape

__all__ = [
    "as_array", "make_ndarray", "make_tensor_proto", "shape_from_proto", "shape_to_proto", "tensor_to_proto",
]

Array = np.ndarray[Any, Any]

_LIMIT = 1 << 31  # bytes of a message
_ABSURD = 1 << 40  # bytes of an array: a shape that asks for more is damaged or hostile
_COMPRESS_FROM = 1024  # bytes; smaller constants are written as TensorFlow 1.15 writes them

_CONTENT = frozenset({
    dtypes.float32, dtypes.float64, dtypes.int32, dtypes.uint8, dtypes.int16, dtypes.int8, dtypes.int64,
    dtypes.qint8, dtypes.quint8, dtypes.qint16, dtypes.quint16, dtypes.qint32, dtypes.uint32, dtypes.uint64,
})
_SIXTEEN_BITS = frozenset({dtypes.float16, dtypes.bfloat16})
_FIELD: dict[DType, str] = {
    dtypes.float16: "half_val", dtypes.bfloat16: "half_val", dtypes.float32: "float_val",
    dtypes.float64: "double_val", dtypes.int64: "int64_val", dtypes.bool: "bool_val",
    dtypes.complex64: "scomplex_val", dtypes.complex128: "dcomplex_val", dtypes.string: "string_val",
    dtypes.uint32: "uint32_val", dtypes.uint64: "uint64_val",
}
_FIELD.update({dtype: "int_val" for dtype in (
    dtypes.int32, dtypes.int16, dtypes.int8, dtypes.uint16, dtypes.uint8, dtypes.qint8, dtypes.quint8,
    dtypes.qint16, dtypes.quint16, dtypes.qint32)})


# ----------------------------------------------------------------------------------------------------
# Shapes
# ----------------------------------------------------------------------------------------------------


def shape_to_proto(shape: Any) -> Any:
    """Returns a `TensorShapeProto` for what `tf.TensorShape` takes; -1 stands for an unknown size."""
    return as_shape(shape).as_proto()


def shape_from_proto(message: Any) -> TensorShape:
    """Returns the shape that a `TensorShapeProto` holds.

    Raises:
      ValueError: if a size is less than -1.
    """
    return TensorShape(message)


# ----------------------------------------------------------------------------------------------------
# Python values -> arrays
# ----------------------------------------------------------------------------------------------------


def _leaves(values: Any) -> Iterable[Any]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _leaves(value)
    else:
        yield values


def _accepts(dtype: DType, value: Any) -> bool:
    """Whether one Python element may become an element of the type: no silent float -> int."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind not in "OUS" or dtype is dtypes.string
    if dtype.is_integer:
        return isinstance(value, (numbers.Integral, np.integer, Dimension))
    if dtype.is_floating:
        real = isinstance(value, (numbers.Real, np.integer, np.floating))
        return real or type(value).__name__ == "bfloat16"
    if dtype.is_complex:
        return isinstance(value, (numbers.Complex, np.number))
    if dtype.is_bool:
        return isinstance(value, (bool, np.bool_))
    if dtype is dtypes.string:
        return isinstance(value, (str, bytes))
    if dtype.is_quantized:
        return isinstance(value, (numbers.Integral, np.integer, tuple))
    return True


def _check_compatible(values: Any, dtype: DType | None) -> None:
    for value in _leaves(values):
        if dtype is None:
            if hasattr(value, "op") and hasattr(value, "graph"):  # a Tensor, known by its fields
                raise TypeError("List of Tensors when single Tensor expected")
        elif not _accepts(dtype, value):
            raise TypeError(
                f"Expected {dtype.name}, got {value!r} of type '{type(value).__name__}' instead.")


def _bytes_of(value: Any, values: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8")
    raise TypeError(
        f"Failed to convert object of type {type(values)} to Tensor. Contents: {values}. Consider casting "
        "elements to a supported type.")


def _strings(array: Array, values: Any) -> Array:
    """An object array of bytes."""
    result = np.empty(array.shape, object)
    flat = result.reshape(-1)
    for index, value in enumerate(array.reshape(-1).tolist()):
        flat[index] = _bytes_of(value, values)
    return result


def _dense_dimensions(values: Any) -> list[int]:
    """The shape that the first elements of nested lists suggest."""
    dimensions: list[int] = []
    while isinstance(values, (list, tuple)):
        dimensions.append(len(values))
        if not values:
            return dimensions
        values = values[0]
    return dimensions + list(np.shape(values))


def _not_dense(values: Any, got: Any) -> ValueError:
    return ValueError(
        f"Argument must be a dense tensor: {values} - got shape {got}, "
        f"but wanted {_dense_dimensions(values)}.")


def _from_python(values: Any, dtype: DType | None, shape: Any) -> Array:
    wanted = dtype.base_dtype.np_dtype if dtype is not None and dtype.is_numpy_compatible else None
    if shape is not None and np.prod(shape, dtype=np.int64) == 0:
        return np.empty(tuple(int(dim) for dim in shape), wanted)
    _check_compatible(values, dtype)
    strings = dtype is dtypes.string or (
        dtype is None and any(isinstance(value, (str, bytes)) for value in _leaves(values)))
    try:
        # Objects keep trailing zero bytes, which NumPy's own string types drop.
        array = np.array(values, dtype=object if strings else None)
    except ValueError:
        raise _not_dense(values, "a ragged nest") from None
    if strings:
        if list(array.shape) != _dense_dimensions(values):
            raise _not_dense(values, list(array.shape))
        return _strings(array, values)
    quantized = dtype is not None and dtype.is_quantized
    if not quantized and list(array.shape) != _dense_dimensions(values):
        raise _not_dense(values, list(array.shape))
    if wanted is not None:
        return array.astype(wanted, copy=False)
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype == np.int64:
        narrow = array.astype(np.int32)
        return narrow if np.array_equal(narrow, array) else array
    return array


def as_array(values: Any, dtype: Any = None, shape: Any = None) -> tuple[Array, DType]:
    """Returns the array that `values` stands for, with its element type, by the rules of TensorFlow 1.15.

    Python floats become float32, Python ints int32 where they fit (else int64); NumPy values keep their type.

    Args:
      values: A number, string, nested lists of them, or a NumPy value.
      dtype: The wanted type, or None.
      shape: The wanted shape, only to allow an empty one.

    Returns:
      (array, DType); strings are an object array of bytes.

    Raises:
      TypeError: if an element does not fit the type.
      ValueError: if `values` is None or ragged.

    Example:
      >>> from core.proto.tensors import as_array
      >>> as_array([1, 2])
      (array([1, 2], dtype=int32), tf.int32)
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    if not isinstance(values, (bytes, str, list, tuple)) and (
            callable(getattr(values, "__array__", None)) or isinstance(values, (memoryview, bytearray))):
        values = np.asarray(values)
    if values is None:
        raise ValueError("None values not supported.")
    if not isinstance(values, np.ndarray):
        array = _from_python(values, wanted, shape)
    elif wanted is dtypes.string or values.dtype.kind in "OUS":
        array = _strings(values, values) if wanted in (None, dtypes.string) else values
    elif values.dtype.names is not None:  # TensorFlow's structured form of quantised numbers
        wanted = wanted or as_dtype(values.dtype)
        array = values[values.dtype.names[0]]
    else:
        array = values if wanted is None else values.astype(wanted.np_dtype, copy=False)
    found = wanted if wanted is not None and wanted.is_quantized else as_dtype(array.dtype)
    if wanted is not None and wanted != found:
        raise TypeError(f"Incompatible types: {wanted} vs. {array.dtype}. Value is {values}")
    return array, found


# ----------------------------------------------------------------------------------------------------
# Arrays <-> messages
# ----------------------------------------------------------------------------------------------------


def _list_of(array: Array, dtype: DType) -> list[Any]:
    """The elements as the `*_val` field of the type takes them."""
    flat = array.ravel()
    if dtype in _SIXTEEN_BITS:
        return flat.view(np.uint16).tolist()
    if dtype.is_complex:
        return np.stack([flat.real, flat.imag], axis=-1).ravel().tolist()
    if dtype is dtypes.string:
        return [_bytes_of(value, array) for value in flat.tolist()]
    return flat.tolist()


def _little_endian(array: Array) -> Array:
    return array if array.dtype.byteorder != ">" else array.astype(array.dtype.newbyteorder("<"))


def _is_one_value(array: Array) -> bool:
    """Whether all elements are the same bits, and saying so once is worth while."""
    if array.size < 2 or array.dtype.hasobject:
        return False
    if not any(array.strides[axis] for axis in range(array.ndim) if array.shape[axis] > 1):
        return True  # a broadcast scalar, as `tf.constant(0.0, shape=[...])` gives
    if array.nbytes < _COMPRESS_FROM:
        return False
    first = array.flat[0].tobytes()
    sample = (*range(1, min(array.size, 8)), *range(0, array.size, array.size // 16 | 1), array.size - 1)
    if any(array.flat[at].tobytes() != first for at in sample):
        return False  # nearly all arrays, at little cost
    rows = np.ascontiguousarray(array).reshape(-1).view(np.uint8).reshape(array.size, array.itemsize)
    return bool((rows == rows[0]).all())


def tensor_to_proto(array: Any, dtype: Any = None) -> Any:
    """Returns the `TensorProto` of an array, e.g. for the attribute `value` of a Const node.

    Args:
      array: A NumPy array; strings as an object array of bytes or str.
      dtype: Its element type where NumPy can't say it (quantised types).

    Raises:
      TypeError: if the element type has no place in a message.
      ValueError: if it is larger than 2 GB.

    Example:
      >>> from core.proto.tensors import tensor_to_proto
      >>> tensor_to_proto(np.array([1, 2], np.int16)).tensor_content
      b'\\x01\\x00\\x02\\x00'
    """
    array = np.asarray(array)
    kind = as_dtype(array.dtype if dtype is None else dtype).base_dtype
    one_value = _is_one_value(array)
    return _message(array.reshape(-1)[:1] if one_value else array, kind, array.shape, not one_value)


def _message(array: Array, dtype: DType, shape: Iterable[int], same_size: bool) -> Any:
    message = proto.TensorProto(
        dtype=dtype.as_datatype_enum,
        tensor_shape=proto.TensorShapeProto(dim=[proto.TensorShapeProto.Dim(size=int(dim)) for dim in shape]))
    if same_size and array.size > 1 and dtype in _CONTENT:
        if array.nbytes >= _LIMIT:
            raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
        message.tensor_content = _little_endian(array).tobytes()
        return message
    field = _FIELD.get(dtype)
    if field is None:
        raise TypeError(f"Element type not supported in TensorProto: {dtype.name}")
    getattr(message, field).extend(_list_of(array, dtype))
    return message


def make_tensor_proto(
    values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> Any:
    """Makes a `TensorProto` of numbers, strings, nested lists of them, or a NumPy value.

    Args:
      values: What to hold. A `TensorProto` is returned as it is.
      dtype: The element type; None: Python floats become float32, ints int32 where they fit.
      shape: The shape; where it has more elements than `values`, the last value stands for the rest.
      verify_shape: The shape of `values` must equal `shape`.
      allow_broadcast: A scalar or a vector of one element may be given for any shape.

    Returns:
      The `TensorProto`.

    Raises:
      TypeError: if an element does not fit the type, or the shape is not as wanted.
      ValueError: if `values` is None or ragged, or there are too many elements.

    Example:
      >>> from core.proto.tensors import make_ndarray, make_tensor_proto
      >>> make_ndarray(make_tensor_proto(3.0, shape=[1, 2]))
      array([[3., 3.]], dtype=float32)
    """
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both allowed.")
    if isinstance(values, proto.TensorProto):
        return values
    if shape is not None:
        shape = tuple(int(dim) for dim in shape)
    array, found = as_array(values, dtype, shape)
    if shape is None:
        return _message(array, found, array.shape, True)
    size = int(np.prod(shape, dtype=np.int64))
    if allow_broadcast:
        if array.shape not in ((1,), ()) and array.size != size:
            raise TypeError(f"Expected Tensor's shape: {shape}, got {array.shape}.")
    else:
        if verify_shape and array.shape != shape:
            raise TypeError(f"Expected Tensor's shape: {shape}, got {array.shape}.")
        if array.size > size:
            raise ValueError(
                f"Too many elements provided. Needed at most {size:d}, but received {array.size:d}")
    return _message(array, found, shape, array.size == size)


def make_ndarray(tensor: Any) -> Array:
    """Makes a NumPy array of a `TensorProto`.

    Args:
      tensor: The message. A list of values shorter than the shape is filled up with its last value, an empty
        one with zeros.

    Returns:
      A new array; strings are an object array of bytes, quantised numbers plain integers.

    Raises:
      TypeError: if the element type is unknown or has no NumPy type.
      ValueError: if shape and contents do not fit.

    Example:
      >>> from core.proto.tensors import make_ndarray, make_tensor_proto
      >>> make_ndarray(make_tensor_proto([[1, 2], [3, 4]]))
      array([[1, 2],
             [3, 4]], dtype=int32)
    """
    try:
        dtype = as_dtype(tensor.dtype).base_dtype
        field = _FIELD[dtype]
    except (KeyError, TypeError):
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}") from None
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.tensor_shape.unknown_rank or any(dim < 0 for dim in shape):
        raise ValueError(f"A TensorProto needs a known shape, got {shape_text(tensor.tensor_shape)}.")
    count = 1
    for dim in shape:
        count *= dim
    numpy_type = dtype.np_dtype
    if count * numpy_type.itemsize > _ABSURD:
        raise ValueError(f"A TensorProto of {dtype.name} and shape {shape} is damaged: no memory holds it.")
    content = tensor.tensor_content
    if content:
        if dtype is dtypes.string or len(content) != count * numpy_type.itemsize:
            raise ValueError(
                f"A TensorProto of {dtype.name} and shape {shape} has {len(content)} bytes of content; "
                f"wanted {'none' if dtype is dtypes.string else count * numpy_type.itemsize}. It is damaged.")
        return np.frombuffer(content, numpy_type.newbyteorder("<")).astype(numpy_type).reshape(shape)
    return _filled(_values(getattr(tensor, field), dtype), count, shape, dtype)


def shape_text(message: Any) -> str:
    """Returns a `TensorShapeProto` in words, whatever it holds."""
    return "an unknown rank" if message.unknown_rank else str([dim.size for dim in message.dim])


def _values(field: Any, dtype: DType) -> Array:
    """The elements of a `*_val` field."""
    if dtype in _SIXTEEN_BITS:
        return np.array(field, np.int64).astype(np.uint16).view(dtype.np_dtype)
    if dtype.is_complex:
        pairs = np.array(field, dtype.real_dtype.np_dtype)
        return pairs[:len(pairs) & ~1].view(dtype.np_dtype)
    if dtype is dtypes.string:
        values = np.empty(len(field), object)
        values[:] = field
        return values
    if _FIELD[dtype] == "int_val":
        return np.array(field, np.int64).astype(dtype.np_dtype)
    return np.array(field, dtype.np_dtype)


def _filled(values: Array, count: int, shape: tuple[int, ...], dtype: DType) -> Array:
    if len(values) == count:
        return values.reshape(shape)
    if len(values) > count:
        raise ValueError(
            f"A TensorProto of {dtype.name} and shape {shape} holds {len(values)} values; wanted {count}.")
    result = np.empty(count, values.dtype)
    result[:len(values)] = values
    result[len(values):] = values[-1] if len(values) else (b"" if dtype is dtypes.string else 0)
    return result.reshape(shape)
