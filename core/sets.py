"""`tf.sets`: operations on sets of integers or strings. The ops stand in `core.ops.set_ops`."""

from __future__ import annotations

from core.ops.set_ops import set_difference, set_intersection, set_size, set_union

__all__ = [
    "difference", "intersection", "set_difference", "set_intersection", "set_size", "set_union", "size", "union",
]

difference, intersection, size, union = set_difference, set_intersection, set_size, set_union
