"""An agent's status and health follow from its times."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.embedded.liveness import presence, unhealthy_because

if TYPE_CHECKING:
    from tests.embedded.conftest import Small


def ago(**spans: float) -> timedelta:
    """A span of time before now."""
    return -timedelta(**spans)


@pytest.mark.parametrize(
    ("times", "timeout", "status"),
    [
        ({"created_at": ago(seconds=60)}, 120, "connecting"),
        ({"created_at": ago(seconds=121)}, 120, "timeout"),
        ({"created_at": ago(days=9)}, 0, "connecting"),
        ({"first_connected_at": ago(minutes=5), "last_connected_at": ago(seconds=30)}, 120, "connected"),
        ({"first_connected_at": ago(minutes=5), "last_connected_at": ago(seconds=31)}, 120, "disconnected"),
        (
            {
                "first_connected_at": ago(minutes=5),
                "last_connected_at": ago(seconds=9),
                "disconnected_at": ago(seconds=9),
            },
            120,
            "disconnected",
        ),
        (
            {
                "first_connected_at": ago(minutes=5),
                "last_connected_at": ago(seconds=8),
                "disconnected_at": ago(seconds=9),
            },
            120,
            "connected",
        ),
    ],
)
def test_the_first_condition_that_holds_gives_the_status(
    small: Small, times: dict[str, Any], timeout: int, status: str
) -> None:
    """Never connected, left, silent for more than 30 s, else connected."""
    unset = {"attached": False, "first_connected_at": None}
    moments = {name: small.now + span for name, span in times.items()}
    agent = small.agent(connection_timeout_seconds=timeout, **(unset | moments))
    assert presence(agent, small.now).status == status


def test_a_silent_agent_is_reported_as_gone_since_its_last_heartbeat(small: Small) -> None:
    """Where the heartbeat is too old, disconnected_at equals last_connected_at."""
    last = small.now - timedelta(minutes=38)
    early = small.now - timedelta(hours=1)
    seen = presence(small.agent(attached=False, created_at=early, last_connected_at=last), small.now)
    assert (seen.status, seen.disconnected_at, seen.updated_at) == ("disconnected", last, last)


def test_an_attached_agent_has_a_heartbeat_every_15_seconds(small: Small) -> None:
    """Its last contact follows the clock in steps of 15 s."""
    agent = small.agent(first_connected_at=small.now - timedelta(seconds=44))
    seen = presence(agent, small.now)
    assert (seen.status, seen.last_connected_at) == ("connected", small.now - timedelta(seconds=14))
    assert presence(agent, small.now + timedelta(seconds=1)).last_connected_at == small.now + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lifecycle", "status", "reason"),
    [
        ("off", "disconnected", "agent is not running"),
        ("ready", "timeout", "agent is taking too long to connect"),
        ("start_error", "disconnected", "agent has lost connection"),
        ("start_error", "connected", "agent startup script exited with an error"),
        ("shutdown_timeout", "connected", "agent is shutting down"),
        ("off", "connected", "agent is shutting down"),
        ("start_timeout", "connected", ""),
        ("created", "connecting", ""),
    ],
)
def test_health_tells_the_first_reason(small: Small, lifecycle: str, status: str, reason: str) -> None:
    """What is wrong with the connection comes before what is wrong with the scripts."""
    assert unhealthy_because(small.agent(lifecycle_state=lifecycle), status) == reason
