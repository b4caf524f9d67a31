"""Arrays <-> TensorProto: TensorFlow's bytes, its errors, every element type there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core import dtypes, proto
from core.proto.tensors import (
    as_array,
    make_ndarray,
    make_tensor_proto,
    shape_from_proto,
    shape_to_proto,
    tensor_to_proto,
)
from core.shapes import TensorShape

GOLDEN = json.loads(
    (Path(__file__).resolve().parent.parent / "golden" / "tensor_protos.json").read_text(encoding="utf-8"))
NUMBERS = [
    dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64,
    dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64, dtypes.bool, dtypes.complex64,
    dtypes.complex128,
]
TWO = {"dim": [{"size": 2}]}
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
QUANTISED = [dtypes.qint8, dtypes.quint8, dtypes.qint16, dtypes.quint16, dtypes.qint32]


@pytest.mark.parametrize("case", GOLDEN)
def test_bytes_equal_tensorflows(case: str) -> None:
    arguments = eval(f"({case},)", {"np": np})
    assert make_tensor_proto(*arguments).SerializeToString(deterministic=True).hex() == GOLDEN[case]


@settings(deadline=None)
@given(st.data())
def test_arrays_come_back(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(NUMBERS))
    array = data.draw(hnp.arrays(dtype.np_dtype, SHAPES))
    for message in (make_tensor_proto(array), tensor_to_proto(array)):
        assert message.dtype == dtype.as_datatype_enum
        back = make_ndarray(type(message).FromString(message.SerializeToString()))
        assert back.dtype == array.dtype and back.shape == array.shape
        np.testing.assert_array_equal(back, array)


@settings(deadline=None)
@given(hnp.arrays(object, SHAPES, elements=st.binary(max_size=9)))
def test_strings_come_back(array: np.ndarray[Any, Any]) -> None:
    back = make_ndarray(make_tensor_proto(array, dtypes.string))
    assert back.shape == array.shape and back.tolist() == array.tolist()


@pytest.mark.parametrize("dtype", QUANTISED)
def test_quantised_numbers_come_back_as_plain_integers(dtype: dtypes.DType) -> None:
    array = np.array([[1, 2, 3], [4, 5, 6]], dtype.np_dtype)
    message = tensor_to_proto(array, dtype)
    assert message.dtype == dtype.as_datatype_enum
    np.testing.assert_array_equal(make_ndarray(message), array)
    structured = array.astype(dtype.np_dtype).view([(dtype.name, dtype.np_dtype)])
    assert make_tensor_proto(structured, dtype) == message


def test_bfloat16_comes_back() -> None:
    array = np.array([1.5, -2.0, 3.0, 0.1], dtypes.bfloat16.np_dtype)
    message = make_tensor_proto(array)
    assert list(message.half_val) == array.view(np.uint16).tolist()
    assert make_ndarray(message).tobytes() == array.tobytes()
    content = proto.TensorProto(dtype=14, tensor_shape=shape_to_proto([4]), tensor_content=array.tobytes())
    assert make_ndarray(content).tobytes() == array.tobytes()  # the form that later TensorFlows write


def test_byte_order_of_the_machine_does_not_matter() -> None:
    message = make_tensor_proto(np.arange(5, dtype=">i4"))
    np.testing.assert_array_equal(make_ndarray(message), np.arange(5, dtype=np.int32))


def test_large_constants_of_one_value_are_written_once() -> None:
    message = tensor_to_proto(np.full((70, 90), 2.5, np.float32))
    assert list(message.float_val) == [2.5] and not message.tensor_content
    np.testing.assert_array_equal(make_ndarray(message), np.full((70, 90), 2.5, np.float32))
    assert list(tensor_to_proto(np.broadcast_to(np.float32(3), (2, 5))).float_val) == [3]
    almost = np.full((70, 90), 2.5, np.float32)
    almost[3, 4] = np.nextafter(np.float32(2.5), np.float32(3))
    assert tensor_to_proto(almost).tensor_content == almost.tobytes()
    signed = np.zeros(500, np.float32)
    signed[7] = -0.0
    assert np.signbit(make_ndarray(tensor_to_proto(signed))).sum() == 1


def test_short_lists_are_filled_with_the_last_value() -> None:
    message = proto.TensorProto(dtype=1, tensor_shape=shape_to_proto([2, 3]), float_val=[1, 2])
    np.testing.assert_array_equal(make_ndarray(message), [[1, 2, 2], [2, 2, 2]])
    empty = proto.TensorProto(dtype=7, tensor_shape=shape_to_proto([3]))
    assert make_ndarray(empty).tolist() == [b"", b"", b""]
    assert make_ndarray(proto.TensorProto(dtype=9, tensor_shape=shape_to_proto([2]))).tolist() == [0, 0]


def test_result_is_writable_and_its_own() -> None:
    message = make_tensor_proto([1.0, 2.0, 3.0])
    make_ndarray(message)[1] = 7
    assert make_ndarray(message).tolist() == [1, 2, 3]


def test_a_message_is_returned_as_it_is() -> None:
    message = make_tensor_proto(3)
    assert make_tensor_proto(message, "float64", [9]) is message


@pytest.mark.parametrize(("arguments", "kind", "text"), [
    ((None,), ValueError, "None values not supported"),
    ((["a"], "float32"), TypeError, "Expected float32, got 'a' of type 'str' instead"),
    (([1.5], "int32"), TypeError, "Expected int32, got 1.5 of type 'float' instead"),
    ((1, "string"), TypeError, "Expected string, got 1 of type 'int' instead"),
    ((1, "bool"), TypeError, "Expected bool, got 1 of type 'int' instead"),
    (([1, None, 3], "int32"), TypeError, "Expected int32, got None of type 'NoneType' instead"),
    (([[1, 2], [3]],), ValueError, "Argument must be a dense tensor"),
    (([["a", "b"], "c"],), ValueError, "Argument must be a dense tensor"),
    (([object()],), TypeError, "Consider casting elements to a supported type"),
    (([1, 2, 3], None, [2]), ValueError, "Too many elements provided. Needed at most 2, but received 3"),
    (([1, 2], None, [1, 2], True), TypeError, r"Expected Tensor's shape: \(1, 2\), got \(2,\)"),
    (([1, 2], None, [3, 2], False, True), TypeError, r"Expected Tensor's shape: \(3, 2\), got \(2,\)"),
    (([1], None, [1], True, True), ValueError, "allow_broadcast and verify_shape are not both allowed"),
    ((np.array(["a"]), "float32"), TypeError, "Incompatible types"),
    ((3, "resource"), TypeError, "resource"),
])
def test_bad_values(arguments: tuple[Any, ...], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        make_tensor_proto(*arguments)


@pytest.mark.parametrize(("message", "kind", "text"), [
    ({"dtype": 0}, TypeError, "Unsupported tensor type: 0"),
    ({"dtype": 20}, TypeError, "Unsupported tensor type: 20"),
    ({"dtype": 77}, TypeError, "Unsupported tensor type: 77"),
    ({"dtype": 1, "tensor_shape": TWO, "tensor_content": b"12345"}, ValueError, "5 bytes of content"),
    ({"dtype": 7, "tensor_content": b"1"}, ValueError, "wanted none"),
    ({"dtype": 1, "tensor_shape": {"dim": [{"size": -1}]}}, ValueError, r"needs a known shape, got \[-1\]"),
    ({"dtype": 1, "tensor_shape": {"unknown_rank": True}}, ValueError, "shape, got an unknown rank"),
    ({"dtype": 1, "tensor_shape": {"dim": [{"size": 1 << 62}] * 3}}, ValueError, "damaged"),
    ({"dtype": 3, "tensor_shape": TWO, "int_val": [1, 2, 3]}, ValueError, "holds 3 values; wanted 2"),
])
def test_damaged_messages(message: dict[str, Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        make_ndarray(proto.TensorProto(**message))


def test_messages_larger_than_two_gigabytes_are_refused() -> None:
    huge = np.lib.stride_tricks.as_strided(np.arange(2, dtype=np.float64), (1 << 28, 2), (0, 8))
    with pytest.raises(ValueError, match="larger than 2GB"):
        make_tensor_proto(huge)


def test_python_values_get_tensorflows_types() -> None:
    assert as_array(1.5)[1] is dtypes.float32
    assert as_array(7)[1] is dtypes.int32
    assert as_array(1 << 40)[1] is dtypes.int64
    assert as_array(np.float64(1.5))[1] is dtypes.float64
    assert as_array(bytearray(b"ab"))[1] is dtypes.uint8
    assert as_array([np.float32(1), np.float32(2)])[1] is dtypes.float32
    assert as_array("é")[0].item() == "é".encode()
    assert as_array([300, -1], "uint8")[0].tolist() == [44, 255]  # wraps, as TensorFlow does


@pytest.mark.parametrize("shape", [None, [], [3], [None, 5, 0]])
def test_shapes_come_back(shape: Any) -> None:
    message = shape_to_proto(shape)
    assert shape_from_proto(message).as_tuple() == TensorShape(shape).as_tuple()
    assert [dim.size for dim in message.dim] == [-1 if dim is None else dim for dim in shape or []]
