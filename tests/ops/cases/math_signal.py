"""Cases of core/ops/math_fft.py and math_signal.py."""

from __future__ import annotations

from tests.ops.case import OpCase, rand

BOTH = ("complex64", "complex128")


def _complex(name, op, rank, label=""):
    shape = (2, 3, 4, 5)[-rank - 1:]
    return OpCase(op, lambda tf, x: getattr(tf, name)(x), [rand(*shape, dtype="complex128")], label=label, golden=True,
                  grad=(0,), second=True, dtypes=BOTH, tol=1e-5,
                  errors=[(lambda tf: getattr(tf, name)(tf.zeros([3] * (rank - 1), tf.complex64)), "ValueError",
                  "rank")])


def _real(name, op, rank, lengths, shape, label, dtype="float64", golden=True):
    """A real transform; TensorFlow has no gradient of those that cut, nor in three dimensions."""
    def expect(np, x):
        sizes = lengths
        if lengths is None and name[0] == "i":
            sizes = [*x.shape[-rank:-1], 2 * (x.shape[-1] - 1)]
        return getattr(np.fft, f"{name.rstrip('23d')}n")(x, s=sizes, axes=tuple(range(-rank, 0)))
    more = [] if lengths is None else [lengths]
    return OpCase(op, lambda tf, x: getattr(tf.signal, name)(x, *more), [rand(*shape, dtype=dtype)], label=label,
                  golden=golden, names=False, grad=(0,), second=lengths is None, tol=1e-5, unknown="dims",
                  expect=expect)


