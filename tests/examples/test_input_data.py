"""MNIST as TensorFlow 1.15's `input_data` reads it: sources in their order, batches, damaged files, downloads."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import core as tf
from core.examples.tutorials.mnist import input_data

TRAIN = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
TEST = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def packed(array: np.ndarray) -> bytes:
    """An idx.gz file of bytes."""
    magic = {1: 2049, 3: 2051}[array.ndim]
    return gzip.compress(struct.pack(f">{1 + array.ndim}i", magic, *array.shape) + array.astype(np.uint8).tobytes())


def digits(count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Images whose first pixel counts, with labels that follow from it."""
    images = np.zeros([count, 28, 28], np.uint8)
    images[:, 0, 0] = (np.arange(count) + first) % 256
    return images, images[:, 0, 0] % 10


def put(folder: Path, names: tuple[str, str], count: int, first: int = 0) -> None:
    images, labels = digits(count, first)
    (folder / names[0]).write_bytes(packed(images))
    (folder / names[1]).write_bytes(packed(labels))


@pytest.fixture
def four(tmp_path: Path) -> Path:
    put(tmp_path, TRAIN, 23)
    put(tmp_path, TEST, 7, first=100)
    return tmp_path


# ------------------------------------------------------------------------------- reading


def test_four_files_are_read_as_tensorflow_reads_them(four: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mnist = input_data.read_data_sets(str(four), one_hot=True, validation_size=5)
    assert [d.num_examples for d in mnist] == [18, 5, 7]
    assert mnist.train.images.shape == (18, 784) and mnist.train.images.dtype == np.float32
    assert mnist.train.labels.shape == (18, 10) and mnist.train.labels.dtype == np.float64
    # The validation digits are the first ones of the training file.
    np.testing.assert_allclose(mnist.validation.images[:, 0] * 255, np.arange(5), rtol=1e-6)
    np.testing.assert_allclose(mnist.train.images[:, 0] * 255, np.arange(5, 23), rtol=1e-6)
    assert mnist.test.labels.argmax(1).tolist() == [n % 10 for n in range(100, 107)]
    assert f"Extracting {four / TRAIN[0]}" in capsys.readouterr().out


def test_raw_images_keep_their_shape_and_bytes(four: Path) -> None:
    mnist = input_data.read_data_sets(four, dtype=tf.uint8, reshape=False, validation_size=0)
    assert mnist.train.images.shape == (23, 28, 28, 1) and mnist.train.images.dtype == np.uint8
    assert mnist.train.labels.tolist() == [n % 10 for n in range(23)] and mnist.validation.num_examples == 0


def test_wrong_arguments(four: Path) -> None:
    with pytest.raises(ValueError, match="Validation size should be between 0 and 23. Received: 24"):
        input_data.read_data_sets(four, validation_size=24)
    with pytest.raises(TypeError, match="Invalid image dtype .*int32.*, expected uint8 or float32"):
        input_data.read_data_sets(four, dtype=tf.int32, validation_size=3)


def test_test_digits_alone_are_divided_with_a_warning(tmp_path: Path) -> None:
    put(tmp_path, TEST, 120)
    with pytest.warns(UserWarning, match="only MNIST's 120 test digits.*first 108 .* last 12 test") as caught:
        mnist = input_data.read_data_sets(tmp_path)
    assert [d.num_examples for d in mnist] == [99, 9, 12]  # 5000 of 60000 are 9 of 108
    np.testing.assert_allclose(mnist.test.images[:, 0] * 255, np.arange(108, 120), rtol=1e-6)
    assert caught[0].filename == __file__, "the warning points at the user's line"


# ------------------------------------------------------------------------------- batches


def test_batches_follow_numpys_random_numbers_as_in_tensorflow(four: Path) -> None:
    mnist = input_data.read_data_sets(four, validation_size=0, seed=7)
    got = [mnist.train.next_batch(9) for _ in range(3)]
    np.random.seed(7)
    first, second = np.arange(23), np.arange(23)
    np.random.shuffle(first)
    np.random.shuffle(second)
    order = np.concatenate([first, first[second]])[:27]
    np.testing.assert_allclose(np.concatenate([b[0][:, 0] for b in got]) * 255, order, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([b[1] for b in got]), order % 10)
    assert mnist.train.epochs_completed == 1


def test_the_graphs_seed_orders_the_batches_too(four: Path) -> None:
    batches = []
    for _ in range(2):
        tf.reset_default_graph()
        tf.set_random_seed(3)
        batches.append(input_data.read_data_sets(four, validation_size=2).train.next_batch(8)[1])
    np.testing.assert_array_equal(*batches)


def test_batches_without_shuffling_go_round_in_order(four: Path) -> None:
    test = input_data.read_data_sets(four, validation_size=0).test
    got = [test.next_batch(3, shuffle=False)[1].tolist() for _ in range(3)]
    assert got == [[0, 1, 2], [3, 4, 5], [6, 0, 1]] and test.epochs_completed == 1
    assert test.next_batch(16, shuffle=False)[1].tolist() == [2, 3, 4, 5, 6, *range(7), 0, 1, 2, 3]
    assert test.epochs_completed == 3
    with pytest.raises(ValueError, match=r"next_batch\(-1\)"):
        test.next_batch(-1)


def test_fake_data() -> None:
    mnist = input_data.read_data_sets("nowhere", fake_data=True)
    images, labels = mnist.test.next_batch(3, fake_data=True)
    assert mnist.train.num_examples == 10000
    assert images == [[1] * 784] * 3 and labels == [0, 0, 0]


# ------------------------------------------------------------------------------- damaged files


@pytest.mark.parametrize("keep", [0, 7, 60, 200])
def test_truncated_files_name_the_file_and_the_cure(four: Path, keep: int) -> None:
    path = four / TEST[0]
    path.write_bytes(packed(np.random.RandomState(0).randint(0, 256, [7, 28, 28]))[:keep])
    with pytest.raises(tf.errors.DataLossError, match=r"t10k-images(.|\n)*to fix it: Delete"):
        input_data.read_data_sets(four, validation_size=0)


def test_a_gzip_file_with_a_wrong_byte(four: Path) -> None:
    path = four / TRAIN[0]
    data = bytearray(packed(np.random.RandomState(0).randint(0, 256, [23, 28, 28])))
    data[len(data) // 2] ^= 255
    path.write_bytes(bytes(data))
    with pytest.raises(tf.errors.DataLossError, match="train-images.*can't be unpacked"):
        input_data.read_data_sets(four, validation_size=0)


def test_a_whole_gzip_file_with_fewer_bytes_than_promised(four: Path) -> None:
    raw = gzip.decompress((four / TRAIN[0]).read_bytes())
    (four / TRAIN[0]).write_bytes(gzip.compress(raw[:-1]))
    with pytest.raises(tf.errors.DataLossError, match="23 x 28 x 28 = 18032 bytes, 18031 follow"):
        input_data.read_data_sets(four, validation_size=0)


def test_files_of_the_wrong_kind(four: Path) -> None:
    (four / "plain.gz").write_bytes(b"<html>Please log in</html>")
    with open(four / "plain.gz", "rb") as f, pytest.raises(tf.errors.DataLossError, match="Not a gzipped file"):
        input_data.extract_images(f)
    with open(four / TRAIN[1], "rb") as f, pytest.raises(ValueError, match="Invalid magic number 2049 in MNIST image"):
        input_data.extract_images(f)
    with open(four / TRAIN[0], "rb") as f, pytest.raises(ValueError, match="Invalid magic number 2051 in MNIST label"):
        input_data.extract_labels(f)


def test_more_images_than_labels(four: Path) -> None:
    (four / TEST[1]).write_bytes(packed(np.zeros(6)))
    with pytest.raises(ValueError, match="holds 7 images, .*6 labels"):
        input_data.read_data_sets(four, validation_size=0)


# ------------------------------------------------------------------------------- downloads


@pytest.fixture
def server(four: Path) -> Iterator[str]:
    """An address that serves the folder `four`."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(four))  # type: ignore[arg-type]

        def log_message(self, *args: object) -> None:
            pass

        def send_header(self, keyword: str, value: str) -> None:
            promised = keyword == "Content-Length" and "short" in self.path
            super().send_header(keyword, "99999" if promised else value)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()
        thread.join()


def test_missing_files_are_downloaded_once(
    four: Path, server: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("new") / "MNIST_data"
    mnist = input_data.read_data_sets(folder, validation_size=4, source_url=server)
    assert [d.num_examples for d in mnist] == [19, 4, 7]
    assert sorted(p.name for p in folder.iterdir()) == sorted(TRAIN + TEST), "no part is left behind"
    said = capsys.readouterr().out
    assert said.count("Successfully downloaded") == 4
    input_data.read_data_sets(folder, validation_size=4, source_url="http://127.0.0.1:9/")
    assert "Successfully" not in capsys.readouterr().out


def test_a_download_is_held_to_its_checksum(four: Path, server: str, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    right = hashlib.sha256((four / TEST[1]).read_bytes()).hexdigest()
    with pytest.raises(tf.errors.DataLossError, match=r"not the file t10k-labels(.|\n)*wanted: +" + "0" * 64):
        input_data.maybe_download(TEST[1], folder, server + TEST[1], "0" * 64)
    assert list(folder.iterdir()) == []
    assert Path(input_data.maybe_download(TEST[1], folder, server + TEST[1], right)).read_bytes()


def test_a_download_that_fails_leaves_nothing_and_says_what_to_do(four: Path, server: str, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    for address, reason in [("absent.gz", "File not found"), ("short.gz", "99999 bytes")]:
        (four / "short.gz").write_bytes(b"1234")
        with pytest.raises(tf.errors.UnavailableError, match=rf"{reason}(.|\n)*put a.gz into"):
            input_data.maybe_download("a.gz", folder, server + address)
    assert list(folder.iterdir()) == []


def test_another_source_is_never_replaced_by_drawn_digits(tmp_path: Path) -> None:
    with pytest.raises(tf.errors.UnavailableError, match="Can't download http://127.0.0.1:9/train-images"):
        input_data.read_data_sets(tmp_path, source_url="http://127.0.0.1:9/")


# ------------------------------------------------------------------------------- drawn digits


def test_without_files_and_network_digits_are_drawn_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*args: object, **options: object) -> None:
        raise input_data.urllib.error.URLError("no network")

    monkeypatch.setattr(input_data.urllib.request, "urlopen", nothing)
    with pytest.warns(UserWarning, match="not MNIST's digits but 7000 .* drawn itself .*no network"):
        mnist = input_data.read_data_sets(tmp_path / "MNIST_data", one_hot=True)
    assert [d.num_examples for d in mnist] == [5500, 500, 1000]
    assert not (tmp_path / "MNIST_data").exists()
    assert learnt(mnist, hidden=0, steps=700) >= 0.85
    assert learnt(mnist, hidden=64, steps=900) >= 0.95


def learnt(mnist: input_data.Datasets, hidden: int, steps: int) -> float:
    """Share of held-out digits that a softmax regression, or a net with one Relu layer, gets right."""
    tf.reset_default_graph()
    tf.set_random_seed(1)
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    h = x
    if hidden:
        w = tf.Variable(tf.truncated_normal([784, hidden], stddev=0.05))
        h = tf.nn.relu(tf.matmul(x, w) + tf.Variable(tf.zeros([hidden])))
    w = tf.Variable(tf.truncated_normal([hidden or 784, 10], stddev=0.05))
    logits = tf.matmul(h, w) + tf.Variable(tf.zeros([10]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1)), tf.float32))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(steps):
            images, labels = mnist.train.next_batch(100)
            sess.run(train, {x: images, y: labels})
        return float(sess.run(right, {x: mnist.test.images, y: mnist.test.labels}))


def test_drawn_digits_are_the_same_each_time_and_others_with_another_seed() -> None:
    images, labels = input_data.draw_digits(37, seed=5)
    again, _ = input_data.draw_digits(37, seed=5)
    other, _ = input_data.draw_digits(37, seed=6)
    np.testing.assert_array_equal(images, again)
    assert (images != other).any()
    assert np.bincount(labels).tolist() == [4] * 7 + [3] * 3
    ink = images.reshape(37, -1)
    assert (ink.max(1) > 190).all() and (ink > 0).mean(1).max() < 0.5


def test_the_real_digits(mnist_dir: Path | None) -> None:
    if mnist_dir is None:
        pytest.skip("no MNIST files here")
    for name in TEST:
        assert hashlib.sha256((mnist_dir / name).read_bytes()).hexdigest() == input_data._SHA256[name]
    with pytest.warns(UserWarning, match="10000 test digits"):
        mnist = input_data.read_data_sets(mnist_dir)
    assert [d.num_examples for d in mnist] == [8250, 750, 1000]
    assert mnist.validation.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    every = np.concatenate([part.labels for part in mnist])
    assert np.bincount(every).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
