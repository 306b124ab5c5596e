"""`%coder stop`: stops a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import SECONDS, WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client.lifecycle import Status


@Command(
    "stop",
    "stop a workspace",
    Section.WORKSPACES,
    returns="a record: the workspace with its latest build, and notes.",
    arguments=(Argument("workspace", "dev, ada/dev or a uuid; by default what %coder use chose", WORKSPACE),),
    flags=(
        Flag(("--wait",), "until it is stopped"),
        Flag(("--timeout",), "with --wait, for this long at most: 90s, 10m", SECONDS),
    ),
    notes=("Asks first, since what runs there ends; --yes answers in advance.",),
    examples=(Example("%coder stop dev --yes --wait", "without a question, and until it is stopped"),),
    json=r"/workspaces/[^/]+/builds",
    changes=True,
)
def stop(call: Call, *, workspace: str | None, wait: bool, timeout: float | None) -> Status:
    """Runs `%coder stop`."""
    found = call.coder.workspace(call.name(workspace))
    call.confirm(f"Stop workspace {found.title}?")
    with call.progress(f"stop {found.title}") as tell:
        return found.stop(wait=wait, timeout=timeout, tell=tell)
