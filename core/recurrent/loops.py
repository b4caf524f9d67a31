"""Recurrent nets over a sequence: unrolled (`static_rnn`), as a loop (`dynamic_rnn`, `raw_rnn`), one way and both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import nest
from core.dtypes import as_dtype, int32
from core.graph import Tensor, apply_op, control_dependencies, convert_to_tensor
from core.ops.array_basic import shape as shape_op
from core.ops.array_cast import cast
from core.ops.array_join import concat
from core.ops.array_order import reverse_sequence
from core.ops.constant import constant
from core.ops.control_flow import while_loop
from core.ops.tensor_array import TensorArray
from core.recurrent.cells import state_zeros
from core.shapes import TensorShape
from core.variable_scopes import variable_scope

__all__ = [
    "bidirectional_dynamic_rnn", "dynamic_rnn", "raw_rnn", "static_bidirectional_rnn", "static_rnn",
    "static_state_saving_rnn",
]


def _check_cell(name: str, cell: Any) -> None:
    wanted = ("output_size", "state_size")
    if not all(hasattr(cell, w) for w in wanted) or not callable(cell):
        raise TypeError(f"The argument {name!r} ({cell}) is not an RNNCell: it must be callable and have "
                        "'output_size' and 'state_size'.")


def _swap_batch_and_time(x: Any) -> Any:
    """``[batch, time, ...]`` <-> ``[time, batch, ...]``."""
    if isinstance(x, TensorArray):
        return x
    x = convert_to_tensor(x)
    rank = x.shape.ndims
    if rank is not None and rank < 2:
        raise ValueError(f"Expected input tensor {x.name} to have rank at least 2, but saw shape: {x.shape}")
    if rank is None:
        rest = apply_op("Range", 2, apply_op("Rank", x), 1)
        return apply_op("Transpose", x, concat([[1, 0], rest], axis=0))
    result = apply_op("Transpose", x, [1, 0, *range(2, rank)])
    dims = x.shape.as_list()
    result.set_shape([dims[1], dims[0], *dims[2:]])
    return result


def _size_at(x: Tensor, axis: int) -> Any:
    """Size of an axis: a number where it is known, else a tensor."""
    if x.shape.ndims is not None and x.shape.as_list()[axis] is not None:
        return x.shape.as_list()[axis]
    return apply_op("StridedSlice", shape_op(x), [axis], [axis + 1], [1], shrink_axis_mask=1)


def _where_rows(rows: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Rows of `x` where `rows` holds, else of `y`."""
    result = apply_op("Select", rows, x, y)
    result.set_shape(x.shape.merge_with(y.shape) if x.shape.is_compatible_with(y.shape) else x.shape)
    return result


def _step(cell: Callable[..., Any], inputs: Any, state: Any, time: Any, lengths: Tensor | None, zero_output: Any,
          output_like: Any = None) -> tuple[Any, Any]:
    """One step; sequences that have ended keep their state and give zeros."""
    output, new_state = cell(inputs, state)
    nest.assert_same_structure(state, new_state, check_types=False)
    if lengths is None:
        return output, new_state
    going = apply_op("Greater", lengths, convert_to_tensor(time, dtype=int32))
    flat_zero = nest.flatten(zero_output(output))
    kept = [_where_rows(going, o, z) for o, z in zip(nest.flatten(output), flat_zero, strict=True)]
    states = [_where_rows(going, n, s) if n.shape.ndims != 0 else n
              for n, s in zip(nest.flatten(new_state), nest.flatten(state), strict=True)]
    return nest.pack_sequence_as(output, kept), nest.pack_sequence_as(state, states)


def _zeros_like_output(output: Any) -> Any:
    return nest.map_structure(lambda o: apply_op("ZerosLike", o), output)


def _lengths(sequence_length: Any, batch_size: Any) -> Tensor | None:
    if sequence_length is None:
        return None
    lengths = cast(convert_to_tensor(sequence_length), int32)
    if lengths.shape.ndims not in (None, 1):
        raise ValueError(f"sequence_length must be a vector of length batch_size, but saw shape: {lengths.shape}")
    lengths = apply_op("Identity", lengths, name="sequence_length")
    known = lengths.shape.as_list()[0] if lengths.shape.ndims == 1 else None
    if isinstance(batch_size, int) and known not in (None, batch_size):
        raise ValueError(f"sequence_length has {known} elements, but the batch has {batch_size}.")
    expected = apply_op("Pack", [convert_to_tensor(batch_size, dtype=int32)])
    equal = apply_op("All", apply_op("Equal", shape_op(lengths), expected), [0])
    check = apply_op("Assert", equal, ["Expected shape for sequence_length is the batch size:", expected,
                                       " but saw shape: ", shape_op(lengths)])
    with control_dependencies([check]):
        return apply_op("Identity", lengths, name="CheckSeqLen")


