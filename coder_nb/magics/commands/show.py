"""`%coder show`: one workspace at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client.show import Show


@Command(
    "show",
    "one workspace at a glance",
    Section.WORKSPACES,
    returns="a rich object: state, agents, health, apps, scripts, dev containers, versions; .workspace is the record.",
    arguments=(Argument("workspace", "dev, ada/dev or a uuid; by default what %coder use chose", WORKSPACE),),
    examples=(Example("%coder show dev", "how it is now"),),
    json=r"/workspaces/[^/]+",
)
def show(call: Call, *, workspace: str | None) -> Show:
    """Runs `%coder show`."""
    return call.coder.workspace(call.name(workspace)).show()
