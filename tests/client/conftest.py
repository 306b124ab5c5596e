"""A connection to a demo deployment of this session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded import launch


@pytest.fixture(scope="module")
def coder() -> Iterator[Coder]:
    """A connection of its own for each module, so that what it has learned of names is known."""
    with launch.start() as demo, connect(demo.url, token=demo.token) as coder:
        yield coder
