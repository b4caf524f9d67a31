"""Makes graphs in the form of `core.inspect.graph()` for the tests of the pictures, without the engine.

Names, op types and edges are those of TensorFlow 1.15 programs: an MNIST MLP with Adam, a CNN, an unrolled RNN, deep
nets of about 1,000, 10,000 and 50,000 ops, and hostile shapes. Deterministic: no clock, no unseeded randomness.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import Any


class Builder:
    """Collects node records with TF's habit of names: scopes nest, a taken name gets `_1`."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.index: dict[str, int] = {}
        self.variables: list[dict[str, Any]] = []
        self.scope = ""

    @contextmanager
    def name_scope(self, name: str):
        before = self.scope
        self.scope = f"{before}{name}/"
        yield self
        self.scope = before

    def op(
        self, op, name, inputs=(), shape=(), dtype="float32", control=(), outs=1, ref=False, absolute=False, **extra
    ):
        full = name if absolute else self.scope + name
        base, number = full, 0
        while full in self.index:
            number += 1
            full = f"{base}_{number}"
        self.index[full] = len(self.nodes)
        refs = []
        for entry in inputs:
            refs.append(list(entry) if isinstance(entry, tuple) else [entry, 0])
        output = {"dtype": dtype, "shape": None if shape is None else list(shape), "ref": ref}
        node = {
            "name": full,
            "op": op,
            "device": "",
            "inputs": refs,
            "control": list(control),
            "outputs": [dict(output)] * outs,
            "attrs": {"T": dtype},
            "source": {
                "file": "train.py",
                "line": 10 + len(self.nodes) % 40,
                "function": "<module>",
                "code": f"{name} = tf.{op.lower()}(...)",
                "cell": None,
            },
        }
        node.update(extra)
        self.nodes.append(node)
        return len(self.nodes) - 1

    def const(self, name, value, shape=(), dtype="float32", **extra):
        return self.op("Const", name, (), shape, dtype, value=value, **extra)

    def variable(self, name, shape, initial=None, trainable=True):
        with self.name_scope(name):
            if initial is None:
                with self.name_scope("Initializer"), self.name_scope("truncated_normal"):
                    size = self.const("shape", list(shape), (len(shape),), "int32")
                    mean, dev = self.const("mean", 0.0), self.const("stddev", 0.1)
                    noise = self.op("TruncatedNormal", "TruncatedNormal", (size,), shape)
                    scaled = self.op("Mul", "mul", (noise, dev), shape)
                    initial_value = self.op("Add", "add", (scaled, mean), shape)
            else:
                initial_value = self.const("Initializer/zeros", initial, shape)
        var = self.op("VariableV2", name, (), shape, ref=True)
        with self.name_scope(name):
            assign = self.op("Assign", "Assign", (var, initial_value), shape, ref=True)
            read = self.op("Identity", "read", (var,), shape)
        self.variables.append(
            {
                "name": self.nodes[var]["name"],
                "op_index": var,
                "shape": list(shape),
                "dtype": "float32",
                "trainable": trainable,
            }
        )
        return {"var": var, "assign": assign, "read": read, "shape": shape, "name": self.nodes[var]["name"]}

    def graph(self) -> dict[str, Any]:
        return {"version": 1, "kind": "graph", "nodes": self.nodes, "functions": {}, "variables": self.variables}


def _grad(g: Builder, forward: str, op: str, inputs, shape, absolute="gradients"):
    return g.op(op, f"{absolute}/{forward}", inputs, shape, absolute=True)


