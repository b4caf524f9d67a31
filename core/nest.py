"""Nested structures: lists, tuples, namedtuples, dicts and attrs classes, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


def is_nested(seq: Any) -> bool:
    """True for structures (lists, tuples, dicts, attrs objects); strings and tensors are leaves.

    Example:
      >>> is_nested([1, 2]), is_nested("ab")
      (True, False)
    """
    return isinstance(seq, (list, tuple, Mapping)) or hasattr(type(seq), "__attrs_attrs__")


def _items(structure: Any) -> list[Any]:
    if isinstance(structure, Mapping):
        return [structure[key] for key in _sorted(structure)]
    if isinstance(structure, (list, tuple)):
        return list(structure)
    return [getattr(structure, a.name) for a in type(structure).__attrs_attrs__]


def _sorted(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError(f"nest only supports dicts with sortable keys, got {list(mapping)!r}.") from None


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of a structure, as a flat list; dicts in the order of their sorted keys.

    Args:
      structure: Any nesting of lists, tuples, dicts; or a single leaf.
      expand_composites: If True, SparseTensors and IndexedSlices are taken apart too.

    Example:
      >>> flatten({"b": [1, 2], "a": 3})
      [3, 1, 2]
    """
    flat: list[Any] = []
    pending = [structure]
    while pending:
        item = pending.pop()
        if is_nested(item):
            pending.extend(reversed(_items(item)))
        elif expand_composites and hasattr(item, "dense_shape") and hasattr(item, "indices"):
            pending.extend([p for p in (item.dense_shape, item.values, item.indices) if p is not None])
        else:
            flat.append(item)
    return flat


def _like(structure: Any, items: list[Any]) -> Any:
    """A structure of the type of `structure` that holds `items`."""
    if isinstance(structure, Mapping):
        values = dict(zip(_sorted(structure), items, strict=True))
        made = {key: values[key] for key in structure}
        kind: Any = type(structure)
        return made if kind is dict else kind((k, made[k]) for k in structure)
    if isinstance(structure, tuple):
        return type(structure)(*items) if hasattr(structure, "_fields") else type(structure)(items)
    if isinstance(structure, list):
        return list(items)
    return type(structure)(*items)


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any], expand_composites: bool = False) -> Any:
    """A structure like `structure` whose leaves are `flat_sequence`.

    Args:
      structure: The structure to follow; a single leaf takes the only element.
      flat_sequence: As many leaves as `structure` has.
      expand_composites: If True, SparseTensors and IndexedSlices are put together from their parts.

    Raises:
      TypeError: `flat_sequence` is no sequence.  ValueError: Another number of leaves.

    Example:
      >>> pack_sequence_as({"b": [0, 0], "a": 0}, [3, 1, 2])
      {'b': [1, 2], 'a': 3}
    """
    if not isinstance(flat_sequence, (list, tuple)):
        raise TypeError(f"flat_sequence must be a sequence, got {flat_sequence!r}.")
    wanted = len(flatten(structure, expand_composites))
    if wanted != len(flat_sequence):
        raise ValueError(f"The structure has {wanted} leaves, but flat_sequence has {len(flat_sequence)} elements. "
                         f"Structure: {structure!r}.")
    leaves = iter(flat_sequence)

    def build(part: Any) -> Any:
        if is_nested(part):
            return _like(part, [build(p) for p in _items(part)])
        if expand_composites and hasattr(part, "dense_shape") and hasattr(part, "indices"):
            indices, values = next(leaves), next(leaves)
            dense_shape = None if part.dense_shape is None else next(leaves)
            if type(part).__name__ == "IndexedSlices":
                return type(part)(values, indices, dense_shape)
            return type(part)(indices, values, dense_shape)
        return next(leaves)

    return build(structure)


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """Calls `func` on the leaves of one or several equal structures; returns a structure of the results.

    Args:
      func: Takes one leaf of each structure.
      *structure: Structures of the same form.
      **kwargs: ``check_types`` and ``expand_composites``, as in `assert_same_structure`.

    Raises:
      TypeError: `func` is not callable.  ValueError: The structures differ.

    Example:
      >>> map_structure(lambda x, y: x + y, [1, (2, 3)], [10, (20, 30)])
      [11, (22, 33)]
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types = kwargs.pop("check_types", True)
    expand = kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError(
            f"Only valid keyword arguments are `check_types` and `expand_composites`, not: {sorted(kwargs)}")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=check_types, expand_composites=expand)
    columns = [flatten(s, expand) for s in structure]
    return pack_sequence_as(structure[0], [func(*leaves) for leaves in zip(*columns, strict=True)], expand)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Raises unless two structures have the same form.

    Args:
      nest1, nest2: Structures.
      check_types: If True, the types of the sequences must be the same too.
      expand_composites: Accepted.

    Raises:
      ValueError: Another number of elements, or other nesting.  TypeError: Other types of sequences.

    Example:
      >>> assert_same_structure([1, (2, 3)], [4, (5, 6)])
    """
    if is_nested(nest1) != is_nested(nest2):
        raise ValueError("The two structures don't have the same nested structure.\n\n"
                         f"First structure: {nest1!r}\n\nSecond structure: {nest2!r}")
    if not is_nested(nest1):
        return
    if check_types:
        both_maps = isinstance(nest1, Mapping) and isinstance(nest2, Mapping)
        both_named = hasattr(nest1, "_fields") and hasattr(nest2, "_fields")
        if both_named and type(nest1).__name__ != type(nest2).__name__:
            raise TypeError(f"The two namedtuples don't have the same sequence type: {type(nest1)} and {type(nest2)}.")
        if not both_maps and not both_named and type(nest1) is not type(nest2):
            raise TypeError("The two structures don't have the same sequence type. "
                            f"First: {type(nest1)}, second: {type(nest2)}.")
    if isinstance(nest1, Mapping) and isinstance(nest2, Mapping) and set(nest1) != set(nest2):
        raise ValueError(f"The two dictionaries don't have the same set of keys: {sorted(map(repr, nest1))} and "
                         f"{sorted(map(repr, nest2))}.")
    first, second = _items(nest1), _items(nest2)
    if len(first) != len(second):
        raise ValueError("The two structures don't have the same number of elements.\n\n"
                         f"First structure: {nest1!r}\n\nSecond structure: {nest2!r}")
    for a, b in zip(first, second, strict=True):
        assert_same_structure(a, b, check_types, expand_composites)
