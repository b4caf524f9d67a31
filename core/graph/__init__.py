"""The graph as data: operations, tensors, names, scopes, collections, the registry of ops. Nothing here runs."""

from __future__ import annotations

from core.graph.apply import apply_op
from core.graph.cell import Cell
from core.graph.constants import constant_value, constant_value_as_shape
from core.graph.convert import (
    convert_n_to_tensor,
    convert_to_tensor,
    convert_to_tensor_or_indexed_slices,
    register_tensor_conversion_function,
)
from core.graph.device import DeviceSpec
from core.graph.graph import Graph, get_default_graph, reset_default_graph
from core.graph.keys import GraphKeys
from core.graph.opdef import MISSING, NO_GRADIENT, REGISTRY, OpDef, define_op, get_op_def, group_arguments
from core.graph.operation import Operation, Slots, Tensor, override_operator
from core.graph.scopes import (
    add_to_collection,
    add_to_collections,
    colocate_with,
    container,
    control_dependencies,
    device,
    get_collection,
    get_collection_ref,
    get_name_scope,
    name_scope,
    op_scope,
)
from core.graph.source import Source
from core.graph.sparse import IndexedSlices, IndexedSlicesValue, SparseTensor, SparseTensorValue

__all__ = [
    "MISSING", "NO_GRADIENT", "REGISTRY", "Cell", "DeviceSpec", "Graph", "GraphKeys", "IndexedSlices",
    "IndexedSlicesValue", "OpDef", "Operation", "Slots", "Source", "SparseTensor", "SparseTensorValue", "Tensor",
    "add_to_collection", "add_to_collections", "apply_op", "colocate_with", "constant_value",
    "constant_value_as_shape", "container", "control_dependencies", "convert_n_to_tensor", "convert_to_tensor",
    "convert_to_tensor_or_indexed_slices", "define_op", "device", "get_collection", "get_collection_ref",
    "get_default_graph", "get_name_scope", "get_op_def", "group_arguments", "name_scope", "op_scope",
    "override_operator", "register_tensor_conversion_function", "reset_default_graph",
]
