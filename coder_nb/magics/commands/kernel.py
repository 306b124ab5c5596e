"""`%coder kernel`: the kernels that run in workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import WORKSPACE, Kind

if TYPE_CHECKING:
    from pandas import DataFrame


@Command(
    "kernel",
    "kernels that run in workspaces",
    Section.AGENTS,
    returns="a frame, a row a kernel: workspace, agent, id, python, pid, started, state, connected.",
    arguments=(Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default all of your own", WORKSPACE),),
    flags=(Flag(("--stop",), "end this one, and what keeps it; its variables are lost", Kind("ID")),),
    notes=(
        "`coder-nb kernel add WORKSPACE`, in a terminal, has JupyterLab offer a kernel in a workspace.",
        "A kernel that is not connected goes on: it ends by itself when nobody has been back for a day, or for as long "
        "as `coder-nb kernel add --idle` said.",
        "--stop asks first; --yes answers in advance.",
    ),
    examples=(
        Example("%coder kernel", "in all your running workspaces"),
        Example("%coder kernel dev --stop 62e61aea", "ends one; the notebook that uses it sees it die"),
    ),
    changes=True,
)
def kernel(call: Call, *, workspace: str | None, stop: str | None) -> DataFrame:
    """Runs `%coder kernel`."""
    from coder_nb import frames
    from coder_nb.kernels import running

    records = running.of(call.agent(workspace)) if workspace else running.everywhere(call.coder)
    if stop:
        chosen = running.chosen(records, stop)
        where = f"{chosen.workspace}.{chosen.agent}" if chosen.agent else chosen.workspace
        call.confirm(f"End kernel {chosen.id} in {where}? Its variables are lost.")
        running.stop(call.agent(where), chosen)
        records.remove(chosen)
    return frames.kernels(records, attrs=call.coder._attrs())
