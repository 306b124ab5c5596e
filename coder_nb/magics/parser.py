"""Words -> the values a command is called with.

Every refusal is InvalidCommand, names the nearest and gives the line to type; it never repeats what looks like a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coder_nb.errors import InvalidCommand
from coder_nb.magics.grammar import Argument, Command, Flag
from coder_nb.magics.kinds import Kind
from coder_nb.magics.words import Line, Word
from coder_nb.nearest import nearest

__all__ = ["Parsed", "find", "looks_secret", "parse", "shown"]

_SECRET = re.compile(
    r"[A-Za-z0-9]{10}-[A-Za-z0-9]{22}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:[0-9a-fA-F]{64}"
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line as its command understands it.

    Attributes:
        values: by parameter name; the common flags are not among them.
        output: the variable `-o` names.
    """

    command: Command
    values: Mapping[str, object] = field(default_factory=dict)
    output: str | None = None
    json: bool = False
    yes: bool = False
    help: bool = False
    tail: str | None = None


def find(line: Line, commands: Mapping[str, Command]) -> Command:
    """The command a line's first word names.

    Raises:
        InvalidCommand: no such command; the hint is the line with the nearest one.
    """
    word = line.words[0]
    if word.value in commands:
        return commands[word.value]
    close = nearest(word.value, commands)
    hint = _retyped(line, word, close) if close else "%coder help lists all commands"
    raise InvalidCommand(f"no such command: {shown(word.value)}", hint=hint)


def parse(line: Line, commands: Mapping[str, Command]) -> Parsed:
    """A line as its command understands it.

    Raises:
        InvalidCommand: an unknown command or flag, a wrong, missing or surplus value.
    """
    command = find(line, commands)
    words = line.words[1:]
    if command.guard:
        command.guard(tuple(word.value for word in words))
    if any(word.value in ("-h", "--help") and not word.literal for word in words):
        return Parsed(command, help=True)
    reader = _Reader(line, command)
    values = reader.read(words)
    if line.tail is not None and not command.tail:
        raise InvalidCommand(f"%coder {command.name} takes nothing after --", hint=command.usage)
    return Parsed(
        command,
        {name: value for name, value in values.items() if name not in ("output", "json", "yes", "help")},
        output=str(values["output"]) if values["output"] else None,
        json=bool(values.get("json")),
        yes=bool(values["yes"]),
        tail=line.tail,
    )


def is_flag(word: Word) -> bool:
    """Whether a word is a flag, not a value: a value that was put in never is, nor is a negative number."""
    return not word.literal and re.match(r"-(?:-|[A-Za-z])", word.raw) is not None


def looks_secret(text: str) -> bool:
    """Whether a text holds something of a token's shape."""
    return _SECRET.search(text) is not None


def shown(text: str) -> str:
    """A word as a message may repeat it."""
    return repr(_SECRET.sub("****", text if len(text) <= 60 else text[:59] + "…"))


class _Reader:
    def __init__(self, line: Line, command: Command) -> None:
        self.line = line
        self.command = command
        self.values: dict[str, object] = {flag.parameter: flag.unset for flag in command.all_flags}
        self.values |= {argument.name: argument.default for argument in command.arguments}
        self.given: set[str] = set()

    def read(self, words: Sequence[Word]) -> dict[str, object]:
        left = list(words)
        positional: list[Word] = []
        while left:
            word = left.pop(0)
            if is_flag(word):
                self._flag(word, left)
            else:
                positional.append(word)
        self._positional(positional)
        return self.values

    def _flag(self, word: Word, left: list[Word]) -> None:
        name, equals, text = word.value.partition("=")
        flag = self.command.flag(name) or self._unknown(word, name)
        if flag.kind is None:
            if equals:
                raise self._invalid(f"{name} takes no value")
            self.values[flag.parameter] = True
            return
        if flag.parameter in self.given and not flag.repeat:
            raise self._invalid(f"{name} is given twice")
        self.given.add(flag.parameter)
        if not equals:
            if not left or is_flag(left[0]):
                raise self._invalid(f"{name} needs a value: {flag.kind.name}", _choices(flag.kind))
            text = left.pop(0).value
        value = self._convert(name, flag.kind, text, word)
        before = self.values[flag.parameter]
        self.values[flag.parameter] = (*before, value) if isinstance(before, tuple) and flag.repeat else value

    def _positional(self, words: list[Word]) -> None:
        left = list(words)
        for argument in self.command.arguments:
            if not left:
                if argument.required:
                    raise self._invalid(f"%coder {self.command.name} needs a {argument.kind.name}", argument.help)
            elif argument.rest:
                self.values[argument.name] = self._rest(argument, left)
                left = []
            else:
                word = left.pop(0)
                self.values[argument.name] = self._convert(argument.kind.name, argument.kind, word.value, word)
        if left:
            raise self._invalid(f"one word too many for %coder {self.command.name}: {shown(left[0].value)}")

    def _rest(self, argument: Argument, words: list[Word]) -> object:
        if argument.kind.verbatim and len(words) > 1:
            # Quotes inside a query belong to the query; around all of it they are the shell's habit.
            return " ".join(word.raw for word in words)
        whole = words[0].raw[:1] in "\"'" or not argument.kind.verbatim
        return " ".join(word.value if whole else word.raw for word in words)

    def _convert(self, name: str, kind: Kind, text: str, word: Word) -> object:
        if kind.choices and text not in kind.choices:
            close = nearest(text, kind.choices)
            hint = f"did you mean {' or '.join(close)}? {_choices(kind)}" if close else _choices(kind)
            raise InvalidCommand(f"{name} cannot be {shown(text)}", hint=hint)
        try:
            return kind.convert(text)
        except ValueError as error:
            raise self._invalid(f"{name} cannot be {shown(text)}: {error}") from None

    def _unknown(self, word: Word, name: str) -> Flag:
        close = nearest(name, self.command.spellings())
        hint = _retyped(self.line, word, close) if close else f"%coder {self.command.name} -h lists its flags"
        raise InvalidCommand(f"%coder {self.command.name} has no flag {shown(name)}", hint=hint)

    def _invalid(self, message: str, hint: str = "") -> InvalidCommand:
        return InvalidCommand(message, hint=hint or f"usage: {self.command.usage}")


def _choices(kind: Kind) -> str:
    return f"one of: {', '.join(kind.choices)}" if kind.choices else ""


def _retyped(line: Line, word: Word, close: Iterable[str]) -> str:
    """The line to type: as it was, with the nearest word in the wrong one's place."""
    first, *others = close
    _, equals, value = word.raw.partition("=")
    better = first + (equals + value if word.raw.startswith("-") else "")
    text = (line.text[: word.start] + better + line.text[word.end :]).strip()
    also = f" (or {', '.join(others)})" if others else ""
    return f"did you mean %coder {_SECRET.sub('****', text)}{also}"
