"""Running one `%coder` line: parse it, call its command, keep the value. Raises CoderError; never prints one."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from json import loads
from typing import TYPE_CHECKING

from coder_nb.errors import CommandFailed, InvalidCommand
from coder_nb.magics import expressions
from coder_nb.magics.grammar import Command
from coder_nb.magics.parser import Parsed, parse
from coder_nb.magics.progress import Progress
from coder_nb.magics.prompts import confirm
from coder_nb.magics.words import split

if TYPE_CHECKING:
    from coder_nb.client import Agent, Coder
    from coder_nb.magics.session import Session

__all__ = ["Call", "execute"]


@dataclass(frozen=True, slots=True)
class Call:
    """What a command's function is given besides the values of its line.

    Attributes:
        tail: what followed `--`, verbatim.
        body: the cell under `%%coder`, verbatim.
        commands: all there are, for help.
        variables: the notebook's.
    """

    session: Session
    command: Command
    commands: Mapping[str, Command]
    yes: bool = False
    tail: str | None = None
    body: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)

    @property
    def coder(self) -> Coder:
        """The connection; made from the environment if there is none yet."""
        return self.session.connected()

    def name(self, name: str | None) -> str:
        """The workspace or agent the line means: the one it names, else the default."""
        return self.session.name(name, usage=f"%coder {self.command.name} WORKSPACE")

    def agent(self, name: str | None, *, build: int | None = None) -> Agent:
        """The agent the line means."""
        return self.coder.agent(self.name(name), build=build)

    def progress(self, what: str) -> Progress:
        """Says how far a command is that takes longer than a second; to be used in a `with` block."""
        return Progress(what)

    def confirm(self, question: str) -> None:
        """Returns if the answer is yes, or `--yes` was given; else ConfirmationRequired."""
        confirm(question, yes=self.yes)


def execute(
    text: str,
    body: str | None,
    *,
    session: Session,
    commands: Mapping[str, Command],
    variables: MutableMapping[str, object],
    namespace: Mapping[str, object],
) -> object:
    """Runs one line.

    Args:
        text: what follows `%coder`.
        body: the cell under `%%coder`; None for a line.
        variables: where `-o NAME` puts the value.
        namespace: where `{expr}` and `$name` find theirs.
    Returns:
        what the command returned; with `--json` the JSON of the answer it rests on.
    Raises:
        CoderError: whatever went wrong, InvalidCommand for the line itself.
    """
    line = split(text, expand=lambda source: expressions.value(source, namespace))
    if not line.words:
        from coder_nb.magics.orientation import Orientation

        return Orientation(session)
    if line.words[0].value in ("-h", "--help"):
        return _help(commands, None)
    parsed = parse(line, commands)
    if parsed.help:
        return _help(commands, parsed.command)
    if body is not None and body.strip() and not parsed.command.body:
        raise InvalidCommand(
            f"%%coder {parsed.command.name} takes no cell", hint=f"one line, one %: %coder {text.strip()}"
        )
    try:
        value = _run(parsed, body, session, commands, namespace)
    except CommandFailed as error:
        # Its output is wanted most when it has failed.
        if parsed.output:
            variables[parsed.output] = error.result
        raise
    if parsed.output:
        variables[parsed.output] = value
    return value


def _run(
    parsed: Parsed,
    body: str | None,
    session: Session,
    commands: Mapping[str, Command],
    namespace: Mapping[str, object],
) -> object:
    command = parsed.command
    call = Call(session, command, commands, yes=parsed.yes, tail=parsed.tail, body=body, variables=namespace)
    if not parsed.json:
        value = command.run(call, **parsed.values)
        session.notice(value)
        return value
    with call.coder.api.http.tap() as answers:
        command.run(call, **parsed.values)
    bodies = [answer.body for answer in answers if re.fullmatch(command.json, answer.path)]
    decoded = [loads(body) if body else None for body in bodies]
    return decoded[0] if len(decoded) == 1 else decoded


def _help(commands: Mapping[str, Command], command: Command | None) -> object:
    from coder_nb.magics.pages import Page

    return Page(commands, command)
