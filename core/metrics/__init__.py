"""`tf.metrics`: measures that are kept over many batches, in local variables, and updated by an operation."""

from __future__ import annotations

from core.metrics.at_k import *
from core.metrics.counts import *
from core.metrics.curves import *
from core.metrics.means import *
