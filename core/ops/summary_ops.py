"""Summary ops: tensors turned into serialised `Summary` messages. Event files are written by `core.summary`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from core.dtypes import float32
from core.graph import (
    NO_GRADIENT,
    GraphKeys,
    Tensor,
    apply_op,
    convert_to_tensor,
    define_op,
    get_default_graph,
    name_scope,
)
from core.proto import summaries
from core.shapes import TensorShape

__all__: list[str] = []

_REAL = "float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64"
_INVALID = str.maketrans({c: "_" for c in " !\"#$%&'()*+,:;<=>?@[]^`{|}~"})


def _scalar(*tensors: Tensor) -> TensorShape:
    return TensorShape([])


def _serialized(data: bytes) -> Any:
    array = np.empty((), object)
    array[()] = data
    return array


def clean_tag(name: str | None) -> str | None:
    """`name` with what a node name may not hold replaced by "_"."""
    if name is None:
        return None
    return name.translate(_INVALID).lstrip("/")


@contextmanager
def summary_scope(name: str, family: str | None, values: Any) -> Iterator[tuple[str, str]]:
    """Opens the name scope of one summary; yields its tag and the scope."""
    name, family = str(clean_tag(name)), clean_tag(family)
    with name_scope(name if family is None else f"{family}/{name}", None, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else f"{family}/{tag}"), scope


def _collect(value: Tensor, collections: Any, default: list[str]) -> Tensor:
    graph = get_default_graph()
    for key in default if collections is None else collections:
        graph.add_to_collection(key, value)
    return value


# ---------------------------------------------------------------------- ScalarSummary


def _scalar_summary(xp: Any, tags: Any, values: Any) -> Any:
    return _serialized(summaries.scalar_summary(tags, values))


def _tags_fit(tags: Tensor, values: Tensor) -> TensorShape:
    tags.shape.merge_with(values.shape)
    return TensorShape([])


define_op("ScalarSummary", "tags:string, values:T", "summary:string", f"T:type{{{_REAL}}}", shape=_tags_fit,
          kernel=_scalar_summary, gradient=NO_GRADIENT)


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of one number: a point of a curve.

    Args:
      name: Name of the node and, with its scopes, tag of the curve.
      tensor: A real scalar.
      collections: Collections to join; by default `GraphKeys.SUMMARIES`.
      family: Prefix of the tag: summaries of a family are shown together.

    Returns:
      A string scalar: a serialised `Summary`.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     data = sess.run(tf.summary.scalar("loss", 0.5))
      >>> tf.Summary.FromString(data).value[0].simple_value
      0.5
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        return _collect(apply_op("ScalarSummary", tag, tensor, name=scope), collections, [GraphKeys.SUMMARIES])


# ---------------------------------------------------------------------- HistogramSummary


def _histogram_summary(xp: Any, tag: Any, values: Any) -> Any:
    return _serialized(summaries.histogram_summary(tag, values))


define_op("HistogramSummary", "tag:string, values:T", "summary:string", f"T:type=float{{{_REAL}}}", shape=_scalar,
          kernel=_histogram_summary, gradient=NO_GRADIENT)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of how the elements of a tensor are spread.

    Args:
      name, collections, family: As in `tf.summary.scalar`.
      values: Real tensor of any shape.

    Raises:
      InvalidArgumentError: At run time, where a value is NaN or infinite.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     data = sess.run(tf.summary.histogram("w", [1.0, 2.0]))
      >>> tf.Summary.FromString(data).value[0].histo.num
      2.0
    """
    with summary_scope(name, family, [values]) as (tag, scope):
        return _collect(apply_op("HistogramSummary", tag, values, name=scope), collections, [GraphKeys.SUMMARIES])


# ---------------------------------------------------------------------- ImageSummary

_BAD_COLOR = np.array([255, 0, 0, 255], np.uint8)


def _image_summary(xp: Any, tag: Any, tensor: Any, *, max_images: int, bad_color: Any) -> Any:
    return _serialized(summaries.image_summary(tag, tensor, max_images, _BAD_COLOR if bad_color is None else bad_color))


define_op("ImageSummary", "tag:string, tensor:T", "summary:string",
          "max_images:int=3>=1; T:type=float{uint8,float,half,double}; bad_color:tensor=tensor",
          shape=lambda tag, tensor: (tensor.shape.with_rank(4), TensorShape([]))[1],
          kernel=_image_summary, gradient=NO_GRADIENT)


def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of images.

    Args:
      name, collections, family: As in `tf.summary.scalar`.
      tensor: ``[batch, height, width, channels]`` with 1, 3 or 4 channels: uint8, or floats, which are scaled.
      max_outputs: How many images at most.

    Raises:
      ValueError: `tensor` has not four dimensions.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     data = sess.run(tf.summary.image("input", tf.zeros([2, 4, 3, 1])))
      >>> [v.tag for v in tf.Summary.FromString(data).value]
      ['input/image/0', 'input/image/1']
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        value = apply_op("ImageSummary", tag, tensor, max_images=max_outputs, bad_color=_BAD_COLOR, name=scope)
        return _collect(value, collections, [GraphKeys.SUMMARIES])


