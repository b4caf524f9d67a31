"""Losses over few of many classes: candidate samplers, `nce_loss`, `sampled_softmax_loss`."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import int32, int64
from core.errors import InvalidArgumentError
from core.graph import NO_GRADIENT, Tensor, apply_op, constant_value, define_op, name_scope
from core.graph.convert import convert_to_tensor
from core.kernels.philox import Philox, generator
from core.ops.array_basic import ones_like, stop_gradient, zeros_like
from core.ops.array_basic import shape as shape_op
from core.ops.array_cast import cast
from core.ops.array_join import concat, stack
from core.ops.array_shape import expand_dims, reshape
from core.ops.array_slice import slice as slice_op
from core.ops.math_binary import multiply
from core.ops.math_matmul import matmul
from core.ops.nn_embedding import embedding_lookup
from core.ops.nn_softmax import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2
from core.ops.random_ops import get_seed
from core.shapes import TensorShape

__all__: list[str] = []

_ATTRS = "num_true:int>=1; num_sampled:int>=1; unique:bool; range_max:int>=1; seed:int=0; seed2:int=0"
_OUTPUTS = "sampled_candidates:int64, true_expected_count:float, sampled_expected_count:float"


# ---------------------------------------------------------------------- samplers


class _Words:
    """The 32-bit words of a stretch of a random stream, one after the other, as TensorFlow's SimplePhilox draws."""

    def __init__(self, stream: Any, count: int) -> None:
        self._stream: Philox = stream if isinstance(stream, Philox) else stream.philox()
        self._next = self._stream.reserve(512 * count)
        self._chunk = 4 * count
        self._words: list[int] = []
        self._at = 0

    def word(self) -> int:
        if self._at == len(self._words):
            self._words = self._stream.words(self._next, self._chunk).ravel().tolist()
            self._next += self._chunk
            self._at = 0
        self._at += 1
        return self._words[self._at - 1]

    def double(self) -> float:
        """Uniform in [0, 1)."""
        high = self.word() & 0xFFFFF
        return (high << 32 | self.word()) * 2.0 ** -52

    def below(self, limit: int) -> int:
        """Uniform in [0, limit), without bias."""
        if limit & (limit - 1) == 0:
            return self._long() & (limit - 1)
        rest = (2 ** 64 - 1) % limit + 1
        while True:
            drawn = self._long()
            if drawn >= rest:
                return drawn % limit

    def _long(self) -> int:
        low = self.word()
        return low | self.word() << 32


class _LogUniform:
    """Class k with probability ``log((k + 2) / (k + 1)) / log(classes + 1)``."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.log_range = np.log1p(classes)

    def draw(self, words: _Words) -> int:
        return (int(np.exp(words.double() * self.log_range)) - 1) % self.classes

    def probability(self, values: Any) -> Any:
        return np.log((values + 2.0) / (values + 1.0)) / self.log_range


class _Uniform:
    """All classes alike."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def draw(self, words: _Words) -> int:
        return words.below(self.classes)

    def probability(self, values: Any) -> Any:
        return np.full(np.shape(values), 1.0 / self.classes)


def _expected(probability: Any, count: int, tries: int) -> Any:
    """How often a class is expected among `count` drawn in `tries` tries."""
    p = probability.astype(np.float32)
    if tries == count:
        return (p * np.float32(count)).astype(np.float32)
    return (-np.expm1(tries * np.log1p(-p))).astype(np.float32)


def _sampler_kernel(kind: Any) -> Any:
    def kernel(ctx: Any, true_classes: Any, *, num_true: int, num_sampled: int, unique: bool, range_max: int,
               seed: int, seed2: int) -> list[Any]:
        if true_classes.ndim != 2 or true_classes.shape[1] != num_true:
            raise InvalidArgumentError(None, ctx.op, f"true_classes must be a matrix with num_true = {num_true} "
                                       f"columns, got shape {list(true_classes.shape)}")
        if unique and num_sampled > range_max:
            raise InvalidArgumentError(None, ctx.op, "Sampler's range is too small: "
                                       f"{num_sampled} different ones of {range_max}")
        sampler = kind(range_max)
        words = _Words(ctx.state(lambda: generator(seed, seed2)), num_sampled)
        tries = 0
        picked: dict[int, None] = {}
        drawn: list[int] = []
        while len(drawn) < num_sampled:
            tries += 1
            value = sampler.draw(words)
            if not unique or value not in picked:
                picked[value] = None
                drawn.append(value)
        sampled = np.array(drawn, np.int64)
        return [sampled, _expected(sampler.probability(true_classes), num_sampled, tries),
                _expected(sampler.probability(sampled), num_sampled, tries)]

    return kernel


def _sampler_shape(true_classes: Tensor, *, num_true: int, num_sampled: int) -> list[TensorShape]:
    rows = true_classes.shape.with_rank(2).merge_with([None, num_true])
    return [TensorShape([num_sampled]), rows, TensorShape([num_sampled])]


