"""What an op *is*: its signature, its rules, and the registry of all ops.

An `OpDef` is a kind of node (MatMul); an `Operation` is one node (MatMul_1). The signature texts use the grammar of
TensorFlow's op list: inputs ``"a:T, values:T*N, args:Tin[], var:ref T"``, attributes
``"T:type{float,double}; N:int>=1; axis:int=0"``. They are parsed when an op is first used, so that importing the
package stays fast. This file knows nothing of kernels' engines or of sessions.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.dtypes import DType, as_dtype
from core.shapes import TensorShape, as_shape

__all__ = [
    "MISSING", "NO_GRADIENT", "REGISTRY", "TYPE_SETS", "ArgDef", "AttrDef", "OpDef", "define_op", "get_op_def",
    "group_arguments",
]


class _Marker:
    """A named constant that is not a function."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


NO_GRADIENT: Final = _Marker("NO_GRADIENT")  # the op is known not to be differentiable: gradients stop here
MISSING: Final = _Marker("MISSING")  # nobody has written a gradient: asking for one is an error

# Abbreviations for the type sets that recur in TensorFlow's op list.
TYPE_SETS: Final[dict[str, str]] = {
    "number": "float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,qint16,quint16,"
              "uint16,complex128,half,uint32,uint64",
    "real": "float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64",
    "float": "half,bfloat16,float,double",
    "complex": "complex64,complex128",
    "index": "int32,int64",
}


@dataclass(frozen=True, slots=True)
class ArgDef:
    """One argument of an op: a tensor, N tensors of one type (`number_attr`), or a list of any types (`list_attr`)."""

    name: str
    type_attr: str | None
    dtype: DType | None
    number_attr: str | None = None
    list_attr: str | None = None
    is_ref: bool = False

    @property
    def is_list(self) -> bool:
        return self.number_attr is not None or self.list_attr is not None


@dataclass(frozen=True, slots=True)
class AttrDef:
    """One attribute: type text ("int", "list(type)", ...), default (`MISSING` if it must be given), allowed values."""

    name: str
    type: str
    default: Any
    allowed: tuple[Any, ...] | None
    minimum: int | None

    def convert(self, value: Any, op_type: str) -> Any:
        """Returns `value` in the decoded form that `Operation.attrs` holds; TypeError/ValueError if it does not fit."""
        kind = self.type
        if kind.startswith("list("):
            if not isinstance(value, (list, tuple)):
                if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
                    raise TypeError(f"Expected list for attr {self.name} of op {op_type}, got {value!r}.")
            element = kind[5:-1]
            result: Any = [_convert_scalar(element, v, self.name, op_type) for v in value]
            if self.minimum is not None and len(result) < self.minimum:
                raise ValueError(
                    f"Attr '{self.name}' of '{op_type}' Op passed list of length {len(result)} "
                    f"less than minimum {self.minimum}.")
            checked = result
        else:
            result = _convert_scalar(kind, value, self.name, op_type)
            if self.minimum is not None and result < self.minimum:
                raise ValueError(
                    f"Attr '{self.name}' of '{op_type}' Op passed {result} less than minimum {self.minimum}.")
            checked = (result,)
        if self.allowed is not None:
            for item in checked:
                if item not in self.allowed:
                    self._refuse(item, op_type)
        return result

    def _refuse(self, value: Any, op_type: str) -> None:
        allowed = self.allowed or ()
        if "type" in self.type:
            raise TypeError(
                f"Value passed to parameter '{self.name}' of op '{op_type}' has DataType {value.name} not in list of "
                f"allowed values: {', '.join(sorted(t.name for t in allowed))}")
        raise ValueError(
            f"Attr '{self.name}' of '{op_type}' Op passed string '{value}' not in: "
            + ", ".join(f'"{a}"' for a in sorted(allowed)) + ".")


