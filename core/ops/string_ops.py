"""Strings: join, split, cut, search, convert, hash. At run time a string tensor is an object array of bytes.

The functions follow tensorflow/python/ops/string_ops.py (1.15). `core.strings` is `tf.strings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from core.dtypes import DType, float32
from core.errors import InvalidArgumentError
from core.graph import (
    NO_GRADIENT,
    SparseTensor,
    Tensor,
    apply_op,
    convert_to_tensor,
    define_op,
)
from core.ops.math_broadcast import broadcast_shape
from core.ops.math_reduce import axes_of, reduced_shape
from core.shapes import TensorShape

__all__ = [
    "as_string", "reduce_join", "regex_replace", "string_join", "string_split", "string_strip", "string_to_number",
    "substr",
]


def each(function: Callable[..., Any], *arrays: Any, dtype: Any = object) -> Any:
    """`function` of each element, with broadcasting."""
    wide = np.broadcast_arrays(*arrays) if len(arrays) > 1 else [np.asarray(arrays[0])]
    out = np.empty(wide[0].shape, dtype)
    flat = out.reshape(-1)
    for at, items in enumerate(zip(*(w.reshape(-1) for w in wide), strict=True)):
        flat[at] = function(*items)
    return out


def _refuse(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


def _simple(op_type: str, function: Callable[..., Any], attrs: str = "", inputs: str = "input:string",
            output: str = "output:string", dtype: Any = object) -> None:
    """Defines an op that maps each string to one value."""
    define_op(op_type, inputs, output, attrs, shape=lambda x: x.shape, gradient=NO_GRADIENT,
              kernel=lambda xp, x: each(function, x, dtype=dtype))


# ---------------------------------------------------------------------- StringJoin, ReduceJoin


def _join(xp: Any, inputs: Any, *, separator: str) -> Any:
    sizes = {x.shape for x in inputs if x.ndim}
    if len(sizes) > 1:
        raise _refuse(f"Input shapes do not match: {sorted(map(list, sizes))}; tf.string_join takes scalars and "
                      "tensors of one shape")
    between = separator.encode()
    return each(lambda *parts: between.join(parts), *inputs)


def _join_shape(inputs: Any) -> TensorShape:
    shapes = [x.shape for x in inputs]
    if any(s.ndims is None for s in shapes):
        return TensorShape(None)
    result = TensorShape([])
    for item in shapes:
        if item.ndims:
            result = item if not result.ndims else result.merge_with(item)
    return result


define_op("StringJoin", "inputs:string*N", "output:string", "N:int>=0; separator:string=''", shape=_join_shape,
          kernel=_join, gradient=NO_GRADIENT)


def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """Joins strings of several tensors, element by element.

    Args:
      inputs: List of string tensors of one shape; scalars go with any.
      separator: Put between them.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.string_join(["a", ["b", "c"]], "-")))
      [b'a-b' b'a-c']
    """
    result: Tensor = apply_op("StringJoin", list(inputs), separator=separator, name=name)
    return result


def _reduce_join(xp: Any, inputs: Any, axes: Any, *, keep_dims: bool, separator: str) -> Any:
    order = [a % inputs.ndim for a in axes_of(inputs, axes)]
    kept = [a for a in range(inputs.ndim) if a not in order]
    moved = inputs.transpose(kept + order[::-1])  # the axis named first is joined first
    rows = moved.reshape([inputs.shape[a] for a in kept] + [-1])
    out = np.empty(rows.shape[:-1], object)
    for place in np.ndindex(*out.shape):
        out[place] = separator.encode().join(rows[place])
    if keep_dims:
        out = out.reshape([1 if a in order else inputs.shape[a] for a in range(inputs.ndim)])
    return out


define_op("ReduceJoin", "inputs:string, reduction_indices:int32", "output:string",
          "keep_dims:bool=False; separator:string=''",
          shape=lambda x, axes, *, keep_dims: reduced_shape(x, axes, keep_dims=keep_dims), kernel=_reduce_join,
          gradient=NO_GRADIENT)


def reduce_join(inputs: Any, axis: Any = None, keep_dims: Any = None, separator: str = "", name: str | None = None,
                reduction_indices: Any = None, keepdims: Any = None) -> Tensor:
    """Joins the strings along dimensions.

    Args:
      inputs: String tensor.
      axis: Dimension or dimensions, in the order of joining; by default all, the last one first.
      keepdims: Whether the dimensions stay, with size 1.
      separator: Put between the strings.
      name: Name of the operation.
      keep_dims, reduction_indices: Old names.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.reduce_join([["a", "b"], ["c", "d"]], 0)))
      [b'ac' b'bd']
    """
    inputs = convert_to_tensor(inputs, name="inputs")
    axis = reduction_indices if axis is None else axis
    keep = keep_dims if keepdims is None else keepdims
    if axis is None:
        if inputs.shape.ndims is None:
            raise ValueError("tf.reduce_join of a tensor of unknown rank needs `axis`")
        axis = np.arange(inputs.shape.ndims - 1, -1, -1, dtype=np.int32)
    result: Tensor = apply_op("ReduceJoin", inputs, axis, keep_dims=bool(keep), separator=separator, name=name)
    return result


# ---------------------------------------------------------------------- StringSplit, StringSplitV2


def _as_sparse(rows: list[list[bytes]]) -> list[Any]:
    indices = np.array([(r, c) for r, row in enumerate(rows) for c in range(len(row))], np.int64).reshape(-1, 2)
    values = np.empty(len(indices), object)
    values[:] = [item for row in rows for item in row]
    return [indices, values, np.array([len(rows), max(map(len, rows), default=0)], np.int64)]


def _split(xp: Any, x: Any, delimiter: Any, *, skip_empty: bool) -> list[Any]:
    if np.ndim(delimiter):
        raise _refuse(f"delimiter must be a scalar, got shape {list(np.shape(delimiter))}")
    marks = np.asarray(delimiter, object).item()
    rows = []
    for text in x.tolist():
        parts = re.split(b"[" + re.escape(marks) + b"]", text) if marks else [bytes([c]) for c in text]
        rows.append([p for p in parts if p] if skip_empty else parts if text else [])
    return _as_sparse(rows)


def _split_v2(xp: Any, x: Any, sep: Any, *, maxsplit: int) -> list[Any]:
    mark = np.asarray(sep, object).item()
    return _as_sparse([text.split(mark or None, maxsplit) for text in x.tolist()])


_SPLIT = "indices:int64, values:string, shape:int64"
define_op("StringSplit", "input:string, delimiter:string", _SPLIT, "skip_empty:bool=True", kernel=_split,
          gradient=NO_GRADIENT,
          shape=lambda x, d: (x.shape.with_rank(1), [TensorShape([None, 2]), TensorShape([None]), TensorShape([2])])[1])
define_op("StringSplitV2", "input:string, sep:string", _SPLIT, "maxsplit:int=-1", kernel=_split_v2,
          gradient=NO_GRADIENT,
          shape=lambda x, d: (x.shape.with_rank(1), [TensorShape([None, 2]), TensorShape([None]), TensorShape([2])])[1])


def string_split(source: Any, sep: Any = None, skip_empty: bool = True, delimiter: Any = None,
                 result_type: str = "SparseTensor", name: str | None = None) -> SparseTensor:
    """Splits each string of a vector; row i of the sparse result holds the parts of string i.

    Args:
      source: String vector.
      sep: The characters at which to split (by default a space); "" splits into bytes.
      skip_empty: Whether empty parts are left out.
      delimiter: Old name of `sep`.
      result_type: "SparseTensor".
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.string_split(["hello world", "a"])).values)
      [b'hello' b'world' b'a']
    """
    _only_sparse(result_type)
    sep = delimiter if sep is None else sep
    sep = convert_to_tensor(" " if sep is None else sep, dtype="string")
    return SparseTensor(*apply_op("StringSplit", convert_to_tensor(source, dtype="string"), sep,
                                  skip_empty=skip_empty, name=name))


def split(input: Any = None, sep: Any = None, maxsplit: int = -1, result_type: str = "SparseTensor",
          source: Any = None, name: str | None = None) -> SparseTensor:
    """Splits each string of a vector as Python's `bytes.split` does.

    Args:
      input: String vector.
      sep: What stands between the parts, as a whole; by default any white space.
      maxsplit: The most splits of a string; -1 for all.
      result_type: "SparseTensor".
      source: Old name of `input`.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.strings.split(["a, b", "c"], ", ")).values)
      [b'a' b'b' b'c']
    """
    _only_sparse(result_type)
    text = convert_to_tensor(source if input is None else input, dtype="string")
    return SparseTensor(*apply_op("StringSplitV2", text, convert_to_tensor("" if sep is None else sep, dtype="string"),
                                  maxsplit=maxsplit, name=name))


def _only_sparse(result_type: str) -> None:
    if result_type != "SparseTensor":
        raise ValueError(f"result_type must be 'SparseTensor' (there are no ragged tensors here), got {result_type!r}")


# ---------------------------------------------------------------------- Substr, StringLength, StringStrip, case


def _substr(xp: Any, x: Any, pos: Any, length: Any, *, unit: str) -> Any:
    def cut(text: bytes, start: int, count: int) -> bytes:
        whole: Any = text.decode() if unit == "UTF8_CHAR" else text
        first = start + len(whole) if start < 0 else start
        if not 0 <= first <= len(whole):
            raise _refuse(f"pos {start} out of range for string {text!r}")
        part = whole[first:first + max(count, 0)]
        return part.encode() if unit == "UTF8_CHAR" else part
    return each(cut, x, pos, length)


define_op("Substr", "input:string, pos:T, len:T", "output:string",
          "T:type{int32,int64}; unit:string='BYTE'{BYTE,UTF8_CHAR}", kernel=_substr, gradient=NO_GRADIENT,
          shape=lambda input, pos, length: broadcast_shape(input, pos))


def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """Parts of strings.

    Args:
      input: String tensor.
      pos: Where the part begins; from the end where negative. Broadcasts with `input`.
      len: How long it is at most.
      name: Name of the operation.
      unit: "BYTE" or "UTF8_CHAR".

    Raises:
      InvalidArgumentError: At run time, where `pos` lies outside of a string.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.substr(["hello", "world"], 1, 3)))
      [b'ell' b'orl']
    """
    result: Tensor = apply_op("Substr", input, pos, len, unit=unit, name=name)
    return result


define_op("StringLength", "input:string", "output:int32", "unit:string='BYTE'{BYTE,UTF8_CHAR}",
          shape=lambda x: x.shape, gradient=NO_GRADIENT,
          kernel=lambda xp, x, *, unit: each(lambda s: len(s.decode() if unit == "UTF8_CHAR" else s), x,
                                             dtype=np.int32))
_simple("StringStrip", lambda s: s.strip())
for _name, _change in (("Lower", "lower"), ("Upper", "upper")):
    define_op(f"String{_name}", "input:string", "output:string", "encoding:string=''", shape=lambda x: x.shape,
              gradient=NO_GRADIENT,
              kernel=lambda xp, x, *, encoding, how=_change: each(
                  lambda s: getattr(s.decode(), how)().encode() if encoding else getattr(s, how)(), x))


def string_length(input: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """How many bytes (or UTF-8 characters) each string has.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.strings.length(["", "abc"])))
      [0 3]
    """
    result: Tensor = apply_op("StringLength", input, unit=unit, name=name)
    return result


def string_strip(input: Any, name: str | None = None) -> Tensor:
    """Takes white space off both ends.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.string_strip([" a b "])))
      [b'a b']
    """
    result: Tensor = apply_op("StringStrip", input, name=name)
    return result


def string_lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Small letters; only those of ASCII unless `encoding` is "utf-8".

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.strings.lower("Ab")))
      b'ab'
    """
    result: Tensor = apply_op("StringLower", input, encoding=encoding, name=name)
    return result


