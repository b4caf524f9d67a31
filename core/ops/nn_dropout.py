"""Dropout, and the L2 loss."""

from __future__ import annotations

import numbers
from typing import Any

from core.graph import Operation, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import shape as shape_op
from core.ops.array_cast import cast
from core.ops.math_binary import multiply
from core.ops.random_ops import random_uniform
from core.shapes import TensorShape

__all__: list[str] = []


def _noise_shape(x: Tensor, noise_shape: Any) -> Any:
    """The shape of the random mask: that of `x`, unless another is given (None in it takes the size of `x`)."""
    if noise_shape is None:
        return shape_op(x)
    try:
        given = TensorShape(noise_shape)
    except (TypeError, ValueError):
        return noise_shape
    if x.shape.ndims is not None and given.ndims is not None and x.shape.ndims == given.ndims:
        known = x.shape.as_list()
        return TensorShape([known[i] if d is None else d for i, d in enumerate(given.as_list())])
    return noise_shape


def dropout(x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: int | None = None, name: str | None = None,
            rate: Any = None) -> Tensor:
    """Sets elements to zero at random and scales the others, so that the expected sum stays.

    Args:
      x: Tensor of floats.
      keep_prob: Probability to keep an element (deprecated: ``1 - rate``).
      noise_shape: Shape of the random mask, broadcast against `x`; by default that of `x`.
      seed: Op-level seed; see `tf.set_random_seed`.
      name: Name of the operation.
      rate: Probability to drop an element, in [0, 1).

    Raises:
      ValueError: Neither or both probabilities given; one out of range; `x` is no float.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.dropout(tf.ones([4]), rate=0.5, seed=2)).max())
      2.0

    Source: Srivastava et al., "Dropout", 2014.
    """
    try:
        keep = None if keep_prob is None else 1.0 - keep_prob
    except TypeError:
        raise ValueError(f"keep_prob must be a floating point number or Tensor (got {keep_prob!r})") from None
    if rate is not None and keep is not None:
        raise ValueError("Cannot specify both 'rate' and 'keep_prob'.")
    rate = keep if rate is None else rate
    if rate is None:
        raise ValueError("You must provide a rate to dropout.")
    with name_scope(name, "dropout", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError("x has to be a floating point tensor since it's going to be scaled. Got a "
                             f"{x.dtype.name} tensor instead.")
        if isinstance(rate, numbers.Real):
            if not 0 <= float(rate) < 1:
                raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got {rate:g}")
            if rate == 0:
                return x
        dtype = x.dtype.base_dtype
        rate = convert_to_tensor(rate, dtype=dtype, name="rate")
        rate.shape.assert_is_compatible_with(TensorShape([]))
        drawn = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=dtype)
        scale = 1 / (1 - rate)
        kept = drawn >= rate
        result: Tensor = x * scale * cast(kept, dtype)
        result.set_shape(x.shape)
        return result


# ---------------------------------------------------------------------- L2Loss


def _l2_loss(xp: Any, t: Any) -> Any:
    flat = t.reshape(-1)
    return (xp.dot(flat, flat) / t.dtype.type(2)).astype(t.dtype)


def _l2_loss_grad(op: Operation, grad: Any) -> Tensor:
    return multiply(op.inputs[0], grad)


define_op("L2Loss", "t:T", "output:T", "T:type{half,bfloat16,float,double}", shape=lambda t: TensorShape([]),
          kernel=_l2_loss, gradient=_l2_loss_grad)


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """``sum(t ** 2) / 2``.

    Args:
      t: Tensor of floats.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.l2_loss([3.0, 4.0])))
      12.5
    """
    return apply_op("L2Loss", t, name=name)


