"""TFRecord files and their checksum: there and back, TensorBoard's reader, files cut or damaged."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import errors
from core.proto import crc32c as crc_module
from core.proto.crc32c import crc32c, mask_crc, masked_crc32c, unmask_crc
from core.proto.records import (
    TFRecordCompressionType,
    TFRecordOptions,
    TFRecordWriter,
    file_error,
    frame_record,
    read_records,
    tf_record_iterator,
)


def bitwise_crc32c(data: bytes, crc: int = 0) -> int:
    """The definition, a bit at a time."""
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(("data", "wanted"), [  # RFC 3720, B.4
    (b"", 0), (b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E), (bytes(range(31, -1, -1)), 0x113FDB5C),
])
def test_published_checksums(data: bytes, wanted: int) -> None:
    assert crc32c(data) == wanted == crc_module._extend(0, memoryview(data))


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_small_checksums_equal_the_definition(data: bytes, before: int) -> None:
    assert crc_module._extend(before, memoryview(data)) == bitwise_crc32c(data, before)


@pytest.mark.parametrize("size", [2047, 2048, 2049, 5000, 32768 + 7, (1 << 18) + 333, 9 * (1 << 18) + 5])
def test_large_checksums_equal_small_ones_in_a_row(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    state = 0
    for start in range(0, size, 1000):  # pieces that go through the table
        state = crc_module._extend(state, memoryview(data[start:start + 1000]))
    assert crc_module._extend(0, memoryview(data)) == state
    assert crc32c(memoryview(data)[3:]) == crc_module._extend(0, memoryview(data[3:]))


@given(st.integers(0, 2**32 - 1))
def test_mask_is_undone(crc: int) -> None:
    assert unmask_crc(mask_crc(crc)) == crc != mask_crc(crc)


def test_a_record_is_tensorflows() -> None:
    # Written by tf.io.TFRecordWriter.
    assert frame_record(b"abc").hex() == "0300000000000000b099490e6162636e57f121"


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_records_come_back(records: list[bytes]) -> None:
    file = io.BytesIO(b"".join(map(frame_record, records)))
    assert list(read_records(file)) == records


@pytest.mark.parametrize("kind", ["", "ZLIB", "GZIP"])
def test_files_come_back(tmp_path: Path, kind: str) -> None:
    records = [b"", b"one", bytes(2_000_000), "text é".encode()]
    path = tmp_path / "some.tfrecord"
    with TFRecordWriter(path, kind) as writer:
        for record in records[:-1]:
            writer.write(record)
        writer.flush()
        assert list(zip(range(3), tf_record_iterator(path, kind))) if not kind else path.stat().st_size
        writer.write("text é")
    writer.close()
    assert list(tf_record_iterator(str(path), TFRecordOptions(kind))) == records


def test_gzip_members_in_a_row(tmp_path: Path) -> None:
    parts = []
    for record in (b"first", b"second"):
        with TFRecordWriter(tmp_path / "one", "GZIP") as writer:
            writer.write(record)
        parts.append((tmp_path / "one").read_bytes())
    (tmp_path / "both").write_bytes(b"".join(parts))
    assert list(tf_record_iterator(tmp_path / "both", "GZIP")) == [b"first", b"second"]


def test_tensorboard_reads_ours(tmp_path: Path) -> None:
    stub = pytest.importorskip("tensorboard.compat.tensorflow_stub.pywrap_tensorflow")
    with TFRecordWriter(tmp_path / "some") as writer:
        writer.write(b"one")
        writer.write(b"two" * 1000)
    reader = stub.PyRecordReader_New(str(tmp_path / "some"))
    found = []
    while True:
        try:
            reader.GetNext()
        except Exception:
            break
        found.append(reader.record())
    assert found == [b"one", b"two" * 1000]


GOOD = frame_record(b"first") + frame_record(b"second")


def cut(count: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:-count]


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 4]) + data[at + 1:]


@pytest.mark.parametrize(("damage", "good", "text"), [
    (cut(1), 1, "truncated record at 21 .*being written"),
    (cut(5), 1, "truncated record at 21"),
    (cut(10), 1, "truncated record at 21"),
    (cut(15), 1, "truncated record at 21 .*header"),
    (cut(25), 0, "truncated record at 0"),
    (flip(0), 0, "corrupted record at 0 .*checksum of the length"),
    (flip(9), 0, "corrupted record at 0 .*checksum of the length"),
    (flip(14), 0, "corrupted record at 0 .*checksum of the data"),
    (flip(40), 1, "corrupted record at 21 .*checksum of the data"),
])
def test_damaged_files(tmp_path: Path, damage: Callable[[bytes], bytes], good: int, text: str) -> None:
    path = tmp_path / "some"
    path.write_bytes(damage(GOOD))
    found = []
    with pytest.raises(errors.DataLossError, match=text):
        for record in tf_record_iterator(path):
            found.append(record)
    assert found == [b"first", b"second"][:good]


def test_a_made_up_length_allocates_nothing(tmp_path: Path) -> None:
    length = struct.pack("<Q", 1 << 60)
    (tmp_path / "bomb").write_bytes(length + struct.pack("<I", masked_crc32c(length)) + b"little")
    with pytest.raises(errors.DataLossError, match="truncated record at 0"):
        list(tf_record_iterator(tmp_path / "bomb"))


@pytest.mark.parametrize("kind", ["ZLIB", "GZIP"])
def test_wrong_compression_is_said(tmp_path: Path, kind: str) -> None:
    (tmp_path / "plain").write_bytes(GOOD)
    with pytest.raises(errors.DataLossError, match="compression type"):
        list(tf_record_iterator(tmp_path / "plain", kind))
    with TFRecordWriter(tmp_path / "packed", kind) as writer:
        writer.write(b"one")
    with pytest.raises(errors.DataLossError, match="compression type"):
        list(tf_record_iterator(tmp_path / "packed"))
    (tmp_path / "short").write_bytes((tmp_path / "packed").read_bytes()[:-6])
    with pytest.raises(errors.DataLossError, match="ends early"):
        list(tf_record_iterator(tmp_path / "short", kind))


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(errors.NotFoundError, match="absent"):
        list(tf_record_iterator(tmp_path / "absent"))
    with pytest.raises(errors.NotFoundError, match="Could not write"):
        TFRecordWriter(tmp_path / "absent" / "file")
    with pytest.raises(errors.FailedPreconditionError, match="Is a directory"):
        TFRecordWriter(tmp_path)
    assert isinstance(file_error(OSError(28, "No space"), "write"), errors.ResourceExhaustedError)
    assert isinstance(file_error(OSError("odd"), "write"), errors.UnknownError)


def test_a_closed_writer_says_so(tmp_path: Path) -> None:
    writer = TFRecordWriter(tmp_path / "some")
    writer.close()
    with pytest.raises(errors.FailedPreconditionError, match="closed"):
        writer.write(b"late")


def test_options() -> None:
    options = TFRecordOptions(TFRecordCompressionType.GZIP, compression_level=9)
    assert TFRecordOptions.get_compression_type_string(options) == "GZIP"
    assert TFRecordOptions.get_compression_type_string(TFRecordOptions(options)) == "GZIP"
    assert TFRecordOptions.get_compression_type_string(None) == ""
    with pytest.raises(ValueError, match="Not a valid compression_type: 'BZIP'"):
        TFRecordOptions("BZIP")
