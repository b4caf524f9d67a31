"""What the live views cost the loop and the saved notebook: `python -m benchmarks.live_views` prints one table."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from tfviz.curve_model import CurveSet
from tfviz.curve_svg import curve_svg
from tfviz.curve_wire import Cursor, meta_and_snapshot
from tfviz.curves import LiveView

LIMITS = {"logged scalar, us": 20.0, "run watched, us": 20.0, "saved state at 1e5 points, kB as base64": 200.0}


def best(call: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of a few calls."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return min(found)


def filled(points: int) -> CurveSet:
    """Two noisy curves of so many points."""
    rng = np.random.default_rng(0)
    curves = CurveSet("bench")
    run = curves.begin("run 1", 0.0)
    x = np.arange(points)
    run["loss"].extend(x, 2.3 * np.exp(-x / points * 4) + 0.1 * rng.random(points), x * 1e-3)
    run["accuracy"].extend(x, 1 - np.exp(-x / points * 4) + 0.1 * rng.random(points), x * 1e-3)
    return curves


def measure() -> dict[str, float]:
    """All figures, by name."""
    view = LiveView({"loss": "loss:0"}, None, "", {"smoothing": 0.0, "log_y": False, "x": "step"}, None)
    n = 10_000

    def log() -> None:
        for _ in range(n):
            view.log(loss=1.5)

    def observe() -> None:
        for i in range(n):
            view.observe(None, ("train", "loss:0"), (None, 1.5), i, 1.0)

    rows = {"logged scalar, us": best(log) / n * 1e6, "run watched, us": best(observe) / n * 1e6}
    view.close()
    for points in (100_000, 1_000_000):
        curves = filled(points)
        name = f"1e{len(str(points)) - 1} points"
        rows[f"static picture at {name}, ms"] = best(lambda c=curves: curve_svg(c)) * 1e3  # type: ignore[misc]
        rows[f"static picture at {name}, kB"] = len(curve_svg(curves)) / 1e3
        rows[f"saved state at {name}, ms"] = best(lambda c=curves: meta_and_snapshot(c, {})) * 1e3  # type: ignore[misc]
        rows[f"saved state at {name}, kB as base64"] = len(meta_and_snapshot(curves, {})[1]) * 4 / 3 / 1e3
    curves = filled(100)
    cursor = Cursor(curves)
    cursor.take()

    def message() -> None:
        curves.current["loss"].append(1, 1, 1)
        cursor.take()

    rows["a message of one point, us"] = best(message, 50) * 1e6
    return rows


def main() -> None:
    """Print the table; a figure past its limit is marked."""
    for name, value in measure().items():
        limit = LIMITS.get(name)
        mark = "" if limit is None else f"   (limit {limit:g}{'' if value <= limit else ', MISSED'})"
        print(f"{name:<44}{value:>10.1f}{mark}")


if __name__ == "__main__":
    main()
