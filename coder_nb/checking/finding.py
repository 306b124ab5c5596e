"""One secret that was found: where, of which kind, and never the secret itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from coder_nb.credentials import Hidden
from coder_nb.look import visible

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret in a file.

    Attributes:
        path: of the file.
        where: within it: `cell 3, output 1 (text/html)`; "" where the line says all.
        line: there, from 1.
        kind: what it is: `a GitHub token`.
        value: the secret.
        fixable: it is in an output or in metadata, where it can be masked; a source is for people to change.
        fixed: it was masked.
    """

    path: Path
    where: str
    line: int
    kind: str
    value: Hidden = field(repr=False)
    fixable: bool = False
    fixed: bool = False

    @property
    def begins(self) -> str:
        """Its first four characters, where it has many more; else stars."""
        value = self.value.reveal()
        return f"{value[:4]}…" if len(value) >= 16 else "****"

    def __str__(self) -> str:
        # Not masked by `visible`, which would hide the little that is told.
        place = ", ".join(part for part in (self.where, f"line {self.line}") if part)
        done = ": masked" if self.fixed else ""
        return f"{visible(f'{self.path}: {place}: {self.kind}')} ({_plain(self.begins)}){done}"

    def record(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "path": str(self.path),
            "where": self.where,
            "line": self.line,
            "kind": self.kind,
            "begins": _plain(self.begins),
            "fixable": self.fixable,
            "fixed": self.fixed,
        }


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in text)
