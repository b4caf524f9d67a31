"""Pictures of weights and of a decision surface: the colours mean what they say, and the engine is asked seldom."""

from __future__ import annotations

import sys
import types
import xml.etree.ElementTree as ET
import zlib
from typing import Any

import numpy as np
import pytest

import tfviz
from tfviz import cells
from tfviz.pictures import CLASSES, blend, diverging, encode_png, filter_grid
from tfviz.watch import surface_svg, weights_svg


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    module = types.ModuleType("core.inspect")
    module.on_run = lambda hook: (found.append(hook), lambda: found.remove(hook))[1]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.inspect", module)
    return found


class Session:
    """A session that counts how often it is asked."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked, self.quiet = answer, 0, False

    def run(self, fetches: Any, feed: Any = None) -> Any:
        self.asked += 1
        self.quiet = cells.running.quiet
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(feed) if callable(self.answer) else self.answer


def pixels(png: bytes) -> np.ndarray:
    """Reads what encode_png writes."""
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    size = int.from_bytes(png[33:37], "big")
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + size]), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


def test_png_reads_back() -> None:
    image = np.random.default_rng(1).integers(0, 255, (5, 3, 3)).astype(np.uint8)
    np.testing.assert_array_equal(pixels(encode_png(image)), image)


def test_colours_are_symmetric_around_zero_and_saturate() -> None:
    colour = diverging(np.array([-9.0, -2.0, 0.0, 2.0, 9.0, np.nan]), 2.0).tolist()
    assert colour[0] == colour[1] and colour[3] == colour[4]
    assert colour[2] == [247, 247, 247] and colour[5] == [226, 226, 226]
    assert colour[0][2] > colour[0][0] and colour[4][0] > colour[4][2]  # blue below, orange above
    assert diverging(np.zeros(2), 0.0).tolist() == [[247] * 3] * 2


def test_a_sure_class_has_its_colour_an_unsure_point_lies_between() -> None:
    first, second, middle = blend(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])).astype(int)
    assert first[2] > first[0] and second[0] > second[2]
    np.testing.assert_allclose(middle, (first + second) / 2, atol=1)


def test_filters_are_laid_out_in_order() -> None:
    grid, columns, rows = filter_grid(np.arange(5)[:, None, None] * np.ones((5, 2, 3)), 2)
    assert (grid.shape, columns, rows) == ((8, 7), 2, 3)
    assert [grid[0, 0], grid[0, 4], grid[3, 0], grid[3, 4], grid[6, 0]] == [0, 1, 2, 3, 4]
    assert np.isnan(grid[2]).all() and np.isnan(grid[6, 4])


@pytest.mark.parametrize("shape", [(), (7,), (2, 5), (784, 3), (5, 4, 2, 6), (2, 3, 4), (0, 4)])
def test_every_shape_has_a_picture(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    text = weights_svg({"<w>": values})
    ET.fromstring(text)
    assert "&lt;w&gt;" in text and text == weights_svg({"<w>": values})
    if values.size:
        assert ("×".join(map(str, shape)) or "scalar") in text


def test_small_matrices_show_their_numbers_and_nan_is_told() -> None:
    assert ">-1.5<" in weights_svg({"w": np.array([[0.25, -1.5]])})
    assert "1 not finite" in weights_svg({"w": np.array([[0.25, np.nan]])})


def test_surface_has_axes_dots_in_their_colours_and_none_outside() -> None:
    said = np.linspace(0, 1, 30).reshape(5, 6, 1)
    points = np.array([[0.0, 0.0], [1.0, 1.0], [9.0, 9.0]])
    text = surface_svg(said, (-1, 2, -1, 2), points, np.array([[0], [1], [1]]))
    ET.fromstring(text)
    assert text.count("<circle") == 2 and CLASSES[0] in text and CLASSES[1] in text
    for answers in (said - 0.5, np.stack([said[..., 0], 1 - said[..., 0]], -1), said * np.array([1.0, 5.0, -3.0])):
        ET.fromstring(surface_svg(answers, (0, 1, 0, 1)))


def test_bad_arguments_say_what_to_give() -> None:
    with pytest.raises(ValueError, match=r"points must have shape \[m, 2\], got \[3\]"):
        tfviz.surface("y:0", "x:0", np.zeros(3))
    with pytest.raises(ValueError, match="give points=, or bounds="):
        tfviz.surface("y:0", "x:0")
    with pytest.raises(ValueError, match="784 rows don't make images of 5×5"):
        weights_svg({"w": np.zeros((784, 2))}, (5, 5))


def test_it_looks_when_asked_and_its_own_runs_are_quiet(hooks: list[Any]) -> None:
    view = tfviz.weights(types.SimpleNamespace(name="w:0"), show=False)
    session = Session([np.ones((2, 3))])
    for _ in range(50):
        hooks[0](session, ("train",), (None,), 0, 0.0)
    assert session.asked == 0  # not shown: nobody looks
    assert "image/svg+xml" in view._repr_mimebundle_()
    assert session.asked == 1 and session.quiet and not cells.running.quiet
    assert ">w<" in view.svg()
    view.close()
    assert hooks == []


def test_a_variable_without_a_value_is_waited_for_anything_else_is_told_once(hooks: list[Any]) -> None:
    class FailedPreconditionError(Exception):
        pass

    view = tfviz.weights("w:0", show=False)
    view.draw(Session(FailedPreconditionError("not initialised")))
    assert len(hooks) == 1 and view.svg() == ""
    with pytest.warns(RuntimeWarning, match="weights w stopped: .no such tensor"):
        view.draw(Session(KeyError("no such tensor")))
    assert hooks == []


def test_surface_feeds_a_grid_from_the_top_left(hooks: list[Any]) -> None:
    fed: list[np.ndarray] = []

    def answer(feed: Any) -> np.ndarray:
        fed.append(feed["x:0"])
        return np.asarray(feed["x:0"][:, :1] > 0, float)

    view = tfviz.surface("y:0", "x:0", bounds=(-1.0, 1.0, -2.0, 2.0), feed={"keep": 1.0}, size=9, show=False)
    view.draw(Session(answer))
    assert fed[0].shape == (81, 2) and fed[0][0].tolist() == [-1, 2] and fed[0][-1].tolist() == [1, -2]
    assert view.svg().count("<image") == 1
    view.close()
