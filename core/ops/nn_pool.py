"""Pooling in two dimensions: the largest and the mean element of windows. The routines stand in `core.kernels.pool`."""

from __future__ import annotations

from typing import Any

from core.graph import Operation, Tensor, apply_op, constant_value_as_shape, convert_to_tensor, define_op, name_scope
from core.kernels import pool
from core.kernels.windows import explicit_pads
from core.ops.array_basic import shape as shape_op
from core.ops.array_basic import zeros_like
from core.ops.nn_conv import four_numbers, spatial_size, split_padding
from core.shapes import TensorShape

__all__: list[str] = []

_REAL = "float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64"
_WINDOW = "ksize:list(int)>=4; strides:list(int)>=4; "
_FORMAT = "data_format:string='NHWC'{NHWC,NCHW}"


def _pool_shape(value: Tensor, ksize: list[int], strides: list[int], padding: str, explicit_paddings: list[int],
                data_format: str) -> TensorShape:
    dims = value.shape.with_rank(4).as_list()
    for what, numbers in (("ksize", ksize), ("strides", strides)):
        if len(numbers) != 4 or any(n < 1 for n in numbers):
            raise ValueError(
                f"{what} must be 4 positive numbers, one for each dimension of {data_format}, got {numbers}")
    axes = [data_format.index("H"), data_format.index("W")]
    pads: dict[int, tuple[int, int]] = {}
    if padding == "EXPLICIT":
        pads = dict(zip(axes, explicit_pads(explicit_paddings, data_format), strict=True))
    result = [spatial_size(d, k, s, 1, "SAME" if padding == "SAME" else "VALID", pads.get(i, (0, 0)))
              for i, (d, k, s) in enumerate(zip(dims, ksize, strides, strict=True))]
    return TensorShape(result)


def _padding(padding: str, explicit_paddings: list[int]) -> Any:
    if padding != "EXPLICIT":
        return padding
    return tuple(zip(explicit_paddings[::2], explicit_paddings[1::2], strict=True))


# ---------------------------------------------------------------------- MaxPool


def _max_pool_shape(input: Tensor, *, ksize: list[int], strides: list[int], padding: str, explicit_paddings: list[int],
                    data_format: str) -> TensorShape:
    return _pool_shape(input, ksize, strides, padding, explicit_paddings, data_format)


def _max_pool(xp: Any, input: Any, *, ksize: list[int], strides: list[int], padding: str,
              explicit_paddings: list[int]) -> Any:
    return pool.max_pool(input, ksize, strides, _padding(padding, explicit_paddings))


def _max_pool_out(xp: Any, out: Any, input: Any, *, ksize: list[int], strides: list[int], padding: str,
                  explicit_paddings: list[int]) -> None:
    pool.max_pool(input, ksize, strides, _padding(padding, explicit_paddings), out=out)


def _window_attrs(op: Operation) -> dict[str, Any]:
    return {name: op.attrs[name] for name in ("ksize", "strides", "padding", "explicit_paddings", "data_format")
            if name in op.attrs}


def _max_pool_gradient(op: Operation, grad: Any) -> Tensor:
    gradient: Tensor = apply_op("MaxPoolGrad", op.inputs[0], op.outputs[0], grad, **_window_attrs(op))
    return gradient


define_op("MaxPool", "input:T", "output:T",
          "T:type=float{half,bfloat16,float,double,int32,int64,uint8,int16,int8,uint16,qint8}; " + _WINDOW
          + "padding:string{SAME,VALID,EXPLICIT}; explicit_paddings:list(int)=[]; "
          "data_format:string='NHWC'{NHWC,NCHW,NCHW_VECT_C}",
          shape=_max_pool_shape, kernel=_max_pool, kernel_out=_max_pool_out, gradient=_max_pool_gradient)


def _like_input(orig_input: Tensor, orig_output: Tensor, grad: Tensor) -> TensorShape:
    return orig_input.shape


def _max_pool_grad(xp: Any, orig_input: Any, orig_output: Any, grad: Any, *, ksize: list[int], strides: list[int],
                   padding: str, explicit_paddings: list[int]) -> Any:
    return pool.max_pool_grad(orig_input, orig_output, grad, ksize, strides, _padding(padding, explicit_paddings))


def _max_pool_grad_gradient(op: Operation, grad: Any) -> list[Any]:
    attrs = _window_attrs(op)
    attrs.pop("explicit_paddings")
    second = apply_op("MaxPoolGradGrad", op.inputs[0], op.inputs[1], grad, **attrs)
    return [zeros_like(op.inputs[0]), zeros_like(op.inputs[1]), second]


define_op("MaxPoolGrad", "orig_input:T, orig_output:T, grad:T", "output:T",
          _WINDOW + "padding:string{SAME,VALID,EXPLICIT}; explicit_paddings:list(int)=[]; " + _FORMAT
          + f"; T:type=float{{{_REAL}}}",
          shape=_like_input, kernel=_max_pool_grad, gradient=_max_pool_grad_gradient)


