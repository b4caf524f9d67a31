"""Composed programs and their gradients: the numbers are TensorFlow's, the nodes' inner names need not be."""

from __future__ import annotations

from tests.programs import Play


def _play(fetch):
    return Play({k: v for k, v in fetch.items() if v is not None}, nodes="none",
                strings={"none": sorted(k for k, v in fetch.items() if v is None)})


def _arrays(np, *shapes, dtype="float32"):
    random = np.random.RandomState(len(shapes))
    return [random.randn(*shape).astype(dtype) for shape in shapes]


def _mlp(tf, np):
    x, w1, b1, w2, y = (tf.constant(a) for a in _arrays(np, (5, 3), (3, 7), (7,), (7, 2), (5, 2)))
    hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.nn.softmax(y),
                                                                     logits=tf.matmul(hidden, w2)))
    return _play(dict(zip("abcde", tf.gradients(loss, [x, w1, b1, w2, y]))))


def _convolution(tf, np):
    x, f, g = (tf.constant(a) for a in _arrays(np, (2, 8, 7, 3), (3, 3, 3, 5), (5,)))
    y = tf.nn.max_pool(tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, f, [1, 1, 1, 1], "SAME"), g)), [1, 2, 2, 1],
                       [1, 2, 2, 1], "VALID")
    return _play(dict(zip("xfg", tf.gradients(tf.reduce_sum(y * y), [x, f, g]))))


def _shared(tf, np):
    x = tf.constant(_arrays(np, (3, 4))[0])
    y = tf.tanh(x)
    z = y * y + tf.exp(y) - tf.reduce_sum(y, 1, keepdims=True) / tf.transpose(tf.ones([4, 3])) + x
    parts = tf.split(z, 2, axis=1)
    out = tf.concat([parts[1], parts[0] * 2.0, x], 1)
    tree = tf.gradients(out, x, aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)[0]
    pile = tf.gradients(out, x, aggregation_method=tf.AggregationMethod.EXPERIMENTAL_ACCUMULATE_N)[0]
    return _play({"x": tf.gradients(out, x)[0], "y": tf.gradients(out, y)[0], "tree": tree, "pile": pile})


def _given(tf, np):
    a, b, ga, gb = (tf.constant(v) for v in _arrays(np, (2, 3), (3, 2), (2, 2), (2, 3)))
    both = tf.gradients([tf.matmul(a, b), tf.sin(a)], [a, b], grad_ys=[ga, gb])
    half = tf.gradients([tf.matmul(a, b), tf.sin(a)], [a, b], grad_ys=[None, gb])
    return _play({"a": both[0], "b": both[1], "c": half[0], "d": half[1]})


def _stopped(tf, np):
    a = tf.constant(2.0)
    b = 2.0 * a
    c = a * b + b
    d = tf.stop_gradient(b) * a
    partial = tf.gradients(c, [a, b], stop_gradients=[a, b])
    total = tf.gradients(c, [a, b])
    cut = tf.gradients(c, [a], stop_gradients=[b])
    # Only what lies behind a stopped tensor is cut, other ways through it are not.
    e = b + 1.0
    around = tf.gradients(e * a, [a, b], stop_gradients=e)
    return _play({"pa": partial[0], "pb": partial[1], "ta": total[0], "tb": total[1], "cut": cut[0],
                  "d": tf.gradients(d, a)[0], "around": around[0], "around_b": around[1]})


def _unconnected(tf, np):
    x, y = tf.constant([[1.0, 2.0]]), tf.constant([3.0, 4.0, 5.0])
    v = tf.Variable([[1.0], [2.0]], use_resource=True)
    none = tf.gradients(tf.square(x), [x, y, v])
    zero = tf.gradients(tf.square(x), [x, y, v], unconnected_gradients="zero")
    through_int = tf.gradients(tf.cast(tf.cast(x, tf.int32), tf.float32), x)
    rounded = tf.gradients(tf.argmax(x, 1), x)
    return _play({"a": none[0], "b": none[1], "c": none[2], "d": zero[0], "e": zero[1], "f": zero[2],
                  "g": through_int[0], "h": rounded[0]})


def _itself(tf, np):
    x = tf.constant([1.0, 2.0])
    y = x * 3.0
    return _play({"x": tf.gradients(x, x)[0], "y": tf.gradients(y, [y])[0], "xy": tf.gradients([x, y], x)[0],
                  "both": tf.gradients(y * x, [y, x])[0]})


def _slices(tf, np):
    table = tf.constant(_arrays(np, (6, 3))[0])
    once = tf.gather(table, [1, 4, 1])
    again = tf.gather(table, [[0, 4], [5, 4]])
    only = tf.gradients(tf.reduce_sum(once * once) + tf.reduce_sum(again), table)[0]
    mixed = tf.gradients(tf.reduce_sum(once) + tf.reduce_sum(table * table), table)[0]
    columns = tf.gradients(tf.gather(table, [2, 0, 2], axis=1) ** 2, table)[0]
    return Play({"values": only.values, "indices": only.indices, "shape": only.dense_shape, "mixed": mixed,
                 "dense": tf.convert_to_tensor(only), "columns": columns}, nodes="none",
                strings={"kinds": [type(only).__name__, isinstance(mixed, tf.Tensor)]})


