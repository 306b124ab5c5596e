"""`%coder recreate`: builds a dev container anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import DEVCONTAINER, SECONDS, WORKSPACE

if TYPE_CHECKING:
    from coder_nb.client.devcontainers import Recreated


@Command(
    "recreate",
    "build a dev container anew",
    Section.AGENTS,
    returns="a record: the dev container as it is then.",
    arguments=(
        Argument("devcontainer", "its name, or its id", DEVCONTAINER, required=True),
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(("--wait",), "until it is built"),
        Flag(("--timeout",), "with --wait, for this long at most: 90s, 10m", SECONDS),
    ),
    notes=(
        "Asks first, since what runs in it ends; --yes answers in advance. Once begun, nothing can stop it.",
        "%coder containers names the dev containers and says which are dirty; what the build prints is in %coder logs.",
    ),
    examples=(Example("%coder recreate app dev --wait", "after a change of devcontainer.json"),),
    json=r"/workspaceagents/[^/]+/containers/devcontainers/[^/]+/recreate",
    changes=True,
)
def recreate(call: Call, *, devcontainer: str, workspace: str | None, wait: bool, timeout: float | None) -> Recreated:
    """Runs `%coder recreate`."""
    agent = call.agent(workspace)
    call.confirm(f"Build dev container {devcontainer} of {agent.title} anew?")
    with call.progress(f"recreate {devcontainer}") as tell:
        return agent.recreate(devcontainer, wait=wait, timeout=timeout, tell=tell)
