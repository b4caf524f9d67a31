"""Variable scopes as TensorFlow's own tests use them: the names that come out, and what is shared."""

from __future__ import annotations

from tests.programs import Play


def names(tf):
    return [v.name for v in tf.global_variables()]


def _nested(tf, np):
    with tf.variable_scope("a") as a:
        tf.get_variable("v", [2])
        with tf.variable_scope("b") as b:
            tf.get_variable("v", [3])
            c = tf.constant(1.0)
    with tf.variable_scope("a", reuse=True):
        d = tf.get_variable("v", [2])
        with tf.variable_scope("b"):
            e = tf.get_variable("v")
            f = tf.constant(2.0)
    return Play(nodes="all", strings={"names": names(tf), "scopes": [a.name, a.original_name_scope, b.name,
                b.original_name_scope], "ops": [c.name, f.name], "reused": [d.name, e.name]})


def _reenter_object(tf, np):
    with tf.variable_scope("tower") as tower:
        tf.get_variable("w", [2, 3])
        tf.constant(0.0, name="c")
    with tf.variable_scope("other"):
        with tf.variable_scope(tower):
            tf.get_variable("x", [4])
            tf.constant(0.0, name="c")
        with tf.variable_scope(tower, reuse=True) as again:
            w = tf.get_variable("w", [2, 3])
            tf.constant(0.0, name="c")
    return Play(nodes="all", strings={"names": names(tf), "w": w.name, "again": [again.name, again.original_name_scope,
                                      again.reuse]})


def _reenter_original(tf, np):
    with tf.variable_scope("scope") as s:
        tf.get_variable("w", [2])
    with tf.variable_scope(s, auxiliary_name_scope=False) as s1:
        with tf.name_scope(s1.original_name_scope):
            tf.get_variable("v", [1])
            c = tf.constant([1.0], name="c")
    return Play(nodes="all", strings={"names": names(tf), "c": c.name})


def _default_names(tf, np):
    found = []
    for _ in range(3):
        with tf.variable_scope(None, "default") as s:
            found += [s.name, s.original_name_scope, tf.get_variable("w", [2]).name, tf.constant(1.0).name]
    with tf.variable_scope("outer"):
        for _ in range(2):
            with tf.variable_scope(None, default_name="default"):
                found.append(tf.get_variable("w", [2]).name)
                with tf.variable_scope(None, "inner"):
                    found.append(tf.get_variable("w", [2]).name)
    with tf.variable_scope("outer"):
        with tf.variable_scope(None, default_name="default"):
            found.append(tf.get_variable("again", [2]).name)
    with tf.variable_scope("default_4"):
        pass
    for _ in range(3):
        with tf.variable_scope(None, "default"):
            found.append(tf.get_variable("w", [2]).name)
    return Play(nodes="all", strings={"found": found})


def _jump_restores_counts(tf, np):
    found = []
    with tf.variable_scope("a") as a:
        with tf.variable_scope(None, "d"):
            found.append(tf.get_variable("w", []).name)
    with tf.variable_scope("b"):
        with tf.variable_scope(a):
            with tf.variable_scope(None, "d"):
                found.append(tf.get_variable("w2", []).name)
            with tf.variable_scope(None, "d"):
                found.append(tf.get_variable("w2", []).name)
        with tf.variable_scope(None, "d"):
            found.append(tf.get_variable("w", []).name)
    with tf.variable_scope(a):
        with tf.variable_scope(None, "d"):
            found.append(tf.get_variable("w3", []).name)
    return Play(nodes="all", strings={"found": found})


def _name_scopes_do_not_count(tf, np):
    with tf.name_scope("ns"):
        v = tf.get_variable("v", [2])
        w = tf.Variable(1.0, name="w")
        with tf.variable_scope("vs"):
            x = tf.get_variable("x", [2])
            c = tf.constant(1.0, name="c")
            y = tf.Variable(1.0, name="y")
    with tf.variable_scope("vs2"):
        with tf.name_scope("inner"):
            z = tf.get_variable("z", [3])
            d = tf.add(z, z, name="d")
    return Play(nodes="all", strings={"names": [t.name for t in (v, w, x, c, y, z, d)]})


