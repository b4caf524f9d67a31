"""Connectionist temporal classification: the loss and two decoders. The algorithms stand in `core.kernels.ctc`."""

from __future__ import annotations

from typing import Any

from core.dtypes import int32
from core.graph import NO_GRADIENT, Operation, SparseTensor, Tensor, apply_op, convert_to_tensor, define_op
from core.kernels import ctc
from core.ops.array_shape import expand_dims, transpose
from core.ops.math_binary import multiply
from core.shapes import TensorShape

__all__: list[str] = []

_LENGTHS = "inputs:T, labels_indices:int64, labels_values:int32, sequence_length:int32"


# ---------------------------------------------------------------------- CTCLoss


def _loss_shape(inputs: Tensor, labels_indices: Tensor, labels_values: Tensor,
                sequence_length: Tensor) -> list[TensorShape]:
    shape = inputs.shape.with_rank(3)
    labels_indices.shape.with_rank(2)
    labels_values.shape.with_rank(1)
    steps, batch, classes = shape.as_list()
    rows = TensorShape([batch]).merge_with(sequence_length.shape.with_rank(1))
    return [rows, TensorShape([steps, rows.as_list()[0], classes])]


def _loss(xp: Any, inputs: Any, labels_indices: Any, labels_values: Any, sequence_length: Any, *,
          preprocess_collapse_repeated: bool, ctc_merge_repeated: bool,
          ignore_longer_outputs_than_inputs: bool) -> Any:
    return ctc.ctc_loss(inputs, labels_indices, labels_values, sequence_length,
                        preprocess_collapse_repeated=preprocess_collapse_repeated,
                        ctc_merge_repeated=ctc_merge_repeated,
                        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs)


def _loss_grad(op: Operation, grad: Any, _: Any) -> list[Any]:
    # TensorFlow, too, refuses to differentiate this once more.
    held = apply_op("PreventGradient", op.outputs[1], message="Currently there is no way to take the second  "
                    "derivative of ctc_loss due to the fused implementation's interaction with tf.gradients()")
    return [multiply(expand_dims(expand_dims(grad, -1), 0), held), None, None, None]


define_op("CTCLoss", _LENGTHS, "loss:T, gradient:T",
          "preprocess_collapse_repeated:bool=False; ctc_merge_repeated:bool=True; "
          "ignore_longer_outputs_than_inputs:bool=False; T:type=float{float,double}", shape=_loss_shape, kernel=_loss,
          gradient=_loss_grad)


def ctc_loss(
    labels: Any, inputs: Any = None, sequence_length: Any = None, preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False, time_major: bool = True,
    logits: Any = None,
) -> Tensor:
    """Minus the log-probability of label sequences whose alignment in time is not known.

    Args:
      labels: int32 SparseTensor ``[batch, labels]``.
      inputs: Logits ``[time, batch, classes]``; the last class is the blank.
      sequence_length: int32 ``[batch]``.
      preprocess_collapse_repeated: If True, equal neighbours among the labels are merged first.
      ctc_merge_repeated: If False, equal neighbours of a path are not merged.
      ignore_longer_outputs_than_inputs: If True, examples whose labels are too many count as zero.
      time_major: If False, `inputs` is ``[batch, time, classes]``.
      logits: Newer name of `inputs`.

    Returns:
      Losses ``[batch]``.

    Raises:
      TypeError: `labels` is no SparseTensor.  InvalidArgumentError: At run time, for lengths that do not fit.

    Example:
      >>> import core as tf
      >>> labels = tf.SparseTensor([[0, 0]], tf.constant([0]), [1, 1])
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.nn.ctc_loss(labels, tf.zeros([1, 1, 2]), [1])))
      [0.6931472]

    Source: Graves et al., "Connectionist temporal classification", 2006.
    """
    inputs = logits if inputs is None else inputs
    if not isinstance(labels, SparseTensor):
        raise TypeError("Expected labels (first argument) to be a SparseTensor")
    inputs = convert_to_tensor(inputs)
    if not time_major:
        inputs = transpose(inputs, [1, 0, 2])
    loss, _ = apply_op(
        "CTCLoss", inputs, labels.indices, labels.values, convert_to_tensor(sequence_length, dtype=int32),
        preprocess_collapse_repeated=preprocess_collapse_repeated, ctc_merge_repeated=ctc_merge_repeated,
        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs)
    return loss


# ---------------------------------------------------------------------- decoders


def _greedy_shape(inputs: Tensor, sequence_length: Tensor) -> list[TensorShape]:
    batch = inputs.shape.with_rank(3).as_list()[1]
    sequence_length.shape.with_rank(1)
    return [TensorShape([None, 2]), TensorShape([None]), TensorShape([2]), TensorShape([batch, 1])]


