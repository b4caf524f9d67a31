"""Branches, loops, arrays and loops over elements; TensorFlow's values are the truth. See tests/programs.py."""

from __future__ import annotations

from tests.programs import Play

ROWS = [[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]


def _play(fetch, **more):
    return Play(fetch=fetch, nodes="none", **more)


def cond_both_ways(tf, np):
    x, p = tf.constant(ROWS), tf.placeholder_with_default(True, [])
    q = tf.placeholder(tf.bool, [])
    y, n = tf.cond(q, lambda: (x * x, tf.constant(1)), lambda: (tf.exp(x), tf.constant(2)))
    inner = tf.cond(q, lambda: tf.cond(p, lambda: x * 2.0, lambda: x), lambda: -x)
    g = tf.gradients(y, x)[0]
    fetch = {"y": y, "n": n, "grad": g, "inner": inner, "grad inner": tf.gradients(inner, x)[0],
             "second": tf.gradients(g * x, x)[0]}
    return _play(fetch, steps=2, feeds=[{q: True}, {q: False}])


def cases_in_order(tf, np):
    x = tf.placeholder(tf.float32, [])
    y = tf.case([(x < 1.0, lambda: x * 10.0), (x < 2.0, lambda: x * 100.0)], default=lambda: x * x)
    z = tf.switch_case(tf.cast(x, tf.int32), [lambda: x, lambda: x + 1.0, lambda: x * x * x], default=lambda: -x)
    return _play({"y": y, "z": z, "dy": tf.gradients(y, x)[0], "dz": tf.gradients(z, x)[0],
                  "ddz": tf.gradients(z * z, x)[0]},
                 steps=4, feeds=[{x: 0.5}, {x: 1.5}, {x: 2.5}, {x: 7.0}])


def loop_of_captured(tf, np):
    w, x = tf.constant([[0.5, 0.25], [-0.3, 0.9]]), tf.constant([[1.0, 2.0]])
    count = tf.placeholder_with_default(4, [])
    _, y = tf.while_loop(lambda i, v: i < count, lambda i, v: (i + 1, tf.tanh(tf.matmul(v, w))), (0, x))
    gw, gx = tf.gradients(y, [w, x])
    return _play({"y": y, "gw": gw, "gx": gx})


def loop_second_order(tf, np):
    x = tf.constant([1.5, 0.5])
    _, y = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), (0, x))
    first = tf.gradients(y, x)[0]
    return _play({"y": y, "first": first})


def nested_loops(tf, np):
    x = tf.constant([0.5, 1.5, -1.0])

    def outer(i, v):
        _, u = tf.while_loop(lambda j, u: j < i + 1, lambda j, u: (j + 1, u * 1.1 + x), (0, v))
        return i + 1, tf.sin(u)

    i, y = tf.while_loop(lambda i, v: i < 3, outer, (0, x * 2.0))
    return _play({"i": i, "y": y, "grad": tf.gradients(y, x)[0]})


def cond_in_loop(tf, np):
    x = tf.constant(1.25)
    _, y = tf.while_loop(
        lambda i, v: i < 5,
        lambda i, v: (i + 1, tf.cond(tf.equal(i % 2, 0), lambda: v * x, lambda: v + x)), (0, tf.constant(2.0)))
    return _play({"y": y, "grad": tf.gradients(y, x)[0]})


def loop_in_cond(tf, np):
    x = tf.constant([1.25, -0.5])
    q = tf.placeholder(tf.bool, [])
    y = tf.cond(q, lambda: tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), (0, x))[1],
                lambda: x + 1.0)
    return _play({"y": y, "grad": tf.gradients(y, x)[0]}, steps=2, feeds=[{q: True}, {q: False}])


def shape_invariants(tf, np):
    x = tf.constant([[1.0, 2.0]])
    _, y = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, tf.concat([v, v * 2.0], 0)), (0, x),
                         shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, 2])))
    return _play({"y": y, "grad": tf.gradients(y, x)[0]}, strings={"shape": y.shape.as_list()})


def structures(tf, np):
    start = {"a": tf.constant(0), "b": (tf.constant([1.0]), tf.constant([2.0]))}
    out = tf.while_loop(lambda s: s["a"] < 4,
                        lambda s: [{"a": s["a"] + 1, "b": (s["b"][0] + s["b"][1], s["b"][1] * 0.5)}], [start])[0]
    return _play({"a": out["a"], "b0": out["b"][0], "b1": out["b"][1]})


def at_most(tf, np):
    i = tf.while_loop(lambda i: i < 100, lambda i: i + 7, [tf.constant(0)], maximum_iterations=4)
    none = tf.while_loop(lambda i: i < 0, lambda i: i + 7, [tf.constant(5)])
    return _play({"i": i, "none": none})


