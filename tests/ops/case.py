"""`OpCase`: one line or a few that say how an op is tested; the contract test does the rest. Imports NumPy only.

The files in tests/ops/cases hold ``CASES: list[OpCase]``; they run with two `tf`: this engine, and TensorFlow itself
when tests/golden/make_ops.py writes the golden answers. So a case file imports nothing but this module and NumPy.
A case file may also hold, each a literal ``{op type: reason}``:

- ``EXEMPT``: ops of the family that no case can test here (say where they are tested);
- ``DIFFERENT``: ops whose signature is TensorFlow 1.15's and not that of the op list (which is 2.21's);
- ``OURS``: ops that TensorFlow does not have.

Example of a case file:

    from tests.ops.case import OpCase, ints, rand

    CASES = [
        OpCase("MatMul", lambda tf, a, b: tf.matmul(a, b), [rand(3, 4), rand(4, 5)], grad=(0, 1), second=True,
               dtypes=("float32", "float64", "int32", "complex64"), expect=lambda np, a, b: a @ b,
               errors=[(lambda tf: tf.matmul(tf.zeros([2, 3]), tf.zeros([4, 5])), "ValueError", "3 and 4")]),
        OpCase("MatMul", lambda tf, a, b: tf.matmul(a, b, transpose_b=True), [rand(3, 4), rand(5, 4)],
               label="transpose_b", grad=(0, 1)),
    ]
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["OpCase", "Values", "array", "bools", "ints", "pick", "rand"]


@dataclass(frozen=True)
class Values:
    """A recipe for an input: the same numbers in every run, other ones for every input of every case."""

    shape: tuple[int, ...]
    kind: str
    low: float = 0.0
    high: float = 1.0
    dtype: str = "float32"
    choices: tuple[Any, ...] = ()

    def make(self, seed: int) -> np.ndarray:
        random = np.random.RandomState(seed)
        if self.kind == "ints":
            return random.randint(int(self.low), int(self.high), self.shape).astype(self.dtype)
        if self.kind == "bools":
            return random.randint(0, 2, self.shape).astype(bool)
        if self.kind == "pick":
            chosen = random.choice(np.array(self.choices, object), self.shape)
            return np.asarray(chosen).astype(object if self.dtype == "object" else self.dtype)
        values = random.uniform(self.low, self.high, self.shape)
        if self.dtype.startswith("complex"):
            values = values + 1j * random.uniform(self.low, self.high, self.shape)
        return np.asarray(values).astype(self.dtype)


def rand(*shape: int, low: float = -2.0, high: float = 2.0, dtype: str = "float32") -> Values:
    """Uniform numbers; `dtype` may be complex."""
    return Values(shape, "rand", low, high, dtype)


def ints(*shape: int, low: int = 0, high: int = 10, dtype: str = "int32") -> Values:
    """Integers in ``[low, high)``."""
    return Values(shape, "ints", low, high, dtype)


def bools(*shape: int) -> Values:
    """Trues and falses."""
    return Values(shape, "bools")


def pick(*shape: int, choices: Sequence[Any], dtype: str = "object") -> Values:
    """Elements of `choices`; by default a string tensor (give bytes)."""
    return Values(shape, "pick", choices=tuple(choices), dtype=dtype)


def array(values: Any, dtype: str = "float32") -> np.ndarray:
    """These numbers (``dtype="object"`` for strings, given as bytes)."""
    return np.array(values, object if dtype == "object" else dtype)


Error = tuple[Callable[..., Any], str, str]


@dataclass(frozen=True)
class OpCase:
    """How one op (in one use) is tested.

    Args:
      op: Op type under test; it must occur in the graph that `make` builds.
      make: ``make(tf, *tensors)`` -> Tensor, or a list or tuple of them (nested, with None, IndexedSlices,
        SparseTensor). Only public functions of `tf` (TensorFlow 1.15's names). The tensors are placeholders.
      inputs: Recipes (`rand`, `ints`, `bools`, `pick`) or arrays, one per tensor. No two sizes in a shape alike.
      label: Tells cases of one op apart.
      also: Further op types that this case tests; they must occur in the graph or in its gradient's.
      grad: Indices of the inputs by which the outputs are differentiated; compared with finite differences (float64).
      second: The gradient's gradient is compared too.
      dtypes: The inputs that have the first input's type are cast to each of these, and the case must run with exact
        types.
      expect: ``expect(np, *arrays)`` -> the value(s) wanted; for several outputs a sequence.
      golden: Outputs, gradients, static shapes and names of nodes are compared with TensorFlow's (made by
        tests/golden/make_ops.py; run it after adding or changing such a case).
      names: With `golden`: names and types of the forward nodes are TensorFlow 2.21's too. Say why when False.
      static: False where a size depends on values: the static shape then need only be compatible.
      unknown: What the shape rule must stand not knowing: "rank" (everything may be unknown), "dims" (the rank is
        known, the sizes are not), "none" (everything must be known).
      square: Equal sizes are part of the op's definition (matrix inverse).
      errors: ``(function of tf, name of the exception, regular expression)``: building or running it raises. Names of
        `tf.errors` are meant where Python has no such exception.
      tol: Relative tolerance for expected and golden values (by default that of the type).
      grad_dtype: Type in which gradients are checked; "float32" for ops that take nothing wider.
      step: Step of the finite differences.
    """

    op: str
    make: Callable[..., Any]
    inputs: Sequence[Values | np.ndarray] = ()
    label: str = ""
    also: tuple[str, ...] = ()
    grad: tuple[int, ...] = ()
    second: bool = False
    dtypes: tuple[str, ...] = ()
    expect: Callable[..., Any] | None = None
    golden: bool = False
    names: bool = True
    static: bool = True
    unknown: str = "rank"
    square: bool = False
    errors: Sequence[Error] = field(default_factory=tuple)
    tol: float | None = None
    grad_dtype: str = "float64"
    step: float | None = None

    @property
    def id(self) -> str:
        """Unique among the cases."""
        return f"{self.op}-{self.label}" if self.label else self.op

    def arrays(self) -> list[np.ndarray]:
        """The inputs' values."""
        return [item.make(zlib.crc32(f"{self.id}|{i}".encode()) & 0x7FFFFFFF) if isinstance(item, Values) else item
                for i, item in enumerate(self.inputs)]

    def placeholders(self, tf: Any, arrays: Sequence[np.ndarray], known: str = "all") -> list[Any]:
        """One placeholder per input, ``x0``, ``x1``, ...; shapes are known ("all"), or the ranks ("dims"), or not."""
        made = []
        for i, value in enumerate(arrays):
            shape = {"all": list(value.shape), "dims": [None] * value.ndim, "rank": None}[known]
            dtype = tf.string if value.dtype == object else tf.as_dtype(value.dtype)
            made.append(tf.placeholder(dtype, shape, name=f"x{i}"))
        return made
