"""tf.errors: TensorFlow's tree and numbers, and what an error of this house says."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core import errors
from core.errors import OpError, format_error

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "ground_floor.json").read_text(encoding="utf-8")
)
SOURCE = SimpleNamespace(
    file="model.py", line=12, function="build", code="    y = tf.matmul(x, w)\n", cell=None
)
OP = SimpleNamespace(name="layer/MatMul_1", type="MatMul", source=SOURCE, node_def="the node", traceback=None)


def test_the_codes_are_tensorflows() -> None:
    ours = {name: getattr(errors, name) for name in errors.__all__ if name.isupper()}
    assert ours == FACTS["codes"] and len(ours) == 17


@pytest.mark.parametrize(("name", "fact"), sorted(FACTS["errors"].items()))
def test_a_class_has_its_place_its_code_and_travels(name: str, fact: list[Any]) -> None:
    code, bases = fact
    cls = getattr(errors, name)
    assert [base.__name__ for base in cls.__mro__] == bases
    error = cls("node", OP, "what happened")
    assert (error.node_def, error.op, error.message, error.error_code) == ("node", OP, "what happened", code)
    assert errors.exception_type_from_error_code(code) is cls
    assert errors.error_code_from_exception_type(cls) == code
    again = pickle.loads(pickle.dumps(cls(None, OP, "m")))  # OP itself stays behind
    assert (type(again), again.message, again.error_code, again.op) == (cls, "m", code, None)


def test_the_base_keeps_its_code_in_a_pickle() -> None:
    again = pickle.loads(pickle.dumps(OpError(None, None, "m", errors.ABORTED)))
    assert (type(again), again.error_code) == (OpError, errors.ABORTED)
    assert OpError(None, None, "m").error_code == errors.UNKNOWN


def test_codes_and_classes_out_of_the_tree() -> None:
    for code in (errors.OK, 17, 99):
        with pytest.raises(KeyError):
            errors.exception_type_from_error_code(code)
    with pytest.warns(UserWarning, match="Unknown class exception"):
        assert isinstance(errors.error_code_from_exception_type(ValueError), errors.UnknownError)


def test_an_error_without_an_op_is_its_message() -> None:
    assert str(errors.OutOfRangeError(None, None, "End of sequence")) == "End of sequence"


def test_an_error_of_an_op_shows_where_it_was_made() -> None:
    op = SimpleNamespace(
        name="a", type="Add", traceback=[("m.py", 3, "build", "z = x + y"), ("n.py", 8, "main", None)]
    )
    assert str(errors.InternalError(None, op, "bad")) == (
        "bad\n\nOriginal stack trace for 'a':\n"
        '  File "m.py", line 3, in build\n    z = x + y\n  File "n.py", line 8, in main\n'
    )


@pytest.mark.parametrize("stack", [None, [], [()], [7], "nonsense"])
def test_odd_stacks_fall_back_to_the_users_line(stack: Any) -> None:
    op = SimpleNamespace(name="a", type="Add", traceback=stack, source=SOURCE)
    text = str(errors.InternalError(None, op, "bad"))
    assert text.startswith("bad\n\nOriginal stack trace for 'a':\n  model.py:12 in build\n")
    assert str(errors.InternalError(None, SimpleNamespace(name="a", traceback=stack), "bad")) == "bad"


def test_the_node_def_is_the_ops_where_none_is_given() -> None:
    assert errors.AbortedError(None, OP, "m").node_def == "the node"
    assert errors.AbortedError(None, None, "m").node_def is None


def test_format_error_says_all_five_things() -> None:
    tensor = SimpleNamespace(op=OP, name="layer/MatMul_1:0")
    text = format_error("Sizes differ.", op=tensor, got=[3, 4], wanted=[3, 5], fix="Transpose w.")
    assert text == (
        "Sizes differ.\n"
        "  op:        'layer/MatMul_1' (MatMul)\n"
        "  made at:   model.py:12 in build\n"
        "               y = tf.matmul(x, w)\n"
        "  got:       [3, 4]\n"
        "  wanted:    [3, 5]\n"
        "  to fix it: Transpose w."
    )


def test_format_error_leaves_out_what_is_not_known() -> None:
    assert format_error("Bad.") == "Bad."
    assert format_error("Bad.", got=0, wanted="") == "Bad.\n  got:       0\n  wanted:    "
    assert (
        format_error("Bad.", op=SimpleNamespace(name="n", type="T", source=None))
        == "Bad.\n  op:        'n' (T)"
    )


def test_a_notebooks_line_is_named_by_its_cell() -> None:
    source = SimpleNamespace(file="/tmp/ipykernel_1/2.py", line=4, function="<module>", code="", cell=7)
    assert errors.format_source(source) == "notebook cell 7, line 4"
    assert errors.format_source(None) == ""


def test_a_notebooks_stack_shows_cells_and_no_machinery() -> None:
    file = "/tmp/ipykernel_1/2.py"
    op = SimpleNamespace(
        name="x", source=SimpleNamespace(file=file, line=4, cell=7),
        traceback=[("/lib/IPython/core/interactiveshell.py", 9, "run_code", "exec(code)"), (file, 4, "f", "x = 1")])
    text = str(errors.InternalError(None, op, "Bad."))
    assert "  Cell In[7], line 4, in f\n    x = 1\n" in text
    assert "interactiveshell" not in text and "ipykernel" not in text


def test_the_old_status_manager_hides_nothing() -> None:
    with pytest.raises(ZeroDivisionError), errors.raise_exception_on_not_ok_status() as status:
        assert status is None
        1 / 0  # noqa: B018