define_op("LogUniformCandidateSampler", "true_classes:int64", _OUTPUTS, _ATTRS, shape=_sampler_shape,
          kernel=_sampler_kernel(_LogUniform), gradient=NO_GRADIENT, stateful=True, context=True)
define_op("UniformCandidateSampler", "true_classes:int64", _OUTPUTS, _ATTRS, shape=_sampler_shape,
          kernel=_sampler_kernel(_Uniform), gradient=NO_GRADIENT, stateful=True, context=True)


def _sample(op_type: str, true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int,
            seed: int | None, name: str | None) -> list[Tensor]:
    seed1, seed2 = get_seed(seed)
    result: list[Tensor] = apply_op(
        op_type, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max,
        seed=seed1 or 0, seed2=seed2 or 0, name=name)
    return result


def log_uniform_candidate_sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int,
                                  seed: int | None = None, name: str | None = None) -> list[Tensor]:
    """Draws classes, small numbers more often (Zipf's law): for words sorted by frequency.

    Args:
      true_classes: int64 ``[batch, num_true]``.
      num_true: Number of true classes of each example.
      num_sampled: How many to draw.
      unique: If True, no class comes twice.
      range_max: Number of classes.
      seed: Op-level seed.
      name: Name of the operation.

    Returns:
      Three Tensors: the classes drawn, int64 ``[num_sampled]``; how often the true classes and the drawn ones are
      expected among them, float32.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sorted(sess.run(tf.nn.log_uniform_candidate_sampler([[0]], 1, 3, True, 3))[0].tolist()))
      [0, 1, 2]
    """
    return _sample("LogUniformCandidateSampler", true_classes, num_true, num_sampled, unique, range_max, seed, name)


def uniform_candidate_sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int,
                              seed: int | None = None, name: str | None = None) -> list[Tensor]:
    """Draws classes, all alike; arguments and results as `log_uniform_candidate_sampler`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.uniform_candidate_sampler([[0]], 1, 2, False, 4))[2])
      [0.5 0.5]
    """
    return _sample("UniformCandidateSampler", true_classes, num_true, num_sampled, unique, range_max, seed, name)


# ---------------------------------------------------------------------- ComputeAccidentalHits


def _hits(xp: Any, true_classes: Any, sampled_candidates: Any) -> list[Any]:
    place = {int(value): at for at, value in enumerate(sampled_candidates.tolist())}
    found = [(row, place[value]) for row, values in enumerate(true_classes.tolist()) for value in values
             if value in place]
    rows = np.array([r for r, _ in found], np.int32)
    return [rows, np.array([p for _, p in found], np.int64),
            np.full(len(found), -np.finfo(np.float32).max, np.float32)]


define_op("ComputeAccidentalHits", "true_classes:int64, sampled_candidates:int64",
          "indices:int32, ids:int64, weights:float", "num_true:int; seed:int=0; seed2:int=0",
          shape=lambda true_classes, sampled_candidates: [TensorShape([None])] * 3, kernel=_hits,
          gradient=NO_GRADIENT)


def compute_accidental_hits(true_classes: Any, sampled_candidates: Any, num_true: int, seed: int | None = None,
                            name: str | None = None) -> list[Tensor]:
    """Where a drawn class is a true one.

    Args:
      true_classes: int64 ``[batch, num_true]``.
      sampled_candidates: int64 ``[num_sampled]``.
      num_true: Number of true classes of each example.
      seed: Accepted.
      name: Name of the operation.

    Returns:
      Three Tensors: row of the batch, place among the drawn ones, and the lowest float32, for each hit.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.compute_accidental_hits([[5], [7]], [9, 7, 5], 1))[1])
      [2 1]
    """
    seed1, seed2 = get_seed(seed)
    found: list[Tensor] = apply_op("ComputeAccidentalHits", true_classes, sampled_candidates, num_true=num_true,
                                   seed=seed1 or 0, seed2=seed2 or 0, name=name)
    return found


# ---------------------------------------------------------------------- losses


def _sum_rows(x: Tensor) -> Tensor:
    """Sums of rows, as a product with ones."""
    ones = apply_op("Fill", stack([shape_op(x)[1], 1]), convert_to_tensor(1, dtype=x.dtype.base_dtype), name="ones")
    return reshape(matmul(x, ones), [-1])