def _convert_scalar(kind: str, value: Any, name: str, op_type: str) -> Any:
    if kind == "type":
        return as_dtype(value).base_dtype
    if kind == "int":
        if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            return int(value)
        try:
            as_int = int(value)
            if as_int == value or isinstance(value, (bool, np.bool_)):
                return as_int
        except (TypeError, ValueError):
            pass
        raise TypeError(f"Expected int for argument '{name}' of op {op_type}, not {value!r}.")
    if kind == "float":
        try:
            return float(value)
        except (TypeError, ValueError):
            raise TypeError(f"Expected float for argument '{name}' of op {op_type}, not {value!r}.") from None
    if kind == "bool":
        if isinstance(value, (bool, np.bool_, int)):
            return bool(value)
        raise TypeError(f"Expected bool for argument '{name}' of op {op_type}, not {value!r}.")
    if kind == "string":
        if isinstance(value, str):
            return value
        if isinstance(value, bytes):
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                return value
        raise TypeError(f"Expected string for argument '{name}' of op {op_type}, not {value!r}.")
    if kind == "shape":
        return value if isinstance(value, TensorShape) else as_shape(value)
    return value  # tensor (an array), func (a function or its name)


class OpDef:
    """A kind of op: signature and rules. Made by `define_op`; immutable but for its lazily parsed signature."""

    def __init__(
        self, op_type: str, inputs: str, outputs: str, attrs: str, *,
        shape: Callable[..., Any] | None, kernel: Callable[..., Any] | None, gradient: Any, ufunc: str | None,
        kernel_out: Callable[..., Any] | None, prepare: Callable[..., Any] | None, view: bool, stateful: bool,
        context: bool, writes: tuple[str, ...],
    ) -> None:
        self.type = op_type
        self.signature = (inputs, outputs, attrs)
        self.shape_rule = shape
        self.kernel = kernel
        self.gradient = gradient
        self.ufunc = ufunc
        self.kernel_out = kernel_out
        self.prepare = prepare
        self.view = view
        self.stateful = stateful
        self.context = context
        self.writes = writes

    def __getattr__(self, name: str) -> Any:
        # Only reached until the signature has been parsed: the parsed parts then stand in the instance.
        if name in _PARSED:
            self._parse()
            return self.__dict__[name]
        raise AttributeError(name)

    def __repr__(self) -> str:
        return f"<OpDef {self.type}({self.signature[0]}) -> {self.signature[1]}>"

    def _parse(self) -> None:
        inputs, outputs, attrs = self.signature
        attr_defs = {a.name: a for a in (_parse_attr(t) for t in _split(attrs, ";"))}
        self.attrs: dict[str, AttrDef] = attr_defs
        self.inputs: tuple[ArgDef, ...] = tuple(_parse_arg(t, attr_defs) for t in _split(inputs, ","))
        self.outputs: tuple[ArgDef, ...] = tuple(_parse_arg(t, attr_defs) for t in _split(outputs, ","))
        # Attributes that follow from the inputs and need not be given.
        inferred: dict[str, None] = {}
        for arg in self.inputs:
            for attr in (arg.type_attr, arg.number_attr, arg.list_attr):
                if attr is not None:
                    inferred[attr] = None
        self.inferred_attrs: tuple[str, ...] = tuple(inferred)
        self.has_ref_input: bool = any(a.is_ref for a in self.inputs)
        self.has_list_input: bool = any(a.is_list for a in self.inputs)
        self.has_list_output: bool = any(a.is_list for a in self.outputs)
        self.single_output: bool = len(self.outputs) == 1 and not self.has_list_output
        self.shape_attrs: tuple[str, ...] = _wanted(self.shape_rule, attr_defs)
        self.kernel_attrs: tuple[str, ...] = _wanted(self.kernel, attr_defs)
        self.kernel_out_attrs: tuple[str, ...] = _wanted(self.kernel_out, attr_defs)
        self.prepare_attrs: tuple[str, ...] = _wanted(self.prepare, attr_defs)


