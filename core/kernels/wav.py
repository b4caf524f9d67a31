"""WAV files from arrays: 16-bit PCM. Imports NumPy only."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

__all__ = ["encode_wav"]

_BYTES = 2  # of a sample
_SCALE = float(1 << 15)


def encode_wav(samples: Any, sample_rate: int) -> bytes:
    """Returns sound as a WAV file, 16 bits a sample.

    Args:
      samples: [frames, channels] (or [frames]) float in [-1, 1]; what lies outside is clipped.
      sample_rate: Frames a second.

    Raises:
      ValueError: if there is nothing to play, or a number does not fit into the file's header.

    Example:
      >>> from core.kernels.wav import encode_wav
      >>> encode_wav(np.array([[0.5, -0.5]], np.float32), 8000)[-4:]
      b'\\x00@\\x00\\xc0'
    """
    samples = np.asarray(samples, np.float32)
    if samples.ndim == 1:
        samples = samples[:, None]
    frames, channels = samples.shape
    rate = int(sample_rate)
    if not 0 < rate < 1 << 32:
        raise ValueError(f"sample_rate must be in (0, 2^32), got: {sample_rate}")
    if not 0 < channels < 1 << 16:
        raise ValueError(f"num_channels must be in (0, 2^16), got: {channels}")
    if frames == 0:
        raise ValueError("num_frames must be positive.")
    scaled = np.nan_to_num(samples, nan=0.0).astype(np.float64) * _SCALE
    # Halves are rounded away from zero, as C's roundf does.
    rounded = np.trunc(scaled + np.copysign(0.5, scaled))
    data = np.clip(rounded, -(1 << 15), (1 << 15) - 1).astype("<i2").tobytes()
    if len(data) + 36 >= 1 << 32:
        raise ValueError(f"A WAV file holds less than 4 GB, got {len(data):,} bytes of samples.")
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data),
        b"WAVE",
        b"fmt ",
        16,
        1,
        channels,
        rate,
        rate * channels * _BYTES & 0xFFFFFFFF,
        channels * _BYTES,
        8 * _BYTES,
        b"data",
        len(data),
    )
    return header + data
