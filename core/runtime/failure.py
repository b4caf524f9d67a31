"""Words what goes wrong inside a kernel: the right class of core.errors, with the op, the user's line and the shapes
that came in.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from core.errors import (
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OpError,
    OutOfRangeError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
    format_error,
)
from core.graph import Cell, Operation

__all__ = ["describe", "kernel_error"]

_CLASSES: tuple[tuple[type[BaseException], type[OpError]], ...] = (
    (MemoryError, ResourceExhaustedError),
    (NotImplementedError, UnimplementedError),
    (FileNotFoundError, NotFoundError),
    (PermissionError, PermissionDeniedError),
    (StopIteration, OutOfRangeError),
    (ValueError, InvalidArgumentError),
    (TypeError, InvalidArgumentError),
    (IndexError, InvalidArgumentError),
    (KeyError, InvalidArgumentError),
    (ArithmeticError, InvalidArgumentError),
    (OSError, UnknownError),
)


def kernel_error(error: BaseException, op: Operation, inputs: Sequence[Any] | None) -> BaseException:
    """Returns what to raise for `error`, which came out of the kernel of `op`; an interrupt stays what it is."""
    if not isinstance(error, Exception):
        return error
    got = None if inputs is None else ", ".join(describe(v) for v in inputs) or None
    if isinstance(error, OpError):
        if error._op is not None and error._op is not op:
            return error  # worded already: it comes from a body graph
        worded = copy(error)  # the kernel may raise the same object again
        worded._op = op
        if "  op:  " not in error._message:
            worded._message = format_error(error._message, op=op, got=got)
        return worded
    wanted = next((to for kind, to in _CLASSES if isinstance(error, kind)), None)
    text = str(error) or type(error).__name__
    if wanted is None:
        return InternalError(None, op, format_error(
            f"{type(error).__name__}: {text}", op=op, got=got, fix="This is a fault of the engine: please report it."))
    return wanted(None, op, format_error(text, op=op, got=got))


def describe(value: Any) -> str:
    """A value's type and shape in a few words, never its contents.

    Example:
      >>> describe(np.zeros([2, 3], np.float32))
      'float32[2, 3]'
    """
    if isinstance(value, (np.ndarray, np.generic)):
        kind = "string" if value.dtype == object else str(value.dtype)
        return f"{kind}{list(value.shape)}"
    if isinstance(value, Cell):
        return f"variable {value.name!r}" + (
            " (uninitialised)" if value.array is None else f" {describe(value.array)}")
    return type(value).__name__
