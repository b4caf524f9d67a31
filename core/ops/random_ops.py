"""Random ops. With seeds they give TensorFlow's numbers (core/kernels/philox.py); without, NumPy's fastest generator's.

Each op keeps its place in the stream per session: the second run gives the next numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import DType, as_dtype, bfloat16, float32, float64, int32, int64
from core.errors import InvalidArgumentError
from core.graph import (
    NO_GRADIENT,
    Tensor,
    apply_op,
    constant_value,
    constant_value_as_shape,
    control_dependencies,
    convert_to_tensor,
    define_op,
    get_default_graph,
    name_scope,
)
from core.kernels.philox import generator
from core.shapes import TensorShape, dimension_value

__all__ = [
    "get_seed", "multinomial", "random_crop", "random_normal", "random_shuffle", "random_uniform", "set_random_seed",
    "truncated_normal",
]

DEFAULT_GRAPH_SEED = 87654321
_SEEDS = "seed:int=0; seed2:int=0"
_LARGEST = 2 ** 31 - 1


# ---------------------------------------------------------------------- seeds


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """The two seeds that a random op gets from the graph's seed and its own.

    Args:
      op_seed: The seed given to the op, or None.

    Returns:
      (None, None) where neither is set: the op then takes fresh randomness in each session.

    Source: tensorflow/python/framework/random_seed (1.15): with the graph seed alone, the op seed is the id of the
      operation made last.
    """
    graph = get_default_graph()
    graph_seed = graph.seed
    if graph_seed is not None:
        if op_seed is None:
            op_seed = graph._last_id
        seeds = graph_seed % _LARGEST, op_seed % _LARGEST
    elif op_seed is not None:
        seeds = DEFAULT_GRAPH_SEED, op_seed % _LARGEST
    else:
        return None, None
    return (0, _LARGEST) if seeds == (0, 0) else seeds


def set_random_seed(seed: int) -> None:
    """Sets the graph-level seed of the default graph: programs that draw random numbers become repeatable.

    Args:
      seed: Any integer.

    Example:
      >>> import core as tf
      >>> with tf.Graph().as_default(), tf.Session() as sess:
      ...     tf.set_random_seed(1234)
      ...     a = sess.run(tf.random_uniform([1], seed=1))
      ...     print(a)
      [0.1689806]
    """
    get_default_graph().seed = seed


def _seeds(seed: int | None) -> dict[str, Any]:
    seed1, seed2 = get_seed(seed)
    return {"seed": seed1 or 0, "seed2": seed2 or 0}


def _stream(ctx: Any, seed: int, seed2: int) -> Any:
    """The generator of this op in this session."""
    return ctx.state(lambda: generator(seed, seed2))


def _checked_shape(ctx: Any, shape: Any) -> tuple[int, ...]:
    dims = tuple(int(d) for d in np.asarray(shape).tolist())
    if any(d < 0 for d in dims):
        raise InvalidArgumentError(None, ctx.op, f"Dimension sizes of '{ctx.op.name}' must be >= 0, got {list(dims)}.")
    return dims


def _numpy(dtype: DType) -> Any:
    return dtype.as_numpy_dtype


def shape_tensor(shape: Any) -> Tensor:
    """`shape` as an integer tensor called "shape"."""
    dtype = None
    if isinstance(shape, (tuple, list)):
        shape = tuple(dimension_value(d) for d in shape) if shape else shape
        dtype = None if shape else int32
    return convert_to_tensor(shape, dtype=dtype, name="shape")


def _drawn_shape(shape: Tensor, **attrs: Any) -> TensorShape:
    return constant_value_as_shape(shape)


# ---------------------------------------------------------------------- RandomUniform


def _uniform(ctx: Any, shape: Any, *, seed: int, seed2: int, dtype: DType) -> Any:
    return _stream(ctx, seed, seed2).uniform(_checked_shape(ctx, shape), _numpy(dtype))


define_op("RandomUniform", "shape:T", "output:dtype",
          _SEEDS + "; dtype:type{half,bfloat16,float,double}; T:type{@index}",
          shape=_drawn_shape, kernel=_uniform, gradient=NO_GRADIENT, stateful=True, context=True)


def _uniform_int(ctx: Any, shape: Any, minval: Any, maxval: Any, *, seed: int, seed2: int, Tout: DType) -> Any:
    low, high = int(minval), int(maxval)
    dims = _checked_shape(ctx, shape)
    if high <= low and 0 not in dims:
        raise InvalidArgumentError(None, ctx.op, f"Need minval < maxval, got {low} >= {high}")
    return _stream(ctx, seed, seed2).uniform_int(dims, low, high, _numpy(Tout))


define_op("RandomUniformInt", "shape:T, minval:Tout, maxval:Tout", "output:Tout",
          _SEEDS + "; Tout:type{int32,int64}; T:type{@index}",
          shape=lambda shape, minval, maxval: constant_value_as_shape(shape), kernel=_uniform_int, gradient=NO_GRADIENT,
          stateful=True, context=True)


def random_uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:
    """Random numbers, all values in ``[minval, maxval)`` alike.

    Args:
      shape: Shape of the output: integers or a 1-D integer tensor.
      minval: Lower bound, included; of `dtype`.
      maxval: Upper bound, excluded; by default 1 for floats. Must be given for integers.
      dtype: float16, bfloat16, float32, float64, int32 or int64.
      seed: Op-level seed; see `tf.set_random_seed`.
      name: Name of the operation.

    Raises:
      ValueError: Another dtype, or integers without `maxval`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.random_uniform([2], seed=7)) < 1.0)
      [ True  True]
    """
    dtype = as_dtype(dtype)
    if dtype not in (as_dtype("half"), bfloat16, float32, float64, int32, int64):
        raise ValueError(f"Invalid dtype {dtype!r}")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        dims = shape_tensor(shape)
        low = convert_to_tensor(minval, dtype=dtype, name="min")
        high = convert_to_tensor(maxval, dtype=dtype, name="max")
        seeds = _seeds(seed)
        if dtype.is_integer:
            return apply_op("RandomUniformInt", dims, low, high, name=scope, **seeds)
        drawn = apply_op("RandomUniform", dims, dtype=dtype, **seeds)
        width = apply_op("Sub", high, low, name="sub")
        return apply_op("Add", apply_op("Mul", drawn, width, name="mul"), low, name=scope)


# ---------------------------------------------------------------------- RandomStandardNormal


def _normal(ctx: Any, shape: Any, *, seed: int, seed2: int, dtype: DType) -> Any:
    return _stream(ctx, seed, seed2).normal(_checked_shape(ctx, shape), _numpy(dtype))


define_op("RandomStandardNormal", "shape:T", "output:dtype",
          _SEEDS + "; dtype:type{half,bfloat16,float,double}; T:type{@index}",
          shape=_drawn_shape, kernel=_normal, gradient=NO_GRADIENT, stateful=True, context=True)


def _scaled(op_type: str, default_name: str, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: int | None,
            name: str | None) -> Tensor:
    """``mean + stddev * drawn``, with TensorFlow's node names."""
    with name_scope(name, default_name, [shape, mean, stddev]) as scope:
        dims = shape_tensor(shape)
        mean_tensor = convert_to_tensor(mean, dtype=dtype, name="mean")
        stddev_tensor = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        drawn = apply_op(op_type, dims, dtype=dtype, **_seeds(seed))
        return apply_op("Add", apply_op("Mul", drawn, stddev_tensor, name="mul"), mean_tensor, name=scope)


