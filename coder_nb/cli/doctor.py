"""`coder-nb doctor`: what works with a deployment, and what does not."""

from __future__ import annotations

import argparse
import sys

from coder_nb.cli.arguments import FAILED, say

HELP = "tell what works with a deployment, and what does not"
DESCRIPTION = (
    "Asks a deployment every endpoint that only reads, as the user you are there: what works, what this server lacks, "
    "where the token came from, how long an answer takes. Exit code 1 if something fails."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("target", nargs="?", metavar="URL", help="a URL, a saved profile or demo (default: your own)")
    parser.add_argument("--workspace", metavar="NAME", help="whose agent to ask (default: your first connected one)")
    parser.add_argument("--ca", metavar="FILE", help="trust the certificates in this PEM file")
    parser.add_argument("--insecure", action="store_true", help="accept any certificate")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Examine, and print the report."""
    from getpass import getpass

    from coder_nb.client import connect
    from coder_nb.doctor import examine

    ask = getpass if sys.stdin.isatty() else None
    with connect(options.target, ca=options.ca, insecure=options.insecure, ask=ask, notify=say) as coder:
        report = examine(coder, workspace=options.workspace)
    print(report.to_json() if options.json else report)
    return 0 if report.healthy else FAILED