_PARSED = frozenset({
    "attrs", "inputs", "outputs", "inferred_attrs", "has_ref_input", "has_list_input", "has_list_output",
    "single_output", "shape_attrs", "kernel_attrs", "kernel_out_attrs", "prepare_attrs"})


def group_arguments(args: tuple[ArgDef, ...], attrs: dict[str, Any], flat: Any) -> list[Any]:
    """One entry per argument of an op: an element of `flat`, or a tuple of them where the argument is a list.

    Example:
      >>> group_arguments(get_op_def("Pack").inputs, {"N": 2}, ["a", "b"])
      [('a', 'b')]
    """
    grouped: list[Any] = []
    at = 0
    for arg in args:
        if arg.is_list:
            count = attrs[arg.number_attr] if arg.number_attr is not None else len(attrs[arg.list_attr])  # type: ignore[index]
            grouped.append(tuple(flat[at:at + count]))
            at += count
        else:
            grouped.append(flat[at])
            at += 1
    return grouped


REGISTRY: dict[str, OpDef] = {}


def define_op(
    op_type: str, inputs: str = "", outputs: str = "", attrs: str = "", *,
    shape: Callable[..., Any] | None = None,
    kernel: Callable[..., Any] | None = None,
    gradient: Any = MISSING,
    ufunc: str | None = None,
    kernel_out: Callable[..., Any] | None = None,
    prepare: Callable[..., Any] | None = None,
    view: bool = False,
    stateful: bool = False,
    context: bool = False,
    writes: tuple[str, ...] = (),
) -> OpDef:
    """Adds a kind of op to the registry: its signature and its rules.

    Args:
      op_type: The name that nodes bear as `op.type`, in CamelCase.
      inputs, outputs: Arguments, e.g. ``"x:T, axis:int32"``; ``T*N`` is N tensors, ``Tin[]`` a list of types,
        ``ref T`` a variable.
      attrs: Attributes, e.g. ``"T:type{float,double}; axis:int=0"``; ``{@number}`` stands for all number types.
      shape: ``rule(*tensors, *, wanted attrs)`` -> the output's shape, or a sequence of shapes for several outputs.
      kernel: ``kernel(xp, *arrays, *, wanted attrs)`` -> array, or a flat sequence for several outputs. It must not
        change its inputs. `xp` is the array namespace (NumPy).
      gradient: ``rule(op, *grads)`` -> the gradient by each input (None where there is none); `NO_GRADIENT`;
        left out, asking for a gradient is an error.
      ufunc: Name of the NumPy ufunc that the kernel equals; the kernel may then be left out.
      kernel_out: ``f(xp, out, *arrays, *, attrs)`` writes the (single) result into a buffer.
      prepare: ``f(shapes, dtypes, *, attrs)`` -> a kernel closure for these shapes, or None for no special one.
      view: The output may share memory with the first input.
      stateful: Two nodes with equal inputs may differ; never folded or merged.
      context: The kernel's first argument is the run's `OpContext`.
      writes: Names of the `ref` or resource arguments that the op changes.

    Returns:
      The `OpDef`.

    Raises:
      ValueError: If the name is taken.

    Example:
      >>> import core as tf
      >>> _ = tf.define_op("Cube", "x:T", "y:T", "T:type{float,double}", shape=lambda x: x.shape,
      ...                  kernel=lambda xp, x: x * x * x, gradient=lambda op, dy: 3 * op.inputs[0] ** 2 * dy)
    """
    if op_type in REGISTRY:
        raise ValueError(f"Op '{op_type}' is already defined; choose another name.")
    if ufunc is not None and kernel is None:
        kernel = _ufunc_kernel(ufunc)
    op_def = OpDef(
        op_type, inputs, outputs, attrs, shape=shape, kernel=kernel, gradient=gradient, ufunc=ufunc,
        kernel_out=kernel_out, prepare=prepare, view=view, stateful=stateful, context=context, writes=writes)
    REGISTRY[op_type] = op_def
    return op_def


