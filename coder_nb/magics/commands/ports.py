"""`%coder ports`: what listens in a workspace, and the ports its apps have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import WORKSPACE

if TYPE_CHECKING:
    from pandas import DataFrame


@Command(
    "ports",
    "listening ports and app ports",
    Section.AGENTS,
    returns="a frame, a row a port: port, network, process, via (listening or app), app, url (where a link can work).",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    notes=("The server does not show listeners on IPv6 only, below port 9, nor those on its block list.",),
    examples=(
        Example("%coder ports dev", "what can be reached in dev"),
        Example("ports = %coder ports dev", "as a DataFrame: ports[ports.process == 'python3']"),
    ),
    json=r"/workspaceagents/[^/]+/listening-ports",
)
def ports(call: Call, *, workspace: str | None) -> DataFrame:
    """Runs `%coder ports`."""
    return call.agent(workspace).ports()
