"""Arithmetic on sparse tensors in coordinate form, as plain NumPy.

Must not import core.graph, core.ops or anything above them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = [
    "concat", "dense_matmul", "fill_empty_rows", "first_places", "group_reduce", "keys", "merged", "order_of",
    "softmax",
]

_LARGEST = 2 ** 62


def keys(indices: Any, shape: Any) -> Any:
    """One integer per row of `indices`, in the row-major order of `shape` (ranks of the rows where it is too large)."""
    dims = [int(d) for d in shape]
    if math.prod(max(d, 1) for d in dims) < _LARGEST:
        result = np.zeros(len(indices), np.int64)
        for axis, size in enumerate(dims):
            result = result * size + indices[:, axis]
        return result
    return np.unique(indices, axis=0, return_inverse=True)[1].reshape(-1)


def order_of(indices: Any) -> Any:
    """The stable permutation that brings coordinates into row-major order."""
    if indices.shape[1] == 0:
        return np.arange(len(indices))
    return np.lexsort(indices.T[::-1])


def merged(a_indices: Any, b_indices: Any, shape: Any) -> tuple[Any, Any, Any]:
    """The coordinates in any of two sets, in order, and the place of each of a's and b's rows among them."""
    both = np.concatenate([a_indices, b_indices])
    _, first, inverse = np.unique(keys(both, shape), return_index=True, return_inverse=True)
    inverse = inverse.reshape(-1)
    return both[first], inverse[:len(a_indices)], inverse[len(a_indices):]


def first_places(wanted: Any, among: Any) -> Any:
    """For each row of `wanted` its place in `among`, or -1."""
    if not len(among):
        return np.full(len(wanted), -1)
    both = np.concatenate([among, wanted])
    _, first, inverse = np.unique(both, axis=0, return_index=True, return_inverse=True)
    found = first[inverse.reshape(-1)[len(among):]]
    return np.where(found < len(among), found, -1)


def dense_matmul(indices: Any, values: Any, shape: Any, b: Any, adjoint_a: bool, adjoint_b: bool) -> Any:
    """``a @ b`` for a sparse matrix `a`; sums are built row by row, each in the order of the indices."""
    rows, cols = indices[:, 0], indices[:, 1]
    count = int(shape[0])
    if adjoint_a:
        rows, cols, values, count = cols, rows, np.conj(values), int(shape[1])
    if adjoint_b:
        b = np.conj(b.T)
    out = np.zeros((count, b.shape[1]), b.dtype)
    if not len(rows):
        return out
    if (rows[1:] < rows[:-1]).any():
        order = np.argsort(rows, kind="stable")
        rows, cols, values = rows[order], cols[order], values[order]
    starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    out[rows[starts]] = np.add.reduceat(values[:, None] * b[cols], starts, axis=0, dtype=b.dtype)
    return out


def group_reduce(ufunc: Any, indices: Any, values: Any, shape: Any, kept: list[int]) -> tuple[Any, Any]:
    """Reduces the values that agree in the dimensions `kept`: their coordinates there, in order, and the results."""
    places = indices[:, kept]
    if not len(values):
        return places, values
    order = order_of(places)
    places, values = places[order], values[order]
    new = np.concatenate([[True], (places[1:] != places[:-1]).any(1)])
    starts = np.flatnonzero(new)
    return places[starts], ufunc.reduceat(values, starts, dtype=values.dtype)


def softmax(indices: Any, values: Any, shape: Any) -> Any:
    """Softmax along the last dimension over the elements that are there."""
    if not len(values):
        return values.copy()
    _, groups = np.unique(keys(indices[:, :-1], shape[:-1]), return_inverse=True)
    groups = groups.reshape(-1)
    largest = np.full(groups.max() + 1, -np.inf, values.dtype)
    np.maximum.at(largest, groups, values)
    exps = np.exp(values - largest[groups])
    total = np.zeros(len(largest), values.dtype)
    np.add.at(total, groups, exps)
    return exps / total[groups]


def fill_empty_rows(indices: Any, values: Any, shape: Any, default: Any) -> list[Any]:
    """Puts `default` into the first column of each row that has no element."""
    rows = int(shape[0])
    counts = np.bincount(indices[:, 0], minlength=rows) if len(indices) else np.zeros(rows, np.int64)
    empty = counts[:rows] == 0
    extra = np.zeros((int(empty.sum()), indices.shape[1]), np.int64)
    extra[:, 0] = np.flatnonzero(empty)
    joined = np.concatenate([indices, extra])
    order = np.argsort(joined[:, 0], kind="stable")
    fill = np.empty(len(extra), values.dtype)
    fill[...] = default
    back = np.empty(len(joined), np.int64)
    back[order] = np.arange(len(joined))
    return [joined[order], np.concatenate([values, fill])[order], empty, back[:len(indices)]]


def concat(axis: int, indices: Any, values: Any, shapes: Any) -> list[Any]:
    """Sparse tensors one after the other along `axis`, in row-major order."""
    shape = np.array(shapes[0], np.int64)
    moved, start = [], 0
    for places, size in zip(indices, shapes, strict=True):
        places = places.copy()
        places[:, axis] += start
        start += int(size[axis])
        moved.append(places)
    shape[axis] = start
    joined = np.concatenate(moved)
    order = order_of(joined)
    return [joined[order], np.concatenate(values)[order], shape]
