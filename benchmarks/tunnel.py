"""A port of a workspace through a tunnel, beside the port itself, `ssh -L` to an sshd of this machine, and what the
terminal carries that the tunnel runs on.

All in one run, in turns; the fastest turn of each counts. Whoever asks and who answers are processes of their own.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from benchmarks.load import Asker, asker, server
from benchmarks.sshd import free_port, installed, sshd, wait_for
from coder_nb.client import Agent, connect
from coder_nb.embedded import launch

if TYPE_CHECKING:
    from coder_nb.api.pty import Pty

SIZE: Final = 64 * 1024 * 1024
CONNECTIONS: Final = (1, 10, 100)
TURNS: Final = 5
DIRECT, SSH, TUNNEL, BARE = "direct", "ssh -L", "tunnel", "bare terminal"
MORE, SHARE = 5.0, 0.85
"""Targets: the milliseconds a new connection may take longer than direct; the share of the bare terminal's speed."""


def run() -> None:
    """Prints a table of each question."""
    with ExitStack() as stack:
        demo = stack.enter_context(launch.start())
        agent = stack.enter_context(connect(demo.url, token=demo.token)).agent("here")
        port = stack.enter_context(server())
        asks = stack.enter_context(asker())
        tunnel = stack.enter_context(agent.forward(port))
        ports = {DIRECT: port, TUNNEL: tunnel.port}
        if installed():
            ports[SSH] = stack.enter_context(_ssh(port))
        else:
            print("no sshd (apt-get install openssh-server): ssh -L is not measured")
        print(f"through {tunnel.relay}; ms of one request, on average of {', '.join(map(str, CONNECTIONS))} at once")
        _requests("a new connection and a GET", "fresh", ports, asks, {})
        with _echo(agent) as echoed:
            _requests("a GET on a kept connection", "kept", ports, asks, {BARE: echoed})
        print(f"{SIZE >> 20} MiB in all: MB/s, and times the bare terminal with one connection")
        _speeds("to here", "down", ports, asks, lambda: _bare_down(agent))
        _speeds("to the workspace", "up", ports, asks, lambda: _bare_up(agent))


def _requests(title: str, what: str, ports: dict[str, int], asks: Asker, bare: dict[str, Callable[[], float]]) -> None:
    found = {
        count: _least({name: _ask(asks, what, port, count, max(4, 40 // count)) for name, port in ports.items()} | bare)
        for count in CONNECTIONS
    }
    print(f"  {title}")
    for name in found[1]:
        print(f"    {name:<16}" + "".join(f"{found[count][name] * 1000:>10.2f}" for count in CONNECTIONS))
    more = (found[1][TUNNEL] - found[1][DIRECT]) * 1000
    print(f"    one: {more:.2f} ms more than direct" + (f"   target: at most {MORE:g}" if what == "fresh" else ""))


def _speeds(title: str, what: str, ports: dict[str, int], asks: Asker, bare: Callable[[], object]) -> None:
    def by_hand() -> float:
        start = time.perf_counter()
        bare()
        return time.perf_counter() - start

    seconds = {
        count: _least(
            {name: _ask(asks, what, port, count, SIZE) for name, port in ports.items()}
            | ({BARE: by_hand} if count == 1 else {}),
            turns=3,
        )
        for count in CONNECTIONS
    }
    terminal = SIZE / seconds[1][BARE] / 1e6
    print(f"  {title:<20}" + "".join(f"{count:>8}" for count in CONNECTIONS))
    for name in ports:
        rates = [SIZE / seconds[count][name] / 1e6 for count in CONNECTIONS]
        shown = "".join(f"{rate:>8.1f}" for rate in rates)
        print(f"    {name:<18}{shown}{rates[0] / terminal:>9.2f}x" + _target(name))
    print(f"    {BARE:<18}{terminal:>8.1f}")


def _target(name: str) -> str:
    return f"   target: at least {SHARE:g}x" if name == TUNNEL else ""


def _ask(asks: Asker, what: str, port: int, connections: int, amount: int) -> Callable[[], float]:
    return lambda: asks.ask(what, port, connections=connections, amount=amount)


def _least(ways: dict[str, Callable[[], float]], turns: int = TURNS) -> dict[str, float]:
    """The least that each way answers, in turns."""
    rounds = [{name: way() for name, way in ways.items()} for _ in range(turns)]
    return {name: min(one[name] for one in rounds) for name in ways}


@contextmanager
def _ssh(port: int) -> Iterator[int]:
    """The local port of `ssh -L`."""
    with sshd() as (daemon, key):
        local = free_port()
        given = {"StrictHostKeyChecking": "no", "UserKnownHostsFile": "/dev/null", "ExitOnForwardFailure": "yes"}
        options = [word for name, value in given.items() for word in ("-o", f"{name}={value}")]
        where = ["-L", f"127.0.0.1:{local}:127.0.0.1:{port}", "-p", str(daemon), "-i", str(key), "127.0.0.1"]
        with subprocess.Popen(["ssh", "-N", "-F", "none", "-q", *options, *where]) as process:
            try:
                wait_for(local)
                yield local
            finally:
                process.terminate()


def _bare(agent: Agent, program: str) -> Pty:
    """A raw terminal that runs a program, which has said that it begins."""
    pty = agent._coder.api.pty.open(agent.id, shell="/bin/sh", command=f"stty raw -echo; echo; {program}")
    _read(pty, b"\n")
    return pty


def _read(pty: Pty, end: bytes) -> None:
    while not pty.read().endswith(end):
        pass


@contextmanager
def _echo(agent: Agent) -> Iterator[Callable[[], float]]:
    """Seconds from a line that is typed to its echo, on average of some."""
    with _bare(agent, "cat") as pty:

        def echoed() -> float:
            start = time.perf_counter()
            for _ in range(40):
                pty.write("x\n")
                _read(pty, b"\n")
            return (time.perf_counter() - start) / 40

        yield echoed


def _bare_down(agent: Agent) -> None:
    with _bare(agent, f"head -c {SIZE} /dev/zero | tr '\\0' a; read x") as pty:
        left = SIZE
        while left > 0:
            left -= len(pty.read())


def _bare_up(agent: Agent) -> None:
    with _bare(agent, f"head -c {SIZE} >/dev/null; echo done; read x") as pty:
        piece = "a" * (1024 * 1024)
        for _ in range(SIZE // len(piece)):
            pty.write(piece)
        _read(pty, b"done\n")
