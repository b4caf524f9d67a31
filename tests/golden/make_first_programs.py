"""Writes what TensorFlow prints for the programs of tests/first_programs: run with TensorFlow 2 installed.

`python tests/golden/make_first_programs.py`
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE.parent / "first_programs" / "programs"
TENSORFLOW = "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"


def main() -> None:
    """Runs each program with TensorFlow in place of this engine."""
    said = {}
    env = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    for path in sorted(PROGRAMS.glob("*.py")):
        source = path.read_text(encoding="utf-8").replace("import core as tf", TENSORFLOW)
        done = subprocess.run([sys.executable, "-c", source], env=env, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{path.name}:\n{done.stderr}")
        said[path.stem] = done.stdout.splitlines()
    text = json.dumps(said, indent=1, ensure_ascii=False)
    (HERE / "first_programs.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
