"""Sums, products and extremes of rows that share an id, and adding or writing rows into a larger array.

The gradients of gathers and embeddings end here. Rows are brought together by a sparse product where SciPy is at hand
and the work is large (a 20,000 x 64 sum: 0.4 ms; by sorting 4.8, by `np.add.at` 13.6), else by counting or sorting.

Must not import core.graph, core.ops or anything above them.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidArgumentError

__all__ = [
    "check_indices",
    "combine_duplicates",
    "gather_grad",
    "scatter",
    "scatter_nd",
    "scatter_nd_into",
    "segment",
    "sparse_segment",
    "sparse_segment_grad",
    "unsorted_segment",
]

_LARGE = 20_000  # elements from which a sparse product pays for its set-up (about 0.1 ms)
_REDUCE = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}
_WRITE = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "max": np.maximum,
    "min": np.minimum,
}


@lru_cache
def _sparse_matrix() -> Any:
    try:
        from scipy.sparse import csr_matrix  # optional engine, and slow to import: only for large sums
    except ImportError:
        return None
    return csr_matrix


def check_indices(indices: NDArray[Any], limit: int, name: str = "indices") -> None:
    """Raise TensorFlow's InvalidArgumentError unless all indices lie in [0, limit)."""
    if indices.size == 0:
        return
    bad = (indices < 0) | (indices >= limit)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        where = ",".join(map(str, place))
        raise InvalidArgumentError(None, None, f"{name}[{where}] = {indices[place]} is not in [0, {limit})")


def _runs(ids: NDArray[Any]) -> NDArray[np.intp]:
    """Where each run of equal ids starts."""
    change = np.empty(ids.size, bool)
    change[:1] = True
    np.not_equal(ids[1:], ids[:-1], out=change[1:])
    return np.flatnonzero(change)


def _sum_rows(ids: NDArray[Any], rows: NDArray[Any], count: int, is_sorted: bool) -> NDArray[Any]:
    """Sums (count, width) of the rows (n, width) by id."""
    n, width = rows.shape
    dtype = rows.dtype
    narrow = dtype.itemsize == 2 and dtype.kind not in "iu"
    wide = rows.astype(np.float32) if narrow else rows
    if n == 0 or width == 0:
        return np.zeros((count, width), dtype)
    floating = wide.dtype.kind == "f"
    if width == 1 and floating:
        out = np.bincount(ids, wide[:, 0], count).astype(wide.dtype)[:, None]
    elif n * width >= _LARGE and wide.dtype.kind in "fc" and (matrix := _sparse_matrix()) is not None:
        ones = np.ones(n, wide.dtype)
        out = np.asarray(matrix((ones, ids, np.arange(n + 1)), shape=(n, count)).T @ wide)
    elif floating and not is_sorted and count * width <= 4 * n * width:
        places = ids[:, None] * width + np.arange(width)
        out = np.bincount(places.ravel(), wide.ravel(), count * width).astype(wide.dtype).reshape(count, width)
    else:
        out = _reduce_rows(np.add, ids, wide, count, 0, is_sorted)
    return out.astype(dtype, copy=False)


def _reduce_rows(
    ufunc: Any, ids: NDArray[Any], rows: NDArray[Any], count: int, empty: Any, is_sorted: bool
) -> NDArray[Any]:
    out = np.full((count, rows.shape[1]), empty, rows.dtype)
    if ids.size and rows.shape[1]:
        if not is_sorted:
            order = np.argsort(ids, kind="stable")
            ids, rows = ids[order], rows[order]
        starts = _runs(ids)
        out[ids[starts]] = ufunc.reduceat(rows, starts, axis=0, dtype=rows.dtype)
    return out


def _limits(kind: str, dtype: np.dtype[Any]) -> Any:
    """What an empty segment of UnsortedSegmentMax or Min holds."""
    if dtype.kind in "iu":
        info: Any = np.iinfo(dtype)
    elif dtype.kind == "b":
        return kind == "min"
    elif dtype.name == "bfloat16":
        largest = float.fromhex("0x1.fep127")
        return -largest if kind == "max" else largest
    else:
        info = np.finfo(dtype)
    return info.min if kind == "max" else info.max


