"""Values -> serialised Summary messages: what the summary ops put out.

Ground floor: imports the messages, `core.errors` and the encoders of `core.kernels` only. All functions
take arrays and return bytes; bad values raise InvalidArgumentError with TensorFlow's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import numpy as np

from core import errors, proto
from core.dtypes import as_dtype
from core.kernels.histogram import histogram
from core.kernels.png import encode_png, normalize_image
from core.kernels.wav import encode_wav
from core.proto.tensors import make_tensor_proto

__all__ = [
    "audio_summary", "histogram_proto", "histogram_summary", "image_summary", "merge_summaries", "scalar_summary",
    "tensor_summary",
]

Array = np.ndarray[Any, Any]

BAD_COLOR = (255, 0, 0, 255)
_IMAGE_CHANNELS = (1, 3, 4)


def _refuse(message: str, cause: Exception | None = None) -> NoReturn:
    raise errors.InvalidArgumentError(None, None, message) from cause


def _text(tag: Any) -> str:
    """A tag, given as bytes, str or an array of one of them."""
    if isinstance(tag, np.ndarray):
        if tag.size != 1:
            _refuse(f"tag must be scalar, got shape {list(tag.shape)}")
        tag = tag.item()
    return tag.decode("utf-8", "replace") if isinstance(tag, bytes) else str(tag)


def scalar_summary(tags: Any, values: Any) -> bytes:
    """Returns a serialised Summary of numbers.

    Args:
      tags: A name, or an array of names.
      values: Numbers of the same shape.

    Raises:
      InvalidArgumentError: if the shapes differ.

    Example:
      >>> from core.proto import Summary
      >>> from core.proto.summaries import scalar_summary
      >>> Summary.FromString(scalar_summary("loss", 0.5)).value[0].simple_value
      0.5
    """
    value_class = proto.Summary.Value
    if isinstance(tags, (str, bytes)) and np.ndim(values) == 0:  # nearly always
        return proto.Summary(value=[value_class(tag=_text(tags), simple_value=float(values))]).SerializeToString()
    tags, values = np.asarray(tags), np.asarray(values)
    if tags.shape != values.shape and not tags.size == values.size == 1:
        shown = f" (tag '{_text(tags.ravel()[0])}')" if tags.size else ""
        _refuse(f"tags and values not the same shape: {list(tags.shape)} != {list(values.shape)}{shown}")
    pairs = zip(tags.reshape(-1).tolist(), values.reshape(-1).astype(np.float64).tolist())
    return proto.Summary(
        value=[value_class(tag=_text(tag), simple_value=value) for tag, value in pairs]).SerializeToString()


def histogram_proto(values: Any) -> Any:
    """Returns the `HistogramProto` of finite numbers; ValueError if one is NaN or infinite."""
    found = histogram(values)
    return proto.HistogramProto(
        min=found.min, max=found.max, num=found.num, sum=found.sum, sum_squares=found.sum_squares,
        bucket_limit=found.bucket_limit.tolist(), bucket=found.bucket.tolist())


def histogram_summary(tag: Any, values: Any) -> bytes:
    """Returns a serialised Summary with the histogram of all elements of `values`.

    Raises:
      InvalidArgumentError: if a value is NaN or infinite.
    """
    name = _text(tag)
    try:
        message = histogram_proto(values)
    except ValueError as error:
        what = str(error).split()[0]
        _refuse(f"{what} in summary histogram for: {name}", error)
    return proto.Summary(value=[proto.Summary.Value(tag=name, histo=message)]).SerializeToString()


def image_summary(
    tag: Any, images: Any, max_images: int = 3, bad_color: Sequence[int] | Array = BAD_COLOR,
) -> bytes:
    """Returns a serialised Summary of PNG images, one value "tag/image/i" each ("tag/image" where `max_images` is 1).

    Args:
      tag: The name.
      images: [batch, height, width, 1, 3 or 4] uint8 (as they are), or half, float, double (scaled, see
        `core.kernels.png.normalize_image`).
      max_images: At most so many, from the first on.
      bad_color: uint8 channels of pixels that are not finite.

    Raises:
      InvalidArgumentError: if the shape or `bad_color` is wrong.
    """
    name, images = _text(tag), np.asarray(images)
    if images.ndim != 4 or images.shape[3] not in _IMAGE_CHANNELS:
        _refuse(f"Tensor must be 4-D with last dim 1, 3, or 4, not {list(images.shape)}")
    summary = proto.Summary()
    _, height, width, channels = images.shape
    for index, image in enumerate(images[:max_images]):
        if image.dtype != np.uint8:
            try:
                image = normalize_image(image, bad_color)
            except ValueError as error:
                _refuse(str(error), error)
        value = summary.value.add(tag=f"{name}/image/{index}" if max_images > 1 else f"{name}/image")
        value.image.height, value.image.width, value.image.colorspace = height, width, channels
        if image.size:
            value.image.encoded_image_string = encode_png(image)
    return summary.SerializeToString()


def audio_summary(tag: Any, sound: Any, sample_rate: float, max_outputs: int = 3) -> bytes:
    """Returns a serialised Summary of WAV files, one value "tag/audio/i" each ("tag/audio" where `max_outputs` is 1).

    Args:
      tag: The name.
      sound: [batch, frames, channels] or [batch, frames] float in [-1, 1].
      sample_rate: Frames a second.
      max_outputs: At most so many, from the first on.

    Raises:
      InvalidArgumentError: if the shape or the rate is wrong.
    """
    name, sound = _text(tag), np.asarray(sound, np.float32)
    if sound.ndim not in (2, 3):
        _refuse(f"Tensor must be 3-D or 2-D, got: {list(sound.shape)}")
    rate = float(np.asarray(sample_rate).reshape(()))
    if rate <= 0:
        _refuse(f"sample_rate must be positive, got {rate:g}")
    frames, channels = sound.shape[1], sound.shape[2] if sound.ndim == 3 else 1
    summary = proto.Summary()
    for index, samples in enumerate(sound[:max_outputs]):
        value = summary.value.add(tag=f"{name}/audio/{index}" if max_outputs > 1 else f"{name}/audio")
        value.audio.sample_rate, value.audio.num_channels, value.audio.length_frames = rate, channels, frames
        value.audio.content_type = "audio/wav"
        try:
            value.audio.encoded_audio_string = encode_wav(samples, int(rate))
        except ValueError as error:
            _refuse(str(error), error)
    return summary.SerializeToString()


def tensor_summary(tag: Any, tensor: Any, serialized_metadata: Any = b"") -> bytes:
    """Returns a serialised Summary that holds a whole tensor.

    Args:
      tag: The name.
      tensor: Any array.
      serialized_metadata: A serialised SummaryMetadata.

    Raises:
      InvalidArgumentError: if the metadata is none.
    """
    from google.protobuf.message import DecodeError  # protobuf loads late

    value = proto.Summary.Value(tag=_text(tag))
    if isinstance(serialized_metadata, np.ndarray):
        serialized_metadata = serialized_metadata.item()
    try:
        value.metadata.ParseFromString(serialized_metadata)
    except DecodeError as error:
        _refuse("Can't parse the serialized_summary_metadata string", error)
    array = np.asarray(tensor)
    value.tensor.CopyFrom(make_tensor_proto(array, as_dtype(array.dtype)))
    return proto.Summary(value=[value]).SerializeToString()


def merge_summaries(summaries: Iterable[Any]) -> bytes:
    """Returns one serialised Summary with the values of all.

    Args:
      summaries: Serialised summaries, or arrays of them.

    Raises:
      InvalidArgumentError: if two values have the same tag, or something is no Summary.
    """
    from google.protobuf.message import DecodeError  # protobuf loads late

    merged, tags = proto.Summary(), set()
    for part in summaries:
        for serialized in part.reshape(-1).tolist() if isinstance(part, np.ndarray) else (part,):
            try:
                summary = proto.Summary.FromString(serialized)
            except DecodeError as error:
                _refuse("Could not parse one of the summary inputs", error)
            for value in summary.value:
                # Values of an old kind of writer carry no tag but the name of their node.
                if value.tag and value.tag in tags:
                    _refuse(f"Duplicate tag {value.tag} found in summary inputs")
                tags.add(value.tag)
                merged.value.append(value)
    return merged.SerializeToString()
