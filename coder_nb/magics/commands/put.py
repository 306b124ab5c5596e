"""`%coder put`: a file or a folder from here into a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CONTAINER, FILE, REMOTE, SECONDS, TEXT, remote_path

if TYPE_CHECKING:
    from coder_nb.remote.files import Copied


@Command(
    "put",
    "copy a file or a folder into a workspace",
    Section.AGENTS,
    returns="a record: source, target, size, files, checked.",
    arguments=(
        Argument("local", "what to copy", FILE, required=True),
        Argument(
            "remote",
            "where to, as dev:data/a.csv or dev.main:~/a.csv; without a workspace, in what %coder use chose",
            REMOTE,
            required=True,
        ),
    ),
    flags=(
        Flag(("--container",), "into this container, by name or id", CONTAINER),
        Flag(("--user",), "as this user of the container", TEXT),
        Flag(("--timeout",), "for this long at most: 90s, 10m", SECONDS),
    ),
    notes=(
        "Paths there begin at the agent's directory; ~ is home. One that ends with / is a folder to put it in.",
        "What arrives is checked and then takes its place whole; a transfer that breaks off leaves nothing behind.",
    ),
    examples=(
        Example("%coder put train.py dev:app/", "one file, with its mode"),
        Example("%coder put data dev:~/data", "a folder; where there is one, its files are replaced or added"),
    ),
    changes=True,
)
def put(
    call: Call, *, local: str, remote: str, container: str | None, user: str | None, timeout: float | None
) -> Copied:
    """Runs `%coder put`."""
    workspace, path = remote_path(remote)
    agent = call.agent(workspace)
    with call.progress(f"put {path}") as tell:
        return agent.put(local, path, container=container, user=user, timeout=timeout, tell=tell)
