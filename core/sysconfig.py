"""`tf.sysconfig`: this front is Python; there is nothing to compile against."""

from __future__ import annotations

from core.version import CXX11_ABI_FLAG, MONOLITHIC_BUILD

__all__ = ["CXX11_ABI_FLAG", "MONOLITHIC_BUILD", "get_compile_flags", "get_link_flags"]


def get_compile_flags() -> list[str]:
    """No flags: custom ops are Python functions, see `tf.define_op`."""
    return []


def get_link_flags() -> list[str]:
    """No flags: custom ops are Python functions, see `tf.define_op`."""
    return []