def stopped(tf, np):
    x = tf.constant(2.0)
    _, y = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), (0, x), back_prop=False)
    return _play({"y": y, "grad": tf.gradients(y + x, x)[0]})


def assigned_in_order(tf, np):
    v = tf.Variable(1.0, use_resource=True)
    with tf.control_dependencies([v.initializer]):
        start = tf.constant(0)

    def body(i):
        first = v.assign_add(2.0, read_value=False)
        with tf.control_dependencies([first]):
            second = v.assign(v.read_value() * 3.0, read_value=False)
        with tf.control_dependencies([second]):
            return i + 1

    done = tf.while_loop(lambda i: i < 3, body, [start])
    with tf.control_dependencies([done]):
        value = v.read_value()
    return _play({"value": value})


def branch_assigns(tf, np):
    v = tf.Variable(10.0, use_resource=True)
    q = tf.placeholder(tf.bool, [])
    done = tf.cond(q, lambda: v.assign_add(1.0), lambda: v.assign_sub(2.0))
    with tf.control_dependencies([done]):
        value = v.read_value()
    return _play({"value": value}, steps=3, feeds=[{q: True}, {q: True}, {q: False}])


def gradient_of_variable(tf, np):
    v = tf.get_variable("v", initializer=[1.5, -0.5], use_resource=True)
    _, y = tf.while_loop(lambda i, u: i < 3, lambda i, u: (i + 1, u * v), (0, tf.constant([1.0, 2.0])))
    z = tf.cond(tf.reduce_sum(y) > 0.0, lambda: v * v, lambda: v)
    return _play({"dy": tf.gradients(y, v)[0], "dz": tf.gradients(z, v)[0]})


def arrays(tf, np):
    x = tf.constant(ROWS)
    a = tf.TensorArray(tf.float32, 2, clear_after_read=False).unstack(x)
    b = tf.TensorArray(tf.float32, 0, dynamic_size=True)
    _, b = tf.while_loop(lambda i, b: i < 4, lambda i, b: (i + 1, b.write(i, a.read(i % 2) * tf.cast(i, tf.float32))),
                         (0, b))
    y = b.stack()
    c = tf.TensorArray(tf.float32, 4, clear_after_read=False).scatter([3, 1, 0, 2], y)
    d = tf.TensorArray(tf.float32, 3, infer_shape=False, element_shape=[None, 3]).split(y, [1, 2, 1])
    return _play({"y": y, "size": b.size(), "grad": tf.gradients(y * y, x)[0], "scattered": c.stack(),
                  "concat": d.concat(), "gathered": c.gather([2, 0]),
                  "grad scattered": tf.gradients(c.stack() * y, x)[0]})


def mapped(tf, np):
    x, n = tf.constant(ROWS), tf.constant([2, 3])
    y = tf.map_fn(lambda r: tf.reduce_sum(r) * r, x)
    z = tf.map_fn(lambda p: (p[0] * tf.cast(p[1], tf.float32), p[1] + 1), (x, n), dtype=(tf.float32, tf.int32))
    return _play({"y": y, "grad": tf.gradients(y, x)[0], "z0": z[0], "z1": z[1]},
                 strings={"shape": y.shape.as_list()})


def folded(tf, np):
    x = tf.constant(ROWS)
    y = tf.foldl(lambda a, r: a * 2.0 + r, x)
    z = tf.foldr(lambda a, r: a * 2.0 + r, x, initializer=tf.zeros([3]))
    return _play({"y": y, "z": z, "gy": tf.gradients(y, x)[0], "gz": tf.gradients(z, x)[0]})


def scanned(tf, np):
    x = tf.constant(ROWS)
    y = tf.scan(lambda a, r: a * 0.5 + r, x)
    z = tf.scan(lambda a, r: a * r, x, initializer=tf.ones([3]), reverse=True)
    f = tf.scan(lambda a, _: (a[1], a[0] + a[1]), tf.range(6), initializer=(np.int32(0), np.int32(1)))
    return _play({"y": y, "z": z, "gy": tf.gradients(y, x)[0], "gz": tf.gradients(z, x)[0], "f": f[1]},
                 strings={"shape": z.shape.as_list()})


PROGRAMS = {f.__name__: f for f in (
    cond_both_ways, cases_in_order, loop_of_captured, loop_second_order, nested_loops, cond_in_loop, loop_in_cond,
    shape_invariants, structures, at_most, stopped, assigned_in_order, branch_assigns, gradient_of_variable, arrays,
    mapped, folded, scanned)}
