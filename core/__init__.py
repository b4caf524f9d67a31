"""The engine under TensorFlow 1.15's names: ``import core as tf``. Star imports from files with a literal `__all__`."""

from __future__ import annotations

import importlib
from typing import Any

from core import errors, layers, nn, proto, summary, train
from core.autodiff import *
from core.custom_gradients import *
from core.dtypes import *
from core.errors import OpError
from core.graph.public import *
from core.import_graph import *
from core.initializers import *
from core.ops.array_basic import *
from core.ops.array_cast import *
from core.ops.array_diag import *
from core.ops.array_gather import *
from core.ops.array_join import *
from core.ops.array_order import *
from core.ops.array_pad import *
from core.ops.array_scatter import *
from core.ops.array_segment import *
from core.ops.array_shape import *
from core.ops.array_slice import *
from core.ops.array_sort import *
from core.ops.array_space import *
from core.ops.array_where import *
from core.ops.assertions import *
from core.ops.checks import *
from core.ops.constant import *
from core.ops.control_flow import *
from core.ops.functional import *
from core.ops.grouping import *
from core.ops.image_colour import *
from core.ops.image_resize import *
from core.ops.math_binary import *
from core.ops.math_binary_special import *
from core.ops.math_clip import *
from core.ops.math_compare import *
from core.ops.math_complex import *
from core.ops.math_einsum import *
from core.ops.math_fft import *
from core.ops.math_linalg import *
from core.ops.math_matmul import *
from core.ops.math_misc import *
from core.ops.math_norm import *
from core.ops.math_operators import *
from core.ops.math_reduce import *
from core.ops.math_reduce_more import *
from core.ops.math_scan import *
from core.ops.math_segment import *
from core.ops.math_special import *
from core.ops.math_spectrum import *
from core.ops.math_trig import *
from core.ops.math_unary import *
from core.ops.py_func import *
from core.ops.quantize import *
from core.ops.random_more import *
from core.ops.random_ops import *
from core.ops.sparse_math import *
from core.ops.sparse_more import *
from core.ops.sparse_ops import *
from core.ops.state import *
from core.ops.state_scatter import *
from core.ops.string_codes import *
from core.ops.string_ops import *
from core.ops.tensor_array import *
from core.partitioned import *
from core.replication import *
from core.session import InteractiveSession, Session, get_default_session
from core.shapes import Dimension, TensorShape
from core.switches import *
from core.template import *
from core.variable_collections import *
from core.variable_scopes import *
from core.variables import *
from core.version import *

_ON_DEMAND = frozenset({
    "app", "bitwise", "compat", "contrib", "debugging", "flags", "gfile", "graph_util", "image", "initializers",
    "linalg", "logging", "losses", "manip", "math", "metrics", "quantization", "random", "raw_ops", "sets",
    "signal", "sparse", "spectral", "strings", "sysconfig", "test",
})  # fmt: skip


def __getattr__(name: str) -> Any:
    """Loads what few programs use when it is first asked for: name spaces, and messages (`tf.GraphDef`)."""
    if name not in proto.TOP_LEVEL and name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(proto, name) if name in proto.TOP_LEVEL else importlib.import_module(f"core.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *proto.TOP_LEVEL, *_ON_DEMAND})
