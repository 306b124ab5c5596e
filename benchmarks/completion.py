"""How long IPython takes to complete a `%coder` line with 1,000 workspaces known: median and 95th percentile."""

from __future__ import annotations

import time
from statistics import quantiles

from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from coder_nb.magics.extension import load

WORKSPACES = 1000
ROUNDS = 60
TARGET = 50.0
LINES = (
    *("%coder lo", "%coder logs w", "%coder logs ws-0999.", "x = %coder show ws-0", "%%coder ports ws-07"),
    *("%coder logs ws-0001 --level w", "%coder logs ws-0001 --source S", "%coder ls owner:", "%coder ls name:ws-0"),
)


def times() -> list[float]:
    """The time of each completion in milliseconds."""
    shell = InteractiveShell.instance()
    session = load(shell).session
    for number in range(WORKSPACES):
        session.remember("names", [f"ws-{number:04}", f"ws-{number:04}.main"])
    session.remember("sources", ["Startup Script", "Shutdown Script"])
    taken = []
    with provisionalcompleter():
        for _ in range(ROUNDS):
            for line in LINES:
                start = time.perf_counter()
                list(shell.Completer.completions(line, len(line)))
                taken.append((time.perf_counter() - start) * 1000)
    return taken


def run() -> None:
    """Prints the median and the 95th percentile."""
    cuts = quantiles(times(), n=100)
    print(f"completion with {WORKSPACES} workspaces: median {cuts[49]:.2f} ms, p95 {cuts[94]:.2f} ms")
    print(f"target: p95 at most {TARGET:.0f} ms")


if __name__ == "__main__":
    run()
