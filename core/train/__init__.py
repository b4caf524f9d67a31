"""`tf.train`: optimisers, learning rates, moving averages, the global step."""

from __future__ import annotations

from core.train.global_step import *
from core.train.learning_rate import *
from core.train.moving_averages import ExponentialMovingAverage as ExponentialMovingAverage
from core.train.optimizer import Optimizer as Optimizer
from core.train.optimizers import *
