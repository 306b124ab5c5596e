"""`%coder jobs`: what runs in a workspace in the background, and what has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CONTAINER, WORKSPACE

if TYPE_CHECKING:
    from pandas import DataFrame


@Command(
    "jobs",
    "background jobs of a workspace",
    Section.AGENTS,
    returns="a frame, a row a job, oldest first: id, command, status, code, started, ended, seconds, bytes.",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(Flag(("--container",), "those in this container, by name or id", CONTAINER),),
    notes=(
        "%coder run --bg, or agent.run(…, background=True), starts one; agent.job(id) takes it up from a new kernel.",
        "Lost means that its process is gone and left no exit code, as after a restart. A week after its end a job is "
        "forgotten.",
    ),
    examples=(Example("%coder jobs dev", "what still runs, and how the rest ended"),),
    changes=True,
)
def jobs(call: Call, *, workspace: str | None, container: str | None) -> DataFrame:
    """Runs `%coder jobs`."""
    return call.agent(workspace).jobs(container=container)
