"""Draws the pictures of the READMEs into docs/images: `python tools/pictures.py [folder with the MNIST files]`."""

from __future__ import annotations

import sys
from pathlib import Path

import core as tf
import tfviz
from core.examples.tutorials.mnist import input_data

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"


def main(folder: str = "MNIST_data") -> None:
    """Builds the net of notebooks/04_mnist.ipynb, draws its graph, trains it and draws its loss."""
    mnist = input_data.read_data_sets(folder, one_hot=True)
    tf.set_random_seed(1)
    with tf.name_scope("input"):
        x = tf.placeholder(tf.float32, [None, 784], name="x")
        y_ = tf.placeholder(tf.float32, [None, 10], name="y_")
    with tf.name_scope("relu_layer"):
        w1 = tf.Variable(tf.truncated_normal([784, 128], stddev=0.05), name="W")
        h = tf.nn.relu(tf.matmul(x, w1) + tf.Variable(tf.zeros([128]), name="b"))
    with tf.name_scope("logit_layer"):
        w2 = tf.Variable(tf.truncated_normal([128, 10], stddev=0.05), name="W")
        scores = tf.matmul(h, w2) + tf.Variable(tf.zeros([10]), name="b")
    with tf.name_scope("cross_entropy"):
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=scores))
    with tf.name_scope("sgd_trainer"):
        step = tf.Variable(0, trainable=False, name="global_step")
        train = tf.train.GradientDescentOptimizer(0.3).minimize(loss, global_step=step)

    IMAGES.mkdir(parents=True, exist_ok=True)
    tfviz.show(depth=1).save(IMAGES / "mnist-graph.svg")
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        curves = tfviz.live(title="MNIST, one hidden layer", smoothing=0.9, loss=loss)
        for _ in range(2000):
            images, labels = mnist.train.next_batch(100)
            sess.run([train, loss], feed_dict={x: images, y_: labels})
        curves.save(IMAGES / "mnist-loss.svg")


if __name__ == "__main__":
    main(*sys.argv[1:])
