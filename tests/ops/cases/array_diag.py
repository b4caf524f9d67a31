"""Cases of core/ops/array_diag.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, rand

NUMBERS = ("float32", "float64", "int32", "int64", "complex64", "complex128")
BAND = array([-1, 2], "int32")

CASES = [
    OpCase("Diag", lambda tf, x: tf.diag(x), [rand(2, 3)], grad=(0,), second=True, dtypes=NUMBERS, golden=True,
           expect=lambda np, x: np.diag(x.ravel()).reshape(2, 3, 2, 3),
           errors=[(lambda tf: tf.diag(1.0), "ValueError", "rank")]),
    OpCase("DiagPart", lambda tf, x: tf.diag_part(x), [rand(2, 3, 2, 3)], square=True, grad=(0,), second=True,
           dtypes=NUMBERS, golden=True, expect=lambda np, x: np.diag(x.reshape(6, 6)).reshape(2, 3),
           errors=[(lambda tf: tf.diag_part(tf.zeros([2, 3])), "ValueError", "2|3"),
                   (lambda tf: tf.diag_part(tf.zeros([3])), "ValueError", "even")]),
    OpCase("MatrixDiag", lambda tf, x: [tf.matrix_diag(x), tf.raw_ops.MatrixDiag(diagonal=x)], [rand(2, 3)], grad=(0,),
           second=True, dtypes=(*NUMBERS, "bool"), golden=True, names=False,
           expect=lambda np, x: [np.stack([np.diag(r) for r in x])] * 2,
           errors=[(lambda tf: tf.matrix_diag(1.0), "ValueError", "rank")]),
    OpCase("MatrixDiagPart", lambda tf, x: [tf.matrix_diag_part(x), tf.linalg.diag_part(x, name="d")], [rand(2, 3, 5)],
           grad=(0,), second=True, dtypes=(*NUMBERS, "bool"), golden=True, names=False, also=("MatrixSetDiag",),
           expect=lambda np, x: [np.diagonal(x, 0, 1, 2)] * 2),
    OpCase("MatrixSetDiag", lambda tf, x, d: tf.matrix_set_diag(x, d), [rand(2, 3, 5), rand(2, 3)], grad=(0, 1),
           second=True, dtypes=(*NUMBERS, "bool"), golden=True, names=False,
           errors=[(lambda tf: tf.matrix_set_diag(tf.zeros([2, 3]), tf.zeros([3])), "ValueError", "2|3")]),
    OpCase("MatrixBandPart", lambda tf, x: [tf.matrix_band_part(x, 1, 0), tf.matrix_band_part(x, -1, 2),
                                            tf.linalg.band_part(x, 0, -1, name="b")],
           [rand(2, 3, 5)], grad=(0,), second=True, dtypes=(*NUMBERS, "bool"), golden=True,
           expect=lambda np, x: [np.tril(np.triu(x, -1)), np.tril(x, 2), np.triu(x)]),
    *[OpCase(f"MatrixDiagV{v}",
             lambda tf, x, y, v=v, more=more: [
                 getattr(tf.raw_ops, f"MatrixDiagV{v}")(diagonal=x, k=1, num_rows=-1, num_cols=-1, padding_value=9.0,
                                                        **more),
                 getattr(tf.raw_ops, f"MatrixDiagV{v}")(diagonal=y, k=BAND, num_rows=3, num_cols=5, padding_value=0.0,
                                                        **more)],
             [rand(2, 3), rand(4, 3)], grad=(0, 1), second=True, golden=True, unknown="none")
      for v, more in ((2, {}), (3, {"align": "RIGHT_LEFT"}))],
    *[OpCase(f"MatrixDiagPartV{v}",
             lambda tf, x, v=v, more=more: [
                 getattr(tf.raw_ops, f"MatrixDiagPartV{v}")(input=x, k=-1, padding_value=0.0, **more),
                 getattr(tf.raw_ops, f"MatrixDiagPartV{v}")(input=x, k=BAND, padding_value=7.0, **more)],
             [rand(2, 3, 5)], grad=(0,), second=True, golden=True)
      for v, more in ((2, {}), (3, {"align": "LEFT_RIGHT"}))],
    *[OpCase(f"MatrixSetDiagV{v}",
             lambda tf, x, y, v=v,
             more=more: getattr(tf.raw_ops, f"MatrixSetDiagV{v}")(input=x, diagonal=y, k=BAND, **more),
             [rand(2, 3, 5), rand(2, 4, 3)], grad=(0, 1), second=True, golden=True, unknown="none")
      for v, more in ((2, {}), (3, {"align": "RIGHT_RIGHT"}))],
]
