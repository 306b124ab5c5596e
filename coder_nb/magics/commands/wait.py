"""`%coder wait`: waits until a workspace is ready, connected or stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import SECONDS, WORKSPACE, choice

if TYPE_CHECKING:
    from coder_nb.client.lifecycle import Goal, Status


@Command(
    "wait",
    "wait until a workspace is ready, connected or stopped",
    Section.WORKSPACES,
    returns="a record: the workspace with its latest build and agents, and notes, such as a start script that failed.",
    arguments=(Argument("workspace", "dev, dev.main, ada/dev or a uuid; by default what %coder use chose", WORKSPACE),),
    flags=(
        Flag(
            ("--for",),
            "ready (the default: connected, and its start scripts have ended), connected, or stopped",
            choice("GOAL", "ready", "connected", "stopped"),
            default="ready",
            into="goal",
        ),
        Flag(("--timeout",), "for this long at most: 90s, 10m; longer is an error", SECONDS),
    ),
    notes=(
        "It waits for what is under way and begins nothing: a stopped workspace does not get ready by itself, which is "
        "an error at once.",
        "With an agent's name only that agent counts, else all that are not dev containers'.",
    ),
    examples=(
        Example("%coder wait dev", "until commands can be run there"),
        Example("%coder wait dev --for stopped --timeout 5m", "after %coder stop dev"),
    ),
    json=r"/workspaces/[^/]+",
)
def wait(call: Call, *, workspace: str | None, goal: Goal, timeout: float | None) -> Status:
    """Runs `%coder wait`."""
    from coder_nb.client.names import parse

    name = call.name(workspace)
    found = call.coder.workspace(name)
    with call.progress(f"wait {name}") as tell:
        return found.wait(goal, agent=parse(name).agent, timeout=timeout, tell=tell)
