"""The live widget of curves: kept state in traits, new points in numbered messages; loaded only in a kernel."""

from __future__ import annotations

import threading
from typing import Any

import traitlets

from tfviz.control import Gate
from tfviz.curve_model import CurveSet
from tfviz.curve_wire import Cursor, meta_and_snapshot
from tfviz.widget import ViewWidget

__all__ = ["CurveWidget"]


class CurveWidget(ViewWidget):
    """Curves in the page: `meta` and `snapshot` are saved with the notebook, `points` messages follow them.

    Args:
        curves: what is shown; the widget reads it, never changes it.
        options: how the view begins.
        ident: id of the static picture that the widget hides while it is alive.
    """

    meta = traitlets.Dict().tag(sync=True)
    snapshot = traitlets.Bytes(b"").tag(sync=True)
    ident = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, curves: CurveSet, options: dict[str, Any], ident: str, kind: str = "curves", **more: Any
    ) -> None:
        self._curves, self._options = curves, options
        self._cursor = Cursor(curves)
        self.gate: Gate | None = None  # set by the view whose loop the buttons act on
        self._sending = threading.Lock()  # the training thread and the trailing timer both flush
        self._shape: tuple[int, ...] = ()
        meta, snapshot = meta_and_snapshot(curves, options)
        super().__init__(kind=kind, ident=ident, meta=meta, snapshot=snapshot, **more)
        if hasattr(self.comm, "_reply_subshell_for"):
            # ipykernel 7.4 sends an answer to whichever thread spoke last on the comm: the one that trains, where it
            # would wait for the end of the cell. Ours go where the front end sent them, to its comm subshell.
            self.comm._reply_subshell_for = lambda _data, chosen: chosen

    def save(self) -> None:
        """Put the present curves into the state that is saved with the notebook and given to pages opened later."""
        self._shape = self._shape_now()
        meta, snapshot = meta_and_snapshot(self._curves, self._options)
        with self.hold_sync():
            self.snapshot = snapshot
            self.meta = meta

    def close(self) -> None:
        """Close the comm; the page's widget manager keeps closed models (anywidget#613), so they are emptied first."""
        if self.comm is not None:
            with self.hold_sync():
                self.snapshot = b""
                self.meta = {}
        super().close()

    def _shape_now(self) -> tuple[int, ...]:
        return tuple(series.ident for _, series in self._curves.each())

    def flush(self) -> None:
        """Send the points that no message carried yet; names first, where new ones came."""
        with self._sending:
            if self._shape_now() != self._shape:
                self.save()
            found = self._cursor.take()
            if found is not None:
                message, buffer = found
                self.send(message, [buffer])

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        super()._answer(widget, content, buffers)
        if isinstance(content, dict) and content.get("type") == "control" and self.gate is not None:
            value = content.get("value", 0.0)
            number = float(value) if isinstance(value, int | float) else 0.0
            state = self.gate.command(str(content.get("action")), str(content.get("name", "")), number)
            self.send({"type": "control", "state": state})
        if isinstance(content, dict) and content.get("type") == "resync":
            have = content.get("have")
            found = self._cursor.answer(have if isinstance(have, dict) else {})
            if found is not None:
                message, buffer = found
                self.send({**message, "answer": True}, [buffer])
