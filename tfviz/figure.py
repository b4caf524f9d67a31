"""Curves as a matplotlib figure, from the same exact columns as the live view; imported on demand (it is slow)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tfviz.curve_model import LIGHT, CurveSet
from tfviz.series import ema, parts

__all__ = ["curve_figure"]


def curve_figure(curves: CurveSet, *, smoothing: float = 0.0, log_y: bool = False) -> Figure:
    """Draw every card as one axes, two in a row; made without pyplot, so no window and no global state.

    Args:
        smoothing: weight of the debiased moving average; above 0 the raw curve is drawn faint below it.
        log_y: logarithmic y axis.
    """
    cards = curves.cards()
    columns = 1 if len(cards) <= 1 else 2
    rows = max(1, math.ceil(len(cards) / columns))
    figure = Figure(figsize=(10 if columns == 2 else 7, 3.4 * rows), layout="constrained")
    for index, card in enumerate(cards):
        axes = figure.add_subplot(rows, columns, index + 1)
        for line in card.lines:
            data = line.series.columns()
            smooth = ema(data.value, smoothing)
            cuts = [rows.start for rows in parts(data.step)[1:]]
            x = _broken(data.step, cuts)
            style: dict[str, Any] = {"color": LIGHT[line.colour], "alpha": 0.3 if line.age else 1.0, "linewidth": 1.5}
            label = line.label if line.age == 0 else None
            axes.plot(x, _broken(smooth, cuts), label=label, **style)
            if smoothing and line.age == 0:
                axes.plot(x, _broken(data.value, cuts), **{**style, "alpha": 0.25, "linewidth": 0.8})
        axes.set_title(card.title)
        axes.set_xlabel("step")
        axes.grid(alpha=0.25)
        if log_y:
            axes.set_yscale("log")
        if len({line.label for line in card.lines if line.age == 0}) > 1:
            axes.legend(frameon=False)
    if curves.title:
        figure.suptitle(curves.title)
    return figure


def _broken(column: np.ndarray, cuts: list[int]) -> np.ndarray:
    """A NaN before each restart, so that no line joins two parts."""
    return np.insert(column, cuts, np.nan) if cuts else column
