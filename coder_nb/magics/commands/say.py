"""`%coder say`: inside a workspace, a line in its agent's log."""

from __future__ import annotations

from coder_nb.magics.call import Call
from coder_nb.magics.commands.logs import LEVELS
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import SOURCE, Kind

MESSAGE = Kind("MESSAGE")


@Command(
    "say",
    "write a line into the agent's log",
    Section.INSIDE,
    returns="None.",
    arguments=(Argument("message", "the line; quotes keep blanks together", MESSAGE, required=True, rest=True),),
    flags=(
        Flag(("--level",), "its level", LEVELS, default="info"),
        Flag(("--source",), "the log source, made if there is none of that name; by default External", SOURCE),
    ),
    notes=("Only inside a workspace: it needs CODER_AGENT_URL and CODER_AGENT_TOKEN, which an agent sets.",),
    examples=(
        Example("%coder say the data is loaded", "seen in the workspace's log panel"),
        Example("%coder say 'no data since 02:00' --level warn --source nightly", "under a name of its own"),
    ),
)
def say(call: Call, *, message: str, level: str, source: str | None) -> None:
    """Runs `%coder say`."""
    from coder_nb.within import inside

    with inside() as me:
        me.say(message, level=level, source=source)
