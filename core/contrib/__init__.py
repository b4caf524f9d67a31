"""`tf.contrib`: the few parts of it that programs of that time lean on. Each loads when it is first asked for."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["framework", "layers", "rnn", "util"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"tf.contrib.{name} is not here; there are {', '.join(__all__)}.")
    return importlib.import_module(f"core.contrib.{name}")


def __dir__() -> list[str]:
    return list(__all__)
