"""Cases of core/ops/math_linalg.py, math_spectrum.py and math_norm.py.

Signs of singular and eigenvectors are free: cases compare what does not depend on them.
"""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

TYPES = ("float32", "float64", "complex64", "complex128")
A = rand(2, 3, 3)
C = rand(3, 3, dtype="complex128")


def _definite(tf, x):
    """A positive definite matrix of any matrix."""
    side = x.shape.as_list()[-1] if x.shape.ndims else 3
    return tf.matmul(x, x, adjoint_b=True) + tf.cast(tf.eye(side or 3), x.dtype)


def _regular(tf, x):
    return x + tf.cast(4 * tf.eye(3), x.dtype)


def _square(op, make, *inputs, label="", grad=(0,), second=True, dtypes=("float32", "float64"), names=False,
golden=True, tol=1e-4,
            unknown="dims", errors=(), also=(), square=True):
    return OpCase(op, make, list(inputs), label=label, golden=golden, names=names, grad=grad, second=second,
    dtypes=dtypes, tol=tol,
                  unknown=unknown, errors=errors, square=square, also=also)


NOT_SQUARE = (lambda tf: tf.cholesky(tf.zeros([2, 3])), "ValueError", "2 and 3")

CASES = [
    _square("Cholesky", lambda tf, x: tf.cholesky(_definite(tf, x)), A, dtypes=TYPES, errors=[
        NOT_SQUARE, (lambda tf: tf.cholesky([[1.0, 2.0], [2.0, 1.0]]), "InvalidArgumentError", "not successful"),
        (lambda tf: tf.cholesky([1.0]), "ValueError", "rank 2")]),
    _square("Cholesky", lambda tf, x: tf.real(tf.cholesky(_definite(tf, x))), C, label="complex", second=False,
    dtypes=()),
    _square("MatrixTriangularSolve", lambda tf, x, b: tf.cholesky_solve(tf.cholesky(_definite(tf, x)), b), A, rand(2,
    3, 4),
            label="cholesky_solve", grad=(0, 1)),
    _square("MatrixInverse", lambda tf, x: [tf.matrix_inverse(_regular(tf, x)), tf.matrix_inverse(_regular(tf, x),
    adjoint=True)], A,
            dtypes=TYPES, errors=[(lambda tf: tf.matrix_inverse([[1.0, 1.0], [1.0, 1.0]]), "InvalidArgumentError",
            "not invertible")]),
    _square("MatrixInverse", lambda tf, x: tf.matrix_inverse(_regular(tf, x)), C, label="complex", dtypes=()),
    _square("MatrixDeterminant", lambda tf, x: tf.matrix_determinant(x), A, dtypes=TYPES, unknown="rank", names=True),
    # TensorFlow's gradient of a complex determinant lacks a conjugate: ours is held to finite differences.
    _square("MatrixDeterminant", lambda tf, x: tf.matrix_determinant(x), C, label="complex", dtypes=(), second=False,
            golden=False),
    _square("LogMatrixDeterminant", lambda tf, x: list(tf.linalg.slogdet(x)), A, unknown="rank", names=True),
    _square("MatrixSolve", lambda tf, x, b: [tf.matrix_solve(_regular(tf, x), b), tf.matrix_solve(_regular(tf, x), b,
    adjoint=True)], A,
            rand(2, 3, 4), grad=(0, 1), dtypes=TYPES, errors=[
                (lambda tf: tf.matrix_solve(tf.eye(2), tf.zeros([3, 1])), "ValueError", "2 and 3"),
                (lambda tf: tf.matrix_solve([[1.0, 1.0], [1.0, 1.0]], [[1.0], [2.0]]), "InvalidArgumentError",
                "not invertible")]),
    _square("MatrixSolve", lambda tf, x, b: tf.matrix_solve(_regular(tf, x), b), C, rand(3, 2, dtype="complex128"),
    label="complex",
            grad=(0, 1), dtypes=()),
    *[_square("MatrixTriangularSolve",
              lambda tf, x, b, lo=lo, ad=ad: tf.matrix_triangular_solve(_regular(tf, x), b, lower=lo, adjoint=ad), A,
              rand(2, 3, 4),
              label=f"{lo} {ad}", grad=(0, 1)) for lo in (True, False) for ad in (True, False)],
    _square("MatrixTriangularSolve", lambda tf, x: tf.matrix_triangular_solve(_regular(tf, x), x), A, label="errors",
    errors=[
        (lambda tf: tf.matrix_triangular_solve([[0.0, 1.0], [1.0, 1.0]], [[1.0], [2.0]]), "InvalidArgumentError",
        "not invertible")]),
    *[_square("MatrixSolveLs", lambda tf, a, b: tf.raw_ops.MatrixSolveLs(matrix=a, rhs=b,
    l2_regularizer=tf.constant(0.1, tf.float64)),
              rand(*shape), rand(shape[0], 2), label=str(shape), grad=(0, 1), names=True, square=False, unknown="rank")
      for shape in ((5, 3), (3, 4))],
    _square("MatrixSolveLs", lambda tf, a, b: tf.matrix_solve_ls(a, b, fast=False), rand(5, 3), rand(5, 2),
    label="slow", grad=(),
            square=False),
    _square("Cholesky", lambda tf, a, b: tf.matrix_solve_ls(a, b, 0.1), rand(2, 5, 3), rand(2, 5, 4), label="lstsq",
    grad=(0, 1),
            unknown="none", square=False),
    _square("Cholesky", lambda tf, a, b: tf.matrix_solve_ls(a, b, 0.1), rand(3, 5), rand(3, 2), label="lstsq, wide",
    grad=(0, 1),
            unknown="none", square=False),
    _square("Qr", lambda tf, x: [tf.abs(tf.qr(x)[1]), tf.matmul(*tf.qr(x)), tf.abs(tf.qr(x)[0])], rand(4, 3),
    second=False, square=False,
            unknown="none"),
    _square("Qr", lambda tf, x: [tf.abs(t) for t in tf.qr(x, full_matrices=True)], rand(2, 3, 4), label="full",
    grad=(), square=False,
            unknown="rank"),
    _square("SelfAdjointEigV2", lambda tf, x: [tf.self_adjoint_eigvals(_definite(tf, x)),
    tf.square(tf.self_adjoint_eig(_definite(tf, x))[1])],
            A, second=False),
    _square("SelfAdjointEigV2", lambda tf, x: [tf.real(tf.self_adjoint_eigvals(_definite(tf, x))),
    tf.abs(tf.self_adjoint_eig(_definite(tf, x))[1])],
            C, label="complex", grad=(), dtypes=()),
    _square("Svd", lambda tf, x: [tf.svd(x, compute_uv=False), *[tf.abs(t) for t in tf.svd(x)]], rand(3, 4),
    second=False, square=False,
            unknown="none"),
    _square("Svd", lambda tf, x: [tf.abs(t) for t in tf.svd(x)], rand(2, 4, 3), label="tall", second=False,
    square=False, unknown="none"),
    _square("Svd", lambda tf, x: [tf.abs(t) for t in tf.svd(x, full_matrices=True)], rand(3, 4), label="full",
    second=False, square=False,
            unknown="none", tol=1e-3),
    _square("Svd", lambda tf, x: tf.svd(x)[0], C, label="complex", grad=(), dtypes=()),
    _square("Lu", lambda tf, x: list(tf.linalg.lu(x)), A, grad=(), names=True, unknown="rank", dtypes=TYPES, errors=[
        (lambda tf: tf.linalg.lu([[0.0, 0.0], [0.0, 0.0]]), "InvalidArgumentError", "not invertible")]),
    _square("MatrixExponential", lambda tf, x: tf.linalg.expm(x), A, dtypes=TYPES),
    _square("MatrixExponential", lambda tf, x: tf.linalg.expm(10.0 * x), rand(2, 2), label="large", grad=(), tol=2e-4),
    _square("MatrixExponential", lambda tf, x: tf.linalg.expm(x), C, label="complex", second=False, dtypes=(),
    golden=False),
    _square("MatrixLogarithm", lambda tf, x: tf.linalg.logm(_definite(tf, x)), C, grad=(), dtypes=("complex128",)),
    _square("MatrixSquareRoot", lambda tf, x: tf.matrix_square_root(_definite(tf, x)), A, errors=[
        (lambda tf: tf.matrix_square_root([[-1.0, 0.0], [0.0, 1.0]]), "InvalidArgumentError", "negative eigenvalue")]),
    # norms and the like
    OpCase("MatrixDiag", lambda tf: [tf.eye(3), tf.eye(2, batch_shape=[3]), tf.eye(2, 3), tf.eye(3, 2, [4], tf.int32)],
           label="eye",
           also=("MatrixSetDiag",), golden=True, names=False),
    OpCase("MatrixDiag", lambda tf, n: [tf.eye(n), tf.eye(n, 5), tf.eye(2, batch_shape=tf.stack([n, 2]))], [array(3,
           "int32")],
           label="eye of a run", golden=True, names=False, static=False, unknown="dims"),
    OpCase("Sum", lambda tf, x: tf.trace(x), [rand(2, 3, 4)], label="trace", also=("MatrixDiagPart",), grad=(0,),
           golden=True, names=False,
           expect=lambda np, x: np.trace(x, axis1=1, axis2=2)),
    OpCase("ConjugateTranspose", lambda tf, x: tf.linalg.adjoint(x), [rand(2, 3, dtype="complex128")], label="adjoint",
           golden=True,
           names=False, grad=(0,), expect=lambda np, x: x.T.conj()),
    _square("Log", lambda tf, x: tf.linalg.logdet(_definite(tf, x)), A, label="logdet", also=("Cholesky",)),
    *[OpCase("Squeeze", lambda tf, x, o=o, a=a: [tf.norm(x, o, a), tf.norm(x, o, a, keepdims=True)], [rand(2, 3, 4)],
             label=f"norm {o} {a}",
             also=("Sum",) if o in ("euclidean", 1, 2.5) else (), grad=(0,), golden=True, names=False, tol=1e-5,
             unknown="rank" if o != 2 or a is None else "none")
      for o, a in (("euclidean", None), ("euclidean", 1), ("fro", (0, 2)), (1, 1), (1, (1, 2)), (float("inf"), -1),
      (float("inf"), (0, 1)),
                   (2.5, 2))],
    OpCase("Svd", lambda tf, x: tf.norm(x, 2, (0, 2)), [rand(2, 3, 4)], label="norm", golden=True, names=False,
           unknown="none",
           expect=lambda np, x: np.linalg.norm(x, 2, (0, 2)),
           errors=[(lambda tf: tf.norm([1.0], "what"), "ValueError", "supported vector norm"),
                   (lambda tf: tf.norm([[1.0]], 7, (0, 1)), "ValueError", "supported matrix norm"),
                   (lambda tf: tf.norm([[1.0]], axis=(0, 0)), "ValueError", "unique")]),
    OpCase("RealDiv", lambda tf, x: list(tf.linalg.normalize(x, axis=1)), [rand(2, 3)], label="normalize", golden=True,
           names=False,
           grad=(0,), expect=lambda np, x: [x / np.linalg.norm(x, axis=1, keepdims=True), np.linalg.norm(x, axis=1,
           keepdims=True)]),
    OpCase("TridiagonalSolve", lambda tf, d, b: tf.linalg.tridiagonal_solve(d + tf.constant([[0.0], [5.0], [0.0]],
           d.dtype), b),
           [rand(2, 3, 5), rand(2, 5, 4)], grad=(0, 1), second=True, golden=True, names=False, unknown="dims", tol=1e-4,
           dtypes=("float32", "float64"),
           errors=[(lambda tf: tf.linalg.tridiagonal_solve(tf.zeros([3, 2]), tf.zeros([3, 1])), "ValueError",
           r"3, 2.*3, 1"),
                   (lambda tf: tf.linalg.tridiagonal_solve(tf.eye(3), tf.zeros([3]), "what"), "ValueError",
                   "Unrecognized")]),
    OpCase("TridiagonalSolve", lambda tf, d, b: [tf.linalg.tridiagonal_solve(d, b, "matrix"),
           tf.linalg.tridiagonal_solve(
        [d[0, 1:], d[1], d[2, :-1]], b, "sequence")],
           [array([[9.0, 1.0, 2.0], [3.0, 9.0, 4.0], [5.0, 6.0, 9.0]]), rand(3)], label="formats", golden=True,
           names=False, unknown="none",
           square=True, tol=1e-5),
    OpCase("TridiagonalMatMul", lambda tf, d, b: tf.linalg.tridiagonal_matmul(d, b), [rand(2, 3, 5), rand(2, 5, 4)],
           grad=(0, 1), second=True,
           golden=True, names=False, unknown="dims", tol=1e-5),
]
