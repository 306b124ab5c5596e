"""`%coder start`: starts a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import SECONDS, WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client.lifecycle import Status


@Command(
    "start",
    "start a workspace",
    Section.WORKSPACES,
    returns="a record: the workspace with its latest build and agents, and notes, such as a start script that failed.",
    arguments=(Argument("workspace", "dev, ada/dev or a uuid; by default what %coder use chose", WORKSPACE),),
    flags=(
        Flag(("--wait",), "until its agents are ready"),
        Flag(("--timeout",), "with --wait, for this long at most: 90s, 10m", SECONDS),
    ),
    notes=(
        "A start that is under way is joined. One that runs stays as it is: %coder restart gives it new agents.",
        "While it is being stopped, --wait waits for that first.",
        "Ctrl-C ends the waiting, not the start.",
    ),
    examples=(
        Example("%coder start dev", "begins, and returns at once"),
        Example("%coder start dev --wait --timeout 10m", "until commands can be run there"),
    ),
    json=r"/workspaces/[^/]+/builds",
    changes=True,
)
def start(call: Call, *, workspace: str | None, wait: bool, timeout: float | None) -> Status:
    """Runs `%coder start`."""
    found = call.coder.workspace(call.name(workspace))
    with call.progress(f"start {found.title}") as tell:
        return found.start(wait=wait, timeout=timeout, tell=tell)
