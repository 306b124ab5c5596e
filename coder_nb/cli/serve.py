"""`coder-nb serve`: the demo deployment alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from coder_nb.cli.arguments import port
from coder_nb.errors import CoderError

HELP = "start the demo deployment alone"
DESCRIPTION = (
    "Starts a Coder-compatible deployment on this machine, on loopback only, until Ctrl-C. Notebooks join it by "
    "`%coder connect demo`."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--port", type=port, metavar="N", default=0, help="where it listens (default: any free port)")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="the simulated fleet (default: the built-in one)")


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from coder_nb.embedded import launch

    if options.scenario and not options.scenario.is_file():
        raise CoderError(f"no such scenario file: {options.scenario}", hint="coder-nb serve")
    with launch.serve(port=options.port, scenario=options.scenario) as running:
        print(f"The demo deployment is running: {running.url}")
        print("Join it from a notebook: %coder connect demo. Ctrl-C ends it.", flush=True)
        try:
            launch.wait(running)
        except KeyboardInterrupt:
            return 0
        raise CoderError("the demo deployment has ended by itself", hint="coder-nb serve")
