"""`%coder restart`: stops a workspace and starts it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import SECONDS, WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client.lifecycle import Status


@Command(
    "restart",
    "stop a workspace and start it again",
    Section.WORKSPACES,
    returns="a record: the workspace with its latest build and agents, and notes, such as a start script that failed.",
    arguments=(Argument("workspace", "dev, ada/dev or a uuid; by default what %coder use chose", WORKSPACE),),
    flags=(
        Flag(("--wait",), "until its agents are ready; without it, until it is stopped and its start is begun"),
        Flag(("--timeout",), "wait for this long at most, for each: 90s, 10m", SECONDS),
    ),
    notes=(
        "Asks first, since what runs there ends; --yes answers in advance.",
        "Ctrl-C while it stops leaves it stopped.",
    ),
    examples=(Example("%coder restart dev --wait", "asks, then waits until it can be used again"),),
    json=r"/workspaces/[^/]+/builds",
    changes=True,
)
def restart(call: Call, *, workspace: str | None, wait: bool, timeout: float | None) -> Status:
    """Runs `%coder restart`."""
    found = call.coder.workspace(call.name(workspace))
    call.confirm(f"Restart workspace {found.title}?")
    with call.progress(f"restart {found.title}") as tell:
        return found.restart(wait=wait, timeout=timeout, tell=tell)
