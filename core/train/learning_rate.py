"""Schedules of the learning rate: tensors that fall as the global step rises."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from core.dtypes import int32, int64
from core.graph import Tensor, apply_op, convert_to_tensor, name_scope
from core.ops.array_cast import cast
from core.ops.math_binary import add, maximum, minimum, multiply, subtract, truediv
from core.ops.math_binary import pow as power

__all__ = [
    "cosine_decay", "cosine_decay_restarts", "exponential_decay", "inverse_time_decay", "linear_cosine_decay",
    "natural_exp_decay", "noisy_linear_cosine_decay", "piecewise_constant", "piecewise_constant_decay",
    "polynomial_decay",
]


def _unary(op_type: str) -> Callable[[Tensor], Tensor]:
    def apply(x: Tensor) -> Tensor:
        tensor: Tensor = apply_op(op_type, x)
        return tensor
    return apply


_floor, _ceil, _cos, _exp = _unary("Floor"), _unary("Ceil"), _unary("Cos"), _unary("Exp")


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
    with name_scope(name, "ExponentialDecay", [learning_rate, global_step, decay_steps, decay_rate]) as scope:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        exponent = truediv(cast(global_step, dtype), cast(decay_steps, dtype))
        if staircase:
            exponent = _floor(exponent)
        return multiply(rate, power(cast(decay_rate, dtype), exponent), name=scope)


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
    with name_scope(name, "PolynomialDecay",
                    [learning_rate, global_step, decay_steps, end_learning_rate, power]) as scope:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        end = cast(end_learning_rate, dtype)
        step, steps = cast(global_step, dtype), cast(decay_steps, dtype)
        if cycle:
            # Before the first step the quotient is 0, and one period must be counted all the same.
            periods = maximum(_ceil(truediv(step, steps)), convert_to_tensor(1.0, dtype=dtype))
            steps = multiply(steps, periods)
        else:
            step = minimum(step, steps)
        left = subtract(convert_to_tensor(1.0, dtype=dtype), truediv(step, steps))
        return add(multiply(subtract(rate, end), apply_op("Pow", left, cast(power, dtype))), end, name=scope)


def natural_exp_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                      name: str | None = None) -> Tensor:
    """``learning_rate * exp(-decay_rate * global_step / decay_steps)``; arguments as `exponential_decay`."""
    _require_step(global_step, "natural_exp_decay")
    natural = _exp(apply_op("Neg", convert_to_tensor(decay_rate)))
    return exponential_decay(learning_rate, global_step, decay_steps, natural, staircase=staircase,
                             name=name or "NaturalExpDecay")


def inverse_time_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False,
                       name: str | None = None) -> Tensor:
    """``learning_rate / (1 + decay_rate * global_step / decay_steps)``; arguments as `exponential_decay`."""
    _require_step(global_step, "inverse_time_decay")
    with name_scope(name, "InverseTimeDecay", [learning_rate, global_step, decay_rate]) as scope:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        quotient = truediv(cast(global_step, dtype), cast(decay_steps, dtype))
        if staircase:
            quotient = _floor(quotient)
        one = convert_to_tensor(1, dtype=dtype)
        return truediv(rate, add(one, multiply(cast(decay_rate, dtype), quotient)), name=scope)


def _cosine(fraction: Tensor, dtype: Any) -> Tensor:
    wave = _cos(multiply(convert_to_tensor(math.pi, dtype=dtype), fraction))
    return multiply(convert_to_tensor(0.5, dtype=dtype), add(convert_to_tensor(1.0, dtype=dtype), wave))


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
    with name_scope(name, "CosineDecay", [learning_rate, global_step]) as scope:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        steps = cast(decay_steps, dtype)
        fraction = truediv(minimum(cast(global_step, dtype), steps), steps)
        decayed = add(multiply(convert_to_tensor(1 - alpha, dtype=dtype), _cosine(fraction, dtype)),
                      convert_to_tensor(alpha, dtype=dtype))
        return multiply(rate, decayed, name=scope)


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
    with name_scope(name, "SGDRDecay", [learning_rate, global_step]) as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = rate.dtype.base_dtype

        def number(value: Any) -> Tensor:
            return convert_to_tensor(value, dtype=dtype)

        completed = truediv(cast(global_step, dtype), cast(first_decay_steps, dtype))
        if t_mul == 1.0:
            restart = _floor(completed)
            fraction = subtract(completed, restart)
        else:
            inside = subtract(number(1.0), multiply(completed, number(1.0 - t_mul)))
            restart = _floor(truediv(apply_op("Log", inside), number(math.log(t_mul))))
            done = truediv(subtract(number(1.0), power(number(t_mul), restart)), number(1.0 - t_mul))
            fraction = truediv(subtract(completed, done), power(number(t_mul), restart))
        height = multiply(power(number(m_mul), restart), _cosine(fraction, dtype))
        decayed = add(multiply(number(1 - alpha), height), number(alpha))
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
                          name, "LinearCosineDecay")


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
                          (initial_variance, variance_decay), name, "NoisyLinearCosineDecay")


def _linear_cosine(learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: float, alpha: float,
                   beta: float, noise: tuple[float, float] | None, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, [learning_rate, global_step]) as scope:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype

        def number(value: Any) -> Tensor:
            return convert_to_tensor(value, dtype=dtype)

        steps = cast(decay_steps, dtype)
        step = minimum(cast(global_step, dtype), steps)
        linear = truediv(subtract(steps, step), steps)
        if noise is not None:
            variance = truediv(number(noise[0]), power(add(number(1.0), step), number(noise[1])))
            drawn = apply_op("RandomStandardNormal", apply_op("Shape", linear), dtype=dtype)
            linear = add(linear, multiply(drawn, apply_op("Sqrt", variance)))
        waves = multiply(number(2.0 * num_periods), truediv(step, steps))
        decayed = add(multiply(add(number(alpha), linear), _cosine(waves, dtype)), number(beta))
        return multiply(rate, decayed, name=scope)


