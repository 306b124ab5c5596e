"""Parameters of a command line: each by its kind, all mistakes at once, never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.errors import InvalidCommand
from coder_nb.runbooks.book import Book, read
from coder_nb.runbooks.running.given import given
from tests.runbooks.running.conftest import write_book

DECLARED = """%%coder parameters
workspace: workspace "which"
count: int 1..5
share: number optional
quick: bool
wait: duration ..1h
note: text optional
token: secret env=THE_TOKEN
"""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book with a parameter of most kinds."""
    return read(write_book(tmp_path / "book.ipynb", declared=DECLARED))


def test_each_value_is_as_its_kind_has_it(book: Book) -> None:
    """Numbers and truth as Python has them, the rest as it was typed, for the notebook to convert."""
    typed = ["workspace=dev", "count=3", "share=0.5", "quick=yes", "wait=10m", "note=a=b c"]
    assert given(book, typed) == {
        "workspace": "dev",
        "count": 3,
        "share": 0.5,
        "quick": True,
        "wait": "10m",
        "note": "a=b c",
    }


def test_nothing_is_none_where_it_may_be_left_out(book: Book) -> None:
    """`-p share=` takes a default away."""
    assert given(book, ["share=", "note="]) == {"share": None, "note": None}


def test_all_mistakes_are_told_at_once(book: Book) -> None:
    """Each with what would be right."""
    with pytest.raises(InvalidCommand) as caught:
        given(book, ["cuont=1", "count=7", "wait=soon", "note", "quick=yes", "quick=no", "zzz=1"])
    lines = caught.value.message.splitlines()
    assert lines[0].startswith("6 parameters")
    assert lines[1].strip() == "no parameter 'cuont': did you mean count?"
    assert "count = '7': must be a whole number from 1 to 5" in lines[2]
    assert "wait = 'soon'" in lines[3]
    assert "-p takes NAME=VALUE, and here is 'note'" in lines[4]
    assert "quick is given twice" in lines[5]
    assert "there are workspace, count," in lines[6]


def test_a_secret_is_refused_and_not_repeated(book: Book) -> None:
    """Others on the machine read command lines."""
    with pytest.raises(InvalidCommand) as caught:
        given(book, ["token=planted"])
    assert "planted" not in str(caught.value)
    assert "set THE_TOKEN in the environment" in caught.value.message


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("1.5", 1.5), ("true", True), ("None", None), ("a b", "a b"), ("", "")]
)
def test_a_book_without_declarations_takes_what_its_cell_sets(tmp_path: Path, text: str, value: object) -> None:
    """As papermill does: numbers and truth where a value looks like them."""
    cells = "count = 1\nname: str = 'x'\nother[0] = 2"
    path = write_book(tmp_path / "plain.ipynb", declared="")
    path.write_text(
        path.read_text()
        .replace("%load_ext coder_nb", cells.replace("\n", "\\n"))
        .replace('"tags": []', '"tags": ["parameters"]')
    )
    plain = read(path)
    assert given(plain, [f"name={text}"]) == {"name": value}
    with pytest.raises(InvalidCommand, match="no parameter 'nane': did you mean name"):
        given(plain, ["nane=1"])


def test_a_book_without_parameters_takes_none(tmp_path: Path) -> None:
    """And says so."""
    with pytest.raises(InvalidCommand, match="this book has no parameters"):
        given(read(write_book(tmp_path / "plain.ipynb", declared="")), ["name=1"])
