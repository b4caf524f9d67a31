"""Run a few heavy, independent array jobs on all cores, with the BLAS library at one thread meanwhile.

NumPy releases the interpreter lock inside its loops and BLAS calls, so Python threads do. A BLAS that itself splits
small products over threads makes them slower than one thread would, and fights with ours: hence the switch.

Must not import anything but NumPy.
"""

import ctypes
import os
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

__all__ = ["cores", "parallel", "shares"]

_busy = threading.Lock()
_jobs: list[SimpleQueue[Any]] = []  # one queue that all workers serve, made when first needed


@lru_cache
def cores() -> int:
    """How many cores this process may use, at most 8."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(count, 8))


@lru_cache
def _blas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """NumPy's own OpenBLAS: functions that get and set its number of threads; None where it is another library."""
    root = Path(np.__file__).parent
    for folder in (root.with_name("numpy.libs"), root / ".dylibs"):
        for path in sorted(folder.glob("libscipy_openblas*")):
            try:
                library: Any = ctypes.CDLL(str(path))
            except OSError:
                continue
            for tail in ("64_", ""):
                get = getattr(library, f"scipy_openblas_get_num_threads{tail}", None)
                put = getattr(library, f"scipy_openblas_set_num_threads{tail}", None)
                if get and put:
                    return get, put
    return None


def shares(count: int, parts: int) -> list[range]:
    """Split `range(count)` into at most `parts` ranges of nearly equal length, none of them empty."""
    parts = max(1, min(parts, count))
    bounds = [count * i // parts for i in range(parts + 1)]
    return [range(a, b) for a, b in pairwise(bounds)]


def parallel(jobs: Sequence[Callable[[], None]]) -> None:
    """Call all jobs, at the same time where there are cores for it; errors of a job are raised here.

    Args:
      jobs: functions without arguments, not more than `cores()`; they must not write to the same memory.
    """
    blas = _blas()
    if len(jobs) == 1 or blas is None or not _busy.acquire(blocking=False):
        for job in jobs:
            job()
        return
    get, put = blas
    before = get()
    try:
        if before != 1:
            put(1)
        queue, errors = _queue(), SimpleQueue[Any]()
        for job in jobs[1:]:
            queue.put((job, errors))
        try:
            jobs[0]()
        finally:  # wait for all, also after an error
            failures = [error for error in (errors.get() for _ in jobs[1:]) if error is not None]
        if failures:
            raise failures[0]
    finally:
        if before != 1:
            put(before)
        _busy.release()


def _work(queue: SimpleQueue[Any]) -> None:
    while True:
        job, errors = queue.get()
        try:
            job()
        except BaseException as error:
            errors.put(error)
        else:
            errors.put(None)
        del job  # a waiting worker holds no array


def _queue() -> SimpleQueue[Any]:
    if not _jobs:
        _jobs.append(SimpleQueue())
        for number in range(max(1, cores() - 1)):
            threading.Thread(target=_work, args=(_jobs[0],), name=f"kernels-{number}", daemon=True).start()
    return _jobs[0]


def _forget_workers() -> None:
    _jobs.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)  # a child of fork has the queue but not the threads