def string_upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Capital letters; only those of ASCII unless `encoding` is "utf-8".

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.strings.upper("Ab")))
      b'AB'
    """
    result: Tensor = apply_op("StringUpper", input, encoding=encoding, name=name)
    return result


# ---------------------------------------------------------------------- regular expressions


def _replacer(pattern: bytes, rewrite: bytes, everywhere: bool) -> Callable[[bytes], bytes]:
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise _refuse(f"Invalid pattern: {pattern.decode(errors='replace')}, error: {error}") from None
    new = re.sub(rb"\\(\d)", rb"\\g<\1>", rewrite)
    return lambda text: found.sub(new, text, count=0 if everywhere else 1)


def _matcher(pattern: bytes) -> Callable[[bytes], bool]:
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise _refuse(f"Invalid pattern: {pattern.decode(errors='replace')}, error: {error}") from None
    return lambda text: found.fullmatch(text) is not None


def _item(x: Any) -> bytes:
    value: bytes = np.asarray(x, object).item()
    return value


define_op("RegexReplace", "input:string, pattern:string, rewrite:string", "output:string", "replace_global:bool=True",
          shape=lambda x, pattern, rewrite: x.shape, gradient=NO_GRADIENT,
          kernel=lambda xp, x, pattern, rewrite, *, replace_global: each(
              _replacer(_item(pattern), _item(rewrite), replace_global), x))
define_op("StaticRegexReplace", "input:string", "output:string",
          "pattern:string; rewrite:string; replace_global:bool=True", shape=lambda x: x.shape, gradient=NO_GRADIENT,
          kernel=lambda xp, x, *, pattern, rewrite, replace_global: each(
              _replacer(pattern.encode(), rewrite.encode(), replace_global), x))
define_op("RegexFullMatch", "input:string, pattern:string", "output:bool", "", shape=lambda x, pattern: x.shape,
          gradient=NO_GRADIENT, kernel=lambda xp, x, pattern: each(_matcher(_item(pattern)), x, dtype=bool))
define_op("StaticRegexFullMatch", "input:string", "output:bool", "pattern:string", shape=lambda x: x.shape,
          gradient=NO_GRADIENT, kernel=lambda xp, x, *, pattern: each(_matcher(pattern.encode()), x, dtype=bool))


def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True,
                  name: str | None = None) -> Tensor:
    r"""Replaces what a regular expression matches.

    Args:
      input: String tensor.
      pattern: Regular expression (Python's; RE2's in TensorFlow).
      rewrite: What takes its place; ``\1`` ... stand for the groups.
      replace_global: Whether every match is replaced, or the first only.
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.regex_replace(["a1b22"], "[0-9]+", "#")))
      [b'a#b#']
    """
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        result: Tensor = apply_op("StaticRegexReplace", input, pattern=pattern, rewrite=rewrite,
                                  replace_global=replace_global, name=name)
        return result
    result = apply_op("RegexReplace", input, pattern, rewrite, replace_global=replace_global, name=name)
    return result


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether a regular expression matches all of a string.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.strings.regex_full_match(["ab", "abc"], "a.")))
      [ True False]
    """
    if isinstance(pattern, (str, bytes)):
        result: Tensor = apply_op("StaticRegexFullMatch", input, pattern=pattern, name=name)
        return result
    result = apply_op("RegexFullMatch", input, pattern, name=name)
    return result


