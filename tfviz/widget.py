"""The base of every live widget: one bundle a page, found lazily; imports anywidget, so only views import this file.

anywidget would send the whole bundle with every instance. Here an instance carries a stub of a few lines; the code
travels once per kernel in a `Bundle` model that all views share, and is imported once per page.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

BUNDLE_PATH = Path(__file__).parent / "static" / "tfviz.js"

# The blob's address is never revoked: the bundle starts its layout worker from the same address.
STUB = """
async function load(model) {
  const key = "__tfviz_" + model.get("bundle_hash");
  globalThis[key] ??= (async () => {
    let code;
    try {
      const ref = model.get("bundle");
      const shared = typeof ref === "string" ? await model.widget_manager.get_model(ref.slice(10)) : ref;
      code = shared.get("code");
    } catch (e) { /* a host without a widget manager: ask the kernel below */ }
    code ??= await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error("tfviz: the kernel did not send the bundle")), 60000);
      model.on("msg:custom", (m) => {
        if (m && m.type === "bundle") { clearTimeout(timer); done(m.code); }
      });
      model.send({ type: "bundle?" });
    });
    return import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  })();
  try { return await globalThis[key]; } catch (e) { delete globalThis[key]; throw e; }
}
export default {
  async render(context) { return (await load(context.model)).default.render(context); },
};
"""


class Bundle(ipywidgets.Widget):
    """The front end's code as a model without a view, shared by all views of a kernel."""

    code = traitlets.Unicode().tag(sync=True)


@cache
def bundle_code() -> str:
    """Returns the built front end; raises FileNotFoundError, with the cure, where it was not built."""
    if not BUNDLE_PATH.exists():
        raise FileNotFoundError(f"{BUNDLE_PATH} is missing: run `npm ci && npm run build` (static pictures still work)")
    return BUNDLE_PATH.read_text(encoding="utf-8")


@cache
def bundle_hash() -> str:
    """Returns a short name for this build, so that a page never mixes two of them."""
    return hashlib.sha256(bundle_code().encode()).hexdigest()[:12]


_SHARED: dict[str, Bundle] = {}


def shared_bundle() -> Bundle:
    """Returns the kernel's one `Bundle`, made anew when ipywidgets closed it."""
    bundle = _SHARED.get("bundle")
    if bundle is None or bundle.comm is None:
        bundle = _SHARED["bundle"] = Bundle(code=bundle_code())
    return bundle


class ViewWidget(anywidget.AnyWidget):
    """A live view: subclasses set `kind` (the name under which the front end registered it) and add traits."""

    _esm = STUB
    kind = traitlets.Unicode("").tag(sync=True)
    bundle = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    bundle_hash = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(bundle=shared_bundle(), bundle_hash=bundle_hash(), **traits)
        self.on_msg(self._answer)

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("type") == "bundle?":
            self.send({"type": "bundle", "code": bundle_code()})
