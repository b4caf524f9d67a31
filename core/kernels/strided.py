"""Strided slicing as TensorFlow encodes it: the masks of StridedSlice turned into a NumPy index and into static shapes.

Ground floor: NumPy only. A slice is a list of specs, each one of: a range (begin, end, stride), one index ("shrink"),
a new dimension, or the ellipsis; bit i of a mask says which of these spec i is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Masks", "index_of", "static_shape"]

Masks = tuple[int, int, int, int, int]  # begin, end, ellipsis, new axis, shrink axis
Bound = int | None


def _ellipsis_at(count: int, masks: Masks) -> int:
    """Where the ellipsis stands; `count` (behind the last spec) where none is written."""
    ellipsis = masks[2] & ((1 << count) - 1)
    if ellipsis & (ellipsis - 1):
        raise ValueError("Multiple ellipses in slice spec not allowed.")
    return ellipsis.bit_length() - 1 if ellipsis else count


def index_of(shape: Sequence[int], begin: Sequence[int], end: Sequence[int], strides: Sequence[int],
             masks: Masks) -> Any:
    """The NumPy index that gives the slice of an array of `shape`.

    Raises:
      ValueError: A stride of zero, an index out of bounds, too many specs, two ellipses.
    """
    begin_mask, end_mask, _, new_mask, shrink_mask = masks
    count = len(begin)
    ellipsis = _ellipsis_at(count, masks)
    used = sum(1 for i in range(count) if i != ellipsis and not new_mask >> i & 1)
    ndims = len(shape)
    if used > ndims:
        raise ValueError(f"Index out of range using input dim {ndims}; input has only {ndims} dims")
    index: list[Any] = []
    dim = 0
    for i in range(count):
        if i == ellipsis:
            index.append(Ellipsis)
            dim = ndims - (used - dim)
            continue
        if new_mask >> i & 1:
            index.append(None)
            continue
        stride = strides[i]
        if stride == 0:
            raise ValueError(f"strides[{i}] must be non-zero")
        if shrink_mask >> i & 1:
            index.append(_single(begin[i], shape[dim], stride, dim))
        else:
            index.append(_bounded(begin[i], end[i], stride, begin_mask >> i & 1, end_mask >> i & 1, shape[dim]))
        dim += 1
    if ellipsis == count:
        index.append(Ellipsis)
    return tuple(index)


def _single(at: int, size: int, stride: int, dim: int) -> int:
    if stride < 0:
        raise ValueError("only stride 1 allowed on non-range indexing.")
    if not -size <= at < size:
        raise ValueError(f"slice index {at} of dimension {dim} out of bounds.")
    return at + size if at < 0 else at


def _bounded(begin: int, end: int, stride: int, from_start: int, to_end: int, size: int) -> slice:
    """Python's own slice rules are TensorFlow's: bounds are clipped, negative ones count from the end."""
    return slice(None if from_start else begin, None if to_end else end, stride)


def static_shape(
    dims: Sequence[int | None], begin: Sequence[Bound], end: Sequence[Bound], strides: Sequence[Bound], masks: Masks,
) -> list[int | None]:
    """The sizes of the slice as far as they are known; bounds that are not known yet are None.

    Raises:
      ValueError: As `index_of`, where it can be told already.
    """
    begin_mask, end_mask, _, new_mask, shrink_mask = masks
    count = len(begin)
    ellipsis = _ellipsis_at(count, masks)
    used = sum(1 for i in range(count) if i != ellipsis and not new_mask >> i & 1)
    ndims = len(dims)
    if used > ndims:
        raise ValueError(f"Index out of range using input dim {ndims}; input has only {ndims} dims")
    result: list[int | None] = []
    dim = 0
    for i in range(count):
        if i == ellipsis:
            stop = ndims - (used - dim)
            result.extend(dims[dim:stop])
            dim = stop
            continue
        if new_mask >> i & 1:
            result.append(1)
            continue
        size, first, last, stride = dims[dim], begin[i], end[i], strides[i]
        if stride == 0:
            raise ValueError(f"strides[{i}] must be non-zero")
        if shrink_mask >> i & 1:
            if first is not None and size is not None:
                _single(first, size, 1 if stride is None else stride, dim)
        else:
            result.append(_range_size(size, None if begin_mask >> i & 1 else first, None if end_mask >> i & 1 else last,
                                      stride, bool(begin_mask >> i & 1), bool(end_mask >> i & 1)))
        dim += 1
    result.extend(dims[dim:])
    return result


def _range_size(size: int | None, first: Bound, last: Bound, stride: Bound, from_start: bool,
                to_end: bool) -> int | None:
    if stride is None or (first is None and not from_start) or (last is None and not to_end):
        return None
    if size is None:
        if from_start and to_end:
            return None
        # Bounds of one sign give an upper limit only; the slice [a:b] of unknown size may be shorter.
        return 0 if _always_empty(first, last, stride) else None
    return len(range(*slice(first, last, stride).indices(size)))


def _always_empty(first: Bound, last: Bound, stride: int) -> bool:
    if first is None or last is None or (first < 0) != (last < 0):
        return False
    return (last - first) * stride <= 0
