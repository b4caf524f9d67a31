"""Schedules of the learning rate: tensors that fall as the global step rises."""

from __future__ import annotations

import math
from typing import Any

from core.dtypes import int32, int64
from core.graph import Tensor, apply_op, convert_to_tensor, name_scope
from core.ops.array_cast import cast
from core.ops.constant import constant
from core.ops.math_binary import add, divide, maximum, minimum, multiply
from core.ops.math_binary import pow as power_of
from core.ops.math_trig import cos
from core.ops.math_unary import ceil, exp, floor, log, negative, sqrt
from core.ops.random_ops import random_normal

__all__ = [
    "cosine_decay", "cosine_decay_restarts", "exponential_decay", "inverse_time_decay", "linear_cosine_decay",
    "natural_exp_decay", "noisy_linear_cosine_decay", "piecewise_constant", "piecewise_constant_decay",
    "polynomial_decay",
]


def _start(learning_rate: Any) -> tuple[Any, Any]:
    """The initial rate as a tensor, and its type: that of all the arithmetic."""
    rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
    return rate, rate.dtype.base_dtype


def _require_step(global_step: Any, what: str) -> None:
    if global_step is None:
        raise ValueError(f"global_step is required for {what}.")


def exponential_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:
    """``learning_rate * decay_rate ** (global_step / decay_steps)``.

    Args:
      learning_rate: Start, a scalar.
      global_step: Step counter, a scalar; not negative.
      decay_steps: Steps in which the rate is multiplied by `decay_rate` once; positive.
      decay_rate: Factor.
      staircase: If True, the quotient is rounded down.
      name: Name of the operation.

    Raises:
      ValueError: `global_step` is None.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(round(float(sess.run(tf.train.exponential_decay(0.5, 10, 10, 0.1))), 4))
      0.05
    """
    _require_step(global_step, "exponential_decay")
    return _exponential(learning_rate, global_step, decay_steps, decay_rate, staircase, name)


def _exponential(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool,
                 name: str | None) -> Tensor:
    with name_scope(name or "ExponentialDecay") as scope:
        rate, dtype = _start(learning_rate)
        steps, factor = cast(decay_steps, dtype), cast(decay_rate, dtype)
        exponent = cast(global_step, dtype) / steps
        if staircase:
            exponent = floor(exponent)
        return multiply(rate, power_of(factor, exponent), name=scope)


