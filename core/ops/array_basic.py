"""The plainest array ops: pass a tensor on, feed one in, ask for its shape, make zeros and ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, float32, int32, int64, string, variant
from core.dtypes import bool as bool_dtype
from core.graph import (
    NO_GRADIENT,
    IndexedSlices,
    SparseTensor,
    SparseTensorValue,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    convert_to_tensor,
    define_op,
    name_scope,
)
from core.ops.constant import constant
from core.shapes import TensorShape, as_shape

__all__ = [
    "ensure_shape", "fill", "guarantee_const", "identity", "identity_n", "ones", "ones_like", "placeholder",
    "placeholder_with_default", "rank", "shape", "shape_n", "size", "sparse_placeholder", "stop_gradient", "zeros",
    "zeros_like",
]


# ---------------------------------------------------------------------- Identity and its kin

def same_shape(x: Tensor) -> TensorShape:
    """Shape rule: the output looks like the input."""
    return x.shape


def pass_on(xp: Any, x: Any) -> Any:
    """Kernel: the input itself."""
    return x


define_op("Identity", "input:T", "output:T", "T:type", shape=same_shape, kernel=pass_on, view=True,
          gradient=lambda op, grad: grad)
define_op("Snapshot", "input:T", "output:T", "T:type", shape=same_shape, kernel=pass_on, view=True,
          gradient=lambda op, grad: grad)


def identity(input: Any, name: str | None = None) -> Any:
    """Returns a tensor with the same shape and contents as the input.

    Args:
      input: Tensor of any type and shape; a variable gives its value. IndexedSlices and SparseTensors stay such.
      name: Name of the operation.

    Returns:
      A Tensor like `input`.

    Example:
      >>> x = tf.identity([1, 2, 3], name="x")
      >>> x
      <tf.Tensor 'x:0' shape=(3,) dtype=int32>
    """
    if isinstance(input, SparseTensor):
        return SparseTensor(identity(input.indices), identity(input.values), identity(input.dense_shape))
    if isinstance(input, IndexedSlices):
        dense = None if input.dense_shape is None else identity(input.dense_shape)
        return IndexedSlices(identity(input.values, name), identity(input.indices), dense)
    result = apply_op("Identity", input, name=name)
    if isinstance(input, Tensor):
        result.handle_data = input.handle_data
    return result


define_op("IdentityN", "input:T[]", "output:T[]", "T:list(type)>=1", view=True,
          shape=lambda input: [t.shape for t in input], kernel=lambda xp, input: input,
          gradient=lambda op, *grads: list(grads))


def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """Returns tensors with the same shapes and contents as the inputs.

    Args:
      input: List of tensors, of any types.
      name: Name of the operation.

    Example:
      >>> len(tf.identity_n([1.0, 2, "three"]))
      3
    """
    return apply_op("IdentityN", input, name=name)


define_op("StopGradient", "input:T", "output:T", "T:type", shape=same_shape, kernel=pass_on, view=True,
          gradient=NO_GRADIENT)


def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """Passes a tensor on and lets no gradient through: for `tf.gradients` it is a constant.

    Args:
      input: Tensor of any type and shape.
      name: Name of the operation.

    Example:
      >>> x = tf.placeholder(tf.float32, [3])
      >>> tf.gradients(tf.stop_gradient(x), x)
      [None]
    """
    return apply_op("StopGradient", input, name=name)


def _prevent_gradient_grad(op: Any, grad: Any) -> Any:
    raise LookupError(f"Gradient explicitly disabled. Reason: {op.attrs['message']!r} (operation '{op.name}').")


define_op("PreventGradient", "input:T", "output:T", "T:type; message:string=''", shape=same_shape, kernel=pass_on,
          view=True, gradient=_prevent_gradient_grad)


def prevent_gradient(input: Any, message: str = "", name: str | None = None) -> Tensor:
    """Passes a tensor on; asking for a gradient through it raises LookupError with `message`.

    Args:
      input: Tensor of any type and shape.
      message: Why there must be no gradient.
      name: Name of the operation.
    """
    return apply_op("PreventGradient", input, message=message, name=name)


define_op("GuaranteeConst", "input:T", "output:T", "T:type", shape=same_shape, kernel=pass_on, view=True, stateful=True)


def guarantee_const(input: Any, name: str | None = None) -> Tensor:
    """Promises that the input is the same in every run (here the promise is not made use of).

    Args:
      input: Tensor of any type and shape.
      name: Name of the operation.
    """
    return apply_op("GuaranteeConst", input, name=name)


def _ensure_shape_shape(input: Tensor, *, shape: TensorShape) -> TensorShape:
    return input.shape.merge_with(shape)


def _ensure_shape(xp: Any, input: Any, *, shape: TensorShape) -> Any:
    if not shape.is_compatible_with(input.shape):
        raise ValueError(f"Shape of the tensor, {list(input.shape)}, is not compatible with expected shape {shape}.")
    return input


define_op("EnsureShape", "input:T", "output:T", "shape:shape; T:type", shape=_ensure_shape_shape, kernel=_ensure_shape,
          view=True, gradient=lambda op, grad: grad)


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """Checks in every run that a tensor has a shape, and lets the graph know it.

    Args:
      x: Tensor.
      shape: TensorShape or what makes one; None stands for unknown sizes.
      name: Name of the operation.

    Raises:
      ValueError: The static shape contradicts `shape`.  InvalidArgumentError (in a run): the actual one does.

    Example:
      >>> x = tf.placeholder(tf.int32)
      >>> print(tf.ensure_shape(x, [None, 3]).shape)
      (?, 3)
    """
    return apply_op("EnsureShape", x, shape=as_shape(shape), name=name)


# ---------------------------------------------------------------------- Placeholder

def _placeholder_shape(*, shape: TensorShape) -> TensorShape:
    return shape


def _placeholder(xp: Any) -> Any:
    raise ValueError("You must feed a value for this placeholder: give it in `feed_dict`.")


define_op("Placeholder", "", "output:dtype", "dtype:type; shape:shape=?", shape=_placeholder_shape,
          kernel=_placeholder, gradient=NO_GRADIENT)
define_op("PlaceholderV2", "", "output:dtype", "dtype:type; shape:shape", shape=_placeholder_shape,
          kernel=_placeholder, gradient=NO_GRADIENT)


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """Makes a place for a tensor that every run must feed.

    Args:
      dtype: Type of the elements.
      shape: Shape of the tensor to be fed; None for any shape, None inside for any size.
      name: Name of the operation.

    Returns:
      A Tensor; it can be fed and not evaluated by itself.

    Raises:
      InvalidArgumentError (in a run): nothing was fed.

    Example:
      >>> x = tf.placeholder(tf.float32, shape=(None, 4))
      >>> with tf.Session() as sess:
      ...     print(sess.run(x, feed_dict={x: np.ones([2, 4])}))
      [[1. 1. 1. 1.]
       [1. 1. 1. 1.]]
    """
    return apply_op("Placeholder", dtype=dtype, shape=as_shape(shape), name=name)


define_op("PlaceholderWithDefault", "input:dtype", "output:dtype", "dtype:type; shape:shape", view=True, kernel=pass_on,
          shape=lambda input, *, shape: _default_shape(input, shape), gradient=lambda op, grad: grad)


def _default_shape(input: Tensor, shape: TensorShape) -> TensorShape:
    if not input.shape.is_compatible_with(shape):
        raise ValueError(f"The default value has shape {input.shape}; the placeholder is to have {shape}")
    return shape


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """Makes a place for a tensor that passes `input` on in runs that feed nothing.

    Args:
      input: The value to take when nothing is fed.
      shape: Shape of what may be fed.
      name: Name of the operation.

    Example:
      >>> keep = tf.placeholder_with_default(0.5, shape=[])
      >>> with tf.Session() as sess:
      ...     print(sess.run(keep), sess.run(keep, {keep: 1.0}))
      0.5 1.0
    """
    return apply_op("PlaceholderWithDefault", input, shape=as_shape(shape), name=name)


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """Makes a place for a SparseTensor that every run must feed (with a `SparseTensorValue` or a triple).

    Args:
      dtype: Type of the values.
      shape: Shape of the whole; None if unknown.
      name: Prefix of the names of the three placeholders.

    Example:
      >>> tf.sparse_placeholder(tf.float32, name="s").values.name
      's/values:0'
    """
    prefix = None if name is None else name + "/"
    known: Any = None
    ndims: Any = None
    if shape is not None:
        ndims = shape.shape.as_list()[0] if isinstance(shape, Tensor) else len(shape)
        if isinstance(shape, Tensor) or None not in list(as_shape(shape).as_list()):
            known = convert_to_tensor(shape, dtype=int64, name=prefix and prefix + "shape")
    if known is None:
        known = placeholder(int64, [ndims], prefix and prefix + "shape")
    values = placeholder(dtype, [None], prefix and prefix + "values")
    return SparseTensor(placeholder(int64, [None, ndims], prefix and prefix + "indices"), values, known)


# ---------------------------------------------------------------------- Shape, ShapeN, Size, Rank

def rank_vector(x: Tensor) -> TensorShape:
    """Shape rule: a vector with one element per dimension of `x`."""
    return TensorShape.from_tuple((x.shape.ndims,))


def _shape_kernel(xp: Any, input: Any, *, out_type: Any) -> Any:
    return np.array(input.shape, out_type.as_numpy_dtype)


define_op("Shape", "input:T", "output:out_type", "T:type; out_type:type=int32{int32,int64}", shape=rank_vector,
          kernel=_shape_kernel, gradient=NO_GRADIENT)


def shape(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """Returns the shape of a tensor as an integer vector; a constant where it is known while building.

    Args:
      input: Tensor or SparseTensor.
      name: Name of the operation.
      out_type: int32 or int64.

    Returns:
      A Tensor ``[rank]`` of type `out_type`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.shape(tf.zeros([2, 3, 5]))))
      [2 3 5]
    """
    return shape_of(input, name, out_type)


def shape_of(input: Any, name: str | None = None, out_type: Any = int32, optimize: bool = True) -> Tensor:
    """`shape` (for functions that have a parameter of that name); without `optimize` never a constant."""
    out_type = as_dtype(out_type)
    with name_scope(name, "Shape", [input]) as scope:
        if isinstance(input, (SparseTensor, SparseTensorValue)):
            return apply_op("Cast", input.dense_shape, DstT=out_type)
        tensor = convert_to_tensor(input)
        if optimize and tensor.shape.is_fully_defined():
            return constant(np.array(tensor.shape.as_list(), out_type.as_numpy_dtype), out_type, name=scope)
        return apply_op("Shape", tensor, out_type=out_type, name=scope)


define_op("ShapeN", "input:T*N", "output:out_type*N", "N:int>=1; T:type; out_type:type=int32{int32,int64}",
          shape=lambda input: [rank_vector(t) for t in input], gradient=NO_GRADIENT,
          kernel=lambda xp, input, *, out_type: [np.array(v.shape, out_type.as_numpy_dtype) for v in input])


def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> list[Tensor]:
    """Returns the shapes of several tensors of one type.

    Args:
      input: List of tensors.
      out_type: int32 or int64.
      name: Name of the operation.
    """
    return apply_op("ShapeN", input, out_type=out_type, name=name)


define_op("Size", "input:T", "output:out_type", "T:type; out_type:type=int32{int32,int64}",
          shape=lambda input: TensorShape([]), gradient=NO_GRADIENT,
          kernel=lambda xp, input, *, out_type: np.array(input.size, out_type.as_numpy_dtype))


def size(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """Returns the number of elements of a tensor; a constant where it is known while building.

    Args:
      input: Tensor or SparseTensor.
      name: Name of the operation.
      out_type: int32 or int64.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.size(tf.zeros([2, 3, 5]))))
      30
    """
    out_type = as_dtype(out_type)
    with name_scope(name, "Size", [input]) as scope:
        if isinstance(input, (SparseTensor, SparseTensorValue)):
            return apply_op("Prod", apply_op("Cast", input.dense_shape, DstT=out_type), 0, name=scope)
        tensor = convert_to_tensor(input)
        count = tensor.shape.num_elements()
        if count is None and tensor.shape.ndims is not None and 0 in tensor.shape.as_list():
            count = 0
        if count is not None:
            return constant(count, out_type, name=scope)
        return apply_op("Size", tensor, out_type=out_type, name=scope)


define_op("Rank", "input:T", "output:int32", "T:type", shape=lambda input: TensorShape([]), gradient=NO_GRADIENT,
          kernel=lambda xp, input: np.array(input.ndim, np.int32))


def rank(input: Any, name: str | None = None) -> Tensor:
    """Returns the number of dimensions of a tensor; a constant where it is known while building.

    Args:
      input: Tensor or SparseTensor.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.rank(tf.zeros([2, 3, 5]))))
      3
    """
    with name_scope(name, "Rank", [input]) as scope:
        if isinstance(input, (SparseTensor, SparseTensorValue)):
            return apply_op("Size", input.dense_shape, name=scope)
        tensor = convert_to_tensor(input)
        if tensor.shape.ndims is not None:
            return constant(tensor.shape.ndims, int32, name=scope)
        return apply_op("Rank", tensor, name=scope)


# ---------------------------------------------------------------------- Fill, zeros, ones

def _fill_shape(dims: Tensor, value: Tensor) -> TensorShape:
    dims.shape.assert_has_rank(1)
    value.shape.assert_has_rank(0)
    known = constant_value(dims)
    if known is not None and (known < 0).any():
        raise ValueError(f"Fill dimensions must be >= 0, got {known.tolist()}")
    return constant_value_as_shape(dims)


def _fill(xp: Any, dims: Any, value: Any) -> Any:
    if np.ndim(dims) != 1:
        raise ValueError(f"dims must be a vector, got shape {list(dims.shape)}.")
    if np.ndim(value):
        raise ValueError(f"value must be a scalar, got shape {list(value.shape)}.")
    if np.any(dims < 0):
        raise ValueError(f"Dimension {int(dims.min())} must be >= 0.")
    return xp.full(tuple(dims.tolist()), value, value.dtype)


def _fill_grad(op: Any, grad: Any) -> Any:
    return [None, apply_op("Sum", grad, apply_op("Range", 0, rank(grad), 1))]


define_op("Fill", "dims:index_type, value:T", "output:T", "T:type; index_type:type=int32{int32,int64}",
          shape=_fill_shape, kernel=_fill, gradient=_fill_grad)


def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    """Makes a tensor filled with one value.

    Args:
      dims: Shape, a 1-D integer tensor.
      value: 0-D tensor.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.fill([2, 3], 9)))
      [[9 9 9]
       [9 9 9]]
    """
    return apply_op("Fill", dims, value, name=name)


def _filled(dims: Any, zero: Any, dtype: Any, name: str | None, default: str) -> Tensor:
    """Zeros or ones: a constant under 1000 elements, else (or of a shape not yet known) a Fill, as TensorFlow does."""
    dtype = as_dtype(dtype).base_dtype
    with name_scope(name, default, [dims]) as scope:
        if not isinstance(dims, Tensor):
            try:
                known = as_shape(dims)
                elements = known.num_elements() if known.ndims is not None else None
                if elements is not None and elements < 1000:
                    return constant(zero, shape=known.as_list(), dtype=dtype, name=scope)
                dims = convert_to_tensor(known)
            except (TypeError, ValueError):
                dims = convert_to_tensor(dims, dtype=int32)
        if dims.shape.ndims in (None, 0):
            dims = apply_op("Reshape", dims, [-1])
        return fill(dims, constant(zero, dtype=dtype), name=scope)


def _zero_of(dtype: Any) -> Any:
    dtype = as_dtype(dtype).base_dtype
    return False if dtype is bool_dtype else "" if dtype is string else 0


def zeros(shape: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Makes a tensor of zeros (empty strings, False).

    Args:
      shape: List of integers, TensorShape, or 1-D integer tensor.
      dtype: Type of the elements.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.zeros([2, 3], tf.int32)))
      [[0 0 0]
       [0 0 0]]
    """
    return _filled(shape, _zero_of(dtype), dtype, name, "zeros")


