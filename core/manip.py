"""Operations that move elements of tensors: `tf.manip`."""

from __future__ import annotations

from core.ops.array_gather import gather_nd, scatter_nd
from core.ops.array_order import reverse
from core.ops.array_pad import roll, tile
from core.ops.array_shape import reshape
from core.ops.array_space import batch_to_space_nd, space_to_batch_nd

__all__ = ["batch_to_space_nd", "gather_nd", "reshape", "reverse", "roll", "scatter_nd", "space_to_batch_nd", "tile"]
