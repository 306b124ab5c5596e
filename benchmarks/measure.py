"""Timing several ways of doing the same thing in turn, and the memory one of them needs at its peak.

Ways take turns, so that whatever else the machine does hits all of them; of each the fastest turn counts.
"""

from __future__ import annotations

import gc
import importlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["fastest", "machine", "peak", "rows"]


def fastest(ways: Mapping[str, Callable[[], object]], *, turns: int) -> dict[str, float]:
    """Seconds of each way's fastest turn."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(turns):
        for name, way in ways.items():
            gc.collect()
            start = time.perf_counter()
            made = way()
            best[name] = min(best[name], time.perf_counter() - start)
            del made
    return best


def rows(times: Mapping[str, float], *, against: Mapping[str, str]) -> None:
    """Prints times, and their ratio to others of them: `against` maps the other's name to the head of the column."""
    print(f"  {'':<28}{'ms':>9}" + "".join(f"{head:>16}" for head in against.values()))
    for name, seconds in times.items():
        ratios = "".join(f"{seconds / times[other]:>15.2f}x" for other in against)
        print(f"  {name:<28}{seconds * 1000:>9.1f}{ratios}")


def machine() -> str:
    """The versions that decide the numbers."""
    found = [f"Python {sys.version.split()[0]}"]
    for name in ("pandas", "pyarrow", "msgspec", "orjson", "polars"):
        try:
            found.append(f"{name} {importlib.import_module(name).__version__}")
        except ImportError:
            found.append(f"no {name}")
    return ", ".join(found)


def peak(module: str, way: str, path: Path) -> tuple[float, float] | None:
    """Memory of `module.way(path)` in a process of its own, what it reads from the file included; Linux only.

    Returns:
        megabytes at the peak beyond what was there before, and megabytes of the frame that came out.
    """
    if not Path("/proc/self/clear_refs").exists():
        return None
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", module, way, str(path)], capture_output=True, text=True, check=True
    )
    high, frame = json.loads(done.stdout)
    return high, frame


def _measure(module: str, way: str, path: Path) -> tuple[float, float]:
    run = getattr(importlib.import_module(module), way)
    with tempfile.NamedTemporaryFile() as empty:  # a run that loads all modules
        empty.write(b"[]")
        empty.flush()
        run(Path(empty.name))
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # sets the high-water mark back to what is in use now
    before = _high_water()
    frame = run(path)
    return _high_water() - before, frame.memory_usage(deep=True).sum() / 1e6


def _high_water() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
