"""Traced runs: fills a RunMetadata with the time and memory of every op. Knows the protos by their field names
only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.runtime.execute import Program
from core.runtime.plan import Step

__all__ = ["run_traced", "wanted"]

_DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


def wanted(options: Any, run_metadata: Any) -> bool:
    """True if a run with these options must be traced."""
    return run_metadata is not None and (
        getattr(options, "trace_level", 0) > 0 or bool(getattr(options, "output_partition_graphs", False)))


def run_traced(program: Program, values: Sequence[Any], options: Any, run_metadata: Any) -> list[Any]:
    """Runs op by op in the interpreter and writes what it saw into `run_metadata`."""
    offset = time.time() - time.perf_counter()
    seen: list[tuple[Step, tuple[Any, ...], float, float]] = []
    results = program.interpret(values, lambda step, inputs, outputs, begin, taken: seen.append(
        (step, tuple(_size(o) for o in outputs), begin, taken)))
    run_metadata.Clear()
    if getattr(options, "trace_level", 0) > 0:
        device = run_metadata.step_stats.dev_stats.add()
        device.device = _DEVICE
        thread = threading.get_ident() & 0x7FFFFFFF
        for step, outputs, begin, taken in seen:
            if step.kind == "op":
                _fill(device.node_stats.add(), step, outputs, begin + offset, taken, thread)
    if getattr(options, "output_partition_graphs", False) and program.plan.steps:
        graph = program.plan.steps[0].op.graph
        run_metadata.partition_graphs.add().CopyFrom(graph.as_graph_def())
    return results


def _size(value: Any) -> tuple[Any, tuple[int, ...], int] | None:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype, value.shape, value.nbytes
    return None


def _fill(stats: Any, step: Step, outputs: tuple[Any, ...], begin: float, taken: float, thread: int) -> None:
    op = step.op
    micros = max(1, round(taken * 1e6))
    stats.node_name = op.name
    stats.all_start_micros = int(begin * 1e6)
    stats.op_start_rel_micros = 0
    stats.op_end_rel_micros = micros
    stats.all_end_rel_micros = micros
    for field, value in (("all_start_nanos", int(begin * 1e9)), ("op_end_rel_nanos", int(taken * 1e9)),
                         ("all_end_rel_nanos", int(taken * 1e9))):
        if hasattr(stats, field):  # newer protos only
            setattr(stats, field, value)
    stats.timeline_label = f"{op.name} = {op.type}({', '.join(t.op.name for t in op.inputs)})"
    stats.thread_id = thread
    total = 0
    for slot, size in enumerate(outputs):
        if size is None:
            continue
        dtype, shape, nbytes = size
        total += nbytes
        output = stats.output.add()
        output.slot = slot
        description = output.tensor_description
        description.dtype = op.outputs[slot].dtype.base_dtype.as_datatype_enum
        for dim in shape:
            description.shape.dim.add().size = dim
        description.allocation_description.requested_bytes = nbytes
        description.allocation_description.allocated_bytes = nbytes
        description.allocation_description.allocator_name = "cpu"
        del dtype
    if total:
        memory = stats.memory.add()
        memory.allocator_name = "cpu"
        memory.total_bytes = total
        memory.peak_bytes = total
