"""`coder-nb runbook` beyond running: list, new, show, report, and wrong command lines in two lines."""

from __future__ import annotations

import pytest

from tests.runbooks.running.conftest import Desk


def test_a_new_one_is_listed_and_shown(desk: Desk) -> None:
    """With its title and parameters; none of it starts a kernel or asks a deployment."""
    made = desk.script("new", "drain", "--title", "Drain the queue")
    assert made.returncode == 0
    assert "coder-nb runbook run drain.ipynb" in made.stdout
    listed = desk.script("list").stdout
    assert "Drain the queue" in listed
    assert "deployment, workspace, since · not run yet" in listed
    shown = desk.script("show", "drain").stdout
    assert shown.splitlines()[0] == "Drain the queue: drain.ipynb"
    assert "how far back to read its log" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "darin.ipynb"], 2, "no such runbook: darin.ipynb"),
        (["run", "drain.ipynb", "--report", "out.pdf"], 2, "a report is HTML or Markdown"),
        (["run", "drain.ipynb", "--dry-run", "--resume"], 2, "nothing to resume"),
        (["run", "drain.ipynb", "--output", "none/out.ipynb"], 2, "there is no folder for the notebook"),
        (["run", "drain.ipynb", "--kernel", "pyhton3"], 1, "no such kernel: pyhton3"),
        (["run", "drain.ipynb", "--frobnicate"], 2, "unrecognized arguments: --frobnicate"),
        (["run", "broken.ipynb"], 2, "not a notebook: broken.ipynb"),
        (["report", "drain.ipynb"], 1, "no run of drain is known here"),
        (["report", "nowhere"], 1, "no such runbook: nowhere"),
        (["new", "drain.ipynb"], 1, "there is a file already"),
        (["list", "nowhere"], 1, "no such folder: nowhere"),
        (["frob"], 2, "invalid choice: 'frob'"),
        ([], 2, "the following arguments are required: COMMAND"),
    ],
)
def test_a_mistake_is_two_lines(desk: Desk, arguments: list[str], code: int, said: str) -> None:
    """What is wrong, and what to type; nothing was run."""
    desk.book(name="drain.ipynb")
    (desk.folder / "broken.ipynb").write_text("{}")
    ran = desk.script(*arguments)
    assert ran.returncode == code
    what, hint = ran.stderr.splitlines()
    assert said in what
    assert hint.startswith("hint: ")
    assert ran.stdout == ""
