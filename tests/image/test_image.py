"""`tf.image`: what is composed of ops; the ops themselves stand in tests/ops/cases/image.py."""

import numpy as np
import pytest

import core as tf

PICTURE = np.random.RandomState(3).randint(0, 256, (5, 7, 3)).astype(np.uint8)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


def run(tensor):
    with tf.Session() as sess:
        return sess.run(tensor)


@pytest.mark.parametrize("batch", [False, True])
def test_flips_turns_and_swaps(batch):
    x = np.stack([PICTURE, PICTURE[::-1]]) if batch else PICTURE
    rows, columns = (1, 2) if batch else (0, 1)
    np.testing.assert_array_equal(run(tf.image.flip_left_right(x)), np.flip(x, columns))
    np.testing.assert_array_equal(run(tf.image.flip_up_down(x)), np.flip(x, rows))
    np.testing.assert_array_equal(run(tf.image.transpose_image(x)), np.swapaxes(x, rows, columns))
    for k in range(-1, 5):
        np.testing.assert_array_equal(run(tf.image.rot90(x, k)), np.rot90(x, k, (rows, columns)))


def test_crops_and_borders():
    np.testing.assert_array_equal(run(tf.image.crop_to_bounding_box(PICTURE, 1, 2, 3, 4)), PICTURE[1:4, 2:6])
    padded = run(tf.image.pad_to_bounding_box(PICTURE, 2, 1, 8, 9))
    np.testing.assert_array_equal(padded[2:7, 1:8], PICTURE)
    assert padded.shape == (8, 9, 3) and padded.sum() == PICTURE.sum()
    both = tf.image.resize_image_with_crop_or_pad(PICTURE, 3, 9)
    assert both.shape.as_list() == [3, 9, 3]
    np.testing.assert_array_equal(run(both)[:, 1:8], PICTURE[1:4])
    assert run(tf.image.central_crop(PICTURE, 0.5)).shape == (3, 5, 3)


@pytest.mark.parametrize("call, message", [
    (lambda: tf.image.crop_to_bounding_box(PICTURE, 3, 0, 4, 2), "height must be >= target"),
    (lambda: tf.image.pad_to_bounding_box(PICTURE, 0, 0, 4, 9), "target_height must be >= height"),
    (lambda: tf.image.flip_left_right(np.zeros([4])), "3 or 4 dimensions"),
    (lambda: tf.image.central_crop(PICTURE, 1.5), "within"),
    (lambda: tf.image.random_hue(PICTURE, 0.7), "max_delta"),
    (lambda: tf.image.adjust_gamma(PICTURE, -1.0), "non-negative"),
])
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_types_keep_the_range():
    assert run(tf.image.convert_image_dtype(PICTURE, tf.float32)).max() == pytest.approx(PICTURE.max() / 255)
    there = tf.image.convert_image_dtype(PICTURE, tf.float32)
    np.testing.assert_array_equal(run(tf.image.convert_image_dtype(there, tf.uint8)), PICTURE)
    np.testing.assert_array_equal(run(tf.image.convert_image_dtype(PICTURE, tf.int16)), PICTURE.astype(np.int16) * 128)


def test_colour_spaces_lead_back():
    x = PICTURE.astype(np.float32) / 255
    for there, back in ((tf.image.rgb_to_yiq, tf.image.yiq_to_rgb), (tf.image.rgb_to_yuv, tf.image.yuv_to_rgb),
                        (tf.image.rgb_to_hsv, tf.image.hsv_to_rgb)):
        np.testing.assert_allclose(run(back(there(x))), x, atol=1e-4)  # TensorFlow's tables have few digits
    grey = run(tf.image.rgb_to_grayscale(x))
    np.testing.assert_allclose(grey[..., 0], x @ np.float32([0.2989, 0.5870, 0.1140]), rtol=1e-5)


def test_standardised_images_have_mean_zero_and_deviation_one():
    z = run(tf.image.per_image_standardization(PICTURE))
    assert abs(z.mean()) < 1e-5 and z.std() == pytest.approx(1.0, abs=1e-4)


def test_random_flips_flip_about_half():
    x = tf.constant(np.stack([PICTURE] * 40))
    flipped = run(tf.image.random_flip_left_right(x, seed=2))
    same = (flipped == PICTURE).all(axis=(1, 2, 3))
    assert 8 < same.sum() < 32
    np.testing.assert_array_equal(flipped[~same][0], PICTURE[:, ::-1])


def test_resize_images_keeps_proportions_where_asked():
    resized = tf.image.resize_images(PICTURE, [10, 10], preserve_aspect_ratio=True)
    assert run(resized).shape == (7, 10, 3)
    same = tf.image.resize_images(PICTURE, [5, 7])
    assert same.dtype == tf.uint8


def test_gradients_of_images():
    x = np.random.RandomState(1).rand(2, 4, 5, 3).astype(np.float32)
    dy, dx = run(tf.image.image_gradients(x))
    np.testing.assert_allclose(dy[:, :-1], np.diff(x, axis=1), rtol=1e-6)
    np.testing.assert_allclose(dx[:, :, :-1], np.diff(x, axis=2), rtol=1e-6)
    wanted = np.abs(np.diff(x, axis=1)).sum((1, 2, 3)) + np.abs(np.diff(x, axis=2)).sum((1, 2, 3))
    np.testing.assert_allclose(run(tf.image.total_variation(x)), wanted, rtol=1e-5)
