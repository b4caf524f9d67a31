"""Recurrent cells: one step of a recurrent net, with variables of its own."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from core import nest
from core.graph import Tensor, apply_op, constant_value, convert_to_tensor, name_scope
from core.initializers import constant_initializer, zeros_initializer
from core.layers.base import InputSpec, Layer
from core.ops.array_basic import zeros
from core.ops.array_join import concat, split
from core.ops.math_binary import add, multiply, subtract
from core.ops.math_unary import sigmoid, tanh
from core.ops.nn_activations import bias_add
from core.partitioned import fixed_size_partitioner
from core.shapes import TensorShape
from core.variable_scopes import get_variable_scope, variable_scope

__all__ = ["BasicLSTMCell", "BasicRNNCell", "GRUCell", "LSTMCell", "LSTMStateTuple", "MultiRNNCell", "RNNCell"]

_KERNEL, _BIAS = "kernel", "bias"


class LSTMStateTuple(namedtuple("LSTMStateTuple", ("c", "h"))):
    """State of an LSTM: the cell c and the output h."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """The type of both; TypeError where they differ."""
        c, h = self
        if c.dtype != h.dtype:
            raise TypeError(f"Inconsistent internal state: {c.dtype} vs {h.dtype}")
        return c.dtype


def _matmul(a: Any, b: Any) -> Tensor:
    return apply_op("MatMul", a, b)


def state_zeros(state_size: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros for a structure of sizes, with the batch in front."""
    static = constant_value(batch_size) if isinstance(batch_size, Tensor) else batch_size

    def make(size: Any) -> Tensor:
        dims = TensorShape(size).as_list() if not isinstance(size, int) else [size]
        if static is not None:
            return zeros([int(static), *dims], dtype)
        shape = concat([apply_op("ExpandDims", batch_size, 0), dims], 0)
        result = zeros(shape, dtype)
        result.set_shape([None, *dims])
        return result

    return nest.map_structure(make, state_size)


class RNNCell(Layer):
    """Base of all cells: ``output, new_state = cell(inputs, state)``."""

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype, **kwargs)

    @property
    def state_size(self) -> Any:
        """Size of the state, or a structure of sizes."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        """Size of the output."""
        raise NotImplementedError("Abstract method")

    def build(self, inputs_shape: Any = None) -> None:
        """Nothing to make: variables of old cells are made with tf.get_variable in `call`."""
        self.built = True

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        """One step.

        Args:
          inputs: ``[batch, size]``.
          state: State, of the structure of `state_size`.
          scope: Variable scope of the cell.
        """
        if type(self).call is Layer.call:
            raise NotImplementedError(
                f"{type(self).__name__} must say what a step computes: define call(inputs, state).")
        if scope is not None and not isinstance(scope, str):
            return super().__call__(inputs, state, *args, scope=scope, **kwargs)
        if not isinstance(self, LayerRNNCell):
            # An old-style cell asks for its variables in the scope that it is called in.
            if self._scope is None:
                self._scope = get_variable_scope()
            built, self.built = self.built, False
            try:
                return self._call_in_scope(inputs, state, *args, **kwargs)
            finally:
                self.built = built or True
        return super().__call__(inputs, state, *args, scope=scope, **kwargs)

    def _call_in_scope(self, inputs: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        inputs = nest.map_structure(convert_to_tensor, inputs)
        return self.call(inputs, state, *args, **kwargs)

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros for the batch of `inputs`, or of `batch_size` and `dtype`."""
        if inputs is not None:
            inputs = convert_to_tensor(inputs)
            known = inputs.shape.as_list()[0] if inputs.shape.ndims else None
            batch_size = known if known is not None else apply_op(
                "StridedSlice", apply_op("Shape", inputs), [0], [1], [1], shrink_axis_mask=1)
            dtype = inputs.dtype.base_dtype
        if batch_size is None or dtype is None:
            raise ValueError("batch_size and dtype cannot be None while constructing initial state: batch_size="
                             f"{batch_size}, dtype={dtype}")
        return self.zero_state(batch_size, dtype)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """A state of zeros.

        Args:
          batch_size: Number, or int32 scalar.
          dtype: Type.
        """
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            return state_zeros(self.state_size, batch_size, dtype)


