"""Writes tests/golden/pool.npz: TensorFlow's pooling on small arrays with many equal elements.

python tests/golden/make_pool.py
"""

import os
from pathlib import Path

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

raw = tf.raw_ops
# name: input shape, window, strides, padding
CASES = {
    "plain": ((2, 6, 8, 3), (1, 2, 2, 1), (1, 2, 2, 1), "VALID"),
    "ragged": ((2, 7, 9, 3), (1, 2, 2, 1), (1, 2, 2, 1), "SAME"),
    "overlap": ((2, 7, 6, 3), (1, 3, 2, 1), (1, 2, 1, 1), "SAME"),
    "gaps": ((2, 8, 10, 3), (1, 2, 3, 1), (1, 3, 4, 1), "VALID"),
    "large": ((2, 4, 5, 3), (1, 5, 7, 1), (1, 2, 1, 1), "SAME"),
}


def main():
    random = np.random.RandomState(0)
    out = {}
    for name, (shape, ksize, strides, padding) in CASES.items():
        rest = {"ksize": ksize, "strides": strides, "padding": padding}
        x = random.randint(0, 4, shape).astype(np.float32)
        y = tf.nn.max_pool(x, ksize, strides, padding).numpy()
        dy = random.randn(*y.shape).astype(np.float32)
        ddx = random.randn(*shape).astype(np.float32)
        out |= {f"{name}/x": x, f"{name}/max": y, f"{name}/dy": dy, f"{name}/ddx": ddx}
        out[f"{name}/max_grad"] = raw.MaxPoolGrad(orig_input=x, orig_output=y, grad=dy, **rest).numpy()
        out[f"{name}/max_grad_grad"] = raw.MaxPoolGradGrad(orig_input=x, orig_output=y, grad=ddx, **rest).numpy()
        out[f"{name}/avg"] = tf.nn.avg_pool(x, ksize, strides, padding).numpy()
        out[f"{name}/avg_grad"] = raw.AvgPoolGrad(orig_input_shape=shape, grad=dy, **rest).numpy()
        for batch in (False, True):
            _, argmax = raw.MaxPoolWithArgmax(input=x, include_batch_in_index=batch, **rest)
            out[f"{name}/argmax/{int(batch)}"] = argmax.numpy()
    cube = {"ksize": (1, 2, 3, 2, 1), "strides": (1, 2, 1, 3, 1), "padding": "SAME"}
    x = random.randint(0, 4, (2, 5, 4, 7, 3)).astype(np.float32)
    y = raw.MaxPool3D(input=x, **cube).numpy()
    dy = random.randn(*y.shape).astype(np.float32)
    out |= {"cube/x": x, "cube/max": y, "cube/dy": dy, "cube/avg": raw.AvgPool3D(input=x, **cube).numpy()}
    out["cube/max_grad"] = raw.MaxPool3DGrad(orig_input=x, orig_output=y, grad=dy, **cube).numpy()
    out["cube/avg_grad"] = raw.AvgPool3DGrad(orig_input_shape=x.shape, grad=dy, **cube).numpy()
    np.savez_compressed(Path(__file__).with_name("pool.npz"), **out)


if __name__ == "__main__":
    main()
