"""Taking a runbook into the working directory: a copy of one that comes with coder_nb, or a new one from a template.

Refuses to overwrite a file; what a copy needs to run from recordings comes with it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from coder_nb.errors import RunbookError
from coder_nb.look import dim, safe, table, visible
from coder_nb.nearest import nearest
from coder_nb.runbooks.book import Book, read
from coder_nb.runbooks.declarations import declarations
from coder_nb.runbooks.shelf import Shelf, file_link

__all__ = ["TEMPLATES", "Opened", "new", "open_book"]

TEMPLATES: Final = {
    "check": "looks at a workspace and changes nothing: logs, a figure, a verdict",
    "change": "changes a workspace: looks first, asks, does it, and looks whether it worked",
}
"""What a new runbook can be made from."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A runbook that is at hand now; what `%coder runbook NAME` shows.

    Attributes:
        copied: what was put beside the notebook for it; nothing where it was there.
    """

    book: Book
    copied: tuple[Path, ...] = ()

    def _rows(self) -> list[tuple[str, str]]:
        return [(one.name, " · ".join(part for part in (one.kind.must, one.help) if part)) for one in self._declared()]

    def _declared(self) -> tuple[Any, ...]:
        return declarations(self.book.declarations)

    @property
    def _command(self) -> str:
        return f"coder-nb runbook run {self.book.path}"

    def __repr__(self) -> str:
        lines = [f"{self.book.title}: {self.book.path}" + (", copied" if self.copied else "")]
        lines += [f"  {self.book.about}"] if self.book.about else []
        rows = self._rows()
        wide = max((len(name) for name, _ in rows), default=0)
        lines += [f"  {name:<{wide}}  {about}" for name, about in rows]
        return "\n".join(map(visible, [*lines, f"  {self._command}"]))

    def _repr_html_(self) -> str:
        about = f"<div>{safe(self.book.about)}</div>" if self.book.about else ""
        rows = table([f"<b>{safe(name)}</b>", dim(what)] for name, what in self._rows()) if self._rows() else ""
        copied = dim("copied, with " + ", ".join(path.name for path in self.copied[1:])) if self.copied[1:] else ""
        return (
            f"<div>{file_link(self.book.path, self.book.title)} {dim(self.book.path.name)} {copied}</div>"
            f"{about}{rows}<div>{dim(self._command)}</div>"
        )


def open_book(name: str, shelf: Shelf, folder: Path) -> Opened:
    """A runbook of the shelf, in the folder: copied there where it comes with coder_nb.

    Raises:
        RunbookError: no such book, or it cannot be copied.
    """
    path = shelf.find(name)
    if not any(one.ours and one.book.path == path for one in shelf):
        return Opened(read(path))
    to = folder / path.name
    copied = () if to.exists() else _copy(read(path), folder)
    return Opened(read(to), copied)


def new(path: Path, *, template: str, title: str = "") -> Opened:
    """Make a runbook from a template, which runs as it is.

    Args:
        path: where; `.ipynb` is added where it is missing.
        title: what it is for; made of the file's name by default.
    Raises:
        RunbookError: no such template, or the file is there already or cannot be written.
    """
    if template not in TEMPLATES:
        close = nearest(template, TEMPLATES) or list(TEMPLATES)
        raise RunbookError(f"no such template: {template}", hint=f"--template {' or '.join(close)}")
    to = path if path.suffix == ".ipynb" else path.with_name(f"{path.name}.ipynb")
    text = files(__package__).joinpath("templates", f"{template}.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(text)
    words = " ".join(to.stem.replace("-", " ").replace("_", " ").split())
    first = notebook["cells"][0]["source"]
    first[0] = f"# {title or words[:1].upper() + words[1:]}\n"
    try:
        with to.open("x", encoding="utf-8") as file:
            file.write(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise RunbookError(f"there is a file already: {to}", hint="choose another name") from None
    except OSError as error:
        raise RunbookError(f"cannot write {to}: {error.strerror}", hint="coder-nb runbook new NAME.ipynb") from None
    return Opened(read(to))


def _copy(book: Book, folder: Path) -> tuple[Path, ...]:
    """Copies a book and the recordings it can run from."""
    wanted = [book.path]
    for name in book.replays:
        places = (book.path.parent / f"{name}.cassette", book.path.parent / "cassettes" / f"{name}.cassette")
        wanted += [place for place in places if place.is_file()]
    copied = []
    try:
        for path in wanted:
            to = folder / path.relative_to(book.path.parent)
            if not to.exists():
                to.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, to)
                copied.append(to)
    except OSError as error:
        raise RunbookError(f"cannot copy {book.name} to {folder}: {error.strerror}", hint="change the folder") from None
    return tuple(copied)
