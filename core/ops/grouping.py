"""Ops that only order others: `no_op`, `group`, `tuple`, and the helper `with_dependencies`."""

from __future__ import annotations

from typing import Any

from core import nest
from core.graph import (
    NO_GRADIENT,
    IndexedSlices,
    Operation,
    SparseTensor,
    Tensor,
    apply_op,
    control_dependencies,
    convert_to_tensor_or_indexed_slices,
    define_op,
    device,
    name_scope,
)

__all__ = ["group", "no_op", "tuple"]


def _nothing(xp: Any) -> None:
    return None


define_op("NoOp", "", "", "", kernel=_nothing, gradient=NO_GRADIENT)


def no_op(name: str | None = None) -> Operation:
    """Does nothing: a place to hang control dependencies on.

    Args:
      name: Name of the operation.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(sess.run(tf.no_op()))
      None
    """
    op: Operation = apply_op("NoOp", name=name)
    return op


def _group_on(dev: str, deps: list[Operation], name: str | None = None) -> Operation:
    with control_dependencies(deps):
        if not dev:
            return no_op(name=name)
        with device(dev):
            return no_op(name=name)


def group(*inputs: Any, **kwargs: Any) -> Operation:
    """An operation that is done when all of `inputs` are done.

    Args:
      *inputs: Operations, tensors or variables, also in (nested) lists.
      name: Name of the operation.

    Raises:
      TypeError: An input is none of these.  ValueError: An unknown keyword.

    Example:
      >>> import core as tf
      >>> v, w = tf.Variable(1), tf.Variable(2)
      >>> with tf.Session() as sess:
      ...     sess.run(tf.group(v.initializer, w.initializer))
      ...     print(*sess.run([v, w]))
      1 2
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unknown keyword arguments: {', '.join(kwargs)}")
    flat = nest.flatten(inputs)
    with name_scope(name, "group_deps", flat) as scope:
        by_device: dict[str, list[Operation]] = {}
        for item in flat:
            op = item if isinstance(item, Operation) else getattr(item, "op", None)
            if not isinstance(op, Operation):
                raise TypeError(f"Expected tf.group() expected Tensor objects not '{item}' with type '{type(item)}'")
            by_device.setdefault(op.device, []).append(op)
        if not by_device:
            return no_op(name=scope)
        if len(by_device) == 1:
            ((dev, deps),) = by_device.items()
            return _group_on(dev, deps, name=scope)
        parts = [_group_on(dev, by_device[dev]) for dev in sorted(by_device)]
        with control_dependencies(parts):
            return no_op(name=scope)


def with_dependencies(dependencies: Any, output_tensor: Any, name: str | None = None) -> Any:
    """`output_tensor`, available only when `dependencies` are done."""
    with name_scope(name, "control_dependency", [*dependencies, output_tensor]) as scope, \
            output_tensor.graph.colocate_with(output_tensor.op), control_dependencies(dependencies):
        value = convert_to_tensor_or_indexed_slices(output_tensor)
        if isinstance(value, IndexedSlices):
            return IndexedSlices(apply_op("Identity", value.values, name=scope), value.indices, value.dense_shape)
        return apply_op("Identity", value, name=scope)


def tuple(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """The tensors, each available only when all of them are computed.

    Args:
      tensors: List of tensors, IndexedSlices or None.
      name: Name scope of the new operations.
      control_inputs: Further operations to wait for.

    Raises:
      ValueError: No tensor among `tensors`.  TypeError: `control_inputs` are no operations.

    Example:
      >>> import core as tf
      >>> with tf.Session() as sess:
      ...     print(*sess.run(tf.tuple([tf.constant(1), tf.constant(2)])))
      1 2
    """
    with name_scope(name, "tuple", [t for t in tensors if t is not None]):
        gating = [t if isinstance(t, Operation) else t.op for t in tensors if t is not None]
        for control in control_inputs or ():
            if isinstance(control, Tensor):
                control = control.op
            elif not isinstance(control, Operation):
                raise TypeError(f"Control input must be Operation or Tensor: {control}")
            gating.append(control)
        if not gating:
            raise ValueError(f"Must have at least one Tensor: {tensors}")
        gating.sort(key=lambda op: op._id)
        gate = group(*dict.fromkeys(gating))
        result: list[Any] = []
        for tensor in tensors:
            if tensor is None:
                result.append(None)
            elif isinstance(tensor, Operation):
                with control_dependencies([gate, tensor]):
                    result.append(no_op())
            elif isinstance(tensor, SparseTensor):
                values = with_dependencies([gate], tensor.values)
                result.append(SparseTensor(tensor.indices, values, tensor.dense_shape))
            else:
                result.append(with_dependencies([gate], tensor))
        return result
