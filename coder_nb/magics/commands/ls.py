"""`%coder ls`: the workspaces one can see, or those a query in Coder's own language finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import Invalid
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import QUERY
from coder_nb.magics.suggestions import KEYS

if TYPE_CHECKING:
    from pandas import DataFrame


@Command(
    "ls",
    "list workspaces",
    Section.WORKSPACES,
    returns="a frame, a row a workspace: name, owner, status, health, outdated, template, agent, agent_status, "
    "lifecycle, build, last_used, created, id.",
    arguments=(
        Argument(
            "query",
            "Coder's query language, sent as it is typed; without one: all you can see",
            QUERY,
            rest=True,
            default="",
        ),
    ),
    notes=("Quotes inside a query are part of it; quotes around all of it are not.",),
    examples=(
        Example("%coder ls", "all workspaces you can see"),
        Example("%coder ls owner:me status:running template:gpu", "your own running ones made from the template gpu"),
        Example("mine = %coder ls owner:me", "as a DataFrame in mine"),
    ),
    json=r"/workspaces",
)
def ls(call: Call, *, query: str) -> DataFrame:
    """Runs `%coder ls`."""
    try:
        return call.coder.workspaces(query)
    except Invalid as error:
        error.hint = error.hint or f"a query is made of words and {', '.join(KEYS)}; quote values with a colon in them"
        raise
