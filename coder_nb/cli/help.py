"""`coder-nb help [COMMAND]`: the same text as `--help`."""

from __future__ import annotations

import argparse

HELP = "explain a command"
DESCRIPTION = "Explains a command: the same text as its --help."


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("topic", nargs="?", metavar="COMMAND")


def run(options: argparse.Namespace) -> int:
    """Print the page, which ends the program as --help does."""
    from coder_nb import cli

    cli.parser().parse_args([*([options.topic] if options.topic else []), "--help"])
    return 0
