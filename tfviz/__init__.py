"""Pictures of a TensorFlow-style graph and of its training, inside the notebook cell.

The public names are `show` (graph), `live`, `dashboard`, `progress` (training) and `load_ipython_extension`.
Importing this file imports no widget and nothing of the engine (but within IPython, where a Graph at the end of a
cell is to draw itself). No module here bears the name of a public function (importing a `tfviz/live.py` would replace
`tfviz.live`): the training views stand in `tfviz/curves.py`.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tfviz.show_graph import View, load_ipython_extension, register_display, show

__version__ = "0.1.0"

__all__ = ["show", "live", "dashboard", "progress", "weights", "surface", "View", "load_ipython_extension"]


def live(*args: Any, **kwargs: Any) -> Any:
    """Opens a curve that moves while the cell trains: see `tfviz.curves.live` for arguments."""
    return importlib.import_module("tfviz.curves").live(*args, **kwargs)


def dashboard(*args: Any, **kwargs: Any) -> Any:
    """Opens several training views side by side: see `tfviz.curves.dashboard` for arguments."""
    return importlib.import_module("tfviz.curves").dashboard(*args, **kwargs)


def progress(*args: Any, **kwargs: Any) -> Any:
    """Wraps an iterable of training steps with a bar: see `tfviz.curves.progress` for arguments."""
    return importlib.import_module("tfviz.curves").progress(*args, **kwargs)


def weights(*args: Any, **kwargs: Any) -> Any:
    """Shows variables as pictures that change while the loop trains: see `tfviz.watch.weights` for arguments."""
    return importlib.import_module("tfviz.watch").weights(*args, **kwargs)


def surface(*args: Any, **kwargs: Any) -> Any:
    """Shows what a net with two inputs says everywhere: see `tfviz.watch.surface` for arguments."""
    return importlib.import_module("tfviz.watch").surface(*args, **kwargs)


# Within IPython a Graph at the end of a cell draws itself as soon as this package is imported.
if "IPython" in sys.modules:
    register_display()