def random_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: int | None = None,
                  name: str | None = None) -> Tensor:
    """Random numbers of the normal distribution.

    Args:
      shape: Shape of the output: integers or a 1-D integer tensor.
      mean, stddev: Mean and standard deviation, of `dtype`.
      dtype: float16, bfloat16, float32 or float64.
      seed: Op-level seed; see `tf.set_random_seed`.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.random_normal([2], stddev=1, seed=1)))
      [-0.8113182  1.4845988]

    Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
    """
    return _scaled("RandomStandardNormal", "random_normal", shape, mean, stddev, dtype, seed, name)


# ---------------------------------------------------------------------- TruncatedNormal


def _truncated(ctx: Any, shape: Any, *, seed: int, seed2: int, dtype: DType) -> Any:
    return _stream(ctx, seed, seed2).truncated_normal(_checked_shape(ctx, shape), _numpy(dtype))


define_op("TruncatedNormal", "shape:T", "output:dtype",
          _SEEDS + "; dtype:type{half,bfloat16,float,double}; T:type{@index}",
          shape=_drawn_shape, kernel=_truncated, gradient=NO_GRADIENT, stateful=True, context=True)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: int | None = None,
                     name: str | None = None) -> Tensor:
    """Normal random numbers, drawn again where they lie more than two standard deviations from the mean.

    Args, Raises: As `random_normal`.

    Example:
      >>> import core as tf
      >>> import numpy as np
      >>> with tf.Session() as sess:
      ...     print(np.abs(sess.run(tf.truncated_normal([100], seed=3))).max() <= 2.0)
      True
    """
    return _scaled("TruncatedNormal", "truncated_normal", shape, mean, stddev, dtype, seed, name)


