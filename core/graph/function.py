"""Body graphs: the branches of `If`, the body and condition of `While`, functions.

A `FuncGraph` is a graph with inputs and outputs inside another one. A tensor of the outer graph used inside becomes an
input (it is *captured*). Backward bodies also use tensors of the forward body: those are recorded on a *tape* while the
forward body runs, and read from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.dtypes import DType, as_dtype
from core.graph.apply import apply_op
from core.graph.graph import Graph, default_graph_stack, get_default_graph
from core.graph.operation import Operation, Tensor
from core.shapes import TensorShape

__all__ = ["FuncGraph", "init_scope", "root_graph"]

_VARIABLE_OPS = ("VariableV2", "Variable")


def root_graph(graph: Graph) -> Graph:
    """The graph outside all bodies."""
    while isinstance(graph, FuncGraph):
        graph = graph.outer_graph
    return graph


@contextmanager
def init_scope() -> Iterator[Graph]:
    """Leaves all bodies and control dependencies: what is made inside runs on its own (initial values of variables)."""
    graph = get_default_graph()
    root = root_graph(graph)
    scope = graph.get_name_scope()
    if root is graph:
        with root.control_dependencies(None):
            yield root
        return
    with root.as_default(), root.control_dependencies(None), root.name_scope(scope + "/" if scope else None):
        yield root


class FuncGraph(Graph):
    """The graph of a body.

    Args:
      name: Name of the function, for files and pictures.
      outer_graph: The graph that the body is used in.
      forward: For a backward body: the forward body whose tensors it may read from the tape.
    """

    building_function = True

    def __init__(self, name: str, outer_graph: Graph, forward: FuncGraph | None = None) -> None:
        super().__init__()
        self.name = name
        self.outer_graph = outer_graph
        self.forward = forward
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.control_outputs: list[Operation] = []
        self.captures: dict[Tensor, Tensor] = {}  # outer tensor -> input of this graph
        self.taped: list[Tensor] = []  # tensors that the runs of this body must record
        self.read_tape: Any = None  # in a backward body: function of the forward tensor -> tensor of this graph
        self._from_forward: dict[Tensor, Tensor] = {}
        self._collections = outer_graph._collections  # one set of collections for the whole program
        self._seed = outer_graph._seed
        outer = outer_graph._context
        self._context.name_stack = outer.name_stack
        self._context.device_stack = list(outer.device_stack)
        self._context.gradient_map = dict(outer.gradient_map)

    @property
    def captured(self) -> list[Tensor]:
        """The outer tensors that are inputs, in the order of the inputs."""
        return list(self.captures)

    def add_input(self, dtype: DType, shape: TensorShape, name: str = "arg", like: Tensor | None = None) -> Tensor:
        """Adds a placeholder that is fed when the body runs."""
        with self._outside_blocks():
            tensor: Tensor = apply_op("Placeholder", dtype=dtype.base_dtype, shape=shape, name=name)
        if dtype._is_ref_dtype:
            tensor._dtype = dtype  # at run time a variable's cell comes in
        if like is not None:
            tensor.handle_data = like.handle_data
        self.inputs.append(tensor)
        return tensor

    @contextmanager
    def _outside_blocks(self) -> Iterator[None]:
        """Makes nodes of this graph whatever blocks stand open."""
        context = self._context
        control, context.control_stack = context.control_stack, []
        devices, context.device_stack = context.device_stack, []
        colocation, context.colocation_stack = context.colocation_stack, []
        try:
            with default_graph_stack.pushed(self):
                yield None
        finally:
            context.control_stack, context.device_stack, context.colocation_stack = control, devices, colocation

    def _capture(self, tensor: Tensor) -> Tensor:
        """The tensor of this graph that stands for `tensor` of an outer graph (or of the forward body)."""
        known = self.captures.get(tensor)
        if known is not None:
            return known
        if self.forward is not None and tensor.graph is self.forward:
            return self._capture_forward(tensor)
        if not self._is_outer(tensor.graph):
            raise ValueError(
                f"Tensor {tensor.name} can't be used here: it belongs to another graph, or to the body of another "
                f"loop or branch (made at {tensor.op.source}). Return it from that body as an output.")
        if tensor.op.type == "Const" and not (tensor.dtype.is_floating or tensor.dtype.is_complex):
            return self._copy_constant(tensor)  # known inside; of floats a gradient may be asked
        if tensor.graph is not self.outer_graph:
            outer = self.outer_graph._capture(tensor)
            known = self.captures.get(outer)
            if known is not None:
                return known
        else:
            outer = tensor
        if outer.dtype._is_ref_dtype:
            handle = _handle_of_reference(outer)
            inner = self.captures.get(handle)
            if inner is None:
                inner = self.add_input(outer.dtype, outer.shape, outer.op.name.rsplit("/", 1)[-1])
                self.captures[handle] = inner
            return inner
        inner = self.add_input(outer.dtype, outer.shape, outer.op.name.rsplit("/", 1)[-1], like=outer)
        self.captures[outer] = inner
        return inner

    def _is_outer(self, graph: Graph) -> bool:
        outer: Graph = self.outer_graph
        while True:
            if graph is outer or (isinstance(outer, FuncGraph) and outer.forward is graph):
                return True
            if not isinstance(outer, FuncGraph):
                return False
            outer = outer.outer_graph

    def _copy_constant(self, tensor: Tensor) -> Tensor:
        known = self._from_forward.get(tensor)
        if known is None:
            with self._outside_blocks():
                copy = self.create_op("Const", [], name=tensor.op.name.rsplit("/", 1)[-1], attrs=dict(tensor.op.attrs))
            known = self._from_forward[tensor] = copy.outputs[0]
        return known

    def _capture_forward(self, tensor: Tensor) -> Tensor:
        known = self._from_forward.get(tensor)
        if known is not None:
            return known
        forward = self.forward
        assert forward is not None
        if tensor.op.type == "Const":
            return self._copy_constant(tensor)
        if tensor.dtype.base_dtype is as_dtype("resource") or tensor.dtype._is_ref_dtype:
            # Handles do not change from step to step: take the outer one.
            for outer, inner in forward.captures.items():
                if inner is tensor:
                    return self._capture(outer)
            raise ValueError(f"The gradient needs the handle {tensor.name}, which changes inside the body.")
        for outer, inner in forward.captures.items():
            if inner is tensor:
                known = self._from_forward[tensor] = self._capture(outer)
                return known
        with self._outside_blocks():
            read: Tensor = self.read_tape(tensor)
        read.set_shape(tensor.shape)
        self._from_forward[tensor] = read
        return read

    def _capture_control(self, op: Operation) -> Operation | None:
        return None  # an operation outside has run before the body starts

    def tape_slot(self, tensor: Tensor) -> int:
        """The place on the tape where runs of this body record `tensor`."""
        for slot, known in enumerate(self.taped):
            if known is tensor:
                return slot
        self.taped.append(tensor)
        self._edits += 1
        return len(self.taped) - 1

    def __repr__(self) -> str:
        return f"<FuncGraph {self.name} with {len(self._ops)} operations>"


def _handle_of_reference(ref: Tensor) -> Tensor:
    """A resource handle of the storage behind a reference variable: a body can be handed the variable itself."""
    op = ref.op
    while op.type not in _VARIABLE_OPS:
        source = next((t for t in op.inputs if t.dtype._is_ref_dtype), None)
        if source is None:
            break
        op = source.op
    if op.type not in _VARIABLE_OPS:
        return ref
    graph = op.graph
    handles: dict[Operation, Tensor] = graph.__dict__.setdefault("_reference_handles", {})
    handle = handles.get(op)
    if handle is None:
        context = graph._context
        control, context.control_stack = context.control_stack, []
        try:
            with default_graph_stack.pushed(graph):
                handle = apply_op(
                    "VarHandleOp", dtype=op.attrs["dtype"], shape=op.attrs["shape"], container=op.attrs["container"],
                    shared_name=op.attrs["shared_name"] or op.name, name=op.name + "/handle")
        finally:
            context.control_stack = control
        handle.handle_data = (op.attrs["shape"], op.attrs["dtype"])
        handles[op] = handle
    return handle
