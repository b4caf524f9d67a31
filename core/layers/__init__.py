"""`tf.layers`: layers with variables of their own."""

from __future__ import annotations

from core.layers.base import InputSpec, Layer
from core.layers.basic import Dense, Dropout, Flatten, dense, dropout, flatten
from core.layers.convolutional import (
    AveragePooling2D,
    Conv2D,
    MaxPooling2D,
    average_pooling2d,
    conv2d,
    max_pooling2d,
)
from core.layers.normalization import BatchNormalization, batch_normalization

__all__ = [
    "AveragePooling2D", "BatchNormalization", "Conv2D", "Dense", "Dropout", "Flatten", "InputSpec", "Layer",
    "MaxPooling2D", "average_pooling2d", "batch_normalization", "conv2d", "dense", "dropout", "flatten",
    "max_pooling2d",
]
