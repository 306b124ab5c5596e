"""Widgets whose other end is a page of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.widgets.line import Comm, recorded


@pytest.fixture
def comms() -> Iterator[list[Comm]]:
    """The connections of widgets that the test makes; all views are stopped at its end."""
    from coder_nb.widgets.view import stop_all

    with recorded() as made:
        yield made
        stop_all()
