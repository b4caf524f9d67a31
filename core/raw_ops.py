"""Every op under its own type, with keyword arguments only: `tf.raw_ops.MatMul(a=x, b=y, transpose_b=True)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.graph import REGISTRY, apply_op

__all__: list[str] = []


def _raw(op_type: str) -> Callable[..., Any]:
    names = [arg.name for arg in REGISTRY[op_type].inputs]

    def raw_op(*, name: str | None = None, **given: Any) -> Any:
        missing = [n for n in names if n not in given]
        if missing:
            raise TypeError(f"{op_type} needs the argument(s) {', '.join(missing)}.")
        inputs = [given.pop(n) for n in names]
        return apply_op(op_type, *inputs, name=name, **given)

    raw_op.__name__ = raw_op.__qualname__ = op_type
    signature = REGISTRY[op_type].signature
    raw_op.__doc__ = (f"Makes one {op_type} node: ({signature[0]}) -> ({signature[1]}); "
                      f"attributes {signature[2] or 'none'}.")
    return raw_op


def __getattr__(name: str) -> Any:
    if name not in REGISTRY:
        raise AttributeError(f"There is no op of type {name!r} in the registry.")
    function = globals()[name] = _raw(name)
    return function


def __dir__() -> list[str]:
    return sorted(REGISTRY)
