"""`show()`: a graph's view with its three forms (live widget, SVG, text) and a method for every gesture.

Imports no widget and no IPython until a view is displayed; the engine is met in graph_source.py only.
"""

from __future__ import annotations

import importlib
import itertools
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tfviz.convert import to_png
from tfviz.dot import DotSource, to_dot
from tfviz.find import find_ops
from tfviz.graph_source import cone, graph_dict, names_of
from tfviz.layout import DIRECTIONS, Picture, picture
from tfviz.layout_visible import choose_open
from tfviz.palette import colour_scale
from tfviz.snapshot import Snapshot
from tfviz.svg import THEMES, to_svg
from tfviz.text import to_text

# Names of stills: of one length, and never the same in two notebooks of one page.
_PROCESS, _NUMBERS = secrets.token_hex(4), itertools.count(1)
MAX_STATIC = 400  # boxes: beyond it the static form of the display folds scopes again


class View:
    """A picture of one graph: displays itself in a notebook, and everything a gesture does has a method here.

    Example:
        >>> x = tf.placeholder(tf.float32, [None, 784], name="x")
        >>> view = show(tf.get_default_graph())
        >>> view.find("op:Placeholder shape:?x784")[0].name
        'x'
    """

    def __init__(
        self,
        graph: Mapping[str, Any],
        depth: int | None = None,
        direction: str = "up",
        theme: str = "auto",
        title: str = "",
        owner: Any = None,
    ) -> None:
        if direction not in DIRECTIONS:
            raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, got {direction!r}")
        if theme not in THEMES:
            raise ValueError(f"theme must be one of {', '.join(THEMES)}, got {theme!r}")
        self.snapshot = Snapshot(graph)
        self.direction, self.theme, self.title = direction, theme, title
        self._owner = owner
        self.opened = set(choose_open(self.snapshot, depth))
        self.selected_items: list[int] = []
        self.colors: dict[int, str] = {}
        self.ident = f"tfviz-static-graph-{_PROCESS}-{next(_NUMBERS):06d}-00"
        self._widget: Any = None
        self._callbacks: list[Callable[[list[Any]], Any]] = []

    def __repr__(self) -> str:
        return f"<tfviz.View of {len(self.snapshot.nodes):,} operations>"

    # ---- gestures ---------------------------------------------------------------------------------------------------

    def expand(self, *names: str, deep: bool = False) -> View:
        """Opens scopes by name with all scopes around them; `deep` opens what is inside too.

        Args:
            names: full names of scopes; none means every scope at the top.
            deep: opens the scopes inside as well, at most 2,000 of them.

        Raises:
            KeyError: no scope of that name.
        """
        tree = self.snapshot.tree
        items = [self.snapshot.item(name) for name in names] or list(tree.children[0])
        for item in items:
            self.opened.update(tree.ancestors(item))
            self.opened.add(item)
            if deep:
                stack, room = [item], 2000
                while stack and room:
                    room -= 1
                    inner = stack.pop()
                    self.opened.add(inner)
                    stack.extend(
                        c for c in tree.children[inner] if tree.op[c] < 0 and c not in self.snapshot.is_variable
                    )
        self._push("opened")
        return self

    def collapse(self, *names: str) -> View:
        """Folds scopes by name; none means all."""
        if not names:
            self.opened = {0}
        self.opened -= {self.snapshot.item(name) for name in names}
        self._push("opened")
        return self

    def select(self, *names: Any) -> View:
        """Selects ops or scopes (names, ops or tensors) and opens the scopes around them."""
        tree = self.snapshot.tree
        self.selected_items = [self.snapshot.item(name) for name in names_of(list(names))]
        for item in self.selected_items:
            self.opened.update(tree.ancestors(item))
        self._push("opened")
        self._push("selected")
        self._tell()
        return self

    @property
    def selected(self) -> list[Any]:
        """The selected ops, those of a selected scope included: Operations of the shown graph, else names."""
        tree, ops = self.snapshot.tree, []
        for item in self.selected_items:
            low, high = tree.span[item]
            ops += [int(op) for op in tree.op_order[low:high]]
        return self._ops(ops)

    def find(self, query: str) -> list[Any]:
        """Finds ops by a regular expression on names, or by `op:Conv shape:?x10 dtype:float32 scope:net/*`.

        Returns:
            Operations of the shown graph, in creation order (names where a file or dict is shown).

        Raises:
            ValueError: the query is no regular expression.
        """
        return self._ops(find_ops(self.snapshot, query))

    def color(self, values: Mapping[Any, Any] | None = None) -> View:
        """Colours ops by your numbers (a scale from the least to the greatest) or by CSS colours.

        Args:
            values: by op, tensor or name of an op or scope; None takes the colours away.
        """
        self.colors = {}
        if values:
            keys = [self.snapshot.item(names_of(key)[0]) for key in values]
            self.colors = dict(zip(keys, colour_scale(list(values.values()))))
        self._push("colors")
        return self

    def _ops(self, indices: Iterable[int]) -> list[Any]:
        names = [self.snapshot.names[index] for index in indices]
        owner = self._owner
        if owner is not None and hasattr(owner, "get_operation_by_name"):
            return [owner.get_operation_by_name(name) for name in names]
        return names

    # ---- forms ------------------------------------------------------------------------------------------------------

    def picture(self) -> Picture:
        """Returns the laid-out picture: boxes and edges with their places."""
        return picture(self.snapshot, self.opened, self.direction)

    def to_svg(self, theme: str | None = None, max_width: int | None = None) -> str:
        """Returns the view as one SVG text, made without a browser.

        Args:
            theme: "auto", "light" or "dark"; None is the view's own.
            max_width: greatest shown width in pixels.
        """
        return to_svg(
            self.picture(), theme or self.theme, self.title, frozenset(self.selected_items), self.colors, max_width
        )

    def to_dot(self) -> DotSource:
        """Returns the view in graphviz's language; `.digraph()` makes the `graphviz` package's object of it."""
        return to_dot(self.picture())

    def to_png(self, scale: float = 2.0) -> bytes:
        """Returns the view as a PNG image.

        Raises:
            RuntimeError: the machine has no converter (CairoSVG, rsvg-convert, Inkscape or Chromium).
        """
        return to_png(self.to_svg("light" if self.theme == "auto" else self.theme), scale)

    def to_text(self) -> str:
        """Returns the view as a tree of lines."""
        return to_text(self.snapshot, self.opened)

    def save(self, path: str | Path) -> Path:
        """Writes the view to a file: `.svg`, `.png`, `.dot`, `.html` or `.txt` by the name's end."""
        path = Path(path)
        kind = path.suffix.lower()
        if kind == ".png":
            path.write_bytes(self.to_png())
            return path
        makers: dict[str, Callable[[], str]] = {
            ".svg": self.to_svg,
            ".dot": self.to_dot,
            ".gv": self.to_dot,
            ".txt": self.to_text,
            ".html": self._html,
        }
        if kind not in makers:
            raise ValueError(f"don't know how to save {path.name!r}: use .svg, .png, .dot, .html or .txt")
        path.write_text(str(makers[kind]()), encoding="utf-8")
        return path

    def _html(self) -> str:
        return f'<!doctype html><meta charset="utf-8"><title>graph</title>{self.to_svg()}\n'

    # ---- the notebook -----------------------------------------------------------------------------------------------

    def widget(self) -> Any:
        """Returns the live widget of this view, made once.

        Raises:
            ImportError, FileNotFoundError: anywidget or the built front end is missing.
        """
        if self._widget is None:
            # Optional: a machine without anywidget or without the built bundle keeps the static form.
            widget = importlib.import_module("tfviz.graph_widget").GraphWidget(self)
            widget.observe(self._heard, ["opened", "selected"])
            self._widget = widget
        return self._widget

    def _heard(self, change: Any) -> None:
        """Takes over what the reader opened or selected, and tells who asked through `on_select`."""
        items = [self._widget.wire.items[number] for number in change["new"]]
        if change["name"] == "opened":
            self.opened = {0, *items}
        elif items != self.selected_items:
            self.selected_items = items
            self._tell()

    def on_select(self, callback: Callable[[list[Any]], Any]) -> Callable[[], None]:
        """Calls `callback(ops)` whenever the selection changes, from the page or from here; returns a remover."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def _tell(self) -> None:
        for callback in list(self._callbacks):
            callback(self.selected)

    def _push(self, what: str) -> None:
        if self._widget is not None:
            self._widget.push(self, what)

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def _ipython_display_(self) -> None:
        """Shows the widget and, as an output of its own, the still that the saved notebook keeps.

        A reader without a kernel would choose the dead half of a bundle of both. The widget hides its still while it
        lives.
        """
        # Optional: only IPython calls this.
        from IPython.display import display

        try:
            widget = self.widget()
        except (ImportError, FileNotFoundError):
            widget = None
        if widget is not None:
            model = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
            still = "tfviz graph (live in a notebook with a kernel)"
            display({"application/vnd.jupyter.widget-view+json": model, "text/plain": still}, raw=True)
        display({"image/svg+xml": self._static(), "text/plain": self.to_text()}, raw=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: dict[str, Any] = {"text/plain": self.to_text(), "image/svg+xml": self._static()}
        try:
            found = self.widget()._repr_mimebundle_()
        except (ImportError, FileNotFoundError):
            found = None
        extra: dict[str, Any] = {}
        if found:
            data, extra = found if isinstance(found, tuple) else (found, {})
            bundle = {**data, **bundle}
        return bundle, extra

    def _static(self) -> str:
        """The SVG that the saved file keeps: as it is, or folded again where too much is open for a page."""
        tree, opened = self.snapshot.tree, self.opened
        if sum(len(tree.children[item]) for item in opened) > MAX_STATIC:
            opened = choose_open(self.snapshot)
        page = picture(self.snapshot, opened, self.direction)
        return to_svg(page, self.theme, self.title, frozenset(self.selected_items), self.colors, None, self.ident)


def show(
    graph: Any = None,
    fetches: Any = None,
    feeds: Any = None,
    depth: int | None = None,
    direction: str = "up",
    theme: str = "auto",
) -> View:
    """Shows a graph: scopes as boxes that fold, data edges solid, control edges dashed, shapes on the edges.

    Args:
        graph: a Graph, Session, GraphDef or MetaGraphDef, the path of a .pb, .pbtxt, .meta or event file, or None for
            the default graph.
        fetches: shows only what `run(fetches, feeds)` would run: ops, tensors, names or nests of them.
        feeds: what that run would be fed (a feed dict or a list).
        depth: opens scopes above this depth; None opens as many as stay readable.
        direction: "up" (inputs below), "down" or "right".
        theme: "auto", "light" or "dark".

    Returns:
        A `View`, which a notebook draws.

    Raises:
        TypeError: `graph` is nothing that holds a graph.
        KeyError: a fetch or feed is not in the graph.

    Example:
        >>> x = tf.placeholder(tf.float32, [None, 3], name="x")
        >>> y = tf.nn.relu(x, name="y")
        >>> print(show().to_text())
        Graph: 2 operations, 1 data edge, 0 control edges
        · x  Placeholder float32 ?×3
        · y  Relu float32 ?×3  ← x [?×3]
    """
    plain = graph_dict(graph)
    title = ""
    if fetches is not None:
        wanted, fed = names_of(fetches), names_of(list(feeds) if isinstance(feeds, Mapping) else feeds)
        total = len(plain["nodes"])
        plain = cone(plain, wanted, fed)
        title = f"run({', '.join(wanted)}): {len(plain['nodes'])} of {total} operations"
        title += f", fed {', '.join(fed)}" if fed else ""
    owner = graph
    if graph is None and "core" in sys.modules:
        owner = sys.modules["core"].get_default_graph()
    elif not hasattr(graph, "get_operation_by_name"):
        owner = getattr(graph, "graph", None)
    return View(plain, depth, direction, theme, title, owner)


def _display_graph(graph: Any) -> None:
    show(graph)._ipython_display_()


def register_display() -> bool:
    """Makes a `Graph` at the end of a cell draw itself; returns whether there is an IPython to tell."""
    # Optional: without IPython there is nothing to display in.
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    if shell is None:
        return False
    load_ipython_extension(shell)
    return True


def load_ipython_extension(ipython: Any) -> None:
    """Registers the display of graphs with IPython (`%load_ext tfviz`)."""
    core = importlib.import_module("core")
    formatter = ipython.display_formatter.ipython_display_formatter
    formatter.for_type(core.Graph, _display_graph)
    slot = getattr(sys.modules.get("core.graph"), "display_hook", None)
    if isinstance(slot, list) and _display_graph not in slot:
        slot.append(_display_graph)
