"""`apply_op`: the one way by which ops make nodes. Converts inputs, infers attributes, names, checks, adds."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype
from core.graph.convert import convert_to_tensor
from core.graph.graph import Graph, default_graph_stack
from core.graph.opdef import MISSING, ArgDef, OpDef, get_op_def
from core.graph.operation import Tensor

__all__ = ["apply_op"]

_unset = object()


def apply_op(op_type: str, *args: Any, name: str | None = None, **given: Any) -> Any:
    """Makes one node and returns its output(s).

    Args:
      op_type: A type in the registry.
      *args: One value per input argument (a list where the argument is a list); tensors or what converts to them.
      name: Name of the node (made unique under the current scope); by default the type.
      **given: Attributes that do not follow from the inputs; those left out take their defaults.

    Returns:
      The output Tensor; a list of Tensors for several (or list) outputs; the Operation when there are none.

    Raises:
      TypeError: A dtype that the op does not take, or two inputs of different types.
      ValueError: Shapes that do not fit.
    """
    definition = get_op_def(op_type)
    inputs = definition.inputs
    if len(args) != len(inputs):
        raise TypeError(f"{op_type} takes {len(inputs)} inputs ({definition.signature[0]}), got {len(args)}.")
    graph = default_graph_stack.get()
    ready = True
    foreign = False
    for arg, value in zip(inputs, args, strict=True):
        if arg.is_list or not isinstance(value, Tensor):
            ready = False
        elif value.op.graph is not graph:
            foreign = True
    if (foreign or not ready) and not graph.building_function:
        graph = _graph_for(inputs, args, graph)

    attrs: dict[str, Any] = {}
    attr_defs = definition.attrs
    for key, value in given.items():
        attr = attr_defs.get(key)
        if attr is None:
            if key.startswith("_"):
                attrs[key] = value
                continue
            raise TypeError(f"{op_type} has no attribute '{key}'; it has: {', '.join(attr_defs) or 'none'}.")
        if value is None:
            continue
        attrs[key] = attr.convert(value, op_type)

    if name is None:
        name = op_type
    elif not isinstance(name, str):
        raise TypeError(f"name of {op_type} must be a string, got {name!r}.")
    if ready:
        for arg, value in zip(inputs, args, strict=True):
            _take(definition, arg, value, attrs)
        flat = args
    else:
        # The node's name is claimed first; constants made of its inputs are named under it.
        scope = name[:-1] if name and name[-1] == "/" else graph.unique_name(name or op_type)
        name = scope + "/"
        context = graph._context
        old_scope = context.name_stack
        context.name_stack = scope
        try:
            if graph is default_graph_stack.get():
                flat = _convert_inputs(definition, args, attrs)
            else:
                with default_graph_stack.pushed(graph):
                    flat = _convert_inputs(definition, args, attrs)
        finally:
            context.name_stack = old_scope
    for key, attr in attr_defs.items():
        if key not in attrs:
            if attr.default is MISSING:
                raise TypeError(f"{op_type} needs the attribute '{key}' ({attr.type}).")
            attrs[key] = attr.default
    op = graph._make(definition, name, flat, attrs)
    if definition.single_output:
        return op.outputs[0]
    return op.outputs if definition.outputs else op


def _graph_for(inputs: tuple[ArgDef, ...], args: tuple[Any, ...], default: Graph) -> Graph:
    """The graph of the inputs; the default one where no input is a tensor."""
    first: Any = None
    for arg, value in zip(inputs, args, strict=True):
        for item in (value if arg.is_list and isinstance(value, (list, tuple)) else (value,)):
            if isinstance(item, Tensor):
                graph = item.op.graph
            else:
                element = getattr(item, "_as_graph_element", None)
                if element is None:
                    continue
                graph = element().graph
            if first is None:
                first, holder = graph, item
            elif graph is not first:
                raise ValueError(f"{item!r} must be from the same graph as {holder!r}. Build both under the same "
                                 "`with graph.as_default():`.")
    return default if first is None or first.building_function else first


def _convert_inputs(definition: OpDef, args: tuple[Any, ...], attrs: dict[str, Any]) -> tuple[Tensor, ...]:
    flat: list[Tensor] = []
    for arg, value in zip(definition.inputs, args, strict=True):
        if arg.is_list:
            flat.extend(_convert_list(definition, arg, value, attrs))
            continue
        if isinstance(value, Tensor):
            tensor = value
        else:
            wanted, preferred = _wanted_dtype(definition, arg, attrs)
            try:
                tensor = convert_to_tensor(value, wanted, arg.name, preferred, as_ref=arg.is_ref)
            except (TypeError, ValueError) as error:
                raise _conversion_error(definition, arg, value, wanted, error) from None
        _take(definition, arg, tensor, attrs)
        flat.append(tensor)
    return tuple(flat)


def _wanted_dtype(definition: OpDef, arg: ArgDef, attrs: dict[str, Any]) -> tuple[DType | None, DType | None]:
    if arg.dtype is not None:
        return arg.dtype, None
    assert arg.type_attr is not None
    known = attrs.get(arg.type_attr)
    if known is not None:
        return known, None
    default = definition.attrs[arg.type_attr].default
    return None, (default if isinstance(default, DType) else None)


def _conversion_error(definition: OpDef, arg: ArgDef, value: Any, wanted: DType | None, error: Exception) -> Exception:
    text = str(error)
    if wanted is None:
        return type(error)(text)
    try:
        observed = convert_to_tensor(value).dtype.name
    except (TypeError, ValueError):
        return TypeError(f"Expected {wanted.name} passed to parameter '{arg.name}' of op '{definition.type}', "
                         f"got {value!r} of type '{type(value).__name__}' instead. Error: {text}")
    prefix = f"Input '{arg.name}' of '{definition.type}' Op has type {observed} that does not match "
    if arg.dtype is not None:
        return TypeError(prefix + f"expected type of {wanted.name}.")
    first = next((a.name for a in definition.inputs if a.type_attr == arg.type_attr and a is not arg), None)
    return TypeError(prefix + f"type {wanted.name} of argument '{first}'. Error: {text}")


def _convert_list(definition: OpDef, arg: ArgDef, value: Any, attrs: dict[str, Any]) -> list[Tensor]:
    if isinstance(value, Tensor) or isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise TypeError(f"Expected list for '{arg.name}' argument to '{definition.type}' Op, not {value!r}.")
    items = list(value)
    if arg.list_attr is not None:
        types = attrs.get(arg.list_attr)
        if types is not None and len(types) != len(items):
            raise ValueError(f"'{definition.type}' Op takes {len(types)} tensors for '{arg.name}' "
                             f"(attribute {arg.list_attr}), got {len(items)}.")
        tensors = [convert_to_tensor(v, None if types is None else types[i], f"{arg.name}_{i}", as_ref=arg.is_ref)
                   for i, v in enumerate(items)]
        attrs[arg.list_attr] = [t.dtype.base_dtype for t in tensors]
        attr = definition.attrs[arg.list_attr]
        attr.convert(attrs[arg.list_attr], definition.type)
        return tensors
    assert arg.number_attr is not None
    wanted, preferred = (arg.dtype, None) if arg.dtype is not None else _wanted_dtype(definition, arg, attrs)
    if wanted is None:
        # The first tensor among the values decides the type of the constants.
        for item in items:
            if isinstance(item, Tensor) or hasattr(item, "_as_graph_element"):
                wanted = item.dtype.base_dtype
                break
            if isinstance(item, (np.ndarray, np.generic)) and item.dtype != object:
                wanted = as_dtype(item.dtype)
                break
    tensors = []
    for i, item in enumerate(items):
        try:
            tensors.append(convert_to_tensor(item, wanted, f"{arg.name}_{i}", preferred, as_ref=arg.is_ref))
        except (TypeError, ValueError) as error:
            types_text = ", ".join(getattr(getattr(v, "dtype", None), "name", type(v).__name__) for v in items)
            reason = "" if wanted is None else f" type {wanted.name}"
            raise TypeError(f"Tensors in list passed to '{arg.name}' of '{definition.type}' Op have types "
                            f"[{types_text}] that don't all match{reason}. {error}") from None
        if wanted is None:
            wanted = tensors[-1].dtype.base_dtype
    known = attrs.get(arg.number_attr)
    if known is not None and known != len(tensors):
        raise ValueError(f"List argument '{arg.name}' to '{definition.type}' Op with length {len(tensors)} must match "
                         f"length {known} of argument '{_number_owner(definition, arg)}'.")
    attrs[arg.number_attr] = definition.attrs[arg.number_attr].convert(len(tensors), definition.type) \
        if len(tensors) else _empty_list(definition, arg)
    for tensor in tensors:
        _take(definition, arg, tensor, attrs)
    return tensors


def _number_owner(definition: OpDef, arg: ArgDef) -> str:
    return next((a.name for a in definition.inputs if a.number_attr == arg.number_attr and a is not arg), arg.name)


def _empty_list(definition: OpDef, arg: ArgDef) -> int:
    assert arg.number_attr is not None
    minimum = definition.attrs[arg.number_attr].minimum
    if minimum:
        raise ValueError(f"List argument '{arg.name}' to '{definition.type}' Op with length 0 shorter than "
                         f"minimum length {minimum}.")
    return 0


def _take(definition: OpDef, arg: ArgDef, tensor: Tensor, attrs: dict[str, Any]) -> None:
    """Checks one input's type against the argument and what is known; learns the type attribute from it."""
    dtype = tensor._dtype
    base = dtype.base_dtype
    if arg.is_ref and not dtype._is_ref_dtype:
        raise TypeError(f"'{definition.type}' Op requires that input '{arg.name}' be a mutable tensor "
                        "(e.g.: a tf.Variable)")
    if arg.type_attr is None:
        if base is not arg.dtype:
            assert arg.dtype is not None
            raise TypeError(f"Input '{arg.name}' of '{definition.type}' Op has type {base.name} that does not match "
                            f"expected type of {arg.dtype.name}.")
        return
    known = attrs.get(arg.type_attr)
    if known is None:
        allowed = definition.attrs[arg.type_attr].allowed
        if allowed is not None and base not in allowed:
            raise TypeError(f"Value passed to parameter '{arg.name}' has DataType {base.name} not in list of allowed "
                            f"values: {', '.join(sorted(t.name for t in allowed))} (op '{definition.type}', tensor "
                            f"{tensor.name}).")
        attrs[arg.type_attr] = base
    elif known is not base:
        other = next((a.name for a in definition.inputs if a.type_attr == arg.type_attr and a is not arg), None)
        reason = f"type {known.name} of argument '{other}'" if other else f"attribute {arg.type_attr}={known.name}"
        raise TypeError(f"Input '{arg.name}' of '{definition.type}' Op has type {base.name} that does not match "
                        f"{reason}. Use tf.cast to bring both to one type.")
