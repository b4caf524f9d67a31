"""The geometry of sliding windows: TensorFlow's SAME, VALID and EXPLICIT padding, and output sizes.

Must not import anything but NumPy and core.kernels.
"""

from collections.abc import Sequence

__all__ = ["channel_axis", "explicit_pads", "output_size", "spatial_axes", "window_pads"]


def channel_axis(data_format: str) -> int:
    """Axis of the channels in NHWC, NCHW, NWC, NDHWC ... formats."""
    return data_format.index("C")


def spatial_axes(data_format: str) -> list[int]:
    """Axes of the spatial dimensions in order."""
    return [i for i, letter in enumerate(data_format) if letter not in "NC"]


def output_size(size: int, window: int, stride: int, dilation: int, pads: tuple[int, int]) -> int:
    """Number of windows along one dimension that was padded by `pads`."""
    return max(0, (size + pads[0] + pads[1] - ((window - 1) * dilation + 1)) // stride + 1)


def explicit_pads(padding: Sequence[int], data_format: str) -> list[tuple[int, int]]:
    """(before, after) of each spatial dimension from a flat list of two numbers a dimension of the array."""
    return [(int(padding[2 * axis]), int(padding[2 * axis + 1])) for axis in spatial_axes(data_format)]


def window_pads(
    sizes: Sequence[int],
    windows: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    padding: str | bytes | Sequence[Sequence[int]],
) -> list[tuple[int, int]]:
    """Rows of zeros before and after each spatial dimension.

    Args:
      sizes: input sizes, as the following one per spatial dimension.
      windows: window sizes.
      strides: steps of the window.
      dilations: distances between the window's elements.
      padding: "SAME", "VALID", or (before, after) pairs.

    Returns:
      One (before, after) pair per spatial dimension; SAME puts the odd row after.

    Raises:
      ValueError: another padding.
    """
    if isinstance(padding, bytes):
        padding = padding.decode()
    if padding == "VALID":
        return [(0, 0)] * len(sizes)
    if padding == "SAME":
        pads = []
        for size, window, stride, dilation in zip(sizes, windows, strides, dilations):
            total = max((-(-size // stride) - 1) * stride + (window - 1) * dilation + 1 - size, 0)
            pads.append((total // 2, total - total // 2))
        return pads
    if isinstance(padding, str):
        raise ValueError(f"padding is {padding!r}, want 'SAME', 'VALID' or pairs of numbers")
    return [(int(before), int(after)) for before, after in padding]
