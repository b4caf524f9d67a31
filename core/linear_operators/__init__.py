"""`tf.linalg.LinearOperator` and its kinds."""

from __future__ import annotations

from core.linear_operators.base import LinearOperator as LinearOperator
from core.linear_operators.basic import *
from core.linear_operators.composed import *
from core.linear_operators.structured import *
