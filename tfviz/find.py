"""The search language of the graph view: a regular expression, or fields such as `op:Conv shape:?x10`. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from tfviz.snapshot import Snapshot, shape_text

_FIELDS = ("op", "shape", "dtype", "scope", "device", "name", "kind")


def find_ops(snapshot: Snapshot, query: str) -> list[int]:
    """Returns the indices of all ops that match every word of the query, in creation order.

    Args:
        query: words; `op:`, `shape:`, `dtype:`, `scope:`, `device:` and `name:` look at that field (`scope:` and
        patterns with
            `*` are shell patterns, `shape:?x10` any tensor of that shape), all other words are regular expressions
            on names.

    Raises:
        ValueError: a word is no regular expression.
    """
    tests = [_test(snapshot, word) for word in query.split()]
    return [index for index in range(len(snapshot.nodes)) if all(test(index) for test in tests)] if tests else []


def _test(snapshot: Snapshot, word: str) -> Callable[[int], bool]:
    field, colon, value = word.partition(":")
    names, types, nodes = snapshot.names, snapshot.types, snapshot.nodes
    if not colon or field not in _FIELDS or not value:
        pattern = _compile(word)
        return lambda i: bool(pattern.search(names[i]))
    if field == "scope":
        glob = re.compile(fnmatch.translate(value.rstrip("/") if value.endswith("/") else value))
        prefix = value.rstrip("/*") + "/"
        return lambda i: names[i].startswith(prefix) or bool(glob.match(names[i].rpartition("/")[0]))
    if field == "shape":
        wanted = value.replace("x", "×").replace("*", "×").replace("None", "?")
        return lambda i: any(shape_text(out.get("shape")) == wanted for out in nodes[i].get("outputs") or ())
    if field == "dtype":
        return lambda i: any(str(out.get("dtype")) == value for out in nodes[i].get("outputs") or ())
    pattern = re.compile(fnmatch.translate(value), re.I) if "*" in value else _compile(value)
    texts = {"op": types, "name": names}.get(field)
    if texts is not None:
        return lambda i: bool(pattern.search(texts[i]))
    return lambda i: bool(pattern.search(str(nodes[i].get(field) or "")))


def _compile(word: str) -> re.Pattern[str]:
    try:
        return re.compile(word, re.I)
    except re.error as error:
        raise ValueError(f"{word!r} is no regular expression: {error}") from error
