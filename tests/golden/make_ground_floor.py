"""Asks TensorFlow 2.x (v1 behaviour) about types, shapes and errors; writes ground_floor.json beside this file.

Run with a Python that has TensorFlow: `python tests/golden/make_ground_floor.py`. Only facts that TensorFlow
1.15 shares are asked; where the versions part (Dimension's errors, `!=` of unknown ranks), the tests state
1.15's behaviour themselves.
"""

import json
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

NAMES = """float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string complex64
complex128 qint8 quint8 qint16 quint16 qint32 resource variant""".split()

# The parts of a question: shapes that meet all kinds of sizes (unknown, 0, 1, equal, different) at several ranks.
SHAPES = [None, [], [2], [1], [0], [None], [3, 2], [None, 2], [3, None], [1, 2], [5, 3, 2], [5, None, 1]]
PAIRWISE = [
    "is_compatible_with",
    "merge_with",
    "concatenate",
    "most_specific_compatible_shape",
    "__eq__",
    "broadcast",
]
FLAGS = [
    "is_bool",
    "is_complex",
    "is_floating",
    "is_integer",
    "is_numpy_compatible",
    "is_quantized",
    "is_unsigned",
]


def answer(function, *args):
    """Gives the answer as text, or the error's class and text."""
    try:
        return str(function(*args))
    except Exception as error:  # whatever TensorFlow raises is the fact
        return f"{type(error).__name__}: {error}"


def number(function):
    """Gives a number as text that both sides write alike, or the error's class."""
    try:
        value = function()
    except Exception as error:
        return type(error).__name__
    return repr(float(value)) if isinstance(value, np.floating) or not isinstance(value, int) else repr(value)


def dtype_facts(dtype):
    facts = {flag: bool(getattr(dtype, flag)) for flag in FLAGS}
    facts.update(
        name=dtype.name,
        enum=int(dtype.as_datatype_enum),
        real=dtype.real_dtype.name,
        base=dtype.base_dtype.name,
        repr=repr(dtype),
        str=str(dtype),
        hash=hash(dtype),
        min=number(lambda: dtype.min),
        max=number(lambda: dtype.max),
    )
    if dtype.is_numpy_compatible:
        if dtype.base_dtype != tf.string:  # a pointer's in 1.15, nothing now
            facts["size"] = dtype.size
        if not dtype.is_quantized:
            facts["numpy"] = np.dtype(dtype.as_numpy_dtype).name
        facts["limits"] = answer(lambda: dtype.limits)
    return facts


def main():
    types = [tf.as_dtype(name + ref) for name in NAMES for ref in ("", "_ref")]
    pairs = []
    for a in SHAPES:
        for b in SHAPES:
            x, y = tf.TensorShape(a), tf.TensorShape(b)
            ask = {name: getattr(x, name) for name in PAIRWISE[:-1]}
            ask["broadcast"] = lambda other, x=x: tf.broadcast_static_shape(x, other)
            answers = [answer(ask[name], y) for name in PAIRWISE]
            answers[-1] = answers[-1].split(":")[0]  # the class of the error: its words are not 1.15's
            pairs.append([a, b, answers])
    singles = []
    for a in SHAPES:
        x = tf.TensorShape(a)
        ask = [str, repr, bool, lambda x: x.rank, lambda x: x.num_elements(), lambda x: x.is_fully_defined()]
        ask += [
            lambda x: x.as_list(),
            lambda x: x[1:],
            lambda x: x[:2],
            lambda x: x[-1:],
            lambda x: x.with_rank(2),
        ]
        ask += [lambda x: x.with_rank_at_least(2), lambda x: x.with_rank_at_most(1), lambda x: x[0].value]
        ask += [lambda x: x.assert_has_rank(1), lambda x: x.assert_is_fully_defined(), lambda x: x[::2]]
        singles.append([a, [answer(question, x) for question in ask]])
    errors = {
        name: [value(None, None, "m").error_code, [base.__name__ for base in value.__mro__]]
        for name, value in vars(tf.errors).items()
        if isinstance(value, type) and issubclass(value, tf.errors.OpError) and value is not tf.errors.OpError
    }
    codes = {
        name: value for name, value in vars(tf.errors).items() if name.isupper() and isinstance(value, int)
    }
    facts = {
        "tensorflow": tf.__version__,
        "dtypes": [dtype_facts(dtype) for dtype in types],
        "pairwise": PAIRWISE,
        "pairs": pairs,
        "singles": singles,
        "errors": errors,
        "codes": codes,
    }
    lines = [f"{json.dumps(key)}: " + rows(value) for key, value in facts.items()]
    target = Path(__file__).with_name("ground_floor.json")
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(target.stat().st_size, "bytes")


def rows(value):
    """Writes a list with one row a line, so that changes of the facts can be read in a diff."""
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"


if __name__ == "__main__":
    main()
