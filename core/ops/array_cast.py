"""Ops that change the type of elements: cast, saturate_cast, bitcast and the old `to_*` names."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import (
    DType,
    as_dtype,
    bfloat16,
    complex64,
    complex128,
    float32,
    float64,
    int32,
    int64,
)
from core.graph import (
    NO_GRADIENT,
    IndexedSlices,
    SparseTensor,
    Tensor,
    apply_op,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.ops.array_basic import same_shape
from core.shapes import TensorShape, unknown_shape

__all__ = [
    "bitcast", "cast", "saturate_cast", "to_bfloat16", "to_complex128", "to_complex64", "to_double", "to_float",
    "to_int32", "to_int64",
]


# ---------------------------------------------------------------------- Cast

def _cast(xp: Any, x: Any, *, DstT: DType, Truncate: bool = False) -> Any:
    wanted = DstT.np_dtype
    if x.dtype.hasobject or wanted.hasobject:
        if x.dtype.hasobject and wanted.hasobject:
            return x.copy()
        raise NotImplementedError("Cast between strings and numbers is not supported: use tf.strings.to_number or "
                                  "tf.as_string.")
    if x.dtype.kind == "c" and wanted.kind not in "cb":
        x = x.real
    with np.errstate(invalid="ignore", over="ignore"):
        if Truncate and x.dtype.kind == "f" and DstT is bfloat16:
            bits = np.asarray(x, np.float32).view(np.uint32) & np.uint32(0xFFFF0000)
            return bits.view(np.float32).astype(wanted)
        return x.astype(wanted)


def _cast_grad(op: Any, grad: Any) -> Any:
    source, target = op.inputs[0].dtype.base_dtype, op.outputs[0].dtype.base_dtype
    if all(t.is_floating or t.is_complex for t in (source, target)):
        return cast(grad, source)
    return None


define_op("Cast", "x:SrcT", "y:DstT", "SrcT:type; DstT:type; Truncate:bool=False", shape=same_shape, kernel=_cast,
          gradient=_cast_grad)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """Turns the elements of a tensor into another type.

    Floats lose their fraction when they become integers, complex numbers their imaginary part when they become real.

    Args:
      x: Tensor, SparseTensor or IndexedSlices of numbers or booleans.
      dtype: The type wanted.
      name: Name of the operation.

    Returns:
      `x` itself if it has that type already, else what `x` is, of that type.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.cast([1.8, -2.2], tf.int32)))
      [ 1 -2]
    """
    wanted = as_dtype(dtype).base_dtype
    if (isinstance(x, Tensor) or hasattr(x, "_as_graph_element")) and x.dtype == wanted:
        return x
    with name_scope(name, "Cast", [x]) as scope:
        if isinstance(x, SparseTensor):
            return SparseTensor(x.indices, cast(x.values, wanted, name=scope), x.dense_shape)
        if isinstance(x, IndexedSlices):
            return IndexedSlices(cast(x.values, wanted, name=scope), x.indices, x.dense_shape)
        x = convert_to_tensor(x, name="x")
        if x.dtype.base_dtype is wanted:
            return x
        return apply_op("Cast", x, DstT=wanted, name=scope)


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """Casts safely: values outside the range of the new type become its least or greatest value.

    Args:
      value: Tensor of real numbers.
      dtype: The type wanted.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.saturate_cast([-3, 200, 300], tf.uint8)))
      [  0 200 255]
    """
    with name_scope(name, "saturate_cast", [value]) as scope:
        value = convert_to_tensor(value, name="value")
        wanted = as_dtype(dtype).base_dtype
        have = value.dtype.base_dtype
        if have.min < wanted.min:
            value = apply_op("Maximum", value, convert_to_tensor(wanted.min, dtype=have, name="min"))
        if have.max > wanted.max:
            value = apply_op("Minimum", value, convert_to_tensor(wanted.max, dtype=have, name="max"))
        return cast(value, wanted, name=scope)


def to_float(x: Any, name: str = "ToFloat") -> Any:
    """Casts to float32 (deprecated; use `cast`)."""
    return cast(x, float32, name=name)


def to_double(x: Any, name: str = "ToDouble") -> Any:
    """Casts to float64 (deprecated; use `cast`)."""
    return cast(x, float64, name=name)


def to_int32(x: Any, name: str = "ToInt32") -> Any:
    """Casts to int32 (deprecated; use `cast`)."""
    return cast(x, int32, name=name)


def to_int64(x: Any, name: str = "ToInt64") -> Any:
    """Casts to int64 (deprecated; use `cast`)."""
    return cast(x, int64, name=name)


def to_bfloat16(x: Any, name: str = "ToBFloat16") -> Any:
    """Casts to bfloat16 (deprecated; use `cast`)."""
    return cast(x, bfloat16, name=name)


def to_complex64(x: Any, name: str = "ToComplex64") -> Any:
    """Casts to complex64 (deprecated; use `cast`)."""
    return cast(x, complex64, name=name)


def to_complex128(x: Any, name: str = "ToComplex128") -> Any:
    """Casts to complex128 (deprecated; use `cast`)."""
    return cast(x, complex128, name=name)


# ---------------------------------------------------------------------- Bitcast

def _bitcast_shape(input: Tensor, *, type: DType) -> TensorShape:
    dims = input.shape.as_tuple()
    if dims is None:
        return unknown_shape()
    have, want = input.dtype.base_dtype.size, type.size
    if have == want:
        return input.shape
    if have > want:
        return TensorShape.from_tuple((*dims, have // want))
    if not dims or dims[-1] not in (None, want // have):
        raise ValueError(f"Cannot bitcast {input.dtype.name} to {type.name}: the last dimension of {input.shape} must "
                         f"be {want // have}")
    return TensorShape.from_tuple(dims[:-1])


def _bitcast(xp: Any, input: Any, *, type: DType) -> Any:
    want = type.np_dtype
    have = input.dtype
    if have.itemsize < want.itemsize and (not input.ndim or input.shape[-1] != want.itemsize // have.itemsize):
        raise ValueError(f"Cannot bitcast from {have} to {want}: the last dimension of {list(input.shape)} must be "
                         f"{want.itemsize // have.itemsize}.")
    whole = np.ascontiguousarray(input)
    if have.itemsize > want.itemsize:
        return whole.reshape((*input.shape, 1)).view(want)
    if have.itemsize < want.itemsize:
        return whole.view(want).reshape(input.shape[:-1])
    return whole.view(want).reshape(input.shape)


_BITS = ("{bfloat16,half,float,double,int64,int32,uint8,uint16,uint32,uint64,int8,int16,complex64,complex128,"
         "qint8,quint8,qint16,quint16,qint32}")
define_op("Bitcast", "input:T", "output:type", f"T:type{_BITS}; type:type{_BITS}", shape=_bitcast_shape,
          kernel=_bitcast, gradient=NO_GRADIENT, view=True)


def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """Reads the bytes of a tensor as elements of another type.

    Args:
      input: Tensor. Smaller elements make a dimension more; larger ones use the last dimension up.
      type: The type to read them as.
      name: Name of the operation.

    Raises:
      ValueError: The last dimension does not fill elements of `type`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(hex(sess.run(tf.bitcast(1.0, tf.uint32))))
      0x3f800000
    """
    return apply_op("Bitcast", input, type=as_dtype(type), name=name)
