"""`tf.assert_*`: raise while building where all is known, at run time else; TensorFlow 1.15's texts."""

from __future__ import annotations

from typing import Any

import pytest

import core as tf

GOOD_BAD: list[tuple[Any, Any, Any]] = [
    (tf.assert_equal, ([2, 3], [2, 3]), ([2, 3], [2, 4])),
    (tf.assert_none_equal, ([2, 3], [3, 2]), ([2, 3], [3, 3])),
    (tf.assert_less, ([2, 3], [3, 4]), ([2, 3], [3, 3])),
    (tf.assert_less_equal, ([2, 3], [2, 3]), ([2, 3], [2, 2])),
    (tf.assert_greater, ([2, 3], [1, 2]), ([2, 3], [1, 3])),
    (tf.assert_greater_equal, ([2, 3], [2, 3]), ([2, 3], [2, 4])),
    (tf.assert_positive, ([1, 2],), ([0, 2],)),
    (tf.assert_negative, ([-1, -2],), ([0, -2],)),
    (tf.assert_non_negative, ([0, 2],), ([-1, 2],)),
    (tf.assert_non_positive, ([0, -2],), ([1, -2],)),
]


@pytest.mark.parametrize("check, good, bad", GOOD_BAD, ids=[c.__name__ for c, _, _ in GOOD_BAD])
def test_known_while_building_and_at_run_time(check: Any, good: Any, bad: Any) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        op = check(*good, message="note")
        assert op.type == "Assert" and op.name.startswith(check.__name__ + "/")
        sess.run(op)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)note.*did not hold element-wise"):
            check(*bad, message="note")
        fed = [tf.placeholder(tf.int32, [None]) for _ in good]
        late = check(*fed, message="note")
        sess.run(late, dict(zip(fed, good)))
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)note.*did not hold element-wise"):
            sess.run(late, dict(zip(fed, bad)))


def test_near() -> None:
    x = tf.placeholder(tf.float32, [None])
    check = tf.assert_near(x, [1.0, 2.0], rtol=0.0, atol=0.125)
    with tf.Session() as sess:
        sess.run(check, {x: [1.1, 2.0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="x and y not equal to tolerance"):
            sess.run(check, {x: [1.2, 2.0]})


def test_ranks() -> None:
    matrix = tf.zeros([2, 3], name="matrix")
    for check in (tf.assert_rank(matrix, 2), tf.assert_rank_at_least(matrix, 1), tf.assert_rank_in(matrix, [0, 2])):
        assert check.type == "NoOp" and "static_checks_determined_all_ok" in check.name
    with pytest.raises(ValueError, match=r"matrix.*:0 must have rank at least 3\.  Received rank 2, shape \(2, 3\)"):
        tf.assert_rank_at_least(matrix, 3)
    with pytest.raises(ValueError, match=r"here\.  Tensor .* must have rank in \(0, 1\)\.  Received rank 2"):
        tf.assert_rank_in(matrix, [0, 1], message="here")
    with pytest.raises(ValueError, match="Rank must be a scalar"):
        tf.assert_rank(matrix, [2])
    unknown = tf.placeholder(tf.float32)
    check = tf.assert_rank_in(unknown, (1, 3))
    with tf.Session() as sess:
        sess.run(check, {unknown: [2.0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="must have rank"):
            sess.run(check, {unknown: 2.0})


def test_types() -> None:
    with pytest.raises(TypeError, match="to be integer type.  Found: <dtype: 'float32'>"):
        tf.assert_integer(2.5)
    with pytest.raises(TypeError, match="must be of type tf.int32"):
        tf.assert_type(2.5, tf.int32)
    with pytest.raises(ValueError, match=r"Expected scalar shape for .*, saw shape: \(2,\)"):
        tf.assert_scalar([2, 3])
    for wrong in (tf.constant([2]), "text", 3):
        with pytest.raises(TypeError, match="iterable"):
            tf.assert_proper_iterable(wrong)
    tf.assert_proper_iterable([tf.constant(2)])
    assert tf.assert_same_float_dtype() == tf.float32
    with pytest.raises(ValueError, match="must be of the same type"):
        tf.assert_same_float_dtype([tf.constant(1.0), tf.constant(2.0, tf.float64)])
    with pytest.raises(ValueError, match="Expected floating point type"):
        tf.assert_same_float_dtype([tf.constant(1)])
    assert tf.is_numeric_tensor(tf.constant(2)) and not tf.is_numeric_tensor(tf.constant("two"))
