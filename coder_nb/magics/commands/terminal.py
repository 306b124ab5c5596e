"""`%coder terminal`: a shell of a workspace, in the notebook or, in a terminal's IPython, on that terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CONTAINER, USER, WORKSPACE, Kind

if TYPE_CHECKING:
    from coder_nb.widgets.terminal_view import TerminalView


@Command(
    "terminal",
    "a shell in the notebook",
    Section.AGENTS,
    returns="a view: .type(text), .text, .session, .restart(), .stop(); None in a terminal's IPython, which shows the "
    "shell itself until it ends, or Ctrl-] leaves it.",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(("--container",), "in this container, by name or id", CONTAINER),
        Flag(("--user",), "as this user of the container", USER),
        Flag(("--reconnect",), "meet a shell again that runs already, by its id, such as after a restart of the kernel",
             Kind("ID")),
    ),
    notes=(
        "It begins when a page shows it, and survives a reload of the page and breaks of the connection. A shell ends "
        "five minutes after everybody has left it; one that is over is never begun anew by itself.",
        "In the page: Ctrl-Shift-X leaves the terminal for the keyboard, Ctrl-Shift-F searches, Ctrl-Shift-C copies.",
    ),
    examples=(
        Example("%coder terminal dev", "a login shell"),
        Example("%coder terminal dev --container db", "a shell in a container"),
    ),
)  # fmt: skip
def terminal(
    call: Call, *, workspace: str | None, container: str | None, user: str | None, reconnect: str | None
) -> TerminalView | None:
    """Runs `%coder terminal`."""
    from IPython.core.getipython import get_ipython

    agent = call.agent(workspace)
    shell = get_ipython()
    if shell is None or getattr(shell, "kernel", None) is not None:
        return agent.terminal(container=container, user=user, reconnect=reconnect)
    from coder_nb.client.terminal import attach
    from coder_nb.magics.tty import hand_over

    hand_over(attach(agent, container, user, reconnect), agent.title)
    return None
