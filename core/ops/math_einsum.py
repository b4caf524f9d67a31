"""Einstein's summation: the `Einsum` op over any equation, its gradient again an Einsum."""

from __future__ import annotations

import re
import string
from typing import Any

import numpy as np

from core.graph import Tensor, apply_op, convert_n_to_tensor, define_op, name_scope
from core.shapes import TensorShape, broadcast, unknown_shape

__all__ = ["einsum"]


# ---------------------------------------------------------------------- the equation

def parse(equation: str, count: int) -> tuple[list[str], str]:
    """The subscripts of the inputs and of the output; ValueError where the equation is none.

    Example:
      >>> parse("ij,jk", 2)
      (['ij', 'jk'], 'ik')
    """
    text = equation.replace(" ", "")
    match = re.fullmatch(r"([a-zA-Z.,]*)(->([a-zA-Z.]*))?", text)
    if not match:
        raise ValueError(f"Indices have incorrect format: {equation}")
    inputs = match.group(1).split(",")
    if len(inputs) != count:
        raise ValueError(f"Expected {len(inputs)} arguments for equation {equation}, got {count}")
    for part in [*inputs, match.group(3) or ""]:
        if part.count(".") not in (0, 3) or ("." in part and "..." not in part):
            raise ValueError(f"Invalid use of '.' in equation {equation}")
    if match.group(2) is not None:
        output = match.group(3)
        unknown = set(output) - set("".join(inputs))
        if unknown or any(output.count(c) > 1 for c in output if c != "."):
            raise ValueError(f"Output subscripts of {equation} must be distinct and occur in the inputs")
    else:
        letters = "".join(inputs).replace(".", "")
        output = ("..." if "..." in match.group(1) else "") + "".join(
            sorted(c for c in set(letters) if letters.count(c) == 1))
    return inputs, output


def _labelled(part: str, dims: Any) -> tuple[dict[str, Any], Any]:
    """Sizes by letter, and the sizes that the ellipsis stands for."""
    before, dots, after = part.partition("...")
    if len(dims) < len(before) + len(after) or (not dots and len(dims) != len(before)):
        raise ValueError(f"Unexpected number of dimensions: subscripts '{part}' for shape {list(dims)}")
    sizes: dict[str, Any] = {}
    pairs = list(zip(before, dims)) + (list(zip(after, dims[len(dims) - len(after):])) if after else [])
    for letter, size in pairs:
        known = sizes.get(letter)
        if known is not None and size is not None and known != size:
            raise ValueError(f"Dimensions of label '{letter}' differ: {known} and {size}")
        sizes[letter] = size if known is None else known
    return sizes, tuple(dims[len(before):len(dims) - len(after)]) if dots else ()


# ---------------------------------------------------------------------- Einsum

def _einsum_shape(inputs: Any, *, equation: str) -> TensorShape:
    parts, output = parse(equation, len(inputs))
    sizes: dict[str, Any] = {}
    batch = TensorShape([])
    complete = True
    for part, tensor in zip(parts, inputs):
        dims = tensor.shape.as_tuple()
        if dims is None:
            complete = complete and "..." not in part
            continue
        mine, rest = _labelled(part, dims)
        for letter, size in mine.items():
            known = sizes.get(letter)
            if known is not None and size is not None and known != size and 1 not in (known, size):
                raise ValueError(f"Dimensions must be equal, but are {known} and {size} for label '{letter}' of "
                                 f"equation {equation}")
            sizes[letter] = size if known is None or (known == 1 and size is not None) else known
        batch = broadcast(batch, TensorShape(rest))
    if not complete and "..." in output:
        return unknown_shape()
    before, dots, after = output.partition("...")
    middle = batch.as_tuple() or () if dots else ()
    return TensorShape.from_tuple((*(sizes.get(c) for c in before), *middle, *(sizes.get(c) for c in after)))


def _einsum(xp: Any, inputs: Any, *, equation: str) -> Any:
    parts, output = parse(equation, len(inputs))
    for part, value in zip(parts, inputs):
        _labelled(part, value.shape)
    dtype = inputs[0].dtype
    narrow = dtype.itemsize == 2 and dtype.kind not in "iu"
    values = [v.astype(np.float32) for v in inputs] if narrow else inputs
    if "..." in "".join(parts) and "..." not in output:
        # Dimensions of an ellipsis that the output lacks are summed, which NumPy refuses to do.
        ranks = [v.ndim - len(p.replace("...", "")) for p, v in zip(parts, values) if "..." in p]
        letters = [c for c in string.ascii_letters if c not in "".join(parts)][:max(ranks)]
        parts = [p.replace("...", "".join(letters[len(letters) - (v.ndim - len(p) + 3):])) if "..." in p else p
                 for p, v in zip(parts, values)]
    result = np.einsum(f"{','.join(parts)}->{output}", *values, optimize=True)
    result = np.asarray(result)
    if result.dtype != dtype:
        result = result.astype(dtype)
    return result.copy() if result.base is not None or any(np.may_share_memory(result, v) for v in inputs) else result


def _einsum_grad(op: Any, grad: Any) -> list[Any]:
    parts, output = parse(op.attrs["equation"], len(op.inputs))
    results = []
    for index, (part, x) in enumerate(zip(parts, op.inputs)):
        others = [(p, t) for i, (p, t) in enumerate(zip(parts, op.inputs)) if i != index]
        results.append(_grad_by(part, x, others, output, grad))
    return results


