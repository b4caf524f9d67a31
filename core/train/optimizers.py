"""The optimisers of `tf.train`: which slots each keeps, and which update op it uses (core.ops.train_ops)."""

from __future__ import annotations

from typing import Any

from core.graph import IndexedSlices, Tensor, apply_op, control_dependencies, convert_to_tensor, get_default_graph
from core.initializers import constant_initializer, ones_initializer
from core.ops import train_ops  # noqa: F401  (defines the update ops)
from core.ops.array_basic import identity
from core.ops.array_cast import cast
from core.ops.constant import constant
from core.ops.grouping import group
from core.ops.math_unary import sqrt
from core.ops.state import assign, assign_sub
from core.train.optimizer import Optimizer
from core.variable_kinds import ResourceVariable

__all__ = [
    "AdadeltaOptimizer", "AdagradDAOptimizer", "AdagradOptimizer", "AdamOptimizer", "FtrlOptimizer",
    "GradientDescentOptimizer", "MomentumOptimizer", "ProximalAdagradOptimizer", "ProximalGradientDescentOptimizer",
    "RMSPropOptimizer",
]


class _TableOptimizer(Optimizer):
    """An optimiser whose update is one op: subclasses name its slots and hyper-parameters.

    The names in `_hyper` stand for attributes that hold tensors once `_prepare` has run; "grad" is the gradient.
    """

    _op: str
    _slot_names: tuple[str, ...] = ()
    _order: tuple[str, ...]  # hyper-parameters and "grad", in the order of the op's arguments after the slots
    _sparse_order: tuple[str, ...] | None = None
    _attrs: dict[str, Any]

    def _hyper(self, name: str, var: Any) -> Any:
        return cast(getattr(self, f"_{name}_tensor"), var.dtype.base_dtype)

    def _hypers(self, order: tuple[str, ...], var: Any) -> dict[str, Any]:
        return {name: self._hyper(name, var) for name in order if name not in ("grad", "indices")}

    def _cells(self, var: Any) -> list[Any]:
        cells = [var, *(self.get_slot(var, s) for s in self._slot_names)]
        return [c.handle for c in cells] if isinstance(var, ResourceVariable) else cells

    def _apply(self, prefix: str, order: tuple[str, ...], var: Any, grad: Any, indices: Any = None) -> Any:
        given = {**self._hypers(order, var), "grad": grad, "indices": indices}
        args = [given[n] for n in order]
        result = apply_op(prefix + self._op, *self._cells(var), *args, use_locking=self._use_locking, **self._attrs)
        return result.op if isinstance(result, Tensor) else result

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        return self._apply("Apply", self._order, var, grad)

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Any:
        return self._apply("ResourceApply", self._order, handle, grad)

    def _sparse(self) -> tuple[str, ...]:
        if self._sparse_order is not None:
            return self._sparse_order
        at = self._order.index("grad") + 1
        return (*self._order[:at], "indices", *self._order[at:])

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        return self._apply("SparseApply", self._sparse(), var, grad.values, grad.indices)

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        return self._apply("ResourceSparseApply", self._sparse(), handle, grad, indices)

    def _tensor(self, value: Any, name: str) -> Tensor:
        return convert_to_tensor(self._call_if_callable(value), name=name)


class GradientDescentOptimizer(_TableOptimizer):
    """Gradient descent: ``w -= learning_rate * gradient``.

    Args:
      learning_rate: Number or tensor.
      use_locking: Accepted; updates are always whole.
      name: Name scope of the update operations.
    """

    _op = "GradientDescent"
    _order = ("learning_rate", "grad")

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._attrs = learning_rate, {}

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        values: Any = grad.values
        delta = IndexedSlices(values * self._hyper("learning_rate", var), grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad: Any, handle: Any, indices: Tensor) -> Any:
        return apply_op("ResourceScatterAdd", handle.handle, indices, -grad * self._learning_rate)


class MomentumOptimizer(_TableOptimizer):
    """Gradient descent with momentum: ``a = momentum * a + g; w -= learning_rate * a``.

    Args:
      learning_rate, momentum: Numbers or tensors.
      use_locking: Accepted.
      name: Name scope.
      use_nesterov: If True, the gradient is taken as if one step ahead (Sutskever et al., 2013).
    """

    _op = "Momentum"
    _slot_names = ("momentum",)
    _order = ("learning_rate", "grad", "momentum")

    def __init__(self, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "Momentum",
                 use_nesterov: bool = False) -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._momentum, self._use_nesterov = learning_rate, momentum, use_nesterov
        self._attrs = {"use_nesterov": use_nesterov}

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            self._zeros_slot(var, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._momentum_tensor = self._tensor(self._momentum, "momentum")


class AdagradOptimizer(_TableOptimizer):
    """Adagrad: steps divided by the root of the sum of squared gradients (Duchi et al., 2011).

    Args:
      learning_rate: Number or tensor.
      initial_accumulator_value: Start of the sums; positive.
      use_locking: Accepted.
      name: Name scope.

    Raises:
      ValueError: `initial_accumulator_value` is not positive.
    """

    _op = "Adagrad"
    _slot_names = ("accumulator",)
    _order = ("learning_rate", "grad")

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1, use_locking: bool = False,
                 name: str = "Adagrad") -> None:
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate, self._initial_accumulator_value = learning_rate, initial_accumulator_value
        self._attrs = {}

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            dtype = var.dtype.base_dtype
            start = constant_initializer(self._initial_accumulator_value, dtype=dtype)
            self._get_or_make_slot_with_initializer(var, start, var.shape, dtype, "accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")


