"""`%coder why`: what is wrong with a workspace, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import WORKSPACE

if TYPE_CHECKING:
    from coder_nb.diagnosis import Diagnosis


@Command(
    "why",
    "what is wrong with a workspace, why, and what to type next",
    Section.WORKSPACES,
    returns="a diagnosis: causes, the gravest first, with evidence and the next line each; .causes, .healthy, .frame.",
    arguments=(Argument("workspace", "dev, dev.main, ada/dev or a uuid; by default what %coder use chose", WORKSPACE),),
    notes=(
        "Works for stopped workspaces and failed builds too. It only reads.",
        "Looks at builds, agents, scripts and their times, logs, metadata, apps and containers.",
    ),
    examples=(
        Example("%coder why dev", "all its agents"),
        Example("%coder why dev.main", "only this one"),
        Example("found = %coder why dev;", "found.frame is a DataFrame"),
    ),
)
def why(call: Call, *, workspace: str | None) -> Diagnosis:
    """Runs `%coder why`."""
    from coder_nb.client.names import parse
    from coder_nb.errors import NotFound

    name = call.name(workspace)
    target = parse(name)
    if target.agent:
        return call.coder.agent(name).why()
    try:
        return call.coder.workspace(name).why()
    except NotFound:
        if not target.uuid:
            raise
        return call.coder.agent(name).why()
