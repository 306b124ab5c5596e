"""`-w`: a live table or panel in place of the frame, with the same columns; what it does not go with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coder_nb.errors import InvalidCommand

Run = Callable[[str], Any]


@pytest.fixture(autouse=True)
def no_live_views(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """They show how it is now."""
    monkeypatch.setenv("CODER_NB_LIVE", "0")


@pytest.mark.parametrize("command", ["ports", "containers", "metadata"])
def test_the_view_begins_with_the_frame(command: str, shell: object, run: Run) -> None:
    """The same rows under the same columns, and the same text."""
    frame, view = run(f"%coder {command} web"), run(f"%coder {command} web -w")
    key = frame.columns[0]
    assert list(view.frame.columns) == list(frame.columns)
    assert list(view.frame[key]) == list(frame[key])
    assert view.state.name == "ended" and "CODER_NB_LIVE" in view.state.why
    assert "<table" in view._repr_mimebundle_()[0]["text/html"]


@pytest.mark.parametrize("flag", ["--ports", "--label a=b"])
def test_a_live_table_has_all_containers(flag: str, shell: object, run: Run) -> None:
    """What would leave some out is refused, and named."""
    with pytest.raises(InvalidCommand, match=flag.partition(" ")[0]):
        run(f"%coder containers web -w {flag}")
