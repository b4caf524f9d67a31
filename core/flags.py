"""`tf.flags` (`tf.app.flags`): command-line flags with defaults, as absl has them; a small form of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = [
    "DEFINE", "DEFINE_bool", "DEFINE_boolean", "DEFINE_enum", "DEFINE_float", "DEFINE_integer", "DEFINE_list",
    "DEFINE_multi_string", "DEFINE_string", "Error", "FLAGS", "Flag", "FlagValues", "IllegalFlagValueError",
    "UnparsedFlagAccessError", "mark_flag_as_required", "mark_flags_as_required",
]


class Error(Exception):
    """Something is wrong with a flag."""


class IllegalFlagValueError(Error):
    """A value that the flag can't take."""


class UnrecognizedFlagError(Error, AttributeError):
    """A flag that nobody defined."""


class UnparsedFlagAccessError(Error):
    """A flag was read before the command line was."""


class DuplicateFlagError(Error):
    """A flag was defined twice."""


class Flag:
    """One flag: its name, help, how its text becomes a value, and its present value."""

    def __init__(self, name: str, default: Any, help: str, parse: Callable[[str], Any], boolean: bool = False) -> None:
        self.name = name
        self.help = help
        self.parse = parse
        self.boolean = boolean
        self.default = default
        self.value = default
        self.present = 0
        self.required = False

    def set_text(self, text: str) -> None:
        """Takes the value from the command line; IllegalFlagValueError where it does not fit."""
        try:
            self.value = self.parse(text)
        except ValueError as error:
            raise IllegalFlagValueError(f"flag --{self.name}={text}: {error}") from None
        self.present += 1


class FlagValues:
    """All flags of the program, as attributes: ``FLAGS.learning_rate``. Reading one parses `sys.argv` if need be."""

    def __init__(self) -> None:
        self.__dict__["_flags"] = {}
        self.__dict__["_parsed"] = False

    def _add(self, flag: Flag) -> None:
        known = self._flags.get(flag.name)
        if known is not None and (known.help, known.default) != (flag.help, flag.default):
            raise DuplicateFlagError(f"The flag '{flag.name}' is defined twice.")
        self._flags[flag.name] = flag

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        """Takes the flags out of `argv` (its first item is the program); returns the rest.

        Raises:
          UnrecognizedFlagError: A flag that is not defined (unless `known_only`).  IllegalFlagValueError: A bad value.
        """
        rest = [argv[0]] if argv else []
        items = list(argv[1:])
        while items:
            item = items.pop(0)
            if item == "--":
                rest.extend(items)
                break
            if not item.startswith("-") or item == "-":
                rest.append(item)
                continue
            name, equals, text = item.lstrip("-").partition("=")
            flag = self._flags.get(name)
            if flag is None and name.startswith("no") and name[2:] in self._flags and self._flags[name[2:]].boolean:
                flag, text, equals = self._flags[name[2:]], "false", "="
            if flag is None:
                if not known_only:
                    raise UnrecognizedFlagError(f"Unknown command line flag '{name}'")
                rest.append(item)
                continue
            if not equals:
                if not flag.boolean and not items:
                    raise IllegalFlagValueError(f"Missing value for flag --{name}")
                text = "true" if flag.boolean else items.pop(0)
            flag.set_text(text)
        self.__dict__["_parsed"] = True
        missing = [f.name for f in self._flags.values() if f.required and f.value is None]
        if missing:
            raise IllegalFlagValueError(f"flag --{missing[0]}=None: Flag --{missing[0]} must have a value other than "
                                        "None.")
        return rest

    def is_parsed(self) -> bool:
        """True once a command line has been read."""
        return bool(self._parsed)

    def mark_as_parsed(self) -> None:
        """Lets flags be read without a command line."""
        self.__dict__["_parsed"] = True

    def flag_values_dict(self) -> dict[str, Any]:
        """Name -> value of all flags."""
        return {name: flag.value for name, flag in self._flags.items()}

    def __getattr__(self, name: str) -> Any:
        flag = self.__dict__["_flags"].get(name)
        if flag is None:
            raise AttributeError(name)
        if not self._parsed:
            self(sys.argv, known_only=True)  # notebooks and tests have flags of their own
        return flag.value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._flags:
            raise UnrecognizedFlagError(f"Unknown flag '{name}'; define it first.")
        self._flags[name].value = value

    def __delattr__(self, name: str) -> None:
        del self._flags[name]

    def __getitem__(self, name: str) -> Flag:
        flag: Flag = self._flags[name]
        return flag

    def __contains__(self, name: object) -> bool:
        return name in self._flags

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags)

    def __len__(self) -> int:
        return len(self._flags)

    def main_module_help(self) -> str:
        """A line for each flag."""
        return "\n".join(f"  --{f.name}: {f.help} (default: {f.default!r})" for f in self._flags.values())


FLAGS = FlagValues()


def _boolean(text: str) -> bool:
    if text.lower() in ("true", "t", "1", "yes"):
        return True
    if text.lower() in ("false", "f", "0", "no"):
        return False
    raise ValueError("Non-boolean argument to boolean flag")


def _integer(text: str) -> int:
    return int(text, 0)


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")] if text else []


def DEFINE(parser: Callable[[str], Any], name: str, default: Any, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag whose value is ``parser(text)``."""
    flag_values._add(Flag(name, default, help, parser))


def DEFINE_string(name: str, default: str | None, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that is text.

    Example:
      >>> tf.flags.DEFINE_string("log_dir", "/tmp/logs", "Where event files go.")
      >>> tf.flags.FLAGS.log_dir
      '/tmp/logs'
    """
    flag_values._add(Flag(name, default, help, str))


def DEFINE_integer(name: str, default: int | None, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that is an integer."""
    flag_values._add(Flag(name, default, help, _integer))


def DEFINE_float(name: str, default: float | None, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that is a number."""
    flag_values._add(Flag(name, None if default is None else float(default), help, float))


def DEFINE_boolean(name: str, default: bool | None, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that is true or false: ``--name``, ``--noname``, ``--name=false``."""
    flag_values._add(Flag(name, default, help, _boolean, boolean=True))


DEFINE_bool = DEFINE_boolean


def DEFINE_enum(name: str, default: str | None, enum_values: Sequence[str], help: str,
                flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that is one of several texts."""
    def parse(text: str) -> str:
        if text not in enum_values:
            raise ValueError(f"value should be one of <{'|'.join(enum_values)}>")
        return text
    flag_values._add(Flag(name, default, help, parse))


def DEFINE_list(name: str, default: Any, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that is a list of texts, separated by commas."""
    flag_values._add(Flag(name, _list(default) if isinstance(default, str) else default, help, _list))


def DEFINE_multi_string(name: str, default: Any, help: str, flag_values: FlagValues = FLAGS) -> None:
    """Defines a flag that may be given several times; its value is the list."""
    flag = Flag(name, [default] if isinstance(default, str) else default, help, str)

    def parse(text: str) -> list[str]:
        return [*flag.value, text] if flag.present else [text]
    flag.parse = parse
    flag_values._add(flag)


def mark_flag_as_required(flag_name: str, flag_values: FlagValues = FLAGS) -> None:
    """The command line must give this flag a value."""
    flag_values[flag_name].required = True


def mark_flags_as_required(flag_names: Sequence[str], flag_values: FlagValues = FLAGS) -> None:
    """The command line must give each of these flags a value."""
    for name in flag_names:
        mark_flag_as_required(name, flag_values)