def get_op_def(op_type: str) -> OpDef:
    """Returns the definition of `op_type`; ValueError when there is none."""
    try:
        return REGISTRY[op_type]
    except KeyError:
        raise ValueError(
            f"Op type '{op_type}' is not defined here. Define it with `define_op`, or check the spelling.") from None


def _ufunc_kernel(name: str) -> Callable[..., Any]:
    def kernel(xp: Any, *arrays: Any) -> Any:
        return getattr(xp, name)(*arrays)
    kernel.__name__ = name
    return kernel


def _wanted(rule: Callable[..., Any] | None, attrs: dict[str, AttrDef]) -> tuple[str, ...]:
    """The attributes that a rule names as keyword-only parameters (all of them where it takes ``**attrs``)."""
    if rule is None:
        return ()
    names: list[str] = []
    for parameter in inspect.signature(rule).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            return tuple(attrs)
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.name in attrs:
                names.append(parameter.name)
            elif parameter.default is parameter.empty:
                raise TypeError(f"Rule {rule!r} asks for attribute '{parameter.name}', which the op does not have.")
    return tuple(names)


def _split(text: str, separator: str) -> list[str]:
    """Splits at separators that stand outside brackets and quotes."""
    if not text:
        return []
    if "{" not in text and "[" not in text and "'" not in text:
        return [part.strip() for part in text.split(separator)]
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif char in "{[(":
            depth += 1
        elif char in "}])":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


def _parse_arg(text: str, attrs: dict[str, AttrDef]) -> ArgDef:
    name, _, kind = text.partition(":")
    kind = kind.strip()
    is_ref = kind.startswith("ref ")
    if is_ref:
        kind = kind[4:]
    if kind.endswith("[]"):
        return ArgDef(name, None, None, list_attr=kind[:-2], is_ref=is_ref)
    kind, _, number = kind.partition("*")
    if kind in attrs:
        return ArgDef(name, kind, None, number_attr=number or None, is_ref=is_ref)
    return ArgDef(name, None, as_dtype(kind), number_attr=number or None, is_ref=is_ref)


_ATTR = re.compile(r"(?P<name>\w+):(?P<type>[a-z]+(?:\([a-z]+\))?)"
                   r"(?:=(?P<default>'[^']*'|\[[^\]]*\]|[^{>\s]+))?(?:\{(?P<allowed>[^}]*)\})?(?:>=(?P<minimum>-?\d+))?$")


def _parse_attr(text: str) -> AttrDef:
    match = _ATTR.match(text)
    if match is None:
        raise ValueError(f"Attribute text {text!r} is not of the form name:type=default{{allowed}}>=minimum.")
    kind = match["type"]
    allowed: tuple[Any, ...] | None = None
    if match["allowed"] is not None:
        names = match["allowed"]
        if "@" in names:
            names = ",".join(TYPE_SETS[n[1:]] if n.startswith("@") else n for n in names.split(","))
        items = names.split(",")
        allowed = tuple(as_dtype(n) for n in items) if "type" in kind else tuple(items)
    minimum = None if match["minimum"] is None else int(match["minimum"])
    default = MISSING if match["default"] is None else _parse_default(kind, match["default"])
    return AttrDef(match["name"], kind, default, allowed, minimum)


def _parse_default(kind: str, text: str) -> Any:
    if kind.startswith("list("):
        inner = text[1:-1]
        return [_parse_default(kind[5:-1], part) for part in inner.split(",") if part]
    if kind == "type":
        return as_dtype(text)
    if kind == "shape":
        return TensorShape(None) if text == "?" else as_shape(list(ast.literal_eval(text)))
    if kind == "string":
        return text.strip("'")
    if kind == "float":
        return float(text)
    if kind == "bool":
        return text == "True"
    if kind == "int":
        return int(text)
    return None  # no op that we define has a default tensor or function
