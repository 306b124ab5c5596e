"""The journal of a run as its readers see it: whole at every moment, for its owner's eyes only, newest first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coder_nb.errors import RunbookError
from coder_nb.runbooks import journal
from coder_nb.runbooks.journal import Evidence, Kernel, Run, StepRecord, Value
from coder_nb.runbooks.keeping import Journal, prune, this_kernel

BEGAN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def a_run(**more: object) -> Run:
    """A run of two steps."""
    steps = [StepRecord(number=1, title="Look", status="done"), StepRecord(number=2, title="Act")]
    return Run(id="one", started=BEGAN, steps=steps, **more)  # type: ignore[arg-type]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """Every field comes back equal."""
    run = a_run(parameters={"token": "****", "count": "3"}, kernel=this_kernel(), book="/b/x.ipynb")
    run.steps[0].value = Value(kind="json", text="dict", file="values/01-0-value.json")
    run.steps[0].evidence = [Evidence(kind="frame", files={"text/html": "evidence/01-0-1.html"})]
    Journal(tmp_path / "run", run)
    assert journal.read(tmp_path / "run") == run


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, whatever the umask allows."""
    before = os.umask(0)
    try:
        book = Journal(tmp_path / "run", a_run())
        book.keep("values", book.run.steps[0], "value.json", b"1")
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "run").rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in [tmp_path / "run", *(tmp_path / "run").glob("*/")]}
    assert (modes, folders) == ({0o600}, {0o700})


def test_a_folder_without_a_journal_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Neither nothing nor a traceback of the system's."""
    with pytest.raises(RunbookError, match=r"journal\.json: No such file"):
        journal.read(tmp_path)
    (tmp_path / "journal.json").write_text('{"id": 3}', encoding="utf-8")
    with pytest.raises(RunbookError, match="cannot be understood"):
        journal.read(tmp_path)


def test_runs_of_a_book_are_listed_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of another book of the same name are not among them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = []
    for book in (tmp_path / "a.ipynb", tmp_path / "a.ipynb", tmp_path / "other" / "a.ipynb"):
        made.append(journal.fresh(book))
        Journal(made[-1], a_run())
    assert journal.runs(tmp_path / "a.ipynb") == [made[1], made[0]]
    assert journal.runs(tmp_path / "other" / "a.ipynb") == [made[2]]
    assert journal.runs(tmp_path / "b.ipynb") == []


def test_the_oldest_runs_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty stay, the newest, of each book."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = [journal.fresh(tmp_path / "a.ipynb") for _ in range(32)]
    for folder in [*made, journal.fresh(tmp_path / "b.ipynb")]:
        Journal(folder, a_run())
    prune(tmp_path / "a.ipynb")
    assert journal.runs(tmp_path / "a.ipynb") == made[:1:-1]
    assert len(journal.runs(tmp_path / "b.ipynb")) == 1


def test_a_run_whose_kernel_was_killed_is_broken_off(tmp_path: Path) -> None:
    """While it lives it is running; killed in a step, it is neither running nor done."""
    code = (
        "import sys, time; from datetime import UTC, datetime; from pathlib import Path\n"
        "from coder_nb.runbooks.journal import Run, StepRecord\n"
        "from coder_nb.runbooks.keeping import Journal, prune, this_kernel\n"
        "run = Run(id='x', started=datetime.now(UTC), kernel=this_kernel())\n"
        "run.steps = [StepRecord(number=1, title='Act', status='running')]\n"
        "Journal(Path(sys.argv[1]), run); print('up', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        assert journal.read(tmp_path).outcome == "running"
        with pytest.raises(RunbookError, match=f"still going on, in process {process.pid}"):
            Journal.reopen(tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert journal.read(tmp_path).outcome == "broken off"
    assert Journal.reopen(tmp_path).run.id == "x"


def test_a_process_of_another_machine_is_not_judged() -> None:
    """Its number means nothing here."""
    assert Kernel(host="elsewhere", pid=1, began=0.0).lives() is None


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (["done", "skipped"], "done"),
        (["done", "pending"], "unfinished"),
        (["done", "failed", "pending"], "failed"),
        (["declined", "pending"], "declined"),
    ],
)
def test_the_outcome_follows_from_the_steps(states: list[journal.Status], outcome: str) -> None:
    """The worst that happened to a step is what happened to the run."""
    run = a_run()
    run.steps = [StepRecord(number=number, title="x", status=state) for number, state in enumerate(states, 1)]
    assert run.outcome == outcome


def test_a_failure_outside_the_steps_fails_the_run() -> None:
    """Although every step that was reached is done."""
    run = a_run(error="cell 7: NameError: no x")
    run.steps[1].status = "done"
    assert run.outcome == "failed"


def test_what_an_attempt_has_left_goes_before_the_next(tmp_path: Path) -> None:
    """A step that runs again does not show what it did the first time."""
    book = Journal(tmp_path, a_run())
    step = book.run.steps[0]
    step.value = Value(kind="json", file=book.keep("values", step, "value.json", b"1"))
    step.evidence = [Evidence(kind="display", files={"text/plain": book.keep("evidence", step, "1.txt", b"x")})]
    book.drop(step)
    assert not step.value and not step.evidence
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["journal.json"]
