"""`%coder runbook`: which runbooks there are, and one of them brought here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import Kind

if TYPE_CHECKING:
    from coder_nb.runbooks.opening import Opened
    from coder_nb.runbooks.shelf import Shelf

NAME = Kind("NAME", values="runbooks")


@Command(
    "runbook",
    "list runbooks, or bring one here",
    Section.RUNBOOKS,
    returns="a list: .frame, and each with .name, .book, .last; with a NAME that runbook: where it is, what it takes.",
    arguments=(Argument("name", "as the list shows it, or a path; without one: the list", NAME),),
    notes=(
        "Lists those of the working directory and below, and those that come with coder_nb, each with its last run.",
        "One that comes with coder_nb is copied into the working directory, with the recordings it can run from; what "
        "is there already stays as it is.",
        "In a terminal: coder-nb runbook run NAME runs one, coder-nb runbook new NAME makes one.",
    ),
    examples=(
        Example("%coder runbook", "which there are, and how their last runs went"),
        Example("%coder runbook unhealthy", "that one, ready to be opened"),
    ),
)
def runbook(call: Call, *, name: str | None) -> Shelf | Opened:
    """Runs `%coder runbook`."""
    from coder_nb.runbooks.opening import open_book
    from coder_nb.runbooks.shelf import shelf

    there = shelf()
    call.session.remember("runbooks", (one.name for one in there))
    return there if name is None else open_book(name, there, Path())
