"""The live widget of the graph: its state in traits, kept with the notebook; loaded only when a view is displayed.

Wire numbers (see protocol.py) travel, tree items stay here. Nothing the reader does needs an answer from here but
the details
of an op that were not sent along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from tfviz.protocol import Wire, details
from tfviz.widget import ViewWidget

if TYPE_CHECKING:
    from tfviz.show_graph import View

__all__ = ["GraphWidget"]

MAX_DETAILS = 600  # ops: smaller graphs carry all their details, so that a saved notebook shows them without a kernel


class GraphWidget(ViewWidget):
    """A graph in the page; `opened` and `selected` change from both sides and can be observed."""

    graph = traitlets.Bytes(b"").tag(sync=True)
    opened = traitlets.List(traitlets.Int()).tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    direction = traitlets.Unicode("up").tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    colors = traitlets.Dict().tag(sync=True)
    details = traitlets.Dict().tag(sync=True)
    ident = traitlets.Unicode("").tag(sync=True)

    def __init__(self, view: View) -> None:
        snapshot = view.snapshot
        self.wire = Wire(snapshot)
        self._snapshot = snapshot
        known = {}
        if len(snapshot.nodes) <= MAX_DETAILS:
            known = {str(n): found for n in range(len(self.wire.items)) if (found := self._details(n))}
        super().__init__(
            kind="graph",
            graph=self.wire.data,
            opened=self.numbers(view.opened),
            selected=self.numbers(view.selected_items),
            direction=view.direction,
            theme=view.theme,
            title=view.title,
            colors=self._colors(view),
            details=known,
            ident=view.ident,
        )

    def numbers(self, items: Any) -> list[int]:
        """Turns tree items into wire numbers, in order; the root is always open and does not travel."""
        return sorted(self.wire.number[item] for item in items if item and item in self.wire.number)

    def push(self, view: View, what: str) -> None:
        """Sends what a method of the view changed."""
        if what == "opened":
            self.opened = self.numbers(view.opened)
        elif what == "selected":
            self.selected = self.numbers(view.selected_items)
        elif what == "colors":
            self.colors = self._colors(view)

    def _colors(self, view: View) -> dict[str, str]:
        return {str(self.wire.number[item]): color for item, color in view.colors.items()}

    def _details(self, number: int) -> dict[str, Any] | None:
        op = self._snapshot.op_of(self.wire.items[number])
        return details(self._snapshot, op) if op >= 0 else None

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        super()._answer(widget, content, buffers)
        if isinstance(content, dict) and content.get("type") == "info?":
            number = content.get("item")
            if isinstance(number, int) and 0 <= number < len(self.wire.items):
                self.send({"type": "info", "item": number, "details": self._details(number)})
