"""Writes graph_defs.json: the nodes that TensorFlow makes of small programs, as GraphDefs in text form.

Run with a Python that has TensorFlow: python tests/golden/make_graph_defs.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

# Programs in which `tf` is TensorFlow (or this engine) and `np` NumPy.
PROGRAMS = {
    "constants": """
tf.constant([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]], name="float")
tf.constant(7, name="int")
tf.constant(["a", "bc"], name="strings")
tf.constant(True, name="truth")
tf.constant([1 << 40, 2], name="long")
tf.constant([1.5], tf.float16, name="half")
tf.constant(1 + 2j, name="complex")
""",
    "placeholders": """
tf.placeholder(tf.float32, [None, 3], name="x")
tf.placeholder(tf.int64, name="any")
tf.placeholder(tf.string, [], name="scalar")
tf.placeholder_with_default(tf.constant([1, 2], name="default"), [None], name="given")
""",
    "edges": """
x = tf.placeholder(tf.float32, [2, 3], name="x")
with tf.name_scope("part"):
    a, b, c = tf.split(x, 3, axis=1, name="split")
    y = tf.identity(c, name="third")
with tf.control_dependencies([y, x, tf.no_op(name="nothing")]):
    z = tf.identity(b, name="late")
tf.group(z, y, name="both")
""",
    "places": """
with tf.device("/device:CPU:0"):
    a = tf.constant(1.0, name="a")
with tf.colocate_with(a.op):
    tf.identity(a, name="b")
""",
    "attributes": """
x = tf.placeholder(tf.float32, [2, 1, 3], name="x")
tf.squeeze(x, [1], name="squeezed")
tf.cast(x, tf.int32, name="whole")
tf.stack([x, x], axis=1, name="stacked")
tf.concat([x, x], axis=0, name="joined")
x[:, 0, tf.newaxis, ::-1]
""",
    "variables": """
v = tf.Variable([[1.0, 2.0, 3.0]], name="v", use_resource=False)
tf.assign(v, [[4.0, 5.0, 6.0]], name="set")
""",
}


def text(graph_def: Any) -> str:
    """The message in text form, without what TensorFlow 1.15 did not write."""
    graph_def.ClearField("versions")
    for node in graph_def.node:
        node.attr.pop("_has_manual_control_dependencies", None)
    return str(graph_def)


def main() -> None:
    """Writes the JSON file beside this script: name of the program -> its GraphDef in text form."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    found = {}
    for name, program in PROGRAMS.items():
        with tf.Graph().as_default() as graph:
            exec(program, {"tf": tf, "np": np})
            found[name] = text(graph.as_graph_def(add_shapes=True))
    path = Path(__file__).with_name("graph_defs.json")
    path.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
