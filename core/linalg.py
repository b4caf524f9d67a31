"""`tf.linalg`: matrices. Imports ops by name only."""

from __future__ import annotations

from core.ops.math_matmul import matmul, matvec, tensordot

__all__ = [
    "matmul", "matvec", "tensordot",
]
