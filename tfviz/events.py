"""Event files read as they grow: record framing and the few protobuf fields that a picture needs; pure bytes.

Reads what TensorFlow 1 and 2, PyTorch and this package write. Must not import core, protobuf or widgets: a dashboard
has to open files that another process is still writing, with whatever fields its writer knows.
Format: tensorflow/core/util/event.proto, summary.proto, tensor.proto; record = length, crc, data, crc.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Event", "EventFile", "Histogram", "Picture", "Sound", "Value", "parse_event", "pack_record"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Exact bins: `edges` float64[n + 1], `counts` float64[n]."""

    edges: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded image (PNG, JPEG or GIF)."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Sound:
    """An encoded sound (WAV)."""

    rate: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Value:
    """One summary value; `plugin` is what the writer said it is for, where it did."""

    tag: str
    plugin: str
    payload: float | Histogram | Picture | Sound | str | np.ndarray | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event: when, at which step, and its summary values."""

    wall: float
    step: int
    values: tuple[Value, ...]


# -- protobuf wire format


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than ten bytes")


def _fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    """(field number, wire type, value): ints for varints, memoryviews for everything else."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, kind, value
            continue
        size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}.get(kind, -1), at)
        if size < 0 or at + size > len(data):
            raise ValueError("a field runs over the end")
        yield number, kind, data[at : at + size]
        at += size


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _double(value: memoryview) -> float:
    return float(struct.unpack("<d", value)[0])


def _float(value: memoryview) -> float:
    return float(struct.unpack("<f", value)[0])


def _text(value: memoryview) -> str:
    return bytes(value).decode("utf-8", "replace")


def parse_event(data: bytes) -> Event:
    """Read one Event message; fields it doesn't know are skipped.

    Raises:
        ValueError: the bytes aren't a message.
    """
    wall, step, values = 0.0, 0, []
    try:
        for number, kind, value in _fields(memoryview(data)):
            if number == 1 and kind == 1:
                wall = _double(value)
            elif number == 2 and kind == 0:
                step = _signed(value)
            elif number == 5 and kind == 2:
                values += [_value(v) for n, k, v in _fields(value) if n == 1 and k == 2]
    except (IndexError, struct.error) as error:
        raise ValueError(f"not an event: {error}") from error
    return Event(wall, step, tuple(values))


def _value(data: memoryview) -> Value:
    tag, plugin = "", ""
    payload: Any = None
    for number, kind, value in _fields(data):
        if number == 1 and kind == 2:
            tag = _text(value)
        elif number == 2 and kind == 5:
            payload = _float(value)
        elif number == 4 and kind == 2:
            payload = _picture(value)
        elif number == 5 and kind == 2:
            payload = _histogram(value)
        elif number == 6 and kind == 2:
            payload = _sound(value)
        elif number == 8 and kind == 2:
            payload = _tensor(value)
        elif number == 9 and kind == 2:
            for n, k, v in _fields(value):
                if n == 1 and k == 2:
                    plugin = next((_text(b) for a, c, b in _fields(v) if a == 1 and c == 2), "")
    return Value(tag, plugin, payload)


def _picture(data: memoryview) -> Picture:
    found = {number: value for number, _, value in _fields(data)}
    return Picture(int(found.get(2, 0)), int(found.get(1, 0)), bytes(found.get(4, b"")))


def _sound(data: memoryview) -> Sound:
    found = {number: value for number, _, value in _fields(data)}
    rate = found.get(1)
    return Sound(_float(rate) if isinstance(rate, memoryview) else 0.0, bytes(found.get(4, b"")))


def _histogram(data: memoryview) -> Histogram:
    low = high = 0.0
    limits: list[float] = []
    counts: list[float] = []
    for number, kind, value in _fields(data):
        if number == 1 and kind == 1:
            low = _double(value)
        elif number == 2 and kind == 1:
            high = _double(value)
        elif number in (6, 7):
            target = limits if number == 6 else counts
            target += np.frombuffer(value, "<f8").tolist() if kind == 2 else [_double(value)]
    if not limits or len(limits) != len(counts):
        return Histogram(np.array([low, high]), np.array([float(sum(counts))]))
    edges = np.array([low, *limits])
    edges[1:] = np.minimum(edges[1:], high)  # the last limit is a huge number
    edges[1:] = np.maximum(edges[1:], low)
    keep = np.flatnonzero(np.asarray(counts))
    if len(keep) == 0:
        return Histogram(np.array([low, high]), np.zeros(1))
    a, b = int(keep[0]), int(keep[-1]) + 1
    return Histogram(edges[a : b + 1], np.asarray(counts[a:b]))


