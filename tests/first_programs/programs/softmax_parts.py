import core as tf

v = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
logits = tf.constant([[2.0, -1.0, 3.0], [1.0, 0.0, -0.5]])
labels = tf.constant([2, 0])
with tf.Session() as sess:
    print(tf.clip_by_value(v, 2.5, 4.5).eval())
    print(tf.log(v).eval())
    print(tf.reduce_mean(v).eval(), tf.reduce_mean(v, 0).eval(), tf.reduce_sum(v, 1, keepdims=True).eval())
    print(tf.nn.softmax(logits).eval())
    print(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits).eval())
    print(tf.nn.relu(logits).eval(), tf.sigmoid(logits).eval(), tf.tanh(logits).eval())
    print(tf.argmax(logits, 1).eval(), tf.one_hot(labels, 3).eval(), tf.cast(labels, tf.float32).eval())
    print(tf.equal(tf.argmax(logits, 1), tf.cast(labels, tf.int64)).eval(), tf.greater(v, 3.0).eval())
    print(tf.reshape(v, [3, -1]).eval(), tf.transpose(v).eval(), tf.concat([v, v], 1).eval().shape)
    print(tf.nn.l2_loss(v).eval(), tf.matmul(v, v, transpose_b=True).eval())
