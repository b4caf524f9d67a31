"""What a session's `config` asks of the compiler. Reads a ConfigProto by its field names only, so that no protobuf
is loaded here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Options", "options_from_config"]

_ALL_PASSES = frozenset({
    "constant_folding", "shape_folding", "common_subexpressions", "identity_elimination", "static_buffers",
    "generated_code", "update_fusion",
})
# RewriterConfig's switches -> ours. 2 is OFF.
_REWRITES = (
    ("constant_folding", ("constant_folding",)),
    ("shape_optimization", ("shape_folding",)),
    ("arithmetic_optimization", ("common_subexpressions", "identity_elimination")),
    ("remapping", ("update_fusion",)),
)


@dataclass(frozen=True, slots=True)
class Options:
    """Switches of one session.

    `disabled` names passes (and "static_buffers", "generated_code") that are off. `debug` runs the interpreter and
    checks each output's dtype and shape against the graph. `timeout` is in seconds, for each run.
    """

    disabled: frozenset[str] = frozenset()
    debug: bool = False
    timeout: float | None = None


def options_from_config(config: Any) -> Options:
    """Returns the switches that a ConfigProto (or an `Options`, or None) stands for."""
    if config is None:
        return Options()
    if isinstance(config, Options):
        return config
    disabled: set[str] = set()
    milliseconds = getattr(config, "operation_timeout_in_ms", 0)
    graph_options = getattr(config, "graph_options", None)
    if graph_options is not None:
        optimizer = getattr(graph_options, "optimizer_options", None)
        if optimizer is not None and getattr(optimizer, "opt_level", 0) == -1:  # L0: no optimisation at all
            disabled |= _ALL_PASSES
        rewrite = getattr(graph_options, "rewrite_options", None)
        if rewrite is not None:
            if getattr(rewrite, "disable_meta_optimizer", False):
                disabled |= _ALL_PASSES
            for field, passes in _REWRITES:
                if getattr(rewrite, field, 0) == 2:
                    disabled.update(passes)
            if getattr(rewrite, "memory_optimization", 0) == 1:  # NO_MEM_OPT
                disabled.add("static_buffers")
    return Options(frozenset(disabled), timeout=milliseconds / 1000.0 if milliseconds else None)
