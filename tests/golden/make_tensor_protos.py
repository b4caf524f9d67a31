"""Writes tensor_protos.json: what TensorFlow makes of values given to `tf.make_tensor_proto`.

Run with a Python that has TensorFlow: python tests/golden/make_tensor_protos.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

# Arguments of make_tensor_proto, as Python source; no case depends on what changed after TensorFlow 1.15.
CASES = (
    "3", "-7", "2.5", "True", "'text'", "b'by\\0tes\\0'", "2 + 3j", "1 << 40",
    "[1, 2, 3]", "[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[True, False, True]", "['a', 'bc', 'd\\0']",
    "[['a', 'b', 'c'], ['d', 'e', 'f']]", "[1 << 40, 1]", "[1j, 2.0]", "[]", "[[], []]",
    "[1, 2], 'float32'", "[1.5, 2.5], 'float64'", "3, 'int64'", "[1, 2, 3], 'uint8'", "[-1, 2, 3], 'int8'",
    "[-300, 2, 3], 'int16'", "[5, 6, 7], 'uint16'", "[5, 6, 7], 'uint32'", "[5, 6, 7], 'uint64'",
    "1.5, 'float16'", "-0.5, 'bfloat16'", "[1.0, 2.0], 'complex64'",
    "[1j, 2.0], 'complex128'", "True, 'bool'", "[b'x', 'y'], 'string'",
    "0.0, None, [2, 3]", "[1, 2], None, [5]", "7, 'int64', [3, 2]", "'s', None, [2]", "True, None, [4]",
    "[], 'float32', [0, 3]", "[3.0], None, [2, 2], False, True", "2, 'float16', [3]",
    "np.arange(6).reshape(2, 3)", "np.float64(2.5)", "np.array([1.5, 2.5])", "np.arange(3, dtype=np.int8)",
    "np.array(['a', 'bcd'])", "np.array([b'a', b'bcd'], dtype=object)", "np.array([[1, 2], [3, 4]]).T",
    "np.array([True, False])", "np.array(3 + 1j, np.complex64)",
    "np.arange(3), 'float32'", "np.zeros((0, 2), np.float32)", "np.array([1.0, 2.0]), None, [1, 2]",
)


def main() -> None:
    """Writes the JSON file beside this script: arguments -> the serialised message, in hexadecimal digits."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf

    found = {}
    for case in CASES:
        arguments = eval(f"({case},)", {"np": np})
        found[case] = tf.make_tensor_proto(*arguments).SerializeToString(deterministic=True).hex()
    path = Path(__file__).with_name("tensor_protos.json")
    path.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
