"""Names of operations and scopes: made unique, re-entered, refused, as TensorFlow does (checked beside 2.21)."""

from __future__ import annotations

import pytest

import core as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def test_scopes_are_entered_made_unique_and_re_entered() -> None:
    with tf.name_scope("a") as scope:
        names = [scope, tf.constant(1, name="C").name, tf.constant(1, name="c").name]
    with tf.name_scope("A") as other:
        names.append(other)
    with tf.name_scope("a/") as again:
        names += [again, tf.constant(1, name="c").name]
    with tf.name_scope(scope):
        with tf.name_scope("b") as inner:
            names.append(inner)
        for cleared in (None, ""):
            with tf.name_scope(cleared) as root:
                names += [root, tf.constant(1, name="c").name]
    assert names == ["a/", "a/C:0", "a/c_1:0", "A_1/", "a/", "a/c_2:0", "a/b/", "", "c:0", "", "c_1:0"]


def test_unique_names(graph: tf.Graph) -> None:
    wanted = ["foo", "foo", "foo_1", "foo", "bar/baz", "bar"]
    assert [graph.unique_name(name) for name in wanted] == ["foo", "foo_1", "foo_1_1", "foo_2", "bar/baz", "bar"]
    assert graph.unique_name("FOO", mark_as_used=False) == graph.unique_name("FOO") == "FOO_3"


@pytest.mark.parametrize("name, root, inner", [
    ("_bad", False, True), ("-x", False, True), ("/a", False, True), ("a b", False, False), ("x:0", False, False),
    ("é", False, False), ("a.b", True, True), ("1a", True, True), (".a", True, True), ("a/b", True, True),
])
def test_which_names_are_valid(name: str, root: bool, inner: bool) -> None:
    def taken(scoped: bool) -> bool:
        try:
            with tf.name_scope("q" if scoped else None), tf.name_scope(name):
                return True
        except ValueError as error:
            assert f"'{name}' is not a valid scope name" in str(error)
            return False

    assert (taken(False), taken(True)) == (root, inner)
    if not root:
        with pytest.raises(ValueError, match="is not a valid node name"):
            tf.constant(1, name=name)


def test_a_scope_takes_the_graph_of_its_values(graph: tf.Graph) -> None:
    with tf.Graph().as_default() as other:
        foreign = tf.constant(1)
    with tf.name_scope(None, "default", [foreign]) as scope:
        assert tf.get_default_graph() is other and scope == "default/"
    with pytest.raises(ValueError, match="must be from the same graph as"):
        with tf.name_scope("s", values=[foreign, tf.constant(2)]):
            pass
    with pytest.raises(ValueError, match="At least one of name"):
        with tf.name_scope(None, values=[foreign]):
            pass


def test_elements_by_name(graph: tf.Graph) -> None:
    first, second = tf.split(tf.constant([2, 3], name="c"), 2, name="s")
    assert graph.get_operation_by_name("s") is first.op and graph.get_tensor_by_name("s:1") is second
    assert graph.as_graph_element(second, allow_operation=False) is second
    for kind, text, call in (
        (KeyError, "refers to an Operation not in the graph", lambda: graph.get_operation_by_name("zz")),
        (ValueError, "appears to refer to a Tensor, not a Operation", lambda: graph.get_operation_by_name("s:0")),
        (TypeError, "Operation names are strings", lambda: graph.get_operation_by_name(3)),
        (KeyError, "exists but only has 2 outputs", lambda: graph.get_tensor_by_name("s:2")),
        (KeyError, "'zz', does not exist in the graph", lambda: graph.get_tensor_by_name("zz:0")),
        (ValueError, "refers to an Operation, not a Tensor", lambda: graph.get_tensor_by_name("s")),
        (ValueError, "looks like an .invalid. Operation name", lambda: graph.get_tensor_by_name("zz")),
        (ValueError, "looks a like a Tensor name, but is not a valid one", lambda: graph.get_tensor_by_name("s:x")),
        (TypeError, "Can not convert a Operation into a Tensor", lambda: graph.as_graph_element(first.op, True, False)),
        (TypeError, "Can not convert a int into a Tensor or Operation", lambda: graph.as_graph_element(3)),
        (ValueError, "can't both be False", lambda: graph.as_graph_element("s", False, False)),
        (ValueError, "Tensor Tensor.*is not an element of this graph", lambda: tf.Graph().as_graph_element(second)),
        (ValueError, "Operation 's' is not an element of this", lambda: tf.Graph().as_graph_element(second.op)),
    ):
        with pytest.raises(kind, match=text):
            call()


def test_low_level_operations_need_all_attributes(graph: tf.Graph) -> None:
    with pytest.raises(ValueError, match="NodeDef missing attr 'value' from Op<name=Const>; NodeDef: 'z'"):
        graph.create_op("Const", [], [tf.int32], name="z", attrs={"dtype": tf.int32})
    with pytest.raises(TypeError, match="Input #0 is not a tensor: 3"):
        graph.create_op("Identity", [3], [tf.int32], name="z")


def test_shapes_that_contradict() -> None:
    x = tf.placeholder(tf.float32, [2, None])
    with pytest.raises(ValueError, match=r"Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are "
                                         r"\[2,\?\] and \[3,4\]"):
        x.set_shape([3, 4])
    with pytest.raises(ValueError, match="Shapes must be equal rank, but are 2 and 1"):
        x.set_shape([2])
    x.set_shape([None, 5])
    assert x.shape.as_list() == [2, 5]


def test_the_operation_that_one_is_derived_from(graph: tf.Graph) -> None:
    a = tf.constant(2.5)
    with graph._original_op(a.op):
        b = tf.identity(a)
    assert b.op._original_op is a.op and tf.identity(b).op._original_op is None


def test_a_shape_error_writes_shapes_as_tensorflow_does() -> None:
    with pytest.raises(ValueError, match=r"3 and 5 for 'm' \(op: 'MatMul'\) with input shapes: \[\?,3\], \[5,2\]"):
        tf.matmul(tf.placeholder(tf.float32, [None, 3]), tf.zeros([5, 2]), name="m")
    with pytest.raises(ValueError, match=r"Shapes \(2, 3\) and \(2, 4\) are not compatible"):
        tf.TensorShape([2, 3]).merge_with([2, 4])


def test_group_takes_what_has_run() -> None:
    with pytest.raises(TypeError, match="Expected tf.group\\(\\) expected Tensor objects not 'None'"):
        tf.group(None)


@pytest.mark.parametrize("raised, kind", [
    (ValueError("x"), tf.errors.InvalidArgumentError), (TypeError("x"), tf.errors.InvalidArgumentError),
    (StopIteration("x"), tf.errors.OutOfRangeError), (NotImplementedError("x"), tf.errors.UnimplementedError),
    (MemoryError("x"), tf.errors.ResourceExhaustedError), (ZeroDivisionError("x"), tf.errors.UnknownError),
])
def test_what_a_python_function_raises(raised: Exception, kind: type[Exception]) -> None:
    def fail(x: float) -> float:
        raise raised

    with tf.Session() as sess, pytest.raises(kind, match=f"(?s){type(raised).__name__}: x.*in fail\n +raise raised"):
        sess.run(tf.py_func(fail, [2.5], tf.float32))
