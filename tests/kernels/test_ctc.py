"""CTC against TensorFlow's answers (tests/golden/ctc.npz), all paths written out, and finite differences."""

from itertools import groupby, product
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidArgumentError
from core.kernels.ctc import ctc_beam_search_decoder, ctc_greedy_decoder, ctc_loss

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "ctc.npz"))
LABELS = [[2, 0, 1], [1, 1, 3, 3], [3], [0, 2, 2, 0, 1, 3, 0], [2, 4]]
LENGTHS = [7, 9, 2, 5, 0]


def sparse(labels):
    indices = np.array([(b, i) for b, row in enumerate(labels) for i in range(len(row))], np.int64)
    return indices, np.concatenate(labels).astype(np.int32)


@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("merge", [False, True])
def test_loss_and_gradient_equal_tensorflow(collapse, merge):
    loss, gradient = ctc_loss(GOLDEN["inputs"], *sparse(LABELS), LENGTHS, collapse, merge, True)
    key = f"{int(collapse)}{int(merge)}"
    assert loss.dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(loss, GOLDEN[f"loss/{key}"], rtol=2e-6)
    np.testing.assert_allclose(gradient, GOLDEN[f"gradient/{key}"], rtol=1e-4, atol=2e-6)


def test_loss_is_the_sum_over_all_paths_and_its_gradient_the_slope():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((5, 2, 4))
    labels, lengths = [[1, 1], [0, 2, 1]], [5, 4]
    y = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    loss, gradient = ctc_loss(x, *sparse(labels), lengths)
    for b, (label, length) in enumerate(zip(labels, lengths)):
        total = 0.0
        for path in product(range(4), repeat=length):
            if [c for c, _ in groupby(path) if c != 3] == label:
                total += np.prod([y[t, b, c] for t, c in enumerate(path)])
        np.testing.assert_allclose(loss[b], -np.log(total), rtol=1e-12)
    direction = rng.standard_normal(x.shape)
    step = 1e-6
    up, down = (ctc_loss(x + s * direction, *sparse(labels), lengths)[0].sum() for s in (step, -step))
    np.testing.assert_allclose((gradient * direction).sum(), (up - down) / (2 * step), rtol=1e-7)
    assert not gradient[4, 1].any()


def test_labels_that_cannot_be():
    x = np.zeros((3, 1, 4), np.float32)
    loss, gradient = ctc_loss(x, *sparse([[1, 1, 1]]), [3])  # needs two blanks between
    assert loss[0] == np.inf
    np.testing.assert_allclose(gradient, 0.25)
    for labels, lengths, text in (
        ([[1, 2, 1, 0]], [3], "Not enough time"),
        ([[1, 3, 1]], [3], "non-null label"),
        ([[1, -2]], [3], "nonnegative"),
        ([[1]], [4], "seq_len"),
        ([[1]], [-1], "seq_len"),
        ([[1]], [1, 2], "batch_size"),
        ([[1], [2]], [3], "batch index"),
    ):
        with pytest.raises(InvalidArgumentError, match=text):
            ctc_loss(x, *sparse(labels), lengths)
    with pytest.raises(InvalidArgumentError, match="length is zero"):
        ctc_loss(x, np.zeros((0, 2), int), np.zeros(0, int), [3])


@pytest.mark.parametrize("merge", [False, True])
def test_greedy_equals_tensorflow(merge):
    parts, score = ctc_greedy_decoder(GOLDEN["inputs"], LENGTHS, merge)
    for name, part in zip(("indices", "values", "shape"), parts):
        want = GOLDEN[f"greedy/{int(merge)}/{name}"]
        assert part.dtype == want.dtype
        np.testing.assert_array_equal(part, want)
    np.testing.assert_allclose(score, GOLDEN[f"greedy/{int(merge)}/score"], rtol=1e-6)


@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("width, top", [(1, 1), (3, 3), (20, 2), (100, 1)])
def test_beam_search_equals_tensorflow(merge, width, top):
    lengths = [*LENGTHS[:4], 1] if top > 1 else LENGTHS
    paths, score = ctc_beam_search_decoder(GOLDEN["inputs"], lengths, width, top, merge)
    key = f"beam/{int(merge)}/{width}"
    for i, path in enumerate(paths):
        for name, part in zip(("indices", "values", "shape"), path):
            np.testing.assert_array_equal(part, GOLDEN[f"{key}/{i}/{name}"])
    assert score.dtype == np.float32
    np.testing.assert_allclose(score, GOLDEN[f"{key}/score"], rtol=3e-6, atol=1e-6)


def test_a_wide_beam_finds_the_most_probable_labels():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((5, 1, 3))
    y = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    sums: dict[tuple[int, ...], float] = {}
    for path in product(range(3), repeat=5):
        label = tuple(c for c, _ in groupby(path) if c != 2)
        sums[label] = sums.get(label, 0.0) + np.prod([y[t, 0, c] for t, c in enumerate(path)])
    best = sorted(sums, key=lambda label: -sums[label])[:4]
    paths, score = ctc_beam_search_decoder(x, [5], 300, 4, merge_repeated=False)
    assert [tuple(path[1].tolist()) for path in paths] == best
    np.testing.assert_allclose(score[0], [np.log(sums[label]) for label in best], rtol=1e-10)


def test_too_many_paths_are_refused():
    x = np.zeros((2, 1, 3))
    with pytest.raises(InvalidArgumentError, match="beam width"):
        ctc_beam_search_decoder(x, [2], 2, 3)
    with pytest.raises(InvalidArgumentError, match="Less leaves"):
        ctc_beam_search_decoder(x, [0], 5, 3)
    with pytest.raises(InvalidArgumentError, match="3-Tensor"):
        ctc_greedy_decoder(x[0], [2])
