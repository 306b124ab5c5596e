"""How coder_nb's frames look in IPython: by coder_nb.frames.display. Any other DataFrame or Series looks exactly as
before, unless there is a secret in it that this process has seen.

Registered by the class's name, so pandas is not imported; whatever was registered before is used and put back.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from IPython.core.formatters import DisplayFormatter

__all__ = ["install", "remove"]

FRAME, SERIES = ("pandas", "DataFrame"), ("pandas", "Series")
Printers = MutableMapping[object, object]


class Tables(Protocol):
    """What is used of IPython's formatters: printers by class, and by module and name."""

    type_printers: Any
    deferred_printers: Any


class Printer(Protocol):
    """What is used of IPython's pretty printer."""

    def text(self, obj: str) -> None: ...
    def break_(self) -> None: ...


def install(display: DisplayFormatter | None) -> list[FrameFormatter]:
    """Registers for HTML and for text.

    Returns:
        what `remove` takes.
    """
    tables = display.formatters if display is not None else {}
    installed: list[FrameFormatter] = []
    if tables:
        installed = [Html(tables["text/html"]), *(Text(tables["text/plain"], key) for key in (FRAME, SERIES))]
    for formatter in installed:
        formatter.install()
    return installed


def remove(installed: list[FrameFormatter]) -> None:
    """Takes away what `install` registered and puts back what was there before."""
    for formatter in installed:
        formatter.remove()


class FrameFormatter:
    """Stands in IPython's tables for a class of pandas and passes on what is not ours."""

    def __init__(self, formatter: Tables, key: tuple[str, str] = FRAME) -> None:
        self.formatter, self.key = formatter, key
        self.before: Any = None
        self.active = False

    def install(self) -> None:
        """Takes the place of what is registered for the class, if anything is."""
        table, key = self._place() or (self.formatter.deferred_printers, self.key)
        self.before = table.get(key)
        table[key] = self
        self.active = True

    def remove(self) -> None:
        """Gives the place back; where somebody came after us and chains to us, we only fall silent."""
        self.active = False
        place = self._place()
        if place is None or place[0][place[1]] is not self:
            return
        table, key = place
        if self.before is None:
            del table[key]
        else:
            table[key] = self.before

    def ours(self, value: Any) -> bool:
        """Whether a frame is one of coder_nb's, and still of its shape: attrs outlive a groupby."""
        if not self.active or not value.attrs.get("frame"):
            return False
        from coder_nb.frames.display.table import table

        return table(value) is not None

    def covered(self, value: Any) -> Any:
        """What to show instead, where there is a secret in what is not ours."""
        if not self.active:
            return value
        from coder_nb.frames.display.covered import covered

        return covered(value)

    def _place(self) -> tuple[Printers, Any] | None:
        """The table and key that hold the printer: IPython moves it from one table to the other on first use."""
        types: Printers = self.formatter.type_printers
        for kind in types:
            if (getattr(kind, "__module__", None), getattr(kind, "__name__", None)) == self.key:
                return types, kind
        deferred: Printers = self.formatter.deferred_printers
        return (deferred, self.key) if self.key in deferred else None


class Html(FrameFormatter):
    """The HTML of a frame."""

    def __call__(self, value: Any) -> Any:
        """HTML, or None where pandas is told to give none."""
        if self.ours(value):
            from coder_nb.frames import display

            return display.html(value)
        value = self.covered(value)
        if self.before is not None:
            return self.before(value)
        method = getattr(value, "_repr_html_", None)
        return method() if callable(method) else None


class Text(FrameFormatter):
    """The text of a frame."""

    def __call__(self, value: Any, printer: Printer, cycle: bool) -> None:
        """Writes the text to IPython's pretty printer."""
        if self.ours(value):
            from coder_nb.frames import display

            _write(display.text(value, width=_columns()), printer)
        elif self.before is not None:
            self.before(self.covered(value), printer, cycle)
        else:
            _write(repr(self.covered(value)), printer)


def _columns() -> int | None:
    """The terminal's width; None in a notebook, where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _write(text: str, printer: Printer) -> None:
    for number, line in enumerate(text.splitlines()):
        if number:
            printer.break_()
        printer.text(line)
