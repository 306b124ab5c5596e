"""Books in front ends: the form and the live list for a person, plain tables for runners, the same text for both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill  # type: ignore[import-untyped]
import pytest
from nbclient import NotebookClient

from coder_nb.runbooks import journal
from tests.runbooks.kernels import Kernel, kernel, write

WIDGET = "application/vnd.jupyter.widget-view+json"
CELLS = [
    "n = 2; level = 'info'; token = None",
    "%load_ext coder_nb",
    "%coder steps",
    '%%coder parameters\nn: int 1..5 "how many"\nlevel: choice info warn\ntoken: secret env=THE_TOKEN optional',
    "%%coder step 'Look' -o found\nprint('looking')\n{'n': n}",
    "%%coder step \"Act {n}\" --skip-if 'n > 3'\nfound['n'] * 2",
    "%coder steps",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel whose front end can ask, as JupyterLab's can."""
    with kernel(tmp_path_factory.mktemp("lab")) as one:
        one.run("%load_ext coder_nb", answer="")
        yield one


def edit(lab: Kernel, field: str, state: dict[str, Any]) -> None:
    """Does in the form what a page does when somebody has typed: the widget of that description gets a new state."""
    code = (
        "from ipywidgets.widgets.widget import _instances\n"
        f"[w.model_id for w in _instances.values() if getattr(w, 'description', '') == {field!r}][-1]"
    )
    (model,) = lab.run(code, answer="").texts
    content = {"comm_id": model.strip("'"), "data": {"method": "update", "state": state, "buffer_paths": []}}
    lab.client.shell_channel.send(lab.client.session.msg("comm_msg", content))


def test_a_person_gets_a_form_that_changes_the_notebook(lab: Kernel) -> None:
    """Once what was typed is right; what is wrong is said beside the field, and changes nothing."""
    lab.run("n = 2; level = 'info'; token = None", answer="")
    cell = lab.run(CELLS[3], answer="")
    (shown,) = cell.shown
    assert WIDGET in shown
    assert shown["text/plain"].splitlines()[1] == "  n      2     how many · a whole number from 1 to 5"
    edit(lab, "n", {"value": 4})
    edit(lab, "level", {"index": 1})
    assert lab.run("(n, level)", answer="").texts == ["(4, 'warn')"]
    assert lab.run("%coder parameters", answer="").texts[0].splitlines()[1].split()[:2] == ["n", "4"]


def test_what_is_wrong_in_the_form_changes_nothing(lab: Kernel) -> None:
    """It is said beside the field."""
    lab.run("wait = '10m'", answer="")
    lab.run('%%coder parameters\nwait: duration ..1h "how long"', answer="")
    edit(lab, "wait", {"value": "2h"})
    cell = lab.run("str(wait)", answer="")
    assert cell.texts == ["'10m'"]
    notes = "[w.value for w in _instances.values() if 'at most 1h' in str(getattr(w, 'value', ''))][-1]"
    assert "must be a length of time, at most 1h" in lab.run(notes, answer="").texts[0]


def test_a_parameter_without_a_value_can_be_given_one(lab: Kernel) -> None:
    """The form stands above the error; no step runs until it is filled in."""
    lab.run("m = None; other = '3'", answer="")
    cell = lab.run("%%coder parameters\nm: text /[a-z]+/\nother: int", answer="")
    assert (cell.status, WIDGET in cell.shown[0]) == ("error", True)
    assert "m: needs a value" in lab.run("%%coder step 'Look'\n1", answer="").error
    edit(lab, "m", {"value": "abc"})
    assert lab.run("%%coder step 'Look'\n[m, other]", answer="").texts[-1] == "['abc', 3]"


def test_no_secret_has_a_field(lab: Kernel) -> None:
    """What is typed into one would be saved with the notebook."""
    lab.run("import os; os.environ['THE_TOKEN'] = 'planted-planted-55'; n = 2; level = 'info'", answer="")
    cell = lab.run(CELLS[3], answer="")
    assert "planted" not in str(cell.comms) + str(cell.shown)
    assert "****" in cell.texts[0]


def test_the_list_of_steps_is_live(lab: Kernel) -> None:
    """Each change is sent to the page."""
    lab.run("level = 'info'; n = 1; token = None", answer="")
    lab.run(CELLS[3], answer="")
    assert WIDGET in lab.run("%coder steps", answer="").shown[0]
    cell = lab.run("%%coder step 'Look here'\n1", answer="")
    sent = [message["data"]["state"]["value"] for message in cell.comms if "value" in str(message["data"])]
    assert [next(word for word in ("running", "done") if word in value) for value in sent] == ["running", "done"]
    assert "Look here" in sent[-1]


