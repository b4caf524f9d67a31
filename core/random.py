"""`tf.random`: the random ops under their TensorFlow 1.15 names. Imports ops by name only."""

from __future__ import annotations

from typing import Any

from core.graph import Tensor, name_scope
from core.ops.random_more import random_gamma as gamma
from core.ops.random_more import random_poisson as poisson
from core.ops.random_ops import (
    get_seed,
    multinomial,
    random_crop,
    random_normal,
    random_shuffle,
    random_uniform,
    set_random_seed,
    truncated_normal,
)

__all__ = [
    "categorical", "gamma", "get_seed", "multinomial", "normal", "poisson", "set_random_seed", "shuffle",
    "random_crop", "truncated_normal", "uniform",
]

normal = random_normal
shuffle = random_shuffle
uniform = random_uniform


def categorical(
    logits: Any, num_samples: Any, dtype: Any = None, seed: int | None = None, name: str | None = None,
) -> Tensor:
    """Draws class numbers: each row of `logits` holds unnormalised log-probabilities.

    Args:
      logits: ``[batch, classes]``.
      num_samples: How many to draw for each row; a scalar.
      dtype: int32 or int64 (the default).
      seed: Seed of this op.
      name: Name scope of the operation.

    Returns:
      ``[batch, num_samples]`` class numbers.

    Example:
      >>> tf.random.categorical([[0.0, 1.0, 2.0]], 5).shape.as_list()
      [1, 5]
    """
    with name_scope(name, "categorical", [logits]) as scope:
        return multinomial(logits, num_samples, seed=seed, output_dtype=dtype, name=scope)
