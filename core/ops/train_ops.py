"""Optimiser updates: `ApplyAdam`, `ResourceApplyAdam`, `SparseApplyAdagrad`, ... one table row per optimiser.

Each update rule is written once, on arrays that it changes in place; the dense, sparse, reference and resource forms of
the op are made from it. The optimisers that use them stand in `core.train`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidArgumentError
from core.graph import NO_GRADIENT, Cell, Tensor, define_op
from core.kernels.threads import cores, parallel, shares
from core.ops.state import handle_shape
from core.shapes import TensorShape

__all__: list[str] = []

_Rule = Callable[..., None]
_BLOCK = 1 << 17  # elements updated at a time: measured best for Adam in float32


# ---------------------------------------------------------------------- the rules, on arrays changed in place


def gradient_descent(var: Any, alpha: Any, delta: Any) -> None:
    """var -= alpha * delta."""
    var -= alpha * delta


def momentum(var: Any, accum: Any, lr: Any, grad: Any, momentum: Any, *, use_nesterov: bool) -> None:
    """accum = momentum * accum + grad; var -= lr * accum (Nesterov: lr * (grad + momentum * accum)). Polyak, 1964."""
    accum *= momentum
    accum += grad
    if use_nesterov:
        var -= grad * lr + accum * (momentum * lr)
    else:
        var -= accum * lr


def keras_momentum(var: Any, accum: Any, lr: Any, grad: Any, momentum: Any, *, use_nesterov: bool) -> None:
    """accum = momentum * accum - lr * grad; var += accum."""
    accum *= momentum
    accum -= grad * lr
    if use_nesterov:
        var += accum * momentum - grad * lr
    else:
        var += accum


def adagrad(var: Any, accum: Any, lr: Any, grad: Any, *, update_slots: bool) -> None:
    """accum += grad^2; var -= lr * grad / sqrt(accum). Duchi et al., 2011."""
    if update_slots:
        accum += grad * grad
    var -= grad * lr / np.sqrt(accum)


def adagrad_v2(var: Any, accum: Any, lr: Any, epsilon: Any, grad: Any, *, update_slots: bool) -> None:
    """As `adagrad`, with epsilon added to the root."""
    if update_slots:
        accum += grad * grad
    var -= grad * lr / (np.sqrt(accum) + epsilon)


def adagrad_da(var: Any, gradient_accumulator: Any, gradient_squared_accumulator: Any, grad: Any, lr: Any, l1: Any,
               l2: Any, global_step: Any) -> None:
    """Adagrad by dual averaging. Duchi et al., 2011, equation 3."""
    gradient_accumulator += grad
    gradient_squared_accumulator += grad * grad
    step = var.dtype.type(global_step)
    summed = gradient_accumulator
    if l1 > 0:
        summed = np.sign(summed) * np.maximum(np.abs(summed) - step * l1, var.dtype.type(0))
    var[...] = -lr * summed / (l2 * step * lr + np.sqrt(gradient_squared_accumulator))


def adadelta(var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any) -> None:
    """Steps measured by the steps before. Zeiler, 2012."""
    one = var.dtype.type(1)
    accum *= rho
    accum += grad * grad * (one - rho)
    update = np.sqrt(accum_update + epsilon) / np.sqrt(accum + epsilon) * grad
    accum_update *= rho
    accum_update += update * update * (one - rho)
    var -= update * lr


def rms_prop(var: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any, grad: Any) -> None:
    """ms: moving mean of squares; mom = momentum * mom + lr * grad / sqrt(ms + epsilon). Tieleman and Hinton, 2012."""
    ms += (grad * grad - ms) * (var.dtype.type(1) - rho)
    mom *= momentum
    mom += grad * lr / np.sqrt(ms + epsilon)
    var -= mom


def centered_rms_prop(var: Any, mg: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any,
                      grad: Any) -> None:
    """As `rms_prop`, by the variance of the gradient. Graves, 2013."""
    rest = var.dtype.type(1) - rho
    ms += (grad * grad - ms) * rest
    mg += (grad - mg) * rest
    mom *= momentum
    mom += grad * lr / np.sqrt(ms - mg * mg + epsilon)
    var -= mom


def adam(var: Any, m: Any, v: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any,
         grad: Any, *, use_nesterov: bool) -> None:
    """Moving means of gradient and square, corrected for their start. Kingma and Ba, 2015."""
    one = var.dtype.type(1)
    rate = lr * np.sqrt(one - beta2_power) / (one - beta1_power)
    m += (grad - m) * (one - beta1)
    v += (grad * grad - v) * (one - beta2)
    if use_nesterov:
        var -= (grad * (one - beta1) + m * beta1) * rate / (np.sqrt(v) + epsilon)
    else:
        var -= m * rate / (np.sqrt(v) + epsilon)


def adam_with_amsgrad(var: Any, m: Any, v: Any, vhat: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any,
                      beta2: Any, epsilon: Any, grad: Any) -> None:
    """Adam whose second moment never falls. Reddi et al., 2018."""
    one = var.dtype.type(1)
    rate = lr * np.sqrt(one - beta2_power) / (one - beta1_power)
    m += (grad - m) * (one - beta1)
    v += (grad * grad - v) * (one - beta2)
    np.maximum(vhat, v, out=vhat)
    var -= m * rate / (np.sqrt(vhat) + epsilon)


def ada_max(var: Any, m: Any, v: Any, beta1_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any,
            grad: Any) -> None:
    """Adam with the largest gradient in place of the mean of squares. Kingma and Ba, 2015, section 7."""
    one = var.dtype.type(1)
    m += (grad - m) * (one - beta1)
    np.maximum(v * beta2, np.abs(grad), out=v)
    var -= lr / (one - beta1_power) * (m / (v + epsilon))


def ftrl(var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any, *,
         multiply_linear_by_lr: bool) -> None:
    """Follow the regularised leader. McMahan et al., 2013."""
    _ftrl(var, accum, linear, grad, grad, lr, l1, l2, lr_power, multiply_linear_by_lr)


def ftrl_v2(var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, l2_shrinkage: Any, lr_power: Any,
            *, multiply_linear_by_lr: bool) -> None:
    """As `ftrl`, with a penalty on the weights themselves."""
    shrunk = grad + var * (l2_shrinkage * var.dtype.type(2))
    _ftrl(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power, multiply_linear_by_lr)


def _ftrl(var: Any, accum: Any, linear: Any, grad: Any, shrunk: Any, lr: Any, l1: Any, l2: Any, lr_power: Any,
          multiply: bool) -> None:
    two = var.dtype.type(2)
    new_accum = accum + grad * grad
    if lr_power == -0.5:
        new_root, root = np.sqrt(new_accum), np.sqrt(accum)
    else:
        new_root, root = np.power(new_accum, -lr_power), np.power(accum, -lr_power)
    if multiply:
        linear += shrunk * lr - (new_root - root) * var
        quadratic = new_root + two * l2 * lr
        limit = l1 * lr
    else:
        linear += shrunk - (new_root - root) / lr * var
        quadratic = new_root / lr + two * l2
        limit = l1
    clipped = np.clip(linear, -limit, limit)
    var[...] = np.where(np.abs(linear) > limit, (clipped - linear) / quadratic, var.dtype.type(0))
    accum[...] = new_accum


def proximal_gradient_descent(var: Any, alpha: Any, l1: Any, l2: Any, delta: Any) -> None:
    """A step of gradient descent, then the proximal step for L1 and L2. Duchi and Singer, 2009."""
    var[...] = _proximal(var - delta * alpha, alpha, l1, l2)


def proximal_adagrad(var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any) -> None:
    """A step of Adagrad, then the proximal step for L1 and L2."""
    accum += grad * grad
    rate = lr / np.sqrt(accum)
    var[...] = _proximal(var - grad * rate, rate, l1, l2)


def _proximal(point: Any, rate: Any, l1: Any, l2: Any) -> Any:
    zero, one = point.dtype.type(0), point.dtype.type(1)
    if l1 > 0:
        point = np.sign(point) * np.maximum(np.abs(point) - rate * l1, zero)
    return point / (one + rate * l2)


def add_sign(var: Any, m: Any, lr: Any, alpha: Any, sign_decay: Any, beta: Any, grad: Any) -> None:
    """Larger steps where gradient and its mean agree. Bello et al., 2017."""
    m *= beta
    m += grad * (var.dtype.type(1) - beta)
    var -= lr * (alpha + sign_decay * (np.sign(grad) * np.sign(m))) * grad


def power_sign(var: Any, m: Any, lr: Any, logbase: Any, sign_decay: Any, beta: Any, grad: Any) -> None:
    """As `add_sign`, with a power. Bello et al., 2017."""
    m *= beta
    m += grad * (var.dtype.type(1) - beta)
    var -= lr * np.exp(logbase * sign_decay * (np.sign(grad) * np.sign(m))) * grad


# ---------------------------------------------------------------------- the ops made of them


@dataclass(frozen=True, slots=True)
class _Row:
    """One optimiser: names of its arguments in the op's order; the first `cells` of them are variables."""

    name: str
    rule: _Rule
    cells: int
    dense: str
    sparse: str | None = None
    attrs: str = ""
    kinds: tuple[str, ...] = ("ref", "resource")


