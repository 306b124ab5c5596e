"""A runbook as a file: its cells, title, parameters cell and steps, read without running anything.

Reads JSON alone, so that listing many costs little; what is no notebook is refused with its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coder_nb.errors import RunbookError
from coder_nb.nearest import nearest

__all__ = ["Book", "Cell", "find", "read"]

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_MARKS = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*]")
_PARAMETERS = re.compile(r"\A\s*%%coder\s+parameters\b[^\n]*\n?")
_OURS = re.compile(r"^\s*(?:%%?coder\s+(?:parameters|step)\b|@(?:\w+\.)?step\b)", re.MULTILINE)
_REPLAYED = re.compile(r"\breplay:([\w.-]+)")
LARGEST = 64 * 1024 * 1024
"""Bytes above which a file is not looked at: more is no runbook."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        kind: "code", "markdown" or "raw".
    """

    kind: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A notebook on disk."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """The file's name without its ending, which is what people call it."""
        return self.path.stem

    @property
    def title(self) -> str:
        """Its first heading; the name where it has none."""
        for text in self._prose():
            if found := _HEADING.search(text):
                return _MARKS.sub(r"\1", found[1])
        return self.name

    @property
    def about(self) -> str:
        """The first paragraph below the title, in one line."""
        for text in self._prose():
            for block in re.split(r"\n\s*\n", _HEADING.sub("", text)):
                if block.strip():
                    return " ".join(_MARKS.sub(r"\1", block).split())
        return ""

    @property
    def declarations(self) -> str:
        """What its `%%coder parameters` cell declares, a line each; "" where there is none."""
        for cell in self.code():
            if found := _PARAMETERS.match(cell.source):
                return cell.source[found.end() :]
        return ""

    @property
    def is_runbook(self) -> bool:
        """Whether it has a step, or says what its parameters are."""
        return any(_OURS.search(cell.source) for cell in self.code())

    @property
    def replays(self) -> list[str]:
        """The names of the recordings it can run from."""
        return list(dict.fromkeys(name for cell in self.code() for name in _REPLAYED.findall(cell.source)))

    def code(self) -> Iterator[Cell]:
        """Its code cells."""
        return (cell for cell in self.cells if cell.kind == "code")

    def _prose(self) -> Iterator[str]:
        return (cell.source for cell in self.cells if cell.kind == "markdown")


def read(path: Path) -> Book:
    """A notebook.

    Raises:
        RunbookError: there is no such file, it cannot be read, or it is no notebook.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise RunbookError(f"too large for a runbook: {path}", hint="clear its outputs and save it again")
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(map(_cell, notebook["cells"]))
    except FileNotFoundError:
        raise RunbookError(f"no such runbook: {path}", hint=_others(path)) from None
    except OSError as error:
        raise RunbookError(f"cannot read {path}: {error.strerror}", hint="coder-nb runbook list") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RunbookError(f"not a notebook: {path}", hint="coder-nb runbook list") from None
    return Book(path, cells)


def find(name: str, *, shelf: Mapping[str, Path]) -> Path:
    """The file a person means: a path, or the name of one of these books.

    Raises:
        RunbookError: neither; the hint names the nearest.
    """
    path = Path(name)
    if path.is_file():
        return path
    if (found := shelf.get(name.removesuffix(".ipynb"))) is not None:
        return found
    close = nearest(path.name.removesuffix(".ipynb"), shelf)
    hint = f"did you mean {' or '.join(close)}?" if close else "coder-nb runbook list"
    raise RunbookError(f"no such runbook: {name}", hint=hint)


def _cell(cell: Mapping[str, object]) -> Cell:
    source, metadata = cell["source"], cell.get("metadata") or {}
    text = source if isinstance(source, str) else "".join(source)  # type: ignore[arg-type]
    tags = metadata.get("tags", ()) if isinstance(metadata, Mapping) else ()
    return Cell(str(cell["cell_type"]), text, tuple(map(str, tags)))


def _others(path: Path) -> str:
    close = nearest(path.name, (other.name for other in path.parent.glob("*.ipynb")))
    return f"did you mean {path.with_name(close[0])}?" if close else "coder-nb runbook list"
