import core as tf

a = tf.constant([1.0, 2.0], name="a")
b = tf.constant([2.0, 3.0], name="b")
result = a + b
print(result)

sess = tf.InteractiveSession()
print(result.eval())
sess.close()

sess = tf.Session()
with sess.as_default():
    print(result.eval())
print(sess.run(result))
sess.close()

config = tf.ConfigProto(allow_soft_placement=True, log_device_placement=False)
with tf.Session(config=config) as sess:
    print(sess.run([a * b, tf.reduce_sum(result)]))
print(a.graph is tf.get_default_graph(), result.op.name, [i.name for i in result.op.inputs])
