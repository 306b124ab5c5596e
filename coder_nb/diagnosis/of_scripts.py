"""Rules about the scripts an agent runs: how they ended, how long they took, and what they wrote last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from coder_nb.api.builds import ScriptTiming
from coder_nb.diagnosis.cause import Evidence, Found
from coder_nb.diagnosis.facts import AgentFacts, Facts, Line
from coder_nb.diagnosis.telling import evidence, long, typed

__all__ = ["EXITS", "failed", "left_open", "running", "slower", "too_long"]

EXITS: Mapping[int, str] = {
    124: "a command took too long",
    126: "a command could not be executed",
    127: "a command was not found",
    130: "interrupted",
    137: "killed, as when memory runs out",
    143: "ended from outside",
}
"""What exit codes of shells mean."""

SLOWER, SLOWER_BY = 1.5, 20.0
"""A script is slow that takes so many times what it took in the start before, and so many seconds more."""
_LAST = 3


def failed(facts: Facts) -> Iterator[Found]:
    """A script ended with an exit code that is not 0; its last errors say why."""
    for it in facts.agents:
        runs = [run for run in it.timings if run.status == "exit_failure" and (run.stage != "stop" or it.live)]
        for run in runs:
            meaning = EXITS.get(run.exit_code, "")
            yield Found(
                it.title,
                f"{run.stage} script {run.display_name} failed with exit code {run.exit_code}"
                + (f" ({meaning})" if meaning else ""),
                (*evidence(_last_words(it, run)), Evidence("ended", f"after {long(_seconds(run))}", run.ended_at)),
                _log(it, run),
                at=run.ended_at,
                level="problem" if run.stage == "start" and it.live else "warning",
            )
        if it.live and it.agent.lifecycle_state == "start_error" and not it.timings:
            yield Found(
                it.title,
                "a start script failed",
                (Evidence("lifecycle", "start_error"), *evidence(_words(it.loud)[-_LAST:])),
                f"%coder logs {it.title} --level error",
                at=it.agent.ready_at,
            )


def left_open(facts: Facts) -> Iterator[Found]:
    """A script ended, but something it has started holds its output, so that the agent counts it as failed."""
    for it, run in _runs(facts, "pipes_left_open"):
        yield Found(
            it.title,
            f"{run.stage} script {run.display_name} ended and left its output open to what it had started",
            (
                Evidence("exit code", str(run.exit_code), run.ended_at),
                *evidence(_last_words(it, run)),
                Evidence("cure", "in the template: COMMAND >/tmp/log 2>&1 &"),
            ),
            _log(it, run),
            at=run.ended_at,
        )


def too_long(facts: Facts) -> Iterator[Found]:
    """A script was ended because its time was up."""
    for it, run in _runs(facts, "timed_out"):
        declared = next((one for one in it.agent.scripts if one.display_name == run.display_name), None)
        limit = [Evidence("time it has", long(declared.timeout / 1e9))] if declared and declared.timeout else []
        yield Found(
            it.title,
            f"{run.stage} script {run.display_name} was ended: its time was up",
            (*limit, Evidence("ended", f"after {long(_seconds(run))}", run.ended_at), *evidence(_last_words(it, run))),
            _log(it, run),
            at=run.ended_at,
        )


def running(facts: Facts) -> Iterator[Found]:
    """Start scripts still run, so that it is not ready yet."""
    for it in facts.connected():
        if it.agent.lifecycle_state not in ("created", "starting"):
            continue
        over = {run.display_name for run in it.timings if run.stage == "start"}
        left = [one.display_name for one in it.agent.scripts if one.run_on_start and one.display_name not in over]
        since = it.agent.started_at
        ran = (Evidence("running for", long((facts.now - since).total_seconds()), since),) if since else ()
        yield Found(
            it.title,
            "its start scripts still run" + (f": {', '.join(left)}" if left else ""),
            (*ran, *evidence(it.last(1))),
            f"%coder wait {facts.title}",
            at=since,
        )


def slower(facts: Facts) -> Iterator[Found]:
    """A start script took much longer than in the start before."""
    then = facts.before
    for it in facts.agents if then else ():
        took = {run.display_name: _seconds(run) for run in it.before if _went_well(run)}
        for run in it.timings:
            was, now = took.get(run.display_name), _seconds(run)
            if was is None or not _went_well(run) or now < max(was * SLOWER, was + SLOWER_BY):
                continue
            yield Found(
                it.title,
                f"start script {run.display_name} took {long(now)}, {long(was)} in the start before",
                (
                    Evidence("this start", f"{now:.1f} s", run.started_at),
                    Evidence(f"build {then.build_number}" if then else "before", f"{was:.1f} s", _began(it, run)),
                    *evidence([line for line in it.loud if line.source == run.display_name][:_LAST]),
                ),
                f"{_log(it, run, tail=False)} --build -1",
                at=run.started_at,
            )


def _runs(facts: Facts, status: str) -> Iterator[tuple[AgentFacts, ScriptTiming]]:
    return ((it, run) for it in facts.agents for run in it.timings if run.status == status and it.live)


def _log(it: AgentFacts, run: ScriptTiming, *, tail: bool = True) -> str:
    """The line that shows what a script wrote."""
    ids = {script.display_name: script.log_source_id for script in it.agent.scripts}
    source = typed(run.display_name, ids.get(run.display_name, ""))
    return f"%coder logs {it.title} --source {source}" + (" --tail 40" if tail else "")


def _last_words(it: AgentFacts, run: ScriptTiming) -> list[Line]:
    """The last lines of level error a script wrote while it ran, without the traces below them."""
    until = run.ended_at + timedelta(seconds=2)
    own = [line for line in it.loud if line.source == run.display_name and line.at <= until]
    return _words([line for line in own if line.level == "error"])[-_LAST:]


def _words(lines: list[Line]) -> list[Line]:
    """Without lines that go on with one before, and each text once: the last time it was written."""
    newest = {line.text: line for line in lines if line.text and not line.text[0].isspace()}
    return sorted(newest.values(), key=lambda line: line.at)


def _seconds(run: ScriptTiming) -> float:
    return (run.ended_at - run.started_at).total_seconds()


def _went_well(run: ScriptTiming) -> bool:
    return run.stage == "start" and run.status == "ok"


def _began(it: AgentFacts, run: ScriptTiming) -> datetime:
    return next(one.started_at for one in it.before if one.display_name == run.display_name)