_FTRL_ATTRS = "; multiply_linear_by_lr:bool=False"
_NESTEROV = "; use_nesterov:bool=False"
_SLOTS = "; update_slots:bool=True"
_ADAM = "beta1_power lr beta1 beta2 epsilon grad"

TABLE = (
    _Row("GradientDescent", gradient_descent, 1, "var alpha delta"),
    _Row("Momentum", momentum, 2, "var accum lr grad momentum", "var accum lr grad indices momentum", _NESTEROV),
    _Row("KerasMomentum", keras_momentum, 2, "var accum lr grad momentum", "var accum lr grad indices momentum",
         _NESTEROV, ("resource",)),
    _Row("Adagrad", adagrad, 2, "var accum lr grad", "var accum lr grad indices", _SLOTS),
    _Row("AdagradV2", adagrad_v2, 2, "var accum lr epsilon grad", "var accum lr epsilon grad indices", _SLOTS),
    _Row("AdagradDA", adagrad_da, 3,
         "var gradient_accumulator gradient_squared_accumulator grad lr l1 l2 global_step",
         "var gradient_accumulator gradient_squared_accumulator grad indices lr l1 l2 global_step"),
    _Row("Adadelta", adadelta, 3, "var accum accum_update lr rho epsilon grad",
         "var accum accum_update lr rho epsilon grad indices"),
    _Row("RMSProp", rms_prop, 3, "var ms mom lr rho momentum epsilon grad",
         "var ms mom lr rho momentum epsilon grad indices"),
    _Row("CenteredRMSProp", centered_rms_prop, 4, "var mg ms mom lr rho momentum epsilon grad",
         "var mg ms mom lr rho momentum epsilon grad indices"),
    _Row("Adam", adam, 3, "var m v beta1_power beta2_power lr beta1 beta2 epsilon grad", None, _NESTEROV),
    _Row("AdamWithAmsgrad", adam_with_amsgrad, 4,
         "var m v vhat beta1_power beta2_power lr beta1 beta2 epsilon grad", None, "", ("resource",)),
    _Row("AdaMax", ada_max, 3, "var m v " + _ADAM),
    _Row("Ftrl", ftrl, 3, "var accum linear grad lr l1 l2 lr_power", "var accum linear grad indices lr l1 l2 lr_power",
         _FTRL_ATTRS),
    _Row("FtrlV2", ftrl_v2, 3, "var accum linear grad lr l1 l2 l2_shrinkage lr_power",
         "var accum linear grad indices lr l1 l2 l2_shrinkage lr_power", _FTRL_ATTRS),
    _Row("ProximalGradientDescent", proximal_gradient_descent, 1, "var alpha l1 l2 delta",
         "var alpha l1 l2 grad indices"),
    _Row("ProximalAdagrad", proximal_adagrad, 2, "var accum lr l1 l2 grad", "var accum lr l1 l2 grad indices"),
    _Row("AddSign", add_sign, 2, "var m lr alpha sign_decay beta grad"),
    _Row("PowerSign", power_sign, 2, "var m lr logbase sign_decay beta grad"),
)


