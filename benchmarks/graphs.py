"""The workloads as graph programs: the same lines for this engine and for TensorFlow's compat.v1.

Each maker takes the module `tf` and returns a function that makes one training step. Imports NumPy only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[], Any]


def bp_net(tf: Any) -> Step:
    """The 2-3-1 net of the book, batch 8, lists fed, Adam: the cost of a step that computes next to nothing."""
    tf.set_random_seed(1)
    x = tf.placeholder(tf.float32, [None, 2])
    y_ = tf.placeholder(tf.float32, [None, 1])
    w1 = tf.Variable(tf.random_normal([2, 3], stddev=1, seed=1))
    w2 = tf.Variable(tf.random_normal([3, 1], stddev=1, seed=1))
    y = tf.sigmoid(tf.matmul(tf.matmul(x, w1), w2))
    right = y_ * tf.log(tf.clip_by_value(y, 1e-10, 1.0))
    wrong = (1 - y_) * tf.log(tf.clip_by_value(1 - y, 1e-10, 1.0))
    train = tf.train.AdamOptimizer(0.001).minimize(-tf.reduce_mean(right + wrong))
    rows = np.random.RandomState(1).rand(8, 2)
    xs, ys = rows.tolist(), [[int(a + b < 1)] for a, b in rows]
    return runner(tf, train, {x: xs, y_: ys})


def mlp(tf: Any) -> Step:
    """784-256-256-10, relu, batch 128, Adam: matrix products and optimizer."""
    images, labels, x, y = digits(tf, 128)
    h1 = tf.nn.relu(tf.matmul(x, weight(tf, [784, 256])) + tf.Variable(tf.zeros([256])))
    h2 = tf.nn.relu(tf.matmul(h1, weight(tf, [256, 256])) + tf.Variable(tf.zeros([256])))
    logits = tf.matmul(h2, weight(tf, [256, 10])) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
    return runner(tf, tf.train.AdamOptimizer(0.001).minimize(loss), {x: images, y: labels})


def lenet(tf: Any) -> Step:
    """5x5x32, 5x5x64, 1024, dropout, batch 64, Adam: convolution and pooling, forward and backward."""
    images, labels, x, y = digits(tf, 64)
    net = tf.reshape(x, [-1, 28, 28, 1])
    for inputs, outputs in ((1, 32), (32, 64)):
        net = tf.nn.conv2d(net, weight(tf, [5, 5, inputs, outputs]), strides=[1, 1, 1, 1], padding="SAME")
        net = tf.nn.relu(net + tf.Variable(tf.constant(0.1, shape=[outputs])))
        net = tf.nn.max_pool(net, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
    net = tf.reshape(net, [-1, 7 * 7 * 64])
    net = tf.nn.relu(tf.matmul(net, weight(tf, [7 * 7 * 64, 1024])) + tf.Variable(tf.zeros([1024])))
    net = tf.nn.dropout(net, keep_prob=0.5)
    logits = tf.matmul(net, weight(tf, [1024, 10])) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
    return runner(tf, tf.train.AdamOptimizer(1e-4).minimize(loss), {x: images, y: labels})


def weight(tf: Any, shape: list[int]) -> Any:
    """A variable of small random numbers."""
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1, seed=7))


def digits(tf: Any, batch: int) -> tuple[np.ndarray, np.ndarray, Any, Any]:
    """Random images and one-hot labels, and the placeholders for them: the time does not depend on what they show."""
    random = np.random.RandomState(0)
    images = random.rand(batch, 784).astype(np.float32)
    labels = np.eye(10, dtype=np.float32)[random.randint(10, size=batch)]
    return images, labels, tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])


def runner(tf: Any, train: Any, feeds: dict[Any, Any]) -> Step:
    """A session with its variables initialised, as a function that runs `train` once."""
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return lambda: session.run(train, feed_dict=feeds)


WORKLOADS: dict[str, Callable[[Any], Step]] = {"bp_net": bp_net, "mlp": mlp, "lenet": lenet}
