"""%coder record and %coder connect replay:NAME, in a real shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coder_nb import errors
from coder_nb.client.recording import Recorder
from tests.shell.test_completer import completed

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.


@pytest.fixture(autouse=True)
def folder(environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_session_is_recorded_and_replayed(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun before the connection, so that all is in it; then without a deployment in the environment."""
    assert run("%coder record day") is None
    run("%coder connect")
    then = run("%coder ls owner:me"), run("%coder run web -- echo hi").output, run("%coder whoami").user
    made = run("%coder record --stop")
    assert isinstance(made, Recorder) and made.closed and made.path == folder / "day.cassette"
    assert repr(made).startswith("Recorded in day.cassette: ")
    monkeypatch.delenv("CODER_URL")
    monkeypatch.delenv("CODER_SESSION_TOKEN")
    coder = run("%coder connect replay:day")
    assert "token from a recording: day" in repr(coder)
    again = run("%coder ls owner:me"), run("%coder run web -- echo hi").output, run("%coder whoami").user
    assert then[0].equals(again[0]) and then[1:] == again[1:]


def test_a_connection_there_is_is_recorded_from_then_on(run: Run) -> None:
    """And the next one, too, until it is stopped."""
    run("%coder connect")
    run("%coder show web")
    recorder = run("%coder record half")
    assert repr(recorder) == "Recording to half.cassette: 1 exchanges so far" == repr(run("%coder record"))
    run("%coder show web")
    run("%coder connect")
    run("%coder show ml")
    run("%coder record --stop")
    run("%coder connect replay:half")
    run("%coder show web")
    run("%coder show ml")
    with pytest.raises(errors.NotRecorded, match="half has no answer to GET /users/me/workspace/docs"):
        run("%coder show docs")


def test_what_cannot_be_is_said(run: Run) -> None:
    """Each with what to type instead."""
    with pytest.raises(errors.InvalidCommand, match="record what"):
        run("%coder record")
    with pytest.raises(errors.ConfigurationError, match="nothing is being recorded"):
        run("%coder record --stop")
    run("%coder connect")
    run("%coder record one")
    with pytest.raises(errors.Conflict, match=r"being recorded already: one\.cassette"):
        run("%coder record two")
    run("%coder record --stop")
    with pytest.raises(errors.InvalidCommand, match="--tempo is for recordings"):
        run("%coder connect --tempo 1")
    with pytest.raises(errors.InvalidCommand, match="no token and no certificate"):
        run("%coder connect replay:one --save")
    with pytest.raises(errors.ConfigurationError, match="no cassette 'ones'") as missing:
        run("%coder connect replay:ones")
    assert missing.value.hint == "did you mean one?"


def test_cassettes_are_completed(run: Run, bare: Shell) -> None:
    """Where one is connected to, and where one is recorded over."""
    run("%coder record day")
    run("%coder connect")
    run("%coder record --stop")
    assert completed(bare, "%coder connect rep") == ["%coder connect replay:day"]
    assert completed(bare, "%coder record d") == ["%coder record day"]
