"""Buttons and sliders: what they do to a loop in another thread, and that nothing can hang for ever."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

import tfviz
from tfviz.control import Gate, Slider


class Variable:
    """What a slider needs of a variable."""

    def __init__(self) -> None:
        self.loaded: list[tuple[float, Any]] = []

    def load(self, value: float, session: Any) -> None:
        self.loaded.append((value, session))


class Loop(threading.Thread):
    """A training loop: passes the gate after each run. (The commands come from a third thread, as in a kernel.)"""

    def __init__(self, gate: Gate) -> None:
        super().__init__(daemon=True)
        self.gate, self.runs, self.stopped, self.paused_told = gate, 0, False, 0

    def run(self) -> None:
        try:
            while self.runs < 100_000:
                self.runs += 1
                self.gate.wait("session", self.told)
                time.sleep(0.0005)
        except KeyboardInterrupt:
            self.stopped = True

    def told(self) -> None:
        self.paused_told += 1


def command(gate: Gate, *arguments: Any) -> str:
    """From a thread that isn't the main one."""
    answer: list[str] = []
    thread = threading.Thread(target=lambda: answer.append(gate.command(*arguments)))
    thread.start()
    thread.join()
    return answer[0]


def settled(loop: Loop) -> int:
    time.sleep(0.05)
    return loop.runs


def test_pause_step_run_stop() -> None:
    gate = Gate()
    loop = Loop(gate)
    loop.start()
    assert command(gate, "pause") == "paused"
    held = settled(loop)
    assert settled(loop) == held and loop.paused_told == 1
    command(gate, "step")
    assert settled(loop) == held + 1
    command(gate, "step")
    command(gate, "step")
    assert settled(loop) == held + 3
    assert command(gate, "run") == "running"
    assert settled(loop) > held + 3
    command(gate, "pause")
    settled(loop)
    command(gate, "stop")
    loop.join(5)
    assert loop.stopped and gate.state == "running"
    gate.wait("session", lambda: None)  # the next loop isn't held


def test_a_pause_that_could_not_be_taken_back_is_refused() -> None:
    gate = Gate()
    assert gate.command("pause") == "busy" and gate.state == "running"
    assert command(Gate(lambda: False), "pause") == "idle"
    assert Gate(lambda: False).command("stop") == "idle"


def test_the_end_of_a_cell_lets_everything_go() -> None:
    gate = Gate()
    loop = Loop(gate)
    loop.start()
    command(gate, "pause")
    settled(loop)
    gate.reset()
    held = loop.runs
    assert settled(loop) > held
    command(gate, "stop")
    loop.join(5)


def test_sliders_write_between_runs_and_stay_in_their_range() -> None:
    variable = Variable()
    gate = Gate()
    gate.sliders["rate"] = Slider("rate", variable, 0.01, 1.0, None, True)
    for value in (0.5, 7.0, float("nan")):
        gate.command("set", "rate", value)
    gate.command("set", "other", 3.0)
    assert variable.loaded == []
    gate.wait("session", lambda: None)
    gate.wait("session", lambda: None)
    assert variable.loaded == [(1.0, "session")]


def test_the_view_takes_sliders_and_says_what_is_wrong() -> None:
    view = tfviz.live(show=False)
    assert view.slider(rate=(Variable(), 1e-4, 1.0), log=True) is view
    assert view._options["sliders"] == [{"name": "rate", "low": 1e-4, "high": 1.0, "value": None, "log": True}]
    with pytest.raises(ValueError, match="lowest < highest"):
        view.slider(rate=(Variable(), 1.0, 1.0))
    with pytest.raises(ValueError, match="> 0 with log"):
        view.slider(rate=(Variable(), 0.0, 1.0), log=True)


def test_a_run_that_a_slider_causes_is_not_a_training_step() -> None:
    view = tfviz.live(show=False)
    view._labels["loss:0"] = "loss"

    class Recursive(Variable):
        def load(self, value: float, session: Any) -> None:
            super().load(value, session)
            view.observe(session, ["assign", "loss:0"], [None, 9.0], 0, 0.0)

    view.slider(rate=(Recursive(), 0.0, 1.0))
    view._gate.sliders["rate"].value = 0.0
    view._gate.command("set", "rate", 0.5)
    for i in range(3):
        view.observe("s", ["train", "loss:0"], [None, 1.0], i, float(i))
    assert view.columns("loss").step.tolist() == [0, 1, 2]
    assert view.columns("loss").value.tolist() == [1, 1, 1]


def test_a_slider_starts_where_its_variable_stands() -> None:
    class Session:
        def run(self, fetch: Any) -> float:
            return 0.25

    gate = Gate()
    gate.sliders["rate"] = Slider("rate", Variable(), 0.0, 1.0, None, False)
    assert gate.wait(Session(), lambda: None) and not gate.wait(Session(), lambda: None)
    assert gate.sliders["rate"].value == 0.25
