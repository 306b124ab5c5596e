"""Where a terminal's program finds itself: its home, its variables, the login shell.

`here` is this machine and its user. A simulated workspace has a temporary home of its own, and of this machine's
variables only what a shell needs to work. No CODER_* variable of this process is passed on.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from coder_nb.embedded.here.scripts import environment
from coder_nb.embedded.state import Agent, Disk, Workspace
from coder_nb.embedded.terminals.disk import furnish

__all__ = ["Place", "Places"]

_NEEDED: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")


class Place(NamedTuple):
    """A working directory, variables, and a shell."""

    directory: str
    environ: Mapping[str, str]
    shell: str


class Places:
    """The places of one server; `close` removes the temporary ones."""

    def __init__(self) -> None:
        self._homes: dict[tuple[str, str], str] = {}

    def of(self, workspace: Workspace, agent: Agent, url: str, *, login_shell: str = "") -> Place:
        """Where a program of an agent runs.

        Args:
            workspace: the agent's.
            agent: whose.
            url: the deployment's address.
            login_shell: instead of the one of who runs this.
        """
        names = {
            "CODER": "true",
            "CODER_WORKSPACE_NAME": workspace.name,
            "CODER_WORKSPACE_OWNER_NAME": workspace.owner.username,
            "CODER_WORKSPACE_AGENT_NAME": agent.name,
            "CODER_AGENT_URL": f"{url}/",
            "SSH_CLIENT": "0.0.0.0 0 0",
            "SSH_CONNECTION": "0.0.0.0 0 0.0.0.0 0",
            "TERM": "xterm-256color",
        }
        if agent.token is not None:
            names["CODER_AGENT_TOKEN"] = agent.token.reveal()
        shell, user, home = _account()
        shell = login_shell or shell
        names["SHELL"] = shell
        names |= agent.environment_variables or {}
        if workspace.runner is not None:
            names |= {"USER": user, "LOGNAME": user, "HOME": home}
            directory = agent.expanded_directory or home
            inherited = environment(names)
            # The terminal has a size of its own.
            for name in ("COLUMNS", "LINES"):
                inherited.pop(name, None)
            return Place(directory if Path(directory).is_dir() else "/", inherited, shell)
        home, user = self._home(workspace, agent), workspace.owner.username
        names |= {"USER": user, "LOGNAME": user, "HOME": home}
        known = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        if agent.disk is not None:
            known["PATH"] = f"{self._disk(home, agent.disk)}:{known.get('PATH', os.defpath)}"
        return Place(home, known | names, shell)

    def inside(self, outside: Place, container: str, user: str) -> Place:
        """Where a program in a simulated container runs: in a home of its own, on a host named as engines name it.

        Args:
            outside: where it would run beside the container.
            container: its id.
            user: in there; "" for the container's own.
        """
        key = "container", container
        if key not in self._homes:
            self._homes[key] = tempfile.mkdtemp(prefix=f"coder-nb-{container[:12]}-")
        home, user = self._homes[key], user or "root"
        known = {name: value for name, value in outside.environ.items() if name in _NEEDED or name == "TERM"}
        names = {"HOSTNAME": container[:12], "HOME": home, "USER": user, "LOGNAME": user, "SHELL": outside.shell}
        return Place(home, known | names, outside.shell)

    def close(self) -> None:
        """Removes the homes of simulated workspaces; may be called again."""
        while self._homes:
            shutil.rmtree(self._homes.popitem()[1], ignore_errors=True)

    def _disk(self, home: str, disk: Disk) -> str:
        """The folder of the programs that tell of a simulated disk; its large files are in the home then."""
        key = "disk", home
        if key not in self._homes:
            self._homes[key] = tempfile.mkdtemp(prefix="coder-nb-disk-")
            furnish(Path(home), Path(self._homes[key]), disk)
        return self._homes[key]

    def _home(self, workspace: Workspace, agent: Agent) -> str:
        # By name: a build makes new agents, and the home outlives them.
        key = workspace.id, agent.name
        if key not in self._homes:
            self._homes[key] = tempfile.mkdtemp(prefix=f"coder-nb-{workspace.name}-")
        return self._homes[key]


def _account() -> tuple[str, str, str]:
    """Login shell, name and home of who runs this."""
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        # Containers run as users that nothing knows.
        return "/bin/sh", str(os.getuid()), os.environ.get("HOME", "/")
    shell = entry.pw_shell if os.access(entry.pw_shell, os.X_OK) else "/bin/sh"
    return shell, entry.pw_name, os.environ.get("HOME") or entry.pw_dir
