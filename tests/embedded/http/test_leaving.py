"""A client that leaves takes its request with it: nothing waits on for somebody who is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.state import Deployment, Provider

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

TOKEN = "0f9e2d3c-1111-4222-8333-444455556666"


def until(true: Callable[[], object]) -> None:
    """Returns when something is so."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.005)


@pytest.mark.parametrize("ping_seconds", [60.0, 0.01])
def test_a_stream_ends_with_its_client(
    small: Small, serve: Callable[[Deployment], Client], ping_seconds: float
) -> None:
    """Before its first byte as after it."""
    workspace = small.workspace("dev", small.build(small.agent(token=Secret(TOKEN))))
    client = serve(small.deployment)
    client.server.site.ping_seconds = ping_seconds
    with closing(HTTPConnection("127.0.0.1", client.server.port, timeout=10)) as connection:
        connection.request("GET", "/api/v2/workspaceagents/me/reinit", headers={"Coder-Session-Token": TOKEN})
        until(lambda: workspace.claims._listeners)
    until(lambda: not workspace.claims._listeners)


def test_a_wait_ends_with_its_client(small: Small, serve: Callable[[Deployment], Client]) -> None:
    """A login nobody waits for any more is not looked for."""
    small.workspace("dev", small.build(small.agent(token=Secret(TOKEN))))
    provider = Provider("gh", "github", "github")
    looked = threading.Semaphore(0)

    class Watched(dict[str, object]):
        def get(self, *args: object) -> None:
            looked.release()

    provider.links = Watched()  # type: ignore[assignment]
    small.deployment.providers.append(provider)
    client = serve(small.deployment)
    client.server.site.poll_seconds = 0.01
    with closing(HTTPConnection("127.0.0.1", client.server.port, timeout=10)) as connection:
        path = "/api/v2/workspaceagents/me/external-auth?id=gh&listen"
        connection.request("GET", path, headers={"Coder-Session-Token": TOKEN})
        for _ in range(3):
            assert looked.acquire(timeout=10)
    until(lambda: not (looked.acquire(blocking=False) or looked.acquire(timeout=0.2)))
