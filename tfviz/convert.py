"""SVG to PNG through whatever converter the machine has; tfviz itself needs none of them."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def to_png(svg: str, scale: float = 2.0) -> bytes:
    """Converts SVG text to PNG bytes.

    Args:
        svg: a picture of `svg.to_svg`.
        scale: pixels per unit.

    Raises:
        RuntimeError: no converter was found, or the one found failed.
    """
    try:
        # Optional converter; the nicest of them, since it needs no file and no process.
        cairosvg = importlib.import_module("cairosvg")
    except (ImportError, OSError):
        cairosvg = None
    if cairosvg is not None:
        return bytes(cairosvg.svg2png(bytestring=svg.encode("utf-8"), scale=scale))
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "graph.svg", Path(folder) / "graph.png"
        source.write_text(svg, encoding="utf-8")
        for program, command in _commands(svg, source, target, scale):
            found = shutil.which(program)
            if not found:
                continue
            done = subprocess.run([found, *command], capture_output=True, timeout=120, check=False)
            if target.exists():
                return target.read_bytes()
            raise RuntimeError(
                f"{program} could not convert the picture: {done.stderr.decode('utf-8', 'replace')[-300:]}"
            )
    raise RuntimeError(
        "no program that turns SVG into PNG was found: install one of CairoSVG (pip install cairosvg), rsvg-convert, "
        "Inkscape or Chromium, or use to_svg()"
    )


def _commands(svg: str, source: Path, target: Path, scale: float) -> list[tuple[str, list[str]]]:
    commands = [
        ("rsvg-convert", ["-z", str(scale), "-o", str(target), str(source)]),
        ("inkscape", [str(source), "--export-type=png", f"--export-dpi={96 * scale:g}", f"--export-filename={target}"]),
    ]
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    width, height = size.groups() if size else ("1200", "900")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--force-device-scale-factor={scale:g}",
        f"--window-size={width},{height}",
        f"--screenshot={target}",
        source.as_uri(),
    ]
    return commands + [(browser, flags) for browser in _BROWSERS]