def static_rnn(cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
               scope: Any = None) -> tuple[list[Any], Any]:
    """A recurrent net unrolled: one copy of the cell for each step, all with the same variables.

    Args:
      cell: RNNCell.
      inputs: List of ``[batch, size]`` tensors, one for each step.
      initial_state: State at the start; by default zeros of `dtype`.
      dtype: Type of the state, where `initial_state` is not given.
      sequence_length: int32 ``[batch]``: steps of each sequence; behind its end the output is zero, the state stays.
      scope: Variable scope; by default "rnn".

    Returns:
      The list of outputs, and the final state.

    Raises:
      TypeError: `cell` is no cell, `inputs` no list.  ValueError: No inputs; a size that is not known; no dtype.

    Example:
      >>> import core as tf
      >>> cell = tf.nn.rnn_cell.BasicRNNCell(3)
      >>> outputs, state = tf.nn.static_rnn(cell, [tf.zeros([2, 4])] * 5, dtype=tf.float32)
      >>> len(outputs), state.shape.as_list()
      (5, [2, 3])
    """
    _check_cell("cell", cell)
    if not isinstance(inputs, (list, tuple)):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")
    outputs = []
    with variable_scope(scope or "rnn") as varscope:
        inputs = [nest.map_structure(convert_to_tensor, i) for i in inputs]
        first = nest.flatten(inputs[0])[0]
        if first.shape.ndims not in (None, 1) and first.shape.as_list()[-1] is None:
            raise ValueError("Input size (second dimension of inputs[0]) must be accessible via shape inference, but "
                             "saw value None.")
        batch_size = _size_at(first, 0)
        if initial_state is not None:
            state = initial_state
        else:
            if dtype is None:
                raise ValueError("If no initial_state is provided, dtype must be specified")
            state = cell.zero_state(batch_size, as_dtype(dtype))
        lengths = _lengths(sequence_length, batch_size)
        for time, item in enumerate(inputs):
            if time > 0:
                varscope.reuse_variables()
            output, state = _step(cell, item, state, time, lengths, _zeros_like_output)
            outputs.append(output)
    return outputs, state


def static_state_saving_rnn(cell: Any, inputs: Any, state_saver: Any, state_name: Any, sequence_length: Any = None,
                            scope: Any = None) -> tuple[list[Any], Any]:
    """`static_rnn` that takes its state from a saver and gives it back there.

    Args:
      cell, inputs, sequence_length, scope: As in `static_rnn`.
      state_saver: Object with ``state(name)`` and ``save_state(name, value)``.
      state_name: Name of the state, or a structure of names like the cell's state.
    """
    names = nest.flatten(state_name)
    initial = nest.pack_sequence_as(cell.state_size, [state_saver.state(n) for n in names])
    outputs, state = static_rnn(cell, inputs, initial_state=initial, sequence_length=sequence_length, scope=scope)
    saves = [state_saver.save_state(n, s) for n, s in zip(names, nest.flatten(state), strict=True)]
    with control_dependencies(saves):
        outputs[-1] = nest.map_structure(lambda o: apply_op("Identity", o), outputs[-1])
        state = nest.map_structure(lambda s: apply_op("Identity", s), state)
    return outputs, state


