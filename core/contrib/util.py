"""`tf.contrib.util`: static values and TensorProtos."""

from __future__ import annotations

from core.graph import constant_value
from core.proto.tensors import make_ndarray, make_tensor_proto

__all__ = ["constant_value", "make_ndarray", "make_tensor_proto"]