def test_who_begins_anew_is_told_of_the_run_that_stopped(lab: Kernel) -> None:
    """Of the same parameters; nobody else is."""
    lab.run("k = 1", answer="")
    lab.run("%%coder parameters\nk: int", answer="")
    lab.run("%%coder step 'Break'\n1/0", answer="")
    told = "the last run stopped at step 1, Break; %%coder parameters --resume goes on there\n"
    assert lab.run("%%coder parameters\nk: int", answer="").printed == told
    assert lab.run("%%coder parameters\nk: int").printed == ""


def test_with_nobody_to_ask_there_is_no_widget(lab: Kernel) -> None:
    """In the same words."""
    watched = [lab.run(line, answer="").shown[0] for line in ("%coder steps", "%coder parameters")]
    alone = [lab.run(line).shown[0] for line in ("%coder steps", "%coder parameters")]
    assert [set(data) for data in alone] == [{"text/plain", "text/html"}] * 2
    assert [data["text/plain"] for data in alone] == [data["text/plain"] for data in watched]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book, whose path its kernel is told."""
    path = write(tmp_path / "book.ipynb", CELLS)
    monkeypatch.setenv("CODER_NB_RUNBOOK", str(path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return path


def outputs(notebook: Any) -> list[list[Any]]:
    """What the cells show, without their numbers."""
    return [
        [{key: value for key, value in output.items() if key != "execution_count"} for output in cell.outputs]
        for cell in notebook.cells
    ]


def test_a_runner_stores_the_same_each_time(book: Path) -> None:
    """No widget, no time, no number of a run; the list at the end tells how the steps have ended."""
    stored = []
    for _ in range(2):
        notebook: Any = nbformat.read(book, as_version=4)  # type: ignore[no-untyped-call]
        NotebookClient(notebook, timeout=60).execute()
        stored.append(outputs(notebook))
    assert stored[0] == stored[1]
    assert WIDGET not in str(stored)
    first, last = (stored[0][at][0]["data"]["text/plain"].splitlines() for at in (2, 6))
    assert first == ["steps", "  1  Look", "  2  Act {n}"]
    assert last == ["steps", "  1  Look   done", "  2  Act 2  done"]


def test_papermill_puts_its_values_between(book: Path) -> None:
    """After the cell that is tagged, before the one that checks."""
    done: Any = papermill.execute_notebook(str(book), str(book.with_name("out.ipynb")), {"n": "5"}, progress_bar=False)
    assert done.cells[-1].outputs[0]["data"]["text/plain"].splitlines()[2] == "  2  Act 5  skipped: n > 3"


def test_papermill_may_not_put_in_a_secret(book: Path) -> None:
    """It would be in the executed notebook, which says so."""
    with pytest.raises(papermill.PapermillExecutionError, match="in clear"):
        papermill.execute_notebook(
            str(book), str(book.with_name("out.ipynb")), {"token": "planted-planted-66"}, progress_bar=False
        )


def test_two_steps_of_one_title_are_refused(tmp_path: Path, book: Path) -> None:
    """Before anything runs: a resume could not tell them apart."""
    write(book, ["n = 1", "%load_ext coder_nb", "%%coder step 'Same'\n1", '%%coder step "Same"\n2'])
    with kernel(tmp_path, RUNBOOK=str(book)) as one:
        one.run("%load_ext coder_nb")
        assert "two steps of book.ipynb are titled 'Same'" in one.run("%%coder step 'Same'\n1").error


def test_inline_figures_are_kept_and_shown_once(tmp_path: Path) -> None:
    """The one a notebook draws when a cell ends belongs to its step."""
    with kernel(tmp_path, RUN=str(tmp_path / "run")) as one:
        one.run("%load_ext coder_nb\n%matplotlib inline\nfrom matplotlib import pyplot as plt")
        cell = one.run("%%coder step 'Plot'\nplt.plot([1, 2]);")
    assert ["image/png" in data for data in cell.shown] == [True, False]
    (piece,) = journal.read(tmp_path / "run").steps[0].evidence
    assert (piece.kind, sorted(piece.files)) == ("figure", ["image/png", "text/plain"])
