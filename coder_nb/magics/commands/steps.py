"""`%coder steps`: the steps of this runbook and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Command, Example, Section

if TYPE_CHECKING:
    from coder_nb.runbooks.listing import StepList


@Command(
    "steps",
    "list this runbook's steps",
    Section.RUNBOOKS,
    returns="a list: number, title and status of each step; live where somebody looks at the notebook.",
    notes=(
        "At the top of a notebook it lists what the saved file holds. Without a live page it is as of its cell, so "
        "there it names a status once a step was reached.",
    ),
    examples=(Example("%coder steps", "at the top, or at the end"),),
)
def steps(call: Call) -> StepList:
    """Runs `%coder steps`."""
    from coder_nb.runbooks.here import here
    from coder_nb.runbooks.listing import StepList

    return StepList(here())
