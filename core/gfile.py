"""`tf.gfile`: files and folders under TensorFlow's names and errors; local paths only."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    UnknownError,
)

__all__ = [
    "Copy", "DeleteRecursively", "Exists", "FastGFile", "GFile", "Glob", "IsDirectory", "ListDirectory", "MakeDirs",
    "MkDir", "Open", "Remove", "Rename", "Stat", "Walk",
]


def _path(path: Any) -> str:
    return os.fsdecode(path)


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """Turns the operating system's errors into TensorFlow's."""
    try:
        yield
    except FileNotFoundError:
        raise NotFoundError(None, None, f"{path}; No such file or directory") from None
    except FileExistsError:
        raise AlreadyExistsError(None, None, f"{path}; File exists") from None
    except (IsADirectoryError, NotADirectoryError) as error:
        raise FailedPreconditionError(None, None, f"{path}; {error.strerror}") from None
    except PermissionError as error:
        raise PermissionDeniedError(None, None, f"{path}; {error.strerror}") from None
    except OSError as error:
        raise UnknownError(None, None, f"{path}; {error.strerror}") from None


class GFile:
    """A file, opened when it is first used.

    Args:
      name: Path.
      mode: "r", "w", "a", "r+", "w+", "a+", each with "b" for bytes.

    Raises:
      tf.errors.NotFoundError: At first use: no such file.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        if mode not in ("r", "w", "a", "r+", "w+", "a+", "rb", "wb", "ab", "rb+", "wb+", "ab+", "r+b", "w+b", "a+b"):
            raise InvalidArgumentError(None, None, f"mode is not a file mode: {mode!r}")
        self._name = name
        self._mode = mode
        self._file: Any = None

    @property
    def name(self) -> Any:
        """The path, as given."""
        return self._name

    @property
    def mode(self) -> str:
        """The mode, as given."""
        return self._mode

    def _opened(self, access: str) -> Any:
        if not any(letter in self._mode for letter in access + "+"):
            verb = "reading" if access == "r" else "writing"
            raise PermissionDeniedError(None, None, f"File isn't open for {verb}")
        if self._file is None:
            path = _path(self._name)
            with _translated(path):
                self._file = open(path, self._mode, encoding=None if "b" in self._mode else "utf-8")
        return self._file

    def read(self, n: int = -1) -> Any:
        """Reads `n` characters (or bytes); all that is left by default."""
        file = self._opened("r")
        with _translated(_path(self._name)):
            return file.read(n)

    def readline(self) -> Any:
        """Reads one line, with its end."""
        return self._opened("r").readline()

    def readlines(self) -> list[Any]:
        """Reads all lines that are left."""
        lines: list[Any] = self._opened("r").readlines()
        return lines

    def write(self, file_content: Any) -> None:
        """Writes text (or bytes)."""
        self._opened("wa").write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to a place in the file."""
        place = position if offset is None else offset
        if place is None:
            raise TypeError("seek(): offset argument required")
        if whence not in (0, 1, 2):
            raise InvalidArgumentError(None, None, f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2.")
        self._opened("r").seek(place, whence)

    def tell(self) -> int:
        """The present place in the file."""
        return int(self._opened("r").tell())

    def seekable(self) -> bool:
        """True."""
        return True

    def size(self) -> int:
        """Size in bytes."""
        self.flush()
        return Stat(self._name).length

    def flush(self) -> None:
        """Hands what was written to the operating system."""
        if self._file is not None and self._file.writable():
            self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def next(self) -> Any:
        """The next line; StopIteration at the end."""
        return self.__next__()

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __iter__(self) -> GFile:
        return self

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


FastGFile = GFile
Open = GFile


class FileStatistics:
    """What `Stat` tells of a file."""

    def __init__(self, length: int, mtime_nsec: int, is_directory: bool) -> None:
        self.length = length
        self.mtime_nsec = mtime_nsec
        self.is_directory = is_directory


def Exists(filename: Any) -> bool:
    """True if a file or folder of that name exists."""
    return os.path.exists(_path(filename))


def IsDirectory(dirname: Any) -> bool:
    """True if a folder of that name exists."""
    return os.path.isdir(_path(dirname))


def Stat(filename: Any) -> FileStatistics:
    """Length, time of change and kind of a file; NotFoundError if there is none."""
    with _translated(_path(filename)):
        told = os.stat(_path(filename))
    return FileStatistics(told.st_size, told.st_mtime_ns, os.path.isdir(_path(filename)))


def Remove(filename: Any) -> None:
    """Deletes a file; NotFoundError if there is none."""
    with _translated(_path(filename)):
        os.remove(_path(filename))


def DeleteRecursively(dirname: Any) -> None:
    """Deletes a folder (or file) with all it holds; NotFoundError if there is none."""
    path = _path(dirname)
    with _translated(path):
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


def MkDir(dirname: Any) -> None:
    """Makes a folder in one that exists."""
    with _translated(_path(dirname)):
        os.mkdir(_path(dirname))


def MakeDirs(dirname: Any) -> None:
    """Makes a folder and those above it; no error where it exists."""
    path = _path(dirname)
    with _translated(path):
        try:
            os.makedirs(path, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(20, "Not a directory") from None


def Copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:
    """Copies a file; AlreadyExistsError where the new one exists, unless `overwrite`."""
    if not overwrite and Exists(newpath):
        raise AlreadyExistsError(None, None, "file already exists")
    with _translated(_path(oldpath)):
        shutil.copyfile(_path(oldpath), _path(newpath))


def Rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:
    """Renames a file; AlreadyExistsError where the new one exists, unless `overwrite`."""
    if not overwrite and Exists(newname):
        raise AlreadyExistsError(None, None, "file already exists")
    with _translated(_path(oldname)):
        os.replace(_path(oldname), _path(newname))


def Glob(filename: Any) -> list[str]:
    """Returns the sorted names that match a pattern, or any of several."""
    patterns = [filename] if isinstance(filename, (str, bytes, os.PathLike)) else filename
    return [name for pattern in patterns for name in sorted(glob.glob(_path(pattern)))]


def ListDirectory(dirname: Any) -> list[str]:
    """Returns the names in a folder, without "." and ".."; NotFoundError if there is none."""
    path = _path(dirname)
    if not os.path.isdir(path):
        raise NotFoundError(None, None, f"Could not find directory {path}")
    return os.listdir(path)


def Walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yields (folder, folders in it, files in it) for all folders below `top`, upper ones first if `in_order`."""
    return os.walk(_path(top), topdown=in_order)
