"""The types of tensor elements: `tf.float32` and its family, under TensorFlow's names and numbers.

Ground floor: imports NumPy only. `ml_dtypes` (for bfloat16) loads when bfloat16 is first asked for its NumPy
type. A DType is a singleton (`DType(1) is float32`), its facts are plain slots, so that shape rules and
planners read them at the price of an attribute.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

__all__ = [
    "QUANTIZED_DTYPES",
    "DType",
    "as_dtype",
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "double",
    "float16",
    "float32",
    "float64",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "qint8",
    "qint16",
    "qint32",
    "quint8",
    "quint16",
    "resource",
    "string",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "variant",
]

_REF_OFFSET = 100

# number, name, NumPy type at run time, kind. The numbers are those of tensorflow/core/framework/types.proto.
# Kinds: f float, i signed, u unsigned, c complex, b bool, s string, q quantised, o opaque (a handle).
_TABLE: tuple[tuple[int, str, Any, str], ...] = (
    (1, "float32", np.float32, "f"),
    (2, "float64", np.float64, "f"),
    (3, "int32", np.int32, "i"),
    (4, "uint8", np.uint8, "u"),
    (5, "int16", np.int16, "i"),
    (6, "int8", np.int8, "i"),
    (7, "string", object, "s"),
    (8, "complex64", np.complex64, "c"),
    (9, "int64", np.int64, "i"),
    (10, "bool", np.bool_, "b"),
    (11, "qint8", np.int8, "q"),
    (12, "quint8", np.uint8, "q"),
    (13, "qint32", np.int32, "q"),
    (14, "bfloat16", None, "f"),
    (15, "qint16", np.int16, "q"),
    (16, "quint16", np.uint16, "q"),
    (17, "uint16", np.uint16, "u"),
    (18, "complex128", np.complex128, "c"),
    (19, "float16", np.float16, "f"),
    (20, "resource", np.object_, "o"),
    (21, "variant", np.object_, "o"),
    (22, "uint32", np.uint32, "u"),
    (23, "uint64", np.uint64, "u"),
)
_ALIASES = {"half": 19, "float": 1, "double": 2}

# Ranges that images use (tf.image.convert_image_dtype), from skimage by way of TensorFlow.
_LIMITS: dict[str, tuple[Any, Any]] = {
    "bool": (False, True),
    "uint8": (0, 255),
    "uint16": (0, 65535),
    "int8": (-128, 127),
    "int16": (-32768, 32767),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "float32": (-1, 1),
    "float64": (-1, 1),
}

_INTERN: dict[int, DType] = {}  # by number; filled once at the end of this file


class DType:
    """The type of a tensor's elements.

    Args:
        type_enum: The number of the type in TensorFlow's `types.proto`.

    Raises:
        TypeError: if there is no type of that number.

    Example:
        >>> float32, str(float32), float32 == "float", float32.as_numpy_dtype
        (tf.float32, "<dtype: 'float32'>", True, <class 'numpy.float32'>)
    """

    __slots__ = (
        "_kind",
        "_np_dtype",
        "_np_type",
        "_type_enum",
        "base_dtype",
        "is_bool",
        "is_complex",
        "is_floating",
        "is_integer",
        "is_numpy_compatible",
        "is_quantized",
        "is_unsigned",
        "name",
        "real_dtype",
    )

    if TYPE_CHECKING:  # the slots, for type checkers and readers
        _kind: str
        _np_dtype: np.dtype[Any] | None
        _np_type: Any
        _type_enum: int
        base_dtype: DType
        is_bool: builtins.bool
        is_complex: builtins.bool
        is_floating: builtins.bool
        is_integer: builtins.bool
        is_numpy_compatible: builtins.bool
        is_quantized: builtins.bool
        is_unsigned: builtins.bool
        name: str
        real_dtype: DType

    def __new__(cls, type_enum: int) -> DType:
        known = _INTERN.get(int(type_enum))
        if known is None:
            raise TypeError(f"type_enum is not a valid types_pb2.DataType: {type_enum!r}")
        return known

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"A DType is a constant: {self.name}.{name} can't be set.")

    @property
    def as_datatype_enum(self) -> int:
        """The number of the type in TensorFlow's `types.proto`; references are 100 higher."""
        return self._type_enum

    @property
    def _is_ref_dtype(self) -> builtins.bool:
        return self._type_enum > _REF_OFFSET

    @property
    def _as_ref(self) -> DType:
        """The type of a reference to this type (that of a variable's ref tensor)."""
        if self._type_enum > _REF_OFFSET:
            return self
        return _INTERN[self._type_enum + _REF_OFFSET]

    @property
    def as_numpy_dtype(self) -> Any:
        """The NumPy scalar type such as `np.float32`; for quantised types TensorFlow's structured dtype."""
        kind = self._kind
        if kind == "q":
            name = self.base_dtype.name
            return np.dtype([(name, self._np_type)])
        if kind == "o":
            raise KeyError(f"{self.name} has no NumPy type: its values live in the session only.")
        if self._np_type is None:
            return self.np_dtype.type
        return self._np_type

    @property
    def np_dtype(self) -> np.dtype[Any]:
        """The `np.dtype` of arrays at run time: plain integers for quantised types, object for strings."""
        found = self._np_dtype
        if found is None:
            from ml_dtypes import bfloat16 as numpy_bfloat16  # optional at start: keeps `import core` fast

            found = np.dtype(numpy_bfloat16)
            object.__setattr__(self, "_np_dtype", found)
        return found

    @property
    def min(self) -> Any:
        """The least finite value.

        Raises:
            TypeError: for types without order and for quantised types.
        """
        return self._extreme("minimum").min

    @property
    def max(self) -> Any:
        """The greatest finite value.

        Raises:
            TypeError: for types without order and for quantised types.
        """
        return self._extreme("maximum").max

    def _extreme(self, which: str) -> Any:
        if self.is_integer:
            return np.iinfo(self.np_dtype)
        if not self.is_floating:
            raise TypeError(f"Cannot find {which} value of {self}.")
        if self._np_type is None:
            from ml_dtypes import finfo  # only for bfloat16, which needs ml_dtypes anyway

            return finfo(self.np_dtype)  # type: ignore[no-untyped-call, unused-ignore]  # its stubs vary
        return np.finfo(self._np_type)

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range of intensities of an image of this type, from 0 (negative values are clipped).

        Raises:
            ValueError: for types that images don't have.
        """
        try:
            return 0, _LIMITS[self.base_dtype.name][1]
        except KeyError:
            raise ValueError(f"{self} does not have defined limits.") from None

    @property
    def size(self) -> int:
        """The bytes of one element (1 for resource and variant, as in TensorFlow)."""
        return 1 if self._kind == "o" else self.np_dtype.itemsize

    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Tells whether a tensor of type `other` is taken for this type: the same, or a reference to it."""
        other = as_dtype(other)
        return self is other or self is other.base_dtype

    def __eq__(self, other: object) -> builtins.bool:
        if other is self:
            return True
        if other is None or other.__class__ is DType:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __ne__(self, other: object) -> builtins.bool:
        return not self == other

    def __hash__(self) -> int:
        return self._type_enum

    def __int__(self) -> int:
        return self._type_enum

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


