"""`%coder watch`: one owner's workspaces and agents, as they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Command, Example, Flag, Section
from coder_nb.magics.kinds import USER
from coder_nb.magics.live import changes, live

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.widgets.table_view import TableView

SHOWN = ("name", "status", "health", "agent_status", "lifecycle")


@Command(
    "watch",
    "workspaces as they change",
    Section.WORKSPACES,
    returns="a live table: .frame has the columns of %coder ls, .stop() ends it. In a terminal, a line for each "
    "change, until Ctrl-C.",
    flags=(Flag(("--owner",), "whose; yours by default", USER),),
    notes=(
        "The server tells of changes, so nothing is asked for meanwhile, but for health once a minute.",
        "Workspaces can be started and stopped from the table; it asks first.",
    ),
    examples=(
        Example("%coder watch", "your workspaces, live"),
        Example("table = %coder watch --owner grace", "somebody else's; table.frame is the newest state"),
    ),
)
def watch(call: Call, *, owner: str | None) -> TableView | None:
    """Runs `%coder watch`."""
    coder, whose = call.coder, owner or "me"
    return live(
        lambda: coder.watch_workspaces(whose),
        lambda: changes(map(_in_words, coder.follow_workspaces(whose)), "id", SHOWN),
    )


def _in_words(frame: DataFrame) -> DataFrame:
    return frame.assign(health=frame["health"].map({True: "healthy", False: "unhealthy"}).astype("str"))