def _greedy(xp: Any, inputs: Any, sequence_length: Any, *, merge_repeated: bool, blank_index: int) -> list[Any]:
    (indices, values, shape), score = ctc.ctc_greedy_decoder(inputs, sequence_length, merge_repeated, blank_index)
    return [indices, values, shape, score]


define_op("CTCGreedyDecoder", "inputs:T, sequence_length:int32",
          "decoded_indices:int64, decoded_values:int64, decoded_shape:int64, log_probability:T",
          "merge_repeated:bool=False; blank_index:int=-1; T:type=float{float,double}", shape=_greedy_shape,
          kernel=_greedy, gradient=NO_GRADIENT)


def ctc_greedy_decoder(inputs: Any, sequence_length: Any, merge_repeated: bool = True) -> tuple[list[Any], Tensor]:
    """The labels of the most probable class at each step.

    Args:
      inputs: Logits ``[time, batch, classes]``; the last class is the blank.
      sequence_length: int32 ``[batch]``.
      merge_repeated: If True, equal neighbours are merged.

    Returns:
      A list of one int64 SparseTensor ``[batch, labels]``; the negative sum of the largest logits, ``[batch, 1]``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     decoded, _ = tf.nn.ctc_greedy_decoder(tf.constant([[[2.0, 1.0, 0.0]], [[0.0, 3.0, 1.0]]]), [2])
      ...     print(sess.run(decoded[0]).values)
      [0 1]
    """
    indices, values, shape, score = apply_op("CTCGreedyDecoder", inputs, sequence_length,
                                             merge_repeated=merge_repeated)
    return [SparseTensor(indices, values, shape)], score


def _beam_shape(inputs: Tensor, sequence_length: Tensor, *, top_paths: int) -> list[TensorShape]:
    batch = inputs.shape.with_rank(3).as_list()[1]
    return [*[TensorShape([None, 2])] * top_paths, *[TensorShape([None])] * top_paths,
            *[TensorShape([2])] * top_paths, TensorShape([batch, top_paths])]


def _beam(xp: Any, inputs: Any, sequence_length: Any, *, beam_width: int, top_paths: int,
          merge_repeated: bool) -> list[Any]:
    paths, scores = ctc.ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated)
    return [*(p[0] for p in paths), *(p[1] for p in paths), *(p[2] for p in paths), scores]


define_op("CTCBeamSearchDecoder", "inputs:T, sequence_length:int32",
          "decoded_indices:int64*top_paths, decoded_values:int64*top_paths, decoded_shape:int64*top_paths, "
          "log_probability:T", "beam_width:int>=1; top_paths:int>=1; merge_repeated:bool=True; "
          "T:type=float{float,double}", shape=_beam_shape, kernel=_beam, gradient=NO_GRADIENT)


def ctc_beam_search_decoder(inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1,
                            merge_repeated: bool = True) -> tuple[list[Any], Tensor]:
    """The most probable label sequences, by a beam search over their beginnings.

    Args:
      inputs: Logits ``[time, batch, classes]``; the last class is the blank.
      sequence_length: int32 ``[batch]``.
      beam_width: How many beginnings are kept.
      top_paths: How many sequences to return.
      merge_repeated: If True, equal neighbours of the result are merged (TensorFlow's default).

    Returns:
      A list of `top_paths` int64 SparseTensors ``[batch, labels]``; log-probabilities ``[batch, top_paths]``.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     decoded, _ = tf.nn.ctc_beam_search_decoder(tf.constant([[[2.0, 1.0, 0.0]], [[0.0, 3.0, 1.0]]]), [2])
      ...     print(sess.run(decoded[0]).values)
      [0 1]
    """
    found = apply_op("CTCBeamSearchDecoder", inputs, sequence_length, beam_width=beam_width, top_paths=top_paths,
                     merge_repeated=merge_repeated)
    parts = [found[i * top_paths:(i + 1) * top_paths] for i in range(3)]
    return [SparseTensor(*each) for each in zip(*parts, strict=True)], found[-1]


def ctc_beam_search_decoder_v2(inputs: Any, sequence_length: Any, beam_width: int = 100,
                               top_paths: int = 1) -> tuple[list[Any], Tensor]:
    """`ctc_beam_search_decoder` that does not merge equal neighbours of the result.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     decoded, _ = tf.nn.ctc_beam_search_decoder_v2(tf.constant([[[2.0, 1.0, 0.0]], [[0.0, 3.0, 1.0]]]), [2])
      ...     print(sess.run(decoded[0]).values)
      [0 1]
    """
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)
