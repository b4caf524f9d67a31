"""Shapes known when the graph is built: `tf.Dimension`, `tf.TensorShape`, and what broadcasting does to them.

Ground floor: imports its neighbours only (DTypes, for they are no dimensions; the wire, for `as_proto`). A shape
is a tuple of ints and Nones inside; Dimension objects are made only when a program asks for one, because the
engine makes thousands of shapes and never looks at them that way (`as_tuple` is its way in).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, overload

from core import proto
from core.dtypes import DType

__all__ = [
    "Dimension",
    "TensorShape",
    "as_dimension",
    "as_shape",
    "broadcast",
    "dimension_at_index",
    "dimension_value",
    "unknown_shape",
]

Dims = tuple[int | None, ...]


def _dimension_int(value: Any) -> int | None:
    """Checks one dimension and gives it as an int or None."""
    if value.__class__ is int:
        number: int = value
    elif value is None:
        return None
    elif isinstance(value, Dimension):
        return value._value
    elif isinstance(value, DType):
        raise TypeError(f"Cannot convert {value} to Dimension")
    else:
        try:
            number = int(value)
        except TypeError:
            raise TypeError(
                f"Dimension value must be integer or None or have an __index__ method, "
                f"got value '{value!r}' with type '{type(value)!r}'"
            ) from None
        if not isinstance(value, str | bytes) and number != value:
            raise ValueError(f"Ambiguous dimension: {value}")
    if number < 0:
        raise ValueError(f"Dimension {number} must be >= 0")
    return number


class Dimension:
    """One dimension of a shape: a number, or unknown until the run.

    Comparisons with an unknown dimension give None (neither true nor false), arithmetic an unknown dimension.

    Args:
        value: An int, None for unknown, or another Dimension.

    Raises:
        ValueError: if it is negative or not whole.

    Example:
        >>> Dimension(3) * 4 == 12, Dimension(None) == 3, Dimension(None) + 1, Dimension(7) // 2
        (True, None, Dimension(None), Dimension(3))
    """

    __slots__ = ("_value",)

    # As in TensorFlow: equality is not an equivalence (unknown doesn't equal unknown), so no hash.
    __hash__ = None  # type: ignore[assignment]

    _value: int | None

    def __init__(self, value: Any) -> None:
        self._value = _dimension_int(value)

    @property
    def value(self) -> int | None:
        """The number, or None if it is unknown."""
        return self._value

    def __repr__(self) -> str:
        return f"Dimension({self._value!r})"

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> int:
        return self.__index__()

    def __index__(self) -> int:
        if self._value is None:
            raise TypeError(
                "__index__ returned non-int (type NoneType): this dimension is unknown until the run. "
                "Use tf.shape(x)[i], or give the placeholder a known size."
            )
        return self._value

    def __reduce__(self) -> tuple[Any, ...]:
        return Dimension, (self._value,)

    def is_compatible_with(self, other: Any) -> bool:
        """Tells whether both may be the same number."""
        theirs = _dimension_int(other)
        return self._value is None or theirs is None or self._value == theirs

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError unless both may be the same number."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """Gives the Dimension that knows what both know.

        Raises:
            ValueError: if they are different numbers.
        """
        self.assert_is_compatible_with(other)
        return as_dimension(other) if self._value is None else Dimension(self._value)

    # Comparisons: None where one side is unknown. `==` and `!=` accept strangers, order doesn't.

    def __eq__(self, other: object) -> bool | None:  # type: ignore[override]
        try:
            theirs = _dimension_int(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self._value is None or theirs is None else self._value == theirs

    def __ne__(self, other: object) -> bool | None:  # type: ignore[override]
        try:
            theirs = _dimension_int(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self._value is None or theirs is None else self._value != theirs

    def __lt__(self, other: Any) -> bool | None:
        theirs = _dimension_int(other)
        return None if self._value is None or theirs is None else self._value < theirs

    def __le__(self, other: Any) -> bool | None:
        theirs = _dimension_int(other)
        return None if self._value is None or theirs is None else self._value <= theirs

    def __gt__(self, other: Any) -> bool | None:
        theirs = _dimension_int(other)
        return None if self._value is None or theirs is None else self._value > theirs

    def __ge__(self, other: Any) -> bool | None:
        theirs = _dimension_int(other)
        return None if self._value is None or theirs is None else self._value >= theirs

    # Arithmetic: unknown where one side is unknown.

    def __add__(self, other: Any) -> Dimension:
        try:
            theirs = _dimension_int(other)
        except (TypeError, ValueError):
            return NotImplemented
        return Dimension(None if self._value is None or theirs is None else self._value + theirs)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dimension:
        try:
            theirs = _dimension_int(other)
        except (TypeError, ValueError):
            return NotImplemented
        return Dimension(None if self._value is None or theirs is None else self._value - theirs)

    def __rsub__(self, other: Any) -> Dimension:
        return as_dimension(other) - self

    def __mul__(self, other: Any) -> Dimension:
        try:
            theirs = _dimension_int(other)
        except (TypeError, ValueError):
            return NotImplemented
        return Dimension(None if self._value is None or theirs is None else self._value * theirs)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Dimension:
        try:
            theirs = _dimension_int(other)
        except (TypeError, ValueError):
            return NotImplemented
        return Dimension(None if self._value is None or theirs is None else self._value // theirs)

    def __rfloordiv__(self, other: Any) -> Dimension:
        return as_dimension(other).__floordiv__(self)

    def __div__(self, other: Any) -> Dimension:
        """The name that TensorFlow 1 keeps from Python 2 for `//`."""
        return self.__floordiv__(other)

    def __truediv__(self, other: Any) -> Dimension:
        raise TypeError(
            f"unsupported operand type(s) for /: 'Dimension' and '{type(other).__name__}', "
            "please use // instead"
        )

    def __rtruediv__(self, other: Any) -> Dimension:
        raise TypeError(
            f"unsupported operand type(s) for /: '{type(other).__name__}' and 'Dimension', "
            "please use // instead"
        )

    def __mod__(self, other: Any) -> Dimension:
        theirs = _dimension_int(other)
        return Dimension(None if self._value is None or theirs is None else self._value % theirs)

    def __rmod__(self, other: Any) -> Dimension:
        return as_dimension(other).__mod__(self)


def _dims_of(dims: Any) -> Dims | None:
    """Reads what a shape may be given as: None, numbers, a shape, a TensorShapeProto."""
    if dims.__class__ is list or dims.__class__ is tuple:  # the common case first
        return tuple(map(_dimension_int, dims))
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims._dims
    if isinstance(dims, str | bytes):
        raise TypeError(
            f"A string has ambiguous TensorShape, please wrap in a list or convert to an int: {dims!s}"
        )
    if hasattr(dims, "unknown_rank") and hasattr(dims, "dim"):  # a TensorShapeProto, known by its fields
        if dims.unknown_rank:
            return None
        return tuple(None if dim.size == -1 else _dimension_int(dim.size) for dim in dims.dim)
    try:
        iterator = iter(dims)
    except TypeError:
        return (_dimension_int(dims),)
    return tuple(_dimension_int(dim) for dim in iterator)


class TensorShape:
    """The shape of a tensor: of known sizes, of known rank with unknown sizes, or of unknown rank.

    Args:
        dims: None (unknown rank), a list of ints, Nones and Dimensions, a number (rank 1), or another shape.

    Raises:
        ValueError: if a size is negative or not whole.
        TypeError: if `dims` is a string.

    Example:
        >>> TensorShape([2, None]), str(TensorShape([2, None])), str(TensorShape(None))
        (TensorShape([Dimension(2), Dimension(None)]), '(2, ?)', '<unknown>')
    """

    __slots__ = ("_dims",)

    _dims: Dims | None

    def __init__(self, dims: Any) -> None:
        self._dims = _dims_of(dims)

    @classmethod
    def from_tuple(cls, dims: Dims | None) -> TensorShape:
        """Makes a shape of a tuple known to be right (ints >= 0 and Nones), unchecked: our own way in."""
        made = object.__new__(cls)
        made._dims = dims
        return made

    def as_tuple(self) -> Dims | None:
        """The sizes as a tuple of ints and Nones, or None if the rank is unknown; costs nothing."""
        return self._dims

    @property
    def dims(self) -> list[Dimension] | None:
        """The Dimensions, or None if the rank is unknown."""
        return None if self._dims is None else [Dimension(dim) for dim in self._dims]

    @property
    def rank(self) -> int | None:
        """The number of dimensions, or None if it is unknown."""
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        """The old name of `rank`."""
        return None if self._dims is None else len(self._dims)

    def __repr__(self) -> str:
        return f"TensorShape({self.dims!r})"

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        texts = ["?" if dim is None else str(dim) for dim in self._dims]
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        """Whether the rank is known."""
        return self._dims is not None

    def __iter__(self) -> Iterator[Dimension]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(dim) for dim in self._dims])

    @overload
    def __getitem__(self, key: int) -> Dimension: ...

    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...

    def __getitem__(self, key: int | slice) -> Dimension | TensorShape:
        """One Dimension, or a shape for a slice; of an unknown rank, what can be said.

        Raises:
            ValueError: for a slice with a step of a shape with unknown rank.
        """
        dims = self._dims
        if dims is not None:
            if isinstance(key, slice):
                return TensorShape.from_tuple(dims[key])
            return Dimension(dims[key])
        if not isinstance(key, slice):
            return Dimension(None)
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        start = 0 if key.start is None else key.start
        if key.stop is None or start < 0 or key.stop < 0:
            return TensorShape.from_tuple(None)
        return unknown_shape(rank=key.stop - start)

    def num_elements(self) -> int | None:
        """The product of the sizes, or None if one is unknown."""
        if self._dims is None:
            return None
        product = 1
        for dim in self._dims:
            if dim is None:
                return None
            product *= dim
        return product

    def as_list(self) -> list[int | None]:
        """The sizes as a list of ints and Nones.

        Raises:
            ValueError: if the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def as_proto(self) -> Any:
        """This shape as a `TensorShapeProto`, with -1 for an unknown size."""
        if self._dims is None:
            return proto.TensorShapeProto(unknown_rank=True)
        return proto.TensorShapeProto(dim=[{"size": -1 if dim is None else dim} for dim in self._dims])

    def is_fully_defined(self) -> bool:
        """Tells whether every size is known."""
        return self._dims is not None and None not in self._dims

    def assert_is_fully_defined(self) -> None:
        """Raises ValueError unless every size is known."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def is_compatible_with(self, other: Any) -> bool:
        """Tells whether one full shape could be both."""
        mine, theirs = self._dims, as_shape(other)._dims
        if mine is None or theirs is None:
            return True
        if len(mine) != len(theirs):
            return False
        return all(a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True))

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError unless one full shape could be both."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_same_rank(self, other: Any) -> None:
        """Raises ValueError if the ranks are known and differ."""
        other = as_shape(other)
        if self._dims is not None and other._dims is not None and len(self._dims) != len(other._dims):
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_has_rank(self, rank: int) -> None:
        """Raises ValueError unless the rank is `rank` or unknown."""
        if self._dims is not None and len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")

    def merge_with(self, other: Any) -> TensorShape:
        """Gives the shape that knows what both know.

        Raises:
            ValueError: if they can't be the same shape.
        """
        shape: TensorShape = as_shape(other)
        mine, theirs = self._dims, shape._dims
        if mine is None:
            return shape
        if theirs is None:
            return self
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {shape} are not compatible")
        return TensorShape.from_tuple(tuple(b if a is None else a for a, b in zip(mine, theirs, strict=True)))

    def concatenate(self, other: Any) -> TensorShape:
        """Gives the sizes of this shape followed by those of `other`; unknown if one rank is."""
        theirs = as_shape(other)._dims
        if self._dims is None or theirs is None:
            return TensorShape.from_tuple(None)
        return TensorShape.from_tuple(self._dims + theirs)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        left: TensorShape = as_shape(other)
        return left.concatenate(self)

    def with_rank(self, rank: int) -> TensorShape:
        """Gives this shape, or an unknown one of that rank.

        Raises:
            ValueError: if the rank is known and another.
        """
        if self._dims is None:
            return unknown_shape(rank=rank)
        self.assert_has_rank(rank)
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """Gives this shape.

        Raises:
            ValueError: if the rank is known and less.
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """Gives this shape.

        Raises:
            ValueError: if the rank is known and greater.
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """Gives the narrowest shape that both are cases of: sizes that differ become unknown, as do ranks."""
        mine, theirs = self._dims, as_shape(other)._dims
        if mine is None or theirs is None or len(mine) != len(theirs):
            return TensorShape.from_tuple(None)
        return TensorShape.from_tuple(tuple(a if a == b else None for a, b in zip(mine, theirs, strict=True)))

    def __eq__(self, other: object) -> bool:
        """Whether both are written the same, unknown sizes included.

        TensorFlow 1.15 compares unknown sizes by the identity of their Dimension objects, by chance; here it
        is the rule of its later versions.
        """
        try:
            theirs = as_shape(other)._dims
        except (TypeError, ValueError):
            return NotImplemented
        return self._dims == theirs

    def __ne__(self, other: object) -> bool:
        """Whether both are known to differ.

        Raises:
            ValueError: if a rank is unknown, for then nothing is known.
        """
        try:
            theirs = as_shape(other)._dims
        except (TypeError, ValueError):
            return NotImplemented
        if self._dims is None or theirs is None:
            raise ValueError("The inequality of unknown TensorShapes is undefined.")
        return self._dims != theirs

    def __hash__(self) -> int:
        return hash(self._dims)

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (None if self._dims is None else list(self._dims),)


def as_dimension(value: Any) -> Dimension:
    """Gives `value` as a Dimension."""
    return value if isinstance(value, Dimension) else Dimension(value)


def as_shape(shape: Any) -> TensorShape:
    """Gives `shape` as a TensorShape."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def unknown_shape(rank: int | None = None, ndims: int | None = None) -> TensorShape:
    """Gives a shape of which nothing, or only the rank (`ndims` is its old name), is known.

    Example:
        >>> str(unknown_shape()), str(unknown_shape(rank=2))
        ('<unknown>', '(?, ?)')
    """
    rank = ndims if rank is None else rank
    return TensorShape.from_tuple(None if rank is None else (None,) * rank)