def _root_scope(tf, np):
    root = tf.get_variable_scope()
    with tf.variable_scope("deep"):
        with tf.variable_scope("deeper"):
            with tf.variable_scope(root, reuse=tf.AUTO_REUSE):
                v = tf.get_variable("v", [2])
                c = tf.constant(1.0)
    with tf.variable_scope("", reuse=tf.AUTO_REUSE) as s:
        w = tf.get_variable("v", [2])
        d = tf.constant(2.0)
    return Play(nodes="all", strings={"names": [v.name, c.name, w.name, d.name, s.name, s.original_name_scope]})


def _reuse_inherited(tf, np):
    found = []
    with tf.variable_scope("a"):
        tf.get_variable("v", [])
        with tf.variable_scope("b"):
            tf.get_variable("v", [])
    with tf.variable_scope("a", reuse=True):
        with tf.variable_scope("b", reuse=False):
            found.append(tf.get_variable_scope().reuse)
            found.append(tf.get_variable("v").name)
        with tf.variable_scope("b", reuse=tf.AUTO_REUSE) as s:
            found.append(s.reuse is tf.AUTO_REUSE)
            found.append(tf.get_variable("made", []).name)
    with tf.variable_scope("a") as s:
        s.reuse_variables()
        found.append([tf.get_variable("v").name, s.reuse])
    with tf.variable_scope("a") as s:
        found.append(s.reuse)
    return Play(nodes="all", strings={"found": found, "names": names(tf)})


def _reuse_of_object(tf, np):
    with tf.variable_scope("a", reuse=tf.AUTO_REUSE) as a:
        v = tf.get_variable("v", [])
    with tf.variable_scope(a) as again:
        same = tf.get_variable("v", []) is v
    with tf.variable_scope(a, reuse=True) as hard:
        pass
    with tf.variable_scope(a, reuse=False) as soft:
        pass
    auto = tf.AUTO_REUSE
    return Play(strings={"same": same, "reuse": [again.reuse is auto, hard.reuse, soft.reuse is auto]})


def _inherited_settings(tf, np):
    def regularizer(v):
        return tf.reduce_sum(v, name="penalty")

    with tf.variable_scope("tower", initializer=tf.constant_initializer(0.3), regularizer=regularizer) as tower:
        v = tf.get_variable("v", [2])
        with tf.variable_scope("foo"):
            w = tf.get_variable("w", [3])
        with tf.variable_scope("bar", initializer=tf.constant_initializer(0.4)):
            x = tf.get_variable("x", [2])
            with tf.variable_scope("none"):
                y = tf.get_variable("y", [1], regularizer=tf.no_regularizer, initializer=tf.zeros_initializer())
        tower.set_initializer(tf.ones_initializer())
        z = tf.get_variable("z", [1])
        tower.set_dtype(tf.float64)
        d = tf.get_variable("d", [1])
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    return Play({t.op.name.replace("/", "_"): t for t in (v, w, x, y, z, d)}, nodes="none",
                strings={"losses": [loss.name for loss in losses], "in scope": [x.name for x in tf.get_collection(
                    tf.GraphKeys.GLOBAL_VARIABLES, scope="tower/bar")]})


def _scope_collections(tf, np):
    with tf.variable_scope("s") as s:
        tf.get_variable("a", [])
        tf.get_variable("b", [], trainable=False)
        tf.get_local_variable("c", [])
        tf.get_variable("d", [], collections=["mine"])
        with tf.variable_scope("t"):
            tf.get_variable("a", [])
    tf.get_variable("st", [])
    return Play(nodes="all", strings={
        "trainable": [v.name for v in s.trainable_variables()], "global": [v.name for v in s.global_variables()],
        "local": [v.name for v in s.local_variables()], "mine": [v.name for v in tf.get_collection("mine")],
        "all": [[v.name for v in f()] for f in (tf.global_variables, tf.local_variables, tf.trainable_variables)]})


def _types(tf, np):
    made = [tf.get_variable("i", [2], tf.int32), tf.get_variable("b", [2], tf.bool),
            tf.get_variable("d", [2], tf.float64),
            tf.get_variable("from_array", initializer=np.arange(6).reshape(2, 3)),
            tf.get_variable("from_number", initializer=3.5), tf.get_variable("from_ints", initializer=[1, 2]),
            tf.get_variable("from_tensor", initializer=tf.constant([1.5, 2.5])),
            tf.get_variable("from_string", initializer="words"),
            tf.get_variable("from_function", initializer=lambda: tf.constant([[1.0]])),
            tf.get_variable("typed", initializer=np.float64(2.0)),
            tf.get_variable("class", [2], initializer=tf.ones_initializer)]
    return Play({"array": made[3], "class": made[-1], "ints": made[5]}, nodes="all",
                strings={"types": [v.dtype.base_dtype.name for v in made], "shapes": [v.shape.as_list() for v in made]})


