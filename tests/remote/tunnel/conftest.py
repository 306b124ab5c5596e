"""A deployment in this process, an agent of its fleet, and targets to connect to."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from tests.remote.tunnel import ends
from tests.remote.tunnel.ends import Told


@pytest.fixture(autouse=True)
def _before() -> None:
    """What runs already is not of these tests."""
    ends.BEFORE.clear()
    ends.BEFORE.update(psutil.Process().children())


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment with the simulated fleet, in this process."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def told() -> Told:
    """What people are told."""
    return Told()


@pytest.fixture
def coder(server: Embedded, told: Told) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token, notify=told.append) as coder:
        yield coder


@pytest.fixture
def agent(coder: Coder) -> Agent:
    """The agent of the workspace `web`."""
    return coder.agent("web")