class LayerRNNCell(RNNCell):
    """A cell whose variables are made in `build`, under the cell's own scope."""

    def _width(self, inputs_shape: Any) -> int:
        width = TensorShape(inputs_shape).as_list()[-1]
        if width is None:
            raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {inputs_shape}")
        return int(width)


class BasicRNNCell(LayerRNNCell):
    """The simplest recurrent cell: ``h = activation([x, h] @ kernel + bias)``.

    Args:
      num_units: Size of the state.
      activation: Function; tanh by default.
      reuse: If True, variables of that name are used again.
      name, dtype: As in `tf.layers.Layer`.

    Example:
      >>> cell = tf.nn.rnn_cell.BasicRNNCell(3)
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]

    Source: Elman, "Finding structure in time", 1990.
    """

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None,
                 dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = activation or tanh

    @property
    def state_size(self) -> int:
        """Size of the state."""
        return self._num_units

    @property
    def output_size(self) -> int:
        """Size of the output."""
        return self._num_units

    def build(self, inputs_shape: Any = None) -> None:
        """Makes kernel and bias."""
        width = self._width(inputs_shape)
        self._kernel = self.add_variable(_KERNEL, shape=[width + self._num_units, self._num_units])
        self._bias = self.add_variable(_BIAS, shape=[self._num_units], initializer=zeros_initializer(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """One step; the output is the new state."""
        gates = bias_add(_matmul(concat([inputs, state], 1), self._kernel), self._bias)
        output = self._activation(gates)
        return output, output


class GRUCell(LayerRNNCell):
    """Gated recurrent unit: ``r, u = sigmoid([x, h] W_g + b_g); c = act([x, r*h] W_c + b_c); h = u*h + (1-u)*c``.

    Args:
      num_units: Size of the state.
      activation: Function; tanh by default.
      reuse: If True, variables of that name are used again.
      kernel_initializer, bias_initializer: Initialisers; the gates' bias starts from ones by default.
      name, dtype: As in `tf.layers.Layer`.

    Example:
      >>> cell = tf.nn.rnn_cell.GRUCell(3)
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014.
    """

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, kernel_initializer: Any = None,
                 bias_initializer: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = activation or tanh
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    @property
    def state_size(self) -> int:
        """Size of the state."""
        return self._num_units

    @property
    def output_size(self) -> int:
        """Size of the output."""
        return self._num_units

    def build(self, inputs_shape: Any = None) -> None:
        """Makes kernels and biases of gates and candidate."""
        width = self._width(inputs_shape)
        units = self._num_units
        ones = constant_initializer(1.0, dtype=self.dtype)
        none = zeros_initializer(dtype=self.dtype)
        given = self._bias_initializer
        self._gate_kernel = self.add_variable("gates/kernel", shape=[width + units, 2 * units],
                                              initializer=self._kernel_initializer)
        self._gate_bias = self.add_variable("gates/bias", shape=[2 * units],
                                            initializer=ones if given is None else given)
        self._candidate_kernel = self.add_variable("candidate/kernel", shape=[width + units, units],
                                                   initializer=self._kernel_initializer)
        self._candidate_bias = self.add_variable("candidate/bias", shape=[units],
                                                 initializer=none if given is None else given)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """One step; the output is the new state."""
        gates = bias_add(_matmul(concat([inputs, state], 1), self._gate_kernel), self._gate_bias)
        r, u = split(value=sigmoid(gates), num_or_size_splits=2, axis=1)
        candidate = _matmul(concat([inputs, multiply(r, state)], 1), self._candidate_kernel)
        c = self._activation(bias_add(candidate, self._candidate_bias))
        one = convert_to_tensor(1, dtype=u.dtype.base_dtype)
        new_h = add(multiply(u, state), multiply(subtract(one, u), c))
        return new_h, new_h


class BasicLSTMCell(LayerRNNCell):
    """Long short-term memory without peepholes: gates i, j, f, o from one product of ``[x, h]`` and the kernel.

    ``c = c * sigmoid(f + forget_bias) + sigmoid(i) * tanh(j); h = tanh(c) * sigmoid(o)``.

    Args:
      num_units: Size of cell and output.
      forget_bias: Added to the forget gate: at the start, much is kept.
      state_is_tuple: If False, the state is c and h joined in one tensor (deprecated).
      activation: Function; tanh by default.
      reuse: If True, variables of that name are used again.
      name, dtype: As in `tf.layers.Layer`.

    Example:
      >>> cell = tf.nn.rnn_cell.BasicLSTMCell(3)
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Zaremba et al., 2014.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True, activation: Any = None,
                 reuse: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units, self._forget_bias, self._state_is_tuple = num_units, forget_bias, state_is_tuple
        self._activation = activation or tanh

    @property
    def state_size(self) -> Any:
        """Sizes of c and h."""
        return LSTMStateTuple(self._num_units, self._num_units) if self._state_is_tuple else 2 * self._num_units

    @property
    def output_size(self) -> int:
        """Size of the output."""
        return self._num_units

    def build(self, inputs_shape: Any = None) -> None:
        """Makes kernel and bias."""
        width = self._width(inputs_shape)
        self._kernel = self.add_variable(_KERNEL, shape=[width + self._num_units, 4 * self._num_units])
        self._bias = self.add_variable(_BIAS, shape=[4 * self._num_units],
                                       initializer=zeros_initializer(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """One step; the output is the new h."""
        c, h = state if self._state_is_tuple else split(value=state, num_or_size_splits=2, axis=1)
        gates = bias_add(_matmul(concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=1)
        forget = convert_to_tensor(self._forget_bias, dtype=f.dtype.base_dtype)
        new_c = add(multiply(c, sigmoid(add(f, forget))), multiply(sigmoid(i), self._activation(j)))
        new_h = multiply(self._activation(new_c), sigmoid(o))
        return new_h, LSTMStateTuple(new_c, new_h) if self._state_is_tuple else concat([new_c, new_h], 1)


class LSTMCell(LayerRNNCell):
    """Long short-term memory with optional peepholes, clipping and projection.

    Args:
      num_units: Size of the cell.
      use_peepholes: If True, the gates see the cell too, through diagonal weights.
      cell_clip: Bound on the cell's values, or None.
      initializer: Initialiser of the weights.
      num_proj: Size of the projected output, or None.
      proj_clip: Bound on the projected output, or None.
      num_unit_shards, num_proj_shards: Number of parts of the matrices (deprecated).
      forget_bias, state_is_tuple, activation, reuse, name, dtype: As in `BasicLSTMCell`.

    Example:
      >>> cell = tf.nn.rnn_cell.LSTMCell(5, use_peepholes=True, num_proj=3)
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]

    Source: Sak et al., "Long short-term memory recurrent neural network architectures for large scale acoustic
      modeling", 2014.
    """

    def __init__(
        self, num_units: int, use_peepholes: bool = False, cell_clip: float | None = None, initializer: Any = None,
        num_proj: int | None = None, proj_clip: float | None = None, num_unit_shards: int | None = None,
        num_proj_shards: int | None = None, forget_bias: float = 1.0, state_is_tuple: bool = True,
        activation: Any = None, reuse: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units, self._use_peepholes, self._cell_clip = num_units, use_peepholes, cell_clip
        self._initializer, self._num_proj, self._proj_clip = initializer, num_proj, proj_clip
        self._num_unit_shards, self._num_proj_shards = num_unit_shards, num_proj_shards
        self._forget_bias, self._state_is_tuple = forget_bias, state_is_tuple
        self._activation = activation or tanh
        self._output = num_proj or num_units

    @property
    def state_size(self) -> Any:
        """Sizes of c and h."""
        if self._state_is_tuple:
            return LSTMStateTuple(self._num_units, self._output)
        return self._num_units + self._output

    @property
    def output_size(self) -> int:
        """Size of the output."""
        return self._output

    def build(self, inputs_shape: Any = None) -> None:
        """Makes kernel, bias, peepholes and projection."""
        width = self._width(inputs_shape)
        parts = fixed_size_partitioner(self._num_unit_shards) if self._num_unit_shards is not None else None
        self._kernel = self.add_variable(_KERNEL, shape=[width + self._output, 4 * self._num_units],
                                         initializer=self._initializer, partitioner=parts)
        self._bias = self.add_variable(_BIAS, shape=[4 * self._num_units],
                                       initializer=zeros_initializer(dtype=self.dtype))
        if self._use_peepholes:
            self._w_f_diag, self._w_i_diag, self._w_o_diag = (
                self.add_variable(n, shape=[self._num_units], initializer=self._initializer)
                for n in ("w_f_diag", "w_i_diag", "w_o_diag"))
        if self._num_proj is not None:
            parts = fixed_size_partitioner(self._num_proj_shards) if self._num_proj_shards is not None else None
            self._proj_kernel = self.add_variable(f"projection/{_KERNEL}", shape=[self._num_units, self._num_proj],
                                                  initializer=self._initializer, partitioner=parts)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        """One step; the output is the new h."""
        if self._state_is_tuple:
            c, h = state
        else:
            c, h = split(value=state, num_or_size_splits=[self._num_units, self._output], axis=1)
        gates = bias_add(_matmul(concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=1)
        f = add(f, convert_to_tensor(self._forget_bias, dtype=f.dtype.base_dtype))
        if self._use_peepholes:
            f = add(f, multiply(self._w_f_diag, c))
            i = add(i, multiply(self._w_i_diag, c))
        new_c = add(multiply(sigmoid(f), c), multiply(sigmoid(i), self._activation(j)))
        if self._cell_clip is not None:
            new_c = _clipped(new_c, self._cell_clip)
        if self._use_peepholes:
            o = add(o, multiply(self._w_o_diag, new_c))
        new_h = multiply(sigmoid(o), self._activation(new_c))
        if self._num_proj is not None:
            new_h = _matmul(new_h, self._proj_kernel)
            if self._proj_clip is not None:
                new_h = _clipped(new_h, self._proj_clip)
        return new_h, LSTMStateTuple(new_c, new_h) if self._state_is_tuple else concat([new_c, new_h], 1)


def _clipped(x: Tensor, bound: float) -> Tensor:
    dtype = x.dtype.base_dtype
    return apply_op("Maximum", apply_op("Minimum", x, convert_to_tensor(bound, dtype=dtype)),
                    convert_to_tensor(-bound, dtype=dtype))


class MultiRNNCell(RNNCell):
    """Cells stacked: the output of each is the input of the next.

    Args:
      cells: List of cells, from the lowest up; each an object of its own.
      state_is_tuple: If False, the states are joined in one tensor (deprecated).

    Raises:
      ValueError: No cells; nested states with `state_is_tuple` False.

    Example:
      >>> cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(n) for n in (5, 3)])
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]
    """

    def __init__(self, cells: Any, state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not isinstance(cells, (list, tuple)):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        self._cells, self._state_is_tuple = list(cells), state_is_tuple
        if not state_is_tuple and any(nest.is_nested(c.state_size) for c in cells):
            raise ValueError("Some cells return tuples of states, but the flag state_is_tuple is not set.  State sizes "
                             f"are: {[c.state_size for c in cells]}")

    @property
    def state_size(self) -> Any:
        """Sizes of all states."""
        sizes = tuple(c.state_size for c in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        """Size of the last cell's output."""
        return self._cells[-1].output_size

    @property
    def trainable_weights(self) -> list[Any]:
        """Variables of all cells."""
        return [w for c in self._cells for w in getattr(c, "trainable_weights", [])]

    @property
    def non_trainable_weights(self) -> list[Any]:
        """Variables of all cells that are not trained."""
        return [w for c in self._cells for w in getattr(c, "non_trainable_weights", [])]

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """States of zeros."""
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            if self._state_is_tuple:
                return tuple(c.zero_state(batch_size, dtype) for c in self._cells)
            return state_zeros(self.state_size, batch_size, dtype)

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        """One step of all cells."""
        if self._scope is None:
            with variable_scope(scope if isinstance(scope, str) else None, default_name="multi_rnn_cell") as captured:
                self._scope = captured
        with variable_scope(self._scope, auxiliary_name_scope=False) as entered, \
                name_scope(entered.original_name_scope):
            return self.call(inputs, state)

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of all cells."""
        at, current, states = 0, inputs, []
        for index, cell in enumerate(self._cells):
            with variable_scope(f"cell_{index}"):
                if self._state_is_tuple:
                    if not nest.is_nested(state):
                        raise ValueError(
                            f"Expected state to be a tuple of length {len(self.state_size)}, but received: {state}")
                    part = state[index]
                else:
                    part = apply_op("Slice", state, [0, at], [-1, cell.state_size])
                    at += cell.state_size
                current, new = cell(current, part)
                states.append(new)
        return current, tuple(states) if self._state_is_tuple else concat(states, 1)
