"""The checks of the op contract, one function each; test_contract.py applies them to every case."""

from __future__ import annotations

import gzip
import importlib
import json
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core as tf
from core import errors as tf_errors
from core.graph import REGISTRY, Graph, Tensor
from core.graph.opdef import TYPE_SETS
from tests.ops.case import OpCase
from tests.ops.evaluate import ContractError, evaluate, flatten, needs_session, operations

__all__ = [
    "case_modules", "check_dtypes", "check_error", "check_golden", "check_gradient", "check_session", "check_signature",
    "check_sizes",
    "check_values", "golden_of", "golden_signatures", "normal_attrs",
]

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
TOLERANCE = {"float16": 4e-3, "bfloat16": 3e-2, "float32": 2e-5, "complex64": 2e-5, "float64": 1e-9, "complex128": 1e-9}


@cache
def case_modules() -> dict[str, Any]:
    """All case files, by name."""
    names = sorted(p.stem for p in (HERE / "cases").glob("*.py") if p.stem != "__init__")
    return {name: importlib.import_module(f"tests.ops.cases.{name}") for name in names}


# ---------------------------------------------------------------------- running

def run(fetches: Any, feeds: dict[Tensor, Any]) -> list[Any]:
    """Computes the flat list of `fetches`; graphs with state in a session, others in the checking interpreter."""
    flat = flatten(fetches)
    ops = operations(flat)
    if needs_session(ops):
        session = importlib.import_module("core.session")
        with session.Session(graph=flat[0].graph) as sess:
            return list(sess.run(flat, feed_dict=feeds))
    return evaluate(flat, feeds)


def build(case: OpCase, arrays: Sequence[np.ndarray], known: str = "all") -> tuple[Graph, list[Tensor], Any]:
    """The graph of a case: placeholders and what `make` returns."""
    graph = tf.Graph()
    with graph.as_default():
        inputs = case.placeholders(tf, arrays, known)
        made = case.make(tf, *inputs)
    return graph, inputs, made


def feed(inputs: Sequence[Tensor], arrays: Sequence[np.ndarray]) -> dict[Tensor, np.ndarray]:
    return {t: np.array(a) for t, a in zip(inputs, arrays, strict=True)}


def close(got: Any, want: Any, tol: float, what: str) -> None:
    """AssertionError unless equal (within `tol`, relative to the largest value too, for inexact types)."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{what}: shape {got.shape}, wanted {want.shape}"
    if got.dtype == object or got.dtype.kind in "biu":
        assert np.array_equal(got, want.astype(got.dtype, copy=False)), f"{what}: got {got}, wanted {want}"
        return
    wide = np.complex128 if np.iscomplexobj(got) else np.float64
    got, want = got.astype(wide), want.astype(wide)
    scale = np.max(np.abs(want[np.isfinite(want)]), initial=0.0)
    np.testing.assert_allclose(got, want, rtol=tol, atol=tol * max(float(scale), 1e-3), err_msg=what)


# ---------------------------------------------------------------------- values, shapes, types

def check_sizes(case: OpCase) -> None:
    """No two sizes of an input are alike, so that swapped dimensions can't hide."""
    if case.square:
        return
    for i, value in enumerate(case.arrays()):
        sizes = [d for d in value.shape if d > 1]
        assert len(set(sizes)) == len(sizes), f"input {i} has equal sizes {value.shape}; take others or say square=True"


def check_values(case: OpCase, known: str = "all") -> None:
    """The case runs; static shapes fit what comes out; values are as expected."""
    arrays = case.arrays()
    graph, inputs, made = build(case, arrays, known)
    outputs = flatten(made)
    with graph.as_default():
        results = run(made, feed(inputs, arrays))
    _check_results(case, outputs, results, known == "all" and case.static)
    if known == "all":
        types = {op.type for op in graph.get_operations()}
        assert case.op in types, f"the case is for {case.op}, but its graph holds only {sorted(types)}"
    if case.expect is not None:
        expected = case.expect(np, *arrays)
        _check_expected(case, results, expected, case.tol)


def _check_expected(case: OpCase, results: list[Any], expected: Any, tol: float | None) -> None:
    if not isinstance(expected, (list, tuple)):
        expected = [expected]
    assert len(expected) == len(results), f"expect() gives {len(expected)} values for {len(results)} outputs"
    for i, (got, want) in enumerate(zip(results, expected, strict=True)):
        if want is not None:
            close(got, want, tol or TOLERANCE.get(np.asarray(got).dtype.name, 0), f"output {i}")


