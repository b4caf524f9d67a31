"""TensorFlow's tree of errors, and the one way in which this engine words an error.

Ground floor: imports the standard library only, so that every other file may raise from here. Operations are
looked at by duck typing (`op.name`, `op.type`, `op.source`), because this file must not know the graph.
"""

from __future__ import annotations

import traceback as _traceback
import warnings
from types import TracebackType
from typing import Any

__all__ = [
    "ABORTED",
    "ALREADY_EXISTS",
    "CANCELLED",
    "DATA_LOSS",
    "DEADLINE_EXCEEDED",
    "FAILED_PRECONDITION",
    "INTERNAL",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OK",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNIMPLEMENTED",
    "UNKNOWN",
    "AbortedError",
    "AlreadyExistsError",
    "CancelledError",
    "DataLossError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OpError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
    "error_code_from_exception_type",
    "exception_type_from_error_code",
    "raise_exception_on_not_ok_status",
]

# The numbers of tensorflow/core/protobuf/error_codes.proto.
OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


# -----------------------------------------------------------------------------------------------------------
# Wording
# -----------------------------------------------------------------------------------------------------------


def format_source(source: Any) -> str:
    """Words a user's frame as `file:line in function` (or `cell 3, line 2`), with its code on the next line.

    Args:
        source: Anything with `file` and `line`, and perhaps `function`, `code`, `cell`; or None.

    Returns:
        The text; empty when `source` is None.
    """
    if source is None:
        return ""
    cell = getattr(source, "cell", None)
    line = getattr(source, "line", None)
    place = f"{getattr(source, 'file', '?')}:{line}" if cell is None else f"notebook cell {cell}, line {line}"
    function = getattr(source, "function", None)
    if function and function != "<module>" and not function.startswith("<cell line"):
        place += f" in {function}"
    code = (getattr(source, "code", None) or "").strip()
    return f"{place}\n               {code}" if code else place


def format_error(
    message: str, op: Any = None, got: Any = None, wanted: Any = None, fix: str | None = None
) -> str:
    """Words an error as this house does: what, which op, the user's line, got, wanted, what to do.

    Args:
        message: What happened, one sentence. TensorFlow's own words where programs may look for them.
        op: The Operation (or Tensor) at fault, or None; its name, type and user's line are added.
        got: What was there.
        wanted: What should have been there.
        fix: What the user can do about it.

    Returns:
        The text for an exception.

    Example:
        >>> print(format_error("The ranks differ.", got="rank 3", wanted="rank 2", fix="Use tf.squeeze."))
        The ranks differ.
          got:       rank 3
          wanted:    rank 2
          to fix it: Use tf.squeeze.
    """
    lines = [message]
    if op is not None:
        op = getattr(op, "op", op)  # a Tensor stands for the op that makes it
        lines.append(f"  op:        {getattr(op, 'name', op)!r} ({getattr(op, 'type', '?')})")
        source = format_source(getattr(op, "source", None))
        if source:
            lines.append(f"  made at:   {source}")
    if got is not None:
        lines.append(f"  got:       {got}")
    if wanted is not None:
        lines.append(f"  wanted:    {wanted}")
    if fix is not None:
        lines.append(f"  to fix it: {fix}")
    return "\n".join(lines)


def _format_traceback(op: Any) -> str:
    """Gives the stack where `op` was made, as text; the user's line alone where there is no stack."""
    stack = getattr(op, "traceback", None)
    if stack:
        try:
            source = getattr(op, "source", None)
            cell = None if source is None else getattr(source, "cell", None)
            frames = [tuple(frame)[:4] for frame in stack]
            if cell is not None:  # the frames of the notebook's machinery tell the user nothing
                frames = [f for f in frames if "/IPython/" not in f[0] and "/ipykernel/" not in f[0]]
            text = "".join(_traceback.format_list(frames))
            return text if source is None or cell is None else text.replace(f'File "{source.file}"', f"Cell In[{cell}]")
        except (TypeError, ValueError, AttributeError):  # an error's text must never fail; odd frames are left out
            pass
    source = format_source(getattr(op, "source", None))
    return f"  {source}\n" if source else ""


# -----------------------------------------------------------------------------------------------------------
# The tree
# -----------------------------------------------------------------------------------------------------------


