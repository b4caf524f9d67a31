"""`tf.train`: optimisers, learning rates, moving averages, the global step."""

from __future__ import annotations

from typing import Any

from core import proto
from core.summary.reader import summary_iterator as summary_iterator
from core.train.global_step import *
from core.train.graph_io import write_graph as write_graph
from core.train.learning_rate import *
from core.train.moving_averages import ExponentialMovingAverage as ExponentialMovingAverage
from core.train.optimizer import Optimizer as Optimizer
from core.train.optimizers import *


def __getattr__(name: str) -> Any:
    """Messages (`tf.train.Example`) load protobuf, so they come when first asked for."""
    if name in proto.TRAIN:
        return getattr(proto, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *proto.TRAIN})