def _check_results(case: OpCase, outputs: list[Tensor], results: list[Any], full: bool) -> None:
    for i, (tensor, value) in enumerate(zip(outputs, results, strict=True)):
        if tensor.dtype.name in ("resource", "variant"):
            continue
        shape = np.shape(value)
        if np.asarray(value).dtype != tensor.dtype.base_dtype.np_dtype:
            raise ContractError(f"output {i} of {case.id} has type {np.asarray(value).dtype}, not {tensor.dtype.name}")
        if not tensor.shape.is_compatible_with(shape):
            raise ContractError(f"output {i} of {case.id} has shape {shape}; the static shape is {tensor.shape}")
        if full and not tensor.shape.is_fully_defined():
            raise ContractError(f"all input shapes of {case.id} are known, yet output {i} has the static shape "
                                f"{tensor.shape} (it is {shape}); say static=False if it depends on values")


def cast_inputs(arrays: Sequence[np.ndarray], name: str) -> list[np.ndarray]:
    """The inputs with those of the first one's type cast to `name`."""
    dtype = tf.as_dtype(name).np_dtype
    first = arrays[0].dtype
    return [a.astype(dtype) if a.dtype == first else a for a in arrays]


def check_dtypes(case: OpCase, name: str) -> None:
    """The case runs in type `name`, with exact output types and the values expected."""
    arrays = cast_inputs(case.arrays(), name)
    graph, inputs, made = build(case, arrays)
    with graph.as_default():
        results = run(made, feed(inputs, arrays))
    _check_results(case, flatten(made), results, case.static)
    if case.expect is not None:
        with np.errstate(all="ignore"):
            wide = [a.astype(np.float64) if a.dtype.name in ("bfloat16", "float16") else a for a in arrays]
            expected = case.expect(np, *wide)
        _check_expected(case, results, expected, max(case.tol or 0, TOLERANCE.get(name, 0)) or None)


def check_session(case: OpCase) -> None:
    """A session (plans, passes, buffers) gives what the plain interpreter gives, in the first run and in later ones."""
    arrays = case.arrays()
    graph, inputs, made = build(case, arrays)
    flat = flatten(made)
    if needs_session(operations(flat)):
        return  # it ran in a session already
    want = evaluate(flat, feed(inputs, arrays))
    with tf.Session(graph=graph) as session:
        for _ in range(2):
            for i, (got, value) in enumerate(zip(session.run(flat, feed(inputs, arrays)), want, strict=True)):
                kind = np.asarray(value).dtype
                assert isinstance(got, bytes) or np.asarray(got).dtype == kind, f"output {i}: {np.asarray(got).dtype}"
                close(np.asarray(got, kind), value, TOLERANCE.get(kind.name, 0), f"output {i} of a session")


# ---------------------------------------------------------------------- gradients

