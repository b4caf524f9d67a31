"""`show()`: the view of a graph with its three forms (widget, SVG, text); imports no widget until one is displayed."""
from __future__ import annotations
from typing import Any
class View: pass
def show(graph: Any = None, **kwargs: Any) -> View: raise NotImplementedError
def register_display() -> bool: return False
def load_ipython_extension(ipython: Any) -> None: register_display()
