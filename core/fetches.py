"""What may stand in `fetches` and in `feed_dict`: nested structures, names, sparse values; and how values become
arrays.

Imports core.graph; knows nothing of plans or sessions.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import format_error
from core.graph import (
    Graph,
    IndexedSlices,
    IndexedSlicesValue,
    Operation,
    SparseTensor,
    SparseTensorValue,
    Tensor,
)

__all__ = ["Feeder", "Fetches", "convert_feed", "expand_feed", "expand_feed_key", "parse_fetches",
           "register_session_run_conversion_functions"]

_EXACT = 1 << 24  # integers up to here are exact in float32
_MAX_SHAPES = 64
Element = Tensor | Operation
FetchFunction = Callable[[Any], tuple[list[Any], Callable[[list[Any]], Any]]]


@dataclass(frozen=True, slots=True)
class Fetches:
    """A structure of fetches, taken apart: its distinct elements, and how to put their values back together."""

    elements: tuple[Element, ...]
    build: Callable[[list[Any]], Any]  # values of `elements` (None for operations) -> the structure


# ---------------------------------------------------------------------- types that stand for several tensors


def _fetch_sparse(fetch: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    return [fetch.indices, fetch.values, fetch.dense_shape], lambda values: SparseTensorValue(*values)


def _fetch_slices(fetch: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    parts = _slices_parts(fetch)
    return parts, lambda values: IndexedSlicesValue(values[0], values[1], values[2] if len(values) == 3 else None)


def _slices_parts(feed: Any) -> list[Any]:
    return [feed.values, feed.indices] if feed.dense_shape is None else [feed.values, feed.indices, feed.dense_shape]


def _sparse_parts(feed: Any) -> list[Any]:
    return [feed.indices, feed.values, feed.dense_shape]


@dataclass(frozen=True, slots=True)
class _Expansion:
    type: type
    fetch: FetchFunction
    feed: Callable[[Any, Any], list[tuple[Any, Any]]] | None
    feed_key: Callable[[Any], list[Any]] | None


_EXPANSIONS: list[_Expansion] = [
    _Expansion(SparseTensor, _fetch_sparse, lambda f, v: list(zip(_sparse_parts(f), v)), _sparse_parts),
    _Expansion(IndexedSlices, _fetch_slices, lambda f, v: list(zip(_slices_parts(f), v)), _slices_parts),
]


def register_session_run_conversion_functions(
    tensor_type: type, fetch_function: Callable[..., Any], feed_function: Callable[..., Any] | None = None,
    feed_function_for_partial_run: Callable[..., Any] | None = None,
) -> None:
    """Lets objects of `tensor_type` be fetched and fed.

    Args:
      tensor_type: The class.
      fetch_function: object -> (list of tensors, function from their values to the value of the object).
      feed_function: (object, value) -> list of (tensor, value).
      feed_function_for_partial_run: object -> list of tensors.

    Raises:
      ValueError: The class is registered already.
    """
    for known in _EXPANSIONS:
        if issubclass(known.type, tensor_type):
            raise ValueError(f"{tensor_type} has already been registered so ignore it.")
    _EXPANSIONS.insert(0, _Expansion(tensor_type, fetch_function, feed_function, feed_function_for_partial_run))


def _expansion_of(item: Any) -> _Expansion | None:
    for known in _EXPANSIONS:
        if isinstance(item, known.type):
            return known
    return None


# ---------------------------------------------------------------------- fetches


def parse_fetches(graph: Graph, fetches: Any) -> Fetches:
    """Takes a structure of fetches apart.

    Args:
      graph: The graph that names refer to and that all elements must be of.
      fetches: Tensor, Operation, name, Variable, SparseTensor, IndexedSlices; or lists, tuples, namedtuples, dicts,
        attrs objects of these, nested at will.

    Raises:
      TypeError: Something that can't be fetched (None too).  ValueError: An element of another graph, an unknown
        name, or one that may not be fetched.
    """
    index: dict[Element, int] = {}

    def parse(fetch: Any) -> Callable[[list[Any]], Any]:
        if fetch is None:
            raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch)!r}")
        kind = type(fetch)
        if isinstance(fetch, (list, tuple)):
            parts = [parse(f) for f in fetch]
            if isinstance(fetch, list):
                return lambda values: [p(values) for p in parts]
            if kind is tuple:
                return lambda values: tuple([p(values) for p in parts])
            return lambda values: kind(*[p(values) for p in parts])  # namedtuple
        if isinstance(fetch, Mapping):
            keys = list(fetch)
            parts = [parse(fetch[k]) for k in keys]
            make: Callable[..., Any] = kind
            if isinstance(fetch, defaultdict):
                make = functools.partial(defaultdict, fetch.default_factory)
            return lambda values: make([(k, p(values)) for k, p in zip(keys, parts)])
        fields = getattr(kind, "__attrs_attrs__", None)
        if fields is not None:
            parts = [parse(getattr(fetch, a.name)) for a in fields]
            return lambda values: kind(*[p(values) for p in parts])
        known = _expansion_of(fetch)
        if known is None:
            at = locate(fetch)
            return lambda values: values[at]
        tensors, contract = known.fetch(fetch)
        places = [locate(t) for t in tensors]
        return lambda values: contract([values[i] for i in places])

    def locate(fetch: Any) -> int:
        try:
            element = graph.as_graph_element(fetch, allow_tensor=True, allow_operation=True)
        except TypeError as error:
            raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch)!r}, must be a string or Tensor. "
                            f"({error})") from None
        except (ValueError, KeyError) as error:
            text = error.args[0] if error.args else error
            raise ValueError(f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({text})") from None
        if not graph.is_fetchable(element):
            name = element.op.name if isinstance(element, Tensor) else element.name
            raise ValueError(f"Operation {name!r} has been marked as not fetchable.")
        return index.setdefault(element, len(index))

    build = parse(fetches)
    return Fetches(tuple(index), build)


# ---------------------------------------------------------------------- feeds


def expand_feed(key: Any, value: Any) -> list[tuple[Any, Any]]:
    """One entry of a feed_dict as (element, value) pairs: sparse tensors and nested tuples of keys stand for
    several.
    """
    if isinstance(key, tuple):
        flat_keys, flat_values = _flatten(key), _flatten(value)
        if len(flat_keys) != len(flat_values):
            raise ValueError(
                f"Could not flatten dictionary. Key had {len(flat_keys)} elements, but value had {len(flat_values)} "
                f"elements. Key: {key}, value: {value}.")
        return [pair for k, v in zip(flat_keys, flat_values) for pair in expand_feed(k, v)]
    known = _expansion_of(key)
    if known is None:
        return [(key, value)]
    if known.feed is None:
        raise TypeError(
            f"Feed argument {key!r} has invalid type {type(key)!r}: it was registered without a feed function.")
    return known.feed(key, value)


def expand_feed_key(key: Any) -> list[Any]:
    """The elements that a key of a feed_dict stands for."""
    known = _expansion_of(key)
    if known is None:
        return [key]
    if known.feed_key is None:
        raise TypeError(
            f"Feed argument {key!r} has invalid type {type(key)!r}: it was registered without a feed function.")
    return known.feed_key(key)


def _flatten(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)) and not isinstance(value, (SparseTensorValue, IndexedSlicesValue)):
        return [leaf for item in value for leaf in _flatten(item)]
    return [value]


def convert_feed(tensor: Tensor, value: Any, key: Any = None) -> Any:
    """Makes a fed value an array of the tensor's dtype, without a copy where it is one.

    Raises:
      TypeError: A Tensor, or an integer that the dtype can't hold.  ValueError: The shape does not fit the tensor's,
        or the value can't be made an array of that dtype.
    """
    if isinstance(value, Tensor):
        raise _tensor_fed(value, tensor if key is None else key)
    dtype = tensor.dtype.base_dtype
    if dtype.name in ("resource", "variant"):
        return value
    wanted = dtype.np_dtype
    is_string = dtype.name == "string"
    if isinstance(value, int):
        if is_string or np.array(value).astype(wanted) != value:
            raise TypeError(
                f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type "
                f"{wanted.type}. Try explicitly setting the type of the feed tensor to a larger type (e.g. int64).")
    try:
        array = _strings(value) if is_string else np.asarray(value, dtype=wanted)
    except NotImplementedError:
        raise _tensor_fed(value, tensor if key is None else key) from None
    except OverflowError as error:
        raise TypeError(
            f"Type of feed value {_short(value)} with type {type(value)} is not compatible with Tensor type "
            f"{wanted.type} ({error}). Try explicitly setting the type of the feed tensor to a larger type "
            "(e.g. int64).") from None
    except (ValueError, TypeError) as error:
        raise type(error)(f"{error} (while the value fed for Tensor '{tensor.name}' was made an array of {dtype.name}: "
                          f"got {_short(value)})") from None
    if not tensor.shape.is_compatible_with(array.shape):
        raise ValueError(_misfit(tensor, array.shape))
    return array


class Feeder:
    """Makes what is fed for one tensor an array, again and again; the common cases cost little."""

    __slots__ = ("_dtype", "_quick", "_shapes", "key", "tensor")

    def __init__(self, tensor: Tensor, key: Any) -> None:
        self.tensor = tensor
        self.key = key
        base = tensor.dtype.base_dtype
        self._dtype = None if base.name in ("string", "resource", "variant") else base.np_dtype
        # Python numbers and lists of these types need no look at their range.
        self._quick = base.name in ("float32", "float64", "int32", "int64")
        self._shapes: set[tuple[int, ...]] = set()  # shapes known to fit

    def __call__(self, value: Any) -> Any:
        """Returns the array for `value`.

        Raises:
          TypeError, ValueError: As `convert_feed`.
        """
        kind = value.__class__
        if kind is np.ndarray:
            if value.dtype is self._dtype and value.shape in self._shapes:
                return value
        elif self._quick and (kind is list or kind is float or (kind is int and -_EXACT <= value <= _EXACT)):
            try:
                array = np.array(value, self._dtype)
                if array.shape in self._shapes:
                    return array
            except (ValueError, TypeError, OverflowError, NotImplementedError):
                pass  # worded below
        array = convert_feed(self.tensor, value, self.key)
        if self._dtype is not None and len(self._shapes) < _MAX_SHAPES:
            self._shapes.add(array.shape)
        return array


def _misfit(tensor: Tensor, got: tuple[int, ...]) -> str:
    """Words a fed value of the wrong shape: TensorFlow's sentence first, then the placeholder's line and a cure."""
    wanted = tensor.shape.as_list()
    fitting = [n for n in wanted if n is not None]
    size, known = math.prod(got), int(np.prod(fitting))
    if len(got) + 1 == len(wanted) and wanted[0] in (None, 1) and tensor.shape[1:].is_compatible_with(got):
        cure = "One example was fed where a batch is wanted: feed `value[np.newaxis]`."
    elif (len(fitting) == len(wanted) and size == known) or (
        len(fitting) + 1 == len(wanted) and known and size % known == 0
    ):
        shape = ", ".join("-1" if n is None else str(n) for n in wanted)
        cure = f"The number of elements fits: reshape the value first, `np.reshape(value, [{shape}])`."
    elif len(got) == len(wanted):
        at = next(i for i, (a, b) in enumerate(zip(got, wanted)) if b not in (None, a))
        cure = (f"Dimension {at} is {got[at]} and must be {wanted[at]}: feed a value of that size, or make the "
                f"placeholder with None there to take any size.")
    else:
        cure = (f"Feed a value of rank {len(wanted)}, not {len(got)}, or make the placeholder with the shape of the "
                f"data.")
    return format_error(f"Cannot feed value of shape {got!r} for Tensor {tensor.name!r}, which has shape "
                        f"{str(tensor.shape)!r}", op=tensor.op, fix=cure)


def _tensor_fed(value: Any, key: Any) -> TypeError:
    return TypeError(
        "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, strings, "
        f"lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was {value} which was passed to "
        f"the feed with key {key}.")


def _strings(value: Any) -> np.ndarray[Any, Any]:
    """An object array of bytes."""
    array = np.asarray(value)
    if array.dtype.kind in "SU" and not isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value, dtype=object)  # fixed-width arrays would drop trailing NUL bytes
    if array.dtype.kind not in "SUO":
        raise TypeError(f"Expected bytes or str for a string tensor, got {array.dtype.name}")
    if array.dtype == object and all(type(item) is bytes for item in array.flat):
        return array
    out = np.empty(array.shape, object)
    flat = out.reshape(-1)
    for i, item in enumerate(array.reshape(-1).tolist()):
        if isinstance(item, str):
            item = item.encode("utf-8")
        elif not isinstance(item, bytes):
            raise TypeError(f"Unsupported object type {type(item).__name__} in a string tensor")
        flat[i] = item
    return out


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 80 else text[:76] + " ..."