def mnist_mlp(hidden: int = 128) -> dict[str, Any]:
    """Returns a two-layer MNIST classifier with dropout, loss, accuracy, summaries, gradients, Adam, init and save."""
    g = Builder()
    x = g.op("Placeholder", "x", (), (None, 784))
    y = g.op("Placeholder", "y", (), (None, 10))
    keep = g.const("keep_prob/input", 1.0)
    keep_prob = g.op("PlaceholderWithDefault", "keep_prob", (keep,), ())
    layers = []
    with g.name_scope("hidden"):
        w1 = g.variable("weights", (784, hidden))
        b1 = g.variable("biases", (hidden,), 0.1)
        mm1 = g.op("MatMul", "MatMul", (x, w1["read"]), (None, hidden))
        add1 = g.op("Add", "add", (mm1, b1["read"]), (None, hidden))
        relu = g.op("Relu", "Relu", (add1,), (None, hidden))
        g.op(
            "HistogramSummary",
            "activations",
            (g.const("activations/tag", "activations", (), "string"), relu),
            (),
            "string",
        )
    with g.name_scope("dropout"):
        shape = g.op("Shape", "Shape", (relu,), (2,), "int32")
        uniform = g.op("RandomUniform", "random_uniform/RandomUniform", (shape,), (None, hidden))
        floor = g.op("Floor", "Floor", (g.op("Add", "add", (keep_prob, uniform), (None, hidden)),), (None, hidden))
        div = g.op("RealDiv", "truediv", (relu, keep_prob), (None, hidden))
        drop = g.op("Mul", "mul", (div, floor), (None, hidden))
    with g.name_scope("logits"):
        w2 = g.variable("weights", (hidden, 10))
        b2 = g.variable("biases", (10,), 0.1)
        mm2 = g.op("MatMul", "MatMul", (drop, w2["read"]), (None, 10))
        logits = g.op("Add", "add", (mm2, b2["read"]), (None, 10))
    with g.name_scope("loss"):
        xent = g.op("SoftmaxCrossEntropyWithLogits", "xent", (logits, y), (None,), outs=2)
        axis = g.const("Const", [0], (1,), "int32")
        loss = g.op("Mean", "Mean", (xent, axis), ())
    g.op("ScalarSummary", "loss_1", (g.const("loss_1/tags", "loss", (), "string"), loss), (), "string")
    with g.name_scope("accuracy"):
        a, b = g.const("ArgMax/dimension", 1, (), "int32"), g.const("ArgMax_1/dimension", 1, (), "int32")
        arg = g.op("ArgMax", "ArgMax", (logits, a), (None,), "int64")
        arg1 = g.op("ArgMax", "ArgMax_1", (y, b), (None,), "int64")
        equal = g.op("Equal", "Equal", (arg, arg1), (None,), "bool")
        cast = g.op("Cast", "Cast", (equal,), (None,))
        acc = g.op("Mean", "Mean", (cast, g.const("Const", [0], (1,), "int32")), ())
    g.op("ScalarSummary", "accuracy_1", (g.const("accuracy_1/tags", "accuracy", (), "string"), acc), (), "string")
    layers = [w1, b1, w2, b2]
    fill = g.op(
        "Fill",
        "gradients/Fill",
        (g.const("gradients/Shape", [], (0,), "int32"), g.const("gradients/grad_ys_0", 1.0)),
        (),
    )
    gm = _grad(
        g,
        "loss/Mean_grad/Tile",
        "Tile",
        (fill, g.op("Shape", "gradients/loss/Mean_grad/Shape", (xent,), (1,), "int32")),
        (None,),
    )
    gm = _grad(
        g, "loss/Mean_grad/truediv", "RealDiv", (gm, _grad(g, "loss/Mean_grad/Prod", "Prod", (xent,), ())), (None,)
    )
    gx = _grad(g, "loss/xent_grad/ExpandDims", "ExpandDims", (gm,), (None, 1))
    gx = _grad(g, "loss/xent_grad/mul", "Mul", (gx, (xent, 1)), (None, 10))
    grads = {}
    ga = _grad(g, "logits/add_grad/Reshape", "Reshape", (gx,), (None, 10))
    gb = _grad(g, "logits/add_grad/Sum_1", "Sum", (gx,), (10,))
    group = g.op(
        "NoOp", "gradients/logits/add_grad/tuple/group_deps", (), None, control=(ga, gb), absolute=True, outs=0
    )
    ga = g.op("Identity", "gradients/logits/add_grad/tuple/control_dependency", (ga,), (None, 10), control=(group,))
    grads[b2["name"]] = g.op(
        "Identity", "gradients/logits/add_grad/tuple/control_dependency_1", (gb,), (10,), control=(group,)
    )
    gd = _grad(g, "logits/MatMul_grad/MatMul", "MatMul", (ga, w2["read"]), (None, hidden))
    grads[w2["name"]] = _grad(g, "logits/MatMul_grad/MatMul_1", "MatMul", (drop, ga), (hidden, 10))
    gd = _grad(g, "dropout/mul_grad/Mul", "Mul", (gd, floor), (None, hidden))
    gd = _grad(g, "dropout/truediv_grad/RealDiv", "RealDiv", (gd, keep_prob), (None, hidden))
    gr = _grad(g, "hidden/Relu_grad/ReluGrad", "ReluGrad", (gd, relu), (None, hidden))
    ga = _grad(g, "hidden/add_grad/Reshape", "Reshape", (gr,), (None, hidden))
    grads[b1["name"]] = _grad(g, "hidden/add_grad/Sum_1", "Sum", (gr,), (hidden,))
    grads[w1["name"]] = _grad(g, "hidden/MatMul_grad/MatMul_1", "MatMul", (x, ga), (784, hidden))
    powers = [g.variable(f"beta{i}_power", (), 0.9 + 0.09 * (i - 1), trainable=False) for i in (1, 2)]
    slots = []
    for var in layers:
        for suffix in ("Adam", "Adam_1"):
            slots.append(g.variable(f"{var['name']}/{suffix}", var["shape"], 0.0, trainable=False))
    with g.name_scope("Adam"):
        rate = g.const("learning_rate", 0.001)
        betas = [g.const("beta1", 0.9), g.const("beta2", 0.999), g.const("epsilon", 1e-8)]
        updates = []
        for k, var in enumerate(layers):
            name = var["name"].replace("/", "_")
            updates.append(
                g.op(
                    "ApplyAdam",
                    f"update_{name}/ApplyAdam",
                    (
                        var["var"],
                        slots[2 * k]["var"],
                        slots[2 * k + 1]["var"],
                        powers[0]["read"],
                        powers[1]["read"],
                        rate,
                        *betas,
                        grads[var["name"]],
                    ),
                    var["shape"],
                    ref=True,
                )
            )
        for k, beta in enumerate(betas[:2]):
            product = g.op("Mul", "mul" if not k else "mul_1", (powers[k]["read"], beta), (), control=updates)
            updates_k = g.op("Assign", "Assign" if not k else "Assign_1", (powers[k]["var"], product), (), ref=True)
            updates.append(updates_k)
    g.op("NoOp", "Adam", (), None, control=updates, outs=0)
    summaries = [i for i, n in enumerate(g.nodes) if n["op"] in ("ScalarSummary", "HistogramSummary")]
    g.op("MergeSummary", "Merge/MergeSummary", summaries, (), "string")
    everything = [*layers, *powers, *slots]
    g.op("NoOp", "init", (), None, control=[v["assign"] for v in everything], outs=0)
    with g.name_scope("save"):
        file = g.const("Const", "model", (), "string")
        names, slices = (
            g.const("SaveV2/tensor_names", None, (14,), "string"),
            g.const("SaveV2/shapes", None, (14,), "string"),
        )
        saved = g.op("SaveV2", "SaveV2", (file, names, slices, *(v["var"] for v in everything)), None, outs=0)
        g.op("Identity", "control_dependency", (file,), (), "string", control=(saved,))
    return g.graph()


