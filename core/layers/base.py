"""`Layer`: base of all layers and recurrent cells. Its variables are made when it is first called."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from core import nest
from core.dtypes import as_dtype, float32
from core.graph import GraphKeys, Operation, Tensor, apply_op, convert_to_tensor, get_default_graph, name_scope
from core.ops.array_cast import cast
from core.replication import VariableAggregation, VariableSynchronization
from core.shapes import TensorShape
from core.variable_scopes import get_variable, get_variable_scope, variable_scope

__all__ = ["InputSpec", "Layer"]

_NAMES_KEY = ("__layer_names",)


def snake_case(name: str) -> str:
    """``BatchNormalization`` -> ``batch_normalization``, as layers are named by default."""
    spaced = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", spaced).lower()


class InputSpec:
    """What a layer wants of its input: type, shape, number of dimensions, sizes of some axes."""

    def __init__(self, dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
                 min_ndim: int | None = None, axes: dict[int, int] | None = None) -> None:
        self.dtype = dtype
        self.shape = shape
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim, self.min_ndim, self.axes = max_ndim, min_ndim, axes or {}

    def check(self, name: str, tensor: Tensor) -> None:
        """Raises ValueError where `tensor` is not as wanted."""
        rank = tensor.shape.ndims
        if rank is None:
            return
        if self.ndim is not None and rank != self.ndim:
            raise ValueError(f"Input 0 of layer {name} is incompatible with the layer: expected ndim={self.ndim}, "
                             f"found ndim={rank}. Full shape received: {tensor.shape.as_list()}")
        if self.max_ndim is not None and rank > self.max_ndim:
            raise ValueError(f"Input 0 of layer {name} is incompatible with the layer: expected "
                             f"max_ndim={self.max_ndim}, found ndim={rank}")
        if self.min_ndim is not None and rank < self.min_ndim:
            raise ValueError(f"Input 0 of layer {name} is incompatible with the layer: expected "
                             f"min_ndim={self.min_ndim}, found ndim={rank}. Full shape received: "
                             f"{tensor.shape.as_list()}")
        dims = tensor.shape.as_list()
        for axis, value in self.axes.items():
            if value is not None and dims[axis] not in (value, None):
                raise ValueError(f"Input 0 of layer {name} is incompatible with the layer: expected axis {axis} of "
                                 f"input shape to have value {value} but received input with shape {dims}")


class Layer:
    """A piece of a network with variables of its own.

    Subclasses make variables in `build` and compute in `call`.

    Args:
      trainable: If True, the variables are trained by default.
      name: Name; by default that of the class, made unique.
      dtype: Type of the variables; by default that of the first input.
    """

    trainable: bool = True
    input_spec: Any = None

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        self._scope_given = kwargs.pop("_scope", None)
        self._reuse = kwargs.pop("_reuse", None)
        regularizer = kwargs.pop("activity_regularizer", None)
        if kwargs:
            raise TypeError(f"Keyword argument not understood: {', '.join(sorted(kwargs))}")
        self.trainable = trainable
        self.built = False
        self.input_spec = None
        self.supports_masking = False
        self.stateful = False
        self._activity_regularizer = regularizer
        self._dtype = None if dtype is None else as_dtype(dtype).name
        self._graph: Any = None
        self._scope: Any = None
        self._trainable_weights: list[Any] = []
        self._non_trainable_weights: list[Any] = []
        self._losses: list[Any] = []
        self._updates: list[Any] = []
        self._metrics: list[Any] = []
        self._calls: list[tuple[Any, Any]] = []
        self._base_name = name or snake_case(type(self).__name__)
        self._name = name or _unique_layer_name(self._base_name)
        if self._scope_given is not None:
            self._set_scope(self._scope_given)

    # ------------------------------------------------------------------ identity

    @property
    def name(self) -> str:
        """Name of the layer."""
        return self._name

    @property
    def dtype(self) -> Any:
        """Type of the variables, or None before it is known."""
        return self._dtype

    @property
    def dynamic(self) -> bool:
        """False: layers build graphs."""
        return False

    @property
    def graph(self) -> Any:
        """The graph of the layer's variables."""
        return self._graph or get_default_graph()

    @property
    def scope_name(self) -> str:
        """Name of the variable scope; ValueError before the layer was called."""
        if self._scope is None:
            raise ValueError(f'No name available for layer scope because the layer "{self._name}" has not been used '
                             "yet. The scope name is determined the first time the layer instance is called. You must "
                             "therefore call the layer before querying `scope_name`.")
        name: str = self._scope.name
        return name

    @property
    def name_scope(self) -> Any:
        """A block that names operations under the layer."""
        return name_scope(self._name)

    @property
    def submodules(self) -> tuple[Any, ...]:
        """Layers inside this one."""
        return tuple(v for v in self.__dict__.values() if isinstance(v, Layer))

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: the method's operations are named under the layer."""
        def wrapped(self: Layer, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)
        return wrapped

    # ------------------------------------------------------------------ variables

    @property
    def trainable_weights(self) -> list[Any]:
        """Variables that are trained."""
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        """Variables that are not."""
        if self.trainable:
            return list(self._non_trainable_weights)
        return self._trainable_weights + self._non_trainable_weights

    @property
    def trainable_variables(self) -> list[Any]:
        """Alias of `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        """Alias of `non_trainable_weights`."""
        return self.non_trainable_weights

    @property
    def weights(self) -> list[Any]:
        """All variables."""
        return self.trainable_weights + self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        """Alias of `weights`."""
        return self.weights

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """Alias of `add_weight`."""
        return self.add_weight(*args, **kwargs)

    def add_weight(
        self, name: str, shape: Any, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
        trainable: bool | None = None, constraint: Any = None, use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE,
        partitioner: Any = None, **kwargs: Any,
    ) -> Any:
        """Makes (or finds, when sharing) a variable of the layer; arguments as `tf.get_variable`."""
        if kwargs:
            raise TypeError(f"Unknown keyword argument: {sorted(kwargs)[0]}")
        trainable = trainable is not False and synchronization is not VariableSynchronization.ON_READ
        dtype = dtype or self._dtype or float32
        self._set_scope(None)
        reuse = self.built or self._reuse
        before = set(map(id, get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES)))
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope, \
                name_scope(self._scope_name(scope)):
            variable = get_variable(
                name, shape=shape, dtype=as_dtype(dtype), initializer=initializer, regularizer=regularizer,
                trainable=trainable and self.trainable, constraint=constraint, use_resource=use_resource,
                synchronization=synchronization, aggregation=aggregation, partitioner=partitioner)
        for loss in get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES):
            if id(loss) not in before:
                self._losses.append(loss)
        target = self._trainable_weights if trainable else self._non_trainable_weights
        if all(v is not variable for v in target):
            target.append(variable)
        return variable

    def get_weights(self) -> list[Any]:
        """Values of the variables in the default session."""
        return [v.eval() for v in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Sets the variables in the default session; ValueError where number or shapes differ."""
        if len(weights) != len(self.weights):
            raise ValueError(f"You called set_weights on layer {self._name} with {len(weights)} arrays; it has "
                             f"{len(self.weights)} variables.")
        for variable, value in zip(self.weights, weights, strict=True):
            variable.load(value)

    def count_params(self) -> int:
        """Number of elements of all variables; ValueError before the layer is built."""
        if not self.built:
            raise ValueError(f"You tried to call `count_params` on {self._name}, but the layer isn't built. You can "
                             "build it manually via: `layer.build(batch_input_shape)`.")
        return sum(int(v.shape.num_elements() or 0) for v in self.weights)

    # ------------------------------------------------------------------ losses and updates

    @property
    def activity_regularizer(self) -> Any:
        """Function of the output whose result is a loss."""
        return self._activity_regularizer

    @activity_regularizer.setter
    def activity_regularizer(self, regularizer: Any) -> None:
        self._activity_regularizer = regularizer

    @property
    def losses(self) -> list[Any]:
        """Losses of this layer: regularisers', and those added."""
        return list(self._losses)

    @property
    def updates(self) -> list[Any]:
        """Operations to run with each training step."""
        return list(self._updates)

    @property
    def metrics(self) -> list[Any]:
        """Metrics added."""
        return list(self._metrics)

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds loss tensors; they join `GraphKeys.REGULARIZATION_LOSSES`."""
        for loss in nest.flatten(losses):
            value = loss() if callable(loss) and not isinstance(loss, Tensor) else loss
            if value is not None:
                self._losses.append(value)
                get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, value)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds update operations; they join `GraphKeys.UPDATE_OPS`."""
        for update in nest.flatten(updates):
            self._updates.append(update)
            get_default_graph().add_to_collection(GraphKeys.UPDATE_OPS, update)

    def add_metric(self, value: Any, aggregation: Any = None, name: str | None = None) -> None:
        """Adds a metric tensor."""
        self._metrics.append(value)

    def get_losses_for(self, inputs: Any) -> list[Any]:
        """Losses that depend on `inputs` (None: on no input)."""
        return self.losses

    def get_updates_for(self, inputs: Any) -> list[Any]:
        """Updates that depend on `inputs` (None: on no input)."""
        return self.updates

    # ------------------------------------------------------------------ calling

    def build(self, input_shape: Any) -> None:
        """Makes the variables; subclasses say which."""
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the output; subclasses say how."""
        return inputs

    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Alias of calling the layer."""
        return self(inputs, *args, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Static shape of the output for one of the input; NotImplementedError where the layer does not say."""
        raise NotImplementedError(f"{type(self).__name__} does not say what shape its output has.")

    def compute_output_signature(self, input_signature: Any) -> Any:
        """Shape and type of the output, as a pair."""
        shape = nest.map_structure(lambda s: s.shape, input_signature)
        return self.compute_output_shape(shape), self._dtype

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Passes the mask on."""
        return mask

    def _set_scope(self, scope: Any) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            with variable_scope(scope if scope is not None else self._base_name) as captured:
                self._scope = captured
        else:
            with variable_scope(scope, default_name=self._base_name) as captured:
                self._scope = captured

    def _scope_name(self, scope: Any) -> Any:
        return scope.original_name_scope

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        self._set_scope(kwargs.pop("scope", None))
        if self._graph is None:
            self._graph = get_default_graph()
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope, \
                name_scope(self._scope_name(scope)):
            inputs = nest.map_structure(_as_tensor, inputs)
            first = nest.flatten(inputs)
            if self._dtype is None and first:
                self._dtype = first[0].dtype.base_dtype.name
            if not self.built:
                self._check_input(first)
                shapes = nest.map_structure(lambda t: t.shape, inputs)
                self.build(shapes)
                self.built = True
            self._check_input(first)
            outputs = self.call(inputs, *args, **kwargs)
            if self._activity_regularizer is not None:
                with name_scope("ActivityRegularizer"):
                    for output in nest.flatten(outputs):
                        loss = self._activity_regularizer(output)
                        batch = cast(apply_op("StridedSlice", apply_op("Shape", output), [0], [1], [1],
                                              shrink_axis_mask=1), loss.dtype)
                        self.add_loss(apply_op("RealDiv", loss, batch), inputs=inputs)
        self._calls.append((inputs, outputs))
        return outputs

    def _check_input(self, tensors: list[Tensor]) -> None:
        specs = self.input_spec if isinstance(self.input_spec, (list, tuple)) else [self.input_spec]
        for spec, tensor in zip(specs, tensors, strict=False):
            if spec is not None and isinstance(tensor, Tensor):
                spec.check(self._name, tensor)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def __deepcopy__(self, memo: Any) -> Layer:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        for key, value in self.__dict__.items():
            made.__dict__[key] = list(value) if isinstance(value, list) else value
        return made

    # ------------------------------------------------------------------ what went in and out

    @property
    def inbound_nodes(self) -> list[Any]:
        """The calls so far."""
        return list(self._calls)

    @property
    def outbound_nodes(self) -> list[Any]:
        """Not kept."""
        return []

    def _call_at(self, node_index: int) -> tuple[Any, Any]:
        if not self._calls:
            raise AttributeError(
                f"The layer {self._name} has never been called and thus has no defined input or output.")
        if not -len(self._calls) <= node_index < len(self._calls):
            raise ValueError(f"Asked to get the input or output at node {node_index}, but the layer has only "
                             f"{len(self._calls)} inbound nodes.")
        return self._calls[node_index]

    def get_input_at(self, node_index: int) -> Any:
        """Input of a call."""
        return self._call_at(node_index)[0]

    def get_output_at(self, node_index: int) -> Any:
        """Output of a call."""
        return self._call_at(node_index)[1]

    def get_input_shape_at(self, node_index: int) -> Any:
        """Shape of the input of a call."""
        return nest.map_structure(lambda t: t.shape, self.get_input_at(node_index))

    def get_output_shape_at(self, node_index: int) -> Any:
        """Shape of the output of a call."""
        return nest.map_structure(lambda t: t.shape, self.get_output_at(node_index))

    def get_input_mask_at(self, node_index: int) -> None:
        """None: layers here keep no masks."""
        return None

    def get_output_mask_at(self, node_index: int) -> None:
        """None: layers here keep no masks."""
        return None

    @property
    def input(self) -> Any:
        """Input of the first call."""
        return self.get_input_at(0)

    @property
    def output(self) -> Any:
        """Output of the first call."""
        return self.get_output_at(0)

    @property
    def input_shape(self) -> Any:
        """Shape of the input of the first call, as a tuple."""
        return _shape_tuple(self.get_input_shape_at(0))

    @property
    def output_shape(self) -> Any:
        """Shape of the output of the first call, as a tuple."""
        return _shape_tuple(self.get_output_shape_at(0))

    @property
    def input_mask(self) -> None:
        """None: layers here keep no masks."""
        return None

    @property
    def output_mask(self) -> None:
        """None: layers here keep no masks."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Arguments that make an equal layer."""
        return {"name": self._name, "trainable": self.trainable, "dtype": self._dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes a layer from `get_config`."""
        return cls(**config)


def _as_tensor(value: Any) -> Any:
    if isinstance(value, (Operation, Tensor)) or (hasattr(value, "dense_shape") and hasattr(value, "indices")):
        return value
    return convert_to_tensor(value)


def _shape_tuple(shapes: Any) -> Any:
    if isinstance(shapes, TensorShape):
        return None if shapes.ndims is None else tuple(shapes.as_list())
    return nest.map_structure(_shape_tuple, shapes)


def _unique_layer_name(base: str) -> str:
    """``dense``, ``dense_1``, ... within the current variable scope."""
    ref = get_default_graph().get_collection_ref(_NAMES_KEY)
    if not ref:
        ref.append({})
    counts: dict[tuple[str, str], int] = ref[0]
    key = (get_variable_scope().name, base)
    count = counts.get(key, 0)
    counts[key] = count + 1
    return base if count == 0 else f"{base}_{count}"
