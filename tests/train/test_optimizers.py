"""Optimisers beside TensorFlow: numbers of ten steps, slots, names, inputs and colocation of all nodes."""

from __future__ import annotations

import pytest

import core as tf
from tests.programs import check
from tests.train.programs_training import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_ten_steps_are_tensorflows(name):
    check(tf, "training", name, PROGRAMS[name])
