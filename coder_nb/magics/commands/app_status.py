"""`%coder app-status`: inside a workspace, what an app is doing, for the dashboard to show."""

from __future__ import annotations

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import Kind, choice

STATE = choice("STATE", "working", "idle", "complete", "failure")
MESSAGE = Kind("MESSAGE")
SLUG = Kind("SLUG")
URI = Kind("URI")


@Command(
    "app-status",
    "say what an app is doing",
    Section.INSIDE,
    returns="None.",
    arguments=(
        Argument("state", "how it is: working, idle, complete or failure", STATE, required=True),
        Argument("message", "what it is doing, at most 160 bytes", MESSAGE, rest=True, default=""),
    ),
    flags=(
        Flag(("--app",), "the app's slug; needed", SLUG),
        Flag(("--link",), "where to look for more", URI),
    ),
    notes=("Only inside a workspace: it needs CODER_AGENT_URL and CODER_AGENT_TOKEN, which an agent sets.",),
    examples=(Example("%coder app-status working training, epoch 3 --app notebook", "seen beside the workspace"),),
)
def app_status(call: Call, *, state: str, message: str, app: str | None, link: str | None) -> None:
    """Runs `%coder app-status`."""
    if not app:
        raise InvalidCommand("which app? Name its slug with --app", hint=app_status.usage)
    from coder_nb.within import inside

    with inside() as me:
        me.app_status(state, message, app=app, link=link or "")
