"""`tfviz.live` against a pretended engine: what becomes a point, at which step, at what cost, shown where."""

from __future__ import annotations

import io
import sys
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tfviz
from tfviz import cells, curves
from tfviz.curve_display import Display, TerminalDisplay
from tfviz.curve_model import CurveSet


class Engine:
    """What `core.inspect.on_run` promises, without an engine."""

    def __init__(self) -> None:
        self.hooks: list[Callable[..., None]] = []
        self.runs = 0

    def on_run(self, hook: Callable[..., None]) -> Callable[[], None]:
        self.hooks.append(hook)
        return lambda: self.hooks.remove(hook)

    def run(self, **fetched: Any) -> None:
        names = [name if name.endswith("_op") else name + ":0" for name in fetched]
        for hook in list(self.hooks):
            hook(None, names, list(fetched.values()), self.runs, 1000.0 + self.runs)
        self.runs += 1


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    pretended = Engine()
    module = types.ModuleType("core.inspect")
    module.on_run = pretended.on_run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.inspect", module)
    yield pretended
    for hook in list(pretended.hooks):
        hook.__self__.close()  # type: ignore[attr-defined]


def steps(view: Any, label: str) -> list[float]:
    return view.columns(label).step.tolist()


def test_fetched_with_the_train_op_gives_one_point_a_run(engine: Engine) -> None:
    view = tfviz.live(loss="loss:0", show=False)
    engine.run(init_op=None)
    for i in range(4):
        engine.run(train_op=None, loss=np.float32(2.0 - i))
    assert steps(view, "loss") == [0, 1, 2, 3]
    assert view.columns("loss").value.tolist() == [2, 1, 0, -1]
    assert view.columns("loss").wall.tolist() == [1001, 1002, 1003, 1004]


@pytest.mark.parametrize("first", [True, False])
def test_fetched_now_and_then_keeps_the_loops_counter(engine: Engine, first: bool) -> None:
    view = tfviz.live(loss="loss", accuracy="acc:0", show=False)
    engine.run(init_op=None)
    for i in range(7):
        if first:
            engine.run(train_op=None)
        if i % 3 == 0:
            engine.run(loss=1.0)
            engine.run(acc=0.5)
        if not first:
            engine.run(train_op=None)
    assert steps(view, "loss") == [0, 3, 6] == steps(view, "accuracy")


def test_batches_of_an_evaluation_go_on_without_moving_the_training(engine: Engine) -> None:
    view = tfviz.live(loss="loss", accuracy="acc", show=False)
    for _ in range(2):
        for _ in range(5):
            engine.run(train_op=None, loss=1.0)
        for _ in range(3):
            engine.run(acc=0.5)
    assert steps(view, "loss") == list(range(10))
    assert steps(view, "accuracy") == [4, 5, 6, 9, 10, 11]


def test_global_step_wins_where_it_is_fetched(engine: Engine) -> None:
    view = tfviz.live(loss="loss", step="global_step:0", show=False)
    for i in (500, 510, 520):
        engine.run(train_op=None, loss=1.0, global_step=np.int64(i))
    assert steps(view, "loss") == [500, 510, 520]


def test_log_by_hand_and_bad_numbers(engine: Engine) -> None:
    view = tfviz.live(show=False)
    view.log(10, loss=1.5, rate=np.array([[0.1]]))
    view.log(loss=np.float64(1.25))
    assert steps(view, "loss") == [10, 11]
    assert view.columns("rate").value.tolist() == [0.1]
    with pytest.raises(TypeError, match=r"'loss' wants a number, got an array of shape \(2,\)"):
        view.log(loss=np.zeros(2))
    with pytest.raises(KeyError, match="there are: loss, rate"):
        view.columns("lost")
    assert engine.hooks == []


def test_bad_arguments_say_what_to_do() -> None:
    tensor = types.SimpleNamespace(name="w:0", shape=types.SimpleNamespace(ndims=2))
    with pytest.raises(ValueError, match="wants a scalar"):
        tfviz.live(weights=tensor)
    with pytest.raises(ValueError, match="wants a scalar tensor, its name or a text, got int"):
        tfviz.live(loss=3)
    with pytest.raises(ValueError, match="smoothing"):
        tfviz.live(smoothing=1.0)
    with pytest.raises(ValueError, match='"step", "relative" or "wall"'):
        tfviz.live(x="epoch")