class AdagradDAOptimizer(_TableOptimizer):
    """Adagrad by dual averaging, for sparse linear models (Duchi et al., 2011).

    Args:
      learning_rate: Number or tensor.
      global_step: The step counter, a variable.
      initial_gradient_squared_accumulator_value: Start of the sums of squares; positive.
      l1_regularization_strength, l2_regularization_strength: Not negative.
      use_locking: Accepted.
      name: Name scope.

    Raises:
      ValueError: A value out of its range.
    """

    _op = "AdagradDA"
    _slot_names = ("gradient_accumulator", "gradient_squared_accumulator")
    _order = ("grad", "learning_rate", "l1", "l2", "global_step")

    def __init__(
        self, learning_rate: Any, global_step: Any, initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError("initial_gradient_squared_accumulator_value must be positive: "
                             f"{initial_gradient_squared_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate, self._global_step = learning_rate, global_step
        self._start = initial_gradient_squared_accumulator_value
        self._l1, self._l2, self._attrs = l1_regularization_strength, l2_regularization_strength, {}

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            dtype = var.dtype.base_dtype
            with get_default_graph().colocate_with(var.op):
                sums = constant(0.0, shape=var.shape, dtype=dtype)
                squares = constant(self._start, shape=var.shape, dtype=dtype)
            self._get_or_make_slot(var, sums, "gradient_accumulator", self._name)
            self._get_or_make_slot(var, squares, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        with get_default_graph().colocate_with(self._learning_rate_tensor.op):
            counted: Any = identity(self._global_step)
            self._step_tensor: Tensor = counted + 1  # the step being taken counts already

    def _hyper(self, name: str, var: Any) -> Any:
        if name == "global_step":
            with get_default_graph().device(var.device):
                return identity(self._step_tensor)
        if name in ("l1", "l2"):
            return cast(self._l1 if name == "l1" else self._l2, var.dtype.base_dtype)
        return super()._hyper(name, var)

    def _hypers(self, order: tuple[str, ...], var: Any) -> dict[str, Any]:
        # The step's copy is made first, as in TensorFlow.
        step = self._hyper("global_step", var)
        return {**super()._hypers(tuple(n for n in order if n != "global_step"), var), "global_step": step}


class AdadeltaOptimizer(_TableOptimizer):
    """Adadelta: steps measured by the steps before (Zeiler, 2012).

    Args:
      learning_rate, rho, epsilon: Numbers or tensors.
      use_locking: Accepted.
      name: Name scope.
    """

    _op = "Adadelta"
    _slot_names = ("accum", "accum_update")
    _order = ("lr", "rho", "epsilon", "grad")

    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: Any = 1e-8, use_locking: bool = False,
                 name: str = "Adadelta") -> None:
        super().__init__(use_locking, name)
        self._lr, self._rho, self._epsilon, self._attrs = learning_rate, rho, epsilon, {}

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            self._zeros_slot(var, "accum", self._name)
            self._zeros_slot(var, "accum_update", self._name)

    def _prepare(self) -> None:
        self._lr_tensor = self._tensor(self._lr, "lr")
        self._rho_tensor = self._tensor(self._rho, "rho")
        self._epsilon_tensor = self._tensor(self._epsilon, "epsilon")


class RMSPropOptimizer(_TableOptimizer):
    """RMSProp: steps divided by the root of a moving mean of squared gradients (Tieleman and Hinton, 2012).

    Args:
      learning_rate: Number or tensor.
      decay: Of the moving mean.
      momentum: Number or tensor.
      epsilon: Added under the root.
      use_locking: Accepted.
      centered: If True, by the variance instead of the mean square (Graves, 2013).
      name: Name scope.
    """

    _op = "RMSProp"
    _slot_names: tuple[str, ...] = ("rms", "momentum")
    _order = ("learning_rate", "decay", "momentum", "epsilon", "grad")

    def __init__(self, learning_rate: Any, decay: Any = 0.9, momentum: Any = 0.0, epsilon: Any = 1e-10,
                 use_locking: bool = False, centered: bool = False, name: str = "RMSProp") -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._decay, self._momentum, self._epsilon = learning_rate, decay, momentum, epsilon
        self._centered, self._attrs = centered, {}
        if centered:
            self._op, self._slot_names = "CenteredRMSProp", ("mg", "rms", "momentum")

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            dtype = var.dtype.base_dtype
            self._get_or_make_slot_with_initializer(var, ones_initializer(dtype=dtype), var.shape, dtype, "rms",
                                                    self._name)
            if self._centered:
                self._zeros_slot(var, "mg", self._name)
            self._zeros_slot(var, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._decay_tensor = self._tensor(self._decay, "decay")
        self._momentum_tensor = self._tensor(self._momentum, "momentum")
        self._epsilon_tensor = self._tensor(self._epsilon, "epsilon")


class AdamOptimizer(_TableOptimizer):
    """Adam: moving means of gradient and squared gradient, corrected for their start (Kingma and Ba, 2015).

    Args:
      learning_rate, beta1, beta2, epsilon: Numbers or tensors.
      use_locking: Accepted.
      name: Name scope.

    Example:
      >>> import core as tf
      >>> x = tf.Variable(1.0, name="x")
      >>> step = tf.train.AdamOptimizer(0.5).minimize(tf.square(x))
      >>> with tf.Session() as sess:
      ...     sess.run(tf.global_variables_initializer())
      ...     sess.run(step)
      ...     print(round(float(sess.run(x)), 4))
      0.5
    """

    _op = "Adam"
    _slot_names = ("m", "v")
    _order = ("beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon", "grad")

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8,
                 use_locking: bool = False, name: str = "Adam") -> None:
        super().__init__(use_locking, name)
        self._lr, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon
        self._attrs = {}

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        graph = get_default_graph()
        return self._get_non_slot_variable("beta1_power", graph), self._get_non_slot_variable("beta2_power", graph)

    def _create_slots(self, var_list: list[Any]) -> None:
        # The two powers live beside the first variable by name, so that they do not move when the list does.
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(self._call_if_callable(self._beta1), "beta1_power", first)
        self._create_non_slot_variable(self._call_if_callable(self._beta2), "beta2_power", first)
        for var in var_list:
            self._zeros_slot(var, "m", self._name)
            self._zeros_slot(var, "v", self._name)

    def _prepare(self) -> None:
        self._lr_tensor = self._tensor(self._lr, "learning_rate")
        self._beta1_tensor = self._tensor(self._beta1, "beta1")
        self._beta2_tensor = self._tensor(self._beta2, "beta2")
        self._epsilon_tensor = self._tensor(self._epsilon, "epsilon")

    def _hyper(self, name: str, var: Any) -> Any:
        if name.endswith("_power"):
            power = self._get_beta_accumulators()[name == "beta2_power"]
            return cast(power, var.dtype.base_dtype)
        return super()._hyper(name, var)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        return self._apply_sparse_shared(grad.values, var, grad.indices, self._scatter_add)

    def _scatter_add(self, slot: Any, indices: Any, values: Any) -> Any:
        return apply_op("ScatterAdd", slot, indices, values, use_locking=self._use_locking)

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        return self._apply_sparse_shared(grad, handle, indices, self._resource_scatter_add)

    def _resource_scatter_add(self, slot: Any, indices: Any, values: Any) -> Any:
        with control_dependencies([apply_op("ResourceScatterAdd", slot.handle, indices, values)]):
            return slot.value()

    def _apply_sparse_shared(self, grad: Any, var: Any, indices: Any, scatter_add: Any) -> Any:
        """All rows of the means decay, as in TensorFlow; only the rows that were used get a gradient."""
        beta1_power, beta2_power = self._hyper("beta1_power", var), self._hyper("beta2_power", var)
        rate, beta1 = self._hyper("lr", var), self._hyper("beta1", var)
        beta2, epsilon = self._hyper("beta2", var), self._hyper("epsilon", var)
        corrected = rate * sqrt(1 - beta2_power) / (1 - beta1_power)
        m = self.get_slot(var, "m")
        scaled = grad * (1 - beta1)
        m_t = assign(m, m * beta1, use_locking=self._use_locking)
        with control_dependencies([m_t.op]):
            m_t = scatter_add(m, indices, scaled)
        v = self.get_slot(var, "v")
        squares = (grad * grad) * (1 - beta2)
        v_t = assign(v, v * beta2, use_locking=self._use_locking)
        with control_dependencies([v_t.op]):
            v_t = scatter_add(v, indices, squares)
        root: Any = sqrt(v_t)
        update = assign_sub(var, corrected * m_t / (root + epsilon), use_locking=self._use_locking)
        return group(update, m_t, v_t)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        graph = get_default_graph()
        with control_dependencies(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            with graph.colocate_with(beta1_power.op):
                after1 = beta1_power.assign(beta1_power * self._beta1_tensor, use_locking=self._use_locking)
                after2 = beta2_power.assign(beta2_power * self._beta2_tensor, use_locking=self._use_locking)
        return group(*update_ops, after1, after2, name=name_scope)


class FtrlOptimizer(_TableOptimizer):
    """FTRL: follow the regularised leader, for sparse linear models (McMahan et al., 2013).

    Args:
      learning_rate: Number or tensor.
      learning_rate_power: Not positive; -0.5 is the usual.
      initial_accumulator_value: Start of the sums of squares; not negative.
      l1_regularization_strength, l2_regularization_strength: Not negative.
      use_locking: Accepted.
      name: Name scope.
      accum_name, linear_name: Names of the slots.
      l2_shrinkage_regularization_strength: Not negative; penalty on the weights' size.

    Raises:
      ValueError: A value out of its range.
    """

    _op = "Ftrl"
    _slot_names = ("accum", "linear")
    _order: tuple[str, ...] = ("grad", "learning_rate", "l1", "l2", "learning_rate_power")

    def __init__(
        self, learning_rate: Any, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, use_locking: bool = False,
        name: str = "Ftrl", accum_name: str | None = None, linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0,
    ) -> None:
        super().__init__(use_locking, name)
        for text, value in (("initial_accumulator_value", initial_accumulator_value),
                            ("l1_regularization_strength", l1_regularization_strength),
                            ("l2_regularization_strength", l2_regularization_strength),
                            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength)):
            if value < 0.0:
                raise ValueError(f"{text} {value} needs to be positive or zero")
        if learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power} needs to be negative or zero")
        self._learning_rate, self._learning_rate_power = learning_rate, learning_rate_power
        self._initial_accumulator_value = initial_accumulator_value
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength
        self._l2_shrinkage = l2_shrinkage_regularization_strength
        self._accum_name, self._linear_name, self._attrs = accum_name, linear_name, {}
        if l2_shrinkage_regularization_strength > 0:
            self._op = "FtrlV2"
            self._order = ("grad", "learning_rate", "l1", "l2", "l2_shrinkage", "learning_rate_power")

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            dtype = var.dtype.base_dtype
            with get_default_graph().colocate_with(var.op):
                start = constant(self._initial_accumulator_value, dtype=dtype, shape=var.shape)
                self._get_or_make_slot(var, start, "accum", self._accum_name or self._name)
                self._zeros_slot(var, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._l1_tensor = self._tensor(self._l1, "l1_regularization_strength")
        self._l2_tensor = self._tensor(self._l2, "l2_regularization_strength")
        self._l2_shrinkage_tensor = self._tensor(self._l2_shrinkage, "l2_shrinkage_regularization_strength")
        self._learning_rate_power_tensor = self._tensor(self._learning_rate_power, "learning_rate_power")


class ProximalGradientDescentOptimizer(_TableOptimizer):
    """Gradient descent followed by the proximal step for L1 and L2 (Duchi and Singer, 2009).

    Args:
      learning_rate: Number or tensor.
      l1_regularization_strength, l2_regularization_strength: Not negative.
      use_locking: Accepted.
      name: Name scope.
    """

    _op = "ProximalGradientDescent"
    _order = ("learning_rate", "l1", "l2", "grad")

    def __init__(
        self, learning_rate: Any, l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        use_locking: bool = False, name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._attrs = learning_rate, {}
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._l1_tensor = self._tensor(self._l1, "l1_regularization_strength")
        self._l2_tensor = self._tensor(self._l2, "l2_regularization_strength")


class ProximalAdagradOptimizer(ProximalGradientDescentOptimizer):
    """Adagrad followed by the proximal step for L1 and L2.

    Args:
      learning_rate: Number or tensor.
      initial_accumulator_value: Start of the sums of squares; positive.
      l1_regularization_strength, l2_regularization_strength: Not negative.
      use_locking: Accepted.
      name: Name scope.

    Raises:
      ValueError: `initial_accumulator_value` is not positive.
    """

    _op = "ProximalAdagrad"
    _slot_names = ("accumulator",)

    def __init__(
        self, learning_rate: Any, initial_accumulator_value: float = 0.1, l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0, use_locking: bool = False, name: str = "ProximalAdagrad",
    ) -> None:
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(learning_rate, l1_regularization_strength, l2_regularization_strength, use_locking, name)
        self._initial_accumulator_value = initial_accumulator_value

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            dtype = var.dtype.base_dtype
            with get_default_graph().colocate_with(var.op):
                start = constant(self._initial_accumulator_value, shape=var.shape, dtype=dtype)
            self._get_or_make_slot(var, start, "accumulator", self._name)
