"""Segment reductions against TensorFlow's (tests/golden/segment.npz); scatters against one update after another."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from core.errors import InvalidArgumentError
from core.kernels import segment as module
from core.kernels.segment import (
    combine_duplicates,
    gather_grad,
    scatter,
    scatter_nd,
    scatter_nd_into,
    segment,
    sparse_segment,
    sparse_segment_grad,
    unsorted_segment,
)

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "segment.npz"))
SORTED = np.array([0, 0, 1, 3, 3, 3, 6], np.int32)
UNSORTED = np.array([4, 0, -1, 4, 2, 0, 4], np.int32)


@pytest.mark.parametrize("name", ["float32", "int32"])
def test_segments_equal_tensorflow(name):
    data = GOLDEN[f"{name}/data"]
    for kind in ("Sum", "Mean", "Prod", "Max", "Min"):
        got = segment(kind.lower(), data, SORTED)
        assert got.dtype == data.dtype
        np.testing.assert_allclose(got, GOLDEN[f"{name}/Segment{kind}"], rtol=1e-6)
    for kind in ("Sum", "Prod", "Max", "Min"):
        got = unsorted_segment(kind.lower(), data, UNSORTED, 6)
        assert got.dtype == data.dtype
        np.testing.assert_allclose(got, GOLDEN[f"{name}/UnsortedSegment{kind}"], rtol=1e-6)


@pytest.mark.parametrize("kind", ["Sum", "Mean", "SqrtN"])
def test_sparse_segments_equal_tensorflow(kind):
    data, rows, grad = (GOLDEN[f"sparse/{k}"] for k in ("data", "rows", "grad"))
    name = {"SqrtN": "sqrt_n"}.get(kind, kind.lower())
    np.testing.assert_allclose(sparse_segment(name, data, rows, SORTED), GOLDEN[f"sparse/{kind}"], rtol=1e-6)
    np.testing.assert_allclose(sparse_segment(name, data, rows, SORTED, 9), GOLDEN[f"sparse/{kind}/9"], rtol=1e-6)
    got = sparse_segment_grad(name, grad, rows, SORTED, 5)
    np.testing.assert_allclose(got, GOLDEN[f"sparse/{kind}/grad"], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16, np.int64, np.complex64])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 5)])
@pytest.mark.parametrize("large", [False, True])
def test_every_route_of_the_sum(dtype, shape, large, monkeypatch):
    if large:
        monkeypatch.setattr(module, "_LARGE", 0)
    rng = np.random.default_rng(1)
    data = rng.integers(-4, 5, (23, *shape)).astype(dtype)
    ids = rng.integers(0, 7, 23)
    for count in (7, 400):
        want = np.zeros((count, *shape), dtype)
        for i, row in zip(ids, data):
            want[i] += row
        got = unsorted_segment("sum", data, ids, count)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, want)


def test_means_and_ids_of_more_axes():
    rng = np.random.default_rng(2)
    data = rng.standard_normal((3, 5, 2))
    ids = rng.integers(0, 4, (3, 5))
    for i in range(6):
        rows = data[ids == i]
        want = rows.mean(0) if len(rows) else np.zeros(2)
        np.testing.assert_allclose(unsorted_segment("mean", data, ids, 6)[i], want, rtol=1e-12)
        np.testing.assert_allclose(
            unsorted_segment("sqrt_n", data, ids, 6)[i], want * np.sqrt(max(len(rows), 1)), rtol=1e-12
        )
    assert unsorted_segment("max", data[:0], ids[:0], 3).min() == np.finfo(float).min
    low = unsorted_segment("max", data.astype(ml_dtypes.bfloat16), ids, 6)[5]
    np.testing.assert_array_equal(low.astype(np.float64), float(ml_dtypes.finfo(ml_dtypes.bfloat16).min))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_gather_gradient_is_the_transpose_of_take(axis):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4, 5, 6))
    indices = rng.integers(0, x.shape[axis], (2, 7))
    dy = rng.standard_normal(np.take(x, indices, axis).shape)
    got = gather_grad(x.shape, indices, dy, axis)
    assert got.shape == x.shape
    np.testing.assert_allclose((got * x).sum(), (dy * np.take(x, indices, axis)).sum(), rtol=1e-12)


def test_duplicates_are_combined():
    rng = np.random.default_rng(4)
    ids = np.array([7, 3, 7, 0, 3, 7])
    rows = rng.standard_normal((6, 2, 3))
    got, sums = combine_duplicates(ids, rows)
    np.testing.assert_array_equal(got, [0, 3, 7])
    np.testing.assert_allclose(sums, [rows[ids == i].sum(0) for i in (0, 3, 7)], rtol=1e-12)
    got, sums = combine_duplicates(ids[1:4], rows[1:4])
    np.testing.assert_array_equal(got, [0, 3, 7])
    np.testing.assert_array_equal(sums, rows[[3, 1, 2]])


UPDATES = {
    "update": lambda a, b: b,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": np.maximum,
    "min": np.minimum,
}


@pytest.mark.parametrize("kind", UPDATES)
def test_scatter_is_one_update_after_another(kind):
    rng = np.random.default_rng(5)
    for indices in (np.array([[3, 0, 3], [5, 3, 0]]), np.array([4, 1]), np.array(2)):
        for inner in ((), (3, 2)):
            target = rng.standard_normal((6, *inner))
            updates = rng.standard_normal((*indices.shape, *inner))
            want = target.copy()
            for i, row in zip(indices.ravel(), updates.reshape(-1, *inner)):
                want[i] = UPDATES[kind](want[i], row)
            scatter(kind, target, indices, updates)
            np.testing.assert_allclose(target, want, rtol=1e-12)


@pytest.mark.parametrize("kind", UPDATES)
def test_scatter_nd_is_one_update_after_another(kind):
    rng = np.random.default_rng(6)
    for depth in (1, 2, 3):
        shape = (4, 3, 5)
        indices = np.stack([rng.integers(0, d, (2, 6)) for d in shape[:depth]], -1)
        target, updates = rng.standard_normal(shape), rng.standard_normal((2, 6, *shape[depth:]))
        want = target.copy()
        for place in np.ndindex(2, 6):
            at = tuple(indices[place])
            want[at] = UPDATES[kind](want[at], updates[place])
        scatter_nd_into(kind, target, indices, updates)
        np.testing.assert_allclose(target, want, rtol=1e-12)
        want = np.zeros(shape)
        np.add.at(want, tuple(np.moveaxis(indices, -1, 0)), updates)
        np.testing.assert_allclose(scatter_nd(indices, updates, shape), want, rtol=1e-12, atol=1e-14)


def test_whole_numbers_scalars_strings_and_nothing():
    target = np.array([7, -7, 9])
    scatter("div", target, np.array([0, 1, 0]), np.array([2, 2, -2]))
    np.testing.assert_array_equal(target, [-1, -3, 9])
    scatter("add", target, np.array([2, 2]), np.array(5))
    assert target[2] == 19
    scatter("add", target, np.zeros(0, np.int32), np.zeros(0, np.int64))
    assert segment("sum", np.zeros((0, 3)), np.zeros(0, np.int32)).shape == (0, 3)
    got = scatter_nd(np.array([[2]]), np.array([b"x"], object), (4,))
    assert got.tolist() == [b"", b"", b"x", b""]
    np.testing.assert_array_equal(scatter_nd(np.array([[1]]), np.array([True]), (3,)), [False, True, False])
    np.testing.assert_array_equal(scatter_nd(np.array([[1], [1]]), np.array([5, 6]), (3,)), [0, 11, 0])


def test_what_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"indices\[1\] = 6 is not in \[0, 6\)"):
        scatter("add", np.zeros(6), np.array([0, 6]), np.ones(2))
    with pytest.raises(InvalidArgumentError, match=r"indices\[0,1\] = \[2, 5\] does not index into"):
        scatter_nd(np.array([[[0, 0], [2, 5]]]), np.ones((1, 2)), (3, 4))
    with pytest.raises(InvalidArgumentError, match="at most the rank"):
        scatter_nd(np.zeros((2, 3), int), np.ones(2), (3, 4))
    with pytest.raises(InvalidArgumentError, match="increasing"):
        segment("sum", np.ones(3), np.array([0, 2, 1]))
    with pytest.raises(InvalidArgumentError, match="same size as dimension 0 of input"):
        segment("sum", np.ones(3), np.array([0, 2]))
    with pytest.raises(InvalidArgumentError, match="segment_ids"):
        unsorted_segment("sum", np.ones(3), np.array([0, 2, 4]), 4)
    with pytest.raises(InvalidArgumentError, match="does not start with"):
        unsorted_segment("sum", np.ones(3), np.array([0, 2]), 4)
    with pytest.raises(InvalidArgumentError, match="num_segments"):
        sparse_segment("sum", np.ones(3), np.array([0, 2]), np.array([0, 2]), 2)
    with pytest.raises(InvalidArgumentError, match="same size"):
        sparse_segment("sum", np.ones(3), np.array([0, 2]), np.array([0]))
    with pytest.raises(ValueError, match="without a copy"):
        scatter_nd_into("add", np.ones((3, 4, 5)).transpose(1, 0, 2), np.zeros((1, 2), int), np.ones((1, 5)))
