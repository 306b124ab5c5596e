"""The steps a notebook's file holds, read without running it, so that those to come can be listed.

A title with `{…}` or `$name` in it is known only when its step runs: it fits any that could come of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from coder_nb.errors import RunbookError
from coder_nb.runbooks import book as books
from coder_nb.runbooks.journal import StepRecord

__all__ = ["book_hash", "fits", "planned", "titles"]

_QUOTED = r"(?:\"(?P<double>(?:[^\"\\\n]|\\.)*)\"|'(?P<single>(?:[^'\\\n]|\\.)*)'"
_MAGIC = re.compile(rf"\s*%%coder\s+step\s+{_QUOTED}|(?P<bare>[^\s\"'-]\S*))")
_FUNCTION = re.compile(rf"(?m)^[ \t]*@(?:\w+\.)*step\(\s*[fF]?{_QUOTED})")
_HOLE = re.compile(r"\{[^{}]*\}|\$[A-Za-z_][\w.]*")


def book_hash(book: books.Book) -> str:
    """What stands for the text of a book's cells; its outputs do not count."""
    whole = hashlib.sha256()
    for cell in book.code():
        whole.update(cell.source.strip().encode("utf-8", "surrogatepass") + b"\0")
    return whole.hexdigest()


def titles(book: books.Book) -> list[str]:
    """The titles of a book's steps, in its order.

    Raises:
        RunbookError: two steps are titled alike.
    """
    found: list[str] = []
    for cell in book.code():
        for title in _titles(cell.source):
            if title in found:
                raise RunbookError(
                    f"two steps of {book.path.name} are titled {title!r}",
                    hint="a step is known by its title: change one",
                )
            found.append(title)
    return found


def _titles(source: str) -> Iterator[str]:
    matches = [found] if (found := _MAGIC.match(source)) else list(_FUNCTION.finditer(source))
    for match in matches:
        groups = match.groupdict()
        text = next(text for text in (groups["double"], groups["single"], groups.get("bare")) if text is not None)
        yield re.sub(r"\\(.)", r"\1", text) if groups.get("bare") is None else text


def fits(planned: str, title: str) -> bool:
    """Whether a step of that title is the one that was planned."""
    if planned == title:
        return True
    if not _HOLE.search(planned):
        return False
    return re.fullmatch(".*".join(map(re.escape, _HOLE.split(planned))), title, re.DOTALL) is not None


def planned(steps: Sequence[StepRecord], ahead: Sequence[str]) -> list[StepRecord]:
    """The steps of a run in the book's order: what is known of them, and those to come.

    Args:
        steps: what is known.
        ahead: the titles the book holds.
    """
    left = list(steps)
    order: list[StepRecord] = []
    for title in ahead:
        known = [step for step in left if fits(title, step.title)]
        left = [step for step in left if step not in known]
        order += known or [StepRecord(number=0, title=title)]
    order += [step for step in left if step.status != "pending"]
    for number, step in enumerate(order, 1):
        step.number = number
    return order


def where(namespace: dict[str, object]) -> Path | None:
    """The notebook a kernel runs, as far as it can be told: by coder-nb, by JupyterLab or by VS Code; else None."""
    import os

    for name in (
        os.environ.get("CODER_NB_RUNBOOK"),
        os.environ.get("JPY_SESSION_NAME"),
        namespace.get("__vsc_ipynb_file__"),
    ):
        if isinstance(name, str) and name.endswith(".ipynb") and Path(name).is_file():
            return Path(name).resolve()
    return None
