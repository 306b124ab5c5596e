"""`%coder metadata`: what an agent measures of its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import WORKSPACE
from coder_nb.magics.live import changes, live

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.widgets.metadata_view import MetadataView


@Command(
    "metadata",
    "what an agent measures: CPU, memory, disk and the like",
    Section.AGENTS,
    returns="a frame, a row an item: key, name, value, number, unit, error, collected, age; with -w a live panel: "
    ".frame with every value it has seen, .stop().",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(Flag(("-w", "--watch"), "live: a panel in a notebook; in a terminal a line for each change, until Ctrl-C"),),
    notes=(
        "number is the first number of a value and unit what follows it: of 3.4/8 GiB (42%) it is 3.4 in GiB. Nothing "
        "is converted, and a script that failed has none.",
        "What is measured, and how often, the template declares.",
    ),
    examples=(
        Example("%coder metadata dev", "how it is doing"),
        Example("%coder metadata dev -w", "live, with the recent past of each value"),
        Example("m = %coder metadata dev", "m.set_index('key').number['cpu'] is a number to compute with"),
    ),
)
def metadata(call: Call, *, workspace: str | None, watch: bool) -> DataFrame | MetadataView | None:
    """Runs `%coder metadata`."""
    agent = call.agent(workspace)
    if not watch:
        return agent.metadata()
    return live(agent.watch_metadata, lambda: changes(agent.follow_metadata(), "key", ("name", "value", "error")))
