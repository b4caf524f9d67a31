"""A frozen graph as tfviz sees it: ops, edges and the tree of name scopes, built from `core.inspect.graph()`'s dict.

Everything drawn is derived from this one model: static SVG, text, DOT and the browser's wire. It decides what a
scope is,
which nodes are series, variables, gradients or helpers; it knows nothing of coordinates. Must not import core,
IPython or
widgets. All walks are loops over arrays: a name 100,000 levels deep must not overflow a stack.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from tfviz.snapshot_tree import Tree, build_tree, flatten_units, group_crowds, group_series

DATA, CONTROL, REF = 0, 1, 2
UNKNOWN = "any shape"

_BYTES = {
    "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16, "bool": 1, "string": 16,
    "int8": 1, "uint8": 1, "qint8": 1, "quint8": 1, "int16": 2, "uint16": 2, "qint16": 2, "quint16": 2, "int32": 4,
    "uint32": 4, "qint32": 4, "int64": 8, "uint64": 8,
}  # fmt: skip

# Ops that change the variable behind their reference (or resource) inputs: their edges are state, not data.
_MUTATES = re.compile(
    r"^(Assign|Scatter(Add|Sub|Mul|Div|Min|Max|Update|Nd)|Apply|SparseApply|ResourceApply|ResourceSparseApply|ResourceScatter"
    r"|CountUpTo|ResourceCountUpTo|DestroyTemporaryVariable)"
)
_VARIABLE = re.compile(r"^(VariableV?2?|VarHandleOp|TemporaryVariable|AutoReloadVariable)$")
_SUMMARY = re.compile(r"^[A-Za-z]+Summary(V2)?$")
_PLACEHOLDER = re.compile(r"^Placeholder")
_GRADIENTS = re.compile(r"^gradients(_\d+)?$")

# Kinds of op, for colour: the first pattern that matches the op type names its kind.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("variable", r"^(VariableV?2?|VarHandleOp|TemporaryVariable|ReadVariableOp|AutoReloadVariable)$"),
        ("input", r"^(Placeholder|Iterator|.*Dataset|.*Queue|.*Reader|OneShotIterator)"),
        ("constant", r"^(Const|Immutable)"),
        ("summary", r"Summary"),
        ("update", r"^(Assign|Apply|Resource(Sparse)?Apply|SparseApply|(Resource)?Scatter|CountUpTo)"),
        ("control", r"^(NoOp|Switch|Merge|Enter|Exit|NextIteration|LoopCond|If|While|StatelessIf|StatelessWhile|Assert"
                    r"|.*PartitionedCall|Case)$"),
        ("random", r"(Random|TruncatedNormal|Multinomial|Dropout)"),
        ("loss", r"(CrossEntropy|L2Loss|CTCLoss)"),
        ("layer", r"^(MatMul|BatchMatMul|Conv|DepthwiseConv|BiasAdd|.*Pool|FusedBatchNorm|LRN|.*RNN|LSTM|Einsum)"),
        ("activation", r"^(Relu|Elu|Selu|Sigmoid|Tanh|Softmax|Softplus|Softsign|LogSoftmax|LeakyRelu|Crelu)"),
        ("shape", r"^(Reshape|Transpose|ExpandDims|Squeeze|Concat|Pack|Unpack|Split|Slice|StridedSlice|Gather|Tile|Pad"
                  r"|Shape|Size|Rank|Fill|Identity|Cast|OneHot|Range|StopGradient|ZerosLike|OnesLike|BroadcastGradientArgs)"),
        ("io", r"^(Save|Restore|MergeV2|ReadFile|WriteFile|Decode|Encode|PyFunc|Print)"),
    )
)  # fmt: skip
KINDS = (*(kind for kind, _ in _KINDS), "math")


@lru_cache(4096)
def op_kind(op_type: str) -> str:
    """Returns the colour family of an op type: `op_kind("MatMul") == "layer"`."""
    for kind, pattern in _KINDS:
        if pattern.search(op_type):
            return kind
    return "math"


@lru_cache(4096)
def _matches(pattern: re.Pattern[str], op_type: str) -> bool:
    """Asks once per type, not once per op."""
    return pattern.match(op_type) is not None


def shape_text(shape: Iterable[int | None] | None) -> str:
    """Writes a shape as it stands on an edge: `[None, 784]` is `?×784`, `[]` is `scalar`."""
    if shape is None:
        return UNKNOWN
    sizes = ["?" if size is None or size < 0 else str(size) for size in shape]
    return "×".join(sizes) if sizes else "scalar"


def tensor_bytes(output: Mapping[str, Any]) -> float:
    """Estimates a tensor's bytes; an unknown size counts as 1, so that thickness never promises what is not known."""
    shape = output.get("shape")
    size = float(_BYTES.get(str(output.get("dtype")), 4))
    for dim in shape or ():
        size *= max(1.0, float(dim)) if dim is not None else 1.0
    return size


