"""Which Python of a workspace is to run kernels: the one asked for, one that has ipykernel, or one of our own making.

Looks and installs through commands like any other; installs into a folder of its own only, and only when told to.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coder_nb.errors import AgentUnavailable, CommandFailed, ConfigurationError, ProtocolError
from coder_nb.look import visible
from coder_nb.remote.files_protocol import word

if TYPE_CHECKING:
    from coder_nb.client import Agent

__all__ = ["OWN", "Python", "find", "install"]

OWN: Final = "~/.local/share/coder-nb/kernel"
"""Where Python environments of our own making are, for people."""
_PLACE: Final = 'V="${XDG_DATA_HOME:-$HOME/.local/share}/coder-nb/kernel"\n'
_LOOK_SECONDS: Final = 60.0
_INSTALL_SECONDS: Final = 900.0

_ASK: Final = """\
import json, sys
said = {"path": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "ipykernel": ""}
try:
    import zmq
    import ipykernel
    said["ipykernel"] = ipykernel.__version__
except ImportError:
    pass
print("\\036" + json.dumps(said))
"""
_CANDIDATES: Final = """\
for p in python3 python "$("${SHELL:-/bin/sh}" -lc 'command -v python3' </dev/null 2>/dev/null | tail -n 1)" \\
  "$V/bin/python"; do
  [ "$p" ] && command -v "$p" >/dev/null 2>&1 && ask "$p"
done
command -v uv >/dev/null 2>&1 && printf '\\036"uv"\\n'
:
"""
_INSTALL: Final = """\
set -e
rm -rf "$V"
trap '[ -x "$V/done" ] || rm -rf "$V"' EXIT
mkdir -p "${V%/*}"
if [ "$TOOL" = uv ]; then
  uv venv --quiet --python "$BASE" "$V"
  uv pip install --quiet --python "$V/bin/python" ipykernel
else
  "$BASE" -m venv "$V"
  "$V/bin/python" -m pip install --quiet --disable-pip-version-check ipykernel
fi
trap - EXIT
"""


@dataclass(frozen=True, slots=True)
class Python:
    """A Python in a workspace.

    Attributes:
        path: its path there.
        version: such as 3.12.4.
        ipykernel: the version it has; "" where it has none, and so can run no kernel.
    """

    path: str
    version: str
    ipykernel: str

    def __str__(self) -> str:
        has = f"ipykernel {self.ipykernel}" if self.ipykernel else "no ipykernel"
        return visible(f"{self.path} (Python {self.version}, {has})")


def find(agent: Agent, wanted: str | None = None) -> Python | None:
    """The Python to run kernels with.

    Args:
        agent: whose workspace.
        wanted: a path or name there, if a certain one is wanted; else python3, python, what the login shell calls
            python3, and one made by `install`.
    Returns:
        The first that has ipykernel; None where none of them has.
    Raises:
        ConfigurationError: the one wanted is not there, or has no ipykernel.
        AgentUnavailable: no command can be run there.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    if wanted:
        found, _ = _ask(agent, f"ask {word(wanted)}\n:")
        if found and found[0].ipykernel:
            return found[0]
        if not found:
            raise ConfigurationError(
                f"no Python to run kernels with in {agent.title}: {visible(wanted)} does not run there",
                hint=f"%coder run {agent.title} -- command -v python3",
            )
        raise ConfigurationError(
            f"no kernel can run in {agent.title}: {found[0]}",
            hint=f"%coder run {agent.title} -- {shlex.quote(found[0].path)} -m pip install ipykernel",
        )
    found, _ = _ask(agent, _CANDIDATES)
    return next((python for python in found if python.ipykernel), None)


def install(agent: Agent) -> Python:
    """Makes a Python environment of its own with ipykernel in it, in place of one that is there.

    Args:
        agent: whose workspace.
    Raises:
        ConfigurationError: there is no Python to make it with, or it cannot be made; nothing is left of it.
    Endpoint: GET /workspaceagents/{id}/pty
    """
    found, uv = _ask(agent, _CANDIDATES)
    if not found:
        raise ConfigurationError(
            f"no kernel can run in {agent.title}: there is no Python", hint="add python3 to the workspace's image"
        )
    names = f"BASE={shlex.quote(found[0].path)} TOOL={'uv' if uv else 'pip'}\n"
    try:
        agent.run(_PLACE + names + _INSTALL, timeout=_INSTALL_SECONDS)
    except CommandFailed as error:
        last = " ".join(error.output.split())[-400:]
        raise ConfigurationError(
            f"ipykernel could not be installed in {agent.title}: {visible(last)}",
            hint="its image needs python3 with venv, or uv, and the workspace a way to a package index",
        ) from None
    made, _ = _ask(agent, 'ask "$V/bin/python"\n:')
    if not made or not made[0].ipykernel:
        raise ConfigurationError(
            f"ipykernel was installed in {agent.title} and cannot be imported there",
            hint=f"%coder run {agent.title} -- {OWN}/bin/python -m ipykernel --version",
        )
    return made[0]


def _ask(agent: Agent, candidates: str) -> tuple[list[Python], bool]:
    """The Pythons among these, and whether there is uv."""
    ask = f'ask() {{ "$1" -c {shlex.quote(_ASK)} </dev/null 2>/dev/null; }}\n'
    result = agent.run(_PLACE + ask + candidates, timeout=_LOOK_SECONDS, check=False)
    if not result.ok:
        raise AgentUnavailable(
            f"no Python could be looked for in {agent.title}: {visible(result.output.strip()[-300:])}",
            hint=f"%coder show {agent.title}",
        )
    found, uv = [], False
    for line in result.output.split("\n"):
        if not line.startswith("\x1e"):
            continue
        try:
            said = json.loads(line[1:])
            if said == "uv":
                uv = True
            else:
                found.append(Python(str(said["path"]), str(said["version"]), str(said["ipykernel"])))
        except (ValueError, KeyError, TypeError):
            raise ProtocolError(f"{agent.title} did not answer which Pythons it has") from None
    return found, uv
