"""TFRecord files: length-framed, checksummed records; the container of examples and events.

A record is: its length (uint64, little endian), the masked CRC-32C of those eight bytes (uint32), the data,
the masked CRC-32C of the data (uint32). Imports the standard library, `core.errors` and `core.proto.crc32c`
only.
"""

from __future__ import annotations

import errno
import functools
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar, NoReturn

from core import errors
from core.proto.crc32c import masked_crc32c

__all__ = [
    "TFRecordCompressionType", "TFRecordOptions", "TFRecordWriter", "file_error", "frame_record",
    "read_records", "tf_record_iterator",
]

_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_CUT = "Was the file cut while being copied, or is it still being written?"
_OTHER = "Is this a TFRecord file, and is the compression type right?"
_CHUNK = 1 << 20  # a length read from a file is believed this many bytes at a time

_ERROR_OF_ERRNO = {
    errno.ENOENT: errors.NotFoundError, errno.ENOTDIR: errors.FailedPreconditionError,
    errno.EISDIR: errors.FailedPreconditionError, errno.EACCES: errors.PermissionDeniedError,
    errno.EPERM: errors.PermissionDeniedError, errno.EROFS: errors.PermissionDeniedError,
    errno.EEXIST: errors.AlreadyExistsError, errno.ENOSPC: errors.ResourceExhaustedError,
    errno.EDQUOT: errors.ResourceExhaustedError, errno.EMFILE: errors.ResourceExhaustedError,
    errno.EINVAL: errors.InvalidArgumentError,
}


def file_error(error: OSError, doing: str) -> errors.OpError:
    """Returns the error of TensorFlow's tree for an error of the operating system.

    Args:
      error: What the operating system raised.
      doing: What was tried, e.g. "write '/logs/events'".

    Example:
      >>> from core.proto.records import file_error
      >>> file_error(FileNotFoundError(2, "No such file or directory"), "read 'a.pb'").message
      "Could not read 'a.pb': No such file or directory"
    """
    kind = _ERROR_OF_ERRNO.get(error.errno or 0, errors.UnknownError)
    return kind(None, None, f"Could not {doing}: {error.strerror or error}")


@functools.lru_cache(maxsize=1024)
def _header(length: int) -> bytes:
    return _HEADER.pack(length, masked_crc32c(length.to_bytes(8, "little")))


def frame_record(data: bytes) -> bytes:
    """Returns `data` as one record of a TFRecord file.

    Example:
      >>> from core.proto.records import frame_record
      >>> len(frame_record(b"abc")) - 3
      16
    """
    return b"".join((_header(len(data)), data, _CHECKSUM.pack(masked_crc32c(data))))


def _read(file: BinaryIO, count: int) -> bytes:
    """Up to `count` bytes; fewer only at the end. A made-up count can't make us allocate much."""
    data = file.read(min(count, _CHUNK))
    if len(data) in (0, count):
        return data
    parts, have = [data], len(data)
    while have < count:
        data = file.read(min(count - have, _CHUNK))
        if not data:
            break
        parts.append(data)
        have += len(data)
    return b"".join(parts)


def _data_loss(what: str, offset: int, name: str, why: str) -> NoReturn:
    raise errors.DataLossError(None, None, f"{what} record at {offset} in {name}: {why}")


def read_records(file: BinaryIO, name: str = "the file") -> Iterator[bytes]:
    """Yields the records of an open file, from where it stands.

    Args:
      file: A binary file; only `read` is called.
      name: What an error calls it.

    Raises:
      DataLossError: if a record is cut off ("truncated record") or its checksum is wrong ("corrupted ...").
    """
    offset = 0
    while True:
        try:
            header = _read(file, _HEADER.size)
            if not header:
                return
            if len(header) < _HEADER.size:
                _data_loss("truncated", offset, name, f"the file ends inside the record's header. {_CUT}")
            length, length_crc = _HEADER.unpack(header)
            if masked_crc32c(header[:8]) != length_crc:
                _data_loss("corrupted", offset, name, f"the checksum of the length does not fit. {_OTHER}")
            data = _read(file, length)
            footer = _read(file, _CHECKSUM.size) if len(data) == length else b""
        except (zlib.error, EOFError) as error:
            _data_loss("corrupted", offset, name, f"it can't be decompressed ({error}). {_OTHER}")
        if len(footer) < _CHECKSUM.size:
            _data_loss("truncated", offset, name, f"of its {length} bytes some are missing. {_CUT}")
        if masked_crc32c(data) != _CHECKSUM.unpack(footer)[0]:
            _data_loss("corrupted", offset, name, "the checksum of the data does not fit.")
        yield data
        offset += _HEADER.size + length + _CHECKSUM.size


class TFRecordCompressionType:
    """How a TFRecord file is compressed."""

    NONE = 0
    ZLIB = 1
    GZIP = 2


