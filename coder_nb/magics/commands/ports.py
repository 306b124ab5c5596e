"""`%coder ports`: what listens in a workspace, and the ports its apps have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import WORKSPACE
from coder_nb.magics.live import changes, live

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.widgets.table_view import TableView


@Command(
    "ports",
    "listening ports and app ports",
    Section.AGENTS,
    returns="a frame, a row a port: port, network, process, via (listening or app), app, url (where a link can work), "
    "local (where a tunnel of this session leads there); with -w a live table: .frame, .stop().",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(Flag(("-w", "--watch"), "live: a table in a notebook; in a terminal a line for each change, until Ctrl-C"),),
    notes=(
        "The server does not show listeners on IPv6 only, below port 9, nor those on its block list.",
        "A port without a link shows the line that leads it here: %coder forward.",
    ),
    examples=(
        Example("%coder ports dev", "what can be reached in dev"),
        Example("%coder ports dev -w", "as they are opened and closed"),
        Example("ports = %coder ports dev", "as a DataFrame: ports[ports.process == 'python3']"),
    ),
    json=r"/workspaceagents/[^/]+/listening-ports",
)
def ports(call: Call, *, workspace: str | None, watch: bool) -> DataFrame | TableView | None:
    """Runs `%coder ports`."""
    agent = call.agent(workspace)
    if not watch:
        return agent.ports()
    shown = ("port", "network", "process", "via", "app", "url", "local")
    return live(agent.watch_ports, lambda: changes(agent.follow_ports(), "port", shown))
