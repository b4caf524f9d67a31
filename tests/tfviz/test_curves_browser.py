"""The front end in a real browser without a kernel: a saved view draws, grows, zooms, and hides its static picture."""

from __future__ import annotations

import base64
import http.server
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfviz.curve_model import CurveSet
from tfviz.curve_svg import curve_svg
from tfviz.curve_wire import Cursor, meta_and_snapshot

BUNDLE = Path(__file__).resolve().parents[2] / "tfviz" / "static" / "tfviz.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not BUNDLE.exists(), reason="the front end is not built: npm ci && npm run build"),
]

PAGE = """<!doctype html><meta charset="utf-8"><body style="background:#fff">
<div id="static">STATIC</div><div id="view"></div>
<script type="module">
import bundle from "/tfviz.js";
const given = GIVEN;
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const state = { ...given.state, snapshot: bytes(given.snapshot) };
const handlers = {};
const sent = [];
const model = {
  get: (name) => state[name], set() {}, save_changes() {}, send: (m) => sent.push(m),
  on: (event, f) => (handlers[event] ??= []).push(f), off() {},
};
const out = {};
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const el = document.getElementById("view");
const canvases = () => [...el.querySelectorAll("canvas")];
const labels = () => canvases().map((c) => c.getAttribute("aria-label"));
const ink = (c) => {
  const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  return count;
};
try {
  const stop = await bundle.render({ model, el });
  await wait(200);
  out.labels = labels();
  out.ink = canvases().map(ink);
  out.hidden = getComputedStyle(document.querySelector("#static svg")).display;
  handlers["msg:custom"].forEach((f) => f(given.message, [bytes(given.points)]));
  await wait(200);
  out.grown = labels();
  const c = canvases()[0];
  const box = c.getBoundingClientRect();
  c.setPointerCapture = () => {};
  const before = ink(c);
  const at = (x) => ({ clientX: box.left + x, clientY: box.top + 60, bubbles: true, button: 0, pointerId: 1 });
  const fire = (type, x) => c.dispatchEvent(new PointerEvent(type, at(x)));
  fire("pointerdown", 100); fire("pointermove", 140); fire("pointerup", 140);
  await wait(200);
  out.zoomed = ink(c) !== before;
  fire("pointermove", 200);
  await wait(200);
  out.table = el.querySelector(".tfv-c-tip").textContent;
  fire("pointerleave", 200);
  await wait(100);
  stop();
  out.shown = getComputedStyle(document.querySelector("#static svg")).display;
  out.left = el.childElementCount;
  out.sent = sent;
} catch (error) { out.error = String(error.stack); }
await fetch("/out", { method: "POST", body: JSON.stringify(out) });
</script>"""


@pytest.fixture
def curves() -> CurveSet:
    made = CurveSet("browser")
    for r in range(2):
        run = made.begin(f"run {r + 1}", 100.0 * r)
        x = np.arange(3000)
        run["loss"].extend(x, 5.0 / (1 + x / 100) + r, 100.0 * r + x / 10)
        run["accuracy"].extend(x[::10], x[::10] / 3000, 100.0 * r + x[::10] / 10)
    return made


class Page:
    """Serves a folder to one browser, which runs until the page has posted what it found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        posted: queue.Queue[Any] = queue.Queue()

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(folder))

            def do_POST(self) -> None:
                posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Says nothing."""

        self.posted = posted
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def run(self, html: str) -> Any:
        """What the page posts."""
        (self.folder / "page.html").write_text(html, encoding="utf-8")
        shutil.copy(BUNDLE, self.folder / "tfviz.js")
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run"]
        profile = f"--user-data-dir={self.folder / 'profile'}"
        address = f"http://127.0.0.1:{self.server.server_port}/page.html"
        command = [str(CHROMIUM), *arguments, profile, address]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                return self.posted.get(timeout=60)
            finally:
                browser.terminate()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    made = Page(tmp_path)
    yield made
    made.close()


def test_a_saved_view_lives(curves: CurveSet, page: Page) -> None:
    meta, snapshot = meta_and_snapshot(curves, {"smoothing": 0.0, "log_y": False, "x": "step"})
    ident = "tfviz-static-1-abc"
    cursor = Cursor(curves)
    cursor.take()
    curves.current["loss"].append(3000, 77.5, 999.0)
    found = cursor.take()
    assert found is not None
    message, points = found
    given = {
        "state": {"kind": "curves", "ident": ident, "meta": meta},
        "snapshot": base64.b64encode(snapshot).decode(),
        "message": message,
        "points": base64.b64encode(points).decode(),
    }
    html = PAGE.replace("STATIC", curve_svg(curves, ident=ident)).replace("GIVEN", json.dumps(given))
    out = page.run(html)
    assert "error" not in out, out["error"]
    last = 5.0 / (1 + 2999 / 100) + 1
    assert out["labels"] == [f"loss: {last:.4f}", "accuracy: 0.99667"]
    assert all(ink > 500 for ink in out["ink"])
    assert out["grown"][0] == "loss: 77.5"
    assert out["hidden"] == "none" and out["shown"] != "none"
    assert out["zoomed"]
    assert "run 2" in out["table"] and "run 1" in out["table"]
    assert out["left"] == 0
    assert [m["type"] for m in out["sent"]] in (["resync"], ["resync", "resync"])  # the saved picture was thinned
