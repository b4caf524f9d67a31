"""One contract for all ops: walks the registry and the cases in tests/ops/cases (written as tests/ops/case.py says)."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

import core as tf  # noqa: F401  (fills the registry)
from core.graph import REGISTRY
from tests.ops.case import OpCase
from tests.ops.contract import (
    case_modules,
    check_dtypes,
    check_error,
    check_golden,
    check_gradient,
    check_session,
    check_signature,
    check_sizes,
    check_values,
    golden_signatures,
)

CASES: list[tuple[str, OpCase]] = [(name, case) for name, module in case_modules().items() for case in module.CASES]
HAS_GRADIENTS = importlib.util.find_spec("core.autodiff") is not None


def _said(which: str) -> dict[str, str]:
    """The literal `which` of all case files together."""
    return {op: why for module in case_modules().values() for op, why in getattr(module, which, {}).items()}


def _each(condition: Any = lambda case: True) -> Any:
    return pytest.mark.parametrize(
        ("module", "case"), [pytest.param(m, c, id=f"{m}-{c.id}") for m, c in CASES if condition(c)])


def test_case_ids_are_unique() -> None:
    ids = [case.id for _, case in CASES]
    assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})


@pytest.mark.parametrize("op_type", sorted(REGISTRY))
def test_every_op_has_a_case(op_type: str) -> None:
    covered = {name for _, case in CASES for name in (case.op, *case.also)}
    exempt = _said("EXEMPT")
    assert op_type in covered or op_type in exempt, "write an OpCase for it (tests/ops/cases), or say why not in EXEMPT"


def test_exemptions_are_needed() -> None:
    covered = {name for _, case in CASES for name in (case.op, *case.also)}
    assert not set(_said("EXEMPT")) & covered, "these have cases now"
    assert set(_said("EXEMPT")) <= set(REGISTRY), "these are no ops"
    assert all(len(why) > 10 for why in _said("EXEMPT").values())


@pytest.mark.parametrize("op_type", sorted(REGISTRY))
def test_signature(op_type: str) -> None:
    if op_type not in golden_signatures():
        assert op_type in _said("OURS"), "TensorFlow has no such op; if it is ours, say so in OURS of the case file"
        return
    if op_type in _said("DIFFERENT"):
        with pytest.raises(AssertionError):
            check_signature(op_type)  # a difference that is gone must leave the list
        return
    check_signature(op_type)


@_each()
def test_sizes_differ(module: str, case: OpCase) -> None:
    check_sizes(case)


@_each()
def test_values_and_static_shapes(module: str, case: OpCase) -> None:
    check_values(case)


@_each()
def test_session(module: str, case: OpCase) -> None:
    check_session(case)


@_each(lambda c: c.inputs and c.unknown != "none")
def test_unknown_sizes(module: str, case: OpCase) -> None:
    check_values(case, "dims")


@_each(lambda c: c.inputs and c.unknown == "rank")
def test_unknown_ranks(module: str, case: OpCase) -> None:
    check_values(case, "rank")


@pytest.mark.parametrize(("case", "name"), [pytest.param(c, d, id=f"{m}-{c.id}-{d}")
                                            for m, c in CASES for d in c.dtypes])
def test_dtypes(case: OpCase, name: str) -> None:
    check_dtypes(case, name)


@pytest.mark.skipif(not HAS_GRADIENTS, reason="core.autodiff is not there yet")
@_each(lambda c: c.grad)
def test_gradient(module: str, case: OpCase) -> None:
    check_gradient(case)


@pytest.mark.skipif(not HAS_GRADIENTS, reason="core.autodiff is not there yet")
@_each(lambda c: c.grad and c.second)
def test_second_gradient(module: str, case: OpCase) -> None:
    check_gradient(case, order=2)


@pytest.mark.parametrize(("make", "name", "pattern"), [pytest.param(*e, id=f"{m}-{c.id}-{i}")
                                                       for m, c in CASES for i, e in enumerate(c.errors)])
def test_error(make: Any, name: str, pattern: str) -> None:
    check_error(make, name, pattern)


@_each(lambda c: c.golden)
def test_golden(module: str, case: OpCase) -> None:
    check_golden(case, module)