class Snapshot:
    """A graph's ops, edges and scope tree as arrays.

    Args:
        graph: the dict of `core.inspect.graph()`; missing optional keys and edges to nodes that do not exist are
        let go.
        group: False keeps every scope as it is named, without series and without parts for crowded scopes.

    Attributes:
        nodes: the op dicts in creation order (bodies of functions follow their call, named `call/function/...`).
        tree: scopes, series and ops; `tree.op[t]` is the op index of tree node `t` or -1.
        src, dst, out, kind, nbytes: one entry per edge (op indices; `kind` is DATA, CONTROL or REF).
    """

    def __init__(self, graph: Mapping[str, Any], group: bool = True) -> None:
        version = graph.get("version", 1)
        if version != 1:
            raise ValueError(f"this tfviz reads version 1 of core.inspect.graph, got version {version!r}: update tfviz")
        # Tens of thousands of small lists are born here and none dies: the collector would walk them in vain.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self._build(graph, group)
        finally:
            if collecting:
                gc.enable()

    def _build(self, graph: Mapping[str, Any], group: bool) -> None:
        self.graph = graph
        self.nodes: list[Mapping[str, Any]] = _with_bodies(graph)
        self.types = [str(node.get("op", "")) for node in self.nodes]
        self.names = [str(node.get("name", "")) for node in self.nodes]
        self._edges()
        self.tree: Tree = build_tree(self.names)
        self._roles()
        if group and self.nodes:
            flatten_units(self.tree, self.types)
            group_series(self.tree, self.types, self.src, self.dst, self.is_variable)
            group_crowds(self.tree)
        self.tree.number()

    def _edges(self) -> None:
        columns: list[tuple[int, int, int, int, float]] = []
        count = len(self.nodes)
        sizes = [[tensor_bytes(out) for out in node.get("outputs") or ()] for node in self.nodes]
        stateful = [
            [bool(out.get("ref")) or out.get("dtype") == "resource" for out in node.get("outputs") or ()]
            for node in self.nodes
        ]
        users: dict[int, list[int]] = {}
        for dst, node in enumerate(self.nodes):
            for src in dict.fromkeys(int(entry[0]) for entry in node.get("inputs") or ()):
                if 0 <= src < count and self.types[src] == "Const":
                    users.setdefault(src, []).append(dst)
        for dst, node in enumerate(self.nodes):
            mutates = _matches(_MUTATES, self.types[dst])
            for entry in node.get("inputs") or ():
                src, out = int(entry[0]), int(entry[1])
                if not 0 <= src < count:
                    continue
                known = 0 <= out < len(sizes[src])
                kind = REF if mutates and known and stateful[src][out] else DATA
                columns.append((src, dst, out, kind, sizes[src][out] if known else 4.0))
            for src in node.get("control") or ():
                if 0 <= int(src) < count:
                    columns.extend((int(src), after, -1, CONTROL, 0.0) for after in self._waiting(int(src), dst, users))
        table = np.array(columns, dtype=np.float64).reshape(-1, 5)
        self.src = table[:, 0].astype(np.int64)
        self.dst = table[:, 1].astype(np.int64)
        self.out = table[:, 2].astype(np.int32)
        self.kind = table[:, 3].astype(np.uint8)
        self.nbytes = table[:, 4]

    def _waiting(self, src: int, dst: int, users: Mapping[int, list[int]]) -> list[int]:
        """Returns what a control edge holds back: for a constant, which is written at its users, these.

        `minimize(loss, global_step=step)` orders the step's AssignAdd through its constant 1. Constants of loops and
        conditionals hang on a pivot (an Identity) only to stay in their frame, which is no order worth a line.
        """
        if self.types[dst] != "Const" or self.types[src] == "Identity":
            return [dst]
        return [user for user in users.get(dst, ()) if user != src] or [dst]

    def _roles(self) -> None:
        """Marks scopes that are one variable (its op, initialiser and read) and scopes that hold gradients."""
        tree = self.tree
        self.is_variable: set[int] = set()
        for index, op_type in enumerate(self.types):
            if _matches(_VARIABLE, op_type):
                leaf = tree.of_op[index]
                home = tree.parent[leaf]
                own_scope = tree.label[leaf].startswith("(") and home != 0
                self.is_variable.add(home if own_scope else leaf)

    # ---- what one op is -------------------------------------------------------------------------------------------

    def op_of(self, item: int) -> int:
        """Returns the op that tree node `item` stands for: itself, or a variable scope's variable, else -1."""
        if self.tree.op[item] >= 0:
            return self.tree.op[item]
        if item in self.is_variable:
            for child in self.tree.children[item]:
                if child in self.tree.op_items and _VARIABLE.match(self.types[self.tree.op[child]]):
                    return self.tree.op[child]
        return -1

    def is_constant(self, op: int) -> bool:
        return self.types[op] == "Const"

    def is_summary(self, op: int) -> bool:
        return _matches(_SUMMARY, self.types[op]) and self.types[op] not in ("MergeSummary", "WriteSummary")

    def is_placeholder(self, op: int) -> bool:
        return _matches(_PLACEHOLDER, self.types[op])

    def is_gradients(self, item: int) -> bool:
        return self.tree.op[item] < 0 and bool(_GRADIENTS.match(self.tree.label[item]))

    def output(self, op: int, index: int) -> Mapping[str, Any]:
        """Returns the record of one output, empty where the graph does not say."""
        outputs = self.nodes[op].get("outputs") or ()
        return outputs[index] if 0 <= index < len(outputs) else {}

    def output_shape(self, op: int, index: int = 0) -> str:
        return shape_text(self.output(op, index).get("shape"))

    def value_text(self, op: int, limit: int = 18) -> str:
        """Writes a constant's value where it is small, else its name and shape: `0.5`, `[2, 3]`, `zeros 784×128`."""
        value = self.nodes[op].get("value")
        shape = shape_text(self.output(op, 0).get("shape"))
        if value is not None:
            text = _short_value(value)
            if len(text) <= limit:
                return text
        name = self.names[op].rpartition("/")[2].split("_")[0]
        return shape if not name or name == "Const" else f"{name} {shape}"

    # ---- look-ups
    # ---------------------------------------------------------------------------------------------------

    def item(self, name: str | int) -> int:
        """Finds a scope, series or op by its full name; raises KeyError with near names where there is none."""
        if isinstance(name, int):
            return name
        found = self.tree.by_path.get(str(name).strip("/") if name not in self.tree.by_path else name)
        if found is not None:
            return found
        tail = str(name).rsplit("/", 1)[-1]
        near = [path for path in self.tree.by_path if tail and tail in path][:5]
        hint = f"; near names: {', '.join(near)}" if near else ""
        raise KeyError(f"the graph has no scope or op named {str(name)!r}{hint}")


