"""Initialisers with seeds: TensorFlow's numbers."""

from __future__ import annotations

from tests.programs import Play

SHAPES = {"vector": [5], "matrix": [7, 4], "wide": [3, 8], "filter": [3, 2, 5, 4]}


def _made(names):
    def program(tf, np):
        makers = {
            "zeros": tf.zeros_initializer(), "ones": tf.ones_initializer(), "constant": tf.constant_initializer(2.5),
            "list": tf.constant_initializer([1.0, 2.0, 3.0]),
            "uniform": tf.random_uniform_initializer(-1.0, 3.0, seed=11),
            "normal": tf.random_normal_initializer(1.0, 0.5, seed=12),
            "truncated": tf.truncated_normal_initializer(1.0, 0.5, seed=13),
            "unit": tf.uniform_unit_scaling_initializer(1.5, seed=14),
            "scaling": tf.variance_scaling_initializer(2.0, "fan_in", "truncated_normal", seed=15),
            "scaling_out": tf.variance_scaling_initializer(2.0, "fan_out", "uniform", seed=16),
            "scaling_plain": tf.variance_scaling_initializer(0.5, "fan_avg", "untruncated_normal", seed=17),
            "glorot_uniform": tf.glorot_uniform_initializer(seed=18),
            "glorot_normal": tf.glorot_normal_initializer(seed=19), "he_normal": tf.initializers.he_normal(seed=20),
            "he_uniform": tf.initializers.he_uniform(seed=21), "lecun_normal": tf.initializers.lecun_normal(seed=22),
            "lecun_uniform": tf.initializers.lecun_uniform(seed=23),
            "identity": tf.initializers.identity(gain=2.0),
            "orthogonal": tf.orthogonal_initializer(gain=1.5, seed=24),
        }
        fetch = {}
        for name in names:
            for label, shape in SHAPES.items():
                if (name == "identity" and len(shape) != 2) or (name == "orthogonal" and len(shape) < 2):
                    continue
                fetch[f"{name}_{label}"] = tf.get_variable(f"{name}_{label}", shape, initializer=makers[name])
        tf.get_variable("default", [4, 3])
        fetch["double"] = tf.get_variable("double", [4, 3], tf.float64, initializer=makers[names[0]])
        return Play(fetch, nodes="none" if names == ["identity"] else "all")  # 2.21 makes tf.eye of other ops
    return program


def _unseeded_ops_of_a_seeded_graph(tf, np):
    a = tf.Variable(tf.random_normal([3, 2]), name="a")
    b = tf.Variable(tf.truncated_normal([3, 2], stddev=0.1), name="b")
    c = tf.get_variable("c", [3, 2])
    d = tf.Variable(lambda: tf.random_uniform([2], -1.0, 2.0), name="d")
    # 2.21 numbers the random operations, 1.15 takes the count of all operations as their seed.
    return Play(nodes="all", strings={"names": [v.name for v in (a, b, c, d)]})


PROGRAMS = {
    "constants": _made(["zeros", "ones", "constant", "list"]),
    "random": _made(["uniform", "normal", "truncated", "unit"]),
    "scaling": _made(["scaling", "scaling_out", "scaling_plain", "glorot_uniform", "glorot_normal"]),
    "he": _made(["he_normal", "he_uniform", "lecun_normal", "lecun_uniform"]),
    "identity": _made(["identity"]),
    "orthogonal": _made(["orthogonal"]),
    "seeded_graph": _unseeded_ops_of_a_seeded_graph,
}