# ---------------------------------------------------------------------- AudioSummaryV2


def _audio_summary(xp: Any, tag: Any, tensor: Any, sample_rate: Any, *, max_outputs: int) -> Any:
    return _serialized(summaries.audio_summary(tag, tensor, float(sample_rate), max_outputs))


define_op("AudioSummaryV2", "tag:string, tensor:float, sample_rate:float", "summary:string", "max_outputs:int=3>=1",
          shape=_scalar, kernel=_audio_summary, gradient=NO_GRADIENT)


def audio(name: str, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None,
          family: str | None = None) -> Tensor:
    """A summary of sounds.

    Args:
      name, collections, family: As in `tf.summary.scalar`.
      tensor: float32 ``[batch, frames, channels]`` or ``[batch, frames]``, in [-1, 1].
      sample_rate: Frames a second, a scalar.
      max_outputs: How many sounds at most.
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        rate = convert_to_tensor(sample_rate, dtype=float32, name="sample_rate")
        value = apply_op("AudioSummaryV2", tag, tensor, rate, max_outputs=max_outputs, name=scope)
        return _collect(value, collections, [GraphKeys.SUMMARIES])


# ---------------------------------------------------------------------- TensorSummaryV2, text


def _tensor_summary(xp: Any, tag: Any, tensor: Any, serialized_summary_metadata: Any) -> Any:
    return _serialized(summaries.tensor_summary(tag, tensor, serialized_summary_metadata))


define_op("TensorSummaryV2", "tag:string, tensor:T, serialized_summary_metadata:string", "summary:string", "T:type",
          shape=_scalar, kernel=_tensor_summary, gradient=NO_GRADIENT)


def tensor_summary(name: str, tensor: Any, summary_description: Any = None, collections: Any = None,
                   summary_metadata: Any = None, family: str | None = None, display_name: str | None = None) -> Tensor:
    """A summary that holds a whole tensor, for plug-ins.

    Args:
      name, collections, family: As in `tf.summary.scalar`.
      tensor: Tensor of any type.
      summary_description: `SummaryDescription`, or None.
      summary_metadata: `SummaryMetadata`: which plug-in shows it.
      display_name: Name to show.
    """
    from core import proto  # late: protobuf loads when a plug-in's metadata is needed

    metadata = proto.SummaryMetadata() if summary_metadata is None else summary_metadata
    if display_name is not None:
        metadata.display_name = display_name
    if summary_description is not None:
        metadata.summary_description = str(getattr(summary_description, "type_hint", summary_description))
    with summary_scope(name, family, [tensor]) as (tag, scope):
        value = apply_op("TensorSummaryV2", tag, tensor, metadata.SerializeToString(), name=scope)
        return _collect(value, collections, [GraphKeys.SUMMARIES])


def text(name: str, tensor: Any, collections: Any = None) -> Tensor:
    """A summary of text, shown as markdown.

    Args:
      name, collections: As in `tf.summary.scalar`.
      tensor: String tensor of any shape.

    Raises:
      ValueError: `tensor` holds no strings.
    """
    from core import proto  # late: as above

    tensor = convert_to_tensor(tensor)
    if tensor.dtype.base_dtype.name != "string":
        raise ValueError(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype.name}")
    metadata = proto.SummaryMetadata(plugin_data=proto.SummaryMetadata.PluginData(plugin_name="text"))
    return tensor_summary(name=name, tensor=tensor, summary_metadata=metadata, collections=collections)


# ---------------------------------------------------------------------- MergeSummary


def _merge_summary(xp: Any, inputs: Any) -> Any:
    return _serialized(summaries.merge_summaries([np.asarray(i, object) for i in inputs]))


define_op("MergeSummary", "inputs:string*N", "summary:string", "N:int>=1", shape=lambda inputs: TensorShape([]),
          kernel=_merge_summary, gradient=NO_GRADIENT)


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """One summary made of several.

    Args:
      inputs: List of string scalars: serialised summaries.
      collections: Collections to join; by default none.
      name: Name of the operation.

    Raises:
      InvalidArgumentError: At run time, where two hold the same tag.

    Example:
      >>> import core as tf
      >>> merged = tf.summary.merge([tf.summary.scalar("a", 1.0), tf.summary.scalar("b", 2.0)])
      >>> with tf.Session() as sess:
      ...     print([v.tag for v in tf.Summary.FromString(sess.run(merged)).value])
      ['a', 'b']
    """
    name = clean_tag(name)
    with name_scope(name, "Merge", inputs):
        value = apply_op("MergeSummary", inputs, name=name)
        return _collect(value, collections, [])


def merge_all(key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None) -> Tensor | None:
    """One summary made of all in a collection; None where there are none.

    Args:
      key: Name of the collection.
      scope: Only summaries whose name matches this regular expression.
      name: Name of the operation.
    """
    found = get_default_graph().get_collection(key, scope=scope)
    return merge(found, name=name) if found else None
