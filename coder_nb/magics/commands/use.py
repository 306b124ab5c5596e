"""`%coder use`: the workspace or agent that later lines mean when they name none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client import Agent


@Command(
    "use",
    "choose the workspace that later lines mean",
    Section.CONNECTION,
    returns="Agent: the one it led to.",
    arguments=(Argument("workspace", "dev, dev.main, ada/dev.main or a uuid", WORKSPACE, required=True),),
    examples=(
        Example("%coder use dev", "from now on %coder logs means %coder logs dev"),
        Example("agent = %coder use ada/dev.main", "the agent is a Python object too: agent.logs()"),
    ),
)
def use(call: Call, *, workspace: str) -> Agent:
    """Runs `%coder use`."""
    agent = call.coder.agent(workspace)
    call.session.target = workspace
    return agent