def cnn() -> dict[str, Any]:
    """Returns a forward CNN of two convolution scopes, a flatten scope and two dense scopes."""
    g = Builder()
    x = g.op("Placeholder", "images", (), (None, 28, 28, 1))
    shape, flow = (None, 28, 28, 1), x
    for index, (kernel, width, size) in enumerate(((5, 32, 14), (3, 64, 7))):
        with g.name_scope(f"conv{index + 1}"):
            w = g.variable("kernel", (kernel, kernel, shape[-1], width))
            b = g.variable("bias", (width,), 0.0)
            conv = g.op("Conv2D", "Conv2D", (flow, w["read"]), (*shape[:3], width))
            biased = g.op("BiasAdd", "BiasAdd", (conv, b["read"]), (*shape[:3], width))
            relu = g.op("Relu", "Relu", (biased,), (*shape[:3], width))
            shape = (None, size, size, width)
            flow = g.op("MaxPool", "MaxPool", (relu,), shape)
    with g.name_scope("flatten"):
        target = g.const("Reshape/shape", [-1, 3136], (2,), "int32")
        flow = g.op("Reshape", "Reshape", (flow, target), (None, 3136))
    for name, size in (("dense", 512), ("logits", 10)):
        with g.name_scope(name):
            w = g.variable("kernel", (3136 if name == "dense" else 512, size))
            b = g.variable("bias", (size,), 0.0)
            mm = g.op("MatMul", "MatMul", (flow, w["read"]), (None, size))
            flow = g.op("BiasAdd", "BiasAdd", (mm, b["read"]), (None, size))
            if name == "dense":
                flow = g.op("Relu", "Relu", (flow,), (None, size))
    g.op("Softmax", "Softmax", (flow,), (None, 10))
    return g.graph()


