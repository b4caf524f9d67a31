"""Cases of core/ops/math_unary.py, math_trig.py and math_complex.py."""

from __future__ import annotations

from tests.ops.case import OpCase, array, ints, rand

FLOATS = ("float16", "bfloat16", "float32", "float64")
ALL = (*FLOATS, "complex64", "complex128")
INTS = ("int8", "int16", "int32", "int64")
X = rand(3, 4)
POSITIVE = rand(3, 4, low=0.3)
STEPS = array([[-2.5, -0.5, 0.5], [1.5, 1.2, -1.7]])
C = rand(2, 3, dtype="complex128")


def _sparse(tf, function, values):
    return function(tf.SparseTensor([[0, 1], [1, 2]], values, [2, 3]))


def _complex(name, low=-2.0, high=2.0, label="complex", op=None):
    """The function of that name over complex numbers."""
    return OpCase(op or name.capitalize(), lambda tf, x: getattr(tf, name)(x),
                  [rand(2, 3, dtype="complex128", low=low, high=high)], label=label, golden=True, grad=(0,), tol=1e-7)


CASES = [
    OpCase("Neg", lambda tf, x: [tf.negative(x), -x], [X], grad=(0,), second=True, golden=True, dtypes=(*ALL, *INTS),
           expect=lambda np, x: [-x, -x]),
    OpCase("Neg", lambda tf, x: _sparse(tf, tf.negative, x), [rand(2)], label="sparse", golden=True, names=False),
    OpCase("Abs", lambda tf, x: [tf.abs(x), abs(x)], [X], grad=(0,), golden=True, dtypes=(*FLOATS, *INTS),
           expect=lambda np, x: [np.abs(x)] * 2),
    OpCase("ComplexAbs", lambda tf, x: [tf.abs(x), abs(x)], [C], golden=True, grad=(0,),
           expect=lambda np, x: [np.abs(x)] * 2),
    OpCase("ComplexAbs", lambda tf, x: tf.abs(x), [array([3 + 4j, 0], "complex64")], label="complex64", golden=True,
           expect=lambda np, x: np.abs(x)),
    OpCase("Sign", lambda tf, x: tf.sign(x), [array([[-3.0, 1.0], [0.5, 7.0], [-1.0, 2.0]])], grad=(0,), golden=True,
           dtypes=(*FLOATS, *INTS), expect=lambda np, x: np.sign(x)),
    OpCase("Sign", lambda tf, x: tf.sign(x), [array([0.0, 1.0])], label="zero", golden=True),
    OpCase("Sign", lambda tf, x: tf.sign(x), [array([3 + 4j, 0], "complex64")], label="complex", golden=True,
           names=False),
    OpCase("Square", lambda tf, x: tf.square(x), [X], grad=(0,), second=True, golden=True,
           dtypes=(*ALL, "int16", "int32", "int64"), expect=lambda np, x: x * x),
    OpCase("Sqrt", lambda tf, x: tf.sqrt(x), [POSITIVE], grad=(0,), second=True, golden=True, dtypes=ALL,
           also=("SqrtGrad",), expect=lambda np, x: np.sqrt(x)),
    _complex("sqrt"),
    OpCase("Rsqrt", lambda tf, x: tf.rsqrt(x), [POSITIVE], grad=(0,), second=True, golden=True, dtypes=ALL,
           also=("RsqrtGrad",), expect=lambda np, x: x ** -0.5),
    _complex("rsqrt"),
    OpCase("Reciprocal", lambda tf, x: tf.reciprocal(x), [POSITIVE], grad=(0,), second=True, golden=True, dtypes=ALL,
           also=("ReciprocalGrad",), expect=lambda np, x: 1 / x),
    _complex("reciprocal"),
    OpCase("Inv", lambda tf, x: tf.raw_ops.Inv(x=x), [POSITIVE], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: 1 / x),
    OpCase("InvGrad", lambda tf, x, y: tf.raw_ops.InvGrad(y=x, dy=y), [X, rand(3, 4)], grad=(0, 1), golden=True,
           expect=lambda np, x, y: -x * x * y),
    OpCase("Exp", lambda tf, x: tf.exp(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.exp(x)),
    _complex("exp"),
    OpCase("Expm1", lambda tf, x: tf.expm1(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.expm1(x)),
    OpCase("Log", lambda tf, x: tf.log(x), [POSITIVE], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.log(x)),
    _complex("log"),
    OpCase("Log1p", lambda tf, x: tf.log1p(x), [POSITIVE], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.log1p(x)),
    OpCase("Ceil", lambda tf, x: [tf.ceil(x), tf.gradients(tf.ceil(x) + x, x)[0]], [STEPS], golden=True, names=False,
           dtypes=FLOATS, expect=lambda np, x: [np.ceil(x), np.ones_like(x)]),
    OpCase("Floor", lambda tf, x: [tf.floor(x), tf.gradients(tf.floor(x), x)[0]], [STEPS], golden=True, names=False,
           dtypes=FLOATS, expect=lambda np, x: [np.floor(x)]),
    OpCase("Rint", lambda tf, x: [tf.rint(x), tf.gradients(tf.rint(x), x)[0]], [STEPS], golden=True, names=False,
           dtypes=FLOATS,
           expect=lambda np, x: [np.rint(x)]),
    OpCase("Round", lambda tf, x: tf.round(x), [STEPS], golden=True, dtypes=FLOATS, expect=lambda np, x: np.rint(x)),
    OpCase("Round", lambda tf, x: [tf.round(x), tf.raw_ops.Round(x=x)], [ints(2, 3)], label="integers",
           expect=lambda np, x: [x, x]),
    OpCase("Sigmoid", lambda tf, x: tf.sigmoid(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           also=("SigmoidGrad",), expect=lambda np, x: 1 / (1 + np.exp(-x))),
    OpCase("Sigmoid", lambda tf, x: tf.sigmoid(x), [array([-1000.0, -20.0, 20.0, 1000.0])], label="far out",
           golden=True),
    OpCase("Tanh", lambda tf, x: tf.tanh(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL, also=("TanhGrad",),
           expect=lambda np, x: np.tanh(x)),
    _complex("tanh"),
    OpCase("Tanh", lambda tf, x: _sparse(tf, tf.tanh, x), [rand(2)], label="sparse", golden=True, names=False),
    OpCase("IsNan", lambda tf, x: tf.is_nan(x), [array([[1.0, float("nan"), float("inf")]])], golden=True,
           dtypes=FLOATS,
           expect=lambda np, x: np.isnan(x)),
    OpCase("IsInf", lambda tf, x: tf.is_inf(x), [array([[1.0, float("nan"), float("-inf")]])], golden=True,
           dtypes=FLOATS,
           expect=lambda np, x: np.isinf(x)),
    OpCase("IsFinite", lambda tf, x: tf.is_finite(x), [array([[1.0, float("nan"), float("inf")]])], golden=True,
           dtypes=FLOATS, expect=lambda np, x: np.isfinite(x)),
    # angles and hyperbolics
    OpCase("Sin", lambda tf, x: tf.sin(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.sin(x)),
    _complex("sin"),
    OpCase("Cos", lambda tf, x: tf.cos(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.cos(x)),
    OpCase("Tan", lambda tf, x: tf.tan(x), [rand(3, 4, low=-1, high=1)], grad=(0,), second=True, golden=True,
           dtypes=ALL, expect=lambda np, x: np.tan(x)),
    OpCase("Asin", lambda tf, x: tf.asin(x), [rand(3, 4, low=-0.9, high=0.9)], grad=(0,), second=True, golden=True,
           dtypes=FLOATS, expect=lambda np, x: np.arcsin(x)),
    OpCase("Acos", lambda tf, x: tf.acos(x), [rand(3, 4, low=-0.9, high=0.9)], grad=(0,), second=True, golden=True,
           dtypes=FLOATS, expect=lambda np, x: np.arccos(x)),
    OpCase("Atan", lambda tf, x: tf.atan(x), [X], grad=(0,), second=True, golden=True, dtypes=FLOATS,
           expect=lambda np, x: np.arctan(x)),
    OpCase("Sinh", lambda tf, x: tf.sinh(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.sinh(x)),
    OpCase("Cosh", lambda tf, x: tf.cosh(x), [X], grad=(0,), second=True, golden=True, dtypes=ALL,
           expect=lambda np, x: np.cosh(x)),
    OpCase("Asinh", lambda tf, x: tf.asinh(x), [X], grad=(0,), second=True, golden=True, dtypes=FLOATS,
           expect=lambda np, x: np.arcsinh(x)),
    OpCase("Acosh", lambda tf, x: tf.acosh(x), [rand(3, 4, low=1.2, high=3)], grad=(0,), second=True, golden=True,
           dtypes=FLOATS, expect=lambda np, x: np.arccosh(x)),
    OpCase("Atanh", lambda tf, x: tf.atanh(x), [rand(3, 4, low=-0.9, high=0.9)], grad=(0,), second=True, golden=True,
           dtypes=FLOATS, expect=lambda np, x: np.arctanh(x)),
    # complex parts
    OpCase("Complex", lambda tf, x, y: tf.complex(x, y), [rand(2, 3), rand(2, 3)], golden=True, grad=(0, 1),
           also=("Real", "Imag"), expect=lambda np, x, y: x + 1j * y,
           errors=[(lambda tf: tf.complex(1.0, tf.constant(1)), "TypeError", "incorrect types: float32 int32")]),
    OpCase("Real", lambda tf, x: tf.real(x), [C], golden=True, grad=(0,), expect=lambda np, x: x.real),
    OpCase("Imag", lambda tf, x: tf.imag(x), [C], golden=True, grad=(0,), expect=lambda np, x: x.imag),
    OpCase("Angle", lambda tf, x: tf.angle(x), [C], golden=True, grad=(0,), expect=lambda np, x: np.angle(x)),
    OpCase("Conj", lambda tf, x: tf.conj(x), [C], golden=True, grad=(0,), dtypes=("complex64", "complex128"),
           expect=lambda np, x: np.conj(x), errors=[(lambda tf: tf.conj("a"), "TypeError", "Expected numeric")]),
    OpCase("Neg", lambda tf, x: [tf.conj(-x), tf.real(-x)], [X], label="parts of real numbers", golden=True,
           expect=lambda np, x: [-x, -x]),
]
