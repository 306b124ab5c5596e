"""How long a command takes beside the bare terminal it runs on, and beside paramiko against an sshd of this machine.

All in one run, in turns; the fastest turn of each counts. Without sshd, or without paramiko, only the terminals are
measured.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sshd import installed, sshd
from coder_nb.client import Agent, connect
from coder_nb.embedded import launch
from coder_nb.remote.kept import KeptLines

TURNS = 40
SIZE = 50 * 1024 * 1024
BARE = "bare terminal, first byte"
OPENED = "agent.run, opening a terminal"
KEPT = "agent.run, one after another"
SESSION = "session.run"
SSH_OPENED = "paramiko, connecting"
SSH = "paramiko, connected"
TARGETS = {OPENED: 5.0, SESSION: 1.0}
SPEED_TARGET = 0.7


@dataclass(frozen=True)
class Way:
    """Something to be timed, and what is done before, untimed."""

    go: Callable[[], object]
    before: Callable[[], object] = lambda: None


def run() -> None:
    """Prints a table of times and one of speeds."""
    with ExitStack() as stack:
        demo = stack.enter_context(launch.start())
        coder = stack.enter_context(connect(demo.url, token=demo.token))
        agent = coder.agent("here")
        session = stack.enter_context(agent.session())
        client = _paramiko(stack)
        ways = {
            BARE: Way(lambda: _first_byte(agent)),
            OPENED: Way(lambda: agent.run("true"), before=lambda: _forget(agent)),
            KEPT: Way(lambda: agent.run("true")),
            SESSION: Way(lambda: session.run("true")),
        }
        many = f"head -c {SIZE} /dev/zero | tr '\\0' a"
        large = {
            "bare terminal": Way(lambda: _bare_output(agent, many)),
            "agent.run": Way(lambda: agent.run(many)),
            "session.run, bytes": Way(lambda: session.run(many, text=False)),
        }
        if client is not None:
            ways |= {SSH_OPENED: Way(lambda: _ssh(client, "true")), SSH: Way(lambda: client.exec("true"))}
            large["paramiko, connected"] = Way(lambda: client.exec(many))
        _print_times(_fastest(ways, turns=TURNS))
        _print_speeds(_fastest(large, turns=3))


def _fastest(ways: dict[str, Way], *, turns: int) -> dict[str, float]:
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(turns):
        for name, way in ways.items():
            way.before()
            start = time.perf_counter()
            way.go()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def _print_times(times: dict[str, float]) -> None:
    print('running "true": milliseconds, and times the bare terminal')
    for name, seconds in times.items():
        target = f"   target: at most {TARGETS[name]:g}x" if name in TARGETS else ""
        print(f"  {name:<32}{seconds * 1000:>9.2f}{seconds / times[BARE]:>9.2f}x{target}")


def _print_speeds(times: dict[str, float]) -> None:
    print(f"output of {SIZE >> 20} MiB: MB/s, and times the bare terminal")
    bare = times["bare terminal"]
    for name, seconds in times.items():
        target = f"   target: at least {SPEED_TARGET:g}x" if name == "agent.run" else ""
        print(f"  {name:<32}{SIZE / seconds / 1e6:>9.1f}{bare / seconds:>9.2f}x{target}")


def _forget(agent: Agent) -> None:
    agent._coder._lines.close()
    agent._coder._lines = KeptLines()


def _first_byte(agent: Agent) -> None:
    with agent._coder.api.pty.open(agent.id, shell="/bin/sh", command="echo; read x") as pty:
        pty.read()


def _bare_output(agent: Agent, command: str) -> None:
    with agent._coder.api.pty.open(agent.id, shell="/bin/sh", command=f"stty raw -echo; {command}; read x") as pty:
        left = SIZE
        while left > 0:
            left -= len(pty.read())


class _Ssh:
    """Commands over one connection, as paramiko's own example does it."""

    def __init__(self, port: int, key: Path) -> None:
        import paramiko

        self._client = paramiko.SSHClient()
        self._client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        self._client.connect(
            "127.0.0.1", port, getpass.getuser(), key_filename=str(key), allow_agent=False, look_for_keys=False
        )

    def exec(self, command: str) -> bytes:
        """Runs one; its output, and its exit code is asked for too."""
        _, out, _ = self._client.exec_command(command)
        output: bytes = out.read()
        out.channel.recv_exit_status()
        return output

    def close(self) -> None:
        self._client.close()


@dataclass(frozen=True)
class _Server:
    """An sshd, and a connection to it."""

    port: int
    key: Path
    client: _Ssh

    def exec(self, command: str) -> bytes:
        return self.client.exec(command)


def _ssh(server: _Server, command: str) -> None:
    client = _Ssh(server.port, server.key)
    client.exec(command)
    client.close()


def _paramiko(stack: ExitStack) -> _Server | None:
    try:
        import paramiko  # noqa: F401
    except ImportError:
        print("no paramiko (pip install 'coder-nb[bench]'): not measured")
        return None
    if not installed():
        print("no sshd (apt-get install openssh-server): paramiko is not measured")
        return None
    port, key = stack.enter_context(sshd())
    client = _Ssh(port, key)
    stack.callback(client.close)
    return _Server(port, key, client)


if __name__ == "__main__":
    run()
