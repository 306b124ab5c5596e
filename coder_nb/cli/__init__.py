"""The console script `coder-nb`: a module per command, found by its file.

Starts quickly: a command's module says what can be typed, and imports what it needs when it runs. Every mistake is
answered in two lines: exit code 2 for a wrong command line, 1 for a failure.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import signal
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from coder_nb import __version__
from coder_nb.cli.arguments import FAILED, INTERRUPTED, USAGE, Parser
from coder_nb.errors import CoderError

ORDER = ("demo", "serve", "doctor", "runbook", "kernel", "check", "help")
"""How the help lists the commands; one that is not named here comes last."""


class Command(Protocol):
    """What a command's module holds."""

    HELP: str
    DESCRIPTION: str

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Declare what can be typed after the command's name."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it.

        Returns:
            The exit code.
        """


def commands() -> dict[str, Command]:
    """The commands by name, in the order of the help."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "arguments"]
    names.sort(key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return {name: cast(Command, importlib.import_module(f"{__name__}.{name}")) for name in names}


def parser() -> argparse.ArgumentParser:
    """The whole command line: commands, options and their help."""
    top = Parser(prog="coder-nb", description="Coder workspaces from a notebook.")
    top.add_argument("--version", action="version", version=f"coder-nb {__version__}")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, command in commands().items():
        command.add(subparsers.add_parser(name, help=command.HELP, description=command.DESCRIPTION))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments; None for this process's own.
    Returns:
        The exit code.
    """
    top = parser()
    options = top.parse_args(argv)
    if options.command is None:
        top.print_help(sys.stderr)
        return USAGE
    _end_by_signal()
    try:
        return commands()[options.command].run(options)
    except CoderError as error:
        print(f"coder-nb: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _end_by_signal() -> None:
    # A plain SIGTERM or a closed terminal would leave temporary folders behind; Ctrl-C unwinds.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
