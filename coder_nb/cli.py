"""The console script `coder-nb`: demo, serve and doctor.

Starts quickly, imports what a command needs when it runs, and answers every mistake in two lines: exit code 2 for a
wrong command line, 1 for a failure.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from coder_nb import __version__
from coder_nb.errors import CoderError

USAGE, FAILED, INTERRUPTED = 2, 1, 130


class _Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are two lines: what is wrong, and what to type."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}\nhint: {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """The whole command line: commands, options and their help."""
    top = _Parser(prog="coder-nb", description="Coder workspaces from a notebook.")
    top.add_argument("--version", action="version", version=f"coder-nb {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    demo = commands.add_parser(
        "demo",
        help="start a demo deployment and JupyterLab on the example notebooks",
        description="Starts a Coder-compatible deployment on this machine, and JupyterLab on a copy of the example "
        "notebooks. Both listen on loopback only and end with Ctrl-C.",
    )
    demo.add_argument("--no-browser", action="store_true", help="print the address only")
    demo.add_argument("--port", type=_port, metavar="N", help="where JupyterLab listens (default: 8888 or near it)")
    demo.add_argument("--dir", type=Path, metavar="FOLDER", help="keep the notebooks there (default: a temporary one)")

    serve = commands.add_parser(
        "serve",
        help="start the demo deployment alone",
        description="Starts a Coder-compatible deployment on this machine, on loopback only, until Ctrl-C. Notebooks "
        "join it by `%coder connect demo`.",
    )
    serve.add_argument("--port", type=_port, metavar="N", default=0, help="where it listens (default: any free port)")
    serve.add_argument("--scenario", type=Path, metavar="FILE", help="the simulated fleet (default: the built-in one)")

    doctor = commands.add_parser(
        "doctor",
        help="tell what works with a deployment, and what does not",
        description="Asks a deployment every endpoint that only reads, as the user you are there: what works, what "
        "this server lacks, where the token came from, how long an answer takes. Exit code 1 if something fails.",
    )
    doctor.add_argument("target", nargs="?", metavar="URL", help="a URL, a saved profile or demo (default: your own)")
    doctor.add_argument("--workspace", metavar="NAME", help="whose agent to ask (default: your first connected one)")
    doctor.add_argument("--ca", metavar="FILE", help="trust the certificates in this PEM file")
    doctor.add_argument("--insecure", action="store_true", help="accept any certificate")
    doctor.add_argument("--json", action="store_true", help="print JSON")

    explain = commands.add_parser("help", help="explain a command")
    explain.add_argument("topic", nargs="?", choices=("demo", "serve", "doctor"), metavar="COMMAND")
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
    _end_by_signal()
    try:
        match options.command:
            case "demo":
                from coder_nb import demo

                demo.run(port=options.port, browser=not options.no_browser, folder=options.dir)
            case "serve":
                _serve(options.port, options.scenario)
            case "doctor":
                return _doctor(options)
            case "help":
                top.parse_args([*([options.topic] if options.topic else []), "--help"])
            case _:
                top.print_help(sys.stderr)
                return USAGE
    except CoderError as error:
        print(f"coder-nb: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from getpass import getpass

    from coder_nb.client import connect
    from coder_nb.doctor import examine

    ask = getpass if sys.stdin.isatty() else None
    with connect(options.target, ca=options.ca, insecure=options.insecure, ask=ask, notify=_say) as coder:
        report = examine(coder, workspace=options.workspace)
    print(report.to_json() if options.json else report)
    return 0 if report.healthy else FAILED


def _say(line: str) -> None:
    print(f"coder-nb: {line}", file=sys.stderr)


def _end_by_signal() -> None:
    # A plain SIGTERM or a closed terminal would leave temporary folders behind; Ctrl-C unwinds.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")


def _serve(port: int, scenario: Path | None) -> None:
    from coder_nb.embedded import launch

    if scenario and not scenario.is_file():
        raise CoderError(f"no such scenario file: {scenario}", hint="coder-nb serve")
    with launch.serve(port=port, scenario=scenario) as running:
        print(f"The demo deployment is running: {running.url}")
        print("Join it from a notebook: %coder connect demo. Ctrl-C ends it.", flush=True)
        try:
            launch.wait(running)
        except KeyboardInterrupt:
            return
        raise CoderError("the demo deployment has ended by itself", hint="coder-nb serve")
