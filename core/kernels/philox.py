"""TensorFlow's CPU random generators, bit for bit, in vectorised NumPy.

`Philox(seed, seed2)` is the state of one random op in one session: it keeps the position in the stream between
calls. `fresh_generator()` has the same methods on NumPy's fastest generator, for ops without a seed.

Philox4x32-10 after Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). A call reserves 256 blocks
of 128 bits for every output element, whatever it uses. Small calls of one kind and size (noise or dropout of a
small net in a loop) are computed ahead, many calls in one vectorised go: the stream positions of the calls to come
are known. Rejection samplers live in core/kernels/rejection.py.

Must not import core.graph, core.ops or anything above them.
"""

import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.kernels.libm32 import logf, sincosf

__all__ = ["FreshGenerator", "Philox", "fresh_generator", "generator"]

_U64 = np.uint64
_MASK64 = (1 << 64) - 1
_LOW = _U64(0xFFFFFFFF)
_HALF = _U64(32)
_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], _U64)
_MULTIPLIERS_SWAPPED = _MULTIPLIERS[::-1].copy()
_WEYL0, _WEYL1 = 0x9E3779B9, 0xBB67AE85

_RESERVED = 256  # blocks that TensorFlow sets aside for each output element
_CHUNK = 16384  # blocks computed at a time: the scratch arrays stay in the second-level cache
_AHEAD_VALUES = 8192  # how many values a small call computes for the calls to come
_AHEAD_LIMIT = 2048  # a call of more values than this computes only its own

Pair = tuple[NDArray[np.uint64], NDArray[np.uint64]]


def _round_keys(seed: int) -> list[NDArray[np.uint64]]:
    """The ten key pairs as columns, in the row order in which each round stores its words."""
    low, high = seed & 0xFFFFFFFF, seed >> 32
    keys = []
    for step in range(10):
        pair = [low, high] if step % 2 else [high, low]
        keys.append(np.array(pair, _U64)[:, None])
        low, high = (low + _WEYL0) & 0xFFFFFFFF, (high + _WEYL1) & 0xFFFFFFFF
    return keys


def _size(shape: Sequence[int]) -> int:
    return math.prod(int(d) for d in shape)


def _shape(shape: Any) -> tuple[int, ...]:
    if isinstance(shape, (int, np.integer)):
        return (int(shape),)
    return tuple(int(d) for d in shape)


# ---------------------------------------------------------------------------
# From 32-bit words to numbers. Every function gets the four words of m blocks as two (2, m) uint64 arrays,
# words 0 and 2, words 1 and 3, and returns (m, values a block).


def _words32(pair: Pair) -> NDArray[np.uint32]:
    out = np.empty((pair[0].shape[1], 2, 2), np.uint32)
    out[:, :, 0] = pair[0].T
    out[:, :, 1] = pair[1].T
    return out.reshape(-1, 4)


def _float_bits(pair: Pair) -> NDArray[np.uint64]:
    bits = pair[0] & _U64(0xFFFFF)
    bits <<= _HALF
    bits |= pair[1]
    bits |= _U64(0x3FF0000000000000)
    return bits


def uniform_of(pair: Pair) -> NDArray[np.float64]:
    out = np.empty((pair[0].shape[1], 2), np.float64)
    np.subtract(_float_bits(pair).view(np.float64).T, 1.0, out=out)
    return out


def uniform32_of(pair: Pair) -> NDArray[np.float32]:
    bits = _words32(pair)
    bits &= np.uint32(0x7FFFFF)
    bits |= np.uint32(0x3F800000)
    values = bits.view(np.float32)
    values -= np.float32(1)
    return values


def _uniform16(pair: Pair) -> NDArray[np.float16]:
    bits = _words32(pair)
    bits &= np.uint32(0x3FF)
    bits |= np.uint32(0x3C00)
    return bits.astype(np.uint16).view(np.float16) - np.float16(1)


def _uniform_bfloat16(pair: Pair) -> NDArray[np.float32]:
    bits = _words32(pair)
    bits &= np.uint32(0x7F)
    bits |= np.uint32(0x3F80)
    bits <<= np.uint32(16)
    values = bits.view(np.float32)
    values -= np.float32(1)
    return values  # exact in bfloat16; the caller casts