def _grad_by(part: str, x: Tensor, others: list[tuple[str, Tensor]], output: str, grad: Any) -> Tensor:
    """The gradient by one input: an Einsum of the incoming gradient and the other inputs.

    A letter that only this input has was summed: its gradient repeats. A letter that it has twice is a diagonal.
    """
    terms = [output, *(p for p, _ in others)]
    tensors = [grad, *(apply_op("Conj", t) if t.dtype.is_complex else t for _, t in others)]
    there = set("".join(terms))
    distinct = "".join(dict.fromkeys(part.replace("...", "")))
    kept = [c for c in distinct if c in there]
    dots = "..." if "..." in part and "..." in "".join(terms) else ""
    value = apply_op("Einsum", tensors, equation=f"{','.join(terms)}->{dots}{''.join(kept)}")
    if dots == "" and part == "".join(kept):
        return value if _same(value, x) else _unbroadcast(value, x)
    lead = (x.shape.ndims or 0) - len(part.replace("...", "")) if "..." in part else 0
    if x.shape.ndims is None:
        raise ValueError(f"The gradient of an Einsum of '{part}' needs the rank of {x.name} while building.")
    # One factor of ones per missing letter, one identity matrix per letter that occurs twice.
    shape = apply_op("Shape", x)
    names = _axis_names(part, lead)
    middle = "".join(names[part.index("."):part.index(".") + lead]) if "..." in part else ""
    first = (middle if dots else "") + "".join(kept)
    factors: list[Tensor] = []
    labels: list[str] = []
    target: list[str] = []
    seen: set[str] = set()
    spare = iter(c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in names and c not in first)
    for axis, letter in enumerate(names):
        size = apply_op("StridedSlice", shape, [axis], [axis + 1], [1], shrink_axis_mask=1)
        if letter in seen:
            fresh = next(spare)
            eye = apply_op("MatrixDiag", apply_op("Fill", apply_op("Pack", [size]), _one(x)))
            factors.append(eye)
            labels.append(letter + fresh)
            target.append(fresh)
            continue
        seen.add(letter)
        target.append(letter)
        if letter not in first:
            factors.append(apply_op("Fill", apply_op("Pack", [size]), _one(x)))
            labels.append(letter)
    if dots and value.shape.ndims is not None and value.shape.ndims != len(first):
        value = _trim(value, len(first))
    if factors or first != "".join(target):
        value = apply_op("Einsum", [value, *factors], equation=f"{','.join([first, *labels])}->{''.join(target)}")
    return value if _same(value, x) else _unbroadcast(value, x)


def _axis_names(part: str, lead: int) -> list[str]:
    """One letter per axis: those of the ellipsis get letters of their own."""
    used = set(part)
    spare = [c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in used][:lead]
    before, dots, after = part.partition("...")
    return [*before, *(spare if dots else []), *after]


def _trim(value: Tensor, ndims: int) -> Tensor:
    extra = (value.shape.ndims or 0) - ndims
    return apply_op("Sum", value, np.arange(extra, dtype=np.int32))


def _one(x: Tensor) -> Tensor:
    return apply_op("Cast", 1.0, DstT=x.dtype.base_dtype)


def _same(value: Tensor, x: Tensor) -> bool:
    dims = x.shape.as_tuple()
    return value.shape.as_tuple() == dims and dims is not None and None not in dims


def _unbroadcast(value: Tensor, x: Tensor) -> Tensor:
    """Sums over axes along which `x` was repeated."""
    shape = apply_op("Shape", x)
    axes = apply_op("BroadcastGradientArgs", shape, apply_op("Shape", value))[0]
    return apply_op("Reshape", apply_op("Sum", value, axes), shape)


define_op("Einsum", "inputs:T*N", "output:T", "equation:string; N:int>=1; T:type", shape=_einsum_shape, kernel=_einsum,
          gradient=_einsum_grad)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """Multiplies tensors and sums over indices, as an equation in Einstein's notation says.

    Args:
      equation: Letters for the axes of each input, ``->``, letters of the output: ``"ij,jk->ik"`` is a matrix product.
        An ellipsis stands for axes that broadcast. Without ``->`` the output has the letters that occur once, sorted.
      *inputs: Tensors of one type.
      **kwargs: `name`, name of the scope; `optimize` is accepted.

    Returns:
      A Tensor.

    Raises:
      ValueError: The equation is none, or does not fit the inputs.  TypeError: An unknown keyword.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.einsum("ij,jk->ik", [[1, 2], [3, 4]], [[5, 6], [7, 8]])))
      [[19 22]
       [43 50]]

    Source: Einstein, "Die Grundlage der allgemeinen Relativitätstheorie", 1916.
    """
    name = kwargs.pop("name", None)
    kwargs.pop("optimize", None)
    if kwargs:
        raise TypeError("invalid keyword arguments for this function: " + ", ".join(sorted(kwargs)))
    with name_scope(name, "einsum", list(inputs)):
        tensors = convert_n_to_tensor(inputs)
        parse(equation, len(tensors))
        return apply_op("Einsum", tensors, equation=equation.replace(" ", ""))
