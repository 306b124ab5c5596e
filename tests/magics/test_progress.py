"""What a command says while it waits: nothing for a second, then how far it is, and in the end nothing is left."""

from __future__ import annotations

import io
import sys
from uuid import uuid4

import pytest

from coder_nb.credentials import Secret
from coder_nb.magics.progress import VARIABLE, Progress


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock, and progress turned on as outside of tests."""
    monkeypatch.delenv(VARIABLE, raising=False)
    return Clock()


def test_the_first_second_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """Most commands are done by then."""
    with Progress("start dev", clock=clock) as tell:
        clock.seconds = 0.9
        tell("build 2: pending")
    assert capsys.readouterr() == ("", "")


def test_later_it_says_how_far_it_is_once_for_each_state(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal a state is a line, however often it is seen; control characters cannot act."""
    with Progress("start dev", clock=clock) as tell:
        for clock.seconds, text in ((1.2, "build 2: starting"), (2.2, "build 2: starting"), (3.2, "agent \x1b[1mmain")):
            tell(text)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["start dev: build 2: starting (1 s)", "start dev: agent ␛[1mmain (3 s)"]


def test_in_a_terminal_one_line_is_written_over_and_gone(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter text leaves nothing of a longer one, and the end leaves nothing at all."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with Progress("wait dev", clock=clock) as tell:
        clock.seconds = 2
        tell("a long text")
        tell("short")
    first, second, blank, end = screen.getvalue().split("\r")[1:]
    assert first == "wait dev: a long text (2 s)"
    assert second == "wait dev: short (2 s)".ljust(len(first))
    assert (blank.strip(), end) == ("", "")


def test_ctrl_c_says_that_what_was_begun_goes_on(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody should think that the build is off."""
    with pytest.raises(KeyboardInterrupt), Progress("start dev", clock=clock):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "start dev: no longer waited for; what was begun goes on\n"


def test_one_switch_turns_it_off(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tests and scripts get the result only."""
    monkeypatch.setenv(VARIABLE, "0")
    with Progress("start dev", clock=clock) as tell:
        clock.seconds = 60
        tell("build 2: starting")
    assert capsys.readouterr() == ("", "")


def test_no_secret_is_told(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither of what is done nor of how far it is."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    with Progress(f"run {token}", clock=clock) as tell:
        clock.seconds = 2.0
        tell(f"says {token}")
    assert "run ****: says ****" in capsys.readouterr().err
