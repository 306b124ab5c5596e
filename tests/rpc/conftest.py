"""Shared by the tests of the multiplexed protocol: a server by hand, and the deployment that comes along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded import launch
from coder_nb.embedded.launch import Demo
from tests.rpc.standin import Standin


@pytest.fixture
def server() -> Iterator[Standin]:
    """A server that says what the test has it say."""
    with Standin() as standin:
        yield standin


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The deployment that comes along."""
    with launch.start() as demo:
        yield demo


@pytest.fixture(scope="module")
def coder(demo: Demo) -> Iterator[Coder]:
    """A connection to it."""
    with connect(demo.url, token=demo.token) as coder:
        yield coder
