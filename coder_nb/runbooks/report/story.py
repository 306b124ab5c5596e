"""What a run has to tell: its journal, what each step showed, and the notebook as it ran. Draws nothing.

Reads only files of the run's own folder, and of long texts the beginning and the end.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from coder_nb.errors import RunbookError
from coder_nb.runbooks import journal
from coder_nb.runbooks.book import Book, Cell, read
from coder_nb.runbooks.journal import Evidence, Run, StepRecord

__all__ = ["EXECUTED", "Piece", "Shown", "Story", "handed_on", "tell"]

EXECUTED: Final = "executed.ipynb"
"""The notebook as it ran, in the run's folder."""
MOST: Final = 100_000
"""Characters of one text that are shown."""
_PICTURES: Final = ("image/png", "image/jpeg", "image/svg+xml")
_FRAME: Final = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to show, in the forms there are of it.

    Attributes:
        html: as it was given, not yet harmless.
        picture: MIME type and base64.
        frame: a Parquet file.
        error: it is how something failed.
    """

    title: str = ""
    text: str = ""
    html: str = ""
    picture: tuple[str, str] | None = None
    frame: Path | None = None
    cut: bool = False
    error: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell of the notebook as it ran, and its outputs. `number` counts from 1."""

    number: int
    cell: Cell
    outputs: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One run.

    Attributes:
        book: what people read: its title and what it is about.
        cells: of the notebook as it ran; none where it was not kept.
    """

    run: Run
    title: str
    about: str = ""
    evidence: Mapping[int, tuple[Piece, ...]] = field(default_factory=dict)
    cells: tuple[Shown, ...] = ()

    def pieces(self, step: StepRecord) -> tuple[Piece, ...]:
        """What a step showed."""
        return self.evidence.get(id(step), ())


def tell(folder: Path) -> Story:
    """The story of the run kept in a folder.

    Raises:
        RunbookError: there is none, or it cannot be understood.
    """
    run = journal.read(folder)
    evidence = {id(step): tuple(_piece(folder, one) for one in step.evidence) for step in run.steps}
    book, cells = _notebook(folder)
    if book is None and run.book:
        book = _book(Path(run.book))
    # Without a heading a notebook goes by its file's name, and the executed one's says nothing.
    title = book.title if book and book.title != book.name else Path(run.book).stem or "A runbook"
    return Story(run, title, book.about if book else "", evidence, cells)


def handed_on(step: StepRecord, pieces: tuple[Piece, ...]) -> str:
    """What a step has handed on, where that was not shown as well; "" for nothing."""
    value = step.value
    shown = any(value and piece.title == value.text for piece in pieces)
    return value.text if value and value.kind != "none" and not shown else ""


def shortened(text: str) -> str:
    """The beginning and the end of a text that is too long."""
    if len(text) <= MOST:
        return text
    half = MOST // 2
    return f"{text[:half]}\n… {len(text) - MOST:,} characters left out …\n{text[-half:]}"


def _piece(folder: Path, evidence: Evidence) -> Piece:
    texts = {kind: _bytes(folder, name) for kind, name in evidence.files.items() if kind.startswith("text/")}
    picture = next(((kind, evidence.files[kind]) for kind in _PICTURES if kind in evidence.files), None)
    frame = evidence.files.get(_FRAME)
    return Piece(
        evidence.title,
        shortened(texts.get("text/plain", b"").decode("utf-8", "replace")),
        texts.get("text/html", b"").decode("utf-8", "replace"),
        (picture[0], b64encode(_bytes(folder, picture[1])).decode()) if picture else None,
        _inside(folder, frame) if frame else None,
        evidence.cut,
    )


def _inside(folder: Path, name: str) -> Path | None:
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def _bytes(folder: Path, name: str) -> bytes:
    path = _inside(folder, name)
    return path.read_bytes() if path else b""


def _notebook(folder: Path) -> tuple[Book | None, tuple[Shown, ...]]:
    path = folder / EXECUTED
    book = _book(path)
    if book is None:
        return None, ()
    outputs = [cell.get("outputs") or () for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    pairs = zip(book.cells, outputs, strict=True)
    return book, tuple(Shown(number, cell, tuple(_outputs(made))) for number, (cell, made) in enumerate(pairs, 1))


def _book(path: Path) -> Book | None:
    try:
        return read(path)
    except RunbookError:
        return None


def _outputs(outputs: Iterable[Mapping[str, Any]]) -> Iterable[Piece]:
    for output in outputs:
        if output["output_type"] == "stream":
            yield Piece(text=shortened(_joined(output["text"])))
        elif output["output_type"] == "error":
            yield Piece(text=shortened("\n".join(output["traceback"])), error=True)
        else:
            data = output["data"]
            kind = next((kind for kind in _PICTURES if kind in data), None)
            yield Piece(
                text=shortened(_joined(data.get("text/plain", ""))),
                html=_joined(data.get("text/html", "")),
                picture=_picture(kind, _joined(data[kind])) if kind else None,
            )


def _picture(kind: str, data: str) -> tuple[str, str]:
    # In a notebook's JSON an SVG is text, and other pictures are base64 already.
    return kind, b64encode(data.encode()).decode() if kind == "image/svg+xml" else "".join(data.split())


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
