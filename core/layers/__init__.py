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
from core.layers.convolutional_nd import (
    AveragePooling1D,
    AveragePooling3D,
    Conv1D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    MaxPooling1D,
    MaxPooling3D,
    SeparableConv2D,
    average_pooling1d,
    average_pooling3d,
    conv1d,
    conv2d_transpose,
    conv3d,
    conv3d_transpose,
    max_pooling1d,
    max_pooling3d,
    separable_conv2d,
)
from core.layers.normalization import BatchNormalization, batch_normalization

__all__ = [
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "BatchNormalization", "Conv1D", "Conv2D",
    "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "Dense", "Dropout", "Flatten", "InputSpec", "Layer",
    "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "SeparableConv2D", "average_pooling1d", "average_pooling2d",
    "average_pooling3d", "batch_normalization", "conv1d", "conv2d", "conv2d_transpose", "conv3d",
    "conv3d_transpose", "dense", "dropout", "flatten", "max_pooling1d", "max_pooling2d", "max_pooling3d",
    "separable_conv2d",
]
