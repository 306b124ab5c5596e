"""Bringing a runbook here: a copy with its recordings, or a new one from a template that runs as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coder_nb.errors import RunbookError
from coder_nb.runbooks.book import read
from coder_nb.runbooks.opening import TEMPLATES, new, open_book
from coder_nb.runbooks.shelf import Entry, Shelf
from tests.runbooks.running.conftest import write_book


@pytest.fixture
def theirs(tmp_path: Path) -> Shelf:
    """A shelf with one book that comes along, which replays two recordings."""
    folder = tmp_path / "package"
    (folder / "cassettes").mkdir(parents=True)
    path = write_book(folder / "slow.ipynb", parameters='workspace = "dev"  # replay:slow, replay:other, replay:none')
    (folder / "slow.cassette").write_text("one")
    (folder / "cassettes" / "other.cassette").write_text("two")
    (folder / "unused.cassette").write_text("three")
    return Shelf([Entry("slow", read(path), ours=True)], tmp_path)


def test_one_that_comes_along_is_copied_with_its_recordings(theirs: Shelf, tmp_path: Path) -> None:
    """To where it looks for them, and no others."""
    here = tmp_path / "here"
    here.mkdir()
    opened = open_book("slow", theirs, here)
    assert opened.book.path == here / "slow.ipynb"
    copied = sorted(str(path.relative_to(here)) for path in here.rglob("*") if path.is_file())
    assert copied == ["cassettes/other.cassette", "slow.cassette", "slow.ipynb"]
    assert "copied" in repr(opened)
    assert "coder-nb runbook run" in opened._repr_html_()


def test_what_is_there_already_stays(theirs: Shelf, tmp_path: Path) -> None:
    """A second time opens the file as somebody has left it."""
    here = tmp_path / "here"
    here.mkdir()
    mine = write_book(here / "slow.ipynb", "1")
    before = mine.read_bytes()
    opened = open_book("slow", theirs, here)
    assert (opened.copied, mine.read_bytes()) == ((), before)
    assert "copied" not in repr(opened)


def test_an_unknown_name_is_an_error_with_the_nearest(theirs: Shelf, tmp_path: Path) -> None:
    """And nothing is written."""
    with pytest.raises(RunbookError) as caught:
        open_book("solw", theirs, tmp_path)
    assert caught.value.hint == "did you mean slow?"


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_one_is_a_runbook(tmp_path: Path, template: str) -> None:
    """With the title somebody gave it or its name, parameters, steps, and ids for its cells."""
    named = new(tmp_path / "drain_the-queue", template=template)
    assert (named.book.path.name, named.book.title) == ("drain_the-queue.ipynb", "Drain the queue")
    assert named.book.is_runbook
    assert named.book.declarations
    titled = new(tmp_path / "x.ipynb", template=template, title='A "title"\\n')
    assert titled.book.title == 'A "title"\\n'
    cells = json.loads(titled.book.path.read_text())["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file of that name stays as it is."""
    (tmp_path / "x.ipynb").write_text("mine")
    with pytest.raises(RunbookError, match="there is a file already"):
        new(tmp_path / "x", template="check")
    assert (tmp_path / "x.ipynb").read_text() == "mine"


def test_an_unknown_template_names_the_nearest(tmp_path: Path) -> None:
    """And a folder that is not there is an error of ours too."""
    with pytest.raises(RunbookError) as caught:
        new(tmp_path / "x", template="chekc")
    assert caught.value.hint == "--template check"
    with pytest.raises(RunbookError, match="cannot write"):
        new(tmp_path / "none" / "x", template="check")
