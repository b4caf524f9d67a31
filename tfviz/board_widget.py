"""The live widget of a dashboard: the curves' wire, and beside it histograms, pictures, sounds and texts."""

from __future__ import annotations

from typing import Any

import traitlets

from tfviz.board_model import Board
from tfviz.curve_widget import CurveWidget
from tfviz.media_wire import encode, media_state

__all__ = ["BoardWidget"]


class BoardWidget(CurveWidget):
    """A dashboard in the page; `media` and `blob` are saved with the notebook.

    Args:
        board: what is shown.
        options: how the view begins.
        ident: id of the static picture that the widget hides while it is alive.
    """

    media = traitlets.Dict().tag(sync=True)
    blob = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, board: Board, options: dict[str, Any], ident: str) -> None:
        self._board = board
        self._media_version = board.version
        media, blob = media_state(board)
        super().__init__(board.curves, options, ident, kind="board", media=media, blob=blob)

    def save(self) -> None:
        """Put the present curves and media into the state that is saved."""
        super().save()
        if self._media_version != self._board.version and self._board.tracks:
            self._media_version = self._board.version
            media, blob = media_state(self._board)
            with self.hold_sync():
                self.blob = blob
                self.media = media

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        super()._answer(widget, content, buffers)
        if not isinstance(content, dict) or content.get("type") != "media?":
            return
        track = self._board.tracks.get((str(content.get("run")), str(content.get("tag"))))
        index = content.get("index")
        if track is None or not isinstance(index, int) or not 0 <= index < len(track.entries):
            return
        entry = track.entries[index]
        reply = {
            "type": "media",
            "run": track.run,
            "tag": track.tag,
            "index": index,
            "step": entry.step,
            "wall": entry.wall,
        }
        self.send(reply, [encode(entry)])
