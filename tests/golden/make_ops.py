"""Writes TensorFlow's answers to the golden cases of tests/ops/cases into tests/golden/ops/<case file>.npz.

Usage, at the root, with a Python that has TensorFlow 2: python tests/golden/make_ops.py [case file ...]
Answers: outputs, gradients (by the inputs in `grad`, of all ones), static shapes, names and types of the nodes.
"""

import importlib
import json
import os
import sys
import zlib
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import tensorflow.compat.v1 as tf

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
tf.disable_v2_behavior()


def flatten(value):
    if value is None or isinstance(value, tf.Operation):
        return []
    if isinstance(value, tf.IndexedSlices):
        return [value.values, value.indices]
    if isinstance(value, tf.SparseTensor):
        return [value.indices, value.values, value.dense_shape]
    if isinstance(value, (list, tuple)):
        return [t for item in value for t in flatten(item)]
    if isinstance(value, dict):
        return [t for item in value.values() for t in flatten(item)]
    return [value]


def lists(value):
    if isinstance(value, bytes):
        return value.decode("latin-1")
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return [lists(v) for v in value] if isinstance(value, list) else lists(value)


def fingerprint(arrays):
    sums = [zlib.crc32(a.tobytes() if a.dtype != object else repr(a.tolist()).encode()) for a in arrays]
    return zlib.crc32(repr(sums).encode())


def shape_of(tensor):
    return None if tensor.shape.ndims is None else tensor.shape.as_list()


def answer(case, answers):
    arrays = case.arrays()
    note = {"inputs": fingerprint(arrays), "shapes": {}, "strings": {}, "types": {}, "grads": 0}
    known = {"rank": ("all", "dims", "rank"), "dims": ("all", "dims"), "none": ("all",)}[case.unknown]
    for level in known:
        graph = tf.Graph()
        with graph.as_default():
            inputs = case.placeholders(tf, arrays, level)
            made = flatten(case.make(tf, *inputs))
            note["shapes"][level] = [shape_of(t) for t in made]
    graph = tf.Graph()
    with graph.as_default():
        inputs = case.placeholders(tf, arrays)
        made = flatten(case.make(tf, *inputs))
        note["nodes"] = [[op.name, op.type] for op in graph.get_operations()]
        fetches = {f"out{i}": t for i, t in enumerate(made)}
        if case.grad:
            ys = [t for t in made if t.dtype.is_floating or t.dtype.is_complex]
            ones = [tf.ones_like(y) if y.dtype.is_complex else None for y in ys]
            grads = tf.gradients(ys, [inputs[i] for i in case.grad], grad_ys=ones)
            note["grads"] = len(grads)
            fetches.update({f"grad{i}": tf.convert_to_tensor(g) for i, g in enumerate(grads)})
        with tf.Session() as sess:
            values = sess.run(fetches, dict(zip(inputs, arrays)))
    for key, value in values.items():
        value = np.asarray(value, object if fetches[key].dtype.base_dtype == tf.string else None)
        note["types"][key] = value.dtype.name
        if value.dtype == object:
            note["strings"][key] = lists(value)
        else:
            answers[f"{case.id}|{key}"] = value.astype(np.float32) if value.dtype.name == "bfloat16" else value
    return note


def main():
    folder = ROOT / "tests" / "golden" / "ops"
    folder.mkdir(exist_ok=True)
    names = sys.argv[1:] or sorted(p.stem for p in (ROOT / "tests" / "ops" / "cases").glob("*.py"))
    for name in names:
        module = importlib.import_module(f"tests.ops.cases.{name}")
        answers = {}
        notes = {}
        for case in module.CASES:
            if case.golden:
                try:
                    notes[case.id] = answer(case, answers)
                except Exception as error:
                    print(f"TensorFlow fails on {name}: {case.id}: {error}")
            for make, kind, _ in case.errors:
                with tf.Graph().as_default():
                    try:
                        made = flatten(make(tf))
                        with tf.Session() as sess:
                            sess.run(made)
                        print(f"{name}: {case.id}: TensorFlow raises nothing where {kind} is expected")
                    except Exception as error:
                        raised = type(error).__name__
                        if raised != kind:
                            print(f"{name}: {case.id}: TensorFlow raises {raised}, not {kind}: {str(error)[:200]!r}")
        if notes:
            notes_bytes = np.frombuffer(json.dumps(notes, sort_keys=True).encode(), np.uint8)
            np.savez_compressed(folder / f"{name}.npz", notes=notes_bytes, **answers)
            print(f"{name}: {len(notes)} golden cases, {(folder / f'{name}.npz').stat().st_size} bytes")


if __name__ == "__main__":
    main()