def check_gradient(case: OpCase, order: int = 1) -> None:
    """tf.gradients = finite differences along random directions; `order` 2 checks the gradient's own gradient."""
    arrays = [_widen(a, case.grad_dtype) for a in case.arrays()]
    random = np.random.RandomState(7)
    graph = tf.Graph()
    with graph.as_default():
        inputs = case.placeholders(tf, arrays)
        ys = [t for t in flatten(case.make(tf, *inputs)) if t.dtype.is_floating or t.dtype.is_complex]
        assert ys, "no output is of a floating type"
        values = run(ys, feed(inputs, arrays))
        xs = [inputs[i] for i in case.grad]
        seeds = [_random_like(random, v) for v in values]
        if order == 2:
            projections = [tf.placeholder(y.dtype, np.shape(v)) for y, v in zip(ys, values, strict=True)]
            ys = [tf.convert_to_tensor(g) for g in tf.gradients(ys, xs, grad_ys=projections) if g is not None]
            inputs, arrays, xs = [*inputs, *projections], [*arrays, *seeds], [*xs, *projections]
            values = run(ys, feed(inputs, arrays))
            seeds = [_random_like(random, v) for v in values]
        constants = [tf.constant(s, dtype=y.dtype) for s, y in zip(seeds, ys, strict=True)]
        grads = [None if g is None else tf.convert_to_tensor(g)
                 for g in tf.gradients(ys, xs, grad_ys=constants)]
        for x, g in zip(xs, grads, strict=True):
            if order == 1 and g is None:
                raise AssertionError(f"no gradient reaches {x.name}")
            if g is not None:
                assert g.dtype == x.dtype, f"gradient of {x.name} has type {g.dtype.name}, not {x.dtype.name}"
                assert g.shape.is_compatible_with(x.shape), f"gradient of {x.name} has shape {g.shape}, not {x.shape}"
        gs = run([g for g in grads if g is not None], feed(inputs, arrays))
    _types_occur(case, graph)
    analytic = iter(gs)
    single = case.grad_dtype == "float32"
    step = case.step or (1e-2 if single else 1e-4)
    for x, g in zip(xs, grads, strict=True):
        at = inputs.index(x)
        got = np.zeros(arrays[at].shape, arrays[at].dtype) if g is None else np.asarray(next(analytic))
        assert got.shape == arrays[at].shape, f"gradient of {x.name}: shape {got.shape}, wanted {arrays[at].shape}"
        for _ in range(2):
            direction = _random_like(random, arrays[at])

            def loss(t: float, at: int = at, direction: np.ndarray = direction) -> float:
                moved = list(arrays)
                moved[at] = (arrays[at] + t * direction).astype(arrays[at].dtype)
                outs = run(ys, feed(inputs, moved))
                return sum(float(np.sum(np.real(np.conj(s) * np.asarray(o, _wide(o))))) for s, o in zip(seeds, outs))

            slope = (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)
            wide = got.astype(_wide(got))
            mine = float(np.sum(np.real(np.conj(wide) * direction)))
            size = float(np.sum(np.abs(wide * direction))) + abs(slope)
            tol = 2e-3 if single else 1e-6
            assert abs(mine - slope) <= tol * size + tol * 1e-3, (
                f"gradient of order {order} by {x.name}: {mine!r} along a random direction, "
                f"finite differences {slope!r}")


def _types_occur(case: OpCase, graph: Graph) -> None:
    types = {op.type for op in graph.get_operations()}
    missing = set(case.also) - types
    assert not missing, f"also={sorted(missing)} are not in the graph of the case"


def _widen(value: np.ndarray, dtype: str) -> np.ndarray:
    if value.dtype.kind == "c":
        return value.astype(np.complex128 if dtype == "float64" else np.complex64)
    return value.astype(dtype) if value.dtype.kind == "f" or value.dtype.name == "bfloat16" else value


def _wide(value: Any) -> Any:
    return np.complex128 if np.iscomplexobj(value) else np.float64


def _random_like(random: np.random.RandomState, value: Any) -> np.ndarray:
    value = np.asarray(value)
    numbers = random.uniform(0.5, 1.5, value.shape) * random.choice([-1.0, 1.0], value.shape)
    if value.dtype.kind == "c":
        numbers = numbers + 1j * random.uniform(-1.5, 1.5, value.shape)
    return np.asarray(numbers).astype(value.dtype)


# ---------------------------------------------------------------------- errors

def check_error(make: Callable[..., Any], name: str, pattern: str) -> None:
    """Building or running what `make` returns raises the error `name` whose text matches `pattern`."""
    wanted: Any = getattr(tf_errors, name, None) or getattr(importlib.import_module("builtins"), name)
    # The tiny interpreter calls kernels bare; a session words what they raise as InvalidArgumentError.
    allowed = (wanted, ValueError, TypeError, IndexError) if name == "InvalidArgumentError" else wanted
    with pytest.raises(allowed, match=f"(?is){pattern}"), tf.Graph().as_default():
        made = make(tf)
        run([t for t in flatten(made)], {})


# ---------------------------------------------------------------------- signatures

@cache
def golden_signatures() -> dict[str, tuple[str, str, str, str]]:
    """TensorFlow's op list: type -> inputs, outputs, attributes, flags."""
    text = gzip.decompress((GOLDEN / "opdefs.tsv.gz").read_bytes()).decode()
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {row[0]: (row[1], row[2], row[3], row[4] if len(row) > 4 else "") for row in rows}


def normal_attrs(text: str) -> dict[str, str]:
    """Attributes by name, type sets written out and sorted."""
    result = {}
    for part in [p.strip() for p in _split_attrs(text)]:
        name, _, rest = part.partition(":")
        if "{" in rest:
            head, _, tail = rest.partition("{")
            names = tail.partition("}")[0].split(",")
            full = ",".join(TYPE_SETS[n[1:]] if n.startswith("@") else n for n in names)
            rest = head + "{" + ",".join(sorted(full.split(","))) + "}" + tail.partition("}")[2]
        result[name] = rest
    return result


