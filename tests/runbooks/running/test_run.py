"""`coder-nb runbook run` against a deployment that counts what it is asked, with real kernels and real terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from coder_nb.runbooks import journal
from tests.runbooks.running.conftest import SCRIPT, Desk, statuses

LOOK = '%%coder step "Look at {workspace}" -o before\n%coder ls name:{workspace}\n'
RESTART = (
    '%%coder step "Restart {workspace}" --confirm "type the workspace\'s name"\n'
    "%coder restart {workspace} --wait --timeout 60s --yes;\n"
)
AFTER = '%%coder step "Look again"\n%coder ls name:{workspace}\n'
RESTARTS = ("%coder connect;", LOOK, RESTART, AFTER)


def counting(name: str, then: str = "None") -> str:
    """A step that leaves a mark in a file each time its body runs."""
    return (
        f'%%coder step "{name}" -o {name}\nwith open("marks", "a") as file:\n    print("{name}", file=file)\n{then}\n'
    )


def marks(desk: Desk) -> list[str]:
    """Which bodies ran, in order."""
    path = desk.folder / "marks"
    return path.read_text().split() if path.exists() else []


def test_a_book_runs_to_its_end(connected: Desk, changes: Callable[[], list[str]]) -> None:
    """A line a step, exit code 0, the executed notebook with its parameters, a report; the book itself is untouched."""
    book = connected.book(*RESTARTS)
    before = book.read_bytes()
    ran = connected.run("book.ipynb", "-p", "count=3", "--yes", "--report", "out.html", "--output", "out.ipynb")
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["1", "2", "3"]
    assert "Restart docs" in lines[1]
    assert "done" in lines[1]
    assert any("/builds" in request for request in changes())
    assert book.read_bytes() == before
    notebook = json.loads((connected.folder / "out.ipynb").read_text())
    assert any("count = 3" in "".join(cell["source"]) for cell in notebook["cells"])
    assert "Restart docs" in (connected.folder / "out.html").read_text()
    run = connected.kept()
    assert (run.outcome, run.parameters["count"], run.yes) == ("done", "3", True)
    assert (Path(run.folder) / "executed.ipynb").stat().st_mode & 0o777 == 0o600
    assert (Path(run.folder)).stat().st_mode & 0o777 == 0o700
    assert connected.environment["CODER_SESSION_TOKEN"] not in connected.said()


def test_a_dry_run_changes_nothing(connected: Desk, changes: Callable[[], list[str]]) -> None:
    """The deployment counts no changing request, not even from cells outside the steps, which are refused there."""
    connected.book("%coder connect;", RESTART, "%coder restart {workspace} --yes")
    ran = connected.run("book.ipynb", "--dry-run")
    assert changes() == []
    assert ran.returncode in (1, 3)
    assert "dry run" in ran.stderr
    assert statuses(connected.kept()) == ["skipped"]
    assert connected.kept().dry_run


def test_a_dry_run_of_a_book_comes_to_its_end(connected: Desk, changes: Callable[[], list[str]]) -> None:
    """Every step is told and none is done: exit code 0."""
    connected.book(*RESTARTS)
    ran = connected.run("book.ipynb", "--dry-run", "--report", "out.md")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert changes() == []
    assert statuses(connected.kept()) == ["skipped"] * 3
    assert "nothing was changed" in (connected.folder / "out.md").read_text()


@pytest.mark.parametrize(
    ("typed", "code", "steps"),
    [("docs\n", 0, ["done", "done", "done"]), ("dcos\n", 3, ["done", "declined", "pending"]), ("\x04", 3, None)],
)
def test_a_confirmation_is_asked_at_the_terminal(
    connected: Desk, changes: Callable[[], list[str]], typed: str, code: int, steps: list[str] | None
) -> None:
    """The right name lets the step run; another one, or Ctrl-D, declines it and the deployment stays untouched."""
    connected.book(*RESTARTS)
    terminal = connected.terminal("book.ipynb")
    terminal.expect("Type docs to go on: ")
    assert changes() == []
    terminal.send(typed)
    terminal.expect(r"to go on: coder-nb" if code else "done: A book")
    terminal.wait()
    assert terminal.exitstatus == code
    assert bool(changes()) is (code == 0)
    if steps:
        assert statuses(connected.kept()) == steps


def test_with_nobody_to_ask_nothing_is_done(connected: Desk, changes: Callable[[], list[str]]) -> None:
    """Exit code 3 at once, and the hint says what answers in advance."""
    connected.book(*RESTARTS)
    ran = connected.run("book.ipynb")
    assert ran.returncode == 3
    assert "ConfirmationRequired" in ran.stderr
    assert "--yes" in ran.stderr
    assert changes() == []


def test_a_failure_is_kept_and_gone_on_from(desk: Desk) -> None:
    """Exit code 1; the executed notebook holds the error; --resume runs what is left and nothing twice."""
    guarded = 'if not os.path.exists("fixed"):\n    raise ValueError("not yet")'
    desk.book("import os", counting("one", "41"), counting("two", guarded), counting("three", "one + 1"))
    ran = desk.run("book.ipynb", "-p", "count=2")
    assert ran.returncode == 1
    assert "ValueError: not yet" in ran.stderr
    assert "--resume" in ran.stderr
    run = desk.kept()
    assert statuses(run) == ["done", "failed", "pending"]
    notebook = json.loads((Path(run.folder) / "executed.ipynb").read_text())
    assert [out["ename"] for cell in notebook["cells"] for out in cell.get("outputs", []) if "ename" in out] == [
        "ValueError"
    ]
    (desk.folder / "fixed").touch()
    again = desk.run("book.ipynb", "--resume")
    assert (again.returncode, again.stderr) == (0, "")
    assert marks(desk) == ["one", "two", "two", "three"]
    assert "earlier" in again.stdout.splitlines()[0]
    assert statuses(desk.kept()) == ["done", "done", "done"]


def test_a_run_that_was_killed_goes_on_in_its_third_step(desk: Desk) -> None:
    """kill -9 of everything in the middle of step three; then --resume runs steps three and four alone."""
    slow = 'import os, time\nopen("here", "w").close()\nwhile not os.path.exists("fixed"):\n    time.sleep(0.05)'
    desk.book(counting("one", "1"), counting("two", "2"), counting("three", slow), counting("four", "one + two"))
    process = subprocess.Popen(
        [SCRIPT, "runbook", "run", "book.ipynb"], cwd=desk.folder, env=desk.environment, stdout=subprocess.DEVNULL
    )
    while not (desk.folder / "here").exists():
        assert process.poll() is None
        time.sleep(0.02)
    kernels = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(kernels, timeout=30)
    assert not any(kernel.is_running() for kernel in kernels)
    assert statuses(desk.kept()) == ["done", "done", "running", "pending"]
    assert desk.kept().outcome == "broken off"
    (desk.folder / "fixed").touch()
    again = desk.run("book.ipynb", "--resume")
    assert (again.returncode, again.stderr) == (0, "")
    assert marks(desk) == ["one", "two", "three", "three", "four"]
    assert statuses(desk.kept()) == ["done"] * 4


def test_ctrl_c_interrupts_the_step(desk: Desk) -> None:
    """Exit code 130, the step is failed, and no kernel is left behind."""
    desk.book('%%coder step "Sleep"\nimport os, time\nprint(os.getpid(), file=open("pid", "w"))\ntime.sleep(60)')
    terminal = desk.terminal("book.ipynb")
    terminal.expect("1  Sleep")
    while not (desk.folder / "pid").exists() or not (desk.folder / "pid").read_text().strip():
        time.sleep(0.02)
    terminal.sendintr()
    terminal.expect("interrupted in cell 5")
    terminal.wait()
    assert terminal.exitstatus == 130
    assert statuses(desk.kept()) == ["failed"]
    assert not psutil.pid_exists(int((desk.folder / "pid").read_text()))


def test_a_step_that_does_not_heed_ctrl_c_is_ended(desk: Desk) -> None:
    """The second Ctrl-C ends the kernel after two seconds; the journal says the run has broken off."""
    deaf = (
        '%%coder step "Deaf"\nimport signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n'
        'open("deaf", "w").close()\ntime.sleep(60)'
    )
    desk.book(deaf)
    terminal = desk.terminal("book.ipynb")
    while not (desk.folder / "deaf").exists():
        time.sleep(0.02)
    terminal.sendintr()
    terminal.expect("once more ends the kernel")
    terminal.sendintr()
    terminal.expect("interrupted in cell 5")
    terminal.wait()
    assert terminal.exitstatus == 130
    assert statuses(desk.kept()) == ["running"]
    assert desk.kept().outcome == "broken off"


def test_sigterm_ends_a_run_as_ctrl_c_does(desk: Desk) -> None:
    """What a CI that cancels a job sends: the kernel is interrupted, the notebook kept, no process is left."""
    desk.book('%%coder step "Sleep"\nimport time\nopen("here", "w").close()\ntime.sleep(60)')
    process = subprocess.Popen(
        [SCRIPT, "runbook", "run", "book.ipynb"], cwd=desk.folder, env=desk.environment, stderr=subprocess.DEVNULL
    )
    while not (desk.folder / "here").exists():
        assert process.poll() is None
        time.sleep(0.02)
    kernels = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    assert not [kernel for kernel in kernels if kernel.is_running()]
    assert statuses(desk.kept()) == ["failed"]


def test_a_terminal_that_is_closed_ends_a_run(desk: Desk) -> None:
    """The window goes away in the middle of a step: the kernel goes too, and the run can be resumed."""
    desk.book('%%coder step "Sleep"\nimport time\nopen("here", "w").close()\ntime.sleep(60)')
    terminal = desk.terminal("book.ipynb")
    while not (desk.folder / "here").exists():
        time.sleep(0.02)
    kernels = psutil.Process(terminal.pid).children(recursive=True)
    assert kernels
    os.close(terminal.child_fd)
    _, left = psutil.wait_procs(kernels, timeout=30)
    assert left == []
    run = desk.kept()
    assert statuses(run) == ["failed"]
    assert (Path(run.folder) / "executed.ipynb").exists()


def test_a_reader_that_has_enough_does_not_end_a_run(desk: Desk) -> None:
    """As `| head -1` does."""
    desk.book(*(counting(name) for name in ("one", "two", "three")))
    command = [SCRIPT, "runbook", "run", "book.ipynb"]
    with subprocess.Popen(command, cwd=desk.folder, env=desk.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"one" in process.stdout.readline()
        process.stdout.close()
        process.wait(60)
    assert marks(desk) == ["one", "two", "three"]
    assert statuses(desk.kept()) == ["done"] * 3


def test_a_kernel_that_dies_is_told(desk: Desk) -> None:
    """Exit code 1, which cell it was, and a report is there all the same."""
    desk.book("import os\nos._exit(3)")
    ran = desk.run("book.ipynb", "--report", "out.html")
    assert ran.returncode == 1
    assert "cell 5, import os\nthe kernel died" in ran.stderr
    assert "the kernel died" in (desk.folder / "out.html").read_text()
    assert desk.kept().outcome == "failed"


def test_wrong_parameters_are_told_at_once_and_nothing_runs(desk: Desk) -> None:
    """Exit code 2, all mistakes with the nearest names, and no run begins."""
    desk.book()
    ran = desk.run("book.ipynb", "-p", "workspce=x", "-p", "count=9", "-p", "count")
    assert ran.returncode == 2
    assert "3 parameters" in ran.stderr
    assert "did you mean workspace?" in ran.stderr
    assert "count = '9': must be a whole number from 1 to 5" in ran.stderr
    assert desk.folders() == []


def test_what_only_the_kernel_can_tell_of_a_parameter_is_exit_code_two(connected: Desk) -> None:
    """A workspace that does not exist."""
    connected.book("%coder connect;", "%coder parameters")
    ran = connected.run("book.ipynb", "-p", "workspace=nonesuch")
    assert ran.returncode == 2
    assert "nonesuch" in ran.stderr


def test_a_secret_is_asked_for_and_kept_nowhere(desk: Desk) -> None:
    """Typed at the terminal without echo; neither the journal nor the notebook nor the report has it."""
    declared = "%%coder parameters\ntoken: secret\n"
    desk.book('%%coder step "Use"\nprint(token.reveal())', declared=declared, parameters="token = None")
    terminal = desk.terminal("book.ipynb", "--report", "out.html")
    terminal.expect("token: ")
    terminal.sendline("hT7-planted-secret-value")
    terminal.expect("done: A book")
    terminal.wait()
    assert "planted" not in terminal.before
    assert terminal.exitstatus == 0
    assert "planted" not in desk.said()
    assert "****" in desk.said()
    assert "planted" not in (desk.folder / "out.html").read_text()


def test_a_secret_of_the_environment_is_kept_nowhere(desk: Desk) -> None:
    """Not even where a program writes it past everything that masks."""
    declared = "%%coder parameters\ntoken: secret env=THE_TOKEN\n"
    raw = "get_ipython().kernel.session.send(get_ipython().kernel.iopub_socket, 'stream', " + (
        "{'name': 'stdout', 'text': 'raw ' + token.reveal()}, parent=get_ipython().parent_header)"
    )
    desk.book(f'%%coder step "Use"\n{raw};', declared=declared, parameters="token = None")
    desk.environment["THE_TOKEN"] = "hT7-planted-secret-value"
    ran = desk.run("book.ipynb", "--report", "out.html")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "raw ****" in desk.said()
    assert "planted" not in desk.said() + (desk.folder / "out.html").read_text()


def test_nothing_to_resume_is_said(desk: Desk) -> None:
    """A book that never ran."""
    desk.book()
    ran = desk.run("book.ipynb", "--resume")
    assert ran.returncode == 1
    assert "nothing to resume" in ran.stderr


def test_papermill_runs_a_book_too(desk: Desk) -> None:
    """Its parameters come in the same way, and the run is kept as any other."""
    desk.book(counting("one", "count"))
    command = [SCRIPT.replace("coder-nb", "papermill"), "book.ipynb", "out.ipynb", "-p", "count", "4", "-k", "python3"]
    subprocess.run(command, cwd=desk.folder, env=desk.environment, check=True, capture_output=True, timeout=120)
    assert marks(desk) == ["one"]
    assert desk.kept().parameters["count"] == "4"


def test_runs_of_one_book_are_beside_one_another(desk: Desk) -> None:
    """Each has a folder; the newest is the one a report is made of."""
    desk.book(counting("one", "count"))
    for count in ("1", "2"):
        assert desk.run("book.ipynb", "-p", f"count={count}").returncode == 0
    assert [journal.read(folder).parameters["count"] for folder in desk.folders()] == ["1", "2"]
    assert desk.script("report", "book.ipynb", "-o", "out.md").returncode == 0
    assert "- count: 2" in (desk.folder / "out.md").read_text()
