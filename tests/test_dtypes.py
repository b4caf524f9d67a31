"""tf.DType and tf.as_dtype: TensorFlow's facts about every type, and 1.15's conversions."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from core import dtypes
from core.dtypes import DType, as_dtype

FACTS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "golden" / "ground_floor.json").read_text(encoding="utf-8")
)["dtypes"]
ASKED = (
    "is_bool",
    "is_complex",
    "is_floating",
    "is_integer",
    "is_numpy_compatible",
    "is_quantized",
    "is_unsigned",
)


def number(dtype: DType, which: str) -> str:
    try:
        value = getattr(dtype, which)
    except TypeError as error:
        return type(error).__name__
    return repr(value) if isinstance(value, int) else repr(float(value))


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: str(facts["name"]))
def test_a_type_has_tensorflows_facts(facts: dict[str, Any]) -> None:
    dtype = as_dtype(facts["enum"])
    ours: dict[str, Any] = {flag: getattr(dtype, flag) for flag in ASKED}
    ours |= {
        "name": dtype.name,
        "enum": dtype.as_datatype_enum,
        "real": dtype.real_dtype.name,
        "base": dtype.base_dtype.name,
        "repr": repr(dtype),
        "str": str(dtype),
        "hash": hash(dtype),
        "min": number(dtype, "min"),
        "max": number(dtype, "max"),
    }
    if "size" in facts:
        ours["size"] = dtype.size
    if "limits" in facts:
        try:
            ours["limits"] = str(dtype.limits)
        except ValueError as error:
            ours["limits"] = f"ValueError: {error}"
    if "numpy" in facts:
        ours["numpy"] = np.dtype(dtype.as_numpy_dtype).name
    assert ours == facts


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: str(facts["name"]))
def test_a_type_is_one_object_however_it_is_named(facts: dict[str, Any]) -> None:
    dtype = as_dtype(facts["name"])
    for again in (
        as_dtype(dtype),
        DType(facts["enum"]),
        pickle.loads(pickle.dumps(dtype)),
        copy.deepcopy(dtype),
        dtype.base_dtype._as_ref if dtype._is_ref_dtype else dtype._as_ref.base_dtype,
    ):
        assert again is dtype


@pytest.mark.parametrize("facts", [f for f in FACTS if f["is_numpy_compatible"] and f["name"] == f["base"]],
                         ids=lambda facts: str(facts["name"]))  # fmt: skip
def test_numpy_types_lead_back(facts: dict[str, Any]) -> None:
    dtype = as_dtype(facts["name"])
    assert as_dtype(dtype.as_numpy_dtype) is dtype
    assert as_dtype(np.dtype(dtype.as_numpy_dtype)) is dtype
    if not dtype.is_quantized:
        assert as_dtype(np.empty((), dtype.np_dtype)) is dtype
        assert dtype == dtype.np_dtype and dtype == dtype.as_numpy_dtype
        assert dtype.np_dtype == dtype.as_numpy_dtype
    assert dtype._as_ref.np_dtype is dtype.np_dtype or dtype._as_ref.np_dtype == dtype.np_dtype
    assert dtype._as_ref != dtype and dtype._as_ref != dtype.as_numpy_dtype


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ("half", "float16"), ("float", "float32"), ("double", "float64"), ("half_ref", "float16_ref"),
        ("float_ref", "float32_ref"), ("double_ref", "float64_ref"),
        (float, "float32"), (bool, "bool"), (object, "string"), (int, "int32"), (str, "string"), (bytes, "string"),
        (complex, "complex128"),
        (np.intc, "int32"), (np.uintc, "uint32"), (np.longlong, "int64"), (np.ulonglong, "uint64"),
        (np.dtype("S7"), "string"), (np.dtype("U5"), "string"), (np.bytes_, "string"), (np.str_, "string"),
        (np.dtype(">f4"), "float32"), (ml_dtypes.bfloat16, "bfloat16"), (np.array(["a", "bc"]), "string"),
        (np.float32(3), "float32"), (np.zeros((2, 3), np.int16), "int16"), (1, "float32"), (123, "uint64_ref"),
    ],
)  # fmt: skip
def test_as_dtype_takes_all_kinds_of_names(named: Any, wanted: str) -> None:
    assert as_dtype(named).name == wanted


def test_as_dtype_takes_what_has_a_dtype_of_ours() -> None:
    class Variable:
        dtype = dtypes.int64._as_ref

    assert as_dtype(Variable()) is dtypes.int64._as_ref


@pytest.mark.parametrize(
    "strange", ["foo", None, 99, 0, [1], {}, np.datetime64, np.dtype("M8[s]"), type, "float33"]
)
def test_as_dtype_refuses_strangers_in_tensorflows_words(strange: Any) -> None:
    with pytest.raises(TypeError) as caught:
        as_dtype(strange)
    assert str(caught.value) == f"Cannot convert value {strange!r} to a TensorFlow DType."


def test_equality_is_kind_to_strangers() -> None:
    float32 = dtypes.float32
    for same in ("float32", "float", np.float32, np.dtype("float32"), float, 1):
        assert float32 == same and not (float32 != same) and same == float32
    for other in (None, "float64", "nonsense", dtypes.float64, [float32], 2, float32._as_ref):
        assert float32 != other and not (float32 == other)
    assert {float32: 7}[DType(1)] == 7


def test_a_reference_is_compatible_one_way() -> None:
    int32, ref = dtypes.int32, dtypes.int32._as_ref
    assert (
        int32.is_compatible_with(int32)
        and int32.is_compatible_with(ref)
        and ref.is_compatible_with("int32_ref")
    )
    assert not ref.is_compatible_with(int32)
    assert not int32.is_compatible_with(dtypes.int64)
    assert ref._as_ref is ref and ref._is_ref_dtype and not int32._is_ref_dtype


@pytest.mark.parametrize("number_", [0, 24, 99, 100, 124])
def test_a_number_without_a_type_is_refused(number_: int) -> None:
    with pytest.raises(TypeError, match=f"type_enum is not a valid types_pb2.DataType: {number_}"):
        DType(number_)


def test_a_type_is_a_constant() -> None:
    with pytest.raises(AttributeError, match=r"int8\.name can't be set"):
        dtypes.int8.name = "int9"
    assert dtypes.int8.name == "int8"


def test_handles_have_no_numpy_type_but_live_in_object_arrays() -> None:
    for dtype in (dtypes.resource, dtypes.variant, dtypes.variant._as_ref):
        with pytest.raises(KeyError, match="no NumPy type"):
            dtype.as_numpy_dtype  # noqa: B018
        assert dtype.np_dtype == np.dtype(object)
        assert dtype.size == 1
    assert dtypes.string.size == np.dtype(object).itemsize


def test_quantised_types_are_structured_outside_and_plain_inside() -> None:
    assert dtypes.QUANTIZED_DTYPES == {as_dtype(f["name"]) for f in FACTS if f["is_quantized"]}
    assert dtypes.quint16.as_numpy_dtype == np.dtype([("quint16", np.uint16)])
    assert dtypes.quint16.np_dtype == np.dtype("uint16")
    assert dtypes.quint16._as_ref.as_numpy_dtype == dtypes.quint16.as_numpy_dtype


def test_bfloat16_loads_its_numpy_type_only_when_asked() -> None:
    program = (
        "import sys; import core.dtypes as d; d.as_dtype('bfloat16').is_floating; print('ml_dtypes' in sys.modules);"
        "print(d.bfloat16.as_numpy_dtype.__name__, d.bfloat16.size, 'ml_dtypes' in sys.modules)"
    )
    # core/__init__ imports everything; the ground floor is asked alone, behind an empty package of that name.
    alone = (
        "import sys, types; p = types.ModuleType('core'); p.__path__ = ['core']; sys.modules['core'] = p; "
    )
    root = Path(dtypes.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", alone + program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "bfloat16", "2", "True"]


def test_all_names_every_type_of_the_api_and_nothing_hidden() -> None:
    named = {
        getattr(dtypes, name).name for name in dtypes.__all__ if isinstance(getattr(dtypes, name), DType)
    }
    assert named == {f["name"] for f in FACTS if f["name"] == f["base"]}
    assert dtypes.half is dtypes.float16 and dtypes.double is dtypes.float64
