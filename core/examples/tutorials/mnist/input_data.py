"""Reads the MNIST digits as TensorFlow 1.15's `input_data` does; downloads them, or does with what is there.

Where the digits come from, in this order: the four idx.gz files in the folder; the two of the test digits alone,
divided; a download with checksum; digits drawn by the package itself. All but the first say so in a warning or a line.
Imports NumPy, the standard library and the graph's seed only.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import urllib.error
import urllib.request
import warnings
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np

from core.dtypes import as_dtype, float32, uint8
from core.errors import DataLossError, UnavailableError, format_error
from core.examples.tutorials.mnist.drawn_digits import draw_digits
from core.graph import get_default_graph

__all__ = [
    "DEFAULT_SOURCE_URL",
    "DataSet",
    "Datasets",
    "dense_to_one_hot",
    "extract_images",
    "extract_labels",
    "maybe_download",
    "read_data_sets",
]

Array = np.ndarray[Any, Any]

DEFAULT_SOURCE_URL: Final = "https://storage.googleapis.com/cvdf-datasets/mnist/"
_TRAIN_IMAGES, _TRAIN_LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
_TEST_IMAGES, _TEST_LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
_FILES: Final = (_TRAIN_IMAGES, _TRAIN_LABELS, _TEST_IMAGES, _TEST_LABELS)
_SHA256: Final = {
    _TRAIN_IMAGES: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    _TRAIN_LABELS: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    _TEST_IMAGES: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    _TEST_LABELS: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_TIMEOUT: Final = 10.0  # seconds without a byte, after which there counts as no network
_TRAIN_DIGITS: Final = 60000
_DRAWN, _DRAWN_HELD_OUT = 7000, 1000


# -----------------------------------------------------------------------------------------------------------
# Files
# -----------------------------------------------------------------------------------------------------------


def _name(f: Any) -> str:
    return str(getattr(f, "name", "the file"))


def _damaged(name: str, problem: str) -> DataLossError:
    fix = f"Delete {name} and call read_data_sets again, which downloads it, or copy it again."
    return DataLossError(None, None, format_error(f"Damaged MNIST file {name}: {problem}.", fix=fix))


def _idx(f: BinaryIO, magic: int, dimensions: int, what: str) -> Array:
    """Reads an idx.gz file of bytes: a magic number, the sizes as big-endian int32, the values."""
    name = _name(f)
    try:
        with gzip.GzipFile(fileobj=f) as stream:
            data = stream.read()
    except (EOFError, OSError, zlib.error) as error:
        raise _damaged(name, f"it can't be unpacked ({error})") from error
    head = 4 + 4 * dimensions
    if len(data) < head:
        raise _damaged(name, f"{len(data)} bytes are not even its head of {head}")
    found, *sizes = (int(n) for n in np.frombuffer(data, ">u4", 1 + dimensions))
    if found != magic:
        raise ValueError(f"Invalid magic number {found} in MNIST {what} file: {name} (wanted {magic})")
    wanted = int(np.prod(sizes, dtype=np.int64))
    if len(data) < head + wanted:
        size = " x ".join(map(str, sizes))
        raise _damaged(name, f"its head promises {size} = {wanted} bytes, {len(data) - head} follow")
    return np.frombuffer(data, np.uint8, wanted, head).reshape(sizes)


def extract_images(f: BinaryIO) -> Array:
    """Reads images from an idx3 gzip file.

    Args:
        f: A binary file object.

    Returns:
        [index, y, x, depth 1] uint8.

    Raises:
        ValueError: It is no file of images (its magic number is not 2051).
        DataLossError: It is truncated or damaged.
    """
    print("Extracting", _name(f))
    return _idx(f, 2051, 3, "image")[..., None]


def extract_labels(f: BinaryIO, one_hot: bool = False, num_classes: int = 10) -> Array:
    """Reads labels from an idx1 gzip file.

    Args:
        f: A binary file object.
        one_hot: Give vectors with a single 1 instead of numbers.
        num_classes: Length of these vectors.

    Returns:
        [index] uint8, or [index, num_classes] float64 if `one_hot`.

    Raises:
        ValueError: It is no file of labels (its magic number is not 2049).
        DataLossError: It is truncated or damaged.
    """
    print("Extracting", _name(f))
    labels = _idx(f, 2049, 1, "label")
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense: Array, num_classes: int) -> Array:
    """Turns labels [index] into vectors with a single 1: [index, num_classes] float64.

    Example:
        >>> dense_to_one_hot(np.array([2, 0]), 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    vectors = np.zeros((labels_dense.shape[0], num_classes))
    vectors[np.arange(labels_dense.shape[0]), labels_dense.ravel()] = 1
    return vectors


def maybe_download(filename: str, work_directory: str | Path, source_url: str, sha256: str | None = None) -> str:
    """Downloads a file unless it is there already; what arrives gets its name only when it is whole.

    Args:
        filename: Name of the file in the folder.
        work_directory: The folder; made if missing.
        source_url: Full address to download from.
        sha256: What the file's SHA-256 must be, or None to take it as it comes. A file that is there is not checked.

    Returns:
        Path of the file.

    Raises:
        UnavailableError: The address can't be reached, or sends nothing for some seconds.
        DataLossError: What came is not the file that was asked for.
    """
    target = Path(work_directory, filename)
    if target.exists():
        return str(target)
    try:
        with urllib.request.urlopen(source_url, timeout=_TIMEOUT) as response:
            _save(response, target, source_url, sha256)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        message = f"Can't download {source_url}: {reason}."
        fix = f"Connect to the network, or put {filename} into {target.parent} yourself."
        raise UnavailableError(None, None, format_error(message, fix=fix)) from error
    print("Successfully downloaded", filename, target.stat().st_size, "bytes.")
    return str(target)


def _save(response: Any, target: Path, source_url: str, sha256: str | None) -> None:
    """Writes beside the target first, so that no half file ever bears its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as out:
            while block := response.read(1 << 16):
                digest.update(block)
                out.write(block)
            size = out.tell()
        expected = response.headers.get("Content-Length")
        if expected is not None and size != int(expected):
            raise ConnectionError(f"the connection ended after {size} of {expected} bytes")
        if sha256 is not None and digest.hexdigest() != sha256:
            message = f"What {source_url} sent is not the file {target.name}: its SHA-256 is wrong."
            fix = f"Download it in a browser into {target.parent}, or read from another source_url."
            raise DataLossError(None, None, format_error(message, got=digest.hexdigest(), wanted=sha256, fix=fix))
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


# -----------------------------------------------------------------------------------------------------------
# Data sets
# -----------------------------------------------------------------------------------------------------------


class DataSet:
    """Images with their labels, handed out in batches.

    The order is drawn from NumPy's global random numbers, seeded here as TensorFlow 1.15 does: by `seed`, else by the
    graph's seed, so that a program with seeds sees the digits in TensorFlow's order.

    Args:
        images: [index, y, x, depth 1] uint8.
        labels: [index] or [index, classes].
        fake_data: Hand out images of ones; `images` and `labels` are not looked at.
        one_hot: Used only with `fake_data`.
        dtype: `tf.uint8` leaves images in [0, 255], `tf.float32` scales them to [0, 1].
        reshape: Make images [index, y * x].
        seed: Makes the order the same in each run.

    Raises:
        TypeError: Another dtype.
        ValueError: As many images as labels are wanted.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        np.random.seed(get_default_graph().seed if seed is None else seed)
        kind = as_dtype(dtype).base_dtype
        if kind not in (uint8, float32):
            raise TypeError(f"Invalid image dtype {kind!r}, expected uint8 or float32")
        self.one_hot = one_hot
        if fake_data:
            self._num_examples = 10000
        else:
            if images.shape[0] != labels.shape[0]:
                raise ValueError(
                    f"images.shape: {images.shape} labels.shape: {labels.shape}: each image needs one label"
                )
            self._num_examples = images.shape[0]
            if reshape:
                if images.shape[3] != 1:
                    raise ValueError(f"reshape wants images of depth 1, got shape {images.shape}; say reshape=False")
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if kind == float32:
                images = np.multiply(images.astype(np.float32), np.float32(1.0 / 255.0))
        self._images = images
        self._labels = labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> Any:
        """All images, in the order of the present epoch."""
        return self._images

    @property
    def labels(self) -> Any:
        """All labels, in the order of `images`."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """How many images there are."""
        return int(self._num_examples)

    @property
    def epochs_completed(self) -> int:
        """How many times all images have been handed out."""
        return self._epochs_completed

    def _shuffle(self) -> None:
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """Hands out the next examples; a batch over the end of an epoch goes on with the next one.

        Args:
            batch_size: How many.
            fake_data: Hand out images of ones.
            shuffle: Go through each epoch in a new random order.

        Returns:
            Images and labels.

        Raises:
            ValueError: `batch_size` is negative, or the data set is empty.
        """
        if fake_data:
            label: Any = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        if batch_size < 0 or (batch_size and not self._num_examples):
            raise ValueError(f"next_batch({batch_size}) of a data set of {self._num_examples} examples")
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        end = start + batch_size
        if end <= self._num_examples:
            self._index_in_epoch = end
            return self._images[start:end], self._labels[start:end]
        parts = []
        while end > self._num_examples:
            self._epochs_completed += 1
            parts.append((self._images[start:], self._labels[start:]))
            if shuffle:
                self._shuffle()
            start, end = 0, end - self._num_examples
        self._index_in_epoch = end
        parts.append((self._images[:end], self._labels[:end]))
        images, labels = zip(*parts)
        return np.concatenate(images), np.concatenate(labels)


class Datasets(NamedTuple):
    """What `read_data_sets` returns: for learning, for choosing, for judging."""

    train: DataSet
    validation: DataSet
    test: DataSet


class _Digits(NamedTuple):
    """Images and numbers as they came; `pool` is for training and validation."""

    pool_images: Array
    pool_labels: Array
    test_images: Array
    test_labels: Array


def _read_pair(folder: Path, images: str, labels: str) -> tuple[Array, Array]:
    with open(folder / images, "rb") as f:
        found = extract_images(f)
    with open(folder / labels, "rb") as f:
        numbers = extract_labels(f)
    if len(found) != len(numbers):
        raise ValueError(f"{folder / images} holds {len(found)} images, {folder / labels} {len(numbers)} labels")
    return found, numbers


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=5)


def _divided_test_digits(folder: Path) -> _Digits:
    """The test digits alone: the last tenth stays for the test, the rest is to be learnt from."""
    images, labels = _read_pair(folder, _TEST_IMAGES, _TEST_LABELS)
    pool = len(images) - len(images) // 10
    _warn(
        f"{folder} holds only MNIST's {len(images)} test digits, without {_TRAIN_IMAGES} and {_TRAIN_LABELS}: the "
        f"first {pool} become training and validation data, the last {len(images) - pool} test data, "
        "so accuracies are a little lower than with all 60000"
    )
    return _Digits(images[:pool], labels[:pool], images[pool:], labels[pool:])


def _drawn(folder: Path, reason: str) -> _Digits:
    """Digits that the package draws."""
    _warn(
        f"These are not MNIST's digits but {_DRAWN} that this package has drawn itself ({reason}). For the real ones "
        f"put {', '.join(_FILES)} into {folder}, or connect to the network"
    )
    images, labels = draw_digits(_DRAWN)
    pool = _DRAWN - _DRAWN_HELD_OUT
    return _Digits(images[:pool], labels[:pool], images[pool:], labels[pool:])


def _find(folder: Path, source_url: str) -> tuple[_Digits, bool]:
    """Returns the digits, and whether they are fewer than asked for."""
    missing = [name for name in _FILES if not (folder / name).exists()]
    if set(missing) == {_TRAIN_IMAGES, _TRAIN_LABELS} and source_url == DEFAULT_SOURCE_URL:
        return _divided_test_digits(folder), True
    for name in missing:
        sha256 = _SHA256[name] if source_url == DEFAULT_SOURCE_URL else None
        try:
            maybe_download(name, folder, source_url + name, sha256)
        except UnavailableError as error:
            if source_url != DEFAULT_SOURCE_URL:  # other pictures were asked for: digits are no replacement
                raise
            return _drawn(folder, error.message.splitlines()[0].rstrip(".")), True
    train = _read_pair(folder, _TRAIN_IMAGES, _TRAIN_LABELS)
    return _Digits(*train, *_read_pair(folder, _TEST_IMAGES, _TEST_LABELS)), False


def read_data_sets(
    train_dir: str | Path,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str = DEFAULT_SOURCE_URL,
) -> Datasets:
    """Reads MNIST from `train_dir`, downloads what is missing, or says in a warning what it does instead.

    Args:
        train_dir: Folder of the four idx.gz files. With those of the test digits alone, these are divided; without a
            network, digits are drawn. Both are fewer, and `validation_size` becomes smaller in proportion.
        fake_data: Data sets that hand out images of ones, for trying a program.
        one_hot: Labels as vectors with a single 1, float64, instead of numbers.
        dtype: `tf.float32` for images in [0, 1], `tf.uint8` for [0, 255].
        reshape: Images as [index, 784] instead of [index, 28, 28, 1].
        validation_size: How many of the 60000 training images are kept for validation.
        seed: Makes the order of batches the same in each run.
        source_url: Where missing files are; another address than the default one is not held to MNIST's checksums.

    Returns:
        `train`, `validation` and `test`, each a `DataSet`.

    Raises:
        ValueError: `validation_size` is out of range, or a file is of another kind.
        DataLossError: A file is truncated or damaged.
        UnavailableError: A `source_url` of your own can't be reached.

    Example:
        >>> from core.examples.tutorials.mnist import input_data
        >>> mnist = input_data.read_data_sets("nowhere", fake_data=True, one_hot=True)
        >>> images, labels = mnist.train.next_batch(2, fake_data=True)
        >>> len(images), labels[0]
        (2, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    """
    if fake_data:
        fake = [DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)]
        return Datasets(*fake)
    digits, fewer = _find(Path(train_dir), source_url or DEFAULT_SOURCE_URL)
    whole = _TRAIN_DIGITS if fewer else len(digits.pool_images)
    if not 0 <= validation_size <= whole:
        raise ValueError(f"Validation size should be between 0 and {whole}. Received: {validation_size}.")
    kept = round(validation_size * len(digits.pool_images) / whole) if fewer else validation_size
    pool, test = digits.pool_labels, digits.test_labels
    if one_hot:
        pool, test = dense_to_one_hot(pool, 10), dense_to_one_hot(test, 10)
    options = {"dtype": dtype, "reshape": reshape, "seed": seed}
    return Datasets(
        train=DataSet(digits.pool_images[kept:], pool[kept:], **options),
        validation=DataSet(digits.pool_images[:kept], pool[:kept], **options),
        test=DataSet(digits.test_images, test, **options),
    )
