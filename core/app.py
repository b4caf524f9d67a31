"""`tf.app`: runs a program's `main` after reading its flags."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from core import flags as flags

__all__ = ["flags", "run"]


def run(main: Callable[[list[str]], Any] | None = None, argv: Sequence[str] | None = None) -> None:
    """Reads the flags of the command line, calls ``main([program, rest ...])`` and exits with what it returns.

    Args:
      main: The function; by default `main` of the program.
      argv: The command line; by default `sys.argv`.

    Raises:
      SystemExit: Always.
    """
    function = main or sys.modules["__main__"].main  # type: ignore[attr-defined]
    try:
        rest = flags.FLAGS(sys.argv if argv is None else argv, known_only=True)
    except flags.Error as error:
        sys.stderr.write(f"FATAL Flags parsing error: {error}\n{flags.FLAGS.main_module_help()}\n")
        sys.exit(1)
    sys.exit(function(rest))
