"""`tf.linalg`: matrices. Imports ops by name only."""

from __future__ import annotations

from core.linear_operators import (
    LinearOperator,
    LinearOperatorAdjoint,
    LinearOperatorBlockDiag,
    LinearOperatorCirculant,
    LinearOperatorCirculant2D,
    LinearOperatorCirculant3D,
    LinearOperatorComposition,
    LinearOperatorDiag,
    LinearOperatorFullMatrix,
    LinearOperatorHouseholder,
    LinearOperatorIdentity,
    LinearOperatorInversion,
    LinearOperatorKronecker,
    LinearOperatorLowerTriangular,
    LinearOperatorLowRankUpdate,
    LinearOperatorScaledIdentity,
    LinearOperatorToeplitz,
    LinearOperatorZeros,
)
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
from core.ops.math_linalg import (
    cholesky,
    cholesky_solve,
    qr,
    slogdet,
)
from core.ops.math_linalg import (
    matrix_determinant as det,
)
from core.ops.math_linalg import (
    matrix_inverse as inv,
)
from core.ops.math_linalg import (
    matrix_solve as solve,
)
from core.ops.math_linalg import (
    matrix_solve_ls as lstsq,
)
from core.ops.math_linalg import (
    matrix_triangular_solve as triangular_solve,
)
from core.ops.math_matmul import matmul, matvec, tensordot
from core.ops.math_misc import cross
from core.ops.math_norm import adjoint, eye, logdet, norm, normalize, trace, tridiagonal_matmul, tridiagonal_solve
from core.ops.math_spectrum import (
    expm,
    logm,
    lu,
    svd,
)
from core.ops.math_spectrum import (
    matrix_square_root as sqrtm,
)
from core.ops.math_spectrum import (
    self_adjoint_eig as eigh,
)
from core.ops.math_spectrum import (
    self_adjoint_eigvals as eigvalsh,
)

__all__ = [
    "LinearOperator", "LinearOperatorAdjoint", "LinearOperatorBlockDiag", "LinearOperatorCirculant",
    "LinearOperatorCirculant2D", "LinearOperatorCirculant3D", "LinearOperatorComposition", "LinearOperatorDiag",
    "LinearOperatorFullMatrix", "LinearOperatorHouseholder", "LinearOperatorIdentity", "LinearOperatorInversion",
    "LinearOperatorKronecker", "LinearOperatorLowRankUpdate", "LinearOperatorLowerTriangular",
    "LinearOperatorScaledIdentity", "LinearOperatorToeplitz", "LinearOperatorZeros", "adjoint", "band_part", "cholesky",
    "cholesky_solve", "cross", "det", "diag", "diag_part", "eigh", "eigvalsh", "einsum", "expm", "eye", "global_norm",
    "inv", "logdet", "logm", "lstsq", "lu", "matmul", "matrix_transpose", "matvec", "norm", "normalize", "qr",
    "set_diag", "slogdet", "solve", "sqrtm", "svd", "tensor_diag", "tensor_diag_part", "tensordot", "trace",
    "transpose", "triangular_solve", "tridiagonal_matmul", "tridiagonal_solve",
]
