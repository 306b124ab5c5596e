"""What is told while a run goes on: a line a step, once, and a line that moves in terminals only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.keeping import Journal
from coder_nb.runbooks.running.watching import Watch

BEGAN = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


def a_run(*steps: StepRecord) -> Run:
    """A run of these steps."""
    return Run(id="one", started=BEGAN, steps=list(steps))


@pytest.fixture
def kept(tmp_path: Path) -> Journal:
    """A run of three steps, none reached."""
    steps = [StepRecord(number=number, title=title) for number, title in enumerate(("Look", "Drain it", "Tell"), 1)]
    return Journal(tmp_path, a_run(*steps))


def change(kept: Journal, number: int, **to: object) -> None:
    """Changes a step, and writes."""
    for name, value in to.items():
        setattr(kept.run.steps[number - 1], name, value)
    kept.write()


def test_each_step_is_told_once_when_it_has_ended(kept: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    """With its time and its reason; what has not ended is not told where lines stay."""
    watch = Watch(kept.folder, 5, live=False)
    watch.look()
    change(kept, 1, status="running")
    watch.look()
    assert capsys.readouterr().out == ""
    change(kept, 1, status="done", seconds=1.25)
    watch.look()
    watch.look()
    change(kept, 2, status="skipped", why="nothing\x1b[31m queued")
    watch.look()
    change(kept, 3, status="failed", seconds=0.5, error="E: " + "x" * 300)
    watch.look()
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "  1  Look      done          1.2 s"
    assert second == "  2  Drain it  skipped              nothing␛[31m queued"
    assert third.startswith("  3  Tell      failed        0.5 s  E: xxx")
    assert third.endswith("x…")


def test_steps_done_earlier_are_told_as_such(kept: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    """When a run is resumed: at the beginning, and not again when they are given back."""
    change(kept, 1, status="done", seconds=1.25)
    change(kept, 2, status="failed", error="E: no")
    watch = Watch(kept.folder, 5, live=False)
    watch.resumed()
    assert capsys.readouterr().out.split() == ["1", "Look", "done", "1.2", "s", "earlier"]
    change(kept, 1, why="done before")
    watch.look()
    assert capsys.readouterr().out == ""
    change(kept, 2, status="done", error="", seconds=2.0)
    watch.look()
    assert capsys.readouterr().out.split() == ["2", "Drain", "it", "done", "2.0", "s"]


def test_a_terminal_has_a_line_that_moves(kept: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    """It is written over by the next, names the step that runs, and is gone for what is said."""
    watch = Watch(kept.folder, 5, live=True)
    watch.began(2)
    assert "cell 3 of 5" in capsys.readouterr().out
    change(kept, 1, status="running")
    watch.look()
    moved = capsys.readouterr().out
    assert moved.startswith("\r\x1b[K")
    assert "1  Look" in moved
    assert "\n" not in moved
    watch.say("words")
    assert capsys.readouterr().out == "\r\x1b[Kwords\n"
    watch.clear()
    assert capsys.readouterr().out == ""
