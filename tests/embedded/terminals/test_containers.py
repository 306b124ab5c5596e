"""Terminals in simulated containers: in there, or nowhere; beside them only where an agent has none."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from coder_nb.embedded.state import AgentError, Container, ContainerListing
from tests.embedded.raw import RawSocket

if TYPE_CHECKING:
    from tests.embedded.conftest import Small

Dial = Callable[..., RawSocket]
RUNS = Container("a1b2c3d4e5f6" + "0" * 52, "db", "2026-03-12T09:00:00Z", "postgres", True, "Up 3 minutes")
STANDS = Container("b1b2c3d4e5f6" + "0" * 52, "old", "2026-03-12T09:00:00Z", "postgres", False, "Exited (0)")
WHERE = 'echo "[$HOSTNAME] $USER"; [ "$PWD" = "$HOME" ] && echo home; [ -z "$CODER_AGENT_URL" ] || echo beside'


def off() -> ContainerListing:
    """The answer of an agent whose container feature is turned off."""
    raise AgentError("The agent dev containers feature is experimental and not enabled by default.", status=403)


def said(dial: Dial, small: Small, listing: Callable[[], ContainerListing], **query: str) -> str:
    """What a terminal of an agent with such containers says until its end, which is none or proper."""
    it = small.workspace("dev", small.build(small.agent(containers=listing)))
    known = {"reconnect": str(uuid.uuid4()), "command": f"#!/bin/sh\n{WHERE}"}
    raw = dial(f"/workspaceagents/{it.latest.agents[0].id}/pty?{urlencode(known | query)}")
    data = b""
    while (came := raw.next()).kind == "binary":
        data += came.data
    assert came.close == (1006, "")
    return data.decode().replace("\r\n", " ").strip()


def both() -> ContainerListing:
    """One that runs, and one that does not."""
    return ContainerListing(containers=(RUNS, STANDS))


@pytest.mark.parametrize("name", [RUNS.id, RUNS.name])
@pytest.mark.parametrize(("user", "shown"), [("", "root"), ("root", "root"), ("ada", "ada")])
def test_a_container_is_entered_by_id_or_name(dial: Dial, small: Small, name: str, user: str, shown: str) -> None:
    """It has a host's name and a home of its own, and knows nothing of the workspace."""
    assert said(dial, small, both, container=name, container_user=user) == f"[a1b2c3d4e5f6] {shown} home"


@pytest.mark.parametrize(
    "query",
    [
        {"container": "nosuch"},
        {"container": STANDS.name},
        {"container": RUNS.id[:12]},
        {"container": RUNS.name, "container_user": "nobody-like-that"},
    ],
)
def test_what_cannot_be_entered_ends_without_a_word(dial: Dial, small: Small, query: dict[str, str]) -> None:
    """Nothing is run beside it instead."""
    assert said(dial, small, both, **query) == ""


def test_a_user_without_a_container_is_ignored(dial: Dial, small: Small) -> None:
    """It is the workspace's own terminal."""
    assert said(dial, small, both, container_user="root").endswith("ada home beside")


def test_an_agent_without_the_feature_runs_it_beside(dial: Dial, small: Small) -> None:
    """And does not say so."""
    assert said(dial, small, off, container=RUNS.name, container_user="root").endswith("ada home beside")
