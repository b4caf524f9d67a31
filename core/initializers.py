"""Initialisers: callables that make the first value of a variable from its shape, type and place in a whole."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, float32
from core.graph import Tensor, apply_op
from core.ops import array_basic, random_ops
from core.ops.array_diag import diag_part
from core.ops.array_shape import matrix_transpose, reshape
from core.ops.array_slice import slice as slice_op
from core.ops.constant import constant as constant_op
from core.ops.math_norm import eye
from core.ops.math_unary import sign
from core.shapes import TensorShape
from core.variable_collections import (
    global_variables_initializer,
    local_variables_initializer,
    variables_initializer,
)

__all__ = [
    "constant_initializer", "glorot_normal_initializer", "glorot_uniform_initializer", "ones_initializer",
    "orthogonal_initializer", "random_normal_initializer", "random_uniform_initializer", "truncated_normal_initializer",
    "uniform_unit_scaling_initializer", "variance_scaling_initializer", "zeros_initializer",
]


def _floating(dtype: Any) -> DType:
    kind = as_dtype(dtype)
    if not kind.is_floating:
        raise ValueError(f"Expected floating point type, got {kind!r}.")
    return kind


class Initializer:
    """Base of all initialisers: call one with a shape to get the initial value as a tensor."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value.

        Args:
          shape: Shape of the variable (of the part, if it is cut).
          dtype: Type; by default the initialiser's.
          partition_info: For a part: shape of the whole and offset of the part.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Makes an initialiser from `get_config`."""
        return cls(**config)


class Zeros(Initializer):
    """Zeros of the variable's type."""

    def __init__(self, dtype: Any = float32) -> None:
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else as_dtype(dtype)
        return array_basic.zeros(shape, kind)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"dtype": self.dtype.name}


class Ones(Initializer):
    """Ones of the variable's type."""

    def __init__(self, dtype: Any = float32) -> None:
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else as_dtype(dtype)
        return array_basic.ones(shape, kind)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"dtype": self.dtype.name}


class Constant(Initializer):
    """A given value: one for all elements, or a list or array of as many (the last one is repeated).

    Args:
      value: Number, list or array.
      dtype: Type where the call gives none.
      verify_shape: If True, `value` must have the variable's shape.

    Raises:
      TypeError: `value` is of none of these kinds.
    """

    def __init__(self, value: Any = 0, dtype: Any = float32, verify_shape: bool = False) -> None:
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise TypeError(f"Invalid type for initial value: {type(value)} (expected Python scalar, list or tuple of "
                            "values, or numpy.ndarray).")
        self.value, self.dtype, self._verify_shape = value, as_dtype(dtype), verify_shape

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None,
                 verify_shape: bool | None = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else as_dtype(dtype)
        return constant_op(self.value, dtype=kind, shape=shape,
                        verify_shape=self._verify_shape if verify_shape is None else verify_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"value": self.value, "dtype": self.dtype.name}


class RandomUniform(Initializer):
    """Uniform random numbers in ``[minval, maxval)``."""

    def __init__(self, minval: Any = 0, maxval: Any = None, seed: int | None = None, dtype: Any = float32) -> None:
        self.minval, self.maxval, self.seed, self.dtype = minval, maxval, seed, as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else dtype
        return random_ops.random_uniform(shape, self.minval, self.maxval, kind, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed, "dtype": self.dtype.name}


class RandomNormal(Initializer):
    """Normal random numbers."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.mean, self.stddev, self.seed, self.dtype = mean, stddev, seed, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else dtype
        return random_ops.random_normal(shape, self.mean, self.stddev, kind, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed, "dtype": self.dtype.name}


class TruncatedNormal(Initializer):
    """Normal random numbers, none further than two standard deviations from the mean."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.mean, self.stddev, self.seed, self.dtype = mean, stddev, seed, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else dtype
        return random_ops.truncated_normal(shape, self.mean, self.stddev, kind, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed, "dtype": self.dtype.name}


