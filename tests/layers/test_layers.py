"""Layers: names of variables and nodes as in TensorFlow 1.15, sharing, shapes, losses, training."""

import numpy as np
import pytest

import core as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


def _names():
    return [v.name for v in tf.trainable_variables()]


def test_dense_names_are_tensorflows(graph):
    x = tf.placeholder(tf.float32, [None, 5])
    first = tf.layers.dense(x, 4, activation=tf.nn.relu)
    second = tf.layers.dense(first, 3, name="out")
    third = tf.layers.dense(x, 2)
    assert _names() == ["dense/kernel:0", "dense/bias:0", "out/kernel:0", "out/bias:0", "dense_1/kernel:0",
                        "dense_1/bias:0"]
    assert [t.name for t in (first, second, third)] == ["dense/Relu:0", "out/BiasAdd:0", "dense_1/BiasAdd:0"]


def test_dense_of_three_dimensions_equals_a_product():
    values = np.random.RandomState(0).randn(2, 3, 5).astype(np.float32)
    y = tf.layers.dense(tf.constant(values), 4, bias_initializer=tf.ones_initializer())
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        kernel, result = sess.run([tf.trainable_variables()[0], y])
    np.testing.assert_allclose(result, values @ kernel + 1, rtol=1e-5)


def test_reuse_shares_and_without_it_refuses():
    x = tf.zeros([2, 5])
    tf.layers.dense(x, 4, name="shared")
    tf.layers.dense(x, 4, name="shared", reuse=True)
    assert _names() == ["shared/kernel:0", "shared/bias:0"]
    with pytest.raises(ValueError, match="already exists"):
        tf.layers.dense(x, 4, name="shared")


def test_a_layer_object_shares_its_variables():
    layer = tf.layers.Dense(4)
    layer(tf.zeros([2, 5]))
    layer(tf.zeros([3, 5]))
    assert len(_names()) == 2 and layer.count_params() == 24
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 5"):
        layer(tf.zeros([3, 6]))


def test_unknown_last_size_is_refused_with_the_layers_name():
    with pytest.raises(ValueError, match="last dimension.*dense"):
        tf.layers.dense(tf.placeholder(tf.float32, [3, None]), 4)


def test_regularizers_join_the_losses():
    tf.layers.dense(tf.zeros([2, 5]), 4, kernel_regularizer=lambda w: tf.reduce_sum(w * w), name="d")
    (loss,) = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    assert loss.name.startswith("d/kernel/Regularizer/")


def test_dropout_only_while_training():
    x = tf.ones([400])
    training = tf.placeholder(tf.bool, [])
    y = tf.layers.dropout(x, rate=0.25, training=training, seed=3)
    with tf.Session() as sess:
        kept = sess.run(y, {training: True})
        np.testing.assert_allclose(np.unique(kept), [0.0, 4 / 3], rtol=1e-6)
        assert 0.6 < (kept > 0).mean() < 0.9
        np.testing.assert_array_equal(sess.run(y, {training: False}), np.ones(400))


def test_flatten_keeps_what_is_known():
    assert tf.layers.flatten(tf.placeholder(tf.float32, [None, 4, 5])).shape.as_list() == [None, 20]
    assert tf.layers.flatten(tf.placeholder(tf.float32, [3, None, 5])).shape.as_list() == [3, None]


def test_conv2d_and_pooling_names_shapes_and_values():
    images = np.random.RandomState(1).randn(2, 7, 6, 3).astype(np.float32)
    x = tf.constant(images)
    conv = tf.layers.conv2d(x, 4, [3, 2], strides=(2, 1), padding="same", activation=tf.nn.relu)
    pooled = tf.layers.max_pooling2d(conv, 2, 2)
    assert _names() == ["conv2d/kernel:0", "conv2d/bias:0"]
    assert conv.name == "conv2d/Relu:0" and pooled.name == "max_pooling2d/MaxPool:0"
    assert conv.shape.as_list() == [2, 4, 6, 4] and pooled.shape.as_list() == [2, 2, 3, 4]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        first = tf.layers.conv2d(tf.transpose(x, [0, 3, 1, 2]), 4, [3, 2], strides=(2, 1), padding="same",
                                 activation=tf.nn.relu, data_format="channels_first", name="conv2d", reuse=True)
        np.testing.assert_allclose(sess.run(first).transpose(0, 2, 3, 1), sess.run(conv), rtol=1e-4, atol=1e-5)


def test_a_small_net_learns():
    rng = np.random.RandomState(2)
    points = rng.randn(64, 2).astype(np.float32)
    target = (points[:, :1] * points[:, 1:] > 0).astype(np.float32)
    tf.set_random_seed(5)
    hidden = tf.layers.dense(tf.constant(points), 16, activation=tf.tanh)
    logits = tf.layers.dense(hidden, 1)
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.constant(target), logits=logits))
    step = tf.train.AdamOptimizer(0.05).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        before = sess.run(loss)
        for _ in range(150):
            sess.run(step)
        assert sess.run(loss) < 0.3 * before


def test_batch_normalization_names_and_collections_are_tensorflows(graph):
    x = tf.placeholder(tf.float32, [None, 4, 5, 3])
    y = tf.layers.batch_normalization(x, training=True)
    assert [v.name for v in tf.global_variables()] == [
        f"batch_normalization/{n}:0" for n in ("gamma", "beta", "moving_mean", "moving_variance")]
    assert _names() == ["batch_normalization/gamma:0", "batch_normalization/beta:0"]
    assert y.name == "batch_normalization/FusedBatchNormV3:0" and y.shape.as_list() == [None, 4, 5, 3]
    assert [u.name for u in tf.get_collection(tf.GraphKeys.UPDATE_OPS)] == [
        "batch_normalization/AssignMovingAvg:0", "batch_normalization/AssignMovingAvg_1:0"]