# ---------------------------------------------------------------------- numbers

def _number(xp: Any, x: Any, *, out_type: DType) -> Any:
    def parse(text: bytes) -> Any:
        try:
            if b"_" in text:
                raise ValueError
            value = float(text) if out_type.is_floating else int(text)
            if not out_type.is_floating and not out_type.min <= value <= out_type.max:
                raise ValueError
            return value
        except ValueError:
            raise _refuse(f"StringToNumberOp could not correctly convert string: {text.decode(errors='replace')}"
                          ) from None
    with np.errstate(over="ignore"):
        return each(parse, x, dtype=out_type.np_dtype)


define_op("StringToNumber", "string_tensor:string", "output:out_type",
          "out_type:type=float{float,double,int32,int64,uint32,uint64}", shape=lambda x: x.shape, kernel=_number,
          gradient=NO_GRADIENT)


def string_to_number(string_tensor: Any = None, out_type: Any = float32, name: str | None = None,
                     input: Any = None) -> Tensor:
    """Reads numbers from strings.

    Args:
      string_tensor: String tensor.
      out_type: float32, float64, int32 or int64.
      name: Name of the operation.
      input: Old name of `string_tensor`.

    Raises:
      InvalidArgumentError: At run time, where a string is no number of that type.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.string_to_number(["1.5", "-2"])))
      [ 1.5 -2. ]
    """
    result: Tensor = apply_op("StringToNumber", input if string_tensor is None else string_tensor, out_type=out_type,
                              name=name)
    return result