CASES = [
    *[_complex(i + "fft" + ("" if r == 1 else f"{r}d"), i.upper() + "FFT" + ("" if r == 1 else f"{r}D"), r)
      for r in (1, 2, 3) for i in ("", "i")],
    _real("rfft", "RFFT", 1, None, (2, 6), "even"),
    _real("rfft", "RFFT", 1, None, (2, 7), "odd"),
    _real("rfft", "RFFT", 1, [8], (2, 5), "padded"),
    _real("rfft", "RFFT", 1, [3], (2, 5), "cut", golden=False),
    _real("rfft2d", "RFFT2D", 2, None, (2, 3, 6), "even"),
    _real("rfft2d", "RFFT2D", 2, [5, 4], (2, 3, 7), "other sizes", golden=False),
    _real("rfft3d", "RFFT3D", 3, None, (2, 3, 4, 5), "odd", golden=False),
    _real("irfft", "IRFFT", 1, None, (2, 5), "even", "complex128"),
    _real("irfft", "IRFFT", 1, [7], (2, 4), "odd", "complex128"),
    _real("irfft", "IRFFT", 1, [5], (2, 6), "cut", "complex128", golden=False),
    _real("irfft", "IRFFT", 1, [12], (2, 4), "padded", "complex128"),
    _real("irfft2d", "IRFFT2D", 2, None, (2, 3, 5), "even", "complex128"),
    _real("irfft3d", "IRFFT3D", 3, None, (2, 3, 4, 5), "even", "complex128", golden=False),
    OpCase("RFFT", lambda tf, x: [tf.signal.rfft(x), tf.signal.irfft(tf.signal.rfft(x))], [rand(2, 6)], label="float32",
           also=("IRFFT",), golden=True, names=False, unknown="dims"),
    # composed
    *[OpCase("Real", lambda tf, x, k=k, n=n: [tf.signal.dct(x, type=k, norm=n), tf.signal.idct(x, type=k, norm=n)],
             [rand(2, 5)],
             label=f"dct {k} {n}", also=("RFFT",), golden=True, names=False, grad=(0,), tol=1e-5, unknown="dims",
             errors=[(lambda tf: tf.signal.dct([1.0], type=7), "ValueError", "Only|only|Types"),
                     (lambda tf: tf.signal.dct([1.0], axis=0), "NotImplementedError", "axis must be -1"),
                     (lambda tf: tf.signal.dct([1.0], norm="what"), "ValueError", "Unknown normalization")])
      for k, n in ((1, None), (2, None), (2, "ortho"), (3, None), (3, "ortho"))],
    OpCase("Real", lambda tf, x: [tf.signal.dct(x, n=3), tf.signal.dct(x, n=8)], [rand(2, 5)], label="dct of n",
           golden=True, names=False,
           tol=1e-5, unknown="dims"),
    OpCase("Cos", lambda tf: [tf.signal.hann_window(7), tf.signal.hann_window(8, periodic=False),
           tf.signal.hamming_window(6),
                              tf.signal.hamming_window(1), tf.signal.hann_window(5, dtype=tf.float64)],
                              label="windows", golden=True,
           names=False, errors=[(lambda tf: tf.signal.hann_window(4, dtype=tf.int32), "ValueError", "floating point")]),
    OpCase("GatherV2", lambda tf, x: [tf.signal.frame(x, 4, 2), tf.signal.frame(x, 3, 4, pad_end=True, pad_value=9.0)],
           [rand(2, 11)],
           label="frame", also=("PadV2",), golden=True, names=False, grad=(0,), second=True, unknown="dims",
           static=False),
    OpCase("GatherV2", lambda tf, x: tf.signal.frame(x, 4, 2, axis=1), [rand(2, 11, 3)], label="frame of an axis",
           golden=True, names=False,
           unknown="dims", static=False),
    OpCase("UnsortedSegmentSum", lambda tf, x: tf.signal.overlap_and_add(x, 2), [rand(2, 4, 5)],
           label="overlap_and_add", golden=True,
           names=False, grad=(0,), second=True, unknown="dims", static=False,
           errors=[(lambda tf: tf.signal.overlap_and_add(tf.zeros([3]), 1), "ValueError", "rank"),
                   (lambda tf: tf.signal.overlap_and_add(tf.zeros([3, 4]), 1.5), "ValueError", "integer")]),
    OpCase("RFFT", lambda tf, x: [tf.signal.stft(x, 10, 4), tf.signal.stft(x, 8, 5, 16, window_fn=None, pad_end=True)],
           [rand(2, 40)],
           label="stft", golden=True, names=False, grad=(0,), unknown="dims", static=False, tol=1e-5),
    OpCase("IRFFT", lambda tf, x: tf.signal.inverse_stft(tf.signal.stft(x, 12, 4), 12, 4,
           window_fn=tf.signal.inverse_stft_window_fn(4)),
           [rand(40)], label="inverse_stft", golden=True, names=False, grad=(0,), unknown="none", static=False,
           tol=1e-4),
    OpCase("Const", lambda tf: [tf.signal.linear_to_mel_weight_matrix(), tf.signal.linear_to_mel_weight_matrix(
        12, 65, 16000, 80.0, 7600.0, tf.float64)], label="mel", golden=True, names=False, tol=2e-4,
           errors=[(lambda tf: tf.signal.linear_to_mel_weight_matrix(num_mel_bins=0), "ValueError",
           "num_mel_bins must be positive"),
                   (lambda tf: tf.signal.linear_to_mel_weight_matrix(upper_edge_hertz=5000.0), "ValueError",
                   "Nyquist")]),
    OpCase("Real", lambda tf, x: tf.signal.mfccs_from_log_mel_spectrograms(x), [rand(2, 3, 13)], label="mfccs",
           golden=True, names=False,
           grad=(0,), tol=1e-5, unknown="dims"),
    OpCase("Roll", lambda tf, x: [tf.signal.fftshift(x), tf.signal.ifftshift(x, axes=1), tf.signal.fftshift(x, axes=[0,
           1])], [rand(4, 5)],
           label="fftshift", golden=True, names=False, grad=(0,), unknown="dims",
           expect=lambda np, x: [np.fft.fftshift(x), np.fft.ifftshift(x, 1), np.fft.fftshift(x)]),
]