class TFRecordOptions:
    """Options of reading and writing TFRecord files.

    Args:
      compression_type: "GZIP", "ZLIB", "" or None, a `TFRecordCompressionType`, or other options.
      flush_mode, input_buffer_size, output_buffer_size, compression_strategy: Accepted and kept.
      window_bits: As in zlib; 31 where None and the type is GZIP.
      compression_level: 0 to 9, -1 for the default.
      compression_method, mem_level: As in zlib.

    Raises:
      ValueError: if the type is unknown.
    """

    compression_type_map: ClassVar[dict[int, str]] = {
        TFRecordCompressionType.ZLIB: "ZLIB",
        TFRecordCompressionType.GZIP: "GZIP",
        TFRecordCompressionType.NONE: "",
    }

    def __init__(
        self, compression_type: Any = None, flush_mode: int | None = None,
        input_buffer_size: int | None = None, output_buffer_size: int | None = None,
        window_bits: int | None = None, compression_level: int | None = None,
        compression_method: int | None = None, mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """Returns "", "ZLIB" or "GZIP" for options, a name, a `TFRecordCompressionType`, or None.

        Raises:
          ValueError: if there is no such type.
        """
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        if options in cls.compression_type_map:
            return cls.compression_type_map[options]
        if options in cls.compression_type_map.values():
            return str(options)
        raise ValueError(f"Not a valid compression_type: {options!r}; use 'GZIP', 'ZLIB' or ''.")


class _Inflated:
    """Reads through a zlib or gzip stream (also several gzip members in a row)."""

    def __init__(self, file: BinaryIO, kind: str) -> None:
        self._file = file
        self._bits = 31 if kind == "GZIP" else 15
        self._stream = zlib.decompressobj(self._bits)
        self._pending = b""
        self._started = False

    def read(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count > 0:
            if self._stream.eof:
                self._pending = self._stream.unused_data or self._file.read(_CHUNK)
                if not self._pending:
                    break
                self._stream, self._started = zlib.decompressobj(self._bits), False
            if not self._pending:
                self._pending = self._file.read(_CHUNK)
                if not self._pending:
                    if self._started:
                        raise EOFError("the compressed stream ends early")
                    break
            self._started = True
            data = self._stream.decompress(self._pending, count)
            self._pending = self._stream.unconsumed_tail
            parts.append(data)
            count -= len(data)
        return b"".join(parts)


def tf_record_iterator(path: str | os.PathLike[str], options: Any = None) -> Iterator[bytes]:
    """Yields the records of a TFRecord file.

    Args:
      path: The file.
      options: `TFRecordOptions`, or what its `compression_type` takes.

    Raises:
      NotFoundError: if there is no such file.
      DataLossError: if a record is cut off or damaged.

    Example:
      >>> import os, tempfile
      >>> from core.proto.records import TFRecordWriter, tf_record_iterator
      >>> path = os.path.join(tempfile.mkdtemp(), "two.tfrecord")
      >>> with TFRecordWriter(path) as writer:
      ...     writer.write(b"one")
      ...     writer.write(b"two")
      >>> list(tf_record_iterator(path))
      [b'one', b'two']
    """
    name = os.fspath(path)
    kind = TFRecordOptions.get_compression_type_string(options)
    try:
        file = open(name, "rb")
    except OSError as error:
        raise file_error(error, f"read {name!r}") from None
    with file:
        yield from read_records(_Inflated(file, kind) if kind else file, repr(name))  # type: ignore[arg-type]


class TFRecordWriter:
    """Writes records to a TFRecord file; a context manager.

    Args:
      path: The file; what it holds is replaced.
      options: `TFRecordOptions`, or what its `compression_type` takes.

    Raises:
      NotFoundError: if the folder does not exist (other errors of `core.errors` for other troubles).
    """

    def __init__(self, path: str | os.PathLike[str], options: Any = None) -> None:
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(options)
        kind = TFRecordOptions.get_compression_type_string(options)
        self._path = os.fspath(path)
        self._deflate: Any = None
        if kind:
            bits = options.window_bits
            self._deflate = zlib.compressobj(
                -1 if options.compression_level is None else options.compression_level,
                options.compression_method or zlib.DEFLATED,
                (31 if kind == "GZIP" else 15) if bits is None else bits,
                options.mem_level or zlib.DEF_MEM_LEVEL, options.compression_strategy or 0)
        try:
            self._file: BinaryIO | None = open(self._path, "wb")
        except OSError as error:
            raise file_error(error, f"write {self._path!r}") from None

    def write(self, record: bytes | str) -> None:
        """Writes one record (a str as UTF-8)."""
        data = frame_record(record.encode("utf-8") if isinstance(record, str) else bytes(record))
        self._put(data if self._deflate is None else self._deflate.compress(data))

    def flush(self) -> None:
        """Hands all that was written to the operating system."""
        if self._deflate is not None:
            self._put(self._deflate.flush(zlib.Z_SYNC_FLUSH))
        try:
            self._open_file().flush()
        except OSError as error:
            raise file_error(error, f"write {self._path!r}") from None

    def close(self) -> None:
        """Closes the file; doing so twice is harmless."""
        if self._file is None:
            return
        try:
            if self._deflate is not None:
                self._put(self._deflate.flush(zlib.Z_FINISH))
            self._file.close()
        except OSError as error:
            raise file_error(error, f"write {self._path!r}") from None
        finally:
            self._file = None

    def _open_file(self) -> BinaryIO:
        if self._file is None:
            raise errors.FailedPreconditionError(
                None, None, f"Writer is closed: {self._path!r}. Open a new TFRecordWriter to write more.")
        return self._file

    def _put(self, data: bytes) -> None:
        try:
            self._open_file().write(data)
        except OSError as error:
            raise file_error(error, f"write {self._path!r}") from None

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
