"""`%coder logs`: what an agent's scripts wrote, or what the provisioner wrote while it built the workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import COUNT, INTEGER, REGEX, SOURCE, TIME, WORKSPACE, choice
from coder_nb.magics.live import live, log_lines

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.client import Agent
    from coder_nb.widgets.log_view import LogView

LEVELS = choice("LEVEL", "trace", "debug", "info", "warn", "error")


@Command(
    "logs",
    "log lines as a DataFrame",
    Section.AGENTS,
    returns="a frame, a row a line: id, time, level, source, text, raw, source_id; with --provisioner: id, time, "
    "level, stage, source, text; with -f a live view: .frame, .selection, .stop().",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(("--level",), "at least this level", LEVELS),
        Flag(("--source",), "only this log source, by name or id", SOURCE),
        Flag(("--grep",), "only lines whose text this regular expression finds", REGEX),
        Flag(("--since",), "only from then on: 10m, 2h or 1d before the server's now, or a date", TIME),
        Flag(("--until",), "only until then", TIME),
        Flag(("--tail",), "only the last N lines, counted after all other filters", COUNT),
        Flag(
            ("--after",),
            "only lines with a greater id: what is new since the last time, and cheap for the server",
            COUNT,
        ),
        Flag(("--build",), "an older build, by number; -1 is the start before the latest, and so on back", INTEGER),
        Flag(("--provisioner",), "the build's own log instead of the agent's"),
        Flag(("-f", "--follow"), "live: a view that grows in a notebook; lines until Ctrl-C in a terminal"),
    ),
    notes=(
        "A stopped workspace shows the lines of its last start.",
        "--json is the server's whole answer: of the flags only --after, --build and --provisioner bear on it.",
    ),
    examples=(
        Example("%coder logs dev --level warn --since 1h", "warnings and worse of the last hour"),
        Example(
            "df = %coder logs dev --source 'Startup Script' --tail 50", "the last 50 lines of one script, kept in df"
        ),
        Example("%coder logs dev --build -1 --grep 'error|denied'", "what went wrong in the start before"),
        Example("%coder logs dev --provisioner", "what the template's build wrote"),
        Example("%coder logs dev -f --level warn", "warnings as they come"),
    ),
    json=r"/workspaceagents/[^/]+/(?:startup-)?logs|/workspacebuilds/[^/]+/logs",
)
def logs(
    call: Call,
    *,
    workspace: str | None,
    level: str | None,
    source: str | None,
    grep: str | None,
    since: str | None,
    until: str | None,
    tail: int | None,
    after: int | None,
    build: int | None,
    provisioner: bool,
    follow: bool,
) -> DataFrame | LogView | None:
    """Runs `%coder logs`."""
    if follow:
        given = {"--since": since, "--until": until, "--tail": tail, "--after": after, "--build": build}
        other = [flag for flag, value in (given | {"--provisioner": provisioner or None}).items() if value is not None]
        if other:
            raise InvalidCommand(f"-f shows what comes, and {other[0]} is about what was", hint=logs.usage)
        return _follow(call.agent(workspace), level, source, grep)
    if not provisioner:
        return call.agent(workspace, build=build).logs(
            level=level, source=source, grep=grep, since=since, until=until, tail=tail, after=after or 0
        )
    if after is not None:
        raise InvalidCommand("--after counts an agent's lines, which --provisioner does not show", hint=logs.usage)
    from coder_nb import frames

    frame = call.coder.workspace(call.name(workspace)).build_logs(build)
    now = call.coder.api.http.server_time or datetime.now(UTC)
    return frames.filter_logs(
        frame, level=level, source=source, grep=grep, since=since, until=until, tail=tail, now=now
    )


def _follow(agent: Agent, level: str | None, source: str | None, grep: str | None) -> LogView | None:
    """The live view, or lines in a terminal; filtered alike."""

    def lines() -> Iterator[str]:
        return log_lines(agent.follow_logs(level=level, source=source, grep=grep), _named(agent))

    return live(lambda: agent.watch_logs(level=level, source=source, grep=grep), lines)


def _named(agent: Agent) -> Callable[[str], str]:
    """Tells a source's name by its id, and asks for names when there is a new one."""
    from coder_nb.client.log_view import sources

    known = sources(agent)

    def named(source_id: str) -> str:
        if source_id not in known:
            known.update({source_id: source_id, **sources(agent)})
        return known[source_id]

    return named