def test_close_stops_watching_and_the_context_closes(engine: Engine) -> None:
    with tfviz.live(loss="loss", show=False) as view:
        engine.run(loss=1.0)
        assert len(engine.hooks) == 1
    engine.run(loss=2.0)
    assert engine.hooks == [] and len(view.columns("loss")) == 1
    view.close()


def test_the_same_cell_again_is_a_new_run_another_cell_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(cell: str) -> None:
        monkeypatch.setattr(cells.running, "execution", cells.Execution(cell))

    execute("a")
    view = tfviz.live(loss="loss", show=False)
    for cell in ("b", "c", "b"):
        execute(cell)
        engine.run(train_op=None, loss=1.0)
        engine.run(train_op=None, loss=2.0)
    assert [len(run["loss"]) for run in view.curves.runs] == [4, 2]
    assert [run.label for run in view.curves.runs] == ["run 1", "run 2"]
    assert steps(view, "loss") == [0, 1]


def test_cost_of_a_logged_scalar(engine: Engine) -> None:
    view = tfviz.live(loss="loss", show=False)
    best = min(_seconds(lambda: engine.run(train_op=None, loss=1.0)) for _ in range(5))
    assert best < 20e-6
    best = min(_seconds(lambda: view.log(loss=1.0)) for _ in range(5))
    assert best < 20e-6


def _seconds(call: Callable[[], None], n: int = 2000) -> float:
    begin = time.perf_counter()
    for _ in range(n):
        call()
    return (time.perf_counter() - begin) / n


def test_terminal_prints_few_lines_and_a_chart_at_the_end(engine: Engine) -> None:
    data, out = CurveSet(), io.StringIO()
    series = data.begin("run 1", 0.0)["loss"]
    display = TerminalDisplay(data, out)
    now, ticks = 0.0, 0
    wanted = 0.0
    for i in range(100_000):  # a hundred seconds at 1,000 steps a second
        series.append(i, 1.0 / (1 + i), now)
        now += 0.001
        if now >= wanted:
            wanted = display.tick(now)
            ticks += 1
    assert ticks == out.getvalue().count("\n") <= 8
    display.finish()
    display.finish()
    assert out.getvalue().count("┤") == 10


def test_terminal_writes_one_line_over_and_over_on_a_screen(engine: Engine) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    data, out = CurveSet(), Screen()
    data.begin("run 1", 0.0)["loss"].append(0, 1, 0)
    display = TerminalDisplay(data, out)
    assert display.tick(5.0) == 5.2
    assert out.getvalue() == "\rstep 0  loss 1 ▁"


def test_a_display_that_fails_does_not_end_the_training(engine: Engine) -> None:
    class Broken(Display):
        def tick(self, now: float) -> float:
            raise OSError("no space")

    view = tfviz.live(loss="loss", show=False)
    view._display = Broken()
    with pytest.warns(RuntimeWarning, match="OSError: no space"):
        engine.run(loss=1.0)
    engine.run(loss=2.0)
    assert len(view.columns("loss")) == 2


@pytest.mark.parametrize("ending", [".csv", ".json", ".svg", ".png"])
def test_save(engine: Engine, tmp_path: Any, ending: str) -> None:
    view = tfviz.live(show=False)
    view.log(loss=1.0)
    assert view.save(tmp_path / f"loss{ending}").stat().st_size > 20
    with pytest.raises(ValueError, match="ending must be"):
        view.save(tmp_path / "loss.doc")


def test_the_value_of_a_cell_has_a_picture_and_a_text(engine: Engine) -> None:
    view = tfviz.live(show=False)
    view.log(loss=1.0)
    bundle = view._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg") and "loss 1" in bundle["text/plain"]
    assert repr(view) == "<tfviz.live loss: 1 points>"


def test_the_pulse_sends_the_points_of_a_loop_that_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    class Slow(Display):
        def tick(self, now: float) -> float:
            return now + 0.01

        def flush(self) -> None:
            sent.append(len(view.columns("loss")))

    view = tfviz.live(show=False)
    view._display, view._trails = Slow(), True
    view.log(loss=1.0)
    view.log(loss=2.0)
    deadline = time.time() + 5
    while not sent and time.time() < deadline:
        time.sleep(0.01)
    assert sent == [2]
    assert curves._PULSE._thread is not None and curves._PULSE._thread.daemon
