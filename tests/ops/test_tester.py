"""The tester is tested: each check of the contract must see a rule that is wrong by a little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import core as tf
from core.graph import REGISTRY, Tensor, apply_op, define_op
from tests.ops.case import OpCase, rand
from tests.ops.contract import check_dtypes, check_gradient, check_signature, check_sizes, check_values, normal_attrs
from tests.ops.evaluate import ContractError

Define = Callable[..., OpCase]


@pytest.fixture
def wrong() -> Iterator[Define]:
    """Defines an op for one test only: y = x * x, with rules that the test replaces."""
    rules: dict[str, Any] = {
        "shape": lambda x: x.shape, "kernel": lambda xp, x: x * x,
        "gradient": lambda op, dy: apply_op("Mul", dy, apply_op("Add", op.inputs[0], op.inputs[0]))}

    def define(**changed: Any) -> OpCase:
        define_op("Wrong", "x:T", "y:T", "T:type{float,double}", **{**rules, **changed})
        return OpCase("Wrong", lambda tf, x: apply_op("Wrong", x), [rand(2, 3)], grad=(0,), second=True,
                      expect=lambda np, x: x * x)

    yield define
    REGISTRY.pop("Wrong", None)


def scaled(factor: float) -> Callable[..., Tensor]:
    def gradient(op: Any, dy: Tensor) -> Tensor:
        twice = apply_op("Add", op.inputs[0], op.inputs[0])
        return apply_op("Mul", apply_op("Mul", dy, twice), tf.constant(factor, dtype=dy.dtype))
    return gradient


def test_a_right_op_passes(wrong: Define) -> None:
    case = wrong()
    check_values(case)
    check_values(case, "dims")
    check_values(case, "rank")
    check_dtypes(case, "float64")
    check_gradient(case)
    check_gradient(case, order=2)


@pytest.mark.parametrize("factor", [1.0005, 0.9995, -1.0])
def test_a_gradient_wrong_by_a_little(wrong: Define, factor: float) -> None:
    with pytest.raises(AssertionError, match="gradient of order 1"):
        check_gradient(wrong(gradient=scaled(factor)))


def test_a_gradient_wrong_in_one_element(wrong: Define) -> None:
    mask = np.ones((2, 3))
    mask[1, 2] = 1.0005

    def gradient(op: Any, dy: Tensor) -> Tensor:
        right = apply_op("Mul", dy, apply_op("Add", op.inputs[0], op.inputs[0]))
        return apply_op("Mul", right, tf.constant(mask, dtype=dy.dtype))

    with pytest.raises(AssertionError, match="gradient of order 1"):
        check_gradient(wrong(gradient=gradient))


def test_a_gradient_whose_own_gradient_stops(wrong: Define) -> None:
    case = wrong(gradient=lambda op, dy: apply_op(
        "Mul", dy, tf.stop_gradient(apply_op("Add", op.inputs[0], op.inputs[0]))))
    check_gradient(case)
    with pytest.raises(AssertionError, match="gradient of order 2"):
        check_gradient(case, order=2)


def test_a_gradient_that_is_not_there(wrong: Define) -> None:
    with pytest.raises(AssertionError, match="no gradient reaches"):
        check_gradient(wrong(gradient=lambda op, dy: None))


def test_a_gradient_of_another_shape(wrong: Define) -> None:
    with pytest.raises((AssertionError, ValueError), match="shape"):
        check_gradient(wrong(gradient=lambda op, dy: apply_op("Transpose", dy, [1, 0])))


def test_a_wrong_value(wrong: Define) -> None:
    with pytest.raises(AssertionError, match="output 0"):
        check_values(wrong(kernel=lambda xp, x: x * x * x.dtype.type(1.0005)))


def test_a_wrong_type(wrong: Define) -> None:
    with pytest.raises(ContractError, match="returned float64, not float32"):
        check_values(wrong(kernel=lambda xp, x: x.astype(np.float64) ** 2))


def test_a_list_instead_of_an_array(wrong: Define) -> None:
    with pytest.raises(ContractError, match="not an array"):
        check_values(wrong(kernel=lambda xp, x: (x * x).tolist()))


def test_a_static_shape_that_does_not_fit(wrong: Define) -> None:
    with pytest.raises(ContractError, match=r"\(2, 3\), the rule says \(3, 2\)"):
        check_values(wrong(shape=lambda x: tf.TensorShape([3, 2])))


def test_a_static_shape_that_knows_nothing(wrong: Define) -> None:
    with pytest.raises(ContractError, match="all input shapes"):
        check_values(wrong(shape=lambda x: tf.TensorShape(None)))


def test_a_static_shape_that_fails_when_nothing_is_known(wrong: Define) -> None:
    case = wrong(shape=lambda x: tf.TensorShape([x.shape.as_list()[0], x.shape.as_list()[1]]))
    check_values(case, "dims")
    with pytest.raises(ValueError, match="unknown TensorShape"):
        check_values(case, "rank")


def test_a_kernel_that_changes_its_input(wrong: Define) -> None:
    def kernel(xp: Any, x: Any) -> Any:
        x *= x
        return x.copy()

    with pytest.raises(ValueError, match="read-only"):
        check_values(wrong(kernel=kernel))


def test_a_view_that_does_not_say_so(wrong: Define) -> None:
    with pytest.raises(ContractError, match="view=True"):
        check_values(wrong(kernel=lambda xp, x: x[:]))


def test_another_number_of_outputs() -> None:
    define_op("WrongPair", "x:T", "y:T, z:T", "T:type", shape=lambda x: [x.shape] * 2, kernel=lambda xp, x: [x * x])
    try:
        with pytest.raises(ContractError, match="1 arrays for 2 outputs"):
            check_values(OpCase("WrongPair", lambda tf, x: apply_op("WrongPair", x), [rand(2, 3)]))
    finally:
        REGISTRY.pop("WrongPair")


def test_equal_sizes() -> None:
    with pytest.raises(AssertionError, match="equal sizes"):
        check_sizes(OpCase("MatMul", lambda tf, x: x, [rand(3, 3)]))


def test_a_signature_with_another_default() -> None:
    assert normal_attrs("T:type{int32,float}; N:int>=1") == normal_attrs("N:int>=1; T:type{float,int32}")
    assert normal_attrs("axis:int=0") != normal_attrs("axis:int=1")
    assert normal_attrs("T:type{@index}") == normal_attrs("T:type{int64,int32}") != normal_attrs("T:type{int32}")
    check_signature("Reshape")
    kept = REGISTRY["Reshape"].signature
    for part in range(3):
        changed = list(kept)
        changed[part] = changed[part].replace("shape", "form").replace("output", "result").replace("int32", "int8", 1)
        REGISTRY["Reshape"].signature = tuple(changed)
        try:
            with pytest.raises(AssertionError):
                check_signature("Reshape")
        finally:
            REGISTRY["Reshape"].signature = kept
