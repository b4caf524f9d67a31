"""`tf.version`: the numbers of the front that this package speaks, TensorFlow 1.15's."""

from __future__ import annotations

from core.proto.graph_def import MIN_CONSUMER, PRODUCER

__all__ = [
    "COMPILER_VERSION", "CXX11_ABI_FLAG", "GIT_VERSION", "GRAPH_DEF_VERSION", "GRAPH_DEF_VERSION_MIN_CONSUMER",
    "GRAPH_DEF_VERSION_MIN_PRODUCER", "MONOLITHIC_BUILD", "VERSION", "__compiler_version__", "__cxx11_abi_flag__",
    "__git_version__", "__monolithic_build__", "__version__",
]

VERSION = "1.15.0"
GIT_VERSION = "v1.15.0-tfviz"
COMPILER_VERSION = "none (NumPy)"
CXX11_ABI_FLAG = 0
MONOLITHIC_BUILD = 0
GRAPH_DEF_VERSION = PRODUCER
GRAPH_DEF_VERSION_MIN_CONSUMER = MIN_CONSUMER
GRAPH_DEF_VERSION_MIN_PRODUCER = 0

__version__ = VERSION
__git_version__ = GIT_VERSION
__compiler_version__ = COMPILER_VERSION
__cxx11_abi_flag__ = CXX11_ABI_FLAG
__monolithic_build__ = MONOLITHIC_BUILD
