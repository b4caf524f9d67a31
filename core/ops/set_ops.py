"""Operations on sets: the last dimension of a tensor holds the elements, the others say which set.

The result is sparse: sets differ in size. `core.sets` names these functions `tf.sets`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.errors import InvalidArgumentError
from core.graph import (
    NO_GRADIENT,
    SparseTensor,
    SparseTensorValue,
    Tensor,
    apply_op,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
)
from core.shapes import TensorShape

__all__: list[str] = []

_TYPES = "T:type{int8,int16,int32,int64,uint8,uint16,string}"
_ATTRS = f"set_operation:string; validate_indices:bool=True; {_TYPES}"
_OUTPUTS = "result_indices:int64, result_values:T, result_shape:int64"

_Groups = dict[tuple[int, ...], Any]


# ---------------------------------------------------------------------- kernels


def _dense_groups(values: Any) -> tuple[_Groups, tuple[int, ...]]:
    if values.ndim < 1:
        raise InvalidArgumentError(None, None, "Shape of a tensor of sets must have rank of at least 1, got a scalar")
    outer = values.shape[:-1]
    return {place: np.unique(values[place]) for place in np.ndindex(*outer)}, outer


def _sparse_groups(indices: Any, values: Any, shape: Any, validate: bool) -> tuple[_Groups, tuple[int, ...]]:
    rank = len(shape)
    if rank < 1:
        raise InvalidArgumentError(None, None, "Shape of a tensor of sets must have rank of at least 1, got a scalar")
    if validate and len(indices):
        if (indices < 0).any() or (indices >= shape).any():
            bad = indices[((indices < 0) | (indices >= shape)).any(1)][0]
            raise InvalidArgumentError(None, None, f"index {bad.tolist()} is out of bounds: need 0 <= index < "
                                       f"{np.asarray(shape).tolist()}")
        order = np.lexsort(indices.T[::-1])
        if not (order == np.arange(len(order))).all():
            raise InvalidArgumentError(None, None, "indices are out of order: sort them row by row "
                                       "(tf.sparse.reorder), or say validate_indices=False")
    groups: dict[tuple[int, ...], list[int]] = {}
    for at, place in enumerate(np.asarray(indices)[:, :-1].tolist()):
        groups.setdefault(tuple(place), []).append(at)
    return {place: np.unique(values[rows]) for place, rows in groups.items()}, tuple(int(d) for d in shape[:-1])


_HOW: dict[str, Any] = {
    "a-b": lambda a, b: np.setdiff1d(a, b, assume_unique=True),
    "b-a": lambda a, b: np.setdiff1d(b, a, assume_unique=True),
    "intersection": lambda a, b: np.intersect1d(a, b, assume_unique=True),
    "union": np.union1d,
}


def _combined(first: tuple[_Groups, tuple[int, ...]], second: tuple[_Groups, tuple[int, ...]], how: str,
              dtype: Any) -> list[Any]:
    (a, outer), (b, other) = first, second
    if outer != other:
        raise InvalidArgumentError(None, None, "The sets' shapes must agree but for the last dimension: "
                                   f"{list(outer)} vs {list(other)}")
    nothing = np.zeros(0, dtype)
    places: Iterable[tuple[int, ...]] = sorted(a.keys() | b.keys())
    rows: list[tuple[int, ...]] = []
    values: list[Any] = []
    size = 0
    for place in places:
        found = _HOW[how](a.get(place, nothing), b.get(place, nothing))
        rows.extend((*place, i) for i in range(len(found)))
        values.append(found)
        size = max(size, len(found))
    indices = np.array(rows, np.int64).reshape(len(rows), len(outer) + 1)
    joined = np.concatenate(values).astype(dtype) if values else nothing
    return [indices, joined, np.array([*outer, size], np.int64)]


def _dense_to_dense(xp: Any, set1: Any, set2: Any, *, set_operation: str, validate_indices: bool) -> list[Any]:
    return _combined(_dense_groups(set1), _dense_groups(set2), set_operation, set1.dtype)


def _dense_to_sparse(xp: Any, set1: Any, indices: Any, values: Any, shape: Any, *, set_operation: str,
                     validate_indices: bool) -> list[Any]:
    return _combined(_dense_groups(set1), _sparse_groups(indices, values, shape, validate_indices), set_operation,
                     set1.dtype)


def _sparse_to_sparse(xp: Any, i1: Any, v1: Any, s1: Any, i2: Any, v2: Any, s2: Any, *, set_operation: str,
                      validate_indices: bool) -> list[Any]:
    return _combined(_sparse_groups(i1, v1, s1, validate_indices), _sparse_groups(i2, v2, s2, validate_indices),
                     set_operation, v1.dtype)


def _set_size(xp: Any, indices: Any, values: Any, shape: Any, *, validate_indices: bool) -> Any:
    groups, outer = _sparse_groups(indices, values, shape, validate_indices)
    sizes = np.zeros(outer, np.int32)
    for place, elements in groups.items():
        sizes[place] = len(elements)
    return sizes


# ---------------------------------------------------------------------- definitions


def _result(rank: int | None) -> list[TensorShape]:
    return [TensorShape([None, rank]), TensorShape([None]), TensorShape([rank])]


def _rank_of(shape: Tensor) -> int | None:
    rank: int | None = constant_value_as_shape(shape).ndims
    return rank


def _dense_shape(set1: Tensor, set2: Tensor) -> list[TensorShape]:
    a, b = set1.shape, set2.shape
    if a.ndims is not None and b.ndims is not None:
        if a.ndims != b.ndims:
            raise ValueError(f"Ranks do not match: {a.ndims} and {b.ndims}")
        a[:-1].assert_is_compatible_with(b[:-1])
    return _result(a.ndims if a.ndims is not None else b.ndims)


define_op("DenseToDenseSetOperation", "set1:T, set2:T", _OUTPUTS, _ATTRS, gradient=NO_GRADIENT,
          kernel=_dense_to_dense, shape=_dense_shape)
define_op("DenseToSparseSetOperation", "set1:T, set2_indices:int64, set2_values:T, set2_shape:int64", _OUTPUTS, _ATTRS,
          gradient=NO_GRADIENT, kernel=_dense_to_sparse,
          shape=lambda a, i, v, s: _result(a.shape.ndims if a.shape.ndims is not None else _rank_of(s)))
define_op("SparseToSparseSetOperation", "set1_indices:int64, set1_values:T, set1_shape:int64, set2_indices:int64, "
          "set2_values:T, set2_shape:int64", _OUTPUTS, _ATTRS, gradient=NO_GRADIENT, kernel=_sparse_to_sparse,
          shape=lambda i, v, s, j, w, t: _result(_rank_of(s) if _rank_of(s) is not None else _rank_of(t)))


def _size_shape(indices: Tensor, values: Tensor, shape: Tensor) -> TensorShape:
    known = constant_value_as_shape(shape)
    return known[:-1] if known.ndims else TensorShape(None)


define_op("SetSize", "set_indices:int64, set_values:T, set_shape:int64", "size:int32",
          f"validate_indices:bool=True; {_TYPES}", shape=_size_shape, kernel=_set_size, gradient=NO_GRADIENT)


# ---------------------------------------------------------------------- public functions


def _as_set(x: Any) -> Any:
    if isinstance(x, SparseTensorValue):
        return SparseTensor.from_value(x)
    return x if isinstance(x, SparseTensor) else convert_to_tensor(x)


def _swapped(operation: str) -> str:
    return {"a-b": "b-a", "b-a": "a-b"}.get(operation, operation)


def _operation(a: Any, b: Any, operation: str, validate: bool) -> SparseTensor:
    a, b = _as_set(a), _as_set(b)
    if b.dtype.base_dtype != a.dtype.base_dtype:
        raise TypeError(f"The types of the sets do not match: {a.dtype.name} vs {b.dtype.name}.")
    if isinstance(b, Tensor) and isinstance(a, SparseTensor):
        a, b, operation = b, a, _swapped(operation)
    attrs: dict[str, Any] = {"set_operation": operation, "validate_indices": validate}
    if isinstance(a, SparseTensor):
        parts = apply_op("SparseToSparseSetOperation", a.indices, a.values, a.dense_shape, b.indices, b.values,
                         b.dense_shape, **attrs)
    elif isinstance(b, SparseTensor):
        parts = apply_op("DenseToSparseSetOperation", a, b.indices, b.values, b.dense_shape, **attrs)
    else:
        parts = apply_op("DenseToDenseSetOperation", a, b, **attrs)
    return SparseTensor(*parts)


def set_size(a: Any, validate_indices: bool = True) -> Tensor:
    """Number of different elements along the last dimension.

    Args:
      a: SparseTensor of integers or strings, with indices in row-major order.
      validate_indices: Whether order and range of the indices are checked.

    Returns:
      int32 Tensor of one dimension less.

    Raises:
      TypeError: `a` is dense.

    Example:
      >>> a = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [7, 7, 5], [2, 3])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sets.size(a)))
      [1 1]
    """
    a = _as_set(a)
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    size: Tensor = apply_op("SetSize", a.indices, a.values, a.dense_shape, validate_indices=validate_indices)
    return size


def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The elements that are in both sets, along the last dimension.

    Args:
      a, b: Tensors or SparseTensors of integers or strings, of equal shape but for the last dimension.
      validate_indices: Whether order and range of sparse indices are checked.

    Returns:
      SparseTensor: the elements of each set in rising order.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sets.intersection([[1, 2, 3]], [[3, 1]])).values)
      [1 3]
    """
    return _operation(a, b, "intersection", validate_indices)


def set_difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """The elements of one set that are not in the other, along the last dimension.

    Args:
      a, b, validate_indices: As in `tf.sets.intersection`.
      aminusb: True for what is in `a` only, False for what is in `b` only.

    Returns:
      SparseTensor.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sets.difference([[1, 2, 3]], [[3, 1]])).values)
      [2]
    """
    return _operation(a, b, "a-b" if aminusb else "b-a", validate_indices)


def set_union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The elements that are in any of two sets, along the last dimension.

    Args:
      a, b, validate_indices: As in `tf.sets.intersection`.

    Returns:
      SparseTensor.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sets.union([[1, 2, 3]], [[4, 1]])).values)
      [1 2 3 4]
    """
    return _operation(a, b, "union", validate_indices)
