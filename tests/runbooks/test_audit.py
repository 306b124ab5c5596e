"""The audit: who ran which step, when, where and what became of it; appended only, for its owner's eyes only."""

from __future__ import annotations

import json
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from coder_nb.cli import main
from coder_nb.credentials import Secret
from coder_nb.errors import RunbookError
from coder_nb.runbooks import audit, audit_inside
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.within.lines import source_id
from tests.shell.conftest import Run as Run_
from tests.within.conftest import Home, home

__all__ = ["home"]


def a_run(**more: object) -> Run:
    """A run of a book, with one step."""
    step = StepRecord(number=1, title="Drain the queue", status="running", deployment="coder.acme.io")
    fields = {"id": "r1", "started": datetime.now(UTC), "user": "ada", "book": "/books/drain.ipynb",
              "book_hash": "abc", "steps": [step], **more}  # fmt: skip
    return Run(**fields)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the audit goes, in a folder that is not there yet; nothing was told yet."""
    monkeypatch.setenv(audit.FILE, str(tmp_path / "of" / "audit.jsonl"))
    monkeypatch.setattr(audit, "_told", False)
    return tmp_path / "of" / "audit.jsonl"


def test_a_line_says_who_when_where_and_what(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is plain JSON."""
    monkeypatch.setenv("CODER_WORKSPACE_OWNER_NAME", "ada")
    monkeypatch.setenv("CODER_WORKSPACE_NAME", "dev")
    run = a_run()
    run.steps[0].status, run.steps[0].seconds, run.steps[0].error = "failed", 1.5, "CoderError: it is full"
    audit.record(run, None, "done")
    audit.record(run, run.steps[0], "failed")
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    assert (first["outcome"], "step" in first) == ("done", False)
    assert {name: second[name] for name in ("user", "workspace", "deployment", "book", "book_hash", "run", "step",
                                            "title", "outcome", "reason", "seconds")} == {
        "user": "ada", "workspace": "ada/dev", "deployment": "coder.acme.io", "book": "/books/drain.ipynb",
        "book_hash": "abc", "run": "r1", "step": 1, "title": "Drain the queue", "outcome": "failed",
        "reason": "CoderError: it is full", "seconds": 1.5,
    }  # fmt: skip
    assert second["host"]
    assert abs(datetime.fromisoformat(second["time"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_it_is_for_its_owner_only_and_only_grows(file: Path) -> None:
    """0600; what is there stays byte for byte, and what stands there already keeps its mode."""
    audit.record(a_run(), None, "done")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    file.chmod(0o640)
    audit.record(a_run(), None, "failed")
    assert file.read_bytes().startswith(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_it_can_be_read_whatever_else_is_in_it(file: Path) -> None:
    """A line that was cut off, and one of a newer version."""
    assert list(audit.entries()) == []
    run = a_run()
    audit.record(run, run.steps[0], "running")
    with file.open("a") as broken:
        broken.write('{"time": "2026\n{"time":"2026-01-01T00:00:00Z","user":"b","host":"h","outcome":"done","new":1}\n')
    read = list(audit.entries())
    assert [(entry.user, entry.outcome, entry.step) for entry in read] == [("ada", "running", 1), ("b", "done", None)]


def test_no_secret_is_in_it(file: Path) -> None:
    """Neither in a title nor in a reason, also where that is cut."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    run = a_run(book=f"/books/{token}.ipynb")
    run.steps[0].title, run.steps[0].error = f"Use {token}", f"{'x' * 490} {token}"
    audit.record(run, run.steps[0], "failed")
    said = file.read_text()
    assert token[:8] not in said
    assert "Use ****" in said


def _append(path: str, mark: str) -> None:
    import os

    os.environ[audit.FILE] = path
    for _ in range(50):
        audit.record(a_run(id=mark * 300), None, "done")


def test_lines_of_several_processes_stay_apart(file: Path) -> None:
    """Two runbooks may run at the same time."""
    # Not spawned: a shell that some other test has made leaves no module for that to begin with.
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_append, args=(str(file), mark)) for mark in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(entry.run[:1] for entry in audit.entries()) == ["a"] * 50 + ["b"] * 50


def test_what_cannot_be_written_is_told_once(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And stops nothing, unless it is required."""
    monkeypatch.setenv(audit.FILE, str(tmp_path))
    audit.record(a_run(), None, "done")
    audit.record(a_run(), None, "done")
    assert capsys.readouterr().err.count("the audit cannot be written") == 1
    monkeypatch.setenv(audit.REQUIRED, "1")
    with pytest.raises(RunbookError, match=r"cannot be written: .*requires it\nhint: .*CODER_NB_AUDIT"):
        audit.record(a_run(), None, "done")


@pytest.fixture
def in_workspace(home: Home, file: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """This process has an agent's environment."""
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    return home


def test_inside_a_workspace_coder_is_told(in_workspace: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of a source of their own, and the status of the app that is named."""
    monkeypatch.setenv(audit_inside.APP, "trainer")
    run = a_run()
    step = run.steps[0]
    audit.record(run, step, "running")
    step.status = "failed"
    step.error = "it is full " + "é" * 200
    audit.record(run, step, "failed")
    audit_inside.close()
    lines = in_workspace.lines()
    assert [line.level for line in lines] == ["info", "error"]
    assert lines[0].output == "drain.ipynb by ada: step 1, Drain the queue: running"
    assert {line.source_id for line in lines} == {source_id("runbook")}
    (app,) = in_workspace.agent.apps
    states = [(status.state, len(status.message.encode()) <= 160) for status in app.statuses]
    assert states == [("working", True), ("failure", True)]


@pytest.mark.parametrize("how", [{"dry_run": True}, {"deployment": "replay:demo"}])
def test_what_changes_nothing_is_not_told_to_coder(in_workspace: Home, how: dict[str, object]) -> None:
    """A dry run and a replay are in the file alone."""
    run = a_run(**how)
    audit.record(run, None, "done")
    audit_inside.close()
    assert in_workspace.lines() == []
    assert len(list(audit.entries())) == 1


def test_a_coder_that_takes_nothing_stops_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told once; the file has it."""
    monkeypatch.setenv("CODER_AGENT_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("CODER_AGENT_TOKEN", str(uuid4()))
    audit.record(a_run(), None, "done")
    audit.record(a_run(), None, "done")
    audit_inside.close()
    assert capsys.readouterr().err.count("Coder takes no log of this runbook") == 1
    assert len(list(audit.entries())) == 2


def test_steps_write_it_as_they_go(run: Run_, file: Path) -> None:
    """When a body begins, and how each step came out; of a dry run what was not done."""
    run("n = 1")
    run('%%coder step "First"\n1 + 1')
    run("%%coder step Second --skip-if n\n2")
    with pytest.raises(ZeroDivisionError):
        run('%%coder step "Third"\n1 / 0')
    read = [(entry.step, entry.title, entry.outcome, entry.reason.partition(":")[0]) for entry in audit.entries()]
    assert read == [
        (1, "First", "running", ""),
        (1, "First", "done", ""),
        (2, "Second", "skipped", "n"),
        (3, "Third", "running", ""),
        (3, "Third", "failed", "ZeroDivisionError"),
    ]


def test_where_it_is_required_no_step_runs_without_it(
    run: Run_, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body is not begun."""
    monkeypatch.setenv(audit.FILE, str(tmp_path))
    monkeypatch.setenv(audit.REQUIRED, "1")
    with pytest.raises(RunbookError, match="requires it"):
        run('%%coder step "First"\nran = True')
    with pytest.raises(NameError):
        run("ran")


def test_it_can_be_read_at_the_terminal(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, of one book where that is asked for, or the JSON as it is."""
    run = a_run(book=str(tmp_path / "drain.ipynb"))
    run.steps[0].seconds, run.steps[0].why = 2.0, "confirmed \x1b[31m"
    audit.record(run, run.steps[0], "done")
    audit.record(a_run(dry_run=True), None, "done")
    assert main(["runbook", "audit"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    host = next(audit.entries()).host
    assert first[10:].partition("Z ")[2] == (
        f"ada@{host} at coder.acme.io: drain.ipynb: step 1, Drain the queue: done after 2.0 s (confirmed ␛[31m)"
    )
    assert second.endswith(": drain.ipynb, dry run: run: done")
    assert main(["runbook", "audit", str(tmp_path / "drain.ipynb"), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["title"] == "Drain the queue"
