"""`%coder metadata`: what an agent measures of its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import WORKSPACE

if TYPE_CHECKING:
    from pandas import DataFrame


@Command(
    "metadata",
    "what an agent measures: CPU, memory, disk and the like",
    Section.AGENTS,
    returns="a frame, a row an item: key, name, value, number, unit, error, collected, age.",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    notes=(
        "number is the first number of a value and unit what follows it: of 3.4/8 GiB (42%) it is 3.4 in GiB. Nothing "
        "is converted, and a script that failed has none.",
        "What is measured, and how often, the template declares.",
    ),
    examples=(
        Example("%coder metadata dev", "how it is doing"),
        Example("m = %coder metadata dev", "m.set_index('key').number['cpu'] is a number to compute with"),
    ),
)
def metadata(call: Call, *, workspace: str | None) -> DataFrame:
    """Runs `%coder metadata`."""
    return call.agent(workspace).metadata()
