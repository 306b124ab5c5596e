"""What is to be run and how: the one description that the command line makes and the runner takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coder_nb.runbooks.book import Book

__all__ = ["Order"]


@dataclass(frozen=True, slots=True)
class Order:
    """One run that somebody wants.

    Attributes:
        values: parameters by name, as they are put into the notebook.
        dry_run: do no step, and send nothing that changes something.
        resume: go on with the latest run that has not come to its end.
        yes: answer every confirmation in advance.
        record: the name of the recording to make; "" for none.
        kernel: the name of an installed kernel; "" for the Python that runs this.
        output: where a copy of the executed notebook goes.
    """

    book: Book
    values: Mapping[str, object] = field(default_factory=dict)
    dry_run: bool = False
    resume: bool = False
    yes: bool = False
    record: str = ""
    kernel: str = ""
    output: Path | None = None

    def environment(self, folder: Path) -> dict[str, str]:
        """What the kernel is told of its run, by environment variable."""
        mode = "dry" if self.dry_run else "resume" if self.resume else ""
        told = {
            "CODER_NB_RUNBOOK": str(self.book.path.resolve()),
            "CODER_NB_RUN": str(folder),
            "CODER_NB_RUN_MODE": mode,
            "CODER_NB_YES": "1" if self.yes else "",
            "CODER_NB_RECORD": self.record,
        }
        return {name: text for name, text in told.items() if text}

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that are this run's alone: those of another one do not count."""
        return "CODER_NB_RUNBOOK", "CODER_NB_RUN", "CODER_NB_RUN_MODE", "CODER_NB_YES", "CODER_NB_RECORD"
