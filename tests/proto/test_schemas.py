"""The schemas: TensorFlow's fields, our own proto package, modules up to date, protobuf loaded late."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from google.protobuf import descriptor_pb2

from core import proto
from core.proto import generate

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
# Messages about remote control of worker machines, which share a file with Event in TensorFlow.
NOT_OURS = {"RequestedExitCode", "WatchdogConfig", "WorkerHealth", "WorkerHeartbeatRequest",
            "WorkerHeartbeatResponse", "WorkerShutdownMode"}
OF_TENSORBOARD = {"EmbeddingInfo", "ProjectorConfig", "SpriteMetadata"}
SCHEMAS = sorted(path.stem for path in generate.FOLDER.glob("*.proto"))


def load_maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_proto_fields", GOLDEN / "make_proto_fields.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def file_descriptor(schema: str) -> descriptor_pb2.FileDescriptorProto:
    described = descriptor_pb2.FileDescriptorProto()
    importlib.import_module(f"core.proto.{schema}_pb2").DESCRIPTOR.CopyToProto(described)
    return described


def our_fields() -> dict[str, object]:
    describe = load_maker().describe_file
    return {name: fields for schema in SCHEMAS for name, fields in describe(file_descriptor(schema)).items()}


def test_fields_are_those_of_tensorflow() -> None:
    wanted = json.loads((GOLDEN / "proto_fields.json").read_text(encoding="utf-8"))
    ours = our_fields()
    for name in OF_TENSORBOARD:
        del ours[name]
    assert {name: ours.get(name) for name in wanted if name not in NOT_OURS} == {
        name: fields for name, fields in wanted.items() if name not in NOT_OURS}
    assert set(ours) == set(wanted) - NOT_OURS


def test_fields_of_the_projector_are_those_of_tensorboard() -> None:
    theirs = pytest.importorskip("tensorboard.plugins.projector.projector_config_pb2")
    described = descriptor_pb2.FileDescriptorProto()
    theirs.DESCRIPTOR.CopyToProto(described)
    for field in (field for message in described.message_type for field in message.field):
        field.type_name = field.type_name.replace(f".{described.package}.", ".tfviz.proto.")
    wanted = load_maker().describe_file(described)
    assert wanted == {name: our_fields()[name] for name in OF_TENSORBOARD}


def test_a_changed_number_would_be_seen() -> None:
    described = file_descriptor("summary")
    before = load_maker().describe_file(described)
    described.message_type[0].field[0].number += 40
    assert load_maker().describe_file(described) != before


@pytest.mark.parametrize("schema", SCHEMAS)
def test_package_and_file_do_not_meet_tensorflows(schema: str) -> None:
    described = file_descriptor(schema)
    assert described.package == "tfviz.proto"
    assert described.name == f"core/proto/{schema}.proto"


def test_generated_modules_follow_the_schemas(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools compiles the schemas")
    out = tmp_path / "schemas.bin"
    generate.protoc(f"--descriptor_set_out={out}", *generate.schema_names())
    compiled = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    assert [Path(file.name).stem for file in compiled.file] and len(compiled.file) == len(SCHEMAS)
    for file in compiled.file:
        for message in file.message_type:
            clear_json_names(message)
        assert file == file_descriptor(Path(file.name).stem), f"Run generate.py: {file.name} changed."


def clear_json_names(message: descriptor_pb2.DescriptorProto) -> None:
    """protoc notes the JSON name of each field; descriptors of loaded modules leave it out."""
    for field in [*message.field, *message.extension]:
        field.ClearField("json_name")
    for nested in message.nested_type:
        clear_json_names(nested)


def test_table_of_messages_is_complete() -> None:
    listed = {schema: set(names.split()) for schema, names in proto._CONTENTS.items()}
    for schema in SCHEMAS:
        described = file_descriptor(schema)
        assert listed.pop(schema) == {m.name for m in [*described.message_type, *described.enum_type]}
    assert not listed


def test_messages_load_protobuf_only_when_asked_for() -> None:
    code = (
        "import sys, core, core.proto\n"
        "assert 'google.protobuf' not in sys.modules\n"
        "from core.proto import GraphDef, DT_FLOAT\n"
        "assert 'google.protobuf' in sys.modules and DT_FLOAT == 1 and GraphDef is core.proto.GraphDef\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=generate.ROOT)


def test_public_names_are_messages() -> None:
    for name in proto.TOP_LEVEL | proto.TRAIN | proto.SUMMARY:
        assert getattr(proto, name).DESCRIPTOR.name == name


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="GraphDeff"):
        _ = proto.GraphDeff
    assert "GraphDef" in dir(proto)


def test_lives_beside_tensorboards_and_tensorflows_messages() -> None:
    modules = ["tensorboard.compat.proto.summary_pb2"]
    if importlib.util.find_spec("tensorflow") is not None:
        modules.append("tensorflow")
    code = "import importlib\n" + "".join(f"importlib.import_module({m!r})\n" for m in modules) + (
        "from core import proto\n"
        "for name in proto.MESSAGES: getattr(proto, name)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=generate.ROOT)