def _split_attrs(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text + ";"):
        depth += (char in "{[") - (char in "}]")
        if char == ";" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [p for p in parts if p.strip()]


def check_signature(op_type: str) -> None:
    """Inputs, outputs, attributes and statefulness are those of TensorFlow's op list."""
    definition = REGISTRY[op_type]
    inputs, outputs, attrs, flags = golden_signatures()[op_type]
    mine = [text.strip() for text in definition.signature]
    assert mine[0] == inputs, f"inputs {mine[0]!r}, TensorFlow has {inputs!r}"
    assert mine[1] == outputs, f"outputs {mine[1]!r}, TensorFlow has {outputs!r}"
    ours, theirs = normal_attrs(mine[2]), normal_attrs(attrs)
    assert ours == theirs, f"attributes differ: {sorted(set(ours.items()) ^ set(theirs.items()))}"
    if "stateful" in flags.split(","):
        assert definition.stateful, "TensorFlow calls this op stateful"
    assert len(definition.inputs) == len([p for p in inputs.split(",") if p])  # parses it


# ---------------------------------------------------------------------- TensorFlow's answers

@cache
def golden_of(module: str) -> tuple[dict[str, Any], Any]:
    """What TensorFlow says to the golden cases of one case file: notes by case id, and arrays."""
    path = GOLDEN / "ops" / f"{module}.npz"
    if not path.exists():
        return {}, {}
    arrays = np.load(path)
    return json.loads(bytes(arrays["notes"]).decode()), arrays


def check_golden(case: OpCase, module: str) -> None:
    """Outputs, gradients, static shapes and node names are TensorFlow's."""
    notes, answers = golden_of(module)
    how = "run tests/golden/make_ops.py with TensorFlow's Python"
    assert case.id in notes, f"no golden answer yet: {how} {module}"
    note = notes[case.id]
    arrays = case.arrays()
    assert note["inputs"] == fingerprint(arrays), f"the inputs have changed: {how} {module}"
    for known, shapes in note["shapes"].items():
        _, _, made = build(case, arrays, known)
        for tensor, shape in zip(flatten(made), shapes, strict=True):
            mine = None if tensor.shape.ndims is None else tensor.shape.as_list()
            knows_less = shape is not None and (
                mine is None or len(mine) != len(shape) or any(t is not None and m != t for m, t in zip(mine, shape)))
            assert not knows_less, f"inputs known: {known!r}: static shape {mine}, TensorFlow's is {shape}"
    graph, inputs, made = build(case, arrays)
    if case.names:
        mine = [[op.name, op.type] for op in graph.get_operations()]
        assert mine == note["nodes"], f"nodes {mine}\nTensorFlow's {note['nodes']}"
    with graph.as_default():
        results = run(made, feed(inputs, arrays))
        for i, got in enumerate(results):
            _same(case, got, note, answers, f"out{i}")
        if note["grads"]:
            ys = [t for t in flatten(made) if t.dtype.is_floating or t.dtype.is_complex]
            ones = [tf.ones_like(y) if y.dtype.is_complex else None for y in ys]
            grads = tf.gradients(ys, [inputs[i] for i in case.grad], grad_ys=ones)
            grads = [tf.convert_to_tensor(g) for g in grads]
            for i, got in enumerate(run(grads, feed(inputs, arrays))):
                _same(case, got, note, answers, f"grad{i}")


def _same(case: OpCase, got: Any, note: dict[str, Any], answers: Any, key: str) -> None:
    if key in note["strings"]:
        assert _as_lists(got) == note["strings"][key], f"{key}: {got}, TensorFlow's is {note['strings'][key]}"
        return
    want = answers[f"{case.id}|{key}"]
    name = note["types"][key]
    assert np.asarray(got).dtype.name == name, f"{key} has type {np.asarray(got).dtype.name}, TensorFlow's {name}"
    close(got, want, case.tol or TOLERANCE.get(name, 0), f"{key} (TensorFlow's)")


def _as_lists(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return [_as_lists(v) for v in value] if isinstance(value, list) else _as_lists(value)


def fingerprint(arrays: Sequence[np.ndarray]) -> int:
    """A number that changes when the inputs do."""
    sums = [zlib.crc32(a.tobytes() if a.dtype != object else repr(a.tolist()).encode()) for a in arrays]
    return zlib.crc32(repr(sums).encode())


