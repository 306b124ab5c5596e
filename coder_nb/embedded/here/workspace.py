"""Workspace `here`: this machine as a workspace, with scripts that really run, real ports and real containers.

The startup script runs in a shell when `start` is called and only looks at the machine; a second script tells its load
every 10 seconds. Nothing is installed, written or left behind: `close` ends every process and thread it started.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Final, Literal

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.here.build import HEARTBEAT, STARTUP, add_here
from coder_nb.embedded.here.containers import Containers
from coder_nb.embedded.here.ports import ListeningPorts
from coder_nb.embedded.here.scripts import Batcher, ScriptEnd, ScriptRun, environment
from coder_nb.embedded.state import Agent, ContainerListing, Deployment, Script, ScriptTiming, User, Workspace

__all__ = ["HEARTBEAT_SECONDS", "Here"]

HEARTBEAT_SECONDS: Final = 10.0


class Here:
    """Adds workspace `here` to a deployment; `start` brings its agent to life.

    Args:
        deployment: gets the workspace and its template; the workspace has the real clock.
        owner: whose it is.
        startup: shell source of the startup script; None for the one that describes the machine.
        heartbeat_seconds: the time between two lines on the machine's load.
        url: the deployment's address, for what runs here to ask it; None where nothing listens.
        token: the agent's token; a fresh one where it is None.
    """

    def __init__(
        self,
        deployment: Deployment,
        owner: User,
        *,
        startup: str | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        url: str | None = None,
        token: Secret | None = None,
    ) -> None:
        self.workspace: Workspace = add_here(deployment, owner, startup, token)
        self.agent: Agent = self.workspace.latest.agents[0]
        self.agent.ports = ListeningPorts().read
        self.agent.containers = self._listing
        self._containers = Containers()
        self._environ = environment(
            {
                "CODER": "true",
                "CODER_WORKSPACE_NAME": self.workspace.name,
                "CODER_WORKSPACE_AGENT_NAME": self.agent.name,
                "CODER_WORKSPACE_OWNER_NAME": owner.username,
                "PYTHON": sys.executable,
                **_own_side(self.agent, url),
            }
        )
        self._heartbeat_seconds = heartbeat_seconds
        self._batcher: Batcher | None = None
        self._heart = Thread(target=self._beat, name="coder-nb:here-heartbeat", daemon=True)
        self._runs: set[ScriptRun] = set()
        self._lock = Lock()
        self._started = Event()
        self._closing = Event()

    def __enter__(self) -> Here:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Runs the startup script; returns at once. Call it once."""
        self._batcher = Batcher(self._append)
        self.agent.started_at = datetime.now(UTC)
        self.agent.lifecycle_state = "starting"
        self._run(self._script(STARTUP), self._startup_ended)
        self._heart.start()

    def close(self) -> None:
        """Ends the scripts with everything they started, then the threads; the log keeps what came until then."""
        with self._lock:
            self._closing.set()
            runs = list(self._runs)
        self._started.set()
        for run in runs:
            run.stop()
        if self._heart.is_alive():
            self._heart.join()
        if self._batcher:
            self._batcher.close()

    def _script(self, name: str) -> Script:
        return next(script for script in self.agent.scripts if script.display_name == name)

    def _listing(self) -> ContainerListing:
        # An agent looks for containers only after its start scripts have ended.
        return self._containers.read() if self.agent.ready_at else ContainerListing()

    def _append(self, source_id: str, lines: list[tuple[str, str]]) -> None:
        # An agent stops sending when its log is full.
        if not self.agent.logs.overflowed:
            self.agent.logs.append(source_id, lines, at=datetime.now(UTC))

    def _run(self, script: Script, ended: Callable[[Script, ScriptEnd], None]) -> ScriptRun | None:
        """Runs a script unless this is closing. One that cannot even start ends with 127, as in a shell."""
        batcher = self._batcher
        assert batcher

        def line(level: str, output: str) -> None:
            batcher.add(script.log_source_id, level, output)

        def over(end: ScriptEnd) -> None:
            with self._lock:
                self._runs.discard(run)
            ended(script, end)

        with self._lock:
            if self._closing.is_set():
                return None
            try:
                run = ScriptRun(script.script, self._environ, line=line, ended=over)
            except OSError as error:
                line("error", f"cannot run a shell: {error}")
            else:
                self._runs.add(run)
                return run
        now = datetime.now(UTC)
        ended(script, ScriptEnd(now, now, 127, "exit_failure"))
        return None

    def _startup_ended(self, script: Script, end: ScriptEnd) -> None:
        assert self._batcher
        # Whoever sees the agent ready finds its whole startup log.
        self._batcher.flush()
        self._record(script, end, "start")
        self.agent.ready_at = datetime.now(UTC)
        self.agent.lifecycle_state = "ready" if end.status == "ok" else "start_error"
        self._started.set()

    def _beat(self) -> None:
        self._started.wait()
        script = self._script(HEARTBEAT)
        while not self._closing.is_set():
            run = self._run(script, lambda script, end: self._record(script, end, "cron"))
            if run:
                run.join()
            self._closing.wait(self._heartbeat_seconds)

    def _record(self, script: Script, end: ScriptEnd, stage: Literal["start", "cron"]) -> None:
        timing = ScriptTiming(
            agent_id=self.agent.id,
            agent_name=self.agent.name,
            display_name=script.display_name,
            started_at=end.started_at,
            ended_at=end.ended_at,
            exit_code=end.exit_code,
            stage=stage,
            status=end.status,
        )
        build = self.workspace.latest
        # Of a script that runs for ever only the newest run is kept, so that a long demo does not grow.
        build.script_timings = [
            *(one for one in build.script_timings if one.display_name != timing.display_name),
            timing,
        ]


def _own_side(agent: Agent, url: str | None) -> dict[str, str]:
    """What a process needs to ask the deployment as its agent does."""
    if url is None or agent.token is None:
        return {}
    # A bootstrap script leaves the slash at the end.
    return {
        "CODER_AGENT_URL": f"{url}/",
        "CODER_AGENT_AUTH": "token",
        "CODER_AGENT_TOKEN": agent.token.reveal(),
    }
