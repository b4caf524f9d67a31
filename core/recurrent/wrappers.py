"""Cells around cells: dropout, residual connections, devices."""

from __future__ import annotations

import hashlib
import numbers
from typing import Any

from core import nest
from core.graph import apply_op, convert_to_tensor, device
from core.ops.nn_dropout import dropout
from core.ops.random_ops import get_seed
from core.recurrent.cells import RNNCell

__all__ = ["DeviceWrapper", "DropoutWrapper", "ResidualWrapper"]


class _Wrapper(RNNCell):
    """A cell that calls another one."""

    def __init__(self, cell: Any) -> None:
        super().__init__()
        self._cell = cell

    @property
    def wrapped_cell(self) -> Any:
        """The cell inside."""
        return self._cell

    @property
    def state_size(self) -> Any:
        """Size of the inner cell's state."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """Size of the inner cell's output."""
        return self._cell.output_size

    @property
    def trainable_weights(self) -> list[Any]:
        """Variables of the inner cell."""
        return list(getattr(self._cell, "trainable_weights", []))

    @property
    def non_trainable_weights(self) -> list[Any]:
        """Variables of the inner cell that are not trained."""
        return list(getattr(self._cell, "non_trainable_weights", []))

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The inner cell's state of zeros."""
        return self._cell.zero_state(batch_size, dtype)


