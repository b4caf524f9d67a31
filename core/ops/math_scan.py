"""Running sums and products along an axis, and counting: bincount, histograms of fixed width, confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, int32, int64
from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value, convert_to_tensor, define_op, name_scope
from core.ops.array_basic import ones_like, same_shape, shape_of
from core.ops.constant import constant
from core.ops.math_broadcast import conj
from core.ops.math_clip import clip_by_value
from core.ops.math_reduce import reduce_max, reduce_prod
from core.shapes import TensorShape

__all__ = [
    "bincount", "confusion_matrix", "cumprod", "cumsum", "histogram_fixed_width", "histogram_fixed_width_bins",
]


# ---------------------------------------------------------------------- Cumsum, Cumprod, CumulativeLogsumexp

def _scan_shape(x: Tensor, axis: Tensor) -> TensorShape:
    axis.shape.assert_has_rank(0)
    return same_shape(x)


def _scan(ufunc: str, start: float) -> Any:
    """Kernel of a running reduction; `start` stands where an exclusive one has seen nothing yet."""
    def kernel(xp: Any, x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
        along = int(axis)
        if not -x.ndim <= along < x.ndim:
            raise ValueError(f"axis must be in the range [{-x.ndim}, {x.ndim}), but got {along}")
        flipped = np.flip(x, along) if reverse else x
        out = np.empty(x.shape, x.dtype)
        target = np.flip(out, along) if reverse else out
        if not exclusive:
            getattr(xp, ufunc).accumulate(flipped, along, dtype=x.dtype, out=target)
            return out
        along %= x.ndim
        head = (slice(None),) * along
        target[(*head, slice(0, 1))] = start
        if x.shape[along] > 1:
            getattr(xp, ufunc).accumulate(flipped[(*head, slice(0, -1))], along, dtype=x.dtype,
                                          out=target[(*head, slice(1, None))])
        return out
    return kernel


def _cumsum_grad(op: Any, grad: Any) -> list[Any]:
    return [apply_op("Cumsum", grad, op.inputs[1], exclusive=op.attrs["exclusive"], reverse=not op.attrs["reverse"]),
            None]


def _cumprod_grad(op: Any, grad: Any) -> list[Any]:
    x, axis = op.inputs
    total = apply_op("Cumsum", apply_op("Mul", conj(op.outputs[0]), grad), axis, exclusive=op.attrs["exclusive"],
                     reverse=not op.attrs["reverse"])
    return [apply_op("DivNoNan", total, conj(x)), None]


def _logsumexp_grad(op: Any, grad: Any) -> list[Any]:
    x, axis = op.inputs
    result = op.outputs[0]
    dtype = x.dtype.base_dtype
    zero = constant(0, dtype=dtype)
    least = constant(-6e4 if dtype.size == 2 else float(np.finfo(np.float32).min), dtype=dtype)

    def part(positive: Any) -> Any:
        """The part of the gradient that is positive, through logarithms."""
        logs = apply_op("SelectV2", apply_op("Greater", positive, zero), apply_op("Log", positive), least)
        total = apply_op("CumulativeLogsumexp", apply_op("Sub", logs, result), axis, exclusive=op.attrs["exclusive"],
                         reverse=not op.attrs["reverse"])
        return apply_op("Exp", apply_op("AddV2", total, x))
    return [apply_op("Sub", part(grad), part(apply_op("Neg", grad))), None]


_SCAN = "exclusive:bool=False; reverse:bool=False; T:type{%s}; Tidx:type=int32{int32,int64}"
define_op("Cumsum", "x:T, axis:Tidx", "out:T", _SCAN % "@number", shape=_scan_shape, kernel=_scan("add", 0),
          gradient=_cumsum_grad)
define_op("Cumprod", "x:T, axis:Tidx", "out:T", _SCAN % "@number", shape=_scan_shape, kernel=_scan("multiply", 1),
          gradient=_cumprod_grad)
define_op("CumulativeLogsumexp", "x:T, axis:Tidx", "out:T", _SCAN % "bfloat16,half,float,double", shape=_scan_shape,
          kernel=_scan("logaddexp", -np.inf), gradient=_logsumexp_grad)


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """Computes running sums along an axis.

    Args:
      x: Tensor of numbers.
      axis: The axis, a 0-D integer.
      exclusive: Leave the element itself out: the first sum is 0.
      reverse: Start from the end.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.cumsum([1, 2, 3]), tf.cumsum([1, 2, 3], exclusive=True, reverse=True)]))
      [array([1, 3, 6], dtype=int32), array([5, 3, 0], dtype=int32)]
    """
    return apply_op("Cumsum", x, axis, exclusive=exclusive, reverse=reverse, name=name)


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """Computes running products along an axis.

    Args:
      x: Tensor of numbers.
      axis: The axis, a 0-D integer.
      exclusive: Leave the element itself out: the first product is 1.
      reverse: Start from the end.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run([tf.cumprod([2, 3, 5]), tf.cumprod([2, 3, 5], exclusive=True)]))
      [array([ 2,  6, 30], dtype=int32), array([1, 2, 6], dtype=int32)]
    """
    return apply_op("Cumprod", x, axis, exclusive=exclusive, reverse=reverse, name=name)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None,
) -> Tensor:
    """Computes running log(sum(exp(x))) along an axis, without overflow (`tf.math.cumulative_logsumexp`).

    Args:
      x: Tensor of floats.
      axis: The axis, a 0-D integer.
      exclusive: Leave the element itself out: the first is -inf.
      reverse: Start from the end.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.math.cumulative_logsumexp([1000., 1000.])).round(2))
      [1000.   1000.69]
    """
    return apply_op("CumulativeLogsumexp", x, axis, exclusive=exclusive, reverse=reverse, name=name)


# ---------------------------------------------------------------------- Bincount

def _bincount(xp: Any, arr: Any, size: Any, weights: Any) -> Any:
    count = int(size)
    if count < 0:
        raise ValueError(f"size ({count}) must be non-negative")
    if arr.size and arr.min() < 0:
        raise ValueError("Input arr must be non-negative!")
    if weights.size and weights.shape != arr.shape:
        raise ValueError(f"weights must be empty or of the shape of arr, {list(arr.shape)}; got {list(weights.shape)}")
    values = arr.ravel()
    inside = values < count
    values = values[inside]
    if not weights.size:
        return np.bincount(values, minlength=count)[:count].astype(weights.dtype)
    out = np.zeros(count, weights.dtype)
    np.add.at(out, values, weights.ravel()[inside])
    return out


def _counted(count: Tensor) -> TensorShape:
    known = constant_value(count)
    return TensorShape([None if known is None else int(known)])


define_op("Bincount", "arr:int32, size:int32, weights:T", "bins:T", "T:type{int32,int64,float,double}",
          shape=lambda arr, size, weights: _counted(size), kernel=_bincount, gradient=NO_GRADIENT)


def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = int32,
    name: str | None = None,
) -> Tensor:
    """Counts how often each integer occurs, from 0 to the largest.

    Args:
      arr: Tensor of non-negative int32.
      weights: What each occurrence counts; of the shape of `arr`.
      minlength: Least length of the result.
      maxlength: Largest length of the result; larger integers are not counted.
      dtype: Type of the counts where there are no weights.
      name: Name of the scope.

    Returns:
      A vector of counts.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.bincount([1, 1, 3])))
      [0 2 0 1]
    """
    with name_scope(name or "bincount"):
        arr = convert_to_tensor(arr, name="arr", dtype=int32)
        filled = apply_op("Cast", apply_op("Greater", reduce_prod(shape_of(arr)), 0), DstT=int32)
        size = apply_op("Mul", filled, apply_op("AddV2", reduce_max(arr), 1, name="add"), name="mul")
        if minlength is not None:
            size = apply_op("Maximum", convert_to_tensor(minlength, name="minlength", dtype=int32), size)
        if maxlength is not None:
            size = apply_op("Minimum", convert_to_tensor(maxlength, name="maxlength", dtype=int32), size)
        if weights is not None:
            return apply_op("UnsortedSegmentSum", convert_to_tensor(weights, name="weights"), arr, size)
        return apply_op("Bincount", arr, size, constant([], dtype))


# ---------------------------------------------------------------------- HistogramFixedWidth

def _fixed_width(xp: Any, values: Any, value_range: Any, nbins: Any, *, dtype: Any) -> Any:
    count = int(nbins)
    if count <= 0:
        raise ValueError(f"nbins should be a positive number, but got '{count}'")
    if value_range.shape != (2,):
        raise ValueError(f"value_range should be a vector of 2 elements, but got shape {list(value_range.shape)}")
    low, high = value_range
    if not low < high:
        raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], but got '[{low}, {high}]'")
    step = float(high - low) / count
    places = (np.maximum(values.ravel(), low) - low).astype(np.float64) / step
    places = np.minimum(places, count - 1)
    places = places[~np.isnan(places)].astype(np.int32)
    return np.bincount(places, minlength=count).astype(dtype.np_dtype)


define_op("HistogramFixedWidth", "values:T, value_range:T, nbins:int32", "out:dtype",
          "T:type{int32,int64,float,double}; dtype:type=int32{int32,int64}",
          shape=lambda values, value_range, nbins: _counted(nbins), kernel=_fixed_width, gradient=NO_GRADIENT)


def histogram_fixed_width(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32,
                          name: str | None = None) -> Tensor:
    """Counts the values in bins of equal width; what lies outside counts in the first or last bin.

    Args:
      values: Tensor of numbers.
      value_range: The ends of the range, ``[2]``.
      nbins: Number of bins.
      dtype: int32 or int64.
      name: Name of the operation.

    Returns:
      A vector of counts.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15], [0.0, 5.0], nbins=5)))
      [2 1 1 0 2]
    """
    with name_scope(name, "histogram_fixed_width", [values, value_range, nbins]) as scope:
        return apply_op("HistogramFixedWidth", values, value_range, nbins, dtype=dtype, name=scope)


def histogram_fixed_width_bins(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32,
                               name: str | None = None) -> Tensor:
    """Says for each value in which bin of `histogram_fixed_width` it lies.

    Args:
      values: Tensor of floats.
      value_range: The ends of the range, ``[2]``.
      nbins: Number of bins.
      dtype: int32 or int64.
      name: Name of the scope.

    Returns:
      A Tensor of the shape of `values`.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15], [0.0, 5.0], nbins=5)))
      [0 0 1 2 4 4]
    """
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = convert_to_tensor(values, name="values")
        shape = shape_of(values)
        flat = apply_op("Reshape", values, [-1])
        value_range = convert_to_tensor(value_range, name="value_range")
        count = apply_op("Cast", convert_to_tensor(nbins, dtype=int32, name="nbins"), DstT=flat.dtype.base_dtype)
        low, high = value_range[0], value_range[1]
        scaled = apply_op("RealDiv", apply_op("Sub", flat, low, name="sub"), apply_op("Sub", high, low, name="sub"),
                          name="scaled_values")
        places = apply_op("Floor", apply_op("Mul", count, scaled, name="mul"), name="indices")
        places = clip_by_value(places, 0, apply_op("Sub", count, 1, name="sub"))
        return apply_op("Reshape", apply_op("Cast", places, DstT=as_dtype(dtype)), shape)


# ---------------------------------------------------------------------- confusion matrix

def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = int32, name: str | None = None,
    weights: Any = None,
) -> Tensor:
    """Counts how often each label was predicted as each class.

    Args:
      labels: Vector of integers, the truth.
      predictions: Vector of integers.
      num_classes: Number of classes; by default one more than the largest integer.
      dtype: Type of the counts.
      name: Name of the scope.
      weights: What each prediction counts; a vector.

    Returns:
      A Tensor ``[num_classes, num_classes]``: rows are labels, columns predictions.

    Raises:
      InvalidArgumentError (in a run): a label or prediction is negative or too large.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.confusion_matrix([1, 2, 2], [1, 2, 0])))
      [[0 0 0]
       [0 1 0]
       [1 0 1]]
    """
    to = as_dtype(dtype)
    with name_scope(name, "confusion_matrix", [predictions, labels, num_classes, weights]):
        labels = apply_op("Cast", _flat(convert_to_tensor(labels, name="labels")), DstT=int64)
        predictions = apply_op("Cast", _flat(convert_to_tensor(predictions, name="predictions")), DstT=int64)
        labels.shape.assert_is_compatible_with(predictions.shape)
        if num_classes is None:
            largest = apply_op("Maximum", reduce_max(predictions), reduce_max(labels))
            count = apply_op("AddV2", largest, 1, name="add")
        else:
            count = apply_op("Cast", num_classes, DstT=int64)
        if weights is None:
            values = ones_like(predictions, to)
        else:
            weights = convert_to_tensor(weights)
            predictions.shape.assert_is_compatible_with(weights.shape)
            values = apply_op("Cast", weights, DstT=to)
        places = apply_op("Pack", [labels, predictions], axis=1, name="stack")
        return apply_op("ScatterNd", places, values, apply_op("Pack", [count, count], name="stack"))


def _flat(x: Tensor) -> Tensor:
    """`x` as a vector, if it has a last dimension of 1 too many."""
    return apply_op("Squeeze", x, squeeze_dims=[-1]) if x.shape.ndims == 2 else x
