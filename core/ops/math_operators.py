"""The Python operators of tensors: `x + y`, `x @ y`, `-x`, `x < y`, ... and the names that their nodes bear.

`==` and `!=` compare objects, as in TensorFlow 1.15; `tf.equal` compares values.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import string
from core.graph import SparseTensor, Tensor, apply_op, convert_to_tensor, name_scope, override_operator
from core.ops.math_binary import _truediv
from core.ops.math_compare import logical_xor

__all__: list[str] = []

# Operands that we must understand ourselves; other classes may bring the reflected operator.
_PLAIN = (bool, int, float, complex, str, bytes, list, builtins.tuple, np.ndarray, np.generic)


def _leaves(error: Exception, y: Any, reflected: str) -> bool:
    """True if the failed conversion of `y` leaves the operation to the class of `y`."""
    return isinstance(error, TypeError) and not isinstance(y, (*_PLAIN, Tensor)) and hasattr(type(y), reflected)


def _set_binary(python_name: str, build: Callable[[Any, Any, str], Any]) -> None:
    """Sets ``__name__`` and ``__rname__``; the node is called `python_name`."""
    reflected = f"__r{python_name}__"

    def operator(x: Tensor, y: Any) -> Any:
        if isinstance(y, SparseTensor) and hasattr(SparseTensor, reflected):
            return NotImplemented
        try:
            return build(x, y, python_name)
        except TypeError as error:
            if _leaves(error, y, reflected):
                return NotImplemented
            raise

    def from_the_right(y: Tensor, x: Any) -> Any:
        return build(x, y, python_name)

    operator.__name__ = f"__{python_name}__"
    from_the_right.__name__ = reflected
    override_operator(f"__{python_name}__", operator)
    override_operator(reflected, from_the_right)


def _node(op_type: str) -> Callable[[Any, Any, str], Any]:
    """A node of `op_type`; an operand that is no tensor becomes a constant of the other's type."""
    def build(x: Any, y: Any, name: str) -> Any:
        if isinstance(x, Tensor):
            return apply_op(op_type, x, y, name=name)
        with name_scope(None, name, [y]) as scope:
            return apply_op(op_type, convert_to_tensor(x, y.dtype.base_dtype, "x"), y, name=scope)
    return build


def _add(x: Any, y: Any, name: str) -> Any:
    tensor = x if isinstance(x, Tensor) else y
    return _ADD_STRINGS(x, y, name) if tensor.dtype.base_dtype is string else _ADD(x, y, name)


_ADD, _ADD_STRINGS = _node("AddV2"), _node("Add")


def _divide(x: Any, y: Any, name: str) -> Any:
    with name_scope(None, name, [x, y]) as scope:
        if not isinstance(y, Tensor):
            y = convert_to_tensor(y, name="y", dtype_hint=x.dtype.base_dtype)
        elif not isinstance(x, Tensor):
            x = convert_to_tensor(x, y.dtype.base_dtype, "x")
        return _truediv(x, y, scope)


def _xor(x: Any, y: Any, name: str) -> Any:
    with name_scope(None, name, [x, y]) as scope:
        return logical_xor(convert_to_tensor(x, name="x"), convert_to_tensor(y, name="y"), name=scope)


_set_binary("add", _add)
_set_binary("sub", _node("Sub"))
_set_binary("mul", _node("Mul"))
_set_binary("div", _divide)
_set_binary("truediv", _divide)
_set_binary("floordiv", _node("FloorDiv"))
_set_binary("mod", _node("FloorMod"))
_set_binary("pow", _node("Pow"))
_set_binary("and", _node("LogicalAnd"))
_set_binary("or", _node("LogicalOr"))
_set_binary("xor", _xor)


def _set_comparison(python_name: str, op_type: str) -> None:
    def operator(x: Tensor, y: Any) -> Any:
        return apply_op(op_type, x, y)
    operator.__name__ = f"__{python_name}__"
    override_operator(operator.__name__, operator)


_set_comparison("lt", "Less")
_set_comparison("le", "LessEqual")
_set_comparison("gt", "Greater")
_set_comparison("ge", "GreaterEqual")


def _neg(x: Tensor) -> Tensor:
    return apply_op("Neg", x)


def _abs(x: Tensor) -> Tensor:
    if x.dtype.is_complex:
        return apply_op("ComplexAbs", x, Tout=x.dtype.real_dtype, name="Abs")
    return apply_op("Abs", x)


def _invert(x: Tensor) -> Tensor:
    return apply_op("LogicalNot", x)


override_operator("__neg__", _neg)
override_operator("__abs__", _abs)
override_operator("__invert__", _invert)
