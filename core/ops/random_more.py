"""Gamma and Poisson samples. With seeds they give TensorFlow's numbers (core/kernels/rejection.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import DType, float32, int32
from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value_as_shape, convert_to_tensor, define_op, name_scope
from core.kernels import rejection
from core.kernels.philox import generator
from core.ops.array_basic import zeros_like
from core.ops.math_binary import add, divide, maximum
from core.ops.random_ops import get_seed
from core.shapes import TensorShape

__all__ = ["random_gamma", "random_poisson"]


def _shape(shape: Tensor, parameter: Tensor) -> TensorShape:
    return constant_value_as_shape(shape).concatenate(parameter.shape)


def _gamma(ctx: Any, shape: Any, alpha: Any, *, seed: int, seed2: int) -> Any:
    return rejection.gamma(ctx.state(lambda: generator(seed, seed2)), shape, alpha)


def _poisson(ctx: Any, shape: Any, rate: Any, *, seed: int, seed2: int, dtype: DType) -> Any:
    return rejection.poisson(ctx.state(lambda: generator(seed, seed2)), shape, rate, dtype.as_numpy_dtype)


define_op("RandomGamma", "shape:S, alpha:T", "output:T",
          "seed:int=0; seed2:int=0; S:type{int32,int64}; T:type{half,float,double}", shape=_shape, kernel=_gamma,
          stateful=True, context=True)
define_op("RandomPoissonV2", "shape:S, rate:R", "output:dtype",
          "seed:int=0; seed2:int=0; S:type{int32,int64}; R:type=double{half,float,double,int32,int64}; "
          "dtype:type=int64{half,float,double,int32,int64}", shape=_shape, kernel=_poisson, gradient=NO_GRADIENT,
          stateful=True, context=True)


def random_gamma(shape: Any, alpha: Any, beta: Any = None, dtype: Any = float32, seed: int | None = None,
                 name: str | None = None) -> Tensor:
    """Samples of Gamma(alpha, beta).

    Args:
      shape: How many samples for each pair of parameters.
      alpha: Shape parameter, positive.
      beta: Inverse scale; by default 1. Broadcasts with `alpha`.
      dtype: float16, float32 or float64.
      seed: Seed of this op.
      name: Name scope of the operations.

    Returns:
      Tensor of shape ``shape + (alpha + beta).shape``.

    Example:
      >>> tf.random_gamma([3], [0.5, 1.5]).shape.as_list()
      [3, 2]
    """
    with name_scope(name, "random_gamma", [shape, alpha, beta]):
        dims = convert_to_tensor(shape, name="shape", dtype=int32)
        a = convert_to_tensor(alpha, name="alpha", dtype=dtype)
        b = convert_to_tensor(1 if beta is None else beta, name="beta", dtype=dtype)
        seed1, seed2 = get_seed(seed)
        drawn = apply_op("RandomGamma", dims, add(a, zeros_like(b)), seed=seed1 or 0, seed2=seed2 or 0)
        tiny = np.finfo(a.dtype.as_numpy_dtype).tiny
        return maximum(tiny, divide(drawn, b))


def random_poisson(lam: Any, shape: Any, dtype: Any = float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:
    """Samples of the Poisson distribution.

    Args:
      lam: Mean.
      shape: How many samples for each mean.
      dtype: Type of the samples.
      seed: Seed of this op.
      name: Name scope of the operations.

    Returns:
      Tensor of shape ``shape + lam.shape``.

    Example:
      >>> tf.random_poisson([0.5, 1.5], [3]).shape.as_list()
      [3, 2]
    """
    with name_scope(name, "random_poisson", [lam, shape]):
        dims = convert_to_tensor(shape, name="shape", dtype=int32)
        seed1, seed2 = get_seed(seed)
        drawn: Tensor = apply_op("RandomPoissonV2", dims, convert_to_tensor(lam, name="lam"), dtype=dtype,
                                 seed=seed1 or 0, seed2=seed2 or 0)
        return drawn