def _resource(tf, np):
    with tf.variable_scope("r", use_resource=True):
        a = tf.get_variable("a", [2, 3], initializer=tf.ones_initializer())
        with tf.variable_scope("inner"):
            b = tf.get_variable("b", [3, 4], initializer=tf.ones_initializer())
        with tf.variable_scope("back", use_resource=False):
            c = tf.get_variable("c", [2], initializer=tf.ones_initializer())
        d = tf.Variable([1.0, 2.0], name="d")
    e = tf.matmul(a, b, name="e")
    f = a.read_value()
    g = tf.identity(d.assign_add([1.0, 1.0]))
    a.assign(tf.zeros([2, 3]))
    return Play({"e": e, "f": f, "g": g}, nodes="all", strings={
        "types": [v.op.type for v in (a, b, c, d)], "names": [v.name for v in (a, b, c, d)]})


def _partitioned(tf, np):
    with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(3)):
        a = tf.get_variable("a", [7, 2], initializer=tf.zeros_initializer())
        s = tf.get_variable("scalar", [], initializer=tf.ones_initializer())
    b = tf.get_variable("b", [3, 5], initializer=tf.ones_initializer(),
                        partitioner=tf.fixed_size_partitioner(2, axis=1))
    c = tf.get_variable("c", initializer=tf.constant(np.arange(10.0).reshape(5, 2)),
                        partitioner=tf.fixed_size_partitioner(2))
    with tf.variable_scope("p", reuse=True, partitioner=tf.fixed_size_partitioner(3)):
        again = tf.get_variable("a", [7, 2])
    whole = tf.convert_to_tensor(a)
    return Play({"c": tf.convert_to_tensor(c), "b": tf.identity(b), "lookup": tf.matmul(b, tf.ones([5, 2]))},
                nodes="all", strings={
        "names": names(tf), "shapes": [v.shape.as_list() for v in tf.global_variables()], "whole": whole.name,
        "kind": [type(a).__name__, a.name, a.shape.as_list(), s.name, again is a, len(list(a))],
        "slices": [v._get_save_slice_info().spec for v in list(a) + list(b) + list(c)]})


def _partitioned_random(tf, np):
    with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(2)):
        a = tf.get_variable("a", [6, 4], initializer=tf.glorot_uniform_initializer(seed=3))
        b = tf.get_variable("b", [4, 4], initializer=tf.uniform_unit_scaling_initializer(seed=4))
        c = tf.get_variable("c", [4, 4], initializer=tf.initializers.identity())
    return Play({"a": a.as_tensor(), "b": b.as_tensor(), "c": c.as_tensor()}, nodes="none")


def _getters(tf, np):
    calls = []

    def getter(label):
        def get(getter, name, *args, **kwargs):
            calls.append([label, name, sorted(k for k in kwargs if k != "constraint")])
            return getter(name, *args, **kwargs)
        return get

    def doubled(getter, name, **kwargs):
        return getter(name, **kwargs) * 2.0

    with tf.variable_scope("a", custom_getter=getter("outer")):
        tf.get_variable("v", [2])
        with tf.variable_scope("b", custom_getter=getter("inner")):
            tf.get_variable("w", [2])
            tf.get_variable("x", [2], custom_getter=doubled)
    with tf.variable_scope("c", custom_getter=doubled) as c:
        y = tf.get_variable("y", [2], initializer=tf.ones_initializer())
    with tf.variable_scope(c, reuse=True):
        z = tf.get_variable("y", [2])
    return Play({"y": y, "z": z}, nodes="all", strings={"calls": calls, "names": names(tf)})


def _creators(tf, np):
    calls = []

    def creator(label):
        def create(next_creator, **kwargs):
            calls.append([label, kwargs["name"], sorted(set(kwargs) - {"shape"})])
            kwargs["name"] = kwargs["name"] + "_" + label
            return next_creator(**kwargs)
        return create

    with tf.variable_creator_scope(creator("outer")):
        a = tf.Variable(1.0, name="a")
        with tf.variable_creator_scope(creator("inner")):
            b = tf.Variable(1.0, name="b")
            c = tf.get_variable("c", [])
    return Play(strings={"calls": [c[:2] for c in calls], "names": [a.name, b.name, c.name]})