def _max_pool_grad_grad(xp: Any, orig_input: Any, orig_output: Any, grad: Any, *, ksize: list[int], strides: list[int],
                        padding: str) -> Any:
    return pool.max_pool_grad_grad(orig_input, orig_output, grad, ksize, strides, padding)


def _max_pool_grad_grad_gradient(op: Operation, grad: Any) -> list[Any]:
    first = apply_op("MaxPoolGrad", op.inputs[0], op.inputs[1], grad, **_window_attrs(op))
    return [zeros_like(op.inputs[0]), zeros_like(op.inputs[1]), first]


define_op("MaxPoolGradGrad", "orig_input:T, orig_output:T, grad:T", "output:T",
          _WINDOW + "padding:string{SAME,VALID}; " + _FORMAT + f"; T:type{{{_REAL}}}",
          shape=lambda orig_input, orig_output, grad: orig_output.shape, kernel=_max_pool_grad_grad,
          gradient=_max_pool_grad_grad_gradient)


def max_pool(value: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None,
             input: Any = None) -> Tensor:
    """The largest element of every window.

    Args:
      value: ``[batch, height, width, channels]`` (or as `data_format` says).
      ksize: Sizes of the window: 4 numbers in the order of `data_format`, or 1 or 2 for height and width.
      strides: Steps of the window, likewise.
      padding: "SAME" or "VALID".
      data_format: "NHWC" or "NCHW".
      name: Name of the operation.
      input: Newer name of `value`.

    Raises:
      ValueError: Sizes that do not fit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
      ...     print(sess.run(tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"))[0, :, :, 0])
      [[ 5.  7.]
       [13. 15.]]
    """
    value = value if input is None else input
    with name_scope(name, "MaxPool", [value]) as scope:
        kind, explicit = split_padding(padding, data_format)
        return apply_op(
            "MaxPool", convert_to_tensor(value, name="input"), ksize=four_numbers(ksize, "ksize", data_format),
            strides=four_numbers(strides, "strides", data_format), padding=kind, explicit_paddings=explicit,
            data_format=data_format, name=scope)


# ---------------------------------------------------------------------- AvgPool


def _avg_pool_shape(value: Tensor, *, ksize: list[int], strides: list[int], padding: str,
                    data_format: str) -> TensorShape:
    return _pool_shape(value, ksize, strides, padding, [], data_format)


def _avg_pool(xp: Any, value: Any, *, ksize: list[int], strides: list[int], padding: str) -> Any:
    return pool.avg_pool(value, ksize, strides, padding)


def _avg_pool_out(xp: Any, out: Any, value: Any, *, ksize: list[int], strides: list[int], padding: str) -> None:
    pool.avg_pool(value, ksize, strides, padding, out=out)


def _avg_pool_gradient(op: Operation, grad: Any) -> Tensor:
    gradient: Tensor = apply_op("AvgPoolGrad", shape_op(op.inputs[0]), grad, **_window_attrs(op))
    return gradient


define_op("AvgPool", "value:T", "output:T",
          _WINDOW + "padding:string{SAME,VALID}; " + _FORMAT + "; T:type{half,bfloat16,float,double}",
          shape=_avg_pool_shape, kernel=_avg_pool, kernel_out=_avg_pool_out, gradient=_avg_pool_gradient)


def _avg_pool_grad(xp: Any, orig_input_shape: Any, grad: Any, *, ksize: list[int], strides: list[int],
                   padding: str) -> Any:
    return pool.avg_pool_grad(orig_input_shape.tolist(), grad, ksize, strides, padding)


def _avg_pool_grad_gradient(op: Operation, grad: Any) -> list[Any]:
    return [None, apply_op("AvgPool", grad, **_window_attrs(op))]


define_op("AvgPoolGrad", "orig_input_shape:int32, grad:T", "output:T",
          _WINDOW + "padding:string{SAME,VALID}; " + _FORMAT + "; T:type{half,bfloat16,float,double}",
          shape=lambda orig_input_shape, grad: constant_value_as_shape(orig_input_shape), kernel=_avg_pool_grad,
          gradient=_avg_pool_grad_gradient)


def avg_pool(value: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None,
             input: Any = None) -> Tensor:
    """The mean of every window, over the elements inside the input; arguments as `max_pool`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     x = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
      ...     print(sess.run(tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"))[0, :, :, 0])
      [[ 2.5  4.5]
       [10.5 12.5]]
    """
    value = value if input is None else input
    with name_scope(name, "AvgPool", [value]) as scope:
        return apply_op(
            "AvgPool", convert_to_tensor(value, name="input"), ksize=four_numbers(ksize, "ksize", data_format),
            strides=four_numbers(strides, "strides", data_format), padding=padding, data_format=data_format, name=scope)


