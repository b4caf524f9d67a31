"""The first programs of books and tutorials, typed as they stand, print what TensorFlow prints.

Words are compared as they are, numbers to 1e-6 (relative to those above one).
"""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PROGRAMS = sorted((HERE / "programs").glob("*.py"))
GOLDEN = json.loads((HERE.parent / "golden" / "first_programs.json").read_text(encoding="utf-8"))
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:e[-+]?\d+)?")


def words_and_numbers(text: str) -> tuple[list[str], list[float]]:
    """NumPy pads columns by the widest number, so that spaces carry nothing."""
    words = " ".join(NUMBER.sub(" # ", text).split())
    return words.split(), [float(n) for n in NUMBER.findall(text)]


def said_by(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    runpy.run_path(str(HERE / "programs" / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out


@pytest.mark.parametrize("name", [p.stem for p in PROGRAMS])
def test_a_program_prints_what_tensorflow_prints(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words, numbers = words_and_numbers(said_by(name, capsys))
    wanted_words, wanted_numbers = words_and_numbers("\n".join(GOLDEN[name]))
    assert words == wanted_words
    assert numbers == pytest.approx(wanted_numbers, rel=1e-6, abs=1e-6)


def test_every_program_has_its_golden_answer() -> None:
    assert sorted(GOLDEN) == [p.stem for p in PROGRAMS]


def test_the_books_own_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """As they are printed in the book, whatever TensorFlow is installed where the golden file was made."""
    text = said_by("bp_net", capsys)
    losses = [float(line.split()[-1]) for line in text.splitlines() if "cross entropy" in line]
    assert losses == pytest.approx([0.0674925, 0.0163385, 0.00907547, 0.00714436, 0.00578471], abs=1e-6)
    _, numbers = words_and_numbers(text.split("\n\n")[0].replace("w1", "").replace("w2", ""))
    w2 = [-0.81131822, 1.48459876, 0.06532937]
    assert numbers == pytest.approx([*w2, -2.44270396, 0.0992484, 0.59122431, *w2], abs=1e-6)

    _, numbers = words_and_numbers(said_by("forward", capsys))
    assert numbers[:4] == pytest.approx([3.95757794, 3.95757794, 1.15376544, 3.16749239], abs=1e-6)

    _, numbers = words_and_numbers(said_by("own_loss", capsys))
    assert numbers[-2:] == pytest.approx([1.01934695, 1.04280889], abs=1e-5)


def test_the_comparison_sees_a_difference() -> None:
    """The tester is tested: another number, and another word, are told apart."""
    assert words_and_numbers("w: [[-0.5 1e-3]]") == (["w:", "[[", "#", "#", "]]"], [-0.5, 0.001])
    assert words_and_numbers("a 1.0")[0] != words_and_numbers("b 1.0")[0]
