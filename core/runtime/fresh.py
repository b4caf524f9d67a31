"""How a value leaves the engine: as an array that shares no memory with anything. NumPy only."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["fresh"]


def fresh(value: Any) -> Any:
    """A value as a user gets it: an array of its own, a NumPy scalar for rank 0, bytes for a string.

    Example:
      >>> fresh(np.array(2.5, np.float32))
      np.float32(2.5)
    """
    if isinstance(value, np.ndarray):
        return value.copy() if value.ndim else value[()]
    return value