def dynamic_rnn(
    cell: Any, inputs: Any, sequence_length: Any = None, initial_state: Any = None, dtype: Any = None,
    parallel_iterations: int | None = None, swap_memory: bool = False, time_major: bool = False, scope: Any = None,
) -> tuple[Any, Any]:
    """A recurrent net as a loop over time: any number of steps, one copy of the cell.

    Args:
      cell: RNNCell.
      inputs: ``[batch, time, size]`` (``[time, batch, size]`` if `time_major`), or a structure of such tensors.
      sequence_length: int32 ``[batch]``: steps of each sequence; behind its end the output is zero, the state stays.
      initial_state: State at the start; by default zeros of `dtype`.
      dtype: Type of the state, where `initial_state` is not given.
      parallel_iterations, swap_memory: Accepted.
      time_major: Whether time comes first, in inputs and outputs.
      scope: Variable scope; by default "rnn".

    Returns:
      Outputs ``[batch, time, output size]`` (time first if `time_major`), and the final state.

    Raises:
      TypeError: `cell` is no cell.  ValueError: A size that is not known; no dtype.

    Example:
      >>> import core as tf
      >>> cell = tf.nn.rnn_cell.BasicLSTMCell(3)
      >>> outputs, state = tf.nn.dynamic_rnn(cell, tf.zeros([2, 5, 4]), dtype=tf.float32)
      >>> outputs.shape.as_list(), state.h.shape.as_list()
      ([2, 5, 3], [2, 3])
    """
    _check_cell("cell", cell)
    with variable_scope(scope or "rnn"):
        inputs = nest.map_structure(convert_to_tensor, inputs)
        if not time_major:
            inputs = nest.map_structure(_swap_batch_and_time, inputs)
        flat = nest.flatten(inputs)
        for tensor in flat:
            if tensor.shape.ndims is not None and tensor.shape.ndims > 2 and None in tensor.shape.as_list()[2:]:
                raise ValueError("Input size (depth of inputs) must be accessible via shape inference, but saw value "
                                 f"None ({tensor.name}, shape {tensor.shape}).")
        batch_size = _size_at(flat[0], 1)
        steps = _size_at(flat[0], 0)
        for tensor in flat[1:]:
            other = tensor.shape.as_list()[0]
            if isinstance(steps, int) and other is not None and other != steps:
                raise ValueError("Time steps is not the same for all the elements in the input in a batch: "
                                 f"{steps}, {other}.")
        if initial_state is not None:
            state = nest.map_structure(convert_to_tensor, initial_state)
        else:
            if dtype is None:
                raise ValueError("If there is no initial_state, you must give a dtype.")
            state = state_zeros(cell.state_size, batch_size, as_dtype(dtype))
        lengths = _lengths(sequence_length, batch_size)
        outputs, final = _loop(cell, inputs, flat, state, lengths, steps, batch_size, parallel_iterations or 32)
        if not time_major:
            outputs = nest.map_structure(_swap_batch_and_time, outputs)
        return outputs, final


def _loop(cell: Any, inputs: Any, flat: list[Tensor], state: Any, lengths: Tensor | None, steps: Any, batch_size: Any,
          parallel_iterations: int) -> tuple[Any, Any]:
    count = convert_to_tensor(steps, dtype=int32, name="time_steps")
    arrays = [TensorArray(t.dtype, size=count, element_shape=t.shape.as_list()[1:]).unstack(t) for t in flat]
    kinds = nest.flatten(state)
    dtype = kinds[0].dtype if kinds else flat[0].dtype
    static_batch = batch_size if isinstance(batch_size, int) else None
    out_shapes = [TensorShape([static_batch, *(TensorShape(s).as_list() if not isinstance(s, int) else [s])])
                  for s in nest.flatten(cell.output_size)]
    results = [TensorArray(dtype, size=count, element_shape=s) for s in out_shapes]
    last = apply_op("Maximum", 1, apply_op("Max", lengths, [0])) if lengths is not None else count
    bound = apply_op("Minimum", count, last) if lengths is not None else count

    def body(time: Tensor, written: Any, current: Any) -> Any:
        item = nest.pack_sequence_as(inputs, [a.read(time) for a in arrays])
        output, new_state = _step(cell, item, current, time, lengths, _zeros_like_output)
        new_state = nest.pack_sequence_as(current, nest.flatten(new_state))
        values = [a.write(time, v) for a, v in zip(written, nest.flatten(output), strict=True)]
        return apply_op("AddV2", time, 1), values, new_state

    invariants = [TensorShape([]), *[TensorShape(None)] * len(results),
                  *(TensorShape([None, *t.shape.as_list()[1:]]) if static_batch is None and t.shape.ndims else t.shape
                    for t in kinds)]
    _, final_arrays, final_state = while_loop(
        lambda time, *_: apply_op("Less", time, bound), body, (constant(0, name="time"), results, state),
        shape_invariants=invariants, parallel_iterations=parallel_iterations)
    outputs = []
    for array, shape in zip(final_arrays, out_shapes, strict=True):
        if lengths is not None:
            # Steps that no sequence reaches were not run: they are zeros.
            dims = [convert_to_tensor(batch_size, dtype=int32), *shape.as_list()[1:]]
            stacked = apply_op("TensorListStack", array.flow, apply_op("Pack", dims), element_dtype=array.dtype,
                               num_elements=steps if isinstance(steps, int) else -1, name="TensorArrayStack")
        else:
            stacked = array.stack()
        stacked.set_shape(TensorShape([steps if isinstance(steps, int) else None]).concatenate(shape))
        outputs.append(stacked)
    return nest.pack_sequence_as(cell.output_size, outputs), final_state