class DropoutWrapper(_Wrapper):
    """Dropout on inputs, outputs and states of a cell.

    Args:
      cell: The cell.
      input_keep_prob, output_keep_prob, state_keep_prob: Probabilities to keep an element.
      variational_recurrent: If True, the same elements are dropped at every step.
      input_size: Shape of the input, needed for variational input dropout.
      dtype: Type of input, state and output, needed for variational dropout.
      seed: Seed.
      dropout_state_filter_visitor: Function of a state: which parts are dropped; c of LSTMs is not by default.

    Raises:
      TypeError: `cell` is no cell.
      ValueError: A probability out of [0, 1]; no argument where variational dropout needs one.

    Example:
      >>> cell = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(3), output_keep_prob=0.5)
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]

    Source: Zaremba et al., "Recurrent neural network regularization", 2014; Gal and Ghahramani, 2016 (variational).
    """

    def __init__(
        self, cell: Any, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0, state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False, input_size: Any = None, dtype: Any = None, seed: int | None = None,
        dropout_state_filter_visitor: Any = None, **kwargs: Any,
    ) -> None:
        if not hasattr(cell, "state_size"):
            raise TypeError(f"The parameter cell is not an RNNCell: {cell!r}")
        super().__init__(cell)
        for name, value in (("input_keep_prob", input_keep_prob), ("state_keep_prob", state_keep_prob),
                            ("output_keep_prob", output_keep_prob)):
            if isinstance(value, numbers.Real) and not 0.0 <= float(value) <= 1.0:
                raise ValueError(f"Parameter {name} must be between 0 and 1: {value}")
        self._input_keep_prob, self._output_keep_prob = input_keep_prob, output_keep_prob
        self._state_keep_prob, self._seed = state_keep_prob, seed
        self._filter = dropout_state_filter_visitor or _drops
        self._variational = variational_recurrent
        self._masks: dict[str, list[Any]] = {}
        if variational_recurrent:
            if dtype is None:
                raise ValueError("When variational_recurrent=True, dtype must be provided")
            one = [1]

            def masks(sizes: Any, salt: str) -> list[Any]:
                return [apply_op("RandomUniform", convert_to_tensor(
                    [*one, *([s] if isinstance(s, int) else list(s))], name="shape"), dtype=dtype,
                    **_op_seeds(self._salted(salt, i))) for i, s in enumerate(nest.flatten(sizes))]

            self._masks["state"] = masks(cell.state_size, "state")
            self._masks["output"] = masks(cell.output_size, "output")
            if _active(input_keep_prob):
                if input_size is None:
                    raise ValueError("When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, "
                                     "input_size must be provided")
                self._masks["input"] = masks(input_size, "input")

    def _salted(self, prefix: str, index: int) -> int | None:
        """A seed of its own for each use, made from the wrapper's."""
        if self._seed is None:
            return None
        text = f"{self._seed}{prefix}_{index}".encode()
        return int(hashlib.md5(text).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropped(self, values: Any, salt: str, keep: Any, state: bool = False) -> Any:
        flat = nest.flatten(values)
        chosen = [True] * len(flat)
        if state:
            chosen = nest.flatten(_filtered(self._filter, values))
        result = []
        for index, value in enumerate(flat):
            if not chosen[index]:
                result.append(value)
            elif self._variational:
                mask = self._masks[salt][index]
                keep_t = convert_to_tensor(keep, dtype=value.dtype.base_dtype)
                kept = apply_op("Floor", apply_op("AddV2", mask, keep_t))
                out = apply_op("Mul", apply_op("RealDiv", value, keep_t), kept)
                out.set_shape(value.shape)
                result.append(out)
            else:
                result.append(dropout(value, keep_prob=keep, seed=self._salted(salt, index)))
        return nest.pack_sequence_as(values, result)

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        """One step of the cell, with dropout."""
        if _active(self._input_keep_prob):
            inputs = self._dropped(inputs, "input", self._input_keep_prob)
        output, new_state = self._cell(inputs, state, scope=scope) if scope is not None else self._cell(inputs, state)
        if _active(self._state_keep_prob):
            new_state = self._dropped(new_state, "state", self._state_keep_prob, state=True)
        if _active(self._output_keep_prob):
            output = self._dropped(output, "output", self._output_keep_prob)
        return output, new_state


def _op_seeds(seed: int | None) -> dict[str, Any]:
    first, second = get_seed(seed)
    return {"seed": first or 0, "seed2": second or 0}


def _active(keep: Any) -> bool:
    """False where everything is kept for sure."""
    return not isinstance(keep, numbers.Real) or keep < 1


def _drops(state: Any) -> Any:
    """By default all of a state is dropped but the c of an LSTM."""
    if hasattr(state, "_fields") and "c" in state._fields and "h" in state._fields:
        return type(state)(c=False, h=True)
    return True


def _filtered(visitor: Any, state: Any) -> Any:
    verdict = visitor(state)
    if nest.is_nested(verdict):
        return verdict
    if nest.is_nested(state):
        if not hasattr(state, "_fields"):
            return [_filtered(visitor, part) for part in state]
        return [verdict] * len(nest.flatten(state))
    return verdict


class ResidualWrapper(_Wrapper):
    """Adds the input to the output of a cell.

    Args:
      cell: The cell.
      residual_fn: Function of input and output in place of the sum.

    Example:
      >>> cell = tf.nn.rnn_cell.ResidualWrapper(tf.nn.rnn_cell.GRUCell(4))
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 4]

    Source: He et al., "Deep residual learning", 2016; Wu et al., 2016.
    """

    def __init__(self, cell: Any, residual_fn: Any = None, **kwargs: Any) -> None:
        super().__init__(cell)
        self._residual_fn = residual_fn

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        """One step of the cell, plus its input."""
        outputs, new_state = self._cell(inputs, state, scope=scope) if scope is not None else self._cell(inputs, state)
        if self._residual_fn is not None:
            return self._residual_fn(inputs, outputs), new_state
        nest.assert_same_structure(inputs, outputs)
        nest.map_structure(lambda i, o: i.shape.assert_is_compatible_with(o.shape), inputs, outputs)
        return nest.map_structure(lambda i, o: apply_op("AddV2", i, o), inputs, outputs), new_state


class DeviceWrapper(_Wrapper):
    """A cell on a device.

    Args:
      cell: The cell.
      device: Name of the device.

    Example:
      >>> cell = tf.nn.rnn_cell.DeviceWrapper(tf.nn.rnn_cell.GRUCell(3), "/cpu:0")
      >>> output, state = cell(tf.zeros([2, 4]), cell.zero_state(2, tf.float32))
      >>> output.shape.as_list()
      [2, 3]
    """

    def __init__(self, cell: Any, device: Any = None, **kwargs: Any) -> None:
        super().__init__(cell)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The inner cell's state of zeros, on the device."""
        with device(self._device):
            return self._cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        """One step of the cell, on the device."""
        with device(self._device):
            return self._cell(inputs, state, scope=scope) if scope is not None else self._cell(inputs, state)