def _make(number: int, name: str, np_type: Any, kind: str, base: DType | None) -> DType:
    """Makes one DType; the slots are written past `__setattr__`, which keeps everybody else out."""
    made = object.__new__(DType)
    quantised, opaque = kind == "q", kind == "o"
    facts: dict[str, Any] = {
        "_kind": kind,
        "_np_dtype": None if np_type is None else np.dtype(np_type),
        "_np_type": np_type,
        "_type_enum": number,
        "base_dtype": made if base is None else base,
        "is_bool": kind == "b",
        "is_complex": kind == "c",
        "is_floating": kind == "f",
        "is_integer": kind in "iu",
        "is_numpy_compatible": not opaque,
        "is_quantized": quantised,
        "is_unsigned": kind == "u",
        "name": name,
        "real_dtype": made,
    }
    for slot, value in facts.items():
        object.__setattr__(made, slot, value)
    _INTERN[number] = made
    return made


for _number, _name, _np_type, _kind in _TABLE:
    _base = _make(_number, _name, _np_type, _kind, None)
    _make(_number + _REF_OFFSET, _name + "_ref", _np_type, _kind, _base)

float32, float64, int32, uint8, int16, int8, string, complex64, int64 = (_INTERN[n] for n in range(1, 10))
bool, qint8, quint8, qint32, bfloat16, qint16, quint16, uint16 = (_INTERN[n] for n in range(10, 18))
complex128, float16, resource, variant, uint32, uint64 = (_INTERN[n] for n in range(18, 24))
half, double = float16, float64