def _as_string(xp: Any, x: Any, *, T: DType, precision: int, scientific: bool, shortest: bool, width: int,
               fill: str) -> Any:
    if T.name == "string":
        return x
    if T.name == "bool":
        return each(lambda v: b"true" if v else b"false", x)
    start = "%" + (fill if width > -1 else "") + (str(width) if width > -1 else "")
    if T.is_floating or T.is_complex:
        start += (f".{precision}" if precision > -1 else "") + ("e" if scientific else "g" if shortest else "f")
    else:
        start += "d"
    if T.is_complex:
        return each(lambda v: f"({start % v.real},{start % v.imag})".encode(), x)
    return each(lambda v: (start % v).encode(), x)


define_op("AsString", "input:T", "output:string",
          "T:type{float,double,int32,uint8,int16,int8,int64,bfloat16,uint16,half,uint32,uint64,complex64,complex128,"
          "bool,variant,string}; precision:int=-1; scientific:bool=False; shortest:bool=False; width:int=-1; "
          "fill:string=''", shape=lambda x: x.shape, kernel=_as_string, gradient=NO_GRADIENT)


def as_string(input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1,
              fill: str = "", name: str | None = None) -> Tensor:
    """Writes numbers as strings, as C's printf does.

    Args:
      input: Tensor of numbers or truth values.
      precision: Digits after the point, of floats.
      scientific: Whether floats are written with an exponent.
      shortest: Whether the shorter of both forms is taken.
      width: The least number of characters.
      fill: What fills them: "0", or " " ...
      name: Name of the operation.

    Example:
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.as_string([3.14159, 2.0], precision=2)))
      [b'3.14' b'2.00']
    """
    result: Tensor = apply_op("AsString", input, precision=precision, scientific=scientific, shortest=shortest,
                              width=width, fill=fill, name=name)
    return result
