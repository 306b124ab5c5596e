"""`%coder network`: how an agent, or any agent of the deployment, is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client.network import Network


@Command(
    "network",
    "how agents are reached",
    Section.AGENTS,
    returns="a rich object: whether direct connections are possible, and an agent's home among the relays; frames are "
    ".regions and .nodes of the DERP relays, and of an agent .latencies and .endpoints.",
    arguments=(
        Argument(
            "workspace",
            "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose, else the deployment as a whole",
            WORKSPACE,
        ),
    ),
    notes=(
        "Latencies are the agent's own to the relays, not yours to the agent.",
        "Only what the agent has told the coordinator is shown: it does not notice, and nothing is connected to it.",
    ),
    examples=(
        Example("%coder network", "the relays of the deployment"),
        Example("net = %coder network dev", "net.latencies has the agent's latency to each region"),
    ),
    json=r"/workspaceagents/(?:[^/]+/)?connection",
)
def network(call: Call, *, workspace: str | None) -> Network:
    """Runs `%coder network`."""
    if workspace is None and call.session.target is None:
        return call.coder.network()
    return call.agent(workspace).network()