def _arrays(cells: tuple[Cell, ...]) -> list[Any]:
    arrays = [cell.read() for cell in cells]
    for cell, array in zip(cells[1:], arrays[1:], strict=True):
        if array.shape != arrays[0].shape:
            raise InvalidArgumentError(None, None, f"var and {cell.name} do not have the same shape: "
                                       f"{list(arrays[0].shape)} {list(array.shape)}")
    return arrays


def _dense_kernel(row: _Row, kind: str) -> Callable[..., Any]:
    count = row.cells
    names = row.dense.split()
    grad_at = names.index("grad" if "grad" in names else "delta")

    def kernel(xp: Any, *args: Any, **attrs: Any) -> Any:
        arrays = _arrays(args[:count])
        if np.shape(args[grad_at]) != arrays[0].shape:
            raise InvalidArgumentError(None, None, f"var and grad do not have the same shape: "
                                       f"{list(arrays[0].shape)} {list(np.shape(args[grad_at]))}")
        rest = args[count:]
        if arrays[0].size <= _BLOCK:
            row.rule(*arrays, *rest, **attrs)
        else:
            _in_blocks(row.rule, arrays, rest, grad_at - count, attrs)
        return args[0] if kind == "ref" else None
    return kernel


def _in_blocks(rule: _Rule, arrays: list[Any], rest: tuple[Any, ...], grad_at: int, attrs: dict[str, Any]) -> None:
    """Updates a large variable piece by piece, on all cores: what a rule computes on the way stays in the cache."""
    if not all(array.flags.c_contiguous for array in arrays):
        rule(*arrays, *rest, **attrs)
        return
    flat = [array.reshape(-1) for array in arrays]
    grad = rest[grad_at].reshape(-1)

    def job(part: range) -> Callable[[], None]:
        def run() -> None:
            given = list(rest)
            with np.errstate(all="ignore"):  # a thread has its own settings
                for start in range(part.start, part.stop, _BLOCK):
                    stop = min(start + _BLOCK, part.stop)
                    given[grad_at] = grad[start:stop]
                    rule(*(array[start:stop] for array in flat), *given, **attrs)
        return run

    parallel([job(part) for part in shares(grad.size, cores() if grad.size >= 2 * _BLOCK else 1)])


