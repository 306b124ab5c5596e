"""Which runbooks there are: in a folder and below, and those that come along, with their last runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coder_nb.errors import RunbookError
from coder_nb.runbooks import journal
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.keeping import Journal
from coder_nb.runbooks.shelf import Shelf, shelf, shipped
from tests.runbooks.running.conftest import write_book

BEGAN = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two runbooks of one name, one of another, and much that is none."""
    where = tmp_path / "work"
    for name in ("drain.ipynb", "a/same.ipynb", "b/same.ipynb"):
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        write_book(where / name)
    for name in (".hidden/x.ipynb", "node_modules/x.ipynb", "env/x.ipynb", "run/x.ipynb", "1/2/3/4/5/6/7/x.ipynb"):
        (where / name).parent.mkdir(parents=True)
        write_book(where / name)
    (where / "env/pyvenv.cfg").touch()
    (where / "run/journal.json").touch()
    (where / "broken.ipynb").write_text("{")
    write_book(where / "plain.ipynb", declared="")
    monkeypatch.chdir(where)
    return where


def own(there: Shelf) -> list[str]:
    """The names of those in the folder."""
    return [one.name for one in there if not one.ours]


def test_books_are_found_and_nothing_else(folder: Path) -> None:
    """Not in hidden folders, environments and runs, not too deep; two of one name are told apart by their folders."""
    assert own(shelf()) == ["drain", "a/same", "b/same"]
    assert own(shelf(folder / "a")) == ["same"]


def test_those_that_come_along_are_there_once(folder: Path) -> None:
    """Wherever one is; in their own folder they are that folder's."""
    names = {path.stem for path in shipped()}
    assert names
    assert {one.name for one in shelf() if one.ours} == names
    there = shelf(shipped()[0].parent)
    assert (set(own(there)), [one for one in there if one.ours]) == (names, [])


def test_the_last_run_is_told(folder: Path) -> None:
    """How it came out and when; of a dry run that it was one."""
    entry = shelf()[0]
    assert (entry.status, "not run yet" in repr(shelf(folder / "a"))) == ("", True)
    run = Run(id="x", started=BEGAN, steps=[StepRecord(number=1, title="Look", status="failed")])
    Journal(journal.fresh(folder / "drain.ipynb"), run)
    assert shelf()[0].status == "failed"
    assert "failed, 2026-03-12 09:30:00 UTC" in repr(shelf())
    Journal(journal.fresh(folder / "drain.ipynb"), Run(id="y", started=BEGAN, dry_run=True))
    assert shelf()[0].status == "dry run"


def test_it_is_a_frame_as_well(folder: Path) -> None:
    """The same columns and dtypes whether anything ran or not."""
    frame = shelf().frame
    assert list(frame.columns) == ["name", "title", "parameters", "status", "last_run", "ours", "path"]
    assert frame.set_index("name").loc["drain", "parameters"] == "workspace, count"
    assert str(frame.dtypes["last_run"]) == "datetime64[us, UTC]"
    assert dict(shelf(folder / "a").frame.dtypes) == dict(frame.dtypes)


def test_pages_link_what_jupyter_can_open(folder: Path) -> None:
    """A file below the working directory by its relative path, quoted; titles are escaped."""
    write_book(folder / "a b'<i>.ipynb", parameters="")
    page = shelf()._repr_html_()
    assert '<a href="a/same.ipynb">' in page
    assert '<a href="a%20b%27%3Ci%3E.ipynb">' in page
    assert "<i>" not in page
    assert "%coder runbook" in page


def test_an_empty_folder_says_what_makes_one(tmp_path: Path) -> None:
    """Where nothing comes along either."""
    assert "coder-nb runbook new" in repr(Shelf((), tmp_path))
    assert "coder-nb runbook new" in Shelf((), tmp_path)._repr_html_()


def test_no_such_folder(tmp_path: Path) -> None:
    """Is an error of ours."""
    with pytest.raises(RunbookError, match="no such folder"):
        shelf(tmp_path / "none")
