"""The progress bar: counts, rate, time left and numbers, in words and HTML, with a clock that the test turns."""

from __future__ import annotations

from typing import Any

import pytest

import tfviz
from tfviz.progress_bar import Progress, format_duration


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def make(total: int | None = 40, **options: Any) -> tuple[Progress[int], Clock]:
    clock = Clock()
    return Progress(range(total or 7), total, options.get("title", ""), {}, clock), clock


def test_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    bar, clock = make()
    for i in bar:
        clock.now += 0.5
        bar.log(loss=float(i))
        if i == 19:  # the bar has seen 19 ends of a step
            assert bar.done == 19
            assert bar.words()[0] == "19/40  2/s  10s, 10s left"
            assert bar.words()[1].startswith("loss 19 ▁")
            assert bar.line().startswith(" 47% ████▊") or bar.line().startswith("47% ████▊")
    assert bar.words()[0] == "40/40  2/s  20s"
    assert capsys.readouterr().out == bar.line() + "\n"
    assert bar.view.columns("loss").step.tolist() == list(range(40))


def test_slow_steps_are_told_in_seconds_each() -> None:
    bar, clock = make(5)
    steps = iter(bar)
    next(steps)
    clock.now += 8
    next(steps)
    assert bar.words()[0] == "1/5  8 s each  8s, 32s left"
    bar.close()


def test_unknown_length_and_no_steps_at_all() -> None:
    bar, clock = make(None)
    for _ in bar:
        clock.now += 1
    assert bar.part is None and bar.words()[0] == "7  1/s  7s"
    assert Progress(range(0), 0, "", {}).part == 1.0


def test_html_is_escaped_and_says_when_the_loop_was_left() -> None:
    bar, clock = make(title="<b>epochs")
    with bar:
        for i in bar:
            clock.now += 1
            if i == 9:
                break
    assert "<b><b>" not in bar.html() and "&lt;b&gt;epochs" in bar.html()
    assert "#d9580b" in bar.html() and "9/40" in bar.html()


def test_the_public_name_counts_what_has_a_length(capsys: pytest.CaptureFixture[str]) -> None:
    assert [x for x in tfviz.progress("abc")] == ["a", "b", "c"]
    assert "3/3" in capsys.readouterr().out
    assert tfviz.progress(iter([1]), total=9).total == 9
    assert format_duration(59.6) == "1:00"
