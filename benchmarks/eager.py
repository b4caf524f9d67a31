"""The same workloads as PyTorch programs, written as its users write them. Imports torch where it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[], Any]


def bp_net() -> Step:
    """The 2-3-1 net, batch 8, lists fed, Adam."""
    import torch  # a peer, present only where somebody wants the comparison

    torch.manual_seed(1)
    w1 = torch.randn(2, 3, requires_grad=True)
    w2 = torch.randn(3, 1, requires_grad=True)
    optimizer = torch.optim.Adam([w1, w2], lr=0.001)
    rows = np.random.RandomState(1).rand(8, 2)
    xs, ys = rows.tolist(), [[float(a + b < 1)] for a, b in rows]

    def step() -> None:
        optimizer.zero_grad()
        x, y_ = torch.tensor(xs), torch.tensor(ys)
        y = torch.sigmoid(x @ w1 @ w2)
        right = y_ * torch.log(y.clamp(1e-10, 1.0))
        wrong = (1 - y_) * torch.log((1 - y).clamp(1e-10, 1.0))
        (-(right + wrong).mean()).backward()
        optimizer.step()

    return step


def trainer(model: Any, shape: tuple[int, ...], rate: float) -> Step:
    """One step of Adam on random images of this shape."""
    import torch  # as above

    random = np.random.RandomState(0)
    images = random.rand(*shape).astype(np.float32)
    labels = random.randint(10, size=shape[0])
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)

    def step() -> None:
        optimizer.zero_grad()
        logits = model(torch.from_numpy(images))
        torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels)).backward()
        optimizer.step()

    return step


def mlp() -> Step:
    """784-256-256-10, relu, batch 128, Adam."""
    from torch import nn  # as above

    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    return trainer(model, (128, 784), 0.001)


def lenet() -> Step:
    """5x5x32, 5x5x64, 1024, dropout, batch 64, Adam."""
    from torch import nn  # as above

    convolutions = [nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    convolutions += [nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    dense = [nn.Flatten(), nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 10)]
    return trainer(nn.Sequential(*convolutions, *dense), (64, 1, 28, 28), 1e-4)


WORKLOADS: dict[str, Callable[[], Step]] = {"bp_net": bp_net, "mlp": mlp, "lenet": lenet}
