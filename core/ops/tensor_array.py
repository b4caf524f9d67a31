"""`TensorArray`: an array of tensors to be written and read one by one, in loops above all."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.dtypes import as_dtype, int32, int64
from core.graph import Tensor, apply_op, constant_value, control_dependencies, convert_to_tensor, name_scope
from core.ops import tensor_list  # noqa: F401  (defines the list ops)
from core.ops.constant import constant
from core.shapes import TensorShape

__all__ = ["TensorArray"]


class TensorArray:
    """An array of tensors; each operation on it gives a new TensorArray to go on with.

    Args:
      dtype: Type of the elements.
      size: Number of elements, an int32 scalar.
      dynamic_size: If True, writing behind the end makes it longer.
      clear_after_read, colocate_with_first_write_call, handle: Accepted.
      tensor_array_name: Accepted.
      flow: A flow to go on from.
      infer_shape: If True, all elements must have the shape of the first one written.
      element_shape: Shape of the elements, as far as known.
      name: Name scope.

    Raises:
      ValueError: Neither `size` nor `flow` is given; both are.

    Example:
      >>> import core as tf
      >>> ta = tf.TensorArray(tf.float32, size=2).write(0, 1.0).write(1, 5.0)
      >>> with tf.Session() as sess:
      ...     print(sess.run(ta.stack()))
      [1. 5.]
    """

    def __init__(
        self, dtype: Any, size: Any = None, dynamic_size: bool | None = None, clear_after_read: bool | None = None,
        tensor_array_name: str | None = None, handle: Any = None, flow: Any = None, infer_shape: bool = True,
        element_shape: Any = None, colocate_with_first_write_call: bool = True, name: str | None = None,
    ) -> None:
        del clear_after_read, tensor_array_name, colocate_with_first_write_call
        if flow is None and handle is not None:
            flow = handle
        if flow is None and size is None:
            raise ValueError("Size must be provided if handle is not provided")
        if flow is not None and size is not None:
            raise ValueError("Cannot provide both a handle and size at the same time")
        self._dtype = as_dtype(dtype).base_dtype
        self._dynamic_size = bool(dynamic_size)
        self._infer_shape = infer_shape
        # One list for all that come from this array: what one learns of the elements, the others know.
        self._element_shape: list[TensorShape] = [TensorShape(element_shape)]
        self._size = None if size is None else constant_value(convert_to_tensor(size, dtype=int32))
        with name_scope(name, "TensorArray", [size, flow]):
            if flow is not None:
                self._flow = flow
            else:
                self._flow = apply_op("TensorListReserve", self._shape_tensor(), convert_to_tensor(size, dtype=int32),
                                      element_dtype=self._dtype)

    @property
    def dtype(self) -> Any:
        """Type of the elements."""
        return self._dtype

    @property
    def flow(self) -> Tensor:
        """The value of the array at this point of the program."""
        return self._flow

    @property
    def handle(self) -> Tensor:
        """The same as `flow`."""
        return self._flow

    @property
    def element_shape(self) -> TensorShape:
        """Shape of the elements, as far as known."""
        return self._element_shape[0]

    @property
    def dynamic_size(self) -> bool:
        """True if writing behind the end makes the array longer."""
        return self._dynamic_size

    def _shape_tensor(self) -> Any:
        shape = self._element_shape[0]
        if shape.ndims is None:
            return constant(np.int32(-1), name="element_shape")
        dims = [-1 if d is None else d for d in shape.as_list()]
        return constant(np.array(dims, np.int32), name="element_shape")

    def _with_flow(self, flow: Tensor) -> TensorArray:
        array = TensorArray.__new__(TensorArray)
        array.__dict__.update(self.__dict__)
        array._flow = flow
        return array

    def _learn(self, shape: TensorShape) -> None:
        if not self._infer_shape:
            return
        known = self._element_shape[0]
        if not known.is_compatible_with(shape):
            raise ValueError(f"Inconsistent shapes: saw {shape} but expected {known} (and infer_shape=True)")
        self._element_shape[0] = known.merge_with(shape)

    def _value(self, value: Any) -> Tensor:
        tensor = convert_to_tensor(value, preferred_dtype=self._dtype, name="value")
        if tensor.dtype.base_dtype != self._dtype:
            raise TypeError(f"TensorArray dtype is {self._dtype.name} but value has dtype {tensor.dtype.name}.")
        return tensor

    def identity(self) -> TensorArray:
        """The same array behind an identity operation."""
        return self._with_flow(apply_op("Identity", self._flow))

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> TensorArray:
        """Gradients of arrays are arrays: `tf.gradients` finds them by itself."""
        return self._with_flow(apply_op("ZerosLike", self._flow if flow is None else flow, name=name))

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`."""
        value = apply_op("TensorListGetItem", self._flow, convert_to_tensor(index, dtype=int32), self._shape_tensor(),
                         element_dtype=self._dtype, name=name or "TensorArrayReadV3")
        value.set_shape(self._element_shape[0])
        return value

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with `value` at `index`."""
        tensor = self._value(value)
        self._learn(tensor.shape)
        flow = apply_op("TensorListSetItem", self._flow, convert_to_tensor(index, dtype=int32), tensor,
                        resize_if_index_out_of_bounds=self._dynamic_size, name=name or "TensorArrayWriteV3")
        return self._with_flow(flow)

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor, along a new first dimension."""
        count = -1 if self._size is None or self._dynamic_size else int(self._size)
        value = apply_op("TensorListStack", self._flow, self._shape_tensor(), element_dtype=self._dtype,
                         num_elements=count, name=name or "TensorArrayStack")
        value.set_shape(TensorShape([None]).concatenate(self._element_shape[0]))
        return value

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements at `indices` as one tensor."""
        value = apply_op("TensorListGather", self._flow, convert_to_tensor(indices, dtype=int32), self._shape_tensor(),
                         element_dtype=self._dtype, name=name or "TensorArrayGatherV3")
        value.set_shape(TensorShape([None]).concatenate(self._element_shape[0]))
        return value

    def concat(self, name: str | None = None) -> Tensor:
        """All elements joined along their first dimension."""
        value = apply_op("TensorListConcatV2", self._flow, self._shape_tensor(), np.array([], np.int64),
                         element_dtype=self._dtype, name=name or "TensorArrayConcatV3")[0]
        if self._element_shape[0].ndims is not None:
            value.set_shape([None, *self._element_shape[0].as_list()[1:]])
        return value

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array whose elements are the rows of `value`."""
        tensor = self._value(value)
        if tensor.shape.ndims is not None:
            self._learn(TensorShape(tensor.shape.as_list()[1:]))
        flow = apply_op("TensorListFromTensor", tensor, self._shape_tensor(), name=name or "TensorArrayUnstack")
        with control_dependencies([self._flow]):
            return self._with_flow(apply_op("Identity", flow))

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of `value` at `indices`."""
        tensor = self._value(value)
        if tensor.shape.ndims is not None:
            self._learn(TensorShape(tensor.shape.as_list()[1:]))
        flow = apply_op("TensorListScatterIntoExistingList", self._flow, tensor,
                        convert_to_tensor(indices, dtype=int32), name=name or "TensorArrayScatterV3")
        return self._with_flow(flow)

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array whose elements are pieces of `value`, of these lengths."""
        tensor = self._value(value)
        flow = apply_op("TensorListSplit", tensor, self._shape_tensor(), convert_to_tensor(lengths, dtype=int64),
                        name=name or "TensorArraySplitV3")
        return self._with_flow(flow)

    def size(self, name: str | None = None) -> Tensor:
        """Number of elements."""
        return apply_op("TensorListLength", self._flow, name=name or "TensorArraySizeV3")

    def close(self, name: str | None = None) -> Any:
        """Does nothing: the memory is free when nobody uses the array any more."""
        return apply_op("NoOp", name=name or "TensorArrayCloseV3")
