"""Dev containers are built anew: starting for a moment, then running, or in error as before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from coder_nb.embedded.state import Container, ContainerListing, Deployment, Devcontainer, LogLine, Script

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

LIMIT = 15.0
OLD = Container("0" * 64, "dc-1", "2026-03-12T08:00:00.000000001Z", "vsc-dc", running=True, status="running")
DEV = Devcontainer("6bff84d8-f270-4c5a-adef-9c380bfe4df3", "dc", "/home/ada/dc", dirty=True, container=OLD)


def written(small: Small, dev: Devcontainer) -> tuple[Callable[[str], bool], str]:
    """A workspace with the dev container, and what waits for a line in its agent's log."""
    agent = small.agent()
    agent.containers = lambda: ContainerListing([OLD], [dev])
    small.workspace("dev", small.build(agent))
    seen = threading.Condition()

    def told(_: object) -> None:
        with seen:
            seen.notify_all()

    agent.logs.listen(told)

    def wait(text: str) -> bool:
        with seen:
            return seen.wait_for(lambda: any(text in line.output for line in agent.logs.after()), LIMIT)

    return wait, agent.id


def test_it_gets_a_new_container_and_is_no_longer_dirty(client: Client, small: Small) -> None:
    """202, at once starting and without its container, 409 meanwhile; then another container in the old one's place."""
    wait, id = written(small, DEV)
    path = f"/workspaceagents/{id}/containers"
    assert client.ask(f"{path}/devcontainers/{DEV.id}/recreate", method="POST").status == 202
    [dev] = client.ask(path).json["devcontainers"]
    assert (dev["status"], "container" in dev) == ("starting", False)
    assert client.ask(f"{path}/devcontainers/{DEV.id}/recreate", method="POST").status == 409
    assert wait("Outcome: success")
    done = client.ask(path).json
    [dev] = done["devcontainers"]
    assert (dev["status"], dev["dirty"]) == ("running", False)
    assert [container["id"] for container in done["containers"]] == [dev["container"]["id"]] != [OLD.id]


def test_it_has_the_image_its_configuration_names_by_then(client: Client, small: Small) -> None:
    """Where that was changed since it was built."""
    wait, id = written(small, replace(DEV, rebuilt="vsc-dc:2"))
    client.ask(f"/workspaceagents/{id}/containers/devcontainers/{DEV.id}/recreate", method="POST")
    assert wait("Outcome: success")
    assert [one["image"] for one in client.ask(f"/workspaceagents/{id}/containers").json["containers"]] == ["vsc-dc:2"]


def test_one_that_failed_fails_again_and_only_the_list_says_so(client: Client, small: Small) -> None:
    """Status error with its text; whoever listens for changes is told of the beginning only."""
    wait, id = written(small, replace(DEV, status="error", container=None, error="no such image: nope"))
    told: list[int] = []
    small.deployment.workspaces[-1].changes.listen(lambda: told.append(1))
    client.ask(f"/workspaceagents/{id}/containers/devcontainers/{DEV.id}/recreate", method="POST")
    assert wait("no such image: nope")
    [dev] = client.ask(f"/workspaceagents/{id}/containers").json["devcontainers"]
    assert (dev["status"], dev["error"]) == ("error", "no such image: nope")
    assert len(told) == 1


def test_its_output_has_the_log_source_of_its_script_or_the_external_one(client: Client, small: Small) -> None:
    """One that a template declares has a script's id."""

    def source(lines: list[LogLine]) -> set[str]:
        return {line.source_id for line in lines}

    for declared in (False, True):
        wait, id = written(small, DEV)
        agent = small.deployment.workspaces[-1].latest.agents[0]
        if declared:
            agent.scripts.append(Script(DEV.id, "11111111-2222-4333-8444-555555555555", "dc", ""))
        client.ask(f"/workspaceagents/{id}/containers/devcontainers/{DEV.id}/recreate", method="POST")
        assert wait("Outcome: success")
        external = "3b579bf4-1ed8-4b99-87a8-e9a1e3410410"
        assert source(agent.logs.after()) == {"11111111-2222-4333-8444-555555555555" if declared else external}
        assert declared or [one.display_name for one in agent.log_sources] == ["External"]


def test_a_deployment_without_dev_containers_knows_none(client: Client, small: Small) -> None:
    """null in the list, 404 here."""
    it = small.workspace("dev")
    path = f"/workspaceagents/{it.latest.agents[0].id}/containers/devcontainers/{DEV.id}/recreate"
    assert client.ask(path, method="POST").message == "Devcontainer not found."
    assert isinstance(small.deployment, Deployment)