def ones(shape: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Makes a tensor of ones.

    Args:
      shape: List of integers, TensorShape, or 1-D integer tensor.
      dtype: Type of the elements.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.ones([2, 3], tf.int32)))
      [[1 1 1]
       [1 1 1]]
    """
    return _filled(shape, True if as_dtype(dtype).base_dtype is bool_dtype else 1, dtype, name, "ones")


def _zeros_like(xp: Any, x: Any) -> Any:
    if hasattr(x, "zeros_like"):
        return x.zeros_like()  # a variant: a list of tensors, a tape
    if x.dtype == object:
        return np.full(x.shape, b"", object)
    return xp.zeros_like(x)


define_op("ZerosLike", "x:T", "y:T", "T:type", shape=same_shape, kernel=_zeros_like, gradient=NO_GRADIENT)
define_op("OnesLike", "x:T", "y:T", "T:type{bfloat16,half,float,double,int8,uint8,int16,uint16,int32,uint32,int64,"
          "uint64,complex64,complex128,bool}", shape=same_shape, kernel=lambda xp, x: xp.ones_like(x),
          gradient=NO_GRADIENT)


def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Makes a tensor of zeros of the shape of another.

    Args:
      tensor: Tensor.
      dtype: Type of the elements; by default that of `tensor`.
      name: Name of the operation.
      optimize: If True, a known shape gives a constant.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.zeros_like([[1, 2, 3], [4, 5, 6]])))
      [[0 0 0]
       [0 0 0]]
    """
    with name_scope(name, "zeros_like", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        wanted = None if dtype is None else as_dtype(dtype)
        if optimize and tensor.shape.is_fully_defined() and tensor.dtype.base_dtype is not variant:
            return zeros(tensor.shape, wanted or tensor.dtype, name=scope)
        if wanted is not None and wanted != tensor.dtype.base_dtype and wanted is not variant:
            return zeros(shape_of(tensor, optimize=optimize), wanted, name=scope)
        return apply_op("ZerosLike", tensor, name=scope)


def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Makes a tensor of ones of the shape of another.

    Args:
      tensor: Tensor.
      dtype: Type of the elements; by default that of `tensor`.
      name: Name of the operation.
      optimize: If True, a known shape is taken as a constant.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.ones_like([[1, 2, 3], [4, 5, 6]])))
      [[1 1 1]
       [1 1 1]]
    """
    with name_scope(name, "ones_like", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        result = ones(shape_of(tensor, optimize=optimize), tensor.dtype if dtype is None else dtype, name=scope)
        result.set_shape(tensor.shape)
        return result
