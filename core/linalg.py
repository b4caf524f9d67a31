"""`tf.linalg`: matrices. Imports ops by name only."""

from __future__ import annotations

from core.ops.array_diag import (
    diag as tensor_diag,
)
from core.ops.array_diag import (
    diag_part as tensor_diag_part,
)
from core.ops.array_diag import (
    matrix_band_part as band_part,
)
from core.ops.array_diag import (
    matrix_diag as diag,
)
from core.ops.array_diag import (
    matrix_diag_part as diag_part,
)
from core.ops.array_diag import (
    matrix_set_diag as set_diag,
)
from core.ops.array_shape import matrix_transpose
from core.ops.array_shape import matrix_transpose as transpose
from core.ops.math_clip import global_norm
from core.ops.math_einsum import einsum
from core.ops.math_matmul import matmul, matvec, tensordot
from core.ops.math_misc import cross

__all__ = [
    "band_part", "cross", "diag", "diag_part", "einsum", "global_norm", "matmul", "matrix_transpose", "matvec",
    "set_diag", "tensor_diag", "tensor_diag_part", "tensordot", "transpose",
]
