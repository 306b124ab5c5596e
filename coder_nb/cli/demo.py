"""`coder-nb demo`: the demo deployment and JupyterLab on the example notebooks."""

from __future__ import annotations

import argparse
from pathlib import Path

from coder_nb.cli.arguments import port

HELP = "start a demo deployment and JupyterLab on the example notebooks"
DESCRIPTION = (
    "Starts a Coder-compatible deployment on this machine, and JupyterLab on a copy of the example notebooks. Both "
    "listen on loopback only and end with Ctrl-C."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.add_argument("--port", type=port, metavar="N", help="where JupyterLab listens (default: 8888 or near it)")
    parser.add_argument(
        "--dir", type=Path, metavar="FOLDER", help="keep the notebooks there (default: a temporary one)"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from coder_nb import demo

    demo.run(port=options.port, browser=not options.no_browser, folder=options.dir)
    return 0
