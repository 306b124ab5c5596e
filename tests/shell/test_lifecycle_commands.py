"""Commands that change workspaces, in a real shell against a deployment of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coder_nb import errors
from coder_nb.client.claims import Claims
from coder_nb.client.devcontainers import Recreated
from coder_nb.client.lifecycle import Status
from coder_nb.client.network import Network
from coder_nb.magics.extension import CoderMagics

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.

pytestmark = pytest.mark.usefixtures("environment")


def test_a_stopped_workspace_is_started_and_can_be_used(run: Run) -> None:
    """What could not be asked before can be asked when start --wait returns."""
    with pytest.raises(errors.AgentUnavailable, match="is stopped") as caught:
        run("%coder ports archive")
    assert "%coder start archive --wait" in caught.value.hint
    status = run("status = %coder start archive --wait\nstatus")
    assert isinstance(status, Status)
    assert (status.build.status, status.build.build_number) == ("running", 3)
    assert [(agent.status, agent.lifecycle_state) for agent in status.agents] == [("connected", "ready")]
    assert list(run("%coder ports archive").columns)
    assert "archive: running" in repr(status) and "archive" in status._repr_html_()


@pytest.mark.parametrize("line", ["stop web", "restart web", "recreate web web"])
def test_what_ends_things_asks_first(line: str, run: Run, magics: CoderMagics) -> None:
    """With nobody to ask it is not done: the workspace is as it was."""
    before = run("w = %coder show web\nw").workspace.latest_build.build_number
    with pytest.raises(errors.ConfirmationRequired) as caught:
        run(f"%coder {line}")
    assert "--yes" in caught.value.hint
    assert run("w = %coder show web\nw").workspace.latest_build.build_number == before


def test_restart_gives_new_agents(run: Run) -> None:
    """Stopped, started, ready: two builds later, and the name leads to the new agent at once."""
    before = run("%coder use docs").id
    status = run("%coder restart docs --yes --wait")
    assert status.build.transition == "start"
    after = run("%coder use docs")
    assert after.id != before and after.record.lifecycle_state == "ready"
    run("%coder use web")


def test_stop_then_wait_then_wait_for_ready_is_an_error(run: Run) -> None:
    """Without --wait the build is only begun; waiting for what nobody has begun ends at once."""
    assert run("%coder stop linus/kernel --yes").build.job.status == "pending"
    assert run("%coder wait linus/kernel --for stopped --timeout 1m").build.status == "stopped"
    with pytest.raises(errors.AgentUnavailable, match="nothing starts it"):
        run("%coder wait linus/kernel")


def test_a_failed_build_says_why(run: Run) -> None:
    """The provisioner's last error lines, and where the rest is."""
    with pytest.raises(errors.AgentUnavailable) as caught:
        run("%coder start grace/cobol-port --wait")
    assert "does not exist in zone" in caught.value.message
    assert caught.value.hint == "%coder logs grace/cobol-port --provisioner"


def test_json_is_the_build_as_it_was_answered(run: Run) -> None:
    """One request was sent, and its answer is the value."""
    body = run("%coder start notebook --json --yes")
    # It runs already, so nothing was sent.
    assert body == []
    body = run("%coder stop notebook --json --yes")
    assert (body["transition"], body["status"], body["template_version_name"]) == ("stop", "pending", "")


def test_a_length_of_time_is_understood_or_refused(run: Run) -> None:
    """10m and 1h30m are; a word is not."""
    with pytest.raises(errors.AgentUnavailable, match=r"after 0\.2 s"):
        run("%coder wait laptop --timeout 0.2s")
    with pytest.raises(errors.InvalidCommand, match="not a length of time"):
        run("%coder wait laptop --timeout soon")


def test_recreate_waits_for_the_new_container(run: Run) -> None:
    """Another container, no longer dirty; a wrong name is answered with the nearest."""
    before = run("frame = %coder containers web\nframe").set_index("devcontainer")
    done = run("%coder recreate web web --yes --wait")
    assert isinstance(done, Recreated)
    assert (done.devcontainer.status, done.devcontainer.dirty) == ("running", False)
    assert done.devcontainer.container is not None
    assert done.devcontainer.container.id != before.loc["web", "id"]
    with pytest.raises(errors.NotFound) as caught:
        run("%coder recreate webb web --yes")
    assert "did you mean web?" in caught.value.hint


def test_metadata_is_a_frame(run: Run) -> None:
    """The declared columns, and numbers to compute with."""
    frame = run("%coder metadata web")
    assert frame.attrs["frame"] == "metadata"
    assert frame.set_index("key").number["mem"] == 3.4


def test_network_is_of_the_deployment_or_of_an_agent(run: Run) -> None:
    """Without a name nor a default the deployment's; an agent's has its own latency."""
    whole = run("%coder network")
    assert isinstance(whole, Network)
    assert whole.regions["latency_ms"].isna().all() and len(whole.nodes) == 1
    assert run("%coder network web").regions["latency_ms"].notna().all()
    assert run("x = %coder network web --json\nx")["derp_map"]["Regions"]


def test_debug_link_masks_persons(run: Run) -> None:
    """Neither text nor HTML has personal data, unless it is asked for."""
    claims = run("%coder debug-link grace")
    assert isinstance(claims, Claims)
    for shown in (repr(claims), claims._repr_html_(), repr(claims.link)):
        assert "grace@example.com" not in shown and "Hopper" not in shown
    assert "https://id.example.com" in repr(claims)
    assert "grace@example.com" in repr(run("%coder debug-link grace --show"))
    with pytest.raises(errors.Invalid, match="not an OIDC user"):
        run("%coder debug-link")