def _variables(use_resource):
    def program(tf, np):
        first, second = _arrays(np, (6, 3), (3, 2))
        table = tf.Variable(first, use_resource=use_resource)
        w = tf.Variable(second, use_resource=use_resource)
        rows = tf.gather(table, [1, 5, 1, 0])
        loss = tf.reduce_sum(tf.square(tf.matmul(rows, w))) + tf.reduce_sum(tf.gather_nd(table, [[2, 1], [1, 0]]))
        by_rows, by_w = tf.gradients(loss, [table, w])
        total = tf.gradients(loss + tf.reduce_sum(table), table)[0]
        return _play({"rows": tf.convert_to_tensor(by_rows), "w": by_w, "total": tf.convert_to_tensor(total)})
    return program


def _second_order(tf, np):
    x = tf.constant(_arrays(np, (4,))[0])
    y = tf.reduce_sum(tf.exp(x) * tf.sin(x) + x ** 4 / (1.0 + x * x))
    first = tf.gradients(y, x)[0]
    second = tf.gradients(first, x)[0]
    third = tf.gradients(second, x)[0]
    product = tf.gradients(tf.reduce_sum(first * tf.constant([1.0, 2.0, 3.0, 4.0])), x)[0]
    return _play({"first": first, "second": second, "third": third, "product": product})


def _penalty(tf, np):
    x, w = (tf.constant(a) for a in _arrays(np, (5, 3), (3, 4)))
    out = tf.reduce_sum(tf.tanh(tf.matmul(x, w)), 1)
    slope = tf.gradients(out, x)[0]
    penalty = tf.reduce_mean((tf.sqrt(tf.reduce_sum(slope ** 2, 1)) - 1.0) ** 2)
    return _play({"penalty": penalty, "w": tf.gradients(penalty, w)[0]})


def _hessian(tf, np):
    x, m = _arrays(np, (3,), (2, 2))
    a, b = tf.constant(x), tf.constant(m)
    by_vector = tf.hessians(tf.reduce_prod(a) + tf.reduce_sum(a ** 3), a)[0]
    by_matrix = tf.hessians(tf.matrix_determinant(b) * tf.reduce_sum(b ** 2), b)[0]
    several = tf.hessians(a[0] * a[1] + b[0, 0] ** 2, [a, b])
    return _play({"vector": by_vector, "matrix": by_matrix, "a": several[0], "b": several[1]})


def _broadcast(tf, np):
    a, b, c = (tf.constant(v) for v in _arrays(np, (2, 1, 4), (3, 1), (4,)))
    d = tf.constant(1.5)
    y = a * b / (c * c + 1.0) - d ** a + tf.maximum(a, b) * tf.minimum(c, d) + tf.atan2(b, c * c + 0.5)
    return _play(dict(zip("abcd", tf.gradients(y, [a, b, c, d]))))


def _sums(tf, np):
    x = tf.constant(_arrays(np, (2, 3, 4))[0] + 3.0)
    y = (tf.reduce_mean(x, [0, 2]) * tf.reduce_max(x, [0, 2]) + tf.reduce_prod(x[:, :, 1], 0)
         + tf.reduce_logsumexp(x, [0, 2]) + tf.norm(x, axis=[0, 2]) - tf.reduce_min(x[0], 1))
    return _play({"x": tf.gradients(y, x)[0]})


def _shapes(tf, np):
    x = tf.constant(_arrays(np, (2, 3, 4))[0])
    y = tf.reshape(tf.transpose(x, [2, 0, 1]), [4, 6])
    y = tf.pad(y[1:3, ::-2], [[1, 0], [2, 1]]) * tf.reduce_sum(tf.tile(x[0, :, :1], [2, 6]))
    z = tf.stack([x[0], x[1] * 2.0], axis=1)
    z = tf.squeeze(tf.expand_dims(tf.unstack(z)[2], 0), [0])
    w = tf.where(x > 0.0, x * x, -x)
    return _play({"x": tf.gradients([y, z, w, tf.slice(x, [0, 1, 1], [-1, 1, 2])], x)[0]})


def _complex(tf, np):
    re, im = (tf.constant(a) for a in _arrays(np, (3,), (3,)))
    z = tf.complex(re, im)
    y = tf.abs(z * z + tf.conj(z)) + tf.real(tf.exp(z)) * tf.imag(z)
    return _play(dict(zip(["re", "im"], tf.gradients(y, [re, im]))))


def _custom(tf, np):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    @tf.custom_gradient
    def two(x, y):
        return (x * y, x + y), lambda dp, ds: (dp * 10.0, ds * 100.0)

    x, y = tf.constant([1.0, 100.0]), tf.constant([3.0, 4.0])
    product, total = two(x, y)
    return _play({"log": tf.gradients(log1pexp(x), x)[0], "x": tf.gradients(product, x)[0],
                  "y": tf.gradients([product, total], y)[0], "value": product})


def _custom_with_variables(tf, np):
    with tf.variable_scope("v", use_resource=True):
        @tf.custom_gradient
        def layer(x):
            w = tf.get_variable("w", [2], initializer=tf.constant_initializer([2.0, 3.0]))

            def grad(dy, variables=None):
                return dy * 10.0, [dy * 100.0 for _ in variables]
            return x * w, grad

        x = tf.constant([1.0, 5.0])
        y = layer(x) * 2.0
    w = tf.trainable_variables()[0]
    return _play(dict(zip("xw", tf.gradients(y, [x, w]))))


PROGRAMS = {
    "mlp": _mlp, "convolution": _convolution, "shared": _shared, "given": _given, "stopped": _stopped,
    "unconnected": _unconnected, "itself": _itself, "slices": _slices, "variables_ref": _variables(False),
    "variables_resource": _variables(True), "second_order": _second_order, "penalty": _penalty, "hessian": _hessian,
    "broadcast": _broadcast, "sums": _sums, "shapes": _shapes, "complex": _complex, "custom": _custom,
    "custom_with_variables": _custom_with_variables,
}
