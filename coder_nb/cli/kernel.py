"""`coder-nb kernel`: kernels that run in workspaces, for Jupyter here: added, listed, removed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from coder_nb.cli.arguments import say

if TYPE_CHECKING:
    from coder_nb.client import Agent

HELP = "let JupyterLab run notebooks in workspaces"
DESCRIPTION = (
    "Adds kernels to Jupyter that run in workspaces: a notebook here, its code there. The workspace needs a Python "
    "with ipykernel; without one an environment of its own is made there, once you have agreed."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Its commands and their options."""
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True, parser_class=type(parser))
    new = commands.add_parser("add", help="have Jupyter offer a kernel in a workspace")
    new.add_argument("workspace", metavar="WORKSPACE", help="dev, dev.main or ada/dev.main")
    new.add_argument("--python", metavar="PATH", default="", help="the Python there (default: one that has ipykernel)")
    new.add_argument(
        "--deployment", metavar="PROFILE|demo|URL", help="where the workspace is (default: your own deployment)"
    )
    new.add_argument("--name", metavar="TEXT", default="", help='what Jupyter shows (default: "Python (WORKSPACE)")')
    new.add_argument(
        "--idle", metavar="HOURS", type=_hours, default=24.0, help="ends a kernel nobody has been back to (default: 24)"
    )
    new.add_argument("--yes", action="store_true", help="agree to an installation of ipykernel there, now or later")
    commands.add_parser("list", help="the kernels in workspaces that Jupyter offers")
    old = commands.add_parser("remove", help="have Jupyter offer one no more; those that run go on")
    old.add_argument("name", metavar="NAME", help="its workspace, or its name in the list")


def run(options: argparse.Namespace) -> int:
    """Do what is asked for."""
    match options.action:
        case "add":
            _add(options)
        case "list":
            _list()
        case _:
            _remove(options.name)
    return 0


def _add(options: argparse.Namespace) -> None:
    from coder_nb.client import connect
    from coder_nb.kernels import specs

    with connect(options.deployment, notify=say) as coder:
        agent = coder.agent(options.workspace)
        install = _prepared(agent, options)
        deployment = options.deployment or coder.credentials.url
    spec = specs.Spec(
        options.name or f"Python ({options.workspace})",
        options.workspace,
        deployment,
        options.python,
        install or options.yes,
        options.idle * 3600,
    )
    folder = specs.add(spec)
    print(f"Jupyter offers {spec.title!r} now: {folder}")


def _prepared(agent: Agent, options: argparse.Namespace) -> bool:
    """Sees to it that a kernel can run there; whether an environment was made for it."""
    from coder_nb.kernels import pythons
    from coder_nb.magics.prompts import confirm

    if agent.record.status != "connected":
        say(f"{agent.title} is {agent.record.status}: which Python it has is found out when a kernel starts")
        return False
    python = pythons.find(agent, options.python or None)
    if python is not None:
        print(f"Kernels in {agent.title} run on {python}.")
        return False
    print(f"No Python in {agent.title} has ipykernel. This makes one there: an environment in {pythons.OWN}, by venv")
    print("and pip, or by uv where that is there; nothing else in the workspace is changed.")
    confirm(f"Install ipykernel in {agent.title}?", yes=options.yes)
    say(f"installing ipykernel in {agent.title}, which takes a minute or so")
    print(f"Kernels in {agent.title} run on {pythons.install(agent)}.")
    return True


def _list() -> None:
    from coder_nb.kernels.specs import specs

    found = specs()
    for spec in found:
        python = spec.python or "the Python with ipykernel"
        print(f"{spec.name:<24} {spec.title}: {python} in {spec.workspace} on {spec.deployment}")
    if not found:
        say("none yet; coder-nb kernel add WORKSPACE adds one")


def _remove(name: str) -> None:
    from coder_nb.kernels.specs import remove

    spec = remove(name)
    print(f"Jupyter does not offer {spec.title!r} any more.")


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if 0 < hours < 24 * 366:
        return hours
    raise argparse.ArgumentTypeError(f"a number of hours, such as 0.5 or 24, not {text!r}")