float32_ref, float64_ref, int32_ref, uint8_ref, int16_ref = (_INTERN[n] for n in range(101, 106))
int8_ref, string_ref, complex64_ref, int64_ref, bool_ref = (_INTERN[n] for n in range(106, 111))
qint8_ref, quint8_ref, qint32_ref, bfloat16_ref, qint16_ref = (_INTERN[n] for n in range(111, 116))
quint16_ref, uint16_ref, complex128_ref, float16_ref = (_INTERN[n] for n in range(116, 120))
resource_ref, variant_ref, uint32_ref, uint64_ref = (_INTERN[n] for n in range(120, 124))

for _complex, _real in ((complex64, float32), (complex128, float64)):
    object.__setattr__(_complex, "real_dtype", _real)
    object.__setattr__(_complex._as_ref, "real_dtype", _real)

QUANTIZED_DTYPES = frozenset(_found for _found in _INTERN.values() if _found.is_quantized)

# Everything hashable that names a type: numbers, names, NumPy scalar types, structured dtypes, Python types.
_ANY: dict[Any, DType] = dict(_INTERN)
_ANY.update({_found.name: _found for _found in _INTERN.values()})
for _name, _number in _ALIASES.items():
    _ANY[_name] = _INTERN[_number]
    _ANY[_name + "_ref"] = _INTERN[_number + _REF_OFFSET]
_NUMPY: dict[Any, DType] = {row[2]: _INTERN[row[0]] for row in _TABLE if row[3] in "fiucb" and row[2]}
_NUMPY.update({np.object_: string, np.bytes_: string, np.str_: string})
for _c_type in (np.intc, np.uintc, np.int_, np.uint, np.longlong, np.ulonglong):  # may be types of their own
    _NUMPY.setdefault(_c_type, _NUMPY[np.dtype(f"{np.dtype(_c_type).kind}{np.dtype(_c_type).itemsize}").type])
_ANY.update(_NUMPY)
_ANY.update({_found.as_numpy_dtype: _found for _found in (qint8, quint8, qint16, quint16, qint32)})
# TensorFlow takes float, bool and object only; the others get the type that a constant of theirs has.
_ANY.update({float: float32, builtins.bool: bool, object: string})
_ANY.update({int: int32, complex: complex128, str: string, bytes: string})


def _of_numpy_type(scalar_type: Any) -> DType | None:
    found = _NUMPY.get(scalar_type)
    if found is None and getattr(scalar_type, "__name__", None) == "bfloat16":
        return bfloat16  # known by name: ml_dtypes need not be loaded to ask
    return found


def as_dtype(type_value: Any) -> DType:
    """Gives the DType that `type_value` names.

    Args:
        type_value: A DType, a number of `types.proto`, a name (`"float32"`, `"double"`, `"int32_ref"`), a
            NumPy dtype or scalar type, a Python type, or anything with a `dtype` (an array).

    Returns:
        The DType (always the one object of its kind).

    Raises:
        TypeError: if it names no type.

    Example:
        >>> as_dtype("float"), as_dtype(np.int64), as_dtype(10), as_dtype(np.zeros(3))
        (tf.float32, tf.int64, tf.bool, tf.float64)
    """
    if type_value.__class__ is DType:
        return type_value
    found: DType | None
    if isinstance(type_value, np.dtype):
        found = _of_numpy_type(type_value.type)
        if found is not None:
            return found
    try:
        if not isinstance(type_value, np.generic):  # np.float32(3) would hit the number 3
            return _ANY[type_value]
    except (KeyError, TypeError):  # TypeError: not hashable
        pass
    if isinstance(type_value, type):
        found = _of_numpy_type(type_value)
    else:
        dtype = getattr(type_value, "dtype", None)
        if dtype.__class__ is DType:
            return dtype  # a Tensor or a Variable
        found = None if dtype is None else _of_numpy_type(getattr(dtype, "type", None))
    if found is None:
        raise TypeError(f"Cannot convert value {type_value!r} to a TensorFlow DType.")
    return found
