"""Cases of core/ops/math_einsum.py."""

from __future__ import annotations

from tests.ops.case import OpCase, rand


def _einsum(equation, *shapes, second=True, unknown="rank", grad=None, square=False):
    return OpCase("Einsum", lambda tf, *x: tf.einsum(equation, *x), [rand(*s) for s in shapes],
    label=equation.replace(" ", ""),
                  golden=True, names=False, grad=tuple(range(len(shapes))) if grad is None else grad, second=second,
                  tol=1e-4,
                  expect=lambda np, *x: np.einsum(equation, *x) if "...->" not in equation else np.sum(x[0], 0),
                  unknown=unknown,
                  square=square)


CASES = [
    _einsum("ij,jk->ik", (2, 3), (3, 4)),
    _einsum("ij,jk", (2, 3), (3, 4)),
    _einsum("ji", (2, 3)),
    _einsum("bij, bjk -> bik", (5, 2, 3), (5, 3, 4)),
    _einsum("ij->", (2, 3)),
    _einsum("ijk->j", (2, 3, 4)),
    _einsum("i,j->ij", (2,), (3,)),
    _einsum("ij,ij->i", (2, 3), (2, 3)),
    _einsum("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
    _einsum("ii->i", (3, 3), square=True),
    _einsum("ii->", (3, 3), square=True),
    _einsum("...ij,...jk->...ik", (6, 5, 2, 3), (5, 3, 4), second=False),
    _einsum("ij,...jk->...ik", (2, 3), (5, 3, 4)),
    OpCase("Einsum", lambda tf, a, b: tf.einsum("ij,kj->ik", a, b), [rand(2, 3, dtype="complex128"), rand(4, 3,
           dtype="complex128")],
           label="complex", golden=True, names=False, grad=(0, 1),
           dtypes=("complex64",), expect=lambda np, a, b: a @ b.T,
           errors=[(lambda tf: tf.einsum("ij,jk->ik", tf.zeros([2, 3])), "ValueError", "Expected 2 arguments"),
                   (lambda tf: tf.einsum("i;j", tf.zeros([2])), "ValueError", "incorrect format"),
                   (lambda tf: tf.einsum("ij,jk->ik", tf.zeros([2, 3]), tf.zeros([4, 5])), "ValueError", "3 and 4"),
                   (lambda tf: tf.einsum("ij->k", tf.zeros([2, 3])), "ValueError", "occur in the inputs"),
                   (lambda tf: tf.einsum("ij->i", tf.zeros([2, 3]), what=1), "TypeError", "invalid keyword")]),
]
