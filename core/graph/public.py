"""What `tf.*` shows of the graph: the names that `core/__init__.py` takes over with one line."""

from __future__ import annotations

from core.graph.convert import (
    convert_to_tensor,
    convert_to_tensor_or_indexed_slices,
    register_tensor_conversion_function,
)
from core.graph.device import DeviceSpec
from core.graph.graph import Graph, get_default_graph, reset_default_graph
from core.graph.keys import GraphKeys
from core.graph.opdef import define_op
from core.graph.operation import Operation, Tensor
from core.graph.scopes import (
    add_to_collection,
    add_to_collections,
    colocate_with,
    container,
    control_dependencies,
    device,
    get_collection,
    get_collection_ref,
    name_scope,
    op_scope,
)
from core.graph.sparse import IndexedSlices, SparseTensor, SparseTensorValue

__all__ = [
    "DeviceSpec", "Graph", "GraphKeys", "IndexedSlices", "Operation", "SparseTensor", "SparseTensorValue", "Tensor",
    "add_to_collection", "add_to_collections", "colocate_with", "container", "control_dependencies",
    "convert_to_tensor", "convert_to_tensor_or_indexed_slices", "define_op", "device", "get_collection",
    "get_collection_ref", "get_default_graph", "name_scope", "op_scope", "register_tensor_conversion_function",
    "reset_default_graph",
]
