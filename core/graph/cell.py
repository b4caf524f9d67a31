"""The storage of one variable in one session."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from core.dtypes import DType
from core.errors import FailedPreconditionError

__all__ = ["Cell"]


class Cell:
    """Holds a variable's array (`None` while it is uninitialised).

    Kernels of ops that declare `writes` may change `array` in place; everybody else only reads it.
    """

    __slots__ = ("__weakref__", "array", "dtype", "lock", "name")

    def __init__(self, name: str, dtype: DType) -> None:
        self.name = name
        self.dtype = dtype
        self.array: Any = None
        self.lock = threading.RLock()

    def read(self) -> Any:
        """The array itself (not a copy); FailedPreconditionError when the variable has no value yet."""
        array = self.array
        if array is None:
            raise FailedPreconditionError(
                None, None,
                f"Attempting to use uninitialized value {self.name}. Give the variable its value first: run "
                f"`sess.run(tf.global_variables_initializer())` once in this session, or restore a checkpoint.")
        return array

    def assign(self, value: Any) -> None:
        """Stores a copy of `value`; in place when shape and dtype stay the same."""
        array = self.array
        if array is not None and array.shape == value.shape and array.dtype == value.dtype:
            if array is not value:
                np.copyto(array, value)
        else:
            self.array = np.array(value, order="C")

    def __repr__(self) -> str:
        return f"<Cell {self.name} {self.dtype.name} {'uninitialised' if self.array is None else self.array.shape}>"
