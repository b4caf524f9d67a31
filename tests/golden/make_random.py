"""Writes tests/golden/random.npz: what TensorFlow's CPU random kernels draw. Run with a Python that has TensorFlow.

python tests/golden/make_random.py
"""

import os
import zlib
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
raw = tf.raw_ops
SEEDS = [(87654321, 1), (2**62 + 9, -5)]
SHAPES = [(), (2, 3), (7, 11), (0,)]
RUNS = 3
TYPES = {"float16": tf.float16, "bfloat16": tf.bfloat16, "float32": tf.float32, "float64": tf.float64}


def keep(value):
    value = np.asarray(value)
    if value.dtype.name == "bfloat16":
        value = value.astype(np.float32)
    return value


def main():
    out = {}
    config = tf.ConfigProto(intra_op_parallelism_threads=1)
    for number, (seed, seed2) in enumerate(SEEDS):
        with tf.Graph().as_default(), tf.Session(config=config) as sess:
            ops = {}
            for index, shape in enumerate(SHAPES):
                size = tf.constant(shape, tf.int32, shape=[len(shape)])
                for name, dtype in TYPES.items():
                    for kind, op in (
                        ("uniform", raw.RandomUniform),
                        ("normal", raw.RandomStandardNormal),
                        ("truncated", raw.TruncatedNormal),
                    ):
                        ops[f"{kind}/{name}/{index}"] = op(shape=size, dtype=dtype, seed=seed, seed2=seed2)
                for lo, hi, dtype in ((0, 10, tf.int32), (-(2**31), 2**31 - 1, tf.int32), (-9, 2**40, tf.int64)):
                    ops[f"int/{dtype.name}/{index}/{lo}/{hi}"] = raw.RandomUniformInt(
                        shape=size,
                        minval=tf.constant(lo, dtype),
                        maxval=tf.constant(hi, dtype),
                        seed=seed,
                        seed2=seed2,
                    )
            for n in (1, 2, 23, 101):
                ops[f"shuffle/{n}"] = raw.RandomShuffle(value=np.arange(n), seed=seed, seed2=seed2)
            random = np.random.RandomState(number)
            for rows, classes, k in ((1, 3, 7), (4, 5, 3), (2, 90, 11)):
                logits = random.randn(rows, classes).astype(np.float32)
                if rows == 4:
                    logits[1, 2] = -np.inf
                out[f"{number}/logits/{rows}"] = logits
                ops[f"multinomial/{rows}/{k}"] = raw.Multinomial(logits=logits, num_samples=k, seed=seed, seed2=seed2)
            for dtype in ("float32", "float64"):
                alpha = np.array([0.3, 1.0, 2.5, 40.0], dtype)
                ops[f"gamma/{dtype}"] = raw.RandomGamma(
                    shape=tf.constant([3, 5]), alpha=tf.constant(alpha), seed=seed, seed2=seed2
                )
                rate = np.array([0.5, 9.0, 10.0, 300.0], dtype)
                ops[f"poisson/{dtype}"] = raw.RandomPoissonV2(
                    shape=tf.constant([3, 7]), rate=tf.constant(rate), seed=seed, seed2=seed2, dtype=dtype
                )
                bounds = [(0, 1, -2, 2), (0, 1, 3, np.inf), (1, 2, 1.5, 1.75), (5, 2, -np.inf, 1), (0, 1, -1, 1)]
                parameters = [tf.constant(np.array(p, dtype)) for p in zip(*bounds)]
                ops[f"bounded/{dtype}"] = raw.ParameterizedTruncatedNormal(
                    shape=tf.constant([5, 13]),
                    means=parameters[0],
                    stdevs=parameters[1],
                    minvals=parameters[2],
                    maxvals=parameters[3],
                    seed=seed,
                    seed2=seed2,
                )
                ops[f"bounded_all/{dtype}"] = raw.ParameterizedTruncatedNormal(
                    shape=tf.constant([11, 23]),
                    means=tf.constant(1, dtype),
                    stdevs=tf.constant(2, dtype),
                    minvals=tf.constant(0, dtype),
                    maxvals=tf.constant(9, dtype),
                    seed=seed,
                    seed2=seed2,
                )
            values = {key: [] for key in ops}
            for _ in range(RUNS):
                for key, value in sess.run(ops).items():
                    values[key].append(keep(value))
            for key, value in values.items():
                out[f"{number}/{key}"] = np.stack(value)
            # Long streams, as check sums: (kind, dtype, values).
            for kind, op in (
                ("uniform", raw.RandomUniform),
                ("normal", raw.RandomStandardNormal),
                ("truncated", raw.TruncatedNormal),
            ):
                for name, length in (("float32", 200_003), ("float64", 5_001)):
                    value = sess.run(op(shape=tf.constant([length]), dtype=TYPES[name], seed=seed, seed2=seed2))
                    out[f"{number}/crc/{kind}/{name}/{length}"] = np.int64(zlib.crc32(value.tobytes()))
    np.savez_compressed(Path(__file__).with_name("random.npz"), **out)


if __name__ == "__main__":
    main()
