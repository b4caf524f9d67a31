"""Turning Python values into tensors: the registry of conversion functions and the ways in.

The function that makes constants of arrays and numbers is registered by `core.ops`; this floor knows only tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.dtypes import DType, as_dtype
from core.graph.operation import Operation, Tensor

__all__ = [
    "convert_n_to_tensor", "convert_to_tensor", "convert_to_tensor_or_indexed_slices", "graph_of_inputs",
    "register_tensor_conversion_function",
]

_Conversion = Callable[..., Any]
_functions: list[tuple[int, int, Any, _Conversion]] = []
_by_type: dict[type, list[tuple[Any, _Conversion]]] = {}


def register_tensor_conversion_function(base_type: Any, conversion_func: _Conversion, priority: int = 100) -> None:
    """Lets `convert_to_tensor` take objects of `base_type`.

    Args:
      base_type: A type or a tuple of types.
      conversion_func: ``f(value, dtype=None, name=None, as_ref=False)`` -> Tensor, or NotImplemented.
      priority: Functions of smaller priority are asked first.

    Raises:
      TypeError: `base_type` is no type, or `conversion_func` not callable.
    """
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not types or not all(isinstance(t, type) for t in types):
        raise TypeError("base_type must be a type or a tuple of types.")
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    _functions.append((priority, len(_functions), types, conversion_func))
    _functions.sort(key=lambda entry: entry[:2])
    _by_type.clear()


def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None, dtype_hint: Any = None,
    as_ref: bool = False,
) -> Tensor:
    """Returns `value` as a tensor: itself, a variable's value, or a new constant.

    Args:
      value: Tensor, variable, array, number, string, (nested) list of these.
      dtype: Element type wanted; a tensor of another type is an error.
      name: Name of the constant, if one is made.
      preferred_dtype, dtype_hint: Type to try first where `dtype` is None.
      as_ref: A variable gives its reference.

    Raises:
      TypeError: No conversion is known.  ValueError: A tensor of another type than `dtype`.

    Example:
      >>> import core as tf
      >>> tf.convert_to_tensor([[1.0, 2.0, 3.0]]).shape.as_list()
      [1, 3]
    """
    if dtype is not None and not isinstance(dtype, DType):
        dtype = as_dtype(dtype)
    if isinstance(value, Tensor):
        if dtype is not None and not dtype.is_compatible_with(value._dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value._dtype.name}: "
                f"{value!r}. Use tf.cast to change the type.")
        return value
    hint = dtype_hint if preferred_dtype is None else preferred_dtype
    if hint is not None:
        hint = as_dtype(hint)
    kind = type(value)
    candidates = _by_type.get(kind)
    if candidates is None:
        candidates = _by_type[kind] = [(t, f) for _, _, t, f in _functions if isinstance(value, t)]
    for _, function in candidates:
        result: Any = NotImplemented
        if dtype is None and hint is not None:
            try:
                result = function(value, dtype=hint, name=name, as_ref=as_ref)
            except (TypeError, ValueError):
                result = NotImplemented
            if result is not NotImplemented and not hint.is_compatible_with(result.dtype):
                result = NotImplemented
        if result is NotImplemented:
            result = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is NotImplemented:
            continue
        if not isinstance(result, Tensor):
            raise RuntimeError(f"Conversion function {function!r} for type {kind} returned non-Tensor: {result!r}")
        if dtype is not None and not dtype.is_compatible_with(result.dtype):
            raise RuntimeError(f"Conversion function {function!r} for type {kind} returned incompatible dtype: "
                               f"requested = {dtype.base_dtype.name}, actual = {result.dtype.name}")
        return result
    prefix = "" if name is None else f"Error converting {name}: "
    raise TypeError(f"{prefix}Cannot convert {value!r} with type {kind} to Tensor: no conversion function registered.")


def convert_n_to_tensor(values: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None,
                        as_ref: bool = False) -> list[Tensor]:
    """Converts each of `values`; constants are named ``name_0``, ``name_1``, ..."""
    return [
        convert_to_tensor(v, dtype, None if name is None else f"{name}_{i}", preferred_dtype, as_ref=as_ref)
        for i, v in enumerate(values)]


def convert_to_tensor_or_indexed_slices(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """`convert_to_tensor` that leaves IndexedSlices and SparseTensor as they are."""
    if hasattr(value, "indices") and hasattr(value, "values"):
        if dtype is not None and not as_dtype(dtype).is_compatible_with(value.dtype):
            raise ValueError(f"Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor with dtype "
                             f"{value.dtype.name}: {value}")
        return value
    return convert_to_tensor(value, dtype, name)


def graph_of_inputs(values: Any) -> Any:
    """The graph that the tensors among `values` (flat) belong to, or None; ValueError where they differ."""
    first: Any = None
    graph: Any
    for value in values:
        if isinstance(value, (Tensor, Operation)):
            graph = value.graph
        else:
            element = getattr(value, "_as_graph_element", None)
            if element is None:
                if not hasattr(value, "indices") or not hasattr(value, "values"):
                    continue
                graph = getattr(value, "graph", None)
                if graph is None or callable(graph):
                    continue
            else:
                graph = element().graph
        if first is None:
            first, holder = graph, value
        elif graph is not first and not (first.building_function or graph.building_function):
            raise ValueError(f"{value!r} must be from the same graph as {holder!r}. "
                             "Build both under the same `with graph.as_default():`.")
    return first
