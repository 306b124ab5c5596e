"""`%coder get`: a file or a folder from a workspace to here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CONTAINER, FILE, REMOTE, SECONDS, TEXT, remote_path

if TYPE_CHECKING:
    from coder_nb.remote.files import Copied


@Command(
    "get",
    "copy a file or a folder out of a workspace",
    Section.AGENTS,
    returns="a record: source, target, size, files, checked, skipped.",
    arguments=(
        Argument(
            "remote",
            "what to copy, as dev:data/a.csv or dev.main:~/a.csv; without a workspace, of what %coder use chose",
            REMOTE,
            required=True,
        ),
        Argument("local", "where to; by default into the current directory", FILE, default="."),
    ),
    flags=(
        Flag(("--container",), "out of this container, by name or id", CONTAINER),
        Flag(("--user",), "as this user of the container", TEXT),
        Flag(("--timeout",), "for this long at most: 90s, 10m", SECONDS),
    ),
    notes=(
        "Paths there begin at the agent's directory; ~ is home. agent.read_frame(…) makes a DataFrame of a table.",
        "Links in a folder that lead outside of it are left out, and named.",
    ),
    examples=(
        Example("%coder get dev:app/report.html", "one file, with its mode"),
        Example("%coder get dev:~/results results", "a folder; where there is one, its files are replaced or added"),
    ),
    changes=True,
)
def get(
    call: Call, *, remote: str, local: str, container: str | None, user: str | None, timeout: float | None
) -> Copied:
    """Runs `%coder get`."""
    workspace, path = remote_path(remote)
    agent = call.agent(workspace)
    with call.progress(f"get {path}") as tell:
        return agent.get(path, local, container=container, user=user, timeout=timeout, tell=tell)
