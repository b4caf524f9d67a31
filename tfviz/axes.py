"""Ticks and number texts of an axis; pure, shared by the SVG, text and matplotlib forms. Twin of ui/scalars/axes.ts.

Must not import NumPy-heavy code, core, IPython or widgets: a function of numbers to numbers and texts.
"""

from __future__ import annotations

import math

__all__ = ["format_number", "format_tick", "linear_ticks", "log_ticks", "padded_range"]


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) inside [low, high], at most `most` of them.

    Example:
        >>> linear_ticks(0.0, 1.0, 6)
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or most < 1:
        return [low] if math.isfinite(low) else []
    rough = (high - low) / most
    power = math.floor(math.log10(rough))
    for factor in (1, 2, 5, 10, 20, 50):
        # Ten to a negative power isn't exact; dividing by ten to the positive power is.
        step = factor * 10.0**power if power >= 0 else factor / 10.0**-power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            whole = power >= 0
            return [i * factor * 10.0**power if whole else i * factor / 10.0**-power for i in range(first, last + 1)]
    return [low]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Powers of ten inside [low, high] (with 2s and 5s where there are few), for positive ends.

    Example:
        >>> log_ticks(0.02, 30.0, 6)
        [0.1, 1.0, 10.0]
    """
    if not (0 < low < high) or not math.isfinite(high):
        return []
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = last - first + 1
    if decades >= 2:
        stride = max(1, math.ceil(decades / max(1, most)))
        return [_power_of_ten(p) for p in range(first, last + 1) if p % stride == 0]
    ticks = [m * _power_of_ten(p) for p in range(first - 1, last + 2) for m in (1, 2, 5)]
    inside = [t for t in ticks if low <= t <= high]
    return inside if 2 <= len(inside) <= most else linear_ticks(low, high, most)


def _power_of_ten(p: int) -> float:
    return 10.0**p if p >= 0 else 1.0 / 10.0**-p


def padded_range(low: float, high: float, log: bool) -> tuple[float, float]:
    """The range of an axis: a little air around the data, never empty."""
    if log:
        if low == high:
            return low / 2, high * 2
        air = (high / low) ** 0.04
        return low / air, high * air
    if low == high:
        air = abs(low) * 0.1 or 1.0
    else:
        air = (high - low) * 0.05
    return low - air, high + air


def format_tick(value: float) -> str:
    """A tick's text, short: 0.2, 25k, 1.5M, 1e-5.

    Example:
        >>> [format_tick(v) for v in (0.0, 0.25, 12.0, 25000.0, 1500000.0, 1e-5, 2e12)]
        ['0', '0.25', '12', '25k', '1.5M', '1e-5', '2e12']
    """
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e9 or size < 1e-3:
        mantissa, exponent = f"{value:.4e}".split("e")
        return f"{_strip(mantissa)}e{int(exponent)}"
    if size >= 1e6:
        return _strip(f"{value / 1e6:.4f}") + "M"
    if size >= 1e4:
        return _strip(f"{value / 1e3:.4f}") + "k"
    return _strip(f"{value:.6f}")


def format_number(value: float) -> str:
    """A value's text with four to five telling digits: 0.0123, 2.303, 1.2346e-5, nan.

    Example:
        >>> [format_number(v) for v in (0.012345, 2.302585, 1234.5678, 123456789.0, 1.23456e-7, float("nan"))]
        ['0.012345', '2.3026', '1234.6', '1.2346e8', '1.2346e-7', 'nan']
    """
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e7 or size < 1e-4:
        mantissa, exponent = f"{value:.4e}".split("e")
        return f"{_strip(mantissa)}e{int(exponent)}"
    if float(value).is_integer():
        return str(int(value))
    digits = max(0, 4 - math.floor(math.log10(size)))
    return _strip(f"{value:.{digits}f}")


def _strip(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