def _sampled_logits(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int,
    sampled_values: Any, remove_accidental_hits: bool, partition_strategy: str, name: str | None,
    seed: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Logits and labels: the true classes first, then the drawn ones."""
    if hasattr(weights, "as_tensor") and hasattr(weights, "__iter__"):
        weights = list(weights)
    tables = weights if isinstance(weights, list) else [weights]
    with name_scope(name, "compute_sampled_logits", [*tables, biases, inputs, labels]):
        labels, inputs = convert_to_tensor(labels), convert_to_tensor(inputs)
        if labels.dtype.base_dtype is not int64:
            labels = cast(labels, int64)
        flat = reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed=seed)
        sampled, true_count, sampled_count = (stop_gradient(s) for s in sampled_values)
        sampled = cast(sampled, int64)
        ids = concat([flat, sampled], 0)
        rows = embedding_lookup(tables, ids, partition_strategy=partition_strategy)
        dtype = inputs.dtype.base_dtype
        if rows.dtype.base_dtype is not dtype:
            rows = cast(rows, dtype)
        true_w = slice_op(rows, [0, 0], stack([shape_op(flat)[0], -1]))
        sampled_w = slice_op(rows, stack([shape_op(flat)[0], 0]), [-1, -1])
        sampled_logits = matmul(inputs, sampled_w, transpose_b=True)
        all_b = embedding_lookup(biases, ids, partition_strategy=partition_strategy)
        if all_b.dtype.base_dtype is not dtype:
            all_b = cast(all_b, dtype)
        true_b = slice_op(all_b, [0], shape_op(flat))
        sampled_b = slice_op(all_b, shape_op(flat), [-1])
        width = shape_op(true_w)[1:2]
        dots = multiply(expand_dims(inputs, 1), reshape(true_w, concat([[-1, num_true], width], 0)))
        true_logits = reshape(_sum_rows(reshape(dots, concat([[-1], width], 0))), [-1, num_true])
        true_logits = true_logits + reshape(true_b, [-1, num_true])
        sampled_logits = sampled_logits + sampled_b
        if remove_accidental_hits:
            hit_rows, hit_places, hit_weights = compute_accidental_hits(labels, sampled, num_true=num_true)
            where = concat([reshape(hit_rows, [-1, 1]), reshape(cast(hit_places, int32), [-1, 1])], 1,
                           "sparse_indices")
            shape = concat([shape_op(labels)[:1], expand_dims(num_sampled, 0)], 0)
            if hit_weights.dtype.base_dtype is not dtype:
                hit_weights = cast(hit_weights, dtype)
            sampled_logits = sampled_logits + apply_op("ScatterNd", where, hit_weights, shape)
        true_logits = true_logits - cast(apply_op("Log", true_count), dtype)
        sampled_logits = sampled_logits - cast(apply_op("Log", sampled_count), dtype)
        logits = concat([true_logits, sampled_logits], 1)
        out_labels = concat([ones_like(true_logits) / num_true, zeros_like(sampled_logits)], 1)
        rows_known = None if labels.shape.ndims is None else labels.shape.as_list()[0]
        drawn = constant_value(convert_to_tensor(num_sampled)) if isinstance(num_sampled, Tensor) else num_sampled
        for tensor in (logits, out_labels):
            tensor.set_shape([rows_known, None if drawn is None else num_true + int(drawn)])
        return logits, out_labels


def nce_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = False, partition_strategy: str = "mod",
    name: str | None = "nce_loss",
) -> Tensor:
    """Noise-contrastive estimation: tells the true class of each example from few classes drawn at random.

    Args:
      weights: ``[num_classes, size]``: a table or a list of its parts.
      biases: ``[num_classes]``.
      labels: True classes, ``[batch, num_true]`` integers.
      inputs: ``[batch, size]``.
      num_sampled: How many classes are drawn for the batch.
      num_classes: Number of classes.
      num_true: Number of true classes of each example.
      sampled_values: What a candidate sampler returns; by default the log-uniform one draws.
      remove_accidental_hits: If True, drawn classes that are true ones do not count.
      partition_strategy: As in `embedding_lookup`.
      name: Name scope.

    Returns:
      Losses ``[batch]``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.nce_loss(tf.zeros([5, 2]), tf.zeros([5]), [[1], [3]], tf.ones([2, 2]), 3, 5)).shape)
      (2,)

    Source: Gutmann and Hyvarinen, "Noise-contrastive estimation", 2010.
    """
    logits, wanted = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true,
                                     sampled_values, remove_accidental_hits, partition_strategy, name)
    return _sum_rows(sigmoid_cross_entropy_with_logits(labels=wanted, logits=logits, name="sampled_losses"))


def sampled_softmax_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = True, partition_strategy: str = "mod",
    name: str | None = "sampled_softmax_loss", seed: int | None = None,
) -> Tensor:
    """Softmax cross entropy over the true class and few classes drawn at random; arguments as `nce_loss`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     loss = tf.nn.sampled_softmax_loss(tf.zeros([5, 2]), tf.zeros([5]), [[1], [3]], tf.ones([2, 2]), 3, 5)
      ...     print(sess.run(loss).shape)
      (2,)

    Source: Jean et al., "On using very large target vocabulary for neural machine translation", 2014.
    """
    logits, wanted = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true,
                                     sampled_values, remove_accidental_hits, partition_strategy, name, seed)
    wanted = stop_gradient(wanted, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=wanted, logits=logits)
