import core as tf

with tf.variable_scope("foo"):
    v = tf.get_variable("v", [1], initializer=tf.constant_initializer(1.0))
with tf.variable_scope("foo", reuse=True):
    v1 = tf.get_variable("v", [1])
    print(v == v1)
try:
    with tf.variable_scope("bar", reuse=True):
        v = tf.get_variable("v", [1])
except ValueError:
    print("no variable bar/v")

with tf.variable_scope("root"):
    print(tf.get_variable_scope().reuse)
    with tf.variable_scope("foo", reuse=True):
        print(tf.get_variable_scope().reuse)
        with tf.variable_scope("bar"):
            print(tf.get_variable_scope().reuse)
    print(tf.get_variable_scope().reuse)

v1 = tf.get_variable("v", [1])
print(v1.name)
with tf.variable_scope("fo"):
    v2 = tf.get_variable("v", [1])
    print(v2.name)
with tf.name_scope("a"):
    a = tf.Variable([1])
    print(a.name)
    b = tf.get_variable("b", [1])
    print(b.name)
with tf.name_scope("a"):
    print(tf.add(1, 2, name="sum").name, tf.Variable(0.0).name)