def _planar32(words: NDArray[np.uint64]) -> NDArray[np.float32]:
    bits = words.astype(np.uint32)
    bits &= np.uint32(0x7FFFFF)
    bits |= np.uint32(0x3F800000)
    values = bits.view(np.float32)
    values -= np.float32(1)
    return values


def normal32_of(pair: Pair) -> NDArray[np.float32]:
    """Box-Muller in float32: even places take the sine."""
    radius = logf(np.maximum(_planar32(pair[0]), np.float32(1.0e-7)))
    radius *= np.float32(-2)
    np.sqrt(radius, out=radius)
    angle = _planar32(pair[1]).astype(np.float64)
    angle *= 2.0 * math.pi  # C multiplies in double, then rounds
    sine, cosine = sincosf(angle.astype(np.float32))
    out = np.empty((radius.shape[1], 2, 2), np.float32)
    np.multiply(sine.T, radius.T, out=out[:, :, 0])
    np.multiply(cosine.T, radius.T, out=out[:, :, 1])
    return out.reshape(-1, 4)


def _each(function: Callable[[float], float], values: NDArray[np.float64]) -> NDArray[np.float64]:
    # The C library's double functions through Python's math module: NumPy's own differ in the last bit.
    return np.fromiter(map(function, values.tolist()), np.float64, values.size)


def normal_of(pair: Pair) -> NDArray[np.float64]:
    uniform = _float_bits(pair).view(np.float64) - 1.0
    radius = np.sqrt(-2.0 * _each(math.log, np.maximum(uniform[0], 1.0e-7)))
    angle = 2.0 * math.pi * uniform[1]
    out = np.empty((radius.size, 2))
    np.multiply(_each(math.sin, angle), radius, out=out[:, 0])
    np.multiply(_each(math.cos, angle), radius, out=out[:, 1])
    return out


def _int32(pair: Pair) -> NDArray[np.uint32]:
    return _words32(pair)


def _int64(pair: Pair) -> NDArray[np.uint64]:
    return np.ascontiguousarray((pair[0] | (pair[1] << _HALF)).T)


_UNIFORM: dict[str, tuple[Callable[[Pair], NDArray[Any]], int, type]] = {
    "float16": (_uniform16, 4, np.float16),
    "bfloat16": (_uniform_bfloat16, 4, np.float32),
    "float32": (uniform32_of, 4, np.float32),
    "float64": (uniform_of, 2, np.float64),
}
_NORMAL: dict[str, tuple[Callable[[Pair], NDArray[Any]], int, type]] = {
    "float16": (normal32_of, 4, np.float32),
    "bfloat16": (normal32_of, 4, np.float32),
    "float32": (normal32_of, 4, np.float32),
    "float64": (normal_of, 2, np.float64),
}
_INTEGER: dict[str, tuple[Callable[[Pair], NDArray[Any]], int, type]] = {
    "int32": (_int32, 4, np.uint32),
    "int64": (_int64, 2, np.uint64),
}


def multinomial_from_uniform(logits: NDArray[Any], uniform: NDArray[np.float64], dtype: DTypeLike) -> NDArray[Any]:
    """Classes drawn from unnormalised log-probabilities with given uniforms, by TensorFlow's CPU method.

    Args:
      logits: float or int array (rows, classes); classes that are not finite are never drawn.
      uniform: float64 array (rows, samples) in [0, 1).
      dtype: int32 or int64.

    Returns:
      Array (rows, samples) of `dtype`.
    """
    logits = logits.astype(np.float64)
    finite = np.isfinite(logits)
    peak = np.max(logits, axis=1, where=finite, initial=np.finfo(np.float64).min)
    weights = np.zeros(logits.shape)
    np.subtract(logits, peak[:, None], out=weights, where=finite)
    np.exp(weights, out=weights, where=finite)
    table = np.cumsum(weights, axis=1)
    wanted = uniform * table[:, -1:]
    rows, classes = logits.shape
    out = np.empty(uniform.shape, dtype)
    if classes * uniform.shape[1] <= 256:  # counting beats a search for each row
        np.sum(table[:, None, :] <= wanted[:, :, None], axis=2, out=out)
        return out
    for row in range(rows):
        out[row] = np.searchsorted(table[row], wanted[row], side="right")
    return out


