"""Times of the convolution, pooling and random kernels at the sizes of docs and papers: milliseconds, best of many.

python benchmarks/kernels.py
"""

import timeit
from collections.abc import Callable
from functools import partial

import numpy as np

from core.kernels.conv import Conv2D
from core.kernels.philox import Philox, fresh_generator
from core.kernels.threads import cores


def best(function: Callable[[], object], repeat: int = 9, number: int = 2) -> float:
    """Milliseconds of the fastest round."""
    function()
    return min(timeit.repeat(function, number=number, repeat=repeat)) / number * 1e3


def convolutions() -> None:
    """Forward, input gradient and filter gradient of a few layers."""
    layers = {
        "LeNet conv1 64x28x28x1 -> 32, 5x5": ((64, 28, 28, 1), (5, 5, 1, 32), 1),
        "LeNet conv2 64x14x14x32 -> 64, 5x5": ((64, 14, 14, 32), (5, 5, 32, 64), 1),
        "64x28x28x64 -> 64, 3x3": ((64, 28, 28, 64), (3, 3, 64, 64), 1),
        "32x32x32x3 -> 32, 3x3": ((32, 32, 32, 3), (3, 3, 3, 32), 1),
        "32x28x28x32 -> 64, 3x3, stride 2": ((32, 28, 28, 32), (3, 3, 32, 64), 2),
        "32x14x14x128 -> 64, 1x1": ((32, 14, 14, 128), (1, 1, 128, 64), 1),
    }
    random = np.random.default_rng(0)
    print(f"{'convolution (SAME), ' + str(cores()) + ' cores':45}{'forward':>10}{'input':>10}{'filter':>10}")
    for name, (x_shape, w_shape, stride) in layers.items():
        plan = Conv2D(x_shape, w_shape, (stride, stride))
        x, w = random.standard_normal(x_shape, np.float32), random.standard_normal(w_shape, np.float32)
        dy = random.standard_normal(plan.out_shape, np.float32)
        y, dx = np.empty_like(dy), np.empty_like(x)
        times = (
            best(partial(plan.forward, x, w, y)),
            best(partial(plan.input_grad, w, dy, dx)),
            best(partial(plan.filter_grad, x, dy)),
        )
        print(f"{name:45}" + "".join(f"{t:10.2f}" for t in times))


def random_numbers() -> None:
    """A million numbers of each kind, seeded and not."""
    print(f"{'10^6 float32':45}{'uniform':>10}{'normal':>10}{'truncated':>10}")
    for name, stream in (("seeded (TensorFlow's bits)", Philox(1, 2)), ("unseeded", fresh_generator())):
        times = (
            best(partial(stream.uniform, (10**6,))),
            best(partial(stream.normal, (10**6,))),
            best(partial(stream.truncated_normal, (10**6,))),
        )
        print(f"{name:45}" + "".join(f"{t:10.2f}" for t in times))


if __name__ == "__main__":
    convolutions()
    random_numbers()
