"""Exact points of curves as CSV or JSON text; pure, must not import drawing modules or core."""

from __future__ import annotations

import csv
import io
import json
import math

from tfviz.curve_model import CurveSet

__all__ = ["to_csv", "to_json"]


def to_csv(curves: CurveSet) -> str:
    """One row a point: run, name, step, value, wall; floats written so that they read back exactly."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["run", "name", "step", "value", "wall"])
    for run, series in curves.each():
        columns = series.columns()
        rows = zip(columns.step.tolist(), columns.value.tolist(), columns.wall.tolist(), strict=True)
        writer.writerows((run.label, series.name, repr(s), repr(v), repr(w)) for s, v, w in rows)
    return out.getvalue()


def to_json(curves: CurveSet) -> str:
    """The runs with their columns; values that aren't finite are null, as JSON has no word for them."""
    runs = []
    for run in curves.runs:
        series = {}
        for name, one in run.series.items():
            columns = one.columns()
            values = [v if math.isfinite(v) else None for v in columns.value.tolist()]
            series[name] = {"step": columns.step.tolist(), "value": values, "wall": columns.wall.tolist()}
        runs.append({"label": run.label, "started": run.started, "series": series})
    return json.dumps({"version": 1, "title": curves.title, "runs": runs}, ensure_ascii=False)
