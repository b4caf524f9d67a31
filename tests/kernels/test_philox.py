"""The seeded generators against what TensorFlow drew (tests/golden/random.npz), and the libm functions below them."""

import ctypes
import ctypes.util
import zlib
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from core.kernels.libm32 import logf, sincosf
from core.kernels.philox import FreshGenerator, Philox, fresh_generator, generator
from core.kernels.rejection import gamma, parameterized_truncated_normal, poisson

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "random.npz"))
SEEDS = [(87654321, 1), (2**62 + 9, -5)]
SHAPES = [(), (2, 3), (7, 11), (0,)]
TYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "float32": np.float32, "float64": np.float64}
METHODS = {"uniform": Philox.uniform, "normal": Philox.normal, "truncated": Philox.truncated_normal}


def same_bits(got, want):
    got = np.asarray(got)
    if got.dtype == ml_dtypes.bfloat16:
        got = got.astype(np.float32)
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("number", range(len(SEEDS)))
@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize("name", TYPES)
def test_floats_equal_tensorflow_call_after_call(number, kind, name):
    for index, shape in enumerate(SHAPES):
        stream = Philox(*SEEDS[number])
        for want in GOLDEN[f"{number}/{kind}/{name}/{index}"]:
            same_bits(METHODS[kind](stream, shape, TYPES[name]), want)


@pytest.mark.parametrize("key", [k for k in GOLDEN if "/int/" in k])
def test_integers_equal_tensorflow(key):
    number, _, name, index, lo, hi = key.split("/")
    stream = Philox(*SEEDS[int(number)])
    for want in GOLDEN[key]:
        same_bits(stream.uniform_int(SHAPES[int(index)], int(lo), int(hi), name), want)


@pytest.mark.parametrize("key", [k for k in GOLDEN if "/crc/" in k])
def test_long_streams_equal_tensorflow(key):
    number, _, kind, name, length = key.split("/")
    value = METHODS[kind](Philox(*SEEDS[int(number)]), (int(length),), name)
    assert zlib.crc32(value.tobytes()) == GOLDEN[key]


@pytest.mark.parametrize("key", [k for k in GOLDEN if "/shuffle/" in k])
def test_shuffle_equals_tensorflow(key):
    number, _, n = key.split("/")
    stream = Philox(*SEEDS[int(number)])
    for want in GOLDEN[key]:
        np.testing.assert_array_equal(stream.shuffle_permutation(int(n)), want)


@pytest.mark.parametrize("key", [k for k in GOLDEN if "/multinomial/" in k])
def test_multinomial_equals_tensorflow(key):
    number, _, rows, k = key.split("/")
    stream = Philox(*SEEDS[int(number)])
    for want in GOLDEN[key]:
        same_bits(stream.multinomial(GOLDEN[f"{number}/logits/{rows}"], int(k)), want)


@pytest.mark.parametrize("number", range(len(SEEDS)))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rejection_samplers_equal_tensorflow(number, dtype):
    streams = [Philox(*SEEDS[number]) for _ in range(4)]
    bounds = [(0, 1, -2, 2), (0, 1, 3, np.inf), (1, 2, 1.5, 1.75), (5, 2, -np.inf, 1), (0, 1, -1, 1)]
    columns = [np.array(p, dtype) for p in zip(*bounds)]
    everywhere = [np.array(p, dtype) for p in (1, 2, 0, 9)]
    tight = {"rtol": 3e-7 if dtype == "float32" else 1e-14}
    for run in range(3):
        want = {k: GOLDEN[f"{number}/{k}/{dtype}"][run] for k in ("gamma", "poisson", "bounded", "bounded_all")}
        got = gamma(streams[0], (3, 5), np.array([0.3, 1.0, 2.5, 40.0], dtype))
        np.testing.assert_allclose(got, want["gamma"], **tight)
        got = poisson(streams[1], (3, 7), np.array([0.5, 9.0, 10.0, 300.0], dtype), dtype)
        np.testing.assert_array_equal(got, want["poisson"])
        got = parameterized_truncated_normal(streams[2], (5, 13), *columns)
        np.testing.assert_allclose(got, want["bounded"], **tight)
        got = parameterized_truncated_normal(streams[3], (11, 23), *everywhere)
        np.testing.assert_allclose(got, want["bounded_all"], **tight)


def test_calls_of_different_kinds_continue_one_stream():
    one, other = Philox(3, 4), Philox(3, 4)
    want = []
    for turn in range(7):
        want.append(other.normal((5,)))
        if turn == 4:
            other.skip(11)
            other.uniform((2, 3))
    for turn in range(7):
        np.testing.assert_array_equal(one.normal((5,)), want[turn])
        if turn == 4:
            one.skip(11)
            one.uniform((3, 2))
    assert one.position == 7 * 5 * 256 + 11 + 6 * 256


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="minval < maxval"):
        parameterized_truncated_normal(Philox(1, 2), (3,), np.float32(0), np.float32(1), np.float32(2), np.float32(1))


def test_libm_is_glibc_bit_for_bit():
    path = ctypes.util.find_library("m")
    if not path or "libm.so.6" not in path:
        pytest.skip("compares with glibc's libm")
    libm = ctypes.CDLL(path)
    uniform = np.random.default_rng(5).integers(0, 1 << 23, 20_011).astype(np.float32) * np.float32(2.0**-23)
    positive = np.maximum(uniform, np.float32(1e-7))
    angle = (2 * np.pi * uniform.astype(np.float64)).astype(np.float32)
    sine, cosine = sincosf(angle)
    for name, argument, got in (("logf", positive, logf(positive)), ("sinf", angle, sine), ("cosf", angle, cosine)):
        function = getattr(libm, name)
        function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float]
        np.testing.assert_array_equal(got, np.array([function(x) for x in argument.tolist()], np.float32))


def test_fresh_generators_differ_and_obey_their_bounds():
    one, other = fresh_generator(), generator(0, 0)
    assert isinstance(other, FreshGenerator)
    assert isinstance(generator(0, 3), Philox)
    assert not np.array_equal(one.normal((1013,)), other.normal((1013,)))
    for dtype in TYPES.values():
        value = one.uniform((31, 37), dtype)
        assert value.dtype == dtype
        assert 0 <= value.min() < value.max() < 1
        value = one.truncated_normal((1501,), dtype).astype(np.float64)
        assert 1.5 < np.abs(value).max() <= 2
        assert abs(value.std() - 0.88) < 0.08
        assert one.normal((5, 7), dtype).dtype == dtype
    assert set(one.uniform_int((999,), -2, 5, np.int64).tolist()) == set(range(-2, 5))
    assert sorted(one.shuffle_permutation(19)) == list(range(19))
    assert set(one.multinomial(np.array([[0.0, -np.inf, 1.0]]), 401)[0].tolist()) == {0, 2}
    assert abs(gamma(one, (4001,), np.float32(3)).mean() - 3) < 0.3
    assert abs(poisson(one, (4001,), np.float32(12)).mean() - 12) < 0.6
    zero, unit = np.float32(0), np.float32(1)
    assert parameterized_truncated_normal(one, (97,), zero, unit, unit, np.float32(2)).min() >= 1
