"""One life of an agent on this machine: from the start of its scripts until everything they started has ended.

It reads no requests and makes no agents; it fills the log, the times and the metadata of the one it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Literal

from coder_nb.embedded.here.build import HEARTBEAT, STARTUP
from coder_nb.embedded.here.measures import Measures
from coder_nb.embedded.here.scripts import Batcher, ScriptEnd, ScriptRun
from coder_nb.embedded.state import Agent, Build, Script, ScriptTiming

__all__ = ["Life"]


class Life:
    """Runs an agent's scripts; `start` begins.

    Args:
        agent: whose.
        build: the one that made the agent; keeps what its scripts took.
        environ: the variables its scripts see.
        heartbeat_seconds: the time between two lines on the machine's load.
        changed: called when the agent's state is another, on any thread.
    """

    def __init__(
        self,
        agent: Agent,
        build: Build,
        environ: Mapping[str, str],
        *,
        heartbeat_seconds: float,
        changed: Callable[[], None],
    ) -> None:
        self._agent, self._build, self._environ = agent, build, environ
        self._heartbeat_seconds = heartbeat_seconds
        self._changed = changed
        self._batcher: Batcher | None = None
        self._measures = Measures(agent, environ)
        self._heart = Thread(target=self._beat, name="coder-nb:here-heartbeat", daemon=True)
        self._runs: set[ScriptRun] = set()
        self._lock = Lock()
        self._started = Event()
        self._closing = Event()

    def start(self) -> None:
        """Runs the startup script; returns at once. Call it once."""
        self._batcher = Batcher(self._append)
        self._agent.started_at = datetime.now(UTC)
        self._agent.lifecycle_state = "starting"
        self._run(self._script(STARTUP), self._startup_ended)
        self._heart.start()
        self._measures.start()

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
        self._measures.close()
        if self._batcher:
            self._batcher.close()

    def _script(self, name: str) -> Script:
        return next(script for script in self._agent.scripts if script.display_name == name)

    def _append(self, source_id: str, lines: list[tuple[str, str]]) -> None:
        # An agent stops sending when its log is full.
        if self._agent.logs.overflowed:
            return
        first = not self._agent.logs.length
        if not self._agent.logs.append(source_id, lines, at=datetime.now(UTC)) or first:
            self._changed()

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
        self._agent.ready_at = datetime.now(UTC)
        self._agent.lifecycle_state = "ready" if end.status == "ok" else "start_error"
        self._started.set()
        self._changed()

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
            agent_id=self._agent.id,
            agent_name=self._agent.name,
            display_name=script.display_name,
            started_at=end.started_at,
            ended_at=end.ended_at,
            exit_code=end.exit_code,
            stage=stage,
            status=end.status,
        )
        # Of a script that runs for ever only the newest run is kept, so that a long demo does not grow.
        self._build.script_timings = [
            *(one for one in self._build.script_timings if one.display_name != timing.display_name),
            timing,
        ]