class OpError(Exception):
    """The base of all errors that an op can end with.

    Args:
        node_def: The NodeDef of the op that failed, or None.
        op: The Operation that failed, or None where it was made at run time.
        message: What happened.
        error_code: One of the constants of `tf.errors`.
    """

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int = UNKNOWN) -> None:
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code

    @property
    def message(self) -> str:
        """What happened."""
        return self._message

    @property
    def op(self) -> Any:
        """The Operation that failed, or None."""
        return self._op

    @property
    def error_code(self) -> int:
        """The error's number, one of the constants of `tf.errors`."""
        return self._error_code

    @property
    def node_def(self) -> Any:
        """The NodeDef of the op that failed, or None."""
        if self._node_def is None and self._op is not None:
            return getattr(self._op, "node_def", None)
        return self._node_def

    def __reduce__(self) -> tuple[Any, ...]:
        # An Operation holds its graph and its locks: it stays behind when an error goes to another process.
        arguments = (None, None, self._message)
        return type(self), arguments if type(self) in _CODE_OF_CLASS else (*arguments, self._error_code)

    def __str__(self) -> str:
        if self._op is None:
            return self._message
        stack = _format_traceback(self._op)
        if not stack:
            return self._message
        return f"{self._message}\n\nOriginal stack trace for {getattr(self._op, 'name', '?')!r}:\n{stack}"


class CancelledError(OpError):
    """An op was cancelled, for example a waiting `enqueue` when its queue is closed."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, CANCELLED)


class UnknownError(OpError):
    """An error of unknown kind, for example an exception raised inside a `tf.py_func`."""

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int = UNKNOWN) -> None:
        super().__init__(node_def, op, message, error_code)


class InvalidArgumentError(OpError):
    """An op got an invalid argument, whatever the state of the system: wrong shape, wrong value, not fed."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, INVALID_ARGUMENT)


class DeadlineExceededError(OpError):
    """A deadline passed before the op was done, for example `timeout_in_ms` of a run."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, DEADLINE_EXCEEDED)


class NotFoundError(OpError):
    """A thing asked for, such as a file or a checkpoint's key, was not found."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, NOT_FOUND)


class AlreadyExistsError(OpError):
    """A thing to be made is there already."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, ALREADY_EXISTS)


class PermissionDeniedError(OpError):
    """The caller may not do this, for example read a file."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, PERMISSION_DENIED)


class UnauthenticatedError(OpError):
    """The request has no valid credentials."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, UNAUTHENTICATED)


class ResourceExhaustedError(OpError):
    """Something ran out, usually memory."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, RESOURCE_EXHAUSTED)


class FailedPreconditionError(OpError):
    """The system is not in the state for this op, most often: a variable is read before it is initialised."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, FAILED_PRECONDITION)


class AbortedError(OpError):
    """An op was aborted because of another one that ran at the same time."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, ABORTED)


class OutOfRangeError(OpError):
    """The end was passed: of a dataset, a closed queue, a file. Training loops catch this one."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, OUT_OF_RANGE)


class UnimplementedError(OpError):
    """An op does not support these (valid) arguments."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, UNIMPLEMENTED)


class InternalError(OpError):
    """Something that this engine relies on does not hold: a fault of ours."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, INTERNAL)


class UnavailableError(OpError):
    """The runtime can't be reached now."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, UNAVAILABLE)


class DataLossError(OpError):
    """Data is lost or damaged beyond repair, for example a truncated checkpoint."""

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, DATA_LOSS)


_CLASS_OF_CODE: dict[int, type[OpError]] = {
    CANCELLED: CancelledError,
    UNKNOWN: UnknownError,
    INVALID_ARGUMENT: InvalidArgumentError,
    DEADLINE_EXCEEDED: DeadlineExceededError,
    NOT_FOUND: NotFoundError,
    ALREADY_EXISTS: AlreadyExistsError,
    PERMISSION_DENIED: PermissionDeniedError,
    UNAUTHENTICATED: UnauthenticatedError,
    RESOURCE_EXHAUSTED: ResourceExhaustedError,
    FAILED_PRECONDITION: FailedPreconditionError,
    ABORTED: AbortedError,
    OUT_OF_RANGE: OutOfRangeError,
    UNIMPLEMENTED: UnimplementedError,
    INTERNAL: InternalError,
    UNAVAILABLE: UnavailableError,
    DATA_LOSS: DataLossError,
}
_CODE_OF_CLASS: dict[type[OpError], int] = {cls: code for code, cls in _CLASS_OF_CODE.items()}


def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """Gives the class of errors with this number.

    Raises:
        KeyError: for OK and for unknown numbers, as in TensorFlow.

    Example:
        >>> exception_type_from_error_code(11).__name__
        'OutOfRangeError'
    """
    return _CLASS_OF_CODE[error_code]


def error_code_from_exception_type(cls: type[BaseException]) -> int | UnknownError:
    """Gives the number of a class of errors.

    Returns:
        The number; for a class outside the tree an `UnknownError` object and a warning, as TensorFlow does.

    Example:
        >>> error_code_from_exception_type(OutOfRangeError)
        11
    """
    try:
        return _CODE_OF_CLASS[cls]  # type: ignore[index]  # KeyError is the question
    except KeyError:
        warnings.warn("Unknown class exception", stacklevel=2)
        return UnknownError(None, None, "Unknown class exception", UNKNOWN)


class raise_exception_on_not_ok_status:
    """A context manager kept for old programs: TensorFlow's checks a C status, and there is none here."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, stack: TracebackType | None
    ) -> None:
        return None
