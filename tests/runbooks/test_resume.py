"""A run that stopped and is gone on with, in kernels of their own: what is done is not done again."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from coder_nb.runbooks import journal
from coder_nb.runbooks.journal import Run
from tests.runbooks.kernels import Kernel, kernel, write

CELLS = [
    "n = 1; place = ''",
    "%load_ext coder_nb\nimport pandas as pd\nfrom pathlib import Path\nlog = Path(LOG)",
    "%%coder parameters\nn: int 1..5\nplace: text",
    "def note(text):\n    with log.open('a') as file:\n        file.write(text)",
    "%%coder step 'First' -o first\nnote('1')\n{'a': (1, 2)}",
    "%%coder step 'Second' -o frame\nnote('2')\npd.DataFrame({'x': pd.Categorical(['a'], ordered=True)})",
    "%%coder step 'Third'\nnote('3')\nimport time\nwhile Path(LOG + '.wait').exists():\n    time.sleep(0.01)\n3",
    "%%coder step 'Fourth'\nnote('4')\n[first, str(frame.dtypes['x'])]",
]


class Book:
    """A book in a folder, and what its steps have noted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        self.path = write(folder / "book.ipynb", self.cells)

    @property
    def cells(self) -> list[str]:
        return [cell.replace("LOG", repr(str(self.log))) for cell in CELLS]

    def run(self, cells: Sequence[str] | None = None, *, mode: str = "", run: str = "run") -> list[str]:
        """Runs it until a cell fails; gives the error, or the texts of the last cell."""
        environment = {"RUNBOOK": str(self.path), "RUN": str(self.folder / run), "RUN_MODE": mode}
        with kernel(self.folder, **environment) as book:
            return play(book, self.cells if cells is None else cells)

    def journal(self) -> Run:
        """How its run stands."""
        return journal.read(self.folder / "run")

    @property
    def noted(self) -> str:
        return self.log.read_text(encoding="utf-8")


def play(book: Kernel, cells: Sequence[str]) -> list[str]:
    """Runs cells until one fails; gives the error, or the texts of the last cell."""
    texts: list[str] = []
    for source in cells:
        cell = book.run(source)
        if cell.status == "error":
            return [cell.error]
        texts = cell.texts
    return texts


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book of four steps."""
    return Book(tmp_path)


def statuses(run: Run) -> list[str]:
    """The statuses of a run's steps."""
    return [step.status for step in run.steps]


def test_killed_in_its_third_step_it_resumes_there(book: Book) -> None:
    """With kill -9; what was handed on is given back equal, and the steps done are not run again."""
    (book.folder / "log.wait").touch()
    environment = {"RUNBOOK": str(book.path), "RUN": str(book.folder / "run")}
    with kernel(book.folder, **environment) as first:
        assert play(first, book.cells[:6])
        first.client.execute(book.cells[6])
        while book.noted != "123":  # The step has said that it runs; nothing else tells from outside.
            assert first.manager.is_alive()
        os.kill(first.manager.provisioner.pid, signal.SIGKILL)
    assert (book.journal().outcome, statuses(book.journal())) == ("broken off", ["done", "done", "running", "pending"])
    (book.folder / "log.wait").unlink()
    texts = book.run(mode="resume")
    assert texts[-1] == "[{'a': (1, 2)}, 'category']"
    assert book.noted == "12334"
    run = book.journal()
    assert (run.outcome, statuses(run), len(run.resumed)) == ("done", ["done"] * 4, 1)
    assert [step.why for step in run.steps] == ["done before the run was resumed"] * 2 + ["", ""]


def test_the_steps_to_come_are_in_the_journal(book: Book) -> None:
    """Read from the notebook's file, before any of them is reached."""
    book.run(book.cells[:3])
    assert [(step.number, step.title, step.status) for step in book.journal().steps] == [
        (1, "First", "pending"), (2, "Second", "pending"), (3, "Third", "pending"), (4, "Fourth", "pending"),
    ]  # fmt: skip


def failed(book: Book) -> None:
    """Runs the book until its third step fails."""
    cells = book.cells
    cells[6] = "%%coder step 'Third'\n1/0"
    assert book.run(cells) == ["division by zero"]
    assert (book.journal().outcome, statuses(book.journal())) == ("failed", ["done", "done", "failed", "pending"])


def test_a_failed_step_may_be_corrected(book: Book) -> None:
    """It and what comes after it may be different, and it runs again."""
    failed(book)
    assert book.run(mode="resume")[-1] == "[{'a': (1, 2)}, 'category']"
    assert book.noted == "1234"


@pytest.mark.parametrize(
    ("at", "old", "new", "said"),
    [
        (0, "n = 1", "n = 2", r"other parameters: n was 1 and is 2"),
        (
            1,
            "import pandas",
            "import numpy, pandas",
            "step 1, First, .*the cell `%load_ext coder_nb` has changed below",
        ),
        (3, "def note", "del log\ndef note", "the cell `def note\\(text\\):` ran then, and the cell `del log` now"),
        (4, "'1'", "'one'", "step 1, First, .*the cell `%%coder step 'First' -o first` has changed below"),
        (5, "'2'", "'two'", "step 2, Second, .*the cell `%%coder step 'Second'"),
    ],
)
def test_what_came_before_has_to_be_the_same(book: Book, at: int, old: str, new: str, said: str) -> None:
    """Parameters and the text of cells, outside of steps and within; what differs is named."""
    failed(book)
    cells = book.cells
    cells[at] = cells[at].replace(old, new)
    (error,) = book.run(cells, mode="resume")
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(error)
    assert book.noted == "12"


