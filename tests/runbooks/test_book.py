"""Reading a notebook without running it: what it is called, takes and replays, and what is no notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coder_nb.errors import RunbookError
from coder_nb.runbooks.book import find, read
from tests.runbooks.running.conftest import write_book


def test_what_people_read(tmp_path: Path) -> None:
    """Title, what it is about, and what it declares."""
    book = read(write_book(tmp_path / "drain.ipynb", '%%coder step "Drain"\n1', "coder = connect('replay:drain')"))
    assert (book.name, book.title, book.about) == ("drain", "A book", "For tests.")
    assert book.declarations.startswith("workspace: workspace")
    assert book.replays == ["drain"]
    assert book.is_runbook


def test_marks_of_markdown_are_not_read(tmp_path: Path) -> None:
    """Of a title and what a book is about only the words count."""
    prose = "intro\n\n## Restart `app` *now* #\n\nSee [the guide](http://x.example).\n\nMore."
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": prose}]}))
    assert (read(path).title, read(path).about) == ("Restart app now", "intro")


def test_a_notebook_without_headings_goes_by_its_name(tmp_path: Path) -> None:
    """And is no runbook, where nothing of ours is in it."""
    path = tmp_path / "plain.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["1\n", "2"]}]}))
    book = read(path)
    assert (book.title, book.about, book.declarations, book.is_runbook) == ("plain", "", "", False)
    assert book.cells[0].source == "1\n2"


@pytest.mark.parametrize(
    "source", ['@step("Drain")\ndef drain(): ...', "@cn.step('x')\nasync def y(): ...", "%coder parameters"]
)
def test_functions_and_lines_make_a_runbook_too(tmp_path: Path, source: str) -> None:
    """A step need not be a cell's magic."""
    assert read(write_book(tmp_path / "a.ipynb", source, declared="")).is_runbook


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"cells": [1]}', '{"cells": [{}]}', '{"cells": null}'])
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    """With its name."""
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(RunbookError, match=r"not a notebook: .*broken\.ipynb"):
        read(path)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    """In its folder."""
    write_book(tmp_path / "drain.ipynb")
    with pytest.raises(RunbookError, match="no such runbook") as caught:
        read(tmp_path / "drian.ipynb")
    assert "drain.ipynb" in caught.value.hint


def test_names_lead_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is a path; any other word is a name of the shelf, with or without its ending."""
    monkeypatch.chdir(tmp_path)
    own, shelf = write_book(Path("drain.ipynb")), {"slow": Path("/books/slow.ipynb")}
    assert find("drain.ipynb", shelf=shelf) == own
    assert find("slow", shelf=shelf) == find("slow.ipynb", shelf=shelf) == Path("/books/slow.ipynb")
    with pytest.raises(RunbookError) as caught:
        find("solw", shelf=shelf)
    assert caught.value.hint == "did you mean slow?"