class UniformUnitScaling(Initializer):
    """Uniform numbers that keep the variance of a linear layer's input (deprecated: use VarianceScaling)."""

    def __init__(self, factor: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.factor, self.seed, self.dtype = factor, seed, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        whole = shape if partition_info is None else partition_info.full_shape
        input_size = 1.0
        for dim in list(whole)[:-1]:
            input_size *= float(dim)
        limit = math.sqrt(3 / max(input_size, 1.0)) * self.factor
        kind = self.dtype if dtype is None else dtype
        return random_ops.random_uniform(shape, -limit, limit, kind, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"factor": self.factor, "seed": self.seed, "dtype": self.dtype.name}


class VarianceScaling(Initializer):
    """Random numbers whose spread follows the size of the layer: variance ``scale / n``.

    Args:
      scale: Positive factor.
      mode: n is "fan_in" (inputs), "fan_out" (outputs) or "fan_avg" (their mean).
      distribution: "truncated_normal" (also "normal"), "untruncated_normal" or "uniform".
      seed: Op-level seed.
      dtype: Type where the call gives none.

    Raises:
      ValueError: An argument is not one of these.

    Source: Glorot and Bengio, 2010 (fan_avg); He et al., 2015 (fan_in, scale 2).
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal",
                 seed: int | None = None, dtype: Any = float32) -> None:
        if scale <= 0.0:
            raise ValueError(f"`scale` must be positive float, got {scale}.")
        if mode not in {"fan_in", "fan_out", "fan_avg"}:
            raise ValueError(f"Invalid `mode` argument: {mode}")
        distribution = distribution.lower()
        if distribution not in {"normal", "uniform", "truncated_normal", "untruncated_normal"}:
            raise ValueError(f"Invalid `distribution` argument: {distribution}")
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else dtype
        fan_in, fan_out = _fans(shape if partition_info is None else partition_info.full_shape)
        size = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        scale = self.scale / max(1.0, size)
        if self.distribution in ("normal", "truncated_normal"):
            # The factor makes up for what the truncation takes away: the deviation of a normal cut at two.
            stddev = math.sqrt(scale) / 0.87962566103423978
            return random_ops.truncated_normal(shape, 0.0, stddev, kind, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random_ops.random_normal(shape, 0.0, math.sqrt(scale), kind, seed=self.seed)
        limit = math.sqrt(3.0 * scale)
        return random_ops.random_uniform(shape, -limit, limit, kind, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"scale": self.scale, "mode": self.mode, "distribution": self.distribution, "seed": self.seed,
                "dtype": self.dtype.name}


def _fans(shape: Any) -> tuple[float, float]:
    """Numbers of inputs and outputs of the layer whose weights have this shape."""
    dims: list[Any] = TensorShape(shape).as_list()
    if not dims:
        return 1, 1
    if len(dims) == 1:
        return dims[0], dims[0]
    if len(dims) == 2:
        return dims[0], dims[1]
    receptive = math.prod(dims[:-2])
    return dims[-2] * receptive, dims[-1] * receptive


class Orthogonal(Initializer):
    """An orthogonal matrix (rows or columns of length `gain`, at right angles); more dimensions are taken together.

    Raises:
      ValueError: The shape has fewer than two dimensions.

    Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear networks", 2014.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.gain, self.seed, self.dtype = gain, seed, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        kind = self.dtype if dtype is None else as_dtype(dtype)
        dims: list[Any] = TensorShape(shape).as_list()
        if len(dims) < 2:
            raise ValueError("The tensor to initialize must be at least two-dimensional")
        rows, cols = math.prod(dims[:-1]), dims[-1]
        drawn = random_ops.random_normal((max(rows, cols), min(rows, cols)), dtype=kind, seed=self.seed)
        # The signs make the decomposition unique, and the distribution uniform.
        q: Any
        q, r = apply_op("Qr", drawn, full_matrices=False)
        q = q * sign(diag_part(r))
        if rows < cols:
            q = matrix_transpose(q)
        flat: Any = reshape(q, dims)
        return self.gain * flat

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"gain": self.gain, "seed": self.seed, "dtype": self.dtype.name}


class Identity(Initializer):
    """The identity matrix times `gain`; ValueError for other than two dimensions."""

    def __init__(self, gain: float = 1.0, dtype: Any = float32) -> None:
        self.gain, self.dtype = gain, _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Makes the initial value."""
        dims: list[Any] = TensorShape(shape if partition_info is None else partition_info.full_shape).as_list()
        if len(dims) != 2:
            raise ValueError("Identity matrix initializer can only be used for 2D matrices.")
        matrix: Any = eye(dims[0], dims[1], dtype=self.dtype if dtype is None else as_dtype(dtype))
        if partition_info is not None:
            matrix = slice_op(matrix, partition_info.var_offset, TensorShape(shape).as_list())
        return self.gain * matrix

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"gain": self.gain, "dtype": self.dtype.name}


class GlorotUniform(VarianceScaling):
    """Glorot's (Xavier's) uniform initialiser: limit ``sqrt(6 / (fan_in + fan_out))``."""

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(scale=1.0, mode="fan_avg", distribution="uniform", seed=seed, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"seed": self.seed, "dtype": self.dtype.name}


class GlorotNormal(VarianceScaling):
    """Glorot's (Xavier's) normal initialiser: deviation ``sqrt(2 / (fan_in + fan_out))``, truncated."""

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(scale=1.0, mode="fan_avg", distribution="truncated_normal", seed=seed, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initialiser."""
        return {"seed": self.seed, "dtype": self.dtype.name}


def he_normal(seed: int | None = None) -> VarianceScaling:
    """He's normal initialiser: deviation ``sqrt(2 / fan_in)``, truncated."""
    return VarianceScaling(scale=2.0, mode="fan_in", distribution="truncated_normal", seed=seed)


def he_uniform(seed: int | None = None) -> VarianceScaling:
    """He's uniform initialiser: limit ``sqrt(6 / fan_in)``."""
    return VarianceScaling(scale=2.0, mode="fan_in", distribution="uniform", seed=seed)


def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """LeCun's normal initialiser: deviation ``sqrt(1 / fan_in)``, truncated."""
    return VarianceScaling(scale=1.0, mode="fan_in", distribution="truncated_normal", seed=seed)


def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """LeCun's uniform initialiser: limit ``sqrt(3 / fan_in)``."""
    return VarianceScaling(scale=1.0, mode="fan_in", distribution="uniform", seed=seed)


zeros_initializer = Zeros
ones_initializer = Ones
constant_initializer = Constant
random_uniform_initializer = RandomUniform
random_normal_initializer = RandomNormal
truncated_normal_initializer = TruncatedNormal
uniform_unit_scaling_initializer = UniformUnitScaling
variance_scaling_initializer = VarianceScaling
orthogonal_initializer = Orthogonal
identity_initializer = Identity
glorot_uniform_initializer = GlorotUniform
glorot_normal_initializer = GlorotNormal

# The names of tf.initializers, which is this module.
zeros, ones, constant, identity, orthogonal = Zeros, Ones, Constant, Identity, Orthogonal
random_uniform, random_normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
uniform_unit_scaling, variance_scaling = UniformUnitScaling, VarianceScaling
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
variables, global_variables, local_variables = (
    variables_initializer, global_variables_initializer, local_variables_initializer)
