"""Ops that choose by a condition: where, boolean_mask, sequence_mask; and meshgrid."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype
from core.dtypes import bool as bool_dtype
from core.graph import NO_GRADIENT, Tensor, apply_op, convert_to_tensor, define_op, name_scope
from core.kernels.blend import choose
from core.ops.array_basic import ones, shape, size
from core.ops.array_gather import gather
from core.ops.array_join import concat, stack
from core.ops.array_pad import sum_to
from core.ops.array_shape import expand_dims, reshape, squeeze
from core.ops.array_slice import slice_helper
from core.ops.constant import constant
from core.shapes import TensorShape, broadcast

__all__ = ["boolean_mask", "meshgrid", "sequence_mask", "where", "where_v2"]


# ---------------------------------------------------------------------- Where, Select, SelectV2

define_op("Where", "input:T", "index:int64",
          "T:type=bool{float,double,int32,uint8,int16,int8,complex64,int64,qint8,quint8,qint32,bfloat16,qint16,quint16,"
          "uint16,complex128,half,uint32,uint64,bool}", gradient=NO_GRADIENT,
          shape=lambda input: TensorShape.from_tuple((None, input.shape.ndims)),
          kernel=lambda xp, input: np.argwhere(input).reshape(-1, input.ndim))


def _select_shape(condition: Tensor, t: Tensor, e: Tensor) -> TensorShape:
    try:
        values = t.shape.merge_with(e.shape)
    except ValueError:
        raise ValueError(f"Dimensions of x and y must be equal, but are {t.shape} and {e.shape}") from None
    mask, dims = condition.shape.as_tuple(), values.as_tuple()
    if mask is None or dims is None or not mask:
        return values
    if len(mask) == 1:
        if not dims or (mask[0] is not None and dims[0] not in (None, mask[0])):
            raise ValueError(f"A vector as condition ({condition.shape}) must have the size of the first dimension of "
                             f"x "
                             f"({values})")
        return TensorShape.from_tuple((mask[0] if dims[0] is None else dims[0], *dims[1:]))
    if not condition.shape.is_compatible_with(values):
        raise ValueError(f"The condition must be a scalar, a vector or of the shape of x: {condition.shape} and "
                         f"{values}")
    return values.merge_with(condition.shape)


def _select(xp: Any, condition: Any, t: Any, e: Any) -> Any:
    if t.shape != e.shape:
        raise ValueError(f"'then' and 'else' must have the same size, but received: {list(t.shape)} vs. "
                         f"{list(e.shape)}")
    if condition.ndim == 1 and t.ndim > 1:
        if len(condition) != t.shape[0]:
            raise ValueError(f"Number of batches of 'then' must match size of 'condition', but saw: {t.shape[0]} vs. "
                             f"{len(condition)}")
        condition = condition.reshape((-1,) + (1,) * (t.ndim - 1))
    elif condition.ndim and condition.shape != t.shape:
        raise ValueError(f"'condition' must be a scalar, a vector or have the shape of 'then', got "
                         f"{list(condition.shape)} and {list(t.shape)}")
    return choose(np.asarray(condition), np.asarray(t), np.asarray(e))


def _select_grad(op: Any, grad: Any) -> list[Any]:
    condition, x = op.inputs[0], op.inputs[1]
    nothing = apply_op("ZerosLike", x)
    return [None, where(condition, grad, nothing), where(condition, nothing, grad)]


define_op("Select", "condition:bool, t:T, e:T", "output:T", "T:type", shape=_select_shape, kernel=_select,
          gradient=_select_grad)


def _select_v2_shape(condition: Tensor, t: Tensor, e: Tensor) -> TensorShape:
    return broadcast(condition.shape, broadcast(t.shape, e.shape))


def _select_v2_grad(op: Any, grad: Any) -> list[Any]:
    condition, x, y = op.inputs
    nothing = constant(0, dtype=x.dtype.base_dtype)
    return [None, sum_to(apply_op("SelectV2", condition, grad, nothing), x),
            sum_to(apply_op("SelectV2", condition, nothing, grad), y)]


define_op("SelectV2", "condition:bool, t:T, e:T", "output:T", "T:type", shape=_select_v2_shape,
          gradient=_select_v2_grad,
          kernel=lambda xp, condition, t, e: choose(np.asarray(condition), np.asarray(t), np.asarray(e)))


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """Chooses between `x` and `y`; with neither, tells where the condition is true.

    Args:
      condition: Booleans: a scalar, a vector that chooses rows, or of the shape of `x`.
      x: Taken where it is true.
      y: Taken where it is false; of the type and shape of `x`.
      name: Name of the operation.

    Returns:
      A Tensor like `x`; or int64 ``[number of true elements, rank]``, their coordinates in row-major order.

    Raises:
      ValueError: Only one of `x` and `y` is given; shapes do not fit.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.where([True, False, True], [1, 2, 3], [-1, -2, -3])))
      ...     print(sess.run(tf.where([[True, False], [False, True]])))
      [ 1 -2  3]
      [[0 0]
       [1 1]]
    """
    if x is None and y is None:
        with name_scope(name, "Where", [condition]) as scope:
            condition = convert_to_tensor(condition, preferred_dtype=bool_dtype, name="condition")
            return apply_op("Where", condition, name=scope)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return apply_op("Select", condition, x, y, name=name)


def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`where` that broadcasts its three arguments.

    Args:
      condition: Booleans.
      x: Taken where it is true.
      y: Taken where it is false.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.where_v2([[True], [False]], [1, 2, 3], 0)))
      [[1 2 3]
       [0 0 0]]
    """
    if x is None and y is None:
        return where(condition, name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return apply_op("SelectV2", condition, x, y, name=name)


# ---------------------------------------------------------------------- masks

def boolean_mask(tensor: Any, mask: Any, name: str | None = "boolean_mask", axis: Any = None) -> Tensor:
    """Keeps the slices where a mask is true: NumPy's ``tensor[mask]``.

    Args:
      tensor: Tensor.
      mask: Booleans, of known rank, with the sizes of the dimensions of `tensor` from `axis` on.
      name: Name of the scope.
      axis: Where the masked dimensions begin; by default 0.

    Returns:
      A Tensor whose masked dimensions have become one.

    Raises:
      ValueError: Shapes do not fit; the mask is a scalar or of unknown rank.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True])))
      [[1 2]
       [5 6]]
    """
    with name_scope(name, values=[tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        ndims = mask.shape.ndims
        if ndims == 0:
            raise ValueError("mask cannot be scalar.")
        if ndims is None:
            raise ValueError("Number of mask dimensions must be specified, even if some dimensions are None.  E.g. "
                             "shape=[None] is ok, but shape=None is not.")
        first = 0 if axis is None else int(axis)
        known = tensor.shape
        known[first:first + ndims].assert_is_compatible_with(mask.shape)
        leading = apply_op("Prod", slice_helper(shape(tensor), slice(first, first + ndims)), [0])
        flat = reshape(tensor, concat([slice_helper(shape(tensor), slice(None, first)), [leading],
                                       slice_helper(shape(tensor), slice(first + ndims, None))], 0))
        if known.ndims is not None:
            flat.set_shape(known[:first].concatenate([known[first:first + ndims].num_elements()])
                           .concatenate(known[first + ndims:]))
        indices = squeeze(where(reshape(mask, [-1])), axis=[1])
        return gather(flat, indices, axis=first)


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = bool_dtype, name: str | None = None) -> Tensor:
    """Makes a mask of the first N places for each length N.

    Args:
      lengths: Integers of any shape.
      maxlen: Size of the new last dimension (0-D); by default the greatest length.
      dtype: Type of the result.
      name: Name of the scope.

    Raises:
      ValueError: `maxlen` is no scalar.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.sequence_mask([1, 3, 2], 4, tf.int32)))
      [[1 0 0 0]
       [1 1 1 0]
       [1 1 0 0]]
    """
    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            maxlen = apply_op("Max", lengths, _all_dimensions(lengths))
            maxlen = apply_op("Maximum", constant(0, maxlen.dtype), maxlen)  # of no lengths the maximum is negative
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.shape.ndims not in (None, 0):
            raise ValueError(f"maxlen must be scalar for sequence_mask, got shape {maxlen.shape}.")
        row = apply_op("Range", constant(0, maxlen.dtype), maxlen, constant(1, maxlen.dtype))
        matrix = apply_op("Cast", expand_dims(lengths, -1), DstT=maxlen.dtype.base_dtype)
        result = apply_op("Less", row, matrix)
        if dtype is None or as_dtype(dtype) is bool_dtype:
            return result
        return apply_op("Cast", result, DstT=as_dtype(dtype))


def _all_dimensions(x: Tensor) -> Tensor:
    ndims = x.shape.ndims
    if ndims is not None:
        return constant(np.arange(ndims, dtype=np.int32))
    return apply_op("Range", 0, apply_op("Rank", x), 1)


def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Spreads N vectors over an N-dimensional grid.

    Args:
      *args: 1-D tensors.
      indexing: "xy" (the first two dimensions are swapped, as in pictures) or "ij".
      name: Name of the scope.

    Returns:
      N Tensors of rank N.

    Raises:
      TypeError: Another keyword.  ValueError: Another indexing.

    Example:
      >>> x, y = tf.meshgrid([1, 2, 3], [4, 5])
      >>> with tf.Session() as sess:
      ...     print(sess.run(y))
      [[4 4 4]
       [5 5 5]]
    """
    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with name_scope(name, "meshgrid", args):
        ndims = len(args)
        outputs = [reshape(stack(x), [1] * i + [-1] + [1] * (ndims - i - 1)) for i, x in enumerate(args)]
        sizes: list[Any] = [size(x) for x in args]
        dtype = convert_to_tensor(args[0]).dtype.base_dtype if args else None
        if indexing == "xy" and ndims > 1:
            outputs[0] = reshape(outputs[0], [1, -1] + [1] * (ndims - 2))
            outputs[1] = reshape(outputs[1], [-1, 1] + [1] * (ndims - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        whole = ones(sizes, dtype)
        return [apply_op("Mul", x, whole, name="mul") for x in outputs]

