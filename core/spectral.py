"""`tf.spectral`: Fourier and cosine transforms. Imports ops by name only."""

from __future__ import annotations

from core.ops.math_fft import fft, fft2d, fft3d, ifft, ifft2d, ifft3d, irfft, irfft2d, irfft3d, rfft, rfft2d, rfft3d
from core.ops.math_signal import dct, idct

__all__ = [
    "dct", "fft", "fft2d", "fft3d", "idct", "ifft", "ifft2d", "ifft3d", "irfft", "irfft2d", "irfft3d", "rfft", "rfft2d",
    "rfft3d",
]
