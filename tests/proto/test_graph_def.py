"""Graphs -> GraphDef: equal to TensorFlow's for the same program; attributes of every type; functions."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st

import core as tf
from core import dtypes, proto
from core.proto.attrs import attr_from_proto, attr_to_proto, attr_type_of
from core.proto.graph_def import function_def, graph_to_def, node_def
from core.proto.tensors import make_ndarray
from core.shapes import TensorShape

FOLDER = Path(__file__).resolve().parent.parent / "golden"
GOLDEN = json.loads((FOLDER / "graph_defs.json").read_text(encoding="utf-8"))


def programs() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("make_graph_defs", FOLDER / "make_graph_defs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.PROGRAMS)


PROGRAMS = programs()


@pytest.mark.parametrize("name", GOLDEN)
def test_equal_tensorflows(name: str) -> None:
    with tf.Graph().as_default() as graph:
        exec(PROGRAMS[name], {"tf": tf, "np": np})
    ours = graph.as_graph_def(add_shapes=True)
    assert (ours.versions.producer, ours.versions.min_consumer) == (134, 0)
    ours.ClearField("versions")
    assert ours == text_format.Parse(GOLDEN[name], proto.GraphDef())


def test_only_what_came_after_a_version() -> None:
    with tf.Graph().as_default() as graph:
        tf.constant(1, name="old")
        version = graph.version
        tf.constant(2, name="new")
    assert [node.name for node in graph.as_graph_def(from_version=version).node] == ["new"]
    assert "_output_shapes" not in graph.as_graph_def().node[0].attr


def test_control_inputs_are_sorted_and_come_last() -> None:
    with tf.Graph().as_default():
        x, b, a = tf.constant(1.0, name="x"), tf.no_op(name="b"), tf.no_op(name="a")
        with tf.control_dependencies([b, a]):
            y = tf.identity(x, name="y")
    assert list(node_def(y.op).input) == ["x", "^a", "^b"]


def fake_op(**attrs: Any) -> Any:
    """An operation as `node_def` sees it, without an OpDef."""
    return SimpleNamespace(
        name="n", type="T", device="", inputs=(), control_inputs=[], outputs=[], op_def=None, attrs=attrs)


def test_a_quantised_constant_keeps_its_type() -> None:
    op = fake_op(dtype=dtypes.quint8, value=np.array([1, 2, 3], np.uint8))
    op.op_def = SimpleNamespace(attrs={"value": SimpleNamespace(type="tensor"), "dtype": SimpleNamespace(type="type")})
    message = node_def(op)
    assert message.attr["value"].tensor.dtype == proto.DT_QUINT8
    assert make_ndarray(message.attr["value"].tensor).tolist() == [1, 2, 3]


def test_undeclared_attributes_are_written_by_their_look() -> None:
    message = node_def(fake_op(_flag=True, _many=[b"loc:@a"], _nothing=None, _raw=proto.AttrValue(i=5)))
    assert message.attr["_flag"].b and list(message.attr["_many"].list.s) == [b"loc:@a"]
    assert message.attr["_raw"].i == 5 and "_nothing" not in message.attr


ELEMENTS: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "bool": st.booleans(),
    "string": st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.just(b"\xff\x00")),
    "type": st.sampled_from([dtypes.float32, dtypes.string, dtypes.qint8, dtypes.float32_ref, dtypes.resource]),
    "shape": st.one_of(st.none(), st.lists(st.one_of(st.none(), st.integers(0, 2**40)), max_size=4)).map(TensorShape),
    "func": st.sampled_from(["f", "g_1"]),
}


@settings(deadline=None)
@given(st.data())
def test_attributes_come_back(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(ELEMENTS)))
    value: Any = data.draw(ELEMENTS[kind])
    if data.draw(st.booleans()):
        kind, value = f"list({kind})", [value, *data.draw(st.lists(ELEMENTS[kind], max_size=3))]
    message = proto.AttrValue.FromString(attr_to_proto(value, kind).SerializeToString())
    for back in (attr_from_proto(message, kind), attr_from_proto(message)):
        assert shown(back) == shown(value)
    if "func" not in kind:
        assert attr_type_of(value) == kind


def shown(value: Any) -> Any:
    """Shapes are equal only when known: compare their text."""
    if isinstance(value, list):
        return [shown(v) for v in value]
    return str(value) if isinstance(value, TensorShape) else value


def test_tensors_and_empty_lists_come_back() -> None:
    array = np.array([[1.5, 2.5, 3.5]])
    np.testing.assert_array_equal(attr_from_proto(attr_to_proto(array), "tensor"), array)
    assert attr_from_proto(attr_to_proto([], "list(int)"), "list(int)") == []
    assert attr_to_proto([], "list(int)").WhichOneof("value") == "list"
    assert attr_from_proto(proto.AttrValue(), "list(int)") == []
    function = proto.NameAttrList(name="f", attr={"T": proto.AttrValue(type=1)})
    assert attr_from_proto(attr_to_proto(function, "func"), "func") == function


@pytest.mark.parametrize(("message", "kind", "text"), [
    ({}, "int", "has no value"),
    ({"f": 1.5}, "int", "holds a value of type 'float', wanted 'int'"),
    ({"list": {"i": [1]}}, "int", "holds a list, wanted 'int'"),
    ({"list": {"i": [1]}}, "list(shape)", r"holds a list of type 'int', wanted 'list\(shape\)'"),
    ({"placeholder": "T"}, "type", "stands for the attribute 'T' of a function"),
])
def test_attributes_of_another_type(message: dict[str, Any], kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        attr_from_proto(proto.AttrValue(**message), kind)


def test_values_that_are_no_attributes() -> None:
    with pytest.raises(TypeError, match="complex can't be the value of an attribute"):
        attr_to_proto(1j)
    with pytest.raises(ValueError, match="Unknown attribute type 'number'"):
        attr_to_proto(1, "number")
    with pytest.raises(ValueError):
        attr_to_proto(1 << 70, "int")


def test_a_function_of_a_body_graph() -> None:
    with tf.Graph().as_default() as body:
        x = tf.placeholder(tf.float32, [2, 3], name="X")
        y = tf.placeholder(tf.float32, [2, 3], name="x_1")
        parts = tf.split(x, 3, axis=1, name="split")
        with tf.control_dependencies([y]):
            last = tf.identity(parts[2], name="last")
        both = tf.stack([last, parts[0]], name="both")
    made = function_def("body", body, [x, y], [both, y])
    assert [(arg.name, arg.type) for arg in made.signature.input_arg] == [("x", 1), ("x_1", 1)]
    assert [arg.name for arg in made.signature.output_arg] == ["both", "x_1"]
    assert dict(made.ret) == {"both": "both:output:0", "x_1": "x_1"}
    inputs = {node.name: list(node.input) for node in made.node_def}
    assert inputs["split"] == ["split/split_dim:output:0", "x"]
    assert inputs["last"] == ["split:output:2"] and inputs["both"] == ["last:output:0", "split:output:0"]
    with pytest.raises(ValueError, match="not of its body"):
        function_def("body", body, [x], [tf.constant(1.0)])


def test_a_graph_holds_its_functions() -> None:
    with tf.Graph().as_default() as body:
        x = tf.placeholder(tf.float32, name="x")
    with tf.Graph().as_default() as graph:
        graph._add_function(SimpleNamespace(name="same", graph=body, inputs=[x], outputs=[x], gradient_func_name="g"))
        graph._add_function(SimpleNamespace(name="ready", definition=proto.FunctionDef(ret={"a": "b"})))
    library = graph_to_def(graph).library
    assert [(f.signature.name, dict(f.ret)) for f in library.function] == [("same", {"x": "x"}), ("", {"a": "b"})]
    assert library.gradient[0].gradient_func == "g"


def test_graphs_larger_than_two_gigabytes_are_refused() -> None:
    huge = np.lib.stride_tricks.as_strided(np.arange(4, dtype=np.float64), (1 << 28, 3), (0, 8))
    graph = SimpleNamespace(get_operations=lambda: [fake_op(value=huge)])
    with pytest.raises(ValueError, match="larger than 2GB"):
        graph_to_def(graph)
