"""The wire: TensorFlow's messages (GraphDef, Summary, Example, ConfigProto, ...), what reads and writes them.

Ground floor: the modules here may import protobuf, NumPy, `core.errors`, `core.dtypes` and `core.shapes`
only. protobuf loads when a message is first asked for: `from core.proto import GraphDef` loads it, `import
core.proto` does not. Code that must not load it at start writes `proto.GraphDef` where it is used.
"""

from __future__ import annotations

import importlib
from typing import Any

# schema -> its messages and enums
_CONTENTS = {
    "bundle": "BundleEntryProto BundleHeaderProto",
    "cluster": "ClusterDef ClusterDeviceFilters JobDef JobDeviceFilters TaskDeviceFilters",
    "config": (
        "BatchingOptions CallableOptions ConfigProto CoordinatedJob CoordinationServiceConfig GPUOptions "
        "GraphOptions OptimizerOptions RPCOptions RunMetadata RunOptions ServerDef SessionMetadata "
        "TensorConnection ThreadPoolOptionProto"
    ),
    "debug": "DebugOptions DebugTensorWatch DebuggedSourceFile DebuggedSourceFiles",
    "example": (
        "BytesList Example ExampleParserConfiguration Feature FeatureConfiguration FeatureList FeatureLists "
        "Features FixedLenFeatureProto FloatList Int64List SequenceExample VarLenFeatureProto"
    ),
    "graph": (
        "AttrValue FullTypeDef FullTypeId FunctionDef FunctionDefLibrary GradientDef GraphDebugInfo GraphDef "
        "NameAttrList NodeDef OpDef OpDeprecation OpList RegisteredGradient VersionDef"
    ),
    "meta_graph": "AssetFileDef CollectionDef MetaGraphDef SavedModel SignatureDef TensorInfo",
    "projector": "EmbeddingInfo ProjectorConfig SpriteMetadata",
    "rewriter": "AutoParallelOptions RewriterConfig ScopedAllocatorOptions VerifierConfig",
    "run": (
        "AllocationDescription AllocationRecord AllocatorMemoryUsed CostGraphDef DeviceStepStats MemoryStats "
        "NodeExecStats NodeOutput StepStats TensorDescription"
    ),
    "saved_objects": (
        "BoundedTensorSpecProto CapturedTensor DictValue FunctionSpec ListValue NamedTupleValue NoneValue "
        "PairValue RegisteredSaver SaveableObject SavedAsset SavedBareConcreteFunction SavedConcreteFunction "
        "SavedConstant SavedFunction SavedObject SavedObjectGraph SavedResource SavedUserObject "
        "SavedVariable StructuredValue TensorSpecProto TrackableObjectGraph TupleValue TypeSpecProto"
    ),
    "summary": (
        "DataClass Event HistogramProto LogMessage SessionLog SourceMetadata Summary SummaryDescription "
        "SummaryMetadata TaggedRunMetadata"
    ),
    "tensor": (
        "DataType ResourceHandleProto SerializedDType TensorProto TensorShapeProto TensorSliceProto "
        "VariantTensorDataProto"
    ),
    "training": (
        "CheckpointState Code CondContextDef ControlFlowContextDef QueueRunnerDef SaveSliceInfoDef SaverDef "
        "ValuesDef VariableAggregation VariableDef VariableSynchronization WhileContextDef"
    ),
}

MESSAGES: dict[str, str] = {
    name: f"core.proto.{schema}_pb2" for schema, names in _CONTENTS.items() for name in names.split()
}
"""Name of each message (or enum) -> module that defines it."""

# Where TensorFlow 1.15 shows them: `tf.GraphDef`, `tf.train.Example`, `tf.summary.Summary`.
TOP_LEVEL: frozenset[str] = frozenset({
    "AttrValue", "ConfigProto", "Event", "GPUOptions", "GraphDef", "GraphOptions", "HistogramProto", "LogMessage",
    "MetaGraphDef", "NameAttrList", "NodeDef", "OptimizerOptions", "RunMetadata", "RunOptions", "SessionLog", "Summary",
    "SummaryMetadata", "TensorInfo",
})
TRAIN: frozenset[str] = frozenset({
    "BytesList", "ClusterDef", "Example", "Feature", "FeatureList", "FeatureLists", "Features", "FloatList",
    "Int64List", "JobDef", "SaverDef", "SequenceExample", "ServerDef",
})
SUMMARY: frozenset[str] = frozenset({"Event", "SessionLog", "Summary", "SummaryDescription", "TaggedRunMetadata"})


def __getattr__(name: str) -> Any:
    module = MESSAGES.get(name)
    if module is not None:
        source = importlib.import_module(module)
    elif name.startswith("DT_"):
        source = importlib.import_module("core.proto.tensor_pb2")  # the element types
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(source, name)
    globals()[name] = value  # next time without this detour
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *MESSAGES})
