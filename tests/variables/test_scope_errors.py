"""What variable scopes refuse, by type and message."""

from __future__ import annotations

import pytest

import core as tf


def test_reuse_without_a_variable():
    with tf.variable_scope("a", reuse=True):
        with pytest.raises(ValueError, match="Variable a/v does not exist, or was not created with tf.get_variable"):
            tf.get_variable("v", [1])
    with tf.variable_scope("a"):
        tf.get_variable("v", [1])
        tf.Variable(1.0, name="plain")
    with tf.variable_scope("a", reuse=True):
        with pytest.raises(ValueError, match="AUTO_REUSE"):
            tf.get_variable("plain", [])


def test_a_name_taken_tells_where():
    tf.get_variable("v", [1])
    with pytest.raises(ValueError, match=r"(?s)Variable v already exists, disallowed.*AUTO_REUSE.*scope_errors.py"):
        tf.get_variable("v", [1])


def test_shared_with_another_shape_or_type():
    tf.get_variable("v", [2, 3])
    with tf.variable_scope("", reuse=True):
        with pytest.raises(ValueError, match=r"Trying to share variable v, but specified shape \(2, 4\) and found "
                                             r"shape \(2, 3\)"):
            tf.get_variable("v", [2, 4])
        with pytest.raises(ValueError, match="Trying to share variable v, but specified dtype int32 and found dtype "
                                             "float32"):
            tf.get_variable("v", [2, 3], tf.int32)
        assert tf.get_variable("v").name == "v:0"


def test_what_a_new_variable_needs():
    with pytest.raises(ValueError, match="must be fully defined"):
        tf.get_variable("v", [None, 2])
    with pytest.raises(ValueError, match="If initializer is a constant, do not specify shape"):
        tf.get_variable("v", [2], initializer=[1.0, 2.0])
    with pytest.raises(ValueError, match="don't match"):
        tf.get_variable("v", dtype=tf.int32, initializer=[1.0, 2.0])
    with pytest.raises(ValueError, match="initializer for variable v of .*string.* is required"):
        tf.get_variable("v", [2], tf.string)


def test_arguments_of_scopes():
    with pytest.raises(TypeError, match="name_or_scope is required"), tf.variable_scope(None):
        pass
    with pytest.raises(TypeError, match="must be a string or VariableScope"), tf.variable_scope(3):
        pass
    with pytest.raises(ValueError, match="The reuse parameter must be True or False or None"), \
            tf.variable_scope("a", reuse="yes"):
        pass
    with pytest.raises(ValueError, match="reuse=True cannot be used without a name_or_scope"), \
            tf.variable_scope(None, "default", reuse=True):
        pass
    with pytest.raises(TypeError, match="auxiliary_name_scope must be `True` or `False`"), \
            tf.variable_scope("a", auxiliary_name_scope="no"):
        pass
    with pytest.raises(ValueError, match="not callable"):
        tf.get_variable("v", [], custom_getter="getter")
    # Nothing stays open after a scope that could not be entered.
    assert tf.get_variable_scope().name == ""
    assert tf.get_default_graph().get_name_scope() == ""


def test_an_error_inside_closes_the_scope():
    with pytest.raises(KeyError), tf.variable_scope("a"):
        raise KeyError
    assert tf.get_variable_scope().name == ""
    with tf.variable_scope("a"):
        assert tf.get_variable("v", []).name == "a/v:0"
        assert tf.constant(1.0).name == "a_1/Const:0"


def test_scopes_of_graphs_are_apart():
    with tf.variable_scope("outer"):
        with tf.Graph().as_default():
            assert tf.get_variable("v", []).name == "v:0"
        assert tf.get_variable("v", []).name == "outer/v:0"


def test_partitions_that_do_not_fit():
    cut = tf.fixed_size_partitioner(2)
    tf.get_variable("whole", [4, 2])
    with pytest.raises(ValueError, match="unpartitioned version of the variable was found"):
        tf.get_variable("whole", [4, 2], partitioner=cut)
    tf.get_variable("parts", [4, 2], partitioner=cut)
    with pytest.raises(ValueError, match="already exists"):
        tf.get_variable("parts", [4, 2], partitioner=cut)
    with pytest.raises(ValueError, match="No partitioner was provided, but a partitioned version"):
        tf.get_variable("parts", [4, 2])
    with pytest.raises(ValueError, match="one dimension"):
        tf.get_variable("cross", [4, 2], partitioner=lambda shape, dtype: [2, 2])
    with pytest.raises(ValueError, match="does not match"):
        tf.get_variable("rank", [4, 2], partitioner=lambda shape, dtype: [2])
    with pytest.raises(ValueError, match="callable"):
        tf.get_variable("odd", [4, 2], partitioner=3)


def test_partitioners():
    shape = tf.TensorShape([64, 10])
    assert tf.variable_axis_size_partitioner(1 << 8)(shape, tf.float32) == [11, 1]
    assert tf.variable_axis_size_partitioner(1 << 8, axis=1)(shape, tf.float32) == [1, 10]
    assert tf.variable_axis_size_partitioner(1 << 8, max_shards=3)(shape, tf.float64) == [3, 1]
    assert tf.min_max_variable_partitioner(5, min_slice_size=256)(shape, tf.float32) == [5, 1]
    assert tf.min_max_variable_partitioner(20, min_slice_size=256)(shape, tf.float32) == [10, 1]
    assert tf.fixed_size_partitioner(3, axis=1)(shape=shape, dtype=tf.float32) == [1, 3]
    with pytest.raises(ValueError, match="positive"):
        tf.variable_axis_size_partitioner(0)


def test_no_template_without_a_name():
    with pytest.raises(ValueError, match="name cannot be None"):
        tf.make_template(None, lambda: None)


def test_a_template_that_makes_more():
    def odd():
        return tf.Variable(1.0)

    made = tf.make_template("t", odd)
    made()
    with pytest.raises(ValueError, match="(?s)Trainable variable created.*tf.get_variable.*originally defined at"):
        made()
