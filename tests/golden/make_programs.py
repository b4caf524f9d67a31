"""Writes TensorFlow's answers to the programs of tests/*/programs_*.py into tests/golden/programs.

Usage, at the root, with a Python that has TensorFlow 2: python tests/golden/make_programs.py [module ...]
Answers: numbers after each step, and names, types, inputs, control inputs, colocation, devices of the nodes.
"""

import importlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import tensorflow.compat.v1 as tf

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
tf.disable_v2_behavior()
tf.logging.set_verbosity("ERROR")

from tests.programs import play  # noqa: E402  (after the switch to graphs, and found from the root)


def main():
    folder = ROOT / "tests" / "golden" / "programs"
    folder.mkdir(exist_ok=True)
    paths = sorted(p for p in (ROOT / "tests").glob("*/programs_*.py"))
    for path in paths:
        name = path.stem.removeprefix("programs_")
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        module = importlib.import_module(f"tests.{path.parent.name}.{path.stem}")
        notes, arrays = {}, {}
        for key, program in module.PROGRAMS.items():
            try:
                notes[key], values = play(tf, program)
            except Exception as error:
                print(f"TensorFlow fails on {name}: {key}: {str(error)[:300] or repr(error)}")
                continue
            arrays |= {f"{key}|{fetch}": value for fetch, value in values.items()}
        encoded = np.frombuffer(json.dumps(notes, sort_keys=True).encode(), np.uint8)
        np.savez_compressed(folder / f"{name}.npz", notes=encoded, **arrays)
        print(f"{name}: {len(notes)} programs, {(folder / f'{name}.npz').stat().st_size} bytes")


if __name__ == "__main__":
    main()