def rnn(steps: int = 12, units: int = 64) -> dict[str, Any]:
    """Returns an unrolled basic RNN whose steps are like scopes `step_0` … that share one kernel."""
    g = Builder()
    x = g.op("Placeholder", "sequence", (), (None, steps, 28))
    parts = g.op("Unpack", "unstack", (x,), (None, 28), outs=steps)
    with g.name_scope("rnn"):
        w, b = g.variable("kernel", (28 + units, units)), g.variable("bias", (units,), 0.0)
        state = g.op(
            "Fill",
            "zeros",
            (g.const("zeros/shape", [50, units], (2,), "int32"), g.const("zeros/Const", 0.0)),
            (50, units),
        )
        axis = g.const("axis", 1, (), "int32")
        for step in range(steps):
            with g.name_scope(f"step_{step}"):
                joined = g.op("ConcatV2", "concat", ((parts, step), state, axis), (None, 28 + units))
                mm = g.op("MatMul", "MatMul", (joined, w["read"]), (None, units))
                add = g.op("BiasAdd", "BiasAdd", (mm, b["read"]), (None, units))
                state = g.op("Tanh", "Tanh", (add,), (None, units))
    g.op("Softmax", "prediction", (state,), (None, units))
    return g.graph()


def deep(blocks: int = 5, layers: int = 4) -> dict[str, Any]:
    """Returns a training graph of residual blocks: about 45 ops a layer with gradients, tuple groups and momentum."""
    g = Builder()
    flow = g.op("Placeholder", "x", (), (None, 256))
    label = g.op("Placeholder", "y", (), (None, 256))
    made = []
    for block in range(blocks):
        entry = flow
        for layer in range(layers):
            with g.name_scope(f"net/block_{block}/layer_{layer}"):
                w, b = g.variable("kernel", (256, 256)), g.variable("bias", (256,), 0.0)
                mm = g.op("MatMul", "MatMul", (flow, w["read"]), (None, 256))
                add = g.op("BiasAdd", "BiasAdd", (mm, b["read"]), (None, 256))
                relu = g.op("Relu", "Relu", (add,), (None, 256))
                made.append((g.scope, w, b, flow, relu))
                flow = relu
        with g.name_scope(f"net/block_{block}"):
            flow = g.op("Add", "residual", (flow, entry), (None, 256))
    with g.name_scope("loss"):
        diff = g.op("SquaredDifference", "SquaredDifference", (flow, label), (None, 256))
        loss = g.op("Mean", "Mean", (diff, g.const("Const", [0, 1], (2,), "int32")), ())
    grad = g.op("Fill", "gradients/Fill", (g.const("gradients/Shape", [], (0,), "int32"), loss), (None, 256))
    rate, momentum = g.const("Momentum/learning_rate", 0.1), g.const("Momentum/momentum", 0.9)
    updates, inits = [], []
    for scope, w, b, entry, relu in reversed(made):
        s = f"gradients/{scope}"
        gr = g.op("ReluGrad", f"{s}Relu_grad/ReluGrad", (grad, relu), (None, 256))
        gb = g.op("BiasAddGrad", f"{s}BiasAdd_grad/BiasAddGrad", (gr,), (256,))
        group = g.op("NoOp", f"{s}BiasAdd_grad/tuple/group_deps", (), None, control=(gr, gb), outs=0)
        ga = g.op("Identity", f"{s}BiasAdd_grad/tuple/control_dependency", (gr,), (None, 256), control=(group,))
        grad = g.op("MatMul", f"{s}MatMul_grad/MatMul", (ga, w["read"]), (None, 256))
        gw = g.op("MatMul", f"{s}MatMul_grad/MatMul_1", (entry, ga), (256, 256))
        for var, delta in ((w, gw), (b, gb)):
            slot = g.variable(f"{var['name']}/Momentum", var["shape"], 0.0, trainable=False)
            name = var["name"].replace("/", "_")
            updates.append(
                g.op(
                    "ApplyMomentum",
                    f"Momentum/update_{name}/ApplyMomentum",
                    (var["var"], slot["var"], rate, delta, momentum),
                    var["shape"],
                    ref=True,
                )
            )
            inits += [var["assign"], slot["assign"]]
    g.op("NoOp", "Momentum", (), None, control=updates, outs=0)
    g.op("NoOp", "init", (), None, control=inits, outs=0)
    return g.graph()