def raw_rnn(cell: Any, loop_fn: Callable[..., Any], parallel_iterations: int | None = None, swap_memory: bool = False,
            scope: Any = None) -> tuple[Any, Any, Any]:
    """A recurrent loop in which a function of yours decides on inputs, states and the end.

    Args:
      cell: RNNCell.
      loop_fn: ``(time, cell_output, cell_state, loop_state) -> (finished, next_input, next_state, emit,
        next_loop_state)``; called first with None in place of output and state.
      parallel_iterations, swap_memory: Accepted.
      scope: Variable scope; by default "rnn".

    Returns:
      (TensorArrays of what was emitted, final state, final loop state).

    Raises:
      TypeError: `cell` is no cell, `loop_fn` not callable.

    Example:
      >>> cell = tf.nn.rnn_cell.GRUCell(3)
      >>> def loop_fn(time, output, state, loop_state):
      ...     state = cell.zero_state(2, tf.float32) if output is None else state
      ...     return tf.fill([2], time >= 5), tf.zeros([2, 4]), state, output, None
      >>> arrays, state, _ = tf.nn.raw_rnn(cell, loop_fn)
      >>> state.shape.as_list()
      [2, 3]
    """
    _check_cell("cell", cell)
    if not callable(loop_fn):
        raise TypeError("loop_fn must be a callable")
    with variable_scope(scope or "rnn"):
        time = constant(0, dtype=int32)
        finished, next_input, state, emit_structure, loop_state = loop_fn(time, None, None, None)
        flat_input = nest.flatten(next_input)
        batch_size = _size_at(convert_to_tensor(flat_input[0]), 0)
        state = nest.map_structure(convert_to_tensor, state)
        has_loop_state = loop_state is not None
        loop_state = constant(0, dtype=int32) if loop_state is None else loop_state
        if emit_structure is not None:
            shapes = [convert_to_tensor(e).shape for e in nest.flatten(emit_structure)]
            kinds = [convert_to_tensor(e).dtype.base_dtype for e in nest.flatten(emit_structure)]
        else:
            emit_structure = cell.output_size
            shapes = [TensorShape(s if not isinstance(s, int) else [s]) for s in nest.flatten(emit_structure)]
            kinds = [nest.flatten(state)[0].dtype.base_dtype] * len(shapes)
        static = batch_size if isinstance(batch_size, int) else None
        emitted = [TensorArray(k, size=0, dynamic_size=True, element_shape=TensorShape([static]).concatenate(s))
                   for k, s in zip(kinds, shapes, strict=True)]

        def zero_emit() -> list[Tensor]:
            return [state_zeros(s.as_list() if s.ndims != 1 else s.as_list()[0], batch_size, k)
                    for s, k in zip(shapes, kinds, strict=True)]

        def body(time: Tensor, done: Tensor, current_input: Any, arrays: Any, current: Any, loop: Any) -> Any:
            output, cell_state = cell(current_input, current)
            nest.assert_same_structure(current, cell_state, check_types=False)
            cell_state = nest.pack_sequence_as(current, nest.flatten(cell_state))
            next_time = apply_op("AddV2", time, 1)
            next_done, upcoming, next_state, emit, next_loop = loop_fn(
                next_time, output, cell_state, loop if has_loop_state else None)
            next_state = nest.pack_sequence_as(current, [convert_to_tensor(s) for s in nest.flatten(next_state)])
            flat_emit = zero_emit() if emit is None else nest.flatten(emit)
            flat_emit = [_where_rows(done, z, convert_to_tensor(e))
                         for z, e in zip(zero_emit(), flat_emit, strict=True)]
            kept = [_where_rows(done, old, new) if new.shape.ndims not in (0,) else new
                    for old, new in zip(nest.flatten(current), nest.flatten(next_state), strict=True)]
            written = [a.write(time, e) for a, e in zip(arrays, flat_emit, strict=True)]
            all_done = apply_op("LogicalOr", next_done, done)
            return (next_time, all_done, upcoming, written, nest.pack_sequence_as(current, kept),
                    next_loop if has_loop_state and next_loop is not None else loop)

        def going(_: Tensor, done: Tensor, *rest: Any) -> Tensor:
            return apply_op("LogicalNot", apply_op("All", done, [0]))

        result = while_loop(going, body, (time, finished, next_input, emitted, state, loop_state),
                            parallel_iterations=parallel_iterations or 32)
        arrays = nest.pack_sequence_as(emit_structure, list(result[3]))
        return arrays, result[4], result[5] if has_loop_state else None