def test_papermills_cell_and_the_one_of_parameters_do_not_count(book: Book) -> None:
    """They only set what is compared by value."""
    failed(book)
    cells = ["n = 3  # another default\nplace = 'x'", '# Parameters\nn = 1\nplace = ""\n', *book.cells[1:]]
    assert book.run(cells, mode="resume")[-1] == "[{'a': (1, 2)}, 'category']"


def test_at_another_deployment_nothing_is_given_back(book: Book) -> None:
    """What was done there was not done here."""
    connect = (
        "from coder_nb.client import Coder\nfrom coder_nb.credentials import Credentials, Secret\n"
        "from coder_nb.transport.http import Http\nimport os\nwhere = os.environ['CODER_NB_WHERE']\n"
        "url = 'http://127.0.0.1:9'\nhere = Coder(Http(url, None), Credentials(url, None, 'a test'), deployment=where)"
    )
    cells = book.cells
    cells.insert(3, connect)
    cells[7] = "%%coder step 'Third'\n1/0"
    environment = {"RUNBOOK": str(book.path), "RUN": str(book.folder / "run")}
    with kernel(book.folder, WHERE="one", **environment) as first:
        play(first, cells)
    assert book.journal().deployment == "one"
    with kernel(book.folder, WHERE="two", RUN_MODE="resume", **environment) as second:
        (error,) = play(second, cells)
    assert "step 1, First, was done at one, and this is two" in error


def test_there_must_be_something_to_resume(book: Book) -> None:
    """Neither a run that was never begun nor one that is over."""
    assert "never run" in book.run(mode="resume")[0]
    book.run()
    assert "has come to its end" in book.run(mode="resume")[0]


def test_a_person_resumes_with_a_flag(book: Book) -> None:
    """In a notebook nobody runs by command, whose frontend tells its path."""
    cells = book.cells
    cells[6] = "%%coder step 'Third'\n1/0"
    with kernel(book.folder) as first:
        first.run(f"__vsc_ipynb_file__ = {str(book.path)!r}")
        play(first, cells)
    cells = book.cells
    cells[2] = cells[2].replace("parameters", "parameters --resume")
    with kernel(book.folder) as second:
        second.run(f"__vsc_ipynb_file__ = {str(book.path)!r}")
        assert play(second, cells)[-1] == "[{'a': (1, 2)}, 'category']"
    assert book.noted == "1234"
    (kept,) = (book.folder / "coder-nb" / "runs").glob("book-*/*")
    assert journal.read(kept).outcome == "done"


def test_a_run_that_goes_on_is_not_resumed_beside(book: Book) -> None:
    """Two kernels would write one journal."""
    (book.folder / "log.wait").touch()
    environment = {"RUNBOOK": str(book.path), "RUN": str(book.folder / "run")}
    with kernel(book.folder, **environment) as first:
        play(first, book.cells[:6])
        first.client.execute(book.cells[6])
        while book.noted != "123":  # The step has said that it runs; nothing else tells from outside.
            assert first.manager.is_alive()
        assert "is still going on" in book.run(mode="resume")[0]


def test_cells_that_were_run_again_or_have_failed_count_as_they_are_now(book: Book) -> None:
    """A frontend names its cells, so one that was corrected stays in its place."""
    environment = {"RUNBOOK": str(book.path), "RUN": str(book.folder / "run")}
    with kernel(book.folder, **environment) as first:
        for number, source in enumerate(book.cells[:3]):
            first.run(source, cell_id=f"c{number}")
        first.run(book.cells[3].replace("'a'", "'w'"), cell_id="c3")
        first.run("no such thing", cell_id="c9")
        first.run(book.cells[3], cell_id="c3")
        for number, source in enumerate(book.cells[4:6], 4):
            assert first.run(source, cell_id=f"c{number}").status == "ok"
        first.run("%%coder step 'Third'\n1/0", cell_id="c6")
    assert book.run(mode="resume")[-1] == "[{'a': (1, 2)}, 'category']"
    assert book.noted == "1234"


def test_a_skipped_step_hands_on_what_the_last_run_had(book: Book) -> None:
    """Of one with the same parameters and cells, in which it was done; of no other."""
    step = "%%coder step 'Make' --skip-if 'log.exists()'\nnote(str(n))\n{'was': n}"
    cells = [*book.cells[:4], step]
    for first, shown in (("n = 1; place = ''", "{'was': 1}"), ("n = 1; place = ''", "{'was': 1}")):
        with kernel(book.folder, RUNBOOK=str(book.path)) as one:
            assert play(one, [first, *cells[1:]])[-1] == shown
    with kernel(book.folder, RUNBOOK=str(book.path)) as one:
        assert play(one, ["n = 2; place = ''", *cells[1:]]) == ["step 1, Make: skipped: log.exists()"]
    assert book.noted == "1"
