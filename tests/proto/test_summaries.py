"""Summaries: TensorFlow's bytes, pixels and samples; bad values in its words."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import errors, proto
from core.proto import summaries
from core.proto.tensors import make_ndarray

GOLDEN = json.loads(
    (Path(__file__).resolve().parent.parent / "golden" / "summaries.json").read_text(encoding="utf-8"))
CASES = [(name, case) for name, cases in GOLDEN.items() for case in cases]


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    image = pytest.importorskip("PIL.Image", reason="Pillow reads the PNG files back")
    with image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_equal_tensorflows(name: str, case: str) -> None:
    arguments = eval(f"({case},)", {"np": np})
    ours = proto.Summary.FromString(getattr(summaries, name)(*arguments))
    wanted = proto.Summary.FromString(bytes.fromhex(GOLDEN[name][case]))
    for mine, theirs in zip(ours.value, wanted.value, strict=True):
        if theirs.HasField("image"):  # the encoders differ, the pixels must not
            np.testing.assert_array_equal(
                pixels(mine.image.encoded_image_string), pixels(theirs.image.encoded_image_string))
            theirs.image.encoded_image_string = mine.image.encoded_image_string
    assert ours.SerializeToString() == wanted.SerializeToString()


def test_there_are_images_with_every_number_of_channels() -> None:
    kinds = {value.image.colorspace for case in GOLDEN["image_summary"].values()
             for value in proto.Summary.FromString(bytes.fromhex(case)).value}
    assert kinds == {1, 3, 4}


@pytest.mark.parametrize(("name", "arguments", "text"), [
    ("scalar_summary", (np.array(["a", "b"], object), np.ones(3)), r"not the same shape: \[2\] != \[3\] \(tag 'a'\)"),
    ("scalar_summary", ("a", np.ones((2, 3))), r"not the same shape: \[\] != \[2, 3\]"),
    ("histogram_summary", ("h", [1.0, np.nan]), "Nan in summary histogram for: h"),
    ("histogram_summary", ("h", [1.0, -np.inf]), "Infinity in summary histogram for: h"),
    ("image_summary", ("i", np.zeros((2, 3, 4))), r"4-D with last dim 1, 3, or 4, not \[2, 3, 4\]"),
    ("image_summary", ("i", np.zeros((1, 2, 3, 5))), r"4-D with last dim 1, 3, or 4, not \[1, 2, 3, 5\]"),
    ("image_summary", ("i", np.zeros((1, 2, 5, 3)), 3, [1, 2]), "got depth = 3, bad_color.size = 2"),
    ("audio_summary", ("a", np.zeros(3), 8000), r"3-D or 2-D, got: \[3\]"),
    ("audio_summary", ("a", np.zeros((2, 3)), 0), "sample_rate must be positive"),
    ("audio_summary", ("a", np.zeros((2, 0, 3)), 100), "num_frames must be positive"),
    ("tensor_summary", ("t", 1, b"\xff\xff"), "parse the serialized_summary_metadata"),
    ("merge_summaries", ([b"\xff\xff"],), "Could not parse one of the summary inputs"),
    ("merge_summaries", ([summaries.scalar_summary("x", 1)] * 2,), "Duplicate tag x found in summary inputs"),
])
def test_bad_values(name: str, arguments: tuple[Any, ...], text: str) -> None:
    with pytest.raises(errors.InvalidArgumentError, match=text):
        getattr(summaries, name)(*arguments)


def test_merged_summaries_keep_their_order() -> None:
    parts = [summaries.scalar_summary("b", 1), np.array([summaries.scalar_summary("a", 2)], object)]
    merged = proto.Summary.FromString(summaries.merge_summaries(parts))
    assert [(value.tag, value.simple_value) for value in merged.value] == [("b", 1), ("a", 2)]


def test_tensor_summary_holds_tensor_and_metadata() -> None:
    metadata = proto.SummaryMetadata(plugin_data=proto.SummaryMetadata.PluginData(plugin_name="text"))
    text = np.array([b"one", b"two"], object)
    (value,) = proto.Summary.FromString(
        summaries.tensor_summary(b"t", text, metadata.SerializeToString())).value
    assert value.tag == "t" and value.metadata == metadata
    assert make_ndarray(value.tensor).tolist() == [b"one", b"two"]


def test_a_wav_file_plays() -> None:
    (value,) = proto.Summary.FromString(summaries.audio_summary("a", np.full((1, 5, 2), 0.25), 8000)).value
    with wave.open(io.BytesIO(value.audio.encoded_audio_string)) as opened:
        assert opened.getparams()[:4] == (2, 2, 8000, 5)
        assert np.frombuffer(opened.readframes(9), "<i2").tolist() == [8192] * 10
