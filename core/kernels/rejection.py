"""Gamma, Poisson and bounded normal samples by rejection, in the order in which TensorFlow's CPU kernels draw.

Every output of the first two owns 256 blocks of the op's Philox stream, so all outputs advance together, vectorised,
each with its own place in its own blocks. Unseeded generators take NumPy's samplers.

Must not import core.graph, core.ops or anything above them.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.kernels.libm32 import logf
from core.kernels.philox import FreshGenerator, Philox, normal32_of, normal_of, uniform32_of, uniform_of

__all__ = ["gamma", "parameterized_truncated_normal", "poisson"]

_RESERVED = 256
_TRIES = 1000  # per sample, in the bounded normal
_BATCH = 100  # samples that share one stream where all parameters are scalars

_lgamma = np.frompyfunc(math.lgamma, 1, 1)


class _Streams:
    """One stream of blocks for every output: doubles drawn two a block, the second first, as TensorFlow does."""

    def __init__(self, generator: Philox, outputs: int) -> None:
        self.generator = generator
        first = generator.reserve(outputs * _RESERVED)
        self.block = np.arange(outputs, dtype=np.uint64) * np.uint64(_RESERVED) + np.uint64(first)
        self._waiting: dict[Any, tuple[NDArray[np.float64], NDArray[np.bool_]]] = {}

    def draw(self, maker: Callable[..., NDArray[np.float64]], who: NDArray[np.intp]) -> NDArray[np.float64]:
        """The next number made by `maker` for each output in `who`."""
        if maker not in self._waiting:
            count = self.block.size
            self._waiting[maker] = (np.empty(count), np.zeros(count, bool))
        waiting, has = self._waiting[maker]
        kept = has[who]
        out = waiting[who]
        new = who[~kept]
        if new.size:
            made = maker(self.generator.block_pairs(self.block[new]))
            self.block[new] += np.uint64(1)
            out[~kept] = made[:, 1]
            waiting[new] = made[:, 0]
        has[who] = ~kept
        return out


def _by_parameter(shape: Any, parameter: NDArray[Any]) -> tuple[tuple[int, ...], int, NDArray[np.float64]]:
    """Output shape, samples a parameter, and the parameter of each output in TensorFlow's drawing order."""
    shape = tuple(int(d) for d in np.atleast_1d(shape))
    samples = math.prod(shape)
    return shape + parameter.shape, samples, np.repeat(parameter.astype(np.float64).ravel(), samples)


def _in_place(values: NDArray[Any], samples: int, shape: tuple[int, ...]) -> NDArray[Any]:
    return np.ascontiguousarray(values.reshape(-1, samples).T).reshape(shape)


def gamma(generator: Philox | FreshGenerator, shape: Any, alpha: Any) -> NDArray[Any]:
    """Gamma(alpha, 1) samples: the kernel of RandomGamma (Marsaglia and Tsang, 2000).

    Args:
      generator: the op's stream.
      shape: ints, the samples for each alpha.
      alpha: float16, float32 or float64 array, positive.

    Returns:
      Array of shape `shape + alpha.shape` and the dtype of alpha.
    """
    alpha = np.asarray(alpha)
    out_shape, samples, a = _by_parameter(shape, alpha)
    if a.size == 0:
        return np.empty(out_shape, alpha.dtype)
    if isinstance(generator, FreshGenerator):
        drawn = generator.numpy.standard_gamma(alpha.astype(np.float64), out_shape)
        return np.asarray(drawn).astype(alpha.dtype)
    streams = _Streams(generator, a.size)
    result = np.empty(a.size)
    exponential = a == 1.0
    who = np.flatnonzero(exponential)
    if who.size:
        result[who] = [-math.log1p(-u) for u in streams.draw(uniform_of, who).tolist()]
    small = a < 1
    d = a + np.where(small, 2.0 / 3, -1.0 / 3)
    c = 1.0 / 3 / np.sqrt(np.where(exponential, 1.0, d))
    who = np.flatnonzero(~exponential)
    while who.size:
        x = streams.draw(normal_of, who)
        v = 1 + c[who] * x
        inside = v > 0
        live, x, v = who[inside], x[inside], v[inside] ** 3
        u = streams.draw(uniform_of, live)
        with np.errstate(divide="ignore"):  # u may be 0
            good = (u < 1 - 0.0331 * (x * x) * (x * x)) | (np.log(u) < 0.5 * x * x + d[live] * (1 - v + np.log(v)))
        done = live[good]
        result[done] = d[done] * v[good]
        boosted = done[small[done]]
        if boosted.size:
            b = streams.draw(uniform_of, boosted)
            result[boosted] *= [math.pow(p, 1 / q) for p, q in zip(b.tolist(), a[boosted].tolist())]
        finished = np.zeros(who.size, bool)
        finished[np.flatnonzero(inside)[good]] = True
        who = who[~finished]
    return _in_place(result.astype(alpha.dtype), samples, out_shape)


