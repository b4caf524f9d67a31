"""`tf.logging`: messages at five levels, on the standard logger "tensorflow"; shown from WARN upwards."""

from __future__ import annotations

import logging as _logging
import sys
from logging import DEBUG, ERROR, FATAL, INFO, WARN
from typing import Any

__all__ = [
    "DEBUG", "ERROR", "FATAL", "INFO", "WARN", "TaskLevelStatusMessage", "debug", "error", "fatal", "flush",
    "get_verbosity", "info", "log", "log_every_n", "log_first_n", "log_if", "set_verbosity", "vlog", "warn", "warning",
]

_NAMES = {DEBUG: "DEBUG", INFO: "INFO", WARN: "WARN", ERROR: "ERROR", FATAL: "FATAL"}
_counts: dict[Any, int] = {}


class _Handler(_logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what `sys.stderr` is now (tests and notebooks replace it)."""

    def emit(self, record: _logging.LogRecord) -> None:
        """Writes one record."""
        self.stream = sys.stderr
        super().emit(record)


def _logger() -> _logging.Logger:
    logger = _logging.getLogger("tensorflow")
    if not any(isinstance(handler, _Handler) for handler in logger.handlers):
        handler = _Handler()
        handler.setFormatter(_logging.Formatter("%(levelname)s:tensorflow:%(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
        if logger.level == _logging.NOTSET:
            logger.setLevel(WARN)
    return logger


def get_verbosity() -> int:
    """Returns the level from which messages are shown."""
    return _logger().getEffectiveLevel()


def set_verbosity(v: int | str) -> None:
    """Shows messages from level `v` on.

    Example:
      >>> tf.logging.set_verbosity(tf.logging.ERROR)
      >>> tf.logging.get_verbosity() == tf.logging.ERROR
      True
      >>> tf.logging.set_verbosity(tf.logging.WARN)
    """
    _logger().setLevel(v)


def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs `msg % args` at `level`."""
    _logger().log(level, msg, *args, **kwargs)


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level DEBUG."""
    _logger().debug(msg, *args, **kwargs)


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level INFO."""
    _logger().info(msg, *args, **kwargs)


def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level WARN."""
    _logger().warning(msg, *args, **kwargs)


warn = warning


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level ERROR."""
    _logger().error(msg, *args, **kwargs)


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level FATAL."""
    _logger().fatal(msg, *args, **kwargs)


def vlog(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at a numbered level."""
    _logger().log(level, msg, *args, **kwargs)


def _count(token: Any) -> int:
    _counts[token] = _counts.get(token, -1) + 1
    return _counts[token]


def log_every_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Logs the first call from a place in the program, and every n-th after it."""
    frame = sys._getframe(1)
    log_if(level, msg, not _count((frame.f_code.co_filename, frame.f_lineno)) % n, *args)


def log_first_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Logs the first `n` calls from a place in the program."""
    frame = sys._getframe(1)
    log_if(level, msg, _count((frame.f_code.co_filename, frame.f_lineno)) < n, *args)


def log_if(level: int, msg: Any, condition: Any, *args: Any) -> None:
    """Logs where `condition` holds."""
    if condition:
        log(level, msg, *args)


def TaskLevelStatusMessage(msg: Any) -> None:
    """Logs at level ERROR."""
    error(msg)


def flush() -> None:
    """Nothing waits to be written."""
