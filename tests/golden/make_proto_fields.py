"""Writes proto_fields.json: the fields of TensorFlow's messages, as the installed TensorFlow describes them.

Run with a Python that has TensorFlow: python tests/golden/make_proto_fields.py
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

MODULES = (
    "tensorflow.core.example.example_parser_configuration_pb2",
    "tensorflow.core.example.example_pb2",
    "tensorflow.core.framework.summary_pb2",
    "tensorflow.core.framework.variable_pb2",
    "tensorflow.core.protobuf.config_pb2",
    "tensorflow.core.protobuf.control_flow_pb2",
    "tensorflow.core.protobuf.meta_graph_pb2",
    "tensorflow.core.protobuf.queue_runner_pb2",
    "tensorflow.core.protobuf.saved_model_pb2",
    "tensorflow.core.protobuf.saver_pb2",
    "tensorflow.core.protobuf.tensor_bundle_pb2",
    "tensorflow.core.protobuf.tensorflow_server_pb2",
    "tensorflow.core.util.event_pb2",
    "tensorflow.python.training.checkpoint_state_pb2",
)


def describe_file(file: Any) -> dict[str, Any]:
    """Returns message or enum name -> its fields in words, for all that a FileDescriptorProto defines."""
    found: dict[str, Any] = {}
    for enum in file.enum_type:
        found[enum.name] = {value.name: value.number for value in enum.value}
    for message in file.message_type:
        _describe_message(message, message.name, found)
    return found


def _describe_message(message: Any, name: str, found: dict[str, Any]) -> None:
    for enum in message.enum_type:
        found[f"{name}.{enum.name}"] = {value.name: value.number for value in enum.value}
    fields = []
    for field in sorted(message.field, key=lambda f: f.number):
        # The proto package differs; the rest of a type's name must not.
        type_name = field.type_name
        for package in (".tensorflow", ".tfviz.proto", ".error"):
            type_name = type_name.removeprefix(package)
        words = [str(field.number), field.name, f"label{field.label}", f"type{field.type}"]
        if type_name:
            words.append(type_name.lstrip("."))
        if field.HasField("oneof_index"):
            words.append("oneof:" + message.oneof_decl[field.oneof_index].name)
        if field.options.HasField("packed") and not field.options.packed:
            words.append("unpacked")
        fields.append(" ".join(words))
    found[name] = fields
    for nested in message.nested_type:
        _describe_message(nested, f"{name}.{nested.name}", found)


def main() -> None:
    """Writes the JSON file beside this script."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from google.protobuf import descriptor_pb2

    found: dict[str, Any] = {}
    seen = set()

    def visit(file: Any) -> None:
        if file.name in seen or file.name.startswith("google/"):
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            visit(dependency)
        described = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(described)
        found.update(describe_file(described))

    for module in MODULES:
        visit(importlib.import_module(module).DESCRIPTOR)
    rows = [f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)]
    path = Path(__file__).with_name("proto_fields.json")
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
