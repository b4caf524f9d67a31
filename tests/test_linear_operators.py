"""Every kind of LinearOperator beside its dense matrix in NumPy: products, solutions, determinants, operators made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import core as tf

R = np.random.RandomState(7)
M = R.randn(2, 3, 3) + 4 * np.eye(3)
D = R.rand(2, 3) + 0.5
W = R.randn(4)
U, V = R.randn(3, 2), R.randn(3, 2)
SPECTRUM = np.fft.fft(R.randn(5)) + 6
SPECTRUM_2D = np.fft.fft2(R.randn(2, 3)) + 9
SPECTRUM_3D = np.fft.fftn(R.randn(2, 3, 2)) + 15
COL, ROW = R.randn(4), R.randn(4)
ROW[0] = COL[0] = 7.0


def circulant(kernel: np.ndarray) -> np.ndarray:
    """The matrix that convolves periodically with `kernel`, of any number of dimensions."""
    size = kernel.size
    columns = [np.fft.ifftn(np.fft.fftn(kernel) * np.fft.fftn(e.reshape(kernel.shape))).ravel() for e in np.eye(size)]
    return np.real(np.array(columns).T)


def toeplitz() -> np.ndarray:
    return np.array([[COL[i - j] if i >= j else ROW[j - i] for j in range(4)] for i in range(4)])


L = tf.linalg
KINDS: dict[str, tuple[Callable[[], Any], np.ndarray]] = {
    "full": (lambda: L.LinearOperatorFullMatrix(M), M),
    "positive definite": (lambda: L.LinearOperatorFullMatrix(M @ M.swapaxes(1, 2), is_self_adjoint=True,
    is_positive_definite=True),
                          M @ M.swapaxes(1, 2)),
    "triangular": (lambda: L.LinearOperatorLowerTriangular(M), np.tril(M)),
    "diag": (lambda: L.LinearOperatorDiag(D), np.array([np.diag(d) for d in D])),
    "complex diag": (lambda: L.LinearOperatorDiag(D[0] + 1j), np.diag(D[0] + 1j)),
    "scaled": (lambda: L.LinearOperatorScaledIdentity(3, np.array([2.0, -3.0])), np.array([2 * np.eye(3),
    -3 * np.eye(3)])),
    "identity": (lambda: L.LinearOperatorIdentity(3, batch_shape=[2], dtype=tf.float64), np.array([np.eye(3)] * 2)),
    "adjoint": (lambda: L.LinearOperatorAdjoint(L.LinearOperatorFullMatrix(M)), M.swapaxes(1, 2)),
    "inversion": (lambda: L.LinearOperatorInversion(L.LinearOperatorFullMatrix(M)), np.linalg.inv(M)),
    "composition": (lambda: L.LinearOperatorComposition([L.LinearOperatorFullMatrix(M), L.LinearOperatorDiag(D)]),
    M * D[:, None]),
    "blocks": (lambda: L.LinearOperatorBlockDiag([L.LinearOperatorFullMatrix(M[0]), L.LinearOperatorDiag(D[0, :2])]),
               np.block([[M[0], np.zeros((3, 2))], [np.zeros((2, 3)), np.diag(D[0, :2])]])),
    "kronecker": (lambda: L.LinearOperatorKronecker([L.LinearOperatorFullMatrix(M[0]), L.LinearOperatorDiag(D[0, :2])]),
                  np.kron(M[0], np.diag(D[0, :2]))),
    "householder": (lambda: L.LinearOperatorHouseholder(W), np.eye(4) - 2 * np.outer(W, W) / (W @ W)),
    "low rank": (lambda: L.LinearOperatorLowRankUpdate(L.LinearOperatorFullMatrix(M), U, [0.5, 2.0], V),
                 M + U @ np.diag([0.5, 2.0]) @ V.T),
    "circulant": (lambda: L.LinearOperatorCirculant(SPECTRUM, tf.float64), circulant(np.fft.ifft(SPECTRUM))),
    "circulant 2": (lambda: L.LinearOperatorCirculant2D(SPECTRUM_2D, tf.float64), circulant(np.fft.ifft2(SPECTRUM_2D))),
    "circulant 3": (lambda: L.LinearOperatorCirculant3D(SPECTRUM_3D, tf.float64), circulant(np.fft.ifftn(SPECTRUM_3D))),
    "toeplitz": (lambda: L.LinearOperatorToeplitz(COL, ROW), toeplitz()),
}


def close(got: Any, want: Any) -> None:
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_equals_its_dense_matrix(kind: str) -> None:
    make, dense = KINDS[kind]
    side = dense.shape[-1]
    x = np.random.RandomState(3).randn(*dense.shape[:-1], 2).astype(dense.dtype)
    turned = dense.swapaxes(-1, -2).conj()
    with tf.Session() as sess:
        operator = make()
        assert operator.shape.as_list() == list(dense.shape)
        assert operator.is_square and operator.tensor_rank == dense.ndim
        assert operator.batch_shape.as_list() == list(dense.shape[:-2])
        got = sess.run({
            "dense": operator.to_dense(), "add": operator.add_to_tensor(x[..., :1]), "diag": operator.diag_part(),
            "trace": operator.trace(), "det": operator.determinant(), "log": operator.log_abs_determinant(),
            "mul": operator.matmul(x), "adj": operator.matmul(x, adjoint=True), "vec": operator.matvec(x[..., 0]),
            "arg": operator.matmul(x.swapaxes(-1, -2).conj(), adjoint_arg=True), "at": operator @ x,
            "solve": operator.solve(x), "solve_adj": operator.solve(x, adjoint=True),
            "solvevec": operator.solvevec(x[..., 0]),
            "inverse": operator.inverse().to_dense(), "adjoint": operator.adjoint().to_dense(),
            "H": operator.H.matmul(x),
            "shape": operator.shape_tensor(), "batch": operator.batch_shape_tensor(),
            "rank": operator.tensor_rank_tensor(),
            "rows": operator.range_dimension_tensor(), "columns": operator.domain_dimension_tensor(),
            "product": operator.matmul(operator).to_dense(), "quotient": operator.solve(operator).to_dense(),
        })
    close(got["dense"], dense)
    close(got["add"], dense + x[..., :1])
    close(got["diag"], np.diagonal(dense, axis1=-2, axis2=-1))
    close(got["trace"], np.trace(dense, axis1=-2, axis2=-1))
    close(got["det"], np.linalg.det(dense))
    close(got["log"], np.linalg.slogdet(dense)[1])
    for name, want in (("mul", dense @ x), ("at", dense @ x), ("arg", dense @ x), ("adj", turned @ x), ("H",
    turned @ x),
                       ("vec", (dense @ x)[..., 0]), ("solve", np.linalg.solve(dense, x)), ("solve_adj",
                       np.linalg.solve(turned, x)),
                       ("solvevec", np.linalg.solve(dense, x)[..., 0]), ("inverse", np.linalg.inv(dense)), ("adjoint",
                       turned),
                       ("product", dense @ dense), ("quotient", np.broadcast_to(np.eye(side), dense.shape))):
        close(got[name], want)
    assert got["shape"].tolist() == list(dense.shape) and got["batch"].tolist() == list(dense.shape[:-2])
    assert (got["rank"], got["rows"], got["columns"]) == (dense.ndim, side, side)


def test_zeros_and_operators_that_are_not_square() -> None:
    operator = tf.linalg.LinearOperatorZeros(2, 3, batch_shape=[4])
    wide = tf.linalg.LinearOperatorFullMatrix(np.arange(6.0).reshape(2, 3))
    with tf.Session() as sess:
        assert sess.run(operator.to_dense()).tolist() == np.zeros([4, 2, 3]).tolist()
        assert sess.run(operator.adjoint().shape_tensor()).tolist() == [4, 3, 2]
        close(sess.run(wide.matmul(np.ones([3, 1]))), [[3.0], [12.0]])
    assert wide.is_square is False
    for call in (wide.determinant, wide.log_abs_determinant, lambda: wide.solve(np.ones([2, 1]))):
        with pytest.raises(NotImplementedError, match="square"):
            call()
    with pytest.raises(ValueError, match="non square"):
        wide.inverse()
    with pytest.raises(ValueError, match="Not a positive definite"):
        wide.cholesky()
    with pytest.raises(ValueError, match="dimension 3 but got 2"):
        wide.matmul(np.ones([2, 1]))


def test_cholesky_and_assertions() -> None:
    dense = M[0] @ M[0].T
    with tf.Session() as sess:
        operator = tf.linalg.LinearOperatorFullMatrix(dense, is_self_adjoint=True, is_positive_definite=True)
        close(sess.run(operator.cholesky().to_dense()), np.linalg.cholesky(dense))
        sess.run([operator.assert_self_adjoint(), operator.assert_positive_definite(), operator.assert_non_singular()])
        bad = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [2.0 - 1e-3, 4.0 - 2e-3]])
        singular = tf.linalg.LinearOperatorFullMatrix([[1.0, 1.0], [1.0, 1.0]])
        for check, text in ((bad.assert_self_adjoint(), "adjoint"), (singular.assert_non_singular(), "Singular"),
                            (tf.linalg.LinearOperatorDiag([1.0, -1.0]).assert_positive_definite(),
                            "positive definite")):
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                sess.run(check)
        real = tf.linalg.LinearOperatorCirculant(SPECTRUM, tf.float64)
        sess.run(real.assert_hermitian_spectrum())
        close(sess.run(real.convolution_kernel()), np.fft.ifft(SPECTRUM).real)
        with pytest.raises(tf.errors.InvalidArgumentError, match="Hermitian"):
            sess.run(tf.linalg.LinearOperatorCirculant([1.0, 2.0 + 1j, 5.0]).assert_hermitian_spectrum())


def test_hints_that_contradict_themselves() -> None:
    for hints, text in (({"is_positive_definite": True, "is_non_singular": False}, "always non-singular"),
                        ({"is_non_singular": True, "is_square": False}, "always square"),
                        ({"is_self_adjoint": True, "is_square": False}, "always square")):
        with pytest.raises(ValueError, match=text):
            tf.linalg.LinearOperatorFullMatrix(np.eye(2), **hints)
    with pytest.raises(ValueError, match="always self adjoint"):
        tf.linalg.LinearOperatorDiag([1.0], is_self_adjoint=False)
    with pytest.raises(TypeError, match="same dtype"):
        tf.linalg.LinearOperatorComposition([tf.linalg.LinearOperatorDiag([1.0]),
        tf.linalg.LinearOperatorDiag(np.ones(1))])


def test_gradients_flow_and_variables_are_found() -> None:
    variable = tf.Variable([2.0, 5.0])
    operator = tf.linalg.LinearOperatorDiag(variable)
    loss = tf.reduce_sum(operator.solvevec([4.0, 5.0]))
    gradient = tf.gradients(loss, variable)[0]
    inner = tf.linalg.LinearOperatorComposition([operator, tf.linalg.LinearOperatorIdentity(2)])
    assert inner.variables == (variable,) == operator.trainable_variables
    assert operator in inner.submodules and inner.operators[0] is operator
    with tf.Session() as sess:
        sess.run(variable.initializer)
        close(sess.run(gradient), [-1.0, -0.2])
    with operator.name_scope:
        assert tf.constant(0).op.name.startswith("LinearOperatorDiag/")
