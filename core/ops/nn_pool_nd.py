"""Pooling in one and three dimensions, and with the places of the maxima. The routines stand in `core.kernels.pool`."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, int64
from core.graph import (
    NO_GRADIENT,
    Operation,
    Tensor,
    apply_op,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.kernels import pool
from core.ops.array_basic import shape as shape_op
from core.ops.array_basic import zeros_like
from core.ops.array_shape import expand_dims, squeeze
from core.ops.nn_conv import four_numbers, spatial_size
from core.ops.nn_convolution import spread
from core.ops.nn_pool import avg_pool, max_pool
from core.shapes import TensorShape

__all__: list[str] = []

_REAL = "float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64"
_WINDOW_3D = ("ksize:list(int)>=5; strides:list(int)>=5; padding:string{SAME,VALID}; "
              "data_format:string='NDHWC'{NDHWC,NCDHW}")


def _pooled(value: Tensor, ksize: list[int], strides: list[int], padding: str, rank: int) -> TensorShape:
    dims = value.shape.with_rank(rank).as_list()
    for what, numbers in (("ksize", ksize), ("strides", strides)):
        if len(numbers) != rank or any(n < 1 for n in numbers):
            raise ValueError(f"{what} must be {rank} positive numbers, one for each dimension, got {numbers}")
    return TensorShape([spatial_size(d, k, s, 1, padding, (0, 0))
                        for d, k, s in zip(dims, ksize, strides, strict=True)])


def _attrs_of(op: Operation, *more: str) -> dict[str, Any]:
    return {name: op.attrs[name] for name in ("ksize", "strides", "padding", *more)}


# ---------------------------------------------------------------------- MaxPool3D


def _shape_3d(value: Tensor, *, ksize: list[int], strides: list[int], padding: str) -> TensorShape:
    return _pooled(value, ksize, strides, padding, 5)


def _max_3d(xp: Any, input: Any, *, ksize: list[int], strides: list[int], padding: str) -> Any:
    return pool.max_pool(input, ksize, strides, padding)


define_op("MaxPool3D", "input:T", "output:T", _WINDOW_3D + "; T:type{half,bfloat16,float}", shape=_shape_3d,
          kernel=_max_3d,
          gradient=lambda op, grad: apply_op("MaxPool3DGrad", op.inputs[0], op.outputs[0], grad,
                                             **_attrs_of(op, "data_format")))


def _max_3d_grad(xp: Any, orig_input: Any, orig_output: Any, grad: Any, *, ksize: list[int], strides: list[int],
                 padding: str) -> Any:
    return pool.max_pool_grad(orig_input, orig_output, grad, ksize, strides, padding, every=True)


def _max_3d_second(op: Operation, grad: Any) -> list[Any]:
    second = apply_op("MaxPool3DGradGrad", op.inputs[0], op.inputs[1], grad, **_attrs_of(op, "data_format"))
    return [zeros_like(op.inputs[0]), zeros_like(op.inputs[1]), second]


define_op("MaxPool3DGrad", "orig_input:TInput, orig_output:TInput, grad:T", "output:T",
          _WINDOW_3D + "; T:type=float{half,bfloat16,float}; TInput:type=float{half,bfloat16,float}",
          shape=lambda orig_input, orig_output, grad: orig_input.shape, kernel=_max_3d_grad, gradient=_max_3d_second)


def _max_3d_grad_grad(xp: Any, orig_input: Any, orig_output: Any, grad: Any, *, ksize: list[int], strides: list[int],
                      padding: str) -> Any:
    return pool.max_pool_grad_grad(orig_input, orig_output, grad, ksize, strides, padding)


def _max_3d_third(op: Operation, grad: Any) -> list[Any]:
    first = apply_op("MaxPool3DGrad", op.inputs[0], op.inputs[1], grad, **_attrs_of(op, "data_format"))
    return [zeros_like(op.inputs[0]), zeros_like(op.inputs[1]), first]


define_op("MaxPool3DGradGrad", "orig_input:T, orig_output:T, grad:T", "output:T", _WINDOW_3D + f"; T:type{{{_REAL}}}",
          shape=lambda orig_input, orig_output, grad: orig_output.shape, kernel=_max_3d_grad_grad,
          gradient=_max_3d_third)


def max_pool3d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NDHWC",
               name: str | None = None) -> Tensor:
    """The largest element of every window in three dimensions.

    Args:
      input: ``[batch, depth, height, width, channels]`` (or as `data_format` says).
      ksize, strides: Sizes and steps of the window: 5 numbers in the order of `data_format`, or 1 or 3.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" or "NCDHW".
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> tf.nn.max_pool3d(tf.zeros([1, 4, 6, 8, 2]), 2, 2, "VALID").shape.as_list()
      [1, 2, 3, 4, 2]
    """
    with name_scope(name, "MaxPool3D", [input]) as scope:
        form = data_format or "NDHWC"
        return apply_op("MaxPool3D", convert_to_tensor(input, name="input"), ksize=spread(ksize, 3, form, "ksize"),
                        strides=spread(strides, 3, form, "strides"), padding=padding, data_format=form, name=scope)


# ---------------------------------------------------------------------- AvgPool3D


def _avg_3d(xp: Any, input: Any, *, ksize: list[int], strides: list[int], padding: str) -> Any:
    return pool.avg_pool(input, ksize, strides, padding)


define_op("AvgPool3D", "input:T", "output:T", _WINDOW_3D + "; T:type{half,bfloat16,float,double}", shape=_shape_3d,
          kernel=_avg_3d,
          gradient=lambda op, grad: apply_op("AvgPool3DGrad", shape_op(op.inputs[0]), grad,
                                             **_attrs_of(op, "data_format")))


def _avg_3d_grad(xp: Any, orig_input_shape: Any, grad: Any, *, ksize: list[int], strides: list[int],
                 padding: str) -> Any:
    return pool.avg_pool_grad(orig_input_shape.tolist(), grad, ksize, strides, padding)


define_op("AvgPool3DGrad", "orig_input_shape:int32, grad:T", "output:T",
          _WINDOW_3D + "; T:type{half,bfloat16,float,double}",
          shape=lambda orig_input_shape, grad: constant_value_as_shape(orig_input_shape), kernel=_avg_3d_grad,
          gradient=lambda op, grad: [None, apply_op("AvgPool3D", grad, **_attrs_of(op, "data_format"))])


def avg_pool3d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NDHWC",
               name: str | None = None) -> Tensor:
    """The mean of every window in three dimensions; arguments as `max_pool3d`.

    Example:
      >>> import core as tf
      >>> tf.nn.avg_pool3d(tf.zeros([1, 4, 6, 8, 2]), 2, 2, "VALID").shape.as_list()
      [1, 2, 3, 4, 2]
    """
    with name_scope(name, "AvgPool3D", [input]) as scope:
        form = data_format or "NDHWC"
        return apply_op("AvgPool3D", convert_to_tensor(input, name="input"), ksize=spread(ksize, 3, form, "ksize"),
                        strides=spread(strides, 3, form, "strides"), padding=padding, data_format=form, name=scope)


# ---------------------------------------------------------------------- one dimension


def _flat(pooling: Any, input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None,
          scope: str) -> Tensor:
    first = (data_format or "NWC").startswith("NC")
    axis, form = (2, "NCHW") if first else (1, "NHWC")

    def with_height(values: Any, what: str) -> list[int]:
        numbers = spread(values, 1, data_format or "NWC", what)
        return [*numbers[:2], 1, numbers[2]] if first else [numbers[0], 1, *numbers[1:]]

    result = pooling(expand_dims(input, axis), with_height(ksize, "ksize"), with_height(strides, "strides"), padding,
                     form, name=scope)
    return squeeze(result, [axis])


def max_pool1d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NWC",
               name: str | None = None) -> Tensor:
    """The largest element of every window in one dimension.

    Args:
      input: ``[batch, width, channels]`` (or ``[batch, channels, width]``).
      ksize, strides: Size and step of the window.
      padding: "SAME" or "VALID".
      data_format: "NWC" or "NCW".
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.max_pool1d(tf.constant([[[1.0], [5.0], [2.0]]]), 2, 1, "VALID")).ravel())
      [5. 5.]
    """
    with name_scope(name, "MaxPool1d", [input]) as scope:
        return _flat(max_pool, input, ksize, strides, padding, data_format, scope)


def avg_pool1d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NWC",
               name: str | None = None) -> Tensor:
    """The mean of every window in one dimension; arguments as `max_pool1d`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.avg_pool1d(tf.constant([[[1.0], [5.0], [2.0]]]), 2, 1, "VALID")).ravel())
      [3.  3.5]
    """
    with name_scope(name, "AvgPool1D", [input]) as scope:
        return _flat(avg_pool, input, ksize, strides, padding, data_format, scope)


def max_pool2d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC",
               name: str | None = None) -> Tensor:
    """The largest element of every window in two dimensions; see `max_pool`.

    Example:
      >>> import core as tf
      >>> tf.nn.max_pool2d(tf.zeros([1, 4, 6, 2]), 2, 2, "VALID").shape.as_list()
      [1, 2, 3, 2]
    """
    with name_scope(name, "MaxPool2d", [input]) as scope:
        return max_pool(input, ksize, strides, padding, data_format or "NHWC", name=scope)


avg_pool2d = avg_pool


def _any_rank(poolings: Any, input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None,
              name: str | None) -> Tensor:
    input = convert_to_tensor(input, name="input")
    rank = len(data_format) if data_format else input.shape.ndims
    if rank not in (3, 4, 5):
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {rank}.")
    form = data_format or {3: "NWC", 4: "NHWC", 5: "NDHWC"}[rank]
    result: Tensor = poolings[rank - 3](input, ksize, strides, padding, form, name=name)
    return result


def max_pool_v2(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
                name: str | None = None) -> Tensor:
    """The largest element of every window in 1, 2 or 3 dimensions; see `max_pool`.

    Example:
      >>> import core as tf
      >>> tf.nn.max_pool_v2(tf.zeros([1, 6, 2]), 2, 2, "VALID").shape.as_list()
      [1, 3, 2]
    """
    return _any_rank((max_pool1d, max_pool, max_pool3d), input, ksize, strides, padding, data_format, name)


def avg_pool_v2(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
                name: str | None = None) -> Tensor:
    """The mean of every window in 1, 2 or 3 dimensions; see `avg_pool`.

    Example:
      >>> import core as tf
      >>> tf.nn.avg_pool_v2(tf.zeros([1, 6, 2]), 2, 2, "VALID").shape.as_list()
      [1, 3, 2]
    """
    return _any_rank((avg_pool1d, avg_pool, avg_pool3d), input, ksize, strides, padding, data_format, name)


# ---------------------------------------------------------------------- MaxPoolWithArgmax

_ARGMAX = ("ksize:list(int)>=4; strides:list(int)>=4; padding:string{SAME,VALID}; "
           "include_batch_in_index:bool=False; Targmax:type{@index}; T:type{@real}")


def _argmax_shape(input: Tensor, *, ksize: list[int], strides: list[int], padding: str) -> list[TensorShape]:
    return [_pooled(input, ksize, strides, padding, 4)] * 2


def _argmax(xp: Any, input: Any, *, ksize: list[int], strides: list[int], padding: str, include_batch_in_index: bool,
            Targmax: Any) -> Any:
    return pool.max_pool_with_argmax(input, ksize, strides, padding, include_batch_in_index,
                                     np.dtype(Targmax.as_numpy_dtype))


def _argmax_gradient(op: Operation, grad: Any, _: Any) -> Tensor:
    result: Tensor = apply_op("MaxPoolGradWithArgmax", op.inputs[0], grad, op.outputs[1],
                              **_attrs_of(op, "include_batch_in_index"))
    return result


define_op("MaxPoolWithArgmax", "input:T", "output:T, argmax:Targmax",
          "ksize:list(int)>=4; strides:list(int)>=4; Targmax:type=int64{@index}; padding:string{SAME,VALID}; "
          "include_batch_in_index:bool=False; T:type{@real}", shape=_argmax_shape, kernel=_argmax,
          gradient=_argmax_gradient)


def _argmax_grad(xp: Any, input: Any, grad: Any, argmax: Any, *, include_batch_in_index: bool) -> Any:
    return pool.max_pool_grad_with_argmax(input.shape, grad, argmax, include_batch_in_index)


def _argmax_second(op: Operation, grad: Any) -> list[Any]:
    second = apply_op("MaxPoolGradGradWithArgmax", op.inputs[0], grad, op.inputs[2],
                      **_attrs_of(op, "include_batch_in_index"))
    return [zeros_like(op.inputs[0]), second, None]


define_op("MaxPoolGradWithArgmax", "input:T, grad:T, argmax:Targmax", "output:T", _ARGMAX,
          shape=lambda input, grad, argmax: input.shape, kernel=_argmax_grad, gradient=_argmax_second)


def _argmax_grad_grad(xp: Any, input: Any, grad: Any, argmax: Any, *, include_batch_in_index: bool) -> Any:
    return pool.max_pool_grad_grad_with_argmax(grad, argmax, include_batch_in_index)


define_op("MaxPoolGradGradWithArgmax", "input:T, grad:T, argmax:Targmax", "output:T", _ARGMAX,
          shape=lambda input, grad, argmax: argmax.shape, kernel=_argmax_grad_grad, gradient=NO_GRADIENT)


def max_pool_with_argmax(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", Targmax: Any = None,
    name: str | None = None, output_dtype: Any = None, include_batch_in_index: bool = False,
) -> list[Tensor]:
    """The largest element of every window, and where it stands.

    Args:
      input: ``[batch, height, width, channels]``.
      ksize, strides: As in `max_pool`.
      padding: "SAME" or "VALID".
      data_format: "NHWC".
      Targmax, output_dtype: int64 (default) or int32.
      name: Name of the operation.
      include_batch_in_index: If True, places count from the start of the batch, else from that of the image.

    Returns:
      Two Tensors: the maxima, and their places ``(y * width + x) * channels + channel``.

    Raises:
      ValueError: Another format.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.constant([1.0, 5.0, 2.0, 0.0]), [1, 2, 2, 1])
      ...     print(sess.run(tf.nn.max_pool_with_argmax(x, 2, 2, "VALID"))[1].ravel())
      [1]
    """
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    kind = as_dtype(Targmax or output_dtype or int64)
    result: list[Tensor] = apply_op(
        "MaxPoolWithArgmax", input, ksize=four_numbers(ksize, "ksize", "NHWC"),
        strides=four_numbers(strides, "strides", "NHWC"), padding=padding, Targmax=kind,
        include_batch_in_index=include_batch_in_index, name=name)
    return result