def flat_mlp() -> dict[str, Any]:
    """Returns the graph of a beginner's program: no scopes, `Variable`, `MatMul_1`, `add_1`, gradient descent."""
    g = Builder()
    x, y = g.op("Placeholder", "Placeholder", (), (None, 2)), g.op("Placeholder", "Placeholder_1", (), (None, 1))
    w1, w2 = g.variable("Variable", (2, 3)), g.variable("Variable_1", (3, 1))
    a = g.op("MatMul", "MatMul", (x, w1["read"]), (None, 3))
    out = g.op("MatMul", "MatMul_1", (a, w2["read"]), (None, 1))
    square = g.op("Square", "Square", (g.op("Sub", "sub", (out, y), (None, 1)),), (None, 1))
    g.op("Mean", "Mean", (square, g.const("Const", [0, 1], (2,), "int32")), ())
    return g.graph()


def while_loop() -> dict[str, Any]:
    """Returns a TF-1 loop with its back edge NextIteration -> Merge."""
    g = Builder()
    start, limit, one = g.const("i", 0, (), "int32"), g.const("limit", 10, (), "int32"), g.const("one", 1, (), "int32")
    with g.name_scope("while"):
        enter = g.op("Enter", "Enter", (start,), (), "int32")
        merge = g.op("Merge", "Merge", (enter,), (), "int32", outs=2)
        less = g.op("Less", "Less", (merge, limit), (), "bool")
        cond = g.op("LoopCond", "LoopCond", (less,), (), "bool")
        switch = g.op("Switch", "Switch", (merge, cond), (), "int32", outs=2)
        body = g.op("Add", "add", ((switch, 1), one), (), "int32")
        back = g.op("NextIteration", "NextIteration", (body,), (), "int32")
        g.nodes[merge]["inputs"].append([back, 0])
        g.op("Exit", "Exit", (switch,), (), "int32")
    return g.graph()