# ---------------------------------------------------------------------- RandomShuffle


def _shuffle(ctx: Any, value: Any, *, seed: int, seed2: int) -> Any:
    value = np.asarray(value)
    if value.ndim == 0 or value.size <= 1 or value.shape[0] <= 1:
        return value.copy()
    return value[_stream(ctx, seed, seed2).shuffle_permutation(value.shape[0])]


define_op("RandomShuffle", "value:T", "output:T", _SEEDS + "; T:type", shape=lambda value: value.shape, kernel=_shuffle,
          gradient=NO_GRADIENT, stateful=True, context=True)


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """Puts the rows (first dimension) of a tensor into random order.

    Args:
      value: Tensor of any type.
      seed: Op-level seed; see `tf.set_random_seed`.
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sorted(sess.run(tf.random_shuffle([3, 1, 2])).tolist()))
      [1, 2, 3]
    """
    return apply_op("RandomShuffle", value, name=name, **_seeds(seed))


# ---------------------------------------------------------------------- Multinomial


def _multinomial_shape(logits: Tensor, num_samples: Tensor) -> TensorShape:
    count = constant_value(num_samples)
    rows = logits.shape.with_rank(2).as_list()[0]
    return TensorShape([rows, None if count is None else int(count)])


def _multinomial(ctx: Any, logits: Any, num_samples: Any, *, seed: int, seed2: int, output_dtype: DType) -> Any:
    if logits.ndim != 2:
        raise InvalidArgumentError(None, ctx.op, f"logits should be a matrix, got shape {list(logits.shape)}")
    if int(num_samples) < 0:
        raise InvalidArgumentError(None, ctx.op, f"num_samples should be nonnegative, got {int(num_samples)}")
    return _stream(ctx, seed, seed2).multinomial(logits, int(num_samples), _numpy(output_dtype))


define_op("Multinomial", "logits:T, num_samples:int32", "output:output_dtype",
          _SEEDS + "; T:type{@real}; output_dtype:type=int64{int32,int64}",
          shape=_multinomial_shape, kernel=_multinomial, gradient=NO_GRADIENT, stateful=True, context=True)


def multinomial(logits: Any, num_samples: Any, seed: int | None = None, name: str | None = None,
                output_dtype: Any = None) -> Tensor:
    """Draws class numbers: each row of `logits` holds unnormalised log-probabilities.

    Args:
      logits: ``[batch, classes]``.
      num_samples: How many to draw for each row; a scalar.
      seed: Op-level seed.
      name: Name of the operation.
      output_dtype: int32 or int64 (default).

    Returns:
      Integers ``[batch, num_samples]``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.multinomial([[-50.0, 50.0]], 3)))
      [[1 1 1]]
    """
    with name_scope(name, "multinomial", [logits]):
        logits = convert_to_tensor(logits, name="logits")
        return apply_op("Multinomial", logits, num_samples, output_dtype=output_dtype, **_seeds(seed))


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """Cuts a piece of shape `size` out of a tensor, at a random place.

    Args:
      value: Tensor.
      size: 1-D tensor with as many elements as `value` has dimensions.
      seed: Op-level seed.
      name: Name of the operation.

    Raises:
      InvalidArgumentError: At run time, where `size` is larger than `value`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.random_crop(tf.zeros([5, 4]), [2, 3])).shape)
      (2, 3)
    """
    with name_scope(name, "random_crop", [value, size]) as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtype=int32, name="size")
        shape = apply_op("Shape", value)
        fits = apply_op("All", apply_op("GreaterEqual", shape, size), [0], name="All")
        check = apply_op("Assert", fits, ["Need value.shape >= size, got ", shape, size], summarize=1000)
        with control_dependencies([check]):
            shape = apply_op("Identity", shape, name="control_dependency")
        limit = apply_op("AddV2", apply_op("Sub", shape, size, name="sub"), 1, name="add")
        offset = random_uniform(apply_op("Shape", shape), dtype=int32, maxval=int32.max, seed=seed)
        offset = apply_op("FloorMod", offset, limit, name="mod")
        return apply_op("Slice", value, offset, size, name=scope)


