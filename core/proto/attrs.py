"""Attribute values of nodes <-> AttrValue messages, guided by the attribute's type text ("int",
"list(shape)", ...).

Ground floor: imports `core.dtypes`, `core.shapes` and its neighbours only. Decoded values are what
`Operation.attrs` holds: int, float, bool, str (bytes where it is no UTF-8), DType, TensorShape, array,
function name, or a list of one of these.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from core import proto
from core.dtypes import DType, as_dtype
from core.proto.tensors import make_ndarray, shape_from_proto, shape_to_proto, tensor_to_proto
from core.shapes import TensorShape

__all__ = ["attr_from_proto", "attr_to_proto", "attr_type_of", "set_attr"]

# attribute type -> field of AttrValue and of AttrValue.ListValue
_FIELDS = {
    "string": "s", "int": "i", "float": "f", "bool": "b", "type": "type", "shape": "shape",
    "tensor": "tensor", "func": "func",
}
_TYPES = {field: kind for kind, field in _FIELDS.items()}


def attr_type_of(value: Any) -> str:
    """Returns the attribute type that a Python value suggests, for attributes that no OpDef declares.

    Raises:
      TypeError: if a value of that Python type can't be an attribute.

    Example:
      >>> from core.proto.attrs import attr_type_of
      >>> attr_type_of([b"loc:@v"]), attr_type_of(True), attr_type_of(2.5)
      ('list(string)', 'bool', 'float')
    """
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (str, bytes)):
        return "string"
    if isinstance(value, numbers.Integral):
        return "int"
    if isinstance(value, numbers.Real):
        return "float"
    if isinstance(value, DType):
        return "type"
    if isinstance(value, TensorShape):
        return "shape"
    if isinstance(value, np.ndarray):
        return "tensor"
    if isinstance(value, (list, tuple)):
        return f"list({attr_type_of(value[0])})" if value else "list(string)"
    if getattr(value, "name", None) is not None:
        return "func"
    raise TypeError(f"A {type(value).__name__} can't be the value of an attribute: {value!r}")


def _function(value: Any) -> Any:
    if isinstance(value, proto.NameAttrList):
        return value
    name = value if isinstance(value, (str, bytes)) else value.name
    return proto.NameAttrList(name=name)


def _encode(kind: str, value: Any) -> Any:
    """One value in the form in which the field of its type takes it."""
    if kind == "string":
        return value.encode("utf-8") if isinstance(value, str) else bytes(value)
    if kind == "int":
        return int(value)
    if kind == "float":
        return float(value)
    if kind == "bool":
        return bool(value)
    if kind == "type":
        return as_dtype(value).as_datatype_enum
    if kind == "shape":
        return value if isinstance(value, proto.TensorShapeProto) else shape_to_proto(value)
    if kind == "tensor":
        return value if isinstance(value, proto.TensorProto) else tensor_to_proto(value)
    if kind == "func":
        return _function(value)
    raise ValueError(f"Unknown attribute type {kind!r}; known are {', '.join(_FIELDS)} and lists of them.")


def set_attr(message: Any, value: Any, attr_type: str | None = None) -> None:
    """Writes a Python value into an AttrValue message; arguments as of `attr_to_proto`."""
    if isinstance(value, proto.AttrValue):
        message.CopyFrom(value)
        return
    kind = attr_type_of(value) if attr_type is None else attr_type
    if kind.startswith("list("):
        element = kind[5:-1]
        items = [_encode(element, item) for item in value]
        message.list.SetInParent()
        if items:
            getattr(message.list, _FIELDS[element]).extend(items)
        return
    encoded = _encode(kind, value)
    if kind in ("shape", "tensor", "func"):
        getattr(message, _FIELDS[kind]).CopyFrom(encoded)
    else:
        setattr(message, _FIELDS[kind], encoded)


def attr_to_proto(value: Any, attr_type: str | None = None) -> Any:
    """Returns the `AttrValue` of a Python value.

    Args:
      value: The decoded value (see the top of this file); messages of the right kind are taken as they are.
      attr_type: The type text of the attribute; None: what the value suggests.

    Raises:
      TypeError, ValueError: if the value does not fit the type.

    Example:
      >>> from core.proto.attrs import attr_to_proto
      >>> attr_to_proto(tf.float32, "type").type
      1
    """
    message = proto.AttrValue()
    set_attr(message, value, attr_type)
    return message


def _decode(kind: str, value: Any) -> Any:
    if kind == "string":
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value
    if kind == "type":
        return as_dtype(value)
    if kind == "shape":
        return shape_from_proto(value)
    if kind == "tensor":
        return make_ndarray(value)
    if kind == "func" and not value.attr:
        return value.name
    return value


def attr_from_proto(message: Any, attr_type: str | None = None) -> Any:
    """Returns the Python value of an `AttrValue`.

    Args:
      message: The message.
      attr_type: The type text of the attribute; None: what the message says (an empty list is just []).

    Returns:
      The decoded value; a function with attributes stays a `NameAttrList`.

    Raises:
      ValueError: if the message holds nothing or another type.
      TypeError: if it holds an element type that is unknown here.

    Example:
      >>> from core.proto.attrs import attr_from_proto, attr_to_proto
      >>> attr_from_proto(attr_to_proto([2, 3], "list(int)"), "list(int)")
      [2, 3]
    """
    held = message.WhichOneof("value")
    if held is None:
        if attr_type is not None and attr_type.startswith("list("):
            return []  # some writers leave an empty list out
        raise ValueError("the attribute has no value")
    if held == "placeholder":
        raise ValueError(
            f"it stands for the attribute {message.placeholder!r} of a function, which was not given")
    if held != "list":
        kind = _TYPES[held]
        if attr_type is not None and kind != attr_type:
            raise ValueError(f"the attribute holds a value of type '{kind}', wanted '{attr_type}'")
        return _decode(kind, getattr(message, held))
    filled = [(_TYPES[field.name], values) for field, values in message.list.ListFields()]
    if attr_type is not None:
        if not attr_type.startswith("list("):
            raise ValueError(f"the attribute holds a list, wanted '{attr_type}'")
        kind = attr_type[5:-1]
        if any(other != kind for other, _ in filled):
            raise ValueError(f"the attribute holds a list of type '{filled[0][0]}', wanted '{attr_type}'")
    return [_decode(kind, value) for kind, values in filled for value in values]
