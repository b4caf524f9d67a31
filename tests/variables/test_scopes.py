"""Variable scopes beside TensorFlow: names, sharing, what is inherited; and what is refused."""

from __future__ import annotations

import pytest

import core as tf
from tests.programs import check
from tests.variables.programs_scopes import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_tensorflow(name):
    check(tf, "scopes", name, PROGRAMS[name])
