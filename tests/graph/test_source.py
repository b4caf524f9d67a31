"""The user's line: in programs by file, in notebooks by cell."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

import core as tf
from core.graph import Graph, Source
from core.graph.source import source_of


def _frame(file: str, line: int = 2) -> Any:
    code = compile("\n\nx = 1", file, "exec")
    return ((code, line),)


def _ipython(monkeypatch: pytest.MonkeyPatch, shell: Any) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]


def test_a_program_has_no_cell() -> None:
    with Graph().as_default():
        x = tf.constant(1.0)
    source = x.op.source
    assert source is not None and source.cell is None
    assert str(source).startswith(f"{__file__}:{source.line} in test_a_program_has_no_cell")


def test_a_cell_is_found_by_ipythons_map(monkeypatch: pytest.MonkeyPatch) -> None:
    file = "/tmp/ipykernel_7/123.py"
    _ipython(monkeypatch, SimpleNamespace(compile=SimpleNamespace(_filename_map={file: 3})))
    source = source_of(_frame(file))
    assert source is not None and source.cell == 3
    assert str(source) == "cell 3, line 2"
    other = source_of(_frame("/home/me/model.py"))
    assert other is not None and other.cell is None


def test_old_ipython_names_the_cell_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _ipython(monkeypatch, None)
    source = source_of(_frame("<ipython-input-12-abcdef>", 5))
    assert source is not None and str(source) == "cell 12, line 5"


@pytest.mark.parametrize("shell", [
    None, SimpleNamespace(), SimpleNamespace(compile=SimpleNamespace(_filename_map=None)),
    SimpleNamespace(compile=SimpleNamespace(_filename_map={"/tmp/ipykernel_7/123.py": "?"})),
])
def test_a_strange_shell_does_no_harm(monkeypatch: pytest.MonkeyPatch, shell: Any) -> None:
    _ipython(monkeypatch, shell)
    source = source_of(_frame("/tmp/ipykernel_7/123.py"))
    assert source is not None and source.cell is None
    assert str(source) == "/tmp/ipykernel_7/123.py:2 in <module>"


def test_a_function_in_a_cell_is_named() -> None:
    assert str(Source("f", 4, "build", "y = x", 9)) == "cell 9, line 4 in build\n    y = x"
    assert str(Source("f", 1, "<cell line: 1>", "", 9)) == "cell 9, line 1"


def test_a_real_notebook_names_cell_and_line() -> None:
    pytest.importorskip("ipykernel")
    nbformat = pytest.importorskip("nbformat")
    preprocessors = pytest.importorskip("nbconvert.preprocessors")
    cells = [
        "import core as tf",
        "import core.inspect\nx = tf.placeholder(tf.float32, [None, 3], name='x')",
        "print(str(x.op.source))\n"
        "print([n['source']['cell'] for n in core.inspect.graph()['nodes']])\n"
        "try:\n    tf.Session().run(x)\nexcept tf.errors.OpError as error:\n    print(error)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    preprocessors.ExecutePreprocessor(timeout=120, kernel_name="python3").preprocess(book, {})
    text = "".join(out.get("text", "") for out in book.cells[2].outputs)
    assert text.startswith("cell 2, line 2\n    x = tf.placeholder(tf.float32, [None, 3], name='x')\n[2]\n")
    assert "notebook cell 2, line 2" in text
    assert "ipykernel_" not in text