def _reversed(x: Any, lengths: Any, time_axis: int, batch_axis: int) -> Any:
    def reverse(t: Any) -> Tensor:
        if lengths is not None:
            return reverse_sequence(input=t, seq_lengths=lengths, seq_axis=time_axis, batch_axis=batch_axis)
        return apply_op("ReverseV2", t, [time_axis])
    return nest.map_structure(reverse, x)


def bidirectional_dynamic_rnn(
    cell_fw: Any, cell_bw: Any, inputs: Any, sequence_length: Any = None, initial_state_fw: Any = None,
    initial_state_bw: Any = None, dtype: Any = None, parallel_iterations: int | None = None, swap_memory: bool = False,
    time_major: bool = False, scope: Any = None,
) -> tuple[Any, Any]:
    """Two recurrent nets over a sequence: one forward, one backward; arguments as `dynamic_rnn`.

    Returns:
      (outputs forward, outputs backward), (final state forward, final state backward).

    Example:
      >>> forward, backward = tf.nn.rnn_cell.GRUCell(3), tf.nn.rnn_cell.GRUCell(2)
      >>> outputs, _ = tf.nn.bidirectional_dynamic_rnn(forward, backward, tf.zeros([7, 5, 4]), dtype=tf.float32)
      >>> [o.shape.as_list() for o in outputs]
      [[7, 5, 3], [7, 5, 2]]

    Source: Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
    """
    _check_cell("cell_fw", cell_fw)
    _check_cell("cell_bw", cell_bw)
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw_scope:
            forward, state_fw = dynamic_rnn(cell_fw, inputs, sequence_length, initial_state_fw, dtype,
                                            parallel_iterations, swap_memory, time_major, fw_scope)
        time_axis, batch_axis = (0, 1) if time_major else (1, 0)
        with variable_scope("bw") as bw_scope:
            inputs = nest.map_structure(convert_to_tensor, inputs)
            backwards = _reversed(inputs, sequence_length, time_axis, batch_axis)
            backward, state_bw = dynamic_rnn(cell_bw, backwards, sequence_length, initial_state_bw, dtype,
                                             parallel_iterations, swap_memory, time_major, bw_scope)
        backward = _reversed(backward, sequence_length, time_axis, batch_axis)
    return (forward, backward), (state_fw, state_bw)


def static_bidirectional_rnn(
    cell_fw: Any, cell_bw: Any, inputs: Any, initial_state_fw: Any = None, initial_state_bw: Any = None,
    dtype: Any = None, sequence_length: Any = None, scope: Any = None,
) -> tuple[list[Any], Any, Any]:
    """Two unrolled recurrent nets, one forward, one backward; arguments as `static_rnn`.

    Returns:
      (outputs joined, final state forward, final state backward).

    Example:
      >>> forward, backward = tf.nn.rnn_cell.GRUCell(3), tf.nn.rnn_cell.GRUCell(2)
      >>> outputs, _, _ = tf.nn.static_bidirectional_rnn(forward, backward, [tf.zeros([7, 4])] * 5, dtype=tf.float32)
      >>> len(outputs), outputs[0].shape.as_list()
      (5, [7, 5])
    """
    _check_cell("cell_fw", cell_fw)
    _check_cell("cell_bw", cell_bw)
    if not isinstance(inputs, (list, tuple)):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw_scope:
            forward, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=fw_scope)
        with variable_scope("bw") as bw_scope:
            backwards = _reversed_list(list(inputs), sequence_length)
            backward, state_bw = static_rnn(cell_bw, backwards, initial_state_bw, dtype, sequence_length,
                                            scope=bw_scope)
    backward = _reversed_list(backward, sequence_length)
    joined = [nest.map_structure(lambda a, b: concat([a, b], 1), f, g)
              for f, g in zip(forward, backward, strict=True)]
    return joined, state_fw, state_bw


def _reversed_list(items: list[Any], lengths: Any) -> list[Any]:
    if lengths is None:
        return list(reversed(items))
    stacked = apply_op("Pack", items, axis=0)
    back = reverse_sequence(input=stacked, seq_lengths=lengths, seq_axis=0, batch_axis=1)
    return list(apply_op("Unpack", back, num=len(items), axis=0))
