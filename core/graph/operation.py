"""Graph nodes and their outputs: `Operation` and `Tensor`. Plain data; graphs make them, sessions run them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from core.dtypes import DType
from core.graph.opdef import OpDef
from core.graph.source import Frames, Source, source_of
from core.proto.attrs import attr_to_proto
from core.proto.graph_def import node_def
from core.shapes import TensorShape, as_shape

if TYPE_CHECKING:
    from core.graph.graph import Graph

__all__ = ["Operation", "Slots", "Tensor", "gradient_path", "override_operator"]


class Slots:
    """What the lower floor needs of the higher ones: empty here, filled when `core.session` and others load."""

    eval_tensor: Callable[..., Any] | None = None  # (tensor, feed_dict, session) -> value
    run_operation: Callable[..., Any] | None = None  # (operation, feed_dict, session) -> None
    gradients: Callable[..., Any] | None = None  # tf.gradients, for the gradient rules of loops and branches
    default_session: Callable[[], Any] | None = None  # () -> the thread's default session, or None


class _GradientPath(threading.local):
    """While a gradient rule runs: tells which inputs a gradient is wanted of; rules may leave the others out."""

    flows: Callable[[Tensor], bool] | None = None

    def wants(self, tensor: Tensor) -> bool:
        """False where a gradient by `tensor` would be thrown away."""
        return self.flows is None or self.flows(tensor)


gradient_path = _GradientPath()


class Operation:
    """One node of a graph."""

    __slots__ = (
        "__dict__", "__weakref__", "_colocation", "_control_inputs", "_device", "_frames", "_id", "_name", "attrs",
        "graph", "inputs", "op_def", "outputs", "type",
    )

    graph: Graph
    inputs: tuple[Tensor, ...]
    outputs: list[Tensor]
    attrs: dict[str, Any]
    op_def: OpDef
    type: str
    _original_op: Operation | None = None  # see Graph._original_op

    def __init__(
        self, graph: Graph, name: str, op_def: OpDef, inputs: tuple[Tensor, ...], control_inputs: list[Operation],
        attrs: dict[str, Any], op_id: int, frames: Frames,
    ) -> None:
        self.graph = graph
        self._name = name
        self.op_def = op_def
        self.type = op_def.type
        self.inputs = inputs
        self._control_inputs = control_inputs
        self.attrs = attrs
        self._id = op_id
        self._frames = frames
        self._device = ""
        self._colocation: list[str] | None = None
        self.outputs = []

    @property
    def name(self) -> str:
        """The full name, unique in its graph."""
        return self._name

    @property
    def device(self) -> str:
        """The device string that was asked for, or ""."""
        return self._device

    def _set_device(self, device: Any) -> None:
        self._device = device if isinstance(device, str) else device.to_string()

    @property
    def control_inputs(self) -> list[Operation]:
        """Operations that must run before this one without giving it data."""
        return list(self._control_inputs)

    def _add_control_input(self, op: Operation) -> None:
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops: Any) -> None:
        for op in ops:
            if op.graph is not self.graph:
                raise ValueError(f"Operation '{op.name}' is of another graph than '{self.name}'.")
            if op not in self._control_inputs:
                self._control_inputs.append(op)
        self.graph._changed()

    def _remove_all_control_inputs(self) -> None:
        self._control_inputs = []
        self.graph._changed()

    def _update_input(self, index: int, tensor: Tensor) -> None:
        """Replaces one input (used by imports and loops)."""
        old = self.inputs[index]
        inputs = list(self.inputs)
        inputs[index] = tensor
        self.inputs = tuple(inputs)
        if old is not tensor:
            if all(t is not old for t in inputs) and self in old._consumers:
                old._consumers.remove(self)
            tensor._consumers.append(self)
        self.graph._changed()

    @property
    def source(self) -> Source | None:
        """The line of the user's program that made this operation."""
        return source_of(self._frames)

    @property
    def traceback(self) -> list[tuple[str, int, str, str]]:
        """Outermost first: (file, line, function, code) of the user's frames."""
        result = []
        for frame in reversed(self._frames):
            source = source_of((frame,))
            assert source is not None
            result.append((source.file, source.line, source.function, source.code))
        return result

    @property
    def node_def(self) -> Any:
        """This node as a `NodeDef` protocol buffer."""
        return node_def(self)

    def get_attr(self, name: str) -> Any:
        """Returns the value of attribute `name` as TensorFlow does (strings as bytes); ValueError if there is none."""
        if name == "_class" and self._colocation is not None:
            return [("loc:@" + n).encode() for n in self._colocation]
        try:
            value = self.attrs[name]
        except KeyError:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.") from None
        if isinstance(value, str):
            return value.encode("utf-8")
        if isinstance(value, list):
            return [v.encode("utf-8") if isinstance(v, str) else v for v in value]
        attr = self.op_def.attrs.get(name)
        if attr is not None and attr.type in ("shape", "tensor"):
            proto = attr_to_proto(value, attr.type)
            return proto.shape if attr.type == "shape" else proto.tensor
        return value

    def _set_attr(self, name: str, value: Any) -> None:
        self.attrs[name] = value
        self.graph._changed()

    def colocation_groups(self) -> list[bytes]:
        """The `loc:@` groups of this operation (its own where none was asked for)."""
        if self._colocation is not None:
            return [("loc:@" + n).encode() for n in self._colocation]
        given = self.attrs.get("_class")  # by an attribute scope: what initialisers stand beside is not made yet
        if given:
            return [g.encode() if isinstance(g, str) else g for g in given]
        return [("loc:@" + self._name).encode()]

    def values(self) -> tuple[Tensor, ...]:
        """The outputs, as a tuple."""
        return tuple(self.outputs)

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Runs this operation in `session` (by default the default session)."""
        if Slots.run_operation is None:
            raise RuntimeError("No session engine is loaded: import core.session first.")
        Slots.run_operation(self, feed_dict, session)

    @property
    def _control_flow_context(self) -> None:
        return None  # control flow is structured (bodies are graphs of their own)

    def _get_control_flow_context(self) -> None:
        return None

    def __str__(self) -> str:
        return str(self.node_def)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self._name}' type={self.type}>"


class Tensor:
    """One output of an operation: a value that a session can compute."""

    __slots__ = ("__dict__", "__weakref__", "_consumers", "_dtype", "_shape", "handle_data", "op", "value_index")

    # NumPy must leave `array + tensor` to us.
    __array_priority__ = 100

    def __init__(self, op: Operation, value_index: int, dtype: DType, shape: TensorShape) -> None:
        self.op = op
        self.value_index = value_index
        self._dtype = dtype
        self._shape = shape
        self._consumers: list[Operation] = []
        # For handles of variables: (shape, dtype) of what they point to.
        self.handle_data: tuple[TensorShape, DType] | None = None

    @property
    def dtype(self) -> DType:
        """The element type (a reference type for a variable's own output)."""
        return self._dtype

    @property
    def graph(self) -> Graph:
        """The graph that holds this tensor."""
        return self.op.graph

    @property
    def name(self) -> str:
        """``"<operation name>:<output index>"``."""
        return f"{self.op._name}:{self.value_index}"

    @property
    def device(self) -> str:
        """The device of the producing operation."""
        return self.op._device

    @property
    def shape(self) -> TensorShape:
        """What is known of the shape before anything runs."""
        return self._shape

    def get_shape(self) -> TensorShape:
        """Alias of `shape`."""
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Adds what the program knows of the shape; ValueError if it contradicts what is known.

        Example:
          >>> import core as tf
          >>> x = tf.placeholder(tf.float32, [None, 3])
          >>> x.set_shape([2, None])
          >>> print(x.shape)
          (2, 3)
        """
        wanted = as_shape(shape)
        try:
            self._shape = self._shape.merge_with(wanted)
        except ValueError:
            raise ValueError(_conflict(self._shape, wanted)) from None

    @property
    def _shape_as_list(self) -> Any:
        return None if self._shape.ndims is None else self._shape.as_list()

    @property
    def ndim(self) -> int | None:
        """Number of dimensions if known."""
        return self._shape.ndims

    def consumers(self) -> list[Operation]:
        """The operations that take this tensor, each once, in order of creation."""
        seen: dict[int, Operation] = {}
        for op in self._consumers:
            seen[op._id] = op
        return [seen[i] for i in sorted(seen)]

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Computes this tensor in `session` (by default the default session)."""
        if Slots.eval_tensor is None:
            raise RuntimeError("No session engine is loaded: import core.session first.")
        return Slots.eval_tensor(self, feed_dict, session)

    def _as_node_def_input(self) -> str:
        return self.op._name if self.value_index == 0 else f"{self.op._name}:{self.value_index}"

    @property
    def _is_initialized(self) -> bool:
        return True

    if TYPE_CHECKING:  # the operators, which the ops layer sets with `override_operator`
        def __getitem__(self, key: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...
        def __invert__(self) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __rmod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __rmatmul__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __rand__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __ror__(self, other: Any) -> Any: ...
        def __xor__(self, other: Any) -> Any: ...
        def __rxor__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            f"{self.name} can't be iterated over: its elements exist only when a session runs. Use tf.unstack "
            "(static size), tf.map_fn or tf.while_loop. Tensor objects are only iterable when eager execution is "
            "enabled.")

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for symbolic Tensors. ({self.name}) Please call `x.shape` rather than `len(x)` "
            "for shape information.")

    def __bool__(self) -> bool:
        raise TypeError(
            "Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` instead of `if t:` to test "
            "if a tensor is defined, and use TensorFlow ops such as tf.cond to execute subgraphs conditioned on the "
            f"value of a tensor. (The tensor is {self.name}.)")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise NotImplementedError(
            f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array. Run it in a session to get its value.")

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: Any) -> Tensor:
        return self

    def __str__(self) -> str:
        shape = f", shape={self._shape}" if self._shape.ndims is not None else ""
        device = f", device={self.op._device}" if self.op._device else ""
        return f'Tensor("{self.name}"{shape}, dtype={self._dtype.name}{device})'

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self._shape} dtype={self._dtype.name}>"


def _conflict(known: TensorShape, wanted: TensorShape) -> str:
    """What is wrong with giving a tensor of shape `known` the shape `wanted`."""
    if known.ndims != wanted.ndims:
        return f"Shapes must be equal rank, but are {known.ndims} and {wanted.ndims}"
    first, second = known.as_list(), wanted.as_list()
    at = next(i for i, (a, b) in enumerate(zip(first, second)) if a != b and None not in (a, b))
    shown = " and ".join("[" + ",".join("?" if n is None else str(n) for n in s) + "]" for s in (first, second))
    return (f"Dimension {at} in both shapes must be equal, but are {first[at]} and {second[at]}. Shapes are {shown}. "
            f"(Shapes {known} and {wanted} are not compatible)")


def override_operator(name: str, function: Callable[..., Any]) -> None:
    """Sets a Python operator of `Tensor` (the ops layer does this when it loads)."""
    setattr(Tensor, name, function)
