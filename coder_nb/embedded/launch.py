"""The one door to the embedded deployment: join the one that runs, or start one as a child process.

The child gets its tokens through its standard input and ends with that pipe, so with this process, however it ends.
Importing this module loads no server.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import IO, Final, Self

from coder_nb.credentials.resolve import Credentials
from coder_nb.credentials.secret import Secret
from coder_nb.credentials.variables import Variables
from coder_nb.embedded import runtime
from coder_nb.errors import ConfigurationError

__all__ = ["Demo", "inside_here", "join_or_start", "running", "serve", "start", "wait"]

READY_SECONDS: Final = 30.0
CLOSE_SECONDS: Final = 5.0
USER: Final = "ada"

_lock = Lock()
_own: Demo | None = None


class Demo:
    """A deployment that runs as a child of this process.

    Attributes:
        url: its address, without a trailing slash.
        token: a session of its first user, a site owner.
        tokens: a session of each user it was started for, by name.
        agent_token: what the first build of workspace `here` authenticates with; None without one.
    """

    def __init__(
        self,
        child: subprocess.Popen[str],
        url: str,
        tokens: Mapping[str, Secret],
        agent_token: Secret | None = None,
    ) -> None:
        self.url = url
        self.tokens = tokens
        self.agent_token = agent_token
        self.token = next(iter(tokens.values()))
        self._child = child
        self._pid = os.getpid()
        atexit.register(self.close)

    def __repr__(self) -> str:
        return f"Demo({self.url!r})"

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the child is still there; False in a fork of the process that started it."""
        return self._pid == os.getpid() and self._child.poll() is None

    def close(self) -> None:
        """Ends the child and waits for it; may be called again. A fork of this process leaves it alone."""
        if self._pid != os.getpid():
            return
        atexit.unregister(self.close)
        _end(self._child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(
    *,
    scenario: str | Path | None = "fleet",
    here: bool = True,
    port: int = 0,
    publish: bool = False,
    users: Sequence[str] = (USER,),
) -> Demo:
    """Starts a deployment and waits until it listens.

    Args:
        scenario: the name or path of the simulated fleet; None for none.
        here: whether this machine is workspace `here`.
        port: where it listens; 0 for any free port.
        publish: whether `running` finds it, in every process of this user.
        users: who gets a session; the first is the one `token` is for.

    Raises:
        ConfigurationError: it could not start: the port is taken, the scenario is wrong.
    """
    from coder_nb.embedded.keys import new_token

    tokens = {name: Secret(new_token()) for name in users}
    agent_token = Secret(str(uuid.uuid4())) if here else None
    settings = {
        "agent_token": agent_token.reveal() if agent_token else None,
        "tokens": {name: token.reveal() for name, token in tokens.items()},
        "scenario": str(scenario.resolve()) if isinstance(scenario, Path) else scenario,
        "here": here,
        "port": port,
        "publish": publish,
    }
    child = _spawn()
    try:
        url = _hand_over(child, json.dumps(settings))
    except BaseException:
        _end(child)
        raise
    return Demo(child, url, tokens, agent_token)


def serve(*, port: int = 0, scenario: str | Path | None = None) -> Demo:
    """Starts the deployment that every process of this user joins.

    Args:
        port: where it listens; 0 for any free port.
        scenario: the path of a scenario file; None for the built-in fleet.

    Raises:
        ConfigurationError: it could not start.
    """
    return start(port=port, scenario=scenario or "fleet", publish=True)


def wait(demo: Demo) -> None:
    """Returns when the deployment has ended; Ctrl-C interrupts the wait."""
    demo._child.wait()


def running() -> Credentials | None:
    """The deployment that another process has published, None where none answers."""
    notice = runtime.read()
    if notice is None or not runtime.answers(notice):
        return None
    return Credentials(notice.url, notice.token, source="the running demo deployment")


def join_or_start() -> Credentials:
    """The published deployment; where there is none, one of this process's own, which ends with it.

    Raises:
        ConfigurationError: it could not start.
    """
    global _own
    with _lock:
        if _own is None or not _own.alive:
            found = running()
            if found is not None:
                return found
            _own = start()
        return Credentials(_own.url, _own.token, source="a demo deployment of this process")


def inside_here() -> Variables:
    """The variables by which a process in workspace `here` finds its deployment: for `coder_nb.inside(environ=…)`.

    Those of the deployment `join_or_start` gives, and of the build it began with: a later one has another token.

    Raises:
        ConfigurationError: it could not start, or has no workspace `here`.
    """
    credentials = join_or_start()
    notice = runtime.read()
    if _own is not None and _own.url == credentials.url:
        token = _own.agent_token
    else:
        token = notice.agent_token if notice is not None and notice.url == credentials.url else None
    if token is None:
        raise ConfigurationError("the demo deployment has no workspace here", hint="coder-nb serve starts one that has")
    return Variables(
        CODER="true",
        CODER_AGENT_URL=f"{credentials.url}/",
        CODER_AGENT_TOKEN=token.reveal(),
        CODER_WORKSPACE_NAME="here",
        CODER_WORKSPACE_AGENT_NAME="main",
        CODER_WORKSPACE_OWNER_NAME=USER,
    )


def _spawn() -> subprocess.Popen[str]:
    return subprocess.Popen(
        # -P: a file beside a notebook must not pass for a module of the server.
        [sys.executable, "-P", "-m", "coder_nb.embedded"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={name: value for name, value in os.environ.items() if not name.startswith("CODER_")},
        # Its own session: a Ctrl-C in the terminal is for the notebook, not for the server.
        start_new_session=True,
    )


def _hand_over(child: subprocess.Popen[str], settings: str) -> str:
    """Sends the settings and waits for the child's one line; returns its address."""
    assert child.stdin is not None and child.stdout is not None
    with suppress(BrokenPipeError):
        child.stdin.write(settings + "\n")
        child.stdin.flush()
    line = _first_line(child.stdout)
    if line is None:
        raise ConfigurationError(
            f"the demo deployment did not answer within {READY_SECONDS:.0f} s", hint="python -m coder_nb.embedded"
        )
    try:
        said = json.loads(line)
    except ValueError:
        raise ConfigurationError(
            "the demo deployment ended before it listened", hint="python -m coder_nb.embedded"
        ) from None
    if "error" in said:
        raise ConfigurationError(said["error"], hint=said.get("hint", ""))
    return str(said["url"])


def _first_line(stream: IO[str]) -> str | None:
    lines: list[str] = []
    reader = Thread(target=lambda: lines.append(stream.readline()), name="coder-nb:demo-ready", daemon=True)
    reader.start()
    reader.join(READY_SECONDS)
    return lines[0] if lines else None


def _end(child: subprocess.Popen[str]) -> None:
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    for insist in (child.terminate, child.kill, None):
        try:
            child.wait(CLOSE_SECONDS)
            break
        except subprocess.TimeoutExpired:
            if insist is not None:
                insist()
    # A reader that still waits would hold the stream's lock; it ends with the child.
    if child.stdout is not None and child.poll() is not None:
        child.stdout.close()
