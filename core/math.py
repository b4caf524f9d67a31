"""`tf.math`: the maths ops under their TensorFlow 1.15 names. Imports ops by name only."""

from __future__ import annotations

from core.ops.math_binary import (
    add,
    divide,
    floordiv,
    floormod,
    maximum,
    minimum,
    mod,
    multiply,
    pow,
    scalar_mul,
    subtract,
    truediv,
)
from core.ops.math_binary_special import atan2, div_no_nan, multiply_no_nan, squared_difference, xdivy, xlogy
from core.ops.math_compare import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
)
from core.ops.math_complex import angle, conj, imag, real
from core.ops.math_reduce import reduce_all, reduce_any, reduce_max, reduce_mean, reduce_min, reduce_prod, reduce_sum
from core.ops.math_reduce_more import (
    accumulate_n,
    add_n,
    argmax,
    argmin,
    count_nonzero,
    reduce_euclidean_norm,
    reduce_logsumexp,
    reduce_std,
    reduce_variance,
)
from core.ops.math_trig import acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan
from core.ops.math_unary import (
    abs,
    ceil,
    exp,
    expm1,
    floor,
    is_finite,
    is_inf,
    is_nan,
    log,
    log1p,
    log_sigmoid,
    negative,
    reciprocal,
    rint,
    round,
    rsqrt,
    sigmoid,
    sign,
    sqrt,
    square,
    tanh,
)

__all__ = [
    "abs", "accumulate_n", "acos", "acosh", "add", "add_n", "angle", "argmax", "argmin", "asin", "asinh", "atan",
    "atan2", "atanh", "ceil", "conj", "cos", "cosh", "count_nonzero", "div_no_nan", "divide", "divide_no_nan", "equal",
    "exp", "expm1", "floor", "floordiv", "floormod", "greater", "greater_equal", "imag", "is_finite", "is_inf",
    "is_nan", "less", "less_equal", "log", "log1p", "log_sigmoid", "logical_and", "logical_not", "logical_or",
    "logical_xor", "maximum", "minimum", "mod", "multiply", "multiply_no_nan", "negative", "not_equal", "pow", "real",
    "reciprocal", "reduce_all", "reduce_any", "reduce_euclidean_norm", "reduce_logsumexp", "reduce_max", "reduce_mean",
    "reduce_min", "reduce_prod", "reduce_std", "reduce_sum", "reduce_variance", "rint", "round", "rsqrt", "scalar_mul",
    "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "squared_difference", "subtract", "tan", "tanh", "truediv",
    "xdivy", "xlogy",
]

divide_no_nan = div_no_nan