def _op_names(tf, np):
    a = tf.Variable([1.0, 2.0])
    b = tf.Variable([1.0, 2.0])
    c = tf.Variable(lambda: tf.random_normal([2], seed=1), name="c", dtype=tf.float32)
    tf.assign(a, [2.0, 3.0])
    a.assign_sub(b)
    tf.assign_add(a, b, name="more")
    tf.is_variable_initialized(c)
    a.read_value()
    tf.global_variables_initializer()
    tf.local_variables_initializer()
    tf.variables_initializer([a], name="only_a")
    d = a + b
    e = 2.0 * b
    f = a[0]
    f.assign(7.0)
    g = tf.Variable(3, name="g", trainable=False)
    tf.count_up_to(g, 5)
    g.count_up_to(6)
    return Play(nodes="all", strings={"names": [t.name for t in (a, b, c, d, e, f)]})


def _uninitialized(tf, np):
    a = tf.Variable(1.0, name="a")
    b = tf.Variable(1.0, name="b", use_resource=True)
    c = tf.get_local_variable("c", [])
    missing = tf.report_uninitialized_variables()
    few = tf.report_uninitialized_variables([a, b], name="few")
    none = tf.report_uninitialized_variables([])
    tf.assert_variables_initialized([a, c])
    return Play({"missing": missing, "few": few, "none": none}, nodes="all", init=False)


def _colocated(tf, np):
    with tf.device("/cpu:0"):
        a = tf.Variable(1.0, name="a")
    with tf.colocate_with(a.op):
        b = tf.Variable(1.0, name="b")
    with tf.control_dependencies([a.initializer]):
        c = tf.Variable(2.0, name="c")
        d = tf.get_variable("d", [2], initializer=tf.zeros_initializer(), caching_device="/cpu:0")
    with tf.device("/cpu:0"):
        e = tf.get_variable("e", [2], use_resource=True, caching_device="/cpu:0")
    return Play({"c": c, "d": d}, nodes="all", strings={"names": [b.name, e.name]})


def _variable_op_scope(tf, np):
    with tf.variable_op_scope([], None, "defaulted"):
        a = tf.get_variable("a", [])
    with tf.variable_op_scope([a], "named", "unused"):
        b = tf.get_variable("b", [])
    with tf.variable_op_scope([], None, "defaulted"):
        c = tf.get_variable("a", [])
    return Play(nodes="all", strings={"names": [a.name, b.name, c.name]})


def _template(tf, np):
    def layer(x, scale, bias=1.0):
        w = tf.get_variable("w", [2], initializer=tf.ones_initializer())
        return tf.add(x * w * scale, bias, name="out")

    shared = tf.make_template("layer", layer, scale=3.0)
    a, b = shared(tf.constant([1.0, 2.0])), shared(tf.constant([3.0, 4.0]), bias=0.0)
    other = tf.make_template("layer", layer)
    c = other(tf.constant([1.0, 2.0]), 2.0)
    now = tf.make_template("layer", layer, create_scope_now_=True, scale=1.0)
    with tf.variable_scope("elsewhere"):
        d = now(tf.constant([1.0, 2.0]))
        inside = tf.make_template("t", layer, unique_name_="unique", scale=1.0)
        e = inside(tf.constant([1.0, 1.0]))
    return Play({"a": a, "b": b, "c": c, "d": d, "e": e}, nodes="all", strings={
        "names": names(tf), "ops": [t.name for t in (a, b, c, d, e)],
        "scopes": [t.variable_scope.name for t in (shared, other, now, inside)],
        "variables": [v.name for v in shared.trainable_variables]})


def _auxiliary(tf, np):
    found = []
    with tf.name_scope("outer"):
        with tf.variable_scope("plain", auxiliary_name_scope=False) as s:
            found += [s.original_name_scope, tf.constant(1.0).name, tf.get_variable("v", []).name]
        with tf.variable_scope(None, "defaulted", auxiliary_name_scope=False) as s:
            found += [s.name, s.original_name_scope, tf.constant(1.0).name]
    with tf.variable_scope("plain", auxiliary_name_scope=False) as s:
        found += [s.original_name_scope, tf.constant(1.0).name]
    return Play(nodes="all", strings={"found": found})


PROGRAMS = {name[1:]: f for name, f in list(globals().items()) if name.startswith("_") and callable(f) and
            getattr(f, "__module__", None) == __name__}