class Philox:
    """The random stream of one seeded op: TensorFlow's CPU kernels bit for bit, call after call.

    Args:
      seed: int64 attribute `seed` of the op.
      seed2: int64 attribute `seed2` of the op.

    Example:
      >>> from core.kernels.philox import Philox
      >>> print(Philox(87654321, 1).normal([2, 3])[0])
      [-0.8113182   1.4845988   0.06532937]
    """

    __slots__ = ("_ahead", "_high", "_keys", "_last", "position")

    def __init__(self, seed: int, seed2: int) -> None:
        seed, seed2 = int(seed) & _MASK64, int(seed2) & _MASK64
        self._keys = _round_keys(seed)
        self._high = (seed2 & 0xFFFFFFFF, seed2 >> 32)
        self.position = 0  # 128-bit blocks reserved so far
        self._last: Any = None
        self._ahead: list[NDArray[Any]] = []

    def skip(self, blocks: int) -> None:
        """Move the stream on by a number of 128-bit blocks."""
        self.position += int(blocks)
        self._last = None

    def reserve(self, blocks: int) -> int:
        """Reserve blocks and return the number of the first."""
        first = self.position
        self.skip(blocks)
        return first

    def block_pairs(self, numbers: NDArray[np.uint64]) -> Pair:
        """The words of numbered blocks: two (2, m) uint64 arrays, words 0 and 2, words 1 and 3."""
        count = numbers.size
        even, odd = np.empty((2, count), _U64), np.empty((2, count), _U64)
        np.bitwise_and(numbers, _LOW, out=even[0])
        np.right_shift(numbers, _HALF, out=odd[0])
        even[1], odd[1] = self._high
        product = np.empty((2, count), _U64)
        multipliers, other = _MULTIPLIERS, _MULTIPLIERS_SWAPPED
        # Every round leaves the two rows in swapped order, so that no word is copied; ten rounds put them right.
        for key in self._keys:
            np.multiply(even, multipliers, out=product)
            np.right_shift(product, _HALF, out=even)
            even ^= odd[::-1]
            even ^= key
            np.bitwise_and(product, _LOW, out=odd)
            multipliers, other = other, multipliers
        return even, odd

    def words(self, first: int, count: int) -> NDArray[np.uint32]:
        """`count` blocks from number `first` on as a (count, 4) uint32 array."""
        return _words32(self.block_pairs(np.arange(first, first + count, dtype=_U64)))

    def _fill(
        self, maker: Callable[[Pair], NDArray[Any]], width: int, dtype: type, first: int, count: int
    ) -> NDArray[Any]:
        """`count` values of consecutive blocks from `first` on, computed chunk by chunk."""
        blocks = -(-count // width)
        if blocks <= _CHUNK:
            return maker(self.block_pairs(np.arange(first, first + blocks, dtype=_U64))).reshape(-1)[:count]
        out: NDArray[Any] = np.empty((blocks, width), dtype)
        for start in range(0, blocks, _CHUNK):
            stop = min(start + _CHUNK, blocks)
            out[start:stop] = maker(self.block_pairs(np.arange(first + start, first + stop, dtype=_U64)))
        return out.reshape(-1)[:count]

    def _values(
        self,
        kind: tuple[Callable[[Pair], NDArray[Any]], int, type],
        count: int,
        finish: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
        key: Any = None,
    ) -> NDArray[Any]:
        """The next call's values; from the second equal small call on, for many calls at once."""
        maker, width, dtype = kind
        if count == 0:
            out: NDArray[Any] = np.empty(0, dtype)
            return finish(out) if finish else out
        first = self.position
        step = count * _RESERVED
        self.position = first + step
        if count > _AHEAD_LIMIT:
            self._last = None
            out = self._fill(maker, width, dtype, first, count)
            return finish(out) if finish else out
        signature = (maker, count, key)
        if self._last != signature:
            self._last = signature
            self._ahead = []
            out = self._fill(maker, width, dtype, first, count)
            return finish(out) if finish else out
        if not self._ahead:
            calls = max(_AHEAD_VALUES // max(count, 64), 2)
            blocks = -(-count // width)
            starts = np.arange(calls, dtype=_U64) * _U64(step) + _U64(first)
            numbers: NDArray[Any] = starts[:, None] + np.arange(blocks, dtype=_U64)
            rows = maker(self.block_pairs(numbers.reshape(-1))).reshape(calls, blocks * width)[:, :count]
            if finish:
                rows = finish(rows)
            self._ahead = list(rows[::-1])
        return self._ahead.pop()

    def uniform(self, shape: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Uniform numbers in [0, 1): the kernel of RandomUniform.

        Args:
          shape: ints.
          dtype: float16, bfloat16, float32 or float64.

        Returns:
          Array of that shape and dtype.
        """
        shape, dtype = _shape(shape), np.dtype(dtype)
        values = self._values(_UNIFORM[dtype.name], _size(shape))
        return values.astype(dtype, copy=False).reshape(shape)

    def normal(self, shape: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Standard normal numbers: the kernel of RandomStandardNormal (Box-Muller).

        Args:
          shape: ints.
          dtype: float16, bfloat16, float32 or float64.

        Returns:
          Array of that shape and dtype.
        """
        shape, dtype = _shape(shape), np.dtype(dtype)
        values = self._values(_NORMAL[dtype.name], _size(shape))
        return values.astype(dtype, copy=False).reshape(shape)

    def uniform_int(self, shape: Any, lo: int, hi: int, dtype: DTypeLike = np.int32) -> NDArray[Any]:
        """Integers in [lo, hi): the kernel of RandomUniformInt, with its slight bias.

        Args:
          shape: ints.
          lo: smallest integer.
          hi: one more than the largest.
          dtype: int32 or int64.

        Returns:
          Array of that shape and dtype.
        """
        shape, dtype, lo, hi = _shape(shape), np.dtype(dtype), int(lo), int(hi)
        kind = _INTEGER[dtype.name]
        unsigned = kind[2]
        mask = (1 << 8 * dtype.itemsize) - 1
        span, low = unsigned((hi - lo) & mask), unsigned(lo & mask)

        def finish(bits: NDArray[Any]) -> NDArray[Any]:
            values = bits % span
            values += low  # wraps, as two's complement does
            return values.view(dtype)

        return self._values(kind, _size(shape), finish, (lo, hi)).reshape(shape)

    def truncated_normal(self, shape: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Standard normal numbers within two deviations, others drawn again: the kernel of TruncatedNormal.

        Args:
          shape: ints.
          dtype: float16, bfloat16, float32 or float64.

        Returns:
          Array of that shape and dtype.
        """
        shape, dtype = _shape(shape), np.dtype(dtype)
        count = _size(shape)
        maker, width, compute = _NORMAL[dtype.name]
        first = self.reserve(count * _RESERVED)
        groups = -(-count // width)
        apart = width * _RESERVED // 4  # blocks from one group of outputs to the next
        out: NDArray[Any] = np.empty((groups, width), compute)
        for start in range(0, groups, _CHUNK):
            stop = min(start + _CHUNK, groups)
            numbers = np.arange(start, stop, dtype=_U64) * _U64(apart) + _U64(first)
            self._truncated(maker, numbers, out[start:stop])
        return out.reshape(-1)[:count].astype(dtype, copy=False).reshape(shape)

    def _truncated(self, maker: Callable[[Pair], NDArray[Any]], numbers: NDArray[np.uint64], out: NDArray[Any]) -> None:
        """Fill each row of `out` with the first accepted draws of the blocks from its number on."""
        width = out.shape[1]
        draws = maker(self.block_pairs(numbers))
        good = np.abs(draws) < 2.0
        out[:] = draws
        open_rows = np.flatnonzero(~good.all(axis=1))
        draws, good = draws[open_rows], good[open_rows]
        filled = np.zeros(open_rows.size, np.intp)
        while open_rows.size:
            place = filled[:, None] + np.cumsum(good, axis=1) - 1
            row, column = np.nonzero(good & (place < width))
            out[open_rows[row], place[row, column]] = draws[row, column]
            filled += good.sum(axis=1)
            left = filled < width
            open_rows, filled = open_rows[left], filled[left]
            if open_rows.size:
                numbers[open_rows] += _U64(1)
                draws = maker(self.block_pairs(numbers[open_rows]))
                good = np.abs(draws) < 2.0

    def shuffle_permutation(self, n: int) -> NDArray[np.intp]:
        """The order in which RandomShuffle leaves n rows: `value[permutation]` is its output.

        Args:
          n: number of rows. With one row or none nothing is drawn.

        Returns:
          int array (n,).
        """
        n = int(n)
        if n <= 1:
            return np.arange(n)
        blocks = -(-(n - 1) // 4)
        first = self.reserve(blocks)
        draws = self._fill(_int32, 4, np.uint32, first, n - 1)
        place = np.arange(n - 1, dtype=np.int64)
        targets = place + draws % (n - place).astype(np.uint32)
        order = list(range(n))
        for i, j in enumerate(targets.tolist()):
            order[i], order[j] = order[j], order[i]
        return np.array(order, np.intp)

    def multinomial(self, logits: NDArray[Any], k: int, dtype: DTypeLike = np.int64) -> NDArray[Any]:
        """k classes a row from unnormalised log-probabilities: the kernel of Multinomial, one thread's form.

        Args:
          logits: array (rows, classes).
          k: samples a row.
          dtype: int32 or int64.

        Returns:
          Array (rows, k) of `dtype`.
        """
        logits, k = np.asarray(logits), int(k)
        rows = logits.shape[0]
        if rows * k == 0:
            return np.zeros((rows, k), dtype)
        first = self.reserve(rows * (-(-k // 4) * 4) * 2 * _RESERVED)
        uniform = self._fill(uniform_of, 2, np.float64, first, rows * k)
        return multinomial_from_uniform(logits, uniform.reshape(rows, k), dtype)


class FreshGenerator:
    """The methods of `Philox` on NumPy's fastest bit generator, for ops without a seed; no two are alike."""

    __slots__ = ("numpy",)

    def __init__(self) -> None:
        self.numpy = np.random.Generator(np.random.SFC64())

    def uniform(self, shape: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Uniform numbers in [0, 1)."""
        shape, dtype = _shape(shape), np.dtype(dtype)
        if dtype.name in ("float32", "float64"):
            return np.asarray(self.numpy.random(shape, np.float32 if dtype == np.float32 else np.float64))
        bits = 10 if dtype == np.float16 else 7  # rounding to the narrow type could otherwise give 1
        return (self.numpy.integers(0, 1 << bits, shape) * np.float32(2.0**-bits)).astype(dtype)

    def normal(self, shape: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Standard normal numbers."""
        shape, dtype = _shape(shape), np.dtype(dtype)
        if dtype == np.float64:
            return self.numpy.standard_normal(shape)
        return self.numpy.standard_normal(shape, np.float32).astype(dtype, copy=False)

    def truncated_normal(self, shape: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Standard normal numbers within two deviations."""
        shape, dtype = _shape(shape), np.dtype(dtype)
        values = self.normal((_size(shape),), np.float64 if dtype == np.float64 else np.float32)
        bad = np.flatnonzero(np.abs(values) >= 2.0)
        while bad.size:
            again = self.normal(bad.shape, values.dtype)
            values[bad] = again
            bad = bad[np.abs(again) >= 2.0]
        return values.astype(dtype, copy=False).reshape(shape)

    def uniform_int(self, shape: Any, lo: int, hi: int, dtype: DTypeLike = np.int32) -> NDArray[Any]:
        """Integers in [lo, hi)."""
        return np.asarray(self.numpy.integers(int(lo), int(hi), _shape(shape), dtype=np.dtype(dtype)))

    def shuffle_permutation(self, n: int) -> NDArray[np.intp]:
        """A random order of n rows."""
        return self.numpy.permutation(int(n)).astype(np.intp, copy=False)

    def multinomial(self, logits: NDArray[Any], k: int, dtype: DTypeLike = np.int64) -> NDArray[Any]:
        """k classes a row from unnormalised log-probabilities."""
        logits = np.asarray(logits)
        return multinomial_from_uniform(logits, self.numpy.random((logits.shape[0], int(k))), dtype)

    def skip(self, blocks: int) -> None:
        """Nothing to skip: the stream has no position that anybody could know."""

    def philox(self) -> Philox:
        """A Philox stream with a random key, for the samplers that are written on numbered blocks."""
        return Philox(*np.frombuffer(os.urandom(16), np.uint64).tolist())


def fresh_generator() -> FreshGenerator:
    """A generator for an op without a seed.

    Returns:
      An object with the methods of `Philox`.
    """
    return FreshGenerator()


def generator(seed: int, seed2: int) -> Philox | FreshGenerator:
    """The generator of a random op: a fresh one when both seed attributes are 0, as in TensorFlow.

    Args:
      seed: int64 attribute `seed`.
      seed2: int64 attribute `seed2`.

    Returns:
      A `Philox`, or a `FreshGenerator`.
    """
    return Philox(seed, seed2) if seed or seed2 else FreshGenerator()
