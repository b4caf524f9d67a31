"""tf.TensorShape and tf.Dimension: TensorFlow's answers on pairs of shapes, and 1.15's Dimensions."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dtypes import float32
from core.shapes import (
    Dimension,
    TensorShape,
    as_dimension,
    as_shape,
    broadcast,
    broadcast_all,
    dimension_at_index,
    dimension_value,
    unknown_shape,
)

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "ground_floor.json").read_text(encoding="utf-8")
)


def answer(function: Callable[..., Any], *args: Any) -> str:
    """Gives the answer as the golden file writes it."""
    try:
        return str(function(*args))
    except IndexError:
        return "IndexError: list index out of range"  # of TensorFlow's list; ours says tuple
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(("a", "b", "wanted"), FACTS["pairs"], ids=lambda value: str(value)[:20])
def test_two_shapes_meet_as_in_tensorflow(a: Any, b: Any, wanted: list[str]) -> None:
    x, y = TensorShape(a), TensorShape(b)
    ours = []
    for name in FACTS["pairwise"]:
        if name == "broadcast":
            ours.append(
                answer(broadcast, x, y).split(":")[0]
            )  # the later versions word the error differently
        else:
            ours.append(answer(getattr(x, name), y))
    assert ours == wanted
    assert x.as_tuple() == (None if a is None else tuple(a))  # nothing was changed


@pytest.mark.parametrize(("dims", "wanted"), FACTS["singles"], ids=lambda value: str(value)[:20])
def test_one_shape_answers_as_in_tensorflow(dims: Any, wanted: list[str]) -> None:
    questions: list[Callable[[TensorShape], Any]] = [
        str, repr, bool, lambda x: x.rank, lambda x: x.num_elements(), lambda x: x.is_fully_defined(),
        lambda x: x.as_list(), lambda x: x[1:], lambda x: x[:2], lambda x: x[-1:], lambda x: x.with_rank(2),
        lambda x: x.with_rank_at_least(2), lambda x: x.with_rank_at_most(1), lambda x: x[0].value,
        lambda x: x.assert_has_rank(1), lambda x: x.assert_is_fully_defined(), lambda x: x[::2],
    ]  # fmt: skip
    assert [answer(question, TensorShape(dims)) for question in questions] == wanted


# -- Dimension --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "value"),
    [(3, 3), (0, 0), (None, None), (Dimension(4), 4), (Dimension(None), None), (np.int64(5), 5), ("7", 7), (6.0, 6),
     (np.array(8), 8), (True, 1)],
)  # fmt: skip
def test_a_dimension_is_made_of(given_: Any, value: int | None) -> None:
    made = Dimension(given_)
    assert made.value == value and type(made.value) in (int, type(None))
    assert as_dimension(given_).value == value
    assert (repr(made), str(made)) == (f"Dimension({value})", "?" if value is None else str(value))


@pytest.mark.parametrize(
    ("given_", "error", "text"),
    [(-1, ValueError, "Dimension -1 must be >= 0"), (2.5, ValueError, "Ambiguous dimension: 2.5"),
     (float32, TypeError, "Cannot convert <dtype: 'float32'> to Dimension"), ("x", ValueError, "invalid literal"),
     (np.int32(-3), ValueError, "Dimension -3 must be >= 0"), ([2], TypeError, "must be integer or None")],
)  # fmt: skip
def test_a_dimension_is_not_made_of(given_: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Dimension(given_)


def test_arithmetic_of_known_dimensions() -> None:
    seven = Dimension(7)
    results: list[tuple[Dimension, int]] = [
        (seven + 3, 10), (3 + seven, 10), (seven - 2, 5), (9 - seven, 2), (seven * 4, 28), (4 * seven, 28),
        (seven // 2, 3), (30 // seven, 4), (seven % 4, 3), (16 % seven, 2), (seven + Dimension(5), 12),
        (seven.__div__(3), 2),
    ]  # fmt: skip
    for result, wanted in results:
        assert type(result) is Dimension and result.value == wanted
    assert int(seven) == 7 and list(range(seven)) == list(range(7)) and [*"abcdefgh"][seven] == "h"
    assert bool(seven) and not Dimension(0) and not Dimension(None)
    with pytest.raises(ValueError, match="Dimension -2 must be >= 0"):
        seven - 9
    with pytest.raises(ZeroDivisionError):
        seven // 0


def test_arithmetic_with_an_unknown_dimension_is_unknown() -> None:
    known, unknown = Dimension(6), Dimension(None)
    for pair in (
        (known, unknown),
        (unknown, known),
        (unknown, unknown),
        (unknown, 5),
        (5, unknown),
        (known, None),
    ):
        left, right = pair
        for result in (left + right, left - right, left * right, left // right, left % right):
            assert type(result) is Dimension and result.value is None


def test_true_division_says_what_to_write_instead() -> None:
    with pytest.raises(TypeError, match=r"for /: 'Dimension' and 'int', please use // instead"):
        Dimension(6) / 4
    with pytest.raises(TypeError, match=r"for /: 'int' and 'Dimension', please use // instead"):
        4 / Dimension(6)


def test_comparisons_are_none_where_nothing_is_known() -> None:
    three, unknown = Dimension(3), Dimension(None)
    assert (three == 3, three != 3, three < 4, three <= 2, three > 2, three >= 4) == (
        True, False, True, False, True, False,
    )  # fmt: skip
    for left, right in ((three, unknown), (unknown, three), (unknown, unknown), (unknown, 3)):
        for result in (
            left == right,
            left != right,
            left < right,
            left <= right,
            left > right,
            left >= right,
        ):
            assert result is None
    assert (three == "x") is False and (three != "x") is True
    with pytest.raises(ValueError, match="invalid literal"):
        three < "x"  # noqa: B015


def test_an_unknown_dimension_is_no_index() -> None:
    for use in (int, range):
        with pytest.raises(TypeError, match=r"unknown until the run\. Use tf\.shape"):
            use(Dimension(None))


def test_dimensions_merge() -> None:
    assert Dimension(3).merge_with(None).value == Dimension(None).merge_with(3).value == 3
    assert Dimension(None).merge_with(None).value is None
    assert Dimension(4).is_compatible_with(4) and not Dimension(4).is_compatible_with(5)
    with pytest.raises(ValueError, match="Dimensions 4 and 5 are not compatible"):
        Dimension(4).merge_with(5)


def test_a_dimension_has_no_hash_and_travels() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'Dimension'"):
        hash(Dimension(3))
    assert pickle.loads(pickle.dumps(Dimension(3))).value == 3
    assert copy.deepcopy(Dimension(None)).value is None


def test_dimension_value_and_at_index() -> None:
    assert (dimension_value(Dimension(9)), dimension_value(9), dimension_value(None)) == (9, 9, None)
    assert dimension_at_index(TensorShape([3, 2]), 1).value == 2
    assert dimension_at_index(TensorShape(None), 4).value is None


# -- TensorShape ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "dims"),
    [(None, None), ([], ()), ((3, 2), (3, 2)), ([Dimension(3), None], (3, None)), (5, (5,)), (Dimension(None), (None,)),
     (np.array([4, 7]), (4, 7)), (TensorShape([6]), (6,)), (iter([2, 9]), (2, 9))],
)  # fmt: skip
def test_a_shape_is_made_of(given_: Any, dims: tuple[int | None, ...] | None) -> None:
    shape = TensorShape(given_)
    assert shape.as_tuple() == dims
    assert all(type(dim) in (int, type(None)) for dim in shape.as_tuple() or ())


def test_a_shape_reads_a_proto() -> None:
    sizes = [SimpleNamespace(size=4), SimpleNamespace(size=-1), SimpleNamespace(size=0)]
    assert TensorShape(SimpleNamespace(unknown_rank=False, dim=sizes)).as_tuple() == (4, None, 0)
    assert TensorShape(SimpleNamespace(unknown_rank=True, dim=[])).as_tuple() is None


@pytest.mark.parametrize(
    ("dims", "text"),
    [(None, b"\x18\x01"), ([], b""), ([3, None], b"\x12\x02\x08\x03\x12\x0b\x08" + 9 * b"\xff" + b"\x01")],
)
def test_a_shape_goes_over_the_wire(dims: Any, text: bytes) -> None:
    message = TensorShape(dims).as_proto()
    assert message.SerializeToString() == text
    assert TensorShape(message).as_tuple() == TensorShape(dims).as_tuple()


@pytest.mark.parametrize(
    ("given_", "error", "text"),
    [("12", TypeError, "A string has ambiguous TensorShape, please wrap in a list or convert to an int: 12"),
     ([2, -1], ValueError, "Dimension -1 must be >= 0"), ([[2, 3]], TypeError, "must be integer or None")],
)  # fmt: skip
def test_a_shape_is_not_made_of(given_: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        TensorShape(given_)


def test_iteration_and_indexing_give_dimensions() -> None:
    shape = TensorShape([3, None, 5])
    assert [type(dim) for dim in shape] == [Dimension] * 3
    assert [dim.value for dim in shape] == [dim.value for dim in shape.dims or []] == [3, None, 5]
    assert (shape[0].value, shape[-1].value, len(shape), shape.ndims) == (3, 5, 3, 3)
    batch, _, channels = shape
    assert (batch * channels).value == 15
    with pytest.raises(IndexError):
        shape[3]


def test_an_unknown_rank_can_be_neither_measured_nor_walked() -> None:
    unknown = TensorShape(None)
    assert unknown.dims is None and unknown.ndims is None and unknown[5].value is None
    with pytest.raises(ValueError, match="Cannot take the length of shape with unknown rank"):
        len(unknown)
    with pytest.raises(ValueError, match="Cannot iterate over a shape with unknown rank"):
        list(unknown)


def test_slices_of_an_unknown_rank_say_what_they_can() -> None:
    unknown = TensorShape(None)
    assert unknown[1:4].as_tuple() == (None, None, None)
    assert unknown[:-1].as_tuple() is None and unknown[-2:].as_tuple() is None


def test_equality_takes_what_makes_a_shape() -> None:
    assert TensorShape([3, 2]) == [3, 2] == TensorShape((3, 2)) and TensorShape([None]) == TensorShape([None])
    assert (
        TensorShape([3, 2]) != [2, 3] and TensorShape([3]) != TensorShape([None]) and TensorShape([3]) != "3"
    )
    assert (TensorShape([3]) == [-1]) is False
    assert len({TensorShape([3, 2]), TensorShape([3, 2]), TensorShape(None)}) == 2


@pytest.mark.parametrize("pair", [(None, [2]), ([2], None), (None, None)])
def test_inequality_of_unknown_ranks_is_undefined(pair: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="The inequality of unknown TensorShapes is undefined"):
        TensorShape(pair[0]) != TensorShape(pair[1])  # noqa: B015


def test_assertions_name_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"Shapes \(3, \?\) and \[4, 2\] are incompatible"):
        TensorShape([3, None]).assert_is_compatible_with([4, 2])
    with pytest.raises(ValueError, match=r"Shapes \(3, \?\) and \(4,\) must have the same rank"):
        TensorShape([3, None]).assert_same_rank([4])
    TensorShape([3, None]).assert_same_rank(None)
    TensorShape([3, None]).assert_is_compatible_with([3, 7])


def test_shapes_add_up() -> None:
    assert TensorShape([3, None]) + [4] == TensorShape([3, None, 4])
    assert [4] + TensorShape([3, None]) == TensorShape([4, 3, None])
    assert (TensorShape([3]) + None).as_tuple() is None


def test_shapes_travel() -> None:
    for dims in (None, [], [3, None]):
        assert pickle.loads(pickle.dumps(TensorShape(dims))).as_tuple() == TensorShape(dims).as_tuple()
    shape = TensorShape([2])
    assert as_shape(shape) is shape
    assert unknown_shape(ndims=2) == unknown_shape(rank=2) == TensorShape([None, None])
    assert unknown_shape().as_tuple() is None


# -- Broadcasting -----------------------------------------------------------------------------------------------

sizes = st.lists(st.sampled_from([0, 1, 2, 3]), max_size=4)


@given(sizes, sizes)
def test_broadcasting_of_known_shapes_is_numpys(a: list[int], b: list[int]) -> None:
    try:
        wanted = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        with pytest.raises(ValueError) as caught:
            broadcast(a, b)
        assert (
            str(caught.value)
            == f"Incompatible shapes for broadcasting: {TensorShape(a)} and {TensorShape(b)}"
        )
    else:
        assert broadcast(a, b).as_tuple() == wanted


@given(sizes, sizes, st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_broadcasting_never_says_more_than_is_true(
    a: list[int], b: list[int], hide_a: set[int], hide_b: set[int]
) -> None:
    try:
        truth = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return
    hidden_a = [None if i in hide_a else size for i, size in enumerate(a)]
    hidden_b = [None if i in hide_b else size for i, size in enumerate(b)]
    assert broadcast(hidden_a, hidden_b).is_compatible_with(truth)


def test_broadcast_all() -> None:
    assert broadcast_all([[5, 1, 3], [2, 1], 3]).as_tuple() == (5, 2, 3)
    assert broadcast_all([]).as_tuple() == ()
    with pytest.raises(ValueError, match=r"\(5, 2\) and \(4,\)"):
        broadcast_all([[5, 1], [2], [4]])
