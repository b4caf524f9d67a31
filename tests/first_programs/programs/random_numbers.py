import core as tf

print_all = [
    tf.random_normal([2, 3], stddev=1, seed=1),
    tf.random_uniform([5], -1.0, 1.0, seed=2),
    tf.truncated_normal([4], stddev=0.1, seed=3),
    tf.random_uniform([3], maxval=100, dtype=tf.int32, seed=4),
    tf.random_shuffle([1, 2, 3, 4, 5, 6, 7], seed=5),
]
with tf.Session() as sess:
    for tensor in print_all:
        print(sess.run(tensor))
        print(sess.run(tensor))

with tf.variable_scope("layer"):
    w = tf.get_variable("w", [2, 3], initializer=tf.glorot_uniform_initializer(seed=6))
    v = tf.get_variable("v", [4], initializer=tf.truncated_normal_initializer(stddev=0.02, seed=7))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(w))
    print(sess.run(v))