def dimension_value(dimension: Any) -> Any:
    """Gives a Dimension's value, and anything else as it is.

    Example:
        >>> dimension_value(Dimension(3)), dimension_value(3), dimension_value(None)
        (3, 3, None)
    """
    return dimension._value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """Gives the Dimension at `index`, an unknown one if the rank is unknown."""
    return shape[index]


def _broadcast_dim(a: int | None, b: int | None) -> int | None:
    """Broadcasts two sizes as TensorFlow's shape function does; raises ValueError if they don't fit."""
    if a == b:
        return a
    if a is None or b is None:
        known = b if a is None else a
        # 1 stretches to the unknown size; 0 may meet 0 or 1, so it too leaves the size open.
        return known if known is not None and known > 1 else None
    if a == 1:
        return b
    if b == 1:
        return a
    raise ValueError


def broadcast(a: Any, b: Any) -> TensorShape:
    """Gives the shape that two shapes broadcast to, from the last dimension on.

    Args:
        a: A shape, or what makes one; unknown sizes and ranks are allowed.
        b: The other one.

    Returns:
        The common shape; unknown where it can't be told yet.

    Raises:
        ValueError: if two known sizes differ and neither is 1.

    Example:
        >>> str(broadcast([5, 1, 3], [2, 1])), str(broadcast([None, 3], [1, 3])), str(broadcast([None], [4]))
        ('(5, 2, 3)', '(?, 3)', '(4,)')
    """
    first, second = as_shape(a), as_shape(b)
    mine, theirs = first._dims, second._dims
    if mine is None or theirs is None:
        return TensorShape.from_tuple(None)
    if mine == theirs:
        return first
    if len(mine) < len(theirs):
        mine, theirs = theirs, mine
    lead = len(mine) - len(theirs)
    try:
        tail = [_broadcast_dim(x, y) for x, y in zip(mine[lead:], theirs, strict=True)]
    except ValueError:
        raise ValueError(f"Incompatible shapes for broadcasting: {first} and {second}") from None
    return TensorShape.from_tuple((*mine[:lead], *tail))


def broadcast_all(shapes: Iterable[Any]) -> TensorShape:
    """Gives the shape that all `shapes` broadcast to; a scalar's for none."""
    common = TensorShape.from_tuple(())
    for shape in shapes:
        common = broadcast(common, shape)
    return common
