"""Recurrent nets beside TensorFlow: outputs, states, gradients by variables and inputs, names of variables."""

from __future__ import annotations

import pytest

import core as tf
from tests.programs import check
from tests.recurrent.programs_recurrent import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_recurrent_nets_give_tensorflows_numbers(name):
    check(tf, "recurrent", name, PROGRAMS[name])
