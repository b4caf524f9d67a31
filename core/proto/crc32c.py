"""CRC-32C (Castagnoli), the checksum of TFRecord files and checkpoints. Imports NumPy only.

Small inputs go through a table, two bytes a step; large ones through NumPy: the data is cut into many lanes
that advance together, and the lanes' checksums are folded pairwise (a CRC is linear over GF(2), so the CRC
of A+B is the CRC of A, advanced by len(B) zero bytes, xor the CRC of B). `google-crc32c` does both where it
is installed.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["crc32c", "mask_crc", "masked_crc32c", "unmask_crc"]

_POLYNOMIAL = 0x82F63B78  # reflected
_MASK_DELTA = 0xA282EAD8
_LANES = ((1 << 18, 256), (1 << 15, 64), (1 << 11, 32))  # from so many bytes on: bytes a lane
_MAX_LANES = 1 << 13
_VECTOR_FROM = _LANES[-1][0]  # below, NumPy's call overhead costs more than the table loop

Array = np.ndarray[Any, Any]


@functools.cache
def _byte_table() -> Array:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


@functools.cache
def _word_table() -> Array:
    """The effect of two bytes (little endian) on the state: 65,536 entries."""
    table = _byte_table()
    words = np.arange(1 << 16, dtype=np.uint32)
    first = table[words & 0xFF] ^ (words >> 8)
    return table[first & 0xFF] ^ (first >> 8)


@functools.cache
def _word_list() -> list[int]:
    return _word_table().tolist()


def _extend_small(state: int, data: memoryview) -> int:
    table = _word_list()
    even = len(data) & ~1
    for word in np.frombuffer(data[:even], dtype="<u2").tolist():
        state = table[(state ^ word) & 0xFFFF] ^ (state >> 16)
    if even < len(data):
        state = int(_byte_table()[(state ^ data[even]) & 0xFF]) ^ (state >> 8)
    return state


def _apply(matrix: Array, states: Array) -> Array:
    """Multiplies states by a 32x32 matrix over GF(2), whose columns are uint32s."""
    result = np.zeros_like(states)
    for bit in range(32):
        result ^= matrix[bit] & (np.uint32(0) - ((states >> np.uint32(bit)) & np.uint32(1)))
    return result


@functools.cache
def _advance_matrix(log2_bytes: int) -> Array:
    """What 2**log2_bytes zero bytes do to a state, as a matrix over GF(2)."""
    if log2_bytes == 0:
        states = np.uint32(1) << np.arange(32, dtype=np.uint32)
        return _byte_table()[states & 0xFF] ^ (states >> 8)
    half = _advance_matrix(log2_bytes - 1)
    return _apply(half, half)


@functools.cache
def _advance_tables(log2_bytes: int) -> Array:
    """The same as four tables, one for each byte of the state: [4, 256]."""
    matrix = _advance_matrix(log2_bytes)
    numbers = np.arange(256, dtype=np.uint32)
    return np.stack([_apply(matrix, numbers << np.uint32(8 * k)) for k in range(4)])


def _advance(states: Array, log2_bytes: int) -> Array:
    a, b, c, d = _advance_tables(log2_bytes)
    return a[states & 0xFF] ^ b[(states >> 8) & 0xFF] ^ c[(states >> 16) & 0xFF] ^ d[states >> 24]


def _extend_lanes(state: int, data: memoryview, lane: int) -> int:
    """Extends the state by data of a power of two of lanes of `lane` bytes each."""
    words = np.ascontiguousarray(np.frombuffer(data, dtype="<u2").reshape(-1, lane // 2).T)
    table = _word_table()
    states = np.zeros(words.shape[1], np.uint32)
    states[0] = state
    index = np.empty(states.shape, np.uint16)
    for row in words:
        np.bitwise_xor(states.astype(np.uint16), row, out=index)
        states >>= np.uint32(16)
        states ^= table[index]
    log2_bytes = lane.bit_length() - 1
    while states.size > 1:
        states = _advance(states[0::2], log2_bytes) ^ states[1::2]
        log2_bytes += 1
    return int(states[0])


def _extend(crc: int, data: memoryview) -> int:
    state = crc ^ 0xFFFFFFFF
    start = 0
    while len(data) - start >= _VECTOR_FROM:
        left = len(data) - start
        lane = next(lane for least, lane in _LANES if left >= least)
        size = lane << (min(left // lane, _MAX_LANES).bit_length() - 1)
        state = _extend_lanes(state, data[start:start + size], lane)
        start += size
    return _extend_small(state, data[start:]) ^ 0xFFFFFFFF


@functools.cache
def _engine() -> Callable[[int, Any], int]:
    try:
        google_crc32c = importlib.import_module("google_crc32c")  # optional: a C library, as fast as memory
    except ImportError:
        return _extend
    if getattr(google_crc32c, "implementation", "") == "python":
        return _extend
    return lambda crc, data: google_crc32c.extend(crc, bytes(data))


def crc32c(data: bytes | bytearray | memoryview, crc: int = 0) -> int:
    """Returns the CRC-32C of `data`.

    Args:
      data: Bytes, or a contiguous buffer.
      crc: The checksum of the bytes that come before `data`.

    Returns:
      The checksum, 0 <= crc < 2**32.

    Example:
      >>> from core.proto.crc32c import crc32c
      >>> hex(crc32c(b"123456789"))
      '0xe3069283'
    """
    return _engine()(crc, memoryview(data).cast("B"))


def mask_crc(crc: int) -> int:
    """Returns the masked form that files hold (a CRC of bytes that contain their own CRC would be weak)."""
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def unmask_crc(masked: int) -> int:
    """Returns the checksum whose masked form is `masked`."""
    rotated = (masked - _MASK_DELTA) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF


def masked_crc32c(data: bytes | bytearray | memoryview) -> int:
    """Returns the masked CRC-32C of `data`."""
    return mask_crc(crc32c(data))
