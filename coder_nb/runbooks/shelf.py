"""The runbooks within reach: those in a folder and below, and those that come with coder_nb, each with its last run.

Only reads. Looks neither into hidden folders nor into environments, and opens no more notebooks than a person could.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from coder_nb.errors import CoderError, RunbookError
from coder_nb.look import dim, safe, state, table, visible
from coder_nb.runbooks import journal
from coder_nb.runbooks.book import Book, find, read
from coder_nb.runbooks.declarations import declarations
from coder_nb.runbooks.journal import Run
from coder_nb.runbooks.words import stamp

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Entry", "Shelf", "shelf", "shipped"]

_PASSED: Final = {"node_modules", "site-packages", "__pycache__", "venv", "build", "dist"}
_DEEP, _MOST = 6, 2_000
"""How many folders below, and how many notebooks are looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One runbook.

    Attributes:
        name: what it is called by here.
        ours: it comes with coder_nb.
        last: its latest run; None before the first.
    """

    name: str
    book: Book
    ours: bool = False
    last: Run | None = None

    @property
    def parameters(self) -> list[str]:
        """Their names; none where the declarations cannot be understood."""
        try:
            return [one.name for one in declarations(self.book.declarations)]
        except CoderError:
            return []

    @property
    def status(self) -> str:
        """How its latest run stands; "" before the first."""
        if self.last is None:
            return ""
        return "dry run" if self.last.dry_run and self.last.outcome != "failed" else self.last.outcome


class Shelf(Sequence[Entry]):
    """What `%coder runbook` shows.

    Attributes:
        entries: the folder's own first.
    """

    def __init__(self, entries: Sequence[Entry], folder: Path) -> None:
        self.entries = tuple(entries)
        self.folder = folder

    @property
    def frame(self) -> DataFrame:
        """A row a runbook: name, title, parameters, status, last_run, ours, path."""
        import pandas as pd

        rows = [
            (
                *(one.name, one.book.title, ", ".join(one.parameters)),
                one.status or None,
                one.last.started if one.last else None,
                *(one.ours, str(one.book.path)),
            )
            for one in self.entries
        ]
        frame = pd.DataFrame(rows, columns=["name", "title", "parameters", "status", "last_run", "ours", "path"])
        return frame.astype({"last_run": "datetime64[us, UTC]", "status": "str", "ours": "bool"})

    def find(self, name: str) -> Path:
        """The file of a book, by its name here or its path.

        Raises:
            RunbookError: no such book; the hint names the nearest.
        """
        return find(name, shelf={one.name: one.book.path for one in self.entries})

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Entry:  # type: ignore[override]
        return self.entries[index]

    def _groups(self) -> Iterator[tuple[str, list[Entry]]]:
        for title, ours in ((f"in {self.folder.resolve()}", False), ("with coder_nb", True)):
            if found := [one for one in self.entries if one.ours is ours]:
                yield title, found

    def __repr__(self) -> str:
        if not self.entries:
            return "no runbooks here; coder-nb runbook new NAME.ipynb makes one"
        wide = max(len(one.name) for one in self.entries)
        lines: list[str] = []
        for title, entries in self._groups():
            lines.append(f"runbooks {title}")
            for one in entries:
                last = f"{one.status}, {stamp(one.last.started)}" if one.last else "not run yet"
                lines.append(f"  {one.name:<{wide}}  {one.book.title}")
                lines.append(f"  {'':<{wide}}    {', '.join(one.parameters) or 'no parameters'} · {last}")
        return "\n".join(map(visible, lines))

    def _repr_html_(self) -> str:
        if not self.entries:
            return dim("no runbooks here; coder-nb runbook new NAME.ipynb makes one")
        parts = []
        for title, entries in self._groups():
            rows = [_row(one, self.folder) for one in entries]
            parts.append(f"<div><b>Runbooks</b> {safe(title)}</div>")
            parts.append(table(rows, head=("name", "title", "parameters", "last run", "")))
        return "".join(parts)


def shelf(folder: Path | None = None) -> Shelf:
    """The runbooks of a folder and below, and those that come with coder_nb.

    Args:
        folder: the working directory by default.
    Raises:
        RunbookError: there is no such folder.
    """
    where = folder or Path()
    if not where.is_dir():
        raise RunbookError(f"no such folder: {where}", hint="coder-nb runbook list")
    own = [book for path in _notebooks(where) if (book := _book(path)) is not None]
    names = [book.name for book in own]
    seen = {book.path.resolve() for book in own}
    entries = [
        Entry(book.name if names.count(book.name) == 1 else _relative(book.path, where), book, last=_last(book.path))
        for book in own
    ]
    for path in shipped():
        if path.resolve() not in seen and (book := _book(path)) is not None:
            entries.append(Entry(_free(book.name, names), book, ours=True, last=_last(path)))
    return Shelf(entries, where)


def shipped() -> list[Path]:
    """The runbooks that come with coder_nb: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks" / "runbooks", package.parent / "notebooks" / "runbooks"):
        if found := sorted(folder.glob("*.ipynb")):
            return found
    return []


def _free(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else f"coder_nb/{name}"


def _notebooks(folder: Path) -> Iterator[Path]:
    looked = 0
    for where, folders, files in os.walk(folder):
        if journal.FILE in files:
            # The notebooks of runs are no books.
            folders[:] = []
            continue
        deep = len(Path(where).relative_to(folder).parts)
        folders[:] = sorted(
            name
            for name in folders
            if deep < _DEEP
            and not name.startswith(".")
            and name not in _PASSED
            and not (Path(where, name) / "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            if name.endswith(".ipynb") and not name.startswith("."):
                looked += 1
                if looked > _MOST:
                    return
                yield Path(where, name)


def _book(path: Path) -> Book | None:
    """The book in a file; None where that is none, or another kind of notebook."""
    try:
        book = read(path)
    except RunbookError:
        return None
    return book if book.is_runbook else None


def _last(path: Path) -> Run | None:
    for folder in journal.runs(path):
        try:
            return journal.read(folder)
        except RunbookError:
            continue
    return None


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _row(one: Entry, folder: Path) -> list[str]:
    name = f"<b>{safe(one.name)}</b>" if one.ours else file_link(one.book.path, one.name)
    last = f"{state(one.status)} {dim(stamp(one.last.started))}" if one.last else dim("not run yet")
    how = dim(f"%coder runbook {one.name} copies it here") if one.ours else ""
    return [name, safe(one.book.title), safe(", ".join(one.parameters)), last, how]


def file_link(path: Path, text: str) -> str:
    """A link that JupyterLab opens beside the notebook; plain text where the file is not below this folder."""
    try:
        relative = path.resolve().relative_to(Path.cwd())
    except ValueError:
        return f"<b>{safe(text)}</b>"
    return f'<a href="{escape(quote(relative.as_posix()))}"><b>{safe(text)}</b></a>'
