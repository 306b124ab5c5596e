"""`%coder help`: the page about all commands, or about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.kinds import COMMAND
from coder_nb.nearest import nearest

if TYPE_CHECKING:
    from coder_nb.magics.pages import Page


@Command(
    "help",
    "explain the commands, or one of them",
    Section.HELP,
    returns="a page; the same as %coder? and %coder COMMAND -h.",
    arguments=(Argument("topic", "the command to explain; without one: an overview of all", COMMAND),),
    examples=(Example("%coder help logs", "every flag of %coder logs, with examples"),),
)
def help(call: Call, *, topic: str | None) -> Page:
    """Runs `%coder help`."""
    from coder_nb.magics.pages import Page

    if topic is None or topic in call.commands:
        return Page(call.commands, call.commands[topic] if topic else None)
    close = nearest(topic, call.commands)
    hint = f"did you mean %coder help {' or '.join(close)}?" if close else "%coder help lists all commands"
    raise InvalidCommand(f"no such command: {topic!r}", hint=hint)
