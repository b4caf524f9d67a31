"""Places the intermediate values of a plan in one block of memory; values whose lives do not meet share bytes.

Pure arithmetic on (birth, death, size); no arrays but the block itself. Best fit over a free list that is kept
sorted.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

__all__ = ["Need", "Placement", "place"]

_ALIGN = 64  # a cache line, and the widest vector


@dataclass(frozen=True, slots=True)
class Need:
    """One value: it is written at step `birth` and read for the last time at step `death`.

    `heir_of` names the value (dying at `birth`) whose memory this one may take over, element by element; -1 for none.
    """

    value: int
    birth: int
    death: int
    nbytes: int
    heir_of: int = -1


@dataclass(frozen=True, slots=True)
class Placement:
    """Offsets by value, and the size of the whole block."""

    offsets: dict[int, int]
    size: int


def place(needs: Sequence[Need]) -> Placement:
    """Returns an offset for each need, so that values alive at the same time never overlap (heirs excepted).

    A value that dies at step `t` frees its bytes for values born after `t`.

    Example:
      >>> place([Need(0, 0, 1, 64), Need(1, 1, 2, 64), Need(2, 2, 3, 64)]).size
      128
    """
    offsets: dict[int, int] = {}
    size_of: dict[int, int] = {}
    owner_end: dict[int, int] = {}  # value -> death of the last heir of its bytes
    free = _FreeList()
    ending: list[tuple[int, int]] = []
    end = 0
    for need in sorted(needs, key=lambda n: n.birth):
        while ending and ending[0][0] < need.birth:
            _, value = heappop(ending)
            if value in owner_end:
                free.add(offsets[value], size_of[value])
                del owner_end[value]
        size = max(_ALIGN, -(-need.nbytes // _ALIGN) * _ALIGN)
        if need.heir_of in owner_end and size_of[need.heir_of] == size:
            # Bytes pass from one value to the next: the old owner's entry in `ending` is void from now on.
            del owner_end[need.heir_of]
            offsets[need.value] = offsets[need.heir_of]
        else:
            offset = free.take(size)
            if offset is None:
                offset, missing = free.tail(end, size)
                end += missing
            offsets[need.value] = offset
        size_of[need.value] = size
        owner_end[need.value] = need.death
        heappush(ending, (need.death, need.value))
    return Placement(offsets, end)


class _FreeList:
    """Free ranges of the block, by size and by place; neighbours are joined."""

    def __init__(self) -> None:
        self._sizes: list[tuple[int, int]] = []  # (size, offset)
        self._at: dict[int, int] = {}  # offset -> size
        self._until: dict[int, int] = {}  # end -> offset

    def _insert(self, offset: int, size: int) -> None:
        insort(self._sizes, (size, offset))
        self._at[offset] = size
        self._until[offset + size] = offset

    def _remove(self, offset: int, size: int) -> None:
        del self._sizes[bisect_left(self._sizes, (size, offset))]
        del self._at[offset]
        del self._until[offset + size]

    def add(self, offset: int, size: int) -> None:
        """Frees a range."""
        before = self._until.get(offset)
        if before is not None:
            length = self._at[before]
            self._remove(before, length)
            offset, size = before, size + length
        after = self._at.get(offset + size)
        if after is not None:
            self._remove(offset + size, after)
            size += after
        self._insert(offset, size)

    def take(self, size: int) -> int | None:
        """Takes the smallest range that fits, or None."""
        at = bisect_left(self._sizes, (size, -1))
        if at == len(self._sizes):
            return None
        length, offset = self._sizes[at]
        self._remove(offset, length)
        if length > size:
            self._insert(offset + size, length - size)
        return offset

    def tail(self, end: int, size: int) -> tuple[int, int]:
        """A range at the end of the block, growing it: a free range there is used up. Returns (offset, bytes to grow
        by).
        """
        last = self._until.get(end)
        if last is None:
            return end, size
        length = self._at[last]
        self._remove(last, length)
        return last, size - length