_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 9: "<i8", 10: "?", 19: "<f2", 22: "<u4", 23: "<u8"}
_VALUE_FIELDS = {
    5: "<f4",
    6: "<f8",
    7: "int",
    10: "int",
    11: "int",
}  # float_val, double_val, int_val, int64_val, bool_val


def _tensor(data: memoryview) -> Any:
    """The array; a list of bytes for strings."""
    dtype, shape, content = 0, [], b""
    strings: list[bytes] = []
    numbers: list[float] = []
    for number, kind, value in _fields(data):
        if number == 1 and kind == 0:
            dtype = value
        elif number == 2 and kind == 2:
            for n, k, dim in _fields(value):
                if n == 2 and k == 2:
                    shape.append(next((_signed(size) for m, c, size in _fields(dim) if m == 1 and c == 0), 0))
        elif number == 4 and kind == 2:
            content = bytes(value)
        elif number == 8 and kind == 2:
            strings.append(bytes(value))
        elif number in _VALUE_FIELDS:
            numbers += _numbers(value, kind, _VALUE_FIELDS[number])
    if dtype == 7:
        return strings
    if dtype not in _TYPES:
        return None
    array = np.frombuffer(content, _TYPES[dtype]) if content else np.asarray(numbers, _TYPES[dtype])
    size = int(np.prod(shape)) if shape else 1
    if array.size == 1 and size > 1:  # one value stands for all
        array = np.full(size, array[0])
    return array.reshape(shape) if array.size == size else array


def _numbers(value: Any, kind: int, form: str) -> list[float]:
    if form != "int":
        return np.frombuffer(value, form).tolist()  # type: ignore[no-any-return]
    if kind == 0:
        return [_signed(value)]
    found: list[float] = []
    at = 0
    while at < len(value):
        one, at = _varint(value, at)
        found.append(_signed(one))
    return found


# -- records


def _crc_table() -> list[int]:
    table = []
    for i in range(256):
        for _ in range(8):
            i = (i >> 1) ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


_CRC = _crc_table()


def _masked_crc(data: bytes) -> int:
    """CRC-32C, rotated and shifted as record_writer.h has it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def pack_record(data: bytes) -> bytes:
    """One record as it stands in a file; for tests and for small writers."""
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", _masked_crc(head)) + data + struct.pack("<I", _masked_crc(data))


class EventFile:
    """One event file that may still be written: `poll` gives what came since the last call.

    A record that isn't complete yet waits for the next `poll`; a broken one ends the file, and `broken` says where.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.broken: str | None = None
        self._at = 0

    def poll(self, most: int = 8 << 20) -> list[Event]:
        """The complete events among the next `most` bytes (one at least, however long)."""
        if self.broken is not None:
            return []
        try:
            with self.path.open("rb") as file:
                file.seek(self._at)
                data = file.read(most)
                if len(data) >= 12 and len(data) == most:  # a record longer than `most`
                    need = struct.unpack("<Q", data[:8])[0] + 16
                    if need > most and _masked_crc(data[:8]) == struct.unpack("<I", data[8:12])[0]:
                        data += file.read(need - most)
        except FileNotFoundError:
            return []
        events, at = [], 0
        while at + 12 <= len(data):
            head = data[at : at + 8]
            if _masked_crc(head) != struct.unpack("<I", data[at + 8 : at + 12])[0]:
                self.broken = f"{self.path}: broken record at byte {self._at + at}"
                break
            (size,) = struct.unpack("<Q", head)
            if at + 16 + size > len(data):
                break
            try:
                events.append(parse_event(data[at + 12 : at + 12 + size]))
            except ValueError as error:
                self.broken = f"{self.path}: record at byte {self._at + at}: {error}"
                break
            at += 16 + size
        self._at += at
        return events