def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Tensor:
    """``values[0]`` up to ``boundaries[0]``, ``values[1]`` up to ``boundaries[1]``, ..., then the last value.

    Args:
      x: Step counter, a scalar.
      boundaries: Rising steps, of the type of `x`.
      values: One more than boundaries, of one type.
      name: Name of the operation.

    Raises:
      ValueError: Types that do not agree, or a wrong number of values.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     rate = tf.train.piecewise_constant(15, [10, 20], [1.0, 0.5, 0.1])
      ...     print(sess.run(rate))
      0.5
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError(f"The length of boundaries should be 1 less than the length of values, got "
                         f"{len(boundaries)} and {len(values)}.")
    with name_scope(name, "PiecewiseConstant", [x, boundaries, values]) as scope:
        step = convert_to_tensor(x)
        limits = [convert_to_tensor(b) for b in boundaries]
        for index, limit in enumerate(limits):
            if limit.dtype.base_dtype == step.dtype.base_dtype:
                continue
            if step.dtype.base_dtype == int64 and limit.dtype.base_dtype == int32:
                limits[index] = cast(limit, int64)
                continue
            raise ValueError(f"Boundaries ({limit.dtype.base_dtype}) must have the same dtype as x "
                             f"({step.dtype.base_dtype}).")
        levels = [convert_to_tensor(v) for v in values]
        if any(v.dtype.base_dtype != levels[0].dtype.base_dtype for v in levels):
            raise ValueError("Values must have elements all with the same dtype: "
                             f"{[v.dtype.base_dtype.name for v in levels]}")
        # How many boundaries lie below the step is the number of the value.
        below = apply_op("Less", apply_op("Pack", limits), step) if limits else None
        if below is None:
            return apply_op("Identity", levels[0], name=scope)
        number = apply_op("Sum", cast(below, int32), [0])
        return apply_op("GatherV2", apply_op("Pack", levels), number, 0, name=scope)


piecewise_constant_decay = piecewise_constant


def polynomial_decay(learning_rate: Any, global_step: Any, decay_steps: Any, end_learning_rate: Any = 0.0001,
                     power: Any = 1.0, cycle: bool = False, name: str | None = None) -> Tensor:
    """``(learning_rate - end) * (1 - step / decay_steps) ** power + end``.

    Args:
      learning_rate, end_learning_rate: Start and end.
      global_step: Step counter, a scalar.
      decay_steps: Steps until the end is reached.
      power: Exponent; 1 is a straight line.
      cycle: If True, it starts anew after `decay_steps`, over a longer time.
      name: Name of the operation.

    Raises:
      ValueError: `global_step` is None.
    """
    _require_step(global_step, "polynomial_decay")
    with name_scope(name or "PolynomialDecay") as scope:
        rate, dtype = _start(learning_rate)
        end, exponent = cast(end_learning_rate, dtype), cast(power, dtype)
        step, steps = cast(global_step, dtype), cast(decay_steps, dtype)
        if cycle:
            # Before the first step the quotient is 0, and one period must be counted all the same.
            periods = maximum(ceil(step / decay_steps), 1.0)
            steps = multiply(steps, periods)
        else:
            step = minimum(step, decay_steps)
        done: Any = step / steps
        return add(multiply(rate - end, power_of(1 - done, exponent)), end, name=scope)


def natural_exp_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:
    """``learning_rate * exp(-decay_rate * global_step / decay_steps)``; arguments as `exponential_decay`."""
    _require_step(global_step, "natural_exp_decay")
    return _exponential(learning_rate, global_step, decay_steps, exp(negative(decay_rate)), staircase, name)


def inverse_time_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                       name: str | None = None) -> Tensor:
    """``learning_rate / (1 + decay_rate * global_step / decay_steps)``; arguments as `exponential_decay`."""
    _require_step(global_step, "inverse_time_decay")
    with name_scope(name or "InverseTimeDecay") as scope:
        rate, dtype = _start(learning_rate)
        steps, factor = cast(decay_steps, dtype), cast(decay_rate, dtype)
        quotient = cast(global_step, dtype) / steps
        if staircase:
            quotient = floor(quotient)
        return divide(rate, add(cast(constant(1), dtype), multiply(factor, quotient)), name=scope)


def _cosine(fraction: Any, dtype: Any, height: Any = None) -> Any:
    wave: Any = cos(constant(math.pi, dtype=dtype) * fraction)
    wave = 1.0 + wave
    return 0.5 * wave if height is None else 0.5 * height * wave


def cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, alpha: float = 0.0,
                 name: str | None = None) -> Tensor:
    """``learning_rate * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 + alpha)``.

    Args:
      learning_rate: Start.
      global_step: Step counter, a scalar.
      decay_steps: Steps until the end is reached.
      alpha: Least rate, as a part of the start.
      name: Name of the operation.

    Raises:
      ValueError: `global_step` is None.

    Source: Loshchilov and Hutter, "SGDR", 2017.
    """
    _require_step(global_step, "cosine_decay")
    with name_scope(name or "CosineDecay"):
        rate, dtype = _start(learning_rate)
        steps = cast(decay_steps, dtype)
        step: Any = minimum(cast(global_step, dtype), steps)
        fraction = step / steps
        return multiply(rate, (1 - alpha) * _cosine(fraction, dtype) + alpha)


def cosine_decay_restarts(
    learning_rate: Any, global_step: Any, first_decay_steps: Any, t_mul: float = 2.0, m_mul: float = 1.0,
    alpha: float = 0.0, name: str | None = None,
) -> Tensor:
    """Cosine decay that starts anew: each period is `t_mul` times as long, and `m_mul` times as high, as the last.

    Raises:
      ValueError: `global_step` is None.

    Source: Loshchilov and Hutter, "SGDR", 2017.
    """
    _require_step(global_step, "cosine decay restarts")
    with name_scope(name or "SGDRDecay") as scope:
        rate, dtype = _start(learning_rate)
        first = cast(first_decay_steps, dtype)
        least, longer, higher = cast(alpha, dtype), cast(t_mul, dtype), cast(m_mul, dtype)
        completed = cast(global_step, dtype) / first
        if t_mul == 1.0:
            restart: Any = floor(completed)
            fraction = completed - restart
        else:
            reached: Any = log(1.0 - completed * (1.0 - longer))
            restart = floor(reached / log(longer))
            done = (1.0 - longer ** restart) / (1.0 - longer)
            fraction = (completed - done) / longer ** restart
        decayed = (1 - least) * _cosine(fraction, dtype, higher ** restart) + least
        return multiply(rate, decayed, name=scope)


def linear_cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: float = 0.5, alpha: float = 0.0,
    beta: float = 0.001, name: str | None = None,
) -> Tensor:
    """``learning_rate * ((alpha + linear) * cosine + beta)``; the cosine has `num_periods` waves.

    Raises:
      ValueError: `global_step` is None.

    Source: Bello et al., "Neural optimizer search", 2017.
    """
    _require_step(global_step, "linear cosine decay")
    return _linear_cosine(learning_rate, global_step, decay_steps, num_periods, alpha, beta, None,
                          name or "LinearCosineDecay")


def noisy_linear_cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, initial_variance: float = 1.0, variance_decay: float = 0.55,
    num_periods: float = 0.5, alpha: float = 0.0, beta: float = 0.001, name: str | None = None,
) -> Tensor:
    """`linear_cosine_decay` with noise on the linear part, of variance ``initial_variance / (1 + step) ** decay``.

    Raises:
      ValueError: `global_step` is None.
    """
    _require_step(global_step, "noisy linear cosine decay")
    return _linear_cosine(learning_rate, global_step, decay_steps, num_periods, alpha, beta,
                          (initial_variance, variance_decay), name or "NoisyLinearCosineDecay")


def _linear_cosine(learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: float, alpha: float,
                   beta: float, noise: tuple[float, float] | None, name: str) -> Tensor:
    with name_scope(name) as scope:
        rate, dtype = _start(learning_rate)
        steps = cast(decay_steps, dtype)
        first: Any = None if noise is None else cast(noise[0], dtype)
        falling = None if noise is None else cast(noise[1], dtype)
        periods, lift, least = cast(num_periods, dtype), cast(alpha, dtype), cast(beta, dtype)
        step: Any = minimum(cast(global_step, dtype), steps)
        linear = (steps - step) / steps
        if noise is not None:
            growth: Any = power_of(1.0 + step, falling)
            deviation = sqrt(first / growth)
            linear = linear + random_normal(linear.shape, stddev=deviation, dtype=dtype)
        done = step / steps
        cosine = _cosine(2.0 * periods * done, dtype)
        return multiply(rate, (lift + linear) * cosine + least, name=scope)
