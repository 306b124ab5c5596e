"""Runs the benchmarks named on the command line, or all. A new one is a module here with `run()`, named in NAMES."""

from __future__ import annotations

import argparse
import importlib

NAMES = ("logs", "filters", "load_ext", "completion", "websocket", "streams", "run", "tunnel", "widgets")


def main() -> None:
    """Runs what was asked for, in the order of NAMES."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Side-by-side measurements.")
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(NAMES)}; all without a name")
    asked = parser.parse_args().name
    if unknown := [name for name in asked if name not in NAMES]:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    for name in [name for name in NAMES if not asked or name in asked]:
        importlib.import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
