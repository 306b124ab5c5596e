"""`%coder containers`: containers and dev containers beside an agent, or the ports they publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import LABEL, WORKSPACE
from coder_nb.magics.live import changes, live

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.widgets.table_view import TableView


@Command(
    "containers",
    "containers and dev containers",
    Section.AGENTS,
    returns="a frame, a row a container: name, image, running, status, ports, devcontainer, devcontainer_status, "
    "dirty, created, id, labels, volumes; with --ports, a row a published port: container, port, network, host_port, "
    "host_ip; with -w a live table: .frame, .stop().",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(
            ("--label",), "only containers with this label; all of them, when given several times", LABEL, repeat=True
        ),
        Flag(("--ports",), "the ports they publish instead"),
        Flag(("-w", "--watch"), "live: a table in a notebook; in a terminal a line for each change, until Ctrl-C"),
    ),
    notes=("Dev containers can be built anew from the live table; it asks first.",),
    examples=(
        Example("%coder containers dev", "what runs beside the agent"),
        Example("%coder containers dev -w", "as they come, go and are built"),
        Example("%coder containers dev --label com.example.tier=db --ports", "where the databases can be reached"),
    ),
    json=r"/workspaceagents/[^/]+/containers",
)
def containers(
    call: Call, *, workspace: str | None, label: tuple[str, ...], ports: bool, watch: bool
) -> DataFrame | TableView | None:
    """Runs `%coder containers`."""
    if watch and (label or ports):
        other = "--ports" if ports else "--label"
        raise InvalidCommand(f"-w shows all containers, and {other} only some of them", hint=containers.usage)
    agent = call.agent(workspace)
    if watch:
        shown = ("name", "image", "status", "devcontainer", "devcontainer_status")
        return live(agent.watch_containers, lambda: changes(agent.follow_containers(), "name", shown))
    return agent.container_ports(label=label) if ports else agent.containers(label=label)
