"""`python -m benchmarks [--peer ENGINE=PYTHON] [--rounds 5] [workload ...]` prints one table, microseconds a step.

Each engine runs in a process of its own. A peer that this Python can import is measured without being named; one that
lives in another environment is named with its interpreter. Imports no engine itself.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ENGINES = {"tfviz": "core", "tensorflow": "tensorflow.compat.v1", "torch": "torch"}
NAMES = ["import", "bp_net", "mlp", "lenet"]


def measure(engine: str, workloads: list[str], rounds: int) -> dict[str, float]:
    """Seconds for the import and for a step of each workload: the median of rounds of about half a second."""
    begin = time.perf_counter()
    module = importlib.import_module(ENGINES[engine])
    result = {"import": time.perf_counter() - begin}
    for name in workloads:
        if engine == "torch":
            step = importlib.import_module("benchmarks.eager").WORKLOADS[name]()
        else:
            if engine == "tensorflow":
                module.disable_v2_behavior()
            module.reset_default_graph()
            step = importlib.import_module("benchmarks.graphs").WORKLOADS[name](module)
        for _ in range(5):
            step()
        begin = time.perf_counter()
        step()
        count = max(3, int(0.5 / (time.perf_counter() - begin)))
        times = []
        for _ in range(rounds):
            begin = time.perf_counter()
            for _ in range(count):
                step()
            times.append((time.perf_counter() - begin) / count)
        result[name] = statistics.median(times)
    return result


def elsewhere(engine: str, python: str, workloads: list[str], rounds: int) -> dict[str, float] | str:
    """`measure` in a process of its own; the last line of what it said where it failed."""
    command = [python, "-m", "benchmarks", "--only", engine, "--rounds", str(rounds), *workloads]
    env = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3")
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no word"])[-1]
    numbers: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return numbers


def table(results: dict[str, dict[str, float]]) -> str:
    """The results as Markdown: engines down, workloads across, the import in milliseconds, the rest in microseconds."""
    columns = [name for name in NAMES if any(name in found for found in results.values())]
    lines = ["| engine | " + " | ".join("import, ms" if c == "import" else f"{c}, µs" for c in columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for engine, found in results.items():
        cells = [f"{found[c] * (1e3 if c == 'import' else 1e6):,.0f}" if c in found else "-" for c in columns]
        lines.append(f"| {engine} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """The command: see the module docstring."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="This engine beside its peers.")
    parser.add_argument("workloads", nargs="*", help="of: " + " ".join(NAMES[1:]))
    parser.add_argument("--peer", action="append", default=[], metavar="ENGINE=PYTHON")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=sorted(ENGINES), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    workloads = chosen.workloads or NAMES[1:]
    if chosen.only:
        print(json.dumps(measure(chosen.only, workloads, chosen.rounds)))
        return 0
    pythons = {e: sys.executable for e, m in ENGINES.items() if importlib.util.find_spec(m.split(".")[0])}
    pythons |= dict(peer.split("=", 1) for peer in chosen.peer)
    results: dict[str, dict[str, float]] = {}
    failed = 0
    for engine, python in pythons.items():
        found = elsewhere(engine, python, workloads, chosen.rounds)
        if isinstance(found, str):
            failed += engine == "tfviz"
            print(f"{engine}: {found}", file=sys.stderr)
        else:
            results[engine] = found
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians\n")
    print(table(results))
    return failed


if __name__ == "__main__":
    sys.exit(main())
