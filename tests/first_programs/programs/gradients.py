import core as tf

x = tf.Variable(3.0, name="x")
y = tf.Variable(4.0, name="y")
f = x * x * y + y + 2
grads = tf.gradients(f, [x, y])
second = tf.gradients(grads[0], x)[0]
w = tf.placeholder(tf.float32, [None], name="w")
g = tf.reduce_sum(tf.where(w > 0, tf.square(w), tf.exp(w)))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run([f, grads, second]))
    print(sess.run(tf.gradients(g, w), {w: [-1.0, 0.5, 2.0]}))
    print(tf.gradients(tf.stop_gradient(x) + 1.0, x))

optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
pairs = optimizer.compute_gradients(tf.square(x - 1.0) + tf.square(y + 2.0))
clipped = [(tf.clip_by_value(slope, -3.0, 3.0), v) for slope, v in pairs if slope is not None]
train = optimizer.apply_gradients(clipped)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(5):
        sess.run(train)
        print(sess.run([x, y]))
print([v.op.name for v in tf.global_variables()])