def _short_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (bytes, str)):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return f'"{text[:40]}"'
    if isinstance(value, (list, tuple)):
        if len(value) > 6:
            return " " * 99
        return "[" + ", ".join(_short_value(part) for part in value) + "]"
    return str(value)[:40]


_BODY_LIMIT = 20_000


def _with_bodies(graph: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Appends, for each call of a function (If, While, PartitionedCall), a copy of its body under the call's name.

    Recursion and hostile nests end at `_BODY_LIMIT` copied ops and eight levels; what is left out stays a plain op.
    """
    nodes: list[Mapping[str, Any]] = list(graph.get("nodes") or ())
    functions = graph.get("functions") or {}
    if not functions:
        return nodes
    copied, index = 0, 0
    level: dict[int, int] = {}
    while index < len(nodes):
        node = nodes[index]
        depth = level.get(index, 0)
        for attr, value in sorted((node.get("attrs") or {}).items()):
            name = value.get("func", value.get("name")) if isinstance(value, Mapping) else value
            body = functions.get(name) if isinstance(name, str) else None
            if body is None or depth >= 8 or copied + len(body.get("nodes") or ()) > _BODY_LIMIT:
                continue
            offset = len(nodes)
            for inner in body.get("nodes") or ():
                copy = dict(inner)
                copy["name"] = f"{node.get('name')}/{attr}/{inner.get('name')}"
                copy["inputs"] = [[int(e[0]) + offset, int(e[1])] for e in inner.get("inputs") or ()]
                copy["control"] = [int(c) + offset for c in inner.get("control") or ()]
                level[len(nodes)] = depth + 1
                nodes.append(copy)
                copied += 1
        index += 1
    return nodes
