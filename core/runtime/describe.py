"""A plan as plain dicts, for people and pictures. Reads plans and code; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.runtime.facts import Seen
from core.runtime.plan import Plan
from core.runtime.specialise import Code

__all__ = ["describe"]


def describe(plan: Plan, code: Code | None, seen: Mapping[int, Seen]) -> dict[str, Any]:
    """Returns steps (with buffers and bytes), what is fed and fetched, and the passes that changed the plan."""

    def name(value: int) -> str:
        return plan.tensors[value].name if 0 <= value < len(plan.tensors) else f"value {value}"

    merged = {name for names in plan.fused.values() for name in names[1:]}
    steps = []
    for step in plan.steps:
        if step.op.name in merged:
            continue
        outputs = [v for v in step.outputs if v >= 0]
        steps.append({
            "op": step.op.type if step.kind == "op" else "Read",
            "name": step.op.name,
            "inputs": [name(v) for v in step.inputs],
            "outputs": [name(v) for v in outputs],
            "buffer": None if code is None else code.storage.get(step.key),
            "bytes": sum(_bytes(seen[v]) for v in outputs if v in seen),
            "fused": list(plan.fused.get(step.key, ())),
        })
    return {
        "steps": steps,
        "fed": [name(v) for v in plan.fed],
        "fetched": [f.tensor.name for f in plan.fetched],
        "pruned": plan.pruned,
        "passes": list(plan.passes),
        "buffers": 0 if code is None else code.arena,
    }


def _bytes(value: Seen) -> int:
    return int(np.prod(value.shape, dtype=np.int64)) * int(value.dtype.itemsize)
