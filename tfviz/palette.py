"""Colours for numbers: the perceptually even scale viridis, from a few stops; pure, shared by the forms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

# Viridis at ninths (S. van der Walt, N. Smith, 2015), lightened so that black text stays readable.
_STOPS = ("#f7f3c8", "#e3e58b", "#b5dc7c", "#7fcf8d", "#5bbd9f", "#5aa7a9", "#668fae", "#7577ad", "#84609f")


def colour_scale(values: Sequence[Any]) -> list[str]:
    """Returns a CSS colour per value: numbers by rank of size between the least and the greatest, texts as they are.

    Example:
        >>> colour_scale([0.0, 2.0, "red"])
        ['#f7f3c8', '#84609f', 'red']
    """
    numbers = [float(v) for v in values if not isinstance(v, str)]
    finite = [v for v in numbers if math.isfinite(v)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return [v if isinstance(v, str) else _colour(float(v), low, high) for v in values]


def _colour(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "#e0475b"  # NaN and infinity stand out
    share = (value - low) / (high - low) if high > low else 0.0
    at = share * (len(_STOPS) - 1)
    k = min(int(at), len(_STOPS) - 2)
    a, b = _STOPS[k], _STOPS[k + 1]
    mixed = [round(int(a[i : i + 2], 16) * (1 - at + k) + int(b[i : i + 2], 16) * (at - k)) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in mixed)