def _grouped(kind: str, data: NDArray[Any], ids: NDArray[Any], count: int, empty: Any, is_sorted: bool) -> NDArray[Any]:
    """Reduce data[i] by ids[i]; ids has the leading axes of data and no bad element."""
    inner = data.shape[ids.ndim :]
    rows = data.reshape(ids.size, math.prod(inner))
    ids = ids.ravel()
    if kind in ("sum", "mean", "sqrt_n"):
        out = _sum_rows(ids, rows, count, is_sorted)
        if kind != "sum":
            sizes = np.maximum(np.bincount(ids, minlength=count), 1)[:, None]
            if out.dtype.kind in "iu":
                out = (np.sign(out) * (np.abs(out) // sizes)).astype(out.dtype)  # C++ divides towards zero
            else:
                divisor = sizes if kind == "mean" else np.sqrt(sizes)
                out = (out / divisor.astype(np.result_type(out.real.dtype, np.float32))).astype(out.dtype)
    else:
        out = _reduce_rows(_REDUCE[kind], ids, rows, count, empty, is_sorted)
    return out.reshape(count, *inner)


def segment(kind: str, data: NDArray[Any], segment_ids: NDArray[Any]) -> NDArray[Any]:
    """Reduce rows with equal, sorted ids: the kernels of SegmentSum, SegmentMean, SegmentProd, SegmentMax, SegmentMin.

    Args:
      kind: "sum", "mean", "prod", "max" or "min".
      data: array (n, ...).
      segment_ids: int array (n,), ascending, not negative.

    Returns:
      Array (last id + 1, ...); ids that do not occur give 0, for "prod" 1.

    Raises:
      InvalidArgumentError: ids that descend or are negative, or of another number than the rows.
    """
    data, ids = np.asarray(data), np.asarray(segment_ids)
    if ids.ndim != 1 or data.ndim < 1 or ids.shape[0] != data.shape[0]:
        raise InvalidArgumentError(
            None, None, "segment_ids should be the same size as dimension 0 of input: "
            f"ids {ids.shape}, data {data.shape}"
        )
    count = _sorted_count(ids)
    return _grouped(kind, data, ids, count, 1 if kind == "prod" else 0, True)


def _sorted_count(ids: NDArray[Any]) -> int:
    if ids.size and (ids[0] < 0 or (ids[1:] < ids[:-1]).any()):
        raise InvalidArgumentError(None, None, "segment ids must be >= 0 and must be increasing")
    return int(ids[-1]) + 1 if ids.size else 0


def unsorted_segment(kind: str, data: NDArray[Any], segment_ids: NDArray[Any], num_segments: int) -> NDArray[Any]:
    """Reduce elements with equal ids in any order: UnsortedSegmentSum, Prod, Max and Min; also mean and sqrt_n.

    Args:
      kind: "sum", "prod", "max", "min", "mean" or "sqrt_n".
      data: array whose leading axes are those of the ids.
      segment_ids: int array; a negative id leaves its element out.
      num_segments: first axis of the result.

    Returns:
      Array (num_segments, remaining axes); empty segments give 0, 1, or the lowest or highest number of the dtype.

    Raises:
      InvalidArgumentError: shapes that do not match or an id of num_segments or more.
    """
    data, ids, count = np.asarray(data), np.asarray(segment_ids), int(num_segments)
    if data.shape[: ids.ndim] != ids.shape:
        raise InvalidArgumentError(
            None, None, f"data.shape = {data.shape} does not start with segment_ids.shape = {ids.shape}"
        )
    if ids.size and int(ids.min()) < 0:
        kept = ids >= 0
        data, ids = data[kept], ids[kept]
    check_indices(ids, count, "segment_ids")
    empty = {"prod": 1, "max": None, "min": None}.get(kind, 0)
    if empty is None:
        empty = _limits(kind, data.dtype)
    return _grouped(kind, data, ids, count, empty, False)


def sparse_segment(
    kind: str,
    data: NDArray[Any],
    indices: NDArray[Any],
    segment_ids: NDArray[Any],
    num_segments: int | None = None,
) -> NDArray[Any]:
    """`segment` of the rows `data[indices]`: SparseSegmentSum, SparseSegmentMean and SparseSegmentSqrtN.

    Args:
      kind: "sum", "mean" or "sqrt_n".
      data: array (n, ...).
      indices: int array (k,), rows of data.
      segment_ids: int array (k,), ascending.
      num_segments: first axis of the result; None: last id + 1.

    Returns:
      Array (segments, ...).

    Raises:
      InvalidArgumentError: an index or id out of its range.
    """
    data, indices, ids = np.asarray(data), np.asarray(indices), np.asarray(segment_ids)
    if ids.shape != indices.shape:
        raise InvalidArgumentError(None, None, "segment_ids and indices should have same size.")
    check_indices(indices, data.shape[0])
    count = _sorted_count(ids)
    if num_segments is not None:
        if count > num_segments:
            raise InvalidArgumentError(
                None, None, f"segment ids must be < num_segments, got {count - 1} for {num_segments}"
            )
        count = int(num_segments)
    return _grouped(kind, data[indices], ids, count, 0, True)


def sparse_segment_grad(
    kind: str, grad: NDArray[Any], indices: NDArray[Any], segment_ids: NDArray[Any], output_dim0: int
) -> NDArray[Any]:
    """The gradient of `sparse_segment` for data with `output_dim0` rows."""
    grad, indices, ids = np.asarray(grad), np.asarray(indices), np.asarray(segment_ids)
    check_indices(indices, int(output_dim0))
    check_indices(ids, grad.shape[0], "segment_ids")
    if kind != "sum":
        sizes = np.maximum(np.bincount(ids, minlength=grad.shape[0]), 1)
        divisor = sizes if kind == "mean" else np.sqrt(sizes)
        shape = (-1,) + (1,) * (grad.ndim - 1)
        grad = (grad / divisor.astype(np.float32 if grad.dtype.itemsize < 8 else grad.dtype).reshape(shape)).astype(
            grad.dtype, copy=False
        )
    return unsorted_segment("sum", grad[ids], indices, output_dim0)


def gather_grad(shape: Sequence[int], indices: NDArray[Any], dy: NDArray[Any], axis: int = 0) -> NDArray[Any]:
    """The dense gradient of `np.take(x, indices, axis)` for x of `shape`.

    Args:
      shape: shape of x.
      indices: int array.
      dy: gradient for the gathered array.
      axis: the axis that was gathered from.

    Returns:
      Array of `shape`.
    """
    dy, indices = np.asarray(dy), np.asarray(indices)
    axis %= len(shape)
    rank = indices.ndim
    moved = dy.transpose(*range(axis, axis + rank), *range(axis), *range(axis + rank, dy.ndim))
    out = unsorted_segment("sum", moved, indices, shape[axis])
    return np.ascontiguousarray(np.moveaxis(out, 0, axis))


def combine_duplicates(ids: NDArray[Any], rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Ascending distinct ids and, for each, the sum of its rows: what an IndexedSlices means, each row once.

    Args:
      ids: int array (n,).
      rows: array (n, ...).

    Returns:
      Distinct ids (k,) and sums (k, ...).
    """
    ids, rows = np.asarray(ids), np.asarray(rows)
    if ids.size == 0:
        return ids, rows
    order = np.argsort(ids, kind="stable")
    arranged = ids[order]
    starts = _runs(arranged)
    if starts.size == ids.size:
        return arranged, rows[order]
    rank = np.zeros(ids.size, np.intp)
    rank[starts[1:]] = 1
    place = np.empty_like(rank)
    place[order] = np.cumsum(rank)
    flat = rows.reshape(ids.size, math.prod(rows.shape[1:]))
    return arranged[starts], _sum_rows(place, flat, starts.size, False).reshape(starts.size, *rows.shape[1:])


def scatter(kind: str, target: NDArray[Any], indices: NDArray[Any], updates: NDArray[Any]) -> None:
    """Write rows into `target` in place: the kernels of ScatterUpdate, ScatterAdd, Sub, Mul, Div, Min and Max.

    Args:
      kind: "update", "add", "sub", "mul", "div", "min" or "max".
      target: array (n, ...), changed.
      indices: int array of any shape.
      updates: array `indices.shape + target.shape[1:]`, or a scalar for all.

    Raises:
      InvalidArgumentError: an index outside [0, n).
    """
    indices, updates = np.asarray(indices), np.asarray(updates)
    check_indices(indices, target.shape[0])
    updates = np.broadcast_to(updates, indices.shape + target.shape[1:]) if updates.ndim == 0 else updates
    ids = indices.ravel()
    rows = updates.reshape(ids.size, *target.shape[1:])
    if kind == "update":
        target[ids] = rows  # of equal indices the last wins, as in TensorFlow
        return
    if ids.size == 0:
        return
    if kind in ("add", "sub"):
        if ids.size > 1:
            ids, rows = combine_duplicates(ids, rows)
        target[ids] = _WRITE[kind](target[ids], rows)
        return
    if kind == "div" and target.dtype.kind in "iu":
        for i, row in zip(ids.tolist(), rows):  # C++ divides whole numbers towards zero, one update after another
            target[i] = np.trunc(target[i] / row).astype(target.dtype)
        return
    order = np.argsort(ids, kind="stable")
    ids, rows = ids[order], rows[order]
    starts = _runs(ids)
    if starts.size != ids.size:
        joined = np.multiply if kind in ("mul", "div") else _WRITE[kind]
        rows, ids = joined.reduceat(rows, starts, axis=0, dtype=rows.dtype), ids[starts]
    target[ids] = _WRITE[kind](target[ids], rows)


def _flat_rows(indices: NDArray[Any], shape: Sequence[int]) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """Row numbers of n-dimensional indices in the leading axes of `shape`, and the remaining axes."""
    depth = indices.shape[-1]
    if depth > len(shape):
        raise InvalidArgumentError(
            None,
            None,
            f"The innermost dimension of indices of shape {indices.shape} must be at most the rank of {tuple(shape)}",
        )
    rows = np.zeros(indices.shape[:-1], np.intp)
    for axis in range(depth):
        part = indices[..., axis]
        bad = (part < 0) | (part >= shape[axis])
        if bad.any():
            place = tuple(int(i) for i in np.argwhere(bad)[0])
            got = ", ".join(map(str, indices[place].tolist()))
            where = ",".join(map(str, place))
            raise InvalidArgumentError(None, None, f"indices[{where}] = [{got}] does not index into {list(shape)}")
        rows *= shape[axis]
        rows += part
    return rows, tuple(int(d) for d in shape[depth:])


def scatter_nd_into(kind: str, target: NDArray[Any], indices: NDArray[Any], updates: NDArray[Any]) -> None:
    """Write slices into a C-contiguous `target` in place: ScatterNdUpdate, ScatterNdAdd, ScatterNdSub and their kin.

    Args:
      kind: as in `scatter`.
      target: array, changed.
      indices: int array (..., depth): each an index into the leading `depth` axes of target.
      updates: array `indices.shape[:-1] + target.shape[depth:]`.

    Raises:
      InvalidArgumentError: an index outside the target.
    """
    indices, updates = np.asarray(indices), np.asarray(updates)
    rows, inner = _flat_rows(indices, target.shape)
    count = math.prod(target.shape[: indices.shape[-1]])
    flat = target.reshape(count, *inner)
    if not np.shares_memory(flat, target) and target.size:
        raise ValueError("scatter_nd_into needs a target whose leading axes can be joined without a copy")
    scatter(kind, flat, rows, updates)


def scatter_nd(indices: NDArray[Any], updates: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """Zeros of `shape` with `updates` added at `indices`: the kernel of ScatterNd; arguments as `scatter_nd_into`."""
    indices, updates = np.asarray(indices), np.asarray(updates)
    shape = tuple(int(d) for d in shape)
    rows, inner = _flat_rows(indices, shape)
    if updates.dtype == object or updates.dtype == bool:
        empty: Any = b"" if updates.dtype == object else False
        out = np.full(shape, empty, updates.dtype)
        scatter_nd_into("update", out, indices, updates)
        return out
    count = math.prod(shape[: indices.shape[-1]])
    flat = updates.reshape(rows.size, math.prod(inner))
    return _sum_rows(rows.ravel(), flat, count, False).reshape(shape)