def poisson(generator: Philox | FreshGenerator, shape: Any, rate: Any, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Poisson samples: the kernel of RandomPoissonV2 (Knuth below rate 10, Hormann 1993 above).

    Args:
      generator: the op's stream.
      shape: ints, the samples for each rate.
      rate: array of rates, not negative.
      dtype: of the result, float or integer.

    Returns:
      Array of shape `shape + rate.shape`.
    """
    rate, dtype = np.asarray(rate), np.dtype(dtype)
    out_shape, samples, r = _by_parameter(shape, rate)
    if r.size == 0:
        return np.empty(out_shape, dtype)
    if isinstance(generator, FreshGenerator):
        return np.asarray(generator.numpy.poisson(rate.astype(np.float64), out_shape)).astype(dtype)
    highest = float(np.iinfo(dtype).max if dtype.kind in "iu" else np.finfo(dtype).max)
    streams = _Streams(generator, r.size)
    result = np.zeros(r.size)
    who = np.flatnonzero(r < 10)
    limit = np.exp(-r)
    product = np.ones(r.size)
    while who.size:
        product[who] *= streams.draw(uniform_of, who)
        who = who[product[who] > limit[who]]
        result[who] += 1
    endless = np.isinf(r)
    result[endless] = highest if dtype.kind in "iu" else np.inf
    who = np.flatnonzero((r >= 10) & ~endless)
    while who.size:
        lam = r[who]
        b = 0.931 + 2.53 * np.sqrt(lam)
        a = -0.059 + 0.02483 * b
        u = streams.draw(uniform_of, who) - 0.5
        v = streams.draw(uniform_of, who)
        shifted = 0.5 - np.abs(u)
        with np.errstate(divide="ignore", invalid="ignore"):
            k = np.floor((2 * a / shifted + b) * u + lam + 0.43)
            fits = k <= highest
            quick = fits & (shifted >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
            hopeless = ~fits | (k < 0) | ((shifted < 0.013) & (v > shifted))
            s = np.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (shifted * shifted) + b))
        safe = np.where(hopeless, 1.0, k)
        t = -lam + safe * np.log(lam) - _lgamma(safe + 1).astype(np.float64)
        good = quick | (~hopeless & (s <= t))
        result[who[good]] = k[good]
        who = who[~good]
    return _in_place(result.astype(dtype), samples, out_shape)


def parameterized_truncated_normal(
    generator: Philox | FreshGenerator, shape: Any, means: Any, stddevs: Any, minvals: Any, maxvals: Any
) -> NDArray[Any]:
    """Normal samples between bounds: the kernel of ParameterizedTruncatedNormal, one thread's form.

    Args:
      generator: the op's stream.
      shape: ints; the first is the batch.
      means: float array, scalar or (batch,), as the next three; its dtype is the result's.
      stddevs: standard deviations, positive.
      minvals: lower bounds.
      maxvals: upper bounds, above the lower.

    Returns:
      Array of that shape.

    Raises:
      ValueError: bounds in the wrong order or a deviation that is not positive.
    """
    dtype = np.asarray(means).dtype
    shape = tuple(int(d) for d in np.atleast_1d(shape))
    compute = np.dtype(np.float64 if dtype == np.float64 else np.float32)
    parameters = [np.atleast_1d(np.asarray(p)).astype(compute) for p in (means, stddevs, minvals, maxvals)]
    total = math.prod(shape)
    batches, each = shape[0], (total // shape[0] if shape[0] else 0)
    if all(p.size == 1 for p in parameters):
        batches, each = -(-total // _BATCH), _BATCH
    out = np.empty(total, compute)
    if total == 0:
        return out.reshape(shape).astype(dtype)
    stream = generator.philox() if isinstance(generator, FreshGenerator) else generator
    position = stream.reserve(batches * 2 * _TRIES * (each + 3) // 4)
    for batch in range(batches):
        mean, deviation, low, high = (p[0] if p.size == 1 else p[batch] for p in parameters)
        if not (deviation > 0 and low < high and (np.isfinite(low) or np.isfinite(high))):
            raise ValueError(
                f"Invalid parameters: stddev {deviation}, minval {low}, maxval {high}; "
                "want stddev > 0, minval < maxval and one of the bounds finite"
            )
        part = out[batch * each : min((batch + 1) * each, total)]
        position = _bounded_normal(stream, position, part, mean, deviation, low, high)
    return out.reshape(shape).astype(dtype, copy=False)


def _bounded_normal(
    stream: Philox, position: int, out: NDArray[Any], mean: Any, deviation: Any, low: Any, high: Any
) -> int:
    """Fill `out` from block `position` on; returns the block after the last one used."""
    scalar = out.dtype.type
    if (np.isinf(low) and low < 0) or high < mean:
        low, high, deviation = high, low, -deviation
    low, high = (low - mean) / deviation, (high - mean) / deviation
    root = np.sqrt(low * low + scalar(4))
    with np.errstate(over="ignore"):
        cutoff = scalar(2) * np.exp(scalar(0.5) + (low * (low - root)) / scalar(4)) / (low + root)
    span = high - low
    wide = scalar(1.3)
    uniform = uniform_of if out.dtype == np.float64 else uniform32_of
    per_try = 1  # blocks of one group of tries
    if (low < -wide and high >= 0) or (high > wide and low <= 0):

        def tries(first: int, count: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
            z = (
                normal_of(_pairs(stream, first, count))
                if scalar is np.float64
                else normal32_of(_pairs(stream, first, count))
            )
            return z, (z >= low) & (z <= high)

    elif span < cutoff:
        per_try = 2
        plus = scalar(0) if low < 0 else low * low

        def tries(first: int, count: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
            drawn = uniform(_pairs(stream, first, 2 * count))
            z = drawn[0::2] * span + low
            return z, drawn[1::2] <= np.exp((plus - z * z) / scalar(2))

    else:
        alpha = (low + root) / scalar(2)

        def tries(first: int, count: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
            drawn = uniform(_pairs(stream, first, count))
            u = np.ascontiguousarray(drawn[:, 0::2])
            zero = u == 0
            u[zero] = 1
            logs: NDArray[Any] = logf(u) if scalar is np.float32 else np.log(u)  # type: ignore[arg-type]
            z = -logs / alpha + low
            x = alpha - z if low < alpha else np.full_like(z, low - alpha)
            return z, (drawn[:, 1::2] <= np.exp(-x * x / scalar(2))) & (z < high) & ~zero

    filled = 0
    while filled < out.size:
        groups = (out.size - filled) // 2 + 4
        z, good = tries(position, groups)
        row, column = np.nonzero(good)
        take = min(row.size, out.size - filled)
        out[filled : filled + take] = z[row[:take], column[:take]] * deviation + mean
        filled += take
        used = groups if filled < out.size else int(row[take - 1]) + 1
        position += used * per_try
    return position


def _pairs(stream: Philox, first: int, count: int) -> Any:
    return stream.block_pairs(np.arange(first, first + count, dtype=np.uint64))