def _sparse_kernel(row: _Row, kind: str) -> Callable[..., Any]:
    count = row.cells
    assert row.sparse is not None
    names = row.sparse.split()
    indices_at, grad_at = names.index("indices"), names.index("grad")

    def kernel(xp: Any, *args: Any, **attrs: Any) -> Any:
        arrays = _arrays(args[:count])
        indices = np.asarray(args[indices_at])
        if indices.size and (indices.min() < 0 or indices.max() >= arrays[0].shape[0]):
            bad = indices[(indices < 0) | (indices >= arrays[0].shape[0])][0]
            raise InvalidArgumentError(None, None, f"Index {bad} is out of range [0, {arrays[0].shape[0]}) of variable "
                                       f"'{args[0].name}'")
        # A row that comes twice is updated twice, one after the other, as in TensorFlow.
        once = np.unique(indices).size == indices.size
        groups = [indices] if once else [indices[i:i + 1] for i in range(indices.size)]
        start = 0
        for rows in groups:
            parts = [array[rows] for array in arrays]
            rest = list(args[count:])
            rest[grad_at - count] = args[grad_at][start:start + rows.size]
            del rest[indices_at - count]
            row.rule(*parts, *rest, **attrs)
            for array, part in zip(arrays, parts, strict=True):
                array[rows] = part
            start += rows.size
        return args[0] if kind == "ref" else None
    return kernel


def _shape_rule(row: _Row, kind: str, sparse: bool) -> Callable[..., Any]:
    """Variables of one shape, a gradient of that shape (or of rows), scalars."""
    names = (row.sparse or "").split() if sparse else row.dense.split()

    def rule(*args: Tensor) -> Any:
        given = dict(zip(names, args, strict=True))
        shape = TensorShape(None)
        for name in names[:row.cells]:
            shape = shape.merge_with(given[name].shape if kind == "ref" else handle_shape(given[name]))
        for name in names[row.cells:]:
            tensor = given[name]
            if name == "indices":
                tensor.shape.assert_has_rank(1)
            elif name not in ("grad", "delta"):
                tensor.shape.assert_has_rank(0)
            elif not sparse:
                shape = shape.merge_with(tensor.shape)
            elif shape.ndims is not None:
                tensor.shape.assert_is_compatible_with(given["indices"].shape.concatenate(shape[1:]))
        return shape if kind == "ref" else []
    return rule


def _define(row: _Row, kind: str, sparse: bool) -> None:
    names = (row.sparse or "").split() if sparse else row.dense.split()
    kinds = {"indices": "Tindices", "global_step": "int64"}
    inputs = ", ".join(
        f"{n}:{('ref T' if kind == 'ref' else 'resource') if i < row.cells else kinds.get(n, 'T')}"
        for i, n in enumerate(names))
    attrs = "T:type{@number}" + ("; Tindices:type{@index}" if sparse else "") + "; use_locking:bool=False" + row.attrs
    wanted = [a.split(":")[0].strip() for a in row.attrs.split(";") if a.strip()]
    kernel = _with_attrs((_sparse_kernel if sparse else _dense_kernel)(row, kind), wanted)
    prefix = ("Resource" if kind == "resource" else "") + ("Sparse" if sparse else "") + "Apply"
    define_op(prefix + row.name, inputs, "out:ref T" if kind == "ref" else "", attrs,
              shape=_shape_rule(row, kind, sparse), kernel=kernel, gradient=NO_GRADIENT,
              stateful=kind == "resource", writes=tuple(names[:row.cells]))


def _with_attrs(kernel: Callable[..., Any], wanted: list[str]) -> Callable[..., Any]:
    """Gives the kernel keyword-only parameters of just these names (that is how a kernel asks for attributes)."""
    parameters = [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
    parameters += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in wanted]
    kernel.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return kernel


for _row in TABLE:
    for _kind in _row.kinds:
        _define(_row, _kind, sparse=False)
        if _row.sparse is not None:
            _define(_row, _kind, sparse=True)
