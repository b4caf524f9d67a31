"""Small names at the top of `tf`: switches between TensorFlow's behaviours, static values, protos of arrays, loggers.

This engine builds graphs as TensorFlow 1 does: switches that ask for that do nothing, the others say so.
"""

from __future__ import annotations

import logging
from typing import Any

from core.autodiff import NotDifferentiable
from core.graph import Tensor, constant_value
from core.graph.function import init_scope
from core.ops.state import is_variable_initialized
from core.proto.tensors import make_ndarray, make_tensor_proto
from core.shapes import dimension_at_index, dimension_value

__all__ = [
    "control_flow_v2_enabled", "dimension_at_index", "dimension_value", "disable_control_flow_v2",
    "disable_eager_execution", "disable_tensor_equality", "disable_v2_behavior", "disable_v2_tensorshape",
    "enable_control_flow_v2", "enable_eager_execution", "enable_tensor_equality", "enable_v2_behavior",
    "enable_v2_tensorshape", "executing_eagerly", "get_logger", "get_static_value", "init_scope",
    "is_variable_initialized", "make_ndarray", "make_tensor_proto", "no_gradient",
]

no_gradient = NotDifferentiable


def get_static_value(tensor: Tensor, partial: bool = False) -> Any:
    """The value of a tensor as an array, where it is known while the graph is built; else None.

    Args:
      tensor: Tensor.
      partial: Whether parts of a packed tensor may be unknown (None).

    Example:
      >>> tf.get_static_value(tf.shape(tf.zeros([2, 3]))).tolist()
      [2, 3]
      >>> tf.get_static_value(tf.placeholder(tf.int32)) is None
      True
    """
    return constant_value(tensor, partial)


def get_logger() -> logging.Logger:
    """The logger named "tensorflow".

    Example:
      >>> tf.get_logger().name
      'tensorflow'
    """
    return logging.getLogger("tensorflow")


def executing_eagerly() -> bool:
    """Whether operations run at once: never here.

    Example:
      >>> tf.executing_eagerly()
      False
    """
    return False


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Not available: this engine builds graphs.

    Raises:
      RuntimeError: Always.

    Example:
      >>> tf.enable_eager_execution()
      Traceback (most recent call last):
      ...
      RuntimeError: tf.enable_eager_execution(): this engine builds graphs and runs them with tf.Session; ...
    """
    raise RuntimeError("tf.enable_eager_execution(): this engine builds graphs and runs them with tf.Session; there is "
                       "no eager mode. Take the call out, and fetch values with `tf.Session().run(...)`.")


def enable_v2_behavior() -> None:
    """Not available: TensorFlow 2's behaviour is eager execution.

    Raises:
      RuntimeError: Always.

    Example:
      >>> tf.enable_v2_behavior()
      Traceback (most recent call last):
      ...
      RuntimeError: tf.enable_v2_behavior(): this engine speaks TensorFlow 1 ...
    """
    raise RuntimeError("tf.enable_v2_behavior(): this engine speaks TensorFlow 1 and has no eager mode. Take the call "
                       "out, and fetch values with `tf.Session().run(...)`.")


def disable_v2_behavior() -> None:
    """Does nothing: TensorFlow 1's behaviour is the only one.

    Example:
      >>> tf.disable_v2_behavior()
    """


def disable_eager_execution() -> None:
    """Does nothing: execution is never eager.

    Example:
      >>> tf.disable_eager_execution()
    """


def control_flow_v2_enabled() -> bool:
    """Whether `tf.cond` and `tf.while_loop` are held as functions: always so here, whatever a program asks for.

    Example:
      >>> tf.control_flow_v2_enabled()
      True
    """
    return True


def enable_control_flow_v2() -> None:
    """Does nothing: control flow is structured anyhow.

    Example:
      >>> tf.enable_control_flow_v2()
    """


def disable_control_flow_v2() -> None:
    """Does nothing: results are the same in both forms.

    Example:
      >>> tf.disable_control_flow_v2()
    """


def enable_tensor_equality() -> None:
    """Not available: ``==`` of tensors compares identity, as in TensorFlow 1.

    Raises:
      RuntimeError: Always.

    Example:
      >>> tf.enable_tensor_equality()
      Traceback (most recent call last):
      ...
      RuntimeError: tf.enable_tensor_equality(): ...
    """
    raise RuntimeError("tf.enable_tensor_equality(): `==` of tensors compares identity here, as in TensorFlow 1. "
                       "Take the call out, and compare elements with `tf.equal(x, y)`.")


def disable_tensor_equality() -> None:
    """Does nothing: ``==`` of tensors compares identity.

    Example:
      >>> tf.disable_tensor_equality()
    """


def enable_v2_tensorshape() -> None:
    """Not available: elements of shapes are `tf.Dimension`, as in TensorFlow 1.

    Raises:
      RuntimeError: Always.

    Example:
      >>> tf.enable_v2_tensorshape()
      Traceback (most recent call last):
      ...
      RuntimeError: tf.enable_v2_tensorshape(): ...
    """
    raise RuntimeError("tf.enable_v2_tensorshape(): elements of shapes are tf.Dimension here, as in TensorFlow 1. "
                       "Take the call out, and read sizes with `tf.dimension_value(x.shape[0])` or `as_list()`.")


def disable_v2_tensorshape() -> None:
    """Does nothing: elements of shapes are `tf.Dimension`.

    Example:
      >>> tf.disable_v2_tensorshape()
    """
