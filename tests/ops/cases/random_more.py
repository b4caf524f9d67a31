"""Gamma and Poisson samples, with seeds: TensorFlow's numbers."""

from tests.ops.case import OpCase, array

_RATES = array([0.5, 3.0, 25.0])

CASES = [
    OpCase("RandomGamma", lambda tf, a: tf.random_gamma([5], a, seed=3), [_RATES], golden=True, names=False, tol=1e-5),
    OpCase("RandomPoissonV2", lambda tf, a: tf.random_poisson(a, [5], seed=3), [_RATES], golden=True, names=False),
]