@cache
def hostile() -> dict[str, dict[str, Any]]:
    """Returns graphs made to hurt: scripts in names, deep nests, crowds, loops, broken indices, odd slashes."""
    one = [{"dtype": "float32", "shape": [2, 3], "ref": False}]
    evil = "<script>alert(1)</script>\"&']]>"

    def node(name, op="Add", inputs=(), control=(), **extra):
        return {"name": name, "op": op, "inputs": list(inputs), "control": list(control), "outputs": one, **extra}

    def graph(nodes, **extra):
        return {"version": 1, "kind": "graph", "nodes": nodes, "functions": {}, "variables": [], **extra}

    return {
        "empty": graph([]),
        "script": graph(
            [node(evil), node(f"{evil}/x", evil, [[0, 0]], attrs={evil: evil}), node("ok", inputs=[[1, 0]])]
        ),
        "deep": graph([node("a/" * 100_000 + "leaf"), node("b", inputs=[[0, 0]])]),
        "crowd": graph(
            [node(f"n{i}x", "Relu" if i % 2 else "Tanh", [[max(0, i - 7), 0]] if i else []) for i in range(100_000)]
        ),
        "loop": graph([node("p", inputs=[[1, 0]]), node("q", inputs=[[0, 0], [1, 0]]), node("r", control=[2, 1])]),
        "broken": graph(
            [node("p", inputs=[[7, 0], [-1, 3]], control=[99]), node("q", inputs=[[0, 5], [0, 0], [0, 0]]), {}]
        ),
        "slashes": graph([node(n) for n in ("/", "//", "/a", "a/", "a//b", "", "a", "a", "b/c", "b")]),
        "chain": graph([node(f"c{i}c", inputs=[[i - 1, 0]] if i else []) for i in range(3000)]),
        "star": graph([node("hub"), *(node(f"leaf_{i}_x", "Relu", [[0, 0]]) for i in range(200))]),
        "control": graph([node("p"), node("q", inputs=[[0, 0]], control=[0]), node("z", "NoOp", control=[0, 1])]),
        "selfcall": graph(
            [node("w", "While", attrs={"body": "f", "cond": "f"})],
            functions={"f": graph([node("in"), node("again", "While", [[0, 0]], attrs={"body": "f"})])},
        ),
        "long": graph([node("n" * 70_000, attrs={"big": "x" * 70_000}), node("m", inputs=[[0, 0]])]),
    }


@cache
def trainer() -> dict[str, Any]:
    """Returns two layers in scopes and a trainer in its scope, which counts its steps: mixed bundles, close labels."""
    g = Builder()
    x, y = g.op("Placeholder", "input/x", (), (None, 784)), g.op("Placeholder", "input/y_", (), (None, 10))
    flow, variables = x, []
    for name, size in (("relu_layer", (784, 128)), ("logit_layer", (128, 10))):
        with g.name_scope(name):
            w, b = g.variable("W", size), g.variable("b", size[1:], 0.0)
            product = g.op("MatMul", "MatMul", (flow, w["read"]), (None, size[1]))
            flow = g.op("Add", "add", (product, b["read"]), (None, size[1]))
            variables += [w, b]
    with g.name_scope("cross_entropy"):
        shape = g.op("Shape", "Shape", (flow,), (2,), "int32")
        rows = g.op("Reshape", "Reshape", (flow, shape), (None, 10))
        loss = g.op("SoftmaxCrossEntropyWithLogits", "xent", (rows, y), ())
    step = g.variable("step", (), 0, trainable=False)
    updates = []
    with g.name_scope("sgd_trainer"):
        for variable in variables:
            name = variable["name"]
            grad = g.op("Mul", f"gradients/{name}_grad", (loss, flow, x, variable["read"]), variable["shape"])
            rate = g.const(f"GradientDescent/update_{name}/rate", 0.5)
            updates.append(g.op(
                "ApplyGradientDescent", f"GradientDescent/update_{name}/ApplyGradientDescent",
                (variable["var"], rate, grad), variable["shape"], ref=True))  # fmt: skip
        update = g.op("NoOp", "GradientDescent/update", (), None, control=updates, outs=0)
        one = g.const("GradientDescent/value", 1, control=(update,))
        g.op("AssignAdd", "GradientDescent", (step["var"], one), (), ref=True)
    with g.name_scope("accuracy"):
        best = [g.op("ArgMax", name, (t,), (None,), "int64") for name, t in (("ArgMax", flow), ("ArgMax_1", y))]
        g.op("Equal", "Equal", best, (None,), "bool")
    return g.graph()


def training_corpus() -> dict[str, dict[str, Any]]:
    """Returns the well-meant graphs by name."""
    return {
        "mlp": mnist_mlp(),
        "cnn": cnn(),
        "rnn": rnn(),
        "flat": flat_mlp(),
        "while": while_loop(),
        "deep": deep(2, 2),
    }