@pytest.mark.parametrize(("shape", "axis"), [([6, 3], -1), ([4, 2, 3], 1), ([2, 4, 5, 3], -1), ([2, 3, 4, 5], 1)])
def test_batch_normalization_learns_the_statistics_and_uses_them(shape, axis):
    values = np.random.RandomState(3).uniform(-1, 3, shape).astype(np.float32)
    x, training = tf.constant(values), tf.placeholder(tf.bool, [])
    y = tf.layers.batch_normalization(x, axis=axis, training=training, momentum=0.75)
    mean, variance = tf.global_variables()[2:]
    others = tuple(i for i in range(len(shape)) if i != axis % len(shape))
    center = values.mean(others, keepdims=True)
    spread = values.var(others, keepdims=True)
    count = values.size // center.size
    correction = count / (count - 1) if len(shape) == 4 else 1.0  # the fused operation estimates from a sample
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        np.testing.assert_allclose(sess.run(y, {training: False}), values / np.sqrt(1 + 1e-3), rtol=1e-5)
        np.testing.assert_allclose(sess.run(y, {training: True}), (values - center) / np.sqrt(spread + 1e-3),
                                   rtol=1e-4, atol=1e-5)
        sess.run(tf.get_collection(tf.GraphKeys.UPDATE_OPS), {training: True})
        moved = sess.run([mean, variance])
        np.testing.assert_allclose(moved[0], 0.25 * center.ravel(), rtol=1e-4)
        np.testing.assert_allclose(moved[1], 0.75 + 0.25 * correction * spread.ravel(), rtol=1e-4)
        sess.run(tf.get_collection(tf.GraphKeys.UPDATE_OPS), {training: False})
        np.testing.assert_array_equal(sess.run([mean, variance]), moved)


def test_batch_normalization_without_center_or_scale_and_reuse():
    x = tf.ones([2, 4, 5, 3])
    tf.layers.batch_normalization(x, center=False, scale=False, name="bn", training=True)
    tf.layers.batch_normalization(x, center=False, scale=False, name="bn", reuse=True)
    assert [v.name for v in tf.global_variables()] == ["bn/moving_mean:0", "bn/moving_variance:0"]


@pytest.mark.parametrize(("make", "text"), [
    (lambda: tf.layers.batch_normalization(tf.zeros([2, 3]), axis=2), "Invalid axis: 2"),
    (lambda: tf.layers.batch_normalization(tf.zeros([2, 3]), fused=True), "fused=True needs"),
    (lambda: tf.layers.batch_normalization(tf.placeholder(tf.float32, [2, None])), "undefined `axis` dimension"),
    (lambda: tf.layers.batch_normalization(tf.placeholder(tf.float32)), "undefined rank"),
])
def test_batch_normalization_refuses(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_convolutions_of_other_dimensions_name_their_variables_as_tensorflow_does():
    one, two, three = tf.zeros([2, 7, 3]), tf.zeros([2, 7, 6, 3]), tf.zeros([2, 7, 6, 5, 3])
    tf.layers.conv1d(one, 4, 2)
    tf.layers.conv3d(three, 4, (3, 2, 1))
    tf.layers.conv2d_transpose(two, 5, (3, 2))
    tf.layers.separable_conv2d(two, 4, 3, depth_multiplier=2)
    assert {v.name: v.shape.as_list() for v in tf.trainable_variables()} == {
        "conv1d/kernel:0": [2, 3, 4], "conv1d/bias:0": [4],
        "conv3d/kernel:0": [3, 2, 1, 3, 4], "conv3d/bias:0": [4],
        "conv2d_transpose/kernel:0": [3, 2, 5, 3], "conv2d_transpose/bias:0": [5],
        "separable_conv2d/depthwise_kernel:0": [3, 3, 3, 2], "separable_conv2d/pointwise_kernel:0": [1, 1, 6, 4],
        "separable_conv2d/bias:0": [4]}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("first", [False, True])
def test_what_runs_has_the_shape_that_was_foretold(padding, first):
    form = "channels_first" if first else "channels_last"

    def image(*sizes):
        dims = [2, 3, *sizes] if first else [2, *sizes, 3]
        return tf.constant(np.random.RandomState(4).randn(*dims).astype(np.float32))

    one, two, three = image(9), image(7, 6), image(4, 5, 6)
    for layer, x in [
        (tf.layers.Conv1D(4, 3, 2, padding, form), one), (tf.layers.Conv3D(4, (1, 3, 2), 2, padding, form), three),
        (tf.layers.Conv2DTranspose(4, (3, 2), (2, 1), padding, form), two),
        (tf.layers.Conv3DTranspose(4, (1, 3, 2), 2, padding, form), three),
        (tf.layers.SeparableConv2D(4, (3, 2), 1, padding, form), two),
        (tf.layers.MaxPooling1D(2, 3, padding, form), one), (tf.layers.AveragePooling1D(2, 3, padding, form), one),
        (tf.layers.MaxPooling3D(2, (1, 2, 3), padding, form), three),
        (tf.layers.AveragePooling3D(2, (1, 2, 3), padding, form), three),
    ]:
        y = layer(x)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            value = sess.run(y)
        assert list(value.shape) == y.shape.as_list() == layer.compute_output_shape(x.shape).as_list(), layer.name
