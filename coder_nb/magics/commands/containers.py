"""`%coder containers`: containers and dev containers beside an agent, or the ports they publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import LABEL, WORKSPACE

if TYPE_CHECKING:
    from pandas import DataFrame


@Command(
    "containers",
    "containers and dev containers",
    Section.AGENTS,
    returns="a frame, a row a container: name, image, running, status, ports, devcontainer, devcontainer_status, "
    "dirty, created, id, labels, volumes; with --ports, a row a published port: container, port, network, host_port, "
    "host_ip.",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(
            ("--label",), "only containers with this label; all of them, when given several times", LABEL, repeat=True
        ),
        Flag(("--ports",), "the ports they publish instead"),
    ),
    examples=(
        Example("%coder containers dev", "what runs beside the agent"),
        Example("%coder containers dev --label com.example.tier=db --ports", "where the databases can be reached"),
    ),
    json=r"/workspaceagents/[^/]+/containers",
)
def containers(call: Call, *, workspace: str | None, label: tuple[str, ...], ports: bool) -> DataFrame:
    """Runs `%coder containers`."""
    agent = call.agent(workspace)
    return agent.container_ports(label=label) if ports else agent.containers(label=label)
